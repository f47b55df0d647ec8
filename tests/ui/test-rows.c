/* test-rows.c: what a message of each kind looks like, and what opens
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In the real timeline; pictures are at hand already, as if they had been
 * fetched.
 */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "timeline-fixture.h"

#include "tern-dialog.h"
#include "tern-history-view.h"
#include "tern-links.h"
#include "tern-media-actions.h"
#include "tern-media-cache.h"
#include "tern-message-row-private.h"
#include "tern-message-words.h"
#include "tern-model-private.h"
#include "tern-picture-view.h"
#include "tern-picture.h"
#include "ui-support.h"

#define URL "http://127.0.0.1:9/picture"
#define PICTURE "{\"sourcePicture\":{\"width\":640,\"height\":480,\"size\":9,\"url\":\"" URL "\"}}"
#define TEXT_MESSAGE(name, text) \
  "{\"senderNickname\":\"" name "\",\"sendTime\":1700000000000,\"contentType\":101," \
  "\"textElem\":{\"content\":\"" text "\"}}"
#define INNER "{\"senderNickname\":\"C\",\"contentType\":107,\"mergeElem\":{\"title\":\"deeper\"," \
  "\"multiMessage\":[" TEXT_MESSAGE ("D", "at the bottom") "]}}"
#define HISTORY "{\"title\":\"Two & more\",\"abstractList\":[\"A: one\"],\"multiMessage\":[" \
  TEXT_MESSAGE ("A", "see <b>https://example.org</b>") "," \
  "{\"senderNickname\":\"B\",\"contentType\":102,\"pictureElem\":" PICTURE "}," INNER "]}"
#define REVOKED_QUOTE "{\"text\":\"so it is\",\"quoteMessage\":{\"seq\":1,\"contentType\":2101," \
  "\"senderNickname\":\"A\",\"content\":\"secret\",\"textElem\":{\"content\":\"secret\"}}}"

typedef struct
{
  TimelineFixture ui;
  char           *media; /* folder */
  char           *picture;
} Fixture;

static void
set_up (Fixture *self)
{
  g_autoptr(GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 64, 48);
  g_autofree char *folder = NULL;
  g_autoptr(GError) error = NULL;

  timeline_fixture_set_up (&self->ui, 30);
  folder = tern_account_dup_folder (tern_session_get_account (self->ui.session),
                                    self->ui.session_folder);
  self->media = g_build_filename (folder, "media", NULL);
  g_mkdir_with_parents (self->media, 0700);
  self->picture = tern_media_cache_dup_path (self->media, URL);
  gdk_pixbuf_fill (pixbuf, 0x3080f0ff);
  gdk_pixbuf_save (pixbuf, self->picture, "png", &error, NULL);
  g_assert_no_error (error);
  timeline_fixture_frame (&self->ui);
}

static void
tear_down (Fixture *self)
{
  g_autofree char *account = g_path_get_dirname (self->media);

  g_unlink (self->picture);
  g_rmdir (self->media);
  g_rmdir (account);
  timeline_fixture_tear_down (&self->ui);
  g_free (self->picture);
  g_free (self->media);
}

/* Appends a message and waits for its row. */
static TernMessageRow *
show (Fixture    *self,
      int         type,
      const char *json)
{
  TernVlist *list = TERN_VLIST (self->ui.view);

  timeline_fixture_append_content (&self->ui, type, json);
  timeline_fixture_frame (&self->ui);

  return TERN_MESSAGE_ROW (tern_vlist_get_row (list, tern_vlist_get_n_slots (list) - 1));
}

static gboolean
has_label (GtkWidget  *widget,
           const char *text)
{
  if (GTK_IS_LABEL (widget) && strcmp (gtk_label_get_text (GTK_LABEL (widget)), text) == 0)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (has_label (child, text))
        return TRUE;
    }

  return FALSE;
}

static const char *
get_text (TernMessageRow *row,
          TernRowLayout   which)
{
  return row->has[which] ? pango_layout_get_text (row->layouts[which]) : NULL;
}

/* --- tests --- */

/* The room is there before the picture is. */
static void
test_picture (void)
{
  Fixture self = { 0 };
  TernMessageRow *row;
  TernPicture *picture;
  int height;

  set_up (&self);
  row = show (&self, TERN_CONTENT_PICTURE, PICTURE);
  height = gtk_widget_get_height (GTK_WIDGET (row));
  picture = TERN_PICTURE (ui_find_widget (GTK_WIDGET (row), TERN_TYPE_PICTURE));
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (picture)));
  while (tern_picture_get_state (picture) == TERN_PICTURE_LOADING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (tern_picture_get_state (picture), ==, TERN_PICTURE_SHOWN);
  timeline_fixture_frame (&self.ui);
  g_assert_cmpint (gtk_widget_get_height (GTK_WIDGET (row)), ==, height);
  g_assert_cmpint (gtk_widget_get_height (GTK_WIDGET (picture)), ==, 240);
  /* A sticker that is one. */
  row = show (&self, TERN_CONTENT_FACE,
              "{\"index\":-1,\"data\":\"{\\\"url\\\":\\\"" URL "\\\",\\\"width\\\":80,"
              "\\\"height\\\":80}\"}");
  g_assert_true (row->shows_picture);
  tear_down (&self);
}

static void
test_file (void)
{
  Fixture self = { 0 };
  TernMessageRow *row;

  set_up (&self);
  row = show (&self, TERN_CONTENT_FILE,
              "{\"fileName\":\"<b>notes</b>.txt\",\"fileSize\":2048,\"sourceUrl\":\"" URL "\"}");
  g_assert_cmpstr (get_text (row, LAYOUT_TITLE), ==, "<b>notes</b>.txt");
  g_assert_nonnull (strstr (get_text (row, LAYOUT_DETAILS), "kB"));
  g_assert_true (gtk_widget_get_mapped (ui_find_widget (GTK_WIDGET (row),
                                                        TERN_TYPE_MEDIA_ACTIONS)));
  /* Nothing to be had from an address that is none. */
  row = show (&self, TERN_CONTENT_FILE,
              "{\"fileName\":\"passwd\",\"sourceUrl\":\"file:///etc/passwd\"}");
  g_assert_false (row->shows_actions);
  tear_down (&self);
}

static void
test_cards (void)
{
  static const struct { int type; const char *json; const char *title; gboolean opens; } cards[] = {
    { TERN_CONTENT_CARD, "{\"userID\":\"x\",\"nickname\":\"Li Lei\"}", "Li Lei", FALSE },
    { TERN_CONTENT_LOCATION, "{\"description\":\"{\\\"name\\\":\\\"Lake\\\"}\","
      "\"longitude\":116.3,\"latitude\":39.9}", "Lake", TRUE },
    { TERN_CONTENT_LOCATION, "{\"description\":\"Nowhere\",\"longitude\":1e300,\"latitude\":7}",
      "Nowhere", FALSE },
    { TERN_CONTENT_FACE, "{\"index\":3}", "Sticker", FALSE },
    { TERN_CONTENT_VOICE, "{\"duration\":75}", "Voice Message", FALSE },
    { TERN_CONTENT_VIDEO, "{\"duration\":3700}", "Video", FALSE },
    { TERN_CONTENT_MERGED, HISTORY, "Two & more", TRUE },
    { TERN_CONTENT_MERGED, "{\"title\":\"Nothing\",\"multiMessage\":[]}", "Nothing", FALSE },
    { 999, "{}", "Special Message", FALSE },
  };
  Fixture self = { 0 };

  set_up (&self);
  for (guint i = 0; i < G_N_ELEMENTS (cards); i++)
    {
      TernMessageRow *row = show (&self, cards[i].type, cards[i].json);

      g_assert_cmpstr (get_text (row, LAYOUT_TITLE), ==, cards[i].title);
      g_assert_cmpint (row->opens_card, ==, cards[i].opens);
      g_assert_true (gtk_test_accessible_has_property (GTK_ACCESSIBLE (row),
                                                       GTK_ACCESSIBLE_PROPERTY_LABEL));
    }
  tear_down (&self);
}

/* Of a quote whose message was withdrawn no word is left. */
static void
test_revoked_quote (void)
{
  Fixture self = { 0 };
  TernMessageRow *row;

  set_up (&self);
  row = show (&self, TERN_CONTENT_QUOTE, REVOKED_QUOTE);
  g_assert_cmpstr (gtk_label_get_text (row->text), ==, "so it is");
  g_assert_cmpstr (get_text (row, LAYOUT_QUOTE_TEXT), ==, "The message was withdrawn");
  tear_down (&self);
}

static guint n_asked;
static void (*measure_label) (GtkWidget *, GtkOrientation, int, int *, int *, int *, int *);

static void
count_label (GtkWidget      *label,
             GtkOrientation  orientation,
             int             for_size,
             int            *minimum,
             int            *natural,
             int            *minimum_baseline,
             int            *natural_baseline)
{
  n_asked += gtk_widget_get_css_name (gtk_widget_get_parent (label)) ==
             g_intern_static_string ("message");
  measure_label (label, orientation, for_size, minimum, natural, minimum_baseline,
                 natural_baseline);
}

/* Each label has just the room that its text needs in it. */
static void
check_labels (Fixture *self)
{
  g_autoptr(GArray) rows = timeline_fixture_rows (&self->ui);

  for (guint i = 0; i < rows->len; i++)
    {
      int index = tern_vlist_find (TERN_VLIST (self->ui.view),
                                   g_array_index (rows, ShownRow, i).message);
      TernMessageRow *row = TERN_MESSAGE_ROW (
        tern_vlist_get_row (TERN_VLIST (self->ui.view), (guint) index));
      g_autoptr(PangoLayout) layout = NULL;
      int width;
      int height;

      if (!row->is_text)
        continue;
      layout = pango_layout_copy (gtk_label_get_layout (row->text));
      for (guint again = 0; again < 2; again++)
        {
          pango_layout_get_pixel_size (layout, &width, &height);
          g_assert_cmpint (height, ==, gtk_widget_get_height (GTK_WIDGET (row->text)));
          g_assert_cmpint (width, <=, gtk_widget_get_width (GTK_WIDGET (row->text)));
          /* And were it laid out for that width. */
          pango_layout_set_width (layout, gtk_widget_get_width (GTK_WIDGET (row->text)) *
                                          PANGO_SCALE);
        }
    }
}

/* The text is laid out once, not each time that GTK asks for another size. */
static void
test_text (void)
{
  static const char *const texts[] = {
    "ok", "🎉👍", "one\\n\\nthree", "שלום לכולם", "left שלום\\nימין right",
    "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十",
    "aVeryLongWordThatNobodyWouldWriteAndThatHasToBeBrokenSomewhereInItsMiddleAsThereIsNoSpace",
    "see https://example.org/a/rather/long/address/that/has/to/be/broken/somewhere and say so",
    ("a text of a few lines, and each of them ends where a word does, so that none of them is "
     "as wide as it might be, and the bubble around them is no wider than the widest of them"),
  };
  GtkWidgetClass *klass = g_type_class_ref (GTK_TYPE_LABEL);
  Fixture self = { 0 };

  measure_label = klass->measure;
  klass->measure = count_label;
  set_up (&self);
  for (int width = 360; width < 400; width++)
    {
      g_autofree char *json = g_strdup_printf ("{\"content\":\"%s\"}",
                                               texts[width % G_N_ELEMENTS (texts)]);

      show (&self, TERN_CONTENT_TEXT, json);
      check_labels (&self);
      timeline_fixture_resize (&self.ui, width, 600);
      timeline_fixture_frame (&self.ui);
      check_labels (&self);
    }
  g_assert_cmpuint (n_asked, ==, 0);
  klass->measure = measure_label;
  g_type_class_unref (klass);
  tear_down (&self);
}

static void
test_folded (void)
{
  g_autoptr(GString) json = g_string_new ("{\"content\":\"");
  Fixture self = { 0 };
  TernMessageRow *row;
  glong length;

  set_up (&self);
  for (guint i = 0; i < 1000; i++)
    g_string_append (json, "很长的 text ");
  g_string_append (json, "\"}");
  row = show (&self, TERN_CONTENT_TEXT, json->str);
  length = g_utf8_strlen (gtk_label_get_text (row->text), -1);
  g_assert_cmpint (length, <, 2000);
  g_assert_true (gtk_widget_get_mapped (row->more));
  g_signal_emit_by_name (row->more, "clicked");
  timeline_fixture_frame (&self.ui);
  g_assert_cmpint (g_utf8_strlen (gtk_label_get_text (row->text), -1), ==, 9000);
  g_assert_false (gtk_widget_get_visible (row->more));
  tear_down (&self);
}

/* How high a row's texts are if a peer says something @n times over in one of them. */
static int
get_height (Fixture    *self,
            guint       kind,
            const char *text,
            guint       n)
{
  static const struct { int type; const char *before; const char *after; } kinds[] = {
    { TERN_CONTENT_FILE, "{\"fileName\":\"", "\"}" },
    { TERN_CONTENT_MERGED, "{\"title\":\"t\",\"abstractList\":[\"", "\",\"b\"]}" },
    { TERN_CONTENT_QUOTE, "{\"text\":\"t\",\"quoteMessage\":{\"contentType\":101,"
      "\"textElem\":{\"content\":\"q\"},\"senderNickname\":\"", "\"}}" },
    { TERN_CONTENT_QUOTE, "{\"text\":\"t\",\"quoteMessage\":{\"contentType\":101,"
      "\"senderNickname\":\"n\",\"textElem\":{\"content\":\"", "\"}}}" },
    { 1519, "{\"detail\":\"{\\\"group\\\":{\\\"notification\\\":\\\"", "\\\"}}\"}" },
  };
  static const TernRowLayout layouts[] = { LAYOUT_TITLE, LAYOUT_DETAILS, LAYOUT_QUOTE_SENDER,
                                           LAYOUT_QUOTE_TEXT, LAYOUT_NOTICE };
  g_autoptr(GString) json = NULL;
  TernMessageRow *row;
  int height = 0;

  if (kind == G_N_ELEMENTS (kinds))
    return 0;
  json = g_string_new (kinds[kind].before);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (json, "x%s", text);
  g_string_append_printf (json, "x%s", kinds[kind].after);

  row = show (self, kinds[kind].type, json->str);
  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    height += row->has[layouts[i]] ? row->boxes[layouts[i]].height : 0;

  return height;
}

/* Only what is written in a text makes more lines, whatever somebody puts into
 * a name. The bytes themselves: in a notice, an escape would be one too few. */
static void
test_breaks (void)
{
  static const char *const breaks[] = { "\342\200\250", "\342\200\251", "\302\205" };
  static const char *const escapes[] = { "\\n", "\\r", "\\f", "\\u000b" };
  Fixture self = { 0 };
  int height;

  set_up (&self);
  for (guint kind = 0; (height = get_height (&self, kind, " ", 30)) > 0; kind++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (breaks); i++)
        g_assert_cmpint (get_height (&self, kind, breaks[i], 30), ==, height);
      for (guint i = 0; i < G_N_ELEMENTS (escapes) && kind < 4; i++)
        g_assert_cmpint (get_height (&self, kind, escapes[i], 30), ==, height);
      g_assert_cmpint (get_height (&self, kind, " yyyyyyyyyyyyyyyyyyy", 2000), <, 1000);
    }
  g_assert_cmpint (get_height (&self, 0, "\\n", 20000), <, 100);
  tear_down (&self);
}

/* Lines are lines, however they end. */
static void
test_folded_lines (void)
{
  static const struct { const char *end; gboolean is_folded; } cases[] = {
    { "\n", TRUE }, { "\r", TRUE }, { "\v", TRUE }, { "\f", TRUE }, { "\302\205", TRUE },
    { "\342\200\250", TRUE }, { "\342\200\251", TRUE }, { " ", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GString) text = g_string_new (NULL);
      g_autofree char *folded = NULL;

      for (guint k = 0; k < TERN_FOLD_LINES; k++)
        g_string_append_printf (text, "x%s", cases[i].end);
      folded = tern_message_dup_folded (text->str);
      g_assert_cmpint (folded != NULL, ==, cases[i].is_folded);
    }
  /* One end of a line in two characters. */
  for (guint n = 30; n <= TERN_FOLD_LINES; n += TERN_FOLD_LINES - 30)
    {
      g_autoptr(GString) text = g_string_new (NULL);
      g_autofree char *folded = NULL;

      for (guint k = 0; k < n; k++)
        g_string_append (text, "x\r\n");
      folded = tern_message_dup_folded (text->str);
      g_assert_cmpint (folded != NULL, ==, n == TERN_FOLD_LINES);
    }
}

static void
test_history (void)
{
  Fixture self = { 0 };
  TernMessage *message;
  TernMessageRecord *record;
  GtkWidget *view;
  GtkWidget *inner;

  set_up (&self);
  message = tern_message_row_get_message (show (&self, TERN_CONTENT_MERGED, HISTORY));
  view = tern_history_view_open (self.ui.window, self.ui.session, message,
                                 tern_message_get_content (message));
  g_assert_true (has_label (GTK_WIDGET (gtk_widget_get_root (view)), "Two & more"));
  g_assert_true (has_label (view, "see <b>https://example.org</b>"));
  g_assert_nonnull (ui_find_widget (view, TERN_TYPE_PICTURE));
  g_assert_true (has_label (view, "[Chat history] deeper"));
  inner = tern_history_view_open (view, self.ui.session, message,
                                  ((TernMergedMessage *) tern_message_get_content (message)
                                     ->messages->pdata[2])->content);
  g_assert_true (has_label (inner, "at the bottom"));
  g_object_add_weak_pointer (G_OBJECT (view), (gpointer *) &view);
  g_object_add_weak_pointer (G_OBJECT (inner), (gpointer *) &inner);
  /* That it was read, say, is no reason to close. */
  g_signal_emit_by_name (message, "changed");
  timeline_fixture_frame (&self.ui);
  g_assert_true (view != NULL && inner != NULL);
  /* Withdrawn: nothing of it is left to be read. */
  record = tern_message_record_copy (tern_message_get_record (message));
  record->content_type = TERN_CONTENT_REVOKED;
  tern_message_take_record (message, record, SELF);
  g_signal_emit_by_name (message, "changed");
  while (view != NULL || inner != NULL)
    g_main_context_iteration (NULL, TRUE);
  tear_down (&self);
}

static guint
count_widgets (GtkWidget *widget,
               GType      type)
{
  guint n = G_TYPE_CHECK_INSTANCE_TYPE (widget, type);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_widgets (child, type);

  return n;
}

/* However much there is in one, it opens with little of it. */
static void
test_long_history (void)
{
  g_autoptr(GString) json = g_string_new ("{\"title\":\"a\\nb\",\"multiMessage\":[");
  g_autofree char *long_text = g_strnfill (9000, 'x');
  Fixture self = { 0 };
  TernMessage *message;
  GtkWidget *view;

  set_up (&self);
  for (guint i = 0; i < 40; i++)
    g_string_append (json, "{\"contentType\":102,\"pictureElem\":" PICTURE "},");
  g_string_append_printf (json, "{\"senderNickname\":\"N\\nN\",\"contentType\":101,"
                          "\"textElem\":{\"content\":\"%s\"}}]}", long_text);
  message = tern_message_row_get_message (show (&self, TERN_CONTENT_MERGED, json->str));
  view = tern_history_view_open (self.ui.window, self.ui.session, message,
                                 tern_message_get_content (message));
  g_assert_true (has_label (GTK_WIDGET (gtk_widget_get_root (view)), "a b"));
  g_assert_true (has_label (view, "N N"));
  g_assert_false (has_label (view, long_text));
  g_assert_cmpuint (count_widgets (view, TERN_TYPE_PICTURE), ==, 30);
  g_assert_cmpuint (count_widgets (view, GTK_TYPE_BUTTON), ==, 11);
  for (guint n = 11; n > 0; n--)
    {
      g_signal_emit_by_name (ui_find_widget (view, GTK_TYPE_BUTTON), "clicked");
      g_assert_cmpuint (count_widgets (view, GTK_TYPE_BUTTON), ==, n - 1);
    }
  g_assert_cmpuint (count_widgets (view, TERN_TYPE_PICTURE), ==, 40);
  g_assert_true (has_label (view, long_text));
  tern_dialog_close (view);
  tear_down (&self);
}

static void
test_viewer (void)
{
  Fixture self = { 0 };
  TernMessage *message;
  GtkWidget *view;
  GtkPicture *picture;

  set_up (&self);
  message = tern_message_row_get_message (show (&self, TERN_CONTENT_PICTURE, PICTURE));
  view = tern_picture_view_new (GTK_WINDOW (self.ui.window),
                                tern_session_get_media (self.ui.session), message);
  gtk_window_present (GTK_WINDOW (view));
  picture = GTK_PICTURE (ui_find_widget (view, GTK_TYPE_PICTURE));
  while (gtk_picture_get_paintable (picture) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (gdk_paintable_get_intrinsic_width (gtk_picture_get_paintable (picture)), ==, 64);
  g_object_add_weak_pointer (G_OBJECT (view), (gpointer *) &view);
  gtk_window_close (GTK_WINDOW (view));
  while (view != NULL)
    g_main_context_iteration (NULL, TRUE);
  /* One that is none: no picture, words instead, no crash. */
  g_assert_true (g_file_set_contents (self.picture, "no picture", -1, NULL));
  view = tern_picture_view_new (GTK_WINDOW (self.ui.window),
                                tern_session_get_media (self.ui.session), message);
  gtk_window_present (GTK_WINDOW (view));
  while (!has_label (view, "This picture cannot be shown here"))
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (view));
  tear_down (&self);
}

static void
test_links (void)
{
  static const struct { const char *uri; const char *host; } links[] = {
    { "https://example.org/a?b=@c", NULL },
    { "mailto:somebody@example.org", NULL },
    { "https://bank.example@evil.example/", "evil.example" },
    { "https://bank.example%2f@evil.example/", "evil.example" },
    { "http://xn--pple-43d.com/", "xn--pple-43d.com" },
    { "http:///nowhere", "http:///nowhere" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autofree char *host = tern_links_dup_hidden_host (links[i].uri);

      g_assert_cmpstr (host, ==, links[i].host);
      g_assert_true (tern_links_is_allowed (links[i].uri));
    }
  g_assert_false (tern_links_is_allowed ("javascript:alert(1)"));
  g_assert_false (tern_links_is_allowed ("file:///etc/passwd"));
}

static gboolean
has_border (GskRenderNode *node)
{
  guint n = gsk_render_node_get_node_type (node) == GSK_CONTAINER_NODE
              ? gsk_container_node_get_n_children (node) : 0;

  for (guint i = 0; i < n; i++)
    {
      if (has_border (gsk_container_node_get_child (node, i)))
        return TRUE;
    }

  return gsk_render_node_get_node_type (node) == GSK_BORDER_NODE;
}

/* The ring of the mark. */
static gboolean
has_mark (TernMessageRow *row)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr(GskRenderNode) node = NULL;

  tern_message_row_draw (row, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);

  return node != NULL && has_border (node);
}

/* Whatever can be chosen shows whether it is. */
static void
test_marks (void)
{
  static const struct { int type; const char *json; } kinds[] = {
    { TERN_CONTENT_TEXT, "{\"content\":\"hello\"}" },
    { 1511, "{\"detail\":\"{}\"}" },
  };
  Fixture self = { 0 };

  set_up (&self);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      TernMessageRow *row = show (&self, kinds[i].type, kinds[i].json);

      g_assert_cmpint (row->has[LAYOUT_NOTICE], ==, kinds[i].type == 1511);
      g_assert_false (has_mark (row));
      tern_timeline_set_selecting (self.ui.timeline, TRUE);
      timeline_fixture_frame (&self.ui);
      g_assert_true (has_mark (row));
      gtk_test_accessible_assert_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_SELECTED,
                                        FALSE);
      tern_message_row_bind (row, self.ui.session, row->message, TRUE,
                             row->flags | TERN_ROW_SELECTED);
      gtk_test_accessible_assert_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_SELECTED,
                                        TRUE);
      g_assert_cmpint (row->check_box.y, >=, 0);
      g_assert_cmpint (row->check_box.y + row->check_box.height, <=, row->height);
      tern_timeline_set_selecting (self.ui.timeline, FALSE);
      timeline_fixture_frame (&self.ui);
      g_assert_false (has_mark (row));
      g_assert_false (gtk_test_accessible_has_state (GTK_ACCESSIBLE (row),
                                                     GTK_ACCESSIBLE_STATE_SELECTED));
    }
  tear_down (&self);
}

/* What somebody hears who sees nothing of it. */
static void
test_label (void)
{
  Fixture self = { 0 };
  TernMessageRow *row;
  g_autofree char *label = NULL;

  set_up (&self);
  row = show (&self, TERN_CONTENT_QUOTE,
              "{\"text\":\"yes\",\"quoteMessage\":{\"contentType\":101,"
              "\"senderNickname\":\"Ann\",\"textElem\":{\"content\":\"really?\"}}}");
  tern_message_set_starts (row->message, TRUE, TRUE);
  tern_message_row_bind (row, self.ui.session, row->message, TRUE, TERN_ROW_FIRST_UNREAD);
  label = g_strdup_printf ("%s, New Messages, u9, %s, Reply to Ann, “really?”: yes",
                           get_text (row, LAYOUT_DAY), get_text (row, LAYOUT_TIME));
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, label);
  tear_down (&self);
}

/* Where the names are, and only there; a folded text may end within one. */
static void
test_mention_markup (void)
{
  static const struct { const char *text; gsize length; const char *markup; } cases[] = {
    { "@A & @Bob @Bob", 4, "@A &amp; <b>@Bob</b> @Bob" },
    { "@A & @Bob!", 9, NULL },
    { "@A & @B…", 3, NULL },
    { "@A & @B…", 4, NULL },
    { "@A & @B…", 5, "@A &amp; <b>@B…</b>" },
    { "http://a/@B", 2, "<a href=\"http://a/@B\">http://a/@B</a>" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GArray) mentions = g_array_new (FALSE, FALSE, sizeof (TernSpan));
      TernSpan span = { 5, cases[i].length };
      g_autofree char *markup = NULL;

      g_array_append_val (mentions, span);
      markup = tern_links_dup_markup (cases[i].text, mentions);
      g_assert_cmpstr (markup, ==, cases[i].markup);
    }
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);

  g_test_add_func ("/rows/picture", test_picture);
  g_test_add_func ("/rows/file", test_file);
  g_test_add_func ("/rows/cards", test_cards);
  g_test_add_func ("/rows/revoked-quote", test_revoked_quote);
  g_test_add_func ("/rows/text", test_text);
  g_test_add_func ("/rows/folded", test_folded);
  g_test_add_func ("/rows/breaks", test_breaks);
  g_test_add_func ("/rows/folded-lines", test_folded_lines);
  g_test_add_func ("/rows/history", test_history);
  g_test_add_func ("/rows/long-history", test_long_history);
  g_test_add_func ("/rows/viewer", test_viewer);
  g_test_add_func ("/rows/links", test_links);
  g_test_add_func ("/rows/mention-markup", test_mention_markup);
  g_test_add_func ("/rows/marks", test_marks);
  g_test_add_func ("/rows/label", test_label);

  return g_test_run ();
}
