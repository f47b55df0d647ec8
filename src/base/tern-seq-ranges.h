/* tern-seq-ranges.h: a set of sequence numbers, kept as closed intervals
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure. Which messages of a conversation are known to the local store: the
 * server was asked about each number in the set, whether or not it existed.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 first;
  gint64 last; /* inclusive */
} TernSeqRange;

typedef struct _TernSeqRanges TernSeqRanges;

TernSeqRanges      *tern_seq_ranges_new       (void) G_GNUC_WARN_UNUSED_RESULT;
TernSeqRanges      *tern_seq_ranges_copy      (const TernSeqRanges *self) G_GNUC_WARN_UNUSED_RESULT;
void                tern_seq_ranges_free      (TernSeqRanges       *self);
gboolean            tern_seq_ranges_add       (TernSeqRanges       *self,
                                               gint64               first,
                                               gint64               last);
void                tern_seq_ranges_remove    (TernSeqRanges       *self,
                                               gint64               first,
                                               gint64               last);
gboolean            tern_seq_ranges_contains  (const TernSeqRanges *self,
                                               gint64               seq);
/* (element-type TernSeqRange): what of [first, last] is not in the set */
GArray             *tern_seq_ranges_get_holes (const TernSeqRanges *self,
                                               gint64               first,
                                               gint64               last) G_GNUC_WARN_UNUSED_RESULT;
gint64              tern_seq_ranges_count_missing (const TernSeqRanges *self,
                                               gint64               first,
                                               gint64               last);
guint               tern_seq_ranges_get_n     (const TernSeqRanges *self);
const TernSeqRange *tern_seq_ranges_get       (const TernSeqRanges *self,
                                               guint                i);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernSeqRanges, tern_seq_ranges_free)

G_END_DECLS
