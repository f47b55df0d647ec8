/* test-picture.c: pictures that were made to do harm
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "tern-error.h"
#include "tern-media-cache.h"
#include "tern-picture-header.h"
#include "tern-picture-loader.h"
#include "tern-picture.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <zlib.h>

typedef struct
{
  char       *folder;
  char       *path;
  GdkTexture *texture;
  GError     *error;
  gboolean    is_done;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->folder = g_dir_make_tmp ("tern-picture-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "picture", NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->texture);
  g_clear_error (&fixture->error);
  g_unlink (fixture->path);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
loaded_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Fixture *fixture = user_data;

  fixture->texture = tern_picture_load_finish (result, &fixture->error);
  fixture->is_done = TRUE;
}

static void
load_bytes (Fixture      *fixture,
            gconstpointer data,
            gsize         length,
            int           max_side)
{
  static guint n;

  /* Another file each time, or it were at hand. */
  g_unlink (fixture->path);
  g_free (fixture->path);
  fixture->path = g_strdup_printf ("%s/%u", fixture->folder, n++);
  g_assert_true (g_file_set_contents (fixture->path, data, (gssize) length, NULL));
  g_clear_object (&fixture->texture);
  g_clear_error (&fixture->error);
  fixture->is_done = FALSE;
  tern_picture_load_async (fixture->path, max_side, NULL, loaded_cb, fixture);
  while (!fixture->is_done)
    g_main_context_iteration (NULL, TRUE);
}

static gsize
get_peak_kb (void)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);

  return (gsize) usage.ru_maxrss;
}

/* --- made to measure --- */

static void
add_be32 (GByteArray *bytes,
          guint32     value)
{
  guint32 be = GUINT32_TO_BE (value);

  g_byte_array_append (bytes, (const guint8 *) &be, 4);
}

static void
add_chunk (GByteArray   *png,
           const char   *name,
           gconstpointer data,
           guint         length)
{
  guint start = png->len + 4;

  add_be32 (png, length);
  g_byte_array_append (png, (const guint8 *) name, 4);
  if (length > 0)
    g_byte_array_append (png, data, length);
  add_be32 (png, (guint32) crc32 (0, png->data + start, length + 4));
}

/* All of one bit per pixel, all of it nothing: small as a file. */
static GByteArray *
make_png (guint width,
          guint height)
{
  GByteArray *png = g_byte_array_new ();
  g_autoptr(GByteArray) header = g_byte_array_new ();
  g_autofree guint8 *line = g_malloc0 (width / 8 + 2);
  g_autofree guint8 *packed = g_malloc (1024 * 1024);
  z_stream stream = { .next_out = packed, .avail_out = 1024 * 1024 };
  const guint8 kind[] = { 1, 0, 0, 0, 0 };

  g_byte_array_append (png, (const guint8 *) "\x89PNG\r\n\x1a\n", 8);
  add_be32 (header, width);
  add_be32 (header, height);
  g_byte_array_append (header, kind, sizeof kind);
  add_chunk (png, "IHDR", header->data, header->len);
  g_assert_cmpint (deflateInit (&stream, 9), ==, Z_OK);
  for (guint i = 0; i < height; i++)
    {
      stream.next_in = line;
      stream.avail_in = (width + 7) / 8 + 1;
      g_assert_cmpint (deflate (&stream, i + 1 == height ? Z_FINISH : Z_NO_FLUSH), >=, Z_OK);
    }
  add_chunk (png, "IDAT", packed, (guint) stream.total_out);
  deflateEnd (&stream);
  add_chunk (png, "IEND", NULL, 0);

  return png;
}

/* @n_frames pictures of a picture; the frames may be as large as they like. */
static GByteArray *
make_gif (guint16 width,
          guint16 height,
          guint16 frame_width,
          guint16 frame_height,
          guint   n_frames)
{
  GByteArray *gif = g_byte_array_new ();
  const guint8 colours[] = { 0x80, 0, 0, 0, 0, 0, 255, 255, 255 };
  /* clear, 0, end */
  const guint8 pixels[] = { 2, 2, 0x44, 0x01, 0 };

#define ADD_16(value) g_byte_array_append (gif, (const guint8[]) { (value) & 255, (value) >> 8 }, 2)
  g_byte_array_append (gif, (const guint8 *) "GIF89a", 6);
  ADD_16 (width);
  ADD_16 (height);
  g_byte_array_append (gif, colours, sizeof colours);
  for (guint i = 0; i < n_frames; i++)
    {
      g_byte_array_append (gif, (const guint8 *) ",\0\0\0\0", 5);
      ADD_16 (frame_width);
      ADD_16 (frame_height);
      g_byte_array_append (gif, (const guint8 *) "", 1);
      g_byte_array_append (gif, pixels, sizeof pixels);
    }
  g_byte_array_append (gif, (const guint8 *) ";", 1);
#undef ADD_16

  return gif;
}

static GBytes *
make_jpeg (int width,
           int height)
{
  g_autoptr(GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);
  char *data;
  gsize length;

  for (int y = 0; y < height; y++)
    {
      guchar *row = gdk_pixbuf_get_pixels (pixbuf) + y * gdk_pixbuf_get_rowstride (pixbuf);

      for (int x = 0; x < width * 3; x++)
        row[x] = (guchar) (x * y);
    }
  g_assert_true (gdk_pixbuf_save_to_buffer (pixbuf, &data, &length, "jpeg", NULL, NULL));

  return g_bytes_new_take (data, length);
}

/* --- tests --- */

static void
test_plain (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(GByteArray) png = make_png (800, 400);
  g_autoptr(GBytes) jpeg = make_jpeg (640, 480);

  load_bytes (fixture, png->data, png->len, 320);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (gdk_texture_get_width (fixture->texture), ==, 320);
  g_assert_cmpint (gdk_texture_get_height (fixture->texture), ==, 160);
  g_assert_true (tern_picture_peek (fixture->path, 320) == fixture->texture);
  g_assert_null (tern_picture_peek (fixture->path, 640));
  load_bytes (fixture, png->data, png->len, 4096);
  g_assert_cmpint (gdk_texture_get_width (fixture->texture), ==, 800);
  load_bytes (fixture, g_bytes_get_data (jpeg, NULL), g_bytes_get_size (jpeg), 64);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (gdk_texture_get_width (fixture->texture), ==, 64);
  g_assert_cmpint (gdk_texture_get_height (fixture->texture), ==, 48);
}

static void
test_huge_png (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr(GByteArray) png = make_png (30000, 30000);
  gsize before = get_peak_kb ();

  g_assert_cmpuint (png->len, <, 1024 * 1024);
  load_bytes (fixture, png->data, png->len, 320);
  g_assert_error (fixture->error, TERN_ERROR, TERN_ERROR_TOO_LARGE);
  /* A byte per pixel alone were 900 MB. */
  g_assert_cmpuint (get_peak_kb () - before, <, 64 * 1024);
}

static void
test_gif (Fixture       *fixture,
          gconstpointer  data)
{
  g_autoptr(GByteArray) plain = make_gif (20, 10, 20, 10, 1);
  g_autoptr(GByteArray) many = make_gif (2000, 2000, 2000, 2000, 50000);
  g_autoptr(GByteArray) large = make_gif (65535, 65535, 65535, 65535, 1);
  g_autoptr(GByteArray) beyond = make_gif (10, 10, 65535, 65535, 1);
  TernPictureHeader header;
  gsize before;

  load_bytes (fixture, plain->data, plain->len, 320);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (gdk_texture_get_width (fixture->texture), ==, 20);
  before = get_peak_kb ();
  /* 50,000 frames of 16 MB: one of them. */
  load_bytes (fixture, many->data, many->len, 320);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (gdk_texture_get_width (fixture->texture), ==, 320);
  g_assert_true (tern_picture_header_read (many->data, many->len, &header));
  g_assert_cmpuint (header.n_bytes, <, 100);
  load_bytes (fixture, large->data, large->len, 320);
  g_assert_error (fixture->error, TERN_ERROR, TERN_ERROR_TOO_LARGE);
  load_bytes (fixture, beyond->data, beyond->len, 320);
  g_assert_error (fixture->error, TERN_ERROR, TERN_ERROR_PROTOCOL);
  g_assert_cmpuint (get_peak_kb () - before, <, 128 * 1024);
}

static void
test_not_shown (Fixture       *fixture,
                gconstpointer  data)
{
  static const char * const texts[] = {
    "<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
    "<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a 'aaaaaaaaaa'>]><svg/>",
    "",
    "GIF89a",
    "\x89PNG\r\n\x1a\n",
    "\xff\xd8\xff\xe0\x7f\xff",
    "/* XPM */ static char *x[] = { \"99999 99999 1 1\", \"a c #000\" };",
    "RIFF\xff\xff\xff\x7fWEBPVP8X",
    "BM",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      load_bytes (fixture, texts[i], strlen (texts[i]), 320);
      g_assert_error (fixture->error, TERN_ERROR, TERN_ERROR_PROTOCOL);
      g_assert_null (fixture->texture);
    }
}

/* Cut off or changed anywhere: an error or a picture, never anything else. */
static void
test_damaged (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(GBytes) jpeg = make_jpeg (200, 100);
  g_autoptr(GByteArray) png = make_png (200, 100);
  g_autoptr(GByteArray) gif = make_gif (200, 100, 200, 100, 2);
  GBytes *bytes[] = { g_bytes_ref (jpeg), g_bytes_new (png->data, png->len),
                                g_bytes_new (gif->data, gif->len) };

  load_bytes (fixture, g_bytes_get_data (jpeg, NULL), g_bytes_get_size (jpeg) / 2, 320);
  g_assert_true (fixture->texture != NULL || fixture->error != NULL);
  for (guint i = 0; i < 300; i++)
    {
      GBytes *source = bytes[i % G_N_ELEMENTS (bytes)];
      gsize length = g_bytes_get_size (source);
      g_autofree guchar *copy = g_memdup2 (g_bytes_get_data (source, NULL), length);

      for (int k = g_test_rand_int_range (0, 4); k > 0; k--)
        copy[g_test_rand_int_range (0, (int) length)] = (guchar) g_test_rand_int ();
      load_bytes (fixture, copy, (gsize) g_test_rand_int_range (0, (int) length + 1), 320);
      g_assert_true ((fixture->texture != NULL) != (fixture->error != NULL));
    }
  for (guint i = 0; i < G_N_ELEMENTS (bytes); i++)
    g_bytes_unref (bytes[i]);
}

static void
test_scans (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(GBytes) jpeg = make_jpeg (16, 16);
  g_autoptr(GByteArray) many = g_byte_array_new ();
  const guint8 scan[] = { 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0 };

  g_byte_array_append (many, g_bytes_get_data (jpeg, NULL), (guint) g_bytes_get_size (jpeg));
  for (guint i = 0; i < 1000; i++)
    g_byte_array_append (many, scan, sizeof scan);
  load_bytes (fixture, many->data, many->len, 320);
  g_assert_error (fixture->error, TERN_ERROR, TERN_ERROR_PROTOCOL);
}

static void
test_cache (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr(GByteArray) png = make_png (1000, 1000);

  for (guint i = 0; i < 20; i++)
    {
      load_bytes (fixture, png->data, png->len, 1000);
      g_assert_no_error (fixture->error);
      g_assert_cmpuint (tern_picture_get_cached_bytes (), <=, TERN_PICTURE_CACHE_BYTES);
    }
  g_assert_nonnull (tern_picture_peek (fixture->path, 1000));
}

static void
test_fit (Fixture       *fixture,
          gconstpointer  data)
{
  static const struct { int width, height, max, expected_width, expected_height; } sizes[] = {
    { 0, 0, 400, 240, 240 },
    { -5, 100, 400, 240, 240 },
    { 0, 0, 100, 100, 100 },
    { 640, 480, 400, 320, 240 },
    { 480, 640, 400, 240, 320 },
    { 10, 10, 400, 64, 64 },
    { G_MAXINT, 1, 400, 320, 64 },
    { 1, G_MAXINT, 400, 64, 320 },
    { G_MAXINT, G_MAXINT, 200, 200, 200 },
    { 100, 100, 0, 1, 64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      int width;
      int height;

      tern_picture_fit (sizes[i].width, sizes[i].height, sizes[i].max, &width, &height);
      g_assert_cmpint (width, ==, sizes[i].expected_width);
      g_assert_cmpint (height, ==, sizes[i].expected_height);
    }
}

static void
assert_size (GtkWidget *picture,
             int        width,
             int        height)
{
  GtkRequisition size;

  gtk_widget_get_preferred_size (picture, NULL, &size);
  g_assert_cmpint (size.width, ==, width);
  g_assert_cmpint (size.height, ==, height);
}

/* The room is what the message says, whatever the picture turns out to be. */
static void
test_room (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(TernMedia) media = tern_media_new (fixture->folder, "http://127.0.0.1:1", NULL);
  g_autofree char *folder = g_build_filename (fixture->folder, "media", NULL);
  const char *url = "http://127.0.0.1:1/picture";
  g_autofree char *path = tern_media_cache_dup_path (folder, url);
  g_autoptr(GByteArray) huge = make_png (30000, 30000);
  g_autoptr(GByteArray) wide = make_png (1000, 100);
  GtkWidget *window = gtk_window_new ();
  GtkWidget *widget = tern_picture_new ();
  TernPicture *picture = TERN_PICTURE (widget);

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  gtk_window_set_child (GTK_WINDOW (window), widget);
  gtk_window_present (GTK_WINDOW (window));
  for (guint i = 0; i < 3; i++)
    {
      gboolean is_shown = i == 2;

      if (i > 0)
        g_assert_true (g_file_set_contents (path, (char *) (is_shown ? wide : huge)->data,
                                            (is_shown ? wide : huge)->len, NULL));
      tern_picture_show (picture, media, url, NULL, 640, 480);
      assert_size (widget, 320, 240);
      while (tern_picture_get_state (picture) == TERN_PICTURE_LOADING)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (tern_picture_get_state (picture), ==,
                       is_shown ? TERN_PICTURE_SHOWN : TERN_PICTURE_FAILED);
      assert_size (widget, 320, 240);
      tern_picture_clear (picture);
    }
  /* The second address, when the first is none. */
  tern_picture_show (picture, media, "file:///etc/passwd", url, 0, 0);
  assert_size (widget, 240, 240);
  while (tern_picture_get_state (picture) == TERN_PICTURE_LOADING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (tern_picture_get_state (picture), ==, TERN_PICTURE_SHOWN);
  gtk_window_destroy (GTK_WINDOW (window));
  tern_media_stop (media);
  g_unlink (path);
  g_rmdir (folder);
}

/* Nothing can be had, until the line is back. */
static void
test_line_is_back (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr(TernMedia) media = tern_media_new (fixture->folder, "http://127.0.0.1:1", NULL);
  g_autofree char *folder = g_build_filename (fixture->folder, "media", NULL);
  const char *original = "http://127.0.0.1:1/original";
  g_autofree char *path = tern_media_cache_dup_path (folder, original);
  g_autoptr(GByteArray) wide = make_png (1000, 100);
  GtkWidget *window = gtk_window_new ();
  GtkWidget *widget = tern_picture_new ();
  TernPicture *picture = TERN_PICTURE (widget);

  gtk_window_set_child (GTK_WINDOW (window), widget);
  tern_picture_show (picture, media, "http://127.0.0.1:1/small", original, 640, 480);
  while (tern_picture_get_state (picture) != TERN_PICTURE_FAILED)
    g_main_context_iteration (NULL, TRUE);
  g_mkdir (folder, 0700);
  g_assert_true (g_file_set_contents (path, (char *) wide->data, wide->len, NULL));
  tern_media_forgive (media);
  while (tern_picture_get_state (picture) != TERN_PICTURE_SHOWN)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (window));
  tern_media_stop (media);
  g_unlink (path);
  g_rmdir (folder);
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
    { "/picture/plain", test_plain },
    { "/picture/huge-png", test_huge_png },
    { "/picture/gif", test_gif },
    { "/picture/not-shown", test_not_shown },
    { "/picture/damaged", test_damaged },
    { "/picture/scans", test_scans },
    { "/picture/cache", test_cache },
    { "/picture/fit", test_fit },
    { "/picture/room", test_room },
    { "/picture/line-is-back", test_line_is_back },
  };

  g_test_init (&argc, &argv, NULL);
  adw_init ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);

  return g_test_run ();
}
