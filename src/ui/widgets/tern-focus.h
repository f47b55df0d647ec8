/* tern-focus.h: what may have the focus has a name
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A name for @widget; NULL: what it has, or none */
typedef const char *(*TernFocusNamer) (GtkWidget *widget,
                                       gpointer   user_data);

/* Both to be called when all of it is there. */
void tern_focus_tidy (GtkWidget      *widget);
void tern_focus_name (GtkWidget      *widget,
                      TernFocusNamer  namer,
                      gpointer        user_data);

G_END_DECLS
