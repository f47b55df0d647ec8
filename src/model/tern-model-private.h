/* tern-model-private.h: how the lists make and change their items
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Only for src/model and its tests.
 */

#pragma once

#include "tern-conversation.h"
#include "tern-message.h"
#include "tern-names.h"
#include "tern-store.h"

G_BEGIN_DECLS

/* --- items --- */

TernMessage      *tern_message_new               (TernMessageRecord   *record, /* (transfer full) */
                                                  const char          *self_id);
/* The setters emit nothing and say whether something changed: the list emits
 * once, when it is consistent again. */
void              tern_message_take_record       (TernMessage         *self,
                                                  TernMessageRecord   *record,
                                                  const char          *self_id);
gboolean          tern_message_update_sender     (TernMessage         *self,
                                                  TernNames           *names);
gboolean          tern_message_set_starts        (TernMessage         *self,
                                                  gboolean             starts_day,
                                                  gboolean             starts_run);
void              tern_message_emit_changed      (TernMessage         *self);

/* @row: (transfer full); @names: read its last message when it is asked for;
 * @self_id: a GRefString */
TernConversation *tern_conversation_new          (TernConversationRow *row,
                                                  TernNames           *names,
                                                  char                *self_id);
gboolean          tern_conversation_take_row     (TernConversation    *self,
                                                  TernConversationRow *row);
gboolean          tern_conversation_update_names (TernConversation    *self);
void              tern_conversation_emit_changed (TernConversation    *self);
/* @user_id: (nullable): nobody. Emits "changed" itself when the time is up. */
void              tern_conversation_set_typing   (TernConversation    *self,
                                                  const char          *user_id,
                                                  const char          *name);
const char       *tern_conversation_get_typing_id (TernConversation   *self);

/* --- tern-message-window.c: the items of a message list --- */

/* lists.md section 3.6 */
#define TERN_MAX_LOADED 512

typedef struct
{
  GPtrArray  *items;     /* (owned) (element-type TernMessage): oldest first */
  GHashTable *by_id;     /* (owned): row ID → TernMessage (borrowed) */
  GListModel *model;     /* (borrowed): whose items these are */
  TernNames  *names;     /* (owned) */
  char       *self_id;   /* (owned) */
} TernMessageWindow;

void         tern_message_window_init    (TernMessageWindow *self,
                                          GListModel        *model,
                                          TernDb            *reader,
                                          const char        *self_id);
void         tern_message_window_clear   (TernMessageWindow *self);
/* An item for the row: the one that is there, brought up to date (then it is
 * put into @touched), or a new one. @record: (transfer full) */
TernMessage *tern_message_window_take    (TernMessageWindow *self,
                                          TernMessageRecord *record,
                                          GPtrArray         *touched);
/* Makes @next the items, with one items-changed for each contiguous run, and
 * "changed" for those of @touched that stay. @before: (nullable): the row
 * before the first */
void         tern_message_window_set     (TernMessageWindow *self,
                                          GPtrArray         *next, /* (transfer full) */
                                          GPtrArray         *touched,
                                          TernMessageRecord *before);
/* What lists do with the next items, before they are given to set(). */
GPtrArray   *tern_message_window_copy        (TernMessageWindow *self);
/* Moves the rows into @items, in order. */
void         tern_message_window_take_rows   (TernMessageWindow *self,
                                              GPtrArray         *items,
                                              GPtrArray         *rows,
                                              GPtrArray         *touched);
void         tern_message_window_remove_rows (TernMessageWindow *self,
                                              GPtrArray         *next,
                                              GArray            *ids);
void         tern_messages_sort              (GPtrArray         *items);
/* To what may be loaded at once; whether there was more. */
gboolean     tern_messages_trim              (GPtrArray         *items,
                                              gboolean           is_from_top);
gint64       tern_message_lowest_seq         (GPtrArray         *items); /* 0: none has one */
int          tern_message_compare        (gconstpointer      a,
                                          gconstpointer      b); /* of pointers, for sorting */

G_END_DECLS
