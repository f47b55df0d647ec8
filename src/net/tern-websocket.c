/* tern-websocket.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-websocket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "tern-error.h"
#include "tern-guarded-stream.h"
#include "tern-soup-private.h"

#define MAX_ANSWER_BYTES (16 * 1024)
#define CHUNK_BYTES 4096
#define ACCEPT_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 section 1.3 */

typedef struct
{
  GSocketClient *client;
  GIOStream     *stream;
  GUri          *uri;
  char          *key;
  char          *request;
  GByteArray    *answer;
  guint64        max_message_bytes;
} Attempt;

static void
attempt_free (gpointer data)
{
  Attempt *attempt = data;

  g_clear_object (&attempt->client);
  g_clear_object (&attempt->stream);
  g_uri_unref (attempt->uri);
  g_free (attempt->key);
  g_free (attempt->request);
  g_byte_array_unref (attempt->answer);
  g_free (attempt);
}

static char *
make_key (void)
{
  guint8 bytes[16];

  /* Only has to differ from time to time: it is no secret. */
  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) g_random_int_range (0, 256);

  return g_base64_encode (bytes, sizeof bytes);
}

static char *
make_request (GUri       *uri,
              const char *key)
{
  const char *host = g_uri_get_host (uri);
  g_autofree char *bracketed = strchr (host, ':') != NULL ? g_strdup_printf ("[%s]", host)
                                                          : g_strdup (host);
  const char *path = g_uri_get_path (uri);

  return g_strdup_printf ("GET %s%s%s HTTP/1.1\r\nHost: %s:%d\r\nUser-Agent: Tern/" TERN_VERSION
                          "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n",
                          *path != '\0' ? path : "/", g_uri_get_query (uri) != NULL ? "?" : "",
                          g_uri_get_query (uri) != NULL ? g_uri_get_query (uri) : "", bracketed,
                          g_uri_get_port (uri), key);
}

static gboolean
is_accepted (SoupMessageHeaders *headers,
             const char         *key)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  const char *accept = soup_message_headers_get_one (headers, "Sec-WebSocket-Accept");
  const char *upgrade = soup_message_headers_get_one (headers, "Upgrade");
  g_autofree char *expected = NULL;
  guint8 digest[20];
  gsize length = sizeof digest;

  g_checksum_update (checksum, (const guchar *) key, -1);
  g_checksum_update (checksum, (const guchar *) ACCEPT_GUID, -1);
  g_checksum_get_digest (checksum, digest, &length);
  expected = g_base64_encode (digest, length);

  return upgrade != NULL && g_ascii_strcasecmp (upgrade, "websocket") == 0 &&
         g_strcmp0 (accept, expected) == 0;
}

/* @head_size: of the answer, with the empty line. */
static void
finish (GTask *task,
        gsize  head_size)
{
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr(SoupMessageHeaders) headers =
    soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  g_autoptr(GIOStream) stream = NULL;
  g_autoptr(GBytes) rest = NULL;
  SoupHTTPVersion version;
  guint status = 0;

  /* The parser wants the head without its empty line. */
  if (!soup_headers_parse_response ((const char *) attempt->answer->data, (int) head_size - 2,
                                    headers, &version, &status, NULL) ||
      status != SOUP_STATUS_SWITCHING_PROTOCOLS || !is_accepted (headers, attempt->key))
    {
      g_task_return_new_error (task, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_ERROR_NOT_WEBSOCKET,
                               "The server answered with status %u", status);
      return;
    }

  rest = g_bytes_new (attempt->answer->data + head_size, attempt->answer->len - head_size);
  stream = tern_guarded_stream_new (attempt->stream, rest, attempt->max_message_bytes);
  g_task_return_pointer (task,
                         soup_websocket_connection_new (stream, attempt->uri,
                                                        SOUP_WEBSOCKET_CONNECTION_CLIENT, NULL,
                                                        NULL, NULL), g_object_unref);
}

static void
read_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr(GBytes) bytes = NULL;
  const char *end;
  GError *error = NULL;

  bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (object), result, &error);
  if (bytes == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (g_bytes_get_size (bytes) == 0 ||
      attempt->answer->len + g_bytes_get_size (bytes) > MAX_ANSWER_BYTES)
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_PROTOCOL,
                               "The server does not answer as a WebSocket does");
      return;
    }

  g_byte_array_append (attempt->answer, g_bytes_get_data (bytes, NULL),
                       (guint) g_bytes_get_size (bytes));
  end = g_strstr_len ((const char *) attempt->answer->data, attempt->answer->len, "\r\n\r\n");
  if (end != NULL)
    finish (task, (gsize) (end - (const char *) attempt->answer->data) + 4);
  else
    g_input_stream_read_bytes_async (G_INPUT_STREAM (object), CHUNK_BYTES, G_PRIORITY_DEFAULT,
                                     g_task_get_cancellable (task), read_cb,
                                     g_object_ref (task));
}

static void
written_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Attempt *attempt = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (object), result, NULL, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_input_stream_read_bytes_async (g_io_stream_get_input_stream (attempt->stream), CHUNK_BYTES,
                                   G_PRIORITY_DEFAULT, g_task_get_cancellable (task), read_cb,
                                   g_object_ref (task));
}

static void
connected_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Attempt *attempt = g_task_get_task_data (task);
  GSocketConnection *connection;
  GError *error = NULL;

  connection = g_socket_client_connect_to_uri_finish (G_SOCKET_CLIENT (object), result, &error);
  if (connection == NULL)
    {
      g_task_return_error (task, tern_soup_error (task, error));
      g_error_free (error);
      return;
    }

  g_socket_set_option (g_socket_connection_get_socket (connection), IPPROTO_TCP, TCP_NODELAY, 1,
                       NULL);
  attempt->stream = G_IO_STREAM (connection);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (attempt->stream),
                                   attempt->request, strlen (attempt->request),
                                   G_PRIORITY_DEFAULT, g_task_get_cancellable (task), written_cb,
                                   g_object_ref (task));
}

static gboolean
accept_certificate_cb (GTlsConnection       *connection,
                       GTlsCertificate      *certificate,
                       GTlsCertificateFlags  errors,
                       gpointer              user_data)
{
  GTask *task = user_data;

  return tern_soup_accept (g_task_get_source_object (task), G_OBJECT (task), certificate);
}

static void
event_cb (GSocketClient      *client,
          GSocketClientEvent  event,
          GSocketConnectable *connectable,
          GIOStream          *connection,
          gpointer            user_data)
{
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
    g_signal_connect_object (connection, "accept-certificate", G_CALLBACK (accept_certificate_cb),
                             user_data, 0);
}

/**
 * tern_websocket_connect_async:
 * @soup: whose certificates are accepted
 * @url: ws or wss
 * @max_message_bytes: how large a message may be, fragments joined
 * @cancellable: (nullable): gives up; there is no time-out
 * @callback: called when the WebSocket stands, or cannot be had
 * @user_data: passed to @callback
 */
void
tern_websocket_connect_async (SoupSession         *soup,
                              const char          *url,
                              guint64              max_message_bytes,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (soup, cancellable, callback, user_data);
  g_autoptr(GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autofree char *origin = NULL;
  gboolean is_secure;
  Attempt *attempt;

  g_task_set_source_tag (task, tern_websocket_connect_async);
  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_PROTOCOL,
                               "The gateway's address is no URL");
      return;
    }

  /* A gateway may be written as https: never in plain text then. */
  is_secure = g_strcmp0 (g_uri_get_scheme (uri), "wss") == 0 ||
              g_strcmp0 (g_uri_get_scheme (uri), "https") == 0;
  attempt = g_new0 (Attempt, 1);
  attempt->uri = g_uri_get_port (uri) > 0
                 ? g_uri_ref (uri)
                 : soup_uri_copy (uri, SOUP_URI_PORT, is_secure ? 443 : 80, SOUP_URI_NONE);
  attempt->key = make_key ();
  attempt->request = make_request (attempt->uri, attempt->key);
  attempt->answer = g_byte_array_new ();
  attempt->max_message_bytes = max_message_bytes;
  attempt->client = g_socket_client_new ();
  g_task_set_task_data (task, attempt, attempt_free);
  g_socket_client_set_tls (attempt->client, is_secure);
  g_signal_connect_object (attempt->client, "event", G_CALLBACK (event_cb), task, 0);
  /* By the name of HTTP, so that its proxies are found. */
  origin = g_uri_join (G_URI_FLAGS_NONE, is_secure ? "https" : "http", NULL,
                       g_uri_get_host (uri), g_uri_get_port (attempt->uri), "", NULL, NULL);
  g_socket_client_connect_to_uri_async (attempt->client, origin, is_secure ? 443 : 80, cancellable,
                                        connected_cb, g_steal_pointer (&task));
}

/**
 * tern_websocket_connect_finish:
 * @soup: the session
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): the WebSocket, open
 */
SoupWebsocketConnection *
tern_websocket_connect_finish (SoupSession   *soup,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, soup), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
