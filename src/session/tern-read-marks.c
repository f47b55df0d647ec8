/* tern-read-marks.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-read-marks.h"

#include <string.h>

#include "tern-backoff.h"
#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-error.h"
#include "tern-store.h"

#define DELAY_MS 400 /* protocol 03 section 3.4 */
/* The newest so many are looked through for what the server's own range
 * misses (protocol 03 section 3.4). */
#define LOOK_BACK 100

struct _TernReadMarks
{
  GObject         parent_instance;

  TernApi        *api;
  TernDb         *reader; /* (borrowed) (nullable) */
  TernSyncWorker *worker;
  char           *user_id;
  GHashTable     *marks;  /* (element-type utf8 gint64): to be told */
  GCancellable   *cancellable;
  guint           delay_id;
  TernBackoff     backoff;
  guint           retry_id;
};

G_DEFINE_FINAL_TYPE (TernReadMarks, tern_read_marks, G_TYPE_OBJECT)

typedef struct
{
  TernReadMarks *self;
  char          *conversation_id;
  gint64         seq;
} Mark;

static void
mark_free (gpointer data)
{
  Mark *mark = data;

  g_object_unref (mark->self);
  g_free (mark->conversation_id);
  g_free (mark);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Mark, mark_free)

static gboolean
retry_cb (gpointer user_data)
{
  TernReadMarks *self = user_data;

  self->retry_id = 0;
  tern_read_marks_retry (self);

  return G_SOURCE_REMOVE;
}

static void
retry_later (TernReadMarks *self)
{
  if (self->reader != NULL && self->retry_id == 0)
    self->retry_id = g_timeout_add (tern_clock_scale_ms (tern_backoff_next_ms (&self->backoff)),
                                    retry_cb, self);
}

/* The server knows, but the disk may be too full to say so. */
static void
confirmed_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(TernReadMarks) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!tern_sync_worker_finish (TERN_SYNC_WORKER (object), result, &error) &&
      tern_error_is_store (error))
    retry_later (self);
}

static void
told_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(Mark) mark = user_data;
  TernReadMarks *self;
  g_autoptr(JsonNode) data = NULL;
  g_autoptr(GError) error = NULL;

  data = tern_api_call_finish (TERN_API (object), result, &error);
  self = mark->self;
  if (self->reader == NULL)
    return;
  if (data != NULL)
    tern_backoff_reset (&self->backoff);
  /* What the server does not want, because one is no longer there, need not
   * be told again; what it wants from somebody else is told after a sign-in. */
  if (data != NULL || (tern_error_get_retry (error) == TERN_RETRY_NEVER &&
                       tern_error_get_server_code (error) != 0 &&
                       !tern_error_ends_session (error)))
    {
      tern_sync_worker_confirm_read_async (self->worker, mark->conversation_id, mark->seq, NULL,
                                           confirmed_cb, g_object_ref (self));
      return;
    }

  /* It stays pending on disk. The line may stand all the while, so that no
   * connect follows to tell it after. */
  if (tern_error_get_retry (error) != TERN_RETRY_NEVER)
    retry_later (self);
}

/* Seqs of the peer that are not marked read: after an own answer the server's
 * range begins too late for them. */
static JsonArray *
list_unread_seqs (TernReadMarks *self,
                  const char    *conversation_id,
                  gint64         seq)
{
  g_autoptr(GPtrArray) messages = NULL;
  JsonArray *seqs = json_array_new ();

  messages = tern_store_list_before_seq (self->reader, conversation_id,
                                         MIN (seq, G_MAXINT64 - 1) + 1, LOOK_BACK, NULL);
  for (guint i = 0; messages != NULL && i < messages->len; i++)
    {
      const TernMessageRecord *message = messages->pdata[i];

      if (message->seq > 0 && !message->is_read &&
          strcmp (message->sender_id, self->user_id) != 0)
        json_array_add_int_element (seqs, message->seq);
    }

  return seqs;
}

static void
tell (TernReadMarks *self,
      const char    *conversation_id,
      gint64         seq)
{
  g_autoptr(TernConversationBounds) bounds = NULL;
  gint64 wanted_seq = seq;
  JsonObject *body;
  Mark *mark;

  /* The server takes any number, and would then never count anything below
   * it as unread. A conversation that is no longer shown was read all the same. */
  bounds = tern_store_find_bounds (self->reader, conversation_id, NULL);
  if (bounds == NULL)
    {
      retry_later (self); /* it cannot be read now; the mark stays on disk */
      return;
    }
  seq = MIN (seq, bounds->max_seq);
  if (seq < 1)
    return;
  body = json_object_new ();
  json_object_set_string_member (body, "conversationID", conversation_id);
  json_object_set_string_member (body, "userID", self->user_id);
  json_object_set_int_member (body, "hasReadSeq", seq);
  if (g_str_has_prefix (conversation_id, "si_"))
    json_object_set_array_member (body, "seqs", list_unread_seqs (self, conversation_id, seq));
  else
    json_object_set_null_member (body, "seqs");

  mark = g_new0 (Mark, 1);
  mark->self = g_object_ref (self);
  mark->conversation_id = g_strdup (conversation_id);
  mark->seq = wanted_seq;
  tern_api_call_async (self->api, "/msg/mark_conversation_as_read", tern_json_take_object (body),
                       self->cancellable, told_cb, mark);
}

static gboolean
delay_cb (gpointer user_data)
{
  TernReadMarks *self = user_data;
  GHashTableIter iter;
  gpointer id;
  gpointer seq;

  self->delay_id = 0;
  g_hash_table_iter_init (&iter, self->marks);
  while (g_hash_table_iter_next (&iter, &id, &seq))
    tell (self, id, *(gint64 *) seq);
  g_hash_table_remove_all (self->marks);

  return G_SOURCE_REMOVE;
}

static void
tern_read_marks_dispose (GObject *object)
{
  tern_read_marks_stop (TERN_READ_MARKS (object));

  G_OBJECT_CLASS (tern_read_marks_parent_class)->dispose (object);
}

static void
tern_read_marks_finalize (GObject *object)
{
  TernReadMarks *self = TERN_READ_MARKS (object);

  g_clear_object (&self->api);
  g_clear_object (&self->worker);
  g_clear_object (&self->cancellable);
  g_hash_table_unref (self->marks);
  g_free (self->user_id);

  G_OBJECT_CLASS (tern_read_marks_parent_class)->finalize (object);
}

static void
tern_read_marks_class_init (TernReadMarksClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tern_read_marks_dispose;
  G_OBJECT_CLASS (klass)->finalize = tern_read_marks_finalize;
}

static void
tern_read_marks_init (TernReadMarks *self)
{
  self->marks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->cancellable = g_cancellable_new ();
}

/**
 * tern_read_marks_new:
 * @api: the IM API
 * @reader: a handle of the main thread, borrowed until stop
 * @worker: who writes
 * @user_id: who is signed in
 *
 * Returns: (transfer full): the marks
 */
TernReadMarks *
tern_read_marks_new (TernApi        *api,
                     TernDb         *reader,
                     TernSyncWorker *worker,
                     const char     *user_id)
{
  TernReadMarks *self = g_object_new (TERN_TYPE_READ_MARKS, NULL);

  self->api = g_object_ref (api);
  self->reader = reader;
  self->worker = g_object_ref (worker);
  self->user_id = g_strdup (user_id);

  return self;
}

/**
 * tern_read_marks_add:
 * @self: the marks
 * @conversation_id: a conversation
 * @seq: what was seen last
 *
 * Does nothing when as much was read before.
 */
void
tern_read_marks_add (TernReadMarks *self,
                     const char    *conversation_id,
                     gint64         seq)
{
  g_autoptr(TernConversationRow) row = NULL;
  const gint64 *known;

  g_return_if_fail (TERN_IS_READ_MARKS (self));

  if (self->reader == NULL)
    return;
  known = g_hash_table_lookup (self->marks, conversation_id);
  if (known != NULL && *known >= seq)
    return;
  row = tern_store_find_conversation (self->reader, self->user_id, conversation_id, NULL);
  if (row == NULL)
    return;
  /* The server takes any number, and so would the store: what does not exist
   * cannot have been read, and what is written later must not count as read. */
  seq = MIN (seq, row->max_seq);
  if (row->read_seq >= seq)
    return;

  tern_sync_worker_mark_read_async (self->worker, conversation_id, seq, NULL, NULL, NULL);
  g_hash_table_insert (self->marks, g_strdup (conversation_id), g_memdup2 (&seq, sizeof seq));
  if (self->delay_id == 0)
    self->delay_id = g_timeout_add (tern_clock_scale_ms (DELAY_MS), delay_cb, self);
}

/**
 * tern_read_marks_retry:
 * @self: the marks
 *
 * Tells what could not be told before.
 */
void
tern_read_marks_retry (TernReadMarks *self)
{
  g_autoptr(GPtrArray) pending = NULL;

  g_return_if_fail (TERN_IS_READ_MARKS (self));

  if (self->reader == NULL)
    return;
  pending = tern_store_list_pending_reads (self->reader, NULL);
  if (pending == NULL)
    retry_later (self);
  for (guint i = 0; pending != NULL && i < pending->len; i++)
    {
      const TernSeqState *state = pending->pdata[i];

      tell (self, state->conversation_id, state->read_seq);
    }
}

/**
 * tern_read_marks_stop:
 * @self: the marks
 */
void
tern_read_marks_stop (TernReadMarks *self)
{
  g_return_if_fail (TERN_IS_READ_MARKS (self));

  self->reader = NULL;
  g_clear_handle_id (&self->delay_id, g_source_remove);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
}
