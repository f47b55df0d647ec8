/* tern-server-store.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define _GNU_SOURCE /* memmem() */

#include "config.h"

#include "tern-server-store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "tern-clock.h"
#include "tern-error.h"
#include "tern-server-http.h"

#define BUCKET_PATH "/openim/"
#define REGION "us-east-1/s3/aws4_request"
#define USER "root"
#define ALGORITHM "AWS4-HMAC-SHA256"
#define SIGNED_PART_HEADERS "host;x-amz-content-sha256;x-amz-date"
/* How far the clock of who puts a part may be off. */
#define MAX_SKEW_S (15 * 60)
#define PUT_KEY "tern-put"

/* A body on its way to the disk. */
typedef struct
{
  GChecksum *md5;
  char      *key;
  char      *file;
  gint64     size;
  gint64     max_bytes;
  int        number;
  int        fd;
} Put;

/* --- files --- */

static char *
dup_path (TernServer *self,
          const char *file)
{
  return g_build_filename (self->store_folder, file, NULL);
}

static void
remove_file (TernServer *self,
             const char *file)
{
  g_autofree char *path = self->store_folder != NULL ? dup_path (self, file) : NULL;

  if (path != NULL)
    g_unlink (path);
}

static int
make_file (TernServer  *self,
           char       **file)
{
  g_autofree char *path = NULL;

  *file = tern_server_make_random_hex (16);
  /* Without a folder of data there is one for as long as the process lives. */
  if (self->store_folder == NULL)
    self->store_folder = g_dir_make_tmp ("tern-objects-XXXXXX", NULL);
  if (self->store_folder == NULL)
    return -1;
  path = dup_path (self, *file);

  return open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static gboolean
write_all (int           fd,
           const guint8 *data,
           gsize         size)
{
  while (size > 0)
    {
      gssize n = write (fd, data, size);

      if (n < 0 && errno != EINTR)
        return FALSE;
      if (n > 0)
        {
          data += n;
          size -= (gsize) n;
        }
    }

  return TRUE;
}

/* --- signatures --- */

static char *
sign (TernServer *self,
      const char *text)
{
  g_autofree char *secret = g_strconcat ("store:", self->secret, NULL);

  return g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guchar *) secret, strlen (secret),
                                    text, -1);
}

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

char *
tern_server_store_dup_credential (TernServer *self,
                                  const char *date)
{
  return g_strdup_printf (USER "/%.8s/" REGION, date);
}

char *
tern_server_store_dup_base (TernServer *self)
{
  GSList *uris = soup_server_get_uris (self->api);
  char *base = g_strdup_printf ("http://127.0.0.1:%d" BUCKET_PATH, g_uri_get_port (uris->data));

  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  return base;
}

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

char *
tern_server_store_sign_policy (TernServer *self,
                               const char *policy)
{
  g_autofree char *text = g_strconcat ("POST\n", policy, NULL);

  return sign (self, text);
}

static const char *
lookup (GHashTable *query,
        const char *name)
{
  const char *value = query != NULL ? g_hash_table_lookup (query, name) : NULL;

  return value != NULL ? value : "";
}

/* The address as it came, without what follows the last parameter. */
static gboolean
is_signed_url (TernServer        *self,
               SoupServerMessage *message,
               GHashTable        *query)
{
  GUri *uri = soup_server_message_get_uri (message);
  const char *raw = g_uri_get_query (uri);
  const char *end = raw != NULL ? strstr (raw, "&X-Amz-Signature=") : NULL;
  const char *method = soup_server_message_get_method (message);
  gint64 age = tern_clock_get_wall_ms () / 1000 - parse_date (lookup (query, "X-Amz-Date"));
  g_autofree char *text = NULL;
  g_autofree char *right = NULL;

  if (end == NULL)
    return FALSE;
  text = g_strdup_printf ("%s\n%s\n%.*s", method == SOUP_METHOD_HEAD ? "GET" : method,
                          g_uri_get_path (uri), (int) (end - raw), raw);
  right = sign (self, text);

  return tern_server_is_same_secret (right, lookup (query, "X-Amz-Signature")) &&
         age >= -MAX_SKEW_S && age <= TERN_STORE_LIFETIME_S;
}

static gboolean
is_signed_part (TernServer        *self,
                SoupServerMessage *message,
                const char        *key,
                GHashTable        *query)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *date = soup_message_headers_get_one (headers, "X-Amz-Date");
  const char *authorization = soup_message_headers_get_one (headers, "Authorization");
  const char *given = authorization != NULL ? strstr (authorization, "Signature=") : NULL;
  g_autofree char *right = NULL;
  gint64 age;

  if (date == NULL || given == NULL)
    return FALSE;
  age = tern_clock_get_wall_ms () / 1000 - parse_date (date);
  right = sign_part_at (self, key, lookup (query, "uploadId"), lookup (query, "partNumber"), date);

  return tern_server_is_same_secret (right, given + strlen ("Signature=")) &&
         age >= -MAX_SKEW_S && age <= MAX_SKEW_S;
}

/* --- putting --- */

static void
refuse (SoupServerMessage *message,
        guint              status,
        const char        *code)
{
  g_autofree char *text = g_strdup_printf (
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code></Error>", code);

  tern_server_http_respond_text (message, status, "application/xml", text);
}

static void
put_free (gpointer data)
{
  Put *put = data;

  if (put->fd >= 0)
    close (put->fd);
  g_checksum_free (put->md5);
  g_free (put->key);
  g_free (put->file);
  g_free (put);
}

static void
put_chunk_cb (SoupServerMessage *message,
              GBytes            *chunk,
              gpointer           user_data)
{
  Put *put = user_data;
  gsize size;
  const guint8 *data = g_bytes_get_data (chunk, &size);

  put->size += (gint64) size;
  if (put->fd < 0 || put->size > put->max_bytes)
    return;
  g_checksum_update (put->md5, data, (gssize) size);
  if (!write_all (put->fd, data, size))
    {
      close (put->fd);
      put->fd = -1;
    }
}

/* A body that broke off leaves nothing. */
static void
put_finished_cb (SoupServerMessage *message,
                 gpointer           user_data)
{
  TernServer *self = user_data;
  Put *put = g_object_get_data (G_OBJECT (message), PUT_KEY);

  if (put != NULL && put->file != NULL)
    remove_file (self, put->file);
}

static void
early_cb (SoupServer        *server,
          SoupServerMessage *message,
          const char        *path,
          GHashTable        *query,
          gpointer           user_data)
{
  TernServer *self = user_data;
  const char *key = path + strlen (BUCKET_PATH) - 1;
  gboolean is_part = query != NULL && g_hash_table_contains (query, "uploadId");
  gint64 max_bytes;
  Put *put;

  if (soup_server_message_get_method (message) != SOUP_METHOD_PUT)
    {
      tern_server_http_collect (message);
      return;
    }
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  key += *key == '/';
  if (is_part ? !is_signed_part (self, message, key, query) : !is_signed_url (self, message, query))
    {
      refuse (message, 403, "SignatureDoesNotMatch");
      return;
    }
  max_bytes = tern_server_state_get_upload_max (self->state, is_part ? lookup (query, "uploadId")
                                                                     : key);
  if (max_bytes < 0)
    {
      refuse (message, 404, "NoSuchUpload");
      return;
    }

  put = g_new0 (Put, 1);
  put->key = g_strdup (is_part ? lookup (query, "uploadId") : key);
  put->number = is_part ? (int) g_ascii_strtoll (lookup (query, "partNumber"), NULL, 10) : 1;
  put->max_bytes = max_bytes;
  put->md5 = g_checksum_new (G_CHECKSUM_MD5);
  put->fd = make_file (self, &put->file);
  g_object_set_data_full (G_OBJECT (message), PUT_KEY, put, put_free);
  g_signal_connect (message, "got-chunk", G_CALLBACK (put_chunk_cb), put);
  g_signal_connect (message, "finished", G_CALLBACK (put_finished_cb), self);
}

/* Takes the place of what was put there before. */
static void
keep_part (TernServer *self,
           const char *key,
           int         number,
           const char *file,
           const char *md5,
           gint64      size)
{
  g_autofree char *old_file = NULL;
  g_autofree char *old_md5 = NULL;
  gint64 old_size;

  if (tern_server_state_find_part (self->state, key, number, &old_file, &old_md5, &old_size))
    remove_file (self, old_file);
  tern_server_state_put_part (self->state, key, number, file, md5, size);
}

static void
finish_put (TernServer        *self,
            SoupServerMessage *message)
{
  Put *put = g_object_get_data (G_OBJECT (message), PUT_KEY);
  g_autofree char *etag = NULL;

  if (put == NULL || put->fd < 0)
    refuse (message, 500, "InternalError");
  else if (put->size > put->max_bytes)
    refuse (message, 400, "EntityTooLarge");
  else
    {
      keep_part (self, put->key, put->number, put->file, g_checksum_get_string (put->md5),
                 put->size);
      g_clear_pointer (&put->file, g_free);
      etag = g_strdup_printf ("\"%s\"", g_checksum_get_string (put->md5));
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "ETag",
                                    etag);
      tern_server_http_respond_text (message, 200, NULL, "");
    }
}

/* --- getting --- */

/* openim/data/hash/HASH, or openim/thumbnail/ETAG/image_…, whose picture is the
 * original: this server scales nothing. */
static char *
dup_hash_of_key (TernServer *self,
                 const char *key)
{
  g_auto(GStrv) parts = g_strsplit (key, "/", 5);
  guint n_parts = g_strv_length (parts);

  if (n_parts == 4 && strcmp (parts[1], "data") == 0 && strcmp (parts[2], "hash") == 0 &&
      tern_server_state_has_content (self->state, parts[3]))
    return g_strdup (parts[3]);
  if (n_parts == 4 && strcmp (parts[1], "thumbnail") == 0)
    return tern_server_state_dup_hash_of (self->state, parts[2]);

  return NULL;
}

static void
get (TernServer        *self,
     SoupServerMessage *message,
     const char        *key,
     GHashTable        *query)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  g_autofree char *hash = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GMappedFile) file = NULL;
  g_autoptr(GBytes) bytes = NULL;
  const char *type = lookup (query, "response-content-type");

  if (!is_signed_url (self, message, query))
    {
      refuse (message, 403, "SignatureDoesNotMatch");
      return;
    }
  hash = dup_hash_of_key (self, key);
  path = hash != NULL ? dup_path (self, hash) : NULL;
  file = path != NULL ? g_mapped_file_new (path, FALSE, NULL) : NULL;
  if (file == NULL)
    {
      refuse (message, 404, "NoSuchKey");
      return;
    }

  bytes = g_mapped_file_get_bytes (file);
  if (*lookup (query, "response-content-disposition") != '\0')
    soup_message_headers_replace (headers, "Content-Disposition",
                                  lookup (query, "response-content-disposition"));
  soup_message_headers_set_content_type (headers, *type != '\0' ? type : "application/octet-stream",
                                         NULL);
  soup_message_headers_replace (headers, "Accept-Ranges", "bytes");
  /* libsoup answers a Range by itself from a whole body. */
  soup_message_body_append_bytes (soup_server_message_get_response_body (message), bytes);
  soup_server_message_set_status (message, 200, NULL);
}

/* --- forms --- */

/* --boundary CRLF headers CRLF CRLF content CRLF, again and again. libsoup 3.2
 * has a reader of these that frees what it must not. Fills @fields; answers
 * the content of the field "file". */
static GBytes *
read_form (const char *boundary,
           GBytes     *body,
           GHashTable *fields)
{
  g_autofree char *limit = g_strconcat ("--", boundary, NULL);
  gsize size;
  const char *text = g_bytes_get_data (body, &size);
  const char *end = text + size;
  const char *at = size > 0 ? memmem (text, size, limit, strlen (limit)) : NULL;

  while (at != NULL)
    {
      const char *head = at + strlen (limit);
      const char *content = memmem (head, (gsize) (end - head), "\r\n\r\n", 4);
      const char *name, *quote;
      gsize len;

      at = memmem (head, (gsize) (end - head), limit, strlen (limit));
      if (content == NULL || at == NULL || at - content < 6)
        return NULL;
      content += 4;
      len = (gsize) (at - 2 - content);
      name = memmem (head, (gsize) (content - head), " name=\"", 7);
      quote = name != NULL ? memchr (name + 7, '"', (gsize) (content - name) - 7) : NULL;
      if (quote == NULL)
        continue;
      name += 7;
      if (quote - name == 4 && memcmp (name, "file", 4) == 0)
        return g_bytes_new_from_bytes (body, (gsize) (content - text), len);
      g_hash_table_insert (fields, g_strndup (name, (gsize) (quote - name)),
                           g_strndup (content, len));
    }

  return NULL;
}

static void
post_form (TernServer        *self,
           SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  g_autoptr(GBytes) body = tern_server_http_get_body (message);
  g_autoptr(GHashTable) fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GHashTable) params = NULL;
  g_autoptr(GBytes) content = NULL;
  const char *type = soup_message_headers_get_content_type (headers, &params);
  const char *key;
  g_autofree char *right = NULL;
  g_autofree char *file = NULL;
  g_autofree char *md5 = NULL;
  gint64 max_bytes;
  int fd;

  if (g_strcmp0 (type, "multipart/form-data") == 0 && *lookup (params, "boundary") != '\0')
    content = read_form (lookup (params, "boundary"), body, fields);
  key = lookup (fields, "key");
  right = tern_server_store_sign_policy (self, lookup (fields, "policy"));
  max_bytes = tern_server_state_get_upload_max (self->state, key);
  if (content == NULL || max_bytes < 0 ||
      !tern_server_is_same_secret (right, lookup (fields, "x-amz-signature")))
    {
      refuse (message, 403, "AccessDenied");
      return;
    }
  if ((gint64) g_bytes_get_size (content) > max_bytes)
    {
      refuse (message, 400, "EntityTooLarge");
      return;
    }

  fd = make_file (self, &file);
  if (fd < 0 || !write_all (fd, g_bytes_get_data (content, NULL), g_bytes_get_size (content)))
    {
      remove_file (self, file);
      refuse (message, 500, "InternalError");
    }
  else
    {
      md5 = g_compute_checksum_for_bytes (G_CHECKSUM_MD5, content);
      keep_part (self, key, 1, file, md5, (gint64) g_bytes_get_size (content));
      tern_server_http_respond_text (message, 200, NULL, "");
    }
  if (fd >= 0)
    close (fd);
}

static void
store_cb (SoupServer        *server,
          SoupServerMessage *message,
          const char        *path,
          GHashTable        *query,
          gpointer           user_data)
{
  const char *method = soup_server_message_get_method (message);
  const char *key = path + strlen (BUCKET_PATH) - 1;

  key += *key == '/';
  if (method == SOUP_METHOD_PUT)
    finish_put (user_data, message);
  else if (method == SOUP_METHOD_POST)
    post_form (user_data, message);
  else if (method == SOUP_METHOD_GET || method == SOUP_METHOD_HEAD)
    get (user_data, message, key, query);
  else
    refuse (message, 405, "MethodNotAllowed");
}

/* --- completing --- */

static void
remove_parts (TernServer *self,
              const char *key)
{
  g_auto(GStrv) files = tern_server_state_end_upload (self->state, key);

  for (guint i = 0; files[i] != NULL; i++)
    remove_file (self, files[i]);
}

static gboolean
append_file (TernServer *self,
             int         fd,
             const char *file)
{
  g_autofree char *path = dup_path (self, file);
  g_autoptr(GMappedFile) mapped = g_mapped_file_new (path, FALSE, NULL);

  return mapped != NULL && write_all (fd, (const guint8 *) g_mapped_file_get_contents (mapped),
                                      g_mapped_file_get_length (mapped));
}

char *
tern_server_store_complete_single (TernServer *self,
                                   const char *key,
                                   const char *hash,
                                   gint64      size,
                                   const char *md5)
{
  g_autofree char *file = NULL;
  g_autofree char *stored_md5 = NULL;
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  gint64 stored_size;

  if (!tern_server_state_find_part (self->state, key, 1, &file, &stored_md5, &stored_size))
    return g_strdup ("The specified key does not exist.");
  if (stored_size != size)
    return g_strdup ("upload size mismatching");
  if (md5 != NULL && strcmp (stored_md5, md5) != 0)
    return g_strdup ("md5 mismatching");

  from = dup_path (self, file);
  to = dup_path (self, hash);
  if (g_rename (from, to) != 0)
    return g_strdup (g_strerror (errno));
  tern_server_state_put_content (self->state, hash, stored_md5, size);
  remove_parts (self, key);

  return NULL;
}

char *
tern_server_store_complete_parts (TernServer         *self,
                                  const char         *upload,
                                  const char         *hash,
                                  const char * const *md5s)
{
  g_autofree char *joined = NULL;
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  char *failure = NULL;
  gint64 size = 0;
  int fd = make_file (self, &joined);

  if (fd < 0)
    return g_strdup (g_strerror (errno));
  for (int i = 0; md5s[i] != NULL && failure == NULL; i++)
    {
      g_autofree char *file = NULL;
      g_autofree char *md5 = NULL;
      gint64 part_size;

      if (!tern_server_state_find_part (self->state, upload, i + 1, &file, &md5, &part_size) ||
          strcmp (md5, md5s[i]) != 0)
        failure = g_strdup ("One or more of the specified parts could not be found.");
      else if (!append_file (self, fd, file))
        failure = g_strdup (g_strerror (errno));
      else
        size += part_size;
    }
  close (fd);

  from = dup_path (self, joined);
  to = dup_path (self, hash);
  if (failure == NULL && g_rename (from, to) != 0)
    failure = g_strdup (g_strerror (errno));
  if (failure != NULL)
    {
      g_unlink (from);
      return failure;
    }
  tern_server_state_put_content (self->state, hash, hash, size);
  remove_parts (self, upload);

  return NULL;
}

gboolean
tern_server_store_is_picture (TernServer *self,
                              const char *hash)
{
  static const struct
  {
    const char *start;
    gsize       size;
  } kinds[] = {
    { "\x89PNG\r\n\x1a\n", 8 },
    { "\xff\xd8\xff", 3 },
    { "GIF87a", 6 },
    { "GIF89a", 6 },
  };
  g_autofree char *path = dup_path (self, hash);
  g_autoptr(GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);

  for (gsize i = 0; file != NULL && i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_mapped_file_get_length (file) >= kinds[i].size &&
          memcmp (g_mapped_file_get_contents (file), kinds[i].start, kinds[i].size) == 0)
        return TRUE;
    }

  return FALSE;
}

/* --- lifecycle --- */

gboolean
tern_server_store_open (TernServer  *self,
                        const char  *folder,
                        GError     **error)
{
  self->is_store_temporary = folder == NULL;
  if (folder != NULL)
    self->store_folder = g_build_filename (folder, "objects", NULL);
  if (folder != NULL && g_mkdir_with_parents (self->store_folder, 0700) != 0)
    {
      g_set_error (error, TERN_ERROR, TERN_ERROR_STORE, "Cannot make %s: %s", self->store_folder,
                   g_strerror (errno));
      return FALSE;
    }
  soup_server_add_early_handler (self->api, "/openim", early_cb, self, NULL);
  soup_server_add_handler (self->api, "/openim", store_cb, self, NULL);

  return TRUE;
}

void
tern_server_store_close (TernServer *self)
{
  g_autoptr(GDir) dir = NULL;
  const char *name;

  if (self->store_folder != NULL && self->is_store_temporary)
    {
      dir = g_dir_open (self->store_folder, 0, NULL);
      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        remove_file (self, name);
      g_rmdir (self->store_folder);
    }
  g_clear_pointer (&self->store_folder, g_free);
}
