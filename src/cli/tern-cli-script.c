/* tern-cli-script.c: commands that do something, alone or many in a row
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-cli-private.h"

#include <gio/gunixinputstream.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "tern-clock.h"
#include "tern-error.h"

/* How often is looked whether all is done. */
#define CHECK_MS 20

/* The server does a thing first and tells of it a moment later: what differs
 * is looked at again, so often and so long after, before it is told. */
#define MAX_LOOKS 3
#define SETTLE_MS 1500

/* --- mark-read, revoke, verify --- */

static const TernConversationRow *
find_row (TernSession *session,
          const char  *conversation_id)
{
  GListModel *list = G_LIST_MODEL (tern_session_get_conversations (session));

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      /* The list holds it, too. */
      g_autoptr(TernConversation) conversation = g_list_model_get_item (list, i);

      if (strcmp (tern_conversation_get_id (conversation), conversation_id) == 0)
        return tern_conversation_get_row (conversation);
    }

  return NULL;
}

static gint64
find_last_seq (TernSession *session,
               const char  *conversation_id)
{
  const TernConversationRow *row = find_row (session, conversation_id);

  return row != NULL ? row->max_seq : 0;
}

static gint64
parse_seq (const char *text)
{
  gint64 seq = 0;

  return g_ascii_string_to_signed (text, 10, 1, G_MAXINT64, &seq, NULL) ? seq : 0;
}

static int
refuse (const char *what)
{
  g_autoptr(GError) error = g_error_new_literal (TERN_ERROR, TERN_ERROR_NOT_FOUND, what);

  return tern_cli_fail (error);
}

/* The first sync is over: what the command is about is known. */
static void
first_cb (TernSession *session,
          guint        n_messages,
          gpointer     user_data)
{
  TernCliRun *run = user_data;

  run->has_first = TRUE;
  tern_cli_end (run, NULL);
}

static int
wait_for_first (TernSession            *session,
                const TernCliArguments *arguments)
{
  TernCliRun run = { .session = session, .arguments = arguments };

  g_signal_connect (session, "sync-end", G_CALLBACK (first_cb), &run);
  tern_cli_watch (&run);

  return tern_cli_wait (&run);
}

typedef struct
{
  TernCliRun  run;
  const char *conversation_id;
  gint64      seq;
} MarkRead;

/* First it is put on disk, and only then is it pending. */
static gboolean
told_cb (gpointer user_data)
{
  MarkRead *mark = user_data;
  const TernConversationRow *row = find_row (mark->run.session, mark->conversation_id);

  if (row != NULL && row->read_seq >= mark->seq &&
      tern_session_get_n_pending_reads (mark->run.session) == 0)
    tern_cli_end (&mark->run, NULL);

  return G_SOURCE_CONTINUE;
}

int
tern_cli_run_mark_read (TernSession            *session,
                        const TernCliArguments *arguments)
{
  MarkRead mark = {
    .run = { .session = session, .arguments = arguments },
    .conversation_id = arguments->argv[0],
  };
  guint check_id;
  gint64 last;
  int code = wait_for_first (session, arguments);

  if (code != 0)
    return code;
  last = find_last_seq (session, mark.conversation_id);
  mark.seq = arguments->argc > 1 ? MIN (parse_seq (arguments->argv[1]), last) : last;
  if (mark.seq == 0)
    return refuse (_("There is no such conversation, or nothing in it"));

  tern_session_mark_read (session, mark.conversation_id, mark.seq);
  tern_cli_watch (&mark.run);
  check_id = g_timeout_add (CHECK_MS, told_cb, &mark);
  code = tern_cli_wait (&mark.run);
  g_source_remove (check_id);

  return code;
}

/* Counted: the answer can come when the command is over already. */
typedef struct
{
  TernCliRun    run;
  GAsyncResult *result; /* (nullable): none yet */
} Question;

static Question *
question_new (TernSession            *session,
              const TernCliArguments *arguments)
{
  Question *question = g_rc_box_new0 (Question);

  question->run.session = session;
  question->run.arguments = arguments;
  tern_cli_watch (&question->run);

  return question;
}

static void
question_clear (gpointer data)
{
  Question *question = data;

  g_clear_object (&question->result);
}

static void
question_unref (Question *question)
{
  g_rc_box_release_full (question, question_clear);
}

static void
answered_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  Question *question = user_data;

  if (!question->run.is_over)
    g_set_object (&question->result, result);
  tern_cli_end (&question->run, NULL);
  question_unref (question);
}

/* The exit code; without an answer it is not 0. */
static int
question_wait (Question *question)
{
  int code = tern_cli_wait (&question->run);

  return code == 0 && question->result == NULL ? TERN_CLI_EXIT_INTERRUPTED : code;
}

int
tern_cli_run_revoke (TernSession            *session,
                     const TernCliArguments *arguments)
{
  gint64 seq = parse_seq (arguments->argv[1]);
  g_autoptr(GError) error = NULL;
  Question *question;
  int code;

  if (seq == 0)
    return refuse (_("SEQ is a number from 1"));

  question = question_new (session, arguments);
  tern_session_revoke_async (session, arguments->argv[0], seq, NULL, answered_cb,
                             g_rc_box_acquire (question));
  code = question_wait (question);
  if (code == 0 && !tern_session_revoke_finish (session, question->result, &error))
    code = tern_cli_fail (error);
  question_unref (question);

  return code;
}

int
tern_cli_run_delete (TernSession            *session,
                     const TernCliArguments *arguments)
{
  gint64 seq = parse_seq (arguments->argv[1]);
  g_autoptr(TernMessageList) list = NULL;
  g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GError) error = NULL;
  Question *question;
  int code;

  if (seq == 0)
    return refuse (_("SEQ is a number from 1"));
  list = tern_session_open_messages (session, arguments->argv[0]);
  if (!tern_timeline_source_load_around (TERN_TIMELINE_SOURCE (list), seq, 1))
    return refuse (_("That message is not here"));
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr(TernMessage) message = g_list_model_get_item (G_LIST_MODEL (list), i);

      if (tern_message_get_seq (message) == seq)
        g_ptr_array_add (messages, g_object_ref (message));
    }
  question = question_new (session, arguments);
  tern_session_delete_async (session, messages, NULL, answered_cb, g_rc_box_acquire (question));
  code = question_wait (question);
  if (code == 0 && !tern_session_delete_finish (session, question->result, &error))
    code = tern_cli_fail (error);
  question_unref (question);

  return code;
}

/* NULL: it could not be found out, and @code says how to end. */
static GPtrArray *
find_differences (TernSession            *session,
                  const TernCliArguments *arguments,
                  int                    *code)
{
  Question *question = question_new (session, arguments);
  g_autoptr(GError) error = NULL;
  GPtrArray *differences = NULL;

  /* As long as it takes: each call has a time-out of its own. */
  g_clear_handle_id (&question->run.watch_id, g_source_remove);
  tern_session_verify_async (session, NULL, answered_cb, g_rc_box_acquire (question));
  *code = question_wait (question);
  if (*code == 0)
    {
      differences = tern_session_verify_finish (session, question->result, &error);
      if (differences == NULL)
        *code = tern_cli_fail (error);
    }
  question_unref (question);

  return differences;
}

static void
complete_cb (TernCliRun *run)
{
  if (run->has_first && tern_session_get_is_complete (run->session))
    tern_cli_end (run, NULL);
}

static void
first_of_all_cb (TernSession *session,
                 guint        n_messages,
                 gpointer     user_data)
{
  TernCliRun *run = user_data;

  run->has_first = TRUE;
  complete_cb (run);
}

static int
wait_for_all (TernSession            *session,
              const TernCliArguments *arguments)
{
  TernCliRun run = { .session = session, .arguments = arguments };

  g_signal_connect (session, "sync-end", G_CALLBACK (first_of_all_cb), &run);
  g_signal_connect_swapped (session, "notify::is-complete", G_CALLBACK (complete_cb), &run);
  tern_cli_watch (&run);

  return tern_cli_wait (&run);
}

static gboolean
settled_cb (gpointer user_data)
{
  TernCliRun *run = user_data;

  if (tern_session_get_state (run->session) == TERN_SYNC_LIVE &&
      tern_session_get_is_complete (run->session))
    tern_cli_end (run, NULL);

  return G_SOURCE_CONTINUE;
}

/* Time for what is still on its way. */
static int
let_settle (TernSession            *session,
            const TernCliArguments *arguments)
{
  TernCliRun run = { .session = session, .arguments = arguments };
  guint check_id;
  int code;

  tern_session_sync_now (session);
  tern_cli_watch (&run);
  check_id = g_timeout_add (tern_clock_scale_ms (SETTLE_MS), settled_cb, &run);
  code = tern_cli_wait (&run);
  g_source_remove (check_id);

  return code;
}

static void
print_differences (GPtrArray *differences)
{
  JsonObject *summary = tern_cli_event_new ("verified");

  for (guint i = 0; i < differences->len; i++)
    {
      const TernDifference *difference = differences->pdata[i];
      JsonObject *object = tern_cli_event_new ("difference");

      tern_cli_set_text (object, "conversation", difference->conversation_id);
      json_object_set_int_member (object, "seq", difference->seq);
      tern_cli_set_text (object, "what", difference->what);
      tern_cli_print (object);
    }
  json_object_set_int_member (summary, "differences", differences->len);
  tern_cli_print (summary);
}

int
tern_cli_run_verify (TernSession            *session,
                     const TernCliArguments *arguments)
{
  g_autoptr(GPtrArray) differences = NULL;
  int code = wait_for_all (session, arguments);

  for (guint i = 0; i < MAX_LOOKS && code == 0; i++)
    {
      g_clear_pointer (&differences, g_ptr_array_unref);
      differences = find_differences (session, arguments, &code);
      if (differences == NULL || differences->len == 0)
        break;
      if (i + 1 < MAX_LOOKS)
        code = let_settle (session, arguments);
    }
  if (code != 0 || differences == NULL)
    return code;

  print_differences (differences);

  return differences->len > 0 ? 1 : 0;
}

/* --- script --- */

/* Counted: an answer can come when the command is over already. */
typedef struct
{
  TernCliRun        run;
  GDataInputStream *input;
  GPtrArray        *open;    /* (element-type utf8): “conversation\nclient ID” without an outcome */
  guint             n_calls; /* without an answer */
  gboolean          is_at_end;
  gboolean          has_failed;
} Script;

typedef struct
{
  Script *script;
  char   *conversation_id;
} Call;

static void
script_clear (gpointer data)
{
  Script *script = data;

  g_object_unref (script->input);
  g_ptr_array_unref (script->open);
}

static void
script_unref (Script *script)
{
  g_rc_box_release_full (script, script_clear);
}

static Call *
call_new (Script     *script,
          const char *conversation_id)
{
  Call *call = g_new0 (Call, 1);

  call->script = g_rc_box_acquire (script);
  call->conversation_id = g_strdup (conversation_id);
  script->n_calls++;

  return call;
}

static void
call_free (Call *call)
{
  call->script->n_calls--;
  script_unref (call->script);
  g_free (call->conversation_id);
  g_free (call);
}

static void
print_event (const char   *name,
             const char   *conversation_id,
             const char   *client_id,
             const GError *error)
{
  JsonObject *event = tern_cli_event_new (name);
  g_autofree char *words = error != NULL ? tern_session_word_error (error) : NULL;

  tern_cli_set_text (event, "conversation", conversation_id);
  if (client_id != NULL)
    tern_cli_set_text (event, "client_id", client_id);
  if (words != NULL)
    tern_cli_set_text (event, "error", words);
  tern_cli_print (event);
}

static void read_next (Script *script); /* a message is on disk before the next line is read */

static void
queued_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Call *call = user_data;
  Script *script = call->script;
  g_autoptr(GError) error = NULL;
  g_autofree char *client_id =
    tern_session_send_text_finish (TERN_SESSION (object), result, &error);

  print_event (client_id != NULL ? "queued" : "refused", call->conversation_id, client_id, error);
  script->has_failed = script->has_failed || client_id == NULL;
  if (client_id != NULL)
    g_ptr_array_add (script->open, g_strconcat (call->conversation_id, "\n", client_id, NULL));
  read_next (script);
  call_free (call);
}

static void
script_revoked_cb (GObject      *object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  Call *call = user_data;
  g_autoptr(GError) error = NULL;
  gboolean is_done = tern_session_revoke_finish (TERN_SESSION (object), result, &error);

  print_event (is_done ? "revoked" : "not-revoked", call->conversation_id, NULL, error);
  call->script->has_failed = call->script->has_failed || !is_done;
  call_free (call);
}

static void
handle_line (Script     *script,
             const char *line)
{
  g_auto(GStrv) words = g_strsplit (line, " ", 3);
  guint n = g_strv_length (words);
  gint64 seq = n == 3 ? parse_seq (words[2]) : 0;
  TernSession *session = script->run.session;

  if (n == 3 && strcmp (words[0], "send") == 0)
    {
      tern_session_send_text_async (session, words[1], words[2], NULL, NULL, NULL, queued_cb,
                                    call_new (script, words[1]));
      return;
    }
  if ((n == 2 || seq > 0) && strcmp (words[0], "mark-read") == 0)
    tern_session_mark_read (session, words[1],
                            n == 3 ? seq : find_last_seq (session, words[1]));
  else if (seq > 0 && strcmp (words[0], "revoke") == 0)
    tern_session_revoke_async (session, words[1], seq, NULL, script_revoked_cb,
                               call_new (script, words[1]));
  else if (n > 0)
    {
      print_event ("not-understood", "", NULL, NULL);
      script->has_failed = TRUE;
    }
  read_next (script);
}

static void
line_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Script *script = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *line =
    g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (object), result, NULL, &error);

  if (error != NULL && !script->run.is_over)
    tern_cli_end_input (&script->run, error);
  else if (line == NULL)
    script->is_at_end = TRUE;
  else if (!script->run.is_over)
    handle_line (script, line);
  script_unref (script);
}

static void
read_next (Script *script)
{
  if (!script->run.is_over)
    g_data_input_stream_read_line_async (script->input, G_PRIORITY_DEFAULT, NULL, line_cb,
                                         g_rc_box_acquire (script));
}

static void
check_outcomes (Script *script)
{
  for (guint i = script->open->len; i > 0; i--)
    {
      g_auto(GStrv) names = g_strsplit (script->open->pdata[i - 1], "\n", 2);
      g_autoptr(TernMessageRecord) message =
        tern_session_find_message (script->run.session, names[0], names[1], NULL);

      if (message == NULL || (message->seq == 0 && message->status != TERN_MESSAGE_FAILED))
        continue;
      tern_cli_print_outcome (message);
      script->has_failed = script->has_failed || message->status == TERN_MESSAGE_FAILED;
      g_ptr_array_remove_index (script->open, i - 1);
    }
}

static gboolean
check_cb (gpointer user_data)
{
  Script *script = user_data;
  TernSession *session = script->run.session;

  check_outcomes (script);
  /* Own messages can be erased before their outcome is seen, by their seq. */
  if (script->is_at_end && script->n_calls == 0 &&
      tern_session_get_state (session) == TERN_SYNC_LIVE &&
      tern_session_get_is_complete (session) && tern_session_get_n_unsent (session) == 0 &&
      tern_session_get_n_pending_reads (session) == 0)
    tern_cli_end (&script->run, NULL);

  return G_SOURCE_CONTINUE;
}

int
tern_cli_run_script (TernSession            *session,
                     const TernCliArguments *arguments)
{
  g_autoptr(GInputStream) raw = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  Script *script = g_rc_box_new0 (Script);
  guint check_id;
  int code;

  script->run.session = session;
  script->run.arguments = arguments;
  script->input = g_data_input_stream_new (raw);
  script->open = g_ptr_array_new_with_free_func (g_free);
  tern_cli_watch (&script->run);
  check_id = g_timeout_add (CHECK_MS, check_cb, script);
  read_next (script);
  code = tern_cli_wait (&script->run);
  code = tern_cli_outcome (code, script->open->len == 0 && script->n_calls == 0,
                           script->has_failed);
  g_source_remove (check_id);
  script_unref (script);

  return code;
}
