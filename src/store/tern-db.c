/* tern-db.c: the SQLite file of one account
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

#include <glib/gstdio.h>

#include "tern-db-private.h"
#include "tern-error.h"

/* A reader waits only for the moments in which a checkpoint or a recovery
 * holds the file exclusively. */
#define BUSY_TIMEOUT_MS 5000

struct _TernDb
{
  sqlite3    *handle;     /* (owned) */
  GHashTable *statements; /* (owned): SQL, by address → TernStatement */
  GHashTable *keys;       /* (owned): conversation ID → key (gint64 *) */
  TernDbEnd   end;
  GThread    *thread;     /* (borrowed): only compared */
  TernDbMode  mode;
};

static int
error_code_for (int result)
{
  switch (result & 0xff)
    {
    case SQLITE_FULL:
      return TERN_ERROR_STORE_FULL;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return TERN_ERROR_STORE_READ_ONLY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return TERN_ERROR_STORE_CORRUPT;
    case SQLITE_IOERR:
      switch (result)
        {
        case SQLITE_IOERR_WRITE:
        case SQLITE_IOERR_FSYNC:
        case SQLITE_IOERR_DIR_FSYNC:
        case SQLITE_IOERR_TRUNCATE:
        case SQLITE_IOERR_SHMSIZE:
          return TERN_ERROR_STORE_FULL;
        default:
          return TERN_ERROR_STORE;
        }
    default:
      return TERN_ERROR_STORE;
    }
}

static const char *
error_text_for (int result)
{
  switch (error_code_for (result))
    {
    case TERN_ERROR_STORE_FULL:
      return "There is no room left on the disk";
    case TERN_ERROR_STORE_READ_ONLY:
      return "The data folder cannot be written to";
    case TERN_ERROR_STORE_CORRUPT:
      return "The local database is damaged";
    default:
      return "The local database failed";
    }
}

static void
set_error_from_result (GError     **error,
                       int          result,
                       const char  *detail)
{
  g_set_error (error, TERN_ERROR, error_code_for (result), "%s (%s, %d)",
               error_text_for (result), detail, result);
}

/* The result repeats the error of the last step: it was reported. */
static void
finalize (gpointer statement)
{
  sqlite3_finalize (statement);
}

sqlite3 *
tern_db_get_handle (TernDb *self)
{
  return self->handle;
}

gboolean
tern_db_set_error (TernDb  *self,
                   GError **error)
{
  set_error_from_result (error, sqlite3_extended_errcode (self->handle),
                         sqlite3_errmsg (self->handle));
  return FALSE;
}

void
tern_db_set_error_literal (GError     **error,
                           int          code,
                           const char  *message)
{
  g_set_error_literal (error, TERN_ERROR, code, message);
}

TernStatement *
tern_db_prepare (TernDb      *self,
                 const char  *sql,
                 GError     **error)
{
  TernStatement *statement = g_hash_table_lookup (self->statements, sql);

  g_return_val_if_fail (self->thread == g_thread_self (), NULL);

  if (statement != NULL)
    return statement;
  if (sqlite3_prepare_v3 (self->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
                          NULL) != SQLITE_OK)
    {
      tern_db_set_error (self, error);
      return NULL;
    }
  g_hash_table_insert (self->statements, (gpointer) sql, statement);
  return statement;
}

/* The result of a reset repeats the error of the last step: it was reported. */
void
tern_statement_release (TernStatement *statement)
{
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

/* SQLite's default for a bound string is to copy it; all of ours outlive the
 * statement's use. */
static void
bind_text (TernStatement *statement,
           int            index,
           const char    *text)
{
  if (text != NULL)
    sqlite3_bind_text (statement, index, text, -1, SQLITE_STATIC);
}

static gboolean
parse_hex_id (const char *id,
              guint8      bytes[16])
{
  for (guint i = 0; i < 32; i++)
    {
      char c = id[i];
      guint8 digit;

      if (c >= '0' && c <= '9')
        digit = (guint8) (c - '0');
      else if (c >= 'a' && c <= 'f')
        digit = (guint8) (c - 'a' + 10);
      else
        return FALSE;
      bytes[i / 2] = (guint8) (i % 2 == 0 ? digit << 4 : bytes[i / 2] | digit);
    }
  return id[32] == '\0';
}

static void
bind_id (TernStatement *statement,
         int            index,
         const char    *id)
{
  guint8 bytes[16];

  if (id != NULL && parse_hex_id (id, bytes))
    sqlite3_bind_blob (statement, index, bytes, sizeof bytes, SQLITE_TRANSIENT);
  else
    bind_text (statement, index, id);
}

static void
bind_bytes (TernStatement *statement,
            int            index,
            GBytes        *bytes)
{
  gsize size;
  const void *data;

  if (bytes == NULL)
    return;
  data = g_bytes_get_data (bytes, &size);
  /* A NULL address would bind NULL: empty content is not absent content. */
  sqlite3_bind_blob64 (statement, index, data != NULL ? data : "", size, SQLITE_STATIC);
}

static void
statement_bind_valist (TernStatement *statement,
                       const char    *types,
                       va_list        args)
{
  g_return_if_fail (sqlite3_bind_parameter_count (statement) == (int) strlen (types));

  for (int i = 0; types[i] != '\0'; i++)
    {
      switch (types[i])
        {
        case 'i':
          sqlite3_bind_int64 (statement, i + 1, va_arg (args, gint64));
          break;
        case 's':
          bind_text (statement, i + 1, va_arg (args, const char *));
          break;
        case 'h':
          bind_id (statement, i + 1, va_arg (args, const char *));
          break;
        case 'b':
          bind_bytes (statement, i + 1, va_arg (args, GBytes *));
          break;
        default:
          g_return_if_reached ();
        }
    }
}

TernStatement *
tern_db_query (TernDb      *self,
               GError     **error,
               const char  *sql,
               const char  *types,
               ...)
{
  TernStatement *statement = tern_db_prepare (self, sql, error);
  va_list args;

  if (statement == NULL)
    return NULL;
  va_start (args, types);
  statement_bind_valist (statement, types, args);
  va_end (args);
  return statement;
}

int
tern_db_step (TernDb         *self,
              TernStatement  *statement,
              GError        **error)
{
  int result = sqlite3_step (statement);

  if (result != SQLITE_ROW && result != SQLITE_DONE)
    tern_db_set_error (self, error);
  return result;
}

gboolean
tern_db_run (TernDb      *self,
             int         *n_changed,
             GError     **error,
             const char  *sql,
             const char  *types,
             ...)
{
  g_autoptr (TernStatement) statement = tern_db_prepare (self, sql, error);
  va_list args;

  if (statement == NULL)
    return FALSE;
  va_start (args, types);
  statement_bind_valist (statement, types, args);
  va_end (args);
  if (tern_db_step (self, statement, error) != SQLITE_DONE)
    return FALSE;
  if (n_changed != NULL)
    *n_changed = sqlite3_changes (self->handle);
  return TRUE;
}

gboolean
tern_db_query_int64 (TernDb      *self,
                     gint64      *value,
                     gint64       fallback,
                     GError     **error,
                     const char  *sql,
                     const char  *types,
                     ...)
{
  g_autoptr (TernStatement) statement = tern_db_prepare (self, sql, error);
  va_list args;
  int result;

  if (statement == NULL)
    return FALSE;
  va_start (args, types);
  statement_bind_valist (statement, types, args);
  va_end (args);
  result = tern_db_step (self, statement, error);
  if (result == SQLITE_ROW)
    *value = sqlite3_column_int64 (statement, 0);
  else
    *value = fallback;
  return result == SQLITE_ROW || result == SQLITE_DONE;
}

char *
tern_statement_dup_text (TernStatement *statement,
                         int            column)
{
  const char *text = (const char *) sqlite3_column_text (statement, column);

  return g_strdup (text != NULL ? text : "");
}

char *
tern_statement_dup_id (TernStatement *statement,
                       int            column)
{
  static const char digits[] = "0123456789abcdef";
  const guint8 *bytes;
  char *id;

  if (sqlite3_column_type (statement, column) != SQLITE_BLOB
      || sqlite3_column_bytes (statement, column) != 16)
    return tern_statement_dup_text (statement, column);

  bytes = sqlite3_column_blob (statement, column);
  id = g_malloc (33);
  for (guint i = 0; i < 16; i++)
    {
      id[2 * i] = digits[bytes[i] >> 4];
      id[2 * i + 1] = digits[bytes[i] & 15];
    }
  id[32] = '\0';
  return id;
}

GBytes *
tern_statement_dup_bytes (TernStatement *statement,
                          int            column)
{
  const void *data;

  if (sqlite3_column_type (statement, column) == SQLITE_NULL)
    return NULL;
  data = sqlite3_column_blob (statement, column);
  return g_bytes_new (data, (gsize) sqlite3_column_bytes (statement, column));
}

gboolean
tern_db_find_key (TernDb      *self,
                  const char  *conversation_id,
                  gint64      *key,
                  GError     **error)
{
  static const char sql[] = "SELECT id FROM conversations WHERE conversation_id = ?1";
  const gint64 *known = g_hash_table_lookup (self->keys, conversation_id);

  if (known != NULL)
    {
      *key = *known;
      return TRUE;
    }
  if (!tern_db_query_int64 (self, key, 0, error, sql, "s", conversation_id))
    return FALSE;
  if (*key != 0)
    g_hash_table_insert (self->keys, g_strdup (conversation_id), g_memdup2 (key, sizeof *key));
  return TRUE;
}

gboolean
tern_db_ensure_key (TernDb      *self,
                    const char  *conversation_id,
                    gint64      *key,
                    GError     **error)
{
  static const char sql[] =
    "INSERT INTO conversations (conversation_id, is_notification) VALUES (?1, ?2)";

  if (!tern_db_find_key (self, conversation_id, key, error))
    return FALSE;
  if (*key != 0)
    return TRUE;
  if (!tern_db_run (self, NULL, error, sql, "si", conversation_id,
                    (gint64) tern_conversation_id_is_notification (conversation_id)))
    return FALSE;
  *key = sqlite3_last_insert_rowid (self->handle);
  g_hash_table_insert (self->keys, g_strdup (conversation_id), g_memdup2 (key, sizeof *key));
  return TRUE;
}

TernDbEnd *
tern_db_get_end (TernDb *self)
{
  return &self->end;
}

static gboolean
exec (TernDb      *self,
      const char  *sql,
      GError     **error)
{
  if (sqlite3_exec (self->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
    return tern_db_set_error (self, error);
  return TRUE;
}

/* SQLite gives its -wal and -shm files the mode of the database, so it is
 * enough to make that one with the right mode. */
static gboolean
make_private_file (const char  *folder,
                   const char  *path,
                   GError     **error)
{
  int saved_errno;
  int fd;

  if (g_mkdir_with_parents (folder, 0700) == 0)
    {
      fd = g_open (path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
      if (fd >= 0)
        return g_close (fd, error);
    }
  saved_errno = errno;
  g_propagate_error (error, tern_error_new_errno (saved_errno, "The store cannot be made"));
  return FALSE;
}

static gboolean
prepare_writer (TernDb      *self,
                const char  *path,
                GError     **error)
{
  g_autofree char *backup_path = g_strconcat (path, ".before-upgrade", NULL);

  /* A WAL of 16 MiB between checkpoints: with the default of 4 MiB, filling in
   * history writes the same pages of the indexes again and again.
   * journal_size_limit: one that a busy reader let grow is cut back at the next
   * checkpoint that can. */
  return exec (self, "PRAGMA journal_mode=WAL", error)
         && exec (self, "PRAGMA synchronous=NORMAL", error)
         && exec (self, "PRAGMA cache_size=-16384", error)
         && exec (self, "PRAGMA wal_autocheckpoint=4096", error)
         && exec (self, "PRAGMA journal_size_limit=16777216", error)
         && exec (self, "PRAGMA secure_delete=ON", error)
         && tern_db_migrate_to_latest (self, backup_path, error);
}

static gboolean
prepare_reader (TernDb  *self,
                GError **error)
{
  return exec (self, "PRAGMA query_only=ON", error)
         && exec (self, "PRAGMA cache_size=-4096", error)
         && tern_db_check_schema (self, error);
}

/**
 * tern_db_open:
 * @folder: the account's data folder
 *
 * Opens the account's file. A writer makes the folder (0700) and the file
 * (0600) and brings an older schema up to date, keeping a copy of the old
 * file until it opens the new one the next time. A file with a newer schema
 * than this program knows is refused.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 * Thread: the handle belongs to the calling one.
 *
 * Returns: (transfer full) (nullable): the handle
 */
TernDb *
tern_db_open (const char  *folder,
              TernDbMode   mode,
              GError     **error)
{
  g_autofree char *path = g_build_filename (folder, TERN_DB_FILE_NAME, NULL);
  g_autoptr (TernDb) self = NULL;
  int result;

  g_return_val_if_fail (folder != NULL, NULL);

  if (mode == TERN_DB_WRITER && !make_private_file (folder, path, error))
    return NULL;
  if (mode == TERN_DB_READER && !g_file_test (path, G_FILE_TEST_EXISTS))
    {
      tern_db_set_error_literal (error, TERN_ERROR_STORE, "There is no local database yet");
      return NULL;
    }

  self = g_new0 (TernDb, 1);
  self->mode = mode;
  self->thread = g_thread_self ();
  self->statements = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL,
                                            finalize);
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  /* Even a reader needs the file writable: in WAL mode it writes its marks. */
  result = sqlite3_open_v2 (path, &self->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                            NULL);
  if (result != SQLITE_OK)
    {
      set_error_from_result (error, result, sqlite3_errstr (result));
      return NULL;
    }
  sqlite3_extended_result_codes (self->handle, 1);
  sqlite3_busy_timeout (self->handle, BUSY_TIMEOUT_MS);
  if (!exec (self, "PRAGMA trusted_schema=OFF", error)
      || !(mode == TERN_DB_WRITER ? prepare_writer (self, path, error)
                                  : prepare_reader (self, error)))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * tern_db_close:
 * @self: (transfer full): the handle
 *
 * Closes the file. An open transaction is rolled back.
 */
void
tern_db_close (TernDb *self)
{
  g_return_if_fail (self != NULL);

  g_hash_table_unref (self->statements);
  g_hash_table_unref (self->keys);
  if (self->handle != NULL && sqlite3_close (self->handle) != SQLITE_OK)
    g_critical ("The local database was closed while in use");
  g_free (self);
}

/**
 * tern_db_begin:
 *
 * Begins a transaction. A writer takes the write lock now, so that a later
 * statement cannot fail for want of it.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 */
gboolean
tern_db_begin (TernDb  *self,
               GError **error)
{
  static const char write_sql[] = "BEGIN IMMEDIATE";
  static const char read_sql[] = "BEGIN";

  g_return_val_if_fail (self != NULL, FALSE);

  return tern_db_run (self, NULL, error, self->mode == TERN_DB_WRITER ? write_sql : read_sql, "");
}

/**
 * tern_db_commit:
 *
 * Commits. After an error nothing of the transaction is there. What is there
 * survives this process, and a power cut after tern_db_sync().
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 */
gboolean
tern_db_commit (TernDb  *self,
                GError **error)
{
  static const char sql[] = "COMMIT";

  g_return_val_if_fail (self != NULL, FALSE);

  if (tern_db_run (self, NULL, error, sql, ""))
    return TRUE;
  tern_db_rollback (self);
  return FALSE;
}

/**
 * tern_db_sync:
 *
 * Makes everything committed so far survive a power cut. With
 * synchronous=NORMAL a commit is in the operating system's hands, but not yet
 * on the disk. Raising the level for one commit is not possible (it cannot be
 * changed inside a transaction), syncing the WAL after it is, and gives the
 * same guarantee.
 *
 * Errors: STORE, STORE_FULL; what is committed stays so.
 */
gboolean
tern_db_sync (TernDb  *self,
              GError **error)
{
  sqlite3_file *file = NULL;
  int result;

  g_return_val_if_fail (self != NULL, FALSE);

  result = sqlite3_file_control (self->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
  if (result == SQLITE_OK && file != NULL && file->pMethods != NULL)
    result = file->pMethods->xSync (file, SQLITE_SYNC_NORMAL);
  if (result == SQLITE_OK)
    return TRUE;
  set_error_from_result (error, result, sqlite3_errstr (result));
  return FALSE;
}

/**
 * tern_db_check_transaction:
 *
 * SQLite ends a transaction by itself after some errors. Whoever went on after
 * one would then write piece by piece, and keep half of it.
 *
 * Errors: STORE.
 *
 * Returns: whether a transaction is open
 */
gboolean
tern_db_check_transaction (TernDb  *self,
                           GError **error)
{
  if (!sqlite3_get_autocommit (self->handle))
    return TRUE;

  g_set_error_literal (error, TERN_ERROR, TERN_ERROR_STORE, "The database ended the transaction");
  return FALSE;
}

/**
 * tern_db_rollback:
 *
 * Gives up the open transaction, if there is one (SQLite ends it by itself
 * after some errors).
 */
void
tern_db_rollback (TernDb *self)
{
  static const char sql[] = "ROLLBACK";
  g_autoptr (GError) error = NULL;

  g_return_if_fail (self != NULL);

  /* What the transaction inserted is gone, and its keys will be used again. */
  g_hash_table_remove_all (self->keys);
  self->end = (TernDbEnd){ 0 };
  if (sqlite3_get_autocommit (self->handle))
    return;
  if (!tern_db_run (self, NULL, &error, sql, ""))
    g_debug ("Rollback: %s", error->message);
}

/**
 * tern_db_checkpoint:
 *
 * Moves the WAL into the database and empties it, as far as readers let it:
 * that one of them is busy is no error.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 */
gboolean
tern_db_checkpoint (TernDb  *self,
                    GError **error)
{
  int result;

  g_return_val_if_fail (self != NULL, FALSE);

  /* Waiting for a reader would hold up the sync for what is only hygiene. */
  sqlite3_busy_timeout (self->handle, 0);
  result = sqlite3_wal_checkpoint_v2 (self->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  sqlite3_busy_timeout (self->handle, BUSY_TIMEOUT_MS);
  if (result == SQLITE_OK || (result & 0xff) == SQLITE_BUSY || (result & 0xff) == SQLITE_LOCKED)
    return TRUE;
  return tern_db_set_error (self, error);
}
