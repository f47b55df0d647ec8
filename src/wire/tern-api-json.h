/* tern-api-json.h: REST bodies, JSON to records and back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure functions, any thread. protocol 02. A reply function is given the
 * "data" member, which may be NULL or null; lists may be null; a member of the
 * wrong type counts as absent; too many or absurd ones never crash.
 */

#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

#include "tern-records.h"

G_BEGIN_DECLS

/* An envelope: returns "data" (nullable: none) or an error made by
 * tern_error_new_server(); TERN_ERROR_PROTOCOL when it is no envelope. */
gboolean                tern_api_parse_envelope      (GBytes      *body,
                                                      JsonNode   **data,
                                                      GError     **error);
GBytes                 *tern_api_build_envelope      (int          code,
                                                      const char  *message,
                                                      const char  *detail,
                                                      JsonNode    *data) G_GNUC_WARN_UNUSED_RESULT;

/* Single objects, both directions; a parser answers NULL when there is no ID. */
TernConversationRecord *tern_api_parse_conversation  (JsonNode *node) G_GNUC_WARN_UNUSED_RESULT;
JsonNode               *tern_api_build_conversation  (const TernConversationRecord *record)
                                                      G_GNUC_WARN_UNUSED_RESULT;
TernUserRecord         *tern_api_parse_user          (JsonNode *node) G_GNUC_WARN_UNUSED_RESULT;
JsonNode               *tern_api_build_user          (const TernUserRecord *record)
                                                      G_GNUC_WARN_UNUSED_RESULT;
TernUserRecord         *tern_api_parse_friend        (JsonNode *node) G_GNUC_WARN_UNUSED_RESULT;
JsonNode               *tern_api_build_friend        (const TernUserRecord *record,
                                                      const char           *owner_id)
                                                      G_GNUC_WARN_UNUSED_RESULT;
TernGroupRecord        *tern_api_parse_group         (JsonNode *node) G_GNUC_WARN_UNUSED_RESULT;
JsonNode               *tern_api_build_group         (const TernGroupRecord *record)
                                                      G_GNUC_WARN_UNUSED_RESULT;
TernMemberRecord       *tern_api_parse_member        (JsonNode *node) G_GNUC_WARN_UNUSED_RESULT;
JsonNode               *tern_api_build_member        (const TernMemberRecord *record)
                                                      G_GNUC_WARN_UNUSED_RESULT;

/* An incremental answer (02 section 6.2). @is_full: fetch the whole list; then
 * only the version is set. */
TernRecordUpdate       *tern_api_parse_incremental   (TernDataset  dataset,
                                                      const char  *entity,
                                                      JsonNode    *data,
                                                      gboolean    *is_full)
                                                      G_GNUC_WARN_UNUSED_RESULT;
/* A page of a list; @member names the array. Adds rows to @update; answers
 * "total", or -1 where the route has none. */
gint64                  tern_api_parse_list          (TernRecordUpdate *update,
                                                      JsonNode         *data,
                                                      const char       *member);

/* Safe readers for bodies that have no function of their own. */
const char             *tern_json_node_get_text      (JsonNode *node);
const char             *tern_json_get_string         (JsonNode *object, const char *member);
gint64                  tern_json_get_int            (JsonNode *object, const char *member);
double                  tern_json_get_double         (JsonNode *object, const char *member);
gboolean                tern_json_get_bool           (JsonNode *object, const char *member);
/* (nullable) */
JsonNode               *tern_json_get_node           (JsonNode *object,
                                                      const char *member);
char                  **tern_json_dup_strings        (JsonNode *object, const char *member);
/* @object: (transfer full) */
JsonNode               *tern_json_take_object        (JsonObject *object)
                                                      G_GNUC_WARN_UNUSED_RESULT;
/* Refuses what is nested deeper than 64 or longer than @max_bytes, which
 * json-glib would follow until the stack ends. */
JsonNode               *tern_json_parse              (GBytes  *bytes,
                                                      gsize    max_bytes,
                                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes                 *tern_json_to_bytes           (JsonNode *node) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
