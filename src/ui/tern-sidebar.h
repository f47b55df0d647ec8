/* tern-sidebar.h: the list of conversations
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   chosen (TernConversation *)   (nullable)
 *   failed (const char *words)    something that the person asked for
 */

#pragma once

#include <adwaita.h>

#include "tern-session.h"

G_BEGIN_DECLS

#define TERN_TYPE_SIDEBAR (tern_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (TernSidebar, tern_sidebar, TERN, SIDEBAR, GtkWidget)

GtkWidget *tern_sidebar_new         (void);
void       tern_sidebar_set_session (TernSidebar *self,
                                     TernSession *session); /* (nullable) */
void       tern_sidebar_set_folded  (TernSidebar *self,
                                     gboolean     is_folded);
void       tern_sidebar_choose      (TernSidebar *self,
                                     const char  *conversation_id); /* (nullable) */
void       tern_sidebar_step        (TernSidebar *self,
                                     int          by, /* next, previous */
                                     gboolean     is_unread);
void       tern_sidebar_find        (TernSidebar *self);
gboolean   tern_sidebar_focus       (TernSidebar *self);

G_END_DECLS
