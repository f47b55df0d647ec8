/* tern-session-verify.c: what is on disk beside what the server has
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Goes through every chat by the REST twin of the pulls, so that nothing of
 * what brought the messages here is used to check them.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-content-json.h"
#include "tern-error.h"
#include "tern-session-private.h"

#define MESSAGES_PER_PULL 500

typedef struct
{
  GPtrArray  *pending;     /* (element-type TernSeqRequest): a conversation each, last is next */
  gint64      first;       /* of the piece that is asked for */
  gint64      last;
  GHashTable *identities;  /* (element-type utf8): of the conversation, as met so far */
  GPtrArray  *differences; /* (element-type TernDifference) */
} Verify;

static void
verify_free (gpointer data)
{
  Verify *verify = data;

  g_clear_pointer (&verify->pending, g_ptr_array_unref);
  g_clear_pointer (&verify->differences, g_ptr_array_unref);
  g_hash_table_unref (verify->identities);
  g_free (verify);
}

/**
 * tern_difference_free:
 * @self: (transfer full): a difference
 */
void
tern_difference_free (TernDifference *self)
{
  g_free (self->conversation_id);
  g_free (self);
}

static void
add_difference (Verify     *verify,
                const char *conversation_id,
                gint64      seq,
                const char *what)
{
  TernDifference *difference = g_new0 (TernDifference, 1);

  difference->conversation_id = g_strdup (conversation_id);
  difference->seq = seq;
  difference->what = what;
  g_ptr_array_add (verify->differences, difference);
}

static const char *
get_text (JsonNode   *node,
          const char *member)
{
  const char *text = tern_json_get_string (node, member);

  return text != NULL ? text : "";
}

/* Whether a person sees the element: not empty, not deleted, not the second
 * copy of a message. */
static gboolean
is_visible (Verify   *verify,
            JsonNode *element)
{
  const char *client_id = get_text (element, "clientMsgID");

  if (*client_id == '\0' || tern_json_get_int (element, "status") == TERN_MESSAGE_DELETED)
    return FALSE;

  return g_hash_table_add (verify->identities,
                           g_strconcat (get_text (element, "sendID"), "\n", client_id, NULL));
}

/* Whether the message that a row quotes is here and was not withdrawn. */
static gboolean
is_quoted_here (TernSession             *self,
                const TernMessageRecord *row,
                const TernContent       *content,
                gboolean                *is_here,
                GError                 **error)
{
  g_autoptr(TernMessageRecord) by_name = NULL;
  g_autoptr(TernMessageRecord) by_seq = NULL;
  g_autoptr(GError) local_error = NULL;
  gboolean is_named = content->quote_client_id != NULL && content->quote_sender_id != NULL;
  const TernMessageRecord *quoted;

  *is_here = FALSE;
  if (is_named)
    by_name = tern_store_find_by_client_id (self->reader, row->conversation_id,
                                            content->quote_sender_id, content->quote_client_id,
                                            &local_error);
  if (local_error == NULL && content->quote_seq > 0)
    by_seq = tern_store_find_by_seq (self->reader, row->conversation_id, content->quote_seq,
                                     &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  quoted = is_named ? by_name : by_seq;
  *is_here = quoted != NULL && quoted->content_type != TERN_CONTENT_REVOKED &&
             (by_seq == NULL || by_seq->content_type != TERN_CONTENT_REVOKED);

  return TRUE;
}

/* What quotes a withdrawn message is stored without its words. The server has
 * other words for the same, or keeps those (protocol 03 section 4.9): then the
 * quoted message has to be a withdrawn one, or one that is not here to tell. */
static gboolean
is_same_but_for_quote (TernSession             *self,
                       const TernMessageRecord *row,
                       GBytes                  *content,
                       gboolean                *is_same,
                       GError                 **error)
{
  g_autoptr(TernContent) theirs = tern_content_parse (row->content_type, content);
  g_autoptr(TernContent) own = tern_content_parse (row->content_type, row->content);
  gboolean is_here = FALSE;

  *is_same = FALSE;
  if (own->quote == NULL || own->quote->kind != TERN_CONTENT_KIND_REVOKED ||
      !tern_content_equal_but_for_quote (content, row->content))
    return TRUE;
  if ((theirs->quote == NULL || theirs->quote->kind != TERN_CONTENT_KIND_REVOKED) &&
      !is_quoted_here (self, row, own, &is_here, error))
    return FALSE;
  *is_same = !is_here;

  return TRUE;
}

static gboolean
compare_row (TernSession             *self,
             JsonNode                *element,
             const TernMessageRecord *row,
             gboolean                *is_same,
             GError                 **error)
{
  gsize n_bytes = 0;
  guchar *data = g_base64_decode (get_text (element, "content"), &n_bytes);
  g_autoptr(GBytes) content = g_bytes_new_take (data, n_bytes);
  g_autoptr(GBytes) own = row->content != NULL ? g_bytes_ref (row->content)
                                               : g_bytes_new (NULL, 0);

  *is_same = FALSE;
  if (strcmp (get_text (element, "clientMsgID"), row->client_id) != 0 ||
      strcmp (get_text (element, "sendID"), row->sender_id) != 0 ||
      tern_json_get_int (element, "contentType") != row->content_type)
    return TRUE;
  *is_same = g_bytes_equal (content, own);

  return *is_same || is_same_but_for_quote (self, row, content, is_same, error);
}

/* The rows of [first, last], by seq. */
static GHashTable *
load_rows (TernSession  *self,
           const char   *conversation_id,
           gint64        first,
           gint64        last,
           GError      **error)
{
  g_autoptr(GPtrArray) rows =
    tern_store_list_before_seq (self->reader, conversation_id, last + 1,
                                (guint) (last - first + 1), error);
  GHashTable *by_seq;

  if (rows == NULL)
    return NULL;

  by_seq = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                  (GDestroyNotify) tern_message_record_free);
  for (guint i = 0; i < rows->len; i++)
    {
      TernMessageRecord *row = rows->pdata[i];

      if (row->seq < first)
        continue;
      row = tern_message_record_copy (row);
      g_hash_table_insert (by_seq, &row->seq, row);
    }

  return by_seq;
}

static gboolean
compare (TernSession  *self,
         Verify       *verify,
         const char   *conversation_id,
         JsonNode     *messages,
         GError      **error)
{
  g_autoptr(GHashTable) rows = load_rows (self, conversation_id, verify->first, verify->last,
                                          error);
  JsonArray *array;
  GHashTableIter iter;
  gpointer seq;

  if (rows == NULL)
    return FALSE;

  array = messages != NULL && JSON_NODE_HOLDS_ARRAY (messages) ? json_node_get_array (messages)
                                                               : NULL;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      gint64 at = tern_json_get_int (element, "seq");
      TernMessageRecord *row = g_hash_table_lookup (rows, &at);
      gboolean is_same = FALSE;

      if (at < verify->first || at > verify->last || !is_visible (verify, element))
        continue;
      if (row != NULL && !compare_row (self, element, row, &is_same, error))
        return FALSE;
      if (row == NULL)
        add_difference (verify, conversation_id, at, "missing");
      else if (!is_same)
        add_difference (verify, conversation_id, at, "different");
      g_hash_table_remove (rows, &at);
    }
  g_hash_table_iter_init (&iter, rows);
  while (g_hash_table_iter_next (&iter, &seq, NULL))
    add_difference (verify, conversation_id, *(gint64 *) seq, "extra");

  return TRUE;
}

static void ask_piece (GTask *task); /* one after the other, until all are through */

static void
pulled_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  TernSession *self = g_task_get_source_object (task);
  Verify *verify = g_task_get_task_data (task);
  const TernSeqRequest *chat = verify->pending->pdata[verify->pending->len - 1];
  g_autoptr(JsonNode) data = NULL;
  JsonNode *messages;
  GError *error = NULL;

  data = tern_api_call_finish (TERN_API (object), result, &error);
  if (data != NULL && self->reader == NULL)
    g_set_error_literal (&error, TERN_ERROR, TERN_ERROR_CLOSED, "The session is closed");
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  messages = tern_json_get_node (
    tern_json_get_node (tern_json_get_node (data, "msgs"), chat->conversation_id), "Msgs");
  if (!compare (self, verify, chat->conversation_id, messages, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  verify->first = verify->last + 1;
  if (verify->first > chat->last)
    {
      g_ptr_array_set_size (verify->pending, (gint) verify->pending->len - 1);
      g_hash_table_remove_all (verify->identities);
      verify->first = 0;
    }
  ask_piece (g_steal_pointer (&task));
}

static void
ask_piece (GTask *task) /* (transfer full) */
{
  TernSession *self = g_task_get_source_object (task);
  Verify *verify = g_task_get_task_data (task);
  const TernSeqRequest *chat;
  JsonObject *body = json_object_new ();
  JsonObject *range = json_object_new ();
  JsonArray *ranges = json_array_new ();

  if (verify->pending->len == 0)
    {
      json_object_unref (body);
      json_object_unref (range);
      json_array_unref (ranges);
      g_task_return_pointer (task, g_steal_pointer (&verify->differences),
                             (GDestroyNotify) g_ptr_array_unref);
      g_object_unref (task);
      return;
    }

  chat = verify->pending->pdata[verify->pending->len - 1];
  verify->first = MAX (verify->first, chat->first);
  verify->last = MIN (verify->first + MESSAGES_PER_PULL - 1, chat->last);
  json_object_set_string_member (range, "conversationID", chat->conversation_id);
  json_object_set_int_member (range, "begin", verify->first);
  json_object_set_int_member (range, "end", verify->last);
  json_object_set_int_member (range, "num", verify->last - verify->first + 1);
  json_array_add_object_element (ranges, range);
  json_object_set_string_member (body, "userID", self->account->user_id);
  json_object_set_array_member (body, "seqRanges", ranges);
  json_object_set_int_member (body, "order", 0);
  tern_api_call_async (self->api, "/msg/pull_msg_by_seq", tern_json_take_object (body),
                       g_task_get_cancellable (task), pulled_cb, task);
}

static void
newest_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  TernSession *self = g_task_get_source_object (task);
  Verify *verify = g_task_get_task_data (task);
  g_autoptr(JsonNode) data = NULL;
  JsonNode *newest;
  JsonObjectIter iter;
  const char *id;
  JsonNode *value;
  GError *error = NULL;

  data = tern_api_call_finish (TERN_API (object), result, &error);
  if (data != NULL && self->reader == NULL)
    g_set_error_literal (&error, TERN_ERROR, TERN_ERROR_CLOSED, "The session is closed");
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  newest = tern_json_get_node (data, "maxSeqs");
  if (newest != NULL && JSON_NODE_HOLDS_OBJECT (newest))
    {
      json_object_iter_init (&iter, json_node_get_object (newest));
      while (json_object_iter_next (&iter, &id, &value))
        {
          gint64 last = tern_json_get_int (newest, id);

          if (last > 0 && *id != '\0' && !tern_conversation_id_is_notification (id))
            g_ptr_array_add (verify->pending, tern_seq_request_new (id, 1, last));
        }
    }
  ask_piece (g_steal_pointer (&task));
}

/**
 * tern_session_verify_async:
 * @self: an open session that is online
 * @cancellable: (nullable): stops
 * @callback: called when all was compared
 * @user_data: passed to @callback
 *
 * Compares every message of every chat with what the server has. Nothing is
 * changed.
 */
void
tern_session_verify_async (TernSession         *self,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Verify *verify = g_new0 (Verify, 1);
  JsonObject *body = json_object_new ();

  g_return_if_fail (self->api != NULL);

  g_task_set_source_tag (task, tern_session_verify_async);
  verify->pending = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_request_free);
  verify->differences = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_difference_free);
  verify->identities = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_task_set_task_data (task, verify, verify_free);
  json_object_set_string_member (body, "userID", self->account->user_id);
  tern_api_call_async (self->api, "/msg/newest_seq", tern_json_take_object (body), cancellable,
                       newest_cb, task);
}

/**
 * tern_session_verify_finish:
 * @self: a session
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: those of a REST call and of the store; CLOSED.
 *
 * Returns: (transfer full) (nullable) (element-type TernDifference): what is
 *   not as the server has it
 */
GPtrArray *
tern_session_verify_finish (TernSession   *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
revoked_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(JsonNode) data = NULL;
  GError *error = NULL;

  data = tern_api_call_finish (TERN_API (object), result, &error);
  if (data == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * tern_session_revoke_async:
 * @self: an open session that is online
 * @conversation_id: a conversation
 * @seq: the message
 * @cancellable: (nullable): stops waiting; it may be revoked all the same
 * @callback: called when the server has answered
 * @user_data: passed to @callback
 *
 * Takes a message back, for everybody. What is on disk changes when the
 * server tells of it.
 */
void
tern_session_revoke_async (TernSession         *self,
                           const char          *conversation_id,
                           gint64               seq,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  JsonObject *body = json_object_new ();

  g_return_if_fail (self->api != NULL);

  g_task_set_source_tag (task, tern_session_revoke_async);
  json_object_set_string_member (body, "conversationID", conversation_id);
  json_object_set_int_member (body, "seq", seq);
  json_object_set_string_member (body, "userID", self->account->user_id);
  tern_api_call_async (self->api, "/msg/revoke_msg", tern_json_take_object (body), cancellable,
                       revoked_cb, task);
}

/**
 * tern_session_revoke_finish:
 * @self: a session
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: those of a REST call.
 *
 * Returns: whether the server did it
 */
gboolean
tern_session_revoke_finish (TernSession   *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
