/* tern-debug.h: checks and log helpers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Complains, once per call site, when the caller is not on the thread that
 * iterates the default main context. */
#define tern_assert_main_thread() g_return_if_fail (tern_is_main_thread ())

gboolean tern_is_main_thread (void);

G_END_DECLS
