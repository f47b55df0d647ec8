/* tern-sync-bugs.h: mistakes on purpose
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A test that finds nothing may only be blind. In a build of its own, which no
 * program that is installed is made of, TERN_BUG=N in the environment turns
 * one of these on, and the tests have to notice.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  TERN_SYNC_BUG_COVERS_PLACEHOLDERS = 1, /* a message still on its way counts as empty */
  TERN_SYNC_BUG_FORGETS_EVENTS,          /* done with before what it names was looked at */
  TERN_SYNC_BUG_TRUSTS_ACKS,             /* acknowledged counts as stored */
  TERN_SYNC_BUG_IGNORES_HOLES,           /* what is below a push counts as known */
  TERN_SYNC_BUG_OVERTAKES,               /* the next goes before the one before is answered */
  TERN_SYNC_BUG_TAKES_SILENCE,           /* what an answer leaves out counts as empty */
} TernSyncBug;

#ifdef TERN_SYNC_BUGS
static inline gboolean
tern_sync_has_bug (TernSyncBug bug)
{
  const char *text = g_getenv ("TERN_BUG");

  return text != NULL && g_ascii_strtoll (text, NULL, 10) == (gint64) bug;
}
#else
# define tern_sync_has_bug(bug) FALSE
#endif

G_END_DECLS
