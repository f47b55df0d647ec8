/* tern-server-held.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-server-held.h"

#include "tern-clock.h"

typedef struct
{
  GBytes *bytes;
  gint64  due_us; /* not before; what stands before it may have to wait longer */
} Held;

static void
held_free (gpointer data)
{
  Held *held = data;

  g_bytes_unref (held->bytes);
  g_free (held);
}

/**
 * tern_server_held_clear:
 * @connection: one that ends
 *
 * Forgets what is held back on it.
 *
 * Thread: main.
 */
void
tern_server_held_clear (TernServerConnection *connection)
{
  g_clear_handle_id (&connection->held_id, g_source_remove);
  g_queue_clear_full (&connection->held, held_free);
  connection->held_yields = NULL;
}

/**
 * tern_server_held_flush:
 * @connection: one that is to end
 *
 * Writes all that is held back on it, in its order.
 *
 * Thread: main.
 */
void
tern_server_held_flush (TernServerConnection *connection)
{
  Held *held;

  g_clear_handle_id (&connection->held_id, g_source_remove);
  connection->held_yields = NULL;
  while ((held = g_queue_pop_head (&connection->held)) != NULL)
    {
      tern_server_connection_write (connection, held->bytes);
      held_free (held);
    }
}

static gboolean held_cb (gpointer user_data);

/* Writes what need not wait any longer, in its order. */
static void
release_held (TernServerConnection *connection)
{
  gint64 now_us = tern_clock_get_monotonic_us ();
  Held *held;

  g_clear_handle_id (&connection->held_id, g_source_remove);
  while ((held = g_queue_peek_head (&connection->held)) != NULL && held->due_us <= now_us)
    {
      if (connection->held_yields == connection->held.head)
        connection->held_yields = NULL;
      g_queue_pop_head (&connection->held);
      tern_server_connection_write (connection, held->bytes);
      held_free (held);
    }
  if (held != NULL)
    connection->held_id = g_timeout_add ((guint) ((held->due_us - now_us) / 1000) + 1, held_cb,
                                         connection);
}

static gboolean
held_cb (gpointer user_data)
{
  TernServerConnection *connection = user_data;

  connection->held_id = 0;
  release_held (connection);

  return G_SOURCE_REMOVE;
}

/**
 * tern_server_held_add:
 * @connection: where a frame goes
 * @bytes: the frame
 * @ms: how long it waits
 * @yields: or until the next one has passed it
 *
 * Holds a frame back, and all behind it. It keeps its place behind what is held
 * back already, but passes one that yields, which then waits for nothing but
 * this.
 *
 * Thread: main.
 */
void
tern_server_held_add (TernServerConnection *connection,
                      GBytes               *bytes,
                      guint                 ms,
                      gboolean              yields)
{
  Held *held = g_new0 (Held, 1);
  GList *yielding = connection->held_yields;
  GList *link;

  held->bytes = g_bytes_ref (bytes);
  if (ms > 0)
    held->due_us = tern_clock_get_monotonic_us () + tern_clock_scale_us ((gint64) ms * 1000);
  if (yielding != NULL)
    {
      g_queue_insert_before (&connection->held, yielding, held);
      link = yielding->prev;
      ((Held *) yielding->data)->due_us = 0;
    }
  else
    {
      g_queue_push_tail (&connection->held, held);
      link = connection->held.tail;
    }
  connection->held_yields = yields ? link : NULL;
  release_held (connection);
}

/**
 * tern_server_held_emit:
 * @connection: where a frame goes
 * @bytes: the frame
 *
 * Writes it, in its turn.
 *
 * Thread: main.
 */
void
tern_server_held_emit (TernServerConnection *connection,
                       GBytes               *bytes)
{
  if (g_queue_is_empty (&connection->held))
    tern_server_connection_write (connection, bytes);
  else
    tern_server_held_add (connection, bytes, 0, FALSE);
}

typedef struct
{
  TernServerConnection *connection;
  GBytes               *bytes;
} Late;

static gboolean
late_cb (gpointer user_data)
{
  Late *late = user_data;

  if (late->connection->server != NULL)
    tern_server_held_emit (late->connection, late->bytes);

  return G_SOURCE_REMOVE;
}

static void
late_free (gpointer data)
{
  Late *late = data;

  tern_server_connection_unref (late->connection);
  g_bytes_unref (late->bytes);
  g_free (late);
}

/**
 * tern_server_held_send_late:
 * @connection: where a frame goes
 * @bytes: the frame
 * @ms: in what time
 *
 * All behind it overtakes it.
 *
 * Thread: main.
 */
void
tern_server_held_send_late (TernServerConnection *connection,
                            GBytes               *bytes,
                            guint                 ms)
{
  Late *late = g_new0 (Late, 1);

  late->connection = g_rc_box_acquire (connection);
  late->bytes = g_bytes_ref (bytes);
  g_timeout_add_full (G_PRIORITY_DEFAULT, tern_clock_scale_ms (ms), late_cb, late, late_free);
}
