/* bench-window.c: the first frame with conversations in it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Three stores, a small one of 20 conversations with 20 messages each, one with
 * 2,000 conversations, and one that holds 1,000,000 messages besides, are opened
 * offline by the real session and shown by the real list, each time in a new
 * process, one after the other by turns. What counts is the time on the
 * processor from the start of a process to its first frame.
 *
 *   bench-window [CONVERSATIONS [MESSAGES-EACH [ROUNDS]]]
 *   bench-window --fill FOLDER CONVERSATIONS MESSAGES-EACH   to look at one start
 *   bench-window --start FOLDER
 */

#include <adwaita.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench-support.h"
#include "tern-content-json.h"
#include "tern-db-private.h"
#include "tern-session.h"
#include "tern-sidebar.h"

#define SMALL 20
#define N_STORES 3
#define CONVERSATIONS_PER_COMMIT 200

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

/* What lies between the first and the last is written by SQLite alone: a million
 * rows in seconds. */
static void
put_between (TernDb     *db,
             const char *id,
             gint64      last)
{
  static const char sql[] =
    "WITH RECURSIVE n (seq) AS (SELECT 2 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?2 - 1)"
    " INSERT INTO messages (conversation, position, seq, sender_id, client_id, server_id, status,"
    " is_read, content_type, chat_type, sent_ms, created_ms, options_off, options_on,"
    " sender_platform, msg_from, recv_id, sender_name, content)"
    " SELECT conversation, n.seq * ?3, n.seq, sender_id, randomblob (16), server_id, status,"
    " is_read, content_type, chat_type, sent_ms + n.seq - 1, created_ms, options_off, options_on,"
    " sender_platform, msg_from, recv_id, sender_name, content"
    " FROM messages m, n WHERE m.conversation = ?1 AND m.seq = 1";
  g_autoptr(GError) error = NULL;
  gint64 key;

  if (!tern_db_find_key (db, id, &key, &error) ||
      !tern_db_run (db, NULL, &error, sql, "iii", key, last, TERN_POSITION_STEP))
    g_error ("%s", error->message);
}

static void
fill (const char *folder,
      guint       n_conversations,
      guint       n_messages)
{
  TernDb *db;

  g_mkdir_with_parents (folder, 0700);
  db = tern_db_open (folder, TERN_DB_WRITER, NULL);
  for (guint i = 0; i < n_conversations; i += CONVERSATIONS_PER_COMMIT)
    {
      g_autoptr(TernChanges) changes = tern_changes_new ();

      tern_db_begin (db, NULL);
      for (guint j = i; j < MIN (i + CONVERSATIONS_PER_COMMIT, n_conversations); j++)
        {
          g_autofree char *id = g_strdup_printf ("si_me_u%05u", j);
          g_autoptr(TernSeqRanges) ranges = tern_seq_ranges_new ();

          put (db, j, 1, changes);
          put_between (db, id, n_messages);
          put (db, j, n_messages, changes);
          tern_seq_ranges_add (ranges, 1, n_messages);
          tern_store_save_ranges (db, id, ranges, NULL);
          tern_store_set_seqs (db, id, n_messages, 0, changes, NULL);
        }
      tern_db_commit (db, NULL);
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

static double
report (const char *name,
        GArray     *cpu,
        GArray     *wall)
{
  double median = get_median (cpu);

  g_print ("first frame, %s store, processor: %.1f ms\n", name, median);
  g_print ("first frame, %s store, on the wall: %.1f ms\n", name, get_median (wall));

  return median;
}

static int
compare_stores (const char *program,
                guint       n_conversations,
                guint       n_messages,
                guint       n_rounds)
{
  static const char *const names[] = { "small", "wide", "large" };
  const guint sizes[N_STORES][2] = {
    { SMALL, SMALL }, { n_conversations, SMALL }, { n_conversations, n_messages },
  };
  g_autoptr(TernAccount) account = make_account ();
  g_autofree char *base = g_dir_make_tmp ("tern-bench-XXXXXX", NULL);
  g_autofree char *command = g_strdup_printf ("rm -rf %s", base);
  GArray *cpu[N_STORES];
  GArray *wall[N_STORES];
  double small;

  for (guint i = 0; i < N_STORES; i++)
    {
      g_autofree char *store = g_build_filename (base, names[i], NULL);
      g_autofree char *folder = tern_account_dup_folder (account, store);

      fill (folder, sizes[i][0], sizes[i][1]);
      cpu[i] = g_array_new (FALSE, FALSE, sizeof (double));
      wall[i] = g_array_new (FALSE, FALSE, sizeof (double));
    }
  for (guint i = 0; i < N_STORES * n_rounds; i++)
    {
      g_autofree char *store = g_build_filename (base, names[i % N_STORES], NULL);

      measure (program, store, cpu[i % N_STORES], wall[i % N_STORES]);
    }
  small = report (names[0], cpu[0], wall[0]);
  for (guint i = 1; i < N_STORES; i++)
    g_print ("first frame, %s by small: %.3f times\n", names[i],
             report (names[i], cpu[i], wall[i]) / small);

  return system (command) != 0;
}

int
main (int   argc,
      char *argv[])
{
  guint n = argc > 1 ? (guint) atoi (argv[1]) : 2000;
  guint n_messages = argc > 2 ? (guint) atoi (argv[2]) : 500;
  guint n_rounds = argc > 3 ? (guint) atoi (argv[3]) : 20;

  if (argc == 5 && g_str_equal (argv[1], "--fill"))
    {
      g_autoptr(TernAccount) account = make_account ();
      g_autofree char *folder = tern_account_dup_folder (account, argv[2]);

      fill (folder, (guint) atoi (argv[3]), (guint) atoi (argv[4]));
      return 0;
    }
  if (argc > 2 && g_str_equal (argv[1], "--start"))
    start (argv[2]);

  return compare_stores (argv[0], n, n_messages, n_rounds);
}
