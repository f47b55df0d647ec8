/* golden-bodies.h: protobuf bodies as the JSON of the recordings
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each body is decoded by the function that the product uses, written down
 * under the recorded names, and encoded again.
 */

#pragma once

#include <json-glib/json-glib.h>

JsonObject *golden_decode_body (const char *type,
                                GBytes     *body,
                                GBytes    **again);
