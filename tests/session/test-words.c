/* test-words.c: what a person reads of messages, notices and errors
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "tern-error.h"
#include "tern-login.h"
#include "tern-session.h"

static TernSession *
make_session (void)
{
  g_autoptr(TernServers) servers = tern_servers_new ("", "http://127.0.0.1:1", "ws://127.0.0.1:1");
  g_autoptr(TernAccount) account = tern_account_new (servers, "me", "");

  return tern_session_new (account, "/nonexistent");
}

static void
assert_preview (TernContentKind  kind,
                const char      *text,
                const char      *sender,
                gboolean         is_own,
                const char      *expected)
{
  g_autoptr(TernSession) session = make_session ();
  g_autoptr(TernContent) content = tern_content_new (kind, 101);
  g_autofree char *words = NULL;

  content->text = g_strdup (text);
  words = tern_session_word_preview (session, content, sender, is_own);
  g_assert_cmpstr (words, ==, expected);
}

static void
test_previews (void)
{
  g_autofree char *long_text = g_strnfill (100000, 'x');
  g_autofree char *start = g_strnfill (160, 'x');
  g_autofree char *cut = g_strconcat (start, "…", NULL);
  g_autofree char *long_name = g_strconcat (cut, ": hello", NULL);

  assert_preview (TERN_CONTENT_KIND_TEXT, "hello", NULL, FALSE, "hello");
  assert_preview (TERN_CONTENT_KIND_TEXT, "a\r\nb\tc", NULL, FALSE, "a  b c");
  assert_preview (TERN_CONTENT_KIND_TEXT, "<b>&amp;", "A<i>", FALSE, "A<i>: <b>&amp;");
  assert_preview (TERN_CONTENT_KIND_TEXT, "mine", "Me", TRUE, "mine");
  assert_preview (TERN_CONTENT_KIND_TEXT, long_text, NULL, FALSE, cut);
  assert_preview (TERN_CONTENT_KIND_TEXT, "a\vb\fc\302\205d\342\200\250e\342\200\251f", "A\nB",
                  FALSE, "A B: a b c d e f");
  assert_preview (TERN_CONTENT_KIND_TEXT, "hello", long_text, FALSE, long_name);
  assert_preview (TERN_CONTENT_KIND_TEXT, NULL, NULL, FALSE, "");
  assert_preview (TERN_CONTENT_KIND_QUOTE, "answer", NULL, FALSE, "answer");
  assert_preview (TERN_CONTENT_KIND_PICTURE, NULL, "A", FALSE, "A: [Picture]");
  assert_preview (TERN_CONTENT_KIND_FILE, "a\nb.pdf", NULL, FALSE, "[File] a b.pdf");
  assert_preview (TERN_CONTENT_KIND_CUSTOM, "{\"x\":1}", NULL, FALSE, "[Special message]");
  assert_preview (TERN_CONTENT_KIND_UNKNOWN, NULL, NULL, FALSE, "[Unsupported message]");
}

static void
test_mention (void)
{
  g_autoptr(TernSession) session = make_session ();
  g_autoptr(TernContent) content = tern_content_new (TERN_CONTENT_KIND_TEXT, 106);
  g_autofree char *words = NULL;

  content->text = g_strdup ("@1001 are you there?");
  content->at = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_person_free);
  g_ptr_array_add (content->at, tern_person_new ("1001", "Maya"));
  words = tern_session_word_preview (session, content, NULL, FALSE);
  g_assert_cmpstr (words, ==, "@Maya are you there?");
}

static char *
word_notice (int         type,
             const char *actor_id,
             const char *actor_name,
             guint       n_people)
{
  g_autoptr(TernSession) session = make_session ();
  g_autoptr(TernContent) content = tern_content_new (TERN_CONTENT_KIND_NOTICE, type);

  content->actor.id = g_strdup (actor_id);
  content->actor.name = g_strdup (actor_name);
  content->text = g_strdup ("<i>");
  content->people = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_person_free);
  for (guint i = 0; i < n_people; i++)
    {
      g_autofree char *name = g_strdup_printf ("P%u", i);

      g_ptr_array_add (content->people, tern_person_new (name, i == 0 ? "" : name));
    }

  return tern_session_word_preview (session, content, "ignored", FALSE);
}

static void
assert_notice (int         type,
               const char *actor_id,
               const char *actor_name,
               guint       n_people,
               const char *expected)
{
  g_autofree char *words = word_notice (type, actor_id, actor_name, n_people);

  g_assert_cmpstr (words, ==, expected);
}

static void
test_notices (void)
{
  assert_notice (1501, "a", "Ann <b>", 0, "Ann <b> created the group");
  assert_notice (1501, "me", "My name", 0, "You created the group");
  assert_notice (1504, "a", "", 0, "a left the group"); /* no name: the ID */
  assert_notice (1504, NULL, NULL, 0, "Somebody left the group");
  assert_notice (1508, "a", "Ann", 2, "Ann removed P0, P1 from the group");
  assert_notice (1509, "a", "Ann", 7, "Ann invited P0, P1, P2, P3, P4… to the group");
  assert_notice (1519, "a", "Ann", 0, "Ann announced: <i>");
  assert_notice (1520, "a", "Ann", 0, "Ann named the group “<i>”");
  assert_notice (1501, "a", "Ann\n\342\200\250", 0, "Ann   created the group");
  assert_notice (9999, "a", "Ann", 0, "Something changed in this chat");
  for (int type = 1000; type < 2200; type++)
    {
      g_autofree char *words = word_notice (type, NULL, NULL, 0);

      g_assert_cmpstr (words, !=, "");
    }
}

/* Each of ours has words of its own; only what is worded already is passed on. */
static void
test_errors (void)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int code = TERN_ERROR_CLOSED; code <= TERN_ERROR_NOT_FOUND; code++)
    {
      g_autoptr(GError) error = g_error_new_literal (TERN_ERROR, code, "internal");
      char *words = tern_session_word_error (error);

      g_assert_true (code == TERN_ERROR_NOT_FOUND || strstr (words, "internal") == NULL);
      g_assert_true (g_hash_table_add (seen, words));
    }
  for (int code = TERN_ERROR_TOO_LARGE; code <= TERN_ERROR_NOT_FOUND;
       code += TERN_ERROR_NOT_FOUND - TERN_ERROR_TOO_LARGE)
    {
      g_autoptr(GError) error =
        g_error_new_literal (TERN_ERROR, code, "Too much for one message");
      g_autofree char *words = tern_session_word_error (error);

      g_assert_cmpstr (words, ==, "Too much for one message");
    }
}

static void
test_failures (void)
{
  static const struct
  {
    const char *reason;
    const char *words;
  } cases[] = {
    { "too-large", "The message is too long" },
    { "1302", "The recipient has blocked you" },
    { "1402", "You are muted in this group" },
    { "77777", "The server refused (code 77777)" },
    { "-1", "The message was not sent" },
    { "99999999999999999999", "The message was not sent" },
    { "<b>", "The message was not sent" },
    { "", "The message was not sent" },
    { NULL, "The message was not sent" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = tern_session_word_failure (cases[i].reason);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

static void
probed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_assert_null (tern_login_probe_finish (result, NULL, user_data));
}

/* Also what a layer says that knows no languages. */
static void
test_language (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *words = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *locale = NULL;

  if (g_test_subprocess ())
    {
      g_setenv ("LANGUAGE", "zh_CN", TRUE);
      g_assert_nonnull (setlocale (LC_ALL, "zh_CN.UTF-8"));
      bindtextdomain (GETTEXT_PACKAGE, g_getenv ("TERN_LOCALE_DIR"));
      bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
      textdomain (GETTEXT_PACKAGE);
      tern_login_probe_async ("no address", NULL, NULL, probed_cb, &error);
      while (error == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_error (error, TERN_ERROR, TERN_ERROR_NOT_FOUND);
      words = tern_session_word_error (error);
      g_assert_cmpstr (words, ==, "这不是服务器地址");
      return;
    }

  /* The C locale has no language, and others need not be installed: one that is
   * called Chinese and is the C locale otherwise. */
  folder = g_dir_make_tmp ("tern-words-XXXXXX", NULL);
  locale = g_build_filename (folder, "zh_CN.utf8", NULL);
  g_assert_no_errno (symlink ("/usr/lib/locale/C.utf8", locale));
  g_setenv ("LOCPATH", folder, TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
  g_unsetenv ("LOCPATH");
  g_unlink (locale);
  g_rmdir (folder);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/words/previews", test_previews);
  g_test_add_func ("/words/mention", test_mention);
  g_test_add_func ("/words/notices", test_notices);
  g_test_add_func ("/words/errors", test_errors);
  g_test_add_func ("/words/failures", test_failures);
  g_test_add_func ("/words/language", test_language);

  return g_test_run ();
}
