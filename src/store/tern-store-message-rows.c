/* tern-store-message-rows.c: one row of `messages` and one record
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "tern-db-private.h"

/* Above this a seq is nonsense; its position must not overflow all the same. */
#define MAX_SEQ (G_MAXINT64 / TERN_POSITION_STEP - 1)

gint64
tern_message_row_position (gint64 seq)
{
  return CLAMP (seq, 0, MAX_SEQ) * TERN_POSITION_STEP;
}

/* Strings come from peers, who may break any rule; byte strings do not care. */
static GBytes *
pack_strings (const char * const *strings)
{
  g_autoptr (GVariant) variant = NULL;

  if (strings == NULL)
    return NULL;
  variant = g_variant_ref_sink (g_variant_new_bytestring_array (strings, -1));
  return g_variant_get_data_as_bytes (variant);
}

static char **
unpack_strings (GBytes *bytes)
{
  g_autoptr (GVariant) variant = NULL;

  if (bytes == NULL)
    return NULL;
  variant = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING_ARRAY, bytes,
                                                          FALSE));
  return g_variant_dup_bytestring_array (variant, NULL);
}

static GBytes *
pack_offline_push (const TernOfflinePush *push)
{
  const char *strings[7] = { NULL };

  if (push == NULL)
    return NULL;
  strings[0] = push->title;
  strings[1] = push->desc;
  strings[2] = push->ex;
  strings[3] = push->ios_sound;
  strings[4] = push->signal_info;
  strings[5] = push->ios_badge ? "1" : "";
  return pack_strings (strings);
}

static TernOfflinePush *
unpack_offline_push (GBytes *bytes)
{
  g_auto (GStrv) strings = unpack_strings (bytes);
  TernOfflinePush *push;

  if (strings == NULL || g_strv_length (strings) != 6)
    return NULL;
  push = tern_offline_push_new ();
  g_free (push->title);
  push->title = g_strdup (strings[0]);
  g_free (push->desc);
  push->desc = g_strdup (strings[1]);
  g_free (push->ex);
  push->ex = g_strdup (strings[2]);
  g_free (push->ios_sound);
  push->ios_sound = g_strdup (strings[3]);
  g_free (push->signal_info);
  push->signal_info = g_strdup (strings[4]);
  push->ios_badge = strings[5][0] != '\0';
  return push;
}

static void
take (char          **field,
      TernStatement  *statement,
      int             column)
{
  const char *text = (const char *) sqlite3_column_text (statement, column);

  if (text == NULL || text[0] == '\0')
    return;
  g_free (*field);
  *field = g_strdup (text);
}

static void
take_id (char          **field,
         TernStatement  *statement,
         int             column)
{
  g_free (*field);
  *field = tern_statement_dup_id (statement, column);
}

TernMessageRecord *
tern_message_row_read (TernStatement *statement,
                       int            first,
                       const char    *conversation_id)
{
  TernMessageRecord *m = tern_message_record_new ();
  g_autoptr (GBytes) at_user_ids = tern_statement_dup_bytes (statement, first + 23);
  g_autoptr (GBytes) push = tern_statement_dup_bytes (statement, first + 24);

  if (conversation_id != NULL)
    {
      g_free (m->conversation_id);
      m->conversation_id = g_strdup (conversation_id);
    }
  m->id = sqlite3_column_int64 (statement, first);
  m->position = sqlite3_column_int64 (statement, first + 1);
  m->seq = sqlite3_column_int64 (statement, first + 2);
  take (&m->sender_id, statement, first + 3);
  take_id (&m->client_id, statement, first + 4);
  take_id (&m->server_id, statement, first + 5);
  m->status = sqlite3_column_int (statement, first + 6);
  m->is_read = sqlite3_column_int (statement, first + 7) != 0;
  m->content_type = sqlite3_column_int (statement, first + 8);
  m->chat_type = sqlite3_column_int (statement, first + 9);
  m->sent_ms = sqlite3_column_int64 (statement, first + 10);
  m->created_ms = sqlite3_column_int64 (statement, first + 11);
  m->options_off = (TernOptions) sqlite3_column_int (statement, first + 12);
  m->options_on = (TernOptions) sqlite3_column_int (statement, first + 13);
  m->sender_platform = sqlite3_column_int (statement, first + 14);
  m->msg_from = sqlite3_column_int (statement, first + 15);
  take (&m->recv_id, statement, first + 16);
  take (&m->group_id, statement, first + 17);
  take (&m->sender_name, statement, first + 18);
  take (&m->sender_face_url, statement, first + 19);
  take (&m->attached_info, statement, first + 20);
  take (&m->ex, statement, first + 21);
  take (&m->error, statement, first + 22);
  m->at_user_ids = unpack_strings (at_user_ids);
  m->offline_push = unpack_offline_push (push);
  m->content = tern_statement_dup_bytes (statement, first + 25);
  return m;
}

static const char *
or_null (const char *text)
{
  return text != NULL && text[0] != '\0' ? text : NULL;
}

/* Binds ?3 to ?26, which insert and update have in common. */
static gboolean
bind_and_run (TernDb                  *db,
              const char              *sql,
              gint64                   first,
              gint64                   second,
              const TernMessageRecord *m,
              GError                 **error)
{
  g_autoptr (GBytes) at_user_ids = pack_strings ((const char * const *) m->at_user_ids);
  g_autoptr (GBytes) push = pack_offline_push (m->offline_push);
  g_autoptr (TernStatement) statement = NULL;

  statement = tern_db_query (db, error, sql, "iiishhiiiiiiiiiisssssssbbb", first, second,
                             m->position, m->sender_id, m->client_id, or_null (m->server_id),
                             (gint64) m->status, (gint64) (m->is_read != FALSE),
                             (gint64) m->content_type, (gint64) m->chat_type, m->sent_ms,
                             m->created_ms, (gint64) m->options_off, (gint64) m->options_on,
                             (gint64) m->sender_platform, (gint64) m->msg_from,
                             or_null (m->recv_id), or_null (m->group_id),
                             or_null (m->sender_name), or_null (m->sender_face_url),
                             or_null (m->attached_info), or_null (m->ex), or_null (m->error),
                             at_user_ids, push, m->content);
  return statement != NULL && tern_db_step (db, statement, error) == SQLITE_DONE;
}

gboolean
tern_message_row_insert (TernDb                   *db,
                         gint64                    key,
                         const TernMessageRecord  *message,
                         gint64                   *id,
                         GError                  **error)
{
  static const char sql[] =
    "INSERT INTO messages (conversation, seq, position, sender_id, client_id, server_id, status,"
    " is_read, content_type, chat_type, sent_ms, created_ms, options_off, options_on,"
    " sender_platform, msg_from, recv_id, group_id, sender_name, sender_face_url, attached_info,"
    " ex, error, at_user_ids, offline_push, content)"
    " VALUES (?1, nullif (?2, 0), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
    " ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26) ON CONFLICT DO NOTHING";

  if (!bind_and_run (db, sql, key, message->seq, message, error))
    return FALSE;
  *id = sqlite3_changes (tern_db_get_handle (db)) > 0
        ? sqlite3_last_insert_rowid (tern_db_get_handle (db)) : 0;
  return TRUE;
}

gboolean
tern_message_row_update (TernDb                   *db,
                         const TernMessageRecord  *message,
                         GError                  **error)
{
  static const char sql[] =
    "UPDATE messages SET seq = nullif (?2, 0), position = ?3, sender_id = ?4, client_id = ?5,"
    " server_id = ?6, status = ?7, is_read = ?8, content_type = ?9, chat_type = ?10, sent_ms = ?11,"
    " created_ms = ?12, options_off = ?13, options_on = ?14, sender_platform = ?15, msg_from = ?16,"
    " recv_id = ?17, group_id = ?18, sender_name = ?19, sender_face_url = ?20, attached_info = ?21,"
    " ex = ?22, error = ?23, at_user_ids = ?24, offline_push = ?25, content = ?26 WHERE id = ?1";

  return bind_and_run (db, sql, message->id, message->seq, message, error);
}

static gboolean
bytes_equal (GBytes *a,
             GBytes *b)
{
  return a == b || (a != NULL && b != NULL && g_bytes_equal (a, b));
}

static gboolean
strings_equal (char **a,
               char **b)
{
  return a == b
         || (a != NULL && b != NULL
             && g_strv_equal ((const char * const *) a, (const char * const *) b));
}

static gboolean
text_equal (const char *a,
            const char *b)
{
  return g_strcmp0 (or_null (a), or_null (b)) == 0;
}

gboolean
tern_message_row_equal (const TernMessageRecord *a,
                        const TernMessageRecord *b)
{
  return a->seq == b->seq && a->position == b->position && a->status == b->status
         && a->is_read == b->is_read && a->content_type == b->content_type
         && a->chat_type == b->chat_type && a->sent_ms == b->sent_ms
         && a->created_ms == b->created_ms && a->options_off == b->options_off
         && a->options_on == b->options_on && a->sender_platform == b->sender_platform
         && a->msg_from == b->msg_from && text_equal (a->sender_id, b->sender_id)
         && text_equal (a->client_id, b->client_id) && text_equal (a->server_id, b->server_id)
         && text_equal (a->recv_id, b->recv_id) && text_equal (a->group_id, b->group_id)
         && text_equal (a->sender_name, b->sender_name)
         && text_equal (a->sender_face_url, b->sender_face_url)
         && text_equal (a->attached_info, b->attached_info) && text_equal (a->ex, b->ex)
         && text_equal (a->error, b->error) && bytes_equal (a->content, b->content)
         && strings_equal (a->at_user_ids, b->at_user_ids);
}

GPtrArray *
tern_message_rows_read (TernDb         *db,
                        TernStatement  *borrowed,
                        GError        **error)
{
  g_autoptr (TernStatement) statement = borrowed;
  g_autoptr (GPtrArray) rows = NULL;
  int result;

  if (statement == NULL)
    return NULL;
  rows = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_message_record_free);
  while ((result = tern_db_step (db, statement, error)) == SQLITE_ROW)
    {
      g_autofree char *conversation_id = tern_statement_dup_text (statement, 0);

      g_ptr_array_add (rows, tern_message_row_read (statement, 1, conversation_id));
    }
  return result == SQLITE_DONE ? g_steal_pointer (&rows) : NULL;
}
