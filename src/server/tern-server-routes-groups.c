/* tern-server-routes-groups.c: groups
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 sections 5.3, 5.4, 6.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server.h"

static JsonNode *
build_group (gconstpointer record)
{
  return tern_api_build_group (record);
}

/* --- rights --- */

/* The group, or %NULL and a failure. */
static TernGroupRecord *
find_live_group (TernServerCall *call,
                 const char     *group_id)
{
  g_autoptr(TernGroupRecord) group = tern_server_state_find_group (call->server->state, group_id);

  if (group == NULL)
    tern_server_fail (call, 500, "mongo: no documents in result");
  else if (group->status == 2)
    tern_server_fail (call, 1204, "");

  return call->code == 0 ? g_steal_pointer (&group) : NULL;
}

/**
 * tern_server_is_leader:
 * @call: a request
 * @group_id: which group
 *
 * Returns: whether the caller may lead it; else a failure (1002)
 */
gboolean
tern_server_is_leader (TernServerCall *call,
                       const char     *group_id)
{
  g_autoptr(TernMemberRecord) own = NULL;

  if (call->is_admin)
    return tern_server_is_member (call, group_id);
  own = tern_server_state_find_member (call->server->state, group_id, call->user_id);
  if (own == NULL)
    return tern_server_fail (call, 1004, "cache is not found");
  if (own->role < 60)
    return tern_server_fail (call, 1002, "no group owner or admin");

  return TRUE;
}

/* --- create --- */

/**
 * tern_server_group_detail:
 * @self: a server
 * @group_id: which group
 * @operator_id: whose doing it is
 *
 * Returns: (transfer full): what most details begin with
 */
JsonObject *
tern_server_group_detail (TernServer *self,
                          const char *group_id,
                          const char *operator_id)
{
  JsonObject *detail = json_object_new ();

  json_object_set_member (detail, "group", tern_server_group_node (self, group_id));
  json_object_set_member (detail, "opUser",
                          tern_server_member_node (self, group_id, operator_id));

  return detail;
}

static void
add_members (TernServer         *self,
             const char         *group_id,
             const char * const *ids,
             const char         *operator_id,
             int                 role)
{
  for (guint i = 0; ids[i] != NULL; i++)
    tern_server_add_member (self, group_id, ids[i], operator_id, operator_id, role, 2);
}

static void
tell_created (TernServer            *self,
              const TernGroupRecord *group,
              TernServerLine         line)
{
  JsonObject *detail = tern_server_group_detail (self, group->id, group->owner_id);
  const char *owner[] = { group->owner_id, NULL };
  JsonNode *bare = tern_server_member_node (self, group->id, group->owner_id);

  /* The list ends at the operator, who is the first (protocol 03 section 8). */
  json_object_set_array_member (detail, "memberList",
                                tern_server_member_array (self, group->id, owner));
  json_object_set_int_member (detail, "operationTime", group->created_ms);
  /* His own name in the group, and he has none yet. */
  json_object_set_string_member (json_node_get_object (bare), "nickname", "");
  json_object_set_member (detail, "groupOwnerUser", bare);
  tern_server_add_member_version (detail);
  tern_server_notify_group (self, 1501, group->owner_id, group->id, line, detail);
}

static void
tell_announcement (TernServer *self,
                   const char *group_id,
                   const char *operator_id,
                   gboolean    shows_line)
{
  JsonObject *detail = json_object_new ();

  json_object_set_member (detail, "opUser",
                          tern_server_member_node (self, group_id, operator_id));
  json_object_set_member (detail, "group", tern_server_group_node (self, group_id));
  tern_server_add_member_version (detail);
  tern_server_notify_group (self, 1519, operator_id, group_id,
                            shows_line ? TERN_SERVER_LINE_SHOWN : TERN_SERVER_LINE_HIDDEN, detail);
}

static void
create_group (TernServer            *self,
              const TernGroupRecord *group,
              const char * const    *admin_ids,
              const char * const    *member_ids,
              TernServerLine         line)
{
  const char *owner[] = { group->owner_id, NULL };

  tern_server_state_put_group (self->state, group);
  tern_server_state_begin_together (self->state);
  add_members (self, group->id, owner, group->owner_id, 100);
  add_members (self, group->id, admin_ids, group->owner_id, 60);
  add_members (self, group->id, member_ids, group->owner_id, 20);
  tern_server_state_end_together (self->state);
  tell_created (self, group, line);
  if (*group->announcement != '\0')
    tell_announcement (self, group->id, group->owner_id, TRUE);
}

/**
 * tern_server_create_group:
 * @self: a server
 * @group: all of it
 * @member_ids: (array zero-terminated=1): who else is in it
 *
 * Makes it, with its owner, and tells everybody in it.
 */
void
tern_server_create_group (TernServer            *self,
                          const TernGroupRecord *group,
                          const char * const    *member_ids)
{
  const char *nobody[] = { NULL };

  create_group (self, group, nobody, member_ids, TERN_SERVER_LINE_DEFAULT);
}

/* The notifications of such a group would be those between two people. */
static gboolean
is_pair_of_users (TernServer *self,
                  const char *group_id)
{
  for (const char *at = strchr (group_id, '_'); at != NULL; at = strchr (at + 1, '_'))
    {
      g_autofree char *first_id = g_strndup (group_id, (gsize) (at - group_id));
      g_autoptr(TernUserRecord) first = tern_server_state_find_user (self->state, first_id);
      g_autoptr(TernUserRecord) second = tern_server_state_find_user (self->state, at + 1);

      if (first != NULL && second != NULL)
        return TRUE;
    }

  return FALSE;
}

static gboolean
may_create (TernServerCall     *call,
            JsonNode           *info,
            const char * const *ids) /* of everybody */
{
  g_autoptr(TernGroupRecord) other = NULL;
  const char *wanted_id = tern_json_get_string (info, "groupID");

  if (info == NULL)
    return tern_server_fail (call, 1001, "groupInfo is empty");
  if (tern_json_get_int (info, "groupType") != 2)
    return tern_server_fail (call, 1001, "group type only supports 2");
  if (!tern_server_is_self (call, "ownerUserID"))
    return FALSE;
  if (tern_server_has_twice (ids))
    return tern_server_fail (call, 1001, "group member repeated");
  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr(TernUserRecord) user = tern_server_state_find_user (call->server->state, ids[i]);

      if (user == NULL)
        return tern_server_fail (call, 1101, "user not found");
    }
  other = tern_server_state_find_group (call->server->state, wanted_id);
  if (other != NULL)
    return tern_server_fail_printf (call, 1202, "group id existed %s", wanted_id);
  if (strlen (wanted_id) > TERN_SERVER_MAX_ID_BYTES || is_pair_of_users (call->server, wanted_id))
    return tern_server_fail (call, 1001, "groupID is invalid");

  return TRUE;
}

static TernGroupRecord *
read_group (TernServerCall *call,
            JsonNode       *info)
{
  TernGroupRecord *group = tern_group_record_new ();
  const char *wanted_id = tern_json_get_string (info, "groupID");

  g_free (group->id);
  group->id = *wanted_id != '\0'
                ? g_strdup (wanted_id)
                : g_strdup_printf ("%u", g_random_int_range (1000000000, G_MAXINT32));
  tern_record_set_text (&group->name, tern_json_get_string (info, "groupName"));
  tern_record_set_text (&group->face_url, tern_json_get_string (info, "faceURL"));
  tern_record_set_text (&group->announcement, tern_json_get_string (info, "notification"));
  tern_record_set_text (&group->introduction, tern_json_get_string (info, "introduction"));
  tern_record_set_text (&group->ex, tern_json_get_string (info, "ex"));
  tern_record_set_text (&group->creator_id, tern_json_get_string (info, "creatorUserID"));
  tern_record_set_text (&group->owner_id, tern_json_get_string (call->body, "ownerUserID"));
  group->need_verification = (int) tern_json_get_int (info, "needVerification");
  group->look_member_info = (int) tern_json_get_int (info, "lookMemberInfo");
  group->apply_member_friend = (int) tern_json_get_int (info, "applyMemberFriend");
  group->created_ms = tern_clock_get_wall_ms ();

  return group;
}

static void
route_create_group (TernServerCall *call)
{
  g_auto(GStrv) members = tern_json_dup_strings (call->body, "memberUserIDs");
  g_auto(GStrv) admins = tern_json_dup_strings (call->body, "adminUserIDs");
  g_auto(GStrv) everybody = NULL;
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  JsonNode *info = tern_json_get_node (call->body, "groupInfo");
  g_autoptr(TernGroupRecord) group = NULL;

  g_strv_builder_addv (builder, (const char **) members);
  g_strv_builder_addv (builder, (const char **) admins);
  g_strv_builder_add (builder, tern_json_get_string (call->body, "ownerUserID"));
  everybody = g_strv_builder_end (builder);
  if (!may_create (call, info, (const char * const *) everybody))
    return;

  group = read_group (call, info);
  create_group (call->server, group, (const char * const *) admins,
                (const char * const *) members, tern_server_get_line (call));
  call->data = json_object_new ();
  json_object_set_member (call->data, "groupInfo",
                          tern_server_group_node (call->server, group->id));
}

static void
route_groups_info (TernServerCall *call)
{
  g_auto(GStrv) ids = tern_server_dup_ids (call, "groupIDs");
  g_autoptr(GPtrArray) groups =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_group_record_free);

  for (guint i = 0; ids[i] != NULL; i++)
    {
      TernGroupRecord *group = tern_server_state_find_group (call->server->state, ids[i]);

      if (group != NULL)
        g_ptr_array_add (groups, group);
    }
  call->data = json_object_new ();
  tern_server_set_array (call->data, "groupInfos", tern_server_array_of (groups, build_group));
}

static void
route_joined (TernServerCall *call)
{
  g_autoptr(GPtrArray) groups = NULL;
  JsonArray *array;
  guint first;
  guint end;

  if (!tern_server_is_self (call, "fromUserID"))
    return;
  groups = tern_server_state_list_groups (call->server->state, call->user_id);
  if (!tern_server_get_page (call, groups->len, &first, &end))
    return;

  array = json_array_new ();
  for (guint i = first; i < end; i++)
    json_array_add_element (array, tern_api_build_group (groups->pdata[i]));
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "total", groups->len);
  tern_server_set_array (call->data, "groups", array);
}

/* --- change --- */

static gboolean
set_string (char       **field,
            JsonNode    *asked,
            const char  *member)
{
  const char *text = tern_server_lookup_string (asked, member);

  if (text == NULL)
    return FALSE;
  tern_record_set_text (field, text);

  return TRUE;
}

static gboolean
set_int (int        *field,
         JsonNode   *asked,
         const char *member)
{
  if (tern_json_get_node (asked, member) == NULL)
    return FALSE;
  *field = (int) tern_json_get_int (asked, member);

  return TRUE;
}

static void
tell_changed (TernServer *self,
              int         type,
              const char *group_id,
              const char *operator_id)
{
  JsonObject *detail = json_object_new ();

  json_object_set_member (detail, "opUser",
                          tern_server_member_node (self, group_id, operator_id));
  if (type == 1502)
    json_object_set_int_member (detail, "muteTime", 0);
  json_object_set_member (detail, "group", tern_server_group_node (self, group_id));
  tern_server_add_member_version (detail);
  tern_server_notify_group (self, type, operator_id, group_id, TERN_SERVER_LINE_DEFAULT, detail);
}

static void
change_group (TernServerCall  *call,
              TernGroupRecord *group,
              JsonNode        *asked)
{
  gboolean has_name = set_string (&group->name, asked, "groupName");
  gboolean has_announcement = set_string (&group->announcement, asked, "notification");
  gboolean has_more = FALSE;

  has_more |= set_string (&group->introduction, asked, "introduction");
  has_more |= set_string (&group->face_url, asked, "faceURL");
  has_more |= set_string (&group->ex, asked, "ex");
  has_more |= set_int (&group->need_verification, asked, "needVerification");
  has_more |= set_int (&group->look_member_info, asked, "lookMemberInfo");
  has_more |= set_int (&group->apply_member_friend, asked, "applyMemberFriend");
  if (has_announcement)
    {
      g_strstrip (group->announcement);
      tern_record_set_text (&group->announcer_id, call->user_id);
      group->announced_ms = tern_clock_get_wall_ms ();
    }
  if (!has_name && !has_announcement && !has_more)
    return;

  tern_server_state_put_group (call->server->state, group);
  if (has_announcement)
    tell_announcement (call->server, group->id, call->user_id, *group->announcement != '\0');
  if (has_name)
    tell_changed (call->server, 1520, group->id, call->user_id);
  if (has_more)
    tell_changed (call->server, 1502, group->id, call->user_id);
}

static void
set_info (TernServerCall *call,
          JsonNode       *asked)
{
  const char *group_id = tern_json_get_string (asked, "groupID");
  g_autoptr(TernGroupRecord) group = find_live_group (call, group_id);
  const char *name = tern_server_lookup_string (asked, "groupName");
  g_autofree char *stripped = name != NULL ? g_strstrip (g_strdup (name)) : NULL;

  if (group == NULL || !tern_server_is_leader (call, group_id))
    return;
  /* A blank name makes nothing of the whole request. */
  if (stripped == NULL || *stripped != '\0')
    change_group (call, group, asked);
}

static void
route_set_info_ex (TernServerCall *call)
{
  set_info (call, call->body);
}

static void
route_set_info (TernServerCall *call)
{
  set_info (call, tern_json_get_node (call->body, "groupInfoForSet"));
}

static void
set_status (TernServerCall *call,
            int             status,
            int             type)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  g_autoptr(TernGroupRecord) group = NULL;
  JsonObject *detail;

  if (!tern_server_is_leader (call, group_id))
    return;
  group = find_live_group (call, group_id);
  if (group == NULL)
    return;
  group->status = status;
  tern_server_state_put_group (call->server->state, group);
  detail = tern_server_group_detail (call->server, group_id, call->user_id);
  json_object_set_int_member (detail, "operationTime", 0);
  tern_server_add_member_version (detail);
  tern_server_notify_group (call->server, type, call->user_id, group_id, TERN_SERVER_LINE_DEFAULT,
                            detail);
}

static void
route_mute (TernServerCall *call)
{
  set_status (call, 3, 1514);
}

static void
route_unmute (TernServerCall *call)
{
  set_status (call, 0, 1515);
}

/* --- the owner --- */

static void
transfer (TernServerCall         *call,
          const char             *group_id,
          const TernMemberRecord *new_owner)
{
  const char *old_id = tern_json_get_string (call->body, "oldOwnerUserID");
  g_autoptr(TernGroupRecord) group = tern_server_state_find_group (call->server->state, group_id);
  JsonObject *detail;

  if (new_owner->mute_end_ms > 0)
    tern_server_state_set_member_mute (call->server->state, group_id, new_owner->user_id, 0);
  tern_server_state_begin_together (call->server->state);
  tern_server_state_set_member_role (call->server->state, group_id, old_id, new_owner->role);
  tern_server_state_set_member_role (call->server->state, group_id, new_owner->user_id, 100);
  tern_record_set_text (&group->owner_id, new_owner->user_id);
  tern_server_state_put_group (call->server->state, group);
  tern_server_state_end_together (call->server->state);

  detail = tern_server_group_detail (call->server, group_id, call->user_id);
  json_object_set_member (detail, "newGroupOwner",
                          tern_server_member_node (call->server, group_id, new_owner->user_id));
  json_object_set_string_member (detail, "oldGroupOwner", "");
  json_object_set_int_member (detail, "operationTime", 0);
  json_object_set_member (detail, "oldGroupOwnerInfo",
                          tern_server_member_node (call->server, group_id, old_id));
  tern_server_add_member_version (detail);
  tern_server_notify_group (call->server, 1507, call->user_id, group_id, TERN_SERVER_LINE_DEFAULT,
                            detail);
}

static void
route_transfer (TernServerCall *call)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  const char *old_id = tern_json_get_string (call->body, "oldOwnerUserID");
  const char *new_id = tern_json_get_string (call->body, "newOwnerUserID");
  g_autoptr(TernGroupRecord) group = find_live_group (call, group_id);
  g_autoptr(TernMemberRecord) new_owner = NULL;

  if (group == NULL)
    return;
  new_owner = tern_server_state_find_member (call->server->state, group_id, new_id);
  if (strcmp (old_id, new_id) == 0)
    tern_server_fail (call, 1001, "OldOwnerUserID == NewOwnerUserID");
  else if (new_owner == NULL)
    tern_server_fail_printf (call, 1001, "user not in group %s", new_id);
  else if (!call->is_admin && (strcmp (group->owner_id, call->user_id) != 0 ||
                               strcmp (group->owner_id, old_id) != 0))
    tern_server_fail (call, 1002, "no permission transfer group owner");
  else
    transfer (call, group_id, new_owner);
}

static void
route_dismiss (TernServerCall *call)
{
  const char *group_id = tern_json_get_string (call->body, "groupID");
  gboolean removes_members = tern_json_get_bool (call->body, "deleteMember");
  g_autoptr(TernGroupRecord) group = tern_server_state_find_group (call->server->state, group_id);
  JsonObject *detail;

  if (group == NULL)
    tern_server_fail (call, 500, "mongo: no documents in result");
  else if (!call->is_admin && strcmp (group->owner_id, call->user_id) != 0)
    tern_server_fail (call, 1002, "not group owner");
  else if (group->status == 2 && !removes_members)
    tern_server_fail (call, 1204, "group status is dismissed");
  if (call->code != 0)
    return;

  group->status = 2;
  tern_server_state_put_group (call->server->state, group);
  if (removes_members)
    {
      tern_server_empty_group (call->server, group_id);
      return;
    }
  detail = tern_server_group_detail (call->server, group_id, call->user_id);
  json_object_set_int_member (detail, "operationTime", 0);
  tern_server_notify_group (call->server, 1511, call->user_id, group_id,
                            tern_server_get_line (call), detail);
}

/* --- the end --- */

/* How long a dismissed group still has its members (protocol 03 section 5.4). */
#define EMPTY_AFTER_MS 1000

typedef struct
{
  char   *group_id;
  gint64  due_us;
} Ending;

/**
 * tern_server_ending_free:
 * @data: (transfer full): the end of a group
 */
void
tern_server_ending_free (gpointer data)
{
  Ending *ending = data;

  g_free (ending->group_id);
  g_free (ending);
}

/**
 * tern_server_empty_group_later:
 * @self: a server
 * @group_id: which group
 *
 * The real server does so some time after the news of its end.
 */
void
tern_server_empty_group_later (TernServer *self,
                               const char *group_id)
{
  Ending *ending = g_new (Ending, 1);

  ending->group_id = g_strdup (group_id);
  ending->due_us = tern_clock_get_monotonic_us () + tern_clock_scale_us (EMPTY_AFTER_MS * 1000);
  g_queue_push_tail (&self->endings, ending);
}

/**
 * tern_server_empty_group:
 * @self: a server
 * @group_id: which group
 *
 * Of one that has ended: nobody is in it any more.
 */
void
tern_server_empty_group (TernServer *self,
                         const char *group_id)
{
  g_auto(GStrv) ids = tern_server_state_list_member_ids (self->state, group_id);
  g_autoptr(TernGroupRecord) group = tern_server_state_find_group (self->state, group_id);

  tern_server_state_begin_together (self->state);
  for (guint i = 0; ids[i] != NULL; i++)
    tern_server_state_remove_member (self->state, group_id, ids[i]);
  tern_record_set_text (&group->owner_id, "");
  tern_server_state_put_group (self->state, group);
  tern_server_state_end_together (self->state);
}

/**
 * tern_server_empty_ended_groups:
 * @self: a server that has just opened its file
 *
 * Ends what the one before it had no time for.
 */
void
tern_server_empty_ended_groups (TernServer *self)
{
  g_autoptr(GPtrArray) groups = tern_server_state_list_all_groups (self->state);

  tern_server_state_begin (self->state);
  for (guint i = 0; i < groups->len; i++)
    {
      const TernGroupRecord *group = groups->pdata[i];

      if (group->status == 2 && *group->owner_id != '\0')
        tern_server_empty_group (self, group->id);
    }
  tern_server_state_commit (self->state);
}

/**
 * tern_server_empty_due_groups:
 * @self: a server
 *
 * Those whose time has come.
 */
void
tern_server_empty_due_groups (TernServer *self)
{
  gint64 now_us = tern_clock_get_monotonic_us ();

  for (;;)
    {
      Ending *ending = g_queue_peek_head (&self->endings);

      if (ending == NULL || ending->due_us > now_us)
        break;
      g_queue_pop_head (&self->endings);
      tern_server_state_begin (self->state);
      tern_server_empty_group (self, ending->group_id);
      tern_server_state_commit (self->state);
      tern_server_ending_free (ending);
    }
}

/**
 * tern_server_find_group_route:
 * @path: a route's
 *
 * Returns: (nullable): what answers it, if it is one of these
 */
TernServerRoute
tern_server_find_group_route (const char *path)
{
  static const TernServerRouteEntry routes[] = {
    { "/group/create_group", route_create_group },
    { "/group/get_groups_info", route_groups_info },
    { "/group/get_joined_group_list", route_joined },
    { "/group/set_group_info_ex", route_set_info_ex },
    { "/group/set_group_info", route_set_info },
    { "/group/mute_group", route_mute },
    { "/group/cancel_mute_group", route_unmute },
    { "/group/transfer_group", route_transfer },
    { "/group/dismiss_group", route_dismiss },
  };

  return tern_server_find_route (routes, G_N_ELEMENTS (routes), path);
}
