/* tern-about.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-about.h"

#include <adwaita.h>

#include "tern-about-private.h"
#include "tern-focus.h"

static const char *
find_text (GtkWidget *widget)
{
  const char *text = GTK_IS_LABEL (widget) ? gtk_label_get_text (GTK_LABEL (widget)) : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && text == NULL;
       child = gtk_widget_get_next_sibling (child))
    text = find_text (child);

  return text;
}

/* libadwaita 1.2 leaves most of its parts without a name. */
static void
name_parts (GtkWidget *widget)
{
  const char *name = NULL;

  if (GTK_IS_TEXT_VIEW (widget))
    name = _("Text");
  else if (GTK_IS_BUTTON (widget))
    name = find_text (widget) != NULL ? find_text (widget) : _("Back");
  if (name != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    -1);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (!GTK_IS_WINDOW_CONTROLS (child))
        name_parts (child);
    }
}

/**
 * tern_about_show:
 * @parent: the window in front
 */
void
tern_about_show (GtkWindow *parent)
{
  GtkWidget *window = g_object_new (ADW_TYPE_ABOUT_WINDOW, "transient-for", parent,
                                    TERN_ABOUT_PROPERTIES);

  name_parts (window);
  tern_focus_tidy (window);
  gtk_window_present (GTK_WINDOW (window));
}
