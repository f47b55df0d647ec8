/* test-connection.c: the long connection against servers that behave badly
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "raw-server.h"
#include "tern-api.h"
#include "tern-connection.h"
#include "tern-error.h"
#include "test-support.h"

#define DEADLINE_US (120 * G_USEC_PER_SEC)
#define FRAGMENT_BYTES (1024 * 1024)

typedef struct
{
  RawServer      *server;
  SoupSession    *soup;
  TernConnection *connection;
  guint           n_connecting;
  guint           n_opened;
  guint64         epoch;
  guint           n_frames;
  gsize           n_bytes;
  GBytes         *last_frame;
  guint           n_closed;
  guint           n_failed;
  GError         *error; /* the last */
  guint           n_ticks;
  int             n_seen; /* (atomic): what the server counts */
  gboolean        is_slow; /* what is sent */
} Fixture;

static void
connecting_cb (TernConnection *connection,
               Fixture        *self)
{
  self->n_connecting++;
}

static void
opened_cb (TernConnection *connection,
           guint64         epoch,
           Fixture        *self)
{
  g_assert_cmpuint (epoch, >, self->epoch);
  self->epoch = epoch;
  self->n_opened++;
}

static void
frame_cb (TernConnection *connection,
          guint64         epoch,
          GBytes         *frame,
          Fixture        *self)
{
  g_assert_cmpuint (epoch, ==, self->epoch);
  self->n_frames++;
  self->n_bytes += g_bytes_get_size (frame);
  g_clear_pointer (&self->last_frame, g_bytes_unref);
  self->last_frame = g_bytes_ref (frame);
}

static void
closed_cb (TernConnection *connection,
           guint64         epoch,
           GError         *error,
           Fixture        *self)
{
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
  self->n_closed++;
}

static void
failed_cb (TernConnection *connection,
           GError         *error,
           Fixture        *self)
{
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
  self->n_failed++;
}

static void
start (Fixture    *self,
       RawServer  *server,
       const char *scheme,
       const char *pinned_sha256)
{
  TernFrameFormat format = { .encoding = TERN_ENCODING_JSON };
  g_autofree char *url = g_strdup_printf ("%s://127.0.0.1:%u/gate", scheme,
                                          raw_server_get_port (server));

  self->server = server;
  self->soup = tern_soup_session_new (pinned_sha256);
  self->connection = tern_connection_new (self->soup, url, "u 1", "tok&en", 7, &format);
  g_signal_connect (self->connection, "connecting", G_CALLBACK (connecting_cb), self);
  g_signal_connect (self->connection, "opened", G_CALLBACK (opened_cb), self);
  g_signal_connect (self->connection, "frame", G_CALLBACK (frame_cb), self);
  g_signal_connect (self->connection, "closed", G_CALLBACK (closed_cb), self);
  g_signal_connect (self->connection, "failed", G_CALLBACK (failed_cb), self);
  tern_connection_start (self->connection);
}

static void
tear_down (Fixture       *self,
           gconstpointer  unused)
{
  tern_connection_stop (self->connection);
  g_object_unref (self->connection);
  /* The streams close in the background. */
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  soup_session_abort (self->soup);
  g_object_unref (self->soup);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  raw_server_free (self->server);
  g_clear_pointer (&self->last_frame, g_bytes_unref);
  g_clear_error (&self->error);
}

static gboolean
tick_cb (gpointer user_data)
{
  ((Fixture *) user_data)->n_ticks++;

  return G_SOURCE_CONTINUE;
}

/* The ticks show that the main loop is alive, and wake it up. */
static void
wait_for (Fixture     *self,
          const guint *count,
          guint        least)
{
  gint64 end_us = g_get_monotonic_time () + DEADLINE_US;
  guint id = g_timeout_add (20, tick_cb, self);

  while (*count < least)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (id);
}

/* --- what is said --- */

static void
echo (RawPeer  *peer,
      gpointer  user_data)
{
  Fixture *self = user_data;
  guint8 opcode;
  GBytes *bytes;

  if (!raw_peer_greet (peer))
    return;
  if (strstr (peer->request, "GET /gate?sendID=u%201&token=tok%26en&platformID=7&") != NULL &&
      strstr (peer->request, "&isMsgResp=true") != NULL)
    g_atomic_int_inc (&self->n_seen);
  while ((bytes = raw_peer_read_frame (peer, &opcode)) != NULL)
    {
      if (opcode == 2 && g_bytes_get_size (bytes) == 3)
        {
          g_bytes_unref (bytes);
          return; /* "cut" */
        }
      if (opcode == 2)
        raw_peer_write_frame (peer, 0x82, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      g_bytes_unref (bytes);
    }
}

static void
test_epochs (Fixture       *self,
             gconstpointer  unused)
{
  g_autoptr(GBytes) hello = g_bytes_new_static ("hello", 5);
  g_autoptr(GBytes) cut = g_bytes_new_static ("cut", 3);
  g_autoptr(GBytes) large = g_bytes_new_take (g_malloc0 (TERN_FRAME_MAX_SENT_BYTES + 1),
                                              TERN_FRAME_MAX_SENT_BYTES + 1);

  start (self, raw_server_new (echo, self), "ws", NULL);
  wait_for (self, &self->n_opened, 1);
  g_assert_true (tern_connection_get_is_open (self->connection));
  g_assert_false (tern_connection_send (self->connection, self->epoch, large, FALSE));
  g_assert_false (tern_connection_send (self->connection, self->epoch + 1, hello, FALSE));
  g_assert_true (tern_connection_send (self->connection, self->epoch, hello, FALSE));
  wait_for (self, &self->n_frames, 1);
  /* The peer counts in a thread of its own, but before it echoes. */
  g_assert_cmpint (g_atomic_int_get (&self->n_seen), ==, 1);
  g_assert_true (g_bytes_equal (self->last_frame, hello));

  g_assert_true (tern_connection_send (self->connection, self->epoch, cut, FALSE));
  wait_for (self, &self->n_closed, 1);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_OFFLINE);
  g_assert_false (tern_connection_send (self->connection, self->epoch, hello, FALSE));
  wait_for (self, &self->n_opened, 2);
  g_assert_cmpuint (self->epoch, ==, 2);
  g_assert_false (tern_connection_send (self->connection, 1, hello, FALSE));
  g_assert_true (tern_connection_send (self->connection, 2, hello, FALSE));
  wait_for (self, &self->n_frames, 2);
}

/* --- refusals --- */

static void
refuse (RawPeer  *peer,
        gpointer  user_data)
{
  const char *body = user_data;

  if (raw_peer_read_request (peer))
    raw_peer_answer (peer, *body == '{' ? "200 OK" : "400 Bad Request", body);
}

static void
test_expired (Fixture       *self,
              gconstpointer  unused)
{
  start (self, raw_server_new (refuse, (char *) "{\"errCode\":1501,\"errMsg\":\"TokenExpired\"}"),
         "ws", NULL);
  wait_for (self, &self->n_failed, 1);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_EXPIRED);
  g_assert_cmpint (tern_error_get_server_code (self->error), ==, 1501);
  g_assert_cmpuint (self->n_closed, ==, 0);
}

static void
test_kicked (Fixture       *self,
             gconstpointer  unused)
{
  start (self, raw_server_new (refuse, (char *) "{\"errCode\":1506,\"errMsg\":\"TokenKicked\"}"),
         "ws", NULL);
  wait_for (self, &self->n_failed, 1);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_KICKED);
}

/* A gateway in front of which something else answers: tried again and again,
 * less and less often. */
static void
test_refused (Fixture       *self,
              gconstpointer  unused)
{
  start (self, raw_server_new (refuse, (char *) "no"), "ws", NULL);
  wait_for (self, &self->n_closed, 4);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_OFFLINE);
  g_assert_cmpuint (self->n_failed, ==, 0);
  g_assert_cmpuint (self->n_connecting, >=, 4);
}

static void
greet_badly (RawPeer  *peer,
             gpointer  user_data)
{
  const char *greeting = user_data;

  if (raw_peer_upgrade (peer) && raw_peer_write_frame (peer, 0x81, greeting, strlen (greeting)))
    raw_peer_drain (peer);
}

static void
test_refused_by_greeting (Fixture       *self,
                          gconstpointer  unused)
{
  start (self, raw_server_new (greet_badly, (char *) "{\"errCode\":1503,\"errMsg\":\"\"}"), "ws",
         NULL);
  wait_for (self, &self->n_failed, 1);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_EXPIRED);
  g_assert_cmpuint (self->n_opened, ==, 0);
}

static void
test_garbage_greeting (Fixture       *self,
                       gconstpointer  unused)
{
  start (self, raw_server_new (greet_badly, (char *) "[[[{"), "ws", NULL);
  wait_for (self, &self->n_closed, 1);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_PROTOCOL);
}

static void
answer_garbage (RawPeer  *peer,
                gpointer  user_data)
{
  g_autofree char *noise = g_malloc (1024 * 1024);

  memset (noise, 'x', 1024 * 1024);
  if (raw_peer_read_request (peer))
    while (raw_peer_write (peer, noise, 1024 * 1024))
      ;
}

/* Header lines that never end. */
static void
test_garbage_head (Fixture       *self,
                   gconstpointer  unused)
{
  start (self, raw_server_new (answer_garbage, NULL), "ws", NULL);
  wait_for (self, &self->n_closed, 2);
  g_assert_cmpuint (self->n_failed, ==, 0);
}

/* --- silence --- */

static void
say_nothing (RawPeer  *peer,
             gpointer  user_data)
{
  raw_peer_drain (peer);
}

static void
test_no_answer (Fixture       *self,
                gconstpointer  unused)
{
  start (self, raw_server_new (say_nothing, NULL), "ws", NULL);
  wait_for (self, &self->n_closed, 2);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_TIMEOUT);
}

static void
upgrade_only (RawPeer  *peer,
              gpointer  user_data)
{
  if (raw_peer_upgrade (peer))
    raw_peer_drain (peer);
}

static void
test_no_greeting (Fixture       *self,
                  gconstpointer  unused)
{
  start (self, raw_server_new (upgrade_only, NULL), "ws", NULL);
  wait_for (self, &self->n_closed, 1);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_TIMEOUT);
  g_assert_cmpuint (self->n_opened, ==, 0);
}

static void
greet_only (RawPeer  *peer,
            gpointer  user_data)
{
  if (raw_peer_greet (peer))
    raw_peer_drain (peer);
}

static void
test_dead_line (Fixture       *self,
                gconstpointer  unused)
{
  start (self, raw_server_new (greet_only, NULL), "ws", NULL);
  wait_for (self, &self->n_closed, 1);
  g_assert_cmpuint (self->n_opened, ==, 1);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_TIMEOUT);
  wait_for (self, &self->n_opened, 2);
}

static gboolean
send_again_cb (gpointer user_data)
{
  Fixture *self = user_data;
  g_autoptr(GBytes) hello = g_bytes_new_static ("hello", 5);

  tern_connection_send (self->connection, self->epoch, hello, self->is_slow);

  return G_SOURCE_CONTINUE;
}

/* What is sent without an answer, over and over, does not keep it alive;
 * pulls do, but only until the first of them is overdue. */
static void
test_dead_line_in_use (Fixture       *self,
                       gconstpointer  unused)
{
  guint id = g_timeout_add (2, send_again_cb, self);

  for (guint i = 0; i < 2; i++)
    {
      self->is_slow = i == 1;
      if (i == 0)
        start (self, raw_server_new (greet_only, NULL), "ws", NULL);
      wait_for (self, &self->n_opened, i + 1);
      wait_for (self, &self->n_closed, i + 1);
      g_assert_error (self->error, TERN_ERROR, TERN_ERROR_TIMEOUT);
    }
  g_source_remove (id);
}

static void
answer_pings (RawPeer  *peer,
              gpointer  user_data)
{
  Fixture *self = user_data;
  GBytes *bytes;
  guint8 opcode;

  if (!raw_peer_greet (peer))
    return;
  while ((bytes = raw_peer_read_frame (peer, &opcode)) != NULL)
    {
      if (opcode == 1 && g_strstr_len (g_bytes_get_data (bytes, NULL),
                                       (gssize) g_bytes_get_size (bytes), "\"ping\"") != NULL)
        {
          raw_peer_write_frame (peer, 0x81, "{\"type\":\"pong\"}", 15);
          g_atomic_int_inc (&self->n_seen);
        }
      g_bytes_unref (bytes);
    }
}

static void
test_heartbeat (Fixture       *self,
                gconstpointer  unused)
{
  start (self, raw_server_new (answer_pings, self), "ws", NULL);
  wait_for (self, &self->n_opened, 1);
  wait_for (self, (const guint *) &self->n_seen, 5);
  tern_connection_check_now (self->connection);
  wait_for (self, (const guint *) &self->n_seen, 6);
  g_assert_cmpuint (self->n_closed, ==, 0);
}

/* --- too much --- */

static void
claim_too_much (RawPeer  *peer,
                gpointer  user_data)
{
  /* A binary frame of 16 MiB and one byte; not one of them is sent. */
  static const guint8 head[] = { 0x82, 127, 0, 0, 0, 0, 1, 0, 0, 1 };

  if (raw_peer_greet (peer) && raw_peer_write (peer, head, sizeof head))
    raw_peer_drain (peer);
}

static void
test_oversized (Fixture       *self,
                gconstpointer  unused)
{
  start (self, raw_server_new (claim_too_much, NULL), "ws", NULL);
  wait_for (self, &self->n_closed, 1);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_TOO_LARGE);
  g_assert_cmpuint (self->n_frames, ==, 0);
}

static void
send_fragments (RawPeer *peer,
                guint    n)
{
  g_autofree guint8 *data = g_malloc0 (FRAGMENT_BYTES);

  if (!raw_peer_greet (peer))
    return;
  for (guint i = 0; i < n; i++)
    if (!raw_peer_write_frame (peer, (i == 0 ? 0x02 : 0x00) | (i == n - 1 ? 0x80 : 0), data,
                               FRAGMENT_BYTES))
      return;
  raw_peer_drain (peer);
}

static void
send_16 (RawPeer  *peer,
         gpointer  user_data)
{
  send_fragments (peer, 16);
}

static void
test_fragments (Fixture       *self,
                gconstpointer  unused)
{
  start (self, raw_server_new (send_16, NULL), "ws", NULL);
  wait_for (self, &self->n_frames, 1);
  g_assert_cmpuint (self->n_bytes, ==, 16 * FRAGMENT_BYTES);
  g_assert_cmpuint (self->n_closed, ==, 0);
}

static void
send_17 (RawPeer  *peer,
         gpointer  user_data)
{
  send_fragments (peer, 17);
}

/* The limit holds for what the fragments are joined to. */
static void
test_too_many_fragments (Fixture       *self,
                         gconstpointer  unused)
{
  start (self, raw_server_new (send_17, NULL), "ws", NULL);
  wait_for (self, &self->n_closed, 1);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_TOO_LARGE);
  g_assert_cmpuint (self->n_frames, ==, 0);
}

/* @user_data: the byte that each frame begins with; as fast as it will go. */
static void
flood (RawPeer  *peer,
       gpointer  user_data)
{
  g_autoptr(GByteArray) many = g_byte_array_new ();
  guint8 first = (guint8) GPOINTER_TO_UINT (user_data);
  /* Four bytes each, or a thousand, of which a message of 16 MiB takes many. */
  guint8 frame[1004] = { first, first == 0 ? 126 : 4, 1000 >> 8, 1000 & 0xff };

  if (!raw_peer_greet (peer))
    return;
  if (first == 0)
    raw_peer_write_frame (peer, 0x02, "begin", 5);
  for (guint i = 0; i < 1000; i++)
    g_byte_array_append (many, frame, first == 0 ? sizeof frame : 6);
  while (raw_peer_write (peer, many->data, many->len))
    ;
}

static void
test_flood_of_frames (Fixture       *self,
                      gconstpointer  unused)
{
  start (self, raw_server_new (flood, GUINT_TO_POINTER (0x82)), "ws", NULL);
  wait_for (self, &self->n_frames, 1);
  /* Ticks come while frames come. */
  self->n_ticks = 0;
  wait_for (self, &self->n_ticks, 20);
  g_assert_cmpuint (self->n_frames, >, 1000);
}

static void
test_flood_of_pings (Fixture       *self,
                     gconstpointer  unused)
{
  start (self, raw_server_new (flood, GUINT_TO_POINTER (0x89)), "ws", NULL);
  wait_for (self, &self->n_opened, 1);
  self->n_ticks = 0;
  wait_for (self, &self->n_ticks, 20);
}

/* Their sum is too large some time. */
static void
test_flood_of_fragments (Fixture       *self,
                         gconstpointer  unused)
{
  start (self, raw_server_new (flood, GUINT_TO_POINTER (0)), "ws", NULL);
  wait_for (self, &self->n_opened, 1);
  self->n_ticks = 0;
  wait_for (self, &self->n_ticks, 3);
  wait_for (self, &self->n_closed, 1);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_TOO_LARGE);
  g_assert_cmpuint (self->n_frames, ==, 0);
}

/* --- TLS --- */

static GTlsCertificate *
load_certificate (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("TERN_TEST_SRCDIR"), "data", "tls", NULL);
  g_autofree char *certificate = g_build_filename (folder, "certificate.pem", NULL);
  g_autofree char *key = g_build_filename (folder, "key.pem", NULL);
  g_autoptr(GError) error = NULL;
  GTlsCertificate *loaded = g_tls_certificate_new_from_files (certificate, key, &error);

  g_assert_no_error (error);

  return loaded;
}

/* A certificate of the server's own stops; the one that a person has seen and
 * accepted goes, and only that one. */
static void
test_tls (Fixture       *self,
          gconstpointer  unused)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate ();
  g_autofree char *sha256 = NULL;

  start (self, raw_server_new_tls (certificate, echo, self), "wss", NULL);
  wait_for (self, &self->n_failed, 1);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_TLS);
  g_assert_cmpuint (self->n_opened, ==, 0);
  sha256 = tern_soup_session_dup_refused_certificate (self->soup);
  g_assert_nonnull (sha256);
  g_assert_cmpuint (strlen (sha256), ==, 64);
  tear_down (self, NULL);

  memset (self, 0, sizeof *self);
  start (self, raw_server_new_tls (certificate, echo, self), "https", sha256);
  wait_for (self, &self->n_opened, 1);
  tear_down (self, NULL);

  memset (self, 0, sizeof *self);
  sha256[0] = sha256[0] == '0' ? '1' : '0';
  start (self, raw_server_new_tls (certificate, echo, self), "wss", sha256);
  wait_for (self, &self->n_failed, 1);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_TLS);
}

static void
test_tls_flood (Fixture       *self,
                gconstpointer  unused)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate ();

  start (self, raw_server_new_tls (certificate, flood, GUINT_TO_POINTER (0)), "wss",
         "618bb1ab675e5c36220a5f9aca5a29f694c5d203bcd6c691bd30448e4d0a1f99");
  wait_for (self, &self->n_closed, 1);
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_TOO_LARGE);
}

/* libsoup has a line to say about every frame of a flood. */
static void
say_goodbye (RawPeer  *peer,
             gpointer  user_data)
{
  static const guint8 going_away[] = { 0x03, 0xe9 };

  if (!raw_peer_greet (peer))
    return;
  raw_peer_write_frame (peer, 0x88, going_away, sizeof going_away);
  /* Neither reads on nor closes. */
  while (!raw_server_is_over (((Fixture *) user_data)->server))
    g_usleep (10000);
}

/* A close that was announced: nothing is sent into it, and it is over at once. */
static void
test_goodbye (Fixture       *self,
              gconstpointer  unused)
{
  g_autoptr(GBytes) hello = g_bytes_new_static ("hello", 5);
  gint64 end_us = g_get_monotonic_time () + DEADLINE_US;

  start (self, raw_server_new (say_goodbye, self), "ws", NULL);
  tern_connection_set_in_use (self->connection, TRUE);
  while (self->n_closed == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      g_main_context_iteration (NULL, FALSE);
      tern_connection_send (self->connection, self->epoch, hello, FALSE);
      if (self->n_opened > 0)
        tern_connection_check_now (self->connection);
    }
  g_assert_error (self->error, TERN_ERROR, TERN_ERROR_OFFLINE);
}

static void
add (const char *path,
     void      (*func) (Fixture *self, gconstpointer unused))
{
  g_test_add (path, Fixture, NULL, NULL, func, tear_down);
}

int
main (int   argc,
      char *argv[])
{
  /* Waits of half a minute are of a second here. */
  g_setenv ("TERN_CLOCK_SCALE", "10", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, test_drop_log, NULL);
  add ("/connection/epochs", test_epochs);
  add ("/connection/expired", test_expired);
  add ("/connection/kicked", test_kicked);
  add ("/connection/refused", test_refused);
  add ("/connection/refused-by-greeting", test_refused_by_greeting);
  add ("/connection/garbage-greeting", test_garbage_greeting);
  add ("/connection/garbage-head", test_garbage_head);
  add ("/connection/no-answer", test_no_answer);
  add ("/connection/no-greeting", test_no_greeting);
  add ("/connection/dead-line", test_dead_line);
  add ("/connection/dead-line-in-use", test_dead_line_in_use);
  add ("/connection/goodbye", test_goodbye);
  add ("/connection/heartbeat", test_heartbeat);
  add ("/connection/oversized", test_oversized);
  add ("/connection/fragments", test_fragments);
  add ("/connection/too-many-fragments", test_too_many_fragments);
  add ("/connection/flood-of-frames", test_flood_of_frames);
  add ("/connection/flood-of-pings", test_flood_of_pings);
  add ("/connection/flood-of-fragments", test_flood_of_fragments);
  add ("/connection/tls", test_tls);
  add ("/connection/tls-flood", test_tls_flood);
  return g_test_run ();
}
