/* tern-api.h: REST calls to the account server and to the API
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One object per base URL and token. Every call is a POST of a JSON object
 * with operationID and token headers; the answer is the envelope's "data".
 * Errors: OFFLINE, TIMEOUT, TLS, PROTOCOL, TOO_LARGE, and what
 * tern_error_new_server() makes of a code. Main thread only.
 */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#include "tern-records.h"

G_BEGIN_DECLS

#define TERN_TYPE_API (tern_api_get_type ())
G_DECLARE_FINAL_TYPE (TernApi, tern_api, TERN, API, GObject)

TernApi  *tern_api_new           (SoupSession         *soup,
                                  const char          *base_url,
                                  const char          *token); /* (nullable) */
void      tern_api_call_async    (TernApi             *self,
                                  const char          *route,
                                  JsonNode            *body, /* (transfer full) (nullable): {} */
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data);
JsonNode *tern_api_call_finish   (TernApi             *self,
                                  GAsyncResult        *result,
                                  GError             **error)
                                  G_GNUC_WARN_UNUSED_RESULT; /* "data"; a null node when absent */
gsize     tern_api_call_get_size (TernApi             *self,
                                  GAsyncResult        *result);

/* One dataset brought up to date: incremental by version, the whole list when
 * the server says so. Answers the updates to apply, in order. @entity: the
 * group of TERN_DATASET_MEMBERS, else "". */
void       tern_api_sync_async   (TernApi             *self,
                                  TernDataset          dataset,
                                  const char          *user_id,
                                  const char          *entity,
                                  const char          *version_id,
                                  guint64              version,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data);
GPtrArray *tern_api_sync_finish  (TernApi             *self,
                                  GAsyncResult        *result,
                                  GError             **error)
                                  G_GNUC_WARN_UNUSED_RESULT; /* TernRecordUpdate */

/* The session that all of net uses: time-outs, limits, no cookies, the pinned
 * certificate. @pinned_sha256: (nullable): hex of the one certificate that is
 * accepted although the system does not trust it. */
SoupSession *tern_soup_session_new (const char *pinned_sha256) G_GNUC_WARN_UNUSED_RESULT;
/* Hex SHA-256 of the certificate that a TERN_ERROR_TLS was about, or NULL. */
char        *tern_soup_session_dup_refused_certificate (SoupSession *soup);

G_END_DECLS
