/* tern-server-push.c: what connections are sent unasked
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pushes, kicks, presence: protocol 01 sections 1.11, 2.5, 4.7, 5.2.
 */

#include "config.h"

#include "tern-server-gateway.h"

#include <string.h>

#include "tern-clock.h"
#include "tern-server-faults.h"
#include "tern-wire.h"

/* The real push service learns late that somebody is online: it is told of
 * changes once a second. */
#define BLIND_MS 1000
#define PRESENCE_MS 1000
#define PLATFORM_IOS 1

/* --- who is online --- */

static GPtrArray *
get_connections (TernServer *self,
                 const char *user_id)
{
  return g_hash_table_lookup (self->online, user_id);
}

/* For a loop in which one may end; those stay valid until the main loop runs. */
static GPtrArray *
copy_connections (TernServer *self,
                  const char *user_id)
{
  GPtrArray *connections = get_connections (self, user_id);

  return connections != NULL ? g_ptr_array_copy (connections, NULL, NULL) : g_ptr_array_new ();
}

/**
 * tern_server_list_platforms:
 * @self: a server
 * @user_id: who
 *
 * Returns: (transfer full) (element-type gint32): of his connections, each once,
 *   in the order in which they came
 */
GArray *
tern_server_list_platforms (TernServer *self,
                            const char *user_id)
{
  GArray *platforms = g_array_new (FALSE, FALSE, sizeof (gint32));
  GPtrArray *connections = get_connections (self, user_id);

  for (guint i = 0; connections != NULL && i < connections->len; i++)
    {
      gint32 platform = ((TernServerConnection *) connections->pdata[i])->platform;
      gboolean is_known = FALSE;

      for (guint k = 0; k < platforms->len && !is_known; k++)
        is_known = g_array_index (platforms, gint32, k) == platform;
      if (!is_known)
        g_array_append_val (platforms, platform);
    }

  return platforms;
}

static GBytes *
build_presence (TernServer *self,
                const char *user_id)
{
  g_autoptr(GPtrArray) presences =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_presence_free);
  TernPresence *presence = tern_presence_new (user_id);

  g_array_unref (presence->platforms);
  presence->platforms = tern_server_list_platforms (self, user_id);
  g_ptr_array_add (presences, presence);

  return tern_wire_encode_presence_reply (presences);
}

static void
push_presence (TernServer *self,
               const char *user_id)
{
  g_autoptr(TernFrame) frame = NULL;

  for (guint i = 0; i < self->connections->len; i++)
    {
      TernServerConnection *connection = self->connections->pdata[i];

      if (connection->watched == NULL || !g_hash_table_contains (connection->watched, user_id))
        continue;
      if (frame == NULL)
        {
          g_autoptr(GBytes) body = build_presence (self, user_id);

          frame = tern_frame_new (TERN_FRAME_PRESENCE, "", "", body);
        }
      tern_server_faults_send (connection, TERN_FAULT_ON_PUSH, frame, NULL, NULL);
    }
}

static gboolean
presence_cb (gpointer user_data)
{
  TernServer *self = user_data;
  g_autoptr(GHashTable) changed = g_steal_pointer (&self->presence_changed);
  GHashTableIter iter;
  gpointer user_id;

  self->presence_id = 0;
  g_hash_table_iter_init (&iter, changed);
  while (g_hash_table_iter_next (&iter, &user_id, NULL))
    push_presence (self, user_id);

  return G_SOURCE_REMOVE;
}

static void
presence_changed (TernServer *self,
                  const char *user_id)
{
  if (self->presence_changed == NULL)
    self->presence_changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (self->presence_changed, g_strdup (user_id));
  if (self->presence_id == 0)
    self->presence_id = g_timeout_add (tern_clock_scale_ms (PRESENCE_MS), presence_cb, self);
}

/**
 * tern_server_gateway_register:
 * @self: a server
 * @connection: a connection that is up
 *
 * From now on it is pushed to, and its person is online.
 */
void
tern_server_gateway_register (TernServer           *self,
                              TernServerConnection *connection)
{
  GPtrArray *connections;

  tern_server_end_other_logins (self, connection);

  connections = get_connections (self, connection->user_id);
  if (connections == NULL)
    {
      connections = g_ptr_array_new ();
      g_hash_table_insert (self->online, g_strdup (connection->user_id), connections);
    }
  g_ptr_array_add (connections, connection);
  presence_changed (self, connection->user_id);
}

/**
 * tern_server_gateway_unregister:
 * @self: a server
 * @connection: a connection that ends
 *
 * Of one that was never registered, too.
 */
void
tern_server_gateway_unregister (TernServer           *self,
                                TernServerConnection *connection)
{
  GPtrArray *connections = get_connections (self, connection->user_id);

  if (connections == NULL || !g_ptr_array_remove (connections, connection))
    return;

  presence_changed (self, connection->user_id);
  if (connections->len == 0)
    g_hash_table_remove (self->online, connection->user_id);
}

/* --- pushes --- */

/* Whether the push service has heard of this person yet. */
static gboolean
is_known_online (TernServer *self,
                 GPtrArray  *connections)
{
  gint64 now_us = tern_clock_get_monotonic_us ();
  gint64 blind_us = tern_clock_scale_us (BLIND_MS * G_GINT64_CONSTANT (1000));

  for (guint i = 0; i < connections->len; i++)
    {
      const TernServerConnection *connection = connections->pdata[i];

      if (self->is_gentle || now_us - connection->opened_us >= blind_us)
        return TRUE;
    }

  return FALSE;
}

static TernFrame *
build_push (TernServer              *self,
            const TernMessageRecord *message)
{
  g_autoptr(GPtrArray) batches =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_batch_free);
  TernMessageBatch *batch = tern_message_batch_new (message->conversation_id);
  g_autofree char *operation_id = tern_server_make_id (self);
  g_autoptr(GBytes) body = NULL;

  g_ptr_array_add (batch->messages, tern_message_record_copy (message));
  g_ptr_array_add (batches, batch);
  body = tern_wire_encode_batches (batches);

  return tern_frame_new (TERN_FRAME_PUSH, "", operation_id, body);
}

/**
 * tern_server_gateway_push:
 * @self: a server
 * @user_ids: (array zero-terminated=1): to whom
 * @message: what is pushed
 *
 * Not in the first, blind moments of a connection, unless this server is
 * gentle, nor to a phone in the background that is told otherwise.
 */
void
tern_server_gateway_push (TernServer              *self,
                          const char * const      *user_ids,
                          const TernMessageRecord *message)
{
  g_autoptr(TernFrame) frame = NULL;
  TernServerEncoded encoded = { 0 };

  for (guint i = 0; user_ids[i] != NULL; i++)
    {
      g_autoptr(GPtrArray) connections = copy_connections (self, user_ids[i]);

      if (!is_known_online (self, connections))
        continue;
      if (frame == NULL)
        frame = build_push (self, message);
      for (guint k = 0; k < connections->len; k++)
        {
          TernServerConnection *connection = connections->pdata[k];

          if (connection->platform != PLATFORM_IOS || !connection->is_background)
            tern_server_faults_send (connection, TERN_FAULT_ON_PUSH, frame,
                                     message->conversation_id, &encoded);
        }
    }
  tern_server_encoded_clear (&encoded);
}

/* --- kicks --- */

/**
 * tern_server_gateway_kick:
 * @self: a server
 * @user_id: who
 * @platform: of which device
 * @keep_token: (nullable): that of a connection that stays
 *
 * Ends the connections of one platform, with a word about it.
 */
void
tern_server_gateway_kick (TernServer *self,
                          const char *user_id,
                          int         platform,
                          const char *keep_token)
{
  g_autoptr(GPtrArray) connections = copy_connections (self, user_id);

  for (guint i = 0; i < connections->len; i++)
    {
      TernServerConnection *connection = connections->pdata[i];
      g_autoptr(TernFrame) frame = NULL;

      if (connection->platform != platform || g_strcmp0 (connection->token, keep_token) == 0)
        continue;

      tern_server_state_kick_token (self->state, connection->token);
      frame = tern_frame_new (TERN_FRAME_KICKED, "", "", NULL);
      tern_server_faults_send (connection, TERN_FAULT_ON_PUSH, frame, NULL, NULL);
      tern_server_connection_end (connection);
    }
}
