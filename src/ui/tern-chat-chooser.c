/* tern-chat-chooser.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-chat-chooser.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tern-dialog.h"

/* The most recently used of those that match; who wants another types more. */
#define MAX_ROWS 50

struct _TernChatChooser
{
  AdwBin         parent_instance;

  GListModel    *conversations;
  GtkEditable   *entry;
  GtkListBox    *list;
  GtkStack      *stack;
};

G_DEFINE_FINAL_TYPE (TernChatChooser, tern_chat_chooser, ADW_TYPE_BIN)

static guint chosen_signal;

static gboolean
matches (TernConversation *conversation,
         const char       *words) /* casefolded */
{
  g_autofree char *name = g_utf8_casefold (tern_conversation_get_name (conversation), -1);

  return tern_conversation_get_row (conversation)->is_in_group && strstr (name, words) != NULL;
}

static GtkWidget *
make_row (TernConversation *conversation)
{
  const char *name = tern_conversation_get_name (conversation);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (name);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (box), adw_avatar_new (32, name, TRUE));
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_widget_set_margin_start (box, 6);
  gtk_widget_set_margin_end (box, 6);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (G_OBJECT (row), "tern-conversation", g_object_ref (conversation),
                          g_object_unref);

  return row;
}

static void
fill (TernChatChooser *self)
{
  g_autofree char *words = g_utf8_casefold (gtk_editable_get_text (self->entry), -1);
  GtkWidget *row;
  guint n_rows = 0;

  g_strstrip (words);
  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
  for (guint i = 0; i < g_list_model_get_n_items (self->conversations) && n_rows < MAX_ROWS; i++)
    {
      g_autoptr(TernConversation) conversation = g_list_model_get_item (self->conversations, i);

      if (!matches (conversation, words))
        continue;
      gtk_list_box_append (self->list, make_row (conversation));
      n_rows++;
    }
  gtk_stack_set_visible_child_name (self->stack, n_rows > 0 ? "list" : "none");
}

static void
choose (TernChatChooser *self,
        GtkListBoxRow   *row)
{
  G_GNUC_UNUSED g_autoptr(TernChatChooser) alive = g_object_ref (self);
  g_autoptr(TernConversation) conversation =
    g_object_ref (g_object_get_data (G_OBJECT (row), "tern-conversation"));

  tern_dialog_close (GTK_WIDGET (self));
  g_signal_emit (self, chosen_signal, 0, conversation);
}

static void
row_activated_cb (TernChatChooser *self,
                  GtkListBoxRow   *row)
{
  choose (self, row);
}

static void
entry_activate_cb (TernChatChooser *self)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, 0);

  if (row != NULL)
    choose (self, row);
}

static gboolean
key_cb (GtkEventControllerKey *controller,
        guint                  keyval,
        guint                  keycode,
        GdkModifierType        state,
        gpointer               user_data)
{
  TernChatChooser *self = user_data;
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, 0);

  if (keyval != GDK_KEY_Down || row == NULL)
    return GDK_EVENT_PROPAGATE;
  gtk_widget_grab_focus (GTK_WIDGET (row));

  return GDK_EVENT_STOP;
}

static void
tern_chat_chooser_dispose (GObject *object)
{
  TernChatChooser *self = TERN_CHAT_CHOOSER (object);

  g_clear_object (&self->conversations);

  G_OBJECT_CLASS (tern_chat_chooser_parent_class)->dispose (object);
}

static void
tern_chat_chooser_class_init (TernChatChooserClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tern_chat_chooser_dispose;
  chosen_signal = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 1, TERN_TYPE_CONVERSATION);
}

static GtkWidget *
make_list (TernChatChooser *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *none = adw_status_page_new ();

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "boxed-list");
  gtk_widget_set_valign (GTK_WIDGET (self->list), GTK_ALIGN_START);
  gtk_widget_set_margin_start (GTK_WIDGET (self->list), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (self->list), 12);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->list), 12);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (row_activated_cb), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->list));
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (none), "edit-find-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (none), _("No Such Chat"));
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, scrolled, "list");
  gtk_stack_add_named (self->stack, none, "none");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);

  return GTK_WIDGET (self->stack);
}

static void
tern_chat_chooser_init (TernChatChooser *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *entry = gtk_search_entry_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->entry = GTK_EDITABLE (entry);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Find a chat"), -1);
  gtk_widget_set_margin_start (entry, 12);
  gtk_widget_set_margin_end (entry, 12);
  gtk_widget_set_margin_top (entry, 6);
  gtk_widget_set_margin_bottom (entry, 12);
  g_signal_connect_swapped (entry, "search-changed", G_CALLBACK (fill), self);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (entry_activate_cb), self);
  g_signal_connect_swapped (entry, "stop-search", G_CALLBACK (tern_dialog_close), self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (entry, keys);
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), make_list (self));
  adw_bin_set_child (ADW_BIN (self), box);
}

/**
 * tern_chat_chooser_open:
 * @parent: a widget of the window that asks
 * @title: what is asked
 * @conversations: to choose from
 *
 * Returns: (transfer none): the chooser
 */
GtkWidget *
tern_chat_chooser_open (GtkWidget            *parent,
                        const char           *title,
                        TernConversationList *conversations)
{
  TernChatChooser *self = g_object_new (TERN_TYPE_CHAT_CHOOSER, NULL);

  self->conversations = g_object_ref (G_LIST_MODEL (conversations));
  fill (self);
  tern_dialog_open (parent, title, 360, 480, GTK_WIDGET (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));

  return GTK_WIDGET (self);
}
