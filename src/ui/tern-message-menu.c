/* tern-message-menu.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-message-menu.h"

#include <adwaita.h>
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

static void
add_detail (AdwPreferencesGroup *group,
            const char          *title,
            const char          *value)
{
  GtkWidget *row = adw_action_row_new ();

  /* What others call themselves is no markup. */
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), value);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, value,
                                  -1);
  gtk_widget_add_css_class (row, "property");
  adw_preferences_group_add (group, row);
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
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  GtkWidget *page = adw_preferences_page_new ();

  add_detail (group, _("Sender"), tern_message_get_sender_name (message));
  add_detail (group, _("User ID"), record->sender_id);
  add_detail (group, _("Time"), time);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), group);
  tern_dialog_open (parent, _("Message Details"), 360, 320, page);
}
