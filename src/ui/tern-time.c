/* tern-time.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-time.h"

#include <glib/gi18n.h>

static GDateTime *
local_time (gint64 time_ms)
{
  GDateTime *time = g_date_time_new_from_unix_local (time_ms / 1000);

  /* Nonsense from a peer: there must be some moment to show. */
  return time != NULL ? time : g_date_time_new_from_unix_local (0);
}

static int
days_ago (GDateTime *time)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  GDate today;
  GDate day;

  g_date_set_dmy (&today, (GDateDay) g_date_time_get_day_of_month (now),
                  (GDateMonth) g_date_time_get_month (now), (GDateYear) g_date_time_get_year (now));
  g_date_set_dmy (&day, (GDateDay) g_date_time_get_day_of_month (time),
                  (GDateMonth) g_date_time_get_month (time),
                  (GDateYear) g_date_time_get_year (time));

  return (int) g_date_get_julian (&today) - (int) g_date_get_julian (&day);
}

/* The language of the program and LC_TIME need not be the same, and the one
 * that LC_TIME names need not be installed: no day of it in a line of another. */
static char *
format (GDateTime  *time,
        const char *pattern)
{
  static const char * const days[] = {
    NC_("weekday", "Monday"), NC_("weekday", "Tuesday"), NC_("weekday", "Wednesday"),
    NC_("weekday", "Thursday"), NC_("weekday", "Friday"), NC_("weekday", "Saturday"),
    NC_("weekday", "Sunday"),
  };
  static const char * const short_days[] = {
    NC_("short weekday", "Mon"), NC_("short weekday", "Tue"), NC_("short weekday", "Wed"),
    NC_("short weekday", "Thu"), NC_("short weekday", "Fri"), NC_("short weekday", "Sat"),
    NC_("short weekday", "Sun"),
  };
  static const char * const months[] = {
    NC_("month", "January"), NC_("month", "February"), NC_("month", "March"),
    NC_("month", "April"), NC_("month", "May"), NC_("month", "June"), NC_("month", "July"),
    NC_("month", "August"), NC_("month", "September"), NC_("month", "October"),
    NC_("month", "November"), NC_("month", "December"),
  };
  int day = g_date_time_get_day_of_week (time) - 1;
  int month = g_date_time_get_month (time) - 1;
  g_autoptr(GString) text = g_string_new (pattern);

  g_string_replace (text, "%A", g_dpgettext2 (NULL, "weekday", days[day]), 0);
  g_string_replace (text, "%a", g_dpgettext2 (NULL, "short weekday", short_days[day]), 0);
  g_string_replace (text, "%B", g_dpgettext2 (NULL, "month", months[month]), 0);

  return g_date_time_format (time, text->str);
}

/**
 * tern_time_word_clock:
 * @time_ms: since 1970, UTC
 *
 * Returns: (transfer full): the time of day
 */
char *
tern_time_word_clock (gint64 time_ms)
{
  g_autoptr(GDateTime) time = local_time (time_ms);

  /* Translators: a time of day, see g_date_time_format() */
  return g_date_time_format (time, _("%H:%M"));
}

/**
 * tern_time_word_short:
 * @time_ms: since 1970, UTC
 *
 * Returns: (transfer full): as exact as one wants it in a list
 */
char *
tern_time_word_short (gint64 time_ms)
{
  g_autoptr(GDateTime) time = local_time (time_ms);
  int days = days_ago (time);

  if (days == 0)
    return g_date_time_format (time, _("%H:%M"));
  if (days == 1)
    return g_strdup (_("Yesterday"));
  if (days > 1 && days < 7)
    return format (time, "%a");

  return g_date_time_format (time, "%x");
}

/**
 * tern_time_word_day:
 * @time_ms: since 1970, UTC
 *
 * Returns: (transfer full): the day
 */
char *
tern_time_word_day (gint64 time_ms)
{
  g_autoptr(GDateTime) time = local_time (time_ms);
  int days = days_ago (time);

  if (days == 0)
    return g_strdup (_("Today"));
  if (days == 1)
    return g_strdup (_("Yesterday"));

  /* Translators: a day between messages, see g_date_time_format() */
  return format (time, _("%A, %e %B %Y"));
}

/**
 * tern_time_word_full:
 * @time_ms: since 1970, UTC
 *
 * Returns: (transfer full): the day and the time of day
 */
char *
tern_time_word_full (gint64 time_ms)
{
  g_autoptr(GDateTime) time = local_time (time_ms);

  /* Translators: day and time of a message, see g_date_time_format() */
  return format (time, _("%e %B %Y, %H:%M"));
}
