/* tern-links.h: what can be followed in a text
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure. What peers wrote is escaped whole; the only markup in the result is
 * what is made here, and a link always reads as where it leads.
 */

#pragma once

#include "tern-content.h"

G_BEGIN_DECLS

/* @mentions: (nullable) (element-type TernSpan). NULL: the text is plain. */
char     *tern_links_dup_markup (const char *text,
                                 GArray     *mentions) G_GNUC_WARN_UNUSED_RESULT;
gboolean  tern_links_is_allowed (const char *uri);
/* Where it leads, if it is made to read as another host: what stands before an
 * @ ("https://bank.example@evil.example/"), or a name in other letters ("xn--").
 * NULL: it is what it seems. */
char     *tern_links_dup_hidden_host (const char *uri) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
