/* tern-account.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-account.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tern-error.h"

#define PLATFORM_LINUX 7 /* protocol 01 section 1.6 */

/**
 * tern_account_new:
 * @servers: where
 * @user_id: who
 * @token: the IM token, or ""
 *
 * Returns: (transfer full): an account
 */
TernAccount *
tern_account_new (const TernServers *servers,
                  const char        *user_id,
                  const char        *token)
{
  TernAccount *self = g_new0 (TernAccount, 1);

  self->servers = tern_servers_copy (servers);
  self->identity = g_strdup (servers->api);
  self->user_id = g_strdup (user_id);
  self->name = g_strdup ("");
  self->token = g_strdup (token != NULL ? token : "");
  self->platform = PLATFORM_LINUX;

  return self;
}

/**
 * tern_account_copy:
 * @self: an account
 *
 * Returns: (transfer full): a copy
 */
TernAccount *
tern_account_copy (const TernAccount *self)
{
  TernAccount *copy = tern_account_new (self->servers, self->user_id, self->token);

  g_free (copy->identity);
  copy->identity = g_strdup (self->identity);
  g_free (copy->name);
  copy->name = g_strdup (self->name);
  copy->pinned_sha256 = g_strdup (self->pinned_sha256);
  copy->platform = self->platform;
  copy->is_trial = self->is_trial;

  return copy;
}

/**
 * tern_account_free:
 * @self: (transfer full): an account
 */
void
tern_account_free (TernAccount *self)
{
  tern_servers_free (self->servers);
  g_free (self->identity);
  g_free (self->user_id);
  g_free (self->name);
  g_free (self->token);
  g_free (self->pinned_sha256);
  g_free (self);
}

static char *
dup_data_dir (const char *data_dir)
{
  return data_dir != NULL ? g_strdup (data_dir)
                          : g_build_filename (g_get_user_data_dir (), TERN_DATA_FOLDER, NULL);
}

static char *
folder_name (const TernAccount *self)
{
  g_autofree char *text = g_strconcat (self->identity, "\n", self->user_id, NULL);
  char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  digest[16] = '\0';

  return digest;
}

/**
 * tern_account_dup_folder:
 * @self: an account
 * @data_dir: (nullable): where all accounts are; %NULL: $XDG_DATA_HOME/tern
 *
 * Returns: (transfer full): the folder of this one
 */
char *
tern_account_dup_folder (const TernAccount *self,
                         const char        *data_dir)
{
  g_autofree char *base = dup_data_dir (data_dir);
  g_autofree char *name = folder_name (self);

  return g_build_filename (base, name, NULL);
}

/* Somebody may want to mend it by hand: it is not written over. */
static char *
put_aside (const char *path)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%S");
  g_autofree char *aside = g_strdup_printf ("%s.damaged-%s", path, stamp);

  for (guint i = 2; g_file_test (aside, G_FILE_TEST_EXISTS); i++)
    {
      g_free (aside);
      aside = g_strdup_printf ("%s.damaged-%s-%u", path, stamp, i);
    }
  if (g_rename (path, aside) != 0)
    return NULL;

  g_message (_("%s cannot be read; it was kept as %s"), path, aside);

  return g_steal_pointer (&aside);
}

/**
 * tern_account_lock:
 * @folder: the folder of an account
 * @error: return location for a #GError
 *
 * Errors: IN_USE, STORE_FULL, STORE_READ_ONLY, STORE.
 *
 * Returns: a file descriptor that holds the lock until it is closed, or -1
 */
int
tern_account_lock (const char  *folder,
                   GError     **error)
{
  g_autofree char *path = g_build_filename (folder, "lock", NULL);
  int fd;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_propagate_error (error, tern_error_new_errno (errno, "The folder cannot be made"));
      return -1;
    }
  fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      g_propagate_error (error, tern_error_new_errno (errno, "The folder cannot be written to"));
      return -1;
    }
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;

  /* Some network file systems know no locks. */
  if (errno != EWOULDBLOCK)
    g_propagate_error (error, tern_error_new_errno (errno, "The folder cannot be locked"));
  else
    g_set_error (error, TERN_ERROR, TERN_ERROR_IN_USE, "Another process is using %s", folder);
  close (fd);

  return -1;
}

static GKeyFile *
load_file (const char  *data_dir,
           char       **path,
           char       **aside) /* (optional) (nullable) */
{
  g_autofree char *base = dup_data_dir (data_dir);
  g_autofree char *kept = NULL;
  g_autoptr(GError) error = NULL;
  GKeyFile *file = g_key_file_new ();

  *path = g_build_filename (base, "accounts.ini", NULL);
  if (!g_key_file_load_from_file (file, *path, G_KEY_FILE_NONE, &error) &&
      !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      /* What was understood of it is half of it. */
      g_key_file_unref (file);
      file = g_key_file_new ();
      kept = put_aside (*path);
    }
  if (aside != NULL)
    *aside = g_steal_pointer (&kept);

  return file;
}

static gboolean
save_file (GKeyFile    *file,
           const char  *path,
           GError     **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *text = NULL;
  g_autoptr(GError) local_error = NULL;
  gsize length;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_propagate_error (error, tern_error_new_errno (errno, "The folder cannot be made"));
      return FALSE;
    }
  text = g_key_file_to_data (file, &length, NULL);
  if (!g_file_set_contents_full (path, text, (gssize) length, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                 &local_error))
    {
      g_set_error (error, TERN_ERROR,
                   g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOSPC)
                   ? TERN_ERROR_STORE_FULL : TERN_ERROR_STORE_READ_ONLY, "%s",
                   local_error->message);
      return FALSE;
    }

  return TRUE;
}

static int
compare_last_used (gconstpointer a,
                   gconstpointer b,
                   gpointer      user_data)
{
  GKeyFile *file = user_data;
  const char *left = *(const char * const *) a;
  const char *right = *(const char * const *) b;
  gint64 left_ms = g_key_file_get_int64 (file, left, "used", NULL);
  gint64 right_ms = g_key_file_get_int64 (file, right, "used", NULL);

  return left_ms < right_ms ? 1 : left_ms > right_ms ? -1 : strcmp (left, right);
}

/* A missing string is "". */
static char *
get_string (GKeyFile   *file,
            const char *group,
            const char *key)
{
  char *text = g_key_file_get_string (file, group, key, NULL);

  return text != NULL ? text : g_strdup ("");
}

/**
 * tern_accounts_load:
 * @data_dir: (nullable): where all accounts are
 * @aside: (out) (optional) (nullable) (transfer full): the list could not be
 *   read and is kept under this name
 *
 * Returns: (transfer full) (element-type TernAccount): the remembered ones,
 *   last used first, without tokens
 */
GPtrArray *
tern_accounts_load (const char  *data_dir,
                    char       **aside)
{
  g_autofree char *path = NULL;
  g_autoptr(GKeyFile) file = load_file (data_dir, &path, aside);
  g_auto(GStrv) groups = NULL;
  gsize n_groups;
  GPtrArray *accounts = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_account_free);

  groups = g_key_file_get_groups (file, &n_groups);
  if (n_groups > 0)
    g_qsort_with_data (groups, (int) n_groups, sizeof (char *), compare_last_used, file);
  for (gsize i = 0; i < n_groups; i++)
    {
      g_autofree char *account = get_string (file, groups[i], "account");
      g_autofree char *api = get_string (file, groups[i], "api");
      g_autofree char *ws = get_string (file, groups[i], "ws");
      g_autofree char *user_id = get_string (file, groups[i], "user");
      g_autoptr(TernServers) servers = tern_servers_new (account, api, ws);
      TernAccount *self;

      if (*user_id == '\0' || *api == '\0')
        continue;
      self = tern_account_new (servers, user_id, "");
      g_free (self->identity);
      self->identity = get_string (file, groups[i], "identity");
      g_free (self->name);
      self->name = get_string (file, groups[i], "name");
      self->pinned_sha256 = g_key_file_get_string (file, groups[i], "certificate", NULL);
      self->is_trial = g_key_file_get_boolean (file, groups[i], "trial", NULL);
      g_ptr_array_add (accounts, self);
    }

  return accounts;
}

/**
 * tern_accounts_save:
 * @data_dir: (nullable): where all accounts are
 * @account: the one to remember; its token is not written
 * @error: return location for a #GError
 *
 * Errors: STORE_FULL, STORE_READ_ONLY.
 *
 * Returns: whether it is remembered
 */
gboolean
tern_accounts_save (const char         *data_dir,
                    const TernAccount  *account,
                    GError            **error)
{
  g_autofree char *path = NULL;
  g_autoptr(GKeyFile) file = load_file (data_dir, &path, NULL);
  g_autofree char *group = folder_name (account);

  g_key_file_set_string (file, group, "account", account->servers->account);
  g_key_file_set_string (file, group, "api", account->servers->api);
  g_key_file_set_string (file, group, "ws", account->servers->ws);
  g_key_file_set_string (file, group, "identity", account->identity);
  g_key_file_set_string (file, group, "user", account->user_id);
  g_key_file_set_string (file, group, "name", account->name);
  g_key_file_set_boolean (file, group, "trial", account->is_trial);
  g_key_file_set_int64 (file, group, "used", g_get_real_time () / 1000);
  if (account->pinned_sha256 != NULL)
    g_key_file_set_string (file, group, "certificate", account->pinned_sha256);
  else
    g_key_file_remove_key (file, group, "certificate", NULL);

  return save_file (file, path, error);
}

/**
 * tern_accounts_forget:
 * @data_dir: (nullable): where all accounts are
 * @account: the one to forget; its messages stay
 * @error: return location for a #GError
 *
 * Errors: STORE_FULL, STORE_READ_ONLY.
 *
 * Returns: whether it is forgotten
 */
gboolean
tern_accounts_forget (const char         *data_dir,
                      const TernAccount  *account,
                      GError            **error)
{
  g_autofree char *path = NULL;
  g_autoptr(GKeyFile) file = load_file (data_dir, &path, NULL);
  g_autofree char *group = folder_name (account);

  g_key_file_remove_group (file, group, NULL);

  return save_file (file, path, error);
}
