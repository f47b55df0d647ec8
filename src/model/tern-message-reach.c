/* tern-message-reach.c: how far up a message list may show without a gap
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-message-reach.h"

/* As in the store: a row stands at its seq × this, and what waits for a seq
 * between two of them. */
#define POSITION_STEP ((gint64) 65536)

gint64
tern_message_reach_position (gint64 seq)
{
  return CLAMP (seq, 0, G_MAXINT64 / POSITION_STEP - 1) * POSITION_STEP;
}

gboolean
tern_message_reach_read (TernMessageReach  *self,
                         TernDb            *reader,
                         const char        *conversation_id,
                         gint64             lowest_seq,
                         GError           **error)
{
  g_autoptr (TernSeqRanges) ranges = NULL;
  g_autoptr (TernConversationBounds) bounds = NULL;
  GError *inner = NULL;
  gint64 min_seq;

  bounds = tern_store_find_bounds (reader, conversation_id, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, inner);
      return FALSE;
    }
  ranges = tern_store_load_ranges (reader, conversation_id, error);
  if (ranges == NULL)
    return FALSE;
  min_seq = bounds != NULL ? bounds->min_seq : 1;
  if (lowest_seq == 0)
    lowest_seq = (bounds != NULL ? MIN (bounds->max_seq, G_MAXINT64 - 1) : 0) + 1;

  self->min_seq = min_seq;
  self->max_seq = bounds != NULL ? bounds->max_seq : 0;
  self->floor_seq = lowest_seq;
  for (guint i = 0; i < tern_seq_ranges_get_n (ranges); i++)
    {
      const TernSeqRange *range = tern_seq_ranges_get (ranges, i);

      /* The window's lowest row is here, whether or not it is in the set. */
      if (range->first < lowest_seq && range->last >= lowest_seq - 1)
        self->floor_seq = range->first;
    }
  self->has_hole = self->floor_seq > min_seq;
  self->floor_position = self->has_hole
                         ? tern_message_reach_position (self->floor_seq)
                         : 0;
  return TRUE;
}

void
tern_message_reach_cut (GPtrArray              *rows,
                        const TernMessageReach *self)
{
  guint n = 0;

  while (n < rows->len
         && ((TernMessageRecord *) rows->pdata[n])->position < self->floor_position)
    n++;
  if (n > 0)
    g_ptr_array_remove_range (rows, 0, n);
}

gint64
tern_message_reach_highest (GPtrArray *rows)
{
  for (guint i = rows->len; i > 0; i--)
    {
      gint64 seq = ((TernMessageRecord *) rows->pdata[i - 1])->seq;

      if (seq > 0)
        return seq;
    }
  return 0;
}
