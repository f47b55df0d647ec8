/* test-chat-page.c: the page of one chat, over a session that is not connected
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "store-fixture.h"
#include "tern-chat-chooser.h"
#include "tern-chat-page.h"
#include "tern-dialog.h"
#include "tern-message-row-private.h"
#include "tern-preferences.h"
#include "tern-session-private.h"
#include "tern-shortcuts.h"
#include "tern-timeline-view.h"
#include "tern-timeline.h"
#include "test-support.h"
#include "ui-support.h"

#define CHAT "sg_hikers"
#define N_MESSAGES 130
/* More than one message holds of them. */
#define N_TOO_MANY 101
#define SECONDS 60
#define READ_SEQ 100
#define PLACE_SEQ 31

/* Of the newest message: it was withdrawn; of those after READ_SEQ: not read. */
static const char with_withdrawn[] = "withdrawn";
static const char with_unread[] = "unread";

typedef struct
{
  char         *folder;
  TernSession  *session;
  GtkWidget    *window;
  TernChatPage *page;
  TernTimeline *timeline;
  TernVlist    *list;
  GtkTextBuffer *buffer;
  TernConversation *conversation;
  guint         n_failed;
  gboolean      is_open;
  gboolean      is_closed;
} Fixture;

static void
fill_store (const char *folder,
            const char *with)
{
  StoreFixture store = { .folder = (char *) folder };
  g_autoptr(TernSeqRanges) ranges = tern_seq_ranges_new ();
  g_autoptr(GError) error = NULL;

  store.writer = tern_db_open (folder, TERN_DB_WRITER, &error);
  g_assert_no_error (error);
  store_fixture_begin (&store);
  for (gint64 seq = 1; seq <= N_MESSAGES; seq++)
    {
      g_autofree char *client_id = g_strdup_printf ("c%" G_GINT64_FORMAT, seq);
      g_autoptr(TernMessageRecord) message = store_message_new (CHAT, PEER, client_id, seq,
                                                                "{\"content\":\"hello\"}");

      tern_store_put_message (store.writer, message, store.changes, &error);
      g_assert_no_error (error);
      if (seq == 1)
        tern_store_ensure_conversation (store.writer, message, SELF, store.changes, &error);
      g_assert_no_error (error);
    }
  tern_seq_ranges_add (ranges, 1, N_MESSAGES);
  tern_store_save_ranges (store.writer, CHAT, ranges, &error);
  g_assert_no_error (error);
  tern_store_set_seqs (store.writer, CHAT, N_MESSAGES,
                       with == with_unread ? READ_SEQ : N_MESSAGES, store.changes, &error);
  g_assert_no_error (error);
  if (with == with_withdrawn)
    {
      static const char detail[] = "{\"detail\":\"{}\"}";
      g_autoptr(GBytes) content = g_bytes_new_static (detail, sizeof detail - 1);

      store_revoke (store.writer, store.changes, CHAT, N_MESSAGES, content);
    }
  store_fixture_commit (&store);
  tern_changes_unref (store.changes);
  tern_db_close (store.writer);
}

static void
opened_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  tern_session_open_finish (TERN_SESSION (object), result, &error);
  g_assert_no_error (error);
  ((Fixture *) user_data)->is_open = TRUE;
}

static void
closed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  tern_session_close_finish (TERN_SESSION (object), result);
  ((Fixture *) user_data)->is_closed = TRUE;
}

static void
failed_cb (Fixture    *self,
           const char *words)
{
  self->n_failed++;
}

/* (nullable): the row of that message, in view or near it */
static GtkWidget *
find_shown (Fixture *self,
            gint64   seq)
{
  for (guint i = 0; i < tern_vlist_get_n_slots (self->list); i++)
    {
      if (tern_message_get_seq (tern_vlist_get_item (self->list, i)) == seq)
        return tern_vlist_get_row (self->list, i);
    }

  return NULL;
}

static void
set_up (Fixture       *self,
        gconstpointer  with)
{
  g_autoptr(TernServers) servers = tern_servers_new ("", "http://127.0.0.1:9", "ws://127.0.0.1:9");
  g_autoptr(TernAccount) account = tern_account_new (servers, SELF, "");
  g_autofree char *folder = NULL;

  self->folder = g_dir_make_tmp ("tern-page-XXXXXX", NULL);
  folder = tern_account_dup_folder (account, self->folder);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  fill_store (folder, with);
  self->session = tern_session_new (account, self->folder);
  tern_session_open_async (self->session, FALSE, NULL, opened_cb, self);
  test_wait_for (self->is_open, SECONDS);
  self->conversation =
    g_list_model_get_item (G_LIST_MODEL (tern_session_get_conversations (self->session)), 0);
  g_assert_nonnull (self->conversation);

  self->page = TERN_CHAT_PAGE (tern_chat_page_new ());
  g_signal_connect_swapped (self->page, "failed", G_CALLBACK (failed_cb), self);
  self->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (self->window), 360, 500);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->page));
  tern_chat_page_set_session (self->page, self->session);
  tern_chat_page_set_conversation (self->page, self->conversation);
  gtk_window_present (GTK_WINDOW (self->window));
  self->timeline = TERN_TIMELINE (ui_find_widget (GTK_WIDGET (self->page), TERN_TYPE_TIMELINE));
  self->list = TERN_VLIST (ui_find_widget (GTK_WIDGET (self->page), TERN_TYPE_TIMELINE_VIEW));
  self->buffer = gtk_text_view_get_buffer (
    GTK_TEXT_VIEW (ui_find_widget (GTK_WIDGET (self->page), GTK_TYPE_TEXT_VIEW)));
  test_wait_for (find_shown (self, with == with_unread ? READ_SEQ + 1 : N_MESSAGES) != NULL,
                 SECONDS);
}

static void
tear_down (Fixture       *self,
           gconstpointer  unused)
{
  tern_chat_page_set_session (self->page, NULL);
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_object_unref (self->conversation);
  tern_session_close_async (self->session, closed_cb, self);
  test_wait_for (self->is_closed, SECONDS);
  g_object_unref (self->session);
  test_remove_tree (self->folder);
  g_free (self->folder);
}

/* The newest @n. */
static void
choose (Fixture *self,
        guint    n)
{
  guint n_slots;

  while ((n_slots = tern_vlist_get_n_slots (self->list)) < n)
    g_assert_true (TERN_VLIST_GET_CLASS (self->list)->load (self->list, FALSE));
  g_signal_emit_by_name (self->timeline, "dragged", tern_vlist_get_item (self->list, n_slots - n),
                         tern_vlist_get_item (self->list, n_slots - 1));
}

static guint
count_chosen (Fixture *self)
{
  g_autoptr(GPtrArray) messages = tern_timeline_dup_selected (self->timeline);

  return messages->len;
}

static guint
count_windows (void)
{
  return g_list_model_get_n_items (gtk_window_get_toplevels ());
}

/* Of the one dialog that is open. */
static GtkWidget *
find_in_windows (GType type)
{
  GListModel *windows = gtk_window_get_toplevels ();
  GtkWidget *found = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (windows) && found == NULL; i++)
    {
      g_autoptr(GtkWidget) window = g_list_model_get_item (windows, i);

      found = ui_find_widget (window, type);
    }

  return found;
}

/* That it is too much is said before it is asked where to, and nothing of the
 * choice is lost. */
static void
test_too_many_as_one (Fixture       *self,
                      gconstpointer  unused)
{
  choose (self, N_TOO_MANY);
  g_assert_cmpuint (count_chosen (self), ==, N_TOO_MANY);
  gtk_widget_activate_action (GTK_WIDGET (self->page), "chat.merge-selected", NULL);
  g_assert_cmpuint (self->n_failed, ==, 1);
  g_assert_cmpuint (count_windows (), ==, 1);
  g_assert_cmpuint (count_chosen (self), ==, N_TOO_MANY);

  gtk_widget_activate_action (GTK_WIDGET (self->page), "chat.cancel", NULL);
  choose (self, N_TOO_MANY - 1);
  gtk_widget_activate_action (GTK_WIDGET (self->page), "chat.merge-selected", NULL);
  g_assert_cmpuint (self->n_failed, ==, 1);
  g_assert_cmpuint (count_windows (), ==, 2);
  tern_dialog_close (find_in_windows (TERN_TYPE_CHAT_CHOOSER));
  test_wait_for (count_windows () == 1, SECONDS);
}

static GtkWidget *
find_label (GtkWidget  *widget,
            const char *part)
{
  GtkWidget *found = NULL;

  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), part) != NULL)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_label (child, part);

  return found;
}

/* How many are chosen can be read in a narrow window, which stays narrow. */
static void
test_narrow (Fixture       *self,
             gconstpointer  unused)
{
  GtkWidget *label;
  PangoLayout *layout;

  choose (self, 100);
  label = find_label (GTK_WIDGET (self->page), "100 messages selected");
  g_assert_nonnull (label);
  test_wait_for (gtk_widget_get_width (label) > 0, SECONDS);
  layout = gtk_label_get_layout (GTK_LABEL (label));
  g_assert_false (pango_layout_is_ellipsized (layout));
  g_assert_cmpint (pango_layout_get_line_count (layout), <=, 2);
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (self->page)), ==, 360);
}

/* Who was in the bar of the chosen goes on writing. */
static void
test_focus_after_choosing (Fixture       *self,
                           gconstpointer  unused)
{
  GtkWidget *view = ui_find_widget (GTK_WIDGET (self->page), GTK_TYPE_TEXT_VIEW);

  choose (self, 2);
  g_assert_true (tern_chat_page_focus_writing (self->page));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (self->window)) != view);
  gtk_widget_activate_action (GTK_WIDGET (self->page), "chat.cancel", NULL);
  g_assert_cmpuint (count_chosen (self), ==, 0);
  test_wait_for (gtk_window_get_focus (GTK_WINDOW (self->window)) == view, SECONDS);
}

static void
assert_focus_in_messages (Fixture *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self->window));

  g_assert_nonnull (focus);
  g_assert_true (gtk_widget_is_ancestor (focus, GTK_WIDGET (self->list)));
}

/* Where one cannot write any more, one goes on reading. */
static void
test_focus_without_writing (Fixture       *self,
                            gconstpointer  unused)
{
  g_autoptr(TernConversation) conversation =
    g_list_model_get_item (G_LIST_MODEL (tern_session_get_conversations (self->session)), 0);

  choose (self, 2);
  ((TernConversationRow *) tern_conversation_get_row (conversation))->is_in_group = FALSE;
  g_assert_true (tern_chat_page_focus_writing (self->page));
  gtk_widget_activate_action (GTK_WIDGET (self->page), "chat.cancel", NULL);
  g_assert_cmpuint (count_chosen (self), ==, 0);
  assert_focus_in_messages (self);
  gtk_widget_activate_action (GTK_WIDGET (self->page), "chat.cancel", NULL);
  assert_focus_in_messages (self);
}

static GtkWidget *
find_by_tooltip (GtkWidget  *widget,
                 const char *tooltip)
{
  GtkWidget *found = NULL;

  if (g_strcmp0 (gtk_widget_get_tooltip_text (widget), tooltip) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_by_tooltip (child, tooltip);

  return found;
}

/* Said, and the focus is not led out of the chat with the button. */
static void
test_mention_not_here (Fixture       *self,
                       gconstpointer  unused)
{
  GtkWidget *button = find_by_tooltip (GTK_WIDGET (self->timeline), "To Where You Are Mentioned");

  tern_timeline_set_mentioned (self->timeline, TRUE);
  g_assert_true (gtk_widget_grab_focus (button));
  g_signal_emit_by_name (button, "clicked");
  g_assert_cmpuint (self->n_failed, ==, 1);
  g_assert_false (gtk_widget_get_visible (button));
  assert_focus_in_messages (self);
}

/* --- what can be had otherwise --- */

static gboolean
press_enter (GtkWidget       *view,
             GdkModifierType  modifiers)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (view);
  gboolean is_handled = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller) &&
          gtk_event_controller_get_propagation_phase (controller) == GTK_PHASE_CAPTURE)
        g_signal_emit_by_name (controller, "key-pressed", GDK_KEY_Return, 0, modifiers,
                               &is_handled);
    }

  return is_handled;
}

static void
test_enter (Fixture       *self,
            gconstpointer  unused)
{
  g_autoptr(GSettings) settings = g_settings_new ("io.github.tern_chat.Tern");
  GtkWidget *view = ui_find_widget (GTK_WIDGET (self->page), GTK_TYPE_TEXT_VIEW);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));

  for (int enter_sends = 0; enter_sends < 2; enter_sends++)
    {
      g_settings_set_boolean (settings, "enter-sends", enter_sends == 1);
      gtk_text_buffer_set_text (buffer, "hello", -1);
      g_assert_false (press_enter (view, enter_sends == 1 ? GDK_CONTROL_MASK : 0));
      g_assert_cmpint (gtk_text_buffer_get_char_count (buffer), ==, 5);
      g_assert_true (press_enter (view, enter_sends == 1 ? 0 : GDK_CONTROL_MASK));
      g_assert_cmpint (gtk_text_buffer_get_char_count (buffer), ==, 0);
    }
  g_settings_reset (settings, "enter-sends");
}

static void
test_typing (Fixture       *self,
             gconstpointer  unused)
{
  g_autoptr(GSettings) settings = g_settings_new ("io.github.tern_chat.Tern");
  GtkWidget *view = ui_find_widget (GTK_WIDGET (self->page), GTK_TYPE_TEXT_VIEW);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));

  g_settings_set_boolean (settings, "tells-typing", FALSE);
  gtk_text_buffer_insert_at_cursor (buffer, "a", -1);
  g_assert_null (self->session->typing_in);
  g_settings_reset (settings, "tells-typing");
  gtk_text_buffer_insert_at_cursor (buffer, "b", -1);
  g_assert_cmpstr (self->session->typing_in, ==, CHAT);
}

/* --- what is written --- */

static void
leave (Fixture *self)
{
  tern_chat_page_set_conversation (self->page, NULL);
}

static void
come_back (Fixture *self)
{
  leave (self);
  tern_chat_page_set_conversation (self->page, self->conversation);
}

static void
assert_written (Fixture    *self,
                const char *text)
{
  g_autofree char *written = NULL;

  g_object_get (self->buffer, "text", &written, NULL);
  g_assert_cmpstr (written, ==, text);
}

static const char *
get_stored_draft (Fixture *self)
{
  return tern_conversation_get_row (self->conversation)->draft;
}

/* What was written a moment ago is there, though no store said so yet. */
static void
test_back_at_once (Fixture       *self,
                   gconstpointer  unused)
{
  GtkWidget *view = ui_find_widget (GTK_WIDGET (self->page), GTK_TYPE_TEXT_VIEW);

  gtk_text_buffer_insert_at_cursor (self->buffer, "one", -1);
  come_back (self);
  assert_written (self, "one");
  gtk_text_buffer_insert_at_cursor (self->buffer, " two", -1);
  come_back (self);
  assert_written (self, "one two");
  test_wait_for (g_str_equal (get_stored_draft (self), "one two"), SECONDS);

  /* From then on it is the store that knows. */
  leave (self);
  tern_session_save_draft (self->session, CHAT, "other");
  test_wait_for (g_str_equal (get_stored_draft (self), "other"), SECONDS);
  come_back (self);
  assert_written (self, "other");

  g_assert_true (press_enter (view, 0));
  come_back (self);
  assert_written (self, "");
  test_wait_for (*get_stored_draft (self) == '\0', SECONDS);
}

static void
send_in_vain (Fixture *self)
{
  GtkWidget *view = ui_find_widget (GTK_WIDGET (self->page), GTK_TYPE_TEXT_VIEW);
  TernDb *reader = g_steal_pointer (&self->session->reader);

  g_assert_true (press_enter (view, 0));
  self->session->reader = reader;
}

/* It comes back to where it was written, and nothing else is lost for it. */
static void
test_sent_in_vain (Fixture       *self,
                   gconstpointer  unused)
{
  gtk_text_buffer_set_text (self->buffer, "one", -1);
  send_in_vain (self);
  gtk_text_buffer_set_text (self->buffer, "two", -1);
  test_wait_for (self->n_failed == 1, SECONDS);
  assert_written (self, "two\none");
  test_wait_for (g_str_equal (get_stored_draft (self), "two\none"), SECONDS);

  send_in_vain (self);
  leave (self);
  test_wait_for (self->n_failed == 2, SECONDS);
  come_back (self);
  assert_written (self, "two\none");
}

/* Nobody is told that somebody types. */
static void
test_edit_again (Fixture       *self,
                 gconstpointer  unused)
{
  g_autoptr(GSettings) settings = g_settings_new ("io.github.tern_chat.Tern");

  self->session->withdrawn = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (self->session->withdrawn, g_strdup_printf ("c%d", N_MESSAGES),
                       g_strdup ("taken back"));
  g_settings_set_boolean (settings, "tells-typing", FALSE);
  gtk_text_buffer_set_text (self->buffer, "new", -1);
  g_settings_reset (settings, "tells-typing");
  test_wait_for (g_str_equal (get_stored_draft (self), "new"), SECONDS);
  g_signal_emit_by_name (find_shown (self, N_MESSAGES), "request", TERN_ROW_REQUEST_OPEN, 0.0,
                         0.0);
  assert_written (self, "new\ntaken back");
  test_wait_for (g_str_equal (get_stored_draft (self), "new\ntaken back"), SECONDS);
  g_assert_null (self->session->typing_in);
}

/* --- where it opens --- */

static gboolean
has_line (Fixture *self,
          gint64   seq)
{
  GtkWidget *row = find_shown (self, seq);

  return row != NULL && TERN_MESSAGE_ROW (row)->has[LAYOUT_UNREAD];
}

/* Where one was reading, if that lies before; the line is there all the same. */
static void
test_unread (Fixture       *self,
             gconstpointer  unused)
{
  TernTimelinePlace place;
  TernTimelinePlace now;

  test_wait_for (has_line (self, READ_SEQ + 1), SECONDS);
  g_assert_true (tern_timeline_jump (self->timeline, PLACE_SEQ));
  test_wait_for (find_shown (self, PLACE_SEQ) != NULL, SECONDS);
  tern_timeline_get_place (self->timeline, &place);
  g_assert_cmpint (place.seq, <=, PLACE_SEQ);
  come_back (self);
  test_wait_for (find_shown (self, PLACE_SEQ) != NULL, SECONDS);
  tern_timeline_get_place (self->timeline, &now);
  g_assert_cmpint (now.seq, ==, place.seq);
  g_assert_cmpfloat_with_epsilon (now.y, place.y, 1);
  g_assert_true (tern_timeline_jump (self->timeline, READ_SEQ + 1));
  test_wait_for (has_line (self, READ_SEQ + 1), SECONDS);
}

/* The switches are the settings, and nothing is wider than a narrow window. */
static void
test_dialogs (Fixture       *self,
              gconstpointer  unused)
{
  g_autoptr(GSettings) settings = g_settings_new ("io.github.tern_chat.Tern");
  void (*open[]) (GtkWidget *parent) = { tern_shortcuts_open, tern_preferences_open };

  for (guint i = 0; i < G_N_ELEMENTS (open); i++)
    {
      GtkWidget *page;
      GtkWidget *button;
      int minimum;

      open[i] (self->window);
      page = find_in_windows (ADW_TYPE_PREFERENCES_PAGE);
      g_assert_nonnull (page);
      gtk_widget_measure (page, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
      g_assert_cmpint (minimum, <=, 360);
      button = ui_find_widget (page, GTK_TYPE_SWITCH);
      if (i == 0)
        g_assert_nonnull (find_label (page, "The same, the other way round"));
      else
        {
          gtk_switch_set_active (GTK_SWITCH (button), FALSE);
          g_assert_false (g_settings_get_boolean (settings, "enter-sends"));
          g_settings_reset (settings, "enter-sends");
          g_assert_true (gtk_switch_get_active (GTK_SWITCH (button)));
        }
      tern_dialog_close (page);
      test_wait_for (find_in_windows (ADW_TYPE_PREFERENCES_PAGE) == NULL, SECONDS);
    }
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);

  g_test_add ("/chat-page/too-many-as-one", Fixture, NULL, set_up, test_too_many_as_one,
              tear_down);
  g_test_add ("/chat-page/narrow", Fixture, NULL, set_up, test_narrow, tear_down);
  g_test_add ("/chat-page/focus-after-choosing", Fixture, NULL, set_up, test_focus_after_choosing,
              tear_down);
  g_test_add ("/chat-page/focus-without-writing", Fixture, NULL, set_up,
              test_focus_without_writing, tear_down);
  g_test_add ("/chat-page/mention-not-here", Fixture, NULL, set_up, test_mention_not_here,
              tear_down);
  g_test_add ("/chat-page/enter", Fixture, NULL, set_up, test_enter, tear_down);
  g_test_add ("/chat-page/typing", Fixture, NULL, set_up, test_typing, tear_down);
  g_test_add ("/chat-page/back-at-once", Fixture, NULL, set_up, test_back_at_once, tear_down);
  g_test_add ("/chat-page/sent-in-vain", Fixture, NULL, set_up, test_sent_in_vain, tear_down);
  g_test_add ("/chat-page/edit-again", Fixture, with_withdrawn, set_up, test_edit_again,
              tear_down);
  g_test_add ("/chat-page/unread", Fixture, with_unread, set_up, test_unread, tear_down);
  g_test_add ("/chat-page/dialogs", Fixture, NULL, set_up, test_dialogs, tear_down);

  return g_test_run ();
}
