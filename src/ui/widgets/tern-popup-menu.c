/* tern-popup-menu.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-popup-menu.h"

static gboolean
unparent_cb (gpointer user_data)
{
  gtk_widget_unparent (user_data);

  return G_SOURCE_REMOVE;
}

static void
closed_cb (GtkPopover *popover,
           gpointer    user_data)
{
  /* Its action comes after this. */
  g_idle_add_full (G_PRIORITY_DEFAULT, unparent_cb, g_object_ref (popover), g_object_unref);
}

/**
 * tern_popup_menu_open:
 * @parent: a widget with the actions
 * @model: the items
 * @x: where, in @parent
 * @y: where, in @parent
 *
 * Opens a menu, which is gone when it is closed.
 *
 * Returns: (transfer none): the menu
 */
GtkWidget *
tern_popup_menu_open (GtkWidget  *parent,
                      GMenuModel *model,
                      double      x,
                      double      y)
{
  GtkWidget *popover = gtk_popover_menu_new_from_model (model);

  gtk_widget_set_parent (popover, parent);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover),
                               &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_set_has_arrow (GTK_POPOVER (popover), FALSE);
  gtk_widget_set_halign (popover, GTK_ALIGN_START);
  g_signal_connect (popover, "closed", G_CALLBACK (closed_cb), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));

  return popover;
}
