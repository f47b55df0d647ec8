#!/usr/bin/env python3
"""Replays tests/data/golden/rest against the real local server.

Environment: TERN_LOCAL_SERVER, TERN_TEST_SRCDIR. Speaks TAP, a line per
recording. What is known to differ stands in ../known-differences.json.

The recordings are one long session with one server: a file goes on where an
earlier one stopped, in the order of CHAINS.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import base64
import gzip
import hashlib
import hmac
import http.client
import itertools
import json
import os
import re
import struct
import sys
import time
import traceback
import urllib.parse
import uuid
import zlib

import compare
import wsclient

ROOT = os.environ["TERN_TEST_SRCDIR"]
GOLDEN = os.path.join(ROOT, "data", "golden", "rest")
KNOWN = os.path.join(ROOT, "server", "known-differences.json")
RECORDED_SECRET = "openIM123"
RECORDED_API = "http://127.0.0.1:10002"
RECORDED_STORE = "http://127.0.0.1:10005"
LARGE = {"BOM": b'\xef\xbb\xbf{"userIDs":["ann_f983"]}',
         "9 MiB body": b'{"userIDs":["' + b"x" * (9 << 20) + b'"]}',
         "17 MiB body": b'{"userIDs":["' + b"x" * (17 << 20) + b'"]}'}

# Which recordings follow each other on one server.
CHAINS = [["account"], ["auth", "errors", "users", "friends", "groups", "conversations", "messages",
                        "incremental-sync", "objects"]]


def send(method, url, headers, body=b""):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=120)
    target = parts.path + ("?" + parts.query if parts.query else "")
    connection.putrequest(method, target, skip_accept_encoding=True)
    if body or method in ("POST", "PUT"):
        connection.putheader("Content-Length", str(len(body)))
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    reply = connection.getresponse()
    content = reply.read()
    if reply.getheader("Content-Encoding") == "gzip":
        assert headers.get("Accept-Encoding") == "gzip", "nobody asked for it"
        content = gzip.decompress(content)
    connection.close()
    return reply.status, reply.headers, content


def encode_part(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=")


def sign_token(secret, claims):
    signed = b".".join(encode_part(json.dumps(part).encode())
                       for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + encode_part(digest)).decode()


def make_png(size):
    """A picture of 32 × 32 dots and of exactly so many bytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes((255, 0, 0)) * 32 for _ in range(32))
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0))
    end = chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    filler = size - len(start) - len(end) - 12
    return start + chunk(b"tEXt", b"Comment\0" + b"x" * (filler - 8)) + end


def make_files():
    """Contents of the recorded sizes, in parts; by their recorded hash."""
    numbers = bytes(i % 251 for i in range(251))
    large = (numbers * 50200)[:12 << 20]
    return {
        "35ba8396275ab060f599106864665755": [b"y" * 38],
        "2fb8bcc9ef620083f7fce95eb73846d1": [large[i:i + (5 << 20)]
                                             for i in range(0, 12 << 20, 5 << 20)],
        "0d9bc9ecb349d99c6e4d8798fb9b4e29": [make_png(214)],
    }


FILES = make_files()
# The digests of these parts, as recorded.
PARTS = {
    "35ba8396275ab060f599106864665755": ["9b84eb31663ae493db6678a50d70efeb"],
    "2fb8bcc9ef620083f7fce95eb73846d1": ["46ad47ab8a0fbeb57196540d6a51f4ff",
                                         "e264fa295ef081d5ad9bfaa7e5e130b6",
                                         "a133c25b3dc11050b125357059fd91e5"],
    "0d9bc9ecb349d99c6e4d8798fb9b4e29": ["8c44e0cd5b5efb3adc04dea037e71934"],
}


class Session:
    """What is known while recordings are replayed one after the other."""

    def __init__(self, is_gzip):
        self.is_gzip = is_gzip  # offered with every call, as it was when recorded
        self.server = wsclient.LocalServer()
        self.names = compare.Names()
        self.names.bind(RECORDED_API, self.server.api)
        self.names.bind(RECORDED_STORE, self.server.api, is_fleeting=True)
        self.lines = []
        self.bind_files()
        self.shift_ms = None
        self.files = {}

    def stop(self):
        for line in self.lines:
            line.close()
        self.server.__exit__()

    def bind_files(self):
        for recorded, parts in FILES.items():
            digests = [hashlib.md5(part).hexdigest() for part in parts]
            self.names.bind(recorded, hashlib.md5(",".join(digests).encode()).hexdigest())
            for pair in zip(PARTS[recorded], digests):
                self.names.bind(*pair)

    # --- tokens ---

    def token(self, placeholder):
        """The token that a placeholder of the recording stands for."""
        now = int(time.time())
        claims = {"UserID": "ann_f983", "PlatformID": 7, "exp": now + 1000, "iat": now - 5}
        if placeholder in self.names.ours:
            return self.names.ours[placeholder]
        if placeholder.endswith(" with a wrong signature"):
            good = self.token(placeholder.removesuffix(" with a wrong signature"))
            head, signature = good.rsplit(".", 1)
            return head + "." + ("B" if signature[0] == "A" else "A") + signature[1:]
        if placeholder == "expired token":
            return sign_token(self.server.secret, {**claims, "exp": now - 10})
        if placeholder == "token not valid yet":
            return sign_token(self.server.secret, {**claims, "nbf": now + 500})
        if placeholder == "well-signed token unknown to the server":
            return sign_token(self.server.secret, claims)
        if placeholder == "token of a user who never logged in":
            return sign_token(self.server.secret, {**claims, "UserID": "dan_f983"})
        if placeholder == "ADMIN-TOKEN":
            return self.server.admin_token
        if placeholder in USERS:
            self.names.bind(placeholder, self.server.user_token(USERS[placeholder]),
                            is_fleeting=True)
            return self.names.ours[placeholder]
        return placeholder

    # --- requests ---

    def request_value(self, value, key=""):
        """What the client side of the recording says, in our server's names."""
        if isinstance(value, dict):
            return {self.names.translate(name): self.request_value(element, name)
                    for name, element in value.items()}
        if isinstance(value, list):
            return [self.request_value(element, key) for element in value]
        if key == "secret" and value == RECORDED_SECRET:
            return self.server.secret
        if key == "token" and isinstance(value, str):
            return self.token(value)
        if key == "time" and compare.is_number(value) and value > 0:
            return max(value + (self.shift_ms or 0), int(time.time() * 1000))
        return self.names.translate(value)

    def body(self, step):
        request = step.get("request", "")
        if not isinstance(request, str):
            return json.dumps(self.request_value(request), ensure_ascii=False).encode()
        if request == "(large)":
            return LARGE[step["note"]]
        size = re.fullmatch(r"\((\d+) bytes\)", request)
        if size:
            return self.file_part(step, int(size.group(1)))
        if step.get("server") == "object store" and step["method"] == "POST":
            return self.form_body()
        return request.encode()

    def form_body(self):
        """The fields of the last initiate_form_data, then the file."""
        parts = ["--limit\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n" % field
                 for field in self.form.items()]
        return ("".join(parts) + "--limit\r\nContent-Disposition: form-data; name=\"file\"; "
                "filename=\"form.txt\"\r\n\r\nhello\r\n--limit--\r\n").encode()

    def file_part(self, step, size):
        """The bytes of a PUT, of which the recording only says how many."""
        part = int(re.search(r"part (\d+)", step["note"]).group(1))
        return FILES[re.search("|".join(FILES), step["path"]).group()][part - 1]

    def run(self, step):
        headers = {"operationID": str(uuid.uuid4()), "Content-Type": "application/json"}
        method = step.get("method", "POST")
        note = step.get("note", "")
        response = json.dumps(step["response"])
        if "no operationID" in note or "header must have operationID" in response:
            del headers["operationID"]
        if note == "content type absent":
            del headers["Content-Type"]
        for name, value in (step.get("headers") or {}).items():
            headers[name] = self.request_value(value, name)
        if method in ("GET", "OPTIONS") or step.get("server") == "object store":
            headers = {name: value for name, value in headers.items()
                       if name in (step.get("headers") or {})}
        if step.get("server") != "object store" and self.is_gzip:
            headers["Accept-Encoding"] = "gzip"
        if step["request"] == "multipart/form-data: the formData fields, then the file":
            headers["Content-Type"] = "multipart/form-data; boundary=limit"
        url = self.names.translate(step["path"])
        if not url.startswith("http"):
            is_account = step.get("server") == "account"
            url = (self.server.account if is_account else self.server.api) + url
        status, reply_headers, content = send(method, url, headers, self.body(step))
        return status, reply_headers, content

    # --- comparison ---

    def learn_time(self, recorded, ours):
        """How far the recording's clock is from ours."""
        if self.shift_ms is None:
            times = [re.search(r'"(?:createTime|serverTime)": (\d{13})', json.dumps(value))
                     for value in (recorded, ours)]
            if all(times):
                self.shift_ms = int(times[1].group(1)) - int(times[0].group(1))

    def compare_step(self, step, whole=None):
        """whole: of a page, the step with all of the list."""
        comparer = compare.Comparer(self.names)
        status, headers, content = self.run(step)
        differences = []
        if status != step["status"]:
            differences.append("status: recorded %d, ours %d" % (step["status"], status))
        recorded = step["response"]
        ours = content.decode("utf-8", "replace")
        is_api = "server" not in step
        if status == 404 and is_api and not self.is_gzip and ours == "404 page not found":
            # The real API loses the text when it is to compress it (protocol 02 section 1.1).
            ours = ""
        if isinstance(recorded, str) and re.fullmatch(r"\(\d+ bytes\)", recorded):
            ours = "(%d bytes)" % len(content)
        elif not isinstance(recorded, str) or ours.startswith('"'):
            try:
                ours = json.loads(ours)
            except ValueError:
                pass
        self.learn_time(recorded, ours)
        if whole:
            recorded = compare.pick_rows(recorded, whole["response"], ours, self.names)
        if "formData" in content.decode("utf-8", "replace"):
            self.form = ours["data"]["formData"]
        differences += comparer.compare(recorded, ours)
        for name, value in step.get("response_headers", {}).items():
            differences += ["header " + text for text in
                            comparer.compare({name: value}, {name: headers.get(name, "")})]
        if status == 200 and isinstance(step["response"], dict):
            kind = headers.get("Content-Type", "")
            wanted = "gzip" if self.is_gzip and is_api else None
            if headers.get("Content-Encoding") != wanted:
                differences.append("header .Content-Encoding: ours %s" %
                                   headers.get("Content-Encoding"))
            if not kind.startswith("application/json"):
                differences.append("header .Content-Type: ours %s" % kind)
        return differences


USERS = {"TOKEN-" + name.upper(): name + "_f983" for name in ("ann", "bob", "cat", "dan", "eve")}
USERS.update({"TOKEN-" + name.upper(): name + "_b5b740" for name in ("fresh", "zed")})


def log_in_eve(session):
    """Now, whatever the placeholder stood for."""
    session.names.bind("TOKEN-EVE", session.server.user_token(USERS["TOKEN-EVE"]),
                       is_fleeting=True)


def connect(session, name):
    return wsclient.connect(session.server, USERS[name], session.token(name))


def connect_bob(session):
    session.lines.append(connect(session, "TOKEN-BOB"))


def wait_for(session, path, body, token, is_there):
    """Until the answer's data is as wanted."""
    deadline = time.monotonic() + 60
    while not is_there(session.server.post(path, body, session.token(token))["data"]):
        assert time.monotonic() < deadline, path
        time.sleep(0.02)


def disconnect(session):
    while session.lines:
        session.lines.pop().close()
    wait_for(session, "/user/get_users_status", {"userIDs": [USERS["TOKEN-BOB"]]}, "TOKEN-ANN",
             lambda data: data["statusList"][0]["status"] == 0)


def send_texts(session, name, texts, **to):
    """Messages as the recording client wrote them."""
    with connect(session, name) as line:
        for text in texts:
            answer = line.send_text(content=json.dumps({"content": text}), status=0,
                                    senderNickname="N-" + USERS[name], **to)
            assert answer.errCode == 0, answer


def wait_for_seq(session, name, conversation, seq):
    wait_for(session, "/msg/get_conversations_has_read_and_max_seq",
             {"userID": USERS[name], "conversationIDs": [conversation]}, name,
             lambda data: data["seqs"][conversation]["maxSeq"] == seq)


def wait_for_leavers(session):
    """Whose going the others were told of, so that no line of it comes later."""
    wait_for_seq(session, "TOKEN-ANN", "sg_" + session.names.ours["357235387"], 16)


def talk(session):
    """The group had two lines more than the recorded steps explain."""
    group = session.names.ours["357235387"]
    conversation = "sg_" + group
    wait_for_seq(session, "TOKEN-ANN", conversation, 17)
    send_texts(session, "TOKEN-ANN", ["m0", "m1", "m2", "m3"], recvID="bob_f983")
    wait_for_seq(session, "TOKEN-ANN", "si_ann_f983_bob_f983", 5)
    send_texts(session, "TOKEN-BOB", ["reply"], recvID="ann_f983")
    send_texts(session, "TOKEN-ANN", ["g1", "g2", "ga"], groupID=group)
    wait_for_seq(session, "TOKEN-ANN", conversation, 20)
    send_texts(session, "TOKEN-BOB", ["gb"], groupID=group)
    wait_for_seq(session, "TOKEN-ANN", conversation, 21)


def wait_for_notices(session):
    """Of the private chat, switched on and off."""
    wait_for_seq(session, "TOKEN-ANN", "si_ann_f983_bob_f983", 8)


def register_fresh(session):
    session.server.register("fresh_b5b740", "peer_b5b740", "zed_b5b740")


def zed_writes(session):
    send_texts(session, "TOKEN-ZED", ["one", "two"], recvID="fresh_b5b740")
    wait_for_seq(session, "TOKEN-ZED", "si_fresh_b5b740_zed_b5b740", 2)


# What the recording did besides, before a step: (file, flow, step).
BEFORE = {
    ("auth", 2, 0): log_in_eve,
    ("users", 0, 0): log_in_eve,
    ("users", 1, 1): connect_bob,
    ("users", 1, 2): disconnect,
    ("groups", 3, 41): wait_for_leavers,
    ("conversations", 0, 0): talk,
    ("conversations", 1, 0): register_fresh,
    ("messages", 0, 0): wait_for_notices,
    ("messages", 2, 0): zed_writes,
}


def replay(session, name):
    """The differences that nobody has listed, and the listed that are gone."""
    scenario = "rest/%s.json" % name
    known = compare.Known(KNOWN, scenario)
    faults = []
    n_steps = 0
    with open(os.path.join(GOLDEN, name + ".json"), encoding="utf-8") as file:
        flows = json.load(file)
    for i, flow in enumerate(flows):
        for k, step in enumerate(flow["steps"]):
            if (name, i, k) in BEFORE:
                BEFORE[name, i, k](session)
            n_steps += 1
            where = "%s %d.%d" % (scenario, i, k)
            whole = compare.PAGES.get((name, i, k))
            found = session.compare_step(step, None if whole is None else flow["steps"][whole])
            faults += ["%s %s: %s" % (where, step["path"].split("?")[0], what)
                       for what in found if not known.covers(where, what)]
    faults += ["%s: listed as a known difference but gone: %s" % (entry["where"], entry["what"])
               for entry in known.unused()]
    return n_steps, faults


def main():
    chosen = sys.argv[1:]
    chains = [chain for chain in CHAINS if not chosen or set(chosen) & set(chain)]
    print("1..%d" % (2 * sum(map(len, chains))), flush=True)
    number = 0
    failed = False
    for chain, is_gzip in itertools.product(chains, (True, False)):
        session = Session(is_gzip)
        for name in chain:
            number += 1
            try:
                n_steps, faults = replay(session, name)
            except Exception:
                n_steps, faults = 0, traceback.format_exc().splitlines()
            failed |= bool(faults)
            for fault in faults:
                print("# " + fault.replace("\n", "\\n"))
            print("%s %d - rest/%s.json, %d steps%s" % (
                "not ok" if faults else "ok", number, name, n_steps,
                ", compressed" if is_gzip else ""), flush=True)
        session.stop()
    return failed


if __name__ == "__main__":
    sys.exit(main())
