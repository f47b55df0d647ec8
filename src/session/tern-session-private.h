/* tern-session-private.h: what the files of TernSession share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tern-session.c is the object and what it answers, tern-session-open.c joins
 * and parts what it is made of, tern-session-send.c writes messages and
 * tern-session-messages.c does something with those that are there,
 * tern-session-conversations.c with conversations.
 */

#pragma once

#include "tern-api.h"
#include "tern-backoff.h"
#include "tern-connection.h"
#include "tern-reachability.h"
#include "tern-read-marks.h"
#include "tern-record-sync.h"
#include "tern-session.h"
#include "tern-store.h"
#include "tern-sync-worker.h"

G_BEGIN_DECLS

struct _TernSession
{
  GObject               parent_instance;

  TernAccount          *account;
  char                 *folder;
  int                   lock_fd;
  TernFrameFormat       format;

  TernDb               *reader;
  TernSyncWorker       *worker;
  SoupSession          *soup;
  TernApi              *api;
  TernConnection       *connection;
  TernReachability     *reachability;
  TernRecordSync       *records;
  TernReadMarks        *read_marks;
  TernConversationList *conversations;
  TernMedia            *media;         /* (nullable): made when first asked for */
  GPtrArray            *message_lists; /* (element-type TernMessageList): to be detached */
  TernUserRecord       *self_user;     /* (nullable) */

  GTask                *open_task;
  GTask                *close_task;
  guint                 close_timeout_id;
  guint                 resume_id;     /* 0, or a line that was too fast is to be had again */
  TernBackoff           resume_backoff;
  gint64                resumed_us;    /* when it was had again last; 0: never */
  gboolean              is_online;
  gboolean              is_running;    /* the worker's loop */
  gboolean              is_damaged;    /* the store was: it is made anew when closed */
  gboolean              is_ended;
  gboolean              was_salvaged;
  GError               *error;         /* (nullable): why there is no line */
  GHashTable           *withdrawn;     /* (nullable): client ID → text */
  char                 *typing_in;     /* (nullable) */
  gint64                typing_us;
};

typedef enum
{
  PROP_STATE = 1,
  PROP_IS_COMPLETE,
} TernSessionProperty;

enum
{
  SIGNAL_SYNC_BEGIN,
  SIGNAL_SYNC_PROGRESS,
  SIGNAL_SYNC_END,
  SIGNAL_SYNC_FAILED,
  SIGNAL_ENDED,
  N_SIGNALS,
};

extern GParamSpec *tern_session_properties[PROP_IS_COMPLETE + 1];
extern guint tern_session_signals[N_SIGNALS];

G_END_DECLS
