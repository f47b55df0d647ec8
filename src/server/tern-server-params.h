/* tern-server-params.h: a request's body, read as the real server reads it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 sections 1.2 and 1.4. The real server decodes JSON with Go's
 * decoder into a type of its own per route, and answers with that decoder's
 * texts; so the types stand here, written as short texts:
 *
 *   s text   i int32   n uint32   l int64   u uint64   b truth   f float
 *   S I L B  the same as a "wrapper": null leaves unchanged
 *   m        a map of texts
 *   *        anything
 *   [T]      a list of T
 *   {pkg.Name field:T,field:T}  an object
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* @type: "pkg.Name field:T,field:T". Returns an object with the fields that
 * the type knows, in its own spelling, without nulls; or %NULL and a text. */
JsonNode   *tern_server_params_decode (const char  *type,
                                       const char  *text,
                                       gsize        size,
                                       char       **failure) G_GNUC_WARN_UNUSED_RESULT;

/* (nullable): the type of a route's body. */
const char *tern_server_params_find   (const char  *path,
                                       gboolean     is_account);

/* (nullable): the path of the type with this number, counted from 0. */
const char *tern_server_params_get_path (guint       number,
                                         gboolean    is_account);

G_END_DECLS
