"""Runs the test functions of a program, or those that its arguments name; speaks TAP.

    tap.main(globals())      # every function called test_…, in the order of the file

SPDX-License-Identifier: GPL-3.0-or-later
"""
import sys
import traceback


def main(names):
    tests = [(name[5:], function) for name, function in names.items()
             if name.startswith("test_") and (len(sys.argv) == 1 or name[5:] in sys.argv[1:])]
    print(f"1..{len(tests)}")
    for number, (name, function) in enumerate(tests, 1):
        try:
            function()
            print(f"ok {number} - {name}", flush=True)
        except Exception:
            print("".join("# " + line for line in traceback.format_exc().splitlines(True)))
            print(f"not ok {number} - {name}", flush=True)
