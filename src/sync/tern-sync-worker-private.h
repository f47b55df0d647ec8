/* tern-sync-worker-private.h: what the worker's two files share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "tern-channel.h"
#include "tern-sync-event.h"
#include "tern-sync-worker.h"

G_BEGIN_DECLS

struct _TernSyncWorker
{
  GObject          parent_instance;

  char            *folder;
  char            *user_id;
  int              platform;
  TernFrameFormat  format;

  TernChannel     *inbox;
  TernChannel     *outbox;
  int             *load;       /* (atomic): KiB of frames in the inbox or being handled */
  GSource         *source;
  GTask           *run_task;   /* (owned) (nullable): what run_async() promised */
  GTask           *ready_task; /* (owned) (nullable) */
  GHashTable      *ops;        /* op → GTask (owned) */
  guint64          last_op;
  GError          *run_error;  /* (nullable): how the loop ended */
  gboolean         has_run;    /* the loop's task has returned */
  gboolean         has_drained; /* the last notice was handled */
  gboolean         is_ready;
  gboolean         is_in_run;  /* a sync-begin without its end */

  TernSyncState    state;
  guint            n_unsent;
  gboolean         is_complete;
};

/* A command that is under way: the GTask, and what cancels it. */
typedef struct
{
  GTask        *task;
  GCancellable *cancellable; /* (owned) (nullable) */
  gulong        cancelled_id;
} TernSyncOperation;

void tern_sync_worker_push     (TernSyncWorker    *self,
                                TernSyncEvent     *event); /* (transfer full) */
void tern_sync_worker_complete (TernSyncWorker    *self,
                                guint64            op,
                                const char        *text,
                                const GError      *error);
void tern_sync_operation_free  (gpointer           operation);

G_END_DECLS
