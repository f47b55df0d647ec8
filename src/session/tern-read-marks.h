/* tern-read-marks.h: tells the server what was read
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Marks at once on disk, tells the server a moment later, and again after a
 * reconnect until it agrees. Only for src/session. Main thread only.
 */

#pragma once

#include <gio/gio.h>

#include "tern-api.h"
#include "tern-db.h"
#include "tern-sync-worker.h"

G_BEGIN_DECLS

#define TERN_TYPE_READ_MARKS (tern_read_marks_get_type ())
G_DECLARE_FINAL_TYPE (TernReadMarks, tern_read_marks, TERN, READ_MARKS, GObject)

TernReadMarks *tern_read_marks_new   (TernApi        *api,
                                      TernDb         *reader, /* (borrowed) until stop */
                                      TernSyncWorker *worker,
                                      const char     *user_id);
void           tern_read_marks_add   (TernReadMarks  *self,
                                      const char     *conversation_id,
                                      gint64          seq);
void           tern_read_marks_retry (TernReadMarks  *self); /* there is a line again */
void           tern_read_marks_stop  (TernReadMarks  *self);

G_END_DECLS
