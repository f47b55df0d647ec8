/* tern-sidebar.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-sidebar.h"

#include <glib/gi18n.h>

#include "tern-banner.h"
#include "tern-conversation-menu.h"
#include "tern-conversation-view.h"

/* A sync that is over sooner is not worth a word. */
#define QUIET_MS 500
/* As long as it takes to read the banner, however fast the history comes. */
#define REFETCHED_MS 8000

struct _TernSidebar
{
  GtkWidget               parent_instance;

  TernSession            *session; /* (nullable) */
  TernConversationFilter *filter;  /* (nullable): what is shown of its conversations */
  gboolean                is_syncing;
  guint                   quiet_id;
  gboolean                is_refetching; /* the store was damaged */
  guint                   refetched_id;

  AdwHeaderBar           *header;
  AdwWindowTitle         *title;
  GtkProgressBar         *progress;
  GtkWidget              *banner;
  GtkSearchBar           *search;
  GtkSearchEntry         *entry;
  GtkStack               *stack;
  TernConversationView   *view;
  TernConversation       *menu_conversation; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (TernSidebar, tern_sidebar, GTK_TYPE_WIDGET)

enum
{
  SIGNAL_CHOSEN,
  SIGNAL_FAILED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* --- state --- */

static void
update_state (TernSidebar *self)
{
  const GError *error = tern_session_get_error (self->session);
  const char *subtitle = "";
  g_autofree char *words = NULL;

  switch (tern_session_get_state (self->session))
    {
    case TERN_SYNC_OFFLINE:
      subtitle = _("Offline");
      break;
    case TERN_SYNC_CONNECTING:
      subtitle = _("Connecting…");
      break;
    case TERN_SYNC_SYNCING:
    case TERN_SYNC_LIVE:
      subtitle = self->is_syncing && self->quiet_id == 0 ? _("Updating…") : "";
      break;
    case TERN_SYNC_STOPPED:
    default:
      break;
    }
  adw_window_title_set_subtitle (self->title, subtitle);
  if (error != NULL)
    words = tern_session_word_error (error);
  else if (self->is_refetching)
    words = g_strdup (_("History is being fetched again"));
  tern_banner_say (self->banner, words);
}

static gboolean
refetched_cb (gpointer user_data)
{
  TernSidebar *self = user_data;

  self->refetched_id = 0;
  self->is_refetching = FALSE;
  update_state (self);

  return G_SOURCE_REMOVE;
}

static void
complete_cb (TernSidebar *self)
{
  if (self->is_refetching && self->refetched_id == 0 &&
      tern_session_get_is_complete (self->session))
    self->refetched_id = g_timeout_add (REFETCHED_MS, refetched_cb, self);
}

static gboolean
quiet_cb (gpointer user_data)
{
  TernSidebar *self = user_data;

  self->quiet_id = 0;
  if (self->session != NULL)
    update_state (self);
  gtk_widget_set_opacity (GTK_WIDGET (self->progress), self->is_syncing ? 1 : 0);

  return G_SOURCE_REMOVE;
}

static void
sync_begin_cb (TernSession *session,
               int          reason,
               gpointer     user_data)
{
  TernSidebar *self = user_data;

  self->is_syncing = TRUE;
  gtk_progress_bar_set_fraction (self->progress, 0);
  g_clear_handle_id (&self->quiet_id, g_source_remove);
  self->quiet_id = g_timeout_add (QUIET_MS, quiet_cb, self);
}

static void
sync_progress_cb (TernSession *session,
                  guint        done,
                  guint        total,
                  gpointer     user_data)
{
  TernSidebar *self = user_data;

  gtk_progress_bar_set_fraction (self->progress, total > 0 ? (double) done / total : 0);
}

static void
sync_over (TernSidebar *self)
{
  self->is_syncing = FALSE;
  g_clear_handle_id (&self->quiet_id, g_source_remove);
  gtk_widget_set_opacity (GTK_WIDGET (self->progress), 0);
  update_state (self);
}

static void
sync_end_cb (TernSession *session,
             guint        n_messages,
             gpointer     user_data)
{
  sync_over (user_data);
}

static void
sync_failed_cb (TernSession *session,
                GError      *error,
                gpointer     user_data)
{
  sync_over (user_data);
}

/* --- the list --- */

static void
update_page (TernSidebar *self)
{
  const char *page = "list";

  if (self->filter != NULL && g_list_model_get_n_items (G_LIST_MODEL (self->filter)) == 0)
    page = gtk_search_bar_get_search_mode (self->search) ? "not-found" : "empty";
  gtk_stack_set_visible_child_name (self->stack, page);
}

static void
choose (TernSidebar      *self,
        TernConversation *conversation) /* (nullable) */
{
  tern_conversation_view_select (self->view, conversation != NULL
                                               ? tern_conversation_get_id (conversation)
                                               : NULL);
  g_signal_emit (self, signals[SIGNAL_CHOSEN], 0, conversation);
}

static void
reveal (TernSidebar *self,
        int          index)
{
  if (index >= 0 && index < (int) tern_vlist_get_n_slots (TERN_VLIST (self->view)))
    tern_vlist_reveal (TERN_VLIST (self->view), (guint) index);
}

/* --- looking for one --- */

static void
filter_cb (TernSidebar *self)
{
  if (self->filter == NULL)
    return;
  tern_conversation_filter_set_text (self->filter,
                                     gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  tern_vlist_pin (TERN_VLIST (self->view));
  update_page (self);
}

static void
stop_search (TernSidebar *self)
{
  gtk_search_bar_set_search_mode (self->search, FALSE);
}

/* From a row that was found. */
static gboolean
escape_cb (GtkWidget *widget,
           GVariant  *arguments,
           gpointer   user_data)
{
  TernSidebar *self = TERN_SIDEBAR (widget);

  if (!gtk_search_bar_get_search_mode (self->search))
    return GDK_EVENT_PROPAGATE;
  stop_search (self);

  return GDK_EVENT_STOP;
}

/* What was looked for is found, also when it is the chosen one: folded, it is
 * to be shown again. */
static void
found_cb (TernConversationView *view,
          TernConversation     *conversation,
          gpointer              user_data)
{
  TernSidebar *self = user_data;
  g_autoptr(TernConversation) found = g_object_ref (conversation);

  if (gtk_search_bar_get_search_mode (self->search))
    {
      stop_search (self);
      reveal (self, tern_conversation_filter_find (self->filter,
                                                   tern_conversation_get_id (found)));
    }
  choose (self, found);
}

static void
entry_activated_cb (TernSidebar *self)
{
  g_autoptr(TernConversation) first = NULL;

  if (self->filter != NULL)
    first = g_list_model_get_item (G_LIST_MODEL (self->filter), 0);
  if (first != NULL)
    found_cb (self->view, first, self);
}

static gboolean
entry_key_cb (GtkEventControllerKey *controller,
              guint                  keyval,
              guint                  keycode,
              GdkModifierType        state,
              gpointer               user_data)
{
  TernSidebar *self = user_data;

  if (keyval != GDK_KEY_Down && keyval != GDK_KEY_KP_Down)
    return GDK_EVENT_PROPAGATE;

  return tern_vlist_focus_index (TERN_VLIST (self->view), 0);
}

static GtkWidget *
make_search (TernSidebar *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->entry = GTK_SEARCH_ENTRY (gtk_search_entry_new ());
  gtk_widget_set_hexpand (GTK_WIDGET (self->entry), TRUE);
  g_object_set (self->entry, "placeholder-text", _("Find a chat"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Find a chat"), -1);
  g_signal_connect_swapped (self->entry, "changed", G_CALLBACK (filter_cb), self);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (entry_activated_cb), self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (entry_key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->entry), keys);
  self->search = GTK_SEARCH_BAR (gtk_search_bar_new ());
  gtk_search_bar_set_child (self->search, GTK_WIDGET (self->entry));
  gtk_search_bar_connect_entry (self->search, GTK_EDITABLE (self->entry));
  g_signal_connect_swapped (self->search, "notify::search-mode-enabled", G_CALLBACK (update_page),
                            self);

  return GTK_WIDGET (self->search);
}

static GtkWidget *
make_search_button (TernSidebar *self)
{
  GtkWidget *button = gtk_toggle_button_new ();

  gtk_button_set_icon_name (GTK_BUTTON (button), "system-search-symbolic");
  gtk_widget_set_tooltip_text (button, _("Find a Chat"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Find a chat"), -1);
  g_object_bind_property (button, "active", self->search, "search-mode-enabled",
                          G_BINDING_BIDIRECTIONAL);

  return button;
}

/* --- what is done with one --- */

static void
changed_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(TernSidebar) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *words = NULL;

  if (tern_session_change_finish (TERN_SESSION (object), result, &error))
    return;
  words = tern_session_word_error (error);
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, words);
}

static void
hide (TernSidebar *self,
      const char  *id)
{
  if (g_strcmp0 (tern_conversation_view_get_selected (self->view), id) == 0)
    choose (self, NULL);
  tern_session_hide (self->session, id);
}

static void
menu_action (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  TernSidebar *self = TERN_SIDEBAR (widget);
  g_autoptr(TernConversation) conversation = g_steal_pointer (&self->menu_conversation);
  const char *id;

  if (conversation == NULL || self->session == NULL)
    return;
  id = tern_conversation_get_id (conversation);
  if (g_str_equal (name, "conversation.open"))
    choose (self, conversation);
  else if (g_str_equal (name, "conversation.read"))
    tern_session_mark_read (self->session, id, tern_conversation_get_row (conversation)->max_seq);
  else if (g_str_has_suffix (name, "pin"))
    tern_session_set_pinned_async (self->session, id, g_str_equal (name, "conversation.pin"), NULL,
                                   changed_cb, g_object_ref (self));
  else if (g_str_has_suffix (name, "mute"))
    tern_session_set_muted_async (self->session, id, g_str_equal (name, "conversation.mute"), NULL,
                                  changed_cb, g_object_ref (self));
  else if (g_str_equal (name, "conversation.hide"))
    hide (self, id);
  else
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), id);
}

/* The focus goes back to the row; with the menu it would go nowhere. */
static void
menu_closed_cb (TernSidebar *self)
{
  int index = -1;

  if (self->menu_conversation != NULL && self->filter != NULL)
    index = tern_conversation_filter_find (self->filter,
                                           tern_conversation_get_id (self->menu_conversation));
  if (index >= 0)
    tern_vlist_focus_index (TERN_VLIST (self->view), (guint) index);
  tern_conversation_view_set_has_menu (self->view, FALSE);
}

static void
menu_cb (TernConversationView *view,
         TernConversation     *conversation,
         double                x,
         double                y,
         gpointer              user_data)
{
  TernSidebar *self = user_data;
  GtkWidget *menu;

  g_set_object (&self->menu_conversation, conversation);
  gtk_widget_translate_coordinates (GTK_WIDGET (view), GTK_WIDGET (self), x, y, &x, &y);
  menu = tern_conversation_menu_popup (GTK_WIDGET (self), conversation, x, y);
  g_signal_connect_object (menu, "closed", G_CALLBACK (menu_closed_cb), self, G_CONNECT_SWAPPED);
  tern_conversation_view_set_has_menu (view, TRUE);
}

static GtkWidget *
make_menu_button (void)
{
  g_autoptr(GMenu) menu = g_menu_new ();
  g_autoptr(GMenu) account = g_menu_new ();
  g_autoptr(GMenu) about = g_menu_new ();
  GtkWidget *button = gtk_menu_button_new ();

  g_menu_append (account, _("_Connect to a Server…"), "win.connect");
  g_menu_append (account, _("_Sign Out"), "win.sign-out");
  g_menu_append (about, _("_Preferences"), "win.preferences");
  g_menu_append (about, _("_Keyboard Shortcuts"), "win.shortcuts");
  g_menu_append (about, _("_About Tern"), "app.about");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (account));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (about));
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "open-menu-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_menu_button_set_primary (GTK_MENU_BUTTON (button), TRUE);
  gtk_widget_set_tooltip_text (button, _("Main Menu"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Main menu"), -1);

  return button;
}

static GtkWidget *
make_list (TernSidebar *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->view = tern_conversation_view_new ();
  g_signal_connect (self->view, "chosen", G_CALLBACK (found_cb), self);
  g_signal_connect (self->view, "menu", G_CALLBACK (menu_cb), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->view));
  gtk_widget_set_vexpand (scrolled, TRUE);

  return scrolled;
}

static GtkWidget *
make_status (const char *icon,
             const char *title)
{
  GtkWidget *page = adw_status_page_new ();

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), icon);
  adw_status_page_set_title (ADW_STATUS_PAGE (page), title);
  gtk_widget_add_css_class (page, "compact");

  return page;
}

static void
tern_sidebar_dispose (GObject *object)
{
  TernSidebar *self = TERN_SIDEBAR (object);
  GtkWidget *child;

  g_clear_handle_id (&self->quiet_id, g_source_remove);
  if (self->view != NULL)
    tern_sidebar_set_session (self, NULL);
  self->view = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (tern_sidebar_parent_class)->dispose (object);
}

static void
tern_sidebar_class_init (TernSidebarClass *klass)
{
  static const char *const menu_actions[] = {
    "conversation.open", "conversation.read", "conversation.pin", "conversation.unpin",
    "conversation.mute", "conversation.unmute", "conversation.copy-id", "conversation.hide",
  };
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tern_sidebar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "sidebar");

  for (guint i = 0; i < G_N_ELEMENTS (menu_actions); i++)
    gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), menu_actions[i], NULL, menu_action);
  gtk_widget_class_add_binding (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, escape_cb, NULL);

  signals[SIGNAL_CHOSEN] = g_signal_new ("chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, TERN_TYPE_CONVERSATION);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
tern_sidebar_init (TernSidebar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->header = ADW_HEADER_BAR (adw_header_bar_new ());
  self->title = ADW_WINDOW_TITLE (adw_window_title_new (_("Chats"), ""));
  adw_header_bar_set_title_widget (self->header, GTK_WIDGET (self->title));
  adw_header_bar_pack_end (self->header, make_menu_button ());
  adw_header_bar_set_show_end_title_buttons (self->header, FALSE);

  self->progress = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->progress), "osd");
  gtk_widget_set_opacity (GTK_WIDGET (self->progress), 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("History being fetched"), -1);

  self->banner = tern_banner_new (NULL, NULL);

  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, make_list (self), "list");
  gtk_stack_add_named (self->stack, make_status (TERN_ICON "-symbolic", _("No Chats Yet")),
                       "empty");
  gtk_stack_add_named (self->stack, make_status ("system-search-symbolic", _("No Chat Found")),
                       "not-found");

  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->header));
  gtk_box_append (GTK_BOX (box), make_search (self));
  adw_header_bar_pack_start (self->header, make_search_button (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->progress));
  gtk_box_append (GTK_BOX (box), self->banner);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  gtk_widget_set_parent (box, GTK_WIDGET (self));
}

/**
 * tern_sidebar_new:
 *
 * Returns: (transfer floating): a sidebar without conversations
 */
GtkWidget *
tern_sidebar_new (void)
{
  return g_object_new (TERN_TYPE_SIDEBAR, NULL);
}

/**
 * tern_sidebar_set_session:
 * @self: a sidebar
 * @session: (nullable): an open session whose conversations are shown
 */
void
tern_sidebar_set_session (TernSidebar *self,
                          TernSession *session)
{
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  self->is_syncing = FALSE;
  g_clear_handle_id (&self->refetched_id, g_source_remove);
  g_clear_object (&self->menu_conversation);
  stop_search (self);
  tern_conversation_view_set_session (self->view, NULL, NULL);
  g_clear_object (&self->filter);
  g_set_object (&self->session, session);
  if (session == NULL)
    return;

  g_signal_connect (session, "sync-begin", G_CALLBACK (sync_begin_cb), self);
  g_signal_connect (session, "sync-progress", G_CALLBACK (sync_progress_cb), self);
  g_signal_connect (session, "sync-end", G_CALLBACK (sync_end_cb), self);
  g_signal_connect (session, "sync-failed", G_CALLBACK (sync_failed_cb), self);
  g_signal_connect_swapped (session, "notify::state", G_CALLBACK (update_state), self);
  g_signal_connect_swapped (session, "notify::is-complete", G_CALLBACK (complete_cb), self);
  self->is_refetching = tern_session_get_was_salvaged (session);
  self->filter =
    tern_conversation_filter_new (G_LIST_MODEL (tern_session_get_conversations (session)));
  g_signal_connect_object (self->filter, "items-changed", G_CALLBACK (update_page), self,
                           G_CONNECT_SWAPPED);
  tern_conversation_view_set_session (self->view, session, self->filter);
  update_page (self);
  update_state (self);
  complete_cb (self);
}

/**
 * tern_sidebar_set_folded:
 * @self: a sidebar
 * @is_folded: the chat is not beside it
 */
void
tern_sidebar_set_folded (TernSidebar *self,
                         gboolean     is_folded)
{
  adw_header_bar_set_show_end_title_buttons (self->header, is_folded);
}

/**
 * tern_sidebar_choose:
 * @self: a sidebar
 * @conversation_id: (nullable): what to show
 */
void
tern_sidebar_choose (TernSidebar *self,
                     const char  *conversation_id)
{
  TernConversation *conversation = NULL;

  if (self->session != NULL && conversation_id != NULL)
    conversation = tern_conversation_list_find (tern_session_get_conversations (self->session),
                                                conversation_id, NULL);
  choose (self, conversation);
}

/* Something that is to be read: not what is only counted. */
static gboolean
is_waiting (TernConversation *conversation)
{
  const TernConversationRow *row = tern_conversation_get_row (conversation);

  return row->n_unread > 0 &&
         (row->recv_opt == 0 || tern_conversation_get_is_mentioned (conversation));
}

/**
 * tern_sidebar_step:
 * @self: a sidebar
 * @by: 1 for the next chat, -1 for the previous one
 * @is_unread: whether to pass over those where nothing waits to be read
 *
 * After the last one comes the first.
 */
void
tern_sidebar_step (TernSidebar *self,
                   int          by,
                   gboolean     is_unread)
{
  const char *selected = tern_conversation_view_get_selected (self->view);
  int position = -1;
  int n;

  if (self->filter == NULL)
    return;
  n = (int) g_list_model_get_n_items (G_LIST_MODEL (self->filter));
  if (selected != NULL)
    position = tern_conversation_filter_find (self->filter, selected);
  if (position < 0 && by < 0)
    position = n;
  for (int i = 0; i < n; i++)
    {
      g_autoptr(TernConversation) conversation = NULL;

      position = (position + n + by) % n;
      conversation = g_list_model_get_item (G_LIST_MODEL (self->filter), (guint) position);
      if (is_unread && !is_waiting (conversation))
        continue;
      reveal (self, position);
      choose (self, conversation);
      return;
    }
}

/**
 * tern_sidebar_find:
 * @self: a sidebar
 *
 * Shows the entry in which one types a part of a chat's name.
 */
void
tern_sidebar_find (TernSidebar *self)
{
  gtk_search_bar_set_search_mode (self->search, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  gtk_editable_select_region (GTK_EDITABLE (self->entry), 0, -1);
}

/**
 * tern_sidebar_focus:
 * @self: a sidebar
 *
 * Returns: whether there was a chat to take the focus: the one that is open, if
 *   there is one
 */
gboolean
tern_sidebar_focus (TernSidebar *self)
{
  return gtk_widget_get_mapped (GTK_WIDGET (self->view)) &&
         gtk_widget_child_focus (GTK_WIDGET (self->view), GTK_DIR_TAB_FORWARD);
}
