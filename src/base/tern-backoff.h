/* tern-backoff.h: how long to wait before the next attempt
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure: doubles from 1 s to 30 s and stays there, each +-20 % (protocol 01
 * section 5.6).
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint  n_failures;
  GRand *rand; /* (borrowed) (nullable): for tests; NULL: GLib's own */
} TernBackoff;

guint tern_backoff_next_ms (TernBackoff *self); /* also counts a failure */
void  tern_backoff_reset   (TernBackoff *self);

G_END_DECLS
