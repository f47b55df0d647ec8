/* tern-server-faults.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-server-faults.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server-held.h"
#include "tern-server-http.h"

#define FAULTS_PATH "/tern/faults"
#define MAX_LOG 100000

typedef enum
{
  FAULT_DROP,
  FAULT_DUPLICATE,
  FAULT_DELAY,
  FAULT_LATE,
  FAULT_SWAP,
  FAULT_CUT,
  FAULT_ERROR,
  FAULT_REFUSE,
  FAULT_LEAVE_OUT,
  FAULT_KICK,
  FAULT_END,
  FAULT_EXPIRE,
  FAULT_FORGET,
  FAULT_STALL,
} FaultKind;

static const char * const kinds[] = {
  "drop", "duplicate", "delay", "late", "swap", "cut", "error", "refuse", "leave-out", "kick",
  "end", "expire", "forget", "stall", NULL
};

static const char * const points[] = {
  "handshake", "request", "answer", "push", "pull", "call", "reply", "now", NULL
};

/* On which points a kind makes sense, by bits. */
#define ON(point) (1u << TERN_FAULT_ON_##point)
#define ON_SENT (ON (ANSWER) | ON (PUSH))
#define ON_REST (ON (CALL) | ON (REPLY))
#define ON_ALL (ON (REQUEST) | ON_SENT | ON (NOW))
static const guint kinds_points[] = {
  [FAULT_DROP] = ON (REQUEST) | ON_SENT | ON_REST,
  [FAULT_DUPLICATE] = ON_SENT,
  [FAULT_DELAY] = ON_SENT | ON (REPLY),
  [FAULT_LATE] = ON_SENT,
  [FAULT_SWAP] = ON_SENT,
  [FAULT_CUT] = ON_SENT,
  [FAULT_ERROR] = ON (REQUEST) | ON (ANSWER) | ON_REST,
  [FAULT_REFUSE] = ON (HANDSHAKE),
  [FAULT_LEAVE_OUT] = ON (PULL),
  [FAULT_KICK] = ON_ALL,
  [FAULT_END] = ON_ALL,
  [FAULT_EXPIRE] = ON_ALL,
  [FAULT_FORGET] = ON_ALL,
  [FAULT_STALL] = ON (NOW),
};

typedef struct
{
  guint           number;
  FaultKind       kind;
  TernFaultPoint  point;
  char           *user_id;
  char           *conversation_id;
  char           *path;
  int             platform;
  int             id;
  guint           n_skip;
  guint           n_max;
  guint           percent;
  guint           ms;
  int             code;
  int             status;
  char           *text;
  GHashTable     *counts; /* (element-type utf8 Count): by device */
} Rule;

/* What happened to one device by one rule. */
typedef struct
{
  guint n_fit;
  guint n_applied;
} Count;

struct _TernServerFaults
{
  guint64    seed;
  guint      n_rules; /* since all was forgotten */
  guint      n_log;   /* the same */
  GPtrArray *rules;   /* (element-type Rule) */
  JsonArray *log;
};

/* What a rule is held against. */
typedef struct
{
  TernFaultPoint  point;
  const char     *user_id;
  int             platform;
  int             id;
  const char     *conversation_id; /* (nullable) */
  const char     *path;            /* (nullable) */
} Event;

static void
rule_free (Rule *self)
{
  g_free (self->user_id);
  g_free (self->conversation_id);
  g_free (self->path);
  g_free (self->text);
  g_hash_table_unref (self->counts);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rule, rule_free)

/**
 * tern_server_faults_free:
 * @self: (transfer full): the faults
 *
 * Thread: main.
 */
void
tern_server_faults_free (TernServerFaults *self)
{
  g_ptr_array_unref (self->rules);
  json_array_unref (self->log);
  g_free (self);
}

/* --- deciding --- */

/* splitmix64: every bit of the result depends on every bit of the number. */
static guint64
mix (guint64 n)
{
  n += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  n = (n ^ (n >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  n = (n ^ (n >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);

  return n ^ (n >> 31);
}

static gboolean
fits (const Rule  *rule,
      const Event *event)
{
  return rule->point == event->point &&
         (*rule->user_id == '\0' || strcmp (rule->user_id, event->user_id) == 0) &&
         (rule->platform == 0 || rule->platform == event->platform) &&
         (rule->id == 0 || rule->id == event->id) &&
         (*rule->conversation_id == '\0' ||
          g_strcmp0 (rule->conversation_id, event->conversation_id) == 0) &&
         (*rule->path == '\0' || g_strcmp0 (rule->path, event->path) == 0);
}

/* Counts the event, and says whether the rule is applied to it. Each device is
 * counted by itself: in which order two of them come is chance. */
static gboolean
decide (TernServerFaults *self,
        Rule             *rule,
        const Event      *event)
{
  g_autofree char *device = g_strdup_printf ("%s %d", event->user_id, event->platform);
  guint hash = g_str_hash (device);
  Count *count = g_hash_table_lookup (rule->counts, device);
  guint64 roll;

  if (count == NULL)
    {
      count = g_new0 (Count, 1);
      g_hash_table_insert (rule->counts, g_steal_pointer (&device), count);
    }
  roll = mix (mix (mix (self->seed + rule->number) + hash) + ++count->n_fit);
  if (count->n_fit <= rule->n_skip || (rule->n_max > 0 && count->n_applied >= rule->n_max) ||
      roll % 100 >= rule->percent)
    return FALSE;

  count->n_applied++;

  return TRUE;
}

static void
note (TernServerFaults *self,
      const Rule       *rule,
      const Event      *event)
{
  JsonObject *entry = json_object_new ();

  self->n_log++;
  g_printerr ("fault %u: %s on %s, user %s, platform %d, id %d, conversation %s, path %s"
              " (rule %u)\n", self->n_log, kinds[rule->kind], points[rule->point],
              event->user_id, event->platform, event->id,
              event->conversation_id != NULL ? event->conversation_id : "-",
              event->path != NULL ? event->path : "-", rule->number);
  json_object_set_int_member (entry, "number", self->n_log);
  json_object_set_int_member (entry, "rule", rule->number);
  json_object_set_string_member (entry, "fault", kinds[rule->kind]);
  json_object_set_string_member (entry, "on", points[rule->point]);
  json_object_set_string_member (entry, "user", event->user_id);
  json_object_set_int_member (entry, "platform", event->platform);
  json_object_set_int_member (entry, "id", event->id);
  json_object_set_string_member (entry, "conversation",
                                 event->conversation_id != NULL ? event->conversation_id : "");
  json_object_set_string_member (entry, "path", event->path != NULL ? event->path : "");
  if (json_array_get_length (self->log) >= MAX_LOG)
    json_array_remove_element (self->log, 0);
  json_array_add_object_element (self->log, entry);
}

/* (nullable): the rule to apply */
static const Rule *
find_rule (TernServerFaults *self,
           const Event      *event)
{
  if (self == NULL)
    return NULL;

  for (guint i = 0; i < self->rules->len; i++)
    {
      Rule *rule = self->rules->pdata[i];

      if (!fits (rule, event) || !decide (self, rule, event))
        continue;

      note (self, rule, event);
      return rule;
    }

  return NULL;
}

/* --- doing --- */

static GBytes *
encode (TernServerConnection *connection,
        const TernFrame      *frame,
        TernServerEncoded    *encoded)
{
  guint i = (connection->format.encoding == TERN_ENCODING_GOB) + 2 * connection->format.is_gzip;

  if (encoded == NULL)
    return tern_frame_encode_reply (frame, &connection->format);
  if (encoded->frames[i] == NULL)
    encoded->frames[i] = tern_frame_encode_reply (frame, &connection->format);

  return g_bytes_ref (encoded->frames[i]);
}

/**
 * tern_server_encoded_clear:
 * @self: frames that went to all
 *
 * Thread: main.
 */
void
tern_server_encoded_clear (TernServerEncoded *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->frames); i++)
    g_clear_pointer (&self->frames[i], g_bytes_unref);
}

static void
cut_inside (TernServerConnection *connection,
            GBytes               *bytes)
{
  guint64 n_pending;

  tern_server_held_flush (connection);
  n_pending = connection->n_bytes - tern_server_stream_get_n_bytes (connection->stream);
  tern_server_stream_mute_after (connection->stream,
                                 n_pending + MAX (1, g_bytes_get_size (bytes) / 2));
  tern_server_connection_write (connection, bytes);
  tern_server_connection_end (connection);
}

/* Kick, end, expire, forget: what is done to a connection as a whole. TRUE:
 * what caused it goes no further. */
static gboolean
strike (TernServerConnection *connection,
        const Rule           *rule)
{
  g_autoptr(TernFrame) frame = NULL;
  g_autoptr(GBytes) bytes = NULL;

  if (rule->kind == FAULT_EXPIRE)
    {
      tern_server_state_expire_tokens (connection->server->state, connection->user_id,
                                       rule->platform);
      return FALSE;
    }
  if (rule->kind == FAULT_FORGET)
    {
      connection->is_forgotten = TRUE;
      tern_server_stream_mute (connection->stream);
      return TRUE;
    }
  if (rule->kind == FAULT_KICK)
    {
      frame = tern_frame_new (TERN_FRAME_KICKED, "", "", NULL);
      bytes = tern_frame_encode_reply (frame, &connection->format);
      tern_server_held_emit (connection, bytes);
    }
  tern_server_connection_end (connection);

  return TRUE;
}

/**
 * tern_server_faults_allow:
 * @self: the server
 * @hello: a handshake that is good
 * @refusal: (out): why it is refused, by a fault
 * @status: (out): an HTTP status that it is refused with, and nothing else; 0: none
 *
 * Thread: main.
 *
 * Returns: whether it is not refused
 */
gboolean
tern_server_faults_allow (TernServer            *self,
                          const TernServerHello *hello,
                          TernServerRefusal     *refusal,
                          int                   *status)
{
  Event event = { TERN_FAULT_ON_HANDSHAKE, hello->user_id, hello->platform, 0, NULL, NULL };
  const Rule *rule = find_rule (self->faults, &event);

  if (rule == NULL)
    return TRUE;

  refusal->code = rule->code;
  /* The rule may be gone before it is told. */
  refusal->message = *rule->text != '\0' ? g_intern_string (rule->text)
                                         : tern_server_name_of_code (rule->code);
  *status = rule->status;

  return FALSE;
}

static void
set_error (TernFrame  *reply,
           const Rule *rule)
{
  g_clear_pointer (&reply->data, g_bytes_unref);
  g_free (reply->err_msg);
  reply->err_code = rule->code;
  reply->err_msg = g_strdup (*rule->text != '\0' ? rule->text
                                                 : tern_server_name_of_code (rule->code));
}

/**
 * tern_server_faults_take_request:
 * @self: where it came
 * @request: a good request
 *
 * Thread: main.
 *
 * Returns: whether a fault took it: nothing more is to be done about it
 */
gboolean
tern_server_faults_take_request (TernServerConnection *self,
                                 const TernFrame      *request)
{
  Event event = { TERN_FAULT_ON_REQUEST, self->user_id, self->platform, request->id, NULL, NULL };
  const Rule *rule = find_rule (self->server->faults, &event);

  if (rule == NULL)
    return FALSE;
  if (rule->kind == FAULT_ERROR)
    {
      g_autoptr(TernFrame) reply = tern_frame_new (request->id, request->msg_incr,
                                                   request->operation_id, NULL);

      set_error (reply, rule);
      tern_server_faults_send (self, TERN_FAULT_ON_ANSWER, reply, NULL, NULL);
      return TRUE;
    }

  return rule->kind == FAULT_DROP || strike (self, rule);
}

/**
 * tern_server_faults_leave_out:
 * @self: who pulls
 * @conversation_id: what is in the answer
 *
 * Thread: main.
 *
 * Returns: whether a fault takes it out
 */
gboolean
tern_server_faults_leave_out (TernServerConnection *self,
                              const char           *conversation_id)
{
  Event event = { TERN_FAULT_ON_PULL, self->user_id, self->platform, 0, conversation_id, NULL };

  return find_rule (self->server->faults, &event) != NULL;
}

static void
send_faulty (TernServerConnection *self,
             const Rule           *rule,
             const TernFrame      *frame,
             GBytes               *bytes)
{
  switch (rule->kind)
    {
    case FAULT_DROP:
      break;
    case FAULT_DUPLICATE:
      tern_server_held_emit (self, bytes);
      tern_server_held_emit (self, bytes);
      break;
    case FAULT_DELAY:
    case FAULT_SWAP:
      tern_server_held_add (self, bytes, rule->ms, rule->kind == FAULT_SWAP);
      break;
    case FAULT_LATE:
      tern_server_held_send_late (self, bytes, rule->ms);
      break;
    case FAULT_CUT:
      cut_inside (self, bytes);
      break;
    case FAULT_ERROR:
      {
        g_autoptr(TernFrame) reply = tern_frame_new (frame->id, frame->msg_incr,
                                                     frame->operation_id, NULL);
        g_autoptr(GBytes) error_bytes = NULL;

        set_error (reply, rule);
        error_bytes = tern_frame_encode_reply (reply, &self->format);
        tern_server_held_emit (self, error_bytes);
      }
      break;
    case FAULT_KICK:
    case FAULT_END:
    case FAULT_EXPIRE:
    case FAULT_FORGET:
      if (!strike (self, rule))
        tern_server_held_emit (self, bytes);
      break;
    case FAULT_REFUSE:
    case FAULT_LEAVE_OUT:
    case FAULT_STALL:
    default:
      break;
    }
}

/**
 * tern_server_faults_send:
 * @self: to whom
 * @point: %TERN_FAULT_ON_ANSWER or %TERN_FAULT_ON_PUSH
 * @frame: what
 * @conversation_id: (nullable): of a push
 * @encoded: (nullable): of one that goes to many; filled when first needed
 *
 * Sends an envelope, or does to it what a fault does. Every one leaves through
 * here.
 *
 * Thread: main.
 */
void
tern_server_faults_send (TernServerConnection *self,
                         TernFaultPoint        point,
                         const TernFrame      *frame,
                         const char           *conversation_id,
                         TernServerEncoded    *encoded)
{
  Event event = { point, self->user_id, self->platform, frame->id, conversation_id, NULL };
  const Rule *rule = find_rule (self->server->faults, &event);
  g_autoptr(GBytes) bytes = encode (self, frame, encoded);

  if (rule != NULL)
    send_faulty (self, rule, frame, bytes);
  else
    tern_server_held_emit (self, bytes);
}

/* --- REST --- */

static gboolean
unpause_cb (gpointer user_data)
{
  soup_server_message_unpause (user_data);

  return G_SOURCE_REMOVE;
}

/**
 * tern_server_faults_spoil_call:
 * @call: a call whose headers are good; holds the answer afterwards
 * @message: what it came with
 * @point: %TERN_FAULT_ON_CALL before it is done, %TERN_FAULT_ON_REPLY when it is
 * @path: what is called
 *
 * Thread: main.
 *
 * Returns: whether it is answered by a fault, and not to be done
 */
gboolean
tern_server_faults_spoil_call (TernServerCall    *call,
                               SoupServerMessage *message,
                               TernFaultPoint     point,
                               const char        *path)
{
  Event event = { point, call->operator_id, call->platform, 0, NULL, path };
  const Rule *rule = strcmp (path, FAULTS_PATH) != 0 ? find_rule (call->server->faults, &event)
                                                     : NULL;

  if (rule == NULL)
    return FALSE;
  if (rule->kind == FAULT_DELAY)
    {
      soup_server_message_pause (message);
      g_timeout_add_full (G_PRIORITY_DEFAULT, tern_clock_scale_ms (rule->ms), unpause_cb,
                          g_object_ref (message), g_object_unref);
      return FALSE;
    }
  if (rule->kind == FAULT_DROP)
    {
      /* What is written from now on goes nowhere. */
      g_socket_shutdown (soup_server_message_get_socket (message), TRUE, TRUE, NULL);
      return TRUE;
    }
  call->status = (guint) rule->status;
  g_free (call->text);
  call->text = *rule->text != '\0' ? g_strdup (rule->text) : NULL;
  tern_server_fail (call, rule->code, "");

  return TRUE;
}

/* --- the control route --- */

static guint
get_number (JsonNode   *node,
            const char *key,
            guint       otherwise)
{
  if (tern_json_get_node (node, key) == NULL)
    return otherwise;

  return (guint) CLAMP (tern_json_get_int (node, key), 0, G_MAXINT32);
}

static int
find_word (const char * const *words,
           const char         *word)
{
  for (int i = 0; words[i] != NULL; i++)
    {
      if (strcmp (words[i], word) == 0)
        return i;
    }

  return -1;
}

/* (nullable): without a number yet */
static Rule *
read_rule (JsonNode   *node,
           const char *otherwise_on)
{
  const char *on = tern_json_get_string (node, "on");
  int kind = find_word (kinds, tern_json_get_string (node, "fault"));
  int point = find_word (points, *on != '\0' ? on : otherwise_on);
  Rule *rule;

  if (kind < 0 || point < 0 || (kinds_points[kind] & (1u << point)) == 0)
    return NULL;

  rule = g_new0 (Rule, 1);
  rule->kind = (FaultKind) kind;
  rule->point = (TernFaultPoint) point;
  rule->user_id = g_strdup (tern_json_get_string (node, "user"));
  rule->conversation_id = g_strdup (tern_json_get_string (node, "conversation"));
  rule->path = g_strdup (tern_json_get_string (node, "path"));
  rule->platform = (int) get_number (node, "platform", 0);
  rule->id = (int) get_number (node, "id", 0);
  rule->n_skip = get_number (node, "skip", 0);
  rule->n_max = get_number (node, "count", 1);
  rule->percent = get_number (node, "percent", 100);
  rule->ms = get_number (node, "ms", 1000);
  rule->code = (int) get_number (node, "code", 500);
  rule->status = (int) get_number (node, "status", 0);
  rule->text = g_strdup (tern_json_get_string (node, "text"));
  rule->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return rule;
}

/* (nullable) (element-type Rule): %NULL if one is none */
static GPtrArray *
read_rules (JsonNode *list)
{
  g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func ((GDestroyNotify) rule_free);
  JsonArray *array;

  if (list == NULL)
    return g_steal_pointer (&rules);
  if (!JSON_NODE_HOLDS_ARRAY (list))
    return NULL;
  array = json_node_get_array (list);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autoptr(Rule) rule = read_rule (json_array_get_element (array, i), "");

      if (rule == NULL || rule->point == TERN_FAULT_ON_NOW)
        return NULL;
      g_ptr_array_add (rules, g_steal_pointer (&rule));
    }

  return g_steal_pointer (&rules);
}

/* As if it began only now. */
static void
forget_all (TernServerFaults *self)
{
  g_printerr ("faults: all forgotten\n");
  g_ptr_array_set_size (self->rules, 0);
  json_array_unref (self->log);
  self->log = json_array_new ();
  self->n_rules = 0;
  self->n_log = 0;
}

/* The number of each. @rules: (transfer full) */
static JsonArray *
add_rules (TernServerFaults *self,
           GPtrArray        *rules)
{
  JsonArray *numbers = json_array_new ();

  for (guint i = 0; i < rules->len; i++)
    {
      ((Rule *) rules->pdata[i])->number = ++self->n_rules;
      json_array_add_int_element (numbers, self->n_rules);
    }
  g_ptr_array_extend_and_steal (self->rules, rules);

  return numbers;
}

static void
strike_now (TernServer *server,
            const Rule *rule)
{
  if (rule->kind == FAULT_STALL || (rule->kind == FAULT_EXPIRE && *rule->user_id != '\0'))
    {
      /* These need nobody who is connected. */
      Event event = { TERN_FAULT_ON_NOW, rule->user_id, rule->platform, 0, NULL, NULL };

      note (server->faults, rule, &event);
      if (rule->kind == FAULT_EXPIRE)
        tern_server_state_expire_tokens (server->state, rule->user_id, rule->platform);
      else
        server->stalled_until_us = tern_clock_get_monotonic_us () +
                                   tern_clock_scale_us ((gint64) rule->ms * 1000);
      return;
    }
  for (guint i = server->connections->len; i > 0; i--)
    {
      TernServerConnection *connection = server->connections->pdata[i - 1];
      Event event = { TERN_FAULT_ON_NOW, connection->user_id, connection->platform, 0, NULL, NULL };

      if (!fits (rule, &event))
        continue;
      note (server->faults, rule, &event);
      strike (connection, rule);
    }
}

static JsonObject *
build_answer (TernServerFaults *self,
              guint             since,
              JsonArray        *numbers) /* (transfer full) */
{
  JsonObject *data = json_object_new ();
  JsonArray *log = json_array_new ();

  for (guint i = 0; i < json_array_get_length (self->log); i++)
    {
      JsonObject *entry = json_array_get_object_element (self->log, i);

      if (json_object_get_int_member (entry, "number") > since)
        json_array_add_object_element (log, json_object_ref (entry));
    }
  json_object_set_int_member (data, "seed", (gint64) self->seed);
  json_object_set_array_member (data, "rules", numbers);
  json_object_set_array_member (data, "log", log);

  return data;
}

static void
route_faults (TernServerCall *call)
{
  TernServerFaults *self = call->server->faults;
  g_autoptr(GPtrArray) rules = NULL;
  g_autoptr(Rule) now = NULL;
  JsonNode *now_node = tern_json_get_node (call->body, "now");
  JsonArray *numbers;

  if (!tern_server_state_is_secret (call->server->state,
                                    tern_json_get_string (call->body, "secret")))
    {
      tern_server_fail (call, 1002, "wrong secret");
      return;
    }
  rules = read_rules (tern_json_get_node (call->body, "rules"));
  if (now_node != NULL)
    now = read_rule (now_node, "now");
  if (rules == NULL ||
      (now_node != NULL && (now == NULL || now->point != TERN_FAULT_ON_NOW)))
    {
      tern_server_fail (call, 1001, "no such fault there");
      return;
    }
  if (tern_json_get_bool (call->body, "clear"))
    forget_all (self);
  numbers = add_rules (self, g_steal_pointer (&rules));
  if (now != NULL)
    strike_now (call->server, now);
  call->data = build_answer (self, get_number (call->body, "since", 0), numbers);
}

static void
faults_cb (SoupServer        *soup,
           SoupServerMessage *message,
           const char        *path,
           GHashTable        *query,
           gpointer           user_data)
{
  tern_server_serve (user_data, message, path, route_faults, 0);
}

/**
 * tern_server_faults_attach:
 * @self: a server whose API listens
 * @seed: decides what is left to chance
 *
 * Opens the control route.
 *
 * Thread: main.
 */
void
tern_server_faults_attach (TernServer *self,
                           guint64     seed)
{
  self->faults = g_new0 (TernServerFaults, 1);
  self->faults->seed = seed;
  self->faults->rules = g_ptr_array_new_with_free_func ((GDestroyNotify) rule_free);
  self->faults->log = json_array_new ();
  tern_server_http_watch (self->api, FAULTS_PATH);
  soup_server_add_handler (self->api, FAULTS_PATH, faults_cb, self, NULL);
}
