/* tern-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-window.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tern-banner.h"
#include "tern-chat-page.h"
#include "tern-credentials.h"
#include "tern-error.h"
#include "tern-focus.h"
#include "tern-panes.h"
#include "tern-preferences.h"
#include "tern-session.h"
#include "tern-shortcuts.h"
#include "tern-sidebar.h"
#include "tern-sign-in-page.h"
#include "tern-trial.h"
#include "tern-welcome-page.h"

struct _TernWindow
{
  AdwApplicationWindow  parent_instance;

  char                 *data_dir; /* (nullable) */
  GSettings            *settings;
  TernSession          *session;  /* (nullable) */
  TernTrial            *trial;    /* (nullable) */
  TernAccount          *account;  /* (nullable): of the session, or the one being looked up */
  char                 *kept_id;   /* (nullable): the conversation where @kept_text was written */
  char                 *kept_text; /* (nullable): what a full store could not keep */

  AdwToastOverlay      *toasts;
  GtkStack             *stack;
  TernWelcomePage      *welcome;
  TernSignInPage       *sign_in;
  TernPanes            *panes;
  TernSidebar          *sidebar;
  TernChatPage         *chat;
  GtkWidget            *trial_note;
  AdwStatusPage        *trouble;
};

G_DEFINE_FINAL_TYPE (TernWindow, tern_window, ADW_TYPE_APPLICATION_WINDOW)

/* Where F6 leads, one after the other. */
enum
{
  PART_WRITING,
  PART_MESSAGES,
  PART_CHATS,
  N_PARTS,
};

static void open_session (TernWindow        *self,
                          const TernAccount *account); /* leads back to signing in */

static void
toast (TernWindow *self,
       const char *words)
{
  AdwToast *message = adw_toast_new ("");
  GtkWidget *label = gtk_label_new (words);

  /* A title would be read as markup. */
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  adw_toast_set_custom_title (message, label);
  adw_toast_overlay_add_toast (self->toasts, message);
}

static void
show_page (TernWindow *self,
           const char *name)
{
  gtk_stack_set_visible_child_name (self->stack, name);
}

/* --- the end of a session --- */

static void
closed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  tern_session_close_finish (TERN_SESSION (object), result);
}

static void
drop_session (TernWindow          *self,
              GAsyncReadyCallback  callback,
              gpointer             user_data)
{
  g_autoptr(TernSession) session = g_steal_pointer (&self->session);

  if (session == NULL)
    return;

  g_signal_handlers_disconnect_by_data (session, self);
  tern_chat_page_set_session (self->chat, NULL);
  tern_sidebar_set_session (self->sidebar, NULL);
  tern_session_close_async (session, callback, user_data);
}

static void
drop_trial (TernWindow *self)
{
  if (self->trial != NULL)
    tern_trial_stop (self->trial);
  g_clear_object (&self->trial);
}

/* A store that takes nothing more takes no draft either. */
static void
keep_written (TernWindow *self)
{
  g_autofree char *id = NULL;
  char *text = tern_chat_page_dup_written (self->chat, &id);

  if (text == NULL)
    return;
  g_free (self->kept_text);
  self->kept_text = text;
  g_free (self->kept_id);
  self->kept_id = g_steal_pointer (&id);
}

static void
show_trouble (TernWindow   *self,
              const GError *error)
{
  g_autofree char *words = tern_session_word_error (error);
  g_autofree char *markup = g_markup_escape_text (words, -1);

  adw_status_page_set_description (self->trouble, markup);
  show_page (self, "trouble");
}

static void
ended_cb (TernSession *session,
          GError      *error,
          gpointer     user_data)
{
  TernWindow *self = user_data;
  g_autofree char *words = tern_session_word_error (error);
  g_autoptr(TernAccount) account = tern_account_copy (tern_session_get_account (session));

  if (tern_error_is_store (error))
    keep_written (self);
  drop_session (self, closed_cb, NULL);
  if (account->is_trial)
    drop_trial (self);
  if (tern_error_is_store (error))
    {
      show_trouble (self, error);
      return;
    }
  if (account->is_trial)
    {
      show_page (self, "welcome");
      toast (self, words);
      return;
    }
  show_page (self, "sign-in");
  tern_sign_in_page_reset (self->sign_in, account, words);
}

/* --- its beginning --- */

static void
opened_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(TernWindow) self = user_data;
  TernSession *session = TERN_SESSION (object);
  g_autoptr(GError) error = NULL;

  if (!tern_session_open_finish (session, result, &error))
    {
      if (self->session == session)
        drop_session (self, closed_cb, NULL);
      show_trouble (self, error);
      return;
    }
  if (self->session != session)
    return;

  if (self->kept_text != NULL)
    tern_session_save_draft (session, self->kept_id, self->kept_text);
  tern_chat_page_set_session (self->chat, session);
  tern_sidebar_set_session (self->sidebar, session);
  tern_banner_say (self->trial_note, tern_session_get_account (session)->is_trial
                                       ? _("Local trial: nothing leaves this computer") : NULL);
  tern_panes_show_content (self->panes, FALSE);
  show_page (self, "main");
  tern_session_set_in_use (session, gtk_window_is_active (GTK_WINDOW (self)));
}

static void
open_session (TernWindow        *self,
              const TernAccount *account)
{
  drop_session (self, closed_cb, NULL);
  g_clear_pointer (&self->account, tern_account_free);
  self->account = tern_account_copy (account);
  self->session = tern_session_new (account, self->data_dir);
  g_signal_connect (self->session, "ended", G_CALLBACK (ended_cb), self);
  tern_session_open_async (self->session, TRUE, NULL, opened_cb, g_object_ref (self));
}

static void
token_stored_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(TernWindow) self = user_data;
  g_autoptr(GError) error = NULL;

  /* Without a keyring the token lives as long as the session. */
  if (!tern_credentials_finish (result, &error))
    {
      g_autofree char *words = tern_session_word_error (error);
      g_autofree char *both = NULL;

      /* Translators: %s says what is wrong with the keyring */
      both = g_strdup_printf (_("%s: the sign-in will not be remembered"), words);
      toast (self, both);
    }
}

static void
remember (TernWindow        *self,
          const TernAccount *account)
{
  g_autoptr(GError) error = NULL;

  if (!tern_accounts_save (self->data_dir, account, &error))
    {
      g_autofree char *words = tern_session_word_error (error);

      toast (self, words);
    }
  if (!account->is_trial)
    tern_credentials_store_async (account, token_stored_cb, g_object_ref (self));
}

static void
signed_in_cb (TernSignInPage *page,
              gpointer        account,
              gpointer        user_data)
{
  TernWindow *self = user_data;

  drop_trial (self);
  remember (self, account);
  open_session (self, account);
}

static void
token_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(TernWindow) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *token = tern_credentials_lookup_finish (result, &error);

  if (token == NULL)
    {
      g_autofree char *words = error != NULL ? tern_session_word_error (error)
                                             : g_strdup (_("The keyring holds no token"));
      g_autofree char *both = NULL;

      /* Translators: %s says why, such as “The keyring is locked” */
      both = g_strdup_printf (_("%s: sign in again"), words);
      show_page (self, "sign-in");
      tern_sign_in_page_reset (self->sign_in, self->account, both);
      return;
    }

  g_free (self->account->token);
  self->account->token = g_steal_pointer (&token);
  {
    g_autoptr(TernAccount) account = tern_account_copy (self->account);

    open_session (self, account);
  }
}

static void
trial_started_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(TernWindow) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TernAccount) account = tern_trial_start_finish (TERN_TRIAL (object), result, &error);

  tern_welcome_page_set_busy (self->welcome, FALSE);
  if (self->trial != TERN_TRIAL (object))
    return;
  if (account == NULL)
    {
      g_autofree char *words = tern_session_word_error (error);

      drop_trial (self);
      show_page (self, "welcome");
      toast (self, words);
      return;
    }

  remember (self, account);
  open_session (self, account);
}

/* --- what the person does --- */

static void
chosen_cb (TernSidebar      *sidebar,
           TernConversation *conversation,
           gpointer          user_data)
{
  TernWindow *self = user_data;

  if (conversation != NULL &&
      g_strcmp0 (self->kept_id, tern_conversation_get_id (conversation)) == 0)
    {
      /* From here on it is in the entry, and a draft like any other. */
      g_clear_pointer (&self->kept_id, g_free);
      g_clear_pointer (&self->kept_text, g_free);
    }
  tern_chat_page_set_conversation (self->chat, conversation);
  tern_panes_show_content (self->panes, conversation != NULL);
}

static void
chat_back_cb (TernWindow *self)
{
  tern_sidebar_choose (self->sidebar, NULL);
}

static void
failed_cb (GtkWidget  *page,
           const char *words,
           gpointer    user_data)
{
  toast (user_data, words);
}

static void
show_connect (TernWindow *self)
{
  show_page (self, "sign-in");
  tern_sign_in_page_reset (self->sign_in, NULL, NULL);
}

static void
sign_in_back_cb (TernWindow *self)
{
  show_page (self, self->session != NULL ? "main" : "welcome");
}

static void
connect_action (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  show_connect (TERN_WINDOW (widget));
}

static void
sign_out_action (GtkWidget  *widget,
                 const char *name,
                 GVariant   *parameter)
{
  TernWindow *self = TERN_WINDOW (widget);

  if (self->session == NULL)
    return;

  tern_credentials_clear_async (tern_session_get_account (self->session), NULL, NULL);
  tern_accounts_forget (self->data_dir, tern_session_get_account (self->session), NULL);
  drop_session (self, closed_cb, NULL);
  drop_trial (self);
  show_page (self, "welcome");
}

static void
step_action (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  tern_sidebar_step (TERN_WINDOW (widget)->sidebar, g_str_has_prefix (name, "win.next") ? 1 : -1,
                     g_str_has_suffix (name, "-unread"));
}

static void
find_action (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  TernWindow *self = TERN_WINDOW (widget);

  if (strcmp (gtk_stack_get_visible_child_name (self->stack), "main") != 0)
    return;
  tern_panes_show_content (self->panes, FALSE);
  tern_sidebar_find (self->sidebar);
}

static gboolean
focus_part (TernWindow *self,
            guint       part)
{
  if (part == PART_WRITING)
    return tern_chat_page_focus_writing (self->chat);
  if (part == PART_MESSAGES)
    return tern_chat_page_focus_messages (self->chat);

  return tern_sidebar_focus (self->sidebar);
}

/* From part to part; one that is not there is left out. */
static void
part_action (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  TernWindow *self = TERN_WINDOW (widget);
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (self));
  guint part = PART_WRITING;
  guint by = g_str_equal (name, "win.next-part") ? 1 : N_PARTS - 1;

  if (strcmp (gtk_stack_get_visible_child_name (self->stack), "main") != 0)
    return;
  if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->sidebar)))
    part = PART_CHATS;
  else if (focus != NULL && tern_chat_page_is_in_messages (self->chat, focus))
    part = PART_MESSAGES;
  for (guint i = 1; i < N_PARTS; i++)
    {
      if (focus_part (self, (part + i * by) % N_PARTS))
        return;
    }
}

static void
dialog_action (GtkWidget  *widget,
               const char *name,
               GVariant   *parameter)
{
  if (g_str_equal (name, "win.preferences"))
    tern_preferences_open (widget);
  else
    tern_shortcuts_open (widget);
}

static void
folded_cb (TernWindow *self)
{
  gboolean is_folded = tern_panes_get_folded (self->panes);

  tern_chat_page_set_folded (self->chat, is_folded);
  tern_sidebar_set_folded (self->sidebar, is_folded);
}

static void
active_cb (TernWindow *self)
{
  gboolean is_active = gtk_window_is_active (GTK_WINDOW (self));

  tern_chat_page_set_active (self->chat, is_active);
  if (self->session != NULL)
    tern_session_set_in_use (self->session, is_active);
}

static gboolean
tern_window_close_request (GtkWindow *window)
{
  TernWindow *self = TERN_WINDOW (window);
  int width;
  int height;

  gtk_window_get_default_size (window, &width, &height);
  g_settings_set (self->settings, "window-size", "(ii)", width, height);
  /* The application closes the session first. */
  g_action_group_activate_action (G_ACTION_GROUP (gtk_window_get_application (window)), "quit",
                                  NULL);

  return TRUE;
}

static void
tern_window_dispose (GObject *object)
{
  TernWindow *self = TERN_WINDOW (object);

  if (self->chat != NULL)
    drop_session (self, closed_cb, NULL);
  self->chat = NULL;
  drop_trial (self);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (tern_window_parent_class)->dispose (object);
}

static void
tern_window_finalize (GObject *object)
{
  TernWindow *self = TERN_WINDOW (object);

  g_clear_pointer (&self->account, tern_account_free);
  g_free (self->kept_id);
  g_free (self->kept_text);
  g_free (self->data_dir);

  G_OBJECT_CLASS (tern_window_parent_class)->finalize (object);
}

static void
tern_window_class_init (TernWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tern_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = tern_window_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = tern_window_close_request;
  gtk_widget_class_install_action (widget_class, "win.connect", NULL, connect_action);
  gtk_widget_class_install_action (widget_class, "win.sign-out", NULL, sign_out_action);
  gtk_widget_class_install_action (widget_class, "win.next-chat", NULL, step_action);
  gtk_widget_class_install_action (widget_class, "win.previous-chat", NULL, step_action);
  gtk_widget_class_install_action (widget_class, "win.next-unread", NULL, step_action);
  gtk_widget_class_install_action (widget_class, "win.previous-unread", NULL, step_action);
  gtk_widget_class_install_action (widget_class, "win.find-chat", NULL, find_action);
  gtk_widget_class_install_action (widget_class, "win.next-part", NULL, part_action);
  gtk_widget_class_install_action (widget_class, "win.previous-part", NULL, part_action);
  gtk_widget_class_install_action (widget_class, "win.preferences", NULL, dialog_action);
  gtk_widget_class_install_action (widget_class, "win.shortcuts", NULL, dialog_action);
}

static GtkWidget *
make_main (TernWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  /* Below the list, so that a chat has all the room of a small window. */
  self->sidebar = TERN_SIDEBAR (tern_sidebar_new ());
  g_signal_connect (self->sidebar, "chosen", G_CALLBACK (chosen_cb), self);
  g_signal_connect (self->sidebar, "failed", G_CALLBACK (failed_cb), self);
  self->chat = TERN_CHAT_PAGE (tern_chat_page_new ());
  g_signal_connect_swapped (self->chat, "back", G_CALLBACK (chat_back_cb), self);
  g_signal_connect (self->chat, "failed", G_CALLBACK (failed_cb), self);
  gtk_widget_set_vexpand (GTK_WIDGET (self->sidebar), TRUE);
  self->trial_note = tern_banner_new (_("_Connect to a Server"), "win.connect");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->sidebar));
  gtk_box_append (GTK_BOX (box), self->trial_note);
  self->panes = TERN_PANES (tern_panes_new (box, GTK_WIDGET (self->chat)));
  g_signal_connect_swapped (self->panes, "notify::folded", G_CALLBACK (folded_cb), self);

  return GTK_WIDGET (self->panes);
}

static GtkWidget *
make_trouble (TernWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *again = gtk_button_new_with_mnemonic (_("_Try Again"));

  gtk_widget_add_css_class (header, "flat");
  self->trouble = ADW_STATUS_PAGE (adw_status_page_new ());
  adw_status_page_set_icon_name (self->trouble, "dialog-warning-symbolic");
  adw_status_page_set_title (self->trouble, _("Your Chats Cannot Be Opened"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (again), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Try again"), -1);
  gtk_widget_set_halign (again, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (again, "pill");
  gtk_widget_add_css_class (again, "suggested-action");
  g_signal_connect_swapped (again, "clicked", G_CALLBACK (tern_window_start), self);
  adw_status_page_set_child (self->trouble, again);
  gtk_widget_set_vexpand (GTK_WIDGET (self->trouble), TRUE);
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->trouble));

  return box;
}

static void
tern_window_init (TernWindow *self)
{
  int width;
  int height;

  self->settings = g_settings_new (TERN_SETTINGS);
  g_settings_get (self->settings, "window-size", "(ii)", &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  gtk_window_set_title (GTK_WINDOW (self), _("Tern"));
  gtk_widget_set_size_request (GTK_WIDGET (self), 360, 294);
  if (strcmp (TERN_PROFILE, "development") == 0)
    gtk_widget_add_css_class (GTK_WIDGET (self), "devel");

  self->welcome = TERN_WELCOME_PAGE (tern_welcome_page_new ());
  g_signal_connect_swapped (self->welcome, "connect", G_CALLBACK (show_connect), self);
  g_signal_connect_swapped (self->welcome, "try-out", G_CALLBACK (tern_window_start_trial), self);
  self->sign_in = TERN_SIGN_IN_PAGE (tern_sign_in_page_new ());
  g_signal_connect_swapped (self->sign_in, "back", G_CALLBACK (sign_in_back_cb), self);
  g_signal_connect (self->sign_in, "signed-in", G_CALLBACK (signed_in_cb), self);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_transition_type (self->stack, GTK_STACK_TRANSITION_TYPE_CROSSFADE);
  /* What another page needs is no reason to be wide. */
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  gtk_stack_add_named (self->stack, gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), "nothing");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->welcome), "welcome");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->sign_in), "sign-in");
  gtk_stack_add_named (self->stack, make_main (self), "main");
  gtk_stack_add_named (self->stack, make_trouble (self), "trouble");
  self->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  adw_toast_overlay_set_child (self->toasts, GTK_WIDGET (self->stack));
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), GTK_WIDGET (self->toasts));
  tern_focus_tidy (GTK_WIDGET (self->toasts));
  g_signal_connect (self, "notify::is-active", G_CALLBACK (active_cb), NULL);
}

/**
 * tern_window_new:
 * @application: the application
 * @data_dir: (nullable): where all accounts are
 *
 * Returns: (transfer none): the window
 */
TernWindow *
tern_window_new (AdwApplication *application,
                 const char     *data_dir)
{
  TernWindow *self = g_object_new (TERN_TYPE_WINDOW, "application", application, NULL);

  self->data_dir = g_strdup (data_dir);

  return self;
}

/**
 * tern_window_start:
 * @self: the window
 *
 * Goes straight to the conversations of who was signed in last.
 */
void
tern_window_start (TernWindow *self)
{
  g_autofree char *aside = NULL;
  g_autoptr(GPtrArray) accounts = tern_accounts_load (self->data_dir, &aside);

  if (aside != NULL)
    {
      g_autofree char *name = g_filename_display_basename (aside);
      g_autofree char *words = NULL;

      /* Translators: %s is the name of a file */
      words = g_strdup_printf (_("The list of accounts was damaged. It is kept as “%s”."), name);
      toast (self, words);
    }
  if (accounts->len == 0)
    {
      show_page (self, "welcome");
      return;
    }

  g_clear_pointer (&self->account, tern_account_free);
  self->account = tern_account_copy (accounts->pdata[0]);
  if (self->account->is_trial)
    tern_window_start_trial (self);
  else
    tern_credentials_lookup_async (self->account, token_cb, g_object_ref (self));
}

/**
 * tern_window_start_trial:
 * @self: the window
 */
void
tern_window_start_trial (TernWindow *self)
{
  tern_welcome_page_set_busy (self->welcome, TRUE);
  show_page (self, "welcome");
  drop_trial (self);
  self->trial = tern_trial_new (self->data_dir);
  tern_trial_start_async (self->trial, NULL, trial_started_cb, g_object_ref (self));
}

typedef struct
{
  TernWindow *self;
  void      (*callback) (gpointer user_data);
  gpointer    user_data;
} Finish;

static void
finished_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  Finish *finish = user_data;

  tern_session_close_finish (TERN_SESSION (object), result);
  drop_trial (finish->self);
  finish->callback (finish->user_data);
  g_object_unref (finish->self);
  g_free (finish);
}

/**
 * tern_window_finish:
 * @self: the window
 * @callback: (scope async): called when the session is closed
 * @user_data: passed to @callback
 */
void
tern_window_finish (TernWindow *self,
                    GCallback   callback,
                    gpointer    user_data)
{
  Finish *finish;

  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  if (self->session == NULL)
    {
      drop_trial (self);
      ((void (*) (gpointer)) callback) (user_data);
      return;
    }

  finish = g_new0 (Finish, 1);
  finish->self = g_object_ref (self);
  finish->callback = (void (*) (gpointer)) callback;
  finish->user_data = user_data;
  drop_session (self, finished_cb, finish);
}
