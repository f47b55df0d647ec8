/* tern-server-routes-messages.c: read state, revoke, delete
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 section 5.6; protocol 03 sections 3.4, 3.6, 4.9, 4.10.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server.h"

/* Of a range that is marked as read, no more than this beyond the end: a
 * pointer may be set to anything (protocol 03 section 3.4). And no more before
 * it than one call may cost. */
#define MAX_BEYOND 1000
#define MAX_PASSED TERN_SERVER_MAX_ASKED

static GArray *
read_seqs (JsonNode *body)
{
  JsonNode *node = tern_json_get_node (body, "seqs");
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node)
                                                                  : NULL;
  GArray *seqs = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *item = json_array_get_element (array, i);
      gint64 seq = json_node_get_value_type (item) == G_TYPE_INT64 ? json_node_get_int (item) : 0;

      g_array_append_val (seqs, seq);
    }

  return seqs;
}

/* The seqs of @first, then those of @more, each once. */
static GArray *
join_seqs (const GArray *first,
           const GArray *more)
{
  g_autoptr(GHashTable) known = g_hash_table_new (g_int64_hash, g_int64_equal);
  GArray *seqs = g_array_sized_new (FALSE, FALSE, sizeof (gint64), first->len + more->len);

  for (guint i = 0; i < first->len + more->len; i++)
    {
      gint64 *seq = i < first->len ? &g_array_index (first, gint64, i)
                                   : &g_array_index (more, gint64, i - first->len);

      if (g_hash_table_add (known, seq))
        g_array_append_vals (seqs, seq, 1);
    }

  return seqs;
}

static gboolean
has_seq (const GArray *seqs,
         gint64        seq)
{
  for (guint i = 0; i < seqs->len; i++)
    {
      if (g_array_index (seqs, gint64, i) == seq)
        return TRUE;
    }

  return FALSE;
}

/* An empty list is null. */
static void
set_seqs (JsonObject   *object,
          const GArray *seqs)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < seqs->len; i++)
    json_array_add_int_element (array, g_array_index (seqs, gint64, i));
  tern_server_set_array (object, "seqs", array);
}

/* Of a stranger's chat there is none, whatever record he made of it. */
static TernConversationRecord *
find_conversation (TernServerCall *call,
                   const char     *id)
{
  TernConversationRecord *record = tern_server_find_chat (call->server, call->user_id, id);

  if (record == NULL)
    tern_server_fail (call, 1004, "conversation not found");

  return record;
}

/* --- read state --- */

static void
mark_messages (TernServer   *self,
               const char   *reader_id,
               const char   *conversation_id,
               const GArray *seqs)
{
  gint64 max_seq = tern_server_state_get_max_seq (self->state, conversation_id);

  for (guint i = 0; i < seqs->len; i++)
    {
      gint64 seq = g_array_index (seqs, gint64, i);
      g_autoptr(TernMessageRecord) message = seq <= max_seq
        ? tern_server_state_find_message (self->state, conversation_id, seq) : NULL;

      if (message == NULL || message->is_read || strcmp (message->sender_id, reader_id) == 0)
        continue;
      message->is_read = TRUE;
      tern_server_state_replace (self->state, message);
    }
}

static JsonObject *
build_receipt (TernServerCall *call,
               const char     *conversation_id,
               const GArray   *seqs, /* (nullable) */
               gint64          read_seq)
{
  JsonObject *detail = json_object_new ();

  json_object_set_string_member (detail, "markAsReadUserID", call->user_id);
  json_object_set_string_member (detail, "conversationID", conversation_id);
  if (seqs != NULL)
    set_seqs (detail, seqs);
  else
    json_object_set_null_member (detail, "seqs");
  json_object_set_int_member (detail, "hasReadSeq", read_seq);

  return detail;
}

static void
mark_single (TernServerCall               *call,
             const TernConversationRecord *record,
             gint64                        read_seq,
             const GArray                 *asked)
{
  TernServerState *state = call->server->state;
  gint64 old = tern_server_state_get_read_seq (state, call->user_id, record->id);
  gint64 last = MIN (read_seq, tern_server_state_get_max_seq (state, record->id) + MAX_BEYOND);
  g_autoptr(GArray) passed = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr(GArray) seqs = NULL;

  /* @old may be the greatest number there is. */
  for (gint64 seq = MAX (old, last - MAX_PASSED); seq < last;)
    {
      seq++;
      g_array_append_val (passed, seq);
    }
  seqs = join_seqs (passed, asked);
  mark_messages (call->server, call->user_id, record->id, seqs);
  tern_server_state_set_read_seq (state, call->user_id, record->id, read_seq);
  tern_server_notify (call->server, TERN_CONTENT_READ, call->user_id, record->user_id,
                      build_receipt (call, record->id, seqs, MAX (old, read_seq)));
}

static void
route_mark_conversation (TernServerCall *call)
{
  TernServerState *state = call->server->state;
  const char *id = tern_json_get_string (call->body, "conversationID");
  gint64 read_seq = tern_json_get_int (call->body, "hasReadSeq");
  g_autoptr(TernConversationRecord) record = NULL;
  g_autoptr(GArray) seqs = read_seqs (call->body);

  if (read_seq < 1)
    tern_server_fail (call, 1001, "hasReadSeq is invalid");
  else if (has_seq (seqs, 0))
    tern_server_fail (call, 1001, "seqs has 0 value is invalid");
  if (call->code != 0 || !tern_server_is_self (call, "userID"))
    return;
  record = find_conversation (call, id);
  if (record == NULL)
    return;

  if (record->chat_type == TERN_CHAT_SINGLE)
    {
      mark_single (call, record, read_seq, seqs);
      return;
    }
  tern_server_state_set_read_seq (state, call->user_id, id, read_seq);
  tern_server_notify (call->server, TERN_CONTENT_READ, call->user_id, call->user_id,
                      build_receipt (call, id, NULL,
                                     tern_server_state_get_read_seq (state, call->user_id, id)));
}

static gboolean
is_within (TernServerCall *call,
           const char     *conversation_id,
           gint64          seq)
{
  return seq <= tern_server_state_get_max_seq (call->server->state, conversation_id) ||
         tern_server_fail (call, 1001, "hasReadSeq must not be bigger than maxSeq");
}

static void
route_mark_messages (TernServerCall *call)
{
  const char *id = tern_json_get_string (call->body, "conversationID");
  g_autoptr(GArray) seqs = read_seqs (call->body);
  g_autoptr(TernConversationRecord) record = NULL;
  gint64 read_seq;

  /* An empty list gets past the check and breaks the function. */
  call->panics = seqs->len == 0 && tern_json_get_node (call->body, "seqs") != NULL;
  if (seqs->len == 0)
    tern_server_fail (call, 1001, "seqs is empty");
  else if (has_seq (seqs, 0))
    tern_server_fail (call, 1001, "seqs has 0 value is invalid");
  if (call->code != 0 || !tern_server_is_self (call, "userID"))
    return;
  read_seq = g_array_index (seqs, gint64, seqs->len - 1);
  if (!is_within (call, id, read_seq))
    return;
  record = find_conversation (call, id);
  if (record == NULL)
    return;

  if (record->chat_type == TERN_CHAT_SINGLE)
    mark_messages (call->server, call->user_id, id, seqs);
  tern_server_state_set_read_seq (call->server->state, call->user_id, id, read_seq);
  tern_server_notify_conversation (call->server, TERN_CONTENT_READ, call->user_id, record,
                                   build_receipt (call, id, seqs, read_seq));
}

static void
route_set_read_seq (TernServerCall *call)
{
  const char *id = tern_json_get_string (call->body, "conversationID");
  gint64 read_seq = tern_json_get_int (call->body, "hasReadSeq");

  if (read_seq < 1)
    tern_server_fail (call, 1001, "hasReadSeq is invalid");
  if (call->code != 0 || !tern_server_is_self (call, "userID") || !is_within (call, id, read_seq))
    return;

  tern_server_state_set_read_seq (call->server->state, call->user_id, id, read_seq);
  tern_server_notify (call->server, TERN_CONTENT_READ, call->user_id, call->user_id,
                      build_receipt (call, id, NULL, read_seq));
}

/* --- the requests of the long connection, asked here --- */

static int
compare_states (gconstpointer a,
                gconstpointer b)
{
  const TernSeqState *one = *(const TernSeqState * const *) a;
  const TernSeqState *other = *(const TernSeqState * const *) b;

  return strcmp (one->conversation_id, other->conversation_id);
}

static void
route_read_seqs (TernServerCall *call)
{
  g_auto(GStrv) ids = tern_json_dup_strings (call->body, "conversationIDs");
  g_auto(GStrv) pinned = NULL;
  g_autoptr(GPtrArray) states = NULL;
  JsonObject *seqs;
  JsonArray *array;

  if (!tern_server_is_self (call, "userID"))
    return;
  states = tern_server_list_read_seqs (call->server, call->user_id, (const char * const *) ids);
  g_ptr_array_sort (states, compare_states);
  call->data = json_object_new ();
  seqs = json_object_new ();
  for (guint i = 0; i < states->len; i++)
    {
      const TernSeqState *state = states->pdata[i];
      JsonObject *object = json_object_new ();

      json_object_set_int_member (object, "maxSeq", state->max_seq);
      json_object_set_int_member (object, "hasReadSeq", state->read_seq);
      json_object_set_int_member (object, "maxSeqTime", state->max_seq_ms);
      json_object_set_object_member (seqs, state->conversation_id, object);
    }
  if (states->len > 0)
    json_object_set_object_member (call->data, "seqs", seqs);
  else
    json_object_unref (seqs);

  array = json_array_new ();
  pinned = tern_server_list_pinned (call->server, call->user_id);
  for (guint i = 0; pinned[i] != NULL && tern_json_get_bool (call->body, "returnPinned"); i++)
    json_array_add_string_element (array, pinned[i]);
  tern_server_set_array (call->data, "pinnedConversationIDs", array);
}

static void
route_newest (TernServerCall *call)
{
  g_autoptr(GPtrArray) states = NULL;
  JsonObject *seqs;

  if (!tern_server_is_self (call, "userID"))
    return;
  states = tern_server_list_newest (call->server, call->user_id);
  g_ptr_array_sort (states, compare_states);
  seqs = json_object_new ();
  for (guint i = 0; i < states->len; i++)
    {
      const TernSeqState *state = states->pdata[i];

      json_object_set_int_member (seqs, state->conversation_id, state->max_seq);
    }
  call->data = json_object_new ();
  json_object_set_object_member (call->data, "maxSeqs", seqs);
}

static void
add_batch (JsonObject       *data,
           TernMessageBatch *batch)
{
  const char *member = tern_conversation_id_is_notification (batch->conversation_id)
                         ? "notificationMsgs" : "msgs";
  JsonObject *object = json_object_new ();
  JsonArray *messages = json_array_new ();

  for (guint i = 0; i < batch->messages->len; i++)
    json_array_add_element (messages, tern_server_build_message (batch->messages->pdata[i]));
  json_object_set_array_member (object, "Msgs", messages);
  json_object_set_boolean_member (object, "isEnd", batch->is_end);
  json_object_set_int_member (object, "endSeq", batch->end_seq);
  if (!json_object_has_member (data, member))
    json_object_set_object_member (data, member, json_object_new ());
  json_object_set_object_member (json_object_get_object_member (data, member),
                                 batch->conversation_id, object);
}

static void
route_pull (TernServerCall *call)
{
  JsonNode *node = tern_json_get_node (call->body, "seqRanges");
  JsonArray *ranges = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node)
                                                                   : NULL;
  guint n = ranges != NULL ? json_array_get_length (ranges) : 0;
  gboolean is_descending = tern_json_get_int (call->body, "order") == 1;
  gsize left = TERN_SERVER_MAX_ANSWER_BYTES;

  if (!tern_server_is_self (call, "userID"))
    return;
  call->data = json_object_new ();
  for (guint i = 0; i < n && left > 0; i++)
    {
      JsonNode *asked = json_array_get_element (ranges, i);
      TernSeqRequest range = {
        .conversation_id = (char *) tern_json_get_string (asked, "conversationID"),
        .first = tern_json_get_int (asked, "begin"),
        .last = tern_json_get_int (asked, "end"),
        .max_messages = tern_json_get_int (asked, "num"),
      };
      g_autoptr(TernMessageBatch) batch =
        tern_server_pull_range (call->server, call->user_id, &range, is_descending, &left);

      if (batch != NULL)
        add_batch (call->data, batch);
    }
  if (left == 0)
    tern_server_fail (call, 500, "the answer is too long");
}

static void
route_server_time (TernServerCall *call)
{
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "serverTime", tern_clock_get_wall_ms ());
}

static void
route_check_sent (TernServerCall *call)
{
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "status", 0);
}

/* --- revoke --- */

/* The role in which it is revoked, or a failure. */
static gboolean
may_revoke (TernServerCall          *call,
            const TernMessageRecord *message,
            int                     *role)
{
  g_autoptr(TernMemberRecord) own = NULL;
  g_autoptr(TernMemberRecord) author = NULL;
  gboolean is_author = strcmp (message->sender_id, call->user_id) == 0;

  *role = 0;
  if (message->chat_type != TERN_CHAT_GROUP)
    return is_author || call->is_admin ||
           tern_server_fail_printf (call, 1002, "ownerUserID, %s=MISSING", message->sender_id);

  own = tern_server_state_find_member (call->server->state, message->group_id, call->user_id);
  author = tern_server_state_find_member (call->server->state, message->group_id,
                                          message->sender_id);
  if (own != NULL)
    *role = own->role;

  return is_author || call->is_admin || *role == 100 ||
         (*role == 60 && (author == NULL || author->role < 60)) ||
         tern_server_fail (call, 1002, "no permission");
}

static GBytes *
build_revoked (TernServerCall          *call,
               const TernMessageRecord *message,
               int                      role,
               gint64                   now_ms)
{
  g_autoptr(TernUserRecord) user = tern_server_state_find_user (call->server->state,
                                                                call->user_id);
  JsonObject *detail = json_object_new ();

  json_object_set_string_member (detail, "revokerID", call->user_id);
  json_object_set_int_member (detail, "revokerRole", role);
  json_object_set_string_member (detail, "clientMsgID", message->client_id);
  json_object_set_string_member (detail, "revokerNickname", user != NULL ? user->name : "");
  json_object_set_int_member (detail, "revokeTime", now_ms);
  json_object_set_int_member (detail, "sourceMessageSendTime", message->sent_ms);
  json_object_set_string_member (detail, "sourceMessageSendID", message->sender_id);
  json_object_set_string_member (detail, "sourceMessageSenderNickname", message->sender_name);
  json_object_set_int_member (detail, "sessionType", message->chat_type);
  json_object_set_int_member (detail, "seq", message->seq);
  json_object_set_string_member (detail, "ex", "");

  return tern_server_wrap_detail (detail);
}

static void
revoke_message (TernServerCall    *call,
                TernMessageRecord *message,
                int                role)
{
  gint64 now_ms = tern_clock_get_wall_ms ();
  JsonObject *detail = json_object_new ();

  g_clear_pointer (&message->content, g_bytes_unref);
  message->content = build_revoked (call, message, role, now_ms);
  message->content_type = TERN_CONTENT_REVOKED;
  if (message->status == TERN_MESSAGE_SENDING) /* comes from the permanent store from now on */
    message->status = TERN_MESSAGE_SENT;
  tern_server_state_replace (call->server->state, message);

  json_object_set_string_member (detail, "revokerUserID", call->operator_id);
  json_object_set_string_member (detail, "clientMsgID", message->client_id);
  json_object_set_int_member (detail, "revokeTime", now_ms);
  json_object_set_int_member (detail, "sesstionType", message->chat_type);
  json_object_set_int_member (detail, "seq", message->seq);
  json_object_set_string_member (detail, "conversationID", message->conversation_id);
  json_object_set_boolean_member (detail, "isAdminRevoke", call->is_admin);
  if (message->chat_type == TERN_CHAT_GROUP)
    tern_server_notify_group (call->server, TERN_CONTENT_REVOKED, call->user_id, message->group_id,
                              TERN_SERVER_LINE_DEFAULT, detail);
  else
    tern_server_notify (call->server, TERN_CONTENT_REVOKED, call->user_id, message->recv_id,
                        detail);
}

static void
route_revoke (TernServerCall *call)
{
  const char *id = tern_json_get_string (call->body, "conversationID");
  gint64 seq = tern_json_get_int (call->body, "seq");
  g_autoptr(TernMessageRecord) message = NULL;
  int role;

  if (seq < 1)
    tern_server_fail (call, 1001, "seq is invalid");
  if (call->code != 0 || !tern_server_is_self (call, "userID"))
    return;
  message = tern_server_state_find_message (call->server->state, id, seq);
  if (message == NULL)
    tern_server_fail (call, 1004, "msg not found");
  else if (message->content_type == TERN_CONTENT_REVOKED)
    tern_server_fail (call, 1404, "msg already revoke");
  else if (may_revoke (call, message, &role))
    revoke_message (call, message, role);
}

/* --- delete and clear --- */

static void
read_sync_options (TernServerCall *call,
                   gboolean       *is_for_self,
                   gboolean       *is_for_all)
{
  JsonNode *options = tern_json_get_node (call->body, "deleteSyncOpt");

  *is_for_self = tern_json_get_bool (options, "IsSyncSelf");
  *is_for_all = tern_json_get_bool (options, "IsSyncOther");
}

/* The newest seq that the person may read; 0: none. */
static gint64
find_last (TernServerCall *call,
           const char     *id)
{
  gint64 low;
  gint64 high = 0;

  if (tern_server_may_read (call->server, call->user_id, id))
    tern_server_state_get_bounds (call->server->state, call->user_id, id, &low, &high);

  return high;
}

static void
route_delete (TernServerCall *call)
{
  const char *id = tern_json_get_string (call->body, "conversationID");
  g_autoptr(GArray) seqs = read_seqs (call->body);
  g_autoptr(TernConversationRecord) record = NULL;
  gint64 last;
  gboolean is_for_self;
  gboolean is_for_all;
  JsonObject *detail;

  if (!tern_server_is_self (call, "userID"))
    return;
  last = find_last (call, id);
  read_sync_options (call, &is_for_self, &is_for_all);
  if (is_for_all)
    {
      record = find_conversation (call, id);
      if (record == NULL)
        return;
    }
  for (guint i = 0; i < seqs->len; i++)
    {
      gint64 seq = g_array_index (seqs, gint64, i);

      if (seq > last)
        continue;
      if (is_for_all)
        tern_server_state_erase (call->server->state, id, seq);
      else
        tern_server_state_hide (call->server->state, call->user_id, id, seq);
    }
  if (!is_for_all && !is_for_self)
    return;

  detail = json_object_new ();
  json_object_set_string_member (detail, "userID", call->user_id);
  json_object_set_string_member (detail, "conversationID", id);
  set_seqs (detail, seqs);
  if (is_for_all)
    tern_server_notify_conversation (call->server, TERN_CONTENT_DELETED, call->user_id, record,
                                     detail);
  else
    tern_server_notify (call->server, TERN_CONTENT_DELETED, call->user_id, call->user_id, detail);
}

static JsonObject *
build_cleared (TernServerCall *call,
               JsonArray      *ids) /* (transfer full) */
{
  JsonObject *detail = json_object_new ();

  json_object_set_string_member (detail, "userID", call->user_id);
  json_object_set_array_member (detail, "conversationIDs", ids);

  return detail;
}

static void
clear_for_all (TernServerCall               *call,
               const TernConversationRecord *record)
{
  JsonArray *ids = json_array_new ();

  json_array_add_string_element (ids, record->id);
  tern_server_state_raise_min_seq (call->server->state, record->id,
                                   find_last (call, record->id) + 1);
  tern_server_notify_conversation (call->server, 1703, call->user_id, record,
                                   build_cleared (call, ids));
}

static void
clear (TernServerCall *call,
       GPtrArray      *records)
{
  TernServerState *state = call->server->state;
  JsonArray *ids = json_array_new ();
  gboolean is_for_self;
  gboolean is_for_all;

  read_sync_options (call, &is_for_self, &is_for_all);
  for (guint i = 0; i < records->len; i++)
    {
      TernConversationRecord *record = records->pdata[i];
      gint64 last = tern_server_state_get_max_seq (state, record->id);

      if (is_for_all)
        clear_for_all (call, record);
      else
        {
          record->min_seq = last + 1;
          tern_server_state_put_conversation (state, record);
          tern_server_notify_changed (call->server, call->user_id, record->id);
          json_array_add_string_element (ids, record->id);
        }
      tern_server_state_set_read_seq (state, call->user_id, record->id, last);
    }
  if (is_for_self && !is_for_all)
    tern_server_notify (call->server, 1703, call->user_id, call->user_id,
                        build_cleared (call, ids));
  else
    json_array_unref (ids);
}

static void
route_clear (TernServerCall *call)
{
  g_auto(GStrv) ids = tern_json_dup_strings (call->body, "conversationIDs");
  g_autoptr(GPtrArray) records =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_conversation_record_free);

  if (!tern_server_is_self (call, "userID"))
    return;
  for (guint i = 0; ids[i] != NULL; i++)
    {
      TernConversationRecord *record = tern_server_find_chat (call->server, call->user_id, ids[i]);

      if (record != NULL)
        g_ptr_array_add (records, record);
    }
  clear (call, records);
}

static void
route_clear_all (TernServerCall *call)
{
  g_autoptr(GPtrArray) records = NULL;

  if (!tern_server_is_self (call, "userID"))
    return;
  records = tern_server_state_list_conversations (call->server->state, call->user_id);
  for (guint i = records->len; i-- > 0;)
    {
      if (!tern_server_is_own_chat (call->server, records->pdata[i]))
        g_ptr_array_remove_index (records, i);
    }
  clear (call, records);
}

/**
 * tern_server_find_message_route:
 * @path: a route's
 *
 * Returns: (nullable): what answers it, if it is one of these
 */
TernServerRoute
tern_server_find_message_route (const char *path)
{
  static const TernServerRouteEntry routes[] = {
    { "/msg/mark_conversation_as_read", route_mark_conversation },
    { "/msg/mark_msgs_as_read", route_mark_messages },
    { "/msg/set_conversation_has_read_seq", route_set_read_seq },
    { "/msg/get_conversations_has_read_and_max_seq", route_read_seqs },
    { "/msg/newest_seq", route_newest },
    { "/msg/pull_msg_by_seq", route_pull },
    { "/msg/get_server_time", route_server_time },
    { "/msg/check_msg_is_send_success", route_check_sent },
    { "/msg/revoke_msg", route_revoke },
    { "/msg/delete_msgs", route_delete },
    { "/msg/clear_conversation_msg", route_clear },
    { "/msg/user_clear_all_msg", route_clear_all },
  };

  return tern_server_find_route (routes, G_N_ELEMENTS (routes), path);
}
