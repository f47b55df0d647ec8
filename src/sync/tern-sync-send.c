/* tern-sync-send.c: own messages, onto the wire and answered
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-sync-engine-private.h"

#define SENDS_IN_FLIGHT 16
#define SEQ_TIMEOUT_MS 10000

static gboolean
fail_message (TernSyncEngine           *self,
              const char               *conversation_id,
              const char               *client_id,
              const char               *reason,
              GError                  **error)
{
  if (!tern_sync_engine_begin (self, error) ||
      !tern_store_set_failed (self->db, conversation_id, self->user_id, client_id, reason,
                              self->changes, error))
    return FALSE;

  tern_sync_outbox_remove (self->unsent, conversation_id, client_id);
  tern_sync_engine_notice (self, TERN_SYNC_NOTICE_N_UNSENT)->done =
    tern_sync_outbox_get_n (self->unsent);

  return TRUE;
}

/* The record as it goes on the wire: seq and time are the server's to give
 * (protocol 01 section 3.1). */
static GBytes *
encode_outgoing (const TernMessageRecord *message)
{
  g_autoptr(TernMessageRecord) wire = tern_message_record_copy (message);

  wire->seq = 0;
  wire->sent_ms = 0;
  wire->status = TERN_MESSAGE_SENDING;
  wire->is_read = FALSE;
  g_free (wire->server_id);
  wire->server_id = g_strdup ("");

  return tern_wire_encode_message (wire);
}

gboolean
tern_sync_send_pump (TernSyncEngine  *self,
                     GError         **error)
{
  if (self->epoch == 0)
    return TRUE;

  while (tern_sync_requests_count (self->requests, TERN_FRAME_SEND, TRUE) < SENDS_IN_FLIGHT)
    {
      const TernMessageRecord *message =
        tern_sync_outbox_next (self->unsent, tern_sync_engine_now ());
      g_autoptr(GBytes) body = NULL;
      TernSyncRequest *request;
      TernSyncNotice *notice;

      if (message == NULL)
        return TRUE;

      body = encode_outgoing (message);
      request = tern_sync_engine_request (self, TERN_FRAME_SEND, TERN_SYNC_ANSWER_TIMEOUT_MS, body);
      request->conversation_id = g_strdup (message->conversation_id);
      request->client_id = g_strdup (message->client_id);

      notice = self->notices->pdata[self->notices->len - 1];
      if (g_bytes_get_size (notice->frame) > TERN_FRAME_MAX_SENT_BYTES)
        {
          g_autoptr(TernSyncRequest) taken =
            tern_sync_requests_take (self->requests, request->tag, TERN_FRAME_SEND);

          /* It would cost the connection, again and again. */
          g_ptr_array_remove_index (self->notices, self->notices->len - 1);
          if (!fail_message (self, taken->conversation_id, taken->client_id, "too-large", error))
            return FALSE;
        }
    }

  return TRUE;
}

gboolean
tern_sync_send_handle_answer (TernSyncEngine        *self,
                              const TernSyncRequest *request,
                              const TernFrame       *frame,
                              GError               **error)
{
  g_autoptr(TernSendReply) reply = NULL;
  g_autoptr(GError) refusal = NULL;
  g_autofree char *reason = NULL;

  if (frame->err_code == 0)
    {
      reply = tern_wire_decode_send_reply (frame->data, NULL);
      tern_sync_outbox_acknowledge (self->unsent, request->conversation_id, request->client_id,
                                    tern_sync_engine_in_ms (SEQ_TIMEOUT_MS));
      if (tern_sync_has_bug (TERN_SYNC_BUG_TRUSTS_ACKS))
        tern_sync_outbox_remove (self->unsent, request->conversation_id, request->client_id);
      if (reply == NULL)
        return TRUE;
      return tern_sync_engine_begin (self, error) &&
             tern_store_set_sent (self->db, request->conversation_id, self->user_id,
                                  request->client_id, reply->server_id, reply->sent_ms,
                                  self->changes, error);
    }

  refusal = tern_error_new_server (frame->err_code, frame->err_msg);
  if (tern_error_get_retry (refusal) != TERN_RETRY_NEVER &&
      tern_sync_outbox_delay (self->unsent, request->conversation_id, request->client_id,
                              tern_sync_engine_in_ms (TERN_SYNC_RETRY_MS)))
    return TRUE;

  reason = g_strdup_printf ("%d", frame->err_code);

  return fail_message (self, request->conversation_id, request->client_id, reason, error);
}
void
tern_sync_send_typing (TernSyncEngine    *self,
                       TernMessageRecord *message)
{
  g_autoptr(GBytes) body = NULL;
  g_autofree char *uuid = g_uuid_string_random ();

  if (self->epoch == 0)
    return;

  g_free (message->client_id);
  message->client_id = g_compute_checksum_for_string (G_CHECKSUM_MD5, uuid, -1);
  g_free (message->sender_id);
  message->sender_id = g_strdup (self->user_id);
  message->sender_platform = self->platform;
  message->msg_from = 100;
  message->options_off = TERN_OPTIONS_ONLINE_ONLY;
  message->created_ms = tern_clock_get_wall_ms ();
  body = encode_outgoing (message);
  /* Its answer is of no interest, an error least of all. */
  tern_sync_line_transmit (self, TERN_FRAME_SEND, "typing", body);
}
