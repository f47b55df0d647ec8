/* tern-server-messages.c: the messages in the file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-clock.h"
#include "tern-server-sql.h"
#include "tern-server-state.h"
#include "tern-wire.h"

/* What one seq takes of an answer, whatever is behind it. */
#define PLACEHOLDER_BYTES 32

/**
 * tern_server_state_store:
 * @self: the state
 * @message: a new message
 *
 * Gives the message its seq and keeps it.
 */
void
tern_server_state_store (TernServerState   *self,
                         TernMessageRecord *message)
{
  g_autoptr(GBytes) data = NULL;

  message->seq = tern_server_state_get_max_seq (self, message->conversation_id) + 1;
  tern_server_sql_run (self,
    "INSERT INTO seqs (conversation_id, max_seq, max_seq_ms) VALUES (?1, ?2, ?3)"
    " ON CONFLICT DO UPDATE SET max_seq = ?2, max_seq_ms = ?3", "sii", message->conversation_id,
    message->seq, tern_clock_get_wall_ms ());
  data = tern_wire_encode_message (message);
  tern_server_sql_run (self, "INSERT INTO messages VALUES (?1, ?2, ?3)", "sib",
                       message->conversation_id, message->seq, data);
}

static TernMessageRecord *
read_message (const char   *conversation_id,
              sqlite3_stmt *query,
              int           column)
{
  g_autoptr(GBytes) data = tern_server_sql_bytes (query, column);
  TernMessageRecord *message = tern_wire_decode_message (data, NULL);

  if (message == NULL)
    return NULL;

  g_free (message->conversation_id);
  message->conversation_id = g_strdup (conversation_id);

  return message;
}

/**
 * tern_server_state_find_message:
 * @self: the state
 * @conversation_id: which conversation
 * @seq: which one
 *
 * Returns: (transfer full) (nullable): the message as it is stored
 */
TernMessageRecord *
tern_server_state_find_message (TernServerState *self,
                                const char      *conversation_id,
                                gint64           seq)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT data FROM messages WHERE conversation_id = ?1 AND seq = ?2", "si", conversation_id,
    seq);

  return tern_server_sql_step (self, query) ? read_message (conversation_id, query, 0) : NULL;
}

/**
 * tern_server_state_find_newest_seq:
 * @self: the state
 * @conversation_id: which conversation
 * @last: up to this seq
 *
 * Returns: the newest of those that are stored; 0: none
 */
gint64
tern_server_state_find_newest_seq (TernServerState *self,
                                   const char      *conversation_id,
                                   gint64           last)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT MAX (seq) FROM messages WHERE conversation_id = ?1 AND seq <= ?2", "si",
    conversation_id, last);

  return tern_server_sql_step (self, query) ? sqlite3_column_int64 (query, 0) : 0;
}

/**
 * tern_server_state_replace:
 * @self: the state
 * @message: what takes its place
 *
 * Of one that is not stored nothing happens.
 */
void
tern_server_state_replace (TernServerState         *self,
                           const TernMessageRecord *message)
{
  g_autoptr(GBytes) data = tern_wire_encode_message (message);

  tern_server_sql_run (self,
    "UPDATE messages SET data = ?3 WHERE conversation_id = ?1 AND seq = ?2", "sib",
    message->conversation_id, message->seq, data);
}

/**
 * tern_server_state_erase:
 * @self: the state
 * @conversation_id: which conversation
 * @seq: which one
 *
 * For everybody.
 */
void
tern_server_state_erase (TernServerState *self,
                         const char      *conversation_id,
                         gint64           seq)
{
  tern_server_sql_run (self, "DELETE FROM messages WHERE conversation_id = ?1 AND seq = ?2", "si",
                       conversation_id, seq);
}

/**
 * tern_server_state_hide:
 * @self: the state
 * @owner_id: whose
 * @conversation_id: which conversation
 * @seq: which one
 *
 * For one person.
 */
void
tern_server_state_hide (TernServerState *self,
                        const char      *owner_id,
                        const char      *conversation_id,
                        gint64           seq)
{
  g_autoptr(TernMessageRecord) message = tern_server_state_find_message (self, conversation_id,
                                                                         seq);

  tern_server_sql_run (self, "INSERT OR IGNORE INTO hidden VALUES (?1, ?2, ?3)", "ssi", owner_id,
                       conversation_id, seq);
  /* It comes from the permanent store from now on, where it has been sent. */
  if (message != NULL && message->status == TERN_MESSAGE_SENDING)
    {
      message->status = TERN_MESSAGE_SENT;
      tern_server_state_replace (self, message);
    }
}

/* Its time is that of the message before it in the answer (protocol 03
 * section 4.6). */
static void
add_placeholder (GPtrArray  *list,
                 const char *conversation_id,
                 gint64      seq)
{
  TernMessageRecord *message = tern_message_record_new ();

  if (list->len > 0)
    message->sent_ms = ((TernMessageRecord *) list->pdata[list->len - 1])->sent_ms;
  g_free (message->conversation_id);
  message->conversation_id = g_strdup (conversation_id);
  message->seq = seq;
  message->status = TERN_MESSAGE_DELETED;
  g_ptr_array_add (list, message);
}

static gboolean
take (gsize   *left,
      guint64  n_bytes)
{
  *left = n_bytes < *left ? *left - (gsize) n_bytes : 0;

  return *left > 0;
}

/**
 * tern_server_state_list_messages:
 * @self: the state
 * @owner_id: for whom
 * @conversation_id: which conversation
 * @first: the first seq
 * @last: the last seq
 * @left: (inout): so many bytes may still be answered; 0 afterwards: it was too
 *   much
 *
 * Returns: (transfer full) (nullable) (element-type TernMessageRecord): one for
 *   each seq, ascending, placeholders included; %NULL: too much
 */
GPtrArray *
tern_server_state_list_messages (TernServerState *self,
                                 const char      *owner_id,
                                 const char      *conversation_id,
                                 gint64           first,
                                 gint64           last,
                                 gsize           *left)
{
  g_autoptr(GPtrArray) list =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_record_free);
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT m.seq, m.data, h.seq FROM messages m LEFT JOIN hidden h ON h.owner = ?4 AND"
    " h.conversation_id = ?1 AND h.seq = m.seq WHERE m.conversation_id = ?1 AND"
    " m.seq BETWEEN ?2 AND ?3 ORDER BY m.seq", "siis", conversation_id, first, last, owner_id);
  gint64 next = first;

  if (!take (left, (guint64) (last - first + 1) * PLACEHOLDER_BYTES))
    return NULL;

  while (tern_server_sql_step (self, query))
    {
      gint64 seq = sqlite3_column_int64 (query, 0);
      TernMessageRecord *message;

      if (!take (left, (guint64) sqlite3_column_bytes (query, 1)))
        return NULL;
      message = read_message (conversation_id, query, 1);
      while (next < seq)
        add_placeholder (list, conversation_id, next++);
      next = seq + 1;
      if (message == NULL)
        {
          add_placeholder (list, conversation_id, seq);
          continue;
        }
      if (sqlite3_column_type (query, 2) != SQLITE_NULL)
        {
          message->status = TERN_MESSAGE_DELETED;
          g_clear_pointer (&message->content, g_bytes_unref);
        }
      g_ptr_array_add (list, message);
    }
  while (next <= last)
    add_placeholder (list, conversation_id, next++);

  return g_steal_pointer (&list);
}
