/* tern-reachability.h: tells when it is worth trying the line again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Emits "check-now" when the network changed (GNetworkMonitor) or the machine
 * woke up (a jump between boot time and monotonic time). Main thread only.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TERN_TYPE_REACHABILITY (tern_reachability_get_type ())
G_DECLARE_FINAL_TYPE (TernReachability, tern_reachability, TERN, REACHABILITY, GObject)

TernReachability *tern_reachability_new (void);

G_END_DECLS
