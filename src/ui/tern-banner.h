/* tern-banner.h: something lasting that is said above or below everything else
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Implemented by classic/ and modern/, as tern-panes.h is.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @button, @action: (nullable): what can be done about it */
GtkWidget *tern_banner_new (const char *button,
                            const char *action);
/* @words: (nullable): nothing is said any more */
void       tern_banner_say (GtkWidget  *banner,
                            const char *words);

G_END_DECLS
