/* tern-message-row-private.h: what the files of TernMessageRow share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "tern-message-row.h"

G_BEGIN_DECLS

/* Wider than this, a conversation's lines are hard to follow. */
#define TERN_ROW_MAX_AREA 800
#define TERN_ROW_SIDE 12 /* to the view's edges */
#define TERN_ROW_AVATAR 32

typedef enum
{
  LAYOUT_DAY,
  LAYOUT_UNREAD,
  LAYOUT_NOTICE,
  LAYOUT_SENDER,
  LAYOUT_QUOTE_SENDER,
  LAYOUT_QUOTE_TEXT,
  LAYOUT_TIME,
  LAYOUT_TITLE,
  LAYOUT_DETAILS,
  N_LAYOUTS,
} TernRowLayout;

typedef struct
{
  int x, y, width, height;
} TernRowBox;

struct _TernMessageRow
{
  GtkWidget     parent_instance;

  TernSession  *session; /* (borrowed): outlives the window's rows */
  TernMessage  *message; /* (nullable) */
  gulong        changed_handler;
  TernRowFlags  flags;
  gboolean      is_group;
  gboolean      is_own;
  gboolean      is_text;
  gboolean      is_large;  /* nothing but a few emoji */
  gboolean      is_folded;
  gboolean      is_editable; /* withdrawn just now: its text can be had again */
  gboolean      shows_avatar;
  gboolean      shows_picture;
  gboolean      shows_actions;
  gboolean      opens_card; /* a click shows what it stands for */
  const char   *icon;      /* of a card */

  GtkWidget    *bubble;
  GtkLabel     *text;
  AdwAvatar    *avatar;  /* (nullable): made when first needed, as the next two */
  GtkWidget    *failure; /* (nullable) */
  GtkLabel     *failure_text;
  GtkWidget    *more;    /* (nullable): of a folded or an editable one */
  GtkWidget    *picture; /* (nullable): TernPicture */
  GtkWidget    *actions; /* (nullable): TernMediaActions */

  PangoLayout  *layouts[N_LAYOUTS]; /* (nullable) */
  gboolean      has[N_LAYOUTS];
  TernRowBox    boxes[N_LAYOUTS];
  TernRowBox    bubble_box, text_box, avatar_box, quote_box, icon_box, state_box;
  TernRowBox    failure_box, more_box, check_box, picture_box, actions_box;
  int           arranged_width; /* 0: what is above is not valid */
  int           height;
};

PangoLayout *tern_message_row_get_layout (TernMessageRow *self,
                                          TernRowLayout   which);
/* Works out all places for a width, unless they are known. */
void         tern_message_row_arrange    (TernMessageRow *self,
                                          int             width);
void         tern_message_row_draw       (TernMessageRow *self,
                                          GtkSnapshot    *snapshot);

void         tern_message_row_update_media    (TernMessageRow    *self);
void         tern_message_row_clear_media     (TernMessageRow    *self);
int          tern_message_row_arrange_picture (TernMessageRow    *self,
                                               int                max_width,
                                               int                y,
                                               int               *width);
int          tern_message_row_arrange_actions (TernMessageRow    *self,
                                               int                max_width,
                                               int                y,
                                               int               *width);
int          tern_message_row_guess_media     (const TernContent *content,
                                               int                max_width);

G_END_DECLS
