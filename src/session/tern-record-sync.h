/* tern-record-sync.h: keeps REST's records in step with the store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fetches what changed, one dataset after the other, and gives it to the
 * worker. Only for src/session. Main thread only.
 *
 *   conversations-ready (guint64 epoch)  the plan may begin, also when it failed
 *   token-refused (GError *error)        EXPIRED or KICKED
 */

#pragma once

#include <gio/gio.h>

#include "tern-api.h"
#include "tern-db.h"
#include "tern-sync-worker.h"

G_BEGIN_DECLS

#define TERN_TYPE_RECORD_SYNC (tern_record_sync_get_type ())
G_DECLARE_FINAL_TYPE (TernRecordSync, tern_record_sync, TERN, RECORD_SYNC, GObject)

TernRecordSync *tern_record_sync_new   (TernApi        *api,
                                        TernDb         *reader, /* (borrowed) until stop */
                                        TernSyncWorker *worker,
                                        const char     *user_id);
/* Everything, conversations first. */
void            tern_record_sync_begin (TernRecordSync *self,
                                        guint64         epoch);
/* @datasets: 1 << TernDataset; @group_id: "" or the one whose members changed */
void            tern_record_sync_want  (TernRecordSync *self,
                                        guint           datasets,
                                        const char     *group_id);
void            tern_record_sync_stop  (TernRecordSync *self);

G_END_DECLS
