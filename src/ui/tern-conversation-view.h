/* tern-conversation-view.h: the conversations, as rows that do not jump
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A TernVlist over a TernConversationFilter. Which one is open is an ID, so it
 * survives every move. Nothing changes its place while somebody is about to
 * click: when the pointer was moved over the list a moment ago, a button is
 * down, or a menu is open.
 *
 *   chosen (TernConversation *)                        to be opened
 *   menu   (TernConversation *, double x, double y)    in the view
 */

#pragma once

#include "tern-conversation-filter.h"
#include "tern-session.h"
#include "tern-vlist.h"

G_BEGIN_DECLS

#define TERN_TYPE_CONVERSATION_VIEW (tern_conversation_view_get_type ())
G_DECLARE_FINAL_TYPE (TernConversationView, tern_conversation_view, TERN, CONVERSATION_VIEW,
                      TernVlist)

TernConversationView *tern_conversation_view_new          (void);
/* Both (nullable); @filter goes with @session. */
void                  tern_conversation_view_set_session  (TernConversationView   *self,
                                                           TernSession            *session,
                                                           TernConversationFilter *filter);
void                  tern_conversation_view_select       (TernConversationView   *self,
                                                           /* (nullable) */
                                                           const char             *id);
const char           *tern_conversation_view_get_selected (TernConversationView   *self);
void                  tern_conversation_view_set_has_menu (TernConversationView   *self,
                                                           gboolean                has_menu);

G_END_DECLS
