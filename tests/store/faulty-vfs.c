/* faulty-vfs.c: the default VFS of SQLite, with writes that can fail
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "faulty-vfs.h"

#include <sqlite3.h>

typedef struct
{
  sqlite3_file  parent;
  sqlite3_file *real; /* behind this struct */
} FaultyFile;

static struct
{
  sqlite3_vfs *real;
  guint        n_left; /* until the one that fails; 0: none will */
  int          result;
  gboolean     is_lasting;
  gboolean     has_failed;
} faults;

static sqlite3_file *
get_real (sqlite3_file *file)
{
  return ((FaultyFile *) file)->real;
}

static int
count_one (void)
{
  if (faults.has_failed && faults.is_lasting)
    return faults.result;
  if (faults.n_left == 0 || --faults.n_left > 0)
    return SQLITE_OK;
  faults.has_failed = TRUE;
  return faults.result;
}

static int
file_close (sqlite3_file *file)
{
  sqlite3_file *real = get_real (file);

  return real->pMethods != NULL ? real->pMethods->xClose (real) : SQLITE_OK;
}

static int
file_read (sqlite3_file  *file,
           void          *data,
           int            size,
           sqlite3_int64  offset)
{
  return get_real (file)->pMethods->xRead (get_real (file), data, size, offset);
}

static int
file_write (sqlite3_file  *file,
            const void    *data,
            int            size,
            sqlite3_int64  offset)
{
  int result = count_one ();

  if (result == SQLITE_OK)
    return get_real (file)->pMethods->xWrite (get_real (file), data, size, offset);
  /* A write that fails may have written a part. */
  get_real (file)->pMethods->xWrite (get_real (file), data, size / 2, offset);
  return result;
}

static int
file_truncate (sqlite3_file  *file,
               sqlite3_int64  size)
{
  int result = count_one ();

  if (result != SQLITE_OK)
    return result;
  return get_real (file)->pMethods->xTruncate (get_real (file), size);
}

static int
file_sync (sqlite3_file *file,
           int           flags)
{
  int result = count_one ();

  if (result != SQLITE_OK)
    return result;
  return get_real (file)->pMethods->xSync (get_real (file), flags);
}

static int
file_size (sqlite3_file  *file,
           sqlite3_int64 *size)
{
  return get_real (file)->pMethods->xFileSize (get_real (file), size);
}

static int
file_lock (sqlite3_file *file,
           int           level)
{
  return get_real (file)->pMethods->xLock (get_real (file), level);
}

static int
file_unlock (sqlite3_file *file,
             int           level)
{
  return get_real (file)->pMethods->xUnlock (get_real (file), level);
}

static int
file_check_reserved_lock (sqlite3_file *file,
                          int          *result)
{
  return get_real (file)->pMethods->xCheckReservedLock (get_real (file), result);
}

static int
file_control (sqlite3_file *file,
              int           operation,
              void         *argument)
{
  return get_real (file)->pMethods->xFileControl (get_real (file), operation, argument);
}

static int
file_sector_size (sqlite3_file *file)
{
  return get_real (file)->pMethods->xSectorSize (get_real (file));
}

static int
file_device_characteristics (sqlite3_file *file)
{
  return get_real (file)->pMethods->xDeviceCharacteristics (get_real (file));
}

static int
file_shm_map (sqlite3_file   *file,
              int             page,
              int             page_size,
              int             is_write,
              void volatile **address)
{
  return get_real (file)->pMethods->xShmMap (get_real (file), page, page_size, is_write, address);
}

static int
file_shm_lock (sqlite3_file *file,
               int           offset,
               int           n,
               int           flags)
{
  return get_real (file)->pMethods->xShmLock (get_real (file), offset, n, flags);
}

static void
file_shm_barrier (sqlite3_file *file)
{
  get_real (file)->pMethods->xShmBarrier (get_real (file));
}

static int
file_shm_unmap (sqlite3_file *file,
                int           is_delete)
{
  return get_real (file)->pMethods->xShmUnmap (get_real (file), is_delete);
}

static const sqlite3_io_methods methods = {
  .iVersion = 2,
  .xClose = file_close,
  .xRead = file_read,
  .xWrite = file_write,
  .xTruncate = file_truncate,
  .xSync = file_sync,
  .xFileSize = file_size,
  .xLock = file_lock,
  .xUnlock = file_unlock,
  .xCheckReservedLock = file_check_reserved_lock,
  .xFileControl = file_control,
  .xSectorSize = file_sector_size,
  .xDeviceCharacteristics = file_device_characteristics,
  .xShmMap = file_shm_map,
  .xShmLock = file_shm_lock,
  .xShmBarrier = file_shm_barrier,
  .xShmUnmap = file_shm_unmap,
};

static int
vfs_open (sqlite3_vfs  *vfs,
          const char   *name,
          sqlite3_file *file,
          int           flags,
          int          *out_flags)
{
  FaultyFile *self = (FaultyFile *) file;
  int result;

  self->real = (sqlite3_file *) (self + 1);
  result = faults.real->xOpen (faults.real, name, self->real, flags, out_flags);
  file->pMethods = self->real->pMethods != NULL ? &methods : NULL;
  return result;
}

void
faulty_vfs_install (void)
{
  static sqlite3_vfs vfs;

  faults.real = sqlite3_vfs_find (NULL);
  g_assert_nonnull (faults.real);
  vfs = *faults.real;
  vfs.pNext = NULL;
  vfs.zName = "faulty";
  vfs.szOsFile = (int) sizeof (FaultyFile) + faults.real->szOsFile;
  vfs.xOpen = vfs_open;
  g_assert_cmpint (sqlite3_vfs_register (&vfs, 1), ==, SQLITE_OK);
}

void
faulty_vfs_arm (guint    n,
                int      result,
                gboolean is_lasting)
{
  faults.n_left = n;
  faults.result = result;
  faults.is_lasting = is_lasting;
  faults.has_failed = FALSE;
}

gboolean
faulty_vfs_has_failed (void)
{
  return faults.has_failed;
}
