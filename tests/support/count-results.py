#!/usr/bin/env python3
"""Counts what a meson test run did: prints "passed failed skipped".

Tests that speak TAP count by their subtests. A program that ended badly
without saying which subtest failed counts as one failure more. Why a subtest
failed goes to standard error: meson keeps what TAP says about it to itself.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import re
import sys


# The lines about a failure that are worth showing.
MAX_LINES = 40


def tell_why(name, lines):
    """Each failure, with what was said right after it."""
    left = 0
    for line in lines:
        if line.startswith(("not ok", "Bail out!")):
            if "# skip" in line.lower():
                continue
            left = MAX_LINES
            print("  %s: %s" % (name, line), file=sys.stderr)
        elif line.startswith("#") and left > 0:
            left -= 1
            print("    " + line, file=sys.stderr)
        else:
            left = 0


def main(path):
    passed = failed = skipped = 0
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            test = json.loads(line)
            result = test["result"]
            good = bad = left = 0
            lines = (test.get("stdout") or "").splitlines()
            if result not in ("OK", "SKIP", "EXPECTEDFAIL"):
                tell_why(test["name"], lines)
            for out in lines:
                match = re.match(r"(not )?ok\b(.*)", out)
                if match is None:
                    continue
                if re.search(r"#\s*skip", match.group(2), re.IGNORECASE):
                    left += 1
                elif match.group(1):
                    bad += 1
                else:
                    good += 1
            if result == "SKIP" and good + bad + left == 0:
                left = 1
            elif result == "OK" and good + bad + left == 0:
                good = 1
            elif result not in ("OK", "SKIP", "EXPECTEDFAIL") and bad == 0:
                bad = 1
            passed, failed, skipped = passed + good, failed + bad, skipped + left
    print(passed, failed, skipped)


main(sys.argv[1])
