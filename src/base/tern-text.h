/* tern-text.h: text of peers, made fit for a line
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pango limits the lines of each paragraph, never how many paragraphs there
 * are: what breaks lines must not be in a text that is to be one line.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Names, titles and the like. */
#define TERN_TEXT_LINE_CHARS 300

/* Whether a new line begins behind it, in whatever writing system. */
static inline gboolean
tern_text_is_break (gunichar c)
{
  return (c >= '\n' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

char *tern_text_dup_line (const char *text,
                          guint       max_chars) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
