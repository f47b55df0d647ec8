/* tern-media-cache.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-media-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tern-error.h"
#include "tern-file-name.h"

#define LENT "lent"
#define HASH_CHARS 64

/* When something was used is not written down more often. */
#define USE_EVERY_S 600

typedef struct
{
  char   *path;
  gint64  used_us;
  gint64  size_bytes;
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->path);
  g_free (entry);
}

char *
tern_media_cache_dup_path (const char *folder,
                           const char *url)
{
  g_autofree char *name = g_compute_checksum_for_string (G_CHECKSUM_SHA256, url, -1);

  return g_build_filename (folder, name, NULL);
}

gboolean
tern_media_cache_use (const char *path)
{
  struct stat info;

  if (lstat (path, &info) != 0 || !S_ISREG (info.st_mode))
    return FALSE;
  if (info.st_mtim.tv_sec + USE_EVERY_S < g_get_real_time () / G_USEC_PER_SEC)
    utimensat (AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);

  return TRUE;
}

/* What a lent file's folder holds: files only. */
static void
remove_folder (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_unlink (file);
    }
  g_rmdir (path);
}

void
tern_media_cache_clean (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  g_autofree char *lent = g_build_filename (folder, LENT, NULL);
  g_autoptr(GDir) lent_dir = g_dir_open (lent, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (strlen (name) > HASH_CHARS)
        g_unlink (path);
    }
  while (lent_dir != NULL && (name = g_dir_read_name (lent_dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (lent, name, NULL);

      remove_folder (path);
    }
}

static int
compare_newest_first (gconstpointer a,
                      gconstpointer b)
{
  const Entry *first = *(const Entry * const *) a;
  const Entry *second = *(const Entry * const *) b;

  return first->used_us < second->used_us ? 1 : first->used_us > second->used_us ? -1 : 0;
}

void
tern_media_cache_trim (const char *folder,
                       gint64      max_bytes)
{
  g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  gint64 total = 0;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat info;
      Entry *entry;

      /* Those being written have a longer name. */
      if (strlen (name) != HASH_CHARS || lstat (path, &info) != 0 || !S_ISREG (info.st_mode))
        continue;
      entry = g_new0 (Entry, 1);
      entry->path = g_steal_pointer (&path);
      entry->used_us = info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000;
      entry->size_bytes = info.st_size;
      g_ptr_array_add (entries, entry);
    }
  g_ptr_array_sort (entries, compare_newest_first);
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = entries->pdata[i];

      total += entry->size_bytes;
      if (i > 0 && total > max_bytes)
        {
          g_unlink (entry->path);
          total -= entry->size_bytes;
        }
    }
}

char *
tern_media_cache_lend (const char  *folder,
                       const char  *source,
                       const char  *name,
                       GError     **error)
{
  g_autofree char *hash = g_path_get_basename (source);
  g_autofree char *lent = g_build_filename (folder, LENT, hash, NULL);
  g_autofree char *path = g_build_filename (lent, name, NULL);
  struct stat before;
  struct stat lent_info;

  /* Whole, unless the copying was cut off: then it is of another size. */
  if (g_stat (source, &before) == 0 && g_lstat (path, &lent_info) == 0 &&
      S_ISREG (lent_info.st_mode) && before.st_size == lent_info.st_size)
    return g_steal_pointer (&path);

  g_unlink (path);
  g_clear_pointer (&path, g_free);
  path = tern_file_save (source, lent, name, NULL, error);
  if (path != NULL && g_chmod (path, 0400) != 0)
    {
      g_propagate_error (error, tern_error_new_errno (errno, "The file cannot be made read-only"));
      return NULL;
    }

  return g_steal_pointer (&path);
}
