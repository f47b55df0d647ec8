/* test-line.c: what one line brings, without another after it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "engine-chat.h"

#include <glib/gstdio.h>

/* The newest screenful and more. */
#define N_MESSAGES 25

/* A run that is over leaves no log behind: all is in the database itself. */
static void
test_checkpoint (void)
{
  World *world = chat_world_new (N_MESSAGES);
  g_autoptr(GDir) folder = g_dir_open (world->folder, 0, NULL);
  const char *name;
  gboolean has_log = FALSE;

  world_settle (world);
  world_cut (world);
  world_step (world);
  world_peer_writes (world, world_get (world, "si_me_peer"));
  world_connect (world);
  world->has_ended = FALSE;
  while (!world->has_ended)
    world_step (world);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (world->folder, name, NULL);
      GStatBuf status;

      if (!g_str_has_suffix (name, "-wal"))
        continue;
      has_log = TRUE;
      g_assert_cmpint (g_stat (path, &status), ==, 0);
      g_assert_cmpint (status.st_size, ==, 0);
    }
  g_assert_true (has_log);
  world_free (world);
}

/* When the newest numbers and the records are asked for again. */
#define RECHECK_US (5 * 60 * G_USEC_PER_SEC)

/* A number that is never used stands among the newest, and took all its chances
 * long ago. Then one is counted that cannot be read yet. */
static void
test_late_row (void)
{
  for (guint i = 0; i < 2; i++)
    {
      World *world = chat_world_new (N_MESSAGES);
      Conversation *chat = world_get (world, "si_me_peer");
      Slot *slot;

      g_ptr_array_add (chat->slots, g_new0 (Slot, 1));
      world_settle (world);
      world_peer_writes (world, chat);
      g_ptr_array_set_size (world->pushes, 0);
      slot = chat->slots->pdata[chat->slots->len - 1];
      slot->unreadable = G_MAXUINT;
      tern_clock_skip_us (RECHECK_US);
      do
        world_step (world);
      while (world->engine->retry_us == 0);
      if (i == 1)
        {
          /* Not for a long time: it is asked for now and then all the same. */
          world_run_out (world);
          g_assert_cmpuint (chat_count_rows (world), ==, N_MESSAGES);
          tern_clock_skip_us (RECHECK_US);
        }
      slot->unreadable = 0;
      world_step (world);
      world_run_out (world);
      g_assert_cmpuint (chat_count_rows (world), ==, N_MESSAGES + 1);
      world_free (world);
    }
}

static void
restart (World *world)
{
  world_crash (world);
  world_start (world);
  world_connect (world);
}

static void
clear (World *world)
{
  Conversation *chat = world_get (world, "si_me_peer");

  chat->first = (gint64) chat->slots->len + 1;
  chat->is_cleared = TRUE;
  world_notify (world, "n_me_peer", TERN_CONTENT_CLEARED, "peer",
                g_strdup ("{\"userID\":\"peer\",\"conversationIDs\":[\"si_me_peer\"]}"));
}

static void
say_read (World *world,
          gint64 seq)
{
  world_notify (world, "n_me_peer", TERN_CONTENT_READ, "peer",
                g_strdup_printf ("{\"markAsReadUserID\":\"peer\",\"seqs\":null"
                                 ",\"conversationID\":\"si_me_peer\",\"hasReadSeq\":%"
                                 G_GINT64_FORMAT "}", seq));
}

/* It is pushed to an engine that has just begun, and to one that has not been
 * told the numbers yet. */
static void
test_before_plan (void)
{
  World *world = chat_world_new (N_MESSAGES);
  Conversation *chat = world_get (world, "si_me_peer");
  g_autoptr(GPtrArray) rows = NULL;
  const TernMessageRecord *last;

  while (chat->slots->len < 150)
    world_peer_writes (world, chat);
  world_settle (world);
  world_person_writes (world, chat);
  world_run_out (world);
  restart (world);
  say_read (world, (gint64) chat->slots->len);
  world_deliver_pushes (world);
  world_run_out (world);
  rows = chat_list_rows (world);
  last = rows->pdata[rows->len - 1];
  g_assert_cmpstr (last->sender_id, ==, SELF);
  g_assert_true (last->is_read);

  restart (world);
  clear (world);
  world_deliver_pushes (world);
  world_run_out (world);
  g_assert_cmpuint (chat_count_rows (world), ==, 0);
  world_free (world);
}

/* Another device of one's own writes. */
static void
write_elsewhere (World *world)
{
  world_notify (world, "si_me_peer", TERN_CONTENT_TEXT, SELF, g_strdup ("{}"));
}

static gboolean
is_last_read (World *world)
{
  g_autoptr(GPtrArray) rows = chat_list_rows (world);
  const TernMessageRecord *last = rows->pdata[rows->len - 1];

  g_assert_cmpint (last->seq, ==, (gint64) world_get (world, "si_me_peer")->slots->len);
  g_assert_cmpstr (last->sender_id, ==, SELF);

  return last->is_read;
}

/* The receipt overtakes the message. One that is made up does no harm to what
 * is written long after. */
static void
test_early_receipt (void)
{
  World *world = chat_world_new (N_MESSAGES);
  Conversation *chat = world_get (world, "si_me_peer");

  world_settle (world);
  say_read (world, (gint64) chat->slots->len + 1);
  world_deliver_pushes (world);
  write_elsewhere (world);
  world_deliver_pushes (world);
  g_assert_true (is_last_read (world));
  write_elsewhere (world);
  world_deliver_pushes (world);
  g_assert_false (is_last_read (world));

  say_read (world, G_MAXINT64);
  world_deliver_pushes (world);
  g_assert_true (is_last_read (world));
  for (guint i = 0; i < 101; i++)
    write_elsewhere (world);
  world_deliver_pushes (world);
  g_assert_false (is_last_read (world));
  world_free (world);
}

/* The numbers are refused for some minutes: they are asked for less and less often,
 * and nothing else is for their sake. */
static void
test_refused_numbers (void)
{
  World *world = chat_world_new (N_MESSAGES);

  world_settle (world);
  world->is_refusing = TRUE;
  tern_clock_skip_us (RECHECK_US);
  world_step (world);
  world->n_newest = 0;
  world->n_wanted = 0;
  for (guint i = 0; i < 250; i++)
    {
      tern_clock_skip_us (G_USEC_PER_SEC / 2);
      world_step (world);
    }
  g_assert_cmpuint (world->n_newest, >, 3);
  g_assert_cmpuint (world->n_newest, <, 20);
  g_assert_cmpuint (world->n_wanted, ==, 1);

  world->is_refusing = FALSE;
  world_peer_writes (world, world_get (world, "si_me_peer"));
  g_ptr_array_set_size (world->pushes, 0);
  while (chat_count_rows (world) == N_MESSAGES)
    {
      tern_clock_skip_us (G_USEC_PER_SEC);
      world_step (world);
    }
  g_assert_cmpuint (world->n_wanted, ==, 1);
  world_free (world);
}

/* Somebody sends without end that messages were deleted: what is to be looked at
 * stays within bounds. What was in fact deleted is gone in the end. */
static void
test_flood_of_deletions (void)
{
  g_autoptr(GString) seqs = g_string_new ("1");
  World *world = chat_world_new (N_MESSAGES);
  Conversation *chat = world_get (world, "si_me_peer");
  Slot *slot = chat->slots->pdata[N_MESSAGES / 2];
  guint n_max = 0;

  for (guint i = 2; i <= 120; i++)
    g_string_append_printf (seqs, ",%u,%u", i, i - 1);
  world_settle (world);
  for (guint i = 0; i < 100; i++)
    {
      if (i == 99)
        g_clear_pointer (&slot->message, tern_message_record_free);
      world_notify (world, "n_me_peer", TERN_CONTENT_DELETED, "peer",
                    g_strdup_printf ("{\"userID\":\"peer\",\"seqs\":[%s]"
                                     ",\"conversationID\":\"si_me_peer\"}", seqs->str));
      world_deliver_pushes (world);
      n_max = MAX (n_max, world->engine->looks->len);
    }
  g_assert_cmpuint (n_max, >, 1000);
  g_assert_cmpuint (n_max, <=, 10000);
  world_run_out (world);
  g_assert_cmpuint (chat_count_rows (world), ==, N_MESSAGES - 1);
  world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/line/checkpoint", test_checkpoint);
  g_test_add_func ("/line/late-row", test_late_row);
  g_test_add_func ("/line/before-plan", test_before_plan);
  g_test_add_func ("/line/early-receipt", test_early_receipt);
  g_test_add_func ("/line/refused-numbers", test_refused_numbers);
  g_test_add_func ("/line/flood-of-deletions", test_flood_of_deletions);
  return g_test_run ();
}
