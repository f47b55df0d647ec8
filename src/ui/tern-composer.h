/* tern-composer.h: where a message is written
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   send  (const char *shown, const char *text, GPtrArray *at)
 *                              the text is taken, the entry empty; @text is
 *                              what it is to others: with IDs for the names of
 *                              those who are mentioned, @at (element-type
 *                              TernPerson), maybe nobody
 *   typed ()                   the person changed something
 *   reply-cancelled ()         there is nothing to reply to any more
 */

#pragma once

#include "tern-mentions.h"

G_BEGIN_DECLS

#define TERN_TYPE_COMPOSER (tern_composer_get_type ())
G_DECLARE_FINAL_TYPE (TernComposer, tern_composer, TERN, COMPOSER, GtkWidget)

GtkWidget *tern_composer_new      (void);
/* Who may be mentioned in what is written from now on. @func: (nullable) */
void       tern_composer_set_people (TernComposer   *self,
                                     TernPeopleFunc  func,
                                     gpointer        user_data);
void       tern_composer_set_text (TernComposer *self,
                                   const char   *text);
char      *tern_composer_dup_text (TernComposer *self) G_GNUC_WARN_UNUSED_RESULT;
void       tern_composer_focus    (TernComposer *self);
/* What is replied to, above the entry. @sender: (nullable): nothing. Both as
 * their authors wrote them. */
void       tern_composer_set_reply (TernComposer *self,
                                    const char   *sender,
                                    const char   *preview);

G_END_DECLS
