/* tern-server-http.h: bodies in, bodies out
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Collects request bodies below a path (nullable: any) up to the size that the
 * real server reads (protocol 02 section 1.7); the rest is dropped. */
void    tern_server_http_watch       (SoupServer        *server,
                                      const char        *path);
void    tern_server_http_collect     (SoupServerMessage *message);
GBytes *tern_server_http_get_body    (SoupServerMessage *message) G_GNUC_WARN_UNUSED_RESULT;

const char *tern_server_http_lookup  (GHashTable        *fields,
                                      const char        *name);
gboolean tern_server_http_wants_gzip (SoupServerMessage *message);
void    tern_server_http_set_header  (SoupServerMessage *message,
                                      const char        *name,
                                      const char        *value);
void    tern_server_http_respond     (SoupServerMessage *message,
                                      guint              status,
                                      const char        *content_type,
                                      GBytes            *body,
                                      gboolean           is_gzip);
void    tern_server_http_respond_text (SoupServerMessage *message,
                                      guint              status,
                                      const char        *content_type,
                                      const char        *text);

G_END_DECLS
