/* conversations-fixture.h: the real list of conversations in a window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Real store, real model, real rows in a real scrolled window; what happens is
 * written to SQLite as the sync worker would and told of in its name.
 */

#pragma once

#include <adwaita.h>

#include "store-fixture.h"
#include "tern-conversation-view.h"
#include "tern-sync-worker.h"

G_BEGIN_DECLS

typedef struct
{
  StoreFixture            store;
  char                   *session_folder;
  TernSession            *session;
  TernSyncWorker         *worker; /* never run: only its name is used */
  TernConversationList   *list;
  TernConversationFilter *filter;
  TernConversationView   *view;
  GtkWidget              *window;
  GtkScrolledWindow      *scrolled;
  GtkAdjustment          *adjustment;
  TernConversation       *chosen; /* (owned) (nullable) */
  gint64                  now_ms;
  guint                   n_frames;
} ConversationsFixture;

/* @n: as many conversations, named si_self_u00000 and so on, the newest first */
void  conversations_set_up    (ConversationsFixture *self,
                               guint                 n);
void  conversations_tear_down (ConversationsFixture *self);
/* In a transaction that is open: something new in one of them. */
void  conversations_put       (ConversationsFixture *self,
                               guint                 which);
/* Commits it and says so. */
void  conversations_tell      (ConversationsFixture *self);
/* All of that. */
void  conversations_bump      (ConversationsFixture *self,
                               guint                 which);
/* Waits for a painted frame. */
void  conversations_frame     (ConversationsFixture *self);
void  conversations_scroll    (ConversationsFixture *self,
                               double                by);
char *conversations_make_id   (guint                 which) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
