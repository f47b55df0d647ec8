/* tern-changes.h: what one commit touched
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Filled by the thread that writes, immutable and counted once it was posted:
 * then any thread may hold and read it.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _TernChanges TernChanges;

/* What happened to rows of one conversation: IDs of rows of `messages`. */
typedef struct
{
  char     *conversation_id;
  GArray   *added;   /* (element-type gint64) */
  GArray   *updated; /* content, status or place */
  GArray   *removed;
  gboolean  is_row_changed; /* the row of the list: name, order, unread, draft … */
} TernConversationChange;

TernChanges *tern_changes_new              (void) G_GNUC_WARN_UNUSED_RESULT;
TernChanges *tern_changes_ref              (TernChanges       *self);
void         tern_changes_unref            (TernChanges       *self);
gboolean     tern_changes_is_empty         (const TernChanges *self);
void         tern_changes_add_message      (TernChanges       *self,
                                            const char        *conversation_id,
                                            gint64             id);
void         tern_changes_update_message   (TernChanges       *self,
                                            const char        *conversation_id,
                                            gint64             id);
void         tern_changes_remove_message   (TernChanges       *self,
                                            const char        *conversation_id,
                                            gint64             id);
void         tern_changes_add_conversation (TernChanges       *self,
                                            const char        *conversation_id);
/* Name or avatar of a user, or of a group or its members; NULL: of anybody */
void         tern_changes_add_people       (TernChanges       *self,
                                            const char        *id);
gboolean     tern_changes_has_people       (const TernChanges *self);
gboolean     tern_changes_concerns         (const TernChanges *self,
                                            const char        *id); /* user or group */
/* (element-type TernConversationChange) (transfer none) */
GPtrArray   *tern_changes_get_conversations (const TernChanges *self);
const TernConversationChange *tern_changes_find (const TernChanges *self,
                                            const char        *conversation_id); /* (nullable) */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernChanges, tern_changes_unref)

G_END_DECLS
