/* tern-banner.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-banner.h"

#include <adwaita.h>

/**
 * tern_banner_new:
 * @button: (nullable): what its button says
 * @action: (nullable): what its button does
 *
 * Returns: (transfer floating): a banner that is not seen
 */
GtkWidget *
tern_banner_new (const char *button,
                 const char *action)
{
  GtkWidget *banner = adw_banner_new ("");

  adw_banner_set_use_markup (ADW_BANNER (banner), FALSE);
  adw_banner_set_button_label (ADW_BANNER (banner), button);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (banner), action);

  return banner;
}

/**
 * tern_banner_say:
 * @banner: a banner
 * @words: (nullable): what it says from now on
 */
void
tern_banner_say (GtkWidget  *banner,
                 const char *words)
{
  if (words != NULL)
    adw_banner_set_title (ADW_BANNER (banner), words);
  adw_banner_set_revealed (ADW_BANNER (banner), words != NULL);
}
