/* tern-server-versions.c: the log of changes that incremental sync reads
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 section 6. A log per owner and data set: the last change of each
 * element, and a version that grows by one with every write.
 */

#include "config.h"

#include <string.h>

#include "tern-server-sql.h"
#include "tern-server-state.h"

/* More changes than this are not told one by one (protocol 02 section 6, step 5). */
#define MAX_CHANGES 200

/**
 * tern_server_changes_free:
 * @self: (transfer full): changes
 *
 * Thread: any.
 */
void
tern_server_changes_free (TernServerChanges *self)
{
  g_free (self->version_id);
  g_strfreev (self->deleted);
  g_strfreev (self->inserted);
  g_strfreev (self->updated);
  g_free (self);
}

static void
ensure_log (TernServerState *self,
            TernDataset      dataset,
            const char      *owner,
            gint64           version)
{
  g_autofree char *id = tern_server_make_random_hex (12);

  tern_server_sql_run (self, "INSERT OR IGNORE INTO logs VALUES (?1, ?2, ?3, ?4, ?4)", "issi",
                       (gint64) dataset, owner, id, version);
}

/**
 * tern_server_state_begin_together:
 * @self: the state
 *
 * Until tern_server_state_end_together(), what is written to a log is one
 * change: its version grows once.
 */
void
tern_server_state_begin_together (TernServerState *self)
{
  self->together = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * tern_server_state_end_together:
 * @self: the state
 *
 * The end of what tern_server_state_begin_together() began.
 *
 * Thread: main.
 */
void
tern_server_state_end_together (TernServerState *self)
{
  g_clear_pointer (&self->together, g_hash_table_unref);
}

static void
grow (TernServerState *self,
      TernDataset      dataset,
      const char      *owner)
{
  if (self->together != NULL &&
      !g_hash_table_add (self->together, g_strdup_printf ("%d:%s", (int) dataset, owner)))
    return;

  ensure_log (self, dataset, owner, 0);
  tern_server_sql_run (self,
    "UPDATE logs SET version = version + 1 WHERE dataset = ?1 AND owner = ?2", "is",
    (gint64) dataset, owner);
}

static void
note (TernServerState  *self,
      TernDataset       dataset,
      const char       *owner,
      const char       *element,
      TernServerChange  change)
{
  tern_server_sql_run (self,
    "INSERT OR REPLACE INTO changes SELECT ?1, ?2, ?3, ?4, version FROM logs WHERE dataset = ?1 AND"
    " owner = ?2", "issi", (gint64) dataset, owner, element, (gint64) change);
}

/**
 * tern_server_state_log:
 * @self: the state
 * @dataset: which set
 * @owner: a person, or a group for its members
 * @element: what has changed; "": the group itself
 * @change: how; with %TERN_SERVER_ORDER the order of the set, too, and with
 *   %TERN_SERVER_UNSEEN nobody is told until the next change
 */
void
tern_server_state_log (TernServerState  *self,
                       TernDataset       dataset,
                       const char       *owner,
                       const char       *element,
                       TernServerChange  change)
{
  grow (self, dataset, owner);
  note (self, dataset, owner, element, change & TERN_SERVER_CHANGE_MASK);
  if ((change & TERN_SERVER_ORDER) != 0)
    note (self, dataset, owner, TERN_SERVER_ORDER_ELEMENT, TERN_SERVER_UPDATED);
  if ((change & TERN_SERVER_UNSEEN) == 0)
    tern_server_sql_run (self,
      "UPDATE logs SET shown = version WHERE dataset = ?1 AND owner = ?2", "is", (gint64) dataset,
      owner);
}

typedef struct
{
  GStrvBuilder *lists[TERN_SERVER_UPDATED + 1];
} Lists;

/* FALSE: too many */
static gboolean
collect (TernServerState   *self,
         TernDataset        dataset,
         const char        *owner,
         guint64            since,
         Lists             *lists,
         TernServerChanges *changes)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT element, change, version FROM changes WHERE dataset = ?1 AND owner = ?2 AND"
    " version > ?3 ORDER BY version, rowid LIMIT ?4", "isii", (gint64) dataset, owner,
    (gint64) since, (gint64) MAX_CHANGES + 1);
  guint n = 0;

  while (tern_server_sql_step (self, query))
    {
      g_autofree char *element = tern_server_sql_dup (query, 0);
      int change = sqlite3_column_int (query, 1);

      if (++n > MAX_CHANGES)
        return FALSE;
      if (strcmp (element, TERN_SERVER_ORDER_ELEMENT) == 0)
        changes->sort_version = (guint64) sqlite3_column_int64 (query, 2);
      else if (*element == '\0')
        changes->is_owner_changed = TRUE;
      else if (change >= TERN_SERVER_INSERTED && change <= TERN_SERVER_UPDATED)
        g_strv_builder_add (lists->lists[change], element);
    }

  return TRUE;
}

static gboolean
is_version_id (const char *text)
{
  return strlen (text) == 24 && strspn (text, "0123456789abcdefABCDEF") == 24 &&
         strspn (text, "0") != 24;
}

/**
 * tern_server_state_get_changes:
 * @self: the state
 * @dataset: which set
 * @owner: a person, or a group for its members
 * @version_id: what the client has
 * @version: with it
 *
 * Returns: (transfer full): what has changed since
 */
TernServerChanges *
tern_server_state_get_changes (TernServerState *self,
                               TernDataset      dataset,
                               const char      *owner,
                               const char      *version_id,
                               guint64          version)
{
  TernServerChanges *changes = g_new0 (TernServerChanges, 1);
  guint64 shown;
  gboolean is_known;
  Lists lists = { { NULL } };

  ensure_log (self, dataset, owner, 1);
  {
    SqlQuery *query = tern_server_sql_query (self,
      "SELECT version_id, version, shown FROM logs WHERE dataset = ?1 AND owner = ?2", "is",
      (gint64) dataset, owner);

    tern_server_sql_step (self, query);
    changes->version_id = tern_server_sql_dup (query, 0);
    changes->version = (guint64) sqlite3_column_int64 (query, 1);
    shown = (guint64) sqlite3_column_int64 (query, 2);
  }

  is_known = version > 0 && is_version_id (version_id) &&
             strcmp (version_id, changes->version_id) == 0 && version <= changes->version;
  for (int i = TERN_SERVER_INSERTED; i <= TERN_SERVER_UPDATED; i++)
    lists.lists[i] = g_strv_builder_new ();
  if (is_known && version == shown)
    changes->version = shown;
  else
    changes->is_full = !is_known || !collect (self, dataset, owner, version, &lists, changes);
  if (changes->is_full)
    {
      /* Then nothing but the version is told. */
      changes->sort_version = 0;
      for (int i = TERN_SERVER_INSERTED; i <= TERN_SERVER_UPDATED; i++)
        g_strfreev (g_strv_builder_end (lists.lists[i]));
    }
  changes->inserted = g_strv_builder_end (lists.lists[TERN_SERVER_INSERTED]);
  changes->deleted = g_strv_builder_end (lists.lists[TERN_SERVER_DELETED]);
  changes->updated = g_strv_builder_end (lists.lists[TERN_SERVER_UPDATED]);
  for (int i = TERN_SERVER_INSERTED; i <= TERN_SERVER_UPDATED; i++)
    g_strv_builder_unref (lists.lists[i]);

  return changes;
}
