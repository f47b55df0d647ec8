/* tern-cli-private.h: what the commands share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "tern-cli.h"

G_BEGIN_DECLS

/* A command that runs until it is ended. */
typedef struct
{
  TernSession            *session;
  const TernCliArguments *arguments;
  GError                 *error; /* (nullable): ends the command */
  gboolean                has_first;
  gboolean                is_over;
  guint                   watch_id;
  guint                   n_silent_s;
} TernCliRun;

void        tern_cli_print         (JsonObject   *object); /* (transfer full) */
JsonObject *tern_cli_event_new     (const char   *name) G_GNUC_WARN_UNUSED_RESULT;
/* Only text that is UTF-8 can stand in JSON. */
void        tern_cli_set_text      (JsonObject   *object,
                                    const char   *member,
                                    const char   *text); /* (nullable) */
/* The outcome of a message: "sent" or "failed". */
void        tern_cli_print_outcome (const TernMessageRecord *message);
/* Ends the command; @error: (nullable) */
void        tern_cli_end           (TernCliRun   *run,
                                    const GError *error);
/* The same, because standard input is no text or cannot be read. */
void        tern_cli_end_input     (TernCliRun   *run,
                                    const GError *error);
/* Gives up when there is no line for too long, and when the session ends. */
void        tern_cli_watch         (TernCliRun   *run);
int         tern_cli_wait          (TernCliRun   *run);
/* The exit code of a command that is fed by lines. Whoever types them ends it by
 * interrupting it, which is no failure when all that was typed is told of. */
int         tern_cli_outcome       (int           code,
                                    gboolean      is_idle,
                                    gboolean      has_failed);

int         tern_cli_run_script    (TernSession            *session,
                                    const TernCliArguments *arguments);
int         tern_cli_run_mark_read (TernSession            *session,
                                    const TernCliArguments *arguments);
int         tern_cli_run_delete    (TernSession            *session,
                                    const TernCliArguments *arguments);
int         tern_cli_run_revoke    (TernSession            *session,
                                    const TernCliArguments *arguments);
int         tern_cli_run_verify    (TernSession            *session,
                                    const TernCliArguments *arguments);

G_END_DECLS
