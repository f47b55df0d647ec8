/* test-truth.c: what the engine tells is so
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "engine-chat.h"

#include <sqlite3.h>

#include "faulty-vfs.h"
#include "tern-content-json.h"
#include "tern-db-private.h"

/* The newest screenful and more. */
#define N_MESSAGES 25

/* The disk is full from the n-th write on, then there is room again. */
static gboolean
fill_disk (guint n)
{
  World *world = chat_world_new (N_MESSAGES);
  gboolean has_failed;

  faulty_vfs_arm (n, SQLITE_FULL, TRUE);
  world_connect (world);
  for (guint i = 0; i < 100 && !world->is_complete; i++)
    {
      world_step (world);
      if (world->is_complete)
        g_assert_cmpuint (chat_count_rows (world), ==, N_MESSAGES);
      if (world->has_ended || world->state == TERN_SYNC_LIVE)
        g_assert_cmpuint (chat_count_rows (world), >=, 20);
    }
  has_failed = faulty_vfs_has_failed ();
  /* Without room all can be here, too, and nothing but the log be left over. */
  g_assert_true (world->is_complete || has_failed);
  faulty_vfs_arm (0, 0, FALSE);
  world_settle (world);
  g_assert_cmpuint (chat_count_rows (world), ==, N_MESSAGES);
  world_free (world);

  return has_failed;
}

static void
test_full_disk (void)
{
  guint n = 1;

  while (fill_disk (n))
    n++;
  g_assert_cmpuint (n, >, 3);
}

/* All was here; what came then, below a hole, could not be written. */
static void
test_no_longer_complete (void)
{
  World *world = chat_world_new (N_MESSAGES);

  world_settle (world);
  g_assert_true (world->is_complete);
  world_peer_writes (world, world_get (world, "si_me_peer"));
  world_peer_writes (world, world_get (world, "si_me_peer"));
  g_ptr_array_remove_index (world->pushes, 0);
  faulty_vfs_arm (1, SQLITE_FULL, TRUE);
  while (!faulty_vfs_has_failed ())
    world_step (world);
  g_assert_false (world->is_complete);
  g_assert_cmpint (world->state, !=, TERN_SYNC_LIVE);
  faulty_vfs_arm (0, 0, FALSE);
  world_settle (world);
  g_assert_cmpuint (chat_count_rows (world), ==, N_MESSAGES + 2);
  world_free (world);
}

static int
get_at_type (World *world)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TernConversationRow) row =
    tern_store_find_conversation (world->reader, SELF, "sg_g0", &error);

  g_assert_no_error (error);

  return row->at_type;
}

static void
tip (World      *world,
     const char *sender)
{
  world_notify (world, "sg_g0", TERN_CONTENT_ANNOUNCED, sender,
                g_strdup ("{\"group\":{\"notification\":\"Tea at four\"}}"));
}

/* Anybody can send the tip; nobody but the server writes the record. */
static void
test_forged_announcement (void)
{
  World *world = chat_world_new (N_MESSAGES);
  Conversation *group = world_get (world, "sg_g0");

  world_peer_writes (world, group);
  world_settle (world);

  /* Nothing was announced; something else was; somebody else announced it. */
  tip (world, "peer");
  tern_record_set_text (&group->announcement, "");
  world_settle (world);
  g_assert_cmpint (get_at_type (world), ==, 0);
  tip (world, "peer");
  tern_record_set_text (&group->announcement, "Tea at five");
  world_settle (world);
  g_assert_cmpint (get_at_type (world), ==, 0);
  tip (world, "peer");
  tern_record_set_text (&group->announcement, "Tea at four");
  tern_record_set_text (&group->announcer_id, "boss");
  world_settle (world);
  g_assert_cmpint (get_at_type (world), ==, 0);

  /* The record was here before the true tip. */
  tip (world, "boss");
  world_settle (world);
  g_assert_cmpint (get_at_type (world), ==, TERN_AT_ANNOUNCEMENT);
  world_free (world);
}

/* The record comes after the tip, over a line that was cut in between. */
static void
test_announcement_confirmed (void)
{
  World *world = chat_world_new (N_MESSAGES);
  Conversation *group = world_get (world, "sg_g0");

  world_peer_writes (world, group);
  world_settle (world);
  tip (world, "boss");
  tern_record_set_text (&group->announcement, "");
  world_settle (world);
  g_assert_cmpint (get_at_type (world), ==, 0);
  world_crash (world);
  world_start (world);
  tern_record_set_text (&group->announcement, "Tea at four");
  world_settle (world);
  g_assert_cmpint (get_at_type (world), ==, TERN_AT_ANNOUNCEMENT);
  world_free (world);
}

/* --- quotes --- */

/* What the third message says, or one that came later, is quoted. */
#define QUOTED_SEQ 3

static TernMessageRecord *
copy_quoted (World *world)
{
  const Slot *slot = world_get (world, "si_me_peer")->slots->pdata[QUOTED_SEQ - 1];

  return tern_message_record_copy (slot->message);
}

static void
say_revoked (World *world,
             gint64 seq)
{
  world_notify (world, "n_me_peer", TERN_CONTENT_REVOKED, "peer",
                g_strdup_printf ("{\"revokerUserID\":\"peer\",\"seq\":%" G_GINT64_FORMAT
                                 ",\"conversationID\":\"si_me_peer\"}", seq));
}

static void
say_deleted (World *world,
             gint64 seq)
{
  world_notify (world, "n_me_peer", TERN_CONTENT_DELETED, SELF,
                g_strdup_printf ("{\"userID\":\"" SELF "\",\"seqs\":[%" G_GINT64_FORMAT
                                 "],\"conversationID\":\"si_me_peer\"}", seq));
}

static void
revoke (World *world)
{
  Slot *slot = world_get (world, "si_me_peer")->slots->pdata[QUOTED_SEQ - 1];

  slot->message->content_type = TERN_CONTENT_REVOKED;
  g_bytes_unref (slot->message->content);
  slot->message->content = g_bytes_new_static ("{\"detail\":\"{}\"}", 15);
  say_revoked (world, QUOTED_SEQ);
}

/* Here only: the row goes. */
static void
erase (World *world)
{
  TernSyncEvent *event = tern_sync_event_new (TERN_SYNC_EVENT_DELETE);

  event->op = ++world->last_op;
  event->conversation_id = g_strdup ("si_me_peer");
  event->seq = QUOTED_SEQ;
  world->n_open++;
  tern_channel_push (world->inbox, event);
  world_settle (world);
}

static void
deliver (World *world)
{
  while (world->pushes->len > 0)
    world_step (world);
}

/* What the last row of the conversation shows of what it quotes. */
static TernContentKind
get_last_quote (World *world)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) rows = tern_store_list_before (world->reader, "si_me_peer", NULL, 1, &error);
  g_autoptr(TernContent) content = NULL;
  const TernMessageRecord *row;

  g_assert_no_error (error);
  row = rows->pdata[0];
  g_assert_cmpint (row->seq, ==, (gint64) world_get (world, "si_me_peer")->slots->len);
  content = tern_content_parse (row->content_type, row->content);
  g_assert_cmpstr (content->text, ==, "I see");

  return content->quote->kind;
}

/* Whether the person can see what is quoted, and why not. */
typedef enum
{
  SEEN,
  DELETED,
  BELOW,
} Sight;

static World *
make_world_seeing (Sight sight)
{
  World *world = chat_world_new (N_MESSAGES);
  Conversation *chat = world_get (world, "si_me_peer");
  Slot *slot = chat->slots->pdata[QUOTED_SEQ - 1];

  slot->is_deleted = sight == DELETED;
  chat->first = sight == BELOW ? QUOTED_SEQ + 1 : 1;
  world_settle (world);

  return world;
}

/* First quoted, then withdrawn; first withdrawn, then quoted, by a push that
 * has the words. */
static void
test_quotes (void)
{
  static const struct
  {
    Sight    sight;
    int      type;
    gint64   seq;
    gboolean is_first;
    gboolean is_gone;
  } cases[] = {
    { SEEN, TERN_CONTENT_QUOTE, QUOTED_SEQ, FALSE, TRUE },
    { SEEN, TERN_CONTENT_QUOTE, QUOTED_SEQ, TRUE, TRUE },
    { SEEN, TERN_CONTENT_AT_TEXT, QUOTED_SEQ, FALSE, TRUE },
    { SEEN, TERN_CONTENT_AT_TEXT, QUOTED_SEQ, TRUE, TRUE },
    { SEEN, TERN_CONTENT_AT_TEXT, 0, FALSE, TRUE },
    { SEEN, TERN_CONTENT_AT_TEXT, 0, TRUE, TRUE },
    { DELETED, TERN_CONTENT_QUOTE, QUOTED_SEQ, FALSE, TRUE },
    { DELETED, TERN_CONTENT_QUOTE, QUOTED_SEQ, TRUE, TRUE },
    { DELETED, TERN_CONTENT_AT_TEXT, QUOTED_SEQ, FALSE, TRUE },
    { DELETED, TERN_CONTENT_AT_TEXT, QUOTED_SEQ, TRUE, TRUE },
    { BELOW, TERN_CONTENT_QUOTE, QUOTED_SEQ, FALSE, TRUE },
    { BELOW, TERN_CONTENT_QUOTE, QUOTED_SEQ, TRUE, TRUE },
    /* Nobody tells a person what became of it. */
    { BELOW, TERN_CONTENT_AT_TEXT, QUOTED_SEQ, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      World *world = make_world_seeing (cases[i].sight);
      Conversation *chat = world_get (world, "si_me_peer");
      g_autoptr(TernMessageRecord) quoted = copy_quoted (world);

      g_test_message ("case %u", i);
      quoted->seq = cases[i].seq;
      if (cases[i].is_first)
        revoke (world);
      else
        {
          world_peer_quotes (world, chat, cases[i].type, quoted);
          world_settle (world);
          g_assert_cmpint (get_last_quote (world), ==, TERN_CONTENT_KIND_TEXT);
          say_revoked (world, QUOTED_SEQ); /* that is not so */
          world_settle (world);
          g_assert_cmpint (get_last_quote (world), ==, TERN_CONTENT_KIND_TEXT);
          revoke (world);
        }
      world_settle (world);
      if (cases[i].is_first)
        {
          world_crash (world); /* nothing is remembered */
          world_start (world);
          world_settle (world);
          world_peer_quotes (world, chat, cases[i].type, quoted);
          deliver (world);
          world_settle (world); /* over a new line */
        }
      g_assert_cmpint (get_last_quote (world), ==, cases[i].is_gone ? TERN_CONTENT_KIND_REVOKED
                                                                    : TERN_CONTENT_KIND_TEXT);

      /* Gone for good, also when nobody here knows any more why. */
      erase (world);
      world_repeat (world, chat);
      deliver (world);
      g_assert_cmpint (get_last_quote (world), ==, cases[i].is_gone ? TERN_CONTENT_KIND_REVOKED
                                                                    : TERN_CONTENT_KIND_TEXT);
      world_free (world);
    }
}

static guint
count_words (World *world)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) rows =
    tern_store_list_before (world->reader, "si_me_peer", NULL, 1000, &error);
  guint n = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < rows->len; i++)
    {
      const TernMessageRecord *row = rows->pdata[i];
      g_autoptr(TernContent) content = tern_content_parse (row->content_type, row->content);

      n += content->quote_seq == QUOTED_SEQ &&
           content->quote->kind != TERN_CONTENT_KIND_REVOKED;
    }

  return n;
}

/* What the server makes of one tells of all, also of what it leaves as it is. */
static void
test_many_quotes (void)
{
  World *world = make_world_seeing (BELOW);
  Conversation *chat = world_get (world, "si_me_peer");
  g_autoptr(TernMessageRecord) quoted = copy_quoted (world);

  for (guint i = 0; i < 150; i++)
    world_peer_quotes (world, chat, i == 7 ? TERN_CONTENT_AT_TEXT : TERN_CONTENT_QUOTE, quoted);
  world_settle (world);
  g_assert_cmpuint (count_words (world), ==, 150);
  say_revoked (world, QUOTED_SEQ); /* that is not so */
  world_settle (world);
  g_assert_cmpuint (count_words (world), ==, 150);
  revoke (world);
  world_settle (world);
  g_assert_cmpuint (count_words (world), ==, 0);

  world_peer_quotes (world, chat, TERN_CONTENT_AT_TEXT, quoted);
  world_settle (world);
  g_assert_cmpuint (count_words (world), ==, 0);
  world_free (world);
}

/* The one that was to tell is gone itself by the time that it is looked at. */
static void
test_next_quote (void)
{
  for (guint i = 1; i <= 2; i++)
    {
      World *world = make_world_seeing (BELOW);
      Conversation *chat = world_get (world, "si_me_peer");
      g_autoptr(TernMessageRecord) quoted = copy_quoted (world);
      Slot *slot;

      world_peer_quotes (world, chat, TERN_CONTENT_QUOTE, quoted);
      world_peer_quotes (world, chat, TERN_CONTENT_QUOTE, quoted);
      world_settle (world);
      g_assert_cmpuint (count_words (world), ==, 2);
      world_cut (world);
      slot = chat->slots->pdata[chat->slots->len - i];
      slot->is_deleted = TRUE;
      say_deleted (world, slot->message->seq);
      revoke (world);
      world_settle (world);
      g_assert_cmpuint (count_words (world), ==, 0);
      world_free (world);
    }
}

/* What quotes the second number of a message that was stored twice, which is
 * nowhere here: that is asked about once. */
static void
test_circle (void)
{
  World *world = make_world_seeing (SEEN);
  Conversation *chat = world_get (world, "si_me_peer");
  g_autoptr(TernMessageRecord) second = copy_quoted (world);
  Slot *slot = g_new0 (Slot, 1);
  const Slot *first;

  tern_record_set_text (&second->client_id, "nobody's");
  second->seq = chat->slots->len + 2;
  world_peer_quotes (world, chat, TERN_CONTENT_AT_TEXT, second);
  first = chat->slots->pdata[chat->slots->len - 1];
  slot->message = tern_message_record_copy (first->message);
  slot->message->seq = second->seq;
  g_ptr_array_add (chat->slots, slot);
  world_settle (world);
  world_peer_quotes (world, chat, TERN_CONTENT_AT_TEXT, second);
  world_settle (world);
  world_free (world);
}

/* A 114 can be written without words, as if the server had taken them, and under
 * a name that was used: that tells nothing of what it quotes. */
static void
test_forged_quote (void)
{
  World *world = make_world_seeing (BELOW);
  Conversation *chat = world_get (world, "si_me_peer");
  g_autoptr(TernMessageRecord) quoted = copy_quoted (world);
  const TernMessageRecord *honest;

  world_peer_quotes (world, chat, TERN_CONTENT_QUOTE, quoted);
  honest = ((Slot *) chat->slots->pdata[chat->slots->len - 1])->message;
  world_settle (world);
  for (guint i = 0; i < 2; i++)
    {
      TernMessageRecord *forged;
      GBytes *content;

      world_peer_quotes (world, chat, TERN_CONTENT_QUOTE, quoted);
      g_ptr_array_set_size (world->pushes, 0);
      forged = ((Slot *) chat->slots->pdata[chat->slots->len - 1])->message;
      content = tern_content_revoke_quote (forged->content);
      g_bytes_unref (forged->content);
      forged->content = content;
      if (i == 1)
        tern_record_set_text (&forged->client_id, honest->client_id);
      world_repeat (world, chat);
      deliver (world);
      say_revoked (world, QUOTED_SEQ);
      world_settle (world);
      g_assert_cmpuint (count_words (world), ==, 1);
    }
  world_free (world);
}

/* How often the quotes of a conversation were searched. */
static int
count_searches (World *world)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TernStatement) any = tern_db_query (world->engine->db, &error, "SELECT 1", "");
  sqlite3 *handle = sqlite3_db_handle (any);
  int n = 0;

  for (sqlite3_stmt *statement = sqlite3_next_stmt (handle, NULL); statement != NULL;
       statement = sqlite3_next_stmt (handle, statement))
    {
      if (strstr (sqlite3_sql (statement), "content_type IN (106, 114)") != NULL)
        n += sqlite3_stmt_status (statement, SQLITE_STMTSTATUS_RUN, FALSE);
    }

  return n;
}

/* Anybody can say what he likes as often as he likes. */
static void
test_cost (void)
{
  World *world = make_world_seeing (BELOW);
  Conversation *chat = world_get (world, "si_me_peer");
  g_autoptr(TernMessageRecord) quoted = copy_quoted (world);
  Slot *slot = chat->slots->pdata[QUOTED_SEQ];

  /* One is quoted, others are not; one is deleted for the person, too. */
  slot->is_deleted = TRUE;
  world_peer_quotes (world, chat, TERN_CONTENT_QUOTE, quoted);
  say_deleted (world, QUOTED_SEQ + 1);
  world_settle (world);
  g_assert_cmpint (count_searches (world), ==, 0);
  slot->message->content_type = TERN_CONTENT_REVOKED;
  for (guint i = 0; i < 10; i++)
    {
      for (gint64 seq = 1; seq <= QUOTED_SEQ + 1; seq++)
        say_revoked (world, seq);
      world_settle (world);
    }
  /* All that is quoted was looked for, and then what is truly withdrawn. */
  g_assert_cmpint (count_searches (world), ==, 2);
  g_assert_cmpuint (count_words (world), ==, 1);

  /* The one that was remembered is gone, another came. */
  slot = chat->slots->pdata[chat->slots->len - 1];
  slot->message->content_type = TERN_CONTENT_REVOKED;
  say_revoked (world, slot->message->seq);
  world_peer_quotes (world, chat, TERN_CONTENT_QUOTE, quoted);
  world_settle (world);
  revoke (world);
  world_settle (world);
  g_assert_cmpuint (count_words (world), ==, 0);
  world_free (world);
}

/* A push brought the words; the look that finds them withdrawn was never
 * answered, or told that it is too early. */
static void
test_owed_look (void)
{
  for (guint i = 0; i < 2; i++)
    {
      World *world = make_world_seeing (BELOW);
      Conversation *chat = world_get (world, "si_me_peer");
      g_autoptr(TernMessageRecord) quoted = copy_quoted (world);
      g_autoptr(GPtrArray) keys = NULL;

      revoke (world);
      world_settle (world);
      world_peer_quotes (world, chat, TERN_CONTENT_QUOTE, quoted);
      if (i == 1)
        ((Slot *) chat->slots->pdata[chat->slots->len - 1])->unreadable = 6;
      deliver (world);
      g_assert_cmpint (get_last_quote (world), ==, TERN_CONTENT_KIND_TEXT);
      if (i == 0)
        {
          world_crash (world);
          world_start (world);
        }
      world_settle (world);
      world_settle (world);
      g_assert_cmpint (get_last_quote (world), ==, TERN_CONTENT_KIND_REVOKED);
      keys = tern_store_list_keys (world->reader, "look/", NULL);
      g_assert_cmpuint (keys->len, ==, 0);
      world_free (world);
    }
}

/* Without a seq the server shows nobody what a 114 quotes. With one it goes by
 * that, whatever else is said. */
static void
test_quotes_by_seq (void)
{
  World *world = make_world_seeing (SEEN);
  Conversation *chat = world_get (world, "si_me_peer");
  g_autoptr(TernMessageRecord) quoted = copy_quoted (world);

  quoted->seq = 0;
  world_peer_quotes (world, chat, TERN_CONTENT_QUOTE, quoted);
  deliver (world);
  g_assert_cmpint (get_last_quote (world), ==, TERN_CONTENT_KIND_REVOKED);

  quoted->seq = QUOTED_SEQ;
  tern_record_set_text (&quoted->client_id, "another");
  world_peer_quotes (world, chat, TERN_CONTENT_QUOTE, quoted);
  world_settle (world);
  g_assert_cmpint (get_last_quote (world), ==, TERN_CONTENT_KIND_TEXT);
  revoke (world);
  world_settle (world);
  g_assert_cmpint (get_last_quote (world), ==, TERN_CONTENT_KIND_REVOKED);
  world_free (world);
}

/* Numbers that are none, and a 114 that quotes nothing. */
static void
test_odd_revokes (void)
{
  static const gint64 seqs[] = { 0, -1, G_MININT64, G_MAXINT64, 1000 };
  World *world = chat_world_new (N_MESSAGES);
  Conversation *chat = world_get (world, "si_me_peer");
  g_autoptr(TernMessageRecord) quoted = copy_quoted (world);
  Slot *slot;

  world_peer_quotes (world, chat, TERN_CONTENT_QUOTE, quoted);
  slot = chat->slots->pdata[chat->slots->len - 1];
  g_bytes_unref (slot->message->content);
  slot->message->content = g_bytes_new_static ("{\"text\":\"0 1000\"}", 17);
  world_settle (world);
  for (guint i = 0; i < G_N_ELEMENTS (seqs); i++)
    say_revoked (world, seqs[i]);
  world_settle (world);
  g_assert_cmpuint (chat_count_rows (world), ==, N_MESSAGES + 1);
  world_free (world);
}

/* The server tells of conversations that are not one's own; what was withdrawn
 * there is nothing to know of, and a notification is nothing to withdraw. What
 * says so is done with. */
static void
test_others (void)
{
  static const char * const ids[] = { "si_other_peer", "n_other_peer" };
  World *world = chat_world_new (N_MESSAGES);

  world_settle (world);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      Conversation *chat = world_get (world, ids[i]);
      g_autoptr(GPtrArray) rows = NULL;
      g_autoptr(TernSeqRanges) covered = NULL;
      Slot *slot;

      chat->is_foreign = TRUE;
      for (guint k = 0; k < 3; k++)
        world_peer_writes (world, chat);
      slot = chat->slots->pdata[2];
      slot->message->content_type = TERN_CONTENT_REVOKED;
      world_notify (world, "n_me_peer", TERN_CONTENT_REVOKED, "peer",
                    g_strdup_printf ("{\"revokerUserID\":\"peer\",\"seq\":3"
                                     ",\"conversationID\":\"%s\"}", ids[i]));
      world_settle (world);
      rows = tern_store_list_before (world->reader, ids[i], NULL, 9, NULL);
      g_assert_cmpuint (rows->len, ==, 0);
      g_clear_pointer (&rows, g_ptr_array_unref);
      rows = tern_store_list_bounds (world->reader, NULL);
      for (guint k = 0; k < rows->len; k++)
        g_assert_cmpstr (((TernConversationBounds *) rows->pdata[k])->conversation_id, !=, ids[i]);
      covered = tern_store_load_ranges (world->reader, "n_me_peer", NULL);
      g_assert_cmpint (tern_seq_ranges_get (covered, 0)->last, ==, i + 1);
    }
  world_free (world);
}

/* What the only row of a group says; NULL: there is none. */
static TernMessageRecord *
find_in_group (World *world)
{
  g_autoptr(GError) error = NULL;
  TernMessageRecord *row = tern_store_find_by_seq (world->reader, "sg_g9", 1, &error);

  g_assert_no_error (error);

  return row;
}

/* Somebody has just joined a group: what comes of it before its record is kept;
 * what is only told of it looks like what others write, and is here in the end. */
static void
test_joined_just_now (void)
{
  for (guint i = 0; i < 2; i++)
    {
      gboolean is_pushed = i == 0;
      World *world = chat_world_new (N_MESSAGES);
      Conversation *group;
      g_autoptr(TernMessageRecord) row = NULL;
      Slot *slot;

      world_settle (world);
      group = world_get (world, "sg_g9");
      group->is_foreign = !is_pushed;
      world_peer_writes (world, group);
      deliver (world);
      row = find_in_group (world);
      g_assert_true ((row != NULL) == is_pushed);
      g_clear_pointer (&row, tern_message_record_free);

      slot = group->slots->pdata[0];
      slot->message->content_type = TERN_CONTENT_REVOKED;
      world_notify (world, "n_g9", TERN_CONTENT_REVOKED, "peer",
                    g_strdup ("{\"revokerUserID\":\"peer\",\"seq\":1"
                              ",\"conversationID\":\"sg_g9\"}"));
      deliver (world);
      while (world->answers->len > 0)
        world_step (world);
      row = find_in_group (world);
      g_assert_true ((row != NULL) == is_pushed);
      g_clear_pointer (&row, tern_message_record_free);

      /* The record comes over the same line; the newest numbers tell the rest. */
      group->is_foreign = FALSE;
      tern_record_set_text (&group->announcement, "");
      world_apply_records (world);
      for (guint k = 0; k < 1000 && row == NULL; k++)
        {
          world_step (world);
          tern_clock_skip_us (G_USEC_PER_SEC);
          row = find_in_group (world);
        }
      g_assert_nonnull (row);
      g_assert_cmpint (row->content_type, ==, TERN_CONTENT_REVOKED);
      world_free (world);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  faulty_vfs_install ();
  g_test_add_func ("/truth/full-disk", test_full_disk);
  g_test_add_func ("/truth/no-longer-complete", test_no_longer_complete);
  g_test_add_func ("/truth/forged-announcement", test_forged_announcement);
  g_test_add_func ("/truth/announcement-confirmed", test_announcement_confirmed);
  g_test_add_func ("/truth/quotes", test_quotes);
  g_test_add_func ("/truth/many-quotes", test_many_quotes);
  g_test_add_func ("/truth/next-quote", test_next_quote);
  g_test_add_func ("/truth/circle", test_circle);
  g_test_add_func ("/truth/forged-quote", test_forged_quote);
  g_test_add_func ("/truth/cost", test_cost);
  g_test_add_func ("/truth/owed-look", test_owed_look);
  g_test_add_func ("/truth/quotes-by-seq", test_quotes_by_seq);
  g_test_add_func ("/truth/odd-revokes", test_odd_revokes);
  g_test_add_func ("/truth/others", test_others);
  g_test_add_func ("/truth/joined-just-now", test_joined_just_now);
  return g_test_run ();
}
