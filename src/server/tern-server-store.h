/* tern-server-store.h: the object store behind signed addresses
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 section 7. It stands on the API's port under /openim, where a
 * real deployment has a store of its own. Files are named by digests and by
 * random numbers, never by what a client says, inside one folder, 0600.
 */

#pragma once

#include "tern-server.h"

G_BEGIN_DECLS

#define TERN_STORE_BUCKET_PATH "/openim/"
#define TERN_STORE_MIN_PART (5 * 1024 * 1024)
#define TERN_STORE_MAX_PART (G_GINT64_CONSTANT (5) * 1024 * 1024 * 1024)
#define TERN_STORE_MAX_PARTS 10000
#define TERN_STORE_LIFETIME_S (7 * 24 * 3600)
#define TERN_STORE_FORM_LIFETIME_S (10 * 60)

typedef struct
{
  char *hash;         /* of the parts' digests: names the content */
  char *etag;         /* the content's MD5; of several parts something else */
  char *content_type; /* of a name */
} TernServerObject;

gboolean    tern_server_store_open        (TernServer *self, const char *folder, GError **error);
void        tern_server_store_close       (TernServer *self);

/* The base of every address: http://127.0.0.1:PORT/openim/. */
char       *tern_server_store_dup_base    (TernServer *self) G_GNUC_WARN_UNUSED_RESULT;
/* @query: (nullable): further parameters that are signed, escaped */
char       *tern_server_store_sign_url    (TernServer *self, const char *method, const char *key,
                                           const char *query) G_GNUC_WARN_UNUSED_RESULT;
/* The headers with which a part may be put; @date: (out). */
char       *tern_server_store_sign_part   (TernServer *self, const char *key, const char *upload,
                                           int number, char **date) G_GNUC_WARN_UNUSED_RESULT;
char       *tern_server_store_sign_policy (TernServer *self, const char *policy)
                                           G_GNUC_WARN_UNUSED_RESULT;
char       *tern_server_store_dup_credential (TernServer *self, const char *date)
                                              G_GNUC_WARN_UNUSED_RESULT;
char       *tern_server_store_dup_date    (void) G_GNUC_WARN_UNUSED_RESULT;
/* What decides about what comes; also fuzzed by itself. */
gboolean    tern_server_store_is_signed_url (TernServer *self, const char *method,
                                             const char *path, const char *raw,
                                             GHashTable *query);
gboolean    tern_server_store_is_signed_part (TernServer *self, const char *key,
                                              GHashTable *query, const char *date,
                                              const char *authorization);
char       *tern_server_store_build_policy (JsonObject *form, gint64 size, gint64 end_ms)
                                            G_GNUC_WARN_UNUSED_RESULT;
gboolean    tern_server_store_is_in_policy (const char *policy, GHashTable *fields);
GBytes     *tern_server_store_read_form   (const char *boundary, GBytes *body, GHashTable *fields)
                                           G_GNUC_WARN_UNUSED_RESULT;

/* A whole object at once, as if it had been uploaded. FALSE: the disk refused. */
gboolean    tern_server_store_put_bytes   (TernServer *self, const char *name,
                                           const char *content_type, GBytes *bytes);
void        tern_server_store_add_upload  (TernServer *self, const char *key, gint64 max_bytes);
void        tern_server_store_end_upload  (TernServer *self, const char *key);
void        tern_server_store_remove_ended (TernServer *self);
/* Makes content of what was put; answers why not, or %NULL. */
char       *tern_server_store_complete_single (TernServer *self, const char *key, const char *hash,
                                               gint64 size) G_GNUC_WARN_UNUSED_RESULT;
char       *tern_server_store_complete_parts (TernServer *self, const char *upload,
                                              const char *hash, const char * const *md5s)
                                              G_GNUC_WARN_UNUSED_RESULT;
/* Whether the content is a picture of a kind that the real server reads. */
gboolean    tern_server_store_is_picture  (TernServer *self, const char *hash);

/* --- what the state knows of it --- */
void        tern_server_state_put_object  (TernServerState *self, const char *name,
                                           const char *hash, const char *content_type);
TernServerObject *tern_server_state_find_object (TernServerState *self, const char *name);
void        tern_server_object_free       (TernServerObject *self);
gboolean    tern_server_state_has_content (TernServerState *self, const char *hash);
/* (nullable) */
char       *tern_server_state_dup_hash_of (TernServerState *self, const char *etag);
void        tern_server_state_put_content (TernServerState *self, const char *hash,
                                           const char *etag);
/* An upload: @key of a single put, or the random name of one of many parts. */
void        tern_server_state_add_upload  (TernServerState *self, const char *key,
                                           gint64 max_bytes);
/* -1: there is none */
gint64      tern_server_state_get_upload_max (TernServerState *self, const char *key);
void        tern_server_state_put_part    (TernServerState *self, const char *key, int number,
                                           const char *file, const char *md5, gint64 size);
/* FALSE: was not put */
gboolean    tern_server_state_find_part   (TernServerState *self, const char *key, int number,
                                           char **file, char **md5, gint64 *size);
/* Names of files that belong to nothing any more. */
char      **tern_server_state_end_upload  (TernServerState *self, const char *key)
                                           G_GNUC_WARN_UNUSED_RESULT;
char      **tern_server_state_list_expired_uploads (TernServerState *self)
                                           G_GNUC_WARN_UNUSED_RESULT;
gboolean    tern_server_state_has_file    (TernServerState *self, const char *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernServerObject, tern_server_object_free)

G_END_DECLS
