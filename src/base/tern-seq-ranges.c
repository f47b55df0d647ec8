/* tern-seq-ranges.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-seq-ranges.h"

/* A server may claim any number; with this one the next still is one. */
#define MAX_SEQ (G_MAXINT64 - 1)

struct _TernSeqRanges
{
  GArray *ranges; /* (element-type TernSeqRange): ascending, neither touching nor overlapping */
};

/* The index of the first interval whose end is not below @seq. */
static guint
find_from (const TernSeqRanges *self,
           gint64               seq)
{
  guint low = 0;
  guint high = self->ranges->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->ranges, TernSeqRange, middle).last < seq)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

/**
 * tern_seq_ranges_new:
 *
 * Returns: (transfer full): an empty set
 */
TernSeqRanges *
tern_seq_ranges_new (void)
{
  TernSeqRanges *self = g_new0 (TernSeqRanges, 1);

  self->ranges = g_array_new (FALSE, FALSE, sizeof (TernSeqRange));

  return self;
}

/**
 * tern_seq_ranges_copy:
 * @self: a set
 *
 * Returns: (transfer full): a set of the same numbers
 */
TernSeqRanges *
tern_seq_ranges_copy (const TernSeqRanges *self)
{
  TernSeqRanges *copy = tern_seq_ranges_new ();

  g_array_append_vals (copy->ranges, self->ranges->data, self->ranges->len);

  return copy;
}

/**
 * tern_seq_ranges_free:
 * @self: (transfer full): a set
 */
void
tern_seq_ranges_free (TernSeqRanges *self)
{
  g_array_unref (self->ranges);
  g_free (self);
}

/**
 * tern_seq_ranges_add:
 * @self: a set
 * @first: the lowest number to add, at least 1
 * @last: the highest; below @first nothing is added
 *
 * Returns: whether the set grew
 */
gboolean
tern_seq_ranges_add (TernSeqRanges *self,
                     gint64         first,
                     gint64         last)
{
  TernSeqRange merged = { MAX (first, 1), MIN (last, MAX_SEQ) };
  guint start;
  guint end;

  if (merged.last < merged.first)
    return FALSE;

  /* Intervals that touch are joined, hence the neighbour below. */
  start = find_from (self, merged.first - 1);
  if (start < self->ranges->len)
    {
      const TernSeqRange *range = &g_array_index (self->ranges, TernSeqRange, start);

      if (range->first <= merged.first && merged.last <= range->last)
        return FALSE;
    }

  for (end = start; end < self->ranges->len; end++)
    {
      const TernSeqRange *range = &g_array_index (self->ranges, TernSeqRange, end);

      if (range->first - 1 > merged.last)
        break;
      merged.first = MIN (merged.first, range->first);
      merged.last = MAX (merged.last, range->last);
    }

  if (end > start)
    g_array_remove_range (self->ranges, start, end - start);
  g_array_insert_val (self->ranges, start, merged);

  return TRUE;
}

/**
 * tern_seq_ranges_remove:
 * @self: a set
 * @first: the lowest number to take out
 * @last: the highest
 */
void
tern_seq_ranges_remove (TernSeqRanges *self,
                        gint64         first,
                        gint64         last)
{
  guint i = find_from (self, first);

  last = MIN (last, MAX_SEQ);
  if (last < first)
    return; /* else nothing would split an interval in two */

  while (i < self->ranges->len)
    {
      TernSeqRange *range = &g_array_index (self->ranges, TernSeqRange, i);
      TernSeqRange above = { last + 1, range->last };

      if (range->first > last)
        break;

      if (range->first < first)
        {
          range->last = first - 1;
          i++;
          if (above.first <= above.last)
            g_array_insert_val (self->ranges, i, above);
        }
      else if (above.first <= above.last)
        {
          range->first = above.first;
          break;
        }
      else
        {
          g_array_remove_index (self->ranges, i);
        }
    }
}

/**
 * tern_seq_ranges_contains:
 * @self: a set
 * @seq: a number
 *
 * Returns: whether @seq is in the set
 */
gboolean
tern_seq_ranges_contains (const TernSeqRanges *self,
                          gint64               seq)
{
  guint i = find_from (self, seq);

  return i < self->ranges->len && g_array_index (self->ranges, TernSeqRange, i).first <= seq;
}

/**
 * tern_seq_ranges_get_holes:
 * @self: a set
 * @first: the lowest number to look at
 * @last: the highest
 *
 * Returns: (transfer full) (element-type TernSeqRange): what of [@first, @last]
 *   is missing, ascending
 */
GArray *
tern_seq_ranges_get_holes (const TernSeqRanges *self,
                           gint64               first,
                           gint64               last)
{
  GArray *holes = g_array_new (FALSE, FALSE, sizeof (TernSeqRange));
  gint64 next = MAX (first, 1);

  last = MIN (last, MAX_SEQ);
  for (guint i = find_from (self, next); i < self->ranges->len && next <= last; i++)
    {
      const TernSeqRange *range = &g_array_index (self->ranges, TernSeqRange, i);

      if (next < range->first)
        {
          TernSeqRange hole = { next, MIN (range->first - 1, last) };

          g_array_append_val (holes, hole);
        }
      next = range->last + 1;
    }

  if (next <= last)
    {
      TernSeqRange hole = { next, last };

      g_array_append_val (holes, hole);
    }

  return holes;
}

/**
 * tern_seq_ranges_count_missing:
 * @self: a set
 * @first: the lowest number to look at
 * @last: the highest
 *
 * Returns: how many of [@first, @last] are not in the set
 */
gint64
tern_seq_ranges_count_missing (const TernSeqRanges *self,
                               gint64               first,
                               gint64               last)
{
  g_autoptr(GArray) holes = tern_seq_ranges_get_holes (self, first, last);
  gint64 n = 0;

  for (guint i = 0; i < holes->len; i++)
    {
      const TernSeqRange *hole = &g_array_index (holes, TernSeqRange, i);

      n += hole->last - hole->first + 1;
    }

  return n;
}

/**
 * tern_seq_ranges_get_n:
 * @self: a set
 *
 * Returns: of how many intervals it consists
 */
guint
tern_seq_ranges_get_n (const TernSeqRanges *self)
{
  return self->ranges->len;
}

/**
 * tern_seq_ranges_get:
 * @self: a set
 * @i: less than tern_seq_ranges_get_n()
 *
 * Returns: (transfer none): the interval, until the set changes
 */
const TernSeqRange *
tern_seq_ranges_get (const TernSeqRanges *self,
                     guint                i)
{
  g_return_val_if_fail (i < self->ranges->len, NULL);

  return &g_array_index (self->ranges, TernSeqRange, i);
}
