/* tern-transfer.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "tern-address-range.h"
#include "tern-clock.h"
#include "tern-error.h"
#include "tern-soup-private.h"

#define CHUNK_BYTES (128 * 1024)

/* An object of the server takes one (protocol 02 section 7.5); a store behind
 * a proxy takes another. */
#define MAX_REDIRECTS 5

typedef struct
{
  GUri                     *uri;
  char                     *server_host;
  TernAddressRange          range;     /* of the server: nothing nearer is asked */
  char                     *path;
  char                     *part_path; /* (nullable): while @fd is open */
  int                       fd;
  SoupMessage              *message;   /* (nullable) */
  GInputStream             *stream;    /* (nullable) */
  GCancellable             *inner;     /* cancelled by the caller's, or by a time-out */
  GCancellable             *outer;     /* (nullable) */
  gulong                    outer_id;
  TernTransferLimits        limits;
  TernTransferProgressFunc  progress;  /* (nullable) */
  gpointer                  progress_data;
  gint64                    n_bytes;
  gint64                    total_bytes;
  guint                     n_redirects;
  guint                     stall_id;
  guint                     timeout_id;
  gboolean                  is_late;
  gboolean                  is_too_near;
} Download;

/* A write, or the end: what a pool thread does to the file. */
typedef struct
{
  int     fd;
  GBytes *bytes; /* (nullable): the end */
} FileJob;

/* --- addresses --- */

/* Servers hand out names as they are (protocol 02 section 7.5): with spaces,
 * letters of any script and "#", which is part of the name since nothing that
 * is fetched has a fragment. */
static char *
escape_url (const char *url)
{
  GString *escaped = g_string_new (NULL);

  for (const char *at = url; *at != '\0'; at++)
    {
      guchar c = (guchar) *at;
      gboolean is_lone_percent =
        c == '%' && !(g_ascii_isxdigit (at[1]) && g_ascii_isxdigit (at[2]));

      if (c <= ' ' || c >= 0x7f || is_lone_percent || strchr ("#\"<>\\^`{|}", c) != NULL)
        g_string_append_printf (escaped, "%%%02X", c);
      else
        g_string_append_c (escaped, (char) c);
    }

  return g_string_free (escaped, FALSE);
}

/* (nullable): what may not be asked */
static GUri *
check_uri (GUri *uri) /* (transfer full) (nullable) */
{
  g_autoptr(GUri) owned = uri;
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : "";
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  if ((strcmp (scheme, "http") != 0 && strcmp (scheme, "https") != 0) || host == NULL ||
      *host == '\0' || g_uri_get_userinfo (uri) != NULL)
    return NULL;

  return g_steal_pointer (&owned);
}

static GUri *
parse_url (const char *url)
{
  g_autofree char *escaped = escape_url (url);

  return check_uri (g_uri_parse (escaped, SOUP_HTTP_URI_FLAGS, NULL));
}

/* --- the end --- */

static void
stop_timers (Download *download)
{
  g_clear_handle_id (&download->stall_id, g_source_remove);
  g_clear_handle_id (&download->timeout_id, g_source_remove);
}

static void
remove_part (Download *download)
{
  if (download->fd >= 0)
    close (download->fd);
  download->fd = -1;
  if (download->part_path != NULL)
    g_unlink (download->part_path);
  g_clear_pointer (&download->part_path, g_free);
}

static void
download_free (gpointer data)
{
  Download *download = data;

  stop_timers (download);
  remove_part (download);
  if (download->outer != NULL)
    g_cancellable_disconnect (download->outer, download->outer_id);
  g_clear_object (&download->outer);
  g_clear_object (&download->inner);
  if (download->message != NULL)
    g_signal_handlers_disconnect_by_data (download->message, download);
  g_clear_object (&download->message);
  g_clear_object (&download->stream);
  g_clear_pointer (&download->uri, g_uri_unref);
  g_free (download->server_host);
  g_free (download->path);
  g_free (download);
}

static void
fail (GTask  *task,
      GError *error) /* (transfer full) */
{
  Download *download = g_task_get_task_data (task);
  g_autoptr(GError) owned = error;

  stop_timers (download);
  remove_part (download);
  if (download->is_late)
    g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_TIMEOUT, "The server did not answer");
  else if (download->is_too_near)
    g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_PROTOCOL,
                             "An address of a network that the server is not in");
  else
    g_task_return_error (task, tern_soup_error (download->message, owned));
}

static gboolean
stall_cb (gpointer user_data)
{
  Download *download = user_data;

  download->stall_id = 0;
  download->is_late = TRUE;
  g_cancellable_cancel (download->inner);

  return G_SOURCE_REMOVE;
}

static gboolean
timeout_cb (gpointer user_data)
{
  Download *download = user_data;

  download->timeout_id = 0;
  download->is_late = TRUE;
  g_cancellable_cancel (download->inner);

  return G_SOURCE_REMOVE;
}

static void
expect_bytes (Download *download)
{
  g_clear_handle_id (&download->stall_id, g_source_remove);
  download->stall_id = g_timeout_add (tern_clock_scale_ms (download->limits.stall_timeout_ms),
                                      stall_cb, download);
}

/* --- the file, in a pool thread --- */

static void
file_job_free (gpointer data)
{
  FileJob *job = data;

  g_clear_pointer (&job->bytes, g_bytes_unref);
  g_free (job);
}

static void
file_job_run (GTask        *task,
              gpointer      source,
              gpointer      task_data,
              GCancellable *cancellable)
{
  FileJob *job = task_data;
  gsize left = 0;
  const char *at = job->bytes != NULL ? g_bytes_get_data (job->bytes, &left) : NULL;

  while (left > 0)
    {
      gssize n = write (job->fd, at, left);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_task_return_error (task, tern_error_new_errno (errno, "The file cannot be written"));
          return;
        }
      at += n;
      left -= (gsize) n;
    }
  /* Else a power failure could leave the name of a file without its bytes. */
  if (job->bytes == NULL && fdatasync (job->fd) != 0)
    g_task_return_error (task, tern_error_new_errno (errno, "The file cannot be written"));
  else
    g_task_return_boolean (task, TRUE);
}

static void
run_file_job (GTask               *task,
              GBytes              *bytes, /* (nullable) */
              GAsyncReadyCallback  callback)
{
  Download *download = g_task_get_task_data (task);
  FileJob *job = g_new0 (FileJob, 1);
  /* Not to be cancelled half-way: the file must not be closed meanwhile. */
  g_autoptr(GTask) inner = g_task_new (NULL, NULL, callback, task);

  job->fd = download->fd;
  job->bytes = bytes != NULL ? g_bytes_ref (bytes) : NULL;
  g_task_set_source_tag (inner, run_file_job);
  g_task_set_task_data (inner, job, file_job_free);
  g_task_run_in_thread (inner, file_job_run);
}

static gboolean
open_part (Download  *download,
           GError   **error)
{
  g_autofree char *part_path = g_strconcat (download->path, ".part-XXXXXX", NULL);

  download->fd = g_mkstemp_full (part_path, O_WRONLY | O_CLOEXEC, 0600);
  if (download->fd < 0)
    {
      g_propagate_error (error, tern_error_new_errno (errno, "The file cannot be made"));
      return FALSE;
    }
  download->part_path = g_steal_pointer (&part_path);

  return TRUE;
}

static void
synced_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *download = g_task_get_task_data (task);
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error) &&
      !g_cancellable_set_error_if_cancelled (download->inner, &error) &&
      g_rename (download->part_path, download->path) != 0)
    error = tern_error_new_errno (errno, "The file cannot be named");
  if (error != NULL)
    {
      fail (task, error);
      return;
    }
  g_clear_pointer (&download->part_path, g_free);
  stop_timers (download);
  g_task_return_boolean (task, TRUE);
}

/* --- the answer --- */

static void read_more (GTask *task); /* one chunk after the other */

static void
written_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *download = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      fail (task, error);
      return;
    }
  if (download->progress != NULL)
    download->progress (download->n_bytes, download->total_bytes, download->progress_data);
  read_more (g_steal_pointer (&task));
}

static void
read_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *download = g_task_get_task_data (task);
  g_autoptr(GBytes) bytes = NULL;
  GError *error = NULL;

  bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (object), result, &error);
  if (bytes == NULL)
    {
      fail (task, error);
      return;
    }
  g_clear_handle_id (&download->stall_id, g_source_remove);
  if (g_bytes_get_size (bytes) == 0)
    {
      run_file_job (g_steal_pointer (&task), NULL, synced_cb);
      return;
    }
  download->n_bytes += (gint64) g_bytes_get_size (bytes);
  if (download->n_bytes > download->limits.max_bytes)
    {
      fail (task, g_error_new (TERN_ERROR, TERN_ERROR_TOO_LARGE,
                               "The file is larger than %" G_GINT64_FORMAT " bytes",
                               download->limits.max_bytes));
      return;
    }
  run_file_job (g_steal_pointer (&task), bytes, written_cb);
}

static void
read_more (GTask *task) /* (transfer full) */
{
  Download *download = g_task_get_task_data (task);

  expect_bytes (download);
  g_input_stream_read_bytes_async (download->stream, CHUNK_BYTES, G_PRIORITY_DEFAULT,
                                   download->inner, read_cb, task);
}

static void ask (GTask *task); /* once more after a redirect */

static void
follow (GTask *task) /* (transfer full) */
{
  Download *download = g_task_get_task_data (task);
  g_autoptr(GTask) owned = task;
  const char *location =
    soup_message_headers_get_one (soup_message_get_response_headers (download->message),
                                  "Location");
  g_autoptr(GUri) uri = NULL;

  if (location != NULL && ++download->n_redirects <= MAX_REDIRECTS)
    uri = check_uri (g_uri_parse_relative (download->uri, location,
                                           SOUP_HTTP_URI_FLAGS | G_URI_FLAGS_PARSE_RELAXED, NULL));
  if (uri == NULL)
    {
      fail (owned, g_error_new_literal (TERN_ERROR, TERN_ERROR_PROTOCOL,
                                        "The server points where it must not"));
      return;
    }
  g_clear_pointer (&download->uri, g_uri_unref);
  download->uri = g_steal_pointer (&uri);
  g_clear_object (&download->stream);
  g_clear_object (&download->message);
  ask (g_steal_pointer (&owned));
}

/* What speaks against reading the answer. */
static GError *
check_answer (Download *download)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (download->message);
  guint status = soup_message_get_status (download->message);
  GError *error = NULL;

  if (status != SOUP_STATUS_OK)
    return g_error_new (TERN_ERROR,
                        status >= 500 || status == SOUP_STATUS_REQUEST_TIMEOUT || status == 429
                          ? TERN_ERROR_OFFLINE : TERN_ERROR_NOT_FOUND,
                        "The server answered with status %u", status);
  download->total_bytes = -1;
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH)
    download->total_bytes = soup_message_headers_get_content_length (headers);
  if (download->total_bytes > download->limits.max_bytes)
    return g_error_new (TERN_ERROR, TERN_ERROR_TOO_LARGE, "The file has %" G_GINT64_FORMAT " bytes",
                        download->total_bytes);
  open_part (download, &error);

  return error;
}

static void
sent_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *download = g_task_get_task_data (task);
  GError *error = NULL;

  download->stream = soup_session_send_finish (SOUP_SESSION (object), result, &error);
  if (download->stream == NULL)
    {
      fail (task, error);
      return;
    }
  if (SOUP_STATUS_IS_REDIRECTION (soup_message_get_status (download->message)))
    {
      follow (g_steal_pointer (&task));
      return;
    }
  error = check_answer (download);
  if (error != NULL)
    fail (task, error);
  else
    read_more (g_steal_pointer (&task));
}

/* Behind a proxy only what is written as a number can be judged. */
static GInetAddress *
dup_address (GSocketAddress *socket_address) /* (nullable) */
{
  if (G_IS_PROXY_ADDRESS (socket_address))
    return g_inet_address_new_from_string (g_proxy_address_get_destination_hostname (
      G_PROXY_ADDRESS (socket_address)));
  if (G_IS_INET_SOCKET_ADDRESS (socket_address))
    return g_object_ref (g_inet_socket_address_get_address (
      G_INET_SOCKET_ADDRESS (socket_address)));

  return NULL;
}

/* Here, and not by the name before: a name may have become another address
 * meanwhile. What is closed now never sends a packet. */
static void
network_event_cb (SoupMessage        *message,
                  GSocketClientEvent  event,
                  GIOStream          *stream,
                  gpointer            user_data)
{
  Download *download = user_data;
  g_autoptr(GSocketAddress) socket_address = NULL;
  g_autoptr(GInetAddress) address = NULL;

  if (event != G_SOCKET_CLIENT_CONNECTING || !G_IS_SOCKET_CONNECTION (stream))
    return;

  socket_address = g_socket_connection_get_remote_address (G_SOCKET_CONNECTION (stream), NULL);
  address = dup_address (socket_address);
  if (address == NULL || tern_address_get_range (address) <= download->range)
    return;

  download->is_too_near = TRUE;
  g_socket_close (g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)), NULL);
}

static void
ask (GTask *task) /* (transfer full) */
{
  SoupSession *soup = g_task_get_source_object (task);
  Download *download = g_task_get_task_data (task);

  download->message = soup_message_new_from_uri (SOUP_METHOD_GET, download->uri);
  soup_message_add_flags (download->message,
                          SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
  /* The limit is on what is stored, and a small answer must not become a large
   * one. */
  soup_message_disable_feature (download->message, SOUP_TYPE_CONTENT_DECODER);
  tern_soup_watch (soup, download->message);
  g_signal_connect (download->message, "network-event", G_CALLBACK (network_event_cb), download);
  expect_bytes (download);
  soup_session_send_async (soup, download->message, G_PRIORITY_DEFAULT, download->inner, sent_cb,
                           task);
}

static void
server_found_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Download *download = g_task_get_task_data (task);
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (object), result, NULL);

  for (GList *link = addresses; link != NULL; link = link->next)
    download->range = MAX (download->range, tern_address_get_range (link->data));
  g_resolver_free_addresses (addresses);
  ask (g_steal_pointer (&task));
}

/* Where the server is, before anything else is asked; not found is far away. */
static void
find_server (GTask *task) /* (transfer full) */
{
  Download *download = g_task_get_task_data (task);
  g_autoptr(GResolver) resolver = g_resolver_get_default ();

  g_resolver_lookup_by_name_async (resolver, download->server_host, download->inner,
                                   server_found_cb, task);
}

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  g_cancellable_cancel (user_data);
}

/* --- public --- */

/**
 * tern_transfer_is_allowed:
 * @url: an address from a peer
 *
 * Returns: whether it would be fetched at all
 */
gboolean
tern_transfer_is_allowed (const char *url)
{
  g_autoptr(GUri) uri = parse_url (url);

  return uri != NULL;
}

/**
 * tern_transfer_download_async:
 * @soup: a session without credentials, from tern_soup_session_new(), for
 *   files of one server: the lines it keeps open are not judged again
 * @url: what to fetch, as a message says it
 * @server_url: of the chat server, on whose word it is fetched
 * @path: the file to make; one of that name is replaced at the end
 * @limits: copied
 * @progress: (nullable): told after each piece
 * @progress_data: passed to @progress
 * @cancellable: (nullable): leaves nothing behind
 * @callback: called when the file is there, or will not be
 * @user_data: passed to @callback
 */
void
tern_transfer_download_async (SoupSession              *soup,
                              const char               *url,
                              const char               *server_url,
                              const char               *path,
                              const TernTransferLimits *limits,
                              TernTransferProgressFunc  progress,
                              gpointer                  progress_data,
                              GCancellable             *cancellable,
                              GAsyncReadyCallback       callback,
                              gpointer                  user_data)
{
  GTask *task = g_task_new (soup, NULL, callback, user_data);
  Download *download = g_new0 (Download, 1);
  g_autoptr(GUri) server_uri = g_uri_parse (server_url, SOUP_HTTP_URI_FLAGS, NULL);

  g_task_set_source_tag (task, tern_transfer_download_async);
  g_task_set_task_data (task, download, download_free);
  download->uri = parse_url (url);
  download->server_host = g_strdup (server_uri != NULL ? g_uri_get_host (server_uri) : "");
  download->path = g_strdup (path);
  download->fd = -1;
  download->inner = g_cancellable_new ();
  download->limits = *limits;
  download->progress = progress;
  download->progress_data = progress_data;
  if (download->uri == NULL)
    {
      fail (task, g_error_new_literal (TERN_ERROR, TERN_ERROR_PROTOCOL,
                                       "Not an address that is fetched"));
      g_object_unref (task);
      return;
    }
  if (cancellable != NULL)
    {
      download->outer = g_object_ref (cancellable);
      download->outer_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                                  g_object_ref (download->inner), g_object_unref);
    }
  download->timeout_id = g_timeout_add (tern_clock_scale_ms (limits->timeout_ms), timeout_cb,
                                        download);
  find_server (task);
}

/**
 * tern_transfer_download_finish:
 * @soup: the session
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: OFFLINE, TIMEOUT, TLS, NOT_FOUND, TOO_LARGE, PROTOCOL, STORE_FULL,
 * STORE_READ_ONLY, G_IO_ERROR_CANCELLED.
 *
 * Returns: whether the file is there
 */
gboolean
tern_transfer_download_finish (SoupSession   *soup,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, soup), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
