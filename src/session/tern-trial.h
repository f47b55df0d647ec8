/* tern-trial.h: "Try on this computer"
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Starts tern-local-server as a process of its own (127.0.0.1, free ports,
 * its own data folder, --seed-demo --gentle), waits for its ready line and
 * signs in. The process ends with this object, and with this program however
 * that ends (its stdin closes; PR_SET_PDEATHSIG). Main thread only.
 */

#pragma once

#include <gio/gio.h>

#include "tern-account.h"

G_BEGIN_DECLS

#define TERN_TYPE_TRIAL (tern_trial_get_type ())
G_DECLARE_FINAL_TYPE (TernTrial, tern_trial, TERN, TRIAL, GObject)

TernTrial   *tern_trial_new          (const char          *data_dir); /* (nullable) */
void         tern_trial_start_async  (TernTrial           *self,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data);
TernAccount *tern_trial_start_finish (TernTrial           *self,
                                      GAsyncResult        *result,
                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;
void         tern_trial_stop         (TernTrial           *self);

G_END_DECLS
