/* tern-db.h: the SQLite file of one account
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A handle belongs to the thread that opened it. There is one writer (the
 * sync worker) and any number of readers (query_only).
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _TernDb TernDb;

typedef enum
{
  TERN_DB_READER,
  TERN_DB_WRITER,
} TernDbMode;

/* Opens @folder/tern.db; a writer makes and migrates it. Errors: STORE,
 * STORE_FULL, STORE_CORRUPT. */
TernDb   *tern_db_open        (const char  *folder,
                               TernDbMode   mode,
                               GError     **error) G_GNUC_WARN_UNUSED_RESULT;
void      tern_db_close       (TernDb      *self);
gboolean  tern_db_begin       (TernDb      *self,
                               GError     **error);
/* FALSE when SQLite has ended it by itself. Errors: STORE. */
gboolean  tern_db_check_transaction (TernDb      *self,
                                     GError     **error);
gboolean  tern_db_commit      (TernDb      *self,
                               GError     **error);
gboolean  tern_db_sync        (TernDb      *self,
                               GError     **error);
void      tern_db_rollback    (TernDb      *self);
gboolean  tern_db_checkpoint  (TernDb      *self,
                               GError     **error);
/* Moves a damaged file aside, makes a new one and carries over the outbox and
 * the drafts that can still be read. @backup_path: (out) where the old one is */
gboolean  tern_db_salvage     (const char  *folder,
                               char       **backup_path,
                               GError     **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernDb, tern_db_close)

G_END_DECLS
