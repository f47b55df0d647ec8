/* tern-chat-page.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-chat-page-private.h"

#include <glib/gi18n.h>

#include "tern-date-popover.h"
#include "tern-panes.h"
#include "tern-text.h"

/* A draft is written when nothing was typed for so long. */
#define DRAFT_MS 1000

G_DEFINE_FINAL_TYPE (TernChatPage, tern_chat_page, GTK_TYPE_WIDGET)

enum
{
  SIGNAL_BACK,
  SIGNAL_FAILED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

void
tern_chat_page_fail (TernChatPage *self,
                     const char   *words)
{
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, words);
}

gboolean
tern_chat_page_is_group (TernChatPage *self)
{
  return tern_conversation_get_row (self->conversation)->chat_type == TERN_CHAT_GROUP;
}

/* Only what was really in view, of a window that somebody looks at. */
static void
mark_read (TernChatPage *self)
{
  if (self->is_active && self->messages != NULL && self->seen_seq > 0)
    tern_session_mark_read (self->session, tern_conversation_get_id (self->conversation),
                            self->seen_seq);
}

/* Whether there is one that was not in view yet. */
static void
update_mention (TernChatPage *self)
{
  gint64 read_seq = tern_conversation_get_row (self->conversation)->read_seq;

  if (!tern_conversation_get_is_mentioned (self->conversation))
    self->mention_seq = 0;
  else if (self->mention_seq == 0 || self->mention_seq <= self->seen_seq)
    self->mention_seq = tern_session_find_mention (self->session,
                                                   tern_conversation_get_id (self->conversation),
                                                   MAX (read_seq, self->seen_seq));
  tern_timeline_set_mentioned (self->timeline, self->mention_seq > 0);
}

static void
to_mention_cb (TernTimeline *timeline,
               gpointer      user_data)
{
  TernChatPage *self = user_data;

  if (tern_timeline_jump (timeline, self->mention_seq))
    return;
  tern_timeline_set_mentioned (timeline, FALSE);
  tern_chat_page_fail (self, _("That message is not on this computer"));
}

static void
seen_cb (TernTimeline *timeline,
         gint64        seq,
         gpointer      user_data)
{
  TernChatPage *self = user_data;

  self->seen_seq = MAX (self->seen_seq, seq);
  if (self->mention_seq > 0 && self->mention_seq <= self->seen_seq)
    update_mention (self);
  mark_read (self);
}

/* --- what is written --- */

static void
draft_stored_cb (TernChatPage     *self,
                 TernConversation *conversation)
{
  const char *text = g_hash_table_lookup (self->drafts, conversation);

  if (text != NULL && !g_str_equal (text, tern_conversation_get_row (conversation)->draft))
    return;
  g_signal_handlers_disconnect_by_func (conversation, draft_stored_cb, self);
  g_hash_table_remove (self->drafts, conversation);
}

/* The row says so only when it is on disk, and one may be back before that. */
static void
remember_draft (TernChatPage     *self,
                TernConversation *conversation,
                const char       *text)
{
  if (!g_hash_table_contains (self->drafts, conversation))
    g_signal_connect_object (conversation, "changed", G_CALLBACK (draft_stored_cb), self,
                             G_CONNECT_SWAPPED);
  g_hash_table_insert (self->drafts, g_object_ref (conversation), g_strdup (text));
}

static const char *
get_draft (TernChatPage     *self,
           TernConversation *conversation)
{
  const char *text = g_hash_table_lookup (self->drafts, conversation);

  return text != NULL ? text : tern_conversation_get_row (conversation)->draft;
}

static void
save_text (TernChatPage     *self,
           TernConversation *conversation,
           char             *text) /* (transfer full) */
{
  remember_draft (self, conversation, text);
  tern_session_save_draft (self->session, tern_conversation_get_id (conversation), text);
  g_free (text);
}

static void
save_draft (TernChatPage *self)
{
  if (self->draft_id == 0 || self->conversation == NULL)
    return;

  g_clear_handle_id (&self->draft_id, g_source_remove);
  save_text (self, self->conversation, tern_composer_dup_text (self->composer));
}

static gboolean
draft_cb (gpointer user_data)
{
  save_draft (user_data);

  return G_SOURCE_REMOVE;
}

static void
schedule_draft (TernChatPage *self)
{
  g_clear_handle_id (&self->draft_id, g_source_remove);
  self->draft_id = g_timeout_add (DRAFT_MS, draft_cb, self);
}

static void
typed_cb (TernComposer *composer,
          gpointer      user_data)
{
  TernChatPage *self = user_data;

  if (self->conversation == NULL)
    return;

  if (g_settings_get_boolean (self->settings, "tells-typing"))
    tern_session_note_typing (self->session, tern_conversation_get_id (self->conversation));
  schedule_draft (self);
}

static char *
put_below (const char *text,
           const char *below)
{
  return g_strconcat (text, *text != '\0' ? "\n" : "", below, NULL);
}

void
tern_chat_page_put_back (TernChatPage *self,
                         const char   *text)
{
  g_autofree char *now = tern_composer_dup_text (self->composer);
  g_autofree char *both = put_below (now, text);

  tern_composer_set_text (self->composer, both);
  schedule_draft (self);
}

typedef struct
{
  TernChatPage     *self;
  TernConversation *conversation;
  char             *text;
} Sending;

static void
sent_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Sending *sending = user_data;
  TernChatPage *self = sending->self;
  g_autoptr(GError) error = NULL;
  g_autofree char *client_id =
    tern_session_send_text_finish (TERN_SESSION (object), result, &error);

  if (client_id == NULL)
    {
      g_autofree char *words = tern_session_word_error (error);

      /* What could not be stored goes back to where it was written. */
      if (self->conversation == sending->conversation)
        tern_chat_page_put_back (self, sending->text);
      else if (self->session == TERN_SESSION (object))
        save_text (self, sending->conversation,
                   put_below (get_draft (self, sending->conversation), sending->text));
      tern_chat_page_fail (self, words);
    }

  g_object_unref (sending->self);
  g_object_unref (sending->conversation);
  g_free (sending->text);
  g_free (sending);
}

static void
send_cb (TernComposer *composer,
         const char   *shown,
         const char   *text,
         GPtrArray    *at,
         gpointer      user_data)
{
  TernChatPage *self = user_data;
  Sending *sending;

  if (self->conversation == NULL)
    return;

  g_clear_handle_id (&self->draft_id, g_source_remove);
  tern_timeline_open_end (self->timeline);
  sending = g_new0 (Sending, 1);
  sending->self = g_object_ref (self);
  sending->conversation = g_object_ref (self->conversation);
  sending->text = g_strdup (shown);
  remember_draft (self, self->conversation, "");
  tern_session_send_text_async (self->session, tern_conversation_get_id (self->conversation), text,
                                at, self->replied, NULL, sent_cb, sending);
  tern_composer_set_reply (self->composer, NULL, NULL);
  g_clear_object (&self->replied);
}

static GPtrArray *
list_people (gpointer user_data)
{
  TernChatPage *self = user_data;

  return tern_session_list_people (self->session, tern_conversation_get_id (self->conversation));
}

static void
update_header (TernChatPage *self)
{
  const TernConversationRow *row = tern_conversation_get_row (self->conversation);
  g_autofree char *name = tern_text_dup_line (tern_conversation_get_name (self->conversation),
                                              TERN_TEXT_LINE_CHARS);
  const char *who = tern_conversation_get_typing (self->conversation);
  g_autofree char *typing = who != NULL ? tern_text_dup_line (who, TERN_TEXT_LINE_CHARS) : NULL;
  g_autofree char *subtitle = NULL;

  if (typing != NULL)
    subtitle = tern_chat_page_is_group (self) ? g_strdup_printf (_("%s is typing…"), typing)
                               : g_strdup (_("Typing…"));
  else if (tern_chat_page_is_group (self))
    subtitle = g_strdup (row->is_in_group ? _("Group") : _("You are not in this group"));
  else
    subtitle = g_strdup ("");
  adw_avatar_set_text (self->avatar, name);
  gtk_label_set_text (self->title, name);
  gtk_label_set_text (self->subtitle, subtitle);
  gtk_widget_set_visible (GTK_WIDGET (self->subtitle), *subtitle != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->composer), row->is_in_group && !self->is_selecting);
  gtk_widget_set_visible (GTK_WIDGET (self->closed), !row->is_in_group);
  tern_timeline_set_n_unread (self->timeline, row->n_unread);
  update_mention (self);
}

static void
back_cb (GtkButton *button,
         gpointer   user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_BACK], 0);
}

/* --- to a day --- */

static void
show_days_cb (GtkWidget  *popover,
              GParamSpec *property,
              gpointer    user_data)
{
  TernChatPage *self = user_data;
  gint64 ms;

  if (self->conversation == NULL || !gtk_widget_get_visible (popover))
    return;
  ms = tern_timeline_get_time (self->timeline);
  tern_date_popover_show (TERN_DATE_POPOVER (popover), self->session,
                          tern_conversation_get_id (self->conversation),
                          ms > 0 ? ms : g_get_real_time () / 1000);
}

/* Where there is nothing on that day or after it, the newest is next to it. */
static void
day_chosen_cb (TernChatPage *self,
               gint64        ms)
{
  gint64 sent_ms;
  gint64 seq;

  if (self->conversation == NULL)
    return;
  seq = tern_session_find_seq_at (self->session, tern_conversation_get_id (self->conversation),
                                  ms, &sent_ms);
  if (seq == 0)
    tern_timeline_open_end (self->timeline);
  tern_timeline_focus (self->timeline);
  if (seq != 0)
    tern_timeline_jump (self->timeline, seq);
}

static void
go_to_date_action (GtkWidget  *widget,
                   const char *name,
                   GVariant   *parameter)
{
  TernChatPage *self = TERN_CHAT_PAGE (widget);

  if (self->conversation != NULL)
    gtk_menu_button_popup (self->date);
}

/* Wherever in the window the focus is. */
static void
add_shortcut (TernChatPage *self)
{
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (shortcuts),
                                     GTK_SHORTCUT_SCOPE_GLOBAL);
  gtk_shortcut_controller_add_shortcut (
    GTK_SHORTCUT_CONTROLLER (shortcuts),
    gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_g, GDK_CONTROL_MASK),
                      gtk_named_action_new ("chat.go-to-date")));
  gtk_widget_add_controller (GTK_WIDGET (self), shortcuts);
}

static GtkWidget *
make_date_button (TernChatPage *self)
{
  GtkWidget *popover = tern_date_popover_new ();

  g_signal_connect (popover, "notify::visible", G_CALLBACK (show_days_cb), self);
  g_signal_connect_swapped (popover, "chosen", G_CALLBACK (day_chosen_cb), self);
  self->date = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_menu_button_set_icon_name (self->date, "x-office-calendar-symbolic");
  gtk_menu_button_set_popover (self->date, popover);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->date), _("Go to a Day"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->date), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Go to a day"), -1);

  return GTK_WIDGET (self->date);
}

static GtkWidget *
make_header (TernChatPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->header = ADW_HEADER_BAR (adw_header_bar_new ());
  tern_panes_set_up_header (self->header);
  self->back = GTK_BUTTON (gtk_button_new_from_icon_name ("go-previous-symbolic"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->back), _("Back to the Chats"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->back), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Back to the chats"), -1);
  gtk_widget_set_visible (GTK_WIDGET (self->back), FALSE);
  g_signal_connect (self->back, "clicked", G_CALLBACK (back_cb), self);
  self->avatar = ADW_AVATAR (adw_avatar_new (32, NULL, TRUE));
  self->title = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "heading");
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->title, 0);
  self->subtitle = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->subtitle), "caption");
  gtk_label_set_ellipsize (self->subtitle, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->subtitle, 0);
  gtk_widget_set_valign (lines, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (lines), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (lines), GTK_WIDGET (self->subtitle));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->avatar));
  gtk_box_append (GTK_BOX (box), lines);
  adw_header_bar_pack_start (self->header, GTK_WIDGET (self->back));
  adw_header_bar_pack_end (self->header, make_date_button (self));
  adw_header_bar_set_title_widget (self->header, box);

  return GTK_WIDGET (self->header);
}

static GtkWidget *
make_body (TernChatPage *self)
{
  GtkWidget *body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *clamp = adw_clamp_new ();

  self->timeline = TERN_TIMELINE (tern_timeline_new (&tern_chat_page_rows, self));
  g_signal_connect (self->timeline, "seen", G_CALLBACK (seen_cb), self);
  g_signal_connect (self->timeline, "to-mention", G_CALLBACK (to_mention_cb), self);
  g_signal_connect_swapped (self->timeline, "dragged", G_CALLBACK (tern_chat_page_mark_between),
                            self);
  self->composer = TERN_COMPOSER (tern_composer_new ());
  g_signal_connect (self->composer, "send", G_CALLBACK (send_cb), self);
  g_signal_connect (self->composer, "typed", G_CALLBACK (typed_cb), self);
  g_signal_connect_swapped (self->composer, "reply-cancelled",
                            G_CALLBACK (tern_chat_page_forget_reply), self);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 800);
  adw_clamp_set_tightening_threshold (ADW_CLAMP (clamp), 700);
  adw_clamp_set_child (ADW_CLAMP (clamp), GTK_WIDGET (self->composer));
  self->closed = GTK_LABEL (gtk_label_new (_("You cannot write here any more")));
  gtk_label_set_wrap (self->closed, TRUE);
  gtk_label_set_justify (self->closed, GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (self->closed), "dim-label");
  gtk_widget_set_margin_top (GTK_WIDGET (self->closed), 12);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->closed), 12);
  gtk_box_append (GTK_BOX (body), make_header (self));
  gtk_box_append (GTK_BOX (body), GTK_WIDGET (self->timeline));
  gtk_box_append (GTK_BOX (body), clamp);
  gtk_box_append (GTK_BOX (body), GTK_WIDGET (self->closed));
  gtk_box_append (GTK_BOX (body), tern_chat_page_make_selection (self));

  return body;
}

static GtkWidget *
make_empty (void)
{
  GtkWidget *body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *status = adw_status_page_new ();

  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), gtk_label_new (NULL));
  gtk_widget_add_css_class (header, "flat");
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (status), TERN_ICON "-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (status), _("No Chat Selected"));
  adw_status_page_set_description (ADW_STATUS_PAGE (status), _("Choose one from the list"));
  gtk_widget_set_vexpand (status, TRUE);
  gtk_box_append (GTK_BOX (body), header);
  gtk_box_append (GTK_BOX (body), status);

  return body;
}

static void
tern_chat_page_dispose (GObject *object)
{
  TernChatPage *self = TERN_CHAT_PAGE (object);
  GtkWidget *child;

  if (self->stack != NULL)
    tern_chat_page_set_conversation (self, NULL);
  self->stack = NULL;
  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (tern_chat_page_parent_class)->dispose (object);
}

static void
tern_chat_page_finalize (GObject *object)
{
  TernChatPage *self = TERN_CHAT_PAGE (object);

  g_hash_table_unref (self->places);
  g_hash_table_unref (self->drafts);
  g_object_unref (self->settings);

  G_OBJECT_CLASS (tern_chat_page_parent_class)->finalize (object);
}

static void
tern_chat_page_class_init (TernChatPageClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tern_chat_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = tern_chat_page_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "chat");
  tern_chat_page_add_actions (GTK_WIDGET_CLASS (klass));
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "chat.go-to-date", NULL,
                                   go_to_date_action);

  signals[SIGNAL_BACK] = g_signal_new ("back", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 0);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
tern_chat_page_init (TernChatPage *self)
{
  self->settings = g_settings_new (TERN_SETTINGS);
  self->places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->drafts = g_hash_table_new_full (NULL, NULL, g_object_unref, g_free);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, make_empty (), "empty");
  gtk_stack_add_named (self->stack, make_body (self), "chat");
  gtk_widget_set_parent (GTK_WIDGET (self->stack), GTK_WIDGET (self));
  add_shortcut (self);
}

/* --- coming and going --- */

/* In memory for the next switch, on disk for the next start. */
static void
save_place (TernChatPage *self)
{
  TernTimelinePlace place;

  if (self->conversation == NULL || self->messages == NULL)
    return;
  tern_timeline_get_place (self->timeline, &place);
  g_hash_table_insert (self->places, g_strdup (tern_conversation_get_id (self->conversation)),
                       g_memdup2 (&place, sizeof place));
  tern_session_save_place (self->session, tern_conversation_get_id (self->conversation),
                           place.seq, place.y);
}

static gboolean
find_place (TernChatPage      *self,
            const char        *conversation_id,
            TernTimelinePlace *place)
{
  const TernTimelinePlace *known = g_hash_table_lookup (self->places, conversation_id);

  if (known == NULL)
    return tern_session_find_place (self->session, conversation_id, &place->seq, &place->y);
  *place = *known;

  return place->seq > 0;
}

static void
leave (TernChatPage *self)
{
  save_place (self);
  if (self->is_selecting)
    tern_chat_page_set_selecting (self, FALSE);
  if (self->replied != NULL)
    tern_chat_page_set_reply (self, NULL);
  g_clear_object (&self->menu_message);
  tern_timeline_set_source (self->timeline, NULL);
  if (self->messages != NULL)
    tern_message_list_detach (self->messages);
  g_clear_object (&self->messages);
  if (self->conversation != NULL)
    g_signal_handlers_disconnect_by_func (self->conversation, update_header, self);
  self->seen_seq = 0;
  self->mention_seq = 0;
}

/* Where it was left, if that lies before the first unread message; else at that
 * one, which has its line in either case; else at the end. */
static void
open_timeline (TernChatPage *self)
{
  const TernConversationRow *row = tern_conversation_get_row (self->conversation);
  TernTimelinePlace place;

  if (row->n_unread > 0)
    tern_timeline_open_unread (self->timeline, row->read_seq);
  if (find_place (self, row->id, &place) && place.seq <= row->read_seq)
    tern_timeline_open_place (self->timeline, &place);
}

/**
 * tern_chat_page_new:
 *
 * Returns: (transfer floating): a page without a conversation
 */
GtkWidget *
tern_chat_page_new (void)
{
  return g_object_new (TERN_TYPE_CHAT_PAGE, NULL);
}

/**
 * tern_chat_page_set_session:
 * @self: a page
 * @session: (nullable): whose conversations are shown from now on
 */
void
tern_chat_page_set_session (TernChatPage *self,
                            TernSession  *session)
{
  tern_chat_page_set_conversation (self, NULL);
  g_hash_table_remove_all (self->places);
  g_hash_table_remove_all (self->drafts);
  g_set_object (&self->session, session);
}

/**
 * tern_chat_page_set_conversation:
 * @self: a page
 * @conversation: (nullable): what to show
 */
void
tern_chat_page_set_conversation (TernChatPage     *self,
                                 TernConversation *conversation)
{
  if (self->conversation == conversation)
    return;

  save_draft (self);
  leave (self);
  g_set_object (&self->conversation, conversation);
  gtk_stack_set_visible_child_name (self->stack, conversation != NULL ? "chat" : "empty");
  if (conversation == NULL)
    return;

  g_signal_connect_swapped (conversation, "changed", G_CALLBACK (update_header), self);
  tern_composer_set_people (self->composer, tern_chat_page_is_group (self) ? list_people : NULL,
                            self);
  tern_composer_set_text (self->composer, get_draft (self, conversation));
  tern_session_set_focus (self->session, tern_conversation_get_id (conversation));
  self->messages = tern_session_open_messages (self->session,
                                               tern_conversation_get_id (conversation));
  update_header (self);
  tern_timeline_set_source (self->timeline, TERN_TIMELINE_SOURCE (self->messages));
  open_timeline (self);
  tern_composer_focus (self->composer);
}

/**
 * tern_chat_page_dup_written:
 * @self: a page
 * @conversation_id: (out) (transfer full): where it stands
 *
 * Returns: (transfer full) (nullable): what is written and not sent
 */
char *
tern_chat_page_dup_written (TernChatPage  *self,
                            char         **conversation_id)
{
  g_autofree char *text = NULL;

  if (self->conversation == NULL)
    return NULL;

  text = tern_composer_dup_text (self->composer);
  if (*text == '\0')
    return NULL;

  *conversation_id = g_strdup (tern_conversation_get_id (self->conversation));

  return g_steal_pointer (&text);
}

/**
 * tern_chat_page_set_folded:
 * @self: a page
 * @is_folded: the list is not beside it: offer the way back
 */
void
tern_chat_page_set_folded (TernChatPage *self,
                           gboolean      is_folded)
{
  gtk_widget_set_visible (GTK_WIDGET (self->back), is_folded);
  adw_header_bar_set_show_start_title_buttons (self->header, is_folded);
}

/**
 * tern_chat_page_set_active:
 * @self: a page
 * @is_active: whether somebody looks at it
 */
void
tern_chat_page_set_active (TernChatPage *self,
                           gboolean      is_active)
{
  self->is_active = is_active;
  mark_read (self);
  /* The program may be gone before the chat is left. */
  if (!is_active)
    save_place (self);
}

/**
 * tern_chat_page_focus_messages:
 * @self: a page
 *
 * Returns: whether there was a message to take the focus
 */
gboolean
tern_chat_page_focus_messages (TernChatPage *self)
{
  return gtk_widget_get_mapped (GTK_WIDGET (self->timeline)) &&
         tern_timeline_focus (self->timeline);
}

/**
 * tern_chat_page_focus_writing:
 * @self: a page
 *
 * Puts the focus where one writes, or into what stands there instead.
 *
 * Returns: whether something took it
 */
gboolean
tern_chat_page_focus_writing (TernChatPage *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self->composer)))
    return gtk_widget_get_mapped (GTK_WIDGET (self->selection)) &&
           gtk_widget_child_focus (GTK_WIDGET (self->selection), GTK_DIR_TAB_FORWARD);
  tern_composer_focus (self->composer);

  return TRUE;
}

/**
 * tern_chat_page_is_in_messages:
 * @self: a page
 * @widget: any widget
 *
 * Returns: whether it is one of the messages or in one
 */
gboolean
tern_chat_page_is_in_messages (TernChatPage *self,
                               GtkWidget    *widget)
{
  return gtk_widget_is_ancestor (widget, GTK_WIDGET (self->timeline));
}
