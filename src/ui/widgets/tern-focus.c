/* tern-focus.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-focus.h"

/**
 * tern_focus_tidy:
 * @widget: a window, or a part of one
 *
 * Leaves out of the focus what takes it without a name to tell of, only to hand
 * it on to what is inside: scrolled areas, and the lists of libadwaita's groups.
 * And GTK 4.8 calls a button with a mnemonic by its label, underscore and all,
 * and then by what can be read on it: the latter is left.
 */
void
tern_focus_tidy (GtkWidget *widget)
{
  if (GTK_IS_SCROLLED_WINDOW (widget) || GTK_IS_LIST_BOX (widget))
    gtk_widget_set_focusable (widget, FALSE);
  else if (GTK_IS_BUTTON (widget) && gtk_button_get_use_underline (GTK_BUTTON (widget)) &&
           gtk_button_get_label (GTK_BUTTON (widget)) != NULL)
    gtk_accessible_reset_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    tern_focus_tidy (child);
}

/**
 * tern_focus_name:
 * @widget: a widget with parts that GTK or libadwaita made
 * @namer: asked for the name of each part, in order
 * @user_data: passed to @namer
 *
 * Gives names to the parts. What got one is not looked into, nor are the buttons
 * of the window.
 */
void
tern_focus_name (GtkWidget      *widget,
                 TernFocusNamer  namer,
                 gpointer        user_data)
{
  const char *name = namer (widget, user_data);

  if (name != NULL)
    {
      gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                      -1);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (!GTK_IS_WINDOW_CONTROLS (child))
        tern_focus_name (child, namer, user_data);
    }
}
