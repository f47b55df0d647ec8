/* tern-sign-in-page.h: from an address to an account
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One page, top to bottom: the address, what was found there, who signs in.
 *
 *   back ()
 *   signed-in (gpointer account)   a TernAccount with its token, borrowed
 */

#pragma once

#include <adwaita.h>

#include "tern-account.h"

G_BEGIN_DECLS

#define TERN_TYPE_SIGN_IN_PAGE (tern_sign_in_page_get_type ())
G_DECLARE_FINAL_TYPE (TernSignInPage, tern_sign_in_page, TERN, SIGN_IN_PAGE, GtkWidget)

GtkWidget *tern_sign_in_page_new   (void);
/* @account: (nullable): whom to sign in again; @reason: (nullable): why */
void       tern_sign_in_page_reset (TernSignInPage    *self,
                                    const TernAccount *account,
                                    const char        *reason);

G_END_DECLS
