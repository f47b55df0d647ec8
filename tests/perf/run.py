#!/usr/bin/env python3
"""run.py BUILD RUNS: runs every benchmark RUNS times and prints medians.

Benchmark programs print lines "name: value unit".

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
RUNS = int(sys.argv[2])
HERE = os.path.dirname(os.path.abspath(__file__))
N_MESSAGES, N_CONVERSATIONS = 20000, 60


def run_program(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, **more)
    for line in done.stdout.splitlines():
        match = re.match(r"(.+?):\s+([\d.]+) ([^,(]+)", line)
        if match is not None:
            yield " ".join(match.group(1).split()), float(match.group(2)), match.group(3).strip()


def run_first_sync():
    """tern-cli from an empty folder, tern-local-server beside it."""
    server = subprocess.Popen(
        [BUILD + "/src/server/tern-local-server", "--seed-messages", str(N_MESSAGES),
         "--seed-conversations", str(N_CONVERSATIONS)], stdout=subprocess.PIPE, text=True)
    folder = tempfile.mkdtemp(prefix="tern-bench-")
    try:
        ready = json.loads(server.stdout.readline())
        read_end, write_end = os.pipe()
        os.write(write_end, b"tern\n")
        os.close(write_end)
        begun = time.monotonic()
        client = subprocess.Popen(
            [BUILD + "/src/cli/tern-cli", "--data", folder, "--api", ready["api"], "--ws",
             ready["ws"], "--chat", ready["account"], "--account", "u1", "--password-fd",
             str(read_end), "sync", "--until-complete"], pass_fds=[read_end],
            stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(client.pid, 0)
        seconds = time.monotonic() - begun
        os.close(read_end)
        assert status == 0
        yield "first-sync", N_MESSAGES / seconds, "messages/s"
        yield "first-sync-cpu", (usage.ru_utime + usage.ru_stime) * 1e6 / N_MESSAGES, "us/message"
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(folder)


def main():
    figures = {}
    for _ in range(RUNS):
        sources = [run_program(BUILD + "/tests/perf/bench-store", str(N_MESSAGES)),
                   run_first_sync(),
                   run_program(BUILD + "/tests/perf/bench-push"),
                   run_program(BUILD + "/tests/perf/bench-sync"),
                   run_program(sys.executable, HERE + "/bench_client.py", BUILD, env=dict(
                       os.environ, PYTHONDONTWRITEBYTECODE="1")),
                   run_program(sys.executable, HERE + "/bench_server.py", env=dict(
                       os.environ, PYTHONDONTWRITEBYTECODE="1",
                       TERN_LOCAL_SERVER=BUILD + "/src/server/tern-local-server"))]
        for name in ("window", "timeline", "conversations", "memory", "stalls") if shutil.which(
                "xvfb-run") else ():
            sources.append(run_program(
                os.path.join(HERE, "..", "support", "headless"),
                BUILD + "/tests/perf/bench-" + name,
                env=dict(os.environ, GSETTINGS_SCHEMA_DIR=BUILD + "/data", GTK_A11Y="none",
                         TERN_LOCAL_SERVER=BUILD + "/src/server/tern-local-server"),
                stderr=subprocess.DEVNULL))
        for source in sources:
            for name, value, unit in source:
                figures.setdefault((name, unit), []).append(value)
    print("%-38s %12s %12s %12s  %s" % ("", "median", "least", "most", "(%d runs)" % RUNS))
    for (name, unit), values in figures.items():
        print("%-38s %12.1f %12.1f %12.1f  %s" % (name, statistics.median(values), min(values),
                                                 max(values), unit))


main()
