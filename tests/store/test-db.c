/* test-db.c: opening, migrating, refusing and salvaging
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define _GNU_SOURCE /* setresuid(), memmem() */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "store-fixture.h"
#include "tern-db-private.h"
#include "tern-error.h"

/* Nobody, on every distribution; only used when the tests run as root. */
#define NOBODY 65534

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("tern-db-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, TERN_DB_FILE_NAME, NULL);
}

static void
tear_down (Fixture       *self,
           gconstpointer  unused)
{
  store_fixture_remove_folder (self->folder);
  g_free (self->path);
  g_free (self->folder);
}

static TernDb *
open_db (Fixture    *self,
         TernDbMode  mode)
{
  g_autoptr (GError) error = NULL;
  TernDb *db = tern_db_open (self->folder, mode, &error);

  g_assert_no_error (error);
  return db;
}

static void
assert_refused (Fixture    *self,
                TernDbMode  mode,
                int         code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (tern_db_open (self->folder, mode, &error));
  g_assert_error (error, TERN_ERROR, code);
}

static void
run_script (Fixture    *self,
            const char *script)
{
  sqlite3 *handle;

  g_assert_cmpint (sqlite3_open (self->path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (handle, script, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (handle), ==, SQLITE_OK);
}

static void
test_modes (Fixture       *self,
            gconstpointer  unused)
{
  static const char * const suffixes[] = { "", "-wal", "-shm" };
  g_autofree char *inner = g_build_filename (self->folder, "inner", NULL);
  g_autoptr (GError) error = NULL;
  TernDb *db = tern_db_open (inner, TERN_DB_WRITER, &error);
  struct stat info;

  g_assert_no_error (error);
  g_assert_cmpint (stat (inner, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0700);
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path = g_strconcat (inner, "/" TERN_DB_FILE_NAME, suffixes[i], NULL);

      g_assert_cmpint (stat (path, &info), ==, 0);
      g_assert_cmpint (info.st_mode & 0777, ==, 0600);
    }
  tern_db_close (db);
  store_fixture_remove_folder (inner);
}

static void
test_reader (Fixture       *self,
             gconstpointer  unused)
{
  g_autoptr (TernDb) writer = NULL;
  g_autoptr (TernDb) reader = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  assert_refused (self, TERN_DB_READER, TERN_ERROR_STORE);
  writer = open_db (self, TERN_DB_WRITER);
  reader = open_db (self, TERN_DB_READER);
  g_assert_false (tern_store_set_value (reader, "key", "value", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);

  /* What is not committed is not seen, what is committed is seen at once. */
  g_assert_true (tern_db_begin (writer, &error));
  g_assert_true (tern_store_set_value (writer, "key", "value", &error));
  before = tern_store_dup_value (reader, "key", &error);
  g_assert_null (before);
  g_assert_true (tern_db_commit (writer, &error));
  g_assert_true (tern_db_sync (writer, &error));
  after = tern_store_dup_value (reader, "key", &error);
  g_assert_cmpstr (after, ==, "value");
}

static void
test_rollback (Fixture       *self,
               gconstpointer  unused)
{
  g_autoptr (TernDb) db = open_db (self, TERN_DB_WRITER);
  g_autoptr (TernChanges) changes = tern_changes_new ();
  g_autoptr (GError) error = NULL;

  /* The key of the conversation is given out, taken back and given to another
   * conversation: nothing may remember it. */
  g_assert_true (tern_db_begin (db, &error));
  g_assert_true (tern_store_set_seqs (db, "sg_a", 5, 0, changes, &error));
  tern_db_rollback (db);
  tern_db_rollback (db);
  g_assert_true (tern_db_begin (db, &error));
  g_assert_true (tern_store_set_seqs (db, "sg_b", 6, 0, changes, &error));
  g_assert_true (tern_store_set_seqs (db, "sg_a", 7, 0, changes, &error));
  g_assert_true (tern_db_commit (db, &error));
  {
    g_autoptr (TernConversationBounds) a = tern_store_find_bounds (db, "sg_a", &error);
    g_autoptr (TernConversationBounds) b = tern_store_find_bounds (db, "sg_b", &error);

    g_assert_cmpint (a->max_seq, ==, 7);
    g_assert_cmpint (b->max_seq, ==, 6);
  }
}

static void
test_checkpoint_empties_the_wal (Fixture       *self,
                                 gconstpointer  unused)
{
  g_autoptr (TernDb) db = open_db (self, TERN_DB_WRITER);
  g_autoptr (TernDb) reader = open_db (self, TERN_DB_READER);
  g_autofree char *wal = g_strconcat (self->path, "-wal", NULL);
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GError) error = NULL;
  struct stat info;

  g_assert_true (tern_db_begin (db, &error));
  g_assert_true (tern_store_set_value (db, "key", "value", &error));
  g_assert_true (tern_db_commit (db, &error));
  /* A reader that has read holds nothing open. */
  rows = tern_store_list_conversations (reader, SELF, &error);
  g_assert_nonnull (rows);
  g_assert_true (tern_db_checkpoint (db, &error));
  g_assert_cmpint (stat (wal, &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, 0);

  /* One in the middle of reading is no error. */
  g_assert_true (tern_db_begin (reader, &error));
  g_clear_pointer (&rows, g_ptr_array_unref);
  rows = tern_store_list_conversations (reader, SELF, &error);
  g_assert_true (tern_db_begin (db, &error));
  g_assert_true (tern_store_set_value (db, "key", "other", &error));
  g_assert_true (tern_db_commit (db, &error));
  g_assert_true (tern_db_checkpoint (db, &error));
  tern_db_rollback (reader);
}

static void
test_newer_schema (Fixture       *self,
                   gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;

  run_script (self, "PRAGMA user_version = 1000");
  assert_refused (self, TERN_DB_READER, TERN_ERROR_STORE);
  g_assert_null (tern_db_open (self->folder, TERN_DB_WRITER, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, "newer version"));
}

static void
test_schema_1 (Fixture       *self,
               gconstpointer  unused)
{
  g_autofree char *path = g_build_filename (g_getenv ("TERN_TEST_SRCDIR"), "data", "store",
                                            "schema-1.sql", NULL);
  g_autofree char *copy = g_strconcat (self->path, ".before-upgrade", NULL);
  g_autofree char *script = NULL;
  g_autofree char *value = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TernDb) db = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (TernConversationRow) row = NULL;
  g_autoptr (TernSeqRanges) ranges = NULL;

  g_file_get_contents (path, &script, NULL, &error);
  g_assert_no_error (error);
  run_script (self, script);
  db = open_db (self, TERN_DB_WRITER);
  rows = tern_store_list_before (db, PAIR, NULL, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, 3);
  g_assert_cmpstr (((TernMessageRecord *) rows->pdata[0])->client_id, ==,
                   "00112233445566778899aabbccddeeff");
  g_assert_cmpstr (((TernMessageRecord *) rows->pdata[1])->client_id, ==, "not hexadecimal");
  text = store_message_dup_text (rows->pdata[2]);
  g_assert_cmpstr (text, ==, "three");
  row = tern_store_find_conversation (db, SELF, PAIR, &error);
  g_assert_cmpstr (row->name, ==, "Peer");
  g_assert_cmpstr (row->draft, ==, "draft");
  g_assert_cmpuint (row->n_unread, ==, 1);
  list = tern_store_list_bounds (db, &error);
  g_assert_cmpint (((TernConversationBounds *) list->pdata[0])->sort_ms, ==, row->last->sent_ms);
  ranges = tern_store_load_ranges (db, PAIR, &error);
  g_assert_true (tern_seq_ranges_contains (ranges, 2));
  value = tern_store_dup_value (db, "key", &error);
  g_assert_cmpstr (value, ==, "value");

  /* What was there before is kept until the new file was opened once more. */
  g_assert_true (g_file_test (copy, G_FILE_TEST_EXISTS));
  g_clear_pointer (&db, tern_db_close);
  db = open_db (self, TERN_DB_READER);
  g_assert_true (g_file_test (copy, G_FILE_TEST_EXISTS));
  g_clear_pointer (&db, tern_db_close);
  db = open_db (self, TERN_DB_WRITER);
  g_assert_false (g_file_test (copy, G_FILE_TEST_EXISTS));
}

static void
test_migration (Fixture       *self,
                gconstpointer  unused)
{
  static const char * const steps[] = {
    "never run: the file has seen it",
    "nor this",
    "CREATE TABLE third (x); INSERT INTO third VALUES (3)",
    "CREATE TABLE fourth (x); INSERT INTO fourth VALUES (4)",
  };
  static const char * const broken[] = {
    "", "", "", "", "CREATE TABLE fifth (x)", "CREATE TABLE sixth (x); SELECT * FROM nowhere",
  };
  g_autofree char *backup = g_strconcat (self->path, ".backup", NULL);
  g_autoptr (TernDb) db = open_db (self, TERN_DB_WRITER);
  g_autoptr (GError) error = NULL;
  sqlite3 *copy;
  gint64 value = 0;
  struct stat info;

  g_assert_true (tern_db_migrate (db, backup, steps, 4, &error));
  g_assert_no_error (error);
  g_assert_true (tern_db_query_int64 (db, &value, 0, &error, "SELECT x FROM fourth", ""));
  g_assert_cmpint (value, ==, 4);
  g_assert_true (tern_db_query_int64 (db, &value, 0, &error, "PRAGMA user_version", ""));
  g_assert_cmpint (value, ==, 4);

  /* The copy is what was there before. */
  g_assert_cmpint (stat (backup, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_cmpint (sqlite3_open (backup, &copy), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (copy, "SELECT * FROM messages", NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (copy, "SELECT * FROM third", NULL, NULL, NULL), ==, SQLITE_ERROR);
  g_assert_cmpint (sqlite3_close (copy), ==, SQLITE_OK);

  /* Cut off, nothing is left behind, not even of the steps that went before:
   * the next copy is again what was there before. */
  g_assert_false (tern_db_migrate (db, backup, broken, 6, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_STORE);
  g_clear_error (&error);
  g_assert_true (tern_db_query_int64 (db, &value, 0, &error, "PRAGMA user_version ", ""));
  g_assert_cmpint (value, ==, 4);
  g_assert_true (tern_db_query_int64 (db, &value, 9, &error,
                                      "SELECT 1 FROM sqlite_schema WHERE name = 'fifth'", ""));
  g_assert_cmpint (value, ==, 9);
}

static void
test_not_a_database (Fixture       *self,
                     gconstpointer  unused)
{
  g_autofree char *garbage = g_strnfill (20000, 'x');
  g_autofree char *backup = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TernDb) db = NULL;

  g_file_set_contents (self->path, garbage, -1, &error);
  g_assert_no_error (error);
  assert_refused (self, TERN_DB_WRITER, TERN_ERROR_STORE_CORRUPT);
  g_assert_true (tern_db_salvage (self->folder, &backup, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (backup, G_FILE_TEST_EXISTS));
  db = open_db (self, TERN_DB_WRITER);
}

static void
fill_for_salvage (Fixture *self)
{
  g_autoptr (TernDb) db = open_db (self, TERN_DB_WRITER);
  g_autoptr (TernChanges) changes = tern_changes_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (tern_db_begin (db, &error));
  for (int i = 1; i <= 3000; i++)
    {
      g_autofree char *id = g_strdup_printf ("c%d", i);
      g_autoptr (TernMessageRecord) message = NULL;

      message = store_message_new (PAIR, PEER, id, i, "Some text of an ordinary length.");
      g_assert_true (tern_store_put_message (db, message, changes, &error));
      g_assert_true (tern_store_ensure_conversation (db, message, SELF, changes, &error));
    }
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *id = g_strdup_printf ("own%d", i);
      g_autoptr (TernMessageRecord) message = store_message_new (PAIR, SELF, id, 0, id);

      g_assert_true (tern_store_add_outgoing (db, message, changes, &error));
    }
  g_assert_true (tern_store_set_failed (db, PAIR, SELF, "own1", "No", changes, &error));
  g_assert_true (tern_store_set_draft (db, PAIR, "A draft", 77, changes, &error));
  g_assert_true (tern_db_commit (db, &error));
  g_assert_true (tern_db_checkpoint (db, &error));
}

/* Overwrites a part of the file: page by page, from the middle on. */
static void
damage (Fixture *self,
        goffset  first_page,
        guint    n_pages)
{
  char garbage[4096];
  int fd = g_open (self->path, O_RDWR | O_CLOEXEC, 0);

  memset (garbage, 0xa5, sizeof garbage);
  g_assert_cmpint (fd, >=, 0);
  for (guint i = 0; i < n_pages; i++)
    g_assert_cmpint (pwrite (fd, garbage, sizeof garbage,
                             (first_page + i) * (goffset) sizeof garbage), ==, sizeof garbage);
  close (fd);
}

static void
test_salvage (Fixture       *self,
              gconstpointer  unused)
{
  static const int expected[] = { TERN_MESSAGE_SENDING, TERN_MESSAGE_FAILED,
                                  TERN_MESSAGE_SENDING };
  g_autofree char *backup = NULL;
  g_autofree char *mark = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TernDb) db = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (TernConversationRow) row = NULL;

  fill_for_salvage (self);
  damage (self, 60, 30);
  db = open_db (self, TERN_DB_WRITER);
  rows = tern_store_list_before (db, PAIR, NULL, 10000, &error);
  g_assert_null (rows);
  g_assert_error (error, TERN_ERROR, TERN_ERROR_STORE_CORRUPT);
  g_clear_error (&error);
  g_clear_pointer (&db, tern_db_close);

  g_assert_true (tern_db_salvage (self->folder, &backup, &error));
  g_assert_no_error (error);
  db = open_db (self, TERN_DB_WRITER);
  rows = tern_store_list_before (db, PAIR, NULL, 10000, &error);
  g_assert_cmpuint (rows->len, ==, 3);
  for (guint i = 0; i < rows->len; i++)
    {
      TernMessageRecord *message = rows->pdata[i];
      g_autofree char *id = g_strdup_printf ("own%u", i);

      g_assert_cmpstr (message->client_id, ==, id);
      g_assert_cmpint (message->status, ==, expected[i]);
    }
  row = tern_store_find_conversation (db, SELF, PAIR, &error);
  g_assert_cmpstr (row->draft, ==, "A draft");
  g_assert_cmpint (row->draft_ms, ==, 77);
  g_assert_cmpstr (row->user_id, ==, PEER);
  /* The damaged one is still there, and the new one says what it is. */
  g_assert_true (g_file_test (backup, G_FILE_TEST_EXISTS));
  mark = tern_store_dup_value (db, TERN_STORE_SALVAGED, &error);
  g_assert_no_error (error);
  g_assert_nonnull (mark);
}

/* An own message says itself where it goes; the salvage once built a wrong ID
 * from it. */
static void
test_salvage_without_conversations (Fixture       *self,
                                    gconstpointer  unused)
{
  static const char * const scripts[] = { "DROP TABLE conversations", "DELETE FROM conversations" };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autofree char *backup = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (TernDb) db = NULL;
      g_autoptr (GPtrArray) rows = NULL;

      fill_for_salvage (self);
      run_script (self, scripts[i]);
      g_assert_true (tern_db_salvage (self->folder, &backup, &error));
      g_assert_no_error (error);
      db = open_db (self, TERN_DB_WRITER);
      rows = tern_store_list_before (db, PAIR, NULL, 10000, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (rows->len, ==, 3);
      g_clear_pointer (&db, tern_db_close);
      g_assert_cmpint (g_unlink (self->path), ==, 0);
    }
}

/* Whatever is damaged: nothing crashes, and there is a usable file after. */
static void
test_salvage_anything (Fixture       *self,
                       gconstpointer  unused)
{
  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *backup = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (TernDb) db = NULL;

      fill_for_salvage (self);
      damage (self, g_test_rand_int_range (1, 150), (guint) g_test_rand_int_range (1, 20));
      g_assert_true (tern_db_salvage (self->folder, &backup, &error));
      g_assert_no_error (error);
      db = open_db (self, TERN_DB_WRITER);
      g_clear_pointer (&db, tern_db_close);
      store_fixture_remove_folder (self->folder);
      g_assert_cmpint (g_mkdir (self->folder, 0700), ==, 0);
    }
}

/* Runs in a child without root's rights; 0: refused as it should be. */
static int
try_read_only (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  if (geteuid () == 0 && (setresgid (NOBODY, NOBODY, NOBODY) != 0
                          || setresuid (NOBODY, NOBODY, NOBODY) != 0))
    return 2;
  if (tern_db_open (self->folder, TERN_DB_WRITER, &error) != NULL)
    return 3;
  if (!g_error_matches (error, TERN_ERROR, TERN_ERROR_STORE_READ_ONLY))
    return 4;
  return strstr (error->message, "cannot be made") != NULL ? 0 : 5;
}

static void
test_read_only_folder (Fixture       *self,
                       gconstpointer  unused)
{
  pid_t pid;
  int status;

  g_assert_cmpint (g_chmod (self->folder, 0555), ==, 0);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    _exit (try_read_only (self));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (g_chmod (self->folder, 0700), ==, 0);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) == 2)
    g_test_skip ("root's rights cannot be dropped here");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
test_ended_transaction (Fixture       *self,
                        gconstpointer  unused)
{
  g_autoptr (TernDb) db = open_db (self, TERN_DB_WRITER);
  g_autoptr (GError) error = NULL;

  g_assert_true (tern_db_begin (db, NULL));
  g_assert_true (tern_db_check_transaction (db, NULL));
  /* As SQLite does by itself when the disk is full. */
  g_assert_true (tern_db_run (db, NULL, NULL, "ROLLBACK", ""));
  g_assert_false (tern_db_check_transaction (db, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_STORE);
}

static void
test_revoked_text_is_gone_from_the_file (Fixture       *self,
                                         gconstpointer  unused)
{
  static const char secret[] = "an unmistakable secret";
  g_autoptr (TernDb) db = open_db (self, TERN_DB_WRITER);
  g_autoptr (TernChanges) changes = tern_changes_new ();
  g_autoptr (TernMessageRecord) message = store_message_new (PAIR, PEER, "a", 1, secret);
  g_autoptr (GBytes) content = g_bytes_new_static ("{}", 2);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *bytes = NULL;
      gsize size;

      g_assert_true (tern_db_begin (db, &error));
      if (i == 0)
        tern_store_put_message (db, message, changes, &error);
      else
        store_revoke (db, changes, PAIR, 1, content);
      g_assert_no_error (error);
      g_assert_true (tern_db_commit (db, &error));
      g_assert_true (tern_db_checkpoint (db, &error));
      g_assert_true (g_file_get_contents (self->path, &bytes, &size, &error));
      g_assert_cmpint (memmem (bytes, size, secret, strlen (secret)) != NULL, ==, i == 0);
    }
}

static void
add (const char *path,
     void      (*func) (Fixture *self, gconstpointer unused))
{
  g_test_add (path, Fixture, NULL, set_up, func, tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("/db/modes", test_modes);
  add ("/db/reader", test_reader);
  add ("/db/rollback", test_rollback);
  add ("/db/checkpoint", test_checkpoint_empties_the_wal);
  add ("/db/newer-schema", test_newer_schema);
  add ("/db/schema-1", test_schema_1);
  add ("/db/migration", test_migration);
  add ("/db/not-a-database", test_not_a_database);
  add ("/db/salvage", test_salvage);
  add ("/db/salvage-without-conversations", test_salvage_without_conversations);
  add ("/db/salvage-anything", test_salvage_anything);
  add ("/db/read-only-folder", test_read_only_folder);
  add ("/db/ended-transaction", test_ended_transaction);
  add ("/db/revoked-text", test_revoked_text_is_gone_from_the_file);
  return g_test_run ();
}
