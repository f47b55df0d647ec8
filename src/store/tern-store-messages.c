/* tern-store-messages.c: writing and reading messages
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A row is found by (conversation, sender, client_id): a peer may choose the
 * client_id of somebody else's message, but not the sender. A row that has a
 * seq stands at seq × TERN_POSITION_STEP; one without stands behind all that
 * was known when it was written.
 */

#include "config.h"

#include "tern-db-private.h"
#include "tern-error.h"

/* 8: TERN_OPTION_CONVERSATION_UPDATE. A message without it is never "the last". */
#define NOT_QUIET "options_off & 8 = 0"

/* When a message was sent; one that waits was written then. */
#define SENT_OR_MADE_MS "CASE WHEN sent_ms > 0 THEN sent_ms ELSE created_ms END"

/* --- what a conversation's row keeps about its messages --- */

/* After an insert: the new row may be the last. */
static gboolean
note_inserted (TernDb                   *db,
               gint64                    key,
               const TernMessageRecord  *message,
               TernChanges              *changes,
               GError                  **error)
{
  static const char sql[] =
    "UPDATE conversations SET max_seq = max (max_seq, ?2),"
    " last_message = CASE WHEN ?4 > last_position THEN ?3 ELSE last_message END,"
    " last_ms = CASE WHEN ?4 > last_position THEN ?5 ELSE last_ms END,"
    " last_position = max (last_position, ?4)"
    " WHERE id = ?1 AND (max_seq < ?2 OR last_position < ?4)";
  gboolean is_quiet = (message->options_off & TERN_OPTION_CONVERSATION_UPDATE) != 0;
  gint64 position = is_quiet ? 0 : message->position;
  TernDbEnd *end = tern_db_get_end (db);
  int n_changed;

  if (end->key == key && message->seq <= end->max_seq && position <= end->last_position)
    return TRUE;
  if (!tern_db_run (db, &n_changed, error, sql, "iiiii", key, message->seq, message->id, position,
                    message->sent_ms > 0 ? message->sent_ms : message->created_ms))
    return FALSE;
  *end = (TernDbEnd){ key, message->seq, position };
  if (n_changed > 0)
    tern_changes_add_conversation (changes, message->conversation_id);
  return TRUE;
}

static gboolean
raise_max_seq (TernDb       *db,
               gint64        key,
               const char   *conversation_id,
               gint64        seq,
               TernChanges  *changes,
               GError      **error)
{
  static const char sql[] = "UPDATE conversations SET max_seq = ?2 WHERE id = ?1 AND max_seq < ?2";
  int n_changed;

  if (!tern_db_run (db, &n_changed, error, sql, "ii", key, seq))
    return FALSE;
  if (n_changed > 0)
    tern_changes_add_conversation (changes, conversation_id);
  return TRUE;
}

/* After rows moved or went. */
static gboolean
refresh_last (TernDb       *db,
              gint64        key,
              const char   *conversation_id,
              TernChanges  *changes,
              GError      **error)
{
  static const char find_sql[] =
    "SELECT id, position, " SENT_OR_MADE_MS " FROM messages WHERE conversation = ?1 AND " NOT_QUIET
    " ORDER BY position DESC, id DESC LIMIT 1";
  static const char set_sql[] =
    "UPDATE conversations SET last_message = ?2, last_position = ?3, last_ms = ?4"
    " WHERE id = ?1 AND (last_message, last_position, last_ms) <> (?2, ?3, ?4)";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, find_sql, "i", key);
  gint64 id = 0;
  gint64 position = 0;
  gint64 ms = 0;
  int n_changed;
  int result;

  *tern_db_get_end (db) = (TernDbEnd){ 0 };
  if (statement == NULL)
    return FALSE;
  result = tern_db_step (db, statement, error);
  if (result == SQLITE_ROW)
    {
      id = sqlite3_column_int64 (statement, 0);
      position = sqlite3_column_int64 (statement, 1);
      ms = sqlite3_column_int64 (statement, 2);
    }
  else if (result != SQLITE_DONE)
    return FALSE;
  if (!tern_db_run (db, &n_changed, error, set_sql, "iiii", key, id, position, ms))
    return FALSE;
  if (n_changed > 0)
    tern_changes_add_conversation (changes, conversation_id);
  return TRUE;
}

/* A row changed: the list shows it if it is the last of its conversation. */
gboolean
tern_store_note_updated (TernDb                   *db,
                         gint64                    key,
                         const TernMessageRecord  *message,
                         gboolean                  is_moved,
                         TernChanges              *changes,
                         GError                  **error)
{
  static const char sql[] =
    "UPDATE conversations SET last_ms = (SELECT " SENT_OR_MADE_MS " FROM messages WHERE id = ?2)"
    " WHERE id = ?1 AND last_message = ?2";
  int n_changed;

  tern_changes_update_message (changes, message->conversation_id, message->id);
  if ((is_moved && !refresh_last (db, key, message->conversation_id, changes, error))
      || !tern_db_run (db, &n_changed, error, sql, "ii", key, message->id))
    return FALSE;
  if (n_changed > 0)
    tern_changes_add_conversation (changes, message->conversation_id);
  return TRUE;
}

/* --- finding one row --- */

static gboolean
find_one (TernDb             *db,
          TernStatement      *borrowed,
          TernMessageRecord **found,
          GError            **error)
{
  g_autoptr (TernStatement) statement = borrowed;
  int result;

  *found = NULL;
  if (statement == NULL)
    return FALSE;
  result = tern_db_step (db, statement, error);
  if (result == SQLITE_ROW)
    {
      g_autofree char *conversation_id = tern_statement_dup_text (statement, 0);

      *found = tern_message_row_read (statement, 1, conversation_id);
    }
  return result == SQLITE_ROW || result == SQLITE_DONE;
}

gboolean
tern_message_row_find (TernDb             *db,
                       gint64              key,
                       const char         *sender_id,
                       const char         *client_id,
                       TernMessageRecord **found,
                       GError            **error)
{
  static const char sql[] =
    TERN_SELECT_MESSAGES "WHERE c.id = ?1 AND m.conversation = ?1 AND m.sender_id = ?2"
    " AND m.client_id = ?3";

  return find_one (db, tern_db_query (db, error, sql, "ish", key, sender_id, client_id), found,
                   error);
}

gboolean
tern_message_row_find_seq (TernDb             *db,
                           gint64              key,
                           gint64              seq,
                           TernMessageRecord **found,
                           GError            **error)
{
  static const char sql[] =
    TERN_SELECT_MESSAGES "WHERE c.id = ?1 AND m.conversation = ?1 AND m.seq = ?2";

  return find_one (db, tern_db_query (db, error, sql, "ii", key, seq), found, error);
}

/* --- erasing --- */

static gboolean
erase_row (TernDb       *db,
           gint64        key,
           const char   *conversation_id,
           gint64        id,
           TernChanges  *changes,
           GError      **error)
{
  static const char delete_sql[] = "DELETE FROM messages WHERE id = ?1";
  static const char last_sql[] = "SELECT last_message = ?2 FROM conversations WHERE id = ?1";
  gint64 is_last;

  if (!tern_db_run (db, NULL, error, delete_sql, "i", id)
      || !tern_db_query_int64 (db, &is_last, 0, error, last_sql, "ii", key, id))
    return FALSE;
  tern_changes_remove_message (changes, conversation_id, id);
  return !is_last || refresh_last (db, key, conversation_id, changes, error);
}

static gboolean
erase_seq (TernDb       *db,
           gint64        key,
           const char   *conversation_id,
           gint64        seq,
           TernChanges  *changes,
           GError      **error)
{
  static const char sql[] = "SELECT id FROM messages WHERE conversation = ?1 AND seq = ?2";
  gint64 id;

  if (!tern_db_query_int64 (db, &id, 0, error, sql, "ii", key, seq))
    return FALSE;
  return id == 0 || erase_row (db, key, conversation_id, id, changes, error);
}

/* A message that was deleted for me: the server still tells who and when. A
 * later duplicate of a message under a seq of its own does not take it along. */
static gboolean
put_deleted (TernDb                   *db,
             gint64                    key,
             const TernMessageRecord  *message,
             TernChanges              *changes,
             GError                  **error)
{
  g_autoptr (TernMessageRecord) known = NULL;

  if (!tern_message_row_find (db, key, message->sender_id, message->client_id, &known, error))
    return FALSE;
  if (known != NULL && (known->seq == 0 || message->seq == 0 || known->seq == message->seq)
      && !erase_row (db, key, message->conversation_id, known->id, changes, error))
    return FALSE;
  if (message->seq <= 0)
    return TRUE;
  return erase_seq (db, key, message->conversation_id, message->seq, changes, error)
         && raise_max_seq (db, key, message->conversation_id, message->seq, changes, error);
}

/* --- putting --- */

/* What was withdrawn stands in more places than the content (protocol 03 section
 * 4.9). The store has SQLite overwrite the bytes, too. */
static void
forget_words (TernMessageRecord *message)
{
  g_clear_pointer (&message->at_user_ids, g_strfreev);
  g_clear_pointer (&message->offline_push, tern_offline_push_free);
}

/* What is known and never comes back with an answer, or must not be undone. */
static void
keep_known (TernMessageRecord       *merged,
            const TernMessageRecord *known)
{
  gboolean is_same = g_str_equal (merged->client_id, known->client_id)
                     && g_str_equal (merged->sender_id, known->sender_id);

  merged->id = known->id;
  if (merged->seq == 0)
    {
      merged->seq = known->seq;
      merged->position = known->position;
      if (known->status == TERN_MESSAGE_SENT)
        merged->status = TERN_MESSAGE_SENT;
    }
  if (!is_same)
    return;

  merged->is_read = merged->is_read || known->is_read;
  if (known->content_type == TERN_CONTENT_REVOKED
      && merged->content_type != TERN_CONTENT_REVOKED)
    {
      merged->content_type = known->content_type;
      g_clear_pointer (&merged->content, g_bytes_unref);
      merged->content = known->content != NULL ? g_bytes_ref (known->content) : NULL;
    }
  if (merged->at_user_ids == NULL)
    merged->at_user_ids = g_strdupv (known->at_user_ids);
  if (merged->content_type == TERN_CONTENT_REVOKED)
    forget_words (merged);
}

static gboolean
update_known (TernDb                   *db,
              gint64                    key,
              TernMessageRecord        *message,
              const TernMessageRecord  *known,
              TernChanges              *changes,
              GError                  **error)
{
  g_autoptr (TernMessageRecord) merged = tern_message_record_copy (message);

  keep_known (merged, known);
  message->id = merged->id;
  message->position = merged->position;
  if (tern_message_row_equal (merged, known))
    return raise_max_seq (db, key, message->conversation_id, message->seq, changes, error);

  return tern_message_row_update (db, merged, error)
         && tern_store_note_updated (db, key, merged,
                                     merged->position != known->position
                                     || merged->options_off != known->options_off,
                                     changes, error)
         && raise_max_seq (db, key, message->conversation_id, message->seq, changes, error);
}

/* The insert found this identity or this seq taken. */
static gboolean
put_known (TernDb             *db,
           gint64              key,
           TernMessageRecord  *message,
           TernChanges        *changes,
           GError            **error)
{
  g_autoptr (TernMessageRecord) known = NULL;
  gboolean is_other_seq;

  if (!tern_message_row_find (db, key, message->sender_id, message->client_id, &known, error))
    return FALSE;
  if (known == NULL)
    {
      /* The server lost data and gave the number to another message. */
      if (!tern_message_row_find_seq (db, key, message->seq, &known, error))
        return FALSE;
      if (known == NULL)
        {
          /* Neither is there, and yet one was in the way: an index is broken. */
          tern_db_set_error_literal (error, TERN_ERROR_STORE_CORRUPT,
                                     "The local database is damaged");
          return FALSE;
        }
      return update_known (db, key, message, known, changes, error);
    }

  is_other_seq = message->seq > 0 && known->seq != message->seq;
  if (is_other_seq
      && !erase_seq (db, key, message->conversation_id, message->seq, changes, error))
    return FALSE;
  if (is_other_seq && known->seq > 0 && message->seq > known->seq)
    {
      /* The same message under a second number: the first one keeps it. */
      message->id = known->id;
      message->position = known->position;
      return raise_max_seq (db, key, message->conversation_id, message->seq, changes, error);
    }
  return update_known (db, key, message, known, changes, error);
}

static gboolean
get_end_position (TernDb   *db,
                  gint64    key,
                  gint64   *position,
                  GError  **error)
{
  static const char sql[] =
    "SELECT max (min (c.max_seq, ?2) * ?3, c.hidden_position,"
    " ifnull ((SELECT position FROM messages WHERE conversation = ?1"
    "          ORDER BY position DESC LIMIT 1), 0)) FROM conversations c WHERE c.id = ?1";

  if (!tern_db_query_int64 (db, position, 0, error, sql, "iii", key,
                            tern_message_row_position (G_MAXINT64) / TERN_POSITION_STEP,
                            TERN_POSITION_STEP))
    return FALSE;
  *position += 1;
  return TRUE;
}

/**
 * tern_store_put_message:
 * @message: what came; its ID and position are set
 *
 * Inserts or updates a message, see the header. Doing it twice changes nothing
 * the second time, and then @changes stays as it was.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_put_message (TernDb             *db,
                        TernMessageRecord  *message,
                        TernChanges        *changes,
                        GError            **error)
{
  gint64 key;

  g_return_val_if_fail (message->conversation_id[0] != '\0', FALSE);

  if (message->client_id[0] == '\0')
    return TRUE;
  if (!tern_db_ensure_key (db, message->conversation_id, &key, error))
    return FALSE;
  if (message->status == TERN_MESSAGE_DELETED)
    return put_deleted (db, key, message, changes, error);

  message->seq = MAX (message->seq, 0);
  if (message->seq > 0)
    {
      message->position = tern_message_row_position (message->seq);
      message->status = TERN_MESSAGE_SENT;
      g_clear_pointer (&message->error, g_free);
    }
  else if (!get_end_position (db, key, &message->position, error))
    return FALSE;
  if (message->status < TERN_MESSAGE_SENDING || message->status > TERN_MESSAGE_FAILED)
    message->status = TERN_MESSAGE_SENT;

  if (message->content_type == TERN_CONTENT_REVOKED)
    forget_words (message);

  if (!tern_message_row_insert (db, key, message, &message->id, error))
    return FALSE;
  if (message->id == 0)
    return put_known (db, key, message, changes, error);
  tern_changes_add_message (changes, message->conversation_id, message->id);
  return note_inserted (db, key, message, changes, error);
}

/**
 * tern_store_add_outgoing:
 * @message: a new message of one's own; its ID, position and status are set
 *
 * Puts a message at the end, as one that waits to be sent.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_add_outgoing (TernDb             *db,
                         TernMessageRecord  *message,
                         TernChanges        *changes,
                         GError            **error)
{
  g_return_val_if_fail (message->client_id[0] != '\0', FALSE);

  message->seq = 0;
  message->status = TERN_MESSAGE_SENDING;
  return tern_store_put_message (db, message, changes, error);
}

/* --- revoke, delete, receipts --- */

/**
 * tern_store_list_unread:
 * @content_type: what is looked for
 * @sender_id: whose
 *
 * Finds messages beyond the read position, the newest 16 at most.
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type TernMessageRecord) (nullable): the
 *   rows, newest first
 */
GPtrArray *
tern_store_list_unread (TernDb      *db,
                        const char  *conversation_id,
                        int          content_type,
                        const char  *sender_id,
                        GError     **error)
{
  static const char sql[] =
    TERN_SELECT_MESSAGES "WHERE c.conversation_id = ?1 AND m.conversation = c.id"
    " AND m.seq > c.read_seq AND m.content_type = ?2 AND m.sender_id = ?3"
    " ORDER BY m.seq DESC LIMIT 16";

  return tern_message_rows_read (db, tern_db_query (db, error, sql, "sis", conversation_id,
                                                    (gint64) content_type, sender_id), error);
}

/**
 * tern_store_delete_seqs:
 * @seqs: (array length=n_seqs): the messages
 *
 * Erases messages. That their seqs are covered is not this function's affair.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_delete_seqs (TernDb        *db,
                        const char    *conversation_id,
                        const gint64  *seqs,
                        gsize          n_seqs,
                        TernChanges   *changes,
                        GError       **error)
{
  gint64 key;

  if (!tern_db_find_key (db, conversation_id, &key, error))
    return FALSE;
  for (gsize i = 0; i < n_seqs; i++)
    {
      if (!erase_seq (db, key, conversation_id, seqs[i], changes, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * tern_store_delete_row:
 * @id: the row
 *
 * Erases one message, sent or not.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success, also when it is gone already
 */
gboolean
tern_store_delete_row (TernDb       *db,
                       gint64        id,
                       TernChanges  *changes,
                       GError      **error)
{
  static const char sql[] =
    "SELECT c.id, c.conversation_id FROM messages m JOIN conversations c ON c.id = m.conversation"
    " WHERE m.id = ?1";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, sql, "i", id);
  g_autofree char *conversation_id = NULL;
  gint64 key;
  int result;

  if (statement == NULL)
    return FALSE;
  result = tern_db_step (db, statement, error);
  if (result != SQLITE_ROW)
    return result == SQLITE_DONE;
  key = sqlite3_column_int64 (statement, 0);
  conversation_id = tern_statement_dup_text (statement, 1);
  sqlite3_reset (statement);
  return erase_row (db, key, conversation_id, id, changes, error);
}

gboolean
tern_store_erase_below (TernDb       *db,
                        gint64        key,
                        const char   *conversation_id,
                        gint64        min_seq,
                        TernChanges  *changes,
                        GError      **error)
{
  static const char find_sql[] = "SELECT id FROM messages WHERE conversation = ?1 AND seq < ?2";
  static const char delete_sql[] = "DELETE FROM messages WHERE conversation = ?1 AND seq < ?2";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, find_sql, "ii", key, min_seq);
  gboolean has_any = FALSE;
  int result;

  if (statement == NULL)
    return FALSE;
  while ((result = tern_db_step (db, statement, error)) == SQLITE_ROW)
    {
      has_any = TRUE;
      tern_changes_remove_message (changes, conversation_id, sqlite3_column_int64 (statement, 0));
    }
  if (result != SQLITE_DONE)
    return FALSE;
  sqlite3_reset (statement);
  return !has_any
         || (tern_db_run (db, NULL, error, delete_sql, "ii", key, min_seq)
             && refresh_last (db, key, conversation_id, changes, error));
}

/**
 * tern_store_delete_below:
 * @min_seq: the first that stays
 *
 * Erases history. Messages that wait for their seq stay.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_delete_below (TernDb       *db,
                         const char   *conversation_id,
                         gint64        min_seq,
                         TernChanges  *changes,
                         GError      **error)
{
  gint64 key;

  if (!tern_db_find_key (db, conversation_id, &key, error))
    return FALSE;
  return tern_store_erase_below (db, key, conversation_id, min_seq, changes, error);
}

/**
 * tern_store_take_over_receipt:
 * @message: one of one's own, with a seq, before it is put
 *
 * The peer's receipt may have come before the message did, or before its seq.
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_take_over_receipt (TernDb             *db,
                              TernMessageRecord  *message,
                              GError            **error)
{
  static const char sql[] = "SELECT peer_read_seq FROM conversations WHERE conversation_id = ?1";
  gint64 peer_read_seq;

  if (!tern_db_query_int64 (db, &peer_read_seq, 0, error, sql, "s", message->conversation_id))
    return FALSE;
  message->is_read = message->is_read || message->seq <= peer_read_seq;
  return TRUE;
}

/* Marks the own, unread rows with first <= seq <= last. */
static gboolean
mark_peer_read (TernDb       *db,
                gint64        key,
                const char   *conversation_id,
                const char   *self_id,
                gint64        first,
                gint64        last,
                TernChanges  *changes,
                GError      **error)
{
  static const char find_sql[] =
    "SELECT m.id, m.id = c.last_message FROM messages m JOIN conversations c ON c.id = ?1"
    " WHERE m.conversation = ?1 AND m.seq BETWEEN ?2 AND ?3 AND m.is_read = 0 AND m.sender_id = ?4";
  static const char set_sql[] =
    "UPDATE messages SET is_read = 1"
    " WHERE conversation = ?1 AND seq BETWEEN ?2 AND ?3 AND is_read = 0 AND sender_id = ?4";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, find_sql, "iiis", key, first,
                                                       last, self_id);
  gboolean has_any = FALSE;
  int result;

  if (statement == NULL)
    return FALSE;
  while ((result = tern_db_step (db, statement, error)) == SQLITE_ROW)
    {
      has_any = TRUE;
      tern_changes_update_message (changes, conversation_id, sqlite3_column_int64 (statement, 0));
      if (sqlite3_column_int (statement, 1))
        tern_changes_add_conversation (changes, conversation_id);
    }
  if (result != SQLITE_DONE)
    return FALSE;
  sqlite3_reset (statement);
  return !has_any || tern_db_run (db, NULL, error, set_sql, "iiis", key, first, last, self_id);
}

/**
 * tern_store_set_peer_read:
 * @seq: everything up to it was read; 0: only @seqs
 * @seqs: (array length=n_seqs) (nullable): single messages
 *
 * The peer of a single chat read own messages. What was read up to is kept, so
 * that a message which comes later is known to be read, and the next receipt
 * looks only at what is above: see tern_store_take_over_receipt().
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_set_peer_read (TernDb        *db,
                          const char    *conversation_id,
                          const char    *self_id,
                          gint64         seq,
                          const gint64  *seqs,
                          gsize          n_seqs,
                          TernChanges   *changes,
                          GError       **error)
{
  static const char get_sql[] = "SELECT peer_read_seq FROM conversations WHERE id = ?1";
  static const char set_sql[] = "UPDATE conversations SET peer_read_seq = ?2 WHERE id = ?1";
  gint64 known;
  gint64 key;

  if (!tern_db_find_key (db, conversation_id, &key, error)
      || !tern_db_query_int64 (db, &known, 0, error, get_sql, "i", key))
    return FALSE;
  if (key == 0)
    return TRUE;
  if (seq > known
      && (!mark_peer_read (db, key, conversation_id, self_id, known + 1, seq, changes, error)
          || !tern_db_run (db, NULL, error, set_sql, "ii", key, seq)))
    return FALSE;
  for (gsize i = 0; i < n_seqs; i++)
    {
      if (!mark_peer_read (db, key, conversation_id, self_id, seqs[i], seqs[i], changes, error))
        return FALSE;
    }
  return TRUE;
}
