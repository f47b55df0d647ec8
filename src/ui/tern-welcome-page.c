/* tern-welcome-page.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-welcome-page.h"

#include <glib/gi18n.h>

struct _TernWelcomePage
{
  GtkWidget  parent_instance;

  GtkBox    *buttons;
  GtkWidget *connect;
  GtkStack  *try_stack; /* the button's words, or that it works */
};

G_DEFINE_FINAL_TYPE (TernWelcomePage, tern_welcome_page, GTK_TYPE_WIDGET)

enum
{
  SIGNAL_CONNECT,
  SIGNAL_TRY_OUT,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
connect_cb (GtkButton *button,
            gpointer   user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_CONNECT], 0);
}

static void
try_cb (GtkButton *button,
        gpointer   user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_TRY_OUT], 0);
}

/* What is in the bar would come first. */
static void
tern_welcome_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (tern_welcome_page_parent_class)->map (widget);
  gtk_widget_grab_focus (TERN_WELCOME_PAGE (widget)->connect);
}

static void
tern_welcome_page_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (tern_welcome_page_parent_class)->dispose (object);
}

static void
tern_welcome_page_class_init (TernWelcomePageClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tern_welcome_page_dispose;
  GTK_WIDGET_CLASS (klass)->map = tern_welcome_page_map;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[SIGNAL_CONNECT] = g_signal_new ("connect", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 0);
  signals[SIGNAL_TRY_OUT] = g_signal_new ("try-out", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 0);
}

static GtkWidget *
make_pill (const char *label,
           gpointer    user_data,
           GCallback   callback)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  /* Large text in a narrow window. */
  gtk_label_set_wrap (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button))), TRUE);
  gtk_label_set_justify (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button))),
                         GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (button, "pill");
  g_signal_connect (button, "clicked", callback, user_data);

  return button;
}

static void
tern_welcome_page_init (TernWelcomePage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *status = adw_status_page_new ();
  GtkWidget *about = gtk_button_new_from_icon_name ("help-about-symbolic");
  GtkWidget *try_out = make_pill (_("_Try on This Computer"), self, G_CALLBACK (try_cb));
  GtkWidget *spinner = gtk_spinner_new ();

  gtk_actionable_set_action_name (GTK_ACTIONABLE (about), "app.about");
  gtk_widget_set_tooltip_text (about, _("About Tern"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (about), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("About Tern"), -1);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), about);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), gtk_label_new (NULL));
  gtk_widget_add_css_class (header, "flat");
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (status), TERN_ICON);
  adw_status_page_set_title (ADW_STATUS_PAGE (status), _("Welcome to Tern"));
  adw_status_page_set_description (ADW_STATUS_PAGE (status),
                                   _("Chat with others on a server of your own"));
  self->connect = make_pill (_("_Connect to a Server"), self, G_CALLBACK (connect_cb));
  gtk_widget_add_css_class (self->connect, "suggested-action");
  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_widget_set_size_request (spinner, 24, 24);
  gtk_widget_set_halign (spinner, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spinner), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("The trial is starting"), -1);
  self->try_stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->try_stack, try_out, "button");
  gtk_stack_add_named (self->try_stack, spinner, "spinner");
  self->buttons = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12));
  gtk_widget_set_halign (GTK_WIDGET (self->buttons), GTK_ALIGN_CENTER);
  gtk_box_append (self->buttons, self->connect);
  gtk_box_append (self->buttons, GTK_WIDGET (self->try_stack));
  adw_status_page_set_child (ADW_STATUS_PAGE (status), GTK_WIDGET (self->buttons));
  gtk_widget_set_vexpand (status, TRUE);
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), status);
  gtk_widget_set_parent (box, GTK_WIDGET (self));
}

/**
 * tern_welcome_page_new:
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
tern_welcome_page_new (void)
{
  return g_object_new (TERN_TYPE_WELCOME_PAGE, NULL);
}

/**
 * tern_welcome_page_set_busy:
 * @self: the page
 * @is_busy: the trial is starting
 */
void
tern_welcome_page_set_busy (TernWelcomePage *self,
                            gboolean         is_busy)
{
  gtk_stack_set_visible_child_name (self->try_stack, is_busy ? "spinner" : "button");
  gtk_widget_set_sensitive (GTK_WIDGET (self->buttons), !is_busy);
}
