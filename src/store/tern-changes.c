/* tern-changes.c: what one commit touched
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-changes.h"

typedef enum
{
  KIND_ADDED = 1,
  KIND_UPDATED,
  KIND_REMOVED,
  KIND_NONE, /* came and went within the commit */
} Kind;

/* Beside the kind: the row was not there before the commit. */
#define FLAG_NEW 8

/* The public struct comes first: a pointer to one is a pointer to the other. */
typedef struct
{
  TernConversationChange  public;
  GHashTable             *kinds; /* (owned): id → Kind and FLAG_NEW */
} Change;

struct _TernChanges
{
  gatomicrefcount  ref_count;
  GPtrArray       *list;  /* (owned) (element-type Change) */
  GHashTable      *by_id; /* (owned): conversation ID → Change (borrowed) */
  Change          *last;  /* (borrowed) (nullable): most calls name the same one */
  GHashTable      *people; /* (owned) (element-type utf8): IDs of users and groups */
  gboolean         is_anybody;
};

static void
change_free (gpointer data)
{
  Change *change = data;

  g_free (change->public.conversation_id);
  g_array_unref (change->public.added);
  g_array_unref (change->public.updated);
  g_array_unref (change->public.removed);
  g_hash_table_unref (change->kinds);
  g_free (change);
}

static Change *
get_change (TernChanges *self,
            const char  *conversation_id)
{
  Change *change = self->last;

  if (change != NULL && g_str_equal (change->public.conversation_id, conversation_id))
    return change;

  change = g_hash_table_lookup (self->by_id, conversation_id);
  if (change == NULL)
    {
      change = g_new0 (Change, 1);
      change->public.conversation_id = g_strdup (conversation_id);
      change->public.added = g_array_new (FALSE, FALSE, sizeof (gint64));
      change->public.updated = g_array_new (FALSE, FALSE, sizeof (gint64));
      change->public.removed = g_array_new (FALSE, FALSE, sizeof (gint64));
      change->kinds = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
      g_ptr_array_add (self->list, change);
      g_hash_table_insert (self->by_id, change->public.conversation_id, change);
    }
  self->last = change;
  return change;
}

static GArray *
get_array (Change *change,
           Kind    kind)
{
  switch (kind)
    {
    case KIND_ADDED:
      return change->public.added;
    case KIND_UPDATED:
      return change->public.updated;
    case KIND_REMOVED:
    case KIND_NONE:
    default:
      return change->public.removed;
    }
}

static void
array_remove (GArray *array,
              gint64  id)
{
  for (guint i = array->len; i > 0; i--)
    {
      if (g_array_index (array, gint64, i - 1) == id)
        {
          g_array_remove_index (array, i - 1);
          return;
        }
    }
}

/* A row is named once, by what became of it from before the commit to after.
 * SQLite may use the ID of a deleted row again, even within the commit. */
static Kind
combine (Kind     old,
         Kind     kind,
         gboolean is_new)
{
  if (is_new)
    return kind == KIND_REMOVED ? KIND_NONE : KIND_ADDED;
  return kind == KIND_ADDED && old != 0 ? KIND_UPDATED : kind;
}

static void
put (TernChanges *self,
     const char  *conversation_id,
     gint64       id,
     Kind         kind)
{
  Change *change = get_change (self, conversation_id);
  int state = GPOINTER_TO_INT (g_hash_table_lookup (change->kinds, &id));
  Kind old = (Kind) (state & ~FLAG_NEW);
  gboolean is_new = state == 0 ? kind == KIND_ADDED : (state & FLAG_NEW) != 0;

  kind = combine (old, kind, is_new);
  if (old == kind)
    return;
  if (old != 0 && old != KIND_NONE)
    array_remove (get_array (change, old), id);
  if (kind != KIND_NONE)
    g_array_append_val (get_array (change, kind), id);
  g_hash_table_insert (change->kinds, g_memdup2 (&id, sizeof id),
                       GINT_TO_POINTER ((int) kind | (is_new ? FLAG_NEW : 0)));
}

/**
 * tern_changes_new:
 *
 * Makes an empty set of changes, to be filled by the thread that writes.
 *
 * Returns: (transfer full): the set
 */
TernChanges *
tern_changes_new (void)
{
  TernChanges *self = g_new0 (TernChanges, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->list = g_ptr_array_new_with_free_func (change_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->people = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

/**
 * tern_changes_ref:
 *
 * Thread: any.
 *
 * Returns: (transfer full): the same set
 */
TernChanges *
tern_changes_ref (TernChanges *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * tern_changes_unref:
 * @self: (transfer full): the set
 *
 * Thread: any.
 */
void
tern_changes_unref (TernChanges *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->people);
  g_ptr_array_unref (self->list);
  g_free (self);
}

/**
 * tern_changes_is_empty:
 *
 * Returns: whether nothing was touched
 */
gboolean
tern_changes_is_empty (const TernChanges *self)
{
  g_return_val_if_fail (self != NULL, TRUE);

  return self->list->len == 0 && !tern_changes_has_people (self);
}

/**
 * tern_changes_add_message:
 * @id: the new row
 *
 * Says that a row was inserted.
 */
void
tern_changes_add_message (TernChanges *self,
                          const char  *conversation_id,
                          gint64       id)
{
  g_return_if_fail (self != NULL && conversation_id != NULL);

  put (self, conversation_id, id, KIND_ADDED);
}

/**
 * tern_changes_update_message:
 * @id: the row
 *
 * Says that the content, the status or the place of a row changed.
 */
void
tern_changes_update_message (TernChanges *self,
                             const char  *conversation_id,
                             gint64       id)
{
  g_return_if_fail (self != NULL && conversation_id != NULL);

  put (self, conversation_id, id, KIND_UPDATED);
}

/**
 * tern_changes_remove_message:
 * @id: the row that was
 *
 * Says that a row was deleted.
 */
void
tern_changes_remove_message (TernChanges *self,
                             const char  *conversation_id,
                             gint64       id)
{
  g_return_if_fail (self != NULL && conversation_id != NULL);

  put (self, conversation_id, id, KIND_REMOVED);
}

/**
 * tern_changes_add_conversation:
 *
 * Says that the row of the conversation list changed, came or went.
 */
void
tern_changes_add_conversation (TernChanges *self,
                               const char  *conversation_id)
{
  g_return_if_fail (self != NULL && conversation_id != NULL);

  get_change (self, conversation_id)->public.is_row_changed = TRUE;
}

/**
 * tern_changes_add_people:
 * @id: (nullable): of a user or a group; %NULL: it cannot be said whose
 *
 * Says that names or avatars changed.
 */
void
tern_changes_add_people (TernChanges *self,
                         const char  *id)
{
  g_return_if_fail (self != NULL);

  if (id != NULL)
    g_hash_table_add (self->people, g_strdup (id));
  else
    self->is_anybody = TRUE;
}

/**
 * tern_changes_has_people:
 *
 * Returns: whether names or avatars changed
 */
gboolean
tern_changes_has_people (const TernChanges *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->is_anybody || g_hash_table_size (self->people) > 0;
}

/**
 * tern_changes_concerns:
 * @id: of a user or a group
 *
 * Returns: whether its name or avatar, or those of its members, may have
 *   changed
 */
gboolean
tern_changes_concerns (const TernChanges *self,
                       const char        *id)
{
  g_return_val_if_fail (self != NULL && id != NULL, FALSE);

  return self->is_anybody || g_hash_table_contains (self->people, id);
}

/**
 * tern_changes_get_conversations:
 *
 * Returns: (transfer none) (element-type TernConversationChange): one entry
 *   per conversation that was touched
 */
GPtrArray *
tern_changes_get_conversations (const TernChanges *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->list;
}

/**
 * tern_changes_find:
 *
 * Returns: (transfer none) (nullable): what was touched of this conversation
 */
const TernConversationChange *
tern_changes_find (const TernChanges *self,
                   const char        *conversation_id)
{
  g_return_val_if_fail (self != NULL && conversation_id != NULL, NULL);

  return g_hash_table_lookup (self->by_id, conversation_id);
}
