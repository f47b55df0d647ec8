/* test-drag.c: messages are chosen with a real pointer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the display lets xdotool move it.
 */

#include "config.h"

#include <math.h>

#include "test-support.h"
#include "timeline-fixture.h"
#include "ui-support.h"

#include "tern-message-row.h"
#include "tern-picture.h"

/* Beside the texts. */
#define X 680
#define SECONDS 60

typedef struct
{
  TimelineFixture timeline;
  double          pointer_x; /* in the window, as far as it knows */
  double          pointer_y;
  TernMessage    *from;      /* (borrowed) (nullable) */
  guint           n_dragged; /* how often another message was reached */
  guint           n_opened;
} Drag;

static void
moved_cb (Drag   *self,
          double  x,
          double  y)
{
  self->pointer_x = x;
  self->pointer_y = y;
}

/* As the page does it. */
static void
dragged_cb (Drag        *self,
            TernMessage *from,
            TernMessage *to)
{
  self->from = from;
  self->n_dragged++;
  tern_timeline_set_selecting (self->timeline.timeline, TRUE);
  tern_timeline_extend (self->timeline.timeline, from, to);
}

static void
set_up (Drag *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();

  timeline_fixture_set_up (&self->timeline, 2000);
  /* Something of the window is above it. */
  gtk_widget_set_margin_top (self->timeline.bin, 60);
  gtk_event_controller_set_propagation_phase (motion, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (motion, "enter", G_CALLBACK (moved_cb), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (moved_cb), self);
  gtk_widget_add_controller (self->timeline.window, motion);
  g_signal_connect_swapped (self->timeline.timeline, "dragged", G_CALLBACK (dragged_cb), self);
  timeline_fixture_frame (&self->timeline);
}

static void
xdotool (const char *what)
{
  g_autofree char *command = g_strdup_printf ("xdotool %s", what);
  g_autoptr(GError) error = NULL;
  int status;

  g_spawn_command_line_sync (command, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
}

/* Waits until the window has heard of it. */
static void
move (Drag   *self,
      double  x, /* in the view */
      double  y)
{
  g_autofree char *command = NULL;
  double left;
  double top;

  gtk_widget_translate_coordinates (GTK_WIDGET (self->timeline.view), self->timeline.window, x, y,
                                    &x, &y);
  gtk_native_get_surface_transform (GTK_NATIVE (self->timeline.window), &left, &top);
  x = round (x);
  y = round (y);
  command = g_strdup_printf ("mousemove %d %d", (int) (x + left), (int) (y + top));
  xdotool (command);
  test_wait_for (fabs (self->pointer_x - x) <= 1 && fabs (self->pointer_y - y) <= 1, SECONDS);
}

static void
press (Drag   *self,
       double  x,
       double  y)
{
  move (self, x, y);
  xdotool ("mousedown 1");
}

/* Also when a test is at its end: the next one has the same pointer. */
static void
let_go (void)
{
  xdotool ("mouseup 1");
}

static void
tear_down (Drag *self)
{
  let_go ();
  timeline_fixture_tear_down (&self->timeline);
}

static double
get_value (Drag *self)
{
  return gtk_adjustment_get_value (self->timeline.adjustment);
}

static guint
count_selected (Drag *self)
{
  g_autoptr(GPtrArray) messages = tern_timeline_dup_selected (self->timeline.timeline);

  return messages->len;
}

/* Begins in the middle, so that there is something on either side. */
static void
drag_to (Drag   *self,
         double  y)
{
  guint n_dragged = self->n_dragged;

  g_assert_true (tern_timeline_jump (self->timeline.timeline, 1001));
  timeline_fixture_frame (&self->timeline);
  press (self, X, 300);
  move (self, X, 250);
  move (self, X, 150);
  test_wait_for (self->n_dragged > n_dragged, SECONDS);
  move (self, X, y);
}

/* Beyond an edge the list moves, and what comes into view is chosen too. */
static void
test_beyond_an_edge (gconstpointer data)
{
  gboolean is_lower = GPOINTER_TO_INT (data);
  Drag self = { 0 };
  double value;

  set_up (&self);
  drag_to (&self, is_lower ? timeline_fixture_height (&self.timeline) + 20 : -20);
  value = get_value (&self);
  test_wait_for (count_selected (&self) >= 40, SECONDS);
  if (is_lower)
    g_assert_cmpfloat (get_value (&self), >, value);
  else
    g_assert_cmpfloat (get_value (&self), <, value);
  tear_down (&self);
}

/* However late a frame is, one goes on from where one was. */
static void
test_late_frame (void)
{
  Drag self = { 0 };
  double value;

  set_up (&self);
  drag_to (&self, -20);
  value = get_value (&self);
  test_wait_for (get_value (&self) != value, SECONDS);
  value = get_value (&self);
  g_usleep (G_USEC_PER_SEC);
  timeline_fixture_frame (&self.timeline);
  g_assert_cmpfloat (get_value (&self), <, value);
  /* 44 pixels beyond where it begins, twelvefold, for a twentieth of a second. */
  g_assert_cmpfloat (get_value (&self), >=, value - 2 * 44 * 12 * 0.05);
  tear_down (&self);
}

/* When there is nothing to choose any more, the pointer chooses nothing and
 * moves nothing, though the button is still down. */
static void
test_ends (gconstpointer data)
{
  gboolean is_other_chat = GPOINTER_TO_INT (data);
  Drag self = { 0 };
  guint n_dragged;
  double value;

  set_up (&self);
  drag_to (&self, -20);
  if (is_other_chat)
    {
      tern_timeline_set_source (self.timeline.timeline, NULL);
      tern_timeline_set_source (self.timeline.timeline,
                                TERN_TIMELINE_SOURCE (self.timeline.list));
    }
  else
    tern_timeline_set_selecting (self.timeline.timeline, FALSE);
  timeline_fixture_frame (&self.timeline);
  timeline_fixture_frame (&self.timeline);
  n_dragged = self.n_dragged;
  value = get_value (&self);
  for (guint i = 0; i < 5; i++)
    {
      move (&self, X, i % 2 == 0 ? 400 : -20);
      timeline_fixture_frame (&self.timeline);
      timeline_fixture_frame (&self.timeline);
    }
  g_assert_cmpuint (self.n_dragged, ==, n_dragged);
  g_assert_cmpuint (count_selected (&self), ==, 0);
  g_assert_cmpfloat_with_epsilon (get_value (&self), value, 0.5);
  /* And the next one is a drag like any other. */
  let_go ();
  drag_to (&self, 500);
  g_assert_cmpuint (self.n_dragged, >, n_dragged);
  tear_down (&self);
}

static void
request_cb (Drag *self,
            int   what)
{
  if (what == TERN_ROW_REQUEST_OPEN)
    self->n_opened++;
}

/* Pressed and let go of, a picture opens; one can drag from it as from any
 * other message, and then it does not. */
static void
test_from_a_picture (void)
{
  Drag self = { 0 };
  GtkWidget *row;
  GtkWidget *picture;
  graphene_rect_t bounds;
  TernVlist *list;
  TernMessage *message;
  guint n;

  set_up (&self);
  timeline_fixture_append_content (&self.timeline, TERN_CONTENT_PICTURE,
                                   "{\"sourcePicture\":{\"width\":300,\"height\":200,\"size\":9,"
                                   "\"url\":\"http://127.0.0.1:9/p\"}}");
  timeline_fixture_append (&self.timeline, 3);
  timeline_fixture_frame (&self.timeline);
  timeline_fixture_frame (&self.timeline);
  list = TERN_VLIST (self.timeline.view);
  n = tern_vlist_get_n_slots (list);
  message = tern_vlist_get_item (list, n - 4);
  row = tern_vlist_get_row (list, n - 4);
  g_signal_connect_swapped (row, "request", G_CALLBACK (request_cb), &self);
  picture = ui_find_widget (row, TERN_TYPE_PICTURE);
  g_assert_true (gtk_widget_compute_bounds (picture, GTK_WIDGET (list), &bounds));

  press (&self, bounds.origin.x + 50, bounds.origin.y + 50);
  let_go ();
  test_wait_for (self.n_opened == 1, SECONDS);

  press (&self, bounds.origin.x + 50, bounds.origin.y + 50);
  move (&self, bounds.origin.x + 50, bounds.origin.y + 80);
  move (&self, bounds.origin.x + 50, bounds.origin.y + bounds.size.height + 70);
  test_wait_for (self.n_dragged > 0, SECONDS);
  g_assert_true (self.from == message);
  let_go ();
  move (&self, bounds.origin.x + 50, bounds.origin.y + 50);
  timeline_fixture_frame (&self.timeline);
  g_assert_cmpuint (self.n_opened, ==, 1);
  g_assert_cmpuint (count_selected (&self), >=, 2);
  tear_down (&self);
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);

  g_test_add_data_func ("/drag/beyond-the-upper-edge", GINT_TO_POINTER (FALSE),
                        test_beyond_an_edge);
  g_test_add_data_func ("/drag/beyond-the-lower-edge", GINT_TO_POINTER (TRUE),
                        test_beyond_an_edge);
  g_test_add_func ("/drag/late-frame", test_late_frame);
  g_test_add_data_func ("/drag/ends-with-choosing", GINT_TO_POINTER (FALSE), test_ends);
  g_test_add_data_func ("/drag/ends-with-the-chat", GINT_TO_POINTER (TRUE), test_ends);
  g_test_add_func ("/drag/from-a-picture", test_from_a_picture);

  return g_test_run ();
}
