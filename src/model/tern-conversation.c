/* tern-conversation.c: a row of the conversation list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-conversation.h"

#include "tern-clock.h"
#include "tern-content-json.h"
#include "tern-model-private.h"

/* Stock clients repeat "is typing" at most every few seconds and may never say
 * that it ended (protocol 03 section 4.8). */
#define TYPING_MS 10000

struct _TernConversation
{
  GObject              parent_instance;

  TernNames           *names;       /* (owned) */
  char                *self_id;     /* (owned): a GRefString */
  TernConversationRow *row;         /* (owned): without the last message until it is asked for */
  TernContent         *content;     /* (owned) (nullable): of row->last, parsed when asked */
  char                *sender_name; /* (owned) (nullable) */
  char                *typing_id;   /* (owned) (nullable) */
  char                *typing_name; /* (owned) (nullable) */
  guint                typing_timeout;
};

G_DEFINE_FINAL_TYPE (TernConversation, tern_conversation, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
tern_conversation_finalize (GObject *object)
{
  TernConversation *self = TERN_CONVERSATION (object);

  g_clear_handle_id (&self->typing_timeout, g_source_remove);
  tern_conversation_row_free (self->row);
  g_clear_pointer (&self->content, tern_content_free);
  g_free (self->sender_name);
  g_free (self->typing_id);
  g_free (self->typing_name);
  tern_names_unref (self->names);
  g_ref_string_release (self->self_id);

  G_OBJECT_CLASS (tern_conversation_parent_class)->finalize (object);
}

static void
tern_conversation_class_init (TernConversationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tern_conversation_finalize;

  /**
   * TernConversation::changed:
   *
   * Anything that the getters answer changed.
   */
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", TERN_TYPE_CONVERSATION, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tern_conversation_init (TernConversation *self)
{
}

TernConversation *
tern_conversation_new (TernConversationRow *row,
                       TernNames           *names,
                       char                *self_id)
{
  TernConversation *self = g_object_new (TERN_TYPE_CONVERSATION, NULL);

  self->row = row;
  self->names = tern_names_ref (names);
  self->self_id = g_ref_string_acquire (self_id);
  tern_conversation_update_names (self);
  return self;
}

static gboolean
bytes_equal (GBytes *a,
             GBytes *b)
{
  return a == b || (a != NULL && b != NULL && g_bytes_equal (a, b));
}

static gboolean
last_equal (const TernMessageRecord *a,
            const TernMessageRecord *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a->id == b->id && a->seq == b->seq && a->status == b->status
         && a->is_read == b->is_read && a->content_type == b->content_type
         && a->sent_ms == b->sent_ms && g_str_equal (a->sender_id, b->sender_id)
         && g_str_equal (a->sender_name, b->sender_name) && bytes_equal (a->content, b->content);
}

static gboolean
row_equal (const TernConversationRow *a,
           const TernConversationRow *b)
{
  return g_str_equal (a->name, b->name) && g_str_equal (a->face_url, b->face_url)
         && g_str_equal (a->user_id, b->user_id) && g_str_equal (a->group_id, b->group_id)
         && g_str_equal (a->draft, b->draft) && a->chat_type == b->chat_type
         && a->recv_opt == b->recv_opt && a->at_type == b->at_type
         && a->is_pinned == b->is_pinned && a->is_in_group == b->is_in_group
         && a->sort_ms == b->sort_ms && a->max_seq == b->max_seq && a->min_seq == b->min_seq
         && a->read_seq == b->read_seq && a->draft_ms == b->draft_ms
         && a->n_unread == b->n_unread && a->last_id == b->last_id && last_equal (a->last, b->last);
}

gboolean
tern_conversation_take_row (TernConversation    *self,
                            TernConversationRow *row)
{
  gboolean is_changed = !row_equal (self->row, row);

  if (!last_equal (self->row->last, row->last))
    g_clear_pointer (&self->content, tern_content_free);
  /* What somebody was typing has come. */
  if (row->last != NULL && g_strcmp0 (row->last->sender_id, self->typing_id) == 0
      && self->row->last_id != row->last_id)
    {
      g_clear_pointer (&self->typing_id, g_free);
      g_clear_pointer (&self->typing_name, g_free);
      g_clear_handle_id (&self->typing_timeout, g_source_remove);
    }
  tern_conversation_row_free (self->row);
  self->row = row;
  return is_changed;
}

/* In a group it matters who said the last thing; elsewhere the name of the
 * conversation says it. */
gboolean
tern_conversation_update_names (TernConversation *self)
{
  const TernMessageRecord *last = self->row->last;
  const char *name = NULL;

  if (last != NULL && last->group_id[0] != '\0' && !g_str_equal (last->sender_id, self->self_id))
    {
      name = tern_names_find (self->names, last->group_id, last->sender_id)->name;
      if (name[0] == '\0')
        name = last->sender_name[0] != '\0' ? last->sender_name : last->sender_id;
    }
  if (g_strcmp0 (name, self->sender_name) == 0)
    return FALSE;
  g_free (self->sender_name);
  self->sender_name = g_strdup (name);
  return TRUE;
}

void
tern_conversation_emit_changed (TernConversation *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static gboolean
typing_timeout_cb (gpointer user_data)
{
  TernConversation *self = user_data;

  self->typing_timeout = 0;
  tern_conversation_set_typing (self, NULL, NULL);
  return G_SOURCE_REMOVE;
}

void
tern_conversation_set_typing (TernConversation *self,
                              const char       *user_id,
                              const char       *name)
{
  gboolean is_changed = g_strcmp0 (self->typing_name, name) != 0;

  g_clear_handle_id (&self->typing_timeout, g_source_remove);
  if (user_id != NULL)
    self->typing_timeout = g_timeout_add (tern_clock_scale_ms (TYPING_MS), typing_timeout_cb, self);
  if (g_strcmp0 (self->typing_id, user_id) != 0)
    {
      g_free (self->typing_id);
      self->typing_id = g_strdup (user_id);
    }
  if (!is_changed)
    return;
  g_free (self->typing_name);
  self->typing_name = g_strdup (name);
  tern_conversation_emit_changed (self);
}

const char *
tern_conversation_get_typing_id (TernConversation *self)
{
  return self->typing_id;
}

/**
 * tern_conversation_get_row:
 *
 * Returns: (transfer none): the row, until the next change
 */
const TernConversationRow *
tern_conversation_get_row (TernConversation *self)
{
  g_return_val_if_fail (TERN_IS_CONVERSATION (self), NULL);

  return self->row;
}

/**
 * tern_conversation_get_id:
 *
 * Returns: (transfer none): the conversation's ID
 */
const char *
tern_conversation_get_id (TernConversation *self)
{
  g_return_val_if_fail (TERN_IS_CONVERSATION (self), NULL);

  return self->row->id;
}

/**
 * tern_conversation_get_name:
 *
 * Returns: (transfer none): the name to be shown; never ""
 */
const char *
tern_conversation_get_name (TernConversation *self)
{
  const TernConversationRow *row;

  g_return_val_if_fail (TERN_IS_CONVERSATION (self), NULL);

  row = self->row;
  if (row->name[0] != '\0')
    return row->name;
  if (row->group_id[0] != '\0')
    return row->group_id;
  return row->user_id[0] != '\0' ? row->user_id : row->id;
}

/**
 * tern_conversation_get_is_mentioned:
 *
 * Returns: whether a message that was not read mentions one, or everybody
 */
gboolean
tern_conversation_get_is_mentioned (TernConversation *self)
{
  const TernConversationRow *row;

  g_return_val_if_fail (TERN_IS_CONVERSATION (self), FALSE);

  row = self->row;
  return row->n_unread > 0 && row->at_type != 0 && row->at_type < TERN_AT_ANNOUNCEMENT;
}

/**
 * tern_conversation_get_is_announced:
 *
 * Returns: whether an announcement to a group was not read, and no mention
 */
gboolean
tern_conversation_get_is_announced (TernConversation *self)
{
  g_return_val_if_fail (TERN_IS_CONVERSATION (self), FALSE);

  return self->row->n_unread > 0 && self->row->at_type == TERN_AT_ANNOUNCEMENT;
}

/**
 * tern_conversation_get_last:
 *
 * Returns: (transfer none) (nullable): the newest message that may be shown
 */
const TernMessageRecord *
tern_conversation_get_last (TernConversation *self)
{
  TernDb *reader;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (TERN_IS_CONVERSATION (self), NULL);

  reader = tern_names_get_reader (self->names);
  if (self->row->last != NULL || reader == NULL)
    return self->row->last;
  if (!tern_store_load_last (reader, self->row, &error))
    g_debug ("A last message could not be read: %s", error->message);
  tern_conversation_update_names (self);
  return self->row->last;
}

/**
 * tern_conversation_get_last_content:
 *
 * Returns: (transfer none) (nullable): what the last message says
 */
const TernContent *
tern_conversation_get_last_content (TernConversation *self)
{
  g_return_val_if_fail (TERN_IS_CONVERSATION (self), NULL);

  if (self->content == NULL && tern_conversation_get_last (self) != NULL)
    self->content = tern_content_parse (self->row->last->content_type, self->row->last->content);
  return self->content;
}

/**
 * tern_conversation_get_last_sender_name:
 *
 * Returns: (transfer none) (nullable): who wrote the last message, in a group;
 *   %NULL for one's own
 */
const char *
tern_conversation_get_last_sender_name (TernConversation *self)
{
  g_return_val_if_fail (TERN_IS_CONVERSATION (self), NULL);

  tern_conversation_get_last (self);
  return self->sender_name;
}

/**
 * tern_conversation_get_typing:
 *
 * Returns: (transfer none) (nullable): the name of who is typing
 */
const char *
tern_conversation_get_typing (TernConversation *self)
{
  g_return_val_if_fail (TERN_IS_CONVERSATION (self), NULL);

  return self->typing_name;
}
