/* test-support.h: what many tests need
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>
#include <glib/gstdio.h>

static inline gboolean
test_tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Runs the main loop until @condition holds, looking often; fails when it does
 * not within @seconds. */
#define test_wait_for(condition, seconds)                                                         \
  G_STMT_START                                                                                    \
  {                                                                                               \
    gint64 end_us = g_get_monotonic_time () + (seconds) * G_USEC_PER_SEC;                         \
    guint tick = g_timeout_add (10, test_tick_cb, NULL);                                          \
    while (!(condition))                                                                          \
      {                                                                                           \
        g_assert_cmpint (g_get_monotonic_time (), <, end_us);                                     \
        g_main_context_iteration (NULL, TRUE);                                                    \
      }                                                                                           \
    g_source_remove (tick);                                                                       \
  }                                                                                               \
  G_STMT_END

static inline void
test_remove_tree (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      test_remove_tree (child);
    }
  g_remove (path);
}

/* A handler for what a library logs and no test is about. */
static inline void
test_drop_log (const char     *domain,
               GLogLevelFlags  level,
               const char     *text,
               gpointer        unused)
{
}
