/* tern-server-stream.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-server-stream.h"

#include <libsoup/soup.h>
#include <string.h>

#include "tern-clock.h"
#include "tern-frame.h"

/* Somebody who sends so much and reads nothing wants our memory for pongs. */
#define MAX_READ_BLOCKED (256 * 1024)

struct _TernServerStream
{
  GIOStream      parent_instance;
  GIOStream     *base;
  GInputStream  *input;
  GOutputStream *output;
  guint64        n_frames;
  guint64        n_bytes;
  gsize          n_frame_left; /* of the frame that is being written */
  gboolean       is_message;   /* whether that one is no control frame */
  gboolean       is_blocked;
  gsize          n_read_blocked; /* read since the peer stopped reading */
  guint64        n_open; /* so many bytes may still leave */
  gint64         read_us;
  guint8         head[10];     /* of the frame that is being read */
  guint          n_head;
  guint64        n_frame_body; /* still to come of it */
  guint64        n_fragments;  /* bytes of the unfinished message */
};

G_DEFINE_TYPE (TernServerStream, tern_server_stream, G_TYPE_IO_STREAM)

/* --- input: notes when something came --- */

typedef struct
{
  GFilterInputStream parent_instance;
  TernServerStream  *owner; /* (borrowed): it owns this */
} TernServerInput;

typedef GFilterInputStreamClass TernServerInputClass;

static GType tern_server_input_get_type (void);
static void tern_server_input_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_TYPE_WITH_CODE (TernServerInput, tern_server_input, G_TYPE_FILTER_INPUT_STREAM,
                         G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                tern_server_input_pollable_init))

static GPollableInputStream *
get_base_input (gpointer stream)
{
  return G_POLLABLE_INPUT_STREAM (g_filter_input_stream_get_base_stream (stream));
}

static gboolean
input_is_readable (GPollableInputStream *stream)
{
  return g_pollable_input_stream_is_readable (get_base_input (stream));
}

static GSource *
input_create_source (GPollableInputStream *stream,
                     GCancellable         *cancellable)
{
  g_autoptr(GSource) base = g_pollable_input_stream_create_source (get_base_input (stream),
                                                                   cancellable);

  return g_pollable_source_new_full (stream, base, NULL);
}

/* How long a frame's head is, without the mask; its first two bytes tell. */
static guint
get_head_size (const guint8 *head)
{
  guint size = head[1] & 0x7f;

  return 2 + (size == 127 ? 8 : size == 126 ? 2 : 0);
}

/* The head is complete. FALSE: with this frame the message is too long. */
static gboolean
begin_frame (TernServerStream *self)
{
  guint64 size = 0;

  if (self->n_head == 2)
    size = self->head[1] & 0x7f;
  for (guint i = 2; i < self->n_head; i++)
    size = size << 8 | self->head[i];
  self->n_frame_body = size + ((self->head[1] & 0x80) != 0 ? 4 : 0);
  self->n_head = 0;
  if ((self->head[0] & 0x08) != 0)
    return TRUE;

  if ((self->head[0] & 0x0f) != 0)
    self->n_fragments = 0;
  if (size > TERN_FRAME_MAX_SENT_BYTES - self->n_fragments)
    return FALSE;
  self->n_fragments += size;

  return TRUE;
}

/* libsoup limits each frame, but joins any number of them to one message. */
static gboolean
follow_frames (TernServerStream *self,
               const guint8     *bytes,
               gsize             size)
{
  while (size > 0)
    {
      gsize n = MIN (size, self->n_frame_body);

      if (n == 0)
        {
          self->head[self->n_head++] = *bytes;
          n = 1;
          if (self->n_head >= 2 && self->n_head == get_head_size (self->head) &&
              !begin_frame (self))
            return FALSE;
        }
      else
        self->n_frame_body -= n;
      bytes += n;
      size -= n;
    }

  return TRUE;
}

static gssize
input_read_nonblocking (GPollableInputStream  *stream,
                        void                  *buffer,
                        gsize                  size,
                        GError               **error)
{
  TernServerInput *self = (TernServerInput *) stream;
  gssize n = g_pollable_input_stream_read_nonblocking (get_base_input (stream), buffer, size, NULL,
                                                       error);

  if (n > 0 && self->owner != NULL)
    {
      self->owner->read_us = tern_clock_get_monotonic_us ();
      if (self->owner->is_blocked)
        self->owner->n_read_blocked += (gsize) n;
      if (self->owner->n_read_blocked > MAX_READ_BLOCKED)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The peer does not read");
          return -1;
        }
      if (!follow_frames (self->owner, buffer, (gsize) n))
        {
          g_set_error_literal (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG,
                               "The message is too long");
          return -1;
        }
    }

  return n;
}

static void
tern_server_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = input_is_readable;
  iface->create_source = input_create_source;
  iface->read_nonblocking = input_read_nonblocking;
}

static void
tern_server_input_class_init (TernServerInputClass *klass)
{
}

static void
tern_server_input_init (TernServerInput *self)
{
}

/* --- output: counts --- */

typedef struct
{
  GFilterOutputStream parent_instance;
  TernServerStream   *owner; /* (borrowed): it owns this */
} TernServerOutput;

typedef GFilterOutputStreamClass TernServerOutputClass;

static GType tern_server_output_get_type (void);
static void tern_server_output_pollable_init (GPollableOutputStreamInterface *iface);

G_DEFINE_TYPE_WITH_CODE (TernServerOutput, tern_server_output, G_TYPE_FILTER_OUTPUT_STREAM,
                         G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                tern_server_output_pollable_init))

static GPollableOutputStream *
get_base_output (gpointer stream)
{
  return G_POLLABLE_OUTPUT_STREAM (g_filter_output_stream_get_base_stream (stream));
}

static gboolean
output_is_writable (GPollableOutputStream *stream)
{
  return g_pollable_output_stream_is_writable (get_base_output (stream));
}

static GSource *
output_create_source (GPollableOutputStream *stream,
                      GCancellable          *cancellable)
{
  g_autoptr(GSource) base = g_pollable_output_stream_create_source (get_base_output (stream),
                                                                    cancellable);

  return g_pollable_source_new_full (stream, base, NULL);
}

/* Not in the middle of a frame, and only if the socket takes it at once. */
static void
write_control (TernServerStream *self,
               const guint8     *frame,
               gsize             size)
{
  if (self->n_frame_left == 0 && self->n_open == G_MAXUINT64)
    g_pollable_output_stream_write_nonblocking (get_base_output (self->output), frame, size, NULL,
                                                NULL);
}

static void
count (TernServerStream *self,
       gsize             n)
{
  self->is_blocked = FALSE;
  self->n_read_blocked = 0;
  self->n_frame_left -= MIN (self->n_frame_left, n);
  if (self->is_message)
    {
      self->n_bytes += n;
      if (self->n_frame_left == 0)
        self->n_frames++;
    }
  if (self->n_open != G_MAXUINT64)
    self->n_open -= MIN (self->n_open, n);
}

/* libsoup answers a close with the same reason, the real server with none; and
 * writes its name into its own pings, the real server nothing. */
static gboolean
write_shorter (TernServerStream *self,
               const guint8     *frame,
               gsize             size)
{
  static const guint8 named_ping[] = "\x89\x07libsoup";
  static const guint8 ping[] = { 0x89, 0 };

  if (self->n_frame_left > 0)
    return FALSE;
  if (size > 4 && frame[0] == 0x88 && frame[1] == size - 2)
    tern_server_stream_write_close (self, (guint) frame[2] << 8 | frame[3]);
  else if (size == sizeof named_ping - 1 && memcmp (frame, named_ping, size) == 0)
    write_control (self, ping, sizeof ping);
  else
    return FALSE;

  return TRUE;
}

/* libsoup writes one frame at a time, and what is left of it again. */
static gssize
output_write_nonblocking (GPollableOutputStream  *stream,
                          const void             *buffer,
                          gsize                   size,
                          GError                **error)
{
  TernServerStream *owner = ((TernServerOutput *) stream)->owner;
  g_autoptr(GError) local_error = NULL;
  gssize n = (gssize) size;

  if (owner == NULL)
    return g_pollable_output_stream_write_nonblocking (get_base_output (stream), buffer, size,
                                                       NULL, error);

  if (write_shorter (owner, buffer, size))
    return n;

  if (owner->n_frame_left == 0 && size > 0)
    {
      owner->n_frame_left = size;
      owner->is_message = (*(const guint8 *) buffer & 0x08) == 0;
    }
  if (owner->n_open > 0)
    n = g_pollable_output_stream_write_nonblocking (get_base_output (stream), buffer,
                                                    MIN (size, owner->n_open), NULL, &local_error);
  if (n > 0)
    count (owner, (gsize) n);
  else if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    owner->is_blocked = TRUE;
  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));

  return n;
}

static void
tern_server_output_pollable_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = output_is_writable;
  iface->create_source = output_create_source;
  iface->write_nonblocking = output_write_nonblocking;
}

static void
tern_server_output_class_init (TernServerOutputClass *klass)
{
}

static void
tern_server_output_init (TernServerOutput *self)
{
}

/* --- both --- */

static GInputStream *
tern_server_stream_get_input (GIOStream *stream)
{
  return TERN_SERVER_STREAM (stream)->input;
}

static GOutputStream *
tern_server_stream_get_output (GIOStream *stream)
{
  return TERN_SERVER_STREAM (stream)->output;
}

static gboolean
tern_server_stream_close (GIOStream     *stream,
                          GCancellable  *cancellable,
                          GError       **error)
{
  return g_io_stream_close (TERN_SERVER_STREAM (stream)->base, cancellable, error);
}

static void
tern_server_stream_finalize (GObject *object)
{
  TernServerStream *self = TERN_SERVER_STREAM (object);

  ((TernServerInput *) self->input)->owner = NULL;
  ((TernServerOutput *) self->output)->owner = NULL;
  g_object_unref (self->input);
  g_object_unref (self->output);
  g_object_unref (self->base);

  G_OBJECT_CLASS (tern_server_stream_parent_class)->finalize (object);
}

static void
tern_server_stream_class_init (TernServerStreamClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = tern_server_stream_finalize;
  stream_class->get_input_stream = tern_server_stream_get_input;
  stream_class->get_output_stream = tern_server_stream_get_output;
  stream_class->close_fn = tern_server_stream_close;
}

static void
tern_server_stream_init (TernServerStream *self)
{
  self->n_open = G_MAXUINT64;
  self->read_us = tern_clock_get_monotonic_us ();
}

/**
 * tern_server_stream_new:
 * @base: (transfer none): a socket's connection
 *
 * Returns: (transfer full): the same, counted
 */
TernServerStream *
tern_server_stream_new (GIOStream *base)
{
  TernServerStream *self = g_object_new (TERN_TYPE_SERVER_STREAM, NULL);

  self->base = g_object_ref (base);
  self->input = g_object_new (tern_server_input_get_type (),
                              "base-stream", g_io_stream_get_input_stream (base),
                              "close-base-stream", FALSE,
                              NULL);
  self->output = g_object_new (tern_server_output_get_type (),
                               "base-stream", g_io_stream_get_output_stream (base),
                               "close-base-stream", FALSE,
                               NULL);
  ((TernServerInput *) self->input)->owner = self;
  ((TernServerOutput *) self->output)->owner = self;

  return self;
}

/**
 * tern_server_stream_get_n_frames:
 * @self: a stream
 *
 * Returns: how many messages the socket has taken, or was said to have
 */
guint64
tern_server_stream_get_n_frames (TernServerStream *self)
{
  return self->n_frames;
}

/**
 * tern_server_stream_get_n_bytes:
 * @self: a stream
 *
 * Returns: how many bytes of messages the socket has taken
 */
guint64
tern_server_stream_get_n_bytes (TernServerStream *self)
{
  return self->n_bytes;
}

/**
 * tern_server_stream_get_read_us:
 * @self: a stream
 *
 * Returns: when the last byte came in; at first, when it was made
 */
gint64
tern_server_stream_get_read_us (TernServerStream *self)
{
  return self->read_us;
}

/**
 * tern_server_stream_write_close:
 * @self: a stream
 * @code: a websocket close code
 *
 * libsoup tells nobody why it gives up a connection.
 */
void
tern_server_stream_write_close (TernServerStream *self,
                                guint             code)
{
  guint8 frame[] = { 0x88, 2, (guint8) (code >> 8), (guint8) code };

  write_control (self, frame, sizeof frame);
}

/**
 * tern_server_stream_mute:
 * @self: a stream
 */
void
tern_server_stream_mute (TernServerStream *self)
{
  self->n_open = 0;
}

/**
 * tern_server_stream_mute_after:
 * @self: a stream
 * @n_bytes: what may still leave
 */
void
tern_server_stream_mute_after (TernServerStream *self,
                               guint64           n_bytes)
{
  self->n_open = n_bytes;
}
