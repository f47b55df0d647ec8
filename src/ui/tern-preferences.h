/* tern-preferences.h: what a person can have otherwise
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void tern_preferences_open (GtkWidget *parent);

G_END_DECLS
