/* tern-probe.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-probe.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "tern-api-json.h"
#include "tern-error.h"
#include "tern-soup-private.h"

#define PROBE_TIMEOUT_MS 5000
#define PROBE_MAX_BYTES (256 * 1024)

/* Default ports (protocol 02 section 1.1). */
#define WS_PORT 10001
#define API_PORT 10002
#define ACCOUNT_PORT 10008

static TernServers *
servers_by_port (const char *host,
                 gboolean    is_secure)
{
  g_autofree char *account = g_strdup_printf ("%s://%s:%d", is_secure ? "https" : "http", host,
                                              ACCOUNT_PORT);
  g_autofree char *api = g_strdup_printf ("%s://%s:%d", is_secure ? "https" : "http", host,
                                          API_PORT);
  g_autofree char *ws = g_strdup_printf ("%s://%s:%d", is_secure ? "wss" : "ws", host, WS_PORT);

  return tern_servers_new (account, api, ws);
}

static TernServers *
servers_by_path (const char *authority,
                 const char *path,
                 gboolean    is_secure)
{
  g_autofree char *base = g_strconcat (is_secure ? "https://" : "http://", authority, path, NULL);
  g_autofree char *account = g_strconcat (base, "/chat", NULL);
  g_autofree char *api = g_strconcat (base, "/api", NULL);
  g_autofree char *ws = g_strconcat (is_secure ? "wss://" : "ws://", authority, path,
                                     "/msg_gateway", NULL);

  return tern_servers_new (account, api, ws);
}

/**
 * tern_probe_derive:
 * @address: what a person typed
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_NOT_FOUND when it is no address.
 *
 * Returns: (transfer full) (nullable) (element-type TernServers): where the
 *   services may be, the likeliest first
 */
GPtrArray *
tern_probe_derive (const char  *address,
                   GError     **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_servers_free);
  g_autofree char *text = g_strstrip (g_strdup (address));
  g_autofree char *full = NULL;
  g_autofree char *authority = NULL;
  g_autofree char *host = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GUri) uri = NULL;
  gboolean has_scheme = strstr (text, "://") != NULL;
  gboolean is_secure;
  gboolean is_plain_first;

  full = has_scheme ? g_strdup (text) : g_strconcat ("https://", text, NULL);
  uri = g_uri_parse (full, SOUP_HTTP_URI_FLAGS, NULL);
  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0' ||
      strpbrk (g_uri_get_host (uri), " \t") != NULL ||
      (g_strcmp0 (g_uri_get_scheme (uri), "http") != 0 &&
       g_strcmp0 (g_uri_get_scheme (uri), "https") != 0))
    {
      g_set_error_literal (error, TERN_ERROR, TERN_ERROR_NOT_FOUND, "This is no server address");
      return NULL;
    }

  host = strchr (g_uri_get_host (uri), ':') != NULL
           ? g_strdup_printf ("[%s]", g_uri_get_host (uri))
           : g_strdup (g_uri_get_host (uri));
  authority = g_uri_get_port (uri) > 0 && strchr (text, ':') != NULL &&
              !(has_scheme && g_uri_get_port (uri) ==
                (strcmp (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80))
                ? g_strdup_printf ("%s:%d", host, g_uri_get_port (uri))
                : g_strdup (host);
  path = g_strdup (g_uri_get_path (uri));
  while (*path != '\0' && path[strlen (path) - 1] == '/')
    path[strlen (path) - 1] = '\0';
  is_secure = strcmp (g_uri_get_scheme (uri), "https") == 0;

  if (has_scheme)
    {
      g_ptr_array_add (list, servers_by_path (authority, path, is_secure));
      g_ptr_array_add (list, servers_by_port (host, is_secure));
      if (!is_secure)
        g_ptr_array_insert (list, 0, g_ptr_array_steal_index (list, 1));
      return g_steal_pointer (&list);
    }

  /* A bare number or a name of this machine has no certificate, as a rule. */
  is_plain_first = g_hostname_is_ip_address (g_uri_get_host (uri)) ||
                   strcmp (host, "localhost") == 0 || strchr (host, '.') == NULL;
  if (is_plain_first)
    g_ptr_array_add (list, servers_by_port (host, FALSE));
  g_ptr_array_add (list, servers_by_path (authority, path, TRUE));
  if (!is_plain_first)
    g_ptr_array_add (list, servers_by_port (host, FALSE));
  g_ptr_array_add (list, servers_by_path (authority, path, FALSE));

  return g_steal_pointer (&list);
}

typedef enum
{
  SERVICE_ACCOUNT,
  SERVICE_API,
  SERVICE_WS,
  N_SERVICES,
} Service;

typedef struct
{
  GPtrArray *candidates;
  guint      n_open;
  GError    *tls_error; /* (nullable): the first certificate that is not trusted */
} Probe;

typedef struct
{
  GTask       *task;
  TernServers *servers; /* (borrowed) from the candidates */
  Service      service;
} Question;

static void
probe_free (gpointer data)
{
  Probe *probe = data;

  g_ptr_array_unref (probe->candidates);
  g_clear_error (&probe->tls_error);
  g_free (probe);
}

static void
set_result (TernServers *servers,
            Service      service,
            const char  *problem) /* (nullable): it answers */
{
  TernServiceState state = problem == NULL ? TERN_SERVICE_FOUND : TERN_SERVICE_MISSING;
  char *text = g_strdup (problem);

  switch (service)
    {
    case SERVICE_ACCOUNT:
      servers->account_state = state;
      servers->account_error = text;
      break;
    case SERVICE_API:
      servers->api_state = state;
      servers->api_error = text;
      break;
    case SERVICE_WS:
      servers->ws_state = state;
      servers->ws_error = text;
      break;
    case N_SERVICES:
    default:
      g_free (text);
      g_warn_if_reached ();
      break;
    }
}

static guint
count_found (const TernServers *servers)
{
  gboolean is_enough = servers->api_state == TERN_SERVICE_FOUND &&
                       servers->ws_state == TERN_SERVICE_FOUND;

  /* API and gateway are what it takes; the account server may be missing, and is
   * not worth a line that anybody can read. */
  return (is_enough && g_str_has_prefix (servers->api, "https://")) * 8 +
         (servers->api_state == TERN_SERVICE_FOUND) * 4 +
         (servers->ws_state == TERN_SERVICE_FOUND) * 2 +
         (servers->account_state == TERN_SERVICE_FOUND);
}

static void
finish (GTask *task)
{
  Probe *probe = g_task_get_task_data (task);
  const TernServers *best = NULL;

  for (guint i = 0; i < probe->candidates->len; i++)
    {
      const TernServers *servers = probe->candidates->pdata[i];

      if (best == NULL || count_found (servers) > count_found (best))
        best = servers;
    }

  /* Whoever cuts into the line could otherwise have the password by showing any
   * certificate at all: what answers beside it in plain text is no way out. */
  if (best != NULL && probe->tls_error != NULL && !g_str_has_prefix (best->api, "https://"))
    best = NULL;

  if (best != NULL && count_found (best) > 0)
    g_task_return_pointer (task, tern_servers_copy (best), (GDestroyNotify) tern_servers_free);
  else if (probe->tls_error != NULL)
    g_task_return_error (task, g_steal_pointer (&probe->tls_error));
  else
    g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_OFFLINE, "No server answers there");
}

static void
answer_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Question *question = user_data;
  g_autoptr(GTask) task = question->task;
  Probe *probe = g_task_get_task_data (task);
  g_autoptr(GBytes) body = NULL;
  g_autoptr(GError) error = NULL;

  body = tern_soup_fetch_finish (SOUP_SESSION (object), result, &error);
  if (body != NULL)
    {
      /* Any envelope will do: the question was incomplete on purpose. */
      if (!tern_api_parse_envelope (body, NULL, &error) &&
          tern_error_get_server_code (error) != 0)
        g_clear_error (&error);
    }
  if (probe->tls_error == NULL && g_error_matches (error, TERN_ERROR, TERN_ERROR_TLS))
    probe->tls_error = g_error_copy (error);
  set_result (question->servers, question->service, error != NULL ? error->message : NULL);
  g_free (question);

  if (--probe->n_open == 0)
    finish (task);
}

static SoupMessage *
make_question (const TernServers *servers,
               Service            service)
{
  g_autofree char *url = NULL;
  g_autoptr(GBytes) body = g_bytes_new_static ("{}", 2);
  SoupMessage *message;

  if (service == SERVICE_WS)
    {
      if (!g_str_has_prefix (servers->ws, "ws"))
        return NULL;
      url = g_strconcat ("http", servers->ws + 2, "/", NULL); /* ws → http, wss → https */
      return soup_message_new (SOUP_METHOD_GET, url);
    }

  url = service == SERVICE_API ? g_strconcat (servers->api, "/auth/parse_token", NULL)
                               : g_strconcat (servers->account, "/account/login", NULL);
  message = soup_message_new (SOUP_METHOD_POST, url);
  if (message != NULL)
    {
      soup_message_set_request_body_from_bytes (message, "application/json", body);
      soup_message_headers_replace (soup_message_get_request_headers (message), "operationID",
                                    "probe");
    }

  return message;
}

/**
 * tern_probe_run_async:
 * @soup: the session to use
 * @candidates: (element-type TernServers): where to look
 * @cancellable: (nullable): stops
 * @callback: called with what was found
 * @user_data: passed to @callback
 */
void
tern_probe_run_async (SoupSession         *soup,
                      GPtrArray           *candidates,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Probe *probe = g_new0 (Probe, 1);

  g_task_set_source_tag (task, tern_probe_run_async);
  probe->candidates = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_servers_free);
  g_task_set_task_data (task, probe, probe_free);

  for (guint i = 0; i < candidates->len; i++)
    {
      TernServers *servers = tern_servers_copy (candidates->pdata[i]);

      g_ptr_array_add (probe->candidates, servers);
      for (Service service = 0; service < N_SERVICES; service++)
        {
          g_autoptr(SoupMessage) message = make_question (servers, service);
          Question *question;

          if (message == NULL)
            {
              set_result (servers, service, "This is no address");
              continue;
            }
          question = g_new0 (Question, 1);
          question->task = g_object_ref (task);
          question->servers = servers;
          question->service = service;
          probe->n_open++;
          tern_soup_fetch_async (soup, message, PROBE_MAX_BYTES, PROBE_TIMEOUT_MS, cancellable,
                                 answer_cb, question);
        }
    }

  if (probe->n_open == 0)
    finish (task);
}

/**
 * tern_probe_run_finish:
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_OFFLINE when nothing answers, %TERN_ERROR_TLS when
 *   something does whose certificate is not trusted, whatever answers beside it
 *   in plain text.
 *
 * Returns: (transfer full) (nullable): the best of them
 */
TernServers *
tern_probe_run_finish (GAsyncResult  *result,
                       GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
