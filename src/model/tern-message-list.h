/* tern-message-list.h: the messages of one conversation
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A TernTimelineSource over the local store: pages of 64, at most 512 loaded.
 * Reads by a reader handle on the main thread; when the store has a hole just
 * below what is shown, it asks the worker to fetch it. Main thread only.
 */

#pragma once

#include <gio/gio.h>

#include "tern-message.h"
#include "tern-timeline-source.h"

G_BEGIN_DECLS

#define TERN_TYPE_MESSAGE_LIST (tern_message_list_get_type ())
G_DECLARE_FINAL_TYPE (TernMessageList, tern_message_list, TERN, MESSAGE_LIST, GObject)

TernMessageList *tern_message_list_new                 (gpointer         reader,
                                                        gpointer         worker,
                                                        const char      *self_id,
                                                        const char      *conversation_id);
void             tern_message_list_detach              (TernMessageList *self);
gint64           tern_message_list_get_newest_seq      (TernMessageList *self);

G_END_DECLS
