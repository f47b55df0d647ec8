/* test-engine.c: the engine against a server that loses, doubles and lies
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random events; after each the store is compared with what the server holds,
 * as far as it may be known by then, and in the end altogether.
 * TERN_TEST_SEED replays one run, TERN_TEST_RUNS sets how many there are.
 */

#include "engine-world.h"

#include <stdlib.h>
#include <string.h>

#include "tern-content-json.h"

#define N_STEPS 250

/* These found something once. */
static const guint32 known_seeds[] = { 31, 694, 1000658, 2728290668 };

static const char * const chats[] = { "si_me_peer", "sg_g0", "sg_g1" };

static const char *
companion (const char *id)
{
  return g_str_has_prefix (id, "si_") ? "n_me_peer" : g_str_equal (id, "sg_g0") ? "n_g0" : "n_g1";
}

/* --- the naive model --- */

static gint64
get_high (const Conversation *conversation)
{
  gint64 last = (gint64) conversation->slots->len;

  return conversation->cap > 0 ? MIN (last, conversation->cap) : last;
}

/* What a person sees of @conversation: each identity once, under its lowest
 * number; nothing that was erased or cleared. */
static GHashTable *
list_visible (const Conversation *conversation)
{
  GHashTable *visible = g_hash_table_new (NULL, NULL);
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (gint64 seq = conversation->first; seq <= get_high (conversation); seq++)
    {
      Slot *slot = conversation->slots->pdata[seq - 1];

      if (slot->message != NULL && g_hash_table_add (seen, slot->message->client_id))
        g_hash_table_insert (visible, GSIZE_TO_POINTER (seq), slot);
    }

  return visible;
}

/* --- comparing --- */

/* What was withdrawn must not live on in what quotes it. */
static gboolean
is_quoting_revoked (const Conversation      *conversation,
                    const TernMessageRecord *row)
{
  g_autoptr(TernContent) content = tern_content_parse (row->content_type, row->content);
  const Slot *quoted;

  if (content->quote_seq == 0)
    return FALSE;
  quoted = conversation->slots->pdata[content->quote_seq - 1];
  /* Withdrawn first, perhaps, and erased then; or before a bound, where the
   * server tells nobody what became of it. */
  if (quoted->message == NULL || content->quote_seq < conversation->first ||
      (conversation->cap > 0 && content->quote_seq > conversation->cap))
    return content->quote->kind == TERN_CONTENT_KIND_REVOKED;
  if (quoted->message->content_type != TERN_CONTENT_REVOKED)
    return FALSE;
  g_assert_cmpint (content->quote->kind, ==, TERN_CONTENT_KIND_REVOKED);

  return TRUE;
}

static void
check_row (const Conversation      *conversation,
           const TernMessageRecord *row,
           gboolean                 is_final)
{
  Slot *slot;

  g_assert_cmpint (row->seq, <=, (gint64) conversation->slots->len);
  slot = conversation->slots->pdata[row->seq - 1];
  if (slot->message == NULL)
    {
      g_assert_false (is_final); /* erased up there: we are yet to be told */
      return;
    }
  g_assert_cmpstr (row->client_id, ==, slot->message->client_id);
  g_assert_cmpint (row->status, ==, TERN_MESSAGE_SENT);
  /* A forged revoke changes nothing; a true one does in the end. */
  if (row->content_type == TERN_CONTENT_REVOKED || is_final)
    {
      g_assert_cmpint (row->content_type, ==, slot->message->content_type);
      g_assert_true (is_quoting_revoked (conversation, row) ||
                     g_bytes_equal (row->content, slot->message->content));
    }
}

static void
check_conversation (World        *world,
                    Conversation *conversation,
                    gboolean      is_final)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) rows = tern_store_list_before (world->reader, conversation->id, NULL,
                                                      100000, &error);
  g_autoptr(TernSeqRanges) covered = tern_store_load_ranges (world->reader, conversation->id,
                                                             &error);
  g_autoptr(GHashTable) visible = list_visible (conversation);
  g_autoptr(GHashTable) identities = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GHashTable) by_seq = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer key;
  gint64 last = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < rows->len; i++)
    {
      const TernMessageRecord *row = rows->pdata[i];

      g_assert_true (g_hash_table_add (identities, row->client_id));
      if (row->seq == 0)
        {
          g_assert_cmpstr (row->sender_id, ==, SELF);
          if (is_final) /* refused: one has left that group */
            {
              g_assert_cmpint (row->status, ==, TERN_MESSAGE_FAILED);
              g_assert_cmpstr (conversation->id, ==, "sg_g1");
            }
          continue;
        }
      g_assert_cmpint (row->seq, >, last);
      last = row->seq;
      /* Or else what is told of it later would be taken for news yet to come. */
      g_assert_true (tern_seq_ranges_contains (covered, row->seq));
      g_hash_table_add (by_seq, GSIZE_TO_POINTER (row->seq));
      check_row (conversation, row, is_final);
    }

  /* What is called known and can be seen is here. */
  g_hash_table_iter_init (&iter, visible);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      if (is_final || tern_seq_ranges_contains (covered, (gint64) GPOINTER_TO_SIZE (key)))
        g_assert_true (g_hash_table_contains (by_seq, key));
    }
  if (is_final)
    g_assert_cmpuint (g_hash_table_size (by_seq), ==, g_hash_table_size (visible));
}

static gint64
find_first_seq (World      *world,
                const char *client_id,
                const char *id)
{
  const Conversation *conversation = world_get (world, id);

  for (guint i = 0; i < conversation->slots->len; i++)
    {
      const Slot *slot = conversation->slots->pdata[i];

      if (slot->message != NULL && g_str_equal (slot->message->client_id, client_id))
        return (gint64) i + 1;
    }

  return 0;
}

/* All that the person wrote arrived, in the order in which it was written;
 * only what the server took and lost comes later. */
static void
check_own (World *world)
{
  for (guint c = 0; c < G_N_ELEMENTS (chats); c++)
    {
      gint64 last = 0;

      for (guint i = 0; i < world->own->len; i++)
        {
          const Slot *own = world->own->pdata[i];
          gint64 seq;

          if (!g_str_equal (own->message->conversation_id, chats[c]))
            continue;
          seq = find_first_seq (world, own->message->client_id, chats[c]);
          if (seq == 0 || own->is_dropped)
            continue; /* erased by somebody; or lost and sent again */
          g_assert_cmpint (seq, >, last);
          last = seq;
        }
    }
}

static void
check_world (World    *world,
             gboolean  is_final)
{
  for (guint i = 0; i < G_N_ELEMENTS (chats); i++)
    check_conversation (world, world_get (world, chats[i]), is_final);
  if (is_final)
    check_own (world);
}

/* --- what can happen --- */

static Conversation *
pick (World *world)
{
  return world_get (world, chats[g_rand_int_range (world->rand, 0, G_N_ELEMENTS (chats))]);
}

static Slot *
pick_slot (World        *world,
           Conversation *conversation,
           gint64       *seq)
{
  if (conversation->slots->len == 0)
    return NULL;
  *seq = g_rand_int_range (world->rand, 1, (gint32) conversation->slots->len + 1);

  return conversation->slots->pdata[*seq - 1];
}

/* The copies under later numbers go with it. */
static void
erase (World        *world,
       Conversation *conversation,
       const char   *client_id)
{
  g_autofree char *id = g_strdup (client_id);

  for (guint i = 0; i < conversation->slots->len; i++)
    {
      Slot *slot = conversation->slots->pdata[i];

      if (slot->message != NULL && g_str_equal (slot->message->client_id, id))
        g_clear_pointer (&slot->message, tern_message_record_free);
    }
  /* Gone before its sender saw it, it is taken for lost and sent again. */
  for (guint i = 0; i < world->own->len; i++)
    {
      Slot *own = world->own->pdata[i];

      own->is_dropped = own->is_dropped || g_str_equal (own->message->client_id, id);
    }
}

static void
revoke (World    *world,
        gboolean  is_forged)
{
  Conversation *conversation = pick (world);
  gint64 seq;
  Slot *slot = pick_slot (world, conversation, &seq);
  const char *words = "{\"detail\":\"{\\\"revokerID\\\":\\\"peer\\\"}\"}";

  if (slot == NULL || slot->message == NULL)
    return;
  if (!is_forged)
    {
      slot->message->content_type = TERN_CONTENT_REVOKED;
      g_bytes_unref (slot->message->content);
      slot->message->content = g_bytes_new_static (words, strlen (words));
    }
  world_notify (world, companion (conversation->id), TERN_CONTENT_REVOKED, "peer",
                g_strdup_printf ("{\"revokerUserID\":\"peer\",\"seq\":%" G_GINT64_FORMAT
                                 ",\"conversationID\":\"%s\"}",
                                 seq, conversation->id));
}

static void
delete_message (World    *world,
                gboolean  is_forged)
{
  Conversation *conversation = pick (world);
  gint64 seq;
  Slot *slot = pick_slot (world, conversation, &seq);
  g_autoptr(GString) seqs = g_string_new (NULL);
  g_autofree char *client_id = NULL;

  if (slot == NULL || slot->message == NULL || slot->unreadable > 0)
    return;
  client_id = g_strdup (slot->message->client_id);
  for (guint i = 0; i < conversation->slots->len; i++)
    {
      Slot *other = conversation->slots->pdata[i];

      if (other->message != NULL && g_str_equal (other->message->client_id, client_id))
        g_string_append_printf (seqs, "%s%u", seqs->len > 0 ? "," : "", i + 1);
    }
  if (!is_forged)
    erase (world, conversation, client_id);
  world_notify (world, companion (conversation->id), TERN_CONTENT_DELETED, "peer",
                g_strdup_printf ("{\"userID\":\"peer\",\"conversationID\":\"%s\",\"seqs\":[%s]}",
                                 conversation->id, seqs->str));
}

/* Cleared for everybody: no record tells of it, only this, once. */
static void
clear (World    *world,
       gboolean  is_forged)
{
  Conversation *conversation = pick (world);

  if (!is_forged)
    {
      conversation->first = (gint64) conversation->slots->len + 1;
      conversation->is_cleared = TRUE;
    }
  world_notify (world, companion (conversation->id), TERN_CONTENT_CLEARED, "peer",
                g_strdup_printf ("{\"userID\":\"peer\",\"conversationIDs\":[\"%s\"]}",
                                 conversation->id));
}

static void
happen (World *world)
{
  int choice = g_rand_int_range (world->rand, 0, 1000);
  Conversation *group = world_get (world, "sg_g1");

  if (choice < 350)
    world_peer_writes (world, pick (world));
  else if (choice < 550)
    {
      Conversation *conversation = pick (world);

      if (conversation->cap == 0)
        world_person_writes (world, conversation);
    }
  else if (choice < 620)
    revoke (world, choice < 580);
  else if (choice < 670)
    delete_message (world, choice < 640);
  else if (choice < 680)
    clear (world, choice < 677);
  else if (choice < 690)
    group->cap = group->cap == 0 && group->slots->len > 0 ? (gint64) group->slots->len : 0;
  else if (choice < 720)
    {
      if (world->is_up)
        world_cut (world);
      world_connect (world);
    }
  else if (choice < 740)
    {
      if (world->is_up)
        world_cut (world);
    }
  else if (choice < 755)
    {
      world_crash (world);
      world_start (world);
      world_connect (world);
    }
  else if (choice < 765)
    tern_clock_skip_us (12 * G_USEC_PER_SEC);
}

static void
run (guint32 seed)
{
  World *world = world_new (seed);

  world->is_rough = FALSE;
  g_test_message ("seed %u", seed);
  for (guint i = 0; i < G_N_ELEMENTS (chats); i++)
    {
      for (int n = g_rand_int_range (world->rand, 0, 150); n > 0; n--)
        world_peer_writes (world, world_get (world, chats[i]));
    }
  world->is_rough = TRUE;
  world_start (world);
  world_connect (world);
  for (guint i = 0; i < N_STEPS; i++)
    {
      happen (world);
      world_step (world);
      check_world (world, FALSE);
    }
  world_settle (world);
  check_world (world, TRUE);
  world_free (world);
}

static void
test_random (void)
{
  const char *seed = g_getenv ("TERN_TEST_SEED");
  const char *runs = g_getenv ("TERN_TEST_RUNS");
  guint n = runs != NULL ? (guint) atoi (runs) : 20;

  if (seed != NULL)
    {
      run ((guint32) g_ascii_strtoull (seed, NULL, 10));
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (known_seeds); i++)
    run (known_seeds[i]);
  for (guint i = 0; i < n; i++)
    run ((guint32) g_test_rand_int ());
}

/* What is marked in the list as an announcement, and until when. */
static void
test_announcement (void)
{
  static const struct
  {
    const char *words;
    int         at_type;
  } steps[] = { { "", 0 }, { "Tea at four", TERN_AT_ANNOUNCEMENT }, { "", TERN_AT_ANNOUNCEMENT } };
  World *world = world_new (1);

  world->is_rough = FALSE;
  world_peer_writes (world, world_get (world, "sg_g1"));
  world_start (world);
  world_settle (world);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr(TernConversationRow) row = NULL;

      world_notify (world, "sg_g1", 1519, "peer",
                    g_strdup_printf ("{\"group\":{\"notification\":\"%s\"}}", steps[i].words));
      world_settle (world);
      row = tern_store_find_conversation (world->reader, SELF, "sg_g1", NULL);
      g_assert_cmpint (row->at_type, ==, steps[i].at_type);
    }
  /* Who has read the first message only has it still before him. */
  world_person_reads (world, world_get (world, "sg_g1"), 1);
  world_settle (world);
  {
    g_autoptr(TernConversationRow) row =
      tern_store_find_conversation (world->reader, SELF, "sg_g1", NULL);

    g_assert_cmpint (row->read_seq, ==, 1);
    g_assert_cmpint (row->at_type, ==, TERN_AT_ANNOUNCEMENT);
  }
  world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/random", test_random);
  g_test_add_func ("/engine/announcement", test_announcement);
  return g_test_run ();
}
