/* tern-dialog-private.h: what else is a dialog
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "tern-dialog.h"

G_BEGIN_DECLS

#if ADW_CHECK_VERSION (1, 5, 0)
void tern_dialog_present (AdwDialog *dialog,
                          GtkWidget *parent);
#endif

G_END_DECLS
