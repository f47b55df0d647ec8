/* tern-server-history.c: what somebody may read, for both ways to ask
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 01 section 4; protocol 03 sections 4.6, 4.9.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server.h"

#define MAX_CONTENT_BYTES (16 * 1024 * 1024)
/* So many messages that were sent as deleted ones are looked past, each at the
 * price of so much of the answer. */
#define MAX_LOOKED_PAST 100
#define LOOKED_PAST_BYTES 256

static char *
companion_of (const char *conversation_id)
{
  const char *rest = strchr (conversation_id, '_');

  return g_strconcat ("n", rest != NULL ? rest : "_", NULL);
}

/* --- seqs --- */

static void
add_newest (TernServer *self,
            GPtrArray  *states,
            const char *conversation_id)
{
  gint64 max_seq = tern_server_state_get_max_seq (self->state, conversation_id);

  if (max_seq > 0)
    g_ptr_array_add (states, tern_seq_state_new (conversation_id, max_seq, 0));
}

/**
 * tern_server_list_newest:
 * @self: a server
 * @user_id: who
 *
 * Returns: (transfer full) (element-type TernSeqState): of his conversations
 *   and their notifications, as far as there are messages
 */
GPtrArray *
tern_server_list_newest (TernServer *self,
                         const char *user_id)
{
  g_autoptr(GPtrArray) records = tern_server_state_list_conversations (self->state, user_id);
  g_autofree char *own = tern_conversation_id_for_pair ("n", user_id, user_id);
  GPtrArray *states = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_state_free);

  for (guint i = 0; i < records->len; i++)
    {
      const TernConversationRecord *record = records->pdata[i];
      g_autofree char *companion = companion_of (record->id);

      add_newest (self, states, record->id);
      if (strcmp (companion, own) != 0)
        add_newest (self, states, companion);
    }
  add_newest (self, states, own);

  return states;
}

/**
 * tern_server_list_read_seqs:
 * @self: a server
 * @user_id: who
 * @ids: (array zero-terminated=1): of which conversations; none: of all
 *
 * Returns: (transfer full) (element-type TernSeqState): one for each; zeros for
 *   one that is not known
 */
GPtrArray *
tern_server_list_read_seqs (TernServer         *self,
                            const char         *user_id,
                            const char * const *ids)
{
  g_autoptr(GPtrArray) records = NULL;
  GPtrArray *states = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_state_free);
  guint n = g_strv_length ((char **) ids);

  /* Unknown ones get zeros. */
  if (n == 0)
    records = tern_server_state_list_conversations (self->state, user_id);
  for (guint i = 0; i < (records != NULL ? records->len : n); i++)
    {
      const char *id = records != NULL ? ((TernConversationRecord *) records->pdata[i])->id
                                       : ids[i];
      TernSeqState *state;
      gint64 low;
      gint64 high;

      tern_server_state_get_bounds (self->state, user_id, id, &low, &high);
      state = tern_seq_state_new (id, high,
                                  tern_server_state_get_read_seq (self->state, user_id, id));
      state->max_seq_ms = tern_server_state_get_max_seq_ms (self->state, id);
      if (state->max_seq_ms == 0) /* first looked up now */
        state->max_seq_ms = tern_clock_get_wall_ms ();
      g_ptr_array_add (states, state);
    }

  return states;
}

/**
 * tern_server_list_pinned:
 * @self: a server
 * @user_id: who
 *
 * Returns: (transfer full): the IDs of what he has pinned
 */
char **
tern_server_list_pinned (TernServer *self,
                         const char *user_id)
{
  g_autoptr(GPtrArray) records = tern_server_state_list_conversations (self->state, user_id);
  g_autoptr(GStrvBuilder) ids = g_strv_builder_new ();

  for (guint i = 0; i < records->len; i++)
    {
      const TernConversationRecord *record = records->pdata[i];

      if (record->is_pinned)
        g_strv_builder_add (ids, record->id);
    }

  return g_strv_builder_end (ids);
}

/* --- rights --- */

/**
 * tern_server_is_own_chat:
 * @self: a server
 * @record: somebody's record of a conversation
 *
 * A record alone is no right: anybody may make one of any conversation.
 *
 * Returns: whether its owner takes or took part in that chat
 */
gboolean
tern_server_is_own_chat (TernServer                   *self,
                         const TernConversationRecord *record)
{
  gboolean is_group = record->chat_type == TERN_CHAT_GROUP;
  g_autofree char *id = is_group ? tern_conversation_id_for_group (record->group_id)
    : tern_conversation_id_for_pair (record->chat_type == TERN_CHAT_OFFICIAL ? "sn" : "si",
                                     record->owner_id, record->user_id);
  g_autoptr(TernMemberRecord) member = NULL;

  if (strcmp (id, record->id) != 0)
    return FALSE;
  if (!is_group)
    return TRUE;

  member = tern_server_state_find_member (self->state, record->group_id, record->owner_id);

  /* Of who has left there is a bound; a group that ended has no members. */
  return member != NULL || record->max_seq > 0 ||
         !tern_server_state_is_self_made (self->state, record->owner_id, id);
}

/**
 * tern_server_find_chat:
 * @self: a server
 * @user_id: who wants to do something there that others notice
 * @conversation_id: of a chat, not of notifications
 *
 * Unlike the real server, which asks for no more than a record.
 *
 * Returns: (transfer full) (nullable): the person's record of an own chat
 */
TernConversationRecord *
tern_server_find_chat (TernServer *self,
                       const char *user_id,
                       const char *conversation_id)
{
  g_autoptr(TernConversationRecord) record =
    tern_server_state_find_conversation (self->state, user_id, conversation_id);

  if (record == NULL || !tern_server_is_own_chat (self, record))
    return NULL;

  return g_steal_pointer (&record);
}

/**
 * tern_server_may_read:
 * @self: a server
 * @user_id: who asks
 * @conversation_id: of a chat or of notifications
 *
 * Returns: whether the conversation is one of the person's
 */
gboolean
tern_server_may_read (TernServer *self,
                      const char *user_id,
                      const char *conversation_id)
{
  static const char * const prefixes[] = { "si", "sg", "sn" };
  g_autoptr(TernConversationRecord) chat = NULL;
  g_autofree char *own = tern_conversation_id_for_pair ("n", user_id, user_id);
  const char *rest = strchr (conversation_id, '_');

  if (!tern_conversation_id_is_notification (conversation_id))
    {
      chat = tern_server_find_chat (self, user_id, conversation_id);
      return chat != NULL;
    }
  /* Not those of strangers, unlike the real server. */
  if (strcmp (own, conversation_id) == 0)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (prefixes) && chat == NULL; i++)
    {
      g_autofree char *id = g_strconcat (prefixes[i], rest, NULL);

      chat = tern_server_find_chat (self, user_id, id);
    }

  return chat != NULL;
}

/* --- quotes --- */

static void
copy_member (JsonObject *to,
             const char *name,
             JsonNode   *from,
             const char *from_name,
             gboolean    is_text)
{
  if (is_text)
    json_object_set_string_member (to, name, tern_json_get_string (from, from_name));
  else
    json_object_set_int_member (to, name, tern_json_get_int (from, from_name));
}

/* As the real server writes it: with the keys of MsgData, not of MsgStruct. */
static JsonObject *
build_quote (JsonNode   *quote,
             const char *content)
{
  JsonObject *object = json_object_new ();

  copy_member (object, "sendID", quote, "sendID", TRUE);
  copy_member (object, "recvID", quote, "recvID", TRUE);
  copy_member (object, "groupID", quote, "groupID", TRUE);
  copy_member (object, "clientMsgID", quote, "clientMsgID", TRUE);
  copy_member (object, "serverMsgID", quote, "serverMsgID", TRUE);
  copy_member (object, "senderPlatformID", quote, "senderPlatformID", FALSE);
  copy_member (object, "senderNickname", quote, "senderNickname", TRUE);
  copy_member (object, "senderFaceURL", quote, "senderFaceUrl", TRUE);
  copy_member (object, "sessionType", quote, "sessionType", FALSE);
  copy_member (object, "msgFrom", quote, "msgFrom", FALSE);
  json_object_set_int_member (object, "contentType", TERN_CONTENT_REVOKED);
  json_object_set_string_member (object, "content", content);
  copy_member (object, "seq", quote, "seq", FALSE);
  copy_member (object, "sendTime", quote, "sendTime", FALSE);
  copy_member (object, "createTime", quote, "createTime", FALSE);
  copy_member (object, "status", quote, "status", FALSE);
  json_object_set_boolean_member (object, "isRead", tern_json_get_bool (quote, "isRead"));
  json_object_set_null_member (object, "offlinePushInfo");
  json_object_set_null_member (object, "atUserIDList");
  copy_member (object, "attachedInfo", quote, "attachedInfo", TRUE);
  copy_member (object, "ex", quote, "ex", TRUE);
  json_object_set_int_member (object, "keyVersion", 0);
  json_object_set_null_member (object, "dstUserIDs");

  return object;
}

/* What a quote of a revoked message shows instead; %NULL: the message still
 * stands, or nobody knows it. */
static char *
dup_revoked_content (TernServer *self,
                     const char *conversation_id,
                     gint64      seq)
{
  g_autoptr(TernMessageRecord) quoted = NULL;
  gconstpointer data;
  gsize size;

  if (seq <= 0)
    return g_strdup ("{}");
  quoted = tern_server_state_find_message (self->state, conversation_id, seq);
  if (quoted == NULL || quoted->content_type != TERN_CONTENT_REVOKED || quoted->content == NULL)
    return NULL;
  data = g_bytes_get_data (quoted->content, &size);

  return g_strndup (data, size);
}

static void
rewrite_quote (TernServer        *self,
               TernMessageRecord *message)
{
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(GBytes) plain = NULL;
  g_autofree char *content = NULL;
  JsonNode *quote;

  if (message->content_type != TERN_CONTENT_QUOTE || message->content == NULL)
    return;
  root = tern_json_parse (message->content, MAX_CONTENT_BYTES, NULL);
  quote = tern_json_get_node (root, "quoteMessage");
  if (quote == NULL || !JSON_NODE_HOLDS_OBJECT (quote))
    return;
  content = dup_revoked_content (self, message->conversation_id,
                                 tern_json_get_int (quote, "seq"));
  if (content == NULL)
    return;

  json_object_set_object_member (json_node_get_object (root), "quoteMessage",
                                 build_quote (quote, content));
  plain = tern_json_to_bytes (root);
  g_bytes_unref (message->content);
  message->content = tern_server_escape_html (plain);
}

/* --- MsgData in JSON --- */

static int
compare_keys (gconstpointer a,
              gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

static JsonNode *
build_options (const TernMessageRecord *message)
{
  const TernOptions all = message->options_off | message->options_on;
  g_autoptr(GPtrArray) keys = g_ptr_array_new ();
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < 32; i++)
    {
      const char *key = tern_wire_get_option_key ((TernOptions) (1u << i));

      if (key != NULL && (all & (1u << i)) != 0)
        g_ptr_array_add (keys, (gpointer) key);
    }
  g_ptr_array_sort (keys, compare_keys);
  for (guint i = 0; i < keys->len; i++)
    json_object_set_boolean_member (object, keys->pdata[i],
                                    (message->options_off &
                                     tern_wire_get_option (keys->pdata[i])) == 0);

  return tern_json_take_object (object);
}

static JsonNode *
build_push (const TernOfflinePush *push)
{
  JsonNode *node = json_node_new (push != NULL ? JSON_NODE_OBJECT : JSON_NODE_NULL);
  JsonObject *object;

  if (push == NULL)
    return node;

  object = json_object_new ();
  json_object_set_string_member (object, "title", push->title);
  json_object_set_string_member (object, "desc", push->desc);
  json_object_set_string_member (object, "ex", push->ex);
  json_object_set_string_member (object, "iOSPushSound", push->ios_sound);
  json_object_set_boolean_member (object, "iOSBadgeCount", push->ios_badge);
  json_object_set_string_member (object, "signalInfo", push->signal_info);

  return tern_json_take_object (object);
}

static JsonNode *
build_mentions (char **ids)
{
  JsonNode *node = json_node_new (ids != NULL && *ids != NULL ? JSON_NODE_ARRAY : JSON_NODE_NULL);

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_array_new ();

      for (guint i = 0; ids[i] != NULL; i++)
        json_array_add_string_element (array, ids[i]);
      json_node_take_array (node, array);
    }

  return node;
}

/**
 * tern_server_build_message:
 * @message: what is stored
 *
 * Returns: (transfer full): MsgData as REST spells it
 */
JsonNode *
tern_server_build_message (const TernMessageRecord *message)
{
  JsonObject *object = json_object_new ();
  gsize size = 0;
  const guchar *data = message->content != NULL ? g_bytes_get_data (message->content, &size) : NULL;
  g_autofree char *content = size > 0 ? g_base64_encode (data, size) : g_strdup ("");

  json_object_set_string_member (object, "sendID", message->sender_id);
  json_object_set_string_member (object, "recvID", message->recv_id);
  json_object_set_string_member (object, "groupID", message->group_id);
  json_object_set_string_member (object, "clientMsgID", message->client_id);
  json_object_set_string_member (object, "serverMsgID", message->server_id);
  json_object_set_int_member (object, "senderPlatformID", message->sender_platform);
  json_object_set_string_member (object, "senderNickname", message->sender_name);
  json_object_set_string_member (object, "senderFaceURL", message->sender_face_url);
  json_object_set_int_member (object, "sessionType", message->chat_type);
  json_object_set_int_member (object, "msgFrom", message->msg_from);
  json_object_set_int_member (object, "contentType", message->content_type);
  if (size > 0)
    json_object_set_string_member (object, "content", content);
  else
    json_object_set_null_member (object, "content");
  json_object_set_int_member (object, "seq", message->seq);
  json_object_set_int_member (object, "sendTime", message->sent_ms);
  json_object_set_int_member (object, "createTime", message->created_ms);
  json_object_set_int_member (object, "status", message->status);
  json_object_set_boolean_member (object, "isRead", message->is_read);
  if ((message->options_off | message->options_on) != 0)
    json_object_set_member (object, "options", build_options (message));
  json_object_set_member (object, "offlinePushInfo", build_push (message->offline_push));
  json_object_set_member (object, "atUserIDList", build_mentions (message->at_user_ids));
  json_object_set_string_member (object, "attachedInfo", message->attached_info);
  json_object_set_string_member (object, "ex", message->ex);

  return tern_json_take_object (object);
}

/* --- messages --- */

/**
 * tern_server_list_messages:
 * @self: a server
 * @user_id: for whom
 * @conversation_id: which conversation
 * @first: the first seq
 * @last: the last seq
 * @left: (inout): so many bytes may still be answered; 0 afterwards: it was too
 *   much
 *
 * Quotes of what was revoked are rewritten. Rights are not checked.
 *
 * Returns: (transfer full) (nullable) (element-type TernMessageRecord): one for
 *   each seq; %NULL: too much
 */
GPtrArray *
tern_server_list_messages (TernServer *self,
                           const char *user_id,
                           const char *conversation_id,
                           gint64      first,
                           gint64      last,
                           gsize      *left)
{
  GPtrArray *messages = tern_server_state_list_messages (self->state, user_id, conversation_id,
                                                         first, last, left);

  for (guint i = 0; messages != NULL && i < messages->len; i++)
    rewrite_quote (self, messages->pdata[i]);

  return messages;
}

/**
 * tern_server_pull_range:
 * @self: a server
 * @user_id: who
 * @range: what is asked for
 * @is_descending: from which end the rest is to come
 * @left: (inout): so many bytes may still be answered; 0 afterwards: it was too
 *   much
 *
 * Returns: (transfer full) (nullable): what he may read of it; %NULL also when
 *   that is nothing
 */
TernMessageBatch *
tern_server_pull_range (TernServer           *self,
                        const char           *user_id,
                        const TernSeqRequest *range,
                        gboolean              is_descending,
                        gsize                *left)
{
  gboolean is_notification = tern_conversation_id_is_notification (range->conversation_id);
  g_autoptr(GPtrArray) messages = NULL;
  gint64 low;
  gint64 high;
  gint64 first;
  gint64 last;
  TernMessageBatch *batch;

  if (!tern_server_may_read (self, user_id, range->conversation_id))
    return NULL;
  tern_server_state_get_bounds (self->state, user_id, range->conversation_id, &low, &high);
  /* In a fresh chat the window may begin with seq 0, and a junk placeholder. */
  first = MAX (range->first, is_notification ? MAX (low, 1) : low);
  last = MIN (range->last, high);
  if (low > range->last || first > last || (!is_notification && range->max_messages <= 0))
    return NULL;
  if (!is_notification && last - first + 1 > range->max_messages)
    first = last - range->max_messages + 1;

  messages = tern_server_list_messages (self, user_id, range->conversation_id, first, last, left);
  if (messages == NULL)
    return NULL;

  batch = tern_message_batch_new (range->conversation_id);
  g_ptr_array_unref (batch->messages);
  batch->messages = g_steal_pointer (&messages);
  batch->is_end = is_descending ? range->first <= low : high <= range->last;

  return batch;
}

/**
 * tern_server_find_newest:
 * @self: a server
 * @user_id: who
 * @conversation_id: which conversation
 * @left: (inout): so many bytes may still be answered; 0 afterwards: it was too
 *   much
 *
 * Of what is not deleted for everybody; what the person deleted counts.
 *
 * Returns: (transfer full) (nullable): the newest that he may read
 */
TernMessageRecord *
tern_server_find_newest (TernServer *self,
                         const char *user_id,
                         const char *conversation_id,
                         gsize      *left)
{
  gint64 low;
  gint64 high;

  if (!tern_server_may_read (self, user_id, conversation_id))
    return NULL;

  tern_server_state_get_bounds (self->state, user_id, conversation_id, &low, &high);
  for (guint n = 0; n <= MAX_LOOKED_PAST; n++)
    {
      gint64 seq = tern_server_state_find_newest_seq (self->state, conversation_id, high);
      g_autoptr(TernMessageRecord) stored = NULL;
      g_autoptr(GPtrArray) seen = NULL;
      TernMessageRecord *message;

      if (seq == 0 || seq < low)
        return NULL;
      stored = tern_server_state_find_message (self->state, conversation_id, seq);
      if (stored == NULL || stored->status >= TERN_MESSAGE_DELETED)
        {
          *left -= MIN (*left, LOOKED_PAST_BYTES);
          if (*left == 0)
            return NULL;
          high = seq - 1;
          continue;
        }

      seen = tern_server_list_messages (self, user_id, conversation_id, seq, seq, left);
      if (seen == NULL)
        return NULL;
      message = g_ptr_array_steal_index (seen, 0);
      /* Unlike a pull, this is answered from the permanent store. */
      if (message->status == TERN_MESSAGE_SENDING)
        message->status = TERN_MESSAGE_SENT;
      return message;
    }

  return NULL;
}
