/* tern-message-words.h: what a message says, for its row
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything comes from peers: valid UTF-8, never markup unless it says so.
 */

#pragma once

#include "tern-session.h"

G_BEGIN_DECLS

/* A text longer than this is shown folded. */
#define TERN_FOLD_CHARS 4000
#define TERN_FOLD_LINES 40

/**
 * TernCard:
 * @icon: an icon's name
 * @title: one line
 * @details: (nullable): some lines
 *
 * What stands for a message that is not text.
 */
typedef struct
{
  const char *icon;
  char       *title;
  char       *details;
} TernCard;

gboolean  tern_message_is_text       (TernMessage *message);
/* The text with the mentions' names in place of their IDs. @mentions: (out)
 * (transfer full) (element-type TernSpan): where these are */
char     *tern_message_dup_text      (TernMessage *message,
                                      GArray     **mentions) G_GNUC_WARN_UNUSED_RESULT;
/* NULL: it need not be folded */
char     *tern_message_dup_folded    (const char  *text) G_GNUC_WARN_UNUSED_RESULT;
gboolean  tern_message_is_emoji_only (const char  *text);
TernCard *tern_card_new              (TernMessage *message) G_GNUC_WARN_UNUSED_RESULT;
void      tern_card_free             (TernCard    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernCard, tern_card_free)

/* Whether it is a card that stands for more, in a window or a browser. */
gboolean  tern_message_opens         (TernMessage *message);
/* (nullable): a page with the place on a map */
char     *tern_content_dup_map       (const TernContent *content) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
