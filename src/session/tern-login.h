/* tern-login.h: from an address and a password to an account with a token
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Main thread only. The password is hashed as the field does (MD5, protocol 02
 * section 3.2) and forgotten.
 */

#pragma once

#include <gio/gio.h>

#include "tern-account.h"

G_BEGIN_DECLS

typedef enum
{
  TERN_LOGIN_PHONE, /* "+86 138…"; without a prefix: +86 */
  TERN_LOGIN_EMAIL,
  TERN_LOGIN_ACCOUNT,
} TernLoginKind;

/* Derives and asks the three services behind what the person typed. */
void         tern_login_probe_async      (const char          *address,
                                          const char          *pinned_sha256, /* (nullable) */
                                          GCancellable        *cancellable,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
/* Asks these three, and no others. */
void         tern_login_probe_servers_async (const TernServers   *servers,
                                             const char          *pinned_sha256, /* (nullable) */
                                             GCancellable        *cancellable,
                                             GAsyncReadyCallback  callback,
                                             gpointer             user_data);
/* Of both. With TERN_ERROR_TLS, @certificate_sha256 is the fingerprint to show. */
TernServers *tern_login_probe_finish     (GAsyncResult        *result,
                                          char               **certificate_sha256,
                                          GError             **error) G_GNUC_WARN_UNUSED_RESULT;
void         tern_login_password_async   (const TernServers   *servers,
                                          const char          *pinned_sha256,
                                          TernLoginKind        kind,
                                          const char          *name,
                                          const char          *password,
                                          int                  platform,
                                          GCancellable        *cancellable,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
/* A user ID and a token, checked with the API's parse_token. */
void         tern_login_token_async      (const TernServers   *servers,
                                          const char          *pinned_sha256,
                                          const char          *user_id,
                                          const char          *token,
                                          int                  platform,
                                          GCancellable        *cancellable,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
/* Of both. */
TernAccount *tern_login_finish           (GAsyncResult        *result,
                                          GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* NULL: no address */
TernServers *tern_login_guess_servers    (const char          *address) G_GNUC_WARN_UNUSED_RESULT;
/* Guesses from what was typed: '@' is mail, digits with + are a phone. */
TernLoginKind tern_login_guess_kind      (const char          *name);
/* "+8613800138000" → "+86", "13800138000" */
void         tern_login_split_phone      (const char          *name,
                                          char               **area,
                                          char               **number);

G_END_DECLS
