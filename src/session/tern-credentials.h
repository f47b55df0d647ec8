/* tern-credentials.h: the token, in the system's keyring and nowhere else
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Schema io.github.tern_chat.Tern.Account {server, user}. Asynchronous, with a
 * time-out of 5 s, or of a minute where the keyring may ask a person to unlock
 * it: it never blocks the window. Main thread.
 */

#pragma once

#include <gio/gio.h>

#include "tern-account.h"

G_BEGIN_DECLS

void     tern_credentials_store_async   (const TernAccount   *account,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);
void     tern_credentials_lookup_async  (const TernAccount   *account,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);
/* The token; NULL without an error: not there */
char    *tern_credentials_lookup_finish (GAsyncResult        *result,
                                         GError             **error) G_GNUC_WARN_UNUSED_RESULT;
void     tern_credentials_clear_async   (const TernAccount   *account,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);
gboolean tern_credentials_finish        (GAsyncResult        *result,
                                         GError             **error);

G_END_DECLS
