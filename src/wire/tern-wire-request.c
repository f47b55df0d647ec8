/* tern-wire-request.c: the bodies that are not messages
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-wire-private.h"

char **
tern_wire_dup_strings (char  **strings,
                       gsize   n_strings)
{
  char **copy = g_new0 (char *, n_strings + 1);

  for (gsize i = 0; i < n_strings; i++)
    copy[i] = tern_wire_dup_string (strings[i]);

  return copy;
}

/**
 * tern_wire_encode_newest_seqs:
 * @user_id: the caller
 *
 * Returns: (transfer full): the body of request 1001
 */
GBytes *
tern_wire_encode_newest_seqs (const char *user_id)
{
  Tern__Pb__NewestSeqsReq pb = TERN__PB__NEWEST_SEQS_REQ__INIT;

  pb.user_id = (char *) user_id;

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_newest_seqs:
 * @body: (nullable): the body of request 1001
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable): the caller
 */
char *
tern_wire_decode_newest_seqs (GBytes  *body,
                              GError **error)
{
  Tern__Pb__NewestSeqsReq *pb =
    tern_wire_unpack_request (&tern__pb__newest_seqs_req__descriptor, body, error);
  char *user_id;

  if (pb == NULL)
    return NULL;

  user_id = tern_wire_dup_string (pb->user_id);
  tern_pb_free (pb);

  return user_id;
}

/**
 * tern_wire_encode_newest_seqs_reply:
 * @states: (element-type TernSeqState): of which only max_seq is said
 *
 * Returns: (transfer full): the body of the answer to 1001
 */
GBytes *
tern_wire_encode_newest_seqs_reply (GPtrArray *states)
{
  g_autoptr(GPtrArray) arena = tern_arena_new ();
  Tern__Pb__NewestSeqsResp pb = TERN__PB__NEWEST_SEQS_RESP__INIT;
  Tern__Pb__SeqEntry *entries = tern_arena_new_n (arena, Tern__Pb__SeqEntry, states->len);

  pb.n_max_seqs = states->len;
  pb.max_seqs = tern_arena_new_n (arena, Tern__Pb__SeqEntry *, states->len);
  for (guint i = 0; i < states->len; i++)
    {
      const TernSeqState *state = states->pdata[i];

      tern__pb__seq_entry__init (&entries[i]);
      entries[i].key = state->conversation_id;
      entries[i].value = state->max_seq;
      pb.max_seqs[i] = &entries[i];
    }

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_newest_seqs_reply:
 * @body: (nullable): the body of the answer to 1001
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable) (element-type TernSeqState): with
 *   max_seq set
 */
GPtrArray *
tern_wire_decode_newest_seqs_reply (GBytes  *body,
                                    GError **error)
{
  Tern__Pb__NewestSeqsResp *pb =
    tern_wire_unpack (&tern__pb__newest_seqs_resp__descriptor, body, error);
  GPtrArray *states;

  if (pb == NULL)
    return NULL;

  states = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_state_free);
  for (gsize i = 0; i < pb->n_max_seqs; i++)
    {
      g_autofree char *id = tern_wire_dup_string (pb->max_seqs[i]->key);

      g_ptr_array_add (states, tern_seq_state_new (id, pb->max_seqs[i]->value, 0));
    }
  tern_pb_free (pb);

  return states;
}

/**
 * tern_wire_encode_pull_ranges:
 * @user_id: the caller
 * @ranges: (element-type TernSeqRequest): at most one per conversation: of two
 *   only one is answered
 * @is_descending: the order, which only affects isEnd
 *
 * Returns: (transfer full): the body of request 1002
 */
GBytes *
tern_wire_encode_pull_ranges (const char *user_id,
                              GPtrArray  *ranges,
                              gboolean    is_descending)
{
  g_autoptr(GPtrArray) arena = tern_arena_new ();
  Tern__Pb__PullRangesReq pb = TERN__PB__PULL_RANGES_REQ__INIT;
  Tern__Pb__Range *items = tern_arena_new_n (arena, Tern__Pb__Range, ranges->len);

  pb.user_id = (char *) user_id;
  pb.order = is_descending ? 1 : 0;
  pb.n_ranges = ranges->len;
  pb.ranges = tern_arena_new_n (arena, Tern__Pb__Range *, ranges->len);
  for (guint i = 0; i < ranges->len; i++)
    {
      const TernSeqRequest *range = ranges->pdata[i];

      tern__pb__range__init (&items[i]);
      items[i].conversation_id = range->conversation_id;
      items[i].begin = range->first;
      items[i].end = range->last;
      items[i].num = range->max_messages;
      pb.ranges[i] = &items[i];
    }

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_pull_ranges:
 * @body: (nullable): the body of request 1002
 * @user_id: (out) (transfer full): the caller
 * @is_descending: (out): the order
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable) (element-type TernSeqRequest): the ranges
 */
GPtrArray *
tern_wire_decode_pull_ranges (GBytes    *body,
                              char     **user_id,
                              gboolean  *is_descending,
                              GError   **error)
{
  Tern__Pb__PullRangesReq *pb =
    tern_wire_unpack_request (&tern__pb__pull_ranges_req__descriptor, body, error);
  GPtrArray *ranges;

  if (pb == NULL)
    return NULL;

  *user_id = tern_wire_dup_string (pb->user_id);
  *is_descending = pb->order == 1;
  ranges = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_request_free);
  for (gsize i = 0; i < pb->n_ranges; i++)
    {
      g_autofree char *id = tern_wire_dup_string (pb->ranges[i]->conversation_id);
      TernSeqRequest *range = tern_seq_request_new (id, pb->ranges[i]->begin, pb->ranges[i]->end);

      range->max_messages = pb->ranges[i]->num;
      g_ptr_array_add (ranges, range);
    }
  tern_pb_free (pb);

  return ranges;
}

/**
 * tern_wire_encode_pull_list:
 * @user_id: the caller
 * @lists: (element-type TernSeqList): the seqs by conversation
 * @is_descending: the order, which only affects isEnd
 *
 * Returns: (transfer full): the body of request 1005
 */
GBytes *
tern_wire_encode_pull_list (const char *user_id,
                            GPtrArray  *lists,
                            gboolean    is_descending)
{
  g_autoptr(GPtrArray) arena = tern_arena_new ();
  Tern__Pb__PullListReq pb = TERN__PB__PULL_LIST_REQ__INIT;
  Tern__Pb__ConversationSeqs *items = tern_arena_new_n (
    arena, Tern__Pb__ConversationSeqs, lists->len);

  pb.user_id = (char *) user_id;
  pb.order = is_descending ? 1 : 0;
  pb.n_conversations = lists->len;
  pb.conversations = tern_arena_new_n (arena, Tern__Pb__ConversationSeqs *, lists->len);
  for (guint i = 0; i < lists->len; i++)
    {
      const TernSeqList *list = lists->pdata[i];

      tern__pb__conversation_seqs__init (&items[i]);
      items[i].conversation_id = list->conversation_id;
      items[i].n_seqs = list->seqs->len;
      items[i].seqs = (int64_t *) (gpointer) list->seqs->data;
      pb.conversations[i] = &items[i];
    }

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_pull_list:
 * @body: (nullable): the body of request 1005
 * @user_id: (out) (transfer full): the caller
 * @is_descending: (out): the order
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable) (element-type TernSeqList): the seqs
 */
GPtrArray *
tern_wire_decode_pull_list (GBytes    *body,
                            char     **user_id,
                            gboolean  *is_descending,
                            GError   **error)
{
  Tern__Pb__PullListReq *pb =
    tern_wire_unpack_request (&tern__pb__pull_list_req__descriptor, body, error);
  GPtrArray *lists;

  if (pb == NULL)
    return NULL;

  *user_id = tern_wire_dup_string (pb->user_id);
  *is_descending = pb->order == 1;
  lists = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_list_free);
  for (gsize i = 0; i < pb->n_conversations; i++)
    {
      const Tern__Pb__ConversationSeqs *item = pb->conversations[i];
      g_autofree char *id = tern_wire_dup_string (item->conversation_id);
      TernSeqList *list = tern_seq_list_new (id);

      if (item->n_seqs > 0)
        g_array_append_vals (list->seqs, item->seqs, item->n_seqs);
      g_ptr_array_add (lists, list);
    }
  tern_pb_free (pb);

  return lists;
}

/**
 * tern_wire_encode_read_seqs:
 * @user_id: the caller
 * @conversation_ids: (nullable): which; %NULL for all
 * @wants_pinned: whether to list the pinned conversations too
 *
 * Returns: (transfer full): the body of request 1006
 */
GBytes *
tern_wire_encode_read_seqs (const char         *user_id,
                            const char * const *conversation_ids,
                            gboolean            wants_pinned)
{
  Tern__Pb__ReadSeqsReq pb = TERN__PB__READ_SEQS_REQ__INIT;

  pb.user_id = (char *) user_id;
  pb.return_pinned = wants_pinned;
  if (conversation_ids != NULL)
    {
      pb.conversation_ids = (char **) conversation_ids;
      pb.n_conversation_ids = g_strv_length ((char **) conversation_ids);
    }

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_read_seqs:
 * @body: (nullable): the body of request 1006
 * @user_id: (out) (transfer full): the caller
 * @wants_pinned: (out): whether pinned conversations are asked for
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable): the conversations; empty means all
 */
char **
tern_wire_decode_read_seqs (GBytes    *body,
                            char     **user_id,
                            gboolean  *wants_pinned,
                            GError   **error)
{
  Tern__Pb__ReadSeqsReq *pb =
    tern_wire_unpack_request (&tern__pb__read_seqs_req__descriptor, body, error);
  char **ids;

  if (pb == NULL)
    return NULL;

  *user_id = tern_wire_dup_string (pb->user_id);
  *wants_pinned = pb->return_pinned;
  ids = tern_wire_dup_strings (pb->conversation_ids, pb->n_conversation_ids);
  tern_pb_free (pb);

  return ids;
}

/**
 * tern_wire_encode_read_seqs_reply:
 * @states: (element-type TernSeqState): one per conversation
 * @pinned_ids: (nullable): the pinned conversations
 *
 * Returns: (transfer full): the body of the answer to 1006
 */
GBytes *
tern_wire_encode_read_seqs_reply (GPtrArray          *states,
                                  const char * const *pinned_ids)
{
  g_autoptr(GPtrArray) arena = tern_arena_new ();
  Tern__Pb__ReadSeqsResp pb = TERN__PB__READ_SEQS_RESP__INIT;
  Tern__Pb__SeqsEntry *entries = tern_arena_new_n (arena, Tern__Pb__SeqsEntry, states->len);
  Tern__Pb__Seqs *values = tern_arena_new_n (arena, Tern__Pb__Seqs, states->len);

  pb.n_seqs = states->len;
  pb.seqs = tern_arena_new_n (arena, Tern__Pb__SeqsEntry *, states->len);
  for (guint i = 0; i < states->len; i++)
    {
      const TernSeqState *state = states->pdata[i];

      tern__pb__seqs_entry__init (&entries[i]);
      tern__pb__seqs__init (&values[i]);
      values[i].max_seq = state->max_seq;
      values[i].has_read_seq = state->read_seq;
      values[i].max_seq_time = state->max_seq_ms;
      entries[i].key = state->conversation_id;
      entries[i].value = &values[i];
      pb.seqs[i] = &entries[i];
    }
  if (pinned_ids != NULL)
    {
      pb.pinned_ids = (char **) pinned_ids;
      pb.n_pinned_ids = g_strv_length ((char **) pinned_ids);
    }

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_read_seqs_reply:
 * @body: (nullable): the body of the answer to 1006
 * @pinned_ids: (out) (optional) (transfer full): the pinned conversations
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable) (element-type TernSeqState): one per
 *   conversation
 */
GPtrArray *
tern_wire_decode_read_seqs_reply (GBytes   *body,
                                  char   ***pinned_ids,
                                  GError  **error)
{
  Tern__Pb__ReadSeqsResp *pb = tern_wire_unpack (&tern__pb__read_seqs_resp__descriptor, body,
                                                 error);
  GPtrArray *states;

  if (pb == NULL)
    return NULL;

  states = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_state_free);
  for (gsize i = 0; i < pb->n_seqs; i++)
    {
      const Tern__Pb__Seqs *value = pb->seqs[i]->value;
      g_autofree char *id = tern_wire_dup_string (pb->seqs[i]->key);
      TernSeqState *state = tern_seq_state_new (id, 0, 0);

      if (value != NULL)
        {
          state->max_seq = value->max_seq;
          state->read_seq = value->has_read_seq;
          state->max_seq_ms = value->max_seq_time;
        }
      g_ptr_array_add (states, state);
    }
  if (pinned_ids != NULL)
    *pinned_ids = tern_wire_dup_strings (pb->pinned_ids, pb->n_pinned_ids);
  tern_pb_free (pb);

  return states;
}

/**
 * tern_wire_encode_last_messages:
 * @user_id: the caller
 * @conversation_ids: which conversations
 *
 * Returns: (transfer full): the body of request 1007
 */
GBytes *
tern_wire_encode_last_messages (const char         *user_id,
                                const char * const *conversation_ids)
{
  Tern__Pb__LastMessagesReq pb = TERN__PB__LAST_MESSAGES_REQ__INIT;

  pb.user_id = (char *) user_id;
  pb.conversation_ids = (char **) conversation_ids;
  pb.n_conversation_ids = g_strv_length ((char **) conversation_ids);

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_last_messages:
 * @body: (nullable): the body of request 1007
 * @user_id: (out) (transfer full): the caller
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable): the conversations
 */
char **
tern_wire_decode_last_messages (GBytes  *body,
                                char   **user_id,
                                GError **error)
{
  Tern__Pb__LastMessagesReq *pb =
    tern_wire_unpack_request (&tern__pb__last_messages_req__descriptor, body, error);
  char **ids;

  if (pb == NULL)
    return NULL;

  *user_id = tern_wire_dup_string (pb->user_id);
  ids = tern_wire_dup_strings (pb->conversation_ids, pb->n_conversation_ids);
  tern_pb_free (pb);

  return ids;
}

/**
 * tern_wire_encode_last_messages_reply:
 * @messages: (element-type TernMessageRecord): each with its conversation
 *
 * Returns: (transfer full): the body of the answer to 1007
 */
GBytes *
tern_wire_encode_last_messages_reply (GPtrArray *messages)
{
  g_autoptr(GPtrArray) arena = tern_arena_new ();
  Tern__Pb__LastMessagesResp pb = TERN__PB__LAST_MESSAGES_RESP__INIT;
  Tern__Pb__MsgEntry *entries = tern_arena_new_n (arena, Tern__Pb__MsgEntry, messages->len);
  Tern__Pb__Msg *msgs = tern_arena_new_n (arena, Tern__Pb__Msg, messages->len);

  pb.n_msgs = messages->len;
  pb.msgs = tern_arena_new_n (arena, Tern__Pb__MsgEntry *, messages->len);
  for (guint i = 0; i < messages->len; i++)
    {
      const TernMessageRecord *message = messages->pdata[i];

      tern__pb__msg_entry__init (&entries[i]);
      tern_wire_fill_message (&msgs[i], message, arena);
      entries[i].key = message->conversation_id;
      entries[i].value = &msgs[i];
      pb.msgs[i] = &entries[i];
    }

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_last_messages_reply:
 * @body: (nullable): the body of the answer to 1007
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable) (element-type TernMessageRecord): each
 *   with its conversation
 */
GPtrArray *
tern_wire_decode_last_messages_reply (GBytes  *body,
                                      GError **error)
{
  Tern__Pb__LastMessagesResp *pb =
    tern_wire_unpack (&tern__pb__last_messages_resp__descriptor, body, error);
  GPtrArray *messages;

  if (pb == NULL)
    return NULL;

  messages = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_record_free);
  for (gsize i = 0; i < pb->n_msgs; i++)
    {
      g_autofree char *id = tern_wire_dup_string (pb->msgs[i]->key);

      if (pb->msgs[i]->value != NULL)
        g_ptr_array_add (messages, tern_wire_read_message (pb->msgs[i]->value, id));
    }
  tern_pb_free (pb);

  return messages;
}
