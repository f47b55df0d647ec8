/* tern-about.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-about.h"

#include "tern-about-private.h"
#include "tern-dialog-private.h"

/**
 * tern_about_show:
 * @parent: the window in front
 */
void
tern_about_show (GtkWindow *parent)
{
  GtkWidget *dialog = g_object_new (ADW_TYPE_ABOUT_DIALOG, TERN_ABOUT_PROPERTIES);

  tern_dialog_present (ADW_DIALOG (dialog), GTK_WIDGET (parent));
}
