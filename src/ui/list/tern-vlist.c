/* tern-vlist.c: a scrolled list of few rows that never jumps
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-vlist-private.h"

#include <math.h>

/* Fewer pages than this beyond the view, and more are loaded ahead of need. */
#define PREFETCH_PAGES 2

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (TernVlist, tern_vlist, GTK_TYPE_WIDGET,
  G_ADD_PRIVATE (TernVlist)
  G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

typedef enum
{
  PROP_HADJUSTMENT = 1,
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY,
} Property;

TernVlistPrivate *
tern_vlist_private (TernVlist *self)
{
  return tern_vlist_get_instance_private (self);
}

TernVlistSlot *
tern_vlist_slot (TernVlist *self,
                 guint      index)
{
  return &g_array_index (tern_vlist_private (self)->slots, TernVlistSlot, index);
}

void
tern_vlist_queue_fill (TernVlist *self)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  if (priv->is_filling)
    return;
  priv->needs_fill = TRUE;
  if (priv->clock != NULL)
    gdk_frame_clock_request_phase (priv->clock, GDK_FRAME_CLOCK_PHASE_UPDATE);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

/* --- after a layout --- */

static gboolean
moved_cb (gpointer user_data)
{
  TernVlist *self = user_data;
  TernVlistPrivate *priv = tern_vlist_private (self);
  TernVlistClass *klass = TERN_VLIST_GET_CLASS (self);

  priv->moved_id = 0;
  if (priv->lost_focus && priv->slots->len > 0)
    tern_vlist_focus_index (self, priv->anchor);
  priv->lost_focus = FALSE;
  if (klass->moved != NULL)
    klass->moved (self);

  return G_SOURCE_REMOVE;
}

double
tern_vlist_sum_beyond (TernVlist *self,
                       gboolean   is_newer)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  double sum = is_newer ? priv->anchor_y - priv->height : -priv->anchor_y;
  guint first = is_newer ? priv->anchor : 0;
  guint end = is_newer ? priv->slots->len : priv->anchor;

  for (guint i = first; i < end; i++)
    sum += tern_vlist_slot (self, i)->height;

  return sum;
}

static gboolean
prefetch_cb (gpointer user_data)
{
  TernVlist *self = user_data;
  TernVlistPrivate *priv = tern_vlist_private (self);

  priv->prefetch_id = 0;
  /* One page a turn: the next layout asks again. */
  for (int is_newer = 0; is_newer < 2; is_newer++)
    {
      if (tern_vlist_sum_beyond (self, is_newer) < PREFETCH_PAGES * priv->height &&
          tern_vlist_load (self, is_newer))
        break;
    }

  return G_SOURCE_REMOVE;
}

static void
schedule (TernVlist *self)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  if (priv->moved_id == 0)
    priv->moved_id = g_idle_add_full (GDK_PRIORITY_REDRAW + 1, moved_cb, self, NULL);
  if (priv->prefetch_id == 0 && priv->slots->len > 0 &&
      TERN_VLIST_GET_CLASS (self)->load != NULL &&
      (tern_vlist_sum_beyond (self, FALSE) < PREFETCH_PAGES * priv->height ||
       tern_vlist_sum_beyond (self, TRUE) < PREFETCH_PAGES * priv->height))
    priv->prefetch_id = g_idle_add_full (GDK_PRIORITY_REDRAW + 5, prefetch_cb, self, NULL);
}

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  gpointer    user_data)
{
  tern_vlist_items_changed (user_data, position, n_removed, n_added);
}

/* --- vfuncs --- */

static void
value_changed_cb (GtkAdjustment *adjustment,
                  gpointer       user_data)
{
  TernVlist *self = user_data;

  tern_vlist_queue_fill (self);
}

static void
set_adjustment (TernVlist      *self,
                GtkOrientation  orientation,
                GtkAdjustment  *adjustment)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  GtkAdjustment **field = &priv->adjustments[orientation];

  if (adjustment != NULL && *field == adjustment)
    return;
  if (*field != NULL)
    g_signal_handlers_disconnect_by_data (*field, self);
  if (adjustment == NULL)
    adjustment = gtk_adjustment_new (0, 0, 0, 0, 0, 0);
  g_set_object (field, g_object_ref_sink (adjustment));
  g_object_unref (adjustment);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    {
      priv->value = gtk_adjustment_get_value (adjustment);
      g_signal_connect (adjustment, "value-changed", G_CALLBACK (value_changed_cb), self);
    }
  tern_vlist_queue_fill (self);
}

static void
tern_vlist_size_allocate (GtkWidget *widget,
                          int        width,
                          int        height,
                          int        baseline)
{
  TernVlist *self = TERN_VLIST (widget);
  GtkAdjustment *horizontal = tern_vlist_private (self)->adjustments[GTK_ORIENTATION_HORIZONTAL];

  if (horizontal != NULL)
    gtk_adjustment_configure (horizontal, 0, 0, width, 1, width, width);
  tern_vlist_arrange (self, width, height);
}

static void
fill_cb (TernVlist *self)
{
  if (!tern_vlist_private (self)->needs_fill)
    return;
  tern_vlist_fill (self);
  schedule (self);
}

static void
tern_vlist_realize (GtkWidget *widget)
{
  TernVlistPrivate *priv = tern_vlist_private (TERN_VLIST (widget));

  GTK_WIDGET_CLASS (tern_vlist_parent_class)->realize (widget);
  priv->clock = g_object_ref (gtk_widget_get_frame_clock (widget));
  /* After a fling moved the value; and after a layout that found another size:
   * then GTK lays out again, still before it paints. */
  g_signal_connect_object (priv->clock, "update", G_CALLBACK (fill_cb), widget,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (priv->clock, "layout", G_CALLBACK (fill_cb), widget,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}

/* What stayed in its place meanwhile was not in view: "moved" comes once more. */
static void
tern_vlist_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (tern_vlist_parent_class)->map (widget);
  tern_vlist_queue_fill (TERN_VLIST (widget));
}

static void
tern_vlist_unrealize (GtkWidget *widget)
{
  TernVlistPrivate *priv = tern_vlist_private (TERN_VLIST (widget));

  g_signal_handlers_disconnect_by_func (priv->clock, fill_cb, widget);
  g_clear_object (&priv->clock);
  GTK_WIDGET_CLASS (tern_vlist_parent_class)->unrealize (widget);
}

static void
tern_vlist_measure (GtkWidget      *widget,
                    GtkOrientation  orientation,
                    int             for_size,
                    int            *minimum,
                    int            *natural,
                    int            *minimum_baseline,
                    int            *natural_baseline)
{
  /* What the rows need is not known without making them all. */
  *minimum = 0;
  *natural = 0;
}

static GtkSizeRequestMode
tern_vlist_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_CONSTANT_SIZE;
}

static void
tern_vlist_get_property (GObject    *object,
                         guint       property_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  TernVlistPrivate *priv = tern_vlist_private (TERN_VLIST (object));

  switch ((Property) property_id)
    {
    case PROP_HADJUSTMENT:
      g_value_set_object (value, priv->adjustments[GTK_ORIENTATION_HORIZONTAL]);
      break;
    case PROP_VADJUSTMENT:
      g_value_set_object (value, priv->adjustments[GTK_ORIENTATION_VERTICAL]);
      break;
    case PROP_HSCROLL_POLICY:
    case PROP_VSCROLL_POLICY:
      g_value_set_enum (value, GTK_SCROLL_MINIMUM);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
tern_vlist_set_property (GObject      *object,
                         guint         property_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  TernVlist *self = TERN_VLIST (object);

  switch ((Property) property_id)
    {
    case PROP_HADJUSTMENT:
      set_adjustment (self, GTK_ORIENTATION_HORIZONTAL, g_value_get_object (value));
      break;
    case PROP_VADJUSTMENT:
      set_adjustment (self, GTK_ORIENTATION_VERTICAL, g_value_get_object (value));
      break;
    case PROP_HSCROLL_POLICY:
    case PROP_VSCROLL_POLICY:
      break; /* it takes what it is given */
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
tern_vlist_dispose (GObject *object)
{
  TernVlist *self = TERN_VLIST (object);
  TernVlistPrivate *priv = tern_vlist_private (self);
  GtkWidget *child;

  g_clear_handle_id (&priv->moved_id, g_source_remove);
  g_clear_handle_id (&priv->prefetch_id, g_source_remove);
  tern_vlist_set_model (self, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (priv->adjustments); i++)
    {
      if (priv->adjustments[i] != NULL)
        g_signal_handlers_disconnect_by_data (priv->adjustments[i], self);
      g_clear_object (&priv->adjustments[i]);
    }
  for (guint i = 0; i < TERN_VLIST_KINDS; i++)
    g_ptr_array_set_size (priv->pools[i], 0);
  g_hash_table_remove_all (priv->limbo);
  priv->header = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (tern_vlist_parent_class)->dispose (object);
}

static void
tern_vlist_finalize (GObject *object)
{
  TernVlistPrivate *priv = tern_vlist_private (TERN_VLIST (object));

  for (guint i = 0; i < TERN_VLIST_KINDS; i++)
    g_ptr_array_unref (priv->pools[i]);
  g_hash_table_unref (priv->limbo);
  g_array_unref (priv->slots);

  G_OBJECT_CLASS (tern_vlist_parent_class)->finalize (object);
}

static void
tern_vlist_class_init (TernVlistClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = tern_vlist_get_property;
  object_class->set_property = tern_vlist_set_property;
  object_class->dispose = tern_vlist_dispose;
  object_class->finalize = tern_vlist_finalize;
  widget_class->realize = tern_vlist_realize;
  widget_class->unrealize = tern_vlist_unrealize;
  widget_class->map = tern_vlist_map;
  widget_class->size_allocate = tern_vlist_size_allocate;
  widget_class->measure = tern_vlist_measure;
  widget_class->get_request_mode = tern_vlist_get_request_mode;
  widget_class->focus = tern_vlist_focus;

  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST);
  tern_vlist_add_bindings (widget_class);
}

static void
tern_vlist_init (TernVlist *self)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  priv->slots = g_array_new (FALSE, FALSE, sizeof (TernVlistSlot));
  priv->limbo = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  for (guint i = 0; i < TERN_VLIST_KINDS; i++)
    priv->pools[i] = g_ptr_array_new ();
  priv->gravity = GTK_ALIGN_START;
  priv->is_pinned = TRUE;
  priv->fraction = -1;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

/* A running fling goes on from where it was: this ends it. */
static void
stop_fling (TernVlist *self)
{
  GtkWidget *scrolled = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *adjustment = tern_vlist_private (self)->adjustments[GTK_ORIENTATION_VERTICAL];

  if (scrolled != NULL)
    {
      gtk_scrolled_window_set_kinetic_scrolling (GTK_SCROLLED_WINDOW (scrolled), FALSE);
      gtk_scrolled_window_set_kinetic_scrolling (GTK_SCROLLED_WINDOW (scrolled), TRUE);
    }
  if (adjustment != NULL)
    tern_vlist_private (self)->value = gtk_adjustment_get_value (adjustment);
}

/* --- public --- */

/**
 * tern_vlist_set_model:
 * @self: a list
 * @model: (nullable): what is shown from now on
 *
 * Pins the list to the end of its gravity.
 */
void
tern_vlist_set_model (TernVlist  *self,
                      GListModel *model)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  stop_fling (self);
  if (priv->model != NULL)
    g_signal_handlers_disconnect_by_data (priv->model, self);
  tern_vlist_remove_slots (self, 0, priv->slots->len);
  g_set_object (&priv->model, model);
  priv->anchor = 0;
  priv->anchor_y = 0;
  priv->fraction = -1;
  priv->is_pinned = TRUE;
  priv->has_failed[0] = priv->has_failed[1] = FALSE;
  if (model != NULL)
    {
      g_signal_connect (model, "items-changed", G_CALLBACK (items_changed_cb), self);
      tern_vlist_insert_slots (self, 0, g_list_model_get_n_items (model));
    }
  tern_vlist_queue_fill (self);
}

/**
 * tern_vlist_set_gravity:
 * @self: a list
 * @gravity: %GTK_ALIGN_START or %GTK_ALIGN_END
 */
void
tern_vlist_set_gravity (TernVlist *self,
                        GtkAlign   gravity)
{
  tern_vlist_private (self)->gravity = gravity;
}

/**
 * tern_vlist_set_uniform:
 * @self: a list
 * @is_uniform: whether one row's height is that of all
 */
void
tern_vlist_set_uniform (TernVlist *self,
                        gboolean   is_uniform)
{
  tern_vlist_private (self)->is_uniform = is_uniform;
}

/**
 * tern_vlist_set_padding:
 * @self: a list
 * @top: pixels before the first row
 * @bottom: pixels after the last
 */
void
tern_vlist_set_padding (TernVlist *self,
                        int        top,
                        int        bottom)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  priv->padding_top = top;
  priv->padding_bottom = bottom;
}

/**
 * tern_vlist_set_header:
 * @self: a list
 * @header: (nullable) (transfer floating): what stands before the first item
 */
void
tern_vlist_set_header (TernVlist *self,
                       GtkWidget *header)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  g_clear_pointer (&priv->header, gtk_widget_unparent);
  priv->header = header;
  if (header != NULL)
    gtk_widget_insert_after (header, GTK_WIDGET (self), NULL);
}

guint
tern_vlist_get_n_slots (TernVlist *self)
{
  return tern_vlist_private (self)->slots->len;
}

gpointer
tern_vlist_get_item (TernVlist *self,
                     guint      index)
{
  return tern_vlist_slot (self, index)->item;
}

int
tern_vlist_find (TernVlist *self,
                 gpointer   item)
{
  for (guint i = 0; i < tern_vlist_private (self)->slots->len; i++)
    {
      if (tern_vlist_slot (self, i)->item == item)
        return (int) i;
    }

  return -1;
}

GtkWidget *
tern_vlist_get_row (TernVlist *self,
                    guint      index)
{
  return tern_vlist_slot (self, index)->row;
}

gboolean
tern_vlist_get_is_pinned (TernVlist *self)
{
  return tern_vlist_private (self)->is_pinned;
}

/**
 * tern_vlist_pin:
 * @self: a list whose model reaches to the end of its gravity
 *
 * Goes to that end and stays there.
 */
void
tern_vlist_pin (TernVlist *self)
{
  stop_fling (self);
  tern_vlist_private (self)->is_pinned = TRUE;
  tern_vlist_private (self)->fraction = -1;
  tern_vlist_queue_fill (self);
}

/**
 * tern_vlist_place:
 * @self: a list
 * @index: of the row
 * @y: where its upper edge is to be in the view
 *
 * The real ends come first: there is never a void before or after the rows.
 */
void
tern_vlist_place (TernVlist *self,
                  guint      index,
                  double     y)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  g_return_if_fail (index < priv->slots->len);

  stop_fling (self);
  priv->anchor = index;
  priv->anchor_y = y;
  priv->fraction = -1;
  priv->is_pinned = FALSE;
  tern_vlist_queue_fill (self);
}

/**
 * tern_vlist_place_at:
 * @self: a list
 * @index: of the row
 * @fraction: where its upper edge is to be, as a part of the view's height
 */
void
tern_vlist_place_at (TernVlist *self,
                     guint      index,
                     double     fraction)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  tern_vlist_place (self, index, fraction * priv->height);
  priv->fraction = fraction;
}

/**
 * tern_vlist_reveal:
 * @self: a list
 * @index: of the row
 */
void
tern_vlist_reveal (TernVlist *self,
                   guint      index)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  double top;
  double bottom;

  g_return_if_fail (index < priv->slots->len);

  tern_vlist_ensure_row (self, index);
  tern_vlist_get_edges (self, index, &top, &bottom);
  if (top < 0 || bottom - top > priv->height)
    tern_vlist_place (self, index, index == 0 ? priv->padding_top : 0);
  else if (bottom > priv->height)
    tern_vlist_place (self, index, priv->height - (bottom - top) -
                                   (index + 1 == priv->slots->len ? priv->padding_bottom : 0));
}

/**
 * tern_vlist_get_anchor:
 * @self: a list
 * @index: (out): of the row
 * @y: (out): of its upper edge
 *
 * What tern_vlist_place() needs to show the same again.
 *
 * Returns: %FALSE if there are no rows
 */
gboolean
tern_vlist_get_anchor (TernVlist *self,
                       guint     *index,
                       double    *y)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  if (priv->slots->len == 0)
    return FALSE;
  *index = priv->anchor;
  *y = priv->anchor_y;

  return TRUE;
}

gboolean
tern_vlist_get_edges (TernVlist *self,
                      guint      index,
                      double    *top,
                      double    *bottom)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  if (index >= priv->slots->len)
    return FALSE;
  *top = rint (priv->anchor_y);
  for (guint i = index; i < priv->anchor; i++)
    *top -= tern_vlist_slot (self, i)->height;
  for (guint i = priv->anchor; i < index; i++)
    *top += tern_vlist_slot (self, i)->height;
  *bottom = *top + tern_vlist_slot (self, index)->height;

  return TRUE;
}

gboolean
tern_vlist_get_visible (TernVlist *self,
                        guint     *first,
                        guint     *last)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  gboolean is_any = FALSE;
  guint start = priv->anchor;
  double top;
  double bottom;

  while (tern_vlist_get_edges (self, start, &top, &bottom) && start > 0 && top > 0)
    start--;
  for (guint i = start; i < priv->slots->len; i++)
    {
      if (!tern_vlist_get_edges (self, i, &top, &bottom) || top >= priv->height)
        break;
      if (bottom <= 0)
        continue;
      if (!is_any)
        *first = i;
      *last = i;
      is_any = TRUE;
    }

  return is_any;
}

int
tern_vlist_find_at (TernVlist *self,
                    double     y)
{
  guint first;
  guint last;

  if (!tern_vlist_get_visible (self, &first, &last))
    return -1;
  for (guint i = first; i < last; i++)
    {
      double top;
      double bottom;

      if (tern_vlist_get_edges (self, i, &top, &bottom) && y < bottom)
        return (int) i;
    }

  return (int) last;
}

/**
 * tern_vlist_focus_index:
 * @self: a list
 * @index: of the row that is to have the focus
 *
 * Brings it into view first.
 *
 * Returns: whether it took the focus
 */
gboolean
tern_vlist_focus_index (TernVlist *self,
                        guint      index)
{
  if (index >= tern_vlist_private (self)->slots->len)
    return FALSE;
  tern_vlist_reveal (self, index);

  return gtk_widget_grab_focus (tern_vlist_slot (self, index)->row);
}

void
tern_vlist_get_counts (TernVlist       *self,
                       TernVlistCounts *counts)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  *counts = priv->counts;
  counts->n_live = priv->n_live;
}
