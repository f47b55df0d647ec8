/* tern-timeline.h: the messages of a conversation, newest at the bottom
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opens at the end, at the first unread message, or where it was left, in the
 * first frame; stays at the end while new messages come; elsewhere what is
 * being read does not move. Knows only a TernTimelineSource and how to make
 * rows.
 *
 *   seen (gint64 seq)   a row up to this number came into view whole
 *   to-end ()           the person asked for the newest message
 *   to-mention ()       … for the next one that mentions them
 *   dragged (TernMessage from, TernMessage to)   the pointer marks messages
 *
 * Properties: at-end (gboolean).
 */

#pragma once

#include <gtk/gtk.h>

#include "tern-message.h"
#include "tern-timeline-source.h"

G_BEGIN_DECLS

#define TERN_TYPE_TIMELINE (tern_timeline_get_type ())
G_DECLARE_FINAL_TYPE (TernTimeline, tern_timeline, TERN, TIMELINE, GtkWidget)

/* What the timeline knows about a row that its message does not. */
typedef enum
{
  TERN_ROW_FIRST_UNREAD = 1 << 0, /* the line "New Messages" belongs above it */
  TERN_ROW_HIGHLIGHTED = 1 << 1,  /* somebody just jumped to it */
  TERN_ROW_SELECTED = 1 << 2,
  TERN_ROW_SELECTABLE = 1 << 3,   /* a click chooses it */
} TernRowFlags;

/**
 * TernTimelineRows:
 * @get_kind: as in TernVlistClass
 *
 * Makes and fills rows.
 */
typedef struct
{
  guint      (*get_kind)     (TernMessage *message, gpointer user_data);
  GtkWidget *(*create)       (guint kind, gpointer user_data);
  void       (*bind)         (GtkWidget *row, TernMessage *message, TernRowFlags flags,
                              gpointer user_data);
  void       (*unbind)       (GtkWidget *row, gpointer user_data);
  int        (*guess_height) (TernMessage *message, int width, gpointer user_data);
} TernTimelineRows;

/**
 * TernTimelinePlace:
 * @seq: of a message; 0: at the end
 * @y: of its upper edge, below that of the view
 *
 * What somebody was looking at.
 */
typedef struct
{
  gint64 seq;
  double y;
} TernTimelinePlace;

/* @rows: static */
GtkWidget *tern_timeline_new            (const TernTimelineRows  *rows,
                                         gpointer                 user_data);
/* @source: (nullable). Opens at the end. */
void       tern_timeline_set_source     (TernTimeline            *self,
                                         TernTimelineSource      *source);
void       tern_timeline_open_end       (TernTimeline            *self);
/* The line above what follows @read_seq, at a quarter of the height. FALSE:
 * that is not here; nothing changed. */
gboolean   tern_timeline_open_unread    (TernTimeline            *self,
                                         gint64                   read_seq);
gboolean   tern_timeline_open_place     (TernTimeline            *self,
                                         const TernTimelinePlace *place);
void       tern_timeline_get_place      (TernTimeline            *self,
                                         TernTimelinePlace       *place);
/* Brings it to a third of the height and highlights it for a moment. FALSE:
 * not here. */
gboolean   tern_timeline_jump           (TernTimeline            *self,
                                         gint64                   seq);
/* When the uppermost message in view was sent; 0: there is none. */
gint64     tern_timeline_get_time       (TernTimeline            *self);
gboolean   tern_timeline_get_at_end     (TernTimeline            *self);
/* What the buttons say. */
void       tern_timeline_set_n_unread   (TernTimeline            *self,
                                         guint                    n_unread);
void       tern_timeline_set_mentioned  (TernTimeline            *self,
                                         gboolean                 is_mentioned);
/* Shows a message anew: its row may have become one of another kind. */
void       tern_timeline_update         (TernTimeline            *self,
                                         TernMessage             *message);
/* Moves the keyboard's focus to the message that is last in view. */
gboolean   tern_timeline_focus          (TernTimeline            *self);

/* --- choosing several messages --- */

void       tern_timeline_set_selecting  (TernTimeline            *self,
                                         gboolean                 is_selecting);
void       tern_timeline_toggle         (TernTimeline            *self,
                                         TernMessage             *message);
/* All from the one that was chosen last, or from @from (nullable). */
void       tern_timeline_extend         (TernTimeline            *self,
                                         TernMessage             *from,
                                         TernMessage             *to);
/* To the one before or after @from, which gets the focus. */
void       tern_timeline_extend_by      (TernTimeline            *self,
                                         TernMessage             *from,
                                         int                      by);
/* (element-type TernMessage): oldest first */
GPtrArray *tern_timeline_dup_selected   (TernTimeline            *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
