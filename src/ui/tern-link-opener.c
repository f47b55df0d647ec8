/* tern-link-opener.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-link-opener.h"

#include <glib/gi18n.h>

#include "tern-dialog.h"
#include "tern-links.h"

static void
open_cb (const char *uri)
{
  gtk_show_uri (NULL, uri, GDK_CURRENT_TIME);
}

static void
uri_free (gpointer  data,
          GClosure *closure)
{
  g_free (data);
}

static void
ask (GtkWidget  *label,
     const char *uri,
     const char *host)
{
  g_autofree char *words =
    g_strdup_printf (_("It looks as if it led elsewhere, but it leads to %s"), host);

  tern_dialog_ask (label, _("Open This Link?"), words, _("_Open"), FALSE, G_CALLBACK (open_cb),
                   g_strdup (uri), uri_free);
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
