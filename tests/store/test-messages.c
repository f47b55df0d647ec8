/* test-messages.c: what putting a message does
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "store-fixture.h"

#include <string.h>

#include "tern-db-private.h"

static void
assert_page (StoreFixture *self,
             const char   *conversation_id,
             const char   *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) actual = g_string_new (NULL);
  g_autoptr (GPtrArray) rows = NULL;

  rows = tern_store_list_before (self->reader, conversation_id, NULL, 1000, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < rows->len; i++)
    {
      TernMessageRecord *row = g_ptr_array_index (rows, i);
      g_autofree char *text = store_message_dup_text (row);

      g_string_append_printf (actual, "%s%s:%" G_GINT64_FORMAT, i > 0 ? " " : "", text, row->seq);
    }
  g_assert_cmpstr (actual->str, ==, expected);
}

static void
put (StoreFixture *self,
     const char   *sender_id,
     const char   *client_id,
     gint64        seq,
     const char   *text)
{
  store_fixture_put (self, store_message_new (PAIR, sender_id, client_id, seq, text));
}

static void
add_outgoing (StoreFixture *self,
              const char   *client_id,
              const char   *text)
{
  g_autoptr (TernMessageRecord) message = store_message_new (PAIR, SELF, client_id, 0, text);
  g_autoptr (GError) error = NULL;

  store_fixture_begin (self);
  tern_store_add_outgoing (self->writer, message, self->changes, &error);
  g_assert_no_error (error);
  store_fixture_commit (self);
}

static void
test_every_field_comes_back (StoreFixture  *self,
                             gconstpointer  unused)
{
  static const char *at[] = { "one", "two \xff", NULL };
  static const char hex[] = "0123456789abcdef0123456789abcdef";
  g_autoptr (TernMessageRecord) message = store_message_new ("sg_g", PEER, hex, 7, "text");
  g_autoptr (TernMessageRecord) found = NULL;
  g_autoptr (GError) error = NULL;

  tern_record_set_text (&message->server_id, "Not a hex ID");
  tern_record_set_text (&message->sender_face_url, "face");
  tern_record_set_text (&message->attached_info, "{}");
  tern_record_set_text (&message->ex, "ex");
  message->at_user_ids = g_strdupv ((char **) at);
  message->offline_push = tern_offline_push_new ();
  tern_record_set_text (&message->offline_push->desc, "desc");
  message->offline_push->ios_badge = TRUE;
  message->options_off = TERN_OPTION_UNREAD_COUNT;
  message->options_on = TERN_OPTION_HISTORY;
  message->sender_platform = 5;
  message->msg_from = 100;
  message->is_read = TRUE;
  store_fixture_put (self, tern_message_record_copy (message));

  found = tern_store_find_by_seq (self->reader, "sg_g", 7, &error);
  g_assert_no_error (error);
  g_assert_nonnull (found);
  g_assert_cmpstr (found->conversation_id, ==, "sg_g");
  g_assert_cmpstr (found->client_id, ==, hex);
  g_assert_cmpstr (found->server_id, ==, message->server_id);
  g_assert_cmpstr (found->sender_id, ==, PEER);
  g_assert_cmpstr (found->recv_id, ==, "");
  g_assert_cmpstr (found->group_id, ==, "g");
  g_assert_cmpstr (found->sender_name, ==, PEER);
  g_assert_cmpstr (found->sender_face_url, ==, "face");
  g_assert_cmpstr (found->attached_info, ==, "{}");
  g_assert_cmpstr (found->ex, ==, "ex");
  g_assert_null (found->error);
  g_assert_true (g_bytes_equal (found->content, message->content));
  g_assert_true (g_strv_equal ((const char * const *) found->at_user_ids, at));
  g_assert_cmpstr (found->offline_push->desc, ==, "desc");
  g_assert_cmpstr (found->offline_push->title, ==, "");
  g_assert_true (found->offline_push->ios_badge);
  g_assert_cmpint (found->options_off, ==, TERN_OPTION_UNREAD_COUNT);
  g_assert_cmpint (found->options_on, ==, TERN_OPTION_HISTORY);
  g_assert_cmpint (found->sender_platform, ==, 5);
  g_assert_cmpint (found->msg_from, ==, 100);
  g_assert_cmpint (found->status, ==, TERN_MESSAGE_SENT);
  g_assert_cmpint (found->sent_ms, ==, 1000007);
  g_assert_cmpint (found->created_ms, ==, 1000007);
  g_assert_true (found->is_read);
}

static void
test_twice_changes_nothing (StoreFixture  *self,
                            gconstpointer  unused)
{
  put (self, PEER, "a", 1, "A");
  g_assert_false (tern_changes_is_empty (self->changes));
  put (self, PEER, "a", 1, "A");
  g_assert_true (tern_changes_is_empty (self->changes));
  assert_page (self, PAIR, "A:1");
}

static void
test_order_is_the_servers (StoreFixture  *self,
                           gconstpointer  unused)
{
  put (self, PEER, "c", 3, "C");
  put (self, PEER, "a", 1, "A");
  put (self, PEER, "b", 2, "B");
  assert_page (self, PAIR, "A:1 B:2 C:3");
}

static void
test_outgoing_gets_its_seq (StoreFixture  *self,
                            gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) unsent = NULL;
  g_autoptr (GPtrArray) none = NULL;
  const TernConversationChange *change;

  put (self, PEER, "a", 5, "A");
  add_outgoing (self, "x", "X");
  add_outgoing (self, "y", "Y");
  put (self, PEER, "b", 6, "B");
  assert_page (self, PAIR, "A:5 X:0 Y:0 B:6");

  store_fixture_begin (self);
  g_assert_true (tern_store_set_sent (self->writer, PAIR, SELF, "x", "server", 77, self->changes,
                                      &error));
  store_fixture_commit (self);
  unsent = tern_store_list_unsent (self->reader, SELF, &error);
  g_assert_cmpuint (unsent->len, ==, 2);
  g_assert_cmpint (((TernMessageRecord *) unsent->pdata[0])->status, ==, TERN_MESSAGE_SENT);
  g_assert_cmpint (((TernMessageRecord *) unsent->pdata[0])->sent_ms, ==, 77);
  g_assert_cmpint (((TernMessageRecord *) unsent->pdata[1])->status, ==, TERN_MESSAGE_SENDING);

  put (self, SELF, "x", 8, "X");
  change = tern_changes_find (self->changes, PAIR);
  g_assert_nonnull (change);
  g_assert_cmpuint (change->added->len, ==, 0);
  g_assert_cmpuint (change->updated->len, ==, 1);
  put (self, SELF, "y", 7, "Y");
  assert_page (self, PAIR, "A:5 B:6 Y:7 X:8");
  none = tern_store_list_unsent (self->reader, SELF, &error);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_failed_stays_in_place (StoreFixture  *self,
                            gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TernMessageRecord) row = NULL;
  g_autoptr (GPtrArray) unsent = NULL;

  put (self, PEER, "a", 1, "A");
  add_outgoing (self, "x", "X");
  store_fixture_begin (self);
  g_assert_true (tern_store_set_failed (self->writer, PAIR, SELF, "x", "No", self->changes,
                                        &error));
  store_fixture_commit (self);
  put (self, PEER, "b", 2, "B");
  assert_page (self, PAIR, "A:1 X:0 B:2");
  row = tern_store_find_by_client_id (self->reader, PAIR, SELF, "x", &error);
  g_assert_cmpint (row->status, ==, TERN_MESSAGE_FAILED);
  g_assert_cmpstr (row->error, ==, "No");
  unsent = tern_store_list_unsent (self->reader, SELF, &error);
  g_assert_cmpuint (unsent->len, ==, 0);

  /* The refusal was wrong: the message comes all the same. */
  put (self, SELF, "x", 3, "X");
  assert_page (self, PAIR, "A:1 B:2 X:3");
  tern_message_record_free (g_steal_pointer (&row));
  row = tern_store_find_by_client_id (self->reader, PAIR, SELF, "x", &error);
  g_assert_cmpint (row->status, ==, TERN_MESSAGE_SENT);
  g_assert_null (row->error);

  /* And what fails after its seq has come did not fail. */
  store_fixture_begin (self);
  g_assert_true (tern_store_set_failed (self->writer, PAIR, SELF, "x", "No", self->changes,
                                        &error));
  g_assert_true (tern_changes_is_empty (self->changes));
  store_fixture_commit (self);
}

static void
test_outgoing_stands_behind_what_is_not_here_yet (StoreFixture  *self,
                                                  gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;

  store_fixture_begin (self);
  g_assert_true (tern_store_set_seqs (self->writer, PAIR, 100, 0, self->changes, &error));
  store_fixture_commit (self);
  add_outgoing (self, "x", "X");
  put (self, PEER, "a", 100, "A");
  put (self, PEER, "b", 101, "B");
  assert_page (self, PAIR, "A:100 X:0 B:101");
}

static void
test_lower_seq_keeps_the_row (StoreFixture  *self,
                              gconstpointer  unused)
{
  put (self, SELF, "x", 5, "X");
  put (self, SELF, "x", 9, "X again");
  assert_page (self, PAIR, "X:5");
  put (self, SELF, "x", 3, "X first");
  assert_page (self, PAIR, "X first:3");
}

static void
test_same_seq_other_message_replaces (StoreFixture  *self,
                                      gconstpointer  unused)
{
  put (self, PEER, "a", 1, "A");
  put (self, PEER, "b", 2, "B");
  put (self, PEER, "c", 2, "C");
  assert_page (self, PAIR, "A:1 C:2");
  /* Even when the newcomer has a row of its own. */
  put (self, PEER, "d", 4, "D");
  put (self, PEER, "d", 2, "D");
  assert_page (self, PAIR, "A:1 D:2");
}

static void
test_client_id_belongs_to_its_sender (StoreFixture  *self,
                                      gconstpointer  unused)
{
  add_outgoing (self, "x", "X");
  put (self, PEER, "x", 1, "stolen");
  assert_page (self, PAIR, "X:0 stolen:1");
}

static void
test_placeholder_is_not_stored (StoreFixture  *self,
                                gconstpointer  unused)
{
  put (self, PEER, "a", 1, "A");
  put (self, "", "", 1, "");
  put (self, "", "", 2, "");
  assert_page (self, PAIR, "A:1");
}

static void
test_deleted_record_erases (StoreFixture  *self,
                            gconstpointer  unused)
{
  TernMessageRecord *deleted;

  put (self, PEER, "a", 1, "A");
  put (self, PEER, "b", 2, "B");
  /* A later duplicate of "a" was deleted, not "a" itself. */
  deleted = store_message_new (PAIR, PEER, "a", 5, "");
  deleted->status = TERN_MESSAGE_DELETED;
  store_fixture_put (self, deleted);
  assert_page (self, PAIR, "A:1 B:2");
  deleted = store_message_new (PAIR, PEER, "b", 2, "");
  deleted->status = TERN_MESSAGE_DELETED;
  store_fixture_put (self, deleted);
  assert_page (self, PAIR, "A:1");
}

static void
test_revoked_stays_revoked (StoreFixture  *self,
                            gconstpointer  unused)
{
  g_autoptr (GBytes) content = g_bytes_new_static ("gone", 4);
  g_autoptr (GError) error = NULL;
  g_autoptr (TernMessageRecord) row = NULL;
  TernMessageRecord *message = store_message_new (PAIR, PEER, "a", 1, "secret");

  message->at_user_ids = g_strsplit ("one two", " ", 0);
  message->offline_push = tern_offline_push_new ();
  tern_record_set_text (&message->offline_push->title, "secret");
  store_fixture_put (self, message);
  for (guint i = 0; i < 2; i++)
    {
      store_fixture_begin (self);
      store_revoke (self->writer, self->changes, PAIR, 1, content);
      store_fixture_commit (self);
      g_assert_cmpint (tern_changes_is_empty (self->changes), ==, i == 1);
    }
  put (self, PEER, "a", 1, "secret");
  assert_page (self, PAIR, "gone:1");
  row = tern_store_find_by_seq (self->reader, PAIR, 1, &error);
  g_assert_cmpint (row->content_type, ==, TERN_CONTENT_REVOKED);
  g_assert_cmpint (row->sent_ms, ==, 1000001);
  g_assert_null (row->at_user_ids);
  g_assert_null (row->offline_push);
}

static void
test_delete_below_keeps_unsent (StoreFixture  *self,
                                gconstpointer  unused)
{
  static const gint64 seqs[] = { 4, 77 };
  g_autoptr (GError) error = NULL;

  add_outgoing (self, "x", "X");
  for (int i = 1; i <= 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("id%d", i);

      put (self, PEER, id, i, id);
    }
  store_fixture_begin (self);
  g_assert_true (tern_store_delete_below (self->writer, PAIR, 3, self->changes, &error));
  g_assert_true (tern_store_delete_seqs (self->writer, PAIR, seqs, 2, self->changes, &error));
  store_fixture_commit (self);
  g_assert_cmpuint (tern_changes_find (self->changes, PAIR)->removed->len, ==, 3);
  assert_page (self, PAIR, "X:0 id3:3 id5:5");
}

static void
test_peer_reads (StoreFixture  *self,
                 gconstpointer  unused)
{
  static const gint64 seqs[] = { 5 };
  static const gboolean expected[] = { TRUE, FALSE, TRUE, FALSE, TRUE, FALSE };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  TernMessageRecord *message;

  put (self, SELF, "a", 1, "A");
  put (self, PEER, "b", 2, "B");
  put (self, SELF, "c", 3, "C");
  put (self, SELF, "d", 4, "D");
  put (self, SELF, "e", 5, "E");
  add_outgoing (self, "f", "F");
  for (guint i = 0; i < 2; i++)
    {
      store_fixture_begin (self);
      g_assert_true (tern_store_set_peer_read (self->writer, PAIR, SELF, 3, seqs, 1, self->changes,
                                               &error));
      store_fixture_commit (self);
      g_assert_cmpint (tern_changes_is_empty (self->changes), ==, i == 1);
    }
  /* The receipt for a message can come before its seq does. */
  store_fixture_begin (self);
  g_assert_true (tern_store_delete_seqs (self->writer, PAIR, (gint64[]) { 3 }, 1, self->changes,
                                         &error));
  store_fixture_commit (self);
  message = store_message_new (PAIR, SELF, "f", 3, "F");
  g_assert_true (tern_store_take_over_receipt (self->writer, message, &error));
  store_fixture_put (self, message);
  message = store_message_new (PAIR, SELF, "g", 6, "G");
  g_assert_true (tern_store_take_over_receipt (self->writer, message, &error));
  store_fixture_put (self, message);
  rows = tern_store_list_before (self->reader, PAIR, NULL, 10, &error);
  g_assert_cmpuint (rows->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < rows->len; i++)
    g_assert_cmpint (((TernMessageRecord *) rows->pdata[i])->is_read, ==, expected[i]);
}

static void
test_pages (StoreFixture  *self,
            gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;
  TernMessageKey key = { G_MAXINT64, G_MAXINT64 };
  gint64 next = 100;
  gint64 ids[3];

  for (int i = 1; i <= 100; i++)
    {
      g_autofree char *id = g_strdup_printf ("id%d", i);

      put (self, PEER, id, i, id);
    }
  while (next > 0)
    {
      g_autoptr (GPtrArray) rows = tern_store_list_before (self->reader, PAIR, &key, 7, &error);
      g_autoptr (GPtrArray) by_seq = NULL;
      TernMessageRecord *first = rows->pdata[0];

      by_seq = tern_store_list_before_seq (self->reader, PAIR, next == 100 ? 0 : next + 1, 7,
                                           &error);
      g_assert_cmpuint (rows->len, ==, MIN (7, next));
      g_assert_cmpuint (by_seq->len, ==, rows->len);
      for (guint i = rows->len; i > 0; i--, next--)
        {
          g_assert_cmpint (((TernMessageRecord *) rows->pdata[i - 1])->seq, ==, next);
          g_assert_cmpint (((TernMessageRecord *) by_seq->pdata[i - 1])->seq, ==, next);
        }
      key.position = first->position;
      key.id = first->id;
      ids[next % 3] = first->id;
    }
  {
    g_autoptr (GPtrArray) after = tern_store_list_after (self->reader, PAIR, &key, 9, &error);
    g_autoptr (GPtrArray) start = tern_store_list_after (self->reader, PAIR, NULL, 2, &error);
    g_autoptr (GPtrArray) by_ids = NULL;

    g_assert_cmpuint (after->len, ==, 9);
    g_assert_cmpint (((TernMessageRecord *) after->pdata[0])->seq, ==, 2);
    g_assert_cmpint (((TernMessageRecord *) start->pdata[0])->seq, ==, 1);
    ids[1] = 424242;
    by_ids = tern_store_list_by_ids (self->reader, ids, 3, &error);
    g_assert_cmpuint (by_ids->len, ==, 2);
    g_assert_cmpint (((TernMessageRecord *) by_ids->pdata[0])->id, ==, ids[0]);
    g_assert_cmpint (((TernMessageRecord *) by_ids->pdata[1])->id, ==, ids[2]);
  }
}

static void
put_at (StoreFixture *self,
        gint64        seq,
        gint64        sent_ms)
{
  g_autofree char *id = g_strdup_printf ("at%" G_GINT64_FORMAT, seq);
  TernMessageRecord *message = store_message_new (PAIR, PEER, id, seq, "text");

  message->sent_ms = sent_ms;
  store_fixture_put (self, message);
}

/* The first of a time or later, in whatever numbers: halving against a look at
 * each. */
static void
test_find_seq_at (StoreFixture  *self,
                  gconstpointer  unused)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (17);
  gint64 seqs[60];
  gint64 times[60];
  gint64 found;
  gint64 found_ms;

  g_assert_true (tern_store_find_seq_at (self->reader, PAIR, 0, &found, &found_ms, NULL));
  g_assert_cmpint (found, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (seqs); i++)
    {
      seqs[i] = (i > 0 ? seqs[i - 1] : 0) + g_rand_int_range (rand, 1, 9);
      times[i] = (i > 0 ? times[i - 1] : 5000) + g_rand_int_range (rand, 0, 40);
      put_at (self, seqs[i], times[i]);
    }
  for (gint64 ms = 4990; ms < times[59] + 5; ms++)
    {
      guint expected = 0;

      while (expected < G_N_ELEMENTS (seqs) && times[expected] < ms)
        expected++;
      g_assert_true (tern_store_find_seq_at (self->reader, PAIR, ms, &found, &found_ms, NULL));
      g_assert_cmpint (found, ==, expected < G_N_ELEMENTS (seqs) ? seqs[expected] : 0);
      g_assert_cmpint (found_ms, ==, expected < G_N_ELEMENTS (seqs) ? times[expected] : 0);
    }
  put_at (self, G_MAXINT64, 9000000);
  g_assert_true (tern_store_find_seq_at (self->reader, PAIR, 99999999, &found, &found_ms, NULL));
  g_assert_cmpint (found, ==, 0);
}

static void
test_absurd_numbers (StoreFixture  *self,
                     gconstpointer  unused)
{
  put (self, PEER, "a", G_MAXINT64, "A");
  put (self, PEER, "b", -5, "B");
  add_outgoing (self, "c", "C");
  assert_page (self, PAIR, "A:9223372036854775807 B:0 C:0");
}

static void
put_quote (StoreFixture *self,
           const char   *conversation_id,
           gint64        seq,
           int           type,
           const char   *content)
{
  g_autofree char *client_id = g_strdup_printf ("%s-%" G_GINT64_FORMAT, conversation_id, seq);
  TernMessageRecord *message = store_message_new (conversation_id, PEER, client_id, seq, content);

  message->content_type = type;
  store_fixture_put (self, message);
}

/* The seqs of what may quote @client_id or @seq. */
static void
assert_quoting (StoreFixture *self,
                const char   *client_id,
                gint64        seq,
                const char   *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows =
    tern_store_list_quoting (self->reader, PAIR, client_id, seq, &error);
  g_autoptr (GString) actual = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < rows->len; i++)
    g_string_append_printf (actual, "%" G_GINT64_FORMAT " ",
                            ((TernMessageRecord *) rows->pdata[i])->seq);
  g_assert_cmpstr (actual->str, ==, expected);
}

/* The plan of the statement whose text holds @words. */
static char *
dup_plan (StoreFixture *self,
          const char   *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TernStatement) any = tern_db_query (self->reader, &error, "SELECT 1", "");
  g_autoptr (GString) plan = g_string_new (NULL);
  g_autofree char *sql = NULL;
  sqlite3 *handle = sqlite3_db_handle (any);
  sqlite3_stmt *statement = NULL;

  do
    statement = sqlite3_next_stmt (handle, statement);
  while (statement != NULL && strstr (sqlite3_sql (statement), words) == NULL);
  g_assert_nonnull (statement);
  sql = g_strconcat ("EXPLAIN QUERY PLAN ", sqlite3_sql (statement), NULL);
  g_assert_cmpint (sqlite3_prepare_v2 (handle, sql, -1, &statement, NULL), ==, SQLITE_OK);
  while (sqlite3_step (statement) == SQLITE_ROW)
    g_string_append_printf (plan, "%s\n", (const char *) sqlite3_column_text (statement, 3));
  sqlite3_finalize (statement);
  return g_string_free (g_steal_pointer (&plan), FALSE);
}

static void
add_seq (gint64    seq,
         GBytes   *content,
         gpointer  user_data)
{
  g_assert_nonnull (content);
  *(gint64 *) user_data += seq;
}

/* Whatever an ID holds is looked for as it is; JSON may write it in another
 * way. And no message is read that is no 106 or 114. */
static void
test_quoting (StoreFixture  *self,
              gconstpointer  unused)
{
  g_autofree char *plan = NULL;
  gint64 sum = 0;

  put_quote (self, PAIR, 201, 114, "{\"clientMsgID\":\"abc\"}");
  put_quote (self, PAIR, 202, 106, "{\"clientMsgID\":\"abc\"}");
  put_quote (self, PAIR, 203, 101, "{\"clientMsgID\":\"abc\"}");
  put_quote (self, "si_other_self", 204, 114, "{\"clientMsgID\":\"abc\"}");
  put_quote (self, PAIR, 205, 114, "{\"clientMsgID\":\"a%c_d'\"}");
  put_quote (self, PAIR, 206, 114, "{\"clientMsgID\":\"a\\u003cc\"}");
  put_quote (self, PAIR, 207, 114, "{\"clientMsgID\":\"else\",\"seq\":77}");
  put_quote (self, PAIR, 208, 114, "");
  assert_quoting (self, "abc", 90, "201 202 206 ");
  assert_quoting (self, "a%c", 90, "205 206 ");
  assert_quoting (self, "a_c", 90, "206 ");
  assert_quoting (self, "c_d'", 90, "205 206 ");
  assert_quoting (self, "a<c", 90, "206 ");
  assert_quoting (self, "ABC", 77, "206 207 ");
  assert_quoting (self, NULL, 77, "207 ");
  assert_quoting (self, NULL, 90, "");

  g_assert_true (tern_store_foreach_quote (self->reader, PAIR, add_seq, &sum, NULL));
  g_assert_cmpint (sum, ==, 201 + 205 + 206 + 207 + 208);
  plan = dup_plan (self, "m.content_type = 114");
  g_assert_nonnull (strstr (plan, "INDEX messages_with_quote (conversation=?)"));
  g_clear_pointer (&plan, g_free);
  plan = dup_plan (self, "instr (m.content");
  g_assert_nonnull (strstr (plan, "INDEX messages_with_quote (conversation=?)"));
  g_assert_null (strstr (plan, "SCAN"));
}

/* What was not read yet, of one kind and from one sender, the newest first. */
static void
test_unread (StoreFixture  *self,
             gconstpointer  unused)
{
  static const char * const senders[] = { PEER, "other" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autofree char *plan = NULL;

  for (gint64 seq = 1; seq <= 80; seq++)
    {
      g_autofree char *client_id = g_strdup_printf ("%" G_GINT64_FORMAT, seq);
      TernMessageRecord *message =
        store_message_new (PAIR, senders[seq % 2], client_id, seq, "text");

      message->content_type = seq % 4 < 2 ? 1519 : 101;
      store_fixture_put (self, message);
    }
  store_fixture_begin (self);
  tern_store_set_seqs (self->writer, PAIR, 0, 60, self->changes, &error);
  g_assert_no_error (error);
  store_fixture_commit (self);
  rows = tern_store_list_unread (self->reader, PAIR, 1519, PEER, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, 5);
  for (guint i = 0; i < rows->len; i++)
    g_assert_cmpint (((TernMessageRecord *) rows->pdata[i])->seq, ==, 80 - 4 * (gint64) i);
  plan = dup_plan (self, "m.seq > c.read_seq");
  g_assert_nonnull (strstr (plan, "INDEX messages_by_seq (conversation=? AND seq>?)"));
  g_assert_null (strstr (plan, "TEMP B-TREE"));
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
  add ("/messages/quoting", test_quoting);
  add ("/messages/unread", test_unread);
  add ("/messages/every-field-comes-back", test_every_field_comes_back);
  add ("/messages/twice-changes-nothing", test_twice_changes_nothing);
  add ("/messages/order-is-the-servers", test_order_is_the_servers);
  add ("/messages/outgoing-gets-its-seq", test_outgoing_gets_its_seq);
  add ("/messages/failed-stays-in-place", test_failed_stays_in_place);
  add ("/messages/outgoing-behind-unknown", test_outgoing_stands_behind_what_is_not_here_yet);
  add ("/messages/lower-seq-keeps-the-row", test_lower_seq_keeps_the_row);
  add ("/messages/same-seq-replaces", test_same_seq_other_message_replaces);
  add ("/messages/client-id-and-sender", test_client_id_belongs_to_its_sender);
  add ("/messages/placeholder", test_placeholder_is_not_stored);
  add ("/messages/deleted-record", test_deleted_record_erases);
  add ("/messages/revoked", test_revoked_stays_revoked);
  add ("/messages/delete-below", test_delete_below_keeps_unsent);
  add ("/messages/peer-reads", test_peer_reads);
  add ("/messages/pages", test_pages);
  add ("/messages/find-seq-at", test_find_seq_at);
  add ("/messages/absurd-numbers", test_absurd_numbers);
  return g_test_run ();
}
