/* tern-about.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-about.h"

#include <adwaita.h>

#include "tern-about-private.h"

/**
 * tern_about_show:
 * @parent: the window in front
 */
void
tern_about_show (GtkWindow *parent)
{
  adw_show_about_window (parent, TERN_ABOUT_PROPERTIES);
}
