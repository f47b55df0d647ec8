/* tern-chat-page.h: one conversation: header, messages, composer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   back ()   the person wants the list again
 *   failed (const char *words)   something to tell in passing
 */

#pragma once

#include <adwaita.h>

#include "tern-session.h"

G_BEGIN_DECLS

#define TERN_TYPE_CHAT_PAGE (tern_chat_page_get_type ())
G_DECLARE_FINAL_TYPE (TernChatPage, tern_chat_page, TERN, CHAT_PAGE, GtkWidget)

GtkWidget *tern_chat_page_new              (void);
void       tern_chat_page_set_session      (TernChatPage     *self,
                                            TernSession      *session); /* (nullable) */
void       tern_chat_page_set_conversation (TernChatPage     *self,
                                            TernConversation *conversation); /* (nullable) */
/* (nullable): what stands in the entry, and in which conversation */
char      *tern_chat_page_dup_written      (TernChatPage     *self,
                                            char            **conversation_id)
                                            G_GNUC_WARN_UNUSED_RESULT;
void       tern_chat_page_set_folded       (TernChatPage     *self,
                                            gboolean          is_folded);
/* What is in view counts as read only while the window is active. */
void       tern_chat_page_set_active       (TernChatPage     *self,
                                            gboolean          is_active);
/* Whether something there took the focus. */
gboolean   tern_chat_page_focus_messages   (TernChatPage     *self);
gboolean   tern_chat_page_focus_writing    (TernChatPage     *self);
gboolean   tern_chat_page_is_in_messages   (TernChatPage     *self,
                                            GtkWidget        *widget);

G_END_DECLS
