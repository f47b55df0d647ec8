/* tern-media-save.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-media-save.h"

#include <glib/gi18n.h>

#include "tern-error.h"
#include "tern-file-choice.h"
#include "tern-file-name.h"
#include "tern-session.h"

typedef struct
{
  TernMedia         *media;
  char              *url;
  GtkWindow         *window; /* (nullable) */
  TernMediaToldFunc  func;
  gpointer           user_data;
} Request;

static Request *
request_new (TernMedia         *media,
             const char        *url,
             GtkWindow         *window,
             TernMediaToldFunc  func,
             gpointer           user_data)
{
  Request *request = g_new0 (Request, 1);

  request->media = g_object_ref (media);
  request->url = g_strdup (url);
  request->func = func;
  request->user_data = user_data;
  if (window != NULL)
    request->window = g_object_ref (window);

  return request;
}

static void
end (Request    *request,
     const char *words) /* (nullable) */
{
  request->func (words, request->user_data);
  g_object_unref (request->media);
  g_clear_object (&request->window);
  g_free (request->url);
  g_free (request);
}

static void
end_with_error (Request *request,
                GError  *error) /* (transfer full) */
{
  g_autoptr(GError) owned = error;
  g_autofree char *words = tern_media_word_error (owned);

  end (request, words);
}

/* --- open --- */

static void
shown_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  if (gtk_show_uri_full_finish (GTK_WINDOW (object), result, &error) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    end (user_data, NULL);
  else
    end (user_data, _("No program opens this kind of file"));
}

static void
lent_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Request *request = user_data;
  GError *error = NULL;
  g_autofree char *path = tern_media_save_finish (TERN_MEDIA (object), result, &error);
  g_autofree char *uri = NULL;

  if (path == NULL)
    {
      end_with_error (request, error);
      return;
    }
  uri = g_filename_to_uri (path, NULL, NULL);
  gtk_show_uri_full (request->window, uri, GDK_CURRENT_TIME, NULL, shown_cb, request);
}

/**
 * tern_media_open:
 * @media: where it is
 * @url: its address
 * @name: (nullable): what its sender calls it
 * @window: in front of which it opens
 * @func: told how it went, once
 * @user_data: passed to @func
 *
 * Hands it to the program that the person has chosen for such files.
 */
void
tern_media_open (TernMedia         *media,
                 const char        *url,
                 const char        *name,
                 GtkWindow         *window,
                 TernMediaToldFunc  func,
                 gpointer           user_data)
{
  tern_media_lend_async (media, url, name, NULL, lent_cb,
                         request_new (media, url, window, func, user_data));
}

/* --- save --- */

static void
copied_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  GError *error = NULL;

  if (tern_media_copy_finish (TERN_MEDIA (object), result, &error))
    end (user_data, _("Saved"));
  else
    end_with_error (user_data, error);
}

static void
chosen_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Request *request = user_data;
  g_autoptr(GFile) file = tern_file_choice_save_finish (result);

  if (file == NULL)
    end (request, NULL);
  else
    tern_media_copy_async (request->media, request->url, file, NULL, copied_cb, request);
}

/**
 * tern_media_save_as:
 * @media: where it is
 * @url: its address
 * @name: (nullable): what its sender calls it
 * @window: in front of which the question is asked
 * @func: told how it went, once
 * @user_data: passed to @func
 *
 * Asks where to, and copies it there.
 */
void
tern_media_save_as (TernMedia         *media,
                    const char        *url,
                    const char        *name,
                    GtkWindow         *window,
                    TernMediaToldFunc  func,
                    gpointer           user_data)
{
  g_autofree char *clean = tern_file_name_sanitise (name, _("File"));

  tern_file_choice_save_async (window, clean, chosen_cb,
                               request_new (media, url, window, func, user_data));
}

static void
saved_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  GError *error = NULL;
  g_autofree char *path = tern_media_save_finish (TERN_MEDIA (object), result, &error);
  g_autofree char *name = NULL;
  g_autofree char *words = NULL;

  if (path == NULL)
    {
      end_with_error (user_data, error);
      return;
    }
  name = g_filename_display_basename (path);
  /* Translators: %s is the name of a file in the folder for downloads */
  words = g_strdup_printf (_("Saved to Downloads as “%s”"), name);
  end (user_data, words);
}

/**
 * tern_media_save:
 * @media: where it is
 * @url: its address
 * @name: (nullable): what its sender calls it
 * @func: told how it went, once
 * @user_data: passed to @func
 */
void
tern_media_save (TernMedia         *media,
                 const char        *url,
                 const char        *name,
                 TernMediaToldFunc  func,
                 gpointer           user_data)
{
  tern_media_save_async (media, url, name, NULL, NULL, saved_cb,
                         request_new (media, url, NULL, func, user_data));
}

/**
 * tern_media_word_error:
 * @error: why something could not be fetched or saved
 *
 * Returns: (transfer full): it, for a person
 */
char *
tern_media_word_error (const GError *error)
{
  if (g_error_matches (error, TERN_ERROR, TERN_ERROR_NOT_FOUND))
    return g_strdup (_("It is not there any more"));
  if (g_error_matches (error, TERN_ERROR, TERN_ERROR_TOO_LARGE))
    return g_strdup (_("It is too large"));
  if (g_error_matches (error, TERN_ERROR, TERN_ERROR_STORE_READ_ONLY))
    return g_strdup (_("The folder cannot be written to"));

  return tern_session_word_error (error);
}
