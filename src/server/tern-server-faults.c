/* tern-server-faults.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-server-faults.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server-http.h"

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
  "handshake", "request", "answer", "push", "pull", "now", NULL
};

/* On which points a kind makes sense, by bits. */
#define ON(point) (1u << TERN_FAULT_ON_##point)
#define ON_SENT (ON (ANSWER) | ON (PUSH))
#define ON_ALL (ON (REQUEST) | ON_SENT | ON (NOW))
static const guint kinds_points[] = {
  [FAULT_DROP] = ON (REQUEST) | ON_SENT,
  [FAULT_DUPLICATE] = ON_SENT,
  [FAULT_DELAY] = ON_SENT,
  [FAULT_LATE] = ON_SENT,
  [FAULT_SWAP] = ON_SENT,
  [FAULT_CUT] = ON_SENT,
  [FAULT_ERROR] = ON (REQUEST) | ON (ANSWER),
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
  int             platform;
  int             id;
  guint           n_skip;
  guint           n_max;
  guint           percent;
  guint           ms;
  int             code;
  int             status;
  char           *text;
  guint           n_fit;
  guint           n_applied;
  GHashTable     *n_fit_by_user; /* (element-type utf8 guint) */
} Rule;

struct _TernServerFaults
{
  guint64    seed;
  guint      n_rules; /* ever */
  guint      n_log;
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
} Event;

static void
rule_free (gpointer data)
{
  Rule *self = data;

  g_free (self->user_id);
  g_free (self->conversation_id);
  g_free (self->text);
  g_hash_table_unref (self->n_fit_by_user);
  g_free (self);
}

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
          g_strcmp0 (rule->conversation_id, event->conversation_id) == 0);
}

/* Counts the event, and says whether the rule is applied to it. */
static gboolean
decide (TernServerFaults *self,
        Rule             *rule,
        const Event      *event)
{
  guint k = GPOINTER_TO_UINT (g_hash_table_lookup (rule->n_fit_by_user, event->user_id)) + 1;
  guint64 roll = mix (mix (mix (self->seed + rule->number) + g_str_hash (event->user_id)) + k);

  g_hash_table_insert (rule->n_fit_by_user, g_strdup (event->user_id), GUINT_TO_POINTER (k));
  if (++rule->n_fit <= rule->n_skip || (rule->n_max > 0 && rule->n_applied >= rule->n_max) ||
      roll % 100 >= rule->percent)
    return FALSE;

  rule->n_applied++;

  return TRUE;
}

static void
note (TernServerFaults *self,
      const Rule       *rule,
      const Event      *event)
{
  JsonObject *entry = json_object_new ();

  self->n_log++;
  g_printerr ("fault %u: %s on %s, user %s, platform %d, id %d, conversation %s (rule %u)\n",
              self->n_log, kinds[rule->kind], points[rule->point], event->user_id,
              event->platform, event->id,
              event->conversation_id != NULL ? event->conversation_id : "-", rule->number);
  json_object_set_int_member (entry, "number", self->n_log);
  json_object_set_int_member (entry, "rule", rule->number);
  json_object_set_string_member (entry, "fault", kinds[rule->kind]);
  json_object_set_string_member (entry, "on", points[rule->point]);
  json_object_set_string_member (entry, "user", event->user_id);
  json_object_set_int_member (entry, "platform", event->platform);
  json_object_set_int_member (entry, "id", event->id);
  json_object_set_string_member (entry, "conversation",
                                 event->conversation_id != NULL ? event->conversation_id : "");
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

void
tern_server_encoded_clear (TernServerEncoded *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->frames); i++)
    g_clear_pointer (&self->frames[i], g_bytes_unref);
}

static void
release_held (TernServerConnection *connection)
{
  GBytes *bytes;

  g_clear_handle_id (&connection->held_id, g_source_remove);
  while ((bytes = g_queue_pop_head (&connection->held)) != NULL)
    {
      tern_server_connection_write (connection, bytes);
      g_bytes_unref (bytes);
    }
}

static gboolean
held_cb (gpointer user_data)
{
  TernServerConnection *connection = user_data;

  connection->held_id = 0;
  release_held (connection);

  return G_SOURCE_REMOVE;
}

/* Writes, behind or before what is held back. */
static void
emit (TernServerConnection *connection,
      GBytes               *bytes)
{
  if (connection->held_id == 0)
    tern_server_connection_write (connection, bytes);
  else if (connection->held_yields)
    {
      tern_server_connection_write (connection, bytes);
      release_held (connection);
    }
  else
    g_queue_push_tail (&connection->held, g_bytes_ref (bytes));
}

static void
hold (TernServerConnection *connection,
      GBytes               *bytes,
      guint                 ms,
      gboolean              yields)
{
  if (connection->held_id != 0)
    {
      emit (connection, bytes);
      return;
    }
  g_queue_push_tail (&connection->held, g_bytes_ref (bytes));
  connection->held_yields = yields;
  connection->held_id = g_timeout_add (tern_clock_scale_ms (ms), held_cb, connection);
}

typedef struct
{
  TernServerConnection *connection;
  GBytes               *bytes;
} Late;

static gboolean
late_cb (gpointer user_data)
{
  Late *late = user_data;

  if (late->connection->server != NULL)
    emit (late->connection, late->bytes);

  return G_SOURCE_REMOVE;
}

static void
late_free (gpointer data)
{
  Late *late = data;

  tern_server_connection_unref (late->connection);
  g_bytes_unref (late->bytes);
  g_free (late);
}

static void
send_late (TernServerConnection *connection,
           GBytes               *bytes,
           guint                 ms)
{
  Late *late = g_new0 (Late, 1);

  late->connection = g_rc_box_acquire (connection);
  late->bytes = g_bytes_ref (bytes);
  g_timeout_add_full (G_PRIORITY_DEFAULT, tern_clock_scale_ms (ms), late_cb, late, late_free);
}

static void
cut_inside (TernServerConnection *connection,
            GBytes               *bytes)
{
  guint64 n_pending = connection->n_bytes - tern_server_stream_get_n_bytes (connection->stream);

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
      tern_server_state_expire_tokens (connection->server->state, connection->user_id);
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
      tern_server_connection_write (connection, bytes);
    }
  tern_server_connection_end (connection);

  return TRUE;
}

gboolean
tern_server_faults_allow (TernServer            *self,
                          const TernServerHello *hello,
                          TernServerRefusal     *refusal,
                          int                   *status)
{
  Event event = { TERN_FAULT_ON_HANDSHAKE, hello->user_id, hello->platform, 0, NULL };
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

gboolean
tern_server_faults_take_request (TernServerConnection *self,
                                 const TernFrame      *request)
{
  Event event = { TERN_FAULT_ON_REQUEST, self->user_id, self->platform, request->id, NULL };
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

gboolean
tern_server_faults_leave_out (TernServerConnection *self,
                              const char           *conversation_id)
{
  Event event = { TERN_FAULT_ON_PULL, self->user_id, self->platform, 0, conversation_id };

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
      emit (self, bytes);
      emit (self, bytes);
      break;
    case FAULT_DELAY:
    case FAULT_SWAP:
      hold (self, bytes, rule->ms, rule->kind == FAULT_SWAP);
      break;
    case FAULT_LATE:
      send_late (self, bytes, rule->ms);
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
        emit (self, error_bytes);
      }
      break;
    case FAULT_KICK:
    case FAULT_END:
    case FAULT_EXPIRE:
    case FAULT_FORGET:
      if (!strike (self, rule))
        emit (self, bytes);
      break;
    case FAULT_REFUSE:
    case FAULT_LEAVE_OUT:
    case FAULT_STALL:
    default:
      break;
    }
}

void
tern_server_faults_send (TernServerConnection *self,
                         TernFaultPoint        point,
                         const TernFrame      *frame,
                         const char           *conversation_id,
                         TernServerEncoded    *encoded)
{
  Event event = { point, self->user_id, self->platform, frame->id, conversation_id };
  const Rule *rule = find_rule (self->server->faults, &event);
  g_autoptr(GBytes) bytes = encode (self, frame, encoded);

  if (rule != NULL)
    send_faulty (self, rule, frame, bytes);
  else
    emit (self, bytes);
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
  rule->platform = (int) get_number (node, "platform", 0);
  rule->id = (int) get_number (node, "id", 0);
  rule->n_skip = get_number (node, "skip", 0);
  rule->n_max = get_number (node, "count", 1);
  rule->percent = get_number (node, "percent", 100);
  rule->ms = get_number (node, "ms", 1000);
  rule->code = (int) get_number (node, "code", 500);
  rule->status = (int) get_number (node, "status", 0);
  rule->text = g_strdup (tern_json_get_string (node, "text"));
  rule->n_fit_by_user = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  return rule;
}

static gboolean
add_rules (TernServerFaults *self,
           JsonNode         *list,
           JsonArray        *numbers)
{
  JsonArray *array = list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list)
                                                                  : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      Rule *rule = read_rule (json_array_get_element (array, i), "");

      if (rule == NULL)
        return FALSE;
      rule->number = ++self->n_rules;
      g_ptr_array_add (self->rules, rule);
      json_array_add_int_element (numbers, rule->number);
    }

  return TRUE;
}

static gboolean
strike_now (TernServer *server,
            JsonNode   *node)
{
  Rule *rule;

  if (node == NULL)
    return TRUE;
  rule = read_rule (node, "now");
  if (rule == NULL)
    return FALSE;

  if (rule->kind == FAULT_STALL)
    {
      Event event = { TERN_FAULT_ON_NOW, "", 0, 0, NULL };

      note (server->faults, rule, &event);
      server->stalled_until_us = tern_clock_get_monotonic_us () +
                                 tern_clock_scale_us ((gint64) rule->ms * 1000);
      rule_free (rule);
      return TRUE;
    }
  for (guint i = server->connections->len; i > 0; i--)
    {
      TernServerConnection *connection = server->connections->pdata[i - 1];
      Event event = { TERN_FAULT_ON_NOW, connection->user_id, connection->platform, 0, NULL };

      if (!fits (rule, &event))
        continue;
      note (server->faults, rule, &event);
      strike (connection, rule);
    }
  rule_free (rule);

  return TRUE;
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
  JsonArray *numbers;

  if (!tern_server_state_is_secret (call->server->state,
                                    tern_json_get_string (call->body, "secret")))
    {
      tern_server_fail (call, 1002, "wrong secret");
      return;
    }
  if (tern_json_get_bool (call->body, "clear"))
    g_ptr_array_set_size (self->rules, 0);
  numbers = json_array_new ();
  if (!add_rules (self, tern_json_get_node (call->body, "rules"), numbers) ||
      !strike_now (call->server, tern_json_get_node (call->body, "now")))
    {
      json_array_unref (numbers);
      tern_server_fail (call, 1001, "no such fault there");
      return;
    }
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

void
tern_server_faults_attach (TernServer *self,
                           guint64     seed)
{
  self->faults = g_new0 (TernServerFaults, 1);
  self->faults->seed = seed;
  self->faults->rules = g_ptr_array_new_with_free_func (rule_free);
  self->faults->log = json_array_new ();
  tern_server_http_watch (self->api, "/tern/faults");
  soup_server_add_handler (self->api, "/tern/faults", faults_cb, self, NULL);
}
