/* tern-wire-message.c: a message, and lists of them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-wire-private.h"

#include <stdlib.h>
#include <string.h>

#include "tern-error.h"

/* An empty message is two bytes on the wire and some hundred here. A body of
 * the largest size with messages of the usual one unpacks to a third of this. */
#define MAX_UNPACKED_BYTES (128 * 1024 * 1024)

/* Wire keys of the options (protocol 01 section 4.8): only two have "is". */
static const struct
{
  TernOptions option;
  const char *key;
} option_keys[] = {
  { TERN_OPTION_HISTORY, "history" },
  { TERN_OPTION_PERSISTENT, "persistent" },
  { TERN_OPTION_UNREAD_COUNT, "unreadCount" },
  { TERN_OPTION_CONVERSATION_UPDATE, "conversationUpdate" },
  { TERN_OPTION_SENDER_CONVERSATION_UPDATE, "senderConversationUpdate" },
  { TERN_OPTION_OFFLINE_PUSH, "offlinePush" },
  { TERN_OPTION_SENDER_SYNC, "senderSync" },
  { TERN_OPTION_NOT_PRIVATE, "notPrivate" },
  { TERN_OPTION_REACTION_FROM_CACHE, "reactionFromCache" },
  { TERN_OPTION_SENDER_NOTIFICATION_PUSH, "senderNotificationPush" },
  { TERN_OPTION_IS_NOT_NOTIFICATION, "isNotNotification" },
  { TERN_OPTION_IS_SEND_MSG, "isSendMsg" },
};

/**
 * tern_wire_get_option_key:
 * @option: one option
 *
 * Returns: (nullable): what it is called on the wire
 */
const char *
tern_wire_get_option_key (TernOptions option)
{
  for (guint i = 0; i < G_N_ELEMENTS (option_keys); i++)
    {
      if (option_keys[i].option == option)
        return option_keys[i].key;
    }

  return NULL;
}

/**
 * tern_wire_get_option:
 * @key: what an option is called on the wire
 *
 * Returns: the option, 0 for an unknown one
 */
TernOptions
tern_wire_get_option (const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (option_keys); i++)
    {
      if (strcmp (option_keys[i].key, key) == 0)
        return option_keys[i].option;
    }

  return 0;
}

TernArena *
tern_arena_new (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

gpointer
tern_arena_alloc (TernArena *self,
                  gsize      size)
{
  gpointer block = g_malloc0 (MAX (size, 1));

  g_ptr_array_add (self, block);

  return block;
}

/* Go refuses strings that are no UTF-8, a hostile server may not. */
char *
tern_wire_dup_string (const char *string)
{
  return g_utf8_validate (string, -1, NULL) ? g_strdup (string) : g_utf8_make_valid (string, -1);
}

GBytes *
tern_wire_pack (const ProtobufCMessage *message)
{
  gsize size = protobuf_c_message_get_packed_size (message);
  guint8 *data = g_malloc (MAX (size, 1));

  protobuf_c_message_pack (message, data);

  return g_bytes_new_take (data, size);
}

/* What is left of a body's budget. */
static void *
budget_alloc (void  *data,
              size_t size)
{
  gsize *left = data;

  if (size > *left)
    {
      *left = 0;
      return NULL;
    }
  *left -= size;

  return malloc (size);
}

static void
budget_free (void *data,
             void *block)
{
  free (block);
}

gpointer
tern_wire_unpack (const ProtobufCMessageDescriptor *descriptor,
                  GBytes                           *body,
                  GError                          **error)
{
  gsize left = MAX_UNPACKED_BYTES;
  ProtobufCAllocator allocator = { budget_alloc, budget_free, &left };
  ProtobufCMessage *message;
  gsize size = 0;
  const guint8 *data = body != NULL ? g_bytes_get_data (body, &size) : NULL;

  /* Freed by tern_pb_free(), whose allocator is malloc's too. */
  message = protobuf_c_message_unpack (descriptor, &allocator, size,
                                       data != NULL ? data : (const guint8 *) "");
  if (message == NULL && left == 0)
    g_set_error (error, TERN_ERROR, TERN_ERROR_TOO_LARGE, "A %s that unpacks to more than %d bytes",
                 descriptor->short_name, MAX_UNPACKED_BYTES);
  else if (message == NULL)
    g_set_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL, "Not a %s", descriptor->short_name);

  return message;
}

static gboolean
has_valid_field (const ProtobufCMessage         *message,
                 const ProtobufCFieldDescriptor *field)
{
  const guint8 *place = (const guint8 *) message + field->offset;
  gconstpointer single[] = { *(gconstpointer const *) (gconstpointer) place };
  gconstpointer const *values = single;
  gsize n_values = single[0] != NULL ? 1 : 0;

  if (field->label == PROTOBUF_C_LABEL_REPEATED)
    {
      values = single[0];
      place = (const guint8 *) message + field->quantifier_offset;
      n_values = *(const size_t *) (gconstpointer) place;
    }
  for (gsize i = 0; i < n_values; i++)
    {
      if (field->type == PROTOBUF_C_TYPE_STRING ? !g_utf8_validate (values[i], -1, NULL)
                                                : !tern_wire_has_valid_strings (values[i]))
        return FALSE;
    }

  return TRUE;
}

/* Whether every string in it is UTF-8, at any depth. */
gboolean
tern_wire_has_valid_strings (const ProtobufCMessage *message)
{
  for (guint i = 0; i < message->descriptor->n_fields; i++)
    {
      const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];

      if ((field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE) &&
          !has_valid_field (message, field))
        return FALSE;
    }

  return TRUE;
}

gpointer
tern_wire_unpack_request (const ProtobufCMessageDescriptor *descriptor,
                          GBytes                           *body,
                          GError                          **error)
{
  gpointer message = tern_wire_unpack (descriptor, body, error);

  if (message == NULL || tern_wire_has_valid_strings (message))
    return message;

  g_set_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL, "A %s with a string that is no UTF-8",
               descriptor->short_name);
  tern_pb_free (message);

  return NULL;
}

static void
fill_options (Tern__Pb__Msg           *pb,
              const TernMessageRecord *record,
              TernArena               *arena)
{
  Tern__Pb__OptionEntry *entries;
  guint n = 0;

  if (record->options_off == 0 && record->options_on == 0)
    return;

  pb->options = tern_arena_new_n (arena, Tern__Pb__OptionEntry *, G_N_ELEMENTS (option_keys));
  entries = tern_arena_new_n (arena, Tern__Pb__OptionEntry, G_N_ELEMENTS (option_keys));
  for (guint i = 0; i < G_N_ELEMENTS (option_keys); i++)
    {
      gboolean is_off = (record->options_off & option_keys[i].option) != 0;

      if (!is_off && (record->options_on & option_keys[i].option) == 0)
        continue;

      tern__pb__option_entry__init (&entries[n]);
      entries[n].key = (char *) option_keys[i].key;
      entries[n].value = !is_off;
      pb->options[n] = &entries[n];
      n++;
    }
  pb->n_options = n;
}

/* Points into @record: @pb must not outlive it. */
void
tern_wire_fill_message (Tern__Pb__Msg           *pb,
                        const TernMessageRecord *record,
                        TernArena               *arena)
{
  tern__pb__msg__init (pb);
  pb->send_id = record->sender_id;
  pb->recv_id = record->recv_id;
  pb->group_id = record->group_id;
  pb->client_id = record->client_id;
  pb->server_id = record->server_id;
  pb->sender_platform = record->sender_platform;
  pb->sender_name = record->sender_name;
  pb->sender_face_url = record->sender_face_url;
  pb->session_type = record->chat_type;
  pb->msg_from = record->msg_from;
  pb->content_type = record->content_type;
  pb->seq = record->seq;
  pb->send_time = record->sent_ms;
  pb->create_time = record->created_ms;
  pb->status = record->status;
  pb->is_read = record->is_read;
  pb->attached_info = record->attached_info;
  pb->ex = record->ex;
  if (record->content != NULL)
    {
      gsize size;

      pb->content.data = (guint8 *) g_bytes_get_data (record->content, &size);
      pb->content.len = size;
    }
  if (record->at_user_ids != NULL)
    {
      pb->at_user_ids = record->at_user_ids;
      pb->n_at_user_ids = g_strv_length (record->at_user_ids);
    }
  if (record->offline_push != NULL)
    {
      Tern__Pb__OfflinePush *push = tern_arena_new_n (arena, Tern__Pb__OfflinePush, 1);

      tern__pb__offline_push__init (push);
      push->title = record->offline_push->title;
      push->desc = record->offline_push->desc;
      push->ex = record->offline_push->ex;
      push->ios_sound = record->offline_push->ios_sound;
      push->ios_badge = record->offline_push->ios_badge;
      push->signal_info = record->offline_push->signal_info;
      pb->offline_push = push;
    }
  fill_options (pb, record, arena);
}

static void
read_options (TernMessageRecord   *record,
              const Tern__Pb__Msg *pb)
{
  for (gsize i = 0; i < pb->n_options; i++)
    {
      for (guint k = 0; k < G_N_ELEMENTS (option_keys); k++)
        {
          if (strcmp (pb->options[i]->key, option_keys[k].key) != 0)
            continue;
          if (pb->options[i]->value)
            record->options_on |= option_keys[k].option;
          else
            record->options_off |= option_keys[k].option;
          break;
        }
    }
}

static char **
dup_strings (char  **strings,
             gsize   n_strings)
{
  char **copy;

  if (n_strings == 0)
    return NULL;

  copy = g_new0 (char *, n_strings + 1);
  for (gsize i = 0; i < n_strings; i++)
    copy[i] = tern_wire_dup_string (strings[i]);

  return copy;
}

static TernOfflinePush *
read_offline_push (const Tern__Pb__OfflinePush *pb)
{
  TernOfflinePush *push = g_new0 (TernOfflinePush, 1);

  push->title = tern_wire_dup_string (pb->title);
  push->desc = tern_wire_dup_string (pb->desc);
  push->ex = tern_wire_dup_string (pb->ex);
  push->ios_sound = tern_wire_dup_string (pb->ios_sound);
  push->signal_info = tern_wire_dup_string (pb->signal_info);
  push->ios_badge = pb->ios_badge;

  return push;
}

TernMessageRecord *
tern_wire_read_message (const Tern__Pb__Msg *pb,
                        const char          *conversation_id)
{
  TernMessageRecord *record = g_new0 (TernMessageRecord, 1);

  record->conversation_id = g_strdup (conversation_id);
  record->client_id = tern_wire_dup_string (pb->client_id);
  record->server_id = tern_wire_dup_string (pb->server_id);
  record->sender_id = tern_wire_dup_string (pb->send_id);
  record->recv_id = tern_wire_dup_string (pb->recv_id);
  record->group_id = tern_wire_dup_string (pb->group_id);
  record->sender_name = tern_wire_dup_string (pb->sender_name);
  record->sender_face_url = tern_wire_dup_string (pb->sender_face_url);
  record->attached_info = tern_wire_dup_string (pb->attached_info);
  record->ex = tern_wire_dup_string (pb->ex);
  record->sender_platform = pb->sender_platform;
  record->chat_type = pb->session_type;
  record->msg_from = pb->msg_from;
  record->content_type = pb->content_type;
  record->seq = pb->seq;
  record->sent_ms = pb->send_time;
  record->created_ms = pb->create_time;
  record->status = pb->status;
  record->is_read = pb->is_read;
  if (pb->content.len > 0)
    record->content = g_bytes_new (pb->content.data, pb->content.len);
  record->at_user_ids = dup_strings (pb->at_user_ids, pb->n_at_user_ids);
  if (pb->offline_push != NULL)
    record->offline_push = read_offline_push (pb->offline_push);
  read_options (record, pb);

  return record;
}

/**
 * tern_wire_encode_message:
 * @message: a message
 *
 * Makes the body of a send request: a bare MsgData.
 *
 * Returns: (transfer full): the body
 */
GBytes *
tern_wire_encode_message (const TernMessageRecord *message)
{
  g_autoptr(GPtrArray) arena = tern_arena_new ();
  Tern__Pb__Msg pb;

  tern_wire_fill_message (&pb, message, arena);

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_message:
 * @body: (nullable): the body of a send request
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable): the message, without a conversation
 */
TernMessageRecord *
tern_wire_decode_message (GBytes  *body,
                          GError **error)
{
  Tern__Pb__Msg *pb = tern_wire_unpack_request (&tern__pb__msg__descriptor, body, error);
  TernMessageRecord *record;

  if (pb == NULL)
    return NULL;

  record = tern_wire_read_message (pb, "");
  tern_pb_free (pb);

  return record;
}

/**
 * tern_wire_encode_send_reply:
 * @reply: what became of a message
 *
 * Returns: (transfer full): the body
 */
GBytes *
tern_wire_encode_send_reply (const TernSendReply *reply)
{
  g_autoptr(GPtrArray) arena = tern_arena_new ();
  Tern__Pb__SendResp pb = TERN__PB__SEND_RESP__INIT;
  Tern__Pb__Msg modify;

  pb.server_id = reply->server_id;
  pb.client_id = reply->client_id;
  pb.send_time = reply->sent_ms;
  if (reply->modify != NULL)
    {
      tern_wire_fill_message (&modify, reply->modify, arena);
      pb.modify = &modify;
    }

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_send_reply:
 * @body: (nullable): the body of an answer to a send request
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable): what became of the message
 */
TernSendReply *
tern_wire_decode_send_reply (GBytes  *body,
                             GError **error)
{
  Tern__Pb__SendResp *pb = tern_wire_unpack (&tern__pb__send_resp__descriptor, body, error);
  TernSendReply *reply;

  if (pb == NULL)
    return NULL;

  reply = g_new0 (TernSendReply, 1);
  reply->server_id = tern_wire_dup_string (pb->server_id);
  reply->client_id = tern_wire_dup_string (pb->client_id);
  reply->sent_ms = pb->send_time;
  if (pb->modify != NULL)
    reply->modify = tern_wire_read_message (pb->modify, "");
  tern_pb_free (pb);

  return reply;
}

static Tern__Pb__BatchEntry *
make_entry (const TernMessageBatch *batch,
            TernArena              *arena)
{
  Tern__Pb__BatchEntry *entry = tern_arena_new_n (arena, Tern__Pb__BatchEntry, 1);
  Tern__Pb__Batch *value = tern_arena_new_n (arena, Tern__Pb__Batch, 1);
  Tern__Pb__Msg *msgs = tern_arena_new_n (arena, Tern__Pb__Msg, batch->messages->len);

  tern__pb__batch_entry__init (entry);
  tern__pb__batch__init (value);
  entry->key = batch->conversation_id;
  entry->value = value;
  value->is_end = batch->is_end;
  value->end_seq = batch->end_seq;
  value->n_msgs = batch->messages->len;
  value->msgs = tern_arena_new_n (arena, Tern__Pb__Msg *, batch->messages->len);
  for (guint i = 0; i < batch->messages->len; i++)
    {
      tern_wire_fill_message (&msgs[i], batch->messages->pdata[i], arena);
      value->msgs[i] = &msgs[i];
    }

  return entry;
}

/**
 * tern_wire_encode_batches:
 * @batches: (element-type TernMessageBatch): messages by conversation
 *
 * Makes the body of a push, or of the answer to either pull. Notification
 * conversations go into the second map, as the real server does it.
 *
 * Returns: (transfer full): the body
 */
GBytes *
tern_wire_encode_batches (GPtrArray *batches)
{
  g_autoptr(GPtrArray) arena = tern_arena_new ();
  Tern__Pb__Batches pb = TERN__PB__BATCHES__INIT;

  pb.msgs = tern_arena_new_n (arena, Tern__Pb__BatchEntry *, batches->len);
  pb.notifications = tern_arena_new_n (arena, Tern__Pb__BatchEntry *, batches->len);
  for (guint i = 0; i < batches->len; i++)
    {
      const TernMessageBatch *batch = batches->pdata[i];
      Tern__Pb__BatchEntry *entry = make_entry (batch, arena);

      if (tern_conversation_id_is_notification (batch->conversation_id))
        pb.notifications[pb.n_notifications++] = entry;
      else
        pb.msgs[pb.n_msgs++] = entry;
    }

  return tern_wire_pack (&pb.base);
}

static void
read_entries (GPtrArray             *batches,
              Tern__Pb__BatchEntry **entries,
              gsize                  n_entries)
{
  for (gsize i = 0; i < n_entries; i++)
    {
      const Tern__Pb__Batch *value = entries[i]->value;
      TernMessageBatch *batch = tern_message_batch_new (entries[i]->key);

      g_ptr_array_add (batches, batch);
      if (value == NULL) /* an encoder may leave out what is empty */
        continue;

      batch->is_end = value->is_end;
      batch->end_seq = value->end_seq;
      for (gsize k = 0; k < value->n_msgs; k++)
        g_ptr_array_add (batch->messages,
                         tern_wire_read_message (value->msgs[k], batch->conversation_id));
    }
}

/**
 * tern_wire_decode_batches:
 * @body: (nullable): the body of a push or of the answer to a pull
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable) (element-type TernMessageBatch): both
 *   maps, chats before notifications; the keys tell them apart
 */
GPtrArray *
tern_wire_decode_batches (GBytes  *body,
                          GError **error)
{
  Tern__Pb__Batches *pb = tern_wire_unpack (&tern__pb__batches__descriptor, body, error);
  GPtrArray *batches;

  if (pb == NULL)
    return NULL;

  batches = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_batch_free);
  read_entries (batches, pb->msgs, pb->n_msgs);
  read_entries (batches, pb->notifications, pb->n_notifications);
  tern_pb_free (pb);

  return batches;
}

/**
 * tern_message_batch_new:
 * @conversation_id: the conversation
 *
 * Returns: (transfer full): an empty batch
 */
TernMessageBatch *
tern_message_batch_new (const char *conversation_id)
{
  TernMessageBatch *self = g_new0 (TernMessageBatch, 1);

  self->conversation_id = g_strdup (conversation_id);
  self->messages = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_record_free);

  return self;
}

/**
 * tern_message_batch_free:
 * @self: (transfer full): a batch
 */
void
tern_message_batch_free (TernMessageBatch *self)
{
  g_free (self->conversation_id);
  g_ptr_array_unref (self->messages);
  g_free (self);
}

/**
 * tern_send_reply_free:
 * @self: (transfer full): a reply
 */
void
tern_send_reply_free (TernSendReply *self)
{
  g_free (self->server_id);
  g_free (self->client_id);
  g_clear_pointer (&self->modify, tern_message_record_free);
  g_free (self);
}
