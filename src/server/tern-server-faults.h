/* tern-server-faults.h: what goes wrong, on demand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Only with --enable-faults SEED, and only for who knows the secret of the
 * ready line: POST to /tern/faults on the API's port
 *
 *   { "secret": "…",
 *     "clear": true,                     first forget all: rules, counts, the log
 *     "rules": [ { "fault": "drop", "on": "push", … } ],
 *     "now": { "fault": "kick", "user": "u1", "platform": 7 },
 *     "since": 12 }
 *
 * every member but the secret optional. The answer's data: "rules", the
 * numbers of those that were added; "seed"; "log", all that was done after
 * number "since", each { number, rule, fault, on, user, platform, id,
 * conversation, path }. The log also goes to standard error, a line each. When
 * one rule is none (1001), nothing of all that is done.
 *
 * A rule, with its defaults:
 *
 *   fault         what is done, below
 *   on            handshake; request, answer, push or pull of the long
 *                 connection; call or reply of REST (both servers; not of
 *                 stored files, nor of this route)
 *   user          of this person only ("": anybody), and
 *   platform      of this platform only (0: any); a call has those of its token
 *   id            only with this reqIdentifier (0: any)
 *   conversation  only of this conversation ("": any); on push and pull
 *   path          only of this path ("": any); on call and reply
 *   skip          so many that fit are let pass first (0)
 *   count         so many times at most (1; 0: for ever)
 *   percent       so many of 100, by the seed (100)
 *   ms            how long (1000)
 *   code, text    of an error or a refusal (500, what belongs to the code)
 *   status        HTTP status of a refusal, or of an error of a call, that is
 *                 none of the protocol's (0)
 *
 * The first rule that fits is applied, no other. Skip, count and percent are of
 * each device by itself, a person on a platform, also when the rule names none:
 * in which order two devices come is chance. Whether a rule is applied to the
 * k-th thing that fits of a device depends on the seed, the rule's number, the
 * device and k, on nothing else: same client, same faults. Numbers begin with
 * 1, after a clear again: it makes a server as good as new, and what is done
 * then is a replay of what was done first. (A log that was read up to "since"
 * is read from 0 then.)
 *
 *   fault      on                    what happens
 *   drop       request               not even looked at
 *              answer, push          lost on the way
 *              call                  not done; the connection ends without an answer
 *              reply                 done; the same
 *   duplicate  answer, push          comes twice
 *   delay      answer, push          comes ms later, and so does all behind it
 *              reply                 comes ms later
 *   late       answer, push          comes ms later, overtaken by all behind it
 *   swap       answer, push          comes after the one behind it (or ms later)
 *   cut        answer, push          the connection ends in the middle of it
 *   error      request, call         answered with code and text, and not done
 *              answer, reply         done, and answered with code and text
 *   refuse     handshake             with code and text, or with an HTTP status
 *   leave-out  pull                  the conversation is not in the answer
 *   kick       request, answer, push, now   frame 2002, then the end
 *   end        request, answer, push, now   the end, without a word
 *   expire     request, answer, push, now   the person's tokens are over (1501), of both
 *                                    servers or of the platform that the rule names; but
 *                                    not those that were kicked before. The connection is
 *                                    not over, as in the real server. Now also of
 *                                    somebody who is not connected
 *   forget     request, answer, push, now   stays open, but nothing comes any more,
 *                                    no answer, push or pong, and no end
 *
 *   stall      now                   for ms what is accepted is neither stored nor handed
 *                                    on (ms 0: an end of that)
 *
 * What kick, end, expire and forget were applied to is itself neither handled
 * nor sent, except that of expire. What is delayed or swapped while another is
 * held back keeps its place behind it, and waits its own ms besides. When the
 * connection is to end, what is held back leaves before, unless what came was no
 * frame: then it is lost, as what is late is at any end.
 */

#pragma once

#include "tern-server-gateway.h"

G_BEGIN_DECLS

typedef enum
{
  TERN_FAULT_ON_HANDSHAKE,
  TERN_FAULT_ON_REQUEST,
  TERN_FAULT_ON_ANSWER,
  TERN_FAULT_ON_PUSH,
  TERN_FAULT_ON_PULL,
  TERN_FAULT_ON_CALL,
  TERN_FAULT_ON_REPLY,
  TERN_FAULT_ON_NOW,
} TernFaultPoint;

/* One frame as it goes to connections of each format; made when needed. */
typedef struct
{
  GBytes *frames[4];
} TernServerEncoded;

void     tern_server_faults_attach       (TernServer *self, guint64 seed);
void     tern_server_faults_free         (TernServerFaults *self);
/* FALSE: the handshake is refused so. */
gboolean tern_server_faults_allow        (TernServer *self, const TernServerHello *hello,
                                          TernServerRefusal *refusal, int *status);
/* TRUE: nothing more is to be done about it. */
gboolean tern_server_faults_take_request (TernServerConnection *self, const TernFrame *request);
gboolean tern_server_faults_leave_out    (TernServerConnection *self, const char *conversation_id);
/* Every envelope leaves through here. @conversation_id: (nullable);
 * @encoded: (nullable): for one that goes to many */
void     tern_server_faults_send         (TernServerConnection *self, TernFaultPoint point,
                                          const TernFrame *frame, const char *conversation_id,
                                          TernServerEncoded *encoded);
void     tern_server_encoded_clear       (TernServerEncoded *self);
/* TRUE: @call holds the answer. */
gboolean tern_server_faults_spoil_call   (TernServerCall *call, SoupServerMessage *message,
                                          TernFaultPoint point, const char *path);

G_END_DECLS
