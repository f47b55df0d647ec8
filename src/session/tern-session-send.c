/* tern-session-send.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tern-clock.h"
#include "tern-content-json.h"
#include "tern-error.h"
#include "tern-session-private.h"

#define TYPING_EVERY_MS 10000 /* protocol 03 section 4.8 */

/* What a frame takes of 51,200 bytes, in base64 and with the rest of it; and
 * how many other clients merge. */
#define MAX_MERGED_BYTES 34000
#define MAX_MERGED 100
#define N_MERGED_LINES 4

/* A chat that was never shown: its ID still tells whom it is with, when one
 * of the two is oneself. */
static gboolean
derive_recipient (TernSession       *self,
                  TernMessageRecord *message)
{
  const char *id = message->conversation_id;
  const char *own = self->account->user_id;
  g_autofree char *prefix = g_strconcat ("si_", own, "_", NULL);
  g_autofree char *suffix = g_strconcat ("_", own, NULL);

  if (g_str_has_prefix (id, "sg_") && id[3] != '\0')
    {
      message->chat_type = TERN_CHAT_GROUP;
      tern_record_set_text (&message->group_id, id + 3);
      return TRUE;
    }
  message->chat_type = TERN_CHAT_SINGLE;
  if (g_str_has_prefix (id, prefix) && id[strlen (prefix)] != '\0')
    {
      tern_record_set_text (&message->recv_id, id + strlen (prefix));
      return TRUE;
    }
  if (g_str_has_prefix (id, "si_") && g_str_has_suffix (id, suffix) &&
      strlen (id) > strlen (suffix) + 3)
    {
      g_autofree char *peer = g_strndup (id + 3, strlen (id) - 3 - strlen (suffix));

      tern_record_set_text (&message->recv_id, peer);
      return TRUE;
    }

  return FALSE;
}

/* A message to @conversation_id without content; NULL: nobody knows to whom. */
static TernMessageRecord *
address (TernSession *self,
         const char  *conversation_id)
{
  g_autoptr(TernConversationRow) row = NULL;
  g_autoptr(TernMessageRecord) message = tern_message_record_new ();

  tern_record_set_text (&message->conversation_id, conversation_id);
  row = tern_store_find_conversation (self->reader, self->account->user_id, conversation_id, NULL);
  if (row != NULL && (*row->user_id != '\0' || *row->group_id != '\0'))
    {
      message->chat_type = row->chat_type;
      tern_record_set_text (&message->recv_id,
                            row->chat_type == TERN_CHAT_GROUP ? "" : row->user_id);
      tern_record_set_text (&message->group_id,
                            row->chat_type == TERN_CHAT_GROUP ? row->group_id : "");
    }
  else if (!derive_recipient (self, message))
    return NULL;
  if (self->self_user != NULL)
    {
      tern_record_set_text (&message->sender_name, self->self_user->name);
      tern_record_set_text (&message->sender_face_url, self->self_user->face_url);
    }

  return g_steal_pointer (&message);
}

static char **
dup_ids (GPtrArray *people)
{
  char **ids = g_new0 (char *, people->len + 1);

  for (guint i = 0; i < people->len; i++)
    ids[i] = g_strdup (((TernPerson *) people->pdata[i])->id);

  return ids;
}

static void
sent_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  char *client_id = tern_sync_worker_send_finish (TERN_SYNC_WORKER (object), result, &error);

  if (client_id != NULL)
    g_task_return_pointer (task, client_id, g_free);
  else
    g_task_return_error (task, error);
}

/**
 * tern_session_send_text_async:
 * @self: an open session
 * @conversation_id: where to
 * @text: what to say
 * @at: (element-type TernPerson) (nullable): who is mentioned
 * @quoted: (nullable): what is replied to
 * @cancellable: (nullable): stops waiting; what is on disk will be sent
 * @callback: called when it is on disk
 * @user_data: passed to @callback
 */
void
tern_session_send_text_async (TernSession         *self,
                              const char          *conversation_id,
                              const char          *text,
                              GPtrArray           *at,
                              TernMessage         *quoted,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  const TernMessageRecord *record = NULL;
  TernMessageRecord *message;

  g_return_if_fail (TERN_IS_SESSION (self));

  g_task_set_source_tag (task, tern_session_send_text_async);
  message = self->reader != NULL ? address (self, conversation_id) : NULL;
  if (message == NULL)
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_NOT_FOUND,
                               _("There is no such conversation"));
      return;
    }

  /* A quote without a seq would be shown as withdrawn to everybody (protocol
   * 03, trap 6). */
  if (quoted != NULL && tern_message_get_seq (quoted) > 0)
    record = tern_message_get_record (quoted);
  if (at != NULL && at->len > 0)
    {
      message->content_type = TERN_CONTENT_AT_TEXT;
      message->content = tern_content_build_at (text, at, record);
      message->at_user_ids = dup_ids (at);
    }
  else if (record != NULL)
    {
      message->content_type = TERN_CONTENT_QUOTE;
      message->content = tern_content_build_quote (text, record);
    }
  else
    {
      message->content_type = TERN_CONTENT_TEXT;
      message->content = tern_content_build_text (text);
    }
  tern_sync_worker_send_async (self->worker, message, TRUE, cancellable, sent_cb,
                               g_steal_pointer (&task));
}

/**
 * tern_session_send_text_finish:
 * @self: a session
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: NOT_FOUND; the store's, then it was not stored and will not be sent.
 *
 * Returns: (transfer full) (nullable): the message's client ID
 */
char *
tern_session_send_text_finish (TernSession   *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- forwarding --- */

/**
 * tern_session_may_forward:
 * @message: any message
 *
 * Returns: whether it can be sent on: it is there in full, and says something
 */
gboolean
tern_session_may_forward (TernMessage *message)
{
  switch (tern_message_get_content (message)->kind)
    {
    case TERN_CONTENT_KIND_TEXT:
    case TERN_CONTENT_KIND_QUOTE:
    case TERN_CONTENT_KIND_PICTURE:
    case TERN_CONTENT_KIND_VOICE:
    case TERN_CONTENT_KIND_VIDEO:
    case TERN_CONTENT_KIND_FILE:
    case TERN_CONTENT_KIND_MERGED:
    case TERN_CONTENT_KIND_CARD:
    case TERN_CONTENT_KIND_LOCATION:
    case TERN_CONTENT_KIND_FACE:
      return tern_message_get_seq (message) > 0;
    case TERN_CONTENT_KIND_UNKNOWN:
    case TERN_CONTENT_KIND_CUSTOM:
    case TERN_CONTENT_KIND_TYPING:
    case TERN_CONTENT_KIND_NOTICE:
    case TERN_CONTENT_KIND_REVOKED:
    case TERN_CONTENT_KIND_OFFICIAL:
    default:
      return FALSE;
    }
}

/* Mentions would call people who may not be there, and a quote points into
 * another chat (protocol 03 section 4.9): the words are what goes on. */
static void
copy_content (TernMessageRecord *message,
              TernMessage       *original)
{
  const TernMessageRecord *record = tern_message_get_record (original);
  const TernContent *content = tern_message_get_content (original);

  if (record->content_type == TERN_CONTENT_QUOTE || record->content_type == TERN_CONTENT_AT_TEXT ||
      record->content_type == TERN_CONTENT_ADVANCED_TEXT)
    {
      g_autofree char *text = tern_content_dup_words (content, NULL);

      message->content_type = TERN_CONTENT_TEXT;
      message->content = tern_content_build_text (text);
      return;
    }
  message->content_type = record->content_type;
  message->content = g_bytes_ref (record->content);
}

/**
 * tern_session_forward_async:
 * @self: an open session
 * @conversation_id: where to
 * @message: one that tern_session_may_forward()
 * @cancellable: (nullable): stops waiting; what is on disk will be sent
 * @callback: called when it is on disk
 * @user_data: passed to @callback
 */
void
tern_session_forward_async (TernSession         *self,
                            const char          *conversation_id,
                            TernMessage         *message,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  TernMessageRecord *copy;

  g_return_if_fail (TERN_IS_SESSION (self));
  g_return_if_fail (tern_session_may_forward (message));

  g_task_set_source_tag (task, tern_session_forward_async);
  copy = self->reader != NULL ? address (self, conversation_id) : NULL;
  if (copy == NULL)
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_NOT_FOUND,
                               _("There is no such conversation"));
      return;
    }
  copy_content (copy, message);
  tern_sync_worker_send_async (self->worker, copy, FALSE, cancellable, sent_cb,
                               g_steal_pointer (&task));
}

/* What a friend is called here is nobody else's affair. */
static const char *
get_public_name (const TernMessageRecord *record)
{
  return record->sender_name[0] != '\0' ? record->sender_name : record->sender_id;
}

static char *
dup_history_title (TernSession             *self,
                   const TernMessageRecord *record)
{
  g_autoptr(TernConversationRow) row =
    tern_store_find_conversation (self->reader, self->account->user_id, record->conversation_id,
                                  NULL);
  g_autoptr(TernUserRecord) peer = NULL;
  const char *own = self->self_user != NULL ? self->self_user->name : self->account->user_id;

  if (row != NULL && row->chat_type == TERN_CHAT_GROUP && row->name[0] != '\0')
    return g_strdup_printf (_("Chat history of “%s”"), row->name);
  if (row != NULL && row->user_id[0] != '\0')
    peer = tern_store_find_user (self->reader, row->user_id, NULL);
  if (peer != NULL && peer->name[0] != '\0')
    /* Translators: two people */
    return g_strdup_printf (_("Chat history of %s and %s"), peer->name, own);

  return g_strdup (_("Chat history"));
}

/* NULL: one message cannot hold them. */
static GBytes *
build_history (TernSession *self,
               GPtrArray   *messages)
{
  g_autoptr(GPtrArray) records = g_ptr_array_new ();
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GBytes) history = NULL;
  g_autofree char *title = NULL;

  if (messages->len == 0 || messages->len > MAX_MERGED)
    return NULL;
  for (guint i = 0; i < messages->len; i++)
    {
      TernMessage *message = messages->pdata[i];
      const TernMessageRecord *record = tern_message_get_record (message);

      g_ptr_array_add (records, (gpointer) record);
      if (i < N_MERGED_LINES)
        g_ptr_array_add (lines, tern_session_word_preview (self, tern_message_get_content (message),
                                                           get_public_name (record), FALSE));
    }
  title = dup_history_title (self, records->pdata[0]);
  history = tern_content_build_merged (title, lines, records);

  return g_bytes_get_size (history) <= MAX_MERGED_BYTES ? g_steal_pointer (&history) : NULL;
}

/**
 * tern_session_may_merge:
 * @self: an open session
 * @messages: (element-type TernMessage): what tern_session_forward_merged_async()
 *   would be given
 *
 * Returns: whether one message can hold them
 */
gboolean
tern_session_may_merge (TernSession *self,
                        GPtrArray   *messages)
{
  g_autoptr(GBytes) history = NULL;

  g_return_val_if_fail (self->reader != NULL, FALSE);

  history = build_history (self, messages);

  return history != NULL;
}

/**
 * tern_session_forward_merged_async:
 * @self: an open session
 * @conversation_id: where to
 * @messages: (element-type TernMessage): of one conversation, oldest first;
 *   each one that tern_session_may_forward(), all that tern_session_may_merge()
 * @cancellable: (nullable): stops waiting; what is on disk will be sent
 * @callback: called when it is on disk
 * @user_data: passed to @callback
 *
 * Sends them on as one message, a history that opens. To be finished with
 * tern_session_forward_finish(). More than one message can hold is refused with
 * TOO_LARGE.
 */
void
tern_session_forward_merged_async (TernSession         *self,
                                   const char          *conversation_id,
                                   GPtrArray           *messages,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(TernMessageRecord) message = NULL;

  g_return_if_fail (TERN_IS_SESSION (self));
  g_return_if_fail (messages->len > 0);

  g_task_set_source_tag (task, tern_session_forward_merged_async);
  message = self->reader != NULL ? address (self, conversation_id) : NULL;
  if (message == NULL)
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_NOT_FOUND,
                               _("There is no such conversation"));
      return;
    }
  message->content_type = TERN_CONTENT_MERGED;
  /* They may have changed since that was asked. */
  message->content = build_history (self, messages);
  if (message->content == NULL)
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_TOO_LARGE,
                               "Too much for one message");
      return;
    }
  tern_sync_worker_send_async (self->worker, g_steal_pointer (&message), FALSE, cancellable,
                               sent_cb, g_steal_pointer (&task));
}

/**
 * tern_session_forward_finish:
 * @self: a session
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: as tern_session_send_text_finish(); TOO_LARGE.
 *
 * Returns: (transfer full) (nullable): the new message's client ID
 */
char *
tern_session_forward_finish (TernSession   *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * tern_session_resend:
 * @self: an open session
 * @message: one that failed
 *
 * Tries again, under the same identity.
 */
void
tern_session_resend (TernSession *self,
                     TernMessage *message)
{
  const TernMessageRecord *record = tern_message_get_record (message);

  tern_sync_worker_resend_async (self->worker, record->conversation_id, record->client_id, NULL,
                                 NULL, NULL);
}

/**
 * tern_session_note_typing:
 * @self: an open session
 * @conversation_id: where something is being written
 *
 * Tells the others, at most once in 10 s.
 */
void
tern_session_note_typing (TernSession *self,
                          const char  *conversation_id)
{
  gint64 now = tern_clock_get_monotonic_us ();
  TernMessageRecord *message;

  if (g_strcmp0 (self->typing_in, conversation_id) == 0 &&
      now - self->typing_us < tern_clock_scale_us (TYPING_EVERY_MS * 1000))
    return;

  message = self->reader != NULL ? address (self, conversation_id) : NULL;
  if (message == NULL)
    return;
  g_free (self->typing_in);
  self->typing_in = g_strdup (conversation_id);
  self->typing_us = now;
  message->content_type = TERN_CONTENT_TYPING;
  message->content = tern_content_build_typing (TRUE);
  tern_sync_worker_send_typing (self->worker, message);
}
