/* tern-file-choice.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-file-choice.h"

#include <glib/gi18n.h>

static void
saved_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;

  /* An error is that the person closed it. */
  g_task_return_pointer (task,
                         gtk_file_dialog_save_finish (GTK_FILE_DIALOG (object), result, NULL),
                         g_object_unref);
}

/**
 * tern_file_choice_save_async:
 * @parent: the window in front
 * @name: how the file is called at first
 * @callback: called when there is a choice
 * @user_data: passed to @callback
 */
void
tern_file_choice_save_async (GtkWindow           *parent,
                             const char          *name,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  g_autoptr(GtkFileDialog) dialog = gtk_file_dialog_new ();
  const char *downloads = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  g_autoptr(GFile) folder = downloads != NULL ? g_file_new_for_path (downloads) : NULL;

  g_task_set_source_tag (task, tern_file_choice_save_async);
  gtk_file_dialog_set_title (dialog, _("Save As"));
  gtk_file_dialog_set_initial_name (dialog, name);
  gtk_file_dialog_set_initial_folder (dialog, folder);
  gtk_file_dialog_save (dialog, parent, NULL, saved_cb, task);
}

/**
 * tern_file_choice_save_finish:
 * @result: what the callback was given
 *
 * Returns: (transfer full) (nullable): the file
 */
GFile *
tern_file_choice_save_finish (GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), NULL);
}
