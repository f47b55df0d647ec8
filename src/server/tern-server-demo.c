/* tern-server-demo.c: somebody to talk to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "tern-clock.h"
#include "tern-content-json.h"
#include "tern-server-store.h"
#include "tern-server.h"

#define SELF "you"
#define GUIDE "guide"
#define HIKERS "hikers"
#define PASSWORD "tern"
#define MINUTE_MS (60 * 1000)
#define ANSWER_MS 700
#define LIVE_FIRST_MS 6000
#define LIVE_EVERY_MS 15000

static void
add_person (TernServer *self,
            const char *id,
            const char *name)
{
  g_autoptr(TernUserRecord) user = tern_user_record_new ();
  g_autofree char *md5 = g_compute_checksum_for_string (G_CHECKSUM_MD5, PASSWORD, -1);

  tern_record_set_text (&user->id, id);
  tern_record_set_text (&user->name, name);
  tern_server_state_add_user (self->state, user);
  tern_server_state_add_account (self->state, id, id, "", "", md5);
}

/* --- history --- */

typedef struct
{
  const char *sender;
  const char *text;
} Line;

/* Instead of words. */
#define PICTURE "\x01"
#define PACKING_LIST "\x02"

/* The group's talk of the last days. */
static const Line hikers_talk[] = {
  { "lin", "周末天气不错，有人想去爬山吗？" },
  { "maya", "I'm in! Which trail?" },
  { "lin", "香山或者百望山，我觉得百望山人少一点" },
  { "tomas", "Never been to either. How long is the walk?" },
  { "lin", "百望山大概两个小时，坡度不大" },
  { "maya", "Two hours is perfect. I can bring coffee ☕" },
  { "wei", "我带水果和三明治 🥪" },
  { "tomas", "Then I'll bring the camera 📷" },
  { "ana", "Can I bring my dog? She is very polite." },
  { "lin", "当然可以！她叫什么名字？" },
  { "ana", "Her name is Nori. She likes everyone, above all people with sandwiches." },
  { "wei", "哈哈，那我多做几个三明治" },
  { "maya", "Meeting point?" },
  { "lin", "地铁16号线农大南路站，A口，早上九点" },
  { "tomas", "9:00 on a Saturday. You are serious people." },
  { "maya", "The light is better in the morning, you of all people should know 😄" },
  { "tomas", "Fair." },
  { "chen", "我可能晚到十分钟，你们先走，我追上来" },
  { "lin", "没问题，山脚下等你" },
  { "ana", "What do I wear? Is it muddy?" },
  { "lin", "昨天下过雨，建议穿防滑的鞋" },
  { "maya", "Good that you say so, I was about to come in sandals." },
  { "wei", "带件外套，山顶风大" },
  { "tomas", "Here is the list so far: coffee (Maya), fruit and sandwiches (Wei), camera (me), "
             "dog (Ana)." },
  { "tomas", PACKING_LIST },
  { "chen", "我带茶 🍵 龙井，今年的新茶" },
  { "maya", "This is turning into a picnic." },
  { "lin", "爬山只是借口" },
  { "ana", "Nori approves of this plan." },
  { "tomas", "Weather for Saturday: 12 to 19 degrees, clear." },
  { "lin", "太好了！那就这么定了" },
  { "wei", "回来的时候可以去吃铜锅涮肉，附近有一家老店" },
  { "maya", "Yes please. I have heard about that place for years." },
  { "chen", "我来订位，七个人？" },
  { "lin", "六个人，再加一只狗 🐕" },
  { "lin", PICTURE },
  { "ana", "I will ask them whether dogs may come in." },
  { "ana", "They said she may sit outside with us, there is a table under the tree." },
  { "tomas", "Last question: does anybody have a spare walking stick?" },
  { "wei", "我有两根，借你一根" },
  { "tomas", "谢谢！ (I have been practising.)" },
  { "lin", "中文进步很大 👍" },
};

static const char * const hikers_live[] = {
  "lin", "大家早上好！周六见 ☀️",
  "maya", "Morning! Shoes are packed.",
  "chen", "位子订好了，中午一点",
  "tomas", "Great. See you all at exit A.",
  "ana", "Nori says hello 🐾",
};

static const struct
{
  const char *id;
  const char *name;
} people[] = {
  { "lin", "林小满" },
  { "maya", "Maya Okafor" },
  { "tomas", "Tomáš Novák" },
  { "wei", "魏来" },
  { "ana", "Ana Souza" },
  { "chen", "陈思远" },
};

static const Line guide_welcome_zh[] = {
  { GUIDE, "欢迎使用 Tern！我是住在这台电脑上的向导：您在这里写的一切都不会离开这台电脑。" },
  { GUIDE, "You can write to me in English, too." },
  { GUIDE, "给我写点什么，我会回答。试试“帮助”，或者问我：搜索、群聊、离线、隐私。" },
};

static const Line guide_welcome[] = {
  { GUIDE, "Welcome to Tern! I am a guide that lives on this computer: nothing you write here "
           "leaves it." },
  { GUIDE, "你好！用中文也可以问我。" },
  { GUIDE, "Write to me and I answer. Try “help”, or ask about search, groups, offline or "
           "privacy." },
};

/* The library is linked statically: the reference to the resource is what
 * makes the linker keep it. */
extern GResource *tern_server_get_resource (void);

/* Puts an object into the store; its address. */
static char *
put_object (TernServer *self,
            const char *name,
            const char *type,
            GBytes     *bytes)
{
  g_autofree char *base = tern_server_store_dup_base (self);

  if (!tern_server_store_put_bytes (self, name, type, bytes))
    g_warning ("The demo's %s cannot be stored", name);
  base[strlen (base) - strlen (TERN_STORE_BUCKET_PATH)] = '\0';

  return g_strconcat (base, "/object/", name, NULL);
}

static GBytes *
build_picture (TernServer *self)
{
  g_autoptr(GBytes) bytes =
    g_resource_lookup_data (tern_server_get_resource (),
                            "/io/github/tern_chat/Tern/server/demo/trail.jpg",
                            G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autofree char *url = put_object (self, "lin/trail.jpg", "image/jpeg", bytes);
  g_autofree char *info =
    g_strdup_printf ("{\"uuid\":\"trail\",\"type\":\"image/jpeg\",\"size\":%" G_GSIZE_FORMAT ","
                     "\"width\":960,\"height\":640,\"url\":\"%s\"}", g_bytes_get_size (bytes), url);
  char *content = g_strdup_printf ("{\"sourcePicture\":%s,\"bigPicture\":%s,"
                                   "\"snapshotPicture\":%s}", info, info, info);

  return g_bytes_new_take (content, strlen (content));
}

static GBytes *
build_packing_list (TernServer *self)
{
  static const char list[] =
    "Coffee / 咖啡 (Maya)\nFruit and sandwiches / 水果和三明治 (魏来)\nCamera / 相机 (Tomáš)\n"
    "Dog / 狗 (Ana)\n";
  g_autoptr(GBytes) bytes = g_bytes_new_static (list, strlen (list));
  g_autofree char *url = put_object (self, "tomas/packing-list.txt", "text/plain", bytes);
  char *content = g_strdup_printf ("{\"uuid\":\"list\",\"sourceUrl\":\"%s\",\"fileName\":"
                                   "\"packing-list.txt\",\"fileSize\":%" G_GSIZE_FORMAT "}", url,
                                   strlen (list));

  return g_bytes_new_take (content, strlen (content));
}

static void
set_content (TernMessageRecord *message,
             int                type,
             GBytes            *content) /* (transfer full) */
{
  g_bytes_unref (message->content);
  message->content_type = type;
  message->content = content;
}

static void
store_text (TernServer *self,
            const char *sender,
            const char *recv_id,
            const char *group_id,
            const char *text,
            gint64      sent_ms)
{
  g_autoptr(TernMessageRecord) message = tern_server_make_text (self, sender, recv_id, group_id,
                                                                text);

  if (g_str_equal (text, PICTURE))
    set_content (message, TERN_CONTENT_PICTURE, build_picture (self));
  else if (g_str_equal (text, PACKING_LIST))
    set_content (message, TERN_CONTENT_FILE, build_packing_list (self));
  message->sent_ms = sent_ms;
  message->created_ms = sent_ms;
  tern_server_store_message (self, message);
}

static void
seed_group (TernServer *self,
            gint64      now)
{
  g_autoptr(TernGroupRecord) group = tern_group_record_new ();
  g_autoptr(TernMessageRecord) notice = NULL; /* that it was created */
  const char *members[G_N_ELEMENTS (people) + 1] = { NULL };
  guint n = 0;

  tern_record_set_text (&group->id, HIKERS);
  tern_record_set_text (&group->name, "Weekend hikers · 周末徒步");
  tern_record_set_text (&group->owner_id, "lin");
  group->created_ms = now - (gint64) 3 * 24 * 60 * MINUTE_MS;
  members[n++] = SELF;
  for (guint i = 1; i < G_N_ELEMENTS (people); i++)
    members[n++] = people[i].id;
  tern_server_create_group (self, group, members);
  tern_server_flush (self);
  notice = tern_server_state_find_message (self->state, "sg_" HIKERS, 1);
  if (notice != NULL)
    {
      notice->sent_ms = group->created_ms;
      notice->created_ms = group->created_ms;
      tern_server_state_replace (self->state, notice);
    }

  /* Over the last two days, the newest some minutes ago. */
  for (guint i = 0; i < G_N_ELEMENTS (hikers_talk); i++)
    {
      guint from_end = (guint) G_N_ELEMENTS (hikers_talk) - i;
      gint64 sent_ms = now - (gint64) from_end * from_end * 100 * 1000 - 5 * MINUTE_MS;

      store_text (self, hikers_talk[i].sender, NULL, HIKERS, hikers_talk[i].text, sent_ms);
    }
  tern_server_state_set_read_seq (self->state, SELF, "sg_" HIKERS, 35);
}

static void
seed_chats (TernServer *self,
            gint64      now)
{
  static const Line maya[] = {
    { "maya", "Did the slides reach you?" },
    { SELF, "Yes, thank you! They look great." },
    { "maya", "Then let's go through them on Monday." },
  };
  static const Line wei[] = {
    { "wei", "明天的会议改到下午三点了" },
    { SELF, "好的，谢谢提醒" },
    { "wei", "不客气 😊" },
  };
  static const Line ana[] = {
    { "ana", "Obrigada for the book! I finished it on the train." },
  };
  static const struct
  {
    const Line *lines;
    guint       n_lines;
    const char *peer;
    guint       minutes_ago;
  } chats[] = {
    { maya, G_N_ELEMENTS (maya), "maya", 180 },
    { wei, G_N_ELEMENTS (wei), "wei", 60 * 20 },
    { ana, G_N_ELEMENTS (ana), "ana", 60 * 50 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (chats); i++)
    {
      g_autofree char *id = tern_conversation_id_for_pair ("si", SELF, chats[i].peer);

      for (guint k = 0; k < chats[i].n_lines; k++)
        {
          const Line *line = &chats[i].lines[k];
          gboolean is_own = strcmp (line->sender, SELF) == 0;

          store_text (self, line->sender, is_own ? chats[i].peer : SELF, NULL, line->text,
                      now - ((gint64) chats[i].minutes_ago - k * 2) * MINUTE_MS);
        }
      tern_server_state_set_read_seq (self->state, SELF, id, chats[i].n_lines);
    }
}

/* --- the guide --- */

typedef struct
{
  TernServer *server;
  char       *peer;
  char       *text;
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_free (answer->peer);
  g_free (answer->text);
  g_free (answer);
}

static void
send_typing (TernServer *self,
             const char *peer,
             gboolean    is_typing)
{
  TernMessageRecord *message = tern_server_make_text (self, GUIDE, peer, NULL, "");

  set_content (message, TERN_CONTENT_TYPING, tern_content_build_typing (is_typing));
  message->options_off = TERN_OPTIONS_ONLINE_ONLY;
  tern_server_accept (self, message);
}

static gboolean
answer_cb (gpointer user_data)
{
  Answer *answer = user_data;

  send_typing (answer->server, answer->peer, FALSE);
  tern_server_accept (answer->server, tern_server_make_text (answer->server, GUIDE, answer->peer,
                                                             NULL, answer->text));

  return G_SOURCE_REMOVE;
}

static gboolean
has_han (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (g_unichar_get_script (g_utf8_get_char (p)) == G_UNICODE_SCRIPT_HAN)
        return TRUE;
    }

  return FALSE;
}

static const char *
choose_answer (const char *text)
{
  static const struct
  {
    const char *words; /* separated by '|' */
    const char *english;
    const char *chinese;
  } answers[] = {
    { "search|find|搜索|查找",
      "All history is kept on this computer, message by message. That is what search will work on.",
      "所有历史消息都保存在这台电脑上，搜索就在本地进行。" },
    { "group|群",
      "Have a look at “Weekend hikers”: a group with people who write English and Chinese.",
      "看看“周末徒步”这个群：大家用中文和英文聊天。" },
    { "offline|离线|断网",
      "Without a network you can read everything and write: messages wait on your disk and go out "
      "as soon as the line is back.",
      "没有网络时也可以阅读和写消息：消息先保存在本地，连上网络后自动发出。" },
    { "privacy|private|隐私|安全",
      "In this trial the server is a small program on your own machine; it listens on 127.0.0.1 "
      "only.",
      "这个试用服务器只是本机上的一个小程序，只监听 127.0.0.1。" },
    { "server|connect|服务器",
      "When you have a server of your own, choose “Connect to a server” in the menu. "
      "Tern speaks to any OpenIM deployment.",
      "有了自己的服务器后，在菜单里选择“连接服务器”。Tern 可以连接任何 OpenIM 部署。" },
    { "hello|hi|hey|你好|您好|嗨",
      "Hello! Nice to meet you. What would you like to know?",
      "你好！很高兴认识你。想了解些什么？" },
    { "thank|谢",
      "You are welcome!",
      "不客气！" },
    { "help|帮助|?|？",
      "Ask me about: search, groups, offline, privacy, servers. Enter sends, Shift+Enter makes a "
      "new line.",
      "可以问我：搜索、群聊、离线、隐私、服务器。回车发送，Shift+回车换行。" },
  };
  g_autofree char *folded = g_utf8_casefold (text, -1);
  gboolean is_chinese = has_han (text);

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_auto(GStrv) words = g_strsplit (answers[i].words, "|", -1);

      for (guint k = 0; words[k] != NULL; k++)
        {
          if (strstr (folded, words[k]) != NULL)
            return is_chinese ? answers[i].chinese : answers[i].english;
        }
    }

  return is_chinese ? "我只懂一点点。试试“帮助”？"
                    : "I only know a few things. Try “help”.";
}

static void
guide_cb (TernServer              *self,
          const TernMessageRecord *message)
{
  g_autoptr(TernContent) content = tern_content_parse (message->content_type, message->content);
  Answer *answer;

  if (content->text == NULL)
    return;

  answer = g_new0 (Answer, 1);
  answer->server = self;
  answer->peer = g_strdup (message->sender_id);
  answer->text = g_strdup (choose_answer (content->text));
  send_typing (self, message->sender_id, TRUE);
  g_timeout_add_full (G_PRIORITY_DEFAULT, tern_clock_scale_ms (ANSWER_MS), answer_cb, answer,
                      answer_free);
}

/* --- what comes live --- */

typedef struct
{
  TernServer *server;
  guint       next;
} Live;

static gboolean
live_cb (gpointer user_data)
{
  Live *live = user_data;

  if (live->next >= G_N_ELEMENTS (hikers_live))
    return G_SOURCE_REMOVE;

  tern_server_accept (live->server,
                      tern_server_make_text (live->server, hikers_live[live->next], NULL, HIKERS,
                                             hikers_live[live->next + 1]));
  live->next += 2;
  if (live->next == 2)
    {
      g_timeout_add_full (G_PRIORITY_DEFAULT, tern_clock_scale_ms (LIVE_EVERY_MS), live_cb,
                          g_memdup2 (live, sizeof *live), g_free);
      return G_SOURCE_REMOVE;
    }

  return G_SOURCE_CONTINUE;
}

/**
 * tern_server_seed_demo:
 * @self: a server
 *
 * Makes the account "you" (password "tern"), a guide who answers, and a group
 * with history, a picture and a file. The guide greets in the language of the
 * process. Doing it again on the same data adds nothing.
 */
void
tern_server_seed_demo (TernServer *self)
{
  gint64 now = tern_clock_get_wall_ms ();
  g_autoptr(TernUserRecord) known = tern_server_state_find_user (self->state, SELF);
  gboolean is_chinese = g_str_has_prefix (g_get_language_names ()[0], "zh");
  const Line *welcome = is_chinese ? guide_welcome_zh : guide_welcome;
  Live *live;

  tern_server_add_bot (self, GUIDE, guide_cb);
  if (known != NULL)
    return;

  tern_server_state_begin (self->state);
  add_person (self, SELF, "You");
  add_person (self, GUIDE, "Tern Guide");
  for (guint i = 0; i < G_N_ELEMENTS (people); i++)
    add_person (self, people[i].id, people[i].name);
  tern_server_state_add_friend (self->state, SELF, GUIDE, SELF);
  tern_server_state_add_friend (self->state, GUIDE, SELF, GUIDE);
  for (guint i = 0; i < G_N_ELEMENTS (people); i++)
    {
      tern_server_state_add_friend (self->state, SELF, people[i].id, SELF);
      tern_server_state_add_friend (self->state, people[i].id, SELF, people[i].id);
    }
  seed_chats (self, now);
  seed_group (self, now);
  for (guint i = 0; i < G_N_ELEMENTS (guide_welcome); i++)
    store_text (self, GUIDE, SELF, NULL, welcome[i].text, now - (3 - i) * 1000);
  tern_server_state_commit (self->state);

  live = g_new0 (Live, 1);
  live->server = self;
  g_timeout_add_full (G_PRIORITY_DEFAULT, tern_clock_scale_ms (LIVE_FIRST_MS), live_cb, live,
                      g_free);
}

/**
 * tern_server_seed_users:
 * @self: a server
 * @n_users: how many
 *
 * Makes accounts u1 … uN with the password "tern", all friends of u1.
 */
void
tern_server_seed_users (TernServer *self,
                        guint       n_users)
{
  tern_server_state_begin (self->state);
  for (guint i = 1; i <= n_users; i++)
    {
      g_autofree char *id = g_strdup_printf ("u%u", i);
      g_autofree char *name = g_strdup_printf ("User %u", i);
      g_autoptr(TernUserRecord) known = tern_server_state_find_user (self->state, id);

      if (known != NULL)
        continue;
      add_person (self, id, name);
      if (i > 1)
        {
          tern_server_state_add_friend (self->state, "u1", id, "u1");
          tern_server_state_add_friend (self->state, id, "u1", id);
        }
    }
  tern_server_state_commit (self->state);
}

/**
 * tern_server_seed_messages:
 * @self: a server
 * @n_messages: how many in all
 * @n_conversations: between u1 and so many others, who must exist
 *
 * Fills conversations with numbered texts, evenly.
 */
void
tern_server_seed_messages (TernServer *self,
                           guint       n_messages,
                           guint       n_conversations)
{
  gint64 now = tern_clock_get_wall_ms ();

  g_return_if_fail (n_conversations > 0);

  tern_server_state_begin (self->state);
  for (guint i = 0; i < n_messages; i++)
    {
      guint peer = i % n_conversations + 2;
      g_autofree char *id = g_strdup_printf ("u%u", peer);
      g_autofree char *text = g_strdup_printf ("message %u · 第 %u 条消息", i, i);
      gboolean is_own = i / n_conversations % 3 == 0;

      store_text (self, is_own ? "u1" : id, is_own ? id : "u1", NULL, text,
                  now - (gint64) (n_messages - i) * 1000);
    }
  tern_server_state_commit (self->state);
}
