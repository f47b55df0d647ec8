/* tern-session.h: one signed-in account: store, worker, connection, models
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Builds and joins the parts; ui and cli know nothing below it but model and
 * base. Re-emits the worker's signals:
 *
 *   sync-begin (TernSyncReason) · sync-progress (guint, guint) ·
 *   sync-end (guint) · sync-failed (GError)
 *   ended (GError *error)   token gone or store broken: only close is left
 *
 * Properties: state (TernSyncState), error (why OFFLINE, nullable),
 * is-complete. Main thread only.
 */

#pragma once

#include <gio/gio.h>

#include "tern-account.h"
#include "tern-conversation-list.h"
#include "tern-media.h"
#include "tern-message-list.h"
#include "tern-records.h"

G_BEGIN_DECLS

/* What is on disk of a conversation. */
typedef struct
{
  char   *conversation_id;
  gint64  first; /* what the person may see: from here */
  gint64  last;  /* … to here */
  GArray *holes; /* (element-type TernSeqRange): what of it is not here */
  gint64  n_missing;
} TernCoverage;

/* What the server has otherwise than the disk. */
typedef struct
{
  char       *conversation_id;
  gint64      seq;
  const char *what; /* "missing", "different", "extra" */
} TernDifference;

#define TERN_TYPE_SESSION (tern_session_get_type ())
G_DECLARE_FINAL_TYPE (TernSession, tern_session, TERN, SESSION, GObject)

typedef enum
{
  TERN_SESSION_JSON,
  TERN_SESSION_GOB,
} TernSessionEncoding;

TernSession          *tern_session_new            (const TernAccount   *account,
                                                   /* (nullable): $XDG_DATA_HOME/tern */
                                                   const char          *data_dir);
void                  tern_session_set_encoding   (TernSession         *self,
                                                   TernSessionEncoding  encoding,
                                                   gboolean             is_gzip); /* before open */
/* Locks the folder, opens the store, shows what is on disk. Errors: IN_USE,
 * STORE… . The connection is begun when @is_online. */
void                  tern_session_open_async     (TernSession         *self,
                                                   gboolean             is_online,
                                                   GCancellable        *cancellable,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);
gboolean              tern_session_open_finish    (TernSession         *self,
                                                   GAsyncResult        *result,
                                                   GError             **error);
/* At most 3 s; never fails. */
void                  tern_session_close_async    (TernSession         *self,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);
void                  tern_session_close_finish   (TernSession         *self,
                                                   GAsyncResult        *result);

const TernAccount    *tern_session_get_account    (TernSession         *self);
TernSyncState         tern_session_get_state      (TernSession         *self);
const GError         *tern_session_get_error      (TernSession         *self); /* (nullable) */
gboolean              tern_session_get_is_complete (TernSession        *self);
/* The store was damaged; what was in it is being fetched again. */
gboolean              tern_session_get_was_salvaged (TernSession       *self);
guint                 tern_session_get_n_unsent   (TernSession         *self);
TernConversationList *tern_session_get_conversations (TernSession      *self); /* (transfer none) */
TernMedia            *tern_session_get_media      (TernSession         *self); /* (transfer none) */
TernMessageList      *tern_session_open_messages  (TernSession         *self,
                                                   const char          *conversation_id)
                                                   G_GNUC_WARN_UNUSED_RESULT;

/* Completes when the message is on disk: returns the client ID. @at:
 * (element-type TernPerson) (nullable). @quoted: (nullable). */
void                  tern_session_send_text_async  (TernSession       *self,
                                                   const char          *conversation_id,
                                                   const char          *text,
                                                   GPtrArray           *at,
                                                   TernMessage         *quoted,
                                                   GCancellable        *cancellable,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);
char                 *tern_session_send_text_finish (TernSession       *self,
                                                   GAsyncResult        *result,
                                                   GError             **error);
/* The same with what another message says; @message must be one that
 * tern_session_may_forward(). */
gboolean              tern_session_may_forward    (TernMessage         *message);
void                  tern_session_forward_async  (TernSession         *self,
                                                   const char          *conversation_id,
                                                   TernMessage         *message,
                                                   GCancellable        *cancellable,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);
/* All of them as one, which opens. (element-type TernMessage), of one chat,
 * oldest first. The same finish. */
gboolean              tern_session_may_merge      (TernSession         *self,
                                                   GPtrArray           *messages);
void                  tern_session_forward_merged_async (TernSession   *self,
                                                   const char          *conversation_id,
                                                   GPtrArray           *messages,
                                                   GCancellable        *cancellable,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);
char                 *tern_session_forward_finish (TernSession         *self,
                                                   GAsyncResult        *result,
                                                   GError             **error);
void                  tern_session_resend         (TernSession         *self,
                                                   TernMessage         *message);
void                  tern_session_mark_read      (TernSession         *self,
                                                   const char          *conversation_id,
                                                   gint64               seq);
void                  tern_session_save_draft     (TernSession         *self,
                                                   const char          *conversation_id,
                                                   const char          *text);
void                  tern_session_set_pinned_async (TernSession       *self,
                                                   const char          *conversation_id,
                                                   gboolean             is_pinned,
                                                   GCancellable        *cancellable,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);
void                  tern_session_set_muted_async (TernSession        *self,
                                                   const char          *conversation_id,
                                                   gboolean             is_muted,
                                                   GCancellable        *cancellable,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);
gboolean              tern_session_change_finish  (TernSession         *self,
                                                   GAsyncResult        *result,
                                                   GError             **error);
/* Until something new is written in it. */
void                  tern_session_hide           (TernSession         *self,
                                                   const char          *conversation_id);
/* Who may be mentioned there (element-type TernPerson). */
GPtrArray            *tern_session_list_people    (TernSession         *self,
                                                   const char          *conversation_id)
                                                   G_GNUC_WARN_UNUSED_RESULT;
/* The first that mentions one after @after_seq; 0: none. */
gint64                tern_session_find_mention   (TernSession         *self,
                                                   const char          *conversation_id,
                                                   gint64               after_seq);
/* At most one notice per 10 s; to groups too. */
void                  tern_session_note_typing    (TernSession         *self,
                                                   const char          *conversation_id);
void                  tern_session_set_in_use     (TernSession         *self,
                                                   gboolean             is_in_use);
void                  tern_session_set_focus      (TernSession         *self,
                                                   const char          *conversation_id);
void                  tern_session_check_now      (TernSession         *self);
void                  tern_session_sync_now       (TernSession         *self);

/* For tern-cli: plain reads, also offline. */
GPtrArray            *tern_session_list_before_seq (TernSession        *self,
                                                   const char          *conversation_id,
                                                   gint64               seq,
                                                   guint                limit,
                                                   /* TernMessageRecord */
                                                   GError             **error);
TernMessageRecord    *tern_session_find_message   (TernSession         *self,
                                                   const char          *conversation_id,
                                                   const char          *client_id,
                                                   GError             **error);
/* The plain text of a message; "" when it says nothing in words. */
char                 *tern_session_dup_text       (TernSession             *self,
                                                   const TernMessageRecord *message)
                                                   G_GNUC_WARN_UNUSED_RESULT;
/* What is here and what is not, of each conversation and of the streams of
 * notifications that go with them (element-type TernCoverage). */
GPtrArray            *tern_session_list_coverage  (TernSession         *self,
                                                   GError             **error);
void                  tern_coverage_free          (TernCoverage        *self);
/* Read positions that the server is still to be told. */
guint                 tern_session_get_n_pending_reads (TernSession    *self);
void                  tern_session_set_paused     (TernSession         *self,
                                                   gboolean             is_paused);

void                  tern_session_revoke_async   (TernSession         *self,
                                                   const char          *conversation_id,
                                                   gint64               seq,
                                                   GCancellable        *cancellable,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);
gboolean              tern_session_revoke_finish  (TernSession         *self,
                                                   GAsyncResult        *result,
                                                   GError             **error);
gboolean              tern_session_may_revoke     (TernSession         *self,
                                                   TernMessage         *message);
/* So that it can be written anew when it was taken back; not on disk. */
void                  tern_session_remember_text  (TernSession         *self,
                                                   TernMessage         *message);
/* (nullable) */
const char           *tern_session_get_remembered_text (TernSession    *self,
                                                   TernMessage         *message);
/* @messages: (element-type TernMessage): of one conversation */
void                  tern_session_delete_async   (TernSession         *self,
                                                   GPtrArray           *messages,
                                                   GCancellable        *cancellable,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);
gboolean              tern_session_delete_finish  (TernSession         *self,
                                                   GAsyncResult        *result,
                                                   GError             **error);
/* The first message of that time or later; 0: none is here. */
gint64                tern_session_find_seq_at    (TernSession         *self,
                                                   const char          *conversation_id,
                                                   gint64               ms,
                                                   gint64              *sent_ms);
/* Where somebody was reading; seq 0: at the end. */
void                  tern_session_save_place     (TernSession         *self,
                                                   const char          *conversation_id,
                                                   gint64               seq,
                                                   double               y);
gboolean              tern_session_find_place     (TernSession         *self,
                                                   const char          *conversation_id,
                                                   gint64              *seq,
                                                   double              *y);
void                  tern_session_verify_async   (TernSession         *self,
                                                   GCancellable        *cancellable,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);
GPtrArray            *tern_session_verify_finish  (TernSession         *self,
                                                   GAsyncResult        *result,
                                                   GError             **error);
void                  tern_difference_free        (TernDifference      *self);

/* In words, translated; text from others is in it as it is: never markup. */
char                 *tern_session_word_preview   (TernSession         *self,
                                                   const TernContent   *content,
                                                   const char          *sender_name,
                                                   gboolean             is_own)
                                                   G_GNUC_WARN_UNUSED_RESULT;
char                 *tern_session_word_notice    (TernSession         *self,
                                                   TernMessage         *message)
                                                   G_GNUC_WARN_UNUSED_RESULT;
char                 *tern_session_word_error     (const GError        *error)
                                                   G_GNUC_WARN_UNUSED_RESULT;
/* @reason: TernMessageRecord.error */
char                 *tern_session_word_failure   (const char          *reason)
                                                   G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
