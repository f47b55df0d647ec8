/* tern-sync-ingest.c: what the server sent, into the open transaction
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "tern-content-json.h"
#include "tern-sync-engine-private.h"

/* Among so many of the newest, an empty element can stand for a message that
 * is still on its way (protocol 01 sections 4.2, 4.6). */
#define YOUNG_SEQS 100

/* So many conversations are looked at because one notification says so. */
#define MAX_CLEARED 100

static gboolean
is_placeholder (const TernMessageRecord *message)
{
  return *message->client_id == '\0';
}

/* What a message tells of its conversation is new with the first of the
 * transaction, with the newest of all, and with one's own, which was read. */
static gboolean
ensure_conversation (TernSyncEngine          *self,
                     const TernMessageRecord *message,
                     gboolean                 is_own,
                     GError                 **error)
{
  const char *id = message->conversation_id;

  if (!is_own && g_strcmp0 (self->ensured, id) == 0 &&
      message->seq < tern_sync_plan_get_last (self->plan, id))
    return TRUE;

  g_free (self->ensured);
  self->ensured = g_strdup (id);

  return tern_store_ensure_conversation (self->db, message, self->user_id, self->changes, error);
}

/* A message of a chat, with a seq, into the open transaction. Sets @is_open when
 * it is to be looked at, too: see tern_sync_quotes_check(). */
gboolean
tern_sync_ingest_message (TernSyncEngine    *self,
                          TernMessageRecord *message,
                          gboolean          *is_open, /* (nullable) */
                          GError           **error)
{
  gboolean is_unsure;
  gboolean is_own = strcmp (message->sender_id, self->user_id) == 0;

  /* On the wire only 4 means something (protocol 03 section 4.1). */
  if (message->status != TERN_MESSAGE_DELETED)
    message->status = TERN_MESSAGE_SENT;

  if (!ensure_conversation (self, message, is_own, error) ||
      !tern_sync_quotes_check (self, message, &is_unsure, error) ||
      (is_own && !tern_store_take_over_receipt (self->db, message, error)) ||
      !tern_store_put_message (self->db, message, self->changes, error) ||
      !tern_sync_marks_note_message (self, message, error))
    return FALSE;
  if (message->content_type == TERN_CONTENT_REVOKED &&
      !tern_sync_quotes_revoke (self, message, error))
    return FALSE;
  if (is_open != NULL)
    *is_open = is_unsure;

  self->n_in_transaction++;
  if (is_own && tern_sync_outbox_remove (self->unsent, message->conversation_id,
                                         message->client_id))
    tern_sync_engine_notice (self, TERN_SYNC_NOTICE_N_UNSENT)->done =
      tern_sync_outbox_get_n (self->unsent);

  return TRUE;
}

/* --- events --- */

static guint
datasets_of (int type)
{
  if (type >= 1201 && type <= 1298)
    return 1 << TERN_DATASET_FRIENDS;
  if (type == 1303)
    return 1 << TERN_DATASET_SELF;
  if (type >= 1501 && type <= 1598)
    return (1 << TERN_DATASET_GROUPS) | (1 << TERN_DATASET_MEMBERS) |
           (1 << TERN_DATASET_CONVERSATIONS);
  if (type == 1300 || type == 1701 || type == TERN_CONTENT_CLEARED)
    return 1 << TERN_DATASET_CONVERSATIONS;

  return 0;
}

/* Protocol 03 section 3.4; trap 1 of section 8: only what the reader himself
 * sent counts, and only for one's own messages. */
static gboolean
handle_read (TernSyncEngine          *self,
             const TernMessageRecord *message,
             const TernEvent         *event,
             GError                 **error)
{
  g_autofree char *pair = NULL;
  gint64 last;

  if (event->conversation_id == NULL || event->user_id == NULL ||
      strcmp (message->sender_id, event->user_id) != 0)
    return TRUE;

  /* Not beyond what exists: the server does not check the number. What the peer
   * has read may still be on its way to here. */
  last = tern_sync_plan_get_last (self->plan, event->conversation_id);
  if (strcmp (event->user_id, self->user_id) == 0)
    return event->read_seq == 0 || last == 0 ||
           tern_store_set_seqs (self->db, event->conversation_id, 0, MIN (event->read_seq, last),
                                self->changes, error);

  pair = tern_conversation_id_for_pair ("si", self->user_id, event->user_id);
  if (strcmp (pair, event->conversation_id) != 0)
    return TRUE;

  return tern_store_set_peer_read (self->db, event->conversation_id, self->user_id,
                                   MIN (event->read_seq, last + YOUNG_SEQS),
                                   (const gint64 *) (gpointer) event->seqs->data,
                                   event->seqs->len, self->changes, error);
}

/* Adds a look at what an event names. A message that is neither here nor on
 * its way will come as it is by then, unless it is so young that its push may
 * still be on its way. Nobody withdraws a notification. */
static void
look_at (TernSyncEngine *self,
         const char     *conversation_id,
         gint64          seq,
         int             event_type,
         TernSyncSource *source)
{
  gint64 last = tern_sync_plan_get_last (self->plan, conversation_id);

  if (tern_conversation_id_is_notification (conversation_id))
    return;
  if (tern_sync_plan_touches (self->plan, conversation_id, seq) ||
      (seq > last - YOUNG_SEQS && seq <= last + YOUNG_SEQS))
    tern_sync_look_add (self, conversation_id, seq, event_type, source);
}

static void
look_at_cleared (TernSyncEngine  *self,
                 const TernEvent *event,
                 TernSyncSource  *source)
{
  char **ids = event->conversation_ids;

  /* What is cleared for oneself shows in the record, which is asked for. What
   * somebody cleared for everybody shows nowhere but here. The bound may be
   * known already, and only what is below it tells of it. */
  for (guint i = 0; ids[i] != NULL && i < MAX_CLEARED; i++)
    {
      gint64 first = tern_sync_plan_get_first (self->plan, ids[i]);

      if (tern_sync_plan_get_last (self->plan, ids[i]) > 0)
        tern_sync_look_add (self, ids[i], MAX (first - 1, 1), TERN_CONTENT_CLEARED, source);
    }
}

/* Groups that one was never in do not matter, whoever writes of them. */
static void
want_records (TernSyncEngine          *self,
              const TernMessageRecord *message,
              const TernEvent         *event)
{
  const char *group_id = event->group_id != NULL ? event->group_id : message->group_id;
  guint datasets = datasets_of (message->content_type);
  g_autoptr(TernGroupRecord) group = NULL;

  if (datasets == 0)
    return;
  if (*group_id != '\0')
    group = tern_store_find_group (self->db, group_id, NULL);
  /* The members of all groups are more than a peer may make us ask for. */
  if (group == NULL)
    datasets &= ~(1u << TERN_DATASET_MEMBERS);
  tern_sync_engine_want (self, datasets, group != NULL ? group_id : NULL);
}

/* Anybody can send any notification: each is only a hint where to look. Sets
 * @is_waiting when the event is not done with before that look. */
static gboolean
handle_event (TernSyncEngine          *self,
              const TernMessageRecord *message,
              gboolean                *is_waiting,
              GError                 **error)
{
  g_autoptr(TernEvent) event = tern_event_parse (message->content_type, message->content);
  TernSyncSource *source = NULL;

  *is_waiting = FALSE;
  want_records (self, message, event);
  if (message->content_type == TERN_CONTENT_READ)
    return handle_read (self, message, event, error);
  if (message->seq > 0 && tern_message_record_is_on (message, TERN_OPTION_HISTORY))
    source = tern_sync_look_source_new (message->conversation_id, message->seq);
  if (message->content_type == TERN_CONTENT_CLEARED)
    look_at_cleared (self, event, source);
  if (message->content_type == TERN_CONTENT_REVOKED && event->conversation_id != NULL)
    {
      look_at (self, event->conversation_id, event->seq, TERN_CONTENT_REVOKED, source);
      if (!tern_sync_quotes_look (self, event->conversation_id, event->seq, source, error))
        return FALSE;
    }
  if (message->content_type == TERN_CONTENT_DELETED && event->conversation_id != NULL)
    {
      const gint64 *seqs = (const gint64 *) (gpointer) event->seqs->data;

      for (guint i = 0; i < event->seqs->len; i++)
        look_at (self, event->conversation_id, seqs[i], TERN_CONTENT_DELETED, source);
    }
  if (source != NULL)
    *is_waiting = tern_sync_look_source_begin (self, source);

  return TRUE;
}

static void
note_typing (TernSyncEngine          *self,
             const TernMessageRecord *message)
{
  g_autoptr(TernContent) content = NULL;
  TernSyncNotice *notice;

  if (strcmp (message->sender_id, self->user_id) == 0)
    return;

  content = tern_content_parse (message->content_type, message->content);
  notice = tern_sync_engine_notice (self, TERN_SYNC_NOTICE_TYPING);
  notice->conversation_id = g_strdup (message->conversation_id);
  notice->text = g_strdup (message->sender_id);
  notice->done = content->value != 0;
}

static gboolean
ingest_pushed_event (TernSyncEngine    *self,
                     TernMessageRecord *message,
                     GError           **error)
{
  const char *id = message->conversation_id;
  gboolean has_seq = message->seq > 0 && tern_message_record_is_on (message, TERN_OPTION_HISTORY);
  gboolean is_waiting;

  if (has_seq && tern_seq_ranges_contains (tern_sync_plan_get_ranges (self->plan, id),
                                           message->seq))
    return TRUE; /* done with already */
  if (has_seq)
    tern_sync_plan_raise (self->plan, id, message->seq);
  if (!handle_event (self, message, &is_waiting, error))
    return FALSE;
  if (!has_seq)
    return TRUE;

  if (!is_waiting)
    tern_sync_engine_cover (self, id, message->seq, message->seq);

  return tern_store_set_seqs (self->db, id, message->seq, 0, self->changes, error);
}

/* A seq that was answered for before, and has no row: deleted since, or the
 * second number of a message, or an old push. The server knows. */
static gboolean
is_known_without_row (TernSyncEngine          *self,
                      const TernMessageRecord *message,
                      GError                 **error)
{
  g_autoptr(TernMessageRecord) row = NULL;
  g_autoptr(GError) local_error = NULL;

  if (!tern_seq_ranges_contains (
        tern_sync_plan_get_ranges (self->plan, message->conversation_id), message->seq))
    return FALSE;
  row = tern_store_find_by_seq (self->db, message->conversation_id, message->seq, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  return row == NULL;
}

static gboolean
ingest_pushed (TernSyncEngine    *self,
               TernMessageRecord *message,
               GError           **error)
{
  const char *id = message->conversation_id;
  g_autoptr(GError) local_error = NULL;
  gboolean is_open;

  if (tern_conversation_id_is_notification (id))
    return ingest_pushed_event (self, message, error);

  if (message->content_type == TERN_CONTENT_TYPING)
    {
      note_typing (self, message);
      return TRUE;
    }

  /* What is not stored up there passes on whatever seq its sender wrote
   * (protocol 01 section 4.10). What was cleared may still be on its way. */
  if (message->seq <= 0 || !tern_message_record_is_on (message, TERN_OPTION_HISTORY) ||
      is_placeholder (message) || message->seq < tern_sync_plan_get_first (self->plan, id))
    return TRUE;

  if (is_known_without_row (self, message, &local_error))
    {
      tern_sync_look_add (self, id, message->seq, TERN_SYNC_LOOK_PLAIN, NULL);
      return TRUE;
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  if (!tern_sync_ingest_message (self, message, &is_open, error) ||
      !tern_store_set_seqs (self->db, id, message->seq, 0, self->changes, error))
    return FALSE;
  tern_sync_engine_cover (self, id,
                          tern_sync_has_bug (TERN_SYNC_BUG_IGNORES_HOLES) ? 1 : message->seq,
                          message->seq);
  if (is_open && !tern_sync_look_add_kept (self, id, message->seq, error))
    return FALSE;

  return TRUE;
}

/**
 * tern_sync_ingest_push:
 * @self: an engine with an open transaction
 * @batches: (element-type TernMessageBatch): what a push held
 * @error: return location for a #GError
 *
 * Errors: the store's.
 *
 * Returns: whether all of it could be stored
 */
gboolean
tern_sync_ingest_push (TernSyncEngine *self,
                       GPtrArray      *batches,
                       GError        **error)
{
  for (guint i = 0; i < batches->len; i++)
    {
      TernMessageBatch *batch = batches->pdata[i];

      for (guint k = 0; k < batch->messages->len; k++)
        {
          if (!ingest_pushed (self, batch->messages->pdata[k], error))
            return FALSE;
        }
    }

  return TRUE;
}

static TernMessageBatch *
find_batch (GPtrArray  *batches,
            const char *conversation_id)
{
  for (guint i = 0; i < batches->len; i++)
    {
      TernMessageBatch *batch = batches->pdata[i];

      if (strcmp (batch->conversation_id, conversation_id) == 0)
        return batch;
    }

  return NULL;
}

/* What of [range->first, range->last] the elements of an answer are about. */
static gboolean
find_answered (const TernMessageBatch *batch,
               const TernSeqRequest   *range,
               gint64                 *first,
               gint64                 *last)
{
  *first = 0;
  *last = 0;
  for (guint i = 0; i < batch->messages->len; i++)
    {
      const TernMessageRecord *message = batch->messages->pdata[i];

      if (message->seq < range->first || message->seq > range->last)
        continue;
      if (*first == 0 || message->seq < *first)
        *first = message->seq;
      *last = MAX (*last, message->seq);
    }

  return *first > 0;
}

/* Stores the elements, the newest first: what comes then leaves the
 * conversation's end as it is. Those that are to be asked for again go to
 * @open and those of which the event waits for a look to @waiting. */
static gboolean
ingest_elements (TernSyncEngine   *self,
                 TernMessageBatch *batch,
                 TernSeqRanges    *open,
                 TernSeqRanges    *waiting,
                 GError          **error)
{
  const char *id = batch->conversation_id;
  gboolean is_notification = tern_conversation_id_is_notification (id);
  gint64 young = tern_sync_plan_get_last (self->plan, id) - YOUNG_SEQS;

  for (guint i = batch->messages->len; i > 0; i--)
    {
      TernMessageRecord *message = batch->messages->pdata[i - 1];
      gboolean is_waiting = FALSE;

      if (message->seq <= 0)
        continue;
      if (is_placeholder (message))
        {
          if (message->seq > young && !tern_sync_has_bug (TERN_SYNC_BUG_COVERS_PLACEHOLDERS))
            tern_seq_ranges_add (open, message->seq, message->seq);
        }
      else if (!is_notification)
        {
          if (!tern_sync_ingest_message (self, message, NULL, error))
            return FALSE;
        }
      else if (!handle_event (self, message, &is_waiting, error))
        return FALSE;
      if (is_waiting)
        tern_seq_ranges_add (waiting, message->seq, message->seq);
    }

  return TRUE;
}

static gboolean
ingest_range (TernSyncEngine       *self,
              TernMessageBatch     *batch,
              const TernSeqRequest *range,
              gint64                first,
              gint64                last,
              GError              **error)
{
  const char *id = range->conversation_id;
  g_autoptr(TernSeqRanges) open = tern_seq_ranges_new ();
  g_autoptr(TernSeqRanges) waiting = tern_seq_ranges_new ();
  g_autoptr(GArray) done = NULL;

  if (!ingest_elements (self, batch, open, waiting, error))
    return FALSE;
  for (guint i = 0; i < tern_seq_ranges_get_n (open); i++)
    {
      const TernSeqRange *hole = tern_seq_ranges_get (open, i);

      tern_sync_pull_skip (self, id, hole->first, hole->last);
      tern_seq_ranges_add (waiting, hole->first, hole->last);
    }
  done = tern_seq_ranges_get_holes (waiting, first, last);
  for (guint i = 0; i < done->len; i++)
    {
      const TernSeqRange *part = &g_array_index (done, TernSeqRange, i);

      tern_sync_engine_cover (self, id, part->first, part->last);
    }

  return TRUE;
}

/* Keeps what the answer is not about on its way, and has it looked into. */
static void
begin_probe (TernSyncEngine *self,
             GPtrArray      *probes,
             const char     *conversation_id,
             gint64          first,
             gint64          last)
{
  TernSeqRequest *probe;

  if (first > last)
    return;
  if (tern_sync_has_bug (TERN_SYNC_BUG_TAKES_SILENCE))
    {
      tern_sync_engine_cover (self, conversation_id, first, last);
      return;
    }

  probe = tern_seq_request_new (conversation_id, first, last);
  tern_sync_plan_begin (self->plan, probe);
  g_ptr_array_add (probes, probe);
}

/**
 * tern_sync_ingest_pull:
 * @self: an engine with an open transaction
 * @batches: (element-type TernMessageBatch): the answer to request 1002
 * @ranges: (element-type TernSeqRequest): what was asked for
 * @error: return location for a #GError
 *
 * Stores what came and covers from its first seq to its last, holes included:
 * those do not exist. The server shortens a range to what the person may see,
 * and leaves a conversation out for "nothing" and for "error" alike: what the
 * answer is silent about is looked into.
 *
 * Errors: the store's.
 *
 * Returns: whether all of it could be stored
 */
gboolean
tern_sync_ingest_pull (TernSyncEngine *self,
                       GPtrArray      *batches,
                       GPtrArray      *ranges,
                       GError        **error)
{
  g_autoptr(GPtrArray) probes =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_request_free);

  for (guint i = 0; i < ranges->len; i++)
    {
      const TernSeqRequest *range = ranges->pdata[i];
      TernMessageBatch *batch = find_batch (batches, range->conversation_id);
      gint64 first = range->last + 1;
      gint64 last = range->last;

      tern_sync_plan_end (self->plan, range, FALSE);
      if (batch != NULL && find_answered (batch, range, &first, &last))
        {
          if (!ingest_range (self, batch, range, first, last, error))
            return FALSE;
        }
      else
        {
          first = range->last + 1;
          last = range->last;
        }
      begin_probe (self, probes, range->conversation_id, range->first, first - 1);
      begin_probe (self, probes, range->conversation_id, last + 1, range->last);
    }
  if (probes->len > 0)
    tern_sync_look_probe (self, probes);

  return TRUE;
}
