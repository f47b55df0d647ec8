/* tern-sync-worker.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-sync-worker-private.h"

#include "tern-debug.h"
#include "tern-error.h"
#include "tern-sync-engine.h"

/* KiB of frames that may wait. Four answers to pulls are under way at most, of 8
 * MiB each, a third more in base64, and two looks (architecture section 5): what
 * is above that has pushes behind which it does not come through. */
#define MAX_LOAD_KIB (96 * 1024)

G_DEFINE_FINAL_TYPE (TernSyncWorker, tern_sync_worker, G_TYPE_OBJECT)

typedef enum
{
  PROP_STATE = 1,
  PROP_N_UNSENT,
  PROP_IS_COMPLETE,
} TernSyncWorkerProperty;

static GParamSpec *properties[PROP_IS_COMPLETE + 1];

enum
{
  SIGNAL_SYNC_BEGIN,
  SIGNAL_SYNC_PROGRESS,
  SIGNAL_SYNC_END,
  SIGNAL_SYNC_FAILED,
  SIGNAL_CHANGED,
  SIGNAL_TRANSMIT,
  SIGNAL_RECORDS_WANTED,
  SIGNAL_TYPING,
  SIGNAL_LINE_SUSPECT,
  SIGNAL_SESSION_LOST,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

void
tern_sync_operation_free (gpointer data)
{
  TernSyncOperation *operation = data;

  if (operation->cancellable != NULL)
    g_signal_handler_disconnect (operation->cancellable, operation->cancelled_id);
  g_clear_object (&operation->cancellable);
  g_clear_object (&operation->task);
  g_free (operation);
}

void
tern_sync_worker_complete (TernSyncWorker *self,
                           guint64         op,
                           const char     *text,
                           const GError   *error)
{
  g_autoptr(GTask) task = NULL;
  TernSyncOperation *operation = g_hash_table_lookup (self->ops, &op);

  if (operation == NULL) /* cancelled before */
    return;

  task = g_object_ref (operation->task);
  g_hash_table_remove (self->ops, &op);
  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_pointer (task, g_strdup (text), g_free);
}

static void
complete_all (TernSyncWorker *self)
{
  g_autoptr(GError) closed = g_error_new_literal (TERN_ERROR, TERN_ERROR_CLOSED, "Closed");
  g_autoptr(GList) keys = g_hash_table_get_keys (self->ops);

  for (GList *at = keys; at != NULL; at = at->next)
    {
      guint64 op = *(guint64 *) at->data;

      tern_sync_worker_complete (self, op, NULL, closed);
    }
}

static void
set_ready (TernSyncWorker *self,
           const GError   *error)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->ready_task);

  self->is_ready = error == NULL;
  if (task == NULL)
    return;
  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

/* The loop has returned and its last notice was handled: the end. */
static void
finish_run_if_over (TernSyncWorker *self)
{
  g_autoptr(GTask) task = NULL;
  g_autoptr(GError) closed = NULL;

  if (!self->has_run || !self->has_drained || self->run_task == NULL)
    return;

  task = g_steal_pointer (&self->run_task);
  complete_all (self);
  closed = g_error_new_literal (TERN_ERROR, TERN_ERROR_CLOSED, "Closed");
  set_ready (self, self->run_error != NULL ? self->run_error : closed);
  if (self->run_error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->run_error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
handle_notice (TernSyncWorker *self,
               TernSyncNotice *notice)
{
  switch (notice->type)
    {
    case TERN_SYNC_NOTICE_READY:
      set_ready (self, NULL);
      break;
    case TERN_SYNC_NOTICE_DONE:
      tern_sync_worker_complete (self, notice->op, notice->text, notice->error);
      break;
    case TERN_SYNC_NOTICE_CHANGED:
      g_signal_emit (self, signals[SIGNAL_CHANGED], 0, notice->changes);
      break;
    case TERN_SYNC_NOTICE_STATE:
      self->state = notice->state;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
      break;
    case TERN_SYNC_NOTICE_BEGIN:
      g_warn_if_fail (!self->is_in_run);
      self->is_in_run = TRUE;
      g_signal_emit (self, signals[SIGNAL_SYNC_BEGIN], 0, (int) notice->reason);
      break;
    case TERN_SYNC_NOTICE_PROGRESS:
      g_signal_emit (self, signals[SIGNAL_SYNC_PROGRESS], 0, notice->done, notice->total);
      break;
    case TERN_SYNC_NOTICE_END:
      g_warn_if_fail (self->is_in_run);
      self->is_in_run = FALSE;
      g_signal_emit (self, signals[SIGNAL_SYNC_END], 0, notice->done);
      break;
    case TERN_SYNC_NOTICE_FAILED:
      g_warn_if_fail (self->is_in_run);
      self->is_in_run = FALSE;
      g_signal_emit (self, signals[SIGNAL_SYNC_FAILED], 0, notice->error);
      break;
    case TERN_SYNC_NOTICE_COMPLETE:
      self->is_complete = notice->done != 0;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_COMPLETE]);
      break;
    case TERN_SYNC_NOTICE_N_UNSENT:
      self->n_unsent = notice->done;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_UNSENT]);
      break;
    case TERN_SYNC_NOTICE_TRANSMIT:
      g_signal_emit (self, signals[SIGNAL_TRANSMIT], 0, notice->epoch, notice->frame,
                     notice->done != 0);
      break;
    case TERN_SYNC_NOTICE_RECORDS_WANTED:
      g_signal_emit (self, signals[SIGNAL_RECORDS_WANTED], 0, notice->done, notice->text);
      break;
    case TERN_SYNC_NOTICE_TYPING:
      g_signal_emit (self, signals[SIGNAL_TYPING], 0, notice->conversation_id, notice->text,
                     notice->done != 0);
      break;
    case TERN_SYNC_NOTICE_LINE_SUSPECT:
      g_signal_emit (self, signals[SIGNAL_LINE_SUSPECT], 0);
      break;
    case TERN_SYNC_NOTICE_SESSION_LOST:
      g_signal_emit (self, signals[SIGNAL_SESSION_LOST], 0, notice->error);
      break;
    default:
      g_warn_if_reached ();
      break;
    }
}

static void
notices_cb (GPtrArray *items,
            gpointer   user_data)
{
  TernSyncWorker *self = user_data;
  G_GNUC_UNUSED g_autoptr(TernSyncWorker) alive = g_object_ref (self);

  tern_assert_main_thread ();

  for (guint i = 0; i < items->len; i++)
    handle_notice (self, items->pdata[i]);
}

/* The source goes when the channel is closed and empty. */
static void
source_gone_cb (gpointer user_data)
{
  TernSyncWorker *self = user_data;

  self->has_drained = TRUE;
  finish_run_if_over (self);
  g_object_unref (self);
}

typedef struct
{
  TernSyncConfig  config;
  char           *folder;
  char           *user_id;
} RunData;

static void
run_data_free (gpointer data)
{
  RunData *run = data;

  tern_channel_unref (run->config.inbox);
  tern_channel_unref (run->config.outbox);
  g_free (run->folder);
  g_free (run->user_id);
  g_free (run);
}

static void
run_thread (GTask        *task,
            gpointer      source_object,
            gpointer      task_data,
            GCancellable *cancellable)
{
  RunData *run = task_data;
  GError *error = NULL;

  if (tern_sync_engine_run (&run->config, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
run_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr(TernSyncWorker) self = user_data;

  g_task_propagate_boolean (G_TASK (result), &self->run_error);
  self->has_run = TRUE;
  finish_run_if_over (self);
}

static void
tern_sync_worker_get_property (GObject    *object,
                               guint       property_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  TernSyncWorker *self = TERN_SYNC_WORKER (object);

  switch ((TernSyncWorkerProperty) property_id)
    {
    case PROP_STATE:
      g_value_set_int (value, (int) self->state);
      break;
    case PROP_N_UNSENT:
      g_value_set_uint (value, self->n_unsent);
      break;
    case PROP_IS_COMPLETE:
      g_value_set_boolean (value, self->is_complete);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
      break;
    }
}

static void
tern_sync_worker_finalize (GObject *object)
{
  TernSyncWorker *self = TERN_SYNC_WORKER (object);

  g_clear_pointer (&self->source, g_source_unref);
  g_clear_pointer (&self->ops, g_hash_table_unref);
  g_clear_object (&self->run_task);
  g_clear_object (&self->ready_task);
  g_clear_error (&self->run_error);
  tern_channel_close (self->inbox);
  tern_channel_unref (self->inbox);
  tern_channel_unref (self->outbox);
  g_atomic_rc_box_release (self->load);
  g_free (self->folder);
  g_free (self->user_id);

  G_OBJECT_CLASS (tern_sync_worker_parent_class)->finalize (object);
}

static void
tern_sync_worker_class_init (TernSyncWorkerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->get_property = tern_sync_worker_get_property;
  object_class->finalize = tern_sync_worker_finalize;

  properties[PROP_STATE] =
    g_param_spec_int ("state", NULL, NULL, 0, TERN_SYNC_STOPPED, TERN_SYNC_OFFLINE,
                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_N_UNSENT] =
    g_param_spec_uint ("n-unsent", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_IS_COMPLETE] =
    g_param_spec_boolean ("is-complete", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_SYNC_BEGIN] =
    g_signal_new ("sync-begin", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_INT);
  signals[SIGNAL_SYNC_PROGRESS] =
    g_signal_new ("sync-progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
  signals[SIGNAL_SYNC_END] =
    g_signal_new ("sync-end", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_SYNC_FAILED] =
    g_signal_new ("sync-failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[SIGNAL_CHANGED] =
    g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_TRANSMIT] =
    g_signal_new ("transmit", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 3, G_TYPE_UINT64, G_TYPE_BYTES, G_TYPE_BOOLEAN);
  signals[SIGNAL_RECORDS_WANTED] =
    g_signal_new ("records-wanted", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_STRING);
  signals[SIGNAL_TYPING] =
    g_signal_new ("typing", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_BOOLEAN);
  signals[SIGNAL_LINE_SUSPECT] =
    g_signal_new ("line-suspect", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
  signals[SIGNAL_SESSION_LOST] =
    g_signal_new ("session-lost", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
tern_sync_worker_init (TernSyncWorker *self)
{
  self->inbox = tern_channel_new ((GDestroyNotify) tern_sync_event_free);
  self->outbox = tern_channel_new ((GDestroyNotify) tern_sync_notice_free);
  self->load = g_atomic_rc_box_new0 (int);
  self->ops = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, tern_sync_operation_free);
}

/**
 * tern_sync_worker_new:
 * @folder: the account's data folder
 * @user_id: who is signed in
 * @platform: the protocol's number of this kind of device
 * @format: how the connection will speak
 *
 * Returns: (transfer full): a worker that does not run yet
 */
TernSyncWorker *
tern_sync_worker_new (const char            *folder,
                      const char            *user_id,
                      int                    platform,
                      const TernFrameFormat *format)
{
  TernSyncWorker *self = g_object_new (TERN_TYPE_SYNC_WORKER, NULL);

  self->folder = g_strdup (folder);
  self->user_id = g_strdup (user_id);
  self->platform = platform;
  self->format = *format;

  return self;
}

/**
 * tern_sync_worker_run_async:
 * @self: a worker that was not run before
 * @callback: called when the loop has ended and everything is answered
 * @user_data: passed to @callback
 *
 * Starts the loop on one of GTask's pool threads, which it holds for the life
 * of the session. The inner task has no source object, so that no GObject is
 * ever finalized on that thread.
 */
void
tern_sync_worker_run_async (TernSyncWorker      *self,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_autoptr(GTask) inner = NULL;
  RunData *run;

  g_return_if_fail (TERN_IS_SYNC_WORKER (self));
  g_return_if_fail (self->source == NULL);
  tern_assert_main_thread ();

  self->run_task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->run_task, tern_sync_worker_run_async);

  self->source = tern_channel_source_new (self->outbox, notices_cb, self);
  /* The same callback, with somebody who is told when the source goes. */
  g_source_set_callback (self->source, (GSourceFunc) (void (*) (void)) notices_cb,
                         g_object_ref (self), source_gone_cb);
  g_source_attach (self->source, NULL);

  run = g_new0 (RunData, 1);
  run->folder = g_strdup (self->folder);
  run->user_id = g_strdup (self->user_id);
  run->config.folder = run->folder;
  run->config.user_id = run->user_id;
  run->config.platform = self->platform;
  run->config.format = self->format;
  run->config.inbox = tern_channel_ref (self->inbox);
  run->config.outbox = tern_channel_ref (self->outbox);
  inner = g_task_new (NULL, NULL, run_cb, g_object_ref (self));
  g_task_set_source_tag (inner, tern_sync_worker_run_async);
  g_task_set_task_data (inner, run, run_data_free);
  g_task_run_in_thread (inner, run_thread);
}

/**
 * tern_sync_worker_run_finish:
 * @self: a worker
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: whether the loop ended because it was told to
 */
gboolean
tern_sync_worker_run_finish (TernSyncWorker  *self,
                             GAsyncResult    *result,
                             GError         **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * tern_sync_worker_wait_ready_async:
 * @self: a worker that runs
 * @cancellable: (nullable): stops waiting
 * @callback: called when the store is open, or could not be opened
 * @user_data: passed to @callback
 */
void
tern_sync_worker_wait_ready_async (TernSyncWorker      *self,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (TERN_IS_SYNC_WORKER (self));
  g_return_if_fail (self->ready_task == NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, tern_sync_worker_wait_ready_async);
  if (self->is_ready)
    g_task_return_boolean (task, TRUE);
  else if (self->run_task == NULL)
    g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_CLOSED, "The worker does not run");
  else
    self->ready_task = g_steal_pointer (&task);
}

/**
 * tern_sync_worker_wait_ready_finish:
 * @self: a worker
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT, CLOSED.
 *
 * Returns: whether the store is open
 */
gboolean
tern_sync_worker_wait_ready_finish (TernSyncWorker  *self,
                                    GAsyncResult    *result,
                                    GError         **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
tern_sync_worker_push (TernSyncWorker *self,
                       TernSyncEvent  *event)
{
  tern_channel_push (self->inbox, event);
}

/**
 * tern_sync_worker_stop:
 * @self: a worker
 *
 * Ends the loop after what it is doing now. The callback of
 * tern_sync_worker_run_async() tells when it is over.
 */
void
tern_sync_worker_stop (TernSyncWorker *self)
{
  g_return_if_fail (TERN_IS_SYNC_WORKER (self));

  tern_sync_worker_push (self, tern_sync_event_new (TERN_SYNC_EVENT_STOP));
}

/**
 * tern_sync_worker_push_connecting:
 * @self: a worker
 *
 * Tells that an attempt is being made.
 */
void
tern_sync_worker_push_connecting (TernSyncWorker *self)
{
  tern_sync_worker_push (self, tern_sync_event_new (TERN_SYNC_EVENT_CONNECTING));
}

/**
 * tern_sync_worker_push_connected:
 * @self: a worker
 * @epoch: the connection's number, not 0
 * @reason: why it was made
 */
void
tern_sync_worker_push_connected (TernSyncWorker *self,
                                 guint64         epoch,
                                 TernSyncReason  reason)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_CONNECTED);

  event->epoch = epoch;
  event->reason = reason;
  tern_sync_worker_push (self, event);
}

/**
 * tern_sync_worker_push_frame:
 * @self: a worker
 * @epoch: the connection that it came by
 * @frame: the payload of a binary message
 *
 * Refuses what would be too much to wait in memory. Then the line has to be
 * given up, for what came is not complete: the next one plans anew. There is
 * no use in it before tern_sync_worker_is_drained().
 *
 * Returns: whether it was taken
 */
gboolean
tern_sync_worker_push_frame (TernSyncWorker *self,
                             guint64         epoch,
                             GBytes         *frame)
{
  TernSyncEvent *event;

  if (g_atomic_int_get (self->load) >= MAX_LOAD_KIB)
    return FALSE;

  event = tern_sync_event_new (TERN_SYNC_EVENT_FRAME);
  event->epoch = epoch;
  tern_sync_event_take_frame (event, g_bytes_ref (frame), self->load);
  tern_sync_worker_push (self, event);

  return TRUE;
}

/**
 * tern_sync_worker_is_drained:
 * @self: a worker
 *
 * Returns: whether most of what waited was handled, and more can be taken
 */
gboolean
tern_sync_worker_is_drained (TernSyncWorker *self)
{
  return g_atomic_int_get (self->load) < MAX_LOAD_KIB / 4;
}

/**
 * tern_sync_worker_push_disconnected:
 * @self: a worker
 * @epoch: the connection that is gone; 0: whichever there was
 * @error: (nullable): why
 */
void
tern_sync_worker_push_disconnected (TernSyncWorker *self,
                                    guint64         epoch,
                                    const GError   *error)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_DISCONNECTED);

  event->epoch = epoch;
  event->error = error != NULL ? g_error_copy (error) : NULL;
  tern_sync_worker_push (self, event);
}

/**
 * tern_sync_worker_push_records_ready:
 * @self: a worker
 * @epoch: the connection for which records were fetched
 */
void
tern_sync_worker_push_records_ready (TernSyncWorker *self,
                                     guint64         epoch)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_RECORDS_READY);

  event->epoch = epoch;
  tern_sync_worker_push (self, event);
}

/**
 * tern_sync_worker_get_state:
 * @self: a worker
 *
 * Returns: how things stand, as last told
 */
TernSyncState
tern_sync_worker_get_state (TernSyncWorker *self)
{
  return self->state;
}

/**
 * tern_sync_worker_get_n_unsent:
 * @self: a worker
 *
 * Returns: how many own messages the server has not shown to have
 */
guint
tern_sync_worker_get_n_unsent (TernSyncWorker *self)
{
  return self->n_unsent;
}

/**
 * tern_sync_worker_get_is_complete:
 * @self: a worker
 *
 * Returns: whether everything that the person may see is on disk
 */
gboolean
tern_sync_worker_get_is_complete (TernSyncWorker *self)
{
  return self->is_complete;
}
