/* tern-message-menu.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-message-menu.h"

#include <glib/gi18n.h>

#include "tern-dialog.h"
#include "tern-popup-menu.h"
#include "tern-time.h"

/* Back to where the focus was; not into a text, which would mark all of it. */
static void
give_back_focus_cb (GtkPopover *popover,
                    gpointer    user_data)
{
  GtkWidget *before = user_data;

  if (GTK_IS_LABEL (before))
    before = gtk_widget_get_parent (before);
  if (gtk_widget_get_mapped (before))
    gtk_widget_grab_focus (before);
}

/**
 * tern_message_menu_popup:
 * @parent: a widget with the actions
 * @message: what the menu is about
 * @can: what holds of it here and now
 * @x: where, in @parent
 * @y: where, in @parent
 */
void
tern_message_menu_popup (GtkWidget            *parent,
                         TernMessage          *message,
                         TernMessageAbilities  can,
                         double                x,
                         double                y)
{
  g_autoptr(GMenu) menu = g_menu_new ();
  g_autoptr(GMenu) more = g_menu_new ();
  g_autoptr(GMenu) away = g_menu_new ();
  GtkWidget *before = gtk_root_get_focus (gtk_widget_get_root (parent));
  GtkWidget *popover;

  if (tern_message_get_status (message) == TERN_MESSAGE_FAILED)
    g_menu_append (menu, _("_Try Again"), "message.retry");
  if ((can & TERN_MESSAGE_CAN_EDIT) != 0)
    g_menu_append (menu, _("_Edit Again"), "message.edit");
  if ((can & TERN_MESSAGE_CAN_REPLY) != 0)
    g_menu_append (menu, _("_Reply"), "message.reply");
  g_menu_append (menu, _("_Copy"), "message.copy");
  if ((can & TERN_MESSAGE_CAN_FORWARD) != 0)
    g_menu_append (menu, _("_Forward…"), "message.forward");
  if (tern_message_get_content (message)->quote != NULL)
    g_menu_append (menu, _("Go to _Quoted Message"), "message.quoted");
  g_menu_append (more, _("_Select"), "message.select");
  g_menu_append (more, _("_Details"), "message.details");
  if ((can & TERN_MESSAGE_CAN_REVOKE) != 0)
    g_menu_append (away, _("_Withdraw…"), "message.revoke");
  /* What is on its way comes back. */
  if (tern_message_get_seq (message) > 0 ||
      tern_message_get_status (message) == TERN_MESSAGE_FAILED)
    g_menu_append (away, _("Delete for _Me…"), "message.delete");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (more));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (away));
  popover = tern_popup_menu_open (parent, G_MENU_MODEL (menu), x, y);
  if (before != NULL)
    g_signal_connect_object (popover, "closed", G_CALLBACK (give_back_focus_cb), before, 0);
}

/**
 * tern_message_menu_show_details:
 * @parent: a widget of the window
 * @message: a message
 *
 * Tells who sent it and when.
 */
void
tern_message_menu_show_details (GtkWidget   *parent,
                                TernMessage *message)
{
  const TernMessageRecord *record = tern_message_get_record (message);
  g_autofree char *time = tern_time_word_full (record->sent_ms > 0 ? record->sent_ms
                                                                   : record->created_ms);
  g_autofree char *body = g_strdup_printf ("%s\n%s\n\n%s",
                                           tern_message_get_sender_name (message),
                                           record->sender_id, time);

  tern_dialog_ask (parent, _("Message Details"), body, NULL, FALSE, NULL, NULL, NULL);
}
