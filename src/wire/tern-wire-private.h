/* tern-wire-private.h: what the files behind tern-wire.h share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "tern-wire.h"

#include "tern.pb-c.h"

G_BEGIN_DECLS

/* protobuf-c's lists are arrays of pointers; these are made for one encoding
 * and freed whole with its arena. */
typedef GPtrArray TernArena;

TernArena *tern_arena_new   (void) G_GNUC_WARN_UNUSED_RESULT;
gpointer   tern_arena_alloc (TernArena *self,
                             gsize      size);
#define tern_arena_new_n(arena, type, n) ((type *) tern_arena_alloc (arena, sizeof (type) * (n)))

GBytes    *tern_wire_pack   (const ProtobufCMessage *message) G_GNUC_WARN_UNUSED_RESULT;
/* An absent body is an empty message. */
gpointer   tern_wire_unpack (const ProtobufCMessageDescriptor *descriptor,
                             GBytes                           *body,
                             GError                          **error) G_GNUC_WARN_UNUSED_RESULT;

/* As the real server reads: a string that is no UTF-8 is an error. */
gpointer   tern_wire_unpack_request (const ProtobufCMessageDescriptor *descriptor,
                                     GBytes                           *body,
                                     GError                          **error)
                                     G_GNUC_WARN_UNUSED_RESULT;
gboolean   tern_wire_has_valid_strings (const ProtobufCMessage *message);

char      *tern_wire_dup_string  (const char  *string) G_GNUC_WARN_UNUSED_RESULT;
char     **tern_wire_dup_strings (char       **strings,
                                  gsize        n_strings) G_GNUC_WARN_UNUSED_RESULT;

void               tern_wire_fill_message (Tern__Pb__Msg           *pb,
                                           const TernMessageRecord *record,
                                           TernArena               *arena);
TernMessageRecord *tern_wire_read_message (const Tern__Pb__Msg     *pb,
                                           const char              *conversation_id)
                                           G_GNUC_WARN_UNUSED_RESULT;

/* A whole frame may be 16 MiB; what one message may say is less. */
#define TERN_MAX_CONTENT_BYTES (4 * 1024 * 1024)
/* The element of a MsgStruct by content type (protocol 03 section 1.6). */
const char *tern_content_element_name (int type);

static inline void
tern_pb_free (gpointer message)
{
  if (message != NULL)
    protobuf_c_message_free_unpacked (message, NULL);
}

G_END_DECLS
