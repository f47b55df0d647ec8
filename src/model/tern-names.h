/* tern-names.h: who a user ID is, remembered for one list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Only for src/model. Shared by a list and its items; main thread only. By protocol 03
 * section 4.4: what the friend and member tables say goes before what a
 * message says of its sender.
 */

#pragma once

#include <glib.h>

#include "tern-db.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;     /* "": not known */
  char *face_url; /* "": not known */
} TernName;

typedef struct _TernNames TernNames;

/* @reader: (nullable): borrowed until tern_names_detach() */
TernNames      *tern_names_new    (TernDb     *reader) G_GNUC_WARN_UNUSED_RESULT;
TernNames      *tern_names_ref    (TernNames  *self) G_GNUC_WARN_UNUSED_RESULT;
void            tern_names_unref  (TernNames  *self);
TernDb         *tern_names_get_reader (TernNames *self); /* (nullable): detached */
void            tern_names_detach (TernNames  *self);
void            tern_names_forget (TernNames  *self);
/* @group_id: "" outside of groups. (transfer none), until the next forget */
const TernName *tern_names_find   (TernNames  *self,
                                   const char *group_id,
                                   const char *user_id);

G_END_DECLS
