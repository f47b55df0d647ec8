/* test-conversations.c: order, unread, drafts, visibility, coverage
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "store-fixture.h"
#include "tern-db-private.h"

static void
assert_list (StoreFixture *self,
             const char   *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = tern_store_list_conversations (self->reader, SELF, &error);
  g_autoptr (GString) actual = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < rows->len; i++)
    {
      TernConversationRow *row = rows->pdata[i];
      g_autoptr (TernConversationRow) one = NULL;

      g_string_append_printf (actual, "%s%s:%u", i > 0 ? " " : "", row->id, row->n_unread);
      one = tern_store_find_conversation (self->reader, SELF, row->id, &error);
      g_assert_no_error (error);
      g_assert_nonnull (one);
      g_assert_cmpstr (one->id, ==, row->id);
    }
  g_assert_cmpstr (actual->str, ==, expected);
}

static void
put (StoreFixture *self,
     const char   *conversation_id,
     const char   *sender_id,
     gint64        seq)
{
  g_autofree char *client_id = g_strdup_printf ("c%" G_GINT64_FORMAT, seq);

  store_fixture_put (self, store_message_new (conversation_id, sender_id, client_id, seq, "text"));
}

static TernConversationRecord *
record_new (const char *id)
{
  TernConversationRecord *record = tern_conversation_record_new ();

  tern_record_set_text (&record->id, id);
  tern_record_set_text (&record->group_id, id + 3);
  record->chat_type = TERN_CHAT_GROUP;
  return record;
}

static void
put_record (StoreFixture           *self,
            TernConversationRecord *record)
{
  g_autoptr (GError) error = NULL;

  store_fixture_begin (self);
  tern_store_put_conversation (self->writer, record, self->changes, &error);
  g_assert_no_error (error);
  store_fixture_commit (self);
}

static void
set_seqs (StoreFixture *self,
          const char   *id,
          gint64        max_seq,
          gint64        read_seq)
{
  g_autoptr (GError) error = NULL;

  store_fixture_begin (self);
  tern_store_set_seqs (self->writer, id, max_seq, read_seq, self->changes, &error);
  g_assert_no_error (error);
  store_fixture_commit (self);
}

static void
set_draft (StoreFixture *self,
           const char   *id,
           const char   *text,
           gint64        now_ms)
{
  g_autoptr (GError) error = NULL;

  store_fixture_begin (self);
  tern_store_set_draft (self->writer, id, text, now_ms, self->changes, &error);
  g_assert_no_error (error);
  store_fixture_commit (self);
}

static void
test_order_and_pin (StoreFixture  *self,
                    gconstpointer  unused)
{
  g_autoptr (TernConversationRecord) record = record_new ("sg_a");

  put (self, "sg_a", PEER, 1);
  put (self, "sg_b", PEER, 2);
  put (self, "sg_d", PEER, 3);
  put (self, "sg_c", PEER, 3);
  assert_list (self, "sg_c:3 sg_d:3 sg_b:2 sg_a:1");
  record->is_pinned = TRUE;
  put_record (self, record);
  assert_list (self, "sg_a:1 sg_c:3 sg_d:3 sg_b:2");
  /* The same once more is no change. */
  put_record (self, record);
  g_assert_true (tern_changes_is_empty (self->changes));
}

static void
test_notification_conversations_are_not_listed (StoreFixture  *self,
                                                gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) bounds = NULL;

  set_seqs (self, "n_peer_self", 12, 0);
  set_draft (self, "n_peer_self", "never", 5);
  assert_list (self, "");
  bounds = tern_store_list_bounds (self->reader, &error);
  g_assert_cmpuint (bounds->len, ==, 1);
  g_assert_cmpint (((TernConversationBounds *) bounds->pdata[0])->max_seq, ==, 12);
}

static void
test_unread (StoreFixture  *self,
             gconstpointer  unused)
{
  g_autoptr (TernConversationRecord) record = record_new ("sg_a");
  g_autoptr (GError) error = NULL;

  put (self, "sg_a", PEER, 5);
  assert_list (self, "sg_a:5");
  set_seqs (self, "sg_a", 9, 3);
  assert_list (self, "sg_a:6");
  /* Numbers only grow. */
  set_seqs (self, "sg_a", 7, 2);
  assert_list (self, "sg_a:6");
  /* An own message means that one has read what was before it. */
  put (self, "sg_a", SELF, 9);
  assert_list (self, "sg_a:0");
  put (self, "sg_a", PEER, 20);
  assert_list (self, "sg_a:11");
  store_fixture_begin (self);
  tern_store_set_min_seq (self->writer, "sg_a", 15, self->changes, &error);
  store_fixture_commit (self);
  assert_list (self, "sg_a:6");
  /* Left the group: what comes after is not for me. */
  record->max_seq = 17;
  put_record (self, record);
  assert_list (self, "sg_a:3");
}

static void
test_draft (StoreFixture  *self,
            gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TernConversationRow) row = NULL;

  put (self, "sg_a", PEER, 1);
  put (self, "sg_b", PEER, 2);
  set_draft (self, "sg_a", "Well …", 2000000);
  set_draft (self, "sg_c", "New", 1);
  assert_list (self, "sg_a:1 sg_b:2 sg_c:0");
  row = tern_store_find_conversation (self->reader, SELF, "sg_a", &error);
  g_assert_cmpstr (row->draft, ==, "Well …");
  g_assert_cmpint (row->draft_ms, ==, 2000000);
  /* The same text does not bring it up again. */
  set_draft (self, "sg_a", "Well …", 3000000);
  g_assert_true (tern_changes_is_empty (self->changes));
  set_draft (self, "sg_a", "", 4000000);
  set_draft (self, "sg_c", "", 4000000);
  assert_list (self, "sg_b:2 sg_a:1");
}

static void
test_hidden_until_something_new (StoreFixture  *self,
                                 gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;

  put (self, "sg_a", PEER, 5);
  set_draft (self, "sg_a", "text", 7);
  store_fixture_begin (self);
  tern_store_hide_conversation (self->writer, "sg_a", self->changes, &error);
  g_assert_no_error (error);
  store_fixture_commit (self);
  g_assert_true (tern_changes_find (self->changes, "sg_a")->is_row_changed);
  assert_list (self, "");
  /* History that is filled in later is nothing new. */
  put (self, "sg_a", PEER, 4);
  assert_list (self, "");
  put (self, "sg_a", PEER, 6);
  assert_list (self, "sg_a:6");
}

static void
test_last_message (StoreFixture  *self,
                   gconstpointer  unused)
{
  g_autoptr (TernMessageRecord) quiet = store_message_new ("sg_a", PEER, "q", 9, "quiet");
  g_autoptr (GError) error = NULL;
  static const gint64 seqs[] = { 5 };

  put (self, "sg_a", PEER, 4);
  put (self, "sg_a", PEER, 5);
  quiet->options_off = TERN_OPTION_CONVERSATION_UPDATE;
  store_fixture_put (self, tern_message_record_copy (quiet));
  for (gint64 seq = 5; seq >= 4; seq--)
    {
      g_autoptr (TernConversationRow) row = NULL;

      row = tern_store_find_conversation (self->reader, SELF, "sg_a", &error);
      g_assert_cmpint (row->last->seq, ==, seq);
      g_assert_cmpint (row->max_seq, ==, 9);
      g_assert_cmpint (row->sort_ms, ==, 1000000 + seq);
      store_fixture_begin (self);
      tern_store_delete_seqs (self->writer, "sg_a", seqs, 1, self->changes, &error);
      store_fixture_commit (self);
    }
}

static void
assert_last (StoreFixture *self,
             gint64        seq)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TernConversationRow) row = NULL;

  row = tern_store_find_conversation (self->reader, SELF, "sg_a", &error);
  g_assert_no_error (error);
  g_assert_cmpint (row->last->seq, ==, seq);
}

/* What lies before the end leaves it alone, unless the end has moved back. */
static void
test_end (StoreFixture  *self,
          gconstpointer  unused)
{
  g_autoptr (TernMessageRecord) undone = store_message_new ("sg_a", PEER, "c9", 9, "text");
  g_autoptr (GError) error = NULL;
  static const gint64 last = 6;

  put (self, "sg_a", PEER, 6);
  put (self, "sg_a", PEER, 3);
  assert_last (self, 6);
  store_fixture_begin (self);
  tern_store_delete_seqs (self->writer, "sg_a", &last, 1, self->changes, &error);
  store_fixture_commit (self);
  assert_last (self, 3);
  put (self, "sg_a", PEER, 5);
  assert_last (self, 5);

  store_fixture_begin (self);
  tern_store_put_message (self->writer, undone, self->changes, &error);
  tern_db_rollback (self->writer);
  put (self, "sg_a", PEER, 8);
  assert_last (self, 8);
}

static int
refuse_messages (void       *data,
                 int         action,
                 const char *table,
                 const char *column,
                 const char *database,
                 const char *trigger)
{
  return action == SQLITE_READ && strcmp (table, "messages") == 0 ? SQLITE_DENY : SQLITE_OK;
}

static int
count_step (void *data)
{
  ++*(guint *) data;

  return 0;
}

/* What a start asks for: how many messages there are makes no difference. */
static void
test_start (StoreFixture  *self,
            gconstpointer  unused)
{
  g_autoptr (TernMessageRecord) waiting = store_message_new (PAIR, SELF, "w", 0, "waiting");
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) bounds = NULL;
  g_autoptr (GPtrArray) unsent = NULL;
  g_autoptr (GError) error = NULL;
  sqlite3 *handle = tern_db_get_handle (self->reader);
  guint n_steps = 0;

  store_fixture_begin (self);
  for (gint64 seq = 1; seq <= 2000; seq++)
    {
      g_autofree char *client_id = g_strdup_printf ("%" G_GINT64_FORMAT, seq);
      g_autoptr (TernMessageRecord) message = store_message_new (PAIR, PEER, client_id, seq, "hi");

      tern_store_put_message (self->writer, message, self->changes, &error);
    }
  waiting->status = TERN_MESSAGE_SENDING;
  tern_store_put_message (self->writer, waiting, self->changes, &error);
  store_fixture_commit (self);
  g_assert_no_error (error);

  sqlite3_set_authorizer (handle, refuse_messages, NULL);
  rows = tern_store_list_conversations (self->reader, SELF, &error);
  g_assert_no_error (error);
  bounds = tern_store_list_bounds (self->reader, &error);
  g_assert_no_error (error);
  sqlite3_set_authorizer (handle, NULL, NULL);
  g_assert_cmpuint (rows->len, ==, 1);
  g_assert_cmpint (((TernConversationRow *) rows->pdata[0])->last_id, ==, waiting->id);
  g_assert_true (tern_store_load_last (self->reader, rows->pdata[0], &error));
  g_assert_cmpstr (((TernConversationRow *) rows->pdata[0])->last->client_id, ==, "w");

  sqlite3_progress_handler (handle, 1, count_step, &n_steps);
  unsent = tern_store_list_unsent (self->reader, SELF, &error);
  sqlite3_progress_handler (handle, 0, NULL, NULL);
  g_assert_cmpuint (unsent->len, ==, 1);
  g_assert_cmpuint (n_steps, >, 0);
  g_assert_cmpuint (n_steps, <, 500);
}

static void
test_names (StoreFixture  *self,
            gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TernRecordUpdate) groups = tern_record_update_new (TERN_DATASET_GROUPS, "");
  TernGroupRecord *group = tern_group_record_new ();
  static const char * const steps[] = { PEER, "Nick", "Remark" };

  put (self, PAIR, PEER, 1);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (TernUserRecord) user = tern_user_record_new ();
      g_autoptr (TernRecordUpdate) friends = tern_record_update_new (TERN_DATASET_FRIENDS, "");
      g_autoptr (TernConversationRow) row = NULL;

      tern_record_set_text (&user->id, PEER);
      tern_record_set_text (&user->name, i == 0 ? "" : "Nick");
      tern_record_set_text (&user->remark, i == 2 ? "Remark" : "");
      store_fixture_begin (self);
      if (i > 0)
        {
          g_ptr_array_add (friends->rows, tern_user_record_copy (user));
          tern_store_apply_update (self->writer, friends, SELF, self->changes, &error);
        }
      g_assert_no_error (error);
      store_fixture_commit (self);
      row = tern_store_find_conversation (self->reader, SELF, PAIR, &error);
      g_assert_cmpstr (row->name, ==, steps[i]);
    }

  put (self, "sg_g", PEER, 1);
  tern_record_set_text (&group->id, "g");
  tern_record_set_text (&group->name, "Group");
  g_ptr_array_add (groups->rows, group);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TernConversationRow) row = NULL;

      store_fixture_begin (self);
      tern_store_apply_update (self->writer, groups, SELF, self->changes, &error);
      g_assert_no_error (error);
      store_fixture_commit (self);
      row = tern_store_find_conversation (self->reader, SELF, "sg_g", &error);
      g_assert_cmpstr (row->name, ==, "Group");
      g_assert_cmpint (row->is_in_group, ==, i == 0);
      /* Left: the name stays. */
      g_ptr_array_set_size (groups->rows, 0);
      groups->replace = TRUE;
    }
}

static void
test_record_clears_history (StoreFixture  *self,
                            gconstpointer  unused)
{
  g_autoptr (TernConversationRecord) record = record_new ("sg_a");

  put (self, "sg_a", PEER, 4);
  put (self, "sg_a", PEER, 5);
  record->min_seq = 5;
  put_record (self, record);
  g_assert_cmpuint (tern_changes_find (self->changes, "sg_a")->removed->len, ==, 1);
  assert_list (self, "sg_a:1");
  record->min_seq = 6;
  put_record (self, record);
  assert_list (self, "");
}

static void
set_at_type (StoreFixture *self,
             int           at_type)
{
  g_autoptr (GError) error = NULL;

  tern_db_run (self->writer, NULL, &error, "UPDATE conversations SET at_type = ?1", "i",
               (gint64) at_type);
  g_assert_no_error (error);
}

static void
test_at_type (StoreFixture  *self,
              gconstpointer  unused)
{
  g_autoptr (TernConversationRecord) record = record_new ("sg_a");
  static const int expected[] = { 2, 2, 3, 0 };

  put (self, "sg_a", PEER, 1);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (TernConversationRow) row = NULL;
      g_autoptr (GError) error = NULL;

      store_fixture_begin (self);
      if (i == 0 || i == 3)
        set_at_type (self, expected[i]);
      else
        {
          record->at_type = i == 1 ? 0 : 3;
          tern_store_put_conversation (self->writer, record, self->changes, &error);
        }
      g_assert_no_error (error);
      store_fixture_commit (self);
      row = tern_store_find_conversation (self->reader, SELF, "sg_a", &error);
      g_assert_cmpint (row->at_type, ==, expected[i]);
    }
}

/* What the server's record adds, and a message: a mention is told before an
 * announcement, and no number of a later server becomes one. */
static void
test_at_type_adds (StoreFixture  *self,
                   gconstpointer  unused)
{
  static const struct
  {
    int before;
    int added;
    int after;
  } cases[] = { { 0, 4, 4 }, { 4, 0, 4 }, { 4, 4, 4 }, { 1, 4, 1 }, { 4, 1, 1 }, { 4, 2, 2 },
                { 3, 4, 3 }, { 4, 3, 3 }, { 1, 2, 3 }, { 2, 1, 3 }, { 3, 1, 3 }, { 0, 5, 0 },
                { 4, -1, 4 } };

  put (self, "sg_a", PEER, 1);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (TernConversationRecord) record = record_new ("sg_a");
      g_autoptr (TernConversationRow) row = NULL;
      g_autoptr (GError) error = NULL;

      record->at_type = cases[i / 2].added;
      store_fixture_begin (self);
      set_at_type (self, cases[i / 2].before);
      g_assert_no_error (error);
      if (i % 2 == 0)
        tern_store_put_conversation (self->writer, record, self->changes, &error);
      else
        tern_store_add_at_type (self->writer, "sg_a", cases[i / 2].added, self->changes, &error);
      g_assert_no_error (error);
      store_fixture_commit (self);
      row = tern_store_find_conversation (self->reader, SELF, "sg_a", &error);
      g_assert_no_error (error);
      g_assert_cmpint (row->at_type, ==, cases[i / 2].after);
    }
}

/* Read on another device, or by an answer of one's own: the mark goes. */
static void
test_at_type_ends (StoreFixture  *self,
                   gconstpointer  unused)
{
  static const struct
  {
    gint64 read_seq;
    int    at_type;
  } steps[] = { { 4, 1 }, { 9, 1 }, { 10, 0 } };

  put (self, "sg_a", PEER, 10);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (TernConversationRow) row = NULL;
      g_autoptr (GError) error = NULL;

      store_fixture_begin (self);
      if (i == 0)
        set_at_type (self, 1);
      tern_store_set_seqs (self->writer, "sg_a", 10, steps[i].read_seq, self->changes,
                           &error);
      g_assert_no_error (error);
      store_fixture_commit (self);
      row = tern_store_find_conversation (self->reader, SELF, "sg_a", &error);
      g_assert_cmpint (row->at_type, ==, steps[i].at_type);
    }
}

static void
test_pending_reads (StoreFixture  *self,
                    gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) states = NULL;

  store_fixture_begin (self);
  tern_store_set_pending_read (self->writer, "sg_a", 5, &error);
  tern_store_set_pending_read (self->writer, "sg_b", 6, &error);
  tern_store_set_pending_read (self->writer, "sg_a", 0, &error);
  g_assert_no_error (error);
  store_fixture_commit (self);
  states = tern_store_list_pending_reads (self->reader, &error);
  g_assert_cmpuint (states->len, ==, 1);
  g_assert_cmpstr (((TernSeqState *) states->pdata[0])->conversation_id, ==, "sg_b");
  g_assert_cmpint (((TernSeqState *) states->pdata[0])->read_seq, ==, 6);
}

static void
test_bounds (StoreFixture  *self,
             gconstpointer  unused)
{
  g_autoptr (TernConversationRecord) record = record_new ("sg_a");
  g_autoptr (GError) error = NULL;
  g_autoptr (TernConversationBounds) bounds = NULL;
  g_autoptr (GPtrArray) list = NULL;

  set_seqs (self, "sg_a", 50, 20);
  put (self, "sg_b", PEER, 3);
  record->min_seq = 10;
  record->max_seq = 40;
  put_record (self, record);
  bounds = tern_store_find_bounds (self->reader, "sg_a", &error);
  g_assert_no_error (error);
  g_assert_cmpint (bounds->max_seq, ==, 40);
  g_assert_cmpint (bounds->min_seq, ==, 10);
  g_assert_cmpint (bounds->cap_seq, ==, 40);
  g_assert_cmpint (bounds->read_seq, ==, 20);
  g_assert_null (tern_store_find_bounds (self->reader, "sg_none", &error));
  g_assert_no_error (error);
  list = tern_store_list_bounds (self->reader, &error);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpstr (((TernConversationBounds *) list->pdata[0])->conversation_id, ==, "sg_b");
}

static void
test_ranges (StoreFixture  *self,
             gconstpointer  unused)
{
  g_autoptr (TernSeqRanges) ranges = tern_seq_ranges_new ();
  g_autoptr (TernSeqRanges) loaded = NULL;
  g_autoptr (TernSeqRanges) none = NULL;
  g_autoptr (GHashTable) all = NULL;
  g_autoptr (GError) error = NULL;

  tern_seq_ranges_add (ranges, 1, 5);
  tern_seq_ranges_add (ranges, 10, 12);
  for (guint i = 0; i < 2; i++)
    {
      store_fixture_begin (self);
      tern_store_save_ranges (self->writer, "sg_a", ranges, &error);
      tern_store_save_ranges (self->writer, "n_a", ranges, &error);
      g_assert_no_error (error);
      store_fixture_commit (self);
    }
  loaded = tern_store_load_ranges (self->reader, "sg_a", &error);
  g_assert_cmpuint (tern_seq_ranges_get_n (loaded), ==, 2);
  g_assert_cmpint (tern_seq_ranges_get (loaded, 1)->first, ==, 10);
  g_assert_cmpint (tern_seq_ranges_get (loaded, 1)->last, ==, 12);
  none = tern_store_load_ranges (self->reader, "sg_none", &error);
  g_assert_cmpuint (tern_seq_ranges_get_n (none), ==, 0);
  all = tern_store_load_all_ranges (self->reader, &error);
  g_assert_cmpuint (g_hash_table_size (all), ==, 2);
  g_assert_cmpuint (tern_seq_ranges_get_n (g_hash_table_lookup (all, "n_a")), ==, 2);
}

static void
add (const char *path,
     void      (*func) (StoreFixture *self, gconstpointer unused))
{
  g_test_add (path, StoreFixture, NULL, store_fixture_set_up, func, store_fixture_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("/conversations/order-and-pin", test_order_and_pin);
  add ("/conversations/notifications", test_notification_conversations_are_not_listed);
  add ("/conversations/unread", test_unread);
  add ("/conversations/draft", test_draft);
  add ("/conversations/hidden", test_hidden_until_something_new);
  add ("/conversations/last-message", test_last_message);
  add ("/conversations/end", test_end);
  add ("/conversations/start", test_start);
  add ("/conversations/names", test_names);
  add ("/conversations/record-clears-history", test_record_clears_history);
  add ("/conversations/at-type", test_at_type);
  add ("/conversations/at-type-adds", test_at_type_adds);
  add ("/conversations/at-type-ends", test_at_type_ends);
  add ("/conversations/pending-reads", test_pending_reads);
  add ("/conversations/bounds", test_bounds);
  add ("/conversations/ranges", test_ranges);
  return g_test_run ();
}
