/* test-random.c: random writes against a model of a few lines
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model is an array that is searched from one end to the other. After each
 * transaction all rows, the row of the conversation list and what the changes
 * named are compared.
 */

#include "config.h"

#include <string.h>

#include "store-fixture.h"

#define N_STEPS 2500
#define MAX_SEQ 60

typedef struct
{
  char     *sender;
  char     *client;
  char     *text;
  gint64    seq;
  gint64    major; /* the order: by the seq, or behind what was there … */
  gint64    minor; /* … in the order of writing */
  gint64    sent_ms;
  int       type;
  int       status;
  gboolean  is_read;
} Row;

typedef struct
{
  GPtrArray *rows;
  gint64     max_seq;
  gint64     read_seq;
  gint64     min_seq;
  gint64     hidden_major;
  gint64     hidden_minor;
  gint64     draft_ms;
  gint64     peer_read_seq;
} Model;

static void
row_free (gpointer data)
{
  Row *row = data;

  g_free (row->sender);
  g_free (row->client);
  g_free (row->text);
  g_free (row);
}

static int
compare_rows (gconstpointer a,
              gconstpointer b)
{
  const Row *first = *(const Row * const *) a;
  const Row *second = *(const Row * const *) b;

  if (first->major != second->major)
    return first->major < second->major ? -1 : 1;
  return first->minor < second->minor ? -1 : first->minor > second->minor;
}

static Row *
find (Model      *model,
      const char *sender,
      const char *client)
{
  for (guint i = 0; i < model->rows->len; i++)
    {
      Row *row = model->rows->pdata[i];

      if (strcmp (row->sender, sender) == 0 && strcmp (row->client, client) == 0)
        return row;
    }
  return NULL;
}

static Row *
find_seq (Model *model,
          gint64 seq)
{
  for (guint i = 0; i < model->rows->len; i++)
    {
      Row *row = model->rows->pdata[i];

      if (seq > 0 && row->seq == seq)
        return row;
    }
  return NULL;
}

static void
find_end (Model  *model,
          gint64 *major,
          gint64 *minor)
{
  *major = model->max_seq;
  *minor = 0;
  if (model->hidden_major > *major
      || (model->hidden_major == *major && model->hidden_minor > *minor))
    {
      *major = model->hidden_major;
      *minor = model->hidden_minor;
    }
  for (guint i = 0; i < model->rows->len; i++)
    {
      Row *row = model->rows->pdata[i];

      if (row->major > *major || (row->major == *major && row->minor > *minor))
        {
          *major = row->major;
          *minor = row->minor;
        }
    }
}

static void
set_from (Model                   *model,
          Row                     *row,
          const TernMessageRecord *message)
{
  g_autofree char *text = store_message_dup_text (message);
  gboolean is_same = row->sender != NULL && strcmp (row->sender, message->sender_id) == 0
                     && strcmp (row->client, message->client_id) == 0;

  if (!is_same)
    row->is_read = FALSE;
  row->is_read = row->is_read || message->is_read;
  if (!is_same || row->type != TERN_CONTENT_REVOKED)
    {
      tern_record_set_text (&row->text, text);
      row->type = message->content_type;
    }
  tern_record_set_text (&row->sender, message->sender_id);
  tern_record_set_text (&row->client, message->client_id);
  row->sent_ms = message->sent_ms;
  if (message->seq > 0)
    {
      row->seq = message->seq;
      row->major = message->seq;
      row->minor = 0;
      row->status = TERN_MESSAGE_SENT;
    }
  else if (!is_same || (row->seq == 0 && row->status != TERN_MESSAGE_SENT))
    {
      row->status = message->status;
    }
}

static void
model_put (Model                   *model,
           const TernMessageRecord *message)
{
  Row *row = find (model, message->sender_id, message->client_id);
  Row *other = find_seq (model, message->seq);

  if (message->status == TERN_MESSAGE_DELETED)
    {
      if (row != NULL && (row->seq == 0 || row->seq == message->seq))
        g_ptr_array_remove (model->rows, row);
      if (other != NULL && other != row)
        g_ptr_array_remove (model->rows, other);
    }
  else if (row == NULL && other != NULL)
    {
      set_from (model, other, message);
    }
  else if (row == NULL)
    {
      row = g_new0 (Row, 1);
      if (message->seq == 0)
        {
          find_end (model, &row->major, &row->minor);
          row->minor++;
        }
      set_from (model, row, message);
      g_ptr_array_add (model->rows, row);
    }
  else
    {
      if (other != NULL && other != row)
        g_ptr_array_remove (model->rows, other);
      if (row->seq == 0 || message->seq <= row->seq)
        set_from (model, row, message);
    }
  model->max_seq = MAX (model->max_seq, message->seq);
  if (strcmp (message->sender_id, SELF) == 0)
    model->read_seq = MAX (model->read_seq, message->seq);
}

static void
model_delete_below (Model *model,
                    gint64 min_seq)
{
  for (guint i = model->rows->len; i > 0; i--)
    {
      Row *row = model->rows->pdata[i - 1];

      if (row->seq > 0 && row->seq < min_seq)
        g_ptr_array_remove_index (model->rows, i - 1);
    }
}

static void
model_peer_read (Model *model,
                 gint64 seq)
{
  if (seq <= model->peer_read_seq)
    return;
  for (guint i = 0; i < model->rows->len; i++)
    {
      Row *row = model->rows->pdata[i];

      if (row->seq > model->peer_read_seq && row->seq <= seq && strcmp (row->sender, SELF) == 0)
        row->is_read = TRUE;
    }
  model->peer_read_seq = seq;
}

/* --- comparing --- */

static char *
describe (const TernMessageRecord *row)
{
  g_autofree char *text = store_message_dup_text (row);

  return g_strdup_printf ("%s/%s seq %" G_GINT64_FORMAT " status %d type %d read %d sent %"
                          G_GINT64_FORMAT " at %" G_GINT64_FORMAT ": %s",
                          row->sender_id, row->client_id, row->seq, row->status,
                          row->content_type, row->is_read, row->sent_ms, row->position, text);
}

/* Row ID → description; the position is left out of the comparison with the
 * model, but its change is a change. */
static GHashTable *
snapshot (StoreFixture *store,
          GPtrArray    *rows)
{
  GHashTable *table = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);

  for (guint i = 0; i < rows->len; i++)
    {
      TernMessageRecord *row = rows->pdata[i];

      g_hash_table_insert (table, g_memdup2 (&row->id, sizeof row->id), describe (row));
    }
  return table;
}

static gboolean
names (GArray *ids,
       gint64  id)
{
  for (guint i = 0; i < ids->len; i++)
    {
      if (g_array_index (ids, gint64, i) == id)
        return TRUE;
    }
  return FALSE;
}

static void
check_changes (StoreFixture *store,
               GHashTable   *before,
               GHashTable   *after)
{
  const TernConversationChange *change = tern_changes_find (store->changes, PAIR);
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (gint64));
  GArray *added = change != NULL ? change->added : none;
  GArray *updated = change != NULL ? change->updated : none;
  GArray *removed = change != NULL ? change->removed : none;
  GHashTableIter iter;
  gpointer id;
  gpointer text;

  g_hash_table_iter_init (&iter, after);
  while (g_hash_table_iter_next (&iter, &id, &text))
    {
      const char *old = g_hash_table_lookup (before, id);

      g_assert_cmpint (names (added, *(gint64 *) id), ==, old == NULL);
      if (old != NULL && strcmp (old, text) != 0)
        g_assert_true (names (updated, *(gint64 *) id));
    }
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &id, &text))
    {
      if (!g_hash_table_contains (after, id))
        g_assert_true (names (removed, *(gint64 *) id));
    }
  for (guint i = 0; i < updated->len; i++)
    g_assert_true (g_hash_table_contains (after, &g_array_index (updated, gint64, i)));
}

static GPtrArray *
check_rows (StoreFixture *store,
            Model        *model)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *rows = tern_store_list_before (store->reader, PAIR, NULL, 10000, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, model->rows->len);
  g_ptr_array_sort (model->rows, compare_rows);
  for (guint i = 0; i < rows->len; i++)
    {
      TernMessageRecord *actual = rows->pdata[i];
      Row *expected = model->rows->pdata[i];
      g_autofree char *text = store_message_dup_text (actual);

      g_assert_cmpstr (actual->sender_id, ==, expected->sender);
      g_assert_cmpstr (actual->client_id, ==, expected->client);
      g_assert_cmpint (actual->seq, ==, expected->seq);
      g_assert_cmpint (actual->status, ==, expected->status);
      g_assert_cmpint (actual->content_type, ==, expected->type);
      g_assert_cmpint (actual->is_read, ==, expected->is_read);
      g_assert_cmpint (actual->sent_ms, ==, expected->sent_ms);
      g_assert_cmpstr (text, ==, expected->text);
    }
  return rows;
}

static void
check_conversation (StoreFixture *store,
                    Model        *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TernConversationRow) row = NULL;
  const Row *last = model->rows->len > 0 ? model->rows->pdata[model->rows->len - 1] : NULL;
  gint64 n_unread = MAX (0, model->max_seq - MAX (model->read_seq, MAX (1, model->min_seq) - 1));

  if (last != NULL && (last->major < model->hidden_major
                       || (last->major == model->hidden_major
                           && last->minor <= model->hidden_minor)))
    last = NULL;
  row = tern_store_find_conversation (store->reader, SELF, PAIR, &error);
  g_assert_no_error (error);
  g_assert_cmpint (row != NULL, ==, last != NULL || model->draft_ms > 0);
  if (row == NULL)
    return;
  g_assert_cmpint (row->n_unread, ==, n_unread);
  g_assert_cmpint (row->max_seq, ==, model->max_seq);
  g_assert_cmpint (row->draft_ms, ==, model->draft_ms);
  g_assert_cmpint (row->last != NULL, ==, last != NULL);
  if (last != NULL)
    {
      g_assert_cmpstr (row->last->client_id, ==, last->client);
      g_assert_cmpstr (row->last->sender_id, ==, last->sender);
    }
  g_assert_cmpint (row->sort_ms, ==, MAX (model->draft_ms, last != NULL ? last->sent_ms : 0));
}

/* --- steps --- */

static TernMessageRecord *
make_message (GRand *rand)
{
  static const char * const senders[] = { SELF, PEER, "third" };
  const char *sender = senders[g_rand_int_range (rand, 0, 3)];
  g_autofree char *client = g_strdup_printf ("c%d", g_rand_int_range (rand, 0, 25));
  g_autofree char *text = g_strdup_printf ("text %d", g_rand_int_range (rand, 0, 3));
  gint64 seq = g_rand_int_range (rand, 1, MAX_SEQ);

  return store_message_new (PAIR, sender, client, seq, text);
}

static void
put (StoreFixture      *store,
     Model             *model,
     TernMessageRecord *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TernMessageRecord) copy = NULL;

  if (message->seq > 0 && strcmp (message->sender_id, SELF) == 0)
    tern_store_take_over_receipt (store->writer, message, &error);
  g_assert_no_error (error);
  copy = tern_message_record_copy (message);
  tern_store_put_message (store->writer, copy, store->changes, &error);
  g_assert_no_error (error);
  tern_store_ensure_conversation (store->writer, message, SELF, store->changes, &error);
  g_assert_no_error (error);
  model_put (model, message);
}

static void
step_outbox (StoreFixture *store,
             Model        *model,
             GRand        *rand)
{
  g_autoptr (TernMessageRecord) message = make_message (rand);
  g_autoptr (GError) error = NULL;
  Row *row;

  tern_record_set_text (&message->sender_id, SELF);
  row = find (model, SELF, message->client_id);
  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0:
      message->seq = 0;
      message->status = TERN_MESSAGE_SENDING;
      put (store, model, message);
      return;
    case 1:
      tern_store_set_sent (store->writer, PAIR, SELF, message->client_id, "s", 4711,
                           store->changes, &error);
      if (row != NULL && row->seq == 0)
        {
          row->status = TERN_MESSAGE_SENT;
          row->sent_ms = 4711;
        }
      break;
    case 2:
      tern_store_set_failed (store->writer, PAIR, SELF, message->client_id, "No", store->changes,
                             &error);
      if (row != NULL && row->seq == 0)
        row->status = TERN_MESSAGE_FAILED;
      break;
    default:
      tern_store_set_sending (store->writer, PAIR, SELF, message->client_id, store->changes,
                              &error);
      if (row != NULL && row->seq == 0)
        row->status = TERN_MESSAGE_SENDING;
      break;
    }
  g_assert_no_error (error);
}

static void
step_erase (StoreFixture *store,
            Model        *model,
            GRand        *rand)
{
  g_autoptr (TernMessageRecord) message = make_message (rand);
  g_autoptr (GBytes) content = g_bytes_new_static ("gone", 4);
  g_autoptr (GError) error = NULL;
  Row *row = find_seq (model, message->seq);

  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0:
      tern_store_delete_seqs (store->writer, PAIR, &message->seq, 1, store->changes, &error);
      if (row != NULL)
        g_ptr_array_remove (model->rows, row);
      break;
    case 1:
      message->seq = MIN (message->seq, g_rand_int_range (rand, 1, MAX_SEQ));
      tern_store_delete_below (store->writer, PAIR, message->seq, store->changes, &error);
      model_delete_below (model, message->seq);
      break;
    case 2:
      message->status = TERN_MESSAGE_DELETED;
      put (store, model, message);
      break;
    default:
      store_revoke (store->writer, store->changes, PAIR, message->seq, content);
      if (row != NULL)
        {
          row->type = TERN_CONTENT_REVOKED;
          tern_record_set_text (&row->text, "gone");
        }
      break;
    }
  g_assert_no_error (error);
}

static void
step_conversation (StoreFixture *store,
                   Model        *model,
                   GRand        *rand)
{
  g_autoptr (GError) error = NULL;
  gint64 seq = g_rand_int_range (rand, 1, MAX_SEQ);

  switch (g_rand_int_range (rand, 0, 5))
    {
    case 0:
      tern_store_set_draft (store->writer, PAIR, seq % 2 ? "draft" : "", seq * 50000,
                            store->changes, &error);
      if (seq % 2 && model->draft_ms == 0)
        model->draft_ms = seq * 50000;
      else if (seq % 2 == 0)
        model->draft_ms = 0;
      break;
    case 1:
      tern_store_set_seqs (store->writer, PAIR, seq, seq / 2, store->changes, &error);
      model->max_seq = MAX (seq, model->max_seq);
      model->read_seq = MAX (model->read_seq, seq / 2);
      break;
    case 2:
      tern_store_set_min_seq (store->writer, PAIR, seq / 4, store->changes, &error);
      model->min_seq = MAX (model->min_seq, seq / 4);
      break;
    case 3:
      tern_store_hide_conversation (store->writer, PAIR, store->changes, &error);
      model->hidden_major = model->hidden_minor = 0;
      find_end (model, &model->hidden_major, &model->hidden_minor);
      model->draft_ms = 0;
      break;
    default:
      tern_store_set_peer_read (store->writer, PAIR, SELF, seq, NULL, 0, store->changes, &error);
      model_peer_read (model, seq);
      break;
    }
  g_assert_no_error (error);
}

static void
step (StoreFixture *store,
      Model        *model,
      GRand        *rand)
{
  g_autoptr (TernMessageRecord) message = make_message (rand);

  switch (g_rand_int_range (rand, 0, 8))
    {
    case 0:
      step_erase (store, model, rand);
      break;
    case 1:
    case 2:
      step_outbox (store, model, rand);
      break;
    case 3:
      step_conversation (store, model, rand);
      break;
    default:
      put (store, model, message);
      break;
    }
}

static void
test_random (StoreFixture  *store,
             gconstpointer  unused)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  g_autoptr (GHashTable) before = g_hash_table_new (g_int64_hash, g_int64_equal);
  Model model = { .rows = g_ptr_array_new_with_free_func (row_free) };

  /* The row of the conversation first, so that there is one to be set. */
  store_fixture_begin (store);
  tern_store_set_seqs (store->writer, PAIR, 0, 0, store->changes, NULL);
  store_fixture_commit (store);
  for (guint i = 0; i < N_STEPS; i++)
    {
      g_autoptr (GPtrArray) rows = NULL;
      g_autoptr (GHashTable) after = NULL;

      store_fixture_begin (store);
      for (int n = g_rand_int_range (rand, 1, 6); n > 0; n--)
        step (store, &model, rand);
      store_fixture_commit (store);

      rows = check_rows (store, &model);
      after = snapshot (store, rows);
      check_changes (store, before, after);
      check_conversation (store, &model);
      g_hash_table_unref (before);
      before = g_steal_pointer (&after);
    }
  g_ptr_array_unref (model.rows);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/store/random", StoreFixture, NULL, store_fixture_set_up, test_random,
              store_fixture_tear_down);
  return g_test_run ();
}
