/* test-runs.c: day breaks and sender runs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "tern-message-runs.h"

#define HOUR_MS ((gint64) 3600 * 1000)
#define DAY_MS (24 * HOUR_MS)

static void
fill (TernMessageRecord *message,
      const char        *sender_id,
      gint64             sent_ms,
      int                type)
{
  memset (message, 0, sizeof *message);
  message->sender_id = (char *) sender_id;
  message->sent_ms = sent_ms;
  message->content_type = type;
}

static void
test_days (void)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GTimeZone) east = g_time_zone_new_identifier ("+08:00");
  g_autoptr (GTimeZone) berlin = g_time_zone_new_identifier ("Europe/Berlin");
  gint64 noon = 20000 * DAY_MS + 12 * HOUR_MS;

  g_assert_cmpint (tern_message_runs_get_day (noon, utc), ==, 20000);
  g_assert_cmpint (tern_message_runs_get_day (noon + 12 * HOUR_MS - 1, utc), ==, 20000);
  g_assert_cmpint (tern_message_runs_get_day (noon + 12 * HOUR_MS, utc), ==, 20001);
  g_assert_cmpint (tern_message_runs_get_day (noon + 4 * HOUR_MS - 1, east), ==, 20000);
  g_assert_cmpint (tern_message_runs_get_day (noon + 4 * HOUR_MS, east), ==, 20001);
  if (berlin != NULL)
    {
      /* 2024-03-31, when the clock was put forward: the day has 23 hours. */
      gint64 midnight = G_GINT64_CONSTANT (1711839600000);
      gint64 day = tern_message_runs_get_day (midnight, berlin);

      g_assert_cmpint (tern_message_runs_get_day (midnight - 1, berlin), ==, day - 1);
      g_assert_cmpint (tern_message_runs_get_day (midnight + 23 * HOUR_MS - 1, berlin), ==, day);
      g_assert_cmpint (tern_message_runs_get_day (midnight + 23 * HOUR_MS, berlin), ==, day + 1);
    }
  /* Whatever a peer sends. */
  tern_message_runs_get_day (G_MAXINT64, east);
  tern_message_runs_get_day (G_MININT64, east);
}

static void
test_runs (void)
{
  static const struct
  {
    const char *previous;
    const char *sender;
    gint64      pause_ms;
    int         previous_type;
    int         type;
    gboolean    starts_day;
    gboolean    starts_run;
  } cases[] = {
    { "a", "a", 1000, 101, 101, FALSE, FALSE },
    { "a", "b", 1000, 101, 101, FALSE, TRUE },
    { "a", "a", 5 * 60 * 1000, 101, 101, FALSE, FALSE },
    { "a", "a", 5 * 60 * 1000 + 1, 101, 101, FALSE, TRUE },
    { "a", "a", -1000, 101, 101, FALSE, FALSE },
    { "a", "a", 1000, 1501, 101, FALSE, TRUE },
    { "a", "a", 1000, 101, 2101, FALSE, TRUE },
    { "a", "a", 1000, 101, 1400, FALSE, FALSE },
    { "a", "a", DAY_MS, 101, 101, TRUE, TRUE },
  };
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  TernMessageRecord previous;
  TernMessageRecord message;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      fill (&previous, cases[i].previous, 20000 * DAY_MS + HOUR_MS, cases[i].previous_type);
      fill (&message, cases[i].sender, previous.sent_ms + cases[i].pause_ms, cases[i].type);
      g_assert_cmpint (tern_message_runs_starts_day (&previous, &message, utc), ==,
                       cases[i].starts_day);
      g_assert_cmpint (tern_message_runs_starts_run (&previous, &message, utc), ==,
                       cases[i].starts_run);
    }
  g_assert_true (tern_message_runs_starts_day (NULL, &message, utc));
  g_assert_true (tern_message_runs_starts_run (NULL, &message, utc));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/runs/days", test_days);
  g_test_add_func ("/runs/runs", test_runs);
  return g_test_run ();
}
