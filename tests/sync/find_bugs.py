#!/usr/bin/env python3
"""Each mistake of tern-sync-bugs.h is found by the random runs.

Argument: test-engine, built with the mistakes. Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import subprocess
import sys

N_BUGS = 5
MAX_RUNS = 200


def main():
    print(f"1..{N_BUGS}")
    is_all_found = True
    for bug in range(1, N_BUGS + 1):
        done = subprocess.run(
            [sys.argv[1]], capture_output=True, text=True, timeout=250, check=False,
            env=dict(os.environ, TERN_BUG=str(bug), TERN_TEST_RUNS=str(MAX_RUNS)))
        seeds = [line for line in done.stdout.splitlines() if line.startswith("# seed ")]
        reason = [line for line in done.stdout.splitlines() if line.startswith("Bail out!")]
        is_found = done.returncode != 0 and len(reason) == 1
        is_all_found = is_all_found and is_found
        print(f"{'ok' if is_found else 'not ok'} {bug} - mistake {bug}")
        print(f"# after {len(seeds)} runs: {reason[0] if reason else 'not noticed'}", flush=True)
    return 0 if is_all_found else 1


if __name__ == "__main__":
    sys.exit(main())
