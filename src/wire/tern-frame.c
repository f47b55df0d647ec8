/* tern-frame.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-frame.h"

#include <gio/gio.h>
#include <string.h>

#include "tern-error.h"
#include "tern-frame-private.h"

/* Inflated in steps of this size, so that a bomb is noticed early. */
#define INFLATE_STEP (64 * 1024)

/**
 * tern_frame_new:
 * @id: the request identifier
 * @msg_incr: (nullable): matches an answer to its request
 * @operation_id: (nullable): for the server's log
 * @data: (nullable): the protobuf inside
 *
 * Returns: (transfer full): a frame without error
 */
TernFrame *
tern_frame_new (gint32      id,
                const char *msg_incr,
                const char *operation_id,
                GBytes     *data)
{
  TernFrame *self = g_new0 (TernFrame, 1);

  self->id = id;
  self->msg_incr = g_strdup (msg_incr != NULL ? msg_incr : "");
  self->operation_id = g_strdup (operation_id != NULL ? operation_id : "");
  self->send_id = g_strdup ("");
  self->err_msg = g_strdup ("");
  self->data = data != NULL ? g_bytes_ref (data) : NULL;

  return self;
}

/**
 * tern_frame_free:
 * @self: (transfer full): a frame
 */
void
tern_frame_free (TernFrame *self)
{
  g_free (self->msg_incr);
  g_free (self->operation_id);
  g_free (self->send_id);
  g_free (self->err_msg);
  g_clear_pointer (&self->data, g_bytes_unref);
  g_free (self);
}

static gsize
get_max_bytes (const TernFrameFormat *format)
{
  return format->max_bytes != 0 ? format->max_bytes : TERN_FRAME_MAX_BYTES;
}

static GBytes *
deflate (GBytes *bytes)
{
  g_autoptr(GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
  g_autoptr(GByteArray) out = g_byte_array_new ();
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  GConverterResult result;

  do
    {
      gsize n_read = 0;
      gsize n_written = 0;
      gsize old_len = out->len;

      g_byte_array_set_size (out, old_len + size / 2 + 256);
      result = g_converter_convert (G_CONVERTER (compressor), data, size, out->data + old_len,
                                    out->len - old_len, G_CONVERTER_INPUT_AT_END, &n_read,
                                    &n_written, NULL);
      data += n_read;
      size -= n_read;
      g_byte_array_set_size (out, old_len + n_written);
    }
  while (result != G_CONVERTER_FINISHED && result != G_CONVERTER_ERROR);

  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

/* Inflates one or several gzip members in a row; anything behind the last one
 * that is not another is an error. */
static GBytes *
inflate_all (GBytes  *bytes,
             gsize    max_bytes,
             GError **error)
{
  g_autoptr(GZlibDecompressor) inflater =
    g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr(GByteArray) out = g_byte_array_new ();
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  gboolean is_open = TRUE; /* a member has not ended */

  if (size == 0)
    {
      g_set_error_literal (error, TERN_ERROR, TERN_ERROR_PROTOCOL, "Empty gzip frame");
      return NULL;
    }

  /* When all is read, more output may still be pending inside zlib. */
  while (size > 0 || is_open)
    {
      gsize n_read = 0;
      gsize n_written = 0;
      gsize old_len = out->len;
      g_autoptr(GError) local_error = NULL;
      GConverterResult result;

      g_byte_array_set_size (out, old_len + INFLATE_STEP);
      result = g_converter_convert (G_CONVERTER (inflater), data, size, out->data + old_len,
                                    INFLATE_STEP, G_CONVERTER_INPUT_AT_END, &n_read, &n_written,
                                    &local_error);
      g_byte_array_set_size (out, old_len + n_written);
      if (result == G_CONVERTER_ERROR)
        {
          g_set_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL, "Bad gzip frame: %s",
                       local_error->message);
          return NULL;
        }
      if (out->len > max_bytes)
        {
          g_set_error (error, TERN_ERROR, TERN_ERROR_TOO_LARGE,
                       "A frame inflates to more than %" G_GSIZE_FORMAT " bytes", max_bytes);
          return NULL;
        }

      data += n_read;
      size -= n_read;
      is_open = result != G_CONVERTER_FINISHED;
      if (!is_open)
        g_converter_reset (G_CONVERTER (inflater));
      else if (n_read == 0 && n_written == 0)
        {
          g_set_error_literal (error, TERN_ERROR, TERN_ERROR_PROTOCOL, "Truncated gzip frame");
          return NULL;
        }
    }

  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

static GBytes *
finish_encode (GBytes                *plain, /* (transfer full) */
               const TernFrameFormat *format)
{
  GBytes *packed;

  if (!format->is_gzip)
    return plain;

  packed = deflate (plain);
  g_bytes_unref (plain);

  return packed;
}

static GBytes *
begin_decode (GBytes                *bytes,
              const TernFrameFormat *format,
              GError               **error)
{
  if (g_bytes_get_size (bytes) > get_max_bytes (format))
    {
      g_set_error (error, TERN_ERROR, TERN_ERROR_TOO_LARGE,
                   "A frame is larger than %" G_GSIZE_FORMAT " bytes", get_max_bytes (format));
      return NULL;
    }

  if (!format->is_gzip)
    return g_bytes_ref (bytes);

  return inflate_all (bytes, get_max_bytes (format), error);
}

/**
 * tern_frame_encode_request:
 * @self: a request
 * @format: how the connection speaks
 *
 * The caller checks the size against %TERN_FRAME_MAX_SENT_BYTES: a larger one
 * would cost the connection.
 *
 * Returns: (transfer full): the payload of one binary message
 */
GBytes *
tern_frame_encode_request (const TernFrame       *self,
                           const TernFrameFormat *format)
{
  if (format->encoding == TERN_ENCODING_GOB)
    return finish_encode (tern_frame_gob_encode_request (self), format);

  return finish_encode (tern_frame_json_encode_request (self), format);
}

/**
 * tern_frame_encode_reply:
 * @self: an answer or a push
 * @format: how the connection speaks
 *
 * Returns: (transfer full): the payload of one binary message
 */
GBytes *
tern_frame_encode_reply (const TernFrame       *self,
                         const TernFrameFormat *format)
{
  if (format->encoding == TERN_ENCODING_GOB)
    return finish_encode (tern_frame_gob_encode_reply (self), format);

  return finish_encode (tern_frame_json_encode_reply (self), format);
}

/**
 * tern_frame_decode_request:
 * @bytes: the payload of one binary message
 * @format: how the connection speaks
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable): the request
 */
TernFrame *
tern_frame_decode_request (GBytes                *bytes,
                           const TernFrameFormat *format,
                           GError               **error)
{
  g_autoptr(GBytes) plain = begin_decode (bytes, format, error);

  if (plain == NULL)
    return NULL;

  return format->encoding == TERN_ENCODING_GOB ? tern_frame_gob_decode (plain, TRUE, error)
                                               : tern_frame_json_decode (plain, TRUE, error);
}

/**
 * tern_frame_decode_reply:
 * @bytes: the payload of one binary message
 * @format: how the connection speaks
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable): the answer or push
 */
TernFrame *
tern_frame_decode_reply (GBytes                *bytes,
                         const TernFrameFormat *format,
                         GError               **error)
{
  g_autoptr(GBytes) plain = begin_decode (bytes, format, error);

  if (plain == NULL)
    return NULL;

  return format->encoding == TERN_ENCODING_GOB ? tern_frame_gob_decode (plain, FALSE, error)
                                               : tern_frame_json_decode (plain, FALSE, error);
}
