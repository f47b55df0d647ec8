/* tern-dialog.h: what stands in front of the window until it is closed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Implemented by classic/ and modern/, as tern-panes.h is.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @body: below a bar with the title. Escape closes it. */
void tern_dialog_open  (GtkWidget      *parent,
                        const char     *title,
                        int             width,
                        int             height,
                        GtkWidget      *body);
/* The one that @body was opened in. */
void tern_dialog_close (GtkWidget      *body);
/* @yes: (nullable): the button after which @callback is called with @user_data;
 * without one it is only told */
void tern_dialog_ask   (GtkWidget      *parent,
                        const char     *heading,
                        const char     *words,
                        const char     *yes,
                        gboolean        destroys,
                        GCallback       callback,
                        gpointer        user_data,
                        GClosureNotify  user_data_free);

G_END_DECLS
