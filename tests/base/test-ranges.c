/* test-ranges.c: sets of seqs against a naive set
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-seq-ranges.h"

#define MAX_SEQ 120

/* What a table of flags says must be what the set says, in each of its ways. */
static void
check (const TernSeqRanges *set,
       const gboolean      *naive,
       GRand               *rand)
{
  gint64 first = g_rand_int_range (rand, 1, MAX_SEQ + 1);
  gint64 last = g_rand_int_range (rand, 0, MAX_SEQ + 1);
  g_autoptr(GArray) holes = tern_seq_ranges_get_holes (set, first, last);
  gint64 n_missing = 0;
  gint64 previous = -1;
  guint n_runs = 0;
  guint k = 0;

  for (gint64 seq = 1; seq <= MAX_SEQ; seq++)
    {
      g_assert_cmpint (tern_seq_ranges_contains (set, seq), ==, naive[seq]);
      n_runs += naive[seq] && !naive[seq - 1];
    }
  g_assert_cmpuint (tern_seq_ranges_get_n (set), ==, n_runs);
  for (guint i = 0; i < n_runs; i++)
    {
      const TernSeqRange *range = tern_seq_ranges_get (set, i);

      g_assert_cmpint (range->first, >, previous + 1); /* sorted, and never touching */
      g_assert_cmpint (range->last, >=, range->first);
      previous = range->last;
    }
  for (gint64 seq = first; seq <= last; seq++)
    {
      if (naive[seq])
        continue;
      n_missing++;
      while (g_array_index (holes, TernSeqRange, k).last < seq)
        k++;
      g_assert_cmpuint (k, <, holes->len);
      g_assert_cmpint (g_array_index (holes, TernSeqRange, k).first, <=, seq);
    }
  g_assert_cmpint (tern_seq_ranges_count_missing (set, first, last), ==, n_missing);
  for (guint i = 0; i < holes->len; i++)
    n_missing -= g_array_index (holes, TernSeqRange, i).last -
                 g_array_index (holes, TernSeqRange, i).first + 1;
  g_assert_cmpint (n_missing, ==, 0);
}

static void
test_random (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());

  for (guint round = 0; round < 200; round++)
    {
      g_autoptr(TernSeqRanges) set = tern_seq_ranges_new ();
      gboolean naive[MAX_SEQ + 2] = { FALSE };

      for (guint step = 0; step < 60; step++)
        {
          gint64 first = g_rand_int_range (rand, 1, MAX_SEQ + 1);
          gint64 wanted = first + g_rand_int_range (rand, -2, 12);
          gint64 last = MIN (wanted, MAX_SEQ);
          gboolean adds = g_rand_int_range (rand, 0, 3) != 0;
          gboolean grows = FALSE;
          g_autoptr(TernSeqRanges) copy = NULL;

          for (gint64 seq = first; seq <= last; seq++)
            {
              grows = grows || !naive[seq];
              naive[seq] = adds;
            }
          if (adds)
            g_assert_cmpint (tern_seq_ranges_add (set, first, last), ==, grows);
          else
            tern_seq_ranges_remove (set, first, last);
          check (set, naive, rand);
          copy = tern_seq_ranges_copy (set);
          check (copy, naive, rand);
        }
    }
}

static void
test_edges (void)
{
  g_autoptr(TernSeqRanges) set = tern_seq_ranges_new ();
  g_autoptr(GArray) holes = NULL;

  g_assert_false (tern_seq_ranges_add (set, 5, 4));
  g_assert_true (tern_seq_ranges_add (set, -3, 2)); /* seqs begin with 1 */
  g_assert_false (tern_seq_ranges_contains (set, 0));
  g_assert_true (tern_seq_ranges_add (set, G_MAXINT64 - 1, G_MAXINT64));
  g_assert_true (tern_seq_ranges_contains (set, G_MAXINT64 - 1));
  g_assert_true (tern_seq_ranges_add (set, 3, G_MAXINT64 - 2));
  g_assert_cmpuint (tern_seq_ranges_get_n (set), ==, 1);
  holes = tern_seq_ranges_get_holes (set, 1, G_MAXINT64);
  g_assert_cmpuint (holes->len, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ranges/random", test_random);
  g_test_add_func ("/ranges/edges", test_edges);
  return g_test_run ();
}
