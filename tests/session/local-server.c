/* local-server.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "local-server.h"

#include <json-glib/json-glib.h>

/* Environment: TERN_LOCAL_SERVER */
static LocalServer *
start (const char * const *arguments)
{
  LocalServer *self = g_new0 (LocalServer, 1);
  g_autoptr(GDataInputStream) output = NULL;
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autoptr(GError) error = NULL;
  g_autofree char *line = NULL;
  JsonObject *ready;

  self->process = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_STDIN_PIPE |
                                     G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  line = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  json_parser_load_from_data (parser, line, -1, &error);
  g_assert_no_error (error);
  ready = json_node_get_object (json_parser_get_root (parser));
  self->servers = tern_servers_new (json_object_get_string_member (ready, "account"),
                                    json_object_get_string_member (ready, "api"),
                                    json_object_get_string_member (ready, "ws"));

  return self;
}

LocalServer *
local_server_new (void)
{
  const char *arguments[] = { g_getenv ("TERN_LOCAL_SERVER"), "--gentle", "--watch-stdin",
                              "--users", "2", NULL };

  return start (arguments);
}

LocalServer *
local_server_new_seeded (guint n_messages,
                         guint n_conversations)
{
  g_autofree char *messages = g_strdup_printf ("%u", n_messages);
  g_autofree char *conversations = g_strdup_printf ("%u", n_conversations);
  const char *arguments[] = { g_getenv ("TERN_LOCAL_SERVER"), "--gentle", "--watch-stdin",
                              "--seed-messages", messages, "--seed-conversations", conversations,
                              NULL };

  return start (arguments);
}

void
local_server_kill (LocalServer *self)
{
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
}

void
local_server_free (LocalServer *self)
{
  local_server_kill (self);
  g_object_unref (self->process);
  tern_servers_free (self->servers);
  g_free (self);
}
