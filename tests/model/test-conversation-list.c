/* test-conversation-list.c: the conversation list, against the store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fake-worker.h"
#include "store-fixture.h"
#include "tern-conversation-list.h"

#define N_CONVERSATIONS 60

typedef struct
{
  StoreFixture          store;
  TernSyncWorker       *worker;
  TernConversationList *list;
  GPtrArray            *mirror; /* of TernConversation (owned) */
  guint                 n_signals;
  guint                 n_changed;
} Fixture;

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  Fixture    *self)
{
  g_assert_cmpuint (position + n_removed, <=, self->mirror->len);
  if (n_removed > 0)
    g_ptr_array_remove_range (self->mirror, position, n_removed);
  for (guint i = 0; i < n_added; i++)
    g_ptr_array_insert (self->mirror, (int) (position + i),
                        g_list_model_get_item (model, position + i));
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, self->mirror->len);
  self->n_signals++;
}

static void
open_list (Fixture *self)
{
  self->list = tern_conversation_list_new (self->store.reader, self->worker, SELF);
  g_signal_connect (self->list, "items-changed", G_CALLBACK (items_changed_cb), self);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    g_ptr_array_add (self->mirror, g_list_model_get_item (G_LIST_MODEL (self->list), i));
}

static void
set_up (Fixture       *self,
        gconstpointer  unused)
{
  store_fixture_set_up (&self->store, NULL);
  self->worker = fake_worker_new ();
  self->mirror = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
tear_down (Fixture       *self,
           gconstpointer  unused)
{
  tern_conversation_list_detach (self->list);
  g_assert_finalize_object (self->list);
  g_ptr_array_unref (self->mirror);
  g_assert_finalize_object (self->worker);
  store_fixture_tear_down (&self->store, NULL);
}

static void
commit (Fixture *self)
{
  store_fixture_commit (&self->store);
  if (!tern_changes_is_empty (self->store.changes))
    fake_worker_emit_changed (self->worker, self->store.changes);
}

static void
put (Fixture    *self,
     const char *conversation_id,
     const char *sender_id,
     gint64      seq)
{
  g_autofree char *client_id = g_strdup_printf ("c%" G_GINT64_FORMAT, seq);
  g_autoptr (TernMessageRecord) message = NULL;

  message = store_message_new (conversation_id, sender_id, client_id, seq, "{\"content\":\"hi\"}");
  store_fixture_put (&self->store, g_steal_pointer (&message));
  fake_worker_emit_changed (self->worker, self->store.changes);
}

static void
check (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  guint n_unread = 0;

  rows = tern_store_list_conversations (self->store.reader, SELF, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (self->mirror->len, ==, rows->len);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->list)), ==, rows->len);
  for (guint i = 0; i < rows->len; i++)
    {
      TernConversationRow *row = rows->pdata[i];
      const TernConversationRow *shown = tern_conversation_get_row (self->mirror->pdata[i]);
      guint position;

      g_assert_cmpstr (shown->id, ==, row->id);
      g_assert_cmpstr (shown->name, ==, row->name);
      g_assert_cmpstr (shown->draft, ==, row->draft);
      g_assert_cmpuint (shown->n_unread, ==, row->n_unread);
      g_assert_cmpint (shown->sort_ms, ==, row->sort_ms);
      g_assert_cmpint (shown->last_id, ==, row->last_id);
      g_assert_true (tern_conversation_list_find (self->list, row->id, &position)
                     == self->mirror->pdata[i]);
      g_assert_cmpuint (position, ==, i);
      if (row->recv_opt < 2)
        n_unread += row->n_unread;
    }
  g_assert_cmpuint (tern_conversation_list_get_n_unread (self->list), ==, n_unread);
}

static void
changed_cb (TernConversation *conversation,
            Fixture          *self)
{
  self->n_changed++;
}

static void
test_new_message_moves_to_the_top (Fixture       *self,
                                   gconstpointer  unused)
{
  TernConversation *moved;

  open_list (self);
  put (self, "sg_a", PEER, 1);
  put (self, "sg_b", PEER, 2);
  put (self, "sg_c", PEER, 3);
  check (self);
  moved = self->mirror->pdata[2];
  g_assert_cmpstr (tern_conversation_get_id (moved), ==, "sg_a");
  g_assert_cmpstr (tern_conversation_get_name (moved), ==, "a");
  g_assert_cmpstr (tern_conversation_get_last_sender_name (moved), ==, PEER);
  self->n_signals = 0;
  put (self, "sg_a", SELF, 4);
  g_assert_true (self->mirror->pdata[0] == moved);
  g_assert_null (tern_conversation_get_last_sender_name (moved));
  g_assert_nonnull (tern_conversation_get_last_content (moved));
  g_assert_cmpuint (self->n_signals, ==, 2);
  check (self);

  /* The top one stays where it is. */
  g_signal_connect (moved, "changed", G_CALLBACK (changed_cb), self);
  self->n_signals = 0;
  put (self, "sg_a", PEER, 5);
  g_assert_cmpuint (self->n_signals, ==, 0);
  g_assert_cmpuint (self->n_changed, ==, 1);
  check (self);
}

static void
test_name_changes (Fixture       *self,
                   gconstpointer  unused)
{
  g_autoptr (TernRecordUpdate) update = tern_record_update_new (TERN_DATASET_FRIENDS, "");
  TernUserRecord *user = tern_user_record_new ();
  g_autoptr (GError) error = NULL;

  put (self, PAIR, PEER, 1);
  put (self, "sg_a", PEER, 2);
  open_list (self);
  g_assert_cmpstr (tern_conversation_get_name (self->mirror->pdata[1]), ==, PEER);
  g_signal_connect (self->mirror->pdata[1], "changed", G_CALLBACK (changed_cb), self);
  tern_record_set_text (&user->id, PEER);
  tern_record_set_text (&user->name, "Nick");
  tern_record_set_text (&user->remark, "Remark");
  g_ptr_array_add (update->rows, user);
  store_fixture_begin (&self->store);
  tern_store_apply_update (self->store.writer, update, SELF, self->store.changes, &error);
  g_assert_no_error (error);
  commit (self);
  g_assert_cmpstr (tern_conversation_get_name (self->mirror->pdata[1]), ==, "Remark");
  g_assert_cmpstr (tern_conversation_get_last_sender_name (self->mirror->pdata[0]), ==, "Remark");
  g_assert_cmpuint (self->n_changed, ==, 1);
  check (self);
}

static void
test_typing (Fixture       *self,
             gconstpointer  unused)
{
  TernConversation *conversation;

  put (self, PAIR, PEER, 1);
  open_list (self);
  conversation = self->mirror->pdata[0];
  g_signal_connect (conversation, "changed", G_CALLBACK (changed_cb), self);
  fake_worker_emit_typing (self->worker, "sg_unknown", PEER, TRUE);
  fake_worker_emit_typing (self->worker, PAIR, PEER, TRUE);
  fake_worker_emit_typing (self->worker, PAIR, PEER, TRUE);
  g_assert_cmpstr (tern_conversation_get_typing (conversation), ==, PEER);
  g_assert_cmpuint (self->n_changed, ==, 1);
  fake_worker_emit_typing (self->worker, PAIR, "other", FALSE);
  g_assert_nonnull (tern_conversation_get_typing (conversation));
  fake_worker_emit_typing (self->worker, PAIR, PEER, FALSE);
  g_assert_null (tern_conversation_get_typing (conversation));
  g_assert_cmpuint (self->n_changed, ==, 2);

  /* What was being typed comes. */
  fake_worker_emit_typing (self->worker, PAIR, PEER, TRUE);
  put (self, PAIR, PEER, 2);
  g_assert_null (tern_conversation_get_typing (conversation));

  /* Nobody says that it ended. */
  fake_worker_emit_typing (self->worker, PAIR, PEER, TRUE);
  g_assert_nonnull (tern_conversation_get_typing (conversation));
  while (tern_conversation_get_typing (conversation) != NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* With so many changes that all rows are read anew, and nobody looked at one. */
static void
test_typing_among_many (Fixture       *self,
                        gconstpointer  unused)
{
  TernConversation *conversation;

  put (self, PAIR, PEER, 1);
  open_list (self);
  conversation = self->mirror->pdata[0];
  fake_worker_emit_typing (self->worker, PAIR, PEER, TRUE);
  for (guint n = 1; n <= 2; n++)
    {
      store_fixture_begin (&self->store);
      for (guint i = 0; i < 50; i++)
        {
          g_autofree char *id = i == 0 ? g_strdup (PAIR) : g_strdup_printf ("sg_%u", i);
          g_autofree char *client_id = g_strdup_printf ("n%u", n);
          g_autoptr (TernMessageRecord) message =
            store_message_new (id, i == 0 && n == 1 ? "other" : PEER, client_id, n + 1, "text");
          g_autoptr (GError) error = NULL;

          tern_store_put_message (self->store.writer, message, self->store.changes, &error);
          g_assert_no_error (error);
          tern_store_ensure_conversation (self->store.writer, message, SELF, self->store.changes,
                                          &error);
          g_assert_no_error (error);
        }
      commit (self);
      g_assert_true ((tern_conversation_get_typing (conversation) == NULL) == (n == 2));
    }
}

/* Within a transaction. */
static void
rename_peer (Fixture    *self,
             const char *name)
{
  g_autoptr (TernRecordUpdate) update = tern_record_update_new (TERN_DATASET_FRIENDS, "");
  TernUserRecord *user = tern_user_record_new ();
  g_autoptr (GError) error = NULL;

  tern_record_set_text (&user->id, PEER);
  tern_record_set_text (&user->name, name);
  g_ptr_array_add (update->rows, user);
  tern_store_apply_update (self->store.writer, update, SELF, self->store.changes, &error);
  g_assert_no_error (error);
}

/* The same: another name, or it is left. */
static void
change_group (Fixture    *self,
              const char *group_id,
              gint64      n,
              gboolean    is_left)
{
  g_autoptr (TernRecordUpdate) update = tern_record_update_new (TERN_DATASET_GROUPS, "");
  g_autoptr (GError) error = NULL;

  if (is_left)
    {
      g_ptr_array_add (update->removed, g_strdup (group_id));
    }
  else
    {
      TernGroupRecord *group = tern_group_record_new ();

      tern_record_set_text (&group->id, group_id);
      g_free (group->name);
      group->name = g_strdup_printf ("Group %" G_GINT64_FORMAT, n);
      g_ptr_array_add (update->rows, group);
    }
  tern_store_apply_update (self->store.writer, update, SELF, self->store.changes, &error);
  g_assert_no_error (error);
}

/* A commit that is about one person or one group leaves the other rows alone. */
static void
test_only_concerned (Fixture       *self,
                     gconstpointer  unused)
{
  const TernConversationRow *rows[3];

  put (self, PAIR, PEER, 1);
  put (self, "sg_a", SELF, 2);
  put (self, "sg_b", PEER, 3);
  open_list (self);
  for (guint i = 0; i < 3; i++)
    rows[i] = tern_conversation_get_row (self->mirror->pdata[i]);
  store_fixture_begin (&self->store);
  rename_peer (self, "Ann");
  commit (self);
  g_assert_cmpstr (tern_conversation_get_name (self->mirror->pdata[2]), ==, "Ann");
  g_assert_cmpstr (tern_conversation_get_last_sender_name (self->mirror->pdata[0]), ==, "Ann");
  g_assert_true (tern_conversation_get_row (self->mirror->pdata[1]) == rows[1]);

  rows[0] = tern_conversation_get_row (self->mirror->pdata[0]);
  rows[2] = tern_conversation_get_row (self->mirror->pdata[2]);
  store_fixture_begin (&self->store);
  change_group (self, "a", 7, FALSE);
  commit (self);
  g_assert_cmpstr (tern_conversation_get_name (self->mirror->pdata[1]), ==, "Group 7");
  g_assert_true (tern_conversation_get_row (self->mirror->pdata[0]) == rows[0]);
  g_assert_true (tern_conversation_get_row (self->mirror->pdata[2]) == rows[2]);
  check (self);
}

static void
random_step (Fixture *self,
             GRand   *rand,
             gint64  *seq)
{
  g_autofree char *id = NULL;
  g_autoptr (TernConversationRecord) record = tern_conversation_record_new ();
  g_autoptr (GError) error = NULL;

  id = g_strdup_printf ("sg_%d", g_rand_int_range (rand, 0, N_CONVERSATIONS));
  store_fixture_begin (&self->store);
  switch (g_rand_int_range (rand, 0, 10))
    {
    case 8:
      rename_peer (self, g_rand_boolean (rand) ? "Ann" : "Bob");
      break;
    case 9:
      change_group (self, id + 3, *seq, g_rand_boolean (rand));
      break;
    case 0:
      tern_store_set_draft (self->store.writer, id,
                            g_rand_boolean (rand) ? "draft" : "", 1000000 + *seq,
                            self->store.changes, &error);
      break;
    case 1:
      tern_store_hide_conversation (self->store.writer, id, self->store.changes, &error);
      break;
    case 2:
      tern_record_set_text (&record->id, id);
      tern_record_set_text (&record->group_id, id + 3);
      record->chat_type = TERN_CHAT_GROUP;
      record->is_pinned = g_rand_boolean (rand);
      record->recv_opt = g_rand_int_range (rand, 0, 3);
      tern_store_put_conversation (self->store.writer, record, self->store.changes, &error);
      break;
    case 3:
      tern_store_set_seqs (self->store.writer, id, 0, *seq, self->store.changes, &error);
      break;
    case 4:
      tern_store_delete_below (self->store.writer, id, *seq + 1, self->store.changes, &error);
      break;
    default:
      /* One to fifty messages, often in the same commit. */
      for (int n = g_rand_int_range (rand, 1, 50); n > 0; n -= 1 + n / 2)
        {
          g_autoptr (TernMessageRecord) message = NULL;
          g_autofree char *other = NULL;
          g_autofree char *client_id = g_strdup_printf ("c%" G_GINT64_FORMAT, ++*seq);

          other = g_strdup_printf ("sg_%d", g_rand_int_range (rand, 0, N_CONVERSATIONS));
          message = store_message_new (other, PEER, client_id, *seq, "text");
          tern_store_put_message (self->store.writer, message, self->store.changes, &error);
          tern_store_ensure_conversation (self->store.writer, message, SELF, self->store.changes,
                                          &error);
        }
      break;
    }
  g_assert_no_error (error);
  commit (self);
}

static void
test_random (Fixture       *self,
             gconstpointer  unused)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  gint64 seq = 0;

  open_list (self);
  for (guint i = 0; i < 2000; i++)
    {
      random_step (self, rand, &seq);
      check (self);
    }
}

static void
test_many_at_once (Fixture       *self,
                   gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;

  open_list (self);
  for (guint round = 0; round < 3; round++)
    {
      store_fixture_begin (&self->store);
      for (guint i = 0; i < 300; i++)
        {
          g_autofree char *id = g_strdup_printf ("sg_%u", i);
          g_autofree char *client_id = g_strdup_printf ("c%u", round);
          g_autoptr (TernMessageRecord) message = NULL;

          message = store_message_new (id, PEER, client_id,
                                       (gint64) (i * 7919 % 300 + round * 300) + 1, "text");
          tern_store_put_message (self->store.writer, message, self->store.changes, &error);
          tern_store_ensure_conversation (self->store.writer, message, SELF, self->store.changes,
                                          &error);
          g_assert_no_error (error);
        }
      commit (self);
      check (self);
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
  /* The ten seconds of "is typing" are not worth waiting for. */
  g_setenv ("TERN_CLOCK_SCALE", "100", TRUE);
  g_test_init (&argc, &argv, NULL);
  add ("/conversation-list/top", test_new_message_moves_to_the_top);
  add ("/conversation-list/names", test_name_changes);
  add ("/conversation-list/only-concerned", test_only_concerned);
  add ("/conversation-list/typing", test_typing);
  add ("/conversation-list/typing-among-many", test_typing_among_many);
  add ("/conversation-list/random", test_random);
  add ("/conversation-list/many", test_many_at_once);
  return g_test_run ();
}
