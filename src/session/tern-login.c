/* tern-login.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-login.h"

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "tern-api-json.h"
#include "tern-api.h"
#include "tern-error.h"
#include "tern-probe.h"

#define ACCOUNT_NOT_FOUND 20002 /* protocol 02 section 2.2 */

typedef struct
{
  SoupSession *soup;
  TernApi     *api;
  TernServers *servers;
  char        *pinned_sha256;
  char        *name;
  char        *user_id;
  char        *token;
  char        *password_md5; /* (nullable) */
  int          platform;
  gboolean     may_be_account; /* when nobody has that phone number */
} Login;

static void
login_free (gpointer data)
{
  Login *login = data;

  g_clear_object (&login->api);
  g_clear_object (&login->soup);
  g_clear_pointer (&login->servers, tern_servers_free);
  g_free (login->pinned_sha256);
  g_free (login->name);
  g_free (login->user_id);
  g_free (login->token);
  g_free (login->password_md5);
  g_free (login);
}

static Login *
login_new (const TernServers *servers,
           const char        *pinned_sha256)
{
  Login *login = g_new0 (Login, 1);

  login->soup = tern_soup_session_new (pinned_sha256);
  login->pinned_sha256 = g_strdup (pinned_sha256);
  if (servers != NULL)
    login->servers = tern_servers_copy (servers);

  return login;
}

/* --- looking for the services --- */

static void
probed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  TernServers *servers = tern_probe_run_finish (result, &error);

  if (servers != NULL)
    g_task_return_pointer (task, servers, (GDestroyNotify) tern_servers_free);
  else
    g_task_return_error (task, error);
}

static void
probe (GPtrArray           *candidates,
       const char          *pinned_sha256,
       GCancellable        *cancellable,
       GAsyncReadyCallback  callback,
       gpointer             user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Login *login = login_new (NULL, pinned_sha256);

  g_task_set_source_tag (task, probe);
  g_task_set_task_data (task, login, login_free);
  tern_probe_run_async (login->soup, candidates, cancellable, probed_cb, task);
}

/**
 * tern_login_probe_async:
 * @address: what a person typed
 * @pinned_sha256: (nullable): a certificate that the person accepted
 * @cancellable: (nullable): stops
 * @callback: called with what was found
 * @user_data: passed to @callback
 */
void
tern_login_probe_async (const char          *address,
                        const char          *pinned_sha256,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr(GPtrArray) candidates = NULL;
  GError *error = NULL;

  candidates = tern_probe_derive (address, &error);
  if (candidates != NULL)
    probe (candidates, pinned_sha256, cancellable, callback, user_data);
  else
    g_task_report_error (NULL, callback, user_data, tern_login_probe_async, error);
}

/**
 * tern_login_probe_servers_async:
 * @servers: the three, as a person wrote them
 * @pinned_sha256: (nullable): a certificate that the person accepted
 * @cancellable: (nullable): stops
 * @callback: called with what was found; finish with tern_login_probe_finish()
 * @user_data: passed to @callback
 */
void
tern_login_probe_servers_async (const TernServers   *servers,
                                const char          *pinned_sha256,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autoptr(GPtrArray) candidates =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_servers_free);

  g_ptr_array_add (candidates, tern_servers_new (servers->account, servers->api, servers->ws));
  probe (candidates, pinned_sha256, cancellable, callback, user_data);
}

/**
 * tern_login_guess_servers:
 * @address: what a person typed
 *
 * Returns: (transfer full) (nullable): where its services most likely are;
 *   %NULL: it is no address
 */
TernServers *
tern_login_guess_servers (const char *address)
{
  g_autoptr(GPtrArray) candidates = tern_probe_derive (address, NULL);

  return candidates != NULL ? tern_servers_copy (candidates->pdata[0]) : NULL;
}

/**
 * tern_login_probe_finish:
 * @result: what the callback was given
 * @certificate_sha256: (out) (optional) (nullable) (transfer full): with
 *   %TERN_ERROR_TLS, the certificate that was refused
 * @error: return location for a #GError
 *
 * Errors: NOT_FOUND (no address), OFFLINE, TLS.
 *
 * Returns: (transfer full) (nullable): the services
 */
TernServers *
tern_login_probe_finish (GAsyncResult  *result,
                         char         **certificate_sha256,
                         GError       **error)
{
  Login *login;

  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  login = g_task_get_task_data (G_TASK (result));
  if (certificate_sha256 != NULL)
    *certificate_sha256 = login != NULL ? tern_soup_session_dup_refused_certificate (login->soup)
                                        : NULL;

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- signing in --- */

static void
return_account (GTask *task)
{
  Login *login = g_task_get_task_data (task);
  TernAccount *account = tern_account_new (login->servers, login->user_id, login->token);

  account->platform = login->platform;
  account->pinned_sha256 = g_strdup (login->pinned_sha256);
  g_free (account->name);
  account->name = g_strdup (login->name != NULL ? login->name : "");
  g_task_return_pointer (task, account, (GDestroyNotify) tern_account_free);
}

/* Country codes of two digits (ITU-T E.164, list of assigned codes). Beside
 * them there are 1 and 7; all others have three. No code begins another. */
static const guint8 two_digits[] = {
  20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56,
  57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
};

static gsize
count_code_digits (const char *digits)
{
  guint8 two;

  if (*digits == '1' || *digits == '7' || strlen (digits) < 2)
    return MIN (strlen (digits), 1);

  two = (guint8) ((digits[0] - '0') * 10 + digits[1] - '0');

  return memchr (two_digits, two, sizeof two_digits) != NULL ? 2 : MIN (strlen (digits), 3);
}

static void ask_account_server (GTask         *task,
                                TernLoginKind  kind); /* a second time, as an account */

static void
signed_in_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Login *login = g_task_get_task_data (task);
  g_autoptr(JsonNode) data = NULL;
  GError *error = NULL;

  data = tern_api_call_finish (TERN_API (object), result, &error);
  if (data == NULL && login->may_be_account &&
      tern_error_get_server_code (error) == ACCOUNT_NOT_FOUND)
    {
      g_error_free (error);
      login->may_be_account = FALSE;
      ask_account_server (g_steal_pointer (&task), TERN_LOGIN_ACCOUNT);
      return;
    }
  if (data == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  login->user_id = g_strdup (tern_json_get_string (data, "userID"));
  login->token = g_strdup (tern_json_get_string (data, "imToken"));
  if (*login->user_id == '\0' || *login->token == '\0')
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_PROTOCOL,
                               "The account server gave no token");
      return;
    }
  return_account (task);
}

static void
ask_account_server (GTask         *task, /* (transfer full) */
                    TernLoginKind  kind)
{
  Login *login = g_task_get_task_data (task);
  JsonObject *body = json_object_new ();
  g_autofree char *area = NULL;
  g_autofree char *number = NULL;

  switch (kind)
    {
    case TERN_LOGIN_PHONE:
      tern_login_split_phone (login->name, &area, &number);
      json_object_set_string_member (body, "areaCode", area);
      json_object_set_string_member (body, "phoneNumber", number);
      break;
    case TERN_LOGIN_EMAIL:
      json_object_set_string_member (body, "email", login->name);
      break;
    case TERN_LOGIN_ACCOUNT:
    default:
      /* The check wants an address even where the name decides (protocol 02
       * section 3.3). */
      json_object_set_string_member (body, "account", login->name);
      json_object_set_string_member (body, "email", "a@b.co");
      break;
    }
  json_object_set_string_member (body, "password", login->password_md5);
  json_object_set_int_member (body, "platform", login->platform);
  tern_api_call_async (login->api, "/account/login", tern_json_take_object (body),
                       g_task_get_cancellable (task), signed_in_cb, task);
}

/**
 * tern_login_password_async:
 * @servers: where
 * @pinned_sha256: (nullable): a certificate that the person accepted
 * @kind: what @name is; digits that are nobody's phone number are tried as an
 *   account name too
 * @name: phone, mail address or account name
 * @password: as typed; it is hashed at once
 * @platform: the protocol's number of this kind of device
 * @cancellable: (nullable): stops waiting
 * @callback: called with the account
 * @user_data: passed to @callback
 */
void
tern_login_password_async (const TernServers   *servers,
                           const char          *pinned_sha256,
                           TernLoginKind        kind,
                           const char          *name,
                           const char          *password,
                           int                  platform,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Login *login = login_new (servers, pinned_sha256);

  g_task_set_source_tag (task, tern_login_password_async);
  g_task_set_task_data (task, login, login_free);
  login->name = g_strdup (name);
  login->password_md5 = g_compute_checksum_for_string (G_CHECKSUM_MD5, password, -1);
  login->platform = platform;
  login->api = tern_api_new (login->soup, servers->account, NULL);
  /* Names have letters and digits only (protocol 02 section 3.2). */
  login->may_be_account = kind == TERN_LOGIN_PHONE && strspn (name, "0123456789") == strlen (name);
  ask_account_server (task, kind);
}

static void
parsed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Login *login = g_task_get_task_data (task);
  g_autoptr(JsonNode) data = NULL;
  GError *error = NULL;

  data = tern_api_call_finish (TERN_API (object), result, &error);
  if (data == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  if (strcmp (tern_json_get_string (data, "userID"), login->user_id) != 0)
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_SIGN_IN,
                               "The token belongs to another user");
      return;
    }
  if (tern_json_get_int (data, "platformID") != login->platform)
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_SIGN_IN,
                               "The token was made for another kind of device");
      return;
    }
  return_account (task);
}

/**
 * tern_login_token_async:
 * @servers: where
 * @pinned_sha256: (nullable): a certificate that the person accepted
 * @user_id: who
 * @token: the IM token
 * @platform: the platform inside the token
 * @cancellable: (nullable): stops waiting
 * @callback: called with the account
 * @user_data: passed to @callback
 */
void
tern_login_token_async (const TernServers   *servers,
                        const char          *pinned_sha256,
                        const char          *user_id,
                        const char          *token,
                        int                  platform,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Login *login = login_new (servers, pinned_sha256);
  JsonObject *body = json_object_new ();

  g_task_set_source_tag (task, tern_login_token_async);
  g_task_set_task_data (task, login, login_free);
  login->user_id = g_strdup (user_id);
  login->token = g_strdup (token);
  login->platform = platform;
  login->api = tern_api_new (login->soup, servers->api, NULL);
  json_object_set_string_member (body, "token", token);
  tern_api_call_async (login->api, "/auth/parse_token", tern_json_take_object (body), cancellable,
                       parsed_cb, g_steal_pointer (&task));
}

/**
 * tern_login_finish:
 * @result: what the callback of either was given
 * @error: return location for a #GError
 *
 * Errors: SIGN_IN, OFFLINE, TIMEOUT, TLS, EXPIRED, KICKED, REFUSED, PROTOCOL.
 *
 * Returns: (transfer full) (nullable): the account, with its token
 */
TernAccount *
tern_login_finish (GAsyncResult  *result,
                   GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * tern_login_guess_kind:
 * @name: what a person typed
 *
 * Returns: what it most likely is
 */
TernLoginKind
tern_login_guess_kind (const char *name)
{
  if (strchr (name, '@') != NULL)
    return TERN_LOGIN_EMAIL;
  /* Names may be all digits too, but phones are far more common. */
  if (*name != '\0' && strspn (name, "+0123456789 -") == strlen (name))
    return TERN_LOGIN_PHONE;

  return TERN_LOGIN_ACCOUNT;
}

/**
 * tern_login_split_phone:
 * @name: a phone number as a person types it
 * @area: (out) (transfer full): the country code, with "+"
 * @number: (out) (transfer full): the rest, digits only
 *
 * Without a country code it is one of China, where most deployments are.
 */
void
tern_login_split_phone (const char  *name,
                        char       **area,
                        char       **number)
{
  g_autoptr(GString) digits = g_string_new (NULL);
  gsize n_code;

  for (const char *p = name; *p != '\0'; p++)
    {
      if (g_ascii_isdigit (*p))
        g_string_append_c (digits, *p);
    }
  if (g_str_has_prefix (digits->str, "00"))
    g_string_erase (digits, 0, 2);
  else if (*name != '+')
    {
      *area = g_strdup ("+86");
      *number = g_string_free (g_steal_pointer (&digits), FALSE);
      return;
    }

  n_code = count_code_digits (digits->str);
  *area = n_code > 0 ? g_strdup_printf ("+%.*s", (int) n_code, digits->str) : g_strdup ("+86");
  *number = g_strdup (digits->str + n_code);
}
