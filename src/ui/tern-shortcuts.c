/* tern-shortcuts.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GtkShortcutsWindow needs far more room than a narrow window has, and nobody
 * reads its keys out.
 */

#include "config.h"

#include "tern-shortcuts.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "tern-dialog.h"

/* Where the setting decides. */
#define SEND "send"
#define NEW_LINE "new-line"

static const struct
{
  const char *title;
  const char *keys; /* (nullable): none for the title of a group */
} shortcuts[] = {
  { N_("Chats"), NULL },
  { N_("Next chat"), "<Control>Page_Down <Alt>Down" },
  { N_("Previous chat"), "<Control>Page_Up <Alt>Up" },
  { N_("Next unread chat"), "<Alt><Shift>Down" },
  { N_("Previous unread chat"), "<Alt><Shift>Up" },
  { N_("Find a chat"), "<Control>k" },
  { N_("The chat’s menu"), "Menu <Shift>F10" },
  { N_("Writing"), NULL },
  { N_("Send the message"), SEND },
  { N_("New line"), NEW_LINE },
  { N_("Messages"), NULL },
  { N_("To the messages, the chats, the entry"), "F6" },
  { N_("The same, the other way round"), "<Shift>F6" },
  { N_("Next and previous message"), "Down Up" },
  { N_("First message"), "Home" },
  { N_("Last message"), "End" },
  { N_("Reply to the message"), "<Control>r" },
  { N_("Copy the message"), "<Control>c" },
  { N_("The message’s menu"), "Menu <Shift>F10" },
  { N_("Select several messages"), "<Shift>Down <Shift>Up" },
  { N_("Delete the message for oneself"), "Delete" },
  { N_("Go to a day"), "<Control>g" },
  { N_("Open the quoted message, or select"), "Return" },
  { N_("General"), NULL },
  { N_("Main menu"), "F10" },
  { N_("Preferences"), "<Control>comma" },
  { N_("Keyboard shortcuts"), "<Control>question" },
  { N_("Quit"), "<Control>q" },
};

static const char *
get_keys (const char *keys,
          gboolean    enter_sends)
{
  if (g_str_equal (keys, SEND))
    return enter_sends ? "Return" : "<Control>Return";
  if (g_str_equal (keys, NEW_LINE))
    return enter_sends ? "<Shift>Return" : "Return <Shift>Return";

  return keys;
}

/* What it does, and below it the keys, side by side if there is room. */
static GtkWidget *
make_row (const char *title,
          const char *keys)
{
  GtkWidget *row = adw_preferences_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *label = gtk_label_new (title);
  GtkWidget *flow = gtk_flow_box_new ();
  g_auto(GStrv) accelerators = g_strsplit (keys, " ", -1);
  g_autoptr(GString) spoken = g_string_new (title);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (flow), GTK_SELECTION_NONE);
  for (guint i = 0; accelerators[i] != NULL; i++)
    {
      g_autofree char *key_label = NULL;
      GdkModifierType modifiers;
      guint key;

      gtk_accelerator_parse (accelerators[i], &key, &modifiers);
      key_label = gtk_accelerator_get_label (key, modifiers);
      g_string_append_printf (spoken, "%s %s", i > 0 ? "," : ":", key_label);
      gtk_flow_box_append (GTK_FLOW_BOX (flow), gtk_shortcut_label_new (accelerators[i]));
      gtk_widget_set_focusable (gtk_widget_get_last_child (flow), FALSE);
    }
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), flow);
  gtk_widget_set_margin_top (box, 9);
  gtk_widget_set_margin_bottom (box, 9);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken->str, -1);

  return row;
}

/**
 * tern_shortcuts_open:
 * @parent: a widget of the window in front
 */
void
tern_shortcuts_open (GtkWidget *parent)
{
  g_autoptr(GSettings) settings = g_settings_new (TERN_SETTINGS);
  gboolean enter_sends = g_settings_get_boolean (settings, "enter-sends");
  GtkWidget *page = adw_preferences_page_new ();
  AdwPreferencesGroup *group = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    {
      if (shortcuts[i].keys != NULL)
        {
          adw_preferences_group_add (group, make_row (_(shortcuts[i].title),
                                                      get_keys (shortcuts[i].keys, enter_sends)));
          continue;
        }
      group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
      adw_preferences_group_set_title (group, _(shortcuts[i].title));
      adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), group);
    }
  tern_dialog_open (parent, _("Keyboard Shortcuts"), 440, 560, page);
}
