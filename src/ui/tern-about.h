/* tern-about.h: what this program is, and who made it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Implemented by classic/ and modern/, as tern-panes.h is.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void tern_about_show (GtkWindow *parent);

G_END_DECLS
