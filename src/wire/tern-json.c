/* tern-json.c: safe ways around json-glib, which trusts its caller
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-api-json.h"

#include <string.h>

#include "tern-error.h"

/* json-glib parses by recursion; nothing in the protocol nests deeper than a
 * dozen levels. */
#define MAX_DEPTH 64

/* json-glib also takes comments and strings in single quotes, where a bracket
 * or a quote means something else than here: both scanners see the same only
 * if nothing but JSON stands outside of the strings. */
static gboolean
is_plain (char c)
{
  return g_ascii_isalnum (c) || strchr (" \t\r\n:,+-.", c) != NULL;
}

static gboolean
check_shape (const char  *text,
             gsize        size,
             GError     **error)
{
  const char *complaint = NULL;
  gboolean is_in_string = FALSE;
  guint depth = 0;

  for (gsize i = 0; i < size && complaint == NULL; i++)
    {
      char c = text[i];

      if (is_in_string)
        {
          if (c == '\\')
            i++;
          else if (c == '"')
            is_in_string = FALSE;
        }
      else if (c == '"')
        is_in_string = TRUE;
      else if (c == '{' || c == '[')
        {
          if (++depth > MAX_DEPTH)
            complaint = "JSON is nested too deeply";
        }
      else if (c == '}' || c == ']')
        depth -= depth > 0 ? 1 : 0;
      else if (!is_plain (c))
        complaint = "Bad JSON";
    }

  if (complaint != NULL)
    g_set_error_literal (error, TERN_ERROR, TERN_ERROR_PROTOCOL, complaint);

  return complaint == NULL;
}

/**
 * tern_json_parse:
 * @bytes: JSON text from anywhere
 * @max_bytes: the most that is accepted
 * @error: return location for a #GError
 *
 * Parses what a stranger sent. Refuses what json-glib would follow until the
 * stack ends, and the comments that it tolerates. A single value is no error:
 * the root may be anything.
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable): the root
 */
JsonNode *
tern_json_parse (GBytes  *bytes,
                 gsize    max_bytes,
                 GError **error)
{
  g_autoptr(JsonParser) parser = NULL;
  g_autoptr(GError) local_error = NULL;
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  JsonNode *root;

  if (size > max_bytes)
    {
      g_set_error_literal (error, TERN_ERROR, TERN_ERROR_TOO_LARGE, "Too much JSON");
      return NULL;
    }
  if (size == 0 || memchr (text, '\0', size) != NULL ||
      !g_utf8_validate (text, (gssize) size, NULL))
    {
      g_set_error_literal (error, TERN_ERROR, TERN_ERROR_PROTOCOL, "No JSON text");
      return NULL;
    }
  if (!check_shape (text, size, error))
    return NULL;

  parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, text, (gssize) size, &local_error))
    {
      /* The parser's own text quotes what it read: not for a log. */
      g_set_error_literal (error, TERN_ERROR, TERN_ERROR_PROTOCOL, "Bad JSON");
      return NULL;
    }

  root = json_parser_get_root (parser);
  if (root == NULL)
    {
      g_set_error_literal (error, TERN_ERROR, TERN_ERROR_PROTOCOL, "Empty JSON");
      return NULL;
    }

  return json_node_ref (root);
}

/**
 * tern_json_to_bytes:
 * @node: any node
 *
 * Returns: (transfer full): its compact text
 */
GBytes *
tern_json_to_bytes (JsonNode *node)
{
  char *text = json_to_string (node, FALSE);

  return g_bytes_new_take (text, strlen (text));
}

/**
 * tern_json_get_node:
 * @object: (nullable): any node
 * @member: a name
 *
 * Returns: (transfer none) (nullable): the member; %NULL when @object is no
 *   object, or has none of this name, or it is null
 */
JsonNode *
tern_json_get_node (JsonNode   *object,
                    const char *member)
{
  JsonNode *node;

  if (object == NULL || !JSON_NODE_HOLDS_OBJECT (object))
    return NULL;

  node = json_object_get_member (json_node_get_object (object), member);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

/**
 * tern_json_node_get_text:
 * @node: a node that holds a string
 *
 * json-glib lets through bytes that are no UTF-8, and escapes of half a
 * character. What goes on from here is text.
 *
 * Returns: (transfer none): valid UTF-8, owned by @node
 */
const char *
tern_json_node_get_text (JsonNode *node)
{
  const char *text = json_node_get_string (node);

  if (!g_utf8_validate (text, -1, NULL))
    {
      g_autofree char *valid = g_utf8_make_valid (text, -1);

      json_node_set_string (node, valid);
      text = json_node_get_string (node);
    }

  return text;
}

/**
 * tern_json_get_string:
 * @object: (nullable): any node
 * @member: a name
 *
 * Returns: (transfer none): the member, or "" when it is no string
 */
const char *
tern_json_get_string (JsonNode   *object,
                      const char *member)
{
  JsonNode *node = tern_json_get_node (object, member);

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_STRING)
    return "";

  return tern_json_node_get_text (node);
}

/**
 * tern_json_get_int:
 * @object: (nullable): any node
 * @member: a name
 *
 * Returns: the member, or 0 when it is no number
 */
gint64
tern_json_get_int (JsonNode   *object,
                   const char *member)
{
  JsonNode *node = tern_json_get_node (object, member);
  double number;

  if (node == NULL)
    return 0;
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return json_node_get_int (node);
  if (json_node_get_value_type (node) != G_TYPE_DOUBLE)
    return 0;

  /* Out of range, casting would be undefined. */
  number = json_node_get_double (node);
  if (!(number > -9e18 && number < 9e18))
    return 0;

  return (gint64) number;
}

/**
 * tern_json_get_double:
 * @object: (nullable): any node
 * @member: a name
 *
 * Returns: the member, or 0 when it is no number
 */
double
tern_json_get_double (JsonNode   *object,
                      const char *member)
{
  JsonNode *node = tern_json_get_node (object, member);

  if (node == NULL || (json_node_get_value_type (node) != G_TYPE_INT64 &&
                       json_node_get_value_type (node) != G_TYPE_DOUBLE))
    return 0;

  return json_node_get_double (node);
}

/**
 * tern_json_get_bool:
 * @object: (nullable): any node
 * @member: a name
 *
 * Returns: the member, or %FALSE when it is no boolean
 */
gboolean
tern_json_get_bool (JsonNode   *object,
                    const char *member)
{
  JsonNode *node = tern_json_get_node (object, member);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_BOOLEAN &&
         json_node_get_boolean (node);
}

/**
 * tern_json_take_object:
 * @object: (transfer full): an object
 *
 * Returns: (transfer full): a node of it
 */
JsonNode *
tern_json_take_object (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);

  return node;
}

/**
 * tern_json_dup_strings:
 * @object: (nullable): any node
 * @member: a name
 *
 * Returns: (transfer full): the strings in the member, without what is none;
 *   empty when it is no array
 */
char **
tern_json_dup_strings (JsonNode   *object,
                       const char *member)
{
  JsonNode *node = tern_json_get_node (object, member);
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          JsonNode *element = json_array_get_element (array, i);

          if (json_node_get_value_type (element) == G_TYPE_STRING)
            g_strv_builder_add (builder, tern_json_node_get_text (element));
        }
    }

  return g_strv_builder_end (builder);
}
