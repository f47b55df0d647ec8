/* tern-address-range.h: how far away an address is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a peer names is fetched, so a peer could make this computer call on its
 * neighbours, or on itself. An address is asked only when it is at most as
 * near as the chat server, which this computer calls anyway: from a server on
 * the internet nothing points into a network at home.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* From far to near. */
typedef enum
{
  TERN_ADDRESS_PUBLIC,
  TERN_ADDRESS_PRIVATE, /* a network of somebody's own */
  TERN_ADDRESS_LINK,    /* the same cable; where clouds keep their secrets */
  TERN_ADDRESS_SELF,    /* this computer */
} TernAddressRange;

TernAddressRange tern_address_get_range (GInetAddress *address);

G_END_DECLS
