/* test-people.c: whom one may mention, and where one was mentioned oneself
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A real session, opened offline on a store of a group.
 */

#include "config.h"

#include <string.h>

#include "store-fixture.h"
#include "tern-content-json.h"
#include "tern-session.h"

#define GROUP "sg_hikers"

typedef struct
{
  char        *base;
  char        *folder;
  TernSession *session;
  gboolean     is_open;
  gboolean     is_closed;
} Fixture;

static void
put (TernDb      *db,
     TernChanges *changes,
     gint64       seq,
     const char  *sender,
     const char  *mentioned) /* (nullable) */
{
  g_autofree char *client_id = g_strdup_printf ("c%" G_GINT64_FORMAT, seq);
  g_autoptr(TernMessageRecord) message =
    store_message_new (GROUP, sender, client_id, seq, "{\"content\":\"hi\"}");
  g_autoptr(GError) error = NULL;

  if (mentioned != NULL)
    {
      const char *ids[] = { "somebody", mentioned, NULL };

      message->content_type = TERN_CONTENT_AT_TEXT;
      message->at_user_ids = g_strdupv ((char **) ids);
    }
  tern_store_ensure_conversation (db, message, SELF, changes, &error);
  g_assert_no_error (error);
  tern_store_put_message (db, message, changes, &error);
  g_assert_no_error (error);
}

static void
add_member (TernRecordUpdate *update,
            const char       *id,
            const char       *name,
            int               role)
{
  TernMemberRecord *member = tern_member_record_new ();

  tern_record_set_text (&member->group_id, "hikers");
  tern_record_set_text (&member->user_id, id);
  tern_record_set_text (&member->name, name);
  member->role = role;
  g_ptr_array_add (update->rows, member);
}

static void
fill (Fixture *self)
{
  g_autoptr(TernChanges) changes = tern_changes_new ();
  g_autoptr(TernRecordUpdate) update = tern_record_update_new (TERN_DATASET_MEMBERS, "hikers");
  g_autoptr(GError) error = NULL;
  TernDb *db;

  g_mkdir_with_parents (self->folder, 0700);
  db = tern_db_open (self->folder, TERN_DB_WRITER, &error);
  g_assert_no_error (error);
  tern_db_begin (db, NULL);
  for (gint64 seq = 1; seq <= 700; seq++)
    put (db, changes, seq, seq % 7 == 0 ? SELF : PEER,
         seq == 20 || seq == 650 ? SELF : seq == 400 ? "AtAllTag" : seq == 77 ? SELF : NULL);
  add_member (update, "u2", "林小满", 20);
  add_member (update, SELF, "Me", 20);
  add_member (update, "u1", "Maya Okafor", 100);
  add_member (update, "u3", "", 20);
  tern_store_apply_update (db, update, SELF, changes, &error);
  g_assert_no_error (error);
  tern_db_commit (db, NULL);
  tern_db_close (db);
}

static void
opened_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Fixture *self = user_data;
  g_autoptr(GError) error = NULL;

  tern_session_open_finish (TERN_SESSION (object), result, &error);
  g_assert_no_error (error);
  self->is_open = TRUE;
}

static void
closed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Fixture *self = user_data;

  tern_session_close_finish (TERN_SESSION (object), result);
  self->is_closed = TRUE;
}

static void
set_up (Fixture       *self,
        gconstpointer  unused)
{
  g_autoptr(TernServers) servers = tern_servers_new ("", "http://127.0.0.1:9", "ws://127.0.0.1:9");
  g_autoptr(TernAccount) account = tern_account_new (servers, SELF, "");

  self->base = g_dir_make_tmp ("tern-people-XXXXXX", NULL);
  self->folder = tern_account_dup_folder (account, self->base);
  fill (self);
  self->session = tern_session_new (account, self->base);
  tern_session_open_async (self->session, FALSE, NULL, opened_cb, self);
  while (!self->is_open)
    g_main_context_iteration (NULL, TRUE);
}

static void
tear_down (Fixture       *self,
           gconstpointer  unused)
{
  tern_session_close_async (self->session, closed_cb, self);
  while (!self->is_closed)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (self->session);
  store_fixture_remove_folder (self->folder);
  store_fixture_remove_folder (self->base);
  g_free (self->folder);
  g_free (self->base);
}

/* Administrators first, oneself not; who has no name is there by ID. */
static void
test_people (Fixture       *self,
             gconstpointer  unused)
{
  static const char *const wanted[][2] = {
    { "u1", "Maya Okafor" }, { "u2", "林小满" }, { "u3", "u3" },
  };
  g_autoptr(GPtrArray) people = tern_session_list_people (self->session, GROUP);
  g_autoptr(GPtrArray) nobody = tern_session_list_people (self->session, PAIR);

  g_assert_cmpuint (people->len, ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < people->len; i++)
    {
      const TernPerson *person = people->pdata[i];

      g_assert_cmpstr (person->id, ==, wanted[i][0]);
      g_assert_cmpstr (person->name, ==, wanted[i][1]);
    }
  g_assert_cmpuint (nobody->len, ==, 0);
}

/* The first after what was read, over more than one page; one's own is none. */
static void
test_mention (Fixture       *self,
              gconstpointer  unused)
{
  g_assert_cmpint (tern_session_find_mention (self->session, GROUP, 0), ==, 20);
  g_assert_cmpint (tern_session_find_mention (self->session, GROUP, 20), ==, 400);
  g_assert_cmpint (tern_session_find_mention (self->session, GROUP, 399), ==, 400);
  g_assert_cmpint (tern_session_find_mention (self->session, GROUP, 400), ==, 650);
  g_assert_cmpint (tern_session_find_mention (self->session, GROUP, 650), ==, 0);
  g_assert_cmpint (tern_session_find_mention (self->session, PAIR, 0), ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/people/people", Fixture, NULL, set_up, test_people, tear_down);
  g_test_add ("/people/mention", Fixture, NULL, set_up, test_mention, tear_down);

  return g_test_run ();
}
