/* tern-server-logins.c: which logins of somebody exclude each other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 01 section 1.11; protocol 02 section 3.5.
 */

#include "config.h"

#include "tern-server-gateway.h"

/* With policy 0, of each platform. */
#define MAX_TOKENS 30

enum
{
  CLASS_NONE,
  CLASS_MOBILE,
  CLASS_PC,
  CLASS_WEB,
  CLASS_MINI_WEB,
  CLASS_PAD,
  CLASS_ADMIN,
  CLASS_HARMONY,
  CLASS_BOT,
};

static const int classes[] = {
  CLASS_NONE, CLASS_MOBILE, CLASS_MOBILE, CLASS_PC, CLASS_PC, CLASS_WEB, CLASS_MINI_WEB, CLASS_PC,
  CLASS_PAD, CLASS_PAD, CLASS_ADMIN, CLASS_HARMONY, CLASS_BOT,
};

/* A token may be asked for with any number. */
static int
class_of (int platform)
{
  return platform > 0 && platform < (int) G_N_ELEMENTS (classes) ? classes[platform] : CLASS_NONE;
}

static gboolean
excludes (TernServerLogins policy,
          int              platform,
          int              other)
{
  switch (policy)
    {
    case TERN_SERVER_LOGINS_PER_PLATFORM:
      return platform == other;
    case TERN_SERVER_LOGINS_PER_CLASS:
      return class_of (platform) == class_of (other);
    case TERN_SERVER_LOGINS_PC_AND_OTHER:
      return class_of (platform) != CLASS_PC && class_of (other) != CLASS_PC;
    case TERN_SERVER_LOGINS_ALL:
    default:
      return FALSE;
    }
}

/**
 * tern_server_is_login_policy:
 * @number: from outside
 *
 * Returns: whether there is such a #TernServerLogins
 */
gboolean
tern_server_is_login_policy (int number)
{
  return number == TERN_SERVER_LOGINS_ALL || number == TERN_SERVER_LOGINS_PER_PLATFORM ||
         number == TERN_SERVER_LOGINS_PER_CLASS || number == TERN_SERVER_LOGINS_PC_AND_OTHER;
}

/**
 * tern_server_sign_in:
 * @self: a server
 * @user_id: who
 * @platform: for which device
 *
 * Older ones that it excludes are over at once.
 *
 * Returns: (transfer full): a new token
 */
char *
tern_server_sign_in (TernServer *self,
                     const char *user_id,
                     int         platform)
{
  g_autoptr(GArray) others = tern_server_state_list_token_platforms (self->state, user_id);

  for (guint i = 0; i < others->len; i++)
    {
      int other = g_array_index (others, int, i);

      if (excludes (self->logins, platform, other))
        tern_server_state_kick_tokens (self->state, user_id, other, NULL);
    }
  if (self->logins == TERN_SERVER_LOGINS_ALL)
    tern_server_state_kick_oldest_tokens (self->state, user_id, platform, MAX_TOKENS - 1);

  return tern_server_state_make_token (self->state, user_id, platform);
}

/**
 * tern_server_end_other_logins:
 * @self: a server
 * @connection: the newest
 *
 * Those that a new one excludes. The same token is no other login.
 */
void
tern_server_end_other_logins (TernServer                 *self,
                              const TernServerConnection *connection)
{
  const char *user_id = connection->user_id;

  for (int other = 1; other < (int) G_N_ELEMENTS (classes); other++)
    {
      if (excludes (self->logins, connection->platform, other))
        tern_server_gateway_kick (self, user_id, other, connection->token);
    }
  if (self->logins == TERN_SERVER_LOGINS_PER_PLATFORM ||
      (self->logins == TERN_SERVER_LOGINS_PC_AND_OTHER &&
       class_of (connection->platform) != CLASS_PC))
    tern_server_state_kick_tokens (self->state, user_id, connection->platform, connection->token);
}
