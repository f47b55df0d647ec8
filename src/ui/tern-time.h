/* tern-time.h: moments in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *tern_time_word_clock (gint64 time_ms) G_GNUC_WARN_UNUSED_RESULT; /* 14:02 */
char *tern_time_word_short (gint64 time_ms) G_GNUC_WARN_UNUSED_RESULT; /* in a list */
char *tern_time_word_day   (gint64 time_ms) G_GNUC_WARN_UNUSED_RESULT; /* between days */

/* Day and time, for details and copies. */
char *tern_time_word_full  (gint64 time_ms) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
