/* worker-world.h: the worker, and the gateway that it talks to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The gateway is a model in this process: it answers frames built with the
 * wire encoders. At the end the store holds what the model holds.
 */

#pragma once

#include "tern-sync-worker.h"
#include "tern-wire.h"

G_BEGIN_DECLS

#define SELF "me"
#define N_PEERS 4

typedef struct
{
  TernSyncWorker *worker;
  char           *folder;
  GRand          *rand;
  GHashTable     *conversations; /* ID → GPtrArray of TernMessageRecord, seq = index + 1 */
  guint64         epoch;
  guint64         heard_epoch; /* of the last frame that the worker sent */
  guint           n_client_ids;
  gboolean        is_rough; /* loses, doubles, delays */
  gboolean        is_refusing; /* what is sent */
  gboolean        is_over;
  guint           n_begun;
  guint           n_closed;
  guint           n_failed;
  gint64          last_done;
  GError         *lost;
} World;

World    *world_new               (gboolean         is_rough);
void      world_free              (World           *world);
void      world_start             (World           *world);
void      world_stop              (World           *world);
void      world_connect_line      (World           *world);
void      world_cut_line          (World           *world);
/* The worker's thread has ended. */
void      world_over_cb           (GObject         *object,
                                   GAsyncResult    *result,
                                   gpointer         user_data);
void      world_deliver           (World           *world,
                                   const TernFrame *frame);
void      world_receive_from_peer (World           *world,
                                   guint            peer);
/* Adds to @n_done once the worker has answered. */
void      world_send_to_peer      (World           *world,
                                   guint            peer,
                                   guint           *n_done);
void      world_run_until         (World           *world,
                                   gboolean       (*is_done) (World *world));
gboolean  world_is_settled        (World           *world);
void      world_assert_same       (World           *world);
char     *world_peer_conversation (guint            peer);

G_END_DECLS
