/* tern-welcome-page.h: the first thing a person sees
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   connect ()  ·  try-out ()
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define TERN_TYPE_WELCOME_PAGE (tern_welcome_page_get_type ())
G_DECLARE_FINAL_TYPE (TernWelcomePage, tern_welcome_page, TERN, WELCOME_PAGE, GtkWidget)

GtkWidget *tern_welcome_page_new      (void);
void       tern_welcome_page_set_busy (TernWelcomePage *self,
                                       gboolean         is_busy);

G_END_DECLS
