/* test-media.c: what is fetched once, kept within bounds, saved where it may go
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "leaks.h"
#include "tern-error.h"
#include "tern-file-name.h"
#include "tern-media-cache.h"
#include "tern-media.h"
#include "test-support.h"

#include <fcntl.h>
#include <libsoup/soup.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_S 60

LEAKS_OF_SOUP_SERVER

typedef struct
{
  SoupServer *server;
  char       *base;
  char       *folder;
  TernMedia  *media;
  GPtrArray  *held;       /* (element-type SoupServerMessage): not answered yet */
  gboolean    holds;
  guint       n_requests;
  guint       n_called;
  guint       n_ok;
  guint       n_changed;
  GError     *error;
  char       *path;
} Fixture;

static void
answer (SoupServerMessage *message)
{
  const char *path = g_uri_get_path (soup_server_message_get_uri (message));

  soup_server_message_set_status (message, strstr (path, "missing") != NULL
                                  ? SOUP_STATUS_NOT_FOUND : SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_COPY, path, strlen (path));
}

static void
request_cb (SoupServer        *server,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           user_data)
{
  Fixture *fixture = user_data;

  fixture->n_requests++;
  if (fixture->holds)
    {
      soup_server_message_pause (message);
      g_ptr_array_add (fixture->held, g_object_ref (message));
    }
  else
    answer (message);
}

static void
answer_held (Fixture *fixture)
{
  g_autoptr(GPtrArray) held = g_steal_pointer (&fixture->held);

  fixture->held = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < held->len; i++)
    {
      answer (held->pdata[i]);
      soup_server_message_unpause (held->pdata[i]);
    }
}

#define wait_for(condition) test_wait_for (condition, WAIT_S)

static void
changed_cb (Fixture *fixture)
{
  fixture->n_changed++;
}

static void
open_media (Fixture *fixture)
{
  fixture->media = tern_media_new (fixture->folder, fixture->base, NULL);
  g_signal_connect_swapped (fixture->media, "changed", G_CALLBACK (changed_cb), fixture);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  GSList *uris;

  fixture->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (fixture->server, NULL, request_cb, fixture, NULL);
  soup_server_listen_local (fixture->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL);
  uris = soup_server_get_uris (fixture->server);
  fixture->base = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  fixture->folder = g_dir_make_tmp ("tern-media-XXXXXX", NULL);
  fixture->held = g_ptr_array_new_with_free_func (g_object_unref);
  open_media (fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  tern_media_stop (fixture->media);
  soup_server_disconnect (fixture->server);
  g_ptr_array_unref (fixture->held);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_clear_object (&fixture->media);
  g_clear_object (&fixture->server);
  g_clear_error (&fixture->error);
  test_remove_tree (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->base);
  g_free (fixture->path);
}

static void
fetched_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  Fixture *fixture = user_data;

  g_clear_error (&fixture->error);
  g_free (fixture->path);
  fixture->path = tern_media_fetch_finish (TERN_MEDIA (object), result, &fixture->error);
  fixture->n_called++;
  fixture->n_ok += fixture->path != NULL;
}

static void
saved_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  Fixture *fixture = user_data;

  g_clear_error (&fixture->error);
  g_free (fixture->path);
  fixture->path = tern_media_save_finish (TERN_MEDIA (object), result, &fixture->error);
  fixture->n_called++;
}

static char *
make_url (Fixture    *fixture,
          const char *path)
{
  return g_strconcat (fixture->base, path, NULL);
}

static void
fetch (Fixture      *fixture,
       const char   *path,
       GCancellable *cancellable)
{
  g_autofree char *url = make_url (fixture, path);

  tern_media_fetch_async (fixture->media, url, cancellable, fetched_cb, fixture);
}

/* --- fetching --- */

static void
test_once (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *url = make_url (fixture, "/a");
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, url, -1);
  g_autofree char *expected = g_build_filename (fixture->folder, "media", hash, NULL);
  g_autofree char *text = NULL;

  g_assert_cmpint (tern_media_look (fixture->media, url, NULL, NULL), ==, TERN_MEDIA_ABSENT);
  for (guint i = 0; i < 10; i++)
    fetch (fixture, "/a", NULL);
  g_assert_cmpint (tern_media_look (fixture->media, url, NULL, NULL), ==, TERN_MEDIA_LOADING);
  wait_for (fixture->n_called == 10);
  g_assert_cmpuint (fixture->n_ok, ==, 10);
  g_assert_cmpuint (fixture->n_requests, ==, 1);
  g_assert_cmpstr (fixture->path, ==, expected);
  g_assert_true (g_file_get_contents (expected, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "/a");
  g_assert_cmpint (tern_media_look (fixture->media, url, NULL, NULL), ==, TERN_MEDIA_PRESENT);

  /* It stays, also for the next time. */
  tern_media_stop (fixture->media);
  g_clear_object (&fixture->media);
  open_media (fixture);
  fetch (fixture, "/a", NULL);
  wait_for (fixture->n_called == 11);
  g_assert_cmpuint (fixture->n_requests, ==, 1);
}

static void
test_at_most (Fixture       *fixture,
              gconstpointer  data)
{
  fixture->holds = TRUE;
  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *path = g_strdup_printf ("/file%u", i);
      g_autofree char *url = make_url (fixture, path);

      tern_media_download (fixture->media, url);
    }
  /* Files leave room for what is looked at. */
  wait_for (fixture->n_requests == 2);
  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *path = g_strdup_printf ("/picture%u", i);

      fetch (fixture, path, NULL);
    }
  wait_for (fixture->n_requests == 4);
  while (fixture->n_called < 12)
    {
      guint before = fixture->n_requests;

      g_assert_cmpuint (fixture->held->len, <=, 4);
      answer_held (fixture);
      wait_for (fixture->n_requests > before || fixture->n_called == 12);
    }
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->n_ok, ==, 12);
}

static void
test_give_up (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(GCancellable) first = g_cancellable_new ();
  g_autoptr(GCancellable) second = g_cancellable_new ();
  g_autofree char *url = make_url (fixture, "/a");

  fixture->holds = TRUE;
  fetch (fixture, "/a", first);
  fetch (fixture, "/a", second);
  wait_for (fixture->n_requests == 1);
  g_cancellable_cancel (first);
  wait_for (fixture->n_called == 1);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (tern_media_look (fixture->media, url, NULL, NULL), ==, TERN_MEDIA_LOADING);
  g_cancellable_cancel (second);
  wait_for (fixture->n_called == 2);
  g_assert_cmpint (tern_media_look (fixture->media, url, NULL, NULL), ==, TERN_MEDIA_ABSENT);

  /* Asked for anew while the old one still ends. */
  fixture->holds = FALSE;
  fetch (fixture, "/a", NULL);
  wait_for (fixture->n_called == 3);
  g_assert_no_error (fixture->error);

  /* What a person asked for goes on. */
  fixture->holds = TRUE;
  g_clear_object (&first);
  first = g_cancellable_new ();
  g_clear_pointer (&url, g_free);
  url = make_url (fixture, "/b");
  tern_media_download (fixture->media, url);
  fetch (fixture, "/b", first);
  g_cancellable_cancel (first);
  wait_for (fixture->n_called == 4);
  g_assert_cmpint (tern_media_look (fixture->media, url, NULL, NULL), ==, TERN_MEDIA_LOADING);
  fetch (fixture, "/b", NULL);
  tern_media_cancel (fixture->media, url);
  wait_for (fixture->n_called == 5);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (tern_media_look (fixture->media, url, NULL, NULL), ==, TERN_MEDIA_ABSENT);
}

static void
test_failure (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *url = make_url (fixture, "/missing");

  for (guint i = 1; i <= 3; i++)
    {
      fetch (fixture, "/missing", NULL);
      wait_for (fixture->n_called == i);
      g_assert_error (fixture->error, TERN_ERROR, TERN_ERROR_NOT_FOUND);
    }
  g_assert_cmpuint (fixture->n_requests, ==, 1);
  g_assert_cmpint (tern_media_look (fixture->media, url, NULL, NULL), ==, TERN_MEDIA_FAILED);
  g_assert_error (tern_media_get_error (fixture->media, url), TERN_ERROR, TERN_ERROR_NOT_FOUND);
  /* A line that is back makes no difference to what is not there. */
  tern_media_forgive (fixture->media);
  g_assert_cmpint (tern_media_look (fixture->media, url, NULL, NULL), ==, TERN_MEDIA_FAILED);
  /* A person may insist. */
  tern_media_download (fixture->media, url);
  wait_for (tern_media_look (fixture->media, url, NULL, NULL) == TERN_MEDIA_FAILED);
  g_assert_cmpuint (fixture->n_requests, ==, 2);

  g_assert_false (tern_media_is_allowed (NULL));
  g_assert_false (tern_media_is_allowed ("file:///etc/passwd"));
}

static void
test_stop (Fixture       *fixture,
           gconstpointer  data)
{
  fixture->holds = TRUE;
  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *path = g_strdup_printf ("/%u", i);

      fetch (fixture, path, NULL);
    }
  wait_for (fixture->n_requests == 4);
  tern_media_stop (fixture->media);
  wait_for (fixture->n_called == 8);
  g_assert_error (fixture->error, TERN_ERROR, TERN_ERROR_CLOSED);
  g_assert_cmpuint (fixture->n_ok, ==, 0);
  g_assert_cmpuint (fixture->n_requests, ==, 4);
}

/* --- the cache's size --- */

static char *
make_file (const char *folder,
           const char *url,
           gsize       size,
           gint64      used_s)
{
  g_autofree char *path = tern_media_cache_dup_path (folder, url);
  g_autofree char *bytes = g_malloc0 (size);
  struct timespec times[2] = { { .tv_sec = used_s }, { .tv_sec = used_s } };

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);

  return g_steal_pointer (&path);
}

static gboolean
exists (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
test_trim (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "media", NULL);
  g_autofree char *oldest = make_file (folder, "oldest", 1000, 1000);
  g_autofree char *old = make_file (folder, "old", 1000, 2000);
  g_autofree char *recent = make_file (folder, "recent", 1000, 3000);
  g_autofree char *part = g_strconcat (recent, ".part-abcdef", NULL);

  g_assert_true (g_file_set_contents (part, "x", 1, NULL));
  tern_media_cache_trim (folder, 3000);
  g_assert_true (exists (oldest));
  /* Looking at it makes it recent. */
  g_assert_true (tern_media_cache_use (oldest));
  tern_media_cache_trim (folder, 2000);
  g_assert_true (exists (oldest));
  g_assert_false (exists (old));
  g_assert_true (exists (recent));
  tern_media_cache_trim (folder, 1);
  g_assert_true (exists (oldest));
  g_assert_false (exists (recent));
  g_assert_true (exists (part));
  tern_media_cache_clean (folder);
  g_assert_false (exists (part));
  g_assert_true (exists (oldest));

  /* By itself after each file that comes. */
  tern_media_set_limit (fixture->media, 2);
  fetch (fixture, "/new", NULL);
  wait_for (fixture->n_called == 1);
  wait_for (!exists (oldest));
  g_assert_true (exists (fixture->path));
}

/* --- names --- */

static void
test_names (Fixture       *fixture,
            gconstpointer  data)
{
  static const struct { const char *name; const char *expected; } names[] = {
    { "report.pdf", "report.pdf" },
    { "照片 1.jpg", "照片 1.jpg" },
    { "../../etc/passwd", "passwd" },
    { "..", "File" },
    { ".", "File" },
    { "/", "File" },
    { "a/", "File" },
    { "", "File" },
    { NULL, "File" },
    { "   ", "File" },
    { "/etc/shadow", "shadow" },
    { "..\\..\\windows\\x.dll", "x.dll" },
    { ".bashrc", "bashrc" },
    { "...hidden", "hidden" },
    { "a/../.ssh", "ssh" },
    { "-rf", "_rf" },
    { "x\ny\t\x7f\x01.txt", "xy.txt" },
    { "invoice\xe2\x80\xaegpj.exe", "invoicegpj.exe" },           /* right-to-left override */
    { "a\xe2\x81\xa6" "b\xe2\x81\xa9" "c\xe2\x80\x8b" "d\xef\xbb\xbf", "abcd" },
    { "a\xe2\x80\xa8" "b\xc2\xa0" "c", "ab c" },                  /* line separator; fixed space */
    { "\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "a:b*c?d\"e<f>g|h", "a_b_c_d_e_f_g_h" },
    { "CON", "_CON" },
    { "nul.txt", "_nul.txt" },
    { "com1.log", "_com1.log" },
    { "console.log", "console.log" },
    { "name. . .", "name" },
    { "\xe2\x80\xae..\xe2\x80\xae/x\xe2\x80\xae", "x" },
    { "\xe2\x80\xae.\xe2\x80\xae.", "File" },                     /* dots behind the unseen */
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = tern_file_name_sanitise (names[i].name, "File");

      g_assert_cmpstr (name, ==, names[i].expected);
    }
}

static void
test_long_name (Fixture       *fixture,
                gconstpointer  data)
{
  for (guint n = 1; n < 400; n++)
    {
      GString *name = g_string_new (NULL);
      g_autofree char *clean = NULL;

      for (guint i = 0; i < n; i++)
        g_string_append (name, "字");
      g_string_append (name, ".tar.gz");
      clean = tern_file_name_sanitise (name->str, "File");
      g_assert_true (g_utf8_validate (clean, -1, NULL));
      g_assert_cmpuint (strlen (clean), <=, 136);
      g_assert_true (g_str_has_suffix (clean, ".gz"));
      g_string_free (name, TRUE);
    }
}

/* Whatever bytes a name is made of: one file, in the folder, nowhere else. */
static void
test_random_names (Fixture       *fixture,
                   gconstpointer  data)
{
  static const char * const pieces[] = { "..", "/", "\\", ".", " ", "\n", "\xe2\x80\xae", "\xff",
                                         "a", "字", "CON", ":", "-", "~", "\xcc\x81" };
  g_autofree char *outside = g_build_filename (fixture->folder, "outside", NULL);
  g_autofree char *inside = g_build_filename (outside, "inside", NULL);
  g_autofree char *source = g_build_filename (fixture->folder, "source", NULL);

  g_assert_true (g_file_set_contents (source, "x", 1, NULL));
  for (guint i = 0; i < 300; i++)
    {
      GString *name = g_string_new (NULL);
      g_autofree char *clean = NULL;
      g_autofree char *path = NULL;
      g_autofree char *parent = NULL;
      g_autoptr(GError) error = NULL;

      for (int k = g_test_rand_int_range (0, 8); k > 0; k--)
        g_string_append (name, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
      clean = tern_file_name_sanitise (name->str, "File");
      g_assert_null (strpbrk (clean, "/\\\n"));
      g_assert_true (*clean != '\0' && *clean != '.');
      path = tern_file_save (source, inside, clean, NULL, &error);
      g_assert_no_error (error);
      parent = g_path_get_dirname (path);
      g_assert_cmpstr (parent, ==, inside);
      g_assert_true (exists (path));
      g_string_free (name, TRUE);
    }
}

/* --- saving --- */

static void
test_save (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "Downloads", NULL);
  g_autofree char *url = make_url (fixture, "/a");
  g_autofree char *trap = g_build_filename (folder, "trap.txt", NULL);
  g_autofree char *target = g_build_filename (fixture->folder, "target", NULL);
  static const char * const expected[] = { "x.tar.txt", "x.tar (1).txt", "x.tar (2).txt" };
  guint n = 1;

  fetch (fixture, "/a", NULL);
  wait_for (fixture->n_called == n);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *path = g_build_filename (folder, expected[i], NULL);
      g_autofree char *text = NULL;

      tern_media_save_async (fixture->media, url, "../x.tar.txt", folder, NULL, saved_cb, fixture);
      n++;
      wait_for (fixture->n_called == n);
      g_assert_no_error (fixture->error);
      g_assert_cmpstr (fixture->path, ==, path);
      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      g_assert_cmpstr (text, ==, "/a");
      /* Somebody's own by now. */
      g_assert_true (g_file_set_contents (path, "/a", 2, NULL));
    }

  /* A link that waits there is not followed. */
  g_assert_cmpint (symlink (target, trap), ==, 0);
  tern_media_save_async (fixture->media, url, "trap.txt", folder, NULL, saved_cb, fixture);
  n++;
  wait_for (fixture->n_called == n);
  g_assert_no_error (fixture->error);
  g_assert_false (exists (target));
  g_assert_true (g_str_has_suffix (fixture->path, "/trap (1).txt"));

  tern_media_save_async (fixture->media, "http://x/absent", "x", folder, NULL, saved_cb, fixture);
  n++;
  wait_for (fixture->n_called == n);
  g_assert_error (fixture->error, TERN_ERROR, TERN_ERROR_NOT_FOUND);
}

static void
copied_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Fixture *fixture = user_data;

  g_clear_error (&fixture->error);
  tern_media_copy_finish (TERN_MEDIA (object), result, &fixture->error);
  fixture->n_called++;
}

static void
test_lend (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *url = make_url (fixture, "/a");
  g_autofree char *lent = NULL;
  g_autofree char *text = NULL;
  g_autofree char *chosen = g_build_filename (fixture->folder, "chosen", NULL);
  g_autoptr(GFile) file = g_file_new_for_path (chosen);
  struct stat info;

  fetch (fixture, "/a", NULL);
  wait_for (fixture->n_called == 1);
  tern_media_lend_async (fixture->media, url, "../../doc.pdf", NULL, saved_cb, fixture);
  wait_for (fixture->n_called == 2);
  g_assert_no_error (fixture->error);
  g_assert_true (g_str_has_suffix (fixture->path, "/doc.pdf"));
  g_assert_true (g_str_has_prefix (fixture->path, fixture->folder));
  g_assert_cmpint (stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0400);
  lent = g_strdup (fixture->path);
  tern_media_lend_async (fixture->media, url, "doc.pdf", NULL, saved_cb, fixture);
  wait_for (fixture->n_called == 3);
  g_assert_cmpstr (fixture->path, ==, lent);
  tern_media_copy_async (fixture->media, url, file, NULL, copied_cb, fixture);
  wait_for (fixture->n_called == 4);
  g_assert_no_error (fixture->error);
  g_assert_true (g_file_get_contents (chosen, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "/a");

  tern_media_stop (fixture->media);
  g_clear_object (&fixture->media);
  open_media (fixture);
  g_assert_false (exists (lent));
}

/* A server on this computer has other ports after a new start. */
static void
test_other_port (Fixture       *fixture,
                 gconstpointer  data)
{
  tern_media_fetch_async (fixture->media, "http://127.0.0.1:9/object/lin/trail.jpg", NULL,
                          fetched_cb, fixture);
  wait_for (fixture->n_called == 1);
  g_assert_cmpuint (fixture->n_ok, ==, 1);
  g_assert_cmpuint (fixture->n_requests, ==, 1);
  /* Only what such a server keeps: the rest is somebody else's. */
  tern_media_fetch_async (fixture->media, "http://127.0.0.1:9/elsewhere/trail.jpg", NULL,
                          fetched_cb, fixture);
  wait_for (fixture->n_called == 2);
  g_assert_nonnull (fixture->error);
  g_assert_cmpuint (fixture->n_requests, ==, 1);
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
    { "/media/once", test_once },
    { "/media/at-most", test_at_most },
    { "/media/give-up", test_give_up },
    { "/media/failure", test_failure },
    { "/media/stop", test_stop },
    { "/media/trim", test_trim },
    { "/media/names", test_names },
    { "/media/long-name", test_long_name },
    { "/media/random-names", test_random_names },
    { "/media/save", test_save },
    { "/media/lend", test_lend },
    { "/media/other-port", test_other_port },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);

  return g_test_run ();
}
