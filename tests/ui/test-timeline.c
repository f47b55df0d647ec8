/* test-timeline.c: what is in view does not move
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The geometry tests of the list: real store, real rows, real scrolled window.
 */

#include "config.h"

#include <math.h>

#include "timeline-fixture.h"

#include "tern-message-row.h"
#include "test-support.h"

/* Below the last row, so that it does not touch the composer. */
#define PADDING 12
#define SECONDS 60
#define LONG_TEXT "a much longer text than before, which needs more lines than it had, so that " \
                  "everything after it would have to make room, were it not for the anchor " \
                  "that holds what somebody reads; and some more words for good measure, since " \
                  "the view is wide and one line holds many of them"

static ShownRow
get_last (TimelineFixture *self)
{
  g_autoptr(GArray) rows = timeline_fixture_rows (self);

  g_assert_cmpuint (rows->len, >, 0);

  return g_array_index (rows, ShownRow, rows->len - 1);
}

/* The first that is in view whole. */
static ShownRow
get_anchor (TimelineFixture *self)
{
  g_autoptr(GArray) rows = timeline_fixture_rows (self);

  for (guint i = 0; i < rows->len; i++)
    {
      ShownRow row = g_array_index (rows, ShownRow, i);

      if (row.top >= 0)
        return row;
    }
  g_assert_not_reached ();
}

static void
assert_at_end (TimelineFixture *self)
{
  ShownRow last = get_last (self);

  g_assert_cmpint (tern_message_get_seq (last.message), ==, self->max_seq);
  g_assert_cmpfloat_with_epsilon (last.bottom, timeline_fixture_height (self) - PADDING, 1);
}

static void
assert_covered (TimelineFixture *self)
{
  g_autoptr(GArray) rows = timeline_fixture_rows (self);

  g_assert_cmpuint (rows->len, >, 0);
  g_assert_cmpuint (rows->len, <=, 60);
  /* What has the focus may wait out of view. */
  if (g_array_index (rows, ShownRow, rows->len - 1).top >= timeline_fixture_height (self) + 240)
    g_array_set_size (rows, rows->len - 1);
  for (guint i = 1; i < rows->len; i++)
    g_assert_cmpfloat_with_epsilon (g_array_index (rows, ShownRow, i).top,
                                    g_array_index (rows, ShownRow, i - 1).bottom, 0.5);
  if (tern_vlist_get_n_slots (TERN_VLIST (self->view)) > 40)
    {
      g_assert_cmpfloat (g_array_index (rows, ShownRow, 0).top, <=, PADDING + 1);
      g_assert_cmpfloat (g_array_index (rows, ShownRow, rows->len - 1).bottom, >=,
                         timeline_fixture_height (self) - PADDING - 1);
    }
}

static void
assert_not_moved (TimelineFixture *self,
                  const ShownRow  *before,
                  double           by)
{
  ShownRow now;

  g_assert_true (timeline_fixture_find (self, tern_message_get_seq (before->message), &now));
  g_assert_cmpfloat_with_epsilon (now.top, before->top + by, 1);
}

static void
scroll (TimelineFixture *self,
        double           by)
{
  gtk_adjustment_set_value (self->adjustment, gtk_adjustment_get_value (self->adjustment) + by);
  timeline_fixture_frame (self);
}

static void
go_to_middle (TimelineFixture *self)
{
  g_assert_true (tern_timeline_jump (self->timeline, self->max_seq / 20 * 10 + 1));
  /* A newer GTK gives it to a row, which then holds the view. */
  gtk_window_set_focus (GTK_WINDOW (self->window), NULL);
  timeline_fixture_frame (self);
  timeline_fixture_frame (self);
}

static void
test_opens_at_the_end (void)
{
  TimelineFixture self = { 0 };
  TernVlistCounts counts;

  timeline_fixture_set_up (&self, 20000);
  timeline_fixture_frame (&self);
  assert_at_end (&self);
  assert_covered (&self);
  tern_vlist_get_counts (TERN_VLIST (self.view), &counts);
  g_assert_cmpuint (counts.n_created, <=, 30);
  g_assert_cmpuint (counts.n_loads, <=, 2);
  timeline_fixture_tear_down (&self);
}

static void
test_opens_at_the_first_unread (void)
{
  TimelineFixture self = { 0 };
  ShownRow row;

  timeline_fixture_set_up (&self, 5000);
  /* 2002 is one's own: the line belongs above the first of somebody else. */
  g_assert_true (tern_timeline_open_unread (self.timeline, 2003));
  timeline_fixture_frame (&self);
  g_assert_true (timeline_fixture_find (&self, 2004, &row) ||
                 timeline_fixture_find (&self, 2005, &row) ||
                 timeline_fixture_find (&self, 2006, &row));
  g_assert_cmpfloat_with_epsilon (row.top, timeline_fixture_height (&self) * 0.25, 1);
  assert_covered (&self);
  timeline_fixture_tear_down (&self);
}

static void
test_prepending (void)
{
  TimelineFixture self = { 0 };

  timeline_fixture_set_up (&self, 5000);
  timeline_fixture_frame (&self);
  go_to_middle (&self);
  for (guint i = 0; i < 5; i++)
    {
      ShownRow before = get_anchor (&self);

      tern_timeline_source_load_older (TERN_TIMELINE_SOURCE (self.list), 50);
      timeline_fixture_frame (&self);
      assert_not_moved (&self, &before, 0);
      scroll (&self, -2000);
      assert_covered (&self);
    }
  timeline_fixture_tear_down (&self);
}

static void
test_growing_above (void)
{
  TimelineFixture self = { 0 };
  g_autoptr(GArray) rows = NULL;
  ShownRow before;
  ShownRow anchor;

  timeline_fixture_set_up (&self, 5000);
  timeline_fixture_frame (&self);
  go_to_middle (&self);
  rows = timeline_fixture_rows (&self);
  before = get_anchor (&self);
  /* All that have a row above it: the partly hidden one too. */
  for (guint i = 0; i < rows->len; i++)
    {
      ShownRow row = g_array_index (rows, ShownRow, i);

      if (row.top >= before.top)
        break;
      timeline_fixture_rewrite (&self, tern_message_get_seq (row.message), LONG_TEXT);
      timeline_fixture_frame (&self);
      assert_not_moved (&self, &before, 0);
      /* In place of a picture even a long text is small: another row may be the
       * first one by now. */
      anchor = get_anchor (&self);
      timeline_fixture_rewrite (&self, tern_message_get_seq (row.message), "short");
      timeline_fixture_frame (&self);
      assert_not_moved (&self, &anchor, 0);
      assert_covered (&self);
    }
  timeline_fixture_tear_down (&self);
}

static void
test_growing_at_the_end (void)
{
  TimelineFixture self = { 0 };

  timeline_fixture_set_up (&self, 500);
  timeline_fixture_frame (&self);
  timeline_fixture_rewrite (&self, self.max_seq - 1, LONG_TEXT);
  timeline_fixture_frame (&self);
  assert_at_end (&self);
  timeline_fixture_tear_down (&self);
}

static void
test_appending (void)
{
  TimelineFixture self = { 0 };
  ShownRow before;

  timeline_fixture_set_up (&self, 1000);
  timeline_fixture_frame (&self);
  for (guint i = 0; i < 180; i++)
    {
      if (i % 3 == 0)
        timeline_fixture_append (&self, 1);
      timeline_fixture_frame (&self);
      assert_at_end (&self);
    }
  scroll (&self, -700);
  before = get_anchor (&self);
  g_assert_false (tern_vlist_get_is_pinned (TERN_VLIST (self.view)));
  for (guint i = 0; i < 20; i++)
    {
      timeline_fixture_append (&self, 1);
      timeline_fixture_frame (&self);
      assert_not_moved (&self, &before, 0);
    }
  tern_timeline_open_end (self.timeline);
  timeline_fixture_frame (&self);
  assert_at_end (&self);
  timeline_fixture_tear_down (&self);
}

static void
test_scrolling (void)
{
  TimelineFixture self = { 0 };
  TernVlistCounts start;
  TernVlistCounts counts;

  timeline_fixture_set_up (&self, 20000);
  timeline_fixture_frame (&self);
  go_to_middle (&self);
  tern_vlist_get_counts (TERN_VLIST (self.view), &start);
  for (guint i = 0; i < 200; i++)
    {
      TernVlistCounts last;
      ShownRow before = get_anchor (&self);
      double by = i < 100 ? 40 : -40;

      tern_vlist_get_counts (TERN_VLIST (self.view), &last);
      scroll (&self, by);
      if (before.top - by >= 0)
        assert_not_moved (&self, &before, -by);
      assert_covered (&self);
      tern_vlist_get_counts (TERN_VLIST (self.view), &counts);
      g_assert_cmpuint (counts.n_bound - last.n_bound, <=, 3);
      g_assert_cmpuint (counts.n_live, <=, 60);
    }
  g_assert_cmpuint (tern_vlist_get_n_slots (TERN_VLIST (self.view)), <=, 512);
  /* One query for 48 rows, and those for the pages ahead. */
  g_assert_cmpuint (counts.n_loads - start.n_loads, <=, (counts.n_bound - start.n_bound) / 48 + 4);
  timeline_fixture_tear_down (&self);
}

static void
test_real_ends (void)
{
  TimelineFixture self = { 0 };
  ShownRow first;

  timeline_fixture_set_up (&self, 700);
  timeline_fixture_frame (&self);
  for (guint i = 0; i < 400; i++)
    {
      double value = gtk_adjustment_get_value (self.adjustment);

      scroll (&self, -300);
      assert_covered (&self);
      if (gtk_adjustment_get_value (self.adjustment) == value)
        break;
    }
  g_assert_true (timeline_fixture_find (&self, 1, &first));
  g_assert_cmpfloat_with_epsilon (first.top, PADDING, 1);
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (self.adjustment),
                                  gtk_adjustment_get_lower (self.adjustment), 1);
  for (guint i = 0; i < 400 && !tern_vlist_get_is_pinned (TERN_VLIST (self.view)); i++)
    scroll (&self, 300);
  assert_at_end (&self);
  timeline_fixture_tear_down (&self);
}

/* --- a real fling, through the scrolled window's own deceleration --- */

static GtkEventController *
find_scroll_controller (GtkScrolledWindow *scrolled)
{
  g_autoptr(GListModel) controllers =
    gtk_widget_observe_controllers (GTK_WIDGET (scrolled));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller) &&
          (gtk_event_controller_scroll_get_flags (GTK_EVENT_CONTROLLER_SCROLL (controller)) &
           GTK_EVENT_CONTROLLER_SCROLL_KINETIC) != 0)
        return controller;
    }
  g_assert_not_reached ();
}

/* Pixels a second. The way from rest to rest is this divided by the friction
 * of GtkScrolledWindow. */
#define VELOCITY 3000.0
#define FRICTION 4.0

static void
start_fling (TimelineFixture *self)
{
  /* What a notch of a wheel is, in GtkScrolledWindow. */
  double unit = pow (gtk_adjustment_get_page_size (self->adjustment), 2.0 / 3);

  g_signal_emit_by_name (find_scroll_controller (self->scrolled), "decelerate", 0.0,
                         -VELOCITY / unit);
}

static void
fling (TimelineFixture *self,
       int              disturbance)
{
  double travelled = 0;
  guint n_still = 0;
  guint n_backward = 0;

  start_fling (self);
  for (guint i = 0; i < 600 && n_still < 20; i++)
    {
      g_autoptr(GArray) rows = timeline_fixture_rows (self);
      /* One far up goes down farthest before it is gone; the first may grow, or
       * be given up. */
      ShownRow before = g_array_index (rows, ShownRow, 1);
      ShownRow now;
      gint64 seq = tern_message_get_seq (before.message);
      double by;

      if (disturbance == 1 && i % 10 == 5)
        timeline_fixture_append (self, 1);
      /* Not so many that what is in view would be given up at the other end. */
      else if (disturbance == 2 && i % 30 == 5)
        tern_timeline_source_load_older (TERN_TIMELINE_SOURCE (self->list), 50);
      else if (disturbance == 3 && i % 10 == 5)
        timeline_fixture_rewrite (self, tern_message_get_seq (
                                          g_array_index (rows, ShownRow, 0).message), LONG_TEXT);
      timeline_fixture_frame (self);
      g_assert_true (timeline_fixture_find (self, seq, &now));
      by = now.top - before.top;
      n_backward += by < -1;
      n_still = fabs (by) < 0.5 ? n_still + 1 : 0;
      travelled += by;
      assert_covered (self);
    }
  g_assert_cmpuint (n_backward, ==, 0);
  g_assert_cmpfloat_with_epsilon (travelled, VELOCITY / FRICTION, 5);
}

static void
test_flinging (void)
{
  TimelineFixture self = { 0 };

  timeline_fixture_set_up (&self, 20000);
  timeline_fixture_frame (&self);
  for (int disturbance = 0; disturbance < 4; disturbance++)
    {
      go_to_middle (&self);
      fling (&self, disturbance);
    }
  timeline_fixture_tear_down (&self);
}

static void
test_jumping_out_of_a_fling (void)
{
  TimelineFixture self = { 0 };
  ShownRow row;

  timeline_fixture_set_up (&self, 20000);
  timeline_fixture_frame (&self);
  go_to_middle (&self);
  start_fling (&self);
  for (guint i = 0; i < 5; i++)
    timeline_fixture_frame (&self);
  g_assert_true (tern_timeline_jump (self.timeline, 3001));
  timeline_fixture_frame (&self);
  for (guint i = 0; i < 90; i++)
    {
      g_assert_true (timeline_fixture_find (&self, 3001, &row));
      g_assert_cmpfloat_with_epsilon (row.top, timeline_fixture_height (&self) * 0.33, 1);
      timeline_fixture_frame (&self);
    }
  g_assert_false (tern_timeline_jump (self.timeline, 3000));
  timeline_fixture_tear_down (&self);
}

/* What is opened then is at its end, and stays there. */
static void
test_opening_out_of_a_fling (void)
{
  TimelineFixture self = { 0 };

  timeline_fixture_set_up (&self, 20000);
  timeline_fixture_frame (&self);
  go_to_middle (&self);
  start_fling (&self);
  for (guint i = 0; i < 5; i++)
    timeline_fixture_frame (&self);
  tern_timeline_set_source (self.timeline, NULL);
  tern_timeline_set_source (self.timeline, TERN_TIMELINE_SOURCE (self.list));
  for (guint i = 0; i < 90; i++)
    {
      timeline_fixture_frame (&self);
      assert_at_end (&self);
    }
  timeline_fixture_tear_down (&self);
}

static void
seen_cb (TernTimeline *timeline,
         gint64        seq,
         gint64       *seen_seq)
{
  *seen_seq = seq;
}

/* A chat behind another page is laid out as well, but nobody sees it. */
static void
test_hidden (void)
{
  TimelineFixture self = { 0 };
  TernVlist *list;
  gint64 seen_seq = 0;
  gint64 before;

  timeline_fixture_set_up (&self, 500);
  g_signal_connect (self.timeline, "seen", G_CALLBACK (seen_cb), &seen_seq);
  list = TERN_VLIST (self.view);
  test_wait_for (seen_seq == self.max_seq, SECONDS);
  before = seen_seq;
  gtk_widget_set_child_visible (GTK_WIDGET (self.timeline), FALSE);
  timeline_fixture_append (&self, 1);
  test_wait_for (tern_vlist_get_row (list, tern_vlist_get_n_slots (list) - 1) != NULL, SECONDS);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (seen_seq, ==, before);
  gtk_widget_set_child_visible (GTK_WIDGET (self.timeline), TRUE);
  test_wait_for (seen_seq == self.max_seq, SECONDS);
  timeline_fixture_tear_down (&self);
}

static void
test_resizing (void)
{
  TimelineFixture self = { 0 };

  timeline_fixture_set_up (&self, 5000);
  timeline_fixture_frame (&self);
  go_to_middle (&self);
  for (guint i = 0; i < 20; i++)
    {
      ShownRow before = get_anchor (&self);

      timeline_fixture_resize (&self, 360 + (int) (i * 97 % 440), 600);
      timeline_fixture_frame (&self);
      assert_not_moved (&self, &before, 0);
      assert_covered (&self);
    }
  for (guint i = 0; i < 20; i++)
    {
      ShownRow before = get_anchor (&self);
      int old = timeline_fixture_height (&self);

      timeline_fixture_resize (&self, 700, 600 - (int) (i * 53 % 90));
      timeline_fixture_frame (&self);
      /* The lower edge is what stays. */
      if (before.top + timeline_fixture_height (&self) - old > -200)
        assert_not_moved (&self, &before, timeline_fixture_height (&self) - old);
      assert_covered (&self);
    }
  tern_timeline_open_end (self.timeline);
  timeline_fixture_resize (&self, 500, 500);
  timeline_fixture_frame (&self);
  assert_at_end (&self);
  timeline_fixture_tear_down (&self);
}

static double
get_fraction (TimelineFixture *self)
{
  double lower = gtk_adjustment_get_lower (self->adjustment);
  double range = gtk_adjustment_get_upper (self->adjustment) -
                 gtk_adjustment_get_page_size (self->adjustment) - lower;

  return (gtk_adjustment_get_value (self->adjustment) - lower) / range;
}

static void
test_dragging (void)
{
  TimelineFixture self = { 0 };
  gint64 last_seq = G_MAXINT64;

  timeline_fixture_set_up (&self, 20000);
  timeline_fixture_frame (&self);
  for (guint i = 0; i <= 40; i++)
    {
      double fraction = 0.9 - i * 0.02;
      double lower = gtk_adjustment_get_lower (self.adjustment);
      double range = gtk_adjustment_get_upper (self.adjustment) -
                     gtk_adjustment_get_page_size (self.adjustment) - lower;
      ShownRow row;

      gtk_adjustment_set_value (self.adjustment, lower + fraction * range);
      timeline_fixture_frame (&self);
      row = get_anchor (&self);
      assert_covered (&self);
      g_assert_cmpint (tern_message_get_seq (row.message), <, last_seq);
      last_seq = tern_message_get_seq (row.message);
      g_assert_cmpfloat_with_epsilon (get_fraction (&self), fraction, 0.005);
      g_assert_cmpfloat_with_epsilon ((double) last_seq / 20000, fraction, 0.005);
    }
  gtk_adjustment_set_value (self.adjustment, gtk_adjustment_get_lower (self.adjustment));
  timeline_fixture_frame (&self);
  g_assert_cmpint (tern_message_get_seq (get_anchor (&self).message), ==, 1);
  gtk_adjustment_set_value (self.adjustment, gtk_adjustment_get_upper (self.adjustment));
  timeline_fixture_frame (&self);
  assert_at_end (&self);
  timeline_fixture_tear_down (&self);
}

static void
test_returning (void)
{
  TimelineFixture self = { 0 };
  TernTimelinePlace place;
  ShownRow before;

  timeline_fixture_set_up (&self, 5000);
  timeline_fixture_frame (&self);
  go_to_middle (&self);
  scroll (&self, -133);
  before = get_anchor (&self);
  before.message = g_object_ref (before.message);
  tern_timeline_get_place (self.timeline, &place);
  tern_timeline_set_source (self.timeline, NULL);
  timeline_fixture_frame (&self);
  tern_timeline_set_source (self.timeline, TERN_TIMELINE_SOURCE (self.list));
  g_assert_true (tern_timeline_open_place (self.timeline, &place));
  timeline_fixture_frame (&self);
  assert_not_moved (&self, &before, 0);
  assert_covered (&self);
  g_object_unref (before.message);
  timeline_fixture_tear_down (&self);
}

static void
test_few (void)
{
  for (guint n = 0; n < 4; n++)
    {
      TimelineFixture self = { 0 };

      timeline_fixture_set_up (&self, n);
      timeline_fixture_frame (&self);
      if (n > 0)
        assert_at_end (&self);
      timeline_fixture_append (&self, 1);
      timeline_fixture_frame (&self);
      assert_at_end (&self);
      timeline_fixture_delete (&self, self.max_seq);
      timeline_fixture_frame (&self);
      timeline_fixture_tear_down (&self);
    }
}

static void
test_walking (void)
{
  TimelineFixture self = { 0 };
  GtkWidget *focus;

  timeline_fixture_set_up (&self, 5000);
  timeline_fixture_frame (&self);
  g_assert_true (tern_timeline_focus (self.timeline));
  focus = gtk_window_get_focus (GTK_WINDOW (self.window));
  g_assert_true (gtk_widget_is_ancestor (focus, GTK_WIDGET (self.view)));
  /* What has the focus is not reused, however far one scrolls. */
  for (guint i = 0; i < 25; i++)
    scroll (&self, -40);
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (self.window)) == focus);
  g_assert_true (gtk_widget_get_mapped (focus));
  assert_covered (&self);
  timeline_fixture_tear_down (&self);
}

/* Nor does its height count where it waits: there would be no end of layouts, of
 * which GTK warns. */
static void
test_waiting_out_of_view (void)
{
  TimelineFixture self = { 0 };

  timeline_fixture_set_up (&self, 5000);
  timeline_fixture_frame (&self);
  timeline_fixture_rewrite (&self, self.max_seq, LONG_TEXT);
  timeline_fixture_frame (&self);
  g_assert_true (tern_vlist_focus_index (TERN_VLIST (self.view),
                                         tern_vlist_get_n_slots (TERN_VLIST (self.view)) - 1));
  for (guint i = 0; i < 25; i++)
    scroll (&self, -100);
  for (int width = 350; width <= 800; width += 150)
    {
      timeline_fixture_resize (&self, width, 600);
      for (guint i = 0; i < 5; i++)
        timeline_fixture_frame (&self);
      assert_covered (&self);
    }
  timeline_fixture_tear_down (&self);
}

static guint
count_selected (TimelineFixture *self)
{
  g_autoptr(GPtrArray) messages = tern_timeline_dup_selected (self->timeline);

  for (guint i = 1; i < messages->len; i++)
    g_assert_cmpint (tern_message_get_record (messages->pdata[i - 1])->position, <,
                     tern_message_get_record (messages->pdata[i])->position);

  return messages->len;
}

/* From the one that was chosen last to any other, there and back; what else was
 * chosen stays. */
static void
test_choosing (void)
{
  TimelineFixture self = { 0 };
  TernVlist *list;
  guint n;

  timeline_fixture_set_up (&self, 5000);
  timeline_fixture_frame (&self);
  list = TERN_VLIST (self.view);
  n = tern_vlist_get_n_slots (list);
  tern_timeline_set_selecting (self.timeline, TRUE);
  tern_timeline_toggle (self.timeline, tern_vlist_get_item (list, n - 40));
  tern_timeline_toggle (self.timeline, tern_vlist_get_item (list, n - 10));
  tern_timeline_extend (self.timeline, NULL, tern_vlist_get_item (list, n - 6));
  g_assert_cmpuint (count_selected (&self), ==, 1 + 5);
  tern_timeline_extend (self.timeline, NULL, tern_vlist_get_item (list, n - 12));
  g_assert_cmpuint (count_selected (&self), ==, 1 + 3);
  tern_timeline_extend (self.timeline, tern_vlist_get_item (list, n - 4),
                        tern_vlist_get_item (list, n - 3));
  g_assert_cmpuint (count_selected (&self), ==, 1 + 3 + 2);
  tern_timeline_set_selecting (self.timeline, FALSE);
  g_assert_cmpuint (count_selected (&self), ==, 0);

  /* By keyboard, the focus with it, beyond what is loaded. */
  tern_timeline_set_selecting (self.timeline, TRUE);
  g_assert_true (tern_vlist_focus_index (list, 1));
  for (guint i = 0; i < 3; i++)
    {
      GtkWidget *row = gtk_widget_get_focus_child (GTK_WIDGET (self.view));

      tern_timeline_extend_by (self.timeline,
                               tern_message_row_get_message (TERN_MESSAGE_ROW (row)), -1);
      timeline_fixture_frame (&self);
      g_assert_true (gtk_widget_get_focus_child (GTK_WIDGET (self.view)) != row);
    }
  g_assert_cmpuint (count_selected (&self), ==, 4);
  timeline_fixture_tear_down (&self);
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);

  g_test_add_func ("/timeline/opens-at-the-end", test_opens_at_the_end);
  g_test_add_func ("/timeline/opens-at-the-first-unread", test_opens_at_the_first_unread);
  g_test_add_func ("/timeline/prepending", test_prepending);
  g_test_add_func ("/timeline/growing-above", test_growing_above);
  g_test_add_func ("/timeline/growing-at-the-end", test_growing_at_the_end);
  g_test_add_func ("/timeline/appending", test_appending);
  g_test_add_func ("/timeline/scrolling", test_scrolling);
  g_test_add_func ("/timeline/real-ends", test_real_ends);
  g_test_add_func ("/timeline/flinging", test_flinging);
  g_test_add_func ("/timeline/jumping-out-of-a-fling", test_jumping_out_of_a_fling);
  g_test_add_func ("/timeline/opening-out-of-a-fling", test_opening_out_of_a_fling);
  g_test_add_func ("/timeline/hidden", test_hidden);
  g_test_add_func ("/timeline/resizing", test_resizing);
  g_test_add_func ("/timeline/dragging", test_dragging);
  g_test_add_func ("/timeline/returning", test_returning);
  g_test_add_func ("/timeline/few", test_few);
  g_test_add_func ("/timeline/walking", test_walking);
  g_test_add_func ("/timeline/waiting-out-of-view", test_waiting_out_of_view);
  g_test_add_func ("/timeline/choosing", test_choosing);

  return g_test_run ();
}
