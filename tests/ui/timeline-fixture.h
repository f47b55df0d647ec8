/* timeline-fixture.h: the real timeline, rows and store in a window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages are put into SQLite as the sync worker would, and told of in its
 * name. What is on the screen is read from the widgets alone.
 */

#pragma once

#include <adwaita.h>

#include "store-fixture.h"
#include "tern-message-list.h"
#include "tern-session.h"
#include "tern-sync-worker.h"
#include "tern-timeline-view.h"
#include "tern-timeline.h"

G_BEGIN_DECLS

#define CHAT "sg_hikers"
/* Of the picture with that seq; nobody answers there. */
#define TIMELINE_PICTURE_URL "http://127.0.0.1:9/%" G_GINT64_FORMAT

typedef struct
{
  TernMessage *message; /* (borrowed) */
  double       top;
  double       bottom;
} ShownRow;

typedef struct
{
  StoreFixture      store;
  char             *session_folder;
  TernSession      *session;
  TernSyncWorker   *worker; /* never run: only its name is used */
  TernMessageList  *list;
  GtkWidget        *window;
  GtkWidget        *bin;    /* gives the timeline the size that the test says */
  TernTimeline     *timeline;
  TernTimelineView *view;
  GtkScrolledWindow *scrolled;
  GtkAdjustment    *adjustment;
  gint64            max_seq;
  guint             n_frames;
  gboolean          is_group;
} TimelineFixture;

/* @n: seqs; every tenth is a gap */
void    timeline_fixture_set_up    (TimelineFixture *self,
                                    gint64           n);
void    timeline_fixture_tear_down (TimelineFixture *self);
void    timeline_fixture_resize    (TimelineFixture *self,
                                    int              width,
                                    int              height);
/* Waits for a painted frame. */
void    timeline_fixture_frame     (TimelineFixture *self);
/* The layout of a frame, at once and without painting. */
void    timeline_fixture_layout    (TimelineFixture *self);
/* What is in view or near it, from above. */
GArray *timeline_fixture_rows      (TimelineFixture *self);
gboolean timeline_fixture_find     (TimelineFixture *self,
                                    gint64           seq,
                                    ShownRow        *row);
int     timeline_fixture_height    (TimelineFixture *self);

void    timeline_fixture_append    (TimelineFixture *self,
                                    guint            n);
/* One of another kind, from somebody else. */
void    timeline_fixture_append_content (TimelineFixture *self,
                                         int              type,
                                         const char      *json);
/* Gives the message other words. */
void    timeline_fixture_rewrite   (TimelineFixture *self,
                                    gint64           seq,
                                    const char      *text);
void    timeline_fixture_delete    (TimelineFixture *self,
                                    gint64           seq);

G_END_DECLS
