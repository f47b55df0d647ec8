/* tern-media-cache.h: the files below an account's media/
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names are the SHA-256 of an address; "lent/" holds the copies that other
 * programs look at. Any thread.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char     *tern_media_cache_dup_path (const char *folder,
                                     const char *url) G_GNUC_WARN_UNUSED_RESULT;
/* Whether it is there; if so it counts as used now. */
gboolean  tern_media_cache_use      (const char *path);
/* Removes what a crash and the last time left behind. Blocks. */
void      tern_media_cache_clean    (const char *folder);
/* Removes what was used longest ago until @max_bytes are left; the newest
 * stays, however large. Blocks. */
void      tern_media_cache_trim     (const char *folder,
                                     gint64      max_bytes);
/* Makes a copy of @source that can be looked at only. Blocks. */
char     *tern_media_cache_lend     (const char *folder,
                                     const char *source,
                                     const char *name,
                                     GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
