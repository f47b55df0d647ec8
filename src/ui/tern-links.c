/* tern-links.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-links.h"

#include <string.h>

static const char *const schemes[] = { "https://", "http://", "mailto:" };

/* What may stand in an address. Other than ASCII ends it: in Chinese, text
 * follows an address without a space. */
static gboolean
is_in_link (char c)
{
  return g_ascii_isgraph (c) && strchr ("<>\"`{}|\\^", c) == NULL;
}

static gsize
get_scheme_length (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      gsize length = strlen (schemes[i]);

      if (g_ascii_strncasecmp (text, schemes[i], length) == 0)
        return length;
    }

  return 0;
}

/* A sentence's full stop and a bracket that was opened before the link are not
 * part of it. */
static gsize
trim_link (const char *text,
           gsize       length)
{
  gboolean has_bracket = memchr (text, '(', length) != NULL;

  for (; length > 0; length--)
    {
      char last = text[length - 1];

      if (last == ')' && has_bracket)
        break;
      if (strchr (".,;:!?'*)]", last) == NULL)
        break;
    }

  return length;
}

/* 0: no link begins here */
static gsize
get_link_length (const char *text)
{
  gsize scheme = get_scheme_length (text);
  gsize length = scheme;

  if (scheme == 0)
    return 0;
  while (is_in_link (text[length]))
    length++;
  length = trim_link (text, length);

  return length > scheme ? length : 0;
}

/* @i: which mention is the next */
static gsize
get_name_length (GArray     *mentions,
                 guint      *i,
                 const char *text,
                 gsize       text_length,
                 gsize       at)
{
  const TernSpan *span;

  /* The address of a link may have passed some. */
  while (mentions != NULL && *i < mentions->len &&
         g_array_index (mentions, TernSpan, *i).start < at)
    (*i)++;
  if (mentions == NULL || *i == mentions->len)
    return 0;
  span = &g_array_index (mentions, TernSpan, *i);

  /* Of a folded text only the beginning is there, and an ellipsis behind it. */
  return span->start == at && span->length <= text_length - at &&
         (text[at + span->length] & 0xc0) != 0x80 ? span->length : 0;
}

static void
append_escaped (GString    *markup,
                const char *text,
                gsize       length)
{
  g_autofree char *escaped = g_markup_escape_text (text, (gssize) length);

  g_string_append (markup, escaped);
}

/**
 * tern_links_dup_markup:
 * @text: valid UTF-8, from anybody
 * @mentions: (element-type TernSpan) (nullable): where people are mentioned,
 *   from left to right; what is not in @text is passed over
 *
 * Returns: (transfer full) (nullable): Pango markup that reads like @text;
 *   %NULL if there is nothing to mark
 */
char *
tern_links_dup_markup (const char *text,
                       GArray     *mentions)
{
  g_autoptr(GString) markup = g_string_new (NULL);
  gsize text_length = strlen (text);
  const char *begin = text;
  gboolean is_plain = TRUE;
  guint i = 0;

  for (const char *at = text; *at != '\0';)
    {
      gsize link = 0;
      gsize name = 0;

      /* Not in the middle of a word. */
      if (at == text || !g_ascii_isalnum (at[-1]))
        link = get_link_length (at);
      if (*at == '@')
        name = get_name_length (mentions, &i, text, text_length, (gsize) (at - text));
      if (link == 0 && name == 0)
        {
          at++;
          continue;
        }
      is_plain = FALSE;
      append_escaped (markup, begin, (gsize) (at - begin));
      if (link > 0)
        {
          g_string_append (markup, "<a href=\"");
          append_escaped (markup, at, link);
          g_string_append (markup, "\">");
          append_escaped (markup, at, link);
          g_string_append (markup, "</a>");
        }
      else
        {
          g_string_append (markup, "<b>");
          append_escaped (markup, at, name);
          g_string_append (markup, "</b>");
        }
      at += MAX (link, name);
      begin = at;
    }
  if (is_plain)
    return NULL;
  append_escaped (markup, begin, strlen (begin));

  return g_string_free (g_steal_pointer (&markup), FALSE);
}

/**
 * tern_links_is_allowed:
 * @uri: where a link leads
 *
 * Returns: whether it may be given to another program
 */
gboolean
tern_links_is_allowed (const char *uri)
{
  return get_scheme_length (uri) > 0;
}

/**
 * tern_links_dup_hidden_host:
 * @uri: where a link leads
 *
 * Returns: (transfer full) (nullable): the host, if somebody may take it for
 *   another
 */
char *
tern_links_dup_hidden_host (const char *uri)
{
  g_autoptr(GUri) parsed = NULL;
  const char *host;

  if (g_ascii_strncasecmp (uri, "mailto:", 7) == 0)
    return NULL;
  parsed = g_uri_parse (uri, G_URI_FLAGS_PARSE_RELAXED, NULL);
  /* What cannot be taken apart here may be read otherwise elsewhere. */
  host = parsed != NULL ? g_uri_get_host (parsed) : NULL;
  if (host == NULL || *host == '\0')
    return g_strdup (uri);
  if (g_uri_get_userinfo (parsed) != NULL || strstr (host, "xn--") != NULL ||
      !g_str_is_ascii (host))
    return g_strdup (host);

  return NULL;
}
