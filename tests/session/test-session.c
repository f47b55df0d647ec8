/* test-session.c: a session from its opening to its end, against the real
 * local server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "local-server.h"
#include "tern-content-json.h"
#include "tern-error.h"
#include "tern-login.h"
#include "tern-model-private.h"
#include "tern-session-private.h"
#include "test-support.h"

/* What flock() says instead of asking the system; 0: it asks. */
static int flock_errno;

int flock (int fd, int operation); /* before that of libc */

int
flock (int fd,
       int operation)
{
  if (flock_errno == 0)
    return (int) syscall (SYS_flock, fd, operation);

  errno = flock_errno;
  return -1;
}

typedef struct
{
  char   *folder;
  GError *ended; /* of the session that was watched */
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  unused)
{
  self->folder = g_dir_make_tmp ("tern-session-XXXXXX", NULL);
}

static void
tear_down (Fixture       *self,
           gconstpointer  unused)
{
  test_remove_tree (self->folder);
  g_free (self->folder);
  g_clear_error (&self->ended);
}

static void
finished_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static TernAccount *
make_account (void)
{
  g_autoptr(TernServers) servers = tern_servers_new ("", "http://127.0.0.1:1", "ws://127.0.0.1:1");

  return tern_account_new (servers, "u1", "token");
}

static gboolean
open_session (TernSession  *session,
              gboolean      is_online,
              GError      **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  tern_session_open_async (session, is_online, NULL, finished_cb, &result);
  wait_for (&result);

  return tern_session_open_finish (session, result, error);
}

static void
close_session (TernSession *session) /* (transfer full) */
{
  g_autoptr(GAsyncResult) result = NULL;

  tern_session_close_async (session, finished_cb, &result);
  wait_for (&result);
  tern_session_close_finish (session, result);
  g_object_unref (session);
}

static char *
send_text (TernSession *session,
           const char  *text)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  char *client_id;

  tern_session_send_text_async (session, "si_u1_u2", text, NULL, NULL, NULL, finished_cb, &result);
  wait_for (&result);
  client_id = tern_session_send_text_finish (session, result, &error);
  g_assert_no_error (error);

  return client_id;
}

static TernMessageRecord *
find (TernSession *session,
      const char  *client_id)
{
  g_autoptr(GError) error = NULL;
  TernMessageRecord *message = tern_session_find_message (session, "si_u1_u2", client_id, &error);

  g_assert_no_error (error);

  return message;
}

/* --- without a server --- */

/* What was written offline is on disk, and there the next time. */
static void
test_offline (Fixture       *self,
              gconstpointer  unused)
{
  g_autoptr(TernAccount) account = make_account ();
  TernSession *session = tern_session_new (account, self->folder);
  g_autoptr(GError) error = NULL;
  g_autoptr(TernMessageRecord) message = NULL;
  g_autofree char *client_id = NULL;
  g_autofree char *text = NULL;

  g_assert_true (open_session (session, FALSE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (tern_session_get_state (session), ==, TERN_SYNC_OFFLINE);
  client_id = send_text (session, "later");
  close_session (session);

  session = tern_session_new (account, self->folder);
  g_assert_true (open_session (session, FALSE, &error));
  message = find (session, client_id);
  g_assert_nonnull (message);
  g_assert_cmpint (message->status, ==, TERN_MESSAGE_SENDING);
  g_assert_cmpint (message->seq, ==, 0);
  text = tern_session_dup_text (session, message);
  g_assert_cmpstr (text, ==, "later");
  close_session (session);
}

static char *
dup_draft (const TernAccount *account,
           const char        *folder)
{
  g_autofree char *own_folder = tern_account_dup_folder (account, folder);
  g_autoptr(GError) error = NULL;
  g_autoptr(TernDb) db = tern_db_open (own_folder, TERN_DB_READER, &error);
  g_autoptr(TernConversationRow) row = NULL;

  g_assert_no_error (error);
  row = tern_store_find_conversation (db, "u1", "si_u1_u2", &error);
  g_assert_no_error (error);

  return g_strdup (row->draft);
}

/* A draft is over when it is sent, not when something is forwarded to its chat. */
static void
test_draft (Fixture       *self,
            gconstpointer  unused)
{
  g_autoptr(TernAccount) account = make_account ();
  TernSession *session = tern_session_new (account, self->folder);
  g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GError) error = NULL;
  g_autofree char *client_id = NULL;
  g_autofree char *kept = NULL;
  g_autofree char *sent = NULL;
  g_autoptr(TernMessageRecord) record = NULL;

  g_assert_true (open_session (session, FALSE, &error));
  client_id = send_text (session, "news");
  record = find (session, client_id);
  record->status = TERN_MESSAGE_SENT; /* as if there were a line */
  record->seq = 1;
  g_ptr_array_add (messages, tern_message_new (g_steal_pointer (&record), "u1"));
  tern_session_save_draft (session, "si_u1_u2", "half a sentence");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GAsyncResult) result = NULL;
      g_autofree char *copy_id = NULL;

      if (i == 0)
        tern_session_forward_async (session, "si_u1_u2", messages->pdata[0], NULL, finished_cb,
                                    &result);
      else
        tern_session_forward_merged_async (session, "si_u1_u2", messages, NULL, finished_cb,
                                           &result);
      wait_for (&result);
      copy_id = tern_session_forward_finish (session, result, &error);
      g_assert_no_error (error);
    }
  kept = dup_draft (account, self->folder);
  g_assert_cmpstr (kept, ==, "half a sentence");
  g_free (send_text (session, "half a sentence, and the rest"));
  sent = dup_draft (account, self->folder);
  g_assert_cmpstr (sent, ==, "");
  close_session (session);
}

static void
test_lock (Fixture       *self,
           gconstpointer  unused)
{
  g_autoptr(TernAccount) account = make_account ();
  TernSession *first = tern_session_new (account, self->folder);
  TernSession *second = tern_session_new (account, self->folder);
  g_autoptr(GError) error = NULL;

  g_assert_true (open_session (first, FALSE, &error));
  g_assert_false (open_session (second, FALSE, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_IN_USE);
  g_clear_error (&error);
  close_session (second);
  close_session (first);

  /* No longer taken; then no lock can be had at all. */
  first = tern_session_new (account, self->folder);
  g_assert_true (open_session (first, FALSE, &error));
  close_session (first);
  flock_errno = ENOLCK;
  first = tern_session_new (account, self->folder);
  g_assert_false (open_session (first, FALSE, &error));
  g_assert_true (tern_error_is_store (error));
  close_session (first);
  flock_errno = 0;
}

/* --- with one --- */

static TernAccount *
sign_in (LocalServer *server,
         const char  *name)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  TernAccount *account;

  tern_login_password_async (server->servers, NULL, TERN_LOGIN_ACCOUNT, name, "tern", 7, NULL,
                             finished_cb, &result);
  wait_for (&result);
  account = tern_login_finish (result, &error);
  g_assert_no_error (error);

  return account;
}

/* "b" for begin, "e" for end, "f" for failed, in the order in which they came. */
static void
begin_cb (TernSession *session,
          guint        reason,
          GString     *runs)
{
  g_string_append_c (runs, 'b');
}

static void
end_cb (TernSession *session,
        guint        n_messages,
        GString     *runs)
{
  g_string_append_c (runs, 'e');
}

static void
failed_cb (TernSession *session,
           GError      *error,
           GString     *runs)
{
  g_string_append_c (runs, 'f');
}

static TernSession *
open_online (TernAccount *account,
             const char  *folder,
             GString     *runs)
{
  TernSession *session = tern_session_new (account, folder);
  g_autoptr(GError) error = NULL;

  g_signal_connect (session, "sync-begin", G_CALLBACK (begin_cb), runs);
  g_signal_connect (session, "sync-end", G_CALLBACK (end_cb), runs);
  g_signal_connect (session, "sync-failed", G_CALLBACK (failed_cb), runs);
  g_assert_true (open_session (session, TRUE, &error));
  g_assert_no_error (error);
  while (strstr (runs->str, "be") == NULL)
    g_main_context_iteration (NULL, TRUE);

  return session;
}

/* What the message of @seq says, once it is there. */
static char *
wait_for_text (TernSession *session,
               gint64       seq)
{
  while (TRUE)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GPtrArray) list = tern_session_list_before_seq (session, "si_u1_u2", seq + 1, 1,
                                                                &error);

      g_assert_no_error (error);
      if (list->len > 0 && ((TernMessageRecord *) list->pdata[0])->seq == seq)
        return tern_session_dup_text (session, list->pdata[0]);
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
test_two (Fixture       *self,
          gconstpointer  unused)
{
  LocalServer *server = local_server_new ();
  g_autoptr(TernAccount) account_a = sign_in (server, "u1");
  g_autoptr(TernAccount) account_b = sign_in (server, "u2");
  g_autoptr(GString) runs_a = g_string_new (NULL);
  g_autoptr(GString) runs_b = g_string_new (NULL);
  TernSession *a = open_online (account_a, self->folder, runs_a);
  TernSession *b = open_online (account_b, self->folder, runs_b);
  g_autofree char *client_id = send_text (a, "hello <b>");
  g_autoptr(TernMessageRecord) here = NULL;
  g_autofree char *text = NULL;

  text = wait_for_text (b, 1);
  g_assert_cmpstr (text, ==, "hello <b>");
  while (here == NULL || here->status != TERN_MESSAGE_SENT)
    {
      g_clear_pointer (&here, tern_message_record_free);
      g_main_context_iteration (NULL, TRUE);
      here = find (a, client_id);
    }
  while (tern_session_get_n_unsent (a) > 0)
    g_main_context_iteration (NULL, TRUE);
  close_session (a);
  close_session (b);

  /* Each begin had its end, and none came inside another. */
  g_assert_cmpuint (runs_a->len % 2, ==, 0);
  for (gsize i = 0; i < runs_a->len; i++)
    g_assert_true ((runs_a->str[i] == 'b') == (i % 2 == 0));
  local_server_free (server);
}

/* Of one that has its number. */
static TernMessageRecord *
wait_for_row (TernSession *session,
              gint64       seq)
{
  g_autoptr(GPtrArray) list = NULL;

  g_free (wait_for_text (session, seq));
  list = tern_session_list_before_seq (session, "si_u1_u2", seq + 1, 1, NULL);

  return tern_message_record_copy (list->pdata[0]);
}

static void
quote (TernSession *session,
       gint64       seq,
       GPtrArray   *people) /* (nullable) */
{
  g_autoptr(TernMessageRecord) row = wait_for_row (session, seq);
  g_autoptr(TernMessage) quoted = tern_message_new (g_steal_pointer (&row), "u1");
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *client_id = NULL;

  tern_session_send_text_async (session, "si_u1_u2", "I see", people, quoted, NULL, finished_cb,
                                &result);
  wait_for (&result);
  client_id = tern_session_send_text_finish (session, result, &error);
  g_assert_no_error (error);
}

static GPtrArray *
verify (TernSession *session)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  GPtrArray *differences;

  tern_session_verify_async (session, NULL, finished_cb, &result);
  wait_for (&result);
  differences = tern_session_verify_finish (session, result, &error);
  g_assert_no_error (error);

  return differences;
}

static gboolean
is_withdrawn (TernSession *session,
              gint64       seq)
{
  g_autoptr(TernMessageRecord) row = wait_for_row (session, seq);
  g_autoptr(TernContent) content = tern_content_parse (row->content_type, row->content);

  return content->quote != NULL && content->quote->kind == TERN_CONTENT_KIND_REVOKED;
}

/* As a mistake would: what is quoted is gone, though nobody withdrew it. */
static void
spoil_quote (const TernAccount *account,
             const char        *folder,
             gint64             seq)
{
  g_autofree char *own_folder = tern_account_dup_folder (account, folder);
  g_autoptr(GError) error = NULL;
  g_autoptr(TernDb) db = tern_db_open (own_folder, TERN_DB_WRITER, &error);
  g_autoptr(TernChanges) changes = tern_changes_new ();
  g_autoptr(TernMessageRecord) row = NULL;
  g_autoptr(GBytes) content = NULL;

  g_assert_no_error (error);
  row = tern_store_find_by_seq (db, "si_u1_u2", seq, &error);
  g_assert_no_error (error);
  content = tern_content_revoke_quote (row->content);
  tern_store_set_content (db, row, content, changes, &error);
  g_assert_no_error (error);
}

/* The server keeps the words that a 106 quotes; they are withdrawn all the
 * same. But nothing is that was not. */
static void
test_verify_quotes (Fixture       *self,
                    gconstpointer  unused)
{
  LocalServer *server = local_server_new ();
  g_autoptr(TernAccount) account = sign_in (server, "u1");
  g_autoptr(GString) runs = g_string_new (NULL);
  TernSession *session = open_online (account, self->folder, runs);
  g_autoptr(GPtrArray) people = g_ptr_array_new ();
  TernPerson person = { (char *) "u2", (char *) "User 2" };
  g_autoptr(GPtrArray) differences = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  const TernDifference *difference;

  g_ptr_array_add (people, &person);
  g_free (send_text (session, "secret"));
  g_free (send_text (session, "plain"));
  for (gint64 seq = 1; seq <= 2; seq++)
    {
      quote (session, seq, NULL);
      quote (session, seq, people);
    }
  g_free (wait_for_text (session, 6));
  tern_session_revoke_async (session, "si_u1_u2", 1, NULL, finished_cb, &result);
  wait_for (&result);
  g_assert_true (tern_session_revoke_finish (session, result, NULL));
  while (!is_withdrawn (session, 3) || !is_withdrawn (session, 4))
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (is_withdrawn (session, 5));
  differences = verify (session);
  g_assert_cmpuint (differences->len, ==, 0);
  close_session (session);

  for (gint64 seq = 5; seq <= 6; seq++)
    spoil_quote (account, self->folder, seq);
  g_string_truncate (runs, 0);
  session = open_online (account, self->folder, runs);
  g_clear_pointer (&differences, g_ptr_array_unref);
  differences = verify (session);
  g_assert_cmpuint (differences->len, ==, 2);
  for (guint i = 0; i < differences->len; i++)
    {
      difference = differences->pdata[i];
      g_assert_cmpint (difference->seq, ==, 5 + (gint64) i);
      g_assert_cmpstr (difference->what, ==, "different");
    }
  close_session (session);
  local_server_free (server);
}

static void
ended_cb (TernSession *session,
          GError      *error,
          Fixture     *self)
{
  g_clear_error (&self->ended);
  self->ended = g_error_copy (error);
}

static void
test_token_refused (Fixture       *self,
                    gconstpointer  unused)
{
  LocalServer *server = local_server_new ();
  g_autoptr(TernAccount) account = tern_account_new (server->servers, "u1", "no-token");
  TernSession *session = tern_session_new (account, self->folder);
  g_autoptr(GError) error = NULL;

  g_signal_connect (session, "ended", G_CALLBACK (ended_cb), self);
  g_assert_true (open_session (session, TRUE, &error));
  while (self->ended == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (self->ended, TERN_ERROR, TERN_ERROR_EXPIRED);
  close_session (session);
  local_server_free (server);
}

/* By REST, while the line stands: nothing more is asked for on it. */
static void
test_ended_line (Fixture       *self,
                 gconstpointer  unused)
{
  LocalServer *server = local_server_new ();
  g_autoptr(TernAccount) account = sign_in (server, "u1");
  g_autoptr(GString) runs = g_string_new (NULL);
  TernSession *session = open_online (account, self->folder, runs);
  g_autoptr(GError) error = g_error_new_literal (TERN_ERROR, TERN_ERROR_EXPIRED, "Expired");

  g_signal_connect (session, "ended", G_CALLBACK (ended_cb), self);
  g_signal_emit_by_name (session->records, "token-refused", error);
  g_assert_error (self->ended, TERN_ERROR, TERN_ERROR_EXPIRED);
  while (tern_session_get_state (session) != TERN_SYNC_OFFLINE)
    g_main_context_iteration (NULL, TRUE);
  close_session (session);
  local_server_free (server);
}

int
main (int   argc,
      char *argv[])
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *self, gconstpointer unused);
  } tests[] = {
    { "/session/offline", test_offline },
    { "/session/draft", test_draft },
    { "/session/lock", test_lock },
    { "/session/two", test_two },
    { "/session/verify-quotes", test_verify_quotes },
    { "/session/token-refused", test_token_refused },
    { "/session/ended-line", test_ended_line },
  };

  g_test_init (&argc, &argv, NULL);
  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, test_drop_log, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);

  return g_test_run ();
}
