/* tern-server-gateway.c: the long connection's transport
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 01 sections 1.8 to 1.10, 2.4.
 */

#include "config.h"

#include "tern-server-gateway.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server-faults.h"
#include "tern-server-held.h"
#include "tern-server-params.h"

#define IDLE_MS 30000
/* Only browsers are pinged; they cannot do it themselves. */
#define PING_PLATFORM 5
#define PING_MS 27000
/* As many messages as the real server queues for one connection, and a bound
 * to their bytes. Who is further behind is cut, not waited for. */
#define MAX_QUEUED_FRAMES 256
#define MAX_QUEUED_BYTES (32 * 1024 * 1024)
/* What was queued before a cut gets so long to leave. */
#define DRAIN_STEP_MS 10
#define DRAIN_MS 1000

/* --- the end of a connection --- */

static void
connection_clear (gpointer data)
{
  TernServerConnection *self = data;

  g_free (self->user_id);
  g_free (self->token);
  g_clear_pointer (&self->watched, g_hash_table_unref);
}

/**
 * tern_server_connection_unref:
 * @self: (transfer full): a connection
 */
void
tern_server_connection_unref (TernServerConnection *self)
{
  g_rc_box_release_full (self, connection_clear);
}

/* A bare end of the stream, as the real server does it: no close frame. */
static void
connection_close (TernServerConnection *self)
{
  TernServer *server = g_steal_pointer (&self->server);

  g_clear_handle_id (&self->idle_id, g_source_remove);
  g_clear_handle_id (&self->end_id, g_source_remove);
  tern_server_held_clear (self);
  g_signal_handlers_disconnect_by_data (self->socket, self);
  g_io_stream_close (G_IO_STREAM (self->stream), NULL, NULL);
  g_clear_object (&self->socket);
  g_clear_object (&self->stream);
  g_ptr_array_remove_fast (server->connections, self);
  tern_server_gateway_unregister (server, self);
  tern_server_connection_unref (self);
}

static gboolean
drain_cb (gpointer user_data)
{
  TernServerConnection *self = user_data;
  gboolean is_drained = tern_server_stream_get_n_frames (self->stream) >= self->n_frames;

  if (!is_drained && ++self->n_drain_steps < DRAIN_MS / DRAIN_STEP_MS)
    return G_SOURCE_CONTINUE;

  self->end_id = 0;
  connection_close (self);

  return G_SOURCE_REMOVE;
}

/**
 * tern_server_connection_end:
 * @self: a connection
 *
 * Ends it when what was written or is held back has left; nothing more is read.
 */
void
tern_server_connection_end (TernServerConnection *self)
{
  if (self->end_id != 0 || self->server == NULL)
    return;

  tern_server_held_flush (self);
  if (self->end_id != 0)
    return;

  tern_server_gateway_unregister (self->server, self);
  self->end_id = g_timeout_add (DRAIN_STEP_MS, drain_cb, self);
}

static gboolean
idle_cb (gpointer user_data)
{
  TernServerConnection *self = user_data;
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (self->stream));
  gint64 left_us = tern_server_stream_get_read_us (self->stream) +
                   tern_clock_scale_us (IDLE_MS * G_GINT64_CONSTANT (1000)) -
                   tern_clock_get_monotonic_us ();

  self->idle_id = 0;
  /* Who has said something is not silent, only because we were busy. */
  if (left_us <= 0 && g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (input)))
    left_us = tern_clock_scale_us (IDLE_MS * G_GINT64_CONSTANT (1000));
  if (left_us > 0)
    self->idle_id = g_timeout_add ((guint) (left_us / 1000) + 1, idle_cb, self);
  else if (!self->is_forgotten)
    connection_close (self);

  return G_SOURCE_REMOVE;
}

/* --- writing --- */

static void
write_message (TernServerConnection  *self,
               SoupWebsocketDataType  type,
               GBytes                *bytes)
{
  gsize size = g_bytes_get_size (bytes);

  if (self->end_id != 0 ||
      soup_websocket_connection_get_state (self->socket) != SOUP_WEBSOCKET_STATE_OPEN)
    return;
  if (self->n_frames - tern_server_stream_get_n_frames (self->stream) >= MAX_QUEUED_FRAMES ||
      self->n_bytes + size - tern_server_stream_get_n_bytes (self->stream) > MAX_QUEUED_BYTES)
    {
      tern_server_held_clear (self);
      tern_server_connection_end (self);
      return;
    }

  self->n_frames++;
  self->n_bytes += size + (size < 126 ? 2 : size < 65536 ? 4 : 10);
  soup_websocket_connection_send_message (self->socket, type, bytes);
}

/**
 * tern_server_connection_write:
 * @self: a connection
 * @frame: an encoded envelope
 *
 * Nothing happens when it has ended; who reads too slowly is cut.
 */
void
tern_server_connection_write (TernServerConnection *self,
                              GBytes               *frame)
{
  if (self->server != NULL)
    write_message (self, SOUP_WEBSOCKET_DATA_BINARY, frame);
}

/* --- reading --- */

static void
handle_request (TernServerConnection *self,
                GBytes               *bytes)
{
  TernFrameFormat format = self->format;
  g_autoptr(TernFrame) request = NULL;
  g_autoptr(TernFrame) reply = NULL;

  format.max_bytes = TERN_SERVER_MAX_INFLATED_BYTES;
  request = tern_frame_decode_request (bytes, &format, NULL);
  if (request == NULL || strcmp (request->send_id, self->user_id) != 0 ||
      !tern_server_is_request (request))
    {
      tern_server_connection_end (self);
      return;
    }
  if (tern_server_faults_take_request (self, request))
    return;

  reply = tern_server_answer (self, request);
  tern_server_faults_send (self, TERN_FAULT_ON_ANSWER, reply, NULL, NULL);
  if (request->id == TERN_FRAME_LOGOUT && self->server != NULL)
    tern_server_connection_end (self);
}

static void
handle_text (TernServerConnection *self,
             GBytes               *bytes)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  g_autofree char *failure = NULL;
  g_autoptr(JsonNode) root = tern_server_params_decode ("msggateway.TextMessage type:s,body:*",
                                                        text, size, &failure);
  const char *type = tern_json_get_string (root, "type");
  JsonNode *body = tern_json_get_node (root, "body");
  g_autofree char *body_text = NULL;
  g_autofree char *pong = NULL;
  g_autoptr(GBytes) plain = NULL;
  g_autoptr(GBytes) escaped = NULL;

  if (strcmp (type, "pong") == 0)
    return;
  if (strcmp (type, "ping") != 0)
    {
      tern_server_connection_end (self);
      return;
    }

  body_text = body != NULL ? json_to_string (body, FALSE) : g_strdup ("null");
  pong = g_strdup_printf ("{\"type\":\"pong\",\"body\":%s}", body_text);
  plain = g_bytes_new (pong, strlen (pong));
  escaped = tern_server_escape_html (plain);
  write_message (self, SOUP_WEBSOCKET_DATA_TEXT, escaped);
}

static void
message_cb (SoupWebsocketConnection *socket,
            int                      type,
            GBytes                  *bytes,
            gpointer                 user_data)
{
  TernServerConnection *self = user_data;

  if (self->end_id != 0 || self->is_forgotten)
    return;
  if (type == SOUP_WEBSOCKET_DATA_TEXT)
    handle_text (self, bytes);
  else
    handle_request (self, bytes);
}

static void
error_cb (SoupWebsocketConnection *socket,
          GError                  *error,
          gpointer                 user_data)
{
  TernServerConnection *self = user_data;

  if (error->domain == SOUP_WEBSOCKET_ERROR &&
      (error->code == SOUP_WEBSOCKET_CLOSE_TOO_BIG ||
       error->code == SOUP_WEBSOCKET_CLOSE_PROTOCOL_ERROR))
    tern_server_stream_write_close (self->stream, (guint) error->code);
  tern_server_held_clear (self); /* nothing comes after a close */
  tern_server_connection_end (self);
}

static void
closed_cb (SoupWebsocketConnection *socket,
           gpointer                 user_data)
{
  connection_close (user_data);
}

/* --- accepting --- */

static TernServerConnection *
connection_new (TernServer        *server,
                SoupServerMessage *message,
                TernServerHello   *hello)
{
  TernServerConnection *self = g_rc_box_new0 (TernServerConnection);
  GSocket *raw = soup_server_message_get_socket (message);
  g_autoptr(GIOStream) base = NULL;

  g_socket_set_option (raw, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  base = soup_server_message_steal_connection (message);
  self->server = server;
  self->stream = tern_server_stream_new (base);
  self->socket = soup_websocket_connection_new (G_IO_STREAM (self->stream),
                                                soup_server_message_get_uri (message),
                                                SOUP_WEBSOCKET_CONNECTION_SERVER, NULL, NULL,
                                                NULL);
  soup_websocket_connection_set_max_incoming_payload_size (self->socket,
                                                           TERN_FRAME_MAX_SENT_BYTES);
  self->format = hello->format;
  self->user_id = g_steal_pointer (&hello->user_id);
  self->token = g_steal_pointer (&hello->token);
  self->platform = hello->platform;
  self->opened_us = tern_clock_get_monotonic_us ();
  g_queue_init (&self->held);
  g_signal_connect (self->socket, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (self->socket, "error", G_CALLBACK (error_cb), self);
  g_signal_connect (self->socket, "closed", G_CALLBACK (closed_cb), self);
  g_ptr_array_add (server->connections, self);
  self->idle_id = g_timeout_add (tern_clock_scale_ms (IDLE_MS), idle_cb, self);

  return self;
}

typedef struct
{
  TernServer        *server;
  TernServerHello    hello;
  TernServerRefusal  refusal;
} Upgrade;

static void
upgrade_free (gpointer  data,
              GClosure *closure)
{
  Upgrade *self = data;

  tern_server_hello_clear (&self->hello);
  tern_server_refusal_clear (&self->refusal);
  g_free (self);
}

/* The 101 is out. */
static void
upgraded_cb (SoupServerMessage *message,
             gpointer           user_data)
{
  Upgrade *upgrade = user_data;
  TernServer *server = upgrade->server;
  TernServerConnection *self = connection_new (server, message, &upgrade->hello);

  if (upgrade->refusal.code != 0)
    {
      g_autoptr(GBytes) body = tern_server_refusal_body (&upgrade->refusal);

      write_message (self, SOUP_WEBSOCKET_DATA_TEXT, body);
      tern_server_connection_end (self);
      return;
    }

  if (upgrade->hello.wants_greeting)
    {
      g_autoptr(GBytes) greeting = tern_api_build_envelope (0, "", "", NULL);

      write_message (self, SOUP_WEBSOCKET_DATA_TEXT, greeting);
    }
  if (self->platform == PING_PLATFORM)
    soup_websocket_connection_set_keepalive_interval (
      self->socket, MAX (1, tern_clock_scale_ms (PING_MS) / 1000));
  tern_server_gateway_register (server, self);
}

static void
request_cb (SoupServer        *soup,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           user_data)
{
  TernServer *self = user_data;
  g_auto(TernServerHello) hello = { 0 };
  g_auto(TernServerRefusal) refusal = { 0 };
  Upgrade *upgrade;

  if (!tern_server_shake_hands (self, message, &hello, &refusal))
    return;

  upgrade = g_new0 (Upgrade, 1);
  upgrade->server = self;
  upgrade->hello = hello;
  upgrade->refusal = refusal;
  memset (&hello, 0, sizeof hello);
  memset (&refusal, 0, sizeof refusal);
  g_signal_connect_data (message, "wrote-informational", G_CALLBACK (upgraded_cb), upgrade,
                         upgrade_free, 0);
}

/* Nobody reads a body here, so none is kept. */
static void
early_cb (SoupServer        *soup,
          SoupServerMessage *message,
          const char        *path,
          GHashTable        *query,
          gpointer           user_data)
{
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
}

/**
 * tern_server_gateway_attach:
 * @self: a server
 * @port: 0: a free one
 * @error: return location for a #GError
 *
 * Errors: what libsoup says when the port is taken.
 *
 * Returns: whether it listens
 */
gboolean
tern_server_gateway_attach (TernServer  *self,
                            guint16      port,
                            GError     **error)
{
  self->gateway = soup_server_new (NULL, NULL);
  soup_server_add_early_handler (self->gateway, NULL, early_cb, NULL, NULL);
  soup_server_add_handler (self->gateway, NULL, request_cb, self, NULL);

  return soup_server_listen_local (self->gateway, port, SOUP_SERVER_LISTEN_IPV4_ONLY, error);
}

/**
 * tern_server_gateway_close:
 * @self: a server
 *
 * Ends all connections at once.
 */
void
tern_server_gateway_close (TernServer *self)
{
  while (self->connections->len > 0)
    connection_close (self->connections->pdata[0]);
  g_clear_handle_id (&self->presence_id, g_source_remove);
}
