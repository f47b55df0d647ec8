/* tern-server-state.h: what the local server remembers, in SQLite
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Owned by the server, used on its one thread. A database error ends the
 * process: there is nothing sensible that a small server could do instead.
 */

#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

#include "tern-records.h"

G_BEGIN_DECLS

typedef struct _TernServerState TernServerState;

/* Where a token stands (protocol 01 section 1.7.1). */
typedef enum
{
  TERN_TOKEN_UNKNOWN,
  TERN_TOKEN_GOOD,
  TERN_TOKEN_KICKED,
  TERN_TOKEN_MALFORMED,
  TERN_TOKEN_EXPIRED,
  TERN_TOKEN_NOT_YET,
  TERN_TOKEN_BAD_SIGNATURE,
} TernTokenState;

/* 90 days (protocol 02 section 3.5). */
#define TERN_SERVER_TOKEN_LIFETIME_S (90 * 24 * 3600)
/* No device's platform: such a token only opens the account server. */
#define TERN_SERVER_ACCOUNT_PLATFORM (-1)

enum
{
  TERN_SERVER_BY_EMAIL = 1,
  TERN_SERVER_BY_PHONE = 2,
};

/* What the account server shows of somebody (protocol 02 section 3.4). */
typedef struct
{
  char  *user_id;
  char  *nickname;
  char  *face_url;
  char  *area_code;
  char  *phone_number;
  char  *account;
  char  *email;
  gint64 birth_ms;
  int    gender;
  int    level;
  int    allow_add_friend;
  int    allow_beep;
  int    allow_vibration;
  int    recv_opt;
  int    register_type;
} TernServerProfile;

typedef struct
{
  char   *user_id;
  char   *ex;
  gint64  created_ms;
} TernServerBlock;

/* @result: 0 pending, 1 accepted, -1 refused */
typedef struct
{
  char   *from_id;
  char   *to_id;
  char   *message;
  char   *handler_id;
  char   *answer;
  char   *ex;
  gint64  created_ms;
  gint64  handled_ms;
  int     result;
} TernServerFriendRequest;

typedef struct
{
  char   *group_id;
  char   *user_id;
  char   *message;
  char   *ex;
  char   *inviter_id;
  gint64  created_ms;
  int     result;
  int     join_source;
} TernServerGroupRequest;

/* What became of an element; protocol 02 section 6.1. */
typedef enum
{
  TERN_SERVER_INSERTED = 1,
  TERN_SERVER_DELETED = 2,
  TERN_SERVER_UPDATED = 3,
  TERN_SERVER_CHANGE_MASK = 3,
  TERN_SERVER_ORDER = 1 << 2,
  TERN_SERVER_UNSEEN = 1 << 3,
} TernServerChange;

#define TERN_SERVER_ORDER_ELEMENT "____S_O_R_T_I_D____"

typedef struct
{
  char    *version_id;
  guint64  version;
  guint64  sort_version;
  gboolean is_full; /* too much, or unknown: fetch the whole set */
  gboolean is_owner_changed;
  char   **deleted;
  char   **inserted;
  char   **updated;
} TernServerChanges;

TernServerState *tern_server_state_open  (const char *folder, GError **error); /* NULL: in memory */
void             tern_server_state_close (TernServerState *self);
void             tern_server_state_begin (TernServerState *self);
void             tern_server_state_commit (TernServerState *self);

/* --- people --- */
char           **tern_server_state_list_halves  (TernServerState *self, const char *user_id);
gboolean         tern_server_state_add_user     (TernServerState *self, const TernUserRecord *user);
GPtrArray       *tern_server_state_list_users   (TernServerState *self); /* TernUserRecord */
TernUserRecord  *tern_server_state_find_user    (TernServerState *self, const char *user_id);
void             tern_server_state_set_user     (TernServerState *self, const TernUserRecord *user);
gboolean         tern_server_state_add_account  (TernServerState *self, const char *user_id,
                                                 const char *account, const char *phone,
                                                 const char *email, const char *password_md5);
/* (nullable): the user */
char            *tern_server_state_find_account (TernServerState *self, const char *account,
                                                 const char *phone, const char *email);
gboolean         tern_server_state_is_password  (TernServerState *self, const char *user_id,
                                                 const char *password_md5);
void             tern_server_state_set_password (TernServerState *self, const char *user_id,
                                                 const char *password_md5);
void             tern_server_state_set_phone    (TernServerState *self, const char *user_id,
                                                 const char *phone);
TernServerProfile *tern_server_state_find_profile (TernServerState *self, const char *user_id);
void             tern_server_state_put_profile  (TernServerState *self,
                                                 const TernServerProfile *profile);
GPtrArray       *tern_server_state_list_profiles (TernServerState *self); /* TernServerProfile */
void             tern_server_profile_free       (TernServerProfile *self);
/* What process_user_command keeps; one of the same uuid that is there twice. */
void             tern_server_state_add_command  (TernServerState *self, const char *user_id,
                                                 gint64 type, const char *uuid, const char *value);
void             tern_server_state_update_command (TernServerState *self, const char *user_id,
                                                   gint64 type, const char *uuid, const char *value,
                                                   const char *ex); /* (nullable) */
void             tern_server_state_delete_command (TernServerState *self, const char *user_id,
                                                   gint64 type, const char *uuid);
JsonArray       *tern_server_state_build_commands (TernServerState *self, const char *user_id,
                                                   gint64 type); /* 0: all */
/* TernUserRecord */
GPtrArray       *tern_server_state_list_friends (TernServerState *self, const char *owner_id);
TernUserRecord  *tern_server_state_find_friend  (TernServerState *self, const char *owner_id,
                                                 const char *friend_id); /* (nullable) */
/* @operator_id: who asked for the friendship */
void             tern_server_state_add_friend   (TernServerState *self, const char *owner_id,
                                                 const char *friend_id, const char *operator_id);
char            *tern_server_state_dup_friend_operator (TernServerState *self, const char *owner_id,
                                                 const char *friend_id);
void             tern_server_state_remove_friend (TernServerState *self, const char *owner_id,
                                                  const char *friend_id);
gboolean         tern_server_state_is_friend    (TernServerState *self, const char *owner_id,
                                                 const char *friend_id);
void             tern_server_state_set_friend   (TernServerState *self, const char *owner_id,
                                                 const TernUserRecord *friend_);
/* Whether it was not blocked already. */
gboolean         tern_server_state_block        (TernServerState *self, const char *owner_id,
                                                 const char *user_id, const char *ex);
void             tern_server_state_unblock      (TernServerState *self, const char *owner_id,
                                                 const char *user_id);
gboolean         tern_server_state_is_blocked   (TernServerState *self, const char *owner_id,
                                                 const char *user_id);
/* TernServerBlock */
GPtrArray       *tern_server_state_list_blocked (TernServerState *self, const char *owner_id);

/* --- tokens --- */
char            *tern_server_state_make_token   (TernServerState *self, const char *user_id,
                                                 int platform);
TernTokenState   tern_server_state_check_token  (TernServerState *self, const char *token,
                                                 char **user_id, int *platform);
int              tern_server_token_code         (TernTokenState state, const char **name);
void             tern_server_state_expire_tokens (TernServerState *self, const char *user_id,
                                                  int platform);
GBytes          *tern_server_decode_base64url   (const char *text); /* (nullable) */
char            *tern_server_make_random_hex    (gsize n_bytes);
int              tern_server_state_check_account_token (TernServerState *self, const char *token,
                                                        char **user_id);
gint64           tern_server_state_get_token_end (TernServerState *self, const char *token);
/* Every one of this user, of both servers. */
void             tern_server_state_drop_tokens  (TernServerState *self, const char *user_id);
gboolean         tern_server_is_same_secret     (const char *a, const char *b);
/* (element-type int): those that a good token of the user is for */
GArray          *tern_server_state_list_token_platforms (TernServerState *self,
                                                         const char *user_id);
void             tern_server_state_kick_token   (TernServerState *self, const char *token);
/* All but the newest. */
void             tern_server_state_kick_oldest_tokens (TernServerState *self, const char *user_id,
                                                       int platform, guint n_kept);
/* All but @keep (nullable) of this user and platform. */
void             tern_server_state_kick_tokens  (TernServerState *self, const char *user_id,
                                                 int platform, const char *keep);

/* --- groups --- */
void             tern_server_state_put_group    (TernServerState *self,
                                                 const TernGroupRecord *group);
TernGroupRecord *tern_server_state_find_group   (TernServerState *self, const char *group_id);
GPtrArray       *tern_server_state_list_all_groups (TernServerState *self);
/* joined */
GPtrArray       *tern_server_state_list_groups  (TernServerState *self, const char *user_id);
void             tern_server_state_put_member   (TernServerState *self,
                                                 const TernMemberRecord *member);
void             tern_server_state_set_member_role (TernServerState *self, const char *group_id,
                                                    const char *user_id, int role);
void             tern_server_state_set_member_mute (TernServerState *self, const char *group_id,
                                                    const char *user_id, gint64 end_ms);
/* (nullable): left as it is */
void             tern_server_state_set_member_profile (TernServerState *self, const char *group_id,
                                                       const char *user_id, const char *name,
                                                       const char *face_url, const char *ex);
void             tern_server_state_remove_member (TernServerState *self, const char *group_id,
                                                  const char *user_id);
TernMemberRecord *tern_server_state_find_member (TernServerState *self, const char *group_id,
                                                 const char *user_id);
GPtrArray       *tern_server_state_list_members (TernServerState *self, const char *group_id,
                                                 guint offset, guint limit);
/* Where the person goes by the name of his profile. */
char           **tern_server_state_list_bare_groups (TernServerState *self, const char *user_id);
char           **tern_server_state_list_member_ids (TernServerState *self, const char *group_id);
/* owner, then administrators */
char           **tern_server_state_list_leader_ids (TernServerState *self, const char *group_id);

/* --- applications; lists are newest first --- */
TernServerFriendRequest *tern_server_state_find_friend_request (TernServerState *self,
                                                                const char *from_id,
                                                                const char *to_id);
void             tern_server_state_put_friend_request (TernServerState *self,
                                                       const TernServerFriendRequest *request);
/* TernServerFriendRequest */
GPtrArray       *tern_server_state_list_friend_requests (TernServerState *self, const char *user_id,
                                                         gboolean is_received);
TernServerGroupRequest *tern_server_state_find_group_request (TernServerState *self,
                                                              const char *group_id,
                                                              const char *user_id);
void             tern_server_state_put_group_request (TernServerState *self,
                                                      const TernServerGroupRequest *request);
/* To the groups that the person leads, or of the person himself. */
GPtrArray       *tern_server_state_list_group_requests (TernServerState *self, const char *user_id,
                                                 gboolean is_received); /* TernServerGroupRequest */
void             tern_server_block_free          (TernServerBlock *self);
void             tern_server_friend_request_free (TernServerFriendRequest *self);
void             tern_server_group_request_free  (TernServerGroupRequest *self);

/* --- conversations --- */
TernConversationRecord *tern_server_state_find_conversation (TernServerState *self,
                                                             const char *owner_id,
                                                             const char *conversation_id);
void             tern_server_state_put_conversation (TernServerState *self,
                                                     const TernConversationRecord *record);
/* A new one that its owner asked for; nobody is shown it until then. */
void             tern_server_state_put_self_made (TernServerState *self,
                                                  const TernConversationRecord *record,
                                                  gint64 unseen_until_ms);
gboolean         tern_server_state_is_self_made (TernServerState *self, const char *owner_id,
                                                 const char *conversation_id);
gboolean         tern_server_state_is_unseen    (TernServerState *self, const char *owner_id,
                                                 const char *conversation_id);
void             tern_server_state_delete_conversation (TernServerState *self, const char *owner_id,
                                                 const char *conversation_id);
/* Other people's. */
GPtrArray       *tern_server_state_list_conversations_with (TernServerState *self,
                                                            const char *user_id);
GPtrArray       *tern_server_state_list_conversations (TernServerState *self, const char *owner_id);
gint64           tern_server_state_get_max_seq  (TernServerState *self,
                                                 const char *conversation_id);
gint64           tern_server_state_get_max_seq_ms (TernServerState *self,
                                                   const char *conversation_id);
/* For everybody; only grows. */
void             tern_server_state_raise_min_seq (TernServerState *self,
                                                  const char *conversation_id, gint64 seq);
/* What the person may read (protocol 01 section 4.3). */
void             tern_server_state_get_bounds   (TernServerState *self, const char *owner_id,
                                                 const char *conversation_id, gint64 *low,
                                                 gint64 *high);
gint64           tern_server_state_get_read_seq (TernServerState *self, const char *owner_id,
                                                 const char *conversation_id);
/* only grows */
gboolean         tern_server_state_set_read_seq (TernServerState *self, const char *owner_id,
                                                 const char *conversation_id, gint64 seq);

/* --- messages --- */
/* Gives the message its seq and keeps it. */
void             tern_server_state_store        (TernServerState *self, TernMessageRecord *message);
TernMessageRecord *tern_server_state_find_message (TernServerState *self,
                                                   const char *conversation_id, gint64 seq);
/* Of those that are stored, up to @last; 0: none. */
gint64           tern_server_state_find_newest_seq (TernServerState *self,
                                                 const char *conversation_id, gint64 last);
void             tern_server_state_replace      (TernServerState *self,
                                                 const TernMessageRecord *message);
void             tern_server_state_erase        (TernServerState *self, const char *conversation_id,
                                                 gint64 seq);
void             tern_server_state_hide         (TernServerState *self, const char *owner_id,
                                                 const char *conversation_id, gint64 seq);
/* One element per seq of [first, last], ascending: placeholders included. What
 * they take is taken from @left; NULL and nothing left: they take more. */
GPtrArray       *tern_server_state_list_messages (TernServerState *self, const char *owner_id,
                                                  const char *conversation_id, gint64 first,
                                                  gint64 last, gsize *left);

/* --- versions --- */
void             tern_server_state_log          (TernServerState *self, TernDataset dataset,
                                                 const char *owner, const char *element,
                                                 TernServerChange change);
void             tern_server_state_begin_together (TernServerState *self);
void             tern_server_state_end_together (TernServerState *self);
TernServerChanges *tern_server_state_get_changes (TernServerState *self, TernDataset dataset,
                                                  const char *owner, const char *version_id,
                                                  guint64 version);
void             tern_server_changes_free       (TernServerChanges *self);
/* What tokens are signed with and what makes an administrator. */
const char      *tern_server_state_get_secret   (TernServerState *self);
gboolean         tern_server_state_is_secret    (TernServerState *self, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernServerBlock, tern_server_block_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernServerFriendRequest, tern_server_friend_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernServerGroupRequest, tern_server_group_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernServerState, tern_server_state_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernServerProfile, tern_server_profile_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernServerChanges, tern_server_changes_free)

G_END_DECLS
