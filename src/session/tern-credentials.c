/* tern-credentials.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-credentials.h"

#include <glib/gi18n.h>
#include <libsecret/secret.h>

#include "tern-error.h"

/* A keyring that asks for its password must not hold anything up. */
#define TIMEOUT_MS 5000

static const SecretSchema schema = {
  .name = "io.github.tern_chat.Tern.Account",
  .flags = SECRET_SCHEMA_NONE,
  .attributes = {
    { "server", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "user", SECRET_SCHEMA_ATTRIBUTE_STRING },
  },
};

typedef struct
{
  GCancellable *inner;
  GCancellable *outer; /* (nullable) */
  gulong        outer_id;
  guint         timeout_id;
} Wait;

static void
wait_free (gpointer data)
{
  Wait *wait = data;

  g_clear_handle_id (&wait->timeout_id, g_source_remove);
  if (wait->outer != NULL)
    g_cancellable_disconnect (wait->outer, wait->outer_id);
  g_clear_object (&wait->outer);
  g_clear_object (&wait->inner);
  g_free (wait);
}

static gboolean
timeout_cb (gpointer user_data)
{
  Wait *wait = user_data;

  wait->timeout_id = 0;
  g_cancellable_cancel (wait->inner);

  return G_SOURCE_REMOVE;
}

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  g_cancellable_cancel (user_data);
}

static GTask *
begin (GCancellable        *cancellable,
       GAsyncReadyCallback  callback,
       gpointer             user_data,
       gpointer             tag)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Wait *wait = g_new0 (Wait, 1);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, wait, wait_free);
  wait->inner = g_cancellable_new ();
  wait->timeout_id = g_timeout_add (TIMEOUT_MS, timeout_cb, wait);
  if (cancellable != NULL)
    {
      wait->outer = g_object_ref (cancellable);
      wait->outer_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                              g_object_ref (wait->inner), g_object_unref);
    }

  return task;
}

static GCancellable *
inner_of (GTask *task)
{
  return ((Wait *) g_task_get_task_data (task))->inner;
}

static void
end (GTask  *task,
     char   *token,
     GError *error)
{
  Wait *wait = g_task_get_task_data (task);

  g_clear_handle_id (&wait->timeout_id, g_source_remove);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, token, g_free);
}

static void
stored_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;

  secret_password_store_finish (result, &error);
  end (task, NULL, error);
}

static void
looked_up_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autofree char *token = secret_password_lookup_finish (result, &error);

  end (task, g_strdup (token), error);
}

static void
cleared_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;

  secret_password_clear_finish (result, &error);
  end (task, NULL, error);
}

/**
 * tern_credentials_store_async:
 * @account: whose token to keep
 * @cancellable: (nullable): stops
 * @callback: called when it is kept, or cannot be
 * @user_data: passed to @callback
 */
void
tern_credentials_store_async (const TernAccount   *account,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  GTask *task = begin (cancellable, callback, user_data, tern_credentials_store_async);
  g_autofree char *label = g_strdup_printf (_("Tern: %s"), account->user_id);

  secret_password_store (&schema, SECRET_COLLECTION_DEFAULT, label, account->token,
                         inner_of (task), stored_cb, task, "server", account->identity, "user",
                         account->user_id, NULL);
}

/**
 * tern_credentials_lookup_async:
 * @account: whose token is wanted
 * @cancellable: (nullable): stops
 * @callback: called with it
 * @user_data: passed to @callback
 */
void
tern_credentials_lookup_async (const TernAccount   *account,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  GTask *task = begin (cancellable, callback, user_data, tern_credentials_lookup_async);

  secret_password_lookup (&schema, inner_of (task), looked_up_cb, task, "server",
                          account->identity, "user", account->user_id, NULL);
}

/**
 * tern_credentials_lookup_finish:
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): the token; %NULL without an error when
 *   there is none, or the keyring is locked
 */
char *
tern_credentials_lookup_finish (GAsyncResult  *result,
                                GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * tern_credentials_clear_async:
 * @account: whose token to forget
 * @cancellable: (nullable): stops
 * @callback: called when it is gone
 * @user_data: passed to @callback
 */
void
tern_credentials_clear_async (const TernAccount   *account,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  GTask *task = begin (cancellable, callback, user_data, tern_credentials_clear_async);

  secret_password_clear (&schema, inner_of (task), cleared_cb, task, "server", account->identity,
                         "user", account->user_id, NULL);
}

/**
 * tern_credentials_finish:
 * @result: what the callback of store or clear was given
 * @error: return location for a #GError
 *
 * Returns: whether it was done
 */
gboolean
tern_credentials_finish (GAsyncResult  *result,
                         GError       **error)
{
  g_autoptr(GError) local_error = NULL;

  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  g_free (g_task_propagate_pointer (G_TASK (result), &local_error));
  if (local_error == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}
