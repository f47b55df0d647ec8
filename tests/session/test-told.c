/* test-told.c: what the session tells the server by REST, and asks of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The real worker and store; the server is a table of how often each route
 * fails before it works.
 */

#include "config.h"

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>

#include "leaks.h"
#include "tern-api.h"
#include "tern-read-marks.h"
#include "tern-record-sync.h"
#include "tern-store.h"
#include "test-support.h"

#define WAIT_S 120
#define CHAT "si_me_you"

LEAKS_OF_SOUP_SERVER

typedef struct
{
  SoupServer     *server;
  SoupSession    *soup;
  TernApi        *api;
  TernSyncWorker *worker;
  TernDb         *reader;
  char           *folder;
  guint           n_failing;  /* so many requests more are refused */
  gboolean        has_expired; /* the token */
  gboolean        holds;      /* the next is kept waiting */
  SoupServerMessage *held;    /* (nullable) */
  guint           n_requests;
  guint           n_groups;   /* so often groups were asked for, members, friends */
  guint           n_members;
  guint           n_friends;
  const char     *changed_groups; /* (nullable): JSON of what is told of them next */
  gint64          told_seq;   /* the last read position that was taken */
  guint64         ready;      /* the epoch of the last "conversations-ready" */
  gboolean        is_ready;
  gboolean        is_over;
} Fixture;

#define wait_for(condition) test_wait_for (condition, WAIT_S)

static void
answer_text (SoupServerMessage *message,
             guint              status,
             const char        *text)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, text,
                                    strlen (text));
}

static void
answer (SoupServerMessage *message,
        guint              status)
{
  answer_text (message, status, "{\"errCode\":0,\"data\":{}}");
}

static void
note_position (Fixture           *self,
               SoupServerMessage *message)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr(JsonParser) parser = json_parser_new ();

  g_assert_true (json_parser_load_from_data (parser, body->data, body->length, NULL));
  self->told_seq =
    json_object_get_int_member (json_node_get_object (json_parser_get_root (parser)),
                                "hasReadSeq");
}

static void
request_cb (SoupServer        *server,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           user_data)
{
  Fixture *self = user_data;

  self->n_requests++;
  if (self->holds)
    {
      self->holds = FALSE;
      soup_server_message_pause (message);
      self->held = g_object_ref (message);
      return;
    }
  if (self->has_expired)
    {
      answer_text (message, SOUP_STATUS_OK, "{\"errCode\":1501,\"errMsg\":\"TokenExpiredError\"}");
      return;
    }
  if (self->n_failing > 0)
    {
      self->n_failing--;
      answer (message, SOUP_STATUS_SERVICE_UNAVAILABLE);
      return;
    }
  if (strcmp (path, "/msg/mark_conversation_as_read") == 0)
    note_position (self, message);
  self->n_members += strcmp (path, "/group/get_incremental_group_members_batch") == 0;
  self->n_friends += strcmp (path, "/friend/get_incremental_friends") == 0;
  if (strcmp (path, "/group/get_incremental_join_groups") == 0)
    {
      self->n_groups++;
      if (self->changed_groups != NULL)
        {
          answer_text (message, SOUP_STATUS_OK, self->changed_groups);
          self->changed_groups = NULL;
          return;
        }
    }
  answer (message, SOUP_STATUS_OK);
}

static void
fill_store (Fixture *self,
            guint    n_messages)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TernChanges) changes = tern_changes_new ();
  TernDb *writer = tern_db_open (self->folder, TERN_DB_WRITER, &error);

  g_assert_no_error (error);
  g_assert_true (tern_db_begin (writer, NULL));
  for (guint i = 1; i <= n_messages; i++)
    {
      g_autoptr(TernMessageRecord) message = tern_message_record_new ();

      g_free (message->conversation_id);
      message->conversation_id = g_strdup (CHAT);
      g_free (message->sender_id);
      message->sender_id = g_strdup ("you");
      g_free (message->recv_id);
      message->recv_id = g_strdup ("me");
      g_free (message->client_id);
      message->client_id = g_strdup_printf ("%u", i);
      message->chat_type = TERN_CHAT_SINGLE;
      message->content_type = TERN_CONTENT_TEXT;
      message->content = g_bytes_new_static ("{}", 2);
      message->seq = i;
      message->status = TERN_MESSAGE_SENT;
      g_assert_true (tern_store_ensure_conversation (writer, message, "me", changes, NULL));
      g_assert_true (tern_store_put_message (writer, message, changes, NULL));
    }
  g_assert_true (tern_store_set_seqs (writer, CHAT, n_messages, 0, changes, NULL));
  g_assert_true (tern_db_commit (writer, NULL));
  tern_db_close (writer);
}

static void
ready_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  tern_sync_worker_wait_ready_finish (TERN_SYNC_WORKER (object), result, &error);
  g_assert_no_error (error);
  ((Fixture *) user_data)->is_ready = TRUE;
}

static void
run_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_assert_true (tern_sync_worker_run_finish (TERN_SYNC_WORKER (object), result, NULL));
  ((Fixture *) user_data)->is_over = TRUE;
}

static void
set_up (Fixture       *self,
        gconstpointer  unused)
{
  TernFrameFormat format = { .encoding = TERN_ENCODING_JSON };
  g_autoptr(GError) error = NULL;
  g_autofree char *base = NULL;
  GSList *uris;

  self->folder = g_dir_make_tmp ("tern-told-XXXXXX", NULL);
  fill_store (self, 3);
  self->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (self->server, NULL, request_cb, self, NULL);
  g_assert_true (soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (self->server);
  base = g_uri_to_string (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  self->soup = tern_soup_session_new (NULL);
  self->api = tern_api_new (self->soup, base, "token");

  self->worker = tern_sync_worker_new (self->folder, "me", 7, &format);
  tern_sync_worker_run_async (self->worker, run_cb, self);
  tern_sync_worker_wait_ready_async (self->worker, NULL, ready_cb, self);
  wait_for (self->is_ready);
  self->reader = tern_db_open (self->folder, TERN_DB_READER, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *self,
           gconstpointer  unused)
{
  tern_sync_worker_stop (self->worker);
  wait_for (self->is_over);
  g_object_unref (self->worker);
  tern_db_close (self->reader);
  g_object_unref (self->api);
  soup_session_abort (self->soup);
  g_object_unref (self->soup);
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_clear_object (&self->held);
  test_remove_tree (self->folder);
  g_free (self->folder);
}

static guint
count_pending (Fixture *self)
{
  g_autoptr(GPtrArray) pending = tern_store_list_pending_reads (self->reader, NULL);

  return pending->len;
}

static gint64
get_read_seq (Fixture *self)
{
  g_autoptr(TernConversationRow) row =
    tern_store_find_conversation (self->reader, "me", CHAT, NULL);

  return row->read_seq;
}

static void
hide (Fixture *self)
{
  g_autoptr(TernChanges) changes = tern_changes_new ();
  TernDb *writer = tern_db_open (self->folder, TERN_DB_WRITER, NULL);

  g_assert_true (tern_db_begin (writer, NULL));
  g_assert_true (tern_store_hide_conversation (writer, CHAT, changes, NULL));
  g_assert_true (tern_db_commit (writer, NULL));
  tern_db_close (writer);
}

static gboolean
is_shown (Fixture *self)
{
  g_autoptr(TernConversationRow) row =
    tern_store_find_conversation (self->reader, "me", CHAT, NULL);

  return row != NULL;
}

/* The line stands all the while: no connect follows that would tell it. */
static void
test_told_again (Fixture       *self,
                 gconstpointer  unused)
{
  g_autoptr(TernReadMarks) marks = tern_read_marks_new (self->api, self->reader, self->worker,
                                                        "me");

  self->n_failing = 2;
  tern_read_marks_add (marks, CHAT, 2);
  wait_for (self->told_seq == 2);
  wait_for (get_read_seq (self) == 2 && count_pending (self) == 0);
  g_assert_cmpuint (self->n_requests, >=, 3);
  tern_read_marks_stop (marks);
}

/* What does not exist was not read, and nothing of it stays to be told. */
static void
test_beyond (Fixture       *self,
             gconstpointer  unused)
{
  g_autoptr(TernReadMarks) marks = tern_read_marks_new (self->api, self->reader, self->worker,
                                                        "me");

  tern_read_marks_add (marks, CHAT, G_MAXINT64);
  wait_for (self->told_seq == 3);
  wait_for (get_read_seq (self) != 0);
  g_assert_cmpint (get_read_seq (self), ==, 3);
  wait_for (count_pending (self) == 0);
  tern_read_marks_stop (marks);
}

static void
run_sql (Fixture    *self,
         const char *sql)
{
  g_autofree char *path = g_build_filename (self->folder, "tern.db", NULL);
  sqlite3 *handle = NULL;

  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  sqlite3_busy_timeout (handle, WAIT_S * 1000);
  g_assert_cmpint (sqlite3_exec (handle, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (handle);
}

static gboolean
count_cb (gpointer user_data)
{
  (*(guint *) user_data)++;

  return G_SOURCE_CONTINUE;
}

/* While nothing can be read, nothing is told: it could be beyond all there is. */
static void
test_unreadable (Fixture       *self,
                 gconstpointer  unused)
{
  g_autoptr(TernReadMarks) marks = tern_read_marks_new (self->api, self->reader, self->worker,
                                                        "me");
  guint n_ticks = 0;
  guint counter = g_timeout_add (500, count_cb, &n_ticks); /* the marks wait for less */

  run_sql (self, "UPDATE conversations SET pending_read_seq = 1000;"
                 "ALTER TABLE users RENAME TO hidden");
  tern_read_marks_retry (marks);
  wait_for (self->told_seq != 0);
  g_assert_cmpint (self->told_seq, ==, 3);
  wait_for (count_pending (self) == 0);

  self->n_requests = 0;
  self->told_seq = 0;
  run_sql (self, "UPDATE conversations SET pending_read_seq = 1000;"
                 "ALTER TABLE conversations RENAME TO away");
  tern_read_marks_retry (marks);
  wait_for (n_ticks >= 3);
  g_assert_cmpuint (self->n_requests, ==, 0);
  run_sql (self, "ALTER TABLE away RENAME TO conversations; ALTER TABLE hidden RENAME TO users");
  wait_for (self->told_seq == 3);
  wait_for (count_pending (self) == 0);
  g_source_remove (counter);
  tern_read_marks_stop (marks);
}

/* Whoever has to sign in again has not told it. */
static void
test_signed_out (Fixture       *self,
                 gconstpointer  unused)
{
  g_autoptr(TernReadMarks) marks = tern_read_marks_new (self->api, self->reader, self->worker,
                                                        "me");

  self->has_expired = TRUE;
  tern_read_marks_add (marks, CHAT, 2);
  wait_for (self->n_requests >= 1 && count_pending (self) == 1);
  for (guint i = 0; i < 3; i++) /* the answer, and what could follow from it */
    tern_read_marks_retry (marks);
  wait_for (self->n_requests >= 4);
  g_assert_cmpuint (count_pending (self), ==, 1);
  self->has_expired = FALSE;
  tern_read_marks_retry (marks);
  wait_for (self->told_seq == 2);
  wait_for (count_pending (self) == 0);
  tern_read_marks_stop (marks);
}

/* What was read and emptied since is told, too. */
static void
test_not_shown (Fixture       *self,
                gconstpointer  unused)
{
  g_autoptr(TernReadMarks) marks = tern_read_marks_new (self->api, self->reader, self->worker,
                                                        "me");

  self->holds = TRUE;
  tern_read_marks_add (marks, CHAT, 2);
  wait_for (self->held != NULL);
  hide (self);
  g_assert_false (is_shown (self));
  answer (self->held, SOUP_STATUS_SERVICE_UNAVAILABLE);
  soup_server_message_unpause (self->held);
  wait_for (self->told_seq == 2);
  wait_for (count_pending (self) == 0);
  tern_read_marks_stop (marks);
}

static void
set_file_limit (rlim_t n_bytes)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = MIN (n_bytes, limit.rlim_max);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* The server took it while the disk had no room to note so. */
static void
test_full_disk (Fixture       *self,
                gconstpointer  unused)
{
  g_autoptr(TernReadMarks) marks = tern_read_marks_new (self->api, self->reader, self->worker,
                                                        "me");

  self->holds = TRUE;
  tern_read_marks_add (marks, CHAT, 2);
  wait_for (self->held != NULL && count_pending (self) == 1);
  set_file_limit (1);
  answer (self->held, SOUP_STATUS_OK);
  soup_server_message_unpause (self->held);
  wait_for (self->n_requests >= 3);
  g_assert_cmpuint (count_pending (self), ==, 1);
  set_file_limit (RLIM_INFINITY);
  wait_for (count_pending (self) == 0);
  tern_read_marks_stop (marks);
}

static void
conversations_ready_cb (TernRecordSync *records,
                        guint64         epoch,
                        Fixture        *self)
{
  self->ready = epoch;
}

/* What the old line asked for fails when the new one has begun: that is the
 * old one's, and holds up nothing. */
static void
test_new_line (Fixture       *self,
               gconstpointer  unused)
{
  g_autoptr(TernRecordSync) records = tern_record_sync_new (self->api, self->reader, self->worker,
                                                            "me");

  g_signal_connect (records, "conversations-ready", G_CALLBACK (conversations_ready_cb), self);
  self->holds = TRUE;
  tern_record_sync_begin (records, 1);
  wait_for (self->held != NULL);
  tern_record_sync_begin (records, 2);
  answer (self->held, SOUP_STATUS_SERVICE_UNAVAILABLE);
  soup_server_message_unpause (self->held);
  wait_for (self->ready != 0);
  g_assert_cmpuint (self->ready, ==, 2);
  tern_record_sync_stop (records);
}

/* All that is queued by now has been asked for. */
static void
ask_to_the_end (Fixture        *self,
                TernRecordSync *records)
{
  guint n_groups = self->n_groups;
  guint n_friends = self->n_friends;

  /* What the groups bring along is queued before the friends. */
  tern_record_sync_want (records, 1 << TERN_DATASET_GROUPS, "");
  wait_for (self->n_groups > n_groups);
  tern_record_sync_want (records, 1 << TERN_DATASET_SELF, "");
  n_friends = self->n_friends;
  for (guint i = 0; i < 2; i++)
    {
      tern_record_sync_want (records, 1 << TERN_DATASET_FRIENDS, "");
      wait_for (self->n_friends > n_friends);
      n_friends = self->n_friends;
    }
}

/* The members of all groups with a new line; then only of those that changed,
 * whoever says that something did. */
static void
test_members (Fixture       *self,
              gconstpointer  unused)
{
  g_autoptr(TernRecordSync) records = tern_record_sync_new (self->api, self->reader, self->worker,
                                                            "me");

  self->changed_groups = "{\"errCode\":0,\"data\":{\"versionID\":\"v\",\"version\":1,\"insert\":"
                         "[{\"groupID\":\"a\"},{\"groupID\":\"b\"},{\"groupID\":\"c\"}]}}";
  tern_record_sync_begin (records, 1);
  wait_for (self->n_members == 3);

  ask_to_the_end (self, records);
  g_assert_cmpuint (self->n_members, ==, 3);
  tern_record_sync_want (records, 1 << TERN_DATASET_MEMBERS, "b");
  wait_for (self->n_members == 4);
  self->changed_groups = "{\"errCode\":0,\"data\":{\"versionID\":\"v\",\"version\":2,\"update\":"
                         "[{\"groupID\":\"c\"}]}}";
  ask_to_the_end (self, records);
  g_assert_cmpuint (self->n_members, ==, 5);

  tern_record_sync_begin (records, 2);
  wait_for (self->n_members == 8);
  tern_record_sync_stop (records);
}

int
main (int   argc,
      char *argv[])
{
  g_setenv ("TERN_CLOCK_SCALE", "20", TRUE);
  signal (SIGXFSZ, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/told/again", Fixture, NULL, set_up, test_told_again, tear_down);
  g_test_add ("/told/beyond", Fixture, NULL, set_up, test_beyond, tear_down);
  g_test_add ("/told/unreadable", Fixture, NULL, set_up, test_unreadable, tear_down);
  g_test_add ("/told/signed-out", Fixture, NULL, set_up, test_signed_out, tear_down);
  g_test_add ("/told/not-shown", Fixture, NULL, set_up, test_not_shown, tear_down);
  g_test_add ("/told/full-disk", Fixture, NULL, set_up, test_full_disk, tear_down);
  g_test_add ("/told/new-line", Fixture, NULL, set_up, test_new_line, tear_down);
  g_test_add ("/told/members", Fixture, NULL, set_up, test_members, tear_down);

  return g_test_run ();
}
