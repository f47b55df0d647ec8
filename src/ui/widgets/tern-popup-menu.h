/* tern-popup-menu.h: a menu that is open once
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *tern_popup_menu_open (GtkWidget  *parent,
                                 GMenuModel *model,
                                 double      x,
                                 double      y);

G_END_DECLS
