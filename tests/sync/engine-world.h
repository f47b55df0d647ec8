/* engine-world.h: a server in this process, and an engine that talks to it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The server is a table of slots per conversation; what a person may see of it
 * is the whole of what the engine's store has to hold in the end. Between the
 * two is a wire that loses, doubles, delays and reorders; only the answers of
 * one line keep their order, as the server gives them one at a time. Time is not waited
 * for but skipped. One thread: the engine is stepped.
 */

#pragma once

#include "tern-sync-engine-private.h"

G_BEGIN_DECLS

#define SELF "me"

typedef struct
{
  TernMessageRecord *message; /* (nullable): a number that was never used, or erased */
  gboolean           is_deleted; /* for this person */
  guint              unreadable; /* so many more steps: counted, not yet to be read */
  gboolean           is_dropped; /* acknowledged and lost: only in the list of own ones */
} Slot;

typedef struct
{
  char      *id;
  GPtrArray *slots; /* (element-type Slot): seq = index + 1 */
  gint64     first;
  gint64     cap;   /* 0: none */
  gboolean   is_cleared; /* by somebody, for everybody: no record tells of it */
  gboolean   is_foreign; /* one of others, of which the server tells all the same */
  int        chat_type;
  char      *announcement; /* (nullable): what the group's record says */
  char      *announcer_id; /* (nullable) */
} Conversation;

typedef struct
{
  char              *folder;
  GRand             *rand;
  TernSyncEngine    *engine;
  TernChannel       *inbox;
  TernChannel       *outbox;
  TernDb            *reader;
  GPtrArray         *conversations; /* (element-type Conversation) */
  GPtrArray         *pushes;        /* (element-type GBytes): on the wire, in any order */
  GPtrArray         *answers;       /* (element-type GBytes): in the order of the requests */
  GPtrArray         *own;           /* (element-type Slot): what the person sent, in order */
  guint64            epoch;
  gboolean           is_rough;
  gboolean           is_up;
  gboolean           is_refusing;   /* to tell the newest numbers */
  guint              n_newest;      /* so often they were asked for */
  guint              n_wanted;      /* so often records were */
  guint              n_ids;
  guint64            last_op;
  guint              n_open;        /* commands without an answer */
  guint              n_refused;     /* commands that failed */
  guint              n_unsent;
  guint              max_answer;    /* messages; one with more is too large for a line; 0: none */
  gboolean           has_ended;     /* the last run, and well */
  gboolean           is_complete;
  TernSyncState      state;
} World;

World        *world_new           (guint32       seed);
void          world_free          (World        *world);
void          world_start         (World        *world);
void          world_crash         (World        *world);
void          world_connect       (World        *world);
void          world_cut           (World        *world);
void          world_step          (World        *world);
void          world_deliver_pushes (World       *world);
void          world_settle        (World        *world);
void          world_run_out       (World        *world);
Conversation *world_get           (World        *world,
                                   const char   *id);
void          world_peer_writes   (World        *world,
                                   Conversation *conversation);
void          world_peer_quotes   (World        *world,
                                   Conversation *conversation,
                                   int           type,
                                   const TernMessageRecord *quoted);
void          world_repeat        (World        *world,
                                   const Conversation *conversation);
void          world_person_writes (World        *world,
                                   Conversation *conversation);
void          world_person_reads  (World        *world,
                                   Conversation *conversation,
                                   gint64        seq);
void          world_notify        (World        *world,
                                   const char   *id,
                                   int           type,
                                   const char   *sender,
                                   char         *detail);
void          world_apply_records (World        *world);
gboolean      world_chance        (World        *world,
                                   int           percent);

G_END_DECLS
