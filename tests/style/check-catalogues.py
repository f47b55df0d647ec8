#!/usr/bin/env python3
"""Every string of the source is in every catalogue, translated. po/update helps.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import re
import tempfile

import tap


def check_files():
    """POTFILES.in names the files that have something to translate, and no other."""
    listed = set(tap.read("po/POTFILES.in").split())
    marked = {name for name in tap.files(".c", ".h", under="src")
              if re.search(r'(?<!\w)(_|N_|C_|NC_) ?\("|g_dngettext \(', tap.read(name))}
    marked |= {name for name in tap.files(".ui", ".in")
               if 'translatable="yes"' in tap.read(name) or name.endswith((".desktop.in",
                                                                          ".metainfo.xml.in"))}
    return (["%s is not in POTFILES.in" % name for name in sorted(marked - listed)] +
            ["%s has nothing to translate" % name for name in sorted(listed - marked)])


def check_catalogue(language, template):
    catalogue = "po/%s.po" % language
    complaints = tap.run("msgfmt", "--check", "-o", "/dev/null", catalogue)
    # What is missing, untranslated or fuzzy.
    complaints += tap.run("msgcmp", catalogue, template)
    return complaints + ["po/update fetches the strings"] if complaints else []


def main():
    checks = {"POTFILES": check_files()}
    with tempfile.TemporaryDirectory() as folder:
        template = os.path.join(folder, "tern.pot")
        checks["extraction"] = tap.run("po/extract", template)
        for language in tap.read("po/LINGUAS").split():
            checks[language] = check_catalogue(language, template)
    tap.report(checks)


main()
