/* test-composer.c: where a message is written
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The real widgets; keys go in as the composer hands them on. What needs a real
 * input method is in the tests of the window.
 */

#include "config.h"

#include <adwaita.h>

#include "tern-composer.h"
#include "tern-content.h"

typedef struct
{
  GtkWidget     *window;
  GtkTextView   *view;
  GtkTextBuffer *buffer;
  TernMentions  *mentions;
  guint          n_asked;
} Fixture;

static GPtrArray *
list_people (gpointer user_data)
{
  Fixture *self = user_data;
  GPtrArray *people = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_person_free);

  self->n_asked++;
  g_ptr_array_add (people, tern_person_new ("u1", "Maya Okafor"));
  g_ptr_array_add (people, tern_person_new ("u2", "林小满"));
  g_ptr_array_add (people, tern_person_new ("u3", "Tomáš Novák"));
  g_ptr_array_add (people, tern_person_new ("u4", "Omar"));

  return people;
}

static void
set_up (Fixture *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->window = gtk_window_new ();
  self->view = GTK_TEXT_VIEW (gtk_text_view_new ());
  self->buffer = gtk_text_view_get_buffer (self->view);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->view));
  gtk_window_set_child (GTK_WINDOW (self->window), box);
  self->mentions = tern_mentions_new (self->view, box);
  tern_mentions_set_people (self->mentions, list_people, self);
  gtk_window_present (GTK_WINDOW (self->window));
  self->n_asked = 0;
}

static void
tear_down (Fixture *self)
{
  tern_mentions_detach (self->mentions);
  g_assert_finalize_object (self->mentions);
  gtk_window_destroy (GTK_WINDOW (self->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
type (Fixture    *self,
      const char *text)
{
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    gtk_text_buffer_insert_at_cursor (self->buffer, c, (int) (g_utf8_next_char (c) - c));
}

static void
rub_out (Fixture *self)
{
  GtkTextIter iter;

  gtk_text_buffer_get_iter_at_mark (self->buffer, &iter,
                                    gtk_text_buffer_get_insert (self->buffer));
  gtk_text_buffer_backspace (self->buffer, &iter, TRUE, TRUE);
}

/* @ids: what is mentioned, with commas */
static void
assert_sent (Fixture    *self,
             const char *text,
             const char *ids)
{
  g_autoptr(GPtrArray) at = NULL;
  g_autofree char *sent = tern_mentions_dup_text (self->mentions, &at);
  g_autoptr(GString) got = g_string_new (NULL);

  for (guint i = 0; i < at->len; i++)
    g_string_append_printf (got, "%s%s", i > 0 ? "," : "", ((TernPerson *) at->pdata[i])->id);
  g_assert_cmpstr (sent, ==, text);
  g_assert_cmpstr (got->str, ==, ids);
}

static void
test_mention (void)
{
  Fixture self = { 0 };

  set_up (&self);
  type (&self, "hello");
  g_assert_cmpuint (self.n_asked, ==, 0);
  type (&self, " @");
  g_assert_true (tern_mentions_is_open (self.mentions));
  g_assert_cmpuint (self.n_asked, ==, 1);
  type (&self, "OM");
  /* Tomáš has it inside, Omar begins so and goes first. */
  g_assert_true (tern_mentions_press (self.mentions, GDK_KEY_Return));
  g_assert_false (tern_mentions_is_open (self.mentions));
  type (&self, "how are you");
  assert_sent (&self, "hello @u4 how are you", "u4");

  type (&self, "\n你好@小");
  g_assert_true (tern_mentions_press (self.mentions, GDK_KEY_Tab));
  type (&self, "@");
  g_assert_true (tern_mentions_press (self.mentions, GDK_KEY_Down));
  g_assert_true (tern_mentions_press (self.mentions, GDK_KEY_Down));
  g_assert_true (tern_mentions_press (self.mentions, GDK_KEY_Up));
  g_assert_true (tern_mentions_press (self.mentions, GDK_KEY_KP_Enter));
  assert_sent (&self, "hello @u4 how are you\n你好@u2 @u2 ", "u4,u2");
  g_assert_cmpuint (self.n_asked, ==, 1);
  tear_down (&self);
}

/* A mention that was edited is text. */
static void
test_edited (void)
{
  Fixture self = { 0 };

  set_up (&self);
  type (&self, "@maya");
  g_assert_true (tern_mentions_press (self.mentions, GDK_KEY_Return));
  assert_sent (&self, "@u1 ", "u1");
  rub_out (&self);
  assert_sent (&self, "@u1 ", "u1");
  rub_out (&self);
  assert_sent (&self, "@Maya Okafo", "");
  g_assert_true (tern_mentions_is_open (self.mentions));
  g_assert_true (tern_mentions_press (self.mentions, GDK_KEY_Return));
  assert_sent (&self, "@u1 ", "u1");
  tear_down (&self);
}

static void
test_no_mention (void)
{
  static const char *const texts[] = { "me@example.com", "@nobody", "@ ", "a @\nb", "@@x" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      Fixture self = { 0 };

      set_up (&self);
      type (&self, texts[i]);
      g_assert_false (tern_mentions_is_open (self.mentions));
      assert_sent (&self, texts[i], "");
      tear_down (&self);
    }
}

/* Escape leaves the "@" as it is; the next one counts again. */
static void
test_dismissed (void)
{
  Fixture self = { 0 };

  set_up (&self);
  type (&self, "@m");
  g_assert_true (tern_mentions_press (self.mentions, GDK_KEY_Escape));
  type (&self, "a");
  g_assert_false (tern_mentions_is_open (self.mentions));
  type (&self, "\n@m");
  g_assert_true (tern_mentions_is_open (self.mentions));
  g_assert_true (tern_mentions_press (self.mentions, GDK_KEY_Return));
  assert_sent (&self, "@ma\n@u1 ", "u1");
  tear_down (&self);
}

static void
test_everybody (void)
{
  Fixture self = { 0 };

  set_up (&self);
  type (&self, "@every");
  g_assert_true (tern_mentions_press (self.mentions, GDK_KEY_Return));
  assert_sent (&self, "@AtAllTag ", "AtAllTag");
  tern_mentions_set_people (self.mentions, NULL, NULL);
  type (&self, "@");
  g_assert_false (tern_mentions_is_open (self.mentions));
  tear_down (&self);
}

static void
test_draft (void)
{
  Fixture self = { 0 };

  set_up (&self);
  gtk_text_buffer_set_text (self.buffer, "to @Maya Okafor and @林小满 but not @Maya Okaforian", -1);
  tern_mentions_close (self.mentions);
  tern_mentions_find (self.mentions);
  assert_sent (&self, "to @u1 and @u2 but not @Maya Okaforian", "u1,u2");
  tear_down (&self);
}

static void
painted_cb (GdkFrameClock *clock,
            guint         *n_frames)
{
  (*n_frames)++;
}

/* A text view lays out when it is idle: in the frame after the next at last. */
static int
get_height (TernComposer *composer,
            const char   *text)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (composer));
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  guint n_frames = 0;
  gulong handler = g_signal_connect (clock, "after-paint", G_CALLBACK (painted_cb), &n_frames);
  int height;

  tern_composer_set_text (composer, text);
  for (guint n = 0; n < 3; n = n_frames)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      gtk_widget_queue_draw (GTK_WIDGET (composer));
      g_main_context_iteration (NULL, TRUE);
    }
  g_signal_handler_disconnect (clock, handler);
  gtk_widget_measure (GTK_WIDGET (composer), GTK_ORIENTATION_VERTICAL, 300, NULL, &height, NULL,
                      NULL);

  return height;
}

static void
test_grows (void)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *composer = tern_composer_new ();
  int one;
  int two;
  int eight;

  gtk_window_set_child (GTK_WINDOW (window), composer);
  gtk_window_present (GTK_WINDOW (window));
  one = get_height (TERN_COMPOSER (composer), "1");
  two = get_height (TERN_COMPOSER (composer), "1\n2");
  eight = get_height (TERN_COMPOSER (composer), "1\n2\n3\n4\n5\n6\n7\n8");
  g_assert_cmpint (two, >, one);
  g_assert_cmpint (eight - one, >=, 7 * (two - one) - 7);
  g_assert_cmpint (get_height (TERN_COMPOSER (composer), "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11"), ==,
                   eight);
  g_assert_cmpint (get_height (TERN_COMPOSER (composer), ""), ==, one);
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
find_label (GtkWidget  *widget,
            const char *text)
{
  gboolean is_found = GTK_IS_LABEL (widget) &&
                      g_strcmp0 (gtk_label_get_text (GTK_LABEL (widget)), text) == 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && !is_found;
       child = gtk_widget_get_next_sibling (child))
    is_found = find_label (child, text);

  return is_found;
}

static gboolean
is_told (const char *text)
{
  GListModel *windows = gtk_window_get_toplevels ();
  gboolean is_found = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (windows) && !is_found; i++)
    {
      g_autoptr(GtkWidget) window = g_list_model_get_item (windows, i);

      is_found = find_label (window, text);
    }

  return is_found;
}

static GtkWidget *
find_send_button (GtkWidget *widget)
{
  GtkWidget *found = gtk_widget_has_css_class (widget, "suggested-action") ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_send_button (child);

  return found;
}

static void
sent_cb (guint *n_sent)
{
  (*n_sent)++;
}

/* What is more than one message can hold stays, and one is told. */
static void
test_too_long (void)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *composer = tern_composer_new ();
  g_autofree char *text = g_strnfill (20001, 'x');
  g_autofree char *left = NULL;
  guint n_sent = 0;

  gtk_window_set_child (GTK_WINDOW (window), composer);
  gtk_window_present (GTK_WINDOW (window));
  g_signal_connect_swapped (composer, "send", G_CALLBACK (sent_cb), &n_sent);
  tern_composer_set_text (TERN_COMPOSER (composer), text);
  g_signal_emit_by_name (find_send_button (composer), "clicked");
  g_assert_cmpuint (n_sent, ==, 0);
  left = tern_composer_dup_text (TERN_COMPOSER (composer));
  g_assert_cmpstr (left, ==, text);
  g_assert_true (is_told ("The message is too long"));
  tern_composer_set_text (TERN_COMPOSER (composer), text + 1);
  g_signal_emit_by_name (find_send_button (composer), "clicked");
  g_assert_cmpuint (n_sent, ==, 1);
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/composer/mention", test_mention);
  g_test_add_func ("/composer/edited", test_edited);
  g_test_add_func ("/composer/no-mention", test_no_mention);
  g_test_add_func ("/composer/dismissed", test_dismissed);
  g_test_add_func ("/composer/everybody", test_everybody);
  g_test_add_func ("/composer/draft", test_draft);
  g_test_add_func ("/composer/grows", test_grows);
  g_test_add_func ("/composer/too-long", test_too_long);

  return g_test_run ();
}
