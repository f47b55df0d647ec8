/* test-small.c: back-off, errors, records, servers, clock
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>

#include "tern-backoff.h"
#include "tern-clock.h"
#include "tern-content.h"
#include "tern-error.h"
#include "tern-records.h"
#include "tern-servers.h"
#include "tern-text.h"

static void
test_backoff (void)
{
  static const guint bases[] = { 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000 };
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);
  TernBackoff backoff = { .rand = rand };

  for (guint round = 0; round < 200; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
        {
          guint wait = tern_backoff_next_ms (&backoff);

          g_assert_cmpuint (wait, >=, bases[i] * 8 / 10);
          g_assert_cmpuint (wait, <=, bases[i] * 12 / 10);
        }
      tern_backoff_reset (&backoff);
    }

  /* However long a server is away. */
  backoff.n_failures = G_MAXUINT;
  g_assert_cmpuint (tern_backoff_next_ms (&backoff), <=, 36000);
  g_assert_cmpuint (backoff.n_failures, ==, G_MAXUINT);
  /* Two clients do not come back in step. */
  backoff = (TernBackoff) { 0 };
  g_assert_cmpuint (tern_backoff_next_ms (&backoff), >, 0);
}

static void
test_server_errors (void)
{
  static const struct
  {
    int       code;
    TernError error;
  } cases[] = {
    { 1501, TERN_ERROR_EXPIRED }, { 1503, TERN_ERROR_EXPIRED }, { 1506, TERN_ERROR_KICKED },
    { 1507, TERN_ERROR_EXPIRED }, { 20001, TERN_ERROR_SIGN_IN }, { 20012, TERN_ERROR_SIGN_IN },
    { 1302, TERN_ERROR_REFUSED }, { -1, TERN_ERROR_REFUSED }, { G_MAXINT, TERN_ERROR_REFUSED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = tern_error_new_server (cases[i].code, "Name");
      g_autoptr(GError) copy = NULL;

      g_assert_error (error, TERN_ERROR, (int) cases[i].error);
      g_prefix_error (&error, "In front: ");
      copy = g_error_copy (error);
      g_assert_cmpint (tern_error_get_server_code (copy), ==, cases[i].code);
      g_assert_cmpint (tern_error_get_retry (copy), ==, TERN_RETRY_NEVER);
    }
  g_assert_cmpint (tern_error_get_server_code (NULL), ==, 0);
}

static void
test_other_errors (void)
{
  static const int store[] = { TERN_ERROR_STORE, TERN_ERROR_STORE_FULL,
                               TERN_ERROR_STORE_READ_ONLY, TERN_ERROR_STORE_CORRUPT };
  g_autoptr(GError) offline = g_error_new_literal (TERN_ERROR, TERN_ERROR_OFFLINE, "");
  g_autoptr(GError) foreign = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NO_SPACE, "");
  g_autoptr(GError) full = tern_error_new_errno (ENOSPC, "Not written");
  g_autoptr(GError) read_only = tern_error_new_errno (EROFS, "Not written");
  g_autoptr(GError) denied = tern_error_new_errno (EACCES, "Not written");

  g_assert_false (tern_error_is_store (offline));
  g_assert_false (tern_error_is_store (foreign));
  g_assert_cmpint (tern_error_get_server_code (foreign), ==, 0);
  g_assert_cmpint (tern_error_get_retry (offline), !=, TERN_RETRY_NEVER);
  g_assert_error (full, TERN_ERROR, TERN_ERROR_STORE_FULL);
  g_assert_error (read_only, TERN_ERROR, TERN_ERROR_STORE_READ_ONLY);
  g_assert_error (denied, TERN_ERROR, TERN_ERROR_STORE_READ_ONLY);
  for (guint i = 0; i < G_N_ELEMENTS (store); i++)
    {
      g_autoptr(GError) error = g_error_new_literal (TERN_ERROR, store[i], "");

      g_assert_true (tern_error_is_store (error));
    }
}

static void
test_servers (void)
{
  g_autoptr(TernServers) servers = tern_servers_new ("http://a", "http://b", "ws://c");
  g_autoptr(TernServers) copy = NULL;

  servers->ws_state = TERN_SERVICE_MISSING;
  servers->ws_error = g_strdup ("Nobody");
  copy = tern_servers_copy (servers);
  g_assert_cmpstr (copy->account, ==, "http://a");
  g_assert_cmpstr (copy->api, ==, "http://b");
  g_assert_cmpstr (copy->ws, ==, "ws://c");
  g_assert_cmpint (copy->ws_state, ==, TERN_SERVICE_MISSING);
  g_assert_cmpstr (copy->ws_error, ==, "Nobody");
  g_assert_true (copy->ws_error != servers->ws_error);
}

static void
test_exposed (void)
{
  static const struct
  {
    const char *account;
    const char *api;
    const char *ws;
    gboolean    is_exposed;
  } cases[] = {
    { "https://a", "https://a", "wss://a", FALSE },
    { "", "https://a", "wss://a", FALSE },
    { "http://a", "https://a", "wss://a", TRUE },
    { "", "http://10.0.0.5:10002", "wss://a", TRUE },
    { "", "https://a", "ws://a", TRUE },
    { "http://127.0.0.1:1", "http://localhost:2", "ws://[::1]:3", FALSE },
    { "not a URL", "", "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(TernServers) servers = tern_servers_new (cases[i].account, cases[i].api,
                                                         cases[i].ws);

      g_assert_cmpint (tern_servers_is_exposed (servers), ==, cases[i].is_exposed);
    }
}

static void
test_message_copy (void)
{
  g_autoptr(TernMessageRecord) message = tern_message_record_new ();
  g_autoptr(TernMessageRecord) copy = NULL;

  g_free (message->conversation_id);
  message->conversation_id = g_strdup ("si_a_b");
  message->content = g_bytes_new_static ("{}", 2);
  message->at_user_ids = g_strsplit ("a,b", ",", -1);
  message->offline_push = g_new0 (TernOfflinePush, 1);
  message->offline_push->title = g_strdup ("t");
  message->seq = 7;
  copy = tern_message_record_copy (message);
  g_assert_cmpstr (copy->conversation_id, ==, "si_a_b");
  g_assert_true (g_bytes_equal (copy->content, message->content));
  g_assert_cmpint (copy->seq, ==, 7);
  g_assert_true (g_strv_equal ((const char * const *) copy->at_user_ids,
                               (const char * const *) message->at_user_ids));
  g_assert_true (copy->offline_push != message->offline_push);
  g_assert_cmpstr (copy->offline_push->title, ==, "t");
}

static void
test_conversation_ids (void)
{
  g_autofree char *one = tern_conversation_id_for_pair ("si", "b", "a");
  g_autofree char *other = tern_conversation_id_for_pair ("si", "a", "b");

  g_assert_cmpstr (one, ==, "si_a_b");
  g_assert_cmpstr (other, ==, "si_a_b");
  g_assert_true (tern_conversation_id_is_notification ("n_1_2"));
  g_assert_false (tern_conversation_id_is_notification ("si_n_2"));
}

static void
test_clock (void)
{
  gint64 us = tern_clock_get_monotonic_us ();

  g_assert_cmpint (tern_clock_get_monotonic_us (), >=, us);
  g_assert_cmpint (tern_clock_get_wall_ms (), >, G_GINT64_CONSTANT (1700000000000));
  g_assert_cmpint (tern_clock_scale_us (10000), ==, 1000);
  g_assert_cmpuint (tern_clock_scale_ms (1), >=, 1); /* a wait is never nothing */
}

static void
mention (TernContent *content,
         const char  *id,
         const char  *name)
{
  if (content->at == NULL)
    content->at = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_person_free);
  g_ptr_array_add (content->at, tern_person_new (id, name));
}

static void
assert_words (TernContent *content,
              const char  *text,
              const char  *expected,
              const char  *marked)
{
  g_autoptr(GArray) spans = NULL;
  g_autoptr(GString) found = g_string_new (NULL);
  g_autofree char *words = NULL;

  g_free (content->text);
  content->text = g_strdup (text);
  words = tern_content_dup_words (content, &spans);
  g_assert_cmpstr (words, ==, expected);
  for (guint i = 0; i < spans->len; i++)
    {
      const TernSpan *span = &g_array_index (spans, TernSpan, i);

      g_assert_cmpuint (span->start + span->length, <=, strlen (words));
      g_string_append_len (found, words + span->start, (gssize) span->length);
    }
  g_assert_cmpstr (found->str, ==, marked);
}

/* An ID may begin like another, and a name like an ID. */
static void
test_mentions (void)
{
  g_autoptr(TernContent) content = tern_content_new (TERN_CONTENT_KIND_TEXT, 106);

  assert_words (content, "@100 @", "@100 @", "");
  mention (content, "100", "Alice");
  mention (content, "1001", "Bob\nB");
  mention (content, "7", "100 @1001");
  mention (content, "8", "");
  mention (content, NULL, "Nobody");
  mention (content, "", "Nobody");
  assert_words (content, "@1001 and @100 @100, a@7 @8 @9 @",
                "@Bob B and @Alice @Alice, a@100 @1001 @8 @9 @",
                "@Bob B@Alice@Alice@100 @1001@8");
  assert_words (content, "@@100", "@@Alice", "@Alice");
  assert_words (content, "", "", "");
}

/* However often names name others, and however long they are. */
static void
test_mentions_grow (void)
{
  g_autoptr(TernContent) content = tern_content_new (TERN_CONTENT_KIND_TEXT, 106);
  g_autofree char *long_name = g_strnfill (100000, 'x');
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *words = NULL;

  /* Few enough to end with an assertion where every name is searched again. */
  for (guint i = 0; i < 16; i++)
    {
      g_autofree char *id = g_strdup_printf ("i%c", 'a' + i);
      g_autofree char *name = g_strdup_printf ("i%c@i%c", 'a' + i + 1, 'a' + i + 1);

      mention (content, id, name);
    }
  assert_words (content, "@ia", "@ib@ib", "@ib@ib");

  mention (content, "x", long_name);
  for (guint i = 0; i < 5000; i++)
    g_string_append (text, "@x");
  g_free (content->text);
  content->text = g_strdup (text->str);
  words = tern_content_dup_words (content, NULL);
  g_assert_cmpuint (strlen (words), <, 200000);
}

static void
test_line (void)
{
  static const struct { const char *text; const char *line; } cases[] = {
    { "", "" }, { "name", "name" }, { " a\tb ", "a b" },
    { "1\n2\r3\v4\f5\302\2056\342\200\2507\342\200\2518", "1 2 3 4 5 6 7 8" },
    { "一二三四五六七八九十", "一二三四五六七八九十" },
    { "0123456789abcdefgh", "0123456789abcdef…" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = tern_text_dup_line (cases[i].text, 16);

      g_assert_cmpstr (line, ==, cases[i].line);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_setenv ("TERN_CLOCK_SCALE", "10", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backoff/table", test_backoff);
  g_test_add_func ("/error/server", test_server_errors);
  g_test_add_func ("/error/other", test_other_errors);
  g_test_add_func ("/servers/copy", test_servers);
  g_test_add_func ("/servers/exposed", test_exposed);
  g_test_add_func ("/records/message", test_message_copy);
  g_test_add_func ("/records/conversation-id", test_conversation_ids);
  g_test_add_func ("/clock/scale", test_clock);
  g_test_add_func ("/content/mentions", test_mentions);
  g_test_add_func ("/content/mentions-grow", test_mentions_grow);
  g_test_add_func ("/text/line", test_line);
  return g_test_run ();
}
