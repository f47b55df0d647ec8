/* tern-soup-private.h: what the files of net share about libsoup
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Before @message is sent: applies the pinned certificate. */
void    tern_soup_watch (SoupSession  *soup,
                         SoupMessage  *message);
/* Whether it is the certificate that the person has accepted; else it is
 * remembered as refused, and so is @asking, the object whose line it was. */
gboolean tern_soup_accept (SoupSession     *soup,
                           GObject         *asking,
                           GTlsCertificate *certificate);
/* @asking: (nullable): as above */
GError *tern_soup_error (gpointer      asking,
                         const GError *error) G_GNUC_WARN_UNUSED_RESULT;

/* Sends @message and reads at most @max_bytes of the answer, within
 * @timeout_ms (scaled by the clock). */
void    tern_soup_fetch_async  (SoupSession          *soup,
                                SoupMessage          *message,
                                gsize                 max_bytes,
                                guint                 timeout_ms,
                                GCancellable         *cancellable,
                                GAsyncReadyCallback   callback,
                                gpointer              user_data);
GBytes *tern_soup_fetch_finish (SoupSession          *soup,
                                GAsyncResult         *result,
                                GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
