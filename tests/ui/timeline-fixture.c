/* timeline-fixture.c: the real timeline, rows and store in a window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "timeline-fixture.h"

#include <glib/gstdio.h>

#include "tern-content-json.h"
#include "tern-focus.h"
#include "tern-message-row.h"
#include "tern-message-words.h"
#include "ui-support.h"

#define HOUR_MS (G_GINT64_CONSTANT (3600) * 1000)

/* --- a widget of whatever size --- */

typedef struct
{
  GtkWidget  parent_instance;

  GtkWidget *child;
  int        width;
  int        height;
} TestBin;

typedef GtkWidgetClass TestBinClass;

static GType test_bin_get_type (void);
G_DEFINE_TYPE (TestBin, test_bin, GTK_TYPE_WIDGET)

static void
test_bin_measure (GtkWidget      *widget,
                  GtkOrientation  orientation,
                  int             for_size,
                  int            *minimum,
                  int            *natural,
                  int            *minimum_baseline,
                  int            *natural_baseline)
{
  TestBin *self = (TestBin *) widget;

  gtk_widget_measure (self->child, orientation, -1, minimum, natural, NULL, NULL);
  *minimum = *natural = 100;
}

static void
test_bin_size_allocate (GtkWidget *widget,
                        int        width,
                        int        height,
                        int        baseline)
{
  TestBin *self = (TestBin *) widget;

  gtk_widget_measure (self->child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
  gtk_widget_allocate (self->child, self->width, self->height, -1, NULL);
}

static void
test_bin_dispose (GObject *object)
{
  TestBin *self = (TestBin *) object;

  g_clear_pointer (&self->child, gtk_widget_unparent);

  G_OBJECT_CLASS (test_bin_parent_class)->dispose (object);
}

static void
test_bin_class_init (TestBinClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = test_bin_dispose;
  klass->measure = test_bin_measure;
  klass->size_allocate = test_bin_size_allocate;
}

static void
test_bin_init (TestBin *self)
{
}

/* --- messages --- */

static const char *const words[] = {
  "the", "path", "by", "the", "lake", "is", "dry", "again", "and", "we", "can", "walk",
  "to", "the", "hut", "before", "noon", "if", "nobody", "oversleeps", "this", "time",
};

static char *
make_text (gint64 seq)
{
  guint kind = (guint) ((seq * 7919) % 100);
  g_autoptr(GString) text = g_string_new (NULL);
  guint n;

  if (kind < 55)
    n = 2 + (guint) (seq % 9);
  else if (kind < 75)
    return g_strdup (seq % 2 == 0 ? "今天天气不错，要不要出去走走？"
                                  : "好的，周六早上八点在地铁站门口见，别忘了带水和雨衣，山里比城里冷。");
  else
    n = 30 + (guint) (seq % 90);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            words[((guint) seq * 31 + i * 17) % G_N_ELEMENTS (words)]);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
set_content (TernMessageRecord *message,
             gint64             seq)
{
  guint kind = (guint) ((seq * 7919) % 100);
  g_autofree char *text = NULL;

  g_clear_pointer (&message->content, g_bytes_unref);
  if (kind >= 98)
    {
      static const char notice[] = "{\"detail\":\"{}\"}";

      message->content_type = 1510;
      message->content = g_bytes_new_static (notice, sizeof notice - 1);
    }
  else if (kind >= 90)
    {
      text = g_strdup_printf ("{\"sourcePicture\":{\"width\":%d,\"height\":%d,\"size\":20480,"
                              "\"url\":\"" TIMELINE_PICTURE_URL "\"}}",
                              100 + (int) (seq % 900), 100 + (int) (seq % 700), seq);
      message->content_type = TERN_CONTENT_PICTURE;
      message->content = g_bytes_new (text, strlen (text));
    }
  else
    {
      text = make_text (seq);
      message->content = tern_content_build_text (text);
    }
}

static void
put (TimelineFixture *self,
     gint64           seq,
     const char      *text) /* (nullable) */
{
  g_autofree char *client_id = g_strdup_printf ("c%" G_GINT64_FORMAT, seq);
  g_autofree char *sender = g_strdup_printf ("u%d", (int) (seq / 3 % 5));
  g_autoptr(TernMessageRecord) message = NULL;
  g_autoptr(GError) error = NULL;

  message = store_message_new (CHAT, seq / 3 % 5 == 0 ? SELF : sender, client_id, seq, "");
  set_content (message, seq);
  if (text != NULL)
    {
      g_clear_pointer (&message->content, g_bytes_unref);
      message->content_type = TERN_CONTENT_TEXT;
      message->content = tern_content_build_text (text);
    }
  message->sent_ms = G_GINT64_CONSTANT (1700000000000) + seq * HOUR_MS / 20;
  tern_store_put_message (self->store.writer, message, self->store.changes, &error);
  g_assert_no_error (error);
  if (seq == 1)
    {
      tern_store_ensure_conversation (self->store.writer, message, SELF, self->store.changes,
                                      &error);
      g_assert_no_error (error);
    }
}

static void
cover (TimelineFixture *self)
{
  g_autoptr(TernSeqRanges) ranges = tern_seq_ranges_new ();
  g_autoptr(GError) error = NULL;

  tern_seq_ranges_add (ranges, 1, self->max_seq);
  tern_store_save_ranges (self->store.writer, CHAT, ranges, &error);
  g_assert_no_error (error);
  tern_store_set_seqs (self->store.writer, CHAT, self->max_seq, 0, self->store.changes,
                       &error);
  g_assert_no_error (error);
}

static void
commit (TimelineFixture *self)
{
  store_fixture_commit (&self->store);
  if (self->list != NULL)
    g_signal_emit_by_name (self->worker, "changed", self->store.changes);
}

void
timeline_fixture_append (TimelineFixture *self,
                         guint            n)
{
  store_fixture_begin (&self->store);
  for (guint i = 0; i < n; i++)
    {
      self->max_seq++;
      if (self->max_seq % 10 == 0)
        self->max_seq++;
      put (self, self->max_seq, NULL);
    }
  cover (self);
  commit (self);
}

void
timeline_fixture_append_content (TimelineFixture *self,
                                 int              type,
                                 const char      *json)
{
  g_autofree char *client_id = NULL;
  g_autoptr(TernMessageRecord) message = NULL;
  g_autoptr(GError) error = NULL;

  store_fixture_begin (&self->store);
  self->max_seq++;
  client_id = g_strdup_printf ("c%" G_GINT64_FORMAT, self->max_seq);
  message = store_message_new (CHAT, "u9", client_id, self->max_seq, "");
  message->content_type = type;
  g_clear_pointer (&message->content, g_bytes_unref);
  message->content = g_bytes_new (json, strlen (json));
  message->sent_ms = G_GINT64_CONSTANT (1700000000000) + self->max_seq * HOUR_MS / 20;
  tern_store_put_message (self->store.writer, message, self->store.changes, &error);
  g_assert_no_error (error);
  cover (self);
  commit (self);
}

void
timeline_fixture_rewrite (TimelineFixture *self,
                          gint64           seq,
                          const char      *text)
{
  store_fixture_begin (&self->store);
  put (self, seq, text);
  commit (self);
}

void
timeline_fixture_delete (TimelineFixture *self,
                         gint64           seq)
{
  g_autoptr(GError) error = NULL;

  store_fixture_begin (&self->store);
  tern_store_delete_seqs (self->store.writer, CHAT, &seq, 1, self->store.changes, &error);
  g_assert_no_error (error);
  commit (self);
}

/* --- rows --- */

static guint
get_kind (TernMessage *message,
          gpointer     user_data)
{
  return tern_message_get_is_notice (message) ? 1 : tern_message_is_text (message) ? 0 : 2;
}

static GtkWidget *
create_row (guint    kind,
            gpointer user_data)
{
  return tern_message_row_new ();
}

static void
bind_row (GtkWidget    *row,
          TernMessage  *message,
          TernRowFlags  flags,
          gpointer      user_data)
{
  TimelineFixture *self = user_data;

  tern_message_row_bind (TERN_MESSAGE_ROW (row), self->session, message, self->is_group, flags);
}

static void
unbind_row (GtkWidget *row,
            gpointer   user_data)
{
  tern_message_row_unbind (TERN_MESSAGE_ROW (row));
}

static int
guess_height (TernMessage *message,
              int          width,
              gpointer     user_data)
{
  return tern_message_row_guess_height (message, TRUE, width);
}

static const TernTimelineRows rows_funcs = {
  get_kind, create_row, bind_row, unbind_row, guess_height,
};

/* --- window --- */

static void
painted_cb (GdkFrameClock   *clock,
            TimelineFixture *self)
{
  self->n_frames++;
}

static void
open_window (TimelineFixture *self)
{
  TestBin *bin = g_object_new (test_bin_get_type (), NULL);

  self->timeline = TERN_TIMELINE (tern_timeline_new (&rows_funcs, self));
  self->bin = GTK_WIDGET (bin);
  bin->child = GTK_WIDGET (self->timeline);
  bin->width = 700;
  bin->height = 600;
  gtk_widget_set_parent (bin->child, self->bin);
  self->view = TERN_TIMELINE_VIEW (ui_find_widget (self->bin, TERN_TYPE_TIMELINE_VIEW));
  self->scrolled = GTK_SCROLLED_WINDOW (ui_find_widget (self->bin, GTK_TYPE_SCROLLED_WINDOW));
  self->adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled);
  self->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (self->window), 900, 700);
  gtk_window_set_child (GTK_WINDOW (self->window), self->bin);
  /* As in the program. Else a newer GTK gives it the focus at first. */
  tern_focus_tidy (self->bin);
}

void
timeline_fixture_set_up (TimelineFixture *self,
                         gint64           n)
{
  const TernFrameFormat format = { TERN_ENCODING_JSON, FALSE, 0 };
  g_autoptr(TernServers) servers = tern_servers_new ("", "http://127.0.0.1:9", "ws://127.0.0.1:9");
  g_autoptr(TernAccount) account = tern_account_new (servers, SELF, "");

  store_fixture_set_up (&self->store, NULL);
  self->is_group = TRUE;
  self->session_folder = g_dir_make_tmp ("tern-session-XXXXXX", NULL);
  self->session = tern_session_new (account, self->session_folder);
  self->worker = tern_sync_worker_new (self->store.folder, SELF, 7, &format);
  store_fixture_begin (&self->store);
  for (gint64 seq = 1; seq <= n; seq++)
    {
      if (seq % 10 != 0)
        put (self, seq, NULL);
    }
  self->max_seq = n > 0 && n % 10 == 0 ? n - 1 : n;
  cover (self);
  store_fixture_commit (&self->store);
  self->list = tern_message_list_new (self->store.reader, self->worker, SELF, CHAT);
  open_window (self);
  tern_timeline_set_source (self->timeline, TERN_TIMELINE_SOURCE (self->list));
  gtk_window_present (GTK_WINDOW (self->window));
  g_signal_connect (gtk_widget_get_frame_clock (self->window), "after-paint",
                    G_CALLBACK (painted_cb), self);
}

void
timeline_fixture_tear_down (TimelineFixture *self)
{
  tern_timeline_set_source (self->timeline, NULL);
  tern_message_list_detach (self->list);
  g_signal_handlers_disconnect_by_data (gtk_widget_get_frame_clock (self->window), self);
  gtk_window_destroy (GTK_WINDOW (self->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (self->list);
  g_object_unref (self->worker);
  g_object_unref (self->session);
  store_fixture_tear_down (&self->store, NULL);
  g_rmdir (self->session_folder);
  g_free (self->session_folder);
}

void
timeline_fixture_resize (TimelineFixture *self,
                         int              width,
                         int              height)
{
  TestBin *bin = (TestBin *) self->bin;

  bin->width = width;
  bin->height = height;
  gtk_widget_queue_allocate (self->bin);
}

void
timeline_fixture_frame (TimelineFixture *self)
{
  ui_wait_for_frame (GTK_WIDGET (self->view), &self->n_frames);
}

void
timeline_fixture_layout (TimelineFixture *self)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (self->window);

  /* A row that is bound asks for another layout, as in a real frame. */
  for (guint i = 0; i < 3; i++)
    g_signal_emit_by_name (clock, "layout");
}

static int
compare_rows (gconstpointer a,
              gconstpointer b)
{
  const ShownRow *left = a;
  const ShownRow *right = b;

  return left->top < right->top ? -1 : left->top > right->top;
}

GArray *
timeline_fixture_rows (TimelineFixture *self)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (ShownRow));

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->view)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      graphene_rect_t bounds;
      ShownRow row;

      if (!TERN_IS_MESSAGE_ROW (child) || !gtk_widget_get_child_visible (child))
        continue;
      g_assert_true (gtk_widget_compute_bounds (child, GTK_WIDGET (self->view), &bounds));
      row.message = tern_message_row_get_message (TERN_MESSAGE_ROW (child));
      row.top = bounds.origin.y;
      row.bottom = bounds.origin.y + bounds.size.height;
      g_assert_nonnull (row.message);
      g_array_append_val (rows, row);
    }
  g_array_sort (rows, compare_rows);

  return rows;
}

gboolean
timeline_fixture_find (TimelineFixture *self,
                       gint64           seq,
                       ShownRow        *row)
{
  g_autoptr(GArray) rows = timeline_fixture_rows (self);

  for (guint i = 0; i < rows->len; i++)
    {
      *row = g_array_index (rows, ShownRow, i);
      if (tern_message_get_seq (row->message) == seq)
        return TRUE;
    }

  return FALSE;
}

int
timeline_fixture_height (TimelineFixture *self)
{
  return gtk_widget_get_height (GTK_WIDGET (self->view));
}
