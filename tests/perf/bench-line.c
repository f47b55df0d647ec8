/* bench-line.c: a session of somebody who looks at the window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-line API WS ACCOUNT: signs u1 in and stays. A line of JSON for each
 * sync that ended. bench_client.py takes the wire away.
 */

#include "config.h"

#include "tern-login.h"
#include "tern-session.h"
#include "test-support.h"

#define WAIT_S 60

static void
finished_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
end_cb (void)
{
  g_print ("{\"event\":\"sync-end\"}\n");
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(TernServers) servers = argc == 4 ? tern_servers_new (argv[3], argv[1], argv[2]) : NULL;
  g_autofree char *folder = g_dir_make_tmp ("tern-bench-XXXXXX", NULL);
  g_autoptr(GAsyncResult) signed_in = NULL;
  g_autoptr(GAsyncResult) opened = NULL;
  g_autoptr(TernAccount) account = NULL;
  TernSession *session;

  g_assert_nonnull (servers);
  tern_login_password_async (servers, NULL, TERN_LOGIN_ACCOUNT, "u1", "tern", 7, NULL, finished_cb,
                             &signed_in);
  test_wait_for (signed_in != NULL, WAIT_S);
  account = tern_login_finish (signed_in, NULL);
  session = tern_session_new (account, folder);
  g_signal_connect (session, "sync-end", G_CALLBACK (end_cb), NULL);
  tern_session_open_async (session, TRUE, NULL, finished_cb, &opened);
  test_wait_for (opened != NULL, WAIT_S);
  g_assert_true (tern_session_open_finish (session, opened, NULL));
  tern_session_set_in_use (session, TRUE);
  while (TRUE)
    g_main_context_iteration (NULL, TRUE);
}
