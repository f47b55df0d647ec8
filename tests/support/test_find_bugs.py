#!/usr/bin/env python3
"""find-bugs takes only the right failure for a find.

Argument: find-bugs. Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import subprocess
import sys
import tempfile

LOST = "Bail out! ERROR:test-engine.c:1:check: 'g_hash_table_contains (by_seq, key)' is FALSE"
OTHER = "Bail out! ERROR:test-engine.c:1:check: assertion failed (a == b)"
# Each: what a program does with a mistake, what without one, and what is to come of it.
CASES = {
    "the right failure": (f"echo {LOST!r}; exit 1", "exit 0", ["ok", "ok"]),
    "another failure": (f"echo {OTHER!r}; exit 1", "exit 0", ["ok", "not ok"]),
    "no failure": ("echo ok 1; exit 0", "exit 0", ["ok", "not ok"]),
    "a failure without a word": ("exit 1", "exit 0", ["ok", "not ok"]),
    "no end": (f"echo {LOST!r}; sleep 1000 & wait", "exit 0", ["ok", "not ok"]),
    "a failure without a mistake": (f"echo {LOST!r}; exit 1", "echo 'Bail out! x'; exit 1",
                                    ["not ok", "ok"]),
}


def check(with_bug, without, expected):
    """The outcome for no mistake and for mistake 1, and that nothing stays of a find."""
    script = f'touch "$TMPDIR/left"; if [ "$TERN_BUG" = 0 ]; then {without}; fi; {with_bug}'
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.argv[1], "1", "1", "sh", "-c", script], stdout=subprocess.PIPE, text=True,
            timeout=120, check=False,
            env=dict(os.environ, TERN_FIND_DEADLINE_S="2", TERN_TEST_SLOW="1", TMPDIR=folder))
        lines = done.stdout.splitlines()
        got = [line.split(" - ")[0].rstrip("0123456789 ") for line in lines
               if line.startswith(("ok", "not ok"))]
        assert got == expected, lines
        assert (done.returncode == 0) == (expected == ["ok", "ok"]), done.returncode
        assert len(os.listdir(folder)) == expected.count("not ok"), os.listdir(folder)


def main():
    print(f"1..{len(CASES)}")
    n_failed = 0
    for number, (name, case) in enumerate(CASES.items(), 1):
        try:
            check(*case)
            print(f"ok {number} - {name}", flush=True)
        except AssertionError as error:
            n_failed += 1
            print(f"not ok {number} - {name}\n# {error}", flush=True)
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
