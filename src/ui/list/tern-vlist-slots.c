/* tern-vlist-slots.c: items, and the rows that show them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-vlist-private.h"

/* Rows that are kept for reuse, of one kind. */
#define MAX_PARKED 24

/* --- rows --- */

static GQuark
kind_quark (void)
{
  return g_quark_from_static_string ("tern-vlist-kind");
}

static guint
get_kind (TernVlist *self,
          gpointer   item)
{
  TernVlistClass *klass = TERN_VLIST_GET_CLASS (self);

  return klass->get_kind != NULL ? klass->get_kind (self, item) : 0;
}

static guint
get_row_kind (GtkWidget *row)
{
  return GPOINTER_TO_UINT (g_object_get_qdata (G_OBJECT (row), kind_quark ()));
}

static GtkWidget *
take_row (TernVlist *self,
          gpointer   item)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  guint kind = get_kind (self, item);
  GtkWidget *row;

  if (priv->pools[kind]->len > 0)
    {
      row = g_ptr_array_steal_index (priv->pools[kind], priv->pools[kind]->len - 1);
      gtk_accessible_reset_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_HIDDEN);
    }
  else
    {
      row = TERN_VLIST_GET_CLASS (self)->create_row (self, kind);
      g_object_set_qdata (G_OBJECT (row), kind_quark (), GUINT_TO_POINTER (kind));
      priv->counts.n_created++;
    }

  return row;
}

/* The order of the children is the order in which they are read out. */
static void
insert_row (TernVlist *self,
            guint      index,
            GtkWidget *row)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  GtkWidget *before = priv->header;
  GtkWidget *after = NULL;

  for (guint i = index; i > 0 && before == priv->header; i--)
    {
      if (tern_vlist_slot (self, i - 1)->row != NULL)
        before = tern_vlist_slot (self, i - 1)->row;
      if (index - i > 2)
        break;
    }
  if (before == priv->header && index + 1 < priv->slots->len)
    after = tern_vlist_slot (self, index + 1)->row;
  if (after != NULL)
    gtk_widget_insert_before (row, GTK_WIDGET (self), after);
  else
    gtk_widget_insert_after (row, GTK_WIDGET (self), before);
}

void
tern_vlist_ensure_row (TernVlist *self,
                       guint      index)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  TernVlistSlot *slot = tern_vlist_slot (self, index);

  if (slot->row == NULL)
    {
      GtkWidget *row = take_row (self, slot->item);

      insert_row (self, index, row);
      gtk_widget_set_child_visible (row, TRUE);
      TERN_VLIST_GET_CLASS (self)->bind_row (self, row, slot->item);
      slot->row = row;
      priv->counts.n_bound++;
    }
  /* Cheap when nothing changed: GTK keeps the answer. */
  if (!priv->is_uniform || priv->uniform_height == 0)
    {
      gtk_widget_measure (slot->row, GTK_ORIENTATION_VERTICAL, MAX (priv->width, 1), NULL,
                          &slot->height, NULL, NULL);
      slot->height = MAX (slot->height, 1);
      priv->uniform_height = slot->height;
      for (guint i = 0; priv->is_uniform && i < priv->slots->len; i++)
        tern_vlist_slot (self, i)->height = slot->height;
    }
  else
    {
      /* GTK wants to be asked before it allocates. */
      gtk_widget_measure (slot->row, GTK_ORIENTATION_VERTICAL, MAX (priv->width, 1), NULL, NULL,
                          NULL, NULL);
    }
}

void
tern_vlist_park (TernVlist *self,
                 GtkWidget *row)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  GPtrArray *pool = priv->pools[get_row_kind (row)];

  TERN_VLIST_GET_CLASS (self)->unbind_row (self, row);
  if (pool->len >= MAX_PARKED)
    {
      gtk_widget_unparent (row);
      return;
    }
  gtk_widget_set_child_visible (row, FALSE);
  gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  /* Out of the way of those that are in order. */
  gtk_widget_insert_before (row, GTK_WIDGET (self), NULL);
  g_ptr_array_add (pool, row);
}

/* --- items --- */

gboolean
tern_vlist_load (TernVlist *self,
                 gboolean   is_newer)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  TernVlistClass *klass = TERN_VLIST_GET_CLASS (self);
  guint n_before;
  guint n_after;

  if (klass->load == NULL || priv->has_failed[is_newer] ||
      (MUTANT (FILL_LOADS_NOTHING) && priv->is_filling))
    return FALSE;
  tern_vlist_outside (self, &n_before, &n_after);
  if ((is_newer ? n_after : n_before) == 0)
    return FALSE;
  priv->counts.n_loads++;
  if (klass->load (self, is_newer))
    return TRUE;

  /* Not again until something changes. */
  priv->has_failed[is_newer] = TRUE;

  return FALSE;
}

void
tern_vlist_outside (TernVlist *self,
                    guint     *n_before,
                    guint     *n_after)
{
  TernVlistClass *klass = TERN_VLIST_GET_CLASS (self);

  *n_before = *n_after = 0;
  if (klass->get_outside != NULL)
    klass->get_outside (self, n_before, n_after);
}

void
tern_vlist_remove_slots (TernVlist *self,
                         guint      position,
                         guint      n)
{
  TernVlistPrivate *priv = tern_vlist_private (self);

  for (guint i = position; i < position + n; i++)
    {
      TernVlistSlot *slot = tern_vlist_slot (self, i);

      /* An item that moves goes and comes again: its row waits for it. */
      if (slot->row != NULL)
        g_hash_table_insert (priv->limbo, g_object_ref (slot->item), slot->row);
      g_object_unref (slot->item);
    }
  if (n > 0)
    g_array_remove_range (priv->slots, position, n);
}

void
tern_vlist_insert_slots (TernVlist *self,
                         guint      position,
                         guint      n)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  g_autofree TernVlistSlot *added = g_new0 (TernVlistSlot, n);

  for (guint i = 0; i < n; i++)
    {
      gpointer item = g_list_model_get_item (priv->model, position + i);

      added[i].item = item;
      if (priv->is_uniform && priv->uniform_height > 0)
        added[i].height = priv->uniform_height;
      else
        added[i].height = TERN_VLIST_GET_CLASS (self)->guess_height (self, item,
                                                                     MAX (priv->width, 1));
    }
  g_array_insert_vals (priv->slots, position, added, n);
  for (guint i = position; g_hash_table_size (priv->limbo) > 0 && i < position + n; i++)
    {
      TernVlistSlot *slot = tern_vlist_slot (self, i);
      GtkWidget *row = g_hash_table_lookup (priv->limbo, slot->item);

      if (row == NULL)
        continue;
      g_hash_table_remove (priv->limbo, slot->item);
      insert_row (self, i, row);
      slot->row = row;
      if (!priv->is_uniform)
        gtk_widget_measure (row, GTK_ORIENTATION_VERTICAL, MAX (priv->width, 1), NULL,
                            &slot->height, NULL, NULL);
    }
}

void
tern_vlist_items_changed (TernVlist *self,
                          guint      position,
                          guint      n_removed,
                          guint      n_added)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  gpointer held = NULL;

  /* Of a whole range that was put in another order, it is still the one. */
  if (n_removed > 1 && priv->anchor >= position && priv->anchor < position + n_removed)
    held = tern_vlist_slot (self, priv->anchor)->item;
  tern_vlist_remove_slots (self, position, n_removed);
  if (n_added > 0)
    tern_vlist_insert_slots (self, position, n_added);

  if (priv->anchor >= position + n_removed)
    {
      if (!MUTANT (PREPEND_KEEPS_ANCHOR) || n_removed > 0)
        priv->anchor += n_added;
      if (!MUTANT (DELETION_KEEPS_ANCHOR))
        priv->anchor -= n_removed;
    }
  else if (priv->anchor >= position)
    {
      /* The anchor itself went: what follows takes its place. */
      priv->anchor = position + n_added;
      for (guint i = position; held != NULL && i < position + n_added; i++)
        {
          if (tern_vlist_slot (self, i)->item == held)
            priv->anchor = i;
        }
    }
  if (priv->anchor >= priv->slots->len)
    priv->anchor = priv->slots->len > 0 ? priv->slots->len - 1 : 0;
  priv->has_failed[0] = priv->has_failed[1] = FALSE;
  /* Rows that are out of order now are put right before they are placed. */
  priv->first = priv->last = priv->anchor;
  tern_vlist_queue_fill (self);
}

/**
 * tern_vlist_rebind:
 * @self: a list
 * @item: an item that changed
 *
 * Shows it anew, in a row of another kind if need be.
 */
void
tern_vlist_rebind (TernVlist *self,
                   gpointer   item)
{
  TernVlistPrivate *priv = tern_vlist_private (self);
  int index = tern_vlist_find (self, item);
  TernVlistSlot *slot;

  if (index < 0)
    return;
  slot = tern_vlist_slot (self, (guint) index);
  if (slot->row != NULL && get_row_kind (slot->row) != get_kind (self, item))
    {
      priv->lost_focus |= slot->row == gtk_widget_get_focus_child (GTK_WIDGET (self));
      tern_vlist_park (self, slot->row);
      slot->row = NULL;
    }
  else if (slot->row != NULL)
    {
      TERN_VLIST_GET_CLASS (self)->bind_row (self, slot->row, item);
    }
  else if (!priv->is_uniform)
    {
      slot->height = TERN_VLIST_GET_CLASS (self)->guess_height (self, item, MAX (priv->width, 1));
    }
  tern_vlist_queue_fill (self);
}
