/* fake-worker.c: a TernSyncWorker without a thread
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fake-worker.h"

struct _TernSyncWorker
{
  GObject parent_instance;

  GQueue  fetches; /* of GTask (owned) */
};

G_DEFINE_FINAL_TYPE (TernSyncWorker, tern_sync_worker, G_TYPE_OBJECT)

typedef struct
{
  gint64 seq;
  guint  n;
} Fetch;

static void
tern_sync_worker_finalize (GObject *object)
{
  g_assert_cmpuint (TERN_SYNC_WORKER (object)->fetches.length, ==, 0);

  G_OBJECT_CLASS (tern_sync_worker_parent_class)->finalize (object);
}

static void
tern_sync_worker_class_init (TernSyncWorkerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tern_sync_worker_finalize;

  g_signal_new ("changed", TERN_TYPE_SYNC_WORKER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_POINTER);
  g_signal_new ("typing", TERN_TYPE_SYNC_WORKER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_BOOLEAN);
}

static void
tern_sync_worker_init (TernSyncWorker *self)
{
  g_queue_init (&self->fetches);
}

void
tern_sync_worker_fetch_before_async (TernSyncWorker      *self,
                                     const char          *conversation_id,
                                     gint64               seq,
                                     guint                n,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Fetch *fetch = g_new0 (Fetch, 1);

  fetch->seq = seq;
  fetch->n = n;
  g_task_set_task_data (task, fetch, g_free);
  g_queue_push_tail (&self->fetches, task);
}

gboolean
tern_sync_worker_finish (TernSyncWorker  *self,
                         GAsyncResult    *result,
                         GError         **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

TernSyncWorker *
fake_worker_new (void)
{
  return g_object_new (TERN_TYPE_SYNC_WORKER, NULL);
}

void
fake_worker_emit_changed (TernSyncWorker *self,
                          TernChanges    *changes)
{
  g_signal_emit_by_name (self, "changed", changes);
}

void
fake_worker_emit_typing (TernSyncWorker *self,
                         const char     *conversation_id,
                         const char     *user_id,
                         gboolean        is_typing)
{
  g_signal_emit_by_name (self, "typing", conversation_id, user_id, is_typing);
}

gint64
fake_worker_get_fetch (TernSyncWorker *self,
                       guint          *n)
{
  GTask *task = g_queue_peek_head (&self->fetches);
  Fetch *fetch;

  if (task == NULL)
    return 0;
  fetch = g_task_get_task_data (task);
  if (n != NULL)
    *n = fetch->n;
  return fetch->seq;
}

void
fake_worker_end_fetch (TernSyncWorker *self,
                       GError         *error)
{
  g_autoptr (GTask) task = g_queue_pop_head (&self->fetches);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}
