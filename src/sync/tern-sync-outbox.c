/* tern-sync-outbox.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-sync-outbox.h"

#include <string.h>

#include "tern-clock.h"
#include "tern-sync-bugs.h"

/* At most so many of one conversation without a known seq: the server drops a
 * batch of more than 100 (protocol 01 section 5.7). */
#define MAX_WITHOUT_SEQ 50

/* Between the moment at which the server may have taken a message and the
 * newest seqs showing it: it gives out numbers every 100 ms (protocol 01
 * section 4.2), and a slow one takes its time. */
#define SEQ_DELAY_US G_USEC_PER_SEC

/* How often something that the server could not do now is tried. */
#define MAX_TRIES 5

typedef enum
{
  STATE_WAITING,
  STATE_SENT_OUT,
  STATE_ACKED,
  STATE_UNCERTAIN,
} State;

typedef struct
{
  TernMessageRecord *message;
  State              state;
  /* WAITING: not before; ACKED: its seq is awaited until; UNCERTAIN: only newest
   * seqs that are asked for from then on tell whether it is there. */
  gint64             at_us;
  guint              n_tries;
} Entry;

struct _TernSyncOutbox
{
  GPtrArray *entries; /* (element-type Entry): in the order in which they were written */
};

static void
entry_free (Entry *entry)
{
  tern_message_record_free (entry->message);
  g_free (entry);
}

/**
 * tern_sync_outbox_new:
 *
 * Returns: (transfer full): an empty outbox
 */
TernSyncOutbox *
tern_sync_outbox_new (void)
{
  TernSyncOutbox *self = g_new0 (TernSyncOutbox, 1);

  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);

  return self;
}

/**
 * tern_sync_outbox_free:
 * @self: (transfer full): an outbox
 */
void
tern_sync_outbox_free (TernSyncOutbox *self)
{
  g_ptr_array_unref (self->entries);
  g_free (self);
}

static Entry *
find (TernSyncOutbox *self,
      const char     *conversation_id,
      const char     *client_id,
      guint          *index)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];

      if (strcmp (entry->message->client_id, client_id) != 0 ||
          strcmp (entry->message->conversation_id, conversation_id) != 0)
        continue;
      if (index != NULL)
        *index = i;
      return entry;
    }

  return NULL;
}

/**
 * tern_sync_outbox_add:
 * @self: an outbox
 * @message: (transfer full): a row on disk without a seq
 */
void
tern_sync_outbox_add (TernSyncOutbox    *self,
                      TernMessageRecord *message)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->message = message;
  g_ptr_array_add (self->entries, entry);
}

/* Until then it can still turn up. */
static void
doubt (Entry  *entry,
       gint64  now_us)
{
  entry->state = STATE_UNCERTAIN;
  entry->at_us = now_us + tern_clock_scale_us (SEQ_DELAY_US);
}

/**
 * tern_sync_outbox_add_uncertain:
 * @self: an outbox
 * @message: (transfer full): a row on disk without a seq, that may have been
 *   sent before
 * @now_us: on the monotonic clock
 */
void
tern_sync_outbox_add_uncertain (TernSyncOutbox    *self,
                                TernMessageRecord *message,
                                gint64             now_us)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->message = message;
  doubt (entry, now_us);
  g_ptr_array_add (self->entries, entry);
}

/**
 * tern_sync_outbox_next:
 * @self: an outbox
 * @now_us: on the monotonic clock
 *
 * The oldest message that may be put on the wire now: nothing before it in
 * its conversation waits, is in doubt, or is without an answer. That last one
 * could still be refused for the time being, and the order be lost.
 *
 * Returns: (transfer none) (nullable): the message
 */
const TernMessageRecord *
tern_sync_outbox_next (TernSyncOutbox *self,
                       gint64          now_us)
{
  g_autoptr(GHashTable) held = NULL; /* conversation → how many are without a seq */

  if (self->entries->len == 0)
    return NULL;

  held = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];
      char *id = entry->message->conversation_id;
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (held, id));

      if (n >= MAX_WITHOUT_SEQ)
        continue;
      if (entry->state == STATE_WAITING && entry->at_us <= now_us)
        {
          entry->state = STATE_SENT_OUT;
          return entry->message;
        }
      if (entry->state == STATE_ACKED || (entry->state == STATE_SENT_OUT &&
                                          tern_sync_has_bug (TERN_SYNC_BUG_OVERTAKES)))
        n++;
      else
        n = MAX_WITHOUT_SEQ; /* nothing may overtake it */
      g_hash_table_insert (held, id, GUINT_TO_POINTER (n));
    }

  return NULL;
}

/**
 * tern_sync_outbox_acknowledge:
 * @self: an outbox
 * @conversation_id: the message's conversation
 * @client_id: the message
 * @until_us: how long its seq is awaited
 */
void
tern_sync_outbox_acknowledge (TernSyncOutbox *self,
                              const char     *conversation_id,
                              const char     *client_id,
                              gint64          until_us)
{
  Entry *entry = find (self, conversation_id, client_id, NULL);

  if (entry == NULL) /* its push came first */
    return;

  entry->state = STATE_ACKED;
  entry->at_us = until_us;
}

/**
 * tern_sync_outbox_doubt:
 * @self: an outbox
 * @conversation_id: the message's conversation
 * @client_id: the message
 * @now_us: on the monotonic clock
 */
void
tern_sync_outbox_doubt (TernSyncOutbox *self,
                        const char     *conversation_id,
                        const char     *client_id,
                        gint64          now_us)
{
  Entry *entry = find (self, conversation_id, client_id, NULL);

  if (entry != NULL)
    doubt (entry, now_us);
}

/**
 * tern_sync_outbox_doubt_all:
 * @self: an outbox
 * @now_us: on the monotonic clock
 *
 * The line is gone: whatever was on it may have arrived or not.
 */
void
tern_sync_outbox_doubt_all (TernSyncOutbox *self,
                            gint64          now_us)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];

      if (entry->state != STATE_WAITING && entry->state != STATE_UNCERTAIN)
        doubt (entry, now_us);
    }
}

/**
 * tern_sync_outbox_delay:
 * @self: an outbox
 * @conversation_id: the message's conversation
 * @client_id: the message
 * @at_us: when to try again, on the monotonic clock
 *
 * Returns: %FALSE when it was tried often enough
 */
gboolean
tern_sync_outbox_delay (TernSyncOutbox *self,
                        const char     *conversation_id,
                        const char     *client_id,
                        gint64          at_us)
{
  Entry *entry = find (self, conversation_id, client_id, NULL);

  if (entry == NULL)
    return TRUE;
  if (++entry->n_tries >= MAX_TRIES)
    return FALSE;

  entry->state = STATE_WAITING;
  entry->at_us = at_us;

  return TRUE;
}

void
tern_sync_outbox_set_content (TernSyncOutbox *self,
                              const char     *conversation_id,
                              const char     *client_id,
                              GBytes         *content)
{
  Entry *entry = find (self, conversation_id, client_id, NULL);

  if (entry == NULL)
    return;

  g_bytes_ref (content);
  g_clear_pointer (&entry->message->content, g_bytes_unref);
  entry->message->content = content;
}

/**
 * tern_sync_outbox_remove:
 * @self: an outbox
 * @conversation_id: the message's conversation
 * @client_id: the message
 *
 * Returns: whether it was there
 */
gboolean
tern_sync_outbox_remove (TernSyncOutbox *self,
                         const char     *conversation_id,
                         const char     *client_id)
{
  guint index;

  if (find (self, conversation_id, client_id, &index) == NULL)
    return FALSE;

  g_ptr_array_remove_index (self->entries, index);

  return TRUE;
}

/**
 * tern_sync_outbox_settle:
 * @self: an outbox
 * @conversation_id: a conversation of which everything new was pulled
 * @asked_us: when the newest seqs were asked for that told what is new
 *
 * Those in doubt were not among it: they are sent again.
 */
void
tern_sync_outbox_settle (TernSyncOutbox *self,
                         const char     *conversation_id,
                         gint64          asked_us)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];

      if (entry->state == STATE_UNCERTAIN && entry->at_us <= asked_us &&
          strcmp (entry->message->conversation_id, conversation_id) == 0)
        {
          entry->state = STATE_WAITING;
          entry->at_us = 0;
        }
    }
}

/**
 * tern_sync_outbox_expire:
 * @self: an outbox
 * @now_us: on the monotonic clock
 *
 * What was acknowledged and waited for its seq in vain is in doubt.
 *
 * Returns: whether there was any
 */
gboolean
tern_sync_outbox_expire (TernSyncOutbox *self,
                         gint64          now_us)
{
  gboolean is_any = FALSE;

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];

      if (entry->state == STATE_ACKED && entry->at_us <= now_us)
        {
          entry->state = STATE_UNCERTAIN;
          is_any = TRUE;
        }
      else if (entry->state == STATE_WAITING && entry->at_us <= now_us)
        entry->at_us = 0; /* its time has come; it may still wait for others */
    }

  return is_any;
}

/**
 * tern_sync_outbox_get_look:
 * @self: an outbox
 * @asked_us: when the newest seqs were asked for last
 *
 * Returns: when they are to be asked for again for the sake of one in doubt,
 *   on the monotonic clock; -1 for not at all
 */
gint64
tern_sync_outbox_get_look (TernSyncOutbox *self,
                           gint64          asked_us)
{
  gint64 first = -1;

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];

      if (entry->state == STATE_UNCERTAIN && entry->at_us > asked_us &&
          (first < 0 || entry->at_us < first))
        first = entry->at_us;
    }

  return first;
}

/**
 * tern_sync_outbox_get_deadline:
 * @self: an outbox
 *
 * Returns: when to look again, on the monotonic clock; -1 for never
 */
gint64
tern_sync_outbox_get_deadline (TernSyncOutbox *self)
{
  gint64 first = -1;

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];

      if ((entry->state == STATE_ACKED || (entry->state == STATE_WAITING && entry->at_us > 0)) &&
          (first < 0 || entry->at_us < first))
        first = entry->at_us;
    }

  return first;
}

/**
 * tern_sync_outbox_list_uncertain:
 * @self: an outbox
 *
 * Returns: (transfer full) (element-type utf8 TernMessageRecord): the
 *   conversations in doubt, each with its oldest message in doubt; until the
 *   outbox changes
 */
GHashTable *
tern_sync_outbox_list_uncertain (TernSyncOutbox *self)
{
  GHashTable *oldest = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];
      TernMessageRecord *known;

      if (entry->state != STATE_UNCERTAIN)
        continue;
      known = g_hash_table_lookup (oldest, entry->message->conversation_id);
      if (known == NULL || entry->message->position < known->position)
        g_hash_table_insert (oldest, entry->message->conversation_id, entry->message);
    }

  return oldest;
}

/**
 * tern_sync_outbox_get_n:
 * @self: an outbox
 *
 * Returns: how many messages the server has not shown to have
 */
guint
tern_sync_outbox_get_n (TernSyncOutbox *self)
{
  return self->entries->len;
}
