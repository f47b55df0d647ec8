/* tern-message-row.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-message-row-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tern-css-class.h"
#include "tern-link-opener.h"
#include "tern-links.h"
#include "tern-message-words.h"
#include "tern-text.h"
#include "tern-time.h"

#define LARGE_EMOJI 2.4
#define MAX_NOTICE_CHARS 1500

G_DEFINE_FINAL_TYPE (TernMessageRow, tern_message_row, GTK_TYPE_WIDGET)

static guint request_signal;

/* --- text --- */

/* What is not the text itself is one line, as far as the width allows: however
 * many a peer put into a name or a title. Details come in lines. */
static void
set_layout (TernMessageRow *self,
            TernRowLayout          which,
            const char     *text) /* (nullable) */
{
  g_autofree char *shown = NULL;

  if (text == NULL || which == LAYOUT_DETAILS)
    shown = g_strdup (text);
  else
    shown = tern_text_dup_line (text, which == LAYOUT_NOTICE ? MAX_NOTICE_CHARS
                                                            : TERN_TEXT_LINE_CHARS);
  self->has[which] = shown != NULL && *shown != '\0';
  if (self->has[which])
    pango_layout_set_text (tern_message_row_get_layout (self, which), shown, -1);
}

static const char *
get_words (TernMessageRow *self,
           TernRowLayout   which)
{
  return self->has[which] ? pango_layout_get_text (self->layouts[which]) : "";
}

static gint64
get_time_ms (TernMessageRow *self)
{
  const TernMessageRecord *record = tern_message_get_record (self->message);

  return record->sent_ms > 0 ? record->sent_ms : record->created_ms;
}

static void
update_text (TernMessageRow *self)
{
  g_autoptr(GArray) mentions = NULL;
  g_autoptr(PangoAttrList) attributes = NULL;
  g_autofree char *text = tern_message_dup_text (self->message, &mentions);
  g_autofree char *folded = NULL;
  g_autofree char *markup = NULL;

  self->is_large = tern_message_is_emoji_only (text) &&
                   tern_message_get_content (self->message)->quote == NULL;
  if (g_object_get_data (G_OBJECT (self->message), "tern-unfolded") == NULL)
    folded = tern_message_dup_folded (text);
  self->is_folded = folded != NULL;
  if (folded != NULL)
    {
      g_free (text);
      text = g_steal_pointer (&folded);
    }
  markup = tern_links_dup_markup (text, mentions);
  if (self->is_large)
    {
      attributes = pango_attr_list_new ();
      pango_attr_list_insert (attributes, pango_attr_scale_new (LARGE_EMOJI));
    }
  gtk_label_set_attributes (self->text, attributes);
  if (markup != NULL)
    gtk_label_set_markup (self->text, markup);
  else
    gtk_label_set_text (self->text, text);
}

static void
update_quote (TernMessageRow *self)
{
  const TernContent *content = tern_message_get_content (self->message);
  g_autofree char *preview = NULL;

  self->has[LAYOUT_QUOTE_SENDER] = self->has[LAYOUT_QUOTE_TEXT] = FALSE;
  if (content->quote == NULL)
    return;
  if (content->quote->kind == TERN_CONTENT_KIND_REVOKED)
    preview = g_strdup (_("The message was withdrawn"));
  else
    preview = tern_session_word_preview (self->session, content->quote, NULL, TRUE);
  set_layout (self, LAYOUT_QUOTE_SENDER, content->quote_sender);
  set_layout (self, LAYOUT_QUOTE_TEXT, *preview != '\0' ? preview : "…");
}

static void
update_card (TernMessageRow *self)
{
  g_autoptr(TernCard) card = NULL;

  self->icon = NULL;
  self->opens_card = FALSE;
  self->has[LAYOUT_TITLE] = self->has[LAYOUT_DETAILS] = FALSE;
  if (self->is_text || self->shows_picture || tern_message_get_is_notice (self->message))
    return;
  card = tern_card_new (self->message);
  self->icon = card->icon;
  self->opens_card = tern_message_opens (self->message);
  set_layout (self, LAYOUT_TITLE, card->title);
  set_layout (self, LAYOUT_DETAILS, card->details);
}

static const char *
word_state (TernMessageRow *self)
{
  if (!self->is_own)
    return NULL;
  switch (tern_message_get_status (self->message))
    {
    case TERN_MESSAGE_SENDING:
      return _("Sending");
    case TERN_MESSAGE_FAILED:
      return _("Not sent");
    case TERN_MESSAGE_SENT:
    case TERN_MESSAGE_DELETED:
    default:
      return tern_message_get_record (self->message)->is_read ? _("Read") : _("Sent");
    }
}

/* As it is shown: folded, and with the beginning of what it quotes. */
static void
append_message (TernMessageRow *self,
                GString        *label)
{
  const char *state = word_state (self);
  g_autofree char *sender = tern_text_dup_line (tern_message_get_sender_name (self->message),
                                                TERN_TEXT_LINE_CHARS);
  g_autofree char *preview = NULL;

  g_string_append_printf (label, "%s, %s", sender, get_words (self, LAYOUT_TIME));
  if (self->has[LAYOUT_QUOTE_SENDER])
    {
      g_string_append (label, ", ");
      g_string_append_printf (label, _("Reply to %s"), get_words (self, LAYOUT_QUOTE_SENDER));
    }
  if (self->has[LAYOUT_QUOTE_TEXT])
    g_string_append_printf (label, ", “%s”", get_words (self, LAYOUT_QUOTE_TEXT));
  if (!self->is_text)
    preview = tern_session_word_preview (self->session, tern_message_get_content (self->message),
                                         NULL, TRUE);
  g_string_append_printf (label, ": %s", preview != NULL ? preview
                                                         : gtk_label_get_text (self->text));
  if (state != NULL)
    g_string_append_printf (label, " (%s)", state);
}

static void
update_label (TernMessageRow *self)
{
  g_autoptr(GString) label = g_string_new (NULL);

  for (TernRowLayout i = LAYOUT_DAY; i <= LAYOUT_UNREAD; i++)
    {
      if (self->has[i])
        g_string_append_printf (label, "%s, ", get_words (self, i));
    }
  if (tern_message_get_is_notice (self->message))
    g_string_append (label, get_words (self, LAYOUT_NOTICE));
  else
    append_message (self, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label->str, -1);
}

static void
update_selected (TernMessageRow *self)
{
  gboolean is_selected = (self->flags & TERN_ROW_SELECTED) != 0;

  tern_css_class_set (GTK_WIDGET (self), "chosen", is_selected);
  if ((self->flags & TERN_ROW_SELECTABLE) != 0)
    gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_SELECTED,
                                 is_selected, -1);
  else
    gtk_accessible_reset_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_SELECTED);
}

static void
retry_cb (TernMessageRow *self)
{
  if (self->message != NULL)
    tern_session_resend (self->session, self->message);
}

static void
update_failure (TernMessageRow *self)
{
  gboolean has_failed = tern_message_get_status (self->message) == TERN_MESSAGE_FAILED;
  g_autofree char *why = NULL;

  if (has_failed && self->failure == NULL)
    {
      GtkWidget *button = gtk_button_new_with_label (_("Try Again"));

      self->failure = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
      self->failure_text = GTK_LABEL (gtk_label_new (NULL));
      gtk_label_set_wrap (self->failure_text, TRUE);
      gtk_label_set_xalign (self->failure_text, 0);
      gtk_widget_set_hexpand (GTK_WIDGET (self->failure_text), TRUE);
      gtk_widget_add_css_class (GTK_WIDGET (self->failure_text), "error");
      gtk_widget_add_css_class (GTK_WIDGET (self->failure_text), "caption");
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      g_signal_connect_swapped (button, "clicked", G_CALLBACK (retry_cb), self);
      gtk_box_append (GTK_BOX (self->failure), GTK_WIDGET (self->failure_text));
      gtk_box_append (GTK_BOX (self->failure), button);
      gtk_widget_set_parent (self->failure, GTK_WIDGET (self));
    }
  if (self->failure == NULL)
    return;
  gtk_widget_set_visible (self->failure, has_failed);
  if (has_failed)
    {
      why = tern_session_word_failure (tern_message_get_record (self->message)->error);
      gtk_label_set_text (self->failure_text, why);
    }
}

static void update (TernMessageRow *self);

static void
request (TernMessageRow *self,
         TernRowRequest  what,
         double          x,
         double          y)
{
  if (self->message != NULL)
    g_signal_emit (self, request_signal, 0, (int) what, x, y);
}

static void
more_cb (TernMessageRow *self)
{
  if (self->message == NULL)
    return;
  if (self->is_editable)
    {
      request (self, TERN_ROW_REQUEST_OPEN, 0, 0);
      return;
    }
  g_object_set_data (G_OBJECT (self->message), "tern-unfolded", self->message);
  update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

static void
update_more (TernMessageRow *self)
{
  gboolean is_shown = self->is_folded || self->is_editable;

  if (is_shown && self->more == NULL)
    {
      self->more = gtk_button_new ();
      gtk_widget_add_css_class (self->more, "flat");
      g_signal_connect_swapped (self->more, "clicked", G_CALLBACK (more_cb), self);
      gtk_widget_set_parent (self->more, GTK_WIDGET (self));
    }
  if (self->more == NULL)
    return;
  gtk_widget_set_visible (self->more, is_shown);
  if (is_shown)
    gtk_button_set_label (GTK_BUTTON (self->more),
                          self->is_editable ? _("Edit Again") : _("Show All"));
}

static void
update_avatar (TernMessageRow *self)
{
  self->shows_avatar = self->is_group && !self->is_own &&
                       !tern_message_get_is_notice (self->message) &&
                       tern_message_get_starts_run (self->message);
  if (!self->shows_avatar)
    return;
  if (self->avatar == NULL)
    {
      self->avatar = ADW_AVATAR (adw_avatar_new (TERN_ROW_AVATAR, NULL, TRUE));
      gtk_widget_set_parent (GTK_WIDGET (self->avatar), GTK_WIDGET (self));
    }
  adw_avatar_set_text (self->avatar, tern_message_get_sender_name (self->message));
}

static void
update (TernMessageRow *self)
{
  gboolean is_notice = tern_message_get_is_notice (self->message);
  g_autofree char *day = NULL;
  g_autofree char *notice = NULL;
  g_autofree char *time = NULL;

  self->is_own = tern_message_get_is_own (self->message);
  self->is_text = !is_notice && tern_message_is_text (self->message);
  self->is_large = self->is_folded = FALSE;
  self->is_editable = tern_session_get_remembered_text (self->session, self->message) != NULL;
  if (tern_message_get_starts_day (self->message))
    day = tern_time_word_day (get_time_ms (self));
  if (is_notice)
    notice = tern_session_word_notice (self->session, self->message);
  else
    time = tern_time_word_clock (get_time_ms (self));
  set_layout (self, LAYOUT_DAY, day);
  set_layout (self, LAYOUT_UNREAD,
              (self->flags & TERN_ROW_FIRST_UNREAD) != 0 ? _("New Messages") : NULL);
  set_layout (self, LAYOUT_NOTICE, notice);
  set_layout (self, LAYOUT_TIME, time);
  set_layout (self, LAYOUT_SENDER,
              !is_notice && self->is_group && !self->is_own &&
              tern_message_get_starts_run (self->message)
                ? tern_message_get_sender_name (self->message) : NULL);
  /* What is only not drawn could still take the focus. */
  gtk_widget_set_visible (GTK_WIDGET (self->text), self->is_text);
  if (self->is_text)
    update_text (self);
  update_quote (self);
  tern_message_row_update_media (self);
  update_card (self);
  update_failure (self);
  update_more (self);
  update_avatar (self);
  update_label (self);
  tern_css_class_set (self->bubble, "own", self->is_own);
  tern_css_class_set (self->bubble, "bare", self->is_large);
  tern_css_class_set (GTK_WIDGET (self), "highlighted", (self->flags & TERN_ROW_HIGHLIGHTED) != 0);
  update_selected (self);
  self->arranged_width = 0;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/* --- vfuncs --- */

static void
tern_message_row_snapshot (GtkWidget   *widget,
                           GtkSnapshot *snapshot)
{
  tern_message_row_draw (TERN_MESSAGE_ROW (widget), snapshot);
}

static void
tern_message_row_measure (GtkWidget      *widget,
                          GtkOrientation  orientation,
                          int             for_size,
                          int            *minimum,
                          int            *natural,
                          int            *minimum_baseline,
                          int            *natural_baseline)
{
  TernMessageRow *self = TERN_MESSAGE_ROW (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 1;
      *natural = TERN_ROW_MAX_AREA;
      return;
    }
  tern_message_row_arrange (self, for_size > 0 ? for_size : TERN_ROW_MAX_AREA);
  *minimum = *natural = self->height;
}

static void
allocate (GtkWidget *widget,
          const TernRowBox *box,
          gboolean   is_shown)
{
  if (widget == NULL)
    return;
  gtk_widget_set_child_visible (widget, is_shown);
  if (!is_shown)
    return;
  /* GTK wants to be asked first. */
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
  gtk_widget_size_allocate (widget, &(GtkAllocation) { box->x, box->y, box->width, box->height },
                            -1);
}

static void
tern_message_row_size_allocate (GtkWidget *widget,
                                int        width,
                                int        height,
                                int        baseline)
{
  TernMessageRow *self = TERN_MESSAGE_ROW (widget);
  gboolean has_bubble = self->message != NULL && !self->has[LAYOUT_NOTICE];

  tern_message_row_arrange (self, width);
  allocate (self->bubble, &self->bubble_box, has_bubble);
  allocate (GTK_WIDGET (self->text), &self->text_box, has_bubble && self->is_text);
  allocate (GTK_WIDGET (self->avatar), &self->avatar_box, has_bubble && self->shows_avatar);
  allocate (self->more, &self->more_box, self->message != NULL &&
                                         (self->is_folded || self->is_editable));
  allocate (self->picture, &self->picture_box, has_bubble && self->shows_picture);
  allocate (self->actions, &self->actions_box, has_bubble && self->shows_actions);
  allocate (self->failure, &self->failure_box,
            has_bubble && self->failure != NULL && gtk_widget_get_visible (self->failure));
}

/* What its text needs is the row's affair: see arrange_text(). */
static void
measure_text (GtkWidget      *text,
              GtkOrientation  orientation,
              int             for_size,
              int            *minimum,
              int            *natural,
              int            *minimum_baseline,
              int            *natural_baseline)
{
  *minimum = *natural = 0;
}

static void
allocate_text (GtkWidget *text,
               int        width,
               int        height,
               int        baseline)
{
}

static GtkSizeRequestMode
tern_message_row_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
fonts_changed (TernMessageRow *self)
{
  for (guint i = 0; i < N_LAYOUTS; i++)
    {
      if (self->layouts[i] != NULL)
        pango_layout_context_changed (self->layouts[i]);
    }
  self->arranged_width = 0;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
tern_message_row_css_changed (GtkWidget         *widget,
                              GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (tern_message_row_parent_class)->css_changed (widget, change);
  /* What changed cannot be asked; a highlight changes no font, and comes often. */
  if (TERN_MESSAGE_ROW (widget)->message != NULL)
    gtk_widget_queue_draw (widget);
}

static void
tern_message_row_system_setting_changed (GtkWidget        *widget,
                                         GtkSystemSetting  setting)
{
  GTK_WIDGET_CLASS (tern_message_row_parent_class)->system_setting_changed (widget, setting);
  if (setting == GTK_SYSTEM_SETTING_FONT_NAME || setting == GTK_SYSTEM_SETTING_FONT_CONFIG ||
      setting == GTK_SYSTEM_SETTING_DPI)
    fonts_changed (TERN_MESSAGE_ROW (widget));
}

static void
tern_message_row_direction_changed (GtkWidget        *widget,
                                    GtkTextDirection  previous)
{
  GTK_WIDGET_CLASS (tern_message_row_parent_class)->direction_changed (widget, previous);
  fonts_changed (TERN_MESSAGE_ROW (widget));
}

/* --- what the person does --- */

static gboolean
contains (const TernRowBox *box,
          double     x,
          double     y)
{
  return x >= box->x && x < box->x + box->width && y >= box->y && y < box->y + box->height;
}

static gboolean
opens_at (TernMessageRow *self,
          double          x,
          double          y)
{
  return (self->has[LAYOUT_QUOTE_TEXT] && contains (&self->quote_box, x, y)) ||
         (self->shows_picture && contains (&self->picture_box, x, y)) ||
         (self->opens_card && contains (&self->bubble_box, x, y));
}

static void
pressed_cb (GtkGestureClick *gesture,
            int              n_press,
            double           x,
            double           y,
            gpointer         user_data)
{
  TernMessageRow *self = user_data;
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (gesture));

  if (event != NULL && gdk_event_triggers_context_menu (event))
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
      request (self, TERN_ROW_REQUEST_MENU, x, y);
    }
  else if (gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture)) !=
           GDK_BUTTON_PRIMARY)
    return;
  else if ((self->flags & TERN_ROW_SELECTABLE) != 0)
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
      request (self, event != NULL && (gdk_event_get_modifier_state (event) & GDK_SHIFT_MASK) != 0
                       ? TERN_ROW_REQUEST_EXTEND : TERN_ROW_REQUEST_TOGGLE, x, y);
    }
  else if (opens_at (self, x, y))
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

/* Not when it is pressed: from there one may drag on to other messages. */
static void
released_cb (GtkGestureClick *gesture,
             int              n_press,
             double           x,
             double           y,
             gpointer         user_data)
{
  TernMessageRow *self = user_data;
  GdkEventSequence *sequence =
    gtk_gesture_single_get_current_sequence (GTK_GESTURE_SINGLE (gesture));

  if (gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture)) == GDK_BUTTON_PRIMARY &&
      gtk_gesture_get_sequence_state (GTK_GESTURE (gesture), sequence) ==
        GTK_EVENT_SEQUENCE_CLAIMED &&
      (self->flags & TERN_ROW_SELECTABLE) == 0 && opens_at (self, x, y))
    request (self, TERN_ROW_REQUEST_OPEN, x, y);
}

static void
long_pressed_cb (GtkGestureLongPress *gesture,
                 double               x,
                 double               y,
                 gpointer             user_data)
{
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  request (user_data, TERN_ROW_REQUEST_MENU, x, y);
}

static gboolean
key_cb (GtkWidget *widget,
        GVariant  *arguments,
        gpointer   user_data)
{
  TernMessageRow *self = TERN_MESSAGE_ROW (widget);
  int what = g_variant_get_int32 (arguments);

  if (what == TERN_ROW_REQUEST_OPEN && (self->flags & TERN_ROW_SELECTABLE) != 0)
    what = TERN_ROW_REQUEST_TOGGLE;
  request (self, what, self->bubble_box.x + self->bubble_box.width / 2.0,
           self->bubble_box.y + self->bubble_box.height / 2.0);

  return GDK_EVENT_STOP;
}

static void
tern_message_row_dispose (GObject *object)
{
  TernMessageRow *self = TERN_MESSAGE_ROW (object);
  GtkWidget *child;

  tern_message_row_unbind (self);
  for (guint i = 0; i < N_LAYOUTS; i++)
    g_clear_object (&self->layouts[i]);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (tern_message_row_parent_class)->dispose (object);
}

static void
tern_message_row_class_init (TernMessageRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const struct { guint keyval; GdkModifierType modifiers; TernRowRequest what; } keys[] = {
    { GDK_KEY_Return, 0, TERN_ROW_REQUEST_OPEN },
    { GDK_KEY_KP_Enter, 0, TERN_ROW_REQUEST_OPEN },
    { GDK_KEY_space, 0, TERN_ROW_REQUEST_OPEN },
    { GDK_KEY_c, GDK_CONTROL_MASK, TERN_ROW_REQUEST_COPY },
    { GDK_KEY_r, GDK_CONTROL_MASK, TERN_ROW_REQUEST_REPLY },
    { GDK_KEY_Up, GDK_SHIFT_MASK, TERN_ROW_REQUEST_EXTEND_UP },
    { GDK_KEY_Down, GDK_SHIFT_MASK, TERN_ROW_REQUEST_EXTEND_DOWN },
    { GDK_KEY_Delete, 0, TERN_ROW_REQUEST_DELETE },
  };

  G_OBJECT_CLASS (klass)->dispose = tern_message_row_dispose;
  widget_class->measure = tern_message_row_measure;
  widget_class->size_allocate = tern_message_row_size_allocate;
  widget_class->get_request_mode = tern_message_row_get_request_mode;
  widget_class->snapshot = tern_message_row_snapshot;
  widget_class->css_changed = tern_message_row_css_changed;
  widget_class->system_setting_changed = tern_message_row_system_setting_changed;
  widget_class->direction_changed = tern_message_row_direction_changed;
  gtk_widget_class_set_css_name (widget_class, "message");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST_ITEM);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (widget_class, keys[i].keyval, keys[i].modifiers, key_cb, "i",
                                  (int) keys[i].what);

  request_signal = g_signal_new ("request", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 3, G_TYPE_INT, G_TYPE_DOUBLE,
                                 G_TYPE_DOUBLE);
}

static void
add_menu_keys (TernMessageRow *self)
{
  static const struct { guint keyval; GdkModifierType modifiers; } keys[] = {
    { GDK_KEY_Menu, 0 }, { GDK_KEY_F10, GDK_SHIFT_MASK },
  };
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (shortcuts, GTK_PHASE_CAPTURE);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      GtkShortcut *shortcut =
        gtk_shortcut_new (gtk_keyval_trigger_new (keys[i].keyval, keys[i].modifiers),
                          gtk_callback_action_new (key_cb, NULL, NULL));

      gtk_shortcut_set_arguments (shortcut, g_variant_new_int32 (TERN_ROW_REQUEST_MENU));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (shortcuts), shortcut);
    }
  gtk_widget_add_controller (GTK_WIDGET (self), shortcuts);
}

static void
tern_message_row_init (TernMessageRow *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *press = gtk_gesture_long_press_new ();

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  self->bubble = g_object_new (GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION,
                               "can-target", FALSE, NULL);
  gtk_widget_add_css_class (self->bubble, "bubble");
  gtk_widget_set_parent (self->bubble, GTK_WIDGET (self));
  self->text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->text, TRUE);
  gtk_label_set_wrap_mode (self->text, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->text, 0);
  gtk_label_set_yalign (self->text, 0);
  gtk_label_set_selectable (self->text, TRUE);
  gtk_widget_set_layout_manager (GTK_WIDGET (self->text),
                                 gtk_custom_layout_new (NULL, measure_text, allocate_text));
  g_signal_connect (self->text, "activate-link", G_CALLBACK (tern_link_activate_cb), NULL);
  gtk_widget_set_parent (GTK_WIDGET (self->text), GTK_WIDGET (self));

  /* Both before the text has them: its own menu knows nothing of messages. */
  add_menu_keys (self);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
  g_signal_connect (press, "pressed", G_CALLBACK (long_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (press));
}

/* --- public --- */

/**
 * tern_message_row_new:
 *
 * Returns: (transfer floating): a row without a message
 */
GtkWidget *
tern_message_row_new (void)
{
  return g_object_new (TERN_TYPE_MESSAGE_ROW, NULL);
}

/**
 * tern_message_row_bind:
 * @self: a row
 * @session: the session, which outlives the row
 * @message: what to show; the row follows it
 * @is_group: whether senders are named
 * @flags: what the timeline knows of it
 */
void
tern_message_row_bind (TernMessageRow *self,
                       TernSession    *session,
                       TernMessage    *message,
                       gboolean        is_group,
                       TernRowFlags    flags)
{
  if (self->message != message)
    {
      tern_message_row_unbind (self);
      self->message = g_object_ref (message);
      self->changed_handler =
        g_signal_connect_swapped (message, "changed", G_CALLBACK (update), self);
    }
  self->session = session;
  self->is_group = is_group;
  self->flags = flags;
  gtk_widget_set_can_target (GTK_WIDGET (self->text), (flags & TERN_ROW_SELECTABLE) == 0);
  update (self);
}

void
tern_message_row_unbind (TernMessageRow *self)
{
  if (self->message == NULL)
    return;
  /* Nothing of the last message is left marked. */
  gtk_label_select_region (self->text, 0, 0);
  tern_message_row_clear_media (self);
  g_clear_signal_handler (&self->changed_handler, self->message);
  g_clear_object (&self->message);
}

TernMessage *
tern_message_row_get_message (TernMessageRow *self)
{
  return self->message;
}

/**
 * tern_message_row_dup_selected:
 * @self: a row
 *
 * Returns: (transfer full) (nullable): the marked part of its text
 */
char *
tern_message_row_dup_selected (TernMessageRow *self)
{
  const char *text = gtk_label_get_text (self->text);
  int start;
  int end;

  if (!self->is_text || !gtk_label_get_selection_bounds (self->text, &start, &end))
    return NULL;

  return g_utf8_substring (text, start, end);
}
