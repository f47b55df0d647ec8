/* tern-server-routes-members.c: who is in a group, comes and goes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 section 5.4; protocol 03 sections 2.3.3, 5.4.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server.h"

/* Of the news that one call may make. */
#define MAX_NEWS_BYTES (2 * 1024 * 1024)

static JsonNode *
build_member (gconstpointer record)
{
  return tern_api_build_member (record);
}

/* --- coming and going --- */

/* A member's own record of the group's conversation; back from having left,
 * the upper bound goes. */
static void
put_conversation (TernServer *self,
                  const char *group_id,
                  const char *user_id,
                  gint64      max_seq)
{
  g_autofree char *id = tern_conversation_id_for_group (group_id);
  g_autoptr(TernConversationRecord) record =
    tern_server_state_find_conversation (self->state, user_id, id);

  if (record == NULL)
    {
      record = tern_conversation_record_new ();
      g_free (record->id);
      record->id = g_strdup (id);
      g_free (record->owner_id);
      record->owner_id = g_strdup (user_id);
      g_free (record->group_id);
      record->group_id = g_strdup (group_id);
      record->chat_type = TERN_CHAT_GROUP;
    }
  record->max_seq = max_seq;
  tern_server_state_put_conversation (self->state, record);
}

/**
 * tern_server_add_member:
 * @self: a server
 * @group_id: which group
 * @user_id: who
 * @inviter_id: who brought him
 * @operator_id: who did it
 * @role: 100 owner, 60 administrator, 20 ordinary
 * @join_source: how he came (protocol 02 section 4)
 *
 * With a record of the conversation.
 */
void
tern_server_add_member (TernServer *self,
                        const char *group_id,
                        const char *user_id,
                        const char *inviter_id,
                        const char *operator_id,
                        int         role,
                        int         join_source)
{
  g_autoptr(TernMemberRecord) member = tern_member_record_new ();

  g_free (member->group_id);
  member->group_id = g_strdup (group_id);
  g_free (member->user_id);
  member->user_id = g_strdup (user_id);
  g_free (member->inviter_id);
  member->inviter_id = g_strdup (inviter_id);
  g_free (member->operator_id);
  member->operator_id = g_strdup (operator_id);
  member->joined_ms = tern_clock_get_wall_ms ();
  member->role = role;
  member->join_source = join_source;
  tern_server_state_put_member (self->state, member);
  put_conversation (self, group_id, user_id, 0);
}

/**
 * tern_server_limit_member:
 * @self: a server
 * @group_id: which group
 * @user_id: who
 *
 * Whoever left sees what there is, and no more.
 */
void
tern_server_limit_member (TernServer *self,
                          const char *group_id,
                          const char *user_id)
{
  g_autofree char *id = tern_conversation_id_for_group (group_id);

  put_conversation (self, group_id, user_id, tern_server_state_get_max_seq (self->state, id));
  tern_server_notify_changed (self, user_id, id);
}

/**
 * tern_server_is_member:
 * @call: a request
 * @group_id: which group
 *
 * Returns: whether the caller is in it, or an administrator calls; else a
 *   failure (1002)
 */
gboolean
tern_server_is_member (TernServerCall *call,
                       const char     *group_id)
{
  g_autoptr(TernMemberRecord) member = NULL;
  g_autoptr(TernGroupRecord) group = NULL;

  if (call->is_admin)
    {
      group = tern_server_state_find_group (call->server->state, group_id);
      return group != NULL || tern_server_fail (call, 1004, "record not found");
    }
  member = tern_server_state_find_member (call->server->state, group_id, call->user_id);

  return member != NULL || tern_server_fail (call, 1002, "op user not in group");
}

/* --- lists --- */

static void
route_member_list (TernServerCall *call)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  gint64 filter = tern_json_get_int (call->body, "filter");
  g_autoptr(GPtrArray) members = NULL;
  g_autoptr(TernGroupRecord) group = NULL;
  guint first;
  guint end;

  if (filter < 0 || filter > 5)
    tern_server_fail (call, 1001, "filter is invalid");
  if (call->code != 0 || !tern_server_is_member (call, group_id))
    return;
  group = tern_server_state_find_group (call->server->state, group_id);
  if (group == NULL)
    {
      tern_server_fail (call, 500, "mongo: no documents in result");
      return;
    }
  /* Searching is broken in the real server: it finds nobody. */
  if (*tern_json_get_string (call->body, "keyword") != '\0')
    group->n_members = 0;
  if (!tern_server_get_page (call, group->n_members, &first, &end))
    return;

  members = tern_server_state_list_members (call->server->state, group_id, first, end - first);
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "total", group->n_members);
  tern_server_set_array (call->data, "members", tern_server_array_of (members, build_member));
}

static void
route_members_info (TernServerCall *call)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  g_auto(GStrv) ids = tern_server_dup_ids (call, "userIDs");
  g_autoptr(GPtrArray) members =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_member_record_free);

  if (!tern_server_is_member (call, group_id))
    return;
  for (guint i = 0; ids[i] != NULL; i++)
    {
      TernMemberRecord *member = tern_server_state_find_member (call->server->state, group_id,
                                                                ids[i]);

      if (member != NULL)
        g_ptr_array_add (members, member);
    }
  call->data = json_object_new ();
  tern_server_set_array (call->data, "members", tern_server_array_of (members, build_member));
}

static void
route_member_ids (TernServerCall *call)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  g_auto(GStrv) ids = NULL;
  JsonArray *array;

  if (!tern_server_is_member (call, group_id))
    return;
  ids = tern_server_state_list_member_ids (call->server->state, group_id);
  array = json_array_new ();
  for (guint i = 0; ids[i] != NULL; i++)
    json_array_add_string_element (array, ids[i]);
  call->data = json_object_new ();
  tern_server_set_array (call->data, "userIDs", array);
}

/* --- invite --- */

static void
tell_invited (TernServer         *self,
              const char         *group_id,
              const char         *operator_id,
              const char         *inviter_id,
              const char * const *ids,
              TernServerLine      line)
{
  JsonObject *detail = tern_server_group_detail (self, group_id, operator_id);

  json_object_set_array_member (detail, "invitedUserList",
                                tern_server_member_array (self, group_id, ids));
  json_object_set_int_member (detail, "operationTime", 0);
  tern_server_add_member_version (detail);
  json_object_set_member (detail, "inviterUser",
                          tern_server_member_node (self, group_id, inviter_id));
  tern_server_notify_group (self, 1509, operator_id, group_id, line, detail);
}

static void
tell_entered (TernServer *self,
              const char *group_id,
              const char *operator_id,
              const char *user_id)
{
  JsonObject *detail = json_object_new ();

  json_object_set_member (detail, "group", tern_server_group_node (self, group_id));
  json_object_set_member (detail, "entrantUser",
                          tern_server_member_node (self, group_id, user_id));
  json_object_set_int_member (detail, "operationTime", tern_clock_get_wall_ms ());
  tern_server_add_member_version (detail);
  tern_server_notify_group (self, 1510, operator_id, group_id, TERN_SERVER_LINE_DEFAULT, detail);
}

/**
 * tern_server_admit:
 * @self: a server
 * @request: an application
 * @operator_id: who accepted it
 *
 * Tells that the application led to a membership.
 */
void
tern_server_admit (TernServer                  *self,
                   const TernServerGroupRequest *request,
                   const char                   *operator_id)
{
  const char *ids[] = { request->user_id, NULL };

  if (*request->inviter_id == '\0')
    tell_entered (self, request->group_id, operator_id, request->user_id);
  else
    tell_invited (self, request->group_id, operator_id, request->inviter_id, ids,
                  TERN_SERVER_LINE_DEFAULT);
}

static gboolean
may_invite (TernServerCall     *call,
            const char         *group_id,
            const char * const *ids)
{
  g_autoptr(TernGroupRecord) group = tern_server_state_find_group (call->server->state, group_id);

  if (ids[0] == NULL)
    return tern_server_fail (call, 1001, "user empty");
  if (group == NULL)
    return tern_server_fail (call, 500, "mongo: no documents in result");
  if (group->status == 2)
    return tern_server_fail (call, 1204,
                             "group dismissed checking group status found it dismissed");
  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr(TernUserRecord) user = tern_server_state_find_user (call->server->state, ids[i]);

      if (g_strv_contains (ids + i + 1, ids[i]))
        return tern_server_fail (call, 1001, "userID duplicate");
      if (user == NULL)
        return tern_server_fail (call, 1004, "user not found");
    }

  return tern_server_is_member (call, group_id);
}

static void
apply_for (TernServerCall     *call,
           const char         *group_id,
           const char * const *ids)
{
  for (guint i = 0; ids[i] != NULL; i++)
    {
      TernServerGroupRequest request = {
        .group_id = (char *) group_id,
        .user_id = (char *) ids[i],
        .message = (char *) "",
        .ex = (char *) "",
        .inviter_id = (char *) call->user_id,
        .created_ms = tern_clock_get_wall_ms (),
        .join_source = 2,
      };

      tern_server_apply_to_group (call->server, &request, call->user_id);
    }
}

static void
route_invite (TernServerCall *call)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  g_auto(GStrv) strings = tern_json_dup_strings (call->body, "invitedUserIDs");
  const char * const *ids = (const char * const *) strings;
  g_autoptr(TernGroupRecord) group = NULL;
  g_autoptr(TernMemberRecord) own = NULL;

  if (!may_invite (call, group_id, ids))
    return;
  group = tern_server_state_find_group (call->server->state, group_id);
  own = tern_server_state_find_member (call->server->state, group_id, call->user_id);
  if (group->need_verification == 1 && own != NULL && own->role < 60)
    {
      apply_for (call, group_id, ids);
      return;
    }

  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr(TernMemberRecord) member =
        tern_server_state_find_member (call->server->state, group_id, ids[i]);

      if (member != NULL)
        {
          tern_server_fail_printf (call, 500, "bulk write exception: write errors: [E11000"
                                   " duplicate key error collection: openim_v3.group_member"
                                   " index: group_id_1_user_id_1 dup key: { group_id: \"%s\","
                                   " user_id: \"%s\" }]", group_id, ids[i]);
          return;
        }
    }
  tern_server_state_begin_together (call->server->state);
  for (guint i = 0; ids[i] != NULL; i++)
    tern_server_add_member (call->server, group_id, ids[i], call->user_id, call->user_id, 20, 2);
  tern_server_state_end_together (call->server->state);
  tell_invited (call->server, group_id, call->user_id, call->user_id, ids,
                tern_server_get_line (call));
}

/* --- join --- */

static void
join (TernServerCall *call,
      const char     *group_id,
      const char     *user_id)
{
  g_autofree char *conversation_id = tern_conversation_id_for_group (group_id);

  tern_server_add_member (call->server, group_id, user_id, user_id, user_id, 20, 0);
  tern_server_notify_changed (call->server, user_id, conversation_id);
  tell_entered (call->server, group_id, user_id, user_id);
}

static gboolean
may_join (TernServerCall *call,
          const char     *group_id,
          const char     *user_id)
{
  g_autoptr(TernUserRecord) user = tern_server_state_find_user (call->server->state, user_id);
  g_autoptr(TernGroupRecord) group = tern_server_state_find_group (call->server->state, group_id);
  g_autoptr(TernMemberRecord) member =
    tern_server_state_find_member (call->server->state, group_id, user_id);
  gint64 source = tern_json_get_int (call->body, "joinSource");

  if (source < 1 || source > 4)
    return tern_server_fail (call, 1001, "joinSource is invalid");
  if (*user_id != '\0' && !tern_server_may_act_for (call, user_id))
    return FALSE;
  if (user == NULL)
    return tern_server_fail (call, 1004, "record not found");
  if (group == NULL)
    return tern_server_fail (call, 1004, "cache is not found");
  if (group->status == 2)
    return tern_server_fail (call, 1204, "");
  if (member != NULL)
    return tern_server_fail (call, 1001, "");

  return TRUE;
}

static void
route_join (TernServerCall *call)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  /* Whose name says the opposite (protocol 02 section 5.4). The real server
   * does not check that it is the caller. */
  const char *user_id = tern_json_get_string (call->body, "inviterUserID");
  g_autoptr(TernGroupRecord) group = NULL;
  TernServerGroupRequest request = { 0 };

  if (!may_join (call, group_id, user_id))
    return;
  group = tern_server_state_find_group (call->server->state, group_id);
  if (group->need_verification == 2)
    {
      join (call, group_id, user_id);
      return;
    }

  request.group_id = (char *) group_id;
  request.user_id = (char *) user_id;
  request.message = (char *) tern_json_get_string (call->body, "reqMessage");
  request.ex = (char *) tern_json_get_string (call->body, "ex");
  request.inviter_id = (char *) "";
  request.created_ms = tern_clock_get_wall_ms ();
  request.join_source = (int) tern_json_get_int (call->body, "joinSource");
  tern_server_apply_to_group (call->server, &request, user_id);
}

/* --- leave --- */

static gboolean
may_kick (TernServerCall     *call,
          const char         *group_id,
          const char * const *ids)
{
  g_autoptr(TernMemberRecord) own =
    tern_server_state_find_member (call->server->state, group_id, call->user_id);
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  if (ids[0] == NULL)
    return tern_server_fail (call, 1001, "KickedUserIDs empty");
  if (g_strv_contains (ids, call->user_id))
    return tern_server_fail (call, 1001, "opUserID in KickedUserIDs");
  for (guint i = 0; ids[i] != NULL; i++)
    {
      if (!g_hash_table_add (seen, (gpointer) ids[i]))
        return tern_server_fail (call, 1001, "KickedUserIDs duplicate");
    }
  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr(TernMemberRecord) member =
        tern_server_state_find_member (call->server->state, group_id, ids[i]);

      if (member == NULL)
        return tern_server_fail (call, 1101, ids[i]);
      if (member->role == 100)
        return tern_server_fail (call, 1001, "ownerUID can not Kick");
      if (!call->is_admin && (own == NULL || own->role < 60 ||
                              (own->role == 60 && member->role >= 60)))
        return tern_server_fail (call, 1002, "opUserID no permission");
    }

  return TRUE;
}

static void
route_kick (TernServerCall *call)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  g_auto(GStrv) strings = tern_json_dup_strings (call->body, "kickedUserIDs");
  const char * const *ids = (const char * const *) strings;
  JsonArray *kicked;
  JsonObject *detail;

  if (!may_kick (call, group_id, ids))
    return;

  kicked = tern_server_member_array (call->server, group_id, ids);
  tern_server_state_begin_together (call->server->state);
  for (guint i = 0; ids[i] != NULL; i++)
    tern_server_state_remove_member (call->server->state, group_id, ids[i]);
  tern_server_state_end_together (call->server->state);
  detail = tern_server_group_detail (call->server, group_id, call->user_id);
  json_object_set_array_member (detail, "kickedUserList", kicked);
  json_object_set_int_member (detail, "operationTime", 0);
  tern_server_add_member_version (detail);
  tern_server_notify_group (call->server, 1508, call->user_id, group_id,
                            tern_server_get_line (call), detail);
}

static void
route_quit (TernServerCall *call)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  g_autoptr(TernMemberRecord) own = NULL;
  JsonObject *detail;

  if (*tern_json_get_string (call->body, "userID") != '\0' && !tern_server_is_self (call, "userID"))
    return;
  own = tern_server_state_find_member (call->server->state, group_id, call->user_id);
  if (own == NULL)
    tern_server_fail (call, 500, "mongo: no documents in result");
  else if (own->role == 100)
    tern_server_fail (call, 1002, "group owner can't quit");
  if (call->code != 0)
    return;

  tern_server_state_remove_member (call->server->state, group_id, call->user_id);
  tern_server_limit_member (call->server, group_id, call->user_id);
  detail = json_object_new ();
  json_object_set_member (detail, "group", tern_server_group_node (call->server, group_id));
  json_object_set_member (detail, "quitUser", tern_api_build_member (own));
  json_object_set_int_member (detail, "operationTime", 0);
  tern_server_add_member_version (detail);
  tern_server_notify_group (call->server, 1504, call->user_id, group_id, TERN_SERVER_LINE_DEFAULT,
                            detail);
}

/* --- mute --- */

/* Over whom somebody has power: the owner over all, an administrator over
 * ordinary members. */
static gboolean
may_mute (TernServerCall *call,
          const char     *group_id,
          const char     *user_id)
{
  g_autoptr(TernMemberRecord) own =
    tern_server_state_find_member (call->server->state, group_id, call->user_id);
  g_autoptr(TernMemberRecord) member =
    tern_server_state_find_member (call->server->state, group_id, user_id);

  if (member == NULL)
    return tern_server_fail (call, 1004, "cache is not found");
  if (call->is_admin)
    return TRUE;
  if (own == NULL)
    return tern_server_fail (call, 1004, "cache is not found");
  if (member->role == 100)
    return tern_server_fail (call, 1002, "set group owner mute");
  if (own->role < 60 || (own->role == 60 && member->role >= 60))
    return tern_server_fail (call, 1002, "set group admin mute");

  return TRUE;
}

static void
set_mute (TernServerCall *call,
          const char     *group_id,
          const char     *user_id,
          gint64          seconds)
{
  gint64 end_ms = seconds > 0 ? tern_clock_get_wall_ms () + seconds * 1000 : 0;
  JsonObject *detail;

  tern_server_state_set_member_mute (call->server->state, group_id, user_id, end_ms);
  detail = tern_server_group_detail (call->server, group_id, call->user_id);
  json_object_set_int_member (detail, "operationTime", 0);
  json_object_set_member (detail, "mutedUser",
                          tern_server_member_node (call->server, group_id, user_id));
  if (seconds > 0)
    json_object_set_int_member (detail, "mutedSeconds", seconds);
  tern_server_add_member_version (detail);
  tern_server_notify_group (call->server, seconds > 0 ? 1512 : 1513, call->user_id, group_id,
                            TERN_SERVER_LINE_DEFAULT, detail);
}

static void
route_mute (TernServerCall *call)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  const char *user_id = tern_json_get_string (call->body, "userID");
  gint64 seconds = tern_json_get_int (call->body, "mutedSeconds");

  if (seconds < 1 || seconds > G_MAXUINT32)
    tern_server_fail (call, 1001, "mutedSeconds is empty");
  else if (may_mute (call, group_id, user_id))
    set_mute (call, group_id, user_id, seconds);
}

static void
route_unmute (TernServerCall *call)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  const char *user_id = tern_json_get_string (call->body, "userID");

  if (may_mute (call, group_id, user_id))
    set_mute (call, group_id, user_id, 0);
}

/* --- a member's own name and role --- */

static gboolean
may_change (TernServerCall         *call,
            JsonNode               *asked,
            const TernMemberRecord *own,
            const TernMemberRecord *member)
{
  gboolean has_role = tern_json_get_node (asked, "roleLevel") != NULL;
  gint64 role = tern_json_get_int (asked, "roleLevel");
  gboolean is_oneself = member != NULL && strcmp (member->user_id, call->user_id) == 0;

  if (has_role && role == 100)
    return tern_server_fail (call, 1002, "cannot set ungroup owner");
  if (has_role && role != 60 && role != 20)
    return tern_server_fail (call, 1001, "invalid role level");
  if (member == NULL || (own == NULL && !call->is_admin))
    return tern_server_fail (call, 1001, "user not in group");
  if (call->is_admin)
    return TRUE;
  if (own->role == 100 && is_oneself && has_role)
    return tern_server_fail (call, 1001, "group owner can not change own role level");
  if (own->role == 60 && ((!is_oneself && member->role >= 60) || has_role))
    return tern_server_fail (call, 1002, "admin can not change other admin role level");
  if (own->role < 60 && (!is_oneself || has_role))
    return tern_server_fail (call, 1002, "ordinary users can not change other role level");

  return TRUE;
}

/**
 * tern_server_tell_member:
 * @self: a server
 * @type: of content
 * @operator_id: whose doing it is
 * @group_id: which group
 * @user_id: who
 *
 * That somebody's role (1517, 1518) or name (1516) has changed.
 */
void
tern_server_tell_member (TernServer *self,
                         int         type,
                         const char *operator_id,
                         const char *group_id,
                         const char *user_id)
{
  JsonObject *detail = tern_server_group_detail (self, group_id, operator_id);

  json_object_set_int_member (detail, "operationTime", 0);
  json_object_set_member (detail, "changedUser", tern_server_member_node (self, group_id, user_id));
  tern_server_add_member_version (detail);
  json_object_set_int_member (detail, "groupSortVersion", 0);
  tern_server_notify_group (self, type, operator_id, group_id, TERN_SERVER_LINE_DEFAULT, detail);
}

static void
change_member (TernServerCall *call,
               JsonNode       *asked)
{
  const char *group_id = tern_json_get_string (asked, "groupID");
  const char *user_id = tern_json_get_string (asked, "userID");
  const char *name = tern_server_lookup_string (asked, "nickname");
  const char *face_url = tern_server_lookup_string (asked, "faceURL");
  const char *ex = tern_server_lookup_string (asked, "ex");
  gint64 role = tern_json_get_int (asked, "roleLevel");
  int type = 1516;

  tern_server_state_begin_together (call->server->state);
  tern_server_state_set_member_profile (call->server->state, group_id, user_id, name, face_url,
                                        ex);
  if (role != 0)
    {
      tern_server_state_set_member_role (call->server->state, group_id, user_id, (int) role);
      type = role == 60 ? 1517 : 1518;
    }
  tern_server_state_end_together (call->server->state);
  tern_server_tell_member (call->server, type, call->user_id, group_id, user_id);
}

/* Of what stands in the news of one of these changes; news are kept as JSON within
 * JSON, several times as long. What was asked up to this one may by then be the
 * operator's and the member's: @longest of each text. */
static gsize
count_news (TernServerCall         *call,
            JsonNode               *asked,
            const TernMemberRecord *own, /* (nullable) */
            const TernMemberRecord *member,
            gsize                   longest[3])
{
  static const char * const fields[] = { "nickname", "faceURL", "ex" };
  g_autoptr(TernGroupRecord) group =
    tern_server_state_find_group (call->server->state, member->group_id);
  const char *texts[] = {
    group->name, group->announcement, group->introduction, group->face_url, group->ex,
    member->name, member->face_url, member->ex, own != NULL ? own->name : "",
    own != NULL ? own->face_url : "", own != NULL ? own->ex : "",
  };
  gsize size = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    size += strlen (texts[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      longest[i] = MAX (longest[i], strlen (tern_json_get_string (asked, fields[i])));
      size += 2 * longest[i];
    }

  return size;
}

static void
route_set_member (TernServerCall *call)
{
  JsonNode *list = tern_json_get_node (call->body, "members");
  guint n = list != NULL && JSON_NODE_HOLDS_ARRAY (list)
              ? json_array_get_length (json_node_get_array (list)) : 0;
  gsize longest[3] = { 0 };
  gsize n_bytes = 0;

  if (n == 0)
    {
      tern_server_fail (call, 1001, "members empty");
      return;
    }
  for (guint i = 0; i < n; i++)
    {
      JsonNode *asked = json_array_get_element (json_node_get_array (list), i);
      const char *group_id = tern_json_get_string (asked, "groupID");
      g_autoptr(TernMemberRecord) own =
        tern_server_state_find_member (call->server->state, group_id, call->user_id);
      g_autoptr(TernMemberRecord) member =
        tern_server_state_find_member (call->server->state, group_id,
                                       tern_json_get_string (asked, "userID"));

      if (!may_change (call, asked, own, member))
        return;
      n_bytes += count_news (call, asked, own, member, longest);
      if (n_bytes > MAX_NEWS_BYTES)
        {
          tern_server_fail (call, 1001, "members too many");
          return;
        }
    }
  for (guint i = 0; i < n; i++)
    change_member (call, json_array_get_element (json_node_get_array (list), i));
}

/**
 * tern_server_find_member_route:
 * @path: a route's
 *
 * Returns: (nullable): what answers it, if it is one of these
 */
TernServerRoute
tern_server_find_member_route (const char *path)
{
  static const TernServerRouteEntry routes[] = {
    { "/group/get_group_member_list", route_member_list },
    { "/group/get_group_members_info", route_members_info },
    { "/group/get_group_member_user_id", route_member_ids },
    { "/group/invite_user_to_group", route_invite },
    { "/group/join_group", route_join },
    { "/group/kick_group", route_kick },
    { "/group/quit_group", route_quit },
    { "/group/mute_group_member", route_mute },
    { "/group/cancel_mute_group_member", route_unmute },
    { "/group/set_group_member_info", route_set_member },
  };

  return tern_server_find_route (routes, G_N_ELEMENTS (routes), path);
}
