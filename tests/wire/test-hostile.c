/* test-hostile.c: what strangers may send
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "tern-api-json.h"
#include "tern-content-json.h"
#include "tern-error.h"
#include "tern-frame.h"
#include "tern-wire.h"

#include <string.h>

static const TernFrameFormat json_format = { TERN_ENCODING_JSON, FALSE, 0 };
static const TernFrameFormat gob_format = { TERN_ENCODING_GOB, FALSE, 0 };
static const TernFrameFormat gzip_format = { TERN_ENCODING_JSON, TRUE, 0 };

static GBytes *
bytes_of (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static TernFrame *
make_frame (void)
{
  g_autoptr(GBytes) data = g_bytes_new ("\x0a\x05" "alice", 7);
  TernFrame *frame = tern_frame_new (1001, "17", "op & <1>\xe2\x80\xa8", data);

  g_free (frame->send_id);
  frame->send_id = g_strdup ("alice");

  return frame;
}

static void
test_round_trip (void)
{
  const TernFrameFormat formats[] = {
    { TERN_ENCODING_JSON, FALSE, 0 }, { TERN_ENCODING_JSON, TRUE, 0 },
    { TERN_ENCODING_GOB, FALSE, 0 }, { TERN_ENCODING_GOB, TRUE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr(TernFrame) frame = make_frame ();
      g_autoptr(GBytes) bytes = tern_frame_encode_request (frame, &formats[i]);
      g_autoptr(GError) error = NULL;
      g_autoptr(TernFrame) again = tern_frame_decode_request (bytes, &formats[i], &error);

      g_assert_no_error (error);
      g_assert_cmpint (again->id, ==, 1001);
      g_assert_cmpstr (again->operation_id, ==, frame->operation_id);
      g_assert_true (g_bytes_equal (again->data, frame->data));
    }
}

/* Every prefix of a good frame, and every byte of it turned over, is either
 * refused with an error or read; nothing else happens. */
static void
test_truncated (gconstpointer data)
{
  const TernFrameFormat *format = data;
  g_autoptr(TernFrame) frame = make_frame ();
  g_autoptr(GBytes) bytes = tern_frame_encode_request (frame, format);
  gsize size = g_bytes_get_size (bytes);

  for (gsize n = 0; n < size; n++)
    {
      g_autoptr(GBytes) part = g_bytes_new_from_bytes (bytes, 0, n);
      g_autoptr(GError) error = NULL;
      g_autoptr(TernFrame) decoded = tern_frame_decode_request (part, format, &error);

      g_assert_null (decoded);
      g_assert_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL);
    }
  for (gsize n = 0; n < size; n++)
    {
      g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
      g_autoptr(GBytes) broken = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(TernFrame) decoded = NULL;

      copy[n] ^= 0xff;
      broken = g_bytes_new (copy, size);
      decoded = tern_frame_decode_request (broken, format, &error);
      g_assert_true ((decoded == NULL) == (error != NULL));
    }
}

static void
test_bad_json (void)
{
  static const char * const bad[] = {
    "", " ", "null", "[]", "\"x\"", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1}x",
    "{\"reqIdentifier\":\"1001\"}", "{\"reqIdentifier\":1.5}", "{\"reqIdentifier\":1e3}",
    "{\"reqIdentifier\":99999999999}", "{\"msgIncr\":1}", "{\"data\":1}", "{\"data\":\"*\"}",
    "{\"data\":\"YQ\"}", "{\"data\":\"YQ=\"}", "{\"data\":\"_w==\"}", "{\"errMsg\":\"\\x\"}",
    "{\"errMsg\":\"\\u12\"}", "{\"errMsg\":\"a\nb\"}", "\xef\xbb\xbf{}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GBytes) bytes = bytes_of (bad[i]);
      g_autoptr(GError) error = NULL;
      g_autoptr(TernFrame) frame = tern_frame_decode_reply (bytes, &json_format, &error);

      g_assert_null (frame);
      g_assert_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL);
    }
}

static void
test_odd_json (void)
{
  g_autoptr(GBytes) bytes =
    bytes_of (" {\"unknown\":{\"a\":[1,{\"b\":\"]}\"}]},\"MSGINCR\":\"7\",\"errMsg\":null,"
              "\"reqIdentifier\":1, \"reqIdentifier\" : 1001 ,\"errMsg\":\"\\ud83d\\ude00\\ud800\","
              "\"data\":null} ");
  g_autoptr(GError) error = NULL;
  g_autoptr(TernFrame) frame = tern_frame_decode_reply (bytes, &json_format, &error);

  g_assert_no_error (error);
  g_assert_cmpint (frame->id, ==, 1001);
  g_assert_cmpstr (frame->msg_incr, ==, "7");
  g_assert_cmpstr (frame->err_msg, ==, "😀\xef\xbf\xbd");
  g_assert_null (frame->data);
}

static void
test_deep (void)
{
  g_autoptr(GString) text = g_string_new ("{\"detail\":");
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(TernContent) content = NULL;
  g_autoptr(TernFrame) frame = NULL;
  g_autoptr(JsonNode) node = NULL;

  for (int i = 0; i < 1000000; i++)
    g_string_append_c (text, '[');
  bytes = g_bytes_new (text->str, text->len);

  node = tern_json_parse (bytes, text->len, &error);
  g_assert_null (node);
  g_assert_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL);
  g_clear_error (&error);
  content = tern_content_parse (TERN_CONTENT_TEXT, bytes);
  g_assert_cmpint (content->kind, ==, TERN_CONTENT_KIND_UNKNOWN);
  frame = tern_frame_decode_reply (bytes, &json_format, &error);
  g_assert_null (frame);
  g_assert_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL);
}

/* json-glib skips comments and knows strings in single quotes: a quote in one
 * of them must not hide from the depth check what comes after it. */
static void
test_deep_behind_comment (void)
{
  static const char * const starts[] = { "/*\"*/", "//\"\n", "#\"\n", "'\"'", "{'a\"':" };

  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_autoptr(GString) text = g_string_new (starts[i]);
      g_autoptr(GBytes) bytes = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(TernContent) content = NULL;
      g_autoptr(JsonNode) node = NULL;

      for (int k = 0; k < 1000000; k++)
        g_string_append_c (text, '[');
      bytes = g_bytes_new (text->str, text->len);
      node = tern_json_parse (bytes, text->len, &error);
      g_assert_null (node);
      g_assert_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL);
      content = tern_content_parse (TERN_CONTENT_TEXT, bytes);
      g_assert_cmpint (content->kind, ==, TERN_CONTENT_KIND_UNKNOWN);
    }
}

/* Two bytes on the wire are an empty message: a body of a few megabytes must
 * not become gigabytes. */
static void
test_inflated_body (void)
{
  const gsize n_messages = 1024 * 1024;
  g_autoptr(GByteArray) body = g_byte_array_new ();
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  /* Batches.msgs[0] = { key: "x", value: { msgs: … } }, lengths 2^21 + 7 and 2^21 */
  static const guint8 head[] = {
    0x0a, 0x88, 0x80, 0x80, 0x01, 0x0a, 0x01, 'x', 0x12, 0x80, 0x80, 0x80, 0x01,
  };

  g_byte_array_append (body, head, sizeof head);
  for (gsize i = 0; i < n_messages; i++)
    g_byte_array_append (body, (const guint8 *) "\x0a", 2);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&body));
  g_assert_null (tern_wire_decode_batches (bytes, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_TOO_LARGE);
}

static void
test_too_large (void)
{
  const TernFrameFormat small = { TERN_ENCODING_JSON, FALSE, 100 };
  const TernFrameFormat small_gzip = { TERN_ENCODING_JSON, TRUE, 1024 };
  g_autofree char *zeros = g_strnfill (1024 * 1024, ' ');
  g_autoptr(TernFrame) frame = tern_frame_new (1, zeros, "", NULL);
  g_autoptr(GBytes) plain = tern_frame_encode_reply (frame, &json_format);
  g_autoptr(GBytes) bomb = tern_frame_encode_reply (frame, &gzip_format);
  g_autoptr(GError) error = NULL;

  g_assert_null (tern_frame_decode_reply (plain, &small, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_TOO_LARGE);
  g_clear_error (&error);
  /* Well below the limit on the wire, above it once inflated. */
  g_assert_cmpuint (g_bytes_get_size (bomb), <, 2048);
  {
    const TernFrameFormat limit = { TERN_ENCODING_JSON, TRUE, 64 * 1024 };

    g_assert_null (tern_frame_decode_reply (bomb, &limit, &error));
    g_assert_error (error, TERN_ERROR, TERN_ERROR_TOO_LARGE);
    g_clear_error (&error);
  }
  /* Also when only what zlib still holds goes beyond it, all input read. */
  for (gsize max_bytes = 1024 * 1024 - 70000; max_bytes < 1024 * 1024; max_bytes += 5000)
    {
      const TernFrameFormat limit = { TERN_ENCODING_JSON, TRUE, max_bytes };

      g_assert_null (tern_frame_decode_reply (bomb, &limit, &error));
      g_assert_error (error, TERN_ERROR, TERN_ERROR_TOO_LARGE);
      g_clear_error (&error);
    }
  g_assert_null (tern_frame_decode_reply (bomb, &small_gzip, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_TOO_LARGE);
}

static void
test_bad_bodies (void)
{
  static const char garbage[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
  g_autoptr(GBytes) bytes = g_bytes_new (garbage, sizeof garbage - 1);
  g_autoptr(GError) error = NULL;

  g_assert_null (tern_wire_decode_batches (bytes, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL);
  g_clear_error (&error);
  g_assert_null (tern_wire_decode_message (bytes, &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL);
}

static void
test_wrong_shapes (void)
{
  static const char * const texts[] = {
    "{}", "[]", "1", "\"x\"", "null", "{\"content\":1}", "{\"content\":{}}", "{\"text\":[]}",
    "{\"detail\":1}", "{\"detail\":\"{\"}", "{\"detail\":\"[1,2]\"}",
    "{\"detail\":\"{\\\"group\\\":1,\\\"opUser\\\":[],\\\"kickedUserList\\\":[1,null,{}]}\"}",
    "{\"sourcePicture\":[],\"snapshotPicture\":1}", "{\"atUserList\":{},\"atUsersInfo\":[1]}",
    "{\"quoteMessage\":1}", "{\"text\":\"a\",\"quoteMessage\":{\"contentType\":101}}",
    "{\"abstractList\":[1,{}]}", "{\"fileSize\":1e300,\"duration\":-5}",
  };

  for (int type = 100; type <= 2300; type += type < 125 ? 1 : 7)
    {
      for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
        {
          g_autoptr(GBytes) bytes = bytes_of (texts[i]);
          g_autoptr(TernContent) content = tern_content_parse (type, bytes);
          g_autoptr(TernEvent) event = tern_event_parse (type, bytes);
          g_autofree char *text = tern_content_dup_text (content);

          g_assert_cmpint (content->type, ==, type);
          g_assert_cmpint (content->size_bytes, >=, 0);
          g_assert_cmpint (content->duration_s, >=, 0);
          g_assert_nonnull (text);
          g_assert_cmpint (event->type, ==, type);
        }
    }
}

/* An event that names the same message again and again, and many others. */
static void
test_many_seqs (void)
{
  g_autoptr(GString) seqs = g_string_new ("7,7,0,-3");
  g_autofree char *text = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(TernEvent) event = NULL;

  for (guint i = 1; i <= 3000; i++)
    g_string_append_printf (seqs, ",7,%u", i);
  text = g_strdup_printf ("{\"detail\":\"{\\\"seqs\\\":[%s]}\"}", seqs->str);
  bytes = bytes_of (text);
  event = tern_event_parse (TERN_CONTENT_DELETED, bytes);
  g_assert_cmpuint (event->seqs->len, ==, 1000);
  g_assert_cmpint (g_array_index (event->seqs, gint64, 0), ==, 7);
  for (guint i = 1; i < event->seqs->len; i++)
    g_assert_cmpint (g_array_index (event->seqs, gint64, i), ==, i < 7 ? i : i + 1);
}

static void
test_bad_envelopes (void)
{
  static const char * const bad[] = {
    "", "null", "[]", "{}", "{\"errCode\":\"0\"}", "{\"errCode\":null}", "<html>", "{\"errCode\":0",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GBytes) bytes = bytes_of (bad[i]);
      g_autoptr(GError) error = NULL;

      g_assert_false (tern_api_parse_envelope (bytes, NULL, &error));
      g_assert_error (error, TERN_ERROR, TERN_ERROR_PROTOCOL);
    }
}

static void
test_quote_is_flat (void)
{
  g_autoptr(TernMessageRecord) first = tern_message_record_new ();
  g_autoptr(TernMessageRecord) second = tern_message_record_new ();
  g_autoptr(GBytes) third = NULL;
  g_autoptr(TernContent) content = NULL;

  first->content_type = TERN_CONTENT_TEXT;
  first->content = tern_content_build_text ("one");
  first->seq = 1;
  second->content_type = TERN_CONTENT_QUOTE;
  second->content = tern_content_build_quote ("two", first);
  second->seq = 2;
  third = tern_content_build_quote ("three", second);
  content = tern_content_parse (TERN_CONTENT_QUOTE, third);
  g_assert_cmpstr (content->text, ==, "three");
  g_assert_cmpstr (content->quote->text, ==, "two");
  g_assert_null (content->quote->quote);
  g_assert_cmpint (content->quote_seq, ==, 2);
}

/* A merged history: so many messages at the most, further ones in them, nothing
 * but text of what makes no sense. */
static void
test_merged (void)
{
  g_autoptr(GString) json = g_string_new ("{\"title\":\"t\",\"multiMessage\":[7,null,{},"
                                          "{\"contentType\":2101,\"content\":\"secret\"},"
                                          "{\"contentType\":107,\"mergeElem\":{\"multiMessage\":["
                                          "{\"contentType\":101,\"content\":"
                                          "\"{\\\"content\\\":\\\"deep\\\"}\"}]}}");
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(TernContent) content = NULL;
  const TernMergedMessage *message;

  for (guint i = 0; i < 700; i++)
    g_string_append (json, ",{\"contentType\":101,\"sendTime\":-5,"
                           "\"textElem\":{\"content\":\"x\"}}");
  g_string_append (json, "]}");
  bytes = g_bytes_new (json->str, json->len);
  content = tern_content_parse (TERN_CONTENT_MERGED, bytes);
  g_assert_cmpuint (content->messages->len, ==, 500);
  for (guint i = 0; i < 3; i++)
    {
      message = content->messages->pdata[i];
      g_assert_cmpint (message->content->kind, ==, TERN_CONTENT_KIND_UNKNOWN);
    }
  message = content->messages->pdata[3];
  g_assert_cmpint (message->content->kind, ==, TERN_CONTENT_KIND_REVOKED);
  g_assert_null (message->content->text);
  message = content->messages->pdata[4];
  message = message->content->messages->pdata[0];
  g_assert_cmpstr (message->content->text, ==, "deep");
  message = content->messages->pdata[499];
  g_assert_cmpstr (message->content->text, ==, "x");
  g_assert_cmpint (message->sent_ms, ==, 0);
}

/* Escapes of half a character, and bytes that are no UTF-8, become text. */
static void
test_text_is_utf8 (void)
{
  static const char * const bodies[] = {
    "{\"content\":\"half \\ud800 of it\"}",
    "{\"content\":\"text \\u6c\xd3N575b\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr(GBytes) bytes = g_bytes_new_static (bodies[i], strlen (bodies[i]));
      g_autoptr(TernContent) content = tern_content_parse (101, bytes);
      g_autofree char *text = tern_content_dup_text (content);

      g_assert_true (g_utf8_validate (text, -1, NULL));
    }
}

/* Everybody is heard of, however many are named; nobody twice. */
static void
test_many_mentions (void)
{
  g_autoptr(GString) json = g_string_new ("{\"text\":\"@1\",\"atUsersInfo\":[");
  g_autofree char *long_id = g_strnfill (1000, '1');
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(TernContent) content = NULL;

  g_string_append_printf (json, "{\"atUserID\":\"%s\"},{\"atUserID\":\"1\"},{\"atUserID\":\"1\"}],"
                          "\"atUserList\":[\"1\"", long_id);
  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (json, ",\"%u\"", i);
  g_string_append (json, ",\"AtAllTag\"]}");
  bytes = bytes_of (json->str);
  content = tern_content_parse (TERN_CONTENT_AT_TEXT, bytes);
  g_assert_true (content->is_at_all);
  g_assert_cmpuint (content->at->len, ==, 200);
  g_assert_cmpstr (((TernPerson *) content->at->pdata[0])->id, ==, "1");
  g_assert_cmpstr (((TernPerson *) content->at->pdata[1])->id, ==, "0");
  g_assert_cmpstr (((TernPerson *) content->at->pdata[2])->id, ==, "2");
}

/* Of the three pictures in one the largest that can be had. */
static void
test_picture_address (void)
{
  static const struct { const char *json; const char *url; int width; } pictures[] = {
    { "{\"sourcePicture\":{\"url\":\"s\",\"width\":1},\"bigPicture\":{\"url\":\"b\"}}", "s", 1 },
    { "{\"sourcePicture\":{\"width\":1},\"bigPicture\":{\"url\":\"b\",\"width\":2}}", "b", 2 },
    { "{\"sourcePicture\":null,\"snapshotPicture\":{\"url\":\"t\",\"width\":-3}}", "t", 0 },
    { "{\"sourcePicture\":{\"url\":\"\"}}", NULL, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    {
      g_autoptr(GBytes) bytes = g_bytes_new_static (pictures[i].json, strlen (pictures[i].json));
      g_autoptr(TernContent) content = tern_content_parse (TERN_CONTENT_PICTURE, bytes);

      g_assert_cmpstr (content->url, ==, pictures[i].url);
      g_assert_cmpint (content->width, ==, pictures[i].width);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hostile/round-trip", test_round_trip);
  g_test_add_data_func ("/hostile/truncated/json", &json_format, test_truncated);
  g_test_add_data_func ("/hostile/truncated/gob", &gob_format, test_truncated);
  g_test_add_data_func ("/hostile/truncated/gzip", &gzip_format, test_truncated);
  g_test_add_func ("/hostile/bad-json", test_bad_json);
  g_test_add_func ("/hostile/odd-json", test_odd_json);
  g_test_add_func ("/hostile/deep", test_deep);
  g_test_add_func ("/hostile/deep-behind-comment", test_deep_behind_comment);
  g_test_add_func ("/hostile/inflated-body", test_inflated_body);
  g_test_add_func ("/hostile/too-large", test_too_large);
  g_test_add_func ("/hostile/bad-bodies", test_bad_bodies);
  g_test_add_func ("/hostile/wrong-shapes", test_wrong_shapes);
  g_test_add_func ("/hostile/many-seqs", test_many_seqs);
  g_test_add_func ("/hostile/bad-envelopes", test_bad_envelopes);
  g_test_add_func ("/hostile/quote-is-flat", test_quote_is_flat);
  g_test_add_func ("/hostile/merged", test_merged);
  g_test_add_func ("/hostile/text-is-utf8", test_text_is_utf8);
  g_test_add_func ("/hostile/many-mentions", test_many_mentions);
  g_test_add_func ("/hostile/picture-address", test_picture_address);

  return g_test_run ();
}
