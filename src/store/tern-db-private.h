/* tern-db-private.h: how the files of the store talk to SQLite
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Only for src/store and its tests. Statements are static strings: the cache
 * goes by their address. A statement is borrowed by tern_db_prepare() and
 * given back by tern_statement_release(), which resets it, so that no
 * statement holds a snapshot open longer than it takes to read it.
 */

#pragma once

#include <glib.h>
#include <sqlite3.h>

#include "tern-db.h"
#include "tern-records.h"
#include "tern-store.h"

G_BEGIN_DECLS

#define TERN_DB_FILE_NAME "tern.db"

typedef sqlite3_stmt TernStatement;

/* At least so far does a conversation go; key 0: none. */
typedef struct
{
  gint64 key;
  gint64 max_seq;
  gint64 last_position;
} TernDbEnd;

sqlite3       *tern_db_get_handle        (TernDb        *self);
/* Always FALSE, so that a caller can return it. */
gboolean       tern_db_set_error         (TernDb        *self,
                                          GError       **error);
void           tern_db_set_error_literal (GError       **error,
                                          int            code,
                                          const char    *message);
TernStatement *tern_db_prepare           (TernDb        *self,
                                          const char    *sql,
                                          GError       **error) G_GNUC_WARN_UNUSED_RESULT;
void           tern_statement_release    (TernStatement *statement);
/* Prepares and binds. One letter per parameter: i gint64, s const char * (kept
 * by the caller until the statement is released), b GBytes or NULL, h ID (see
 * the schema). NULL: error */
TernStatement *tern_db_query             (TernDb        *self,
                                          GError       **error,
                                          const char    *sql,
                                          const char    *types,
                                          ...) G_GNUC_WARN_UNUSED_RESULT;
/* SQLITE_ROW or SQLITE_DONE; anything else: @error is set. */
int            tern_db_step              (TernDb        *self,
                                          TernStatement *statement,
                                          GError       **error);
/* Prepare, bind, run to the end. @n_changed: (out) (optional) */
gboolean       tern_db_run               (TernDb        *self,
                                          int           *n_changed,
                                          GError       **error,
                                          const char    *sql,
                                          const char    *types,
                                          ...);
/* The first column of the first row; @fallback without one. */
gboolean       tern_db_query_int64       (TernDb        *self,
                                          gint64        *value,
                                          gint64         fallback,
                                          GError       **error,
                                          const char    *sql,
                                          const char    *types,
                                          ...);
char          *tern_statement_dup_text   (TernStatement *statement,
                                          int            column); /* NULL reads as "" */
char          *tern_statement_dup_id     (TernStatement *statement,
                                          int            column);
GBytes        *tern_statement_dup_bytes  (TernStatement *statement,
                                          int            column); /* (nullable) */

/* The integer key of a conversation; 0: there is none. */
gboolean       tern_db_find_key          (TernDb        *self,
                                          const char    *conversation_id,
                                          gint64        *key,
                                          GError       **error);
/* The same, but makes the row; nothing but the ID is known of it yet. */
gboolean       tern_db_ensure_key        (TernDb        *self,
                                          const char    *conversation_id,
                                          gint64        *key,
                                          GError       **error);
/* The end of the conversation that was written to last: what lies before it
 * does not change it. */
TernDbEnd     *tern_db_get_end           (TernDb        *self);

/* Runs the numbered steps that the file has not seen. @backup_path: where a
 * copy goes first when the file holds an older schema; the next time, it goes. */
gboolean       tern_db_migrate           (TernDb             *self,
                                          const char         *backup_path,
                                          const char * const *steps,
                                          int                 n_steps,
                                          GError            **error);
gboolean       tern_db_migrate_to_latest (TernDb             *self,
                                          const char         *backup_path,
                                          GError            **error);
/* A reader takes the file as it is: the schema has to be the current one. */
gboolean       tern_db_check_schema      (TernDb             *self,
                                          GError            **error);

/* --- rows of `messages`, tern-store-message-rows.c --- */

/* Room between two seqs, for messages that wait for theirs. */
#define TERN_POSITION_STEP ((gint64) 65536)

/* What tern_message_row_read() expects of a SELECT, c.conversation_id first. */
#define TERN_MESSAGE_COLUMNS \
  "m.id, m.position, m.seq, m.sender_id, m.client_id, m.server_id, m.status, m.is_read, " \
  "m.content_type, m.chat_type, m.sent_ms, m.created_ms, m.options_off, m.options_on, " \
  "m.sender_platform, m.msg_from, m.recv_id, m.group_id, m.sender_name, m.sender_face_url, " \
  "m.attached_info, m.ex, m.error, m.at_user_ids, m.offline_push, m.content "
#define TERN_MESSAGE_N_COLUMNS 26

gint64             tern_message_row_position (gint64 seq);
/* Reads TERN_MESSAGE_COLUMNS from @first on; the ID of the conversation is
 * the caller's to fill when @conversation_id is NULL. */
TernMessageRecord *tern_message_row_read   (TernStatement           *statement,
                                            int                      first,
                                            const char              *conversation_id);
/* *@id is 0 when a row with this identity or this seq is there already. */
gboolean           tern_message_row_insert (TernDb                  *db,
                                            gint64                   key,
                                            const TernMessageRecord *message,
                                            gint64                  *id,
                                            GError                 **error);
/* Writes all columns of the row @message->id. */
gboolean           tern_message_row_update (TernDb                  *db,
                                            const TernMessageRecord *message,
                                            GError                 **error);
/* Whether the two would be the same row on disk. */
gboolean           tern_message_row_equal  (const TernMessageRecord *a,
                                            const TernMessageRecord *b);
#define TERN_SELECT_MESSAGES \
  "SELECT c.conversation_id, " TERN_MESSAGE_COLUMNS \
  "FROM conversations c JOIN messages m ON m.conversation = c.id "

/* @found: (out) (nullable): no such row is no error */
gboolean           tern_message_row_find   (TernDb                  *db,
                                            gint64                   key,
                                            const char              *sender_id,
                                            const char              *client_id,
                                            TernMessageRecord      **found,
                                            GError                 **error);
gboolean           tern_message_row_find_seq (TernDb                *db,
                                            gint64                   key,
                                            gint64                   seq,
                                            TernMessageRecord      **found,
                                            GError                 **error);
/* A row was changed: names it, and the conversation if it shows that row. */
gboolean           tern_store_note_updated (TernDb                  *db,
                                            gint64                   key,
                                            const TernMessageRecord *message,
                                            gboolean                 is_moved,
                                            TernChanges             *changes,
                                            GError                 **error);
/* Reads all rows of @statement, which starts with c.conversation_id and goes
 * on with TERN_MESSAGE_COLUMNS, and releases it. */
GPtrArray         *tern_message_rows_read  (TernDb                  *db,
                                            TernStatement           *statement,
                                            GError                 **error);

/* Deletes rows with seq below @min_seq of the conversation @key. */
gboolean           tern_store_erase_below  (TernDb                  *db,
                                            gint64                   key,
                                            const char              *conversation_id,
                                            gint64                   min_seq,
                                            TernChanges             *changes,
                                            GError                 **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernStatement, tern_statement_release)

G_END_DECLS
