/* tern-picture-view.h: one picture, as large as it is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "tern-media.h"
#include "tern-message.h"

G_BEGIN_DECLS

#define TERN_TYPE_PICTURE_VIEW (tern_picture_view_get_type ())
G_DECLARE_FINAL_TYPE (TernPictureView, tern_picture_view, TERN, PICTURE_VIEW, AdwWindow)

/* @message: one with a picture whose address tern_media_is_allowed() */
GtkWidget *tern_picture_view_new (GtkWindow   *parent,
                                  TernMedia   *media,
                                  TernMessage *message);

G_END_DECLS
