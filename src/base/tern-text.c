/* tern-text.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-text.h"

/**
 * tern_text_dup_line:
 * @text: a text, valid UTF-8
 * @max_chars: how much of it is kept
 *
 * Returns: (transfer full): its beginning as one line, with an ellipsis if that
 *   is not all
 */
char *
tern_text_dup_line (const char *text,
                    guint       max_chars)
{
  g_autoptr(GString) line = g_string_new (NULL);
  guint n = 0;

  for (; *text != '\0' && n < max_chars; text = g_utf8_next_char (text), n++)
    {
      gunichar c = g_utf8_get_char (text);

      g_string_append_unichar (line, c == '\t' || tern_text_is_break (c) ? ' ' : c);
    }
  if (*text != '\0')
    g_string_append (line, "…");

  return g_strstrip (g_string_free (g_steal_pointer (&line), FALSE));
}
