/* tern-conversation-filter.c: the conversations as they are shown
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-conversation-filter.h"

#include <string.h>

/* More steps than this at once, and one signal for all of them is cheaper than
 * one for each. */
#define MAX_STEPS 32

/* Above GDK_PRIORITY_REDRAW: before the next frame. */
#define APPLY_PRIORITY (G_PRIORITY_HIGH_IDLE + 10)

/* What the source told since the last time. */
typedef struct
{
  guint     position;
  gboolean  is_removed;
  gpointer  added; /* (owned) (nullable): a TernConversation */
} Change;

struct _TernConversationFilter
{
  GObject     parent_instance;

  GListModel *source;
  GPtrArray  *items;   /* (element-type TernConversation): as shown */
  GArray     *changes; /* (element-type Change): few; more are not worth it */
  char       *needle;  /* (nullable): casefolded */
  gboolean    is_held;
  gboolean    needs_all; /* the changes do not tell everything */
  guint       apply_id;
};

static void tern_conversation_filter_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TernConversationFilter, tern_conversation_filter, G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, tern_conversation_filter_list_model_init))

static char *
fold (const char *text)
{
  g_autofree char *normal = g_utf8_normalize (text, -1, G_NORMALIZE_ALL);

  return normal != NULL ? g_utf8_casefold (normal, -1) : g_strdup ("");
}

static gboolean
matches (TernConversationFilter *self,
         TernConversation       *conversation)
{
  g_autofree char *name = NULL;

  if (self->needle == NULL)
    return TRUE;
  name = fold (tern_conversation_get_name (conversation));

  return strstr (name, self->needle) != NULL;
}

static GPtrArray *
list_wanted (TernConversationFilter *self)
{
  guint n = g_list_model_get_n_items (self->source);
  GPtrArray *wanted = g_ptr_array_new_full (n, g_object_unref);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(TernConversation) item = g_list_model_get_item (self->source, i);

      if (matches (self, item))
        g_ptr_array_add (wanted, g_steal_pointer (&item));
    }

  return wanted;
}

/* --- one step after the other --- */

static void
remove_at (TernConversationFilter *self,
           guint                   position)
{
  g_ptr_array_remove_index (self->items, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

static void
insert_at (TernConversationFilter *self,
           guint                   position,
           gpointer                item)
{
  g_ptr_array_insert (self->items, (int) position, g_object_ref (item));
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
}

/* Makes the item at @position the wanted one. What is in view must be able to
 * follow, so an item that moves is one that goes and comes again, and the
 * others stay. */
static void
step (TernConversationFilter *self,
      guint                   position,
      gpointer                item)
{
  gpointer *items = self->items->pdata;
  guint from;

  if (position + 1 < self->items->len && items[position + 1] == item)
    {
      remove_at (self, position);
      return;
    }
  for (from = position; from < self->items->len && items[from] != item; from++)
    ;
  if (from < self->items->len)
    remove_at (self, from);
  insert_at (self, position, item);
}

static void
replace_rest (TernConversationFilter *self,
              guint                   position,
              GPtrArray              *wanted)
{
  guint n_removed = self->items->len - position;

  g_ptr_array_set_size (self->items, (int) position);
  for (guint i = position; i < wanted->len; i++)
    g_ptr_array_add (self->items, g_object_ref (wanted->pdata[i]));
  g_list_model_items_changed (G_LIST_MODEL (self), position, n_removed, wanted->len - position);
}

static void
take_over (TernConversationFilter *self)
{
  g_autoptr(GPtrArray) wanted = list_wanted (self);
  guint n_steps = 0;

  for (guint i = 0; i < wanted->len; i++)
    {
      if (i < self->items->len && self->items->pdata[i] == wanted->pdata[i])
        continue;
      if (n_steps++ == MAX_STEPS)
        {
          replace_rest (self, i, wanted);
          return;
        }
      step (self, i, wanted->pdata[i]);
    }
  if (self->items->len > wanted->len)
    replace_rest (self, wanted->len, wanted);
}

/* Does what the source did: one of thousands that goes up is one step, without
 * a look at the others. */
static void
follow (TernConversationFilter *self)
{
  for (guint i = 0; i < self->changes->len; i++)
    {
      const Change *change = &g_array_index (self->changes, Change, i);

      if (change->is_removed)
        remove_at (self, change->position);
      if (change->added != NULL)
        insert_at (self, change->position, change->added);
    }
}

static void
apply (TernConversationFilter *self)
{
  g_clear_handle_id (&self->apply_id, g_source_remove);
  if (self->needs_all || self->needle != NULL)
    take_over (self);
  else
    follow (self);
  g_array_set_size (self->changes, 0);
  self->needs_all = FALSE;
}

static gboolean
apply_cb (gpointer user_data)
{
  TernConversationFilter *self = user_data;

  self->apply_id = 0;
  apply (self);

  return G_SOURCE_REMOVE;
}

static void
queue_apply (TernConversationFilter *self)
{
  if (self->is_held)
    g_clear_handle_id (&self->apply_id, g_source_remove);
  else if (self->apply_id == 0)
    self->apply_id = g_idle_add_full (APPLY_PRIORITY, apply_cb, self, NULL);
}

static void
changed_cb (GListModel *source,
            guint       position,
            guint       n_removed,
            guint       n_added,
            gpointer    user_data)
{
  TernConversationFilter *self = user_data;

  if (n_removed > 1 || n_added > 1 || self->changes->len == MAX_STEPS)
    self->needs_all = TRUE;
  if (!self->needs_all)
    {
      Change change = { position, n_removed == 1, NULL };

      if (n_added == 1)
        change.added = g_list_model_get_item (source, position);
      g_array_append_val (self->changes, change);
    }
  queue_apply (self);
}

static void
clear_change (gpointer data)
{
  g_clear_object (&((Change *) data)->added);
}

/* --- vfuncs --- */

static GType
tern_conversation_filter_get_item_type (GListModel *model)
{
  return TERN_TYPE_CONVERSATION;
}

static guint
tern_conversation_filter_get_n_items (GListModel *model)
{
  return TERN_CONVERSATION_FILTER (model)->items->len;
}

static gpointer
tern_conversation_filter_get_item (GListModel *model,
                                   guint       position)
{
  TernConversationFilter *self = TERN_CONVERSATION_FILTER (model);

  return position < self->items->len ? g_object_ref (self->items->pdata[position]) : NULL;
}

static void
tern_conversation_filter_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = tern_conversation_filter_get_item_type;
  iface->get_n_items = tern_conversation_filter_get_n_items;
  iface->get_item = tern_conversation_filter_get_item;
}

static void
tern_conversation_filter_dispose (GObject *object)
{
  TernConversationFilter *self = TERN_CONVERSATION_FILTER (object);

  g_clear_handle_id (&self->apply_id, g_source_remove);
  if (self->source != NULL)
    g_signal_handlers_disconnect_by_data (self->source, self);
  g_clear_object (&self->source);

  G_OBJECT_CLASS (tern_conversation_filter_parent_class)->dispose (object);
}

static void
tern_conversation_filter_finalize (GObject *object)
{
  TernConversationFilter *self = TERN_CONVERSATION_FILTER (object);

  g_array_unref (self->changes);
  g_ptr_array_unref (self->items);
  g_free (self->needle);

  G_OBJECT_CLASS (tern_conversation_filter_parent_class)->finalize (object);
}

static void
tern_conversation_filter_class_init (TernConversationFilterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tern_conversation_filter_dispose;
  G_OBJECT_CLASS (klass)->finalize = tern_conversation_filter_finalize;
}

static void
tern_conversation_filter_init (TernConversationFilter *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->changes = g_array_new (FALSE, FALSE, sizeof (Change));
  g_array_set_clear_func (self->changes, clear_change);
}

/**
 * tern_conversation_filter_new:
 * @source: the TernConversationList
 *
 * Returns: (transfer full): all of it, for the time being
 */
TernConversationFilter *
tern_conversation_filter_new (GListModel *source)
{
  TernConversationFilter *self = g_object_new (TERN_TYPE_CONVERSATION_FILTER, NULL);

  self->source = g_object_ref (source);
  g_signal_connect (source, "items-changed", G_CALLBACK (changed_cb), self);
  take_over (self);

  return self;
}

/**
 * tern_conversation_filter_set_text:
 * @self: a filter
 * @text: (nullable): what names must have in them, in whatever case; %NULL or
 *   "": nothing
 *
 * Takes effect at once. A name that changes is looked at again with the next
 * change of the list.
 */
void
tern_conversation_filter_set_text (TernConversationFilter *self,
                                   const char             *text)
{
  g_autofree char *needle = text != NULL && *text != '\0' ? fold (text) : NULL;

  g_return_if_fail (TERN_IS_CONVERSATION_FILTER (self));

  if (g_strcmp0 (needle, self->needle) == 0)
    return;
  g_free (self->needle);
  self->needle = g_steal_pointer (&needle);
  self->needs_all = TRUE;
  apply (self);
}

/**
 * tern_conversation_filter_set_held:
 * @self: a filter
 * @is_held: whether everything is to stay where it is
 *
 * What changed meanwhile is taken over afterwards.
 */
void
tern_conversation_filter_set_held (TernConversationFilter *self,
                                   gboolean                is_held)
{
  g_return_if_fail (TERN_IS_CONVERSATION_FILTER (self));

  if (self->is_held == is_held)
    return;
  self->is_held = is_held;
  queue_apply (self);
}

/**
 * tern_conversation_filter_apply:
 * @self: a filter
 *
 * For what the person did and waits for.
 */
void
tern_conversation_filter_apply (TernConversationFilter *self)
{
  g_return_if_fail (TERN_IS_CONVERSATION_FILTER (self));

  apply (self);
}

/**
 * tern_conversation_filter_find:
 * @self: a filter
 * @conversation_id: of a conversation
 *
 * Returns: where it is shown; -1: it is not
 */
int
tern_conversation_filter_find (TernConversationFilter *self,
                               const char             *conversation_id)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      if (strcmp (tern_conversation_get_id (self->items->pdata[i]), conversation_id) == 0)
        return (int) i;
    }

  return -1;
}
