/* tern-link-opener.h: a link in a text is followed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* For GtkLabel::activate-link: only what tern_links_is_allowed(), and one whose
 * text lies only when the person has seen where it leads. */
gboolean tern_link_activate_cb (GtkLabel   *label,
                                const char *uri,
                                gpointer    user_data);

G_END_DECLS
