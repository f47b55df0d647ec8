/* tern-message-row-draw.c: all of a row that is no widget of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-message-row-private.h"

static void
draw_layout (TernMessageRow *self,
             GtkSnapshot    *snapshot,
             TernRowLayout          which,
             const GdkRGBA  *color,
             double          alpha)
{
  GdkRGBA shade = *color;
  PangoRectangle extents;
  int x = self->boxes[which].x;

  if (!self->has[which])
    return;
  /* A layout with a width starts where its text does not. */
  if (which != LAYOUT_NOTICE)
    {
      pango_layout_get_pixel_extents (self->layouts[which], NULL, &extents);
      x -= extents.x;
    }
  shade.alpha *= (float) alpha;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x,
                                                          (float) self->boxes[which].y));
  gtk_snapshot_append_layout (snapshot, self->layouts[which], &shade);
  gtk_snapshot_restore (snapshot);
}

static void
draw_icon (TernMessageRow *self,
           GtkSnapshot    *snapshot,
           const char     *name,
           const TernRowBox      *box,
           const GdkRGBA  *color,
           double          alpha)
{
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (GTK_WIDGET (self)));
  g_autoptr(GtkIconPaintable) icon =
    gtk_icon_theme_lookup_icon (theme, name, NULL, box->width,
                                gtk_widget_get_scale_factor (GTK_WIDGET (self)),
                                gtk_widget_get_direction (GTK_WIDGET (self)), 0);
  GdkRGBA shade = *color;

  shade.alpha *= (float) alpha;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) box->x, (float) box->y));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), snapshot, box->width,
                                            box->height, &shade, 1);
  gtk_snapshot_restore (snapshot);
}

static void
draw_rule (TernMessageRow *self,
           GtkSnapshot    *snapshot,
           const GdkRGBA  *color)
{
  const TernRowBox *box = &self->boxes[LAYOUT_UNREAD];
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  int area = MIN (width, TERN_ROW_MAX_AREA);
  float y = (float) box->y + (float) box->height / 2;
  float left = (float) (width - area) / 2 + TERN_ROW_SIDE;
  float right = (float) (width + area) / 2 - TERN_ROW_SIDE;
  GdkRGBA shade = *color;

  shade.alpha *= 0.5f;
  gtk_snapshot_append_color (snapshot, &shade,
                             &GRAPHENE_RECT_INIT (left, y, (float) box->x - 10 - left, 1));
  gtk_snapshot_append_color (snapshot, &shade,
                             &GRAPHENE_RECT_INIT ((float) (box->x + box->width + 10), y,
                                                  right - (float) (box->x + box->width + 10), 1));
}

static void
draw_quote (TernMessageRow *self,
            GtkSnapshot    *snapshot,
            const GdkRGBA  *color)
{
  const TernRowBox *box = &self->quote_box;
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;

  gtk_snapshot_append_color (snapshot, color,
                             &GRAPHENE_RECT_INIT ((float) (is_rtl ? box->x + box->width - 3
                                                                  : box->x),
                                                  (float) box->y, 3, (float) box->height));
}

static const char *
get_state_icon (TernMessageRow *self)
{
  switch (tern_message_get_status (self->message))
    {
    case TERN_MESSAGE_SENDING:
      return "tern-sending-symbolic";
    case TERN_MESSAGE_FAILED:
      return "dialog-warning-symbolic";
    case TERN_MESSAGE_SENT:
    case TERN_MESSAGE_DELETED:
    default:
      return tern_message_get_record (self->message)->is_read ? "tern-read-symbolic"
                                                              : "tern-sent-symbolic";
    }
}

static void
draw_check (TernMessageRow *self,
            GtkSnapshot    *snapshot,
            const GdkRGBA  *color,
            const GdkRGBA  *accent)
{
  gboolean is_chosen = (self->flags & TERN_ROW_SELECTED) != 0;
  const TernRowBox *box = &self->check_box;
  GskRoundedRect round;
  const float widths[4] = { 1.5f, 1.5f, 1.5f, 1.5f };
  GdkRGBA shade = is_chosen ? *accent : *color;

  if (!is_chosen)
    shade.alpha *= 0.4f;
  gsk_rounded_rect_init_from_rect (&round, &GRAPHENE_RECT_INIT ((float) box->x, (float) box->y,
                                                                (float) box->width,
                                                                (float) box->height), 10);
  gtk_snapshot_append_border (snapshot, &round, widths,
                              (GdkRGBA[4]) { shade, shade, shade, shade });
  if (is_chosen)
    draw_icon (self, snapshot, "object-select-symbolic",
               &(TernRowBox) { box->x + 3, box->y + 3, 14, 14 }, accent, 1);
}

void
tern_message_row_draw (TernMessageRow *self,
                       GtkSnapshot    *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  gboolean is_high = adw_style_manager_get_high_contrast (adw_style_manager_get_default ());
  double dim = is_high ? 1 : 0.6;
  GdkRGBA color;
  GdkRGBA accent;

  if (self->message == NULL)
    return;
  gtk_style_context_get_color (style, &color);
  if (!gtk_style_context_lookup_color (style, "accent_color", &accent))
    accent = color;
  draw_layout (self, snapshot, LAYOUT_DAY, &color, dim);
  if (self->has[LAYOUT_UNREAD])
    draw_rule (self, snapshot, &accent);
  draw_layout (self, snapshot, LAYOUT_UNREAD, &accent, 1);
  draw_layout (self, snapshot, LAYOUT_NOTICE, &color, dim);
  if (self->is_folded || self->is_editable)
    gtk_widget_snapshot_child (widget, self->more, snapshot);
  if ((self->flags & TERN_ROW_SELECTABLE) != 0)
    draw_check (self, snapshot, &color, &accent);
  if (self->has[LAYOUT_NOTICE])
    return;

  gtk_widget_snapshot_child (widget, self->bubble, snapshot);
  if (self->shows_avatar)
    gtk_widget_snapshot_child (widget, GTK_WIDGET (self->avatar), snapshot);
  if (self->has[LAYOUT_QUOTE_TEXT])
    draw_quote (self, snapshot, &accent);
  draw_layout (self, snapshot, LAYOUT_SENDER, &accent, 1);
  draw_layout (self, snapshot, LAYOUT_QUOTE_SENDER, &accent, 1);
  draw_layout (self, snapshot, LAYOUT_QUOTE_TEXT, &color, 0.85);
  draw_layout (self, snapshot, LAYOUT_TITLE, &color, 1);
  draw_layout (self, snapshot, LAYOUT_DETAILS, &color, dim);
  draw_layout (self, snapshot, LAYOUT_TIME, &color, dim);
  if (self->icon != NULL)
    draw_icon (self, snapshot, self->icon, &self->icon_box, &accent, 1);
  if (self->is_own)
    draw_icon (self, snapshot, get_state_icon (self), &self->state_box, &color, dim);
  if (self->is_text)
    gtk_widget_snapshot_child (widget, GTK_WIDGET (self->text), snapshot);
  if (self->shows_picture)
    gtk_widget_snapshot_child (widget, self->picture, snapshot);
  if (self->shows_actions)
    gtk_widget_snapshot_child (widget, self->actions, snapshot);
  if (self->failure != NULL)
    gtk_widget_snapshot_child (widget, self->failure, snapshot);
}
