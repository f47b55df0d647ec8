/* tern-server.h: a small OpenIM-compatible server on this computer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One process, one thread, 127.0.0.1 only. Behaves towards a client as the
 * real server does, the first blind second after a connect and the loss of
 * large bursts included, unless it is told to be gentle. What is known to
 * differ stands in tests/server/known-differences.json.
 */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#include "tern-frame.h"
#include "tern-records.h"
#include "tern-server-state.h"
#include "tern-wire.h"

G_BEGIN_DECLS

/* Which logins of one person exclude each other; the real server's numbers. */
typedef enum
{
  TERN_SERVER_LOGINS_ALL = 0,
  TERN_SERVER_LOGINS_PER_PLATFORM = 1,
  TERN_SERVER_LOGINS_PER_CLASS = 4,
  TERN_SERVER_LOGINS_PC_AND_OTHER = 5,
} TernServerLogins;

/**
 * TernServerConfig:
 * @folder: (nullable): where data is kept; %NULL: nowhere
 * @is_gentle: neither a blind second nor lost bursts
 * @max_connections: who comes then is refused with 1601
 */
typedef struct
{
  const char *folder;
  guint16     ws_port;
  guint16     api_port;
  guint16     account_port;
  gboolean    is_gentle;
  TernServerLogins logins;
  guint       max_connections;
  gboolean    has_faults; /* the control route exists */
  guint64     faults_seed;
} TernServerConfig;

typedef struct _TernServerFaults TernServerFaults;

typedef struct
{
  TernServerState *state;
  SoupServer      *gateway;
  SoupServer      *api;
  SoupServer      *account;
  GPtrArray       *connections; /* (element-type TernServerConnection): all */
  GHashTable      *online;      /* user id → GPtrArray of TernServerConnection */
  GHashTable      *presence_changed; /* (nullable) (element-type utf8): to be told about */
  guint            presence_id;
  TernServerFaults *faults;     /* (nullable) */
  GQueue           queue;       /* (element-type TernServerItem): accepted, not stored yet */
  GQueue           endings;     /* of groups, to be emptied */
  GPtrArray       *bots;        /* (element-type TernServerBot) */
  char            *secret;
  char            *store_folder; /* (nullable): made when first needed */
  gboolean         is_store_temporary;
  GPtrArray       *ended_files; /* (nullable) (element-type filename): may go after the commit */
  gboolean         is_gentle;
  TernServerLogins logins;
  guint            max_connections;
  guint            flush_id;
  gint64           stalled_until_us; /* a fault: nothing is handed on before */
  guint64          last_id;
} TernServer;

#define TERN_SERVER_ADMIN "imAdmin"
/* Of an ID that somebody makes up. */
#define TERN_SERVER_MAX_ID_BYTES 256
/* The last platform of a connection; people sign in for one less. */
#define TERN_SERVER_MAX_PLATFORM 12
/* So many things one request may name: more than a client gets into one. Who
 * names more gets a 1001. */
#define TERN_SERVER_MAX_ASKED 10000

/* @is_own: made by the server, which acts on it, unlike on what a person made
 * to look like it */
typedef struct
{
  TernMessageRecord *message;
  gboolean           is_own;
} TernServerItem;

/* Somebody who answers by himself; the message is a text to @user_id. */
typedef void (*TernServerBotFunc) (TernServer              *self,
                                   const TernMessageRecord *message);

typedef struct
{
  char              *user_id;
  TernServerBotFunc  func;
} TernServerBot;

TernServer *tern_server_new              (const TernServerConfig *config,
                                          GError                **error) G_GNUC_WARN_UNUSED_RESULT;
void        tern_server_free             (TernServer             *self);
char       *tern_server_dup_ready_line   (TernServer             *self) G_GNUC_WARN_UNUSED_RESULT;

/* --- gateway --- */
gboolean    tern_server_gateway_attach   (TernServer *self, guint16 port, GError **error);
void        tern_server_gateway_push     (TernServer *self, const char * const *user_ids,
                                          const TernMessageRecord *message);
void        tern_server_gateway_kick     (TernServer *self, const char *user_id, int platform,
                                          const char *keep_token);
void        tern_server_gateway_close    (TernServer *self);

/* --- logins --- */
gboolean    tern_server_is_login_policy  (int number);
char       *tern_server_sign_in          (TernServer *self, const char *user_id, int platform)
                                          G_GNUC_WARN_UNUSED_RESULT;

/* --- delivery --- */
/* 0, or the code with which the message is refused (protocol 01 section 2.6);
 * a receiver's wish for silence is noted on it. */
int         tern_server_check_message    (TernServer *self, const char *user_id,
                                          TernMessageRecord *message);
/* Fills in what the server gives and queues it. @message: (transfer full) */
void        tern_server_accept           (TernServer *self, TernMessageRecord *message);
void        tern_server_accept_own       (TernServer *self, TernMessageRecord *message);
void        tern_server_item_free        (TernServerItem *self);
void        tern_server_flush            (TernServer *self);
void        tern_server_add_bot          (TernServer *self, const char *user_id,
                                          TernServerBotFunc func);
/* Stores at once, without a push: for seeding. */
void        tern_server_store_message    (TernServer *self, TernMessageRecord *message);
void        tern_server_ensure_conversation (TernServer *self, const char *owner_id,
                                             const TernMessageRecord *message);
/* 32 hex digits */
char       *tern_server_make_id          (TernServer *self) G_GNUC_WARN_UNUSED_RESULT;
TernMessageRecord *tern_server_make_text (TernServer *self, const char *sender_id,
                                          const char *recv_id, const char *group_id,
                                          const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* --- history --- */
/* (element-type TernSeqState) */
GPtrArray  *tern_server_list_newest      (TernServer *self, const char *user_id);
/* Without @ids, of all conversations. */
GPtrArray  *tern_server_list_read_seqs   (TernServer *self, const char *user_id,
                                          const char * const *ids);
char      **tern_server_list_pinned      (TernServer *self, const char *user_id);
gboolean    tern_server_is_own_chat      (TernServer *self, const TernConversationRecord *record);
TernConversationRecord *tern_server_find_chat (TernServer *self, const char *user_id,
                                               const char *conversation_id); /* (nullable) */
gboolean    tern_server_may_read         (TernServer *self, const char *user_id,
                                          const char *conversation_id);
/* What an answer may hold of messages: as much as the real server's services
 * hand each other. Who asks for more gets a 500. */
#define TERN_SERVER_MAX_ANSWER_BYTES (8 * 1024 * 1024)

/* One element per seq, quotes of what was revoked rewritten. @left, here and
 * below: so many bytes may still be added; 0: that was too much. */
GPtrArray  *tern_server_list_messages    (TernServer *self, const char *user_id,
                                          const char *conversation_id, gint64 first, gint64 last,
                                          gsize *left); /* (nullable) */
/* (nullable) */
TernMessageRecord *tern_server_find_newest (TernServer *self, const char *user_id,
                                            const char *conversation_id, gsize *left);
TernMessageBatch *tern_server_pull_range (TernServer *self, const char *user_id,
                                          const TernSeqRequest *range, gboolean is_descending,
                                          gsize *left); /* (nullable) */

/* MsgData as REST spells it. */
JsonNode   *tern_server_build_message    (const TernMessageRecord *message)
                                          G_GNUC_WARN_UNUSED_RESULT;

/* --- notifications; @detail: (transfer full) --- */
typedef enum
{
  TERN_SERVER_LINE_DEFAULT, /* as the kind has it */
  TERN_SERVER_LINE_SHOWN,
  TERN_SERVER_LINE_HIDDEN,
} TernServerLine;

void        tern_server_notify           (TernServer *self, int type, const char *sender_id,
                                          const char *recv_id, JsonObject *detail);
void        tern_server_notify_group     (TernServer *self, int type, const char *operator_id,
                                          const char *group_id, TernServerLine line,
                                          JsonObject *detail);
/* To everybody in one of the sender's conversations. */
void        tern_server_notify_conversation (TernServer *self, int type, const char *sender_id,
                                             const TernConversationRecord *conversation,
                                             JsonObject *detail);
/* 1300, to all devices of the person */
void        tern_server_notify_changed   (TernServer *self, const char *user_id,
                                          const char *conversation_id);

/* The content of a notification, {"detail":"…"}. */
GBytes     *tern_server_wrap_detail      (JsonObject *detail) G_GNUC_WARN_UNUSED_RESULT;
/* Objects of details; null when there is no such thing. */
JsonNode   *tern_server_friend_node      (TernServer *self, const char *owner_id,
                                          const char *friend_id) G_GNUC_WARN_UNUSED_RESULT;
JsonNode   *tern_server_group_node       (TernServer *self, const char *group_id)
                                          G_GNUC_WARN_UNUSED_RESULT;
JsonNode   *tern_server_member_node      (TernServer *self, const char *group_id,
                                          const char *user_id) G_GNUC_WARN_UNUSED_RESULT;
JsonArray  *tern_server_member_array     (TernServer *self, const char *group_id,
                                          const char * const *user_ids) G_GNUC_WARN_UNUSED_RESULT;
JsonNode   *tern_server_public_user_node (TernServer *self, const char *user_id)
                                          G_GNUC_WARN_UNUSED_RESULT;
void        tern_server_add_member_version (JsonObject *detail);

/* --- REST --- */
gboolean    tern_server_rest_attach      (TernServer *self, guint16 port, GError **error);
gboolean    tern_server_account_attach   (TernServer *self, guint16 port, GError **error);
void        tern_server_create_group     (TernServer *self, const TernGroupRecord *group,
                                          const char * const *member_ids);

/* A request, as a route's function sees it. */
typedef struct
{
  TernServer        *server;
  JsonNode          *body;       /* an object, checked against the route's type */
  const char        *operator_id; /* whose token it is; "": none was asked for */
  const char        *user_id;    /* for whom: an administrator may name somebody */
  int                platform;
  const char        *host;       /* (nullable): as the client calls this server */
  const char        *proxy;      /* (nullable): as a proxy before it is called */
  gboolean           is_admin;
  gboolean           is_account; /* for the account server */
  JsonObject        *data;       /* (nullable): the answer's; made by the route */
  JsonNode          *list;       /* (nullable): where the data is no object */
  int                code;
  char              *text;       /* (nullable): instead of the code's name */
  char              *detail;     /* (nullable) */
  gboolean           panics;     /* the real server's function falls over here */
  guint              status;     /* a fault: an HTTP status, and nothing else */
} TernServerCall;

typedef void (*TernServerRoute) (TernServerCall *call);

typedef enum
{
  TERN_SERVER_TOKEN = 1 << 0,   /* a token is asked for */
  TERN_SERVER_ACCOUNT = 1 << 1, /* by the account server */
} TernServerAccess;

void        tern_server_serve            (TernServer *self, SoupServerMessage *message,
                                          const char *path, TernServerRoute route,
                                          TernServerAccess access);
/* What of it needs no connection: reads the body and calls the route. */
void        tern_server_run              (TernServerCall *call, const char *path,
                                          TernServerRoute route, const char *text, gsize size);
void        tern_server_call_clear       (TernServerCall *call);
const char *tern_server_name_of_code     (int code);
/* Always FALSE, for checks that end with it. */
gboolean    tern_server_fail             (TernServerCall *call, int code, const char *detail);
gboolean    tern_server_fail_printf      (TernServerCall *call, int code, const char *format, ...)
                                          G_GNUC_PRINTF (3, 4);
gboolean    tern_server_require          (TernServerCall *call, const char *member,
                                          const char *detail);
gboolean    tern_server_require_admin    (TernServerCall *call);
gboolean    tern_server_may_act_for      (TernServerCall *call, const char *user_id);
gboolean    tern_server_is_self          (TernServerCall *call, const char *member);
/* (nullable): a text, also an empty one, that the body has */
const char *tern_server_lookup_string    (JsonNode *object, const char *member);
GHashTable *tern_server_make_set         (const char * const *strings);
gboolean    tern_server_has_twice        (const char * const *strings);
char      **tern_server_dup_ids          (TernServerCall     *call,
                                          const char         *member);
GRegex     *tern_server_make_search      (TernServerCall *call, const char *keyword)
                                          G_GNUC_WARN_UNUSED_RESULT;
/* Of an application: -1, 0 or 1. */
#define TERN_SERVER_RESULT(result) (1u << ((result) + 1))
guint       tern_server_read_results     (TernServerCall *call);
/* The part of a list that the body's pagination asks for. */
gboolean    tern_server_get_page         (TernServerCall *call, guint n_items, guint *first,
                                          guint *end);
void        tern_server_cut              (GPtrArray *records, guint first, guint end);
TernServerLine tern_server_get_line (TernServerCall *call);
/* JSON as Go writes it: nothing that HTML could take for a tag. */
GBytes     *tern_server_escape_html      (GBytes *bytes) G_GNUC_WARN_UNUSED_RESULT;
JsonArray  *tern_server_array_of         (GPtrArray *records,
                                          JsonNode *(*build) (gconstpointer record));
/* An empty list is null (protocol 02 section 1.4). @array: (transfer full) */
void        tern_server_set_array        (JsonObject *data, const char *member, JsonArray *array);
void        tern_server_set_strings      (JsonObject *data, const char *member,
                                          const char * const *strings);

typedef struct
{
  const char      *path;
  TernServerRoute  route;
} TernServerRouteEntry;

TernServerRoute tern_server_find_route   (const TernServerRouteEntry *routes, gsize n_routes,
                                          const char *path);
TernServerRoute tern_server_find_api_route (const char *path); /* any of those below but the next */
TernServerRoute tern_server_find_account_route (const char *path, TernServerAccess *access);
TernServerRoute tern_server_find_admin_route (const char *path);
TernServerRoute tern_server_find_auth_route (const char *path);
TernServerRoute tern_server_find_people_route (const char *path);
TernServerRoute tern_server_find_friend_route (const char *path);
TernServerRoute tern_server_find_group_route  (const char *path);
TernServerRoute tern_server_find_member_route (const char *path);
TernServerRoute tern_server_find_conversation_route (const char *path);
TernServerRoute tern_server_find_message_route (const char *path);
TernServerRoute tern_server_find_object_route (const char *path);
TernServerRoute tern_server_find_sync_route (const char *path);
void        tern_server_get_object       (TernServer *self, SoupServerMessage *message,
                                          const char *path, GHashTable *query);

/* --- users --- */
/* Keeps what has changed and tells those who see it. */
void        tern_server_update_user      (TernServer *self, const TernUserRecord *user);

/* --- groups and members --- */
gboolean    tern_server_is_member        (TernServerCall *call, const char *group_id);
gboolean    tern_server_is_leader        (TernServerCall *call, const char *group_id);
/* With a record of the conversation. */
void        tern_server_add_member       (TernServer *self, const char *group_id,
                                          const char *user_id, const char *inviter_id,
                                          const char *operator_id, int role, int join_source);
/* Tells that the application led to a membership. */
void        tern_server_admit            (TernServer *self, const TernServerGroupRequest *request,
                                          const char *operator_id);
/* What most details begin with: the group and who did it. */
JsonObject *tern_server_group_detail     (TernServer *self, const char *group_id,
                                          const char *operator_id) G_GNUC_WARN_UNUSED_RESULT;
/* That somebody's role (1517, 1518) or name (1516) has changed. */
void        tern_server_tell_member      (TernServer *self, int type, const char *operator_id,
                                          const char *group_id, const char *user_id);
/* Whoever left sees what there is, and no more. */
void        tern_server_limit_member     (TernServer *self, const char *group_id,
                                          const char *user_id);

/* --- the end of a group: some time after the news of it --- */
void        tern_server_empty_group_later (TernServer *self, const char *group_id);
void        tern_server_empty_due_groups (TernServer *self);
void        tern_server_empty_group      (TernServer *self, const char *group_id);
void        tern_server_empty_ended_groups (TernServer *self);
void        tern_server_ending_free      (gpointer ending);

/* --- applications --- */
void        tern_server_apply_to_group   (TernServer *self, const TernServerGroupRequest *request,
                                          const char *operator_id);
TernServerRoute tern_server_find_application_route (const char *path);

/* --- demo --- */
void        tern_server_seed_demo        (TernServer *self);
void        tern_server_seed_users       (TernServer *self, guint n_users);
void        tern_server_seed_messages    (TernServer *self, guint n_messages,
                                          guint n_conversations);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernServer, tern_server_free)

G_END_DECLS
