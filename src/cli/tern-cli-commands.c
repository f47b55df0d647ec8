/* tern-cli-commands.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tern-cli-private.h"
#include "tern-clock.h"
#include "tern-error.h"
#include "tern-seq-ranges.h"

/* How long a command goes on without a line to the server. */
#define SILENCE_S 60

static struct
{
  GMainLoop *loop; /* (borrowed) (nullable): of the command that runs */
  gboolean   is_interrupted;
  int        output_errno; /* not 0: what is printed arrives nowhere */
} current;

int
tern_cli_check_output (int code)
{
  if (current.output_errno == 0)
    return code;

  g_printerr ("tern-cli: ");
  g_printerr (_("Standard output cannot be written: %s"), g_strerror (current.output_errno));
  g_printerr ("\n");

  return TERN_CLI_EXIT_STORE;
}

void
tern_cli_interrupt (void)
{
  current.is_interrupted = TRUE;
  if (current.loop != NULL)
    g_main_loop_quit (current.loop);
}

/* One line, at once: a script may wait for it. */
void
tern_cli_print (JsonObject *object) /* (transfer full) */
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_node_take_object (node, object);
  text = json_to_string (node, FALSE);
  if (current.output_errno != 0)
    return;
  if (fputs (text, stdout) == EOF || fputc ('\n', stdout) == EOF || fflush (stdout) != 0)
    {
      current.output_errno = errno;
      tern_cli_interrupt ();
    }
}

JsonObject *
tern_cli_event_new (const char *name)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "event", name);

  return object;
}

/* Only text that is UTF-8 can stand in JSON. */
void
tern_cli_set_text (JsonObject *object,
                   const char *member,
                   const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);

  json_object_set_string_member (object, member, valid);
}

/* --- sync --- */

void
tern_cli_end (TernCliRun   *sync,
              const GError *error)
{
  /* What comes after the end is not told. */
  if (sync->is_over)
    return;
  sync->is_over = TRUE;
  if (error != NULL)
    sync->error = g_error_copy (error);
  g_signal_handlers_disconnect_by_data (sync->session, sync);
  g_main_loop_quit (sync->arguments->loop);
}

void
tern_cli_end_input (TernCliRun   *run,
                    const GError *error)
{
  g_autoptr(GError) owned = g_error_new (TERN_ERROR, TERN_ERROR_NOT_FOUND,
                                         _("Standard input cannot be read: %s"), error->message);

  tern_cli_end (run, owned);
}

static void
end_if_done (TernCliRun *sync)
{
  if (!sync->has_first || sync->arguments->follow)
    return;
  if (!sync->arguments->until_complete || tern_session_get_is_complete (sync->session))
    tern_cli_end (sync, NULL);
}

static void
begin_cb (TernSession *session,
          int          reason,
          gpointer     user_data)
{
  JsonObject *object = tern_cli_event_new ("sync-begin");

  json_object_set_string_member (object, "reason",
                                 tern_sync_reason_to_string ((TernSyncReason) reason));
  tern_cli_print (object);
}

static void
progress_cb (TernSession *session,
             guint        done,
             guint        total,
             gpointer     user_data)
{
  JsonObject *object = tern_cli_event_new ("sync-progress");

  json_object_set_int_member (object, "done", done);
  json_object_set_int_member (object, "total", total);
  tern_cli_print (object);
}

static void
end_cb (TernSession *session,
        guint        n_messages,
        gpointer     user_data)
{
  TernCliRun *sync = user_data;
  JsonObject *object = tern_cli_event_new ("sync-end");

  json_object_set_int_member (object, "messages", n_messages);
  tern_cli_print (object);
  sync->has_first = TRUE;
  end_if_done (sync);
}

static void
failed_cb (TernSession *session,
           GError      *error,
           gpointer     user_data)
{
  TernCliRun *sync = user_data;
  g_autofree char *words = tern_session_word_error (error);
  JsonObject *object = tern_cli_event_new ("sync-failed");

  tern_cli_set_text (object, "error", words);
  tern_cli_print (object);
  /* The line comes back by itself; a full disk does not. */
  if (tern_error_is_store (error))
    tern_cli_end (sync, error);
}

static void
ended_cb (TernSession *session,
          GError      *error,
          gpointer     user_data)
{
  tern_cli_end (user_data, error);
}

static void
complete_cb (TernCliRun *sync)
{
  end_if_done (sync);
}

/* Every second: while there is a line, what is waited for will come. */
static gboolean
watch_cb (gpointer user_data)
{
  TernCliRun *run = user_data;
  TernSyncState state = tern_session_get_state (run->session);
  const GError *known = tern_session_get_error (run->session);
  g_autoptr(GError) error = NULL;

  run->n_silent_s = state == TERN_SYNC_LIVE || state == TERN_SYNC_SYNCING ? 0 : run->n_silent_s + 1;
  if (run->n_silent_s < SILENCE_S)
    return G_SOURCE_CONTINUE;

  error = known != NULL ? g_error_copy (known)
                        : g_error_new_literal (TERN_ERROR, TERN_ERROR_TIMEOUT, "No answer");
  run->watch_id = 0;
  tern_cli_end (run, error);

  return G_SOURCE_REMOVE;
}

int
tern_cli_wait (TernCliRun *sync)
{
  int code = 0;

  current.loop = sync->arguments->loop;
  if (!current.is_interrupted)
    g_main_loop_run (current.loop);
  current.loop = NULL;

  g_clear_handle_id (&sync->watch_id, g_source_remove);
  if (sync->error != NULL)
    code = tern_cli_fail (sync->error);
  else if (!sync->is_over && !(sync->arguments->follow && sync->has_first))
    code = TERN_CLI_EXIT_INTERRUPTED;
  if (!sync->is_over)
    g_signal_handlers_disconnect_by_data (sync->session, sync);
  sync->is_over = TRUE;
  g_clear_error (&sync->error);

  return code;
}

int
tern_cli_outcome (int      code,
                  gboolean is_idle,
                  gboolean has_failed)
{
  if (code == TERN_CLI_EXIT_INTERRUPTED && is_idle)
    code = 0;

  return code == 0 && has_failed ? TERN_CLI_EXIT_REFUSED : code;
}

void
tern_cli_watch (TernCliRun *run)
{
  g_signal_connect (run->session, "ended", G_CALLBACK (ended_cb), run);
  run->watch_id = g_timeout_add (tern_clock_scale_ms (1000), watch_cb, run);
}

static int
run_sync (TernSession            *session,
          const TernCliArguments *arguments)
{
  TernCliRun sync = { .session = session, .arguments = arguments };

  g_signal_connect (session, "sync-begin", G_CALLBACK (begin_cb), &sync);
  g_signal_connect (session, "sync-progress", G_CALLBACK (progress_cb), &sync);
  g_signal_connect (session, "sync-end", G_CALLBACK (end_cb), &sync);
  g_signal_connect (session, "sync-failed", G_CALLBACK (failed_cb), &sync);
  g_signal_connect_swapped (session, "notify::is-complete", G_CALLBACK (complete_cb), &sync);
  tern_cli_watch (&sync);
  if (arguments->follow)
    g_clear_handle_id (&sync.watch_id, g_source_remove);

  return tern_cli_wait (&sync);
}

/* --- list, history, status --- */

static int
run_list (TernSession            *session,
          const TernCliArguments *arguments)
{
  GListModel *list = G_LIST_MODEL (tern_session_get_conversations (session));

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr(TernConversation) conversation = g_list_model_get_item (list, i);
      const TernConversationRow *row = tern_conversation_get_row (conversation);
      JsonObject *object = json_object_new ();

      tern_cli_set_text (object, "conversation", row->id);
      tern_cli_set_text (object, "name", tern_conversation_get_name (conversation));
      json_object_set_int_member (object, "type", row->chat_type);
      json_object_set_int_member (object, "unread", row->n_unread);
      json_object_set_int_member (object, "max_seq", row->max_seq);
      json_object_set_int_member (object, "read_seq", row->read_seq);
      json_object_set_int_member (object, "last_ms", row->sort_ms);
      json_object_set_boolean_member (object, "pinned", row->is_pinned);
      tern_cli_print (object);
    }

  return 0;
}

static const char *
status_name (int status)
{
  switch (status)
    {
    case TERN_MESSAGE_SENDING:
      return "sending";
    case TERN_MESSAGE_SENT:
      return "sent";
    case TERN_MESSAGE_FAILED:
      return "failed";
    default:
      return "deleted";
    }
}

static void
print_message (TernSession             *session,
               const TernMessageRecord *message)
{
  JsonObject *object = json_object_new ();
  g_autofree char *text = tern_session_dup_text (session, message);

  json_object_set_int_member (object, "seq", message->seq);
  tern_cli_set_text (object, "client_id", message->client_id);
  tern_cli_set_text (object, "server_id", message->server_id);
  tern_cli_set_text (object, "sender", message->sender_id);
  json_object_set_int_member (object, "sent_ms", message->sent_ms);
  json_object_set_int_member (object, "type", message->content_type);
  tern_cli_set_text (object, "text", text);
  json_object_set_string_member (object, "status", status_name (message->status));
  tern_cli_print (object);
}

static int
run_history (TernSession            *session,
             const TernCliArguments *arguments)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) messages =
    tern_session_list_before_seq (session, arguments->argv[0], arguments->before,
                                  arguments->limit, &error);

  if (messages == NULL)
    return tern_cli_fail (error);
  for (guint i = 0; i < messages->len; i++)
    print_message (session, messages->pdata[i]);

  return 0;
}

static void
print_coverage (const TernCoverage *coverage)
{
  JsonObject *object = json_object_new ();
  JsonArray *holes = json_array_new ();

  for (guint i = 0; i < coverage->holes->len; i++)
    {
      const TernSeqRange *range = &g_array_index (coverage->holes, TernSeqRange, i);
      JsonArray *hole = json_array_new ();

      json_array_add_int_element (hole, range->first);
      json_array_add_int_element (hole, range->last);
      json_array_add_array_element (holes, hole);
    }
  tern_cli_set_text (object, "conversation", coverage->conversation_id);
  json_object_set_int_member (object, "min_seq", coverage->first);
  json_object_set_int_member (object, "max_seq", coverage->last);
  json_object_set_int_member (object, "missing", coverage->n_missing);
  json_object_set_array_member (object, "holes", holes);
  tern_cli_print (object);
}

static int
run_status (TernSession            *session,
            const TernCliArguments *arguments)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = tern_session_list_coverage (session, &error);
  JsonObject *total;
  gint64 n_missing = 0;

  if (list == NULL)
    return tern_cli_fail (error);

  for (guint i = 0; i < list->len; i++)
    {
      const TernCoverage *coverage = list->pdata[i];

      print_coverage (coverage);
      n_missing += coverage->n_missing;
    }
  total = json_object_new ();
  json_object_set_int_member (total, "conversations", list->len);
  json_object_set_int_member (total, "missing", n_missing);
  json_object_set_int_member (total, "unsent", tern_session_get_n_unsent (session));
  tern_cli_print (total);

  return 0;
}

/* --- send --- */

/* Counted: an answer can come when the command is over already. */
typedef struct
{
  TernCliRun        sync;
  GDataInputStream *input;
  GPtrArray        *open; /* (element-type utf8): client IDs without an outcome */
  gboolean          is_at_end;
  gboolean          has_failed;
} Send;

void
tern_cli_print_outcome (const TernMessageRecord *message)
{
  JsonObject *object =
    tern_cli_event_new (message->status == TERN_MESSAGE_FAILED ? "failed" : "sent");

  tern_cli_set_text (object, "client_id", message->client_id);
  tern_cli_set_text (object, "server_id", message->server_id);
  json_object_set_int_member (object, "seq", message->seq);
  if (message->error != NULL)
    {
      g_autofree char *words = tern_session_word_failure (message->error);

      tern_cli_set_text (object, "error", words);
    }
  tern_cli_print (object);
}

/* A message is sent when its seq was seen: an acknowledged one can still be
 * lost by the server. */
static void
check_outcomes (Send *send)
{
  for (guint i = send->open->len; i > 0; i--)
    {
      const char *client_id = send->open->pdata[i - 1];
      g_autoptr(TernMessageRecord) message =
        tern_session_find_message (send->sync.session, send->sync.arguments->argv[0], client_id,
                                   NULL);

      if (message == NULL)
        continue;
      if (message->seq == 0 && message->status != TERN_MESSAGE_FAILED)
        continue;
      tern_cli_print_outcome (message);
      send->has_failed = send->has_failed || message->status == TERN_MESSAGE_FAILED;
      g_ptr_array_remove_index (send->open, i - 1);
    }
  if (send->is_at_end && send->open->len == 0)
    tern_cli_end (&send->sync, NULL);
}

static gboolean
check_cb (gpointer user_data)
{
  check_outcomes (user_data);

  return G_SOURCE_CONTINUE;
}

static void
send_clear (gpointer data)
{
  Send *send = data;

  g_object_unref (send->input);
  g_ptr_array_unref (send->open);
}

static void
send_unref (Send *send)
{
  g_rc_box_release_full (send, send_clear);
}

static void read_next (Send *send); /* one line after the other */

static void
queued_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Send *send = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *client_id =
    tern_session_send_text_finish (TERN_SESSION (object), result, &error);
  JsonObject *event;

  if (client_id == NULL)
    {
      tern_cli_end (&send->sync, error);
      send_unref (send);
      return;
    }
  event = tern_cli_event_new ("queued");
  tern_cli_set_text (event, "client_id", client_id);
  tern_cli_print (event);
  g_ptr_array_insert (send->open, 0, g_steal_pointer (&client_id));
  read_next (send);
  send_unref (send);
}

static void
line_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Send *send = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *line =
    g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (object), result, NULL, &error);

  if (error != NULL && !send->sync.is_over)
    tern_cli_end_input (&send->sync, error);
  else if (line == NULL)
    {
      send->is_at_end = TRUE;
      check_outcomes (send);
    }
  else if (send->sync.is_over)
    g_debug ("A line was read after the end");
  else if (*line == '\0')
    read_next (send);
  else
    tern_session_send_text_async (send->sync.session, send->sync.arguments->argv[0], line, NULL,
                                  NULL, NULL, queued_cb, g_rc_box_acquire (send));
  send_unref (send);
}

static void
read_next (Send *send)
{
  if (!send->sync.is_over)
    g_data_input_stream_read_line_async (send->input, G_PRIORITY_DEFAULT, NULL, line_cb,
                                         g_rc_box_acquire (send));
}

static int
run_send (TernSession            *session,
          const TernCliArguments *arguments)
{
  g_autoptr(GInputStream) raw = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  Send *send = g_rc_box_new0 (Send);
  guint check_id;
  int code;

  send->sync.session = session;
  send->sync.arguments = arguments;
  send->input = g_data_input_stream_new (raw);
  send->open = g_ptr_array_new_with_free_func (g_free);
  tern_cli_watch (&send->sync);
  check_id = g_timeout_add (20, check_cb, send);
  read_next (send);
  code = tern_cli_wait (&send->sync);
  code = tern_cli_outcome (code, send->open->len == 0, send->has_failed);
  g_source_remove (check_id);
  send_unref (send);

  return code;
}

const TernCliCommand *
tern_cli_find_command (const char *name)
{
  static const TernCliCommand commands[] = {
    { "sync", 0, 0, TRUE, run_sync },
    { "list", 0, 0, FALSE, run_list },
    { "history", 1, 1, FALSE, run_history },
    { "send", 1, 1, TRUE, run_send },
    { "mark-read", 1, 2, TRUE, tern_cli_run_mark_read },
    { "revoke", 2, 2, TRUE, tern_cli_run_revoke },
    { "delete", 2, 2, TRUE, tern_cli_run_delete },
    { "status", 0, 0, FALSE, run_status },
    { "verify", 0, 0, TRUE, tern_cli_run_verify },
    { "script", 0, 0, TRUE, tern_cli_run_script },
  };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (strcmp (commands[i].name, name) == 0)
        return &commands[i];
    }

  return NULL;
}
