/* tern-websocket.h: from a URL to a WebSocket that is read with limits
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The handshake of RFC 6455 section 4. libsoup's own would hand over a
 * WebSocket that already reads, too late for a TernGuardedStream. Main thread
 * only.
 */

#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

void                     tern_websocket_connect_async  (SoupSession          *soup,
                                                        const char           *url,
                                                        guint64               max_message_bytes,
                                                        GCancellable         *cancellable,
                                                        GAsyncReadyCallback   callback,
                                                        gpointer              user_data);
/* Errors: SOUP_WEBSOCKET_ERROR_NOT_WEBSOCKET when the answer was another;
 * what GIO says. */
SoupWebsocketConnection *tern_websocket_connect_finish (SoupSession          *soup,
                                                        GAsyncResult         *result,
                                                        GError              **error)
                                                        G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
