/* tern-vlist-keys.c: walking through the rows by keyboard
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-vlist-private.h"

static void
load_for_step (TernVlist *self,
               gboolean   is_newer)
{
  tern_vlist_private (self)->has_failed[is_newer] = FALSE;
  tern_vlist_load (self, is_newer);
}

static int
get_focused (TernVlist *self)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  GtkWidget *focused = gtk_widget_get_focus_child (GTK_WIDGET (self));

  for (guint i = 0; focused != NULL && i < priv->slots->len; i++)
    {
      if (tern_vlist_slot (self, i)->row == focused)
        return (int) i;
    }

  return -1;
}

static gboolean
step_cb (GtkWidget *widget,
         GVariant  *arguments,
         gpointer   user_data)
{
  TernVlist *self = TERN_VLIST (widget);
  TernVlistPrivate *priv = tern_vlist_private (self);
  int by = g_variant_get_int32 (arguments);
  int from = get_focused (self);

  if (from < 0)
    return GDK_EVENT_PROPAGATE;
  if (from + by < 0)
    {
      load_for_step (self, FALSE);
      from = get_focused (self);
    }
  else if (from + by >= (int) priv->slots->len)
    {
      load_for_step (self, TRUE);
      from = get_focused (self);
    }
  tern_vlist_focus_index (self, (guint) CLAMP (from + by, 0, (int) priv->slots->len - 1));

  return GDK_EVENT_STOP;
}

/* A page less a line, as far as whole rows allow. */
static gboolean
page_cb (GtkWidget *widget,
         GVariant  *arguments,
         gpointer   user_data)
{
  TernVlist *self = TERN_VLIST (widget);
  TernVlistPrivate *priv = tern_vlist_private (self);
  int by = g_variant_get_int32 (arguments);
  int from = get_focused (self);
  double height = priv->height * 0.9;
  guint to;

  if (from < 0)
    return GDK_EVENT_PROPAGATE;
  if (tern_vlist_sum_beyond (self, by > 0) < priv->height)
    {
      load_for_step (self, by > 0);
      from = get_focused (self);
    }
  to = (guint) from;
  while (height > 0 && (by < 0 ? to > 0 : to + 1 < priv->slots->len))
    {
      to += (guint) by;
      tern_vlist_ensure_row (self, to);
      height -= tern_vlist_slot (self, to)->height;
    }
  tern_vlist_focus_index (self, to);

  return GDK_EVENT_STOP;
}

static gboolean
edge_cb (GtkWidget *widget,
         GVariant  *arguments,
         gpointer   user_data)
{
  TernVlist *self = TERN_VLIST (widget);
  TernVlistPrivate *priv = tern_vlist_private (self);
  TernVlistClass *klass = TERN_VLIST_GET_CLASS (self);
  gboolean is_end = g_variant_get_int32 (arguments) > 0;
  guint n_before;
  guint n_after;

  if (get_focused (self) < 0 || priv->slots->len == 0)
    return GDK_EVENT_PROPAGATE;
  tern_vlist_outside (self, &n_before, &n_after);
  if (klass->seek != NULL && (is_end ? n_after : n_before) > 0)
    klass->seek (self, is_end ? n_before + priv->slots->len + n_after - 1 : 0);
  if (priv->slots->len > 0)
    tern_vlist_focus_index (self, is_end ? priv->slots->len - 1 : 0);

  return GDK_EVENT_STOP;
}

gboolean
tern_vlist_focus (GtkWidget        *widget,
                  GtkDirectionType  direction)
{
  TernVlist *self = TERN_VLIST (widget);
  TernVlistPrivate *priv = tern_vlist_private (self);
  GtkWidget *child = gtk_widget_get_focus_child (widget);
  guint first;
  guint last;

  if (child != NULL)
    {
      if (direction == GTK_DIR_TAB_FORWARD || direction == GTK_DIR_TAB_BACKWARD)
        return gtk_widget_child_focus (child, direction);
      /* The arrows are keys of the list; at its ends they do nothing. */
      return direction == GTK_DIR_UP || direction == GTK_DIR_DOWN;
    }
  if (priv->header != NULL && gtk_widget_get_child_visible (priv->header) &&
      gtk_widget_child_focus (priv->header, direction))
    return TRUE;
  if (!tern_vlist_get_visible (self, &first, &last))
    return FALSE;

  return tern_vlist_focus_index (self, priv->gravity == GTK_ALIGN_END ? last : first);
}

static void
add_binding (GtkWidgetClass  *klass,
             guint            keyval,
             guint            keypad_keyval,
             GtkShortcutFunc  func,
             int              by)
{
  gtk_widget_class_add_binding (klass, keyval, 0, func, "i", by);
  gtk_widget_class_add_binding (klass, keypad_keyval, 0, func, "i", by);
}

void
tern_vlist_add_bindings (GtkWidgetClass *widget_class)
{
  add_binding (widget_class, GDK_KEY_Up, GDK_KEY_KP_Up, step_cb, -1);
  add_binding (widget_class, GDK_KEY_Down, GDK_KEY_KP_Down, step_cb, 1);
  add_binding (widget_class, GDK_KEY_Page_Up, GDK_KEY_KP_Page_Up, page_cb, -1);
  add_binding (widget_class, GDK_KEY_Page_Down, GDK_KEY_KP_Page_Down, page_cb, 1);
  add_binding (widget_class, GDK_KEY_Home, GDK_KEY_KP_Home, edge_cb, -1);
  add_binding (widget_class, GDK_KEY_End, GDK_KEY_KP_End, edge_cb, 1);
}
