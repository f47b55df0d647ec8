/* tern-timeline.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-timeline.h"

#include <glib/gi18n.h>

#include "tern-timeline-view.h"

/* Where the first unread message is put, and one that was jumped to: with
 * something of what came before above it. */
#define UNREAD_AT 0.25
#define JUMP_AT 0.33
#define MAX_SHOWN 999

struct _TernTimeline
{
  GtkWidget          parent_instance;

  TernTimelineView  *view;
  GtkScrolledWindow *scrolled;
  GtkStack          *stack;
  GtkBox            *buttons;
  GtkButton         *to_end;
  GtkLabel          *to_end_count;
  GtkButton         *to_mention;
  gint64             seen_seq;
  gboolean           is_at_end;
};

G_DEFINE_FINAL_TYPE (TernTimeline, tern_timeline, GTK_TYPE_WIDGET)

enum
{
  PROP_AT_END = 1,
};

enum
{
  SIGNAL_SEEN,
  SIGNAL_TO_END,
  SIGNAL_TO_MENTION,
  SIGNAL_DRAGGED,
  N_SIGNALS,
};

static GParamSpec *at_end_property;
static guint signals[N_SIGNALS];

/* --- what is in view --- */

static gint64
get_seen_seq (TernTimeline *self)
{
  TernVlist *list = TERN_VLIST (self->view);
  int height = gtk_widget_get_height (GTK_WIDGET (list));
  gint64 seen = 0;
  guint first;
  guint last;

  if (!tern_vlist_get_visible (list, &first, &last))
    return 0;
  for (guint i = first; i <= last; i++)
    {
      gint64 seq = tern_message_get_seq (tern_vlist_get_item (list, i));
      double top;
      double bottom;

      /* To its end: a long one is seen when one has come that far. */
      if (tern_vlist_get_edges (list, i, &top, &bottom) && bottom <= height + 1)
        seen = MAX (seen, seq);
    }

  return seen;
}

static void
moved_cb (TernTimeline *self)
{
  gboolean is_empty = tern_vlist_get_n_slots (TERN_VLIST (self->view)) == 0;
  gboolean is_at_end = tern_vlist_get_is_pinned (TERN_VLIST (self->view));
  gint64 seen = get_seen_seq (self);

  gtk_stack_set_visible_child_name (self->stack, is_empty ? "empty" : "rows");
  gtk_widget_set_visible (GTK_WIDGET (gtk_widget_get_parent (GTK_WIDGET (self->to_end))),
                          !is_at_end);
  if (self->is_at_end != is_at_end)
    {
      self->is_at_end = is_at_end;
      g_object_notify_by_pspec (G_OBJECT (self), at_end_property);
    }
  /* Behind another page, rows have their places all the same. */
  if (seen > self->seen_seq && gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      self->seen_seq = seen;
      g_signal_emit (self, signals[SIGNAL_SEEN], 0, seen);
    }
}

static void
dragged_cb (TernTimeline *self,
            TernMessage  *from,
            TernMessage  *to)
{
  g_signal_emit (self, signals[SIGNAL_DRAGGED], 0, from, to);
}

static gboolean
has_focus (TernTimeline *self)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));

  return focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self));
}

/* The button goes away, and the keyboard would be led to what is next to it. */
static void
to_end_cb (TernTimeline *self)
{
  gboolean is_by_keyboard = gtk_widget_has_focus (GTK_WIDGET (self->to_end));

  tern_timeline_open_end (self);
  if (is_by_keyboard)
    tern_vlist_focus_index (TERN_VLIST (self->view),
                            tern_vlist_get_n_slots (TERN_VLIST (self->view)) - 1);
  g_signal_emit (self, signals[SIGNAL_TO_END], 0);
}

static void
to_mention_cb (TernTimeline *self)
{
  g_signal_emit (self, signals[SIGNAL_TO_MENTION], 0);
}

/* --- vfuncs --- */

static void
tern_timeline_get_property (GObject    *object,
                            guint       property_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  if (property_id == PROP_AT_END)
    g_value_set_boolean (value, TERN_TIMELINE (object)->is_at_end);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
tern_timeline_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (tern_timeline_parent_class)->dispose (object);
}

static void
tern_timeline_class_init (TernTimelineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->get_property = tern_timeline_get_property;
  object_class->dispose = tern_timeline_dispose;

  at_end_property = g_param_spec_boolean ("at-end", NULL, NULL, TRUE,
                                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS |
                                          G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (object_class, PROP_AT_END, at_end_property);
  signals[SIGNAL_SEEN] = g_signal_new ("seen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, G_TYPE_INT64);
  signals[SIGNAL_TO_END] = g_signal_new ("to-end", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 0);
  signals[SIGNAL_TO_MENTION] = g_signal_new ("to-mention", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                             NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_DRAGGED] = g_signal_new ("dragged", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 2, TERN_TYPE_MESSAGE, TERN_TYPE_MESSAGE);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkButton *
make_round_button (const char *icon,
                   const char *label)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  gtk_widget_add_css_class (button, "circular");
  gtk_widget_add_css_class (button, "osd");
  /* Who uses the pointer goes on writing. */
  gtk_widget_set_focus_on_click (button, FALSE);

  return GTK_BUTTON (button);
}

static GtkWidget *
make_buttons (TernTimeline *self)
{
  GtkWidget *overlay = gtk_overlay_new ();

  self->to_mention = make_round_button ("tern-mention-symbolic", _("To Where You Are Mentioned"));
  gtk_widget_set_visible (GTK_WIDGET (self->to_mention), FALSE);
  g_signal_connect_swapped (self->to_mention, "clicked", G_CALLBACK (to_mention_cb), self);
  self->to_end = make_round_button ("go-bottom-symbolic", _("To the Newest Message"));
  g_signal_connect_swapped (self->to_end, "clicked", G_CALLBACK (to_end_cb), self);
  self->to_end_count = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->to_end_count), "badge");
  gtk_widget_set_halign (GTK_WIDGET (self->to_end_count), GTK_ALIGN_CENTER);
  gtk_widget_set_valign (GTK_WIDGET (self->to_end_count), GTK_ALIGN_START);
  gtk_widget_set_can_target (GTK_WIDGET (self->to_end_count), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->to_end), "to-end");
  gtk_overlay_set_child (GTK_OVERLAY (overlay), GTK_WIDGET (self->to_end));
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), GTK_WIDGET (self->to_end_count));
  gtk_widget_set_visible (overlay, FALSE);

  self->buttons = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  gtk_box_append (self->buttons, GTK_WIDGET (self->to_mention));
  gtk_box_append (self->buttons, overlay);
  gtk_widget_set_halign (GTK_WIDGET (self->buttons), GTK_ALIGN_END);
  gtk_widget_set_valign (GTK_WIDGET (self->buttons), GTK_ALIGN_END);
  gtk_widget_set_margin_end (GTK_WIDGET (self->buttons), 18);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->buttons), 12);

  return GTK_WIDGET (self->buttons);
}

static void
tern_timeline_init (TernTimeline *self)
{
  self->is_at_end = TRUE;
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
}

/**
 * tern_timeline_new:
 * @rows: makes and fills rows; static
 * @user_data: passed to the functions of @rows
 *
 * Returns: (transfer floating): a timeline that shows nothing
 */
GtkWidget *
tern_timeline_new (const TernTimelineRows *rows,
                   gpointer                user_data)
{
  TernTimeline *self = g_object_new (TERN_TYPE_TIMELINE, NULL);
  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *placeholder = gtk_label_new (_("No messages yet"));

  self->view = tern_timeline_view_new (rows, user_data);
  g_signal_connect_swapped (self->view, "moved", G_CALLBACK (moved_cb), self);
  g_signal_connect_swapped (self->view, "dragged", G_CALLBACK (dragged_cb), self);
  self->scrolled = GTK_SCROLLED_WINDOW (gtk_scrolled_window_new ());
  gtk_scrolled_window_set_policy (self->scrolled, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (self->scrolled, GTK_WIDGET (self->view));
  gtk_widget_add_css_class (placeholder, "dim-label");
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->scrolled), "rows");
  gtk_stack_add_named (self->stack, placeholder, "empty");
  gtk_overlay_set_child (GTK_OVERLAY (overlay), GTK_WIDGET (self->stack));
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), make_buttons (self));
  gtk_widget_set_parent (overlay, GTK_WIDGET (self));
  tern_timeline_set_n_unread (self, 0);

  return GTK_WIDGET (self);
}

/**
 * tern_timeline_set_source:
 * @self: a timeline
 * @source: (nullable): what to show
 *
 * Shows the end of @source. One of the functions below may follow before the
 * first frame.
 */
void
tern_timeline_set_source (TernTimeline       *self,
                          TernTimelineSource *source)
{
  g_return_if_fail (TERN_IS_TIMELINE (self));

  self->seen_seq = 0;
  gtk_stack_set_visible_child_name (self->stack, "rows");
  tern_timeline_view_set_source (self->view, source);
}

/**
 * tern_timeline_open_end:
 * @self: a timeline
 *
 * Goes to the newest message and stays there.
 */
void
tern_timeline_open_end (TernTimeline *self)
{
  g_return_if_fail (TERN_IS_TIMELINE (self));

  tern_timeline_view_open_end (self->view);
}

/**
 * tern_timeline_open_unread:
 * @self: a timeline
 * @read_seq: up to where it was read
 *
 * Draws the line above the first message of others after that; it stays until
 * there is another source.
 *
 * Returns: whether there is one
 */
gboolean
tern_timeline_open_unread (TernTimeline *self,
                           gint64        read_seq)
{
  int index = tern_timeline_view_find_unread (self->view, read_seq);

  if (index < 0)
    return FALSE;
  tern_timeline_view_set_line (self->view, index);
  tern_vlist_place_at (TERN_VLIST (self->view), (guint) index, UNREAD_AT);

  return TRUE;
}

/**
 * tern_timeline_get_place:
 * @self: a timeline
 * @place: (out): what tern_timeline_open_place() takes
 */
void
tern_timeline_get_place (TernTimeline      *self,
                         TernTimelinePlace *place)
{
  TernVlist *list = TERN_VLIST (self->view);
  guint index;
  double y;
  double bottom;

  place->seq = 0;
  place->y = 0;
  if (tern_vlist_get_is_pinned (list) || !tern_vlist_get_anchor (list, &index, &y))
    return;
  /* What waits for its number cannot be found again by it: the one before. */
  while (index > 0 && tern_message_get_seq (tern_vlist_get_item (list, index)) == 0)
    index--;
  tern_vlist_get_edges (list, index, &place->y, &bottom);
  place->seq = tern_message_get_seq (tern_vlist_get_item (list, index));
}

/**
 * tern_timeline_open_place:
 * @self: a timeline
 * @place: where it was left
 *
 * Returns: %FALSE if that message is not here any more; nothing changed
 */
gboolean
tern_timeline_open_place (TernTimeline            *self,
                          const TernTimelinePlace *place)
{
  int index;

  if (place->seq == 0)
    {
      tern_timeline_open_end (self);
      return TRUE;
    }
  index = tern_timeline_view_find_seq (self->view, place->seq);
  if (index < 0)
    return FALSE;
  tern_vlist_place (TERN_VLIST (self->view), (guint) index, place->y);

  return TRUE;
}

/**
 * tern_timeline_jump:
 * @self: a timeline
 * @seq: of the message
 *
 * Shows it. If the focus is in the timeline, it goes there, too.
 *
 * Returns: %FALSE if it is not here; nothing changed
 */
gboolean
tern_timeline_jump (TernTimeline *self,
                    gint64        seq)
{
  TernVlist *list = TERN_VLIST (self->view);
  int index = tern_timeline_view_find_seq (self->view, seq);
  double top;
  double bottom;

  if (index < 0)
    return FALSE;
  /* What is in view stays where it is. */
  if (tern_vlist_get_row (list, (guint) index) == NULL ||
      !tern_vlist_get_edges (list, (guint) index, &top, &bottom) || top < 0 ||
      bottom > gtk_widget_get_height (GTK_WIDGET (list)))
    tern_vlist_place_at (list, (guint) index, JUMP_AT);
  if (has_focus (self))
    tern_vlist_focus_index (list, (guint) index);
  tern_timeline_view_highlight (self->view, (guint) index);

  return TRUE;
}

/**
 * tern_timeline_get_time:
 * @self: a timeline
 *
 * Returns: when the uppermost message in view was sent, in ms; 0: nothing is
 */
gint64
tern_timeline_get_time (TernTimeline *self)
{
  TernVlist *list = TERN_VLIST (self->view);
  guint first;
  guint last;

  if (!tern_vlist_get_visible (list, &first, &last))
    return 0;

  return tern_message_get_record (tern_vlist_get_item (list, first))->sent_ms;
}

/**
 * tern_timeline_get_at_end:
 * @self: a timeline
 *
 * Returns: whether the newest message is in view
 */
gboolean
tern_timeline_get_at_end (TernTimeline *self)
{
  return self->is_at_end;
}

/**
 * tern_timeline_set_n_unread:
 * @self: a timeline
 * @n_unread: how many messages wait below
 */
void
tern_timeline_set_n_unread (TernTimeline *self,
                            guint         n_unread)
{
  g_autofree char *count = n_unread > MAX_SHOWN ? g_strdup_printf ("%u+", MAX_SHOWN)
                                                : g_strdup_printf ("%u", n_unread);
  g_autofree char *label = NULL;

  if (n_unread > 0)
    label = g_strdup_printf (ngettext ("To the newest message, %u unread",
                                       "To the newest message, %u unread", n_unread),
                             n_unread);
  gtk_label_set_text (self->to_end_count, count);
  gtk_widget_set_visible (GTK_WIDGET (self->to_end_count), n_unread > 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->to_end), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label != NULL ? label : _("To the Newest Message"), -1);
}

/**
 * tern_timeline_set_mentioned:
 * @self: a timeline
 * @is_mentioned: whether there is a mention to go to
 */
void
tern_timeline_set_mentioned (TernTimeline *self,
                             gboolean      is_mentioned)
{
  /* As when going to the end. */
  if (!is_mentioned && gtk_widget_has_focus (GTK_WIDGET (self->to_mention)))
    gtk_widget_child_focus (GTK_WIDGET (self->view), GTK_DIR_TAB_FORWARD);
  gtk_widget_set_visible (GTK_WIDGET (self->to_mention), is_mentioned);
}

/**
 * tern_timeline_update:
 * @self: a timeline
 * @message: what changed
 */
void
tern_timeline_update (TernTimeline *self,
                      TernMessage  *message)
{
  tern_vlist_rebind (TERN_VLIST (self->view), message);
}

/**
 * tern_timeline_focus:
 * @self: a timeline
 *
 * Returns: whether there was a row to take the focus
 */
gboolean
tern_timeline_focus (TernTimeline *self)
{
  return has_focus (self) ||
         gtk_widget_child_focus (GTK_WIDGET (self->view), GTK_DIR_TAB_FORWARD);
}

/**
 * tern_timeline_set_selecting:
 * @self: a timeline
 * @is_selecting: whether rows can be chosen; none is at first
 */
void
tern_timeline_set_selecting (TernTimeline *self,
                             gboolean      is_selecting)
{
  tern_timeline_view_set_selecting (self->view, is_selecting);
}

void
tern_timeline_toggle (TernTimeline *self,
                      TernMessage  *message)
{
  tern_timeline_view_toggle (self->view, message);
}

void
tern_timeline_extend (TernTimeline *self,
                      TernMessage  *from,
                      TernMessage  *to)
{
  tern_timeline_view_extend (self->view, from, to);
}

void
tern_timeline_extend_by (TernTimeline *self,
                         TernMessage  *from,
                         int           by)
{
  tern_timeline_view_extend_by (self->view, from, by);
}

/**
 * tern_timeline_dup_selected:
 * @self: a timeline
 *
 * Returns: (transfer full) (element-type TernMessage): also those that are not
 *   loaded any more, oldest first
 */
GPtrArray *
tern_timeline_dup_selected (TernTimeline *self)
{
  return tern_timeline_view_dup_selected (self->view);
}
