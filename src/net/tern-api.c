/* tern-api.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-api.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-debug.h"
#include "tern-error.h"
#include "tern-soup-private.h"

#define MAX_BODY_BYTES (16 * 1024 * 1024)
#define TIMEOUT_MS 10000 /* as the reference client has it (protocol 02 section 1.3) */

struct _TernApi
{
  GObject      parent_instance;

  SoupSession *soup;
  char        *base_url;
  char        *token; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (TernApi, tern_api, G_TYPE_OBJECT)

typedef struct
{
  SoupMessage *message;
  gsize        n_bytes; /* of the answer */
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_object_unref (call->message);
  g_free (call);
}

static void
fetch_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  g_autoptr(GBytes) body = NULL;
  JsonNode *data = NULL;
  GError *error = NULL;
  guint status;

  body = tern_soup_fetch_finish (SOUP_SESSION (object), result, &error);
  if (body == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  /* Everything that the handlers answer comes with 200, errors included. */
  call->n_bytes = g_bytes_get_size (body);
  status = soup_message_get_status (call->message);
  if (status != SOUP_STATUS_OK && status != 429)
    {
      g_task_return_new_error (task, TERN_ERROR,
                               status >= 500 ? TERN_ERROR_OFFLINE : TERN_ERROR_PROTOCOL,
                               "The server answered with status %u", status);
      return;
    }
  if (!tern_api_parse_envelope (body, &data, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_task_return_pointer (task, data != NULL ? data : json_node_new (JSON_NODE_NULL),
                         (GDestroyNotify) json_node_unref);
}

static void
tern_api_finalize (GObject *object)
{
  TernApi *self = TERN_API (object);

  g_clear_object (&self->soup);
  g_free (self->base_url);
  g_free (self->token);

  G_OBJECT_CLASS (tern_api_parent_class)->finalize (object);
}

static void
tern_api_class_init (TernApiClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tern_api_finalize;
}

static void
tern_api_init (TernApi *self)
{
}

/**
 * tern_api_new:
 * @soup: the session to use
 * @base_url: what routes are appended to; a final '/' is dropped
 * @token: (nullable): the token of these routes
 *
 * Returns: (transfer full): the calls to one server
 */
TernApi *
tern_api_new (SoupSession *soup,
              const char  *base_url,
              const char  *token)
{
  TernApi *self = g_object_new (TERN_TYPE_API, NULL);
  gsize len = strlen (base_url);

  while (len > 0 && base_url[len - 1] == '/')
    len--;
  self->soup = g_object_ref (soup);
  self->base_url = g_strndup (base_url, len);
  self->token = g_strdup (token);

  return self;
}

/**
 * tern_api_call_async:
 * @self: the calls
 * @route: begins with '/'
 * @body: (transfer full) (nullable): the parameters
 * @cancellable: (nullable): stops waiting; the server may have acted
 * @callback: called with the answer
 * @user_data: passed to @callback
 */
void
tern_api_call_async (TernApi             *self,
                     const char          *route,
                     JsonNode            *body,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autoptr(JsonNode) node = body;
  g_autofree char *url = NULL;
  g_autofree char *operation_id = g_uuid_string_random ();
  g_autoptr(SoupMessage) message = NULL;
  g_autoptr(GBytes) bytes = NULL;
  SoupMessageHeaders *headers;
  Call *call;

  g_return_if_fail (TERN_IS_API (self));
  tern_assert_main_thread ();

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, tern_api_call_async);
  url = g_strconcat (self->base_url, route, NULL);
  message = soup_message_new (SOUP_METHOD_POST, url);
  if (message == NULL)
    {
      g_task_return_new_error (task, TERN_ERROR, TERN_ERROR_PROTOCOL, "Not a URL: %s",
                               self->base_url);
      return;
    }

  bytes = node != NULL ? tern_json_to_bytes (node) : g_bytes_new_static ("{}", 2);
  soup_message_set_request_body_from_bytes (message, "application/json", bytes);
  headers = soup_message_get_request_headers (message);
  soup_message_headers_replace (headers, "operationID", operation_id);
  if (self->token != NULL && *self->token != '\0')
    soup_message_headers_replace (headers, "token", self->token);
  call = g_new0 (Call, 1);
  call->message = g_object_ref (message);
  g_task_set_task_data (task, call, call_free);
  tern_soup_fetch_async (self->soup, message, MAX_BODY_BYTES, TIMEOUT_MS, cancellable, fetch_cb,
                         g_steal_pointer (&task));
}

/**
 * tern_api_call_finish:
 * @self: the calls
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Errors: see the head of the header.
 *
 * Returns: (transfer full) (nullable): the data; a null node when there is none
 */
JsonNode *
tern_api_call_finish (TernApi       *self,
                      GAsyncResult  *result,
                      GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * tern_api_call_get_size:
 * @self: the calls
 * @result: what the callback was given
 *
 * Returns: how long the answer was, in bytes
 */
gsize
tern_api_call_get_size (TernApi      *self,
                        GAsyncResult *result)
{
  Call *call;

  g_return_val_if_fail (g_task_is_valid (result, self), 0);

  call = g_task_get_task_data (G_TASK (result));

  return call != NULL ? call->n_bytes : 0;
}
