/* tern-server-routes-admin.c: what an operator does
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 sections 5.1, 5.3, 5.6. Some of these the real server leaves
 * open to everybody, by mistake; here they are not.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server.h"

/* --- sending in somebody's name --- */

/* An answer of 8 MiB has room for several. */
#define MAX_CONTENT_BYTES (1024 * 1024)

static void
set_text (char       **field,
          JsonNode    *body,
          const char  *member)
{
  tern_record_set_text (field, tern_json_get_string (body, member));
}

static TernMessageRecord *
read_message (TernServerCall *call)
{
  JsonNode *content = tern_json_get_node (call->body, "content");
  TernMessageRecord *message = tern_message_record_new ();

  set_text (&message->sender_id, call->body, "sendID");
  set_text (&message->recv_id, call->body, "recvID");
  set_text (&message->group_id, call->body, "groupID");
  set_text (&message->sender_name, call->body, "senderNickname");
  set_text (&message->sender_face_url, call->body, "senderFaceURL");
  set_text (&message->ex, call->body, "ex");
  g_free (message->client_id);
  message->client_id = tern_server_make_id (call->server);
  g_free (message->server_id);
  message->server_id = tern_server_make_id (call->server);
  message->chat_type = (int) tern_json_get_int (call->body, "sessionType");
  message->content_type = (int) tern_json_get_int (call->body, "contentType");
  message->sender_platform = (int) tern_json_get_int (call->body, "senderPlatformID");
  message->sent_ms = tern_json_get_int (call->body, "sendTime");
  if (message->sent_ms == 0)
    message->sent_ms = tern_clock_get_wall_ms ();
  message->created_ms = tern_clock_get_wall_ms ();
  message->content = tern_json_to_bytes (content);
  message->msg_from = 200;
  message->status = TERN_MESSAGE_SENDING;
  if (tern_json_get_bool (call->body, "isOnlineOnly"))
    message->options_off = TERN_OPTIONS_ONLINE_ONLY;

  return message;
}

static gboolean
require_manager (TernServerCall *call)
{
  return call->is_admin || tern_server_fail (call, 1002, "only app manager can send message");
}

static void
route_send (TernServerCall *call)
{
  g_autoptr(TernMessageRecord) message = NULL;
  int code;

  if (!require_manager (call) || !tern_server_require (call, "sendID", "sendID is empty") ||
      !tern_server_require (call, "content", "content is empty"))
    return;
  message = read_message (call);
  if (g_bytes_get_size (message->content) > MAX_CONTENT_BYTES)
    {
      tern_server_fail (call, 1001, "content too long");
      return;
    }
  code = tern_server_check_message (call->server, call->user_id, message);
  if (code != 0)
    {
      tern_server_fail (call, code, "");
      return;
    }
  call->data = json_object_new ();
  json_object_set_string_member (call->data, "serverMsgID", message->server_id);
  json_object_set_string_member (call->data, "clientMsgID", message->client_id);
  json_object_set_int_member (call->data, "sendTime", message->sent_ms);
  json_object_set_null_member (call->data, "modify");
  tern_server_accept (call->server, g_steal_pointer (&message));
}

/* --- looking around --- */

static void
route_all_user_ids (TernServerCall *call)
{
  g_autoptr(GPtrArray) users = NULL;
  JsonArray *ids;
  guint first, end;

  if (!tern_server_require_admin (call))
    return;
  users = tern_server_state_list_users (call->server->state);
  if (!tern_server_get_page (call, users->len, &first, &end))
    return;
  ids = json_array_new ();
  for (guint i = first; i < end; i++)
    json_array_add_string_element (ids, ((TernUserRecord *) users->pdata[i])->id);
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "total", users->len);
  tern_server_set_array (call->data, "userIDs", ids);
}

static JsonObject *
build_found_group (TernServer            *self,
                   const TernGroupRecord *group)
{
  g_autoptr(TernUserRecord) owner = tern_server_state_find_user (self->state, group->owner_id);
  JsonObject *object = json_object_new ();

  json_object_set_member (object, "groupInfo", tern_api_build_group (group));
  json_object_set_string_member (object, "groupOwnerUserName", owner != NULL ? owner->name : "");
  json_object_set_string_member (object, "groupOwnerUserID", group->owner_id);

  return object;
}

/* A search for groups, open to everybody. */
static void
route_groups (TernServerCall *call)
{
  const char *id = tern_json_get_string (call->body, "groupID");
  g_autoptr(GPtrArray) groups = NULL;
  g_autoptr(GRegex) name = NULL; /* looked at without an ID only */
  JsonArray *array;
  guint first, end;

  if (*id == '\0')
    name = tern_server_make_search (call, tern_json_get_string (call->body, "groupName"));
  if (call->code != 0)
    return;
  groups = tern_server_state_list_all_groups (call->server->state);
  for (guint i = groups->len; i-- > 0;)
    {
      const TernGroupRecord *group = groups->pdata[i];

      if (name == NULL ? strcmp (group->id, id) != 0 : !g_regex_match (name, group->name, 0, NULL))
        g_ptr_array_remove_index (groups, i);
    }
  if (!tern_server_get_page (call, groups->len, &first, &end))
    return;
  array = json_array_new ();
  for (guint i = first; i < end; i++)
    json_array_add_object_element (array, build_found_group (call->server, groups->pdata[i]));
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "total", groups->len);
  tern_server_set_array (call->data, "groups", array);
}

/* --- what nobody does here --- */

static void
route_missing (TernServerCall *call)
{
  if (tern_server_require_admin (call))
    tern_server_fail (call, 500, "tern-local-server does not have this");
}

static void
route_missing_send (TernServerCall *call)
{
  if (require_manager (call))
    tern_server_fail (call, 500, "tern-local-server does not have this");
}

/**
 * tern_server_find_admin_route:
 * @path: a route's
 *
 * Returns: (nullable): what answers it, if it is one of these
 */
TernServerRoute
tern_server_find_admin_route (const char *path)
{
  static const TernServerRouteEntry routes[] = {
    { "/group/get_groups", route_groups },
    { "/msg/send_msg", route_send },
    { "/user/get_all_users_uid", route_all_user_ids },
    { "/config/get_config_list", route_missing },
    { "/friend/import_friend", route_missing },
    { "/msg/batch_send_msg", route_missing_send },
    { "/msg/delete_msg_physical", route_missing },
    { "/msg/send_business_notification", route_missing_send },
    { "/statistics/user/register", route_missing },
    { "/third/logs/search", route_missing },
    { "/user/add_notification_account", route_missing },
    { "/user/search_notification_account", route_missing },
    { "/user/set_user_client_config", route_missing },
  };

  return tern_server_find_route (routes, G_N_ELEMENTS (routes), path);
}
