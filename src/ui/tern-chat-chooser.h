/* tern-chat-chooser.h: asks for one of the conversations
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   chosen (TernConversation)   once; it is gone after that
 */

#pragma once

#include <adwaita.h>

#include "tern-conversation-list.h"

G_BEGIN_DECLS

#define TERN_TYPE_CHAT_CHOOSER (tern_chat_chooser_get_type ())
G_DECLARE_FINAL_TYPE (TernChatChooser, tern_chat_chooser, TERN, CHAT_CHOOSER, AdwBin)

/* Only those that one may write in. */
GtkWidget *tern_chat_chooser_open (GtkWidget            *parent,
                                   const char           *title,
                                   TernConversationList *conversations);

G_END_DECLS
