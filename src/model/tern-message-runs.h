/* tern-message-runs.h: where a day and a sender's run begin
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure: from a message and the one before it.
 */

#pragma once

#include <glib.h>

#include "tern-records.h"

G_BEGIN_DECLS

/* Which day a moment belongs to, counted from 1970. */
gint64   tern_message_runs_get_day    (gint64                   time_ms,
                                       GTimeZone               *zone);
/* When it was sent, as far as is known. */
gint64   tern_message_runs_get_time   (const TernMessageRecord *message);
gboolean tern_message_runs_is_notice  (const TernMessageRecord *message);
/* @previous: (nullable): there is nothing before */
gboolean tern_message_runs_starts_day (const TernMessageRecord *previous,
                                       const TernMessageRecord *message,
                                       GTimeZone               *zone);
gboolean tern_message_runs_starts_run (const TernMessageRecord *previous,
                                       const TernMessageRecord *message,
                                       GTimeZone               *zone);

G_END_DECLS
