/* fuzz-store.c: who puts and gets files, and forms with files in them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An input is the boundary of a form, a line's end and the form. The same bytes
 * are tried as an address that is signed: path, line's end, query; as a part:
 * key, query, date, authorization, one line each; and as a policy. Whoever has
 * no key of the server's opens nothing; what has been signed does, and with one
 * byte of it changed does not.
 */

#include "tern-server-http.h"
#include "tern-server-store.h"

#include <string.h>

int LLVMFuzzerInitialize   (int    *argc,
                            char ***argv);
int LLVMFuzzerTestOneInput (const guint8 *data,
                            size_t        size);

static TernServer *server;

int
LLVMFuzzerInitialize (int    *argc,
                      char ***argv)
{
  const TernServerConfig config = { 0 };

  server = tern_server_new (&config, NULL);
  g_assert_nonnull (server);

  return 0;
}

static GHashTable *
decode (const char *query)
{
  return soup_form_decode (query != NULL ? query : "");
}

static void
try_form (const char *boundary,
          const char *form,
          gsize       size)
{
  g_autoptr(GHashTable) fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GBytes) body = g_bytes_new (form, size);
  g_autoptr(GBytes) content = *boundary != '\0'
                              ? tern_server_store_read_form (boundary, body, fields) : NULL;

  if (content != NULL)
    g_assert_cmpuint (g_bytes_get_size (content), <, size);
  if (g_hash_table_contains (fields, "policy"))
    tern_server_store_is_in_policy (g_hash_table_lookup (fields, "policy"), fields);
}

/* A policy that the server made lets in what it was made for, and nothing else. */
static void
try_policy (const char *value)
{
  g_autoptr(GHashTable) fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(JsonObject) form = json_object_new ();
  g_autofree char *text = g_utf8_make_valid (value, -1);
  g_autofree char *policy = NULL;

  json_object_set_string_member (form, "key", text);
  policy = tern_server_store_build_policy (form, 5, G_GINT64_CONSTANT (4102444800000));
  g_hash_table_insert (fields, g_strdup ("key"), g_strdup (text));
  g_assert_true (tern_server_store_is_in_policy (policy, fields));
  g_hash_table_insert (fields, g_strdup ("key"), g_strconcat (text, "x", NULL));
  g_assert_false (tern_server_store_is_in_policy (policy, fields));
  tern_server_store_is_in_policy (value, fields);
}

static void
try_url (const char *path,
         const char *query)
{
  g_autofree char *key = g_strcanon (g_strdup (path), "abcdefghijklmnopqrstuvwxyz/.0123456789",
                                     '-');
  g_autofree char *url = tern_server_store_sign_url (server, "GET", key, NULL);
  g_autofree char *base = tern_server_store_dup_base (server);
  g_autofree char *full = g_strconcat (TERN_STORE_BUCKET_PATH, key, NULL);
  char *signed_query = strchr (url, '?') + 1;
  g_autoptr(GHashTable) fields = decode (signed_query);
  g_autoptr(GHashTable) other = decode (query);
  gsize at = strlen (path) % strlen (signed_query);

  g_assert_true (g_str_has_prefix (url, base));
  g_assert_true (tern_server_store_is_signed_url (server, "GET", full, signed_query, fields));
  g_assert_false (tern_server_store_is_signed_url (server, "PUT", full, signed_query, fields));
  g_assert_false (tern_server_store_is_signed_url (server, "GET", path, query, other));
  signed_query[at] ^= 1;
  g_clear_pointer (&fields, g_hash_table_unref);
  fields = decode (signed_query);
  g_assert_false (tern_server_store_is_signed_url (server, "GET", full, signed_query, fields));
}

static void
try_part (const char *key,
          const char *query,
          const char *date,
          const char *authorization)
{
  g_autoptr(GHashTable) fields = decode (query);
  g_autoptr(GHashTable) right_fields = g_hash_table_new (g_str_hash, g_str_equal);
  int number = (int) g_ascii_strtoll (tern_server_http_lookup (fields, "partNumber"), NULL, 10);
  g_autofree char *number_text = g_strdup_printf ("%d", number);
  const char *upload = tern_server_http_lookup (fields, "uploadId");
  g_autofree char *other = g_strconcat (key, "x", NULL);
  g_autofree char *right_date = NULL;
  g_autofree char *right = tern_server_store_sign_part (server, key, upload, number, &right_date);

  g_assert_false (tern_server_store_is_signed_part (server, key, fields, date, authorization));
  g_hash_table_insert (right_fields, "uploadId", (char *) upload);
  g_hash_table_insert (right_fields, "partNumber", number_text);
  g_assert_true (tern_server_store_is_signed_part (server, key, right_fields, right_date, right));
  g_assert_false (tern_server_store_is_signed_part (server, other, right_fields, right_date,
                                                    right));
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        size_t        size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto(GStrv) lines = g_strsplit (text, "\n", 4);
  guint n_lines = g_strv_length (lines);
  const guint8 *end = size > 0 ? memchr (data, '\n', size) : NULL;
  const char *first = n_lines > 0 ? lines[0] : "";

  if (end != NULL)
    {
      g_autofree char *boundary = g_strndup ((const char *) data, (gsize) (end - data));

      try_form (boundary, (const char *) end + 1, size - (gsize) (end + 1 - data));
    }
  try_policy (text);
  try_url (first, n_lines > 1 ? lines[1] : NULL);
  try_part (first, n_lines > 1 ? lines[1] : NULL, n_lines > 2 ? lines[2] : NULL,
            n_lines > 3 ? lines[3] : NULL);

  return 0;
}
