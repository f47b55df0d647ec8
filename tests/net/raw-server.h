/* raw-server.h: a server that does with a connection what a test says
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread of its own accepts one connection after the other and hands each to
 * the test's function, with blocking streams. What the function writes to
 * somebody who has gone is lost without an error.
 */

#pragma once

#include <gio/gio.h>

typedef struct
{
  GIOStream     *stream;
  GInputStream  *input;
  GOutputStream *output;
  GCancellable  *cancellable; /* once the test is over */
  guint          n;       /* 1 for the first connection */
  char          *request; /* the head of the HTTP request, once it was read */
} RawPeer;

typedef void (*RawFunc) (RawPeer  *peer,
                         gpointer  user_data);

typedef struct _RawServer RawServer;

RawServer *raw_server_new          (RawFunc          func,
                                    gpointer         user_data);
RawServer *raw_server_new_tls      (GTlsCertificate *certificate,
                                    RawFunc          func,
                                    gpointer         user_data);
guint16    raw_server_get_port     (RawServer       *self);
guint      raw_server_get_n        (RawServer       *self); /* connections so far */
gboolean   raw_server_is_over      (RawServer       *self); /* the test is: functions return */
void       raw_server_free         (RawServer       *self);

/* FALSE: the other side has gone. */
gboolean   raw_peer_read_request   (RawPeer         *self);
gboolean   raw_peer_write          (RawPeer         *self,
                                    gconstpointer    data,
                                    gsize            size);
void       raw_peer_answer         (RawPeer         *self,
                                    const char      *status,
                                    const char      *body);
/* Reads the request, upgrades, says that all is well. */
gboolean   raw_peer_greet          (RawPeer         *self);
gboolean   raw_peer_upgrade        (RawPeer         *self);
gboolean   raw_peer_write_frame    (RawPeer         *self,
                                    guint8           first_byte,
                                    gconstpointer    data,
                                    gsize            size);
/* (transfer full) (nullable): the payload of the next frame */
GBytes    *raw_peer_read_frame     (RawPeer         *self,
                                    guint8          *opcode);
/* Until the other side has gone. */
void       raw_peer_drain          (RawPeer         *self);
