/* tern-sync-quotes.c: what was withdrawn is gone from where others quote it, too
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pulls bring a 114 without the words of what was withdrawn, as its seq tells;
 * pushes bring them, and so does each 106 (protocol 03 section 4.9). What can
 * be told from the messages here is done here. Of a message that is not here,
 * because it was deleted for this person or lies below what he may see, only
 * the server knows what became of it, and tells by what it makes of one 114.
 */

#include "config.h"

#include <string.h>

#include "tern-content-json.h"
#include "tern-sync-engine-private.h"

/* A message that is quoted, and one of those that do. */
typedef struct
{
  gint64 seq;
  gint64 quoting_seq;
} Quote;

/* What is remembered of a conversation. Anybody can name any message in it, as
 * often as he likes: that is not to cost a search each time. */
typedef struct
{
  GHashTable    *quotes;    /* (nullable) (element-type Quote): each 114 with words, by seq; NULL:
                             * not looked for yet */
  TernSeqRanges *withdrawn; /* of what is not here, as the server said; nothing has its words */
} Memory;

static void
memory_free (gpointer data)
{
  Memory *self = data;

  g_clear_pointer (&self->quotes, g_hash_table_unref);
  tern_seq_ranges_free (self->withdrawn);
  g_free (self);
}

/* Empty; nothing in it is needed for good. */
GHashTable *
tern_sync_quotes_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, memory_free);
}

static Memory *
ensure_memory (TernSyncEngine *self,
               const char     *conversation_id)
{
  Memory *memory = g_hash_table_lookup (self->quotes, conversation_id);

  if (memory != NULL)
    return memory;
  memory = g_new0 (Memory, 1);
  memory->withdrawn = tern_seq_ranges_new ();
  g_hash_table_insert (self->quotes, g_strdup (conversation_id), memory);

  return memory;
}

/* Not here, and the server said that it was withdrawn. */
static gboolean
is_withdrawn_there (TernSyncEngine *self,
                    const char     *conversation_id,
                    gint64          seq)
{
  const Memory *memory = g_hash_table_lookup (self->quotes, conversation_id);

  return memory != NULL && tern_seq_ranges_contains (memory->withdrawn, seq);
}

static gboolean
has_quote (const TernMessageRecord *message)
{
  return message->content_type == TERN_CONTENT_AT_TEXT ||
         message->content_type == TERN_CONTENT_QUOTE;
}

/* The server goes by the seq, and without one shows no words at all. */
static gboolean
quotes_by_seq (const TernMessageRecord *message,
               const TernContent       *content,
               gint64                   seq)
{
  return message->content_type == TERN_CONTENT_QUOTE && content->quote_seq == seq;
}

static gboolean
quotes_by_name (const TernContent       *content,
                const TernMessageRecord *quoted)
{
  return g_strcmp0 (content->quote_client_id, quoted->client_id) == 0 &&
         g_strcmp0 (content->quote_sender_id, quoted->sender_id) == 0;
}

static gboolean
is_revoked (const TernMessageRecord *message)
{
  return message != NULL && message->content_type == TERN_CONTENT_REVOKED;
}

static gboolean
has_words (const TernContent *content)
{
  return content->quote != NULL && content->quote->kind != TERN_CONTENT_KIND_REVOKED;
}

/* Whether the message that @content quotes was withdrawn; @is_known: whether
 * that can be told from what is here. */
static gboolean
is_withdrawn (TernSyncEngine          *self,
              const TernMessageRecord *message,
              const TernContent       *content,
              gboolean                *is_known,
              GError                 **error)
{
  const char *id = message->conversation_id;
  g_autoptr(TernMessageRecord) by_seq = NULL;
  g_autoptr(TernMessageRecord) by_name = NULL;

  *is_known = TRUE;
  if (quotes_by_seq (message, content, 0))
    return TRUE;
  if (content->quote_seq > 0)
    by_seq = tern_store_find_by_seq (self->db, id, content->quote_seq, error);
  if (*error != NULL)
    return FALSE;
  if (message->content_type == TERN_CONTENT_QUOTE)
    {
      *is_known = by_seq != NULL;
      if (is_revoked (by_seq))
        return TRUE;
    }
  if (content->quote_client_id != NULL && content->quote_sender_id != NULL)
    by_name = tern_store_find_by_client_id (self->db, id, content->quote_sender_id,
                                            content->quote_client_id, error);
  if (by_seq != NULL || by_name != NULL)
    return is_revoked (by_name);
  if (*error != NULL || is_withdrawn_there (self, id, content->quote_seq))
    return *error == NULL;
  if (tern_seq_ranges_contains (tern_sync_plan_get_ranges (self->plan, id), content->quote_seq))
    *is_known = FALSE;

  return FALSE;
}

static void
replace_content (TernMessageRecord *message,
                 GBytes            *content) /* (transfer full) (nullable) */
{
  if (content == NULL)
    return;
  g_bytes_unref (message->content);
  message->content = content;
}

/* Takes the words out of all that quotes a message that was withdrawn: @revoked,
 * or one of which no more than its number is known. */
static gboolean
take_words (TernSyncEngine          *self,
            const char              *conversation_id,
            gint64                   seq,
            const TernMessageRecord *revoked, /* (nullable) */
            GError                 **error)
{
  g_autoptr(GPtrArray) rows = tern_store_list_quoting (
    self->db, conversation_id, revoked != NULL ? revoked->client_id : NULL, seq, error);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const TernMessageRecord *row = rows->pdata[i];
      g_autoptr(TernContent) parsed = tern_content_parse (row->content_type, row->content);
      g_autoptr(GBytes) content = NULL;

      if (quotes_by_seq (row, parsed, seq) ||
          (revoked != NULL ? quotes_by_name (parsed, revoked) : parsed->quote_seq == seq))
        content = tern_content_revoke_quote (row->content);
      if (content == NULL)
        continue;
      if (!tern_store_set_content (self->db, row, content, self->changes, error))
        return FALSE;
      if (strcmp (row->sender_id, self->user_id) == 0)
        tern_sync_outbox_set_content (self->unsent, row->conversation_id, row->client_id, content);
    }

  return rows != NULL;
}

/* A message that is not here was withdrawn, as the server says: all that quotes
 * it is found once. */
static gboolean
note_withdrawn (TernSyncEngine          *self,
                const char              *conversation_id,
                gint64                   seq,
                const TernMessageRecord *revoked, /* (nullable) */
                GError                 **error)
{
  if (is_withdrawn_there (self, conversation_id, seq))
    return TRUE;
  if (!take_words (self, conversation_id, seq, revoked, error))
    return FALSE;
  tern_seq_ranges_add (ensure_memory (self, conversation_id)->withdrawn, seq, seq);

  return TRUE;
}

/* The words are missing. Those that were there before, under the same number,
 * nobody but the server can have taken. */
static gboolean
check_without_words (TernSyncEngine          *self,
                     const TernMessageRecord *message,
                     const TernMessageRecord *row, /* (nullable) */
                     GError                 **error)
{
  g_autoptr(TernContent) content = NULL;

  if (row == NULL || row->seq == 0 || row->seq != message->seq ||
      row->content_type != TERN_CONTENT_QUOTE || message->content_type != TERN_CONTENT_QUOTE)
    return TRUE;
  content = tern_content_parse (row->content_type, row->content);
  if (!has_words (content) || content->quote_seq == 0)
    return TRUE;

  return note_withdrawn (self, row->conversation_id, content->quote_seq, NULL, error);
}

static void
add_quote (Memory *self,
           gint64  quoting_seq,
           gint64  seq)
{
  const Quote quote = { seq, quoting_seq };

  if (seq > 0 && quoting_seq > 0 && !g_hash_table_contains (self->quotes, &seq))
    g_hash_table_add (self->quotes, g_memdup2 (&quote, sizeof quote));
}

/* What is asked about later is found without a search. */
static void
note_quote (TernSyncEngine          *self,
            const TernMessageRecord *message,
            const TernContent       *content)
{
  Memory *memory = g_hash_table_lookup (self->quotes, message->conversation_id);

  if (memory != NULL && memory->quotes != NULL && message->content_type == TERN_CONTENT_QUOTE)
    add_quote (memory, message->seq, content->quote_seq);
}

/* What was gone from the row once stays gone. */
static gboolean
is_gone_here (const TernMessageRecord *row) /* (nullable) */
{
  g_autoptr(TernContent) content = NULL;

  if (row == NULL || !has_quote (row))
    return FALSE;
  content = tern_content_parse (row->content_type, row->content);

  return content->quote != NULL && !has_words (content);
}

/* Before a message is stored: takes the words out of it that were withdrawn.
 * Sets @is_open when only the server can tell whether they were, by what it
 * makes of the message. It makes nothing of a 106: then it is asked about what
 * that quotes, which tells unless it lies below what this person may see. */
gboolean
tern_sync_quotes_check (TernSyncEngine    *self,
                        TernMessageRecord *message,
                        gboolean          *is_open,
                        GError           **error)
{
  g_autoptr(TernContent) content = NULL;
  g_autoptr(TernMessageRecord) row = NULL;
  g_autoptr(GError) local_error = NULL;
  gboolean is_known = TRUE;
  gboolean is_gone = FALSE;

  *is_open = FALSE;
  if (!has_quote (message))
    return TRUE;
  content = tern_content_parse (message->content_type, message->content);
  if (content->quote == NULL)
    return TRUE;

  row = tern_store_find_by_client_id (self->db, message->conversation_id, message->sender_id,
                                      message->client_id, &local_error);
  if (local_error == NULL && !has_words (content))
    return check_without_words (self, message, row, error);
  if (local_error == NULL)
    is_gone = is_gone_here (row) || is_withdrawn (self, message, content, &is_known, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (is_gone)
    {
      replace_content (message, tern_content_revoke_quote (message->content));
      return TRUE;
    }
  /* Once, when it is new: the answer may bring it again. */
  if (!is_known && message->content_type == TERN_CONTENT_AT_TEXT)
    return (row != NULL && row->seq > 0) ||
           tern_sync_look_add_kept (self, message->conversation_id, content->quote_seq, error);
  *is_open = !is_known;
  note_quote (self, message, content);

  return TRUE;
}

/* A message was withdrawn, as the server confirms. */
gboolean
tern_sync_quotes_revoke (TernSyncEngine          *self,
                         const TernMessageRecord *revoked,
                         GError                 **error)
{
  if (revoked->status == TERN_MESSAGE_DELETED)
    return note_withdrawn (self, revoked->conversation_id, revoked->seq, revoked, error);

  return take_words (self, revoked->conversation_id, revoked->seq, revoked, error);
}

static void
add_row (gint64   seq,
         GBytes  *bytes,
         gpointer user_data)
{
  g_autoptr(TernContent) content = tern_content_parse (TERN_CONTENT_QUOTE, bytes);

  if (has_words (content))
    add_quote (user_data, seq, content->quote_seq);
}

static gboolean
has_quote_of (TernSyncEngine *self,
              const char     *conversation_id,
              const Quote    *quote,
              GError        **error)
{
  g_autoptr(TernMessageRecord) row =
    tern_store_find_by_seq (self->db, conversation_id, quote->quoting_seq, error);
  g_autoptr(TernContent) content = NULL;

  if (row == NULL)
    return FALSE;
  content = tern_content_parse (row->content_type, row->content);

  return quotes_by_seq (row, content, quote->seq) && has_words (content);
}

/* Finds a 114 that has words of the message @seq. All are looked for once, and
 * again when the one that is remembered has gone. */
static gboolean
find_quoting (TernSyncEngine *self,
              const char     *conversation_id,
              gint64          seq,
              gint64         *quoting_seq, /* (out): 0: none */
              GError        **error)
{
  Memory *memory = ensure_memory (self, conversation_id);
  const Quote *quote;
  g_autoptr(GError) local_error = NULL;

  *quoting_seq = 0;
  quote = memory->quotes != NULL ? g_hash_table_lookup (memory->quotes, &seq) : NULL;
  if (memory->quotes == NULL ||
      (quote != NULL && !has_quote_of (self, conversation_id, quote, &local_error)))
    {
      g_clear_pointer (&memory->quotes, g_hash_table_unref);
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      memory->quotes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
      if (!tern_store_foreach_quote (self->db, conversation_id, add_row, memory, error))
        return FALSE;
      quote = g_hash_table_lookup (memory->quotes, &seq);
    }
  if (quote != NULL)
    *quoting_seq = quote->quoting_seq;

  return TRUE;
}

/* A message that is gone may have been looked at for the sake of what it quotes:
 * then another one that quotes the same is looked at. */
gboolean
tern_sync_quotes_look_further (TernSyncEngine           *self,
                               const TernMessageRecord  *gone,
                               TernSyncSource           *source,
                               GError                  **error)
{
  g_autoptr(TernContent) content = NULL;

  if (gone->content_type != TERN_CONTENT_QUOTE)
    return TRUE;
  content = tern_content_parse (gone->content_type, gone->content);

  return !has_words (content) || content->quote_seq == 0 ||
         tern_sync_quotes_look (self, gone->conversation_id, content->quote_seq, source, error);
}

/* Somebody says that a message was withdrawn. When it is not here, one that
 * quotes it is looked at instead: it comes without the words if that is so. */
gboolean
tern_sync_quotes_look (TernSyncEngine  *self,
                       const char      *conversation_id,
                       gint64           seq,
                       TernSyncSource  *source,
                       GError         **error)
{
  g_autoptr(TernMessageRecord) row = NULL;
  g_autoptr(GError) local_error = NULL;
  gint64 quoting_seq = 0;

  /* What is yet to be pulled comes as it is, and takes its quotes along. */
  if (seq < 1 || seq > tern_sync_plan_get_last (self->plan, conversation_id) ||
      (seq >= tern_sync_plan_get_first (self->plan, conversation_id) &&
       !tern_seq_ranges_contains (tern_sync_plan_get_ranges (self->plan, conversation_id), seq)))
    return TRUE;
  row = tern_store_find_by_seq (self->db, conversation_id, seq, &local_error);
  if (row == NULL && local_error == NULL)
    (void) find_quoting (self, conversation_id, seq, &quoting_seq, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (quoting_seq > 0)
    tern_sync_look_add (self, conversation_id, quoting_seq, TERN_SYNC_LOOK_PLAIN, source);

  return TRUE;
}
