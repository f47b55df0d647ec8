/* tern-guarded-stream.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-guarded-stream.h"

#include <string.h>

#include "tern-error.h"

/* Most bytes per turn: some thousand of the smallest frames, a few
 * milliseconds' work. */
#define TURN_BYTES (16 * 1024)

/* Below GDK_PRIORITY_REDRAW (120): what is always ready must not keep GTK from
 * drawing. */
#define SOURCE_PRIORITY (G_PRIORITY_HIGH_IDLE + 30)

#define MAX_HEAD_BYTES 14

#define TERN_TYPE_GUARDED_INPUT (tern_guarded_input_get_type ())
G_DECLARE_FINAL_TYPE (TernGuardedInput, tern_guarded_input, TERN, GUARDED_INPUT, GInputStream)

struct _TernGuardedInput
{
  GInputStream  parent_instance;

  GInputStream *base;
  GBytes       *prefix; /* (nullable): came before the WebSocket began */
  gsize         turn_bytes;    /* still to be had in this turn */
  guint64       max_message_bytes;

  guint8        head[MAX_HEAD_BYTES];
  guint         n_head;
  guint64       payload_bytes; /* of the frame, still to come */
  guint64       message_bytes; /* of the message so far, by the heads */
};

static void tern_guarded_input_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TernGuardedInput, tern_guarded_input, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      tern_guarded_input_pollable_init))

struct _TernGuardedStream
{
  GIOStream         parent_instance;

  GIOStream        *base;
  TernGuardedInput *input;
};

G_DEFINE_FINAL_TYPE (TernGuardedStream, tern_guarded_stream, G_TYPE_IO_STREAM)

/* How long the head is, as far as it is known (RFC 6455 section 5.2). */
static guint
get_head_size (TernGuardedInput *self)
{
  guint size = 2;

  if (self->n_head < 2)
    return size;
  if ((self->head[1] & 0x7f) == 126)
    size += 2;
  else if ((self->head[1] & 0x7f) == 127)
    size += 8;
  if ((self->head[1] & 0x80) != 0)
    size += 4;

  return size;
}

static guint64
get_payload_size (TernGuardedInput *self)
{
  guint n = (self->head[1] & 0x7f) == 126 ? 2 : (self->head[1] & 0x7f) == 127 ? 8 : 0;
  guint64 size = n == 0 ? self->head[1] & 0x7f : 0;

  for (guint i = 0; i < n; i++)
    size = size << 8 | self->head[2 + i];

  return size;
}

/* FALSE: the message that begins or goes on here is too large. */
static gboolean
note_head (TernGuardedInput *self)
{
  guint8 opcode = self->head[0] & 0x0f;

  self->payload_bytes = get_payload_size (self);
  self->n_head = 0;
  if (opcode >= 8)
    return TRUE; /* control frames come in between, and are short */
  if (opcode != 0)
    self->message_bytes = 0;
  if (self->payload_bytes > self->max_message_bytes - self->message_bytes)
    return FALSE;
  self->message_bytes += self->payload_bytes;

  return TRUE;
}

static gboolean
follow (TernGuardedInput  *self,
        const guint8      *data,
        gsize              size,
        GError           **error)
{
  while (size > 0)
    {
      gsize step = (gsize) MIN (size, self->payload_bytes);

      if (step > 0)
        {
          self->payload_bytes -= step;
          data += step;
          size -= step;
          continue;
        }
      self->head[self->n_head++] = *data++;
      size--;
      if (self->n_head < get_head_size (self) || note_head (self))
        continue;
      g_set_error (error, TERN_ERROR, TERN_ERROR_TOO_LARGE,
                   "The server sent more than %" G_GUINT64_FORMAT " bytes at once",
                   self->max_message_bytes);
      return FALSE;
    }

  return TRUE;
}

static gssize
read_prefix (TernGuardedInput *self,
             void             *buffer,
             gsize             count)
{
  g_autoptr(GBytes) prefix = g_steal_pointer (&self->prefix);
  gsize size = g_bytes_get_size (prefix);
  gsize n_read = MIN (count, size);

  memcpy (buffer, g_bytes_get_data (prefix, NULL), n_read);
  if (n_read < size)
    self->prefix = g_bytes_new_from_bytes (prefix, n_read, size - n_read);

  return (gssize) n_read;
}

static gssize
tern_guarded_input_read_nonblocking (GPollableInputStream  *stream,
                                     void                  *buffer,
                                     gsize                  count,
                                     GError               **error)
{
  TernGuardedInput *self = TERN_GUARDED_INPUT (stream);
  gssize n_read;

  if (self->turn_bytes == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "Enough for this turn");
      return -1;
    }

  count = MIN (count, self->turn_bytes);
  if (self->prefix != NULL)
    n_read = read_prefix (self, buffer, count);
  else
    n_read = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->base),
                                                       buffer, count, NULL, error);
  if (n_read <= 0)
    return n_read;

  self->turn_bytes -= (gsize) n_read;

  return follow (self, buffer, (gsize) n_read, error) ? n_read : -1;
}

static gboolean
tern_guarded_input_is_readable (GPollableInputStream *stream)
{
  TernGuardedInput *self = TERN_GUARDED_INPUT (stream);

  return self->prefix != NULL ||
         g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (self->base));
}

/* Asked for once per turn, by who has read all that there was. */
static GSource *
tern_guarded_input_create_source (GPollableInputStream *stream,
                                  GCancellable         *cancellable)
{
  TernGuardedInput *self = TERN_GUARDED_INPUT (stream);
  g_autoptr(GSource) child = NULL;
  GSource *source;

  self->turn_bytes = TURN_BYTES;
  child = self->prefix != NULL ? g_timeout_source_new (0)
          : g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->base), NULL);
  source = g_pollable_source_new_full (stream, child, cancellable);
  g_source_set_priority (source, SOURCE_PRIORITY);

  return source;
}

static void
tern_guarded_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = tern_guarded_input_is_readable;
  iface->create_source = tern_guarded_input_create_source;
  iface->read_nonblocking = tern_guarded_input_read_nonblocking;
}

static void
tern_guarded_input_finalize (GObject *object)
{
  TernGuardedInput *self = TERN_GUARDED_INPUT (object);

  g_clear_object (&self->base);
  g_clear_pointer (&self->prefix, g_bytes_unref);

  G_OBJECT_CLASS (tern_guarded_input_parent_class)->finalize (object);
}

static void
tern_guarded_input_class_init (TernGuardedInputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tern_guarded_input_finalize;
}

static void
tern_guarded_input_init (TernGuardedInput *self)
{
  self->turn_bytes = TURN_BYTES;
}

static GInputStream *
tern_guarded_stream_get_input_stream (GIOStream *stream)
{
  return G_INPUT_STREAM (TERN_GUARDED_STREAM (stream)->input);
}

static GOutputStream *
tern_guarded_stream_get_output_stream (GIOStream *stream)
{
  return g_io_stream_get_output_stream (TERN_GUARDED_STREAM (stream)->base);
}

static gboolean
tern_guarded_stream_close (GIOStream     *stream,
                           GCancellable  *cancellable,
                           GError       **error)
{
  return g_io_stream_close (TERN_GUARDED_STREAM (stream)->base, cancellable, error);
}

static void
base_closed_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;

  if (g_io_stream_close_finish (G_IO_STREAM (object), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
tern_guarded_stream_close_async (GIOStream           *stream,
                                 int                  priority,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  GTask *task = g_task_new (stream, cancellable, callback, user_data);

  g_task_set_source_tag (task, tern_guarded_stream_close_async);
  g_io_stream_close_async (TERN_GUARDED_STREAM (stream)->base, priority, cancellable,
                           base_closed_cb, task);
}

static gboolean
tern_guarded_stream_close_finish (GIOStream     *stream,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
tern_guarded_stream_finalize (GObject *object)
{
  TernGuardedStream *self = TERN_GUARDED_STREAM (object);

  /* The parent closes the stream first. */
  G_OBJECT_CLASS (tern_guarded_stream_parent_class)->finalize (object);

  g_clear_object (&self->input);
  g_clear_object (&self->base);
}

static void
tern_guarded_stream_class_init (TernGuardedStreamClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = tern_guarded_stream_finalize;
  stream_class->get_input_stream = tern_guarded_stream_get_input_stream;
  stream_class->get_output_stream = tern_guarded_stream_get_output_stream;
  stream_class->close_fn = tern_guarded_stream_close;
  stream_class->close_async = tern_guarded_stream_close_async;
  stream_class->close_finish = tern_guarded_stream_close_finish;
}

static void
tern_guarded_stream_init (TernGuardedStream *self)
{
}

/**
 * tern_guarded_stream_new:
 * @base: the connection
 * @prefix: what was already read from it, and belongs to the WebSocket
 * @max_message_bytes: how large a message may be, fragments joined
 *
 * Returns: (transfer full): a stream for a SoupWebsocketConnection
 */
GIOStream *
tern_guarded_stream_new (GIOStream *base,
                         GBytes    *prefix,
                         guint64    max_message_bytes)
{
  TernGuardedStream *self = g_object_new (TERN_TYPE_GUARDED_STREAM, NULL);

  self->base = g_object_ref (base);
  self->input = g_object_new (TERN_TYPE_GUARDED_INPUT, NULL);
  self->input->base = g_object_ref (g_io_stream_get_input_stream (base));
  self->input->max_message_bytes = max_message_bytes;
  if (g_bytes_get_size (prefix) > 0)
    self->input->prefix = g_bytes_ref (prefix);

  return G_IO_STREAM (self);
}
