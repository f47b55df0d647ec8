/* tern-api-json.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-api-json.h"

#include <string.h>

#include "tern-error.h"

/* The longest body that is looked at (architecture section 11.7). */
#define MAX_BODY_BYTES (16 * 1024 * 1024)

/**
 * tern_api_parse_envelope:
 * @body: the body of an answer
 * @data: (out) (optional) (nullable) (transfer full): its data; %NULL when there is none
 * @error: return location for a #GError
 *
 * Errors: what tern_error_new_server() makes of a code; %TERN_ERROR_PROTOCOL
 *   and %TERN_ERROR_TOO_LARGE when it is no envelope.
 *
 * Returns: whether the server agreed
 */
gboolean
tern_api_parse_envelope (GBytes    *body,
                         JsonNode **data,
                         GError   **error)
{
  g_autoptr(JsonNode) root = tern_json_parse (body, MAX_BODY_BYTES, error);
  JsonNode *code;

  if (data != NULL)
    *data = NULL;
  if (root == NULL)
    return FALSE;

  code = tern_json_get_node (root, "errCode");
  if (code == NULL || json_node_get_value_type (code) != G_TYPE_INT64)
    {
      g_set_error_literal (error, TERN_ERROR, TERN_ERROR_PROTOCOL, "The answer has no errCode");
      return FALSE;
    }

  if (json_node_get_int (code) != 0)
    {
      /* errMsg is a short name, except when a parser's trace is in it. */
      const char *message = tern_json_get_string (root, "errMsg");
      g_autofree char *line = g_utf8_substring (message, 0, MIN (g_utf8_strlen (message, -1), 80));

      g_propagate_error (error, tern_error_new_server ((int) json_node_get_int (code),
                                                       g_strdelimit (line, "\r\n\t", ' ')));
      return FALSE;
    }

  if (data != NULL)
    {
      JsonNode *node = tern_json_get_node (root, "data");

      *data = node != NULL ? json_node_ref (node) : NULL;
    }

  return TRUE;
}

/**
 * tern_api_build_envelope:
 * @code: errCode
 * @message: errMsg
 * @detail: errDlt
 * @data: (nullable): the data; absent when %NULL
 *
 * Returns: (transfer full): the body of an answer
 */
GBytes *
tern_api_build_envelope (int         code,
                         const char *message,
                         const char *detail,
                         JsonNode   *data)
{
  g_autoptr(JsonObject) object = json_object_new ();
  g_autoptr(JsonNode) root = json_node_new (JSON_NODE_OBJECT);

  json_object_set_int_member (object, "errCode", code);
  json_object_set_string_member (object, "errMsg", message);
  json_object_set_string_member (object, "errDlt", detail);
  if (data != NULL)
    json_object_set_member (object, "data", json_node_ref (data));
  json_node_set_object (root, object);

  return tern_json_to_bytes (root);
}

static char *
dup_string (JsonNode   *node,
            const char *member)
{
  return g_strdup (tern_json_get_string (node, member));
}

/**
 * tern_api_parse_conversation:
 * @node: (nullable): a Conversation object
 *
 * Returns: (transfer full) (nullable): the record; %NULL without an ID
 */
TernConversationRecord *
tern_api_parse_conversation (JsonNode *node)
{
  TernConversationRecord *record;

  if (*tern_json_get_string (node, "conversationID") == '\0')
    return NULL;

  record = g_new0 (TernConversationRecord, 1);
  record->id = dup_string (node, "conversationID");
  record->owner_id = dup_string (node, "ownerUserID");
  record->user_id = dup_string (node, "userID");
  record->group_id = dup_string (node, "groupID");
  record->attached_info = dup_string (node, "attachedInfo");
  record->ex = dup_string (node, "ex");
  record->chat_type = (int) tern_json_get_int (node, "conversationType");
  record->recv_opt = (int) tern_json_get_int (node, "recvMsgOpt");
  record->at_type = (int) tern_json_get_int (node, "groupAtType");
  record->burn_s = (int) tern_json_get_int (node, "burnDuration");
  record->is_pinned = tern_json_get_bool (node, "isPinned");
  record->is_private = tern_json_get_bool (node, "isPrivateChat");
  record->is_destruct = tern_json_get_bool (node, "isMsgDestruct");
  record->min_seq = tern_json_get_int (node, "minSeq");
  record->max_seq = tern_json_get_int (node, "maxSeq");
  record->destruct_s = tern_json_get_int (node, "msgDestructTime");
  record->latest_destruct_ms = tern_json_get_int (node, "latestMsgDestructTime");

  return record;
}

/**
 * tern_api_build_conversation:
 * @record: a record
 *
 * Returns: (transfer full): a Conversation object
 */
JsonNode *
tern_api_build_conversation (const TernConversationRecord *record)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "ownerUserID", record->owner_id);
  json_object_set_string_member (object, "conversationID", record->id);
  json_object_set_int_member (object, "recvMsgOpt", record->recv_opt);
  json_object_set_int_member (object, "conversationType", record->chat_type);
  json_object_set_string_member (object, "userID", record->user_id);
  json_object_set_string_member (object, "groupID", record->group_id);
  json_object_set_boolean_member (object, "isPinned", record->is_pinned);
  json_object_set_string_member (object, "attachedInfo", record->attached_info);
  json_object_set_boolean_member (object, "isPrivateChat", record->is_private);
  json_object_set_int_member (object, "groupAtType", record->at_type);
  json_object_set_string_member (object, "ex", record->ex);
  json_object_set_int_member (object, "burnDuration", record->burn_s);
  json_object_set_int_member (object, "minSeq", record->min_seq);
  json_object_set_int_member (object, "maxSeq", record->max_seq);
  json_object_set_int_member (object, "msgDestructTime", record->destruct_s);
  json_object_set_int_member (object, "latestMsgDestructTime", record->latest_destruct_ms);
  json_object_set_boolean_member (object, "isMsgDestruct", record->is_destruct);

  return tern_json_take_object (object);
}

/**
 * tern_api_parse_user:
 * @node: (nullable): a UserInfo object
 *
 * Returns: (transfer full) (nullable): the record; %NULL without an ID
 */
TernUserRecord *
tern_api_parse_user (JsonNode *node)
{
  TernUserRecord *record;

  if (*tern_json_get_string (node, "userID") == '\0')
    return NULL;

  record = g_new0 (TernUserRecord, 1);
  record->id = dup_string (node, "userID");
  record->name = dup_string (node, "nickname");
  record->face_url = dup_string (node, "faceURL");
  record->remark = g_strdup ("");
  record->ex = dup_string (node, "ex");
  record->created_ms = tern_json_get_int (node, "createTime");
  record->level = (int) tern_json_get_int (node, "appMangerLevel");
  record->recv_opt = (int) tern_json_get_int (node, "globalRecvMsgOpt");

  return record;
}

/**
 * tern_api_build_user:
 * @record: a record
 *
 * Returns: (transfer full): a UserInfo object
 */
JsonNode *
tern_api_build_user (const TernUserRecord *record)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "userID", record->id);
  json_object_set_string_member (object, "nickname", record->name);
  json_object_set_string_member (object, "faceURL", record->face_url);
  json_object_set_string_member (object, "ex", record->ex);
  json_object_set_int_member (object, "createTime", record->created_ms);
  json_object_set_int_member (object, "appMangerLevel", record->level);
  json_object_set_int_member (object, "globalRecvMsgOpt", record->recv_opt);

  return tern_json_take_object (object);
}

/**
 * tern_api_parse_friend:
 * @node: (nullable): a FriendInfo object
 *
 * Its createTime is in seconds (protocol 02 section 1.5).
 *
 * Returns: (transfer full) (nullable): the friend; %NULL without an ID
 */
TernUserRecord *
tern_api_parse_friend (JsonNode *node)
{
  TernUserRecord *record = tern_api_parse_user (tern_json_get_node (node, "friendUser"));

  if (record == NULL)
    return NULL;

  g_free (record->remark);
  record->remark = dup_string (node, "remark");
  record->is_friend = TRUE;
  record->is_pinned = tern_json_get_bool (node, "isPinned");
  record->created_ms = CLAMP (tern_json_get_int (node, "createTime"), 0, G_MAXINT64 / 1000) * 1000;

  return record;
}

/**
 * tern_api_build_friend:
 * @record: a friend
 * @owner_id: whose friend
 *
 * Returns: (transfer full): a FriendInfo object
 */
JsonNode *
tern_api_build_friend (const TernUserRecord *record,
                       const char           *owner_id)
{
  JsonObject *object = json_object_new ();
  g_autoptr(TernUserRecord) user = tern_user_record_copy (record);

  /* In friend lists only these four members of the user are filled. */
  user->created_ms = 0;
  user->level = 0;
  user->recv_opt = 0;
  json_object_set_string_member (object, "ownerUserID", owner_id);
  json_object_set_string_member (object, "remark", record->remark);
  json_object_set_int_member (object, "createTime", record->created_ms / 1000);
  json_object_set_member (object, "friendUser", tern_api_build_user (user));
  json_object_set_int_member (object, "addSource", 2);
  json_object_set_string_member (object, "operatorUserID", owner_id);
  json_object_set_string_member (object, "ex", record->ex);
  json_object_set_boolean_member (object, "isPinned", record->is_pinned);

  return tern_json_take_object (object);
}

/**
 * tern_api_parse_group:
 * @node: (nullable): a GroupInfo object
 *
 * Returns: (transfer full) (nullable): the record; %NULL without an ID
 */
TernGroupRecord *
tern_api_parse_group (JsonNode *node)
{
  TernGroupRecord *record;

  if (*tern_json_get_string (node, "groupID") == '\0')
    return NULL;

  record = g_new0 (TernGroupRecord, 1);
  record->id = dup_string (node, "groupID");
  record->name = dup_string (node, "groupName");
  record->face_url = dup_string (node, "faceURL");
  record->announcement = dup_string (node, "notification");
  record->introduction = dup_string (node, "introduction");
  record->owner_id = dup_string (node, "ownerUserID");
  record->creator_id = dup_string (node, "creatorUserID");
  record->ex = dup_string (node, "ex");
  record->announcer_id = dup_string (node, "notificationUserID");
  record->created_ms = tern_json_get_int (node, "createTime");
  record->announced_ms = tern_json_get_int (node, "notificationUpdateTime");
  record->n_members = (guint) CLAMP (tern_json_get_int (node, "memberCount"), 0, G_MAXINT);
  record->status = (int) tern_json_get_int (node, "status");
  record->group_type = (int) tern_json_get_int (node, "groupType");
  record->need_verification = (int) tern_json_get_int (node, "needVerification");
  record->look_member_info = (int) tern_json_get_int (node, "lookMemberInfo");
  record->apply_member_friend = (int) tern_json_get_int (node, "applyMemberFriend");

  return record;
}

/**
 * tern_api_build_group:
 * @record: a record
 *
 * Returns: (transfer full): a GroupInfo object
 */
JsonNode *
tern_api_build_group (const TernGroupRecord *record)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "groupID", record->id);
  json_object_set_string_member (object, "groupName", record->name);
  json_object_set_string_member (object, "notification", record->announcement);
  json_object_set_string_member (object, "introduction", record->introduction);
  json_object_set_string_member (object, "faceURL", record->face_url);
  json_object_set_string_member (object, "ownerUserID", record->owner_id);
  json_object_set_int_member (object, "createTime", record->created_ms);
  json_object_set_int_member (object, "memberCount", record->n_members);
  json_object_set_string_member (object, "ex", record->ex);
  json_object_set_int_member (object, "status", record->status);
  json_object_set_string_member (object, "creatorUserID", record->creator_id);
  json_object_set_int_member (object, "groupType", record->group_type);
  json_object_set_int_member (object, "needVerification", record->need_verification);
  json_object_set_int_member (object, "lookMemberInfo", record->look_member_info);
  json_object_set_int_member (object, "applyMemberFriend", record->apply_member_friend);
  json_object_set_int_member (object, "notificationUpdateTime", record->announced_ms);
  json_object_set_string_member (object, "notificationUserID", record->announcer_id);

  return tern_json_take_object (object);
}

/**
 * tern_api_parse_member:
 * @node: (nullable): a GroupMemberFullInfo object
 *
 * Returns: (transfer full) (nullable): the record; %NULL without its two IDs
 */
TernMemberRecord *
tern_api_parse_member (JsonNode *node)
{
  TernMemberRecord *record;

  if (*tern_json_get_string (node, "groupID") == '\0' ||
      *tern_json_get_string (node, "userID") == '\0')
    return NULL;

  record = g_new0 (TernMemberRecord, 1);
  record->group_id = dup_string (node, "groupID");
  record->user_id = dup_string (node, "userID");
  record->name = dup_string (node, "nickname");
  record->face_url = dup_string (node, "faceURL");
  record->operator_id = dup_string (node, "operatorUserID");
  record->inviter_id = dup_string (node, "inviterUserID");
  record->ex = dup_string (node, "ex");
  record->joined_ms = tern_json_get_int (node, "joinTime");
  record->mute_end_ms = tern_json_get_int (node, "muteEndTime");
  record->role = (int) tern_json_get_int (node, "roleLevel");
  record->join_source = (int) tern_json_get_int (node, "joinSource");

  return record;
}

/**
 * tern_api_build_member:
 * @record: a record
 *
 * Returns: (transfer full): a GroupMemberFullInfo object
 */
JsonNode *
tern_api_build_member (const TernMemberRecord *record)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "groupID", record->group_id);
  json_object_set_string_member (object, "userID", record->user_id);
  json_object_set_int_member (object, "roleLevel", record->role);
  json_object_set_int_member (object, "joinTime", record->joined_ms);
  json_object_set_string_member (object, "nickname", record->name);
  json_object_set_string_member (object, "faceURL", record->face_url);
  json_object_set_int_member (object, "appMangerLevel", 0);
  json_object_set_int_member (object, "joinSource", record->join_source);
  json_object_set_string_member (object, "operatorUserID", record->operator_id);
  json_object_set_string_member (object, "ex", record->ex);
  json_object_set_int_member (object, "muteEndTime", record->mute_end_ms);
  json_object_set_string_member (object, "inviterUserID", record->inviter_id);

  return tern_json_take_object (object);
}

static gpointer
parse_row (TernDataset dataset,
           JsonNode   *node)
{
  switch (dataset)
    {
    case TERN_DATASET_CONVERSATIONS:
      return tern_api_parse_conversation (node);
    case TERN_DATASET_FRIENDS:
      return tern_api_parse_friend (node);
    case TERN_DATASET_SELF:
      return tern_api_parse_user (node);
    case TERN_DATASET_GROUPS:
      return tern_api_parse_group (node);
    case TERN_DATASET_MEMBERS:
      return tern_api_parse_member (node);
    default:
      g_return_val_if_reached (NULL);
    }
}

/**
 * tern_api_parse_list:
 * @update: what the rows are added to
 * @data: (nullable): the data of an answer
 * @member: the name of the array in it
 *
 * Adds a page of rows. What is no row is passed over.
 *
 * Returns: the answer's total, or -1 where there is none
 */
gint64
tern_api_parse_list (TernRecordUpdate *update,
                     JsonNode         *data,
                     const char       *member)
{
  JsonNode *list = tern_json_get_node (data, member);

  if (list != NULL && JSON_NODE_HOLDS_ARRAY (list))
    {
      JsonArray *array = json_node_get_array (list);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          gpointer row = parse_row (update->dataset, json_array_get_element (array, i));

          if (row != NULL)
            g_ptr_array_add (update->rows, row);
        }
    }

  return tern_json_get_node (data, "total") != NULL ? tern_json_get_int (data, "total") : -1;
}

/**
 * tern_api_parse_incremental:
 * @dataset: what was asked for
 * @entity: the group of %TERN_DATASET_MEMBERS, else ""
 * @data: (nullable): the data of the answer
 * @is_full: (out): whether the whole list must be fetched
 *
 * Returns: (transfer full): what changed, with the version to remember
 */
TernRecordUpdate *
tern_api_parse_incremental (TernDataset  dataset,
                            const char  *entity,
                            JsonNode    *data,
                            gboolean    *is_full)
{
  TernRecordUpdate *update = tern_record_update_new (dataset, entity);
  g_auto(GStrv) removed = tern_json_dup_strings (data, "delete");

  *is_full = tern_json_get_bool (data, "full");
  g_free (update->version_id);
  update->version_id = dup_string (data, "versionID");
  update->version = (guint64) MAX (tern_json_get_int (data, "version"), 0);
  update->group = tern_api_parse_group (tern_json_get_node (data, "group"));
  if (*is_full)
    return update;

  tern_api_parse_list (update, data, "insert");
  tern_api_parse_list (update, data, "update");
  for (guint i = 0; removed[i] != NULL; i++)
    g_ptr_array_add (update->removed, g_strdup (removed[i]));

  return update;
}
