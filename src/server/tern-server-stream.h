/* tern-server-stream.h: a connection's bytes, counted
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libsoup shows neither how much it still has to write nor that a ping came
 * in. So it writes and reads through this: what left is known to the byte,
 * and so is the moment of the last sign of life. For tests it also loses
 * bytes and ends in the middle of a frame.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TERN_TYPE_SERVER_STREAM (tern_server_stream_get_type ())
G_DECLARE_FINAL_TYPE (TernServerStream, tern_server_stream, TERN, SERVER_STREAM, GIOStream)

TernServerStream *tern_server_stream_new           (GIOStream        *base)
                                                    G_GNUC_WARN_UNUSED_RESULT;
/* Messages that have left, and their bytes with headers; no pongs. */
guint64           tern_server_stream_get_n_frames  (TernServerStream *self);
guint64           tern_server_stream_get_n_bytes   (TernServerStream *self);
gint64            tern_server_stream_get_read_us   (TernServerStream *self); /* monotonic */
/* A close frame with this code, past libsoup. */
void              tern_server_stream_write_close   (TernServerStream *self,
                                                    guint             code);
/* From now on nothing leaves, though it seems so. */
void              tern_server_stream_mute          (TernServerStream *self);
/* After @n_bytes more it is as if muted. */
void              tern_server_stream_mute_after    (TernServerStream *self,
                                                    guint64           n_bytes);

G_END_DECLS
