/* tern-session-messages.c: what is done with messages that are there
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-error.h"
#include "tern-session-private.h"

/* Roles of a group (protocol 02 section 5). */
#define ROLE_OWNER 100
#define ROLE_ADMIN 60

/* --- withdrawing --- */

static int
get_role (TernSession *self,
          const char  *group_id,
          const char  *user_id)
{
  g_autoptr(TernMemberRecord) member =
    tern_store_find_member (self->reader, group_id, user_id, NULL);

  return member != NULL ? member->role : 0;
}

/**
 * tern_session_may_revoke:
 * @self: an open session
 * @message: any message
 *
 * As the server sees it (protocol 03 section 4.9), by what is known of the
 * group's members.
 *
 * Returns: whether the person may take it back, for everybody
 */
gboolean
tern_session_may_revoke (TernSession *self,
                         TernMessage *message)
{
  const TernMessageRecord *record = tern_message_get_record (message);
  int role;

  if (self->reader == NULL || record->seq <= 0 || tern_message_get_is_notice (message))
    return FALSE;
  if (tern_message_get_is_own (message))
    return TRUE;
  if (record->chat_type != TERN_CHAT_GROUP)
    return FALSE;
  role = get_role (self, record->group_id, self->account->user_id);

  return role >= ROLE_OWNER ||
         (role >= ROLE_ADMIN && get_role (self, record->group_id, record->sender_id) < ROLE_ADMIN);
}

/**
 * tern_session_remember_text:
 * @self: a session
 * @message: one that is about to be taken back
 *
 * Keeps what it says, if it is one's own text, until the session ends: the
 * store forgets it.
 */
void
tern_session_remember_text (TernSession *self,
                            TernMessage *message)
{
  const TernContent *content = tern_message_get_content (message);

  if (!tern_message_get_is_own (message) || content->text == NULL ||
      (content->kind != TERN_CONTENT_KIND_TEXT && content->kind != TERN_CONTENT_KIND_QUOTE))
    return;
  if (self->withdrawn == NULL)
    self->withdrawn = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (self->withdrawn, g_strdup (tern_message_get_record (message)->client_id),
                       tern_content_dup_words (content, NULL));
}

/**
 * tern_session_get_remembered_text:
 * @self: a session
 * @message: a message
 *
 * Returns: (nullable): what it said, if it was withdrawn from here just now
 */
const char *
tern_session_get_remembered_text (TernSession *self,
                                  TernMessage *message)
{
  if (self->withdrawn == NULL ||
      tern_message_get_content (message)->kind != TERN_CONTENT_KIND_REVOKED)
    return NULL;

  return g_hash_table_lookup (self->withdrawn, tern_message_get_record (message)->client_id);
}

/* --- deleting --- */

typedef struct
{
  char      *conversation_id;
  GPtrArray *messages; /* (element-type TernMessage) */
  guint      n_open;
  GError    *error;    /* (nullable): the first that went wrong */
} Deletion;

static void
deletion_free (gpointer data)
{
  Deletion *deletion = data;

  g_free (deletion->conversation_id);
  g_ptr_array_unref (deletion->messages);
  g_clear_error (&deletion->error);
  g_free (deletion);
}

static void
erased_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Deletion *deletion = g_task_get_task_data (task);

  tern_sync_worker_finish (TERN_SYNC_WORKER (object), result,
                           deletion->error == NULL ? &deletion->error : NULL);
  if (--deletion->n_open > 0)
    return;
  if (deletion->error != NULL)
    g_task_return_error (task, g_steal_pointer (&deletion->error));
  else
    g_task_return_boolean (task, TRUE);
}

/* What the server knows is gone there; now here. */
static void
erase_all (TernSession *self,
           GTask       *task) /* (transfer full) */
{
  Deletion *deletion = g_task_get_task_data (task);

  deletion->n_open = deletion->messages->len;
  for (guint i = 0; i < deletion->messages->len; i++)
    {
      const TernMessageRecord *record = tern_message_get_record (deletion->messages->pdata[i]);

      tern_sync_worker_delete_async (self->worker, deletion->conversation_id, record->seq,
                                     record->client_id, NULL, erased_cb, g_object_ref (task));
    }
  g_object_unref (task);
}

static void
deleted_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  GTask *task = user_data;
  g_autoptr(JsonNode) data = NULL;
  GError *error = NULL;

  data = tern_api_call_finish (TERN_API (object), result, &error);
  if (data == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
    }
  else
    erase_all (g_task_get_source_object (task), task);
}

static JsonNode *
build_deletion (TernSession *self,
                Deletion    *deletion,
                guint       *n_seqs)
{
  JsonObject *body = json_object_new ();
  JsonObject *options = json_object_new ();
  JsonArray *seqs = json_array_new ();

  for (guint i = 0; i < deletion->messages->len; i++)
    {
      gint64 seq = tern_message_get_seq (deletion->messages->pdata[i]);

      if (seq > 0)
        json_array_add_int_element (seqs, seq);
    }
  *n_seqs = json_array_get_length (seqs);
  json_object_set_string_member (body, "conversationID", deletion->conversation_id);
  json_object_set_array_member (body, "seqs", seqs);
  json_object_set_string_member (body, "userID", self->account->user_id);
  /* One's other devices are told; others keep it. */
  json_object_set_boolean_member (options, "IsSyncSelf", TRUE);
  json_object_set_boolean_member (options, "IsSyncOther", FALSE);
  json_object_set_object_member (body, "deleteSyncOpt", options);

  return tern_json_take_object (body);
}

/**
 * tern_session_delete_async:
 * @self: an open session
 * @messages: (element-type TernMessage): of one conversation; not empty
 * @cancellable: (nullable): stops waiting; they may be deleted all the same
 * @callback: called when they are gone
 * @user_data: passed to @callback
 *
 * Deletes messages for the person, on all their devices; others keep them. One
 * that failed to be sent is only here: that works offline too.
 */
void
tern_session_delete_async (TernSession         *self,
                           GPtrArray           *messages,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Deletion *deletion = g_new0 (Deletion, 1);
  g_autoptr(JsonNode) body = NULL;
  guint n_seqs;

  g_return_if_fail (self->worker != NULL);
  g_return_if_fail (messages->len > 0);

  g_task_set_source_tag (task, tern_session_delete_async);
  deletion->conversation_id =
    g_strdup (tern_message_get_record (messages->pdata[0])->conversation_id);
  deletion->messages = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < messages->len; i++)
    g_ptr_array_add (deletion->messages, g_object_ref (messages->pdata[i]));
  g_task_set_task_data (task, deletion, deletion_free);

  body = build_deletion (self, deletion, &n_seqs);
  if (n_seqs == 0)
    erase_all (self, task);
  else if (self->api == NULL)
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_OFFLINE, "There is no connection");
      g_object_unref (task);
    }
  else
    tern_api_call_async (self->api, "/msg/delete_msgs", g_steal_pointer (&body), cancellable,
                         deleted_cb, task);
}

/**
 * tern_session_delete_finish:
 * @self: a session
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: those of a REST call and of the store; REFUSED: one is being sent.
 *
 * Returns: whether all are gone
 */
gboolean
tern_session_delete_finish (TernSession   *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- places --- */

/**
 * tern_session_find_seq_at:
 * @self: an open session
 * @conversation_id: a conversation
 * @ms: a time
 * @sent_ms: (out): when what was found was sent
 *
 * Returns: the seq of the first message of that time or later; 0: none is here
 */
gint64
tern_session_find_seq_at (TernSession *self,
                          const char  *conversation_id,
                          gint64       ms,
                          gint64      *sent_ms)
{
  gint64 seq = 0;

  *sent_ms = 0;
  if (self->reader != NULL)
    tern_store_find_seq_at (self->reader, conversation_id, ms, &seq, sent_ms, NULL);

  return seq;
}

static char *
make_place_key (const char *conversation_id)
{
  return g_strconcat ("place:", conversation_id, NULL);
}

/**
 * tern_session_save_place:
 * @self: an open session
 * @conversation_id: a conversation
 * @seq: the message that was read; 0: at the end
 * @y: where its upper edge was
 *
 * Remembers where somebody was, also when the program ends.
 */
void
tern_session_save_place (TernSession *self,
                         const char  *conversation_id,
                         gint64       seq,
                         double       y)
{
  g_autofree char *key = make_place_key (conversation_id);
  g_autofree char *value = NULL;

  if (self->worker == NULL)
    return;
  value = seq > 0 ? g_strdup_printf ("%" G_GINT64_FORMAT " %d", seq,
                                     (int) CLAMP (y, -100000, 100000))
                  : g_strdup ("");
  tern_sync_worker_set_value_async (self->worker, key, value, NULL, NULL, NULL);
}

/**
 * tern_session_find_place:
 * @self: an open session
 * @conversation_id: a conversation
 * @seq: (out): the message
 * @y: (out): where its upper edge was
 *
 * Returns: %FALSE if it was left at the end, or never opened
 */
gboolean
tern_session_find_place (TernSession *self,
                         const char  *conversation_id,
                         gint64      *seq,
                         double      *y)
{
  g_autofree char *key = make_place_key (conversation_id);
  g_autofree char *value = NULL;
  char *end;

  *seq = 0;
  *y = 0;
  if (self->reader != NULL)
    value = tern_store_dup_value (self->reader, key, NULL);
  if (value == NULL)
    return FALSE;
  *seq = g_ascii_strtoll (value, &end, 10);
  *y = (double) g_ascii_strtoll (end, NULL, 10);

  return *seq > 0;
}
