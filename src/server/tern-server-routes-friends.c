/* tern-server-routes-friends.c: friends, the black list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 section 5.2; protocol 03 sections 2.3.1, 5.1 to 5.3.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server.h"

/* --- notices --- */

static JsonObject *
from_to (const char *from,
         const char *to)
{
  JsonObject *detail = json_object_new ();
  JsonObject *pair = json_object_new ();

  json_object_set_string_member (pair, "fromUserID", from);
  json_object_set_string_member (pair, "toUserID", to);
  json_object_set_object_member (detail, "fromToUserID", pair);

  return detail;
}

/* Never filled (protocol 03 section 2.2). */
static void
add_version (JsonObject *detail)
{
  json_object_set_int_member (detail, "friendVersion", 0);
  json_object_set_string_member (detail, "friendVersionID", "");
}

static JsonObject *
build_request (TernServer                    *self,
               const TernServerFriendRequest *request)
{
  g_autoptr(TernUserRecord) from = tern_server_state_find_user (self->state, request->from_id);
  g_autoptr(TernUserRecord) to = tern_server_state_find_user (self->state, request->to_id);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "fromUserID", request->from_id);
  json_object_set_string_member (object, "fromNickname", from != NULL ? from->name : "");
  json_object_set_string_member (object, "fromFaceURL", from != NULL ? from->face_url : "");
  json_object_set_string_member (object, "toUserID", request->to_id);
  json_object_set_string_member (object, "toNickname", to != NULL ? to->name : "");
  json_object_set_string_member (object, "toFaceURL", to != NULL ? to->face_url : "");
  json_object_set_int_member (object, "handleResult", request->result);
  json_object_set_string_member (object, "reqMsg", request->message);
  json_object_set_int_member (object, "createTime", request->created_ms);
  json_object_set_string_member (object, "handlerUserID", request->handler_id);
  json_object_set_string_member (object, "handleMsg", request->answer);
  json_object_set_int_member (object, "handleTime", request->handled_ms);
  json_object_set_string_member (object, "ex", request->ex);

  return object;
}

/* --- applications --- */

static TernServerFriendRequest *
make_request (TernServerCall *call,
              const char     *to)
{
  TernServerFriendRequest *request =
    tern_server_state_find_friend_request (call->server->state, call->user_id, to);

  if (request == NULL)
    {
      request = g_new0 (TernServerFriendRequest, 1);
      request->from_id = g_strdup (call->user_id);
      request->to_id = g_strdup (to);
      request->handler_id = g_strdup ("");
    }
  /* Who handled an earlier one, and when, stays. */
  request->result = 0;
  request->created_ms = tern_clock_get_wall_ms ();
  tern_record_set_text (&request->message, tern_json_get_string (call->body, "reqMsg"));
  tern_record_set_text (&request->ex, tern_json_get_string (call->body, "ex"));
  tern_record_set_text (&request->answer, "");

  return request;
}

static gboolean
may_apply (TernServerCall *call,
           const char     *to)
{
  TernServerState *state = call->server->state;
  g_autoptr(TernUserRecord) peer = tern_server_state_find_user (state, to);

  if (!tern_server_is_self (call, "fromUserID"))
    return FALSE;
  if (*to == '\0')
    return tern_server_fail (call, 1001, "toUserID is empty");
  if (strcmp (to, call->user_id) == 0)
    return tern_server_fail_printf (call, 1301, "req.ToUserID, %s=MISSING", to);
  if (peer == NULL)
    return tern_server_fail (call, 1004, "user not found");
  if (tern_server_state_is_friend (state, call->user_id, to) &&
      tern_server_state_is_friend (state, to, call->user_id))
    return tern_server_fail (call, 1304, "already friends has f");

  return TRUE;
}

static void
route_apply (TernServerCall *call)
{
  const char *to = tern_json_get_string (call->body, "toUserID");
  g_autoptr(TernServerFriendRequest) request = NULL;
  JsonObject *detail;

  if (!may_apply (call, to))
    return;

  request = make_request (call, to);
  tern_server_state_put_friend_request (call->server->state, request);
  detail = from_to (call->user_id, to);
  json_object_set_object_member (detail, "request", build_request (call->server, request));
  tern_server_notify (call->server, 1203, call->user_id, to, detail);
}

/* Also settles what is pending in the other direction. */
static void
befriend (TernServer              *self,
          TernServerFriendRequest *request)
{
  g_autoptr(TernServerFriendRequest) reverse =
    tern_server_state_find_friend_request (self->state, request->to_id, request->from_id);

  tern_record_set_text (&request->handler_id, request->to_id);
  tern_server_state_add_friend (self->state, request->from_id, request->to_id, request->from_id);
  tern_server_state_add_friend (self->state, request->to_id, request->from_id, request->from_id);
  if (reverse == NULL || reverse->result != 0)
    return;

  reverse->result = 1;
  reverse->handled_ms = tern_clock_get_wall_ms ();
  tern_record_set_text (&reverse->handler_id, request->from_id);
  tern_server_state_put_friend_request (self->state, reverse);
}

static void
answer_request (TernServerCall          *call,
                TernServerFriendRequest *request,
                int                      result)
{
  JsonObject *detail;

  request->result = result;
  request->handled_ms = tern_clock_get_wall_ms ();
  tern_record_set_text (&request->answer, tern_json_get_string (call->body, "handleMsg"));
  if (result == 1)
    befriend (call->server, request);
  tern_server_state_put_friend_request (call->server->state, request);

  detail = from_to (request->from_id, request->to_id);
  json_object_set_string_member (detail, "handleMsg", request->answer);
  if (result == 1)
    add_version (detail);
  json_object_set_object_member (detail, "request", build_request (call->server, request));
  tern_server_notify (call->server, result == 1 ? 1201 : 1202, call->user_id, request->from_id,
                      detail);
}

static void
route_answer (TernServerCall *call)
{
  const char *from = tern_json_get_string (call->body, "fromUserID");
  gint64 result = tern_json_get_int (call->body, "handleResult");
  g_autoptr(TernServerFriendRequest) request = NULL;

  if (!tern_server_is_self (call, "toUserID"))
    return;
  request = tern_server_state_find_friend_request (call->server->state, from, call->user_id);
  if (result != 1 && result != -1)
    tern_server_fail (call, 1001, "req.HandleResult != -1/1");
  else if (request == NULL)
    tern_server_fail (call, 500, "mongo: no documents in result");
  else if (request->result != 0 && result == 1)
    tern_server_fail (call, 1001, "the friend request has been processed");
  else if (request->result != 0)
    tern_server_fail_printf (call, 1305,
                             "friend request has already been processed, from=%s, to=%s", from,
                             call->user_id);
  else
    answer_request (call, request, (int) result);
}

static void
answer_requests (TernServerCall *call,
                 const char     *member,
                 gboolean        is_received)
{
  guint results = tern_server_read_results (call);
  g_autoptr(GPtrArray) requests = NULL;
  JsonArray *array;
  guint first;
  guint end;

  if (!tern_server_is_self (call, "userID"))
    return;
  requests = tern_server_state_list_friend_requests (call->server->state, call->user_id,
                                                     is_received);
  for (guint i = requests->len; i > 0; i--)
    {
      const TernServerFriendRequest *request = requests->pdata[i - 1];

      if ((results & TERN_SERVER_RESULT (request->result)) == 0)
        g_ptr_array_remove_index (requests, i - 1);
    }
  if (!tern_server_get_page (call, requests->len, &first, &end))
    return;

  array = json_array_new ();
  for (guint i = first; i < end; i++)
    json_array_add_object_element (array, build_request (call->server, requests->pdata[i]));
  call->data = json_object_new ();
  tern_server_set_array (call->data, member, array);
  json_object_set_int_member (call->data, "total", requests->len);
}

static void
route_received (TernServerCall *call)
{
  answer_requests (call, "FriendRequests", TRUE);
}

static void
route_sent (TernServerCall *call)
{
  answer_requests (call, "friendRequests", FALSE);
}

static void
route_designated (TernServerCall *call)
{
  const char *from = tern_json_get_string (call->body, "fromUserID");
  const char *to = tern_json_get_string (call->body, "toUserID");
  TernServerState *state = call->server->state;
  g_autoptr(TernServerFriendRequest) there = NULL;
  g_autoptr(TernServerFriendRequest) back = NULL;
  JsonArray *array;

  if (!call->is_admin && strcmp (from, call->user_id) != 0 && strcmp (to, call->user_id) != 0)
    {
      tern_server_fail (call, 1002, "opUser in ownerUserIDs");
      return;
    }
  there = tern_server_state_find_friend_request (state, from, to);
  back = tern_server_state_find_friend_request (state, to, from);
  array = json_array_new ();
  if (there != NULL)
    json_array_add_object_element (array, build_request (call->server, there));
  if (back != NULL)
    json_array_add_object_element (array, build_request (call->server, back));
  call->data = json_object_new ();
  tern_server_set_array (call->data, "friendRequests", array);
}

static void
route_unhandled (TernServerCall *call)
{
  gint64 since_ms = tern_json_get_int (call->body, "time");
  g_autoptr(GPtrArray) requests = NULL;
  guint n = 0;

  if (!tern_server_is_self (call, "userID"))
    return;
  requests = tern_server_state_list_friend_requests (call->server->state, call->user_id, TRUE);
  for (guint i = 0; i < requests->len; i++)
    {
      const TernServerFriendRequest *request = requests->pdata[i];

      n += request->result == 0 && request->created_ms > since_ms;
    }
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "count", n);
}

/* --- friends --- */

static JsonNode *
build_friend_of (TernServer           *self,
                 const char           *owner_id,
                 const TernUserRecord *friend_)
{
  JsonNode *node = tern_api_build_friend (friend_, owner_id);
  JsonNode *person = tern_json_get_node (node, "friendUser");
  g_autoptr(TernUserRecord) user = tern_server_state_find_user (self->state, friend_->id);
  g_autofree char *operator_id =
    tern_server_state_dup_friend_operator (self->state, owner_id, friend_->id);

  json_object_set_string_member (json_node_get_object (node), "operatorUserID", operator_id);
  /* The record has one of the two: the owner's own. */
  if (person != NULL && user != NULL)
    json_object_set_string_member (json_node_get_object (person), "ex", user->ex);

  return node;
}

static JsonNode *
build_friend (TernServerCall       *call,
              const TernUserRecord *friend_)
{
  return build_friend_of (call->server, call->user_id, friend_);
}

static void
route_list (TernServerCall *call)
{
  g_autoptr(GPtrArray) friends = NULL;
  JsonArray *array;
  guint first;
  guint end;

  if (!tern_server_is_self (call, "userID"))
    return;
  friends = tern_server_state_list_friends (call->server->state, call->user_id);
  if (!tern_server_get_page (call, friends->len, &first, &end))
    return;

  array = json_array_new ();
  for (guint i = first; i < end; i++)
    json_array_add_element (array, build_friend (call, friends->pdata[i]));
  call->data = json_object_new ();
  tern_server_set_array (call->data, "friendsInfo", array);
  json_object_set_int_member (call->data, "total", friends->len);
}

/**
 * tern_server_friend_node:
 * @self: a server
 * @owner_id: whose
 * @friend_id: who
 *
 * Returns: (transfer full) (nullable): as details and lists have him; %NULL: no
 *   friend
 */
JsonNode *
tern_server_friend_node (TernServer *self,
                         const char *owner_id,
                         const char *friend_id)
{
  g_autoptr(TernUserRecord) friend_ = tern_server_state_find_friend (self->state, owner_id,
                                                                     friend_id);

  return friend_ != NULL ? build_friend_of (self, owner_id, friend_) : NULL;
}

static TernUserRecord *
find_friend (TernServerCall *call,
             const char     *friend_id)
{
  return tern_server_state_find_friend (call->server->state, call->user_id, friend_id);
}

static void
route_some (TernServerCall *call)
{
  g_auto(GStrv) ids = tern_json_dup_strings (call->body, "friendUserIDs");
  JsonArray *array;

  if (!tern_server_is_self (call, "ownerUserID"))
    return;
  if (tern_server_has_twice ((const char * const *) ids))
    {
      tern_server_fail (call, 1001, "friend userID repeated");
      return;
    }
  array = json_array_new ();
  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr(TernUserRecord) friend_ = find_friend (call, ids[i]);

      if (friend_ != NULL)
        json_array_add_element (array, build_friend (call, friend_));
    }
  call->data = json_object_new ();
  tern_server_set_array (call->data, "friendsInfo", array);
}

static void
route_is_friend (TernServerCall *call)
{
  const char *a = tern_json_get_string (call->body, "userID1");
  const char *b = tern_json_get_string (call->body, "userID2");
  TernServerState *state = call->server->state;

  if (!call->is_admin && strcmp (a, call->user_id) != 0 && strcmp (b, call->user_id) != 0)
    {
      tern_server_fail (call, 1002, "opUser in ownerUserIDs");
      return;
    }
  call->data = json_object_new ();
  json_object_set_boolean_member (call->data, "inUser1Friends",
                                  tern_server_state_is_friend (state, a, b));
  json_object_set_boolean_member (call->data, "inUser2Friends",
                                  tern_server_state_is_friend (state, b, a));
}

static void
route_ids (TernServerCall *call)
{
  g_autoptr(GPtrArray) friends = NULL;
  JsonArray *array;

  if (!tern_server_is_self (call, "userID"))
    return;
  friends = tern_server_state_list_friends (call->server->state, call->user_id);
  array = json_array_new ();
  for (guint i = 0; i < friends->len; i++)
    json_array_add_string_element (array, ((TernUserRecord *) friends->pdata[i])->id);
  call->data = json_object_new ();
  tern_server_set_array (call->data, "friendIDs", array);
}

static void
update_friend (TernServerCall       *call,
               const TernUserRecord *friend_)
{
  g_autoptr(TernUserRecord) fresh = tern_user_record_copy (friend_);
  const char *remark = tern_server_lookup_string (call->body, "remark");
  const char *ex = tern_server_lookup_string (call->body, "ex");

  if (remark != NULL)
    tern_record_set_text (&fresh->remark, remark);
  if (ex != NULL)
    tern_record_set_text (&fresh->ex, ex);
  if (tern_json_get_node (call->body, "isPinned") != NULL)
    fresh->is_pinned = tern_json_get_bool (call->body, "isPinned");
  tern_server_state_set_friend (call->server->state, call->user_id, fresh);
}

/* Logged even when there is no such friend. */
static void
log_update (TernServerCall *call,
            const char     *friend_id)
{
  gboolean is_order = tern_json_get_node (call->body, "isPinned") != NULL;

  if (is_order || tern_server_lookup_string (call->body, "remark") != NULL ||
      tern_server_lookup_string (call->body, "ex") != NULL)
    tern_server_state_log (call->server->state, TERN_DATASET_FRIENDS, call->user_id, friend_id,
                           is_order ? TERN_SERVER_UPDATED | TERN_SERVER_ORDER
                                    : TERN_SERVER_UPDATED);
}

static void
route_update (TernServerCall *call)
{
  g_auto(GStrv) ids = tern_json_dup_strings (call->body, "friendUserIDs");
  JsonArray *array;
  JsonObject *detail;

  if (ids[0] == NULL)
    tern_server_fail (call, 1001, "friendIDList is empty");
  else if (tern_server_has_twice ((const char * const *) ids))
    tern_server_fail (call, 1001, "friendIDList repeated");
  if (call->code != 0 || !tern_server_is_self (call, "ownerUserID"))
    return;

  array = json_array_new ();
  tern_server_state_begin_together (call->server->state);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr(TernUserRecord) friend_ = find_friend (call, ids[i]);

      if (friend_ != NULL)
        update_friend (call, friend_);
      log_update (call, ids[i]);
      json_array_add_string_element (array, ids[i]);
    }
  tern_server_state_end_together (call->server->state);
  detail = from_to ("", call->user_id);
  json_object_set_array_member (detail, "friendIDs", array);
  add_version (detail);
  tern_server_notify (call->server, 1210, call->user_id, call->user_id, detail);
}

static void
route_set_remark (TernServerCall *call)
{
  const char *friend_id = tern_json_get_string (call->body, "friendUserID");
  g_autoptr(TernUserRecord) friend_ = NULL;
  JsonObject *detail;

  if (!tern_server_is_self (call, "ownerUserID"))
    return;
  friend_ = find_friend (call, friend_id);
  if (friend_ == NULL)
    {
      tern_server_fail (call, 500, "mongo: no documents in result");
      return;
    }
  update_friend (call, friend_);
  log_update (call, friend_id);
  detail = from_to (call->user_id, friend_id);
  add_version (detail);
  json_object_set_int_member (detail, "friendSortVersion", 0);
  tern_server_notify (call->server, 1206, call->user_id, friend_id, detail);
}

static void
route_delete (TernServerCall *call)
{
  const char *friend_id = tern_json_get_string (call->body, "friendUserID");
  gboolean is_friend;
  JsonObject *detail;

  if (!tern_server_is_self (call, "ownerUserID"))
    return;
  is_friend = tern_server_state_is_friend (call->server->state, call->user_id, friend_id);
  tern_server_state_remove_friend (call->server->state, call->user_id, friend_id);
  if (!is_friend)
    return;
  detail = from_to (call->user_id, friend_id);
  add_version (detail);
  tern_server_notify (call->server, 1205, call->user_id, friend_id, detail);
}

/* --- the black list --- */

static void
route_add_black (TernServerCall *call)
{
  const char *user_id = tern_json_get_string (call->body, "blackUserID");
  TernServerState *state = call->server->state;
  g_autoptr(TernUserRecord) user = tern_server_state_find_user (state, user_id);

  if (!tern_server_is_self (call, "ownerUserID"))
    return;
  if (user == NULL || strcmp (user_id, call->user_id) == 0)
    tern_server_fail (call, 1004, "user not found");
  else if (!tern_server_state_block (state, call->user_id, user_id,
                                     tern_json_get_string (call->body, "ex")))
    tern_server_fail_printf (call, 500, "bulk write exception: write errors: [E11000 duplicate key"
                             " error collection: openim_v3.black index:"
                             " owner_user_id_1_block_user_id_1 dup key: { owner_user_id: \"%s\","
                             " block_user_id: \"%s\" }]", call->user_id, user_id);
  else
    tern_server_notify (call->server, 1207, call->user_id, user_id,
                        from_to (call->user_id, user_id));
}

static void
route_remove_black (TernServerCall *call)
{
  const char *user_id = tern_json_get_string (call->body, "blackUserID");

  if (!tern_server_is_self (call, "ownerUserID"))
    return;
  if (!tern_server_state_is_blocked (call->server->state, call->user_id, user_id))
    return;
  tern_server_state_unblock (call->server->state, call->user_id, user_id);
  tern_server_notify (call->server, 1208, call->user_id, user_id, from_to (call->user_id, user_id));
}

/* @divisor: lists give seconds, single look-ups milliseconds. */
static JsonObject *
build_block (TernServerCall        *call,
             const TernServerBlock *block,
             gint64                 divisor)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "ownerUserID", call->user_id);
  json_object_set_int_member (object, "createTime", block->created_ms / divisor);
  json_object_set_member (object, "blackUserInfo",
                          tern_server_public_user_node (call->server, block->user_id));
  json_object_set_int_member (object, "addSource", 0);
  json_object_set_string_member (object, "operatorUserID", call->user_id);
  json_object_set_string_member (object, "ex", block->ex);

  return object;
}

static void
route_black_list (TernServerCall *call)
{
  g_autoptr(GPtrArray) blocks = NULL;
  JsonArray *array;
  guint first;
  guint end;

  if (!tern_server_is_self (call, "userID"))
    return;
  blocks = tern_server_state_list_blocked (call->server->state, call->user_id);
  if (!tern_server_get_page (call, blocks->len, &first, &end))
    return;

  array = json_array_new ();
  for (guint i = first; i < end; i++)
    json_array_add_object_element (array, build_block (call, blocks->pdata[i], 1000));
  call->data = json_object_new ();
  tern_server_set_array (call->data, "blacks", array);
  json_object_set_int_member (call->data, "total", blocks->len);
}

static void
route_some_blacks (TernServerCall *call)
{
  g_auto(GStrv) ids = tern_json_dup_strings (call->body, "userIDList");
  g_autoptr(GHashTable) asked = tern_server_make_set ((const char * const *) ids);
  g_autoptr(GPtrArray) blocks = NULL;
  JsonArray *array;
  guint n;

  if (!tern_server_is_self (call, "ownerUserID"))
    return;
  blocks = tern_server_state_list_blocked (call->server->state, call->user_id);
  array = json_array_new ();
  for (guint i = 0; i < blocks->len; i++)
    {
      const TernServerBlock *block = blocks->pdata[i];

      if (g_hash_table_contains (asked, block->user_id))
        json_array_add_object_element (array, build_block (call, block, 1));
    }
  n = json_array_get_length (array);
  call->data = json_object_new ();
  tern_server_set_array (call->data, "blacks", array);
  json_object_set_int_member (call->data, "total", n);
}

static void
route_incremental_blacks (TernServerCall *call)
{
  tern_server_fail (call, 500, "rpc error: code = Unimplemented desc = method"
                    " GetIncrementalBlacks not implemented");
}

/* --- both at once --- */

/* Here without the person, and with milliseconds. */
static JsonNode *
build_bare_friend (TernServerCall       *call,
                   const TernUserRecord *friend_) /* (nullable) */
{
  JsonNode *node;

  if (friend_ == NULL)
    return json_node_new (JSON_NODE_NULL);

  node = build_friend (call, friend_);
  json_object_set_int_member (json_node_get_object (node), "createTime", friend_->created_ms);
  json_object_set_null_member (json_node_get_object (node), "friendUser");

  return node;
}

static JsonNode *
build_bare_block (TernServerCall *call,
                  GPtrArray      *blocks,
                  const char     *user_id)
{
  JsonNode *node = json_node_new (JSON_NODE_NULL);

  for (guint i = 0; i < blocks->len; i++)
    {
      const TernServerBlock *block = blocks->pdata[i];

      if (strcmp (block->user_id, user_id) != 0)
        continue;
      json_node_unref (node);
      node = tern_json_take_object (build_block (call, block, 1));
      json_object_set_null_member (json_node_get_object (node), "blackUserInfo");
      break;
    }

  return node;
}

static void
route_specified (TernServerCall *call)
{
  g_auto(GStrv) ids = tern_server_dup_ids (call, "userIDList");
  g_autoptr(GPtrArray) blocks = NULL;
  JsonArray *array;

  if (!tern_server_is_self (call, "ownerUserID"))
    return;
  blocks = tern_server_state_list_blocked (call->server->state, call->user_id);
  array = json_array_new ();
  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr(TernUserRecord) user = tern_server_state_find_user (call->server->state, ids[i]);
      g_autoptr(TernUserRecord) friend_ = find_friend (call, ids[i]);
      JsonObject *info;

      if (user == NULL)
        continue;
      info = json_object_new ();
      json_object_set_member (info, "userInfo", tern_api_build_user (user));
      json_object_set_member (info, "friendInfo", build_bare_friend (call, friend_));
      json_object_set_member (info, "blackInfo", build_bare_block (call, blocks, ids[i]));
      json_array_add_object_element (array, info);
    }
  call->data = json_object_new ();
  tern_server_set_array (call->data, "infos", array);
}

/**
 * tern_server_find_friend_route:
 * @path: a route's
 *
 * Returns: (nullable): what answers it, if it is one of these
 */
TernServerRoute
tern_server_find_friend_route (const char *path)
{
  static const TernServerRouteEntry routes[] = {
    { "/friend/get_friend_list", route_list },
    { "/friend/get_designated_friends", route_some },
    { "/friend/get_specified_friends_info", route_specified },
    { "/friend/is_friend", route_is_friend },
    { "/friend/get_friend_id", route_ids },
    { "/friend/update_friends", route_update },
    { "/friend/set_friend_remark", route_set_remark },
    { "/friend/delete_friend", route_delete },
    { "/friend/add_friend", route_apply },
    { "/friend/add_friend_response", route_answer },
    { "/friend/get_friend_apply_list", route_received },
    { "/friend/get_self_friend_apply_list", route_sent },
    { "/friend/get_designated_friend_apply", route_designated },
    { "/friend/get_self_unhandled_apply_count", route_unhandled },
    { "/friend/add_black", route_add_black },
    { "/friend/remove_black", route_remove_black },
    { "/friend/get_black_list", route_black_list },
    { "/friend/get_specified_blacks", route_some_blacks },
    { "/friend/get_incremental_blacks", route_incremental_blacks },
  };

  return tern_server_find_route (routes, G_N_ELEMENTS (routes), path);
}
