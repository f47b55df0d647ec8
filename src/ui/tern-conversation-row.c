/* tern-conversation-row.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-conversation-row.h"

#include <glib/gi18n.h>

#include "tern-css-class.h"
#include "tern-text.h"
#include "tern-time.h"

/* Two lines of usual text, and what is between them and around. */
#define MIN_HEIGHT 64
#define AVATAR_SIZE 40
#define GAP 12
#define SMALL_GAP 6
#define LINE_GAP 3
#define VERTICAL_PADDING 9
#define MIN_TEXT_WIDTH 60

struct _TernConversationRowWidget
{
  GtkWidget         parent_instance;

  TernSession      *session;      /* (nullable) */
  TernConversation *conversation; /* (nullable) */

  AdwAvatar        *avatar;
  GtkLabel         *name;
  GtkLabel         *time;
  GtkLabel         *preview;
  GtkLabel         *badge;
  GtkImage         *pin;
  GtkImage         *mute;
};

G_DEFINE_FINAL_TYPE (TernConversationRowWidget, tern_conversation_row_widget, GTK_TYPE_WIDGET)

enum
{
  SIGNAL_CHOSEN,
  SIGNAL_MENU,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static char *
dup_preview (TernConversationRowWidget *self,
             gboolean                  *is_draft)
{
  const TernConversationRow *row = tern_conversation_get_row (self->conversation);
  const char *typing = tern_conversation_get_typing (self->conversation);
  const TernMessageRecord *last = tern_conversation_get_last (self->conversation);
  const TernContent *content = tern_conversation_get_last_content (self->conversation);
  gboolean is_group = row->chat_type == TERN_CHAT_GROUP;
  g_autofree char *words = NULL;
  gboolean is_own;

  *is_draft = FALSE;
  if (typing != NULL)
    return is_group ? g_strdup_printf (_("%s is typing…"), typing) : g_strdup (_("Typing…"));
  if (*row->draft != '\0')
    {
      *is_draft = TRUE;
      return g_strdup_printf (_("Draft: %s"), row->draft);
    }
  if (content == NULL || last == NULL)
    return g_strdup ("");

  is_own = g_strcmp0 (last->sender_id, tern_session_get_account (self->session)->user_id) == 0;

  words = tern_session_word_preview (self->session, content,
                                     is_group ? tern_conversation_get_last_sender_name (
                                                  self->conversation)
                                              : NULL,
                                     is_own);

  return tern_conversation_get_is_announced (self->conversation)
           /* Translators: before the last message of a group whose announcement is new */
           ? g_strdup_printf (_("[Announcement] %s"), words)
           : g_steal_pointer (&words);
}

/* The row in one sentence. */
static char *
dup_label (TernConversationRowWidget *self)
{
  const TernConversationRow *row = tern_conversation_get_row (self->conversation);
  g_autoptr(GString) label = g_string_new (gtk_label_get_text (self->name));

  if (row->n_unread > 0)
    {
      g_string_append (label, ", ");
      g_string_append_printf (label,
                              ngettext ("%u unread message", "%u unread messages", row->n_unread),
                              row->n_unread);
    }
  if (tern_conversation_get_is_mentioned (self->conversation))
    g_string_append_printf (label, ", %s", _("you are mentioned"));
  if (row->is_pinned)
    g_string_append_printf (label, ", %s", _("pinned"));
  if (row->recv_opt != 0)
    g_string_append_printf (label, ", %s", _("muted"));
  g_string_append_printf (label, ", %s, %s", gtk_label_get_text (self->time),
                          gtk_label_get_text (self->preview));

  return g_string_free (g_steal_pointer (&label), FALSE);
}

static void
update (TernConversationRowWidget *self)
{
  const TernConversationRow *row = tern_conversation_get_row (self->conversation);
  g_autofree char *name = tern_text_dup_line (tern_conversation_get_name (self->conversation),
                                              TERN_TEXT_LINE_CHARS);
  g_autofree char *words = NULL;
  g_autofree char *preview = NULL;
  g_autofree char *time = row->sort_ms > 0 ? tern_time_word_short (row->sort_ms) : g_strdup ("");
  g_autofree char *badge = NULL;
  g_autofree char *label = NULL;
  gboolean is_mentioned = tern_conversation_get_is_mentioned (self->conversation);
  gboolean is_draft;
  gboolean is_accent;

  words = dup_preview (self, &is_draft);
  preview = tern_text_dup_line (words, TERN_TEXT_LINE_CHARS);
  badge = row->n_unread > 999 ? g_strdup ("999+")
                              : g_strdup_printf ("%s%u", is_mentioned ? "@ " : "", row->n_unread);
  adw_avatar_set_text (self->avatar, name);
  gtk_label_set_text (self->name, name);
  gtk_label_set_text (self->time, time);
  gtk_label_set_text (self->preview, preview);
  gtk_label_set_text (self->badge, badge);
  gtk_widget_set_child_visible (GTK_WIDGET (self->badge), row->n_unread > 0);
  gtk_widget_set_child_visible (GTK_WIDGET (self->pin), row->is_pinned);
  gtk_widget_set_child_visible (GTK_WIDGET (self->mute), row->recv_opt != 0);
  is_accent = is_draft || tern_conversation_get_typing (self->conversation) != NULL;
  tern_css_class_set (self->preview, "accent", is_accent);
  tern_css_class_set (self->preview, "dim-label", !is_accent);
  /* A mention is worth a look also where it is quiet. */
  tern_css_class_set (self->badge, "silent", row->recv_opt != 0 && !is_mentioned);
  label = dup_label (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static GtkLabel *
make_label (const char *css_class)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));

  gtk_label_set_xalign (label, 0);
  gtk_label_set_single_line_mode (label, TRUE);
  gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_END);
  if (css_class != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (label), css_class);

  return label;
}

static GtkImage *
make_icon (const char *name)
{
  GtkImage *image = GTK_IMAGE (gtk_image_new_from_icon_name (name));

  gtk_image_set_pixel_size (image, 12);
  gtk_widget_add_css_class (GTK_WIDGET (image), "dim-label");

  return image;
}

/* --- layout: two lines beside the picture, by hand, since the list makes and
 * places these rows while it scrolls --- */

static int
measure (gpointer       widget,
         GtkOrientation orientation)
{
  int natural;

  gtk_widget_measure (widget, orientation, -1, NULL, &natural, NULL, NULL);

  return natural;
}

/* A line of it, whatever it says: a label with Chinese in it wants more. */
static int
measure_line (gpointer label)
{
  PangoFontMetrics *metrics =
    pango_context_get_metrics (gtk_widget_get_pango_context (label), NULL, NULL);
  int height = PANGO_PIXELS_CEIL (pango_font_metrics_get_height (metrics));

  pango_font_metrics_unref (metrics);

  return height;
}

static void
tern_conversation_row_widget_measure (GtkWidget      *widget,
                                      GtkOrientation  orientation,
                                      int             for_size,
                                      int            *minimum,
                                      int            *natural,
                                      int            *minimum_baseline,
                                      int            *natural_baseline)
{
  TernConversationRowWidget *self = TERN_CONVERSATION_ROW (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = *natural = AVATAR_SIZE + GAP + MIN_TEXT_WIDTH;
      return;
    }
  *minimum = measure_line (self->name) + LINE_GAP + measure_line (self->preview) +
             2 * VERTICAL_PADDING;
  *minimum = *natural = MAX (*minimum, MIN_HEIGHT);
}

/* Puts a part at the end of a line of which @width pixels are free; answers
 * how many still are. @line: the middle of the line. */
static int
place_end (TernConversationRowWidget *self,
           gpointer                   part,
           int                        width,
           int                        line)
{
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int total = gtk_widget_get_width (GTK_WIDGET (self));
  int part_width = measure (part, GTK_ORIENTATION_HORIZONTAL);
  int part_height = measure (part, GTK_ORIENTATION_VERTICAL);
  int x = AVATAR_SIZE + GAP + width - part_width;

  if (!gtk_widget_get_child_visible (part))
    return width;
  gtk_widget_size_allocate (part,
                            &(GtkAllocation) { is_rtl ? total - x - part_width : x,
                                               line - part_height / 2, part_width, part_height },
                            -1);

  return MAX (width - part_width - SMALL_GAP, 0);
}

static void
place_start (TernConversationRowWidget *self,
             gpointer                   part,
             int                        x,
             int                        width,
             int                        line)
{
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int total = gtk_widget_get_width (GTK_WIDGET (self));
  int height = measure (part, GTK_ORIENTATION_VERTICAL);
  int minimum;

  gtk_widget_measure (part, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  width = MAX (width, minimum);
  gtk_widget_size_allocate (part,
                            &(GtkAllocation) { is_rtl ? total - x - width : x,
                                               line - height / 2, width, height },
                            -1);
}

static void
tern_conversation_row_widget_size_allocate (GtkWidget *widget,
                                            int        width,
                                            int        height,
                                            int        baseline)
{
  TernConversationRowWidget *self = TERN_CONVERSATION_ROW (widget);
  int name_height = measure_line (self->name);
  int preview_height = measure_line (self->preview);
  int top = (height - name_height - LINE_GAP - preview_height) / 2;
  int name_line = top + name_height / 2;
  int preview_line = top + name_height + LINE_GAP + preview_height / 2;
  int start = AVATAR_SIZE + GAP;
  int left = MAX (width - start, 0);

  place_start (self, self->avatar, 0, AVATAR_SIZE, height / 2);
  left = place_end (self, self->time, left, name_line);
  left = place_end (self, self->pin, left, name_line);
  left = place_end (self, self->mute, left, name_line);
  place_start (self, self->name, start, left, name_line);
  left = place_end (self, self->badge, MAX (width - start, 0), preview_line);
  place_start (self, self->preview, start, left, preview_line);
}

/* --- what is done with it --- */

static void
released_cb (GtkGestureClick *click,
             int              n_press,
             double           x,
             double           y,
             gpointer         user_data)
{
  GtkWidget *self = user_data;

  if (!gtk_widget_contains (self, x, y))
    return;
  gtk_gesture_set_state (GTK_GESTURE (click), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_grab_focus (self);
  g_signal_emit (self, signals[SIGNAL_CHOSEN], 0);
}

static void
menu_cb (GtkGesture *gesture,
         double      x,
         double      y,
         gpointer    user_data)
{
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  g_signal_emit (user_data, signals[SIGNAL_MENU], 0, x, y);
}

static void
secondary_cb (GtkGestureClick *click,
              int              n_press,
              double           x,
              double           y,
              gpointer         user_data)
{
  menu_cb (GTK_GESTURE (click), x, y, user_data);
}

static gboolean
key_cb (GtkWidget *widget,
        GVariant  *arguments,
        gpointer   user_data)
{
  if (g_variant_get_int32 (arguments) == SIGNAL_CHOSEN)
    g_signal_emit (widget, signals[SIGNAL_CHOSEN], 0);
  else
    g_signal_emit (widget, signals[SIGNAL_MENU], 0, gtk_widget_get_width (widget) / 2.0,
                   gtk_widget_get_height (widget) / 2.0);

  return GDK_EVENT_STOP;
}

static void
tern_conversation_row_widget_dispose (GObject *object)
{
  TernConversationRowWidget *self = TERN_CONVERSATION_ROW (object);
  GtkWidget *child;

  tern_conversation_row_widget_bind (self, NULL, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (tern_conversation_row_widget_parent_class)->dispose (object);
}

static void
tern_conversation_row_widget_class_init (TernConversationRowWidgetClass *klass)
{
  static const struct
  {
    guint           keyval;
    GdkModifierType modifiers;
    int             what;
  } keys[] = {
    { GDK_KEY_Return, 0, SIGNAL_CHOSEN },       { GDK_KEY_KP_Enter, 0, SIGNAL_CHOSEN },
    { GDK_KEY_ISO_Enter, 0, SIGNAL_CHOSEN },    { GDK_KEY_space, 0, SIGNAL_CHOSEN },
    { GDK_KEY_Menu, 0, SIGNAL_MENU },           { GDK_KEY_F10, GDK_SHIFT_MASK, SIGNAL_MENU },
  };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tern_conversation_row_widget_dispose;
  widget_class->measure = tern_conversation_row_widget_measure;
  widget_class->size_allocate = tern_conversation_row_widget_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "conversation");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST_ITEM);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (widget_class, keys[i].keyval, keys[i].modifiers, key_cb, "i",
                                  keys[i].what);

  signals[SIGNAL_CHOSEN] = g_signal_new ("chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 0);
  signals[SIGNAL_MENU] = g_signal_new ("menu", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 2, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
}

static void
add_gestures (TernConversationRowWidget *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *secondary = gtk_gesture_click_new ();
  GtkGesture *press = gtk_gesture_long_press_new ();

  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (secondary), GDK_BUTTON_SECONDARY);
  g_signal_connect (secondary, "pressed", G_CALLBACK (secondary_cb), self);
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
  g_signal_connect (press, "pressed", G_CALLBACK (menu_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (secondary));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (press));
}

static void
tern_conversation_row_widget_init (TernConversationRowWidget *self)
{
  self->avatar = ADW_AVATAR (adw_avatar_new (AVATAR_SIZE, NULL, TRUE));
  self->name = make_label ("heading");
  self->time = make_label ("caption");
  self->preview = make_label ("dim-label");
  self->badge = make_label ("badge");
  /* One digit is narrower than the badge. */
  gtk_label_set_xalign (self->badge, 0.5f);
  self->pin = make_icon ("view-pin-symbolic");
  self->mute = make_icon ("notifications-disabled-symbolic");
  gtk_widget_add_css_class (GTK_WIDGET (self->time), "dim-label");
  gtk_label_set_ellipsize (self->time, PANGO_ELLIPSIZE_NONE);
  gtk_label_set_ellipsize (self->badge, PANGO_ELLIPSIZE_NONE);
  gtk_widget_set_parent (GTK_WIDGET (self->avatar), GTK_WIDGET (self));
  gtk_widget_set_parent (GTK_WIDGET (self->name), GTK_WIDGET (self));
  gtk_widget_set_parent (GTK_WIDGET (self->mute), GTK_WIDGET (self));
  gtk_widget_set_parent (GTK_WIDGET (self->pin), GTK_WIDGET (self));
  gtk_widget_set_parent (GTK_WIDGET (self->time), GTK_WIDGET (self));
  gtk_widget_set_parent (GTK_WIDGET (self->preview), GTK_WIDGET (self));
  gtk_widget_set_parent (GTK_WIDGET (self->badge), GTK_WIDGET (self));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  add_gestures (self);
}

/**
 * tern_conversation_row_widget_new:
 *
 * Returns: (transfer floating): a row that shows nothing yet
 */
GtkWidget *
tern_conversation_row_widget_new (void)
{
  return g_object_new (TERN_TYPE_CONVERSATION_ROW, NULL);
}

/**
 * tern_conversation_row_widget_bind:
 * @self: a row
 * @session: (nullable): whose conversation it is
 * @conversation: (nullable): what to show from now on
 */
void
tern_conversation_row_widget_bind (TernConversationRowWidget *self,
                                   TernSession               *session,
                                   TernConversation          *conversation)
{
  if (self->conversation != NULL)
    g_signal_handlers_disconnect_by_data (self->conversation, self);
  g_set_object (&self->session, session);
  g_set_object (&self->conversation, conversation);
  if (conversation == NULL)
    return;

  g_signal_connect_swapped (conversation, "changed", G_CALLBACK (update), self);
  update (self);
}

/**
 * tern_conversation_row_widget_get:
 * @self: a row
 *
 * Returns: (transfer none) (nullable): what it shows
 */
TernConversation *
tern_conversation_row_widget_get (TernConversationRowWidget *self)
{
  return self->conversation;
}

/**
 * tern_conversation_row_widget_set_selected:
 * @self: a row
 * @is_selected: whether its chat is the one that is open
 */
void
tern_conversation_row_widget_set_selected (TernConversationRowWidget *self,
                                           gboolean                   is_selected)
{
  if (is_selected)
    gtk_widget_set_state_flags (GTK_WIDGET (self), GTK_STATE_FLAG_SELECTED, FALSE);
  else
    gtk_widget_unset_state_flags (GTK_WIDGET (self), GTK_STATE_FLAG_SELECTED);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_SELECTED, is_selected,
                               -1);
}
