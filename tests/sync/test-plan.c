/* test-plan.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "tern-frame.h"
#include "tern-sync-outbox.h"
#include "tern-sync-plan.h"
#include "tern-sync-requests.h"
#include "tern-wire.h"

#define CHAT "si_a_b"
#define NOTIFICATION "n_a_b"

static void
test_screenful_first (void)
{
  g_autoptr(TernSyncPlan) plan = tern_sync_plan_new ();
  g_autoptr(GPtrArray) requests = NULL;
  const TernSeqRequest *request;

  tern_sync_plan_set_bounds (plan, CHAT, 1, 1000, 0);
  g_assert_cmpint (tern_sync_plan_count_missing (plan, TERN_SYNC_PHASE_SCREENFUL), ==, 20);
  requests = tern_sync_plan_next (plan, TERN_SYNC_PHASE_SCREENFUL, 1000);
  g_assert_cmpuint (requests->len, ==, 1);
  request = requests->pdata[0];
  g_assert_cmpint (request->first, ==, 981);
  g_assert_cmpint (request->last, ==, 1000);
  g_assert_cmpint (request->max_messages, ==, 20);
  /* It is on its way: not asked for twice. */
  g_assert_null (tern_sync_plan_next (plan, TERN_SYNC_PHASE_SCREENFUL, 1000));
}

/* One request may have 51,200 bytes, in JSON as well. */
static void
test_many_chats (void)
{
  static const TernFrameFormat format = { TERN_ENCODING_JSON, FALSE, 0 };
  g_autoptr(TernSyncPlan) plan = tern_sync_plan_new ();
  g_autofree char *user_id = g_strnfill (64, 'u');
  guint n = 0;
  guint n_requests = 0;

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *id = g_strdup_printf ("si_%s_%064u", user_id, i);

      tern_sync_plan_set_bounds (plan, id, 1000000, 1000000, i);
    }
  for (;;)
    {
      g_autoptr(GPtrArray) ranges = tern_sync_plan_next (plan, TERN_SYNC_PHASE_BACKFILL, 1000);
      g_autoptr(GBytes) body = NULL;
      g_autoptr(TernFrame) frame = NULL;
      g_autoptr(GBytes) bytes = NULL;

      if (ranges == NULL)
        break;
      n += ranges->len;
      n_requests++;
      body = tern_wire_encode_pull_ranges (user_id, ranges, FALSE);
      frame = tern_frame_new (TERN_FRAME_PULL_RANGES, "1", "operation", body);
      bytes = tern_frame_encode_request (frame, &format);
      g_assert_cmpuint (g_bytes_get_size (bytes), <=, TERN_FRAME_MAX_SENT_BYTES);
    }
  g_assert_cmpuint (n, ==, 1000);
  g_assert_cmpuint (n_requests, <=, 6);
}

static void
test_notifications_whole (void)
{
  g_autoptr(TernSyncPlan) plan = tern_sync_plan_new ();
  gint64 n = 0;

  tern_sync_plan_set_bounds (plan, NOTIFICATION, 1, 1234, 0);
  for (;;)
    {
      g_autoptr(GPtrArray) requests = tern_sync_plan_next (plan, TERN_SYNC_PHASE_SCREENFUL, 1000);
      TernSeqRequest *request;

      if (requests == NULL)
        break;
      request = requests->pdata[0];
      g_assert_cmpint (request->max_messages, <=, 500);
      n += request->max_messages;
      tern_sync_plan_end (plan, request, FALSE);
      tern_sync_plan_cover (plan, NOTIFICATION, request->first, request->last);
    }
  g_assert_cmpint (n, ==, 1234);
}

/* One failure after the other: alone, then in halves, then left alone. */
static void
test_failed_is_halved (void)
{
  g_autoptr(TernSyncPlan) plan = tern_sync_plan_new ();
  gint64 last_length = G_MAXINT64;
  guint n = 0;

  tern_sync_plan_set_bounds (plan, CHAT, 1, 100, 0);
  for (;;)
    {
      g_autoptr(GPtrArray) requests = tern_sync_plan_next (plan, TERN_SYNC_PHASE_BACKFILL, 1000);
      TernSeqRequest *request;

      if (requests == NULL)
        break;
      request = requests->pdata[0];
      g_assert_cmpint (request->max_messages, <=, last_length);
      last_length = request->max_messages;
      tern_sync_plan_end (plan, request, TRUE);
      /* Not before its time has come. */
      g_assert_true (tern_sync_plan_is_held (plan, CHAT));
      g_assert_null (tern_sync_plan_next (plan, TERN_SYNC_PHASE_BACKFILL, 1000));
      tern_sync_plan_retry_skipped (plan, CHAT, 3);
      g_assert_cmpuint (++n, <, 20);
    }
  g_assert_cmpint (last_length, ==, 1);
  /* A server that fails whatever it is asked ends in peace. */
  g_assert_cmpint (tern_sync_plan_count_missing (plan, TERN_SYNC_PHASE_BACKFILL), ==, 0);
  tern_sync_plan_begin_epoch (plan);
  g_assert_cmpint (tern_sync_plan_count_missing (plan, TERN_SYNC_PHASE_BACKFILL), ==, 100);
}

/* One conversation that always fails does not take the others along. */
static void
test_failure_is_isolated (void)
{
  g_autoptr(TernSyncPlan) plan = tern_sync_plan_new ();
  guint n = 0;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("sg_%u", i);

      tern_sync_plan_set_bounds (plan, id, 1, 50, i);
    }
  for (;;)
    {
      g_autoptr(GPtrArray) requests = tern_sync_plan_next (plan, TERN_SYNC_PHASE_BACKFILL, 1000);
      gboolean is_failed = FALSE;

      if (requests == NULL && !tern_sync_plan_is_held (plan, NULL))
        break;
      g_assert_cmpuint (++n, <, 100);
      for (guint i = 0; requests != NULL && i < requests->len; i++)
        {
          const TernSeqRequest *request = requests->pdata[i];

          is_failed = is_failed || g_str_equal (request->conversation_id, "sg_2");
        }
      for (guint i = 0; requests != NULL && i < requests->len; i++)
        {
          const TernSeqRequest *request = requests->pdata[i];

          tern_sync_plan_end (plan, request, is_failed);
          if (!is_failed)
            tern_sync_plan_cover (plan, request->conversation_id, request->first, request->last);
        }
      if (requests != NULL)
        continue;
      for (guint i = 0; i < 5; i++)
        {
          g_autofree char *id = g_strdup_printf ("sg_%u", i);

          tern_sync_plan_retry_skipped (plan, id, 3);
        }
      if (n > 60)
        break;
    }
  tern_sync_plan_forgive (plan);
  g_assert_cmpint (tern_sync_plan_count_missing (plan, TERN_SYNC_PHASE_BACKFILL), ==, 50);
}

/* What could not be seen was skipped; then it can be. */
static void
test_upper_bound (void)
{
  g_autoptr(TernSyncPlan) plan = tern_sync_plan_new ();
  g_autoptr(GPtrArray) requests = NULL;
  const TernSeqRequest *request;

  tern_sync_plan_set_bounds (plan, CHAT, 1, 100, 0);
  tern_sync_plan_cover (plan, CHAT, 1, 80);
  tern_sync_plan_skip (plan, CHAT, 81, 100);
  tern_sync_plan_set_bounds (plan, CHAT, 1, 80, 0);
  g_assert_null (tern_sync_plan_next (plan, TERN_SYNC_PHASE_BACKFILL, 1000));
  tern_sync_plan_set_bounds (plan, CHAT, 1, 90, 0);
  tern_sync_plan_raise (plan, CHAT, 95);
  requests = tern_sync_plan_next (plan, TERN_SYNC_PHASE_BACKFILL, 1000);
  request = requests->pdata[0];
  g_assert_cmpint (request->first, ==, 81);
  g_assert_cmpint (request->last, ==, 95);
}

/* What was skipped is not asked for again at once, but when time has passed. */
static void
test_forgiven (void)
{
  g_autoptr(TernSyncPlan) plan = tern_sync_plan_new ();

  tern_sync_plan_set_bounds (plan, CHAT, 1, 100, 0);
  tern_sync_plan_cover (plan, CHAT, 1, 99);
  for (guint i = 0; i < 2; i++)
    {
      tern_sync_plan_skip (plan, CHAT, 100, 100);
      for (guint k = 0; k < 3; k++)
        {
          g_assert_true (tern_sync_plan_retry_skipped (plan, CHAT, 3));
          g_assert_cmpint (tern_sync_plan_count_missing (plan, TERN_SYNC_PHASE_BACKFILL), ==, 1);
          tern_sync_plan_skip (plan, CHAT, 100, 100);
        }
      g_assert_false (tern_sync_plan_retry_skipped (plan, CHAT, 3));
      g_assert_cmpint (tern_sync_plan_count_missing (plan, TERN_SYNC_PHASE_BACKFILL), ==, 0);
      tern_sync_plan_forgive (plan);
      g_assert_cmpint (tern_sync_plan_count_missing (plan, TERN_SYNC_PHASE_BACKFILL), ==, 1);
    }
}

/* A bound that an answer showed: nothing below is waited for or asked for. */
static void
test_lower_bound (void)
{
  g_autoptr(TernSyncPlan) plan = tern_sync_plan_new ();

  tern_sync_plan_set_bounds (plan, CHAT, 1, 100, 0);
  tern_sync_plan_cover (plan, CHAT, 61, 100);
  g_assert_false (tern_sync_plan_is_settled (plan, CHAT, 41, 60));
  g_assert_true (tern_sync_plan_raise_first (plan, CHAT, 61));
  g_assert_false (tern_sync_plan_raise_first (plan, CHAT, 50));
  g_assert_true (tern_sync_plan_is_settled (plan, CHAT, 41, 60));
  g_assert_null (tern_sync_plan_next (plan, TERN_SYNC_PHASE_BACKFILL, 1000));
}

static void
test_focus_first (void)
{
  g_autoptr(TernSyncPlan) plan = tern_sync_plan_new ();
  g_autoptr(GPtrArray) requests = NULL;

  tern_sync_plan_set_bounds (plan, "sg_1", 1, 50, 0);
  tern_sync_plan_set_bounds (plan, "sg_2", 1, 50, 1);
  tern_sync_plan_set_focus (plan, "sg_2");
  requests = tern_sync_plan_next (plan, TERN_SYNC_PHASE_BACKFILL, 10);
  g_assert_cmpuint (requests->len, ==, 1);
  g_assert_cmpstr (((TernSeqRequest *) requests->pdata[0])->conversation_id, ==, "sg_2");
}

/* Random answers, pushes, failures and new epochs beside a plain array. */
static void
test_random (void)
{
  enum { N = 400 };
  guint32 seed = g_test_rand_int ();
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr(TernSyncPlan) plan = tern_sync_plan_new ();
  g_autoptr(GPtrArray) flight = g_ptr_array_new_with_free_func (
    (GDestroyNotify) tern_seq_request_free);
  gboolean has[N + 1] = { FALSE };
  gint64 last = 50;
  guint missing = 0;

  g_test_message ("seed %u", seed);
  tern_sync_plan_set_bounds (plan, CHAT, 1, last, 0);
  for (guint step = 0; step < 5000; step++)
    {
      guint choice = (guint) g_rand_int_range (rand, 0, 100);

      if (choice < 40)
        {
          g_autoptr(GPtrArray) requests =
            tern_sync_plan_next (plan, choice < 10 ? TERN_SYNC_PHASE_SCREENFUL
                                                   : TERN_SYNC_PHASE_BACKFILL,
                                 (guint) g_rand_int_range (rand, 1, 60));

          if (requests != NULL)
            {
              TernSeqRequest *request = g_ptr_array_steal_index (requests, 0);

              for (gint64 seq = request->first; seq <= request->last; seq++)
                g_assert_false (has[seq]);
              g_ptr_array_add (flight, request);
            }
        }
      else if (choice < 85 && flight->len > 0)
        {
          guint i = (guint) g_rand_int_range (rand, 0, (gint32) flight->len);
          TernSeqRequest *request = flight->pdata[i];
          gboolean is_failed = g_rand_int_range (rand, 0, 10) == 0;

          tern_sync_plan_end (plan, request, is_failed);
          if (is_failed)
            tern_sync_plan_retry_skipped (plan, CHAT, 3);
          if (!is_failed)
            {
              tern_sync_plan_cover (plan, CHAT, request->first, request->last);
              for (gint64 seq = request->first; seq <= request->last; seq++)
                has[seq] = TRUE;
            }
          g_ptr_array_remove_index (flight, i);
        }
      else if (choice < 95 && last < N)
        {
          gint64 seq = g_rand_int_range (rand, (gint32) last, N + 1);

          tern_sync_plan_cover (plan, CHAT, seq, seq);
          tern_sync_plan_raise (plan, CHAT, seq);
          has[seq] = TRUE;
          last = MAX (last, seq);
        }
      else if (choice >= 98)
        {
          g_ptr_array_set_size (flight, 0);
          tern_sync_plan_begin_epoch (plan);
        }
    }

  for (guint i = 0; i < flight->len; i++)
    tern_sync_plan_end (plan, flight->pdata[i], FALSE);
  tern_sync_plan_begin_epoch (plan);
  for (gint64 seq = 1; seq <= last; seq++)
    missing += !has[seq];
  g_assert_cmpint (tern_sync_plan_count_missing (plan, TERN_SYNC_PHASE_BACKFILL), ==, missing);
}

/* --- outbox --- */

static TernMessageRecord *
make_message (const char *client_id)
{
  TernMessageRecord *message = tern_message_record_new ();

  g_free (message->conversation_id);
  message->conversation_id = g_strdup (CHAT);
  g_free (message->client_id);
  message->client_id = g_strdup (client_id);

  return message;
}

static void
test_outbox_order (void)
{
  g_autoptr(TernSyncOutbox) outbox = tern_sync_outbox_new ();
  gint64 look_us;

  tern_sync_outbox_add (outbox, make_message ("1"));
  tern_sync_outbox_add (outbox, make_message ("2"));
  g_assert_cmpstr (tern_sync_outbox_next (outbox, 0)->client_id, ==, "1");
  /* It could still be refused for now, and the second overtake it. */
  g_assert_null (tern_sync_outbox_next (outbox, 0));
  g_assert_true (tern_sync_outbox_delay (outbox, CHAT, "1", 50));
  g_assert_null (tern_sync_outbox_next (outbox, 49));
  g_assert_cmpstr (tern_sync_outbox_next (outbox, 50)->client_id, ==, "1");

  /* In doubt, it holds up what follows until it was looked for. The server
   * needs a moment to give it a number. */
  tern_sync_outbox_doubt (outbox, CHAT, "1", 60);
  g_assert_null (tern_sync_outbox_next (outbox, 100));
  look_us = tern_sync_outbox_get_look (outbox, 60);
  g_assert_cmpint (look_us, >, 60);
  tern_sync_outbox_settle (outbox, CHAT, look_us - 1);
  g_assert_null (tern_sync_outbox_next (outbox, look_us));
  g_assert_cmpint (tern_sync_outbox_get_look (outbox, look_us), ==, -1);
  tern_sync_outbox_settle (outbox, "sg_other", look_us);
  g_assert_null (tern_sync_outbox_next (outbox, look_us));
  tern_sync_outbox_settle (outbox, CHAT, look_us);
  g_assert_cmpstr (tern_sync_outbox_next (outbox, look_us)->client_id, ==, "1");

  /* Acknowledged is not stored, but what follows may go. */
  tern_sync_outbox_acknowledge (outbox, CHAT, "1", 100);
  g_assert_cmpstr (tern_sync_outbox_next (outbox, 0)->client_id, ==, "2");
  g_assert_cmpuint (tern_sync_outbox_get_n (outbox), ==, 2);
  g_assert_false (tern_sync_outbox_expire (outbox, 99));
  g_assert_true (tern_sync_outbox_expire (outbox, 100));
  g_assert_true (tern_sync_outbox_remove (outbox, CHAT, "1"));
  g_assert_false (tern_sync_outbox_remove (outbox, CHAT, "1"));
}

static void
test_outbox_pace (void)
{
  g_autoptr(TernSyncOutbox) outbox = tern_sync_outbox_new ();
  const TernMessageRecord *message;
  guint n = 0;

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      tern_sync_outbox_add (outbox, make_message (id));
    }
  while ((message = tern_sync_outbox_next (outbox, 0)) != NULL)
    {
      tern_sync_outbox_acknowledge (outbox, CHAT, message->client_id, 100);
      n++;
    }
  g_assert_cmpuint (n, ==, 50);
  tern_sync_outbox_remove (outbox, CHAT, "0");
  g_assert_cmpstr (tern_sync_outbox_next (outbox, 0)->client_id, ==, "50");
}

static void
test_requests (void)
{
  g_autoptr(TernSyncRequests) requests = tern_sync_requests_new ();
  TernSyncRequest *first = tern_sync_requests_add (requests, 1001, 200);
  TernSyncRequest *second = tern_sync_requests_add (requests, 1002, 100);
  g_autofree char *tag = g_strdup (first->tag);
  g_autoptr(TernSyncRequest) taken = NULL;
  g_autoptr(TernSyncRequest) late = NULL;

  g_assert_cmpint (tern_sync_requests_get_deadline (requests), ==, 100);
  g_assert_null (tern_sync_requests_take_late (requests, 99));
  late = tern_sync_requests_take_late (requests, 100);
  g_assert_true (late == second);
  taken = tern_sync_requests_take (requests, tag, 1001);
  g_assert_true (taken == first);
  g_assert_null (tern_sync_requests_take (requests, tag, 1001));
  g_assert_cmpint (tern_sync_requests_get_deadline (requests), ==, -1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/screenful-first", test_screenful_first);
  g_test_add_func ("/plan/many-chats", test_many_chats);
  g_test_add_func ("/plan/notifications-whole", test_notifications_whole);
  g_test_add_func ("/plan/failed-is-halved", test_failed_is_halved);
  g_test_add_func ("/plan/failure-is-isolated", test_failure_is_isolated);
  g_test_add_func ("/plan/upper-bound", test_upper_bound);
  g_test_add_func ("/plan/forgiven", test_forgiven);
  g_test_add_func ("/plan/lower-bound", test_lower_bound);
  g_test_add_func ("/plan/focus-first", test_focus_first);
  g_test_add_func ("/plan/random", test_random);
  g_test_add_func ("/outbox/order", test_outbox_order);
  g_test_add_func ("/outbox/pace", test_outbox_pace);
  g_test_add_func ("/requests", test_requests);
  return g_test_run ();
}
