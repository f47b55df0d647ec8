/* tern-mentions.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-mentions.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#include "tern-content.h"

/* So many are offered; who is not among them is found by another letter. */
#define MAX_OFFERED 8
/* Longer than any name: it is no mention that is being written. */
#define MAX_NEEDLE 48
/* The ID that stands for everybody (protocol 03 section 1.5). */
#define EVERYBODY "AtAllTag"

struct _TernMentions
{
  GObject         parent_instance;

  GtkTextView    *view;   /* (borrowed) (nullable): gone once detached */
  GtkTextBuffer  *buffer; /* (owned) */
  TernPeopleFunc  func;   /* (nullable) */
  gpointer        user_data;
  GPtrArray      *people;  /* (owned) (nullable): asked for when first needed */
  GPtrArray      *offered; /* (element-type TernPerson), borrowed from people */
  GtkWidget      *popover; /* (borrowed) (nullable) */
  GtkListBox     *list;
  gboolean        is_dismissed; /* until another "@" */
  gboolean        is_editing;
};

G_DEFINE_FINAL_TYPE (TernMentions, tern_mentions, G_TYPE_OBJECT)

static GQuark
person_quark (void)
{
  return g_quark_from_static_string ("tern-mentioned");
}

static char *
fold (const char *text)
{
  g_autofree char *normal = g_utf8_normalize (text, -1, G_NORMALIZE_ALL);

  return normal != NULL ? g_utf8_casefold (normal, -1) : g_strdup ("");
}

static GPtrArray *
get_people (TernMentions *self)
{
  if (self->people != NULL)
    return self->people;
  self->people = self->func != NULL
                   ? self->func (self->user_data)
                   : g_ptr_array_new_with_free_func ((GDestroyNotify) tern_person_free);
  if (self->people->len > 0)
    g_ptr_array_add (self->people, tern_person_new (EVERYBODY, _("Everybody")));

  return self->people;
}

/* --- mentions in the text --- */

static TernPerson *
get_person (GtkTextTag *tag)
{
  return g_object_get_qdata (G_OBJECT (tag), person_quark ());
}

/* The mention that stands at @iter, as a tag. */
static GtkTextTag *
get_tag (const GtkTextIter *iter)
{
  g_autoptr(GSList) tags = gtk_text_iter_get_tags (iter);

  for (GSList *tag = tags; tag != NULL; tag = tag->next)
    {
      if (get_person (tag->data) != NULL)
        return tag->data;
    }

  return NULL;
}

static void
mark (TernMentions      *self,
      const TernPerson  *person,
      const GtkTextIter *start,
      const GtkTextIter *end)
{
  GtkTextTag *tag = gtk_text_buffer_create_tag (self->buffer, NULL, "weight", PANGO_WEIGHT_BOLD,
                                                NULL);

  g_object_set_qdata_full (G_OBJECT (tag), person_quark (),
                           tern_person_new (person->id, person->name),
                           (GDestroyNotify) tern_person_free);
  gtk_text_buffer_apply_tag (self->buffer, tag, start, end);
}

/* A mention whose name was changed is none. */
static void
check_tag (GtkTextTag *tag,
           gpointer    user_data)
{
  TernMentions *self = user_data;
  TernPerson *person = get_person (tag);
  GtkTextIter start;
  GtkTextIter end;
  g_autofree char *text = NULL;
  g_autofree char *wanted = NULL;

  if (person == NULL)
    return;
  gtk_text_buffer_get_start_iter (self->buffer, &start);
  if (!gtk_text_iter_starts_tag (&start, tag) &&
      !gtk_text_iter_forward_to_tag_toggle (&start, tag))
    return;
  end = start;
  gtk_text_iter_forward_to_tag_toggle (&end, tag);
  text = gtk_text_buffer_get_text (self->buffer, &start, &end, TRUE);
  wanted = g_strconcat ("@", person->name, NULL);
  if (strcmp (text, wanted) != 0)
    gtk_text_buffer_remove_tag (self->buffer, tag, &start, &end);
}

/* --- the list --- */

/* What is written after the last "@", up to the cursor; NULL: nobody is being
 * mentioned. An "@" inside a word belongs to an address. */
static char *
dup_needle (TernMentions *self,
            GtkTextIter  *at)
{
  GtkTextIter end;
  guint n = 0;

  gtk_text_buffer_get_iter_at_mark (self->buffer, &end, gtk_text_buffer_get_insert (self->buffer));
  *at = end;
  while (gtk_text_iter_backward_char (at) && n++ < MAX_NEEDLE)
    {
      gunichar c = gtk_text_iter_get_char (at);
      GtkTextIter before = *at;
      GtkTextIter after;

      if (c == '\n' || get_tag (at) != NULL)
        return NULL;
      if (c != '@')
        continue;
      if (gtk_text_iter_backward_char (&before) && gtk_text_iter_get_char (&before) < 0x80 &&
          g_unichar_isalnum (gtk_text_iter_get_char (&before)))
        return NULL;
      after = *at;
      gtk_text_iter_forward_char (&after);
      if (g_unichar_isspace (gtk_text_iter_get_char (&after)))
        return NULL;

      return gtk_text_buffer_get_text (self->buffer, &after, &end, FALSE);
    }

  return NULL;
}

static void
offer (TernMentions *self,
       const char   *needle)
{
  g_autofree char *folded = fold (needle);
  GPtrArray *people = get_people (self);

  g_ptr_array_set_size (self->offered, 0);
  /* Whose name begins so comes before who has it somewhere in it. */
  for (int is_inside = 0; is_inside < 2; is_inside++)
    {
      for (guint i = 0; i < people->len && self->offered->len < MAX_OFFERED; i++)
        {
          TernPerson *person = people->pdata[i];
          g_autofree char *name = fold (person->name);
          const char *found = strstr (name, folded);

          if (found != NULL && (found != name) == is_inside)
            g_ptr_array_add (self->offered, person);
        }
    }
}

static GtkWidget *
make_row (const TernPerson *person)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *name = gtk_label_new (person->name);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (name), 16);
  gtk_label_set_max_width_chars (GTK_LABEL (name), 28);
  gtk_box_append (GTK_BOX (box), adw_avatar_new (24, person->name, TRUE));
  gtk_box_append (GTK_BOX (box), name);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  /* The focus stays where one writes. */
  gtk_widget_set_focusable (row, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  person->name, -1);

  return row;
}

static void
show_list (TernMentions      *self,
           const GtkTextIter *at)
{
  GtkWidget *parent = gtk_widget_get_parent (self->popover);
  GtkWidget *row;
  GdkRectangle place;
  int x;
  int y;
  double parent_x;
  double parent_y;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
  for (guint i = 0; i < self->offered->len; i++)
    gtk_list_box_append (self->list, make_row (self->offered->pdata[i]));
  gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, 0));

  gtk_text_view_get_iter_location (self->view, at, &place);
  gtk_text_view_buffer_to_window_coords (self->view, GTK_TEXT_WINDOW_WIDGET, place.x, place.y,
                                         &x, &y);
  gtk_widget_translate_coordinates (GTK_WIDGET (self->view), parent, x, y, &parent_x, &parent_y);
  place.x = (int) parent_x;
  place.y = (int) parent_y;
  place.width = MAX (place.width, 1);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover), &place);
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

static void
update (TernMentions *self)
{
  GtkTextIter at;
  g_autofree char *needle = NULL;

  if (self->view == NULL || self->is_editing || self->func == NULL)
    return;
  needle = dup_needle (self, &at);
  if (needle == NULL)
    self->is_dismissed = FALSE;
  if (needle == NULL || self->is_dismissed)
    {
      gtk_popover_popdown (GTK_POPOVER (self->popover));
      return;
    }
  offer (self, needle);
  if (self->offered->len > 0)
    show_list (self, &at);
  else
    gtk_popover_popdown (GTK_POPOVER (self->popover));
}

static void
changed_cb (TernMentions *self)
{
  gtk_text_tag_table_foreach (gtk_text_buffer_get_tag_table (self->buffer), check_tag, self);
  update (self);
}

static void
cursor_cb (TernMentions *self)
{
  /* Moved away from the name; writing is told of by itself. */
  if (tern_mentions_is_open (self))
    update (self);
}

static void
choose (TernMentions     *self,
        const TernPerson *person)
{
  g_autofree char *needle = NULL;
  g_autofree char *text = g_strconcat ("@", person->name, NULL);
  GtkTextIter start;
  GtkTextIter end;
  int offset;

  needle = dup_needle (self, &start);
  if (needle == NULL)
    return;
  self->is_editing = TRUE;
  gtk_text_buffer_begin_user_action (self->buffer);
  offset = gtk_text_iter_get_offset (&start);
  gtk_text_buffer_get_iter_at_mark (self->buffer, &end, gtk_text_buffer_get_insert (self->buffer));
  gtk_text_buffer_delete (self->buffer, &start, &end);
  gtk_text_buffer_insert (self->buffer, &start, text, -1);
  end = start;
  gtk_text_buffer_get_iter_at_offset (self->buffer, &start, offset);
  mark (self, person, &start, &end);
  gtk_text_buffer_insert (self->buffer, &end, " ", 1);
  gtk_text_buffer_end_user_action (self->buffer);
  self->is_editing = FALSE;
  tern_mentions_close (self);
}

static void
activated_cb (GtkListBox    *list,
              GtkListBoxRow *row,
              gpointer       user_data)
{
  TernMentions *self = user_data;
  guint index = (guint) gtk_list_box_row_get_index (row);

  if (index < self->offered->len)
    choose (self, self->offered->pdata[index]);
}

/* --- vfuncs --- */

static void
tern_mentions_finalize (GObject *object)
{
  TernMentions *self = TERN_MENTIONS (object);

  g_clear_pointer (&self->people, g_ptr_array_unref);
  g_ptr_array_unref (self->offered);
  g_clear_object (&self->buffer);

  G_OBJECT_CLASS (tern_mentions_parent_class)->finalize (object);
}

static void
tern_mentions_class_init (TernMentionsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tern_mentions_finalize;
}

static void
tern_mentions_init (TernMentions *self)
{
  self->offered = g_ptr_array_new ();
}

/**
 * tern_mentions_new:
 * @view: where one writes
 * @parent: where the list is shown
 *
 * Returns: (transfer full): mentions of nobody
 */
TernMentions *
tern_mentions_new (GtkTextView *view,
                   GtkWidget   *parent)
{
  TernMentions *self = g_object_new (TERN_TYPE_MENTIONS, NULL);

  self->view = view;
  self->buffer = g_object_ref (gtk_text_view_get_buffer (view));
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_BROWSE);
  gtk_widget_set_focusable (GTK_WIDGET (self->list), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Members to mention"), -1);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (activated_cb), self);
  self->popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (self->popover), GTK_WIDGET (self->list));
  gtk_popover_set_autohide (GTK_POPOVER (self->popover), FALSE);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->popover), FALSE);
  gtk_popover_set_position (GTK_POPOVER (self->popover), GTK_POS_TOP);
  gtk_widget_set_halign (self->popover, GTK_ALIGN_START);
  gtk_widget_add_css_class (self->popover, "mentions");
  gtk_widget_set_parent (self->popover, parent);
  g_signal_connect_object (self->buffer, "changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->buffer, "notify::cursor-position", G_CALLBACK (cursor_cb), self,
                           G_CONNECT_SWAPPED);

  return self;
}

/**
 * tern_mentions_set_people:
 * @self: mentions
 * @func: (nullable): who may be mentioned from now on; called when it is needed
 * @user_data: passed to @func
 */
void
tern_mentions_set_people (TernMentions   *self,
                          TernPeopleFunc  func,
                          gpointer        user_data)
{
  tern_mentions_close (self);
  g_clear_pointer (&self->people, g_ptr_array_unref);
  self->func = func;
  self->user_data = user_data;
}

gboolean
tern_mentions_is_open (TernMentions *self)
{
  return self->view != NULL && gtk_widget_get_visible (self->popover);
}

/**
 * tern_mentions_close:
 * @self: mentions
 *
 * Until something else is written.
 */
void
tern_mentions_close (TernMentions *self)
{
  self->is_dismissed = FALSE;
  if (self->view != NULL)
    gtk_popover_popdown (GTK_POPOVER (self->popover));
  g_ptr_array_set_size (self->offered, 0);
}

/**
 * tern_mentions_press:
 * @self: mentions whose list is open
 * @keyval: a key that the input method did not want
 *
 * Returns: whether it was one of the list's
 */
gboolean
tern_mentions_press (TernMentions *self,
                     guint         keyval)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);
  int n = (int) self->offered->len;
  int index = row != NULL ? gtk_list_box_row_get_index (row) : 0;

  if (n == 0)
    return FALSE;
  switch (keyval)
    {
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      index = (index + 1) % n;
      break;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      index = (index + n - 1) % n;
      break;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
    case GDK_KEY_Tab:
      choose (self, self->offered->pdata[index]);
      return TRUE;
    case GDK_KEY_Escape:
      tern_mentions_close (self);
      self->is_dismissed = TRUE;
      return TRUE;
    default:
      return FALSE;
    }
  gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, index));

  return TRUE;
}

static void
collect_tag (GtkTextTag *tag,
             gpointer    user_data)
{
  if (get_person (tag) != NULL)
    g_ptr_array_add (user_data, tag);
}

static void
drop_tags (TernMentions *self)
{
  GtkTextTagTable *table = gtk_text_buffer_get_tag_table (self->buffer);
  g_autoptr(GPtrArray) tags = g_ptr_array_new ();

  gtk_text_tag_table_foreach (table, collect_tag, tags);
  for (guint i = 0; i < tags->len; i++)
    gtk_text_tag_table_remove (table, tags->pdata[i]);
}

/**
 * tern_mentions_find:
 * @self: mentions
 *
 * For a draft, which is kept as it was shown.
 */
void
tern_mentions_find (TernMentions *self)
{
  GtkTextIter start;
  GtkTextIter end;
  g_autofree char *text = NULL;

  drop_tags (self);
  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  text = gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
  if (self->func == NULL || strchr (text, '@') == NULL)
    return;
  for (guint i = 0; i < get_people (self)->len; i++)
    {
      const TernPerson *person = self->people->pdata[i];
      g_autofree char *name = g_strconcat ("@", person->name, NULL);

      gtk_text_buffer_get_start_iter (self->buffer, &end);
      while (gtk_text_iter_forward_search (&end, name, 0, &start, &end, NULL))
        {
          if (get_tag (&start) == NULL &&
              (gtk_text_iter_is_end (&end) || g_unichar_isspace (gtk_text_iter_get_char (&end))))
            mark (self, person, &start, &end);
        }
    }
}

static void
add_person (GPtrArray        *people,
            const TernPerson *person)
{
  for (guint i = 0; i < people->len; i++)
    {
      if (strcmp (((TernPerson *) people->pdata[i])->id, person->id) == 0)
        return;
    }
  g_ptr_array_add (people, tern_person_new (person->id, person->name));
}

/**
 * tern_mentions_dup_text:
 * @self: mentions
 * @at: (out) (transfer full) (element-type TernPerson): who is mentioned
 *
 * Returns: (transfer full): the text with IDs in the place of names
 */
char *
tern_mentions_dup_text (TernMentions  *self,
                        GPtrArray    **at)
{
  g_autoptr(GString) text = g_string_new (NULL);
  GtkTextIter start;
  GtkTextIter end;

  *at = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_person_free);
  gtk_text_buffer_get_start_iter (self->buffer, &start);
  while (!gtk_text_iter_is_end (&start))
    {
      GtkTextTag *tag = get_tag (&start);
      g_autofree char *piece = NULL;

      end = start;
      gtk_text_iter_forward_to_tag_toggle (&end, tag);
      if (tag != NULL)
        {
          add_person (*at, get_person (tag));
          g_string_append_printf (text, "@%s ", get_person (tag)->id);
          if (gtk_text_iter_get_char (&end) == ' ')
            gtk_text_iter_forward_char (&end);
        }
      else
        {
          piece = gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
          g_string_append (text, piece);
        }
      start = end;
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * tern_mentions_detach:
 * @self: mentions
 *
 * The view goes away.
 */
void
tern_mentions_detach (TernMentions *self)
{
  self->view = NULL;
  g_signal_handlers_disconnect_by_data (self->buffer, self);
  self->popover = NULL;
}
