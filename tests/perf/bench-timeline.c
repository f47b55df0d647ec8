/* bench-timeline.c: the timeline with real rows over a real store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-timeline [MESSAGES]: CPU time of the main thread per frame, everything
 * between two frames included; and how much longer a long conversation takes
 * to open than one of 1,000.
 */

#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench-support.h"
#include "timeline-fixture.h"

#define N_OPENS 20

static void
print (const char *name,
       double     *times,
       guint       n)
{
  double sum = 0;
  guint n_late = 0;

  qsort (times, n, sizeof (double), bench_compare);
  for (guint i = 0; i < n; i++)
    {
      sum += times[i];
      n_late += times[i] > 16.6;
    }
  fprintf (stdout, "%s, mean: %.2f ms\n", name, sum / n);
  fprintf (stdout, "%s, p99: %.2f ms\n", name, times[n * 99 / 100]);
  fprintf (stdout, "%s, late: %u frames\n", name, n_late);
}

/* Opens the conversation again and again; the median until it is painted. */
static double
time_opening (TimelineFixture *self)
{
  double times[N_OPENS];

  for (guint i = 0; i < N_OPENS; i++)
    {
      double begun;

      tern_timeline_set_source (self->timeline, NULL);
      timeline_fixture_frame (self);
      begun = bench_get_cpu_ms ();
      tern_timeline_set_source (self->timeline, TERN_TIMELINE_SOURCE (self->list));
      timeline_fixture_frame (self);
      times[i] = bench_get_cpu_ms () - begun;
    }
  qsort (times, N_OPENS, sizeof (double), bench_compare);

  return times[N_OPENS / 2];
}

static void
time_scrolling (TimelineFixture *self,
                const char      *name,
                double           by,
                guint            n)
{
  g_autofree double *times = g_new (double, n);

  for (guint i = 0; i < n; i++)
    {
      double begun = bench_get_cpu_ms ();

      gtk_adjustment_set_value (self->adjustment,
                                gtk_adjustment_get_value (self->adjustment) + by);
      timeline_fixture_frame (self);
      times[i] = bench_get_cpu_ms () - begun;
    }
  print (name, times, n);
}

static void
time_dragging (TimelineFixture *self)
{
  double times[60];

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      double lower = gtk_adjustment_get_lower (self->adjustment);
      double range = gtk_adjustment_get_upper (self->adjustment) -
                     gtk_adjustment_get_page_size (self->adjustment) - lower;
      double begun = bench_get_cpu_ms ();

      gtk_adjustment_set_value (self->adjustment, lower + range * (0.9 - i * 0.01));
      timeline_fixture_frame (self);
      times[i] = bench_get_cpu_ms () - begun;
    }
  print ("drag", times, G_N_ELEMENTS (times));
}

static void
time_jumping (TimelineFixture *self)
{
  double times[30];

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      double begun = bench_get_cpu_ms ();

      tern_timeline_jump (self->timeline, 1 + (gint64) (i * 7919 % (self->max_seq / 10)) * 10);
      timeline_fixture_frame (self);
      times[i] = bench_get_cpu_ms () - begun;
    }
  print ("jump", times, G_N_ELEMENTS (times));
}

int
main (int   argc,
      char *argv[])
{
  gint64 n = argc > 1 ? g_ascii_strtoll (argv[1], NULL, 10) : 100000;
  TimelineFixture few = { 0 };
  TimelineFixture many = { 0 };
  double short_ms;
  double long_ms;

  gtk_init ();
  adw_init ();
  timeline_fixture_set_up (&few, 1000);
  timeline_fixture_frame (&few);
  time_opening (&few); /* fonts, caches */
  short_ms = time_opening (&few);
  timeline_fixture_tear_down (&few);

  timeline_fixture_set_up (&many, n);
  timeline_fixture_frame (&many);
  long_ms = time_opening (&many);
  fprintf (stdout, "open of 1000: %.2f ms\n", short_ms);
  fprintf (stdout, "open of many: %.2f ms\n", long_ms);
  fprintf (stdout, "open of many to that of 1000: %.3f times\n", long_ms / short_ms);
  time_scrolling (&many, "scroll 40", -40, 600);
  time_scrolling (&many, "scroll 400", -400, 200);
  time_dragging (&many);
  time_jumping (&many);
  timeline_fixture_tear_down (&many);

  return 0;
}
