/* tern-sync-pull.c: what is missing: asked for, most urgent first
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-sync-engine-private.h"

/* What a real server answers fastest (architecture section 5). */
#define PULLS_IN_FLIGHT 4

/* How often a placeholder among the newest is asked for again. */
#define MAX_RETRIES 3

/* --- runs --- */

void
tern_sync_pull_begin_run (TernSyncEngine *self,
                          TernSyncRun     run,
                          TernSyncReason  reason)
{
  self->run = run;
  self->n_done = 0;
  tern_sync_engine_notice (self, TERN_SYNC_NOTICE_BEGIN)->reason = reason;
}

void
tern_sync_pull_fail_run (TernSyncEngine *self,
                         const GError   *error)
{
  if (self->run == TERN_SYNC_RUN_NONE)
    return;

  self->run = TERN_SYNC_RUN_NONE;
  tern_sync_engine_notice (self, TERN_SYNC_NOTICE_FAILED)->error = g_error_copy (error);
}

static void
end_run (TernSyncEngine *self)
{
  if (self->run == TERN_SYNC_RUN_NONE)
    return;

  self->run = TERN_SYNC_RUN_NONE;
  tern_sync_engine_notice (self, TERN_SYNC_NOTICE_END)->done = self->n_done;
  self->is_checkpoint_due = TRUE;
}

static TernSyncPhase
phase_of_run (TernSyncEngine *self)
{
  return self->run == TERN_SYNC_RUN_BACKFILL ? TERN_SYNC_PHASE_BACKFILL
                                             : TERN_SYNC_PHASE_SCREENFUL;
}

static void
tell_progress (TernSyncEngine *self)
{
  gint64 missing;
  TernSyncNotice *notice;

  if (self->run == TERN_SYNC_RUN_NONE || !self->is_planned)
    return;

  missing = tern_sync_plan_count_missing (self->plan, phase_of_run (self));
  notice = tern_sync_engine_notice (self, TERN_SYNC_NOTICE_PROGRESS);
  notice->done = self->n_done;
  notice->total = (guint) MIN (self->n_done + missing, G_MAXUINT32);
}

/* What is on disk tells what may be seen, as of the last line. */
gboolean
tern_sync_pull_load_bounds (TernSyncEngine  *self,
                            GError         **error)
{
  g_autoptr(GPtrArray) list = tern_store_list_bounds (self->db, error);

  if (list == NULL)
    return FALSE;

  for (guint i = 0; i < list->len; i++)
    {
      const TernConversationBounds *bounds = list->pdata[i];

      tern_sync_plan_set_bounds (self->plan, bounds->conversation_id, bounds->min_seq,
                                 bounds->max_seq, i);
    }
  self->is_bounds_dirty = FALSE;

  return TRUE;
}

static void
transmit_pulls (TernSyncEngine *self,
                TernSyncPhase   phase)
{
  while (tern_sync_requests_count (self->requests, TERN_FRAME_PULL_RANGES, FALSE) <
         PULLS_IN_FLIGHT)
    {
      g_autoptr(GPtrArray) ranges = tern_sync_plan_next (self->plan, phase, self->pull_size);
      g_autoptr(GBytes) body = NULL;
      TernSyncRequest *request;

      if (ranges == NULL)
        return;

      body = tern_wire_encode_pull_ranges (self->user_id, ranges, FALSE);
      request = tern_sync_engine_request (self, TERN_FRAME_PULL_RANGES, TERN_SYNC_PULL_TIMEOUT_MS,
                                          body);
      request->ranges = g_ptr_array_ref (ranges);
    }
}

/* Whether all that the person may see is on disk, once this is committed. */
void
tern_sync_pull_set_complete (TernSyncEngine *self,
                             gboolean        is_complete)
{
  g_autoptr(GError) error = NULL;

  if (self->is_complete == is_complete)
    return;

  /* Not worth an error of the store: it is tried again at the next start. */
  if (is_complete && !tern_store_set_value (self->db, TERN_STORE_SALVAGED, NULL, &error))
    g_debug ("The salvage is not over: %s", error->message);
  if (is_complete)
    self->pull_limit = TERN_SYNC_MESSAGES_PER_PULL; /* what was large is here */
  self->is_complete = is_complete;
  tern_sync_engine_notice (self, TERN_SYNC_NOTICE_COMPLETE)->done = is_complete;
}

/* The newest of everything is here: the person's app is current. */
static void
become_current (TernSyncEngine *self)
{
  self->is_current = TRUE;
  if (self->run == TERN_SYNC_RUN_SCREENFUL)
    end_run (self);
}

/* Everything that came since an uncertain message was written is on disk, and
 * the message is not among it: it never arrived. */
static void
settle_uncertain (TernSyncEngine *self)
{
  g_autoptr(GHashTable) uncertain = tern_sync_outbox_list_uncertain (self->unsent);
  g_autoptr(GPtrArray) settled = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer id;
  gpointer message;

  g_hash_table_iter_init (&iter, uncertain);
  while (g_hash_table_iter_next (&iter, &id, &message))
    {
      gint64 first = tern_store_seq_before (((TernMessageRecord *) message)->position) + 1;

      if (!g_hash_table_contains (self->retries, id) &&
          !tern_sync_plan_is_held (self->plan, id) &&
          tern_sync_plan_is_settled (self->plan, id, first,
                                     tern_sync_plan_get_last (self->plan, id)))
        g_ptr_array_add (settled, g_strdup (id));
    }
  for (guint i = 0; i < settled->len; i++)
    tern_sync_outbox_settle (self->unsent, settled->pdata[i], self->newest_us);
}

static void
pump_backfill (TernSyncEngine *self)
{
  if (self->is_paused)
    {
      if (self->run == TERN_SYNC_RUN_BACKFILL)
        end_run (self);
      return;
    }

  transmit_pulls (self, TERN_SYNC_PHASE_BACKFILL);
  if (tern_sync_plan_count_missing (self->plan, TERN_SYNC_PHASE_BACKFILL) > 0)
    {
      tern_sync_pull_set_complete (self, FALSE);
      if (self->run == TERN_SYNC_RUN_NONE)
        {
          tern_sync_pull_begin_run (self, TERN_SYNC_RUN_BACKFILL, TERN_SYNC_REASON_BACKFILL);
          tell_progress (self);
        }
      return;
    }

  if (self->run == TERN_SYNC_RUN_BACKFILL)
    end_run (self);
  /* What was skipped is tried again before this is called complete. */
  tern_sync_pull_set_complete (self, g_hash_table_size (self->retries) == 0 &&
                                       !tern_sync_plan_is_held (self->plan, NULL));
}

/* Asks for what is missing, most urgent first, and notices when nothing is. */
void
tern_sync_pull_pump (TernSyncEngine *self)
{
  if (!self->is_planned)
    return;

  transmit_pulls (self, TERN_SYNC_PHASE_SCREENFUL);
  if (!self->is_current)
    {
      if (!self->has_newest ||
          tern_sync_plan_count_missing (self->plan, TERN_SYNC_PHASE_SCREENFUL) > 0)
        return;
      become_current (self);
    }
  settle_uncertain (self);
  pump_backfill (self);
  /* Last: whoever sees it live sees whether it is complete. */
  tern_sync_engine_set_state (self, TERN_SYNC_LIVE);
}

/* Leaves [first, last] for later: it is asked for again some seconds on. */
void
tern_sync_pull_skip (TernSyncEngine *self,
                     const char     *conversation_id,
                     gint64          first,
                     gint64          last)
{
  tern_sync_plan_skip (self->plan, conversation_id, first, last);
  g_hash_table_add (self->retries, g_strdup (conversation_id));
}

/* The server refused or was silent: it is left alone for longer each time. */
void
tern_sync_pull_note_failed (TernSyncEngine *self,
                            const char     *conversation_id)
{
  g_hash_table_add (self->retries, g_strdup (conversation_id));
  self->has_failed = TRUE;
}

void
tern_sync_pull_end_ranges (TernSyncEngine        *self,
                           const TernSyncRequest *request,
                           gboolean               is_failed)
{
  for (guint i = 0; request->ranges != NULL && i < request->ranges->len; i++)
    {
      const TernSeqRequest *range = request->ranges->pdata[i];

      tern_sync_plan_end (self->plan, range, is_failed);
      if (is_failed)
        tern_sync_pull_note_failed (self, range->conversation_id);
    }
  /* Whoever waits for it can try again. */
  if (is_failed && request->is_urgent)
    {
      g_autoptr(GError) error =
        g_error_new_literal (TERN_ERROR, TERN_ERROR_TIMEOUT, "The server could not answer");

      tern_sync_command_fail_waiters (self, error);
    }
}

gboolean
tern_sync_pull_handle_answer (TernSyncEngine        *self,
                              const TernSyncRequest *request,
                              const TernFrame       *frame,
                              GError               **error)
{
  g_autoptr(GPtrArray) batches = tern_wire_decode_batches (frame->data, NULL);
  gint64 before;

  if (batches == NULL)
    {
      tern_sync_pull_end_ranges (self, request, TRUE);
      return TRUE;
    }

  tern_backoff_reset (&self->backoff);
  self->pull_size = MIN (self->pull_size + self->pull_size / 16 + 1, self->pull_limit);
  before = tern_sync_plan_count_missing (self->plan, phase_of_run (self));
  if (!tern_sync_engine_begin (self, error) ||
      !tern_sync_ingest_pull (self, batches, request->ranges, error))
    return FALSE;
  if (self->run != TERN_SYNC_RUN_NONE)
    {
      gint64 after = tern_sync_plan_count_missing (self->plan, phase_of_run (self));

      self->n_done += (guint) MAX (before - after, 0);
    }
  tell_progress (self);

  return TRUE;
}

/* Whether a message arrived shows in everything that came after it was written.
 */
void
tern_sync_pull_want_uncertain (TernSyncEngine *self)
{
  g_autoptr(GHashTable) uncertain = tern_sync_outbox_list_uncertain (self->unsent);
  GHashTableIter iter;
  gpointer id;
  gpointer message;

  g_hash_table_iter_init (&iter, uncertain);
  while (g_hash_table_iter_next (&iter, &id, &message))
    tern_sync_plan_want_from (self->plan, id,
                              tern_store_seq_before (((TernMessageRecord *) message)->position) +
                                1);
}

/* Once the numbers are known and the records are there, or late, what is
 * missing can be planned. */
gboolean
tern_sync_pull_plan (TernSyncEngine  *self,
                     gint64           now,
                     GError         **error)
{
  if (self->epoch == 0)
    return TRUE;
  if (!self->is_planned && (!self->has_newest || !self->has_read_seqs ||
                            (!self->has_records && now < self->records_until_us)))
    return TRUE;
  if (self->is_planned && !self->is_bounds_dirty)
    return TRUE;

  if (!tern_sync_pull_load_bounds (self, error))
    return FALSE;
  tern_sync_pull_want_uncertain (self);
  if (!self->is_planned)
    {
      self->is_planned = TRUE;
      if (!tern_sync_engine_begin (self, error) ||
          !tern_store_set_value (self->db, "synced", "1", error))
        return FALSE;
      tell_progress (self);
    }

  return TRUE;
}

/* Asks once more for what failed or was empty, when its time has come. */
void
tern_sync_pull_retry (TernSyncEngine *self,
                      gint64          now)
{
  GHashTableIter iter;
  gpointer id;

  if (self->retry_us == 0 &&
      (g_hash_table_size (self->retries) > 0 || self->late_looks->len > 0))
    self->retry_us = tern_sync_engine_in_ms (
      TERN_SYNC_RETRY_MS + (self->has_failed ? tern_backoff_next_ms (&self->backoff) : 0));
  if (self->retry_us == 0 || now < self->retry_us)
    return;

  self->retry_us = 0;
  self->has_failed = FALSE;
  g_hash_table_iter_init (&iter, self->retries);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    tern_sync_plan_retry_skipped (self->plan, id, MAX_RETRIES);
  g_hash_table_remove_all (self->retries);
  tern_sync_look_retry (self);
}
