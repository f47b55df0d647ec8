/* tern-panes.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-panes.h"

#include <glib/gi18n.h>

/* Narrower than this, there is room for one pane: the widths that the sidebar
 * and a line of text need, in units that grow with the text. */
#define FOLD_BELOW_SP 640

#define SIDEBAR_MIN_WIDTH 280
#define SIDEBAR_MAX_WIDTH 360
#define SIDEBAR_FRACTION 0.33

struct _TernPanes
{
  GtkWidget               parent_instance;

  AdwBreakpointBin       *bin;
  AdwNavigationSplitView *split;
};

G_DEFINE_FINAL_TYPE (TernPanes, tern_panes, GTK_TYPE_WIDGET)

enum
{
  PROP_FOLDED = 1,
};

static GParamSpec *folded_property;

static void
collapsed_cb (TernPanes *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), folded_property);
}

static void
tern_panes_get_property (GObject    *object,
                         guint       property_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  if (property_id == PROP_FOLDED)
    g_value_set_boolean (value, tern_panes_get_folded (TERN_PANES (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
tern_panes_dispose (GObject *object)
{
  TernPanes *self = TERN_PANES (object);

  if (self->bin != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->bin));
  self->bin = NULL;

  G_OBJECT_CLASS (tern_panes_parent_class)->dispose (object);
}

static void
tern_panes_class_init (TernPanesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = tern_panes_get_property;
  object_class->dispose = tern_panes_dispose;
  folded_property = g_param_spec_boolean ("folded", NULL, NULL, FALSE,
                                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS |
                                          G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (object_class, PROP_FOLDED, folded_property);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
tern_panes_init (TernPanes *self)
{
  AdwBreakpoint *breakpoint = adw_breakpoint_new (
    adw_breakpoint_condition_new_length (ADW_BREAKPOINT_CONDITION_MAX_WIDTH, FOLD_BELOW_SP,
                                         ADW_LENGTH_UNIT_SP));
  g_auto(GValue) collapsed = G_VALUE_INIT;

  self->split = ADW_NAVIGATION_SPLIT_VIEW (adw_navigation_split_view_new ());
  adw_navigation_split_view_set_min_sidebar_width (self->split, SIDEBAR_MIN_WIDTH);
  adw_navigation_split_view_set_max_sidebar_width (self->split, SIDEBAR_MAX_WIDTH);
  adw_navigation_split_view_set_sidebar_width_fraction (self->split, SIDEBAR_FRACTION);
  g_signal_connect_swapped (self->split, "notify::collapsed", G_CALLBACK (collapsed_cb), self);

  g_value_init (&collapsed, G_TYPE_BOOLEAN);
  g_value_set_boolean (&collapsed, TRUE);
  adw_breakpoint_add_setter (breakpoint, G_OBJECT (self->split), "collapsed", &collapsed);

  self->bin = ADW_BREAKPOINT_BIN (adw_breakpoint_bin_new ());
  adw_breakpoint_bin_add_breakpoint (self->bin, breakpoint);
  adw_breakpoint_bin_set_child (self->bin, GTK_WIDGET (self->split));
  /* A bin with breakpoints asks for no room of its own accord. */
  gtk_widget_set_size_request (GTK_WIDGET (self->bin), 340, 200);
  gtk_widget_set_parent (GTK_WIDGET (self->bin), GTK_WIDGET (self));
}

/**
 * tern_panes_new:
 * @sidebar: shown first, and beside the content when there is room
 * @content: the rest
 *
 * Returns: (transfer floating): both
 */
GtkWidget *
tern_panes_new (GtkWidget *sidebar,
                GtkWidget *content)
{
  TernPanes *self = g_object_new (TERN_TYPE_PANES, NULL);

  adw_navigation_split_view_set_sidebar (self->split,
                                         adw_navigation_page_new (sidebar, _("Chats")));
  adw_navigation_split_view_set_content (self->split,
                                         adw_navigation_page_new (content, _("Chat")));

  return GTK_WIDGET (self);
}

/**
 * tern_panes_show_content:
 * @self: the panes
 * @shows_content: which of the two, where there is room for one
 */
void
tern_panes_show_content (TernPanes *self,
                         gboolean   shows_content)
{
  adw_navigation_split_view_set_show_content (self->split, shows_content);
}

/**
 * tern_panes_get_folded:
 * @self: the panes
 *
 * Returns: whether there is room for one only
 */
gboolean
tern_panes_get_folded (TernPanes *self)
{
  return adw_navigation_split_view_get_collapsed (self->split);
}

/**
 * tern_panes_set_up_header:
 * @header: the content's
 *
 * The way back is a button of the content's own: the bar must not add another.
 */
void
tern_panes_set_up_header (AdwHeaderBar *header)
{
  adw_header_bar_set_show_back_button (header, FALSE);
}
