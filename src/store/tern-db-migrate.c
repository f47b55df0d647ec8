/* tern-db-migrate.c: numbered steps from one schema to the next
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * user_version is the number of steps that a file has seen. All that it has not
 * seen are one transaction: cut off, the file is what it was, and so is the
 * copy that the next start makes of it.
 */

#include "config.h"

#include <fcntl.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "tern-db-private.h"
#include "tern-error.h"

#define RESOURCE_FOLDER "/io/github/tern_chat/Tern/store/sql/"

static const char * const step_names[] = { "001.sql", "002.sql" };

static gboolean
get_version (TernDb  *self,
             gint64  *version,
             GError **error)
{
  static const char sql[] = "PRAGMA user_version";

  return tern_db_query_int64 (self, version, 0, error, sql, "");
}

static gboolean
refuse_newer (gint64   version,
              GError **error)
{
  g_set_error (error, TERN_ERROR, TERN_ERROR_STORE,
               "The local database was written by a newer version of this program "
               "(schema %" G_GINT64_FORMAT ", known up to %d)",
               version, (int) G_N_ELEMENTS (step_names));
  return FALSE;
}

/* The copy holds private messages too. SQLite accepts an empty file as the
 * target, so it can be made with the right mode beforehand. */
static gboolean
write_backup (TernDb      *self,
              const char  *path,
              GError     **error)
{
  static const char sql[] = "VACUUM INTO ?1";
  int fd;

  g_unlink (path);
  fd = g_open (path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (fd >= 0)
    g_close (fd, NULL);
  if (tern_db_run (self, NULL, error, sql, "s", path))
    return TRUE;
  g_prefix_error (error, "No copy could be made before the upgrade: ");
  return FALSE;
}

static gboolean
run_steps (TernDb              *self,
           const char * const  *steps,
           int                  version,
           int                  n_steps,
           GError             **error)
{
  g_autofree char *sql = g_strdup_printf ("PRAGMA user_version = %d", n_steps);
  sqlite3 *handle = tern_db_get_handle (self);
  int result = SQLITE_OK;

  if (!tern_db_begin (self, error))
    return FALSE;
  for (int i = version; i < n_steps && result == SQLITE_OK; i++)
    result = sqlite3_exec (handle, steps[i], NULL, NULL, NULL);
  if (result == SQLITE_OK)
    result = sqlite3_exec (handle, sql, NULL, NULL, NULL);
  if (result == SQLITE_OK)
    return tern_db_commit (self, error) && tern_db_sync (self, error);
  tern_db_set_error (self, error);
  tern_db_rollback (self);
  return FALSE;
}

gboolean
tern_db_migrate (TernDb              *self,
                 const char          *backup_path,
                 const char * const  *steps,
                 int                  n_steps,
                 GError             **error)
{
  gint64 version;

  if (!get_version (self, &version, error))
    return FALSE;
  if (version > n_steps)
    return refuse_newer (version, error);
  if (version < n_steps)
    return (version == 0 || write_backup (self, backup_path, error))
           && run_steps (self, steps, (int) version, n_steps, error);
  /* The upgraded file was written, closed and opened again: what the copy holds
   * is not to outlive what is erased here. One that stays is tried again. */
  (void) g_unlink (backup_path);
  return TRUE;
}

/* The library is linked statically: the reference to the resource is what
 * makes the linker keep it. */
extern GResource *tern_store_get_resource (void);

gboolean
tern_db_migrate_to_latest (TernDb      *self,
                           const char  *backup_path,
                           GError     **error)
{
  g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const char *steps[G_N_ELEMENTS (step_names)];

  for (guint i = 0; i < G_N_ELEMENTS (step_names); i++)
    {
      g_autofree char *path = g_strconcat (RESOURCE_FOLDER, step_names[i], NULL);
      GBytes *bytes = g_resource_lookup_data (tern_store_get_resource (), path,
                                              G_RESOURCE_LOOKUP_FLAGS_NONE, error);

      if (bytes == NULL)
        return FALSE;
      g_ptr_array_add (owned, bytes);
      /* GResource ends the data of each file with a NUL that it does not count. */
      steps[i] = g_bytes_get_data (bytes, NULL);
    }
  return tern_db_migrate (self, backup_path, steps, (int) G_N_ELEMENTS (steps), error);
}

gboolean
tern_db_check_schema (TernDb  *self,
                      GError **error)
{
  gint64 version;

  if (!get_version (self, &version, error))
    return FALSE;
  if (version > (gint64) G_N_ELEMENTS (step_names))
    return refuse_newer (version, error);
  if (version == (gint64) G_N_ELEMENTS (step_names))
    return TRUE;
  tern_db_set_error_literal (error, TERN_ERROR_STORE, "The local database is not ready yet");
  return FALSE;
}
