/* tern-file-name.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-file-name.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "tern-error.h"

/* Encrypted folders take 143 bytes at the most; " (999)" has to fit too. */
#define MAX_BYTES 136
#define MAX_EXTENSION_BYTES 16
#define MAX_NUMBER 999
#define COPY_BYTES (256 * 1024)

/* --- names --- */

/* What is not seen, or makes what is seen read otherwise, is dropped: controls,
 * bidirectional overrides, joiners, line ends. */
static gboolean
is_unseen (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT || type == G_UNICODE_UNASSIGNED ||
         type == G_UNICODE_SURROGATE || type == G_UNICODE_LINE_SEPARATOR ||
         type == G_UNICODE_PARAGRAPH_SEPARATOR;
}

static GString *
filter (const char *name)
{
  GString *filtered = g_string_new (NULL);

  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (is_unseen (c))
        continue;
      /* Not allowed on the disks that other systems read too. */
      if (c < 0x80 && strchr ("\"*:<>?|", (int) c) != NULL)
        c = '_';
      else if (g_unichar_type (c) == G_UNICODE_SPACE_SEPARATOR)
        c = ' ';
      g_string_append_unichar (filtered, c);
    }

  return filtered;
}

static void
strip (GString *name)
{
  gsize n_leading = strspn (name->str, ". ");

  g_string_erase (name, 0, (gssize) n_leading);
  while (name->len > 0 && strchr (". ", name->str[name->len - 1]) != NULL)
    g_string_truncate (name, name->len - 1);
  /* Not to be taken for an option. */
  if (name->str[0] == '-')
    name->str[0] = '_';
}

/* Devices, to some systems, whatever follows the dot. */
static gboolean
is_reserved (const char *name)
{
  static const char * const reserved[] = { "con", "prn", "aux", "nul" };
  gsize length = strcspn (name, ".");

  for (guint i = 0; i < G_N_ELEMENTS (reserved); i++)
    {
      if (length == 3 && g_ascii_strncasecmp (name, reserved[i], 3) == 0)
        return TRUE;
    }

  return length == 4 && g_ascii_isdigit (name[3]) &&
         (g_ascii_strncasecmp (name, "com", 3) == 0 || g_ascii_strncasecmp (name, "lpt", 3) == 0);
}

/* (not nullable): the dot and what follows, or the end */
static const char *
find_extension (const char *name)
{
  const char *dot = strrchr (name, '.');

  return dot != NULL && dot != name && strlen (dot) <= MAX_EXTENSION_BYTES ? dot
                                                                           : name + strlen (name);
}

static void
shorten (GString *name)
{
  g_autofree char *extension = g_strdup (find_extension (name->str));
  const char *end;

  if (name->len <= MAX_BYTES)
    return;
  end = g_utf8_find_prev_char (name->str, name->str + MAX_BYTES - strlen (extension) + 1);
  g_string_truncate (name, (gsize) (end - name->str));
  strip (name);
  g_string_append (name, extension);
}

char *
tern_file_name_sanitise (const char *name,
                         const char *fallback)
{
  g_autofree char *valid = g_utf8_make_valid (name != NULL ? name : "", -1);
  const char *slash = strrchr (valid, '/');
  const char *base = slash != NULL ? slash + 1 : valid;
  const char *backslash = strrchr (base, '\\');
  GString *clean = filter (backslash != NULL ? backslash + 1 : base);

  strip (clean);
  shorten (clean);
  if (clean->len == 0)
    g_string_assign (clean, fallback);
  else if (is_reserved (clean->str))
    g_string_prepend_c (clean, '_');

  return g_string_free (clean, FALSE);
}

/* --- saving --- */

static char *
number_name (const char *name,
             guint       number)
{
  const char *extension = find_extension (name);

  if (number == 0)
    return g_strdup (name);

  return g_strdup_printf ("%.*s (%u)%s", (int) (extension - name), name, number, extension);
}

/* A file that was not there before, whatever may be there under that name. */
static int
make_file (int          folder_fd,
           const char  *name,
           char       **made)
{
  for (guint number = 0; number <= MAX_NUMBER; number++)
    {
      g_autofree char *candidate = number_name (name, number);
      int fd = openat (folder_fd, candidate, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                       0600);

      if (fd >= 0)
        {
          *made = g_steal_pointer (&candidate);
          return fd;
        }
      if (errno != EEXIST)
        return -1;
    }

  return -1;
}

static gboolean
copy_bytes (int            from,
            int            to,
            GCancellable  *cancellable,
            GError       **error)
{
  g_autofree char *buffer = g_malloc (COPY_BYTES);

  while (!g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      gssize n_read = read (from, buffer, COPY_BYTES);
      gssize n_written = 0;

      if (n_read == 0)
        return TRUE;
      while (n_read > 0 && n_written < n_read)
        {
          gssize n = write (to, buffer + n_written, (gsize) (n_read - n_written));

          if (n < 0 && errno != EINTR)
            break;
          n_written += MAX (n, 0);
        }
      if (n_written != n_read && errno != EINTR)
        {
          g_propagate_error (error, tern_error_new_errno (errno, "The file cannot be written"));
          return FALSE;
        }
    }

  return FALSE;
}

static gboolean
save_in (int            folder_fd,
         const char    *source,
         const char    *name,
         char         **made,
         GCancellable  *cancellable,
         GError       **error)
{
  int from = g_open (source, O_RDONLY | O_CLOEXEC, 0);
  int to = from >= 0 ? make_file (folder_fd, name, made) : -1;
  gboolean is_ok = FALSE;

  if (from < 0)
    g_set_error_literal (error, TERN_ERROR, TERN_ERROR_NOT_FOUND,
                         _("The file is not there any more"));
  else if (to < 0)
    g_propagate_error (error, tern_error_new_errno (errno, "The file cannot be made"));
  else
    is_ok = copy_bytes (from, to, cancellable, error);
  if (from >= 0)
    close (from);
  if (to >= 0 && close (to) != 0 && is_ok)
    {
      g_propagate_error (error, tern_error_new_errno (errno, "The file cannot be written"));
      is_ok = FALSE;
    }
  if (to >= 0 && !is_ok)
    unlinkat (folder_fd, *made, 0);

  return is_ok;
}

char *
tern_file_save (const char    *source,
                const char    *folder,
                const char    *name,
                GCancellable  *cancellable,
                GError       **error)
{
  g_autofree char *made = NULL;
  int folder_fd;
  gboolean is_ok;

  g_return_val_if_fail (strchr (name, '/') == NULL && strcmp (name, "..") != 0, NULL);

  folder_fd = g_mkdir_with_parents (folder, 0700) == 0
              ? g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) : -1;
  if (folder_fd < 0)
    {
      g_propagate_error (error, tern_error_new_errno (errno, "The folder cannot be opened"));
      return NULL;
    }
  is_ok = save_in (folder_fd, source, name, &made, cancellable, error);
  close (folder_fd);

  return is_ok ? g_build_filename (folder, made, NULL) : NULL;
}
