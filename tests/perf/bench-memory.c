/* bench-memory.c: what reading costs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private dirty memory after scrolling through 20,000 messages with pictures in
 * real rows and after going through 200 conversations, beside that of a
 * process with an empty window. The pictures are at hand, as if they had been
 * fetched.
 */

#include "config.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "timeline-fixture.h"

#include "tern-media-cache.h"
#include "tern-picture.h"

#define N_MESSAGES 20000
#define N_CHATS 200
#define N_IN_CHAT 60

static double
get_private_dirty_mb (void)
{
  g_autofree char *text = NULL;
  const char *line;

  g_file_get_contents ("/proc/self/smaps_rollup", &text, NULL, NULL);
  line = text != NULL ? strstr (text, "Private_Dirty:") : NULL;

  return line != NULL ? (double) g_ascii_strtoll (line + 14, NULL, 10) / 1024 : 0;
}

/* --- an empty window, in a process of its own --- */

static void
painted_cb (GdkFrameClock *clock,
            gpointer       user_data)
{
  *(gboolean *) user_data = TRUE;
}

static int
run_empty (void)
{
  GtkWidget *window = adw_window_new ();
  gboolean is_painted = FALSE;

  adw_window_set_content (ADW_WINDOW (window), adw_header_bar_new ());
  gtk_window_set_default_size (GTK_WINDOW (window), 900, 700);
  gtk_window_present (GTK_WINDOW (window));
  g_signal_connect (gtk_widget_get_frame_clock (window), "after-paint", G_CALLBACK (painted_cb),
                    &is_painted);
  while (!is_painted || g_main_context_pending (NULL))
    g_main_context_iteration (NULL, TRUE);
  fprintf (stdout, "%f\n", get_private_dirty_mb ());
  gtk_window_destroy (GTK_WINDOW (window));

  return 0;
}

static double
measure_empty (const char *program)
{
  const char *argv[] = { program, "--empty", NULL };
  g_autofree char *output = NULL;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, 0, NULL, NULL, &output, NULL, NULL, NULL))
    return 0;

  return g_ascii_strtod (output, NULL);
}

/* --- the rest --- */

/* Noise, so that it is as large as a photograph. */
static guint
make_pictures (TimelineFixture *self,
               const char      *media)
{
  g_autoptr(GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 1200, 900);
  g_autofree char *data = NULL;
  guchar *pixels = gdk_pixbuf_get_pixels (pixbuf);
  gsize length;
  guint n = 0;

  g_mkdir_with_parents (media, 0700);
  for (gsize i = 0; i < gdk_pixbuf_get_byte_length (pixbuf); i++)
    pixels[i] = (guchar) (i * 2654435761u >> 24);
  if (!gdk_pixbuf_save_to_buffer (pixbuf, &data, &length, "jpeg", NULL, NULL))
    return 0;
  for (gint64 seq = 1; seq <= self->max_seq; seq++)
    {
      guint kind = (guint) ((seq * 7919) % 100);
      g_autofree char *url = g_strdup_printf (TIMELINE_PICTURE_URL, seq);
      g_autofree char *path = NULL;

      if (seq % 10 == 0 || kind < 90 || kind >= 98)
        continue;
      path = tern_media_cache_dup_path (media, url);
      n += g_file_set_contents (path, data, (gssize) length, NULL);
    }

  return n;
}

static gboolean
is_loading (GtkWidget *widget)
{
  if (TERN_IS_PICTURE (widget))
    return tern_picture_get_state (TERN_PICTURE (widget)) == TERN_PICTURE_LOADING;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (is_loading (child))
        return TRUE;
    }

  return FALSE;
}

/* Somebody who looks at every picture on the way. */
static void
scroll_through (TimelineFixture *self)
{
  gboolean is_there = FALSE;

  while (!is_there)
    {
      double value = gtk_adjustment_get_value (self->adjustment);

      gtk_adjustment_set_value (self->adjustment, value - 400);
      timeline_fixture_frame (self);
      is_there = gtk_adjustment_get_value (self->adjustment) == value;
      while (is_loading (GTK_WIDGET (self->view)))
        g_main_context_iteration (NULL, TRUE);
    }
}

static void
put_chat (TimelineFixture *self,
          const char      *id)
{
  g_autoptr(GError) error = NULL;

  store_fixture_begin (&self->store);
  for (gint64 seq = 1; seq <= N_IN_CHAT; seq++)
    {
      g_autofree char *client_id = g_strdup_printf ("%s-%" G_GINT64_FORMAT, id, seq);
      g_autoptr(TernMessageRecord) message =
        store_message_new (id, seq % 3 == 0 ? SELF : "u7", client_id, seq,
                           "words that somebody wrote, and a few more of them");

      tern_store_put_message (self->store.writer, message, self->store.changes, &error);
      g_assert_no_error (error);
      tern_store_ensure_conversation (self->store.writer, message, SELF, self->store.changes,
                                      &error);
      g_assert_no_error (error);
    }
  store_fixture_commit (&self->store);
}

static void
switch_chats (TimelineFixture *self)
{
  for (guint i = 0; i < N_CHATS; i++)
    {
      g_autofree char *id = g_strdup_printf ("sg_chat%u", i);
      g_autoptr(TernMessageList) list = NULL;

      put_chat (self, id);
      list = tern_message_list_new (self->store.reader, self->worker, SELF, id);
      tern_timeline_set_source (self->timeline, TERN_TIMELINE_SOURCE (list));
      timeline_fixture_frame (self);
      tern_timeline_set_source (self->timeline, NULL);
      tern_message_list_detach (list);
    }
}

int
main (int   argc,
      char *argv[])
{
  TimelineFixture self = { 0 };
  g_autofree char *folder = NULL;
  g_autofree char *media = NULL;
  double empty;
  double opened;
  guint n_pictures;

  gtk_init ();
  adw_init ();
  if (argc > 1 && strcmp (argv[1], "--empty") == 0)
    return run_empty ();

  empty = measure_empty (argv[0]);
  timeline_fixture_set_up (&self, N_MESSAGES / 9 * 10);
  folder = tern_account_dup_folder (tern_session_get_account (self.session), self.session_folder);
  media = g_build_filename (folder, "media", NULL);
  n_pictures = make_pictures (&self, media);
  timeline_fixture_frame (&self);
  opened = get_private_dirty_mb ();
  scroll_through (&self);
  fprintf (stdout, "pictures: %u files\n", n_pictures);
  fprintf (stdout, "empty window: %.1f MB\n", empty);
  fprintf (stdout, "opened: %.1f MB\n", opened);
  fprintf (stdout, "scrolled: %.1f MB\n", get_private_dirty_mb ());
  switch_chats (&self);
  fprintf (stdout, "switched, above an empty window: %.1f MB\n",
           get_private_dirty_mb () - empty);
  store_fixture_remove_folder (media);
  g_rmdir (folder);
  timeline_fixture_tear_down (&self);

  return 0;
}
