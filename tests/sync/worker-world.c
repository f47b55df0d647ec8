/* worker-world.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "worker-world.h"

#include <string.h>

#include "tern-content-json.h"
#include "tern-store.h"
#include "test-support.h"

static gboolean
chance (World *world,
        int    percent)
{
  return world->is_rough && g_rand_int_range (world->rand, 0, 100) < percent;
}

char *
world_peer_conversation (guint peer)
{
  g_autofree char *id = g_strdup_printf ("peer%u", peer);

  return tern_conversation_id_for_pair ("si", SELF, id);
}

static GPtrArray *
get_messages (World      *world,
              const char *conversation_id)
{
  GPtrArray *messages = g_hash_table_lookup (world->conversations, conversation_id);

  if (messages == NULL)
    {
      messages = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_record_free);
      g_hash_table_insert (world->conversations, g_strdup (conversation_id), messages);
    }

  return messages;
}

/* --- frames to the worker, now or a little later --- */

typedef struct
{
  World   *world;
  guint64  epoch;
  GBytes  *bytes;
} Delivery;

static gboolean
deliver_cb (gpointer user_data)
{
  Delivery *delivery = user_data;

  if (!delivery->world->is_over)
    tern_sync_worker_push_frame (delivery->world->worker, delivery->epoch, delivery->bytes);
  g_bytes_unref (delivery->bytes);
  g_free (delivery);

  return G_SOURCE_REMOVE;
}

void
world_deliver (World           *world,
               const TernFrame *frame)
{
  const TernFrameFormat format = { TERN_ENCODING_JSON, FALSE, 0 };
  Delivery *delivery = g_new0 (Delivery, 1);

  delivery->world = world;
  delivery->epoch = world->epoch;
  delivery->bytes = tern_frame_encode_reply (frame, &format);
  g_timeout_add (world->is_rough ? (guint) g_rand_int_range (world->rand, 0, 8) : 0, deliver_cb,
                 delivery);
}

static void
push_message (World                   *world,
              const TernMessageRecord *message)
{
  g_autoptr(GPtrArray) batches =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_batch_free);
  TernMessageBatch *batch = tern_message_batch_new (message->conversation_id);
  g_autoptr(GBytes) body = NULL;
  g_autoptr(TernFrame) frame = NULL;

  g_ptr_array_add (batch->messages, tern_message_record_copy (message));
  g_ptr_array_add (batches, batch);
  body = tern_wire_encode_batches (batches);
  frame = tern_frame_new (TERN_FRAME_PUSH, "", "", body);
  if (!chance (world, 30))
    world_deliver (world, frame);
  if (chance (world, 20))
    world_deliver (world, frame);
}

static void
store_message (World             *world,
               TernMessageRecord *message) /* (transfer full) */
{
  GPtrArray *messages = get_messages (world, message->conversation_id);

  message->seq = (gint64) messages->len + 1;
  message->sent_ms = 1000 + message->seq;
  g_ptr_array_add (messages, message);
  if (world->epoch != 0)
    push_message (world, message);
}

void
world_receive_from_peer (World *world,
                         guint  peer)
{
  TernMessageRecord *message = tern_message_record_new ();

  g_free (message->conversation_id);
  message->conversation_id = world_peer_conversation (peer);
  g_free (message->client_id);
  message->client_id = g_strdup_printf ("p%u", world->n_client_ids++);
  g_free (message->sender_id);
  message->sender_id = g_strdup_printf ("peer%u", peer);
  g_free (message->recv_id);
  message->recv_id = g_strdup (SELF);
  message->chat_type = TERN_CHAT_SINGLE;
  message->content_type = TERN_CONTENT_TEXT;
  message->content = tern_content_build_text (message->client_id);
  message->status = TERN_MESSAGE_SENT;
  store_message (world, message);
}

/* --- the gateway --- */

static GBytes *
answer_newest (World *world)
{
  g_autoptr(GPtrArray) states = g_ptr_array_new_with_free_func (
    (GDestroyNotify) tern_seq_state_free);
  GHashTableIter iter;
  gpointer id;
  gpointer messages;

  g_hash_table_iter_init (&iter, world->conversations);
  while (g_hash_table_iter_next (&iter, &id, &messages))
    g_ptr_array_add (states, tern_seq_state_new (id, ((GPtrArray *) messages)->len, 0));

  return tern_wire_encode_newest_seqs_reply (states);
}

static GBytes *
answer_pull (World     *world,
             GPtrArray *ranges)
{
  g_autoptr(GPtrArray) batches =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_batch_free);

  for (guint i = 0; i < ranges->len; i++)
    {
      const TernSeqRequest *range = ranges->pdata[i];
      GPtrArray *messages = get_messages (world, range->conversation_id);
      TernMessageBatch *batch;

      if (chance (world, 5)) /* left out, as the real server does on errors */
        continue;
      batch = tern_message_batch_new (range->conversation_id);
      for (gint64 seq = range->first; seq <= range->last && seq <= messages->len; seq++)
        g_ptr_array_add (batch->messages, tern_message_record_copy (messages->pdata[seq - 1]));
      g_ptr_array_add (batches, batch);
    }

  return tern_wire_encode_batches (batches);
}

static GBytes *
answer_list (World     *world,
             GPtrArray *lists)
{
  g_autoptr(GPtrArray) batches =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_batch_free);

  for (guint i = 0; i < lists->len; i++)
    {
      const TernSeqList *list = lists->pdata[i];
      GPtrArray *messages = get_messages (world, list->conversation_id);
      TernMessageBatch *batch = tern_message_batch_new (list->conversation_id);

      for (guint k = 0; k < list->seqs->len; k++)
        {
          gint64 seq = g_array_index (list->seqs, gint64, k);

          if (seq >= 1 && seq <= messages->len)
            g_ptr_array_add (batch->messages, tern_message_record_copy (messages->pdata[seq - 1]));
        }
      g_ptr_array_add (batches, batch);
    }

  return tern_wire_encode_batches (batches);
}

static GBytes *
answer_send (World  *world,
             GBytes *body)
{
  g_autoptr(TernMessageRecord) message = tern_wire_decode_message (body, NULL);
  TernSendReply reply = { 0 };
  g_autofree char *server_id = g_strdup_printf ("s%u", world->n_client_ids++);
  GBytes *answer;

  reply.server_id = server_id;
  reply.client_id = message->client_id;
  reply.sent_ms = 5000;
  answer = tern_wire_encode_send_reply (&reply);
  g_free (message->conversation_id);
  message->conversation_id = tern_conversation_id_for_pair ("si", SELF, message->recv_id);
  /* Acknowledged does not mean stored. */
  if (!chance (world, 15))
    store_message (world, g_steal_pointer (&message));

  return answer;
}

static void
transmit_cb (TernSyncWorker *worker,
             guint64         epoch,
             GBytes         *bytes,
             gboolean        is_slow,
             gpointer        user_data)
{
  World *world = user_data;
  const TernFrameFormat format = { TERN_ENCODING_JSON, FALSE, 0 };
  g_autoptr(TernFrame) request = NULL;
  g_autoptr(TernFrame) reply = NULL;
  g_autoptr(GBytes) body = NULL;
  g_autoptr(GPtrArray) list = NULL;
  g_autofree char *user_id = NULL;
  gboolean is_descending;

  world->heard_epoch = epoch;
  if (epoch != world->epoch || world->epoch == 0 || chance (world, 3))
    return; /* lost on the way there */

  request = tern_frame_decode_request (bytes, &format, NULL);
  g_assert_nonnull (request);
  switch (request->id)
    {
    case TERN_FRAME_NEWEST_SEQS:
    case TERN_FRAME_READ_SEQS:
      body = request->id == TERN_FRAME_NEWEST_SEQS ? answer_newest (world) : g_bytes_new (NULL, 0);
      break;
    case TERN_FRAME_PULL_RANGES:
      list = tern_wire_decode_pull_ranges (request->data, &user_id, &is_descending, NULL);
      body = answer_pull (world, list);
      break;
    case TERN_FRAME_PULL_LIST:
      list = tern_wire_decode_pull_list (request->data, &user_id, &is_descending, NULL);
      body = answer_list (world, list);
      break;
    case TERN_FRAME_SEND:
      body = world->is_refusing ? g_bytes_new (NULL, 0) : answer_send (world, request->data);
      break;
    default:
      g_assert_not_reached ();
    }

  reply = tern_frame_new (request->id, request->msg_incr, request->operation_id, body);
  if (chance (world, 3))
    {
      g_clear_pointer (&reply->data, g_bytes_unref);
      reply->err_code = 500;
    }
  else if (world->is_refusing && request->id == TERN_FRAME_SEND)
    reply->err_code = 1302; /* blocked by the peer */
  if (!chance (world, 3))
    world_deliver (world, reply);
}

static void
begin_cb (TernSyncWorker *worker,
          int             reason,
          gpointer        user_data)
{
  World *world = user_data;

  g_assert_cmpuint (world->n_begun, ==, world->n_closed);
  world->n_begun++;
}

static void
progress_cb (TernSyncWorker *worker,
             guint           done,
             guint           total,
             gpointer        user_data)
{
  World *world = user_data;

  g_assert_cmpuint (world->n_begun, ==, world->n_closed + 1);
  g_assert_cmpuint (done, <=, total);
}

static void
end_cb (TernSyncWorker *worker,
        guint           n,
        gpointer        user_data)
{
  ((World *) user_data)->n_closed++;
}

static void
failed_cb (TernSyncWorker *worker,
           GError         *error,
           gpointer        user_data)
{
  World *world = user_data;

  world->n_closed++;
  world->n_failed++;
}

static void
lost_cb (TernSyncWorker *worker,
         GError         *error,
         gpointer        user_data)
{
  World *world = user_data;

  g_clear_error (&world->lost);
  world->lost = g_error_copy (error);
}

static void
ready_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  tern_sync_worker_wait_ready_finish (TERN_SYNC_WORKER (object), result, &error);
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

void
world_over_cb (GObject      *object,
               GAsyncResult *result,
               gpointer      user_data)
{
  World *world = user_data;
  g_autoptr(GError) error = NULL;

  tern_sync_worker_run_finish (TERN_SYNC_WORKER (object), result, &error);
  g_assert_no_error (error);
  world->is_over = TRUE;
}

void
world_start (World *world)
{
  const TernFrameFormat format = { TERN_ENCODING_JSON, FALSE, 0 };
  gboolean is_ready = FALSE;

  world->is_over = FALSE;
  world->n_begun = world->n_closed = 0;
  world->worker = tern_sync_worker_new (world->folder, SELF, 7, &format);
  g_signal_connect (world->worker, "transmit", G_CALLBACK (transmit_cb), world);
  g_signal_connect (world->worker, "sync-begin", G_CALLBACK (begin_cb), world);
  g_signal_connect (world->worker, "sync-progress", G_CALLBACK (progress_cb), world);
  g_signal_connect (world->worker, "sync-end", G_CALLBACK (end_cb), world);
  g_signal_connect (world->worker, "sync-failed", G_CALLBACK (failed_cb), world);
  g_signal_connect (world->worker, "session-lost", G_CALLBACK (lost_cb), world);
  tern_sync_worker_run_async (world->worker, world_over_cb, world);
  tern_sync_worker_wait_ready_async (world->worker, NULL, ready_cb, &is_ready);
  while (!is_ready)
    g_main_context_iteration (NULL, TRUE);
}

void
world_stop (World *world)
{
  tern_sync_worker_stop (world->worker);
  while (!world->is_over)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (world->n_begun, ==, world->n_closed);
  g_assert_finalize_object (g_steal_pointer (&world->worker));
}

void
world_connect_line (World *world)
{
  world->epoch++;
  tern_sync_worker_push_connected (world->worker, world->epoch, TERN_SYNC_REASON_CONNECTED);
  tern_sync_worker_push_records_ready (world->worker, world->epoch);
}

void
world_cut_line (World *world)
{
  guint64 old = world->epoch;

  tern_sync_worker_push_disconnected (world->worker, old, NULL);
  world->epoch += 1000; /* nothing of the old line is delivered any more */
}

World *
world_new (gboolean is_rough)
{
  World *world = g_new0 (World, 1);
  guint32 seed = g_test_rand_int ();

  g_test_message ("seed %u", seed);
  world->rand = g_rand_new_with_seed (seed);
  world->folder = g_dir_make_tmp ("tern-worker-XXXXXX", NULL);
  world->is_rough = is_rough;
  world->conversations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                (GDestroyNotify) g_ptr_array_unref);

  return world;
}

void
world_free (World *world)
{
  world->is_over = TRUE;
  for (int i = 0; i < 20; i++)
    {
      g_usleep (1000);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  test_remove_tree (world->folder);
  g_hash_table_unref (world->conversations);
  g_rand_free (world->rand);
  g_clear_error (&world->lost);
  g_free (world->folder);
  g_free (world);
}

void
world_run_until (World    *world,
                 gboolean (*is_done) (World *world))
{
  gint64 until = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (!is_done (world))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (200);
    }
}

/* The state is what the worker told last: it must have noticed the line. */
gboolean
world_is_settled (World *world)
{
  return world->heard_epoch == world->epoch &&
         tern_sync_worker_get_state (world->worker) == TERN_SYNC_LIVE &&
         tern_sync_worker_get_n_unsent (world->worker) == 0 &&
         tern_sync_worker_get_is_complete (world->worker);
}

/* What the store shows is what the gateway holds, each identity once, in its
 * order; the lower of two seqs keeps the row. */
void
world_assert_same (World *world)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TernDb) reader = tern_db_open (world->folder, TERN_DB_READER, &error);
  GHashTableIter iter;
  gpointer id;
  gpointer value;

  g_assert_no_error (error);
  g_hash_table_iter_init (&iter, world->conversations);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      GPtrArray *messages = value;
      g_autoptr(GPtrArray) stored = tern_store_list_before_seq (reader, id, 0, 100000, &error);
      g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
      guint at = 0;

      g_assert_no_error (error);
      for (guint i = 0; i < messages->len; i++)
        {
          const TernMessageRecord *expected = messages->pdata[i];
          const TernMessageRecord *got;

          if (!g_hash_table_add (seen, expected->client_id))
            continue; /* sent again after an answer got lost: shown once */
          g_assert_cmpuint (at, <, stored->len);
          got = stored->pdata[at++];
          g_assert_cmpstr (got->client_id, ==, expected->client_id);
          g_assert_cmpint (got->seq, ==, expected->seq);
          g_assert_cmpint (got->status, ==, TERN_MESSAGE_SENT);
        }
      g_assert_cmpuint (at, ==, stored->len);
    }
}

static void
sent_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *id =
    tern_sync_worker_send_finish (TERN_SYNC_WORKER (object), result, &error);

  g_assert_true ((id == NULL) == (error != NULL));
  (*(guint *) user_data)++;
}

void
world_send_to_peer (World *world,
                    guint  peer,
                    guint *n_done)
{
  TernMessageRecord *message = tern_message_record_new ();

  g_free (message->conversation_id);
  message->conversation_id = world_peer_conversation (peer);
  g_free (message->recv_id);
  message->recv_id = g_strdup_printf ("peer%u", peer);
  message->chat_type = TERN_CHAT_SINGLE;
  message->content_type = TERN_CONTENT_TEXT;
  message->content = tern_content_build_text ("mine");
  tern_sync_worker_send_async (world->worker, message, TRUE, NULL, sent_cb, n_done);
}
