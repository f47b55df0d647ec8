/* tern-server-main.c: tern-local-server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tern-server.h"

static struct
{
  int      port;
  int      api_port;
  int      account_port;
  char    *data;
  int      users;
  int      messages;
  int      conversations;
  gboolean seed_demo;
  gboolean is_gentle;
  int      login_policy;
  int      max_connections;
  char    *faults_seed;
  gboolean watches_stdin;
  gboolean shows_version;
} options = {
  .conversations = 60,
  .login_policy = TERN_SERVER_LOGINS_PER_PLATFORM,
  .max_connections = 100000,
};

static const GOptionEntry entries[] = {
  { "port", 0, 0, G_OPTION_ARG_INT, &options.port,
    "Port of the message gateway (0: a free one)", "N" },
  { "api-port", 0, 0, G_OPTION_ARG_INT, &options.api_port, "Port of the API (0: a free one)", "N" },
  { "account-port", 0, 0, G_OPTION_ARG_INT, &options.account_port,
    "Port of the account server (0: a free one)", "N" },
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &options.data,
    "Keep data in this folder (else: in memory)", "DIR" },
  { "seed-demo", 0, 0, G_OPTION_ARG_NONE, &options.seed_demo,
    "Make the account “you” with somebody to talk to", NULL },
  { "users", 0, 0, G_OPTION_ARG_INT, &options.users,
    "Make accounts u1 … uN, password “tern”", "N" },
  { "seed-messages", 0, 0, G_OPTION_ARG_INT, &options.messages,
    "Fill u1's conversations with N messages", "N" },
  { "seed-conversations", 0, 0, G_OPTION_ARG_INT, &options.conversations,
    "… of so many conversations (60)", "N" },
  { "gentle", 0, 0, G_OPTION_ARG_NONE, &options.is_gentle,
    "No blind first second, no lost bursts", NULL },
  { "login-policy", 0, 0, G_OPTION_ARG_INT, &options.login_policy,
    "Logins of one person at once: 0 all, 1 one per platform (default), 4 one per kind of device, "
    "5 all computers and one more", "N" },
  { "max-connections", 0, 0, G_OPTION_ARG_INT, &options.max_connections,
    "Refuse with 1601 who comes then (100000)", "N" },
  { "enable-faults", 0, 0, G_OPTION_ARG_STRING, &options.faults_seed,
    "Open the route on which faults are ordered", "SEED" },
  { "watch-stdin", 0, 0, G_OPTION_ARG_NONE, &options.watches_stdin,
    "End when standard input closes", NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, &options.shows_version, "Print the version", NULL },
  G_OPTION_ENTRY_NULL
};

static const char faults_help[] =
  "With --enable-faults, POST to /tern/faults on the API port:\n"
  "  {\"secret\": \"…\", \"clear\": true, \"rules\": [RULE, …], \"now\": RULE, \"since\": N}\n"
  "RULE: {\"fault\": F, \"on\": P, \"user\": \"\", \"platform\": 0, \"id\": 0,\n"
  "  \"conversation\": \"\", \"path\": \"\", \"skip\": 0, \"count\": 1, \"percent\": 100,\n"
  "  \"ms\": 1000, \"code\": 500, \"text\": \"\", \"status\": 0}\n"
  "  on answer and push: drop, duplicate, delay, late, swap, cut; on request: drop, error;\n"
  "  on answer: error; on handshake: refuse; on pull: leave-out;\n"
  "  on request, answer, push and now: kick, end, expire, forget; on now: stall;\n"
  "  on call of REST: drop, error; on reply of REST: drop, error, delay.\n"
  "The answer's data has the log of what was done after number “since”. The same seed and\n"
  "the same client give the same faults. More stands in src/server/tern-server-faults.h.";

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);

  return G_SOURCE_CONTINUE;
}

static gboolean
stdin_cb (int          fd,
          GIOCondition condition,
          gpointer     user_data)
{
  char buffer[256];

  if (read (fd, buffer, sizeof buffer) > 0)
    return G_SOURCE_CONTINUE;

  g_main_loop_quit (user_data);

  return G_SOURCE_REMOVE;
}

/* A connection is a file descriptor, and often only 1024 are allowed unasked. */
static void
allow_many_files (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static gboolean
is_port (int number)
{
  return number >= 0 && number <= G_MAXUINT16;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(TernServer) server = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *line = NULL;
  guint64 seed = 0;
  TernServerConfig config = { 0 };

  setlocale (LC_ALL, "");
  g_option_context_set_summary (context, "A small OpenIM-compatible server on 127.0.0.1.");
  g_option_context_set_description (context, faults_help);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1 ||
      (options.faults_seed != NULL &&
       !g_ascii_string_to_unsigned (options.faults_seed, 10, 0, G_MAXINT64, &seed, &error)) ||
      !is_port (options.port) || !is_port (options.api_port) || !is_port (options.account_port) ||
      options.users < 0 || options.messages < 0 || options.conversations < 1 ||
      !tern_server_is_login_policy (options.login_policy) || options.max_connections < 0)
    {
      g_printerr ("tern-local-server: %s\n", error != NULL ? error->message : "bad arguments");
      return 64;
    }
  if (options.shows_version)
    {
      g_print ("tern-local-server %s\n", TERN_VERSION);
      return 0;
    }

  signal (SIGPIPE, SIG_IGN);
  allow_many_files ();
  if (options.watches_stdin)
    {
      /* Whoever started it may be killed without closing anything. */
      prctl (PR_SET_PDEATHSIG, SIGTERM);
      g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, stdin_cb, loop);
    }
  g_unix_signal_add (SIGTERM, quit_cb, loop);
  g_unix_signal_add (SIGINT, quit_cb, loop);

  config.folder = options.data;
  config.ws_port = (guint16) options.port;
  config.api_port = (guint16) options.api_port;
  config.account_port = (guint16) options.account_port;
  config.is_gentle = options.is_gentle;
  config.logins = (TernServerLogins) options.login_policy;
  config.max_connections = (guint) options.max_connections;
  config.has_faults = options.faults_seed != NULL;
  config.faults_seed = seed;
  server = tern_server_new (&config, &error);
  if (server == NULL)
    {
      g_printerr ("tern-local-server: %s\n", error->message);
      return 69;
    }
  if (options.seed_demo)
    tern_server_seed_demo (server);
  if (options.messages > 0)
    options.users = MAX (options.users, options.conversations + 1);
  if (options.users > 0)
    tern_server_seed_users (server, (guint) options.users);
  if (options.messages > 0 && tern_server_state_get_max_seq (server->state, "si_u1_u2") == 0)
    tern_server_seed_messages (server, (guint) options.messages, (guint) options.conversations);

  line = tern_server_dup_ready_line (server);
  g_print ("%s\n", line);
  fflush (stdout);
  g_main_loop_run (loop);

  return 0;
}
