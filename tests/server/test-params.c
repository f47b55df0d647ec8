/* test-params.c: bodies as the real server's decoder takes them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "tern-server-params.h"

#define TYPE "pkg.Req text:s,number:i,wide:l,hash:u,flag:b,list:[s],seqs:[l]," \
             "rows:[{pkg.Row id:s,role:I}]," \
             "page:{pkg.Page size:i},name:S,level:I,far:L,pinned:B,map:m,any:*"

static JsonNode *
decode (const char *text,
        char      **failure)
{
  return tern_server_params_decode (TYPE, text, strlen (text), failure);
}

static void
assert_decodes (const char *text,
                const char *wanted)
{
  g_autofree char *failure = NULL;
  g_autoptr(JsonNode) node = decode (text, &failure);
  g_autofree char *got = node != NULL ? json_to_string (node, FALSE) : NULL;

  g_assert_cmpstr (failure, ==, NULL);
  g_assert_cmpstr (got, ==, wanted);
}

static void
assert_fails (const char *text,
              const char *wanted)
{
  g_autofree char *failure = NULL;
  g_autoptr(JsonNode) node = decode (text, &failure);

  g_assert_null (node);
  g_assert_cmpstr (failure, ==, wanted);
}

static void
test_values (void)
{
  assert_decodes ("{}", "{}");
  assert_decodes (" null\n", "{}");
  assert_decodes ("{\"text\":\"a\",\"number\":-5,\"flag\":true,\"list\":[\"x\",null,\"\"]}",
                  "{\"text\":\"a\",\"number\":-5,\"flag\":true,\"list\":[\"x\",\"\",\"\"]}");
  assert_decodes ("{\"TEXT\":\"a\",\"unknown\":[{\"b\":1}],\"nUmBer\":3}",
                  "{\"text\":\"a\",\"number\":3}");
  assert_decodes ("{\"text\":null,\"list\":null,\"page\":null}", "{}");
  assert_decodes ("{\"text\":\"a\",\"text\":\"b\"}", "{\"text\":\"b\"}");
  assert_decodes ("{\"page\":{\"size\":3,\"x\":[]},\"rows\":[{\"id\":\"r\",\"role\":60}]}",
                  "{\"page\":{\"size\":3},\"rows\":[{\"id\":\"r\",\"role\":60}]}");
  assert_decodes ("{\"pinned\":1,\"level\":0,\"far\":9007199254740993,\"name\":\"\"}",
                  "{\"pinned\":true,\"level\":0,\"far\":9007199254740993,\"name\":\"\"}");
  assert_decodes ("{\"any\":{\"a\":[1,2.5,null,true],\"b\":null}}",
                  "{\"any\":{\"a\":[1,2.5,null,true],\"b\":null}}");
  assert_decodes ("{\"any\":[9223372036854775807,-9223372036854775808,1e20,-1e-10],\"new\":1e999}",
                  "{\"any\":[9223372036854775807,-9223372036854775808,"
                  "9.9999999999999984e+19,-9.9999999999999978e-11]}");
  assert_decodes ("{\"any\":[9223372036854775808,-9223372036854775809]}",
                  "{\"any\":[9.2233720368547758e+18,-9.2233720368547758e+18]}");
  assert_decodes ("{\"map\":{\"k\":\"v\",\"n\":null}}", "{\"map\":{\"k\":\"v\",\"n\":\"\"}}");
  assert_decodes ("{\"any\":null,\"seqs\":[null,7,null],\"rows\":[null,{}]}",
                  "{\"seqs\":[0,7,0],\"rows\":[{}]}");
}

static void
test_texts (void)
{
  g_autofree char *failure = NULL;
  g_autoptr(JsonNode) node =
    decode ("{\"text\":\"\\u00e4\\ud83d\\ude42\\n\\ud800x\\u0000\xff\"}", &failure);

  g_assert_cmpstr (failure, ==, NULL);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "text"), ==,
                   "ä🙂\n\uFFFDx\uFFFD\uFFFD");
}

static void
test_hashes (void)
{
  g_autofree char *failure = NULL;
  g_autoptr(JsonNode) node = decode ("{\"hash\":18446744073709551615}", &failure);

  g_assert_cmpint (json_object_get_int_member (json_node_get_object (node), "hash"), ==, -1);
}

static void
test_syntax (void)
{
  assert_fails ("", "unexpected end of JSON input");
  assert_fails ("{\"text\":\"a", "unexpected end of JSON input");
  assert_fails ("{\"a\":[1,{", "unexpected end of JSON input");
  assert_fails ("{bad", "invalid character 'b' looking for beginning of object key string");
  assert_fails ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string");
  assert_fails ("{\"a\" 1}", "invalid character '1' after object key");
  assert_fails ("{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair");
  assert_fails ("{\"a\":[1 2]}", "invalid character '2' after array element");
  assert_fails ("{} x", "invalid character 'x' after top-level value");
  assert_fails ("{}{}", "invalid character '{' after top-level value");
  assert_fails ("\xef\xbb\xbf{}", "invalid character 'ï' looking for beginning of value");
  assert_fails ("{\"a\":tru}", "invalid character '}' in literal true (expecting 'e')");
  assert_fails ("{\"a\":01}", "invalid character '1' after object key:value pair");
  assert_fails ("{\"a\":-}", "invalid character '}' in numeric literal");
  assert_fails ("{\"a\":1.}", "invalid character '}' after decimal point in numeric literal");
  assert_fails ("{\"a\":1e}", "invalid character '}' in exponent of numeric literal");
  assert_fails ("{\"a\":\"\\x\"}", "invalid character 'x' in string escape code");
  assert_fails ("{\"a\":\"\\u12g4\"}",
                "invalid character 'g' in \\u hexadecimal character escape");
  assert_fails ("{\"a\":\"\n\"}", "invalid character '\\n' in string literal");
  /* What is wrong with the syntax comes before what is wrong with a type. */
  assert_fails ("{\"text\":1,", "unexpected end of JSON input");
}

static void
test_types (void)
{
  assert_fails ("[]", "json: cannot unmarshal array into Go value of type pkg.Req");
  assert_fails ("\"x\"", "json: cannot unmarshal string into Go value of type pkg.Req");
  assert_fails ("5", "json: cannot unmarshal number into Go value of type pkg.Req");
  assert_fails ("true", "json: cannot unmarshal bool into Go value of type pkg.Req");
  assert_fails ("{\"text\":5}",
                "json: cannot unmarshal number into Go struct field Req.text of type string");
  assert_fails ("{\"list\":\"x\"}",
                "json: cannot unmarshal string into Go struct field Req.list of type []string");
  assert_fails ("{\"list\":[1]}",
                "json: cannot unmarshal number into Go struct field Req.list of type string");
  assert_fails ("{\"number\":1.0}",
                "json: cannot unmarshal number 1.0 into Go struct field Req.number of type int32");
  assert_fails ("{\"number\":2147483648}", "json: cannot unmarshal number 2147483648 into Go struct"
                " field Req.number of type int32");
  assert_fails ("{\"hash\":-1}",
                "json: cannot unmarshal number -1 into Go struct field Req.hash of type uint64");
  assert_fails ("{\"flag\":1}",
                "json: cannot unmarshal number into Go struct field Req.flag of type bool");
  assert_fails ("{\"page\":{\"size\":\"1\"}}",
                "json: cannot unmarshal string into Go struct field Page.page.size of type int32");
  assert_fails ("{\"page\":[]}",
                "json: cannot unmarshal array into Go struct field Req.page of type pkg.Page");
  assert_fails ("{\"level\":\"1\"}", "strconv.ParseInt: parsing \"\\\"1\\\"\": invalid syntax");
  assert_fails ("{\"level\":1.5}", "strconv.ParseInt: parsing \"1.5\": invalid syntax");
  assert_fails ("{\"any\":[1e999]}",
                "json: cannot unmarshal number 1e999 into Go struct field Req.any of type float64");
  assert_fails ("{\"any\":{\"x\":-1e999}}", "json: cannot unmarshal number -1e999 into Go struct"
                " field Req.any of type float64");
  assert_fails ("{\"pinned\":{\"value\": true}}",
                "strconv.ParseBool: parsing \"{\\\"value\\\": true}\": invalid syntax");
}

static void
test_count (void)
{
  g_autoptr(GString) text = g_string_new ("{\"any\":[");
  g_autofree char *failure = NULL;
  g_autoptr(JsonNode) node = NULL;

  /* With the two around them so many as are taken; what is skipped counts, too. */
  for (guint i = 0; i < 250000 - 2; i++)
    g_string_append (text, i == 0 ? "0" : ",0");
  g_string_append (text, "]}");
  node = decode (text->str, &failure);
  g_assert_cmpstr (failure, ==, NULL);
  g_assert_nonnull (node);
  g_string_insert (text, 1, "\"x\":0,");
  assert_fails (text->str, "too many values");
}

/* Nobody makes the server copy the same megabytes again and again. */
static void
test_sizes (void)
{
  static const char * const bodies[] = {
    "{\"text\":\"%s\"}", "{\"x\":\"%s\"}", "{\"%s\":1}", "{\"number\":%s}", "{\"pinned\":\"%s\"}",
  };
  g_autofree char *longest = g_strnfill (65536 - 2, '1'); /* of a wrapper with its quotes */
  g_autofree char *longer = g_strnfill (65537, '1');
  g_autofree char *wrapper = g_strdup_printf ("{\"level\":{\"a\":\"%s\"}}", longest);

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_auto(GStrv) ends = g_strsplit (bodies[i], "%s", 2);
      g_autofree char *good = g_strconcat (ends[0], longest, ends[1], NULL);
      g_autofree char *bad = g_strconcat (ends[0], longer, ends[1], NULL);
      g_autofree char *failure = NULL;
      JsonNode *node = decode (good, &failure);

      g_clear_pointer (&node, json_node_unref);
      g_assert_true (failure == NULL || strcmp (failure, "too long a text") != 0);
      assert_fails (bad, "too long a text");
    }
  assert_fails (wrapper, "too long a text");
}

static void
test_depth (void)
{
  g_autoptr(GString) text = g_string_new ("{\"any\":");

  /* With the object around them 500. */
  for (guint i = 0; i < 499; i++)
    g_string_append_c (text, '[');
  assert_fails (text->str, "unexpected end of JSON input");
  for (guint i = 0; i < 100000; i++)
    g_string_append_c (text, '[');
  assert_fails (text->str, "exceeded max depth");
  g_string_truncate (text, strlen ("{\"any\":") + 500);
  assert_fails (text->str, "exceeded max depth");
}

/* Each route's type can be read to its end. */
static void
test_routes (void)
{
  static const char * const paths[] = { "/user/get_users_info", "/group/create_group",
                                        "/object/access_url", "/msg/send_msg" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *failure = NULL;
      const char *text = "{\"nothing\":1}";
      g_autoptr(JsonNode) node =
        tern_server_params_decode (tern_server_params_find (paths[i], FALSE), text, strlen (text),
                                   &failure);

      g_assert_nonnull (node);
    }
  g_assert_null (tern_server_params_find ("/no/such", FALSE));
  g_assert_nonnull (tern_server_params_find ("/account/login", TRUE));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/params/values", test_values);
  g_test_add_func ("/params/texts", test_texts);
  g_test_add_func ("/params/hashes", test_hashes);
  g_test_add_func ("/params/syntax", test_syntax);
  g_test_add_func ("/params/types", test_types);
  g_test_add_func ("/params/count", test_count);
  g_test_add_func ("/params/sizes", test_sizes);
  g_test_add_func ("/params/depth", test_depth);
  g_test_add_func ("/params/routes", test_routes);

  return g_test_run ();
}
