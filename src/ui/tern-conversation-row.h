/* tern-conversation-row.h: one conversation in the list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Has the same height whatever it shows. Takes the focus.
 *
 *   chosen ()                     clicked, or a key that activates
 *   menu   (double x, double y)   its menu was asked for
 */

#pragma once

#include <adwaita.h>

#include "tern-session.h"

G_BEGIN_DECLS

#define TERN_TYPE_CONVERSATION_ROW (tern_conversation_row_widget_get_type ())
G_DECLARE_FINAL_TYPE (TernConversationRowWidget, tern_conversation_row_widget, TERN,
                      CONVERSATION_ROW, GtkWidget)

GtkWidget        *tern_conversation_row_widget_new  (void);
/* Both (nullable). */
void              tern_conversation_row_widget_bind (TernConversationRowWidget *self,
                                                     TernSession               *session,
                                                     TernConversation          *conversation);
TernConversation *tern_conversation_row_widget_get  (TernConversationRowWidget *self);
void              tern_conversation_row_widget_set_selected
                                                    (TernConversationRowWidget *self,
                                                     gboolean                   is_selected);

G_END_DECLS
