/* tern-sync-outbox.h: own messages that the server has not shown to have
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure: keeps the order per conversation and says what to put on the wire
 * next. Every entry is a row on disk already. Belongs to the sync thread.
 *
 *   WAITING ──transmit──► SENT_OUT ──answer──► ACKED ──seq seen──► gone
 *      ▲                     │ line cut, late     │ no seq in 10 s
 *      └──not on the server── UNCERTAIN ◄─────────┘
 *
 * An acknowledged message may still be dropped by the server (protocol 01
 * section 5.7), so only a seq ends an entry.
 */

#pragma once

#include <glib.h>

#include "tern-records.h"

G_BEGIN_DECLS

typedef struct _TernSyncOutbox TernSyncOutbox;

TernSyncOutbox          *tern_sync_outbox_new            (void) G_GNUC_WARN_UNUSED_RESULT;
void                     tern_sync_outbox_free           (TernSyncOutbox *self);
void                     tern_sync_outbox_add            (TernSyncOutbox *self,
                                                          TernMessageRecord *message);
void                     tern_sync_outbox_add_uncertain  (TernSyncOutbox *self,
                                                          TernMessageRecord *message,
                                                          gint64          now_us);
/* (transfer none) (nullable): marks it as being on the wire */
const TernMessageRecord *tern_sync_outbox_next           (TernSyncOutbox *self,
                                                          gint64          now_us);
void                     tern_sync_outbox_acknowledge    (TernSyncOutbox *self,
                                                          const char     *conversation_id,
                                                          const char     *client_id,
                                                          gint64          until_us);
/* The answer did not come, or the line was cut: it may be there or not. */
void                     tern_sync_outbox_doubt          (TernSyncOutbox *self,
                                                          const char     *conversation_id,
                                                          const char     *client_id,
                                                          gint64          now_us);
void                     tern_sync_outbox_doubt_all      (TernSyncOutbox *self,
                                                          gint64          now_us);
/* A refusal that may pass: again at @at_us. FALSE: it was tried often enough. */
gboolean                 tern_sync_outbox_delay          (TernSyncOutbox *self,
                                                          const char     *conversation_id,
                                                          const char     *client_id,
                                                          gint64          at_us);
/* What goes out the next time; nothing when there is no such entry. */
void                     tern_sync_outbox_set_content    (TernSyncOutbox *self,
                                                          const char     *conversation_id,
                                                          const char     *client_id,
                                                          GBytes         *content);
gboolean                 tern_sync_outbox_remove         (TernSyncOutbox *self,
                                                          const char     *conversation_id,
                                                          const char     *client_id);
void                     tern_sync_outbox_settle         (TernSyncOutbox *self,
                                                          const char     *conversation_id,
                                                          gint64          asked_us);
gboolean                 tern_sync_outbox_expire         (TernSyncOutbox *self,
                                                          gint64          now_us);
gint64                   tern_sync_outbox_get_look       (TernSyncOutbox *self,
                                                          gint64          asked_us);
gint64                   tern_sync_outbox_get_deadline   (TernSyncOutbox *self);
GHashTable              *tern_sync_outbox_list_uncertain (TernSyncOutbox *self)
                                                          G_GNUC_WARN_UNUSED_RESULT;
guint                    tern_sync_outbox_get_n          (TernSyncOutbox *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernSyncOutbox, tern_sync_outbox_free)

G_END_DECLS
