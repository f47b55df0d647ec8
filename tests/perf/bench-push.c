/* bench-push.c: from a push to its row in the model
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One push after the other: received → committed → the list of messages has
 * one item more. No window.
 */

#include "bench-support.h"
#include "tern-content-json.h"
#include "tern-db.h"
#include "tern-message-list.h"
#include "tern-store.h"
#include "tern-sync-worker.h"
#include "tern-wire.h"

#include <stdlib.h>

#define N_PUSHES 2000
#define CHAT "si_me_peer"

static gboolean has_item;

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  gpointer    user_data)
{
  has_item = n_added > 0;
}

static void
ready_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  *(gboolean *) user_data =
    tern_sync_worker_wait_ready_finish (TERN_SYNC_WORKER (object), result, NULL);
}

static void
over_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  *(gboolean *) user_data = TRUE;
}

static GBytes *
make_push (gint64 seq)
{
  const TernFrameFormat format = { TERN_ENCODING_JSON, FALSE, 0 };
  g_autoptr(GPtrArray) batches =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_batch_free);
  TernMessageBatch *batch = tern_message_batch_new (CHAT);
  TernMessageRecord *message = tern_message_record_new ();
  g_autoptr(GBytes) body = NULL;
  g_autoptr(TernFrame) frame = NULL;

  g_free (message->client_id);
  message->client_id = g_strdup_printf ("%032" G_GINT64_MODIFIER "x", seq);
  g_free (message->sender_id);
  message->sender_id = g_strdup ("peer");
  g_free (message->recv_id);
  message->recv_id = g_strdup ("me");
  message->chat_type = TERN_CHAT_SINGLE;
  message->content_type = TERN_CONTENT_TEXT;
  message->content = tern_content_build_text ("今天天气不错，要不要出去走走？ How about a walk?");
  message->seq = seq;
  message->sent_ms = 1700000000000 + seq;
  g_ptr_array_add (batch->messages, message);
  g_ptr_array_add (batches, batch);
  body = tern_wire_encode_batches (batches);
  frame = tern_frame_new (TERN_FRAME_PUSH, "", "", body);

  return tern_frame_encode_reply (frame, &format);
}

int
main (void)
{
  const TernFrameFormat format = { TERN_ENCODING_JSON, FALSE, 0 };
  g_autofree char *folder = g_dir_make_tmp ("tern-bench-XXXXXX", NULL);
  g_autoptr(TernSyncWorker) worker = tern_sync_worker_new (folder, "me", 7, &format);
  g_autoptr(TernMessageList) list = NULL;
  g_autofree double *times = g_new (double, N_PUSHES);
  g_autofree char *command = g_strdup_printf ("rm -rf %s", folder);
  TernDb *reader;
  gboolean is_ready = FALSE;
  gboolean is_over = FALSE;

  tern_sync_worker_run_async (worker, over_cb, &is_over);
  tern_sync_worker_wait_ready_async (worker, NULL, ready_cb, &is_ready);
  while (!is_ready)
    g_main_context_iteration (NULL, TRUE);
  tern_sync_worker_push_connected (worker, 1, TERN_SYNC_REASON_CONNECTED);
  reader = tern_db_open (folder, TERN_DB_READER, NULL);
  list = tern_message_list_new (reader, worker, "me", CHAT);
  tern_timeline_source_load_latest (TERN_TIMELINE_SOURCE (list), 64);
  g_signal_connect (list, "items-changed", G_CALLBACK (items_changed_cb), NULL);

  for (guint i = 0; i < N_PUSHES; i++)
    {
      g_autoptr(GBytes) push = make_push (i + 1);
      gint64 begun = g_get_monotonic_time ();

      has_item = FALSE;
      tern_sync_worker_push_frame (worker, 1, push);
      while (!has_item)
        g_main_context_iteration (NULL, TRUE);
      times[i] = (double) (g_get_monotonic_time () - begun) / 1000;
    }
  qsort (times, N_PUSHES, sizeof (double), bench_compare);
  g_print ("push to row, p50: %.3f ms\n", times[N_PUSHES / 2]);
  g_print ("push to row, p99: %.3f ms\n", times[N_PUSHES * 99 / 100]);

  tern_message_list_detach (list);
  tern_db_close (reader);
  tern_sync_worker_stop (worker);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);

  return system (command);
}
