/* tern-file-choice.h: where a person wants a file to be
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Implemented by classic/ and modern/, as tern-panes.h is.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @name: what it is called unless the person says otherwise, one part of a
 * path. Begins in the folder for downloads. */
void   tern_file_choice_save_async  (GtkWindow            *parent,
                                     const char           *name,
                                     GAsyncReadyCallback   callback,
                                     gpointer              user_data);
/* NULL: the person does not want it after all */
GFile *tern_file_choice_save_finish (GAsyncResult         *result) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
