/* tern-soup-fetch.c: one request, with limits that hold
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-clock.h"
#include "tern-error.h"
#include "tern-soup-private.h"

#define CHUNK_BYTES (64 * 1024)

typedef struct
{
  SoupMessage  *message;
  GInputStream *stream;
  GByteArray   *body;
  GCancellable *inner;      /* cancelled by the caller's, or by the time-out */
  GCancellable *outer;      /* (nullable) */
  gulong        outer_id;
  guint         timeout_id;
  gsize         max_bytes;
  gboolean      is_late;
} Fetch;

static void
fetch_free (gpointer data)
{
  Fetch *fetch = data;

  g_clear_handle_id (&fetch->timeout_id, g_source_remove);
  if (fetch->outer != NULL)
    g_cancellable_disconnect (fetch->outer, fetch->outer_id);
  g_clear_object (&fetch->outer);
  g_clear_object (&fetch->inner);
  g_clear_object (&fetch->message);
  g_clear_object (&fetch->stream);
  g_byte_array_unref (fetch->body);
  g_free (fetch);
}

static void
fail (GTask  *task,
      GError *error) /* (transfer full) */
{
  Fetch *fetch = g_task_get_task_data (task);
  g_autoptr(GError) owned = error;

  g_clear_handle_id (&fetch->timeout_id, g_source_remove);
  if (fetch->is_late)
    g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_TIMEOUT, "The server did not answer");
  else
    g_task_return_error (task, tern_soup_error (fetch->message, owned));
}

static void read_more (GTask *task); /* reads until the end, one chunk after the other */

static void
read_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GBytes) bytes = NULL;
  Fetch *fetch = g_task_get_task_data (task);
  GError *error = NULL;

  bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (object), result, &error);
  if (bytes == NULL)
    {
      fail (task, error);
      return;
    }
  if (g_bytes_get_size (bytes) == 0)
    {
      g_clear_handle_id (&fetch->timeout_id, g_source_remove);
      g_task_return_pointer (task, g_byte_array_free_to_bytes (g_steal_pointer (&fetch->body)),
                             (GDestroyNotify) g_bytes_unref);
      fetch->body = g_byte_array_new ();
      return;
    }

  if (fetch->body->len + g_bytes_get_size (bytes) > fetch->max_bytes)
    {
      g_clear_handle_id (&fetch->timeout_id, g_source_remove);
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_TOO_LARGE,
                               "The answer is larger than %" G_GSIZE_FORMAT " bytes",
                               fetch->max_bytes);
      return;
    }
  g_byte_array_append (fetch->body, g_bytes_get_data (bytes, NULL),
                       (guint) g_bytes_get_size (bytes));
  read_more (g_steal_pointer (&task));
}

static void
read_more (GTask *task) /* (transfer full) */
{
  Fetch *fetch = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (fetch->stream, CHUNK_BYTES, G_PRIORITY_DEFAULT, fetch->inner,
                                   read_cb, task);
}

static void
sent_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Fetch *fetch = g_task_get_task_data (task);
  GError *error = NULL;

  fetch->stream = soup_session_send_finish (SOUP_SESSION (object), result, &error);
  if (fetch->stream == NULL)
    {
      fail (task, error);
      return;
    }

  read_more (g_steal_pointer (&task));
}

static gboolean
timeout_cb (gpointer user_data)
{
  Fetch *fetch = user_data;

  fetch->timeout_id = 0;
  fetch->is_late = TRUE;
  g_cancellable_cancel (fetch->inner);

  return G_SOURCE_REMOVE;
}

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  g_cancellable_cancel (user_data);
}

void
tern_soup_fetch_async (SoupSession         *soup,
                       SoupMessage         *message,
                       gsize                max_bytes,
                       guint                timeout_ms,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  GTask *task = g_task_new (soup, NULL, callback, user_data);
  Fetch *fetch = g_new0 (Fetch, 1);

  g_task_set_source_tag (task, tern_soup_fetch_async);
  g_task_set_task_data (task, fetch, fetch_free);
  fetch->message = g_object_ref (message);
  fetch->body = g_byte_array_new ();
  fetch->inner = g_cancellable_new ();
  fetch->max_bytes = max_bytes;
  fetch->timeout_id = g_timeout_add (tern_clock_scale_ms (timeout_ms), timeout_cb, fetch);
  if (cancellable != NULL)
    {
      fetch->outer = g_object_ref (cancellable);
      fetch->outer_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                               g_object_ref (fetch->inner), g_object_unref);
    }
  tern_soup_watch (soup, message);
  /* The token would go along, to any host, and from https to http. The services
   * never send one elsewhere. */
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_session_send_async (soup, message, G_PRIORITY_DEFAULT, fetch->inner, sent_cb, task);
}

GBytes *
tern_soup_fetch_finish (SoupSession   *soup,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, soup), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
