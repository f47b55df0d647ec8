/* tern-picture-view.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-picture-view.h"

#include <glib/gi18n.h>

#include "tern-media-save.h"
#include "tern-picture-loader.h"

/* Larger than any screen, and 64 MB at the most. */
#define MAX_SIDE 4096
#define ZOOM_STEP 1.25
#define MIN_ZOOM 0.1
#define MAX_ZOOM 8.0

struct _TernPictureView
{
  AdwWindow        parent_instance;

  TernMedia       *media;
  char            *url;
  char            *name;
  GCancellable    *cancellable;
  GdkTexture      *texture; /* (nullable) */
  double           zoom;    /* 0: as the window has room */

  AdwToastOverlay *toasts;
  GtkStack        *stack;
  GtkWidget       *scroller;
  GtkPicture      *picture;
  GtkLabel        *failure;
};

G_DEFINE_FINAL_TYPE (TernPictureView, tern_picture_view, ADW_TYPE_WINDOW)

/* --- zoom --- */

/* Of the screen's pixels: what 100 % is. */
static void
get_natural_size (TernPictureView *self,
                  double          *width,
                  double          *height)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  *width = (double) gdk_texture_get_width (self->texture) / scale;
  *height = (double) gdk_texture_get_height (self->texture) / scale;
}

static double
get_fitting_zoom (TernPictureView *self)
{
  double width;
  double height;

  get_natural_size (self, &width, &height);

  return MIN (1.0, MIN (gtk_widget_get_width (self->scroller) / width,
                        gtk_widget_get_height (self->scroller) / height));
}

static void
set_zoom (TernPictureView *self,
          double           zoom)
{
  double width = -1;
  double height = -1;

  if (self->texture == NULL)
    return;
  self->zoom = zoom > 0 ? CLAMP (zoom, MIN_ZOOM, MAX_ZOOM) : 0;
  if (self->zoom > 0)
    {
      get_natural_size (self, &width, &height);
      width = MAX (width * self->zoom, 1);
      height = MAX (height * self->zoom, 1);
    }
  gtk_picture_set_content_fit (self->picture, self->zoom > 0 ? GTK_CONTENT_FIT_CONTAIN
                                                             : GTK_CONTENT_FIT_SCALE_DOWN);
  gtk_widget_set_size_request (GTK_WIDGET (self->picture), (int) width, (int) height);
}

static void
zoom_by (TernPictureView *self,
         double           factor)
{
  if (self->texture != NULL)
    set_zoom (self, (self->zoom > 0 ? self->zoom : get_fitting_zoom (self)) * factor);
}

static void
zoom_action (GtkWidget  *widget,
             const char *action_name,
             GVariant   *parameter)
{
  TernPictureView *self = TERN_PICTURE_VIEW (widget);

  if (g_str_equal (action_name, "view.zoom-in"))
    zoom_by (self, ZOOM_STEP);
  else if (g_str_equal (action_name, "view.zoom-out"))
    zoom_by (self, 1 / ZOOM_STEP);
  else
    set_zoom (self, 0);
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller,
           double                    dx,
           double                    dy,
           gpointer                  user_data)
{
  GdkModifierType state =
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));

  if ((state & GDK_CONTROL_MASK) == 0)
    return GDK_EVENT_PROPAGATE;
  zoom_by (user_data, dy < 0 ? ZOOM_STEP : 1 / ZOOM_STEP);

  return GDK_EVENT_STOP;
}

/* --- what can be done with it --- */

static void
toast (TernPictureView *self,
       const char      *words)
{
  AdwToast *message = adw_toast_new ("");
  GtkWidget *label = gtk_label_new (words);

  /* A title would be markup. */
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  adw_toast_set_custom_title (message, label);
  adw_toast_overlay_add_toast (self->toasts, message);
}

static void
told_cb (const char *words,
         gpointer    user_data)
{
  g_autoptr(TernPictureView) self = user_data;

  /* The window may be closed by now. */
  if (words != NULL && self->toasts != NULL)
    toast (self, words);
}

static void
copy_action (GtkWidget  *widget,
             const char *action_name,
             GVariant   *parameter)
{
  TernPictureView *self = TERN_PICTURE_VIEW (widget);

  gdk_clipboard_set_texture (gtk_widget_get_clipboard (widget), self->texture);
  toast (self, _("Copied"));
}

static void
save_action (GtkWidget  *widget,
             const char *action_name,
             GVariant   *parameter)
{
  TernPictureView *self = TERN_PICTURE_VIEW (widget);

  if (g_str_equal (action_name, "view.save"))
    tern_media_save (self->media, self->url, self->name, told_cb, g_object_ref (self));
  else
    tern_media_save_as (self->media, self->url, self->name, GTK_WINDOW (self), told_cb,
                        g_object_ref (self));
}

static void
enable_actions (TernPictureView *self,
                gboolean         is_fetched)
{
  static const char * const of_shown[] = { "view.copy", "view.zoom-in", "view.zoom-out",
                                           "view.zoom-fit" };

  for (guint i = 0; i < G_N_ELEMENTS (of_shown); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), of_shown[i], self->texture != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "view.save", is_fetched);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "view.save-as", is_fetched);
}

/* --- loading --- */

static void
show_failure (TernPictureView *self,
              const char      *words)
{
  gtk_label_set_text (self->failure, words);
  gtk_stack_set_visible_child_name (self->stack, "failure");
}

static void
loaded_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(TernPictureView) self = user_data;
  g_autoptr(GError) error = NULL;
  GdkTexture *texture = tern_picture_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (texture == NULL)
    {
      /* It may still be saved, for a program that can. */
      enable_actions (self, TRUE);
      show_failure (self, _("This picture cannot be shown here"));
      return;
    }
  self->texture = texture;
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
  gtk_stack_set_visible_child_name (self->stack, "picture");
  enable_actions (self, TRUE);
}

static void
fetched_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(TernPictureView) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = tern_media_fetch_finish (TERN_MEDIA (object), result, &error);
  g_autofree char *words = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (path != NULL)
    {
      tern_picture_load_async (path, MAX_SIDE, self->cancellable, loaded_cb, g_object_ref (self));
      return;
    }
  words = tern_media_word_error (error);
  show_failure (self, words);
}

/* --- the window --- */

static void
tern_picture_view_dispose (GObject *object)
{
  TernPictureView *self = TERN_PICTURE_VIEW (object);

  g_cancellable_cancel (self->cancellable);
  self->toasts = NULL;
  g_clear_object (&self->texture);

  G_OBJECT_CLASS (tern_picture_view_parent_class)->dispose (object);
}

static void
tern_picture_view_finalize (GObject *object)
{
  TernPictureView *self = TERN_PICTURE_VIEW (object);

  g_object_unref (self->cancellable);
  g_clear_object (&self->media);
  g_free (self->url);
  g_free (self->name);

  G_OBJECT_CLASS (tern_picture_view_parent_class)->finalize (object);
}

static void
tern_picture_view_class_init (TernPictureViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const struct { guint keyval; GdkModifierType modifiers; const char *action; } keys[] = {
    { GDK_KEY_Escape, 0, "window.close" },
    { GDK_KEY_w, GDK_CONTROL_MASK, "window.close" },
    { GDK_KEY_c, GDK_CONTROL_MASK, "view.copy" },
    { GDK_KEY_s, GDK_CONTROL_MASK, "view.save" },
    { GDK_KEY_s, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "view.save-as" },
    { GDK_KEY_plus, GDK_CONTROL_MASK, "view.zoom-in" },
    { GDK_KEY_equal, GDK_CONTROL_MASK, "view.zoom-in" },
    { GDK_KEY_KP_Add, GDK_CONTROL_MASK, "view.zoom-in" },
    { GDK_KEY_minus, GDK_CONTROL_MASK, "view.zoom-out" },
    { GDK_KEY_KP_Subtract, GDK_CONTROL_MASK, "view.zoom-out" },
    { GDK_KEY_0, GDK_CONTROL_MASK, "view.zoom-fit" },
  };

  G_OBJECT_CLASS (klass)->dispose = tern_picture_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = tern_picture_view_finalize;
  gtk_widget_class_install_action (widget_class, "view.copy", NULL, copy_action);
  gtk_widget_class_install_action (widget_class, "view.save", NULL, save_action);
  gtk_widget_class_install_action (widget_class, "view.save-as", NULL, save_action);
  gtk_widget_class_install_action (widget_class, "view.zoom-in", NULL, zoom_action);
  gtk_widget_class_install_action (widget_class, "view.zoom-out", NULL, zoom_action);
  gtk_widget_class_install_action (widget_class, "view.zoom-fit", NULL, zoom_action);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding_action (widget_class, keys[i].keyval, keys[i].modifiers,
                                         keys[i].action, NULL);
}

static GtkWidget *
make_button (const char *icon,
             const char *words,
             const char *action)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
                                  -1);

  return button;
}

static GtkWidget *
make_header (void)
{
  AdwHeaderBar *header = ADW_HEADER_BAR (adw_header_bar_new ());

  adw_header_bar_pack_start (header, make_button ("zoom-out-symbolic", _("Smaller"),
                                                  "view.zoom-out"));
  adw_header_bar_pack_start (header, make_button ("zoom-fit-best-symbolic", _("Fit the Window"),
                                                  "view.zoom-fit"));
  adw_header_bar_pack_start (header, make_button ("zoom-in-symbolic", _("Larger"),
                                                  "view.zoom-in"));
  adw_header_bar_pack_end (header, make_button ("document-save-as-symbolic", _("Save As…"),
                                                "view.save-as"));
  adw_header_bar_pack_end (header, make_button ("document-save-symbolic", _("Save to Downloads"),
                                                "view.save"));
  adw_header_bar_pack_end (header, make_button ("edit-copy-symbolic", _("Copy"), "view.copy"));

  return GTK_WIDGET (header);
}

static void
tern_picture_view_init (TernPictureView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *spinner = gtk_spinner_new ();
  GtkEventController *scroll =
    gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);

  self->cancellable = g_cancellable_new ();
  self->picture = GTK_PICTURE (gtk_picture_new ());
  gtk_picture_set_content_fit (self->picture, GTK_CONTENT_FIT_SCALE_DOWN);
  gtk_picture_set_alternative_text (self->picture, _("Picture"));
  /* With the focus it is moved by keyboard, and as a group it may have a name. */
  self->scroller = g_object_new (GTK_TYPE_SCROLLED_WINDOW, "accessible-role",
                                 GTK_ACCESSIBLE_ROLE_GROUP, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scroller), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Picture"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->picture));
  gtk_event_controller_set_propagation_phase (scroll, GTK_PHASE_CAPTURE);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (self->scroller, scroll);
  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_widget_set_size_request (spinner, 32, 32);
  gtk_widget_set_halign (spinner, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (spinner, GTK_ALIGN_CENTER);
  self->failure = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->failure, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->failure), "dim-label");
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, spinner, "loading");
  gtk_stack_add_named (self->stack, self->scroller, "picture");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->failure), "failure");
  self->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  adw_toast_overlay_set_child (self->toasts, GTK_WIDGET (self->stack));
  gtk_widget_set_vexpand (GTK_WIDGET (self->toasts), TRUE);
  gtk_box_append (GTK_BOX (box), make_header ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->toasts));
  adw_window_set_content (ADW_WINDOW (self), box);
  enable_actions (self, FALSE);
}

/* Pictures come without a name. */
static char *
make_name (TernMessage *message)
{
  static const struct { const char *mime; const char *extension; } kinds[] = {
    { "image/jpeg", ".jpg" }, { "image/jpg", ".jpg" }, { "image/png", ".png" },
    { "image/gif", ".gif" }, { "image/webp", ".webp" }, { "image/bmp", ".bmp" },
    { "image/svg+xml", ".svg" },
  };
  const char *mime = tern_message_get_content (message)->mime;
  const TernMessageRecord *record = tern_message_get_record (message);
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_local (record->sent_ms / 1000);
  g_autofree char *stamp = time != NULL ? g_date_time_format (time, "%Y-%m-%d %H.%M.%S") : NULL;
  const char *extension = "";

  for (guint i = 0; mime != NULL && i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_ascii_strcasecmp (mime, kinds[i].mime) == 0)
        extension = kinds[i].extension;
    }

  return g_strdup_printf ("%s %s%s", _("Picture"), stamp != NULL ? stamp : "", extension);
}

/**
 * tern_picture_view_new:
 * @parent: the window in front
 * @media: where to get it from
 * @message: the message
 *
 * Returns: (transfer none): a window that fetches the original and shows it
 */
GtkWidget *
tern_picture_view_new (GtkWindow   *parent,
                       TernMedia   *media,
                       TernMessage *message)
{
  int width = MAX (gtk_widget_get_width (GTK_WIDGET (parent)), 360);
  int height = MAX (gtk_widget_get_height (GTK_WIDGET (parent)), 300);
  TernPictureView *self =
    g_object_new (TERN_TYPE_PICTURE_VIEW, "transient-for", parent, "modal", TRUE,
                  "default-width", width, "default-height", height,
                  "title", tern_message_get_sender_name (message), NULL);

  self->media = g_object_ref (media);
  self->url = g_strdup (tern_message_get_content (message)->url);
  self->name = make_name (message);
  tern_media_fetch_async (media, self->url, self->cancellable, fetched_cb, g_object_ref (self));

  return GTK_WIDGET (self);
}
