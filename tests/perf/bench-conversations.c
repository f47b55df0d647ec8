/* bench-conversations.c: the list of 10,000 conversations
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the list itself costs the main thread: the model has read the rows from
 * the store already. On the processor, without what GTK does in a frame unless
 * it is said.
 */

#include "config.h"

#include "bench-support.h"
#include "conversations-fixture.h"

#define N_BUMPS 200
#define N_AT_ONCE 1000
#define N_FRAMES 300

static void
print (const char *what,
       GArray     *times)
{
  g_array_sort (times, bench_compare);
  g_print ("list of chats, %s, median: %.3f ms\n", what,
           g_array_index (times, double, times->len / 2));
  g_print ("list of chats, %s, p99: %.3f ms\n", what,
           g_array_index (times, double, times->len * 99 / 100));
  g_array_unref (times);
}

/* The pointer holds it, so that what the model does is not in it. */
static double
measure_apply (ConversationsFixture *self)
{
  double begun = bench_get_cpu_ms ();

  tern_conversation_filter_apply (self->filter);

  return bench_get_cpu_ms () - begun;
}

static void
bench_bumps (ConversationsFixture *self,
             guint                 n)
{
  GArray *calls = g_array_new (FALSE, FALSE, sizeof (double));
  GArray *frames = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < N_BUMPS; i++)
    {
      double ms;

      tern_conversation_filter_set_held (self->filter, TRUE);
      conversations_bump (self, (i * 7919) % n);
      ms = measure_apply (self);
      g_array_append_val (calls, ms);
      tern_conversation_filter_set_held (self->filter, FALSE);
      ms = bench_get_cpu_ms ();
      conversations_frame (self);
      ms = bench_get_cpu_ms () - ms;
      g_array_append_val (frames, ms);
    }
  print ("one goes up", calls);
  print ("the frame after it", frames);
}

static void
bench_many (ConversationsFixture *self,
            guint                 n)
{
  tern_conversation_filter_set_held (self->filter, TRUE);
  store_fixture_begin (&self->store);
  for (guint i = 0; i < N_AT_ONCE; i++)
    conversations_put (self, n - 1 - i);
  conversations_tell (self);
  g_print ("list of chats, %u go up at once: %.3f ms\n", N_AT_ONCE, measure_apply (self));
  tern_conversation_filter_set_held (self->filter, FALSE);
  conversations_frame (self);
}

static void
bench_scroll (ConversationsFixture *self,
              double                by)
{
  g_autofree char *what = g_strdup_printf ("a frame scrolled by %.0f", by);
  GArray *frames = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < N_FRAMES; i++)
    {
      double ms = bench_get_cpu_ms ();

      conversations_scroll (self, by);
      ms = bench_get_cpu_ms () - ms;
      g_array_append_val (frames, ms);
    }
  print (what, frames);
}

static void
bench_filter (ConversationsFixture *self)
{
  static const char *const texts[] = { "m", "ma", "may", "小", "nobody", "" };
  GArray *times = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      double ms = bench_get_cpu_ms ();

      tern_conversation_filter_set_text (self->filter, texts[i]);
      ms = bench_get_cpu_ms () - ms;
      g_array_append_val (times, ms);
      conversations_frame (self);
    }
  print ("a letter typed to find one", times);
}

int
main (int   argc,
      char *argv[])
{
  const guint n = 10000;
  ConversationsFixture self = { 0 };

  adw_init ();
  conversations_set_up (&self, n);
  bench_bumps (&self, n);
  bench_many (&self, n);
  bench_scroll (&self, 40);
  bench_scroll (&self, 400);
  bench_filter (&self);
  conversations_tear_down (&self);

  return 0;
}
