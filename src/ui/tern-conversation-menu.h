/* tern-conversation-menu.h: what one can do with a conversation
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The actions are those of the widget that it belongs to: conversation.open,
 * .pin, .unpin, .mute, .unmute, .read, .hide, .copy-id.
 */

#pragma once

#include <gtk/gtk.h>

#include "tern-conversation.h"

G_BEGIN_DECLS

/* Goes away by itself; "closed" tells of it. (transfer none) */
GtkWidget *tern_conversation_menu_popup (GtkWidget        *parent,
                                         TernConversation *conversation,
                                         double            x,
                                         double            y);

G_END_DECLS
