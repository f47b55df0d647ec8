/* tern-vlist-private.h: what the two files of TernVlist share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "tern-vlist.h"

G_BEGIN_DECLS

typedef struct
{
  gpointer   item;   /* (owned) */
  GtkWidget *row;    /* (borrowed) (nullable): shows the item */
  int        height; /* measured, or guessed as long as there was no row */
} TernVlistSlot;

typedef struct
{
  GtkAdjustment   *adjustments[2]; /* (owned) (nullable): by GtkOrientation */
  GListModel      *model;          /* (owned) (nullable) */
  GArray          *slots;          /* of TernVlistSlot, one for each item of the model */
  GPtrArray       *pools[TERN_VLIST_KINDS]; /* parked rows, children all the same */
  GHashTable      *limbo;          /* item (owned) → row: it may come back in this turn */
  GtkWidget       *header;         /* (borrowed) (nullable): a child */
  GtkAlign         gravity;

  guint            anchor;   /* what holds the view: a slot … */
  double           anchor_y; /* … and its upper edge */
  double           fraction; /* what anchor_y is to be of the height; negative: nothing */
  double           value;    /* of the adjustment, as far as it was followed */
  gboolean         is_pinned;
  gboolean         is_uniform;
  gboolean         needs_fill;
  gboolean         is_filling;
  gboolean         lost_focus;
  gboolean         has_failed[2]; /* nothing more came: before, after */

  int              width;  /* of the last layout; 0: there was none */
  int              height;
  int              padding_top;
  int              padding_bottom;
  int              header_height;
  int              uniform_height;
  guint            first; /* of the rows that are in order … */
  guint            last;  /* … to here; the one with the focus may be elsewhere */
  guint            n_live;
  GdkFrameClock   *clock; /* (owned) (nullable): while realized */
  guint            moved_id;
  guint            prefetch_id;
  TernVlistCounts  counts;
} TernVlistPrivate;

TernVlistPrivate *tern_vlist_private    (TernVlist *self);
TernVlistSlot    *tern_vlist_slot       (TernVlist *self,
                                         guint      index);
/* A page at one end; %FALSE: nothing came. */
gboolean          tern_vlist_load       (TernVlist *self,
                                         gboolean   is_newer);
void              tern_vlist_outside    (TernVlist *self,
                                         guint     *n_before,
                                         guint     *n_after);
/* Makes sure that the slot has a row, in its place among the children, and
 * its true height. */
void              tern_vlist_ensure_row (TernVlist *self,
                                         guint      index);
/* Sends a row to its pool. */
void              tern_vlist_park       (TernVlist *self,
                                         GtkWidget *row);
/* Something changed: fill in the next frame. */
void              tern_vlist_queue_fill (TernVlist *self);
void              tern_vlist_fill       (TernVlist *self);
void              tern_vlist_arrange    (TernVlist *self,
                                         int        width,
                                         int        height);
void              tern_vlist_remove_slots  (TernVlist *self,
                                            guint      position,
                                            guint      n);
void              tern_vlist_insert_slots  (TernVlist *self,
                                            guint      position,
                                            guint      n);
void              tern_vlist_items_changed (TernVlist *self,
                                            guint      position,
                                            guint      n_removed,
                                            guint      n_added);
/* How much is loaded beyond the view. */
double            tern_vlist_sum_beyond    (TernVlist *self,
                                            gboolean   is_newer);
gboolean          tern_vlist_focus         (GtkWidget        *widget,
                                            GtkDirectionType  direction);
void              tern_vlist_add_bindings  (GtkWidgetClass   *widget_class);

/* Deliberate mistakes, for the test of the tests. */
enum
{
  TERN_VLIST_ANCHOR_PARTLY_HIDDEN = 1,
  TERN_VLIST_REWRITE_VALUE,
  TERN_VLIST_DELETION_KEEPS_ANCHOR,
  TERN_VLIST_FILL_LOADS_NOTHING,
  TERN_VLIST_PREPEND_KEEPS_ANCHOR,
};
#ifdef TERN_VLIST_MUTANTS
extern int tern_vlist_mutant;
# define MUTANT(which) (tern_vlist_mutant == TERN_VLIST_ ## which)
#else
# define MUTANT(which) FALSE
#endif

G_END_DECLS
