/* tern-db-salvage.c: out of a damaged file into a new one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All that the server has can be fetched again. What only this file has is
 * carried over: messages that were not sent, and drafts. The damaged file is
 * kept.
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "tern-db-private.h"
#include "tern-error.h"
#include "tern-store.h"

/* A damaged page ends a scan; so the rows are read by three ways, in the hope
 * that what one does not reach another does. */
static const char * const message_queries[] = {
  "SELECT ifnull (c.conversation_id, ''), " TERN_MESSAGE_COLUMNS
  "FROM messages m INDEXED BY messages_without_seq"
  " LEFT JOIN conversations c ON c.id = m.conversation WHERE m.seq IS NULL",
  "SELECT ifnull (c.conversation_id, ''), " TERN_MESSAGE_COLUMNS
  "FROM messages m NOT INDEXED LEFT JOIN conversations c ON c.id = m.conversation"
  " WHERE m.seq IS NULL ORDER BY m.id",
  "SELECT '', " TERN_MESSAGE_COLUMNS
  "FROM messages m NOT INDEXED WHERE m.seq IS NULL ORDER BY m.id DESC",
};

static const char draft_query[] =
  "SELECT conversation_id, draft, draft_ms, chat_type, user_id, group_id FROM conversations"
  " NOT INDEXED WHERE draft <> ''";

static int
compare_rows (gconstpointer a,
              gconstpointer b)
{
  const TernMessageRecord *first = *(const TernMessageRecord * const *) a;
  const TernMessageRecord *second = *(const TernMessageRecord * const *) b;

  if (first->position != second->position)
    return first->position < second->position ? -1 : 1;
  return first->id < second->id ? -1 : first->id > second->id;
}

/* The row of the conversation may be lost: an own message says where it goes. */
static void
complete_conversation_id (TernMessageRecord *row)
{
  if (row->conversation_id[0] != '\0')
    return;
  g_free (row->conversation_id);
  if (row->chat_type == TERN_CHAT_GROUP)
    row->conversation_id = tern_conversation_id_for_group (row->group_id);
  else
    row->conversation_id = tern_conversation_id_for_pair (row->chat_type == TERN_CHAT_OFFICIAL
                                                          ? "sn" : "si",
                                                          row->sender_id, row->recv_id);
}

static GPtrArray *
read_outbox (sqlite3 *handle)
{
  GPtrArray *rows;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  rows = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_record_free);
  for (guint i = 0; i < G_N_ELEMENTS (message_queries); i++)
    {
      TernStatement *statement = NULL;

      if (sqlite3_prepare_v2 (handle, message_queries[i], -1, &statement, NULL) != SQLITE_OK)
        continue;
      while (sqlite3_step (statement) == SQLITE_ROW)
        {
          g_autofree char *id = tern_statement_dup_text (statement, 0);
          TernMessageRecord *row = tern_message_row_read (statement, 1, id);

          complete_conversation_id (row);
          if (g_hash_table_insert (seen, g_memdup2 (&row->id, sizeof row->id), NULL))
            g_ptr_array_add (rows, row);
          else
            tern_message_record_free (row);
        }
      sqlite3_finalize (statement);
    }
  g_ptr_array_sort (rows, compare_rows);
  return rows;
}

static gboolean
carry_outbox (sqlite3  *old,
              TernDb   *db,
              GError  **error)
{
  g_autoptr (GPtrArray) rows = read_outbox (old);
  g_autoptr (TernChanges) changes = tern_changes_new ();

  for (guint i = 0; i < rows->len; i++)
    {
      TernMessageRecord *row = g_ptr_array_index (rows, i);

      if (!tern_store_put_message (db, row, changes, error)
          || !tern_store_ensure_conversation (db, row, row->sender_id, changes, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
carry_drafts (sqlite3  *old,
              TernDb   *db,
              GError  **error)
{
  g_autoptr (TernChanges) changes = tern_changes_new ();
  TernStatement *statement = NULL;
  gboolean is_ok = TRUE;

  if (sqlite3_prepare_v2 (old, draft_query, -1, &statement, NULL) != SQLITE_OK)
    return TRUE;
  while (is_ok && sqlite3_step (statement) == SQLITE_ROW)
    {
      g_autoptr (TernConversationRecord) record = tern_conversation_record_new ();
      g_autofree char *draft = tern_statement_dup_text (statement, 1);

      g_free (record->id);
      record->id = tern_statement_dup_text (statement, 0);
      record->chat_type = sqlite3_column_int (statement, 3);
      g_free (record->user_id);
      record->user_id = tern_statement_dup_text (statement, 4);
      g_free (record->group_id);
      record->group_id = tern_statement_dup_text (statement, 5);
      is_ok = tern_store_put_conversation (db, record, changes, error)
              && tern_store_set_draft (db, record->id, draft,
                                       sqlite3_column_int64 (statement, 2), changes, error);
    }
  sqlite3_finalize (statement);
  return is_ok;
}

static gboolean
report_errno (const char  *what,
              GError     **error)
{
  g_propagate_error (error, tern_error_new_errno (errno, what));

  return FALSE;
}

/* The damaged file stays under its name until the new one takes it, where the
 * file system lets a file have two names. */
static gboolean
move_aside (const char  *path,
            char       **backup_path,
            GError     **error)
{
  static const char * const suffixes[] = { "-wal", "-shm" };
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%S");
  g_autofree char *target = g_strdup_printf ("%s.damaged-%s", path, stamp);

  for (guint i = 2; g_file_test (target, G_FILE_TEST_EXISTS); i++)
    {
      g_free (target);
      target = g_strdup_printf ("%s.damaged-%s-%u", path, stamp, i);
    }
  if (link (path, target) != 0 && g_rename (path, target) != 0 && errno != ENOENT)
    return report_errno ("The damaged database could not be moved aside", error);
  /* SQLite would take these for the new file's. */
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = g_strconcat (path, suffixes[i], NULL);
      g_autofree char *to = g_strconcat (target, suffixes[i], NULL);

      if (g_rename (from, to) != 0 && errno != ENOENT)
        return report_errno ("The damaged database could not be moved aside", error);
    }
  *backup_path = g_steal_pointer (&target);
  return TRUE;
}

/* What is left of an attempt that was cut short. */
static void
remove_folder (const char *folder)
{
  static const char * const names[] = { TERN_DB_FILE_NAME, TERN_DB_FILE_NAME "-wal",
                                        TERN_DB_FILE_NAME "-shm" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

static gboolean
carry (sqlite3     *old,
       const char  *folder,
       GError     **error)
{
  g_autoptr (TernDb) db = tern_db_open (folder, TERN_DB_WRITER, error);

  if (db == NULL || !tern_db_begin (db, error))
    return FALSE;
  if (!tern_store_set_value (db, TERN_STORE_SALVAGED, "yes", error) ||
      (old != NULL && !(carry_outbox (old, db, error) && carry_drafts (old, db, error))))
    {
      tern_db_rollback (db);
      return FALSE;
    }

  /* The new file goes without a WAL. */
  return tern_db_commit (db, error) && tern_db_checkpoint (db, error);
}

/* Makes the new file in @folder, out of what can be read at @path. */
static gboolean
build (const char  *path,
       const char  *folder,
       GError     **error)
{
  sqlite3 *old = NULL;
  gboolean is_ok;

  if (g_mkdir (folder, 0700) != 0)
    return report_errno ("The database could not be made anew", error);
  is_ok = sqlite3_open_v2 (path, &old, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)
          == SQLITE_OK;
  is_ok = carry (is_ok ? old : NULL, folder, error);
  /* So that nothing is only in the WAL while the names change; it may be
   * beyond that. */
  sqlite3_wal_checkpoint_v2 (old, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  sqlite3_close (old);

  return is_ok;
}

/**
 * tern_db_salvage:
 * @folder: the account's data folder; no handle on its file may be open
 * @backup_path: (out) (transfer full): where the damaged file is now
 *
 * Starts anew with an empty file, and carries over what only the old one has
 * and what of it can still be read. The new file is complete before it takes
 * the old one's place: when it cannot be made, all is as before.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY.
 *
 * Returns: %TRUE if there is a usable file now
 */
gboolean
tern_db_salvage (const char  *folder,
                 char       **backup_path,
                 GError     **error)
{
  g_autofree char *path = g_build_filename (folder, TERN_DB_FILE_NAME, NULL);
  g_autofree char *new_folder = g_build_filename (folder, "salvage", NULL);
  g_autofree char *new_path = g_build_filename (new_folder, TERN_DB_FILE_NAME, NULL);
  g_autofree char *aside = NULL;
  gboolean is_ok;

  g_return_val_if_fail (folder != NULL && backup_path != NULL, FALSE);

  remove_folder (new_folder);
  is_ok = build (path, new_folder, error) && move_aside (path, &aside, error);
  if (is_ok && g_rename (new_path, path) != 0)
    is_ok = report_errno ("The database could not be made anew", error);
  remove_folder (new_folder);
  if (is_ok)
    *backup_path = g_steal_pointer (&aside);

  return is_ok;
}
