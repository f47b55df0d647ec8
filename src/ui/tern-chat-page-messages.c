/* tern-chat-page-messages.c: what is done with messages
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-chat-page-private.h"

#include <glib/gi18n.h>

#include "tern-history-view.h"
#include "tern-message-menu.h"
#include "tern-message-row.h"
#include "tern-message-words.h"
#include "tern-picture-view.h"
#include "tern-time.h"

/* What a copy of it says. */
static char *
dup_words (TernChatPage *self,
           TernMessage  *message)
{
  if (tern_message_get_is_notice (message))
    return tern_session_word_notice (self->session, message);
  if (tern_message_is_text (message))
    return tern_message_dup_text (message, NULL);

  return tern_session_word_preview (self->session, tern_message_get_content (message), NULL, TRUE);
}

static void
copy (TernChatPage *self,
      const char   *text)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static void
go_to_quoted (TernChatPage *self,
              TernMessage  *message)
{
  const TernContent *content = tern_message_get_content (message);

  if (content->quote != NULL && !tern_timeline_jump (self->timeline, content->quote_seq))
    tern_chat_page_fail (self, _("That message is not on this computer"));
}

void
tern_chat_page_set_reply (TernChatPage *self,
                          TernMessage  *message)
{
  g_autofree char *preview = NULL;

  g_set_object (&self->replied, message);
  if (message != NULL)
    preview = tern_session_word_preview (self->session, tern_message_get_content (message), NULL,
                                         TRUE);
  tern_composer_set_reply (self->composer,
                           message != NULL ? tern_message_get_sender_name (message) : NULL,
                           preview);
  if (message != NULL)
    tern_composer_focus (self->composer);
}

void
tern_chat_page_forget_reply (TernChatPage *self)
{
  g_clear_object (&self->replied);
}

/* --- choosing several --- */

/* In a group that one has left there is nowhere to write. */
static void
focus_writing_or_messages (TernChatPage *self)
{
  if (!tern_chat_page_focus_writing (self))
    tern_chat_page_focus_messages (self);
}

static void
update_selection (TernChatPage *self)
{
  g_autoptr(GPtrArray) messages = tern_timeline_dup_selected (self->timeline);
  g_autofree char *text = g_strdup_printf (ngettext ("%u message selected", "%u messages selected",
                                                     messages->len),
                                           messages->len);

  static const char *const actions[] = {
    "chat.copy-selected", "chat.forward-selected", "chat.merge-selected", "chat.delete-selected",
  };

  gtk_label_set_text (self->selection_text, text);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), actions[i], messages->len > 0);
}

void
tern_chat_page_set_selecting (TernChatPage *self,
                              gboolean      is_selecting)
{
  gboolean had_focus = gtk_widget_get_focus_child (GTK_WIDGET (self->selection)) != NULL;

  self->is_selecting = is_selecting;
  tern_timeline_set_selecting (self->timeline, is_selecting);
  gtk_widget_set_visible (GTK_WIDGET (self->selection), is_selecting);
  if (self->conversation != NULL)
    gtk_widget_set_visible (GTK_WIDGET (self->composer),
                            !is_selecting &&
                            tern_conversation_get_row (self->conversation)->is_in_group);
  /* Else it would be led out of the chat. */
  if (had_focus && !is_selecting)
    focus_writing_or_messages (self);
  update_selection (self);
}

static void
toggle (TernChatPage *self,
        TernMessage  *message)
{
  tern_timeline_toggle (self->timeline, message);
  update_selection (self);
}

static void
extend (TernChatPage *self,
        TernMessage  *message,
        int           by)
{
  if (!self->is_selecting)
    tern_chat_page_set_selecting (self, TRUE);
  if (by != 0)
    tern_timeline_extend_by (self->timeline, message, by);
  else
    tern_timeline_extend (self->timeline, NULL, message);
  update_selection (self);
}

void
tern_chat_page_mark_between (TernChatPage *self,
                             TernMessage  *from,
                             TernMessage  *to)
{
  if (!self->is_selecting)
    tern_chat_page_set_selecting (self, TRUE);
  tern_timeline_extend (self->timeline, from, to);
  update_selection (self);
}

static void
copy_selected (TernChatPage *self)
{
  g_autoptr(GPtrArray) messages = tern_timeline_dup_selected (self->timeline);
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < messages->len; i++)
    {
      TernMessage *message = messages->pdata[i];
      g_autofree char *time =
        tern_time_word_full (tern_message_get_record (message)->sent_ms);
      g_autofree char *body = dup_words (self, message);

      g_string_append_printf (text, "%s%s, %s\n%s\n", i > 0 ? "\n" : "",
                              tern_message_get_sender_name (message), time, body);
    }
  copy (self, text->str);
  tern_chat_page_set_selecting (self, FALSE);
}

/* --- the menu --- */

static GPtrArray *
wrap (TernMessage *message)
{
  GPtrArray *messages = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (messages, g_object_ref (message));

  return messages;
}

/* What is on its way can neither be sent on nor deleted. */
static void
delete_one (TernChatPage *self,
            TernMessage  *message)
{
  g_autoptr(GPtrArray) messages = wrap (message);

  if (tern_message_get_seq (message) > 0 ||
      tern_message_get_status (message) == TERN_MESSAGE_FAILED)
    tern_chat_page_delete (self, messages);
}

static void
message_action (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  TernChatPage *self = TERN_CHAT_PAGE (widget);
  g_autoptr(TernMessage) message = NULL;
  g_autoptr(GPtrArray) messages = NULL;
  g_autofree char *text = NULL;

  if (self->menu_message == NULL || self->session == NULL)
    return;
  message = g_object_ref (self->menu_message);
  messages = wrap (message);
  if (g_str_equal (name, "message.copy"))
    {
      text = dup_words (self, message);
      copy (self, text);
    }
  else if (g_str_equal (name, "message.reply"))
    tern_chat_page_set_reply (self, message);
  else if (g_str_equal (name, "message.quoted"))
    go_to_quoted (self, message);
  else if (g_str_equal (name, "message.retry"))
    tern_session_resend (self->session, message);
  else if (g_str_equal (name, "message.forward"))
    tern_chat_page_forward (self, messages, FALSE);
  else if (g_str_equal (name, "message.edit"))
    tern_chat_page_edit_again (self, message);
  else if (g_str_equal (name, "message.revoke"))
    tern_chat_page_revoke (self, message);
  else if (g_str_equal (name, "message.delete"))
    delete_one (self, message);
  else if (g_str_equal (name, "message.details"))
    tern_message_menu_show_details (GTK_WIDGET (self), message);
  else
    {
      tern_chat_page_set_selecting (self, TRUE);
      toggle (self, message);
    }
}

static void
chat_action (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  TernChatPage *self = TERN_CHAT_PAGE (widget);
  g_autoptr(GPtrArray) messages = tern_timeline_dup_selected (self->timeline);

  if (g_str_equal (name, "chat.copy-selected"))
    copy_selected (self);
  else if (g_str_equal (name, "chat.forward-selected"))
    tern_chat_page_forward (self, messages, FALSE);
  else if (g_str_equal (name, "chat.merge-selected"))
    tern_chat_page_forward (self, messages, TRUE);
  else if (g_str_equal (name, "chat.delete-selected"))
    tern_chat_page_delete (self, messages);
  else
    {
      gboolean was_selecting = self->is_selecting;

      tern_chat_page_set_selecting (self, FALSE);
      if (was_selecting)
        return;
      tern_chat_page_set_reply (self, NULL);
      focus_writing_or_messages (self);
    }
}

static TernMessageAbilities
get_abilities (TernChatPage *self,
               TernMessage  *message)
{
  TernMessageAbilities can = 0;

  if (tern_message_get_seq (message) > 0 && !tern_message_get_is_notice (message) &&
      tern_conversation_get_row (self->conversation)->is_in_group)
    can |= TERN_MESSAGE_CAN_REPLY;
  if (tern_session_may_forward (message))
    can |= TERN_MESSAGE_CAN_FORWARD;
  if (tern_session_may_revoke (self->session, message))
    can |= TERN_MESSAGE_CAN_REVOKE;
  if (tern_session_get_remembered_text (self->session, message) != NULL)
    can |= TERN_MESSAGE_CAN_EDIT;

  return can;
}

static void
show_menu (TernChatPage   *self,
           TernMessageRow *row,
           double          x,
           double          y)
{
  TernMessage *message = tern_message_row_get_message (row);

  g_set_object (&self->menu_message, message);
  gtk_widget_translate_coordinates (GTK_WIDGET (row), GTK_WIDGET (self), x, y, &x, &y);
  tern_message_menu_popup (GTK_WIDGET (self), message, get_abilities (self, message), x, y);
}

/* What a card stands for. */
static void
open_card (TernChatPage *self,
           TernMessage  *message)
{
  const TernContent *content = tern_message_get_content (message);
  g_autofree char *map = tern_content_dup_map (content);

  if (map != NULL)
    gtk_show_uri (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), map, GDK_CURRENT_TIME);
  else
    tern_history_view_open (GTK_WIDGET (self), self->session, message, content);
}

static void
open_message (TernChatPage   *self,
              TernMessageRow *row,
              TernMessage    *message)
{
  const TernContent *content = tern_message_get_content (message);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if ((content->kind == TERN_CONTENT_KIND_PICTURE || content->kind == TERN_CONTENT_KIND_FACE) &&
      tern_media_is_allowed (content->url))
    gtk_window_present (GTK_WINDOW (tern_picture_view_new (GTK_WINDOW (root),
                                                           tern_session_get_media (self->session),
                                                           message)));
  else if (content->quote != NULL)
    go_to_quoted (self, message);
  else if (tern_session_get_remembered_text (self->session, message) != NULL)
    tern_chat_page_edit_again (self, message);
  else if (tern_message_opens (message))
    open_card (self, message);
  else
    tern_message_row_activate_media (row);
}

static void
request_cb (TernMessageRow *row,
            int             what,
            double          x,
            double          y,
            gpointer        user_data)
{
  TernChatPage *self = user_data;
  TernMessage *message = tern_message_row_get_message (row);
  g_autofree char *text = NULL;

  switch ((TernRowRequest) what)
    {
    case TERN_ROW_REQUEST_OPEN:
      open_message (self, row, message);
      break;
    case TERN_ROW_REQUEST_COPY:
      if (self->is_selecting)
        {
          copy_selected (self);
          break;
        }
      text = tern_message_row_dup_selected (row);
      if (text == NULL)
        text = dup_words (self, message);
      copy (self, text);
      break;
    case TERN_ROW_REQUEST_MENU:
      show_menu (self, row, x, y);
      break;
    case TERN_ROW_REQUEST_TOGGLE:
      toggle (self, message);
      break;
    case TERN_ROW_REQUEST_EXTEND:
      extend (self, message, 0);
      break;
    case TERN_ROW_REQUEST_EXTEND_UP:
      extend (self, message, -1);
      break;
    case TERN_ROW_REQUEST_EXTEND_DOWN:
      extend (self, message, 1);
      break;
    case TERN_ROW_REQUEST_DELETE:
      if (self->is_selecting)
        gtk_widget_activate_action (GTK_WIDGET (self), "chat.delete-selected", NULL);
      else
        delete_one (self, message);
      break;
    case TERN_ROW_REQUEST_REPLY:
      if (tern_message_get_seq (message) > 0 && !tern_message_get_is_notice (message))
        tern_chat_page_set_reply (self, message);
      break;
    default:
      break;
    }
}

/* --- rows --- */

/* Rows that look alike are reused for one another. */
static guint
get_kind (TernMessage *message,
          gpointer     user_data)
{
  if (tern_message_get_is_notice (message))
    return 1;

  return tern_message_is_text (message) ? 0 : 2;
}

static GtkWidget *
create_row (guint    kind,
            gpointer user_data)
{
  GtkWidget *row = tern_message_row_new ();

  g_signal_connect (row, "request", G_CALLBACK (request_cb), user_data);

  return row;
}

static void
bind_row (GtkWidget    *row,
          TernMessage  *message,
          TernRowFlags  flags,
          gpointer      user_data)
{
  TernChatPage *self = user_data;

  tern_message_row_bind (TERN_MESSAGE_ROW (row), self->session, message,
                         tern_chat_page_is_group (self), flags);
}

static void
unbind_row (GtkWidget *row,
            gpointer   user_data)
{
  tern_message_row_unbind (TERN_MESSAGE_ROW (row));
}

static int
guess_height (TernMessage *message,
              int          width,
              gpointer     user_data)
{
  return tern_message_row_guess_height (message, tern_chat_page_is_group (user_data), width);
}

const TernTimelineRows tern_chat_page_rows = {
  get_kind, create_row, bind_row, unbind_row, guess_height,
};

/* --- the page's part --- */

static GtkWidget *
make_selection_button (const char *icon,
                       const char *label,
                       const char *action)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);

  return button;
}

GtkWidget *
tern_chat_page_make_selection (TernChatPage *self)
{
  self->selection = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));
  self->selection_text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->selection_text, 0);
  /* In a narrow window it takes two lines, which are no higher than the buttons. */
  gtk_label_set_wrap (self->selection_text, TRUE);
  gtk_label_set_wrap_mode (self->selection_text, PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (GTK_WIDGET (self->selection_text), TRUE);
  gtk_widget_set_margin_start (GTK_WIDGET (self->selection_text), 6);
  gtk_box_append (self->selection, GTK_WIDGET (self->selection_text));
  gtk_box_append (self->selection, make_selection_button ("edit-copy-symbolic", _("Copy"),
                                                          "chat.copy-selected"));
  gtk_box_append (self->selection, make_selection_button ("mail-forward-symbolic", _("Forward"),
                                                          "chat.forward-selected"));
  gtk_box_append (self->selection, make_selection_button ("view-list-symbolic",
                                                          _("Forward as One"),
                                                          "chat.merge-selected"));
  gtk_box_append (self->selection, make_selection_button ("user-trash-symbolic",
                                                          _("Delete for Me"),
                                                          "chat.delete-selected"));
  gtk_box_append (self->selection, make_selection_button ("window-close-symbolic",
                                                          _("Cancel Selection"), "chat.cancel"));
  gtk_widget_add_css_class (GTK_WIDGET (self->selection), "toolbar");
  gtk_widget_set_visible (GTK_WIDGET (self->selection), FALSE);

  return GTK_WIDGET (self->selection);
}

void
tern_chat_page_add_actions (GtkWidgetClass *widget_class)
{
  static const char *const message_actions[] = {
    "message.copy", "message.reply", "message.forward", "message.quoted", "message.retry",
    "message.edit", "message.revoke", "message.delete", "message.select", "message.details",
  };
  static const char *const chat_actions[] = {
    "chat.copy-selected", "chat.forward-selected", "chat.merge-selected", "chat.delete-selected",
    "chat.cancel",
  };

  for (guint i = 0; i < G_N_ELEMENTS (message_actions); i++)
    gtk_widget_class_install_action (widget_class, message_actions[i], NULL, message_action);
  for (guint i = 0; i < G_N_ELEMENTS (chat_actions); i++)
    gtk_widget_class_install_action (widget_class, chat_actions[i], NULL, chat_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "chat.cancel", NULL);
}
