/* test-golden.c: everything that was recorded from a real server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a frame decodes to is written out as JSON in the recordings' own
 * spelling and compared whole, so that a field that is lost, invented or
 * misread fails.
 */

#include "golden-bodies.h"
#include "tern-api-json.h"
#include "tern-content-json.h"
#include "tern-error.h"
#include "tern-frame.h"
#include "tern-wire.h"

#include <string.h>

static JsonNode *
load (const char *path)
{
  g_autofree char *file = g_build_filename (g_getenv ("TERN_TEST_SRCDIR"), "data", "golden", path,
                                            NULL);
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autoptr(GError) error = NULL;

  json_parser_load_from_file (parser, file, &error);
  g_assert_no_error (error);

  return json_node_copy (json_parser_get_root (parser));
}

static void
assert_same (JsonNode   *expected,
             JsonObject *got, /* (transfer full) */
             const char *where)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, got);
  if (!json_node_equal (expected, node))
    {
      g_autofree char *left = json_to_string (expected, TRUE);
      g_autofree char *right = json_to_string (node, TRUE);

      g_error ("%s: recorded\n%s\ndecoded\n%s", where, left, right);
    }
}

static const char *
plain_type (const char *type)
{
  const char *dot = strrchr (type, '.');

  return dot != NULL ? dot + 1 : type;
}

/* --- bodies --- */

/* One recorded message has an option of a name that nobody reads, to show
 * that the server passes it on. We do not. */
static void
drop_unknown_option (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr(GList) members = json_object_get_members (object);
      JsonNode *options = tern_json_get_node (node, "options");

      if (options != NULL)
        {
          json_object_remove_member (json_node_get_object (options), "isHistory");
          if (json_object_get_size (json_node_get_object (options)) == 0)
            json_object_remove_member (object, "options");
        }
      for (GList *at = members; at != NULL; at = at->next)
        {
          if (json_object_has_member (object, at->data))
            drop_unknown_option (json_object_get_member (object, at->data));
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
        drop_unknown_option (json_array_get_element (json_node_get_array (node), i));
    }
}

static guint n_bodies;

static void
check_body (JsonNode   *step,
            GBytes     *body,
            const char *where)
{
  const char *type = plain_type (tern_json_get_string (step, "pb_type"));
  JsonNode *pb = tern_json_get_node (step, "pb");
  g_autoptr(GBytes) again = NULL;
  g_autoptr(GBytes) thrice = NULL;

  drop_unknown_option (pb);
  assert_same (pb, golden_decode_body (type, body, &again), where);
  assert_same (pb, golden_decode_body (type, again, &thrice), where);
  n_bodies++;
}

static void
test_semantics (void)
{
  static const char * const files[] = {
    "blocked-errors", "content-kinds", "delete-clear", "forged", "friends", "group-lifecycle",
    "group-rejoin", "read-receipts", "revoke", "typing",
  };

  n_bodies = 0;
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_strconcat ("semantics/", files[i], ".json", NULL);
      g_autoptr(JsonNode) root = load (path);
      JsonArray *steps = json_node_get_array (tern_json_get_node (root, "steps"));

      for (guint k = 0; k < json_array_get_length (steps); k++)
        {
          JsonNode *step = json_array_get_element (steps, k);
          JsonNode *envelope = tern_json_get_node (step, "json");
          g_autofree char *where = g_strdup_printf ("%s step %u", files[i], k);
          g_autoptr(GBytes) body = NULL;
          guchar *data;
          gsize size;

          if (tern_json_get_node (step, "pb_type") == NULL)
            continue;
          data = g_base64_decode (tern_json_get_string (envelope, "data"), &size);
          body = g_bytes_new_take (data, size);
          check_body (step, body, where);
        }
    }
  g_test_message ("%u bodies", n_bodies);
  /* All of them: 248 of requests and 521 of answers and pushes. */
  g_assert_cmpuint (n_bodies, ==, 769);
}

/* --- frames --- */

static const struct
{
  const char *file;
  TernFrameFormat format;
} frame_files[] = {
  { "errors", { TERN_ENCODING_JSON, FALSE, 0 } },
  { "gob", { TERN_ENCODING_GOB, FALSE, 0 } },
  { "gob-gzip", { TERN_ENCODING_GOB, TRUE, 0 } },
  { "gzip", { TERN_ENCODING_JSON, TRUE, 0 } },
  { "handshake-ok", { TERN_ENCODING_JSON, FALSE, 0 } },
  { "keepalive", { TERN_ENCODING_JSON, FALSE, 0 } },
  { "kick", { TERN_ENCODING_JSON, FALSE, 0 } },
  { "newest-seq", { TERN_ENCODING_JSON, FALSE, 0 } },
  { "presence", { TERN_ENCODING_JSON, FALSE, 0 } },
  { "pull-list", { TERN_ENCODING_JSON, FALSE, 0 } },
  { "pull-range", { TERN_ENCODING_JSON, FALSE, 0 } },
  { "push", { TERN_ENCODING_JSON, FALSE, 0 } },
  { "refusals", { TERN_ENCODING_JSON, FALSE, 0 } },
  { "send", { TERN_ENCODING_JSON, FALSE, 0 } },
};

static guint n_replies;
static guint n_requests;
static guint n_left_out;

static void
assert_same_frame (const TernFrame *a,
                   const TernFrame *b)
{
  gboolean is_same_data = (a->data == NULL || g_bytes_get_size (a->data) == 0)
                            ? b->data == NULL || g_bytes_get_size (b->data) == 0
                            : b->data != NULL && g_bytes_equal (a->data, b->data);

  g_assert_cmpint (a->id, ==, b->id);
  g_assert_cmpstr (a->msg_incr, ==, b->msg_incr);
  g_assert_cmpstr (a->operation_id, ==, b->operation_id);
  g_assert_cmpstr (a->send_id, ==, b->send_id);
  g_assert_cmpint (a->err_code, ==, b->err_code);
  g_assert_cmpstr (a->err_msg, ==, b->err_msg);
  g_assert_true (is_same_data);
}

static void
check_reply (JsonNode              *step,
             GBytes                *bytes,
             const TernFrameFormat *format,
             const char            *where)
{
  JsonNode *json = tern_json_get_node (step, "json");
  g_autoptr(GError) error = NULL;
  g_autoptr(TernFrame) frame = tern_frame_decode_reply (bytes, format, &error);
  g_autoptr(TernFrame) second = NULL;
  g_autoptr(GBytes) again = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (frame->id, ==, tern_json_get_int (json, "reqIdentifier"));
  g_assert_cmpstr (frame->msg_incr, ==, tern_json_get_string (json, "msgIncr"));
  g_assert_cmpstr (frame->operation_id, ==, tern_json_get_string (json, "operationID"));
  g_assert_cmpint (frame->err_code, ==, tern_json_get_int (json, "errCode"));
  g_assert_cmpstr (frame->err_msg, ==, tern_json_get_string (json, "errMsg"));

  again = tern_frame_encode_reply (frame, format);
  /* Without compression the very same bytes: key order, escapes, null. */
  if (format->encoding == TERN_ENCODING_JSON && !format->is_gzip)
    g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again),
                     g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  second = tern_frame_decode_reply (again, format, &error);
  g_assert_no_error (error);
  assert_same_frame (frame, second);
  if (tern_json_get_node (step, "pb_type") != NULL)
    check_body (step, frame->data, where);
  n_replies++;
}

/* Requests without a decoded body in the recording were malformed on
 * purpose, or show what the server does without one: we never send such. */
static void
check_request (JsonNode              *step,
               GBytes                *bytes,
               const TernFrameFormat *format,
               const char            *where)
{
  JsonNode *json = tern_json_get_node (step, "json");
  g_autoptr(GError) error = NULL;
  g_autoptr(TernFrame) frame = NULL;
  g_autoptr(TernFrame) second = NULL;
  g_autoptr(GBytes) again = NULL;

  if (tern_json_get_node (step, "pb_type") == NULL)
    {
      n_left_out++;
      return;
    }

  frame = tern_frame_decode_request (bytes, format, &error);
  /* Broken envelopes, sent to see what the server does. */
  if (frame == NULL && g_str_has_prefix (where, "errors "))
    {
      n_left_out++;
      return;
    }
  g_assert_no_error (error);
  if (json != NULL)
    g_assert_cmpstr (frame->send_id, ==, tern_json_get_string (json, "sendID"));
  again = tern_frame_encode_request (frame, format);
  second = tern_frame_decode_request (again, format, &error);
  g_assert_no_error (error);
  assert_same_frame (frame, second);
  check_body (step, frame->data, where);
  n_requests++;
}

static void
test_frames (void)
{
  n_bodies = n_replies = n_requests = n_left_out = 0;
  for (guint i = 0; i < G_N_ELEMENTS (frame_files); i++)
    {
      g_autofree char *path = g_strconcat ("longconn/", frame_files[i].file, ".json", NULL);
      g_autoptr(JsonNode) root = load (path);
      JsonArray *steps = json_node_get_array (tern_json_get_node (root, "steps"));

      for (guint k = 0; k < json_array_get_length (steps); k++)
        {
          JsonNode *step = json_array_get_element (steps, k);
          g_autofree char *where = g_strdup_printf ("%s step %u", frame_files[i].file, k);
          g_autoptr(GBytes) bytes = NULL;
          guchar *data;
          gsize size;

          if (strcmp (tern_json_get_string (step, "kind"), "binary") != 0 ||
              tern_json_get_node (step, "bytes_b64") == NULL)
            continue;
          data = g_base64_decode (tern_json_get_string (step, "bytes_b64"), &size);
          bytes = g_bytes_new_take (data, size);
          if (strcmp (tern_json_get_string (step, "dir"), "s>c") == 0)
            check_reply (step, bytes, &frame_files[i].format, where);
          else
            check_request (step, bytes, &frame_files[i].format, where);
        }
    }
  g_test_message ("%u replies, %u requests, %u left out", n_replies, n_requests, n_left_out);
  g_assert_cmpuint (n_replies, ==, 134);
  g_assert_cmpuint (n_requests + n_left_out, ==, 106);
  g_assert_cmpuint (n_requests, >=, 80);
}

/* --- REST --- */

typedef struct
{
  const char *path;
  const char *member;
  TernDataset dataset;
} ListRoute;

static const ListRoute list_routes[] = {
  { "/user/get_users_info", "usersInfo", TERN_DATASET_SELF },
  { "/friend/get_friend_list", "friendsInfo", TERN_DATASET_FRIENDS },
  { "/group/get_groups_info", "groupInfos", TERN_DATASET_GROUPS },
  { "/group/get_joined_group_list", "groups", TERN_DATASET_GROUPS },
  { "/group/get_group_member_list", "members", TERN_DATASET_MEMBERS },
  { "/group/get_group_members_info", "members", TERN_DATASET_MEMBERS },
  { "/conversation/get_all_conversations", "conversations", TERN_DATASET_CONVERSATIONS },
  { "/conversation/get_owner_conversation", "conversations", TERN_DATASET_CONVERSATIONS },
  { "/conversation/get_conversations", "conversations", TERN_DATASET_CONVERSATIONS },
};

static JsonNode *
build_row (TernDataset dataset,
           gpointer    row,
           JsonNode   *recorded)
{
  JsonNode *node;

  switch (dataset)
    {
    case TERN_DATASET_SELF:
      return tern_api_build_user (row);
    case TERN_DATASET_GROUPS:
      return tern_api_build_group (row);
    case TERN_DATASET_MEMBERS:
      return tern_api_build_member (row);
    case TERN_DATASET_CONVERSATIONS:
      return tern_api_build_conversation (row);
    case TERN_DATASET_FRIENDS:
    default:
      break;
    }

  /* Three members of a friend are of no use to a client and not kept. */
  node = tern_api_build_friend (row, tern_json_get_string (recorded, "ownerUserID"));
  json_object_set_int_member (json_node_get_object (node), "addSource",
                              tern_json_get_int (recorded, "addSource"));
  json_object_set_string_member (json_node_get_object (node), "operatorUserID",
                                 tern_json_get_string (recorded, "operatorUserID"));
  json_object_set_string_member (json_node_get_object (node), "ex",
                                 tern_json_get_string (recorded, "ex"));

  return node;
}

static guint
check_list (const ListRoute *route,
            JsonNode        *data)
{
  g_autoptr(TernRecordUpdate) update = tern_record_update_new (route->dataset, "");
  JsonNode *list = tern_json_get_node (data, route->member);
  JsonArray *array;

  tern_api_parse_list (update, data, route->member);
  if (list == NULL)
    {
      g_assert_cmpuint (update->rows->len, ==, 0);
      return 0;
    }

  array = json_node_get_array (list);
  g_assert_cmpuint (update->rows->len, ==, json_array_get_length (array));
  for (guint i = 0; i < update->rows->len; i++)
    {
      JsonNode *recorded = json_array_get_element (array, i);
      g_autoptr(JsonNode) built = build_row (route->dataset, update->rows->pdata[i], recorded);

      assert_same (recorded, json_object_ref (json_node_get_object (built)), route->path);
    }

  return update->rows->len;
}

static guint
check_rest_step (JsonNode *step,
                 guint    *n_rows)
{
  JsonNode *response = tern_json_get_node (step, "response");
  const char *path = tern_json_get_string (step, "path");
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(JsonNode) data = NULL;
  g_autoptr(GError) error = NULL;
  gint64 code;

  if (response == NULL || !JSON_NODE_HOLDS_OBJECT (response) ||
      tern_json_get_node (response, "errCode") == NULL)
    return 0;

  bytes = tern_json_to_bytes (response);
  code = tern_json_get_int (response, "errCode");
  if (tern_api_parse_envelope (bytes, &data, &error))
    g_assert_cmpint (code, ==, 0);
  else
    g_assert_cmpint (tern_error_get_server_code (error), ==, code);

  for (guint i = 0; i < G_N_ELEMENTS (list_routes) && code == 0; i++)
    {
      if (strcmp (list_routes[i].path, path) == 0)
        *n_rows += check_list (&list_routes[i], data);
    }

  return 1;
}

static void
test_rest (void)
{
  static const char * const files[] = {
    "account", "auth", "conversations", "errors", "friends", "groups", "incremental-sync",
    "messages", "objects", "users",
  };
  guint n_envelopes = 0;
  guint n_rows = 0;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_strconcat ("rest/", files[i], ".json", NULL);
      g_autoptr(JsonNode) root = load (path);
      JsonArray *flows = json_node_get_array (root);

      for (guint k = 0; k < json_array_get_length (flows); k++)
        {
          JsonArray *steps = json_node_get_array (
            tern_json_get_node (json_array_get_element (flows, k), "steps"));

          for (guint s = 0; s < json_array_get_length (steps); s++)
            n_envelopes += check_rest_step (json_array_get_element (steps, s), &n_rows);
        }
    }
  g_test_message ("%u envelopes, %u rows", n_envelopes, n_rows);
  g_assert_cmpuint (n_envelopes, >=, 300);
  g_assert_cmpuint (n_rows, >=, 50);
}

/* Every content that was recorded is understood as its kind. */
static void
test_content (void)
{
  static const char * const files[] = { "content-kinds", "revoke", "group-lifecycle", "friends" };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_strconcat ("semantics/", files[i], ".json", NULL);
      g_autoptr(JsonNode) root = load (path);
      JsonArray *steps = json_node_get_array (tern_json_get_node (root, "steps"));

      for (guint k = 0; k < json_array_get_length (steps); k++)
        {
          JsonNode *step = json_array_get_element (steps, k);
          JsonNode *pb = tern_json_get_node (step, "pb");
          const char *content = tern_json_get_string (pb, "content");
          int type = (int) tern_json_get_int (pb, "contentType");
          g_autoptr(GBytes) bytes = g_bytes_new (content, strlen (content));
          g_autoptr(TernContent) parsed = NULL;

          if (strcmp (tern_json_get_string (step, "pb_type"), "MsgData") != 0)
            continue;
          parsed = tern_content_parse (type, bytes);
          g_assert_cmpint (parsed->type, ==, type);
          n++;
        }
    }
  g_assert_cmpuint (n, >, 30);
}

/* The first recorded content of a kind. */
static JsonNode *
find_content (JsonNode *root,
              int       type)
{
  JsonArray *steps = json_node_get_array (tern_json_get_node (root, "steps"));

  for (guint k = 0; k < json_array_get_length (steps); k++)
    {
      JsonNode *step = json_array_get_element (steps, k);

      if (tern_json_get_int (tern_json_get_node (step, "pb"), "contentType") == type)
        return tern_json_get_node (step, "content_json");
    }

  return NULL;
}

/* What was recorded is in what we make, with the same value. */
static void
assert_has (JsonNode   *made,
            JsonNode   *recorded,
            const char *skipped)
{
  g_autoptr(GList) members = json_object_get_members (json_node_get_object (recorded));

  for (GList *at = members; at != NULL; at = at->next)
    {
      JsonNode *one = tern_json_get_node (made, at->data);

      if (g_strcmp0 (at->data, skipped) == 0)
        continue;
      g_test_message ("%s", (char *) at->data);
      g_assert_nonnull (one);
      g_assert_true (json_node_equal (one, tern_json_get_node (recorded, at->data)));
    }
}

/* A merged history is made as a stock client makes it. */
static void
test_merged (void)
{
  g_autoptr(JsonNode) root = load ("semantics/content-kinds.json");
  JsonNode *recorded = find_content (root, TERN_CONTENT_MERGED);
  JsonNode *inner = json_array_get_element (
    json_node_get_array (tern_json_get_node (recorded, "multiMessage")), 0);
  g_autoptr(GPtrArray) lines = g_ptr_array_new ();
  g_autoptr(GPtrArray) messages = g_ptr_array_new ();
  g_autoptr(TernMessageRecord) text = tern_message_record_new ();
  g_autoptr(TernMessageRecord) reply = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(JsonNode) made = NULL;
  JsonNode *second;

  tern_record_set_text (&text->client_id, tern_json_get_string (inner, "clientMsgID"));
  tern_record_set_text (&text->sender_id, tern_json_get_string (inner, "sendID"));
  tern_record_set_text (&text->recv_id, tern_json_get_string (inner, "recvID"));
  tern_record_set_text (&text->sender_name, tern_json_get_string (inner, "senderNickname"));
  text->created_ms = text->sent_ms = tern_json_get_int (inner, "sendTime");
  text->chat_type = TERN_CHAT_SINGLE;
  text->msg_from = 100;
  text->content_type = TERN_CONTENT_TEXT;
  text->sender_platform = 7;
  text->seq = 1;
  text->content = tern_content_build_text ("quoted");
  reply = tern_message_record_copy (text);
  g_bytes_unref (reply->content);
  reply->content_type = TERN_CONTENT_QUOTE;
  reply->content = tern_content_build_quote ("reply", text);
  g_ptr_array_add (lines, (char *) "a: b");
  g_ptr_array_add (messages, text);
  g_ptr_array_add (messages, reply);

  bytes = tern_content_build_merged ("t", lines, messages);
  made = tern_json_parse (bytes, 65536, NULL);
  assert_has (made, recorded, "multiMessage");
  assert_has (json_array_get_element (
                json_node_get_array (tern_json_get_node (made, "multiMessage")), 0), inner, NULL);
  /* What is quoted in one of them would only make it larger. */
  second = json_array_get_element (
    json_node_get_array (tern_json_get_node (made, "multiMessage")), 1);
  second = tern_json_get_node (second, "quoteElem");
  g_assert_cmpstr (tern_json_get_string (second, "text"), ==, "reply");
  g_assert_null (tern_json_get_node (second, "quoteMessage"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/golden/semantics", test_semantics);
  g_test_add_func ("/golden/frames", test_frames);
  g_test_add_func ("/golden/rest", test_rest);
  g_test_add_func ("/golden/content", test_content);
  g_test_add_func ("/golden/merged", test_merged);
  return g_test_run ();
}
