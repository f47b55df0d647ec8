/* tern-timeline-source.c: what a timeline shows, whoever holds it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-timeline-source.h"

G_DEFINE_INTERFACE (TernTimelineSource, tern_timeline_source, G_TYPE_OBJECT)

static void
tern_timeline_source_default_init (TernTimelineSourceInterface *iface)
{
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * TernTimelineSource:has-older:
   *
   * Whether there is more before the first item, here or on the server.
   */
  g_object_interface_install_property (iface,
    g_param_spec_boolean ("has-older", NULL, NULL, FALSE, flags));
  /**
   * TernTimelineSource:has-newer:
   *
   * Whether there is more after the last item.
   */
  g_object_interface_install_property (iface,
    g_param_spec_boolean ("has-newer", NULL, NULL, FALSE, flags));
  /**
   * TernTimelineSource:is-loading:
   *
   * Whether older items are on their way from the server.
   */
  g_object_interface_install_property (iface,
    g_param_spec_boolean ("is-loading", NULL, NULL, FALSE, flags));
  /**
   * TernTimelineSource:n-missing:
   *
   * How many messages are on the server only, just above the first item.
   */
  g_object_interface_install_property (iface,
    g_param_spec_int64 ("n-missing", NULL, NULL, 0, G_MAXINT64, 0, flags));
}

/**
 * tern_timeline_source_load_latest:
 * @n: how many; 0: a page
 *
 * Shows the end, and nothing else.
 */
void
tern_timeline_source_load_latest (TernTimelineSource *self,
                                  guint               n)
{
  g_return_if_fail (TERN_IS_TIMELINE_SOURCE (self));

  TERN_TIMELINE_SOURCE_GET_IFACE (self)->load_latest (self, n);
}

/**
 * tern_timeline_source_load_older:
 * @n: how many; 0: a page
 *
 * Puts what comes before in front. When that has to be fetched first, this
 * returns with is-loading set; a second call does nothing until it has come.
 */
void
tern_timeline_source_load_older (TernTimelineSource *self,
                                 guint               n)
{
  g_return_if_fail (TERN_IS_TIMELINE_SOURCE (self));

  TERN_TIMELINE_SOURCE_GET_IFACE (self)->load_older (self, n);
}

/**
 * tern_timeline_source_load_newer:
 * @n: how many; 0: a page
 *
 * Appends what comes after.
 */
void
tern_timeline_source_load_newer (TernTimelineSource *self,
                                 guint               n)
{
  g_return_if_fail (TERN_IS_TIMELINE_SOURCE (self));

  TERN_TIMELINE_SOURCE_GET_IFACE (self)->load_newer (self, n);
}

/**
 * tern_timeline_source_load_around:
 * @seq: the message
 * @n: how many; 0: a page
 *
 * Shows a message and what is around it. Does nothing if it is shown already.
 *
 * Returns: %FALSE if that message is not here; then nothing changed
 */
gboolean
tern_timeline_source_load_around (TernTimelineSource *self,
                                  gint64              seq,
                                  guint               n)
{
  g_return_val_if_fail (TERN_IS_TIMELINE_SOURCE (self), FALSE);

  return TERN_TIMELINE_SOURCE_GET_IFACE (self)->load_around (self, seq, n);
}

/**
 * tern_timeline_source_load_near:
 * @seq: a number, whether or not there is a message of it
 * @n: how many; 0: a page
 *
 * Shows what stands at @seq, or comes next after it, and what is around that.
 *
 * Returns: %FALSE if there is nothing at all; then nothing changed
 */
gboolean
tern_timeline_source_load_near (TernTimelineSource *self,
                                gint64              seq,
                                guint               n)
{
  g_return_val_if_fail (TERN_IS_TIMELINE_SOURCE (self), FALSE);

  return TERN_TIMELINE_SOURCE_GET_IFACE (self)->load_near (self, seq, n);
}

/**
 * tern_timeline_source_get_span:
 * @lowest: (out): the first seq that can be shown without fetching
 * @highest: (out): the newest
 *
 * Cheap: it is asked several times a frame.
 */
void
tern_timeline_source_get_span (TernTimelineSource *self,
                               gint64             *lowest,
                               gint64             *highest)
{
  g_return_if_fail (TERN_IS_TIMELINE_SOURCE (self));

  TERN_TIMELINE_SOURCE_GET_IFACE (self)->get_span (self, lowest, highest);
}
