/* test-worker.c: the worker against a gateway that loses, doubles and delays
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The gateway is a model in this process: it answers frames built with the
 * wire encoders. At the end the store holds what the model holds.
 */

#include "tern-content-json.h"
#include "tern-error.h"
#include "tern-store.h"
#include "tern-sync-worker.h"
#include "tern-wire.h"
#include "test-support.h"

#include <string.h>

#define SELF "me"
#define N_PEERS 4

typedef struct
{
  TernSyncWorker *worker;
  char           *folder;
  GRand          *rand;
  GHashTable     *conversations; /* ID → GPtrArray of TernMessageRecord, seq = index + 1 */
  guint64         epoch;
  guint64         heard_epoch; /* of the last frame that the worker sent */
  guint           n_client_ids;
  gboolean        is_rough; /* loses, doubles, delays */
  gboolean        is_refusing; /* what is sent */
  gboolean        is_over;
  guint           n_begun;
  guint           n_closed;
  guint           n_failed;
  gint64          last_done;
  GError         *lost;
} World;

static gboolean
chance (World *world,
        int    percent)
{
  return world->is_rough && g_rand_int_range (world->rand, 0, 100) < percent;
}

static char *
peer_conversation (guint peer)
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

static void
deliver (World           *world,
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
    deliver (world, frame);
  if (chance (world, 20))
    deliver (world, frame);
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

static void
receive_from_peer (World *world,
                   guint  peer)
{
  TernMessageRecord *message = tern_message_record_new ();

  g_free (message->conversation_id);
  message->conversation_id = peer_conversation (peer);
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
    deliver (world, reply);
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

static void
over_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  World *world = user_data;
  g_autoptr(GError) error = NULL;

  tern_sync_worker_run_finish (TERN_SYNC_WORKER (object), result, &error);
  g_assert_no_error (error);
  world->is_over = TRUE;
}

static void
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
  tern_sync_worker_run_async (world->worker, over_cb, world);
  tern_sync_worker_wait_ready_async (world->worker, NULL, ready_cb, &is_ready);
  while (!is_ready)
    g_main_context_iteration (NULL, TRUE);
}

static void
world_stop (World *world)
{
  tern_sync_worker_stop (world->worker);
  while (!world->is_over)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (world->n_begun, ==, world->n_closed);
  g_assert_finalize_object (g_steal_pointer (&world->worker));
}

static void
connect_line (World *world)
{
  world->epoch++;
  tern_sync_worker_push_connected (world->worker, world->epoch, TERN_SYNC_REASON_CONNECTED);
  tern_sync_worker_push_records_ready (world->worker, world->epoch);
}

static void
cut_line (World *world)
{
  guint64 old = world->epoch;

  tern_sync_worker_push_disconnected (world->worker, old, NULL);
  world->epoch += 1000; /* nothing of the old line is delivered any more */
}

static World *
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

static void
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

static void
run_until (World    *world,
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
static gboolean
is_settled (World *world)
{
  return world->heard_epoch == world->epoch &&
         tern_sync_worker_get_state (world->worker) == TERN_SYNC_LIVE &&
         tern_sync_worker_get_n_unsent (world->worker) == 0 &&
         tern_sync_worker_get_is_complete (world->worker);
}

/* What the store shows is what the gateway holds, each identity once, in its
 * order; the lower of two seqs keeps the row. */
static void
assert_same (World *world)
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

static void
send_to_peer (World *world,
              guint  peer,
              guint *n_done)
{
  TernMessageRecord *message = tern_message_record_new ();

  g_free (message->conversation_id);
  message->conversation_id = peer_conversation (peer);
  g_free (message->recv_id);
  message->recv_id = g_strdup_printf ("peer%u", peer);
  message->chat_type = TERN_CHAT_SINGLE;
  message->content_type = TERN_CONTENT_TEXT;
  message->content = tern_content_build_text ("mine");
  tern_sync_worker_send_async (world->worker, message, NULL, sent_cb, n_done);
}

static void
test_first_sync (void)
{
  World *world = world_new (FALSE);

  for (guint i = 0; i < 3000; i++)
    receive_from_peer (world, i % N_PEERS);
  world_start (world);
  connect_line (world);
  run_until (world, is_settled);
  world_stop (world);
  g_assert_cmpuint (world->n_begun, ==, 2); /* the screenful, the backfill */
  g_assert_cmpuint (world->n_failed, ==, 0);
  assert_same (world);
  world_free (world);
}

static gboolean
is_live (World *world)
{
  return world->heard_epoch == world->epoch && world->n_closed == 1 &&
         tern_sync_worker_get_state (world->worker) == TERN_SYNC_LIVE;
}

/* While the backfill rests, what is new comes all the same. */
static void
test_paused (void)
{
  World *world = world_new (FALSE);
  g_autofree char *id = peer_conversation (0);
  g_autoptr(GError) error = NULL;
  g_autoptr(TernDb) reader = NULL;
  g_autoptr(GPtrArray) rows = NULL;

  for (guint i = 0; i < 3000; i++)
    receive_from_peer (world, i % N_PEERS);
  world_start (world);
  tern_sync_worker_set_paused (world->worker, TRUE);
  connect_line (world);
  run_until (world, is_live);
  reader = tern_db_open (world->folder, TERN_DB_READER, &error);
  g_assert_no_error (error);
  g_assert_false (tern_sync_worker_get_is_complete (world->worker));
  rows = tern_store_list_before_seq (reader, id, 0, 1000, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, 20);
  tern_sync_worker_set_paused (world->worker, FALSE);
  run_until (world, is_settled);
  g_clear_pointer (&reader, tern_db_close);
  world_stop (world);
  assert_same (world);
  world_free (world);
}

static void
test_rough (void)
{
  World *world = world_new (TRUE);
  guint n_sent = 0;
  guint n_done = 0;

  for (guint i = 0; i < 500; i++)
    receive_from_peer (world, i % N_PEERS);
  world_start (world);
  connect_line (world);
  for (guint step = 0; step < 400; step++)
    {
      int choice = g_rand_int_range (world->rand, 0, 100);

      if (choice < 40)
        receive_from_peer (world, (guint) g_rand_int_range (world->rand, 0, N_PEERS));
      else if (choice < 60)
        {
          send_to_peer (world, (guint) g_rand_int_range (world->rand, 0, N_PEERS), &n_done);
          n_sent++;
        }
      else if (choice < 63)
        {
          cut_line (world);
          connect_line (world);
        }
      else if (choice < 64)
        {
          /* As a crash between two transactions would leave it. */
          world_stop (world);
          world_start (world);
          connect_line (world);
        }
      for (int i = 0; i < 3; i++)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (300);
        }
    }
  /* Then all goes well again. */
  world->is_rough = FALSE;
  cut_line (world);
  connect_line (world);
  run_until (world, is_settled);
  world_stop (world);
  g_assert_cmpuint (n_done, ==, n_sent);
  assert_same (world);
  world_free (world);
}

static void
deleted_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  GError **error = user_data;

  if (tern_sync_worker_finish (TERN_SYNC_WORKER (object), result, error))
    *error = g_error_new_literal (TERN_ERROR, TERN_ERROR_NOT_FOUND, "It went well");
}

/* What failed can be deleted, what is on its way cannot. */
static void
test_delete (void)
{
  World *world = world_new (FALSE);
  g_autofree char *id = peer_conversation (0);
  g_autoptr(GError) busy = NULL;
  g_autoptr(GError) gone = NULL;
  g_autoptr(GPtrArray) rows = NULL;
  g_autoptr(TernDb) reader = NULL;
  const char *client_id;
  guint n_done = 0;

  world_start (world);
  send_to_peer (world, 0, &n_done);
  while (n_done == 0)
    g_main_context_iteration (NULL, TRUE);
  reader = tern_db_open (world->folder, TERN_DB_READER, NULL);
  rows = tern_store_list_before (reader, id, NULL, 9, NULL);
  client_id = ((TernMessageRecord *) rows->pdata[0])->client_id;
  tern_sync_worker_delete_async (world->worker, id, 0, client_id, NULL, deleted_cb, &busy);
  while (busy == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (busy, TERN_ERROR, TERN_ERROR_REFUSED);
  world->is_refusing = TRUE;
  connect_line (world);
  run_until (world, is_settled);
  tern_sync_worker_delete_async (world->worker, id, 0, client_id, NULL, deleted_cb, &gone);
  while (gone == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (gone, TERN_ERROR, TERN_ERROR_NOT_FOUND);
  g_assert_null (tern_store_find_by_client_id (reader, id, SELF, client_id, NULL));
  g_clear_pointer (&reader, tern_db_close);
  world_stop (world);
  world_free (world);
}

static void
test_kicked (void)
{
  World *world = world_new (FALSE);
  g_autoptr(TernFrame) kick = tern_frame_new (TERN_FRAME_KICKED, "", "", NULL);

  world_start (world);
  connect_line (world);
  deliver (world, kick);
  while (world->lost == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (world->lost, TERN_ERROR, TERN_ERROR_KICKED);
  g_assert_cmpint (tern_sync_worker_get_state (world->worker), ==, TERN_SYNC_OFFLINE);
  world_stop (world);
  world_free (world);
}

static void
test_garbage (void)
{
  World *world = world_new (FALSE);
  g_autoptr(GBytes) garbage = g_bytes_new_static ("\x00garbage", 8);
  g_autoptr(GBytes) bad_body = g_bytes_new_static ("\xff\xff\xff", 3);
  g_autoptr(TernFrame) bad_push = tern_frame_new (TERN_FRAME_PUSH, "", "", bad_body);

  for (guint i = 0; i < 50; i++)
    receive_from_peer (world, 0);
  world_start (world);
  connect_line (world);
  for (int i = 0; i < 200; i++)
    {
      tern_sync_worker_push_frame (world->worker, world->epoch, garbage);
      deliver (world, bad_push);
    }
  run_until (world, is_settled);
  world_stop (world);
  assert_same (world);
  world_free (world);
}

/* Every command is answered once, whenever the end comes. */
static void
test_stop_at_any_time (void)
{
  for (int cycle = 0; cycle < 60; cycle++)
    {
      World *world = world_new (TRUE);
      guint n_sent = (guint) g_rand_int_range (world->rand, 1, 40);
      guint n_done = 0;

      for (guint i = 0; i < 100; i++)
        receive_from_peer (world, i % N_PEERS);
      world_start (world);
      connect_line (world);
      for (guint i = 0; i < n_sent; i++)
        {
          send_to_peer (world, i % N_PEERS, &n_done);
          if (i % 7 == 0)
            g_main_context_iteration (NULL, FALSE);
        }
      world_stop (world);
      g_assert_cmpuint (n_done, ==, n_sent);
      world_free (world);
    }
}

static gboolean
is_drained (World *world)
{
  return tern_sync_worker_is_drained (world->worker);
}

static guint
push_until_refused (World  *world,
                    GBytes *frame,
                    guint   max)
{
  guint n = 0;

  while (n < max && tern_sync_worker_push_frame (world->worker, 1, frame))
    n++;

  return n;
}

/* Nobody takes anything out at first: what waits is bounded, large or small.
 * Then all of it is handled, and more can come. */
static void
test_flood (void)
{
  const TernFrameFormat format = { TERN_ENCODING_JSON, FALSE, 0 };
  g_autoptr(GBytes) large = g_bytes_new_take (g_malloc0 (1 << 20), 1 << 20);
  g_autoptr(GBytes) small = g_bytes_new_static ("x", 1);
  World *world = world_new (FALSE);

  world->worker = tern_sync_worker_new (world->folder, SELF, 7, &format);
  g_assert_cmpuint (push_until_refused (world, small, 200000), <, 200000);
  g_assert_false (tern_sync_worker_is_drained (world->worker));
  g_clear_object (&world->worker);

  world->worker = tern_sync_worker_new (world->folder, SELF, 7, &format);
  g_assert_cmpuint (push_until_refused (world, large, 200), <, 200);
  g_assert_false (tern_sync_worker_push_frame (world->worker, 1, small));
  tern_sync_worker_run_async (world->worker, over_cb, world);
  run_until (world, is_drained);
  g_assert_true (tern_sync_worker_push_frame (world->worker, 1, large));
  world_stop (world);
  world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  /* Ten seconds of patience are a quarter of one here. */
  g_setenv ("TERN_CLOCK_SCALE", "40", FALSE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/first-sync", test_first_sync);
  g_test_add_func ("/worker/paused", test_paused);
  g_test_add_func ("/worker/rough", test_rough);
  g_test_add_func ("/worker/delete", test_delete);
  g_test_add_func ("/worker/kicked", test_kicked);
  g_test_add_func ("/worker/garbage", test_garbage);
  g_test_add_func ("/worker/flood", test_flood);
  g_test_add_func ("/worker/stop-at-any-time", test_stop_at_any_time);
  return g_test_run ();
}
