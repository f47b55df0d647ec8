/* tern-store-outbox.c: own messages on their way
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-db-private.h"

/* Finds an own row that has no seq. @row is %NULL without an error when there
 * is none: a push can have come before the answer. */
static gboolean
find_outgoing (TernDb             *db,
               const char         *conversation_id,
               const char         *sender_id,
               const char         *client_id,
               gint64             *key,
               TernMessageRecord **row,
               GError            **error)
{
  if (!tern_db_find_key (db, conversation_id, key, error)
      || !tern_message_row_find (db, *key, sender_id, client_id, row, error))
    return FALSE;
  if (*row != NULL && (*row)->seq > 0)
    g_clear_pointer (row, tern_message_record_free);
  return TRUE;
}

/**
 * tern_store_set_sent:
 * @server_id: the server's ID for it
 * @sent_ms: the server's time
 *
 * The server took a message. Its seq is not known yet.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success, also when the message has its seq already
 */
gboolean
tern_store_set_sent (TernDb       *db,
                     const char   *conversation_id,
                     const char   *sender_id,
                     const char   *client_id,
                     const char   *server_id,
                     gint64        sent_ms,
                     TernChanges  *changes,
                     GError      **error)
{
  static const char sql[] =
    "UPDATE messages SET status = 2, error = NULL, server_id = ?2, sent_ms = ?3 WHERE id = ?1";
  g_autoptr (TernMessageRecord) row = NULL;
  gint64 key;

  if (!find_outgoing (db, conversation_id, sender_id, client_id, &key, &row, error))
    return FALSE;
  return row == NULL
         || (tern_db_run (db, NULL, error, sql, "ihi", row->id, server_id, sent_ms)
             && tern_store_note_updated (db, key, row, FALSE, changes, error));
}

/**
 * tern_store_set_failed:
 * @reason: as shown to the person
 *
 * The server refused a message. One that has its seq was sent all the same.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_set_failed (TernDb       *db,
                       const char   *conversation_id,
                       const char   *sender_id,
                       const char   *client_id,
                       const char   *reason,
                       TernChanges  *changes,
                       GError      **error)
{
  static const char sql[] = "UPDATE messages SET status = 3, error = ?2 WHERE id = ?1";
  g_autoptr (TernMessageRecord) row = NULL;
  gint64 key;

  if (!find_outgoing (db, conversation_id, sender_id, client_id, &key, &row, error))
    return FALSE;
  return row == NULL
         || (tern_db_run (db, NULL, error, sql, "is", row->id, reason)
             && tern_store_note_updated (db, key, row, FALSE, changes, error));
}

/**
 * tern_store_set_sending:
 *
 * A message goes on its way once more. It stays where it stands.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_set_sending (TernDb       *db,
                        const char   *conversation_id,
                        const char   *sender_id,
                        const char   *client_id,
                        TernChanges  *changes,
                        GError      **error)
{
  static const char sql[] = "UPDATE messages SET status = 1, error = NULL WHERE id = ?1";
  g_autoptr (TernMessageRecord) row = NULL;
  gint64 key;

  if (!find_outgoing (db, conversation_id, sender_id, client_id, &key, &row, error))
    return FALSE;
  return row == NULL || row->status == TERN_MESSAGE_SENDING
         || (tern_db_run (db, NULL, error, sql, "i", row->id)
             && tern_store_note_updated (db, key, row, FALSE, changes, error));
}

/**
 * tern_store_seq_before:
 * @position: of a row that has no seq
 *
 * A row without a seq stands behind all that was known when it was written.
 * Whatever seq the server gives it is above.
 *
 * Returns: the newest seq that was known then
 */
gint64
tern_store_seq_before (gint64 position)
{
  return position / TERN_POSITION_STEP;
}

/**
 * tern_store_list_unsent:
 *
 * Lists own messages that the server has not shown to have: those that wait,
 * and those it took but that have no seq. Failed ones wait for the person.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type TernMessageRecord) (nullable): in the
 *   order in which they were written, per conversation
 */
GPtrArray *
tern_store_list_unsent (TernDb      *db,
                        const char  *self_id,
                        GError     **error)
{
  /* To save the sort, SQLite would walk through all messages there are, in the
   * order of another index. */
  static const char sql[] =
    "SELECT c.conversation_id, " TERN_MESSAGE_COLUMNS
    "FROM messages m INDEXED BY messages_without_seq JOIN conversations c ON c.id = m.conversation"
    " WHERE m.seq IS NULL AND m.sender_id = ?1 AND m.status IN (1, 2)"
    " ORDER BY m.conversation, m.position, m.id";

  return tern_message_rows_read (db, tern_db_query (db, error, sql, "s", self_id), error);
}
