/* ui-support.h: what the tests of lists and rows share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

/* Waits until @widget was painted; @n_frames counts that. */
static inline void
ui_wait_for_frame (GtkWidget   *widget,
                   const guint *n_frames)
{
  guint n = *n_frames;
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  gtk_widget_queue_draw (widget);
  while (*n_frames == n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, TRUE);
    }
}

/* @widget, or the first below it that is of @type; NULL: none. */
static inline GtkWidget *
ui_find_widget (GtkWidget *widget,
                GType      type)
{
  GtkWidget *found = NULL;

  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = ui_find_widget (child, type);

  return found;
}
