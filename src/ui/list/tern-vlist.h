/* tern-vlist.h: a scrolled list of few rows that never jumps
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The core of the timeline and of the conversation list. Has a row widget only
 * for what is in view and a little beyond; everything else is a height. What
 * is being looked at is held by an anchor, a slot and where its upper edge is;
 * the scroll adjustment is only listened to: its value is never written, its
 * bounds are put around the value. So nothing that happens above or below what
 * is in view moves it, not even during a fling.
 *
 * A subclass says what the rows are and, if not all items are in the model,
 * how to get more of them.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TERN_TYPE_VLIST (tern_vlist_get_type ())
G_DECLARE_DERIVABLE_TYPE (TernVlist, tern_vlist, TERN, VLIST, GtkWidget)

/* Rows are reused among those of a kind: 0 … TERN_VLIST_KINDS - 1. */
#define TERN_VLIST_KINDS 4

/**
 * TernVlistClass:
 * @get_kind: (nullable): of which kind an item's row is
 * @create_row: a row of that kind, without an item
 * @bind_row: shows @item in @row
 * @unbind_row: the row is parked and must let go of its item
 * @guess_height: cheap; what the row will probably need
 * @load: (nullable): puts a page of items before the first or after the last
 *   into the model, before it returns; %FALSE: nothing came
 * @get_outside: (nullable): how many items are before and after those in the
 *   model, roughly; 0 is exact
 * @seek: (nullable): loads what stands at an ordinal of the whole, returns its
 *   index; -1: cannot
 * @moved: (nullable): something else may be in view; not during allocation
 */
struct _TernVlistClass
{
  GtkWidgetClass parent_class;

  guint      (*get_kind)     (TernVlist *self, gpointer item);
  GtkWidget *(*create_row)   (TernVlist *self, guint kind);
  void       (*bind_row)     (TernVlist *self, GtkWidget *row, gpointer item);
  void       (*unbind_row)   (TernVlist *self, GtkWidget *row);
  int        (*guess_height) (TernVlist *self, gpointer item, int width);
  gboolean   (*load)         (TernVlist *self, gboolean is_newer);
  void       (*get_outside)  (TernVlist *self, guint *n_before, guint *n_after);
  int        (*seek)         (TernVlist *self, guint ordinal);
  void       (*moved)        (TernVlist *self);
};

/**
 * TernVlistCounts:
 *
 * What it cost so far; for tests and benchmarks.
 */
typedef struct
{
  guint n_created;
  guint n_bound;
  guint n_live;
  guint n_loads;
} TernVlistCounts;

/* @model: (nullable): what is shown from now on, at the end of its gravity */
void        tern_vlist_set_model     (TernVlist       *self,
                                      GListModel      *model);
/* Which end short contents lie at, and which one new items may push from:
 * GTK_ALIGN_START (the first item) or GTK_ALIGN_END (the last). */
void        tern_vlist_set_gravity   (TernVlist       *self,
                                      GtkAlign         gravity);
/* All rows have the height of the first that is measured. */
void        tern_vlist_set_uniform   (TernVlist       *self,
                                      gboolean         is_uniform);
void        tern_vlist_set_padding   (TernVlist       *self,
                                      int              top,
                                      int              bottom);
/* @header: (nullable) (transfer floating): stands before the first item */
void        tern_vlist_set_header    (TernVlist       *self,
                                      GtkWidget       *header);

guint       tern_vlist_get_n_slots   (TernVlist       *self);
gpointer    tern_vlist_get_item      (TernVlist       *self, /* (transfer none) */
                                      guint            index);
int         tern_vlist_find          (TernVlist       *self, /* -1: not there */
                                      gpointer         item);
GtkWidget  *tern_vlist_get_row       (TernVlist       *self, /* (nullable): not in view */
                                      guint            index);
void        tern_vlist_rebind        (TernVlist       *self,
                                      gpointer         item);

/* At the end of its gravity, and staying there. */
gboolean    tern_vlist_get_is_pinned (TernVlist       *self);
void        tern_vlist_pin           (TernVlist       *self);
/* Puts the item's upper edge so far below that of the view. */
void        tern_vlist_place         (TernVlist       *self,
                                      guint            index,
                                      double           y);
/* The same, with a part of the view's height, also before there is one. */
void        tern_vlist_place_at      (TernVlist       *self,
                                      guint            index,
                                      double           fraction);
/* Moves no more than is needed to have it in view whole. */
void        tern_vlist_reveal        (TernVlist       *self,
                                      guint            index);
/* The first row that is in view whole, else the first in view, and where. */
gboolean    tern_vlist_get_anchor    (TernVlist       *self,
                                      guint           *index,
                                      double          *y);
/* The rows that show at least a pixel. */
gboolean    tern_vlist_get_visible   (TernVlist       *self,
                                      guint           *first,
                                      guint           *last);
/* Upper and lower edge in the view; only for rows near it. */
gboolean    tern_vlist_get_edges     (TernVlist       *self,
                                      guint            index,
                                      double          *top,
                                      double          *bottom);
/* The row at that height of the view, else the nearest in view; -1: none. */
int         tern_vlist_find_at       (TernVlist       *self,
                                      double           y);
gboolean    tern_vlist_focus_index   (TernVlist       *self,
                                      guint            index);
void        tern_vlist_get_counts    (TernVlist       *self,
                                      TernVlistCounts *counts);

G_END_DECLS
