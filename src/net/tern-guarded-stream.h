/* tern-guarded-stream.h: what a WebSocket is read through
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libsoup reads a socket until it is empty, which a server that is faster never
 * lets happen, and joins fragments without a limit. This stream hands over only
 * so much per turn of the main loop, at a priority below drawing, and follows
 * the frames' heads: a message that would become too large is an error before
 * it is all here. Main thread only.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TERN_TYPE_GUARDED_STREAM (tern_guarded_stream_get_type ())
G_DECLARE_FINAL_TYPE (TernGuardedStream, tern_guarded_stream, TERN, GUARDED_STREAM, GIOStream)

GIOStream *tern_guarded_stream_new (GIOStream *base,
                                    GBytes    *prefix,
                                    guint64    max_message_bytes) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
