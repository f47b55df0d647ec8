/* tern-link-opener.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-link-opener.h"

#include <glib/gi18n.h>

#include "tern-links.h"

static void
open_cb (AdwMessageDialog *dialog,
         const char       *response,
         gpointer          user_data)
{
  gtk_show_uri (gtk_window_get_transient_for (GTK_WINDOW (dialog)), user_data, GDK_CURRENT_TIME);
}

static void
uri_free (gpointer  data,
          GClosure *closure)
{
  g_free (data);
}

static void
ask (GtkWindow  *window,
     const char *uri,
     const char *host)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (window,
                                                                         _("Open This Link?"),
                                                                         NULL));
  g_autofree char *body =
    g_strdup_printf (_("It looks as if it led elsewhere, but it leads to %s"), host);

  adw_message_dialog_set_body (dialog, body);
  adw_message_dialog_add_responses (dialog, "cancel", _("_Cancel"), "open", _("_Open"), NULL);
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_data (dialog, "response::open", G_CALLBACK (open_cb), g_strdup (uri), uri_free,
                         0);
  gtk_window_present (GTK_WINDOW (dialog));
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
    ask (window, uri, host);
  else
    gtk_show_uri (window, uri, GDK_CURRENT_TIME);

  return GDK_EVENT_STOP;
}
