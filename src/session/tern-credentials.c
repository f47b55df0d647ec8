/* tern-credentials.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-credentials.h"

#include <glib/gi18n.h>
#include <libsecret/secret.h>

#include "tern-error.h"

/* What answers at once, or not at all. */
#define TIMEOUT_MS 5000
/* What may ask a person for the keyring's password first. */
#define PROMPT_MS 60000

static const SecretSchema schema = {
  .name = TERN_APPLICATION_ID ".Account",
  .flags = SECRET_SCHEMA_NONE,
  .attributes = {
    { "server", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "user", SECRET_SCHEMA_ATTRIBUTE_STRING },
  },
};

typedef struct
{
  GTask        *task; /* (borrowed): whose this is */
  GCancellable *cancellable;
  guint         timeout_id;
  guint         watch_id;
  gboolean      was_there; /* the keyring, on the bus */
  gboolean      is_locked;
  gboolean      is_over;
} Wait;

static void
wait_end (Wait *wait)
{
  wait->is_over = TRUE;
  g_clear_handle_id (&wait->timeout_id, g_source_remove);
  g_clear_handle_id (&wait->watch_id, g_bus_unwatch_name);
}

static void
wait_free (gpointer data)
{
  Wait *wait = data;

  wait_end (wait);
  g_clear_object (&wait->cancellable);
  g_free (wait);
}

/* Libsecret before 0.21 never comes back from the prompt of a keyring that has
 * ended, not even when it is cancelled. */
static void
give_up (Wait       *wait,
         int         code,
         const char *why)
{
  g_autoptr(GTask) task = g_object_ref (wait->task);

  wait_end (wait);
  g_task_return_new_error (task, TERN_ERROR, code, "%s", why);
  g_cancellable_cancel (wait->cancellable);
}

static gboolean
timeout_cb (gpointer user_data)
{
  Wait *wait = user_data;

  wait->timeout_id = 0;
  give_up (wait, wait->is_locked ? TERN_ERROR_KEYRING_LOCKED : TERN_ERROR_KEYRING,
           "The keyring does not answer");

  return G_SOURCE_REMOVE;
}

static void
appeared_cb (GDBusConnection *bus,
             const char      *name,
             const char      *owner,
             gpointer         user_data)
{
  Wait *wait = user_data;

  wait->was_there = TRUE;
}

/* It may not be there at first: a call starts it. But when it has already said
 * that it is locked, it was there before the watch began. */
static void
vanished_cb (GDBusConnection *bus,
             const char      *name,
             gpointer         user_data)
{
  Wait *wait = user_data;

  if ((wait->was_there || wait->is_locked) && !wait->is_over)
    give_up (wait, TERN_ERROR_KEYRING, "The keyring has ended");
}

static GTask *
begin (guint                timeout_ms,
       GAsyncReadyCallback  callback,
       gpointer             user_data,
       gpointer             tag)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Wait *wait = g_new0 (Wait, 1);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, wait, wait_free);
  wait->task = task;
  wait->cancellable = g_cancellable_new ();
  wait->timeout_id = g_timeout_add (timeout_ms, timeout_cb, wait);
  wait->watch_id = g_bus_watch_name (G_BUS_TYPE_SESSION, "org.freedesktop.secrets",
                                     G_BUS_NAME_WATCHER_FLAGS_NONE, appeared_cb, vanished_cb,
                                     wait, NULL);

  return task;
}

static GCancellable *
cancellable_of (GTask *task)
{
  return ((Wait *) g_task_get_task_data (task))->cancellable;
}

/* Whatever libsecret and D-Bus say: in the only two ways that make a
 * difference. */
static void
end (GTask  *task,
     char   *token, /* (transfer full) (nullable) */
     GError *error) /* (transfer full) (nullable) */
{
  Wait *wait = g_task_get_task_data (task);
  gboolean was_over = wait->is_over;

  wait_end (wait);
  if (was_over)
    g_free (token);
  else if (error == NULL)
    g_task_return_pointer (task, token, g_free);
  else
    g_task_return_new_error (task, TERN_ERROR,
                             wait->is_locked ||
                             g_error_matches (error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED)
                               ? TERN_ERROR_KEYRING_LOCKED : TERN_ERROR_KEYRING,
                             "%s", error->message);
  g_clear_error (&error);
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
retrieved_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(SecretValue) value = NULL;
  GError *error = NULL;

  value = secret_retrievable_retrieve_secret_finish (SECRET_RETRIEVABLE (object), result, &error);
  end (task, value != NULL ? g_strdup (secret_value_get_text (value)) : NULL, error);
}

static void
retrieve (GTask             *task, /* (transfer full) */
          SecretRetrievable *item)
{
  secret_retrievable_retrieve_secret (item, cancellable_of (task), retrieved_cb, task);
}

static void
unlocked_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GList *items = NULL;
  GError *error = NULL;

  if (secret_service_unlock_finish (SECRET_SERVICE (object), result, &items, &error) > 0)
    retrieve (g_steal_pointer (&task), items->data);
  else
    {
      /* Who closes the prompt is no error to libsecret. */
      if (error == NULL)
        error = g_error_new_literal (SECRET_ERROR, SECRET_ERROR_IS_LOCKED, "Not unlocked");
      end (task, NULL, error);
    }
  g_list_free_full (items, g_object_unref);
}

static void
found_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Wait *wait = g_task_get_task_data (task);
  GError *error = NULL;
  GList *items = secret_password_search_finish (result, &error);

  if (items == NULL || wait->is_over)
    end (task, NULL, error);
  else if (SECRET_IS_ITEM (items->data) && secret_item_get_locked (items->data))
    {
      wait->is_locked = TRUE;
      g_clear_handle_id (&wait->timeout_id, g_source_remove);
      wait->timeout_id = g_timeout_add (PROMPT_MS, timeout_cb, wait);
      secret_service_unlock (secret_item_get_service (items->data), items, wait->cancellable,
                             unlocked_cb, g_steal_pointer (&task));
    }
  else
    retrieve (g_steal_pointer (&task), items->data);
  g_list_free_full (items, g_object_unref);
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
 * @callback: called when it is kept, or cannot be
 * @user_data: passed to @callback
 */
void
tern_credentials_store_async (const TernAccount   *account,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  GTask *task = begin (PROMPT_MS, callback, user_data, tern_credentials_store_async);
  g_autofree char *label = g_strdup_printf (_("Tern: %s"), account->user_id);

  secret_password_store (&schema, SECRET_COLLECTION_DEFAULT, label, account->token,
                         cancellable_of (task), stored_cb, task, "server", account->identity,
                         "user", account->user_id, NULL);
}

/**
 * tern_credentials_lookup_async:
 * @account: whose token is wanted
 * @callback: called with it
 * @user_data: passed to @callback
 */
void
tern_credentials_lookup_async (const TernAccount   *account,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  GTask *task = begin (TIMEOUT_MS, callback, user_data, tern_credentials_lookup_async);

  secret_password_search (&schema, SECRET_SEARCH_NONE, cancellable_of (task), found_cb, task,
                          "server", account->identity, "user", account->user_id, NULL);
}

/**
 * tern_credentials_lookup_finish:
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: KEYRING, KEYRING_LOCKED.
 *
 * Returns: (transfer full) (nullable): the token; %NULL without an error when
 *   there is none
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
 * @callback: called when it is gone
 * @user_data: passed to @callback
 */
void
tern_credentials_clear_async (const TernAccount   *account,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  GTask *task = begin (PROMPT_MS, callback, user_data, tern_credentials_clear_async);

  secret_password_clear (&schema, cancellable_of (task), cleared_cb, task, "server",
                         account->identity, "user", account->user_id, NULL);
}

/**
 * tern_credentials_finish:
 * @result: what the callback of store or clear was given
 * @error: return location for a #GError
 *
 * Errors: KEYRING, KEYRING_LOCKED.
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
