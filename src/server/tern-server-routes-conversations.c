/* tern-server-routes-conversations.c: a person's records of conversations
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 section 5.5; protocol 03 section 3.5.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server.h"

#define UNSEEN_MS (60 * 1000)

static JsonNode *
build_conversation (gconstpointer record)
{
  return tern_api_build_conversation (record);
}

/* Those that are shown: a row that its owner made is not, for a while. */
static void
answer_conversations (TernServerCall *call,
                      GPtrArray      *records)
{
  call->data = json_object_new ();
  tern_server_set_array (call->data, "conversations",
                         tern_server_array_of (records, build_conversation));
}

static gboolean
is_shown (TernServerCall               *call,
          const TernConversationRecord *record)
{
  return record != NULL && !tern_server_state_is_unseen (call->server->state, record->owner_id,
                                                         record->id);
}

static GPtrArray *
list_shown (TernServerCall *call,
            const char     *owner_id)
{
  GPtrArray *records = tern_server_state_list_conversations (call->server->state, owner_id);

  for (guint i = records->len; i-- > 0;)
    {
      if (!is_shown (call, records->pdata[i]))
        g_ptr_array_remove_index (records, i);
    }

  return records;
}

static void
route_all (TernServerCall *call)
{
  g_autoptr(GPtrArray) records = NULL;

  if (!tern_server_is_self (call, "ownerUserID"))
    return;
  records = list_shown (call, tern_json_get_string (call->body, "ownerUserID"));
  answer_conversations (call, records);
}

static void
route_page (TernServerCall *call)
{
  g_autoptr(GPtrArray) records = NULL;
  guint first, end, total;

  if (!tern_server_is_self (call, "userID"))
    return;
  records = list_shown (call, tern_json_get_string (call->body, "userID"));
  total = records->len;
  if (!tern_server_get_page (call, total, &first, &end))
    return;
  tern_server_cut (records, first, end);
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "total", total);
  tern_server_set_array (call->data, "conversations",
                         tern_server_array_of (records, build_conversation));
}

static void
route_some (TernServerCall *call)
{
  g_auto(GStrv) ids = tern_server_dup_ids (call, "conversationIDs");
  g_autoptr(GPtrArray) records =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_conversation_record_free);

  if (!tern_server_is_self (call, "ownerUserID"))
    return;
  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr(TernConversationRecord) record =
        tern_server_state_find_conversation (call->server->state,
                                             tern_json_get_string (call->body, "ownerUserID"),
                                             ids[i]);

      if (is_shown (call, record))
        g_ptr_array_add (records, g_steal_pointer (&record));
    }
  answer_conversations (call, records);
}

static void
route_one (TernServerCall *call)
{
  g_autoptr(TernConversationRecord) record = NULL;

  if (!tern_server_is_self (call, "ownerUserID"))
    return;
  record = tern_server_state_find_conversation (call->server->state,
                                                tern_json_get_string (call->body, "ownerUserID"),
                                                tern_json_get_string (call->body,
                                                                      "conversationID"));
  if (!is_shown (call, record))
    {
      tern_server_fail (call, 1004, "conversation not found");
      return;
    }
  call->data = json_object_new ();
  json_object_set_member (call->data, "conversation", tern_api_build_conversation (record));
}

static void
answer_ids (TernServerCall *call,
            gboolean      (*is_wanted) (const TernConversationRecord *record))
{
  g_autoptr(GPtrArray) records = NULL;
  JsonArray *array;

  if (!tern_server_is_self (call, "userID"))
    return;
  records = tern_server_state_list_conversations (call->server->state,
                                                  tern_json_get_string (call->body, "userID"));
  array = json_array_new ();
  for (guint i = 0; i < records->len; i++)
    {
      if (is_wanted (records->pdata[i]))
        json_array_add_string_element (array, ((TernConversationRecord *) records->pdata[i])->id);
    }
  call->data = json_object_new ();
  tern_server_set_array (call->data, "conversationIDs", array);
}

static gboolean
is_pinned (const TernConversationRecord *record)
{
  return record->is_pinned;
}

static gboolean
is_silent (const TernConversationRecord *record)
{
  return record->recv_opt == 2;
}

static void
route_pinned (TernServerCall *call)
{
  answer_ids (call, is_pinned);
}

static void
route_silent (TernServerCall *call)
{
  answer_ids (call, is_silent);
}

/* --- settings --- */

static gboolean
set_text (char       **field,
          JsonNode    *asked,
          const char  *member)
{
  const char *text = tern_server_lookup_string (asked, member);

  if (text == NULL || strcmp (*field, text) == 0)
    return FALSE;

  g_free (*field);
  *field = g_strdup (text);

  return TRUE;
}

static gboolean
set_int (int        *field,
         JsonNode   *asked,
         const char *member)
{
  int number = (int) tern_json_get_int (asked, member);

  if (tern_json_get_node (asked, member) == NULL || *field == number)
    return FALSE;
  *field = number;

  return TRUE;
}

static gboolean
set_bool (gboolean   *field,
          JsonNode   *asked,
          const char *member)
{
  gboolean is_on = tern_json_get_bool (asked, member);

  if (tern_json_get_node (asked, member) == NULL || *field == is_on)
    return FALSE;
  *field = is_on;

  return TRUE;
}

static gboolean
set_wide (gint64     *field,
          JsonNode   *asked,
          const char *member)
{
  gint64 number = tern_json_get_int (asked, member);

  if (tern_json_get_node (asked, member) == NULL || *field == number)
    return FALSE;
  *field = number;

  return TRUE;
}

/* A copy with another owner, if there is none yet. */
static TernConversationRecord *
find_or_copy (TernServer                   *self,
              const char                   *owner_id,
              const char                   *user_id,
              const TernConversationRecord *fresh,
              gboolean                     *is_new)
{
  TernConversationRecord *record =
    tern_server_state_find_conversation (self->state, owner_id, fresh->id);

  *is_new = record == NULL;
  if (record != NULL)
    return record;

  record = tern_conversation_record_new ();
  g_free (record->id);
  record->id = g_strdup (fresh->id);
  g_free (record->owner_id);
  record->owner_id = g_strdup (owner_id);
  g_free (record->user_id);
  record->user_id = g_strdup (user_id);
  g_free (record->group_id);
  record->group_id = g_strdup (fresh->group_id);
  record->chat_type = fresh->chat_type;

  return record;
}

/* The real server remembers for a minute that there was no such row. */
static void
put (TernServer                   *self,
     const TernConversationRecord *record,
     gboolean                      is_new)
{
  if (is_new)
    tern_server_state_put_self_made (self->state, record, tern_clock_get_wall_ms () +
                                     (self->is_gentle ? -1 : UNSEEN_MS));
  else
    tern_server_state_put_conversation (self->state, record);
}

static void
set_one (TernServerCall               *call,
         const char                   *owner_id,
         const TernConversationRecord *fresh,
         JsonNode                     *asked)
{
  gboolean is_new;
  g_autoptr(TernConversationRecord) record =
    find_or_copy (call->server, owner_id, fresh->user_id, fresh, &is_new);
  gboolean is_changed = is_new;

  is_changed |= set_int (&record->recv_opt, asked, "recvMsgOpt");
  is_changed |= set_bool (&record->is_pinned, asked, "isPinned");
  is_changed |= set_text (&record->attached_info, asked, "attachedInfo");
  is_changed |= set_text (&record->ex, asked, "ex");
  is_changed |= set_int (&record->burn_s, asked, "burnDuration");
  is_changed |= set_int (&record->at_type, asked, "groupAtType");
  is_changed |= set_wide (&record->destruct_s, asked, "msgDestructTime");
  is_changed |= set_bool (&record->is_destruct, asked, "isMsgDestruct");
  if (!is_changed)
    return;

  put (call->server, record, is_new);
  tern_server_notify_changed (call->server, owner_id, record->id);
}

/* On both sides at once, which both are told instead of 1300. Of a chat of
 * others it has no effect, unlike in the real server. */
static void
set_private (TernServerCall               *call,
             const char                   *owner_id,
             const TernConversationRecord *fresh,
             gboolean                      is_private)
{
  gboolean is_own_new, is_other_new;
  g_autoptr(TernConversationRecord) own =
    find_or_copy (call->server, owner_id, fresh->user_id, fresh, &is_own_new);
  g_autoptr(TernConversationRecord) other = NULL;
  JsonObject *detail;

  if (own->chat_type == TERN_CHAT_GROUP || !tern_server_is_own_chat (call->server, own))
    return;

  other = find_or_copy (call->server, own->user_id, owner_id, own, &is_other_new);
  own->is_private = is_private;
  other->is_private = is_private;
  put (call->server, own, is_own_new);
  put (call->server, other, is_other_new);

  detail = json_object_new ();
  json_object_set_string_member (detail, "recvID", own->user_id);
  json_object_set_string_member (detail, "sendID", owner_id);
  json_object_set_boolean_member (detail, "isPrivate", is_private);
  json_object_set_string_member (detail, "conversationID", own->id);
  tern_server_notify (call->server, 1701, owner_id, own->user_id, detail);
}

static gboolean
check_set (TernServerCall     *call,
           JsonNode           *asked,
           const char * const *owner_ids)
{
  gint64 type = tern_json_get_int (asked, "conversationType");

  if (asked == NULL)
    return tern_server_fail (call, 1001, "conversation is empty");
  if (*tern_json_get_string (asked, "conversationID") == '\0')
    return tern_server_fail (call, 1001, "conversationID is empty");
  if (type == 0)
    return tern_server_fail (call, 1001, "conversationType is invalid");
  if (type == TERN_CHAT_SINGLE && *tern_json_get_string (asked, "userID") == '\0')
    return tern_server_fail (call, 1001, "userID is empty");
  if (type == TERN_CHAT_GROUP && *tern_json_get_string (asked, "groupID") == '\0')
    return tern_server_fail (call, 1001, "groupID is empty");
  for (gsize i = 0; owner_ids[i] != NULL; i++)
    {
      if (!tern_server_may_act_for (call, owner_ids[i]))
        return FALSE;
    }

  return tern_server_require (call, "userIDs", "userIDs is empty");
}

static void
route_set (TernServerCall *call)
{
  JsonNode *asked = tern_json_get_node (call->body, "conversation");
  g_auto(GStrv) owner_ids = tern_json_dup_strings (call->body, "userIDs");
  g_autoptr(TernConversationRecord) fresh = NULL;

  if (!check_set (call, asked, (const char * const *) owner_ids))
    return;
  fresh = tern_api_parse_conversation (asked);
  for (guint i = 0; owner_ids[i] != NULL; i++)
    {
      if (tern_json_get_node (asked, "isPrivateChat") != NULL)
        set_private (call, owner_ids[i], fresh, fresh->is_private);
      set_one (call, owner_ids[i], fresh, asked);
    }
}

static void
route_delete (TernServerCall *call)
{
  const char *owner_id = tern_json_get_string (call->body, "ownerUserID");
  gint64 days = tern_json_get_int (call->body, "needDeleteTime");
  gint64 since = tern_clock_get_wall_ms () - days * 24 * 3600 * 1000;
  g_auto(GStrv) ids = tern_json_dup_strings (call->body, "conversationIDs");
  g_autoptr(GHashTable) asked = tern_server_make_set ((const char * const *) ids);
  g_autoptr(GPtrArray) records = NULL;

  if (!tern_server_is_self (call, "ownerUserID"))
    return;
  if ((ids[0] != NULL) == (days > 0))
    {
      tern_server_fail (call, 1001, "conversationIDs or needDeleteTime, not both");
      return;
    }
  records = tern_server_state_list_conversations (call->server->state, owner_id);
  tern_server_state_begin_together (call->server->state);
  for (guint i = 0; i < records->len; i++)
    {
      const char *id = ((TernConversationRecord *) records->pdata[i])->id;

      if (days > 0 ? tern_server_state_get_max_seq_ms (call->server->state, id) < since
                   : g_hash_table_contains (asked, id))
        tern_server_state_delete_conversation (call->server->state, owner_id, id);
    }
  tern_server_state_end_together (call->server->state);
}

static void
route_update_by_user (TernServerCall *call)
{
  const char *ex = tern_server_lookup_string (call->body, "ex");
  g_autoptr(GPtrArray) records = NULL;

  if (!tern_server_is_self (call, "userID") || ex == NULL)
    return;
  records = tern_server_state_list_conversations_with (call->server->state,
                                                       tern_json_get_string (call->body, "userID"));
  for (guint i = 0; i < records->len; i++)
    {
      TernConversationRecord *record = records->pdata[i];

      g_free (record->ex);
      record->ex = g_strdup (ex);
      tern_server_state_put_conversation (call->server->state, record);
    }
}

/**
 * tern_server_find_conversation_route:
 * @path: a route's
 *
 * Returns: (nullable): what answers it, if it is one of these
 */
TernServerRoute
tern_server_find_conversation_route (const char *path)
{
  static const TernServerRouteEntry routes[] = {
    { "/conversation/get_all_conversations", route_all },
    { "/conversation/get_owner_conversation", route_page },
    { "/conversation/get_conversations", route_some },
    { "/conversation/get_conversation", route_one },
    { "/conversation/get_pinned_conversation_ids", route_pinned },
    { "/conversation/get_not_notify_conversation_ids", route_silent },
    { "/conversation/set_conversations", route_set },
    { "/conversation/delete_conversations", route_delete },
    { "/conversation/update_conversations_by_user", route_update_by_user },
  };

  return tern_server_find_route (routes, G_N_ELEMENTS (routes), path);
}
