/* store-fixture.c: a temporary folder with a database in it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "store-fixture.h"

#include <string.h>

#include <glib/gstdio.h>

void
store_fixture_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

void
store_fixture_set_up (StoreFixture  *self,
                      gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("tern-store-XXXXXX", &error);
  g_assert_no_error (error);
  self->writer = tern_db_open (self->folder, TERN_DB_WRITER, &error);
  g_assert_no_error (error);
  self->reader = tern_db_open (self->folder, TERN_DB_READER, &error);
  g_assert_no_error (error);
}

void
store_fixture_tear_down (StoreFixture  *self,
                         gconstpointer  unused)
{
  g_clear_pointer (&self->changes, tern_changes_unref);
  g_clear_pointer (&self->reader, tern_db_close);
  g_clear_pointer (&self->writer, tern_db_close);
  store_fixture_remove_folder (self->folder);
  g_free (self->folder);
}

void
store_fixture_begin (StoreFixture *self)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->changes, tern_changes_unref);
  self->changes = tern_changes_new ();
  tern_db_begin (self->writer, &error);
  g_assert_no_error (error);
}

void
store_fixture_commit (StoreFixture *self)
{
  g_autoptr (GError) error = NULL;

  tern_db_commit (self->writer, &error);
  g_assert_no_error (error);
}

TernMessageRecord *
store_message_new (const char *conversation_id,
                   const char *sender_id,
                   const char *client_id,
                   gint64      seq,
                   const char *text)
{
  TernMessageRecord *message = tern_message_record_new ();
  gboolean is_group = g_str_has_prefix (conversation_id, "sg_");

  tern_record_set_text (&message->conversation_id, conversation_id);
  tern_record_set_text (&message->sender_id, sender_id);
  tern_record_set_text (&message->client_id, client_id);
  tern_record_set_text (&message->sender_name, sender_id);
  if (is_group)
    tern_record_set_text (&message->group_id, conversation_id + 3);
  else
    tern_record_set_text (&message->recv_id, g_str_equal (sender_id, SELF) ? PEER : SELF);
  message->chat_type = is_group ? TERN_CHAT_GROUP : TERN_CHAT_SINGLE;
  message->content_type = TERN_CONTENT_TEXT;
  message->content = g_bytes_new (text, strlen (text));
  message->seq = seq;
  message->status = TERN_MESSAGE_SENT;
  message->sent_ms = 1000000 + seq % 1000000000;
  message->created_ms = message->sent_ms;
  return message;
}

char *
store_message_dup_text (const TernMessageRecord *message)
{
  gsize size;
  const char *data;

  if (message->content == NULL)
    return g_strdup ("(none)");
  data = g_bytes_get_data (message->content, &size);
  return g_strndup (data, size);
}

void
store_revoke (TernDb      *db,
              TernChanges *changes,
              const char  *conversation_id,
              gint64       seq,
              GBytes      *content)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TernMessageRecord) message = tern_store_find_by_seq (db, conversation_id, seq, &error);

  g_assert_no_error (error);
  if (message == NULL)
    return;
  message->content_type = TERN_CONTENT_REVOKED;
  g_clear_pointer (&message->content, g_bytes_unref);
  message->content = g_bytes_ref (content);
  tern_store_put_message (db, message, changes, &error);
  g_assert_no_error (error);
}

gint64
store_fixture_put (StoreFixture      *self,
                   TernMessageRecord *message)
{
  g_autoptr (GError) error = NULL;
  gint64 id;

  store_fixture_begin (self);
  tern_store_put_message (self->writer, message, self->changes, &error);
  g_assert_no_error (error);
  tern_store_ensure_conversation (self->writer, message, SELF, self->changes, &error);
  g_assert_no_error (error);
  store_fixture_commit (self);
  id = message->id;
  tern_message_record_free (message);
  return id;
}
