/* tern-mentions.h: whom one mentions while writing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Watches what is written: an "@" and what follows it bring up those whose
 * names have that in them. Who is chosen stands in the text as a mention until
 * somebody changes the name. Owned by the composer, which asks it of the keys
 * that the input method did not want.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Who may be mentioned: (transfer full) (element-type TernPerson). */
typedef GPtrArray *(*TernPeopleFunc) (gpointer user_data);

#define TERN_TYPE_MENTIONS (tern_mentions_get_type ())
G_DECLARE_FINAL_TYPE (TernMentions, tern_mentions, TERN, MENTIONS, GObject)

/* @parent: where the list of people is shown; both outlive it */
TernMentions *tern_mentions_new        (GtkTextView    *view,
                                        GtkWidget      *parent);
void          tern_mentions_set_people (TernMentions   *self,
                                        TernPeopleFunc  func, /* (nullable) */
                                        gpointer        user_data);
gboolean      tern_mentions_is_open    (TernMentions   *self);
void          tern_mentions_close      (TernMentions   *self);
/* Whether the key was one of the list's. */
gboolean      tern_mentions_press      (TernMentions   *self,
                                        guint           keyval);
/* Other text was put in: the names in it are mentions again. */
void          tern_mentions_find       (TernMentions   *self);
/* What is sent: each mention as "@ID ". @at: (out) (transfer full)
 * (element-type TernPerson): who is mentioned. */
char         *tern_mentions_dup_text   (TernMentions   *self,
                                        GPtrArray     **at) G_GNUC_WARN_UNUSED_RESULT;
void          tern_mentions_detach     (TernMentions   *self);

G_END_DECLS
