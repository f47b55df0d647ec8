/* tern-media-private.h: what the files of the media share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "tern-media.h"

G_BEGIN_DECLS

const char *tern_media_get_folder (TernMedia *self);

G_END_DECLS
