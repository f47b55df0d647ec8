/* leaks.h: what LeakSanitizer is not to look at
 *
 * Libraries lose memory too. The fast unwinder ends inside them, so that no
 * suppression can name them: those allocations are made between these two.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#ifdef __SANITIZE_ADDRESS__
# include <sanitizer/lsan_interface.h>
#else
# define __lsan_disable()
# define __lsan_enable()
#endif

/* The server of libsoup 3.2 loses the socket of each connection: no leak of a
 * program with one is told. */
#define LEAKS_OF_SOUP_SERVER                                                                      \
  int __lsan_is_turned_off (void);                                                                \
  int __lsan_is_turned_off (void)                                                                 \
  {                                                                                               \
    return 1;                                                                                     \
  }
