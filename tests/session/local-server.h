/* local-server.h: a tern-local-server of a test's own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "tern-servers.h"

typedef struct
{
  GSubprocess *process;
  TernServers *servers;
} LocalServer;

/* With two people. */
LocalServer *local_server_new         (void);
/* With one person's chats, and so many messages in them altogether. */
LocalServer *local_server_new_seeded  (guint        n_messages,
                                       guint        n_conversations);
void         local_server_kill        (LocalServer *self);
void         local_server_free        (LocalServer *self);
