/* tern-timeline-view.h: the scrolled part of a timeline
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   moved ()
 *   dragged (TernMessage from, TernMessage to)   with the pointer, from one
 *     message into another
 *
 * A TernVlist over a TernTimelineSource. Only for TernTimeline and tests.
 *
 *   moved ()   something else may be in view
 */

#pragma once

#include "tern-timeline.h"
#include "tern-vlist.h"

G_BEGIN_DECLS

#define TERN_TYPE_TIMELINE_VIEW (tern_timeline_view_get_type ())
G_DECLARE_FINAL_TYPE (TernTimelineView, tern_timeline_view, TERN, TIMELINE_VIEW, TernVlist)

TernTimelineView *tern_timeline_view_new           (const TernTimelineRows *rows,
                                                    gpointer                user_data);
/* @source: (nullable) */
void              tern_timeline_view_set_source    (TernTimelineView       *self,
                                                    TernTimelineSource     *source);
void              tern_timeline_view_open_end      (TernTimelineView       *self);
/* The first that is not one's own and comes after @read_seq; -1: none is here. */
int               tern_timeline_view_find_unread   (TernTimelineView       *self,
                                                    gint64                  read_seq);
/* Loads it if need be. -1: not here */
int               tern_timeline_view_find_seq      (TernTimelineView       *self,
                                                    gint64                  seq);
void              tern_timeline_view_set_line      (TernTimelineView       *self,
                                                    int                     index); /* -1: none */
void              tern_timeline_view_highlight     (TernTimelineView       *self,
                                                    guint                   index);
void              tern_timeline_view_set_selecting (TernTimelineView       *self,
                                                    gboolean                is_selecting);
void              tern_timeline_view_toggle        (TernTimelineView       *self,
                                                    TernMessage            *message);
/* @from: (nullable): the one that was chosen last */
void              tern_timeline_view_extend        (TernTimelineView       *self,
                                                    TernMessage            *from,
                                                    TernMessage            *to);
void              tern_timeline_view_extend_by     (TernTimelineView       *self,
                                                    TernMessage            *from,
                                                    int                     by);
GPtrArray        *tern_timeline_view_dup_selected  (TernTimelineView       *self);

G_END_DECLS
