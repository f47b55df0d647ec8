/* tern-server-accounts.c: what the account server remembers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Passwords and profiles; also the small store that the API has for each
 * person. The account server's copy of a nickname and of a
 * picture is its own: it may differ from the API's.
 */

#include "config.h"

#include <string.h>

#include "tern-clock.h"
#include "tern-server-sql.h"
#include "tern-server-state.h"

#define SELECT_PROFILES \
  "SELECT p.user_id, p.nickname, p.face_url, p.area_code, p.phone_number, p.birth_ms, p.gender," \
  " p.level, p.allow_add_friend, p.allow_beep, p.allow_vibration, p.recv_opt, p.register_type," \
  " a.account, a.email FROM profiles p JOIN accounts a ON a.user_id = p.user_id "

/**
 * tern_server_profile_free:
 * @self: (transfer full): what is no longer needed
 */
void
tern_server_profile_free (TernServerProfile *self)
{
  g_free (self->user_id);
  g_free (self->nickname);
  g_free (self->face_url);
  g_free (self->area_code);
  g_free (self->phone_number);
  g_free (self->account);
  g_free (self->email);
  g_free (self);
}

/**
 * tern_server_state_add_account:
 * @self: the state
 * @user_id: who
 * @account: a name, or ""
 * @phone: a number with its area code, or ""
 * @email: an address, or ""
 * @password_md5: as clients send passwords
 *
 * Returns: whether there is one now; %FALSE: one of the three names belongs to
 *   somebody
 */
gboolean
tern_server_state_add_account (TernServerState *self,
                               const char      *user_id,
                               const char      *account,
                               const char      *phone,
                               const char      *email,
                               const char      *password_md5)
{
  g_autofree char *other =
    tern_server_state_find_account (self, account, "", "");

  if (other == NULL)
    other = tern_server_state_find_account (self, "", phone, "");
  if (other == NULL)
    other = tern_server_state_find_account (self, "", "", email);
  if (other != NULL ||
      tern_server_sql_run (self, "INSERT OR IGNORE INTO accounts VALUES (?1, ?2, ?3, ?4, ?5)",
                           "sssss", user_id, account, phone, email, password_md5) == 0)
    return FALSE;

  tern_server_sql_run (self,
    "INSERT INTO profiles SELECT ?1, coalesce ((SELECT name FROM users WHERE user_id = ?1), ''),"
    " '', '', '', 0, 0, 0, 1, 1, 1, 0, ?2", "si", user_id,
    (gint64) (*phone == '\0' && *email != '\0' ? TERN_SERVER_BY_EMAIL : TERN_SERVER_BY_PHONE));

  return TRUE;
}

/**
 * tern_server_state_find_account:
 * @self: the state
 * @account: a name, or ""
 * @phone: a number with its area code, or ""
 * @email: an address, or ""
 *
 * The name counts before the phone, the phone before the mail address.
 *
 * Returns: (transfer full) (nullable): the user
 */
char *
tern_server_state_find_account (TernServerState *self,
                                const char      *account,
                                const char      *phone,
                                const char      *email)
{
  /* The name counts before the phone, the phone before the mail address. */
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT user_id FROM accounts WHERE CASE WHEN ?1 <> '' THEN account = ?1"
    " WHEN ?2 <> '' THEN phone = ?2 ELSE ?3 <> '' AND email = ?3 END", "sss", account, phone,
    email);

  return tern_server_sql_step (self, query) ? tern_server_sql_dup (query, 0) : NULL;
}

/**
 * tern_server_state_is_password:
 * @self: the state
 * @user_id: who
 * @password_md5: as clients send passwords
 *
 * Returns: whether it is the user's; %FALSE also when there is no such account
 */
gboolean
tern_server_state_is_password (TernServerState *self,
                               const char      *user_id,
                               const char      *password_md5)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT password FROM accounts WHERE user_id = ?1", "s", user_id);
  g_autofree char *password = NULL;

  if (!tern_server_sql_step (self, query))
    return FALSE;

  password = tern_server_sql_dup (query, 0);

  return tern_server_is_same_secret (password, password_md5);
}

/**
 * tern_server_state_set_password:
 * @self: the state
 * @user_id: who
 * @password_md5: as clients send passwords
 *
 * Of somebody who has an account.
 */
void
tern_server_state_set_password (TernServerState *self,
                                const char      *user_id,
                                const char      *password_md5)
{
  tern_server_sql_run (self, "UPDATE accounts SET password = ?2 WHERE user_id = ?1", "ss", user_id,
                       password_md5);
}

/**
 * tern_server_state_set_phone:
 * @self: the state
 * @user_id: who
 * @phone: a number with its area code
 *
 * Of somebody who has an account.
 */
void
tern_server_state_set_phone (TernServerState *self,
                             const char      *user_id,
                             const char      *phone)
{
  tern_server_sql_run (self, "UPDATE accounts SET phone = ?2 WHERE user_id = ?1", "ss", user_id,
                       phone);
}

/**
 * tern_server_state_put_profile:
 * @self: the state
 * @profile: all of it
 *
 * Keeps what has changed of somebody who has an account.
 */
void
tern_server_state_put_profile (TernServerState         *self,
                               const TernServerProfile *profile)
{
  tern_server_sql_run (self, "UPDATE accounts SET account = ?2, email = ?3 WHERE user_id = ?1",
                       "sss", profile->user_id, profile->account, profile->email);
  tern_server_sql_run (self,
    "UPDATE profiles SET nickname = ?2, face_url = ?3, area_code = ?4, phone_number = ?5,"
    " birth_ms = ?6, gender = ?7, level = ?8, allow_add_friend = ?9, allow_beep = ?10,"
    " allow_vibration = ?11, recv_opt = ?12 WHERE user_id = ?1", "sssssiiiiiii",
    profile->user_id, profile->nickname, profile->face_url, profile->area_code,
    profile->phone_number, profile->birth_ms, (gint64) profile->gender, (gint64) profile->level,
    (gint64) profile->allow_add_friend, (gint64) profile->allow_beep,
    (gint64) profile->allow_vibration, (gint64) profile->recv_opt);
}

static TernServerProfile *
read_profile (sqlite3_stmt *query)
{
  TernServerProfile *profile = g_new0 (TernServerProfile, 1);

  profile->user_id = tern_server_sql_dup (query, 0);
  profile->nickname = tern_server_sql_dup (query, 1);
  profile->face_url = tern_server_sql_dup (query, 2);
  profile->area_code = tern_server_sql_dup (query, 3);
  profile->phone_number = tern_server_sql_dup (query, 4);
  profile->birth_ms = sqlite3_column_int64 (query, 5);
  profile->gender = sqlite3_column_int (query, 6);
  profile->level = sqlite3_column_int (query, 7);
  profile->allow_add_friend = sqlite3_column_int (query, 8);
  profile->allow_beep = sqlite3_column_int (query, 9);
  profile->allow_vibration = sqlite3_column_int (query, 10);
  profile->recv_opt = sqlite3_column_int (query, 11);
  profile->register_type = sqlite3_column_int (query, 12);
  profile->account = tern_server_sql_dup (query, 13);
  profile->email = tern_server_sql_dup (query, 14);

  return profile;
}

/**
 * tern_server_state_find_profile:
 * @self: the state
 * @user_id: who
 *
 * Returns: (transfer full) (nullable): what the account server shows
 */
TernServerProfile *
tern_server_state_find_profile (TernServerState *self,
                                const char      *user_id)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_PROFILES "WHERE p.user_id = ?1", "s",
                                           user_id);

  return tern_server_sql_step (self, query) ? read_profile (query) : NULL;
}

/**
 * tern_server_state_list_profiles:
 * @self: the state
 *
 * Returns: (transfer full) (element-type TernServerProfile): of everybody, the
 *   oldest first
 */
GPtrArray *
tern_server_state_list_profiles (TernServerState *self)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_PROFILES "ORDER BY p.rowid", "");
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_server_profile_free);

  while (tern_server_sql_step (self, query))
    g_ptr_array_add (list, read_profile (query));

  return list;
}

/* --- favourites --- */

/**
 * tern_server_state_add_command:
 * @self: the state
 * @user_id: who
 * @type: which kind, a number of the clients
 * @uuid: which one of that kind
 * @value: what it is
 *
 * Keeps a favourite; one of the same @uuid may be there twice.
 */
void
tern_server_state_add_command (TernServerState *self,
                               const char      *user_id,
                               gint64           type,
                               const char      *uuid,
                               const char      *value)
{
  tern_server_sql_run (self, "INSERT INTO commands VALUES (?1, ?2, ?3, ?4, '', ?5)", "sissi",
                       user_id, type, uuid, value, tern_clock_get_wall_ms () / 1000);
}

#define ONE_COMMAND \
  "rowid = (SELECT min (rowid) FROM commands WHERE user_id = ?1 AND type = ?2 AND uuid = ?3)"

/**
 * tern_server_state_update_command:
 * @self: the state
 * @user_id: who
 * @type: which kind, a number of the clients
 * @uuid: which one of that kind
 * @value: (nullable): what it is; %NULL leaves it
 * @ex: (nullable): more of it; %NULL leaves it
 *
 * Changes the oldest of this @uuid.
 */
void
tern_server_state_update_command (TernServerState *self,
                                  const char      *user_id,
                                  gint64           type,
                                  const char      *uuid,
                                  const char      *value,
                                  const char      *ex)
{
  if (value != NULL)
    tern_server_sql_run (self, "UPDATE commands SET value = ?4 WHERE " ONE_COMMAND, "siss", user_id,
                         type, uuid, value);
  if (ex != NULL)
    tern_server_sql_run (self, "UPDATE commands SET ex = ?4 WHERE " ONE_COMMAND, "siss", user_id,
                         type, uuid, ex);
}

/**
 * tern_server_state_delete_command:
 * @self: the state
 * @user_id: who
 * @type: which kind, a number of the clients
 * @uuid: which one of that kind
 *
 * Removes the oldest of this @uuid.
 */
void
tern_server_state_delete_command (TernServerState *self,
                                  const char      *user_id,
                                  gint64           type,
                                  const char      *uuid)
{
  tern_server_sql_run (self, "DELETE FROM commands WHERE " ONE_COMMAND, "sis", user_id, type, uuid);
}

/**
 * tern_server_state_build_commands:
 * @self: the state
 * @user_id: who
 * @type: which kind; 0: all
 *
 * Returns: (transfer full): as the API shows them, the oldest first
 */
JsonArray *
tern_server_state_build_commands (TernServerState *self,
                                  const char      *user_id,
                                  gint64           type)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT type, created_s, uuid, value, ex FROM commands WHERE user_id = ?1 AND"
    " (?2 = 0 OR type = ?2) ORDER BY rowid", "si", user_id, type);
  JsonArray *array = json_array_new ();

  while (tern_server_sql_step (self, query))
    {
      JsonObject *command = json_object_new ();
      g_autofree char *uuid = tern_server_sql_dup (query, 2);
      g_autofree char *value = tern_server_sql_dup (query, 3);
      g_autofree char *ex = tern_server_sql_dup (query, 4);

      json_object_set_int_member (command, "type", sqlite3_column_int (query, 0));
      json_object_set_int_member (command, "createTime", sqlite3_column_int64 (query, 1));
      json_object_set_string_member (command, "uuid", uuid);
      json_object_set_string_member (command, "value", value);
      json_object_set_string_member (command, "ex", ex);
      json_array_add_object_element (array, command);
    }

  return array;
}
