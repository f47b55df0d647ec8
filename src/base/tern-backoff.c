/* tern-backoff.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-backoff.h"

#define FIRST_MS 1000
#define LAST_MS 30000

/**
 * tern_backoff_next_ms:
 * @self: the attempts so far
 *
 * Counts a failure.
 *
 * Returns: milliseconds to wait before the next attempt, not scaled by
 *   tern_clock_scale_ms()
 */
guint
tern_backoff_next_ms (TernBackoff *self)
{
  guint base_ms = LAST_MS;
  double jitter;

  if (self->n_failures < 5) /* 1 s << 5 is above 30 s */
    base_ms = FIRST_MS << self->n_failures;
  if (self->n_failures < G_MAXUINT)
    self->n_failures++;

  jitter = self->rand != NULL ? g_rand_double_range (self->rand, 0.8, 1.2)
                              : g_random_double_range (0.8, 1.2);

  return (guint) (base_ms * jitter);
}

/**
 * tern_backoff_reset:
 * @self: the attempts so far
 *
 * Forgets all failures.
 */
void
tern_backoff_reset (TernBackoff *self)
{
  self->n_failures = 0;
}
