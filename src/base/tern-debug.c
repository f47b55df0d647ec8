/* tern-debug.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-debug.h"

#include <sys/syscall.h>
#include <unistd.h>

/**
 * tern_is_main_thread:
 *
 * Thread: any.
 *
 * Returns: whether the caller is on the process's first thread, which is the
 *   one that iterates the default main context
 */
gboolean
tern_is_main_thread (void)
{
  return getpid () == (pid_t) syscall (SYS_gettid);
}
