/* tern-shortcuts.h: what can be done by key
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void tern_shortcuts_open (GtkWidget *parent);

G_END_DECLS
