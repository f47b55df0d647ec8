/* test-quotes.c: what is left of a quote when the message was withdrawn
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-content-json.h"

#define QUOTE \
  "\"quoteMessage\":{\"clientMsgID\":\"c1\",\"sendID\":\"ann\",\"senderNickname\":\"Ann\"," \
  "\"seq\":7,\"contentType\":101,\"textElem\":{\"content\":\"secret\"},\"ex\":\"secret\"," \
  "\"content\":\"secret\",\"sendTime\":5}"

static GBytes *
bytes (const char *text)
{
  return g_bytes_new_static (text, strlen (text));
}

static void
test_revoke (void)
{
  static const struct
  {
    int         type;
    const char *content;
  } cases[] = {
    { TERN_CONTENT_QUOTE, "{\"text\":\"I see\"," QUOTE "}" },
    { TERN_CONTENT_AT_TEXT,
      "{\"text\":\"I see\",\"atUserList\":[\"bob\"],\"isAtSelf\":false," QUOTE "}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GBytes) before = bytes (cases[i].content);
      g_autoptr(GBytes) after = tern_content_revoke_quote (before);
      g_autoptr(TernContent) content = tern_content_parse (cases[i].type, after);
      gsize size;
      const char *text = g_bytes_get_data (after, &size);

      g_assert_null (g_strstr_len (text, (gssize) size, "secret"));
      g_assert_cmpint (content->quote->kind, ==, TERN_CONTENT_KIND_REVOKED);
      g_assert_cmpstr (content->text, ==, "I see");
      g_assert_cmpstr (content->quote_client_id, ==, "c1");
      g_assert_cmpstr (content->quote_sender_id, ==, "ann");
      g_assert_cmpstr (content->quote_sender, ==, "Ann");
      g_assert_cmpint (content->quote_seq, ==, 7);
      g_assert_cmpint (content->at != NULL ? (gint) content->at->len : 0, ==,
                       cases[i].type == TERN_CONTENT_AT_TEXT ? 1 : 0);
      g_assert_true (tern_content_equal_but_for_quote (before, after));
      g_assert_null (tern_content_revoke_quote (after)); /* nothing is left to take */
    }
}

/* What quotes nothing, or is no content at all, stays. */
static void
test_nothing_to_revoke (void)
{
  static const char * const cases[] = {
    "", "secret", "[]", "{}", "{\"text\":\"a\"}", "{\"quoteMessage\":null}",
    "{\"quoteMessage\":\"secret\"}", "{\"quoteMessage\":[1]}", "{\"quoteMessage\":{\"seq\"",
    "{\"quoteMessage\":{\"contentType\":2101,\"content\":\"{}\"}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GBytes) content = bytes (cases[i]);

      g_assert_null (tern_content_revoke_quote (content));
    }
}

static void
test_equal (void)
{
#define OTHER(id, sender, seq) \
  "\"quoteMessage\":{\"clientMsgID\":\"" id "\",\"sendID\":\"" sender "\",\"seq\":" seq "}"
  static const struct
  {
    const char *other;
    gboolean    is_equal;
  } cases[] = {
    { "{" OTHER ("c1", "ann", "7") ",\"text\":\"a\",\"entities\":[{\"n\":1}]}", TRUE },
    { "{\"text\":\"\\u0061\"," OTHER ("c1", "ann", "7") ",\"entities\":[{\"n\":1}]}", TRUE },
    { "{\"text\":\"b\"," OTHER ("c1", "ann", "7") ",\"entities\":[{\"n\":1}]}", FALSE },
    { "{\"text\":\"a\"," OTHER ("c1", "ann", "7") ",\"entities\":[{\"n\":2}]}", FALSE },
    { "{\"text\":\"a\"," OTHER ("c1", "ann", "7") "}", FALSE },
    { "{\"text\":\"a\"," OTHER ("c2", "ann", "7") ",\"entities\":[{\"n\":1}]}", FALSE },
    { "{\"text\":\"a\"," OTHER ("c1", "eve", "7") ",\"entities\":[{\"n\":1}]}", FALSE },
    { "{\"text\":\"a\"," OTHER ("c1", "ann", "8") ",\"entities\":[{\"n\":1}]}", FALSE },
    { "{\"text\":\"a\",\"entities\":[{\"n\":1}]}", FALSE },
    { "[]", FALSE },
    { "", FALSE },
  };
  g_autoptr(GBytes) own = bytes ("{\"text\":\"a\",\"entities\":[{\"n\":1}]," QUOTE "}");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GBytes) other = bytes (cases[i].other);

      g_test_message ("case %u", i);
      g_assert_true (tern_content_equal_but_for_quote (own, other) == cases[i].is_equal);
      g_assert_true (tern_content_equal_but_for_quote (other, own) == cases[i].is_equal);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quotes/revoke", test_revoke);
  g_test_add_func ("/quotes/nothing-to-revoke", test_nothing_to_revoke);
  g_test_add_func ("/quotes/equal", test_equal);
  return g_test_run ();
}
