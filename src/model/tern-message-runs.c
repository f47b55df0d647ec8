/* tern-message-runs.c: where a day and a sender's run begin
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-message-runs.h"

/* What one person writes within this time reads as one piece. */
#define MAX_PAUSE_MS (5 * 60 * 1000)

/* Times come from peers; outside of these years a calendar is of no use. */
#define MAX_TIME_MS (G_GINT64_CONSTANT (253402300799) * 1000) /* end of the year 9999 */

/**
 * tern_message_runs_get_day:
 * @zone: where the reader is
 *
 * Returns: the number of the day
 */
gint64
tern_message_runs_get_day (gint64     time_ms,
                           GTimeZone *zone)
{
  gint64 time_s = CLAMP (time_ms, 0, MAX_TIME_MS) / 1000;
  gint interval = g_time_zone_find_interval (zone, G_TIME_TYPE_UNIVERSAL, time_s);
  gint64 local_s = time_s + g_time_zone_get_offset (zone, interval);

  /* Rounds down also west of Greenwich on the first day. */
  return local_s >= 0 ? local_s / 86400 : -1;
}

/**
 * tern_message_runs_get_time:
 *
 * Returns: the server's time, else the sender's
 */
gint64
tern_message_runs_get_time (const TernMessageRecord *message)
{
  return message->sent_ms > 0 ? message->sent_ms : message->created_ms;
}

/**
 * tern_message_runs_is_notice:
 *
 * Returns: whether it is a centred line rather than somebody's bubble
 */
gboolean
tern_message_runs_is_notice (const TernMessageRecord *message)
{
  return message->content_type >= TERN_CONTENT_NOTICE_FIRST
         && message->content_type != TERN_CONTENT_OFFICIAL;
}

/**
 * tern_message_runs_starts_day:
 *
 * Returns: whether the date belongs above @message
 */
gboolean
tern_message_runs_starts_day (const TernMessageRecord *previous,
                              const TernMessageRecord *message,
                              GTimeZone               *zone)
{
  return previous == NULL
         || tern_message_runs_get_day (tern_message_runs_get_time (previous), zone)
            != tern_message_runs_get_day (tern_message_runs_get_time (message), zone);
}

/**
 * tern_message_runs_starts_run:
 *
 * Returns: whether the sender belongs above @message
 */
gboolean
tern_message_runs_starts_run (const TernMessageRecord *previous,
                              const TernMessageRecord *message,
                              GTimeZone               *zone)
{
  gint64 pause_ms;

  if (tern_message_runs_starts_day (previous, message, zone)
      || tern_message_runs_is_notice (previous) || tern_message_runs_is_notice (message)
      || !g_str_equal (previous->sender_id, message->sender_id))
    return TRUE;
  pause_ms = tern_message_runs_get_time (message) - tern_message_runs_get_time (previous);
  return pause_ms > MAX_PAUSE_MS;
}
