/* tern-date-popover.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-date-popover.h"

#include <glib/gi18n.h>

#include "tern-focus.h"

struct _TernDatePopover
{
  GtkPopover   parent_instance;

  TernSession *session;         /* (nullable) */
  char        *conversation_id; /* (nullable) */
  GtkCalendar *calendar;
};

G_DEFINE_FINAL_TYPE (TernDatePopover, tern_date_popover, GTK_TYPE_POPOVER)

static guint chosen_signal;

static gint64
to_ms (GDateTime *time)
{
  return g_date_time_to_unix (time) * 1000;
}

/* The beginning of a day of the month that is shown; NULL: there is none. */
static GDateTime *
get_day (TernDatePopover *self,
         int              day)
{
  g_autoptr(GDateTime) shown = gtk_calendar_get_date (self->calendar);

  return g_date_time_new_local (g_date_time_get_year (shown), g_date_time_get_month (shown), day,
                                0, 0, 0);
}

static void
mark_days (TernDatePopover *self)
{
  gtk_calendar_clear_marks (self->calendar);
  for (int day = 1; self->session != NULL && day <= 31; day++)
    {
      g_autoptr(GDateTime) start = get_day (self, day);
      g_autoptr(GDateTime) end = start != NULL ? g_date_time_add_days (start, 1) : NULL;
      gint64 sent_ms;

      if (start != NULL &&
          tern_session_find_seq_at (self->session, self->conversation_id, to_ms (start),
                                    &sent_ms) > 0 &&
          sent_ms < to_ms (end))
        gtk_calendar_mark_day (self->calendar, (guint) day);
    }
}

static void
go_cb (TernDatePopover *self)
{
  g_autoptr(GDateTime) shown = gtk_calendar_get_date (self->calendar);
  g_autoptr(GDateTime) start = get_day (self, g_date_time_get_day_of_month (shown));

  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, chosen_signal, 0, to_ms (start));
}

static void
tern_date_popover_dispose (GObject *object)
{
  TernDatePopover *self = TERN_DATE_POPOVER (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->conversation_id, g_free);

  G_OBJECT_CLASS (tern_date_popover_parent_class)->dispose (object);
}

static void
tern_date_popover_class_init (TernDatePopoverClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tern_date_popover_dispose;
  chosen_signal = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT64);
}

/* GTK does not say what the arrows are for; they are in this order. */
static const char *
name_arrow (GtkWidget *widget,
            gpointer   user_data)
{
  static const char *const names[] = {
    N_("Previous month"), N_("Next month"), N_("Previous year"), N_("Next year"),
  };
  guint *n_named = user_data;

  return GTK_IS_BUTTON (widget) && *n_named < G_N_ELEMENTS (names) ? _(names[(*n_named)++]) : NULL;
}

static void
tern_date_popover_init (TernDatePopover *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *go = gtk_button_new_with_mnemonic (_("_Go to This Day"));
  guint n_named = 0;

  /* As a group it may have a name. */
  self->calendar = g_object_new (GTK_TYPE_CALENDAR, "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP,
                                 NULL);
  tern_focus_name (GTK_WIDGET (self->calendar), name_arrow, &n_named);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->calendar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Day to go to"), -1);
  g_signal_connect_swapped (self->calendar, "notify::month", G_CALLBACK (mark_days), self);
  g_signal_connect_swapped (self->calendar, "notify::year", G_CALLBACK (mark_days), self);
  gtk_widget_add_css_class (go, "suggested-action");
  g_signal_connect_swapped (go, "clicked", G_CALLBACK (go_cb), self);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->calendar));
  gtk_box_append (GTK_BOX (box), go);
  gtk_popover_set_child (GTK_POPOVER (self), box);
  gtk_popover_set_default_widget (GTK_POPOVER (self), go);
}

/**
 * tern_date_popover_new:
 *
 * Returns: (transfer floating): a popover that marks no days
 */
GtkWidget *
tern_date_popover_new (void)
{
  return g_object_new (TERN_TYPE_DATE_POPOVER, NULL);
}

/**
 * tern_date_popover_show:
 * @self: a popover
 * @session: whose messages they are
 * @conversation_id: a conversation
 * @ms: the day that is chosen at first
 */
void
tern_date_popover_show (TernDatePopover *self,
                        TernSession     *session,
                        const char      *conversation_id,
                        gint64           ms)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_local (ms / 1000);

  g_set_object (&self->session, session);
  g_free (self->conversation_id);
  self->conversation_id = g_strdup (conversation_id);
  if (time != NULL)
    gtk_calendar_select_day (self->calendar, time);
  mark_days (self);
}
