/* tern-server-state.c: the file, and conversations
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-server-state.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "tern-clock.h"
#include "tern-error.h"
#include "tern-server-sql.h"

/* One more whenever a table changes. */
#define SCHEMA_VERSION 4
#define AS_TEXT(number) #number
#define VERSION_TEXT(number) AS_TEXT (number)

static const char schema[] =
  "PRAGMA user_version = " VERSION_TEXT (SCHEMA_VERSION) ";"
  "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT);"
  "CREATE TABLE IF NOT EXISTS users (user_id TEXT PRIMARY KEY, name TEXT, face_url TEXT, ex TEXT,"
  " created_ms INTEGER, level INTEGER, recv_opt INTEGER);"
  "CREATE TABLE IF NOT EXISTS accounts (user_id TEXT PRIMARY KEY, account TEXT, phone TEXT,"
  " email TEXT, password TEXT);"
  "CREATE TABLE IF NOT EXISTS profiles (user_id TEXT PRIMARY KEY, nickname TEXT, face_url TEXT,"
  " area_code TEXT, phone_number TEXT, birth_ms INTEGER, gender INTEGER, level INTEGER,"
  " allow_add_friend INTEGER, allow_beep INTEGER, allow_vibration INTEGER, recv_opt INTEGER,"
  " register_type INTEGER);"
  "CREATE TABLE IF NOT EXISTS commands (user_id TEXT, type INTEGER, uuid TEXT, value TEXT, ex TEXT,"
  " created_s INTEGER);"
  "CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, user_id TEXT, platform INTEGER,"
  " state INTEGER);" /* 0 good, 2 kicked, 1501 expired */
  "CREATE TABLE IF NOT EXISTS friends (owner TEXT, friend TEXT, remark TEXT, ex TEXT,"
  " created_ms INTEGER, is_pinned INTEGER, operator TEXT, PRIMARY KEY (owner, friend));"
  "CREATE TABLE IF NOT EXISTS friend_requests (from_id TEXT, to_id TEXT, message TEXT,"
  " handler TEXT, answer TEXT, ex TEXT, created_ms INTEGER, handled_ms INTEGER, result INTEGER,"
  " PRIMARY KEY (from_id, to_id));"
  "CREATE TABLE IF NOT EXISTS blocks (owner TEXT, user_id TEXT, ex TEXT, created_ms INTEGER,"
  " PRIMARY KEY (owner, user_id));"
  "CREATE TABLE IF NOT EXISTS groups (group_id TEXT PRIMARY KEY, name TEXT, face_url TEXT,"
  " announcement TEXT, introduction TEXT, owner TEXT, creator TEXT, ex TEXT, announcer TEXT,"
  " created_ms INTEGER, announced_ms INTEGER, status INTEGER, need_verification INTEGER,"
  " look_member_info INTEGER, apply_member_friend INTEGER);"
  "CREATE TABLE IF NOT EXISTS members (group_id TEXT, user_id TEXT, name TEXT, inviter TEXT,"
  " joined_ms INTEGER, mute_end_ms INTEGER, role INTEGER, join_source INTEGER,"
  " face_url TEXT, operator TEXT, ex TEXT, PRIMARY KEY (group_id, user_id));"
  "CREATE INDEX IF NOT EXISTS members_by_user ON members (user_id);"
  "CREATE TABLE IF NOT EXISTS group_requests (group_id TEXT, user_id TEXT, message TEXT, ex TEXT,"
  " inviter TEXT, created_ms INTEGER, result INTEGER, join_source INTEGER,"
  " PRIMARY KEY (group_id, user_id));"
  "CREATE TABLE IF NOT EXISTS conversations (owner TEXT, conversation_id TEXT, chat_type INTEGER,"
  " user_id TEXT, group_id TEXT, recv_opt INTEGER, at_type INTEGER, burn_s INTEGER,"
  " is_pinned INTEGER, is_private INTEGER, min_seq INTEGER, max_seq INTEGER, read_seq INTEGER,"
  " ex TEXT, attached_info TEXT, destruct_s INTEGER, is_destruct INTEGER, unseen_ms INTEGER,"
  " PRIMARY KEY (owner, conversation_id));"
  "CREATE TABLE IF NOT EXISTS seqs (conversation_id TEXT PRIMARY KEY, max_seq INTEGER,"
  " max_seq_ms INTEGER, min_seq INTEGER DEFAULT 0);"
  "CREATE TABLE IF NOT EXISTS messages (conversation_id TEXT, seq INTEGER, data BLOB,"
  " PRIMARY KEY (conversation_id, seq)) WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS hidden (owner TEXT, conversation_id TEXT, seq INTEGER,"
  " PRIMARY KEY (owner, conversation_id, seq)) WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS objects (name TEXT PRIMARY KEY, hash TEXT, content_type TEXT);"
  "CREATE TABLE IF NOT EXISTS contents (hash TEXT PRIMARY KEY, etag TEXT);"
  "CREATE TABLE IF NOT EXISTS uploads (key TEXT PRIMARY KEY, max_bytes INTEGER,"
  " expires_ms INTEGER);"
  "CREATE TABLE IF NOT EXISTS parts (key TEXT, number INTEGER, file TEXT, md5 TEXT, size INTEGER,"
  " PRIMARY KEY (key, number));"
  "CREATE TABLE IF NOT EXISTS logs (dataset INTEGER, owner TEXT, version_id TEXT,"
  " version INTEGER, shown INTEGER, PRIMARY KEY (dataset, owner));"
  "CREATE TABLE IF NOT EXISTS changes (dataset INTEGER, owner TEXT, element TEXT, change INTEGER,"
  " version INTEGER, PRIMARY KEY (dataset, owner, element));";

static void
statement_free (gpointer statement)
{
  sqlite3_finalize (statement);
}

/* Random once, and the same ever after. */
static char *
keep_random (TernServerState *self,
             const char      *key,
             gsize            n_bytes)
{
  g_autofree char *text = tern_server_make_random_hex (n_bytes);
  SqlQuery *query = NULL;

  tern_server_sql_run (self, "INSERT OR IGNORE INTO meta VALUES (?1, ?2)", "ss", key, text);
  query = tern_server_sql_query (self, "SELECT value FROM meta WHERE key = ?1", "s", key);
  tern_server_sql_step (self, query);

  return tern_server_sql_dup (query, 0);
}

static gint64
ask_number (TernServerState *self,
            const char      *sql)
{
  sqlite3_stmt *statement = NULL;
  gint64 number = -1;

  if (sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW)
    number = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);

  return number;
}

/* @path: (nullable): in memory */
static gboolean
open_file (TernServerState *self,
           const char      *path)
{
  int fd = path != NULL ? open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

  if (fd >= 0)
    {
      fchmod (fd, 0600); /* of one that was there, and of what SQLite puts beside it */
      close (fd);
    }

  return sqlite3_open_v2 (path != NULL ? path : ":memory:", &self->db,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK;
}

/* With their objects, in the place of those that were set aside before. First
 * the objects: who is killed between the two finds the rest still to do. */
static gboolean
set_objects_aside (const char *folder)
{
  g_autofree char *objects = g_build_filename (folder, "objects", NULL);
  g_autofree char *aside = g_strconcat (objects, ".old", NULL);
  g_autoptr(GDir) dir = NULL;
  const char *name;

  if (!g_file_test (objects, G_FILE_TEST_EXISTS))
    return TRUE;

  dir = g_dir_open (aside, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (aside, name, NULL);

      g_unlink (path);
    }

  return g_rename (objects, aside) == 0;
}

/* Data of another version is set aside: this server is to try things with, and
 * converts nothing. */
static gboolean
set_other_version_aside (TernServerState *self,
                         const char      *folder,
                         const char      *path) /* (nullable): none */
{
  g_autofree char *aside = path != NULL ? g_strconcat (path, ".old", NULL) : NULL;

  if (ask_number (self, "SELECT count (*) FROM sqlite_master") <= 0 ||
      ask_number (self, "PRAGMA user_version") == SCHEMA_VERSION)
    return TRUE;

  g_printerr ("tern-local-server: %s is of another version and becomes %s\n", path, aside);
  sqlite3_close (self->db);
  self->db = NULL;

  return set_objects_aside (folder) && g_rename (path, aside) == 0 && open_file (self, path);
}

/**
 * tern_server_state_open:
 * @folder: (nullable): where the file is, or is made; %NULL keeps all in memory
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_STORE.
 *
 * Returns: (transfer full) (nullable): the state
 */
TernServerState *
tern_server_state_open (const char  *folder,
                        GError     **error)
{
  g_autoptr(TernServerState) self = g_new0 (TernServerState, 1);
  g_autofree char *path = NULL;

  self->statements = g_hash_table_new_full (NULL, NULL, NULL, statement_free);
  if (folder != NULL)
    {
      if (g_mkdir_with_parents (folder, 0700) != 0)
        {
          g_set_error (error, TERN_ERROR, TERN_ERROR_STORE, "Cannot make %s: %s", folder,
                       g_strerror (errno));
          return NULL;
        }
      path = g_build_filename (folder, "server.db", NULL);
    }

  if (!open_file (self, path) ||
      !set_other_version_aside (self, folder, path) ||
      sqlite3_exec (self->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;", NULL, NULL,
                    NULL) != SQLITE_OK ||
      sqlite3_exec (self->db, schema, NULL, NULL, NULL) != SQLITE_OK)
    {
      g_set_error (error, TERN_ERROR, TERN_ERROR_STORE, "Cannot open %s: %s",
                   path != NULL ? path : "memory", sqlite3_errmsg (self->db));
      return NULL;
    }

  self->secret = keep_random (self, "secret", 32);

  return g_steal_pointer (&self);
}

/**
 * tern_server_state_close:
 * @self: (transfer full): the state
 */
void
tern_server_state_close (TernServerState *self)
{
  g_hash_table_unref (self->statements);
  sqlite3_close (self->db);
  g_free (self->secret);
  g_free (self);
}

/**
 * tern_server_state_begin:
 * @self: the state
 *
 * Opens a transaction, or goes one deeper in the open one.
 */
void
tern_server_state_begin (TernServerState *self)
{
  if (self->depth++ == 0)
    tern_server_sql_run (self, "BEGIN IMMEDIATE", "");
}

/**
 * tern_server_state_commit:
 * @self: the state
 */
void
tern_server_state_commit (TernServerState *self)
{
  if (--self->depth == 0)
    tern_server_sql_run (self, "COMMIT", "");
}

/* --- conversations --- */

static TernConversationRecord *
read_conversation (sqlite3_stmt *query)
{
  TernConversationRecord *record = g_new0 (TernConversationRecord, 1);

  record->owner_id = tern_server_sql_dup (query, 0);
  record->id = tern_server_sql_dup (query, 1);
  record->chat_type = sqlite3_column_int (query, 2);
  record->user_id = tern_server_sql_dup (query, 3);
  record->group_id = tern_server_sql_dup (query, 4);
  record->recv_opt = sqlite3_column_int (query, 5);
  record->at_type = sqlite3_column_int (query, 6);
  record->burn_s = sqlite3_column_int (query, 7);
  record->is_pinned = sqlite3_column_int (query, 8);
  record->is_private = sqlite3_column_int (query, 9);
  record->min_seq = sqlite3_column_int64 (query, 10);
  record->max_seq = sqlite3_column_int64 (query, 11);
  record->ex = tern_server_sql_dup (query, 12);
  record->attached_info = tern_server_sql_dup (query, 13);
  record->destruct_s = sqlite3_column_int64 (query, 14);
  record->is_destruct = sqlite3_column_int (query, 15);
  /* What a conversation that never used it has (protocol 02 section 1.5). */
  record->latest_destruct_ms = G_GINT64_CONSTANT (-62135596800000);

  return record;
}

#define SELECT_CONVERSATIONS \
  "SELECT owner, conversation_id, chat_type, user_id, group_id, recv_opt, at_type, burn_s," \
  " is_pinned, is_private, min_seq, max_seq, ex, attached_info, destruct_s, is_destruct" \
  " FROM conversations "

/**
 * tern_server_state_find_conversation:
 * @self: the state
 * @owner_id: whose
 * @conversation_id: which conversation
 *
 * Returns: (transfer full) (nullable): the record; it is no right
 *   (tern_server_find_chat())
 */
TernConversationRecord *
tern_server_state_find_conversation (TernServerState *self,
                                     const char      *owner_id,
                                     const char      *conversation_id)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_CONVERSATIONS
    "WHERE owner = ?1 AND conversation_id = ?2", "ss", owner_id, conversation_id);

  return tern_server_sql_step (self, query) ? read_conversation (query) : NULL;
}

/**
 * tern_server_state_list_conversations:
 * @self: the state
 * @owner_id: whose
 *
 * Returns: (transfer full) (element-type TernConversationRecord): the oldest
 *   first
 */
GPtrArray *
tern_server_state_list_conversations (TernServerState *self,
                                      const char      *owner_id)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_CONVERSATIONS
    "WHERE owner = ?1 ORDER BY rowid", "s", owner_id);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_conversation_record_free);

  while (tern_server_sql_step (self, query))
    g_ptr_array_add (list, read_conversation (query));

  return list;
}

static void
put_conversation (TernServerState              *self,
                  const TernConversationRecord *record,
                  gint64                        unseen_until_ms)
{
  g_autoptr(TernConversationRecord) known =
    tern_server_state_find_conversation (self, record->owner_id, record->id);
  int n_changes = tern_server_sql_run (self,
    "INSERT INTO conversations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, ?13,"
    " ?14, ?15, ?16, ?17) ON CONFLICT DO UPDATE SET recv_opt = ?6, at_type = ?7, burn_s = ?8,"
    " is_pinned = ?9, is_private = ?10, min_seq = ?11, max_seq = ?12, ex = ?13,"
    " attached_info = ?14, destruct_s = ?15, is_destruct = ?16 WHERE (recv_opt, at_type, burn_s,"
    " is_pinned, is_private, min_seq, max_seq, ex, attached_info, destruct_s, is_destruct) <>"
    " (?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    "ssissiiiiiiissiii", record->owner_id, record->id, (gint64) record->chat_type, record->user_id,
    record->group_id, (gint64) record->recv_opt, (gint64) record->at_type, (gint64) record->burn_s,
    (gint64) record->is_pinned, (gint64) record->is_private, record->min_seq, record->max_seq,
    record->ex, record->attached_info, record->destruct_s, (gint64) record->is_destruct,
    unseen_until_ms);

  /* What is not changed makes no version. */
  if (n_changes > 0)
    tern_server_state_log (self, TERN_DATASET_CONVERSATIONS, record->owner_id, record->id,
                           known != NULL ? TERN_SERVER_UPDATED
                           : unseen_until_ms > tern_clock_get_wall_ms ()
                           ? TERN_SERVER_INSERTED | TERN_SERVER_UNSEEN
                           : TERN_SERVER_INSERTED);
}

/**
 * tern_server_state_put_conversation:
 * @self: the state
 * @record: all of it
 *
 * A new one, or what has changed of it; what has not makes no version.
 */
void
tern_server_state_put_conversation (TernServerState              *self,
                                    const TernConversationRecord *record)
{
  put_conversation (self, record, 0);
}

/**
 * tern_server_state_put_self_made:
 * @self: the state
 * @record: all of it
 * @unseen_until_ms: nobody is shown it until then
 *
 * A new one that its owner asked for.
 */
void
tern_server_state_put_self_made (TernServerState              *self,
                                 const TernConversationRecord *record,
                                 gint64                        unseen_until_ms)
{
  put_conversation (self, record, unseen_until_ms);
}

/**
 * tern_server_state_is_self_made:
 * @self: the state
 * @owner_id: whose
 * @conversation_id: which conversation
 *
 * Returns: whether its owner asked for it, instead of the server making it
 */
gboolean
tern_server_state_is_self_made (TernServerState *self,
                                const char      *owner_id,
                                const char      *conversation_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT 1 FROM conversations WHERE owner = ?1 AND conversation_id = ?2 AND unseen_ms > 0",
    "ss", owner_id, conversation_id);

  return tern_server_sql_step (self, query);
}

/**
 * tern_server_state_is_unseen:
 * @self: the state
 * @owner_id: whose
 * @conversation_id: which conversation
 *
 * Returns: whether nobody is shown it yet
 */
gboolean
tern_server_state_is_unseen (TernServerState *self,
                             const char      *owner_id,
                             const char      *conversation_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT 1 FROM conversations WHERE owner = ?1 AND conversation_id = ?2 AND unseen_ms > ?3",
    "ssi", owner_id, conversation_id, tern_clock_get_wall_ms ());

  return tern_server_sql_step (self, query);
}

/**
 * tern_server_state_delete_conversation:
 * @self: the state
 * @owner_id: whose
 * @conversation_id: which conversation
 *
 * The record of one person, not the messages.
 */
void
tern_server_state_delete_conversation (TernServerState *self,
                                       const char      *owner_id,
                                       const char      *conversation_id)
{
  tern_server_sql_run (self, "DELETE FROM conversations WHERE owner = ?1 AND conversation_id = ?2",
                       "ss", owner_id, conversation_id);
  tern_server_state_log (self, TERN_DATASET_CONVERSATIONS, owner_id, conversation_id,
                         TERN_SERVER_DELETED);
}

/**
 * tern_server_state_list_conversations_with:
 * @self: the state
 * @user_id: with whom
 *
 * Returns: (transfer full) (element-type TernConversationRecord): other
 *   people's
 */
GPtrArray *
tern_server_state_list_conversations_with (TernServerState *self,
                                           const char      *user_id)
{
  SqlQuery *query = tern_server_sql_query (self, SELECT_CONVERSATIONS
    "WHERE user_id = ?1 AND user_id <> '' ORDER BY rowid", "s", user_id);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_conversation_record_free);

  while (tern_server_sql_step (self, query))
    g_ptr_array_add (list, read_conversation (query));

  return list;
}

static gint64
get_number (TernServerState *self,
            sqlite3_stmt    *query)
{
  return tern_server_sql_step (self, query) ? sqlite3_column_int64 (query, 0) : 0;
}

/**
 * tern_server_state_get_max_seq:
 * @self: the state
 * @conversation_id: which conversation
 *
 * Returns: the newest seq; 0: no message
 */
gint64
tern_server_state_get_max_seq (TernServerState *self,
                               const char      *conversation_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT max_seq FROM seqs WHERE conversation_id = ?1", "s", conversation_id);

  return get_number (self, query);
}

/**
 * tern_server_state_get_max_seq_ms:
 * @self: the state
 * @conversation_id: which conversation
 *
 * Returns: when the newest seq was given; 0: no message
 */
gint64
tern_server_state_get_max_seq_ms (TernServerState *self,
                                  const char      *conversation_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT max_seq_ms FROM seqs WHERE conversation_id = ?1", "s", conversation_id);

  return get_number (self, query);
}

/**
 * tern_server_state_raise_min_seq:
 * @self: the state
 * @conversation_id: which conversation
 * @seq: the first that may be read
 *
 * For everybody; only grows.
 */
void
tern_server_state_raise_min_seq (TernServerState *self,
                                 const char      *conversation_id,
                                 gint64           seq)
{
  tern_server_sql_run (self,
    "UPDATE seqs SET min_seq = MAX (min_seq, ?2) WHERE conversation_id = ?1", "si",
    conversation_id, seq);
}

/**
 * tern_server_state_get_bounds:
 * @self: the state
 * @owner_id: whose
 * @conversation_id: which conversation
 * @low: (out): the first seq
 * @high: (out): the last one; 0: no message
 *
 * What the person may read (protocol 01 section 4.3).
 */
void
tern_server_state_get_bounds (TernServerState *self,
                              const char      *owner_id,
                              const char      *conversation_id,
                              gint64          *low,
                              gint64          *high)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT MAX (s.min_seq, COALESCE (c.min_seq, 0)), CASE WHEN COALESCE (c.max_seq, 0) > 0 THEN"
    " MIN (c.max_seq, s.max_seq) ELSE s.max_seq END FROM seqs s LEFT JOIN conversations c"
    " ON c.owner = ?1 AND c.conversation_id = s.conversation_id WHERE s.conversation_id = ?2",
    "ss", owner_id, conversation_id);

  *low = 0;
  *high = 0;
  if (tern_server_sql_step (self, query))
    {
      *low = sqlite3_column_int64 (query, 0);
      *high = sqlite3_column_int64 (query, 1);
    }
}

/**
 * tern_server_state_get_read_seq:
 * @self: the state
 * @owner_id: whose
 * @conversation_id: which conversation
 *
 * Returns: up to where he has read
 */
gint64
tern_server_state_get_read_seq (TernServerState *self,
                                const char      *owner_id,
                                const char      *conversation_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT read_seq FROM conversations WHERE owner = ?1 AND conversation_id = ?2", "ss", owner_id,
    conversation_id);

  return get_number (self, query);
}

/**
 * tern_server_state_set_read_seq:
 * @self: the state
 * @owner_id: whose
 * @conversation_id: which conversation
 * @seq: up to where he has read
 *
 * Only grows.
 *
 * Returns: whether it has changed
 */
gboolean
tern_server_state_set_read_seq (TernServerState *self,
                                const char      *owner_id,
                                const char      *conversation_id,
                                gint64           seq)
{
  return tern_server_sql_run (self,
    "UPDATE conversations SET read_seq = ?3 WHERE owner = ?1 AND conversation_id = ?2 AND"
    " read_seq < ?3", "ssi", owner_id, conversation_id, seq) > 0;
}

/**
 * tern_server_state_get_secret:
 * @self: the state
 *
 * Returns: what tokens are signed with and what makes an administrator
 */
const char *
tern_server_state_get_secret (TernServerState *self)
{
  return self->secret;
}
