/* tern-message.h: a message as the window shows it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An item of TernMessageList. Keeps its identity while the row behind it
 * changes; every change emits "changed". Main thread only.
 */

#pragma once

#include <gio/gio.h>

#include "tern-content.h"
#include "tern-records.h"

G_BEGIN_DECLS

#define TERN_TYPE_MESSAGE (tern_message_get_type ())
G_DECLARE_FINAL_TYPE (TernMessage, tern_message, TERN, MESSAGE, GObject)

const TernMessageRecord *tern_message_get_record      (TernMessage *self);
/* parsed once, when first asked */
const TernContent       *tern_message_get_content     (TernMessage *self);
gint64                   tern_message_get_id          (TernMessage *self);
gint64                   tern_message_get_seq         (TernMessage *self);
TernMessageStatus        tern_message_get_status      (TernMessage *self);
gboolean                 tern_message_get_is_own      (TernMessage *self);
gboolean                 tern_message_get_is_notice   (TernMessage *self); /* a centred line */
/* remark, member name, or as sent */
const char              *tern_message_get_sender_name (TernMessage *self);
const char              *tern_message_get_sender_face (TernMessage *self);
/* from its predecessor */
gboolean                 tern_message_get_starts_day  (TernMessage *self);
gboolean                 tern_message_get_starts_run  (TernMessage *self);

G_END_DECLS
