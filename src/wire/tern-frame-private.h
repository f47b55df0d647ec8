/* tern-frame-private.h: the two encoders behind tern-frame.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "tern-frame.h"

G_BEGIN_DECLS

GBytes    *tern_frame_json_encode_request (const TernFrame *frame) G_GNUC_WARN_UNUSED_RESULT;
GBytes    *tern_frame_json_encode_reply   (const TernFrame *frame) G_GNUC_WARN_UNUSED_RESULT;
TernFrame *tern_frame_json_decode         (GBytes          *bytes,
                                           gboolean         is_request,
                                           GError         **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes    *tern_frame_gob_encode_request  (const TernFrame *frame) G_GNUC_WARN_UNUSED_RESULT;
GBytes    *tern_frame_gob_encode_reply    (const TernFrame *frame) G_GNUC_WARN_UNUSED_RESULT;
TernFrame *tern_frame_gob_decode          (GBytes          *bytes,
                                           gboolean         is_request,
                                           GError         **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
