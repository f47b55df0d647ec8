/* tern-picture-header.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-picture-header.h"

#include <string.h>

/* Progressive pictures have about ten. Each costs a pass over all pixels,
 * however few bytes it has. */
#define MAX_JPEG_SCANS 100

static guint
be16 (const guchar *at)
{
  return ((guint) at[0] << 8) | at[1];
}

static guint
be32 (const guchar *at)
{
  return be16 (at) << 16 | be16 (at + 2);
}

static guint
le16 (const guchar *at)
{
  return ((guint) at[1] << 8) | at[0];
}

static guint
le24 (const guchar *at)
{
  return le16 (at) | (guint) at[2] << 16;
}

static guint
le32 (const guchar *at)
{
  return le16 (at) | le16 (at + 2) << 16;
}

static gboolean
read_png (const guchar      *data,
          gsize              length,
          TernPictureHeader *header)
{
  if (length < 33 || memcmp (data + 12, "IHDR", 4) != 0)
    return FALSE;
  header->type = "png";
  header->width = be32 (data + 16);
  header->height = be32 (data + 20);

  return TRUE;
}

static gboolean
read_jpeg (const guchar      *data,
           gsize              length,
           TernPictureHeader *header)
{
  gsize at = 2;
  guint n_scans = 0;

  /* Within a scan a marker's first byte is never followed by this. */
  for (gsize i = 2; i + 1 < length; i++)
    n_scans += data[i] == 0xff && data[i + 1] == 0xda;
  if (n_scans > MAX_JPEG_SCANS)
    return FALSE;
  while (at + 9 <= length && data[at] == 0xff)
    {
      guint marker = data[at + 1];

      if (marker == 0xff)
        at++;
      else if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8))
        at += 2;
      else if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
               marker != 0xcc)
        {
          header->type = "jpeg";
          header->height = be16 (data + at + 5);
          header->width = be16 (data + at + 7);
          return TRUE;
        }
      else
        at += 2 + MAX (be16 (data + at + 2), 2);
    }

  return FALSE;
}

/* Behind the last of a row of blocks, or 0. */
static gsize
skip_gif_blocks (const guchar *data,
                 gsize         length,
                 gsize         at)
{
  while (at < length && data[at] != 0)
    at += 1 + (gsize) data[at];

  return at < length ? at + 1 : 0;
}

/* The frame may be larger than the picture, and there may be any number of
 * them: the first one counts, up to its end. */
static gboolean
read_gif (const guchar      *data,
          gsize              length,
          TernPictureHeader *header)
{
  gsize at = 13;

  if (length < 13)
    return FALSE;
  header->type = "gif";
  header->width = le16 (data + 6);
  header->height = le16 (data + 8);
  if ((data[10] & 0x80) != 0)
    at += 3 * ((gsize) 2 << (data[10] & 7));
  while (at > 0 && at + 11 < length && data[at] == 0x21)
    at = skip_gif_blocks (data, length, at + 2);
  if (at == 0 || at + 11 >= length || data[at] != 0x2c)
    return FALSE;
  if (le16 (data + at + 1) + le16 (data + at + 5) > header->width ||
      le16 (data + at + 3) + le16 (data + at + 7) > header->height)
    return FALSE;
  at = skip_gif_blocks (data, length,
                        at + 11 + ((data[at + 9] & 0x80) != 0
                                   ? 3 * ((gsize) 2 << (data[at + 9] & 7)) : 0));
  header->n_bytes = at;

  return at > 0;
}

static gboolean
read_bmp (const guchar      *data,
          gsize              length,
          TernPictureHeader *header)
{
  if (length < 30 || le32 (data + 14) < 40)
    return FALSE;
  header->type = "bmp";
  header->width = le32 (data + 18);
  header->height = le32 (data + 22);
  /* Negative: from the top down. */
  if (header->height > G_MAXINT32)
    header->height = 0u - header->height;

  return TRUE;
}

static gboolean
read_webp (const guchar      *data,
           gsize              length,
           TernPictureHeader *header)
{
  if (length < 30)
    return FALSE;
  header->type = "webp";
  if (memcmp (data + 12, "VP8X", 4) == 0)
    {
      header->width = le24 (data + 24) + 1;
      header->height = le24 (data + 27) + 1;
    }
  else if (memcmp (data + 12, "VP8L", 4) == 0)
    {
      guint bits = le32 (data + 21);

      header->width = (bits & 0x3fff) + 1;
      header->height = (bits >> 14 & 0x3fff) + 1;
    }
  else if (memcmp (data + 12, "VP8 ", 4) == 0)
    {
      header->width = le16 (data + 26) & 0x3fff;
      header->height = le16 (data + 28) & 0x3fff;
    }

  return header->width > 0;
}

gboolean
tern_picture_header_read (const guchar      *data,
                          gsize              length,
                          TernPictureHeader *header)
{
  gboolean is_read = FALSE;

  *header = (TernPictureHeader) { .n_bytes = length };
  if (length < 12)
    return FALSE;
  if (memcmp (data, "\x89PNG\r\n\x1a\n", 8) == 0)
    is_read = read_png (data, length, header);
  else if (memcmp (data, "\xff\xd8\xff", 3) == 0)
    is_read = read_jpeg (data, length, header);
  else if (memcmp (data, "GIF87a", 6) == 0 || memcmp (data, "GIF89a", 6) == 0)
    is_read = read_gif (data, length, header);
  else if (memcmp (data, "BM", 2) == 0)
    is_read = read_bmp (data, length, header);
  else if (memcmp (data, "RIFF", 4) == 0 && memcmp (data + 8, "WEBP", 4) == 0)
    is_read = read_webp (data, length, header);

  return is_read && header->width > 0 && header->height > 0;
}
