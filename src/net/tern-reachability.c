/* tern-reachability.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-reachability.h"

#include "tern-clock.h"

/* How often the two clocks are compared, and what difference is a sleep. */
#define COMPARE_S 5
#define SLEEP_US (2 * G_USEC_PER_SEC)

struct _TernReachability
{
  GObject          parent_instance;

  GNetworkMonitor *monitor;
  gint64           offset_us; /* boot time less monotonic time */
  guint            timer_id;
};

G_DEFINE_FINAL_TYPE (TernReachability, tern_reachability, G_TYPE_OBJECT)

static guint check_now_signal;

static gint64
get_offset_us (void)
{
  return tern_clock_get_boottime_us () - tern_clock_get_monotonic_us ();
}

static gboolean
compare_cb (gpointer user_data)
{
  TernReachability *self = user_data;
  gint64 offset_us = get_offset_us ();
  gboolean has_slept = offset_us - self->offset_us > SLEEP_US;

  self->offset_us = offset_us;
  if (has_slept)
    g_signal_emit (self, check_now_signal, 0);

  return G_SOURCE_CONTINUE;
}

static void
network_changed_cb (GNetworkMonitor *monitor,
                    gboolean         is_available,
                    gpointer         user_data)
{
  g_signal_emit (user_data, check_now_signal, 0);
}

static void
tern_reachability_dispose (GObject *object)
{
  TernReachability *self = TERN_REACHABILITY (object);

  g_clear_handle_id (&self->timer_id, g_source_remove);
  if (self->monitor != NULL)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_clear_object (&self->monitor);

  G_OBJECT_CLASS (tern_reachability_parent_class)->dispose (object);
}

static void
tern_reachability_class_init (TernReachabilityClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tern_reachability_dispose;

  check_now_signal = g_signal_new ("check-now", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tern_reachability_init (TernReachability *self)
{
  self->monitor = g_object_ref (g_network_monitor_get_default ());
  g_signal_connect (self->monitor, "network-changed", G_CALLBACK (network_changed_cb), self);
  self->offset_us = get_offset_us ();
  self->timer_id = g_timeout_add_seconds (COMPARE_S, compare_cb, self);
}

/**
 * tern_reachability_new:
 *
 * Returns: (transfer full): something that tells when to try again
 */
TernReachability *
tern_reachability_new (void)
{
  return g_object_new (TERN_TYPE_REACHABILITY, NULL);
}
