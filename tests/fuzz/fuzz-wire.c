/* fuzz-wire.c: everything that parses what the network sends
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One program per target: TARGET says which.
 */

#include "tern-api-json.h"
#include "tern-content-json.h"
#include "tern-frame.h"
#include "tern-wire.h"

#define TARGET_FRAME 1
#define TARGET_BODY 2
#define TARGET_CONTENT 3
#define TARGET_REST 4

int LLVMFuzzerTestOneInput (const guint8 *data,
                            size_t        size);

#if TARGET == TARGET_FRAME
static void
fuzz (GBytes *bytes)
{
  for (guint i = 0; i < 4; i++)
    {
      const TernFrameFormat format = {
        i % 2 == 0 ? TERN_ENCODING_JSON : TERN_ENCODING_GOB, i / 2 == 1, 1024 * 1024,
      };
      g_autoptr(TernFrame) request = tern_frame_decode_request (bytes, &format, NULL);
      g_autoptr(TernFrame) reply = tern_frame_decode_reply (bytes, &format, NULL);

      if (reply != NULL)
        {
          g_autoptr(GBytes) encoded = tern_frame_encode_reply (reply, &format);
          g_autoptr(TernFrame) again = tern_frame_decode_reply (encoded, &format, NULL);

          /* What we accept, we write so that we accept it. */
          g_assert_nonnull (again);
          g_assert_cmpint (again->id, ==, reply->id);
          g_assert_cmpstr (again->msg_incr, ==, reply->msg_incr);
        }
    }
}
#elif TARGET == TARGET_BODY
static void
fuzz (GBytes *bytes)
{
  g_autoptr(GPtrArray) batches = tern_wire_decode_batches (bytes, NULL);
  g_autoptr(TernMessageRecord) message = tern_wire_decode_message (bytes, NULL);
  g_autoptr(TernSendReply) reply = tern_wire_decode_send_reply (bytes, NULL);
  g_autoptr(GPtrArray) newest = tern_wire_decode_newest_seqs_reply (bytes, NULL);
  g_autoptr(GPtrArray) read = tern_wire_decode_read_seqs_reply (bytes, NULL, NULL);
  g_autoptr(GPtrArray) presences = tern_wire_decode_presence_reply (bytes, NULL);
  g_autoptr(GPtrArray) last = tern_wire_decode_last_messages_reply (bytes, NULL);

  if (batches != NULL)
    {
      g_autoptr(GBytes) encoded = tern_wire_encode_batches (batches);
      g_autoptr(GPtrArray) again = tern_wire_decode_batches (encoded, NULL);

      g_assert_nonnull (again);
      g_assert_cmpuint (again->len, ==, batches->len);
    }
}
#elif TARGET == TARGET_CONTENT
static void
fuzz (GBytes *bytes)
{
  static const int types[] = {
    101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 113, 114, 115, 117, 118, 1400, 1509, 2101,
    2102, 2200,
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr(TernContent) content = tern_content_parse (types[i], bytes);
      g_autoptr(TernEvent) event = tern_event_parse (types[i], bytes);
      g_autofree char *text = tern_content_dup_text (content);

      g_assert_true (g_utf8_validate (text, -1, NULL));
    }
}
#else
static void
fuzz (GBytes *bytes)
{
  static const char * const members[] = {
    "usersInfo", "friendsInfo", "groups", "members", "conversations", "insert",
  };
  g_autoptr(JsonNode) data = NULL;

  if (!tern_api_parse_envelope (bytes, &data, NULL))
    return;
  for (TernDataset dataset = 0; dataset <= TERN_DATASET_SELF; dataset++)
    {
      gboolean is_full;
      g_autoptr(TernRecordUpdate) incremental =
        tern_api_parse_incremental (dataset, "g", data, &is_full);

      for (guint i = 0; i < G_N_ELEMENTS (members); i++)
        tern_api_parse_list (incremental, data, members[i]);
    }
}
#endif

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        size_t        size)
{
  g_autoptr(GBytes) bytes = g_bytes_new (data, size);

  fuzz (bytes);

  return 0;
}
