/* tern-server-contents.c: what the database knows of stored files
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-clock.h"
#include "tern-server-sql.h"
#include "tern-server-store.h"

/**
 * tern_server_object_free:
 * @self: (transfer full): what is no longer needed
 */
void
tern_server_object_free (TernServerObject *self)
{
  g_free (self->hash);
  g_free (self->etag);
  g_free (self->content_type);
  g_free (self);
}

/**
 * tern_server_state_put_object:
 * @self: the state
 * @name: the name of an object
 * @hash: of its content
 * @content_type: as which it is shown
 *
 * Names a content; the same name goes from the content that it had.
 */
void
tern_server_state_put_object (TernServerState *self,
                              const char      *name,
                              const char      *hash,
                              const char      *content_type)
{
  tern_server_sql_run (self, "INSERT OR REPLACE INTO objects VALUES (?1, ?2, ?3)", "sss", name,
                       hash, content_type);
}

/**
 * tern_server_state_find_object:
 * @self: the state
 * @name: the name of an object
 *
 * Returns: (transfer full) (nullable): what the name stands for
 */
TernServerObject *
tern_server_state_find_object (TernServerState *self,
                               const char      *name)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT o.hash, c.etag, o.content_type FROM objects o JOIN contents c ON"
    " c.hash = o.hash WHERE o.name = ?1", "s", name);
  TernServerObject *object;

  if (!tern_server_sql_step (self, query))
    return NULL;

  object = g_new0 (TernServerObject, 1);
  object->hash = tern_server_sql_dup (query, 0);
  object->etag = tern_server_sql_dup (query, 1);
  object->content_type = tern_server_sql_dup (query, 2);

  return object;
}

/**
 * tern_server_state_put_content:
 * @self: the state
 * @hash: of its parts' digests
 * @etag: its own digest
 *
 * Of one that is there already nothing changes.
 */
void
tern_server_state_put_content (TernServerState *self,
                               const char      *hash,
                               const char      *etag)
{
  tern_server_sql_run (self, "INSERT OR IGNORE INTO contents VALUES (?1, ?2)", "ss", hash,
                       etag);
}

/**
 * tern_server_state_has_content:
 * @self: the state
 * @hash: of its parts' digests
 *
 * Returns: whether there is such a content
 */
gboolean
tern_server_state_has_content (TernServerState *self,
                               const char      *hash)
{
  SqlQuery *query = tern_server_sql_query (self, "SELECT 1 FROM contents WHERE hash = ?1", "s",
                                           hash);

  return tern_server_sql_step (self, query);
}

/**
 * tern_server_state_dup_hash_of:
 * @self: the state
 * @etag: a digest
 *
 * Returns: (transfer full) (nullable): of the content with that digest
 */
char *
tern_server_state_dup_hash_of (TernServerState *self,
                               const char      *etag)
{
  SqlQuery *query = tern_server_sql_query (self, "SELECT hash FROM contents WHERE etag = ?1", "s",
                                           etag);

  return tern_server_sql_step (self, query) ? tern_server_sql_dup (query, 0) : NULL;
}

/**
 * tern_server_state_add_upload:
 * @self: the state
 * @key: of a single put, or the random name of one of many parts
 * @max_bytes: how much may be put
 */
void
tern_server_state_add_upload (TernServerState *self,
                              const char      *key,
                              gint64           max_bytes)
{
  tern_server_sql_run (self, "INSERT INTO uploads VALUES (?1, ?2, ?3)", "sii", key, max_bytes,
                       tern_clock_get_wall_ms () + (gint64) TERN_STORE_LIFETIME_S * 1000);
}

/**
 * tern_server_state_get_upload_max:
 * @self: the state
 * @key: of an upload
 *
 * Returns: how much may be put; -1: there is no such upload
 */
gint64
tern_server_state_get_upload_max (TernServerState *self,
                                  const char      *key)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT max_bytes FROM uploads WHERE key = ?1 AND expires_ms > ?2", "si", key,
    tern_clock_get_wall_ms ());

  return tern_server_sql_step (self, query) ? sqlite3_column_int64 (query, 0) : -1;
}

/**
 * tern_server_state_put_part:
 * @self: the state
 * @key: of an upload
 * @number: of the part
 * @file: where it is
 * @md5: its digest
 * @size: in bytes
 *
 * Takes the place of an earlier one of that number.
 */
void
tern_server_state_put_part (TernServerState *self,
                            const char      *key,
                            int              number,
                            const char      *file,
                            const char      *md5,
                            gint64           size)
{
  tern_server_sql_run (self, "INSERT OR REPLACE INTO parts VALUES (?1, ?2, ?3, ?4, ?5)", "sissi",
                       key, (gint64) number, file, md5, size);
}

/**
 * tern_server_state_find_part:
 * @self: the state
 * @key: of an upload
 * @number: of the part
 * @file: (out) (transfer full): where it is
 * @md5: (out) (transfer full): its digest
 * @size: (out): in bytes
 *
 * Returns: whether it was put
 */
gboolean
tern_server_state_find_part (TernServerState *self,
                             const char      *key,
                             int              number,
                             char           **file,
                             char           **md5,
                             gint64          *size)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT file, md5, size FROM parts WHERE key = ?1 AND number = ?2", "si", key, (gint64) number);

  if (!tern_server_sql_step (self, query))
    return FALSE;

  *file = tern_server_sql_dup (query, 0);
  *md5 = tern_server_sql_dup (query, 1);
  *size = sqlite3_column_int64 (query, 2);

  return TRUE;
}

/**
 * tern_server_state_end_upload:
 * @self: the state
 * @key: an upload
 *
 * Thread: main.
 *
 * Returns: (transfer full): the names of its files, which belong to nothing any more
 */
char **
tern_server_state_end_upload (TernServerState *self,
                              const char      *key)
{
  SqlQuery *query = tern_server_sql_query (self, "SELECT file FROM parts WHERE key = ?1", "s", key);
  g_auto(GStrv) files = tern_server_sql_list (self, query);

  tern_server_sql_run (self, "DELETE FROM parts WHERE key = ?1", "s", key);
  tern_server_sql_run (self, "DELETE FROM uploads WHERE key = ?1", "s", key);

  return g_steal_pointer (&files);
}

/**
 * tern_server_state_list_expired_uploads:
 * @self: the state
 *
 * Thread: main.
 *
 * Returns: (transfer full): the keys of uploads that nobody completed in time
 */
char **
tern_server_state_list_expired_uploads (TernServerState *self)
{
  SqlQuery *query = tern_server_sql_query (self, "SELECT key FROM uploads WHERE expires_ms <= ?1",
                                           "i", tern_clock_get_wall_ms ());

  return tern_server_sql_list (self, query);
}

/**
 * tern_server_state_has_file:
 * @self: the state
 * @file: a name in the store's folder
 *
 * Thread: main.
 *
 * Returns: whether it is a content or a part of one
 */
gboolean
tern_server_state_has_file (TernServerState *self,
                            const char      *file)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT 1 FROM contents WHERE hash = ?1 UNION ALL SELECT 1 FROM parts WHERE file = ?1", "s",
    file);

  return tern_server_sql_step (self, query);
}
