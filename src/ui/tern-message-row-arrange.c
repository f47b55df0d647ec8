/* tern-message-row-arrange.c: where everything in a row is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All places are worked out once for a width, as if the text ran from left to
 * right; mirror() turns them round.
 */

#include "config.h"

#include "tern-message-row-private.h"

#include <string.h>

#include "tern-message-words.h"
#include "tern-text.h"

/* Wider lines do not read well. */
#define MAX_CHARS 58
#define OTHER_SIDE 36    /* that tells whose it is */
#define GUTTER (TERN_ROW_AVATAR + 8)
#define CHECK 32
#define PAD_X 12
#define PAD_Y 7
#define QUOTE_INDENT 10
#define CARD_ICON 32
#define STATE_ICON 14
#define META_GAP 10

PangoLayout *
tern_message_row_get_layout (TernMessageRow *self,
                             TernRowLayout   which)
{
  /* Beside the usual size: how large, and how bold. */
  static const struct { double scale; PangoWeight weight; } styles[N_LAYOUTS] = {
    [LAYOUT_DAY] = { 0.85, PANGO_WEIGHT_BOLD },
    [LAYOUT_UNREAD] = { 0.85, PANGO_WEIGHT_BOLD },
    [LAYOUT_NOTICE] = { 0.9, PANGO_WEIGHT_NORMAL },
    [LAYOUT_SENDER] = { 0.85, PANGO_WEIGHT_BOLD },
    [LAYOUT_QUOTE_SENDER] = { 0.85, PANGO_WEIGHT_BOLD },
    [LAYOUT_QUOTE_TEXT] = { 0.85, PANGO_WEIGHT_NORMAL },
    [LAYOUT_TIME] = { 0.8, PANGO_WEIGHT_NORMAL },
    [LAYOUT_TITLE] = { 1, PANGO_WEIGHT_BOLD },
    [LAYOUT_DETAILS] = { 0.85, PANGO_WEIGHT_NORMAL },
  };
  g_autoptr(PangoAttrList) attributes = NULL;

  if (self->layouts[which] != NULL)
    return self->layouts[which];
  self->layouts[which] = gtk_widget_create_pango_layout (GTK_WIDGET (self), NULL);
  attributes = pango_attr_list_new ();
  pango_attr_list_insert (attributes, pango_attr_scale_new (styles[which].scale));
  pango_attr_list_insert (attributes, pango_attr_weight_new (styles[which].weight));
  pango_layout_set_attributes (self->layouts[which], attributes);
  pango_layout_set_wrap (self->layouts[which], PANGO_WRAP_WORD_CHAR);
  if (which == LAYOUT_NOTICE)
    pango_layout_set_alignment (self->layouts[which], PANGO_ALIGN_CENTER);
  else if (which == LAYOUT_DETAILS)
    pango_layout_set_height (self->layouts[which], -4);
  if (which != LAYOUT_NOTICE)
    pango_layout_set_ellipsize (self->layouts[which], PANGO_ELLIPSIZE_END);

  return self->layouts[which];
}

static void
measure_layout (TernMessageRow *self,
                TernRowLayout          which,
                int             max_width)
{
  PangoLayout *layout;

  self->boxes[which] = (TernRowBox) { 0 };
  if (!self->has[which])
    return;
  layout = tern_message_row_get_layout (self, which);
  pango_layout_set_width (layout, MAX (max_width, 1) * PANGO_SCALE);
  pango_layout_get_pixel_size (layout, &self->boxes[which].width, &self->boxes[which].height);
}

static void
put (TernRowBox *box,
     int  x,
     int  y)
{
  box->x = x;
  box->y = y;
}

static int
get_max_bubble (TernMessageRow *self,
                int             area)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  int chars = MAX_CHARS * pango_font_metrics_get_approximate_char_width (metrics) / PANGO_SCALE;

  pango_font_metrics_unref (metrics);

  return MIN (area, chars + 2 * PAD_X);
}

/* Whether the time fits behind the last line of the text. */
static gboolean
has_room_behind (TernMessageRow *self,
                 PangoLayout    *layout,
                 int             max_width,
                 int             meta_width,
                 int            *width)
{
  int last = pango_layout_get_line_count (layout) - 1;
  PangoLayoutLine *line = pango_layout_get_line_readonly (layout, last);
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  PangoRectangle extents;

  if (line == NULL || self->is_large || self->is_folded ||
      (pango_layout_line_get_resolved_direction (line) == PANGO_DIRECTION_RTL) != is_rtl)
    return FALSE;
  pango_layout_line_get_pixel_extents (line, NULL, &extents);
  *width = extents.width + META_GAP + meta_width;

  return *width <= max_width;
}

/* Returns how far down the text goes. A label that is asked what it needs lays
 * its text out four times, and once more to draw it: this one is not asked, and
 * told its width beforehand. Should it make another layout, then for the width
 * it has: with the widest line in it, lines break where they did. */
static int
arrange_text (TernMessageRow *self,
              int             max_width,
              int             meta_width,
              int             y,
              int            *width,
              gboolean       *is_behind)
{
  PangoLayout *layout = gtk_label_get_layout (self->text);
  int behind_width = 0;
  int own_width;
  int height;

  pango_layout_set_width (layout, MAX (max_width, 1) * PANGO_SCALE);
  pango_layout_get_pixel_size (layout, &own_width, &height);
  *is_behind = has_room_behind (self, layout, max_width, meta_width, &behind_width);
  /* One pixel more is for what was rounded. */
  *width = MAX (*width, MAX (MIN (own_width + 1, max_width), *is_behind ? behind_width : 0));
  self->text_box = (TernRowBox) { 0, y, *width, height };

  return y + height;
}

/* The time, and what became of one's own message. */
static void
place_meta (TernMessageRow *self,
            int             width,
            int             meta_width,
            int             y)
{
  int height = self->boxes[LAYOUT_TIME].height;

  put (&self->boxes[LAYOUT_TIME], width - meta_width, y);
  self->state_box = (TernRowBox) { width - STATE_ICON, y + (height - STATE_ICON) / 2, STATE_ICON,
                                   STATE_ICON };
}

/* Icon, title and details; returns how far down they go. */
static int
arrange_card (TernMessageRow *self,
              int             max_width,
              int             y,
              int            *width)
{
  int details_y;

  measure_layout (self, LAYOUT_TITLE, max_width - CARD_ICON - 10);
  measure_layout (self, LAYOUT_DETAILS, max_width - CARD_ICON - 10);
  details_y = y + self->boxes[LAYOUT_TITLE].height;
  self->icon_box = (TernRowBox) { 0, y + 3, CARD_ICON, CARD_ICON };
  put (&self->boxes[LAYOUT_TITLE], CARD_ICON + 10,
       self->has[LAYOUT_DETAILS]
         ? y : y + 3 + (CARD_ICON - self->boxes[LAYOUT_TITLE].height) / 2);
  put (&self->boxes[LAYOUT_DETAILS], CARD_ICON + 10, details_y);
  *width = MAX (*width, CARD_ICON + 10 + MAX (self->boxes[LAYOUT_TITLE].width,
                                              self->boxes[LAYOUT_DETAILS].width));
  y = MAX (y + CARD_ICON + 6, details_y + self->boxes[LAYOUT_DETAILS].height + 2);

  return self->shows_actions ? tern_message_row_arrange_actions (self, max_width, y, width) : y;
}

/* The button below a text or a notice; returns how far down it goes. */
static int
arrange_more (TernMessageRow *self,
              int             y)
{
  self->more_box = (TernRowBox) { 0, y + 2, 0, 0 };
  gtk_widget_measure (self->more, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &self->more_box.width,
                      NULL, NULL);
  gtk_widget_measure (self->more, GTK_ORIENTATION_VERTICAL, self->more_box.width, NULL,
                      &self->more_box.height, NULL, NULL);

  return y + self->more_box.height + 4;
}

/* What is inside the bubble, from @y on; returns how far down it goes. */
static int
arrange_inside (TernMessageRow *self,
                int             max_width,
                int             y,
                int            *width)
{
  int meta_width;
  gboolean is_behind = FALSE;

  measure_layout (self, LAYOUT_TIME, max_width);
  meta_width = self->boxes[LAYOUT_TIME].width + (self->is_own ? STATE_ICON + 3 : 0);
  measure_layout (self, LAYOUT_SENDER, max_width);
  *width = MAX (self->boxes[LAYOUT_SENDER].width, meta_width);
  if (self->has[LAYOUT_SENDER])
    {
      put (&self->boxes[LAYOUT_SENDER], 0, y);
      y += self->boxes[LAYOUT_SENDER].height + 2;
    }
  self->quote_box = (TernRowBox) { 0 };
  if (self->has[LAYOUT_QUOTE_TEXT])
    {
      measure_layout (self, LAYOUT_QUOTE_SENDER, max_width - QUOTE_INDENT);
      measure_layout (self, LAYOUT_QUOTE_TEXT, max_width - QUOTE_INDENT);
      self->quote_box = (TernRowBox) { 0, y + 2, 0,
                                self->boxes[LAYOUT_QUOTE_SENDER].height +
                                self->boxes[LAYOUT_QUOTE_TEXT].height };
      put (&self->boxes[LAYOUT_QUOTE_SENDER], QUOTE_INDENT, y + 2);
      put (&self->boxes[LAYOUT_QUOTE_TEXT], QUOTE_INDENT,
           y + 2 + self->boxes[LAYOUT_QUOTE_SENDER].height);
      *width = MAX (*width, QUOTE_INDENT + MAX (self->boxes[LAYOUT_QUOTE_SENDER].width,
                                                self->boxes[LAYOUT_QUOTE_TEXT].width));
      y += self->quote_box.height + 8;
    }
  if (self->is_text)
    y = arrange_text (self, max_width, meta_width, y, width, &is_behind);
  else if (self->shows_picture)
    y = tern_message_row_arrange_picture (self, max_width, y, width);
  else
    y = arrange_card (self, max_width, y, width);
  if (self->is_folded)
    y = arrange_more (self, y);
  if (is_behind)
    y -= self->boxes[LAYOUT_TIME].height + 1;
  place_meta (self, *width, meta_width, y);
  y += self->boxes[LAYOUT_TIME].height + (is_behind ? 1 : 0);

  return y;
}

static void
shift (TernRowBox *box,
       int  x)
{
  box->x += x;
}

/* The bubble and what is in it; returns how far down it goes. */
static int
arrange_bubble (TernMessageRow *self,
                int             left,
                int             right,
                int             y)
{
  int start = left + TERN_ROW_SIDE + ((self->flags & TERN_ROW_SELECTABLE) != 0 ? CHECK : 0) +
              (self->is_group && !self->is_own ? GUTTER : 0);
  int max_width = get_max_bubble (self, right - TERN_ROW_SIDE - start - OTHER_SIDE);
  int inner_width = 0;
  int bottom;
  int x;

  bottom = arrange_inside (self, max_width - 2 * PAD_X, y + PAD_Y, &inner_width) + PAD_Y;
  self->bubble_box = (TernRowBox) { start, y, inner_width + 2 * PAD_X, bottom - y };
  if (self->is_own)
    self->bubble_box.x = right - TERN_ROW_SIDE - self->bubble_box.width;
  x = self->bubble_box.x + PAD_X;
  shift (&self->text_box, x);
  shift (&self->more_box, x);
  shift (&self->icon_box, x);
  shift (&self->picture_box, x);
  shift (&self->actions_box, x);
  shift (&self->state_box, x);
  shift (&self->quote_box, x);
  self->quote_box.width = inner_width;
  for (TernRowLayout i = LAYOUT_SENDER; i <= LAYOUT_DETAILS; i++)
    shift (&self->boxes[i], x);
  self->avatar_box = (TernRowBox) { start - GUTTER, y, TERN_ROW_AVATAR, TERN_ROW_AVATAR };
  if (self->failure != NULL && gtk_widget_get_visible (self->failure))
    {
      int width = MAX (self->bubble_box.width, MIN (max_width, 280));

      self->failure_box = (TernRowBox) { right - TERN_ROW_SIDE - width, bottom + 3, width, 0 };
      gtk_widget_measure (self->failure, GTK_ORIENTATION_VERTICAL, width, NULL,
                          &self->failure_box.height, NULL, NULL);
      bottom += self->failure_box.height + 3;
    }

  return bottom;
}

static void
mirror (TernMessageRow *self,
        TernRowBox            *box,
        int             width)
{
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    box->x = width - box->x - box->width;
}

void
tern_message_row_arrange (TernMessageRow *self,
                          int             width)
{
  int area = MIN (width, TERN_ROW_MAX_AREA);
  int left = (width - area) / 2;
  int y = 0;
  TernRowBox *others[] = { &self->bubble_box, &self->text_box, &self->avatar_box, &self->quote_box,
                    &self->icon_box, &self->state_box, &self->failure_box, &self->more_box,
                    &self->check_box, &self->picture_box, &self->actions_box };

  if (self->arranged_width == width)
    return;
  measure_layout (self, LAYOUT_DAY, area - 2 * TERN_ROW_SIDE);
  measure_layout (self, LAYOUT_UNREAD, area - 2 * TERN_ROW_SIDE);
  measure_layout (self, LAYOUT_NOTICE, area - 6 * TERN_ROW_SIDE);
  if (self->has[LAYOUT_DAY])
    {
      put (&self->boxes[LAYOUT_DAY], (width - self->boxes[LAYOUT_DAY].width) / 2, y + 16);
      y += self->boxes[LAYOUT_DAY].height + 22;
    }
  if (self->has[LAYOUT_UNREAD])
    {
      put (&self->boxes[LAYOUT_UNREAD], (width - self->boxes[LAYOUT_UNREAD].width) / 2, y + 10);
      y += self->boxes[LAYOUT_UNREAD].height + 16;
    }
  if (self->has[LAYOUT_NOTICE])
    {
      /* The layout is as wide as it may be, and centres its lines itself. */
      self->boxes[LAYOUT_NOTICE].width = area - 6 * TERN_ROW_SIDE;
      put (&self->boxes[LAYOUT_NOTICE], left + 3 * TERN_ROW_SIDE, y + 8);
      self->check_box = (TernRowBox) { left + TERN_ROW_SIDE,
                                       y + 8 + (self->boxes[LAYOUT_NOTICE].height - 20) / 2,
                                       20, 20 };
      y += self->boxes[LAYOUT_NOTICE].height + 16;
      if (self->is_editable)
        {
          y = arrange_more (self, y - 8) + 4;
          shift (&self->more_box, (width - self->more_box.width) / 2);
        }
    }
  else if (self->message != NULL)
    {
      y += tern_message_get_starts_run (self->message) ? 9 : 2;
      self->check_box = (TernRowBox) { left + TERN_ROW_SIDE, y + 6, 20, 20 };
      y = arrange_bubble (self, left, left + area, y) + 2;
    }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    mirror (self, others[i], width);
  for (guint i = 0; i < N_LAYOUTS; i++)
    mirror (self, &self->boxes[i], width);
  self->height = MAX (y, 1);
  self->arranged_width = width;
}

/**
 * tern_message_row_guess_height:
 * @message: a message
 * @is_group: whether senders are named
 * @width: of the timeline
 *
 * Returns: about what its row will need
 */
int
tern_message_row_guess_height (TernMessage *message,
                               gboolean     is_group,
                               int          width)
{
  const TernContent *content = tern_message_get_content (message);
  int area = MIN (width, TERN_ROW_MAX_AREA) - 2 * TERN_ROW_SIDE - OTHER_SIDE - 2 * PAD_X -
             (is_group ? GUTTER : 0);
  int cells_in_line = CLAMP (area / 8, 10, MAX_CHARS);
  int height = tern_message_get_starts_day (message) ? 40 : 0;
  int n_lines = 1;
  int cells = 0;

  if (tern_message_get_is_notice (message))
    return height + 34;
  height += tern_message_get_starts_run (message) ? 12 : 4;
  if (is_group && tern_message_get_starts_run (message) && !tern_message_get_is_own (message))
    height += 17;
  if (!tern_message_is_text (message))
    return height + 70 + tern_message_row_guess_media (content, area);
  for (const char *at = content->text; *at != '\0' && n_lines <= TERN_FOLD_LINES;
       at = g_utf8_next_char (at))
    {
      cells += (guchar) *at >= 0xe0 ? 2 : 1;
      if (tern_text_is_break (g_utf8_get_char (at)) || cells > cells_in_line)
        {
          n_lines++;
          cells = 0;
        }
    }

  return height + 2 * PAD_Y + 19 * n_lines + (content->quote != NULL ? 44 : 0);
}
