#!/usr/bin/env python3
"""run.py TARGET PROGRAM: fuzzes for TERN_FUZZ_SECONDS (10), starting from the
recorded traffic. Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import base64
import glob
import json
import os
import re
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


def handshakes():
    """Queries of all kinds, with a word for the token that the program knows."""
    for step in steps("longconn/*.json"):
        if step["kind"] != "http" or step["dir"] != "c>s":
            continue
        query = step["json"]["request_line"].split(" ")[1].partition("?")[2]
        if "<base64url" in query:
            text = re.sub(r"TOKEN-[A-Z]+", "TOKEN", step["note"].partition("padding of ")[2])
            query = "v=" + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        yield re.sub(r"TOKEN-[A-Z]+", "TOKEN", query).encode()


def stored():
    """Signed addresses and parts, a form and a policy."""
    for step in steps("rest/objects.json"):
        text = json.dumps(step)
        for url in re.findall(r'http://127.0.0.1:10005(/[^"?]*)\?([^"]*)', text):
            yield "\n".join(url).encode()
        data = (step["response"] if isinstance(step["response"], dict) else {}).get("data") or {}
        for part in ((data.get("upload") or {}).get("sign") or data).get("parts") or []:
            pairs = {pair["key"]: pair["values"][0]
                     for pair in (part["query"] or []) + (part["header"] or [])}
            if "partNumber" in pairs:
                yield ("openim/data/hash/0\nuploadId=1&partNumber=%s\n%s\n%s" % (
                    pairs["partNumber"], pairs["X-Amz-Date"], pairs["Authorization"])).encode()
        if "formData" in data:
            fields = "".join(
                '--limit\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % field
                for field in data["formData"].items())
            yield ('limit\n%s--limit\r\nContent-Disposition: form-data; name="file"; filename="x"'
                   '\r\n\r\nhello\r\n--limit--\r\n' % fields).encode()
            yield data["formData"]["policy"].encode()


def seeds(target):
    if target in ("frame", "gateway"):
        for step in steps("longconn/*.json"):
            if step.get("kind") == "binary" and "bytes_b64" in step:
                yield base64.b64decode(step["bytes_b64"])
        yield b'{"type":"ping","body":{"a":[1e20,-1e-10,36893488147419103232,1.5,null,"x"]}}'
    elif target == "handshake":
        yield from handshakes()
    elif target == "store":
        yield from stored()
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
