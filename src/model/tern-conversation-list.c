/* tern-conversation-list.c: the conversations, in order
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "tern-conversation-list.h"

#include "tern-model-private.h"
#include "tern-sync-worker.h"

/* Up to so many rows are read one by one. Above that, and above this part of
 * all rows, it is cheaper to read them all in one query. */
#define READ_ALL_MIN 32
#define READ_ALL_FRACTION 4

/* TernConversationRecord.recv_opt: told of nothing, but received */
#define RECV_SILENT 2

struct _TernConversationList
{
  GObject         parent_instance;

  TernDb         *reader;  /* (borrowed) (nullable): NULL once detached */
  TernSyncWorker *worker;  /* (owned) (nullable) */
  GPtrArray      *items;   /* (owned) (element-type TernConversation): as shown */
  GHashTable     *by_id;   /* (owned): ID (owned) → TernConversation (borrowed) */
  TernNames      *names;   /* (owned) */
  char           *self_id; /* (owned): a GRefString */
  gulong          changed_handler;
  gulong          typing_handler;
  guint           n_unread;
};

static void tern_conversation_list_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TernConversationList, tern_conversation_list, G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, tern_conversation_list_list_model_init))

typedef enum
{
  PROP_N_UNREAD = 1,
} Property;

static GParamSpec *properties[PROP_N_UNREAD + 1];

/* The order of protocol 03 section 3.2, with the ID to make it total. */
static int
compare_rows (const TernConversationRow *a,
              const TernConversationRow *b)
{
  if (a->is_pinned != b->is_pinned)
    return a->is_pinned ? -1 : 1;
  if (a->sort_ms != b->sort_ms)
    return a->sort_ms > b->sort_ms ? -1 : 1;
  return strcmp (a->id, b->id);
}

/* The first place whose row does not come before @row. */
static guint
find_place (TernConversationList      *self,
            const TernConversationRow *row)
{
  guint low = 0;
  guint high = self->items->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (compare_rows (tern_conversation_get_row (self->items->pdata[middle]), row) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
update_n_unread (TernConversationList *self)
{
  guint n_unread = 0;

  for (guint i = 0; i < self->items->len; i++)
    {
      const TernConversationRow *row = tern_conversation_get_row (self->items->pdata[i]);

      /* protocol 03 section 3.2 */
      if (row->recv_opt < RECV_SILENT)
        n_unread += row->n_unread;
    }
  if (n_unread == self->n_unread)
    return;
  self->n_unread = n_unread;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_UNREAD]);
}

static void
insert_item (TernConversationList *self,
             TernConversation     *item) /* (transfer full) */
{
  guint place = find_place (self, tern_conversation_get_row (item));

  g_ptr_array_insert (self->items, (int) place, item);
  g_list_model_items_changed (G_LIST_MODEL (self), place, 0, 1);
}

static void
remove_row (TernConversationList *self,
            TernConversation     *item)
{
  guint place = find_place (self, tern_conversation_get_row (item));

  g_hash_table_remove (self->by_id, tern_conversation_get_id (item));
  g_ptr_array_remove_index (self->items, place);
  g_list_model_items_changed (G_LIST_MODEL (self), place, 1, 0);
}

static void
add_row (TernConversationList *self,
         TernConversationRow  *row) /* (transfer full) */
{
  TernConversation *item = tern_conversation_new (row, self->names, self->self_id);

  g_hash_table_insert (self->by_id, g_strdup (row->id), item);
  insert_item (self, item);
}

static gboolean
stands_right (TernConversationList      *self,
              guint                      place,
              const TernConversationRow *row)
{
  return (place == 0
          || compare_rows (tern_conversation_get_row (self->items->pdata[place - 1]), row) < 0)
         && (place + 1 >= self->items->len
             || compare_rows (row, tern_conversation_get_row (self->items->pdata[place + 1])) < 0);
}

static void
update_row (TernConversationList *self,
            TernConversation     *item,
            TernConversationRow  *row) /* (transfer full) */
{
  guint place = find_place (self, tern_conversation_get_row (item));
  gboolean is_moved = !stands_right (self, place, row);
  gboolean is_changed;

  /* It leaves its place before it changes, so that the list is in order at
   * every moment at which somebody may look. */
  if (is_moved)
    {
      g_object_ref (item);
      g_ptr_array_remove_index (self->items, place);
      g_list_model_items_changed (G_LIST_MODEL (self), place, 1, 0);
    }
  is_changed = tern_conversation_take_row (item, row);
  is_changed = tern_conversation_update_names (item) || is_changed;
  if (is_moved)
    insert_item (self, item);
  if (is_changed)
    tern_conversation_emit_changed (item);
}

static void
put_row (TernConversationList *self,
         const char           *id,
         TernConversationRow  *row) /* (transfer full) (nullable): not shown */
{
  TernConversation *item = g_hash_table_lookup (self->by_id, id);

  if (item != NULL && row != NULL)
    update_row (self, item, row);
  else if (item != NULL)
    remove_row (self, item);
  else if (row != NULL)
    add_row (self, row);
}

/* --- following the store --- */

static void
read_all (TernConversationList *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GHashTable) here = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();

  rows = tern_store_list_conversations (self->reader, self->self_id, &error);
  if (rows == NULL)
    {
      g_debug ("The conversations could not be read: %s", error->message);
      return;
    }
  for (guint i = 0; i < rows->len; i++)
    g_hash_table_add (here, ((TernConversationRow *) rows->pdata[i])->id);
  for (guint i = 0; i < self->items->len; i++)
    {
      if (!g_hash_table_contains (here, tern_conversation_get_id (self->items->pdata[i])))
        g_ptr_array_add (gone, self->items->pdata[i]);
    }
  for (guint i = 0; i < gone->len; i++)
    remove_row (self, gone->pdata[i]);
  g_ptr_array_set_free_func (rows, NULL);
  for (guint i = 0; i < rows->len; i++)
    {
      TernConversationRow *row = rows->pdata[i];
      TernConversation *item = g_hash_table_lookup (self->by_id, row->id);

      /* Somebody looks at it, or what somebody types may have come. */
      if (item != NULL
          && (tern_conversation_get_row (item)->last != NULL
              || tern_conversation_get_typing_id (item) != NULL)
          && !tern_store_load_last (self->reader, row, &error))
        g_clear_error (&error);
      put_row (self, row->id, row);
    }
}

/* All rows at once, for the start: one signal. */
static void
fill (TernConversationList *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  rows = tern_store_list_conversations (self->reader, self->self_id, &error);
  if (rows == NULL)
    {
      g_debug ("The conversations could not be read: %s", error->message);
      return;
    }
  g_ptr_array_set_free_func (rows, NULL);
  for (guint i = 0; i < rows->len; i++)
    {
      TernConversationRow *row = rows->pdata[i];
      TernConversation *item = tern_conversation_new (row, self->names, self->self_id);

      g_hash_table_insert (self->by_id, g_strdup (row->id), item);
      g_ptr_array_add (self->items, item);
    }
  update_n_unread (self);
}

static void
read_one (TernConversationList *self,
          const char           *id)
{
  g_autoptr (GError) error = NULL;
  TernConversationRow *row;

  row = tern_store_find_conversation (self->reader, self->self_id, id, &error);
  if (error != NULL)
    g_debug ("A conversation could not be read: %s", error->message);
  else
    put_row (self, id, row);
}

static gboolean
is_concerned (const TernConversationRow *row,
              const TernChanges         *changes)
{
  return tern_changes_concerns (changes, row->user_id)
         || tern_changes_concerns (changes, row->group_id)
         || (row->last != NULL && tern_changes_concerns (changes, row->last->sender_id));
}

/* (element-type utf8): the IDs of the rows that may look different now */
static GHashTable *
find_touched (TernConversationList *self,
              TernChanges          *changes)
{
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *list = tern_changes_get_conversations (changes);

  for (guint i = 0; i < list->len; i++)
    {
      const TernConversationChange *change = list->pdata[i];

      if (change->is_row_changed)
        g_hash_table_add (ids, g_strdup (change->conversation_id));
    }
  for (guint i = 0; tern_changes_has_people (changes) && i < self->items->len; i++)
    {
      const TernConversationRow *row = tern_conversation_get_row (self->items->pdata[i]);

      if (is_concerned (row, changes))
        g_hash_table_add (ids, g_strdup (row->id));
    }

  return ids;
}

static void
changed_cb (TernSyncWorker       *worker,
            TernChanges          *changes,
            TernConversationList *self)
{
  g_autoptr (GHashTable) ids = NULL;
  GHashTableIter iter;
  gpointer id;
  guint n_ids;

  if (self->reader == NULL)
    return;
  if (tern_changes_has_people (changes))
    tern_names_forget (self->names);

  ids = find_touched (self, changes);
  n_ids = g_hash_table_size (ids);
  if (n_ids > READ_ALL_MIN && n_ids > self->items->len / READ_ALL_FRACTION)
    {
      read_all (self);
    }
  else
    {
      g_hash_table_iter_init (&iter, ids);
      while (g_hash_table_iter_next (&iter, &id, NULL))
        read_one (self, id);
    }
  update_n_unread (self);
}

static void
typing_cb (TernSyncWorker       *worker,
           const char           *conversation_id,
           const char           *user_id,
           gboolean              is_typing,
           TernConversationList *self)
{
  TernConversation *item = g_hash_table_lookup (self->by_id, conversation_id);
  const TernConversationRow *row;
  const char *name;

  if (item == NULL)
    return;
  if (!is_typing)
    {
      if (g_strcmp0 (tern_conversation_get_typing_id (item), user_id) == 0)
        tern_conversation_set_typing (item, NULL, NULL);
      return;
    }
  row = tern_conversation_get_row (item);
  name = tern_names_find (self->names, row->group_id, user_id)->name;
  if (name[0] == '\0')
    name = row->group_id[0] == '\0' ? tern_conversation_get_name (item) : user_id;
  tern_conversation_set_typing (item, user_id, name);
}

/* --- vfuncs --- */

static GType
tern_conversation_list_get_item_type (GListModel *model)
{
  return TERN_TYPE_CONVERSATION;
}

static guint
tern_conversation_list_get_n_items (GListModel *model)
{
  return TERN_CONVERSATION_LIST (model)->items->len;
}

static gpointer
tern_conversation_list_get_item (GListModel *model,
                                 guint       position)
{
  TernConversationList *self = TERN_CONVERSATION_LIST (model);

  return position < self->items->len ? g_object_ref (self->items->pdata[position]) : NULL;
}

static void
tern_conversation_list_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = tern_conversation_list_get_item_type;
  iface->get_n_items = tern_conversation_list_get_n_items;
  iface->get_item = tern_conversation_list_get_item;
}

static void
tern_conversation_list_get_property (GObject    *object,
                                     guint       prop_id,
                                     GValue     *value,
                                     GParamSpec *pspec)
{
  TernConversationList *self = TERN_CONVERSATION_LIST (object);

  switch ((Property) prop_id)
    {
    case PROP_N_UNREAD:
      g_value_set_uint (value, self->n_unread);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
tern_conversation_list_dispose (GObject *object)
{
  tern_conversation_list_detach (TERN_CONVERSATION_LIST (object));

  G_OBJECT_CLASS (tern_conversation_list_parent_class)->dispose (object);
}

static void
tern_conversation_list_finalize (GObject *object)
{
  TernConversationList *self = TERN_CONVERSATION_LIST (object);

  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->items);
  g_clear_pointer (&self->names, tern_names_unref);
  g_ref_string_release (self->self_id);

  G_OBJECT_CLASS (tern_conversation_list_parent_class)->finalize (object);
}

static void
tern_conversation_list_class_init (TernConversationListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = tern_conversation_list_get_property;
  object_class->dispose = tern_conversation_list_dispose;
  object_class->finalize = tern_conversation_list_finalize;

  /**
   * TernConversationList:n-unread:
   *
   * Unread messages of all conversations that are not silent.
   */
  properties[PROP_N_UNREAD] =
    g_param_spec_uint ("n-unread", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
tern_conversation_list_init (TernConversationList *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * tern_conversation_list_new:
 * @reader: a TernDb of this thread; borrowed until detach
 * @worker: (nullable): a TernSyncWorker; %NULL: the list stays as it is read
 * @self_id: one's own user ID
 *
 * Reads the conversations and follows their changes.
 *
 * Returns: (transfer full): the list
 */
TernConversationList *
tern_conversation_list_new (gpointer    reader,
                            gpointer    worker,
                            const char *self_id)
{
  TernConversationList *self;

  g_return_val_if_fail (reader != NULL && self_id != NULL, NULL);

  self = g_object_new (TERN_TYPE_CONVERSATION_LIST, NULL);
  self->reader = reader;
  self->self_id = g_ref_string_new (self_id);
  self->names = tern_names_new (reader);
  if (worker != NULL)
    {
      self->worker = g_object_ref (worker);
      self->changed_handler = g_signal_connect (worker, "changed", G_CALLBACK (changed_cb), self);
      self->typing_handler = g_signal_connect (worker, "typing", G_CALLBACK (typing_cb), self);
    }
  fill (self);
  return self;
}

/**
 * tern_conversation_list_detach:
 *
 * Lets go of the reader and the worker. The items stay.
 */
void
tern_conversation_list_detach (TernConversationList *self)
{
  g_return_if_fail (TERN_IS_CONVERSATION_LIST (self));

  if (self->worker != NULL)
    {
      g_clear_signal_handler (&self->changed_handler, self->worker);
      g_clear_signal_handler (&self->typing_handler, self->worker);
    }
  g_clear_object (&self->worker);
  self->reader = NULL;
  if (self->names != NULL)
    tern_names_detach (self->names);
}

/**
 * tern_conversation_list_find:
 * @position: (out) (optional): where it stands
 *
 * Returns: (transfer none) (nullable): the conversation, if it is shown
 */
TernConversation *
tern_conversation_list_find (TernConversationList *self,
                             const char           *conversation_id,
                             guint                *position)
{
  TernConversation *item;

  g_return_val_if_fail (TERN_IS_CONVERSATION_LIST (self) && conversation_id != NULL, NULL);

  item = g_hash_table_lookup (self->by_id, conversation_id);
  if (item != NULL && position != NULL)
    *position = find_place (self, tern_conversation_get_row (item));
  return item;
}

/**
 * tern_conversation_list_get_n_unread:
 *
 * Returns: unread messages of all conversations that are not silent
 */
guint
tern_conversation_list_get_n_unread (TernConversationList *self)
{
  g_return_val_if_fail (TERN_IS_CONVERSATION_LIST (self), 0);

  return self->n_unread;
}
