#!/usr/bin/env python3
"""run.py TARGET PROGRAM: fuzzes for TERN_FUZZ_SECONDS (10), starting from the
recorded traffic. Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import base64
import glob
import json
import os
import subprocess
import sys
import tempfile


def steps(pattern):
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "golden")
    for path in sorted(glob.glob(os.path.join(root, pattern))):
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        for flow in data if isinstance(data, list) else [data]:
            yield from flow["steps"]


def seeds(target):
    if target in ("frame", "gateway"):
        for step in steps("longconn/*.json"):
            if step.get("kind") == "binary" and "bytes_b64" in step:
                yield base64.b64decode(step["bytes_b64"])
    elif target == "body":
        for step in steps("semantics/*.json"):
            if "pb_type" in step and step["json"].get("data"):
                yield base64.b64decode(step["json"]["data"])
    elif target == "content":
        for step in steps("semantics/*.json"):
            if step.get("pb_type") == "MsgData" and "content" in step["pb"]:
                yield step["pb"]["content"].encode()
            elif isinstance(step.get("content_json"), dict):
                yield json.dumps(step["content_json"]).encode()
    elif target in ("server", "account"):
        for step in steps("rest/*.json"):
            if (step.get("server") == "account") == (target == "account") and "request" in step:
                body = step["request"]
                text = body if isinstance(body, str) else json.dumps(body)
                yield step["path"].encode() + b"\n" + text.replace("_f983", "").encode()
    else:
        for step in steps("rest/*.json"):
            if isinstance(step.get("response"), dict):
                yield json.dumps(step["response"]).encode()


def main():
    target, program = sys.argv[1:]
    seconds = os.environ.get("TERN_FUZZ_SECONDS", "10")
    print("1..1")
    with tempfile.TemporaryDirectory() as corpus:
        for i, seed in enumerate(seeds(target)):
            with open("%s/%d" % (corpus, i), "wb") as file:
                file.write(seed)
        done = subprocess.run(
            [program, corpus, "-max_total_time=" + seconds, "-rss_limit_mb=2048", "-timeout=10",
             "-max_len=65536", "-artifact_prefix=" + os.getcwd() + "/crash-%s-" % target],
            stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    for line in done.stderr.splitlines()[-25:]:
        print("# " + line)
    print(("ok" if done.returncode == 0 else "not ok") + " 1 - " + target)
    return done.returncode != 0


sys.exit(main())
