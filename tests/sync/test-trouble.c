/* test-trouble.c: answers that no line can take, disks that refuse
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "engine-chat.h"

#include <sqlite3.h>

#include "faulty-vfs.h"
#include "tern-db-private.h"

/* What the server has of the person's own. */
static guint
count_sent (World *world)
{
  const Conversation *conversation = world_get (world, CHAT);
  guint n = 0;

  for (guint i = 0; i < conversation->slots->len; i++)
    {
      const Slot *slot = conversation->slots->pdata[i];

      n += slot->message != NULL && g_str_equal (slot->message->sender_id, SELF);
    }

  return n;
}

/* Less is asked for at once, until a line can take it. */
static void
test_too_large (void)
{
  World *world = chat_world_new (3000);

  world->max_answer = 90;
  world_connect (world);
  for (guint i = 0; i < 2000 && !world->is_complete; i++)
    {
      if (!world->is_up)
        world_connect (world);
      world_step (world);
    }
  g_assert_true (world->is_complete);
  g_assert_cmpuint (chat_count_rows (world), ==, 3000);
  g_assert_cmpuint (world->epoch, >, 1);
  g_assert_cmpuint (world->epoch, <, 20);
  world_free (world);
}

/* A commit failed, and what is on disk could not even be read: what comes then
 * must not be added to what only the memory knows. */
static void
test_stale (void)
{
  World *world = chat_world_new (25);

  world_settle (world);
  faulty_vfs_arm (1, SQLITE_FULL, TRUE);
  world_peer_writes (world, world_get (world, CHAT));
  while (!faulty_vfs_has_failed ())
    world_step (world);
  faulty_vfs_arm (0, 0, FALSE);
  world->engine->is_stale = TRUE;
  tern_sync_plan_cover (world->engine->plan, CHAT, 26, 26);
  world_peer_writes (world, world_get (world, CHAT));
  while (world->pushes->len > 0)
    world_step (world);
  world_settle (world);
  g_assert_cmpuint (chat_count_rows (world), ==, 27);
  world_free (world);
}

/* FALSE: no write was left to fail. */
static gboolean
refuse_write (guint n)
{
  World *world = chat_world_new (1);
  gboolean has_failed;

  world_settle (world);
  faulty_vfs_arm (n, SQLITE_FULL, FALSE);
  world_person_writes (world, world_get (world, CHAT));
  while (world->n_open > 0)
    world_step (world);
  has_failed = faulty_vfs_has_failed ();
  faulty_vfs_arm (0, 0, FALSE);
  world_settle (world);
  g_assert_cmpuint (count_sent (world) + world->n_refused, ==, 1);
  g_assert_cmpuint (chat_count_rows (world), ==, 1 + count_sent (world));
  world_free (world);

  return has_failed;
}

/* Sent, or "not stored", but never both. */
static void
test_sent_or_refused (void)
{
  guint n = 1;

  while (refuse_write (n))
    n++;
  g_assert_cmpuint (n, >, 2);
}

/* A message whose fate is in question is no reason to spin meanwhile. */
static void
test_full_disk_is_left_alone (void)
{
  World *world = chat_world_new (1);

  world_settle (world);
  world_person_writes (world, world_get (world, CHAT));
  while (world->n_open > 0)
    world_step (world);
  world_cut (world);
  world_connect (world);
  faulty_vfs_arm (1, SQLITE_FULL, TRUE);
  while (world->engine->store_retry_us == 0)
    world_step (world);
  tern_clock_skip_us (world->engine->store_retry_us - tern_sync_engine_now () - G_USEC_PER_SEC);
  g_assert_cmpint (tern_sync_engine_get_timeout (world->engine), >, 0);
  faulty_vfs_arm (0, 0, FALSE);
  world_settle (world);
  g_assert_cmpuint (count_sent (world), ==, 1);
  world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  faulty_vfs_install ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trouble/too-large", test_too_large);
  g_test_add_func ("/trouble/stale", test_stale);
  g_test_add_func ("/trouble/sent-or-refused", test_sent_or_refused);
  g_test_add_func ("/trouble/full-disk-is-left-alone", test_full_disk_is_left_alone);

  return g_test_run ();
}
