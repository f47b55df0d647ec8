/* tern-sync-worker.h: the thread that owns the store, seen from the main thread
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One per session. tern_sync_worker_run_async() is a GTask whose function is
 * the worker's loop; it holds one of GTask's pool threads for the life of the
 * session. Frames and commands go in by one TernChannel, notices come out by
 * another and become signals, on the main thread:
 *
 *   sync-begin    (TernSyncReason reason)
 *   sync-progress (guint done, guint total)   in messages; 0 ≤ done ≤ total
 *   sync-end      (guint n_messages)          exactly one of the two closes
 *   sync-failed   (GError *error)             each sync-begin, also at stop
 *   changed       (TernChanges *changes)      after each commit
 *   transmit      (guint64 epoch, GBytes *frame, gboolean is_slow)  to be put
 *                                             on the wire; is_slow: the answer
 *                                             may take a while
 *   records-wanted (guint datasets, const char *group_id)  1 << TernDataset:
 *                                             a notification hints that REST
 *                                             has news; group_id "" or for
 *                                             TERN_DATASET_MEMBERS
 *   typing        (const char *conversation_id, const char *user_id, gboolean)
 *   session-lost  (GError *error)             kicked, or the store failed
 *
 * Properties: state (TernSyncState), n-unsent (guint), is-complete (gboolean:
 * the backfill has nothing left).
 *
 * A run (begin … end) covers what makes the app current: records,
 * notification conversations, a screenful of each conversation. The backfill
 * is a run of its own with TERN_SYNC_REASON_BACKFILL.
 *
 * Commands complete exactly once, on the main thread, never before _async
 * returned. Cancelling means: stop waiting; the command is dropped when it
 * has not begun.
 */

#pragma once

#include <gio/gio.h>

#include "tern-frame.h"
#include "tern-records.h"

G_BEGIN_DECLS

#define TERN_TYPE_SYNC_WORKER (tern_sync_worker_get_type ())
G_DECLARE_FINAL_TYPE (TernSyncWorker, tern_sync_worker, TERN, SYNC_WORKER, GObject)

TernSyncWorker *tern_sync_worker_new             (const char            *folder,
                                                  const char            *user_id,
                                                  int                    platform,
                                                  const TernFrameFormat *format);
/* Opens the store as writer, loads the coverage and loops until stop. The
 * task ends when the loop has; the error is the store's. */
void            tern_sync_worker_run_async       (TernSyncWorker        *self,
                                                  GAsyncReadyCallback    callback,
                                                  gpointer               user_data);
gboolean        tern_sync_worker_run_finish      (TernSyncWorker        *self,
                                                  GAsyncResult          *result,
                                                  GError               **error);
/* Completes once the store is open (or could not be). */
void            tern_sync_worker_wait_ready_async  (TernSyncWorker      *self,
                                                  GCancellable          *cancellable,
                                                  GAsyncReadyCallback    callback,
                                                  gpointer               user_data);
gboolean        tern_sync_worker_wait_ready_finish (TernSyncWorker      *self,
                                                  GAsyncResult          *result,
                                                  GError               **error);
void            tern_sync_worker_stop            (TernSyncWorker        *self);

/* What the connection tells. */
void            tern_sync_worker_push_connecting (TernSyncWorker        *self);
void            tern_sync_worker_push_connected  (TernSyncWorker        *self,
                                                  guint64                epoch,
                                                  TernSyncReason         reason);
gboolean        tern_sync_worker_push_frame      (TernSyncWorker        *self,
                                                  guint64                epoch,
                                                  GBytes                *frame);
gboolean        tern_sync_worker_is_drained      (TernSyncWorker        *self);
void            tern_sync_worker_push_disconnected (TernSyncWorker      *self,
                                                  guint64                epoch,
                                                  const GError          *error);
/* REST conversation records come before the plan: the run waits for this, at
 * most 10 s. */
void            tern_sync_worker_push_records_ready (TernSyncWorker     *self,
                                                  guint64                epoch);

/* Commands. */
/* Writes the message (conversation, type, content, at, chat type and recipient
 * set by the caller; the rest is filled in) durably, then sends it. Completes
 * when it is on disk; the outcome shows as "changed". */
void            tern_sync_worker_send_async      (TernSyncWorker        *self,
                                                  /* (transfer full) */
                                                  TernMessageRecord     *message,
                                                  gboolean               ends_draft,
                                                  GCancellable          *cancellable,
                                                  GAsyncReadyCallback    callback,
                                                  gpointer               user_data);
char           *tern_sync_worker_send_finish     (TernSyncWorker        *self,
                                                  GAsyncResult          *result,
                                                  GError               **error); /* client_id */
void            tern_sync_worker_resend_async    (TernSyncWorker        *self,
                                                  const char            *conversation_id,
                                                  const char            *client_id,
                                                  GCancellable          *cancellable,
                                                  GAsyncReadyCallback    callback,
                                                  gpointer               user_data);
/* Erases a message here: by @seq, or by @client_id one of one's own that
 * failed (else REFUSED). The server is told by others. */
void            tern_sync_worker_delete_async    (TernSyncWorker        *self,
                                                  const char            *conversation_id,
                                                  gint64                 seq,
                                                  /* (nullable) */
                                                  const char            *client_id,
                                                  GCancellable          *cancellable,
                                                  GAsyncReadyCallback    callback,
                                                  gpointer               user_data);
/* Fetches what is missing just below @seq (0: at the end), about @n messages. */
void            tern_sync_worker_fetch_before_async (TernSyncWorker     *self,
                                                  const char            *conversation_id,
                                                  gint64                 seq,
                                                  guint                  n,
                                                  GCancellable          *cancellable,
                                                  GAsyncReadyCallback    callback,
                                                  gpointer               user_data);
/* Marks read here at once and remembers that the server is to be told. */
void            tern_sync_worker_mark_read_async (TernSyncWorker        *self,
                                                  const char            *conversation_id,
                                                  gint64                 seq,
                                                  GCancellable          *cancellable,
                                                  GAsyncReadyCallback    callback,
                                                  gpointer               user_data);
void            tern_sync_worker_confirm_read_async (TernSyncWorker     *self,
                                                  const char            *conversation_id,
                                                  gint64                 seq,
                                                  GCancellable          *cancellable,
                                                  GAsyncReadyCallback    callback,
                                                  gpointer               user_data);
void            tern_sync_worker_save_draft_async (TernSyncWorker       *self,
                                                  const char            *conversation_id,
                                                  const char            *text,
                                                  GCancellable          *cancellable,
                                                  GAsyncReadyCallback    callback,
                                                  gpointer               user_data);
void            tern_sync_worker_apply_async     (TernSyncWorker        *self,
                                                  /* (transfer full) TernRecordUpdate */
                                                  GPtrArray             *updates,
                                                  GCancellable          *cancellable,
                                                  GAsyncReadyCallback    callback,
                                                  gpointer               user_data);
void            tern_sync_worker_set_value_async (TernSyncWorker        *self,
                                                  const char            *key,
                                                  const char            *value,
                                                  GCancellable          *cancellable,
                                                  GAsyncReadyCallback    callback,
                                                  gpointer               user_data);
void            tern_sync_worker_send_typing     (TernSyncWorker        *self,
                                                  /* (transfer full); never stored */
                                                  TernMessageRecord     *message);
void            tern_sync_worker_sync_now        (TernSyncWorker        *self);
/* The backfill rests; what is new comes all the same. */
void            tern_sync_worker_set_paused      (TernSyncWorker        *self,
                                                  gboolean               is_paused);
void            tern_sync_worker_set_focus       (TernSyncWorker        *self,
                                                  /* goes first */
                                                  const char            *conversation_id);
/* The finish of every command that answers nothing but success. */
gboolean        tern_sync_worker_finish          (TernSyncWorker        *self,
                                                  GAsyncResult          *result,
                                                  GError               **error);

TernSyncState   tern_sync_worker_get_state       (TernSyncWorker        *self);
guint           tern_sync_worker_get_n_unsent    (TernSyncWorker        *self);
gboolean        tern_sync_worker_get_is_complete (TernSyncWorker        *self);

G_END_DECLS
