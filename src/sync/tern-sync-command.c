/* tern-sync-command.c: what the person wants, into the open transaction
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "tern-sync-engine-private.h"

static void
waiter_free (TernSyncWaiter *waiter)
{
  g_free (waiter->conversation_id);
  g_free (waiter);
}

static char *
make_client_id (void)
{
  g_autofree char *uuid = g_uuid_string_random ();

  /* 32 hexadecimal digits, as the field has them (protocol 03 section 4.2). */
  return g_compute_checksum_for_string (G_CHECKSUM_MD5, uuid, -1);
}

static gboolean
handle_send (TernSyncEngine *self,
             TernSyncEvent  *event,
             GError        **error)
{
  TernMessageRecord *message = event->message;
  g_autoptr(TernUserRecord) own = NULL;

  own = tern_store_find_user (self->db, self->user_id, NULL);
  if (*message->client_id == '\0')
    {
      g_free (message->client_id);
      message->client_id = make_client_id ();
    }
  g_free (message->sender_id);
  message->sender_id = g_strdup (self->user_id);
  if (own != NULL && *message->sender_name == '\0')
    {
      g_free (message->sender_name);
      message->sender_name = g_strdup (own->name);
      g_free (message->sender_face_url);
      message->sender_face_url = g_strdup (own->face_url);
    }
  message->sender_platform = self->platform;
  message->msg_from = 100;
  message->status = TERN_MESSAGE_SENDING;
  message->seq = 0;
  message->created_ms = tern_clock_get_wall_ms ();
  message->sent_ms = message->created_ms;

  if (!tern_store_ensure_conversation (self->db, message, self->user_id, self->changes, error) ||
      !tern_store_add_outgoing (self->db, message, self->changes, error) ||
      (event->n != 0 && !tern_store_set_draft (self->db, message->conversation_id, "",
                                               message->created_ms, self->changes, error)))
    return FALSE;

  self->is_durable = TRUE;
  self->n_in_transaction++;
  tern_sync_engine_done (self, event->op, message->client_id, NULL);
  tern_sync_outbox_add (self->unsent, g_steal_pointer (&event->message));
  tern_sync_engine_notice (self, TERN_SYNC_NOTICE_N_UNSENT)->done =
    tern_sync_outbox_get_n (self->unsent);

  return TRUE;
}

static gboolean
handle_resend (TernSyncEngine *self,
               TernSyncEvent  *event,
               GError        **error)
{
  g_autoptr(TernMessageRecord) message =
    tern_store_find_by_client_id (self->db, event->conversation_id, self->user_id, event->text,
                                  error);
  g_autoptr(GError) not_found = NULL;

  if (message == NULL)
    {
      if (error != NULL && *error != NULL)
        return FALSE;
      not_found = g_error_new_literal (TERN_ERROR, TERN_ERROR_NOT_FOUND, "No such message");
      tern_sync_engine_done (self, event->op, NULL, not_found);
      return TRUE;
    }
  if (message->status != TERN_MESSAGE_FAILED)
    {
      tern_sync_engine_done (self, event->op, NULL, NULL);
      return TRUE;
    }

  if (!tern_store_set_sending (self->db, event->conversation_id, self->user_id, event->text,
                               self->changes, error))
    return FALSE;

  /* The first attempt may have arrived after all: what is new is pulled and
   * looked through before it is sent again. */
  tern_sync_outbox_add_uncertain (self->unsent, g_steal_pointer (&message),
                                  tern_sync_engine_now ());
  tern_sync_engine_notice (self, TERN_SYNC_NOTICE_N_UNSENT)->done =
    tern_sync_outbox_get_n (self->unsent);
  tern_sync_engine_done (self, event->op, NULL, NULL);

  return TRUE;
}

/* Only here: that the server is to be told is not this thread's affair. */
static gboolean
handle_delete (TernSyncEngine *self,
               TernSyncEvent  *event,
               GError        **error)
{
  g_autoptr(TernMessageRecord) message = NULL;
  g_autoptr(GError) local_error = NULL;
  g_autoptr(GError) busy = NULL;

  if (event->seq > 0)
    {
      if (!tern_store_delete_seqs (self->db, event->conversation_id, &event->seq, 1,
                                   self->changes, error))
        return FALSE;
      tern_sync_engine_done (self, event->op, NULL, NULL);
      return TRUE;
    }

  message = tern_store_find_by_client_id (self->db, event->conversation_id, self->user_id,
                                          event->text, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  /* What is on its way would come back with its number. */
  if (message != NULL && message->status != TERN_MESSAGE_FAILED)
    {
      busy = g_error_new_literal (TERN_ERROR, TERN_ERROR_REFUSED, "The message is being sent");
      tern_sync_engine_done (self, event->op, NULL, busy);
      return TRUE;
    }
  if (message != NULL &&
      !tern_store_delete_row (self->db, message->id, self->changes, error))
    return FALSE;
  tern_sync_engine_done (self, event->op, NULL, NULL);

  return TRUE;
}

static void
ask_range (TernSyncEngine *self,
           TernSeqRequest *range) /* (transfer full) */
{
  g_autoptr(GPtrArray) ranges =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_request_free);
  g_autoptr(GBytes) body = NULL;
  TernSyncRequest *request;

  tern_sync_plan_begin (self->plan, range);
  g_ptr_array_add (ranges, range);
  body = tern_wire_encode_pull_ranges (self->user_id, ranges, FALSE);
  request = tern_sync_engine_request (self, TERN_FRAME_PULL_RANGES, TERN_SYNC_PULL_TIMEOUT_MS,
                                      body);
  request->is_urgent = TRUE;
  request->ranges = g_ptr_array_ref (ranges);
}

static void
handle_fetch_before (TernSyncEngine *self,
                     TernSyncEvent  *event)
{
  g_autoptr(GError) offline = NULL;
  TernSeqRequest *range;
  TernSyncWaiter *waiter;
  gboolean is_busy;

  range = tern_sync_plan_next_before (self->plan, event->conversation_id, event->seq,
                                      CLAMP (event->n, 1, self->pull_size), &is_busy);
  if (range == NULL)
    {
      tern_sync_engine_done (self, event->op, NULL, NULL);
      return;
    }
  if (self->epoch == 0)
    {
      offline = g_error_new_literal (TERN_ERROR, TERN_ERROR_OFFLINE, "There is no connection");
      tern_sync_engine_done (self, event->op, NULL, offline);
      tern_seq_request_free (range);
      return;
    }

  waiter = g_new0 (TernSyncWaiter, 1);
  waiter->op = event->op;
  waiter->conversation_id = g_strdup (event->conversation_id);
  waiter->first = range->first;
  waiter->last = range->last;
  g_ptr_array_add (self->waiters, waiter);

  if (is_busy)
    tern_seq_request_free (range);
  else
    ask_range (self, range);
}

static gboolean
note_groups (TernSyncEngine         *self,
             const TernRecordUpdate *update,
             GError                **error)
{
  for (guint i = 0; update->dataset == TERN_DATASET_GROUPS && i < update->rows->len; i++)
    {
      if (!tern_sync_marks_note_group (self, update->rows->pdata[i], error))
        return FALSE;
    }

  return update->group == NULL || tern_sync_marks_note_group (self, update->group, error);
}

static gboolean
handle_apply (TernSyncEngine *self,
              TernSyncEvent  *event,
              GError        **error)
{
  for (guint i = 0; i < event->updates->len; i++)
    {
      if (!note_groups (self, event->updates->pdata[i], error) ||
          !tern_store_apply_update (self->db, event->updates->pdata[i], self->user_id,
                                    self->changes, error))
        return FALSE;
      self->n_in_transaction++;
    }

  self->is_bounds_dirty = TRUE;
  tern_sync_engine_done (self, event->op, NULL, NULL);

  return TRUE;
}

static gboolean
handle_mark_read (TernSyncEngine *self,
                  TernSyncEvent  *event,
                  GError        **error)
{
  if (event->seq <= 0)
    {
      tern_sync_engine_done (self, event->op, NULL, NULL);
      return TRUE;
    }

  if (!tern_store_set_seqs (self->db, event->conversation_id, 0, event->seq, self->changes,
                            error) ||
      !tern_store_set_pending_read (self->db, event->conversation_id, event->seq, error))
    return FALSE;

  tern_sync_engine_done (self, event->op, NULL, NULL);

  return TRUE;
}

static gboolean
handle_confirm_read (TernSyncEngine *self,
                     TernSyncEvent  *event,
                     GError        **error)
{
  g_autoptr(GPtrArray) pending = tern_store_list_pending_reads (self->db, error);

  if (pending == NULL)
    return FALSE;

  /* A later position may have come in between: that one is still to be told. */
  for (guint i = 0; i < pending->len; i++)
    {
      const TernSeqState *state = pending->pdata[i];

      if (strcmp (state->conversation_id, event->conversation_id) == 0 &&
          state->read_seq <= event->seq &&
          !tern_store_set_pending_read (self->db, event->conversation_id, 0, error))
        return FALSE;
    }

  tern_sync_engine_done (self, event->op, NULL, NULL);

  return TRUE;
}

/**
 * tern_sync_command_handle:
 * @self: an engine with an open transaction
 * @event: a command; what it owns may be taken
 * @error: return location for a #GError
 *
 * Errors: the store's; then the command was not done.
 *
 * Returns: whether it was carried out, or answered with an error of its own
 */
gboolean
tern_sync_command_handle (TernSyncEngine *self,
                          TernSyncEvent  *event,
                          GError        **error)
{
  switch (event->type)
    {
    case TERN_SYNC_EVENT_SEND:
      return handle_send (self, event, error);
    case TERN_SYNC_EVENT_RESEND:
      return handle_resend (self, event, error);
    case TERN_SYNC_EVENT_DELETE:
      return handle_delete (self, event, error);
    case TERN_SYNC_EVENT_FETCH_BEFORE:
      handle_fetch_before (self, event);
      return TRUE;
    case TERN_SYNC_EVENT_MARK_READ:
      return handle_mark_read (self, event, error);
    case TERN_SYNC_EVENT_CONFIRM_READ:
      return handle_confirm_read (self, event, error);
    case TERN_SYNC_EVENT_SAVE_DRAFT:
      if (!tern_store_set_draft (self->db, event->conversation_id, event->text,
                                 tern_clock_get_wall_ms (), self->changes, error))
        return FALSE;
      tern_sync_engine_done (self, event->op, NULL, NULL);
      return TRUE;
    case TERN_SYNC_EVENT_APPLY:
      return handle_apply (self, event, error);
    case TERN_SYNC_EVENT_SET_VALUE:
      if (!tern_store_set_value (self->db, event->text, event->value, error))
        return FALSE;
      tern_sync_engine_done (self, event->op, NULL, NULL);
      return TRUE;
    case TERN_SYNC_EVENT_CONNECTING:
    case TERN_SYNC_EVENT_CONNECTED:
    case TERN_SYNC_EVENT_DISCONNECTED:
    case TERN_SYNC_EVENT_FRAME:
    case TERN_SYNC_EVENT_RECORDS_READY:
    case TERN_SYNC_EVENT_SYNC_NOW:
    case TERN_SYNC_EVENT_FOCUS:
    case TERN_SYNC_EVENT_PAUSE:
    case TERN_SYNC_EVENT_CANCEL:
    case TERN_SYNC_EVENT_STOP:
    case TERN_SYNC_EVENT_TYPING:
    default:
      g_return_val_if_reached (TRUE);
    }
}

/**
 * tern_sync_command_check_waiters:
 * @self: an engine
 *
 * Answers those whose messages are there now. To be called with the commit
 * still ahead: the answers follow it.
 */
void
tern_sync_command_check_waiters (TernSyncEngine *self)
{
  for (guint i = self->waiters->len; i > 0; i--)
    {
      TernSyncWaiter *waiter = self->waiters->pdata[i - 1];

      if (!tern_sync_plan_is_settled (self->plan, waiter->conversation_id, waiter->first,
                                      waiter->last))
        continue;
      tern_sync_engine_done (self, waiter->op, NULL, NULL);
      waiter_free (waiter);
      g_ptr_array_remove_index (self->waiters, i - 1);
    }
}

/**
 * tern_sync_command_fail_waiters:
 * @self: an engine
 * @error: why nothing more will come
 */
void
tern_sync_command_fail_waiters (TernSyncEngine *self,
                                const GError   *error)
{
  for (guint i = 0; i < self->waiters->len; i++)
    {
      TernSyncWaiter *waiter = self->waiters->pdata[i];

      tern_sync_engine_done (self, waiter->op, NULL, error);
      waiter_free (waiter);
    }
  g_ptr_array_set_size (self->waiters, 0);
}
