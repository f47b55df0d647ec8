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

#define BUCKET_PATH TERN_STORE_BUCKET_PATH
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

/**
 * tern_server_store_remove_ended:
 * @self: the server
 *
 * Removes the files of uploads that have ended. To be called after the commit:
 * whoever is killed before it still has what the database speaks of.
 *
 * Thread: main.
 */
void
tern_server_store_remove_ended (TernServer *self)
{
  for (guint i = 0; self->ended_files != NULL && i < self->ended_files->len; i++)
    remove_file (self, self->ended_files->pdata[i]);
  g_clear_pointer (&self->ended_files, g_ptr_array_unref);
}

/**
 * tern_server_store_end_upload:
 * @self: the server
 * @key: an upload that has become content, or never will
 *
 * Its files go with tern_server_store_remove_ended().
 *
 * Thread: main.
 */
void
tern_server_store_end_upload (TernServer *self,
                              const char *key)
{
  g_auto(GStrv) files = tern_server_state_end_upload (self->state, key);

  if (self->ended_files == NULL)
    self->ended_files = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; files[i] != NULL; i++)
    g_ptr_array_add (self->ended_files, g_steal_pointer (&files[i]));
}

/**
 * tern_server_store_add_upload:
 * @self: the server
 * @key: of a single put, or the random name of one of many parts
 * @max_bytes: of one put
 *
 * Lets something be put there for %TERN_STORE_LIFETIME_S. Those that were not
 * completed for so long end now.
 *
 * Thread: main.
 */
void
tern_server_store_add_upload (TernServer *self,
                              const char *key,
                              gint64      max_bytes)
{
  g_auto(GStrv) expired = tern_server_state_list_expired_uploads (self->state);

  for (guint i = 0; expired[i] != NULL; i++)
    tern_server_store_end_upload (self, expired[i]);
  tern_server_state_add_upload (self->state, key, max_bytes);
}

/* Names are digests and random numbers of this size. */
static gboolean
is_file_name (const char *name)
{
  return strlen (name) == 32 && strspn (name, "0123456789abcdef") == 32;
}

/* What a killed process left: bodies that were coming, and what it had no time
 * to remove. */
static void
remove_strays (TernServer *self)
{
  g_autoptr(GDir) dir = g_dir_open (self->store_folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      if (is_file_name (name) && !tern_server_state_has_file (self->state, name))
        remove_file (self, name);
    }
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

/* --- putting --- */

static gboolean
is_signed (TernServer        *self,
           SoupServerMessage *message,
           GHashTable        *query)
{
  GUri *uri = soup_server_message_get_uri (message);

  return tern_server_store_is_signed_url (self, soup_server_message_get_method (message),
                                          g_uri_get_path (uri), g_uri_get_query (uri), query);
}

static gboolean
is_part_signed (TernServer        *self,
                SoupServerMessage *message,
                const char        *key,
                GHashTable        *query)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  return tern_server_store_is_signed_part (
    self, key, query, soup_message_headers_get_one (headers, "X-Amz-Date"),
    soup_message_headers_get_one (headers, "Authorization"));
}

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
  const char *upload;
  gint64 number = 1;
  gint64 max_bytes;
  Put *put;

  if (soup_server_message_get_method (message) != SOUP_METHOD_PUT)
    {
      tern_server_http_collect (message);
      return;
    }
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  key += *key == '/';
  upload = is_part ? tern_server_http_lookup (query, "uploadId") : key;
  if (is_part)
    number = g_ascii_strtoll (tern_server_http_lookup (query, "partNumber"), NULL, 10);
  max_bytes = tern_server_state_get_upload_max (self->state, upload);
  if (is_part ? !is_part_signed (self, message, key, query) : !is_signed (self, message, query))
    refuse (message, 403, "SignatureDoesNotMatch");
  else if (number < 1 || number > TERN_STORE_MAX_PARTS)
    refuse (message, 400, "InvalidArgument");
  else if (max_bytes < 0)
    refuse (message, 404, "NoSuchUpload");
  if (soup_server_message_get_status (message) != 0)
    return;

  put = g_new0 (Put, 1);
  put->key = g_strdup (upload);
  put->number = (int) number;
  put->max_bytes = max_bytes;
  put->md5 = g_checksum_new (G_CHECKSUM_MD5);
  put->fd = make_file (self, &put->file);
  g_object_set_data_full (G_OBJECT (message), PUT_KEY, put, put_free);
  g_signal_connect (message, "got-chunk", G_CALLBACK (put_chunk_cb), put);
  g_signal_connect (message, "finished", G_CALLBACK (put_finished_cb), self);
}

/* Takes the place of what was put there before. FALSE: the upload has ended
 * while it came. */
static gboolean
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

  if (tern_server_state_get_upload_max (self->state, key) < 0)
    return FALSE;
  tern_server_state_find_part (self->state, key, number, &old_file, &old_md5, &old_size);
  tern_server_state_put_part (self->state, key, number, file, md5, size);
  if (old_file != NULL)
    remove_file (self, old_file);

  return TRUE;
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
  else if (!keep_part (self, put->key, put->number, put->file, g_checksum_get_string (put->md5),
                       put->size))
    refuse (message, 404, "NoSuchUpload");
  else
    {
      g_clear_pointer (&put->file, g_free);
      etag = g_strdup_printf ("\"%s\"", g_checksum_get_string (put->md5));
      tern_server_http_set_header (message, "ETag", etag);
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
  g_autofree char *hash = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GMappedFile) file = NULL;
  g_autoptr(GBytes) bytes = NULL;
  const char *type = tern_server_http_lookup (query, "response-content-type");
  const char *disposition = tern_server_http_lookup (query, "response-content-disposition");

  if (!is_signed (self, message, query))
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
  if (*disposition != '\0')
    tern_server_http_set_header (message, "Content-Disposition", disposition);
  tern_server_http_set_header (message, "Content-Type",
                               *type != '\0' ? type : "application/octet-stream");
  tern_server_http_set_header (message, "Accept-Ranges", "bytes");
  /* libsoup answers a Range by itself from a whole body. */
  soup_message_body_append_bytes (soup_server_message_get_response_body (message), bytes);
  soup_server_message_set_status (message, 200, NULL);
}

/* --- forms --- */

/**
 * tern_server_store_read_form:
 * @boundary: what stands between the fields
 * @body: --boundary CRLF headers CRLF CRLF content CRLF, again and again
 * @fields: (element-type utf8 utf8): filled with those before the file
 *
 * libsoup 3.2 has a reader of these that frees what it must not.
 *
 * Thread: any.
 *
 * Returns: (transfer full) (nullable): the content of the field "file"
 */
GBytes *
tern_server_store_read_form (const char *boundary,
                             GBytes     *body,
                             GHashTable *fields)
{
  g_autofree char *limit = g_strconcat ("--", boundary, NULL);
  gsize size;
  const char *text = g_bytes_get_data (body, &size);
  const char *end, *at;

  if (size == 0)
    return NULL;
  end = text + size;
  at = memmem (text, size, limit, strlen (limit));
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
  const char *boundary = tern_server_http_lookup (params, "boundary");
  const char *key;
  g_autofree char *right = NULL;
  g_autofree char *file = NULL;
  g_autofree char *md5 = NULL;
  gint64 max_bytes;
  int fd;

  if (g_strcmp0 (type, "multipart/form-data") == 0 && *boundary != '\0')
    content = tern_server_store_read_form (boundary, body, fields);
  key = tern_server_http_lookup (fields, "key");
  right = tern_server_store_sign_policy (self, tern_server_http_lookup (fields, "policy"));
  max_bytes = tern_server_state_get_upload_max (self->state, key);
  if (content == NULL || max_bytes < 0 ||
      !tern_server_is_same_secret (right, tern_server_http_lookup (fields, "x-amz-signature")) ||
      !tern_server_store_is_in_policy (tern_server_http_lookup (fields, "policy"), fields))
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
  md5 = g_compute_checksum_for_bytes (G_CHECKSUM_MD5, content);
  if (fd < 0 || !write_all (fd, g_bytes_get_data (content, NULL), g_bytes_get_size (content)) ||
      !keep_part (self, key, 1, file, md5, (gint64) g_bytes_get_size (content)))
    {
      remove_file (self, file);
      refuse (message, 500, "InternalError");
    }
  else
    tern_server_http_respond_text (message, 200, NULL, "");
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

/**
 * tern_server_store_complete_single:
 * @self: the server
 * @key: where it was put at once
 * @hash: the name of the content: the digest of its digest
 * @size: how long it should be
 *
 * Makes content of what was put, inside the caller's transaction. The upload's
 * files go with tern_server_store_remove_ended().
 *
 * Thread: main.
 *
 * Returns: (transfer full) (nullable): why not
 */
char *
tern_server_store_complete_single (TernServer *self,
                                   const char *key,
                                   const char *hash,
                                   gint64      size)
{
  g_autofree char *file = NULL;
  g_autofree char *stored_md5 = NULL;
  g_autofree char *digest = NULL;
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  gint64 stored_size;

  if (!tern_server_state_find_part (self->state, key, 1, &file, &stored_md5, &stored_size))
    return g_strdup ("The specified key does not exist.");
  if (stored_size != size)
    return g_strdup ("upload size mismatching");
  /* Else anybody could put other bytes under the name of somebody's content. */
  digest = g_compute_checksum_for_string (G_CHECKSUM_MD5, stored_md5, -1);
  if (strcmp (digest, hash) != 0)
    return g_strdup ("md5 mismatching");

  /* The part stays until the commit is done. A content that is not known yet
   * may be there from a commit that did not come. */
  if (!tern_server_state_has_content (self->state, hash))
    {
      from = dup_path (self, file);
      to = dup_path (self, hash);
      g_unlink (to);
      if (link (from, to) != 0)
        return g_strdup (g_strerror (errno));
      tern_server_state_put_content (self->state, hash, stored_md5);
    }
  tern_server_store_end_upload (self, key);

  return NULL;
}

/**
 * tern_server_store_complete_parts:
 * @self: the server
 * @upload: as what it was put in parts
 * @hash: the name of the content
 * @md5s: the digests of the parts, in their order
 *
 * The same, of several parts.
 *
 * Thread: main.
 *
 * Returns: (transfer full) (nullable): why not
 */
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
  tern_server_state_put_content (self->state, hash, hash);
  tern_server_store_end_upload (self, upload);

  return NULL;
}

/**
 * tern_server_store_put_bytes:
 * @self: the server
 * @name: the name of an object
 * @content_type: as which it is shown
 * @bytes: its content
 *
 * Thread: main.
 *
 * Returns: whether it is stored
 */
gboolean
tern_server_store_put_bytes (TernServer *self,
                             const char *name,
                             const char *content_type,
                             GBytes     *bytes)
{
  g_autofree char *md5 = g_compute_checksum_for_bytes (G_CHECKSUM_MD5, bytes);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_MD5, md5, -1);
  g_autofree char *file = NULL;
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  int fd = make_file (self, &file);
  gboolean is_written;

  if (fd < 0)
    return FALSE;
  from = dup_path (self, file);
  to = dup_path (self, hash);
  is_written = write_all (fd, data, size);
  if (close (fd) != 0 || !is_written || g_rename (from, to) != 0)
    {
      g_unlink (from);
      return FALSE;
    }
  tern_server_state_put_content (self->state, hash, md5);
  tern_server_state_put_object (self->state, name, hash, content_type);

  return TRUE;
}

/**
 * tern_server_store_is_picture:
 * @self: the server
 * @hash: the name of a content
 *
 * Thread: main.
 *
 * Returns: whether it is a picture of a kind that the real server reads
 */
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

/**
 * tern_server_store_open:
 * @self: a server whose API listens
 * @folder: (nullable): where data is kept; %NULL: in a folder that goes with the process
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_STORE.
 *
 * Thread: main.
 *
 * Returns: whether files can be put and got
 */
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
  if (folder != NULL)
    remove_strays (self);
  soup_server_add_early_handler (self->api, "/openim", early_cb, self, NULL);
  soup_server_add_handler (self->api, "/openim", store_cb, self, NULL);

  return TRUE;
}

/**
 * tern_server_store_close:
 * @self: the server
 *
 * Thread: main.
 */
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
  g_clear_pointer (&self->ended_files, g_ptr_array_unref);
}
