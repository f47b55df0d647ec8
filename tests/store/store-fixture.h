/* store-fixture.h: a temporary folder with a database in it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "tern-store.h"

G_BEGIN_DECLS

#define SELF "self"
#define PEER "peer"
#define PAIR "si_peer_self"

typedef struct
{
  char        *folder;
  TernDb      *writer;
  TernDb      *reader;
  TernChanges *changes; /* of the transaction that is open, or was committed last */
} StoreFixture;

void               store_fixture_set_up    (StoreFixture  *self,
                                            gconstpointer  unused);
void               store_fixture_tear_down (StoreFixture  *self,
                                            gconstpointer  unused);
void               store_fixture_begin     (StoreFixture  *self);
void               store_fixture_commit    (StoreFixture  *self);
void               store_fixture_remove_folder (const char *folder);
/* A text message of a single or (conversation "sg_…") group chat. */
TernMessageRecord *store_message_new       (const char    *conversation_id,
                                            const char    *sender_id,
                                            const char    *client_id,
                                            gint64         seq,
                                            const char    *text);
char              *store_message_dup_text  (const TernMessageRecord *message);
/* Within a transaction: the message @seq comes withdrawn, if it is here. */
void               store_revoke            (TernDb        *db,
                                            TernChanges   *changes,
                                            const char    *conversation_id,
                                            gint64         seq,
                                            GBytes        *content);
/* Puts one message in a transaction of its own and frees it; its row's ID. */
gint64             store_fixture_put       (StoreFixture  *self,
                                            TernMessageRecord *message);

G_END_DECLS
