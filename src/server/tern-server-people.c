/* tern-server-people.c: users, friends, groups
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-server-state.h"

#include <string.h>

#include "tern-clock.h"
#include "tern-server-sql.h"

/* --- users --- */

static TernUserRecord *
read_user (sqlite3_stmt *query)
{
  TernUserRecord *user = g_new0 (TernUserRecord, 1);

  user->id = tern_server_sql_dup (query, 0);
  user->name = tern_server_sql_dup (query, 1);
  user->face_url = tern_server_sql_dup (query, 2);
  user->ex = tern_server_sql_dup (query, 3);
  user->created_ms = sqlite3_column_int64 (query, 4);
  user->level = sqlite3_column_int (query, 5);
  user->recv_opt = sqlite3_column_int (query, 6);
  user->remark = g_strdup ("");

  return user;
}

/**
 * tern_server_state_list_halves:
 * @self: the state
 * @user_id: who
 *
 * Returns: (transfer full): with whom that person would be called as some group
 *   is, whether there is such a person or not
 */
char **
tern_server_state_list_halves (TernServerState *self,
                               const char      *user_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT substr (group_id, length (?1) + 2) FROM groups"
    " WHERE substr (group_id, 1, length (?1) + 1) = ?1 || '_' UNION ALL"
    " SELECT substr (group_id, 1, length (group_id) - length (?1) - 1) FROM groups"
    " WHERE substr (group_id, -length (?1) - 1) = '_' || ?1", "s", user_id);

  return tern_server_sql_list (self, query);
}

/**
 * tern_server_state_add_user:
 * @self: the state
 * @user: somebody new
 *
 * Returns: whether the ID was free
 */
gboolean
tern_server_state_add_user (TernServerState      *self,
                            const TernUserRecord *user)
{
  return tern_server_sql_run (self,
    "INSERT OR IGNORE INTO users VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", "ssssiii", user->id,
    user->name, user->face_url, user->ex, tern_clock_get_wall_ms (), (gint64) user->level,
    (gint64) user->recv_opt) > 0;
}

/**
 * tern_server_state_find_user:
 * @self: the state
 * @user_id: who
 *
 * Returns: (transfer full) (nullable): the profile
 */
TernUserRecord *
tern_server_state_find_user (TernServerState *self,
                             const char      *user_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT user_id, name, face_url, ex, created_ms, level, recv_opt FROM users"
    " WHERE user_id = ?1", "s", user_id);

  return tern_server_sql_step (self, query) ? read_user (query) : NULL;
}

/**
 * tern_server_state_set_user:
 * @self: the state
 * @user: all of it
 *
 * Keeps what may be changed of somebody.
 */
void
tern_server_state_set_user (TernServerState      *self,
                            const TernUserRecord *user)
{
  tern_server_sql_run (self,
    "UPDATE users SET name = ?2, face_url = ?3, ex = ?4, recv_opt = ?5 WHERE user_id = ?1",
    "ssssi", user->id, user->name, user->face_url, user->ex, (gint64) user->recv_opt);
}

/**
 * tern_server_state_list_users:
 * @self: the state
 *
 * Returns: (transfer full) (element-type TernUserRecord): everybody, the oldest
 *   first
 */
GPtrArray *
tern_server_state_list_users (TernServerState *self)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT user_id, name, face_url, ex, created_ms, level, recv_opt FROM users"
    " ORDER BY rowid", "");
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_user_record_free);

  while (tern_server_sql_step (self, query))
    g_ptr_array_add (list, read_user (query));

  return list;
}

/* --- friends --- */

#define SELECT_FRIENDS \
  "SELECT u.user_id, u.name, u.face_url, f.ex, f.created_ms, u.level, 0, f.remark, f.is_pinned" \
  " FROM friends f JOIN users u ON u.user_id = f.friend WHERE f.owner = ?1"

static TernUserRecord *
read_friend (sqlite3_stmt *query)
{
  TernUserRecord *user = read_user (query);

  g_free (user->remark);
  user->remark = tern_server_sql_dup (query, 7);
  user->is_pinned = sqlite3_column_int (query, 8);
  user->is_friend = TRUE;

  return user;
}

/**
 * tern_server_state_list_friends:
 * @self: the state
 * @owner_id: whose
 *
 * Returns: (transfer full) (element-type TernUserRecord): pinned ones first,
 *   then the oldest
 */
GPtrArray *
tern_server_state_list_friends (TernServerState *self,
                                const char      *owner_id)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_FRIENDS
    " ORDER BY f.is_pinned DESC, f.created_ms, f.rowid", "s", owner_id);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_user_record_free);

  while (tern_server_sql_step (self, query))
    g_ptr_array_add (list, read_friend (query));

  return list;
}

/**
 * tern_server_state_find_friend:
 * @self: the state
 * @owner_id: whose friend
 * @friend_id: who
 *
 * Returns: (transfer full) (nullable): the friend, as the owner has him
 */
TernUserRecord *
tern_server_state_find_friend (TernServerState *self,
                               const char      *owner_id,
                               const char      *friend_id)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_FRIENDS " AND f.friend = ?2", "ss",
                                           owner_id, friend_id);

  return tern_server_sql_step (self, query) ? read_friend (query) : NULL;
}

/**
 * tern_server_state_add_friend:
 * @self: the state
 * @owner_id: whose
 * @friend_id: who
 * @operator_id: who asked for the friendship
 *
 * One side of a friendship; one that is there stays as it is.
 */
void
tern_server_state_add_friend (TernServerState *self,
                              const char      *owner_id,
                              const char      *friend_id,
                              const char      *operator_id)
{
  tern_server_sql_run (self, "INSERT OR IGNORE INTO friends VALUES (?1, ?2, '', '', ?3, 0, ?4)",
                       "ssis", owner_id, friend_id, tern_clock_get_wall_ms (), operator_id);
  tern_server_state_log (self, TERN_DATASET_FRIENDS, owner_id, friend_id, TERN_SERVER_INSERTED);
}

/**
 * tern_server_state_remove_friend:
 * @self: the state
 * @owner_id: whose
 * @friend_id: who
 *
 * One side of a friendship.
 */
void
tern_server_state_remove_friend (TernServerState *self,
                                 const char      *owner_id,
                                 const char      *friend_id)
{
  tern_server_sql_run (self, "DELETE FROM friends WHERE owner = ?1 AND friend = ?2", "ss",
                       owner_id, friend_id);
  tern_server_state_log (self, TERN_DATASET_FRIENDS, owner_id, friend_id, TERN_SERVER_DELETED);
}

/**
 * tern_server_state_is_friend:
 * @self: the state
 * @owner_id: whose
 * @friend_id: who
 *
 * Returns: whether the owner has him as a friend
 */
gboolean
tern_server_state_is_friend (TernServerState *self,
                             const char      *owner_id,
                             const char      *friend_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT 1 FROM friends WHERE owner = ?1 AND friend = ?2", "ss", owner_id, friend_id);

  return tern_server_sql_step (self, query);
}

/**
 * tern_server_state_set_friend:
 * @self: the state
 * @owner_id: whose
 * @friend_: all of it
 *
 * Keeps remark, pin and what else the owner has of him.
 */
void
tern_server_state_set_friend (TernServerState      *self,
                              const char           *owner_id,
                              const TernUserRecord *friend_)
{
  tern_server_sql_run (self,
    "UPDATE friends SET remark = ?3, is_pinned = ?4, ex = ?5 WHERE owner = ?1 AND friend = ?2",
    "sssis", owner_id, friend_->id, friend_->remark, (gint64) friend_->is_pinned, friend_->ex);
}

/**
 * tern_server_state_dup_friend_operator:
 * @self: the state
 * @owner_id: whose
 * @friend_id: who
 *
 * Returns: (transfer full): who asked for the friendship
 */
char *
tern_server_state_dup_friend_operator (TernServerState *self,
                                       const char      *owner_id,
                                       const char      *friend_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT operator FROM friends WHERE owner = ?1 AND friend = ?2", "ss", owner_id, friend_id);

  return tern_server_sql_step (self, query) ? tern_server_sql_dup (query, 0) : g_strdup ("");
}

/**
 * tern_server_state_block:
 * @self: the state
 * @owner_id: whose
 * @user_id: who is to be blocked
 * @ex: what the client keeps with it
 *
 * Returns: whether he was not blocked already
 */
gboolean
tern_server_state_block (TernServerState *self,
                         const char      *owner_id,
                         const char      *user_id,
                         const char      *ex)
{
  return tern_server_sql_run (self, "INSERT OR IGNORE INTO blocks VALUES (?1, ?2, ?3, ?4)", "sssi",
                              owner_id, user_id, ex, tern_clock_get_wall_ms ()) > 0;
}

/**
 * tern_server_state_unblock:
 * @self: the state
 * @owner_id: whose
 * @user_id: who may write again
 */
void
tern_server_state_unblock (TernServerState *self,
                           const char      *owner_id,
                           const char      *user_id)
{
  tern_server_sql_run (self, "DELETE FROM blocks WHERE owner = ?1 AND user_id = ?2", "ss", owner_id,
                       user_id);
}

/**
 * tern_server_state_is_blocked:
 * @self: the state
 * @owner_id: whose
 * @user_id: who wants to write
 *
 * Returns: whether the owner blocks him
 */
gboolean
tern_server_state_is_blocked (TernServerState *self,
                              const char      *owner_id,
                              const char      *user_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT 1 FROM blocks WHERE owner = ?1 AND user_id = ?2", "ss", owner_id, user_id);

  return tern_server_sql_step (self, query);
}

/**
 * tern_server_block_free:
 * @self: (transfer full): what is no longer needed
 */
void
tern_server_block_free (TernServerBlock *self)
{
  g_free (self->user_id);
  g_free (self->ex);
  g_free (self);
}

/**
 * tern_server_state_list_blocked:
 * @self: the state
 * @owner_id: whose
 *
 * Returns: (transfer full) (element-type TernServerBlock): whom the owner
 *   blocks
 */
GPtrArray *
tern_server_state_list_blocked (TernServerState *self,
                                const char      *owner_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT user_id, ex, created_ms FROM blocks WHERE owner = ?1 ORDER BY rowid", "s", owner_id);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_server_block_free);

  while (tern_server_sql_step (self, query))
    {
      TernServerBlock *block = g_new0 (TernServerBlock, 1);

      block->user_id = tern_server_sql_dup (query, 0);
      block->ex = tern_server_sql_dup (query, 1);
      block->created_ms = sqlite3_column_int64 (query, 2);
      g_ptr_array_add (list, block);
    }

  return list;
}

/* --- groups --- */

#define SELECT_GROUPS \
  "SELECT g.group_id, g.name, g.face_url, g.announcement, g.introduction, g.owner, g.creator," \
  " g.ex, g.announcer, g.created_ms, g.announced_ms, g.status, g.need_verification," \
  " (SELECT count (*) FROM members n WHERE n.group_id = g.group_id), g.look_member_info," \
  " g.apply_member_friend FROM groups g "

static TernGroupRecord *
read_group (sqlite3_stmt *query)
{
  TernGroupRecord *group = g_new0 (TernGroupRecord, 1);

  group->id = tern_server_sql_dup (query, 0);
  group->name = tern_server_sql_dup (query, 1);
  group->face_url = tern_server_sql_dup (query, 2);
  group->announcement = tern_server_sql_dup (query, 3);
  group->introduction = tern_server_sql_dup (query, 4);
  group->owner_id = tern_server_sql_dup (query, 5);
  group->creator_id = tern_server_sql_dup (query, 6);
  group->ex = tern_server_sql_dup (query, 7);
  group->announcer_id = tern_server_sql_dup (query, 8);
  group->created_ms = sqlite3_column_int64 (query, 9);
  group->announced_ms = sqlite3_column_int64 (query, 10);
  group->status = sqlite3_column_int (query, 11);
  group->need_verification = sqlite3_column_int (query, 12);
  group->n_members = (guint) sqlite3_column_int (query, 13);
  group->look_member_info = sqlite3_column_int (query, 14);
  group->apply_member_friend = sqlite3_column_int (query, 15);
  group->group_type = 2; /* the only kind there is (protocol 02 section 4.10) */

  return group;
}

/**
 * tern_server_state_put_group:
 * @self: the state
 * @group: all of it
 *
 * A new one, or what has changed of it.
 */
void
tern_server_state_put_group (TernServerState       *self,
                             const TernGroupRecord *group)
{
  g_autoptr(TernGroupRecord) known = tern_server_state_find_group (self, group->id);

  tern_server_sql_run (self,
    "INSERT OR REPLACE INTO groups VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
    " ?13, ?14, ?15)", "sssssssssiiiiii", group->id, group->name, group->face_url,
    group->announcement, group->introduction, group->owner_id, group->creator_id, group->ex,
    group->announcer_id, group->created_ms, group->announced_ms, (gint64) group->status,
    (gint64) group->need_verification, (gint64) group->look_member_info,
    (gint64) group->apply_member_friend);
  /* A new one's log begins with its members. */
  if (known != NULL)
    tern_server_state_log (self, TERN_DATASET_MEMBERS, group->id, "", TERN_SERVER_UPDATED);
}

/**
 * tern_server_state_find_group:
 * @self: the state
 * @group_id: which group
 *
 * Returns: (transfer full) (nullable): the group, also one that has ended
 */
TernGroupRecord *
tern_server_state_find_group (TernServerState *self,
                              const char      *group_id)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_GROUPS "WHERE g.group_id = ?1", "s",
                                           group_id);

  return tern_server_sql_step (self, query) ? read_group (query) : NULL;
}

/**
 * tern_server_state_list_all_groups:
 * @self: the state
 *
 * Returns: (transfer full) (element-type TernGroupRecord): also those that have
 *   ended
 */
GPtrArray *
tern_server_state_list_all_groups (TernServerState *self)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_GROUPS "ORDER BY g.rowid", "");
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_group_record_free);

  while (tern_server_sql_step (self, query))
    g_ptr_array_add (list, read_group (query));

  return list;
}

/**
 * tern_server_state_list_groups:
 * @self: the state
 * @user_id: who
 *
 * Returns: (transfer full) (element-type TernGroupRecord): which the person is
 *   in
 */
GPtrArray *
tern_server_state_list_groups (TernServerState *self,
                               const char      *user_id)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_GROUPS
    "JOIN members m ON m.group_id = g.group_id WHERE m.user_id = ?1 ORDER BY m.role DESC,"
    " m.joined_ms DESC, m.rowid DESC", "s", user_id);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_group_record_free);

  while (tern_server_sql_step (self, query))
    g_ptr_array_add (list, read_group (query));

  return list;
}

#define SELECT_MEMBERS \
  "SELECT m.group_id, m.user_id, CASE m.name WHEN '' THEN u.name ELSE m.name END," \
  " CASE m.face_url WHEN '' THEN u.face_url ELSE m.face_url END, m.inviter, m.operator, m.ex," \
  " m.joined_ms, m.mute_end_ms, m.role, m.join_source FROM members m" \
  " JOIN users u ON u.user_id = m.user_id "

static TernMemberRecord *
read_member (sqlite3_stmt *query)
{
  TernMemberRecord *member = g_new0 (TernMemberRecord, 1);

  member->group_id = tern_server_sql_dup (query, 0);
  member->user_id = tern_server_sql_dup (query, 1);
  member->name = tern_server_sql_dup (query, 2);
  member->face_url = tern_server_sql_dup (query, 3);
  member->inviter_id = tern_server_sql_dup (query, 4);
  member->operator_id = tern_server_sql_dup (query, 5);
  member->ex = tern_server_sql_dup (query, 6);
  member->joined_ms = sqlite3_column_int64 (query, 7);
  member->mute_end_ms = sqlite3_column_int64 (query, 8);
  member->role = sqlite3_column_int (query, 9);
  member->join_source = sqlite3_column_int (query, 10);

  return member;
}

/**
 * tern_server_state_put_member:
 * @self: the state
 * @member: who, and in which group
 *
 * A new one, or all that has changed of him.
 */
void
tern_server_state_put_member (TernServerState        *self,
                              const TernMemberRecord *member)
{
  tern_server_sql_run (self,
    "INSERT OR REPLACE INTO members VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    "ssssiiiisss", member->group_id, member->user_id, member->name, member->inviter_id,
    member->joined_ms, member->mute_end_ms, (gint64) member->role, (gint64) member->join_source,
    member->face_url, member->operator_id, member->ex);
  tern_server_state_log (self, TERN_DATASET_MEMBERS, member->group_id, member->user_id,
                         TERN_SERVER_INSERTED);
  tern_server_state_log (self, TERN_DATASET_GROUPS, member->user_id, member->group_id,
                         TERN_SERVER_INSERTED);
}

/**
 * tern_server_state_set_member_role:
 * @self: the state
 * @group_id: which group
 * @user_id: who
 * @role: 100 owner, 60 administrator, 20 ordinary
 */
void
tern_server_state_set_member_role (TernServerState *self,
                                   const char      *group_id,
                                   const char      *user_id,
                                   int              role)
{
  tern_server_sql_run (self, "UPDATE members SET role = ?3 WHERE group_id = ?1 AND user_id = ?2",
                       "ssi", group_id, user_id, (gint64) role);
  tern_server_state_log (self, TERN_DATASET_MEMBERS, group_id, user_id,
                         TERN_SERVER_UPDATED | TERN_SERVER_ORDER);
}

/**
 * tern_server_state_set_member_mute:
 * @self: the state
 * @group_id: which group
 * @user_id: who
 * @end_ms: until when he may not write
 */
void
tern_server_state_set_member_mute (TernServerState *self,
                                   const char      *group_id,
                                   const char      *user_id,
                                   gint64           end_ms)
{
  tern_server_sql_run (self,
    "UPDATE members SET mute_end_ms = ?3 WHERE group_id = ?1 AND user_id = ?2", "ssi", group_id,
    user_id, end_ms);
  tern_server_state_log (self, TERN_DATASET_MEMBERS, group_id, user_id, TERN_SERVER_UPDATED);
}

/**
 * tern_server_state_set_member_profile:
 * @self: the state
 * @group_id: which group
 * @user_id: who
 * @name: (nullable): %NULL leaves it
 * @face_url: (nullable): %NULL leaves it
 * @ex: (nullable): %NULL leaves it
 */
void
tern_server_state_set_member_profile (TernServerState *self,
                                      const char      *group_id,
                                      const char      *user_id,
                                      const char      *name,
                                      const char      *face_url,
                                      const char      *ex)
{
  tern_server_sql_run (self,
    "UPDATE members SET name = COALESCE (?3, name), face_url = COALESCE (?4, face_url),"
    " ex = COALESCE (?5, ex) WHERE group_id = ?1 AND user_id = ?2", "sssss", group_id, user_id,
    name, face_url, ex);
  if (name != NULL || face_url != NULL || ex != NULL)
    tern_server_state_log (self, TERN_DATASET_MEMBERS, group_id, user_id, TERN_SERVER_UPDATED);
}

/**
 * tern_server_state_remove_member:
 * @self: the state
 * @group_id: which group
 * @user_id: who
 */
void
tern_server_state_remove_member (TernServerState *self,
                                 const char      *group_id,
                                 const char      *user_id)
{
  tern_server_sql_run (self, "DELETE FROM members WHERE group_id = ?1 AND user_id = ?2", "ss",
                       group_id, user_id);
  tern_server_state_log (self, TERN_DATASET_MEMBERS, group_id, user_id, TERN_SERVER_DELETED);
  tern_server_state_log (self, TERN_DATASET_GROUPS, user_id, group_id, TERN_SERVER_DELETED);
}

/**
 * tern_server_state_find_member:
 * @self: the state
 * @group_id: which group
 * @user_id: who
 *
 * Returns: (transfer full) (nullable): the member
 */
TernMemberRecord *
tern_server_state_find_member (TernServerState *self,
                               const char      *group_id,
                               const char      *user_id)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_MEMBERS
    "WHERE m.group_id = ?1 AND m.user_id = ?2", "ss", group_id, user_id);

  return tern_server_sql_step (self, query) ? read_member (query) : NULL;
}

/**
 * tern_server_state_list_members:
 * @self: the state
 * @group_id: which group
 * @offset: where it begins
 * @limit: how many at most
 *
 * Returns: (transfer full) (element-type TernMemberRecord): a page of them,
 *   leaders first
 */
GPtrArray *
tern_server_state_list_members (TernServerState *self,
                                const char      *group_id,
                                guint            offset,
                                guint            limit)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_MEMBERS
    "WHERE m.group_id = ?1 ORDER BY m.role DESC, m.joined_ms, m.rowid LIMIT ?3 OFFSET ?2", "sii",
    group_id, (gint64) offset, (gint64) limit);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_member_record_free);

  while (tern_server_sql_step (self, query))
    g_ptr_array_add (list, read_member (query));

  return list;
}

/**
 * tern_server_state_list_member_ids:
 * @self: the state
 * @group_id: which group
 *
 * Returns: (transfer full): of everybody in it
 */
char **
tern_server_state_list_member_ids (TernServerState *self,
                                   const char      *group_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT user_id FROM members WHERE group_id = ?1 ORDER BY role DESC, joined_ms, rowid", "s",
    group_id);

  return tern_server_sql_list (self, query);
}

/**
 * tern_server_state_list_bare_groups:
 * @self: the state
 * @user_id: who
 *
 * Returns: (transfer full): where the person goes by the name of his profile
 */
char **
tern_server_state_list_bare_groups (TernServerState *self,
                                    const char      *user_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT m.group_id FROM members m JOIN groups g ON g.group_id = m.group_id WHERE m.user_id = ?1"
    " AND m.name = '' AND m.face_url = '' AND g.status <> 2 ORDER BY m.rowid", "s", user_id);

  return tern_server_sql_list (self, query);
}

/**
 * tern_server_state_list_leader_ids:
 * @self: the state
 * @group_id: which group
 *
 * Returns: (transfer full): of the owner, then of the administrators
 */
char **
tern_server_state_list_leader_ids (TernServerState *self,
                                   const char      *group_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT user_id FROM members WHERE group_id = ?1 AND role >= 60 ORDER BY role DESC, rowid", "s",
    group_id);

  return tern_server_sql_list (self, query);
}
