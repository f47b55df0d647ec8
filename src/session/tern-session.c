/* tern-session.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <unistd.h>

#include "tern-content-json.h"
#include "tern-session-private.h"

G_DEFINE_FINAL_TYPE (TernSession, tern_session, G_TYPE_OBJECT)

GParamSpec *tern_session_properties[PROP_IS_COMPLETE + 1];
guint tern_session_signals[N_SIGNALS];

static void
tern_session_get_property (GObject    *object,
                           guint       property_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  TernSession *self = TERN_SESSION (object);

  switch ((TernSessionProperty) property_id)
    {
    case PROP_STATE:
      g_value_set_int (value, (int) tern_session_get_state (self));
      break;
    case PROP_IS_COMPLETE:
      g_value_set_boolean (value, tern_session_get_is_complete (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
      break;
    }
}

static void
tern_session_finalize (GObject *object)
{
  TernSession *self = TERN_SESSION (object);

  g_clear_handle_id (&self->resume_id, g_source_remove);
  if (self->worker != NULL)
    g_signal_handlers_disconnect_by_data (self->worker, self);
  g_clear_object (&self->conversations);
  g_clear_object (&self->media);
  g_clear_pointer (&self->message_lists, g_ptr_array_unref);
  g_clear_object (&self->read_marks);
  g_clear_object (&self->records);
  g_clear_object (&self->reachability);
  g_clear_object (&self->connection);
  g_clear_object (&self->api);
  g_clear_object (&self->soup);
  g_clear_object (&self->worker);
  g_clear_pointer (&self->reader, tern_db_close);
  g_clear_pointer (&self->self_user, tern_user_record_free);
  g_clear_pointer (&self->account, tern_account_free);
  g_clear_error (&self->error);
  g_clear_pointer (&self->withdrawn, g_hash_table_unref);
  if (self->lock_fd >= 0)
    close (self->lock_fd);
  g_free (self->folder);
  g_free (self->typing_in);

  G_OBJECT_CLASS (tern_session_parent_class)->finalize (object);
}

static void
tern_session_class_init (TernSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->get_property = tern_session_get_property;
  object_class->finalize = tern_session_finalize;

  tern_session_properties[PROP_STATE] =
    g_param_spec_int ("state", NULL, NULL, 0, TERN_SYNC_STOPPED, TERN_SYNC_OFFLINE,
                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  tern_session_properties[PROP_IS_COMPLETE] =
    g_param_spec_boolean ("is-complete", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (tern_session_properties),
                                     tern_session_properties);

  tern_session_signals[SIGNAL_SYNC_BEGIN] =
    g_signal_new ("sync-begin", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                  G_TYPE_INT);
  tern_session_signals[SIGNAL_SYNC_PROGRESS] =
    g_signal_new ("sync-progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                  G_TYPE_UINT, G_TYPE_UINT);
  tern_session_signals[SIGNAL_SYNC_END] =
    g_signal_new ("sync-end", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                  G_TYPE_UINT);
  tern_session_signals[SIGNAL_SYNC_FAILED] =
    g_signal_new ("sync-failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                  G_TYPE_ERROR);
  tern_session_signals[SIGNAL_ENDED] =
    g_signal_new ("ended", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                  G_TYPE_ERROR);
}

static void
tern_session_init (TernSession *self)
{
  self->lock_fd = -1;
  self->message_lists = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * tern_session_new:
 * @account: who, where, and the token
 * @data_dir: (nullable): where all accounts are; %NULL: $XDG_DATA_HOME/tern
 *
 * Returns: (transfer full): a session that is not open
 */
TernSession *
tern_session_new (const TernAccount *account,
                  const char        *data_dir)
{
  TernSession *self = g_object_new (TERN_TYPE_SESSION, NULL);

  self->account = tern_account_copy (account);
  self->folder = tern_account_dup_folder (account, data_dir);
  self->format.encoding = TERN_ENCODING_JSON;

  return self;
}

/**
 * tern_session_set_encoding:
 * @self: a session that is not open
 * @encoding: the envelope's encoding
 * @is_gzip: whether frames are compressed
 */
void
tern_session_set_encoding (TernSession         *self,
                           TernSessionEncoding  encoding,
                           gboolean             is_gzip)
{
  g_return_if_fail (TERN_IS_SESSION (self));
  g_return_if_fail (self->worker == NULL);

  self->format.encoding = encoding == TERN_SESSION_GOB ? TERN_ENCODING_GOB : TERN_ENCODING_JSON;
  self->format.is_gzip = is_gzip;
}

/* --- what it is --- */

/**
 * tern_session_get_account:
 * @self: a session
 *
 * Returns: (transfer none): who is signed in
 */
const TernAccount *
tern_session_get_account (TernSession *self)
{
  return self->account;
}

/**
 * tern_session_get_state:
 * @self: a session
 *
 * Returns: how things stand
 */
TernSyncState
tern_session_get_state (TernSession *self)
{
  return self->worker != NULL ? tern_sync_worker_get_state (self->worker) : TERN_SYNC_OFFLINE;
}

/**
 * tern_session_get_error:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): why there is no line, or nothing can be
 *   stored
 */
const GError *
tern_session_get_error (TernSession *self)
{
  return self->error;
}

/**
 * tern_session_get_is_complete:
 * @self: a session
 *
 * Returns: whether all history is on disk
 */
gboolean
tern_session_get_is_complete (TernSession *self)
{
  return self->worker != NULL && tern_sync_worker_get_is_complete (self->worker);
}

/**
 * tern_session_get_was_salvaged:
 * @self: a session that is open
 *
 * Stays as it was when the session was opened; is-complete says when all is
 * there again.
 *
 * Returns: whether the store was damaged, at this start or at one before, and
 *   not all history was on disk again when this session was opened
 */
gboolean
tern_session_get_was_salvaged (TernSession *self)
{
  return self->was_salvaged;
}

/**
 * tern_session_get_n_unsent:
 * @self: a session
 *
 * Returns: how many messages the server has not shown to have
 */
guint
tern_session_get_n_unsent (TernSession *self)
{
  return self->worker != NULL ? tern_sync_worker_get_n_unsent (self->worker) : 0;
}

/**
 * tern_session_get_conversations:
 * @self: an open session
 *
 * Returns: (transfer none): the conversations
 */
TernConversationList *
tern_session_get_conversations (TernSession *self)
{
  return self->conversations;
}

/**
 * tern_session_get_media:
 * @self: a session
 *
 * Returns: (transfer none): what others sent
 */
TernMedia *
tern_session_get_media (TernSession *self)
{
  if (self->media == NULL)
    self->media = tern_media_new (self->folder, self->account->servers->api,
                                  self->account->pinned_sha256);

  return self->media;
}

/**
 * tern_session_open_messages:
 * @self: an open session
 * @conversation_id: a conversation
 *
 * Returns: (transfer full): its messages, none loaded yet
 */
TernMessageList *
tern_session_open_messages (TernSession *self,
                            const char  *conversation_id)
{
  TernMessageList *list;

  g_return_val_if_fail (self->reader != NULL, NULL);

  /* Only those that somebody else still holds need to be detached later. */
  for (guint i = self->message_lists->len; i > 0; i--)
    {
      GObject *old = self->message_lists->pdata[i - 1];

      if (old->ref_count == 1)
        g_ptr_array_remove_index_fast (self->message_lists, i - 1);
    }
  list = tern_message_list_new (self->reader, self->worker, self->account->user_id,
                                conversation_id);
  g_ptr_array_add (self->message_lists, g_object_ref (list));

  return list;
}

/**
 * tern_session_mark_read:
 * @self: an open session
 * @conversation_id: a conversation
 * @seq: what was seen last
 *
 * Here at once; the server is told soon, or when there is a line again.
 */
void
tern_session_mark_read (TernSession *self,
                        const char  *conversation_id,
                        gint64       seq)
{
  if (seq > 0 && self->read_marks != NULL)
    tern_read_marks_add (self->read_marks, conversation_id, seq);
}

/**
 * tern_session_save_draft:
 * @self: an open session
 * @conversation_id: a conversation
 * @text: the draft; "" for none
 */
void
tern_session_save_draft (TernSession *self,
                         const char  *conversation_id,
                         const char  *text)
{
  if (self->worker != NULL)
    tern_sync_worker_save_draft_async (self->worker, conversation_id, text, NULL, NULL, NULL);
}

/**
 * tern_session_set_in_use:
 * @self: a session
 * @is_in_use: whether somebody looks at the window
 */
void
tern_session_set_in_use (TernSession *self,
                         gboolean     is_in_use)
{
  if (self->connection == NULL)
    return;

  tern_connection_set_in_use (self->connection, is_in_use);
  if (is_in_use)
    tern_connection_check_now (self->connection);
}

/**
 * tern_session_set_focus:
 * @self: a session
 * @conversation_id: (nullable): what somebody looks at: it is fetched first
 */
void
tern_session_set_focus (TernSession *self,
                        const char  *conversation_id)
{
  if (self->worker != NULL)
    tern_sync_worker_set_focus (self->worker, conversation_id);
}

/**
 * tern_session_check_now:
 * @self: a session
 *
 * Something hints that the line is dead or can be had again.
 */
void
tern_session_check_now (TernSession *self)
{
  if (self->connection != NULL)
    tern_connection_check_now (self->connection);
}

/**
 * tern_session_sync_now:
 * @self: a session
 *
 * Asks for what is new.
 */
void
tern_session_sync_now (TernSession *self)
{
  if (self->worker != NULL)
    tern_sync_worker_sync_now (self->worker);
}

/* --- plain reads --- */

/**
 * tern_session_list_before_seq:
 * @self: an open session
 * @conversation_id: a conversation
 * @seq: before this one; 0: the newest
 * @limit: how many at the most
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable) (element-type TernMessageRecord): oldest
 *   first
 */
GPtrArray *
tern_session_list_before_seq (TernSession  *self,
                              const char   *conversation_id,
                              gint64        seq,
                              guint         limit,
                              GError      **error)
{
  g_return_val_if_fail (self->reader != NULL, NULL);

  return tern_store_list_before_seq (self->reader, conversation_id, seq, limit, error);
}

/**
 * tern_session_find_message:
 * @self: an open session
 * @conversation_id: a conversation
 * @client_id: an own message
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): the message; %NULL without an error when
 *   there is none
 */
TernMessageRecord *
tern_session_find_message (TernSession  *self,
                           const char   *conversation_id,
                           const char   *client_id,
                           GError      **error)
{
  g_return_val_if_fail (self->reader != NULL, NULL);

  return tern_store_find_by_client_id (self->reader, conversation_id, self->account->user_id,
                                       client_id, error);
}

/**
 * tern_session_dup_text:
 * @self: a session
 * @message: any message
 *
 * Returns: (transfer full): what it says in words, or ""; never markup
 */
char *
tern_session_dup_text (TernSession             *self,
                       const TernMessageRecord *message)
{
  g_autoptr(TernContent) content = tern_content_parse (message->content_type, message->content);

  return tern_content_dup_text (content);
}

/**
 * tern_session_list_coverage:
 * @self: an open session
 * @error: return location for a #GError
 *
 * Errors: the store's.
 *
 * Returns: (transfer full) (nullable) (element-type TernCoverage): what is
 *   here of each conversation, the most recently used first
 */
GPtrArray *
tern_session_list_coverage (TernSession  *self,
                            GError      **error)
{
  g_autoptr(GPtrArray) bounds = NULL;
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_coverage_free);

  g_return_val_if_fail (self->reader != NULL, NULL);

  bounds = tern_store_list_bounds (self->reader, error);
  if (bounds == NULL)
    return NULL;

  for (guint i = 0; i < bounds->len; i++)
    {
      const TernConversationBounds *bound = bounds->pdata[i];
      g_autoptr(TernSeqRanges) ranges =
        tern_store_load_ranges (self->reader, bound->conversation_id, error);
      TernCoverage *coverage;

      if (ranges == NULL)
        return NULL;
      coverage = g_new0 (TernCoverage, 1);
      coverage->conversation_id = g_strdup (bound->conversation_id);
      coverage->first = bound->min_seq;
      coverage->last = bound->max_seq;
      coverage->holes = tern_seq_ranges_get_holes (ranges, bound->min_seq, bound->max_seq);
      coverage->n_missing = tern_seq_ranges_count_missing (ranges, bound->min_seq, bound->max_seq);
      g_ptr_array_add (list, coverage);
    }

  return g_steal_pointer (&list);
}

/**
 * tern_coverage_free:
 * @self: (transfer full): the coverage of a conversation
 */
void
tern_coverage_free (TernCoverage *self)
{
  g_array_unref (self->holes);
  g_free (self->conversation_id);
  g_free (self);
}

/**
 * tern_session_get_n_pending_reads:
 * @self: an open session
 *
 * Returns: of how many conversations the server does not know yet that they
 *   were read
 */
guint
tern_session_get_n_pending_reads (TernSession *self)
{
  g_autoptr(GPtrArray) pending = NULL;

  g_return_val_if_fail (self->reader != NULL, 0);

  pending = tern_store_list_pending_reads (self->reader, NULL);

  return pending != NULL ? pending->len : 0;
}

/**
 * tern_session_set_paused:
 * @self: an open session
 * @is_paused: whether older history is left alone for now
 *
 * What is new comes all the same.
 */
void
tern_session_set_paused (TernSession *self,
                         gboolean     is_paused)
{
  if (self->worker != NULL)
    tern_sync_worker_set_paused (self->worker, is_paused);
}
