/* tern-store-ranges.c: coverage on disk
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Usually one to three rows per conversation.
 */

#include "config.h"

#include "tern-db-private.h"

/**
 * tern_store_load_all_ranges:
 *
 * Loads all coverage, for the start of the sync.
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type utf8 TernSeqRanges) (nullable): by
 *   conversation ID; both are freed with the table
 */
GHashTable *
tern_store_load_all_ranges (TernDb  *db,
                            GError **error)
{
  static const char sql[] =
    "SELECT c.conversation_id, r.first, r.last FROM ranges r"
    " JOIN conversations c ON c.id = r.conversation ORDER BY r.conversation, r.first";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, sql, "");
  g_autoptr (GHashTable) table = NULL;
  int result;

  if (statement == NULL)
    return NULL;
  table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                 (GDestroyNotify) tern_seq_ranges_free);
  while ((result = tern_db_step (db, statement, error)) == SQLITE_ROW)
    {
      g_autofree char *id = tern_statement_dup_text (statement, 0);
      TernSeqRanges *ranges = g_hash_table_lookup (table, id);
      gint64 first = sqlite3_column_int64 (statement, 1);
      gint64 last = sqlite3_column_int64 (statement, 2);

      if (ranges == NULL)
        {
          ranges = tern_seq_ranges_new ();
          g_hash_table_insert (table, g_steal_pointer (&id), ranges);
        }
      if (first >= 1 && last >= first)
        tern_seq_ranges_add (ranges, first, last);
    }
  return result == SQLITE_DONE ? g_steal_pointer (&table) : NULL;
}

/**
 * tern_store_load_ranges:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (nullable): the coverage of one conversation, empty
 *   if nothing is known of it; %NULL is an error
 */
TernSeqRanges *
tern_store_load_ranges (TernDb      *db,
                        const char  *conversation_id,
                        GError     **error)
{
  static const char sql[] = "SELECT first, last FROM ranges WHERE conversation = ?1 ORDER BY first";
  g_autoptr (TernStatement) statement = NULL;
  g_autoptr (TernSeqRanges) ranges = tern_seq_ranges_new ();
  gint64 key;
  int result;

  if (!tern_db_find_key (db, conversation_id, &key, error))
    return NULL;
  statement = tern_db_query (db, error, sql, "i", key);
  if (statement == NULL)
    return NULL;
  while ((result = tern_db_step (db, statement, error)) == SQLITE_ROW)
    {
      gint64 first = sqlite3_column_int64 (statement, 0);
      gint64 last = sqlite3_column_int64 (statement, 1);

      if (first >= 1 && last >= first)
        tern_seq_ranges_add (ranges, first, last);
    }
  return result == SQLITE_DONE ? g_steal_pointer (&ranges) : NULL;
}

/**
 * tern_store_save_ranges:
 * @ranges: all that is covered
 *
 * Replaces the coverage of one conversation.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_save_ranges (TernDb               *db,
                        const char           *conversation_id,
                        const TernSeqRanges  *ranges,
                        GError              **error)
{
  static const char delete_sql[] = "DELETE FROM ranges WHERE conversation = ?1";
  static const char insert_sql[] =
    "INSERT INTO ranges (conversation, first, last) VALUES (?1, ?2, ?3)";
  gint64 key;

  if (!tern_db_ensure_key (db, conversation_id, &key, error)
      || !tern_db_run (db, NULL, error, delete_sql, "i", key))
    return FALSE;
  for (guint i = 0; i < tern_seq_ranges_get_n (ranges); i++)
    {
      const TernSeqRange *range = tern_seq_ranges_get (ranges, i);

      if (!tern_db_run (db, NULL, error, insert_sql, "iii", key, range->first, range->last))
        return FALSE;
    }
  return TRUE;
}
