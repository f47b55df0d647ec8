/* tern-sync-plan.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-sync-plan.h"

/* What a window shows at once, and one more page of the list. */
#define SCREENFUL 20

/* The longest piece of a notification conversation in one request: the server
 * ignores num for these and answers all of it (protocol 03 section 2.1). */
#define NOTIFICATION_PIECE 500

/* So many single seqs that fail in a row, and a conversation is left alone for
 * now: a server that fails at everything must not be asked for each. */
#define MAX_GIVEN_UP 3

/* In one request, which may have 51,200 bytes (protocol 01 section 1.9): a
 * range of two people, whose IDs have 64 characters each, needs up to 220. */
#define MAX_RANGES 200

typedef struct
{
  char          *id;
  TernSeqRanges *covered;
  TernSeqRanges *busy;    /* on their way */
  TernSeqRanges *skipped; /* asked, without an answer that counts */
  gint64         first;   /* bounds of what the person may see */
  gint64         last;    /* 0: not told yet */
  gint64         want_from; /* the screenful reaches down to here; 0: its usual size */
  gint64         piece;   /* the longest range to ask for; 0: no limit */
  guint          rank;
  guint          n_retries;  /* of what was skipped, since it was forgiven */
  guint          n_given_up; /* single seqs that failed since the last answer */
  gboolean       is_held;    /* it failed: not asked for before the next retry */
  gboolean       is_suspect; /* it failed: asked for alone, so as to fail alone */
  gboolean       is_notification;
  gboolean       is_complete; /* a cache: no hole within the bounds */
} Conversation;

struct _TernSyncPlan
{
  GHashTable *by_id;   /* (element-type utf8 Conversation) (owned) */
  GPtrArray  *ordered; /* (element-type Conversation) (borrowed): focus first, then by rank */
  char       *focus;   /* (nullable) */
  gboolean    is_sorted;
};

static void
conversation_free (Conversation *self)
{
  g_free (self->id);
  tern_seq_ranges_free (self->covered);
  tern_seq_ranges_free (self->busy);
  tern_seq_ranges_free (self->skipped);
  g_free (self);
}

/**
 * tern_sync_plan_new:
 *
 * Returns: (transfer full): a plan that knows no conversation
 */
TernSyncPlan *
tern_sync_plan_new (void)
{
  TernSyncPlan *self = g_new0 (TernSyncPlan, 1);

  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) conversation_free);
  self->ordered = g_ptr_array_new ();

  return self;
}

/**
 * tern_sync_plan_free:
 * @self: (transfer full): a plan
 */
void
tern_sync_plan_free (TernSyncPlan *self)
{
  g_ptr_array_unref (self->ordered);
  g_hash_table_unref (self->by_id);
  g_free (self->focus);
  g_free (self);
}

static Conversation *
ensure (TernSyncPlan *self,
        const char   *conversation_id)
{
  Conversation *conversation = g_hash_table_lookup (self->by_id, conversation_id);

  if (conversation != NULL)
    return conversation;

  conversation = g_new0 (Conversation, 1);
  conversation->id = g_strdup (conversation_id);
  conversation->covered = tern_seq_ranges_new ();
  conversation->busy = tern_seq_ranges_new ();
  conversation->skipped = tern_seq_ranges_new ();
  conversation->first = 1;
  conversation->rank = G_MAXUINT;
  conversation->is_notification = tern_conversation_id_is_notification (conversation_id);
  g_hash_table_insert (self->by_id, conversation->id, conversation);
  g_ptr_array_add (self->ordered, conversation);
  self->is_sorted = FALSE;

  return conversation;
}

static int
compare_rank (gconstpointer a,
              gconstpointer b,
              gpointer      user_data)
{
  const Conversation *left = *(Conversation * const *) a;
  const Conversation *right = *(Conversation * const *) b;
  TernSyncPlan *self = user_data;
  gboolean is_left_focus = g_strcmp0 (left->id, self->focus) == 0;
  gboolean is_right_focus = g_strcmp0 (right->id, self->focus) == 0;

  if (is_left_focus != is_right_focus)
    return is_left_focus ? -1 : 1;
  if (left->rank != right->rank)
    return left->rank < right->rank ? -1 : 1;

  return g_strcmp0 (left->id, right->id);
}

static void
sort (TernSyncPlan *self)
{
  if (self->is_sorted)
    return;

  g_ptr_array_sort_with_data (self->ordered, compare_rank, self);
  self->is_sorted = TRUE;
}

/**
 * tern_sync_plan_set_ranges:
 * @self: a plan
 * @conversation_id: a conversation
 * @ranges: what is on disk
 */
void
tern_sync_plan_set_ranges (TernSyncPlan        *self,
                           const char          *conversation_id,
                           const TernSeqRanges *ranges)
{
  Conversation *conversation = ensure (self, conversation_id);

  tern_seq_ranges_free (conversation->covered);
  conversation->covered = tern_seq_ranges_copy (ranges);
  conversation->is_complete = FALSE;
}

/**
 * tern_sync_plan_get_ranges:
 * @self: a plan
 * @conversation_id: a conversation
 *
 * Returns: (transfer none): what is on disk, until the plan changes
 */
const TernSeqRanges *
tern_sync_plan_get_ranges (TernSyncPlan *self,
                           const char   *conversation_id)
{
  return ensure (self, conversation_id)->covered;
}

static void
clear_skipped (Conversation *conversation)
{
  tern_seq_ranges_free (conversation->skipped);
  conversation->skipped = tern_seq_ranges_new ();
}

/* What is new was never asked for: nothing of it was skipped. */
static void
set_last (Conversation *conversation,
          gint64        last)
{
  if (last > conversation->last)
    tern_seq_ranges_remove (conversation->skipped, conversation->last + 1, last);
  conversation->last = last;
}

/**
 * tern_sync_plan_set_bounds:
 * @self: a plan
 * @conversation_id: a conversation
 * @first: the lowest seq that the person may see
 * @last: the highest; 0 when there is none
 * @rank: its place by last use, 0 the most recent
 */
void
tern_sync_plan_set_bounds (TernSyncPlan *self,
                           const char   *conversation_id,
                           gint64        first,
                           gint64        last,
                           guint         rank)
{
  Conversation *conversation = ensure (self, conversation_id);

  if (conversation->first != first || conversation->last != last)
    conversation->is_complete = FALSE;
  if (last > conversation->last)
    conversation->n_retries = 0;
  conversation->first = MAX (first, 1);
  set_last (conversation, last);
  if (conversation->rank != rank)
    {
      conversation->rank = rank;
      self->is_sorted = FALSE;
    }
}

/**
 * tern_sync_plan_raise:
 * @self: a plan
 * @conversation_id: a conversation
 * @last: a seq that is known to exist
 *
 * Moves the upper bound up to @last if it is below.
 */
void
tern_sync_plan_raise (TernSyncPlan *self,
                      const char   *conversation_id,
                      gint64        last)
{
  Conversation *conversation = ensure (self, conversation_id);

  if (last <= conversation->last)
    return;

  set_last (conversation, last);
  conversation->is_complete = FALSE;
  if (conversation->rank != 0)
    {
      conversation->rank = 0;
      self->is_sorted = FALSE;
    }
}

/**
 * tern_sync_plan_raise_first:
 * @self: a plan
 * @conversation_id: a conversation
 * @first: the lowest seq that an answer showed
 *
 * Moves the lower bound up to @first if it is below: what is lower is not to
 * be had.
 *
 * Returns: whether it was below
 */
gboolean
tern_sync_plan_raise_first (TernSyncPlan *self,
                            const char   *conversation_id,
                            gint64        first)
{
  Conversation *conversation = ensure (self, conversation_id);

  if (first <= conversation->first)
    return FALSE;

  conversation->first = first;
  conversation->is_complete = FALSE;

  return TRUE;
}

/**
 * tern_sync_plan_get_first:
 * @self: a plan
 * @conversation_id: a conversation
 *
 * Returns: the lowest seq that the person may see, as far as is known
 */
gint64
tern_sync_plan_get_first (TernSyncPlan *self,
                          const char   *conversation_id)
{
  return ensure (self, conversation_id)->first;
}

/**
 * tern_sync_plan_get_last:
 * @self: a plan
 * @conversation_id: a conversation
 *
 * Returns: the highest seq that is known to exist; 0: none
 */
gint64
tern_sync_plan_get_last (TernSyncPlan *self,
                         const char   *conversation_id)
{
  Conversation *conversation = g_hash_table_lookup (self->by_id, conversation_id);

  return conversation != NULL ? conversation->last : 0;
}

/**
 * tern_sync_plan_touches:
 * @self: a plan
 * @conversation_id: a conversation
 * @seq: a message
 *
 * Returns: whether it is on disk or on its way: what changes it now must be
 *   looked up. Otherwise it will come as it is then.
 */
gboolean
tern_sync_plan_touches (TernSyncPlan *self,
                        const char   *conversation_id,
                        gint64        seq)
{
  Conversation *conversation = g_hash_table_lookup (self->by_id, conversation_id);

  return conversation != NULL && (tern_seq_ranges_contains (conversation->covered, seq) ||
                                  tern_seq_ranges_contains (conversation->busy, seq));
}

/**
 * tern_sync_plan_set_focus:
 * @self: a plan
 * @conversation_id: (nullable): the one that a person looks at: it goes first
 */
void
tern_sync_plan_set_focus (TernSyncPlan *self,
                          const char   *conversation_id)
{
  g_free (self->focus);
  self->focus = g_strdup (conversation_id);
  self->is_sorted = FALSE;
}

/**
 * tern_sync_plan_want_from:
 * @self: a plan
 * @conversation_id: a conversation
 * @seq: the lowest seq to be had at once; 0: the usual screenful
 */
void
tern_sync_plan_want_from (TernSyncPlan *self,
                          const char   *conversation_id,
                          gint64        seq)
{
  ensure (self, conversation_id)->want_from = seq;
}

/**
 * tern_sync_plan_cover:
 * @self: a plan
 * @conversation_id: a conversation
 * @first: the lowest seq that was answered
 * @last: the highest
 *
 * Returns: whether anything of it was missing before
 */
gboolean
tern_sync_plan_cover (TernSyncPlan *self,
                      const char   *conversation_id,
                      gint64        first,
                      gint64        last)
{
  return tern_seq_ranges_add (ensure (self, conversation_id)->covered, first, last);
}

/**
 * tern_sync_plan_uncover:
 * @self: a plan
 * @conversation_id: a conversation
 * @first: the lowest seq to ask for again
 * @last: the highest
 */
void
tern_sync_plan_uncover (TernSyncPlan *self,
                        const char   *conversation_id,
                        gint64        first,
                        gint64        last)
{
  Conversation *conversation = ensure (self, conversation_id);

  tern_seq_ranges_remove (conversation->covered, first, last);
  conversation->is_complete = FALSE;
}

static gint64
phase_first (const Conversation *conversation,
             TernSyncPhase       phase)
{
  gint64 first = conversation->first;

  if (phase == TERN_SYNC_PHASE_SCREENFUL && !conversation->is_notification)
    {
      first = MAX (first, conversation->last - SCREENFUL + 1);
      if (conversation->want_from > 0)
        first = MAX (conversation->first, MIN (first, conversation->want_from));
    }

  return first;
}

static void
add_all (TernSeqRanges       *sum,
         const TernSeqRanges *part)
{
  for (guint i = 0; i < tern_seq_ranges_get_n (part); i++)
    {
      const TernSeqRange *range = tern_seq_ranges_get (part, i);

      tern_seq_ranges_add (sum, range->first, range->last);
    }
}

/* What is neither there, nor on its way, nor given up. */
static GArray *
find_holes (const Conversation *conversation,
            gint64              first,
            gint64              last)
{
  g_autoptr(TernSeqRanges) sum = NULL;

  if (tern_seq_ranges_get_n (conversation->busy) == 0 &&
      tern_seq_ranges_get_n (conversation->skipped) == 0)
    return tern_seq_ranges_get_holes (conversation->covered, first, last);

  sum = tern_seq_ranges_copy (conversation->covered);
  add_all (sum, conversation->busy);
  add_all (sum, conversation->skipped);

  return tern_seq_ranges_get_holes (sum, first, last);
}

/* The newest hole of @conversation in @phase, no longer than @room. */
static TernSeqRequest *
next_of (Conversation  *conversation,
         TernSyncPhase  phase,
         gint64         room)
{
  g_autoptr(GArray) holes = NULL;
  const TernSeqRange *hole;
  gint64 length;

  if (conversation->last == 0 || conversation->is_complete || conversation->is_held)
    return NULL;

  holes = find_holes (conversation, phase_first (conversation, phase), conversation->last);
  if (holes->len == 0)
    {
      conversation->is_complete =
        tern_seq_ranges_count_missing (conversation->covered, conversation->first,
                                       conversation->last) == 0;
      return NULL;
    }

  hole = &g_array_index (holes, TernSeqRange, holes->len - 1);
  length = MIN (hole->last - hole->first + 1, room);
  if (conversation->is_notification)
    length = MIN (length, NOTIFICATION_PIECE);
  if (conversation->piece > 0)
    length = MIN (length, conversation->piece);

  return tern_seq_request_new (conversation->id, hole->last - length + 1, hole->last);
}

/**
 * tern_sync_plan_next:
 * @self: a plan
 * @phase: how far down
 * @max_messages: the most to ask for at once
 *
 * Chooses the next ranges, one per conversation at the most, the most recently
 * used conversations first, and the newest hole of each. They count as being
 * on their way until tern_sync_plan_end().
 *
 * Returns: (transfer full) (nullable) (element-type TernSeqRequest): the
 *   ranges; %NULL when nothing is left to ask for now
 */
GPtrArray *
tern_sync_plan_next (TernSyncPlan  *self,
                     TernSyncPhase  phase,
                     guint          max_messages)
{
  g_autoptr(GPtrArray) requests =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_request_free);
  gint64 room = max_messages;

  sort (self);
  for (guint i = 0; i < self->ordered->len && room > 0 && requests->len < MAX_RANGES; i++)
    {
      Conversation *conversation = self->ordered->pdata[i];
      TernSeqRequest *request;

      if (conversation->is_suspect && requests->len > 0)
        continue;
      request = next_of (conversation, phase, room);
      if (request == NULL)
        continue;
      room -= conversation->is_suspect ? room : request->max_messages;
      tern_sync_plan_begin (self, request);
      g_ptr_array_add (requests, request);
    }

  return requests->len > 0 ? g_steal_pointer (&requests) : NULL;
}

/**
 * tern_sync_plan_next_before:
 * @self: a plan
 * @conversation_id: a conversation
 * @seq: just below this; 0: at the end
 * @n: about how many
 * @is_busy: (out): what is missing there is on its way already
 *
 * Chooses what a person waits for who scrolls up. Call tern_sync_plan_begin()
 * when it is asked for.
 *
 * Returns: (transfer full) (nullable): the hole's upper end, or %NULL when
 *   everything just below is there or on its way
 */
TernSeqRequest *
tern_sync_plan_next_before (TernSyncPlan *self,
                            const char   *conversation_id,
                            gint64        seq,
                            guint         n,
                            gboolean     *is_busy)
{
  Conversation *conversation = ensure (self, conversation_id);
  gint64 last = seq > 0 ? seq - 1 : conversation->last;
  g_autoptr(GArray) missing = NULL;
  const TernSeqRange *hole;
  gint64 first;

  *is_busy = FALSE;
  missing = tern_seq_ranges_get_holes (conversation->covered, conversation->first, last);
  if (missing->len == 0)
    return NULL;

  hole = &g_array_index (missing, TernSeqRange, missing->len - 1);
  first = MAX (hole->first, hole->last - (gint64) n + 1);
  if (tern_seq_ranges_contains (conversation->busy, hole->last))
    {
      *is_busy = TRUE;
      return tern_seq_request_new (conversation_id, first, hole->last);
    }

  /* Do not ask twice for what the backfill has asked for. */
  for (gint64 at = hole->last; at >= first; at--)
    {
      if (tern_seq_ranges_contains (conversation->busy, at))
        {
          first = at + 1;
          break;
        }
    }

  return tern_seq_request_new (conversation_id, first, hole->last);
}

/**
 * tern_sync_plan_is_settled:
 * @self: a plan
 * @conversation_id: a conversation
 * @first: the lowest seq
 * @last: the highest
 *
 * Returns: whether all of it is there, or nothing more can be had now
 */
gboolean
tern_sync_plan_is_settled (TernSyncPlan *self,
                           const char   *conversation_id,
                           gint64        first,
                           gint64        last)
{
  Conversation *conversation = ensure (self, conversation_id);
  g_autoptr(TernSeqRanges) sum = NULL;

  /* Below the first there is nothing to wait for. */
  first = MAX (first, conversation->first);
  if (first > last)
    return TRUE;

  sum = tern_seq_ranges_copy (conversation->covered);
  add_all (sum, conversation->skipped);

  return tern_seq_ranges_count_missing (sum, first, last) == 0;
}

/**
 * tern_sync_plan_begin:
 * @self: a plan
 * @request: a range that is being asked for
 */
void
tern_sync_plan_begin (TernSyncPlan         *self,
                      const TernSeqRequest *request)
{
  tern_seq_ranges_add (ensure (self, request->conversation_id)->busy, request->first,
                       request->last);
}

/**
 * tern_sync_plan_end:
 * @self: a plan
 * @request: a range that is no longer on its way
 * @is_failed: the server refused or could not
 *
 * What failed waits for tern_sync_plan_retry_skipped(), is then asked for
 * alone, in halves, and a single seq that still fails is skipped. What is
 * answered doubles the next piece again.
 */
void
tern_sync_plan_end (TernSyncPlan         *self,
                    const TernSeqRequest *request,
                    gboolean              is_failed)
{
  Conversation *conversation = ensure (self, request->conversation_id);
  gint64 length = request->last - request->first + 1;

  tern_seq_ranges_remove (conversation->busy, request->first, request->last);
  if (!is_failed)
    {
      conversation->n_given_up = 0;
      conversation->is_suspect = FALSE;
      conversation->piece = conversation->piece < NOTIFICATION_PIECE ? conversation->piece * 2 : 0;
      return;
    }

  /* It may have failed because of another in the same request. */
  if (conversation->is_suspect)
    {
      if (length == 1)
        {
          tern_seq_ranges_add (conversation->skipped, request->first, request->last);
          conversation->n_given_up++;
        }
      conversation->piece = MAX (length / 2, 1);
    }
  conversation->is_suspect = TRUE;
  conversation->is_held = TRUE;
}

/**
 * tern_sync_plan_skip:
 * @self: a plan
 * @conversation_id: a conversation
 * @first: the lowest seq
 * @last: the highest
 *
 * Leaves a range alone, though it is not covered: the server did not answer
 * for it, or only with placeholders that may still become messages.
 */
void
tern_sync_plan_skip (TernSyncPlan *self,
                     const char   *conversation_id,
                     gint64        first,
                     gint64        last)
{
  tern_seq_ranges_add (ensure (self, conversation_id)->skipped, first, last);
}

/**
 * tern_sync_plan_retry_skipped:
 * @self: a plan
 * @conversation_id: a conversation
 * @max_retries: how often placeholders are asked for again, until all is forgiven
 *
 * Lets what failed, and what was skipped, be asked for once more.
 *
 * Returns: %FALSE when it was tried often enough and nothing more is asked
 */
gboolean
tern_sync_plan_retry_skipped (TernSyncPlan *self,
                              const char   *conversation_id,
                              guint         max_retries)
{
  Conversation *conversation = ensure (self, conversation_id);

  if (conversation->is_held)
    {
      conversation->is_held = conversation->n_given_up >= MAX_GIVEN_UP;
      return !conversation->is_held;
    }
  if (conversation->n_retries >= max_retries)
    return FALSE;

  conversation->n_retries++;
  clear_skipped (conversation);

  return TRUE;
}

/**
 * tern_sync_plan_is_held:
 * @self: a plan
 * @conversation_id: (nullable): a conversation; %NULL for any
 *
 * Returns: whether it failed and was not asked for since
 */
gboolean
tern_sync_plan_is_held (TernSyncPlan *self,
                        const char   *conversation_id)
{
  if (conversation_id != NULL)
    return ensure (self, conversation_id)->is_held;

  for (guint i = 0; i < self->ordered->len; i++)
    {
      if (((Conversation *) self->ordered->pdata[i])->is_held)
        return TRUE;
    }

  return FALSE;
}

/**
 * tern_sync_plan_forgive:
 * @self: a plan
 *
 * Forgets what failed or was skipped: time has passed, a new chance.
 */
void
tern_sync_plan_forgive (TernSyncPlan *self)
{
  for (guint i = 0; i < self->ordered->len; i++)
    {
      Conversation *conversation = self->ordered->pdata[i];

      clear_skipped (conversation);
      conversation->n_retries = 0;
      conversation->piece = 0;
      conversation->n_given_up = 0;
      conversation->is_held = FALSE;
      conversation->is_suspect = FALSE;
    }
}

/**
 * tern_sync_plan_begin_epoch:
 * @self: a plan
 *
 * Forgets what failed, was skipped or on its way: a new line.
 */
void
tern_sync_plan_begin_epoch (TernSyncPlan *self)
{
  tern_sync_plan_forgive (self);
  for (guint i = 0; i < self->ordered->len; i++)
    {
      Conversation *conversation = self->ordered->pdata[i];

      tern_seq_ranges_free (conversation->busy);
      conversation->busy = tern_seq_ranges_new ();
      conversation->want_from = 0;
    }
}

/**
 * tern_sync_plan_count_missing:
 * @self: a plan
 * @phase: how far down
 *
 * Returns: how many seqs are still to be had, those on their way included;
 *   those that were skipped or failed not
 */
gint64
tern_sync_plan_count_missing (TernSyncPlan  *self,
                              TernSyncPhase  phase)
{
  gint64 n = 0;

  for (guint i = 0; i < self->ordered->len; i++)
    {
      Conversation *conversation = self->ordered->pdata[i];
      gint64 first = phase_first (conversation, phase);

      if (conversation->last == 0 || conversation->is_complete || conversation->is_held)
        continue;
      if (tern_seq_ranges_get_n (conversation->skipped) == 0)
        n += tern_seq_ranges_count_missing (conversation->covered, first, conversation->last);
      else
        {
          g_autoptr(TernSeqRanges) sum = tern_seq_ranges_copy (conversation->covered);

          add_all (sum, conversation->skipped);
          n += tern_seq_ranges_count_missing (sum, first, conversation->last);
        }
    }

  return n;
}
