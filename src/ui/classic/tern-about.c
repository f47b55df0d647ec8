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
static const char *
name_part (GtkWidget *widget,
           gpointer   user_data)
{
  const char *text;

  if (GTK_IS_TEXT_VIEW (widget))
    return _("Text");
  if (!GTK_IS_BUTTON (widget))
    return NULL;

  text = find_text (widget);

  return text != NULL ? text : _("Back");
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

  tern_focus_name (window, name_part, NULL);
  tern_focus_tidy (window);
  gtk_window_present (GTK_WINDOW (window));
}
