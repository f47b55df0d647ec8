/* tern-transfer.h: one file, from the network to the disk
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a peer named is fetched: the address, the server behind it and every
 * byte of the answer may be hostile. Only http and https, also after a
 * redirect; nothing that is nearer to this computer than the chat server is
 * (tern-address-range.h), told by the address that is dialled; no token,
 * cookie, password or referrer goes anywhere (objects of the chat server need
 * none: protocol 02 section 7.5). The file appears whole under its name,
 * readable by its owner only, or not at all. Main thread.
 */

#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * TernTransferLimits:
 * @max_bytes: of the file; the server's own word on its length is not relied on
 * @stall_timeout_ms: without a single byte
 * @timeout_ms: for all of it
 */
typedef struct
{
  gint64 max_bytes;
  guint  stall_timeout_ms;
  guint  timeout_ms;
} TernTransferLimits;

/**
 * TernTransferProgressFunc:
 * @n_bytes: how many are on the disk
 * @total_bytes: how many the server promised; -1: it did not say
 * @user_data: what the transfer was given
 */
typedef void (*TernTransferProgressFunc) (gint64   n_bytes,
                                          gint64   total_bytes,
                                          gpointer user_data);

gboolean tern_transfer_is_allowed      (const char               *url);
void     tern_transfer_download_async  (SoupSession              *soup,
                                        const char               *url,
                                        const char               *server_url,
                                        const char               *path,
                                        const TernTransferLimits *limits,
                                        TernTransferProgressFunc  progress,
                                        gpointer                  progress_data,
                                        GCancellable             *cancellable,
                                        GAsyncReadyCallback       callback,
                                        gpointer                  user_data);
gboolean tern_transfer_download_finish (SoupSession              *soup,
                                        GAsyncResult             *result,
                                        GError                  **error);

G_END_DECLS
