/* raw-server.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "raw-server.h"

#include <string.h>

#include "leaks.h"

#define WEBSOCKET_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 section 1.3 */

struct _RawServer
{
  RawFunc          func;
  gpointer         user_data;
  GTlsCertificate *certificate; /* (nullable) */
  GSocketListener *listener;
  GCancellable    *cancellable;
  GThread         *thread;
  guint16          port;
  int              n; /* (atomic) */
};

static void
serve (RawServer *self,
       GIOStream *plain,
       guint      n)
{
  g_autoptr(GIOStream) stream = g_object_ref (plain);
  RawPeer peer = { .n = n, .cancellable = self->cancellable };

  if (self->certificate != NULL)
    {
      g_autoptr(GIOStream) tls = g_tls_server_connection_new (plain, self->certificate, NULL);

      if (!g_tls_connection_handshake (G_TLS_CONNECTION (tls), self->cancellable, NULL))
        return;
      g_set_object (&stream, tls);
    }
  peer.stream = stream;
  peer.input = g_io_stream_get_input_stream (stream);
  peer.output = g_io_stream_get_output_stream (stream);
  self->func (&peer, self->user_data);
  g_io_stream_close (stream, NULL, NULL);
  g_free (peer.request);
}

static gpointer
run (gpointer data)
{
  RawServer *self = data;
  GSocketConnection *connection;

  if (self->certificate != NULL)
    {
      /* glib-networking loses the error when it writes to a peer that has gone. */
      __lsan_disable (); /* in this thread */
    }
  while ((connection = g_socket_listener_accept (self->listener, NULL, self->cancellable, NULL)))
    {
      /* A peer that hangs must not hang the test. */
      g_socket_set_timeout (g_socket_connection_get_socket (connection), 60);
      serve (self, G_IO_STREAM (connection), (guint) g_atomic_int_add (&self->n, 1) + 1);
      g_object_unref (connection);
    }

  return NULL;
}

RawServer *
raw_server_new_tls (GTlsCertificate *certificate,
                    RawFunc          func,
                    gpointer         user_data)
{
  RawServer *self = g_new0 (RawServer, 1);
  g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr(GSocketAddress) effective = NULL;
  g_autoptr(GError) error = NULL;

  self->func = func;
  self->user_data = user_data;
  self->certificate = certificate != NULL ? g_object_ref (certificate) : NULL;
  self->listener = g_socket_listener_new ();
  self->cancellable = g_cancellable_new ();
  g_socket_listener_add_address (self->listener, address, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &effective, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));
  self->thread = g_thread_new ("raw-server", run, self);

  return self;
}

RawServer *
raw_server_new (RawFunc  func,
                gpointer user_data)
{
  return raw_server_new_tls (NULL, func, user_data);
}

guint16
raw_server_get_port (RawServer *self)
{
  return self->port;
}

guint
raw_server_get_n (RawServer *self)
{
  return (guint) g_atomic_int_get (&self->n);
}

gboolean
raw_server_is_over (RawServer *self)
{
  return g_cancellable_is_cancelled (self->cancellable);
}

void
raw_server_free (RawServer *self)
{
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  g_object_unref (self->listener);
  g_object_unref (self->cancellable);
  g_clear_object (&self->certificate);
  g_free (self);
}

gboolean
raw_peer_read_request (RawPeer *self)
{
  g_autoptr(GString) head = g_string_new (NULL);
  char byte;

  while (!g_str_has_suffix (head->str, "\r\n\r\n"))
    {
      if (g_input_stream_read (self->input, &byte, 1, self->cancellable, NULL) != 1)
        return FALSE;
      g_string_append_c (head, byte);
    }
  g_free (self->request);
  self->request = g_string_free (g_steal_pointer (&head), FALSE);

  return TRUE;
}

gboolean
raw_peer_write (RawPeer       *self,
                gconstpointer  data,
                gsize          size)
{
  return g_output_stream_write_all (self->output, data, size, NULL, self->cancellable, NULL);
}

void
raw_peer_answer (RawPeer    *self,
                 const char *status,
                 const char *body)
{
  g_autofree char *text = g_strdup_printf ("HTTP/1.1 %s\r\nContent-Length: %" G_GSIZE_FORMAT
                                           "\r\nConnection: close\r\n\r\n%s",
                                           status, strlen (body), body);

  /* To close with something unread would reset the line before it is read. */
  if (raw_peer_write (self, text, strlen (text)))
    raw_peer_drain (self);
}

gboolean
raw_peer_upgrade (RawPeer *self)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *key = NULL;
  g_autofree char *accept = NULL;
  g_autofree char *text = NULL;
  const char *field;
  guint8 digest[20];
  gsize length = sizeof digest;

  if (!raw_peer_read_request (self))
    return FALSE;
  field = strstr (self->request, "Sec-WebSocket-Key: ");
  if (field == NULL)
    return FALSE;
  field += strlen ("Sec-WebSocket-Key: ");
  key = g_strndup (field, strcspn (field, "\r"));
  g_checksum_update (checksum, (const guchar *) key, -1);
  g_checksum_update (checksum, (const guchar *) WEBSOCKET_GUID, -1);
  g_checksum_get_digest (checksum, digest, &length);
  accept = g_base64_encode (digest, length);
  text = g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);

  return raw_peer_write (self, text, strlen (text));
}

gboolean
raw_peer_greet (RawPeer *self)
{
  const char *greeting = "{\"errCode\":0,\"errMsg\":\"\",\"errDlt\":\"\"}";

  return raw_peer_upgrade (self) &&
         raw_peer_write_frame (self, 0x81, greeting, strlen (greeting));
}

gboolean
raw_peer_write_frame (RawPeer       *self,
                      guint8         first_byte,
                      gconstpointer  data,
                      gsize          size)
{
  guint8 head[10] = { first_byte };
  gsize length = 2;

  if (size < 126)
    head[1] = (guint8) size;
  else
    {
      head[1] = 127;
      for (guint i = 0; i < 8; i++)
        head[2 + i] = (guint8) ((guint64) size >> (56 - 8 * i));
      length = 10;
    }

  return raw_peer_write (self, head, length) && raw_peer_write (self, data, size);
}

static gboolean
read_all (RawPeer *self,
          guint8  *data,
          gsize    size)
{
  gsize n_read;

  return g_input_stream_read_all (self->input, data, size, &n_read, self->cancellable, NULL) &&
         n_read == size;
}

GBytes *
raw_peer_read_frame (RawPeer *self,
                     guint8  *opcode)
{
  guint8 head[2];
  guint8 extra[8];
  guint8 mask[4];
  guint64 size;
  guint8 *data;

  if (!read_all (self, head, 2))
    return NULL;
  *opcode = head[0] & 0x0f;
  size = head[1] & 0x7f;
  if (size == 126 || size == 127)
    {
      guint n = size == 126 ? 2 : 8;

      if (!read_all (self, extra, n))
        return NULL;
      size = 0;
      for (guint i = 0; i < n; i++)
        size = size << 8 | extra[i];
    }
  if (!read_all (self, mask, 4))
    return NULL;
  data = g_malloc (size + 1);
  if (!read_all (self, data, size))
    {
      g_free (data);
      return NULL;
    }
  for (guint64 i = 0; i < size; i++)
    data[i] ^= mask[i % 4];

  return g_bytes_new_take (data, size);
}

void
raw_peer_drain (RawPeer *self)
{
  char bytes[4096];

  while (g_input_stream_read (self->input, bytes, sizeof bytes, self->cancellable, NULL) > 0)
    ;
}
