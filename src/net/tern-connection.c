/* tern-connection.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-connection.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-backoff.h"
#include "tern-clock.h"
#include "tern-debug.h"
#include "tern-error.h"
#include "tern-soup-private.h"
#include "tern-websocket.h"

#define HANDSHAKE_TIMEOUT_MS 15000 /* protocol 01 section 5.1 */
#define REFUSAL_TIMEOUT_MS 10000
#define REFUSAL_MAX_BYTES (64 * 1024)
#define PING_AFTER_MS 20000        /* the server cuts at 30 s of silence */
#define IN_USE_AFTER_MS 4000       /* architecture section 11.6 */
#define ANSWER_MS 2000
#define IDLE_ANSWER_MS 8000        /* 20 s and these: noticed within 30 s */
#define STABLE_MS 10000            /* a line that lasted so long resets the back-off */
/* The server answers one thing after the other, so that a long pull holds up
 * all that follows: for so long silence is no sign of death. */
#define BUSY_MS 30000

#define PING_TEXT "{\"type\":\"ping\",\"body\":\"\"}"

typedef enum
{
  STATE_STOPPED,
  STATE_WAITING,   /* for the next attempt */
  STATE_DIALLING,
  STATE_GREETING,  /* 101 was read; the success frame is awaited */
  STATE_OPEN,
  STATE_ASKING,    /* why a handshake was refused */
} State;

struct _TernConnection
{
  GObject                  parent_instance;

  SoupSession             *soup;
  char                    *ws_url;
  char                    *user_id;
  char                    *token;
  int                      platform;
  TernFrameFormat          format;

  SoupWebsocketConnection *socket; /* (owned) (nullable) */
  GCancellable            *cancellable; /* of the attempt */
  State                    state;
  guint64                  epoch;
  guint64                  last_epoch;
  TernBackoff              backoff;
  gint64                   opened_us;
  guint                    n_slow;      /* requests whose answers may take a while */
  gint64                   slow_us;     /* since when nothing has come of them */
  guint                    timer_id;
  gboolean                 is_in_use;
  gboolean                 is_ping_out; /* a ping waits for its answer */
};

G_DEFINE_FINAL_TYPE (TernConnection, tern_connection, G_TYPE_OBJECT)

enum
{
  SIGNAL_CONNECTING,
  SIGNAL_OPENED,
  SIGNAL_FRAME,
  SIGNAL_CLOSED,
  SIGNAL_FAILED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void begin_attempt (TernConnection *self); /* fails into a wait, which begins the next */

static void
set_timer (TernConnection *self,
           guint           delay_ms,
           GSourceFunc     func)
{
  g_clear_handle_id (&self->timer_id, g_source_remove);
  self->timer_id = g_timeout_add (tern_clock_scale_ms (delay_ms), func, self);
}

static void
drop_socket (TernConnection *self)
{
  if (self->socket == NULL)
    return;

  g_signal_handlers_disconnect_by_data (self->socket, self);
  /* The stream, not a close handshake: a dead peer would never answer it. */
  if (soup_websocket_connection_get_state (self->socket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (self->socket, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
  g_io_stream_close_async (soup_websocket_connection_get_io_stream (self->socket),
                           G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  g_clear_object (&self->socket);
}

static void
drop_attempt (TernConnection *self)
{
  g_clear_handle_id (&self->timer_id, g_source_remove);
  if (self->cancellable != NULL)
    {
      g_autoptr(GCancellable) cancellable = g_steal_pointer (&self->cancellable);

      g_cancellable_cancel (cancellable);
    }
  drop_socket (self);
  self->is_ping_out = FALSE;
}

static gboolean
retry_cb (gpointer user_data)
{
  TernConnection *self = user_data;

  self->timer_id = 0;
  begin_attempt (self);

  return G_SOURCE_REMOVE;
}

/* Over for now: tried again by itself. */
static void
lose (TernConnection *self,
      const GError   *error)
{
  G_GNUC_UNUSED g_autoptr(TernConnection) alive = g_object_ref (self);
  guint64 epoch = self->epoch;
  gboolean was_stable;

  if (self->state == STATE_STOPPED)
    return;

  was_stable = self->state == STATE_OPEN &&
               tern_clock_get_monotonic_us () - self->opened_us >
                 tern_clock_scale_us (STABLE_MS * 1000);
  if (was_stable)
    tern_backoff_reset (&self->backoff);
  drop_attempt (self);
  self->epoch = 0;
  self->state = STATE_WAITING;
  /* A line that stood is tried again at once, and only then less and less
   * often, so that a restarted server is not stormed for long. */
  set_timer (self, was_stable ? (guint) g_random_int_range (50, 1000)
                              : tern_backoff_next_ms (&self->backoff), retry_cb);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, epoch, error);
}

/* Over for good, until a person acts. */
static void
fail (TernConnection *self,
      const GError   *error)
{
  G_GNUC_UNUSED g_autoptr(TernConnection) alive = g_object_ref (self);

  if (self->state == STATE_STOPPED)
    return;

  drop_attempt (self);
  self->epoch = 0;
  self->state = STATE_STOPPED;
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
}

static void
lose_or_fail (TernConnection *self,
              const GError   *error)
{
  if (g_error_matches (error, TERN_ERROR, TERN_ERROR_TLS) || tern_error_ends_session (error))
    fail (self, error);
  else
    lose (self, error);
}

static char *
build_url (TernConnection *self,
           gboolean        wants_greeting)
{
  g_autofree char *user_id = g_uri_escape_string (self->user_id, NULL, FALSE);
  g_autofree char *token = g_uri_escape_string (self->token, NULL, FALSE);
  g_autofree char *operation_id = g_uuid_string_random ();

  return g_strdup_printf ("%s%csendID=%s&token=%s&platformID=%d&operationID=%s"
                          "&isBackground=false&sdkType=%s&isMsgResp=%s%s&sdkVersion=tern-%s",
                          self->ws_url, strchr (self->ws_url, '?') != NULL ? '&' : '?', user_id,
                          token, self->platform, operation_id,
                          self->format.encoding == TERN_ENCODING_GOB ? "go" : "js",
                          wants_greeting ? "true" : "false",
                          self->format.is_gzip ? "&compression=gzip" : "", TERN_VERSION);
}

/* --- the living line --- */

static gboolean silence_cb (gpointer user_data); /* pings, and is set by what comes */

static void
note_sign_of_life (TernConnection *self)
{
  self->is_ping_out = FALSE;
  set_timer (self, self->is_in_use ? IN_USE_AFTER_MS : PING_AFTER_MS, silence_cb);
}

/* The peer's close arrives a while before the socket tells of its end, and
 * until then nothing may be sent any more. */
static gboolean
can_send (TernConnection *self)
{
  return soup_websocket_connection_get_state (self->socket) == SOUP_WEBSOCKET_STATE_OPEN;
}

/* Without a peer to ask, its silence is waited for all the same. */
static void
ping (TernConnection *self)
{
  self->is_ping_out = TRUE;
  set_timer (self, self->is_in_use ? ANSWER_MS : IDLE_ANSWER_MS, silence_cb);
  if (can_send (self))
    soup_websocket_connection_send_text (self->socket, PING_TEXT);
}

static gboolean
silence_cb (gpointer user_data)
{
  TernConnection *self = user_data;
  g_autoptr(GError) error = NULL;
  gint64 waited_us = tern_clock_get_monotonic_us () - self->slow_us;

  self->timer_id = 0;
  if (!self->is_ping_out)
    {
      ping (self);
      return G_SOURCE_REMOVE;
    }
  if (self->n_slow > 0 && waited_us < tern_clock_scale_us ((gint64) BUSY_MS * 1000))
    {
      set_timer (self, ANSWER_MS, silence_cb);
      return G_SOURCE_REMOVE;
    }

  error = g_error_new_literal (TERN_ERROR, TERN_ERROR_TIMEOUT, "The server went silent");
  lose (self, error);

  return G_SOURCE_REMOVE;
}

static void
handle_greeting (TernConnection *self,
                 GBytes         *bytes)
{
  G_GNUC_UNUSED g_autoptr(TernConnection) alive = g_object_ref (self);
  g_autoptr(GError) error = NULL;

  if (!tern_api_parse_envelope (bytes, NULL, &error))
    {
      lose_or_fail (self, error);
      return;
    }

  self->state = STATE_OPEN;
  self->epoch = ++self->last_epoch;
  self->opened_us = tern_clock_get_monotonic_us ();
  self->n_slow = 0;
  note_sign_of_life (self);
  g_signal_emit (self, signals[SIGNAL_OPENED], 0, self->epoch);
}

static void
message_cb (SoupWebsocketConnection *socket,
            int                      type,
            GBytes                  *bytes,
            gpointer                 user_data)
{
  TernConnection *self = user_data;

  if (self->state == STATE_GREETING && type == SOUP_WEBSOCKET_DATA_TEXT)
    {
      handle_greeting (self, bytes);
      return;
    }
  if (self->state != STATE_OPEN)
    return;

  note_sign_of_life (self);
  if (type != SOUP_WEBSOCKET_DATA_BINARY)
    return; /* the answer to a ping */

  /* It may be a push and not an answer; then the line is alive all the same. */
  self->n_slow -= self->n_slow > 0;
  self->slow_us = tern_clock_get_monotonic_us ();
  g_signal_emit (self, signals[SIGNAL_FRAME], 0, self->epoch, bytes);
}

static void
pong_cb (SoupWebsocketConnection *socket,
         GBytes                  *bytes,
         gpointer                 user_data)
{
  TernConnection *self = user_data;

  if (self->state == STATE_OPEN)
    note_sign_of_life (self);
}

static void
socket_error_cb (SoupWebsocketConnection *socket,
                 GError                  *cause,
                 gpointer                 user_data)
{
  TernConnection *self = user_data;
  g_autoptr(GError) error = NULL;

  if (cause->domain == TERN_ERROR)
    error = g_error_copy (cause);
  else if (g_error_matches (cause, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG))
    error = g_error_new (TERN_ERROR, TERN_ERROR_TOO_LARGE,
                         "The server sent more than %d bytes at once", TERN_FRAME_MAX_BYTES);
  else
    error = g_error_new (TERN_ERROR, TERN_ERROR_OFFLINE, "%s", cause->message);
  lose (self, error);
}

static void
closed_cb (SoupWebsocketConnection *socket,
           gpointer                 user_data)
{
  TernConnection *self = user_data;
  g_autoptr(GError) error =
    g_error_new_literal (TERN_ERROR, TERN_ERROR_OFFLINE, "The server closed the connection");

  lose (self, error);
}

/* --- attempts --- */

static gboolean
handshake_late_cb (gpointer user_data)
{
  TernConnection *self = user_data;
  g_autoptr(GError) error =
    g_error_new_literal (TERN_ERROR, TERN_ERROR_TIMEOUT, "The server did not answer");

  self->timer_id = 0;
  lose (self, error);

  return G_SOURCE_REMOVE;
}

static void
asked_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(TernConnection) self = user_data;
  g_autoptr(GBytes) body = NULL;
  g_autoptr(GError) error = NULL;

  body = tern_soup_fetch_finish (SOUP_SESSION (object), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->state != STATE_ASKING)
    return;

  if (body != NULL)
    {
      /* HTTP 400 says that arguments and token are good by now: no envelope. */
      if (tern_api_parse_envelope (body, NULL, &error) ||
          g_error_matches (error, TERN_ERROR, TERN_ERROR_PROTOCOL))
        {
          g_clear_error (&error);
          error = g_error_new_literal (TERN_ERROR, TERN_ERROR_OFFLINE,
                                       "The gateway refused the connection");
        }
    }
  lose_or_fail (self, error);
}

/* libsoup tells that it was refused, but not why: the same URL, asked as an
 * ordinary request, does (protocol 01 section 1.7). */
static void
ask_why (TernConnection *self)
{
  g_autofree char *url = build_url (self, FALSE);
  g_autoptr(GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr(GUri) http = NULL;
  g_autoptr(SoupMessage) message = NULL;

  http = soup_uri_copy (uri, SOUP_URI_SCHEME,
                        strcmp (g_uri_get_scheme (uri), "wss") == 0 ||
                        strcmp (g_uri_get_scheme (uri), "https") == 0 ? "https" : "http",
                        SOUP_URI_NONE);
  message = soup_message_new_from_uri (SOUP_METHOD_GET, http);
  self->state = STATE_ASKING;
  g_clear_handle_id (&self->timer_id, g_source_remove);
  tern_soup_fetch_async (self->soup, message, REFUSAL_MAX_BYTES, REFUSAL_TIMEOUT_MS,
                         self->cancellable, asked_cb, g_object_ref (self));
}

static void
connected_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(TernConnection) self = user_data;
  g_autoptr(SoupWebsocketConnection) socket = NULL;
  g_autoptr(GError) cause = NULL;
  g_autoptr(GError) error = NULL;

  socket = tern_websocket_connect_finish (SOUP_SESSION (object), result, &cause);
  if (socket == NULL)
    {
      if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
          self->state != STATE_DIALLING)
        return;
      if (cause->domain == SOUP_WEBSOCKET_ERROR)
        {
          ask_why (self);
          return;
        }
      error = tern_soup_error (NULL, cause);
      lose_or_fail (self, error);
      return;
    }
  if (self->state != STATE_DIALLING)
    return;

  self->socket = g_steal_pointer (&socket);
  self->state = STATE_GREETING;
  soup_websocket_connection_set_max_incoming_payload_size (self->socket, TERN_FRAME_MAX_BYTES);
  g_signal_connect (self->socket, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (self->socket, "pong", G_CALLBACK (pong_cb), self);
  g_signal_connect (self->socket, "error", G_CALLBACK (socket_error_cb), self);
  /* The answer to a peer's close need not be waited for. */
  g_signal_connect (self->socket, "closing", G_CALLBACK (closed_cb), self);
  g_signal_connect (self->socket, "closed", G_CALLBACK (closed_cb), self);
}

static void
begin_attempt (TernConnection *self)
{
  G_GNUC_UNUSED g_autoptr(TernConnection) alive = g_object_ref (self);
  g_autofree char *url = build_url (self, TRUE);

  drop_attempt (self);
  self->state = STATE_DIALLING;
  g_signal_emit (self, signals[SIGNAL_CONNECTING], 0);
  if (self->state != STATE_DIALLING)
    return;

  self->cancellable = g_cancellable_new ();
  set_timer (self, HANDSHAKE_TIMEOUT_MS, handshake_late_cb);
  tern_websocket_connect_async (self->soup, url, TERN_FRAME_MAX_BYTES, self->cancellable,
                                connected_cb, g_object_ref (self));
}

static void
tern_connection_dispose (GObject *object)
{
  TernConnection *self = TERN_CONNECTION (object);

  self->state = STATE_STOPPED;
  drop_attempt (self);

  G_OBJECT_CLASS (tern_connection_parent_class)->dispose (object);
}

static void
tern_connection_finalize (GObject *object)
{
  TernConnection *self = TERN_CONNECTION (object);

  g_clear_object (&self->soup);
  g_free (self->ws_url);
  g_free (self->user_id);
  g_free (self->token);

  G_OBJECT_CLASS (tern_connection_parent_class)->finalize (object);
}

static void
tern_connection_class_init (TernConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = tern_connection_dispose;
  object_class->finalize = tern_connection_finalize;

  signals[SIGNAL_CONNECTING] =
    g_signal_new ("connecting", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_OPENED] =
    g_signal_new ("opened", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                  G_TYPE_UINT64);
  signals[SIGNAL_FRAME] =
    g_signal_new ("frame", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                  G_TYPE_UINT64, G_TYPE_BYTES);
  signals[SIGNAL_CLOSED] =
    g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                  G_TYPE_UINT64, G_TYPE_ERROR);
  signals[SIGNAL_FAILED] =
    g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                  G_TYPE_ERROR);
}

static void
tern_connection_init (TernConnection *self)
{
}

/**
 * tern_connection_new:
 * @soup: the session to use
 * @ws_url: the gateway, as configured; the query is added
 * @user_id: who connects
 * @token: the IM token
 * @platform: as inside the token
 * @format: what the frames will be
 *
 * Returns: (transfer full): a connection that is not started
 */
TernConnection *
tern_connection_new (SoupSession           *soup,
                     const char            *ws_url,
                     const char            *user_id,
                     const char            *token,
                     int                    platform,
                     const TernFrameFormat *format)
{
  TernConnection *self = g_object_new (TERN_TYPE_CONNECTION, NULL);

  self->soup = g_object_ref (soup);
  self->ws_url = g_strdup (ws_url);
  self->user_id = g_strdup (user_id);
  self->token = g_strdup (token);
  self->platform = platform;
  self->format = *format;

  return self;
}

/**
 * tern_connection_start:
 * @self: a connection
 *
 * Connects, and keeps connecting.
 */
void
tern_connection_start (TernConnection *self)
{
  g_return_if_fail (TERN_IS_CONNECTION (self));
  tern_assert_main_thread ();

  if (self->state != STATE_STOPPED)
    return;

  tern_backoff_reset (&self->backoff);
  begin_attempt (self);
}

/**
 * tern_connection_stop:
 * @self: a connection
 *
 * Closes at once; no signal follows.
 */
void
tern_connection_stop (TernConnection *self)
{
  g_return_if_fail (TERN_IS_CONNECTION (self));

  self->state = STATE_STOPPED;
  self->epoch = 0;
  drop_attempt (self);
}

/**
 * tern_connection_send:
 * @self: a connection
 * @epoch: the line that it is meant for
 * @frame: the payload of one binary message
 * @is_slow: whether the server may need long for its answer
 *
 * Returns: %FALSE when that line is gone, or the frame would cost it: it is
 *   larger than the server takes
 */
gboolean
tern_connection_send (TernConnection *self,
                      guint64         epoch,
                      GBytes         *frame,
                      gboolean        is_slow)
{
  g_return_val_if_fail (TERN_IS_CONNECTION (self), FALSE);

  if (self->state != STATE_OPEN || epoch != self->epoch || !can_send (self) ||
      g_bytes_get_size (frame) > TERN_FRAME_MAX_SENT_BYTES)
    return FALSE;

  if (is_slow && self->n_slow++ == 0)
    self->slow_us = tern_clock_get_monotonic_us ();
  soup_websocket_connection_send_message (self->socket, SOUP_WEBSOCKET_DATA_BINARY, frame);

  return TRUE;
}

/**
 * tern_connection_check_now:
 * @self: a connection
 *
 * Something hints that the line may be dead, or may be had again: asks the
 * peer for a sign of life, or tries at once.
 */
void
tern_connection_check_now (TernConnection *self)
{
  g_return_if_fail (TERN_IS_CONNECTION (self));

  if (self->state == STATE_WAITING)
    {
      tern_backoff_reset (&self->backoff);
      begin_attempt (self);
    }
  else if (self->state == STATE_OPEN && !self->is_ping_out)
    ping (self);
}

/**
 * tern_connection_set_in_use:
 * @self: a connection
 * @is_in_use: whether somebody looks at the window
 *
 * A dead line is noticed sooner while somebody does.
 */
void
tern_connection_set_in_use (TernConnection *self,
                            gboolean        is_in_use)
{
  g_return_if_fail (TERN_IS_CONNECTION (self));

  if (self->is_in_use == is_in_use)
    return;

  self->is_in_use = is_in_use;
  if (self->state == STATE_OPEN && !self->is_ping_out)
    note_sign_of_life (self);
}

/**
 * tern_connection_get_is_open:
 * @self: a connection
 *
 * Returns: whether the line stands
 */
gboolean
tern_connection_get_is_open (TernConnection *self)
{
  g_return_val_if_fail (TERN_IS_CONNECTION (self), FALSE);

  return self->state == STATE_OPEN;
}
