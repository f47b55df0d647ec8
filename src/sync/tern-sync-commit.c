/* tern-sync-commit.c: the transaction, and what is told after it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-sync-engine-private.h"

gint64
tern_sync_engine_now (void)
{
  return tern_clock_get_monotonic_us ();
}

gint64
tern_sync_engine_in_ms (guint duration_ms)
{
  return tern_sync_engine_now () + tern_clock_scale_us ((gint64) duration_ms * 1000);
}

TernSyncNotice *
tern_sync_engine_notice (TernSyncEngine     *self,
                         TernSyncNoticeType  type)
{
  TernSyncNotice *notice = tern_sync_notice_new (type);

  g_ptr_array_add (self->notices, notice);

  return notice;
}

void
tern_sync_engine_done (TernSyncEngine *self,
                       guint64         op,
                       const char     *text,
                       const GError   *error)
{
  TernSyncNotice *notice = tern_sync_engine_notice (self, TERN_SYNC_NOTICE_DONE);

  notice->op = op;
  notice->text = g_strdup (text);
  notice->error = error != NULL ? g_error_copy (error) : NULL;
}

void
tern_sync_engine_set_state (TernSyncEngine *self,
                            TernSyncState   state)
{
  if (self->state == state)
    return;

  self->state = state;
  tern_sync_engine_notice (self, TERN_SYNC_NOTICE_STATE)->state = state;
}

gboolean
tern_sync_engine_begin (TernSyncEngine  *self,
                        GError         **error)
{
  if (self->is_in_transaction)
    return TRUE;
  if (!tern_db_begin (self->db, error))
    return FALSE;

  self->is_in_transaction = TRUE;
  g_clear_pointer (&self->ensured, g_free);
  self->n_in_transaction = 0;
  g_clear_pointer (&self->changes, tern_changes_unref);
  self->changes = tern_changes_new ();

  return TRUE;
}

void
tern_sync_engine_post (TernSyncEngine *self)
{
  for (guint i = 0; i < self->notices->len; i++)
    tern_channel_push (self->outbox, self->notices->pdata[i]);

  /* The channel owns them now. */
  g_ptr_array_set_free_func (self->notices, NULL);
  g_ptr_array_set_size (self->notices, 0);
  g_ptr_array_set_free_func (self->notices, (GDestroyNotify) tern_sync_notice_free);
}

static gboolean
save_ranges (TernSyncEngine  *self,
             GError         **error)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->dirty_ranges);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      if (!tern_store_save_ranges (self->db, id, tern_sync_plan_get_ranges (self->plan, id),
                                   error))
        return FALSE;
    }

  return TRUE;
}

/* It is committed, and will be sent: if the disk refuses, the next commit tries
 * again, but nobody is told that nothing was stored. */
static void
make_durable (TernSyncEngine *self)
{
  g_autoptr(GError) error = NULL;

  if (!self->is_durable)
    return;
  self->is_durable = !tern_db_sync (self->db, &error);
  if (error != NULL)
    g_debug ("What is stored would not survive a power cut: %s", error->message);
}

/* Ends the transaction, then tells: the reader must see what it is told of. */
gboolean
tern_sync_engine_commit (TernSyncEngine  *self,
                         GError         **error)
{
  tern_sync_command_check_waiters (self);
  if (self->is_in_transaction)
    {
      if (!tern_db_check_transaction (self->db, error) || !save_ranges (self, error) ||
          !tern_db_commit (self->db, error))
        return FALSE;

      make_durable (self);
      self->is_in_transaction = FALSE;
      g_hash_table_remove_all (self->dirty_ranges);
      if (!tern_changes_is_empty (self->changes))
        {
          TernSyncNotice *notice = tern_sync_notice_new (TERN_SYNC_NOTICE_CHANGED);

          notice->changes = g_steal_pointer (&self->changes);
          g_ptr_array_insert (self->notices, 0, notice);
        }
      g_clear_pointer (&self->changes, tern_changes_unref);
    }
  tern_sync_engine_post (self);
  if (self->is_checkpoint_due)
    {
      self->is_checkpoint_due = FALSE;
      (void) tern_db_checkpoint (self->db, NULL); /* may be busy: the next one does it */
    }

  return TRUE;
}

void
tern_sync_engine_cover (TernSyncEngine *self,
                        const char     *conversation_id,
                        gint64          first,
                        gint64          last)
{
  if (tern_sync_plan_cover (self->plan, conversation_id, first, last))
    g_hash_table_add (self->dirty_ranges, g_strdup (conversation_id));
  tern_sync_plan_raise (self->plan, conversation_id, last);
}

void
tern_sync_engine_uncover (TernSyncEngine *self,
                          const char     *conversation_id,
                          gint64          seq)
{
  tern_sync_plan_uncover (self->plan, conversation_id, seq, seq);
  g_hash_table_add (self->dirty_ranges, g_strdup (conversation_id));
}
