/* tern-message-window.c: the items of a message list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every change of the list is expressed as "these are the items now"; what
 * that means in signals is worked out here, once.
 */

#include "config.h"

#include "tern-message-runs.h"
#include "tern-model-private.h"

void
tern_message_window_init (TernMessageWindow *self,
                          GListModel        *model,
                          TernDb            *reader,
                          const char        *self_id)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->model = model;
  self->names = tern_names_new (reader);
  self->self_id = g_strdup (self_id);
}

void
tern_message_window_clear (TernMessageWindow *self)
{
  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->names, tern_names_unref);
  g_clear_pointer (&self->self_id, g_free);
}

static int
compare (const TernMessageRecord *a,
         const TernMessageRecord *b)
{
  if (a->position != b->position)
    return a->position < b->position ? -1 : 1;
  return a->id < b->id ? -1 : a->id > b->id;
}

int
tern_message_compare (gconstpointer a,
                      gconstpointer b)
{
  return compare (tern_message_get_record (*(TernMessage * const *) a),
                  tern_message_get_record (*(TernMessage * const *) b));
}

TernMessage *
tern_message_window_take (TernMessageWindow *self,
                          TernMessageRecord *record,
                          GPtrArray         *touched)
{
  TernMessage *message = g_hash_table_lookup (self->by_id, &record->id);

  if (message != NULL)
    {
      /* The key of by_id is the ID inside the record. */
      g_hash_table_remove (self->by_id, &record->id);
      tern_message_take_record (message, record, self->self_id);
      g_hash_table_insert (self->by_id, (gpointer) &tern_message_get_record (message)->id, message);
      g_ptr_array_add (touched, message);
      g_object_ref (message);
    }
  else
    {
      message = tern_message_new (record, self->self_id);
    }
  tern_message_update_sender (message, self->names);
  return message;
}

static void
update_starts (GPtrArray         *items,
               GPtrArray         *touched,
               TernMessageRecord *before)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  const TernMessageRecord *previous = before;

  for (guint i = 0; i < items->len; i++)
    {
      TernMessage *message = g_ptr_array_index (items, i);
      const TernMessageRecord *record = tern_message_get_record (message);

      if (tern_message_set_starts (message, tern_message_runs_starts_day (previous, record, zone),
                                   tern_message_runs_starts_run (previous, record, zone)))
        g_ptr_array_add (touched, message);
      previous = record;
    }
}

/* The items that are in both and in the same order: all that are in both,
 * unless their order changed; then the longest part that needs no signal is
 * found greedily, which is exact for the usual case of one moved row. */
static GHashTable *
find_staying (GPtrArray *old,
              GPtrArray *next)
{
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  GHashTable *staying = g_hash_table_new (NULL, NULL);
  guint limit = 0;

  for (guint i = 0; i < next->len; i++)
    g_hash_table_insert (places, next->pdata[i], GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < old->len; i++)
    {
      guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, old->pdata[i]));
      guint following = 0;

      if (place <= limit)
        continue;
      if (i + 1 < old->len)
        following = GPOINTER_TO_UINT (g_hash_table_lookup (places, old->pdata[i + 1]));
      /* Moved down past its successor: it is the one that moved. */
      if (following > limit && following < place)
        continue;
      limit = place;
      g_hash_table_add (staying, old->pdata[i]);
    }
  return staying;
}

static void
remove_runs (TernMessageWindow *self,
             GHashTable        *staying)
{
  guint end = self->items->len;

  while (end > 0)
    {
      guint start;

      if (g_hash_table_contains (staying, self->items->pdata[end - 1]))
        {
          end--;
          continue;
        }
      start = end - 1;
      while (start > 0 && !g_hash_table_contains (staying, self->items->pdata[start - 1]))
        start--;
      g_ptr_array_remove_range (self->items, start, end - start);
      g_list_model_items_changed (self->model, start, end - start, 0);
      end = start;
    }
}

static void
insert_runs (TernMessageWindow *self,
             GPtrArray         *next,
             GHashTable        *staying)
{
  guint start = 0;

  while (start < next->len)
    {
      guint end = start;

      if (g_hash_table_contains (staying, next->pdata[start]))
        {
          start++;
          continue;
        }
      for (; end < next->len && !g_hash_table_contains (staying, next->pdata[end]); end++)
        g_ptr_array_insert (self->items, (int) end, g_object_ref (next->pdata[end]));
      g_list_model_items_changed (self->model, start, 0, end - start);
      start = end;
    }
}

static void
index_items (TernMessageWindow *self,
             GPtrArray         *items)
{
  g_hash_table_remove_all (self->by_id);
  for (guint i = 0; i < items->len; i++)
    {
      TernMessage *message = g_ptr_array_index (items, i);

      g_hash_table_insert (self->by_id, (gpointer) &tern_message_get_record (message)->id, message);
    }
}

void
tern_message_window_set (TernMessageWindow *self,
                         GPtrArray         *next,
                         GPtrArray         *touched,
                         TernMessageRecord *before)
{
  g_autoptr (GPtrArray) items = next;
  g_autoptr (GPtrArray) old = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) staying = find_staying (self->items, items);
  g_autoptr (GHashTable) kept = g_hash_table_new (NULL, NULL);

  /* @touched borrows: what goes has to live until the signals are out. */
  for (guint i = 0; i < self->items->len; i++)
    g_ptr_array_add (old, g_object_ref (self->items->pdata[i]));
  update_starts (items, touched, before);
  index_items (self, items);
  for (guint i = 0; i < old->len; i++)
    {
      if (g_hash_table_lookup (self->by_id, &tern_message_get_record (old->pdata[i])->id)
          == old->pdata[i])
        g_hash_table_add (kept, old->pdata[i]);
    }
  if (g_hash_table_size (staying) == 0)
    {
      /* Another part of the conversation altogether: one signal. */
      g_autoptr (GPtrArray) gone = self->items;

      self->items = g_ptr_array_ref (items);
      if (gone->len > 0 || items->len > 0)
        g_list_model_items_changed (self->model, 0, gone->len, items->len);
      return;
    }
  remove_runs (self, staying);
  insert_runs (self, items, staying);
  /* One that moved, too: whoever shows it may have kept what it shows it with. */
  for (guint i = 0; i < touched->len; i++)
    {
      if (g_hash_table_remove (kept, touched->pdata[i]))
        tern_message_emit_changed (touched->pdata[i]);
    }
}

gint64
tern_message_lowest_seq (GPtrArray *items)
{
  for (guint i = 0; i < items->len; i++)
    {
      gint64 seq = tern_message_get_seq (items->pdata[i]);

      if (seq > 0)
        return seq;
    }
  return 0;
}

GPtrArray *
tern_message_window_copy (TernMessageWindow *self)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->items->len; i++)
    g_ptr_array_add (copy, g_object_ref (self->items->pdata[i]));
  return copy;
}

/* A page is read from the store as it is now, the window is as it was told: a
 * row that moved in between is in both. */
void
tern_messages_sort (GPtrArray *items)
{
  g_ptr_array_sort (items, tern_message_compare);
  for (guint i = items->len; i > 1; i--)
    {
      if (items->pdata[i - 1] == items->pdata[i - 2])
        g_ptr_array_remove_index (items, i - 1);
    }
}

gboolean
tern_messages_trim (GPtrArray *items,
                    gboolean   is_from_top)
{
  guint n;

  if (items->len <= TERN_MAX_LOADED)
    return FALSE;
  n = items->len - TERN_MAX_LOADED;
  g_ptr_array_remove_range (items, is_from_top ? 0 : TERN_MAX_LOADED, n);
  return TRUE;
}

/* Moves the rows into @items, in order. */
void
tern_message_window_take_rows (TernMessageWindow *self,
                               GPtrArray         *items,
                               GPtrArray         *rows,
                               GPtrArray         *touched)
{
  g_ptr_array_set_free_func (rows, NULL);
  for (guint i = 0; i < rows->len; i++)
    g_ptr_array_add (items, tern_message_window_take (self, rows->pdata[i], touched));
  g_ptr_array_set_size (rows, 0);
}

void
tern_message_window_remove_rows (TernMessageWindow *self,
                                 GPtrArray         *next,
                                 GArray            *ids)
{
  for (guint i = 0; i < ids->len; i++)
    {
      TernMessage *message = g_hash_table_lookup (self->by_id,
                                                  &g_array_index (ids, gint64, i));

      if (message != NULL)
        g_ptr_array_remove (next, message);
    }
}
