/* tern-link-opener.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-link-opener.h"

#include <glib/gi18n.h>

#include "tern-dialog.h"
#include "tern-links.h"

typedef struct
{
  GtkWindow *window;
  char      *uri;
} Link;

static Link *
link_new (GtkWidget  *label,
          const char *uri)
{
  Link *link = g_new0 (Link, 1);

  link->window = GTK_WINDOW (g_object_ref (gtk_widget_get_root (label)));
  link->uri = g_strdup (uri);

  return link;
}

static void
link_free (gpointer  data,
           GClosure *closure)
{
  Link *link = data;

  g_object_unref (link->window);
  g_free (link->uri);
  g_free (link);
}

static void
open_cb (const Link *link)
{
  gtk_show_uri (link->window, link->uri, GDK_CURRENT_TIME);
}

static void
ask (GtkWidget  *label,
     const char *uri,
     const char *host)
{
  g_autofree char *words =
    g_strdup_printf (_("It looks as if it led elsewhere, but it leads to %s"), host);

  tern_dialog_ask (label, _("Open This Link?"), words, _("_Open"), FALSE, G_CALLBACK (open_cb),
                   link_new (label, uri), link_free);
}

gboolean
tern_link_activate_cb (GtkLabel   *label,
                       const char *uri,
                       gpointer    user_data)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (label)));
  g_autofree char *host = tern_links_dup_hidden_host (uri);

  if (!tern_links_is_allowed (uri))
    return GDK_EVENT_STOP;
  if (host != NULL)
    ask (GTK_WIDGET (label), uri, host);
  else
    gtk_show_uri (window, uri, GDK_CURRENT_TIME);

  return GDK_EVENT_STOP;
}
