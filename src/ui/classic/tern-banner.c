/* tern-banner.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-banner.h"

static GtkWidget *
make_button (const char *words,
             const char *action)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (words);
  GtkLabel *label = GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button)));

  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_text (label), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  /* Large text in a narrow window. */
  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_justify (label, GTK_JUSTIFY_CENTER);

  return button;
}

/**
 * tern_banner_new:
 * @button: (nullable): what its button says
 * @action: (nullable): what its button does
 *
 * Returns: (transfer floating): a banner that is not seen
 */
GtkWidget *
tern_banner_new (const char *button,
                 const char *action)
{
  GtkWidget *revealer = gtk_revealer_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  /* What it says must not make a pane wide. */
  gtk_label_set_max_width_chars (GTK_LABEL (label), 1);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (box, "banner");
  gtk_box_append (GTK_BOX (box), label);
  if (button != NULL)
    gtk_box_append (GTK_BOX (box), make_button (button, action));
  gtk_revealer_set_child (GTK_REVEALER (revealer), box);

  return revealer;
}

/**
 * tern_banner_say:
 * @banner: a banner
 * @words: (nullable): what it says from now on
 */
void
tern_banner_say (GtkWidget  *banner,
                 const char *words)
{
  GtkWidget *box = gtk_revealer_get_child (GTK_REVEALER (banner));

  if (words != NULL)
    gtk_label_set_text (GTK_LABEL (gtk_widget_get_first_child (box)), words);
  gtk_revealer_set_reveal_child (GTK_REVEALER (banner), words != NULL);
}
