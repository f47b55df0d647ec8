#!/usr/bin/env python3
"""Replays tests/data/golden/longconn against the real local server.

The client's side of every recording is played, bytes as they were, and every
answer and push is held against the recorded one: spelling and key order of the
envelope, what kind of data it has (null, "", base64), every field of the
protobuf inside. Order counts per request and per conversation: a push may
overtake an answer. What the server makes up may differ by the rules of
compare.py; serverMsgID and sendTime must in addition go together everywhere.
Other differences stand in ../known-differences.json, with a reason each: one
that is not listed fails, one that is listed and does not occur fails too.

The recordings are one session of one server, so they are played in one go, in
the order in which they were made; and that four times: JSON as recorded, then
gob, JSON with gzip, gob with gzip (there, what is no envelope in any encoding is
left out; gob.json, gzip.json and gob-gzip.json are played as they are).

Environment: TERN_LOCAL_SERVER, TERN_TEST_SRCDIR. Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import base64
import gzip
import hashlib
import hmac
import json
import os
import re
import sys
import time
import traceback
import urllib.parse

import compare
import gob
import pb
from wsclient import (BINARY, CLOSE, PING, PONG, TEXT, Connection, Envelope, LocalServer,
                      WebSocket, connect)

ROOT = os.environ["TERN_TEST_SRCDIR"]
GOLDEN = os.path.join(ROOT, "data", "golden", "longconn")
KNOWN = os.path.join(ROOT, "server", "known-differences.json")
FORMATS = [("js", ""), ("go", ""), ("js", "gzip"), ("go", "gzip")]
OPCODES = {"text": TEXT, "binary": BINARY, "close": CLOSE, "ping": PING, "pong": PONG}
ALICE, BOB, CAROL, QUINN, KIM = "alice_e3f8", "bob_e3f8", "carol_e3f8", "quinn_e3f8", "kim_e3f8"
MARK = "a fence "
CHAT = "si_alice_e3f8_bob_e3f8"


def load(name):
    with open(os.path.join(GOLDEN, name + ".json"), encoding="utf-8") as file:
        return json.load(file)["steps"]


def raw(step):
    return base64.b64decode(step["bytes_b64"]) if "bytes_b64" in step else None


def close_payload(step):
    return step["json"]["code"].to_bytes(2, "big") + step["json"]["reason"].encode()


def make_jwt(secret, user, platform=7, expires=86400, **more):
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")
    now = int(time.time())
    claims = {"UserID": user, "PlatformID": platform, "exp": now + expires, "iat": now - 5, **more}
    text = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (text + b"." + part(hmac.new(secret.encode(), text, hashlib.sha256).digest())).decode()


class Session:
    """One server, one client format, all recordings."""

    def __init__(self, server, sdkType, compression, results):
        self.server, self.sdkType, self.compression = server, sdkType, compression
        self.results = results  # recording: {where: [what, …]}
        self.comparer = compare.Comparer()
        self.lines, self.tokens = {}, {}
        self.sent_at = {}  # serverMsgID: sendTime
        self.recording = self.index = None

    # --- differences ---

    def differ(self, what):
        where = f"longconn/{self.recording}.json {self.index}"
        found = self.results.setdefault(self.recording, {}).setdefault(where, [])
        if what not in found:
            found.append(what)

    def expect(self, what, recorded, ours):
        if recorded != ours:
            self.differ(f"{what}: recorded {compare.shorten(str(recorded))}, "
                        f"ours {compare.shorten(str(ours))}")

    # --- connections ---

    def token(self, word, user=ALICE, platform=7):
        if word not in self.tokens:
            self.tokens[word] = self.server.user_token(user, platform)
        return self.tokens[word]

    def open(self, name, user, token, sdkType=None, compression=None, platform=7):
        """A connection that pushes reach already."""
        if name in self.lines:
            self.lines[name].close()
        line = connect(self.server, user, token, platform,
                       self.sdkType if sdkType is None else sdkType,
                       self.compression if compression is None else compression)
        self.lines[name] = line
        self.fence(line)
        return line

    def fence(self, line):
        """Waits for a message to oneself, which is stored nowhere: what was accepted before has
        been pushed by then. The first second after a connect swallows it, so it is repeated."""
        mark = MARK + hashlib.md5(os.urandom(8)).hexdigest()
        while True:
            answer = line.send_text(line.user, mark, options={"history": False})
            assert answer.errCode == 0, answer
            try:
                while True:
                    push = line.next_frame(0.5)
                    if mark.encode() in (push.data or b""):
                        return
                    line.pushes.append(push)
            except TimeoutError:
                pass

    # --- one recording ---

    def replay(self, recording, begin=0, end=None, before=None, skip=(), unplayed=()):
        """before: {index: what is done there that no step shows}; skip: what can only be played
        in another format; unplayed: what is not played at all, a difference like others."""
        self.recording = recording
        self.results.setdefault(recording, {})
        steps = load(recording)
        for self.index in range(begin, len(steps) if end is None else end):
            step = steps[self.index]
            if before and self.index in before:
                before[self.index]()
            if self.index in skip or step.get("conn") == "none":
                continue
            if self.index in unplayed:
                self.differ("not played")
                continue
            self.play(step)
        shown = {step.get("conn", "A") for step in steps}
        for name, line in self.lines.items():
            if isinstance(line, Connection) and not line.end:
                self.check_nothing_more(name, line, name in shown)

    def check_nothing_more(self, name, line, is_shown):
        """What connections got that the recording does not show is not known."""
        if line.is_up:
            self.fence(line)
        if not is_shown:
            line.pushes.clear()
        for envelope in line.pushes:
            self.index = "end"
            if MARK.encode() not in (envelope.data or b""):
                self.differ(f"{name}: only in ours: {envelope.reqIdentifier} "
                            f"{compare.shorten(envelope.pb)}")
        line.pushes.clear()

    def play(self, step):
        name = step.get("conn", "A")
        if step["kind"] == "http":
            (self.send_handshake if step["dir"] == "c>s" else self.check_handshake)(name, step)
            return
        line = self.lines[name]
        if step["dir"] == "c>s":
            self.send(name, line, step)
        elif step["kind"] == "binary":
            self.check_envelope(line, step)
        elif step["kind"] == "none":
            self.check_silence(line)
        else:
            self.check_frame(line, step)

    # --- handshakes ---

    def send_handshake(self, name, step):
        request = step["json"]
        method, target, _ = request["request_line"].split(" ", 2)
        if "<base64url" in target:
            text = step["note"].partition("padding of ")[2]
            for word, token in self.tokens.items():
                text = text.replace(f'"{word}"', f'"{token}"')
            target = "/?v=" + base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
        path, _, query = target.partition("?")
        query = re.sub(r"(?<=token=)[A-Z-]+", lambda m: self.tokens[m.group()], query)
        fields = dict(urllib.parse.parse_qsl(query))
        headers = {key: None for key in ("Upgrade", "Connection", "Sec-WebSocket-Version",
                                         "Sec-WebSocket-Key") if key not in request["headers"]}
        if name in self.lines:
            self.lines[name].close()
        line = Connection("127.0.0.1", self.server.ws_port, fields.get("sendID", ALICE),
                          "js" if "v" in fields else fields.get("sdkType", "go"),
                          fields.get("compression", ""))
        line.is_up = False
        self.lines[name] = line
        line.answered = line.handshake(query, method, path, headers)

    def check_handshake(self, name, step):
        status, headers, body = self.lines[name].answered
        recorded = step["json"]
        self.expect("status", int(recorded["status_line"].split()[1]), status)
        ours = {key.lower(): value for key, value in headers.items()}
        for key, value in recorded["headers"].items():
            if value.startswith("<"):  # <now>, <computed from the key>: checked by the client
                value = ours.get(key.lower())
                self.expect(f"header {key} is there", True, value is not None)
            self.expect(f"header {key}", value, ours.pop(key.lower(), None))
        for key in ours:
            self.differ(f"header {key}: only in ours")
        self.expect("body", recorded.get("body", ""), body.decode())
        self.lines[name].is_up = status == 101

    # --- sending ---

    def send(self, name, line, step):
        payload = raw(step)
        if name == "S":  # one connection per attempt
            line = self.open("S", ALICE, self.token(self.alice), line.sdkType, line.compression)
        if step["kind"] == "close":
            line.is_up = False
            line.send(CLOSE, close_payload(step))
        elif step["kind"] != "binary":
            line.send(OPCODES[step["kind"]], payload or b"")
        elif payload is None:
            size = int(re.search(r"of (\d+) bytes", step["note"]).group(1))
            plain = re.search(r"\{.*\}", step["note"]).group()[:-1] + ',"zz":"'
            line.send(BINARY, (plain + "x" * (size - len(plain) - 2) + '"}').encode())
        elif self.is_native(line):
            line.send(BINARY, payload)
        else:
            envelope = {key: value for key, value in step["json"].items()}
            if envelope.get("data") is not None:
                envelope["data"] = base64.b64decode(envelope["data"])
            line.send(BINARY, line.encode(envelope))

    def is_native(self, line):
        recorded = {"gob": ("go", ""), "gob-gzip": ("go", "gzip"), "gzip": ("js", "gzip")}
        return (line.sdkType, line.compression) == recorded.get(self.recording, ("js", ""))

    # --- checking ---

    def take(self, line, is_it):
        """The next frame that answers the description; others stay for later."""
        for i, envelope in enumerate(line.pushes):
            if is_it(envelope):
                del line.pushes[i]
                return envelope
        while True:
            try:
                envelope = line.next_frame(20)
            except TimeoutError:
                return None
            if envelope is None:
                line.is_up = False
                return None
            if is_it(envelope):
                return envelope
            line.pushes.append(envelope)

    @staticmethod
    def conversations(push):
        return sorted((name, key) for name, entries in (push or {}).items() for key in entries)

    def check_envelope(self, line, step):
        recorded = step["json"]
        identifier = recorded["reqIdentifier"]
        if identifier in (2001, 2002):
            wanted = self.conversations(step.get("pb")) if identifier == 2001 else None
            envelope = self.take(line, lambda e: e.reqIdentifier == identifier and (
                wanted is None or self.conversations(e.pb) == wanted))
        else:
            envelope = self.take(line, lambda e: (e.reqIdentifier, e.msgIncr) == (
                identifier, recorded["msgIncr"]))
        if envelope is None:
            self.differ(f"missing in ours: {identifier} {recorded['msgIncr']}")
            return
        self.compare_spelling(line, step, envelope)
        for key in ("operationID", "errCode", "errMsg"):
            if not (identifier == 2001 and key == "operationID"):
                ours = getattr(envelope, key)
                self.expect(key, recorded[key] or type(ours)(), ours)
        if identifier == 2001:
            self.expect("operationID is there", True, envelope.operationID != "")
        if "pb" in step:
            ours = pb.decode(step["pb_type"], envelope.data)
            for what in self.comparer.compare(step["pb"], ours):
                self.differ(what)
            self.check_times(ours)
        elif not line.is_gob:
            self.expect("data", recorded["data"], envelope.data)
        else:
            self.expect("data", None, envelope.data)

    def compare_spelling(self, line, step, envelope):
        """Byte by byte, but for the data and a push's operationID."""
        if not self.is_native(line):
            return
        plain = gzip.decompress(raw(step)) if line.is_gzip else raw(step)
        if line.is_gob:
            name, _, fields, _ = gob.decode_definition(plain)
            our_name, _, our_fields, _ = gob.decode_definition(envelope.plain)
            self.expect("definition", (name, fields), (our_name, our_fields))
            return
        shape = [re.sub(rb'"data":"[^"]+"\}$', b'"data":"..."}', text)
                 for text in (plain, envelope.plain)]
        if envelope.reqIdentifier == 2001:
            shape = [re.sub(rb'"operationID":"[^"]*"', b'"operationID":"..."', text)
                     for text in shape]
        self.expect("spelling", *shape)

    def check_times(self, value):
        """A message has one sendTime, wherever it is seen."""
        if isinstance(value, dict):
            if "serverMsgID" in value and "sendTime" in value:
                first = self.sent_at.setdefault(value["serverMsgID"], value["sendTime"])
                self.expect(f"sendTime of one message", first, value["sendTime"])
            for element in value.values():
                self.check_times(element)
        elif isinstance(value, list):
            for element in value:
                self.check_times(element)

    def check_silence(self, line):
        """Nothing comes before the answer to a ping."""
        mark = os.urandom(4)
        line.send(PING, mark)
        while True:
            opcode, payload = line.receive()
            if (opcode, payload) == (PONG, mark):
                return
            self.differ(f"only in ours: {opcode} {payload!r}")
            if opcode == "closed":
                return

    def check_frame(self, line, step):
        opcode, payload = line.receive()
        while opcode == BINARY:
            line.pushes.append(line.decode(payload))
            opcode, payload = line.receive()
        line.is_up = line.is_up and opcode != "closed"
        if step["kind"] == "close" and "json" not in step:
            wanted = "reset" if "reset" in step["note"] else "fin"
            self.expect("end", ("closed", wanted), (opcode, payload))
        elif step["kind"] == "close":
            self.expect("close", (CLOSE, close_payload(step)), (opcode, payload))
        elif step["kind"] == "pong":
            self.expect("pong", (PONG, raw(step)), (opcode, payload))
        else:
            self.expect("text", (TEXT, raw(step)), (opcode, payload))


def post(server, path, body, token=None):
    answer = server.post(path, body, token or server.admin_token)
    assert answer["errCode"] == 0, answer


def play_handshakes(session):
    server = session.server
    session.token("TOKEN-A")
    session.replay("handshake-ok")
    session.tokens.update({
        "TOKEN-B": server.user_token(BOB), "TOKEN-C": server.user_token(ALICE, 5),
        "TOKEN-EXPIRED": make_jwt(server.secret, ALICE, expires=-10),
        "TOKEN-NBF": make_jwt(server.secret, ALICE, nbf=int(time.time()) + 1000),
        "TOKEN-BADSIG": make_jwt("another secret", ALICE),
        "TOKEN-UNKNOWN": make_jwt(server.secret, ALICE, jti="x")})
    steps = load("refusals")
    kicked = next(i for i, s in enumerate(steps) if "a newer login" in s.get("note", ""))
    session.replay("refusals", before={kicked: lambda: session.token("TOKEN-H")})


def play_session(session):
    """Everything that needs only envelopes, in the session's own format."""
    server = session.server
    session.alice = "TOKEN-H"
    session.open("A", ALICE, session.token("TOKEN-H"))
    session.open("B", BOB, session.token("TOKEN-B2", BOB))
    session.open("C", CAROL, session.token("TOKEN-CAROL", CAROL))
    session.replay("newest-seq", 0, 2)
    session.replay("send")
    session.replay("newest-seq", 2)
    steps = load("pull-range")
    revoked = next(i for i, s in enumerate(steps) if s["json"]["reqIdentifier"] == 2001)
    hidden = next(i for i, s in enumerate(steps) if "deleted for A only" in s.get("note", ""))
    session.replay("pull-range", before={
        revoked: lambda: post(server, "/msg/revoke_msg", {
            "conversationID": CHAT, "seq": 1, "userID": ALICE}, session.token("TOKEN-H")),
        hidden: lambda: post(server, "/msg/delete_msgs", {
            "conversationID": CHAT, "seqs": [2], "userID": ALICE,
            "deleteSyncOpt": {"IsSyncSelf": False, "IsSyncOther": False}},
            session.token("TOKEN-H"))})
    session.replay("pull-list")
    session.replay("push", before={0: lambda: post(server, "/group/create_group", {
        "memberUserIDs": [BOB, CAROL], "adminUserIDs": [], "ownerUserID": ALICE,
        "groupInfo": {"groupID": "426247512", "groupName": "G", "groupType": 2}},
        session.token("TOKEN-H"))})
    play_presence(session)


def play_presence(session):
    quinn = []

    def wait(platforms):
        """Ours tells who watches; the recorded build does not."""
        while True:
            push = session.take(session.lines["A"],
                                lambda e: (e.reqIdentifier, e.msgIncr) == (2005, ""))
            told = push.pb["subscribers"][0]
            if told["userID"] == QUINN and told.get("onlinePlatformIDs", []) == platforms:
                break
        session.differ("only in ours: a push of 2005")

    def come():
        for platform in (5, 7):
            quinn.append(connect(session.server, QUINN, session.server.user_token(QUINN, platform),
                                 platform))
        wait([5, 7])

    def go():
        for line in quinn:
            line.close()
        wait([])
    session.open("A", ALICE, session.token("TOKEN-H"))
    session.replay("presence", before={2: come, 5: go})


def play_errors(session):
    session.open("A", ALICE, session.token("TOKEN-H"))
    session.lines["S"] = WebSocketStub(session.sdkType, session.compression)
    session.replay("errors", skip=[] if session.is_native(session.lines["A"]) else [
        i for i, s in enumerate(load("errors")) if s.get("conn") == "S" or
        "Data" in s.get("json", {"Data": ""}) or s["json"].get("msgIncr") in ("A61", "k1")])


def play_own_formats(session):
    """gzip, gob, gob with gzip; kicks; pings: in the format of the recording."""
    server = session.server
    session.lines["S"] = WebSocketStub("js", "gzip")
    session.replay("gzip")
    session.alice = "TOKEN-O"
    session.token("TOKEN-O")
    session.lines["S"] = WebSocketStub("go", "")
    steps = load("gob")

    def kick():
        session.lines.pop("S").close()
        session.token("TOKEN-Q")
        session.open("Q", ALICE, session.token("TOKEN-Q"), "js", "")
    session.replay("gob", before={3: lambda: session.fence(session.lines["A"]),
                                  len(steps) - 2: kick})
    session.replay("gob-gzip")
    session.tokens.update({"TOKEN-J": server.user_token(KIM)})
    steps = load("kick")
    new = next(i for i, s in enumerate(steps) if "get_user_token" in s.get("note", ""))
    windows = next(i for i, s in enumerate(steps) if s.get("conn") == "W")
    forced = next(i for i, s in enumerate(steps) if "force_logout" in s.get("note", ""))
    session.replay("kick", before={
        new: lambda: session.token("TOKEN-K", KIM),
        windows: lambda: session.token("TOKEN-L", KIM, 3),
        forced: lambda: post(server, "/auth/force_logout", {"userID": KIM, "platformID": 7})})
    session.open("A", CAROL, session.token("TOKEN-CAROL", CAROL), "js", "")
    session.replay("keepalive", unplayed=[11])


class WebSocketStub:
    """The format in which the S connections are to be opened."""

    def __init__(self, sdkType, compression):
        self.sdkType, self.compression, self.end = sdkType, compression, None

    def close(self):
        pass


def run(sdkType, compression, results):
    with LocalServer() as server:
        server.register(*[(user, "N-" + user) for user in (ALICE, BOB, CAROL, QUINN, KIM)])
        session = Session(server, sdkType, compression, results)
        if (sdkType, compression) == FORMATS[0]:
            play_handshakes(session)
        else:
            session.token("TOKEN-H")
        play_session(session)
        play_errors(session)
        if (sdkType, compression) == FORMATS[0]:
            play_own_formats(session)


def main():
    results = {}
    number = 0
    for sdkType, compression in FORMATS:
        number += 1
        try:
            run(sdkType, compression, results)
            print(f"ok {number} - played with {sdkType} {compression or 'plain'}", flush=True)
        except Exception:
            traceback.print_exc()
            print(f"not ok {number} - played with {sdkType} {compression or 'plain'}", flush=True)
    for recording in sorted(name[:-5] for name in os.listdir(GOLDEN) if name.endswith(".json")):
        number += 1
        known = compare.Known(KNOWN, f"longconn/{recording}.json")
        bad = [f"{where}: {what}" for where, found in results.get(recording, {}).items()
               for what in found if not known.covers(where, what)]
        bad += [f"listed, but does not occur: {entry['where']}: {entry['what']}"
                for entry in known.unused()]
        if recording not in results:
            bad.append("was not played")
        for text in bad:
            print("#   " + text.replace("\n", " "))
        print(f"{'not ok' if bad else 'ok'} {number} - {recording}", flush=True)
    print(f"1..{number}")


if __name__ == "__main__":
    sys.exit(main())
