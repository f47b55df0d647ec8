/* tern-content-json.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-content-json.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "tern-api-json.h"
#include "tern-error.h"
#include "tern-seq-ranges.h"
#include "tern-wire-private.h"

/* More of a merged history is not shown: clients merge a hundred at the most. */
#define MAX_MERGED 500

/* Nobody means to call more people by name, and no account has a longer ID. */
#define MAX_MENTIONS 200
#define MAX_ID_BYTES 256

/* The ID that stands for everybody in a mention (protocol 03 section 1.5). */
#define AT_ALL "AtAllTag"

static char *
dup_text (JsonNode   *node,
          const char *member)
{
  const char *text = tern_json_get_string (node, member);

  return *text != '\0' ? g_strdup (text) : NULL;
}

static int
get_small_int (JsonNode   *node,
               const char *member)
{
  return (int) CLAMP (tern_json_get_int (node, member), 0, G_MAXINT32);
}

static void
read_person (TernPerson *person,
             JsonNode   *node)
{
  person->id = dup_text (node, "userID");
  person->name = dup_text (node, "nickname");
}

/* --- the kinds --- */

static void
parse_picture (TernContent *content,
               JsonNode    *root)
{
  JsonNode *source = tern_json_get_node (root, "sourcePicture");
  JsonNode *big = tern_json_get_node (root, "bigPicture");
  JsonNode *small = tern_json_get_node (root, "snapshotPicture");
  JsonNode *best = *tern_json_get_string (source, "url") != '\0' ? source
                   : *tern_json_get_string (big, "url") != '\0' ? big : small;

  content->url = dup_text (best, "url");
  content->mime = dup_text (best, "type");
  content->size_bytes = MAX (tern_json_get_int (best, "size"), 0);
  content->width = get_small_int (best, "width");
  content->height = get_small_int (best, "height");
  content->thumb_url = dup_text (small, "url");
}

static void
parse_voice (TernContent *content,
             JsonNode    *root)
{
  content->url = dup_text (root, "sourceUrl");
  content->mime = dup_text (root, "soundType");
  content->size_bytes = MAX (tern_json_get_int (root, "dataSize"), 0);
  content->duration_s = get_small_int (root, "duration");
}

static void
parse_video (TernContent *content,
             JsonNode    *root)
{
  content->url = dup_text (root, "videoUrl");
  content->mime = dup_text (root, "videoType");
  content->size_bytes = MAX (tern_json_get_int (root, "videoSize"), 0);
  content->duration_s = get_small_int (root, "duration");
  content->thumb_url = dup_text (root, "snapshotUrl");
  content->width = get_small_int (root, "snapshotWidth");
  content->height = get_small_int (root, "snapshotHeight");
}

static void
parse_file (TernContent *content,
            JsonNode    *root)
{
  content->text = dup_text (root, "fileName");
  content->url = dup_text (root, "sourceUrl");
  content->mime = dup_text (root, "fileType");
  content->size_bytes = MAX (tern_json_get_int (root, "fileSize"), 0);
}

static void
parse_card (TernContent *content,
            JsonNode    *root)
{
  content->text = dup_text (root, "nickname");
  content->url = dup_text (root, "faceURL");
  content->actor.id = dup_text (root, "userID");
  content->actor.name = dup_text (root, "nickname");
}

/* Other clients put a JSON text with a name into the description. */
static void
parse_location (TernContent *content,
                JsonNode    *root)
{
  const char *description = tern_json_get_string (root, "description");
  g_autoptr(GBytes) bytes = g_bytes_new_static (description, strlen (description));
  g_autoptr(JsonNode) inner = NULL;

  if (*description == '{')
    inner = tern_json_parse (bytes, TERN_MAX_CONTENT_BYTES, NULL);
  content->text = dup_text (inner, "name");
  if (content->text == NULL)
    content->text = dup_text (root, "description");
  content->latitude = tern_json_get_double (root, "latitude");
  content->longitude = tern_json_get_double (root, "longitude");
}

static void
add_mention (TernContent *content,
             GHashTable  *known, /* (element-type utf8) (borrowed) */
             const char  *id,
             const char  *name)  /* (nullable) */
{
  TernPerson *person;

  if (*id == '\0' || strlen (id) > MAX_ID_BYTES || content->at->len == MAX_MENTIONS ||
      g_hash_table_contains (known, id))
    return;
  person = tern_person_new (id, name);
  g_ptr_array_add (content->at, person);
  g_hash_table_add (known, person->id);
}

static void
parse_mentions (TernContent *content,
                JsonNode    *root)
{
  g_auto(GStrv) ids = tern_json_dup_strings (root, "atUserList");
  JsonNode *infos = tern_json_get_node (root, "atUsersInfo");
  g_autoptr(GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  content->at = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_person_free);
  if (infos != NULL && JSON_NODE_HOLDS_ARRAY (infos))
    {
      JsonArray *array = json_node_get_array (infos);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          JsonNode *info = json_array_get_element (array, i);

          add_mention (content, known, tern_json_get_string (info, "atUserID"),
                       tern_json_get_string (info, "groupNickname"));
        }
    }

  for (guint i = 0; ids[i] != NULL; i++)
    {
      if (strcmp (ids[i], AT_ALL) == 0)
        content->is_at_all = TRUE;
      add_mention (content, known, ids[i], NULL);
    }
}

/* The element of a MsgStruct by type (protocol 03 section 1.6). */
const char *
tern_content_element_name (int type)
{
  switch (type)
    {
    case TERN_CONTENT_TEXT:
      return "textElem";
    case TERN_CONTENT_PICTURE:
      return "pictureElem";
    case TERN_CONTENT_VOICE:
      return "soundElem";
    case TERN_CONTENT_VIDEO:
      return "videoElem";
    case TERN_CONTENT_FILE:
      return "fileElem";
    case TERN_CONTENT_AT_TEXT:
      return "atTextElem";
    case TERN_CONTENT_MERGED:
      return "mergeElem";
    case TERN_CONTENT_CARD:
      return "cardElem";
    case TERN_CONTENT_LOCATION:
      return "locationElem";
    case TERN_CONTENT_QUOTE:
      return "quoteElem";
    case TERN_CONTENT_FACE:
      return "faceElem";
    case TERN_CONTENT_ADVANCED_TEXT:
      return "advancedTextElem";
    case TERN_CONTENT_MARKDOWN:
      return "markdownTextElem";
    case TERN_CONTENT_CUSTOM:
      return "customElem";
    default:
      return "notificationElem";
    }
}

static TernContent *parse_node (int       type,
                                JsonNode *root,
                                gboolean  may_quote);

/* A MsgStruct: the element first, its content text else. */
static TernContent *
parse_struct (JsonNode *message,
              gboolean  may_quote)
{
  int type = get_small_int (message, "contentType");
  JsonNode *element = tern_json_get_node (message, tern_content_element_name (type));
  const char *text = tern_json_get_string (message, "content");
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(JsonNode) root = NULL;

  if (type == TERN_CONTENT_REVOKED)
    return tern_content_new (TERN_CONTENT_KIND_REVOKED, type);
  if (element != NULL)
    return parse_node (type, element, may_quote);

  bytes = g_bytes_new_static (text, strlen (text));
  root = tern_json_parse (bytes, TERN_MAX_CONTENT_BYTES, NULL);

  return parse_node (type, root, may_quote);
}

static void
parse_quote (TernContent *content,
             JsonNode    *message)
{
  content->quote_sender = dup_text (message, "senderNickname");
  content->quote_sender_id = dup_text (message, "sendID");
  content->quote_client_id = dup_text (message, "clientMsgID");
  content->quote_seq = MAX (tern_json_get_int (message, "seq"), 0);
  content->quote = parse_struct (message, FALSE);
}

/* Merged histories may hold further ones, as deep as JSON may be. What a quote
 * shows of one is its title. */
static void
parse_merged (TernContent *content,
              JsonNode    *root,
              gboolean     with_messages)
{
  g_auto(GStrv) lines = tern_json_dup_strings (root, "abstractList");
  JsonNode *node = tern_json_get_node (root, "multiMessage");
  JsonArray *array;

  content->text = dup_text (root, "title");
  content->lines = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; lines[i] != NULL; i++)
    g_ptr_array_add (content->lines, g_steal_pointer (&lines[i]));
  if (!with_messages || node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return;

  array = json_node_get_array (node);
  content->messages =
    g_ptr_array_new_with_free_func ((GDestroyNotify) tern_merged_message_free);
  for (guint i = 0; i < json_array_get_length (array) && i < MAX_MERGED; i++)
    {
      JsonNode *message = json_array_get_element (array, i);
      TernMergedMessage *merged = g_new0 (TernMergedMessage, 1);

      merged->sender_name = dup_text (message, "senderNickname");
      merged->sent_ms = MAX (tern_json_get_int (message, "sendTime"), 0);
      merged->content = parse_struct (message, TRUE);
      g_ptr_array_add (content->messages, merged);
    }
}

/* Stickers that are not built in: a picture, in a JSON text. */
static void
parse_face (TernContent *content,
            JsonNode    *root)
{
  const char *data = tern_json_get_string (root, "data");
  g_autoptr(GBytes) bytes = g_bytes_new_static (data, strlen (data));
  g_autoptr(JsonNode) inner = NULL;

  content->value = tern_json_get_int (root, "index");
  if (*data == '{')
    inner = tern_json_parse (bytes, TERN_MAX_CONTENT_BYTES, NULL);
  content->url = dup_text (inner, "url");
  content->width = get_small_int (inner, "width");
  content->height = get_small_int (inner, "height");
}

/* --- notices --- */

static void
add_people (TernContent *content,
            JsonNode    *detail,
            const char  *member)
{
  JsonNode *node = tern_json_get_node (detail, member);

  if (node == NULL)
    return;

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          JsonNode *user = json_array_get_element (array, i);

          g_ptr_array_add (content->people,
                           tern_person_new (tern_json_get_string (user, "userID"),
                                            tern_json_get_string (user, "nickname")));
        }
    }
  else
    g_ptr_array_add (content->people, tern_person_new (tern_json_get_string (node, "userID"),
                                                       tern_json_get_string (node, "nickname")));
}

static JsonNode *
parse_detail (JsonNode *root)
{
  const char *detail = tern_json_get_string (root, "detail");
  g_autoptr(GBytes) bytes = g_bytes_new_static (detail, strlen (detail));

  return tern_json_parse (bytes, TERN_MAX_CONTENT_BYTES, NULL);
}

/* Whom a notice is about, whatever its number: each detail has few of these
 * members (protocol 03 section 2.3). */
static void
parse_notice (TernContent *content,
              JsonNode    *root)
{
  static const char * const actors[] = { "opUser", "entrantUser", "quitUser", "applicant" };
  static const char * const people[] = {
    "invitedUserList", "kickedUserList", "mutedUser", "newGroupOwner", "changedUser",
  };
  g_autoptr(JsonNode) detail = parse_detail (root);
  JsonNode *group = tern_json_get_node (detail, "group");

  content->people = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_person_free);
  for (guint i = 0; i < G_N_ELEMENTS (actors) && content->actor.id == NULL; i++)
    {
      g_clear_pointer (&content->actor.name, g_free);
      read_person (&content->actor, tern_json_get_node (detail, actors[i]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (people); i++)
    add_people (content, detail, people[i]);

  if (content->type == TERN_CONTENT_ANNOUNCED)
    content->text = dup_text (group, "notification");
  else
    content->text = dup_text (group, "groupName");
  if (content->type == 1701)
    content->value = tern_json_get_bool (detail, "isPrivate");
  else
    content->value = tern_json_get_int (detail, "mutedSeconds");
}

static void
parse_revoked (TernContent *content,
               JsonNode    *root)
{
  g_autoptr(JsonNode) detail = parse_detail (root);

  content->actor.id = dup_text (detail, "revokerID");
  content->actor.name = dup_text (detail, "revokerNickname");
  content->people = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_person_free);
  if (*tern_json_get_string (detail, "sourceMessageSendID") != '\0')
    {
      const char *name = tern_json_get_string (detail, "sourceMessageSenderNickname");

      g_ptr_array_add (content->people,
                       tern_person_new (tern_json_get_string (detail, "sourceMessageSendID"),
                                        name));
    }
}

static void
parse_official (TernContent *content,
                JsonNode    *root)
{
  g_autoptr(JsonNode) detail = parse_detail (root);

  content->text = dup_text (detail, "text");
  content->actor.name = dup_text (detail, "notificationName");
  content->url = dup_text (detail, "url");
  if (content->url == NULL)
    content->url = dup_text (detail, "externalUrl");
}

static TernContentKind
kind_of (int type)
{
  switch (type)
    {
    case TERN_CONTENT_TEXT:
    case TERN_CONTENT_AT_TEXT:
    case TERN_CONTENT_ADVANCED_TEXT:
    case TERN_CONTENT_MARKDOWN:
      return TERN_CONTENT_KIND_TEXT;
    case TERN_CONTENT_QUOTE:
      return TERN_CONTENT_KIND_QUOTE;
    case TERN_CONTENT_PICTURE:
      return TERN_CONTENT_KIND_PICTURE;
    case TERN_CONTENT_VOICE:
      return TERN_CONTENT_KIND_VOICE;
    case TERN_CONTENT_VIDEO:
      return TERN_CONTENT_KIND_VIDEO;
    case TERN_CONTENT_FILE:
      return TERN_CONTENT_KIND_FILE;
    case TERN_CONTENT_MERGED:
      return TERN_CONTENT_KIND_MERGED;
    case TERN_CONTENT_CARD:
      return TERN_CONTENT_KIND_CARD;
    case TERN_CONTENT_LOCATION:
      return TERN_CONTENT_KIND_LOCATION;
    case TERN_CONTENT_CUSTOM:
    case 119:
    case 120:
      return TERN_CONTENT_KIND_CUSTOM;
    case TERN_CONTENT_TYPING:
      return TERN_CONTENT_KIND_TYPING;
    case TERN_CONTENT_FACE:
      return TERN_CONTENT_KIND_FACE;
    case TERN_CONTENT_OFFICIAL:
      return TERN_CONTENT_KIND_OFFICIAL;
    case TERN_CONTENT_REVOKED:
      return TERN_CONTENT_KIND_REVOKED;
    default:
      return type >= TERN_CONTENT_NOTICE_FIRST ? TERN_CONTENT_KIND_NOTICE
                                               : TERN_CONTENT_KIND_UNKNOWN;
    }
}

static void
parse_text (TernContent *content,
            JsonNode    *root,
            gboolean     may_quote)
{
  JsonNode *quote = tern_json_get_node (root, "quoteMessage");

  if (content->type == TERN_CONTENT_TEXT || content->type == TERN_CONTENT_MARKDOWN)
    content->text = dup_text (root, "content");
  else
    content->text = dup_text (root, "text");
  if (content->text == NULL)
    content->text = g_strdup ("");
  if (content->type == TERN_CONTENT_AT_TEXT)
    parse_mentions (content, root);
  if (may_quote && quote != NULL)
    parse_quote (content, quote);
}

static TernContent *
parse_node (int       type,
            JsonNode *root,
            gboolean  may_quote)
{
  TernContent *content = tern_content_new (kind_of (type), type);

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      /* A notice is a line even when nobody can tell what it says. */
      if (content->kind != TERN_CONTENT_KIND_NOTICE && content->kind != TERN_CONTENT_KIND_REVOKED)
        content->kind = TERN_CONTENT_KIND_UNKNOWN;
      return content;
    }

  switch (content->kind)
    {
    case TERN_CONTENT_KIND_TEXT:
    case TERN_CONTENT_KIND_QUOTE:
      parse_text (content, root, may_quote);
      break;
    case TERN_CONTENT_KIND_PICTURE:
      parse_picture (content, root);
      break;
    case TERN_CONTENT_KIND_VOICE:
      parse_voice (content, root);
      break;
    case TERN_CONTENT_KIND_VIDEO:
      parse_video (content, root);
      break;
    case TERN_CONTENT_KIND_FILE:
      parse_file (content, root);
      break;
    case TERN_CONTENT_KIND_MERGED:
      parse_merged (content, root, may_quote);
      break;
    case TERN_CONTENT_KIND_CARD:
      parse_card (content, root);
      break;
    case TERN_CONTENT_KIND_LOCATION:
      parse_location (content, root);
      break;
    case TERN_CONTENT_KIND_CUSTOM:
      content->text = dup_text (root, "description");
      break;
    case TERN_CONTENT_KIND_FACE:
      parse_face (content, root);
      break;
    case TERN_CONTENT_KIND_TYPING:
      content->value = strcmp (tern_json_get_string (root, "msgTips"), "yes") == 0;
      break;
    case TERN_CONTENT_KIND_NOTICE:
      parse_notice (content, root);
      break;
    case TERN_CONTENT_KIND_REVOKED:
      parse_revoked (content, root);
      break;
    case TERN_CONTENT_KIND_OFFICIAL:
      parse_official (content, root);
      break;
    case TERN_CONTENT_KIND_UNKNOWN:
    default:
      break;
    }

  return content;
}

/**
 * tern_content_parse:
 * @type: the message's content type
 * @bytes: (nullable): its content, from anybody
 *
 * Never fails: what does not parse is %TERN_CONTENT_KIND_UNKNOWN, or a notice
 * that names nobody.
 *
 * Returns: (transfer full): what the message says
 */
TernContent *
tern_content_parse (int     type,
                    GBytes *bytes)
{
  g_autoptr(JsonNode) root = NULL;

  if (bytes != NULL)
    root = tern_json_parse (bytes, TERN_MAX_CONTENT_BYTES, NULL);

  return parse_node (type, root, TRUE);
}

/**
 * tern_content_dup_text:
 * @content: any content
 *
 * Returns: (transfer full): what search and previews go by; "" when it says
 *   nothing in words
 */
char *
tern_content_dup_text (const TernContent *content)
{
  switch (content->kind)
    {
    case TERN_CONTENT_KIND_TEXT:
    case TERN_CONTENT_KIND_QUOTE:
    case TERN_CONTENT_KIND_FILE:
    case TERN_CONTENT_KIND_MERGED:
    case TERN_CONTENT_KIND_CARD:
    case TERN_CONTENT_KIND_LOCATION:
    case TERN_CONTENT_KIND_OFFICIAL:
      return g_strdup (content->text != NULL ? content->text : "");
    case TERN_CONTENT_KIND_UNKNOWN:
    case TERN_CONTENT_KIND_PICTURE:
    case TERN_CONTENT_KIND_VOICE:
    case TERN_CONTENT_KIND_VIDEO:
    case TERN_CONTENT_KIND_CUSTOM:
    case TERN_CONTENT_KIND_FACE:
    case TERN_CONTENT_KIND_TYPING:
    case TERN_CONTENT_KIND_NOTICE:
    case TERN_CONTENT_KIND_REVOKED:
    default:
      return g_strdup ("");
    }
}

/* --- events --- */

/* Anybody can name what he likes: so many messages, each once. Clients name
 * one, or a few that were chosen by hand. */
#define MAX_EVENT_SEQS 1000

static GArray *
read_seqs (JsonNode *detail)
{
  g_autoptr(TernSeqRanges) known = tern_seq_ranges_new ();
  GArray *seqs = g_array_new (FALSE, FALSE, sizeof (gint64));
  JsonNode *node = tern_json_get_node (detail, "seqs");

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array) && seqs->len < MAX_EVENT_SEQS; i++)
        {
          JsonNode *element = json_array_get_element (array, i);
          gint64 seq;

          if (json_node_get_value_type (element) != G_TYPE_INT64)
            continue;
          seq = json_node_get_int (element);
          if (seq > 0 && tern_seq_ranges_add (known, seq, seq))
            g_array_append_val (seqs, seq);
        }
    }

  return seqs;
}

/**
 * tern_event_parse:
 * @type: the notification's content type
 * @bytes: (nullable): its content: anybody may have made it
 *
 * Reads what a notification says happened. Never fails; it is a hint where to
 * look, not a fact (protocol 03 section 8, trap 1).
 *
 * Returns: (transfer full): the event
 */
TernEvent *
tern_event_parse (int     type,
                  GBytes *bytes)
{
  static const char * const users[] = { "markAsReadUserID", "revokerUserID", "userID" };
  TernEvent *event = g_new0 (TernEvent, 1);
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(JsonNode) detail = NULL;

  event->type = type;
  if (bytes != NULL)
    root = tern_json_parse (bytes, TERN_MAX_CONTENT_BYTES, NULL);
  detail = parse_detail (root);

  event->conversation_id = dup_text (detail, "conversationID");
  event->client_id = dup_text (detail, "clientMsgID");
  event->group_id = dup_text (tern_json_get_node (detail, "group"), "groupID");
  for (guint i = 0; i < G_N_ELEMENTS (users) && event->user_id == NULL; i++)
    event->user_id = dup_text (detail, users[i]);
  event->conversation_ids = tern_json_dup_strings (detail, "conversationIDs");
  event->seqs = read_seqs (detail);
  event->seq = MAX (tern_json_get_int (detail, "seq"), 0);
  event->read_seq = MAX (tern_json_get_int (detail, "hasReadSeq"), 0);

  return event;
}

/**
 * tern_event_free:
 * @self: (transfer full): an event
 */
void
tern_event_free (TernEvent *self)
{
  g_free (self->conversation_id);
  g_strfreev (self->conversation_ids);
  g_free (self->user_id);
  g_free (self->group_id);
  g_free (self->client_id);
  g_array_unref (self->seqs);
  g_free (self);
}
