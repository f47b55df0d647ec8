/* tern-content-build.c: message content, struct to JSON
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-content-json.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "tern-api-json.h"
#include "tern-wire-private.h"

#define QUOTE "quoteMessage"

static GBytes *
object_to_bytes (JsonObject *object) /* (transfer full) */
{
  g_autoptr(JsonNode) root = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (root, object);

  return tern_json_to_bytes (root);
}

/**
 * tern_content_build_text:
 * @text: what the person wrote
 *
 * Returns: (transfer full): the content of a 101
 */
GBytes *
tern_content_build_text (const char *text)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "content", text);

  return object_to_bytes (object);
}

/* A whole message inside another (protocol 03 section 1.6). */
static JsonObject *
build_struct (const TernMessageRecord *quoted)
{
  JsonObject *message = json_object_new ();
  g_autoptr(JsonNode) root = NULL;

  json_object_set_string_member (message, "clientMsgID", quoted->client_id);
  json_object_set_string_member (message, "serverMsgID", quoted->server_id);
  json_object_set_int_member (message, "createTime", quoted->created_ms);
  json_object_set_int_member (message, "sendTime", quoted->sent_ms);
  json_object_set_int_member (message, "sessionType", quoted->chat_type);
  json_object_set_string_member (message, "sendID", quoted->sender_id);
  json_object_set_string_member (message, "recvID", quoted->recv_id);
  json_object_set_int_member (message, "msgFrom", quoted->msg_from);
  json_object_set_int_member (message, "contentType", quoted->content_type);
  json_object_set_int_member (message, "senderPlatformID", quoted->sender_platform);
  json_object_set_string_member (message, "senderNickname", quoted->sender_name);
  json_object_set_string_member (message, "senderFaceUrl", quoted->sender_face_url);
  json_object_set_string_member (message, "groupID", quoted->group_id);
  json_object_set_int_member (message, "seq", quoted->seq);
  json_object_set_boolean_member (message, "isRead", quoted->is_read);
  json_object_set_int_member (message, "status", TERN_MESSAGE_SENT);
  if (quoted->content != NULL)
    root = tern_json_parse (quoted->content, TERN_MAX_CONTENT_BYTES, NULL);
  if (root != NULL)
    {
      const char *name = tern_content_element_name (quoted->content_type);

      /* A quote inside a quote would grow without end. */
      if (JSON_NODE_HOLDS_OBJECT (root) && tern_json_get_node (root, QUOTE) != NULL)
        {
          JsonObject *flat = json_object_new ();

          json_object_set_string_member (flat, "text", tern_json_get_string (root, "text"));
          json_object_set_object_member (message, name, flat);
        }
      else
        json_object_set_member (message, name, json_node_ref (root));
    }

  return message;
}

/**
 * tern_content_build_at:
 * @text: what the person wrote, mentions as "@ID "
 * @people: (element-type TernPerson): who is mentioned; the ID "AtAllTag" is
 *   everybody
 * @quoted: (nullable): what it replies to, which must have a seq
 *
 * Returns: (transfer full): the content of a 106
 */
GBytes *
tern_content_build_at (const char              *text,
                       GPtrArray               *people,
                       const TernMessageRecord *quoted)
{
  JsonObject *object = json_object_new ();
  JsonArray *ids = json_array_new ();
  JsonArray *infos = json_array_new ();

  for (guint i = 0; i < people->len; i++)
    {
      const TernPerson *person = people->pdata[i];
      JsonObject *info = json_object_new ();

      json_array_add_string_element (ids, person->id);
      json_object_set_string_member (info, "atUserID", person->id);
      json_object_set_string_member (info, "groupNickname",
                                     person->name != NULL ? person->name : "");
      json_array_add_object_element (infos, info);
    }
  json_object_set_string_member (object, "text", text);
  json_object_set_array_member (object, "atUserList", ids);
  json_object_set_array_member (object, "atUsersInfo", infos);
  json_object_set_boolean_member (object, "isAtSelf", FALSE);
  if (quoted != NULL)
    json_object_set_object_member (object, QUOTE, build_struct (quoted));

  return object_to_bytes (object);
}

/**
 * tern_content_build_quote:
 * @text: the reply
 * @quoted: what is replied to; its seq must be known, else every reader sees
 *   it as revoked (protocol 03 section 4.9)
 *
 * Returns: (transfer full): the content of a 114
 */
GBytes *
tern_content_build_quote (const char              *text,
                          const TernMessageRecord *quoted)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "text", text);
  json_object_set_object_member (object, QUOTE, build_struct (quoted));

  return object_to_bytes (object);
}

/**
 * tern_content_build_merged:
 * @title: whose history it is
 * @lines: (element-type utf8): what a preview shows of it
 * @messages: (element-type TernMessageRecord): oldest first
 *
 * Returns: (transfer full): the content of a 107
 */
GBytes *
tern_content_build_merged (const char *title,
                           GPtrArray  *lines,
                           GPtrArray  *messages)
{
  JsonObject *object = json_object_new ();
  JsonArray *abstract = json_array_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < lines->len; i++)
    json_array_add_string_element (abstract, lines->pdata[i]);
  for (guint i = 0; i < messages->len; i++)
    json_array_add_object_element (array, build_struct (messages->pdata[i]));
  json_object_set_string_member (object, "title", title);
  json_object_set_array_member (object, "abstractList", abstract);
  json_object_set_array_member (object, "multiMessage", array);

  return object_to_bytes (object);
}

/**
 * tern_content_revoke_quote:
 * @content: the content of a message
 *
 * Takes what a message quotes out of its content. The server does the same when
 * it hands out a 114 (protocol 03 section 4.9), in other words that mean the
 * same.
 *
 * Returns: (transfer full) (nullable): the content as it is from now on; %NULL
 *   when it stays, for it quotes nothing or nothing is left of that
 */
GBytes *
tern_content_revoke_quote (GBytes *content)
{
  static const char * const kept[] = {
    "clientMsgID", "serverMsgID", "createTime", "sendTime", "sessionType", "sendID", "recvID",
    "groupID", "seq", "senderNickname", "senderFaceUrl", "senderFaceURL",
  };
  g_autoptr(JsonNode) root = tern_json_parse (content, TERN_MAX_CONTENT_BYTES, NULL);
  JsonNode *quote = tern_json_get_node (root, QUOTE);
  JsonObject *rest;

  if (quote == NULL || !JSON_NODE_HOLDS_OBJECT (quote) ||
      tern_json_get_int (quote, "contentType") == TERN_CONTENT_REVOKED)
    return NULL;

  rest = json_object_new ();
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      JsonNode *node = tern_json_get_node (quote, kept[i]);

      if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
        json_object_set_member (rest, kept[i], json_node_copy (node));
    }
  json_object_set_int_member (rest, "contentType", TERN_CONTENT_REVOKED);
  json_object_set_string_member (rest, "content", "{}");
  json_object_set_object_member (json_node_get_object (root), QUOTE, rest);

  return object_to_bytes (json_object_ref (json_node_get_object (root)));
}

/**
 * tern_content_equal_but_for_quote:
 * @a: the content of a message
 * @b: another
 *
 * Returns: whether both say the same and quote the same message, whatever is
 *   left of that in either
 */
gboolean
tern_content_equal_but_for_quote (GBytes *a,
                                  GBytes *b)
{
  static const char * const names[] = { "clientMsgID", "sendID" };
  g_autoptr(JsonNode) root_a = tern_json_parse (a, TERN_MAX_CONTENT_BYTES, NULL);
  g_autoptr(JsonNode) root_b = tern_json_parse (b, TERN_MAX_CONTENT_BYTES, NULL);
  JsonNode *quote_a = tern_json_get_node (root_a, QUOTE);
  JsonNode *quote_b = tern_json_get_node (root_b, QUOTE);

  if (quote_a == NULL || quote_b == NULL ||
      tern_json_get_int (quote_a, "seq") != tern_json_get_int (quote_b, "seq"))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (strcmp (tern_json_get_string (quote_a, names[i]),
                  tern_json_get_string (quote_b, names[i])) != 0)
        return FALSE;
    }
  json_object_remove_member (json_node_get_object (root_a), QUOTE);
  json_object_remove_member (json_node_get_object (root_b), QUOTE);

  return json_node_equal (root_a, root_b);
}

/**
 * tern_content_build_typing:
 * @is_typing: whether the person types or has stopped
 *
 * Returns: (transfer full): the content of a 113
 */
GBytes *
tern_content_build_typing (gboolean is_typing)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "msgTips", is_typing ? "yes" : "no");

  return object_to_bytes (object);
}
