/* tern-servers.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-servers.h"

#include <gio/gio.h>
#include <string.h>

/* One spelling for each: an account is found again by its API's. */
static char *
dup_address (const char *address)
{
  char *text = g_strdup (address != NULL ? address : "");

  for (gsize length = strlen (text); length > 0 && text[length - 1] == '/'; length--)
    text[length - 1] = '\0';

  return text;
}

/**
 * tern_servers_new:
 * @account: base URL of the account server, or ""
 * @api: base URL of the API
 * @ws: URL of the gateway
 *
 * Returns: (transfer full): the three as one, not asked yet
 */
TernServers *
tern_servers_new (const char *account,
                  const char *api,
                  const char *ws)
{
  TernServers *self = g_new0 (TernServers, 1);

  self->account = dup_address (account);
  self->api = dup_address (api);
  self->ws = dup_address (ws);

  return self;
}

/**
 * tern_servers_copy:
 * @self: the servers
 *
 * Returns: (transfer full): a copy, with what was found
 */
TernServers *
tern_servers_copy (const TernServers *self)
{
  TernServers *copy = tern_servers_new (self->account, self->api, self->ws);

  copy->account_state = self->account_state;
  copy->api_state = self->api_state;
  copy->ws_state = self->ws_state;
  copy->account_error = g_strdup (self->account_error);
  copy->api_error = g_strdup (self->api_error);
  copy->ws_error = g_strdup (self->ws_error);

  return copy;
}

/**
 * tern_servers_free:
 * @self: (transfer full): the servers
 */
void
tern_servers_free (TernServers *self)
{
  g_free (self->account);
  g_free (self->api);
  g_free (self->ws);
  g_free (self->account_error);
  g_free (self->api_error);
  g_free (self->ws_error);
  g_free (self);
}

/* Plain text to this computer itself is seen by nobody. */
static gboolean
is_exposed (const char *url)
{
  g_autoptr(GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  g_autoptr(GInetAddress) address = NULL;
  const char *host;

  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return FALSE;
  if (strcmp (g_uri_get_scheme (uri), "http") != 0 && strcmp (g_uri_get_scheme (uri), "ws") != 0)
    return FALSE;
  host = g_uri_get_host (uri);
  address = g_inet_address_new_from_string (host);

  return address != NULL ? !g_inet_address_get_is_loopback (address)
                         : g_ascii_strcasecmp (host, "localhost") != 0;
}

/**
 * tern_servers_is_exposed:
 * @self: the servers
 *
 * Returns: whether one of them is spoken to in plain text over a network
 */
gboolean
tern_servers_is_exposed (const TernServers *self)
{
  return is_exposed (self->account) || is_exposed (self->api) || is_exposed (self->ws);
}
