/* tern-server-notify.c: what the server tells by itself
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 03 section 2. What is told of, and how it travels, stands in the
 * one table; the details are built where the thing happens, of the objects
 * below.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server.h"

#define ALL_OFF \
  (TERN_OPTION_IS_NOT_NOTIFICATION | TERN_OPTION_IS_SEND_MSG | TERN_OPTION_HISTORY | \
   TERN_OPTION_PERSISTENT | TERN_OPTION_OFFLINE_PUSH | TERN_OPTION_UNREAD_COUNT | \
   TERN_OPTION_CONVERSATION_UPDATE | TERN_OPTION_NOT_PRIVATE | \
   TERN_OPTION_SENDER_CONVERSATION_UPDATE | TERN_OPTION_REACTION_FROM_CACHE)

typedef enum
{
  LINE = 1 << 0,    /* also a line in the chat */
  STORED = 1 << 1,  /* may be pulled later */
  OFFLINE = 1 << 2, /* for mobile push, too */
  NAMED = 1 << 3,   /* carries the operator's name and picture */
} Traits;

/* As in the notification.yml that the real server is shipped with. */
static const struct
{
  int         type;
  Traits      traits;
  const char *push; /* for mobile push; a group's is followed by what it is */
} kinds[] = {
  { 1201, LINE | OFFLINE, "Someone applies to add your friend application" },
  { 1202, OFFLINE, "Someone rejected your friend application" },
  { 1203, OFFLINE, "Somebody applies to add you as a friend" },
  { 1205, 0, "deleted a friend" },
  { 1206, 0, "Your friend's profile has been changed" },
  { 1207, 0, "blocked a user" },
  { 1208, 0, "Remove a blocked user" },
  { 1209, 0, "friend info updated" },
  { 1210, 0, "friend info updated" },
  { 1300, 0, "conversation changed" },
  { 1303, 0, "userInfo updated" },
  { 1501, LINE, "create group" },
  { 1502, NAMED, "groupInfoSet" },
  { 1503, OFFLINE, "joinGroupApplication" },
  { 1504, LINE, "memberQuit" },
  { 1505, OFFLINE, "groupApplicationAccepted" },
  { 1506, OFFLINE, "groupApplicationRejected" },
  { 1507, LINE, "groupOwnerTransferred" },
  { 1508, LINE, "memberKicked" },
  { 1509, LINE, "memberInvited" },
  { 1510, LINE, "memberEnter" },
  { 1511, LINE, "groupDismissed" },
  { 1512, LINE, "groupMemberMuted" },
  { 1513, LINE, "groupMemberCancelMuted" },
  { 1514, LINE, "groupMuted" },
  { 1515, LINE, "groupCancelMuted" },
  { 1516, 0, "groupMemberInfoSet" },
  { 1517, 0, NULL },
  { 1518, 0, NULL },
  { 1519, LINE | NAMED, "groupInfoSetAnnouncement" },
  { 1520, LINE, "groupInfoSetName" },
  { 1701, LINE, "burn after reading" },
  { 1703, 0, NULL },
  { 2101, STORED, NULL },
  { 2102, STORED, NULL },
  { 2200, STORED, NULL },
};

/* --- objects --- */

static GBytes *
to_bytes (JsonObject *object) /* (transfer full) */
{
  g_autoptr(JsonNode) node = tern_json_take_object (object);
  g_autoptr(GBytes) plain = tern_json_to_bytes (node);

  return tern_server_escape_html (plain);
}

/**
 * tern_server_wrap_detail:
 * @detail: (transfer full): what happened
 *
 * Returns: (transfer full): the content of a notification, {"detail":"…"}
 */
GBytes *
tern_server_wrap_detail (JsonObject *detail)
{
  g_autoptr(GBytes) inner = to_bytes (detail);
  gsize size;
  const char *bytes = g_bytes_get_data (inner, &size);
  g_autofree char *text = g_strndup (bytes, size);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "detail", text);

  return to_bytes (object);
}

/**
 * tern_server_group_node:
 * @self: a server
 * @group_id: which group
 *
 * Returns: (transfer full): as details have it; null: no such group
 */
JsonNode *
tern_server_group_node (TernServer *self,
                        const char *group_id)
{
  g_autoptr(TernGroupRecord) group = tern_server_state_find_group (self->state, group_id);

  return group != NULL ? tern_api_build_group (group) : json_node_new (JSON_NODE_NULL);
}

/**
 * tern_server_member_node:
 * @self: a server
 * @group_id: which group
 * @user_id: who
 *
 * Returns: (transfer full): as details have it; null: no such member
 */
JsonNode *
tern_server_member_node (TernServer *self,
                         const char *group_id,
                         const char *user_id)
{
  g_autoptr(TernMemberRecord) member =
    tern_server_state_find_member (self->state, group_id, user_id);

  return member != NULL ? tern_api_build_member (member) : json_node_new (JSON_NODE_NULL);
}

/**
 * tern_server_member_array:
 * @self: a server
 * @group_id: which group
 * @user_ids: (array zero-terminated=1): who
 *
 * Returns: (transfer full): as tern_server_member_node() has each
 */
JsonArray *
tern_server_member_array (TernServer         *self,
                          const char         *group_id,
                          const char * const *user_ids)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; user_ids[i] != NULL; i++)
    json_array_add_element (array, tern_server_member_node (self, group_id, user_ids[i]));

  return array;
}

/**
 * tern_server_public_user_node:
 * @self: a server
 * @user_id: who
 *
 * Returns: (transfer full): as details have it; without a name: nobody
 */
JsonNode *
tern_server_public_user_node (TernServer *self,
                              const char *user_id)
{
  g_autoptr(TernUserRecord) user = tern_server_state_find_user (self->state, user_id);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "userID", user_id);
  json_object_set_string_member (object, "nickname", user != NULL ? user->name : "");
  json_object_set_string_member (object, "faceURL", user != NULL ? user->face_url : "");
  json_object_set_string_member (object, "ex", user != NULL ? user->ex : "");

  return tern_json_take_object (object);
}

/**
 * tern_server_add_member_version:
 * @detail: of a notification
 *
 * The single process never fills these two (protocol 03 section 2.2).
 */
void
tern_server_add_member_version (JsonObject *detail)
{
  json_object_set_int_member (detail, "groupMemberVersion", 0);
  json_object_set_string_member (detail, "groupMemberVersionID", "");
}

/* --- sending --- */

static gsize
find_kind (int type)
{
  gsize i = 0;

  while (i < G_N_ELEMENTS (kinds) && kinds[i].type != type)
    i++;
  g_assert (i < G_N_ELEMENTS (kinds));

  return i;
}

static TernOfflinePush *
make_push (int         type,
           const char *text)
{
  static const char * const parts[] = { " title", " desc", " ext" };
  gboolean is_group = type >= 1500 && type < 1600;
  TernOfflinePush *push = tern_offline_push_new ();
  char **fields[] = { &push->title, &push->desc, &push->ex };

  for (guint i = 0; i < G_N_ELEMENTS (fields) && text != NULL; i++)
    {
      g_free (*fields[i]);
      *fields[i] = g_strconcat (text, is_group ? parts[i] : "", NULL);
    }

  return push;
}

static void
set_option (TernMessageRecord *message,
            TernOptions        option,
            gboolean           is_on)
{
  if (!is_on)
    return;

  message->options_off &= ~option;
  message->options_on |= option;
}

static void
add_sender (TernServer        *self,
            TernMessageRecord *event)
{
  g_autoptr(TernMemberRecord) member =
    tern_server_state_find_member (self->state, event->group_id, event->sender_id);

  if (member == NULL)
    return;

  tern_record_set_text (&event->sender_name, member->name);
  tern_record_set_text (&event->sender_face_url, member->face_url);
}

static void
notify (TernServer *self,
        gsize       kind,
        gboolean    shows_line,
        const char *sender_id,
        const char *recv_id,
        const char *group_id,
        JsonObject *detail)
{
  TernMessageRecord *event = tern_message_record_new ();
  Traits traits = kinds[kind].traits;
  gboolean is_to_self = group_id == NULL && strcmp (sender_id, recv_id) == 0;

  g_free (event->client_id);
  event->client_id = tern_server_make_id (self);
  tern_record_set_text (&event->sender_id, sender_id);
  tern_record_set_text (&event->recv_id, group_id != NULL ? group_id : recv_id);
  if (group_id != NULL)
    tern_record_set_text (&event->group_id, group_id);
  event->chat_type = group_id != NULL ? TERN_CHAT_GROUP : TERN_CHAT_SINGLE;
  event->content_type = kinds[kind].type;
  event->content = tern_server_wrap_detail (detail);
  event->msg_from = 200;
  event->created_ms = tern_clock_get_wall_ms ();
  event->offline_push = make_push (kinds[kind].type, kinds[kind].push);
  if ((traits & NAMED) != 0)
    add_sender (self, event);

  event->options_off = ALL_OFF;
  event->options_on = TERN_OPTION_SENDER_SYNC;
  set_option (event, TERN_OPTION_OFFLINE_PUSH, (traits & OFFLINE) != 0);
  set_option (event, TERN_OPTION_IS_SEND_MSG | TERN_OPTION_UNREAD_COUNT, shows_line);
  /* What somebody has read is of no use to him later. */
  set_option (event, TERN_OPTION_HISTORY | TERN_OPTION_PERSISTENT,
              (traits & STORED) != 0 &&
              !(kinds[kind].type == TERN_CONTENT_READ && is_to_self));
  tern_server_accept_own (self, event);
}

/**
 * tern_server_notify:
 * @self: a server
 * @type: of content; one of the table above
 * @sender_id: whose doing it is
 * @recv_id: who is told; the sender is, too
 * @detail: (transfer full): what happened
 */
void
tern_server_notify (TernServer *self,
                    int         type,
                    const char *sender_id,
                    const char *recv_id,
                    JsonObject *detail)
{
  gsize kind = find_kind (type);

  notify (self, kind, (kinds[kind].traits & LINE) != 0, sender_id, recv_id, NULL, detail);
}

/**
 * tern_server_notify_group:
 * @self: a server
 * @type: of content; one of the table above
 * @operator_id: whose doing it is
 * @group_id: which group
 * @line: whether also the chat shows it
 * @detail: (transfer full): what happened
 */
void
tern_server_notify_group (TernServer      *self,
                          int              type,
                          const char      *operator_id,
                          const char      *group_id,
                          TernServerLine   line,
                          JsonObject      *detail)
{
  gsize kind = find_kind (type);
  gboolean shows_line = line == TERN_SERVER_LINE_DEFAULT ? (kinds[kind].traits & LINE) != 0
                                                         : line == TERN_SERVER_LINE_SHOWN;

  notify (self, kind, shows_line, operator_id, NULL, group_id, detail);
}

/**
 * tern_server_notify_conversation:
 * @self: a server
 * @type: of content; one of the table above
 * @sender_id: whose doing it is
 * @conversation: the sender's record
 * @detail: (transfer full): what happened
 *
 * Tells everybody in it.
 */
void
tern_server_notify_conversation (TernServer *self,
                                 int         type,
                                 const char *sender_id,
                                 const TernConversationRecord *conversation,
                                 JsonObject *detail)
{
  if (conversation->chat_type == TERN_CHAT_GROUP)
    tern_server_notify_group (self, type, sender_id, conversation->group_id,
                              TERN_SERVER_LINE_DEFAULT, detail);
  else
    tern_server_notify (self, type, sender_id, conversation->user_id, detail);
}

/**
 * tern_server_notify_changed:
 * @self: a server
 * @user_id: who
 * @conversation_id: which conversation
 *
 * 1300, to all devices of the person.
 */
void
tern_server_notify_changed (TernServer *self,
                            const char *user_id,
                            const char *conversation_id)
{
  JsonObject *detail = json_object_new ();
  JsonArray *list = json_array_new ();

  json_array_add_string_element (list, conversation_id);
  json_object_set_string_member (detail, "userID", user_id);
  json_object_set_array_member (detail, "conversationIDList", list);
  tern_server_notify (self, 1300, user_id, user_id, detail);
}
