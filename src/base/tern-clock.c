/* tern-clock.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-clock.h"

#include <time.h>

/* The largest that makes sense: below a millisecond timers only spin. */
#define MAX_SCALE 1000.0

/* How often a clock that jumps does so; scaled. */
#define JUMP_EVERY_US (10 * G_USEC_PER_SEC)

static double scale = 1.0;
static gint64 jump_ms;

static void
read_environment (void)
{
  static gsize is_ready = 0;

  if (g_once_init_enter (&is_ready))
    {
      const char *scale_text = g_getenv ("TERN_CLOCK_SCALE");
      const char *jump_text = g_getenv ("TERN_CLOCK_JUMP_MS");

      if (scale_text != NULL)
        scale = CLAMP (g_ascii_strtod (scale_text, NULL), 1.0, MAX_SCALE);
      if (jump_text != NULL)
        jump_ms = CLAMP (g_ascii_strtoll (jump_text, NULL, 10), 0, G_MAXINT32);
      g_once_init_leave (&is_ready, 1);
    }
}

static double
get_scale (void)
{
  read_environment ();

  return scale;
}

/* How often a clock that jumps has done so. */
static gint64
count_jumps (void)
{
  read_environment ();

  return jump_ms > 0 ? g_get_monotonic_time () / tern_clock_scale_us (JUMP_EVERY_US) : 0;
}

static gint64 skipped_us; /* (atomic) */

/**
 * tern_clock_skip_us:
 * @duration_us: how far
 *
 * Moves the monotonic clock of this process forward: a test need not wait.
 */
void
tern_clock_skip_us (gint64 duration_us)
{
  __atomic_add_fetch (&skipped_us, duration_us, __ATOMIC_SEQ_CST);
}

/**
 * tern_clock_get_wall_ms:
 *
 * Returns: milliseconds since 1970, UTC; may jump
 */
gint64
tern_clock_get_wall_ms (void)
{
  /* Back, right, ahead. */
  return g_get_real_time () / 1000 + (count_jumps () % 3 - 1) * jump_ms;
}

/**
 * tern_clock_get_monotonic_us:
 *
 * Returns: microseconds since some moment; stands still while the machine
 *   sleeps
 */
gint64
tern_clock_get_monotonic_us (void)
{
  return g_get_monotonic_time () + __atomic_load_n (&skipped_us, __ATOMIC_SEQ_CST);
}

/**
 * tern_clock_get_boottime_us:
 *
 * Returns: microseconds since the machine started, sleep included
 */
gint64
tern_clock_get_boottime_us (void)
{
  struct timespec now;

  if (clock_gettime (CLOCK_BOOTTIME, &now) != 0)
    return g_get_monotonic_time ();

  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000 +
         count_jumps () * jump_ms * 1000;
}

/**
 * tern_clock_scale_us:
 * @duration_us: a wait, in microseconds
 *
 * Returns: how long to really wait: at least 1 µs if @duration_us is
 *   positive; @duration_us itself when it is not
 */
gint64
tern_clock_scale_us (gint64 duration_us)
{
  if (duration_us <= 0)
    return duration_us;

  return MAX (1, (gint64) ((double) duration_us / get_scale ()));
}

/**
 * tern_clock_scale_ms:
 * @duration_ms: a wait, in milliseconds
 *
 * Returns: how long to really wait; at least 1 ms if @duration_ms is not 0
 */
guint
tern_clock_scale_ms (guint duration_ms)
{
  if (duration_ms == 0)
    return 0;

  return MAX (1, (guint) (duration_ms / get_scale ()));
}
