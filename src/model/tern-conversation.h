/* tern-conversation.h: a row of the conversation list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An item of TernConversationList. Keeps its identity; every change emits
 * "changed". Main thread only.
 */

#pragma once

#include <gio/gio.h>

#include "tern-content.h"
#include "tern-records.h"

G_BEGIN_DECLS

#define TERN_TYPE_CONVERSATION (tern_conversation_get_type ())
G_DECLARE_FINAL_TYPE (TernConversation, tern_conversation, TERN, CONVERSATION, GObject)

const TernConversationRow *tern_conversation_get_row         (TernConversation *self);
const char                *tern_conversation_get_id          (TernConversation *self);
/* never "": the ID at worst */
const char                *tern_conversation_get_name        (TernConversation *self);
/* somebody unread mentions me, or everybody */
gboolean                   tern_conversation_get_is_mentioned (TernConversation *self);
/* (nullable): read when it is asked for */
const TernMessageRecord   *tern_conversation_get_last        (TernConversation *self);
/* an announcement is unread, and nobody mentions me */
gboolean                   tern_conversation_get_is_announced (TernConversation *self);
/* (nullable) */
const TernContent         *tern_conversation_get_last_content (TernConversation *self);
/* (nullable) */
const char                *tern_conversation_get_last_sender_name (TernConversation *self);
/* (nullable): who */
const char                *tern_conversation_get_typing      (TernConversation *self);

G_END_DECLS
