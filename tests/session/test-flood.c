/* test-flood.c: a server that sends more than can be written
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "raw-server.h"
#include "tern-clock.h"
#include "tern-error.h"
#include "tern-frame.h"
#include "tern-session.h"
#include "tern-store.h"
#include "tern-wire.h"
#include "test-support.h"

/* What the last frame of each round holds: nothing. */
#define ROUND_BYTES (1 << 20)

/* A message; it cannot be written while somebody else writes. */
static GBytes *
make_push (void)
{
  const TernFrameFormat format = { TERN_ENCODING_JSON, FALSE, 0 };
  g_autoptr(GPtrArray) batches =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_batch_free);
  TernMessageBatch *batch = tern_message_batch_new ("si_u1_u2");
  TernMessageRecord *message = tern_message_record_new ();
  g_autoptr(GBytes) body = NULL;
  g_autoptr(TernFrame) frame = NULL;

  tern_record_set_text (&message->client_id, "c");
  tern_record_set_text (&message->sender_id, "u2");
  message->seq = 1;
  g_ptr_array_add (batch->messages, message);
  g_ptr_array_add (batches, batch);
  body = tern_wire_encode_batches (batches);
  frame = tern_frame_new (TERN_FRAME_PUSH, "", "", body);

  return tern_frame_encode_reply (frame, &format);
}

/* So many lines are flooded one after the other. */
#define N_FLOODS 3

/* The next is silent. */
static void
flood (RawPeer  *peer,
       gpointer  user_data)
{
  g_autoptr(GBytes) push = make_push ();
  g_autofree char *nothing = g_malloc0 (ROUND_BYTES);

  if (!raw_peer_greet (peer))
    return;
  while (peer->n <= N_FLOODS &&
         raw_peer_write_frame (peer, 0x82, g_bytes_get_data (push, NULL),
                               g_bytes_get_size (push)) &&
         raw_peer_write_frame (peer, 0x82, nothing, ROUND_BYTES))
    ;
  raw_peer_drain (peer);
}

static void
finished_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static TernAccount *
make_account (RawServer *server)
{
  g_autofree char *ws = g_strdup_printf ("ws://127.0.0.1:%u", raw_server_get_port (server));
  g_autoptr(TernServers) servers = tern_servers_new ("", "http://127.0.0.1:1", ws);

  return tern_account_new (servers, "u1", "token");
}

static gboolean
is_cut (TernSession *session)
{
  return g_error_matches (tern_session_get_error (session), TERN_ERROR, TERN_ERROR_TOO_LARGE);
}

static void
test_flood (void)
{
  RawServer *server = raw_server_new (flood, NULL);
  g_autofree char *data = g_dir_make_tmp ("tern-flood-XXXXXX", NULL);
  g_autoptr(TernAccount) account = make_account (server);
  g_autofree char *folder = tern_account_dup_folder (account, data);
  g_autoptr(GError) error = NULL;
  g_autoptr(TernDb) other = tern_db_open (folder, TERN_DB_WRITER, &error);
  TernSession *session = tern_session_new (account, data);
  g_autoptr(GAsyncResult) opened = NULL;
  g_autoptr(GAsyncResult) closed = NULL;

  g_assert_no_error (error);
  tern_session_open_async (session, TRUE, NULL, finished_cb, &opened);
  test_wait_for (opened != NULL, 60);
  g_assert_true (tern_session_open_finish (session, opened, &error));
  for (guint n = 1; n <= N_FLOODS; n++)
    {
      gint64 cut_us;

      g_assert_true (tern_db_begin (other, &error));
      test_wait_for (is_cut (session), 120);
      cut_us = g_get_monotonic_time ();
      g_assert_cmpuint (raw_server_get_n (server), ==, n);

      /* There is room again. The server is left alone for longer each time: 1 s,
       * 2 s, 4 s, and a fifth more or less. */
      tern_db_rollback (other);
      test_wait_for (raw_server_get_n (server) == n + 1, 120);
      g_assert_cmpint (g_get_monotonic_time () - cut_us, >=,
                       tern_clock_scale_us ((G_USEC_PER_SEC << (n - 1)) * 6 / 10));
      test_wait_for (tern_session_get_error (session) == NULL, 120);
    }

  tern_session_close_async (session, finished_cb, &closed);
  test_wait_for (closed != NULL, 60);
  tern_session_close_finish (session, closed);
  g_object_unref (session);
  raw_server_free (server);
  g_clear_pointer (&other, tern_db_close);
  test_remove_tree (data);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, test_drop_log, NULL);
  g_test_add_func ("/flood/more-than-can-be-written", test_flood);
  return g_test_run ();
}
