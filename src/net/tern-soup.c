/* tern-soup.c: the session that all of net uses
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "tern-api.h"
#include "tern-error.h"
#include "tern-soup-private.h"

/* Where a session keeps what the person accepted, and what was refused last. */
#define PINNED_KEY "tern-pinned-sha256"
#define REFUSED_KEY "tern-refused-sha256"

/* What waits for a line must not be what a person looks at; browsers take as
 * many. */
#define MAX_LINES_PER_HOST 6

static char *
fingerprint (GTlsCertificate *certificate)
{
  g_autoptr(GByteArray) der = NULL;

  g_object_get (certificate, "certificate", &der, NULL);
  if (der == NULL)
    return NULL;

  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
}

/* The system did not trust it: only the one that the person has seen will do. */
gboolean
tern_soup_accept (SoupSession     *soup,
                  GObject         *asking,
                  GTlsCertificate *certificate)
{
  const char *pinned = g_object_get_data (G_OBJECT (soup), PINNED_KEY);
  g_autofree char *sha256 = fingerprint (certificate);

  if (pinned != NULL && sha256 != NULL && g_ascii_strcasecmp (pinned, sha256) == 0)
    return TRUE;

  g_object_set_data_full (G_OBJECT (soup), REFUSED_KEY, g_steal_pointer (&sha256), g_free);
  g_object_set_data (asking, REFUSED_KEY, GINT_TO_POINTER (TRUE));

  return FALSE;
}

static gboolean
accept_certificate_cb (SoupMessage          *message,
                       GTlsCertificate      *certificate,
                       GTlsCertificateFlags  errors,
                       gpointer              user_data)
{
  return tern_soup_accept (user_data, G_OBJECT (message), certificate);
}

/**
 * tern_soup_session_new:
 * @pinned_sha256: (nullable): hex SHA-256 of the one certificate that is
 *   accepted although the system does not trust it
 *
 * Thread: main.
 *
 * Returns: (transfer full): a session without cookies or cache
 */
SoupSession *
tern_soup_session_new (const char *pinned_sha256)
{
  SoupSession *soup = soup_session_new_with_options ("user-agent", "Tern/" TERN_VERSION,
                                                     "timeout", 30,
                                                     "idle-timeout", 60,
                                                     "max-conns-per-host", MAX_LINES_PER_HOST,
                                                     NULL);

  g_object_set_data_full (G_OBJECT (soup), PINNED_KEY, g_strdup (pinned_sha256), g_free);

  return soup;
}

/**
 * tern_soup_session_dup_refused_certificate:
 * @soup: a session
 *
 * Returns: (transfer full) (nullable): hex SHA-256 of the certificate that was
 *   refused last
 */
char *
tern_soup_session_dup_refused_certificate (SoupSession *soup)
{
  return g_strdup (g_object_get_data (G_OBJECT (soup), REFUSED_KEY));
}

void
tern_soup_watch (SoupSession *soup,
                 SoupMessage *message)
{
  g_signal_connect_object (message, "accept-certificate", G_CALLBACK (accept_certificate_cb), soup,
                           0);
}

/* One of ours for what libsoup and GIO say. What was cancelled stays so. */
GError *
tern_soup_error (gpointer      asking,
                 const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || error->domain == TERN_ERROR)
    return g_error_copy (error);
  /* Once it is refused, the line may break in any way at all. */
  if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE) ||
      (asking != NULL && g_object_get_data (asking, REFUSED_KEY) != NULL))
    return g_error_new (TERN_ERROR, TERN_ERROR_TLS, "The certificate is not trusted: %s",
                        error->message);
  /* Any other of its domain tells of no certificate: most often there is no TLS
   * on that port at all. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return g_error_new_literal (TERN_ERROR, TERN_ERROR_TIMEOUT, "The server did not answer");

  return g_error_new (TERN_ERROR, TERN_ERROR_OFFLINE, "%s", error->message);
}
