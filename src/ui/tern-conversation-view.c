/* tern-conversation-view.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-conversation-view.h"

#include <glib/gi18n.h>

#include "tern-conversation-row.h"

/* Who did not move the pointer for so long is not about to click; else a
 * pointer left lying on the list would hold it for ever. */
#define STILL_MS 3000

#define PADDING 6

/* Before the first row was measured. */
#define USUAL_HEIGHT 64

struct _TernConversationView
{
  TernVlist               parent_instance;

  TernSession            *session;  /* (nullable) */
  TernConversationFilter *filter;   /* (nullable) */
  char                   *selected; /* (nullable): an ID */
  gboolean                has_menu;
  gboolean                is_pressed;
  guint                   still_id; /* the pointer was moved over it */
};

G_DEFINE_FINAL_TYPE (TernConversationView, tern_conversation_view, TERN_TYPE_VLIST)

enum
{
  SIGNAL_CHOSEN,
  SIGNAL_MENU,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* --- holding still --- */

static void
update_held (TernConversationView *self)
{
  if (self->filter != NULL)
    tern_conversation_filter_set_held (self->filter, self->has_menu || self->is_pressed ||
                                                     self->still_id != 0);
}

static gboolean
still_cb (gpointer user_data)
{
  TernConversationView *self = user_data;

  self->still_id = 0;
  update_held (self);

  return G_SOURCE_REMOVE;
}

static void
motion_cb (GtkEventControllerMotion *motion,
           double                    x,
           double                    y,
           gpointer                  user_data)
{
  TernConversationView *self = user_data;

  g_clear_handle_id (&self->still_id, g_source_remove);
  self->still_id = g_timeout_add (STILL_MS, still_cb, self);
  update_held (self);
}

static void
leave_cb (GtkEventControllerMotion *motion,
          gpointer                  user_data)
{
  TernConversationView *self = user_data;

  g_clear_handle_id (&self->still_id, g_source_remove);
  update_held (self);
}

static gboolean
event_cb (GtkEventControllerLegacy *controller,
          GdkEvent                 *event,
          gpointer                  user_data)
{
  TernConversationView *self = user_data;

  switch ((int) gdk_event_get_event_type (event))
    {
    case GDK_BUTTON_PRESS:
    case GDK_TOUCH_BEGIN:
      self->is_pressed = TRUE;
      break;
    case GDK_BUTTON_RELEASE:
    case GDK_TOUCH_END:
    case GDK_TOUCH_CANCEL:
      self->is_pressed = FALSE;
      break;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  update_held (self);

  return GDK_EVENT_PROPAGATE;
}

/* --- rows --- */

static void
chosen_cb (TernConversationRowWidget *row,
           gpointer                   user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_CHOSEN], 0, tern_conversation_row_widget_get (row));
}

static void
menu_cb (TernConversationRowWidget *row,
         double                     x,
         double                     y,
         gpointer                   user_data)
{
  gtk_widget_translate_coordinates (GTK_WIDGET (row), user_data, x, y, &x, &y);
  g_signal_emit (user_data, signals[SIGNAL_MENU], 0, tern_conversation_row_widget_get (row), x, y);
}

static gboolean
is_selected (TernConversationView *self,
             TernConversation     *conversation)
{
  return g_strcmp0 (tern_conversation_get_id (conversation), self->selected) == 0;
}

static GtkWidget *
tern_conversation_view_create_row (TernVlist *list,
                                   guint      kind)
{
  GtkWidget *row = tern_conversation_row_widget_new ();

  g_signal_connect (row, "chosen", G_CALLBACK (chosen_cb), list);
  g_signal_connect (row, "menu", G_CALLBACK (menu_cb), list);

  return row;
}

static void
tern_conversation_view_bind_row (TernVlist *list,
                                 GtkWidget *row,
                                 gpointer   item)
{
  TernConversationView *self = TERN_CONVERSATION_VIEW (list);

  tern_conversation_row_widget_bind (TERN_CONVERSATION_ROW (row), self->session, item);
  tern_conversation_row_widget_set_selected (TERN_CONVERSATION_ROW (row),
                                             is_selected (self, item));
}

static void
tern_conversation_view_unbind_row (TernVlist *list,
                                   GtkWidget *row)
{
  tern_conversation_row_widget_bind (TERN_CONVERSATION_ROW (row), NULL, NULL);
}

static int
tern_conversation_view_guess_height (TernVlist *list,
                                     gpointer   item,
                                     int        width)
{
  return USUAL_HEIGHT;
}

/* --- vfuncs --- */

/* The way in leads to the chat that is open, if there is one. */
static gboolean
tern_conversation_view_focus (GtkWidget        *widget,
                              GtkDirectionType  direction)
{
  TernConversationView *self = TERN_CONVERSATION_VIEW (widget);
  int index = -1;

  if (gtk_widget_get_focus_child (widget) == NULL && self->filter != NULL &&
      self->selected != NULL)
    index = tern_conversation_filter_find (self->filter, self->selected);
  if (index >= 0 && index < (int) tern_vlist_get_n_slots (TERN_VLIST (self)))
    return tern_vlist_focus_index (TERN_VLIST (self), (guint) index);

  return GTK_WIDGET_CLASS (tern_conversation_view_parent_class)->focus (widget, direction);
}

static void
tern_conversation_view_dispose (GObject *object)
{
  TernConversationView *self = TERN_CONVERSATION_VIEW (object);

  g_clear_handle_id (&self->still_id, g_source_remove);
  G_OBJECT_CLASS (tern_conversation_view_parent_class)->dispose (object);
  g_clear_object (&self->filter);
  g_clear_object (&self->session);
  g_clear_pointer (&self->selected, g_free);
}

static void
tern_conversation_view_class_init (TernConversationViewClass *klass)
{
  TernVlistClass *list_class = TERN_VLIST_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tern_conversation_view_dispose;
  GTK_WIDGET_CLASS (klass)->focus = tern_conversation_view_focus;
  list_class->create_row = tern_conversation_view_create_row;
  list_class->bind_row = tern_conversation_view_bind_row;
  list_class->unbind_row = tern_conversation_view_unbind_row;
  list_class->guess_height = tern_conversation_view_guess_height;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "conversations");

  signals[SIGNAL_CHOSEN] = g_signal_new ("chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, TERN_TYPE_CONVERSATION);
  signals[SIGNAL_MENU] = g_signal_new ("menu", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 3, TERN_TYPE_CONVERSATION, G_TYPE_DOUBLE,
                                       G_TYPE_DOUBLE);
}

static void
tern_conversation_view_init (TernConversationView *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *events = gtk_event_controller_legacy_new ();

  tern_vlist_set_uniform (TERN_VLIST (self), TRUE);
  tern_vlist_set_padding (TERN_VLIST (self), PADDING, PADDING);
  g_signal_connect (motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  /* Sees a press whoever claims it. */
  gtk_event_controller_set_propagation_phase (events, GTK_PHASE_CAPTURE);
  g_signal_connect (events, "event", G_CALLBACK (event_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), events);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Chats"), -1);
}

/**
 * tern_conversation_view_new:
 *
 * Returns: (transfer floating): a list without conversations
 */
TernConversationView *
tern_conversation_view_new (void)
{
  return g_object_new (TERN_TYPE_CONVERSATION_VIEW, NULL);
}

/**
 * tern_conversation_view_set_session:
 * @self: a list
 * @session: (nullable): whose conversations are shown
 * @filter: (nullable): which of them
 */
void
tern_conversation_view_set_session (TernConversationView   *self,
                                    TernSession            *session,
                                    TernConversationFilter *filter)
{
  g_return_if_fail (TERN_IS_CONVERSATION_VIEW (self));

  g_clear_pointer (&self->selected, g_free);
  tern_vlist_set_model (TERN_VLIST (self), NULL);
  g_set_object (&self->session, session);
  g_set_object (&self->filter, filter);
  update_held (self);
  if (filter != NULL)
    tern_vlist_set_model (TERN_VLIST (self), G_LIST_MODEL (filter));
}

/**
 * tern_conversation_view_select:
 * @self: a list
 * @id: (nullable): of the chat that is open
 */
void
tern_conversation_view_select (TernConversationView *self,
                               const char           *id)
{
  g_return_if_fail (TERN_IS_CONVERSATION_VIEW (self));

  if (g_strcmp0 (self->selected, id) == 0)
    return;
  g_free (self->selected);
  self->selected = g_strdup (id);
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      TernConversation *conversation =
        tern_conversation_row_widget_get (TERN_CONVERSATION_ROW (row));

      if (conversation != NULL)
        tern_conversation_row_widget_set_selected (TERN_CONVERSATION_ROW (row),
                                                   is_selected (self, conversation));
    }
}

/**
 * tern_conversation_view_get_selected:
 * @self: a list
 *
 * Returns: (nullable): the ID of the chat that is open
 */
const char *
tern_conversation_view_get_selected (TernConversationView *self)
{
  return self->selected;
}

/**
 * tern_conversation_view_set_has_menu:
 * @self: a list
 * @has_menu: whether a menu about one of the rows is open
 */
void
tern_conversation_view_set_has_menu (TernConversationView *self,
                                     gboolean              has_menu)
{
  self->has_menu = has_menu;
  /* What was chosen in it is to be seen at once. */
  g_clear_handle_id (&self->still_id, g_source_remove);
  update_held (self);
}
