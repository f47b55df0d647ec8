/* tern-address-range.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-address-range.h"

#include <string.h>

typedef struct
{
  guint8           bytes[4];
  guint            n_bits;
  TernAddressRange range;
} Block;

/* From IANA's registry of special-purpose IPv4 addresses (RFC 6890). 198.18/15
 * is left out: tunnels on this computer hand it out for names of the internet. */
static const Block blocks[] = {
  { { 0 }, 8, TERN_ADDRESS_SELF },
  { { 127 }, 8, TERN_ADDRESS_SELF },
  { { 169, 254 }, 16, TERN_ADDRESS_LINK },
  { { 224 }, 4, TERN_ADDRESS_LINK }, /* to many */
  { { 240 }, 4, TERN_ADDRESS_LINK }, /* broadcast among them */
  { { 10 }, 8, TERN_ADDRESS_PRIVATE },
  { { 100, 64 }, 10, TERN_ADDRESS_PRIVATE },
  { { 172, 16 }, 12, TERN_ADDRESS_PRIVATE },
  { { 192, 168 }, 16, TERN_ADDRESS_PRIVATE },
};

static TernAddressRange
get_range_4 (const guint8 *bytes)
{
  guint32 address;

  memcpy (&address, bytes, sizeof address);
  address = GUINT32_FROM_BE (address);
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      guint32 start;

      memcpy (&start, blocks[i].bytes, sizeof start);
      if ((address ^ GUINT32_FROM_BE (start)) >> (32 - blocks[i].n_bits) == 0)
        return blocks[i].range;
    }

  return TERN_ADDRESS_PUBLIC;
}

/* RFC 6890, 4193 and 6052. */
static TernAddressRange
get_range_6 (const guint8 *bytes)
{
  static const guint8 zeros[12];
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };
  static const guint8 translated[12] = { 0x00, 0x64, 0xff, 0x9b };

  /* An IPv4 address in other clothes; ::1 is 0.0.0.1 here. */
  if (memcmp (bytes, zeros, 12) == 0 || memcmp (bytes, mapped, 12) == 0 ||
      memcmp (bytes, translated, 12) == 0)
    return get_range_4 (bytes + 12);
  if (bytes[0] == 0xff || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80))
    return TERN_ADDRESS_LINK;
  if ((bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0xc0))
    return TERN_ADDRESS_PRIVATE;

  return TERN_ADDRESS_PUBLIC;
}

/**
 * tern_address_get_range:
 * @address: an address
 *
 * Returns: how near it is
 */
TernAddressRange
tern_address_get_range (GInetAddress *address)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);

  return g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4 ? get_range_4 (bytes)
                                                                     : get_range_6 (bytes);
}
