/* tern-trial.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-trial.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tern-api-json.h"
#include "tern-error.h"
#include "tern-login.h"

#define READY_TIMEOUT_MS 10000

struct _TernTrial
{
  GObject           parent_instance;

  char             *data_dir;
  GSubprocess      *process; /* (nullable) */
  GDataInputStream *output;  /* (nullable) */
};

G_DEFINE_FINAL_TYPE (TernTrial, tern_trial, G_TYPE_OBJECT)

typedef struct
{
  GCancellable *inner; /* ends the wait for the ready line */
  guint         timeout_id;
} Start;

static void
start_free (gpointer data)
{
  Start *start = data;

  g_clear_handle_id (&start->timeout_id, g_source_remove);
  g_clear_object (&start->inner);
  g_free (start);
}

static gboolean
timeout_cb (gpointer user_data)
{
  Start *start = user_data;

  start->timeout_id = 0;
  g_cancellable_cancel (start->inner);

  return G_SOURCE_REMOVE;
}

static void
signed_in_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  TernAccount *account;
  GError *error = NULL;

  account = tern_login_finish (result, &error);
  if (account == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  /* Its ports are others every time. */
  g_free (account->identity);
  account->identity = g_strdup ("trial");
  account->is_trial = TRUE;
  g_task_return_pointer (task, account, (GDestroyNotify) tern_account_free);
}

static void
line_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Start *start = g_task_get_task_data (task);
  g_autofree char *line = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(JsonNode) ready = NULL;
  g_autoptr(TernServers) servers = NULL;
  GCancellable *cancellable;

  g_clear_handle_id (&start->timeout_id, g_source_remove);
  line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (object), result, NULL, NULL);
  if (line != NULL)
    {
      bytes = g_bytes_new (line, strlen (line));
      ready = tern_json_parse (bytes, 65536, NULL);
    }
  if (ready == NULL || *tern_json_get_string (ready, "ws") == '\0')
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_OFFLINE,
                               "The local server did not start");
      return;
    }

  servers = tern_servers_new (tern_json_get_string (ready, "account"),
                              tern_json_get_string (ready, "api"),
                              tern_json_get_string (ready, "ws"));
  cancellable = g_task_get_cancellable (task);
  tern_login_password_async (servers, NULL, TERN_LOGIN_ACCOUNT, "you", "tern", 7, cancellable,
                             signed_in_cb, g_steal_pointer (&task));
}

static void
tern_trial_dispose (GObject *object)
{
  tern_trial_stop (TERN_TRIAL (object));

  G_OBJECT_CLASS (tern_trial_parent_class)->dispose (object);
}

static void
tern_trial_finalize (GObject *object)
{
  g_free (TERN_TRIAL (object)->data_dir);

  G_OBJECT_CLASS (tern_trial_parent_class)->finalize (object);
}

static void
tern_trial_class_init (TernTrialClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tern_trial_dispose;
  G_OBJECT_CLASS (klass)->finalize = tern_trial_finalize;
}

static void
tern_trial_init (TernTrial *self)
{
}

/**
 * tern_trial_new:
 * @data_dir: (nullable): where the server's data goes, in a folder of its own
 *
 * Returns: (transfer full): a trial that is not started
 */
TernTrial *
tern_trial_new (const char *data_dir)
{
  TernTrial *self = g_object_new (TERN_TYPE_TRIAL, NULL);

  self->data_dir = data_dir != NULL ? g_build_filename (data_dir, "trial-server", NULL)
                                    : g_build_filename (g_get_user_data_dir (), TERN_DATA_FOLDER,
                                                        "trial-server", NULL);

  return self;
}

/**
 * tern_trial_start_async:
 * @self: a trial
 * @cancellable: (nullable): stops
 * @callback: called with the account
 * @user_data: passed to @callback
 */
void
tern_trial_start_async (TernTrial           *self,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  const char *program = g_getenv ("TERN_LOCAL_SERVER");
  g_autoptr(GError) error = NULL;
  Start *start;

  g_return_if_fail (TERN_IS_TRIAL (self));

  g_task_set_source_tag (task, tern_trial_start_async);
  tern_trial_stop (self);
  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                    &error,
                                    program != NULL ? program
                                                    : TERN_LIBEXEC_DIR "/tern-local-server",
                                    "--seed-demo", "--gentle", "--watch-stdin", "--data",
                                    self->data_dir, NULL);
  if (self->process == NULL)
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_NOT_FOUND,
                               _("The local server cannot be started: %s"), error->message);
      return;
    }

  start = g_new0 (Start, 1);
  start->inner = g_cancellable_new ();
  start->timeout_id = g_timeout_add (READY_TIMEOUT_MS, timeout_cb, start);
  g_task_set_task_data (task, start, start_free);
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  g_data_input_stream_read_line_async (self->output, G_PRIORITY_DEFAULT, start->inner, line_cb,
                                       g_steal_pointer (&task));
}

/**
 * tern_trial_start_finish:
 * @self: a trial
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: NOT_FOUND when there is no server to start, OFFLINE when it does
 *   not get ready; those of tern_login_finish().
 *
 * Returns: (transfer full) (nullable): the account "you"
 */
TernAccount *
tern_trial_start_finish (TernTrial     *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * tern_trial_stop:
 * @self: a trial
 *
 * Ends the server, if it runs.
 */
void
tern_trial_stop (TernTrial *self)
{
  g_return_if_fail (TERN_IS_TRIAL (self));

  if (self->process != NULL)
    g_subprocess_send_signal (self->process, 15); /* SIGTERM: its data is written */
  g_clear_object (&self->output);
  g_clear_object (&self->process);
}
