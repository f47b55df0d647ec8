/* tern-error.h: the one error domain of this program
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A code says what the caller can do about it; the message says what
 * happened. Cancellation is always G_IO_ERROR_CANCELLED, never one of these.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TernError:
 * @TERN_ERROR_CLOSED: the session, or a part of it, was shut down
 * @TERN_ERROR_OFFLINE: no connection; it will be tried again by itself
 * @TERN_ERROR_TIMEOUT: the server did not answer in time
 * @TERN_ERROR_PROTOCOL: the server sent something that makes no sense
 * @TERN_ERROR_TOO_LARGE: a frame or message above the limit
 * @TERN_ERROR_TLS: the server's certificate is not trusted
 * @TERN_ERROR_EXPIRED: the token is no longer good; sign in again
 * @TERN_ERROR_KICKED: signed in elsewhere, or signed out by an administrator
 * @TERN_ERROR_SIGN_IN: the account server refused the name or the password
 * @TERN_ERROR_REFUSED: the server refused this one operation; see
 *   tern_error_get_server_code()
 * @TERN_ERROR_STORE: the local database refused
 * @TERN_ERROR_STORE_FULL: no room on the disk
 * @TERN_ERROR_STORE_READ_ONLY: the folder, or a file in it, cannot be written to
 * @TERN_ERROR_STORE_CORRUPT: the local database is damaged
 * @TERN_ERROR_IN_USE: another process works on this data folder
 * @TERN_ERROR_NOT_FOUND: no such conversation, message or account
 * @TERN_ERROR_KEYRING: there is no keyring, or it does not answer
 * @TERN_ERROR_KEYRING_LOCKED: the keyring is locked, and nobody unlocked it
 */
typedef enum
{
  TERN_ERROR_CLOSED,
  TERN_ERROR_OFFLINE,
  TERN_ERROR_TIMEOUT,
  TERN_ERROR_PROTOCOL,
  TERN_ERROR_TOO_LARGE,
  TERN_ERROR_TLS,
  TERN_ERROR_EXPIRED,
  TERN_ERROR_KICKED,
  TERN_ERROR_SIGN_IN,
  TERN_ERROR_REFUSED,
  TERN_ERROR_STORE,
  TERN_ERROR_STORE_FULL,
  TERN_ERROR_STORE_READ_ONLY,
  TERN_ERROR_STORE_CORRUPT,
  TERN_ERROR_IN_USE,
  TERN_ERROR_NOT_FOUND,
  TERN_ERROR_KEYRING,
  TERN_ERROR_KEYRING_LOCKED,
} TernError;

/**
 * TernRetry:
 * @TERN_RETRY_NEVER: trying the same again gives the same answer
 * @TERN_RETRY_LATER: try again after a while
 * @TERN_RETRY_NOW: try again as soon as there is a connection
 */
typedef enum
{
  TERN_RETRY_NEVER,
  TERN_RETRY_LATER,
  TERN_RETRY_NOW,
} TernRetry;

#define TERN_ERROR (tern_error_quark ())

GQuark     tern_error_quark           (void);

/* An error that a server answered with: TERN_ERROR_EXPIRED, _KICKED,
 * _SIGN_IN or _REFUSED by protocol 01 section 6.3, with the code attached. */
GError    *tern_error_new_server      (int           code,
                                       const char   *message) G_GNUC_WARN_UNUSED_RESULT;
/* A file could not be made or written: _STORE_FULL or _STORE_READ_ONLY. */
GError    *tern_error_new_errno       (int           saved_errno,
                                       const char   *what) G_GNUC_WARN_UNUSED_RESULT;
int        tern_error_get_server_code (const GError *error);
gboolean   tern_error_is_store        (const GError *error);
gboolean   tern_error_ends_session    (const GError *error);
TernRetry  tern_error_get_retry       (const GError *error);

G_END_DECLS
