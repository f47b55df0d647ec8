/* tern-cli.h: the commands of tern-cli
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "tern-session.h"

G_BEGIN_DECLS

/* As in sysexits.h; 75 stands for a data folder in use, 130 is what shells say. */
enum
{
  TERN_CLI_EXIT_REFUSED = 1,
  TERN_CLI_EXIT_USAGE = 64,
  TERN_CLI_EXIT_NETWORK = 69,
  TERN_CLI_EXIT_STORE = 74,
  TERN_CLI_EXIT_IN_USE = 75,
  TERN_CLI_EXIT_SIGN_IN = 77,
  TERN_CLI_EXIT_INTERRUPTED = 130, /* before the command was done */
};

typedef struct
{
  GMainLoop *loop;
  int        argc;
  char     **argv;
  gint64     before;
  guint      limit;
  gboolean   until_complete;
  gboolean   follow;
} TernCliArguments;

/* Returns the exit code. The session is open. */
typedef int (*TernCliFunc) (TernSession            *session,
                            const TernCliArguments *arguments);

typedef struct
{
  const char  *name;
  int          min_arguments;
  int          max_arguments;
  gboolean     needs_line;
  TernCliFunc  run;
} TernCliCommand;

const TernCliCommand *tern_cli_find_command (const char   *name); /* (nullable) */
int                   tern_cli_fail         (const GError *error);
/* @code, unless what was printed went nowhere: then that is said instead. */
int                   tern_cli_check_output (int          code);
/* Ends the command that runs, as soon as it can. */
void                  tern_cli_interrupt    (void);

G_END_DECLS
