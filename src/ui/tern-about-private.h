/* tern-about-private.h: what both implementations say
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "config.h"

#include <glib/gi18n.h>

/* Names and values, which AdwAboutWindow and AdwAboutDialog both have. */
#define TERN_ABOUT_PROPERTIES                                                                     \
  "application-name", _("Tern"),                                                                  \
  "application-icon", TERN_ICON,                                                                  \
  "version", TERN_VERSION,                                                                        \
  "developer-name", _("The Tern developers"),                                                     \
  "website", "https://github.com/tern-chat/tern",                                                 \
  "issue-url", "https://github.com/tern-chat/tern/issues",                                        \
  "license-type", GTK_LICENSE_GPL_3_0,                                                            \
  /* Translators: your names, one per line */                                                     \
  "translator-credits", _("translator-credits"),                                                  \
  NULL
