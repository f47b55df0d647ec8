/* tern-sync-line.c: requests, their answers, and the line itself
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-sync-engine-private.h"

#define RECORDS_TIMEOUT_MS 10000
#define RECHECK_FIRST_MS 1500 /* nothing is pushed in the first second after a connect */
#define RECHECK_MS (5 * 60 * 1000)
#define DEBOUNCE_MS 300
/* Notifications can be forged by the thousand: not more often than this. */
#define WANT_EVERY_MS 1000

void
tern_sync_line_transmit (TernSyncEngine *self,
                         gint32          id,
                         const char     *tag,
                         GBytes         *body)
{
  g_autofree char *operation_id = g_uuid_string_random ();
  g_autoptr(TernFrame) frame = tern_frame_new (id, tag, operation_id, body);
  TernSyncNotice *notice;

  g_free (frame->send_id);
  frame->send_id = g_strdup (self->user_id);
  notice = tern_sync_engine_notice (self, TERN_SYNC_NOTICE_TRANSMIT);
  notice->epoch = self->epoch;
  notice->done = id == TERN_FRAME_PULL_RANGES || id == TERN_FRAME_PULL_LIST;
  notice->frame = tern_frame_encode_request (frame, &self->format);
}

TernSyncRequest *
tern_sync_engine_request (TernSyncEngine *self,
                          gint32          id,
                          guint           timeout_ms,
                          GBytes         *body)
{
  TernSyncRequest *request =
    tern_sync_requests_add (self->requests, id, tern_sync_engine_in_ms (timeout_ms));

  tern_sync_line_transmit (self, id, request->tag, body);

  return request;
}

void
tern_sync_engine_ask_newest (TernSyncEngine *self)
{
  g_autoptr(GBytes) newest = tern_wire_encode_newest_seqs (self->user_id);
  g_autoptr(GBytes) read = tern_wire_encode_read_seqs (self->user_id, NULL, FALSE);

  if (tern_sync_requests_count (self->requests, TERN_FRAME_NEWEST_SEQS, TRUE) > 0)
    return;

  self->has_newest = FALSE;
  self->has_read_seqs = FALSE;
  self->is_current = FALSE;
  self->newest_asked_us = tern_sync_engine_now ();
  self->again_us = 0;
  if (self->recheck_us == 0)
    self->recheck_us = tern_sync_engine_in_ms (RECHECK_MS);
  tern_sync_engine_request (self, TERN_FRAME_NEWEST_SEQS, TERN_SYNC_ANSWER_TIMEOUT_MS, newest);
  tern_sync_engine_request (self, TERN_FRAME_READ_SEQS, TERN_SYNC_ANSWER_TIMEOUT_MS, read);
}

void
tern_sync_engine_want (TernSyncEngine *self,
                       guint           datasets,
                       const char     *group_id)
{
  if (group_id != NULL && *group_id != '\0' && (datasets & (1 << TERN_DATASET_MEMBERS)) != 0)
    {
      g_hash_table_add (self->wanted_groups, g_strdup (group_id));
      datasets &= ~(1u << TERN_DATASET_MEMBERS);
    }
  self->wanted_datasets |= datasets;
  if (self->wanted_us == 0)
    self->wanted_us = MAX (tern_sync_engine_in_ms (DEBOUNCE_MS),
                           self->told_us + tern_clock_scale_us (WANT_EVERY_MS * 1000));
}

void
tern_sync_line_tell_wanted (TernSyncEngine *self)
{
  GHashTableIter iter;
  gpointer group;
  TernSyncNotice *notice;

  if (self->wanted_datasets != 0)
    {
      notice = tern_sync_engine_notice (self, TERN_SYNC_NOTICE_RECORDS_WANTED);
      notice->done = self->wanted_datasets;
      notice->text = g_strdup ("");
    }
  g_hash_table_iter_init (&iter, self->wanted_groups);
  while (g_hash_table_iter_next (&iter, &group, NULL))
    {
      notice = tern_sync_engine_notice (self, TERN_SYNC_NOTICE_RECORDS_WANTED);
      notice->done = 1 << TERN_DATASET_MEMBERS;
      notice->text = g_strdup (group);
    }

  self->told_us = tern_sync_engine_now ();
  self->wanted_us = 0;
  self->wanted_datasets = 0;
  g_hash_table_remove_all (self->wanted_groups);
}

/* --- answers --- */

/* The numbers could not be had: soon again, but later each time. */
static void
ask_again (TernSyncEngine *self)
{
  if (self->again_us == 0)
    self->again_us =
      tern_sync_engine_in_ms (TERN_SYNC_RETRY_MS + tern_backoff_next_ms (&self->backoff));
}

static void
note_numbers (TernSyncEngine *self)
{
  self->is_bounds_dirty = TRUE;
  if (self->has_newest && self->has_read_seqs)
    tern_backoff_reset (&self->backoff);
}

static gboolean
handle_newest (TernSyncEngine   *self,
               const TernFrame  *frame,
               GError          **error)
{
  g_autoptr(GPtrArray) states = tern_wire_decode_newest_seqs_reply (frame->data, NULL);

  if (states == NULL)
    {
      ask_again (self);
      return TRUE;
    }
  if (!tern_sync_engine_begin (self, error))
    return FALSE;

  for (guint i = 0; i < states->len; i++)
    {
      const TernSeqState *state = states->pdata[i];

      if (*state->conversation_id != '\0' &&
          !tern_store_set_seqs (self->db, state->conversation_id, state->max_seq, 0,
                                self->changes, error))
        return FALSE;
    }
  self->has_newest = TRUE;
  self->newest_us = self->newest_asked_us;
  note_numbers (self);

  return TRUE;
}

static gboolean
handle_read_seqs (TernSyncEngine   *self,
                  const TernFrame  *frame,
                  GError          **error)
{
  g_autoptr(GPtrArray) states = tern_wire_decode_read_seqs_reply (frame->data, NULL, NULL);

  if (states == NULL)
    {
      ask_again (self);
      return TRUE;
    }
  if (!tern_sync_engine_begin (self, error))
    return FALSE;

  for (guint i = 0; i < states->len; i++)
    {
      const TernSeqState *state = states->pdata[i];

      if (*state->conversation_id != '\0' && state->max_seq > 0 &&
          !tern_store_set_seqs (self->db, state->conversation_id, state->max_seq,
                                MIN (state->read_seq, state->max_seq), self->changes,
                                error))
        return FALSE;
    }
  self->has_read_seqs = TRUE;
  note_numbers (self);

  return TRUE;
}

static gboolean
handle_looked (TernSyncEngine        *self,
               const TernSyncRequest *request,
               const TernFrame       *frame,
               GError               **error)
{
  g_autoptr(GPtrArray) batches = tern_wire_decode_batches (frame->data, NULL);

  if (!tern_sync_engine_begin (self, error))
    return FALSE;
  if (batches != NULL)
    return tern_sync_look_handle_answer (self, request, batches, error);

  tern_sync_look_fail (self, request);
  tern_sync_pull_end_ranges (self, request, TRUE);

  return TRUE;
}

static gboolean
handle_answer (TernSyncEngine        *self,
               const TernSyncRequest *request,
               const TernFrame       *frame,
               GError               **error)
{
  if (request->id == TERN_FRAME_SEND)
    return tern_sync_send_handle_answer (self, request, frame, error);

  if (frame->err_code != 0)
    {
      tern_sync_look_fail (self, request);
      tern_sync_pull_end_ranges (self, request, TRUE);
      if (request->id == TERN_FRAME_NEWEST_SEQS || request->id == TERN_FRAME_READ_SEQS)
        ask_again (self);
      return TRUE;
    }

  switch (request->id)
    {
    case TERN_FRAME_NEWEST_SEQS:
      return handle_newest (self, frame, error);
    case TERN_FRAME_READ_SEQS:
      return handle_read_seqs (self, frame, error);
    case TERN_FRAME_PULL_RANGES:
      return tern_sync_pull_handle_answer (self, request, frame, error);
    case TERN_FRAME_PULL_LIST:
      return handle_looked (self, request, frame, error);
    default:
      return TRUE;
    }
}

static gboolean
handle_push (TernSyncEngine   *self,
             const TernFrame  *frame,
             GError          **error)
{
  g_autoptr(GPtrArray) batches = tern_wire_decode_batches (frame->data, NULL);

  if (batches == NULL)
    {
      /* Something came that cannot be read: whatever it was, the newest seqs
       * tell of it. */
      tern_sync_engine_ask_newest (self);
      return TRUE;
    }

  return tern_sync_engine_begin (self, error) && tern_sync_ingest_push (self, batches, error);
}

/* Somebody else has taken the place: nothing more comes, nothing more goes. */
static void
handle_kick (TernSyncEngine *self)
{
  g_autoptr(GError) kicked =
    g_error_new_literal (TERN_ERROR, TERN_ERROR_KICKED, "Signed in elsewhere");

  tern_sync_line_close (self, kicked);
  tern_sync_engine_notice (self, TERN_SYNC_NOTICE_SESSION_LOST)->error =
    g_steal_pointer (&kicked);
}

/* Of a frame that cannot be handled, at least this. */
void
tern_sync_line_check_kick (TernSyncEngine *self,
                           TernSyncEvent  *event)
{
  g_autoptr(TernFrame) frame = NULL;

  if (event->epoch != self->epoch || self->epoch == 0)
    return;
  frame = tern_frame_decode_reply (event->frame, &self->format, NULL);
  if (frame != NULL && frame->id == TERN_FRAME_KICKED)
    handle_kick (self);
}

gboolean
tern_sync_line_handle_frame (TernSyncEngine  *self,
                             TernSyncEvent   *event,
                             GError         **error)
{
  g_autoptr(TernFrame) frame = NULL;
  g_autoptr(TernSyncRequest) request = NULL;

  if (event->epoch != self->epoch || self->epoch == 0)
    return TRUE;

  frame = tern_frame_decode_reply (event->frame, &self->format, NULL);
  if (frame == NULL)
    {
      g_debug ("A frame of %" G_GSIZE_FORMAT " bytes could not be read",
               g_bytes_get_size (event->frame));
      tern_sync_engine_ask_newest (self);
      return TRUE;
    }

  switch (frame->id)
    {
    case TERN_FRAME_PUSH:
      return handle_push (self, frame, error);
    case TERN_FRAME_KICKED:
      handle_kick (self);
      return TRUE;
    default:
      request = tern_sync_requests_take (self->requests, frame->msg_incr, frame->id);
      if (request == NULL)
        return TRUE; /* too late, or nobody asked */
      return handle_answer (self, request, frame, error);
    }
}

/* --- the line --- */

void
tern_sync_line_drop_requests (TernSyncEngine *self)
{
  g_autoptr(GPtrArray) queued = g_steal_pointer (&self->looks);

  self->looks = tern_sync_look_queue_new ();
  tern_sync_look_keep (self, queued);
  for (;;)
    {
      g_autoptr(TernSyncRequest) request = tern_sync_requests_take_any (self->requests);

      if (request == NULL)
        break;
      if (request->looks != NULL)
        tern_sync_look_keep (self, request->looks);
      tern_sync_pull_end_ranges (self, request, FALSE);
    }
  g_hash_table_remove_all (self->retries);
  self->retry_us = 0;
  self->has_failed = FALSE;
  self->newest_us = 0;
  self->newest_asked_us = 0;
  tern_sync_outbox_doubt_all (self->unsent, tern_sync_engine_now ());
}

void
tern_sync_line_open (TernSyncEngine *self,
                     TernSyncEvent  *event)
{
  g_autofree char *mark = NULL;

  /* The old line's end was not told, or got lost with a transaction. */
  tern_sync_line_close (self, NULL);
  self->epoch = event->epoch;
  self->has_records = FALSE;
  self->records_until_us = tern_sync_engine_in_ms (RECORDS_TIMEOUT_MS);
  tern_backoff_reset (&self->backoff);
  tern_sync_plan_begin_epoch (self->plan);
  tern_sync_pull_want_uncertain (self);
  tern_sync_engine_set_state (self, TERN_SYNC_SYNCING);

  mark = tern_store_dup_value (self->db, "synced", NULL);
  tern_sync_pull_begin_run (self, TERN_SYNC_RUN_SCREENFUL,
                            mark == NULL ? TERN_SYNC_REASON_REINSTALLED : event->reason);
  tern_sync_engine_ask_newest (self);
  self->recheck_us = tern_sync_engine_in_ms (RECHECK_FIRST_MS);
}

void
tern_sync_line_close (TernSyncEngine *self,
                      const GError   *reason)
{
  g_autoptr(GError) offline = g_error_new_literal (TERN_ERROR, TERN_ERROR_OFFLINE,
                                                   reason != NULL ? reason->message
                                                                  : "The connection was lost");

  /* An answer was larger than a line can take, or more came than can be handled:
   * the same again would end in the same way. */
  if (g_error_matches (reason, TERN_ERROR, TERN_ERROR_TOO_LARGE))
    {
      self->pull_limit = MAX (self->pull_size / 2, 1);
      self->pull_size = MAX (self->pull_size / 4, 1);
    }
  self->epoch = 0;
  self->is_planned = FALSE;
  self->is_current = FALSE;
  self->recheck_us = 0;
  self->again_us = 0;
  tern_sync_line_drop_requests (self);
  tern_sync_pull_fail_run (self, offline);
  tern_sync_command_fail_waiters (self, offline);
  tern_sync_engine_set_state (self, TERN_SYNC_OFFLINE);
}

void
tern_sync_line_expire (TernSyncEngine *self,
                       gint64          now)
{
  for (;;)
    {
      g_autoptr(TernSyncRequest) request = tern_sync_requests_take_late (self->requests, now);

      if (request == NULL)
        return;

      tern_sync_look_fail (self, request);
      tern_sync_pull_end_ranges (self, request, TRUE);
      if (request->id == TERN_FRAME_SEND)
        tern_sync_outbox_doubt (self->unsent, request->conversation_id, request->client_id, now);
      if (request->id == TERN_FRAME_NEWEST_SEQS || request->id == TERN_FRAME_READ_SEQS)
        ask_again (self);
      tern_sync_engine_notice (self, TERN_SYNC_NOTICE_LINE_SUSPECT);
    }
}

/* The newest seqs and the records again: after the blind first second of a
 * line, and every few minutes. The newest seqs alone when they could not be had,
 * and when a message's fate is in question. */
void
tern_sync_line_recheck (TernSyncEngine *self,
                        gint64          now)
{
  gint64 look_us;

  if (tern_sync_requests_count (self->requests, TERN_FRAME_NEWEST_SEQS, TRUE) > 0)
    return;

  if (self->recheck_us != 0 && now >= self->recheck_us)
    {
      self->recheck_us = tern_sync_engine_in_ms (RECHECK_MS);
      tern_sync_plan_forgive (self->plan);
      tern_sync_engine_ask_newest (self);
      tern_sync_engine_want (self, ALL_DATASETS, NULL);
      return;
    }
  if (self->again_us != 0 && now >= self->again_us)
    {
      tern_sync_engine_ask_newest (self);
      return;
    }
  look_us = tern_sync_outbox_get_look (self->unsent, self->newest_asked_us);
  if (look_us >= 0 && now >= look_us)
    {
      tern_sync_pull_want_uncertain (self);
      tern_sync_engine_ask_newest (self);
    }
}
