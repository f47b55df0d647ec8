/* golden-bodies.c: protobuf bodies as the JSON of the recordings
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "golden-bodies.h"

#include <string.h>

#include "tern-wire.h"

static const struct
{
  TernOptions option;
  const char *key;
} option_keys[] = {
  { TERN_OPTION_HISTORY, "history" },
  { TERN_OPTION_PERSISTENT, "persistent" },
  { TERN_OPTION_UNREAD_COUNT, "unreadCount" },
  { TERN_OPTION_CONVERSATION_UPDATE, "conversationUpdate" },
  { TERN_OPTION_SENDER_CONVERSATION_UPDATE, "senderConversationUpdate" },
  { TERN_OPTION_OFFLINE_PUSH, "offlinePush" },
  { TERN_OPTION_SENDER_SYNC, "senderSync" },
  { TERN_OPTION_NOT_PRIVATE, "notPrivate" },
  { TERN_OPTION_REACTION_FROM_CACHE, "reactionFromCache" },
  { TERN_OPTION_SENDER_NOTIFICATION_PUSH, "senderNotificationPush" },
  { TERN_OPTION_IS_NOT_NOTIFICATION, "isNotNotification" },
  { TERN_OPTION_IS_SEND_MSG, "isSendMsg" },
};

static void
put_string (JsonObject *object,
            const char *key,
            const char *value)
{
  if (*value != '\0')
    json_object_set_string_member (object, key, value);
}

static void
put_int (JsonObject *object,
         const char *key,
         gint64      value)
{
  if (value != 0)
    json_object_set_int_member (object, key, value);
}

static JsonObject *
message_to_json (const TernMessageRecord *message)
{
  JsonObject *object = json_object_new ();

  put_string (object, "sendID", message->sender_id);
  put_string (object, "recvID", message->recv_id);
  put_string (object, "groupID", message->group_id);
  put_string (object, "clientMsgID", message->client_id);
  put_string (object, "serverMsgID", message->server_id);
  put_int (object, "senderPlatformID", message->sender_platform);
  put_string (object, "senderNickname", message->sender_name);
  put_string (object, "senderFaceURL", message->sender_face_url);
  put_int (object, "sessionType", message->chat_type);
  put_int (object, "msgFrom", message->msg_from);
  put_int (object, "contentType", message->content_type);
  if (message->content != NULL)
    {
      gsize size;
      const char *data = g_bytes_get_data (message->content, &size);
      g_autofree char *text = g_utf8_make_valid (data, (gssize) size);

      json_object_set_string_member (object, "content", text);
    }
  put_int (object, "seq", message->seq);
  put_int (object, "sendTime", message->sent_ms);
  put_int (object, "createTime", message->created_ms);
  put_int (object, "status", message->status);
  if (message->is_read)
    json_object_set_boolean_member (object, "isRead", TRUE);
  put_string (object, "attachedInfo", message->attached_info);
  put_string (object, "ex", message->ex);
  if (message->options_off != 0 || message->options_on != 0)
    {
      JsonObject *options = json_object_new ();

      for (guint i = 0; i < G_N_ELEMENTS (option_keys); i++)
        {
          if ((message->options_off & option_keys[i].option) != 0)
            json_object_set_boolean_member (options, option_keys[i].key, FALSE);
          else if ((message->options_on & option_keys[i].option) != 0)
            json_object_set_boolean_member (options, option_keys[i].key, TRUE);
        }
      json_object_set_object_member (object, "options", options);
    }
  if (message->at_user_ids != NULL)
    {
      JsonArray *ids = json_array_new ();

      for (guint i = 0; message->at_user_ids[i] != NULL; i++)
        json_array_add_string_element (ids, message->at_user_ids[i]);
      json_object_set_array_member (object, "atUserIDList", ids);
    }
  if (message->offline_push != NULL)
    {
      JsonObject *push = json_object_new ();

      put_string (push, "title", message->offline_push->title);
      put_string (push, "desc", message->offline_push->desc);
      put_string (push, "ex", message->offline_push->ex);
      put_string (push, "iOSPushSound", message->offline_push->ios_sound);
      put_string (push, "signalInfo", message->offline_push->signal_info);
      if (message->offline_push->ios_badge)
        json_object_set_boolean_member (push, "iOSBadgeCount", TRUE);
      json_object_set_object_member (object, "offlinePushInfo", push);
    }

  return object;
}

static JsonObject *
batches_to_json (GPtrArray *batches)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < batches->len; i++)
    {
      const TernMessageBatch *batch = batches->pdata[i];
      const char *map = tern_conversation_id_is_notification (batch->conversation_id)
                          ? "notificationMsgs" : "msgs";
      JsonObject *value = json_object_new ();
      JsonArray *messages = json_array_new ();

      if (!json_object_has_member (object, map))
        json_object_set_object_member (object, map, json_object_new ());
      for (guint k = 0; k < batch->messages->len; k++)
        json_array_add_object_element (messages, message_to_json (batch->messages->pdata[k]));
      if (batch->messages->len > 0)
        json_object_set_array_member (value, "Msgs", messages);
      else
        json_array_unref (messages);
      if (batch->is_end)
        json_object_set_boolean_member (value, "isEnd", TRUE);
      put_int (value, "endSeq", batch->end_seq);
      json_object_set_object_member (json_object_get_object_member (object, map),
                                     batch->conversation_id, value);
    }

  return object;
}

static JsonArray *
strings_to_json (char **strings)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; strings[i] != NULL; i++)
    json_array_add_string_element (array, strings[i]);

  return array;
}

static void
put_strings (JsonObject  *object,
             const char  *key,
             char       **strings)
{
  if (strings[0] != NULL)
    json_object_set_array_member (object, key, strings_to_json (strings));
}

static JsonObject *
decode_get_max_seq_req (GBytes  *body,
                        GBytes **again)
{
  JsonObject *object = json_object_new ();
  g_autofree char *user_id = NULL;

  user_id = tern_wire_decode_newest_seqs (body, NULL);
  *again = tern_wire_encode_newest_seqs (user_id);
  put_string (object, "userID", user_id);

  return object;
}

static JsonObject *
decode_msg_data (GBytes  *body,
                 GBytes **again)
{
  JsonObject *object;
  g_autoptr(TernMessageRecord) message = NULL;

  message = tern_wire_decode_message (body, NULL);
  *again = tern_wire_encode_message (message);
  object = message_to_json (message);

  return object;
}

static JsonObject *
decode_pull_message_by_seqs_req (GBytes  *body,
                                 GBytes **again)
{
  JsonObject *object = json_object_new ();
  g_autofree char *user_id = NULL;
  g_autoptr(GPtrArray) list = NULL;
  gboolean flag = FALSE;
  JsonArray *ranges = json_array_new ();

  list = tern_wire_decode_pull_ranges (body, &user_id, &flag, NULL);
  *again = tern_wire_encode_pull_ranges (user_id, list, flag);
  for (guint i = 0; i < list->len; i++)
    {
      const TernSeqRequest *range = list->pdata[i];
      JsonObject *item = json_object_new ();

      put_string (item, "conversationID", range->conversation_id);
      put_int (item, "begin", range->first);
      put_int (item, "end", range->last);
      put_int (item, "num", range->max_messages);
      json_array_add_object_element (ranges, item);
    }
  put_string (object, "userID", user_id);
  put_int (object, "order", flag);
  if (list->len > 0)
    json_object_set_array_member (object, "seqRanges", ranges);
  else
    json_array_unref (ranges);

  return object;
}

static JsonObject *
decode_get_seq_message_req (GBytes  *body,
                            GBytes **again)
{
  JsonObject *object = json_object_new ();
  g_autofree char *user_id = NULL;
  g_autoptr(GPtrArray) list = NULL;
  gboolean flag = FALSE;
  JsonArray *conversations = json_array_new ();

  list = tern_wire_decode_pull_list (body, &user_id, &flag, NULL);
  *again = tern_wire_encode_pull_list (user_id, list, flag);
  for (guint i = 0; i < list->len; i++)
    {
      const TernSeqList *seqs = list->pdata[i];
      JsonObject *item = json_object_new ();
      JsonArray *numbers = json_array_new ();

      for (guint k = 0; k < seqs->seqs->len; k++)
        json_array_add_int_element (numbers, g_array_index (seqs->seqs, gint64, k));
      put_string (item, "conversationID", seqs->conversation_id);
      if (seqs->seqs->len > 0)
        json_object_set_array_member (item, "seqs", numbers);
      else
        json_array_unref (numbers);
      json_array_add_object_element (conversations, item);
    }
  put_string (object, "userID", user_id);
  put_int (object, "order", flag);
  if (list->len > 0)
    json_object_set_array_member (object, "conversations", conversations);
  else
    json_array_unref (conversations);

  return object;
}

static JsonObject *
decode_get_conversations_has_read_and_max_seq_req (GBytes  *body,
                                                   GBytes **again)
{
  JsonObject *object = json_object_new ();
  g_autofree char *user_id = NULL;
  g_auto(GStrv) ids = NULL;
  gboolean flag = FALSE;

  ids = tern_wire_decode_read_seqs (body, &user_id, &flag, NULL);
  *again = tern_wire_encode_read_seqs (user_id, (const char * const *) ids, flag);
  put_string (object, "userID", user_id);
  put_strings (object, "conversationIDs", ids);
  if (flag)
    json_object_set_boolean_member (object, "returnPinned", TRUE);

  return object;
}

static JsonObject *
decode_get_last_message_req (GBytes  *body,
                             GBytes **again)
{
  JsonObject *object = json_object_new ();
  g_autofree char *user_id = NULL;
  g_auto(GStrv) ids = NULL;

  ids = tern_wire_decode_last_messages (body, &user_id, NULL);
  *again = tern_wire_encode_last_messages (user_id, (const char * const *) ids);
  put_string (object, "userID", user_id);
  put_strings (object, "conversationIDs", ids);

  return object;
}

static JsonObject *
decode_sub_user_online_status (GBytes  *body,
                               GBytes **again)
{
  JsonObject *object = json_object_new ();
  g_auto(GStrv) ids = NULL;
  g_auto(GStrv) others = NULL;

  g_assert_true (tern_wire_decode_presence (body, &ids, &others, NULL));
  *again = tern_wire_encode_presence ((const char * const *) ids,
                                      (const char * const *) others);
  put_strings (object, "subscribeUserID", ids);
  put_strings (object, "unsubscribeUserID", others);

  return object;
}

static JsonObject *
decode_set_app_background_status_req (GBytes  *body,
                                      GBytes **again)
{
  JsonObject *object = json_object_new ();
  g_autofree char *user_id = NULL;
  gboolean flag = FALSE;

  g_assert_true (tern_wire_decode_background (body, &user_id, &flag, NULL));
  *again = tern_wire_encode_background (user_id, flag);
  put_string (object, "userID", user_id);
  if (flag)
    json_object_set_boolean_member (object, "isBackground", TRUE);

  return object;
}

static JsonObject *
decode_del_user_push_token_req (GBytes  *body,
                                GBytes **again)
{
  JsonObject *object = json_object_new ();
  g_autofree char *user_id = NULL;
  int platform = 0;

  g_assert_true (tern_wire_decode_logout (body, &user_id, &platform, NULL));
  *again = tern_wire_encode_logout (user_id, platform);
  put_string (object, "userID", user_id);
  put_int (object, "platformID", platform);

  return object;
}

static JsonObject *
decode_push_messages (GBytes  *body,
                      GBytes **again)
{
  JsonObject *object;
  g_autoptr(GPtrArray) list = NULL;

  list = tern_wire_decode_batches (body, NULL);
  *again = tern_wire_encode_batches (list);
  object = batches_to_json (list);

  return object;
}

static JsonObject *
decode_send_msg_resp (GBytes  *body,
                      GBytes **again)
{
  JsonObject *object = json_object_new ();
  g_autoptr(TernSendReply) reply = tern_wire_decode_send_reply (body, NULL);

  *again = tern_wire_encode_send_reply (reply);
  put_string (object, "serverMsgID", reply->server_id);
  put_string (object, "clientMsgID", reply->client_id);
  put_int (object, "sendTime", reply->sent_ms);
  g_assert_null (reply->modify);

  return object;
}

static JsonObject *
decode_get_max_seq_resp (GBytes  *body,
                         GBytes **again)
{
  JsonObject *object = json_object_new ();
  g_autoptr(GPtrArray) list = NULL;
  JsonObject *seqs = json_object_new ();

  list = tern_wire_decode_newest_seqs_reply (body, NULL);
  *again = tern_wire_encode_newest_seqs_reply (list);
  for (guint i = 0; i < list->len; i++)
    json_object_set_int_member (seqs, ((TernSeqState *) list->pdata[i])->conversation_id,
                                ((TernSeqState *) list->pdata[i])->max_seq);
  if (list->len > 0)
    json_object_set_object_member (object, "maxSeqs", seqs);
  else
    json_object_unref (seqs);

  return object;
}

static JsonObject *
decode_get_conversations_has_read_and_max_seq_resp (GBytes  *body,
                                                    GBytes **again)
{
  JsonObject *object = json_object_new ();
  g_autoptr(GPtrArray) list = NULL;
  JsonObject *seqs = json_object_new ();
  g_auto(GStrv) pinned = NULL;

  list = tern_wire_decode_read_seqs_reply (body, &pinned, NULL);
  *again = tern_wire_encode_read_seqs_reply (list, (const char * const *) pinned);
  for (guint i = 0; i < list->len; i++)
    {
      const TernSeqState *state = list->pdata[i];
      JsonObject *item = json_object_new ();

      put_int (item, "maxSeq", state->max_seq);
      put_int (item, "hasReadSeq", state->read_seq);
      put_int (item, "maxSeqTime", state->max_seq_ms);
      json_object_set_object_member (seqs, state->conversation_id, item);
    }
  if (list->len > 0)
    json_object_set_object_member (object, "seqs", seqs);
  else
    json_object_unref (seqs);
  put_strings (object, "pinnedConversationIDs", pinned);

  return object;
}

static JsonObject *
decode_get_last_message_resp (GBytes  *body,
                              GBytes **again)
{
  JsonObject *object = json_object_new ();
  g_autoptr(GPtrArray) list = NULL;
  JsonObject *messages = json_object_new ();

  list = tern_wire_decode_last_messages_reply (body, NULL);
  *again = tern_wire_encode_last_messages_reply (list);
  for (guint i = 0; i < list->len; i++)
    json_object_set_object_member (messages,
                                   ((TernMessageRecord *) list->pdata[i])->conversation_id,
                                   message_to_json (list->pdata[i]));
  if (list->len > 0)
    json_object_set_object_member (object, "msgs", messages);
  else
    json_object_unref (messages);

  return object;
}

static JsonObject *
decode_sub_user_online_status_tips (GBytes  *body,
                                    GBytes **again)
{
  JsonObject *object = json_object_new ();
  g_autoptr(GPtrArray) list = NULL;
  JsonArray *people = json_array_new ();

  list = tern_wire_decode_presence_reply (body, NULL);
  *again = tern_wire_encode_presence_reply (list);
  for (guint i = 0; i < list->len; i++)
    {
      const TernPresence *presence = list->pdata[i];
      JsonObject *item = json_object_new ();
      JsonArray *platforms = json_array_new ();

      for (guint k = 0; k < presence->platforms->len; k++)
        json_array_add_int_element (platforms, g_array_index (presence->platforms, gint32, k));
      put_string (item, "userID", presence->user_id);
      if (presence->platforms->len > 0)
        json_object_set_array_member (item, "onlinePlatformIDs", platforms);
      else
        json_array_unref (platforms);
      json_array_add_object_element (people, item);
    }
  if (list->len > 0)
    json_object_set_array_member (object, "subscribers", people);
  else
    json_array_unref (people);

  return object;
}

static JsonObject *
decode_del_user_push_token_resp (GBytes  *body,
                                 GBytes **again)
{
  JsonObject *object = json_object_new ();

  *again = g_bytes_new (NULL, 0);

  return object;
}

static const struct
{
  const char *type;
  JsonObject *(*decode) (GBytes *body, GBytes **again);
} bodies[] = {
  { "GetMaxSeqReq", decode_get_max_seq_req },
  { "MsgData", decode_msg_data },
  { "PullMessageBySeqsReq", decode_pull_message_by_seqs_req },
  { "GetSeqMessageReq", decode_get_seq_message_req },
  { "GetConversationsHasReadAndMaxSeqReq", decode_get_conversations_has_read_and_max_seq_req },
  { "GetLastMessageReq", decode_get_last_message_req },
  { "SubUserOnlineStatus", decode_sub_user_online_status },
  { "SetAppBackgroundStatusReq", decode_set_app_background_status_req },
  { "DelUserPushTokenReq", decode_del_user_push_token_req },
  { "PushMessages", decode_push_messages },
  { "PullMessageBySeqsResp", decode_push_messages },
  { "GetSeqMessageResp", decode_push_messages },
  { "SendMsgResp", decode_send_msg_resp },
  { "GetMaxSeqResp", decode_get_max_seq_resp },
  { "GetConversationsHasReadAndMaxSeqResp", decode_get_conversations_has_read_and_max_seq_resp },
  { "GetLastMessageResp", decode_get_last_message_resp },
  { "SubUserOnlineStatusTips", decode_sub_user_online_status_tips },
  { "DelUserPushTokenResp", decode_del_user_push_token_resp },
};

/**
 * golden_decode_body:
 * @type: the message's name in the recording
 * @body: (nullable): its bytes
 * @again: (out): the same, encoded by us
 *
 * Returns: (transfer full): what our decoder makes of it, named as recorded
 */
JsonObject *
golden_decode_body (const char *type,
                    GBytes     *body,
                    GBytes    **again)
{
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    if (strcmp (bodies[i].type, type) == 0)
      return bodies[i].decode (body, again);

  g_error ("no decoder for %s", type);
}
