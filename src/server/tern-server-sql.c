/* tern-server-sql.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-server-sql.h"

#include <stdarg.h>
#include <stdlib.h>

G_NORETURN static void
give_up (TernServerState *self,
         const char      *what)
{
  g_printerr ("tern-local-server: %s: %s\n", what, sqlite3_errmsg (self->db));
  exit (74);
}

static void
bind_all (TernServerState *self,
          sqlite3_stmt    *statement,
          const char      *types,
          va_list          args)
{
  for (int i = 1; *types != '\0'; types++, i++)
    {
      int result = SQLITE_OK;

      if (*types == 's')
        {
          const char *text = va_arg (args, const char *);

          result = sqlite3_bind_text (statement, i, text, -1, SQLITE_TRANSIENT);
        }
      else if (*types == 'i')
        result = sqlite3_bind_int64 (statement, i, va_arg (args, gint64));
      else
        {
          GBytes *bytes = va_arg (args, GBytes *);
          gsize size;
          gconstpointer data = g_bytes_get_data (bytes, &size);

          result = sqlite3_bind_blob64 (statement, i, data != NULL ? data : "", size,
                                        SQLITE_TRANSIENT);
        }
      if (result != SQLITE_OK)
        give_up (self, "cannot bind");
    }
}

static sqlite3_stmt *
get_statement (TernServerState *self,
               const char      *sql)
{
  sqlite3_stmt *statement = g_hash_table_lookup (self->statements, sql);

  if (statement != NULL)
    return statement;

  if (sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
      SQLITE_OK)
    give_up (self, "cannot prepare");
  g_hash_table_insert (self->statements, (gpointer) sql, statement);

  return statement;
}

/**
 * tern_server_sql_query:
 * @self: the state
 * @sql: a literal: its address is what the prepared statement is known by
 * @types: one letter each: s text, i gint64, b #GBytes
 * @...: the values
 *
 * Ends the process when the file cannot be read or written.
 *
 * Returns: (transfer none): to be stepped through; declared as SqlQuery it is
 *   reset by itself
 */
sqlite3_stmt *
tern_server_sql_query (TernServerState *self,
                       const char      *sql,
                       const char      *types,
                       ...)
{
  sqlite3_stmt *statement = get_statement (self, sql);
  va_list args;

  va_start (args, types);
  bind_all (self, statement, types, args);
  va_end (args);

  return statement;
}

/**
 * tern_server_sql_step:
 * @self: the state
 * @statement: a query
 *
 * Ends the process when the file cannot be read or written.
 *
 * Returns: whether there is a row
 */
gboolean
tern_server_sql_step (TernServerState *self,
                      sqlite3_stmt    *statement)
{
  int result = sqlite3_step (statement);

  if (result != SQLITE_ROW && result != SQLITE_DONE)
    give_up (self, "the data cannot be read or written");

  return result == SQLITE_ROW;
}

/**
 * tern_server_sql_run:
 * @self: the state
 * @sql: a literal: its address is what the prepared statement is known by
 * @types: one letter each: s text, i gint64, b #GBytes
 * @...: the values
 *
 * Runs it to the end. Ends the process when the file cannot be read or written.
 *
 * Returns: how many rows have changed
 */
int
tern_server_sql_run (TernServerState *self,
                     const char      *sql,
                     const char      *types,
                     ...)
{
  SqlQuery *statement = get_statement (self, sql);
  va_list args;

  va_start (args, types);
  bind_all (self, statement, types, args);
  va_end (args);
  while (tern_server_sql_step (self, statement))
    ;

  return sqlite3_changes (self->db);
}

/**
 * tern_server_sql_end:
 * @statement: a query
 *
 * Makes it ready to be used again.
 */
void
tern_server_sql_end (sqlite3_stmt *statement)
{
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

/**
 * tern_server_sql_dup:
 * @statement: a query at a row
 * @column: from 0
 *
 * Returns: (transfer full): the text; "" for null
 */
char *
tern_server_sql_dup (sqlite3_stmt *statement,
                     int           column)
{
  const char *text = (const char *) sqlite3_column_text (statement, column);

  return g_strdup (text != NULL ? text : "");
}

/**
 * tern_server_sql_bytes:
 * @statement: a query at a row
 * @column: from 0
 *
 * Returns: (transfer full): the blob
 */
GBytes *
tern_server_sql_bytes (sqlite3_stmt *statement,
                       int           column)
{
  gconstpointer data = sqlite3_column_blob (statement, column);

  return g_bytes_new (data, (gsize) sqlite3_column_bytes (statement, column));
}

/**
 * tern_server_sql_list:
 * @self: the state
 * @statement: a query
 *
 * Returns: (transfer full) (array zero-terminated=1): the texts of its first
 *   column, one per row
 */
char **
tern_server_sql_list (TernServerState *self,
                      sqlite3_stmt    *statement)
{
  g_autoptr(GStrvBuilder) texts = g_strv_builder_new ();

  while (tern_server_sql_step (self, statement))
    {
      g_autofree char *text = tern_server_sql_dup (statement, 0);

      g_strv_builder_add (texts, text);
    }

  return g_strv_builder_end (texts);
}
