/* tern-media-files.c: what was fetched, handed on to people and programs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>

#include "tern-error.h"
#include "tern-file-name.h"
#include "tern-media-cache.h"
#include "tern-media-private.h"

typedef struct
{
  char     *source;
  char     *folder;
  char     *name;
  gboolean  is_lent;
} FileJob;

static void
file_job_free (gpointer data)
{
  FileJob *job = data;

  g_free (job->source);
  g_free (job->folder);
  g_free (job->name);
  g_free (job);
}

static void
file_job_run (GTask        *task,
              gpointer      source,
              gpointer      task_data,
              GCancellable *cancellable)
{
  const FileJob *job = task_data;
  GError *error = NULL;
  char *path;

  if (job->is_lent)
    path = tern_media_cache_lend (job->folder, job->source, job->name, &error);
  else
    path = tern_file_save (job->source, job->folder, job->name, cancellable, &error);
  if (path != NULL)
    g_task_return_pointer (task, path, g_free);
  else
    g_task_return_error (task, error);
}

static void
file_job_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  char *path = g_task_propagate_pointer (G_TASK (result), &error);

  if (path != NULL)
    g_task_return_pointer (task, path, g_free);
  else
    g_task_return_error (task, error);
}

/* The task of the pool has no source: its last reference may go there. */
static void
run_file_job (GTask      *task, /* (transfer full) */
              const char *url,
              const char *name,
              const char *folder,
              gboolean    is_lent)
{
  TernMedia *self = g_task_get_source_object (task);
  g_autoptr(GTask) inner =
    g_task_new (NULL, g_task_get_cancellable (task), file_job_cb, task);
  FileJob *job = g_new0 (FileJob, 1);

  job->source = tern_media_cache_dup_path (tern_media_get_folder (self), url);
  job->name = tern_file_name_sanitise (name, _("File"));
  job->folder = g_strdup (folder);
  job->is_lent = is_lent;
  g_task_set_source_tag (inner, run_file_job);
  /* What is there in the end is said to be there. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_check_cancellable (inner, FALSE);
  g_task_set_task_data (inner, job, file_job_free);
  g_task_run_in_thread (inner, file_job_run);
}

/**
 * tern_media_save_async:
 * @self: the media
 * @url: the address of what is PRESENT
 * @name: (nullable): what its sender calls it
 * @folder: (nullable): where to; %NULL: where downloads go
 * @cancellable: (nullable): leaves nothing behind
 * @callback: called when it is there, or could not be saved
 * @user_data: passed to @callback
 */
void
tern_media_save_async (TernMedia           *self,
                       const char          *url,
                       const char          *name,
                       const char          *folder,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *downloads = NULL;

  g_task_set_source_tag (task, tern_media_save_async);
  /* What it is called where nobody has set up another. */
  downloads = g_build_filename (g_get_home_dir (), "Downloads", NULL);
  if (folder == NULL)
    folder = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  if (folder == NULL)
    folder = downloads;
  run_file_job (task, url, name, folder, FALSE);
}

/**
 * tern_media_lend_async:
 * @self: the media
 * @url: the address of what is PRESENT
 * @name: (nullable): what its sender calls it
 * @cancellable: (nullable)
 * @callback: called when there is a copy, or none can be made
 * @user_data: passed to @callback
 *
 * The copy goes the next time the account is opened.
 */
void
tern_media_lend_async (TernMedia           *self,
                       const char          *url,
                       const char          *name,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tern_media_lend_async);
  run_file_job (task, url, name, tern_media_get_folder (self), TRUE);
}

/**
 * tern_media_save_finish:
 * @self: the media
 * @result: what the callback of either was given
 * @error: return location for a #GError
 *
 * Errors: NOT_FOUND, STORE_FULL, STORE_READ_ONLY, G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full) (nullable): where it is
 */
char *
tern_media_save_finish (TernMedia     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
copied_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;

  if (g_file_copy_finish (G_FILE (object), result, &error))
    g_task_return_boolean (task, TRUE);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    {
      g_clear_error (&error);
      g_task_return_error (task, tern_error_new_errno (ENOSPC, "The file cannot be written"));
    }
  else
    g_task_return_error (task, error);
}

/**
 * tern_media_copy_async:
 * @self: the media
 * @url: the address of what is PRESENT
 * @destination: a file, which is replaced
 * @cancellable: (nullable)
 * @callback: called when it is there, or could not be copied
 * @user_data: passed to @callback
 */
void
tern_media_copy_async (TernMedia           *self,
                       const char          *url,
                       GFile               *destination,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *path = tern_media_cache_dup_path (tern_media_get_folder (self), url);
  g_autoptr(GFile) source = g_file_new_for_path (path);

  g_task_set_source_tag (task, tern_media_copy_async);
  g_file_copy_async (source, destination, G_FILE_COPY_OVERWRITE, G_PRIORITY_DEFAULT, cancellable,
                     NULL, NULL, copied_cb, task);
}

/**
 * tern_media_copy_finish:
 * @self: the media
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: whether it is there
 */
gboolean
tern_media_copy_finish (TernMedia     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
