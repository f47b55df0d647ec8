/* tern-session-conversations.c: what is done with conversations
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "tern-content-json.h"
#include "tern-error.h"
#include "tern-session-private.h"

/* TernConversationRecord.recv_opt. To refuse (1) would make the others' sends
 * fail (protocol 03, trap 17). */
#define RECV_NORMAL 0
#define RECV_SILENT 2

/* So many of a group can be mentioned by name: a group may have 100,000. */
#define MAX_MEMBERS 2000

/* How far back a mention is looked for, in pages: the main thread waits. */
#define PAGE 256
#define MAX_PAGES 8
/* What a mention of everybody names. */
#define AT_ALL "AtAllTag"

/* --- settings that the server keeps --- */

static void
changed_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  TernSession *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) data = tern_api_call_finish (TERN_API (object), result, &error);

  if (data == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  /* Only the other devices are told. */
  if (self->records != NULL)
    tern_record_sync_want (self->records, 1u << TERN_DATASET_CONVERSATIONS, "");
  g_task_return_boolean (task, TRUE);
}

static void
change (TernSession         *self,
        const char          *conversation_id,
        const char          *member,
        JsonNode            *value, /* (transfer full) */
        GCancellable        *cancellable,
        GAsyncReadyCallback  callback,
        gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  JsonObject *body = json_object_new ();
  JsonObject *asked = json_object_new ();
  JsonArray *users = json_array_new ();
  g_autoptr(TernConversationRow) row = NULL;
  JsonNode *node;

  g_task_set_source_tag (task, change);
  json_object_set_member (asked, member, value);
  json_array_add_string_element (users, self->account->user_id);
  json_object_set_array_member (body, "userIDs", users);
  json_object_set_object_member (body, "conversation", asked);
  node = json_node_init_object (json_node_alloc (), body);
  json_object_unref (body);
  if (self->reader != NULL)
    row = tern_store_find_conversation (self->reader, self->account->user_id, conversation_id,
                                        NULL);
  if (self->api == NULL || row == NULL)
    {
      json_node_unref (node);
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_OFFLINE, "There is no line");
      g_object_unref (task);
      return;
    }

  json_object_set_string_member (asked, "conversationID", conversation_id);
  json_object_set_int_member (asked, "conversationType", row->chat_type);
  json_object_set_string_member (asked, "userID", row->user_id);
  json_object_set_string_member (asked, "groupID", row->group_id);
  tern_api_call_async (self->api, "/conversation/set_conversations", node, cancellable, changed_cb,
                       task);
}

/**
 * tern_session_set_pinned_async:
 * @self: an open session that is online
 * @conversation_id: a conversation
 * @is_pinned: whether it stands above those that are not
 * @cancellable: (nullable): stops waiting; it may be changed all the same
 * @callback: called when the server has answered
 * @user_data: passed to @callback
 *
 * What is on disk changes when the record is fetched anew, right afterwards.
 */
void
tern_session_set_pinned_async (TernSession         *self,
                               const char          *conversation_id,
                               gboolean             is_pinned,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_return_if_fail (TERN_IS_SESSION (self));

  change (self, conversation_id, "isPinned",
          json_node_init_boolean (json_node_alloc (), is_pinned), cancellable, callback,
          user_data);
}

/**
 * tern_session_set_muted_async:
 * @self: an open session that is online
 * @conversation_id: a conversation
 * @is_muted: whether nobody is to be told when something comes
 * @cancellable: (nullable): stops waiting; it may be changed all the same
 * @callback: called when the server has answered
 * @user_data: passed to @callback
 *
 * As tern_session_set_pinned_async().
 */
void
tern_session_set_muted_async (TernSession         *self,
                              const char          *conversation_id,
                              gboolean             is_muted,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_return_if_fail (TERN_IS_SESSION (self));

  change (self, conversation_id, "recvMsgOpt",
          json_node_init_int (json_node_alloc (), is_muted ? RECV_SILENT : RECV_NORMAL),
          cancellable, callback, user_data);
}

/**
 * tern_session_change_finish:
 * @self: a session
 * @result: what the callback of one of the above was given
 * @error: return location for a #GError
 *
 * Errors: OFFLINE; those of a REST call.
 *
 * Returns: whether the server did it
 */
gboolean
tern_session_change_finish (TernSession   *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * tern_session_hide:
 * @self: an open session
 * @conversation_id: a conversation
 *
 * Takes it off the list, on this computer, until something new is written. A
 * draft in it keeps it there.
 */
void
tern_session_hide (TernSession *self,
                   const char  *conversation_id)
{
  TernRecordUpdate *update = tern_record_update_new (TERN_DATASET_CONVERSATIONS, "");
  GPtrArray *updates = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_record_update_free);

  g_return_if_fail (self->worker != NULL);

  g_ptr_array_add (update->removed, g_strdup (conversation_id));
  g_ptr_array_add (updates, update);
  tern_sync_worker_apply_async (self->worker, updates, NULL, NULL, NULL);
}

/* --- whom one may mention --- */

static TernPerson *
make_person (TernSession            *self,
             const TernMemberRecord *member)
{
  g_autoptr(TernUserRecord) user = tern_store_find_user (self->reader, member->user_id, NULL);
  const char *name = member->name;

  /* What one calls a friend oneself is for nobody else's eyes. */
  if (*name == '\0' && user != NULL)
    name = user->name;

  return tern_person_new (member->user_id, *name != '\0' ? name : member->user_id);
}

/**
 * tern_session_list_people:
 * @self: an open session
 * @conversation_id: a conversation
 *
 * Returns: (transfer full) (element-type TernPerson): the others in a group,
 *   administrators first, as they call themselves; empty elsewhere
 */
GPtrArray *
tern_session_list_people (TernSession *self,
                          const char  *conversation_id)
{
  GPtrArray *people = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_person_free);
  g_autoptr(TernConversationRow) row = NULL;
  g_autoptr(GPtrArray) members = NULL;

  if (self->reader != NULL)
    row = tern_store_find_conversation (self->reader, self->account->user_id, conversation_id,
                                        NULL);
  if (row == NULL || *row->group_id == '\0')
    return people;
  members = tern_store_list_members (self->reader, row->group_id, MAX_MEMBERS, NULL);
  for (guint i = 0; members != NULL && i < members->len; i++)
    {
      const TernMemberRecord *member = members->pdata[i];

      if (strcmp (member->user_id, self->account->user_id) != 0)
        g_ptr_array_add (people, make_person (self, member));
    }

  return people;
}

/* --- where one was mentioned oneself --- */

static gboolean
mentions (TernSession             *self,
          const TernMessageRecord *message)
{
  const char *const *ids = (const char *const *) message->at_user_ids;

  return message->content_type == TERN_CONTENT_AT_TEXT && ids != NULL &&
         strcmp (message->sender_id, self->account->user_id) != 0 &&
         (g_strv_contains (ids, self->account->user_id) || g_strv_contains (ids, AT_ALL));
}

/**
 * tern_session_find_mention:
 * @self: an open session
 * @conversation_id: a conversation
 * @after_seq: what comes after it counts
 *
 * Looks through the newest two thousand messages.
 *
 * Returns: the seq of the first message of others that mentions one, or
 *   everybody; 0: none does
 */
gint64
tern_session_find_mention (TernSession *self,
                           const char  *conversation_id,
                           gint64       after_seq)
{
  gint64 before = 0;
  gint64 found = 0;

  for (guint page = 0; self->reader != NULL && page < MAX_PAGES; page++)
    {
      g_autoptr(GPtrArray) messages =
        tern_store_list_before_seq (self->reader, conversation_id, before, PAGE, NULL);

      before = 0;
      for (guint i = 0; messages != NULL && i < messages->len; i++)
        {
          const TernMessageRecord *message = messages->pdata[i];

          if (message->seq > 0 && (before == 0 || message->seq < before))
            before = message->seq;
          if (message->seq > after_seq && mentions (self, message) &&
              (found == 0 || message->seq < found))
            found = message->seq;
        }
      if (before <= after_seq + 1)
        break;
    }

  return found;
}
