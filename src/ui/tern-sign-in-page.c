/* tern-sign-in-page.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-sign-in-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tern-error.h"
#include "tern-focus.h"
#include "tern-login.h"
#include "tern-session.h"

/* The services are asked when nothing was typed for so long. */
#define PROBE_MS 700

typedef enum
{
  SERVICE_API,
  SERVICE_WS,
  SERVICE_ACCOUNT,
  N_SERVICES,
} Service;

struct _TernSignInPage
{
  GtkWidget            parent_instance;

  GtkLabel            *reason;
  AdwEntryRow         *address;
  GtkSpinner          *spinner;
  AdwPreferencesGroup *found;
  AdwExpanderRow      *addresses;
  AdwEntryRow         *services[N_SERVICES];
  GtkImage            *marks[N_SERVICES];
  GtkLabel            *problem;
  GtkButton           *accept; /* a certificate that is not trusted */
  GtkWidget           *exposed; /* said when the line is not encrypted */
  AdwPreferencesGroup *person;
  AdwEntryRow         *name;
  AdwEntryRow         *password;
  GtkCheckButton      *with_token;
  GtkButton           *sign_in;

  TernServers         *servers; /* (nullable) */
  char                *pinned_sha256;  /* (nullable): accepted */
  char                *offered_sha256; /* (nullable): to be accepted or not */
  GCancellable        *cancellable;
  guint                probe_id;
  gboolean             is_edited;  /* the person wrote where the services are */
  gboolean             has_chosen; /* the person said with what to sign in */
  gboolean             is_setting;
  gboolean             is_busy;
};

G_DEFINE_FINAL_TYPE (TernSignInPage, tern_sign_in_page, GTK_TYPE_WIDGET)

enum
{
  SIGNAL_BACK,
  SIGNAL_SIGNED_IN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static const char *
get_text (AdwEntryRow *row)
{
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

static void
update (TernSignInPage *self)
{
  gboolean has_token = gtk_check_button_get_active (self->with_token);
  gboolean has_service = self->servers != NULL &&
                         (self->servers->api_state != TERN_SERVICE_MISSING ||
                          self->servers->ws_state != TERN_SERVICE_MISSING ||
                          self->servers->account_state != TERN_SERVICE_MISSING);
  gboolean can_sign_in;

  gtk_widget_set_visible (GTK_WIDGET (self->found), self->servers != NULL);
  gtk_widget_set_visible (self->exposed,
                          has_service && tern_servers_is_exposed (self->servers));
  gtk_widget_set_visible (GTK_WIDGET (self->person), has_service);
  gtk_widget_set_visible (GTK_WIDGET (self->sign_in), has_service);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->name),
                                 has_token ? _("User ID") : _("Phone, E-Mail or Account"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->password),
                                 has_token ? _("Token") : _("Password"));
  can_sign_in = has_service && !self->is_busy && *get_text (self->name) != '\0' &&
                *get_text (self->password) != '\0';
  gtk_widget_set_sensitive (GTK_WIDGET (self->sign_in), can_sign_in);
  gtk_spinner_set_spinning (self->spinner, self->is_busy);
  /* Else the row keeps room for it. */
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), self->is_busy);
}

static void
show_problem (TernSignInPage *self,
              const char     *words)
{
  gtk_label_set_text (self->problem, words != NULL ? words : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), words != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->accept), self->offered_sha256 != NULL);
}

static void
show_service (TernSignInPage   *self,
              Service           service,
              const char       *url,
              TernServiceState  state)
{
  static const struct { const char *icon; const char *css_class; } marks[] = {
    [TERN_SERVICE_UNKNOWN] = { "dialog-question-symbolic", "dim-label" },
    [TERN_SERVICE_FOUND] = { "object-select-symbolic", "success" },
    [TERN_SERVICE_MISSING] = { "dialog-error-symbolic", "error" },
  };
  const char *const css_classes[] = { marks[state].css_class, NULL };
  const char *words = state == TERN_SERVICE_FOUND ? _("Found")
                      : state == TERN_SERVICE_MISSING ? _("Does not answer") : _("Not asked yet");

  if (!self->is_edited)
    gtk_editable_set_text (GTK_EDITABLE (self->services[service]), url);
  gtk_image_set_from_icon_name (self->marks[service], marks[state].icon);
  gtk_widget_set_css_classes (GTK_WIDGET (self->marks[service]), (const char **) css_classes);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->marks[service]), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->marks[service]),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static void
set_servers (TernSignInPage *self,
             TernServers    *servers) /* (transfer full) (nullable) */
{
  g_clear_pointer (&self->servers, tern_servers_free);
  self->servers = servers;
  if (servers != NULL)
    {
      self->is_setting = TRUE;
      show_service (self, SERVICE_API, servers->api, servers->api_state);
      show_service (self, SERVICE_WS, servers->ws, servers->ws_state);
      show_service (self, SERVICE_ACCOUNT, servers->account, servers->account_state);
      /* Without an account server there are no passwords. */
      if (!self->has_chosen && servers->account_state != TERN_SERVICE_UNKNOWN)
        gtk_check_button_set_active (self->with_token,
                                     servers->account_state == TERN_SERVICE_MISSING);
      self->is_setting = FALSE;
    }
  update (self);
}

/* Nothing answers: the services may be somewhere else on that computer. */
static void
ask_where (TernSignInPage *self)
{
  TernServers *servers = self->is_edited && self->servers != NULL
                           ? tern_servers_copy (self->servers)
                           : tern_login_guess_servers (get_text (self->address));

  if (servers != NULL)
    {
      servers->api_state = TERN_SERVICE_MISSING;
      servers->ws_state = TERN_SERVICE_MISSING;
      servers->account_state = TERN_SERVICE_MISSING;
      adw_expander_row_set_expanded (self->addresses, TRUE);
    }
  set_servers (self, servers);
}

static void
probed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(TernSignInPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *certificate = NULL;
  TernServers *servers = tern_login_probe_finish (result, &certificate, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self->is_busy = FALSE;
  g_clear_pointer (&self->offered_sha256, g_free);
  if (servers == NULL)
    {
      g_autofree char *words = tern_session_word_error (error);

      if (g_error_matches (error, TERN_ERROR, TERN_ERROR_TLS) && certificate != NULL)
        {
          g_autofree char *both = NULL;

          self->offered_sha256 = g_steal_pointer (&certificate);
          /* Translators: "The certificate is not trusted", then its fingerprint */
          both = g_strdup_printf (_("%s: somebody may be listening in. Accept it only if you know "
                                    "its fingerprint (SHA-256):\n%s"), words,
                                  self->offered_sha256);
          show_problem (self, both);
          if (!self->is_edited)
            set_servers (self, NULL);
          update (self);
          return;
        }
      show_problem (self, words);
      ask_where (self);
      return;
    }

  show_problem (self, servers->api_state == TERN_SERVICE_MISSING
                        ? _("The API does not answer: check its address below")
                      : servers->ws_state == TERN_SERVICE_MISSING
                        ? _("The message gateway does not answer: check its address below")
                        : NULL);
  set_servers (self, servers);
}

static gboolean
probe_cb (gpointer user_data)
{
  TernSignInPage *self = user_data;
  const char *address = get_text (self->address);

  self->probe_id = 0;
  if (*address == '\0' && !self->is_edited)
    return G_SOURCE_REMOVE;

  self->cancellable = g_cancellable_new ();
  self->is_busy = TRUE;
  show_problem (self, NULL);
  update (self);
  if (self->is_edited)
    tern_login_probe_servers_async (self->servers, self->pinned_sha256, self->cancellable,
                                    probed_cb, g_object_ref (self));
  else
    tern_login_probe_async (address, self->pinned_sha256, self->cancellable, probed_cb,
                            g_object_ref (self));

  return G_SOURCE_REMOVE;
}

/* What was asked before something changed must not answer any more. */
static void
stop_probe (TernSignInPage *self)
{
  g_clear_handle_id (&self->probe_id, g_source_remove);
  if (self->cancellable == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->is_busy = FALSE;
}

static void
probe_soon (TernSignInPage *self,
            guint           delay_ms)
{
  stop_probe (self);
  update (self);
  self->probe_id = g_timeout_add (delay_ms, probe_cb, self);
}

static void
address_changed_cb (TernSignInPage *self)
{
  if (self->is_setting)
    return;

  g_clear_pointer (&self->pinned_sha256, g_free);
  g_clear_pointer (&self->offered_sha256, g_free);
  show_problem (self, NULL);
  self->is_edited = FALSE;
  set_servers (self, NULL);
  probe_soon (self, PROBE_MS);
}

static void
address_apply_cb (TernSignInPage *self)
{
  probe_soon (self, 0);
}

static void
service_changed_cb (TernSignInPage *self)
{
  TernServers *servers;

  if (self->is_setting || self->servers == NULL)
    return;

  servers = tern_servers_new (get_text (self->services[SERVICE_ACCOUNT]),
                              get_text (self->services[SERVICE_API]),
                              get_text (self->services[SERVICE_WS]));
  self->is_edited = TRUE;
  /* A certificate is accepted for one address. */
  g_clear_pointer (&self->pinned_sha256, g_free);
  g_clear_pointer (&self->offered_sha256, g_free);
  show_problem (self, NULL);
  set_servers (self, servers);
  probe_soon (self, PROBE_MS);
}

static void
with_token_cb (TernSignInPage *self)
{
  self->has_chosen = self->has_chosen || !self->is_setting;
  update (self);
}

static void
accept_cb (TernSignInPage *self)
{
  g_free (self->pinned_sha256);
  self->pinned_sha256 = g_steal_pointer (&self->offered_sha256);
  show_problem (self, NULL);
  probe_soon (self, 0);
}

static void
signed_in_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(TernSignInPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(TernAccount) account = tern_login_finish (result, &error);

  self->is_busy = FALSE;
  if (account == NULL)
    {
      g_autofree char *words = tern_session_word_error (error);

      show_problem (self, words);
    }
  else
    {
      gtk_editable_set_text (GTK_EDITABLE (self->password), "");
      g_signal_emit (self, signals[SIGNAL_SIGNED_IN], 0, account);
    }
  update (self);
}

static void
sign_in_cb (TernSignInPage *self)
{
  const char *name = get_text (self->name);
  const char *secret = get_text (self->password);

  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->sign_in)))
    return;

  stop_probe (self);
  self->is_busy = TRUE;
  show_problem (self, NULL);
  update (self);
  if (gtk_check_button_get_active (self->with_token))
    tern_login_token_async (self->servers, self->pinned_sha256, name, secret, 7, NULL,
                            signed_in_cb, g_object_ref (self));
  else
    tern_login_password_async (self->servers, self->pinned_sha256, tern_login_guess_kind (name),
                               name, secret, 7, NULL, signed_in_cb, g_object_ref (self));
}

static void
back_cb (TernSignInPage *self)
{
  g_signal_emit (self, signals[SIGNAL_BACK], 0);
}

static void
tern_sign_in_page_dispose (GObject *object)
{
  TernSignInPage *self = TERN_SIGN_IN_PAGE (object);
  GtkWidget *child;

  stop_probe (self);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (tern_sign_in_page_parent_class)->dispose (object);
}

static void
tern_sign_in_page_finalize (GObject *object)
{
  TernSignInPage *self = TERN_SIGN_IN_PAGE (object);

  g_clear_pointer (&self->servers, tern_servers_free);
  g_free (self->pinned_sha256);
  g_free (self->offered_sha256);

  G_OBJECT_CLASS (tern_sign_in_page_parent_class)->finalize (object);
}

static void
tern_sign_in_page_class_init (TernSignInPageClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tern_sign_in_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = tern_sign_in_page_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[SIGNAL_BACK] = g_signal_new ("back", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 0);
  signals[SIGNAL_SIGNED_IN] = g_signal_new ("signed-in", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                            NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static AdwEntryRow *
make_entry (const char *title)
{
  AdwEntryRow *row = ADW_ENTRY_ROW (adw_entry_row_new ());

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);

  return row;
}

static void
make_services (TernSignInPage *self)
{
  static const char * const titles[] = {
    [SERVICE_API] = N_("API"),
    [SERVICE_WS] = N_("Message Gateway"),
    [SERVICE_ACCOUNT] = N_("Account Server"),
  };
  AdwExpanderRow *expander = ADW_EXPANDER_ROW (adw_expander_row_new ());

  self->addresses = expander;
  self->found = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (expander), _("Ports and Paths"));
  /* The title is that of a row inside. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (expander), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Ports and Paths"), -1);
  for (Service service = 0; service < N_SERVICES; service++)
    {
      self->services[service] = make_entry (_(titles[service]));
      self->marks[service] = GTK_IMAGE (gtk_image_new ());
      adw_entry_row_add_suffix (self->services[service], GTK_WIDGET (self->marks[service]));
      g_signal_connect_swapped (self->services[service], "changed",
                                G_CALLBACK (service_changed_cb), self);
      adw_expander_row_add_row (expander, GTK_WIDGET (self->services[service]));
    }
  adw_preferences_group_add (self->found, GTK_WIDGET (expander));
}

/* Older libadwaita does not say what the button in an entry for passwords is; it
 * is the same one for both. */
static const char *
name_button (GtkWidget *widget,
             gpointer   user_data)
{
  return GTK_IS_BUTTON (widget) ? _("Show or hide the password") : NULL;
}

static void
make_person (TernSignInPage *self)
{
  GtkWidget *row = adw_action_row_new ();

  self->person = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  self->name = make_entry (_("Phone, E-Mail or Account"));
  self->password = ADW_ENTRY_ROW (adw_password_entry_row_new ());
  tern_focus_name (GTK_WIDGET (self->password), name_button, NULL);
  self->with_token = GTK_CHECK_BUTTON (gtk_check_button_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->with_token), GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Use a User ID and a Token"));
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), GTK_WIDGET (self->with_token));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), GTK_WIDGET (self->with_token));
  adw_preferences_group_add (self->person, GTK_WIDGET (self->name));
  adw_preferences_group_add (self->person, GTK_WIDGET (self->password));
  adw_preferences_group_add (self->person, row);
  g_signal_connect_swapped (self->name, "changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (self->password, "changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (self->with_token, "toggled", G_CALLBACK (with_token_cb), self);
  g_signal_connect_swapped (self->password, "entry-activated", G_CALLBACK (sign_in_cb), self);
}

static GtkWidget *
make_exposed (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (_("The connection to this server is not encrypted. Others on "
                                      "the way can read your password and your messages."));

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (box, "state-banner");
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("channel-insecure-symbolic"));
  gtk_box_append (GTK_BOX (box), label);

  return box;
}

static GtkWidget *
make_column (TernSignInPage *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  AdwPreferencesGroup *where = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  self->reason = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->reason, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->reason), "state-banner");
  self->address = make_entry (_("Server Address"));
  self->spinner = GTK_SPINNER (gtk_spinner_new ());
  adw_entry_row_add_suffix (self->address, GTK_WIDGET (self->spinner));
  g_signal_connect_swapped (self->address, "changed", G_CALLBACK (address_changed_cb), self);
  g_signal_connect_swapped (self->address, "entry-activated", G_CALLBACK (address_apply_cb), self);
  adw_preferences_group_set_title (where, _("Your Server"));
  adw_preferences_group_set_description (where, _("Whoever runs it knows its address: a name such "
                                                  "as chat.example.com, a number such as "
                                                  "10.0.0.5, or a whole URL."));
  adw_preferences_group_add (where, GTK_WIDGET (self->address));
  self->problem = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->problem, TRUE);
  gtk_label_set_wrap_mode (self->problem, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (self->problem, GTK_JUSTIFY_CENTER);
  gtk_label_set_selectable (self->problem, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->problem), "error");
  self->accept = GTK_BUTTON (gtk_button_new_with_mnemonic (_("_Accept This Certificate")));
  gtk_widget_set_halign (GTK_WIDGET (self->accept), GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (self->accept), "destructive-action");
  g_signal_connect_swapped (self->accept, "clicked", G_CALLBACK (accept_cb), self);
  make_services (self);
  self->exposed = make_exposed ();
  make_person (self);
  self->sign_in = GTK_BUTTON (gtk_button_new_with_mnemonic (_("_Sign In")));
  gtk_widget_set_halign (GTK_WIDGET (self->sign_in), GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (self->sign_in), "pill");
  gtk_widget_add_css_class (GTK_WIDGET (self->sign_in), "suggested-action");
  g_signal_connect_swapped (self->sign_in, "clicked", G_CALLBACK (sign_in_cb), self);

  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->reason));
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (where));
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->problem));
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->accept));
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->found));
  gtk_box_append (GTK_BOX (column), self->exposed);
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->person));
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->sign_in));

  return column;
}

static void
tern_sign_in_page_init (TernSignInPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *back = gtk_button_new_from_icon_name ("go-previous-symbolic");
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *column;

  gtk_widget_set_tooltip_text (back, _("Back"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (back), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Back"),
                                  -1);
  g_signal_connect_swapped (back, "clicked", G_CALLBACK (back_cb), self);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), back);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header),
                                   adw_window_title_new (_("Connect to a Server"), ""));
  gtk_widget_add_css_class (header, "flat");
  column = make_column (self);
  gtk_widget_set_margin_top (column, 24);
  gtk_widget_set_margin_bottom (column, 24);
  gtk_widget_set_margin_start (column, 12);
  gtk_widget_set_margin_end (column, 12);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 460);
  adw_clamp_set_child (ADW_CLAMP (clamp), column);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), clamp);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), scrolled);
  gtk_widget_set_parent (box, GTK_WIDGET (self));
  tern_sign_in_page_reset (self, NULL, NULL);
}

/**
 * tern_sign_in_page_new:
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
tern_sign_in_page_new (void)
{
  return g_object_new (TERN_TYPE_SIGN_IN_PAGE, NULL);
}

/**
 * tern_sign_in_page_reset:
 * @self: the page
 * @account: (nullable): who signs in again; %NULL: nobody yet
 * @reason: (nullable): why, in words
 */
void
tern_sign_in_page_reset (TernSignInPage    *self,
                         const TernAccount *account,
                         const char        *reason)
{
  stop_probe (self);
  self->is_setting = TRUE;
  gtk_label_set_text (self->reason, reason != NULL ? reason : "");
  gtk_widget_set_visible (GTK_WIDGET (self->reason), reason != NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->address),
                         account != NULL ? account->servers->api : "");
  gtk_editable_set_text (GTK_EDITABLE (self->name), account == NULL ? ""
                         : *account->name != '\0' ? account->name : account->user_id);
  gtk_editable_set_text (GTK_EDITABLE (self->password), "");
  gtk_check_button_set_active (self->with_token, account != NULL && *account->name == '\0');
  self->is_setting = FALSE;
  self->is_edited = FALSE;
  g_clear_pointer (&self->offered_sha256, g_free);
  g_free (self->pinned_sha256);
  self->pinned_sha256 = account != NULL ? g_strdup (account->pinned_sha256) : NULL;
  show_problem (self, NULL);
  /* As last time. */
  self->has_chosen = TRUE;
  set_servers (self, account != NULL ? tern_servers_copy (account->servers) : NULL);
  self->has_chosen = account != NULL && *account->name == '\0';
  /* The row itself would take it, and then swallow what is typed. */
  gtk_widget_grab_focus (GTK_WIDGET (gtk_editable_get_delegate (
    GTK_EDITABLE (account != NULL ? self->password : self->address))));
}
