/* engine-world.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "engine-world.h"

#include <string.h>

#include "tern-content-json.h"
#include "test-support.h"

static const TernFrameFormat format = { TERN_ENCODING_JSON, FALSE, 0 };

gboolean
world_chance (World *world,
              int    percent)
{
  return world->is_rough && g_rand_int_range (world->rand, 0, 100) < percent;
}

static void
slot_free (gpointer data)
{
  Slot *slot = data;

  g_clear_pointer (&slot->message, tern_message_record_free);
  g_free (slot);
}

Conversation *
world_get (World      *world,
           const char *id)
{
  Conversation *conversation;

  for (guint i = 0; i < world->conversations->len; i++)
    {
      conversation = world->conversations->pdata[i];
      if (g_str_equal (conversation->id, id))
        return conversation;
    }

  conversation = g_new0 (Conversation, 1);
  conversation->id = g_strdup (id);
  conversation->slots = g_ptr_array_new_with_free_func (slot_free);
  conversation->first = 1;
  conversation->chat_type = id[1] == 'g' ? TERN_CHAT_GROUP : TERN_CHAT_SINGLE;
  g_ptr_array_add (world->conversations, conversation);

  return conversation;
}

/* --- to the engine --- */

static TernSyncEvent *
push_event (World             *world,
            TernSyncEventType  type)
{
  TernSyncEvent *event = tern_sync_event_new (type);

  event->epoch = world->epoch;

  return event;
}

static void
put_on_wire (World           *world,
             GPtrArray       *wire,
             const TernFrame *frame)
{
  if (world->is_up)
    g_ptr_array_add (wire, tern_frame_encode_reply (frame, &format));
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
  if (!world_chance (world, 25))
    put_on_wire (world, world->pushes, frame);
  if (world_chance (world, 15))
    put_on_wire (world, world->pushes, frame);
}

/* The records of groups in which something was announced. */
static TernRecordUpdate *
make_group_update (World *world)
{
  TernRecordUpdate *update = tern_record_update_new (TERN_DATASET_GROUPS, "");

  for (guint i = 0; i < world->conversations->len; i++)
    {
      const Conversation *conversation = world->conversations->pdata[i];
      TernGroupRecord *group;

      if (conversation->announcement == NULL)
        continue;
      group = tern_group_record_new ();
      tern_record_set_text (&group->id, conversation->id + 3);
      tern_record_set_text (&group->announcement, conversation->announcement);
      tern_record_set_text (&group->announcer_id, conversation->announcer_id);
      g_ptr_array_add (update->rows, group);
    }

  return update;
}

void
world_apply_records (World *world)
{
  TernRecordUpdate *update = tern_record_update_new (TERN_DATASET_CONVERSATIONS, "");
  TernSyncEvent *event = push_event (world, TERN_SYNC_EVENT_APPLY);

  for (guint i = 0; i < world->conversations->len; i++)
    {
      const Conversation *conversation = world->conversations->pdata[i];
      TernConversationRecord *record;

      if (conversation->is_foreign || tern_conversation_id_is_notification (conversation->id))
        continue;
      record = tern_conversation_record_new ();
      tern_record_set_text (&record->id, conversation->id);
      record->chat_type = conversation->chat_type;
      if (conversation->first > 1 && !conversation->is_cleared)
        record->min_seq = conversation->first;
      record->max_seq = conversation->cap;
      g_ptr_array_add (update->rows, record);
    }
  event->op = ++world->last_op;
  event->updates = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_record_update_free);
  g_ptr_array_add (event->updates, update);
  g_ptr_array_add (event->updates, make_group_update (world));
  world->n_open++;
  tern_channel_push (world->inbox, event);
}

/* --- what happens up there --- */

/* Gives the message its number; some are skipped now and then. */
static Slot *
store (World             *world,
       Conversation      *conversation,
       TernMessageRecord *message) /* (transfer full) */
{
  Slot *slot;

  if (world_chance (world, 5))
    g_ptr_array_add (conversation->slots, g_new0 (Slot, 1));
  slot = g_new0 (Slot, 1);
  slot->message = message;
  slot->unreadable = world_chance (world, 10) ? 3 : 0;
  g_ptr_array_add (conversation->slots, slot);
  message->seq = (gint64) conversation->slots->len;
  message->sent_ms = 1000 + message->seq;
  tern_record_set_text (&message->conversation_id, conversation->id);
  if (conversation->cap == 0 && !conversation->is_foreign)
    push_message (world, message);

  return slot;
}

static TernMessageRecord *
make_message (World      *world,
              const char *sender,
              int         type)
{
  TernMessageRecord *message = tern_message_record_new ();

  g_free (message->client_id);
  message->client_id = g_strdup_printf ("%032u", ++world->n_ids);
  tern_record_set_text (&message->sender_id, sender);
  message->content_type = type;
  message->chat_type = TERN_CHAT_SINGLE;
  message->status = TERN_MESSAGE_SENT;
  message->content = tern_content_build_text (message->client_id);

  return message;
}

/* Every few messages answer one that stands a little above, in its words. */
static void
quote_one (World             *world,
           Conversation      *conversation,
           TernMessageRecord *message)
{
  guint n = conversation->slots->len;
  guint seq = n - (guint) g_rand_int_range (world->rand, 0, (gint32) MIN (n, 40));
  const Slot *slot = conversation->slots->pdata[seq - 1];

  if (slot->message == NULL || slot->message->content_type != TERN_CONTENT_TEXT)
    return;
  message->content_type = n % 3 == 0 ? TERN_CONTENT_AT_TEXT : TERN_CONTENT_QUOTE;
  g_bytes_unref (message->content);
  message->content = tern_content_build_quote ("I see", slot->message);
}

static TernMessageRecord *
make_peer_message (World        *world,
                   Conversation *conversation)
{
  TernMessageRecord *message = make_message (world, "peer", TERN_CONTENT_TEXT);

  message->chat_type = conversation->chat_type;
  if (conversation->chat_type == TERN_CHAT_GROUP)
    tern_record_set_text (&message->group_id, conversation->id + 3);
  else
    tern_record_set_text (&message->recv_id, SELF);

  return message;
}

void
world_peer_writes (World        *world,
                   Conversation *conversation)
{
  TernMessageRecord *message = make_peer_message (world, conversation);

  if (conversation->slots->len > 0 && g_rand_int_range (world->rand, 0, 100) < 20)
    quote_one (world, conversation, message);
  store (world, conversation, message);
}

/* A 106 or 114 that says it answers @quoted, whose seq may be anything. */
void
world_peer_quotes (World                   *world,
                   Conversation            *conversation,
                   int                      type,
                   const TernMessageRecord *quoted)
{
  TernMessageRecord *message = make_peer_message (world, conversation);

  message->content_type = type;
  g_bytes_unref (message->content);
  message->content = tern_content_build_quote ("I see", quoted);
  store (world, conversation, message);
}

/* The last message is pushed once more. */
void
world_repeat (World              *world,
              const Conversation *conversation)
{
  Slot **slots = (Slot **) conversation->slots->pdata;

  push_message (world, slots[conversation->slots->len - 1]->message);
}

/* To there, and not to the end. */
void
world_person_reads (World        *world,
                    Conversation *conversation,
                    gint64        seq)
{
  TernSyncEvent *event = push_event (world, TERN_SYNC_EVENT_MARK_READ);

  event->op = ++world->last_op;
  event->conversation_id = g_strdup (conversation->id);
  event->seq = seq;
  world->n_open++;
  tern_channel_push (world->inbox, event);
}

void
world_person_writes (World        *world,
                     Conversation *conversation)
{
  TernSyncEvent *event = push_event (world, TERN_SYNC_EVENT_SEND);
  Slot *own = g_new0 (Slot, 1);

  event->op = ++world->last_op;
  event->message = make_message (world, SELF, TERN_CONTENT_TEXT);
  event->message->chat_type = conversation->chat_type;
  tern_record_set_text (&event->message->conversation_id, conversation->id);
  tern_record_set_text (conversation->chat_type == TERN_CHAT_GROUP ? &event->message->group_id
                                                       : &event->message->recv_id,
            conversation->id + 3);
  own->message = tern_message_record_copy (event->message);
  g_ptr_array_add (world->own, own);
  world->n_open++;
  tern_channel_push (world->inbox, event);
}

/* A notification; a stored one takes a number of @id, any other has none. */
void
world_notify (World      *world,
              const char *id,
              int         type,
              const char *sender,
              char       *detail) /* (transfer full) */
{
  TernMessageRecord *message = make_message (world, sender, type);
  Conversation *conversation = world_get (world, id);
  g_autofree char *escaped = g_strescape (detail, NULL);
  g_autofree char *content = g_strdup_printf ("{\"detail\":\"%s\"}", escaped);

  g_bytes_unref (message->content);
  message->content = g_bytes_new (content, strlen (content));
  message->msg_from = 200;
  message->chat_type = conversation->chat_type;
  if (conversation->chat_type == TERN_CHAT_GROUP)
    tern_record_set_text (&message->group_id, conversation->id + 3);
  if (type == TERN_CONTENT_ANNOUNCED)
    {
      g_autoptr(TernContent) said = tern_content_parse (type, message->content);

      tern_record_set_text (&conversation->announcement, said->text);
      tern_record_set_text (&conversation->announcer_id, sender);
    }
  store (world, conversation, message);
  g_free (detail);
}

/* --- the server's answers --- */

static gint64
get_high (const Conversation *conversation)
{
  gint64 last = (gint64) conversation->slots->len;

  return conversation->cap > 0 ? MIN (last, conversation->cap) : last;
}

/* Pulls bring no words of what was withdrawn; pushes do. */
static void
rewrite_quote (const Conversation *conversation,
               TernMessageRecord  *message)
{
  g_autoptr(TernContent) content = NULL;
  const Slot *slot;
  GBytes *rest;

  if (message->content_type != TERN_CONTENT_QUOTE)
    return;
  content = tern_content_parse (message->content_type, message->content);
  slot = content->quote_seq > 0 ? conversation->slots->pdata[content->quote_seq - 1] : NULL;
  if (slot != NULL &&
      (slot->message == NULL || slot->message->content_type != TERN_CONTENT_REVOKED))
    return;
  rest = tern_content_revoke_quote (message->content);
  if (rest == NULL)
    return;
  g_bytes_unref (message->content);
  message->content = rest;
}

static void
add_element (TernMessageBatch   *batch,
             const Conversation *conversation,
             gint64              seq)
{
  const Slot *slot = conversation->slots->pdata[seq - 1];
  TernMessageRecord *message;

  if (slot->message != NULL && slot->unreadable == 0)
    {
      message = tern_message_record_copy (slot->message);
      rewrite_quote (conversation, message);
      if (slot->is_deleted)
        {
          message->status = TERN_MESSAGE_DELETED;
          g_clear_pointer (&message->content, g_bytes_unref);
        }
    }
  else
    {
      message = tern_message_record_new ();
      message->seq = seq;
      message->status = TERN_MESSAGE_DELETED;
      tern_record_set_text (&message->conversation_id, conversation->id);
    }
  g_ptr_array_add (batch->messages, message);
}

static GBytes *
answer_newest (World *world)
{
  g_autoptr(GPtrArray) states =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_state_free);

  for (guint i = 0; i < world->conversations->len; i++)
    {
      const Conversation *conversation = world->conversations->pdata[i];

      if (conversation->slots->len > 0 && !conversation->is_foreign)
        g_ptr_array_add (states,
                         tern_seq_state_new (conversation->id, conversation->slots->len, 0));
    }

  return tern_wire_encode_newest_seqs_reply (states);
}

static GBytes *
answer_ranges (World     *world,
               GPtrArray *ranges)
{
  g_autoptr(GPtrArray) batches =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_batch_free);

  for (guint i = 0; i < ranges->len; i++)
    {
      const TernSeqRequest *range = ranges->pdata[i];
      const Conversation *conversation = world_get (world, range->conversation_id);
      gint64 first = MAX (range->first, conversation->first);
      gint64 last = MIN (range->last, get_high (conversation));
      TernMessageBatch *batch;

      /* Left out for "nothing" and for "error" alike. */
      if (first > last || conversation->is_foreign || world_chance (world, 5))
        continue;
      batch = tern_message_batch_new (range->conversation_id);
      for (gint64 seq = first; seq <= last; seq++)
        add_element (batch, conversation, seq);
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
      const Conversation *conversation = world_get (world, list->conversation_id);
      TernMessageBatch *batch = tern_message_batch_new (list->conversation_id);

      for (guint k = 0; k < list->seqs->len; k++)
        {
          gint64 seq = g_array_index (list->seqs, gint64, k);

          if (seq < conversation->first)
            {
              batch->is_end = TRUE;
              batch->end_seq = conversation->first;
            }
          else if (seq <= get_high (conversation))
            add_element (batch, conversation, seq);
        }
      g_ptr_array_add (batches, batch);
    }

  return tern_wire_encode_batches (batches);
}

static GBytes *
answer_send (World  *world,
             GBytes *body,
             gint32 *err_code)
{
  TernMessageRecord *message = tern_wire_decode_message (body, NULL);
  g_autofree char *server_id = g_strdup_printf ("%032u", ++world->n_ids);
  g_autofree char *client_id = g_strdup (message->client_id);
  g_autofree char *id =
    g_strdup_printf ("%s_%s", message->chat_type == TERN_CHAT_GROUP ? "sg" : "si",
                     message->chat_type == TERN_CHAT_GROUP ? message->group_id : message->recv_id);
  TernSendReply reply = { .server_id = server_id, .client_id = client_id, .sent_ms = 5000 };

  if (world_get (world, id)->cap > 0)
    {
      tern_message_record_free (message);
      *err_code = 1002;
      return NULL;
    }
  if (!world_chance (world, 12))
    {
      store (world, world_get (world, id), message);
      return tern_wire_encode_send_reply (&reply);
    }

  /* Acknowledged does not mean stored. */
  for (guint i = 0; i < world->own->len; i++)
    {
      Slot *own = world->own->pdata[i];

      own->is_dropped = own->is_dropped || g_str_equal (own->message->client_id, client_id);
    }
  tern_message_record_free (message);

  return tern_wire_encode_send_reply (&reply);
}

static void
cut (World  *world,
     GError *reason) /* (transfer full) (nullable) */
{
  TernSyncEvent *event = push_event (world, TERN_SYNC_EVENT_DISCONNECTED);

  world->is_up = FALSE;
  g_ptr_array_set_size (world->pushes, 0);
  g_ptr_array_set_size (world->answers, 0);
  event->error = reason;
  tern_channel_push (world->inbox, event);
}

void
world_cut (World *world)
{
  cut (world, NULL);
}

static gboolean
is_too_large (World  *world,
              gint32  id,
              GBytes *body)
{
  g_autoptr(GPtrArray) batches = NULL;
  guint n = 0;

  if (world->max_answer == 0 || (id != TERN_FRAME_PULL_RANGES && id != TERN_FRAME_PULL_LIST))
    return FALSE;

  batches = tern_wire_decode_batches (body, NULL);
  for (guint i = 0; i < batches->len; i++)
    n += ((const TernMessageBatch *) batches->pdata[i])->messages->len;

  return n > world->max_answer;
}

static void
answer (World  *world,
        GBytes *bytes)
{
  g_autoptr(TernFrame) request = tern_frame_decode_request (bytes, &format, NULL);
  g_autoptr(TernFrame) reply = NULL;
  g_autoptr(GPtrArray) list = NULL;
  g_autoptr(GBytes) body = NULL;
  g_autofree char *user_id = NULL;
  gboolean is_descending;

  if (world_chance (world, 3))
    return; /* lost on the way there */
  world->n_newest += request->id == TERN_FRAME_NEWEST_SEQS;
  reply = tern_frame_new (request->id, request->msg_incr, request->operation_id, NULL);
  if (world_chance (world, 4) || (world->is_refusing && request->id == TERN_FRAME_NEWEST_SEQS))
    reply->err_code = 500;
  else if (request->id == TERN_FRAME_NEWEST_SEQS)
    body = answer_newest (world);
  else if (request->id == TERN_FRAME_READ_SEQS)
    body = g_bytes_new (NULL, 0);
  else if (request->id == TERN_FRAME_PULL_RANGES)
    {
      list = tern_wire_decode_pull_ranges (request->data, &user_id, &is_descending, NULL);
      body = answer_ranges (world, list);
    }
  else if (request->id == TERN_FRAME_PULL_LIST)
    {
      list = tern_wire_decode_pull_list (request->data, &user_id, &is_descending, NULL);
      g_assert_true (is_descending);
      body = answer_list (world, list);
    }
  else
    body = answer_send (world, request->data, &reply->err_code);
  reply->data = body != NULL ? g_bytes_ref (body) : NULL;
  if (is_too_large (world, request->id, body))
    cut (world, g_error_new_literal (TERN_ERROR, TERN_ERROR_TOO_LARGE, "Too large"));
  else if (!world_chance (world, 3))
    put_on_wire (world, world->answers, reply);
}

/* --- the engine's life --- */

static void
handle_notice (World          *world,
               TernSyncNotice *notice)
{
  switch ((int) notice->type)
    {
    case TERN_SYNC_NOTICE_DONE:
      world->n_open--;
      world->n_refused += notice->error != NULL;
      break;
    case TERN_SYNC_NOTICE_TRANSMIT:
      if (world->is_up && notice->epoch == world->epoch)
        answer (world, notice->frame);
      break;
    case TERN_SYNC_NOTICE_STATE:
      world->state = notice->state;
      break;
    case TERN_SYNC_NOTICE_BEGIN:
    case TERN_SYNC_NOTICE_FAILED:
      world->has_ended = FALSE;
      break;
    case TERN_SYNC_NOTICE_END:
      world->has_ended = TRUE;
      break;
    case TERN_SYNC_NOTICE_COMPLETE:
      world->is_complete = notice->done != 0;
      break;
    case TERN_SYNC_NOTICE_N_UNSENT:
      world->n_unsent = notice->done;
      break;
    case TERN_SYNC_NOTICE_RECORDS_WANTED:
      world->n_wanted++;
      if (!world_chance (world, 30))
        world_apply_records (world);
      break;
    default:
      break;
    }
}

static void
step_engine (World *world)
{
  g_autoptr(GPtrArray) notices = NULL;

  g_assert_true (tern_sync_engine_step (world->engine, 0));
  notices = tern_channel_pop_batch (world->outbox, 0, NULL);
  for (guint i = 0; i < notices->len; i++)
    handle_notice (world, notices->pdata[i]);
}

void
world_start (World *world)
{
  TernSyncConfig config = { world->folder, SELF, 7, format, NULL, NULL };
  g_autoptr(GError) error = NULL;

  world->inbox = tern_channel_new ((GDestroyNotify) tern_sync_event_free);
  world->outbox = tern_channel_new ((GDestroyNotify) tern_sync_notice_free);
  config.inbox = world->inbox;
  config.outbox = world->outbox;
  world->engine = tern_sync_engine_new (&config);
  tern_sync_engine_open (world->engine, &error);
  g_assert_no_error (error);
  world->reader = tern_db_open (world->folder, TERN_DB_READER, &error);
  g_assert_no_error (error);
  world->is_complete = FALSE;
  world->n_open = 0;
}

/* As kill -9 leaves it: what is not committed never was. */
void
world_crash (World *world)
{
  world->is_up = FALSE;
  g_ptr_array_set_size (world->pushes, 0);
  g_ptr_array_set_size (world->answers, 0);
  g_clear_pointer (&world->reader, tern_db_close);
  g_clear_pointer (&world->engine, tern_sync_engine_free);
  g_clear_pointer (&world->inbox, tern_channel_unref);
  g_clear_pointer (&world->outbox, tern_channel_unref);
}

void
world_connect (World *world)
{
  world->epoch++;
  world->is_up = TRUE;
  tern_channel_push (world->inbox, push_event (world, TERN_SYNC_EVENT_CONNECTED));
  if (!world_chance (world, 20))
    world_apply_records (world);
  if (!world_chance (world, 20))
    tern_channel_push (world->inbox, push_event (world, TERN_SYNC_EVENT_RECORDS_READY));
}

static guint
count_on_wire (World *world)
{
  return world->pushes->len + world->answers->len;
}

/* What is the @k-th on @wire arrives. */
static void
deliver (World     *world,
         GPtrArray *wire,
         guint      k)
{
  TernSyncEvent *event = push_event (world, TERN_SYNC_EVENT_FRAME);

  event->frame = g_ptr_array_steal_index (wire, k);
  tern_channel_push (world->inbox, event);
}

/* All that was pushed arrives, before any answer. */
void
world_deliver_pushes (World *world)
{
  while (world->pushes->len > 0)
    deliver (world, world->pushes, 0);
  step_engine (world);
}

/* Some of what is on the wire arrives; a little time passes. */
void
world_step (World *world)
{
  for (int n = g_rand_int_range (world->rand, 0, (gint32) count_on_wire (world) + 1); n > 0; n--)
    {
      guint k = (guint) g_rand_int_range (world->rand, 0, (gint32) count_on_wire (world));

      deliver (world, k < world->pushes->len ? world->pushes : world->answers,
               k < world->pushes->len ? k : 0);
    }
  tern_clock_skip_us (g_rand_int_range (world->rand, 0, 400000));
  step_engine (world);
  for (guint i = 0; i < world->conversations->len; i++)
    {
      Conversation *conversation = world->conversations->pdata[i];

      for (guint k = 0; k < conversation->slots->len; k++)
        {
          Slot *slot = conversation->slots->pdata[k];

          slot->unreadable -= slot->unreadable > 0;
        }
    }
}

/* All goes well from now on, over a new line. */
void
world_settle (World *world)
{
  world->is_rough = FALSE;
  if (world->is_up)
    world_cut (world);
  world_connect (world);
  world_run_out (world);
}

/* Over the line that there is, until nothing is left to do. */
void
world_run_out (World *world)
{
  guint n_quiet = 0;

  for (guint i = 0; n_quiet < 3; i++)
    {
      gint64 timeout_us;

      g_assert_cmpuint (i, <, 5000);
      world_step (world);
      timeout_us = tern_sync_engine_get_timeout (world->engine);
      if (count_on_wire (world) == 0 && n_quiet == 0)
        tern_clock_skip_us (CLAMP (timeout_us, 0, 20 * G_USEC_PER_SEC));
      if (count_on_wire (world) == 0 && world->state == TERN_SYNC_LIVE && world->n_unsent == 0 &&
          world->is_complete && world->n_open == 0)
        n_quiet++;
      else
        n_quiet = 0;
    }
}

static void
conversation_free (gpointer data)
{
  Conversation *conversation = data;

  g_ptr_array_unref (conversation->slots);
  g_free (conversation->announcement);
  g_free (conversation->announcer_id);
  g_free (conversation->id);
  g_free (conversation);
}

World *
world_new (guint32 seed)
{
  World *world = g_new0 (World, 1);

  world->rand = g_rand_new_with_seed (seed);
  world->folder = g_dir_make_tmp ("tern-engine-XXXXXX", NULL);
  world->conversations = g_ptr_array_new_with_free_func (conversation_free);
  world->pushes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  world->answers = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  world->own = g_ptr_array_new_with_free_func (slot_free);
  world->is_rough = TRUE;

  return world;
}

void
world_free (World *world)
{
  world_crash (world);
  test_remove_tree (world->folder);
  g_ptr_array_unref (world->conversations);
  g_ptr_array_unref (world->pushes);
  g_ptr_array_unref (world->answers);
  g_ptr_array_unref (world->own);
  g_rand_free (world->rand);
  g_free (world->folder);
  g_free (world);
}
