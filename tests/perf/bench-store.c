/* bench-store.c: how fast the store writes and reads
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints figures, asserts none. The number of messages may be given as the
 * argument (100,000 without).
 */

#include "config.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "store-fixture.h"

#define N_CONVERSATIONS 2000

static gint64 n_put;

/* As they come live, all conversations mixed (a few have most of them), or as
 * history is filled in, a thousand of one conversation after the other. */
static TernMessageRecord *
make_message (GRand    *rand,
              gboolean  is_history)
{
  double place = g_rand_double (rand) * g_rand_double (rand) * g_rand_double (rand);
  int conversation = is_history ? (int) (n_put / 1000 % 20) : (int) (N_CONVERSATIONS * place);
  g_autofree char *id = g_strdup_printf ("sg_%d", conversation);
  g_autofree char *sender = g_strdup_printf ("%d", 1000000000 + g_rand_int_range (rand, 0, 300));
  g_autofree char *client_id = g_strdup_printf ("%08x%08x%08x%08x", g_rand_int (rand),
                                                g_rand_int (rand), g_rand_int (rand),
                                                g_rand_int (rand));
  g_autofree char *server_id = g_strdup (client_id);
  TernMessageRecord *message;

  message = store_message_new (id, sender, client_id, ++n_put,
                               "{\"content\":\"Some text of about the length that people write "
                               "when they write to each other, more or less\"}");
  tern_record_set_text (&message->server_id, g_strreverse (server_id));
  tern_record_set_text (&message->sender_face_url, "http://files.example.org/object/face_1234.png");
  return message;
}

static void
bench_insert (TernDb   *db,
              GRand    *rand,
              guint     n_messages,
              guint     n_batch,
              gboolean  is_history)
{
  g_autoptr (GPtrArray) messages = NULL;
  g_autoptr (GError) error = NULL;
  gint64 longest_us = 0;
  gint64 start_us;
  gint64 total_us;

  messages = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_record_free);
  for (guint i = 0; i < n_messages; i++)
    g_ptr_array_add (messages, make_message (rand, is_history));

  start_us = g_get_monotonic_time ();
  for (guint i = 0; i < n_messages; i += n_batch)
    {
      g_autoptr (TernChanges) changes = tern_changes_new ();
      gint64 batch_us = g_get_monotonic_time ();

      tern_db_begin (db, &error);
      for (guint j = i; j < MIN (i + n_batch, n_messages); j++)
        {
          if (!tern_store_put_message (db, messages->pdata[j], changes, &error)
              || !tern_store_ensure_conversation (db, messages->pdata[j], SELF, changes, &error))
            break;
        }
      tern_db_commit (db, error == NULL ? &error : NULL);
      g_assert_no_error (error);
      longest_us = MAX (longest_us, g_get_monotonic_time () - batch_us);
    }
  total_us = g_get_monotonic_time () - start_us;
  g_print ("insert %s, batches of %4u: %8.0f messages/s, mean %.2f ms, longest %.1f ms\n",
           is_history ? "history" : "mixed  ", n_batch,
           n_messages * 1e6 / (double) total_us,
           (double) total_us * n_batch / n_messages / 1000.0, (double) longest_us / 1000.0);
}

static void
bench_pages (TernDb *reader)
{
  g_autoptr (GError) error = NULL;
  gint64 start_us = g_get_monotonic_time ();
  TernMessageKey key = { G_MAXINT64, G_MAXINT64 };
  guint n_pages = 0;

  while (n_pages < 500)
    {
      g_autoptr (GPtrArray) rows = tern_store_list_before (reader, "sg_0", &key, 64, &error);
      TernMessageRecord *first;

      g_assert_no_error (error);
      if (rows->len == 0)
        break;
      first = rows->pdata[0];
      key.position = first->position;
      key.id = first->id;
      n_pages++;
    }
  g_print ("page of 64: %.3f ms (%u pages)\n",
           (double) (g_get_monotonic_time () - start_us) / 1000.0 / MAX (n_pages, 1), n_pages);
}

static void
bench_conversations (TernDb *reader)
{
  g_autoptr (GError) error = NULL;
  guint n = 0;
  gint64 start_us = g_get_monotonic_time ();
  gint64 total_us;

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GPtrArray) rows = tern_store_list_conversations (reader, SELF, &error);

      g_assert_no_error (error);
      n = rows->len;
    }
  total_us = g_get_monotonic_time () - start_us;
  g_print ("list of %u conversations: %.2f ms\n", n, (double) total_us / 20000.0);
}

int
main (int   argc,
      char *argv[])
{
  guint n_messages = argc > 1 ? (guint) atoi (argv[1]) : 100000;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  StoreFixture fixture = { 0 };
  g_autofree char *path = NULL;
  GStatBuf info;

  g_return_val_if_fail (n_messages > 0, 1);

  store_fixture_set_up (&fixture, NULL);
  bench_insert (fixture.writer, rand, n_messages, 100, FALSE);
  bench_insert (fixture.writer, rand, n_messages, 1000, FALSE);
  bench_insert (fixture.writer, rand, n_messages, 100, TRUE);
  bench_insert (fixture.writer, rand, n_messages, 1000, TRUE);
  bench_pages (fixture.reader);
  bench_conversations (fixture.reader);
  tern_db_checkpoint (fixture.writer, NULL);
  path = g_build_filename (fixture.folder, "tern.db", NULL);
  if (g_stat (path, &info) == 0)
    g_print ("size: %.0f bytes per message\n", (double) info.st_size / (4.0 * n_messages));
  store_fixture_tear_down (&fixture, NULL);
  return 0;
}
