/* tern-sync-worker-commands.c: what is asked of the worker, each a GTask
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-sync-worker-private.h"

#include "tern-debug.h"
#include "tern-error.h"

typedef struct
{
  TernSyncWorker *self; /* (owned) */
  guint64         op;
} Cancel;

static gboolean
cancel_idle_cb (gpointer user_data)
{
  Cancel *cancel = user_data;
  TernSyncOperation *operation = g_hash_table_lookup (cancel->self->ops, &cancel->op);

  if (operation != NULL)
    {
      g_autoptr(GError) cancelled =
        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
      TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_CANCEL);

      event->op = cancel->op;
      tern_sync_worker_push (cancel->self, event);
      tern_sync_worker_complete (cancel->self, cancel->op, NULL, cancelled);
    }

  return G_SOURCE_REMOVE;
}

static void
cancel_free (gpointer data)
{
  Cancel *cancel = data;

  g_object_unref (cancel->self);
  g_free (cancel);
}

/* May run on any thread, and inside the cancellable's lock: the rest waits
 * for the main loop. */
static void
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  const Cancel *template = user_data;
  Cancel *cancel = g_new0 (Cancel, 1);

  cancel->self = g_object_ref (template->self);
  cancel->op = template->op;
  g_idle_add_full (G_PRIORITY_DEFAULT, cancel_idle_cb, cancel, cancel_free);
}

static void
cancel_closure_free (gpointer  data,
                     GClosure *closure)
{
  cancel_free (data);
}

static void
start (TernSyncWorker      *self,
       TernSyncEvent       *event,
       gpointer             tag,
       GCancellable        *cancellable,
       GAsyncReadyCallback  callback,
       gpointer             user_data)
{
  TernSyncOperation *operation;
  guint64 op;

  tern_assert_main_thread ();

  operation = g_new0 (TernSyncOperation, 1);
  op = ++self->last_op;
  operation->task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (operation->task, tag);
  g_hash_table_insert (self->ops, g_memdup2 (&op, sizeof op), operation);
  event->op = op;

  if (cancellable != NULL)
    {
      Cancel *template = g_new0 (Cancel, 1);

      template->self = g_object_ref (self);
      template->op = op;
      operation->cancellable = g_object_ref (cancellable);
      operation->cancelled_id =
        g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (cancelled_cb), template,
                               cancel_closure_free, 0);
      if (g_cancellable_is_cancelled (cancellable))
        cancelled_cb (cancellable, template);
    }

  if (!tern_channel_push (self->inbox, event))
    {
      g_autoptr(GTask) task = g_object_ref (operation->task);

      g_hash_table_remove (self->ops, &op);
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_CLOSED, "The session is closed");
    }
}

/**
 * tern_sync_worker_send_async:
 * @self: a worker
 * @message: (transfer full): with conversation, recipient or group, chat type,
 *   content and its type set; the rest is filled in
 * @ends_draft: it was written in the conversation, whose draft is over with it
 * @cancellable: (nullable): stops waiting; what is on disk will be sent
 * @callback: called when the message is on disk
 * @user_data: passed to @callback
 */
void
tern_sync_worker_send_async (TernSyncWorker      *self,
                             TernMessageRecord   *message,
                             gboolean             ends_draft,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_SEND);

  event->message = message;
  event->n = ends_draft != FALSE;
  start (self, event, tern_sync_worker_send_async, cancellable, callback, user_data);
}

/**
 * tern_sync_worker_send_finish:
 * @self: a worker
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT, CLOSED; then it was not stored.
 *
 * Returns: (transfer full) (nullable): the message's client ID
 */
char *
tern_sync_worker_send_finish (TernSyncWorker  *self,
                              GAsyncResult    *result,
                              GError         **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * tern_sync_worker_resend_async:
 * @self: a worker
 * @conversation_id: the message's conversation
 * @client_id: a message that failed
 * @cancellable: (nullable): stops waiting
 * @callback: called when it waits to be sent again
 * @user_data: passed to @callback
 */
void
tern_sync_worker_resend_async (TernSyncWorker      *self,
                               const char          *conversation_id,
                               const char          *client_id,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_RESEND);

  event->conversation_id = g_strdup (conversation_id);
  event->text = g_strdup (client_id);
  start (self, event, tern_sync_worker_resend_async, cancellable, callback, user_data);
}

/**
 * tern_sync_worker_delete_async:
 * @self: a worker
 * @conversation_id: the message's conversation
 * @seq: the message; 0: it has none
 * @client_id: (nullable): the message, if it has no seq
 * @cancellable: (nullable): stops waiting
 * @callback: called when it is gone from the disk
 * @user_data: passed to @callback
 */
void
tern_sync_worker_delete_async (TernSyncWorker      *self,
                               const char          *conversation_id,
                               gint64               seq,
                               const char          *client_id,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_DELETE);

  event->conversation_id = g_strdup (conversation_id);
  event->seq = seq;
  event->text = g_strdup (client_id);
  start (self, event, tern_sync_worker_delete_async, cancellable, callback, user_data);
}

/**
 * tern_sync_worker_fetch_before_async:
 * @self: a worker
 * @conversation_id: a conversation
 * @seq: just below this; 0: at the end
 * @n: about how many messages
 * @cancellable: (nullable): stops waiting; what comes is kept
 * @callback: called when they are on disk
 * @user_data: passed to @callback
 */
void
tern_sync_worker_fetch_before_async (TernSyncWorker      *self,
                                     const char          *conversation_id,
                                     gint64               seq,
                                     guint                n,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_FETCH_BEFORE);

  event->conversation_id = g_strdup (conversation_id);
  event->seq = seq;
  event->n = n;
  start (self, event, tern_sync_worker_fetch_before_async, cancellable, callback, user_data);
}

/**
 * tern_sync_worker_mark_read_async:
 * @self: a worker
 * @conversation_id: a conversation
 * @seq: read up to here
 * @cancellable: (nullable): stops waiting
 * @callback: called when it is on disk
 * @user_data: passed to @callback
 */
void
tern_sync_worker_mark_read_async (TernSyncWorker      *self,
                                  const char          *conversation_id,
                                  gint64               seq,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_MARK_READ);

  event->conversation_id = g_strdup (conversation_id);
  event->seq = seq;
  start (self, event, tern_sync_worker_mark_read_async, cancellable, callback, user_data);
}

/**
 * tern_sync_worker_confirm_read_async:
 * @self: a worker
 * @conversation_id: a conversation
 * @seq: what the server was told
 * @cancellable: (nullable): stops waiting
 * @callback: called when it is on disk
 * @user_data: passed to @callback
 */
void
tern_sync_worker_confirm_read_async (TernSyncWorker      *self,
                                     const char          *conversation_id,
                                     gint64               seq,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_CONFIRM_READ);

  event->conversation_id = g_strdup (conversation_id);
  event->seq = seq;
  start (self, event, tern_sync_worker_confirm_read_async, cancellable, callback, user_data);
}

/**
 * tern_sync_worker_save_draft_async:
 * @self: a worker
 * @conversation_id: a conversation
 * @text: the draft; "" for none
 * @cancellable: (nullable): stops waiting
 * @callback: called when it is on disk
 * @user_data: passed to @callback
 */
void
tern_sync_worker_save_draft_async (TernSyncWorker      *self,
                                   const char          *conversation_id,
                                   const char          *text,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_SAVE_DRAFT);

  event->conversation_id = g_strdup (conversation_id);
  event->text = g_strdup (text);
  start (self, event, tern_sync_worker_save_draft_async, cancellable, callback, user_data);
}

/**
 * tern_sync_worker_apply_async:
 * @self: a worker
 * @updates: (transfer full) (element-type TernRecordUpdate): what REST answered
 * @cancellable: (nullable): stops waiting
 * @callback: called when they are on disk
 * @user_data: passed to @callback
 */
void
tern_sync_worker_apply_async (TernSyncWorker      *self,
                              GPtrArray           *updates,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_APPLY);

  event->updates = updates;
  start (self, event, tern_sync_worker_apply_async, cancellable, callback, user_data);
}

/**
 * tern_sync_worker_set_value_async:
 * @self: a worker
 * @key: a name
 * @value: what to keep under it
 * @cancellable: (nullable): stops waiting
 * @callback: called when it is on disk
 * @user_data: passed to @callback
 */
void
tern_sync_worker_set_value_async (TernSyncWorker      *self,
                                  const char          *key,
                                  const char          *value,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_SET_VALUE);

  event->text = g_strdup (key);
  event->value = g_strdup (value);
  start (self, event, tern_sync_worker_set_value_async, cancellable, callback, user_data);
}

/**
 * tern_sync_worker_finish:
 * @self: a worker
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: the store's; OFFLINE, CLOSED.
 *
 * Returns: whether the command was carried out
 */
gboolean
tern_sync_worker_finish (TernSyncWorker  *self,
                         GAsyncResult    *result,
                         GError         **error)
{
  g_autoptr(GError) local_error = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  g_free (g_task_propagate_pointer (G_TASK (result), &local_error));
  if (local_error == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

/**
 * tern_sync_worker_send_typing:
 * @self: a worker
 * @message: (transfer full): a typing notice: conversation, recipient, content
 *
 * Sends it if there is a line; it is never stored and never repeated.
 */
void
tern_sync_worker_send_typing (TernSyncWorker    *self,
                              TernMessageRecord *message)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_TYPING);

  event->message = message;
  tern_sync_worker_push (self, event);
}

/**
 * tern_sync_worker_sync_now:
 * @self: a worker
 *
 * Asks the newest seqs again, if there is a line.
 */
void
tern_sync_worker_sync_now (TernSyncWorker *self)
{
  tern_sync_worker_push (self, tern_sync_event_new (TERN_SYNC_EVENT_SYNC_NOW));
}

/**
 * tern_sync_worker_set_paused:
 * @self: a worker
 * @is_paused: whether the backfill rests
 */
void
tern_sync_worker_set_paused (TernSyncWorker *self,
                             gboolean        is_paused)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_PAUSE);

  event->n = is_paused ? 1 : 0;
  tern_sync_worker_push (self, event);
}

/**
 * tern_sync_worker_set_focus:
 * @self: a worker
 * @conversation_id: (nullable): what a person looks at: it is fetched first
 */
void
tern_sync_worker_set_focus (TernSyncWorker *self,
                            const char     *conversation_id)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_FOCUS);

  event->conversation_id = g_strdup (conversation_id);
  tern_sync_worker_push (self, event);
}
