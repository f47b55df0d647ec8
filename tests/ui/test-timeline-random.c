/* test-timeline-random.c: random operations, and mistakes on purpose
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * After every operation: the view is covered, rows adjoin, they are those that
 * SQLite has in that order, and what was read did not move. The seeds are fixed,
 * so that a failure is one of the change at hand; TERN_RANDOM_SEEDS, "first" or
 * "first-last", asks for others, TERN_RANDOM_OPERATIONS for more or fewer
 * operations with each. Then the same with five deliberate mistakes in the
 * list, all of which must be noticed.
 */

#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "timeline-fixture.h"

#include "tern-vlist-private.h"

#define PADDING 12
#define N_OPERATIONS 1000 /* with each seed */
#define FIRST_SEED 1
#define LAST_SEED 3
#define N_MUTANT_OPERATIONS 400

int tern_vlist_mutant;

typedef struct
{
  TimelineFixture ui;
  GRand          *rand;
  guint           n_failures;
  guint           n_reported;
  guint           most_live;
  guint           most_slots;
} Random;

static void
complain (Random     *self,
          const char *operation,
          const char *what,
          double      by)
{
  self->n_failures++;
  if (tern_vlist_mutant == 0 && self->n_reported++ < 10)
    g_test_message ("after %s: %s (%.1f)", operation, what, by);
}

/* --- checks --- */

static void
check_neighbours (Random     *self,
                  const char *operation,
                  GArray     *rows)
{
  g_autoptr(GPtrArray) stored = NULL;
  const TernMessageRecord *first =
    tern_message_get_record (g_array_index (rows, ShownRow, 0).message);
  TernMessageKey key = { first->position, first->id - 1 };

  stored = tern_store_list_after (self->ui.store.reader, CHAT, &key, rows->len, NULL);
  g_assert_nonnull (stored);
  if (stored->len != rows->len)
    {
      complain (self, operation, "rows that are not in the store", rows->len);
      return;
    }
  for (guint i = 0; i < rows->len; i++)
    {
      const TernMessageRecord *record = stored->pdata[i];

      if (record->id != tern_message_get_id (g_array_index (rows, ShownRow, i).message))
        complain (self, operation, "neighbours are others", i);
    }
}

static gboolean
is_at_upper (Random *self)
{
  return gtk_adjustment_get_upper (self->ui.adjustment) -
           gtk_adjustment_get_page_size (self->ui.adjustment) -
           gtk_adjustment_get_value (self->ui.adjustment) < 1;
}

static gboolean
is_at_lower (Random *self)
{
  return gtk_adjustment_get_value (self->ui.adjustment) -
           gtk_adjustment_get_lower (self->ui.adjustment) < 1;
}

/* Where the bar says that there is no more, there is no more. */
static void
check_bounds (Random     *self,
              const char *operation,
              GArray     *rows)
{
  TernMessage *first = g_array_index (rows, ShownRow, 0).message;
  TernMessage *last = g_array_index (rows, ShownRow, rows->len - 1).message;
  TernMessageKey key = { tern_message_get_record (first)->position, tern_message_get_id (first) };
  g_autoptr(GPtrArray) before = NULL;

  if (is_at_upper (self) && tern_message_get_seq (last) != self->ui.max_seq)
    complain (self, operation, "the bar ends before the last message", 0);
  if (!is_at_lower (self))
    return;
  before = tern_store_list_before (self->ui.store.reader, CHAT, &key, 1, NULL);
  if (before->len > 0)
    complain (self, operation, "the bar begins after the first message", 0);
}

static void
check_shown (Random     *self,
             const char *operation)
{
  g_autoptr(GArray) rows = timeline_fixture_rows (&self->ui);
  double height = timeline_fixture_height (&self->ui);
  ShownRow first;
  ShownRow last;

  if (rows->len == 0)
    {
      if (tern_vlist_get_n_slots (TERN_VLIST (self->ui.view)) > 0)
        complain (self, operation, "nothing is shown", 0);
      return;
    }
  self->most_live = MAX (self->most_live, rows->len);
  self->most_slots = MAX (self->most_slots, tern_vlist_get_n_slots (TERN_VLIST (self->ui.view)));
  for (guint i = 1; i < rows->len; i++)
    {
      double gap = g_array_index (rows, ShownRow, i).top -
                   g_array_index (rows, ShownRow, i - 1).bottom;

      if (fabs (gap) > 0.5)
        complain (self, operation, "rows do not adjoin", gap);
    }
  first = g_array_index (rows, ShownRow, 0);
  last = g_array_index (rows, ShownRow, rows->len - 1);
  if (last.bottom < height - PADDING - 1)
    complain (self, operation, "a void below", height - last.bottom);
  if (first.top > PADDING + 1)
    {
      TernMessageKey key = { tern_message_get_record (first.message)->position,
                             tern_message_get_id (first.message) };
      g_autoptr(GPtrArray) before =
        tern_store_list_before (self->ui.store.reader, CHAT, &key, 1, NULL);

      /* Short contents lie at the bottom. */
      if (before->len > 0 || fabs (last.bottom - (height - PADDING)) > 1)
        complain (self, operation, "a void above", first.top);
    }
  check_bounds (self, operation, rows);
  check_neighbours (self, operation, rows);
}

/* --- what must not move --- */

typedef struct
{
  gint64   id;
  gint64   next_id; /* of the row below */
  double   top;
  double   bottom_gap; /* of the lowest that is in view whole, to the view's edge */
  gint64   lowest_id;
  gboolean is_at_end;
} Anchor;

static gboolean
find_id (Random   *self,
         gint64    id,
         ShownRow *row)
{
  g_autoptr(GArray) rows = timeline_fixture_rows (&self->ui);

  for (guint i = 0; i < rows->len; i++)
    {
      *row = g_array_index (rows, ShownRow, i);
      if (tern_message_get_id (row->message) == id)
        return TRUE;
    }

  return FALSE;
}

static gboolean
get_anchor (Random *self,
            Anchor *anchor)
{
  g_autoptr(GArray) rows = timeline_fixture_rows (&self->ui);
  double height = timeline_fixture_height (&self->ui);
  gboolean is_found = FALSE;

  *anchor = (Anchor) { 0 };
  for (guint i = 0; i < rows->len; i++)
    {
      ShownRow row = g_array_index (rows, ShownRow, i);

      if (!is_found && row.top >= 0 && row.top < height)
        {
          anchor->id = tern_message_get_id (row.message);
          anchor->top = row.top;
          if (i + 1 < rows->len)
            anchor->next_id =
              tern_message_get_id (g_array_index (rows, ShownRow, i + 1).message);
          is_found = TRUE;
        }
      if (row.bottom <= height)
        {
          anchor->lowest_id = tern_message_get_id (row.message);
          anchor->bottom_gap = height - row.bottom;
        }
    }
  anchor->is_at_end = tern_vlist_get_is_pinned (TERN_VLIST (self->ui.view));

  return is_found;
}

static gboolean
is_at_an_end (Random *self)
{
  return is_at_lower (self) || is_at_upper (self);
}

/* @by: how far it was to go */
static void
check_anchor (Random       *self,
              const char   *operation,
              const Anchor *before,
              double        by)
{
  ShownRow row;

  if (before->is_at_end && by == 0)
    {
      g_autoptr(GArray) rows = timeline_fixture_rows (&self->ui);

      if (rows->len == 0)
        return;
      row = g_array_index (rows, ShownRow, rows->len - 1);
      if (tern_message_get_seq (row.message) != self->ui.max_seq)
        row.bottom = 0;
      if (fabs (row.bottom - (timeline_fixture_height (&self->ui) - PADDING)) > 1)
        complain (self, operation, "left the end", row.bottom);
      return;
    }
  /* Nothing goes beyond a real end. */
  if (is_at_an_end (self))
    return;
  if (!find_id (self, before->id, &row))
    {
      if (before->top + by > -200 && before->top + by < timeline_fixture_height (&self->ui))
        complain (self, operation, "the anchor is gone", before->top);
    }
  else if (fabs (row.top - before->top - by) > 1)
    complain (self, operation, "the anchor moved", row.top - before->top - by);
}

/* --- operations --- */

/* Returns how far it went. Heights that were only guessed may have put an end
 * of the bar too near: then that is less, though there is more to come. */
static double
scroll_by (Random *self,
           double  by)
{
  double value = gtk_adjustment_get_value (self->ui.adjustment);

  gtk_adjustment_set_value (self->ui.adjustment, value + by);
  by = gtk_adjustment_get_value (self->ui.adjustment) - value;
  timeline_fixture_layout (&self->ui);

  return by;
}

static void
scroll (Random *self)
{
  Anchor before;
  gboolean has_anchor = get_anchor (self, &before);
  double by = scroll_by (self, g_rand_double_range (self->rand, -500, 500));

  if (has_anchor && !before.is_at_end)
    check_anchor (self, "scroll", &before, -by);
}

/* As a fling does it: the position is kept outside, and what the list does to
 * the value meanwhile is not looked at. */
static void
glide (Random *self)
{
  double value = gtk_adjustment_get_value (self->ui.adjustment);
  double step = g_rand_double_range (self->rand, -90, 90);

  for (guint i = 0; i < 12; i++)
    {
      double lower = gtk_adjustment_get_lower (self->ui.adjustment);
      double upper = gtk_adjustment_get_upper (self->ui.adjustment) -
                     gtk_adjustment_get_page_size (self->ui.adjustment);
      Anchor before;
      gboolean has_anchor = get_anchor (self, &before);

      if (value + step < lower || value + step > upper)
        return;
      value += step;
      gtk_adjustment_set_value (self->ui.adjustment, value);
      timeline_fixture_layout (&self->ui);
      if (has_anchor && !before.is_at_end)
        check_anchor (self, "glide", &before, -step);
    }
}

/* Reads on and on in one direction, beyond what is loaded. */
static void
wander (Random *self)
{
  double step = g_rand_boolean (self->rand) ? 450 : -450;

  for (guint i = 0; i < 30; i++)
    {
      Anchor before;
      gboolean has_anchor = get_anchor (self, &before);
      double by = scroll_by (self, step);

      if (has_anchor && !before.is_at_end)
        check_anchor (self, "wander", &before, -by);
      check_shown (self, "wander");
    }
}

static void
drag (Random *self)
{
  double lower = gtk_adjustment_get_lower (self->ui.adjustment);
  double upper = gtk_adjustment_get_upper (self->ui.adjustment) -
                 gtk_adjustment_get_page_size (self->ui.adjustment);

  if (upper <= lower)
    return;
  gtk_adjustment_set_value (self->ui.adjustment, g_rand_double_range (self->rand, lower, upper));
  timeline_fixture_layout (&self->ui);
}

static void
append (Random *self)
{
  Anchor before;
  gboolean has_anchor = get_anchor (self, &before);

  timeline_fixture_append (&self->ui, (guint) g_rand_int_range (self->rand, 1, 4));
  timeline_fixture_layout (&self->ui);
  if (has_anchor)
    check_anchor (self, "append", &before, 0);
}

static void
prepend (Random *self)
{
  Anchor before;
  gboolean has_anchor = get_anchor (self, &before);
  guint n = tern_vlist_get_n_slots (TERN_VLIST (self->ui.view));

  /* The list takes pages only when near their end; then it has room. */
  if (n > 380)
    return;
  tern_timeline_source_load_older (TERN_TIMELINE_SOURCE (self->ui.list),
                                   (guint) g_rand_int_range (self->rand, 1, 65));
  timeline_fixture_layout (&self->ui);
  if (has_anchor)
    check_anchor (self, "prepend", &before, 0);
}

static gint64
choose_shown (Random *self)
{
  g_autoptr(GArray) rows = timeline_fixture_rows (&self->ui);

  if (rows->len == 0)
    return 0;

  return tern_message_get_seq (
    g_array_index (rows, ShownRow, g_rand_int_range (self->rand, 0, (int) rows->len)).message);
}

static void
rewrite (Random *self)
{
  g_autoptr(GString) text = g_string_new ("words");
  Anchor before;
  gboolean has_anchor = get_anchor (self, &before);
  gint64 seq = choose_shown (self);
  int n = g_rand_int_range (self->rand, 0, 120);

  for (int i = 0; i < n; i++)
    g_string_append (text, " again");
  if (seq == 0)
    return;
  timeline_fixture_rewrite (&self->ui, seq, text->str);
  timeline_fixture_layout (&self->ui);
  if (has_anchor)
    check_anchor (self, "rewrite", &before, 0);
}

static void
delete (Random *self)
{
  Anchor before;
  gboolean has_anchor = get_anchor (self, &before);
  gint64 seq = choose_shown (self);
  ShownRow row;

  /* The last is what the other checks go by. */
  if (seq == 0 || seq == self->ui.max_seq)
    return;
  g_assert_true (timeline_fixture_find (&self->ui, seq, &row));
  /* What follows takes the place of an anchor that went. */
  if (tern_message_get_id (row.message) == before.id)
    before.id = before.next_id;
  timeline_fixture_delete (&self->ui, seq);
  timeline_fixture_layout (&self->ui);
  if (has_anchor && before.id != 0)
    check_anchor (self, "delete", &before, 0);
}

static void
change_width (Random *self)
{
  Anchor before;
  gboolean has_anchor = get_anchor (self, &before);

  timeline_fixture_resize (&self->ui, g_rand_int_range (self->rand, 340, 860),
                           timeline_fixture_height (&self->ui));
  timeline_fixture_layout (&self->ui);
  if (has_anchor)
    check_anchor (self, "width", &before, 0);
}

static void
change_height (Random *self)
{
  int old = timeline_fixture_height (&self->ui);
  Anchor before;
  gboolean has_anchor = get_anchor (self, &before);
  ShownRow row;

  timeline_fixture_resize (&self->ui, gtk_widget_get_width (GTK_WIDGET (self->ui.view)),
                           CLAMP (old + g_rand_int_range (self->rand, -120, 120), 300, 640));
  timeline_fixture_layout (&self->ui);
  if (!has_anchor || before.lowest_id == 0 || is_at_an_end (self))
    return;
  if (find_id (self, before.lowest_id, &row) &&
      fabs (timeline_fixture_height (&self->ui) - row.bottom - before.bottom_gap) > 1)
    complain (self, "height", "the lower edge moved",
              timeline_fixture_height (&self->ui) - row.bottom - before.bottom_gap);
}

static void
jump (Random *self)
{
  gint64 seq = g_rand_int_range (self->rand, 1, (int) self->ui.max_seq + 1);
  ShownRow row;

  if (!tern_timeline_jump (self->ui.timeline, seq))
    return;
  timeline_fixture_layout (&self->ui);
  if (!timeline_fixture_find (&self->ui, seq, &row) || row.bottom <= 0 ||
      row.top >= timeline_fixture_height (&self->ui))
    complain (self, "jump", "the target is not in view", seq);
}

static void
open_end (Random *self)
{
  Anchor end = { .is_at_end = TRUE };

  tern_timeline_open_end (self->ui.timeline);
  timeline_fixture_layout (&self->ui);
  check_anchor (self, "open end", &end, 0);
}

static void
run_operations (Random *self,
                gint64  n_messages,
                guint   n_operations,
                guint32 seed)
{
  static const struct { void (*run) (Random *self); guint weight; const char *name; } kinds[] = {
    { scroll, 28, "scroll" }, { glide, 6, "glide" }, { wander, 2, "wander" }, { drag, 4, "drag" },
    { append, 10, "append" },
    { prepend, 8, "prepend" }, { rewrite, 18, "rewrite" }, { delete, 8, "delete" },
    { change_width, 5, "width" }, { change_height, 5, "height" }, { jump, 3, "jump" },
    { open_end, 3, "open end" },
  };

  timeline_fixture_set_up (&self->ui, n_messages);
  self->rand = g_rand_new_with_seed (seed);
  timeline_fixture_frame (&self->ui);
  /* Once a mistake was noticed, anything may come of it. */
  for (guint i = 0; i < n_operations && (tern_vlist_mutant == 0 || self->n_failures == 0); i++)
    {
      int choice = g_rand_int_range (self->rand, 0, 100);
      guint kind = 0;

      while ((guint) choice >= kinds[kind].weight)
        choice -= (int) kinds[kind++].weight;
      kinds[kind].run (self);
      check_shown (self, kinds[kind].name);
      /* What is put off to an idle has its turn now and then; loading ahead
       * would hide that nothing else loads. */
      for (guint j = 0; tern_vlist_mutant == 0 && i % 10 == 0 && j < 20; j++)
        g_main_context_iteration (NULL, FALSE);
    }
  g_rand_free (self->rand);
  timeline_fixture_tear_down (&self->ui);
}

static guint
get_n_operations (void)
{
  const char *text = g_getenv ("TERN_RANDOM_OPERATIONS");

  return text != NULL ? (guint) strtoul (text, NULL, 10) : N_OPERATIONS;
}

static void
get_seeds (guint32 *first,
           guint32 *last)
{
  const char *text = g_getenv ("TERN_RANDOM_SEEDS");
  char *end;

  *first = FIRST_SEED;
  *last = LAST_SEED;
  if (text == NULL)
    return;
  *first = *last = (guint32) strtoul (text, &end, 10);
  if (*end == '-')
    *last = (guint32) strtoul (end + 1, NULL, 10);
}

static void
test_operations (gconstpointer data)
{
  gint64 n_messages = GPOINTER_TO_INT (data);
  guint n_failures = 0;
  guint32 first;
  guint32 last;

  get_seeds (&first, &last);
  for (guint32 seed = first; seed <= last; seed++)
    {
      Random self = { 0 };

      run_operations (&self, n_messages,
                      n_messages > 1000 ? get_n_operations () : get_n_operations () / 5, seed);
      g_test_message ("seed %u: at most %u rows, %u slots, %u failures", seed, self.most_live,
                      self.most_slots, self.n_failures);
      g_assert_cmpuint (self.most_live, <=, 60);
      g_assert_cmpuint (self.most_slots, <=, 512);
      n_failures += self.n_failures;
    }
  g_assert_cmpuint (n_failures, ==, 0);
}

static void
test_mutant (gconstpointer data)
{
  Random self = { 0 };

  tern_vlist_mutant = GPOINTER_TO_INT (data);
  run_operations (&self, 10000, N_MUTANT_OPERATIONS, 4711);
  g_test_message ("noticed %u times", self.n_failures);
  tern_vlist_mutant = 0;
  g_assert_cmpuint (self.n_failures, >, 0);
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);

  g_test_add_data_func ("/timeline-random/10000", GINT_TO_POINTER (10000), test_operations);
  g_test_add_data_func ("/timeline-random/300", GINT_TO_POINTER (300), test_operations);
  g_test_add_data_func ("/timeline-random/20", GINT_TO_POINTER (20), test_operations);
  g_test_add_data_func ("/timeline-random/3", GINT_TO_POINTER (3), test_operations);
  g_test_add_data_func ("/timeline-random/notices-partly-hidden-anchor",
                        GINT_TO_POINTER (TERN_VLIST_ANCHOR_PARTLY_HIDDEN), test_mutant);
  g_test_add_data_func ("/timeline-random/notices-rewritten-value",
                        GINT_TO_POINTER (TERN_VLIST_REWRITE_VALUE), test_mutant);
  g_test_add_data_func ("/timeline-random/notices-deletion-that-keeps-anchor",
                        GINT_TO_POINTER (TERN_VLIST_DELETION_KEEPS_ANCHOR), test_mutant);
  g_test_add_data_func ("/timeline-random/notices-fill-without-loading",
                        GINT_TO_POINTER (TERN_VLIST_FILL_LOADS_NOTHING), test_mutant);
  g_test_add_data_func ("/timeline-random/notices-prepend-that-keeps-anchor",
                        GINT_TO_POINTER (TERN_VLIST_PREPEND_KEEPS_ANCHOR), test_mutant);

  return g_test_run ();
}
