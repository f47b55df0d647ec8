/* tern-sync-quotes.c: what was withdrawn is gone from where others quote it, too
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pulls bring a 114 without the words of what was withdrawn, as its seq tells;
 * pushes bring them, and so does each 106 (protocol 03 section 4.9). What can
 * be told from the messages here is done here. Of a message that is not here,
 * because it was deleted for this person or lies below what he may see, only
 * the server knows what became of it: then the 114 is looked at.
 */

#include "config.h"

#include <string.h>

#include "tern-content-json.h"
#include "tern-sync-engine-private.h"

/* So many quotes are looked at because somebody says that a message is gone. */
#define MAX_LOOKS 100

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

/* Whether the message that @content quotes was withdrawn; @is_known: whether
 * that can be told from what is here. */
static gboolean
is_withdrawn (TernSyncEngine          *self,
              const TernMessageRecord *message,
              const TernContent       *content,
              gboolean                *is_known,
              GError                 **error)
{
  g_autoptr(TernMessageRecord) by_seq = NULL;
  g_autoptr(TernMessageRecord) by_name = NULL;

  *is_known = TRUE;
  if (quotes_by_seq (message, content, 0))
    return TRUE;
  if (message->content_type == TERN_CONTENT_QUOTE)
    {
      by_seq = tern_store_find_by_seq (self->db, message->conversation_id, content->quote_seq,
                                       error);
      *is_known = by_seq != NULL;
      if (is_revoked (by_seq) || *error != NULL)
        return *error == NULL;
    }
  if (content->quote_client_id == NULL || content->quote_sender_id == NULL)
    return FALSE;
  by_name = tern_store_find_by_client_id (self->db, message->conversation_id,
                                          content->quote_sender_id, content->quote_client_id,
                                          error);

  return is_revoked (by_name);
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

/* What was gone from the row once stays gone. */
static gboolean
is_gone_here (const TernMessageRecord *row) /* (nullable) */
{
  g_autoptr(TernContent) content = NULL;

  if (row == NULL || !has_quote (row))
    return FALSE;
  content = tern_content_parse (row->content_type, row->content);

  return content->quote != NULL && content->quote->kind == TERN_CONTENT_KIND_REVOKED;
}

/* Before a message is stored: takes the words out of it that were withdrawn.
 * Sets @is_open when only the server can tell whether they were. */
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
  gboolean is_gone;

  *is_open = FALSE;
  if (!has_quote (message))
    return TRUE;
  content = tern_content_parse (message->content_type, message->content);
  if (content->quote == NULL || content->quote->kind == TERN_CONTENT_KIND_REVOKED)
    return TRUE;

  is_gone = is_withdrawn (self, message, content, &is_known, &local_error);
  if (!is_gone && local_error == NULL)
    {
      row = tern_store_find_by_client_id (self->db, message->conversation_id, message->sender_id,
                                          message->client_id, &local_error);
      is_gone = is_gone_here (row);
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (is_gone)
    replace_content (message, tern_content_revoke_quote (message->content));
  else
    *is_open = !is_known;

  return TRUE;
}

/* A message was withdrawn, as the server confirms. */
gboolean
tern_sync_quotes_revoke (TernSyncEngine          *self,
                         const TernMessageRecord *revoked,
                         GError                 **error)
{
  g_autoptr(GPtrArray) rows = tern_store_list_quoting (self->db, revoked->conversation_id,
                                                       revoked->client_id, revoked->seq, error);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const TernMessageRecord *row = rows->pdata[i];
      g_autoptr(TernContent) parsed = tern_content_parse (row->content_type, row->content);
      g_autoptr(GBytes) content = NULL;

      if (quotes_by_seq (row, parsed, revoked->seq) || quotes_by_name (parsed, revoked))
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

/* Somebody says that a message was withdrawn. When it is not here, what quotes
 * it is looked at instead. */
gboolean
tern_sync_quotes_look (TernSyncEngine  *self,
                       const char      *conversation_id,
                       gint64           seq,
                       TernSyncSource  *source,
                       GError         **error)
{
  g_autoptr(TernMessageRecord) row = NULL;
  g_autoptr(GPtrArray) rows = NULL;
  g_autoptr(GError) local_error = NULL;
  guint n_looks = 0;

  /* What is yet to be pulled comes as it is, and takes its quotes along. */
  if (seq < 1 || seq > tern_sync_plan_get_last (self->plan, conversation_id) ||
      (seq >= tern_sync_plan_get_first (self->plan, conversation_id) &&
       !tern_seq_ranges_contains (tern_sync_plan_get_ranges (self->plan, conversation_id), seq)))
    return TRUE;
  row = tern_store_find_by_seq (self->db, conversation_id, seq, &local_error);
  if (row == NULL && local_error == NULL)
    rows = tern_store_list_quoting (self->db, conversation_id, NULL, seq, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  for (guint i = 0; rows != NULL && i < rows->len && n_looks < MAX_LOOKS; i++)
    {
      const TernMessageRecord *quoting = rows->pdata[i];
      g_autoptr(TernContent) content = tern_content_parse (quoting->content_type,
                                                           quoting->content);

      if (quoting->seq == 0 || !quotes_by_seq (quoting, content, seq) ||
          content->quote->kind == TERN_CONTENT_KIND_REVOKED)
        continue;
      tern_sync_look_add (self, conversation_id, quoting->seq, TERN_SYNC_LOOK_PLAIN, source);
      n_looks++;
    }

  return TRUE;
}
