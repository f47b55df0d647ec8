/* tern-focus.h: what may have the focus has a name
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* To be called when all of it is there. */
void tern_focus_tidy (GtkWidget *widget);

G_END_DECLS
