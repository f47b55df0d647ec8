/* fuzz-server.c: every route of the local server's REST side
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An input is a path, a line's end and a body. A path that does not exist
 * chooses one that does by its length. IS_ACCOUNT says for which server.
 */

#include "config.h"

#include <string.h>

#include "tern-server-params.h"
#include "tern-server.h"

int LLVMFuzzerInitialize   (int    *argc,
                            char ***argv);
int LLVMFuzzerTestOneInput (const guint8 *data,
                            size_t        size);

static TernServer *server;

int
LLVMFuzzerInitialize (int    *argc,
                      char ***argv)
{
  static const char * const people[] = { "ann", "bob", "cat" };
  static const char * const members[] = { "bob", "cat", NULL };
  g_autoptr(TernGroupRecord) group = tern_group_record_new ();
  g_autoptr(GError) error = NULL;
  TernServerConfig config = { .folder = NULL };

  server = tern_server_new (&config, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (people); i++)
    {
      g_autoptr(TernUserRecord) user = tern_user_record_new ();

      g_free (user->id);
      user->id = g_strdup (people[i]);
      g_free (user->name);
      user->name = g_strdup (people[i]);
      tern_server_state_add_user (server->state, user);
      tern_server_state_add_account (server->state, people[i], people[i], "", "", "");
    }
  g_free (group->id);
  group->id = g_strdup ("357235387");
  g_free (group->owner_id);
  group->owner_id = g_strdup ("ann");
  tern_server_create_group (server, group, members);

  return 0;
}

static const char *
choose_path (const char *wanted,
             gsize       len)
{
  guint n_paths = 0;

  for (; tern_server_params_get_path (n_paths, IS_ACCOUNT) != NULL; n_paths++)
    {
      const char *path = tern_server_params_get_path (n_paths, IS_ACCOUNT);

      if (strlen (path) == len && memcmp (path, wanted, len) == 0)
        return path;
    }

  return tern_server_params_get_path ((guint) len % n_paths, IS_ACCOUNT);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        size_t        size)
{
  const char *text = (const char *) data;
  const char *end = size > 0 ? memchr (text, '\n', size) : NULL;
  const char *path;
  TernServerAccess access;
  TernServerRoute route;

  if (end == NULL)
    return 0;
  path = choose_path (text, (gsize) (end - text));
  route = IS_ACCOUNT ? tern_server_find_account_route (path, &access)
                     : tern_server_find_api_route (path);
  if (route == NULL)
    return 0;

  /* As an ordinary person and as the administrator. */
  for (guint i = 0; i < 2; i++)
    {
      TernServerCall call = {
        .server = server,
        .operator_id = i == 0 ? "ann" : TERN_SERVER_ADMIN,
        .platform = 7,
        .is_admin = i == 1 && !IS_ACCOUNT,
        .is_account = IS_ACCOUNT,
      };

      tern_server_run (&call, path, route, end + 1, size - (gsize) (end + 1 - text));
      tern_server_call_clear (&call);
    }
  tern_server_flush (server);

  return 0;
}
