/* tern-date-popover.h: asks for a day of a conversation
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Days that have messages are marked.
 *
 *   chosen (gint64 ms)   the beginning of the day
 */

#pragma once

#include <gtk/gtk.h>

#include "tern-session.h"

G_BEGIN_DECLS

#define TERN_TYPE_DATE_POPOVER (tern_date_popover_get_type ())
G_DECLARE_FINAL_TYPE (TernDatePopover, tern_date_popover, TERN, DATE_POPOVER, GtkPopover)

GtkWidget *tern_date_popover_new  (void);
/* Of what the days are marked; @ms: the day that is chosen at first. */
void       tern_date_popover_show (TernDatePopover *self,
                                   TernSession     *session,
                                   const char      *conversation_id,
                                   gint64           ms);

G_END_DECLS
