/* tern-frame-json.c: the envelope as JSON
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The envelope is one flat object of strings and integers, and its data
 * member may be megabytes long, so it is scanned here in one pass instead of
 * being built as a tree. protocol 01 sections 2.1, 2.2.
 */

#include "config.h"

#include "tern-frame-private.h"

#include <string.h>

#include "tern-error.h"

typedef struct
{
  const char *at;
  const char *end;
} Scanner;

static void
append_escaped (GString    *out,
                const char *text)
{
  g_autofree char *valid = NULL;

  if (!g_utf8_validate (text, -1, NULL))
    text = valid = g_utf8_make_valid (text, -1);

  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      guchar c = (guchar) *p;

      switch (c)
        {
        case '"':
          g_string_append (out, "\\\"");
          break;
        case '\\':
          g_string_append (out, "\\\\");
          break;
        case '\n':
          g_string_append (out, "\\n");
          break;
        case '\r':
          g_string_append (out, "\\r");
          break;
        case '\t':
          g_string_append (out, "\\t");
          break;
        default:
          /* The server's encoder also escapes what HTML is sensitive to, and
           * the two separators that JavaScript takes for line ends. */
          if (c < 0x20 || c == '<' || c == '>' || c == '&')
            g_string_append_printf (out, "\\u%04x", c);
          else if (c == 0xe2 && (guchar) p[1] == 0x80 && ((guchar) p[2] & 0xfe) == 0xa8)
            {
              g_string_append_printf (out, "\\u%04x", 0x2000 + ((guchar) p[2] & 0x3f));
              p += 2;
            }
          else
            g_string_append_c (out, *p);
          break;
        }
    }
  g_string_append_c (out, '"');
}

static void
append_member (GString    *out,
               const char *key,
               const char *text)
{
  g_string_append_printf (out, ",\"%s\":", key);
  append_escaped (out, text);
}

static void
append_data (GString *out,
             GBytes  *data,
             gboolean is_null_when_absent)
{
  gsize size = 0;
  const guint8 *bytes = data != NULL ? g_bytes_get_data (data, &size) : NULL;

  if (data == NULL && is_null_when_absent)
    {
      g_string_append (out, ",\"data\":null}");
      return;
    }

  g_string_append (out, ",\"data\":\"");
  if (size > 0)
    {
      gsize old_len = out->len;
      int state = 0;
      int save = 0;
      gsize n;

      g_string_set_size (out, old_len + (size / 3 + 1) * 4 + 4);
      n = g_base64_encode_step (bytes, size, FALSE, out->str + old_len, &state, &save);
      n += g_base64_encode_close (FALSE, out->str + old_len + n, &state, &save);
      g_string_set_size (out, old_len + n);
    }
  g_string_append (out, "\"}");
}

GBytes *
tern_frame_json_encode_request (const TernFrame *frame)
{
  GString *out = g_string_sized_new (256);

  g_string_append_printf (out, "{\"reqIdentifier\":%d,\"token\":\"\"", frame->id);
  append_member (out, "sendID", frame->send_id);
  append_member (out, "operationID", frame->operation_id);
  append_member (out, "msgIncr", frame->msg_incr);
  append_data (out, frame->data, FALSE);

  return g_string_free_to_bytes (out);
}

GBytes *
tern_frame_json_encode_reply (const TernFrame *frame)
{
  GString *out = g_string_sized_new (256);

  g_string_append_printf (out, "{\"reqIdentifier\":%d", frame->id);
  append_member (out, "msgIncr", frame->msg_incr);
  append_member (out, "operationID", frame->operation_id);
  g_string_append_printf (out, ",\"errCode\":%d", frame->err_code);
  append_member (out, "errMsg", frame->err_msg);
  append_data (out, frame->data, TRUE);

  return g_string_free_to_bytes (out);
}

static gboolean
fail (GError    **error,
      const char *what)
{
  g_set_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL, "Bad JSON frame: %s", what);

  return FALSE;
}

static void
skip_space (Scanner *scanner)
{
  while (scanner->at < scanner->end && strchr (" \t\r\n", *scanner->at) != NULL &&
         *scanner->at != '\0')
    scanner->at++;
}

static gboolean
accept_char (Scanner *scanner,
             char     c)
{
  skip_space (scanner);
  if (scanner->at >= scanner->end || *scanner->at != c)
    return FALSE;

  scanner->at++;

  return TRUE;
}

static gboolean
read_hex4 (Scanner *scanner,
           guint   *value)
{
  *value = 0;
  if (scanner->end - scanner->at < 4)
    return FALSE;

  for (int i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (*scanner->at++);

      if (digit < 0)
        return FALSE;
      *value = *value * 16 + (guint) digit;
    }

  return TRUE;
}

static gboolean
read_unicode_escape (Scanner *scanner,
                     GString *out)
{
  guint c;
  guint low;

  if (!read_hex4 (scanner, &c))
    return FALSE;

  if (c >= 0xd800 && c < 0xdc00 && scanner->end - scanner->at >= 6 && scanner->at[0] == '\\' &&
      scanner->at[1] == 'u')
    {
      Scanner ahead = { scanner->at + 2, scanner->end };

      if (read_hex4 (&ahead, &low) && low >= 0xdc00 && low < 0xe000)
        {
          scanner->at = ahead.at;
          c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        }
    }
  /* A lone surrogate, and NUL, which a C string cannot hold. */
  if ((c >= 0xd800 && c < 0xe000) || c == 0)
    c = 0xfffd;
  g_string_append_unichar (out, c);

  return TRUE;
}

/* Reads a string; the opening quote is still ahead. */
static gboolean
read_string (Scanner *scanner,
             GString *out)
{
  g_string_truncate (out, 0);
  if (!accept_char (scanner, '"'))
    return FALSE;

  while (scanner->at < scanner->end)
    {
      const char *start = scanner->at;
      char c;

      while (scanner->at < scanner->end && *scanner->at != '"' && *scanner->at != '\\' &&
             (guchar) *scanner->at >= 0x20)
        scanner->at++;
      g_string_append_len (out, start, scanner->at - start);
      if (scanner->at >= scanner->end)
        return FALSE;

      c = *scanner->at++;
      if (c == '"')
        return TRUE;
      if (c != '\\' || scanner->at >= scanner->end)
        return FALSE;

      c = *scanner->at++;
      switch (c)
        {
        case '"': case '\\': case '/':
          g_string_append_c (out, c);
          break;
        case 'b':
          g_string_append_c (out, '\b');
          break;
        case 'f':
          g_string_append_c (out, '\f');
          break;
        case 'n':
          g_string_append_c (out, '\n');
          break;
        case 'r':
          g_string_append_c (out, '\r');
          break;
        case 't':
          g_string_append_c (out, '\t');
          break;
        case 'u':
          if (!read_unicode_escape (scanner, out))
            return FALSE;
          break;
        default:
          return FALSE;
        }
    }

  return FALSE;
}

static gboolean
accept_null (Scanner *scanner)
{
  skip_space (scanner);
  if (scanner->end - scanner->at < 4 || memcmp (scanner->at, "null", 4) != 0)
    return FALSE;

  scanner->at += 4;

  return TRUE;
}

static gboolean
read_int (Scanner *scanner,
          gint32  *value)
{
  gboolean is_negative;
  const char *start;
  gint64 n = 0;

  if (accept_null (scanner))
    return TRUE;

  is_negative = accept_char (scanner, '-');
  start = scanner->at;
  while (scanner->at < scanner->end && g_ascii_isdigit (*scanner->at) && n <= G_MAXINT32)
    n = n * 10 + (*scanner->at++ - '0');
  if (scanner->at == start || (*start == '0' && scanner->at - start > 1))
    return FALSE;
  if (is_negative)
    n = -n;
  if (n < G_MININT32 || n > G_MAXINT32)
    return FALSE;

  *value = (gint32) n;

  return TRUE;
}

/* Base64 with the standard alphabet and full padding, nothing else. */
static gboolean
is_strict_base64 (const GString *text)
{
  gsize n = text->len;

  if (n % 4 != 0)
    return FALSE;
  if (n > 0 && text->str[n - 1] == '=')
    n--;
  if (n > 0 && n == text->len - 1 && text->str[n - 1] == '=')
    n--;

  for (gsize i = 0; i < n; i++)
    {
      char c = text->str[i];

      if (!g_ascii_isalnum (c) && c != '+' && c != '/')
        return FALSE;
    }

  return TRUE;
}

static gboolean
read_data (Scanner    *scanner,
           TernFrame  *frame,
           GString    *buffer,
           GError    **error)
{
  guchar *bytes;
  gsize size;

  g_clear_pointer (&frame->data, g_bytes_unref);
  if (accept_null (scanner))
    return TRUE;
  if (!read_string (scanner, buffer))
    return fail (error, "data is no string");
  if (!is_strict_base64 (buffer))
    return fail (error, "data is no base64");

  bytes = g_base64_decode (buffer->str, &size);
  frame->data = g_bytes_new_take (bytes, size);

  return TRUE;
}

static gboolean
read_text (Scanner  *scanner,
           char    **field,
           GString  *buffer)
{
  if (accept_null (scanner))
    return TRUE;
  if (!read_string (scanner, buffer))
    return FALSE;

  g_free (*field);
  *field = g_utf8_make_valid (buffer->str, (gssize) strlen (buffer->str));

  return TRUE;
}

/* Passes over a value that nobody asked for. Objects and arrays are followed
 * by counting, not by recursion. */
static gboolean
skip_value (Scanner *scanner,
            GString *buffer)
{
  guint depth = 0;

  do
    {
      skip_space (scanner);
      if (scanner->at >= scanner->end)
        return FALSE;

      switch (*scanner->at)
        {
        case '"':
          if (!read_string (scanner, buffer))
            return FALSE;
          break;
        case '{': case '[':
          scanner->at++;
          depth++;
          break;
        case '}': case ']':
          if (depth == 0)
            return FALSE;
          scanner->at++;
          depth--;
          break;
        case ',': case ':':
          if (depth == 0)
            return FALSE;
          scanner->at++;
          break;
        default:
          {
            const char *start = scanner->at;

            while (scanner->at < scanner->end &&
                   (g_ascii_isalnum (*scanner->at) || strchr ("+-.", *scanner->at) != NULL) &&
                   *scanner->at != '\0')
              scanner->at++;
            if (scanner->at == start)
              return FALSE;
          }
          break;
        }
    }
  while (depth > 0);

  return TRUE;
}

static gboolean
read_member (Scanner    *scanner,
             TernFrame  *frame,
             const char *key,
             GString    *buffer,
             GError    **error)
{
  gboolean is_good;

  if (g_ascii_strcasecmp (key, "data") == 0)
    return read_data (scanner, frame, buffer, error);

  if (g_ascii_strcasecmp (key, "reqIdentifier") == 0)
    is_good = read_int (scanner, &frame->id);
  else if (g_ascii_strcasecmp (key, "msgIncr") == 0)
    is_good = read_text (scanner, &frame->msg_incr, buffer);
  else if (g_ascii_strcasecmp (key, "operationID") == 0)
    is_good = read_text (scanner, &frame->operation_id, buffer);
  else if (g_ascii_strcasecmp (key, "sendID") == 0)
    is_good = read_text (scanner, &frame->send_id, buffer);
  else if (g_ascii_strcasecmp (key, "errCode") == 0)
    is_good = read_int (scanner, &frame->err_code);
  else if (g_ascii_strcasecmp (key, "errMsg") == 0)
    is_good = read_text (scanner, &frame->err_msg, buffer);
  else
    is_good = skip_value (scanner, buffer);

  return is_good || fail (error, "a member is of the wrong type");
}

static gboolean
read_object (Scanner    *scanner,
             TernFrame  *frame,
             GError    **error)
{
  g_autoptr(GString) key = g_string_new (NULL);
  g_autoptr(GString) buffer = g_string_new (NULL);

  if (!accept_char (scanner, '{'))
    return fail (error, "no object");
  if (accept_char (scanner, '}'))
    return TRUE;

  do
    {
      if (!read_string (scanner, key))
        return fail (error, "no key");
      if (!accept_char (scanner, ':'))
        return fail (error, "no colon");
      if (!read_member (scanner, frame, key->str, buffer, error))
        return FALSE;
    }
  while (accept_char (scanner, ','));

  return accept_char (scanner, '}') || fail (error, "the object does not end");
}

TernFrame *
tern_frame_json_decode (GBytes   *bytes,
                        gboolean  is_request,
                        GError  **error)
{
  g_autoptr(TernFrame) frame = tern_frame_new (0, NULL, NULL, NULL);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  Scanner scanner;

  if (size == 0)
    {
      fail (error, "it is empty");
      return NULL;
    }
  scanner = (Scanner) { data, data + size };
  if (!read_object (&scanner, frame, error))
    return NULL;

  skip_space (&scanner);
  if (scanner.at != scanner.end)
    {
      fail (error, "something follows the object");
      return NULL;
    }

  return g_steal_pointer (&frame);
}
