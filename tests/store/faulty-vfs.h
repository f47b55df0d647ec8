/* faulty-vfs.h: the default VFS of SQLite, with writes that can fail
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Makes it the default one of this process. */
void     faulty_vfs_install       (void);
/* The @n-th write, truncation or sync from now on answers @result, and with
 * @is_lasting so do all after it. 0: none. */
void     faulty_vfs_arm           (guint    n,
                                   int      result,
                                   gboolean is_lasting);
/* Whether it came to that. */
gboolean faulty_vfs_has_failed    (void);

G_END_DECLS
