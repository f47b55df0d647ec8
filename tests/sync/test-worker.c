/* test-worker.c: the worker against a gateway that loses, doubles and delays
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "worker-world.h"

#include "tern-error.h"
#include "tern-store.h"

static void
test_first_sync (void)
{
  World *world = world_new (FALSE);

  for (guint i = 0; i < 3000; i++)
    world_receive_from_peer (world, i % N_PEERS);
  world_start (world);
  world_connect_line (world);
  world_run_until (world, world_is_settled);
  world_stop (world);
  g_assert_cmpuint (world->n_begun, ==, 2); /* the screenful, the backfill */
  g_assert_cmpuint (world->n_failed, ==, 0);
  world_assert_same (world);
  world_free (world);
}

static gboolean
is_live (World *world)
{
  return world->heard_epoch == world->epoch && world->n_closed == 1 &&
         tern_sync_worker_get_state (world->worker) == TERN_SYNC_LIVE;
}

/* While the backfill rests, what is new comes all the same. */
static void
test_paused (void)
{
  World *world = world_new (FALSE);
  g_autofree char *id = world_peer_conversation (0);
  g_autoptr(GError) error = NULL;
  g_autoptr(TernDb) reader = NULL;
  g_autoptr(GPtrArray) rows = NULL;

  for (guint i = 0; i < 3000; i++)
    world_receive_from_peer (world, i % N_PEERS);
  world_start (world);
  tern_sync_worker_set_paused (world->worker, TRUE);
  world_connect_line (world);
  world_run_until (world, is_live);
  reader = tern_db_open (world->folder, TERN_DB_READER, &error);
  g_assert_no_error (error);
  g_assert_false (tern_sync_worker_get_is_complete (world->worker));
  rows = tern_store_list_before_seq (reader, id, 0, 1000, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, 20);
  tern_sync_worker_set_paused (world->worker, FALSE);
  world_run_until (world, world_is_settled);
  g_clear_pointer (&reader, tern_db_close);
  world_stop (world);
  world_assert_same (world);
  world_free (world);
}

static void
test_rough (void)
{
  World *world = world_new (TRUE);
  guint n_sent = 0;
  guint n_done = 0;

  for (guint i = 0; i < 500; i++)
    world_receive_from_peer (world, i % N_PEERS);
  world_start (world);
  world_connect_line (world);
  for (guint step = 0; step < 400; step++)
    {
      int choice = g_rand_int_range (world->rand, 0, 100);

      if (choice < 40)
        world_receive_from_peer (world, (guint) g_rand_int_range (world->rand, 0, N_PEERS));
      else if (choice < 60)
        {
          world_send_to_peer (world, (guint) g_rand_int_range (world->rand, 0, N_PEERS), &n_done);
          n_sent++;
        }
      else if (choice < 63)
        {
          world_cut_line (world);
          world_connect_line (world);
        }
      else if (choice < 64)
        {
          /* As a crash between two transactions would leave it. */
          world_stop (world);
          world_start (world);
          world_connect_line (world);
        }
      for (int i = 0; i < 3; i++)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (300);
        }
    }
  /* Then all goes well again. */
  world->is_rough = FALSE;
  world_cut_line (world);
  world_connect_line (world);
  world_run_until (world, world_is_settled);
  world_stop (world);
  g_assert_cmpuint (n_done, ==, n_sent);
  world_assert_same (world);
  world_free (world);
}

static void
deleted_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  GError **error = user_data;

  if (tern_sync_worker_finish (TERN_SYNC_WORKER (object), result, error))
    *error = g_error_new_literal (TERN_ERROR, TERN_ERROR_NOT_FOUND, "It went well");
}

/* What failed can be deleted, what is on its way cannot. */
static void
test_delete (void)
{
  World *world = world_new (FALSE);
  g_autofree char *id = world_peer_conversation (0);
  g_autoptr(GError) busy = NULL;
  g_autoptr(GError) gone = NULL;
  g_autoptr(GPtrArray) rows = NULL;
  g_autoptr(TernDb) reader = NULL;
  const char *client_id;
  guint n_done = 0;

  world_start (world);
  world_send_to_peer (world, 0, &n_done);
  while (n_done == 0)
    g_main_context_iteration (NULL, TRUE);
  reader = tern_db_open (world->folder, TERN_DB_READER, NULL);
  rows = tern_store_list_before (reader, id, NULL, 9, NULL);
  client_id = ((TernMessageRecord *) rows->pdata[0])->client_id;
  tern_sync_worker_delete_async (world->worker, id, 0, client_id, NULL, deleted_cb, &busy);
  while (busy == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (busy, TERN_ERROR, TERN_ERROR_REFUSED);
  world->is_refusing = TRUE;
  world_connect_line (world);
  world_run_until (world, world_is_settled);
  tern_sync_worker_delete_async (world->worker, id, 0, client_id, NULL, deleted_cb, &gone);
  while (gone == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (gone, TERN_ERROR, TERN_ERROR_NOT_FOUND);
  g_assert_null (tern_store_find_by_client_id (reader, id, SELF, client_id, NULL));
  g_clear_pointer (&reader, tern_db_close);
  world_stop (world);
  world_free (world);
}

static void
test_kicked (void)
{
  World *world = world_new (FALSE);
  g_autoptr(TernFrame) kick = tern_frame_new (TERN_FRAME_KICKED, "", "", NULL);

  world_start (world);
  world_connect_line (world);
  world_deliver (world, kick);
  while (world->lost == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (world->lost, TERN_ERROR, TERN_ERROR_KICKED);
  g_assert_cmpint (tern_sync_worker_get_state (world->worker), ==, TERN_SYNC_OFFLINE);
  world_stop (world);
  world_free (world);
}

static void
test_garbage (void)
{
  World *world = world_new (FALSE);
  g_autoptr(GBytes) garbage = g_bytes_new_static ("\x00garbage", 8);
  g_autoptr(GBytes) bad_body = g_bytes_new_static ("\xff\xff\xff", 3);
  g_autoptr(TernFrame) bad_push = tern_frame_new (TERN_FRAME_PUSH, "", "", bad_body);

  for (guint i = 0; i < 50; i++)
    world_receive_from_peer (world, 0);
  world_start (world);
  world_connect_line (world);
  for (int i = 0; i < 200; i++)
    {
      tern_sync_worker_push_frame (world->worker, world->epoch, garbage);
      world_deliver (world, bad_push);
    }
  world_run_until (world, world_is_settled);
  world_stop (world);
  world_assert_same (world);
  world_free (world);
}

/* Every command is answered once, whenever the end comes. */
static void
test_stop_at_any_time (void)
{
  for (int cycle = 0; cycle < 60; cycle++)
    {
      World *world = world_new (TRUE);
      guint n_sent = (guint) g_rand_int_range (world->rand, 1, 40);
      guint n_done = 0;

      for (guint i = 0; i < 100; i++)
        world_receive_from_peer (world, i % N_PEERS);
      world_start (world);
      world_connect_line (world);
      for (guint i = 0; i < n_sent; i++)
        {
          world_send_to_peer (world, i % N_PEERS, &n_done);
          if (i % 7 == 0)
            g_main_context_iteration (NULL, FALSE);
        }
      world_stop (world);
      g_assert_cmpuint (n_done, ==, n_sent);
      world_free (world);
    }
}

static gboolean
is_drained (World *world)
{
  return tern_sync_worker_is_drained (world->worker);
}

static guint
push_until_refused (World  *world,
                    GBytes *frame,
                    guint   max)
{
  guint n = 0;

  while (n < max && tern_sync_worker_push_frame (world->worker, 1, frame))
    n++;

  return n;
}

/* Nobody takes anything out at first: what waits is bounded, large or small.
 * Then all of it is handled, and more can come. */
static void
test_flood (void)
{
  const TernFrameFormat format = { TERN_ENCODING_JSON, FALSE, 0 };
  g_autoptr(GBytes) large = g_bytes_new_take (g_malloc0 (1 << 20), 1 << 20);
  g_autoptr(GBytes) small = g_bytes_new_static ("x", 1);
  World *world = world_new (FALSE);

  world->worker = tern_sync_worker_new (world->folder, SELF, 7, &format);
  g_assert_cmpuint (push_until_refused (world, small, 200000), <, 200000);
  g_assert_false (tern_sync_worker_is_drained (world->worker));
  g_clear_object (&world->worker);

  world->worker = tern_sync_worker_new (world->folder, SELF, 7, &format);
  g_assert_cmpuint (push_until_refused (world, large, 200), <, 200);
  g_assert_false (tern_sync_worker_push_frame (world->worker, 1, small));
  tern_sync_worker_run_async (world->worker, world_over_cb, world);
  world_run_until (world, is_drained);
  g_assert_true (tern_sync_worker_push_frame (world->worker, 1, large));
  world_stop (world);
  world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  /* Ten seconds of patience are a quarter of one here. */
  g_setenv ("TERN_CLOCK_SCALE", "40", FALSE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/first-sync", test_first_sync);
  g_test_add_func ("/worker/paused", test_paused);
  g_test_add_func ("/worker/rough", test_rough);
  g_test_add_func ("/worker/delete", test_delete);
  g_test_add_func ("/worker/kicked", test_kicked);
  g_test_add_func ("/worker/garbage", test_garbage);
  g_test_add_func ("/worker/flood", test_flood);
  g_test_add_func ("/worker/stop-at-any-time", test_stop_at_any_time);
  return g_test_run ();
}
