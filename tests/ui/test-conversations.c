/* test-conversations.c: the list of conversations does not jump
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is on the screen is read from the widgets alone.
 */

#include "config.h"

#include "conversations-fixture.h"
#include "tern-conversation-row.h"

#define PADDING 6
#define MARGIN 240

typedef struct
{
  TernConversation *conversation; /* (borrowed) */
  GtkWidget        *widget;
  double            top;
  double            bottom;
} ShownRow;

static void
hide (ConversationsFixture *self,
      guint                 which)
{
  g_autofree char *id = conversations_make_id (which);
  g_autoptr(GError) error = NULL;

  store_fixture_begin (&self->store);
  tern_store_hide_conversation (self->store.writer, id, self->store.changes, &error);
  g_assert_no_error (error);
  conversations_tell (self);
}

static void
pin (ConversationsFixture *self,
     guint                 which,
     gboolean              is_pinned)
{
  g_autoptr(TernConversationRecord) record = tern_conversation_record_new ();
  g_autoptr(GError) error = NULL;

  store_fixture_begin (&self->store);
  g_free (record->id);
  record->id = conversations_make_id (which);
  record->chat_type = TERN_CHAT_SINGLE;
  g_free (record->user_id);
  record->user_id = g_strdup_printf ("u%05u", which);
  record->is_pinned = is_pinned;
  tern_store_put_conversation (self->store.writer, record, self->store.changes, &error);
  g_assert_no_error (error);
  conversations_tell (self);
}

static int
compare_rows (gconstpointer a,
              gconstpointer b)
{
  const ShownRow *left = a;
  const ShownRow *right = b;

  return left->top < right->top ? -1 : left->top > right->top;
}

static GArray *
list_rows (ConversationsFixture *self)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (ShownRow));

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->view)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      graphene_rect_t bounds;
      ShownRow row;

      if (!gtk_widget_get_child_visible (child))
        continue;
      g_assert_true (gtk_widget_compute_bounds (child, GTK_WIDGET (self->view), &bounds));
      row.widget = child;
      row.conversation = tern_conversation_row_widget_get (TERN_CONVERSATION_ROW (child));
      row.top = bounds.origin.y;
      row.bottom = bounds.origin.y + bounds.size.height;
      g_assert_nonnull (row.conversation);
      g_array_append_val (rows, row);
    }
  g_array_sort (rows, compare_rows);

  return rows;
}

/* Where the upper edge of its row is. */
static double
find_top (ConversationsFixture *self,
          TernConversation     *conversation)
{
  g_autoptr(GArray) rows = list_rows (self);

  for (guint i = 0; i < rows->len; i++)
    {
      if (g_array_index (rows, ShownRow, i).conversation == conversation)
        return g_array_index (rows, ShownRow, i).top;
    }
  g_assert_not_reached ();
}

/* The first that is in view whole. */
static ShownRow
get_anchor (ConversationsFixture *self)
{
  g_autoptr(GArray) rows = list_rows (self);

  for (guint i = 0; i < rows->len; i++)
    {
      ShownRow row = g_array_index (rows, ShownRow, i);

      if (row.top >= 0)
        return row;
    }
  g_assert_not_reached ();
}

/* The rows in view are those that the store has there, and adjoin. */
static void
check (ConversationsFixture *self)
{
  g_autoptr(GArray) rows = list_rows (self);
  GListModel *shown = G_LIST_MODEL (self->filter);
  int height = gtk_widget_get_height (GTK_WIDGET (self->view));
  TernVlistCounts counts;
  guint n = g_list_model_get_n_items (shown);

  tern_vlist_get_counts (TERN_VLIST (self->view), &counts);
  g_assert_cmpuint (counts.n_live, <=, 60);
  if (n == 0)
    {
      g_assert_cmpuint (rows->len, ==, 0);
      return;
    }
  /* What has the focus may wait out of view, below it or above. */
  if (g_array_index (rows, ShownRow, rows->len - 1).top >= height + MARGIN)
    g_array_set_size (rows, rows->len - 1);
  if (g_array_index (rows, ShownRow, 0).bottom <= -MARGIN)
    g_array_remove_index (rows, 0);
  g_assert_cmpuint (rows->len, >, 0);
  for (guint i = 0; i < rows->len; i++)
    {
      ShownRow row = g_array_index (rows, ShownRow, i);
      int place = tern_conversation_filter_find (self->filter,
                                                 tern_conversation_get_id (row.conversation));

      g_assert_cmpint (place, >=, 0);
      if (i == 0)
        {
          g_assert_cmpfloat (row.top, <=, place == 0 ? PADDING : 1);
          continue;
        }
      g_assert_cmpfloat_with_epsilon (row.top, g_array_index (rows, ShownRow, i - 1).bottom, 0.5);
      g_assert_cmpint (place, ==, tern_conversation_filter_find (
                                    self->filter,
                                    tern_conversation_get_id (
                                      g_array_index (rows, ShownRow, i - 1).conversation)) + 1);
      if (i + 1 == rows->len && place + 1 < (int) n)
        g_assert_cmpfloat (row.bottom, >=, height);
    }
}

static GtkEventController *
find_controller (gpointer widget,
                 GType    type)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (controller, type))
        return controller;
    }
  g_assert_not_reached ();
}

static void
point (ConversationsFixture *self,
       const char           *what)
{
  GtkEventController *motion = find_controller (self->view, GTK_TYPE_EVENT_CONTROLLER_MOTION);

  if (g_str_equal (what, "leave"))
    g_signal_emit_by_name (motion, what);
  else
    g_signal_emit_by_name (motion, what, 100.0, 100.0);
}

/* --- tests --- */

static void
test_opens_at_the_top (void)
{
  ConversationsFixture self = { 0 };
  TernVlistCounts counts;
  ShownRow first;

  conversations_set_up (&self, 2000);
  check (&self);
  first = get_anchor (&self);
  g_assert_cmpstr (tern_conversation_get_id (first.conversation), ==, "si_self_u00000");
  g_assert_cmpfloat (first.top, ==, PADDING);
  tern_vlist_get_counts (TERN_VLIST (self.view), &counts);
  g_assert_cmpuint (counts.n_created, <=, 30);
  g_assert_cmpuint (counts.n_bound, <=, 30);
  conversations_tear_down (&self);
}

/* At the top, it stays at the top; one new row is all that it takes. */
static void
test_bump_at_the_top (void)
{
  ConversationsFixture self = { 0 };
  TernVlistCounts before;
  TernVlistCounts after;

  conversations_set_up (&self, 2000);
  tern_vlist_get_counts (TERN_VLIST (self.view), &before);
  conversations_bump (&self, 1500);
  conversations_frame (&self);
  check (&self);
  g_assert_cmpstr (tern_conversation_get_id (get_anchor (&self).conversation), ==,
                   "si_self_u01500");
  tern_vlist_get_counts (TERN_VLIST (self.view), &after);
  g_assert_cmpuint (after.n_bound - before.n_bound, <=, 1);
  /* One that is in view takes its row along. */
  before = after;
  conversations_bump (&self, 3);
  conversations_frame (&self);
  check (&self);
  g_assert_cmpstr (tern_conversation_get_id (get_anchor (&self).conversation), ==,
                   "si_self_u00003");
  tern_vlist_get_counts (TERN_VLIST (self.view), &after);
  g_assert_cmpuint (after.n_bound, ==, before.n_bound);
  conversations_tear_down (&self);
}

/* Elsewhere nothing moves, whatever goes up. */
static void
test_bump_elsewhere (void)
{
  ConversationsFixture self = { 0 };
  ShownRow anchor;

  conversations_set_up (&self, 2000);
  conversations_scroll (&self, 20000);
  check (&self);
  anchor = get_anchor (&self);
  for (guint i = 0; i < 50; i++)
    {
      conversations_bump (&self, i % 2 == 0 ? i * 31 % 250 : 1000 + i);
      conversations_frame (&self);
      check (&self);
      g_assert_cmpfloat (find_top (&self, anchor.conversation), ==, anchor.top);
    }
  /* The anchor itself goes: what follows takes its place. */
  {
    guint place = (guint) tern_conversation_filter_find (
      self.filter, tern_conversation_get_id (anchor.conversation));
    g_autoptr(TernConversation) follower = g_list_model_get_item (G_LIST_MODEL (self.filter),
                                                                  place + 1);

    conversations_bump (&self, (guint) g_ascii_strtoull (strrchr (tern_conversation_get_id (
                                                      anchor.conversation), 'u') + 1, NULL, 10));
    conversations_frame (&self);
    check (&self);
    g_assert_cmpfloat (find_top (&self, follower), ==, anchor.top);
  }
  conversations_tear_down (&self);
}

/* A thousand at once are taken over together. */
static void
test_many_at_once (void)
{
  ConversationsFixture self = { 0 };
  TernVlistCounts before;
  TernVlistCounts after;

  conversations_set_up (&self, 2000);
  tern_vlist_get_counts (TERN_VLIST (self.view), &before);
  store_fixture_begin (&self.store);
  for (guint i = 0; i < 1000; i++)
    conversations_put (&self, 1999 - i);
  conversations_tell (&self);
  conversations_frame (&self);
  check (&self);
  g_assert_cmpstr (tern_conversation_get_id (get_anchor (&self).conversation), ==,
                   "si_self_u01000");
  tern_vlist_get_counts (TERN_VLIST (self.view), &after);
  g_assert_cmpuint (after.n_bound - before.n_bound, <=, 30);
  /* In the middle as well: what is looked at is still there, with its row. */
  conversations_scroll (&self, 3000);
  {
    ShownRow anchor = get_anchor (&self);

    store_fixture_begin (&self.store);
    for (guint i = 0; i < 500; i++)
      conversations_put (&self, i);
    conversations_tell (&self);
    conversations_frame (&self);
    check (&self);
    g_assert_cmpfloat (find_top (&self, anchor.conversation), ==, anchor.top);
  }
  conversations_tear_down (&self);
}

/* Nothing moves under a pointer that is about to click. */
static void
test_holds_still (void)
{
  ConversationsFixture self = { 0 };
  ShownRow first;

  conversations_set_up (&self, 200);
  first = get_anchor (&self);
  point (&self, "enter");
  point (&self, "motion");
  conversations_bump (&self, 150);
  hide (&self, 1);
  conversations_frame (&self);
  g_assert_cmpfloat (find_top (&self, first.conversation), ==, first.top);
  g_assert_cmpint (tern_conversation_filter_find (self.filter, "si_self_u00001"), ==, 1);
  point (&self, "leave");
  conversations_frame (&self);
  check (&self);
  g_assert_cmpint (tern_conversation_filter_find (self.filter, "si_self_u00150"), ==, 0);
  g_assert_cmpint (tern_conversation_filter_find (self.filter, "si_self_u00001"), ==, -1);

  /* A menu is open. */
  tern_conversation_view_set_has_menu (self.view, TRUE);
  conversations_bump (&self, 160);
  conversations_frame (&self);
  g_assert_cmpint (tern_conversation_filter_find (self.filter, "si_self_u00150"), ==, 0);
  tern_conversation_view_set_has_menu (self.view, FALSE);
  conversations_frame (&self);
  g_assert_cmpint (tern_conversation_filter_find (self.filter, "si_self_u00160"), ==, 0);
  check (&self);

  /* A pointer that lies there holds it for a moment only. */
  point (&self, "motion");
  conversations_bump (&self, 170);
  while (tern_conversation_filter_find (self.filter, "si_self_u00170") != 0)
    g_main_context_iteration (NULL, TRUE);
  conversations_frame (&self);
  check (&self);
  conversations_tear_down (&self);
}

/* The chosen one is an ID: it is the same one wherever it goes. */
static void
test_selection_and_focus (void)
{
  ConversationsFixture self = { 0 };
  ShownRow row;
  GtkWidget *widget;

  conversations_set_up (&self, 2000);
  tern_conversation_view_select (self.view, "si_self_u00004");
  g_assert_true (tern_vlist_focus_index (TERN_VLIST (self.view), 4));
  widget = gtk_window_get_focus (GTK_WINDOW (self.window));
  g_assert_true (TERN_IS_CONVERSATION_ROW (widget));
  conversations_bump (&self, 4);
  conversations_frame (&self);
  check (&self);
  row = get_anchor (&self);
  g_assert_cmpstr (tern_conversation_get_id (row.conversation), ==, "si_self_u00004");
  g_assert_true (gtk_widget_get_state_flags (row.widget) & GTK_STATE_FLAG_SELECTED);
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (self.window)) == row.widget);
  /* Far out of view it keeps the focus; and the row of another is not selected. */
  for (guint i = 0; i < 30; i++)
    conversations_scroll (&self, 200);
  check (&self);
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (self.window)) == widget);
  row = get_anchor (&self);
  g_assert_false (gtk_widget_get_state_flags (row.widget) & GTK_STATE_FLAG_SELECTED);
  gtk_widget_activate_action (widget, "default.activate", NULL);
  conversations_tear_down (&self);
}

static void
test_filter (void)
{
  ConversationsFixture self = { 0 };

  conversations_set_up (&self, 500);
  conversations_scroll (&self, 2000);
  tern_conversation_filter_set_text (self.filter, "OKAFOR");
  tern_vlist_pin (TERN_VLIST (self.view));
  conversations_frame (&self);
  check (&self);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self.filter)), ==, 250);
  g_assert_cmpfloat (get_anchor (&self).top, ==, PADDING);
  conversations_bump (&self, 401);
  conversations_bump (&self, 402);
  conversations_frame (&self);
  check (&self);
  g_assert_cmpint (tern_conversation_filter_find (self.filter, "si_self_u00402"), ==, 0);
  tern_conversation_filter_set_text (self.filter, "小满");
  conversations_frame (&self);
  check (&self);
  g_assert_cmpint (tern_conversation_filter_find (self.filter, "si_self_u00401"), ==, 0);
  tern_conversation_filter_set_text (self.filter, "nobody");
  conversations_frame (&self);
  check (&self);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self.filter)), ==, 0);
  tern_conversation_filter_set_text (self.filter, "");
  conversations_frame (&self);
  check (&self);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self.filter)), ==, 500);
  conversations_tear_down (&self);
}

/* Larger text needs higher rows, all of them. */
static void
test_larger_text (void)
{
  ConversationsFixture self = { 0 };
  GtkSettings *settings = gtk_settings_get_default ();
  ShownRow row;
  int dpi;

  conversations_set_up (&self, 300);
  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  row = get_anchor (&self);
  g_assert_cmpfloat (row.bottom - row.top, ==, 64);
  g_object_set (settings, "gtk-xft-dpi", 2 * 96 * 1024, NULL);
  for (guint i = 0; i < 3; i++)
    conversations_frame (&self);
  check (&self);
  row = get_anchor (&self);
  g_assert_cmpfloat (row.bottom - row.top, >, 64);
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
  for (guint i = 0; i < 3; i++)
    conversations_frame (&self);
  check (&self);
  row = get_anchor (&self);
  g_assert_cmpfloat (row.bottom - row.top, ==, 64);
  conversations_tear_down (&self);
}

static void
operate (ConversationsFixture *self,
         GRand                *rand,
         guint                 n)
{
  static const char *const texts[] = { "", "maya", "满", "u0", "" };

  switch (g_rand_int_range (rand, 0, 12))
    {
    case 0: case 1: case 2:
      gtk_adjustment_set_value (self->adjustment, gtk_adjustment_get_value (self->adjustment) +
                                                  g_rand_int_range (rand, -900, 900));
      break;
    case 3:
      hide (self, (guint) g_rand_int_range (rand, 0, (int) n));
      break;
    case 4:
      pin (self, (guint) g_rand_int_range (rand, 0, (int) n), g_rand_boolean (rand));
      break;
    case 5:
      tern_conversation_filter_set_text (self->filter,
                                         texts[g_rand_int_range (rand, 0, G_N_ELEMENTS (texts))]);
      break;
    case 6:
      store_fixture_begin (&self->store);
      for (int i = g_rand_int_range (rand, 0, 100); i > 0; i--)
        conversations_put (self, (guint) g_rand_int_range (rand, 0, (int) n));
      conversations_tell (self);
      break;
    case 7:
      if (tern_vlist_get_n_slots (TERN_VLIST (self->view)) > 0)
        {
          guint n_slots = tern_vlist_get_n_slots (TERN_VLIST (self->view));

          tern_vlist_focus_index (TERN_VLIST (self->view),
                                  (guint) g_rand_int_range (rand, 0, (int) n_slots));
        }
      break;
    case 8:
      tern_vlist_pin (TERN_VLIST (self->view));
      break;
    default:
      conversations_bump (self, (guint) g_rand_int_range (rand, 0, (int) n));
      break;
    }
}

/* After everything, the rows in view are right; and what only happened
 * elsewhere moved nothing. */
static void
run (guint32 seed)
{
  static const guint sizes[] = { 1, 3, 20, 300 };
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);

  g_test_message ("TERN_TEST_SEED=%u", seed);
  for (guint size = 0; size < G_N_ELEMENTS (sizes); size++)
    {
      ConversationsFixture self = { 0 };

      conversations_set_up (&self, sizes[size]);
      for (guint i = 0; i < 750; i++)
        {
          operate (&self, rand, sizes[size]);
          conversations_frame (&self);
          check (&self);
        }
      conversations_tear_down (&self);
    }
}

static void
test_random (void)
{
  const char *seed = g_getenv ("TERN_TEST_SEED");

  run (seed != NULL ? (guint32) g_ascii_strtoull (seed, NULL, 10) : (guint32) g_test_rand_int ());
}

/* A digit stands in the middle of its badge, from whichever side one reads. */
static void
test_badge (void)
{
  static const GtkTextDirection directions[] = { GTK_TEXT_DIR_LTR, GTK_TEXT_DIR_RTL };

  for (guint i = 0; i < G_N_ELEMENTS (directions); i++)
    {
      ConversationsFixture self = { 0 };
      g_autoptr(GArray) rows = NULL;
      guint n_badges = 0;

      gtk_widget_set_default_direction (directions[i]);
      conversations_set_up (&self, 20);
      conversations_frame (&self);
      rows = list_rows (&self);
      for (guint k = 0; k < rows->len; k++)
        {
          GtkWidget *child =
            gtk_widget_get_first_child (g_array_index (rows, ShownRow, k).widget);
          int x;
          int y;
          int width;

          while (!gtk_widget_has_css_class (child, "badge"))
            child = gtk_widget_get_next_sibling (child);
          if (!gtk_widget_get_child_visible (child))
            continue;
          /* As the style has it, only more. */
          gtk_widget_set_size_request (child, 60, -1);
          conversations_frame (&self);
          gtk_label_get_layout_offsets (GTK_LABEL (child), &x, &y);
          pango_layout_get_pixel_size (gtk_label_get_layout (GTK_LABEL (child)), &width, NULL);
          g_assert_cmpfloat_with_epsilon (x + width / 2.0,
                                          gtk_widget_get_width (child) / 2.0, 1);
          n_badges++;
        }
      g_assert_cmpuint (n_badges, >, 0);
      conversations_tear_down (&self);
    }
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/conversations/opens-at-the-top", test_opens_at_the_top);
  g_test_add_func ("/conversations/bump-at-the-top", test_bump_at_the_top);
  g_test_add_func ("/conversations/bump-elsewhere", test_bump_elsewhere);
  g_test_add_func ("/conversations/many-at-once", test_many_at_once);
  g_test_add_func ("/conversations/holds-still", test_holds_still);
  g_test_add_func ("/conversations/selection-and-focus", test_selection_and_focus);
  g_test_add_func ("/conversations/filter", test_filter);
  g_test_add_func ("/conversations/larger-text", test_larger_text);
  g_test_add_func ("/conversations/badge", test_badge);
  g_test_add_func ("/conversations/random", test_random);

  return g_test_run ();
}
