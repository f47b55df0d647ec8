/* test-transfer.c: downloads from a server that means no good
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "leaks.h"
#include "tern-address-range.h"
#include "tern-api.h"
#include "tern-error.h"
#include "tern-transfer.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define BODY_BYTES (700 * 1024)
#define LIMIT_BYTES (1024 * 1024)

LEAKS_OF_SOUP_SERVER

typedef struct
{
  SoupServer  *server;
  SoupSession *soup;
  char        *base;      /* http://127.0.0.1:PORT */
  const char  *server_url;
  char        *folder;
  char        *path;
  GBytes      *body;
  guint        n_requests;
  gboolean     had_secret; /* anything that tells who asks */
  char        *last_path;
  GPtrArray   *stolen;     /* (element-type GIOStream): kept open */

  TernTransferLimits limits;
  GCancellable      *cancellable;
  gboolean           cancels;   /* at the first progress */
  gint64             n_bytes;
  gint64             total_bytes;
  gboolean           is_done;
  gboolean           is_ok;
  GError            *error;
} Fixture;

/* --- the server --- */

static void
check_header_cb (const char *name,
                 const char *value,
                 gpointer    user_data)
{
  Fixture *fixture = user_data;
  static const char * const secrets[] = { "authorization", "cookie", "referer", "token",
                                          "proxy-authorization" };

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    fixture->had_secret |= g_ascii_strcasecmp (name, secrets[i]) == 0;
}

/* Takes the line away from the server and says @text on it. */
static GIOStream *
say (SoupServerMessage *message,
     const char        *text)
{
  GIOStream *stream = soup_server_message_steal_connection (message);
  gboolean is_written = g_output_stream_write_all (g_io_stream_get_output_stream (stream), text,
                                                   strlen (text), NULL, NULL, NULL);

  g_assert_true (is_written);

  return stream;
}

static void
say_and_leave (SoupServerMessage *message,
               const char        *text)
{
  g_autoptr(GIOStream) stream = say (message, text);

  g_io_stream_close (stream, NULL, NULL);
}

static void
wrote_chunk_cb (SoupServerMessage *message,
                gpointer           user_data)
{
  static const char zeros[65536];

  soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_STATIC,
                            zeros, sizeof zeros);
  soup_server_message_unpause (message);
}

static gboolean
drip_cb (gpointer user_data)
{
  GIOStream *stream = user_data;

  return g_output_stream_write (g_io_stream_get_output_stream (stream), "x", 1, NULL, NULL) == 1
         ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
answer_rudely (Fixture           *fixture,
               SoupServerMessage *message,
               const char        *path)
{
  if (strcmp (path, "/huge-length") == 0)
    g_ptr_array_add (fixture->stolen, say (message, "HTTP/1.1 200 OK\r\n"
                                                    "Content-Length: 10000000000\r\n\r\nabc"));
  else if (strcmp (path, "/truncated") == 0)
    say_and_leave (message, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
  else if (strcmp (path, "/truncated-chunk") == 0)
    say_and_leave (message, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "3\r\nabc\r\n10\r\nabc");
  else if (strcmp (path, "/stall") == 0)
    g_ptr_array_add (fixture->stolen,
                     say (message, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"));
  else if (strcmp (path, "/silent") == 0)
    g_ptr_array_add (fixture->stolen, soup_server_message_steal_connection (message));
  else if (strcmp (path, "/drip") == 0)
    {
      GIOStream *stream = say (message, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");

      g_ptr_array_add (fixture->stolen, stream);
      g_timeout_add_full (G_PRIORITY_DEFAULT, 20, drip_cb, g_object_ref (stream), g_object_unref);
    }
  else
    return FALSE;

  return TRUE;
}

static void
answer_redirect (Fixture           *fixture,
                 SoupServerMessage *message,
                 const char        *path)
{
  static const struct { const char *path; const char *to; } places[] = {
    { "/loop", "/loop" },
    { "/to-file", "file:///etc/passwd" },
    { "/to-ftp", "ftp://127.0.0.1/x" },
    { "/to-data", "data:text/plain,hello" },
    { "/to-secret", "http://user:password@127.0.0.1:1/" },
    { "/to-nonsense", "http://[::" },
    { "/to-plain", "plain?x=%20y" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      if (strcmp (path, places[i].path) == 0)
        {
          soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                        "Location", places[i].to);
          soup_server_message_set_status (message, SOUP_STATUS_FOUND, NULL);
          return;
        }
    }
  soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
}

static void
request_cb (SoupServer        *server,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           user_data)
{
  Fixture *fixture = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  SoupMessageBody *body = soup_server_message_get_response_body (message);

  fixture->n_requests++;
  soup_message_headers_foreach (soup_server_message_get_request_headers (message), check_header_cb,
                                fixture);
  g_free (fixture->last_path);
  fixture->last_path = g_strdup (path);
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  if (answer_rudely (fixture, message, path))
    return;
  if (strcmp (path, "/endless") == 0)
    {
      soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
      soup_message_body_set_accumulate (body, FALSE);
      g_signal_connect (message, "wrote-chunk", G_CALLBACK (wrote_chunk_cb), NULL);
      g_signal_connect (message, "wrote-headers", G_CALLBACK (wrote_chunk_cb), NULL);
    }
  else if (strcmp (path, "/plain") == 0 || strcmp (path, "/chunked") == 0 ||
           strcmp (path, "/a b#ü%.txt") == 0)
    {
      soup_message_body_append_bytes (body, fixture->body);
      if (strcmp (path, "/chunked") == 0)
        {
          soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
          soup_message_body_complete (body);
        }
    }
  else if (strcmp (path, "/gzip") == 0)
    {
      soup_message_headers_append (headers, "Content-Encoding", "gzip");
      soup_message_body_append_bytes (body, fixture->body);
    }
  else if (strcmp (path, "/secret") == 0)
    {
      soup_message_headers_append (headers, "WWW-Authenticate", "Basic realm=\"x\"");
      soup_message_headers_append (headers, "Set-Cookie", "a=b");
      soup_server_message_set_status (message, SOUP_STATUS_UNAUTHORIZED, NULL);
    }
  else if (strcmp (path, "/broken") == 0)
    soup_server_message_set_status (message, SOUP_STATUS_BAD_GATEWAY, NULL);
  else
    answer_redirect (fixture, message, path);
}

/* --- the client --- */

static void
progress_cb (gint64   n_bytes,
             gint64   total_bytes,
             gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_cmpint (n_bytes, >, fixture->n_bytes);
  fixture->n_bytes = n_bytes;
  fixture->total_bytes = total_bytes;
  if (fixture->cancels)
    g_cancellable_cancel (fixture->cancellable);
}

static void
done_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Fixture *fixture = user_data;

  fixture->is_ok = tern_transfer_download_finish (SOUP_SESSION (object), result, &fixture->error);
  fixture->is_done = TRUE;
}

static void
download_url (Fixture    *fixture,
              const char *url)
{
  g_clear_error (&fixture->error);
  fixture->is_done = FALSE;
  fixture->n_bytes = 0;
  fixture->total_bytes = G_MININT64;
  fixture->n_requests = 0;
  tern_transfer_download_async (fixture->soup, url, fixture->server_url, fixture->path,
                                &fixture->limits, progress_cb, fixture, fixture->cancellable,
                                done_cb, fixture);
  g_assert_false (fixture->is_done);
  while (!fixture->is_done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (fixture->had_secret);
}

static void
download (Fixture    *fixture,
          const char *path)
{
  g_autofree char *url = g_strconcat (fixture->base, path, NULL);

  download_url (fixture, url);
}

static void
assert_whole (Fixture *fixture)
{
  g_autofree char *data = NULL;
  gsize length;
  GStatBuf info;

  g_assert_no_error (fixture->error);
  g_assert_true (fixture->is_ok);
  g_assert_true (g_file_get_contents (fixture->path, &data, &length, NULL));
  g_assert_cmpmem (data, length, g_bytes_get_data (fixture->body, NULL),
                   g_bytes_get_size (fixture->body));
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_cmpint (fixture->n_bytes, ==, BODY_BYTES);
}

static guint
count_files (Fixture *fixture)
{
  g_autoptr(GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

static void
assert_fails (Fixture    *fixture,
              const char *path,
              int         code)
{
  download (fixture, path);
  g_assert_error (fixture->error, TERN_ERROR, code);
  g_assert_false (fixture->is_ok);
  g_assert_cmpuint (count_files (fixture), ==, 0);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  g_autofree guchar *bytes = g_malloc (BODY_BYTES);
  GSList *uris;

  for (guint i = 0; i < BODY_BYTES; i++)
    bytes[i] = (guchar) (i * 7 + i / 251);
  fixture->body = g_bytes_new_take (g_steal_pointer (&bytes), BODY_BYTES);
  fixture->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (fixture->server, NULL, request_cb, fixture, NULL);
  soup_server_listen_local (fixture->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (fixture->server);
  fixture->base = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  fixture->server_url = fixture->base;
  fixture->soup = tern_soup_session_new (NULL);
  fixture->folder = g_dir_make_tmp ("tern-transfer-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "file", NULL);
  fixture->stolen = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->cancellable = g_cancellable_new ();
  fixture->limits = (TernTransferLimits) { LIMIT_BYTES, 60000, 120000 };
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  soup_session_abort (fixture->soup);
  g_clear_object (&fixture->soup);
  soup_server_disconnect (fixture->server);
  g_ptr_array_unref (fixture->stolen);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_clear_object (&fixture->server);
  g_clear_object (&fixture->cancellable);
  g_clear_error (&fixture->error);
  g_bytes_unref (fixture->body);
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->base);
  g_free (fixture->last_path);
}

/* --- tests --- */

static void
test_plain (Fixture       *fixture,
            gconstpointer  data)
{
  download (fixture, "/plain");
  assert_whole (fixture);
  g_assert_cmpint (fixture->total_bytes, ==, BODY_BYTES);

  /* Again, over the one that is there. */
  download (fixture, "/chunked");
  assert_whole (fixture);
  g_assert_cmpint (fixture->total_bytes, ==, -1);

  /* As it is, however small it claims to be. */
  download (fixture, "/gzip");
  assert_whole (fixture);

  /* A name as the server says it: unescaped. */
  download (fixture, "/a b#ü%.txt");
  assert_whole (fixture);
  g_assert_cmpstr (fixture->last_path, ==, "/a b#ü%.txt");
  g_assert_cmpuint (count_files (fixture), ==, 1);
}

static void
test_size (Fixture       *fixture,
           gconstpointer  data)
{
  assert_fails (fixture, "/huge-length", TERN_ERROR_TOO_LARGE);
  g_assert_cmpint (fixture->n_bytes, ==, 0);
  assert_fails (fixture, "/endless", TERN_ERROR_TOO_LARGE);
  g_assert_cmpint (fixture->n_bytes, <=, LIMIT_BYTES);
  fixture->limits.max_bytes = BODY_BYTES - 1;
  assert_fails (fixture, "/plain", TERN_ERROR_TOO_LARGE);
  assert_fails (fixture, "/chunked", TERN_ERROR_TOO_LARGE);
  fixture->limits.max_bytes = BODY_BYTES;
  download (fixture, "/chunked");
  assert_whole (fixture);
}

static void
test_redirects (Fixture       *fixture,
                gconstpointer  data)
{
  static const char * const refused[] = { "/to-file", "/to-ftp", "/to-data", "/to-secret",
                                          "/to-nonsense" };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      assert_fails (fixture, refused[i], TERN_ERROR_PROTOCOL);
      g_assert_cmpuint (fixture->n_requests, ==, 1);
    }
  assert_fails (fixture, "/loop", TERN_ERROR_PROTOCOL);
  g_assert_cmpuint (fixture->n_requests, ==, 6);
  download (fixture, "/to-plain");
  assert_whole (fixture);
  g_assert_cmpuint (fixture->n_requests, ==, 2);
}

static void
test_answers (Fixture       *fixture,
              gconstpointer  data)
{
  assert_fails (fixture, "/nothing", TERN_ERROR_NOT_FOUND);
  assert_fails (fixture, "/broken", TERN_ERROR_OFFLINE);
  /* Nobody answers a question for a password, now or later. */
  assert_fails (fixture, "/secret", TERN_ERROR_NOT_FOUND);
  g_assert_cmpuint (fixture->n_requests, ==, 1);
  download (fixture, "/plain");
  assert_whole (fixture);
}

static void
test_broken_off (Fixture       *fixture,
                 gconstpointer  data)
{
  assert_fails (fixture, "/truncated", TERN_ERROR_OFFLINE);
  assert_fails (fixture, "/truncated-chunk", TERN_ERROR_OFFLINE);
}

static void
test_stalled (Fixture       *fixture,
              gconstpointer  data)
{
  fixture->limits.stall_timeout_ms = 300;
  assert_fails (fixture, "/stall", TERN_ERROR_TIMEOUT);
  assert_fails (fixture, "/silent", TERN_ERROR_TIMEOUT);
  /* Never quite silent, and never at its end. */
  fixture->limits.stall_timeout_ms = 60000;
  fixture->limits.timeout_ms = 500;
  assert_fails (fixture, "/drip", TERN_ERROR_TIMEOUT);
  g_assert_cmpint (fixture->n_bytes, >, 0);
}

static void
test_cancel (Fixture       *fixture,
             gconstpointer  data)
{
  fixture->cancels = TRUE;
  download (fixture, "/plain");
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count_files (fixture), ==, 0);
  g_assert_cmpint (fixture->n_bytes, <, BODY_BYTES);

  /* Before it began. */
  download (fixture, "/plain");
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count_files (fixture), ==, 0);
}

static void
test_full_disk (Fixture       *fixture,
                gconstpointer  data)
{
  struct rlimit before;
  struct rlimit tight;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  tight = before;
  tight.rlim_cur = BODY_BYTES / 2;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &tight), ==, 0);
  download (fixture, "/plain");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_error (fixture->error, TERN_ERROR, TERN_ERROR_STORE_FULL);
  g_assert_cmpuint (count_files (fixture), ==, 0);
}

static void
test_folder_gone (Fixture       *fixture,
                  gconstpointer  data)
{
  g_free (fixture->path);
  fixture->path = g_build_filename (fixture->folder, "gone", "file", NULL);
  assert_fails (fixture, "/plain", TERN_ERROR_STORE_READ_ONLY);
}

static void
test_addresses (Fixture       *fixture,
                gconstpointer  data)
{
  static const char * const refused[] = {
    "", "x", "/etc/passwd", "file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "javascript:1",
    "http://", "http:///x", "http://[::", "http://user:password@127.0.0.1/", "resource:///x",
    "http://127.0.0.1:99999/", "\xff\xfe", "ws://127.0.0.1/",
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_assert_false (tern_transfer_is_allowed (refused[i]));
      download_url (fixture, refused[i]);
      g_assert_error (fixture->error, TERN_ERROR, TERN_ERROR_PROTOCOL);
    }
  g_assert_true (tern_transfer_is_allowed ("https://example.org/object/a b.png"));
  g_assert_true (tern_transfer_is_allowed ("HTTP://EXAMPLE.org"));
}

static void
set_server (Fixture    *fixture,
            const char *server_url)
{
  soup_session_abort (fixture->soup); /* no line is left from before */
  fixture->server_url = server_url;
}

/* Nothing that is nearer than the chat server, however it is written. */
static void
test_near (Fixture       *fixture,
           gconstpointer  data)
{
  static const char * const far[] = { "https://192.0.2.1", "http://10.0.0.1", "http://169.254.1.1",
                                      "http://[2001:db8::1]:10002/api", "nonsense" };
  static const char * const hosts[] = { "127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]",
                                        "[::1]" };
  static const char * const near[] = { "http://127.0.0.1:1", "http://[::1]", "ws://localhost:2/x" };
  const char *port = strrchr (fixture->base, ':');

  for (guint i = 0; i < G_N_ELEMENTS (far); i++)
    for (guint j = 0; j < G_N_ELEMENTS (hosts); j++)
      {
        g_autofree char *url = g_strconcat ("http://", hosts[j], port, "/plain", NULL);

        g_test_message ("%s on the word of %s", url, far[i]);
        set_server (fixture, far[i]);
        download_url (fixture, url);
        g_assert_error (fixture->error, TERN_ERROR, TERN_ERROR_PROTOCOL);
        g_assert_cmpuint (fixture->n_requests, ==, 0);
        g_assert_cmpuint (count_files (fixture), ==, 0);
      }
  for (guint i = 0; i < G_N_ELEMENTS (near); i++)
    {
      set_server (fixture, near[i]);
      download (fixture, "/plain");
      assert_whole (fixture);
    }
}

static void
test_ranges (void)
{
  static const struct
  {
    const char       *address;
    TernAddressRange  range;
  } cases[] = {
    { "8.8.8.8", TERN_ADDRESS_PUBLIC }, { "172.32.0.1", TERN_ADDRESS_PUBLIC },
    { "172.15.255.255", TERN_ADDRESS_PUBLIC }, { "100.128.0.1", TERN_ADDRESS_PUBLIC },
    { "198.18.0.7", TERN_ADDRESS_PUBLIC }, { "11.0.0.1", TERN_ADDRESS_PUBLIC },
    { "10.255.0.1", TERN_ADDRESS_PRIVATE }, { "172.31.255.255", TERN_ADDRESS_PRIVATE },
    { "192.168.1.1", TERN_ADDRESS_PRIVATE }, { "100.64.0.1", TERN_ADDRESS_PRIVATE },
    { "169.254.169.254", TERN_ADDRESS_LINK }, { "239.1.1.1", TERN_ADDRESS_LINK },
    { "255.255.255.255", TERN_ADDRESS_LINK }, { "127.255.0.1", TERN_ADDRESS_SELF },
    { "0.0.0.0", TERN_ADDRESS_SELF }, { "2606:4700::1111", TERN_ADDRESS_PUBLIC },
    { "fd00::1", TERN_ADDRESS_PRIVATE }, { "fec0::1", TERN_ADDRESS_PRIVATE },
    { "fe80::1", TERN_ADDRESS_LINK }, { "ff02::1", TERN_ADDRESS_LINK },
    { "::1", TERN_ADDRESS_SELF }, { "::", TERN_ADDRESS_SELF },
    { "::ffff:10.0.0.1", TERN_ADDRESS_PRIVATE }, { "64:ff9b::7f00:1", TERN_ADDRESS_SELF },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GInetAddress) address = g_inet_address_new_from_string (cases[i].address);

      g_test_message ("%s", cases[i].address);
      g_assert_cmpint (tern_address_get_range (address), ==, cases[i].range);
    }
}

int
main (int   argc,
      char *argv[])
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/transfer/plain", test_plain },
    { "/transfer/size", test_size },
    { "/transfer/redirects", test_redirects },
    { "/transfer/answers", test_answers },
    { "/transfer/broken-off", test_broken_off },
    { "/transfer/stalled", test_stalled },
    { "/transfer/cancel", test_cancel },
    { "/transfer/full-disk", test_full_disk },
    { "/transfer/folder-gone", test_folder_gone },
    { "/transfer/addresses", test_addresses },
    { "/transfer/near", test_near },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  g_test_add_func ("/transfer/ranges", test_ranges);

  return g_test_run ();
}
