/* tern-timeline-view.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-timeline-view.h"

#include <glib/gi18n.h>

#define PAGE 64
/* Two pages, so that what was sought has something around it either way. */
#define AROUND (2 * PAGE)
#define HIGHLIGHT_MS 1600
#define PADDING_TOP 12
#define PADDING_BOTTOM 12

/* While messages are chosen with the pointer: so near to an edge the list moves
 * by itself, the faster the farther beyond it the pointer is. */
#define EDGE 24
#define PULL_PER_S 12 /* pixels for each pixel */
#define MAX_PULL 150
/* A frame that comes late must not make the list leap. */
#define MAX_FRAME_US 50000

struct _TernTimelineView
{
  TernVlist               parent_instance;

  const TernTimelineRows *rows;
  gpointer                user_data;
  TernTimelineSource     *source;       /* (nullable) */
  GtkBox                 *gap;          /* what is still on the server */
  GtkSpinner             *spinner;
  GtkLabel               *gap_text;
  GHashTable             *selected;     /* row ID → TernMessage (owned) */
  TernMessage            *range_start;  /* (nullable): the one that was chosen last … */
  TernMessage            *range_end;    /* (nullable): … and to where it was extended */
  TernMessage            *drag_start;   /* (nullable) */
  GtkGesture             *drag;         /* (borrowed) */
  double                  drag_y;       /* where the pointer is */
  gint64                  drag_id;      /* row ID of what was dragged to; 0: nothing yet */
  guint                   pull_id;
  gint64                  pull_us;      /* of the frame before; 0: there was none */
  gint64                  line;         /* row ID of the first unread; 0: none */
  gint64                  highlighted;  /* row ID; 0: none */
  guint                   highlight_id;
  gboolean                is_selecting;
};

G_DEFINE_FINAL_TYPE (TernTimelineView, tern_timeline_view, TERN_TYPE_VLIST)

enum
{
  SIGNAL_MOVED,
  SIGNAL_DRAGGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static TernMessage *
get_message (TernTimelineView *self,
             guint             index)
{
  return tern_vlist_get_item (TERN_VLIST (self), index);
}

static guint
get_n (TernTimelineView *self)
{
  return tern_vlist_get_n_slots (TERN_VLIST (self));
}

static TernRowFlags
get_flags (TernTimelineView *self,
           TernMessage      *message)
{
  gint64 id = tern_message_get_id (message);
  TernRowFlags flags = 0;

  if (id == self->line)
    flags |= TERN_ROW_FIRST_UNREAD;
  if (id == self->highlighted)
    flags |= TERN_ROW_HIGHLIGHTED;
  if (self->is_selecting)
    flags |= TERN_ROW_SELECTABLE;
  if (g_hash_table_contains (self->selected, &id))
    flags |= TERN_ROW_SELECTED;

  return flags;
}

/* --- TernVlist --- */

static guint
tern_timeline_view_get_kind (TernVlist *list,
                             gpointer   item)
{
  TernTimelineView *self = TERN_TIMELINE_VIEW (list);

  return self->rows->get_kind != NULL ? self->rows->get_kind (item, self->user_data) : 0;
}

static GtkWidget *
tern_timeline_view_create_row (TernVlist *list,
                               guint      kind)
{
  TernTimelineView *self = TERN_TIMELINE_VIEW (list);

  return self->rows->create (kind, self->user_data);
}

static void
tern_timeline_view_bind_row (TernVlist *list,
                             GtkWidget *row,
                             gpointer   item)
{
  TernTimelineView *self = TERN_TIMELINE_VIEW (list);

  self->rows->bind (row, item, get_flags (self, item), self->user_data);
}

static void
tern_timeline_view_unbind_row (TernVlist *list,
                               GtkWidget *row)
{
  TernTimelineView *self = TERN_TIMELINE_VIEW (list);

  self->rows->unbind (row, self->user_data);
}

static int
tern_timeline_view_guess_height (TernVlist *list,
                                 gpointer   item,
                                 int        width)
{
  TernTimelineView *self = TERN_TIMELINE_VIEW (list);

  return self->rows->guess_height (item, width, self->user_data);
}

static gboolean
tern_timeline_view_load (TernVlist *list,
                         gboolean   is_newer)
{
  TernTimelineView *self = TERN_TIMELINE_VIEW (list);
  guint n = get_n (self);
  gpointer edge = n > 0 ? get_message (self, is_newer ? n - 1 : 0) : NULL;

  if (is_newer)
    tern_timeline_source_load_newer (self->source, PAGE);
  else
    tern_timeline_source_load_older (self->source, PAGE);
  n = get_n (self);

  return n > 0 && get_message (self, is_newer ? n - 1 : 0) != edge;
}

static gint64
get_edge_seq (TernTimelineView *self,
              gboolean          is_last)
{
  guint n = get_n (self);

  for (guint i = 0; i < n; i++)
    {
      gint64 seq = tern_message_get_seq (get_message (self, is_last ? n - 1 - i : i));

      if (seq > 0)
        return seq;
    }

  return 0;
}

static void
tern_timeline_view_get_outside (TernVlist *list,
                                guint     *n_before,
                                guint     *n_after)
{
  TernTimelineView *self = TERN_TIMELINE_VIEW (list);
  gboolean has_older = FALSE;
  gboolean has_newer = FALSE;
  gint64 lowest;
  gint64 highest;

  if (self->source == NULL)
    return;
  g_object_get (self->source, "has-older", &has_older, "has-newer", &has_newer, NULL);
  tern_timeline_source_get_span (self->source, &lowest, &highest);
  if (has_older)
    *n_before = (guint) CLAMP (get_edge_seq (self, FALSE) - lowest, 1, G_MAXINT32);
  if (has_newer)
    *n_after = (guint) CLAMP (highest - get_edge_seq (self, TRUE), 1, G_MAXINT32);
}

static int
find_at_or_after (TernTimelineView *self,
                  gint64            seq)
{
  for (guint i = 0; i < get_n (self); i++)
    {
      if (tern_message_get_seq (get_message (self, i)) >= seq)
        return (int) i;
    }

  return (int) get_n (self) - 1;
}

static int
tern_timeline_view_seek (TernVlist *list,
                         guint      ordinal)
{
  TernTimelineView *self = TERN_TIMELINE_VIEW (list);
  gint64 lowest;
  gint64 highest;
  gint64 seq;

  if (self->source == NULL)
    return -1;
  tern_timeline_source_get_span (self->source, &lowest, &highest);
  seq = lowest + ordinal;
  if (seq >= highest)
    tern_timeline_source_load_latest (self->source, PAGE);
  else if (seq < get_edge_seq (self, FALSE) || seq > get_edge_seq (self, TRUE))
    tern_timeline_source_load_near (self->source, seq, AROUND);
  if (seq >= highest)
    return (int) get_n (self) - 1;

  return find_at_or_after (self, seq);
}

static void
tern_timeline_view_moved (TernVlist *list)
{
  g_signal_emit (list, signals[SIGNAL_MOVED], 0);
}

/* --- what is missing above --- */

static void
update_gap (TernTimelineView *self)
{
  gint64 n_missing = 0;
  gboolean is_loading = FALSE;
  g_autofree char *text = NULL;

  if (self->source != NULL)
    g_object_get (self->source, "n-missing", &n_missing, "is-loading", &is_loading, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->gap), n_missing > 0);
  gtk_spinner_set_spinning (self->spinner, n_missing > 0 && is_loading);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), is_loading);
  if (n_missing > 0)
    {
      guint n = (guint) MIN (n_missing, G_MAXINT32);

      text = g_strdup_printf (ngettext ("%u older message is still on the server",
                                        "%u older messages are still on the server", n),
                              n);
      gtk_label_set_text (self->gap_text, text);
    }
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
make_gap (TernTimelineView *self)
{
  self->gap = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9));
  self->spinner = GTK_SPINNER (gtk_spinner_new ());
  self->gap_text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->gap_text, TRUE);
  gtk_label_set_justify (self->gap_text, GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (self->gap), "gap");
  gtk_widget_set_halign (GTK_WIDGET (self->gap), GTK_ALIGN_CENTER);
  gtk_box_append (self->gap, GTK_WIDGET (self->spinner));
  gtk_box_append (self->gap, GTK_WIDGET (self->gap_text));
  gtk_widget_set_visible (GTK_WIDGET (self->gap), FALSE);
  tern_vlist_set_header (TERN_VLIST (self), GTK_WIDGET (self->gap));
}

/* --- from one message into another with the pointer --- */

static TernMessage *
find_at (TernTimelineView *self,
         double            y)
{
  int index = tern_vlist_find_at (TERN_VLIST (self), y);

  return index >= 0 ? get_message (self, (guint) index) : NULL;
}

static void
follow_pointer (TernTimelineView *self)
{
  TernMessage *message = find_at (self, self->drag_y);

  if (message == NULL || tern_message_get_id (message) == self->drag_id ||
      (message == self->drag_start && self->drag_id == 0))
    return;
  /* Within one message it is that text's affair; beyond it, this list's. */
  gtk_gesture_set_state (self->drag, GTK_EVENT_SEQUENCE_CLAIMED);
  self->drag_id = tern_message_get_id (message);
  g_signal_emit (self, signals[SIGNAL_DRAGGED], 0, self->drag_start, message);
}

/* How far the pointer is beyond the edge; negative: above. */
static double
get_pull (TernTimelineView *self)
{
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  /* The text of one message can be marked as far as it can be seen. */
  double edge = self->drag_id != 0 ? EDGE : 0;

  if (self->drag_y < edge)
    return MAX (self->drag_y - edge, -MAX_PULL);
  if (self->drag_y > height - edge)
    return MIN (self->drag_y - (height - edge), MAX_PULL);

  return 0;
}

static gboolean
pull_cb (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       user_data)
{
  TernTimelineView *self = TERN_TIMELINE_VIEW (widget);
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self));
  gint64 now = gdk_frame_clock_get_frame_time (clock);
  double pull = self->drag_start != NULL ? get_pull (self) : 0;

  if (pull == 0)
    {
      self->pull_id = 0;
      return G_SOURCE_REMOVE;
    }
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) +
                                        (self->pull_us == 0 ? 0 : pull * PULL_PER_S *
                                         (double) MIN (now - self->pull_us, MAX_FRAME_US) /
                                         G_USEC_PER_SEC));
  self->pull_us = now;
  /* What came under the pointer with the last frame. */
  follow_pointer (self);

  return G_SOURCE_CONTINUE;
}

static void
drag_begin_cb (GtkGestureDrag *gesture,
               double          x,
               double          y,
               gpointer        user_data)
{
  TernTimelineView *self = user_data;
  GdkDevice *device = gtk_event_controller_get_current_event_device (
    GTK_EVENT_CONTROLLER (gesture));

  /* A finger scrolls. */
  if (device == NULL || gdk_device_get_source (device) == GDK_SOURCE_TOUCHSCREEN)
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
  else
    g_set_object (&self->drag_start, find_at (self, y));
  self->drag_id = 0;
}

static void
drag_update_cb (GtkGestureDrag *gesture,
                double          offset_x,
                double          offset_y,
                gpointer        user_data)
{
  TernTimelineView *self = user_data;
  double x;
  double y;

  if (self->drag_start == NULL || !gtk_gesture_drag_get_start_point (gesture, &x, &y))
    return;
  self->drag_y = y + offset_y;
  follow_pointer (self);
  if (self->pull_id == 0 && get_pull (self) != 0)
    {
      self->pull_us = 0;
      self->pull_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), pull_cb, NULL, NULL);
    }
}

/* With the button, or before it is let go of. */
static void
end_drag (TernTimelineView *self)
{
  g_clear_object (&self->drag_start);
}

static void
make_drag (TernTimelineView *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->drag = drag;
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (drag), GTK_PHASE_CAPTURE);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (end_drag), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}

/* --- vfuncs --- */

static void
tern_timeline_view_dispose (GObject *object)
{
  TernTimelineView *self = TERN_TIMELINE_VIEW (object);

  g_clear_handle_id (&self->highlight_id, g_source_remove);
  if (self->source != NULL)
    g_signal_handlers_disconnect_by_data (self->source, self);

  G_OBJECT_CLASS (tern_timeline_view_parent_class)->dispose (object);
  g_clear_object (&self->source);
  g_clear_object (&self->range_start);
  g_clear_object (&self->range_end);
  g_clear_object (&self->drag_start);
}

static void
tern_timeline_view_finalize (GObject *object)
{
  g_hash_table_unref (TERN_TIMELINE_VIEW (object)->selected);

  G_OBJECT_CLASS (tern_timeline_view_parent_class)->finalize (object);
}

static void
tern_timeline_view_class_init (TernTimelineViewClass *klass)
{
  TernVlistClass *list_class = TERN_VLIST_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tern_timeline_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = tern_timeline_view_finalize;
  list_class->get_kind = tern_timeline_view_get_kind;
  list_class->create_row = tern_timeline_view_create_row;
  list_class->bind_row = tern_timeline_view_bind_row;
  list_class->unbind_row = tern_timeline_view_unbind_row;
  list_class->guess_height = tern_timeline_view_guess_height;
  list_class->load = tern_timeline_view_load;
  list_class->get_outside = tern_timeline_view_get_outside;
  list_class->seek = tern_timeline_view_seek;
  list_class->moved = tern_timeline_view_moved;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "timeline");

  signals[SIGNAL_MOVED] = g_signal_new ("moved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_DRAGGED] = g_signal_new ("dragged", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 2, TERN_TYPE_MESSAGE,
                                          TERN_TYPE_MESSAGE);
}

static void
tern_timeline_view_init (TernTimelineView *self)
{
  self->selected = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
  tern_vlist_set_gravity (TERN_VLIST (self), GTK_ALIGN_END);
  tern_vlist_set_padding (TERN_VLIST (self), PADDING_TOP, PADDING_BOTTOM);
  make_gap (self);
  make_drag (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Messages"), -1);
}

/* --- public --- */

TernTimelineView *
tern_timeline_view_new (const TernTimelineRows *rows,
                        gpointer                user_data)
{
  TernTimelineView *self = g_object_new (TERN_TYPE_TIMELINE_VIEW, NULL);

  self->rows = rows;
  self->user_data = user_data;

  return self;
}

void
tern_timeline_view_set_source (TernTimelineView   *self,
                               TernTimelineSource *source)
{
  if (self->source != NULL)
    g_signal_handlers_disconnect_by_data (self->source, self);
  tern_vlist_set_model (TERN_VLIST (self), NULL);
  self->line = 0;
  self->highlighted = 0;
  g_clear_handle_id (&self->highlight_id, g_source_remove);
  tern_timeline_view_set_selecting (self, FALSE);
  g_set_object (&self->source, source);
  if (source != NULL)
    {
      tern_timeline_source_load_latest (source, PAGE);
      tern_vlist_set_model (TERN_VLIST (self), G_LIST_MODEL (source));
      g_signal_connect_swapped (source, "notify::n-missing", G_CALLBACK (update_gap), self);
      g_signal_connect_swapped (source, "notify::is-loading", G_CALLBACK (update_gap), self);
    }
  update_gap (self);
}

void
tern_timeline_view_open_end (TernTimelineView *self)
{
  gboolean has_newer = FALSE;

  if (self->source == NULL)
    return;
  g_object_get (self->source, "has-newer", &has_newer, NULL);
  if (has_newer)
    tern_timeline_source_load_latest (self->source, PAGE);
  tern_vlist_pin (TERN_VLIST (self));
}

int
tern_timeline_view_find_unread (TernTimelineView *self,
                                gint64            read_seq)
{
  gint64 lowest;
  gint64 highest;

  if (self->source == NULL)
    return -1;
  tern_timeline_source_get_span (self->source, &lowest, &highest);
  /* What lies below a gap cannot be read on from. */
  if (read_seq + 1 < lowest || read_seq >= highest)
    return -1;
  if (get_edge_seq (self, FALSE) > read_seq + 1)
    tern_timeline_source_load_near (self->source, read_seq + 1, AROUND);
  for (guint i = 0; i < get_n (self); i++)
    {
      TernMessage *message = get_message (self, i);

      if (tern_message_get_seq (message) > read_seq && !tern_message_get_is_own (message))
        return (int) i;
    }

  return -1;
}

int
tern_timeline_view_find_seq (TernTimelineView *self,
                             gint64            seq)
{
  int index;

  if (self->source == NULL || seq <= 0 ||
      !tern_timeline_source_load_around (self->source, seq, AROUND))
    return -1;
  index = find_at_or_after (self, seq);

  return index >= 0 && tern_message_get_seq (get_message (self, (guint) index)) == seq ? index
                                                                                       : -1;
}

static void
rebind_id (TernTimelineView *self,
           gint64            id)
{
  for (guint i = 0; i < get_n (self) && id != 0; i++)
    {
      if (tern_message_get_id (get_message (self, i)) == id)
        {
          tern_vlist_rebind (TERN_VLIST (self), get_message (self, i));
          return;
        }
    }
}

void
tern_timeline_view_set_line (TernTimelineView *self,
                             int               index)
{
  gint64 old = self->line;

  self->line = index >= 0 ? tern_message_get_id (get_message (self, (guint) index)) : 0;
  if (old == self->line)
    return;
  rebind_id (self, old);
  rebind_id (self, self->line);
}

static gboolean
highlight_over_cb (gpointer user_data)
{
  TernTimelineView *self = user_data;
  gint64 old = self->highlighted;

  self->highlight_id = 0;
  self->highlighted = 0;
  rebind_id (self, old);

  return G_SOURCE_REMOVE;
}

void
tern_timeline_view_highlight (TernTimelineView *self,
                              guint             index)
{
  gint64 old = self->highlighted;

  g_clear_handle_id (&self->highlight_id, g_source_remove);
  self->highlighted = tern_message_get_id (get_message (self, index));
  rebind_id (self, old);
  rebind_id (self, self->highlighted);
  self->highlight_id = g_timeout_add (HIGHLIGHT_MS, highlight_over_cb, self);
}

void
tern_timeline_view_set_selecting (TernTimelineView *self,
                                  gboolean          is_selecting)
{
  if (!is_selecting)
    end_drag (self);
  if (self->is_selecting == is_selecting)
    return;
  self->is_selecting = is_selecting;
  g_hash_table_remove_all (self->selected);
  g_clear_object (&self->range_start);
  g_clear_object (&self->range_end);
  for (guint i = 0; i < get_n (self); i++)
    {
      if (tern_vlist_get_row (TERN_VLIST (self), i) != NULL)
        tern_vlist_rebind (TERN_VLIST (self), get_message (self, i));
    }
}

static int
compare_messages (TernMessage *a,
                  TernMessage *b)
{
  const TernMessageRecord *left = tern_message_get_record (a);
  const TernMessageRecord *right = tern_message_get_record (b);

  if (left->position != right->position)
    return left->position < right->position ? -1 : 1;

  return left->id < right->id ? -1 : left->id > right->id;
}

static void
set_selected (TernTimelineView *self,
              TernMessage      *message,
              gboolean          is_selected)
{
  gint64 id = tern_message_get_id (message);

  if (g_hash_table_contains (self->selected, &id) == is_selected)
    return;
  if (is_selected)
    g_hash_table_insert (self->selected, g_memdup2 (&id, sizeof id), g_object_ref (message));
  else
    g_hash_table_remove (self->selected, &id);
  rebind_id (self, id);
}

void
tern_timeline_view_toggle (TernTimelineView *self,
                           TernMessage      *message)
{
  gint64 id = tern_message_get_id (message);

  set_selected (self, message, !g_hash_table_contains (self->selected, &id));
  g_set_object (&self->range_start, message);
  g_clear_object (&self->range_end);
}

/* Whether it lies between the two, whichever of them comes first. */
static gboolean
is_between (TernMessage *message,
            TernMessage *start,
            TernMessage *end)
{
  int to_start = compare_messages (message, start);
  int to_end = compare_messages (message, end);

  return (to_start >= 0 && to_end <= 0) || (to_start <= 0 && to_end >= 0);
}

/* From the one that was chosen last (or @from) to @to; what an earlier
 * extension chose beyond that is let go. */
void
tern_timeline_view_extend (TernTimelineView *self,
                           TernMessage      *from,
                           TernMessage      *to)
{
  g_autoptr(TernMessage) end = NULL;

  if (from != NULL && from != self->range_start)
    {
      g_set_object (&self->range_start, from);
      g_clear_object (&self->range_end);
    }
  if (self->range_start == NULL)
    g_set_object (&self->range_start, to);
  end = g_object_ref (self->range_end != NULL ? self->range_end : self->range_start);
  for (guint i = 0; i < get_n (self); i++)
    {
      TernMessage *message = get_message (self, i);

      if (is_between (message, self->range_start, to))
        set_selected (self, message, TRUE);
      else if (is_between (message, self->range_start, end))
        set_selected (self, message, FALSE);
    }
  g_set_object (&self->range_end, to);
}

/* The same by keyboard, to the one above or below the last. */
void
tern_timeline_view_extend_by (TernTimelineView *self,
                              TernMessage      *from,
                              int               by)
{
  TernVlist *list = TERN_VLIST (self);
  int index = tern_vlist_find (list, from);

  if (index < 0)
    return;
  if (self->range_start == NULL)
    g_set_object (&self->range_start, from);
  if ((index + by < 0 || index + by >= (int) get_n (self)) &&
      tern_timeline_view_load (list, by > 0))
    index = tern_vlist_find (list, from);
  index = CLAMP (index + by, 0, (int) get_n (self) - 1);
  tern_timeline_view_extend (self, NULL, get_message (self, (guint) index));
  tern_vlist_focus_index (list, (guint) index);
}

static int
compare_selected (gconstpointer a,
                  gconstpointer b)
{
  return compare_messages (*(TernMessage * const *) a, *(TernMessage * const *) b);
}

GPtrArray *
tern_timeline_view_dup_selected (TernTimelineView *self)
{
  GPtrArray *messages = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer message;

  g_hash_table_iter_init (&iter, self->selected);
  while (g_hash_table_iter_next (&iter, NULL, &message))
    g_ptr_array_add (messages, g_object_ref (message));
  g_ptr_array_sort (messages, compare_selected);

  return messages;
}
