/* tern-application.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-application.h"

#include <glib/gi18n.h>

#include "tern-about.h"
#include "tern-window.h"

struct _TernApplication
{
  AdwApplication  parent_instance;

  TernWindow     *window;   /* (borrowed) (nullable) */
  char           *data_dir; /* (nullable) */
  gboolean        starts_trial;
  gboolean        is_quitting;
};

G_DEFINE_FINAL_TYPE (TernApplication, tern_application, ADW_TYPE_APPLICATION)

static void
about_action (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       user_data)
{
  TernApplication *self = user_data;

  tern_about_show (GTK_WINDOW (self->window));
}

static void
closed_cb (gpointer user_data)
{
  TernApplication *self = user_data;

  gtk_window_destroy (GTK_WINDOW (self->window));
  self->window = NULL;
  g_application_release (G_APPLICATION (self));
  g_application_quit (G_APPLICATION (self));
}

/* Open messages are written first: at most three seconds. */
static void
quit_action (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       user_data)
{
  TernApplication *self = user_data;

  if (self->is_quitting)
    return;
  self->is_quitting = TRUE;
  if (self->window == NULL)
    {
      g_application_quit (G_APPLICATION (self));
      return;
    }

  g_application_hold (G_APPLICATION (self));
  tern_window_finish (self->window, G_CALLBACK (closed_cb), self);
}

static const GActionEntry actions[] = {
  { .name = "about", .activate = about_action },
  { .name = "quit", .activate = quit_action },
};

static void
tern_application_startup (GApplication *application)
{
  static const struct
  {
    const char *action;
    const char *keys[3];
  } shortcuts[] = {
    { "app.quit", { "<Control>q" } },
    { "window.close", { "<Control>w" } },
    { "win.preferences", { "<Control>comma" } },
    { "win.shortcuts", { "<Control>question" } },
    { "win.next-chat", { "<Control>Page_Down", "<Alt>Down" } },
    { "win.previous-chat", { "<Control>Page_Up", "<Alt>Up" } },
    { "win.next-unread", { "<Alt><Shift>Down" } },
    { "win.previous-unread", { "<Alt><Shift>Up" } },
    { "win.find-chat", { "<Control>k" } },
    { "win.next-part", { "F6" } },
    { "win.previous-part", { "<Shift>F6" } },
  };

  G_APPLICATION_CLASS (tern_application_parent_class)->startup (application);

  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), shortcuts[i].action,
                                           shortcuts[i].keys);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (gdk_display_get_default ()),
                                    "/io/github/tern_chat/Tern/icons");
}

static void
tern_application_activate (GApplication *application)
{
  TernApplication *self = TERN_APPLICATION (application);

  if (self->window == NULL)
    {
      self->window = tern_window_new (ADW_APPLICATION (self), self->data_dir);
      if (self->starts_trial)
        tern_window_start_trial (self->window);
      else
        tern_window_start (self->window);
    }
  gtk_window_present (GTK_WINDOW (self->window));
}

static int
tern_application_handle_local_options (GApplication *application,
                                       GVariantDict *options)
{
  TernApplication *self = TERN_APPLICATION (application);

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("Tern %s\n", TERN_VERSION);
      return 0;
    }
  g_variant_dict_lookup (options, "data", "^ay", &self->data_dir);
  self->starts_trial = g_variant_dict_contains (options, "trial");

  return -1;
}

static void
tern_application_finalize (GObject *object)
{
  g_free (TERN_APPLICATION (object)->data_dir);

  G_OBJECT_CLASS (tern_application_parent_class)->finalize (object);
}

static void
tern_application_class_init (TernApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = tern_application_finalize;
  application_class->startup = tern_application_startup;
  application_class->activate = tern_application_activate;
  application_class->handle_local_options = tern_application_handle_local_options;
}

static void
tern_application_init (TernApplication *self)
{
  static const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Print the version"), NULL },
    { "trial", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Start the local trial"), NULL },
    { "data", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_("Keep data in this folder"), N_("DIR") },
    G_OPTION_ENTRY_NULL
  };

  g_application_add_main_option_entries (G_APPLICATION (self), entries);
}

/**
 * tern_application_new:
 *
 * Returns: (transfer full): the program
 */
TernApplication *
tern_application_new (void)
{
  return g_object_new (TERN_TYPE_APPLICATION,
                       "application-id", TERN_APPLICATION_ID,
                       "resource-base-path", "/io/github/tern_chat/Tern",
                       NULL);
}
