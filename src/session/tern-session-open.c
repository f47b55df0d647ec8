/* tern-session-open.c: from a folder to a line, and back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <unistd.h>

#include "tern-clock.h"
#include "tern-debug.h"
#include "tern-error.h"
#include "tern-session-private.h"

#define CLOSE_TIMEOUT_MS 3000

/* A line that stood so long was not had in vain, and the next is soon there. */
#define STEADY_MS 60000

/* --- the end --- */

static void
stop_line (TernSession *self)
{
  g_clear_handle_id (&self->resume_id, g_source_remove);
  if (self->connection != NULL)
    tern_connection_stop (self->connection);
}

static void
end (TernSession  *self,
     const GError *error)
{
  if (self->is_ended || self->close_task != NULL)
    return;

  self->is_ended = TRUE;
  stop_line (self);
  tern_sync_worker_push_disconnected (self->worker, 0, error);
  g_signal_emit (self, tern_session_signals[SIGNAL_ENDED], 0, error);
}

static void
set_error (TernSession  *self,
           const GError *error)
{
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), tern_session_properties[PROP_STATE]);
}

/* --- from the worker --- */

static void
sync_begin_cb (TernSyncWorker *worker,
               int             reason,
               gpointer        user_data)
{
  g_signal_emit (user_data, tern_session_signals[SIGNAL_SYNC_BEGIN], 0, reason);
}

static void
sync_progress_cb (TernSyncWorker *worker,
                  guint           done,
                  guint           total,
                  gpointer        user_data)
{
  g_signal_emit (user_data, tern_session_signals[SIGNAL_SYNC_PROGRESS], 0, done, total);
}

static void
sync_end_cb (TernSyncWorker *worker,
             guint           n_messages,
             gpointer        user_data)
{
  g_signal_emit (user_data, tern_session_signals[SIGNAL_SYNC_END], 0, n_messages);
}

static void
sync_failed_cb (TernSyncWorker *worker,
                GError         *error,
                gpointer        user_data)
{
  TernSession *self = user_data;

  if (tern_error_is_store (error))
    set_error (self, error);
  g_signal_emit (self, tern_session_signals[SIGNAL_SYNC_FAILED], 0, error);
}

static void
load_self (TernSession *self)
{
  g_clear_pointer (&self->self_user, tern_user_record_free);
  self->self_user = tern_store_find_user (self->reader, self->account->user_id, NULL);
}

static void
changed_cb (TernSyncWorker *worker,
            TernChanges    *changes,
            gpointer        user_data)
{
  TernSession *self = user_data;

  if (tern_changes_has_people (changes) && self->reader != NULL)
    load_self (self);
}

static void
transmit_cb (TernSyncWorker *worker,
             guint64         epoch,
             GBytes         *frame,
             gboolean        is_slow,
             gpointer        user_data)
{
  TernSession *self = user_data;

  /* A line that has gone in between: the next one plans anew. */
  if (self->connection != NULL)
    tern_connection_send (self->connection, epoch, frame, is_slow);
}

static void
records_wanted_cb (TernSyncWorker *worker,
                   guint           datasets,
                   const char     *group_id,
                   gpointer        user_data)
{
  TernSession *self = user_data;

  if (self->records != NULL)
    tern_record_sync_want (self->records, datasets, group_id);
}

static void
line_suspect_cb (TernSyncWorker *worker,
                 gpointer        user_data)
{
  TernSession *self = user_data;

  if (self->connection != NULL)
    tern_connection_check_now (self->connection);
}

static void
session_lost_cb (TernSyncWorker *worker,
                 GError         *error,
                 gpointer        user_data)
{
  end (user_data, error);
}

static void
worker_state_cb (TernSession *self)
{
  if (tern_sync_worker_get_state (self->worker) == TERN_SYNC_LIVE)
    g_clear_error (&self->error);
  g_object_notify_by_pspec (G_OBJECT (self), tern_session_properties[PROP_STATE]);
}

static void
worker_complete_cb (TernSession *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), tern_session_properties[PROP_IS_COMPLETE]);
}

/* --- from the connection --- */

static void
connecting_cb (TernConnection *connection,
               gpointer        user_data)
{
  tern_sync_worker_push_connecting (((TernSession *) user_data)->worker);
}

static void
opened_cb (TernConnection *connection,
           guint64         epoch,
           gpointer        user_data)
{
  TernSession *self = user_data;

  set_error (self, NULL);
  tern_sync_worker_push_connected (self->worker, epoch, TERN_SYNC_REASON_CONNECTED);
  tern_record_sync_begin (self->records, epoch);
  tern_read_marks_retry (self->read_marks);
  if (self->media != NULL)
    tern_media_forgive (self->media);
}

static void
closed_cb (TernConnection *connection,
           guint64         epoch,
           GError         *error,
           gpointer        user_data)
{
  TernSession *self = user_data;

  set_error (self, error);
  tern_sync_worker_push_disconnected (self->worker, epoch, error);
}

static gboolean
resume_cb (gpointer user_data)
{
  TernSession *self = user_data;

  if (!tern_sync_worker_is_drained (self->worker))
    return G_SOURCE_CONTINUE;

  self->resume_id = 0;
  self->resumed_us = tern_clock_get_monotonic_us ();
  tern_connection_start (self->connection);

  return G_SOURCE_REMOVE;
}

/* The server sends faster than the worker can take, and libsoup cannot be told
 * to read less: the line is cut until there is room, for longer each time. What
 * was lost with it is planned anew. */
static void
frame_cb (TernConnection *connection,
          guint64         epoch,
          GBytes         *frame,
          gpointer        user_data)
{
  TernSession *self = user_data;
  g_autoptr(GError) error = NULL;
  guint wait_ms;

  if (tern_sync_worker_push_frame (self->worker, epoch, frame))
    return;

  error = g_error_new_literal (TERN_ERROR, TERN_ERROR_TOO_LARGE,
                               "The server sent more than can be handled");
  stop_line (self);
  if (tern_clock_get_monotonic_us () - self->resumed_us > tern_clock_scale_us (STEADY_MS * 1000))
    tern_backoff_reset (&self->resume_backoff);
  wait_ms = tern_clock_scale_ms (tern_backoff_next_ms (&self->resume_backoff));
  /* First: whoever is told may end the session. */
  self->resume_id = g_timeout_add (wait_ms, resume_cb, self);
  closed_cb (connection, epoch, error, self);
}

static void
failed_cb (TernConnection *connection,
           GError         *error,
           gpointer        user_data)
{
  TernSession *self = user_data;

  set_error (self, error);
  end (self, error);
}

static void
conversations_ready_cb (TernRecordSync *records,
                        guint64         epoch,
                        gpointer        user_data)
{
  tern_sync_worker_push_records_ready (((TernSession *) user_data)->worker, epoch);
}

static void
token_refused_cb (TernRecordSync *records,
                  GError         *error,
                  gpointer        user_data)
{
  end (user_data, error);
}

static void
check_now_cb (TernReachability *reachability,
              gpointer          user_data)
{
  tern_session_check_now (user_data);
}

/* --- opening --- */

static void
finish_open (TernSession *self,
             GError      *error) /* (transfer full) (nullable) */
{
  g_autoptr(GTask) task = g_steal_pointer (&self->open_task);

  if (task == NULL)
    g_clear_error (&error);
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
connect_line (TernSession *self)
{
  const TernServers *servers = self->account->servers;

  self->soup = tern_soup_session_new (self->account->pinned_sha256);
  self->api = tern_api_new (self->soup, servers->api, self->account->token);
  self->records = tern_record_sync_new (self->api, self->reader, self->worker,
                                        self->account->user_id);
  g_signal_connect_object (self->records, "conversations-ready",
                           G_CALLBACK (conversations_ready_cb), self, 0);
  g_signal_connect_object (self->records, "token-refused", G_CALLBACK (token_refused_cb), self, 0);
  self->read_marks = tern_read_marks_new (self->api, self->reader, self->worker,
                                          self->account->user_id);
  self->connection = tern_connection_new (self->soup, servers->ws, self->account->user_id,
                                          self->account->token, self->account->platform,
                                          &self->format);
  g_signal_connect_object (self->connection, "connecting", G_CALLBACK (connecting_cb), self, 0);
  g_signal_connect_object (self->connection, "opened", G_CALLBACK (opened_cb), self, 0);
  g_signal_connect_object (self->connection, "frame", G_CALLBACK (frame_cb), self, 0);
  g_signal_connect_object (self->connection, "closed", G_CALLBACK (closed_cb), self, 0);
  g_signal_connect_object (self->connection, "failed", G_CALLBACK (failed_cb), self, 0);
  self->reachability = tern_reachability_new ();
  g_signal_connect_object (self->reachability, "check-now", G_CALLBACK (check_now_cb), self, 0);
  tern_connection_start (self->connection);
}

static void
ready_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(TernSession) self = user_data;
  g_autofree char *mark = NULL;
  GError *error = NULL;

  if (!tern_sync_worker_wait_ready_finish (TERN_SYNC_WORKER (object), result, &error))
    {
      finish_open (self, error);
      return;
    }
  if (self->close_task != NULL)
    {
      finish_open (self, g_error_new_literal (TERN_ERROR, TERN_ERROR_CLOSED, "Closed"));
      return;
    }

  self->reader = tern_db_open (self->folder, TERN_DB_READER, &error);
  if (self->reader == NULL)
    {
      finish_open (self, error);
      return;
    }
  mark = tern_store_dup_value (self->reader, TERN_STORE_SALVAGED, NULL);
  self->was_salvaged = mark != NULL;
  load_self (self);
  self->conversations = tern_conversation_list_new (self->reader, self->worker,
                                                    self->account->user_id);
  if (self->is_online)
    connect_line (self);
  finish_open (self, NULL);
}

static void
salvage_thread (GTask        *task,
                gpointer      session,
                gpointer      folder,
                GCancellable *cancellable)
{
  g_autofree char *aside = NULL;
  g_autoptr(GError) error = NULL;

  if (!tern_db_salvage (folder, &aside, &error))
    g_debug ("The store could not be made anew: %s", error->message);
  g_task_return_boolean (task, error == NULL);
}

static void finish_close (TernSession *self);

static void
salvaged_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      unused)
{
  finish_close (TERN_SESSION (object));
}

static void
finish_close (TernSession *self)
{
  g_autoptr(GTask) task = NULL;

  g_clear_handle_id (&self->close_timeout_id, g_source_remove);
  g_clear_pointer (&self->reader, tern_db_close);
  if (self->is_damaged && !self->is_running)
    {
      /* Nobody has it open now: the next start finds a file that works. */
      g_autoptr(GTask) salvage = g_task_new (self, NULL, salvaged_cb, NULL);

      self->is_damaged = FALSE;
      g_task_set_task_data (salvage, g_strdup (self->folder), g_free);
      g_task_run_in_thread (salvage, salvage_thread);
      return;
    }
  task = g_steal_pointer (&self->close_task);
  if (!self->is_running)
    {
      if (self->lock_fd >= 0)
        close (self->lock_fd); /* lets go of the lock */
      self->lock_fd = -1;
    }
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
}

static void
run_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr(TernSession) self = user_data;
  g_autoptr(GError) error = NULL;

  tern_sync_worker_run_finish (TERN_SYNC_WORKER (object), result, &error);
  self->is_running = FALSE;
  self->is_damaged = g_error_matches (error, TERN_ERROR, TERN_ERROR_STORE_CORRUPT);
  if (self->close_task != NULL)
    finish_close (self);
  else if (error != NULL && self->open_task == NULL)
    end (self, error);
}

static void
open_store (TernSession *self)
{
  self->worker = tern_sync_worker_new (self->folder, self->account->user_id,
                                       self->account->platform, &self->format);
  g_signal_connect (self->worker, "sync-begin", G_CALLBACK (sync_begin_cb), self);
  g_signal_connect (self->worker, "sync-progress", G_CALLBACK (sync_progress_cb), self);
  g_signal_connect (self->worker, "sync-end", G_CALLBACK (sync_end_cb), self);
  g_signal_connect (self->worker, "sync-failed", G_CALLBACK (sync_failed_cb), self);
  g_signal_connect (self->worker, "changed", G_CALLBACK (changed_cb), self);
  g_signal_connect (self->worker, "transmit", G_CALLBACK (transmit_cb), self);
  g_signal_connect (self->worker, "records-wanted", G_CALLBACK (records_wanted_cb), self);
  g_signal_connect (self->worker, "line-suspect", G_CALLBACK (line_suspect_cb), self);
  g_signal_connect (self->worker, "session-lost", G_CALLBACK (session_lost_cb), self);
  g_signal_connect_swapped (self->worker, "notify::state", G_CALLBACK (worker_state_cb), self);
  g_signal_connect_swapped (self->worker, "notify::is-complete", G_CALLBACK (worker_complete_cb),
                            self);
  self->is_running = TRUE;
  tern_sync_worker_run_async (self->worker, run_cb, g_object_ref (self));
  tern_sync_worker_wait_ready_async (self->worker, NULL, ready_cb, g_object_ref (self));
}

/**
 * tern_session_open_async:
 * @self: a session that is not open
 * @is_online: whether to connect
 * @cancellable: (nullable): checked at the beginning
 * @callback: called when what is on disk can be shown
 * @user_data: passed to @callback
 */
void
tern_session_open_async (TernSession         *self,
                         gboolean             is_online,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  GError *error = NULL;

  g_return_if_fail (TERN_IS_SESSION (self));
  g_return_if_fail (self->open_task == NULL && self->worker == NULL);
  tern_assert_main_thread ();

  self->open_task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (self->open_task, tern_session_open_async);
  self->is_online = is_online;
  self->lock_fd = tern_account_lock (self->folder, &error);
  if (self->lock_fd < 0)
    {
      finish_open (self, error);
      return;
    }

  open_store (self);
}

/**
 * tern_session_open_finish:
 * @self: a session
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: IN_USE, STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT, CLOSED. Close it then too.
 *
 * Returns: whether it is open
 */
gboolean
tern_session_open_finish (TernSession   *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
close_late_cb (gpointer user_data)
{
  TernSession *self = user_data;

  self->close_timeout_id = 0;
  finish_close (self);

  return G_SOURCE_REMOVE;
}

/**
 * tern_session_close_async:
 * @self: a session, open or not
 * @callback: called when it is over, after 3 s at the most, or when what could be
 *   saved of a damaged store is in a new one
 * @user_data: passed to @callback
 *
 * Detaches the models, ends the line, lets the worker finish what it is
 * writing. What was not sent will be when it is opened again.
 */
void
tern_session_close_async (TernSession         *self,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_return_if_fail (TERN_IS_SESSION (self));
  g_return_if_fail (self->close_task == NULL);

  self->close_task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->close_task, tern_session_close_async);

  if (self->conversations != NULL)
    tern_conversation_list_detach (self->conversations);
  for (guint i = 0; i < self->message_lists->len; i++)
    tern_message_list_detach (self->message_lists->pdata[i]);
  g_ptr_array_set_size (self->message_lists, 0);
  if (self->records != NULL)
    tern_record_sync_stop (self->records);
  if (self->read_marks != NULL)
    tern_read_marks_stop (self->read_marks);
  stop_line (self);
  if (self->media != NULL)
    tern_media_stop (self->media);
  if (!self->is_running)
    {
      finish_close (self);
      return;
    }

  self->close_timeout_id = g_timeout_add (CLOSE_TIMEOUT_MS, close_late_cb, self);
  tern_sync_worker_stop (self->worker);
}

/**
 * tern_session_close_finish:
 * @self: a session
 * @result: what the callback was given
 */
void
tern_session_close_finish (TernSession  *self,
                           GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}
