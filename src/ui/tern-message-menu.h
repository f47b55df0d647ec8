/* tern-message-menu.h: what can be done with a message
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The menu's actions are the parent's: message.copy, .reply, .forward, .quoted,
 * .retry, .edit, .revoke, .delete, .select, .details.
 */

#pragma once

#include <adwaita.h>

#include "tern-message.h"

G_BEGIN_DECLS

typedef enum
{
  TERN_MESSAGE_CAN_REPLY = 1 << 0,
  TERN_MESSAGE_CAN_FORWARD = 1 << 1,
  TERN_MESSAGE_CAN_REVOKE = 1 << 2,
  TERN_MESSAGE_CAN_EDIT = 1 << 3, /* it was withdrawn; its text is still known */
} TernMessageAbilities;

void tern_message_menu_popup        (GtkWidget            *parent,
                                     TernMessage          *message,
                                     TernMessageAbilities  can,
                                     double                x,
                                     double                y);
void tern_message_menu_show_details (GtkWidget            *parent,
                                     TernMessage          *message);

G_END_DECLS
