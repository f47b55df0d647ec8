/* tern-store-quotes.c: messages that quote others
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-db-private.h"

/* Holds the text ?n somewhere. */
#define HOLDS(text) "instr (m.content, CAST (" text " AS BLOB)) > 0"

/**
 * tern_store_list_quoting:
 * @client_id: (nullable): of a message; %NULL: not known
 * @seq: its number
 *
 * Finds what may quote a message: only its content says whether it does. In
 * JSON an ID can be escaped, so a backslash may be part of it.
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type TernMessageRecord) (nullable): the rows
 */
GPtrArray *
tern_store_list_quoting (TernDb      *db,
                         const char  *conversation_id,
                         const char  *client_id,
                         gint64       seq,
                         GError     **error)
{
  static const char sql[] =
    TERN_SELECT_MESSAGES "WHERE c.conversation_id = ?1 AND m.conversation = c.id"
    " AND m.content_type IN (106, 114) AND (" HOLDS ("CAST (?3 AS TEXT)")
    " OR (?2 <> '' AND (" HOLDS ("?2") " OR " HOLDS ("'\\'") ")))";

  return tern_message_rows_read (db, tern_db_query (db, error, sql, "ssi", conversation_id,
                                                    client_id != NULL ? client_id : "", seq),
                                 error);
}

/**
 * tern_store_foreach_quote:
 * @func: (scope call): is called with the seq and the content of each 114 that
 *   has a seq, in no order
 * @user_data: for @func, which is not to write
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: whether those were all
 */
gboolean
tern_store_foreach_quote (TernDb              *db,
                          const char          *conversation_id,
                          TernStoreQuoteFunc   func,
                          gpointer             user_data,
                          GError             **error)
{
  /* Both types are named, as the index has them; that of seqs is not to be used. */
  static const char sql[] =
    "SELECT m.seq, m.content FROM conversations c JOIN messages m ON m.conversation = c.id"
    " WHERE c.conversation_id = ?1 AND m.content_type IN (106, 114) AND m.content_type = 114"
    " AND +m.seq IS NOT NULL AND m.content IS NOT NULL";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, sql, "s", conversation_id);
  int result;

  if (statement == NULL)
    return FALSE;
  while ((result = tern_db_step (db, statement, error)) == SQLITE_ROW)
    {
      g_autoptr (GBytes) content = tern_statement_dup_bytes (statement, 1);

      func (sqlite3_column_int64 (statement, 0), content, user_data);
    }
  return result == SQLITE_DONE;
}

/**
 * tern_store_set_content:
 * @row: a row
 * @content: what it says from now on
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_set_content (TernDb                   *db,
                        const TernMessageRecord  *row,
                        GBytes                   *content,
                        TernChanges              *changes,
                        GError                  **error)
{
  static const char sql[] = "UPDATE messages SET content = ?2 WHERE id = ?1";
  gint64 key;

  return tern_db_find_key (db, row->conversation_id, &key, error)
         && tern_db_run (db, NULL, error, sql, "ib", row->id, content)
         && tern_store_note_updated (db, key, row, FALSE, changes, error);
}
