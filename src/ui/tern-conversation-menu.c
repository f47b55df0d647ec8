/* tern-conversation-menu.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-conversation-menu.h"

#include <glib/gi18n.h>

#include "tern-popup-menu.h"

/**
 * tern_conversation_menu_popup:
 * @parent: a widget with the actions
 * @conversation: what the menu is about
 * @x: where, in @parent
 * @y: where, in @parent
 *
 * Returns: (transfer none): the menu
 */
GtkWidget *
tern_conversation_menu_popup (GtkWidget        *parent,
                              TernConversation *conversation,
                              double            x,
                              double            y)
{
  const TernConversationRow *row = tern_conversation_get_row (conversation);
  g_autoptr(GMenu) menu = g_menu_new ();
  g_autoptr(GMenu) more = g_menu_new ();

  g_menu_append (menu, _("_Open"), "conversation.open");
  if (row->n_unread > 0)
    g_menu_append (menu, _("Mark as _Read"), "conversation.read");
  if (row->is_pinned)
    g_menu_append (menu, _("_Unpin"), "conversation.unpin");
  else
    g_menu_append (menu, _("_Pin"), "conversation.pin");
  if (row->recv_opt != 0)
    g_menu_append (menu, _("Un_mute"), "conversation.unmute");
  else
    g_menu_append (menu, _("_Mute"), "conversation.mute");
  g_menu_append (more, _("Copy _ID"), "conversation.copy-id");
  g_menu_append (more, _("_Hide"), "conversation.hide");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (more));

  return tern_popup_menu_open (parent, G_MENU_MODEL (menu), x, y);
}
