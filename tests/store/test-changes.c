/* test-changes.c: each row is named once
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-changes.h"

static void
assert_ids (GArray     *ids,
            const char *expected)
{
  g_autoptr (GString) actual = g_string_new (NULL);

  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (actual, "%s%" G_GINT64_FORMAT, i > 0 ? " " : "",
                            g_array_index (ids, gint64, i));
  g_assert_cmpstr (actual->str, ==, expected);
}

static void
test_rows_are_named_once (void)
{
  static const struct
  {
    const char *operations; /* a, u, r on one row */
    const char *added;
    const char *updated;
    const char *removed;
  } cases[] = {
    { "a", "1", "", "" },
    { "au", "1", "", "" },
    { "auu", "1", "", "" },
    { "ar", "", "", "" },
    { "ara", "1", "", "" },
    { "arar", "", "", "" },
    { "u", "", "1", "" },
    { "uu", "", "1", "" },
    { "ur", "", "", "1" },
    { "r", "", "", "1" },
    { "ra", "", "1", "" },
    { "rau", "", "1", "" },
    { "rar", "", "", "1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (TernChanges) changes = tern_changes_new ();
      const TernConversationChange *change;

      for (const char *p = cases[i].operations; *p != '\0'; p++)
        {
          if (*p == 'a')
            tern_changes_add_message (changes, "c", 1);
          else if (*p == 'u')
            tern_changes_update_message (changes, "c", 1);
          else
            tern_changes_remove_message (changes, "c", 1);
        }
      change = tern_changes_find (changes, "c");
      g_assert_nonnull (change);
      assert_ids (change->added, cases[i].added);
      assert_ids (change->updated, cases[i].updated);
      assert_ids (change->removed, cases[i].removed);
    }
}

static void
test_conversations_are_kept_apart (void)
{
  g_autoptr (TernChanges) changes = tern_changes_new ();

  g_assert_true (tern_changes_is_empty (changes));
  tern_changes_add_message (changes, "a", 1);
  tern_changes_add_message (changes, "b", 1);
  tern_changes_add_message (changes, "a", 2);
  tern_changes_add_conversation (changes, "b");
  g_assert_false (tern_changes_is_empty (changes));
  g_assert_cmpuint (tern_changes_get_conversations (changes)->len, ==, 2);
  assert_ids (tern_changes_find (changes, "a")->added, "1 2");
  assert_ids (tern_changes_find (changes, "b")->added, "1");
  g_assert_false (tern_changes_find (changes, "a")->is_row_changed);
  g_assert_true (tern_changes_find (changes, "b")->is_row_changed);
  g_assert_null (tern_changes_find (changes, "c"));
}

static void
test_people (void)
{
  g_autoptr (TernChanges) changes = tern_changes_new ();
  g_autoptr (TernChanges) same = tern_changes_ref (changes);

  g_assert_false (tern_changes_has_people (changes));
  g_assert_false (tern_changes_concerns (changes, "u1"));
  tern_changes_add_people (changes, "u1");
  g_assert_true (tern_changes_has_people (same));
  g_assert_false (tern_changes_is_empty (same));
  g_assert_true (tern_changes_concerns (changes, "u1"));
  g_assert_false (tern_changes_concerns (changes, "u2"));
  tern_changes_add_people (changes, NULL);
  g_assert_true (tern_changes_concerns (changes, "u2"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/changes/once", test_rows_are_named_once);
  g_test_add_func ("/changes/apart", test_conversations_are_kept_apart);
  g_test_add_func ("/changes/people", test_people);
  return g_test_run ();
}
