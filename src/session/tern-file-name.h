/* tern-file-name.h: files under names that came from peers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A peer says what its file is called; where it goes, what it replaces and how
 * its name reads is not the peer's to say. Any thread; saving blocks.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One part of a path, never hidden, never empty, never longer than a disk
 * takes; all of it is seen, and in the order it is in. @name: (nullable) */
char     *tern_file_name_sanitise (const char    *name,
                                   const char    *fallback) G_GNUC_WARN_UNUSED_RESULT;
/* Copies @source into @folder, which is made when it is not there; replaces
 * nothing: " (1)" is added. @name: sanitised. Returns the path. */
char     *tern_file_save          (const char    *source,
                                   const char    *folder,
                                   const char    *name,
                                   GCancellable  *cancellable,
                                   GError       **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
