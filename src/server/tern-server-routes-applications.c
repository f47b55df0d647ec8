/* tern-server-routes-applications.c: who wants to join a group
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 section 5.4; protocol 03 sections 2.3.3, 5.4.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server.h"

/* Tips leave out the group, which they have besides. */
static JsonObject *
build_request (TernServer                   *self,
               const TernServerGroupRequest *request,
               gboolean                      has_group)
{
  JsonObject *object = json_object_new ();

  json_object_set_member (object, "userInfo",
                          tern_server_public_user_node (self, request->user_id));
  if (has_group)
    json_object_set_member (object, "groupInfo", tern_server_group_node (self, request->group_id));
  else
    json_object_set_null_member (object, "groupInfo");
  json_object_set_int_member (object, "handleResult", request->result);
  json_object_set_string_member (object, "reqMsg", request->message);
  json_object_set_string_member (object, "handleMsg", "");
  json_object_set_int_member (object, "reqTime", request->created_ms);
  json_object_set_string_member (object, "handleUserID", "");
  json_object_set_int_member (object, "handleTime", 0);
  json_object_set_string_member (object, "ex", request->ex);
  json_object_set_int_member (object, "joinSource", request->join_source);
  json_object_set_string_member (object, "inviterUserID", request->inviter_id);

  return object;
}

/* The owner, the administrators and one more. */
static char **
list_concerned (TernServer *self,
                const char *group_id,
                const char *user_id)
{
  g_auto(GStrv) leaders = tern_server_state_list_leader_ids (self->state, group_id);
  g_autoptr(GStrvBuilder) ids = g_strv_builder_new ();

  g_strv_builder_addv (ids, (const char **) leaders);
  if (!g_strv_contains ((const char * const *) leaders, user_id))
    g_strv_builder_add (ids, user_id);

  return g_strv_builder_end (ids);
}

/**
 * tern_server_apply_to_group:
 * @self: a server
 * @request: an application
 * @operator_id: who made it
 *
 * Keeps an application and tells those who answer it.
 */
void
tern_server_apply_to_group (TernServer                   *self,
                            const TernServerGroupRequest *request,
                            const char                   *operator_id)
{
  g_auto(GStrv) ids = list_concerned (self, request->group_id, operator_id);
  g_autofree char *uuid = g_uuid_string_random ();

  tern_server_state_put_group_request (self->state, request);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      JsonObject *detail = json_object_new ();

      json_object_set_member (detail, "group", tern_server_group_node (self, request->group_id));
      json_object_set_member (detail, "applicant",
                              tern_server_public_user_node (self, operator_id));
      json_object_set_string_member (detail, "reqMsg", request->message);
      json_object_set_string_member (detail, "uuid", uuid);
      json_object_set_object_member (detail, "request", build_request (self, request, FALSE));
      tern_server_notify (self, 1503, operator_id, ids[i], detail);
    }
}

static void
tell_answered (TernServerCall               *call,
               const TernServerGroupRequest *request)
{
  g_auto(GStrv) ids = list_concerned (call->server, request->group_id, request->user_id);
  g_autofree char *uuid = g_uuid_string_random ();

  for (guint i = 0; ids[i] != NULL; i++)
    {
      JsonObject *detail = tern_server_group_detail (call->server, request->group_id,
                                                     call->user_id);

      json_object_set_string_member (detail, "handleMsg",
                                     tern_json_get_string (call->body, "handledMsg"));
      json_object_set_int_member (detail, "receiverAs", 0);
      json_object_set_string_member (detail, "uuid", uuid);
      json_object_set_object_member (detail, "request",
                                     build_request (call->server, request, FALSE));
      tern_server_notify (call->server, request->result == 1 ? 1505 : 1506, call->user_id, ids[i],
                          detail);
    }
}

static void
route_answer (TernServerCall *call)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  const char *user_id = tern_json_get_string (call->body, "fromUserID");
  gint64 result = tern_json_get_int (call->body, "handleResult");
  TernServerState *state = call->server->state;
  g_autoptr(TernServerGroupRequest) request = NULL;
  g_autoptr(TernMemberRecord) member = NULL;

  if (result != 1 && result != -1)
    tern_server_fail (call, 1001, "handleResult is invalid");
  if (call->code != 0 || !tern_server_is_leader (call, group_id))
    return;
  request = tern_server_state_find_group_request (state, group_id, user_id);
  if (request == NULL)
    tern_server_fail (call, 500, "mongo: no documents in result");
  else if (request->result != 0)
    tern_server_fail (call, 1206, "group request already processed");
  if (call->code != 0)
    return;

  request->result = (int) result;
  tern_server_state_put_group_request (state, request);
  member = tern_server_state_find_member (state, group_id, user_id);
  if (result == 1 && member == NULL)
    tern_server_add_member (call->server, group_id, user_id, request->inviter_id, call->user_id,
                            20, request->join_source);
  tell_answered (call, request);
  if (result == 1 && member == NULL)
    tern_server_admit (call->server, request, call->user_id);
}

/* --- lists --- */

static void
answer_requests (TernServerCall *call,
                 gboolean        is_received)
{
  guint results = tern_server_read_results (call);
  g_auto(GStrv) group_ids = tern_json_dup_strings (call->body, "groupIDs");
  g_autoptr(GHashTable) groups = tern_server_make_set ((const char * const *) group_ids);
  g_autoptr(GPtrArray) requests = NULL;
  JsonArray *array;
  guint first;
  guint end;

  requests = tern_server_state_list_group_requests (call->server->state, call->user_id,
                                                    is_received);
  for (guint i = requests->len; i > 0; i--)
    {
      const TernServerGroupRequest *request = requests->pdata[i - 1];

      if ((results & TERN_SERVER_RESULT (request->result)) == 0 ||
          (group_ids[0] != NULL && !g_hash_table_contains (groups, request->group_id)))
        g_ptr_array_remove_index (requests, i - 1);
    }
  if (!tern_server_get_page (call, requests->len, &first, &end))
    return;

  array = json_array_new ();
  for (guint i = first; i < end; i++)
    json_array_add_object_element (array, build_request (call->server, requests->pdata[i], TRUE));
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "total", requests->len);
  tern_server_set_array (call->data, "groupRequests", array);
}

static void
route_received (TernServerCall *call)
{
  g_auto(GStrv) group_ids = tern_json_dup_strings (call->body, "groupIDs");

  if (!tern_server_is_self (call, "fromUserID"))
    return;
  for (guint i = 0; group_ids[i] != NULL; i++)
    {
      if (!tern_server_is_leader (call, group_ids[i]))
        return;
    }
  answer_requests (call, TRUE);
}

static void
route_sent (TernServerCall *call)
{
  if (tern_server_is_self (call, "userID"))
    answer_requests (call, FALSE);
}

static void
answer_one (TernServerCall *call,
            const char     *user_id,
            gboolean        has_user)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  g_autoptr(TernServerGroupRequest) request =
    tern_server_state_find_group_request (call->server->state, group_id, user_id);
  JsonArray *array = json_array_new ();
  JsonObject *object;

  if (request != NULL)
    {
      object = build_request (call->server, request, TRUE);
      if (!has_user)
        json_object_set_null_member (object, "userInfo");
      json_array_add_object_element (array, object);
    }
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "total", json_array_get_length (array));
  tern_server_set_array (call->data, "groupRequests", array);
}

static void
route_specified (TernServerCall *call)
{
  answer_one (call, tern_json_get_string (call->body, "userID"), TRUE);
}

/* The real one forgets whom it is about. */
static void
route_of_users (TernServerCall *call)
{
  g_auto(GStrv) ids = tern_json_dup_strings (call->body, "userIDs");

  if (tern_server_is_leader (call, tern_json_get_string (call->body, "groupID")))
    answer_one (call, ids[0] != NULL ? ids[0] : "", FALSE);
}

static void
route_unhandled (TernServerCall *call)
{
  gint64 since_ms = tern_json_get_int (call->body, "time");
  g_autoptr(GPtrArray) requests = NULL;
  guint n = 0;

  if (!tern_server_is_self (call, "userID"))
    return;
  requests = tern_server_state_list_group_requests (call->server->state, call->user_id, TRUE);
  for (guint i = 0; i < requests->len; i++)
    {
      const TernServerGroupRequest *request = requests->pdata[i];

      n += request->result == 0 && request->created_ms > since_ms;
    }
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "count", n);
}

/**
 * tern_server_find_application_route:
 * @path: a route's
 *
 * Returns: (nullable): what answers it, if it is one of these
 */
TernServerRoute
tern_server_find_application_route (const char *path)
{
  static const TernServerRouteEntry routes[] = {
    { "/group/get_recv_group_applicationList", route_received },
    { "/group/get_user_req_group_applicationList", route_sent },
    { "/group/get_specified_user_group_request_info", route_specified },
    { "/group/get_group_users_req_application_list", route_of_users },
    { "/group/get_group_application_unhandled_count", route_unhandled },
    { "/group/group_application_response", route_answer },
  };

  return tern_server_find_route (routes, G_N_ELEMENTS (routes), path);
}
