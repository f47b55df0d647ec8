/* tern-server-call.c: what the functions of the routes share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-server.h"

/**
 * tern_server_name_of_code:
 * @code: the protocol's (02 section 2)
 *
 * Returns: what goes with it as errMsg
 */
const char *
tern_server_name_of_code (int code)
{
  static const struct
  {
    int         code;
    const char *name;
  } names[] = {
    { 0, "" },
    { 1001, "ArgsError" },
    { 1002, "NoPermissionError" },
    { 1004, "RecordNotFoundError" },
    { 1101, "UserIDNotFoundError" },
    { 1102, "RegisteredAlreadyError" },
    { 1201, "GroupIDNotFoundError" },
    { 1202, "GroupIDExisted" },
    { 1203, "NotInGroupYetError" },
    { 1204, "DismissedAlreadyError" },
    { 1206, "GroupRequestHandled" },
    { 1301, "CanNotAddYourselfError" },
    { 1302, "BlockedByPeer" },
    { 1304, "RelationshipAlreadyError" },
    { 1305, "FriendRequestHandled" },
    { 1402, "MutedInGroup" },
    { 1403, "MutedGroup" },
    { 1404, "MsgAlreadyRevoke" },
    { 1501, "TokenExpiredError" },
    { 1502, "TokenInvalidError" },
    { 1503, "TokenMalformedError" },
    { 1504, "TokenNotValidYetError" },
    { 1505, "TokenUnknownError" },
    { 1506, "TokenKickedError" },
    { 1507, "TokenNotExistError" },
    { 20001, "PasswordError" },
    { 20002, "AccountNotFound" },
    { 20003, "PhoneAlreadyRegister" },
    { 20004, "AccountAlreadyRegister" },
    { 20006, "VerifyCodeNotMatch" },
    { 20014, "EmailAlreadyRegister" },
    { 20101, "ErrTokenNotExist" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (names[i].code == code)
        return names[i].name;
    }

  return "ServerInternalError";
}

/**
 * tern_server_fail:
 * @call: a request
 * @code: the protocol's
 * @detail: what goes with it as errDlt
 *
 * Makes an error of the answer.
 *
 * Returns: always %FALSE, for checks that end with it
 */
gboolean
tern_server_fail (TernServerCall *call,
                  int             code,
                  const char     *detail)
{
  call->code = code;
  g_free (call->detail);
  call->detail = g_strdup (detail);

  return FALSE;
}

/**
 * tern_server_fail_printf:
 * @call: a request
 * @code: the protocol's
 * @format: of what goes with it as errDlt
 * @...: what the format asks for
 *
 * As tern_server_fail().
 *
 * Returns: always %FALSE
 */
gboolean
tern_server_fail_printf (TernServerCall *call,
                         int             code,
                         const char     *format,
                         ...)
{
  g_autofree char *detail = NULL;
  va_list args;

  va_start (args, format);
  detail = g_strdup_vprintf (format, args);
  va_end (args);

  return tern_server_fail (call, code, detail);
}

/**
 * tern_server_lookup_string:
 * @object: (nullable): an object
 * @member: of which member
 *
 * Returns: (nullable): the text, also an empty one; it belongs to @object
 */
const char *
tern_server_lookup_string (JsonNode   *object,
                           const char *member)
{
  JsonNode *node = tern_json_get_node (object, member);

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;

  return json_node_get_string (node);
}

/**
 * tern_server_require:
 * @call: a request
 * @member: of the body
 * @detail: what the failure says
 *
 * Returns: whether the body has it; a failure (1001) when it is missing or an
 *   empty text
 */
gboolean
tern_server_require (TernServerCall *call,
                     const char     *member,
                     const char     *detail)
{
  JsonNode *node = tern_json_get_node (call->body, member);

  if (node != NULL && !(JSON_NODE_HOLDS_VALUE (node) &&
                        json_node_get_value_type (node) == G_TYPE_STRING &&
                        *json_node_get_string (node) == '\0'))
    return TRUE;

  return tern_server_fail (call, 1001, detail);
}

/**
 * tern_server_may_act_for:
 * @call: a request
 * @user_id: in whose name
 *
 * Returns: whether the caller is that person or an administrator; else a
 *   failure (1002)
 */
gboolean
tern_server_may_act_for (TernServerCall *call,
                         const char     *user_id)
{
  if (call->is_admin || strcmp (user_id, call->user_id) == 0)
    return TRUE;

  return tern_server_fail_printf (call, 1002, "ownerUserID, %s=MISSING", user_id);
}

/**
 * tern_server_is_self:
 * @call: a request
 * @member: of the body, with the ID of somebody
 *
 * An administrator acts for that person from here on.
 *
 * Returns: whether that person is the caller, or an administrator calls; else a
 *   failure (1001, 1002)
 */
gboolean
tern_server_is_self (TernServerCall *call,
                     const char     *member)
{
  g_autofree char *detail = g_strdup_printf ("%s is empty", member);
  const char *user_id = tern_json_get_string (call->body, member);

  if (!tern_server_require (call, member, detail) || !tern_server_may_act_for (call, user_id))
    return FALSE;

  call->user_id = user_id;

  return TRUE;
}

/**
 * tern_server_require_admin:
 * @call: a request
 *
 * Returns: whether an administrator calls; else a failure (1002)
 */
gboolean
tern_server_require_admin (TernServerCall *call)
{
  return call->is_admin ||
         tern_server_fail_printf (call, 1002, "user %s is not admin userID", call->operator_id);
}

/**
 * tern_server_make_set:
 * @strings: (array zero-terminated=1): texts, which must outlive the set
 *
 * Returns: (transfer full) (element-type utf8): them, to be looked up
 */
GHashTable *
tern_server_make_set (const char * const *strings)
{
  GHashTable *set = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; strings[i] != NULL; i++)
    g_hash_table_add (set, (gpointer) strings[i]);

  return set;
}

/**
 * tern_server_has_twice:
 * @strings: (array zero-terminated=1): texts
 *
 * Returns: whether one is there more than once
 */
gboolean
tern_server_has_twice (const char * const *strings)
{
  g_autoptr(GHashTable) set = tern_server_make_set (strings);

  return g_hash_table_size (set) < g_strv_length ((char **) strings);
}

/**
 * tern_server_dup_ids:
 * @call: a request
 * @member: of the body, with a list of IDs
 *
 * Returns: (transfer full) (array zero-terminated=1): each once; of one that is
 *   there more than once the last counts
 */
char **
tern_server_dup_ids (TernServerCall *call,
                     const char     *member)
{
  g_auto(GStrv) all = tern_json_dup_strings (call->body, member);
  g_autoptr(GHashTable) last = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GStrvBuilder) ids = g_strv_builder_new ();

  for (guint i = 0; all[i] != NULL; i++)
    g_hash_table_insert (last, all[i], all[i]);
  for (guint i = 0; all[i] != NULL; i++)
    {
      if (g_hash_table_lookup (last, all[i]) == all[i])
        g_strv_builder_add (ids, all[i]);
    }

  return g_strv_builder_end (ids);
}

/**
 * tern_server_read_results:
 * @call: a request for applications
 *
 * Returns: those that are asked for, TERN_SERVER_RESULT () of what became of
 *   them joined
 */
guint
tern_server_read_results (TernServerCall *call)
{
  JsonNode *node = tern_json_get_node (call->body, "handleResults");
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node)
                                                                  : NULL;
  guint n = array != NULL ? json_array_get_length (array) : 0;
  guint results = n == 0 ? G_MAXUINT : 0;

  for (guint i = 0; i < n; i++)
    {
      gint64 result = json_array_get_int_element (array, i);

      if (result >= -1 && result <= 1)
        results |= TERN_SERVER_RESULT (result);
    }

  return results;
}

/* What takes too many steps to match does not. */
#define LIMIT "(*LIMIT_MATCH=10000)"
#define MAX_KEYWORD_BYTES 256

/**
 * tern_server_make_search:
 * @call: a request
 * @keyword: of the body
 *
 * Returns: (transfer full) (nullable): the regular expression that it is, which
 *   minds no case; %NULL: a failure (1001, 500)
 */
GRegex *
tern_server_make_search (TernServerCall *call,
                         const char     *keyword)
{
  g_autofree char *limited = NULL;
  g_autoptr(GRegex) regex = NULL;
  g_autoptr(GError) error = NULL;

  if (strlen (keyword) > MAX_KEYWORD_BYTES)
    {
      tern_server_fail (call, 1001, "keyword too long");
      return NULL;
    }
  if (strstr (keyword, "(*LIMIT_") != NULL) /* the last limit is the one that counts */
    {
      tern_server_fail (call, 1001, "keyword with a limit");
      return NULL;
    }
  regex = g_regex_new (keyword, G_REGEX_CASELESS, 0, &error);
  if (regex == NULL)
    {
      tern_server_fail_printf (call, 500, "Error: %s | -> (no stack trace)", error->message);
      call->text = call->is_account ? g_strdup (call->detail) : NULL;
      return NULL;
    }
  limited = g_strconcat (LIMIT, keyword, NULL);

  return g_regex_new (limited, G_REGEX_CASELESS, 0, NULL);
}

/**
 * tern_server_get_page:
 * @call: a request
 * @n_items: how long the list is
 * @first: (out): where the page begins
 * @end: (out): where it has ended
 *
 * The part of a list for which the body asks.
 *
 * Returns: whether there is one; else a failure (1001)
 */
gboolean
tern_server_get_page (TernServerCall *call,
                      guint           n_items,
                      guint          *first,
                      guint          *end)
{
  JsonNode *node = tern_json_get_node (call->body, "pagination");
  gint64 number = tern_json_get_int (node, "pageNumber");
  gint64 size = MAX (tern_json_get_int (node, "showNumber"), 0);

  if (node == NULL || number < 1)
    return tern_server_fail (call, 1001, node == NULL ? "pagination is empty"
                                                      : "pageNumber is invalid");
  *first = (guint) MIN ((number - 1) * size, n_items);
  *end = (guint) MIN (*first + size, n_items);

  return TRUE;
}

/**
 * tern_server_get_line:
 * @call: a request
 *
 * Returns: whether the body asks for a line in the chat
 */
TernServerLine
tern_server_get_line (TernServerCall *call)
{
  JsonNode *node = tern_json_get_node (call->body, "sendMessage");

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return TERN_SERVER_LINE_DEFAULT;

  return json_node_get_boolean (node) ? TERN_SERVER_LINE_SHOWN : TERN_SERVER_LINE_HIDDEN;
}

/**
 * tern_server_cut:
 * @records: a list
 * @first: where the page begins
 * @end: where it has ended
 *
 * Leaves a page of them.
 */
void
tern_server_cut (GPtrArray *records,
                 guint      first,
                 guint      end)
{
  g_ptr_array_set_size (records, (int) end);
  if (first > 0)
    g_ptr_array_remove_range (records, 0, first);
}

/* (nullable): as what Go writes the character at hand; @size: of that */
static const char *
find_escape (const char *text,
             gsize       n_left,
             gsize      *size)
{
  static const struct
  {
    const char *text;
    const char *escape;
  } escapes[] = {
    { "<", "\\u003c" },
    { ">", "\\u003e" },
    { "&", "\\u0026" },
    { "\u2028", "\\u2028" },
    { "\u2029", "\\u2029" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (escapes); i++)
    {
      if (*text != *escapes[i].text)
        continue;
      *size = strlen (escapes[i].text);
      if (n_left >= *size && memcmp (text, escapes[i].text, *size) == 0)
        return escapes[i].escape;
    }

  return NULL;
}

/**
 * tern_server_escape_html:
 * @bytes: JSON
 *
 * Returns: (transfer full): the same, as Go writes it: nothing that HTML could
 *   take for a tag, or a script for the end of a line
 */
GBytes *
tern_server_escape_html (GBytes *bytes)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  GString *out = g_string_sized_new (size + 64);
  gsize start = 0;

  for (gsize i = 0; i < size; i++)
    {
      gsize len;
      const char *escape = find_escape (text + i, size - i, &len);

      if (escape == NULL)
        continue;
      g_string_append_len (out, text + start, (gssize) (i - start));
      g_string_append (out, escape);
      i += len - 1;
      start = i + 1;
    }
  g_string_append_len (out, text + start, (gssize) (size - start));

  return g_string_free_to_bytes (out);
}

/**
 * tern_server_array_of:
 * @records: a list
 * @build: makes JSON of one
 *
 * Returns: (transfer full): what was built, in the same order
 */
JsonArray *
tern_server_array_of (GPtrArray  *records,
                      JsonNode *(*build) (gconstpointer record))
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < records->len; i++)
    json_array_add_element (array, build (records->pdata[i]));

  return array;
}

/**
 * tern_server_set_array:
 * @data: an object
 * @member: the name
 * @array: (transfer full): the value
 *
 * An empty list is null (protocol 02 section 1.4).
 */
void
tern_server_set_array (JsonObject *data,
                       const char *member,
                       JsonArray  *array)
{
  if (json_array_get_length (array) > 0)
    {
      json_object_set_array_member (data, member, array);
      return;
    }

  json_object_set_null_member (data, member);
  json_array_unref (array);
}

/**
 * tern_server_set_strings:
 * @data: an object
 * @member: the name
 * @strings: (array zero-terminated=1): the value
 *
 * As tern_server_set_array().
 */
void
tern_server_set_strings (JsonObject         *data,
                         const char         *member,
                         const char * const *strings)
{
  JsonArray *array = json_array_new ();

  for (gsize i = 0; strings[i] != NULL; i++)
    json_array_add_string_element (array, strings[i]);
  tern_server_set_array (data, member, array);
}

/**
 * tern_server_find_route:
 * @routes: (array length=n_routes): a table
 * @n_routes: its length
 * @path: a route's
 *
 * Returns: (nullable): what answers it, if it is one of these
 */
TernServerRoute
tern_server_find_route (const TernServerRouteEntry *routes,
                        gsize                       n_routes,
                        const char                 *path)
{
  for (gsize i = 0; i < n_routes; i++)
    {
      if (strcmp (routes[i].path, path) == 0)
        return routes[i].route;
    }

  return NULL;
}
