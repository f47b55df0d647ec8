/* test-faults.c: a transaction is there or not, whatever write fails
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "faulty-vfs.h"
#include "store-fixture.h"
#include "tern-error.h"

#define N_MESSAGES 40

static char *
read_state (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TernDb) db = tern_db_open (folder, TERN_DB_WRITER, &error);
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (TernConversationRow) row = NULL;
  g_autoptr (TernSeqRanges) ranges = NULL;
  g_autofree char *value = NULL;
  GString *state = g_string_new (NULL);

  g_assert_no_error (error);
  rows = tern_store_list_before (db, PAIR, NULL, 10000, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < rows->len; i++)
    {
      TernMessageRecord *message = rows->pdata[i];

      g_string_append_printf (state, "%s %d, ", message->client_id, message->status);
    }
  row = tern_store_find_conversation (db, SELF, PAIR, &error);
  g_assert_no_error (error);
  g_assert_nonnull (row);
  ranges = tern_store_load_ranges (db, PAIR, &error);
  g_assert_no_error (error);
  value = tern_store_dup_value (db, "key", &error);
  g_assert_no_error (error);
  g_string_append_printf (state, "max %" G_GINT64_FORMAT " last %s draft %s ranges %u value %s",
                          row->max_seq, row->last->client_id, row->draft,
                          tern_seq_ranges_get_n (ranges), value);
  return g_string_free (state, FALSE);
}

/* One transaction that touches everything. */
static gboolean
write_all (TernDb   *db,
           gint64    first,
           GError  **error)
{
  g_autoptr (TernChanges) changes = tern_changes_new ();
  g_autoptr (TernSeqRanges) ranges = tern_seq_ranges_new ();
  g_autofree char *text = g_strnfill (2000, 'x');
  g_autofree char *own_id = g_strdup_printf ("own%" G_GINT64_FORMAT, first);
  g_autoptr (TernMessageRecord) own = store_message_new (PAIR, SELF, own_id, 0, text);

  if (!tern_db_begin (db, error))
    return FALSE;
  for (gint64 seq = first; seq < first + N_MESSAGES; seq++)
    {
      g_autofree char *id = g_strdup_printf ("c%" G_GINT64_FORMAT, seq);
      g_autoptr (TernMessageRecord) message = store_message_new (PAIR, PEER, id, seq, text);

      if (!tern_store_put_message (db, message, changes, error)
          || !tern_store_ensure_conversation (db, message, SELF, changes, error))
        return FALSE;
      tern_seq_ranges_add (ranges, seq * 2, seq * 2);
    }
  return tern_store_add_outgoing (db, own, changes, error)
         && tern_store_save_ranges (db, PAIR, ranges, error)
         && tern_store_set_draft (db, PAIR, own_id, 5, changes, error)
         && tern_store_delete_seqs (db, PAIR, &first, 1, changes, error)
         && tern_store_set_value (db, "key", own_id, error)
         && tern_db_commit (db, error) && tern_db_sync (db, error);
}

static char *
prepare (const char *folder,
         gint64      n)
{
  g_autoptr (GError) error = NULL;
  TernDb *db = tern_db_open (folder, TERN_DB_WRITER, &error);

  g_assert_no_error (error);
  for (gint64 i = 0; i < n; i++)
    {
      g_assert_true (write_all (db, 1 + i * N_MESSAGES, &error));
      g_assert_no_error (error);
    }
  g_assert_true (tern_db_checkpoint (db, &error));
  tern_db_close (db);
  return read_state (folder);
}

/* FALSE: no write was left to fail. */
static gboolean
fail_at (guint       n,
         int         result,
         gboolean    is_lasting,
         const char *after)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("tern-broken-disk-XXXXXX", &error);
  g_autofree char *before = prepare (folder, 1);
  g_autofree char *state = NULL;
  TernDb *db = tern_db_open (folder, TERN_DB_WRITER, &error);
  gboolean is_ok;
  TernDb *again;
  gboolean has_failed;

  g_assert_no_error (error);
  faulty_vfs_arm (n, result, is_lasting);
  is_ok = write_all (db, 1 + N_MESSAGES, &error);
  if (is_ok)
    tern_db_checkpoint (db, NULL);
  else
    tern_db_rollback (db);
  tern_db_close (db);
  has_failed = faulty_vfs_has_failed ();
  faulty_vfs_arm (0, SQLITE_OK, FALSE);

  if (!is_ok)
    g_assert_error (error, TERN_ERROR, TERN_ERROR_STORE_FULL);
  state = read_state (folder);
  if (is_ok || strcmp (state, before) != 0)
    g_assert_cmpstr (state, ==, after);
  /* And the file goes on working. */
  again = tern_db_open (folder, TERN_DB_WRITER, NULL);
  g_assert_nonnull (again);
  g_assert_true (write_all (again, 1 + 2 * N_MESSAGES, NULL));
  tern_db_close (again);
  store_fixture_remove_folder (folder);
  return has_failed;
}

static void
run (int      result,
     gboolean is_lasting)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("tern-broken-disk-XXXXXX", &error);
  g_autofree char *after = prepare (folder, 2);
  guint n = 1;

  store_fixture_remove_folder (folder);
  while (fail_at (n, result, is_lasting, after))
    n++;
  g_test_message ("%u writes", n - 1);
  g_assert_cmpuint (n, >, 10);
}

static void
test_one_write_fails (void)
{
  run (SQLITE_IOERR_WRITE, FALSE);
}

static void
test_all_writes_fail (void)
{
  run (SQLITE_IOERR_WRITE, TRUE);
}

static void
test_disk_is_full (void)
{
  run (SQLITE_FULL, TRUE);
}

static void
test_full_disk_is_named (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("tern-broken-disk-XXXXXX", &error);
  g_autofree char *before = prepare (folder, 1);
  g_autofree char *state = NULL;
  TernDb *db = tern_db_open (folder, TERN_DB_WRITER, &error);

  faulty_vfs_arm (1, SQLITE_FULL, TRUE);
  g_assert_false (write_all (db, 1 + N_MESSAGES, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_STORE_FULL);
  g_assert_nonnull (strstr (error->message, "no room left"));
  g_clear_error (&error);
  tern_db_rollback (db);

  /* Somebody made room: the same handle goes on. */
  faulty_vfs_arm (0, SQLITE_OK, FALSE);
  g_assert_true (write_all (db, 1 + N_MESSAGES, &error));
  g_assert_no_error (error);
  tern_db_close (db);
  state = read_state (folder);
  g_assert_cmpstr (state, !=, before);
  store_fixture_remove_folder (folder);
}

/* Nothing is moved before the new file is complete. */
static void
test_full_disk_while_salvaging (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("tern-broken-disk-XXXXXX", &error);
  g_autofree char *before = prepare (folder, 1);
  g_autofree char *state = NULL;
  g_autofree char *backup = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  TernDb *db;

  faulty_vfs_arm (1, SQLITE_FULL, TRUE);
  g_assert_false (tern_db_salvage (folder, &backup, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_STORE_FULL);
  g_clear_error (&error);
  g_assert_null (backup);
  faulty_vfs_arm (0, SQLITE_OK, FALSE);
  state = read_state (folder);
  g_assert_cmpstr (state, ==, before);

  g_assert_true (tern_db_salvage (folder, &backup, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (backup, G_FILE_TEST_EXISTS));
  db = tern_db_open (folder, TERN_DB_WRITER, &error);
  g_assert_no_error (error);
  rows = tern_store_list_before (db, PAIR, NULL, 10000, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, 1);
  tern_db_close (db);
  store_fixture_remove_folder (folder);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  faulty_vfs_install ();
  g_test_add_func ("/faults/one-write", test_one_write_fails);
  g_test_add_func ("/faults/all-writes", test_all_writes_fail);
  g_test_add_func ("/faults/full", test_disk_is_full);
  g_test_add_func ("/faults/full-is-named", test_full_disk_is_named);
  g_test_add_func ("/faults/salvage", test_full_disk_while_salvaging);
  return g_test_run ();
}
