/* bench-sync.c: what a first full sync costs the worker
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine is stepped in this thread and its own CPU time measured; the
 * answers are made while the clock stands. Beside it, the bare inserts of the
 * same rows: same file settings, same order, same batches, and at the end the
 * log is copied into the file by both.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tern-content-json.h"
#include "tern-db-private.h"
#include "tern-sync-engine-private.h"
#include "test-support.h"

#define SELF "me"
#define N_PARTS 10
#define N_RUNS 3 /* the best of which counts: other programs take their share */

static const TernFrameFormat format = { TERN_ENCODING_GOB, FALSE, 0 };

typedef struct
{
  char        *folder;
  TernChannel *inbox;
  TernChannel *outbox;
  guint        n_conversations;
  guint        n_messages; /* of each */
  GQueue       replies;    /* (element-type TernSyncEvent): on the wire */
  gint64       n_given;    /* messages that were given to the engine */
  gboolean     is_complete;
  gint64       n_done;     /* messages in replies so far */
  gint64       spent_ns;
  gint64       part_ns[N_PARTS];
  gint64       part_n[N_PARTS];
} Bench;

static gint64
get_cpu_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);

  return (gint64) now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

/* As a group's messages are: many senders, IDs without order. */
static TernMessageRecord *
make_message (const char *conversation_id,
              gint64      seq)
{
  TernMessageRecord *message = tern_message_record_new ();
  g_autofree char *key = g_strdup_printf ("%s %" G_GINT64_FORMAT, conversation_id, seq);
  g_autofree char *sender = g_strdup_printf ("%d", 1000000000 + (int) (seq % 97));

  tern_record_set_text (&message->conversation_id, conversation_id);
  tern_record_set_text (&message->group_id, conversation_id + 3);
  tern_record_set_text (&message->sender_id, sender);
  tern_record_set_text (&message->sender_name, "Somebody with a name");
  tern_record_set_text (&message->sender_face_url, "http://files.example.org/object/face_1234.png");
  g_free (message->client_id);
  message->client_id = g_compute_checksum_for_string (G_CHECKSUM_MD5, key, -1);
  tern_record_set_text (&message->server_id, message->client_id);
  g_strreverse (message->server_id);
  message->chat_type = TERN_CHAT_GROUP;
  message->content_type = TERN_CONTENT_TEXT;
  message->status = TERN_MESSAGE_SENT;
  message->msg_from = 100;
  message->sender_platform = 3;
  message->seq = seq;
  message->sent_ms = 1700000000000 + seq * 1000;
  message->created_ms = message->sent_ms - 40;
  message->content = tern_content_build_text ("Some text of about the length that people write "
                                              "when they write to each other, more or less");

  return message;
}

static char *
make_id (guint i)
{
  return g_strdup_printf ("sg_%u", 1000000000 + i);
}

static GBytes *
answer (Bench           *bench,
        const TernFrame *request)
{
  g_autoptr(GPtrArray) batches =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_batch_free);
  g_autoptr(GPtrArray) ranges = NULL;
  g_autofree char *user_id = NULL;
  gboolean is_descending;

  if (request->id == TERN_FRAME_NEWEST_SEQS)
    {
      g_autoptr(GPtrArray) states =
        g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_state_free);

      for (guint i = 0; i < bench->n_conversations; i++)
        {
          g_autofree char *id = make_id (i);

          g_ptr_array_add (states, tern_seq_state_new (id, bench->n_messages, 0));
        }
      return tern_wire_encode_newest_seqs_reply (states);
    }
  if (request->id != TERN_FRAME_PULL_RANGES)
    return g_bytes_new (NULL, 0);

  ranges = tern_wire_decode_pull_ranges (request->data, &user_id, &is_descending, NULL);
  for (guint i = 0; i < ranges->len; i++)
    {
      const TernSeqRequest *range = ranges->pdata[i];
      TernMessageBatch *batch = tern_message_batch_new (range->conversation_id);

      for (gint64 seq = range->first; seq <= range->last; seq++)
        g_ptr_array_add (batch->messages, make_message (range->conversation_id, seq));
      bench->n_done += range->last - range->first + 1;
      g_ptr_array_add (batches, batch);
    }

  return tern_wire_encode_batches (batches);
}

static void
handle_notice (Bench          *bench,
               TernSyncNotice *notice)
{
  g_autoptr(TernFrame) request = NULL;
  g_autoptr(TernFrame) reply = NULL;
  g_autoptr(GBytes) body = NULL;
  TernSyncEvent *event;
  gint64 n_before = bench->n_done;

  if (notice->type == TERN_SYNC_NOTICE_COMPLETE)
    bench->is_complete = notice->done != 0;
  if (notice->type != TERN_SYNC_NOTICE_TRANSMIT)
    return;

  request = tern_frame_decode_request (notice->frame, &format, NULL);
  body = answer (bench, request);
  reply = tern_frame_new (request->id, request->msg_incr, request->operation_id, body);
  event = tern_sync_event_new (TERN_SYNC_EVENT_FRAME);
  event->epoch = 1;
  event->frame = tern_frame_encode_reply (reply, &format);
  event->seq = bench->n_done - n_before; /* how many messages are in it */
  g_queue_push_tail (&bench->replies, event);
}

static void
run_engine (Bench *bench)
{
  TernSyncConfig config = { bench->folder, SELF, 7, format, NULL, NULL };
  g_autoptr(TernSyncEngine) engine = NULL;
  TernSyncEvent *event;
  gint64 n_total = (gint64) bench->n_conversations * bench->n_messages;

  bench->inbox = tern_channel_new ((GDestroyNotify) tern_sync_event_free);
  bench->outbox = tern_channel_new ((GDestroyNotify) tern_sync_notice_free);
  config.inbox = bench->inbox;
  config.outbox = bench->outbox;
  engine = tern_sync_engine_new (&config);
  if (!tern_sync_engine_open (engine, NULL))
    g_error ("The store cannot be opened");
  event = tern_sync_event_new (TERN_SYNC_EVENT_CONNECTED);
  event->epoch = 1;
  tern_channel_push (bench->inbox, event);
  event = tern_sync_event_new (TERN_SYNC_EVENT_RECORDS_READY);
  event->epoch = 1;
  tern_channel_push (bench->inbox, event);
  while (!bench->is_complete)
    {
      g_autoptr(GPtrArray) notices = NULL;
      gint64 part = MIN (bench->n_given * N_PARTS / n_total, N_PARTS - 1);
      gint64 n_messages = 0;
      gint64 step_ns;

      event = g_queue_pop_head (&bench->replies);
      if (event != NULL)
        {
          n_messages = event->seq;
          bench->n_given += n_messages;
          tern_channel_push (bench->inbox, event);
        }
      step_ns = get_cpu_ns ();
      tern_sync_engine_step (engine, 0);
      step_ns = get_cpu_ns () - step_ns;
      bench->spent_ns += step_ns;
      /* The end of the run copies the log into the file, once. */
      if (event != NULL && bench->n_given < n_total)
        {
          bench->part_ns[part] += step_ns;
          bench->part_n[part] += n_messages;
        }
      notices = tern_channel_pop_batch (bench->outbox, 0, NULL);
      for (guint i = 0; i < notices->len; i++)
        handle_notice (bench, notices->pdata[i]);
    }
  g_clear_pointer (&engine, tern_sync_engine_free);
  tern_channel_unref (bench->inbox);
  tern_channel_unref (bench->outbox);
}

/* The same rows and nothing else: newest thousand first, as the engine asks. */
static gint64
run_inserts (Bench *bench)
{
  g_autoptr(TernDb) db = tern_db_open (bench->folder, TERN_DB_WRITER, NULL);
  gint64 spent_ns = 0;
  gint64 end_ns;

  for (guint i = 0; i < bench->n_conversations; i++)
    {
      g_autofree char *id = make_id (i);

      for (gint64 last = bench->n_messages; last > 0; last -= MIN (last, 1000))
        {
          g_autoptr(GPtrArray) messages =
            g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_record_free);
          gint64 before_ns;
          gint64 key;

          for (gint64 seq = MAX (last - 999, 1); seq <= last; seq++)
            g_ptr_array_add (messages, make_message (id, seq));
          before_ns = get_cpu_ns ();
          tern_db_begin (db, NULL);
          tern_db_ensure_key (db, id, &key, NULL);
          for (guint k = 0; k < messages->len; k++)
            {
              TernMessageRecord *message = messages->pdata[k];

              message->position = tern_message_row_position (message->seq);
              tern_message_row_insert (db, key, message, &message->id, NULL);
            }
          tern_db_commit (db, NULL);
          spent_ns += get_cpu_ns () - before_ns;
        }
    }
  end_ns = get_cpu_ns ();
  tern_db_checkpoint (db, NULL);

  return spent_ns + get_cpu_ns () - end_ns;
}

static void
take_best (gint64 *best,
           gint64  value)
{
  if (*best == 0 || value < *best)
    *best = value;
}

/* Of a thousand messages. */
static gint64
get_cost (const Bench *bench,
          guint        part)
{
  return bench->part_ns[part] * 1000 / MAX (bench->part_n[part], 1);
}

static void
bench (const char *name,
       guint       n_conversations,
       guint       n_messages)
{
  double n = (double) n_conversations * n_messages;
  gint64 raw_ns = 0;
  gint64 sync_ns = 0;
  gint64 first_ns = 0;
  gint64 last_ns = 0;

  for (guint i = 0; i < N_RUNS; i++)
    {
      Bench run = { .n_conversations = n_conversations, .n_messages = n_messages };

      run.folder = g_dir_make_tmp ("tern-bench-XXXXXX", NULL);
      take_best (&raw_ns, run_inserts (&run));
      test_remove_tree (run.folder);
      g_free (run.folder);
      run.folder = g_dir_make_tmp ("tern-bench-XXXXXX", NULL);
      run_engine (&run);
      test_remove_tree (run.folder);
      g_free (run.folder);
      take_best (&sync_ns, run.spent_ns);
      take_best (&first_ns, get_cost (&run, 0));
      take_best (&last_ns, get_cost (&run, N_PARTS - 1));
    }

  g_print ("%s-sync: %.2f us/message (CPU)\n", name, (double) sync_ns / 1000 / n);
  g_print ("%s-insert: %.2f us/message (CPU)\n", name, (double) raw_ns / 1000 / n);
  g_print ("%s-ratio: %.2f times\n", name, (double) sync_ns / (double) raw_ns);
  g_print ("%s-rate: %.0f messages/s (of CPU time)\n", name, n * 1e9 / (double) sync_ns);
  g_print ("%s-last-tenth: %.2f of the first's rate\n", name,
           (double) first_ns / (double) MAX (last_ns, 1));
}

int
main (int   argc,
      char *argv[])
{
  guint n = argc > 1 ? (guint) atoi (argv[1]) : 100000;

  bench ("full", 200, n / 200);
  bench ("one", 1, n / 5);

  return 0;
}
