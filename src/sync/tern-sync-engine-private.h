/* tern-sync-engine-private.h: the state that the engine's files share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "tern-backoff.h"
#include "tern-channel.h"
#include "tern-clock.h"
#include "tern-db.h"
#include "tern-error.h"
#include "tern-frame.h"
#include "tern-store.h"
#include "tern-sync-bugs.h"
#include "tern-sync-engine.h"
#include "tern-sync-event.h"
#include "tern-sync-outbox.h"
#include "tern-sync-plan.h"
#include "tern-sync-requests.h"
#include "tern-wire.h"

G_BEGIN_DECLS

#define ALL_DATASETS \
  ((1 << TERN_DATASET_CONVERSATIONS) | (1 << TERN_DATASET_FRIENDS) | \
   (1 << TERN_DATASET_GROUPS) | (1 << TERN_DATASET_MEMBERS) | (1 << TERN_DATASET_SELF))

/* Somebody waits for seqs [first, last] to be on disk. */
typedef struct
{
  guint64  op;
  char    *conversation_id;
  gint64   first;
  gint64   last;
} TernSyncWaiter;

/* Why single messages are looked at: the type of an event, or: */
#define TERN_SYNC_LOOK_PLAIN 0 /* what there is, is stored */

typedef struct _TernSyncSource TernSyncSource;

typedef struct
{
  char           *conversation_id;
  gint64          seq;
  int             event_type;
  TernSyncSource *source; /* (nullable): the event that waits for this */
  guint           n_tries;
} TernSyncLook;

typedef enum
{
  TERN_SYNC_RUN_NONE,
  TERN_SYNC_RUN_SCREENFUL,
  TERN_SYNC_RUN_BACKFILL,
} TernSyncRun;

typedef struct
{
  char             *folder;
  char             *user_id;
  int               platform;
  TernFrameFormat   format;
  TernChannel      *inbox;
  TernChannel      *outbox;

  TernDb           *db;
  gboolean          is_in_transaction;
  gboolean          is_durable;    /* the next commit is to survive a power cut */
  guint             n_in_transaction;
  gboolean          is_checkpoint_due; /* a run is over */
  TernChanges      *changes;       /* of the open transaction */
  char             *ensured;       /* (nullable): the conversation last made sure of in it */
  GPtrArray        *notices;       /* (element-type TernSyncNotice): after the commit */
  GHashTable       *dirty_ranges;  /* (element-type utf8): conversations to save coverage of */
  GError           *fatal;         /* (nullable): ends the loop */

  TernSyncPlan     *plan;
  TernSyncRequests *requests;
  TernSyncOutbox   *unsent;
  GHashTable       *retries;       /* (element-type utf8): conversations to try again */
  GPtrArray        *looks;         /* (element-type TernSyncLook): to be asked for */
  GPtrArray        *late_looks;    /* (element-type TernSyncLook): at the next retry */
  GHashTable       *quotes;        /* (element-type utf8 Memory): see tern-sync-quotes.c */
  GPtrArray        *waiters;       /* (element-type TernSyncWaiter) */

  guint64           epoch;         /* 0: no line */
  TernSyncState     state;
  TernSyncRun       run;
  guint             n_done;        /* of the run, in messages */
  gboolean          has_newest;
  gboolean          has_read_seqs;
  gboolean          has_records;
  gboolean          is_planned;    /* bounds are known in this epoch */
  gboolean          is_current;    /* the newest of everything was pulled in this epoch */
  gboolean          is_complete;
  gboolean          is_bounds_dirty;
  gboolean          is_paused;     /* the backfill */
  gboolean          is_stale;      /* what is in memory could not be read anew */
  gboolean          is_stopping;
  gboolean          has_failed;    /* since the last retry */
  TernBackoff       backoff;       /* of what the server refuses */
  guint             pull_size;     /* messages to ask for at once: less when they are large */
  guint             pull_limit;    /* what it may grow to */
  gint64            newest_asked_us; /* when the newest seqs were asked for last */
  gint64            newest_us;     /* when those were asked for that are known; 0: none are */
  gint64            records_until_us; /* how long the plan waits for records */
  gint64            recheck_us;    /* when to ask the newest seqs and all records; 0: never */
  gint64            again_us;      /* when to ask the newest seqs that were refused; 0: never */
  gint64            retry_us;      /* when to try what was skipped again; 0: never */
  gint64            store_retry_us; /* the disk was full: leave it alone until then */
  gint64            told_us;       /* when wanted_datasets were told last */
  gint64            wanted_us;     /* when to tell of wanted_datasets; 0: nothing to tell */
  guint             wanted_datasets;
  GHashTable       *wanted_groups; /* (element-type utf8) */
} TernSyncEngine;

/* What a real server answers fastest (architecture section 5). */
#define TERN_SYNC_MESSAGES_PER_PULL 1000

/* How long answers are awaited. */
#define TERN_SYNC_ANSWER_TIMEOUT_MS 10000 /* protocol 01 section 5.7 */
#define TERN_SYNC_PULL_TIMEOUT_MS 30000

/* When something that did not work is tried again. */
#define TERN_SYNC_RETRY_MS 3000

/* --- engine: as tern_sync_engine_run() uses it, and tests do --- */

TernSyncEngine  *tern_sync_engine_new       (const TernSyncConfig *config);
void             tern_sync_engine_free      (TernSyncEngine *self);
gboolean         tern_sync_engine_open      (TernSyncEngine *self,
                                             GError        **error);
gboolean         tern_sync_engine_step      (TernSyncEngine *self,
                                             gint64          timeout_us);
gint64           tern_sync_engine_get_timeout (TernSyncEngine *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernSyncEngine, tern_sync_engine_free)

/* --- commit --- */

gint64           tern_sync_engine_now       (void);
gint64           tern_sync_engine_in_ms     (guint duration_ms);
gboolean         tern_sync_engine_begin     (TernSyncEngine *self,
                                             GError        **error);
gboolean         tern_sync_engine_commit    (TernSyncEngine *self,
                                             GError        **error);
TernSyncNotice  *tern_sync_engine_notice    (TernSyncEngine *self,
                                             TernSyncNoticeType type); /* (transfer none) */
void             tern_sync_engine_post      (TernSyncEngine *self);
void             tern_sync_engine_done      (TernSyncEngine *self,
                                             guint64         op,
                                             const char     *text,
                                             const GError   *error);
void             tern_sync_engine_set_state (TernSyncEngine *self,
                                             TernSyncState   state);
void             tern_sync_engine_cover     (TernSyncEngine *self,
                                             const char     *conversation_id,
                                             gint64          first,
                                             gint64          last);
void             tern_sync_engine_uncover   (TernSyncEngine *self,
                                             const char     *conversation_id,
                                             gint64          seq);

/* --- line --- */

void             tern_sync_line_transmit      (TernSyncEngine *self,
                                               gint32          id,
                                               const char     *tag,
                                               GBytes         *body);
TernSyncRequest *tern_sync_engine_request     (TernSyncEngine *self,
                                               gint32          id,
                                               guint           timeout_ms,
                                               GBytes         *body);
void             tern_sync_engine_ask_newest  (TernSyncEngine *self);
void             tern_sync_engine_want        (TernSyncEngine *self,
                                               guint           datasets,
                                               const char     *group_id);
void             tern_sync_line_tell_wanted   (TernSyncEngine *self);
void             tern_sync_line_open          (TernSyncEngine *self,
                                               TernSyncEvent  *event);
void             tern_sync_line_close         (TernSyncEngine *self,
                                               const GError   *reason);
void             tern_sync_line_check_kick    (TernSyncEngine *self,
                                               TernSyncEvent  *event);
gboolean         tern_sync_line_handle_frame  (TernSyncEngine *self,
                                               TernSyncEvent  *event,
                                               GError        **error);
void             tern_sync_line_recheck       (TernSyncEngine *self,
                                               gint64          now);
void             tern_sync_line_drop_requests (TernSyncEngine *self);
void             tern_sync_line_expire        (TernSyncEngine *self,
                                               gint64          now);

/* --- pull --- */

void             tern_sync_pull_begin_run     (TernSyncEngine *self,
                                               TernSyncRun     run,
                                               TernSyncReason  reason);
void             tern_sync_pull_fail_run      (TernSyncEngine *self,
                                               const GError   *error);
void             tern_sync_pull_set_complete  (TernSyncEngine *self,
                                               gboolean        is_complete);
gboolean         tern_sync_pull_load_bounds   (TernSyncEngine *self,
                                               GError        **error);
void             tern_sync_pull_want_uncertain (TernSyncEngine *self);
gboolean         tern_sync_pull_plan          (TernSyncEngine *self,
                                               gint64          now,
                                               GError        **error);
void             tern_sync_pull_pump          (TernSyncEngine *self);
void             tern_sync_pull_retry         (TernSyncEngine *self,
                                               gint64          now);
void             tern_sync_pull_skip          (TernSyncEngine *self,
                                               const char     *conversation_id,
                                               gint64          first,
                                               gint64          last);
void             tern_sync_pull_note_failed   (TernSyncEngine *self,
                                               const char     *conversation_id);
void             tern_sync_pull_end_ranges    (TernSyncEngine *self,
                                               const TernSyncRequest *request,
                                               gboolean        is_failed);
gboolean         tern_sync_pull_handle_answer (TernSyncEngine *self,
                                               const TernSyncRequest *request,
                                               const TernFrame *frame,
                                               GError        **error);

/* --- look --- */

GPtrArray       *tern_sync_look_queue_new     (void);
TernSyncSource  *tern_sync_look_source_new    (const char     *conversation_id,
                                               gint64          seq);
gboolean         tern_sync_look_source_begin  (TernSyncEngine *self,
                                               TernSyncSource *source); /* (transfer full) */
void             tern_sync_look_add           (TernSyncEngine *self,
                                               const char     *conversation_id,
                                               gint64          seq,
                                               int             event_type,
                                               TernSyncSource *source); /* (nullable) */
gboolean         tern_sync_look_add_kept      (TernSyncEngine *self,
                                               const char     *conversation_id,
                                               gint64          seq,
                                               GError        **error);
gboolean         tern_sync_look_load          (TernSyncEngine *self,
                                               GError        **error);
void             tern_sync_look_pump          (TernSyncEngine *self);
void             tern_sync_look_probe         (TernSyncEngine *self,
                                               GPtrArray      *ranges);
gboolean         tern_sync_look_handle_answer (TernSyncEngine *self,
                                               const TernSyncRequest *request,
                                               GPtrArray      *batches,
                                               GError        **error);
void             tern_sync_look_keep          (TernSyncEngine *self,
                                               GPtrArray      *looks);
void             tern_sync_look_retry         (TernSyncEngine *self);
void             tern_sync_look_fail          (TernSyncEngine *self,
                                               const TernSyncRequest *request);

/* --- send --- */

gboolean         tern_sync_send_pump          (TernSyncEngine *self,
                                               GError        **error);
gboolean         tern_sync_send_handle_answer (TernSyncEngine *self,
                                               const TernSyncRequest *request,
                                               const TernFrame *frame,
                                               GError        **error);
void             tern_sync_send_typing        (TernSyncEngine *self,
                                               TernMessageRecord *message);

/* --- ingest --- */

gboolean         tern_sync_ingest_push        (TernSyncEngine *self,
                                               GPtrArray      *batches,
                                               GError        **error);
gboolean         tern_sync_ingest_pull        (TernSyncEngine *self,
                                               GPtrArray      *batches,
                                               GPtrArray      *ranges,
                                               GError        **error);
gboolean         tern_sync_ingest_message     (TernSyncEngine *self,
                                               TernMessageRecord *message,
                                               gboolean       *is_open,
                                               GError        **error);

/* --- quotes --- */

GHashTable      *tern_sync_quotes_new         (void);
gboolean         tern_sync_quotes_check       (TernSyncEngine *self,
                                               TernMessageRecord *message,
                                               gboolean       *is_open,
                                               GError        **error);
gboolean         tern_sync_quotes_revoke      (TernSyncEngine *self,
                                               const TernMessageRecord *revoked,
                                               GError        **error);
gboolean         tern_sync_quotes_look_further (TernSyncEngine *self,
                                               const TernMessageRecord *gone,
                                               TernSyncSource *source,
                                               GError        **error);
gboolean         tern_sync_quotes_look        (TernSyncEngine *self,
                                               const char     *conversation_id,
                                               gint64          seq,
                                               TernSyncSource *source, /* (nullable) */
                                               GError        **error);

/* --- marks --- */

gboolean         tern_sync_marks_note_message (TernSyncEngine *self,
                                               const TernMessageRecord *message,
                                               GError        **error);
gboolean         tern_sync_marks_note_group   (TernSyncEngine *self,
                                               const TernGroupRecord *group,
                                               GError        **error);

/* --- commands --- */

gboolean         tern_sync_command_handle     (TernSyncEngine *self,
                                               TernSyncEvent  *event,
                                               GError        **error);
void             tern_sync_command_check_waiters (TernSyncEngine *self);
void             tern_sync_command_fail_waiters (TernSyncEngine *self,
                                               const GError   *error);

G_END_DECLS
