/* tern-probe.h: from an address that a person types to the three services
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Accepts chat.example.com, 10.0.0.5, http://10.0.0.5, full URLs; derives the
 * account server (port 10008 or /chat), the API (10002 or /api) and the
 * gateway (10001 or /msg_gateway), then asks each whether it is there. Main
 * thread only.
 */

#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

#include "tern-servers.h"

G_BEGIN_DECLS

/* (element-type TernServers): candidates, best first; NULL with @error when
 * the text is no address */
GPtrArray   *tern_probe_derive       (const char          *address,
                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;
void         tern_probe_run_async    (SoupSession         *soup,
                                      GPtrArray           *candidates, /* TernServers */
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data);
/* The best candidate, with what was found; TERN_ERROR_OFFLINE when none answers,
 * TERN_ERROR_TLS rather than plain text after a certificate that is not trusted. */
TernServers *tern_probe_run_finish   (GAsyncResult        *result,
                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
