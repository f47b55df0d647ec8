/* tern-server-routes-objects.c: names of stored files, and how they get there
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 sections 5.7, 5.8, 7.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server-http.h"
#include "tern-server-params.h"
#include "tern-server-store.h"

#define MAX_NAME_BYTES 1024
#define MAX_THUMBNAIL 1024
/* What an upload's ID holds, as the real server's does. */
#define KIND_PARTS 1
#define KIND_SINGLE 2

typedef struct
{
  char  *upload; /* of many parts */
  char  *key;    /* in the store */
  char  *hash;
  gint64 size;
  int    kind;
} Upload;

static void
upload_free (Upload *self)
{
  g_free (self->upload);
  g_free (self->key);
  g_free (self->hash);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Upload, upload_free)

/* --- checks --- */

static gboolean
check_name (TernServerCall *call,
            const char     *name)
{
  g_autofree char *prefix = g_strconcat (call->user_id, "/", NULL);

  if (*name == '\0')
    return tern_server_fail (call, 1001, "name is empty");
  if (*name == '/')
    return tern_server_fail (call, 1001, "name cannot start with `/`");
  if (strlen (name) > MAX_NAME_BYTES)
    return tern_server_fail (call, 1001, "name is too long");
  if (!call->is_admin && !g_str_has_prefix (name, prefix))
    return tern_server_fail_printf (call, 1002, "name must start with `%s`", prefix);

  return TRUE;
}

/* As Go's decoder of hexadecimal texts says it. */
static gboolean
check_hash (TernServerCall *call,
            const char     *hash)
{
  for (const char *c = hash; *c != '\0'; c++)
    {
      if (!g_ascii_isxdigit (*c))
        return tern_server_fail_printf (call, 500, "encoding/hex: invalid byte: U+%04X '%c'",
                                        (guchar) *c, g_ascii_isprint (*c) ? *c : '?');
    }
  if (strlen (hash) % 2 != 0)
    return tern_server_fail (call, 500, "encoding/hex: odd length hex string");
  if (strlen (hash) != 32)
    return tern_server_fail (call, 500, "invalid md5");

  return TRUE;
}

static gboolean
get_part_size (TernServerCall *call,
               gint64          size,
               gint64         *part_size)
{
  if (size <= 0)
    return tern_server_fail (call, 500, "size must be greater than 0");
  if (size > TERN_STORE_MAX_PART * TERN_STORE_MAX_PARTS)
    return tern_server_fail (call, 500, "size is too large");

  *part_size = MAX (TERN_STORE_MIN_PART,
                    (size + TERN_STORE_MAX_PARTS - 1) / TERN_STORE_MAX_PARTS);

  return TRUE;
}

static char *
dup_object_url (TernServerCall *call,
                const char     *name)
{
  if (call->proxy != NULL)
    return g_strconcat (call->proxy, "/object/", name, NULL);

  return g_strconcat ("http://", call->host != NULL ? call->host : "127.0.0.1", "/object/", name,
                      NULL);
}

/* --- the ID of an upload --- */

static char *
build_upload_id (const Upload *upload)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "a", upload->kind);
  if (upload->kind == KIND_PARTS)
    json_object_set_string_member (object, "b", upload->upload);
  json_object_set_string_member (object, "c", upload->key);
  json_object_set_int_member (object, "d", upload->size);
  json_object_set_string_member (object, "e", upload->hash);
  json_node_take_object (node, object);
  text = json_to_string (node, FALSE);

  return g_base64_encode ((const guchar *) text, strlen (text));
}

/* Where Go's decoder stops; -1: nowhere. */
static gssize
find_bad_base64 (const char *text)
{
  gsize size = strlen (text);
  gsize n_data = strcspn (text, "=");

  for (gsize i = 0; i < n_data; i++)
    {
      if (!g_ascii_isalnum (text[i]) && text[i] != '+' && text[i] != '/')
        return (gssize) i;
    }
  if (size % 4 != 0)
    return (gssize) (size - size % 4);
  if (size - n_data > 2 || strspn (text + n_data, "=") != size - n_data)
    return (gssize) n_data;

  return -1;
}

static Upload *
parse_upload_id (TernServerCall *call)
{
  static const char type[] = "cont.multipartUploadID a:l,b:s,c:s,d:l,e:s";
  const char *text = tern_json_get_string (call->body, "uploadID");
  gssize bad = find_bad_base64 (text);
  g_autoptr(JsonNode) node = NULL;
  g_autofree char *failure = NULL;
  g_autofree guchar *data = NULL;
  Upload *upload;
  gsize size;

  if (!tern_server_require (call, "uploadID", "uploadID is empty"))
    return NULL;
  if (bad >= 0)
    {
      tern_server_fail_printf (call, 500, "illegal base64 data at input byte %d", (int) bad);
      return NULL;
    }
  data = g_base64_decode (text, &size);
  node = tern_server_params_decode (type, (const char *) data, size, &failure);
  if (node == NULL)
    {
      tern_server_fail (call, 500, failure);
      return NULL;
    }

  upload = g_new0 (Upload, 1);
  upload->kind = (int) tern_json_get_int (node, "a");
  upload->upload = g_strdup (tern_json_get_string (node, "b"));
  upload->key = g_strdup (tern_json_get_string (node, "c"));
  upload->size = tern_json_get_int (node, "d");
  upload->hash = g_strdup (tern_json_get_string (node, "e"));

  return upload;
}

static const char *
get_upload_key (const Upload *self)
{
  return self->kind == KIND_PARTS ? self->upload : self->key;
}

/* --- signatures for parts --- */

static JsonObject *
build_pair (const char *key,
            const char *value)
{
  JsonObject *pair = json_object_new ();
  JsonArray *values = json_array_new ();

  json_array_add_string_element (values, value);
  json_object_set_string_member (pair, "key", key);
  json_object_set_array_member (pair, "values", values);

  return pair;
}

static JsonObject *
build_part (TernServerCall *call,
            const Upload   *upload,
            int             number)
{
  g_autofree char *date = NULL;
  g_autofree char *authorization =
    tern_server_store_sign_part (call->server, upload->key, upload->upload, number, &date);
  g_autofree char *text = g_strdup_printf ("%d", number);
  JsonObject *part = json_object_new ();
  JsonArray *query = json_array_new ();
  JsonArray *header = json_array_new ();

  json_array_add_object_element (query, build_pair ("partNumber", text));
  json_array_add_object_element (header, build_pair ("X-Amz-Date", date));
  json_array_add_object_element (header, build_pair ("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"));
  json_array_add_object_element (header, build_pair ("Authorization", authorization));
  json_object_set_int_member (part, "partNumber", number);
  json_object_set_string_member (part, "url", "");
  json_object_set_array_member (part, "query", query);
  json_object_set_array_member (part, "header", header);

  return part;
}

/* @parts: (transfer full) */
static void
fill_sign (TernServerCall *call,
           JsonObject     *sign,
           const Upload   *upload,
           JsonArray      *parts)
{
  g_autofree char *base = tern_server_store_dup_base (call->server);
  g_autofree char *url = g_strconcat (base, upload->key, NULL);
  JsonArray *query = json_array_new ();

  json_array_add_object_element (query, build_pair ("uploadId", upload->upload));
  json_object_set_string_member (sign, "url", url);
  json_object_set_array_member (sign, "query", query);
  json_object_set_null_member (sign, "header");
  tern_server_set_array (sign, "parts", parts);
}

static JsonObject *
build_single_sign (TernServerCall *call,
                   const Upload   *upload)
{
  g_autofree char *url = tern_server_store_sign_url (call->server, "PUT", upload->key, NULL);
  JsonObject *sign = json_object_new ();
  JsonObject *part = json_object_new ();
  JsonArray *parts = json_array_new ();

  json_object_set_int_member (part, "partNumber", 1);
  json_object_set_string_member (part, "url", url);
  json_object_set_null_member (part, "query");
  json_object_set_null_member (part, "header");
  json_array_add_object_element (parts, part);
  json_object_set_string_member (sign, "url", "");
  json_object_set_null_member (sign, "query");
  json_object_set_null_member (sign, "header");
  json_object_set_array_member (sign, "parts", parts);

  return sign;
}

/* --- routes: uploads --- */

static void
route_part_limit (TernServerCall *call)
{
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "minPartSize", TERN_STORE_MIN_PART);
  json_object_set_int_member (call->data, "maxPartSize", TERN_STORE_MAX_PART);
  json_object_set_int_member (call->data, "maxNumSize", TERN_STORE_MAX_PARTS);
}

static void
route_part_size (TernServerCall *call)
{
  gint64 part_size = 0;

  if (!get_part_size (call, tern_json_get_int (call->body, "size"), &part_size))
    return;
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "size", part_size);
}

static Upload *
start_upload (TernServerCall *call,
              const char     *hash,
              gint64          size,
              gint64          part_size)
{
  g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc (tern_clock_get_wall_ms () / 1000);
  g_autofree char *date = g_date_time_format (now, "%Y/%m/%d/%H/%M/%S");
  Upload *upload = g_new0 (Upload, 1);

  upload->kind = size <= part_size ? KIND_SINGLE : KIND_PARTS;
  upload->upload = tern_server_make_random_hex (16);
  upload->hash = g_strdup (hash);
  upload->size = size;
  if (upload->kind == KIND_SINGLE)
    upload->key = g_strdup_printf ("openim/temp/%s/%s_%" G_GINT64_FORMAT "_%s.presigned", date,
                                   hash, size, upload->upload);
  else
    upload->key = g_strdup_printf ("openim/data/hash/%s", hash);
  tern_server_store_add_upload (call->server, get_upload_key (upload), MIN (size, part_size));

  return upload;
}

static JsonNode *
build_sign (TernServerCall *call,
            const Upload   *upload,
            gint64          n_signed)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *sign;
  JsonArray *parts;

  if (upload->kind == KIND_SINGLE)
    {
      json_node_take_object (node, build_single_sign (call, upload));
      return node;
    }
  if (n_signed == 0)
    return json_node_init_null (node);

  sign = json_object_new ();
  parts = json_array_new ();
  for (gint64 i = 1; i <= n_signed; i++)
    json_array_add_object_element (parts, build_part (call, upload, (int) i));
  fill_sign (call, sign, upload, parts);
  json_node_take_object (node, sign);

  return node;
}

static void
answer_upload (TernServerCall *call,
               const Upload   *upload,
               gint64          part_size,
               gint64          n_signed)
{
  g_autofree char *id = build_upload_id (upload);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "uploadID", id);
  json_object_set_int_member (object, "partSize", part_size);
  json_object_set_member (object, "sign", build_sign (call, upload, n_signed));
  json_object_set_int_member (object, "expireTime",
                              tern_clock_get_wall_ms () +
                              (gint64) TERN_STORE_LIFETIME_S * 1000);
  call->data = json_object_new ();
  json_object_set_string_member (call->data, "url", "");
  json_object_set_object_member (call->data, "upload", object);
}

static void
answer_url (TernServerCall *call,
            const char     *name)
{
  g_autofree char *url = dup_object_url (call, name);

  call->data = json_object_new ();
  json_object_set_string_member (call->data, "url", url);
}

static void
route_initiate (TernServerCall *call)
{
  const char *name = tern_json_get_string (call->body, "name");
  const char *hash = tern_json_get_string (call->body, "hash");
  gint64 size = tern_json_get_int (call->body, "size");
  gint64 max_parts = tern_json_get_int (call->body, "maxParts");
  g_autofree char *lower = g_ascii_strdown (hash, -1);
  g_autoptr(Upload) upload = NULL;
  gint64 part_size = 0;
  gint64 n_parts;

  if (!check_name (call, name) || !get_part_size (call, size, &part_size) ||
      !check_hash (call, hash))
    return;
  if (tern_server_state_has_content (call->server->state, lower))
    {
      /* Somebody has brought the same bytes before. */
      tern_server_state_put_object (call->server->state, name, lower,
                                    tern_json_get_string (call->body, "contentType"));
      answer_url (call, name);
      json_object_set_null_member (call->data, "upload");
      return;
    }
  n_parts = (size + part_size - 1) / part_size;
  if (max_parts > n_parts)
    {
      tern_server_fail_printf (call, 500, "too many parts: %d", (int) n_parts);
      return;
    }
  upload = start_upload (call, lower, size, part_size);
  answer_upload (call, upload, part_size, max_parts < 0 ? n_parts : max_parts);
}

static void
route_auth_sign (TernServerCall *call)
{
  g_autoptr(Upload) upload = NULL;
  JsonNode *numbers = tern_json_get_node (call->body, "partNumbers");
  JsonArray *parts;

  if (!tern_server_require (call, "partNumbers", "partNumbers is empty"))
    return;
  upload = parse_upload_id (call);
  if (upload == NULL)
    return;
  if (upload->kind != KIND_PARTS)
    {
      tern_server_fail (call, 500, "presigned id not support auth sign");
      return;
    }
  parts = json_array_new ();
  for (guint i = 0; i < json_array_get_length (json_node_get_array (numbers)); i++)
    {
      gint64 number = json_array_get_int_element (json_node_get_array (numbers), i);

      json_array_add_object_element (parts, build_part (call, upload, (int) number));
    }
  call->data = json_object_new ();
  fill_sign (call, call->data, upload, parts);
}

static void
route_complete (TernServerCall *call)
{
  const char *name = tern_json_get_string (call->body, "name");
  g_auto(GStrv) md5s = tern_json_dup_strings (call->body, "parts");
  g_autofree char *joined = g_strjoinv (",", md5s);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_MD5, joined, -1);
  g_autofree char *failure = NULL;
  g_autoptr(Upload) upload = NULL;

  if (!tern_server_require (call, "parts", "parts is empty") || !check_name (call, name))
    return;
  upload = parse_upload_id (call);
  if (upload == NULL)
    return;
  if (strcmp (digest, upload->hash) != 0)
    {
      tern_server_fail (call, 500, "md5 mismatching");
      return;
    }
  /* Somebody may have brought the same bytes in the meantime. */
  if (tern_server_state_has_content (call->server->state, digest))
    tern_server_store_end_upload (call->server, get_upload_key (upload));
  else if (upload->kind == KIND_PARTS)
    failure = tern_server_store_complete_parts (call->server, upload->upload, digest,
                                                (const char * const *) md5s);
  else
    failure = tern_server_store_complete_single (call->server, upload->key, digest, upload->size);
  if (failure != NULL)
    {
      tern_server_fail (call, 500, failure);
      return;
    }
  tern_server_state_put_object (call->server->state, name, digest,
                                tern_json_get_string (call->body, "contentType"));
  answer_url (call, name);
}

/* --- routes: forms --- */

static void
set_form_data (TernServerCall *call,
               const char     *key,
               gint64          size,
               gint64          end_ms)
{
  g_autofree char *date = tern_server_store_dup_date ();
  g_autofree char *credential = tern_server_store_dup_credential (call->server, date);
  g_autofree char *policy = NULL;
  g_autofree char *signature = NULL;
  const char *type = tern_json_get_string (call->body, "contentType");
  JsonObject *form = json_object_new ();

  json_object_set_string_member (form, "key", key);
  json_object_set_string_member (form, "success_action_status", "200");
  if (*type != '\0')
    json_object_set_string_member (form, "Content-Type", type);
  json_object_set_string_member (form, "bucket", "openim");
  json_object_set_string_member (form, "x-amz-date", date);
  json_object_set_string_member (form, "x-amz-algorithm", "AWS4-HMAC-SHA256");
  json_object_set_string_member (form, "x-amz-credential", credential);
  policy = tern_server_store_build_policy (form, size, end_ms);
  signature = tern_server_store_sign_policy (call->server, policy);
  json_object_set_string_member (form, "policy", policy);
  json_object_set_string_member (form, "x-amz-signature", signature);
  json_object_set_object_member (call->data, "formData", form);
}

static char *
build_form_id (TernServerCall *call,
               const char     *key)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  JsonObject *object = json_object_new ();
  char *id;

  json_object_set_string_member (object, "name", tern_json_get_string (call->body, "name"));
  json_object_set_int_member (object, "size", tern_json_get_int (call->body, "size"));
  json_object_set_string_member (object, "contentType",
                                 tern_json_get_string (call->body, "contentType"));
  json_object_set_string_member (object, "group", tern_json_get_string (call->body, "group"));
  json_object_set_string_member (object, "key", key);
  json_node_take_object (node, object);
  text = json_to_string (node, FALSE);
  id = g_base64_encode ((const guchar *) text, strlen (text));
  id[strcspn (id, "=")] = '\0';

  return id;
}

static void
route_initiate_form (TernServerCall *call)
{
  gint64 size = tern_json_get_int (call->body, "size");
  gint64 now_ms = tern_clock_get_wall_ms ();
  gint64 end_ms = now_ms + TERN_STORE_FORM_LIFETIME_S * 1000;
  g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc (now_ms / 1000);
  g_autofree char *day = g_date_time_format (now, "%Y%m%d");
  g_autofree char *random = tern_server_make_random_hex (16);
  const char *name = tern_json_get_string (call->body, "name");
  const char *slash = strrchr (name, '/');
  const char *dot = strrchr (slash != NULL ? slash : name, '.');
  g_autofree char *key = g_strdup_printf ("openim/direct/%s/%s/%s%s", day, call->user_id, random,
                                          dot != NULL ? dot : "");
  g_autofree char *base = tern_server_store_dup_base (call->server);
  g_autofree char *id = build_form_id (call, key);
  JsonArray *codes;

  if (!check_name (call, name))
    return;
  if (size <= 0)
    {
      tern_server_fail (call, 1001, "size must be greater than 0");
      return;
    }
  base[strlen (base) - 1] = '\0';
  tern_server_store_add_upload (call->server, key, size);
  codes = json_array_new ();
  json_array_add_int_element (codes, 200);
  call->data = json_object_new ();
  json_object_set_string_member (call->data, "id", id);
  json_object_set_string_member (call->data, "url", base);
  json_object_set_string_member (call->data, "file", "file");
  json_object_set_null_member (call->data, "header");
  set_form_data (call, key, size, end_ms);
  json_object_set_int_member (call->data, "expires", end_ms);
  json_object_set_array_member (call->data, "successCodes", codes);
}

static void
route_complete_form (TernServerCall *call)
{
  g_autoptr(GBytes) bytes =
    tern_server_decode_base64url (tern_json_get_string (call->body, "id"));
  g_autoptr(JsonNode) node = bytes != NULL ? tern_json_parse (bytes, 8192, NULL) : NULL;
  const char *key = tern_json_get_string (node, "key");
  const char *name = tern_json_get_string (node, "name");
  g_autofree char *file = NULL;
  g_autofree char *md5 = NULL;
  g_autofree char *hash = NULL;
  g_autofree char *failure = NULL;
  gint64 size;

  if (!tern_server_require (call, "id", "id is empty") || !check_name (call, name))
    return;
  if (!tern_server_state_find_part (call->server->state, key, 1, &file, &md5, &size))
    {
      tern_server_fail (call, 500, "The specified key does not exist.");
      return;
    }
  if (size != tern_json_get_int (node, "size"))
    {
      tern_server_fail (call, 90007, "file size mismatch");
      return;
    }
  hash = g_compute_checksum_for_string (G_CHECKSUM_MD5, md5, -1);
  failure = tern_server_store_complete_single (call->server, key, hash, size);
  if (failure != NULL)
    {
      tern_server_fail (call, 500, failure);
      return;
    }
  tern_server_state_put_object (call->server->state, name, hash,
                                tern_json_get_string (node, "contentType"));
  answer_url (call, name);
}

/* --- downloads --- */

static char *
dup_base_name (const char *name)
{
  const char *slash = strrchr (name, '/');

  return g_uri_escape_string (slash != NULL ? slash + 1 : name, NULL, FALSE);
}

static char *
sign_original (TernServer             *self,
               const TernServerObject *object,
               const char             *name)
{
  g_autofree char *base_name = dup_base_name (name);
  g_autofree char *disposition = g_strconcat ("attachment; filename*=UTF-8''", base_name, NULL);
  g_autofree char *escaped = g_uri_escape_string (disposition, NULL, FALSE);
  g_autofree char *type = g_uri_escape_string (object->content_type, NULL, FALSE);
  g_autofree char *key = g_strconcat ("openim/data/hash/", object->hash, NULL);
  g_autofree char *query =
    g_strdup_printf ("response-content-disposition=%s%s%s", escaped,
                     *type != '\0' ? "&response-content-type=" : "", type);

  return tern_server_store_sign_url (self, "GET", key, query);
}

static char *
sign_picture (TernServer             *self,
              const TernServerObject *object,
              GHashTable             *query)
{
  gint64 width = g_ascii_strtoll (tern_server_http_lookup (query, "width"), NULL, 10);
  gint64 height = g_ascii_strtoll (tern_server_http_lookup (query, "height"), NULL, 10);
  const char *format = tern_server_http_lookup (query, "format");
  g_autofree char *key = NULL;
  g_autofree char *wanted = NULL;

  if (width > MAX_THUMBNAIL || height > MAX_THUMBNAIL || (width <= 0 && height <= 0))
    {
      key = g_strconcat ("openim/data/hash/", object->hash, NULL);
      return tern_server_store_sign_url (self, "GET", key, NULL);
    }
  if (strcmp (format, "jpg") == 0)
    format = "jpeg";
  if (strcmp (format, "jpeg") != 0 && strcmp (format, "gif") != 0)
    format = "png";
  key = g_strdup_printf ("openim/thumbnail/%s/image_w%d_h%d.%s", object->etag, (int) width,
                         (int) height, format);
  wanted = g_strdup_printf ("response-content-type=image%%2F%s", format);

  return tern_server_store_sign_url (self, "GET", key, wanted);
}

/* (nullable): then *@status and *@failure say why */
static char *
sign_download (TernServer  *self,
               const char  *name,
               GHashTable  *query,
               guint       *status,
               const char **failure)
{
  const char *type = tern_server_http_lookup (query, "type");
  g_autoptr(TernServerObject) object = tern_server_state_find_object (self->state, name);

  *status = 400;
  *failure = "Error: 1001 ArgsError invalid query type | -> (no stack trace)";
  if (*type != '\0' && strcmp (type, "image") != 0)
    return NULL;
  *status = 404;
  *failure = "Error: Error: mongo: no documents in result mongo find one | -> (no stack trace)";
  if (object == NULL)
    return NULL;
  if (*type == '\0')
    return sign_original (self, object, name);
  *status = 500;
  *failure = "Error: object not image | -> (no stack trace)";
  if (!tern_server_store_is_picture (self, object->hash))
    return NULL;

  return sign_picture (self, object, query);
}

static void
route_access_url (TernServerCall *call)
{
  const char *name = tern_json_get_string (call->body, "name");
  JsonNode *asked = tern_json_get_node (call->body, "query");
  g_autoptr(GHashTable) query = g_hash_table_new (g_str_hash, g_str_equal);
  static const char * const names[] = { "type", "width", "height", "format" };
  g_autofree char *url = NULL;
  const char *failure;
  guint status;

  if (!tern_server_require (call, "name", "name is empty"))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_hash_table_insert (query, (char *) names[i], (char *) tern_json_get_string (asked, names[i]));
  url = sign_download (call->server, name, query, &status, &failure);
  if (url == NULL)
    {
      tern_server_fail (call, status == 400 ? 1001 : 500,
                        status == 404 ? "mongo: no documents in result"
                        : status == 400 ? "invalid query type" : "object not image");
      return;
    }
  call->data = json_object_new ();
  json_object_set_string_member (call->data, "url", url);
  json_object_set_int_member (call->data, "expireTime",
                              tern_clock_get_wall_ms () +
                              (gint64) TERN_STORE_LIFETIME_S * 1000);
}

/**
 * tern_server_get_object:
 * @self: the server
 * @message: a GET below /object/
 * @path: its path
 * @query: (nullable) (element-type utf8 utf8): its query
 *
 * Answers with the signed address of what has that name.
 *
 * Thread: main.
 */
void
tern_server_get_object (TernServer        *self,
                        SoupServerMessage *message,
                        const char        *path,
                        GHashTable        *query)
{
  const char *name = path + strlen ("/object/");
  const char *failure;
  guint status;
  g_autofree char *url = sign_download (self, name, query, &status, &failure);

  if (url == NULL)
    {
      tern_server_http_respond_text (message, status, "application/json", failure);
      return;
    }
  tern_server_http_respond_text (message, 302, "application/json", "");
  tern_server_http_set_header (message, "Location", url);
}

/* --- what only phones need --- */

static void
route_nothing (TernServerCall *call)
{
}

static void
route_badge (TernServerCall *call)
{
  tern_server_is_self (call, "userID");
}

/**
 * tern_server_find_object_route:
 * @path: of a call
 *
 * Thread: any.
 *
 * Returns: (nullable): what serves it, of what stands in this file
 */
TernServerRoute
tern_server_find_object_route (const char *path)
{
  static const TernServerRouteEntry routes[] = {
    { "/object/access_url", route_access_url },
    { "/object/auth_sign", route_auth_sign },
    { "/object/complete_form_data", route_complete_form },
    { "/object/complete_multipart_upload", route_complete },
    { "/object/initiate_form_data", route_initiate_form },
    { "/object/initiate_multipart_upload", route_initiate },
    { "/object/part_limit", route_part_limit },
    { "/object/part_size", route_part_size },
    { "/third/fcm_update_token", route_nothing },
    { "/third/logs/upload", route_nothing },
    { "/third/set_app_badge", route_badge },
  };

  return tern_server_find_route (routes, G_N_ELEMENTS (routes), path);
}
