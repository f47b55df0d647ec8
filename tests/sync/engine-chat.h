/* engine-chat.h: a world with one chat
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "engine-world.h"

G_BEGIN_DECLS

#define CHAT "si_me_peer"

/* Nothing goes wrong in it by itself. */
static inline World *
chat_world_new (guint n_messages)
{
  World *world = world_new (1);

  world->is_rough = FALSE;
  for (guint i = 0; i < n_messages; i++)
    world_peer_writes (world, world_get (world, CHAT));
  world_start (world);

  return world;
}

/* The rows of the chat, the newest last. */
static inline GPtrArray *
chat_list_rows (World *world)
{
  g_autoptr(GError) error = NULL;
  GPtrArray *rows = tern_store_list_before (world->reader, CHAT, NULL, 10000, &error);

  g_assert_no_error (error);

  return rows;
}

static inline guint
chat_count_rows (World *world)
{
  g_autoptr(GPtrArray) rows = chat_list_rows (world);

  return rows->len;
}

G_END_DECLS
