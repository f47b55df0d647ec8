/* tern-picture-loader.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-picture-loader.h"

#include <glib/gstdio.h>

#include "tern-error.h"
#include "tern-picture-header.h"

/* The largest that is fetched to be shown. */
#define MAX_FILE_BYTES (32 * 1024 * 1024)
#define CHUNK_BYTES (256 * 1024)
#define MAX_DECODING 2
#define BYTES_PER_PIXEL 4

typedef struct
{
  char     *path;
  int       max_side;
  gboolean  is_too_large; /* (thread: pool) */
} Job;

typedef struct
{
  char       *key;
  GdkTexture *texture;
} Cached;

static GQueue waiting = G_QUEUE_INIT; /* (element-type GTask) */
static guint n_decoding;
static GQueue cache = G_QUEUE_INIT;   /* (element-type Cached), used last first */
static gsize cached_bytes;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->path);
  g_free (job);
}

/* --- the cache --- */

static char *
make_key (const char *path,
          int         max_side)
{
  return g_strdup_printf ("%d %s", max_side, path);
}

static gsize
count_bytes (GdkTexture *texture)
{
  return (gsize) gdk_texture_get_width (texture) * (gsize) gdk_texture_get_height (texture) *
         BYTES_PER_PIXEL;
}

static void
remember (const char *path,
          int         max_side,
          GdkTexture *texture)
{
  Cached *cached;

  if (count_bytes (texture) > TERN_PICTURE_CACHE_BYTES ||
      tern_picture_peek (path, max_side) != NULL)
    return;
  cached = g_new0 (Cached, 1);
  cached->key = make_key (path, max_side);
  cached->texture = g_object_ref (texture);
  cached_bytes += count_bytes (texture);
  g_queue_push_head (&cache, cached);
  while (cached_bytes > TERN_PICTURE_CACHE_BYTES)
    {
      Cached *oldest = g_queue_pop_tail (&cache);

      cached_bytes -= count_bytes (oldest->texture);
      g_object_unref (oldest->texture);
      g_free (oldest->key);
      g_free (oldest);
    }
}

/* --- decoding, in a pool thread --- */

static gboolean
is_too_large (guint width,
              guint height)
{
  return (guint64) width * height > TERN_PICTURE_MAX_PIXELS;
}

static void
size_prepared_cb (GdkPixbufLoader *loader,
                  int              width,
                  int              height,
                  gpointer         user_data)
{
  Job *job = user_data;
  int longest = MAX (MAX (width, height), 1);

  /* The decoder's own word on it counts too. */
  job->is_too_large = width <= 0 || height <= 0 || is_too_large ((guint) width, (guint) height);
  if (job->is_too_large)
    gdk_pixbuf_loader_set_size (loader, 0, 0); /* ends it */
  else if (longest > job->max_side)
    gdk_pixbuf_loader_set_size (loader,
                                MAX ((int) ((gint64) width * job->max_side / longest), 1),
                                MAX ((int) ((gint64) height * job->max_side / longest), 1));
}

static gboolean
feed (GdkPixbufLoader  *loader,
      const guchar     *data,
      gsize             length,
      GCancellable     *cancellable,
      GError          **error)
{
  for (gsize at = 0; at < length; at += CHUNK_BYTES)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !gdk_pixbuf_loader_write (loader, data + at, MIN (length - at, CHUNK_BYTES), error))
        return FALSE;
    }

  return TRUE;
}

static GdkPixbuf *
decode (Job                      *job,
        const TernPictureHeader  *header,
        const guchar             *data,
        GCancellable             *cancellable,
        GError                  **error)
{
  g_autoptr(GdkPixbufLoader) loader = gdk_pixbuf_loader_new_with_type (header->type, error);
  g_autoptr(GdkPixbuf) pixbuf = NULL;
  gboolean is_fed;

  if (loader == NULL)
    return NULL;
  g_signal_connect (loader, "size-prepared", G_CALLBACK (size_prepared_cb), job);
  is_fed = feed (loader, data, header->n_bytes, cancellable, error);
  if (is_fed && g_str_equal (header->type, "gif"))
    is_fed = gdk_pixbuf_loader_write (loader, (const guchar *) ";", 1, error);
  if (!gdk_pixbuf_loader_close (loader, is_fed ? error : NULL) || !is_fed)
    return NULL;
  pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  if (pixbuf == NULL)
    {
      g_set_error_literal (error, TERN_ERROR, TERN_ERROR_PROTOCOL, "Not a picture");
      return NULL;
    }
  g_object_ref (pixbuf);

  return gdk_pixbuf_apply_embedded_orientation (pixbuf);
}

static GdkTexture *
load (Job           *job,
      GCancellable  *cancellable,
      GError       **error)
{
  g_autofree char *data = NULL;
  g_autoptr(GdkPixbuf) pixbuf = NULL;
  TernPictureHeader header;
  GStatBuf info;
  gsize length;

  if (g_stat (job->path, &info) == 0 && info.st_size > MAX_FILE_BYTES)
    {
      g_set_error_literal (error, TERN_ERROR, TERN_ERROR_TOO_LARGE, "The file is too large");
      return NULL;
    }
  if (!g_file_get_contents (job->path, &data, &length, error))
    return NULL;
  if (!tern_picture_header_read ((const guchar *) data, length, &header))
    {
      g_set_error_literal (error, TERN_ERROR, TERN_ERROR_PROTOCOL, "Not a picture that is shown");
      return NULL;
    }
  job->is_too_large = is_too_large (header.width, header.height);
  if (!job->is_too_large)
    pixbuf = decode (job, &header, (const guchar *) data, cancellable, error);
  if (job->is_too_large)
    {
      g_clear_error (error);
      g_set_error (error, TERN_ERROR, TERN_ERROR_TOO_LARGE, "The picture has %u × %u pixels",
                   header.width, header.height);
      return NULL;
    }

  return pixbuf != NULL ? gdk_texture_new_for_pixbuf (pixbuf) : NULL;
}

static void
load_run (GTask        *task,
          gpointer      source,
          gpointer      task_data,
          GCancellable *cancellable)
{
  GError *error = NULL;
  GdkTexture *texture = load (task_data, cancellable, &error);

  if (texture != NULL)
    g_task_return_pointer (task, texture, g_object_unref);
  else
    g_task_return_error (task, error);
}

/* --- one after the other --- */

static void start_next (void); /* after each end */

static void
loaded_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  const Job *job = g_task_get_task_data (G_TASK (result));
  GError *error = NULL;
  GdkTexture *texture = g_task_propagate_pointer (G_TASK (result), &error);

  n_decoding--;
  start_next ();
  if (texture != NULL)
    {
      remember (job->path, job->max_side, texture);
      g_task_return_pointer (task, texture, g_object_unref);
    }
  else
    g_task_return_error (task, error);
}

static void
start_next (void)
{
  while (n_decoding < MAX_DECODING && waiting.length > 0)
    {
      GTask *task = g_queue_pop_head (&waiting);
      const Job *asked = g_task_get_task_data (task);
      g_autoptr(GTask) inner = NULL;
      Job *job;

      if (g_task_return_error_if_cancelled (task))
        {
          g_object_unref (task);
          continue;
        }
      job = g_new0 (Job, 1);
      job->path = g_strdup (asked->path);
      job->max_side = asked->max_side;
      inner = g_task_new (NULL, g_task_get_cancellable (task), loaded_cb, task);
      g_task_set_source_tag (inner, start_next);
      g_task_set_task_data (inner, job, job_free);
      n_decoding++;
      g_task_run_in_thread (inner, load_run);
    }
}

/* --- public --- */

/**
 * tern_picture_peek:
 * @path: a file
 * @max_side: as it was asked for with tern_picture_load_async()
 *
 * Returns: (transfer none) (nullable): what was made of it
 */
GdkTexture *
tern_picture_peek (const char *path,
                   int         max_side)
{
  g_autofree char *key = make_key (path, max_side);

  for (GList *link = cache.head; link != NULL; link = link->next)
    {
      Cached *cached = link->data;

      if (g_str_equal (cached->key, key))
        {
          g_queue_unlink (&cache, link);
          g_queue_push_head_link (&cache, link);
          return cached->texture;
        }
    }

  return NULL;
}

/**
 * tern_picture_load_async:
 * @path: a file that a peer sent
 * @max_side: how large its longer side becomes at the most
 * @cancellable: (nullable)
 * @callback: called when it can be drawn, or cannot be
 * @user_data: passed to @callback
 */
void
tern_picture_load_async (const char          *path,
                         int                  max_side,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  g_task_set_source_tag (task, tern_picture_load_async);
  job->path = g_strdup (path);
  job->max_side = max_side;
  g_task_set_task_data (task, job, job_free);
  g_queue_push_tail (&waiting, task);
  start_next ();
}

/**
 * tern_picture_load_finish:
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: TOO_LARGE, PROTOCOL and gdk-pixbuf's: it cannot be shown.
 *
 * Returns: (transfer full) (nullable): the picture
 */
GdkTexture *
tern_picture_load_finish (GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * tern_picture_get_cached_bytes:
 *
 * Returns: what the textures at hand take
 */
gsize
tern_picture_get_cached_bytes (void)
{
  return cached_bytes;
}
