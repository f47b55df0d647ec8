/* tern-sync-requests.h: the requests that wait for an answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure. A request is found by its tag (the envelope's msgIncr) and has a
 * deadline on the monotonic clock. Belongs to the sync thread.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TernSyncRequest:
 * @ranges: (nullable) (element-type TernSeqRequest): of a pull by ranges
 * @conversation_id: (nullable): of a send
 * @client_id: (nullable): of a send
 * @looks: (nullable): of a look at single messages
 * @is_urgent: somebody waits for it
 */
typedef struct
{
  char      *tag;
  gint32     id; /* the frame's */
  gint64     deadline_us;
  GPtrArray *ranges;
  char      *conversation_id;
  char      *client_id;
  GPtrArray *looks;
  gboolean   is_urgent;
} TernSyncRequest;

typedef struct _TernSyncRequests TernSyncRequests;

TernSyncRequests *tern_sync_requests_new         (void) G_GNUC_WARN_UNUSED_RESULT;
void              tern_sync_requests_free        (TernSyncRequests *self);
/* Borrowed until taken. */
TernSyncRequest  *tern_sync_requests_add         (TernSyncRequests *self,
                                                  gint32            id,
                                                  gint64            deadline_us);
TernSyncRequest  *tern_sync_requests_take        (TernSyncRequests *self,
                                                  const char       *tag,
                                                  gint32            id) G_GNUC_WARN_UNUSED_RESULT;
TernSyncRequest  *tern_sync_requests_take_late   (TernSyncRequests *self,
                                                  gint64            now_us)
                                                  G_GNUC_WARN_UNUSED_RESULT;
TernSyncRequest  *tern_sync_requests_take_any    (TernSyncRequests *self) G_GNUC_WARN_UNUSED_RESULT;
gint64            tern_sync_requests_get_deadline (TernSyncRequests *self); /* -1: none */
guint             tern_sync_requests_count       (TernSyncRequests *self,
                                                  gint32            id,
                                                  gboolean          urgent_too);
void              tern_sync_request_free         (TernSyncRequest  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernSyncRequests, tern_sync_requests_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernSyncRequest, tern_sync_request_free)

G_END_DECLS
