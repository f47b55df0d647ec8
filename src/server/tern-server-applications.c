/* tern-server-applications.c: who wants to be a friend or a member
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-server-sql.h"
#include "tern-server-state.h"

/* --- friends --- */

/**
 * tern_server_friend_request_free:
 * @self: (transfer full): what is no longer needed
 */
void
tern_server_friend_request_free (TernServerFriendRequest *self)
{
  g_free (self->from_id);
  g_free (self->to_id);
  g_free (self->message);
  g_free (self->handler_id);
  g_free (self->answer);
  g_free (self->ex);
  g_free (self);
}

#define SELECT_FRIEND_REQUESTS \
  "SELECT from_id, to_id, message, handler, answer, ex, created_ms, handled_ms, result" \
  " FROM friend_requests "

static TernServerFriendRequest *
read_friend_request (sqlite3_stmt *query)
{
  TernServerFriendRequest *request = g_new0 (TernServerFriendRequest, 1);

  request->from_id = tern_server_sql_dup (query, 0);
  request->to_id = tern_server_sql_dup (query, 1);
  request->message = tern_server_sql_dup (query, 2);
  request->handler_id = tern_server_sql_dup (query, 3);
  request->answer = tern_server_sql_dup (query, 4);
  request->ex = tern_server_sql_dup (query, 5);
  request->created_ms = sqlite3_column_int64 (query, 6);
  request->handled_ms = sqlite3_column_int64 (query, 7);
  request->result = sqlite3_column_int (query, 8);

  return request;
}

/**
 * tern_server_state_find_friend_request:
 * @self: the state
 * @from_id: who asked
 * @to_id: who was asked
 *
 * Returns: (transfer full) (nullable): the last one
 */
TernServerFriendRequest *
tern_server_state_find_friend_request (TernServerState *self,
                                       const char      *from_id,
                                       const char      *to_id)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_FRIEND_REQUESTS
    "WHERE from_id = ?1 AND to_id = ?2", "ss", from_id, to_id);

  return tern_server_sql_step (self, query) ? read_friend_request (query) : NULL;
}

/**
 * tern_server_state_put_friend_request:
 * @self: the state
 * @request: an application
 *
 * Takes the place of an earlier one between the same two.
 */
void
tern_server_state_put_friend_request (TernServerState               *self,
                                      const TernServerFriendRequest *request)
{
  tern_server_sql_run (self,
    "INSERT OR REPLACE INTO friend_requests VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    "ssssssiii", request->from_id, request->to_id, request->message, request->handler_id,
    request->answer, request->ex, request->created_ms, request->handled_ms,
    (gint64) request->result);
}

/**
 * tern_server_state_list_friend_requests:
 * @self: the state
 * @user_id: who
 * @is_received: those to the person, else those from him
 *
 * Returns: (transfer full) (element-type TernServerFriendRequest): the newest
 *   first
 */
GPtrArray *
tern_server_state_list_friend_requests (TernServerState *self,
                                        const char      *user_id,
                                        gboolean         is_received)
{
  SqlQuery *query = tern_server_sql_query (self, is_received
    ? SELECT_FRIEND_REQUESTS "WHERE to_id = ?1 ORDER BY created_ms DESC, rowid DESC"
    : SELECT_FRIEND_REQUESTS "WHERE from_id = ?1 ORDER BY created_ms DESC, rowid DESC", "s",
    user_id);
  GPtrArray *list =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_server_friend_request_free);

  while (tern_server_sql_step (self, query))
    g_ptr_array_add (list, read_friend_request (query));

  return list;
}

/* --- groups --- */

/**
 * tern_server_group_request_free:
 * @self: (transfer full): what is no longer needed
 */
void
tern_server_group_request_free (TernServerGroupRequest *self)
{
  g_free (self->group_id);
  g_free (self->user_id);
  g_free (self->message);
  g_free (self->ex);
  g_free (self->inviter_id);
  g_free (self);
}

#define SELECT_GROUP_REQUESTS \
  "SELECT r.group_id, r.user_id, r.message, r.ex, r.inviter, r.created_ms, r.result," \
  " r.join_source FROM group_requests r "

static TernServerGroupRequest *
read_group_request (sqlite3_stmt *query)
{
  TernServerGroupRequest *request = g_new0 (TernServerGroupRequest, 1);

  request->group_id = tern_server_sql_dup (query, 0);
  request->user_id = tern_server_sql_dup (query, 1);
  request->message = tern_server_sql_dup (query, 2);
  request->ex = tern_server_sql_dup (query, 3);
  request->inviter_id = tern_server_sql_dup (query, 4);
  request->created_ms = sqlite3_column_int64 (query, 5);
  request->result = sqlite3_column_int (query, 6);
  request->join_source = sqlite3_column_int (query, 7);

  return request;
}

/**
 * tern_server_state_find_group_request:
 * @self: the state
 * @group_id: which group
 * @user_id: who wants in
 *
 * Returns: (transfer full) (nullable): the last one
 */
TernServerGroupRequest *
tern_server_state_find_group_request (TernServerState *self,
                                      const char      *group_id,
                                      const char      *user_id)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_GROUP_REQUESTS
    "WHERE r.group_id = ?1 AND r.user_id = ?2", "ss", group_id, user_id);

  return tern_server_sql_step (self, query) ? read_group_request (query) : NULL;
}

/**
 * tern_server_state_put_group_request:
 * @self: the state
 * @request: an application
 *
 * Takes the place of an earlier one of the same person.
 */
void
tern_server_state_put_group_request (TernServerState              *self,
                                     const TernServerGroupRequest *request)
{
  tern_server_sql_run (self,
    "INSERT OR REPLACE INTO group_requests VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", "sssssiii",
    request->group_id, request->user_id, request->message, request->ex, request->inviter_id,
    request->created_ms, (gint64) request->result, (gint64) request->join_source);
}

/**
 * tern_server_state_list_group_requests:
 * @self: the state
 * @user_id: who
 * @is_received: those to the groups that the person leads, else his own
 *
 * Returns: (transfer full) (element-type TernServerGroupRequest): the newest
 *   first
 */
GPtrArray *
tern_server_state_list_group_requests (TernServerState *self,
                                       const char      *user_id,
                                       gboolean         is_received)
{
  SqlQuery *query = tern_server_sql_query (self, is_received
    ? SELECT_GROUP_REQUESTS "JOIN members m ON m.group_id = r.group_id AND m.user_id = ?1 AND"
      " m.role >= 60 ORDER BY r.created_ms DESC, r.rowid DESC"
    : SELECT_GROUP_REQUESTS "WHERE r.user_id = ?1 ORDER BY r.created_ms DESC, r.rowid DESC", "s",
    user_id);
  GPtrArray *list =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_server_group_request_free);

  while (tern_server_sql_step (self, query))
    g_ptr_array_add (list, read_group_request (query));

  return list;
}
