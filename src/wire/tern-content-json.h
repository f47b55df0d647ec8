/* tern-content-json.h: message content, JSON to struct and back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure functions, any thread. protocol 03 sections 1.5 and 2.3. Parsing never
 * fails: what does not parse, is too deep or too large is
 * TERN_CONTENT_KIND_UNKNOWN (or a NOTICE without people).
 */

#pragma once

#include <glib.h>

#include "tern-content.h"
#include "tern-records.h"

G_BEGIN_DECLS

TernContent *tern_content_parse      (int         type,
                                      GBytes     *bytes) G_GNUC_WARN_UNUSED_RESULT;
GBytes      *tern_content_build_text (const char *text) G_GNUC_WARN_UNUSED_RESULT;
/* 106; @people: (element-type TernPerson); the ID "AtAllTag" is everybody;
 * @quoted: (nullable): what it replies to */
GBytes      *tern_content_build_at   (const char              *text,
                                      GPtrArray               *people,
                                      const TernMessageRecord *quoted) G_GNUC_WARN_UNUSED_RESULT;
/* 114 */
GBytes      *tern_content_build_quote (const char              *text,
                                       const TernMessageRecord *quoted) G_GNUC_WARN_UNUSED_RESULT;
/* 107; @lines: (element-type utf8); @messages: (element-type TernMessageRecord) */
GBytes      *tern_content_build_merged (const char *title,
                                        GPtrArray  *lines,
                                        GPtrArray  *messages) G_GNUC_WARN_UNUSED_RESULT;
/* NULL: @content quotes nothing, or says already that it was withdrawn */
GBytes      *tern_content_revoke_quote (GBytes *content) G_GNUC_WARN_UNUSED_RESULT;
gboolean     tern_content_equal_but_for_quote (GBytes *a,
                                               GBytes *b);
GBytes      *tern_content_build_typing (gboolean is_typing) G_GNUC_WARN_UNUSED_RESULT;

/* What a notification (an event in an n_ conversation, or a tip) is about. */
typedef struct
{
  int     type;
  char   *conversation_id; /* (nullable) */
  char  **conversation_ids; /* of a 1703 */
  char   *user_id;         /* (nullable): who read, revoked, deleted, left … */
  char   *group_id;        /* (nullable) */
  char   *client_id;       /* (nullable) */
  GArray *seqs;            /* (element-type gint64) */
  gint64  seq;             /* of a revoke */
  gint64  read_seq;        /* of a 2200 */
} TernEvent;

TernEvent   *tern_event_parse        (int         type,
                                      GBytes     *bytes) G_GNUC_WARN_UNUSED_RESULT;
void         tern_event_free         (TernEvent  *self);

/* The plain text that search and previews go by; "" when there is none. */
char        *tern_content_dup_text   (const TernContent *content) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernEvent, tern_event_free)

G_END_DECLS
