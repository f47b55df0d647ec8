/* tern-picture-header.h: how large a picture says it is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Read before any decoder sees a byte: what it says bounds what a decoder may
 * have to make of it. Pure, any thread.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TernPictureHeader:
 * @type: (transfer none): gdk-pixbuf's name of the format
 * @width: in pixels
 * @height: in pixels
 * @n_bytes: how much of the data makes the first frame
 */
typedef struct
{
  const char *type;
  guint       width;
  guint       height;
  gsize       n_bytes;
} TernPictureHeader;

/* FALSE: not a format that is shown (SVG is none: it can refer to other
 * files), or one that does not hold together. */
gboolean tern_picture_header_read (const guchar      *data,
                                   gsize              length,
                                   TernPictureHeader *header);

G_END_DECLS
