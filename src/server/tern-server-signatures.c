/* tern-server-signatures.c: who may put and get what in the object store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In the places and by the names of the real store; what is signed is spelled
 * more simply, since nobody but this server signs.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server-http.h"
#include "tern-server-store.h"

#define BUCKET_PATH TERN_STORE_BUCKET_PATH
#define REGION "us-east-1/s3/aws4_request"
#define USER "root"
#define ALGORITHM "AWS4-HMAC-SHA256"
#define SIGNED_PART_HEADERS "host;x-amz-content-sha256;x-amz-date"
/* How far the clock of who puts a part may be off. */
#define MAX_SKEW_S (15 * 60)
#define MAX_POLICY_BYTES 65536
#define SIGNATURE "&X-Amz-Signature="

static char *
sign (TernServer *self,
      const char *text)
{
  g_autofree char *secret = g_strconcat ("store:", self->secret, NULL);

  return g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guchar *) secret, strlen (secret),
                                    text, -1);
}

/**
 * tern_server_store_dup_date:
 *
 * Thread: any.
 *
 * Returns: (transfer full): now, as the store writes it
 */
char *
tern_server_store_dup_date (void)
{
  g_autoptr(GDateTime) now =
    g_date_time_new_from_unix_utc (tern_clock_get_wall_ms () / 1000);

  return g_date_time_format (now, "%Y%m%dT%H%M%SZ");
}

static gint64
parse_date (const char *text)
{
  g_autoptr(GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr(GDateTime) date = NULL;
  g_autofree char *iso = NULL;

  if (strlen (text) != 16 || text[8] != 'T' || text[15] != 'Z')
    return 0;
  iso = g_strdup_printf ("%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", text, text + 4, text + 6, text + 9,
                         text + 11, text + 13);
  date = g_date_time_new_from_iso8601 (iso, utc);

  return date != NULL ? g_date_time_to_unix (date) : 0;
}

/**
 * tern_server_store_dup_credential:
 * @self: the server
 * @date: of a signature
 *
 * Thread: any.
 *
 * Returns: (transfer full): whose signature that is
 */
char *
tern_server_store_dup_credential (TernServer *self,
                                  const char *date)
{
  return g_strdup_printf (USER "/%.8s/" REGION, date);
}

/**
 * tern_server_store_dup_base:
 * @self: a server whose API listens
 *
 * Thread: main.
 *
 * Returns: (transfer full): the base of every address, http://127.0.0.1:PORT/openim/
 */
char *
tern_server_store_dup_base (TernServer *self)
{
  GSList *uris = soup_server_get_uris (self->api);
  char *base = g_strdup_printf ("http://127.0.0.1:%d" BUCKET_PATH, g_uri_get_port (uris->data));

  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  return base;
}

/**
 * tern_server_store_sign_url:
 * @self: a server whose API listens
 * @method: what may be done there: GET or PUT
 * @key: where
 * @query: (nullable): further parameters that are signed, escaped
 *
 * Thread: main.
 *
 * Returns: (transfer full): an address that is good for %TERN_STORE_LIFETIME_S
 */
char *
tern_server_store_sign_url (TernServer *self,
                            const char *method,
                            const char *key,
                            const char *query)
{
  g_autofree char *base = tern_server_store_dup_base (self);
  g_autofree char *date = tern_server_store_dup_date ();
  g_autofree char *credential = tern_server_store_dup_credential (self, date);
  g_autofree char *escaped = g_uri_escape_string (credential, NULL, FALSE);
  g_autofree char *all = g_strdup_printf (
    "X-Amz-Algorithm=" ALGORITHM "&X-Amz-Credential=%s&X-Amz-Date=%s&X-Amz-Expires=%d"
    "&X-Amz-SignedHeaders=host%s%s", escaped, date, TERN_STORE_LIFETIME_S,
    query != NULL ? "&" : "", query != NULL ? query : "");
  g_autofree char *text = g_strdup_printf ("%s\n" BUCKET_PATH "%s\n%s", method, key, all);
  g_autofree char *signature = sign (self, text);

  return g_strdup_printf ("%s%s?%s&X-Amz-Signature=%s", base, key, all, signature);
}

static char *
sign_part_at (TernServer *self,
              const char *key,
              const char *upload,
              const char *number,
              const char *date)
{
  g_autofree char *text = g_strdup_printf ("PUT\n" BUCKET_PATH "%s\n%s\n%s\n%s", key, upload,
                                           number, date);

  return sign (self, text);
}

/**
 * tern_server_store_sign_part:
 * @self: the server
 * @key: where a part may be put
 * @upload: of which upload
 * @number: which part
 * @date: (out) (transfer full): the header X-Amz-Date that goes with it
 *
 * Thread: main.
 *
 * Returns: (transfer full): the header Authorization, good for a quarter of an hour
 */
char *
tern_server_store_sign_part (TernServer  *self,
                             const char  *key,
                             const char  *upload,
                             int          number,
                             char       **date)
{
  g_autofree char *text = g_strdup_printf ("%d", number);
  g_autofree char *signature = NULL;
  g_autofree char *credential = NULL;

  *date = tern_server_store_dup_date ();
  signature = sign_part_at (self, key, upload, text, *date);
  credential = tern_server_store_dup_credential (self, *date);

  return g_strdup_printf (ALGORITHM " Credential=%s, SignedHeaders=" SIGNED_PART_HEADERS
                          ", Signature=%s", credential, signature);
}

/**
 * tern_server_store_sign_policy:
 * @self: the server
 * @policy: of a form, in base64
 *
 * Thread: main.
 *
 * Returns: (transfer full): the form's field x-amz-signature
 */
char *
tern_server_store_sign_policy (TernServer *self,
                               const char *policy)
{
  g_autofree char *text = g_strconcat ("POST\n", policy, NULL);

  return sign (self, text);
}

/* --- policies of forms --- */

static void
add_condition (JsonArray  *conditions,
               const char *field,
               const char *value)
{
  JsonArray *condition = json_array_new ();
  g_autofree char *name = g_strconcat ("$", field, NULL);

  json_array_add_string_element (condition, "eq");
  json_array_add_string_element (condition, name);
  json_array_add_string_element (condition, value);
  json_array_add_array_element (conditions, condition);
}

/**
 * tern_server_store_build_policy:
 * @form: the fields that have to come just so
 * @size: how long the file may be
 * @end_ms: until when
 *
 * Thread: any.
 *
 * Returns: (transfer full): base64 of JSON, as the real store takes it
 */
char *
tern_server_store_build_policy (JsonObject *form,
                                gint64      size,
                                gint64      end_ms)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr(GDateTime) end = g_date_time_new_from_unix_utc (end_ms / 1000);
  g_autofree char *seconds = g_date_time_format (end, "%Y-%m-%dT%H:%M:%S");
  g_autofree char *text = g_strdup_printf ("%s.%03dZ", seconds, (int) (end_ms % 1000));
  g_autofree char *json = NULL;
  JsonObject *policy = json_object_new ();
  JsonArray *conditions = json_array_new ();
  JsonArray *range = json_array_new ();
  JsonObjectIter iter;
  const char *field;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, form);
  while (json_object_iter_next_ordered (&iter, &field, &value))
    add_condition (conditions, field, json_node_get_string (value));
  json_array_add_string_element (range, "content-length-range");
  json_array_add_int_element (range, 0);
  json_array_add_int_element (range, size);
  json_array_add_array_element (conditions, range);
  json_object_set_string_member (policy, "expiration", text);
  json_object_set_array_member (policy, "conditions", conditions);
  json_node_take_object (node, policy);
  json = json_to_string (node, FALSE);

  return g_base64_encode ((const guchar *) json, strlen (json));
}

static const char *
get_word (JsonArray *condition,
          guint      i)
{
  JsonNode *node = i < json_array_get_length (condition) ? json_array_get_element (condition, i)
                                                         : NULL;

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
         ? tern_json_node_get_text (node) : "";
}

/* Whether all that has to be equal is; each ["eq","$FIELD","VALUE"]. How long the
 * file may be stands with the upload. */
static gboolean
has_fields (JsonNode   *conditions,
            GHashTable *fields)
{
  JsonArray *array;

  if (conditions == NULL || !JSON_NODE_HOLDS_ARRAY (conditions))
    return FALSE;
  array = json_node_get_array (conditions);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonArray *words = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

      if (words == NULL)
        return FALSE;
      if (strcmp (get_word (words, 0), "eq") == 0 &&
          (*get_word (words, 1) != '$' ||
           g_strcmp0 (g_hash_table_lookup (fields, get_word (words, 1) + 1),
                      get_word (words, 2)) != 0))
        return FALSE;
    }

  return TRUE;
}

/**
 * tern_server_store_is_in_policy:
 * @policy: base64 of JSON, as it was signed
 * @fields: (element-type utf8 utf8): of a form
 *
 * Thread: any.
 *
 * Returns: whether the policy lets in a form with such fields, now
 */
gboolean
tern_server_store_is_in_policy (const char *policy,
                                GHashTable *fields)
{
  gsize size;
  g_autofree guchar *data = g_base64_decode (policy, &size);
  g_autoptr(GBytes) bytes = g_bytes_new (data, size);
  g_autoptr(JsonNode) root = tern_json_parse (bytes, MAX_POLICY_BYTES, NULL);
  g_autoptr(GDateTime) end =
    g_date_time_new_from_iso8601 (tern_json_get_string (root, "expiration"), NULL);

  return end != NULL && g_hash_table_contains (fields, "key") &&
         g_date_time_to_unix (end) >= tern_clock_get_wall_ms () / 1000 &&
         has_fields (tern_json_get_node (root, "conditions"), fields);
}

/**
 * tern_server_store_is_signed_url:
 * @self: the server
 * @method: of a request; %SOUP_METHOD_HEAD is allowed where GET is
 * @path: and its path
 * @raw: (nullable): and its query, as it came
 * @query: (nullable) (element-type utf8 utf8): and its query
 *
 * The signature is the last parameter: what stood behind it would count, and
 * not be signed.
 *
 * Thread: main.
 *
 * Returns: whether just that was signed, and not too long ago
 */
gboolean
tern_server_store_is_signed_url (TernServer *self,
                                 const char *method,
                                 const char *path,
                                 const char *raw,
                                 GHashTable *query)
{
  const char *end = raw != NULL ? strstr (raw, SIGNATURE) : NULL;
  const char *date = tern_server_http_lookup (query, "X-Amz-Date");
  gint64 age = tern_clock_get_wall_ms () / 1000 - parse_date (date);
  g_autofree char *text = NULL;
  g_autofree char *right = NULL;

  if (end == NULL)
    return FALSE;
  text = g_strdup_printf ("%s\n%s\n%.*s", strcmp (method, "HEAD") == 0 ? "GET" : method, path,
                          (int) (end - raw), raw);
  right = sign (self, text);

  return tern_server_is_same_secret (right, end + strlen (SIGNATURE)) &&
         age >= -MAX_SKEW_S && age <= TERN_STORE_LIFETIME_S;
}

/**
 * tern_server_store_is_signed_part:
 * @self: the server
 * @key: where a part is put
 * @query: (nullable) (element-type utf8 utf8): which part, of which upload
 * @date: (nullable): the header X-Amz-Date
 * @authorization: (nullable): the header Authorization
 *
 * Thread: main.
 *
 * Returns: whether just that was signed, and not long ago
 */
gboolean
tern_server_store_is_signed_part (TernServer *self,
                                  const char *key,
                                  GHashTable *query,
                                  const char *date,
                                  const char *authorization)
{
  const char *given = authorization != NULL ? strstr (authorization, "Signature=") : NULL;
  g_autofree char *right = NULL;
  gint64 age;

  if (date == NULL || given == NULL)
    return FALSE;
  age = tern_clock_get_wall_ms () / 1000 - parse_date (date);
  right = sign_part_at (self, key, tern_server_http_lookup (query, "uploadId"),
                        tern_server_http_lookup (query, "partNumber"), date);

  return tern_server_is_same_secret (right, given + strlen ("Signature=")) &&
         age >= -MAX_SKEW_S && age <= MAX_SKEW_S;
}
