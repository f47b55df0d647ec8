/* tern-sync-engine.c: the worker's loop
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-sync-engine.h"

#include <gio/gio.h>
#include <string.h>

#include "tern-sync-engine-private.h"

/* Live events per transaction: more would hold up a commit, fewer cost
 * throughput (architecture section 3). */
#define MAX_PER_TRANSACTION 100

#define STORE_RETRY_MS 5000

/* --- time --- */
static gboolean
tick (TernSyncEngine  *self,
      GError         **error)
{
  gint64 now = tern_sync_engine_now ();

  tern_sync_line_expire (self, now);
  if (self->wanted_us != 0 && now >= self->wanted_us)
    tern_sync_line_tell_wanted (self);
  if (self->epoch == 0)
    return TRUE;

  tern_sync_outbox_expire (self->unsent, now);
  tern_sync_line_recheck (self, now);
  tern_sync_pull_retry (self, now);
  if (!tern_sync_pull_plan (self, now, error))
    return FALSE;
  tern_sync_pull_pump (self);
  tern_sync_look_pump (self);

  return tern_sync_send_pump (self, error);
}

static gint64
earlier (gint64 a,
         gint64 b)
{
  if (a <= 0)
    return b;
  if (b <= 0)
    return a;

  return MIN (a, b);
}

/* Microseconds until something is due; negative: nothing is. */
gint64
tern_sync_engine_get_timeout (TernSyncEngine *self)
{
  gint64 at = earlier (self->wanted_us, tern_sync_requests_get_deadline (self->requests));

  /* Nothing else is done until then. */
  if (self->store_retry_us != 0)
    return MAX (self->store_retry_us - tern_sync_engine_now (), 0);

  if (self->epoch != 0)
    {
      at = earlier (at, self->retry_us);
      if (tern_sync_requests_count (self->requests, TERN_FRAME_NEWEST_SEQS, TRUE) == 0)
        {
          at = earlier (at, self->recheck_us);
          at = earlier (at, self->again_us);
          at = earlier (at, tern_sync_outbox_get_look (self->unsent, self->newest_asked_us));
        }
      at = earlier (at, tern_sync_outbox_get_deadline (self->unsent));
      if (!self->is_planned && !self->has_records)
        at = earlier (at, self->records_until_us);
    }

  return at <= 0 ? -1 : MAX (at - tern_sync_engine_now (), 0);
}

/* --- events --- */

static gboolean
handle_event (TernSyncEngine  *self,
              TernSyncEvent   *event,
              GError         **error)
{
  switch (event->type)
    {
    case TERN_SYNC_EVENT_CONNECTING:
      if (self->epoch == 0)
        tern_sync_engine_set_state (self, TERN_SYNC_CONNECTING);
      return TRUE;
    case TERN_SYNC_EVENT_CONNECTED:
      tern_sync_line_open (self, event);
      return TRUE;
    case TERN_SYNC_EVENT_DISCONNECTED:
      if (event->epoch == self->epoch || event->epoch == 0 || self->epoch == 0)
        tern_sync_line_close (self, event->error);
      return TRUE;
    case TERN_SYNC_EVENT_FRAME:
      if (!self->is_stale)
        return tern_sync_line_handle_frame (self, event, error);
      /* What is known is not what is on disk: nothing can be added to it. */
      tern_sync_line_check_kick (self, event);
      return TRUE;
    case TERN_SYNC_EVENT_RECORDS_READY:
      if (event->epoch == self->epoch)
        self->has_records = TRUE;
      return TRUE;
    case TERN_SYNC_EVENT_SYNC_NOW:
      if (self->epoch != 0)
        tern_sync_engine_ask_newest (self);
      return TRUE;
    case TERN_SYNC_EVENT_FOCUS:
      tern_sync_plan_set_focus (self->plan, event->conversation_id);
      return TRUE;
    case TERN_SYNC_EVENT_PAUSE:
      self->is_paused = event->n != 0;
      return TRUE;
    case TERN_SYNC_EVENT_TYPING:
      tern_sync_send_typing (self, event->message);
      return TRUE;
    case TERN_SYNC_EVENT_CANCEL: /* handled before: see drop_cancelled() */
      return TRUE;
    case TERN_SYNC_EVENT_STOP:
      self->is_stopping = TRUE;
      return TRUE;
    case TERN_SYNC_EVENT_SEND:
    case TERN_SYNC_EVENT_RESEND:
    case TERN_SYNC_EVENT_DELETE:
    case TERN_SYNC_EVENT_FETCH_BEFORE:
    case TERN_SYNC_EVENT_MARK_READ:
    case TERN_SYNC_EVENT_CONFIRM_READ:
    case TERN_SYNC_EVENT_SAVE_DRAFT:
    case TERN_SYNC_EVENT_APPLY:
    case TERN_SYNC_EVENT_SET_VALUE:
    default:
      return tern_sync_engine_begin (self, error) && tern_sync_command_handle (self, event, error);
    }
}

/* --- the loop --- */

/* A command that its caller no longer waits for, and that has not begun. */
static void
drop_cancelled (GPtrArray *events)
{
  for (guint i = 0; i < events->len; i++)
    {
      const TernSyncEvent *cancel = events->pdata[i];

      if (cancel->type != TERN_SYNC_EVENT_CANCEL)
        continue;
      for (guint k = 0; k < i; k++)
        {
          TernSyncEvent *event = events->pdata[k];

          if (event->op == cancel->op)
            {
              /* Nothing is left of it; its number is answered as cancelled on
               * the other side already. */
              tern_sync_event_free (event);
              events->pdata[k] = tern_sync_event_new (TERN_SYNC_EVENT_CANCEL);
            }
        }
    }
}

static gboolean
load_plan (TernSyncEngine  *self,
           GError         **error)
{
  g_autoptr(GHashTable) all = tern_store_load_all_ranges (self->db, error);
  GHashTableIter iter;
  gpointer id;
  gpointer ranges;

  if (all == NULL)
    return FALSE;

  g_clear_pointer (&self->plan, tern_sync_plan_free);
  self->plan = tern_sync_plan_new ();
  g_hash_table_iter_init (&iter, all);
  while (g_hash_table_iter_next (&iter, &id, &ranges))
    tern_sync_plan_set_ranges (self->plan, id, ranges);

  /* What is pushed before the numbers are known is judged by these. */
  return tern_sync_pull_load_bounds (self, error);
}

static gboolean
load_unsent (TernSyncEngine  *self,
             GError         **error)
{
  g_autoptr(GPtrArray) messages = tern_store_list_unsent (self->db, self->user_id, error);

  if (messages == NULL)
    return FALSE;

  g_clear_pointer (&self->unsent, tern_sync_outbox_free);
  self->unsent = tern_sync_outbox_new ();
  for (guint i = 0; i < messages->len; i++)
    tern_sync_outbox_add_uncertain (self->unsent, tern_message_record_copy (messages->pdata[i]),
                                    tern_sync_engine_now ());
  tern_sync_engine_notice (self, TERN_SYNC_NOTICE_N_UNSENT)->done = messages->len;

  return TRUE;
}

/* What is in memory is what is on disk. A disk that is full can be too full to
 * read from: then it is tried again before anything more is sent or asked for. */
static gboolean
reload (TernSyncEngine *self)
{
  g_autoptr(GError) error = NULL;

  self->is_stale = !load_plan (self, &error) || !load_unsent (self, &error) ||
                   !tern_sync_look_load (self, &error);
  if (self->is_stale)
    g_debug ("The store cannot be read: %s", error->message);
  else
    /* What was told in the meantime counted what was never written. */
    tern_sync_engine_notice (self, TERN_SYNC_NOTICE_N_UNSENT)->done =
      tern_sync_outbox_get_n (self->unsent);

  return !self->is_stale;
}

/* What was to be told after the commit that did not happen: how the line stands
 * is as true as before, what would have been written is not, and what was to
 * end with it has failed. */
static void
keep_notices (TernSyncEngine *self,
              GPtrArray      *notices,
              const GError   *error)
{
  while (notices->len > 0)
    {
      TernSyncNotice *notice = g_ptr_array_steal_index (notices, 0);

      switch (notice->type)
        {
        case TERN_SYNC_NOTICE_DONE:
          if (notice->error == NULL)
            notice->error = g_error_copy (error);
          g_ptr_array_add (self->notices, notice);
          break;
        case TERN_SYNC_NOTICE_END:
          notice->type = TERN_SYNC_NOTICE_FAILED;
          notice->error = g_error_copy (error);
          g_ptr_array_add (self->notices, notice);
          break;
        case TERN_SYNC_NOTICE_STATE:
        case TERN_SYNC_NOTICE_COMPLETE:
          if (notice->state == TERN_SYNC_LIVE || notice->done != 0)
            tern_sync_notice_free (notice);
          else
            g_ptr_array_add (self->notices, notice);
          break;
        case TERN_SYNC_NOTICE_TRANSMIT:
        case TERN_SYNC_NOTICE_CHANGED:
        case TERN_SYNC_NOTICE_PROGRESS:
        case TERN_SYNC_NOTICE_N_UNSENT:
          tern_sync_notice_free (notice);
          break;
        case TERN_SYNC_NOTICE_READY:
        case TERN_SYNC_NOTICE_BEGIN:
        case TERN_SYNC_NOTICE_FAILED:
        case TERN_SYNC_NOTICE_RECORDS_WANTED:
        case TERN_SYNC_NOTICE_TYPING:
        case TERN_SYNC_NOTICE_LINE_SUSPECT:
        case TERN_SYNC_NOTICE_SESSION_LOST:
        default:
          g_ptr_array_add (self->notices, notice);
          break;
        }
    }
}

/* What happened to the line happened, whatever became of the store. */
static void
handle_line_events (TernSyncEngine *self,
                    GPtrArray      *events)
{
  for (guint i = 0; i < events->len; i++)
    {
      TernSyncEvent *event = events->pdata[i];

      if (event->type == TERN_SYNC_EVENT_FRAME)
        tern_sync_line_check_kick (self, event);
      else if (event->op == 0 && event->type != TERN_SYNC_EVENT_TYPING)
        (void) handle_event (self, event, NULL); /* none of these writes */
    }
}

/* The transaction failed: nothing of it happened. Every command in it is told
 * so, what the server sent is asked for again later, and what is in memory is
 * read anew from the disk. */
static void
recover (TernSyncEngine *self,
         GPtrArray      *events,
         const GError   *error)
{
  g_autoptr(GPtrArray) notices = g_steal_pointer (&self->notices);

  g_debug ("The store refused: %s", error->message);
  self->notices = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_sync_notice_free);
  tern_db_rollback (self->db);
  self->is_in_transaction = FALSE;
  g_clear_pointer (&self->changes, tern_changes_unref);
  g_hash_table_remove_all (self->dirty_ranges);
  g_hash_table_remove_all (self->quotes);

  keep_notices (self, notices, error);
  for (guint i = 0; i < events->len; i++)
    {
      const TernSyncEvent *event = events->pdata[i];

      if (event->op != 0)
        tern_sync_engine_done (self, event->op, NULL, error);
    }

  tern_sync_line_drop_requests (self);
  tern_sync_command_fail_waiters (self, error);
  tern_sync_pull_fail_run (self, error);
  tern_sync_pull_set_complete (self, FALSE);
  if (self->state == TERN_SYNC_LIVE)
    tern_sync_engine_set_state (self, TERN_SYNC_SYNCING);
  (void) reload (self);
  self->is_planned = FALSE;
  self->has_newest = FALSE;
  self->is_current = FALSE;
  self->recheck_us = 0;
  self->again_us = 0;
  self->records_until_us = 0; /* there is nothing more to wait for */
  handle_line_events (self, events);
  self->store_retry_us = tern_sync_engine_in_ms (STORE_RETRY_MS);
  if (g_error_matches (error, TERN_ERROR, TERN_ERROR_STORE_CORRUPT))
    {
      self->fatal = g_error_copy (error);
      tern_sync_engine_notice (self, TERN_SYNC_NOTICE_SESSION_LOST)->error = g_error_copy (error);
    }
  tern_sync_engine_post (self);
}

/* Room may have been made: begin again where the line stands. */
static void
resume_after_store_error (TernSyncEngine *self)
{
  if (self->store_retry_us == 0 || tern_sync_engine_now () < self->store_retry_us)
    return;

  if (self->is_stale)
    {
      if (!reload (self))
        {
          self->store_retry_us = tern_sync_engine_in_ms (STORE_RETRY_MS);
          return;
        }
      tern_sync_line_drop_requests (self); /* what was answered was not heard */
    }
  self->store_retry_us = 0;
  if (self->epoch == 0)
    return;

  if (self->run == TERN_SYNC_RUN_NONE)
    tern_sync_pull_begin_run (self, TERN_SYNC_RUN_SCREENFUL, TERN_SYNC_REASON_REQUESTED);
  tern_sync_engine_set_state (self, TERN_SYNC_SYNCING);
  tern_sync_engine_ask_newest (self);
}

static gboolean
handle_batch (TernSyncEngine  *self,
              GPtrArray       *events,
              GError         **error)
{
  gboolean is_well = TRUE;
  guint n = 0;

  drop_cancelled (events);
  while (is_well && n < events->len && !self->is_stopping)
    {
      /* One that fails is not answered yet: recover() does it. */
      if (!handle_event (self, events->pdata[n], error))
        {
          is_well = FALSE;
          break;
        }
      g_clear_pointer (&events->pdata[n++], tern_sync_event_free);
      if (self->is_in_transaction && self->n_in_transaction >= MAX_PER_TRANSACTION)
        is_well = tern_sync_engine_commit (self, error);
    }
  if (n > 0)
    g_ptr_array_remove_range (events, 0, n);
  if (!is_well)
    return FALSE;

  resume_after_store_error (self);
  if (self->store_retry_us == 0 && !self->is_stopping && !tick (self, error))
    return FALSE;

  return tern_sync_engine_commit (self, error);
}

/* Answers what is still open and tells of the end. */
static void
shut_down (TernSyncEngine *self,
           GPtrArray      *events)
{
  g_autoptr(GError) closed = g_error_new_literal (TERN_ERROR, TERN_ERROR_CLOSED, "Closed");

  tern_channel_close (self->inbox);
  for (guint i = 0; i < events->len; i++)
    {
      const TernSyncEvent *event = events->pdata[i];

      if (event->op != 0)
        tern_sync_engine_done (self, event->op, NULL, closed);
    }
  for (;;)
    {
      g_autoptr(GPtrArray) rest = tern_channel_pop_batch (self->inbox, 0, NULL);

      if (rest == NULL)
        break;
      for (guint i = 0; i < rest->len; i++)
        {
          const TernSyncEvent *event = rest->pdata[i];

          if (event->op != 0)
            tern_sync_engine_done (self, event->op, NULL, closed);
        }
    }
  tern_sync_command_fail_waiters (self, closed);
  tern_sync_pull_fail_run (self, closed);
  tern_sync_engine_set_state (self, TERN_SYNC_STOPPED);
  tern_sync_engine_post (self);
}

/* Waits for events, at most @timeout_us or until something is due, and handles
 * them. FALSE: that was the last. */
gboolean
tern_sync_engine_step (TernSyncEngine *self,
                       gint64          timeout_us)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) events = NULL;

  events = tern_channel_pop_batch (self->inbox, timeout_us, NULL);
  if (events == NULL)
    events = g_ptr_array_new ();
  else if (!handle_batch (self, events, &error))
    recover (self, events, error);
  else if (!self->is_stopping)
    return TRUE;

  if (events->len == 0 && error == NULL && !self->is_stopping)
    self->is_stopping = TRUE; /* the channel was closed */
  if (!self->is_stopping && self->fatal == NULL)
    return TRUE;

  shut_down (self, events);

  return FALSE;
}

static void
waiter_clear (gpointer waiter)
{
  g_free (((TernSyncWaiter *) waiter)->conversation_id);
  g_free (waiter);
}

/* Not opened yet: tern_sync_engine_open() comes first. */
TernSyncEngine *
tern_sync_engine_new (const TernSyncConfig *config)
{
  TernSyncEngine *self = g_new0 (TernSyncEngine, 1);

  self->folder = g_strdup (config->folder);
  self->user_id = g_strdup (config->user_id);
  self->platform = config->platform;
  self->format = config->format;
  self->inbox = tern_channel_ref (config->inbox);
  self->outbox = tern_channel_ref (config->outbox);
  self->notices = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_sync_notice_free);
  self->dirty_ranges = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->retries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->wanted_groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->waiters = g_ptr_array_new ();
  self->quotes = tern_sync_quotes_new ();
  self->looks = tern_sync_look_queue_new ();
  self->late_looks = tern_sync_look_queue_new ();
  self->requests = tern_sync_requests_new ();
  self->pull_size = self->pull_limit = TERN_SYNC_MESSAGES_PER_PULL;

  return self;
}

void
tern_sync_engine_free (TernSyncEngine *self)
{
  g_clear_pointer (&self->db, tern_db_close);
  g_clear_pointer (&self->plan, tern_sync_plan_free);
  g_clear_pointer (&self->unsent, tern_sync_outbox_free);
  g_clear_pointer (&self->requests, tern_sync_requests_free);
  g_clear_pointer (&self->changes, tern_changes_unref);
  g_ptr_array_foreach (self->waiters, (GFunc) (void (*) (void)) waiter_clear, NULL);
  g_ptr_array_unref (self->waiters);
  g_hash_table_unref (self->quotes);
  g_ptr_array_unref (self->looks);
  g_ptr_array_unref (self->late_looks);
  g_ptr_array_unref (self->notices);
  g_hash_table_unref (self->dirty_ranges);
  g_hash_table_unref (self->retries);
  g_hash_table_unref (self->wanted_groups);
  g_clear_error (&self->fatal);
  tern_channel_unref (self->inbox);
  tern_channel_unref (self->outbox);
  g_free (self->ensured);
  g_free (self->folder);
  g_free (self->user_id);
  g_free (self);
}

gboolean
tern_sync_engine_open (TernSyncEngine  *self,
                       GError         **error)
{
  self->db = tern_db_open (self->folder, TERN_DB_WRITER, error);
  if (self->db == NULL || !load_plan (self, error) || !load_unsent (self, error) ||
      !tern_sync_look_load (self, error))
    {
      g_ptr_array_set_size (self->notices, 0);
      return FALSE;
    }

  tern_sync_engine_notice (self, TERN_SYNC_NOTICE_READY);
  tern_sync_engine_post (self);

  return TRUE;
}

/* What was written and not sent, and the drafts, are carried over into a new
 * file; all else comes from the server again. */
static gboolean
open_or_salvage (TernSyncEngine  *self,
                 GError         **error)
{
  g_autoptr(GError) damage = NULL;
  g_autofree char *aside = NULL;

  if (tern_sync_engine_open (self, &damage))
    return TRUE;
  g_clear_pointer (&self->db, tern_db_close);
  if (!g_error_matches (damage, TERN_ERROR, TERN_ERROR_STORE_CORRUPT))
    {
      g_propagate_error (error, g_steal_pointer (&damage));
      return FALSE;
    }

  return tern_db_salvage (self->folder, &aside, error) && tern_sync_engine_open (self, error);
}

/**
 * tern_sync_engine_run:
 * @config: what to work with
 * @error: return location for a #GError
 *
 * Opens the store, or a new one with what can be saved of a damaged one, for
 * which nobody else may have it open before READY was told. Works until it is
 * told to stop, the inbox closes, or the store is damaged. Whatever the end,
 * every command is answered, every run closed, and the outbox channel closed
 * behind the last notice.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Thread: the worker's, for as long as it takes.
 *
 * Returns: whether it ended because it was told to
 */
gboolean
tern_sync_engine_run (const TernSyncConfig  *config,
                      GError               **error)
{
  g_autoptr(TernSyncEngine) self = tern_sync_engine_new (config);

  if (!open_or_salvage (self, &self->fatal))
    {
      g_autoptr(GPtrArray) none = g_ptr_array_new ();

      shut_down (self, none);
    }
  else
    {
      while (tern_sync_engine_step (self, tern_sync_engine_get_timeout (self)))
        ;
      (void) tern_db_checkpoint (self->db, NULL); /* a reader may hold it up: no harm */
    }
  tern_channel_close (self->outbox);

  if (self->fatal != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->fatal));
      return FALSE;
    }

  return TRUE;
}
