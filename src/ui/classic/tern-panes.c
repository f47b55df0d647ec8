/* tern-panes.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-panes.h"

#define SIDEBAR_WIDTH 300

struct _TernPanes
{
  GtkWidget   parent_instance;

  AdwLeaflet *leaflet;
  GtkWidget  *sidebar; /* (borrowed) */
  GtkWidget  *content; /* (borrowed) */
};

G_DEFINE_FINAL_TYPE (TernPanes, tern_panes, GTK_TYPE_WIDGET)

enum
{
  PROP_FOLDED = 1,
};

static GParamSpec *folded_property;

static void
folded_cb (TernPanes *self)
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
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

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
  self->leaflet = ADW_LEAFLET (adw_leaflet_new ());
  adw_leaflet_set_can_navigate_back (self->leaflet, TRUE);
  g_signal_connect_swapped (self->leaflet, "notify::folded", G_CALLBACK (folded_cb), self);
  gtk_widget_set_parent (GTK_WIDGET (self->leaflet), GTK_WIDGET (self));
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
  GtkWidget *separator = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  AdwLeafletPage *page;

  self->sidebar = sidebar;
  self->content = content;
  gtk_widget_set_size_request (sidebar, SIDEBAR_WIDTH, -1);
  gtk_widget_set_size_request (content, 340, -1);
  gtk_widget_set_hexpand (content, TRUE);
  adw_leaflet_append (self->leaflet, sidebar);
  page = adw_leaflet_append (self->leaflet, separator);
  adw_leaflet_page_set_navigatable (page, FALSE);
  adw_leaflet_append (self->leaflet, content);

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
  adw_leaflet_set_visible_child (self->leaflet, shows_content ? self->content : self->sidebar);
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
  return adw_leaflet_get_folded (self->leaflet);
}

/**
 * tern_panes_set_up_header:
 * @header: the content's
 *
 * The way back is a button of the content's own; this libadwaita adds none.
 */
void
tern_panes_set_up_header (AdwHeaderBar *header)
{
}
