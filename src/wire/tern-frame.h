/* tern-frame.h: one message of the long connection, in its envelope
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure functions, any thread. Two encoders (JSON, gob) and gzip, chosen once
 * per connection; requests and replies in both directions, so that client and
 * server share them. protocol 01 sections 1.4, 1.5, 2.1, 2.2.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The protocol's reqIdentifier. */
enum
{
  TERN_FRAME_NEWEST_SEQS = 1001,
  TERN_FRAME_PULL_RANGES = 1002,
  TERN_FRAME_SEND = 1003,
  TERN_FRAME_PULL_LIST = 1005,
  TERN_FRAME_READ_SEQS = 1006,
  TERN_FRAME_LAST_MESSAGES = 1007,
  TERN_FRAME_PUSH = 2001,
  TERN_FRAME_KICKED = 2002,
  TERN_FRAME_LOGOUT = 2003,
  TERN_FRAME_BACKGROUND = 2004,
  TERN_FRAME_PRESENCE = 2005,
};

typedef enum
{
  TERN_ENCODING_JSON, /* sdkType=js */
  TERN_ENCODING_GOB,  /* sdkType=go */
} TernEncoding;

/**
 * TernFrameFormat:
 * @max_bytes: the most that is accepted, before and after gunzip;
 *   0: TERN_FRAME_MAX_BYTES
 */
typedef struct
{
  TernEncoding encoding;
  gboolean     is_gzip;
  gsize        max_bytes;
} TernFrameFormat;

#define TERN_FRAME_MAX_BYTES (16 * 1024 * 1024)
#define TERN_FRAME_MAX_SENT_BYTES 51200 /* protocol 01 section 1.9 */

/**
 * TernFrame:
 * @data: (nullable): the protobuf inside
 *
 * A request uses @send_id; a reply or a push @err_code and @err_msg.
 */
typedef struct
{
  gint32  id;
  char   *msg_incr;
  char   *operation_id;
  char   *send_id;
  gint32  err_code;
  char   *err_msg;
  GBytes *data;
} TernFrame;

TernFrame *tern_frame_new            (gint32                 id,
                                      const char            *msg_incr,
                                      const char            *operation_id,
                                      GBytes                *data) G_GNUC_WARN_UNUSED_RESULT;
void       tern_frame_free           (TernFrame             *self);
GBytes    *tern_frame_encode_request (const TernFrame       *self,
                                      const TernFrameFormat *format) G_GNUC_WARN_UNUSED_RESULT;
GBytes    *tern_frame_encode_reply   (const TernFrame       *self,
                                      const TernFrameFormat *format) G_GNUC_WARN_UNUSED_RESULT;
TernFrame *tern_frame_decode_request (GBytes                *bytes,
                                      const TernFrameFormat *format,
                                      GError               **error) G_GNUC_WARN_UNUSED_RESULT;
TernFrame *tern_frame_decode_reply   (GBytes                *bytes,
                                      const TernFrameFormat *format,
                                      GError               **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernFrame, tern_frame_free)

G_END_DECLS
