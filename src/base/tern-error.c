/* tern-error.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-error.h"

#include <errno.h>

typedef struct
{
  int server_code; /* 0: no server said so */
} TernErrorPrivate;

static void
tern_error_private_init (TernErrorPrivate *priv)
{
  priv->server_code = 0;
}

static void
tern_error_private_copy (const TernErrorPrivate *src,
                         TernErrorPrivate       *dest)
{
  dest->server_code = src->server_code;
}

static void
tern_error_private_clear (TernErrorPrivate *priv)
{
}

/* GLib keeps the private part behind the error and aligns it; clang only sees
 * the cast. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-align"
G_DEFINE_EXTENDED_ERROR (TernError, tern_error)
#pragma GCC diagnostic pop

/* Which of our codes a server's number stands for (protocol 01 section 6.3,
 * protocol 02 section 2.2 for those of the account server). */
static TernError
error_from_server_code (int code)
{
  switch (code)
    {
    case 1501: case 1502: case 1503: case 1504: case 1505: case 1507: case 20101:
      return TERN_ERROR_EXPIRED;
    case 1506:
      return TERN_ERROR_KICKED;
    case 20001: case 20002: case 20012:
      return TERN_ERROR_SIGN_IN;
    default:
      return TERN_ERROR_REFUSED;
    }
}

/**
 * tern_error_new_server:
 * @code: the server's errCode, not 0
 * @message: (nullable): the server's errMsg: a symbolic name, as a rule
 *
 * Makes the error that an answer with an errCode amounts to. The code stays
 * readable with tern_error_get_server_code().
 *
 * Thread: any.
 *
 * Returns: (transfer full): the error
 */
GError *
tern_error_new_server (int         code,
                       const char *message)
{
  GError *error = g_error_new (TERN_ERROR, error_from_server_code (code), "%s (%d)",
                               message != NULL && *message != '\0' ? message : "Refused", code);

  tern_error_get_private (error)->server_code = code;

  return error;
}

/**
 * tern_error_new_errno:
 * @saved_errno: why
 * @what: what could not be done, for the log
 *
 * Makes the error of a file or folder that could not be made or written.
 *
 * Thread: any.
 *
 * Returns: (transfer full): the error
 */
GError *
tern_error_new_errno (int         saved_errno,
                      const char *what)
{
  TernError code = saved_errno == ENOSPC || saved_errno == EDQUOT || saved_errno == EFBIG
                   ? TERN_ERROR_STORE_FULL : TERN_ERROR_STORE_READ_ONLY;

  return g_error_new (TERN_ERROR, code, "%s (%s)", what, g_strerror (saved_errno));
}

/**
 * tern_error_is_store:
 * @error: any error
 *
 * Thread: any.
 *
 * Returns: whether the local store is the cause, so that no connection helps
 */
gboolean
tern_error_is_store (const GError *error)
{
  return g_error_matches (error, TERN_ERROR, TERN_ERROR_STORE) ||
         g_error_matches (error, TERN_ERROR, TERN_ERROR_STORE_FULL) ||
         g_error_matches (error, TERN_ERROR, TERN_ERROR_STORE_READ_ONLY) ||
         g_error_matches (error, TERN_ERROR, TERN_ERROR_STORE_CORRUPT);
}

/**
 * tern_error_ends_session:
 * @error: (nullable): any error
 *
 * Thread: any.
 *
 * Returns: whether the server wants a new sign-in before anything else
 */
gboolean
tern_error_ends_session (const GError *error)
{
  return g_error_matches (error, TERN_ERROR, TERN_ERROR_EXPIRED) ||
         g_error_matches (error, TERN_ERROR, TERN_ERROR_KICKED);
}

/**
 * tern_error_get_server_code:
 * @error: (nullable): any error
 *
 * Thread: any.
 *
 * Returns: the server's errCode, or 0 when no server said so
 */
int
tern_error_get_server_code (const GError *error)
{
  if (error == NULL || error->domain != TERN_ERROR)
    return 0;

  return tern_error_get_private (error)->server_code;
}

/**
 * tern_error_get_retry:
 * @error: any error
 *
 * Tells whether the same may be tried again by itself.
 *
 * Thread: any.
 *
 * Returns: when
 */
TernRetry
tern_error_get_retry (const GError *error)
{
  int code;

  g_return_val_if_fail (error != NULL, TERN_RETRY_NEVER);

  if (error->domain != TERN_ERROR)
    return TERN_RETRY_NEVER;

  code = tern_error_get_server_code (error);
  if (code == 429 || code == 500 || code == 1601 || code == 90002 || code == 90004)
    return TERN_RETRY_LATER;

  switch ((TernError) error->code)
    {
    case TERN_ERROR_OFFLINE:
    case TERN_ERROR_TIMEOUT:
      return TERN_RETRY_NOW;
    case TERN_ERROR_STORE_FULL:
    case TERN_ERROR_STORE_READ_ONLY:
    case TERN_ERROR_PROTOCOL:
      return TERN_RETRY_LATER;
    case TERN_ERROR_CLOSED:
    case TERN_ERROR_TOO_LARGE:
    case TERN_ERROR_TLS:
    case TERN_ERROR_EXPIRED:
    case TERN_ERROR_KICKED:
    case TERN_ERROR_SIGN_IN:
    case TERN_ERROR_REFUSED:
    case TERN_ERROR_STORE:
    case TERN_ERROR_STORE_CORRUPT:
    case TERN_ERROR_IN_USE:
    case TERN_ERROR_NOT_FOUND:
    case TERN_ERROR_KEYRING:
    case TERN_ERROR_KEYRING_LOCKED:
    default:
      return TERN_RETRY_NEVER;
    }
}
