/* tern-media.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-media.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "tern-api.h"
#include "tern-debug.h"
#include "tern-error.h"
#include "tern-media-cache.h"
#include "tern-media-private.h"
#include "tern-transfer.h"

#define DEFAULT_LIMIT_BYTES (G_GINT64_CONSTANT (1) << 30)

/* A picture of a phone has up to 12 MB, one that was saved without care 30. */
#define PICTURE_LIMITS ((TernTransferLimits) { 32 * 1024 * 1024, 30000, 5 * 60 * 1000 })
#define FILE_LIMITS                                                                               \
  ((TernTransferLimits) { G_GINT64_CONSTANT (2) << 30, 60000, 6 * 3600 * 1000 })

/* Rows come and go while somebody scrolls: what has just failed is not asked
 * for with each of them. */
#define RETRY_AFTER_US (30 * G_USEC_PER_SEC)
#define MAX_FAILURES 500

/* A progress bar does not get smoother by more. */
#define CHANGED_EVERY_US (100 * 1000)

typedef struct
{
  TernMedia    *media;   /* (borrowed) */
  char         *url;
  char         *path;
  gboolean      is_file; /* a person asked; else something to be shown */
  gboolean      is_kept; /* whoever waits */
  gboolean      is_running;
  GCancellable *cancellable;
  GPtrArray    *waiters; /* (element-type Waiter) */
  gint64        n_bytes;
  gint64        total_bytes;
  gint64        changed_us;
} Fetch;

typedef struct
{
  Fetch  *fetch; /* (borrowed) */
  GTask  *task;
  gulong  cancelled_id;
} Waiter;

typedef struct
{
  GError *error;
  gint64  at_us;
} Failure;

/* For a pool thread. */
typedef struct
{
  char   *folder;
  gint64  max_bytes;
} TrimJob;

struct _TernMedia
{
  GObject      parent_instance;

  char        *folder;
  char        *server_url;
  SoupSession *soup;
  gint64       max_bytes;
  GHashTable  *fetches;  /* URL → Fetch */
  GQueue       queue;    /* (element-type Fetch) (borrowed): not running */
  GHashTable  *failures; /* URL → Failure */
  guint        n_running;
  guint        n_files;  /* of these */
  gboolean     is_trimming;
  gboolean     is_stopped;
};

G_DEFINE_FINAL_TYPE (TernMedia, tern_media, G_TYPE_OBJECT)

static guint changed_signal;

static void
waiter_free (gpointer data)
{
  Waiter *waiter = data;

  if (waiter->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (waiter->task), waiter->cancelled_id);
  g_object_unref (waiter->task);
  g_free (waiter);
}

static void
fetch_free (gpointer data)
{
  Fetch *fetch = data;

  g_ptr_array_unref (fetch->waiters);
  g_object_unref (fetch->cancellable);
  g_free (fetch->url);
  g_free (fetch->path);
  g_free (fetch);
}

static void
failure_free (gpointer data)
{
  Failure *failure = data;

  g_error_free (failure->error);
  g_free (failure);
}

static void
emit_changed (TernMedia  *self,
              const char *url)
{
  g_autofree char *copy = g_strdup (url);

  g_signal_emit (self, changed_signal, 0, copy);
}

/* --- the size of it all --- */

static void
trim_job_free (gpointer data)
{
  TrimJob *job = data;

  g_free (job->folder);
  g_free (job);
}

static void
trim_run (GTask        *task,
          gpointer      source,
          gpointer      task_data,
          GCancellable *cancellable)
{
  const TrimJob *job = task_data;

  tern_media_cache_trim (job->folder, job->max_bytes);
  g_task_return_boolean (task, TRUE);
}

static void
trimmed_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(TernMedia) self = user_data;

  self->is_trimming = FALSE;
}

static void
trim (TernMedia *self)
{
  g_autoptr(GTask) task = NULL;
  TrimJob *job;

  if (self->is_trimming)
    return;
  self->is_trimming = TRUE;
  job = g_new0 (TrimJob, 1);
  job->folder = g_strdup (self->folder);
  job->max_bytes = self->max_bytes;
  task = g_task_new (NULL, NULL, trimmed_cb, g_object_ref (self));
  g_task_set_source_tag (task, trim);
  g_task_set_task_data (task, job, trim_job_free);
  g_task_run_in_thread (task, trim_run);
}

/* --- fetching --- */

static void start_next (TernMedia *self); /* after each end */

static void
progress_cb (gint64   n_bytes,
             gint64   total_bytes,
             gpointer user_data)
{
  Fetch *fetch = user_data;
  gint64 now_us = g_get_monotonic_time ();

  fetch->n_bytes = n_bytes;
  fetch->total_bytes = total_bytes;
  if (now_us - fetch->changed_us < CHANGED_EVERY_US)
    return;
  fetch->changed_us = now_us;
  emit_changed (fetch->media, fetch->url);
}

static void
remember_failure (TernMedia    *self,
                  const char   *url,
                  const GError *error)
{
  Failure *failure;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (g_hash_table_size (self->failures) >= MAX_FAILURES)
    g_hash_table_remove_all (self->failures);
  failure = g_new0 (Failure, 1);
  failure->error = g_error_copy (error);
  failure->at_us = g_get_monotonic_time ();
  g_hash_table_replace (self->failures, g_strdup (url), failure);
}

/* None of them is in a fetch any more: being told, one may cancel another. */
static void
tell (GPtrArray    *waiters,
      const char   *path,
      const GError *error) /* (nullable) */
{
  for (guint i = 0; i < waiters->len; i++)
    {
      Waiter *waiter = waiters->pdata[i];

      if (waiter->cancelled_id != 0)
        g_clear_signal_handler (&waiter->cancelled_id, g_task_get_cancellable (waiter->task));
    }
  for (guint i = 0; i < waiters->len; i++)
    {
      Waiter *waiter = waiters->pdata[i];

      if (error != NULL)
        g_task_return_error (waiter->task, g_error_copy (error));
      else
        g_task_return_pointer (waiter->task, g_strdup (path), g_free);
    }
}

/* Ends @fetch, of whose waiters each is told once. */
static void
finish_fetch (TernMedia    *self,
              Fetch        *fetch,
              const GError *error) /* (nullable) */
{
  g_autoptr(GPtrArray) waiters = g_ptr_array_ref (fetch->waiters);
  g_autofree char *url = g_strdup (fetch->url);
  g_autofree char *path = g_strdup (fetch->path);

  if (error != NULL)
    remember_failure (self, url, error);
  g_hash_table_remove (self->fetches, url);
  tell (waiters, path, error);
  emit_changed (self, url);
}

static void
downloaded_cb (GObject      *object,
               GAsyncResult *result,
               gpointer      user_data)
{
  Fetch *fetch = user_data;
  g_autoptr(TernMedia) self = g_object_ref (fetch->media);
  g_autoptr(GError) error = NULL;

  self->n_running--;
  self->n_files -= fetch->is_file ? 1 : 0;
  if (tern_transfer_download_finish (SOUP_SESSION (object), result, &error) && !self->is_stopped)
    trim (self);
  /* One that was cancelled is in the table no more, or another in its place. */
  if (g_hash_table_lookup (self->fetches, fetch->url) == fetch)
    finish_fetch (self, fetch, error);
  else
    fetch_free (fetch);
  start_next (self);
  g_object_unref (self); /* what start() took */
}

/* A server on this computer has other ports each time that it starts, as the
 * trial's does; what was sent before names the old ones. */
static char *
dup_current_url (TernMedia  *self,
                 const char *url)
{
  static const char here[] = "http://127.0.0.1:";
  const char *path = g_str_has_prefix (url, here) ? strchr (url + strlen (here), '/') : NULL;

  if (path == NULL || !g_str_has_prefix (path, "/object/") ||
      !g_str_has_prefix (self->server_url, here) ||
      strchr (self->server_url + strlen (here), '/') != NULL)
    return g_strdup (url);

  return g_strconcat (self->server_url, path, NULL);
}

static void
start (TernMedia *self,
       Fetch     *fetch)
{
  g_autofree char *url = dup_current_url (self, fetch->url);
  TernTransferLimits limits = fetch->is_file ? FILE_LIMITS : PICTURE_LIMITS;

  /* Without it the download tells. */
  if (g_mkdir_with_parents (self->folder, 0700) != 0)
    g_debug ("media/ cannot be made: %s", g_strerror (errno));
  fetch->is_running = TRUE;
  self->n_running++;
  self->n_files += fetch->is_file ? 1 : 0;
  g_object_ref (self);
  tern_transfer_download_async (self->soup, url, self->server_url, fetch->path, &limits,
                                progress_cb, fetch, fetch->cancellable, downloaded_cb, fetch);
}

static void
start_next (TernMedia *self)
{
  GList *link = self->queue.head;

  while (link != NULL && self->n_running < TERN_MEDIA_MAX_LOADING && !self->is_stopped)
    {
      Fetch *fetch = link->data;
      GList *next = link->next;

      /* Large files must not keep what is looked at from appearing. */
      if (!fetch->is_file || self->n_files < TERN_MEDIA_MAX_LOADING / 2)
        {
          g_queue_delete_link (&self->queue, link);
          start (self, fetch);
        }
      link = next;
    }
}

static Fetch *
get_fetch (TernMedia  *self,
           const char *url,
           gboolean    is_file)
{
  Fetch *fetch = g_hash_table_lookup (self->fetches, url);

  if (fetch == NULL)
    {
      fetch = g_new0 (Fetch, 1);
      fetch->media = self;
      fetch->url = g_strdup (url);
      fetch->path = tern_media_cache_dup_path (self->folder, url);
      fetch->cancellable = g_cancellable_new ();
      fetch->waiters = g_ptr_array_new_with_free_func (waiter_free);
      fetch->total_bytes = -1;
      fetch->is_file = is_file;
      g_hash_table_insert (self->fetches, fetch->url, fetch);
      g_queue_push_tail (&self->queue, fetch);
    }
  else if (!fetch->is_running)
    fetch->is_file |= is_file;

  return fetch;
}

/* Nobody wants it any more. One that runs is freed when it has ended. */
static void
drop_fetch (TernMedia *self,
            Fetch     *fetch)
{
  g_hash_table_steal (self->fetches, fetch->url);
  if (fetch->is_running)
    g_cancellable_cancel (fetch->cancellable);
  else
    {
      g_queue_remove (&self->queue, fetch);
      fetch_free (fetch);
    }
}

static void
waiter_cancelled_cb (GCancellable *cancellable,
                     gpointer      user_data)
{
  Waiter *waiter = user_data;
  Fetch *fetch = waiter->fetch;
  g_autoptr(TernMedia) self = g_object_ref (fetch->media);
  g_autoptr(GTask) task = g_object_ref (waiter->task);
  g_autofree char *url = g_strdup (fetch->url);

  tern_assert_main_thread ();
  g_ptr_array_remove_fast (fetch->waiters, waiter);
  if (fetch->waiters->len == 0 && !fetch->is_kept)
    {
      drop_fetch (self, fetch);
      emit_changed (self, url);
    }
  g_task_return_error_if_cancelled (task);
}

/* --- vfuncs --- */

static void
tern_media_finalize (GObject *object)
{
  TernMedia *self = TERN_MEDIA (object);

  g_queue_clear (&self->queue);
  g_hash_table_unref (self->fetches);
  g_hash_table_unref (self->failures);
  g_clear_object (&self->soup);
  g_free (self->folder);
  g_free (self->server_url);

  G_OBJECT_CLASS (tern_media_parent_class)->finalize (object);
}

static void
tern_media_class_init (TernMediaClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tern_media_finalize;

  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
tern_media_init (TernMedia *self)
{
  self->max_bytes = DEFAULT_LIMIT_BYTES;
  self->fetches = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, fetch_free);
  self->failures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, failure_free);
  g_queue_init (&self->queue);
}

/**
 * tern_media_new:
 * @folder: the account's
 * @server_url: the API's: what is nearer than that is not asked
 * @pinned_sha256: (nullable): a certificate that the person accepted
 *
 * Returns: (transfer full): what was fetched, and how to get more
 */
TernMedia *
tern_media_new (const char *folder,
                const char *server_url,
                const char *pinned_sha256)
{
  TernMedia *self = g_object_new (TERN_TYPE_MEDIA, NULL);

  self->folder = g_build_filename (folder, "media", NULL);
  self->server_url = g_strdup (server_url);
  /* A session of its own: it shares no line with what has a token, nor waits
   * for one. */
  self->soup = tern_soup_session_new (pinned_sha256);
  tern_media_cache_clean (self->folder);

  return self;
}

/**
 * tern_media_set_limit:
 * @self: the media
 * @max_bytes: how much is kept
 */
void
tern_media_set_limit (TernMedia *self,
                      gint64     max_bytes)
{
  self->max_bytes = max_bytes;
  trim (self);
}

/**
 * tern_media_stop:
 * @self: the media
 *
 * Ends what is being fetched; whoever waits is told CLOSED.
 */
void
tern_media_stop (TernMedia *self)
{
  g_autoptr(GError) error = g_error_new_literal (TERN_ERROR, TERN_ERROR_CLOSED, "Closed");
  GHashTableIter iter;
  gpointer fetch;

  self->is_stopped = TRUE;
  /* From the start each time: who is told may cancel another. */
  while (g_hash_table_iter_init (&iter, self->fetches),
         g_hash_table_iter_next (&iter, NULL, &fetch))
    {
      g_autoptr(GPtrArray) waiters = g_ptr_array_ref (((Fetch *) fetch)->waiters);

      drop_fetch (self, fetch);
      tell (waiters, NULL, error);
    }
}

/* --- looking --- */

/**
 * tern_media_is_allowed:
 * @url: (nullable): an address from a peer
 *
 * Returns: whether it is one that can be fetched
 */
gboolean
tern_media_is_allowed (const char *url)
{
  return url != NULL && tern_transfer_is_allowed (url);
}

/**
 * tern_media_dup_path:
 * @self: the media
 * @url: an address
 *
 * Returns: (transfer full) (nullable): the file, which counts as used now
 */
char *
tern_media_dup_path (TernMedia  *self,
                     const char *url)
{
  g_autofree char *path = tern_media_cache_dup_path (self->folder, url);

  return tern_media_cache_use (path) ? g_steal_pointer (&path) : NULL;
}

/**
 * tern_media_look:
 * @self: the media
 * @url: an address
 * @n_bytes: (out) (optional): how many have come
 * @total_bytes: (out) (optional): of how many; -1: not known
 *
 * Returns: how it stands
 */
TernMediaState
tern_media_look (TernMedia  *self,
                 const char *url,
                 gint64     *n_bytes,
                 gint64     *total_bytes)
{
  const Fetch *fetch = g_hash_table_lookup (self->fetches, url);
  g_autofree char *path = NULL;

  if (n_bytes != NULL)
    *n_bytes = fetch != NULL ? fetch->n_bytes : 0;
  if (total_bytes != NULL)
    *total_bytes = fetch != NULL ? fetch->total_bytes : -1;
  if (fetch != NULL)
    return TERN_MEDIA_LOADING;
  path = tern_media_dup_path (self, url);
  if (path != NULL)
    return TERN_MEDIA_PRESENT;

  return g_hash_table_contains (self->failures, url) ? TERN_MEDIA_FAILED : TERN_MEDIA_ABSENT;
}

/**
 * tern_media_get_error:
 * @self: the media
 * @url: an address
 *
 * Returns: (transfer none) (nullable): why it could not be fetched
 */
const GError *
tern_media_get_error (TernMedia  *self,
                      const char *url)
{
  const Failure *failure = g_hash_table_lookup (self->failures, url);

  return failure != NULL ? failure->error : NULL;
}

/* (nullable): why not to ask again so soon */
static const GError *
find_fresh_failure (TernMedia  *self,
                    const char *url)
{
  const Failure *failure = g_hash_table_lookup (self->failures, url);

  if (failure == NULL || (tern_error_get_retry (failure->error) != TERN_RETRY_NEVER &&
                          g_get_monotonic_time () - failure->at_us > RETRY_AFTER_US))
    return NULL;

  return failure->error;
}

const char *
tern_media_get_folder (TernMedia *self)
{
  return self->folder;
}

/* --- asking --- */

/**
 * tern_media_fetch_async:
 * @self: the media
 * @url: an address from a peer
 * @cancellable: (nullable): with the last one who waits, the fetching ends
 * @callback: called when it is there, or is not to be had
 * @user_data: passed to @callback
 */
void
tern_media_fetch_async (TernMedia           *self,
                        const char          *url,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *path = tern_media_dup_path (self, url);
  const GError *failure = find_fresh_failure (self, url);
  Waiter *waiter;

  tern_assert_main_thread ();
  g_task_set_source_tag (task, tern_media_fetch_async);
  if (path != NULL)
    g_task_return_pointer (task, g_steal_pointer (&path), g_free);
  else if (failure != NULL)
    g_task_return_error (task, g_error_copy (failure));
  else if (self->is_stopped)
    g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_CLOSED, "Closed");
  else if (!g_task_return_error_if_cancelled (task))
    {
      waiter = g_new0 (Waiter, 1);
      waiter->fetch = get_fetch (self, url, FALSE);
      waiter->task = g_steal_pointer (&task);
      if (cancellable != NULL)
        waiter->cancelled_id =
          g_signal_connect (cancellable, "cancelled", G_CALLBACK (waiter_cancelled_cb), waiter);
      g_ptr_array_add (waiter->fetch->waiters, waiter);
      start_next (self);
    }
}

/**
 * tern_media_fetch_finish:
 * @self: the media
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: those of tern_transfer_download_finish(), CLOSED.
 *
 * Returns: (transfer full) (nullable): the file
 */
char *
tern_media_fetch_finish (TernMedia     *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * tern_media_download:
 * @self: the media
 * @url: an address from a peer
 *
 * Fetches it although it has failed before; "changed" tells how it goes.
 */
void
tern_media_download (TernMedia  *self,
                     const char *url)
{
  g_return_if_fail (!self->is_stopped);

  g_hash_table_remove (self->failures, url);
  get_fetch (self, url, TRUE)->is_kept = TRUE;
  start_next (self);
  emit_changed (self, url);
}

/**
 * tern_media_forgive:
 * @self: the media
 *
 * The line is back: what failed for a reason that may have passed can be asked
 * for again, and "changed" tells so.
 */
void
tern_media_forgive (TernMedia *self)
{
  g_autoptr(GPtrArray) urls = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer url;
  gpointer failure;

  g_hash_table_iter_init (&iter, self->failures);
  while (g_hash_table_iter_next (&iter, &url, &failure))
    {
      if (tern_error_get_retry (((Failure *) failure)->error) == TERN_RETRY_NEVER)
        continue;
      g_ptr_array_add (urls, g_strdup (url));
      g_hash_table_iter_remove (&iter);
    }
  for (guint i = 0; i < urls->len; i++)
    emit_changed (self, urls->pdata[i]);
}

/**
 * tern_media_cancel:
 * @self: the media
 * @url: an address
 *
 * Ends it for everybody, those who wait included.
 */
void
tern_media_cancel (TernMedia  *self,
                   const char *url)
{
  Fetch *fetch = g_hash_table_lookup (self->fetches, url);
  g_autofree char *copy = g_strdup (url);
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
  g_autoptr(GPtrArray) waiters = NULL;

  if (fetch == NULL)
    return;
  waiters = g_ptr_array_ref (fetch->waiters);
  drop_fetch (self, fetch);
  tell (waiters, NULL, error);
  emit_changed (self, copy);
}
