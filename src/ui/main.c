/* main.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <signal.h>

#include "tern-application.h"

int
main (int   argc,
      char *argv[])
{
  g_autoptr(TernApplication) application = NULL;
  const char *locale_dir = g_getenv ("TERN_LOCALE_DIR");

  bindtextdomain (GETTEXT_PACKAGE, locale_dir != NULL ? locale_dir : TERN_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  signal (SIGPIPE, SIG_IGN);

  application = tern_application_new ();

  return g_application_run (G_APPLICATION (application), argc, argv);
}
