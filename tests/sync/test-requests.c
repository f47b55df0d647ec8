/* test-requests.c: what waits for an answer, and until when
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "tern-sync-requests.h"

#define PULL 1002
#define SEND 1003

static void
test_tags (void)
{
  g_autoptr(TernSyncRequests) requests = tern_sync_requests_new ();
  TernSyncRequest *first = tern_sync_requests_add (requests, PULL, 10);
  TernSyncRequest *second = tern_sync_requests_add (requests, PULL, 10);
  g_autofree char *tag = g_strdup (first->tag);
  g_autoptr(TernSyncRequest) taken = NULL;

  g_assert_cmpstr (tag, !=, second->tag);
  g_assert_null (tern_sync_requests_take (requests, "no such tag", PULL));
  /* An answer of another kind is no answer to it. */
  g_assert_null (tern_sync_requests_take (requests, tag, SEND));
  taken = tern_sync_requests_take (requests, tag, PULL);
  g_assert_true (taken == first);
  g_assert_cmpint (taken->id, ==, PULL);
  /* An answer that comes twice, or late, finds nothing; nor does a new request
   * get a tag that was used. */
  g_assert_null (tern_sync_requests_take (requests, tag, PULL));
  g_assert_cmpstr (tern_sync_requests_add (requests, SEND, 10)->tag, !=, tag);
  g_assert_cmpuint (tern_sync_requests_count (requests, PULL, TRUE), ==, 1);
}

static void
test_deadlines (void)
{
  static const gint64 deadlines[] = { 30, 10, 20, 10 };
  g_autoptr(TernSyncRequests) requests = tern_sync_requests_new ();
  gint64 last = 0;

  g_assert_cmpint (tern_sync_requests_get_deadline (requests), ==, -1);
  g_assert_null (tern_sync_requests_take_late (requests, G_MAXINT64));
  for (guint i = 0; i < G_N_ELEMENTS (deadlines); i++)
    tern_sync_requests_add (requests, PULL, deadlines[i]);

  g_assert_cmpint (tern_sync_requests_get_deadline (requests), ==, 10);
  g_assert_null (tern_sync_requests_take_late (requests, 9));
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(TernSyncRequest) late = tern_sync_requests_take_late (requests, 20);

      g_assert_nonnull (late);
      g_assert_cmpint (late->deadline_us, >=, last);
      last = late->deadline_us;
    }
  g_assert_null (tern_sync_requests_take_late (requests, 20));
  g_assert_cmpint (tern_sync_requests_get_deadline (requests), ==, 30);
}

/* Those that nobody waits for leave room for those that somebody does. */
static void
test_count (void)
{
  g_autoptr(TernSyncRequests) requests = tern_sync_requests_new ();

  tern_sync_requests_add (requests, PULL, 1)->is_urgent = TRUE;
  tern_sync_requests_add (requests, PULL, 2);
  tern_sync_requests_add (requests, SEND, 3);
  g_assert_cmpuint (tern_sync_requests_count (requests, PULL, TRUE), ==, 2);
  g_assert_cmpuint (tern_sync_requests_count (requests, PULL, FALSE), ==, 1);
  g_assert_cmpuint (tern_sync_requests_count (requests, SEND, FALSE), ==, 1);
}

/* When the line is cut: each of them once; and what is left is freed. */
static void
test_all (void)
{
  g_autoptr(TernSyncRequests) requests = tern_sync_requests_new ();
  guint n = 0;

  for (guint i = 0; i < 5; i++)
    {
      TernSyncRequest *request = tern_sync_requests_add (requests, SEND, i);

      request->client_id = g_strdup ("client");
      request->conversation_id = g_strdup ("si_a_b");
    }
  for (; n < 4; n++)
    {
      g_autoptr(TernSyncRequest) request = tern_sync_requests_take_any (requests);

      g_assert_cmpint (request->deadline_us, ==, n);
    }
  g_assert_cmpuint (tern_sync_requests_count (requests, SEND, TRUE), ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/requests/tags", test_tags);
  g_test_add_func ("/requests/deadlines", test_deadlines);
  g_test_add_func ("/requests/count", test_count);
  g_test_add_func ("/requests/all", test_all);

  return g_test_run ();
}
