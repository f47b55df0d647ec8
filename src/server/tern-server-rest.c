/* tern-server-rest.c: how REST requests are served
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 section 1. The routes themselves stand in tern-server-routes-*.c
 * and tern-server-account.c.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-server-faults.h"
#include "tern-server-http.h"
#include "tern-server-params.h"
#include "tern-server-store.h"

#define JSON_TYPE "application/json; charset=utf-8"
#define MAX_LIST 1000
#define MAX_LIST_BYTES (1024 * 1024)

static void
respond (SoupServerMessage    *message,
         const TernServerCall *call)
{
  g_autoptr(JsonNode) node = NULL;
  g_autoptr(GBytes) plain = NULL;
  g_autoptr(GBytes) body = NULL;

  if (call->panics || call->status != 0)
    {
      tern_server_http_respond_text (message, call->status != 0 ? call->status : 500, NULL, "");
      return;
    }
  if (call->code == 0 && call->list != NULL)
    node = json_node_ref (call->list);
  else if (call->code == 0 && call->data != NULL)
    {
      node = json_node_new (JSON_NODE_OBJECT);
      json_node_set_object (node, call->data);
    }
  plain = tern_api_build_envelope (call->code, call->text != NULL
                                               ? call->text : tern_server_name_of_code (call->code),
                                   call->detail != NULL ? call->detail : "", node);
  body = tern_server_escape_html (plain);
  tern_server_http_respond (message, 200, JSON_TYPE, body,
                            !call->is_account && tern_server_http_wants_gzip (message));
}

static void
respond_not_found (SoupServerMessage *message,
                   gboolean           is_account)
{
  /* The real API loses the text when it is to be compressed. */
  if (!is_account && tern_server_http_wants_gzip (message))
    tern_server_http_respond_text (message, 404, JSON_TYPE, "");
  else
    tern_server_http_respond_text (message, 404, "text/plain", "404 page not found");
}

static gboolean
check_token (TernServerCall *call,
             const char     *token,
             char          **user_id)
{
  TernServerState *state = call->server->state;
  const char *name;
  int code;

  if (token == NULL || *token == '\0')
    return tern_server_fail (call, 1001,
                             call->is_account ? "token is empty" : "header must have token");
  if (call->is_account)
    {
      code = tern_server_state_check_account_token (state, token, user_id);
      return code == 0 || tern_server_fail (call, code, tern_server_name_of_code (code));
    }

  code = tern_server_token_code (tern_server_state_check_token (state, token, user_id,
                                                                &call->platform), &name);
  if (code != 0)
    call->text = g_strdup (name);

  return code == 0 || tern_server_fail (call, code, "");
}

/* What the real server takes of a list (protocol 02 section 1.7); of one that it
 * does not limit, what one call may cost here. */
static guint
get_max_list (const TernServerCall *call,
              const char           *path,
              const char           *member)
{
  static const struct
  {
    const char *path;
    const char *member;
  } lists[] = {
    { "/friend/get_specified_friends_info", "userIDList" },
    { "/friend/update_friends", "friendUserIDs" },
    { "/group/create_group", "memberUserIDs" },
    { "/group/get_group_users_req_application_list", "userIDs" },
    { "/group/invite_user_to_group", "invitedUserIDs" },
    { "/group/kick_group", "kickedUserIDs" },
    { "/group/set_group_member_info", "members" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lists) && !call->is_account; i++)
    {
      if (strcmp (lists[i].path, path) == 0 && strcmp (lists[i].member, member) == 0)
        return MAX_LIST;
    }

  return TERN_SERVER_MAX_ASKED;
}

static gboolean
is_too_long (JsonArray *list,
             guint      max_len)
{
  gsize size = 0;

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonNode *node = json_array_get_element (list, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING)
        size += strlen (json_node_get_string (node));
    }

  return json_array_get_length (list) > max_len || size > MAX_LIST_BYTES;
}

static gboolean
check_lists (TernServerCall *call,
             const char     *path)
{
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  json_object_iter_init (&iter, json_node_get_object (call->body));
  while (json_object_iter_next (&iter, &member, &node))
    {
      if (JSON_NODE_HOLDS_ARRAY (node) &&
          is_too_long (json_node_get_array (node), get_max_list (call, path, member)))
        return tern_server_fail_printf (call, 1001, "%s too many", member);
    }

  return TRUE;
}

/**
 * tern_server_run:
 * @call: a request
 * @path: of the request
 * @route: what answers it
 * @text: (array length=size): the body
 * @size: its length
 *
 * What of tern_server_serve() needs no connection: reads the body and calls the
 * route, all in one transaction.
 */
void
tern_server_run (TernServerCall  *call,
                 const char      *path,
                 TernServerRoute  route,
                 const char      *text,
                 gsize            size)
{
  const char *type = tern_server_params_find (path, call->is_account);
  g_autofree char *failure = NULL;

  call->body = tern_server_params_decode (type != NULL ? type : "tern.NoReq ", text, size,
                                          &failure);
  if (call->body == NULL)
    {
      call->code = 1001;
      call->text = g_strdup_printf ("Error: Error: %s | -> (no stack trace)", failure);
      return;
    }

  if (!check_lists (call, path))
    return;

  call->user_id = call->operator_id;
  tern_server_state_begin (call->server->state);
  route (call);
  tern_server_state_commit (call->server->state);
  tern_server_store_remove_ended (call->server);
}

/**
 * tern_server_call_clear:
 * @call: a request
 *
 * Frees what was made of it; what it borrows stays.
 */
void
tern_server_call_clear (TernServerCall *call)
{
  g_clear_pointer (&call->body, json_node_unref);
  g_clear_pointer (&call->data, json_object_unref);
  g_clear_pointer (&call->list, json_node_unref);
  g_clear_pointer (&call->text, g_free);
  g_clear_pointer (&call->detail, g_free);
}

/**
 * tern_server_serve:
 * @self: a server
 * @message: a request
 * @path: of it
 * @route: (nullable): what answers it; %NULL: 404 after the checks
 * @access: what is asked for before
 *
 * Checks headers and token, calls the route and answers.
 */
void
tern_server_serve (TernServer        *self,
                   SoupServerMessage *message,
                   const char        *path,
                   TernServerRoute    route,
                   TernServerAccess   access)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *operation_id = soup_message_headers_get_one (headers, "operationID");
  g_autoptr(GBytes) body = tern_server_http_get_body (message);
  g_autofree char *user_id = NULL;
  const char *text;
  gsize size;
  TernServerCall call = {
    .server = self,
    .operator_id = "",
    .host = soup_message_headers_get_one (headers, "Host"),
    .proxy = soup_message_headers_get_one (headers, "X-Request-Api"),
    .is_account = (access & TERN_SERVER_ACCOUNT) != 0,
  };

  if (operation_id == NULL || *operation_id == '\0')
    tern_server_fail (&call, 1001, "header must have operationID");
  else if ((access & TERN_SERVER_TOKEN) == 0 ||
           check_token (&call, soup_message_headers_get_one (headers, "token"), &user_id))
    {
      if (route == NULL)
        {
          respond_not_found (message, call.is_account);
          return;
        }
      if (user_id != NULL)
        call.operator_id = user_id;
      call.is_admin = !call.is_account && strcmp (call.operator_id, TERN_SERVER_ADMIN) == 0;
      text = g_bytes_get_data (body, &size);
      if (!tern_server_faults_spoil_call (&call, message, TERN_FAULT_ON_CALL, path))
        {
          tern_server_run (&call, path, route, text != NULL ? text : "", size);
          tern_server_faults_spoil_call (&call, message, TERN_FAULT_ON_REPLY, path);
        }
    }

  respond (message, &call);
  tern_server_call_clear (&call);
}

/* TRUE: answered here, whatever the path. */
static gboolean
serve_other_method (SoupServerMessage *message,
                    gboolean           is_account)
{
  const char *method = soup_server_message_get_method (message);

  if (method == SOUP_METHOD_POST)
    return FALSE;

  if (method == SOUP_METHOD_OPTIONS)
    tern_server_http_respond_text (message, 200, JSON_TYPE, "\"Options Request!\"");
  else
    respond_not_found (message, is_account);

  return TRUE;
}

/**
 * tern_server_find_api_route:
 * @path: a route's
 *
 * Returns: (nullable): what answers it, if it is one of these
 */
TernServerRoute
tern_server_find_api_route (const char *path)
{
  TernServerRoute (* const tables[]) (const char *) = {
    tern_server_find_auth_route,
    tern_server_find_people_route,
    tern_server_find_friend_route,
    tern_server_find_group_route,
    tern_server_find_member_route,
    tern_server_find_application_route,
    tern_server_find_conversation_route,
    tern_server_find_message_route,
    tern_server_find_object_route,
    tern_server_find_sync_route,
    tern_server_find_admin_route,
  };
  TernServerRoute route = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (tables) && route == NULL; i++)
    route = tables[i] (path);

  return route;
}

static void
api_cb (SoupServer        *server,
        SoupServerMessage *message,
        const char        *path,
        GHashTable        *query,
        gpointer           user_data)
{
  gboolean is_open = g_str_has_prefix (path, "/auth/get_admin_token") ||
                     g_str_has_prefix (path, "/auth/parse_token");

  if (soup_server_message_get_method (message) == SOUP_METHOD_GET &&
      g_str_has_prefix (path, "/object/"))
    tern_server_get_object (user_data, message, path, query);
  else if (!serve_other_method (message, FALSE))
    tern_server_serve (user_data, message, path, tern_server_find_api_route (path),
                       is_open ? 0 : TERN_SERVER_TOKEN);
}

static void
account_cb (SoupServer        *server,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           user_data)
{
  TernServerAccess access = TERN_SERVER_ACCOUNT;
  TernServerRoute route = tern_server_find_account_route (path, &access);

  if (!serve_other_method (message, TRUE))
    tern_server_serve (user_data, message, path, route, access);
}

/**
 * tern_server_rest_attach:
 * @self: a server
 * @port: 0: a free one
 * @error: return location for a #GError
 *
 * Errors: what libsoup says when the port is taken.
 *
 * Returns: whether it listens
 */
gboolean
tern_server_rest_attach (TernServer  *self,
                         guint16      port,
                         GError     **error)
{
  self->api = soup_server_new (NULL, NULL);
  tern_server_http_watch (self->api, NULL);
  soup_server_add_handler (self->api, NULL, api_cb, self, NULL);

  return soup_server_listen_local (self->api, port, SOUP_SERVER_LISTEN_IPV4_ONLY, error);
}

/**
 * tern_server_account_attach:
 * @self: a server
 * @port: 0: a free one
 * @error: return location for a #GError
 *
 * Errors: what libsoup says when the port is taken.
 *
 * Returns: whether it listens
 */
gboolean
tern_server_account_attach (TernServer  *self,
                            guint16      port,
                            GError     **error)
{
  self->account = soup_server_new (NULL, NULL);
  tern_server_http_watch (self->account, NULL);
  soup_server_add_handler (self->account, NULL, account_cb, self, NULL);

  return soup_server_listen_local (self->account, port, SOUP_SERVER_LISTEN_IPV4_ONLY, error);
}
