/* tern-server-account.c: the account server's routes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 sections 3.3 and 3.4.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-server.h"

/* What the fixed-code mode of the real account server accepts. */
#define SUPER_CODE "666666"
#define MAX_LOGIN_PLATFORM (TERN_SERVER_MAX_PLATFORM - 1)

enum
{
  FOR_REGISTER = 1,
  FOR_RESET = 2,
  FOR_LOGIN = 3,
};

static void
fail_by_name (TernServerCall *call,
              int             code)
{
  tern_server_fail (call, code, tern_server_name_of_code (code));
}

/* --- who --- */

static char *
dup_phone (const char *area,
           const char *number)
{
  return *number == '\0' ? g_strdup ("")
                         : g_strconcat (*area == '+' ? "" : "+", area, " ", number, NULL);
}

static char *
dup_phone_of (JsonNode *body)
{
  return dup_phone (tern_json_get_string (body, "areaCode"),
                    tern_json_get_string (body, "phoneNumber"));
}

static gboolean
is_email (const char *text)
{
  return g_regex_match_simple ("^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}\\z", text, 0, 0);
}

/* Insists on an address or a phone, even where a name is what counts. */
static gboolean
check_identity (TernServerCall *call,
                JsonNode       *body)
{
  const char *email = tern_json_get_string (body, "email");
  const char *phone = tern_json_get_string (body, "phoneNumber");

  if (*email != '\0')
    {
      if (is_email (email))
        return TRUE;
      tern_server_fail (call, 1001, "1001 ArgsError Email is invalid");
    }
  else if (*tern_json_get_string (body, "areaCode") == '\0')
    tern_server_fail (call, 1001, "AreaCode is empty");
  else if (*phone == '\0')
    tern_server_fail (call, 1001, "PhoneNumber is empty");
  else if (!g_ascii_string_to_unsigned (phone, 10, 0, G_MAXUINT64, NULL, NULL))
    tern_server_fail (call, 1001, "phoneNumber is invalid");
  else
    return TRUE;

  return FALSE;
}

static char *
find_account (TernServerCall *call,
              JsonNode       *body)
{
  g_autofree char *phone = dup_phone_of (body);

  return tern_server_state_find_account (call->server->state,
                                         tern_json_get_string (body, "account"), phone,
                                         tern_json_get_string (body, "email"));
}

static gboolean
check_code (TernServerCall *call)
{
  if (strcmp (tern_json_get_string (call->body, "verifyCode"), SUPER_CODE) == 0)
    return TRUE;

  fail_by_name (call, 20006);

  return FALSE;
}

static gboolean
check_platform (TernServerCall *call)
{
  gint64 platform = tern_json_get_int (call->body, "platform");

  if (platform >= 1 && platform <= MAX_LOGIN_PLATFORM)
    return TRUE;

  tern_server_fail (call, 1001, "platform is invalid");

  return FALSE;
}

/* --- accounts --- */

static void
answer_tokens (TernServerCall *call,
               const char     *user_id,
               gboolean        is_signed_in)
{
  int platform = (int) tern_json_get_int (call->body, "platform");
  g_autofree char *im_token = NULL;
  g_autofree char *chat_token = NULL;

  if (is_signed_in)
    {
      im_token = tern_server_sign_in (call->server, user_id, platform);
      chat_token = tern_server_state_make_token (call->server->state, user_id,
                                                 TERN_SERVER_ACCOUNT_PLATFORM);
    }
  call->data = json_object_new ();
  json_object_set_string_member (call->data, "imToken", im_token != NULL ? im_token : "");
  json_object_set_string_member (call->data, "chatToken", chat_token != NULL ? chat_token : "");
  json_object_set_string_member (call->data, "userID", user_id);
}

static void
route_login (TernServerCall *call)
{
  const char *password = tern_json_get_string (call->body, "password");
  g_autofree char *user_id = NULL;

  if (!check_identity (call, call->body) || !check_platform (call))
    return;
  if (*password == '\0' && *tern_json_get_string (call->body, "verifyCode") == '\0')
    {
      tern_server_fail (call, 1001, "password or code must be set");
      return;
    }
  user_id = find_account (call, call->body);
  if (user_id == NULL)
    tern_server_fail (call, 20002, "user unregistered");
  else if (*password != '\0' &&
           !tern_server_state_is_password (call->server->state, user_id, password))
    fail_by_name (call, 20001);
  else if (*password != '\0' || check_code (call))
    answer_tokens (call, user_id, TRUE);
}

static void
route_code_send (TernServerCall *call)
{
  gint64 used_for = tern_json_get_int (call->body, "usedFor");
  gboolean is_email_used = *tern_json_get_string (call->body, "email") != '\0';
  g_autofree char *user_id = NULL;

  if (used_for < FOR_REGISTER || used_for > FOR_LOGIN)
    {
      tern_server_fail (call, 1001, "usedFor flied is empty");
      return;
    }
  if (!check_identity (call, call->body))
    return;
  user_id = find_account (call, call->body);
  if (used_for != FOR_REGISTER && user_id == NULL)
    tern_server_fail (call, 20002, is_email_used ? "email unregistered" : "phone unregistered");
}

static void
route_code_verify (TernServerCall *call)
{
  if (check_identity (call, call->body))
    check_code (call);
}

static gboolean
check_registration (TernServerCall *call,
                    JsonNode       *user)
{
  if (user == NULL)
    tern_server_fail (call, 1001, "user is nil");
  else if (*tern_json_get_string (call->body, "verifyCode") == '\0')
    tern_server_fail (call, 1001, "verify code is empty");
  else if (!check_platform (call))
    ;
  else if (*tern_json_get_string (user, "nickname") == '\0')
    tern_server_fail (call, 1001, "Nickname is nil");
  else if (check_identity (call, user) && *tern_json_get_string (user, "userID") != '\0')
    tern_server_fail (call, 1002, "only admin can set user id");

  return call->code == 0;
}

static void
add_profile (TernServerCall *call,
             JsonNode       *user,
             const char     *id)
{
  g_autoptr(TernUserRecord) record = tern_user_record_new ();
  g_autoptr(TernServerProfile) profile = NULL;

  g_free (record->id);
  record->id = g_strdup (id);
  g_free (record->name);
  record->name = g_strdup (tern_json_get_string (user, "nickname"));
  g_free (record->face_url);
  record->face_url = g_strdup (tern_json_get_string (user, "faceURL"));
  tern_server_state_add_user (call->server->state, record);

  profile = tern_server_state_find_profile (call->server->state, id);
  g_free (profile->nickname);
  profile->nickname = g_strdup (record->name);
  g_free (profile->face_url);
  profile->face_url = g_strdup (record->face_url);
  g_free (profile->area_code);
  profile->area_code = g_strdup (tern_json_get_string (user, "areaCode"));
  g_free (profile->phone_number);
  profile->phone_number = g_strdup (tern_json_get_string (user, "phoneNumber"));
  profile->gender = (int) tern_json_get_int (user, "gender");
  profile->birth_ms = tern_json_get_int (user, "birth");
  tern_server_state_put_profile (call->server->state, profile);
}

static void
route_register (TernServerCall *call)
{
  TernServerState *state = call->server->state;
  JsonNode *user = tern_json_get_node (call->body, "user");
  g_autofree char *phone = dup_phone_of (user);
  g_autofree char *id = NULL;
  const char *email = tern_json_get_string (user, "email");
  const char *account = tern_json_get_string (user, "account");
  g_autofree char *by_account = NULL;
  g_autofree char *by_phone = NULL;
  g_autofree char *by_email = NULL;

  if (!check_registration (call, user))
    return;
  by_account = tern_server_state_find_account (state, account, "", "");
  by_phone = tern_server_state_find_account (state, "", phone, "");
  by_email = tern_server_state_find_account (state, "", "", email);
  if (by_account != NULL || by_phone != NULL || by_email != NULL)
    tern_server_fail (call, 20004, "");
  else if (check_code (call))
    {
      id = g_strdup_printf ("%u", g_random_int_range (1000000000, G_MAXINT32));
      tern_server_state_add_account (state, id, account, phone, email,
                                     tern_json_get_string (user, "password"));
      add_profile (call, user, id);
      answer_tokens (call, id, tern_json_get_bool (call->body, "autoLogin"));
    }
}

static void
route_reset_password (TernServerCall *call)
{
  const char *password = tern_json_get_string (call->body, "password");
  g_autofree char *user_id = NULL;

  if (!tern_server_require (call, "password", "password is empty") ||
      !check_identity (call, call->body) || !check_code (call))
    return;
  user_id = find_account (call, call->body);
  if (user_id == NULL)
    tern_server_fail (call, 1004, "mongo: no documents in result mongo find one");
  else
    tern_server_state_set_password (call->server->state, user_id, password);
}

static void
route_change_password (TernServerCall *call)
{
  const char *user_id = tern_json_get_string (call->body, "userID");
  const char *current = tern_json_get_string (call->body, "currentPassword");
  const char *wanted = tern_json_get_string (call->body, "newPassword");

  if (!tern_server_require (call, "userID", "userID is empty") ||
      !tern_server_require (call, "newPassword", "newPassword is empty"))
    return;
  if (strcmp (current, wanted) == 0)
    tern_server_fail (call, 1001, "new password == current password");
  else if (strcmp (user_id, call->user_id) != 0)
    tern_server_fail (call, 1002, "no permission change other user password");
  else if (!tern_server_state_is_password (call->server->state, user_id, current))
    tern_server_fail (call, 1002, "current password is wrong");
  else
    {
      tern_server_state_set_password (call->server->state, user_id, wanted);
      tern_server_state_drop_tokens (call->server->state, user_id);
      for (int platform = 1; platform <= TERN_SERVER_MAX_PLATFORM; platform++)
        tern_server_gateway_kick (call->server, user_id, platform, NULL);
    }
}

/* --- profiles --- */

static JsonObject *
build_public (const TernServerProfile *profile)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "userID", profile->user_id);
  json_object_set_string_member (object, "account", profile->account);
  json_object_set_string_member (object, "email", profile->email);
  json_object_set_string_member (object, "nickname", profile->nickname);
  json_object_set_string_member (object, "faceURL", profile->face_url);
  json_object_set_int_member (object, "gender", profile->gender);
  json_object_set_int_member (object, "level", profile->level);

  return object;
}

static JsonObject *
build_full (const TernServerProfile *profile)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "userID", profile->user_id);
  json_object_set_string_member (object, "password", "");
  json_object_set_string_member (object, "account", profile->account);
  json_object_set_string_member (object, "phoneNumber", profile->phone_number);
  json_object_set_string_member (object, "areaCode", profile->area_code);
  json_object_set_string_member (object, "email", profile->email);
  json_object_set_string_member (object, "nickname", profile->nickname);
  json_object_set_string_member (object, "faceURL", profile->face_url);
  json_object_set_int_member (object, "gender", profile->gender);
  json_object_set_int_member (object, "level", profile->level);
  json_object_set_int_member (object, "birth", profile->birth_ms);
  json_object_set_int_member (object, "allowAddFriend", profile->allow_add_friend);
  json_object_set_int_member (object, "allowBeep", profile->allow_beep);
  json_object_set_int_member (object, "allowVibration", profile->allow_vibration);
  json_object_set_int_member (object, "globalRecvMsgOpt", profile->recv_opt);
  json_object_set_int_member (object, "registerType", profile->register_type);

  return object;
}

static void
set_profiles (TernServerCall *call,
              GPtrArray      *profiles,
              JsonObject   *(*build) (const TernServerProfile *profile))
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < profiles->len; i++)
    json_array_add_object_element (array, build (profiles->pdata[i]));
  tern_server_set_array (call->data, "users", array);
}

static void
find_profiles (TernServerCall *call,
               JsonObject   *(*build) (const TernServerProfile *profile))
{
  g_auto(GStrv) ids = tern_server_dup_ids (call, "userIDs");
  g_autoptr(GPtrArray) found =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_server_profile_free);

  if (ids[0] == NULL)
    {
      tern_server_fail (call, 1001, "userIDs is empty");
      return;
    }
  for (guint i = 0; ids[i] != NULL; i++)
    {
      TernServerProfile *profile = tern_server_state_find_profile (call->server->state, ids[i]);

      if (profile != NULL)
        g_ptr_array_add (found, profile);
    }
  call->data = json_object_new ();
  set_profiles (call, found, build);
}

static void
route_find_full (TernServerCall *call)
{
  find_profiles (call, build_full);
}

static void
route_find_public (TernServerCall *call)
{
  find_profiles (call, build_public);
}

static gboolean
matches (const TernServerProfile *profile,
         GRegex                  *regex)
{
  const char *fields[] = { profile->user_id, profile->account, profile->nickname,
                           profile->phone_number, profile->email };

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      if (g_regex_match (regex, fields[i], 0, NULL))
        return TRUE;
    }

  return FALSE;
}

/* One number or a list of them; (nullable): any. */
static GHashTable *
read_genders (TernServerCall *call)
{
  JsonNode *node = tern_json_get_node (call->body, "genders");
  g_autoptr(GHashTable) genders = g_hash_table_new (NULL, NULL);

  if (node == NULL)
    return NULL;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      if (json_node_get_int (node) != 0)
        g_hash_table_add (genders, GINT_TO_POINTER ((int) json_node_get_int (node)));
    }
  else
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        g_hash_table_add (genders, GINT_TO_POINTER ((int) json_array_get_int_element (array, i)));
    }

  return g_hash_table_size (genders) > 0 ? g_steal_pointer (&genders) : NULL;
}

/* Stricter than the API's. */
static gboolean
check_page (TernServerCall *call)
{
  JsonNode *node = tern_json_get_node (call->body, "pagination");
  guint first, end;

  if (!tern_server_get_page (call, 0, &first, &end))
    return FALSE;

  return tern_json_get_int (node, "showNumber") > 0 ||
         tern_server_fail (call, 1001, "showNumber is invalid");
}

static void
search_profiles (TernServerCall *call,
                 JsonObject   *(*build) (const TernServerProfile *profile),
                 const char     *friends_of)
{
  g_autoptr(GPtrArray) profiles = NULL;
  g_autoptr(GRegex) regex = NULL;
  g_autoptr(GHashTable) genders = NULL;
  guint first, end;

  if (!check_page (call))
    return;
  regex = tern_server_make_search (call, tern_json_get_string (call->body, "keyword"));
  if (regex == NULL)
    return;
  genders = read_genders (call);
  profiles = tern_server_state_list_profiles (call->server->state);
  for (guint i = profiles->len; i-- > 0;)
    {
      const TernServerProfile *profile = profiles->pdata[i];

      if (!matches (profile, regex) ||
          (genders != NULL &&
           !g_hash_table_contains (genders, GINT_TO_POINTER (profile->gender))) ||
          (friends_of != NULL && !tern_server_state_is_friend (call->server->state, friends_of,
                                                               profile->user_id)))
        g_ptr_array_remove_index (profiles, i);
    }
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "total", profiles->len);
  if (tern_server_get_page (call, profiles->len, &first, &end))
    tern_server_cut (profiles, first, end);
  set_profiles (call, profiles, build);
}

static void
route_search_full (TernServerCall *call)
{
  search_profiles (call, build_full, NULL);
}

static void
route_search_public (TernServerCall *call)
{
  search_profiles (call, build_public, NULL);
}

static void
route_search_friends (TernServerCall *call)
{
  search_profiles (call, build_full, call->user_id);
}

/* TRUE: given, and not what it was. */
static gboolean
update_text (char       **field,
             JsonNode    *body,
             const char  *member)
{
  JsonNode *node = tern_json_get_node (body, member);

  if (node == NULL || strcmp (json_node_get_string (node), *field) == 0)
    return FALSE;

  g_free (*field);
  *field = g_strdup (json_node_get_string (node));

  return TRUE;
}

static void
update_number (int        *field,
               JsonNode   *body,
               const char *member)
{
  if (tern_json_get_node (body, member) != NULL)
    *field = (int) tern_json_get_int (body, member);
}

/* @code when somebody else has it. */
static gboolean
check_free (TernServerCall *call,
            const char     *account,
            const char     *phone,
            const char     *email,
            int             code)
{
  g_autofree char *other = tern_server_state_find_account (call->server->state, account, phone,
                                                           email);

  if (other == NULL || strcmp (other, call->user_id) == 0)
    return TRUE;

  fail_by_name (call, code);

  return FALSE;
}

static gboolean
check_update (TernServerCall *call,
              const char     *phone)
{
  JsonNode *nickname = tern_json_get_node (call->body, "nickname");
  const char *email = tern_json_get_string (call->body, "email");

  if (!tern_server_require (call, "userID", "userID is empty"))
    return FALSE;
  if (strcmp (tern_json_get_string (call->body, "userID"), call->user_id) != 0)
    tern_server_fail (call, 1002, "only admin can update other user info");
  else if (tern_json_get_node (call->body, "RegisterType") != NULL)
    tern_server_fail (call, 1002, "only admin can update register type");
  else if (nickname != NULL && *json_node_get_string (nickname) == '\0')
    tern_server_fail (call, 1001, "nickname can not be empty");
  else if ((tern_json_get_node (call->body, "areaCode") == NULL) !=
           (tern_json_get_node (call->body, "phoneNumber") == NULL))
    tern_server_fail (call, 1001, "areaCode and phoneNumber must be set together");
  else if (*email != '\0' && !is_email (email))
    tern_server_fail (call, 1001, "1001 ArgsError Email is invalid");

  return call->code == 0 && check_free (call, "", "", email, 20014) &&
         check_free (call, tern_json_get_string (call->body, "account"), "", "", 20004) &&
         check_free (call, "", phone, "", 20003);
}

/* The API's copy follows, by a route that takes an empty text as unchanged. */
static void
update_user (TernServerCall *call)
{
  g_autoptr(TernUserRecord) user = tern_server_state_find_user (call->server->state, call->user_id);
  gboolean is_changed = FALSE;

  if (user == NULL)
    return;
  if (*tern_json_get_string (call->body, "nickname") != '\0')
    is_changed = update_text (&user->name, call->body, "nickname");
  if (*tern_json_get_string (call->body, "faceURL") != '\0')
    is_changed |= update_text (&user->face_url, call->body, "faceURL");
  if (is_changed)
    tern_server_update_user (call->server, user);
}

static void
route_update (TernServerCall *call)
{
  g_autofree char *phone = dup_phone_of (call->body);
  g_autoptr(TernServerProfile) profile = NULL;

  if (!check_update (call, phone))
    return;
  profile = tern_server_state_find_profile (call->server->state, call->user_id);
  if (profile == NULL)
    {
      tern_server_fail (call, 1004, "mongo: no documents in result mongo find one");
      return;
    }
  update_text (&profile->nickname, call->body, "nickname");
  update_text (&profile->face_url, call->body, "faceURL");
  update_text (&profile->account, call->body, "account");
  update_text (&profile->email, call->body, "email");
  update_text (&profile->area_code, call->body, "areaCode");
  update_number (&profile->gender, call->body, "gender");
  update_number (&profile->level, call->body, "level");
  update_number (&profile->allow_add_friend, call->body, "allowAddFriend");
  update_number (&profile->allow_beep, call->body, "allowBeep");
  update_number (&profile->allow_vibration, call->body, "allowVibration");
  update_number (&profile->recv_opt, call->body, "globalRecvMsgOpt");
  if (tern_json_get_node (call->body, "birth") != NULL)
    profile->birth_ms = tern_json_get_int (call->body, "birth");
  tern_server_state_put_profile (call->server->state, profile);
  /* The new number opens the account, and the profile goes on showing the old
   * one: a defect of the real server that its clients see. */
  if (*phone != '\0')
    tern_server_state_set_phone (call->server->state, call->user_id, phone);
  update_user (call);
}

/* --- what an operator could have set up --- */

static void
route_client_config (TernServerCall *call)
{
  call->data = json_object_new ();
  json_object_set_object_member (call->data, "config", json_object_new ());
}

static void
route_applets (TernServerCall *call)
{
  call->data = json_object_new ();
  json_object_set_null_member (call->data, "applets");
}

static void
route_latest_version (TernServerCall *call)
{
  call->data = json_object_new ();
  json_object_set_null_member (call->data, "version");
}

static void
route_page_versions (TernServerCall *call)
{
  if (!check_page (call))
    return;
  call->data = json_object_new ();
  json_object_set_int_member (call->data, "total", 0);
  json_object_set_null_member (call->data, "versions");
}

/**
 * tern_server_find_account_route:
 * @path: a route's
 * @access: (inout): what the route asks for is added
 *
 * Returns: (nullable): what answers it, if it is one of these
 */
TernServerRoute
tern_server_find_account_route (const char       *path,
                                TernServerAccess *access)
{
  static const TernServerRouteEntry open_routes[] = {
    { "/account/login", route_login },
    { "/account/code/send", route_code_send },
    { "/account/code/verify", route_code_verify },
    { "/account/register", route_register },
    { "/account/password/reset", route_reset_password },
    { "/client_config/get", route_client_config },
    { "/application/latest_version", route_latest_version },
    { "/application/page_versions", route_page_versions },
  };
  static const TernServerRouteEntry token_routes[] = {
    { "/account/password/change", route_change_password },
    { "/user/find/full", route_find_full },
    { "/user/find/public", route_find_public },
    { "/user/search/full", route_search_full },
    { "/user/search/public", route_search_public },
    { "/user/update", route_update },
    { "/friend/search", route_search_friends },
    { "/applet/find", route_applets },
  };
  TernServerRoute route = tern_server_find_route (open_routes, G_N_ELEMENTS (open_routes), path);

  if (route != NULL)
    return route;

  route = tern_server_find_route (token_routes, G_N_ELEMENTS (token_routes), path);
  if (route != NULL)
    *access |= TERN_SERVER_TOKEN;

  return route;
}
