/* tern-server-held.h: frames that leave later than they should
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A queue in each connection, empty unless a fault holds something back.
 */

#pragma once

#include "tern-server-gateway.h"

G_BEGIN_DECLS

void tern_server_held_emit      (TernServerConnection *connection, GBytes *bytes);
void tern_server_held_add       (TernServerConnection *connection, GBytes *bytes, guint ms,
                                 gboolean yields);
void tern_server_held_send_late (TernServerConnection *connection, GBytes *bytes, guint ms);
void tern_server_held_flush     (TernServerConnection *connection);
void tern_server_held_clear     (TernServerConnection *connection);

G_END_DECLS
