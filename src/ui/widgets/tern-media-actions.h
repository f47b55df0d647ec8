/* tern-media-actions.h: what can be done with a file that somebody sent
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Download, with progress and a way to stop it; then open and save. One line
 * that is as high whatever it shows.
 */

#pragma once

#include <gtk/gtk.h>

#include "tern-media.h"

G_BEGIN_DECLS

#define TERN_TYPE_MEDIA_ACTIONS (tern_media_actions_get_type ())
G_DECLARE_FINAL_TYPE (TernMediaActions, tern_media_actions, TERN, MEDIA_ACTIONS, GtkWidget)

GtkWidget *tern_media_actions_new   (void);
/* @name: (nullable): what its sender calls it */
void       tern_media_actions_show  (TernMediaActions *self,
                                     TernMedia        *media,
                                     const char       *url,
                                     const char       *name);
void       tern_media_actions_clear (TernMediaActions *self);
/* What the first of its buttons does. */
void       tern_media_actions_activate (TernMediaActions *self);

G_END_DECLS
