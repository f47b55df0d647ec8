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

static int
get_at_type (World *world)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TernConversationRow) row =
    tern_store_find_conversation (world->reader, SELF, "sg_g0", &error);

  g_assert_no_error (error);

  return row->at_type;
}

static void
tip (World      *world,
     const char *sender)
{
  world_notify (world, "sg_g0", TERN_CONTENT_ANNOUNCED, sender,
                g_strdup ("{\"group\":{\"notification\":\"Tea at four\"}}"));
}

/* Anybody can send the tip; nobody but the server writes the record. */
static void
test_forged_announcement (void)
{
  World *world = make_world ();
  Conversation *group = world_get (world, "sg_g0");

  world_peer_writes (world, group);
  world_settle (world);

  /* Nothing was announced; something else was; somebody else announced it. */
  tip (world, "peer");
  tern_record_set_text (&group->announcement, "");
  world_settle (world);
  g_assert_cmpint (get_at_type (world), ==, 0);
  tip (world, "peer");
  tern_record_set_text (&group->announcement, "Tea at five");
  world_settle (world);
  g_assert_cmpint (get_at_type (world), ==, 0);
  tip (world, "peer");
  tern_record_set_text (&group->announcement, "Tea at four");
  tern_record_set_text (&group->announcer_id, "boss");
  world_settle (world);
  g_assert_cmpint (get_at_type (world), ==, 0);

  /* The record was here before the true tip. */
  tip (world, "boss");
  world_settle (world);
  g_assert_cmpint (get_at_type (world), ==, TERN_AT_ANNOUNCEMENT);
  world_free (world);
}

/* The record comes after the tip, over a line that was cut in between. */
static void
test_announcement_confirmed (void)
{
  World *world = make_world ();
  Conversation *group = world_get (world, "sg_g0");

  world_peer_writes (world, group);
  world_settle (world);
  tip (world, "boss");
  tern_record_set_text (&group->announcement, "");
  world_settle (world);
  g_assert_cmpint (get_at_type (world), ==, 0);
  world_crash (world);
  world_start (world);
  tern_record_set_text (&group->announcement, "Tea at four");
  world_settle (world);
  g_assert_cmpint (get_at_type (world), ==, TERN_AT_ANNOUNCEMENT);
  world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  faulty_vfs_install ();
  g_test_add_func ("/truth/full-disk", test_full_disk);
  g_test_add_func ("/truth/forged-announcement", test_forged_announcement);
  g_test_add_func ("/truth/announcement-confirmed", test_announcement_confirmed);
  return g_test_run ();
}
