/* tern-wire.h: records to protobuf bodies and back, both directions
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure functions, any thread. encode_x makes the body of request x, x_reply
 * that of its answer; decode is its inverse. The client uses one half, the
 * local server the other. protocol 01 section 3. Decoders accept unknown
 * fields, missing map values and absent bodies (NULL bytes: all empty), and
 * fail with TERN_ERROR_PROTOCOL on bytes that are no protobuf.
 */

#pragma once

#include <glib.h>

#include "tern-records.h"

G_BEGIN_DECLS

/**
 * TernMessageBatch:
 * @messages: (element-type TernMessageRecord): each with its conversation_id
 *
 * The messages of one conversation in a push or a pull.
 */
typedef struct
{
  char      *conversation_id;
  GPtrArray *messages;
  gboolean   is_end;
  gint64     end_seq;
} TernMessageBatch;

typedef struct
{
  char   *server_id;
  char   *client_id;
  gint64  sent_ms;
  TernMessageRecord *modify; /* (nullable): the server changed the message so */
} TernSendReply;

typedef struct
{
  char   *user_id;
  GArray *platforms; /* (element-type gint32): empty: offline */
} TernPresence;

/* (element-type gpointer) arrays below are GPtrArrays that own their items. */

/* 1001 */
GBytes        *tern_wire_encode_newest_seqs       (const char   *user_id);
char          *tern_wire_decode_newest_seqs       (GBytes *body, GError **error);
/* TernSeqState: max_seq */
GBytes        *tern_wire_encode_newest_seqs_reply (GPtrArray    *states);
GPtrArray     *tern_wire_decode_newest_seqs_reply (GBytes *body, GError **error);

GBytes        *tern_wire_encode_pull_ranges       (const char   *user_id, /* 1002 */
                                                   GPtrArray    *ranges,   /* TernSeqRequest */
                                                   gboolean      is_descending);
GPtrArray     *tern_wire_decode_pull_ranges       (GBytes *body,
                                                   char **user_id,
                                                   gboolean *is_descending,
                                                   GError **error);

/* TernMessageBatch: push, 1002 and 1005 */
GBytes        *tern_wire_encode_batches           (GPtrArray    *batches);
GPtrArray     *tern_wire_decode_batches           (GBytes *body, GError **error);

/* 1003: bare MsgData */
GBytes        *tern_wire_encode_message           (const TernMessageRecord *message);
TernMessageRecord *tern_wire_decode_message       (GBytes *body, GError **error);
GBytes        *tern_wire_encode_send_reply        (const TernSendReply *reply);
TernSendReply *tern_wire_decode_send_reply        (GBytes *body, GError **error);

/* 1005: each TernMessageBatch of @seqs names a conversation; its numbers are
 * the seqs of otherwise empty messages. */
typedef struct
{
  char   *conversation_id;
  GArray *seqs; /* (element-type gint64) */
} TernSeqList;

GBytes        *tern_wire_encode_pull_list         (const char   *user_id, /* 1005 */
                                                   GPtrArray    *lists,    /* TernSeqList */
                                                   gboolean      is_descending);
GPtrArray     *tern_wire_decode_pull_list         (GBytes *body,
                                                   char **user_id,
                                                   gboolean *is_descending,
                                                   GError **error);

GBytes        *tern_wire_encode_read_seqs         (const char   *user_id, /* 1006 */
                                                   /* (nullable) */
                                                   const char * const *conversation_ids,
                                                   gboolean      wants_pinned);
char         **tern_wire_decode_read_seqs         (GBytes *body,
                                                   char **user_id,
                                                   gboolean *wants_pinned,
                                                   GError **error);
GBytes        *tern_wire_encode_read_seqs_reply   (GPtrArray    *states,   /* TernSeqState */
                                                   const char * const *pinned_ids); /* (nullable) */
GPtrArray     *tern_wire_decode_read_seqs_reply   (GBytes   *body,
                                                   char   ***pinned_ids,
                                                   GError  **error);

GBytes        *tern_wire_encode_last_messages     (const char   *user_id, /* 1007 */
                                                   const char * const *conversation_ids);
char         **tern_wire_decode_last_messages     (GBytes *body, char **user_id, GError **error);
GBytes        *tern_wire_encode_last_messages_reply (GPtrArray  *messages); /* TernMessageRecord */
GPtrArray     *tern_wire_decode_last_messages_reply (GBytes *body, GError **error);

GBytes        *tern_wire_encode_presence          (const char * const *subscribe, /* 2005 */
                                                   const char * const *unsubscribe);
gboolean       tern_wire_decode_presence          (GBytes *body,
                                                   char ***subscribe,
                                                   char ***unsubscribe,
                                                   GError **error);
GBytes        *tern_wire_encode_presence_reply    (GPtrArray    *presences); /* TernPresence */
GPtrArray     *tern_wire_decode_presence_reply    (GBytes *body, GError **error);

/* 2003 */
GBytes        *tern_wire_encode_logout            (const char *user_id,
                                                   int platform);
gboolean       tern_wire_decode_logout            (GBytes  *body,
                                                   char   **user_id,
                                                   int     *platform,
                                                   GError **error);
/* 2004 */
GBytes        *tern_wire_encode_background        (const char *user_id,
                                                   gboolean is_background);
gboolean       tern_wire_decode_background        (GBytes *body,
                                                   char **user_id,
                                                   gboolean *is_background,
                                                   GError **error);

/* NULL, or 0: there is none */
const char    *tern_wire_get_option_key           (TernOptions option);
TernOptions    tern_wire_get_option               (const char *key);

TernMessageBatch *tern_message_batch_new          (const char *conversation_id)
                                                   G_GNUC_WARN_UNUSED_RESULT;
void           tern_message_batch_free            (TernMessageBatch *self);
void           tern_send_reply_free               (TernSendReply    *self);
TernPresence  *tern_presence_new                  (const char *user_id) G_GNUC_WARN_UNUSED_RESULT;
void           tern_presence_free                 (TernPresence     *self);
TernSeqList   *tern_seq_list_new                  (const char *conversation_id)
                                                   G_GNUC_WARN_UNUSED_RESULT;
void           tern_seq_list_free                 (TernSeqList      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernMessageBatch, tern_message_batch_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernSendReply, tern_send_reply_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernPresence, tern_presence_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernSeqList, tern_seq_list_free)

G_END_DECLS
