/* tern-store-conversations.c: the conversation list and its numbers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Name, order, unread count and visibility are computed when read, from what
 * the server told and what is here (protocol 03 section 3). Which message is
 * the last, and when it was sent, is kept: so the whole list is read without a
 * look at messages, which lie all over a large file.
 */

#include "config.h"

#include "tern-db-private.h"

/* Each UPDATE below has a WHERE that leaves out what is so already, so that
 * the number of rows says whether anything changed. Always TRUE. */
static gboolean
note_changed (int          n_changed,
              const char  *conversation_id,
              TernChanges *changes)
{
  if (n_changed > 0)
    tern_changes_add_conversation (changes, conversation_id);
  return TRUE;
}

/* What a mark is after @new is added: a mention, of me or of everybody, is told
 * before an announcement. */
#define ADDED_AT_TYPE(new) \
  "CASE WHEN (at_type | " new ") & 3 THEN (at_type | " new ") & 3 ELSE at_type | " new " END"

/* What else a server, or a later one, may write there says nothing. */
static gint64
sane_at_type (int at_type)
{
  return at_type > TERN_AT_ANNOUNCEMENT || at_type < 0 ? 0 : at_type;
}

/**
 * tern_store_put_conversation:
 * @record: the server's record
 *
 * Takes over the server's settings of a conversation. When its minSeq grew,
 * history was cleared, here or on another device: the messages below go too.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_put_conversation (TernDb                        *db,
                             const TernConversationRecord  *record,
                             TernChanges                   *changes,
                             GError                       **error)
{
  /* at_type: nothing ever resets the server's (protocol 03 section 3.7), and
   * most marks are made here, so a zero says nothing. */
  static const char sql[] =
    "UPDATE conversations SET chat_type = ?2, user_id = ?3, group_id = ?4, recv_opt = ?5,"
    " at_type = " ADDED_AT_TYPE ("?6") ", burn_s = ?7, is_pinned = ?8, is_private = ?9,"
    " is_destruct = ?10, destruct_s = ?11, latest_destruct_ms = ?12, attached_info = ?13,"
    " ex = ?14, record_min_seq = ?15, cap_seq = ?16 WHERE id = ?1 AND"
    " (chat_type, user_id, group_id, recv_opt, at_type, burn_s, is_pinned, is_private, is_destruct,"
    "  destruct_s, latest_destruct_ms, attached_info, ex, record_min_seq, cap_seq) IS NOT"
    " (?2, ?3, ?4, ?5, " ADDED_AT_TYPE ("?6") ", ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
  gint64 key;
  int n_changed;

  if (!tern_db_ensure_key (db, record->id, &key, error)
      || !tern_db_run (db, &n_changed, error, sql, "iissiiiiiiiissii", key,
                       (gint64) record->chat_type, record->user_id, record->group_id,
                       (gint64) record->recv_opt, sane_at_type (record->at_type),
                       (gint64) record->burn_s, (gint64) (record->is_pinned != FALSE),
                       (gint64) (record->is_private != FALSE),
                       (gint64) (record->is_destruct != FALSE), record->destruct_s,
                       record->latest_destruct_ms, record->attached_info, record->ex,
                       MAX (record->min_seq, 0), MAX (record->max_seq, 0)))
    return FALSE;
  note_changed (n_changed, record->id, changes);
  return record->min_seq <= 1
         || tern_store_erase_below (db, key, record->id, record->min_seq, changes, error);
}

/**
 * tern_store_ensure_conversation:
 * @message: a message that was stored or is about to be
 *
 * Makes the row that a message implies, before its record has come by REST;
 * remembers how the peer calls itself, for the time that nothing better is
 * known; and, the message being one's own, raises the read position as the
 * server does (protocol 03 section 3.3). To be called for each message.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_ensure_conversation (TernDb                   *db,
                                const TernMessageRecord  *message,
                                const char               *self_id,
                                TernChanges              *changes,
                                GError                  **error)
{
  static const char kind_sql[] =
    "UPDATE conversations SET chat_type = ?2, user_id = ?3, group_id = ?4"
    " WHERE id = ?1 AND chat_type = 0";
  static const char peer_sql[] =
    "UPDATE conversations SET peer_name = ?2, peer_face_url = ?3 WHERE id = ?1"
    " AND (peer_name = '' OR max_seq <= ?4) AND (peer_name <> ?2 OR peer_face_url <> ?3)";
  static const char read_sql[] =
    "UPDATE conversations SET read_seq = ?2,"
    " at_type = CASE WHEN ?2 < max_seq THEN at_type ELSE 0 END WHERE id = ?1 AND read_seq < ?2";
  gboolean is_own = g_str_equal (message->sender_id, self_id);
  gboolean is_group = message->chat_type == TERN_CHAT_GROUP;
  gint64 key;
  int n_kind = 0;
  int n_peer = 0;
  int n_read = 0;

  if (!tern_db_ensure_key (db, message->conversation_id, &key, error)
      || !tern_db_run (db, &n_kind, error, kind_sql, "iiss", key, (gint64) message->chat_type,
                       is_group ? "" : is_own ? message->recv_id : message->sender_id,
                       is_group ? message->group_id : ""))
    return FALSE;
  if (!is_group && !is_own && message->sender_name[0] != '\0'
      && !tern_db_run (db, &n_peer, error, peer_sql, "issi", key, message->sender_name,
                       message->sender_face_url, message->seq))
    return FALSE;
  if (is_own && message->seq > 0
      && !tern_db_run (db, &n_read, error, read_sql, "ii", key, message->seq))
    return FALSE;
  return note_changed (n_kind + n_peer + n_read, message->conversation_id, changes);
}

/**
 * tern_store_hide_conversation:
 *
 * Takes a conversation, and its draft, off the list until something new comes.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_hide_conversation (TernDb       *db,
                              const char   *conversation_id,
                              TernChanges  *changes,
                              GError      **error)
{
  static const char sql[] =
    "UPDATE conversations SET hidden_position = max (last_position, min (max_seq, ?2) * ?3),"
    " draft = '', draft_ms = 0 WHERE id = ?1";
  gint64 key;
  int n_changed;

  return tern_db_find_key (db, conversation_id, &key, error)
         && tern_db_run (db, &n_changed, error, sql, "iii", key,
                         tern_message_row_position (G_MAXINT64) / TERN_POSITION_STEP,
                         TERN_POSITION_STEP)
         && note_changed (n_changed, conversation_id, changes);
}

/* Read to the end, on any device, nobody mentions one any more. */
#define READ_ALL \
  " at_type = CASE WHEN max (read_seq, ?3) < max (max_seq, ?2) THEN at_type ELSE 0 END"

/**
 * tern_store_set_seqs:
 * @max_seq: the newest on the server; 0: not known
 * @read_seq: read up to here; 0: not known
 *
 * Raises what is known: neither goes back.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_set_seqs (TernDb       *db,
                     const char   *conversation_id,
                     gint64        max_seq,
                     gint64        read_seq,
                     TernChanges  *changes,
                     GError      **error)
{
  static const char sql[] =
    "UPDATE conversations SET max_seq = max (max_seq, ?2), read_seq = max (read_seq, ?3)," READ_ALL
    " WHERE id = ?1 AND (max_seq < ?2 OR read_seq < ?3)";
  gint64 key;
  int n_changed;

  return tern_db_ensure_key (db, conversation_id, &key, error)
         && tern_db_run (db, &n_changed, error, sql, "iii", key, MAX (max_seq, 0),
                         MAX (read_seq, 0))
         && note_changed (n_changed, conversation_id, changes);
}

/**
 * tern_store_set_min_seq:
 * @min_seq: the lowest seq that the server still shows
 *
 * Raises the lower bound. Erases nothing: see tern_store_delete_below().
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_set_min_seq (TernDb       *db,
                        const char   *conversation_id,
                        gint64        min_seq,
                        TernChanges  *changes,
                        GError      **error)
{
  static const char sql[] =
    "UPDATE conversations SET min_seq = ?2 WHERE id = ?1 AND min_seq < ?2";
  gint64 key;
  int n_changed;

  return tern_db_ensure_key (db, conversation_id, &key, error)
         && tern_db_run (db, &n_changed, error, sql, "ii", key, min_seq)
         && note_changed (n_changed, conversation_id, changes);
}

/**
 * tern_store_set_pending_read:
 * @seq: what the server is to be told; 0: it knows
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_set_pending_read (TernDb      *db,
                             const char  *conversation_id,
                             gint64       seq,
                             GError     **error)
{
  static const char sql[] = "UPDATE conversations SET pending_read_seq = ?2 WHERE id = ?1";
  gint64 key;

  return tern_db_ensure_key (db, conversation_id, &key, error)
         && tern_db_run (db, NULL, error, sql, "ii", key, MAX (seq, 0));
}

/**
 * tern_store_list_pending_reads:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type TernSeqState) (nullable): what the
 *   server is to be told, as read_seq
 */
GPtrArray *
tern_store_list_pending_reads (TernDb  *db,
                               GError **error)
{
  static const char sql[] =
    "SELECT conversation_id, max_seq, pending_read_seq FROM conversations"
    " WHERE pending_read_seq > 0 ORDER BY id";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, sql, "");
  g_autoptr (GPtrArray) states = NULL;
  int result;

  if (statement == NULL)
    return NULL;
  states = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_seq_state_free);
  while ((result = tern_db_step (db, statement, error)) == SQLITE_ROW)
    {
      g_autofree char *id = tern_statement_dup_text (statement, 0);

      g_ptr_array_add (states, tern_seq_state_new (id, sqlite3_column_int64 (statement, 1),
                                                   sqlite3_column_int64 (statement, 2)));
    }
  return result == SQLITE_DONE ? g_steal_pointer (&states) : NULL;
}

/**
 * tern_store_set_draft:
 * @text: what was written and not sent; "" for none
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_set_draft (TernDb       *db,
                      const char   *conversation_id,
                      const char   *text,
                      gint64        now_ms,
                      TernChanges  *changes,
                      GError      **error)
{
  static const char sql[] =
    "UPDATE conversations SET draft = ?2, draft_ms = ?3 WHERE id = ?1 AND draft <> ?2";
  gint64 key;
  int n_changed;

  return tern_db_ensure_key (db, conversation_id, &key, error)
         && tern_db_run (db, &n_changed, error, sql, "isi", key, text,
                         text[0] != '\0' ? now_ms : (gint64) 0)
         && note_changed (n_changed, conversation_id, changes);
}

/**
 * tern_store_add_at_type:
 * @at_type: 0 none, 1 me, 2 everybody, 3 both, 4 an announcement
 *
 * Marks a conversation with one thing more.
 *
 * Errors: STORE, STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_add_at_type (TernDb       *db,
                        const char   *conversation_id,
                        int           at_type,
                        TernChanges  *changes,
                        GError      **error)
{
  static const char sql[] =
    "UPDATE conversations SET at_type = " ADDED_AT_TYPE ("?2")
    " WHERE id = ?1 AND at_type <> " ADDED_AT_TYPE ("?2");
  gint64 key;
  int n_changed;

  return tern_db_ensure_key (db, conversation_id, &key, error)
         && tern_db_run (db, &n_changed, error, sql, "ii", key, sane_at_type (at_type))
         && note_changed (n_changed, conversation_id, changes);
}

/* --- reading --- */

#define CAPPED_MAX_SEQ \
  "CASE WHEN c.cap_seq > 0 THEN min (c.max_seq, c.cap_seq) ELSE c.max_seq END"
#define LAST_IS_SHOWN "c.last_message <> 0 AND c.last_position > c.hidden_position"

/* A group that is not among ours: left, unless groups were never told and the
 * record sets no bound. Status 2 is dismissed. */
#define SELECT_ROWS \
  "SELECT c.conversation_id, c.user_id, c.group_id," \
  " CASE WHEN c.group_id <> '' THEN ifnull (g.name, '')" \
  "  ELSE coalesce (nullif (u.remark, ''), nullif (u.name, ''), c.peer_name) END," \
  " CASE WHEN c.group_id <> '' THEN ifnull (g.face_url, '')" \
  "  ELSE ifnull (u.face_url, c.peer_face_url) END," \
  " c.draft, c.chat_type, c.recv_opt, c.at_type, c.is_pinned," \
  " c.group_id = '' OR ifnull (g.is_joined AND g.status <> 2, c.cap_seq = 0)," \
  " max (c.draft_ms, CASE WHEN " LAST_IS_SHOWN " THEN c.last_ms ELSE 0 END) AS sort_ms," \
  " " CAPPED_MAX_SEQ ", max (1, c.record_min_seq, c.min_seq), c.read_seq, c.draft_ms," \
  " CASE WHEN " LAST_IS_SHOWN " THEN c.last_message ELSE 0 END" \
  " FROM conversations c" \
  " LEFT JOIN users u ON u.user_id = c.user_id LEFT JOIN groups g ON g.group_id = c.group_id" \
  " WHERE c.is_notification = 0 AND (c.draft <> '' OR (" LAST_IS_SHOWN ")) "

static void
take (char          **field,
      TernStatement  *statement,
      int             column)
{
  g_free (*field);
  *field = tern_statement_dup_text (statement, column);
}

static TernConversationRow *
read_row (TernStatement *statement)
{
  TernConversationRow *row = tern_conversation_row_new ();
  gint64 n_unread;

  take (&row->id, statement, 0);
  take (&row->user_id, statement, 1);
  take (&row->group_id, statement, 2);
  take (&row->name, statement, 3);
  take (&row->face_url, statement, 4);
  take (&row->draft, statement, 5);
  row->chat_type = sqlite3_column_int (statement, 6);
  row->recv_opt = sqlite3_column_int (statement, 7);
  row->at_type = sqlite3_column_int (statement, 8);
  row->is_pinned = sqlite3_column_int (statement, 9) != 0;
  row->is_in_group = sqlite3_column_int (statement, 10) != 0;
  row->sort_ms = sqlite3_column_int64 (statement, 11);
  row->max_seq = sqlite3_column_int64 (statement, 12);
  row->min_seq = sqlite3_column_int64 (statement, 13);
  row->read_seq = sqlite3_column_int64 (statement, 14);
  row->draft_ms = sqlite3_column_int64 (statement, 15);
  n_unread = row->max_seq - MAX (row->read_seq, row->min_seq - 1);
  row->n_unread = (guint) CLAMP (n_unread, 0, G_MAXINT);
  row->last_id = sqlite3_column_int64 (statement, 16);
  return row;
}

/**
 * tern_store_list_conversations:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type TernConversationRow) (nullable): the
 *   visible ones, as shown: pinned first, then the most recently used; without
 *   their last messages, see tern_store_load_last()
 */
GPtrArray *
tern_store_list_conversations (TernDb      *db,
                               const char  *self_id,
                               GError     **error)
{
  static const char sql[] =
    SELECT_ROWS "ORDER BY c.is_pinned DESC, sort_ms DESC, c.conversation_id";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, sql, "");
  g_autoptr (GPtrArray) rows = NULL;
  int result;

  if (statement == NULL)
    return NULL;
  rows = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_conversation_row_free);
  while ((result = tern_db_step (db, statement, error)) == SQLITE_ROW)
    g_ptr_array_add (rows, read_row (statement));
  return result == SQLITE_DONE ? g_steal_pointer (&rows) : NULL;
}

/**
 * tern_store_find_conversation:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (nullable): the row; %NULL without an error when
 *   there is none or it is not visible
 */
TernConversationRow *
tern_store_find_conversation (TernDb      *db,
                              const char  *self_id,
                              const char  *conversation_id,
                              GError     **error)
{
  static const char sql[] = SELECT_ROWS "AND c.conversation_id = ?1";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, sql, "s", conversation_id);
  g_autoptr (TernConversationRow) row = NULL;

  if (statement == NULL || tern_db_step (db, statement, error) != SQLITE_ROW)
    return NULL;
  row = read_row (statement);
  return tern_store_load_last (db, row, error) ? g_steal_pointer (&row) : NULL;
}

/**
 * tern_store_load_last:
 * @row: a row of the list
 *
 * Reads its last message, if it has one and does not know it yet. One that is
 * gone meanwhile is none.
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: %TRUE on success
 */
gboolean
tern_store_load_last (TernDb               *db,
                      TernConversationRow  *row,
                      GError              **error)
{
  g_autoptr (GPtrArray) found = NULL;

  if (row->last != NULL || row->last_id == 0)
    return TRUE;
  found = tern_store_list_by_ids (db, &row->last_id, 1, error);
  if (found == NULL)
    return FALSE;
  if (found->len > 0)
    row->last = g_ptr_array_steal_index (found, 0);
  return TRUE;
}

#define SELECT_BOUNDS \
  "SELECT c.conversation_id, " CAPPED_MAX_SEQ ", max (1, c.record_min_seq, c.min_seq)," \
  " c.cap_seq, max (c.draft_ms, c.last_ms) AS sort_ms, c.read_seq FROM conversations c "

static TernConversationBounds *
read_bounds (TernStatement *statement)
{
  TernConversationBounds *bounds = g_new0 (TernConversationBounds, 1);

  bounds->conversation_id = tern_statement_dup_text (statement, 0);
  bounds->max_seq = sqlite3_column_int64 (statement, 1);
  bounds->min_seq = sqlite3_column_int64 (statement, 2);
  bounds->cap_seq = sqlite3_column_int64 (statement, 3);
  bounds->sort_ms = sqlite3_column_int64 (statement, 4);
  bounds->read_seq = sqlite3_column_int64 (statement, 5);
  return bounds;
}

/**
 * tern_store_list_bounds:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (element-type TernConversationBounds) (nullable):
 *   all conversations, the most recently used first
 */
GPtrArray *
tern_store_list_bounds (TernDb  *db,
                        GError **error)
{
  static const char sql[] = SELECT_BOUNDS "ORDER BY sort_ms DESC, c.conversation_id";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, sql, "");
  g_autoptr (GPtrArray) list = NULL;
  int result;

  if (statement == NULL)
    return NULL;
  list = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_conversation_bounds_free);
  while ((result = tern_db_step (db, statement, error)) == SQLITE_ROW)
    g_ptr_array_add (list, read_bounds (statement));
  return result == SQLITE_DONE ? g_steal_pointer (&list) : NULL;
}

/**
 * tern_store_find_bounds:
 *
 * Errors: STORE, STORE_CORRUPT.
 *
 * Returns: (transfer full) (nullable): the bounds of one conversation, shown
 *   or not; %NULL without an error when nothing is known of it
 */
TernConversationBounds *
tern_store_find_bounds (TernDb      *db,
                        const char  *conversation_id,
                        GError     **error)
{
  static const char sql[] = SELECT_BOUNDS "WHERE c.conversation_id = ?1";
  g_autoptr (TernStatement) statement = tern_db_query (db, error, sql, "s", conversation_id);

  if (statement == NULL || tern_db_step (db, statement, error) != SQLITE_ROW)
    return NULL;
  return read_bounds (statement);
}

/**
 * tern_conversation_bounds_free:
 * @self: (transfer full): the bounds
 */
void
tern_conversation_bounds_free (TernConversationBounds *self)
{
  g_free (self->conversation_id);
  g_free (self);
}
