/* tern-server-sql.h: short ways to run a statement
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>
#include <sqlite3.h>

#include "tern-server-state.h"

G_BEGIN_DECLS

struct _TernServerState
{
  sqlite3    *db;
  GHashTable *statements; /* (element-type utf8 sqlite3_stmt): by the address of the text */
  GHashTable *together;   /* (nullable): logs that have grown, see below */
  char       *secret;
  guint       depth;      /* of begin/commit pairs */
};

/* Binds by @types: s text, i gint64, b GBytes; the statement is reset by
 * tern_server_sql_end(), which the macro below does at the end of its block. */
sqlite3_stmt *tern_server_sql_query (TernServerState *self,
                                     const char      *sql,
                                     const char      *types,
                                     ...);
gboolean      tern_server_sql_step  (TernServerState *self,
                                     sqlite3_stmt    *statement);
/* Runs to the end; returns how many rows changed. */
int           tern_server_sql_run   (TernServerState *self,
                                     const char      *sql,
                                     const char      *types,
                                     ...);
void          tern_server_sql_end   (sqlite3_stmt    *statement);
char         *tern_server_sql_dup   (sqlite3_stmt    *statement,
                                     int              column);
GBytes       *tern_server_sql_bytes (sqlite3_stmt    *statement,
                                     int              column);
/* The first column of every row. */
char        **tern_server_sql_list  (TernServerState *self,
                                     sqlite3_stmt    *statement);

static inline void
tern_server_sql_end_p (sqlite3_stmt **statement)
{
  if (*statement != NULL)
    tern_server_sql_end (*statement);
}

#define SqlQuery __attribute__((cleanup (tern_server_sql_end_p))) sqlite3_stmt

G_END_DECLS
