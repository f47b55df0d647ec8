/* tern-sync-marks.c: what a group's conversation is marked with
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The server means to set these marks, but does not (protocol 03 section 3.7).
 * Whoever names a person in a message does name him. An announcement is one
 * only when the group's record has it, too: the tip alone can be forged. The
 * record comes before the tip or after it, so both are looked at.
 */

#include "config.h"

#include <string.h>

#include "tern-content-json.h"
#include "tern-sync-engine-private.h"

/* What a mention of everybody names. */
#define AT_ALL "AtAllTag"

static int
get_mentions (TernSyncEngine          *self,
              const TernMessageRecord *message)
{
  const char * const *ids = (const char * const *) message->at_user_ids;
  int at_type = 0;

  if (message->content_type != TERN_CONTENT_AT_TEXT || ids == NULL)
    return 0;
  if (g_strv_contains (ids, self->user_id))
    at_type |= TERN_AT_ME;
  if (g_strv_contains (ids, AT_ALL))
    at_type |= TERN_AT_ALL;

  return at_type;
}

/* A group that was made with an announcement has nobody who announced it. */
static const char *
get_announcer (const TernGroupRecord *group)
{
  return *group->announcer_id != '\0' ? group->announcer_id : group->owner_id;
}

static gboolean
is_announced (const TernGroupRecord   *group,
              const TernMessageRecord *message)
{
  g_autoptr(TernContent) content = NULL;

  if (*group->announcement == '\0' || strcmp (message->sender_id, get_announcer (group)) != 0)
    return FALSE;
  content = tern_content_parse (message->content_type, message->content);

  return g_strcmp0 (content->text, group->announcement) == 0;
}

/* The group's record may be older than the tip: then it is asked for. It comes
 * with the members; only of a group that is new with all groups. */
static gboolean
find_announcement (TernSyncEngine          *self,
                   const TernMessageRecord *message,
                   int                     *at_type,
                   GError                 **error)
{
  g_autoptr(TernGroupRecord) group = NULL;
  g_autoptr(GError) local_error = NULL;

  group = tern_store_find_group (self->db, message->group_id, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (group != NULL && is_announced (group, message))
    *at_type = TERN_AT_ANNOUNCEMENT;
  else
    tern_sync_engine_want (
      self, 1 << (group != NULL ? TERN_DATASET_MEMBERS : TERN_DATASET_GROUPS), message->group_id);

  return TRUE;
}

/* Marks the conversation when the message names this person or tells of a new
 * announcement. */
gboolean
tern_sync_marks_note_message (TernSyncEngine          *self,
                              const TernMessageRecord *message,
                              GError                 **error)
{
  g_autoptr(TernConversationRow) row = NULL;
  int at_type = get_mentions (self, message);

  if (message->chat_type != TERN_CHAT_GROUP || message->status == TERN_MESSAGE_DELETED ||
      strcmp (message->sender_id, self->user_id) == 0 ||
      (at_type == 0 && message->content_type != TERN_CONTENT_ANNOUNCED))
    return TRUE;

  row = tern_store_find_conversation (self->db, self->user_id, message->conversation_id, error);
  if (row == NULL)
    return error == NULL || *error == NULL;
  if (message->seq <= row->read_seq)
    return TRUE;
  if (at_type == 0 && !find_announcement (self, message, &at_type, error))
    return FALSE;

  return tern_store_add_at_type (self->db, message->conversation_id, at_type, self->changes,
                                 error);
}

/* A record of a group, not stored yet: it may confirm a tip that is here and
 * not read. */
gboolean
tern_sync_marks_note_group (TernSyncEngine        *self,
                            const TernGroupRecord *group,
                            GError               **error)
{
  g_autofree char *conversation_id = tern_conversation_id_for_group (group->id);
  g_autoptr(TernGroupRecord) known = NULL;
  g_autoptr(GPtrArray) tips = NULL;
  g_autoptr(GError) local_error = NULL;

  if (*group->announcement == '\0' || strcmp (get_announcer (group), self->user_id) == 0)
    return TRUE;
  known = tern_store_find_group (self->db, group->id, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (known != NULL && strcmp (known->announcement, group->announcement) == 0 &&
      strcmp (get_announcer (known), get_announcer (group)) == 0)
    return TRUE; /* was looked at with the tip */

  tips = tern_store_list_unread (self->db, conversation_id, TERN_CONTENT_ANNOUNCED,
                                 get_announcer (group), error);
  for (guint i = 0; tips != NULL && i < tips->len; i++)
    {
      if (is_announced (group, tips->pdata[i]))
        return tern_store_add_at_type (self->db, conversation_id, TERN_AT_ANNOUNCEMENT,
                                       self->changes, error);
    }

  return tips != NULL;
}
