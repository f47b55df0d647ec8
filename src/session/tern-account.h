/* tern-account.h: who signs in where
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A plain, owned struct. The remembered accounts (never their tokens) are a
 * key file, accounts.ini, in the data folder.
 */

#pragma once

#include <glib.h>

#include "tern-servers.h"

G_BEGIN_DECLS

/**
 * TernAccount:
 * @identity: what the data folder is named by: the API address, or "trial"
 * @pinned_sha256: (nullable): a certificate that the person accepted
 */
typedef struct
{
  TernServers *servers;
  char        *identity;
  char        *user_id;
  char        *name;  /* as typed at sign-in, for the page; "" */
  char        *token; /* "": not known */
  char        *pinned_sha256;
  int          platform;
  gboolean     is_trial;
} TernAccount;

TernAccount *tern_account_new      (const TernServers *servers,
                                    const char        *user_id,
                                    const char        *token) G_GNUC_WARN_UNUSED_RESULT;
TernAccount *tern_account_copy     (const TernAccount *self) G_GNUC_WARN_UNUSED_RESULT;
void         tern_account_free     (TernAccount       *self);
/* $XDG_DATA_HOME/tern/<16 hex>, or below @data_dir */
char        *tern_account_dup_folder (const TernAccount *self,
                                    const char        *data_dir) G_GNUC_WARN_UNUSED_RESULT;
int          tern_account_lock     (const char        *folder,
                                    GError           **error) G_GNUC_WARN_UNUSED_RESULT;
/* @aside: (optional) (nullable): a list that could not be read is kept there */
GPtrArray   *tern_accounts_load    (const char        *data_dir,
                                    char             **aside)
                                    G_GNUC_WARN_UNUSED_RESULT; /* TernAccount, last used first */
gboolean     tern_accounts_save    (const char        *data_dir,
                                    const TernAccount *account,
                                    GError           **error);
gboolean     tern_accounts_forget  (const char        *data_dir,
                                    const TernAccount *account,
                                    GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TernAccount, tern_account_free)

G_END_DECLS
