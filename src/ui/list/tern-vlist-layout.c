/* tern-vlist-layout.c: which rows are where
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Filling: follow the adjustment, have rows from the anchor down and up until
 * the view is covered, come to rest at a real end, choose the next anchor, put
 * the adjustment's bounds around its value. Binding a row makes GTK queue
 * resizes, which get lost while it allocates; so this happens before or after
 * the layout phase of a frame, never in it. Arranging only places rows that
 * are there, and says when that is not enough.
 */

#include "config.h"

#include "tern-vlist-private.h"

#include <math.h>

/* So much beyond the view has rows already, so that the next frame of a fling
 * finds them. */
#define MARGIN 240
/* Farther than so many pages at once is no scrolling: somebody dragged the bar. */
#define MAX_PAGES 3
/* Each pass ends with a page loaded or with an end reached; 512 slots hold
 * eight pages. */
#define MAX_PASSES 12
#define MIN_AVERAGE 20.0

static guint
n_slots (TernVlist *self)
{
  return tern_vlist_private (self)->slots->len;
}

static double
sum_heights (TernVlist *self,
             guint      first,
             guint      end)
{
  double sum = 0;

  for (guint i = first; i < end; i++)
    sum += tern_vlist_slot (self, i)->height;

  return sum;
}

static double
get_average (TernVlist *self)
{
  guint n = n_slots (self);

  return n > 0 ? MAX (sum_heights (self, 0, n) / n, MIN_AVERAGE) : MIN_AVERAGE;
}

/* Where the contents that are loaded begin and end. */
static double
get_top (TernVlist *self)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  return rint (priv->anchor_y) - sum_heights (self, 0, priv->anchor) - priv->padding_top -
         priv->header_height;
}

static double
get_bottom (TernVlist *self)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  return rint (priv->anchor_y) + sum_heights (self, priv->anchor, n_slots (self)) +
         priv->padding_bottom;
}

/* --- following the adjustment --- */

static gboolean
seek (TernVlist *self,
      double     fraction)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  TernVlistClass *klass = TERN_VLIST_GET_CLASS (self);
  guint n_before;
  guint n_after;
  double n_beyond;
  double ordinal;
  int index;
  int height;

  tern_vlist_outside (self, &n_before, &n_after);
  /* The last page has no scrolling of its own. */
  n_beyond = MAX ((double) n_before + n_slots (self) + n_after -
                  priv->height / get_average (self), 0);
  ordinal = fraction >= 1 ? (double) n_before + n_slots (self) + n_after - 1
                          : n_beyond * MAX (fraction, 0);
  index = klass->seek (self, (guint) ordinal);
  if (index < 0 || (guint) index >= n_slots (self))
    return FALSE;

  priv->has_failed[0] = priv->has_failed[1] = FALSE;
  priv->anchor = (guint) index;
  height = tern_vlist_slot (self, priv->anchor)->height;
  priv->anchor_y = fraction <= 0 ? priv->padding_top : -(ordinal - floor (ordinal)) * height;
  priv->is_pinned = fraction >= 1 && priv->gravity == GTK_ALIGN_END;

  return TRUE;
}

static void
follow_value (TernVlist *self)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  GtkAdjustment *adjustment = priv->adjustments[GTK_ORIENTATION_VERTICAL];
  double value;
  double lower;
  double range;
  double by;
  double top;
  double bottom;
  guint n_before;
  guint n_after;

  if (adjustment == NULL || n_slots (self) == 0)
    return;
  value = gtk_adjustment_get_value (adjustment);
  by = value - priv->value;
  priv->value = value;
  if (by == 0)
    return;

  priv->has_failed[0] = priv->has_failed[1] = FALSE;
  tern_vlist_outside (self, &n_before, &n_after);
  top = get_top (self) - by;
  bottom = get_bottom (self) - by;
  if (fabs (by) > MAX_PAGES * priv->height && TERN_VLIST_GET_CLASS (self)->seek != NULL &&
      ((top > 0 && n_before > 0) || (bottom < priv->height && n_after > 0)))
    {
      lower = gtk_adjustment_get_lower (adjustment);
      range = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment) -
              lower;
      if (range > 0 && seek (self, value >= lower + range - 1 ? 1 : (value - lower) / range))
        return;
    }
  priv->anchor_y -= by;
  priv->is_pinned = FALSE;
}

/* --- filling --- */

/* Makes the anchor one that is in view, by the heights that are known. */
static void
settle_anchor (TernVlist *self)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  while (priv->anchor_y + tern_vlist_slot (self, priv->anchor)->height <= 0)
    {
      if (priv->anchor + 1 == n_slots (self) &&
          (!tern_vlist_load (self, TRUE) || priv->anchor + 1 == n_slots (self)))
        break;
      priv->anchor_y += tern_vlist_slot (self, priv->anchor)->height;
      priv->anchor++;
    }
  while (priv->anchor_y >= priv->height)
    {
      if (priv->anchor == 0 && (!tern_vlist_load (self, FALSE) || priv->anchor == 0))
        break;
      priv->anchor--;
      priv->anchor_y -= tern_vlist_slot (self, priv->anchor)->height;
    }
}

/* Rows from the anchor on, downwards. Returns whether that needed a page:
 * then the slots are others now. */
static gboolean
fill_down (TernVlist *self,
           guint     *last,
           double    *bottom)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  double y = rint (priv->anchor_y);
  guint i = priv->anchor;

  while (y < priv->height + MARGIN)
    {
      if (i == n_slots (self))
        {
          if (tern_vlist_load (self, TRUE))
            return TRUE;
          break;
        }
      tern_vlist_ensure_row (self, i);
      y += tern_vlist_slot (self, i)->height;
      i++;
    }
  *last = i - 1;
  *bottom = y;

  return FALSE;
}

static gboolean
fill_up (TernVlist *self,
         guint     *first,
         double    *top)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  double y = rint (priv->anchor_y);
  guint i = priv->anchor;

  while (y > -MARGIN)
    {
      if (i == 0)
        {
          if (tern_vlist_load (self, FALSE))
            return TRUE;
          break;
        }
      i--;
      tern_vlist_ensure_row (self, i);
      y -= tern_vlist_slot (self, i)->height;
    }
  *first = i;
  *top = y;

  return FALSE;
}

/* At a real end nothing is shown beyond it. Returns whether that moved. */
static gboolean
come_to_rest (TernVlist *self,
              guint      first,
              guint      last,
              double     top,
              double     bottom)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  gboolean is_end_gravity = priv->gravity == GTK_ALIGN_END;
  gboolean has_top = first == 0;
  gboolean has_bottom = last + 1 == n_slots (self);
  double by = 0;

  top -= priv->padding_top + priv->header_height;
  bottom += priv->padding_bottom;
  if (has_top && has_bottom && bottom - top <= priv->height)
    by = is_end_gravity ? priv->height - bottom : -top;
  else if (has_top && top > 0)
    by = -top;
  else if (has_bottom && bottom < priv->height)
    by = priv->height - bottom;
  if (fabs (by) < 0.5)
    return FALSE;
  priv->anchor_y = rint (priv->anchor_y) + by;

  return TRUE;
}

/* Where a pinned list's anchor is. */
static void
anchor_pinned (TernVlist *self)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  if (priv->gravity == GTK_ALIGN_END)
    {
      priv->anchor = n_slots (self) - 1;
      tern_vlist_ensure_row (self, priv->anchor);
      priv->anchor_y = priv->height - priv->padding_bottom -
                       tern_vlist_slot (self, priv->anchor)->height;
    }
  else
    {
      priv->anchor = 0;
      priv->anchor_y = priv->padding_top + priv->header_height;
    }
}

static void
fill (TernVlist *self,
      guint     *first,
      guint     *last)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  double top = 0;
  double bottom = 0;

  for (guint i = 0; i < MAX_PASSES; i++)
    {
      if (priv->is_pinned)
        anchor_pinned (self);
      settle_anchor (self);
      if (fill_down (self, last, &bottom) || fill_up (self, first, &top))
        continue;
      if (!come_to_rest (self, *first, *last, top, bottom))
        break;
    }
}

/* --- placing --- */

static void
park_others (TernVlist *self,
             guint      first,
             guint      last)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  GtkWidget *focused = gtk_widget_get_focus_child (GTK_WIDGET (self));
  GHashTableIter iter;
  gpointer row;

  priv->n_live = 0;
  for (guint i = 0; i < n_slots (self); i++)
    {
      TernVlistSlot *slot = tern_vlist_slot (self, i);

      if (slot->row == NULL)
        continue;
      /* What has the focus stays, out of view. */
      if ((i < first || i > last) && slot->row != focused)
        {
          tern_vlist_park (self, slot->row);
          slot->row = NULL;
        }
      else
        {
          priv->n_live++;
        }
    }
  g_hash_table_iter_init (&iter, priv->limbo);
  while (g_hash_table_iter_next (&iter, NULL, &row))
    {
      priv->lost_focus |= row == focused;
      tern_vlist_park (self, row);
      g_hash_table_iter_remove (&iter);
    }
}

static void
allocate (GtkWidget *widget,
          int        width,
          int        height,
          double     y)
{
  gtk_widget_allocate (widget, width, height, -1,
                       gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT (0, (float) y)));
}

/* Returns whether all rows had the height that was counted on. */
static gboolean
place_rows (TernVlist *self)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  double y = rint (priv->anchor_y) - sum_heights (self, priv->first, priv->anchor);
  gboolean is_right = TRUE;

  if (priv->header != NULL && gtk_widget_get_child_visible (priv->header))
    allocate (priv->header, priv->width, priv->header_height, y - priv->header_height);
  for (guint i = 0; i < n_slots (self); i++)
    {
      TernVlistSlot *slot = tern_vlist_slot (self, i);
      int height;

      if (slot->row == NULL)
        continue;
      gtk_widget_measure (slot->row, GTK_ORIENTATION_VERTICAL, priv->width, NULL, &height, NULL,
                          NULL);
      /* Out of view it is measured by nobody else. */
      if (i < priv->first || i > priv->last)
        slot->height = height;
      is_right &= height == slot->height;
      /* The text was made larger: all are measured anew. */
      if (height != slot->height)
        priv->uniform_height = 0;
      height = MAX (height, slot->height);
      if (i < priv->first)
        allocate (slot->row, priv->width, height, -height - MARGIN);
      else if (i > priv->last)
        allocate (slot->row, priv->width, height, priv->height + MARGIN);
      else
        {
          allocate (slot->row, priv->width, height, y);
          y += slot->height;
        }
    }

  return is_right;
}

/* The row whose upper edge is not to move: the one with the keyboard's focus,
 * else the first that begins in view. */
static void
choose_anchor (TernVlist *self,
               guint      first,
               guint      last)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  GtkWidget *focused = gtk_widget_get_focus_child (GTK_WIDGET (self));
  double y = rint (priv->anchor_y) - sum_heights (self, first, priv->anchor);
  double fraction = priv->anchor_y - rint (priv->anchor_y);
  gboolean has_anchor = FALSE;

  for (guint i = first; i <= last; i++)
    {
      TernVlistSlot *slot = tern_vlist_slot (self, i);
      gboolean begins = y >= 0 && y < priv->height;

      if (MUTANT (ANCHOR_PARTLY_HIDDEN))
        begins = y < priv->height;
      if (y + slot->height > 0 && y < priv->height &&
          (!has_anchor || (slot->row == focused && begins)))
        {
          priv->anchor = i;
          priv->anchor_y = y + fraction;
          /* A row that began above holds the view only if none begins in it. */
          has_anchor = begins;
        }
      y += slot->height;
    }
}

static void
write_bounds (TernVlist *self)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  GtkAdjustment *adjustment = priv->adjustments[GTK_ORIENTATION_VERTICAL];
  double above = 0;
  double below = 0;

  if (n_slots (self) > 0)
    {
      double average = get_average (self);
      guint n_before;
      guint n_after;

      tern_vlist_outside (self, &n_before, &n_after);
      above = MAX (-get_top (self), 0) + n_before * average;
      below = MAX (get_bottom (self) - priv->height, 0) + n_after * average;
      priv->is_pinned = priv->gravity == GTK_ALIGN_END ? below < 1 : above < 1;
    }
  if (adjustment == NULL)
    return;
  if (MUTANT (REWRITE_VALUE))
    priv->value = above;
  gtk_adjustment_configure (adjustment, priv->value, priv->value - above,
                            priv->value + priv->height + below, priv->height * 0.1,
                            priv->height * 0.9, priv->height);
  priv->value = gtk_adjustment_get_value (adjustment);
}

/* --- all of it --- */

static void
resize (TernVlist *self,
        int        width,
        int        height)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  TernVlistClass *klass = TERN_VLIST_GET_CLASS (self);

  /* The composer grows: what was at the bottom stays there. */
  if (priv->height > 0 && priv->gravity == GTK_ALIGN_END)
    priv->anchor_y += height - priv->height;
  priv->height = height;
  if (width == priv->width)
    return;
  priv->width = width;
  priv->uniform_height = 0;
  for (guint i = 0; i < n_slots (self); i++)
    {
      TernVlistSlot *slot = tern_vlist_slot (self, i);

      if (slot->row == NULL)
        slot->height = klass->guess_height (self, slot->item, width);
    }
}

static void
measure_header (TernVlist *self)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  priv->header_height = 0;
  if (priv->header != NULL && gtk_widget_get_visible (priv->header))
    gtk_widget_measure (priv->header, GTK_ORIENTATION_VERTICAL, priv->width, NULL,
                        &priv->header_height, NULL, NULL);
}

void
tern_vlist_fill (TernVlist *self)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  if (!priv->needs_fill || priv->width == 0)
    return;
  priv->needs_fill = FALSE;
  priv->is_filling = TRUE;
  measure_header (self);
  follow_value (self);
  if (priv->fraction >= 0)
    priv->anchor_y = priv->fraction * priv->height;
  priv->fraction = -1;
  if (n_slots (self) > 0)
    {
      fill (self, &priv->first, &priv->last);
      park_others (self, priv->first, priv->last);
      choose_anchor (self, priv->first, priv->last);
    }
  else
    {
      park_others (self, 1, 0);
      priv->anchor = priv->first = priv->last = 0;
    }
  if (priv->header != NULL)
    gtk_widget_set_child_visible (priv->header, n_slots (self) > 0 && priv->first == 0);
  write_bounds (self);
  priv->is_filling = FALSE;
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

void
tern_vlist_arrange (TernVlist *self,
                    int        width,
                    int        height)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  if (width != priv->width || height != priv->height)
    {
      resize (self, width, height);
      priv->needs_fill = TRUE;
    }
  if (n_slots (self) > 0 && !place_rows (self))
    priv->needs_fill = TRUE;
}
