/* tern-conversation-list.h: the conversations, in order
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A GListModel of TernConversation kept in step with the store: pinned first,
 * then the most recently used. Reads by a reader handle on the main thread; a
 * change re-reads only the rows it names. Main thread only.
 */

#pragma once

#include <gio/gio.h>

#include "tern-conversation.h"

G_BEGIN_DECLS

#define TERN_TYPE_CONVERSATION_LIST (tern_conversation_list_get_type ())
G_DECLARE_FINAL_TYPE (TernConversationList, tern_conversation_list, TERN, CONVERSATION_LIST,
                      GObject)

/* @reader: a TernDb; @worker: a TernSyncWorker. Both borrowed until detach. */
TernConversationList *tern_conversation_list_new    (gpointer              reader,
                                                     gpointer              worker,
                                                     const char           *self_id);
void                  tern_conversation_list_detach (TernConversationList *self);
/* (transfer none) (nullable) */
TernConversation     *tern_conversation_list_find   (TernConversationList *self,
                                                     const char           *conversation_id,
                                                     guint                *position);
/* silent ones left out */
guint                 tern_conversation_list_get_n_unread (TernConversationList *self);

G_END_DECLS
