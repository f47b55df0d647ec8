/* tern-server-routes-auth.c: tokens of the API
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 section 3.5.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-server.h"

#define ADMIN_PLATFORM 10

static void
route_parse_token (TernServerCall *call)
{
  const char *token = tern_json_get_string (call->body, "token");
  const char *name;
  g_autofree char *user_id = NULL;
  int platform, code;

  if (*token == '\0')
    {
      tern_server_fail (call, 1001, "userID is empty");
      return;
    }
  code = tern_server_token_code (tern_server_state_check_token (call->server->state, token,
                                                                &user_id, &platform), &name);
  if (code != 0)
    {
      tern_server_fail (call, code, "");
      call->text = g_strdup (name);
      return;
    }
  call->data = json_object_new ();
  json_object_set_string_member (call->data, "userID", user_id);
  json_object_set_int_member (call->data, "platformID", platform);
  json_object_set_int_member (call->data, "expireTimeSeconds",
                              tern_server_state_get_token_end (call->server->state, token));
}

static void
answer_token (TernServerCall *call,
              const char     *token)
{
  call->data = json_object_new ();
  json_object_set_string_member (call->data, "token", token);
  json_object_set_int_member (call->data, "expireTimeSeconds", TERN_SERVER_TOKEN_LIFETIME_S);
}

static void
route_admin_token (TernServerCall *call)
{
  const char *user_id = tern_json_get_string (call->body, "userID");
  g_autofree char *token = NULL;

  if (!tern_server_state_is_secret (call->server->state,
                                    tern_json_get_string (call->body, "secret")))
    tern_server_fail (call, 1002, "secret invalid");
  else if (strcmp (user_id, TERN_SERVER_ADMIN) != 0)
    tern_server_fail_printf (call, 1001, "userID is error., userID=%s, adminUserID=[%s]", user_id,
                       TERN_SERVER_ADMIN);
  else
    {
      /* Older ones stay good, as they do for five minutes there. */
      token = tern_server_state_make_token (call->server->state, user_id, ADMIN_PLATFORM);
      answer_token (call, token);
    }
}

static void
route_user_token (TernServerCall *call)
{
  const char *user_id = tern_json_get_string (call->body, "userID");
  int platform = (int) tern_json_get_int (call->body, "platformID");
  g_autoptr(TernUserRecord) user = NULL;
  g_autofree char *token = NULL;

  if (!tern_server_require (call, "userID", "userID is empty") || !tern_server_require_admin (call))
    return;
  user = tern_server_state_find_user (call->server->state, user_id);
  if (platform == ADMIN_PLATFORM)
    tern_server_fail (call, 1002, "platformID invalid. platformID must not be adminPlatformID");
  else if (strcmp (user_id, TERN_SERVER_ADMIN) == 0)
    tern_server_fail (call, 1002, "don't get Admin token");
  else if (user == NULL)
    tern_server_fail (call, 1004, "record not found");
  else if (user->level >= 3)
    tern_server_fail (call, 1001, "app account can`t get token");
  else
    {
      token = tern_server_sign_in (call->server, user_id, platform);
      answer_token (call, token);
    }
}

static void
route_force_logout (TernServerCall *call)
{
  const char *user_id = tern_json_get_string (call->body, "userID");
  int platform = (int) tern_json_get_int (call->body, "platformID");

  if (!tern_server_require (call, "userID", "userID is empty"))
    return;
  if (platform < 1 || platform > TERN_SERVER_MAX_PLATFORM)
    {
      tern_server_fail (call, 1001, "platformID is invalid");
      return;
    }
  if (!tern_server_require_admin (call))
    return;
  tern_server_state_kick_tokens (call->server->state, user_id, platform, NULL);
  tern_server_gateway_kick (call->server, user_id, platform, NULL);
}

/**
 * tern_server_find_auth_route:
 * @path: a route's
 *
 * Returns: (nullable): what answers it, if it is one of these
 */
TernServerRoute
tern_server_find_auth_route (const char *path)
{
  static const TernServerRouteEntry routes[] = {
    { "/auth/parse_token", route_parse_token },
    { "/auth/get_admin_token", route_admin_token },
    { "/auth/get_user_token", route_user_token },
    { "/auth/force_logout", route_force_logout },
  };

  return tern_server_find_route (routes, G_N_ELEMENTS (routes), path);
}
