/* tern-sync-engine.h: the worker's loop and what it owns
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lives on the worker's thread from the first line of tern_sync_engine_run()
 * to the last. Reads events from one channel, owns the store's writer, posts
 * notices to the other channel. Knows neither GObject nor a main loop.
 */

#pragma once

#include <glib.h>

#include "tern-channel.h"
#include "tern-frame.h"

G_BEGIN_DECLS

/**
 * TernSyncConfig:
 *
 * What the engine is started with; copied.
 */
typedef struct
{
  const char      *folder;
  const char      *user_id;
  int              platform;
  TernFrameFormat  format;
  TernChannel     *inbox;
  TernChannel     *outbox;
} TernSyncConfig;

gboolean tern_sync_engine_run (const TernSyncConfig  *config,
                               GError               **error);

G_END_DECLS
