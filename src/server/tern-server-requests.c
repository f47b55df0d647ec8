/* tern-server-requests.c: what the requests of the long connection get
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 01 sections 2.5, 2.6 and 4. One function per request; a body, or
 * NULL and a code.
 */

#include "config.h"

#include "tern-server-gateway.h"

#include <string.h>

#include "tern-clock.h"
#include "tern-server-faults.h"
#include "tern-wire.h"

/* So many people one connection may watch. */
#define MAX_WATCHED 10000

static GBytes *
answer_newest (TernServerConnection *self,
               GBytes               *body,
               int                  *code)
{
  g_autofree char *user_id = tern_wire_decode_newest_seqs (body, NULL);
  g_autoptr(GPtrArray) states = NULL;

  if (g_strcmp0 (user_id, self->user_id) != 0)
    {
      *code = user_id == NULL ? 500 : 1002;
      return NULL;
    }

  states = tern_server_list_newest (self->server, self->user_id);

  return tern_wire_encode_newest_seqs_reply (states);
}

static GBytes *
encode_batches (GPtrArray *batches,
                gsize      left,
                int       *code)
{
  if (left > 0)
    return tern_wire_encode_batches (batches);

  *code = 500;

  return NULL;
}

static gboolean
is_too_much (guint  n_asked,
             int   *code)
{
  if (n_asked <= TERN_SERVER_MAX_ASKED)
    return FALSE;

  *code = 1001;

  return TRUE;
}

static GBytes *
answer_pull_ranges (TernServerConnection *self,
                    GBytes               *body,
                    int                  *code)
{
  g_autoptr(GPtrArray) ranges = NULL;
  g_autoptr(GPtrArray) batches =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_batch_free);
  g_autoptr(GHashTable) last = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *user_id = NULL;
  gsize left = TERN_SERVER_MAX_ANSWER_BYTES;
  gboolean is_descending;

  ranges = tern_wire_decode_pull_ranges (body, &user_id, &is_descending, NULL);
  if (ranges == NULL || strcmp (user_id, self->user_id) != 0)
    {
      *code = ranges == NULL ? 500 : 1002;
      return NULL;
    }

  if (is_too_much (ranges->len, code))
    return NULL;

  /* Of two ranges of one conversation only the last is answered. */
  for (guint i = 0; i < ranges->len; i++)
    {
      TernSeqRequest *range = ranges->pdata[i];

      g_hash_table_insert (last, range->conversation_id, range);
    }
  for (guint i = 0; i < ranges->len && left > 0; i++)
    {
      const TernSeqRequest *range = ranges->pdata[i];
      gboolean is_last = g_hash_table_lookup (last, range->conversation_id) == range;
      TernMessageBatch *batch;

      batch = is_last && !tern_server_faults_leave_out (self, range->conversation_id)
              ? tern_server_pull_range (self->server, self->user_id, range, is_descending, &left)
              : NULL;
      if (batch != NULL)
        g_ptr_array_add (batches, batch);
    }

  return encode_batches (batches, left, code);
}

static void
add_listed (TernServerConnection *self,
            const TernSeqList    *list,
            gboolean              is_descending,
            TernMessageBatch     *batch,
            gsize                *left)
{
  gint64 low = 0; /* of what is not theirs, as of what does not exist */
  gint64 high = 0;

  if (tern_server_may_read (self->server, self->user_id, list->conversation_id))
    tern_server_state_get_bounds (self->server->state, self->user_id, list->conversation_id, &low,
                                  &high);
  for (guint k = 0; k < list->seqs->len && *left > 0; k++)
    {
      gint64 seq = g_array_index (list->seqs, gint64, k);
      g_autoptr(GPtrArray) one = NULL;

      if (is_descending && seq < low)
        {
          batch->is_end = TRUE;
          batch->end_seq = low;
        }
      if (!is_descending && seq > high)
        {
          batch->is_end = TRUE;
          batch->end_seq = high;
        }
      if (seq <= 0 || seq < low || seq > high)
        continue;
      one = tern_server_list_messages (self->server, self->user_id, list->conversation_id, seq,
                                       seq, left);
      if (one != NULL)
        g_ptr_array_add (batch->messages, g_ptr_array_steal_index (one, 0));
    }
}

static GBytes *
answer_pull_list (TernServerConnection *self,
                  GBytes               *body,
                  int                  *code)
{
  g_autoptr(GPtrArray) lists = NULL;
  g_autoptr(GPtrArray) batches =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_batch_free);
  g_autofree char *user_id = NULL;
  gsize left = TERN_SERVER_MAX_ANSWER_BYTES;
  gboolean is_descending;

  lists = tern_wire_decode_pull_list (body, &user_id, &is_descending, NULL);
  if (lists == NULL)
    {
      *code = 500;
      return NULL;
    }

  if (is_too_much (lists->len, code))
    return NULL;

  for (guint i = 0; i < lists->len && left > 0; i++)
    {
      const TernSeqList *list = lists->pdata[i];
      TernMessageBatch *batch;

      if (tern_server_faults_leave_out (self, list->conversation_id))
        continue;
      batch = tern_message_batch_new (list->conversation_id);
      g_ptr_array_add (batches, batch);
      add_listed (self, list, is_descending, batch, &left);
    }

  return encode_batches (batches, left, code);
}

static GBytes *
answer_read_seqs (TernServerConnection *self,
                  GBytes               *body,
                  int                  *code)
{
  g_auto(GStrv) ids = NULL;
  g_auto(GStrv) pinned = NULL;
  g_autofree char *user_id = NULL;
  g_autoptr(GPtrArray) states = NULL;
  gboolean wants_pinned;

  ids = tern_wire_decode_read_seqs (body, &user_id, &wants_pinned, NULL);
  if (ids == NULL || strcmp (user_id, self->user_id) != 0)
    {
      *code = ids == NULL ? 500 : 1002;
      return NULL;
    }
  if (is_too_much (g_strv_length (ids), code))
    return NULL;

  states = tern_server_list_read_seqs (self->server, self->user_id, (const char * const *) ids);
  pinned = tern_server_list_pinned (self->server, self->user_id);

  return tern_wire_encode_read_seqs_reply (states,
                                           wants_pinned ? (const char * const *) pinned : NULL);
}

static GBytes *
answer_last_messages (TernServerConnection *self,
                      GBytes               *body,
                      int                  *code)
{
  g_auto(GStrv) ids = NULL;
  g_autofree char *user_id = NULL;
  g_autoptr(GPtrArray) messages =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_record_free);
  gsize left = TERN_SERVER_MAX_ANSWER_BYTES;

  ids = tern_wire_decode_last_messages (body, &user_id, NULL);
  if (ids != NULL && is_too_much (g_strv_length (ids), code))
    return NULL;

  for (guint i = 0; ids != NULL && ids[i] != NULL && left > 0; i++)
    {
      TernMessageRecord *message = tern_server_find_newest (self->server, self->user_id, ids[i],
                                                            &left);

      if (message != NULL)
        g_ptr_array_add (messages, message);
    }
  if (ids == NULL || left == 0)
    {
      *code = 500;
      return NULL;
    }

  return tern_wire_encode_last_messages_reply (messages);
}

static GBytes *
answer_send (TernServerConnection *self,
             GBytes               *body,
             int                  *code)
{
  g_autoptr(TernMessageRecord) message = tern_wire_decode_message (body, NULL);
  TernSendReply reply = { 0 };
  GBytes *answer;

  if (message == NULL)
    {
      *code = 500;
      return NULL;
    }
  *code = tern_server_check_message (self->server, self->user_id, message);
  if (*code != 0)
    return NULL;

  g_free (message->server_id);
  message->server_id = tern_server_make_id (self->server);
  if (message->sent_ms == 0)
    message->sent_ms = tern_clock_get_wall_ms ();
  reply.server_id = message->server_id;
  reply.client_id = message->client_id;
  reply.sent_ms = message->sent_ms;
  answer = tern_wire_encode_send_reply (&reply);
  tern_server_accept (self->server, g_steal_pointer (&message));

  return answer;
}

static GBytes *
answer_background (TernServerConnection *self,
                   GBytes               *body,
                   int                  *code)
{
  g_autofree char *user_id = NULL;

  if (!tern_wire_decode_background (body, &user_id, &self->is_background, NULL))
    *code = 500;

  return NULL;
}

/* What is watched already is not counted twice. */
static gboolean
may_watch (const TernServerConnection *self,
           const char * const         *ids,
           const char * const         *gone_ids)
{
  guint n = g_hash_table_size (self->watched);
  g_autoptr(GHashTable) fresh = tern_server_make_set (ids);
  g_autoptr(GHashTable) gone = tern_server_make_set (gone_ids);
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, fresh);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      if (strlen (id) > TERN_SERVER_MAX_ID_BYTES)
        return FALSE;
      n += !g_hash_table_contains (self->watched, id);
    }
  g_hash_table_iter_init (&iter, gone);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    n -= g_hash_table_contains (self->watched, id) && !g_hash_table_contains (fresh, id);

  return n <= MAX_WATCHED;
}

static GBytes *
answer_presence (TernServerConnection *self,
                 GBytes               *body,
                 int                  *code)
{
  g_auto(GStrv) subscribe = NULL;
  g_auto(GStrv) unsubscribe = NULL;
  g_autoptr(GPtrArray) presences =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_presence_free);

  if (!tern_wire_decode_presence (body, &subscribe, &unsubscribe, NULL))
    {
      *code = 500;
      return NULL;
    }
  if (self->watched == NULL)
    self->watched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!may_watch (self, (const char * const *) subscribe, (const char * const *) unsubscribe))
    {
      *code = 1001;
      return NULL;
    }
  for (guint i = 0; unsubscribe[i] != NULL; i++)
    g_hash_table_remove (self->watched, unsubscribe[i]);
  /* Who is in both ends up subscribed. */
  for (guint i = 0; subscribe[i] != NULL; i++)
    {
      TernPresence *presence = tern_presence_new (subscribe[i]);

      g_array_unref (presence->platforms);
      presence->platforms = tern_server_list_platforms (self->server, subscribe[i]);
      g_ptr_array_add (presences, presence);
      g_hash_table_add (self->watched, g_strdup (subscribe[i]));
    }

  return tern_wire_encode_presence_reply (presences);
}

static GBytes *
answer (TernServerConnection *self,
        const TernFrame      *request,
        int                  *code)
{
  gboolean is_anonymous = *request->msg_incr == '\0' || *request->operation_id == '\0';

  switch (request->id)
    {
    case TERN_FRAME_NEWEST_SEQS:
      return answer_newest (self, request->data, code);
    case TERN_FRAME_SEND:
      return answer_send (self, request->data, code);
    case TERN_FRAME_LAST_MESSAGES:
      return answer_last_messages (self, request->data, code);
    case TERN_FRAME_PRESENCE:
      return answer_presence (self, request->data, code);
    case TERN_FRAME_LOGOUT:
      return g_bytes_new (NULL, 0);
    case 1004: /* dead in the real server too */
      *code = 1001;
      return NULL;
    case TERN_FRAME_PULL_RANGES:
    case TERN_FRAME_PULL_LIST:
    case TERN_FRAME_READ_SEQS:
    case TERN_FRAME_BACKGROUND:
    default:
      break;
    }

  /* These four validate the envelope again (protocol 01 section 2.4). */
  if (is_anonymous)
    {
      *code = 500;
      return NULL;
    }
  if (request->id == TERN_FRAME_PULL_RANGES)
    return answer_pull_ranges (self, request->data, code);
  if (request->id == TERN_FRAME_PULL_LIST)
    return answer_pull_list (self, request->data, code);
  if (request->id == TERN_FRAME_READ_SEQS)
    return answer_read_seqs (self, request->data, code);

  return answer_background (self, request->data, code);
}

/**
 * tern_server_is_request:
 * @request: an envelope
 *
 * Returns: whether the real server knows the number
 */
gboolean
tern_server_is_request (const TernFrame *request)
{
  return (request->id >= 1001 && request->id <= 1007) ||
         (request->id >= TERN_FRAME_LOGOUT && request->id <= TERN_FRAME_PRESENCE);
}

/**
 * tern_server_answer:
 * @self: a connection
 * @request: one that passed tern_server_is_request()
 *
 * Returns: (transfer full): the envelope of the answer, or of an error
 */
TernFrame *
tern_server_answer (TernServerConnection *self,
                    const TernFrame      *request)
{
  g_autoptr(GBytes) body = NULL;
  TernFrame *reply;
  int code = 0;

  tern_server_state_begin (self->server->state);
  body = answer (self, request, &code);
  tern_server_state_commit (self->server->state);
  reply = tern_frame_new (request->id, request->msg_incr, request->operation_id, body);
  reply->err_code = code;
  g_free (reply->err_msg);
  reply->err_msg = g_strdup (tern_server_name_of_code (code));

  return reply;
}
