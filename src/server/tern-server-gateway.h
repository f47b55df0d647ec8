/* tern-server-gateway.h: what the files of the gateway share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * handshake: who may connect, and how the others are told. logins: whose end
 * that is. gateway: the transport of an accepted connection. push: what it is sent unasked.
 * requests: what each request is answered with; knows neither sockets nor
 * envelopes.
 */

#pragma once

#include "tern-server.h"
#include "tern-server-stream.h"

G_BEGIN_DECLS

/* What a gzip frame may inflate to. The real server has no limit. */
#define TERN_SERVER_MAX_INFLATED_BYTES (4 * 1024 * 1024)

/* What a handshake asks for. */
typedef struct
{
  char           *user_id;
  char           *token;
  int             platform;
  TernFrameFormat format;
  gboolean        wants_greeting;
} TernServerHello;

/* Why it is refused; @code 0: it is not. */
typedef struct
{
  int         code;
  const char *message;
  char       *detail;
} TernServerRefusal;

/* Refcounted: what is to be sent later may outlive it. */
typedef struct _TernServerConnection
{
  TernServer              *server; /* (borrowed); NULL: it has ended */
  SoupWebsocketConnection *socket;
  TernServerStream        *stream;
  TernFrameFormat          format;
  char                    *user_id;
  char                    *token;
  int                      platform;
  gint64                   opened_us;
  GHashTable              *watched;  /* (nullable): whose presence it wants to know */
  gboolean                 is_background;
  gboolean                 is_forgotten; /* by a fault: nothing is done for it any more */
  guint64                  n_frames; /* handed to the socket, and their bytes */
  guint64                  n_bytes;
  GQueue                   held;     /* what waits by a fault, in this order */
  GList                   *held_yields; /* (nullable): the one of them that lets the next pass */
  guint                    held_id;
  guint                    n_drain_steps;
  guint                    idle_id;
  guint                    end_id;
} TernServerConnection;

/* --- handshake --- */
/* FALSE: the message has its answer. TRUE: 101, with a refusal to be told on
 * the open connection, or none. */
gboolean   tern_server_shake_hands      (TernServer *self, SoupServerMessage *message,
                                         TernServerHello *hello, TernServerRefusal *refusal);
/* What of it needs no connection. */
gboolean   tern_server_check_hello      (TernServer *self, const char *query,
                                         const char *compression, TernServerHello *hello,
                                         TernServerRefusal *refusal, gboolean *is_token_error);
GBytes    *tern_server_refusal_body     (const TernServerRefusal *refusal)
                                         G_GNUC_WARN_UNUSED_RESULT;
void       tern_server_hello_clear      (TernServerHello *hello);
void       tern_server_refusal_clear    (TernServerRefusal *refusal);

/* --- transport --- */
/* @frame: an encoded envelope */
void       tern_server_connection_write (TernServerConnection *self, GBytes *frame);
/* After what was written has left; nothing more is read. */
void       tern_server_connection_end   (TernServerConnection *self);
void       tern_server_connection_unref (TernServerConnection *self);

/* --- logins --- */
/* @connection: the newest */
void       tern_server_end_other_logins (TernServer *self, const TernServerConnection *connection);

/* --- pushes --- */
void       tern_server_gateway_register (TernServer *self, TernServerConnection *connection);
void       tern_server_gateway_unregister (TernServer *self, TernServerConnection *connection);
/* (element-type gint32) */
GArray    *tern_server_list_platforms   (TernServer *self, const char *user_id)
                                         G_GNUC_WARN_UNUSED_RESULT;

/* --- requests --- */
gboolean   tern_server_is_request       (const TernFrame *request);
/* Never NULL; @request passed tern_server_is_request(). */
TernFrame *tern_server_answer           (TernServerConnection *self, const TernFrame *request)
                                         G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TernServerHello, tern_server_hello_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TernServerRefusal, tern_server_refusal_clear)

G_END_DECLS
