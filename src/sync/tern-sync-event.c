/* tern-sync-event.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-sync-event.h"

/**
 * tern_sync_event_new:
 * @type: what happened
 *
 * Returns: (transfer full): the event, to be filled in
 */
TernSyncEvent *
tern_sync_event_new (TernSyncEventType type)
{
  TernSyncEvent *self = g_new0 (TernSyncEvent, 1);

  self->type = type;

  return self;
}

/* What the event itself takes is within the KiB. */
static int
get_kib (GBytes *frame)
{
  return (int) (g_bytes_get_size (frame) / 1024) + 1;
}

/**
 * tern_sync_event_take_frame:
 * @self: an event without a frame
 * @frame: (transfer full): what came
 * @load: the count, which the event shares
 *
 * Counts @frame among what waits to be handled, until the event is freed.
 */
void
tern_sync_event_take_frame (TernSyncEvent *self,
                            GBytes        *frame,
                            int           *load)
{
  self->frame = frame;
  self->load = g_atomic_rc_box_acquire (load);
  g_atomic_int_add (load, get_kib (frame));
}

/**
 * tern_sync_event_free:
 * @self: (transfer full) (nullable): an event
 */
void
tern_sync_event_free (TernSyncEvent *self)
{
  if (self == NULL)
    return;

  g_free (self->conversation_id);
  g_free (self->text);
  g_free (self->value);
  if (self->load != NULL)
    g_atomic_int_add (self->load, -get_kib (self->frame));
  g_clear_pointer (&self->load, g_atomic_rc_box_release);
  g_clear_pointer (&self->frame, g_bytes_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->message, tern_message_record_free);
  g_clear_pointer (&self->updates, g_ptr_array_unref);
  g_free (self);
}

/**
 * tern_sync_notice_new:
 * @type: what to tell
 *
 * Returns: (transfer full): the notice, to be filled in
 */
TernSyncNotice *
tern_sync_notice_new (TernSyncNoticeType type)
{
  TernSyncNotice *self = g_new0 (TernSyncNotice, 1);

  self->type = type;

  return self;
}

/**
 * tern_sync_notice_free:
 * @self: (transfer full): a notice
 */
void
tern_sync_notice_free (TernSyncNotice *self)
{
  g_free (self->conversation_id);
  g_free (self->text);
  g_clear_pointer (&self->frame, g_bytes_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->changes, tern_changes_unref);
  g_free (self);
}
