/* tern-records.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-records.h"

#include <string.h>

/* Gives @self strings of its own: copies of those that are set, "" elsewhere. */
static void
own_strings (char  **fields[],
             guint   n_fields)
{
  for (guint i = 0; i < n_fields; i++)
    *fields[i] = g_strdup (*fields[i] != NULL ? *fields[i] : "");
}

static void
free_strings (char  **fields[],
              guint   n_fields)
{
  for (guint i = 0; i < n_fields; i++)
    g_clear_pointer (fields[i], g_free);
}

/* The strings of each record that are never NULL, in one place for new, copy
 * and free. */
#define MESSAGE_STRINGS(self) \
  char **strings[] = { \
    &(self)->conversation_id, &(self)->client_id, &(self)->server_id, &(self)->sender_id, \
    &(self)->recv_id, &(self)->group_id, &(self)->sender_name, &(self)->sender_face_url, \
    &(self)->attached_info, &(self)->ex, \
  }
#define OFFLINE_PUSH_STRINGS(self) \
  char **strings[] = { \
    &(self)->title, &(self)->desc, &(self)->ex, &(self)->ios_sound, &(self)->signal_info, \
  }
#define CONVERSATION_STRINGS(self) \
  char **strings[] = { \
    &(self)->id, &(self)->owner_id, &(self)->user_id, &(self)->group_id, \
    &(self)->attached_info, &(self)->ex, \
  }
#define ROW_STRINGS(self) \
  char **strings[] = { \
    &(self)->id, &(self)->user_id, &(self)->group_id, &(self)->name, &(self)->face_url, \
    &(self)->draft, \
  }
#define USER_STRINGS(self) \
  char **strings[] = { \
    &(self)->id, &(self)->name, &(self)->face_url, &(self)->remark, &(self)->ex, \
  }
#define GROUP_STRINGS(self) \
  char **strings[] = { \
    &(self)->id, &(self)->name, &(self)->face_url, &(self)->announcement, \
    &(self)->introduction, &(self)->owner_id, &(self)->creator_id, &(self)->ex, \
    &(self)->announcer_id, \
  }
#define MEMBER_STRINGS(self) \
  char **strings[] = { \
    &(self)->group_id, &(self)->user_id, &(self)->name, &(self)->face_url, \
    &(self)->operator_id, &(self)->inviter_id, &(self)->ex, \
  }

/**
 * tern_sync_reason_to_string:
 * @reason: why a sync began
 *
 * Returns: its name, for logs and for tern-cli; not translated
 */
const char *
tern_sync_reason_to_string (TernSyncReason reason)
{
  switch (reason)
    {
    case TERN_SYNC_REASON_CONNECTED:
      return "connected";
    case TERN_SYNC_REASON_REINSTALLED:
      return "reinstalled";
    case TERN_SYNC_REASON_WAKE_UP:
      return "wake-up";
    case TERN_SYNC_REASON_REQUESTED:
      return "requested";
    case TERN_SYNC_REASON_BACKFILL:
      return "backfill";
    default:
      g_return_val_if_reached ("unknown");
    }
}

/**
 * tern_offline_push_new:
 *
 * Returns: (transfer full): an empty offline push text
 */
TernOfflinePush *
tern_offline_push_new (void)
{
  TernOfflinePush *self = g_new0 (TernOfflinePush, 1);
  OFFLINE_PUSH_STRINGS (self);

  own_strings (strings, G_N_ELEMENTS (strings));

  return self;
}

static TernOfflinePush *
offline_push_copy (const TernOfflinePush *self)
{
  TernOfflinePush *copy = g_memdup2 (self, sizeof *self);
  OFFLINE_PUSH_STRINGS (copy);

  own_strings (strings, G_N_ELEMENTS (strings));

  return copy;
}

/**
 * tern_offline_push_free:
 * @self: (transfer full): an offline push text
 */
void
tern_offline_push_free (TernOfflinePush *self)
{
  OFFLINE_PUSH_STRINGS (self);

  free_strings (strings, G_N_ELEMENTS (strings));
  g_free (self);
}

/**
 * tern_message_record_new:
 *
 * Returns: (transfer full): an empty message
 */
TernMessageRecord *
tern_message_record_new (void)
{
  TernMessageRecord *self = g_new0 (TernMessageRecord, 1);
  MESSAGE_STRINGS (self);

  own_strings (strings, G_N_ELEMENTS (strings));

  return self;
}

/**
 * tern_message_record_copy:
 * @self: a message
 *
 * Returns: (transfer full): a copy; the content's bytes are shared
 */
TernMessageRecord *
tern_message_record_copy (const TernMessageRecord *self)
{
  TernMessageRecord *copy = g_memdup2 (self, sizeof *self);
  MESSAGE_STRINGS (copy);

  own_strings (strings, G_N_ELEMENTS (strings));
  copy->error = g_strdup (self->error);
  copy->at_user_ids = g_strdupv (self->at_user_ids);
  if (self->content != NULL)
    g_bytes_ref (self->content);
  if (self->offline_push != NULL)
    copy->offline_push = offline_push_copy (self->offline_push);

  return copy;
}

/**
 * tern_message_record_free:
 * @self: (transfer full): a message
 */
void
tern_message_record_free (TernMessageRecord *self)
{
  MESSAGE_STRINGS (self);

  free_strings (strings, G_N_ELEMENTS (strings));
  g_clear_pointer (&self->error, g_free);
  g_clear_pointer (&self->content, g_bytes_unref);
  g_clear_pointer (&self->at_user_ids, g_strfreev);
  g_clear_pointer (&self->offline_push, tern_offline_push_free);
  g_free (self);
}

/**
 * tern_message_record_is_on:
 * @self: a message
 * @option: one option
 *
 * Returns: whether the option holds; what was not said holds
 */
gboolean
tern_message_record_is_on (const TernMessageRecord *self,
                           TernOptions              option)
{
  return (self->options_off & option) == 0;
}

/**
 * tern_conversation_record_new:
 *
 * Returns: (transfer full): an empty record
 */
TernConversationRecord *
tern_conversation_record_new (void)
{
  TernConversationRecord *self = g_new0 (TernConversationRecord, 1);
  CONVERSATION_STRINGS (self);

  own_strings (strings, G_N_ELEMENTS (strings));

  return self;
}

/**
 * tern_conversation_record_free:
 * @self: (transfer full): a record
 */
void
tern_conversation_record_free (TernConversationRecord *self)
{
  CONVERSATION_STRINGS (self);

  free_strings (strings, G_N_ELEMENTS (strings));
  g_free (self);
}

/**
 * tern_conversation_row_new:
 *
 * Returns: (transfer full): an empty row
 */
TernConversationRow *
tern_conversation_row_new (void)
{
  TernConversationRow *self = g_new0 (TernConversationRow, 1);
  ROW_STRINGS (self);

  own_strings (strings, G_N_ELEMENTS (strings));

  return self;
}

/**
 * tern_conversation_row_free:
 * @self: (transfer full): a row
 */
void
tern_conversation_row_free (TernConversationRow *self)
{
  ROW_STRINGS (self);

  free_strings (strings, G_N_ELEMENTS (strings));
  g_clear_pointer (&self->last, tern_message_record_free);
  g_free (self);
}

/**
 * tern_record_set_text:
 * @field: a string of a record
 * @text: (nullable): what it is from now on
 */
void
tern_record_set_text (char       **field,
                      const char  *text)
{
  g_free (*field);
  *field = g_strdup (text);
}

/**
 * tern_user_record_new:
 *
 * Returns: (transfer full): an empty record
 */
TernUserRecord *
tern_user_record_new (void)
{
  TernUserRecord *self = g_new0 (TernUserRecord, 1);
  USER_STRINGS (self);

  own_strings (strings, G_N_ELEMENTS (strings));

  return self;
}

/**
 * tern_user_record_copy:
 * @self: a record
 *
 * Returns: (transfer full): a copy
 */
TernUserRecord *
tern_user_record_copy (const TernUserRecord *self)
{
  TernUserRecord *copy = g_memdup2 (self, sizeof *self);
  USER_STRINGS (copy);

  own_strings (strings, G_N_ELEMENTS (strings));

  return copy;
}

/**
 * tern_user_record_free:
 * @self: (transfer full): a record
 */
void
tern_user_record_free (TernUserRecord *self)
{
  USER_STRINGS (self);

  free_strings (strings, G_N_ELEMENTS (strings));
  g_free (self);
}

/**
 * tern_group_record_new:
 *
 * Returns: (transfer full): an empty record
 */
TernGroupRecord *
tern_group_record_new (void)
{
  TernGroupRecord *self = g_new0 (TernGroupRecord, 1);
  GROUP_STRINGS (self);

  own_strings (strings, G_N_ELEMENTS (strings));

  return self;
}

/**
 * tern_group_record_free:
 * @self: (transfer full): a record
 */
void
tern_group_record_free (TernGroupRecord *self)
{
  GROUP_STRINGS (self);

  free_strings (strings, G_N_ELEMENTS (strings));
  g_free (self);
}

/**
 * tern_member_record_new:
 *
 * Returns: (transfer full): an empty record
 */
TernMemberRecord *
tern_member_record_new (void)
{
  TernMemberRecord *self = g_new0 (TernMemberRecord, 1);
  MEMBER_STRINGS (self);

  own_strings (strings, G_N_ELEMENTS (strings));

  return self;
}

/**
 * tern_member_record_free:
 * @self: (transfer full): a record
 */
void
tern_member_record_free (TernMemberRecord *self)
{
  MEMBER_STRINGS (self);

  free_strings (strings, G_N_ELEMENTS (strings));
  g_free (self);
}

/**
 * tern_seq_state_new:
 * @conversation_id: the conversation
 * @max_seq: its newest seq
 * @read_seq: up to where it was read
 *
 * Returns: (transfer full): the three as one
 */
TernSeqState *
tern_seq_state_new (const char *conversation_id,
                    gint64      max_seq,
                    gint64      read_seq)
{
  TernSeqState *self = g_new0 (TernSeqState, 1);

  self->conversation_id = g_strdup (conversation_id);
  self->max_seq = max_seq;
  self->read_seq = read_seq;

  return self;
}

/**
 * tern_seq_state_free:
 * @self: (transfer full): a seq state
 */
void
tern_seq_state_free (TernSeqState *self)
{
  g_free (self->conversation_id);
  g_free (self);
}

/**
 * tern_seq_request_new:
 * @conversation_id: the conversation
 * @first: the lowest seq to ask for
 * @last: the highest
 *
 * Makes a range that asks for all of it: with a smaller number the server
 * answers only the last ones (protocol 01 section 4.4).
 *
 * Returns: (transfer full): the range
 */
TernSeqRequest *
tern_seq_request_new (const char *conversation_id,
                      gint64      first,
                      gint64      last)
{
  TernSeqRequest *self = g_new0 (TernSeqRequest, 1);

  self->conversation_id = g_strdup (conversation_id);
  self->first = first;
  self->last = last;
  self->max_messages = last - first + 1;

  return self;
}

/**
 * tern_seq_request_free:
 * @self: (transfer full): a range
 */
void
tern_seq_request_free (TernSeqRequest *self)
{
  g_free (self->conversation_id);
  g_free (self);
}

static GDestroyNotify
row_free_func (TernDataset dataset)
{
  switch (dataset)
    {
    case TERN_DATASET_CONVERSATIONS:
      return (GDestroyNotify) tern_conversation_record_free;
    case TERN_DATASET_FRIENDS:
    case TERN_DATASET_SELF:
      return (GDestroyNotify) tern_user_record_free;
    case TERN_DATASET_GROUPS:
      return (GDestroyNotify) tern_group_record_free;
    case TERN_DATASET_MEMBERS:
      return (GDestroyNotify) tern_member_record_free;
    default:
      g_return_val_if_reached (g_free);
    }
}

/**
 * tern_record_update_new:
 * @dataset: what it changes
 * @entity: the group of %TERN_DATASET_MEMBERS, else ""
 *
 * Returns: (transfer full): an update without rows
 */
TernRecordUpdate *
tern_record_update_new (TernDataset  dataset,
                        const char  *entity)
{
  TernRecordUpdate *self = g_new0 (TernRecordUpdate, 1);

  self->dataset = dataset;
  self->entity = g_strdup (entity != NULL ? entity : "");
  self->version_id = g_strdup ("");
  self->rows = g_ptr_array_new_with_free_func (row_free_func (dataset));
  self->removed = g_ptr_array_new_with_free_func (g_free);

  return self;
}

/**
 * tern_record_update_free:
 * @self: (transfer full): an update
 */
void
tern_record_update_free (TernRecordUpdate *self)
{
  g_free (self->entity);
  g_free (self->version_id);
  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->removed);
  g_clear_pointer (&self->group, tern_group_record_free);
  g_free (self);
}

/**
 * tern_conversation_id_for_pair:
 * @prefix: "si", "sn" or "n"
 * @user_a: a user ID
 * @user_b: the other one, or the same
 *
 * The two are sorted by their bytes (protocol 01 section 4.1).
 *
 * Returns: (transfer full): the ID of their conversation
 */
char *
tern_conversation_id_for_pair (const char *prefix,
                               const char *user_a,
                               const char *user_b)
{
  gboolean is_sorted = strcmp (user_a, user_b) <= 0;

  return g_strconcat (prefix, "_", is_sorted ? user_a : user_b, "_", is_sorted ? user_b : user_a,
                      NULL);
}

/**
 * tern_conversation_id_for_group:
 * @group_id: a group
 *
 * Returns: (transfer full): the ID of its conversation
 */
char *
tern_conversation_id_for_group (const char *group_id)
{
  return g_strconcat ("sg_", group_id, NULL);
}

/**
 * tern_conversation_id_is_notification:
 * @conversation_id: any conversation
 *
 * Returns: whether it carries notifications instead of messages
 */
gboolean
tern_conversation_id_is_notification (const char *conversation_id)
{
  return g_str_has_prefix (conversation_id, "n_");
}
