/* tern-chat-page-private.h: what the files of TernChatPage share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tern-chat-page.c is the page, its header and what is written in it;
 * tern-chat-page-messages.c is the rows, their menu and choosing several;
 * tern-chat-page-actions.c is what changes something.
 */

#pragma once

#include "tern-chat-page.h"
#include "tern-composer.h"
#include "tern-timeline.h"

G_BEGIN_DECLS

struct _TernChatPage
{
  GtkWidget         parent_instance;

  TernSession      *session;      /* (nullable) */
  TernConversation *conversation; /* (nullable) */
  TernMessageList  *messages;     /* (nullable) */
  GSettings        *settings;
  GHashTable       *places;       /* conversation ID → TernTimelinePlace (owned) */
  GHashTable       *drafts;       /* TernConversation (owned) → what its row will say */
  gint64            seen_seq;     /* the newest that was in view */
  gint64            mention_seq;  /* the next that mentions me; 0: none */
  gboolean          is_active;
  guint             draft_id;

  GtkStack         *stack;
  AdwHeaderBar     *header;
  GtkButton        *back;
  GtkMenuButton    *date;
  AdwAvatar        *avatar;
  GtkLabel         *title;
  GtkLabel         *subtitle;
  TernTimeline     *timeline;
  TernComposer     *composer;
  GtkLabel         *closed; /* instead of the composer */
  GtkBox           *selection; /* instead of it while messages are chosen */
  GtkLabel         *selection_text;
  TernMessage      *menu_message; /* (nullable): what the menu is about */
  TernMessage      *replied;      /* (nullable) */
  gboolean          is_selecting;
};

extern const TernTimelineRows tern_chat_page_rows;

gboolean   tern_chat_page_is_group       (TernChatPage   *self);
/* Tells the person what went wrong. */
void       tern_chat_page_fail           (TernChatPage   *self,
                                          const char     *words);
/* What was sent or taken back, into the composer again: below what stands there. */
void       tern_chat_page_put_back       (TernChatPage   *self,
                                          const char     *text);
void       tern_chat_page_set_reply      (TernChatPage   *self,
                                          TernMessage    *message); /* (nullable) */
void       tern_chat_page_forget_reply   (TernChatPage   *self);
void       tern_chat_page_set_selecting  (TernChatPage   *self,
                                          gboolean        is_selecting);
/* Chooses all from the one to the other. */
void       tern_chat_page_mark_between   (TernChatPage   *self,
                                          TernMessage    *from,
                                          TernMessage    *to);
/* (element-type TernMessage); @is_merged: as one */
void       tern_chat_page_forward        (TernChatPage   *self,
                                          GPtrArray      *messages,
                                          gboolean        is_merged);
void       tern_chat_page_delete         (TernChatPage   *self,
                                          GPtrArray      *messages);
void       tern_chat_page_revoke         (TernChatPage   *self,
                                          TernMessage    *message);
void       tern_chat_page_edit_again     (TernChatPage   *self,
                                          TernMessage    *message);
/* The bar that stands instead of the composer meanwhile. */
GtkWidget *tern_chat_page_make_selection (TernChatPage   *self);
void       tern_chat_page_add_actions    (GtkWidgetClass *widget_class);

G_END_DECLS
