/* test-people.c: what one REST answer changes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "store-fixture.h"

static void
apply (StoreFixture     *self,
       TernRecordUpdate *update) /* (transfer full) */
{
  g_autoptr (GError) error = NULL;

  store_fixture_begin (self);
  tern_store_apply_update (self->writer, update, SELF, self->changes, &error);
  g_assert_no_error (error);
  store_fixture_commit (self);
  tern_record_update_free (update);
}

static void
add_user (TernRecordUpdate *update,
          const char       *id,
          const char       *remark)
{
  TernUserRecord *user = tern_user_record_new ();

  tern_record_set_text (&user->id, id);
  tern_record_set_text (&user->name, id);
  tern_record_set_text (&user->remark, remark);
  g_ptr_array_add (update->rows, user);
}

static void
add_group (TernRecordUpdate *update,
           const char       *id)
{
  TernGroupRecord *group = tern_group_record_new ();

  tern_record_set_text (&group->id, id);
  tern_record_set_text (&group->name, id);
  g_ptr_array_add (update->rows, group);
}

static void
add_member (TernRecordUpdate *update,
            const char       *id,
            int               role)
{
  TernMemberRecord *member = tern_member_record_new ();

  tern_record_set_text (&member->group_id, update->entity);
  tern_record_set_text (&member->user_id, id);
  tern_record_set_text (&member->name, id);
  member->role = role;
  g_ptr_array_add (update->rows, member);
}

static void
remove_id (TernRecordUpdate *update,
           const char       *id)
{
  g_ptr_array_add (update->removed, g_strdup (id));
}

static void
set_version (TernRecordUpdate *update,
             guint64           version)
{
  tern_record_set_text (&update->version_id, "version");
  update->version = version;
}

static void
assert_version (StoreFixture *self,
                TernDataset   dataset,
                const char   *entity,
                guint64       expected)
{
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;
  guint64 version;

  g_assert_true (tern_store_get_version (self->reader, dataset, entity, &id, &version, &error));
  g_assert_cmpuint (version, ==, expected);
  g_assert_cmpstr (id, ==, expected > 0 ? "version" : "");
}

static void
assert_friends (StoreFixture *self,
                const char   *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = tern_store_list_friends (self->reader, &error);
  g_autoptr (GString) actual = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    g_string_append_printf (actual, "%s ", ((TernUserRecord *) list->pdata[i])->id);
  g_assert_cmpstr (actual->str, ==, expected);
}

static void
test_friends (StoreFixture  *self,
              gconstpointer  unused)
{
  TernRecordUpdate *update = tern_record_update_new (TERN_DATASET_FRIENDS, "");
  g_autoptr (TernUserRecord) user = NULL;
  g_autoptr (GError) error = NULL;

  add_user (update, "a", "A!");
  add_user (update, "b", "");
  add_user (update, "c", "");
  set_version (update, 3);
  apply (self, update);
  g_assert_true (tern_changes_has_people (self->changes));
  assert_friends (self, "a b c ");
  assert_version (self, TERN_DATASET_FRIENDS, "", 3);

  update = tern_record_update_new (TERN_DATASET_FRIENDS, "");
  remove_id (update, "a");
  apply (self, update);
  assert_friends (self, "b c ");
  /* "" leaves the version alone. */
  assert_version (self, TERN_DATASET_FRIENDS, "", 3);
  user = tern_store_find_user (self->reader, "a", &error);
  g_assert_nonnull (user);
  g_assert_false (user->is_friend);
  g_assert_cmpstr (user->remark, ==, "");

  update = tern_record_update_new (TERN_DATASET_FRIENDS, "");
  update->replace = TRUE;
  add_user (update, "c", "");
  set_version (update, G_MAXUINT64);
  apply (self, update);
  assert_friends (self, "c ");
  assert_version (self, TERN_DATASET_FRIENDS, "", G_MAXUINT64);
}

static void
test_groups_and_members (StoreFixture  *self,
                         gconstpointer  unused)
{
  TernRecordUpdate *update = tern_record_update_new (TERN_DATASET_GROUPS, "");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) members = NULL;
  g_autoptr (GPtrArray) left_members = NULL;
  g_autoptr (GPtrArray) groups = NULL;
  g_autoptr (TernGroupRecord) group = NULL;
  g_autoptr (TernMemberRecord) member = NULL;

  add_group (update, "g");
  add_group (update, "h");
  apply (self, update);

  update = tern_record_update_new (TERN_DATASET_MEMBERS, "g");
  add_member (update, "a", 20);
  add_member (update, "b", 100);
  add_member (update, "c", 60);
  set_version (update, 7);
  update->group = tern_group_record_new ();
  tern_record_set_text (&update->group->id, "g");
  tern_record_set_text (&update->group->name, "Renamed");
  apply (self, update);
  update = tern_record_update_new (TERN_DATASET_MEMBERS, "g");
  remove_id (update, "a");
  apply (self, update);

  members = tern_store_list_members (self->reader, "g", 10, &error);
  g_assert_cmpuint (members->len, ==, 2);
  g_assert_cmpstr (((TernMemberRecord *) members->pdata[0])->user_id, ==, "b");
  g_assert_cmpstr (((TernMemberRecord *) members->pdata[1])->user_id, ==, "c");
  member = tern_store_find_member (self->reader, "g", "c", &error);
  g_assert_cmpint (member->role, ==, 60);
  assert_version (self, TERN_DATASET_MEMBERS, "g", 7);

  update = tern_record_update_new (TERN_DATASET_GROUPS, "");
  update->replace = TRUE;
  add_group (update, "h");
  apply (self, update);
  groups = tern_store_list_groups (self->reader, &error);
  g_assert_cmpuint (groups->len, ==, 1);
  group = tern_store_find_group (self->reader, "g", &error);
  g_assert_cmpstr (group->name, ==, "Renamed");
  left_members = tern_store_list_members (self->reader, "g", 10, &error);
  g_assert_cmpuint (left_members->len, ==, 0);
  assert_version (self, TERN_DATASET_MEMBERS, "g", 0);

  /* An answer that was asked for before one had left changes nothing of that. */
  update = tern_record_update_new (TERN_DATASET_MEMBERS, "g");
  add_member (update, "a", 20);
  set_version (update, 8);
  update->group = tern_group_record_new ();
  tern_record_set_text (&update->group->id, "g");
  apply (self, update);
  g_clear_pointer (&groups, g_ptr_array_unref);
  groups = tern_store_list_groups (self->reader, &error);
  g_assert_cmpuint (groups->len, ==, 1);
  assert_version (self, TERN_DATASET_MEMBERS, "g", 0);
}

static void
test_conversations_are_only_hidden (StoreFixture  *self,
                                    gconstpointer  unused)
{
  TernRecordUpdate *update = tern_record_update_new (TERN_DATASET_CONVERSATIONS, "");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) list = NULL;

  store_fixture_put (self, store_message_new ("sg_a", PEER, "a", 1, "text"));
  store_fixture_put (self, store_message_new ("sg_b", PEER, "b", 1, "text"));
  store_fixture_begin (self);
  tern_store_set_draft (self->writer, "sg_b", "draft", 1, self->changes, &error);
  store_fixture_commit (self);
  update->replace = TRUE;
  remove_id (update, "sg_a");
  remove_id (update, "sg_b");
  remove_id (update, "sg_none");
  apply (self, update);
  rows = tern_store_list_before (self->reader, "sg_a", NULL, 10, &error);
  g_assert_cmpuint (rows->len, ==, 1);
  list = tern_store_list_conversations (self->reader, SELF, &error);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpstr (((TernConversationRow *) list->pdata[0])->id, ==, "sg_b");
}

static void
test_self (StoreFixture  *self,
           gconstpointer  unused)
{
  TernRecordUpdate *update = tern_record_update_new (TERN_DATASET_SELF, "");
  g_autoptr (GError) error = NULL;
  g_autoptr (TernUserRecord) user = NULL;

  add_user (update, SELF, "");
  apply (self, update);
  user = tern_store_find_user (self->reader, SELF, &error);
  g_assert_nonnull (user);
  assert_friends (self, "");
}

static void
test_values (StoreFixture  *self,
             gconstpointer  unused)
{
  static const char * const values[] = { "one", "two", NULL };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *value = NULL;
      g_autoptr (GPtrArray) keys = NULL;

      store_fixture_begin (self);
      g_assert_true (tern_store_set_value (self->writer, "key", values[i], &error));
      g_assert_true (tern_store_set_value (self->writer, "ke", values[i], &error));
      store_fixture_commit (self);
      value = tern_store_dup_value (self->reader, "key", &error);
      g_assert_no_error (error);
      g_assert_cmpstr (value, ==, values[i]);
      keys = tern_store_list_keys (self->reader, "key", &error);
      g_assert_no_error (error);
      g_assert_cmpuint (keys->len, ==, values[i] != NULL ? 1 : 0);
    }
}

static void
add (const char *path,
     void      (*func) (StoreFixture *self, gconstpointer unused))
{
  g_test_add (path, StoreFixture, NULL, store_fixture_set_up, func, store_fixture_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("/people/friends", test_friends);
  add ("/people/groups-and-members", test_groups_and_members);
  add ("/people/conversations", test_conversations_are_only_hidden);
  add ("/people/self", test_self);
  add ("/people/values", test_values);
  return g_test_run ();
}
