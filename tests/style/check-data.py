#!/usr/bin/env python3
"""check-data.py BUILD: what other programs read is as they want it.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import re
import sys
import xml.etree.ElementTree

import tap

APP_ID = "io.github.tern_chat.Tern"
# What the sandbox is opened for, and nothing else.
FINISH_ARGS = {"--share=network", "--share=ipc", "--socket=wayland", "--socket=fallback-x11",
               "--device=dri", "--filesystem=xdg-download", "--talk-name=org.freedesktop.secrets"}


def check_xml():
    complaints = []
    for name in tap.files(".ui", ".svg", ".xml", ".xml.in"):
        try:
            xml.etree.ElementTree.fromstring(tap.read(name))
        except xml.etree.ElementTree.ParseError as error:
            complaints.append("%s: %s" % (name, error))
    return complaints


def check_ui():
    complaints = []
    for name in tap.files(".ui", under="data") + tap.files(".ui", under="src"):
        complaints += tap.run("tests/support/headless", "gtk4-builder-tool", "validate", name)
    return complaints


def check_resources():
    """What is named in the bundle is there, and every drawing is named."""
    text = tap.read("data/tern.gresource.xml")
    named = set(re.findall(r">([^<>\s]+)</file>", text))
    there = {name[len("data/"):] for name in tap.files(".svg", ".ui", ".css", under="data")
             if not name.startswith("data/screenshots")}
    there -= {name for name in there if name.startswith("icons/hicolor")} - named
    return ["%s is only in one place" % name for name in sorted(named ^ there)]


def check_manifest():
    manifest = json.loads(tap.read("flatpak/%s.json" % APP_ID))
    complaints = []
    if manifest.get("id") != APP_ID or manifest.get("command") != "tern":
        complaints.append("the id or the command is not ours")
    for argument in set(manifest.get("finish-args", [])) - FINISH_ARGS:
        complaints.append(argument + " opens the sandbox further than it has to")
    for module in manifest["modules"]:
        for source in module["sources"]:
            if source["type"] == "archive" and len(source.get("sha256", "")) != 64:
                complaints.append("%s: an archive without a checksum" % module["name"])
    return complaints


def main(build):
    data = build + "/data/" + APP_ID
    tap.report({
        "XML": check_xml(),
        "user interface files": check_ui(),
        "resources": check_resources(),
        "desktop file": tap.run("desktop-file-validate", data + ".desktop"),
        "metainfo": tap.run("appstreamcli", "validate", "--no-net", data + ".metainfo.xml"),
        "settings": tap.run("glib-compile-schemas", "--strict", "--dry-run", "data"),
        "Flatpak manifest": check_manifest(),
    })


main(sys.argv[1])
