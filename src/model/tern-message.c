/* tern-message.c: a message as the window shows it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-message.h"

#include "tern-content-json.h"
#include "tern-message-runs.h"
#include "tern-model-private.h"

struct _TernMessage
{
  GObject            parent_instance;

  TernMessageRecord *record;  /* (owned) */
  TernContent       *content; /* (owned) (nullable): parsed when first asked */
  char              *sender_name;
  char              *sender_face;
  gboolean           is_own;
  gboolean           starts_day;
  gboolean           starts_run;
};

G_DEFINE_FINAL_TYPE (TernMessage, tern_message, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
tern_message_finalize (GObject *object)
{
  TernMessage *self = TERN_MESSAGE (object);

  tern_message_record_free (self->record);
  g_clear_pointer (&self->content, tern_content_free);
  g_free (self->sender_name);
  g_free (self->sender_face);

  G_OBJECT_CLASS (tern_message_parent_class)->finalize (object);
}

static void
tern_message_class_init (TernMessageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tern_message_finalize;

  /**
   * TernMessage::changed:
   *
   * Anything that the getters answer changed.
   */
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", TERN_TYPE_MESSAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
tern_message_init (TernMessage *self)
{
  self->starts_day = TRUE;
  self->starts_run = TRUE;
}

TernMessage *
tern_message_new (TernMessageRecord *record,
                  const char        *self_id)
{
  TernMessage *self = g_object_new (TERN_TYPE_MESSAGE, NULL);

  self->record = record;
  self->is_own = g_str_equal (record->sender_id, self_id);
  self->sender_name = g_strdup (record->sender_name);
  self->sender_face = g_strdup (record->sender_face_url);
  return self;
}

static gboolean
is_same_content (const TernMessageRecord *a,
                 const TernMessageRecord *b)
{
  return a->content_type == b->content_type
         && (a->content == b->content
             || (a->content != NULL && b->content != NULL
                 && g_bytes_equal (a->content, b->content)));
}

void
tern_message_take_record (TernMessage       *self,
                          TernMessageRecord *record,
                          const char        *self_id)
{
  if (!is_same_content (self->record, record))
    g_clear_pointer (&self->content, tern_content_free);
  /* The server may give a number, and so a row, to another message. */
  self->is_own = g_str_equal (record->sender_id, self_id);
  tern_message_record_free (self->record);
  self->record = record;
}

static gboolean
set_text (char       **field,
          const char  *text)
{
  if (g_strcmp0 (*field, text) == 0)
    return FALSE;
  g_free (*field);
  *field = g_strdup (text);
  return TRUE;
}

gboolean
tern_message_update_sender (TernMessage *self,
                            TernNames   *names)
{
  const TernMessageRecord *record = self->record;
  const TernName *known = tern_names_find (names, record->group_id, record->sender_id);
  const char *name = known->name;
  const char *face = known->face_url;
  gboolean is_changed;

  if (name[0] == '\0')
    name = record->sender_name;
  if (name[0] == '\0')
    name = record->sender_id;
  if (face[0] == '\0')
    face = record->sender_face_url;
  is_changed = set_text (&self->sender_name, name);
  return set_text (&self->sender_face, face) || is_changed;
}

gboolean
tern_message_set_starts (TernMessage *self,
                         gboolean     starts_day,
                         gboolean     starts_run)
{
  if (self->starts_day == starts_day && self->starts_run == starts_run)
    return FALSE;
  self->starts_day = starts_day;
  self->starts_run = starts_run;
  return TRUE;
}

void
tern_message_emit_changed (TernMessage *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/**
 * tern_message_get_record:
 *
 * Returns: (transfer none): the row behind it, until the next change
 */
const TernMessageRecord *
tern_message_get_record (TernMessage *self)
{
  g_return_val_if_fail (TERN_IS_MESSAGE (self), NULL);

  return self->record;
}

/**
 * tern_message_get_content:
 *
 * Returns: (transfer none): what is in it, until the next change
 */
const TernContent *
tern_message_get_content (TernMessage *self)
{
  g_return_val_if_fail (TERN_IS_MESSAGE (self), NULL);

  if (self->content == NULL)
    self->content = tern_content_parse (self->record->content_type, self->record->content);
  return self->content;
}

/**
 * tern_message_get_id:
 *
 * Returns: the row's ID
 */
gint64
tern_message_get_id (TernMessage *self)
{
  g_return_val_if_fail (TERN_IS_MESSAGE (self), 0);

  return self->record->id;
}

/**
 * tern_message_get_seq:
 *
 * Returns: the server's number; 0 until known
 */
gint64
tern_message_get_seq (TernMessage *self)
{
  g_return_val_if_fail (TERN_IS_MESSAGE (self), 0);

  return self->record->seq;
}

/**
 * tern_message_get_status:
 *
 * Returns: what became of it
 */
TernMessageStatus
tern_message_get_status (TernMessage *self)
{
  g_return_val_if_fail (TERN_IS_MESSAGE (self), TERN_MESSAGE_SENT);

  return (TernMessageStatus) self->record->status;
}

/**
 * tern_message_get_is_own:
 *
 * Returns: whether one wrote it oneself
 */
gboolean
tern_message_get_is_own (TernMessage *self)
{
  g_return_val_if_fail (TERN_IS_MESSAGE (self), FALSE);

  return self->is_own;
}

/**
 * tern_message_get_is_notice:
 *
 * Returns: whether it is a centred line
 */
gboolean
tern_message_get_is_notice (TernMessage *self)
{
  g_return_val_if_fail (TERN_IS_MESSAGE (self), FALSE);

  return tern_message_runs_is_notice (self->record);
}

/**
 * tern_message_get_sender_name:
 *
 * Returns: (transfer none): never ""
 */
const char *
tern_message_get_sender_name (TernMessage *self)
{
  g_return_val_if_fail (TERN_IS_MESSAGE (self), NULL);

  return self->sender_name;
}

/**
 * tern_message_get_sender_face:
 *
 * Returns: (transfer none): the URL of the picture, or ""
 */
const char *
tern_message_get_sender_face (TernMessage *self)
{
  g_return_val_if_fail (TERN_IS_MESSAGE (self), NULL);

  return self->sender_face;
}

/**
 * tern_message_get_starts_day:
 *
 * Returns: whether the date belongs above it
 */
gboolean
tern_message_get_starts_day (TernMessage *self)
{
  g_return_val_if_fail (TERN_IS_MESSAGE (self), FALSE);

  return self->starts_day;
}

/**
 * tern_message_get_starts_run:
 *
 * Returns: whether the sender belongs above it
 */
gboolean
tern_message_get_starts_run (TernMessage *self)
{
  g_return_val_if_fail (TERN_IS_MESSAGE (self), FALSE);

  return self->starts_run;
}
