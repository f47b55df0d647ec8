/* tern-media-save.h: what was fetched, for other programs and places
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Of something PRESENT. The end is told in words.
 */

#pragma once

#include <gtk/gtk.h>

#include "tern-media.h"

G_BEGIN_DECLS

/* @words: (nullable): nothing needs to be said */
typedef void (*TernMediaToldFunc) (const char *words,
                                   gpointer    user_data);

/* @name: (nullable): what its sender calls it */
void  tern_media_open       (TernMedia         *media,
                             const char        *url,
                             const char        *name,
                             GtkWindow         *window,
                             TernMediaToldFunc  func,
                             gpointer           user_data);
void  tern_media_save_as    (TernMedia         *media,
                             const char        *url,
                             const char        *name,
                             GtkWindow         *window,
                             TernMediaToldFunc  func,
                             gpointer           user_data);
/* Into the folder for downloads, without a question. */
void  tern_media_save       (TernMedia         *media,
                             const char        *url,
                             const char        *name,
                             TernMediaToldFunc  func,
                             gpointer           user_data);
char *tern_media_word_error (const GError      *error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
