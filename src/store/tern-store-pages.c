/* tern-store-pages.c: reading messages
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Always by key and with a limit, never by offset: a page costs the same
 * wherever it is.
 */

#include "config.h"

#include "tern-db-private.h"

static void
reverse (GPtrArray *array)
{
  for (guint i = 0; array != NULL && i < array->len / 2; i++)
    {
      gpointer item = array->pdata[i];

      array->pdata[i] = array->pdata[array->len - 1 - i];
      array->pdata[array->len - 1 - i] = item;
    }
}

/**
 * tern_store_list_before:
 * @key: (nullable): where the page ends, not included; %NULL: at the end
 *
 * Reads the page before a message.
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type TernMessageRecord) (nullable): at
 *   most @limit messages, oldest first
 */
GPtrArray *
tern_store_list_before (TernDb                *db,
                        const char            *conversation_id,
                        const TernMessageKey  *key,
                        guint                  limit,
                        GError               **error)
{
  static const char sql[] =
    TERN_SELECT_MESSAGES "WHERE c.conversation_id = ?1 AND m.position <= ?2"
    " AND (m.position < ?2 OR m.id < ?3) ORDER BY m.position DESC, m.id DESC LIMIT ?4";
  TernMessageKey end = { G_MAXINT64, G_MAXINT64 };
  GPtrArray *rows;

  if (key == NULL)
    key = &end;
  rows = tern_message_rows_read (db, tern_db_query (db, error, sql, "siii", conversation_id,
                                                    key->position, key->id, (gint64) limit),
                                 error);
  reverse (rows);
  return rows;
}

/**
 * tern_store_list_after:
 * @key: (nullable): where the page starts, not included; %NULL: at the start
 *
 * Reads the page after a message.
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type TernMessageRecord) (nullable): at
 *   most @limit messages, oldest first
 */
GPtrArray *
tern_store_list_after (TernDb                *db,
                       const char            *conversation_id,
                       const TernMessageKey  *key,
                       guint                  limit,
                       GError               **error)
{
  static const char sql[] =
    TERN_SELECT_MESSAGES "WHERE c.conversation_id = ?1 AND m.position >= ?2"
    " AND (m.position > ?2 OR m.id > ?3) ORDER BY m.position, m.id LIMIT ?4";
  TernMessageKey start = { -1, -1 };

  if (key == NULL)
    key = &start;
  return tern_message_rows_read (db, tern_db_query (db, error, sql, "siii", conversation_id,
                                                    key->position, key->id, (gint64) limit),
                                 error);
}

/**
 * tern_store_list_by_ids:
 * @ids: (array length=n_ids): rows
 *
 * Reads single messages. Those that are gone are left out.
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type TernMessageRecord) (nullable): in the
 *   order of @ids
 */
GPtrArray *
tern_store_list_by_ids (TernDb        *db,
                        const gint64  *ids,
                        gsize          n_ids,
                        GError       **error)
{
  static const char sql[] = TERN_SELECT_MESSAGES "WHERE m.id = ?1";
  g_autoptr (GPtrArray) rows = NULL;

  rows = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_record_free);
  for (gsize i = 0; i < n_ids; i++)
    {
      g_autoptr (GPtrArray) found = NULL;

      found = tern_message_rows_read (db, tern_db_query (db, error, sql, "i", ids[i]), error);
      if (found == NULL)
        return NULL;
      if (found->len > 0)
        g_ptr_array_add (rows, g_ptr_array_steal_index (found, 0));
    }
  return g_steal_pointer (&rows);
}

/**
 * tern_store_list_before_seq:
 * @seq: the first that is not wanted; 0: from the newest on
 *
 * Reads messages that have a seq.
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type TernMessageRecord) (nullable): at
 *   most @limit messages, oldest first
 */
GPtrArray *
tern_store_list_before_seq (TernDb      *db,
                            const char  *conversation_id,
                            gint64       seq,
                            guint        limit,
                            GError     **error)
{
  static const char sql[] =
    TERN_SELECT_MESSAGES "WHERE c.conversation_id = ?1 AND m.seq < ?2"
    " ORDER BY m.seq DESC LIMIT ?3";
  GPtrArray *rows;

  rows = tern_message_rows_read (db, tern_db_query (db, error, sql, "sii", conversation_id,
                                                    seq > 0 ? seq : G_MAXINT64, (gint64) limit),
                                 error);
  reverse (rows);
  return rows;
}

/* The message with that seq or the next one; 0: none. */
static gboolean
find_next (TernDb  *db,
           gint64   key,
           gint64   seq,
           gint64  *found,
           gint64  *sent_ms,
           GError **error)
{
  static const char sql[] =
    "SELECT seq, sent_ms FROM messages WHERE conversation = ?1 AND seq >= ?2 ORDER BY seq LIMIT 1";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, sql, "ii", key, seq);
  int result;

  *found = *sent_ms = 0;
  if (statement == NULL)
    return FALSE;
  result = tern_db_step (db, statement, error);
  if (result != SQLITE_ROW)
    return result == SQLITE_DONE;
  *found = sqlite3_column_int64 (statement, 0);
  *sent_ms = sqlite3_column_int64 (statement, 1);
  return TRUE;
}

/**
 * tern_store_find_seq_at:
 * @ms: a time
 * @seq: (out): the first message of that time or later; 0: none
 * @sent_ms: (out): when it was sent
 *
 * Times grow with seqs, so halving finds it: about twenty steps in a million.
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: %TRUE on success, also when there is none
 */
gboolean
tern_store_find_seq_at (TernDb      *db,
                        const char  *conversation_id,
                        gint64       ms,
                        gint64      *seq,
                        gint64      *sent_ms,
                        GError     **error)
{
  static const char last_sql[] = "SELECT MAX(seq) FROM messages WHERE conversation = ?1";
  gint64 low = 1;
  gint64 high;
  gint64 key;

  *seq = *sent_ms = 0;
  if (!tern_db_find_key (db, conversation_id, &key, error)
      || !tern_db_query_int64 (db, &high, 0, error, last_sql, "i", key))
    return FALSE;
  high = MIN (high, G_MAXINT64 - 1); /* absurd numbers must not make it overflow */
  /* The one that is sought has a seq in [low, high], or there is none. */
  while (low <= high)
    {
      gint64 middle = low + (high - low) / 2;
      gint64 found;
      gint64 found_ms;

      if (!find_next (db, key, middle, &found, &found_ms, error))
        return FALSE;
      if (found != 0 && found_ms < ms)
        low = MIN (found, G_MAXINT64 - 1) + 1;
      else
        {
          if (found != 0)
            {
              *seq = found;
              *sent_ms = found_ms;
            }
          high = middle - 1;
        }
    }
  return TRUE;
}

/**
 * tern_store_find_by_seq:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (nullable): the message; %NULL without an error
 *   when there is none
 */
TernMessageRecord *
tern_store_find_by_seq (TernDb      *db,
                        const char  *conversation_id,
                        gint64       seq,
                        GError     **error)
{
  TernMessageRecord *found = NULL;
  gint64 key;

  if (!tern_db_find_key (db, conversation_id, &key, error)
      || !tern_message_row_find_seq (db, key, seq, &found, error))
    return NULL;
  return found;
}

/**
 * tern_store_find_by_client_id:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (nullable): the message; %NULL without an error
 *   when there is none
 */
TernMessageRecord *
tern_store_find_by_client_id (TernDb      *db,
                              const char  *conversation_id,
                              const char  *sender_id,
                              const char  *client_id,
                              GError     **error)
{
  TernMessageRecord *found = NULL;
  gint64 key;

  if (!tern_db_find_key (db, conversation_id, &key, error)
      || !tern_message_row_find (db, key, sender_id, client_id, &found, error))
    return NULL;
  return found;
}
