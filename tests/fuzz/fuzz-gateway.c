/* fuzz-gateway.c: what the local server does with what comes on a long connection
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A whole server, but no socket: an envelope in any of the four formats goes
 * through to its answer, and what it queued is delivered. The same bytes are
 * tried as a token and as the body of each request.
 */

#include "tern-server-gateway.h"
#include "tern-server-params.h"

#include <string.h>

/* After so many inputs the server starts anew, so that memory shows leaks and
 * not what was stored. */
#define N_PER_SERVER 2000

int LLVMFuzzerTestOneInput (const guint8 *data,
                            size_t        size);

static TernServer *server;
static TernServerConnection connection;

static void
start (void)
{
  static const char * const people[] = { "alice_e3f8", "bob_e3f8", NULL };
  const TernServerConfig config = { 0 };

  server = tern_server_new (&config, NULL);
  g_assert_nonnull (server);
  for (guint i = 0; people[i] != NULL; i++)
    {
      g_autoptr(TernUserRecord) user = tern_user_record_new ();

      g_free (user->id);
      user->id = g_strdup (people[i]);
      tern_server_state_add_user (server->state, user);
    }
  for (guint i = 0; i < 20; i++)
    tern_server_accept (server, tern_server_make_text (server, people[i % 2], people[1 - i % 2],
                                                       NULL, "hello"));
  tern_server_flush (server);

  memset (&connection, 0, sizeof connection);
  connection.server = server;
  connection.user_id = (char *) people[0];
  connection.platform = 7;
}

static void
answer (const TernFrame *request)
{
  g_autoptr(TernFrame) reply = NULL;

  if (!tern_server_is_request (request))
    return;

  reply = tern_server_answer (&connection, request);
  g_assert_cmpint (reply->id, ==, request->id);
  g_assert_cmpstr (reply->msg_incr, ==, request->msg_incr);
  /* An error has no data. */
  g_assert_true (reply->err_code == 0 || reply->data == NULL);
  for (guint i = 0; i < 4; i++)
    {
      const TernFrameFormat format = {
        i % 2 == 0 ? TERN_ENCODING_JSON : TERN_ENCODING_GOB, i / 2 == 1, 0,
      };
      g_autoptr(GBytes) frame = tern_frame_encode_reply (reply, &format);
      g_autoptr(TernFrame) again = tern_frame_decode_reply (frame, &format, NULL);

      g_assert_nonnull (again);
    }
}

/* What comes back of the body of a text ping can be read again. */
static void
ping (const char *text,
      gsize       size)
{
  static const char type[] = "msggateway.TextMessage type:s,body:*";
  g_autofree char *failure = NULL;
  g_autoptr(JsonNode) root = tern_server_params_decode (type, text, size, &failure);
  g_autofree char *written = root != NULL ? json_to_string (root, FALSE) : g_strdup ("{}");
  g_autofree char *again = NULL;
  g_autoptr(JsonNode) read = NULL;

  if (strlen (written) > 60000) /* a text may have become too long */
    return;
  read = tern_server_params_decode (type, written, strlen (written), &again);
  g_assert_cmpstr (again, ==, NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        size_t        size)
{
  static guint n_inputs;
  static const int ids[] = { 1001, 1002, 1003, 1004, 1005, 1006, 1007, 2003, 2004, 2005 };
  g_autoptr(GBytes) bytes = g_bytes_new (data, size);
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *user_id = NULL;
  int platform;

  if (server == NULL)
    start ();
  for (guint i = 0; i < 4; i++)
    {
      const TernFrameFormat format = {
        i % 2 == 0 ? TERN_ENCODING_JSON : TERN_ENCODING_GOB, i / 2 == 1,
        TERN_SERVER_MAX_INFLATED_BYTES,
      };
      g_autoptr(TernFrame) request = tern_frame_decode_request (bytes, &format, NULL);

      if (request != NULL)
        answer (request);
    }
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr(TernFrame) request = tern_frame_new (ids[i], "1", "op", bytes);

      answer (request);
    }
  g_assert_cmpint (tern_server_state_check_token (server->state, text, &user_id, &platform), !=,
                   TERN_TOKEN_GOOD);
  tern_server_flush (server);
  ping ((const char *) data, size);

  g_clear_pointer (&connection.watched, g_hash_table_unref);
  if (++n_inputs % N_PER_SERVER == 0)
    g_clear_pointer (&server, tern_server_free);

  return 0;
}
