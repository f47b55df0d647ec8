/* tern-sync-look.c: single messages, looked at to learn what holds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Anybody can send any notification (protocol 03 section 8, trap 1), so a
 * revoke or a deletion is only a reason to look at what it names. An event
 * that has a seq of its own stays uncovered until all that it names was looked
 * at: cut off before, it is pulled again.
 */

#include "config.h"

#include <string.h>

#include "tern-sync-engine-private.h"

#define SEQS_PER_LOOK 100
#define LOOKS_IN_FLIGHT 2

/* What nobody waits for is tried so often. When so many looks are queued, it is
 * dropped, and an event comes again later: peers can name what they like. */
#define MAX_TRIES 4
#define MAX_QUEUED 10000

/* Where the store keeps what nothing else would tell of after a crash. */
#define KEY_PREFIX "look/"

/* The event that made us look. Counted. */
struct _TernSyncSource
{
  char     *conversation_id;
  gint64    seq;
  guint     n_open;
  gboolean  is_failed;
};

static void
source_clear (gpointer data)
{
  TernSyncSource *source = data;

  g_free (source->conversation_id);
}

static void
source_unref (TernSyncSource *source)
{
  g_rc_box_release_full (source, source_clear);
}

static void
look_free (gpointer data)
{
  TernSyncLook *look = data;

  if (look == NULL)
    return;
  g_clear_pointer (&look->source, source_unref);
  g_free (look->conversation_id);
  g_free (look);
}

static TernSyncLook *
look_new (const char *conversation_id,
          gint64      seq,
          int         event_type)
{
  TernSyncLook *look = g_new0 (TernSyncLook, 1);

  look->conversation_id = g_strdup (conversation_id);
  look->seq = seq;
  look->event_type = event_type;

  return look;
}

/* Looks that are not on their way yet. */
GPtrArray *
tern_sync_look_queue_new (void)
{
  return g_ptr_array_new_with_free_func (look_free);
}

/* The event that looks are made for; NULL when it has no seq to be held back. */
TernSyncSource *
tern_sync_look_source_new (const char *conversation_id,
                           gint64      seq)
{
  TernSyncSource *source = g_rc_box_new0 (TernSyncSource);

  source->conversation_id = g_strdup (conversation_id);
  source->seq = seq;

  return source;
}

/* Whether the event has to wait; gives up the caller's reference. */
gboolean
tern_sync_look_source_begin (TernSyncEngine *self,
                             TernSyncSource *source)
{
  gboolean is_waiting = (source->n_open > 0 || source->is_failed) &&
                        !tern_sync_has_bug (TERN_SYNC_BUG_FORGETS_EVENTS);

  if (is_waiting)
    {
      g_autoptr(TernSeqRequest) busy =
        tern_seq_request_new (source->conversation_id, source->seq, source->seq);

      tern_sync_engine_uncover (self, source->conversation_id, source->seq);
      if (source->n_open > 0)
        tern_sync_plan_begin (self->plan, busy);
      else
        tern_sync_pull_skip (self, source->conversation_id, source->seq, source->seq);
    }
  source_unref (source);

  return is_waiting;
}

void
tern_sync_look_add (TernSyncEngine *self,
                    const char     *conversation_id,
                    gint64          seq,
                    int             event_type,
                    TernSyncSource *source)
{
  TernSyncLook *look;

  if (self->epoch == 0 || seq <= 0)
    return;
  if (self->looks->len >= MAX_QUEUED)
    {
      if (source != NULL)
        source->is_failed = TRUE;
      return;
    }

  look = look_new (conversation_id, seq, event_type);
  if (source != NULL)
    {
      look->source = g_rc_box_acquire (source);
      source->n_open++;
    }
  g_ptr_array_add (self->looks, look);
}

static char *
dup_key (const char *conversation_id,
         gint64      seq)
{
  return g_strdup_printf (KEY_PREFIX "%s/%" G_GINT64_FORMAT, conversation_id, seq);
}

/* A plain look that no event waits for, and that the next start still owes. */
gboolean
tern_sync_look_add_kept (TernSyncEngine  *self,
                         const char      *conversation_id,
                         gint64           seq,
                         GError         **error)
{
  g_autofree char *key = dup_key (conversation_id, seq);

  tern_sync_look_add (self, conversation_id, seq, TERN_SYNC_LOOK_PLAIN, NULL);

  return tern_store_set_value (self->db, key, "", error);
}

static void
add_keys (GHashTable      *keys,
          const GPtrArray *looks)
{
  for (guint i = 0; i < looks->len; i++)
    {
      const TernSyncLook *look = looks->pdata[i];

      g_hash_table_add (keys, dup_key (look->conversation_id, look->seq));
    }
}

/* The looks that the store owes and that are not queued: those of the last run
 * of the program, and those whose answer could not be stored. */
gboolean
tern_sync_look_load (TernSyncEngine  *self,
                     GError         **error)
{
  g_autoptr(GPtrArray) keys = tern_store_list_keys (self->db, KEY_PREFIX, error);
  g_autoptr(GHashTable) queued = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  add_keys (queued, self->looks);
  add_keys (queued, self->late_looks);
  for (guint i = 0; keys != NULL && i < keys->len && self->looks->len < MAX_QUEUED; i++)
    {
      char *id = (char *) keys->pdata[i] + strlen (KEY_PREFIX);
      char *slash = strrchr (id, '/');

      if (slash == NULL || g_hash_table_contains (queued, keys->pdata[i]))
        continue;
      *slash = '\0';
      g_ptr_array_add (self->looks, look_new (id, g_ascii_strtoll (slash + 1, NULL, 10),
                                              TERN_SYNC_LOOK_PLAIN));
    }

  return keys != NULL;
}

/* It was answered: nothing is owed any more. */
static gboolean
forget_key (TernSyncEngine     *self,
            const TernSyncLook *look,
            GError            **error)
{
  g_autofree char *key = dup_key (look->conversation_id, look->seq);

  return look->source != NULL || look->event_type != TERN_SYNC_LOOK_PLAIN ||
         tern_store_set_value (self->db, key, NULL, error);
}

static void
add_to_list (GPtrArray  *lists,
             const char *conversation_id,
             gint64      seq)
{
  TernSeqList *list = NULL;

  for (guint i = 0; i < lists->len && list == NULL; i++)
    {
      TernSeqList *known = lists->pdata[i];

      if (strcmp (known->conversation_id, conversation_id) == 0)
        list = known;
    }
  if (list == NULL)
    {
      list = tern_seq_list_new (conversation_id);
      g_ptr_array_add (lists, list);
    }
  g_array_append_val (list->seqs, seq);
}

static TernSyncRequest *
ask (TernSyncEngine *self,
     GPtrArray      *lists)
{
  /* Descending, so that a seq below the lower bound tells of that bound. */
  g_autoptr(GBytes) body = tern_wire_encode_pull_list (self->user_id, lists, TRUE);

  return tern_sync_engine_request (self, TERN_FRAME_PULL_LIST, TERN_SYNC_PULL_TIMEOUT_MS, body);
}

/* Moves the first @n, or all there are. */
static void
take_first (GPtrArray *from,
            GPtrArray *to,
            guint      n)
{
  n = MIN (n, from->len);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (to, from->pdata[i]);
  g_ptr_array_set_free_func (from, NULL);
  if (n > 0)
    g_ptr_array_remove_range (from, 0, n);
  g_ptr_array_set_free_func (from, look_free);
}

/* Puts what is queued on the wire, many at once. */
void
tern_sync_look_pump (TernSyncEngine *self)
{
  while (self->looks->len > 0 &&
         tern_sync_requests_count (self->requests, TERN_FRAME_PULL_LIST, TRUE) < LOOKS_IN_FLIGHT)
    {
      g_autoptr(GPtrArray) lists =
        g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_list_free);
      GPtrArray *looks = tern_sync_look_queue_new ();

      take_first (self->looks, looks, MIN (SEQS_PER_LOOK, self->pull_size));
      for (guint i = 0; i < looks->len; i++)
        {
          const TernSyncLook *look = looks->pdata[i];

          add_to_list (lists, look->conversation_id, look->seq);
        }
      ask (self, lists)->looks = looks;
    }
}

/* Asks why the pull of @ranges was not answered in full: they are out of
 * bounds, or something went wrong up there. They stay on their way meanwhile.
 */
void
tern_sync_look_probe (TernSyncEngine *self,
                      GPtrArray      *ranges)
{
  g_autoptr(GPtrArray) lists = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_list_free);

  for (guint i = 0; i < ranges->len; i++)
    {
      const TernSeqRequest *range = ranges->pdata[i];

      add_to_list (lists, range->conversation_id, range->first);
      if (range->last != range->first)
        add_to_list (lists, range->conversation_id, range->last);
    }
  ask (self, lists)->ranges = g_ptr_array_ref (ranges);
}

/* Nobody tells of it a second time: it is looked at again a little later. */
static void
try_again (TernSyncEngine     *self,
           const TernSyncLook *look)
{
  TernSyncLook *again;

  if (look->n_tries + 1 >= MAX_TRIES || self->late_looks->len >= MAX_QUEUED)
    return;

  again = look_new (look->conversation_id, look->seq, look->event_type);
  again->n_tries = look->n_tries + 1;
  g_ptr_array_add (self->late_looks, again);
}

/* One look is over. The event that waits for the last of its looks is done
 * with when all went well, and pulled again when not. */
static void
end_look (TernSyncEngine *self,
          TernSyncLook   *look,
          gboolean        is_failed)
{
  TernSyncSource *source = look->source;
  g_autoptr(TernSeqRequest) busy = NULL;

  if (source == NULL)
    {
      if (is_failed)
        try_again (self, look);
      return;
    }
  source->is_failed = source->is_failed || is_failed;
  if (--source->n_open > 0)
    return;

  busy = tern_seq_request_new (source->conversation_id, source->seq, source->seq);
  tern_sync_plan_end (self->plan, busy, FALSE);
  if (source->is_failed)
    tern_sync_pull_skip (self, source->conversation_id, source->seq, source->seq);
  else
    tern_sync_engine_cover (self, source->conversation_id, source->seq, source->seq);
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

static TernMessageRecord *
find_message (TernMessageBatch *batch,
              gint64            seq)
{
  for (guint i = 0; i < batch->messages->len; i++)
    {
      TernMessageRecord *message = batch->messages->pdata[i];

      if (message->seq == seq)
        return message;
    }

  return NULL;
}

/* Told before: nothing has changed, and nobody quotes it any more. */
static gboolean
is_withdrawn_here (TernSyncEngine          *self,
                   const TernMessageRecord *row, /* (nullable) */
                   const TernMessageRecord *message)
{
  return row != NULL && row->content_type == TERN_CONTENT_REVOKED &&
         g_bytes_equal (row->content, message->content) &&
         tern_seq_ranges_contains (
           tern_sync_plan_get_ranges (self->plan, message->conversation_id), message->seq);
}

/* What the server says now is what holds. */
static gboolean
apply (TernSyncEngine    *self,
       const TernSyncLook *look,
       TernMessageRecord *message,
       GError           **error)
{
  gboolean is_gone = *message->client_id == '\0';
  g_autoptr(TernMessageRecord) lost = NULL;

  if (message->status == TERN_MESSAGE_DELETED || message->content_type == TERN_CONTENT_REVOKED)
    lost = tern_store_find_by_seq (self->db, look->conversation_id, look->seq, NULL);
  if (message->status == TERN_MESSAGE_DELETED || is_gone)
    {
      /* An empty element can also be a message that is not readable yet: then
       * the event stays open. */
      if (is_gone && look->event_type != TERN_CONTENT_DELETED)
        return TRUE;
      if (message->content_type == TERN_CONTENT_REVOKED &&
          !tern_sync_quotes_revoke (self, message, error))
        return FALSE;
      if (!tern_store_delete_seqs (self->db, look->conversation_id, &look->seq, 1, self->changes,
                                   error))
        return FALSE;
    }
  else if (message->content_type == TERN_CONTENT_REVOKED ? is_withdrawn_here (self, lost, message)
                                                         : look->event_type != TERN_SYNC_LOOK_PLAIN)
    return TRUE; /* told before, or not true */
  else if (!tern_sync_ingest_message (self, message, NULL, error))
    return FALSE;

  /* Known from now on: what is told of it later is looked at, a push that is
   * still on its way too. */
  tern_sync_engine_cover (self, look->conversation_id, look->seq, look->seq);

  return lost == NULL || tern_sync_quotes_look_further (self, lost, look->source, error);
}

/* The lower bound, as the server tells it. */
static gboolean
learn_first (TernSyncEngine         *self,
             const TernMessageBatch *batch,
             gboolean                is_clear,
             GError                **error)
{
  if (!batch->is_end || batch->end_seq <= 1)
    return TRUE;
  if (tern_sync_plan_raise_first (self->plan, batch->conversation_id, batch->end_seq) &&
      !tern_store_set_min_seq (self->db, batch->conversation_id, batch->end_seq, self->changes,
                               error))
    return FALSE;

  return !is_clear || tern_store_delete_below (self->db, batch->conversation_id, batch->end_seq,
                                               self->changes, error);
}

/* Whether the answer leaves open what was looked at, of which we hold the old
 * state: it is not readable yet, or not for somebody who has left. */
static gboolean
find_open (TernSyncEngine          *self,
           const TernSyncLook      *look,
           const TernMessageBatch  *batch,
           const TernMessageRecord *message, /* (nullable) */
           gboolean                *is_open,
           GError                 **error)
{
  g_autoptr(TernMessageRecord) row = NULL;
  g_autoptr(GError) local_error = NULL;

  *is_open = FALSE;
  if (look->event_type == TERN_CONTENT_CLEARED)
    return TRUE;
  if (message == NULL ? batch->is_end
                      : *message->client_id != '\0' || look->event_type == TERN_CONTENT_DELETED)
    return TRUE;

  row = tern_store_find_by_seq (self->db, look->conversation_id, look->seq, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  *is_open = row != NULL && row->content_type != TERN_CONTENT_REVOKED;

  return TRUE;
}

/* Of conversations of others the server tells, too. Whose a group is shows when
 * the newest numbers are here. */
static gboolean
is_own (TernSyncEngine     *self,
        const TernSyncLook *look)
{
  const char *id = look->conversation_id;
  g_autofree char *first = g_strdup_printf ("si_%s_", self->user_id);
  g_autofree char *second = g_strdup_printf ("_%s", self->user_id);
  g_autoptr(TernGroupRecord) group = NULL;

  if (tern_sync_plan_get_last (self->plan, id) > 0 ||
      tern_sync_plan_touches (self->plan, id, look->seq))
    return TRUE;
  if (!g_str_has_prefix (id, "sg_"))
    return g_str_has_prefix (id, first) || g_str_has_suffix (id, second);
  group = tern_store_find_group (self->db, id + strlen ("sg_"), NULL);

  return group != NULL;
}

static gboolean
handle_looks (TernSyncEngine *self,
              GPtrArray      *looks,
              GPtrArray      *batches,
              GError        **error)
{
  for (guint i = 0; i < looks->len; i++)
    {
      TernSyncLook *look = looks->pdata[i];
      TernMessageBatch *batch = find_batch (batches, look->conversation_id);
      TernMessageRecord *message;
      gboolean is_open;

      if (batch == NULL || !is_own (self, look))
        {
          if (batch != NULL && self->is_current && !forget_key (self, look, error))
            return FALSE;
          end_look (self, look, batch == NULL || !self->is_current);
          continue;
        }
      if (!learn_first (self, batch, look->event_type == TERN_CONTENT_CLEARED, error))
        return FALSE;
      message = find_message (batch, look->seq);
      if (message != NULL && look->event_type != TERN_CONTENT_CLEARED &&
          !apply (self, look, message, error))
        return FALSE;
      if (!find_open (self, look, batch, message, &is_open, error) ||
          (!is_open && !forget_key (self, look, error)))
        return FALSE;
      end_look (self, look, is_open);
    }

  return TRUE;
}

static gboolean
handle_probe (TernSyncEngine       *self,
              const TernSeqRequest *range,
              TernMessageBatch     *batch,
              GError              **error)
{
  gboolean is_failed = batch == NULL;

  if (batch != NULL)
    {
      if (!learn_first (self, batch, FALSE, error))
        return FALSE;
      if (!batch->is_end)
        is_failed = find_message (batch, range->first) != NULL ||
                    find_message (batch, range->last) != NULL;
    }
  tern_sync_plan_end (self->plan, range, is_failed);
  if (is_failed)
    tern_sync_pull_note_failed (self, range->conversation_id);
  else if (!batch->is_end)
    {
      /* Above what this person may see: the record's upper bound has changed.
       */
      tern_sync_plan_skip (self->plan, range->conversation_id, range->first, range->last);
      tern_sync_engine_want (self, 1 << TERN_DATASET_CONVERSATIONS, NULL);
    }

  return TRUE;
}

/* The answer to a look or a probe, with a transaction open. */
gboolean
tern_sync_look_handle_answer (TernSyncEngine        *self,
                              const TernSyncRequest *request,
                              GPtrArray             *batches,
                              GError               **error)
{
  if (request->looks != NULL && !handle_looks (self, request->looks, batches, error))
    return FALSE;
  for (guint i = 0; request->ranges != NULL && i < request->ranges->len; i++)
    {
      const TernSeqRequest *range = request->ranges->pdata[i];

      if (!handle_probe (self, range, find_batch (batches, range->conversation_id), error))
        return FALSE;
    }

  return TRUE;
}

/* The line is gone, and with it what was queued or on its way. The events that
 * wait for a look are not covered: they come again. What none waits for is
 * looked at over the next line. */
void
tern_sync_look_keep (TernSyncEngine *self,
                     GPtrArray      *looks)
{
  for (guint i = 0; i < looks->len; i++)
    {
      const TernSyncLook *look = looks->pdata[i];

      if (look->source == NULL && self->looks->len < MAX_QUEUED)
        g_ptr_array_add (self->looks, g_steal_pointer (&looks->pdata[i]));
    }
  g_ptr_array_set_size (looks, 0);
}

/* The time has come for what failed. */
void
tern_sync_look_retry (TernSyncEngine *self)
{
  take_first (self->late_looks, self->looks, self->late_looks->len);
}

/* No answer, or a refusal. */
void
tern_sync_look_fail (TernSyncEngine        *self,
                     const TernSyncRequest *request)
{
  for (guint i = 0; request->looks != NULL && i < request->looks->len; i++)
    end_look (self, request->looks->pdata[i], TRUE);
}
