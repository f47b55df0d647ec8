/* tern-composer.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-composer.h"

#include <glib/gi18n.h>

#include "tern-dialog.h"
#include "tern-session.h"

/* It grows with what is written, and then scrolls. */
#define MAX_LINES 8
#define MARGIN 8
/* Beyond this the gateway would refuse the frame (protocol 03 section 7). */
#define MAX_BYTES 20000

struct _TernComposer
{
  GtkWidget          parent_instance;

  GtkScrolledWindow *scrolled;
  GtkTextView       *view;
  GtkTextBuffer     *buffer; /* (borrowed) from the view */
  GtkButton         *button;
  GtkLabel          *hint;
  GtkRevealer       *reply;
  GtkLabel          *reply_sender;
  GtkLabel          *reply_text;
  TernMentions      *mentions; /* (owned) */
  GSettings         *settings;
  gboolean           is_setting;
};

G_DEFINE_FINAL_TYPE (TernComposer, tern_composer, GTK_TYPE_WIDGET)

enum
{
  SIGNAL_SEND,
  SIGNAL_TYPED,
  SIGNAL_REPLY_CANCELLED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
send (TernComposer *self)
{
  g_autofree char *shown = tern_composer_dup_text (self);
  g_autoptr(GPtrArray) at = NULL;
  g_autofree char *text = tern_mentions_dup_text (self->mentions, &at);

  g_strchomp (shown);
  g_strchomp (text);
  if (*text == '\0')
    return;
  if (strlen (text) > MAX_BYTES)
    {
      g_autofree char *why = tern_session_word_failure ("too-large");

      tern_dialog_ask (GTK_WIDGET (self), _("Not sent"), why, NULL, FALSE, NULL, NULL, NULL);
      return;
    }

  tern_composer_set_text (self, "");
  g_signal_emit (self, signals[SIGNAL_SEND], 0, shown, text, at);
}

static gboolean
is_enter (guint keyval)
{
  return keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter || keyval == GDK_KEY_ISO_Enter;
}

static gboolean
is_list_key (guint keyval)
{
  return keyval == GDK_KEY_Up || keyval == GDK_KEY_KP_Up || keyval == GDK_KEY_Down ||
         keyval == GDK_KEY_KP_Down || keyval == GDK_KEY_Tab || keyval == GDK_KEY_Escape;
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint                  keyval,
                guint                  keycode,
                GdkModifierType        state,
                gpointer               user_data)
{
  TernComposer *self = user_data;
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (controller));
  GdkModifierType modifiers = state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_ALT_MASK);
  gboolean sends = is_enter (keyval) &&
                   modifiers == (g_settings_get_boolean (self->settings, "enter-sends")
                                   ? 0 : GDK_CONTROL_MASK);
  gboolean is_for_list = tern_mentions_is_open (self->mentions) && modifiers == 0 &&
                         (is_enter (keyval) || is_list_key (keyval));

  if (!sends && !is_for_list)
    return GDK_EVENT_PROPAGATE;

  /* The input method first: the key may choose what is being composed. */
  if (event != NULL && gtk_text_view_im_context_filter_keypress (self->view, event))
    return GDK_EVENT_STOP;
  if (is_for_list && tern_mentions_press (self->mentions, keyval))
    return GDK_EVENT_STOP;
  if (sends)
    send (self);

  return GDK_EVENT_STOP;
}

static void
update (TernComposer *self)
{
  gboolean is_empty = gtk_text_buffer_get_char_count (self->buffer) == 0;

  gtk_widget_set_visible (GTK_WIDGET (self->hint), is_empty);
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), !is_empty);
}

static void
changed_cb (GtkTextBuffer *buffer,
            gpointer       user_data)
{
  TernComposer *self = user_data;

  update (self);
  if (!self->is_setting)
    g_signal_emit (self, signals[SIGNAL_TYPED], 0);
}

static void
tern_composer_dispose (GObject *object)
{
  TernComposer *self = TERN_COMPOSER (object);
  GtkWidget *child;

  if (self->buffer != NULL)
    g_signal_handlers_disconnect_by_data (self->buffer, self);
  self->buffer = NULL;
  if (self->mentions != NULL)
    tern_mentions_detach (self->mentions);
  g_clear_object (&self->mentions);
  g_clear_object (&self->settings);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (tern_composer_parent_class)->dispose (object);
}

/* Lines as high as they are in this font. */
static void
tern_composer_css_changed (GtkWidget         *widget,
                           GtkCssStyleChange *change)
{
  TernComposer *self = TERN_COMPOSER (widget);
  PangoFontMetrics *metrics =
    pango_context_get_metrics (gtk_widget_get_pango_context (GTK_WIDGET (self->view)), NULL, NULL);
  int line = PANGO_PIXELS_CEIL (pango_font_metrics_get_height (metrics));

  GTK_WIDGET_CLASS (tern_composer_parent_class)->css_changed (widget, change);
  pango_font_metrics_unref (metrics);
  /* The smaller first: it must never be more than the other. */
  gtk_scrolled_window_set_min_content_height (self->scrolled, -1);
  gtk_scrolled_window_set_max_content_height (self->scrolled, MAX_LINES * line + 2 * MARGIN);
  gtk_scrolled_window_set_min_content_height (self->scrolled, line + 2 * MARGIN);
}

static void
tern_composer_class_init (TernComposerClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tern_composer_dispose;
  GTK_WIDGET_CLASS (klass)->css_changed = tern_composer_css_changed;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "composer");

  signals[SIGNAL_SEND] = g_signal_new ("send", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING,
                                       G_TYPE_PTR_ARRAY);
  signals[SIGNAL_TYPED] = g_signal_new ("typed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 0);
  signals[SIGNAL_REPLY_CANCELLED] = g_signal_new ("reply-cancelled", type, G_SIGNAL_RUN_LAST, 0,
                                                  NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cancel_reply_cb (TernComposer *self)
{
  tern_composer_set_reply (self, NULL, NULL);
  g_signal_emit (self, signals[SIGNAL_REPLY_CANCELLED], 0);
  tern_composer_focus (self);
}

static GtkLabel *
make_line (const char *css_class)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));

  gtk_label_set_xalign (label, 0);
  gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (label), css_class);

  return label;
}

static GtkWidget *
make_reply (TernComposer *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");

  self->reply_sender = make_line ("caption-heading");
  self->reply_text = make_line ("caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->reply_sender), "accent");
  gtk_widget_add_css_class (lines, "quote");
  gtk_widget_set_hexpand (lines, TRUE);
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_add_css_class (close, "circular");
  gtk_widget_set_valign (close, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (close, _("Cancel the Reply"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Cancel the Reply"), -1);
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (cancel_reply_cb), self);
  gtk_box_append (GTK_BOX (lines), GTK_WIDGET (self->reply_sender));
  gtk_box_append (GTK_BOX (lines), GTK_WIDGET (self->reply_text));
  gtk_box_append (GTK_BOX (box), lines);
  gtk_box_append (GTK_BOX (box), close);
  self->reply = GTK_REVEALER (gtk_revealer_new ());
  gtk_revealer_set_child (self->reply, box);
  /* Closed, it must not be found by the keyboard. */
  gtk_widget_set_visible (GTK_WIDGET (self->reply), FALSE);

  return GTK_WIDGET (self->reply);
}

/* The chooser's own button is in the view's menu, where nobody looks. */
static void
emoji_cb (TernComposer *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
  g_signal_emit_by_name (self->view, "insert-emoji");
}

static GtkWidget *
make_emoji_button (TernComposer *self)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("face-smile-symbolic");

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "circular");
  gtk_widget_set_valign (button, GTK_ALIGN_END);
  gtk_widget_set_tooltip_text (button, _("Emoji"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Emoji"), -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (emoji_cb), self);

  return button;
}

static void
tern_composer_init (TernComposer *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->settings = g_settings_new (TERN_SETTINGS);
  gtk_orientable_set_orientation (
    GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))), GTK_ORIENTATION_VERTICAL);
  self->view = GTK_TEXT_VIEW (gtk_text_view_new ());
  self->buffer = gtk_text_view_get_buffer (self->view);
  gtk_text_view_set_wrap_mode (self->view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (self->view, FALSE);
  gtk_text_view_set_top_margin (self->view, MARGIN);
  gtk_text_view_set_bottom_margin (self->view, MARGIN);
  gtk_text_view_set_left_margin (self->view, 12);
  gtk_text_view_set_right_margin (self->view, 12);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Message"), -1);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);
  g_signal_connect (self->buffer, "changed", G_CALLBACK (changed_cb), self);

  self->scrolled = GTK_SCROLLED_WINDOW (gtk_scrolled_window_new ());
  /* A scrollbar would make one line as high as three. */
  gtk_scrolled_window_set_policy (self->scrolled, GTK_POLICY_NEVER, GTK_POLICY_EXTERNAL);
  gtk_scrolled_window_set_propagate_natural_height (self->scrolled, TRUE);
  gtk_scrolled_window_set_child (self->scrolled, GTK_WIDGET (self->view));
  gtk_widget_add_css_class (GTK_WIDGET (self->scrolled), "entry");

  self->hint = GTK_LABEL (gtk_label_new (_("Message")));
  gtk_widget_add_css_class (GTK_WIDGET (self->hint), "dim-label");
  gtk_widget_set_halign (GTK_WIDGET (self->hint), GTK_ALIGN_START);
  gtk_widget_set_valign (GTK_WIDGET (self->hint), GTK_ALIGN_CENTER);
  gtk_widget_set_margin_start (GTK_WIDGET (self->hint), 15);
  gtk_widget_set_can_target (GTK_WIDGET (self->hint), FALSE);

  self->button = GTK_BUTTON (gtk_button_new_from_icon_name ("tern-send-symbolic"));
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "suggested-action");
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "circular");
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_END);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), _("Send"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Send"), -1);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (send), self);

  gtk_overlay_set_child (GTK_OVERLAY (overlay), GTK_WIDGET (self->scrolled));
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), GTK_WIDGET (self->hint));
  gtk_widget_set_hexpand (overlay, TRUE);
  gtk_box_append (GTK_BOX (line), make_emoji_button (self));
  gtk_box_append (GTK_BOX (line), overlay);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->button));
  gtk_widget_set_parent (make_reply (self), GTK_WIDGET (self));
  gtk_widget_set_parent (line, GTK_WIDGET (self));
  self->mentions = tern_mentions_new (self->view, GTK_WIDGET (self));
  update (self);
}

/**
 * tern_composer_new:
 *
 * Returns: (transfer floating): an empty composer
 */
GtkWidget *
tern_composer_new (void)
{
  return g_object_new (TERN_TYPE_COMPOSER, NULL);
}

/**
 * tern_composer_set_people:
 * @self: a composer
 * @func: (nullable): who may be mentioned
 * @user_data: passed to @func
 *
 * For the text that is set afterwards.
 */
void
tern_composer_set_people (TernComposer   *self,
                          TernPeopleFunc  func,
                          gpointer        user_data)
{
  g_return_if_fail (TERN_IS_COMPOSER (self));

  tern_mentions_set_people (self->mentions, func, user_data);
}

/**
 * tern_composer_set_text:
 * @self: a composer
 * @text: what it shows from now on; nobody is told
 */
void
tern_composer_set_text (TernComposer *self,
                        const char   *text)
{
  g_return_if_fail (TERN_IS_COMPOSER (self));

  self->is_setting = TRUE;
  gtk_text_buffer_set_text (self->buffer, text, -1);
  tern_mentions_close (self->mentions);
  tern_mentions_find (self->mentions);
  self->is_setting = FALSE;
}

/**
 * tern_composer_dup_text:
 * @self: a composer
 *
 * Returns: (transfer full): what stands in it
 */
char *
tern_composer_dup_text (TernComposer *self)
{
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);

  return gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
}

/**
 * tern_composer_focus:
 * @self: a composer
 */
void
tern_composer_focus (TernComposer *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

/**
 * tern_composer_set_reply:
 * @self: a composer
 * @sender: (nullable): whose message is replied to; %NULL: none
 * @preview: (nullable): what it says
 */
void
tern_composer_set_reply (TernComposer *self,
                         const char   *sender,
                         const char   *preview)
{
  if (sender != NULL)
    {
      g_autofree char *title = g_strdup_printf (_("Reply to %s"), sender);

      gtk_label_set_text (self->reply_sender, title);
      gtk_label_set_text (self->reply_text, preview);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->reply), sender != NULL);
  gtk_revealer_set_reveal_child (self->reply, sender != NULL);
}
