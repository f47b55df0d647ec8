/* test-message-list.c: the messages of one conversation, against the store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A mirror follows items-changed; after each step it must be what SQL says.
 */

#include "config.h"

#include <string.h>

#include "fake-worker.h"
#include "store-fixture.h"
#include "tern-error.h"
#include "tern-message-list.h"
#include "tern-message-runs.h"

#define CONVERSATION "sg_g"
#define MAX_LOADED 512

typedef struct
{
  StoreFixture     store;
  TernSyncWorker  *worker;
  TernMessageList *list;
  GPtrArray       *mirror;  /* of TernMessage (owned) */
  GHashTable      *objects; /* row ID → TernMessage (borrowed), of what is in the mirror */
  TernSeqRanges   *ranges;
  gint64           max_seq;
  guint            n_signals;
  guint            n_changed;
} Fixture;

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  Fixture    *self)
{
  g_assert_cmpuint (position + n_removed, <=, self->mirror->len);
  g_assert_true (n_removed > 0 || n_added > 0);
  for (guint i = 0; i < n_removed; i++)
    {
      gint64 id = tern_message_get_id (self->mirror->pdata[position + i]);

      g_hash_table_remove (self->objects, &id);
    }
  if (n_removed > 0)
    g_ptr_array_remove_range (self->mirror, position, n_removed);
  for (guint i = 0; i < n_added; i++)
    g_ptr_array_insert (self->mirror, (int) (position + i),
                        g_list_model_get_item (model, position + i));
  /* At every signal, not only after the last, the model is what it said. */
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, self->mirror->len);
  self->n_signals++;
}

static void
open_list (Fixture *self)
{
  self->list = tern_message_list_new (self->store.reader, self->worker, SELF, CONVERSATION);
  g_signal_connect (self->list, "items-changed", G_CALLBACK (items_changed_cb), self);
}

static void
close_list (Fixture *self)
{
  tern_message_list_detach (self->list);
  while (fake_worker_get_fetch (self->worker, NULL) != 0)
    fake_worker_end_fetch (self->worker, NULL);
  g_signal_handlers_disconnect_by_data (self->list, self);
  g_assert_finalize_object (self->list);
  g_ptr_array_set_size (self->mirror, 0);
}

static void
set_up (Fixture       *self,
        gconstpointer  unused)
{
  store_fixture_set_up (&self->store, NULL);
  self->worker = fake_worker_new ();
  self->mirror = g_ptr_array_new_with_free_func (g_object_unref);
  self->objects = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->ranges = tern_seq_ranges_new ();
}

static void
tear_down (Fixture       *self,
           gconstpointer  unused)
{
  g_ptr_array_unref (self->mirror);
  g_hash_table_unref (self->objects);
  tern_seq_ranges_free (self->ranges);
  g_assert_finalize_object (self->worker);
  store_fixture_tear_down (&self->store, NULL);
}

static void
commit (Fixture *self)
{
  store_fixture_commit (&self->store);
  if (!tern_changes_is_empty (self->store.changes))
    fake_worker_emit_changed (self->worker, self->store.changes);
}

/* What the server has under a number; every tenth is a placeholder. */
static void
put_from_server (Fixture *self,
                 gint64   seq)
{
  g_autofree char *client_id = g_strdup_printf ("c%" G_GINT64_FORMAT, seq);
  g_autoptr (TernMessageRecord) message = NULL;
  g_autoptr (GError) error = NULL;

  if (seq % 10 == 0)
    return;
  message = store_message_new (CONVERSATION, seq % 3 == 0 ? SELF : PEER, client_id, seq,
                               client_id);
  message->sent_ms = G_GINT64_CONSTANT (1700000000000) + seq * 3600 * 1000;
  tern_store_put_message (self->store.writer, message, self->store.changes, &error);
  g_assert_no_error (error);
}

static void
cover (Fixture *self,
       gint64   first,
       gint64   last)
{
  g_autoptr (GError) error = NULL;

  store_fixture_begin (&self->store);
  for (gint64 seq = first; seq <= last; seq++)
    {
      if (!tern_seq_ranges_contains (self->ranges, seq))
        put_from_server (self, seq);
    }
  tern_seq_ranges_add (self->ranges, first, last);
  self->max_seq = MAX (self->max_seq, last);
  tern_store_save_ranges (self->store.writer, CONVERSATION, self->ranges, &error);
  tern_store_set_seqs (self->store.writer, CONVERSATION, self->max_seq, 0,
                       self->store.changes, &error);
  g_assert_no_error (error);
  commit (self);
}

static gboolean
get_flag (Fixture    *self,
          const char *name)
{
  gboolean value;

  g_object_get (self->list, name, &value, NULL);
  return value;
}

static void
check_marks (TernMessage             *message,
             const TernMessageRecord *previous)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  const TernMessageRecord *record = tern_message_get_record (message);

  g_assert_cmpint (tern_message_get_starts_day (message), ==,
                   tern_message_runs_starts_day (previous, record, zone));
  g_assert_cmpint (tern_message_get_starts_run (message), ==,
                   tern_message_runs_starts_run (previous, record, zone));
}

static void
check_objects (Fixture *self)
{
  g_autoptr (GHashTable) now = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < self->mirror->len; i++)
    {
      TernMessage *message = self->mirror->pdata[i];
      gint64 id = tern_message_get_id (message);
      TernMessage *before = g_hash_table_lookup (self->objects, &id);

      g_assert_true (before == NULL || before == message);
      g_assert_true (g_hash_table_insert (now, g_memdup2 (&id, sizeof id), message));
    }
  g_hash_table_unref (self->objects);
  self->objects = g_steal_pointer (&now);
}

static void
check (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  guint start = 0;

  rows = tern_store_list_after (self->store.reader, CONVERSATION, NULL, G_MAXINT, &error);
  g_assert_no_error (error);
  check_objects (self);
  g_assert_cmpuint (self->mirror->len, <=, MAX_LOADED);
  if (self->mirror->len == 0)
    {
      g_assert_true (rows->len == 0 || get_flag (self, "has-older"));
      return;
    }
  while (start < rows->len && ((TernMessageRecord *) rows->pdata[start])->id
                              != tern_message_get_id (self->mirror->pdata[0]))
    start++;
  g_assert_cmpuint (start + self->mirror->len, <=, rows->len);
  for (guint i = 0; i < self->mirror->len; i++)
    {
      TernMessage *message = self->mirror->pdata[i];
      TernMessageRecord *row = rows->pdata[start + i];
      g_autoptr (TernMessage) item = g_list_model_get_item (G_LIST_MODEL (self->list), i);
      const TernMessageRecord *record = tern_message_get_record (message);

      g_assert_true (item == message);
      g_assert_cmpint (record->id, ==, row->id);
      g_assert_cmpint (record->position, ==, row->position);
      g_assert_cmpint (record->seq, ==, row->seq);
      g_assert_cmpint (record->status, ==, row->status);
      g_assert_cmpint (record->content_type, ==, row->content_type);
      g_assert_true (g_bytes_equal (record->content, row->content));
      if (i > 0)
        check_marks (message, rows->pdata[start + i - 1]);
    }
  if (!get_flag (self, "has-older"))
    g_assert_cmpuint (start, ==, 0);
  if (!get_flag (self, "has-newer"))
    g_assert_cmpuint (start + self->mirror->len, ==, rows->len);
}

static TernTimelineSource *
source (Fixture *self)
{
  return TERN_TIMELINE_SOURCE (self->list);
}

static void
test_pages_up_to_the_first (Fixture       *self,
                            gconstpointer  unused)
{
  cover (self, 1, 1000);
  open_list (self);
  g_assert_cmpuint (self->mirror->len, ==, 0);
  tern_timeline_source_load_latest (source (self), 0);
  check (self);
  g_assert_cmpuint (self->mirror->len, ==, 64);
  g_assert_cmpint (tern_message_list_get_newest_seq (self->list), ==, 999);
  while (get_flag (self, "has-older"))
    {
      self->n_signals = 0;
      tern_timeline_source_load_older (source (self), 0);
      g_assert_cmpuint (self->n_signals, >=, 1);
      check (self);
    }
  g_assert_cmpint (tern_message_get_seq (self->mirror->pdata[0]), ==, 1);
  g_assert_true (get_flag (self, "has-newer"));
  while (get_flag (self, "has-newer"))
    {
      tern_timeline_source_load_newer (source (self), 0);
      check (self);
    }
  g_assert_cmpint (tern_message_list_get_newest_seq (self->list), ==, 999);
  g_assert_true (get_flag (self, "has-older"));
  g_assert_false (get_flag (self, "is-loading"));
  close_list (self);
}

static void
test_hole_is_fetched_before_it_is_shown (Fixture       *self,
                                         gconstpointer  unused)
{
  guint n;

  cover (self, 1, 40);
  cover (self, 61, 80);
  open_list (self);
  tern_timeline_source_load_latest (source (self), 0);
  /* Twenty (less two placeholders) are less than a page: more is asked for. */
  g_assert_cmpint (fake_worker_get_fetch (self->worker, &n), ==, 61);
  g_assert_true (get_flag (self, "is-loading"));
  g_assert_true (get_flag (self, "has-older"));
  g_assert_cmpint (tern_message_get_seq (self->mirror->pdata[0]), ==, 61);
  check (self);
  tern_timeline_source_load_older (source (self), 0);
  fake_worker_end_fetch (self->worker, g_error_new (TERN_ERROR, TERN_ERROR_OFFLINE, "Offline"));
  g_assert_false (get_flag (self, "is-loading"));
  g_assert_true (get_flag (self, "has-older"));
  g_assert_cmpint (fake_worker_get_fetch (self->worker, NULL), ==, 0);

  tern_timeline_source_load_older (source (self), 0);
  g_assert_cmpint (fake_worker_get_fetch (self->worker, &n), ==, 61);
  cover (self, 41, 60);
  fake_worker_end_fetch (self->worker, NULL);
  g_assert_false (get_flag (self, "is-loading"));
  g_assert_cmpint (tern_message_get_seq (self->mirror->pdata[0]), <, 41);
  check (self);
  while (get_flag (self, "has-older"))
    tern_timeline_source_load_older (source (self), 0);
  check (self);
  g_assert_cmpuint (self->mirror->len, ==, 72);
  close_list (self);
}

static void
test_empty_hole_is_asked_for_once (Fixture       *self,
                                   gconstpointer  unused)
{
  cover (self, 61, 80);
  open_list (self);
  tern_timeline_source_load_latest (source (self), 0);
  g_assert_cmpint (fake_worker_get_fetch (self->worker, NULL), ==, 61);
  /* "Success", and nothing covered. */
  fake_worker_end_fetch (self->worker, NULL);
  g_assert_cmpint (fake_worker_get_fetch (self->worker, NULL), ==, 0);
  g_assert_false (get_flag (self, "is-loading"));
  g_assert_true (get_flag (self, "has-older"));
  close_list (self);
}

static void
test_placeholders_lead_on (Fixture       *self,
                           gconstpointer  unused)
{
  cover (self, 61, 80);
  open_list (self);
  tern_timeline_source_load_latest (source (self), 0);
  g_assert_cmpint (fake_worker_get_fetch (self->worker, NULL), ==, 61);
  cover (self, 60, 60); /* a placeholder: covered, nothing to show */
  fake_worker_end_fetch (self->worker, NULL);
  g_assert_cmpint (fake_worker_get_fetch (self->worker, NULL), ==, 60);
  g_assert_true (get_flag (self, "is-loading"));
  cover (self, 1, 59);
  fake_worker_end_fetch (self->worker, NULL);
  g_assert_false (get_flag (self, "is-loading"));
  while (get_flag (self, "has-older"))
    tern_timeline_source_load_older (source (self), 0);
  g_assert_cmpint (tern_message_get_seq (self->mirror->pdata[0]), ==, 1);
  check (self);
  close_list (self);
}

static void
test_conversation_without_rows (Fixture       *self,
                                gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;

  store_fixture_begin (&self->store);
  tern_store_set_seqs (self->store.writer, CONVERSATION, 15, 0, self->store.changes, &error);
  self->max_seq = 15;
  commit (self);
  open_list (self);
  tern_timeline_source_load_latest (source (self), 0);
  g_assert_cmpint (fake_worker_get_fetch (self->worker, NULL), ==, 16);
  cover (self, 1, 15);
  fake_worker_end_fetch (self->worker, NULL);
  g_assert_cmpuint (self->mirror->len, ==, 14);
  g_assert_false (get_flag (self, "has-older"));
  check (self);
  close_list (self);
}

static void
test_cleared_history_has_no_older (Fixture       *self,
                                   gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;

  cover (self, 1, 30);
  open_list (self);
  tern_timeline_source_load_latest (source (self), 0);
  store_fixture_begin (&self->store);
  tern_store_set_min_seq (self->store.writer, CONVERSATION, 21, self->store.changes, &error);
  tern_store_delete_below (self->store.writer, CONVERSATION, 21, self->store.changes, &error);
  g_assert_no_error (error);
  self->n_signals = 0;
  commit (self);
  g_assert_cmpuint (self->n_signals, ==, 1);
  g_assert_cmpuint (self->mirror->len, ==, 9);
  g_assert_false (get_flag (self, "has-older"));
  check (self);
  close_list (self);
}

static void
changed_cb (TernMessage *message,
            Fixture     *self)
{
  self->n_changed++;
}

static void
test_a_run_is_one_signal (Fixture       *self,
                          gconstpointer  unused)
{
  g_autoptr (GBytes) content = g_bytes_new_static ("{}", 2);

  cover (self, 1, 20);
  open_list (self);
  tern_timeline_source_load_latest (source (self), 0);
  self->n_signals = 0;
  cover (self, 21, 35);
  g_assert_cmpuint (self->n_signals, ==, 1);
  check (self);

  g_signal_connect (self->mirror->pdata[3], "changed", G_CALLBACK (changed_cb), self);
  self->n_signals = 0;
  store_fixture_begin (&self->store);
  store_revoke (self->store.writer, self->store.changes, CONVERSATION, 4, content);
  commit (self);
  g_assert_cmpuint (self->n_signals, ==, 0);
  g_assert_cmpuint (self->n_changed, ==, 1);
  g_assert_true (tern_message_get_is_notice (self->mirror->pdata[3]));
  check (self);
  close_list (self);
}

static void
test_seq_moves_the_row (Fixture       *self,
                        gconstpointer  unused)
{
  g_autoptr (TernMessageRecord) message = store_message_new (CONVERSATION, SELF, "x", 0, "X");
  g_autoptr (TernMessageRecord) sent = store_message_new (CONVERSATION, SELF, "x", 12, "X");
  g_autoptr (GError) error = NULL;
  TernMessage *item;

  cover (self, 1, 9);
  open_list (self);
  tern_timeline_source_load_latest (source (self), 0);
  store_fixture_begin (&self->store);
  tern_store_add_outgoing (self->store.writer, message, self->store.changes, &error);
  commit (self);
  item = self->mirror->pdata[9];
  g_assert_cmpint (tern_message_get_status (item), ==, TERN_MESSAGE_SENDING);
  g_assert_true (tern_message_get_is_own (item));
  cover (self, 11, 11);
  g_assert_true (self->mirror->pdata[9] == item);

  /* To the end, behind 11. */
  g_signal_connect (item, "changed", G_CALLBACK (changed_cb), self);
  self->n_changed = 0;
  self->n_signals = 0;
  store_fixture_begin (&self->store);
  tern_store_put_message (self->store.writer, sent, self->store.changes, &error);
  g_assert_no_error (error);
  commit (self);
  g_assert_true (self->mirror->pdata[10] == item);
  g_assert_cmpuint (self->n_signals, ==, 2);
  g_assert_cmpuint (self->n_changed, ==, 1);
  check (self);
  close_list (self);
}

static void
test_seq_in_place_is_no_move (Fixture       *self,
                              gconstpointer  unused)
{
  g_autoptr (TernMessageRecord) message = store_message_new (CONVERSATION, SELF, "x", 0, "X");
  g_autoptr (TernMessageRecord) sent = store_message_new (CONVERSATION, SELF, "x", 11, "X");
  g_autoptr (GError) error = NULL;

  cover (self, 1, 9);
  open_list (self);
  tern_timeline_source_load_latest (source (self), 0);
  store_fixture_begin (&self->store);
  tern_store_add_outgoing (self->store.writer, message, self->store.changes, &error);
  commit (self);
  self->n_signals = 0;
  self->n_changed = 0;
  g_signal_connect (self->mirror->pdata[9], "changed", G_CALLBACK (changed_cb), self);
  store_fixture_begin (&self->store);
  tern_store_put_message (self->store.writer, sent, self->store.changes, &error);
  g_assert_no_error (error);
  commit (self);
  g_assert_cmpuint (self->n_signals, ==, 0);
  g_assert_cmpuint (self->n_changed, ==, 1);
  check (self);
  close_list (self);
}

static void
put_member (Fixture    *self,
            const char *name)
{
  g_autoptr (TernRecordUpdate) update = tern_record_update_new (TERN_DATASET_MEMBERS, "g");
  TernMemberRecord *member = tern_member_record_new ();
  g_autoptr (GError) error = NULL;

  tern_record_set_text (&member->group_id, "g");
  tern_record_set_text (&member->user_id, PEER);
  tern_record_set_text (&member->name, name);
  g_ptr_array_add (update->rows, member);
  store_fixture_begin (&self->store);
  tern_store_apply_update (self->store.writer, update, SELF, self->store.changes, &error);
  g_assert_no_error (error);
  commit (self);
}

static void
test_names (Fixture       *self,
            gconstpointer  unused)
{
  cover (self, 1, 2);
  open_list (self);
  tern_timeline_source_load_latest (source (self), 0);
  g_assert_cmpstr (tern_message_get_sender_name (self->mirror->pdata[0]), ==, PEER);
  g_signal_connect (self->mirror->pdata[0], "changed", G_CALLBACK (changed_cb), self);
  put_member (self, "Member name");
  g_assert_cmpstr (tern_message_get_sender_name (self->mirror->pdata[0]), ==, "Member name");
  g_assert_cmpuint (self->n_changed, ==, 1);
  close_list (self);
}

static void
test_around (Fixture       *self,
             gconstpointer  unused)
{
  cover (self, 1, 400);
  open_list (self);
  tern_timeline_source_load_latest (source (self), 0);
  g_assert_false (tern_timeline_source_load_around (source (self), 4000, 0));
  g_assert_true (tern_timeline_source_load_around (source (self), 399, 0));
  g_assert_false (get_flag (self, "has-newer"));
  self->n_signals = 0;
  g_assert_true (tern_timeline_source_load_around (source (self), 101, 0));
  g_assert_cmpuint (self->n_signals, ==, 1);
  g_assert_true (get_flag (self, "has-newer"));
  g_assert_true (get_flag (self, "has-older"));
  g_assert_cmpuint (self->mirror->len, ==, 65);
  g_assert_cmpint (tern_message_get_seq (self->mirror->pdata[32]), ==, 101);
  check (self);
  /* What comes at the end is not in this window. */
  self->n_signals = 0;
  cover (self, 401, 405);
  g_assert_cmpuint (self->n_signals, ==, 0);
  check (self);
  close_list (self);
}

/* --- random --- */

static void
write_something (Fixture *self,
                 GRand   *rand)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) content = g_bytes_new_static ("{}", 2);
  g_autoptr (TernMessageRecord) message = NULL;
  gint64 seq = g_rand_int_range (rand, 1, (int) self->max_seq + 1);
  g_autofree char *own_id = g_strdup_printf ("own%d", g_rand_int_range (rand, 0, 40));
  int what = g_rand_int_range (rand, 0, 9);

  store_fixture_begin (&self->store);
  switch (what)
    {
    case 0:
    case 1:
      message = store_message_new (CONVERSATION, SELF, own_id, 0, own_id);
      tern_store_add_outgoing (self->store.writer, message, self->store.changes, &error);
      break;
    case 2:
      /* An own message gets a seq of its own, at the end. */
      self->max_seq++;
      message = store_message_new (CONVERSATION, SELF, own_id, self->max_seq, own_id);
      tern_store_put_message (self->store.writer, message, self->store.changes, &error);
      tern_seq_ranges_add (self->ranges, self->max_seq, self->max_seq);
      tern_store_save_ranges (self->store.writer, CONVERSATION, self->ranges, &error);
      break;
    case 3:
      tern_store_set_failed (self->store.writer, CONVERSATION, SELF, own_id, "No",
                             self->store.changes, &error);
      break;
    case 4:
      store_revoke (self->store.writer, self->store.changes, CONVERSATION, seq, content);
      break;
    case 5:
      tern_store_delete_seqs (self->store.writer, CONVERSATION, &seq, 1, self->store.changes,
                              &error);
      break;
    case 6:
      /* Several rows at different places in one commit. */
      for (guint i = 0; i < 5; i++)
        {
          seq = g_rand_int_range (rand, 1, (int) self->max_seq + 1);
          tern_store_delete_seqs (self->store.writer, CONVERSATION, &seq, 1, self->store.changes,
                                  &error);
        }
      break;
    case 7:
      tern_store_set_sent (self->store.writer, CONVERSATION, SELF, own_id, "s", 5,
                           self->store.changes, &error);
      break;
    default:
      if (g_rand_int_range (rand, 0, 20) == 0)
        {
          seq = MAX (1, self->max_seq - g_rand_int_range (rand, 50, 800));
          tern_store_set_min_seq (self->store.writer, CONVERSATION, seq, self->store.changes,
                                  &error);
          tern_store_delete_below (self->store.writer, CONVERSATION, seq, self->store.changes,
                                   &error);
        }
      break;
    }
  g_assert_no_error (error);
  commit (self);
}

static void
load_something (Fixture *self,
                GRand   *rand)
{
  guint n = (guint) g_rand_int_range (rand, 0, 100);

  switch (g_rand_int_range (rand, 0, 8))
    {
    case 0:
      tern_timeline_source_load_latest (source (self), n);
      break;
    case 1:
      tern_timeline_source_load_around (source (self),
                                        g_rand_int_range (rand, 1, (int) self->max_seq + 1), n);
      break;
    case 2:
    case 3:
      tern_timeline_source_load_newer (source (self), n);
      break;
    default:
      tern_timeline_source_load_older (source (self), n);
      break;
    }
}

static void
answer_fetch (Fixture  *self,
              gboolean  is_ok)
{
  guint n;
  gint64 seq = fake_worker_get_fetch (self->worker, &n);

  if (seq == 0)
    return;
  if (is_ok && seq > 1)
    cover (self, MAX (1, seq - (gint64) n), seq - 1);
  fake_worker_end_fetch (self->worker, is_ok ? NULL
                                             : g_error_new (TERN_ERROR, TERN_ERROR_OFFLINE, "No"));
}

static void
random_step (Fixture *self,
             GRand   *rand)
{
  gint64 first;

  switch (g_rand_int_range (rand, 0, 10))
    {
    case 0:
      cover (self, self->max_seq + 1, self->max_seq + g_rand_int_range (rand, 1, 12));
      break;
    case 1:
      /* The end is known, what is between is not. */
      first = self->max_seq + g_rand_int_range (rand, 2, 60);
      cover (self, first, first + g_rand_int_range (rand, 0, 20));
      break;
    case 2:
      first = g_rand_int_range (rand, 1, (int) self->max_seq + 1);
      cover (self, first, MIN (first + g_rand_int_range (rand, 0, 50), self->max_seq));
      break;
    case 3:
      answer_fetch (self, g_rand_int_range (rand, 0, 4) != 0);
      break;
    case 4:
    case 5:
    case 6:
      load_something (self, rand);
      break;
    default:
      write_something (self, rand);
      break;
    }
}

static void
test_random (Fixture       *self,
             gconstpointer  unused)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());

  cover (self, 5, 30);
  open_list (self);
  tern_timeline_source_load_latest (source (self), 0);
  for (guint i = 0; i < 2500; i++)
    {
      random_step (self, rand);
      check (self);
    }
  /* In the end all of it can be reached. */
  while (fake_worker_get_fetch (self->worker, NULL) != 0)
    answer_fetch (self, TRUE);
  tern_timeline_source_load_latest (source (self), 0);
  while (get_flag (self, "has-older"))
    {
      tern_timeline_source_load_older (source (self), 0);
      while (fake_worker_get_fetch (self->worker, NULL) != 0)
        answer_fetch (self, TRUE);
      check (self);
    }
  close_list (self);
}

static void
add (const char *path,
     void      (*func) (Fixture *self, gconstpointer unused))
{
  g_test_add (path, Fixture, NULL, set_up, func, tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("/message-list/pages", test_pages_up_to_the_first);
  add ("/message-list/hole", test_hole_is_fetched_before_it_is_shown);
  add ("/message-list/empty-hole", test_empty_hole_is_asked_for_once);
  add ("/message-list/placeholders", test_placeholders_lead_on);
  add ("/message-list/without-rows", test_conversation_without_rows);
  add ("/message-list/cleared", test_cleared_history_has_no_older);
  add ("/message-list/one-signal", test_a_run_is_one_signal);
  add ("/message-list/seq-moves", test_seq_moves_the_row);
  add ("/message-list/seq-in-place", test_seq_in_place_is_no_move);
  add ("/message-list/names", test_names);
  add ("/message-list/around", test_around);
  add ("/message-list/random", test_random);
  return g_test_run ();
}
