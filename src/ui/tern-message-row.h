/* tern-message-row.h: a message in the timeline
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lays itself out by hand and draws all but the text: a timeline makes and
 * measures rows while it is being scrolled. Reused for other messages.
 *
 *   request (TernRowRequest, double x, double y)   what the person wants of it
 */

#pragma once

#include <adwaita.h>

#include "tern-session.h"
#include "tern-timeline.h"

G_BEGIN_DECLS

#define TERN_TYPE_MESSAGE_ROW (tern_message_row_get_type ())
G_DECLARE_FINAL_TYPE (TernMessageRow, tern_message_row, TERN, MESSAGE_ROW, GtkWidget)

typedef enum
{
  TERN_ROW_REQUEST_MENU,  /* at x, y */
  TERN_ROW_REQUEST_OPEN,  /* the quoted message, or what a card stands for */
  TERN_ROW_REQUEST_TOGGLE,
  TERN_ROW_REQUEST_EXTEND, /* the choice, to here */
  TERN_ROW_REQUEST_EXTEND_UP,
  TERN_ROW_REQUEST_EXTEND_DOWN,
  TERN_ROW_REQUEST_DELETE,
  TERN_ROW_REQUEST_COPY,
  TERN_ROW_REQUEST_REPLY,
} TernRowRequest;

GtkWidget   *tern_message_row_new          (void);
void         tern_message_row_bind         (TernMessageRow *self,
                                            TernSession    *session,
                                            TernMessage    *message,
                                            gboolean        is_group,
                                            TernRowFlags    flags);
void         tern_message_row_unbind       (TernMessageRow *self);
TernMessage *tern_message_row_get_message  (TernMessageRow *self); /* (nullable) */
/* (nullable): what is marked in its text */
char        *tern_message_row_dup_selected (TernMessageRow *self) G_GNUC_WARN_UNUSED_RESULT;
/* Downloads or opens the file in it, if there is one. */
void         tern_message_row_activate_media (TernMessageRow *self);
/* Cheap; from the text's length. */
int          tern_message_row_guess_height (TernMessage    *message,
                                            gboolean        is_group,
                                            int             width);

G_END_DECLS
