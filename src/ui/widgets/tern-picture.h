/* tern-picture.h: a picture that somebody sent, in the room kept for it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Takes the size that the message tells, before and after there is something
 * to see, and whatever comes: nothing else on the page ever moves for it.
 * Neither takes focus nor clicks; the row around it does.
 */

#pragma once

#include <gtk/gtk.h>

#include "tern-media.h"

G_BEGIN_DECLS

#define TERN_TYPE_PICTURE (tern_picture_get_type ())
G_DECLARE_FINAL_TYPE (TernPicture, tern_picture, TERN, PICTURE, GtkWidget)

typedef enum
{
  TERN_PICTURE_EMPTY,
  TERN_PICTURE_LOADING,
  TERN_PICTURE_SHOWN,
  TERN_PICTURE_FAILED,
} TernPictureState;

/* The room for a picture of so many pixels; 0: not known. */
void              tern_picture_fit       (int          pixel_width,
                                          int          pixel_height,
                                          int          max_width,
                                          int         *width,
                                          int         *height);

GtkWidget        *tern_picture_new       (void);
/* @url, @fallback_url: (nullable): the second when the first is not to be had */
void              tern_picture_show      (TernPicture *self,
                                          TernMedia   *media,
                                          const char  *url,
                                          const char  *fallback_url,
                                          int          pixel_width,
                                          int          pixel_height);
void              tern_picture_clear     (TernPicture *self);
TernPictureState  tern_picture_get_state (TernPicture *self);

G_END_DECLS
