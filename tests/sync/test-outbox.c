/* test-outbox.c: what is put on the wire
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "tern-sync-outbox.h"

#define CHAT "si_me_you"

static TernMessageRecord *
make_message (const char *client_id)
{
  TernMessageRecord *message = tern_message_record_new ();

  tern_record_set_text (&message->conversation_id, CHAT);
  tern_record_set_text (&message->client_id, client_id);
  message->content = g_bytes_new_static ("old", 3);

  return message;
}

/* What changes while it waits goes out as it is then. */
static void
test_content (void)
{
  g_autoptr(TernSyncOutbox) outbox = tern_sync_outbox_new ();
  g_autoptr(GBytes) content = g_bytes_new_static ("new", 3);
  const TernMessageRecord *next;

  tern_sync_outbox_add (outbox, make_message ("1"));
  tern_sync_outbox_set_content (outbox, CHAT, "2", content);
  tern_sync_outbox_set_content (outbox, CHAT, "1", content);
  next = tern_sync_outbox_next (outbox, 0);
  g_assert_true (g_bytes_equal (next->content, content));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/outbox/content", test_content);

  return g_test_run ();
}
