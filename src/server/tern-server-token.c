/* tern-server-token.c: the tokens that people sign in with
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JWTs like the real server's (protocol 01 section 1.7.1), signed with the
 * server's own random secret. Theirs are equal when made within one second;
 * these have 128 random bits more.
 */

#include "config.h"

#include "tern-server-state.h"

#include <string.h>
#include <sys/random.h>

#include "tern-api-json.h"
#include "tern-clock.h"
#include "tern-server-sql.h"

#define MAX_TOKEN_BYTES 4096

static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

/**
 * tern_server_is_same_secret:
 * @a: a secret: a password's digest, a signature
 * @b: what somebody brought as such
 *
 * All secrets of the server are compared here.
 *
 * Returns: whether they are equal, in a time that tells no more than the length
 */
gboolean
tern_server_is_same_secret (const char *a,
                            const char *b)
{
  gsize size = strlen (a);
  int difference = 0;

  if (strlen (b) != size)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    difference |= a[i] ^ b[i];

  return difference == 0;
}

static char *
encode_base64url (gconstpointer data,
                  gsize         size)
{
  char *text = g_base64_encode (data, size);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';

  return text;
}

/**
 * tern_server_decode_base64url:
 * @text: from anywhere
 *
 * Returns: (transfer full) (nullable): the bytes
 */
GBytes *
tern_server_decode_base64url (const char *text)
{
  g_autoptr(GString) padded = g_string_new (text);
  guchar *data;
  gsize size;

  if (padded->len % 4 == 1)
    return NULL;
  for (gsize i = 0; i < padded->len; i++)
    {
      char c = padded->str[i];

      if (c == '-')
        padded->str[i] = '+';
      else if (c == '_')
        padded->str[i] = '/';
      else if (!g_ascii_isalnum (c))
        return NULL;
    }
  while (padded->len % 4 != 0)
    g_string_append_c (padded, '=');
  data = g_base64_decode (padded->str, &size);

  return g_bytes_new_take (data, size);
}

/* The two servers have a secret each: neither takes the other's tokens. */
static char *
sign (TernServerState *self,
      gboolean         is_account,
      const char      *text,
      gsize            size)
{
  g_autofree char *secret = g_strconcat (is_account ? "account:" : "", self->secret, NULL);
  g_autoptr(GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA256, (const guchar *) secret, strlen (secret));
  guint8 digest[32];
  gsize digest_size = sizeof digest;

  g_hmac_update (hmac, (const guchar *) text, (gssize) size);
  g_hmac_get_digest (hmac, digest, &digest_size);

  return encode_base64url (digest, digest_size);
}

/**
 * tern_server_make_random_hex:
 * @n_bytes: at most 256
 *
 * Returns: (transfer full): twice as many hex digits
 */
char *
tern_server_make_random_hex (gsize n_bytes)
{
  g_autofree guint8 *bytes = g_malloc (n_bytes);
  GString *text = g_string_sized_new (2 * n_bytes);

  /* So few come all at once, after a wait right after the machine has started. */
  g_assert (n_bytes <= 256);
  while (getrandom (bytes, n_bytes, 0) != (gssize) n_bytes)
    continue;
  for (gsize i = 0; i < n_bytes; i++)
    g_string_append_printf (text, "%02x", bytes[i]);

  return g_string_free (text, FALSE);
}

/**
 * tern_server_state_make_token:
 * @self: the state
 * @user_id: whose it is
 * @platform: for which platform, or %TERN_SERVER_ACCOUNT_PLATFORM
 *
 * Returns: (transfer full): a token that is on record
 */
char *
tern_server_state_make_token (TernServerState *self,
                              const char      *user_id,
                              int              platform)
{
  gint64 now_s = tern_clock_get_wall_ms () / 1000;
  g_autoptr(JsonObject) claims = json_object_new ();
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *jti = tern_server_make_random_hex (16);
  g_autofree char *claims_text = NULL;
  g_autofree char *first = encode_base64url (header, strlen (header));
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autofree char *both = NULL;
  char *token;

  json_object_set_string_member (claims, "UserID", user_id);
  json_object_set_int_member (claims, "PlatformID", platform);
  json_object_set_int_member (claims, "exp", now_s + TERN_SERVER_TOKEN_LIFETIME_S);
  json_object_set_int_member (claims, "iat", now_s - 5);
  json_object_set_string_member (claims, "jti", jti);
  json_node_set_object (node, claims);
  claims_text = json_to_string (node, FALSE);
  second = encode_base64url (claims_text, strlen (claims_text));
  both = g_strconcat (first, ".", second, NULL);
  third = sign (self, platform == TERN_SERVER_ACCOUNT_PLATFORM, both, strlen (both));
  token = g_strconcat (both, ".", third, NULL);
  tern_server_sql_run (self, "INSERT INTO tokens VALUES (?1, ?2, ?3, 0)", "ssi", token, user_id,
                       (gint64) platform);

  return token;
}

static JsonNode *
decode_part (const char *part)
{
  g_autoptr(GBytes) bytes = tern_server_decode_base64url (part);
  JsonNode *node = bytes != NULL ? tern_json_parse (bytes, MAX_TOKEN_BYTES, NULL) : NULL;

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return node;

  g_clear_pointer (&node, json_node_unref);

  return NULL;
}

static TernTokenState
check_claims (TernServerState *self,
              const char      *token,
              gboolean         is_account,
              gint64          *expires_s)
{
  g_auto(GStrv) parts = g_strsplit (token, ".", 4);
  gint64 now_s = tern_clock_get_wall_ms () / 1000;
  g_autoptr(JsonNode) head = NULL;
  g_autoptr(JsonNode) claims = NULL;
  g_autofree char *signature = NULL;

  if (strlen (token) > MAX_TOKEN_BYTES || g_strv_length (parts) != 3)
    return TERN_TOKEN_MALFORMED;
  head = decode_part (parts[0]);
  claims = decode_part (parts[1]);
  if (head == NULL || claims == NULL)
    return TERN_TOKEN_MALFORMED;
  *expires_s = tern_json_get_int (claims, "exp");
  if (tern_json_get_node (claims, "exp") != NULL && *expires_s <= now_s)
    return TERN_TOKEN_EXPIRED;
  if (tern_json_get_int (claims, "nbf") > now_s)
    return TERN_TOKEN_NOT_YET;

  signature = sign (self, is_account, token, strlen (parts[0]) + 1 + strlen (parts[1]));
  if (strcmp (tern_json_get_string (head, "alg"), "HS256") != 0 ||
      !tern_server_is_same_secret (signature, parts[2]))
    return TERN_TOKEN_BAD_SIGNATURE;

  return TERN_TOKEN_GOOD;
}

/* The signature is checked before the record, so an index lookup here tells
 * nobody anything by its time. */
static TernTokenState
check_token (TernServerState  *self,
             const char       *token,
             gboolean          is_account,
             char            **user_id,
             int              *platform)
{
  gint64 expires_s = 0;
  TernTokenState state = check_claims (self, token, is_account, &expires_s);
  SqlQuery *query = NULL;

  if (state != TERN_TOKEN_GOOD)
    return state;

  query = tern_server_sql_query (self,
    "SELECT user_id, platform, state FROM tokens WHERE token = ?1", "s", token);
  if (!tern_server_sql_step (self, query))
    return TERN_TOKEN_UNKNOWN;
  switch (sqlite3_column_int (query, 2))
    {
    case 0:
      break;
    case 1501: /* made so by a fault */
      return TERN_TOKEN_EXPIRED;
    default:
      return TERN_TOKEN_KICKED;
    }

  *user_id = tern_server_sql_dup (query, 0);
  *platform = sqlite3_column_int (query, 1);

  return TERN_TOKEN_GOOD;
}

/**
 * tern_server_state_check_token:
 * @self: the state
 * @token: what somebody brought
 * @user_id: (out) (transfer full): whose it is; only of a good token
 * @platform: (out): for which platform
 *
 * Returns: how it stands
 */
TernTokenState
tern_server_state_check_token (TernServerState  *self,
                               const char       *token,
                               char            **user_id,
                               int              *platform)
{
  return check_token (self, token, FALSE, user_id, platform);
}

/**
 * tern_server_state_check_account_token:
 * @self: the state
 * @token: what somebody brought to the account server
 * @user_id: (out) (transfer full): whose it is; only of a good token
 *
 * Returns: the protocol's code; 0: good
 */
int
tern_server_state_check_account_token (TernServerState  *self,
                                       const char       *token,
                                       char            **user_id)
{
  int platform;
  TernTokenState state = check_token (self, token, TRUE, user_id, &platform);

  return state == TERN_TOKEN_UNKNOWN ? 20101 : tern_server_token_code (state, NULL);
}

/**
 * tern_server_state_get_token_end:
 * @self: the state
 * @token: a good token of the API
 *
 * Returns: when, in seconds
 */
gint64
tern_server_state_get_token_end (TernServerState *self,
                                 const char      *token)
{
  gint64 expires_s = 0;

  check_claims (self, token, FALSE, &expires_s);

  return expires_s;
}

/**
 * tern_server_token_code:
 * @state: how a token stands
 * @name: (out) (optional): what goes with the code as errMsg
 *
 * Returns: the protocol's code; 0: good
 */
int
tern_server_token_code (TernTokenState   state,
                        const char     **name)
{
  static const struct
  {
    int         code;
    const char *name;
  } codes[] = {
    [TERN_TOKEN_UNKNOWN] = { 1507, "TokenNotExistError" },
    [TERN_TOKEN_GOOD] = { 0, "" },
    [TERN_TOKEN_KICKED] = { 1506, "TokenKickedError" },
    [TERN_TOKEN_MALFORMED] = { 1503, "TokenMalformedError" },
    [TERN_TOKEN_EXPIRED] = { 1501, "TokenExpiredError" },
    [TERN_TOKEN_NOT_YET] = { 1504, "TokenNotValidYetError" },
    [TERN_TOKEN_BAD_SIGNATURE] = { 1505, "signature is invalid" },
  };

  if (name != NULL)
    *name = codes[state].name;

  return codes[state].code;
}

/**
 * tern_server_state_kick_tokens:
 * @self: the state
 * @user_id: who
 * @platform: of which device
 * @keep: (nullable): the one that stays good
 */
void
tern_server_state_kick_tokens (TernServerState *self,
                               const char      *user_id,
                               int              platform,
                               const char      *keep)
{
  tern_server_sql_run (self,
    "UPDATE tokens SET state = 2 WHERE user_id = ?1 AND platform = ?2 AND token <> ?3 AND"
    " state = 0", "sis", user_id, (gint64) platform, keep != NULL ? keep : "");
}

/**
 * tern_server_state_list_token_platforms:
 * @self: the state
 * @user_id: who
 *
 * Returns: (transfer full) (element-type int): those that a good token of his
 *   is for
 */
GArray *
tern_server_state_list_token_platforms (TernServerState *self,
                                        const char      *user_id)
{
  SqlQuery *query = tern_server_sql_query (self,
    "SELECT DISTINCT platform FROM tokens WHERE user_id = ?1 AND state = 0 AND platform <> ?2",
    "si", user_id, (gint64) TERN_SERVER_ACCOUNT_PLATFORM);
  GArray *platforms = g_array_new (FALSE, FALSE, sizeof (int));

  while (tern_server_sql_step (self, query))
    {
      int platform = sqlite3_column_int (query, 0);

      g_array_append_val (platforms, platform);
    }

  return platforms;
}

/**
 * tern_server_state_kick_token:
 * @self: the state
 * @token: a token of the API
 */
void
tern_server_state_kick_token (TernServerState *self,
                              const char      *token)
{
  tern_server_sql_run (self, "UPDATE tokens SET state = 2 WHERE token = ?1 AND state = 0", "s",
                       token);
}

/**
 * tern_server_state_kick_oldest_tokens:
 * @self: the state
 * @user_id: who
 * @platform: of which device
 * @n_kept: how many stay good
 *
 * All but the newest.
 */
void
tern_server_state_kick_oldest_tokens (TernServerState *self,
                                      const char      *user_id,
                                      int              platform,
                                      guint            n_kept)
{
  tern_server_sql_run (self,
    "UPDATE tokens SET state = 2 WHERE rowid IN (SELECT rowid FROM tokens WHERE user_id = ?1 AND"
    " platform = ?2 AND state = 0 ORDER BY rowid DESC LIMIT -1 OFFSET ?3)", "sii", user_id,
    (gint64) platform, (gint64) n_kept);
}

/**
 * tern_server_state_expire_tokens:
 * @self: the state
 * @user_id: who
 * @platform: of which device; 0: of all, and of both servers
 *
 * Those that are good, before their time.
 */
void
tern_server_state_expire_tokens (TernServerState *self,
                                 const char      *user_id,
                                 int              platform)
{
  tern_server_sql_run (self,
    "UPDATE tokens SET state = 1501 WHERE user_id = ?1 AND state = 0 AND ?2 IN (0, platform)",
    "si", user_id, (gint64) platform);
}

/**
 * tern_server_state_is_secret:
 * @self: the state
 * @text: what somebody says the secret is
 *
 * Returns: whether it is
 */
gboolean
tern_server_state_is_secret (TernServerState *self,
                             const char      *text)
{
  return tern_server_is_same_secret (self->secret, text);
}

/**
 * tern_server_state_drop_tokens:
 * @self: the state
 * @user_id: who
 *
 * Every one of his: those of the account server are forgotten, the others
 * kicked.
 */
void
tern_server_state_drop_tokens (TernServerState *self,
                               const char      *user_id)
{
  tern_server_sql_run (self, "DELETE FROM tokens WHERE user_id = ?1 AND platform = ?2", "si",
                       user_id, (gint64) TERN_SERVER_ACCOUNT_PLATFORM);
  tern_server_sql_run (self, "UPDATE tokens SET state = 2 WHERE user_id = ?1 AND state = 0", "s",
                       user_id);
}
