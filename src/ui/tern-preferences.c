/* tern-preferences.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-preferences.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "tern-dialog.h"

static GtkWidget *
make_switch (GSettings  *settings,
             const char *key,
             const char *title,
             const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_switch_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  g_settings_bind (settings, key, button, "active", G_SETTINGS_BIND_DEFAULT);

  return row;
}

/**
 * tern_preferences_open:
 * @parent: a widget of the window in front
 */
void
tern_preferences_open (GtkWidget *parent)
{
  g_autoptr(GSettings) settings = g_settings_new (TERN_SETTINGS);
  GtkWidget *page = adw_preferences_page_new ();
  AdwPreferencesGroup *writing = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (writing, _("Writing"));
  adw_preferences_group_add (writing, make_switch (settings, "enter-sends",
                                                   _("Enter Sends the Message"),
                                                   _("Otherwise Ctrl+Enter does")));
  adw_preferences_group_add (writing, make_switch (settings, "tells-typing",
                                                   _("Tell Others That You Are Typing"),
                                                   _("They see it while you write")));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), writing);
  tern_dialog_open (parent, _("Preferences"), 440, 360, page);
}
