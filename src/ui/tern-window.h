/* tern-window.h: the window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Owns the session; shows the pages that lead to one, and what is in it.
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define TERN_TYPE_WINDOW (tern_window_get_type ())
G_DECLARE_FINAL_TYPE (TernWindow, tern_window, TERN, WINDOW, AdwApplicationWindow)

TernWindow *tern_window_new         (AdwApplication *application,
                                     const char     *data_dir); /* (nullable) */
/* Opens what was used last, or the welcome page. */
void        tern_window_start       (TernWindow     *self);
void        tern_window_start_trial (TernWindow     *self);
/* Calls @callback once the session is closed; the window hides at once. */
void        tern_window_finish      (TernWindow     *self,
                                     GCallback       callback,
                                     gpointer        user_data);

G_END_DECLS
