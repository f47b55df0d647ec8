/* tern-panes.h: two panes that fold into one when the window is narrow
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A small interface with two implementations: classic/ for libadwaita 1.2,
 * modern/ for 1.5 and newer. The build takes the one that fits.
 *
 * Properties: folded (gboolean).
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define TERN_TYPE_PANES (tern_panes_get_type ())
G_DECLARE_FINAL_TYPE (TernPanes, tern_panes, TERN, PANES, GtkWidget)

GtkWidget *tern_panes_new          (GtkWidget *sidebar,
                                    GtkWidget *content);
void       tern_panes_show_content (TernPanes *self,
                                    gboolean   shows_content);
gboolean   tern_panes_get_folded   (TernPanes *self);
void       tern_panes_set_up_header (AdwHeaderBar *header);

G_END_DECLS
