/* test-login.c: signing in to the real local server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "local-server.h"
#include "tern-api-json.h"
#include "tern-api.h"
#include "tern-error.h"
#include "tern-login.h"
#include "test-support.h"

#define PLATFORM 7

static void
finished_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static TernAccount *
finish (GAsyncResult **result,
        GError       **error)
{
  TernAccount *account;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  account = tern_login_finish (*result, error);
  g_clear_object (result);

  return account;
}

static TernAccount *
with_password (LocalServer    *server,
               TernLoginKind   kind,
               const char     *name,
               const char     *password,
               GError        **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  tern_login_password_async (server->servers, "00ff", kind, name, password, PLATFORM, NULL,
                             finished_cb, &result);

  return finish (&result, error);
}

static TernAccount *
with_token (LocalServer  *server,
            const char   *user_id,
            const char   *token,
            int           platform,
            GError      **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  tern_login_token_async (server->servers, NULL, user_id, token, platform, NULL, finished_cb,
                          &result);

  return finish (&result, error);
}

static void
test_password (void)
{
  LocalServer *server = local_server_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(TernAccount) account = NULL;

  account = with_password (server, TERN_LOGIN_ACCOUNT, "u1", "tern", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (account->user_id, ==, "u1");
  g_assert_cmpstr (account->name, ==, "u1");
  g_assert_cmpstr (account->token, !=, "");
  g_assert_cmpstr (account->servers->ws, ==, server->servers->ws);
  g_assert_cmpstr (account->identity, ==, server->servers->api);
  g_assert_cmpstr (account->pinned_sha256, ==, "00ff");
  g_assert_cmpint (account->platform, ==, PLATFORM);
  g_assert_false (account->is_trial);

  g_assert_null (with_password (server, TERN_LOGIN_ACCOUNT, "u1", "wrong", &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_SIGN_IN);
  g_assert_cmpint (tern_error_get_server_code (error), ==, 20001);
  g_clear_error (&error);
  g_assert_null (with_password (server, TERN_LOGIN_ACCOUNT, "nobody", "tern", &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_SIGN_IN);
  g_clear_error (&error);
  g_assert_null (with_password (server, TERN_LOGIN_PHONE, "+86 13800000000", "tern", &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_SIGN_IN);
  g_clear_error (&error);
  g_assert_null (with_password (server, TERN_LOGIN_EMAIL, "a@example.org", "tern", &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_SIGN_IN);
  local_server_free (server);
}

static void
test_token (void)
{
  LocalServer *server = local_server_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(TernAccount) first = NULL;
  g_autoptr(TernAccount) account = NULL;

  first = with_password (server, TERN_LOGIN_ACCOUNT, "u1", "tern", &error);
  g_assert_no_error (error);
  account = with_token (server, "u1", first->token, PLATFORM, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (account->user_id, ==, "u1");
  g_assert_cmpstr (account->token, ==, first->token);
  g_assert_cmpstr (account->name, ==, "");

  g_assert_null (with_token (server, "u2", first->token, PLATFORM, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_SIGN_IN);
  g_clear_error (&error);
  g_assert_null (with_token (server, "u1", first->token, PLATFORM + 1, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_SIGN_IN);
  g_clear_error (&error);
  g_assert_null (with_token (server, "u1", "no token", PLATFORM, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_EXPIRED);
  local_server_free (server);
}

/* An account of that name, with the password "tern". */
static void
register_account (LocalServer *server,
                  const char  *name)
{
  g_autoptr(SoupSession) soup = soup_session_new ();
  g_autoptr(TernApi) api = tern_api_new (soup, server->servers->account, NULL);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) data = NULL;
  g_autofree char *md5 = g_compute_checksum_for_string (G_CHECKSUM_MD5, "tern", -1);
  g_autofree char *email = g_strconcat (name, "@example.org", NULL);
  JsonObject *body = json_object_new ();
  JsonObject *user = json_object_new ();

  json_object_set_string_member (user, "nickname", name);
  json_object_set_string_member (user, "account", name);
  json_object_set_string_member (user, "email", email);
  json_object_set_string_member (user, "password", md5);
  json_object_set_object_member (body, "user", user);
  json_object_set_string_member (body, "verifyCode", "666666");
  json_object_set_int_member (body, "platform", PLATFORM);
  tern_api_call_async (api, "/account/register", tern_json_take_object (body), NULL, finished_cb,
                       &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  data = tern_api_call_finish (api, result, &error);
  g_assert_no_error (error);
}

/* Digits may be a name: when they are nobody's phone number they are tried as one. */
static void
test_digits (void)
{
  LocalServer *server = local_server_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(TernAccount) account = NULL;

  register_account (server, "20231234");
  g_assert_cmpint (tern_login_guess_kind ("20231234"), ==, TERN_LOGIN_PHONE);
  account = with_password (server, TERN_LOGIN_PHONE, "20231234", "tern", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (account->name, ==, "20231234");
  g_assert_cmpstr (account->token, !=, "");

  g_assert_null (with_password (server, TERN_LOGIN_PHONE, "20231234", "wrong", &error));
  g_assert_cmpint (tern_error_get_server_code (error), ==, 20001);
  g_clear_error (&error);
  g_assert_null (with_password (server, TERN_LOGIN_PHONE, "20239999", "tern", &error));
  g_assert_cmpint (tern_error_get_server_code (error), ==, 20002);
  local_server_free (server);
}

/* Nobody there, and one who gave up waiting. */
static void
test_gone (void)
{
  LocalServer *server = local_server_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  tern_login_password_async (server->servers, NULL, TERN_LOGIN_ACCOUNT, "u1", "tern", PLATFORM,
                             cancellable, finished_cb, &result);
  g_cancellable_cancel (cancellable);
  g_assert_null (finish (&result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  local_server_kill (server);
  g_assert_null (with_password (server, TERN_LOGIN_ACCOUNT, "u1", "tern", &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_OFFLINE);
  local_server_free (server);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, test_drop_log, NULL);
  g_test_add_func ("/login/password", test_password);
  g_test_add_func ("/login/digits", test_digits);
  g_test_add_func ("/login/token", test_token);
  g_test_add_func ("/login/gone", test_gone);

  return g_test_run ();
}
