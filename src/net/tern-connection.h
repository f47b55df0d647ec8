/* tern-connection.h: the long connection to the message gateway
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keeps one WebSocket up from start to stop: handshake with isMsgResp=true,
 * heartbeat, back-off, and an epoch number that grows with every connection.
 * Bytes in, bytes out: it never looks into a frame. Main thread only.
 *
 *   connecting   ()
 *   opened       (guint64 epoch)
 *   frame        (guint64 epoch, GBytes *frame)
 *   closed       (guint64 epoch, GError *error)  tried again by itself
 *   failed       (GError *error)   TLS, EXPIRED, KICKED: not tried again until
 *                                  start is called anew
 *
 * A refusal's reason is learned by asking the same URL with a plain GET
 * (protocol 01 section 1.7). The URL holds the token: it is never logged.
 */

#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

#include "tern-frame.h"

G_BEGIN_DECLS

#define TERN_TYPE_CONNECTION (tern_connection_get_type ())
G_DECLARE_FINAL_TYPE (TernConnection, tern_connection, TERN, CONNECTION, GObject)

TernConnection *tern_connection_new            (SoupSession           *soup,
                                                const char            *ws_url,
                                                const char            *user_id,
                                                const char            *token,
                                                int                    platform,
                                                const TernFrameFormat *format);
void            tern_connection_start          (TernConnection        *self);
/* closes; no signal follows */
void            tern_connection_stop           (TernConnection        *self);
gboolean        tern_connection_send           (TernConnection        *self,
                                                guint64                epoch,
                                                /* FALSE: another epoch, or too large */
                                                GBytes                *frame,
                                                gboolean               is_slow);
/* ping; when down: try at once */
void            tern_connection_check_now      (TernConnection        *self);
void            tern_connection_set_in_use     (TernConnection        *self,
                                                /* the window is active */
                                                gboolean               is_in_use);
gboolean        tern_connection_get_is_open    (TernConnection        *self);

G_END_DECLS
