/* tern-store-people.c: users, groups, members, versions, small values
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-db-private.h"

/* --- putting --- */

static gboolean
put_user (TernDb                *db,
          const TernUserRecord  *user,
          gboolean               is_friend,
          GError               **error)
{
  static const char sql[] =
    "INSERT OR REPLACE INTO users (user_id, name, face_url, remark, ex, created_ms, level,"
    " recv_opt, is_friend, is_pinned) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

  return tern_db_run (db, NULL, error, sql, "sssssiiiii", user->id, user->name, user->face_url,
                      is_friend ? user->remark : "", user->ex, user->created_ms,
                      (gint64) user->level, (gint64) user->recv_opt,
                      (gint64) (is_friend != FALSE), (gint64) (user->is_pinned != FALSE));
}

static gboolean
put_group (TernDb                 *db,
           const TernGroupRecord  *group,
           GError                **error)
{
  static const char sql[] =
    "INSERT OR REPLACE INTO groups (group_id, is_joined, name, face_url, announcement,"
    " introduction, owner_id, creator_id, ex, announcer_id, created_ms, announced_ms, n_members,"
    " status, group_type, need_verification, look_member_info, apply_member_friend)"
    " VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";

  return tern_db_run (db, NULL, error, sql, "sssssssssiiiiiiii", group->id, group->name,
                      group->face_url, group->announcement, group->introduction, group->owner_id,
                      group->creator_id, group->ex, group->announcer_id, group->created_ms,
                      group->announced_ms, (gint64) group->n_members, (gint64) group->status,
                      (gint64) group->group_type, (gint64) group->need_verification,
                      (gint64) group->look_member_info, (gint64) group->apply_member_friend);
}

static gboolean
put_member (TernDb                  *db,
            const char              *group_id,
            const TernMemberRecord  *member,
            GError                 **error)
{
  static const char sql[] =
    "INSERT OR REPLACE INTO members (group_id, user_id, name, face_url, operator_id, inviter_id,"
    " ex, joined_ms, mute_end_ms, role, join_source)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

  return tern_db_run (db, NULL, error, sql, "sssssssiiii", group_id, member->user_id, member->name,
                      member->face_url, member->operator_id, member->inviter_id, member->ex,
                      member->joined_ms, member->mute_end_ms, (gint64) member->role,
                      (gint64) member->join_source);
}

static gboolean
put_version (TernDb                  *db,
             const TernRecordUpdate  *update,
             GError                 **error)
{
  static const char sql[] =
    "INSERT OR REPLACE INTO versions (dataset, entity, version_id, version)"
    " VALUES (?1, ?2, ?3, ?4)";

  if (update->version_id[0] == '\0')
    return TRUE;
  return tern_db_run (db, NULL, error, sql, "issi", (gint64) update->dataset, update->entity,
                      update->version_id, (gint64) update->version);
}

/* --- applying an answer --- */

static gboolean
apply_row (TernDb                  *db,
           const TernRecordUpdate  *update,
           gpointer                 row,
           TernChanges             *changes,
           GError                 **error)
{
  switch (update->dataset)
    {
    case TERN_DATASET_CONVERSATIONS:
      return tern_store_put_conversation (db, row, changes, error);
    case TERN_DATASET_FRIENDS:
      return put_user (db, row, TRUE, error);
    case TERN_DATASET_GROUPS:
      return put_group (db, row, error);
    case TERN_DATASET_MEMBERS:
      return put_member (db, update->entity, row, error);
    case TERN_DATASET_SELF:
      return put_user (db, row, FALSE, error);
    default:
      g_return_val_if_reached (FALSE);
    }
}

static gboolean
apply_removed_conversation (TernDb       *db,
                            const char   *id,
                            const char   *self_id,
                            TernChanges  *changes,
                            GError      **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (TernConversationRow) row = NULL;

  row = tern_store_find_conversation (db, self_id, id, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  /* Hiding would lose what the person is writing. */
  return row == NULL || row->draft[0] != '\0'
         || tern_store_hide_conversation (db, id, changes, error);
}

static gboolean
apply_removed (TernDb                  *db,
               const TernRecordUpdate  *update,
               const char              *id,
               const char              *self_id,
               TernChanges             *changes,
               GError                 **error)
{
  static const char friend_sql[] =
    "UPDATE users SET is_friend = 0, is_pinned = 0, remark = '' WHERE user_id = ?1";
  static const char group_sql[] = "UPDATE groups SET is_joined = 0 WHERE group_id = ?1";
  static const char members_sql[] = "DELETE FROM members WHERE group_id = ?1";
  static const char version_sql[] = "DELETE FROM versions WHERE dataset = 3 AND entity = ?1";
  static const char member_sql[] = "DELETE FROM members WHERE group_id = ?1 AND user_id = ?2";

  switch (update->dataset)
    {
    case TERN_DATASET_CONVERSATIONS:
      return apply_removed_conversation (db, id, self_id, changes, error);
    case TERN_DATASET_FRIENDS:
      return tern_db_run (db, NULL, error, friend_sql, "s", id);
    case TERN_DATASET_GROUPS:
      return tern_db_run (db, NULL, error, group_sql, "s", id)
             && tern_db_run (db, NULL, error, members_sql, "s", id)
             && tern_db_run (db, NULL, error, version_sql, "s", id);
    case TERN_DATASET_MEMBERS:
      return tern_db_run (db, NULL, error, member_sql, "ss", update->entity, id);
    case TERN_DATASET_SELF:
    default:
      return TRUE;
    }
}

/* What the rows do not bring back is gone afterwards. */
static gboolean
apply_replace (TernDb                  *db,
               const TernRecordUpdate  *update,
               GError                 **error)
{
  static const char friends_sql[] =
    "UPDATE users SET is_friend = 0, is_pinned = 0, remark = '' WHERE is_friend = 1";
  static const char groups_sql[] = "UPDATE groups SET is_joined = 0 WHERE is_joined = 1";
  static const char members_sql[] = "DELETE FROM members WHERE group_id = ?1";

  switch (update->dataset)
    {
    case TERN_DATASET_FRIENDS:
      return tern_db_run (db, NULL, error, friends_sql, "");
    case TERN_DATASET_GROUPS:
      return tern_db_run (db, NULL, error, groups_sql, "");
    case TERN_DATASET_MEMBERS:
      return tern_db_run (db, NULL, error, members_sql, "s", update->entity);
    case TERN_DATASET_CONVERSATIONS:
    case TERN_DATASET_SELF:
    default:
      return TRUE;
    }
}

/* After all groups were replaced: the members of those that were left. */
static gboolean
drop_members_of_left (TernDb  *db,
                      GError **error)
{
  static const char members_sql[] =
    "DELETE FROM members WHERE group_id IN (SELECT group_id FROM groups WHERE is_joined = 0)";
  static const char versions_sql[] =
    "DELETE FROM versions WHERE dataset = 3"
    " AND entity IN (SELECT group_id FROM groups WHERE is_joined = 0)";

  return tern_db_run (db, NULL, error, members_sql, "")
         && tern_db_run (db, NULL, error, versions_sql, "");
}

/* Whose name or picture may be another now. */
static void
note_people (const TernRecordUpdate *update,
             TernChanges            *changes)
{
  guint n_rows = update->rows != NULL ? update->rows->len : 0;
  guint n_removed = update->removed != NULL ? update->removed->len : 0;

  if (update->dataset == TERN_DATASET_CONVERSATIONS)
    return;

  if (update->group != NULL)
    tern_changes_add_people (changes, update->group->id);
  if (update->dataset == TERN_DATASET_MEMBERS)
    {
      if (update->replace || n_rows > 0 || n_removed > 0)
        tern_changes_add_people (changes, update->entity);
      return;
    }
  if (update->replace)
    tern_changes_add_people (changes, NULL);
  for (guint i = 0; i < n_removed; i++)
    tern_changes_add_people (changes, update->removed->pdata[i]);
  for (guint i = 0; i < n_rows; i++)
    tern_changes_add_people (changes, update->dataset == TERN_DATASET_GROUPS
                                      ? ((TernGroupRecord *) update->rows->pdata[i])->id
                                      : ((TernUserRecord *) update->rows->pdata[i])->id);
}

/**
 * tern_store_apply_update:
 * @update: one answer of the REST interface
 *
 * Applies rows, removals and the version together, so that the version never
 * runs ahead of the rows.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_apply_update (TernDb                  *db,
                         const TernRecordUpdate  *update,
                         const char              *self_id,
                         TernChanges             *changes,
                         GError                 **error)
{
  static const char joined_sql[] = "SELECT is_joined FROM groups WHERE group_id = ?1";
  gint64 is_joined = 1;

  if (update->dataset == TERN_DATASET_MEMBERS
      && !tern_db_query_int64 (db, &is_joined, 1, error, joined_sql, "s", update->entity))
    return FALSE;
  if (!is_joined)
    return TRUE; /* asked for while one was still a member */

  if (update->replace && !apply_replace (db, update, error))
    return FALSE;
  for (guint i = 0; update->removed != NULL && i < update->removed->len; i++)
    {
      if (!apply_removed (db, update, g_ptr_array_index (update->removed, i), self_id, changes,
                          error))
        return FALSE;
    }
  for (guint i = 0; update->rows != NULL && i < update->rows->len; i++)
    {
      if (!apply_row (db, update, g_ptr_array_index (update->rows, i), changes, error))
        return FALSE;
    }
  if (update->group != NULL && !put_group (db, update->group, error))
    return FALSE;
  if (update->replace && update->dataset == TERN_DATASET_GROUPS
      && !drop_members_of_left (db, error))
    return FALSE;

  note_people (update, changes);
  return put_version (db, update, error);
}

/**
 * tern_store_get_version:
 * @version_id: (out) (transfer full): "" if nothing was stored yet
 * @version: (out): 0 then
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_get_version (TernDb       *db,
                        TernDataset   dataset,
                        const char   *entity,
                        char        **version_id,
                        guint64      *version,
                        GError      **error)
{
  static const char sql[] =
    "SELECT version_id, version FROM versions WHERE dataset = ?1 AND entity = ?2";
  g_autoptr (TernStatement) statement = NULL;
  int result;

  statement = tern_db_query (db, error, sql, "is", (gint64) dataset, entity);
  if (statement == NULL)
    return FALSE;
  result = tern_db_step (db, statement, error);
  if (result != SQLITE_ROW && result != SQLITE_DONE)
    return FALSE;
  *version_id = result == SQLITE_ROW ? tern_statement_dup_text (statement, 0) : g_strdup ("");
  *version = result == SQLITE_ROW ? (guint64) sqlite3_column_int64 (statement, 1) : 0;
  return TRUE;
}

/* --- reading --- */

static void
take (char          **field,
      TernStatement  *statement,
      int             column)
{
  g_free (*field);
  *field = tern_statement_dup_text (statement, column);
}

#define USER_COLUMNS \
  "user_id, name, face_url, remark, ex, created_ms, level, recv_opt, is_friend, is_pinned"

static gpointer
read_user (TernStatement *statement)
{
  TernUserRecord *user = tern_user_record_new ();

  take (&user->id, statement, 0);
  take (&user->name, statement, 1);
  take (&user->face_url, statement, 2);
  take (&user->remark, statement, 3);
  take (&user->ex, statement, 4);
  user->created_ms = sqlite3_column_int64 (statement, 5);
  user->level = sqlite3_column_int (statement, 6);
  user->recv_opt = sqlite3_column_int (statement, 7);
  user->is_friend = sqlite3_column_int (statement, 8) != 0;
  user->is_pinned = sqlite3_column_int (statement, 9) != 0;
  return user;
}

#define GROUP_COLUMNS \
  "group_id, name, face_url, announcement, introduction, owner_id, creator_id, ex, announcer_id," \
  " created_ms, announced_ms, n_members, status, group_type, need_verification," \
  " look_member_info, apply_member_friend"

static gpointer
read_group (TernStatement *statement)
{
  TernGroupRecord *group = tern_group_record_new ();

  take (&group->id, statement, 0);
  take (&group->name, statement, 1);
  take (&group->face_url, statement, 2);
  take (&group->announcement, statement, 3);
  take (&group->introduction, statement, 4);
  take (&group->owner_id, statement, 5);
  take (&group->creator_id, statement, 6);
  take (&group->ex, statement, 7);
  take (&group->announcer_id, statement, 8);
  group->created_ms = sqlite3_column_int64 (statement, 9);
  group->announced_ms = sqlite3_column_int64 (statement, 10);
  group->n_members = (guint) CLAMP (sqlite3_column_int64 (statement, 11), 0, G_MAXINT);
  group->status = sqlite3_column_int (statement, 12);
  group->group_type = sqlite3_column_int (statement, 13);
  group->need_verification = sqlite3_column_int (statement, 14);
  group->look_member_info = sqlite3_column_int (statement, 15);
  group->apply_member_friend = sqlite3_column_int (statement, 16);
  return group;
}

#define MEMBER_COLUMNS \
  "group_id, user_id, name, face_url, operator_id, inviter_id, ex, joined_ms, mute_end_ms, role," \
  " join_source"

static gpointer
read_member (TernStatement *statement)
{
  TernMemberRecord *member = tern_member_record_new ();

  take (&member->group_id, statement, 0);
  take (&member->user_id, statement, 1);
  take (&member->name, statement, 2);
  take (&member->face_url, statement, 3);
  take (&member->operator_id, statement, 4);
  take (&member->inviter_id, statement, 5);
  take (&member->ex, statement, 6);
  member->joined_ms = sqlite3_column_int64 (statement, 7);
  member->mute_end_ms = sqlite3_column_int64 (statement, 8);
  member->role = sqlite3_column_int (statement, 9);
  member->join_source = sqlite3_column_int (statement, 10);
  return member;
}

/* Both release the statement. */
static gpointer
find_record (TernDb         *db,
             TernStatement  *borrowed,
             gpointer      (*read) (TernStatement *statement),
             GError        **error)
{
  g_autoptr (TernStatement) statement = borrowed;

  if (statement == NULL || tern_db_step (db, statement, error) != SQLITE_ROW)
    return NULL;
  return read (statement);
}

static GPtrArray *
list_records (TernDb          *db,
              TernStatement   *borrowed,
              gpointer       (*read) (TernStatement *statement),
              GDestroyNotify   free_func,
              GError         **error)
{
  g_autoptr (TernStatement) statement = borrowed;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (free_func);
  int result;

  if (statement == NULL)
    return NULL;
  while ((result = tern_db_step (db, statement, error)) == SQLITE_ROW)
    g_ptr_array_add (list, read (statement));
  return result == SQLITE_DONE ? g_steal_pointer (&list) : NULL;
}

/**
 * tern_store_find_user:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (nullable): a friend or anybody met in passing;
 *   %NULL without an error when not known
 */
TernUserRecord *
tern_store_find_user (TernDb      *db,
                      const char  *user_id,
                      GError     **error)
{
  static const char sql[] = "SELECT " USER_COLUMNS " FROM users WHERE user_id = ?1";

  return find_record (db, tern_db_query (db, error, sql, "s", user_id), read_user, error);
}

/**
 * tern_store_find_group:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (nullable): a group, also one that was left; %NULL
 *   without an error when not known
 */
TernGroupRecord *
tern_store_find_group (TernDb      *db,
                       const char  *group_id,
                       GError     **error)
{
  static const char sql[] = "SELECT " GROUP_COLUMNS " FROM groups WHERE group_id = ?1";

  return find_record (db, tern_db_query (db, error, sql, "s", group_id), read_group, error);
}

/**
 * tern_store_find_member:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (nullable): %NULL without an error when not known
 */
TernMemberRecord *
tern_store_find_member (TernDb      *db,
                        const char  *group_id,
                        const char  *user_id,
                        GError     **error)
{
  static const char sql[] =
    "SELECT " MEMBER_COLUMNS " FROM members WHERE group_id = ?1 AND user_id = ?2";

  return find_record (db, tern_db_query (db, error, sql, "ss", group_id, user_id), read_member,
                      error);
}

/**
 * tern_store_list_friends:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type TernUserRecord) (nullable): all
 *   friends, by ID
 */
GPtrArray *
tern_store_list_friends (TernDb  *db,
                         GError **error)
{
  static const char sql[] = "SELECT " USER_COLUMNS " FROM users WHERE is_friend = 1";

  return list_records (db, tern_db_query (db, error, sql, ""), read_user,
                       (GDestroyNotify) tern_user_record_free, error);
}

/**
 * tern_store_list_groups:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type TernGroupRecord) (nullable): the
 *   groups that one is in, by ID
 */
GPtrArray *
tern_store_list_groups (TernDb  *db,
                        GError **error)
{
  static const char sql[] = "SELECT " GROUP_COLUMNS " FROM groups WHERE is_joined = 1";

  return list_records (db, tern_db_query (db, error, sql, ""), read_group,
                       (GDestroyNotify) tern_group_record_free, error);
}

/**
 * tern_store_list_members:
 * @limit: at most so many
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type TernMemberRecord) (nullable): owner
 *   first, then administrators, then the others by the time they joined
 */
GPtrArray *
tern_store_list_members (TernDb      *db,
                         const char  *group_id,
                         guint        limit,
                         GError     **error)
{
  static const char sql[] =
    "SELECT " MEMBER_COLUMNS " FROM members WHERE group_id = ?1"
    " ORDER BY role DESC, joined_ms, user_id LIMIT ?2";

  return list_records (db, tern_db_query (db, error, sql, "si", group_id, (gint64) limit),
                       read_member, (GDestroyNotify) tern_member_record_free, error);
}

/* --- small values --- */

/**
 * tern_store_dup_value:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (nullable): the value; %NULL without an error when
 *   it was never set
 */
char *
tern_store_dup_value (TernDb      *db,
                      const char  *key,
                      GError     **error)
{
  static const char sql[] = "SELECT value FROM settings WHERE key = ?1";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, sql, "s", key);

  if (statement == NULL || tern_db_step (db, statement, error) != SQLITE_ROW)
    return NULL;
  return tern_statement_dup_text (statement, 0);
}

/**
 * tern_store_list_keys:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type utf8) (nullable): the keys that have a
 *   value and begin with @prefix
 */
GPtrArray *
tern_store_list_keys (TernDb      *db,
                      const char  *prefix,
                      GError     **error)
{
  static const char sql[] =
    "SELECT key FROM settings WHERE substr (key, 1, length (?1)) = ?1 ORDER BY key";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, sql, "s", prefix);
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  int result;

  if (statement == NULL)
    return NULL;
  while ((result = tern_db_step (db, statement, error)) == SQLITE_ROW)
    g_ptr_array_add (keys, tern_statement_dup_text (statement, 0));
  return result == SQLITE_DONE ? g_steal_pointer (&keys) : NULL;
}

/**
 * tern_store_set_value:
 * @value: (nullable): %NULL: forget it
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_set_value (TernDb      *db,
                      const char  *key,
                      const char  *value,
                      GError     **error)
{
  static const char set_sql[] = "INSERT OR REPLACE INTO settings (key, value) VALUES (?1, ?2)";
  static const char delete_sql[] = "DELETE FROM settings WHERE key = ?1";

  if (value == NULL)
    return tern_db_run (db, NULL, error, delete_sql, "s", key);
  return tern_db_run (db, NULL, error, set_sql, "ss", key, value);
}
