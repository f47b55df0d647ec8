/* tern-picture-loader.h: from a file that somebody sent to something to draw
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decodes in pool threads, no larger than it is shown, and keeps what was
 * decoded last. A picture whose header says more than can be decoded is
 * refused before that; of one that moves, the first frame is shown. Main
 * thread.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A picture that takes 256 MB while it is decoded. */
#define TERN_PICTURE_MAX_PIXELS (64 * 1000 * 1000)

/* Of textures that nobody shows. */
#define TERN_PICTURE_CACHE_BYTES (12 * 1024 * 1024)

/* (nullable): at once, if it is at hand; @max_side in pixels of the screen */
GdkTexture *tern_picture_peek        (const char           *path,
                                      int                   max_side);
void        tern_picture_load_async  (const char           *path,
                                      int                   max_side,
                                      GCancellable         *cancellable,
                                      GAsyncReadyCallback   callback,
                                      gpointer              user_data);
GdkTexture *tern_picture_load_finish (GAsyncResult         *result,
                                      GError              **error) G_GNUC_WARN_UNUSED_RESULT;
gsize       tern_picture_get_cached_bytes (void);

G_END_DECLS
