/* tern-history-view.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-history-view.h"

#include <glib/gi18n.h>

#include "tern-dialog.h"
#include "tern-link-opener.h"
#include "tern-links.h"
#include "tern-message-words.h"
#include "tern-picture.h"
#include "tern-text.h"
#include "tern-time.h"

#define PICTURE_WIDTH 280
/* All of them are fetched as soon as it is opened: those after them when
 * somebody wants to see them. */
#define MAX_PICTURES 30

struct _TernHistoryView
{
  AdwBin       parent_instance;

  TernSession *session;
  TernMessage *message;
  GBytes      *bytes; /* what it said when it was opened */
  guint        n_pictures;
};

G_DEFINE_FINAL_TYPE (TernHistoryView, tern_history_view, ADW_TYPE_BIN)

static void
open_inner_cb (GtkButton *button,
               gpointer   user_data)
{
  TernHistoryView *self = user_data;
  const TernContent *content = g_object_get_data (G_OBJECT (button), "tern-content");

  tern_history_view_open (GTK_WIDGET (self), self->session, self->message, content);
}

static GtkWidget *
make_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);

  return label;
}

static GtkWidget *
make_text (const char *text,
           GArray     *mentions)
{
  g_autofree char *markup = tern_links_dup_markup (text, mentions);
  GtkWidget *label = make_label (text);

  if (markup != NULL)
    gtk_label_set_markup (GTK_LABEL (label), markup);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  g_signal_connect (label, "activate-link", G_CALLBACK (tern_link_activate_cb), NULL);

  return label;
}

static GtkWidget *
make_picture (TernHistoryView   *self,
              const TernContent *content)
{
  GtkWidget *picture = tern_picture_new ();
  int width;
  int height;

  tern_picture_fit (content->width, content->height, PICTURE_WIDTH, &width, &height);
  gtk_widget_set_size_request (picture, width, height);
  gtk_widget_set_halign (picture, GTK_ALIGN_START);
  tern_picture_show (TERN_PICTURE (picture), tern_session_get_media (self->session),
                     content->thumb_url != NULL ? content->thumb_url : content->url, content->url,
                     content->width, content->height);

  return picture;
}

/* All of a text, or a picture, in the place of what stood for it. */
static void
show_all_cb (GtkButton *button,
             gpointer   user_data)
{
  TernHistoryView *self = user_data;
  const TernContent *content = g_object_get_data (G_OBJECT (button), "tern-content");
  GtkWidget *place = gtk_widget_get_parent (GTK_WIDGET (button));
  GtkWidget *child;
  GtkWidget *all;

  if (content->kind == TERN_CONTENT_KIND_PICTURE)
    all = make_picture (self, content);
  else
    {
      g_autoptr(GArray) mentions = NULL;
      g_autofree char *text = tern_content_dup_words (content, &mentions);

      all = make_text (text, mentions);
    }
  gtk_widget_grab_focus (gtk_widget_get_ancestor (place, GTK_TYPE_LIST_BOX_ROW));
  while ((child = gtk_widget_get_first_child (place)) != NULL)
    gtk_box_remove (GTK_BOX (place), child);
  gtk_box_append (GTK_BOX (place), all);
}

static GtkWidget *
make_button (TernHistoryView   *self,
             const TernContent *content,
             const char        *words,
             GCallback          callback)
{
  GtkWidget *button = gtk_button_new_with_label (words);

  gtk_widget_set_halign (button, GTK_ALIGN_START);
  g_object_set_data (G_OBJECT (button), "tern-content", (gpointer) content);
  g_signal_connect (button, "clicked", callback, self);

  return button;
}

/* @beginning: (transfer floating) (nullable): what is shown of it at first */
static GtkWidget *
make_part (TernHistoryView   *self,
           const TernContent *content,
           GtkWidget         *beginning,
           const char        *words)
{
  GtkWidget *place = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  if (beginning != NULL)
    gtk_box_append (GTK_BOX (place), beginning);
  gtk_box_append (GTK_BOX (place),
                  make_button (self, content, words, G_CALLBACK (show_all_cb)));

  return place;
}

static GtkWidget *
make_folded_text (TernHistoryView   *self,
                  const TernContent *content)
{
  g_autoptr(GArray) mentions = NULL;
  g_autofree char *text = tern_content_dup_words (content, &mentions);
  g_autofree char *folded = tern_message_dup_folded (text);

  return folded == NULL ? make_text (text, mentions)
                        : make_part (self, content, make_text (folded, mentions), _("Show All"));
}

static GtkWidget *
make_body (TernHistoryView   *self,
           const TernContent *content)
{
  g_autofree char *words = NULL;

  if ((content->kind == TERN_CONTENT_KIND_TEXT || content->kind == TERN_CONTENT_KIND_QUOTE) &&
      content->text != NULL)
    return make_folded_text (self, content);
  words = tern_session_word_preview (self->session, content, NULL, TRUE);
  if (content->kind == TERN_CONTENT_KIND_PICTURE && tern_media_is_allowed (content->url))
    return self->n_pictures++ < MAX_PICTURES ? make_picture (self, content)
                                             : make_part (self, content, NULL, words);
  if (content->kind != TERN_CONTENT_KIND_MERGED || content->messages == NULL)
    return make_label (words);

  return make_button (self, content, words, G_CALLBACK (open_inner_cb));
}

static GtkWidget *
make_row (TernHistoryView         *self,
          const TernMergedMessage *message)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  g_autofree char *name = tern_text_dup_line (
    message->sender_name != NULL ? message->sender_name : "", TERN_TEXT_LINE_CHARS);
  g_autofree char *time = message->sent_ms > 0 ? tern_time_word_full (message->sent_ms)
                                               : g_strdup ("");
  g_autofree char *words = tern_session_word_preview (self->session, message->content, NULL, TRUE);
  g_autofree char *label = g_strdup_printf ("%s, %s: %s", name, time, words);
  GtkWidget *sender = gtk_label_new (name);
  GtkWidget *when = gtk_label_new (time);

  gtk_label_set_ellipsize (GTK_LABEL (sender), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (sender, "caption-heading");
  gtk_widget_add_css_class (when, "caption");
  gtk_widget_add_css_class (when, "dim-label");
  gtk_box_append (GTK_BOX (head), sender);
  gtk_box_append (GTK_BOX (head), when);
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), make_body (self, message->content));
  gtk_widget_set_margin_top (box, 9);
  gtk_widget_set_margin_bottom (box, 9);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);

  return row;
}

/* What is shown points into what the message says. That it was sent, or read,
 * is no reason to close. */
static void
changed_cb (TernHistoryView *self)
{
  const TernMessageRecord *record = tern_message_get_record (self->message);

  if (record->content_type != TERN_CONTENT_MERGED || record->content == NULL ||
      !g_bytes_equal (record->content, self->bytes))
    {
      adw_bin_set_child (ADW_BIN (self), NULL);
      tern_dialog_close (GTK_WIDGET (self));
    }
}

static void
tern_history_view_dispose (GObject *object)
{
  TernHistoryView *self = TERN_HISTORY_VIEW (object);

  g_clear_object (&self->message);
  g_clear_object (&self->session);
  g_clear_pointer (&self->bytes, g_bytes_unref);

  G_OBJECT_CLASS (tern_history_view_parent_class)->dispose (object);
}

static void
tern_history_view_class_init (TernHistoryViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tern_history_view_dispose;
}

static void
tern_history_view_init (TernHistoryView *self)
{
}

/**
 * tern_history_view_open:
 * @parent: a widget of the window it belongs to
 * @session: whose message it is
 * @message: the message
 * @content: its content, or a merged history in that
 *
 * Returns: (transfer none): what is shown
 */
GtkWidget *
tern_history_view_open (GtkWidget         *parent,
                        TernSession       *session,
                        TernMessage       *message,
                        const TernContent *content)
{
  TernHistoryView *self = g_object_new (TERN_TYPE_HISTORY_VIEW, NULL);
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *list = gtk_list_box_new ();
  g_autofree char *title = tern_text_dup_line (
    content->text != NULL ? content->text : _("Chat History"), TERN_TEXT_LINE_CHARS);

  self->session = g_object_ref (session);
  self->message = g_object_ref (message);
  self->bytes = g_bytes_ref (tern_message_get_record (message)->content);
  g_signal_connect_object (message, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Messages"), -1);
  for (guint i = 0; content->messages != NULL && i < content->messages->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (list), make_row (self, content->messages->pdata[i]));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), list);
  adw_bin_set_child (ADW_BIN (self), scrolled);
  tern_dialog_open (parent, title, 440, 560, GTK_WIDGET (self));

  return GTK_WIDGET (self);
}
