/* tern-message-reach.h: how far up a message list may show without a gap
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Only for src/model.
 */

#pragma once

#include "tern-store.h"

G_BEGIN_DECLS

/**
 * TernMessageReach:
 * @floor_seq: all from here up to the window is known
 * @min_seq: the first one may see
 * @max_seq: the newest the server is known to have
 * @floor_position: rows that stand before it are not to be shown yet
 * @has_hole: there is something to fetch below @floor_seq
 */
typedef struct
{
  gint64   floor_seq;
  gint64   min_seq;
  gint64   max_seq;
  gint64   floor_position;
  gboolean has_hole;
} TernMessageReach;

/* Where the row with that seq stands, or would. */
gint64   tern_message_reach_position (gint64                  seq);
/* @lowest_seq: of the window; 0: nothing in it has a seq */
gboolean tern_message_reach_read    (TernMessageReach       *self,
                                     TernDb                 *reader,
                                     const char             *conversation_id,
                                     gint64                  lowest_seq,
                                     GError                **error);
/* Frees those of @rows, oldest first, that a hole separates from the others. */
void     tern_message_reach_cut     (GPtrArray              *rows,
                                     const TernMessageReach *self);
/* The highest seq among TernMessageRecords; 0: none */
gint64   tern_message_reach_highest (GPtrArray              *rows);

G_END_DECLS
