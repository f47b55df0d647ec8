/* tern-content.h: what is inside a message, once understood
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Made by wire (tern_content_parse() in tern-content-json.h), shown by ui,
 * worded by session. Everything in it came from a peer: text is never markup,
 * URLs are not to be trusted, numbers may be absurd.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  TERN_CONTENT_KIND_UNKNOWN, /* a type we do not know, or content that does not parse */
  TERN_CONTENT_KIND_TEXT,    /* text, at-text, markdown, advanced text */
  TERN_CONTENT_KIND_QUOTE,   /* text, with ->quote */
  TERN_CONTENT_KIND_PICTURE,
  TERN_CONTENT_KIND_VOICE,
  TERN_CONTENT_KIND_VIDEO,
  TERN_CONTENT_KIND_FILE,
  TERN_CONTENT_KIND_MERGED,
  TERN_CONTENT_KIND_CARD,
  TERN_CONTENT_KIND_LOCATION,
  TERN_CONTENT_KIND_CUSTOM,
  TERN_CONTENT_KIND_FACE,
  TERN_CONTENT_KIND_TYPING,
  TERN_CONTENT_KIND_NOTICE,  /* 1000 and above, except the next two */
  TERN_CONTENT_KIND_REVOKED,
  TERN_CONTENT_KIND_OFFICIAL,
} TernContentKind;

typedef struct
{
  char *id;   /* (nullable) */
  char *name; /* (nullable) */
} TernPerson;

/* Bytes of a text. */
typedef struct
{
  gsize start;
  gsize length;
} TernSpan;

typedef struct _TernContent TernContent;

/* One of those in a merged history. */
typedef struct
{
  char        *sender_name; /* (nullable) */
  gint64       sent_ms;     /* 0: not told */
  TernContent *content;
} TernMergedMessage;

/**
 * TernContent:
 * @type: the protocol's number
 * @text: (nullable): body, title, file name or place name, by kind
 * @at: (element-type TernPerson) (nullable): who is mentioned in a 106; the
 *   text names them as "@ID "
 * @is_at_all: the mention is of everybody
 * @quote: (nullable): the quoted content; @quote_sender names its sender
 * @messages: (element-type TernMergedMessage) (nullable): those of a 107, oldest
 *   first
 * @latitude: of a place; both 0: not told
 * @actor: who did what a notice tells of
 * @people: (element-type TernPerson) (nullable): whom it was done to
 * @value: a notice's number: seconds muted, 0/1 of a switch
 */
struct _TernContent
{
  TernContentKind  kind;
  int              type;
  char            *text;
  char            *url;        /* (nullable): original media */
  char            *thumb_url;  /* (nullable): smaller picture */
  char            *mime;       /* (nullable) */
  GPtrArray       *at;
  gboolean         is_at_all;
  TernContent     *quote;
  char            *quote_sender;    /* (nullable) */
  char            *quote_sender_id; /* (nullable) */
  char            *quote_client_id; /* (nullable) */
  gint64           quote_seq;
  GPtrArray       *lines;      /* (element-type utf8) (nullable): merged history's preview */
  GPtrArray       *messages;
  double           latitude;
  double           longitude;
  TernPerson       actor;
  GPtrArray       *people;
  gint64           size_bytes;
  gint64           value;
  int              width;
  int              height;
  int              duration_s;
};

TernPerson  *tern_person_new   (const char  *id,
                                const char  *name) G_GNUC_WARN_UNUSED_RESULT;
void         tern_person_free  (TernPerson  *self);
void         tern_merged_message_free (TernMergedMessage *self);
TernContent *tern_content_new  (TernContentKind kind,
                                int             type) G_GNUC_WARN_UNUSED_RESULT;
void         tern_content_free (TernContent *self);
/* The text with "@ID" as "@name". @mentions: (out) (optional) (transfer full)
 * (element-type TernSpan): where that is, from left to right. */
char        *tern_content_dup_words (const TernContent  *self,
                                     GArray            **mentions) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernPerson, tern_person_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernContent, tern_content_free)

G_END_DECLS
