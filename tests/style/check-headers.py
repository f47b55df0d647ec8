#!/usr/bin/env python3
"""check-headers.py BUILD: every header compiles alone, with the paths of its layer.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys

import tap


def commands(build):
    """Layer → how the file that may see most is compiled, without the file."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    found = {}
    for entry in entries:
        name = os.path.relpath(os.path.join(entry["directory"], entry["file"]), tap.ROOT)
        if not name.startswith("src/") or not name.endswith(".c") or "main" in name:
            continue
        words = [word for word in shlex.split(entry["command"]) if word != "ccache"]
        end = words.index("-MD")
        layer = name.split("/")[1]
        found[layer] = max(found.get(layer, []), words[:end], key=len)
    return found


def compile_alone(header, command, build):
    words = command + ["-fsyntax-only", "-O0", "-include", "config.h", "-x", "c", "-"]
    include = '#include "%s"\n' % os.path.join(tap.ROOT, header)
    done = subprocess.run(words, input=include, cwd=build, capture_output=True, text=True,
                          check=False)
    return [] if done.returncode == 0 else [header + ":"] + done.stderr.splitlines()


def main(build):
    found = commands(build)
    headers = tap.files(".h", under="src")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(
            lambda header: compile_alone(header, found[header.split("/")[1]], build), headers))
    checks = {layer: [] for layer in sorted({header.split("/")[1] for header in headers})}
    for header, lines in zip(headers, results):
        checks[header.split("/")[1]] += lines
    tap.report(checks)


main(sys.argv[1])
