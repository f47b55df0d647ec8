/* tern-media.h: pictures and files that others sent, fetched once
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keeps what was fetched in the account's media/ under the SHA-256 of its
 * address, and lets go of what was used longest ago. Everybody who asks for an
 * address while it is being fetched gets the same file. Main thread only.
 *
 *   changed (const char *url)   its state, or how far it is
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TERN_TYPE_MEDIA (tern_media_get_type ())
G_DECLARE_FINAL_TYPE (TernMedia, tern_media, TERN, MEDIA, GObject)

typedef enum
{
  TERN_MEDIA_ABSENT,
  TERN_MEDIA_LOADING, /* or waiting for its turn */
  TERN_MEDIA_PRESENT,
  TERN_MEDIA_FAILED,
} TernMediaState;

/* At the most at once; the half of it for files. */
#define TERN_MEDIA_MAX_LOADING 4

/* @pinned_sha256: (nullable) */
TernMedia     *tern_media_new          (const char          *folder,
                                        const char          *server_url,
                                        const char          *pinned_sha256);
void           tern_media_set_limit    (TernMedia           *self,
                                        gint64               max_bytes);
void           tern_media_stop         (TernMedia           *self);

gboolean       tern_media_is_allowed   (const char          *url); /* (nullable) */
/* @n_bytes, @total_bytes: (nullable): how far; total -1: not known */
TernMediaState tern_media_look         (TernMedia           *self,
                                        const char          *url,
                                        gint64              *n_bytes,
                                        gint64              *total_bytes);
const GError  *tern_media_get_error    (TernMedia           *self,
                                        const char          *url); /* (nullable) */
char          *tern_media_dup_path     (TernMedia           *self,
                                        const char          *url); /* (nullable) */

/* What is shown by itself: small, and given up when nobody waits any more. */
void           tern_media_fetch_async  (TernMedia           *self,
                                        const char          *url,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data);
char          *tern_media_fetch_finish (TernMedia           *self,
                                        GAsyncResult        *result,
                                        GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* What a person asked for: goes on until it is there or cancelled. */
void           tern_media_download     (TernMedia           *self,
                                        const char          *url);
void           tern_media_forgive      (TernMedia           *self);
void           tern_media_cancel       (TernMedia           *self,
                                        const char          *url);

/* Of something PRESENT, under the name its sender gave it: into @folder (the
 * folder for downloads when NULL), replacing nothing. */
void           tern_media_save_async   (TernMedia           *self,
                                        const char          *url,
                                        const char          *name,
                                        const char          *folder,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data);
/* As something that another program may look at, but not change. */
void           tern_media_lend_async   (TernMedia           *self,
                                        const char          *url,
                                        const char          *name,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data);
/* Of both: where it is. */
char          *tern_media_save_finish  (TernMedia           *self,
                                        GAsyncResult        *result,
                                        GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* To a place that a person chose, and may have been asked about. */
void           tern_media_copy_async   (TernMedia           *self,
                                        const char          *url,
                                        GFile               *destination,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data);
gboolean       tern_media_copy_finish  (TernMedia           *self,
                                        GAsyncResult        *result,
                                        GError             **error);

G_END_DECLS
