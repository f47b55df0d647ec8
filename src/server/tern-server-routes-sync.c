/* tern-server-routes-sync.c: what has changed since
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 section 6.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-server.h"

/* A batch ends when so many changes are in it. */
#define MAX_BATCH 500

typedef JsonNode *(*Build) (TernServer *self, const char *owner, const char *element);

/* --- elements --- */

static JsonNode *
build_friend (TernServer *self,
              const char *owner,
              const char *element)
{
  return tern_server_friend_node (self, owner, element);
}

static JsonNode *
build_group (TernServer *self,
             const char *owner,
             const char *element)
{
  g_autoptr(TernGroupRecord) group = tern_server_state_find_group (self->state, element);

  return group != NULL ? tern_api_build_group (group) : NULL;
}

static JsonNode *
build_member (TernServer *self,
              const char *owner,
              const char *element)
{
  g_autoptr(TernMemberRecord) member = tern_server_state_find_member (self->state, owner, element);

  return member != NULL ? tern_api_build_member (member) : NULL;
}

static JsonNode *
build_conversation (TernServer *self,
                    const char *owner,
                    const char *element)
{
  g_autoptr(TernConversationRecord) record =
    tern_server_state_find_conversation (self->state, owner, element);

  if (record == NULL || tern_server_state_is_unseen (self->state, owner, element))
    return NULL;

  return tern_api_build_conversation (record);
}

/* --- incremental --- */

static void
set_elements (TernServer         *self,
              JsonObject         *data,
              const char         *member,
              const char         *owner,
              const char * const *ids,
              Build               build)
{
  JsonArray *array = json_array_new ();

  for (gsize i = 0; ids[i] != NULL; i++)
    {
      JsonNode *node = build (self, owner, ids[i]);

      if (node != NULL)
        json_array_add_element (array, node);
    }
  tern_server_set_array (data, member, array);
}

static JsonObject *
build_changes (TernServer              *self,
               const TernServerChanges *changes,
               const char              *owner,
               Build                    build)
{
  JsonObject *data = json_object_new ();

  json_object_set_int_member (data, "version", (gint64) changes->version);
  json_object_set_string_member (data, "versionID", changes->version_id);
  json_object_set_boolean_member (data, "full", changes->is_full);
  tern_server_set_strings (data, "delete", (const char * const *) changes->deleted);
  set_elements (self, data, "insert", owner, (const char * const *) changes->inserted, build);
  set_elements (self, data, "update", owner, (const char * const *) changes->updated, build);

  return data;
}

static TernServerChanges *
get_changes (TernServerCall *call,
             TernDataset     dataset,
             const char     *owner,
             JsonNode       *asked)
{
  return tern_server_state_get_changes (call->server->state, dataset, owner,
                                        tern_json_get_string (asked, "versionID"),
                                        (guint64) tern_json_get_int (asked, "version"));
}

static void
answer_own (TernServerCall *call,
            TernDataset     dataset,
            Build           build)
{
  const char *owner = tern_json_get_string (call->body, "userID");
  g_autoptr(TernServerChanges) changes = NULL;

  if (!tern_server_is_self (call, "userID"))
    return;
  changes = get_changes (call, dataset, owner, call->body);
  call->data = build_changes (call->server, changes, owner, build);
  if (dataset != TERN_DATASET_CONVERSATIONS)
    json_object_set_int_member (call->data, "sortVersion", (gint64) changes->sort_version);
}

static void
route_friends (TernServerCall *call)
{
  answer_own (call, TERN_DATASET_FRIENDS, build_friend);
}

static void
route_groups (TernServerCall *call)
{
  answer_own (call, TERN_DATASET_GROUPS, build_group);
}

static void
route_conversations (TernServerCall *call)
{
  answer_own (call, TERN_DATASET_CONVERSATIONS, build_conversation);
}

/* (nullable): the group is dismissed. @n_changes grows. */
static JsonObject *
build_members (TernServerCall *call,
               JsonNode       *asked,
               gsize          *n_changes)
{
  const char *group_id = tern_json_get_string (asked, "groupID");
  g_autoptr(TernGroupRecord) group =
    tern_server_state_find_group (call->server->state, group_id);
  g_autoptr(TernServerChanges) changes = NULL;
  JsonObject *data;
  gsize n;

  if (group == NULL || group->status == 2)
    return NULL;
  changes = get_changes (call, TERN_DATASET_MEMBERS, group_id, asked);
  n = g_strv_length (changes->deleted) + g_strv_length (changes->inserted) +
      g_strv_length (changes->updated);
  *n_changes += n;
  data = build_changes (call->server, changes, group_id, build_member);
  if (changes->is_full || changes->is_owner_changed || n > 0)
    json_object_set_member (data, "group", tern_api_build_group (group));
  else
    json_object_set_null_member (data, "group");
  json_object_set_int_member (data, "sortVersion", (gint64) changes->sort_version);

  return data;
}

static void
route_members (TernServerCall *call)
{
  gsize n_changes = 0;

  if (!tern_server_require (call, "groupID", "groupID is empty") ||
      !tern_server_is_member (call, tern_json_get_string (call->body, "groupID")))
    return;
  call->data = build_members (call, call->body, &n_changes);
  if (call->data == NULL)
    tern_server_fail (call, 1204, "");
}

static void
route_members_batch (TernServerCall *call)
{
  JsonNode *node = tern_json_get_node (call->body, "reqList");
  JsonArray *list = node != NULL ? json_node_get_array (node) : NULL;
  g_autoptr(JsonObject) answers = json_object_new ();
  gsize n_changes = 0;

  for (guint i = 0; list != NULL && i < json_array_get_length (list) && n_changes < MAX_BATCH; i++)
    {
      JsonNode *asked = json_array_get_element (list, i);
      const char *group_id = tern_json_get_string (asked, "groupID");
      JsonObject *answer;

      if (!tern_server_is_member (call, group_id))
        return;
      answer = build_members (call, asked, &n_changes);
      if (answer != NULL)
        json_object_set_object_member (answers, group_id, answer);
    }
  call->data = json_object_new ();
  if (json_object_get_size (answers) > 0)
    json_object_set_object_member (call->data, "respList", g_steal_pointer (&answers));
}

/* --- full lists --- */

/* Of the compact JSON text, the first eight bytes of its MD5. */
static guint64
hash_ids (const char * const *ids)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autoptr(GChecksum) md5 = g_checksum_new (G_CHECKSUM_MD5);
  g_autofree char *text = NULL;
  JsonArray *array;
  guint8 digest[16];
  gsize size = sizeof digest;
  guint64 hash = 0;

  if (ids[0] == NULL)
    return 0;
  array = json_array_new ();
  for (gsize i = 0; ids[i] != NULL; i++)
    json_array_add_string_element (array, ids[i]);
  json_node_take_array (node, array);
  text = json_to_string (node, FALSE);
  g_checksum_update (md5, (const guchar *) text, -1);
  g_checksum_get_digest (md5, digest, &size);
  for (guint i = 0; i < 8; i++)
    hash = hash << 8 | digest[i];

  return hash;
}

static void
answer_ids (TernServerCall     *call,
            TernDataset         dataset,
            const char         *owner,
            const char         *member,
            const char * const *ids)
{
  g_autoptr(TernServerChanges) changes =
    tern_server_state_get_changes (call->server->state, dataset, owner, "", 0);
  gboolean is_equal = hash_ids (ids) == (guint64) tern_json_get_int (call->body, "idHash");

  call->data = json_object_new ();
  json_object_set_int_member (call->data, "version", (gint64) changes->version);
  json_object_set_string_member (call->data, "versionID", changes->version_id);
  json_object_set_boolean_member (call->data, "equal", is_equal);
  if (is_equal)
    json_object_set_null_member (call->data, member);
  else
    tern_server_set_strings (call->data, member, ids);
}

static void
route_friend_ids (TernServerCall *call)
{
  const char *owner = tern_json_get_string (call->body, "userID");
  g_autoptr(GPtrArray) friends = NULL;
  g_autoptr(GPtrArray) ids = g_ptr_array_new ();

  if (!tern_server_is_self (call, "userID"))
    return;
  friends = tern_server_state_list_friends (call->server->state, owner);
  for (guint i = 0; i < friends->len; i++)
    g_ptr_array_add (ids, ((TernUserRecord *) friends->pdata[i])->id);
  g_ptr_array_add (ids, NULL);
  answer_ids (call, TERN_DATASET_FRIENDS, owner, "userIDs", (const char * const *) ids->pdata);
}

static void
route_group_ids (TernServerCall *call)
{
  const char *owner = tern_json_get_string (call->body, "userID");
  g_autoptr(GPtrArray) groups = NULL;
  g_autoptr(GPtrArray) ids = g_ptr_array_new ();

  if (!tern_server_is_self (call, "userID"))
    return;
  groups = tern_server_state_list_groups (call->server->state, owner);
  for (guint i = 0; i < groups->len; i++)
    g_ptr_array_add (ids, ((TernGroupRecord *) groups->pdata[i])->id);
  g_ptr_array_add (ids, NULL);
  answer_ids (call, TERN_DATASET_GROUPS, owner, "groupIDs", (const char * const *) ids->pdata);
}

static void
route_member_ids (TernServerCall *call)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  g_auto(GStrv) ids = NULL;

  if (!tern_server_require (call, "groupID", "groupID is empty") ||
      !tern_server_is_member (call, group_id))
    return;
  ids = tern_server_state_list_member_ids (call->server->state, group_id);
  answer_ids (call, TERN_DATASET_MEMBERS, group_id, "userIDs", (const char * const *) ids);
}

static void
route_conversation_ids (TernServerCall *call)
{
  const char *owner = tern_json_get_string (call->body, "userID");
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GPtrArray) ids = g_ptr_array_new ();

  if (!tern_server_is_self (call, "userID"))
    return;
  records = tern_server_state_list_conversations (call->server->state, owner);
  for (guint i = 0; i < records->len; i++)
    g_ptr_array_add (ids, ((TernConversationRecord *) records->pdata[i])->id);
  g_ptr_array_add (ids, NULL);
  answer_ids (call, TERN_DATASET_CONVERSATIONS, owner, "conversationIDs",
              (const char * const *) ids->pdata);
}

/**
 * tern_server_find_sync_route:
 * @path: a route's
 *
 * Returns: (nullable): what answers it, if it is one of these
 */
TernServerRoute
tern_server_find_sync_route (const char *path)
{
  static const TernServerRouteEntry routes[] = {
    { "/conversation/get_full_conversation_ids", route_conversation_ids },
    { "/conversation/get_incremental_conversations", route_conversations },
    { "/friend/get_full_friend_user_ids", route_friend_ids },
    { "/friend/get_incremental_friends", route_friends },
    { "/group/get_full_group_member_user_ids", route_member_ids },
    { "/group/get_full_join_group_ids", route_group_ids },
    { "/group/get_incremental_group_members", route_members },
    { "/group/get_incremental_group_members_batch", route_members_batch },
    { "/group/get_incremental_join_groups", route_groups },
  };

  return tern_server_find_route (routes, G_N_ELEMENTS (routes), path);
}
