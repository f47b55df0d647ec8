/* fake-worker.h: a TernSyncWorker without a thread
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Has the name of the real one, so that the models take it for that, and only
 * what they use of it. The test writes to the store and says "changed" itself.
 */

#pragma once

#include "tern-changes.h"
#include "tern-sync-worker.h"

G_BEGIN_DECLS

TernSyncWorker *fake_worker_new          (void);
void            fake_worker_emit_changed (TernSyncWorker *self,
                                          TernChanges    *changes);
void            fake_worker_emit_typing  (TernSyncWorker *self,
                                          const char     *conversation_id,
                                          const char     *user_id,
                                          gboolean        is_typing);
/* The oldest fetch that was asked for and not answered; 0: none. */
gint64          fake_worker_get_fetch    (TernSyncWorker *self,
                                          guint          *n);
/* Answers it. @error: (nullable) (transfer full) */
void            fake_worker_end_fetch    (TernSyncWorker *self,
                                          GError         *error);

G_END_DECLS
