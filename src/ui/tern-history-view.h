/* tern-history-view.h: a dialog with the messages of a merged history
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Closes itself when the message that holds them changes: then it was
 * withdrawn.
 */

#pragma once

#include <adwaita.h>

#include "tern-session.h"

G_BEGIN_DECLS

#define TERN_TYPE_HISTORY_VIEW (tern_history_view_get_type ())
G_DECLARE_FINAL_TYPE (TernHistoryView, tern_history_view, TERN, HISTORY_VIEW, AdwBin)

/* @content: a merged history in @message */
GtkWidget *tern_history_view_open (GtkWidget         *parent,
                                   TernSession       *session,
                                   TernMessage       *message,
                                   const TernContent *content);

G_END_DECLS
