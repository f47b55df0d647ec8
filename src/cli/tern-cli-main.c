/* tern-cli-main.c: options, sign-in and exit codes of tern-cli
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tern-cli.h"
#include "tern-error.h"
#include "tern-login.h"

static struct
{
  char    *data;
  char    *server;
  char    *api;
  char    *ws;
  char    *chat;
  char    *account;
  int      password_fd;
  char    *user;
  char    *token_file;
  int      platform;
  char    *sdk_type;
  char    *compression;
  gboolean until_complete;
  gboolean follow;
  gint64   before;
  int      limit;
  gboolean shows_version;
} options = { .password_fd = -1, .platform = 7, .limit = 50 };

static const GOptionEntry entries[] = {
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &options.data, N_("Keep data in this folder"), N_("DIR") },
  { "server", 0, 0, G_OPTION_ARG_STRING, &options.server,
    N_("Address from which the services are derived"), N_("URL") },
  { "api", 0, 0, G_OPTION_ARG_STRING, &options.api, N_("Address of the API"), N_("URL") },
  { "ws", 0, 0, G_OPTION_ARG_STRING, &options.ws, N_("Address of the message gateway"), N_("URL") },
  { "chat", 0, 0, G_OPTION_ARG_STRING, &options.chat,
    N_("Address of the account server"), N_("URL") },
  { "account", 0, 0, G_OPTION_ARG_STRING, &options.account,
    N_("Sign in with phone, e-mail or account name"), N_("NAME") },
  { "password-fd", 0, 0, G_OPTION_ARG_INT, &options.password_fd,
    N_("Read the password from this file descriptor"), N_("N") },
  { "user", 0, 0, G_OPTION_ARG_STRING, &options.user,
    N_("Sign in with a user ID and a token"), N_("ID") },
  { "token-file", 0, 0, G_OPTION_ARG_FILENAME, &options.token_file,
    N_("Read the token from this file"), N_("FILE") },
  { "platform", 0, 0, G_OPTION_ARG_INT, &options.platform,
    N_("The protocol’s number of this kind of device (7: Linux)"), N_("N") },
  { "sdk-type", 0, 0, G_OPTION_ARG_STRING, &options.sdk_type,
    N_("Encoding of the envelope: js or go"), N_("TYPE") },
  { "compression", 0, 0, G_OPTION_ARG_STRING, &options.compression,
    N_("gzip or none"), N_("KIND") },
  { "until-complete", 0, 0, G_OPTION_ARG_NONE, &options.until_complete,
    N_("sync: until all history is here"), NULL },
  { "follow", 0, 0, G_OPTION_ARG_NONE, &options.follow, N_("sync: go on until interrupted"), NULL },
  { "before", 0, 0, G_OPTION_ARG_INT64, &options.before,
    N_("history: only what is before this seq"), N_("SEQ") },
  { "limit", 0, 0, G_OPTION_ARG_INT, &options.limit,
    N_("history: at most so many messages"), N_("N") },
  { "version", 0, 0, G_OPTION_ARG_NONE, &options.shows_version, N_("Print the version"), NULL },
  G_OPTION_ENTRY_NULL
};

/* Until the command runs, an interruption cancels what is waited for. */
static GCancellable *interruption;

typedef struct
{
  GMainLoop     *loop;
  GAsyncResult  *result;
} Wait;

static void
wait_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Wait *wait = user_data;

  wait->result = g_object_ref (result);
  g_main_loop_quit (wait->loop);
}

static int
exit_code_of (const GError *error)
{
  if (error->domain != TERN_ERROR)
    return TERN_CLI_EXIT_NETWORK;

  switch ((TernError) error->code)
    {
    case TERN_ERROR_STORE:
    case TERN_ERROR_STORE_FULL:
    case TERN_ERROR_STORE_READ_ONLY:
    case TERN_ERROR_STORE_CORRUPT:
      return TERN_CLI_EXIT_STORE;
    case TERN_ERROR_IN_USE:
      return TERN_CLI_EXIT_IN_USE;
    case TERN_ERROR_EXPIRED:
    case TERN_ERROR_KICKED:
    case TERN_ERROR_SIGN_IN:
    case TERN_ERROR_KEYRING:
    case TERN_ERROR_KEYRING_LOCKED:
      return TERN_CLI_EXIT_SIGN_IN;
    case TERN_ERROR_REFUSED:
      return TERN_CLI_EXIT_REFUSED;
    case TERN_ERROR_NOT_FOUND:
      return TERN_CLI_EXIT_USAGE;
    case TERN_ERROR_CLOSED:
    case TERN_ERROR_OFFLINE:
    case TERN_ERROR_TIMEOUT:
    case TERN_ERROR_PROTOCOL:
    case TERN_ERROR_TOO_LARGE:
    case TERN_ERROR_TLS:
    default:
      return TERN_CLI_EXIT_NETWORK;
    }
}

/**
 * tern_cli_fail:
 * @error: what went wrong
 *
 * Says it on standard error.
 *
 * Returns: the exit code that goes with it
 */
int
tern_cli_fail (const GError *error)
{
  g_autofree char *words = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TERN_CLI_EXIT_INTERRUPTED;

  words = tern_session_word_error (error);
  g_printerr ("tern-cli: %s\n", words);

  return exit_code_of (error);
}

static int
usage (const char *what)
{
  g_printerr ("tern-cli: %s\n", what);
  g_printerr (_("Try “tern-cli --help”.\n"));

  return TERN_CLI_EXIT_USAGE;
}

/* The first line of a file descriptor, without its end. */
static char *
read_line (int fd)
{
  g_autoptr(GString) text = g_string_new (NULL);
  char c;

  while (text->len < 65536 && read (fd, &c, 1) == 1 && c != '\n')
    g_string_append_c (text, c);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static TernServers *
find_servers (GMainLoop  *loop,
              GError    **error)
{
  Wait wait = { loop, NULL };
  TernServers *servers;

  if (options.server == NULL)
    return tern_servers_new (options.chat, options.api, options.ws);

  tern_login_probe_async (options.server, NULL, interruption, wait_cb, &wait);
  g_main_loop_run (loop);
  servers = tern_login_probe_finish (wait.result, NULL, error);
  g_object_unref (wait.result);
  if (servers == NULL)
    return NULL;
  if (strstr (options.server, "://") == NULL && tern_servers_is_exposed (servers))
    g_printerr (_("tern-cli: the connection to this server is not encrypted\n"));

  /* What was said plainly counts more than what was found. */
  if (options.chat != NULL)
    {
      g_free (servers->account);
      servers->account = g_strdup (options.chat);
    }
  if (options.api != NULL)
    {
      g_free (servers->api);
      servers->api = g_strdup (options.api);
    }
  if (options.ws != NULL)
    {
      g_free (servers->ws);
      servers->ws = g_strdup (options.ws);
    }

  return servers;
}

/* The password or the token. */
static char *
read_secret (GError **error)
{
  g_autoptr(GError) file_error = NULL;
  char *secret;

  if (options.account != NULL)
    return read_line (options.password_fd);
  if (g_file_get_contents (options.token_file, &secret, NULL, &file_error))
    return g_strstrip (secret);

  g_set_error_literal (error, TERN_ERROR, TERN_ERROR_NOT_FOUND, file_error->message);

  return NULL;
}

/* Who signs in once more on the same platform ends the other one's session: not
 * when that one holds the folder which would be needed then. */
static gboolean
check_folder (const TernServers  *servers,
              GError            **error)
{
  g_autoptr(GPtrArray) accounts = tern_accounts_load (options.data, NULL);

  for (guint i = 0; i < accounts->len; i++)
    {
      const TernAccount *account = accounts->pdata[i];
      g_autofree char *folder = tern_account_dup_folder (account, options.data);
      int fd;

      if (strcmp (account->identity, servers->api) != 0 ||
          strcmp (account->name, options.account) != 0)
        continue;
      fd = tern_account_lock (folder, error);
      if (fd < 0)
        return FALSE;
      close (fd);
    }

  return TRUE;
}

static TernAccount *
sign_in (GMainLoop   *loop,
         const char  *secret,
         GError     **error)
{
  g_autoptr(TernServers) servers = find_servers (loop, error);
  Wait wait = { loop, NULL };
  TernAccount *account;

  if (servers == NULL || (options.account != NULL && !check_folder (servers, error)))
    return NULL;

  if (options.account != NULL)
    {
      tern_login_password_async (servers, NULL, tern_login_guess_kind (options.account),
                                 options.account, secret, options.platform, interruption, wait_cb,
                                 &wait);
    }
  else
    {
      tern_login_token_async (servers, NULL, options.user, secret, options.platform,
                              interruption, wait_cb, &wait);
    }
  g_main_loop_run (loop);
  account = tern_login_finish (wait.result, error);
  g_object_unref (wait.result);
  if (account != NULL)
    tern_accounts_save (options.data, account, NULL); /* so that it can be read offline */

  return account;
}

/* The one account that is remembered in the data folder, or the one that is
 * named. */
static TernAccount *
find_offline_account (GError **error)
{
  g_autoptr(GPtrArray) accounts = tern_accounts_load (options.data, NULL);
  TernAccount *found = NULL;
  guint n_found = 0;

  for (guint i = 0; i < accounts->len; i++)
    {
      TernAccount *account = accounts->pdata[i];

      if (options.user != NULL && strcmp (account->user_id, options.user) != 0)
        continue;
      found = account;
      n_found++;
    }
  if (n_found == 1)
    return tern_account_copy (found);

  g_set_error_literal (error, TERN_ERROR, TERN_ERROR_NOT_FOUND,
                       n_found == 0 ? _("There is no such account in the data folder")
                                    : _("There are several accounts: name one with --user"));

  return NULL;
}

static gboolean
interrupted_cb (gpointer user_data)
{
  g_cancellable_cancel (interruption);
  tern_cli_interrupt ();

  return G_SOURCE_CONTINUE;
}

static gboolean
has_sign_in (void)
{
  return options.server != NULL || options.api != NULL;
}

static const char *
check_options (const TernCliCommand *command)
{
  if (command == NULL)
    return _("Name a command: see “tern-cli --help”");
  if (!has_sign_in ())
    return command->needs_line ? _("This command needs --server, or --api and --ws") : NULL;
  if (options.server == NULL && options.ws == NULL)
    return _("--api needs --ws");
  if ((options.account != NULL) == (options.user != NULL))
    return _("Sign in with either --account or --user");
  if (options.account != NULL && options.password_fd < 0)
    return _("--account needs --password-fd");
  if (options.account != NULL && fcntl (options.password_fd, F_GETFD) < 0)
    return _("--password-fd names no open file descriptor");
  if (options.account != NULL && options.server == NULL && options.chat == NULL)
    return _("--account needs --chat beside --api");
  if (options.user != NULL && options.token_file == NULL)
    return _("--user needs --token-file");

  return NULL;
}

static gboolean
parse_format (TernSessionEncoding *encoding,
              gboolean            *is_gzip)
{
  if (options.sdk_type == NULL || strcmp (options.sdk_type, "js") == 0)
    *encoding = TERN_SESSION_JSON;
  else if (strcmp (options.sdk_type, "go") == 0)
    *encoding = TERN_SESSION_GOB;
  else
    return FALSE;

  *is_gzip = g_strcmp0 (options.compression, "gzip") == 0;

  return options.compression == NULL || *is_gzip || strcmp (options.compression, "none") == 0;
}

static int
run (const TernCliCommand *command,
     int                   argc,
     char                 *argv[])
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(TernAccount) account = NULL;
  g_autoptr(TernSession) session = NULL;
  g_autoptr(GError) error = NULL;
  TernCliArguments arguments = {
    .loop = loop,
    .argc = argc,
    .argv = argv,
    .before = options.before,
    .limit = (guint) MAX (options.limit, 1),
    .until_complete = options.until_complete,
    .follow = options.follow,
  };
  g_autofree char *secret = NULL;
  TernSessionEncoding encoding;
  gboolean is_gzip;
  Wait wait = { loop, NULL };
  int code;

  if (!parse_format (&encoding, &is_gzip))
    return usage (_("--sdk-type is js or go, --compression gzip or none"));

  if (has_sign_in ())
    {
      /* Before signals are taken: who types the password can still give up. */
      secret = read_secret (&error);
      if (secret == NULL)
        return tern_cli_fail (error);
    }
  interruption = g_cancellable_new ();
  g_unix_signal_add (SIGINT, interrupted_cb, NULL);
  g_unix_signal_add (SIGTERM, interrupted_cb, NULL);
  account = has_sign_in () ? sign_in (loop, secret, &error) : find_offline_account (&error);
  if (account == NULL)
    return tern_cli_fail (error);

  session = tern_session_new (account, options.data);
  tern_session_set_encoding (session, encoding, is_gzip);
  tern_session_open_async (session, command->needs_line, NULL, wait_cb, &wait);
  g_main_loop_run (loop);
  if (tern_session_open_finish (session, wait.result, &error))
    {
      if (tern_session_get_was_salvaged (session))
        g_printerr (_("tern-cli: the message store was damaged: history has to be fetched "
                      "again\n"));
      code = tern_cli_check_output (command->run (session, &arguments));
    }
  else
    code = tern_cli_fail (error);
  g_clear_object (&wait.result);

  tern_session_close_async (session, wait_cb, &wait);
  g_main_loop_run (loop);
  tern_session_close_finish (session, wait.result);
  g_clear_object (&wait.result);

  return code;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) context = g_option_context_new (_("COMMAND [ARGUMENT …]"));
  g_autoptr(GError) error = NULL;
  const TernCliCommand *command;
  const char *complaint;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, TERN_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  signal (SIGPIPE, SIG_IGN);

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, _(
    "Commands:\n"
    "  sync [--until-complete] [--follow]   fetch what is new\n"
    "  list                                 the conversations\n"
    "  history CONVERSATION [--before SEQ] [--limit N]\n"
    "  send CONVERSATION                    texts from standard input, one per line\n"
    "  mark-read CONVERSATION [SEQ]         up to SEQ, or all of it\n"
    "  revoke CONVERSATION SEQ              take a message back\n"
    "  delete CONVERSATION SEQ              delete a message, for oneself\n"
    "  status                               what is here and what is missing\n"
    "  verify                               compare what is here with what the server has\n"
    "  script                               “send CONVERSATION TEXT”, “mark-read …” and\n"
    "                                       “revoke …” from standard input, one per line\n"
    "\n"
    "list, history and status work offline when no server is named. Every line of\n"
    "standard output is one JSON object. Exit codes: 64 usage, 69 network, 74 store,\n"
    "75 data in use, 77 sign-in, 130 interrupted before it was done, 1 when the server\n"
    "refused something or differs."));
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return usage (error->message);
  if (options.shows_version)
    {
      g_print ("tern-cli %s\n", TERN_VERSION);
      return 0;
    }

  command = argc > 1 ? tern_cli_find_command (argv[1]) : NULL;
  complaint = check_options (command);
  if (complaint != NULL)
    return usage (complaint);
  if (argc - 2 < command->min_arguments || argc - 2 > command->max_arguments)
    return usage (_("This command takes other arguments"));

  return run (command, argc - 2, argv + 2);
}
