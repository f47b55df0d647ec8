/* local-server.h: a tern-local-server of a test's own, with two people
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

LocalServer *local_server_new  (void);
void         local_server_kill (LocalServer *self);
void         local_server_free (LocalServer *self);
