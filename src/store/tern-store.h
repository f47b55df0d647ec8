/* tern-store.h: what is asked of and written to the account's file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Functions that write take a writer with an open transaction and add what
 * they touched to @changes. All others work on any handle. Errors: STORE,
 * STORE_FULL, STORE_CORRUPT. Thread: the handle's.
 *
 * The implementation is spread over tern-store-messages.c, -outbox.c, -pages.c,
 * -conversations.c, -ranges.c and -people.c.
 */

#pragma once

#include <glib.h>

#include "tern-changes.h"
#include "tern-db.h"
#include "tern-records.h"
#include "tern-seq-ranges.h"

G_BEGIN_DECLS

/* --- messages --- */

/* Where a page starts: before or after this row, not including it. */
typedef struct
{
  gint64 position;
  gint64 id;
} TernMessageKey;

/* Inserts or updates by (conversation, sender, client_id), else by
 * (conversation, seq). An own row that waits for its seq gets it; of two seqs
 * with one identity the lower keeps the row. Sets message->id. A record whose
 * client_id is "" is a placeholder: not stored (the caller covers the seq). A
 * record with status DELETED erases what is there. */
gboolean tern_store_put_message (TernDb             *db,
                                 TernMessageRecord  *message,
                                 TernChanges        *changes,
                                 GError            **error);
/* The outbox: a new message of one's own, SENDING, seq 0, at the end. */
gboolean tern_store_add_outgoing (TernDb             *db,
                                  TernMessageRecord  *message,
                                  TernChanges        *changes,
                                  GError            **error);
gboolean tern_store_set_sent (TernDb       *db,
                              const char   *conversation_id,
                              const char   *sender_id,
                              const char   *client_id,
                              const char   *server_id,
                              gint64        sent_ms,
                              TernChanges  *changes,
                              GError      **error);
gboolean tern_store_set_failed (TernDb       *db,
                                const char   *conversation_id,
                                const char   *sender_id,
                                const char   *client_id,
                                const char   *reason,
                                TernChanges  *changes,
                                GError      **error);
gboolean tern_store_set_sending (TernDb       *db,
                                 const char   *conversation_id,
                                 const char   *sender_id,
                                 const char   *client_id,
                                 TernChanges  *changes,
                                 GError      **error);
/* Own rows without a seq that are SENDING, or SENT and not yet seen again. */
GPtrArray *tern_store_list_unsent (TernDb      *db,
                                   const char  *self_id,
                                   GError     **error);
/* (element-type TernMessageRecord): the newest, not many, of one type and sender */
GPtrArray *tern_store_list_unread (TernDb      *db,
                                   const char  *conversation_id,
                                   int          content_type,
                                   const char  *sender_id,
                                   GError     **error);
/* 106 and 114 that may quote a message; only their content says whether they do */
GPtrArray *tern_store_list_quoting (TernDb      *db,
                                    const char  *conversation_id,
                                    const char  *client_id,
                                    gint64       seq,
                                    GError     **error);
/* Each 114 that has a seq */
typedef void (*TernStoreQuoteFunc) (gint64 seq, GBytes *content, gpointer user_data);
gboolean tern_store_foreach_quote (TernDb              *db,
                                   const char          *conversation_id,
                                   TernStoreQuoteFunc   func,
                                   gpointer             user_data,
                                   GError             **error);
gboolean tern_store_set_content (TernDb                   *db,
                                 const TernMessageRecord  *row,
                                 GBytes                   *content,
                                 TernChanges              *changes,
                                 GError                  **error);
gboolean tern_store_delete_seqs (TernDb        *db,
                                 const char    *conversation_id,
                                 const gint64  *seqs,
                                 gsize          n_seqs,
                                 TernChanges   *changes,
                                 GError       **error);
gboolean tern_store_delete_row (TernDb       *db,
                                gint64        id,
                                TernChanges  *changes,
                                GError      **error);
/* Everything with 0 < seq < @min_seq */
gboolean tern_store_delete_below (TernDb       *db,
                                  const char   *conversation_id,
                                  gint64        min_seq,
                                  TernChanges  *changes,
                                  GError      **error);
gboolean tern_store_take_over_receipt (TernDb             *db,
                                       TernMessageRecord  *message,
                                       GError            **error);
/* The peer read own messages up to @seq, and @seqs. */
gboolean tern_store_set_peer_read (TernDb        *db,
                                   const char    *conversation_id,
                                   const char    *self_id,
                                   gint64         seq,
                                   const gint64  *seqs,
                                   gsize          n_seqs,
                                   TernChanges   *changes,
                                   GError       **error);

/* The newest seq that was known when a row without a seq was written. */
gint64 tern_store_seq_before (gint64 position) G_GNUC_CONST;

/* (element-type TernMessageRecord), oldest first; deleted ones left out.
 * @key NULL: from the end (before) or the beginning (after). */
GPtrArray *tern_store_list_before (TernDb                *db,
                                   const char            *conversation_id,
                                   const TernMessageKey  *key,
                                   guint                  limit,
                                   GError               **error);
GPtrArray *tern_store_list_after (TernDb                *db,
                                  const char            *conversation_id,
                                  const TernMessageKey  *key,
                                  guint                  limit,
                                  GError               **error);
GPtrArray *tern_store_list_by_ids (TernDb        *db,
                                   const gint64  *ids,
                                   gsize          n_ids,
                                   GError       **error);
/* seq 0: newest */
GPtrArray *tern_store_list_before_seq (TernDb      *db,
                                       const char  *conversation_id,
                                       gint64       seq,
                                       guint        limit,
                                       GError     **error);
/* The first that was sent at @ms or later; 0 without error: none. */
gboolean tern_store_find_seq_at (TernDb      *db,
                                 const char  *conversation_id,
                                 gint64       ms,
                                 gint64      *seq,
                                 gint64      *sent_ms,
                                 GError     **error);
TernMessageRecord *tern_store_find_by_seq (TernDb      *db,
                                           const char  *conversation_id,
                                           gint64       seq,
                                           GError     **error);
/* NULL without error: none */
TernMessageRecord *tern_store_find_by_client_id (TernDb      *db,
                                                 const char  *conversation_id,
                                                 const char  *sender_id,
                                                 const char  *client_id,
                                                 GError     **error);

/* --- coverage --- */

/* conversation ID → TernSeqRanges, all of them; for the start */
GHashTable *tern_store_load_all_ranges (TernDb  *db,
                                        GError **error);
TernSeqRanges *tern_store_load_ranges (TernDb      *db,
                                       const char  *conversation_id,
                                       GError     **error);
gboolean tern_store_save_ranges (TernDb               *db,
                                 const char           *conversation_id,
                                 const TernSeqRanges  *ranges,
                                 GError              **error);

/* --- conversations --- */

gboolean tern_store_put_conversation (TernDb                        *db,
                                      const TernConversationRecord  *record,
                                      TernChanges                   *changes,
                                      GError                       **error);
/* Makes the row that a message implies, before the record has come by REST. */
gboolean tern_store_ensure_conversation (TernDb                   *db,
                                         const TernMessageRecord  *message,
                                         const char               *self_id,
                                         TernChanges              *changes,
                                         GError                  **error);
gboolean tern_store_hide_conversation (TernDb       *db,
                                       const char   *conversation_id,
                                       TernChanges  *changes,
                                       GError      **error);
/* Both only grow. */
gboolean tern_store_set_seqs (TernDb       *db,
                              const char   *conversation_id,
                              gint64        max_seq,
                              gint64        read_seq,
                              TernChanges  *changes,
                              GError      **error);
/* The lowest seq that the server still shows; only grows. */
gboolean tern_store_set_min_seq (TernDb       *db,
                                 const char   *conversation_id,
                                 gint64        min_seq,
                                 TernChanges  *changes,
                                 GError      **error);
/* A read position that the server has not confirmed; 0: confirmed. */
gboolean tern_store_set_pending_read (TernDb      *db,
                                      const char  *conversation_id,
                                      gint64       seq,
                                      GError     **error);
/* TernSeqState: read_seq */
GPtrArray *tern_store_list_pending_reads (TernDb  *db,
                                          GError **error);
gboolean tern_store_set_draft (TernDb       *db,
                               const char   *conversation_id,
                               const char   *text,
                               gint64        now_ms,
                               TernChanges  *changes,
                               GError      **error);
/* 0 … 4; a mention is told before an announcement. */
gboolean tern_store_add_at_type (TernDb       *db,
                                 const char   *conversation_id,
                                 int           at_type,
                                 TernChanges  *changes,
                                 GError      **error);
/* (element-type TernConversationRow), as shown: visible ones, pinned first,
 * then sort_ms descending, then ID. One query for all. */
GPtrArray *tern_store_list_conversations (TernDb      *db,
                                          const char  *self_id,
                                          GError     **error);
/* NULL without error: none, or not visible */
TernConversationRow *tern_store_find_conversation (TernDb      *db,
                                                   const char  *self_id,
                                                   const char  *conversation_id,
                                                   GError     **error);
/* @row->last, where the list left it out. */
gboolean   tern_store_load_last          (TernDb               *db,
                                          TernConversationRow  *row,
                                          GError              **error);
/* What the plan needs (element-type TernConversationBounds), most recently
 * used first; notification conversations included. */
typedef struct
{
  char   *conversation_id;
  gint64  max_seq;  /* as last told by the server, capped by the record */
  gint64  min_seq;  /* at least 1 */
  gint64  cap_seq;  /* the record's maxSeq; 0: none */
  gint64  sort_ms;
  gint64  read_seq;
} TernConversationBounds;
GPtrArray *tern_store_list_bounds (TernDb  *db,
                                   GError **error);
/* NULL without error: none */
TernConversationBounds *tern_store_find_bounds (TernDb      *db,
                                                const char  *conversation_id,
                                                GError     **error);
void tern_conversation_bounds_free (TernConversationBounds *self);

/* --- people and versions --- */

/* One REST answer, whole: rows, removals, version. */
gboolean tern_store_apply_update (TernDb                  *db,
                                  const TernRecordUpdate  *update,
                                  const char              *self_id,
                                  TernChanges             *changes,
                                  GError                 **error);
gboolean tern_store_get_version (TernDb       *db,
                                 TernDataset   dataset,
                                 const char   *entity,
                                 char        **version_id,
                                 guint64      *version,
                                 GError      **error);
TernUserRecord *tern_store_find_user (TernDb      *db,
                                      const char  *user_id,
                                      GError     **error);
TernGroupRecord *tern_store_find_group (TernDb      *db,
                                        const char  *group_id,
                                        GError     **error);
TernMemberRecord *tern_store_find_member (TernDb      *db,
                                          const char  *group_id,
                                          const char  *user_id,
                                          GError     **error);
GPtrArray *tern_store_list_friends (TernDb  *db,
                                    GError **error);
GPtrArray *tern_store_list_groups (TernDb  *db,
                                   GError **error);
GPtrArray *tern_store_list_members (TernDb      *db,
                                    const char  *group_id,
                                    guint        limit,
                                    GError     **error);

/* --- small values --- */

/* Set by tern_db_salvage(), until all history is here again. */
#define TERN_STORE_SALVAGED "salvaged"

/* (nullable) */
char *tern_store_dup_value (TernDb      *db,
                            const char  *key,
                            GError     **error);
/* (element-type utf8): the keys that begin with @prefix */
GPtrArray *tern_store_list_keys (TernDb      *db,
                                 const char  *prefix,
                                 GError     **error);
gboolean tern_store_set_value (TernDb      *db,
                               const char  *key,
                               const char  *value,
                               GError     **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernConversationBounds, tern_conversation_bounds_free)

G_END_DECLS
