/* test-truth.c: what the engine tells is so
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "engine-world.h"

#include <sqlite3.h>

#include "faulty-vfs.h"

#define N_MESSAGES 25

/* The newest screenful and more. */
static World *
make_world (void)
{
  World *world = world_new (1);

  world->is_rough = FALSE;
  for (guint i = 0; i < N_MESSAGES; i++)
    world_peer_writes (world, world_get (world, "si_me_peer"));
  world_start (world);

  return world;
}

static guint
count_rows (World *world)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) rows =
    tern_store_list_before (world->reader, "si_me_peer", NULL, N_MESSAGES + 1, &error);

  g_assert_no_error (error);

  return rows->len;
}

/* The disk is full from the n-th write on, then there is room again. */
static gboolean
fill_disk (guint n)
{
  World *world = make_world ();
  gboolean has_failed;

  faulty_vfs_arm (n, SQLITE_FULL, TRUE);
  world_connect (world);
  for (guint i = 0; i < 100 && !world->is_complete; i++)
    {
      world_step (world);
      if (world->is_complete)
        g_assert_cmpuint (count_rows (world), ==, N_MESSAGES);
      if (world->has_ended || world->state == TERN_SYNC_LIVE)
        g_assert_cmpuint (count_rows (world), >=, 20);
    }
  has_failed = faulty_vfs_has_failed ();
  g_assert_true (world->is_complete != has_failed);
  faulty_vfs_arm (0, 0, FALSE);
  world_settle (world);
  g_assert_cmpuint (count_rows (world), ==, N_MESSAGES);
  world_free (world);

  return has_failed;
}

static void
test_full_disk (void)
{
  guint n = 1;

  while (fill_disk (n))
    n++;
  g_assert_cmpuint (n, >, 3);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  faulty_vfs_install ();
  g_test_add_func ("/truth/full-disk", test_full_disk);
  return g_test_run ();
}
