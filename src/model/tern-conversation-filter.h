/* tern-conversation-filter.h: the conversations as they are shown
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A GListModel of TernConversation: those of a TernConversationList whose
 * names have what somebody looks for in them, in its order. Changes are taken
 * over together, before the next frame; while it is held, nothing moves at
 * all, so that a row stays under the pointer that is about to click it. Main
 * thread only.
 */

#pragma once

#include <gio/gio.h>

#include "tern-conversation.h"

G_BEGIN_DECLS

#define TERN_TYPE_CONVERSATION_FILTER (tern_conversation_filter_get_type ())
G_DECLARE_FINAL_TYPE (TernConversationFilter, tern_conversation_filter, TERN, CONVERSATION_FILTER,
                      GObject)

TernConversationFilter *tern_conversation_filter_new      (GListModel             *source);
/* @text: (nullable): NULL or "": all of them */
void                    tern_conversation_filter_set_text (TernConversationFilter *self,
                                                           const char             *text);
void                    tern_conversation_filter_set_held (TernConversationFilter *self,
                                                           gboolean                is_held);
/* Takes over what changed at once, also while it is held. */
void                    tern_conversation_filter_apply    (TernConversationFilter *self);
/* -1: not shown */
int                     tern_conversation_filter_find     (TernConversationFilter *self,
                                                           const char             *conversation_id);

G_END_DECLS
