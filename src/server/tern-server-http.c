/* tern-server-http.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-server-http.h"

#include <string.h>

#define MAX_BODY_BYTES (16 * 1024 * 1024)
#define BODY_KEY "tern-body"

static void
chunk_cb (SoupServerMessage *message,
          GBytes            *chunk,
          gpointer           user_data)
{
  GByteArray *body = user_data;
  gsize size;
  const guint8 *data = g_bytes_get_data (chunk, &size);

  g_byte_array_append (body, data, (guint) MIN (size, MAX_BODY_BYTES - body->len));
}

/**
 * tern_server_http_collect:
 * @message: a request whose head has come
 *
 * Collects the body up to the size that the real server reads (protocol 02
 * section 1.7); the rest is dropped.
 */
void
tern_server_http_collect (SoupServerMessage *message)
{
  GByteArray *body = g_byte_array_new ();

  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  g_object_set_data_full (G_OBJECT (message), BODY_KEY, body, (GDestroyNotify) g_byte_array_unref);
  g_signal_connect (message, "got-chunk", G_CALLBACK (chunk_cb), body);
}

static void
early_cb (SoupServer        *server,
          SoupServerMessage *message,
          const char        *path,
          GHashTable        *query,
          gpointer           user_data)
{
  tern_server_http_collect (message);
}

/**
 * tern_server_http_watch:
 * @server: a server
 * @path: (nullable): below this path only
 *
 * As tern_server_http_collect(), for all requests.
 */
void
tern_server_http_watch (SoupServer *server,
                        const char *path)
{
  soup_server_add_early_handler (server, path, early_cb, NULL, NULL);
}

/**
 * tern_server_http_get_body:
 * @message: a request
 *
 * Returns: (transfer full): what was collected
 */
GBytes *
tern_server_http_get_body (SoupServerMessage *message)
{
  GByteArray *body = g_object_get_data (G_OBJECT (message), BODY_KEY);

  return body != NULL ? g_bytes_new (body->data, body->len) : g_bytes_new (NULL, 0);
}

/**
 * tern_server_http_lookup:
 * @fields: (nullable) (element-type utf8 utf8): of a query or a form
 * @name: one of them
 *
 * Thread: any.
 *
 * Returns: (transfer none): its value; "": there is none
 */
const char *
tern_server_http_lookup (GHashTable *fields,
                         const char *name)
{
  const char *value = fields != NULL ? g_hash_table_lookup (fields, name) : NULL;

  return value != NULL ? value : "";
}

/**
 * tern_server_http_wants_gzip:
 * @message: a request
 *
 * Returns: whether its client takes that
 */
gboolean
tern_server_http_wants_gzip (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  return soup_message_headers_header_contains (headers, "Accept-Encoding", "gzip");
}

static GBytes *
compress (GBytes *bytes)
{
  g_autoptr(GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
  g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr(GOutputStream) stream =
    g_converter_output_stream_new (memory, G_CONVERTER (compressor));

  g_output_stream_write_all (stream, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                             NULL, NULL, NULL);
  g_output_stream_close (stream, NULL, NULL);

  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

/**
 * tern_server_http_set_header:
 * @message: a request
 * @name: of a header of the answer
 * @value: what somebody may have named
 *
 * No header ends in the middle of it: as the real server's library does it, ends
 * of lines become spaces.
 */
void
tern_server_http_set_header (SoupServerMessage *message,
                             const char        *name,
                             const char        *value)
{
  g_autofree char *line = g_strdelimit (g_strdup (value), "\r\n", ' ');

  soup_message_headers_replace (soup_server_message_get_response_headers (message), name, line);
}

/**
 * tern_server_http_respond:
 * @message: a request
 * @status: of HTTP
 * @content_type: of the body
 * @body: the answer
 * @is_gzip: compressed
 */
void
tern_server_http_respond (SoupServerMessage *message,
                          guint              status,
                          const char        *content_type,
                          GBytes            *body,
                          gboolean           is_gzip)
{
  g_autofree char *id = g_uuid_string_random ();
  g_autoptr(GBytes) sent = is_gzip ? compress (body) : g_bytes_ref (body);
  gsize size;
  const char *bytes = g_bytes_get_data (sent, &size);

  tern_server_http_set_header (message, "X-HTTP-ID", id);
  tern_server_http_set_header (message, "Access-Control-Allow-Origin", "*");
  if (is_gzip)
    {
      tern_server_http_set_header (message, "Content-Encoding", "gzip");
      tern_server_http_set_header (message, "Vary", "Accept-Encoding");
    }
  soup_server_message_set_response (message, content_type, SOUP_MEMORY_COPY, bytes, size);
  soup_server_message_set_status (message, status, NULL);
}

/**
 * tern_server_http_respond_text:
 * @message: a request
 * @status: of HTTP
 * @content_type: of the body
 * @text: the answer
 */
void
tern_server_http_respond_text (SoupServerMessage *message,
                               guint              status,
                               const char        *content_type,
                               const char        *text)
{
  g_autoptr(GBytes) body = g_bytes_new (text, strlen (text));

  tern_server_http_respond (message, status, content_type, body, FALSE);
}
