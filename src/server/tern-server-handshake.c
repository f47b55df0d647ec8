/* tern-server-handshake.c: who may open a long connection
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 01 sections 1.2 to 1.7.
 */

#include "config.h"

#include "tern-server-gateway.h"

#include <string.h>

#include "tern-api-json.h"
#include "tern-server-faults.h"
#include "tern-server-http.h"
#include "tern-server-params.h"

/**
 * tern_server_hello_clear:
 * @hello: what is freed, but for itself
 */
void
tern_server_hello_clear (TernServerHello *hello)
{
  g_free (hello->user_id);
  g_free (hello->token);
}

/**
 * tern_server_refusal_clear:
 * @refusal: what is freed, but for itself
 */
void
tern_server_refusal_clear (TernServerRefusal *refusal)
{
  g_free (refusal->detail);
}

static gboolean
refuse (TernServerRefusal *refusal,
        int                code,
        const char        *message,
        const char        *detail)
{
  refusal->code = code;
  refusal->message = message;
  /* It may quote a query, which may hold any bytes. */
  refusal->detail = g_utf8_make_valid (detail, -1);

  return FALSE;
}

static gboolean
refuse_arguments (TernServerRefusal *refusal,
                  const char        *detail)
{
  return refuse (refusal, 1602, "args err, need token, sendID, platformID", detail);
}

static gboolean
parse_bool (const char *text,
            gboolean   *value)
{
  static const char * const yes[] = { "1", "t", "T", "true", "True", "TRUE", NULL };
  static const char * const no[] = { "0", "f", "F", "false", "False", "FALSE", NULL };

  *value = g_strv_contains (yes, text);

  return *value || g_strv_contains (no, text);
}

static gboolean
check_arguments (const char        *user_id,
                 const char        *token,
                 const char        *operation_id,
                 gint64             platform,
                 const char        *sdk_type,
                 TernServerHello   *hello,
                 TernServerRefusal *refusal)
{
  if (*user_id == '\0')
    return refuse_arguments (refusal, "sendID is empty");
  if (*token == '\0')
    return refuse_arguments (refusal, "token is empty");
  if (*operation_id == '\0')
    return refuse_arguments (refusal, "operationID is empty");
  if (platform < 1 || platform > TERN_SERVER_MAX_PLATFORM)
    return refuse_arguments (refusal, "platformID is invalid");
  if (strcmp (sdk_type, "js") == 0)
    hello->format.encoding = TERN_ENCODING_JSON;
  else if (*sdk_type == '\0' || strcmp (sdk_type, "go") == 0)
    hello->format.encoding = TERN_ENCODING_GOB;
  else
    return refuse_arguments (refusal, "sdkType is invalid");

  hello->user_id = g_strdup (user_id);
  hello->token = g_strdup (token);
  hello->platform = (int) platform;

  return TRUE;
}

static gboolean
parse_form_b (const char        *text,
              TernServerHello   *hello,
              TernServerRefusal *refusal)
{
  static const char type[] = "msggateway.UserConnContextInfo token:s,userID:s,platformID:l,"
    "operationID:s,compression:s,sdkType:s,sendResponse:b,background:b,sdkVersion:s";
  g_autoptr(GBytes) bytes = tern_server_decode_base64url (text);
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *failure = NULL;
  const char *json;
  gsize size;

  if (bytes == NULL)
    return refuse_arguments (refusal, "data is not base64");
  json = g_bytes_get_data (bytes, &size);
  root = tern_server_params_decode (type, json, size, &failure);
  if (root == NULL)
    {
      g_autofree char *detail = g_strconcat ("data is not json, info=", failure, NULL);

      return refuse_arguments (refusal, detail);
    }

  hello->format.is_gzip = strcmp (tern_json_get_string (root, "compression"), "gzip") == 0;
  hello->wants_greeting = tern_json_get_bool (root, "sendResponse");

  return check_arguments (tern_json_get_string (root, "userID"),
                          tern_json_get_string (root, "token"),
                          tern_json_get_string (root, "operationID"),
                          tern_json_get_int (root, "platformID"),
                          tern_json_get_string (root, "sdkType"), hello, refusal);
}

static gboolean
parse_form_a (GHashTable        *query,
              const char        *header,
              TernServerHello   *hello,
              TernServerRefusal *refusal)
{
  const char *user_id = tern_server_http_lookup (query, "sendID");
  const char *token = tern_server_http_lookup (query, "token");
  const char *operation_id = tern_server_http_lookup (query, "operationID");
  const char *compression = tern_server_http_lookup (query, "compression");
  const char *greeting = tern_server_http_lookup (query, "isMsgResp");
  gint64 platform = 0;
  gboolean is_background;

  if (*user_id == '\0')
    return refuse_arguments (refusal, "sendID is empty");
  if (*token == '\0')
    return refuse_arguments (refusal, "token is empty");
  if (*operation_id == '\0')
    return refuse_arguments (refusal, "operationID is empty");
  if (!g_ascii_string_to_signed (tern_server_http_lookup (query, "platformID"), 10, G_MININT32,
                                 G_MAXINT32, &platform, NULL))
    return refuse_arguments (refusal, "platformID is not int");
  if (!parse_bool (tern_server_http_lookup (query, "isBackground"), &is_background))
    return refuse (refusal, 500, "ServerInternalError", "invalid syntax");
  if (*greeting != '\0' && !parse_bool (greeting, &hello->wants_greeting))
    return refuse_arguments (refusal, "isMsgResp is not bool");
  if (*compression == '\0')
    compression = header;
  hello->format.is_gzip = g_strcmp0 (compression, "gzip") == 0;

  return check_arguments (user_id, token, operation_id, platform,
                          tern_server_http_lookup (query, "sdkType"), hello, refusal);
}

static gboolean
check_token (TernServer        *self,
             TernServerHello   *hello,
             TernServerRefusal *refusal)
{
  g_autofree char *user_id = NULL;
  const char *name;
  int platform = 0;
  int code;

  code = tern_server_token_code (tern_server_state_check_token (self->state, hello->token,
                                                                &user_id, &platform), &name);
  if (code != 0)
    return refuse (refusal, code, name, "");

  if (strcmp (user_id, hello->user_id) != 0)
    {
      g_autofree char *detail = g_strdup_printf ("token uid %s != userID %s", user_id,
                                                 hello->user_id);

      return refuse (refusal, 1502, "TokenInvalidError", detail);
    }
  if (platform != hello->platform)
    {
      g_autofree char *detail = g_strdup_printf ("token platform %d != platformID %d", platform,
                                                 hello->platform);

      return refuse (refusal, 1502, "TokenInvalidError", detail);
    }

  return TRUE;
}

/**
 * tern_server_check_hello:
 * @self: the server
 * @query: (nullable): of the handshake, as it came
 * @compression: (nullable): the header of that name
 * @hello: (out): what it asks for
 * @refusal: (out): why it is refused
 * @is_token_error: (out): that is told on the open connection when the client
 *   asked for a first frame
 *
 * Thread: main.
 *
 * Returns: whether it is not refused
 */
gboolean
tern_server_check_hello (TernServer        *self,
                         const char        *query,
                         const char        *compression,
                         TernServerHello   *hello,
                         TernServerRefusal *refusal,
                         gboolean          *is_token_error)
{
  g_autoptr(GHashTable) fields = query != NULL ? soup_form_decode (query) : NULL;
  const char *form_b = tern_server_http_lookup (fields, "v");

  *is_token_error = FALSE;
  if (self->connections->len >= self->max_connections)
    return refuse (refusal, 1601, "ConnOverMaxNumLimit", "over max conn num limit");
  if (*form_b != '\0' ? !parse_form_b (form_b, hello, refusal)
                      : !parse_form_a (fields, compression, hello, refusal))
    return FALSE;

  *is_token_error = !check_token (self, hello, refusal);

  return !*is_token_error;
}

/**
 * tern_server_refusal_body:
 * @refusal: why a handshake is refused
 *
 * Thread: any.
 *
 * Returns: (transfer full): how that is told
 */
GBytes *
tern_server_refusal_body (const TernServerRefusal *refusal)
{
  return tern_api_build_envelope (refusal->code, refusal->message,
                                  refusal->detail != NULL ? refusal->detail : "", NULL);
}

/* As the library of the real server answers what is no websocket handshake. */
static void
respond_bad_request (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  gboolean is_get = soup_server_message_get_method (message) == SOUP_METHOD_GET;
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *now_text = soup_date_time_to_string (now, SOUP_DATE_HTTP);
  const char *body = is_get ? "Bad Request\n" : "Method Not Allowed\n";

  /* In the place of what libsoup says. */
  soup_message_headers_clear (headers);
  soup_message_body_truncate (soup_server_message_get_response_body (message));
  soup_message_headers_replace (headers, "Date", now_text);
  soup_message_headers_replace (headers, "Sec-Websocket-Version", "13");
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  soup_server_message_set_response (message, "text/plain; charset=utf-8", SOUP_MEMORY_STATIC, body,
                                    strlen (body));
  soup_server_message_set_status (message, is_get ? 400 : 405, NULL);
}

static void
respond_refusal (SoupServerMessage       *message,
                 const TernServerRefusal *refusal)
{
  g_autoptr(GBytes) body = tern_server_refusal_body (refusal);
  gsize size;
  const char *data = g_bytes_get_data (body, &size);

  soup_server_message_set_response (message, "application/json; charset=utf-8", SOUP_MEMORY_COPY,
                                    data, size);
  soup_server_message_set_status (message, 200, NULL);
}

/**
 * tern_server_shake_hands:
 * @self: the server
 * @message: a handshake
 * @hello: (out): what it asks for
 * @refusal: (out): why it is refused, to be told on the open connection
 *
 * Thread: main.
 *
 * Returns: whether the connection opens; otherwise the message has its answer
 */
gboolean
tern_server_shake_hands (TernServer        *self,
                         SoupServerMessage *message,
                         TernServerHello   *hello,
                         TernServerRefusal *refusal)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *query = g_uri_get_query (soup_server_message_get_uri (message));
  gboolean is_token_error;
  int status = 0;

  if (tern_server_check_hello (self, query, soup_message_headers_get_one (headers, "compression"),
                               hello, refusal, &is_token_error) &&
      !tern_server_faults_allow (self, hello, refusal, &status))
    is_token_error = refusal->code >= 1501 && refusal->code <= 1507;
  if (status != 0)
    {
      soup_server_message_set_status (message, (guint) status, NULL);
      return FALSE;
    }
  if (refusal->code != 0 && !(is_token_error && hello->wants_greeting))
    {
      respond_refusal (message, refusal);
      return FALSE;
    }
  if (soup_server_message_get_method (message) != SOUP_METHOD_GET ||
      !soup_websocket_server_process_handshake (message, NULL, NULL, NULL, NULL))
    {
      respond_bad_request (message);
      return FALSE;
    }
  soup_message_headers_remove (soup_server_message_get_response_headers (message), "Date");

  return TRUE;
}
