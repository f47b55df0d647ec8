/* fuzz-handshake.c: what asks for a long connection
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An input is a query and, behind a line's end, the header "compression". TOKEN
 * in it stands for a token that is good, so that some get in.
 */

#include "tern-server-gateway.h"

#include <string.h>

int LLVMFuzzerInitialize   (int    *argc,
                            char ***argv);
int LLVMFuzzerTestOneInput (const guint8 *data,
                            size_t        size);

#define USER "alice_e3f8"
#define PLATFORM 7

static TernServer *server;
static char *token;

int
LLVMFuzzerInitialize (int    *argc,
                      char ***argv)
{
  const TernServerConfig config = { .max_connections = 1 };
  g_autoptr(TernUserRecord) user = tern_user_record_new ();

  server = tern_server_new (&config, NULL);
  g_assert_nonnull (server);
  g_free (user->id);
  user->id = g_strdup (USER);
  tern_server_state_add_user (server->state, user);
  token = tern_server_sign_in (server, USER, PLATFORM);

  return 0;
}

/* Where it is JSON in base64, too. */
static char *
put_token (const char *text)
{
  g_autoptr(GString) out = g_string_new (text);
  g_autoptr(GBytes) bytes = NULL;
  const char *form_b = strstr (text, "v=");

  g_string_replace (out, "TOKEN", token, 0);
  if (form_b == text)
    bytes = tern_server_decode_base64url (text + 2);
  if (bytes != NULL)
    {
      g_autofree char *plain = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      g_autoptr(GString) json = g_string_new (plain);
      g_autofree char *encoded = NULL;

      g_string_replace (json, "TOKEN", token, 0);
      encoded = g_base64_encode ((const guchar *) json->str, json->len);
      g_strdelimit (encoded, "+", '-');
      g_strdelimit (encoded, "/", '_');
      encoded[strcspn (encoded, "=")] = '\0';
      g_string_printf (out, "v=%s", encoded);
    }

  return g_strdup (out->str);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        size_t        size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  char *end = strchr (text, '\n');
  g_autofree char *query = NULL;
  g_auto(TernServerHello) hello = { 0 };
  g_auto(TernServerRefusal) refusal = { 0 };
  gboolean is_token_error;
  gboolean is_good;

  if (end != NULL)
    *end++ = '\0';
  query = put_token (text);
  is_good = tern_server_check_hello (server, query, end, &hello, &refusal, &is_token_error);
  g_assert_true (is_good == (refusal.code == 0));
  if (is_good)
    {
      g_assert_cmpstr (hello.user_id, ==, USER);
      g_assert_cmpstr (hello.token, ==, token);
      g_assert_cmpint (hello.platform, ==, PLATFORM);
    }
  else
    {
      g_autoptr(GBytes) body = tern_server_refusal_body (&refusal);

      g_assert_nonnull (refusal.message);
      g_assert_true (is_token_error == (refusal.code >= 1501 && refusal.code <= 1507));
      g_assert_true (g_utf8_validate_len (g_bytes_get_data (body, NULL), g_bytes_get_size (body),
                                          NULL));
    }

  return 0;
}
