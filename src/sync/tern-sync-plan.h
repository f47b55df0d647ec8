/* tern-sync-plan.h: what to ask the server for next
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure: knows per conversation which seqs are on disk, which the person may
 * see, which are on their way, and answers with ranges to ask for. The same
 * events in any order, doubled or lost, lead to the same end. Belongs to the
 * sync thread.
 */

#pragma once

#include <glib.h>

#include "tern-records.h"
#include "tern-seq-ranges.h"

G_BEGIN_DECLS

typedef struct _TernSyncPlan TernSyncPlan;

typedef enum
{
  TERN_SYNC_PHASE_SCREENFUL, /* notifications whole, the newest of each chat */
  TERN_SYNC_PHASE_BACKFILL,  /* everything down to the first */
} TernSyncPhase;

TernSyncPlan        *tern_sync_plan_new           (void) G_GNUC_WARN_UNUSED_RESULT;
void                 tern_sync_plan_free          (TernSyncPlan        *self);
void                 tern_sync_plan_set_ranges    (TernSyncPlan        *self,
                                                   const char          *conversation_id,
                                                   const TernSeqRanges *ranges);
const TernSeqRanges *tern_sync_plan_get_ranges    (TernSyncPlan        *self,
                                                   const char          *conversation_id);
void                 tern_sync_plan_set_bounds    (TernSyncPlan        *self,
                                                   const char          *conversation_id,
                                                   gint64               first,
                                                   gint64               last,
                                                   guint                rank);
void                 tern_sync_plan_raise         (TernSyncPlan        *self,
                                                   const char          *conversation_id,
                                                   gint64               last);
gboolean             tern_sync_plan_raise_first   (TernSyncPlan        *self,
                                                   const char          *conversation_id,
                                                   gint64               first);
gint64               tern_sync_plan_get_first     (TernSyncPlan        *self,
                                                   const char          *conversation_id);
gint64               tern_sync_plan_get_last      (TernSyncPlan        *self,
                                                   const char          *conversation_id);
gboolean             tern_sync_plan_touches       (TernSyncPlan        *self,
                                                   const char          *conversation_id,
                                                   gint64               seq);
void                 tern_sync_plan_set_focus     (TernSyncPlan        *self,
                                                   const char          *conversation_id);
void                 tern_sync_plan_want_from     (TernSyncPlan        *self,
                                                   const char          *conversation_id,
                                                   gint64               seq);
gboolean             tern_sync_plan_cover         (TernSyncPlan        *self,
                                                   const char          *conversation_id,
                                                   gint64               first,
                                                   gint64               last);
void                 tern_sync_plan_uncover       (TernSyncPlan        *self,
                                                   const char          *conversation_id,
                                                   gint64               first,
                                                   gint64               last);
GPtrArray           *tern_sync_plan_next          (TernSyncPlan        *self,
                                                   TernSyncPhase        phase,
                                                   guint                max_messages)
                                                   G_GNUC_WARN_UNUSED_RESULT;
TernSeqRequest      *tern_sync_plan_next_before   (TernSyncPlan        *self,
                                                   const char          *conversation_id,
                                                   gint64               seq,
                                                   guint                n,
                                                   gboolean            *is_busy)
                                                   G_GNUC_WARN_UNUSED_RESULT;
gboolean             tern_sync_plan_is_settled    (TernSyncPlan        *self,
                                                   const char          *conversation_id,
                                                   gint64               first,
                                                   gint64               last);
void                 tern_sync_plan_begin         (TernSyncPlan        *self,
                                                   const TernSeqRequest *request);
void                 tern_sync_plan_end           (TernSyncPlan        *self,
                                                   const TernSeqRequest *request,
                                                   gboolean             is_failed);
void                 tern_sync_plan_skip          (TernSyncPlan        *self,
                                                   const char          *conversation_id,
                                                   gint64               first,
                                                   gint64               last);
gboolean             tern_sync_plan_retry_skipped (TernSyncPlan        *self,
                                                   const char          *conversation_id,
                                                   guint                max_retries);
gboolean             tern_sync_plan_is_held       (TernSyncPlan        *self,
                                                   const char          *conversation_id);
void                 tern_sync_plan_forgive       (TernSyncPlan        *self);
void                 tern_sync_plan_begin_epoch   (TernSyncPlan        *self);
gint64               tern_sync_plan_count_missing (TernSyncPlan        *self,
                                                   TernSyncPhase        phase);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernSyncPlan, tern_sync_plan_free)

G_END_DECLS
