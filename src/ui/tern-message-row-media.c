/* tern-message-row-media.c: the picture or the file in a message's row
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-media-actions.h"
#include "tern-message-row-private.h"
#include "tern-picture.h"

#define ACTIONS_GAP 6
#define ACTIONS_WIDTH 280
#define ACTIONS_GUESS 40

static gboolean
is_picture (const TernContent *content)
{
  return (content->kind == TERN_CONTENT_KIND_PICTURE || content->kind == TERN_CONTENT_KIND_FACE) &&
         content->url != NULL;
}

static gboolean
is_file (const TernContent *content)
{
  return content->url != NULL && (content->kind == TERN_CONTENT_KIND_FILE ||
                                  content->kind == TERN_CONTENT_KIND_VOICE ||
                                  content->kind == TERN_CONTENT_KIND_VIDEO);
}

static void
show_picture (TernMessageRow    *self,
              const TernContent *content)
{
  if (self->picture == NULL)
    {
      self->picture = tern_picture_new ();
      gtk_widget_set_parent (self->picture, GTK_WIDGET (self));
    }
  tern_picture_show (TERN_PICTURE (self->picture), tern_session_get_media (self->session),
                     content->thumb_url != NULL ? content->thumb_url : content->url, content->url,
                     content->width, content->height);
}

static void
show_actions (TernMessageRow    *self,
              const TernContent *content)
{
  if (self->actions == NULL)
    {
      self->actions = tern_media_actions_new ();
      gtk_widget_set_parent (self->actions, GTK_WIDGET (self));
    }
  tern_media_actions_show (TERN_MEDIA_ACTIONS (self->actions),
                           tern_session_get_media (self->session), content->url, content->text);
}

/* After the message was bound or has changed. */
void
tern_message_row_update_media (TernMessageRow *self)
{
  const TernContent *content = tern_message_get_content (self->message);
  gboolean is_notice = tern_message_get_is_notice (self->message);

  self->shows_picture = !is_notice && is_picture (content);
  self->shows_actions =
    !is_notice && is_file (content) && tern_media_is_allowed (content->url);
  if (self->shows_picture)
    show_picture (self, content);
  else if (self->picture != NULL)
    tern_picture_clear (TERN_PICTURE (self->picture));
  if (self->shows_actions)
    show_actions (self, content);
  else if (self->actions != NULL)
    tern_media_actions_clear (TERN_MEDIA_ACTIONS (self->actions));
}

void
tern_message_row_clear_media (TernMessageRow *self)
{
  if (self->picture != NULL)
    tern_picture_clear (TERN_PICTURE (self->picture));
  if (self->actions != NULL)
    tern_media_actions_clear (TERN_MEDIA_ACTIONS (self->actions));
}

/* The picture's place from @y on; returns how far down it goes. */
int
tern_message_row_arrange_picture (TernMessageRow *self,
                                  int             max_width,
                                  int             y,
                                  int            *width)
{
  const TernContent *content = tern_message_get_content (self->message);
  TernRowBox *box = &self->picture_box;

  *box = (TernRowBox) { .y = y };
  tern_picture_fit (content->width, content->height, max_width, &box->width, &box->height);
  *width = MAX (*width, box->width);

  return y + box->height + 4;
}

int
tern_message_row_arrange_actions (TernMessageRow *self,
                                  int             max_width,
                                  int             y,
                                  int            *width)
{
  TernRowBox *box = &self->actions_box;

  *width = MAX (*width, MIN (max_width, ACTIONS_WIDTH));
  *box = (TernRowBox) { 0, y + ACTIONS_GAP, *width, 0 };
  gtk_widget_measure (self->actions, GTK_ORIENTATION_VERTICAL, *width, &box->height, NULL, NULL,
                      NULL);

  return y + ACTIONS_GAP + box->height + 4;
}

/* What the two add to a card of the usual height. */
int
tern_message_row_guess_media (const TernContent *content,
                              int                max_width)
{
  int width;
  int height;

  if (is_file (content))
    return ACTIONS_GUESS + ACTIONS_GAP;
  if (!is_picture (content))
    return 0;
  tern_picture_fit (content->width, content->height, max_width, &width, &height);

  return height - 34;
}

/**
 * tern_message_row_activate_media:
 * @self: a row
 *
 * Does what the message's file is there for, if it has one.
 */
void
tern_message_row_activate_media (TernMessageRow *self)
{
  if (self->shows_actions)
    tern_media_actions_activate (TERN_MEDIA_ACTIONS (self->actions));
}
