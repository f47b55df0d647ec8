/* tern-media-actions.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-media-actions.h"

#include <glib/gi18n.h>

#include "tern-media-save.h"

struct _TernMediaActions
{
  GtkWidget       parent_instance;

  TernMedia      *media; /* (nullable) */
  char           *url;   /* (nullable) */
  char           *name;  /* (nullable) */
  gulong          changed_handler;

  GtkProgressBar *progress;
  GtkLabel       *status;
  GtkWidget      *download;
  GtkWidget      *cancel;
  GtkWidget      *open;
  GtkWidget      *save;
};

G_DEFINE_FINAL_TYPE (TernMediaActions, tern_media_actions, GTK_TYPE_WIDGET)

static void
set_status (TernMediaActions *self,
            const char       *text) /* (nullable) */
{
  gtk_label_set_text (self->status, text != NULL ? text : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->status), text);
  gtk_widget_set_visible (GTK_WIDGET (self->status), text != NULL);
}

static void
update_progress (TernMediaActions *self,
                 gint64            n_bytes,
                 gint64            total_bytes)
{
  g_autofree char *done = g_format_size ((guint64) n_bytes);

  if (total_bytes > 0)
    gtk_progress_bar_set_fraction (self->progress, (double) n_bytes / (double) total_bytes);
  else
    gtk_progress_bar_pulse (self->progress);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, done, -1);
}

/* The keyboard must not fall out of the row with the button it was on. */
static void
show_button (GtkWidget *button,
             gboolean   is_shown,
             gboolean   had_focus)
{
  gtk_widget_set_visible (button, is_shown);
  if (is_shown && had_focus)
    gtk_widget_grab_focus (button);
}

static void
update (TernMediaActions *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  gboolean had_focus = focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self));
  gint64 n_bytes;
  gint64 total_bytes;
  TernMediaState state = tern_media_look (self->media, self->url, &n_bytes, &total_bytes);
  gboolean can_fetch = state == TERN_MEDIA_ABSENT || state == TERN_MEDIA_FAILED;
  gboolean is_present = state == TERN_MEDIA_PRESENT;
  g_autofree char *why = NULL;

  had_focus &= (can_fetch && focus != self->download) || (is_present && focus != self->open &&
                                                           focus != self->save) ||
               (state == TERN_MEDIA_LOADING && focus != self->cancel);
  if (state == TERN_MEDIA_FAILED)
    why = tern_media_word_error (tern_media_get_error (self->media, self->url));
  gtk_button_set_label (GTK_BUTTON (self->download), state == TERN_MEDIA_FAILED ? _("Try Again")
                                                                                 : _("Download"));
  gtk_widget_set_visible (GTK_WIDGET (self->progress), state == TERN_MEDIA_LOADING);
  if (state == TERN_MEDIA_LOADING)
    update_progress (self, n_bytes, total_bytes);
  set_status (self, why);
  show_button (self->download, can_fetch, had_focus);
  show_button (self->cancel, state == TERN_MEDIA_LOADING, had_focus);
  gtk_widget_set_visible (self->save, is_present);
  show_button (self->open, is_present, had_focus);
}

static void
changed_cb (TernMedia  *media,
            const char *url,
            gpointer    user_data)
{
  TernMediaActions *self = user_data;

  if (g_strcmp0 (url, self->url) == 0)
    update (self);
}

/* --- what the person does --- */

typedef struct
{
  TernMediaActions *self;
  char             *url; /* what it was asked of: meanwhile another may stand here */
} Asked;

static Asked *
asked_new (TernMediaActions *self)
{
  Asked *asked = g_new0 (Asked, 1);

  asked->self = g_object_ref (self);
  asked->url = g_strdup (self->url);

  return asked;
}

static void
told_cb (const char *words,
         gpointer    user_data)
{
  Asked *asked = user_data;

  if (g_strcmp0 (asked->url, asked->self->url) == 0 && words != NULL)
    {
      update (asked->self); /* it may have been thrown out */
      set_status (asked->self, words);
    }
  g_object_unref (asked->self);
  g_free (asked->url);
  g_free (asked);
}

static GtkWindow *
get_window (TernMediaActions *self)
{
  return GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

static void
download_cb (TernMediaActions *self)
{
  tern_media_download (self->media, self->url);
}

static void
cancel_cb (TernMediaActions *self)
{
  tern_media_cancel (self->media, self->url);
}

static void
open_cb (TernMediaActions *self)
{
  tern_media_open (self->media, self->url, self->name, get_window (self), told_cb,
                   asked_new (self));
}

static void
save_cb (TernMediaActions *self)
{
  tern_media_save_as (self->media, self->url, self->name, get_window (self), told_cb,
                      asked_new (self));
}

static void
tern_media_actions_dispose (GObject *object)
{
  TernMediaActions *self = TERN_MEDIA_ACTIONS (object);
  GtkWidget *child;

  tern_media_actions_clear (self);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (tern_media_actions_parent_class)->dispose (object);
}

static void
tern_media_actions_class_init (TernMediaActionsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tern_media_actions_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "media-actions");
}

static GtkWidget *
add_button (TernMediaActions *self,
            const char       *label,
            GCallback         callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  g_signal_connect_swapped (button, "clicked", callback, self);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_parent (button, GTK_WIDGET (self));

  return button;
}

static void
tern_media_actions_init (TernMediaActions *self)
{
  self->progress = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->progress), GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (GTK_WIDGET (self->progress), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Downloading"), -1);
  gtk_widget_set_parent (GTK_WIDGET (self->progress), GTK_WIDGET (self));
  self->download = add_button (self, _("Download"), G_CALLBACK (download_cb));
  self->cancel = add_button (self, _("Cancel"), G_CALLBACK (cancel_cb));
  self->open = add_button (self, _("Open"), G_CALLBACK (open_cb));
  self->save = add_button (self, _("Save As…"), G_CALLBACK (save_cb));
  self->status = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->status, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->status, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->status), "caption");
  gtk_widget_set_hexpand (GTK_WIDGET (self->status), TRUE);
  gtk_widget_set_parent (GTK_WIDGET (self->status), GTK_WIDGET (self));
}

/**
 * tern_media_actions_new:
 *
 * Returns: (transfer floating): a line of buttons without a file
 */
GtkWidget *
tern_media_actions_new (void)
{
  return g_object_new (TERN_TYPE_MEDIA_ACTIONS, NULL);
}

/**
 * tern_media_actions_show:
 * @self: the buttons
 * @media: where to get it from
 * @url: an address that tern_media_is_allowed()
 * @name: (nullable): what its sender calls it
 */
void
tern_media_actions_show (TernMediaActions *self,
                         TernMedia        *media,
                         const char       *url,
                         const char       *name)
{
  if (self->media == media && g_strcmp0 (self->url, url) == 0)
    return;
  tern_media_actions_clear (self);
  self->media = g_object_ref (media);
  self->url = g_strdup (url);
  self->name = g_strdup (name);
  self->changed_handler = g_signal_connect (media, "changed", G_CALLBACK (changed_cb), self);
  update (self);
}

/**
 * tern_media_actions_clear:
 * @self: the buttons
 *
 * Lets go of the file; a download goes on.
 */
void
tern_media_actions_clear (TernMediaActions *self)
{
  g_clear_signal_handler (&self->changed_handler, self->media);
  g_clear_object (&self->media);
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->name, g_free);
}

/**
 * tern_media_actions_activate:
 * @self: the buttons
 *
 * Downloads what is not there, opens what is.
 */
void
tern_media_actions_activate (TernMediaActions *self)
{
  TernMediaState state;

  if (self->url == NULL)
    return;
  state = tern_media_look (self->media, self->url, NULL, NULL);
  if (state == TERN_MEDIA_PRESENT)
    open_cb (self);
  else if (state != TERN_MEDIA_LOADING)
    download_cb (self);
}
