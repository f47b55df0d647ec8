/* tern-dialog.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "tern-focus.h"

static void
close_on_escape (GtkWidget *window)
{
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (
    GTK_SHORTCUT_CONTROLLER (shortcuts),
    gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                      gtk_named_action_new ("window.close")));
  gtk_widget_add_controller (window, shortcuts);
}

/**
 * tern_dialog_open:
 * @parent: a widget of the window in front
 * @title: what it is called
 * @width: if there is room
 * @height: if there is room
 * @body: (transfer floating): what is in it
 */
void
tern_dialog_open (GtkWidget  *parent,
                  const char *title,
                  int         width,
                  int         height,
                  GtkWidget  *body)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *window = g_object_new (ADW_TYPE_WINDOW, "title", title, "transient-for",
                                    gtk_widget_get_root (parent), "modal", TRUE,
                                    "default-width", width, "default-height", height,
                                    "content", box, NULL);

  gtk_widget_set_vexpand (body, TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), body);
  close_on_escape (window);
  tern_focus_tidy (box);
  gtk_window_present (GTK_WINDOW (window));
}

/**
 * tern_dialog_close:
 * @body: what tern_dialog_open() was given; may be gone after this
 */
void
tern_dialog_close (GtkWidget *body)
{
  gtk_window_destroy (GTK_WINDOW (gtk_widget_get_root (body)));
}

/**
 * tern_dialog_ask:
 * @parent: a widget of the window in front
 * @heading: must not be markup
 * @words: the rest of it; must not be markup
 * @yes: (nullable): what the button says that does it
 * @destroys: whether it cannot be undone
 * @callback: (nullable): called with @user_data when it was said
 * @user_data: passed to @callback
 * @user_data_free: (nullable): frees @user_data
 */
void
tern_dialog_ask (GtkWidget      *parent,
                 const char     *heading,
                 const char     *words,
                 const char     *yes,
                 gboolean        destroys,
                 GCallback       callback,
                 gpointer        user_data,
                 GClosureNotify  user_data_free)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
    adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (parent)), heading, words));

  adw_message_dialog_add_response (dialog, "no", yes != NULL ? _("_Cancel") : _("_Close"));
  adw_message_dialog_set_close_response (dialog, "no");
  if (yes != NULL)
    {
      adw_message_dialog_add_response (dialog, "yes", yes);
      g_signal_connect_data (dialog, "response::yes", callback, user_data, user_data_free,
                             G_CONNECT_SWAPPED);
    }
  if (destroys)
    {
      adw_message_dialog_set_response_appearance (dialog, "yes", ADW_RESPONSE_DESTRUCTIVE);
      adw_message_dialog_set_default_response (dialog, "no");
    }
  tern_focus_tidy (GTK_WIDGET (dialog));
  gtk_window_present (GTK_WINDOW (dialog));
}
