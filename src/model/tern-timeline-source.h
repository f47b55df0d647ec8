/* tern-timeline-source.h: what a timeline shows, whoever holds it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The interface between the widget and the list of messages: pages around a
 * key, and signals by key. A key is (position, id), total and stable. Main
 * thread only. A source is also a GListModel of TernMessage, oldest first, of
 * the pages that are loaded: one items-changed per contiguous change; a
 * changed message keeps its object and notifies.
 *
 *   Properties: has-older, has-newer, is-loading (older ones are on their way),
 *   n-missing (how many are to be fetched just above the first item)
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TERN_TYPE_TIMELINE_SOURCE (tern_timeline_source_get_type ())
G_DECLARE_INTERFACE (TernTimelineSource, tern_timeline_source, TERN, TIMELINE_SOURCE, GObject)

struct _TernTimelineSourceInterface
{
  GTypeInterface parent_iface;

  void     (*load_latest) (TernTimelineSource *self, guint n);
  void     (*load_older)  (TernTimelineSource *self, guint n);
  void     (*load_newer)  (TernTimelineSource *self, guint n);
  gboolean (*load_around) (TernTimelineSource *self, gint64 seq, guint n);
  gboolean (*load_near)   (TernTimelineSource *self, gint64 seq, guint n);
  void     (*get_span)    (TernTimelineSource *self, gint64 *lowest, gint64 *highest);
};

void     tern_timeline_source_load_latest   (TernTimelineSource *self, guint n);
void     tern_timeline_source_load_older    (TernTimelineSource *self, guint n);
void     tern_timeline_source_load_newer    (TernTimelineSource *self, guint n);
gboolean tern_timeline_source_load_around   (TernTimelineSource *self, gint64 seq, guint n);
gboolean tern_timeline_source_load_near     (TernTimelineSource *self, gint64 seq, guint n);
void     tern_timeline_source_get_span      (TernTimelineSource *self,
                                             gint64             *lowest,
                                             gint64             *highest);

G_END_DECLS
