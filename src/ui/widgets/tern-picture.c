/* tern-picture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-picture.h"

#include "tern-picture-loader.h"

#define MAX_SIDE 320
#define MIN_SIDE 64
#define FALLBACK_SIDE 240
#define RADIUS 9
#define ICON 32

struct _TernPicture
{
  GtkWidget         parent_instance;

  TernMedia        *media;        /* (nullable) */
  char             *url;          /* (nullable) */
  char             *fallback_url; /* (nullable): when that cannot be had */
  gboolean          is_fallback;  /* that is what is shown or on its way */
  gulong            changed_handler; /* of media, while it has failed */
  int               pixel_width;
  int               pixel_height;
  TernPictureState  state;
  GdkTexture       *texture;      /* (nullable) */
  GCancellable     *cancellable;  /* (nullable): of what is on its way */
};

G_DEFINE_FINAL_TYPE (TernPicture, tern_picture, GTK_TYPE_WIDGET)

/* --- loading --- */

static void
set_state (TernPicture      *self,
           TernPictureState  state)
{
  self->state = state;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
stop (TernPicture *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_signal_handler (&self->changed_handler, self->media);
}

static void begin (TernPicture *self); /* once more for the second address */

/* Somebody else has fetched it, or it may be asked for again. */
static void
changed_cb (TernMedia  *media,
            const char *url,
            gpointer    user_data)
{
  TernPicture *self = user_data;
  TernMediaState state;

  if (g_strcmp0 (url, self->url) != 0 && g_strcmp0 (url, self->fallback_url) != 0)
    return;
  state = tern_media_look (media, url, NULL, NULL);
  if (state == TERN_MEDIA_PRESENT || state == TERN_MEDIA_ABSENT)
    {
      self->is_fallback = FALSE;
      begin (self);
    }
}

static void
fail (TernPicture *self)
{
  g_clear_object (&self->cancellable);
  if (self->is_fallback || self->fallback_url == NULL ||
      g_strcmp0 (self->url, self->fallback_url) == 0)
    {
      set_state (self, TERN_PICTURE_FAILED);
      g_clear_signal_handler (&self->changed_handler, self->media);
      self->changed_handler = g_signal_connect (self->media, "changed", G_CALLBACK (changed_cb),
                                                self);
      return;
    }
  self->is_fallback = TRUE;
  begin (self);
}

static int
get_max_side (TernPicture *self)
{
  int width;
  int height;

  tern_picture_fit (self->pixel_width, self->pixel_height, MAX_SIDE, &width, &height);

  return MAX (width, height) * gtk_widget_get_scale_factor (GTK_WIDGET (self));
}

static void
loaded_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(TernPicture) self = user_data;
  g_autoptr(GError) error = NULL;
  GdkTexture *texture = tern_picture_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (texture == NULL)
    {
      g_debug ("A picture cannot be shown: %s", error->message);
      fail (self);
      return;
    }
  g_clear_object (&self->cancellable);
  g_set_object (&self->texture, texture);
  g_object_unref (texture);
  set_state (self, TERN_PICTURE_SHOWN);
}

static void
load (TernPicture *self,
      const char  *path)
{
  GdkTexture *texture = tern_picture_peek (path, get_max_side (self));

  if (texture != NULL)
    {
      g_clear_object (&self->cancellable);
      g_set_object (&self->texture, texture);
      set_state (self, TERN_PICTURE_SHOWN);
    }
  else
    tern_picture_load_async (path, get_max_side (self), self->cancellable, loaded_cb,
                             g_object_ref (self));
}

static void
fetched_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(TernPicture) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = tern_media_fetch_finish (TERN_MEDIA (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (path == NULL)
    fail (self);
  else
    load (self, path);
}

static void
begin (TernPicture *self)
{
  const char *url = self->is_fallback ? self->fallback_url : self->url;
  g_autofree char *path = NULL;

  stop (self);
  if (!tern_media_is_allowed (url))
    {
      fail (self);
      return;
    }
  self->cancellable = g_cancellable_new ();
  set_state (self, TERN_PICTURE_LOADING);
  path = tern_media_dup_path (self->media, url);
  if (path != NULL)
    load (self, path);
  else
    tern_media_fetch_async (self->media, url, self->cancellable, fetched_cb, g_object_ref (self));
}

/* Another screen, with other pixels. */
static void
scale_cb (TernPicture *self)
{
  if (self->state == TERN_PICTURE_SHOWN)
    begin (self);
}

/* --- vfuncs --- */

static void
tern_picture_measure (GtkWidget      *widget,
                      GtkOrientation  orientation,
                      int             for_size,
                      int            *minimum,
                      int            *natural,
                      int            *minimum_baseline,
                      int            *natural_baseline)
{
  TernPicture *self = TERN_PICTURE (widget);
  int width;
  int height;

  tern_picture_fit (self->pixel_width, self->pixel_height, MAX_SIDE, &width, &height);
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? width : height;
}

static void
draw_icon (TernPicture *self,
           GtkSnapshot *snapshot,
           GdkRGBA     *color)
{
  GtkWidget *widget = GTK_WIDGET (self);
  g_autoptr(GtkIconPaintable) icon =
    gtk_icon_theme_lookup_icon (gtk_icon_theme_get_for_display (gtk_widget_get_display (widget)),
                                self->state == TERN_PICTURE_FAILED ? "image-missing-symbolic"
                                                                   : "image-x-generic-symbolic",
                                NULL, ICON, gtk_widget_get_scale_factor (widget),
                                gtk_widget_get_direction (widget), 0);

  color->alpha *= 0.4f;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
    snapshot, &GRAPHENE_POINT_INIT ((float) (gtk_widget_get_width (widget) - ICON) / 2,
                                    (float) (gtk_widget_get_height (widget) - ICON) / 2));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), snapshot, ICON, ICON,
                                            color, 1);
  gtk_snapshot_restore (snapshot);
}

/* All of it, in its own shape whatever the message said, and no larger than it
 * is. */
static void
draw_texture (TernPicture *self,
              GtkSnapshot *snapshot,
              float        width,
              float        height)
{
  float scale = (float) gtk_widget_get_scale_factor (GTK_WIDGET (self));
  float own_width = (float) gdk_texture_get_width (self->texture) / scale;
  float own_height = (float) gdk_texture_get_height (self->texture) / scale;
  float factor = MIN (1, MIN (width / own_width, height / own_height));

  own_width *= factor;
  own_height *= factor;
  gtk_snapshot_append_texture (snapshot, self->texture,
                               &GRAPHENE_RECT_INIT ((width - own_width) / 2,
                                                    (height - own_height) / 2, own_width,
                                                    own_height));
}

static void
tern_picture_snapshot (GtkWidget   *widget,
                       GtkSnapshot *snapshot)
{
  TernPicture *self = TERN_PICTURE (widget);
  float width = (float) gtk_widget_get_width (widget);
  float height = (float) gtk_widget_get_height (widget);
  GskRoundedRect outline;
  GdkRGBA color;
  GdkRGBA shade;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  shade = color;
  shade.alpha *= 0.08f;
  gsk_rounded_rect_init_from_rect (&outline, &GRAPHENE_RECT_INIT (0, 0, width, height), RADIUS);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &shade, &GRAPHENE_RECT_INIT (0, 0, width, height));
  if (self->texture != NULL)
    draw_texture (self, snapshot, width, height);
  else if (self->state != TERN_PICTURE_EMPTY)
    draw_icon (self, snapshot, &color);
  gtk_snapshot_pop (snapshot);
}

static void
tern_picture_dispose (GObject *object)
{
  TernPicture *self = TERN_PICTURE (object);

  stop (self);
  g_clear_object (&self->media);
  g_clear_object (&self->texture);
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->fallback_url, g_free);

  G_OBJECT_CLASS (tern_picture_parent_class)->dispose (object);
}

static void
tern_picture_class_init (TernPictureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tern_picture_dispose;
  widget_class->measure = tern_picture_measure;
  widget_class->snapshot = tern_picture_snapshot;
  gtk_widget_class_set_css_name (widget_class, "sent-picture");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
tern_picture_init (TernPicture *self)
{
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (scale_cb), NULL);
}

/* --- public --- */

/**
 * tern_picture_fit:
 * @pixel_width: as a message tells it: perhaps nonsense
 * @pixel_height: the same
 * @max_width: how wide it may be
 * @width: (out): how wide it is to be
 * @height: (out): how high
 */
void
tern_picture_fit (int  pixel_width,
                  int  pixel_height,
                  int  max_width,
                  int *width,
                  int *height)
{
  double scale;

  max_width = MAX (MIN (max_width, MAX_SIDE), 1);
  if (pixel_width <= 0 || pixel_height <= 0)
    pixel_width = pixel_height = FALLBACK_SIDE;
  scale = MIN (1.0, MIN ((double) max_width / pixel_width, (double) MAX_SIDE / pixel_height));
  *width = MIN (MAX ((int) (pixel_width * scale + 0.5), MIN_SIDE), max_width);
  *height = CLAMP ((int) (pixel_height * scale + 0.5), MIN_SIDE, MAX_SIDE);
}

/**
 * tern_picture_new:
 *
 * Returns: (transfer floating): the room for a picture
 */
GtkWidget *
tern_picture_new (void)
{
  return g_object_new (TERN_TYPE_PICTURE, NULL);
}

/**
 * tern_picture_show:
 * @self: a picture
 * @media: where to get it from
 * @url: (nullable): a smaller one, as a rule
 * @fallback_url: (nullable): the original
 * @pixel_width: what the message tells; 0: nothing
 * @pixel_height: the same
 */
void
tern_picture_show (TernPicture *self,
                   TernMedia   *media,
                   const char  *url,
                   const char  *fallback_url,
                   int          pixel_width,
                   int          pixel_height)
{
  /* A row is told of each change of its message. */
  if (self->state != TERN_PICTURE_EMPTY && g_strcmp0 (self->url, url) == 0 &&
      self->pixel_width == pixel_width && self->pixel_height == pixel_height)
    return;
  tern_picture_clear (self);
  g_set_object (&self->media, media);
  self->url = g_strdup (url);
  self->fallback_url = g_strdup (fallback_url);
  self->is_fallback = FALSE;
  self->pixel_width = pixel_width;
  self->pixel_height = pixel_height;
  gtk_widget_queue_resize (GTK_WIDGET (self));
  begin (self);
}

/**
 * tern_picture_clear:
 * @self: a picture
 *
 * Gives up what is on its way and lets go of what is shown.
 */
void
tern_picture_clear (TernPicture *self)
{
  stop (self);
  g_clear_object (&self->texture);
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->fallback_url, g_free);
  set_state (self, TERN_PICTURE_EMPTY);
}

/**
 * tern_picture_get_state:
 * @self: a picture
 *
 * Returns: how far it is
 */
TernPictureState
tern_picture_get_state (TernPicture *self)
{
  return self->state;
}
