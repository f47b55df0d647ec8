/* tern-server-routes-people.c: users
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 section 5.1.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server.h"
#include "tern-server-gateway.h"

static JsonNode *
build_user (gconstpointer record)
{
  return tern_api_build_user (record);
}

/* --- profiles --- */

static void
route_users_info (TernServerCall *call)
{
  g_auto(GStrv) ids = tern_server_dup_ids (call, "userIDs");
  g_autoptr(GPtrArray) users =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_user_record_free);

  if (!tern_server_require (call, "userIDs", "UserIDs is empty"))
    return;
  for (guint i = 0; ids[i] != NULL; i++)
    {
      TernUserRecord *user = tern_server_state_find_user (call->server->state, ids[i]);

      if (user != NULL)
        g_ptr_array_add (users, user);
    }
  call->data = json_object_new ();
  tern_server_set_array (call->data, "usersInfo", tern_server_array_of (users, build_user));
}

/* Whether a group is called as this person and another would be together: its
 * notifications would be theirs. */
static gboolean
completes_pair (TernServerCall *call,
                const char     *id,
                GHashTable     *new_ids)
{
  g_auto(GStrv) others = tern_server_state_list_halves (call->server->state, id);

  for (guint i = 0; others[i] != NULL; i++)
    {
      g_autoptr(TernUserRecord) other = tern_server_state_find_user (call->server->state,
                                                                     others[i]);

      if (other != NULL || g_hash_table_contains (new_ids, others[i]))
        return TRUE;
    }

  return FALSE;
}

static gboolean
check_new_user (TernServerCall *call,
                JsonNode       *node,
                GHashTable     *new_ids) /* all of the call */
{
  const char *id = tern_json_get_string (node, "userID");
  g_autoptr(TernUserRecord) known = NULL;

  if (*id == '\0')
    return tern_server_fail (call, 1001, "userID is empty");
  if (!g_regex_match_simple ("^[A-Za-z0-9_]+\\z", id, 0, 0) ||
      completes_pair (call, id, new_ids))
    return tern_server_fail (call, 1001, "userID is legal"); /* sic */
  if (*tern_json_get_string (node, "nickname") == '\0')
    return tern_server_fail (call, 1001, "user name is empty");
  known = tern_server_state_find_user (call->server->state, id);

  return known == NULL || tern_server_fail (call, 1102, "userID registered already");
}

static void
route_user_register (TernServerCall *call)
{
  JsonNode *node = tern_json_get_node (call->body, "users");
  JsonArray *list = node != NULL ? json_node_get_array (node) : NULL;
  g_autoptr(GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  if (list == NULL || json_array_get_length (list) == 0)
    {
      tern_server_fail (call, 1001, "users is empty");
      return;
    }
  if (!tern_server_require_admin (call))
    return;
  /* All or none. */
  for (guint i = 0; i < json_array_get_length (list); i++)
    g_hash_table_add (ids, (gpointer) tern_json_get_string (json_array_get_element (list, i),
                                                            "userID"));
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      if (!check_new_user (call, json_array_get_element (list, i), ids))
        return;
    }
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      g_autoptr(TernUserRecord) user = tern_api_parse_user (json_array_get_element (list, i));

      tern_server_state_add_user (call->server->state, user);
    }
}

static void
route_account_check (TernServerCall *call)
{
  g_auto(GStrv) ids = tern_json_dup_strings (call->body, "checkUserIDs");
  JsonArray *results;

  if (!tern_server_require (call, "checkUserIDs", "checkUserIDs is empty") ||
      !tern_server_require_admin (call))
    return;
  results = json_array_new ();
  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr(TernUserRecord) user = tern_server_state_find_user (call->server->state, ids[i]);
      JsonObject *result = json_object_new ();

      json_object_set_string_member (result, "userID", ids[i]);
      json_object_set_int_member (result, "accountStatus", user != NULL);
      json_array_add_object_element (results, result);
    }
  call->data = json_object_new ();
  tern_server_set_array (call->data, "results", results);
}

static void
notify_self (TernServer *self,
             int         type,
             const char *user_id,
             const char *recv_id)
{
  JsonObject *detail = json_object_new ();

  json_object_set_string_member (detail, "userID", user_id);
  tern_server_notify (self, type, user_id, recv_id, detail);
}

/**
 * tern_server_update_user:
 * @self: a server
 * @user: all of it
 *
 * Keeps what has changed and tells those who see it.
 */
void
tern_server_update_user (TernServer           *self,
                         const TernUserRecord *user)
{
  g_autoptr(TernUserRecord) before = tern_server_state_find_user (self->state, user->id);
  g_autoptr(GPtrArray) friends = NULL;
  g_auto(GStrv) group_ids = NULL;
  gboolean is_shown = before == NULL || strcmp (before->name, user->name) != 0 ||
                      strcmp (before->face_url, user->face_url) != 0;

  tern_server_state_set_user (self->state, user);
  notify_self (self, 1303, user->id, user->id);
  if (!is_shown)
    return;

  friends = tern_server_state_list_friends (self->state, user->id);
  for (guint i = 0; i < friends->len; i++)
    {
      const char *friend_id = ((TernUserRecord *) friends->pdata[i])->id;

      tern_server_state_log (self->state, TERN_DATASET_FRIENDS, friend_id, user->id,
                             TERN_SERVER_UPDATED);
      notify_self (self, 1209, user->id, friend_id);
    }

  /* Where he has no name of his own, the group sees the new one. */
  group_ids = tern_server_state_list_bare_groups (self->state, user->id);
  for (guint i = 0; group_ids[i] != NULL; i++)
    {
      tern_server_state_log (self->state, TERN_DATASET_MEMBERS, group_ids[i], user->id,
                             TERN_SERVER_UPDATED);
      tern_server_tell_member (self, 1516, user->id, group_ids[i], user->id);
    }
}

/* @is_ex: an empty text counts, too. */
static void
update_text (char       **field,
             JsonNode    *object,
             const char  *member,
             gboolean     is_ex)
{
  const char *text = tern_server_lookup_string (object, member);

  if (text == NULL || (!is_ex && *text == '\0'))
    return;

  g_free (*field);
  *field = g_strdup (text);
}

static void
update_user (TernServerCall *call,
             gboolean        is_ex)
{
  JsonNode *info = tern_json_get_node (call->body, "userInfo");
  const char *user_id = tern_json_get_string (info, "userID");
  g_autoptr(TernUserRecord) user = NULL;

  if (info == NULL || *user_id == '\0')
    {
      tern_server_fail (call, 1001, info == NULL ? "userInfo is empty" : "userID is empty");
      return;
    }
  if (!tern_server_may_act_for (call, user_id))
    return;
  user = tern_server_state_find_user (call->server->state, user_id);
  if (user == NULL)
    {
      tern_server_fail (call, 1004, "user not found");
      return;
    }
  update_text (&user->name, info, "nickname", is_ex);
  update_text (&user->face_url, info, "faceURL", is_ex);
  update_text (&user->ex, info, "ex", is_ex);
  if (tern_json_get_node (info, "globalRecvMsgOpt") != NULL &&
      (is_ex || tern_json_get_int (info, "globalRecvMsgOpt") != 0))
    user->recv_opt = (int) tern_json_get_int (info, "globalRecvMsgOpt");
  tern_server_update_user (call->server, user);
}

static void
route_update_user (TernServerCall *call)
{
  update_user (call, FALSE);
}

static void
route_update_user_ex (TernServerCall *call)
{
  update_user (call, TRUE);
}

static void
route_set_recv_opt (TernServerCall *call)
{
  gint64 wanted = tern_json_get_int (call->body, "globalRecvMsgOpt");
  g_autoptr(TernUserRecord) user = NULL;

  if (wanted < 0 || wanted > 2)
    {
      tern_server_fail (call, 1001, "GlobalRecvMsgOpt is invalid");
      return;
    }
  if (!tern_server_is_self (call, "userID"))
    return;
  user = tern_server_state_find_user (call->server->state,
                                      tern_json_get_string (call->body, "userID"));
  if (user == NULL)
    {
      tern_server_fail (call, 1004, "user not found");
      return;
    }
  user->recv_opt = (int) wanted;
  tern_server_update_user (call->server, user);
}

/* --- search --- */

static void
route_get_users (TernServerCall *call)
{
  const char *id = tern_json_get_string (call->body, "userID");
  const char *name = tern_json_get_string (call->body, "nickName");
  g_autoptr(GRegex) by_id = tern_server_make_search (call, id);
  g_autoptr(GRegex) by_name = by_id != NULL ? tern_server_make_search (call, name) : NULL;
  g_autoptr(GPtrArray) users = NULL;
  guint first, end;

  if (by_name == NULL)
    return;
  users = tern_server_state_list_users (call->server->state);
  for (guint i = users->len; i-- > 0;)
    {
      const TernUserRecord *user = users->pdata[i];
      gboolean is_by_id = *id != '\0' && g_regex_match (by_id, user->id, 0, NULL);
      gboolean is_by_name = *name != '\0' && g_regex_match (by_name, user->name, 0, NULL);

      /* Without either it is everybody. */
      if ((*id != '\0' || *name != '\0') && !is_by_id && !is_by_name)
        g_ptr_array_remove_index (users, i);
    }
  if (!tern_server_get_page (call, users->len, &first, &end))
    return;
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "total", users->len);
  tern_server_cut (users, first, end);
  tern_server_set_array (call->data, "users", tern_server_array_of (users, build_user));
}

/* --- who is there --- */

static JsonObject *
build_status (TernServer *self,
              const char *user_id)
{
  g_autoptr(GArray) platforms = tern_server_list_platforms (self, user_id);
  JsonObject *status = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < platforms->len; i++)
    json_array_add_int_element (array, g_array_index (platforms, gint32, i));
  json_object_set_string_member (status, "userID", user_id);
  json_object_set_int_member (status, "status", platforms->len > 0);
  tern_server_set_array (status, "platformIDs", array);

  return status;
}

static void
route_users_status (TernServerCall *call)
{
  g_auto(GStrv) ids = tern_json_dup_strings (call->body, "userIDs");
  JsonArray *list;

  if (!tern_server_require (call, "userIDs", "UserIDs is empty"))
    return;
  list = json_array_new ();
  for (guint i = 0; ids[i] != NULL; i++)
    json_array_add_object_element (list, build_status (call->server, ids[i]));
  call->data = json_object_new ();
  tern_server_set_array (call->data, "statusList", list);
}

/* Subscriptions live on the long connection; these do nothing there either. */
static void
route_no_subscription (TernServerCall *call)
{
  call->data = json_object_new ();
  json_object_set_null_member (call->data, "statusList");
}

static JsonObject *
build_online (TernServer *self,
              const char *user_id)
{
  g_autoptr(GArray) platforms = tern_server_list_platforms (self, user_id);
  JsonObject *online = json_object_new ();
  JsonArray *details = json_array_new ();

  for (guint i = 0; i < platforms->len; i++)
    {
      JsonObject *detail = json_object_new ();

      json_object_set_int_member (detail, "platformID", g_array_index (platforms, gint32, i));
      json_object_set_string_member (detail, "connID", "");
      json_object_set_boolean_member (detail, "isBackground", FALSE);
      json_object_set_string_member (detail, "token", "");
      json_array_add_object_element (details, detail);
    }
  json_object_set_string_member (online, "userID", user_id);
  json_object_set_int_member (online, "status", platforms->len > 0);
  tern_server_set_array (online, "detailPlatformStatus", details);

  return online;
}

static void
route_online_status (TernServerCall *call)
{
  g_auto(GStrv) ids = tern_json_dup_strings (call->body, "userIDs");
  JsonArray *list;

  if (!call->is_admin)
    {
      tern_server_fail (call, 1002, "only app manager");
      return;
    }
  list = json_array_new ();
  for (guint i = 0; ids[i] != NULL; i++)
    json_array_add_object_element (list, build_online (call->server, ids[i]));
  call->list = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (call->list, list);
}

static void
route_no_details (TernServerCall *call)
{
  call->list = json_node_new (JSON_NODE_NULL);
}

/* --- settings and favourites --- */

static void
route_client_config (TernServerCall *call)
{
  const char *user_id = tern_json_get_string (call->body, "userID");

  if (*user_id == '\0' || tern_server_may_act_for (call, user_id))
    call->data = json_object_new ();
}

static gboolean
check_command (TernServerCall *call,
               gboolean        wants_uuid)
{
  if (!tern_server_is_self (call, "userID"))
    return FALSE;
  if (tern_json_get_int (call->body, "type") == 0)
    return tern_server_fail (call, 1001, "type is empty");

  return !wants_uuid || tern_server_require (call, "uuid", "uuid is empty");
}

static void
route_add_command (TernServerCall *call)
{
  const char *ex = tern_json_get_string (call->body, "ex");

  if (!check_command (call, TRUE))
    return;
  /* The real server writes ex where value belongs. */
  tern_server_state_add_command (call->server->state, tern_json_get_string (call->body, "userID"),
                                 tern_json_get_int (call->body, "type"),
                                 tern_json_get_string (call->body, "uuid"),
                                 *ex != '\0' ? ex : tern_json_get_string (call->body, "value"));
}

static void
route_update_command (TernServerCall *call)
{
  if (check_command (call, TRUE))
    tern_server_state_update_command (call->server->state,
                                      tern_json_get_string (call->body, "userID"),
                                      tern_json_get_int (call->body, "type"),
                                      tern_json_get_string (call->body, "uuid"),
                                      tern_server_lookup_string (call->body, "value"),
                                      tern_server_lookup_string (call->body, "ex"));
}

static void
route_delete_command (TernServerCall *call)
{
  if (check_command (call, TRUE))
    tern_server_state_delete_command (call->server->state,
                                      tern_json_get_string (call->body, "userID"),
                                      tern_json_get_int (call->body, "type"),
                                      tern_json_get_string (call->body, "uuid"));
}

static void
answer_commands (TernServerCall *call,
                 gint64          type)
{
  const char *user_id = tern_json_get_string (call->body, "userID");

  call->data = json_object_new ();
  tern_server_set_array (call->data, "CommandResp",
                         tern_server_state_build_commands (call->server->state, user_id, type));
}

static void
route_get_commands (TernServerCall *call)
{
  if (check_command (call, FALSE))
    answer_commands (call, tern_json_get_int (call->body, "type"));
}

static void
route_get_all_commands (TernServerCall *call)
{
  if (tern_server_is_self (call, "userID"))
    answer_commands (call, 0);
}

/**
 * tern_server_find_people_route:
 * @path: a route's
 *
 * Returns: (nullable): what answers it, if it is one of these
 */
TernServerRoute
tern_server_find_people_route (const char *path)
{
  static const TernServerRouteEntry routes[] = {
    { "/user/account_check", route_account_check },
    { "/user/get_subscribe_users_status", route_no_subscription },
    { "/user/get_user_client_config", route_client_config },
    { "/user/get_users", route_get_users },
    { "/user/get_users_info", route_users_info },
    { "/user/get_users_online_status", route_online_status },
    { "/user/get_users_online_token_detail", route_no_details },
    { "/user/get_users_status", route_users_status },
    { "/user/process_user_command_add", route_add_command },
    { "/user/process_user_command_delete", route_delete_command },
    { "/user/process_user_command_get", route_get_commands },
    { "/user/process_user_command_get_all", route_get_all_commands },
    { "/user/process_user_command_update", route_update_command },
    { "/user/set_global_msg_recv_opt", route_set_recv_opt },
    { "/user/subscribe_users_status", route_no_subscription },
    { "/user/update_user_info", route_update_user },
    { "/user/update_user_info_ex", route_update_user_ex },
    { "/user/user_register", route_user_register },
  };

  return tern_server_find_route (routes, G_N_ELEMENTS (routes), path);
}
