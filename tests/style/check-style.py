#!/usr/bin/env python3
"""The rules of the house that a program can see.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import re

import tap

MAX_COLUMNS = 100
MAX_LINES = 800
MAX_FUNCTION_LINES = 80

SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"
ABORT = "abort on input; a GError says it"
# Rules for lines of C: pattern → why not. Strings and comments are taken out first.
LINES = {
    r"\bgoto\b": "goto",
    r"\bg_error \(|\babort \(": ABORT,
    r"\bGMutex\b|\bg_mutex_|\bGRecMutex\b|\bpthread_mutex": "a lock outside TernChannel",
    r"\b(strcpy|strcat|sprintf|gets|g_sprintf) \(": "unbounded copy",
    r"\bg_print \(|\bprintf \(": "print outside cli",
    r"^ *(else )?(if|for|while|switch)\(": "no space before (",
    r"\)\s*\{\s*$": "brace on the line of its head",
}
ALLOWED = {
    ("src/base/tern-channel.c", "a lock outside TernChannel"),
    ("src/server/tern-server-main.c", "print outside cli"),
    ("src/ui/tern-application.c", "print outside cli"), # --version
}


def strip(text):
    """C without what is in strings and comments; lines stay where they are."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0)) if match.group(0)[0] == "/" else '""'

    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text,
                  flags=re.DOTALL)


def functions(text):
    """(name, first line, number of lines) of every function."""
    start = name = None
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r"(\w+) \(", line)
        if match:
            name = match.group(1)
        if line == "{":
            start = number
        elif line == "}" and start is not None and name is not None:
            yield name, start, number - start + 1
            start = name = None


def check_c(name, text, complain):
    plain = strip(text)
    for number, line in enumerate(plain.splitlines(), 1):
        for pattern, why in LINES.items():
            if not name.startswith("src/") and why in ("print outside cli", ABORT):
                continue
            if why == "print outside cli" and name.startswith("src/cli/"):
                continue
            if re.search(pattern, line) and (name, why) not in ALLOWED:
                complain("C", name, number, why)
    for function, number, length in functions(plain):
        if length > MAX_FUNCTION_LINES:
            complain("function length", name, number, "%s has %d lines" % (function, length))
    if name.endswith(".h") and "#pragma once" not in text:
        complain("C", name, 1, "no #pragma once")
    if name.startswith("src/") and name.endswith(".c") and '#include "config.h"' not in text:
        complain("C", name, 1, 'no #include "config.h"')


def check():
    checks = {key: [] for key in ("licence", "line length", "white space", "file length",
                                  "function length", "C", "leftovers")}

    def complain(key, name, number, why):
        checks[key].append("%s:%d: %s" % (name, number, why))

    for name in tap.files(".c", ".h", ".py", ".ui", ".css", ".sql", ".build", "dev", ".proto"):
        text = tap.read(name)
        lines = text.splitlines()
        is_c = name.endswith((".c", ".h"))
        if name.endswith((".c", ".h", ".py")) and SPDX not in text[:1500]:
            complain("licence", name, 1, "no SPDX line")
        for number, line in enumerate(lines, 1):
            if len(line) > MAX_COLUMNS and name.endswith((".c", ".h", ".py")):
                complain("line length", name, number, "%d columns" % len(line))
            if line != line.rstrip() or "\t" in line:
                complain("white space", name, number, "tab or space at the end")
            if re.search(r"\b(TODO|FIXME|XXX)\b", line) and not name.endswith("check-style.py"):
                complain("leftovers", name, number, line.strip())
        if not text.endswith("\n") or text.endswith("\n\n"):
            complain("white space", name, len(lines), "the file ends badly")
        if len(lines) > MAX_LINES:
            complain("file length", name, len(lines), "more than %d lines" % MAX_LINES)
        if is_c:
            check_c(name, text, complain)
    return checks


tap.report(check())
