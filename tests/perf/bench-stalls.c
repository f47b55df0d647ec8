/* bench-stalls.c: how long the main thread is busy at a time during a first sync
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A window with the list of chats and one of them open, while everything is
 * fetched from a local server. What counts is the processor time of the main
 * thread between two waits, from a second after the first frame on until all is
 * here; several sources that are ready together count as one. Turns of less
 * than a millisecond are many and nobody's trouble: they are left out.
 *
 * Environment: TERN_LOCAL_SERVER.
 */

#include "config.h"

#include <stdlib.h>

#include <adwaita.h>
#include <glib/gstdio.h>

#include "bench-support.h"
#include "local-server.h"
#include "tern-chat-page.h"
#include "tern-login.h"
#include "tern-sidebar.h"
#include "test-support.h"

#define N_MESSAGES 300000
#define N_CONVERSATIONS 200
#define AFTER_US G_USEC_PER_SEC
#define LEAST_MS 1.0
#define FRAME_MS 16.6
#define WAIT_S 60
#define DEADLINE_S 240

static struct
{
  double  since_ms; /* processor time at the end of the last wait */
  gint64  from_us;  /* counted from here on; 0: not yet */
  GArray *busy_ms;
} stalls;

static int
poll_and_count (GPollFD *fds,
                guint    n_fds,
                int      timeout)
{
  double busy_ms = bench_get_cpu_ms () - stalls.since_ms;
  int n_ready;

  if (stalls.from_us != 0 && g_get_monotonic_time () >= stalls.from_us &&
      busy_ms >= LEAST_MS)
    g_array_append_val (stalls.busy_ms, busy_ms);
  n_ready = g_poll (fds, n_fds, timeout);
  stalls.since_ms = bench_get_cpu_ms ();

  return n_ready;
}

static void
painted_cb (GdkFrameClock *clock,
            gpointer       user_data)
{
  if (stalls.from_us == 0)
    stalls.from_us = g_get_monotonic_time () + AFTER_US;
}

static void
finished_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static TernSession *
open_session (LocalServer *server,
              const char  *folder)
{
  g_autoptr(GAsyncResult) signed_in = NULL;
  g_autoptr(GAsyncResult) opened = NULL;
  g_autoptr(TernAccount) account = NULL;
  TernSession *session;

  tern_login_password_async (server->servers, NULL, TERN_LOGIN_ACCOUNT, "u1", "tern", 7, NULL,
                             finished_cb, &signed_in);
  test_wait_for (signed_in != NULL, WAIT_S);
  account = tern_login_finish (signed_in, NULL);
  session = tern_session_new (account, folder);
  tern_session_open_async (session, TRUE, NULL, finished_cb, &opened);
  test_wait_for (opened != NULL, WAIT_S);
  g_assert_true (tern_session_open_finish (session, opened, NULL));

  return session;
}

static GtkWidget *
show (TernSession *session,
      GtkWidget   *page)
{
  GtkWidget *window = adw_window_new ();
  GtkWidget *sidebar = tern_sidebar_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  tern_sidebar_set_session (TERN_SIDEBAR (sidebar), session);
  tern_chat_page_set_session (TERN_CHAT_PAGE (page), session);
  gtk_widget_set_size_request (sidebar, 300, -1);
  gtk_widget_set_hexpand (page, TRUE);
  gtk_box_append (GTK_BOX (box), sidebar);
  gtk_box_append (GTK_BOX (box), page);
  gtk_window_set_default_size (GTK_WINDOW (window), 1000, 700);
  adw_window_set_content (ADW_WINDOW (window), box);
  gtk_window_present (GTK_WINDOW (window));
  g_signal_connect_after (gtk_widget_get_frame_clock (window), "after-paint",
                          G_CALLBACK (painted_cb), NULL);

  return window;
}

static gboolean
late_cb (gpointer user_data)
{
  g_printerr ("It does not come to an end within %d s.\n", DEADLINE_S);
  exit (1);
}

static void
print_stalls (void)
{
  guint n = stalls.busy_ms->len;
  guint n_long = 0;

  g_array_sort (stalls.busy_ms, bench_compare);
  for (guint i = 0; i < n; i++)
    n_long += g_array_index (stalls.busy_ms, double, i) > FRAME_MS;
  g_print ("busy at a time in a first sync, 1 ms or more: %u turns\n", n);
  g_print ("busy at a time in a first sync, more than a frame: %u turns\n", n_long);
  g_print ("busy at a time in a first sync, p99: %.2f ms\n",
           n > 0 ? g_array_index (stalls.busy_ms, double, n * 99 / 100) : 0);
  g_print ("busy at a time in a first sync, most: %.2f ms\n",
           n > 0 ? g_array_index (stalls.busy_ms, double, n - 1) : 0);
}

int
main (int   argc,
      char *argv[])
{
  LocalServer *server = local_server_new_seeded (N_MESSAGES, N_CONVERSATIONS);
  g_autofree char *folder = g_dir_make_tmp ("tern-bench-XXXXXX", NULL);
  GtkWidget *page;
  TernSession *session;
  GListModel *chats;

  g_main_context_set_poll_func (NULL, poll_and_count);
  stalls.busy_ms = g_array_new (FALSE, FALSE, sizeof (double));
  adw_init ();
  g_timeout_add_seconds (DEADLINE_S, late_cb, NULL);
  session = open_session (server, folder);
  page = tern_chat_page_new ();
  show (session, page);
  chats = G_LIST_MODEL (tern_session_get_conversations (session));
  while (g_list_model_get_n_items (chats) == 0)
    g_main_context_iteration (NULL, TRUE);
  {
    g_autoptr(TernConversation) chat = g_list_model_get_item (chats, 0);

    tern_chat_page_set_conversation (TERN_CHAT_PAGE (page), chat);
  }
  while (!tern_session_get_is_complete (session))
    g_main_context_iteration (NULL, TRUE);
  if (stalls.from_us == 0 || g_get_monotonic_time () < stalls.from_us)
    g_printerr ("All was here before anything counted.\n");
  print_stalls ();
  local_server_free (server);
  test_remove_tree (folder);

  return 0; /* the session ends with the process */
}
