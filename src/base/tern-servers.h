/* tern-servers.h: the three addresses of a deployment
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  TERN_SERVICE_UNKNOWN, /* not asked yet */
  TERN_SERVICE_FOUND,
  TERN_SERVICE_MISSING,
} TernServiceState;

typedef struct
{
  char             *account; /* "": this deployment has no account server */
  char             *api;
  char             *ws;
  TernServiceState  account_state;
  TernServiceState  api_state;
  TernServiceState  ws_state;
  char             *account_error; /* (nullable): why MISSING, to be shown */
  char             *api_error;
  char             *ws_error;
} TernServers;

TernServers *tern_servers_new  (const char        *account,
                                const char        *api,
                                const char        *ws) G_GNUC_WARN_UNUSED_RESULT;
TernServers *tern_servers_copy (const TernServers *self) G_GNUC_WARN_UNUSED_RESULT;
void         tern_servers_free (TernServers       *self);
/* Whether others on the way can read what is sent, the password included */
gboolean     tern_servers_is_exposed (const TernServers *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernServers, tern_servers_free)

G_END_DECLS
