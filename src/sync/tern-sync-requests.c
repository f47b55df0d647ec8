/* tern-sync-requests.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-sync-requests.h"

struct _TernSyncRequests
{
  GHashTable *by_tag; /* (element-type utf8 TernSyncRequest) (owned) */
  guint64     last_tag;
};

/**
 * tern_sync_requests_new:
 *
 * Returns: (transfer full): an empty table
 */
TernSyncRequests *
tern_sync_requests_new (void)
{
  TernSyncRequests *self = g_new0 (TernSyncRequests, 1);

  self->by_tag = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                        (GDestroyNotify) tern_sync_request_free);

  return self;
}

/**
 * tern_sync_requests_free:
 * @self: (transfer full): a table
 */
void
tern_sync_requests_free (TernSyncRequests *self)
{
  g_hash_table_unref (self->by_tag);
  g_free (self);
}

/**
 * tern_sync_requests_add:
 * @self: a table
 * @id: the frame's identifier
 * @deadline_us: on the monotonic clock
 *
 * Tags are never used twice, so a late answer finds nothing.
 *
 * Returns: (transfer none): the new request, to be filled in
 */
TernSyncRequest *
tern_sync_requests_add (TernSyncRequests *self,
                        gint32            id,
                        gint64            deadline_us)
{
  TernSyncRequest *request = g_new0 (TernSyncRequest, 1);

  request->tag = g_strdup_printf ("%" G_GUINT64_FORMAT, ++self->last_tag);
  request->id = id;
  request->deadline_us = deadline_us;
  g_hash_table_insert (self->by_tag, request->tag, request);

  return request;
}

static TernSyncRequest *
steal (TernSyncRequests *self,
       TernSyncRequest  *request)
{
  if (request != NULL)
    g_hash_table_steal (self->by_tag, request->tag);

  return request;
}

/**
 * tern_sync_requests_take:
 * @self: a table
 * @tag: what an answer names
 * @id: its frame's identifier
 *
 * Returns: (transfer full) (nullable): its request
 */
TernSyncRequest *
tern_sync_requests_take (TernSyncRequests *self,
                         const char       *tag,
                         gint32            id)
{
  TernSyncRequest *request = g_hash_table_lookup (self->by_tag, tag);

  return request != NULL && request->id == id ? steal (self, request) : NULL;
}

static TernSyncRequest *
find_first (TernSyncRequests *self)
{
  TernSyncRequest *first = NULL;
  GHashTableIter iter;
  gpointer request;

  g_hash_table_iter_init (&iter, self->by_tag);
  while (g_hash_table_iter_next (&iter, NULL, &request))
    {
      if (first == NULL || ((TernSyncRequest *) request)->deadline_us < first->deadline_us)
        first = request;
    }

  return first;
}

/**
 * tern_sync_requests_take_late:
 * @self: a table
 * @now_us: on the monotonic clock
 *
 * Returns: (transfer full) (nullable): a request whose time is over
 */
TernSyncRequest *
tern_sync_requests_take_late (TernSyncRequests *self,
                              gint64            now_us)
{
  TernSyncRequest *first = find_first (self);

  return first != NULL && first->deadline_us <= now_us ? steal (self, first) : NULL;
}

/**
 * tern_sync_requests_take_any:
 * @self: a table
 *
 * Returns: (transfer full) (nullable): some request, until none is left
 */
TernSyncRequest *
tern_sync_requests_take_any (TernSyncRequests *self)
{
  return steal (self, find_first (self));
}

/**
 * tern_sync_requests_get_deadline:
 * @self: a table
 *
 * Returns: the earliest deadline, or -1 without a request
 */
gint64
tern_sync_requests_get_deadline (TernSyncRequests *self)
{
  TernSyncRequest *first = find_first (self);

  return first != NULL ? first->deadline_us : -1;
}

/**
 * tern_sync_requests_count:
 * @self: a table
 * @id: a frame's identifier
 * @urgent_too: whether those that somebody waits for count as well
 *
 * Returns: how many are in flight
 */
guint
tern_sync_requests_count (TernSyncRequests *self,
                          gint32            id,
                          gboolean          urgent_too)
{
  GHashTableIter iter;
  gpointer value;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->by_tag);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      TernSyncRequest *request = value;

      if (request->id == id && (urgent_too || !request->is_urgent))
        n++;
    }

  return n;
}

/**
 * tern_sync_request_free:
 * @self: (transfer full): a request
 */
void
tern_sync_request_free (TernSyncRequest *self)
{
  g_free (self->tag);
  g_free (self->conversation_id);
  g_free (self->client_id);
  g_clear_pointer (&self->ranges, g_ptr_array_unref);
  g_clear_pointer (&self->looks, g_ptr_array_unref);
  g_free (self);
}
