/* tern-sync-event.h: what crosses between the main thread and the worker
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Events go in, notices come out, each given away whole. One flat struct
 * serves all kinds of either: which fields mean something is said beside the
 * kind.
 */

#pragma once

#include <glib.h>

#include "tern-changes.h"
#include "tern-records.h"

G_BEGIN_DECLS

typedef enum
{
  TERN_SYNC_EVENT_CONNECTING,
  TERN_SYNC_EVENT_CONNECTED,     /* epoch, reason */
  TERN_SYNC_EVENT_DISCONNECTED,  /* epoch, error */
  TERN_SYNC_EVENT_FRAME,         /* epoch, frame */
  TERN_SYNC_EVENT_RECORDS_READY, /* epoch */
  TERN_SYNC_EVENT_SYNC_NOW,
  TERN_SYNC_EVENT_FOCUS,         /* conversation_id */
  TERN_SYNC_EVENT_PAUSE,         /* n: whether the backfill rests */
  TERN_SYNC_EVENT_CANCEL,        /* op */
  TERN_SYNC_EVENT_STOP,
  TERN_SYNC_EVENT_TYPING,        /* message */

  /* Commands: each has an op and is answered by one DONE. */
  TERN_SYNC_EVENT_SEND,          /* message, n: it was the draft, 0 or 1 */
  TERN_SYNC_EVENT_RESEND,        /* conversation_id, text: client ID */
  TERN_SYNC_EVENT_DELETE,        /* conversation_id, seq; 0: text: client ID */
  TERN_SYNC_EVENT_FETCH_BEFORE,  /* conversation_id, seq, n */
  TERN_SYNC_EVENT_MARK_READ,     /* conversation_id, seq */
  TERN_SYNC_EVENT_CONFIRM_READ,  /* conversation_id, seq */
  TERN_SYNC_EVENT_SAVE_DRAFT,    /* conversation_id, text */
  TERN_SYNC_EVENT_APPLY,         /* updates */
  TERN_SYNC_EVENT_SET_VALUE,     /* text: key, value */
} TernSyncEventType;

typedef struct
{
  TernSyncEventType  type;
  TernSyncReason     reason;
  guint64            epoch;
  guint64            op;
  gint64             seq;
  guint              n;
  char              *conversation_id;
  char              *text;
  char              *value;
  GBytes            *frame;
  int               *load;    /* (nullable): see tern_sync_event_take_frame() */
  GError            *error;
  TernMessageRecord *message;
  GPtrArray         *updates; /* (element-type TernRecordUpdate) */
} TernSyncEvent;

typedef enum
{
  TERN_SYNC_NOTICE_READY,          /* the store is open */
  TERN_SYNC_NOTICE_DONE,           /* op, text (nullable), error (nullable) */
  TERN_SYNC_NOTICE_CHANGED,        /* changes */
  TERN_SYNC_NOTICE_STATE,          /* state */
  TERN_SYNC_NOTICE_BEGIN,          /* reason */
  TERN_SYNC_NOTICE_PROGRESS,       /* done, total */
  TERN_SYNC_NOTICE_END,            /* done */
  TERN_SYNC_NOTICE_FAILED,         /* error */
  TERN_SYNC_NOTICE_COMPLETE,       /* done: 0 or 1 */
  TERN_SYNC_NOTICE_N_UNSENT,       /* done */
  TERN_SYNC_NOTICE_TRANSMIT,       /* epoch, frame, done: slow, 0 or 1 */
  TERN_SYNC_NOTICE_RECORDS_WANTED, /* done: datasets, text: group or "" */
  TERN_SYNC_NOTICE_TYPING,         /* conversation_id, text: user, done: 0 or 1 */
  TERN_SYNC_NOTICE_LINE_SUSPECT,
  TERN_SYNC_NOTICE_SESSION_LOST,   /* error */
} TernSyncNoticeType;

typedef struct
{
  TernSyncNoticeType  type;
  TernSyncState       state;
  TernSyncReason      reason;
  guint64             epoch;
  guint64             op;
  guint               done;
  guint               total;
  char               *conversation_id;
  char               *text;
  GBytes             *frame;
  GError             *error;
  TernChanges        *changes;
} TernSyncNotice;

TernSyncEvent  *tern_sync_event_new   (TernSyncEventType   type) G_GNUC_WARN_UNUSED_RESULT;
void            tern_sync_event_free  (TernSyncEvent      *self);
/* Counts the frame in @load, KiB in a g_atomic_rc_box, as long as the event lives. */
void            tern_sync_event_take_frame (TernSyncEvent *self,
                                            GBytes        *frame,
                                            int           *load);
TernSyncNotice *tern_sync_notice_new  (TernSyncNoticeType  type) G_GNUC_WARN_UNUSED_RESULT;
void            tern_sync_notice_free (TernSyncNotice     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernSyncEvent, tern_sync_event_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernSyncNotice, tern_sync_notice_free)

G_END_DECLS
