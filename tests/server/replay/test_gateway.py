#!/usr/bin/env python3
"""What the recordings of the long connection do not show, against the real local server.

The first second and large bursts, kicks and presence, slow readers and rubbish, and what lies
open to others on this computer.

Environment: TERN_LOCAL_SERVER. Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import base64
import contextlib
import gzip
import json
import os
import random
import shutil
import socket
import stat
import struct
import tempfile
import threading
import time
import urllib.parse

import tap
from wsclient import (BINARY, CLOSE, DEADLINE, PATIENCE, PING, PONG, TEXT, Connection, LocalServer,
                      Refused, WebSocket, connect, handshake_query, mask_frame, messages, newest,
                      texts, wait_newest)

PULL = b"\n\x02u2\x12\x0a\n\x08si_u1_u2\x10\x01"
FORMATS = [("js", ""), ("go", ""), ("js", "gzip"), ("go", "gzip")]


def wait_known(line):
    """Until pushes reach it: a message to oneself that nobody stores."""
    while True:
        line.send_text(line.user, "mark", options={"history": False})
        with contextlib.suppress(TimeoutError):
            line.next_push(0.5)
            break
    line.pushes.clear()
    with contextlib.suppress(TimeoutError):  # marks that were late
        while True:
            line.next_frame(0.3)


# --- time ---

def test_the_first_second_is_blind():
    with LocalServer("--users", "40") as server, server.connect("u1") as sender:
        for n in range(2, 40):
            begun = time.monotonic()
            with server.connect(f"u{n}") as line:
                sender.send_text(f"u{n}", "unseen")
                if time.monotonic() - begun > 0.5:
                    continue  # too slow a machine to tell
                wait_known(line)
                sender.send_text(f"u{n}", "seen")
                assert texts(line.next_push()) == ["seen"]
                assert newest(line, "_".join(["si"] + sorted(["u1", f"u{n}"]))) == 2
                return
        raise AssertionError("never quick enough")


def test_gentle_is_not_blind():
    with LocalServer("--users", "2", "--gentle") as server, server.connect("u1") as sender:
        with server.connect("u2") as line:
            sender.send_text("u2", "seen")
            assert texts(line.next_push()) == ["seen"]


def burst(*arguments):
    """1000 messages at once: how many are stored, and their seqs."""
    with LocalServer("--users", "2", *arguments) as server, server.connect("u1") as line:
        wait_known(line)
        text = {"sendID": "u1", "recvID": "u2", "senderPlatformID": 7, "sessionType": 1,
                "msgFrom": 100, "contentType": 101, "content": '{"content":"x"}', "status": 1}

        def send():
            for n in range(1000):
                line.send_envelope(1003, dict(text, clientMsgID=f"{n:032}"))
            # Comes with the last batch, and of another conversation.
            line.send_envelope(1003, dict(text, content='{"content":"the end"}', recvID="u1",
                                          clientMsgID="end", options={"history": False}))
        thread = threading.Thread(target=send)
        thread.start()
        frames = [line.next_frame()]
        while frames[-1].reqIdentifier != 2001 or "the end" not in texts(frames[-1]):
            frames.append(line.next_frame())
        thread.join()
        line.pushes.clear()
        stored = newest(line, "si_u1_u2")
        frames += line.pushes  # that came before the answer
        acked = sum(e.reqIdentifier == 1003 and e.errCode == 0 for e in frames) - 1
        seqs = [m["seq"] for e in frames if e.reqIdentifier == 2001 for m in messages(e)
                if "seq" in m]
        line.pushes.clear()
        while len(seqs) < stored:
            seqs += [m["seq"] for m in messages(line.next_push())]
        return acked, stored, seqs


def test_a_large_burst_is_acknowledged_and_lost():
    acked, stored, seqs = burst()
    assert acked == 1000 and stored < 1000, (acked, stored)
    assert seqs == list(range(1, stored + 1)), "no gap tells"


def test_gentle_loses_nothing():
    acked, stored, seqs = burst("--gentle")
    assert (acked, stored) == (1000, 1000)
    assert seqs == list(range(1, 1001)), seqs


def test_silence_is_cut():
    with LocalServer("--users", "4", environment={"TERN_CLOCK_SCALE": "8"}) as server:
        silent, pinging, browser, endless = (server.connect(f"u{n}", platform) for n, platform in (
            (1, 7), (2, 7), (3, 5), (4, 7)))
        with silent, pinging, browser, endless:
            begun, opcode = time.monotonic(), BINARY
            while time.monotonic() - begun < 7:  # the limit is 30 / 8 s
                pinging.send(PING, b"alive")
                assert pinging.receive() == (PONG, b"alive")
                endless.send(opcode, b"x", False)
                opcode = 0
                time.sleep(0.2)
            assert silent.receive() == ("closed", "fin")
            endless.send(PING, b"still here")
            assert endless.receive() == (PONG, b"still here"), "any byte is a sign of life"
            # A browser is pinged, and cut because it does not answer. Newer libsoup puts
            # something into its pings.
            first = browser.receive()
            assert first[0] == PING, first
            while browser.receive()[0] == PING:
                pass
            assert browser.end == "fin"


# --- who is online ---

def test_one_login_per_platform():
    with LocalServer("--users", "1") as server:
        token = server.user_token("u1")
        first, same = connect(server, "u1", token), connect(server, "u1", token)
        other = server.connect("u1", 3)
        with first, same, other:
            second = server.user_token("u1")
            answer = first.request(1001, {"userID": "u1"})
            assert answer.errCode == 0, "lives until the new one comes"
            with connect(server, "u1", second) as new:
                for line in first, same:
                    assert line.next_push().reqIdentifier == 2002
                    assert line.receive() == ("closed", "fin")
                assert new.request(1001, {"userID": "u1"}).errCode == 0
            assert other.request(1001, {"userID": "u1"}).errCode == 0
            try:
                connect(server, "u1", token).close()
                raise AssertionError("a kicked token came in")
            except Refused as refusal:
                assert refusal.code == 1506


def is_kept(line):
    """Whether it was not kicked; what was pushed besides is left aside."""
    line.send(PING, b"?")
    while True:
        opcode, payload = line.receive()
        if opcode == PONG:
            return True
        if opcode == "closed" or (opcode == BINARY and
                                  json.loads(payload)["reqIdentifier"] == 2002):
            return False


def survivors(policy, platforms):
    """Who is left of those who sign in and connect one after the other: connections, tokens."""
    with LocalServer("--users", "1", "--login-policy", str(policy)) as server:
        tokens, lines = {}, {}
        for platform in platforms:
            token = tokens[platform] = server.user_token("u1", platform)
            lines[platform] = connect(server, "u1", token, platform)
        with contextlib.ExitStack() as stack:
            for line in lines.values():
                stack.enter_context(line)
            # A kick leaves before the newcomer is answered.
            assert lines[platforms[-1]].request(1001, {"userID": "u1"}).errCode == 0
            left = [platform for platform in platforms if is_kept(lines[platform])]
        good = [platform for platform in platforms if server.post(
            "/user/get_users_info", {"userIDs": ["u1"]}, tokens[platform])["errCode"] == 0]
        return left, good


def test_login_policies():
    every = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12]
    assert survivors(0, every) == (every, every)
    assert survivors(1, every) == (every, every)
    for policy, wanted in ((4, [2, 5, 6, 7, 9, 11, 12]), (5, [3, 4, 7, 12])):
        left, good = survivors(policy, every)
        assert left == good == wanted, (policy, left, good)
    # A computer does not end what is none, nor the other way round.
    assert survivors(5, [1, 7]) == ([1, 7], [1, 7])
    assert survivors(5, [7, 1]) == ([7, 1], [7, 1])
    assert survivors(4, [5, 6, 8, 1, 7]) == ([5, 6, 8, 1, 7], [5, 6, 8, 1, 7])
    # The same platform again.
    for policy, n_left in ((0, 2), (4, 1), (5, 2)):
        with LocalServer("--users", "1", "--login-policy", str(policy)) as server:
            with server.connect("u1") as first, server.connect("u1") as second:
                assert second.request(1001, {"userID": "u1"}).errCode == 0
                assert is_kept(first) + is_kept(second) == n_left, policy


def test_policy_0_keeps_thirty_tokens():
    with LocalServer("--users", "1", "--login-policy", "0") as server:
        tokens = [server.user_token("u1") for _ in range(31)]
        other = server.user_token("u1", 3)
        codes = [server.post("/user/get_users_info", {"userIDs": ["u1"]}, token)["errCode"]
                 for token in tokens + [other]]
        assert codes == [1506] + [0] * 31, codes


def test_too_many_connections():
    with LocalServer("--users", "1", "--max-connections", "2") as server:
        token = server.user_token("u1")
        with connect(server, "u1", token) as first, connect(server, "u1", token):
            for query in {"isMsgResp": "true"}, {"isMsgResp": "false"}:
                try:
                    connect(server, "u1", token, **query)
                    raise AssertionError("a third one came in")
                except Refused as refusal:
                    assert refusal.status == 200 and json.loads(refusal.body) == {
                        "errCode": 1601, "errMsg": "ConnOverMaxNumLimit",
                        "errDlt": "over max conn num limit"}, refusal
            assert is_kept(first)


def test_presence():
    with LocalServer("--users", "2", environment={"TERN_CLOCK_SCALE": "10"}) as server:
        with server.connect("u1") as watcher:
            def wait(platforms):
                while True:
                    push = watcher.next_push()
                    assert push.reqIdentifier == 2005 and push.operationID == ""
                    (told,) = push.pb["subscribers"]
                    assert told["userID"] == "u2"
                    if told.get("onlinePlatformIDs", []) == platforms:
                        return
            assert watcher.request(2005, {"subscribeUserID": ["u2"]}).pb == {
                "subscribers": [{"userID": "u2"}]}
            phone = server.connect("u2", 2)
            wait([2])
            desktop = server.connect("u2", 7)
            wait([2, 7])
            with connect(server, "u2", desktop.token) as same:
                assert same.request(1001, {"userID": "u2"}).errCode == 0
                told = watcher.request(2005, {"subscribeUserID": ["u2"]}).pb["subscribers"]
                assert told == [{"userID": "u2", "onlinePlatformIDs": [2, 7]}], "each once"
            phone.close()
            wait([7])
            desktop.close()
            wait([])
            assert watcher.request(2005, {"unsubscribeUserID": ["u2"]}).pb == {}
            with server.connect("u2"):
                pass
            watcher.send(PING, b"x")
            assert watcher.receive() == (PONG, b"x")


def test_background_matters_on_ios_only():
    with LocalServer("--users", "2", "--gentle") as server, server.connect("u1") as sender:
        with server.connect("u2", 1) as phone, server.connect("u2", 7) as desktop:
            for line in phone, desktop:
                answer = line.request(2004, {"userID": "u2", "isBackground": True})
                assert answer.errCode == 0 and answer.data is None
            sender.send_text("u2", "one")
            assert texts(desktop.next_push()) == ["one"]
            phone.request(2004, {"userID": "u2", "isBackground": False})
            sender.send_text("u2", "two")
            assert texts(phone.next_push()) == ["two"]


# --- others do not notice ---

def test_a_slow_reader_is_cut_and_others_go_on():
    with LocalServer("--users", "3", "--gentle", environment={"TERN_CLOCK_SCALE": "10"}) as server:
        slow = server.connect("u3", receive_buffer=4096)
        sender, reader = server.connect("u1"), server.connect("u2")
        with slow, sender, reader:
            watched = 1
            deadline = time.monotonic() + PATIENCE
            while watched:
                assert time.monotonic() < deadline, "it is still connected"
                slow.send(PING, b"")  # it is not silent, it only does not read
                sender.send_text("u3", "x" * 30000, options={"senderSync": False})
                answer = sender.send_text("u2", "still here", options={"senderSync": False})
                push = reader.next_push()
                while push.reqIdentifier == 2005 and time.monotonic() < deadline:
                    push = reader.next_push()
                assert answer.errCode == 0 and texts(push) == ["still here"]
                watched = len(reader.request(2005, {"subscribeUserID": ["u3"]}).pb["subscribers"][0]
                              .get("onlinePlatformIDs", []))
            opcodes = [slow.receive()[0]]
            while opcodes[-1] != "closed":
                opcodes.append(slow.receive()[0])
            assert newest(sender, "si_u1_u3") > opcodes.count(BINARY), "it lost some"


def test_nobody_fills_memory_with_pongs():
    with LocalServer("--users", "1", "--gentle") as server:
        with server.connect("u1", receive_buffer=4096) as line:
            flood = mask_frame(PING, b"x" * 125) * 1000
            sent = 0
            line.socket.settimeout(DEADLINE)
            try:
                while sent < 1 << 28:
                    line.socket.sendall(flood)
                    sent += len(flood)
            except (ConnectionResetError, BrokenPipeError):
                pass
            assert sent < 1 << 28, "all of it was taken"


def broken_frames(rng):
    """Bytes that are no websocket."""
    yield b"\x82\x05hello"                              # not masked
    yield b"\xf2\x80" + b"abcd"                         # bits of extensions
    yield b"\x83\x80" + b"abcd"                         # unknown opcode
    yield b"\x82\xff" + b"\xff" * 8 + b"abcd"           # of 2^64 bytes
    yield b"\x89\xfe\x00\x7e" + b"abcd" + b"x" * 126    # a long ping
    yield b"\x09\x80abcd"                               # a ping in parts
    yield mask_frame(BINARY, b"{", False)               # half a message
    yield mask_frame(BINARY, b"x" * 1000)[:500]         # half a frame
    yield mask_frame(0, b"x")                           # the rest of nothing
    yield mask_frame(CLOSE, b"\x03")                    # half a code
    yield mask_frame(TEXT, b"\xff\xfe")                 # no UTF-8
    for _ in range(30):
        yield rng.randbytes(rng.randrange(1, 300))


def damaged(rng, payload):
    data = bytearray(payload)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(data) + 1)
        choice = rng.randrange(3)
        if choice == 0 and at < len(data):
            data[at] = rng.randrange(256)
        elif choice == 1:
            del data[at:at + rng.randrange(1, 20)]
        else:
            data[at:at] = rng.randbytes(rng.randrange(1, 10))
    return bytes(data)


def test_rubbish_hurts_only_who_sends_it():
    rng = random.Random(20260702)
    with LocalServer("--users", "3", "--gentle") as server, server.connect("u1") as honest:
        token = server.user_token("u2")
        for frame in broken_frames(rng):
            with connect(server, "u2", token) as line:
                line.send_bytes(frame)
                with contextlib.suppress(OSError):
                    line.socket.shutdown(socket.SHUT_WR)
                while line.receive()[0] != "closed":
                    pass
        for sdkType, compression in FORMATS:
            line = connect(server, "u2", token, 7, sdkType, compression)
            for _ in range(150):
                if line.end:
                    line.close()
                    line = connect(server, "u2", token, 7, sdkType, compression)
                identifier = rng.choice([1001, 1002, 1003, 1005, 1006, 1007, 2004, 2005])
                payload = line.encode({"reqIdentifier": identifier, "sendID": "u2", "token": "",
                                       "operationID": "op", "msgIncr": "1",
                                       "data": damaged(rng, PULL)})
                if rng.random() < 0.5:
                    payload = damaged(rng, payload)
                line.send(BINARY, payload)
                line.send(PING, b"?")
                while line.receive()[0] not in (PONG, "closed"):
                    pass
            line.close()
        assert honest.request(1001, {"userID": "u1"}).errCode == 0
        assert not honest.pushes, honest.pushes


def test_what_is_no_frame_ends_with_a_code():
    """And with nothing besides: the real server says what was wrong."""
    with LocalServer("--users", "1") as server:
        token = server.user_token("u1")
        for frame in b"\x82\x05hello", b"\x83\x80abcd":
            with connect(server, "u1", token) as line:
                line.send_bytes(frame)
                assert line.receive() == (CLOSE, struct.pack(">H", 1002)), frame


def test_parts_of_a_message_count_together():
    """51200 bytes a message, however it is cut, and pings between its parts."""
    with LocalServer("--users", "1", "--gentle") as server:
        with server.connect("u1") as line:
            plain = json.dumps({"reqIdentifier": 1001, "sendID": "u1", "operationID": "op",
                                "msgIncr": "1", "data": None}).encode().ljust(51200)
            for n_parts in 1, 2, 5000:
                size = -(-len(plain) // n_parts)
                parts = [plain[at:at + size] for at in range(0, len(plain), size)]
                for n, part in enumerate(parts):
                    line.send(0 if n else BINARY, part, n == len(parts) - 1)
                    if n == len(parts) // 2:
                        line.send(PING, b"?")
                assert line.next_frame().msgIncr == "1"
            line.send(BINARY, plain[:51199], False)
            line.send(0, b" ", False)
            line.send(PING, b"?")
            assert line.receive() == (PONG, b"?")
            line.send(0, b" ", False)
            assert line.receive() in ((CLOSE, struct.pack(">H", 1009)), ("closed", "reset"))


def test_an_answer_has_an_end():
    """Nobody makes the server put together more than it wants to have in memory."""
    with LocalServer("--users", "2", "--gentle") as server, server.connect("u1") as line:
        for n in range(250):
            assert line.send_text("u2", f"{n}" + "x" * 37000).errCode == 0
        wait_newest(line, "si_u1_u2", 250)
        line.pushes.clear()

        def pull(num):
            return line.request(1002, {"userID": "u1", "seqRanges": [
                {"conversationID": "si_u1_u2", "begin": 1, "end": 250, "num": num}]})
        one = {"conversationID": "si_u1_u2", "seqs": [1]}
        assert len(pull(200).pb["msgs"]["si_u1_u2"]["Msgs"]) == 200
        for answer in (pull(250),
                       line.request(1005, {"userID": "u1", "conversations": [
                           dict(one, seqs=[1] * 250)]}),
                       line.request(1005, {"userID": "u1", "conversations": [one] * 250}),
                       line.request(1007, {"userID": "u1", "conversationIDs": ["si_u1_u2"] * 250})):
            assert (answer.errCode, answer.data) == (500, None), answer.errCode
        body = {"userID": "u1", "seqRanges": [
            {"conversationID": "si_u1_u2", "begin": 1, "end": 250, "num": 250}]}
        answer = server.post("/msg/pull_msg_by_seq", body, line.token)
        assert answer["errCode"] == 500 and "data" not in answer, answer["errCode"]
        for n in range(0, 10000, 1000):
            people = [f"x{n + i}" for i in range(1000)]
            assert line.request(2005, {"subscribeUserID": people}).errCode == 0
        assert line.request(2005, {"subscribeUserID": ["one more"]}).errCode == 1001
        # Who is watched already takes no place, and who goes makes one.
        assert line.request(2005, {"subscribeUserID": people + people}).errCode == 0
        assert line.request(2005, {"subscribeUserID": ["new"],
                                   "unsubscribeUserID": ["x9999", "nobody"]}).errCode == 0
        assert line.request(2005, {"subscribeUserID": ["one more"],
                                   "unsubscribeUserID": ["nobody"]}).errCode == 1001
        assert line.request(2005, {"subscribeUserID": ["x0", "one", "two"],
                                   "unsubscribeUserID": ["x0", "x1"]}).errCode == 1001
        assert line.request(2005, {"subscribeUserID": ["one more"]}).errCode == 1001, \
            "what is refused changes nothing"
        assert line.request(2005, {"unsubscribeUserID": ["x0"]}).errCode == 0
        assert line.request(2005, {"subscribeUserID": ["y" * 257]}).errCode == 1001
        assert line.request(2005, {"unsubscribeUserID": ["x1"]}).errCode == 0
        assert line.request(2005, {"subscribeUserID": ["u2"]}).errCode == 0


def test_what_belongs_to_others():
    with LocalServer("--users", "3", "--gentle") as server:
        one, two, three = (server.connect(user) for user in ("u1", "u2", "u3"))
        with one, two, three:
            assert one.send_text("u2", "between us").errCode == 0
            two.next_push()
            # In somebody else's name.
            assert three.send_text("u1", "from u2", sendID="u2").errCode == 1002
            assert three.request(1001, {"userID": "u1"}).errCode == 1002
            assert three.request(1002, {"userID": "u1"}).errCode == 1002
            assert three.request(1006, {"userID": "u1"}).errCode == 1002
            # Other people's conversations, under the own name and another.
            ranges = [{"conversationID": c, "begin": 1, "end": 9, "num": 9}
                      for c in ("si_u1_u2", "n_u1_u2")]
            assert three.request(1002, {"userID": "u3", "seqRanges": ranges}).pb == {}
            for user in "u1", "u3":
                lists = [{"conversationID": "si_u1_u2", "seqs": [1]}]
                answer = three.request(1005, {"userID": user, "conversations": lists}).pb
                assert "Msgs" not in answer["msgs"]["si_u1_u2"], answer
                answer = three.request(1007, {"userID": user, "conversationIDs": ["si_u1_u2"]})
                assert answer.pb == {}
            # An envelope of somebody else ends the connection, without a word.
            three.send_envelope(1001, {"userID": "u1"}, sendID="u1")
            assert three.receive() == ("closed", "fin")
            assert not one.pushes or all(texts(p) == ["between us"] for p in one.pushes)
            assert two.request(1001, {"userID": "u2"}).errCode == 0 and not two.pushes


# --- what lies open ---

def listening_addresses(pid):
    inodes = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            target = os.readlink(f"/proc/{pid}/fd/{name}")
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    for table in "tcp", "tcp6":
        with open(f"/proc/{pid}/net/{table}", encoding="ascii") as file:
            for line in list(file)[1:]:
                fields = line.split()
                if fields[3] == "0A" and fields[9] in inodes:
                    yield fields[1].split(":")[0]


def test_only_this_computer_and_this_user():
    folder = tempfile.mkdtemp(prefix="tern-test-")
    try:
        data = os.path.join(folder, "data")
        with LocalServer("--users", "2", "--data", data, "--gentle") as server:
            addresses = list(listening_addresses(server.process.pid))
            assert len(addresses) >= 3 and set(addresses) == {"0100007F"}, addresses
            token = server.user_token("u1")
            with connect(server, "u1", token) as line:
                line.send_text("u2", "kept")
                line.next_push()
                assert newest(line, "si_u1_u2") == 1
            assert stat.S_IMODE(os.stat(data).st_mode) == 0o700
            names = os.listdir(data)
            assert "server.db" in names
            for name in names:
                mode = stat.S_IMODE(os.stat(os.path.join(data, name)).st_mode)
                assert mode in (0o600, 0o700), (name, oct(mode))
            secret = server.secret
        with LocalServer("--data", data) as server:
            assert server.secret == secret
            with connect(server, "u1", token) as line:
                assert newest(line, "si_u1_u2") == 1, "a token and a message outlive the process"
    finally:
        shutil.rmtree(folder)


def test_tokens():
    with LocalServer("--users", "1") as server:
        tokens = {server.user_token("u1") for _ in range(100)}
        assert len(tokens) == 100
        last = server.user_token("u1")
        head, claims, signature = last.split(".")
        unsigned = base64.urlsafe_b64encode(b'{"alg":"none"} ').decode()
        for wrong, code in ((f"{head}.{claims}.{signature[:-3]}AAA", 1505),
                            (f"{head}.{claims}.", 1505), (f"{head}.{claims}", 1503),
                            (last + "x", 1505), (last.swapcase(), 1503), ("a.b.c", 1503),
                            ("..", 1503), ("x" * 9000, 1503), (f"{unsigned}.{claims}.", 1505)):
            try:
                connect(server, "u1", wrong)
                raise AssertionError(f"{wrong} came in")
            except Refused as refusal:
                assert refusal.code == code, (wrong, refusal)
        connect(server, "u1", last).close()


def encode_form_b(body):
    return base64.urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip("=")


def test_form_b_and_the_header():
    with LocalServer("--users", "1") as server:
        token = server.user_token("u1")
        body = {"token": token, "userID": "u1", "platformID": 7, "operationID": "op",
                "sdkType": "go", "compression": "gzip", "sendResponse": True}
        # Go's decoder finds a key in any case, and a null is as good as none.
        shouted = {key.upper(): value for key, value in body.items()}
        for good in body, shouted, dict(body, background=None, zz=[1]):
            with Connection("127.0.0.1", server.ws_port, "u1", "go", "gzip") as line:
                assert line.handshake({"v": encode_form_b(good), "sendID": "ignored"})[0] == 101
                assert line.receive()[0] == TEXT
                assert line.request(1001, {"userID": "u1"}).errCode == 0
        for bad in [body], dict(body, platformID="7"), dict(body, sendResponse=1):
            with WebSocket("127.0.0.1", server.ws_port) as line:
                status, _, answer = line.handshake({"v": encode_form_b(bad)})
                told = json.loads(answer)
                assert (status, told["errCode"]) == (200, 1602), answer
                assert told["errDlt"].startswith(
                    "data is not json, info=json: cannot unmarshal "), answer
        query = handshake_query("u1", token)
        with Connection("127.0.0.1", server.ws_port, "u1", "js", "gzip") as line:
            assert line.handshake(query, headers={"compression": "gzip"})[0] == 101
            assert line.receive()[0] == TEXT
            assert line.request(1001, {"userID": "u1"}).errCode == 0


def test_text_pings():
    """Read as Go reads JSON, too; the recording (golden/longconn/keepalive.json) has the plain
    ones."""
    with LocalServer("--users", "1") as server, server.connect("u1") as line:
        for ping, body in ((b'{"TYPE":"ping","Body":[1,null,{"a":null}]}', b'[1,null,{"a":null}]'),
                           (b'{"type":"pong","type":"ping","x":1}', b"null"),
                           (b'{"type":"ping","body":1e3,"x":1e999}', b"1000.0"),
                           ('{"type":"ping","body":"<\u2028>"}'.encode(),
                            rb'"\u003c\u2028\u003e"')):
            line.send(TEXT, ping)
            assert line.receive() == (TEXT, b'{"type":"pong","body":' + body + b"}"), ping
        for number, wanted in ("36893488147419103232", 2 ** 65), ("1e20", 99999999999999983616):
            line.send(TEXT, b'{"type":"ping","body":%s}' % number.encode())
            assert json.loads(line.receive()[1]) == {"type": "pong", "body": wanted}
        line.send(TEXT, b'{"type":"PING"}')
        assert line.receive() == ("closed", "fin")
        with server.connect("u1") as line:  # no number
            line.send(TEXT, b'{"type":"ping","body":[1e999]}')
            assert line.receive() == ("closed", "fin")


def test_answers_come_in_order():
    """Of requests that did not wait for each other."""
    with LocalServer("--users", "2", "--gentle") as server:
        for sdkType, compression in FORMATS:
            with server.connect("u1", 7, sdkType, compression) as line:
                kinds = [(1001, {"userID": "u1"}), (1006, {"userID": "u1"}), (1002, PULL),
                         (1003, {"sendID": "u1", "recvID": "u2", "sessionType": 1, "msgFrom": 100,
                                 "contentType": 101, "content": '{"content":"x"}',
                                 "clientMsgID": "c"}), (1003, b"\xff"), (1004, b""),
                         (1007, {"userID": "u1", "conversationIDs": ["si_u1_u2"]}),
                         (2005, {"subscribeUserID": ["u2"]})]
                asked = [line.send_envelope(*kind) for kind in kinds * 25]
                told = []
                while len(told) < len(asked):
                    envelope = line.next_frame()
                    if envelope.reqIdentifier not in (2001, 2005) or envelope.msgIncr:
                        told.append(envelope.msgIncr)
                assert told == asked, (sdkType, compression)


def test_what_is_no_text_is_told_as_text():
    with LocalServer("--users", "1") as server:
        query = handshake_query("u1", server.user_token("u1"), isMsgResp="false")
        query = urllib.parse.urlencode(query).replace("sendID=u1", "sendID=%A6u1")
        with WebSocket("127.0.0.1", server.ws_port) as line:
            status, _, body = line.handshake(query)
            assert status == 200 and json.loads(body.decode())["errDlt"] == (
                "token uid u1 != userID \ufffdu1"), body


def test_inflated_size_has_a_limit():
    with LocalServer("--users", "1") as server:
        for size, is_taken in ((3 << 20, True), (5 << 20, False)):
            with server.connect("u1", 7, "js", "gzip") as line:
                plain = json.dumps({"reqIdentifier": 1001, "sendID": "u1", "operationID": "op",
                                    "msgIncr": "1", "data": None, "zz": "x" * size}).encode()
                line.send(BINARY, gzip.compress(plain))
                answer = line.next_frame()
                assert (answer is not None) == is_taken


if __name__ == "__main__":
    tap.main(globals())
