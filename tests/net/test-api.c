/* test-api.c: REST calls and probing against servers that behave badly
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "raw-server.h"
#include "tern-api.h"
#include "tern-error.h"
#include "tern-probe.h"
#include "test-support.h"

typedef struct
{
  const char *status;
  const char *body;
  char       *request; /* the last one's head */
} Answer;

static void
answer (RawPeer  *peer,
        gpointer  user_data)
{
  Answer *self = user_data;

  if (!raw_peer_read_request (peer))
    return;
  g_free (self->request);
  self->request = g_strdup (peer->request);
  raw_peer_answer (peer, self->status, self->body);
}

static void
finished_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return *result;
}

static JsonNode *
call (RawServer   *server,
      const char  *scheme,
      const char  *token,
      const char  *pinned_sha256,
      GError     **error)
{
  g_autoptr(SoupSession) soup = tern_soup_session_new (pinned_sha256);
  g_autofree char *url = g_strdup_printf ("%s://127.0.0.1:%u/api/", scheme,
                                          raw_server_get_port (server));
  g_autoptr(TernApi) api = tern_api_new (soup, url, token);
  g_autoptr(GAsyncResult) result = NULL;

  tern_api_call_async (api, "/user/get", NULL, NULL, finished_cb, &result);

  return tern_api_call_finish (api, wait_for (&result), error);
}

static void
test_answers (void)
{
  static const struct
  {
    const char *status;
    const char *body;
    int         error; /* -1: none */
  } cases[] = {
    { "200 OK", "{\"errCode\":0,\"data\":{\"a\":1}}", -1 },
    { "200 OK", "{\"errCode\":0}", -1 },
    { "200 OK", "{\"errCode\":1501,\"errMsg\":\"TokenExpired\"}", TERN_ERROR_EXPIRED },
    { "200 OK", "{\"errCode\":1004,\"errMsg\":\"RecordNotFound\"}", TERN_ERROR_REFUSED },
    { "200 OK", "{\"errCode\":\"1\"}", TERN_ERROR_PROTOCOL },
    { "200 OK", "[]", TERN_ERROR_PROTOCOL },
    { "200 OK", "", TERN_ERROR_PROTOCOL },
    { "200 OK", "{\"errCode\":0,\"data\":{\"a\":1}", TERN_ERROR_PROTOCOL }, /* cut off */
    { "200 OK", "\xff\xfe{}", TERN_ERROR_PROTOCOL },
    { "200 OK", "<html>Welcome to nginx</html>", TERN_ERROR_PROTOCOL },
    { "404 Not Found", "404 page not found", TERN_ERROR_PROTOCOL },
    { "502 Bad Gateway", "", TERN_ERROR_OFFLINE },
    { "503 Service Unavailable", "{\"errCode\":0}", TERN_ERROR_OFFLINE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Answer self = { cases[i].status, cases[i].body, NULL };
      RawServer *server = raw_server_new (answer, &self);
      g_autoptr(GError) error = NULL;
      g_autoptr(JsonNode) data = call (server, "http", "to\tken", NULL, &error);

      raw_server_free (server);
      g_test_message ("case %u: %s", i, cases[i].status);
      if (cases[i].error < 0)
        g_assert_no_error (error);
      else
        g_assert_error (error, TERN_ERROR, cases[i].error);
      g_assert_true ((data != NULL) == (error == NULL));
      g_assert_nonnull (strstr (self.request, "POST /api/user/get HTTP/1.1\r\n"));
      g_assert_nonnull (strstr (self.request, "\r\noperationID: "));
      g_free (self.request);
    }
}

/* Deeper than any parser's stack. */
static void
test_deep (void)
{
  g_autofree char *body = g_malloc (2000001);
  Answer self = { "200 OK", body, NULL };
  RawServer *server;
  g_autoptr(GError) error = NULL;
  JsonNode *data;

  memset (body, '[', 2000000);
  body[2000000] = '\0';
  server = raw_server_new (answer, &self);
  data = call (server, "http", NULL, NULL, &error);
  raw_server_free (server);
  g_assert_null (data);
  g_assert_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL);
  g_assert_null (strstr (self.request, "\r\ntoken:"));
  g_free (self.request);
}

/* A page of a list: groups with these numbers. */
typedef struct
{
  guint first;
  guint last; /* below the first: none */
  guint total;
} Page;

/* The first request is for what changed: all of it. Then the pages. */
static void
answer_pages (RawPeer  *peer,
              gpointer  user_data)
{
  const Page *pages = user_data;
  const Page *page = &pages[peer->n >= 2 ? peer->n - 2 : 0];
  g_autoptr(GString) body = g_string_new ("{\"errCode\":0,\"data\":{");

  if (!raw_peer_read_request (peer))
    return;
  if (peer->n == 1)
    g_string_append (body, "\"versionID\":\"v\",\"version\":1,\"full\":true");
  else
    {
      g_string_append_printf (body, "\"total\":%u,\"groups\":[", page->total);
      for (guint i = page->first; i <= page->last; i++)
        g_string_append_printf (body, "%s{\"groupID\":\"%u\"}", i > page->first ? "," : "", i);
      g_string_append_c (body, ']');
    }
  g_string_append (body, "}}");
  raw_peer_answer (peer, "200 OK", body->str);
}

static GPtrArray *
sync_groups (const Page  *pages,
             GError     **error)
{
  RawServer *server = raw_server_new (answer_pages, (gpointer) pages);
  g_autoptr(SoupSession) soup = tern_soup_session_new (NULL);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/", raw_server_get_port (server));
  g_autoptr(TernApi) api = tern_api_new (soup, url, "token");
  g_autoptr(GAsyncResult) result = NULL;
  GPtrArray *updates;

  tern_api_sync_async (api, TERN_DATASET_GROUPS, "me", "", NULL, 0, NULL, finished_cb, &result);
  updates = tern_api_sync_finish (api, wait_for (&result), error);
  raw_server_free (server);

  return updates;
}

/* Between the first page and the second somebody leaves a group that stands on
 * the first: another moves up to there. */
static void
test_moving_list (void)
{
  static const Page pages[] = {
    { 1, 300, 301 }, { 1, 0, 300 }, { 2, 301, 300 },
  };
  static const Page restless[] = {
    { 1, 300, 301 }, { 1, 0, 300 }, { 1, 300, 301 }, { 1, 0, 300 }, { 1, 300, 301 },
    { 1, 0, 300 }, { 1, 300, 301 }, { 1, 0, 300 }, { 1, 300, 301 }, { 1, 0, 300 },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) updates = sync_groups (pages, &error);
  g_autoptr(GPtrArray) none = NULL;
  const TernRecordUpdate *update;

  g_assert_no_error (error);
  g_assert_cmpuint (updates->len, ==, 1);
  update = updates->pdata[0];
  g_assert_true (update->replace);
  g_assert_cmpuint (update->rows->len, ==, 300);
  g_assert_cmpstr (((TernGroupRecord *) update->rows->pdata[0])->id, ==, "2");
  g_assert_cmpstr (((TernGroupRecord *) update->rows->pdata[299])->id, ==, "301");

  none = sync_groups (restless, &error);
  g_assert_null (none);
  g_assert_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL);
  g_assert_cmpint (tern_error_get_retry (error), ==, TERN_RETRY_LATER);
}

static void
answer_endlessly (RawPeer  *peer,
                  gpointer  user_data)
{
  const char *head = "HTTP/1.1 200 OK\r\n\r\n{\"errCode\":0,\"data\":\"";
  g_autofree char *noise = g_malloc (65536);

  memset (noise, 'x', 65536);
  if (raw_peer_read_request (peer) && raw_peer_write (peer, head, strlen (head)))
    while (raw_peer_write (peer, noise, 65536))
      ;
}

static void
test_endless (void)
{
  RawServer *server = raw_server_new (answer_endlessly, NULL);
  g_autoptr(GError) error = NULL;
  JsonNode *data = call (server, "http", NULL, NULL, &error);

  raw_server_free (server);
  g_assert_null (data);
  g_assert_error (error, TERN_ERROR, TERN_ERROR_TOO_LARGE);
}

static void
say_nothing (RawPeer  *peer,
             gpointer  user_data)
{
  raw_peer_drain (peer);
}

static void
test_silence (void)
{
  RawServer *server = raw_server_new (say_nothing, NULL);
  g_autoptr(GError) error = NULL;
  JsonNode *data = call (server, "http", NULL, NULL, &error);

  raw_server_free (server);
  g_assert_null (data);
  g_assert_error (error, TERN_ERROR, TERN_ERROR_TIMEOUT);
}

static GTlsCertificate *
load_certificate (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("TERN_TEST_SRCDIR"), "data", "tls", NULL);
  g_autofree char *certificate = g_build_filename (folder, "certificate.pem", NULL);
  g_autofree char *key = g_build_filename (folder, "key.pem", NULL);

  return g_tls_certificate_new_from_files (certificate, key, NULL);
}

/* What the address page does: refused with the fingerprint, accepted with it. */
static void
test_certificate (void)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate ();
  Answer self = { "200 OK", "{\"errCode\":0}", NULL };
  RawServer *server = raw_server_new_tls (certificate, answer, &self);
  g_autoptr(SoupSession) soup = tern_soup_session_new (NULL);
  g_autofree char *address = g_strdup_printf ("https://127.0.0.1:%u",
                                              raw_server_get_port (server));
  g_autoptr(GPtrArray) candidates = tern_probe_derive (address, NULL);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) data = NULL;
  g_autofree char *sha256 = NULL;

  tern_probe_run_async (soup, candidates, NULL, finished_cb, &result);
  g_assert_null (tern_probe_run_finish (wait_for (&result), &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_TLS);
  g_assert_null (self.request);
  sha256 = tern_soup_session_dup_refused_certificate (soup);
  g_assert_nonnull (sha256);
  g_clear_error (&error);
  data = call (server, "https", NULL, sha256, &error);
  g_assert_no_error (error);
  raw_server_free (server);
  g_free (self.request);
}

/* What @plain says in plain text, beside a server with TLS */
static TernServers *
probe_beside (RawServer    *secure,
              RawServer    *plain,
              const char   *pinned_sha256,
              char        **sha256,
              GError      **error)
{
  g_autoptr(SoupSession) soup = tern_soup_session_new (pinned_sha256);
  g_autoptr(GPtrArray) candidates =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_servers_free);
  g_autofree char *authority = g_strdup_printf ("127.0.0.1:%u", raw_server_get_port (secure));
  g_autofree char *https = g_strconcat ("https://", authority, "/api", NULL);
  g_autofree char *wss = g_strconcat ("wss://", authority, "/msg_gateway", NULL);
  g_autofree char *http = g_strdup_printf ("http://127.0.0.1:%u", raw_server_get_port (plain));
  g_autofree char *ws = g_strdup_printf ("ws://127.0.0.1:%u", raw_server_get_port (plain));
  g_autoptr(GAsyncResult) result = NULL;

  g_ptr_array_add (candidates, tern_servers_new (http, http, ws));
  g_ptr_array_add (candidates, tern_servers_new (https, https, wss));
  tern_probe_run_async (soup, candidates, NULL, finished_cb, &result);
  wait_for (&result);
  *sha256 = tern_soup_session_dup_refused_certificate (soup);

  return tern_probe_run_finish (result, error);
}

/* Whoever cuts into the line shows some certificate and waits for the password
 * on the port beside: a certificate that is not trusted ends it. */
static void
test_no_downgrade (void)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate ();
  Answer said = { "200 OK", "{\"errCode\":1001}", NULL };
  Answer said_plainly = { "200 OK", "{\"errCode\":1001}", NULL };
  RawServer *secure = raw_server_new_tls (certificate, answer, &said);
  RawServer *plain = raw_server_new (answer, &said_plainly);
  g_autoptr(TernServers) servers = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *sha256 = NULL;
  g_autofree char *none = NULL;

  servers = probe_beside (secure, plain, NULL, &sha256, &error);
  g_assert_null (servers);
  g_assert_error (error, TERN_ERROR, TERN_ERROR_TLS);
  g_assert_nonnull (sha256);
  g_clear_error (&error);

  servers = probe_beside (secure, plain, sha256, &none, &error);
  g_assert_no_error (error);
  g_assert_nonnull (servers);
  g_assert_null (none);
  raw_server_free (secure);
  raw_server_free (plain);
  g_free (said.request);
  g_free (said_plainly.request);
}

/* No TLS at all where it was tried is another thing: most servers at home. */
static void
test_plain_only (void)
{
  Answer said = { "200 OK", "{\"errCode\":1001}", NULL };
  Answer said_plainly = { "200 OK", "{\"errCode\":1001}", NULL };
  RawServer *secure = raw_server_new (answer, &said);
  RawServer *plain = raw_server_new (answer, &said_plainly);
  g_autoptr(TernServers) servers = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *none = NULL;

  servers = probe_beside (secure, plain, NULL, &none, &error);
  g_assert_no_error (error);
  g_assert_nonnull (servers);
  g_assert_true (g_str_has_prefix (servers->api, "http://"));
  g_assert_cmpint (servers->api_state, ==, TERN_SERVICE_FOUND);
  g_assert_null (none);
  raw_server_free (secure);
  raw_server_free (plain);
  g_free (said.request);
  g_free (said_plainly.request);
}

/* A token is for the one that was named. */
static void
test_no_redirect (void)
{
  Answer elsewhere = { "200 OK", "{\"errCode\":0}", NULL };
  RawServer *other = raw_server_new (answer, &elsewhere);
  g_autofree char *status = g_strdup_printf ("302 Found\r\nLocation: http://127.0.0.1:%u/",
                                             raw_server_get_port (other));
  Answer self = { status, "", NULL };
  RawServer *server = raw_server_new (answer, &self);
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) data = call (server, "http", "token", NULL, &error);

  g_assert_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL);
  g_assert_null (data);
  g_assert_cmpuint (raw_server_get_n (other), ==, 0);
  raw_server_free (server);
  raw_server_free (other);
  g_free (self.request);
}

static void
assert_derived (const char *address,
                const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = tern_probe_derive (address, &error);
  g_autoptr(GString) found = g_string_new (NULL);

  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const TernServers *servers = list->pdata[i];

      g_string_append_printf (found, "%s%s %s %s", i > 0 ? "\n" : "", servers->account,
                              servers->api, servers->ws);
    }
  if (error != NULL)
    g_assert_error (error, TERN_ERROR, TERN_ERROR_NOT_FOUND);
  g_assert_cmpstr (found->str, ==, expected);
}

static void
test_addresses (void)
{
  assert_derived ("http://10.0.0.5",
                  "http://10.0.0.5:10008 http://10.0.0.5:10002 ws://10.0.0.5:10001\n"
                  "http://10.0.0.5/chat http://10.0.0.5/api ws://10.0.0.5/msg_gateway");
  assert_derived (" https://chat.example.com/im/ ",
                  "https://chat.example.com/im/chat https://chat.example.com/im/api "
                  "wss://chat.example.com/im/msg_gateway\n"
                  "https://chat.example.com:10008 https://chat.example.com:10002 "
                  "wss://chat.example.com:10001");
  assert_derived ("", "");
  assert_derived ("not an address", "");
  assert_derived ("ftp://example.com", "");
  assert_derived ("http://", "");
  assert_derived ("javascript:alert(1)", "");
}

int
main (int   argc,
      char *argv[])
{
  g_setenv ("TERN_CLOCK_SCALE", "3", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, test_drop_log, NULL);
  g_test_add_func ("/api/answers", test_answers);
  g_test_add_func ("/api/deep", test_deep);
  g_test_add_func ("/api/endless", test_endless);
  g_test_add_func ("/api/silence", test_silence);
  g_test_add_func ("/api/certificate", test_certificate);
  g_test_add_func ("/api/no-redirect", test_no_redirect);
  g_test_add_func ("/probe/no-downgrade", test_no_downgrade);
  g_test_add_func ("/probe/plain-only", test_plain_only);
  g_test_add_func ("/probe/addresses", test_addresses);
  g_test_add_func ("/api/moving-list", test_moving_list);
  return g_test_run ();
}
