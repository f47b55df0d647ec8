/* tern-clock.h: wall and monotonic time, replaceable in tests
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread: any. TERN_CLOCK_SCALE in the environment of a test build makes all
 * waits of this program that many times shorter; TERN_CLOCK_JUMP_MS lets its
 * wall clock jump so far back and ahead, again and again, and makes it believe
 * that the machine slept as long each time.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gint64 tern_clock_get_wall_ms      (void); /* since 1970, UTC */
gint64 tern_clock_get_monotonic_us (void); /* stands still while suspended */
gint64 tern_clock_get_boottime_us  (void); /* counts suspended time too */
gint64 tern_clock_scale_us         (gint64 duration_us); /* a wait, as to be waited */
guint  tern_clock_scale_ms         (guint  duration_ms);
void   tern_clock_skip_us          (gint64 duration_us); /* for tests */

G_END_DECLS
