/* tern-records.h: the plain structs that the layers pass to each other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A record owns everything it points to and belongs to one thread at a time;
 * it crosses threads by being given away. Strings are never NULL unless the
 * field says (nullable): an absent string is "".
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How a conversation is addressed; the numbers are the protocol's. */
typedef enum
{
  TERN_CHAT_SINGLE = 1,
  TERN_CHAT_GROUP = 3,
  TERN_CHAT_OFFICIAL = 4,
} TernChatType;

/* What became of a message. On disk: never renumber. */
typedef enum
{
  TERN_MESSAGE_SENDING = 1,
  TERN_MESSAGE_SENT = 2, /* also: received */
  TERN_MESSAGE_FAILED = 3,
  TERN_MESSAGE_DELETED = 4, /* for me, or a placeholder: never shown */
} TernMessageStatus;

/* The content types that this program makes or treats specially (protocol 03
 * section 1.4); every other number passes through untouched. */
enum
{
  TERN_CONTENT_TEXT = 101,
  TERN_CONTENT_PICTURE = 102,
  TERN_CONTENT_VOICE = 103,
  TERN_CONTENT_VIDEO = 104,
  TERN_CONTENT_FILE = 105,
  TERN_CONTENT_AT_TEXT = 106,
  TERN_CONTENT_MERGED = 107,
  TERN_CONTENT_CARD = 108,
  TERN_CONTENT_LOCATION = 109,
  TERN_CONTENT_CUSTOM = 110,
  TERN_CONTENT_TYPING = 113,
  TERN_CONTENT_QUOTE = 114,
  TERN_CONTENT_FACE = 115,
  TERN_CONTENT_ADVANCED_TEXT = 117,
  TERN_CONTENT_MARKDOWN = 118,
  TERN_CONTENT_NOTICE_FIRST = 1000, /* this and above: notices */
  TERN_CONTENT_OFFICIAL = 1400,
  TERN_CONTENT_ANNOUNCED = 1519,
  TERN_CONTENT_CLEARED = 1703,
  TERN_CONTENT_REVOKED = 2101,
  TERN_CONTENT_DELETED = 2102,
  TERN_CONTENT_READ = 2200,
};

/* Why a group stands out in the list (protocol 03 section 3.7). */
typedef enum
{
  TERN_AT_ME = 1 << 0,
  TERN_AT_ALL = 1 << 1,
  TERN_AT_ANNOUNCEMENT = 4, /* alone: a mention takes its place */
} TernAtType;

/* MsgData.options. A missing key means true, so a record keeps both what was
 * said false and what was said true; neither bit: not said. */
typedef enum
{
  TERN_OPTION_HISTORY = 1 << 0,
  TERN_OPTION_PERSISTENT = 1 << 1,
  TERN_OPTION_UNREAD_COUNT = 1 << 2,
  TERN_OPTION_CONVERSATION_UPDATE = 1 << 3,
  TERN_OPTION_SENDER_CONVERSATION_UPDATE = 1 << 4,
  TERN_OPTION_OFFLINE_PUSH = 1 << 5,
  TERN_OPTION_SENDER_SYNC = 1 << 6,
  TERN_OPTION_NOT_PRIVATE = 1 << 7,
  TERN_OPTION_REACTION_FROM_CACHE = 1 << 8,
  TERN_OPTION_SENDER_NOTIFICATION_PUSH = 1 << 9,
  TERN_OPTION_IS_NOT_NOTIFICATION = 1 << 10,
  TERN_OPTION_IS_SEND_MSG = 1 << 11,
} TernOptions;

/* The seven that a typing notice switches off (protocol 01 section 4.8). */
#define TERN_OPTIONS_ONLINE_ONLY \
  (TERN_OPTION_HISTORY | TERN_OPTION_PERSISTENT | TERN_OPTION_SENDER_SYNC | \
   TERN_OPTION_CONVERSATION_UPDATE | TERN_OPTION_SENDER_CONVERSATION_UPDATE | \
   TERN_OPTION_UNREAD_COUNT | TERN_OPTION_OFFLINE_PUSH)

typedef struct
{
  char     *title;
  char     *desc;
  char     *ex;
  char     *ios_sound;
  char     *signal_info;
  gboolean  ios_badge;
} TernOfflinePush;

/**
 * TernMessageRecord:
 * @id: the local row; 0 until stored
 * @position: order within the conversation beside @id; 0 until stored
 * @seq: the server's number; 0 until known
 * @content: (nullable): the content as it was on the wire, usually JSON
 *   text, but peers may send anything: neither UTF-8 nor JSON is promised
 *
 * A message, the same on the wire and on disk.
 */
typedef struct
{
  gint64           id;
  gint64           position;
  gint64           seq;
  gint64           sent_ms;
  gint64           created_ms;
  char            *conversation_id; /* "" inside a bare MsgData */
  char            *client_id;
  char            *server_id;
  char            *sender_id;
  char            *recv_id;
  char            *group_id;
  char            *sender_name;
  char            *sender_face_url;
  char            *attached_info;
  char            *ex;
  char            *error; /* (nullable): local: why it FAILED, as shown */
  GBytes          *content;
  char           **at_user_ids;  /* (nullable) */
  TernOfflinePush *offline_push; /* (nullable) */
  TernOptions      options_off;
  TernOptions      options_on;
  int              chat_type; /* TernChatType, or what a peer sent */
  int              content_type;
  int              sender_platform;
  int              msg_from; /* 100 person, 200 system */
  int              status;   /* TernMessageStatus; on the wire any number */
  gboolean         is_read;
} TernMessageRecord;

/**
 * TernConversationRecord:
 *
 * The server's record of a conversation (REST), that is its settings.
 */
typedef struct
{
  char     *id;
  char     *owner_id;
  char     *user_id;
  char     *group_id;
  char     *attached_info;
  char     *ex;
  int       chat_type;
  int       recv_opt; /* 0 normal, 1 refuse, 2 silent */
  int       at_type;
  int       burn_s;
  gboolean  is_pinned;
  gboolean  is_private;
  gboolean  is_destruct;
  gint64    min_seq; /* below: cleared for me; 0: none */
  gint64    max_seq; /* above: not for me (left the group); 0: no bound */
  gint64    destruct_s;
  gint64    latest_destruct_ms;
} TernConversationRecord;

/**
 * TernConversationRow:
 * @name: as to be shown: remark, nickname or group name; "" if unknown
 * @sort_ms: what the list is sorted by, descending, within (not) pinned
 * @n_unread: derived from the three seqs, protocol 03 section 3.3
 * @last_id: the row of the newest message that may be shown; 0: there is none
 * @last: (nullable): that message; %NULL also when it was not read yet
 *
 * A row of the conversation list, as the store answers it.
 */
typedef struct
{
  char              *id;
  char              *user_id;
  char              *group_id;
  char              *name;
  char              *face_url;
  char              *draft; /* "": none */
  int                chat_type;
  int                recv_opt;
  int                at_type;
  gboolean           is_pinned;
  gboolean           is_in_group; /* TRUE also when not a group */
  gint64             sort_ms;
  gint64             max_seq; /* newest known on the server, capped */
  gint64             min_seq; /* first that may be seen, at least 1 */
  gint64             read_seq;
  gint64             draft_ms;
  guint              n_unread;
  gint64             last_id;
  TernMessageRecord *last;
} TernConversationRow;

typedef struct
{
  char   *id;
  char   *name;
  char   *face_url;
  char   *remark; /* a friend's; "" otherwise */
  char   *ex;
  gint64  created_ms;
  int     level; /* the protocol's appMangerLevel: 2 and above official */
  int     recv_opt;
  gboolean is_friend;
  gboolean is_pinned;
} TernUserRecord;

typedef struct
{
  char   *id;
  char   *name;
  char   *face_url;
  char   *announcement;
  char   *introduction;
  char   *owner_id;
  char   *creator_id;
  char   *ex;
  char   *announcer_id;
  gint64  created_ms;
  gint64  announced_ms;
  guint   n_members;
  int     status; /* 0 normal, 1 banned, 2 dismissed, 3 muted */
  int     group_type;
  int     need_verification;
  int     look_member_info;
  int     apply_member_friend;
} TernGroupRecord;

typedef struct
{
  char   *group_id;
  char   *user_id;
  char   *name;
  char   *face_url;
  char   *operator_id;
  char   *inviter_id;
  char   *ex;
  gint64  joined_ms;
  gint64  mute_end_ms;
  int     role; /* 100 owner, 60 administrator, 20 member */
  int     join_source;
} TernMemberRecord;

/* The three numbers of request 1006. */
typedef struct
{
  char   *conversation_id;
  gint64  max_seq;
  gint64  read_seq;
  gint64  max_seq_ms;
} TernSeqState;

/* One range of request 1002. */
typedef struct
{
  char   *conversation_id;
  gint64  first;
  gint64  last; /* inclusive */
  gint64  max_messages;
} TernSeqRequest;

/* Sets of records kept in step by version (02-rest section 6). */
typedef enum
{
  TERN_DATASET_CONVERSATIONS,
  TERN_DATASET_FRIENDS,
  TERN_DATASET_GROUPS,
  TERN_DATASET_MEMBERS, /* one per group */
  TERN_DATASET_SELF,    /* the own profile: no version */
} TernDataset;

/**
 * TernRecordUpdate:
 * @entity: the group of %TERN_DATASET_MEMBERS, else ""
 * @replace: the rows are the whole set: what is not among them goes
 *   (never for conversations, which are only hidden)
 * @rows: (element-type gpointer): TernConversationRecord, TernUserRecord
 *   (friends, self), TernGroupRecord or TernMemberRecord, by @dataset
 * @removed: (element-type utf8): IDs that are gone
 * @group: (nullable): comes with members
 * @version_id: "": leave the stored version alone
 *
 * What one REST answer changes. Applied in one transaction.
 */
typedef struct
{
  TernDataset      dataset;
  char            *entity;
  gboolean         replace;
  GPtrArray       *rows;
  GPtrArray       *removed;
  TernGroupRecord *group;
  char            *version_id;
  guint64          version;
} TernRecordUpdate;

typedef enum
{
  TERN_SYNC_OFFLINE,
  TERN_SYNC_CONNECTING,
  TERN_SYNC_SYNCING,
  TERN_SYNC_LIVE,
  TERN_SYNC_STOPPED,
} TernSyncState;

typedef enum
{
  TERN_SYNC_REASON_CONNECTED,
  TERN_SYNC_REASON_REINSTALLED, /* nothing was on disk */
  TERN_SYNC_REASON_WAKE_UP,
  TERN_SYNC_REASON_REQUESTED,
  TERN_SYNC_REASON_BACKFILL,
} TernSyncReason;

const char              *tern_sync_reason_to_string      (TernSyncReason reason);

/* Each _new() fills the strings with "". */
TernMessageRecord       *tern_message_record_new         (void) G_GNUC_WARN_UNUSED_RESULT;
TernMessageRecord       *tern_message_record_copy        (const TernMessageRecord *self)
                                                          G_GNUC_WARN_UNUSED_RESULT;
void                     tern_message_record_free        (TernMessageRecord *self);
gboolean                 tern_message_record_is_on       (const TernMessageRecord *self,
                                                          TernOptions              option);
TernOfflinePush         *tern_offline_push_new           (void) G_GNUC_WARN_UNUSED_RESULT;
void                     tern_offline_push_free          (TernOfflinePush *self);
TernConversationRecord  *tern_conversation_record_new    (void) G_GNUC_WARN_UNUSED_RESULT;
void                     tern_conversation_record_free   (TernConversationRecord *self);
TernConversationRow     *tern_conversation_row_new       (void) G_GNUC_WARN_UNUSED_RESULT;
void                     tern_conversation_row_free      (TernConversationRow *self);
TernUserRecord          *tern_user_record_new            (void) G_GNUC_WARN_UNUSED_RESULT;
TernUserRecord          *tern_user_record_copy           (const TernUserRecord *self)
                                                          G_GNUC_WARN_UNUSED_RESULT;
void                     tern_user_record_free           (TernUserRecord *self);
TernGroupRecord         *tern_group_record_new           (void) G_GNUC_WARN_UNUSED_RESULT;
void                     tern_group_record_free          (TernGroupRecord *self);
TernMemberRecord        *tern_member_record_new          (void) G_GNUC_WARN_UNUSED_RESULT;
void                     tern_member_record_free         (TernMemberRecord *self);
TernSeqState            *tern_seq_state_new              (const char *conversation_id,
                                                          gint64      max_seq,
                                                          gint64      read_seq)
                                                          G_GNUC_WARN_UNUSED_RESULT;
void                     tern_seq_state_free             (TernSeqState *self);
TernSeqRequest          *tern_seq_request_new            (const char *conversation_id,
                                                          gint64      first,
                                                          gint64      last)
                                                          G_GNUC_WARN_UNUSED_RESULT;
void                     tern_seq_request_free           (TernSeqRequest *self);
TernRecordUpdate        *tern_record_update_new          (TernDataset dataset,
                                                          const char *entity)
                                                          G_GNUC_WARN_UNUSED_RESULT;
void                     tern_record_update_free         (TernRecordUpdate *self);

/* Gives a string of a record another value. */
void                     tern_record_set_text            (char       **field,
                                                          const char  *text); /* (nullable) */

/* si_, sg_, sn_ or n_ IDs (protocol 01 section 4.1). */
char                    *tern_conversation_id_for_pair   (const char *prefix,
                                                          const char *user_a,
                                                          const char *user_b)
                                                          G_GNUC_WARN_UNUSED_RESULT;
char                    *tern_conversation_id_for_group  (const char *group_id)
                                                          G_GNUC_WARN_UNUSED_RESULT;
gboolean                 tern_conversation_id_is_notification (const char *conversation_id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernMessageRecord, tern_message_record_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernOfflinePush, tern_offline_push_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernConversationRecord, tern_conversation_record_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernConversationRow, tern_conversation_row_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernUserRecord, tern_user_record_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernGroupRecord, tern_group_record_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernMemberRecord, tern_member_record_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernSeqState, tern_seq_state_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernSeqRequest, tern_seq_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernRecordUpdate, tern_record_update_free)

G_END_DECLS
