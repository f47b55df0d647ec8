/* tern-server-delivery.c: from an accepted message to its pushes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 01 sections 2.6, 4.2, 4.7; protocol 03 section 1.2.
 */

#include "config.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-content-json.h"
#include "tern-server-faults.h"
#include "tern-server-store.h"

/* Messages are collected for so long before they get their seqs. */
#define BATCH_MS 100
/* More of one conversation in a batch than this are lost (protocol 01 section
 * 5.7). */
#define MAX_PER_BATCH 100
/* More than fits into a request. */
#define MAX_CONTENT_BYTES (16 * 1024 * 1024)

/**
 * tern_server_make_id:
 * @self: a server
 *
 * Returns: (transfer full): 32 hex digits that were not given before
 */
char *
tern_server_make_id (TernServer *self)
{
  g_autofree char *text = g_strdup_printf ("%s:%" G_GUINT64_FORMAT, self->secret,
                                           ++self->last_id);

  return g_compute_checksum_for_string (G_CHECKSUM_MD5, text, -1);
}

/* Nobody but a member may write into a group, and whoever is blocked must not
 * write, except what claims to be a notification (protocol 03 section 8). */
static gboolean
is_notice (const TernMessageRecord *message)
{
  return message->content_type >= TERN_CONTENT_NOTICE_FIRST && message->content_type <= 5000;
}

static gboolean
is_event (const TernMessageRecord *message)
{
  return (message->options_off & TERN_OPTION_IS_NOT_NOTIFICATION) != 0;
}

static int
check_single (TernServer        *self,
              TernMessageRecord *message)
{
  g_autoptr(TernUserRecord) peer = tern_server_state_find_user (self->state, message->recv_id);
  g_autoptr(TernConversationRecord) record = NULL;
  g_autofree char *id = NULL;
  int recv_opt;

  if (peer == NULL)
    return 1004;
  if (!is_notice (message) &&
      tern_server_state_is_blocked (self->state, message->recv_id, message->sender_id))
    return 1302;
  if (is_event (message))
    return 0;

  id = tern_conversation_id_for_pair ("si", message->sender_id, message->recv_id);
  record = tern_server_state_find_conversation (self->state, message->recv_id, id);
  recv_opt = peer->recv_opt != 0 ? peer->recv_opt : record != NULL ? record->recv_opt : 0;
  if (recv_opt == 1)
    return 1001;
  if (recv_opt == 2)
    {
      message->options_off |= TERN_OPTION_OFFLINE_PUSH;
      message->options_on &= ~TERN_OPTION_OFFLINE_PUSH;
    }

  return 0;
}

static int
check_group (TernServer              *self,
             const TernMessageRecord *message)
{
  g_autoptr(TernGroupRecord) group = tern_server_state_find_group (self->state,
                                                                   message->group_id);
  g_autoptr(TernMemberRecord) member = NULL;

  if (group == NULL)
    return 500;
  if (is_notice (message))
    return 0;
  if (group->status == 2)
    return 1204;
  member = tern_server_state_find_member (self->state, message->group_id, message->sender_id);
  if (member == NULL)
    return 1002;
  if (member->role != 100 && member->mute_end_ms >= tern_clock_get_wall_ms ())
    return 1402;
  if (group->status == 3 && member->role < 60)
    return 1403;

  return 0;
}

/**
 * tern_server_check_message:
 * @self: a server
 * @user_id: who brings it
 * @message: a message to be sent
 *
 * A receiver's wish for silence is noted on it.
 *
 * Returns: 0, or the code with which it is refused (protocol 01 section 2.6)
 */
int
tern_server_check_message (TernServer        *self,
                           const char        *user_id,
                           TernMessageRecord *message)
{
  g_autoptr(TernUserRecord) sender = NULL;

  if (strcmp (message->sender_id, user_id) != 0)
    {
      if (strcmp (user_id, TERN_SERVER_ADMIN) != 0)
        return 1002;
      sender = tern_server_state_find_user (self->state, message->sender_id);
      if (sender == NULL && message->chat_type == TERN_CHAT_SINGLE)
        return 1004;
    }

  switch (message->chat_type)
    {
    case TERN_CHAT_SINGLE:
      return check_single (self, message);
    case TERN_CHAT_GROUP:
      return check_group (self, message);
    case TERN_CHAT_OFFICIAL:
      return 0;
    default:
      return 1001;
    }
}

/* Where a message belongs (protocol 01 section 4.1). */
static char *
conversation_of (const TernMessageRecord *message)
{
  gboolean is_notification = is_event (message);

  if (message->chat_type == TERN_CHAT_GROUP)
    return is_notification ? g_strconcat ("n_", message->group_id, NULL)
                           : tern_conversation_id_for_group (message->group_id);

  return tern_conversation_id_for_pair (is_notification ? "n"
                                        : message->chat_type == TERN_CHAT_OFFICIAL ? "sn" : "si",
                                        message->sender_id, message->recv_id);
}

static void
enqueue (TernServer        *self,
         TernMessageRecord *message,
         gboolean           is_own)
{
  TernServerItem *item = g_new (TernServerItem, 1);

  if (*message->server_id == '\0')
    {
      g_free (message->server_id);
      message->server_id = tern_server_make_id (self);
    }
  if (message->sent_ms == 0)
    message->sent_ms = tern_clock_get_wall_ms ();
  /* What is stored nowhere keeps what its sender wrote there. */
  if (tern_message_record_is_on (message, TERN_OPTION_HISTORY))
    message->seq = 0;
  item->message = message;
  item->is_own = is_own;
  g_queue_push_tail (&self->queue, item);
}

/**
 * tern_server_item_free:
 * @self: (transfer full): what is no longer needed
 */
void
tern_server_item_free (TernServerItem *self)
{
  tern_message_record_free (self->message);
  g_free (self);
}

/**
 * tern_server_accept:
 * @self: a server
 * @message: (transfer full): of a person
 *
 * Fills in what the server gives and queues it for the next batch.
 */
void
tern_server_accept (TernServer        *self,
                    TernMessageRecord *message)
{
  /* The server's own forcing of the seven does nothing to an empty map. */
  if (message->content_type == TERN_CONTENT_TYPING &&
      (message->options_off != 0 || message->options_on != 0))
    {
      message->options_off |= TERN_OPTIONS_ONLINE_ONLY;
      message->options_on &= ~TERN_OPTIONS_ONLINE_ONLY;
    }
  enqueue (self, message, FALSE);
}

/**
 * tern_server_accept_own:
 * @self: a server
 * @message: (transfer full): of the server
 *
 * As tern_server_accept(); the server acts on what it says.
 */
void
tern_server_accept_own (TernServer        *self,
                        TernMessageRecord *message)
{
  enqueue (self, message, TRUE);
}

/**
 * tern_server_ensure_conversation:
 * @self: a server
 * @owner_id: whose
 * @message: the first of the conversation
 *
 * Makes the record, if there is none yet.
 */
void
tern_server_ensure_conversation (TernServer              *self,
                                 const char              *owner_id,
                                 const TernMessageRecord *message)
{
  g_autoptr(TernConversationRecord) record =
    tern_server_state_find_conversation (self->state, owner_id, message->conversation_id);

  if (record != NULL)
    return;

  record = tern_conversation_record_new ();
  tern_record_set_text (&record->id, message->conversation_id);
  tern_record_set_text (&record->owner_id, owner_id);
  record->chat_type = message->chat_type;
  if (message->chat_type == TERN_CHAT_GROUP)
    tern_record_set_text (&record->group_id, message->group_id);
  else
    tern_record_set_text (&record->user_id,
                          strcmp (owner_id, message->sender_id) == 0 ? message->recv_id
                                                                     : message->sender_id);
  tern_server_state_put_conversation (self->state, record);
}

static JsonNode *
parse_detail (const TernMessageRecord *message)
{
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(GBytes) text = NULL;
  const char *detail;

  if (message->content == NULL)
    return NULL;

  root = tern_json_parse (message->content, MAX_CONTENT_BYTES, NULL);
  detail = tern_json_get_string (root, "detail");
  text = g_bytes_new (detail, strlen (detail));

  return tern_json_parse (text, MAX_CONTENT_BYTES, NULL);
}

/* Whom the detail of an event says to have left: they are told, too. */
static char **
list_leavers (const TernMessageRecord *message)
{
  g_autoptr(GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr(JsonNode) detail = NULL;
  JsonNode *list;
  guint n;

  if (message->content_type != 1504 && message->content_type != 1508)
    return g_strv_builder_end (builder);

  detail = parse_detail (message);
  list = tern_json_get_node (detail, "kickedUserList");
  n = list != NULL && JSON_NODE_HOLDS_ARRAY (list)
        ? json_array_get_length (json_node_get_array (list)) : 0;
  for (guint i = 0; i < (message->content_type == 1504 ? 1 : n); i++)
    {
      JsonNode *person = message->content_type == 1504
                           ? tern_json_get_node (detail, "quitUser")
                           : json_array_get_element (json_node_get_array (list), i);
      const char *id = tern_json_get_string (person, "userID");

      if (g_hash_table_add (ids, g_strdup (id)))
        g_strv_builder_add (builder, id);
    }

  return g_strv_builder_end (builder);
}

static char **
list_recipients (TernServer              *self,
                 const TernMessageRecord *message,
                 const char * const      *leavers)
{
  g_autoptr(GStrvBuilder) ids = g_strv_builder_new ();
  g_auto(GStrv) members = NULL;

  if (message->chat_type == TERN_CHAT_GROUP)
    {
      members = tern_server_state_list_member_ids (self->state, message->group_id);
      g_strv_builder_addv (ids, (const char **) members);
      g_strv_builder_addv (ids, (const char **) leavers);
      return g_strv_builder_end (ids);
    }

  g_strv_builder_add (ids, message->recv_id);
  if (strcmp (message->recv_id, message->sender_id) != 0 &&
      tern_message_record_is_on (message, TERN_OPTION_SENDER_SYNC))
    g_strv_builder_add (ids, message->sender_id);

  return g_strv_builder_end (ids);
}

/* The first message makes the records of a chat; those of a group come with
 * the membership. */
static void
make_conversations (TernServer              *self,
                    const TernMessageRecord *message)
{
  if (message->chat_type == TERN_CHAT_GROUP)
    return;

  tern_server_ensure_conversation (self, message->recv_id, message);
  if (message->chat_type == TERN_CHAT_SINGLE)
    tern_server_ensure_conversation (self, message->sender_id, message);
}

/**
 * tern_server_store_message:
 * @self: a server
 * @message: gets its seq
 *
 * Stores it at once and pushes nothing: also for seeding.
 */
void
tern_server_store_message (TernServer        *self,
                           TernMessageRecord *message)
{
  if (*message->conversation_id == '\0')
    {
      g_free (message->conversation_id);
      message->conversation_id = conversation_of (message);
    }
  tern_server_state_store (self->state, message);
  if (tern_conversation_id_is_notification (message->conversation_id))
    return;

  if (message->seq == 1)
    make_conversations (self, message);
  tern_server_state_set_read_seq (self->state, message->sender_id, message->conversation_id,
                                  message->seq);
}

static void
tell_bots (TernServer              *self,
           const TernMessageRecord *message)
{
  if (message->content_type != TERN_CONTENT_TEXT)
    return;

  for (guint i = 0; i < self->bots->len; i++)
    {
      const TernServerBot *bot = self->bots->pdata[i];

      if (strcmp (message->sender_id, bot->user_id) == 0)
        continue;
      if (message->chat_type == TERN_CHAT_SINGLE && strcmp (message->recv_id, bot->user_id) == 0)
        bot->func (self, message);
    }
}

static void
copy_option (TernMessageRecord       *to,
             const TernMessageRecord *from,
             TernOptions              option)
{
  if (tern_message_record_is_on (from, option))
    to->options_on |= option;
  else
    to->options_off |= option;
}

/* A line in the chat that says the same as the event. */
static TernServerItem *
make_line (TernServerItem *event)
{
  TernServerItem *line = g_new (TernServerItem, 1);
  const TernOptions both = TERN_OPTION_OFFLINE_PUSH | TERN_OPTION_UNREAD_COUNT;

  line->is_own = event->is_own;
  line->message = tern_message_record_copy (event->message);
  line->message->options_off = 0;
  line->message->options_on = 0;
  copy_option (line->message, event->message, TERN_OPTION_OFFLINE_PUSH);
  copy_option (line->message, event->message, TERN_OPTION_UNREAD_COUNT);
  event->message->options_off |= both;
  event->message->options_on &= ~both;

  return line;
}

/* The end of a membership or of a group takes effect when the news goes out,
 * once for the line and once for the event. Whoever was let in again before
 * that stays in. What a person made to look like such news changes nothing,
 * unlike in the real server. */
static void
apply (TernServer         *self,
       TernServerItem     *item,
       const char * const *leavers)
{
  const TernMessageRecord *message = item->message;

  if (!item->is_own)
    return;

  for (guint i = 0; leavers[i] != NULL; i++)
    {
      g_autoptr(TernMemberRecord) member =
        tern_server_state_find_member (self->state, message->group_id, leavers[i]);

      if (member == NULL)
        tern_server_limit_member (self, message->group_id, leavers[i]);
    }
  if (message->content_type == 1511 && is_event (message))
    tern_server_empty_group_later (self, message->group_id);
}

/* Returns who is to be told, once it is committed. */
static char **
store (TernServer     *self,
       TernServerItem *item)
{
  TernMessageRecord *message = item->message;
  g_auto(GStrv) leavers = list_leavers (message);
  char **recipients = list_recipients (self, message, (const char * const *) leavers);

  if (tern_message_record_is_on (message, TERN_OPTION_HISTORY))
    tern_server_store_message (self, message);
  apply (self, item, (const char * const *) leavers);

  return recipients;
}

static void
tell (TernServer          *self,
      TernServerItem      *item,
      const char * const  *recipients)
{
  g_autoptr(TernMessageRecord) pushed = tern_message_record_copy (item->message);

  if (pushed->status == TERN_MESSAGE_SENDING)
    pushed->status = TERN_MESSAGE_SENT; /* protocol 01 section 4.6 */
  tern_server_gateway_push (self, recipients, pushed);
  if (!item->is_own)
    tell_bots (self, item->message);
}

/* In the order in which they go out: chats before events, and what is not
 * stored before what is. */
enum
{
  CHAT_PASSING,
  CHAT_STORED,
  EVENT_PASSING,
  EVENT_STORED,
  N_LISTS
};

static void
sort_in (GQueue         *lists,
         TernServerItem *item) /* (transfer full) */
{
  guint list = is_event (item->message) ? EVENT_PASSING : CHAT_PASSING;

  if (tern_message_record_is_on (item->message, TERN_OPTION_HISTORY))
    list++;
  g_free (item->message->conversation_id);
  item->message->conversation_id = conversation_of (item->message);
  g_queue_push_tail (&lists[list], item);
}

/* Conversations with more than the real server stores of one batch: it stores
 * nothing of that, then. */
static GHashTable *
find_overfull (TernServer *self,
               GQueue     *lists)
{
  g_autoptr(GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTable *overfull = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = CHAT_STORED; i < N_LISTS && !self->is_gentle; i += EVENT_STORED - CHAT_STORED)
    {
      for (GList *at = lists[i].head; at != NULL; at = at->next)
        {
          const TernMessageRecord *message = ((TernServerItem *) at->data)->message;
          guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, message->conversation_id)) + 1;

          g_hash_table_insert (counts, message->conversation_id, GUINT_TO_POINTER (n));
          if (n > MAX_PER_BATCH)
            g_hash_table_add (overfull, g_strdup (message->conversation_id));
        }
    }

  return overfull;
}

/**
 * tern_server_flush:
 * @self: a server
 *
 * Stores what was accepted, all in one transaction, then pushes it. More than
 * 100 messages of one conversation are lost, as in the real server, unless this
 * one is gentle.
 */
void
tern_server_flush (TernServer *self)
{
  g_autoptr(GHashTable) overfull = NULL;
  g_autoptr(GPtrArray) stored = NULL;
  g_autoptr(GPtrArray) recipients = NULL;
  GQueue lists[N_LISTS] = { G_QUEUE_INIT, G_QUEUE_INIT, G_QUEUE_INIT, G_QUEUE_INIT };
  TernServerItem *item;

  if (self->queue.length == 0)
    return;

  while ((item = g_queue_pop_head (&self->queue)) != NULL)
    {
      if (is_event (item->message) &&
          tern_message_record_is_on (item->message, TERN_OPTION_IS_SEND_MSG))
        sort_in (lists, make_line (item));
      sort_in (lists, item);
    }
  overfull = find_overfull (self, lists);
  stored = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_server_item_free);
  recipients = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  tern_server_state_begin (self->state);
  for (guint i = 0; i < N_LISTS; i++)
    {
      while ((item = g_queue_pop_head (&lists[i])) != NULL)
        {
          if (tern_message_record_is_on (item->message, TERN_OPTION_HISTORY) &&
              g_hash_table_contains (overfull, item->message->conversation_id))
            {
              tern_server_item_free (item);
              continue;
            }
          g_ptr_array_add (recipients, store (self, item));
          g_ptr_array_add (stored, item);
        }
    }
  tern_server_state_commit (self->state);

  /* What was told must not be forgotten, even by a process that is killed. */
  for (guint i = 0; i < stored->len; i++)
    tell (self, stored->pdata[i], recipients->pdata[i]);
}

static gboolean
flush_cb (gpointer user_data)
{
  TernServer *self = user_data;

  if (tern_clock_get_monotonic_us () >= self->stalled_until_us)
    tern_server_flush (self);
  tern_server_empty_due_groups (self);

  return G_SOURCE_CONTINUE;
}

/**
 * tern_server_add_bot:
 * @self: a server
 * @user_id: who answers by himself
 * @func: is called with each text to him
 */
void
tern_server_add_bot (TernServer        *self,
                     const char        *user_id,
                     TernServerBotFunc  func)
{
  TernServerBot *bot = g_new0 (TernServerBot, 1);

  bot->user_id = g_strdup (user_id);
  bot->func = func;
  g_ptr_array_add (self->bots, bot);
}

/**
 * tern_server_make_text:
 * @self: a server
 * @sender_id: of whom
 * @recv_id: (nullable): to whom, or
 * @group_id: (nullable): to which group
 * @text: what it says
 *
 * Returns: (transfer full): a message to be accepted or stored
 */
TernMessageRecord *
tern_server_make_text (TernServer *self,
                       const char *sender_id,
                       const char *recv_id,
                       const char *group_id,
                       const char *text)
{
  TernMessageRecord *message = tern_message_record_new ();
  g_autoptr(TernUserRecord) sender = tern_server_state_find_user (self->state, sender_id);

  g_free (message->client_id);
  message->client_id = tern_server_make_id (self);
  tern_record_set_text (&message->sender_id, sender_id);
  if (recv_id != NULL)
    tern_record_set_text (&message->recv_id, recv_id);
  if (group_id != NULL)
    tern_record_set_text (&message->group_id, group_id);
  if (sender != NULL)
    tern_record_set_text (&message->sender_name, sender->name);
  message->chat_type = group_id != NULL ? TERN_CHAT_GROUP : TERN_CHAT_SINGLE;
  message->content_type = TERN_CONTENT_TEXT;
  message->content = tern_content_build_text (text);
  message->sender_platform = 7;
  message->msg_from = 100;
  message->status = TERN_MESSAGE_SENDING;
  message->created_ms = tern_clock_get_wall_ms ();

  return message;
}

/* --- lifecycle --- */

static void
bot_free (gpointer data)
{
  TernServerBot *bot = data;

  g_free (bot->user_id);
  g_free (bot);
}

/**
 * tern_server_new:
 * @config: what to serve where
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_STORE; what libsoup says when a port is taken.
 *
 * Returns: (transfer full) (nullable): a server that listens
 */
TernServer *
tern_server_new (const TernServerConfig  *config,
                 GError                 **error)
{
  g_autoptr(TernServer) self = g_new0 (TernServer, 1);

  g_queue_init (&self->queue);
  g_queue_init (&self->endings);
  self->connections = g_ptr_array_new ();
  self->online = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) g_ptr_array_unref);
  self->bots = g_ptr_array_new_with_free_func (bot_free);
  /* Ids differ from those of an earlier run over the same data. */
  self->last_id = (guint64) g_get_real_time ();
  self->is_gentle = config->is_gentle;
  self->logins = config->logins;
  self->max_connections = config->max_connections;
  self->state = tern_server_state_open (config->folder, error);
  if (self->state != NULL)
    self->secret = g_strdup (tern_server_state_get_secret (self->state));
  if (self->state == NULL || !tern_server_gateway_attach (self, config->ws_port, error) ||
      !tern_server_rest_attach (self, config->api_port, error) ||
      !tern_server_account_attach (self, config->account_port, error) ||
      !tern_server_store_open (self, config->folder, error))
    return NULL;

  tern_server_empty_ended_groups (self);
  if (config->has_faults)
    tern_server_faults_attach (self, config->faults_seed);
  self->flush_id = g_timeout_add (tern_clock_scale_ms (BATCH_MS), flush_cb, self);

  return g_steal_pointer (&self);
}

/**
 * tern_server_free:
 * @self: (transfer full): a server
 */
void
tern_server_free (TernServer *self)
{
  g_clear_handle_id (&self->flush_id, g_source_remove);
  tern_server_flush (self); /* what was accepted is kept */
  tern_server_gateway_close (self);
  g_clear_object (&self->gateway);
  g_clear_object (&self->api);
  g_clear_object (&self->account);
  g_queue_clear_full (&self->queue, (GDestroyNotify) tern_server_item_free);
  g_ptr_array_unref (self->connections);
  g_hash_table_unref (self->online);
  g_clear_pointer (&self->presence_changed, g_hash_table_unref);
  g_clear_pointer (&self->faults, tern_server_faults_free);
  g_ptr_array_unref (self->bots);
  g_queue_clear_full (&self->endings, tern_server_ending_free);
  tern_server_store_close (self);
  g_clear_pointer (&self->state, tern_server_state_close);
  g_free (self->secret);
  g_free (self);
}

static int
get_port (SoupServer *server)
{
  GSList *uris = soup_server_get_uris (server);
  int port = uris != NULL ? g_uri_get_port (uris->data) : 0;

  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  return port;
}

/**
 * tern_server_dup_ready_line:
 * @self: a server
 *
 * Returns: (transfer full): one line of JSON that says where it is
 */
char *
tern_server_dup_ready_line (TernServer *self)
{
  return g_strdup_printf ("{\"ws\":\"ws://127.0.0.1:%d\",\"api\":\"http://127.0.0.1:%d\","
                          "\"account\":\"http://127.0.0.1:%d\",\"secret\":\"%s\"}",
                          get_port (self->gateway), get_port (self->api),
                          get_port (self->account), self->secret);
}
