/* tern-dialog.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-dialog-private.h"

#include <glib/gi18n.h>

#include "tern-focus.h"

/* Of what is around the child. A window that gets narrow has another sheet, and
 * the innermost part moves into it. */
static void
tidy_sheet (GtkWidget *part)
{
  for (; part != NULL && !ADW_IS_DIALOG (part); part = gtk_widget_get_parent (part))
    gtk_widget_set_focusable (part, FALSE);
}

/**
 * tern_dialog_present:
 * @dialog: a dialog
 * @parent: a widget of the window in front
 *
 * Shows the dialog, without what libadwaita puts into the focus and gives no
 * name: areas that scroll, and the sheet around it all.
 */
void
tern_dialog_present (AdwDialog *dialog,
                     GtkWidget *parent)
{
  adw_dialog_present (dialog, parent);
  tern_focus_tidy (GTK_WIDGET (dialog));
  for (GtkWidget *part = adw_dialog_get_child (dialog); part != GTK_WIDGET (dialog);
       part = gtk_widget_get_parent (part))
    g_signal_connect (part, "notify::parent", G_CALLBACK (tidy_sheet), NULL);
  tidy_sheet (adw_dialog_get_child (dialog));
}

/**
 * tern_dialog_open:
 * @parent: a widget of the window in front
 * @title: what it is called
 * @width: if there is room
 * @height: if there is room
 * @body: (transfer floating): what is in it
 */
void
tern_dialog_open (GtkWidget  *parent,
                  const char *title,
                  int         width,
                  int         height,
                  GtkWidget  *body)
{
  AdwDialog *dialog = adw_dialog_new ();
  GtkWidget *view = adw_toolbar_view_new ();

  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (view), adw_header_bar_new ());
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (view), body);
  adw_dialog_set_title (dialog, title);
  adw_dialog_set_content_width (dialog, width);
  adw_dialog_set_content_height (dialog, height);
  adw_dialog_set_child (dialog, view);
  tern_dialog_present (dialog, parent);
}

/**
 * tern_dialog_close:
 * @body: what tern_dialog_open() was given
 */
void
tern_dialog_close (GtkWidget *body)
{
  adw_dialog_force_close (ADW_DIALOG (gtk_widget_get_ancestor (body, ADW_TYPE_DIALOG)));
}

/**
 * tern_dialog_ask:
 * @parent: a widget of the window in front
 * @heading: must not be markup
 * @words: the rest of it; must not be markup
 * @yes: (nullable): what the button says that does it
 * @destroys: whether it cannot be undone
 * @callback: (nullable): called with @user_data when it was said
 * @user_data: passed to @callback
 * @user_data_free: (nullable): frees @user_data
 */
void
tern_dialog_ask (GtkWidget      *parent,
                 const char     *heading,
                 const char     *words,
                 const char     *yes,
                 gboolean        destroys,
                 GCallback       callback,
                 gpointer        user_data,
                 GClosureNotify  user_data_free)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (heading, words));

  adw_alert_dialog_add_response (dialog, "no", yes != NULL ? _("_Cancel") : _("_Close"));
  adw_alert_dialog_set_close_response (dialog, "no");
  if (yes != NULL)
    {
      adw_alert_dialog_add_response (dialog, "yes", yes);
      g_signal_connect_data (dialog, "response::yes", callback, user_data, user_data_free,
                             G_CONNECT_SWAPPED);
    }
  if (destroys)
    {
      adw_alert_dialog_set_response_appearance (dialog, "yes", ADW_RESPONSE_DESTRUCTIVE);
      adw_alert_dialog_set_default_response (dialog, "no");
    }
  tern_dialog_present (ADW_DIALOG (dialog), parent);
}
