/* bench-window.c: the first frame with conversations in it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two stores, a large one of 2,000 conversations and a small one of 20 with 20
 * messages each, are opened offline by the real session and shown by the real
 * list, each time in a new process, one after the other by turns. What counts
 * is the time on the processor from the start of a process to its first frame.
 *
 *   bench-window [CONVERSATIONS [MESSAGES-EACH [PAIRS]]]
 */

#include <adwaita.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench-support.h"
#include "tern-content-json.h"
#include "tern-session.h"
#include "tern-sidebar.h"
#include "tern-store.h"

#define SMALL 20
#define MESSAGES_PER_COMMIT 100000

static gint64 begun_us;
static GMainLoop *loop;

static void
put (TernDb      *db,
     guint        conversation,
     gint64       seq,
     TernChanges *changes)
{
  g_autoptr(TernMessageRecord) message = tern_message_record_new ();
  g_autoptr(GError) error = NULL;

  g_free (message->sender_id);
  message->sender_id = g_strdup_printf ("u%05u", conversation);
  g_free (message->conversation_id);
  message->conversation_id = g_strconcat ("si_me_", message->sender_id, NULL);
  g_free (message->client_id);
  message->client_id = g_strdup_printf ("%016x%016" G_GINT64_MODIFIER "x", conversation, seq);
  g_free (message->recv_id);
  message->recv_id = g_strdup ("me");
  g_free (message->sender_name);
  message->sender_name = g_strdup_printf ("林小满 %u", conversation);
  message->chat_type = TERN_CHAT_SINGLE;
  message->content_type = TERN_CONTENT_TEXT;
  message->content = tern_content_build_text ("今天天气不错，要不要出去走走？ How about a walk?");
  message->status = TERN_MESSAGE_SENT;
  message->seq = seq;
  message->sent_ms = 1700000000000 + (gint64) conversation * 1000 + seq;
  if (!tern_store_ensure_conversation (db, message, "me", changes, &error) ||
      !tern_store_put_message (db, message, changes, &error))
    g_error ("%s", error->message);
}

static void
fill (const char *folder,
      guint       n_conversations,
      guint       n_messages)
{
  TernDb *db;
  guint n = 0;

  g_mkdir_with_parents (folder, 0700);
  db = tern_db_open (folder, TERN_DB_WRITER, NULL);
  for (guint i = 0; i < n_conversations; i += MAX (MESSAGES_PER_COMMIT / n_messages, 1))
    {
      g_autoptr(TernChanges) changes = tern_changes_new ();

      tern_db_begin (db, NULL);
      for (guint j = i; j < n_conversations && n < MESSAGES_PER_COMMIT; j++)
        {
          g_autofree char *id = g_strdup_printf ("si_me_u%05u", j);

          for (gint64 seq = 1; seq <= n_messages; seq++, n++)
            put (db, j, seq, changes);
          tern_store_set_seqs (db, id, n_messages, 0, FALSE, changes, NULL);
        }
      n = 0;
      tern_db_commit (db, FALSE, NULL);
    }
  tern_db_close (db);
}

/* --- one start --- */

static void
painted_cb (GdkFrameClock *clock,
            gpointer       user_data)
{
  g_main_loop_quit (loop);
}

static void
opened_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  TernSession *session = TERN_SESSION (object);
  GtkWidget *window = adw_window_new ();
  GtkWidget *sidebar = tern_sidebar_new ();

  g_assert_true (tern_session_open_finish (session, result, NULL));
  tern_sidebar_set_session (TERN_SIDEBAR (sidebar), session);
  gtk_window_set_default_size (GTK_WINDOW (window), 340, 680);
  adw_window_set_content (ADW_WINDOW (window), sidebar);
  gtk_window_present (GTK_WINDOW (window));
  g_signal_connect_after (gtk_widget_get_frame_clock (window), "after-paint",
                          G_CALLBACK (painted_cb), NULL);
}

static TernAccount *
make_account (void)
{
  g_autoptr(TernServers) servers = tern_servers_new ("", "http://127.0.0.1:9", "ws://127.0.0.1:9");

  return tern_account_new (servers, "me", "");
}

static void
start (const char *base)
{
  g_autoptr(TernAccount) account = make_account ();
  struct rusage usage;
  TernSession *session;

  loop = g_main_loop_new (NULL, FALSE);
  begun_us = g_get_monotonic_time ();
  adw_init ();
  session = tern_session_new (account, base);
  tern_session_open_async (session, FALSE, NULL, opened_cb, NULL);
  g_main_loop_run (loop);
  getrusage (RUSAGE_SELF, &usage);
  g_print ("%f %f\n",
           (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
             (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000,
           (double) (g_get_monotonic_time () - begun_us) / 1000);
  fflush (stdout);
  _exit (0); /* nothing that a person would notice follows */
}

/* --- many, by turns --- */

static void
measure (const char *program,
         const char *base,
         GArray     *cpu,
         GArray     *wall)
{
  const char *argv[] = { program, "--start", base, NULL };
  g_autofree char *output = NULL;
  double times[2];

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, NULL,
                     NULL) ||
      sscanf (output, "%lf %lf", &times[0], &times[1]) != 2)
    g_error ("A start failed");
  g_array_append_val (cpu, times[0]);
  g_array_append_val (wall, times[1]);
}

static double
get_median (GArray *times)
{
  g_array_sort (times, bench_compare);

  return g_array_index (times, double, times->len / 2);
}

int
main (int   argc,
      char *argv[])
{
  guint n = argc > 1 ? (guint) atoi (argv[1]) : 2000;
  guint n_messages = argc > 2 ? (guint) atoi (argv[2]) : 50;
  guint n_pairs = argc > 3 ? (guint) atoi (argv[3]) : 20;
  g_autoptr(TernAccount) account = make_account ();
  g_autofree char *base = NULL;
  g_autofree char *command = NULL;
  GArray *cpu[2];
  GArray *wall[2];
  double medians[2];

  if (argc > 2 && g_str_equal (argv[1], "--start"))
    start (argv[2]);

  base = g_dir_make_tmp ("tern-bench-XXXXXX", NULL);
  command = g_strdup_printf ("rm -rf %s", base);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *store = g_strdup_printf ("%s/%u", base, i);
      g_autofree char *folder = tern_account_dup_folder (account, store);

      fill (folder, i == 0 ? SMALL : n, i == 0 ? SMALL : n_messages);
      cpu[i] = g_array_new (FALSE, FALSE, sizeof (double));
      wall[i] = g_array_new (FALSE, FALSE, sizeof (double));
    }
  for (guint i = 0; i < 2 * n_pairs; i++)
    {
      g_autofree char *store = g_strdup_printf ("%s/%u", base, i % 2);

      measure (argv[0], store, cpu[i % 2], wall[i % 2]);
    }
  for (guint i = 0; i < 2; i++)
    {
      medians[i] = get_median (cpu[i]);
      g_print ("first frame, %s store, processor: %.1f ms\n", i == 0 ? "small" : "large",
               medians[i]);
      g_print ("first frame, %s store, on the wall: %.1f ms\n", i == 0 ? "small" : "large",
               get_median (wall[i]));
    }
  g_print ("first frame, large by small: %.3f times\n", medians[1] / medians[0]);

  return system (command) != 0;
}
