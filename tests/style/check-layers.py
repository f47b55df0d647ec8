#!/usr/bin/env python3
"""No #include points up or sideways: the table of src/README.md.

meson hands each layer only the include paths below it; this check says which
line is wrong, and watches the libraries too.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import re

import tap

LAYERS = {
    "base": "",
    "wire": "base",
    "store": "base",
    "net": "wire base",
    "sync": "store wire base",
    "model": "sync store wire base",
    "session": "model sync net store wire base",
    "ui": "session model base",
    "cli": "session model base",
    "server": "wire base",
}
# Who may know a library besides GLib and GIO.
LIBRARIES = {
    r"gtk/|gdk/|adwaita|graphene": "ui",
    r"libsoup/": "net session server",
    r"sqlite3": "store server",
    r"json-glib/": "wire net session cli server",
    r"protobuf-c|tern\.pb-c": "wire",
    r"libsecret/": "session",
}


def check():
    owners = {os.path.basename(name): name.split("/")[1]
              for name in tap.files(".h", under="src")}
    checks = {layer: [] for layer in LAYERS}
    for name in tap.files(".c", ".h", under="src"):
        layer = name.split("/")[1]
        allowed = LAYERS[layer].split() + [layer]
        for number, line in enumerate(tap.read(name).splitlines(), 1):
            match = re.match(r'#\s*include\s+[<"](.+)[>"]', line)
            if match is None:
                continue
            owner = owners.get(os.path.basename(match.group(1)), layer)
            wrong = owner not in allowed or any(
                re.match(pattern, match.group(1)) and layer not in users.split()
                for pattern, users in LIBRARIES.items())
            if wrong:
                checks[layer].append("%s:%d: %s" % (name, number, line))
    return checks


tap.report(check())
