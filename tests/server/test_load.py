#!/usr/bin/env python3
"""The local server with many connections, a large group and many messages.

Nothing is timed here (tests/perf/bench_server.py does that): everything has
to arrive, and memory has its bounds. Environment: TERN_LOCAL_SERVER,
TERN_TEST_SLOW (more than 1, with sanitizers: much smaller numbers, and memory
is not looked at). Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import re
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "perf"))

from crowd import Crowd, make_send  # noqa: E402
from wsclient import BINARY, PATIENCE, PING, LocalServer, mask_frame, newest  # noqa: E402

# An idle connection takes 6 KiB (src/README.md). A slow reader may leave 32 MiB behind, and one
# more answer of 8 MiB is being made in the meantime, in several copies.
SEND, MAX_CONTENT = "/msg/send_msg", 1 << 20  # bytes of JSON
MAX_IDLE_KIB, MAX_SLOW_KIB, MAX_NEWS_MIB = 24, 128 * 1024, 95
N_IDLE, N_PAIRS, N_PER_PAIR, N_MEMBERS, N_ONLINE, N_STORED = 1000, 100, 50, 2000, 200, 1000000
IS_SLOW = os.environ.get("TERN_TEST_SLOW", "1") != "1"
if IS_SLOW:
    N_IDLE, N_PAIRS, N_PER_PAIR, N_MEMBERS, N_ONLINE, N_STORED = 100, 20, 20, 300, 40, 20000


class Skip(Exception):
    """Why a test says nothing here."""


def memory_kib(server, name="VmRSS"):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as file:
        return int(re.search(name + r":\s+(\d+)", file.read()).group(1))


def begin_peak(server):
    """VmHWM starts anew."""
    with open(f"/proc/{server.process.pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def ask_newest(line):
    return mask_frame(BINARY, line.connection.encode({
        "reqIdentifier": 1001, "token": "", "sendID": line.user, "operationID": "op",
        "msgIncr": "n", "data": b"\n" + bytes([len(line.user)]) + line.user.encode()}))


def test_idle_and_busy_connections():
    with LocalServer("--users", str(N_IDLE + 2 * N_PAIRS), "--gentle") as server:
        crowd = Crowd(server)
        busy = [crowd.add(f"u{n}", server.user_token(f"u{n}")) for n in range(1, 2 * N_PAIRS + 1)]
        idle = [crowd.add(f"u{n}", server.user_token(f"u{n}"))
                for n in range(2 * N_PAIRS + 1, 2 * N_PAIRS + N_IDLE + 1)]
        for p in range(N_PAIRS):
            crowd.send(busy[2 * p], b"".join(make_send(busy[2 * p], n, busy[2 * p + 1].user)
                                             for n in range(N_PER_PAIR)))
        crowd.wait(lambda: crowd.n_answers >= N_PAIRS * N_PER_PAIR and
                   crowd.n_pushes >= 2 * N_PAIRS * N_PER_PAIR)
        for line in idle:
            crowd.send(line, ask_newest(line))
        crowd.wait(lambda: all(line.n_answers == 1 for line in idle))
        assert all(line.n_pushes == N_PER_PAIR for line in busy)
        assert not any(line.n_pushes for line in idle)
        assert all(line.is_open for line in busy + idle)
        crowd.close()


def test_memory_of_idle_connections():
    if IS_SLOW:
        raise Skip("a sanitizer's memory is not the server's")
    with LocalServer("--users", "600", "--gentle") as server:
        crowd = Crowd(server)
        users = [f"u{n}" for n in range(1, 601)]
        for user in users[:100]:  # what is needed once
            crowd.add(user, server.user_token(user))
        before = memory_kib(server)
        lines = [crowd.add(user, server.user_token(user)) for user in users[100:]]
        for line in lines:
            crowd.send(line, ask_newest(line))
        crowd.wait(lambda: all(line.n_answers == 1 for line in lines))
        each = (memory_kib(server) - before) / len(lines)
        print(f"# {each:.1f} KiB for each of {len(lines)} idle connections")
        assert each < MAX_IDLE_KIB, each
        crowd.close()


def test_memory_of_a_slow_reader():
    """It asks and does not read: what waits for it is bounded, and it is cut."""
    if IS_SLOW:
        raise Skip("a sanitizer's memory is not the server's")
    with LocalServer("--users", "2", "--gentle") as server, server.connect("u1") as line:
        for n in range(200):
            assert line.send_text("u2", f"{n}" + "x" * 37000).errCode == 0
        deadline = time.monotonic() + PATIENCE
        while newest(line, "si_u1_u2") < 200:
            assert time.monotonic() < deadline
        line.pushes.clear()
        with server.connect("u2", receive_buffer=4096) as slow:
            before = memory_kib(server)
            begin_peak(server)
            for _ in range(40):  # 400 MB of answers
                slow.send_envelope(1002, {"userID": "u2", "seqRanges": [
                    {"conversationID": "si_u1_u2", "begin": 1, "end": 200, "num": 200}]})
            while line.request(2005, {"subscribeUserID": ["u2"]}).pb["subscribers"][0].get(
                    "onlinePlatformIDs"):
                slow.send(PING, b"")
                assert time.monotonic() < deadline, "it is not cut"
                time.sleep(0.02)
            more = memory_kib(server, "VmHWM") - before
            print(f"# {more / 1024:.0f} MiB at most for a slow reader")
            assert more < MAX_SLOW_KIB, more


def make_message(element, n):
    return b'{"sendID":"u1","recvID":"u1","sessionType":1,"contentType":101,"content":{"":[' \
        + b",".join([element] * n) + b"]}}"


def costly_bodies():
    """Those that take the most; what is too much is refused."""
    size = (16 << 20) - 2000
    group = {"groupType": 2, "groupName": "x"}
    return [
        ("/object/auth_sign", {"uploadID": "", "partNumbers": list(range(1, 10001))}),
        ("/object/initiate_multipart_upload", {"hash": "ab" * 16, "size": 10 ** 11, "maxParts": -1,
                                               "name": "u1/y"}),
        ("/user/get_users_status", {"userIDs": ["<" * 104] * 10000}),
        ("/user/get_users_status", {"userIDs": ["<" * 1600] * 10000}),
        ("/user/get_users_status", {"userIDs": ["<" * size]}),
        ("/user/get_users_info", {"userIDs": ["x" * 60] * 249990}),
        ("/conversation/get_all_conversations", {"ownerUserID": "<" * size}),
        ("/conversation/get_all_conversations", b'{"ownerUserID":1' + b"0" * size + b"}"),
        ("/conversation/set_conversations",
         b'{"conversation":{"isPinned":"' + b"\xff" * size + b'"}}'),
        ("/conversation/set_conversations",
         b'{"conversation":{"isPinned":[' + b"0," * 240000 + b"0]}}"),
        ("/group/create_group", {"ownerUserID": "u1", "groupInfo": dict(group, ex="<" * size)}),
        ("/group/create_group", {"ownerUserID": "u1", "groupInfo": dict(
            group, groupName="<" * 65536, ex="<" * 65536)}),
        (SEND, make_message(b'{"":{"":1}}', 83000)),
        (SEND, make_message(b'"' + b"<" * 65000 + b'"', 16)),
        (SEND, make_message(b'"' + b"<" * 65000 + b'"', 17)),
        (SEND, make_message(b'"' + b"\\u0001" * 65000 + b'"', 40)),
    ]


def test_memory_of_a_call():
    if IS_SLOW:
        raise Skip("a sanitizer's memory is not the server's")
    with open(os.path.join(os.environ["TERN_TEST_SRCDIR"], "..", "src", "README.md"),
              encoding="utf-8") as file:
        promised = int(re.search(r"at most (\d+)\s+MiB of memory while it is answered",
                                 file.read()).group(1))
    most = 0
    for path, body in costly_bodies():
        with LocalServer("--users", "1", "--gentle") as server:
            token = server.user_token("u1")
            upload = server.post("/object/initiate_multipart_upload", {
                "hash": "cd" * 16, "size": 10 ** 11, "maxParts": 0, "name": "u1/x"}, token)
            if path == "/object/auth_sign":
                body["uploadID"] = upload["data"]["upload"]["uploadID"]
            if path == SEND:
                token = server.admin_token
            before = memory_kib(server)
            begin_peak(server)
            answer = server.post(path, body, token)
            assert answer["errCode"] in (0, 1001, 1002), (path, answer)
            assert path != SEND or (answer["errCode"] == 0) == (len(body) < MAX_CONTENT), answer
            most = max(most, (memory_kib(server, "VmHWM") - before) // 1024)
            assert most < promised, (path, most)
    print(f"# {most} MiB at most for one call")


def test_memory_of_news():
    """A group of long texts, which stand in the news of each change."""
    if IS_SLOW:
        raise Skip("a sanitizer's memory is not the server's")
    with LocalServer("--users", "2", "--gentle") as server:
        token = server.user_token("u1")
        for group, text in ("1", "x"), ("2", "<" * 65536):
            answer = server.post("/group/create_group", {
                "ownerUserID": "u1", "memberUserIDs": ["u2"], "groupInfo": {
                    "groupType": 2, "groupID": group, "groupName": "x", "introduction": text,
                    "ex": text}}, token)
            assert answer["errCode"] == 0, answer
        # Its own texts stand in the news of what comes after it.
        own = {"groupID": "1", "userID": "u1", "faceURL": "<" * 65536, "ex": "<" * 65536}
        for group, n, first, code in (
                ("1", 1000, [], 0), ("2", 15, [], 0), ("2", 17, [], 1001), ("2", 1000, [], 1001),
                ("1", 999, [own], 1001), ("1", 6, [own], 0)):
            before = memory_kib(server)
            begin_peak(server)
            answer = server.post("/group/set_group_member_info", {"members": first + [
                {"groupID": group, "userID": "u2", "nickname": f"n{i % 9}"} for i in range(n)]},
                token)
            most = (memory_kib(server, "VmHWM") - before) // 1024
            assert answer["errCode"] == code and most < MAX_NEWS_MIB, (group, n, answer, most)
            print(f"# {most} MiB for {len(first) + n} pieces of news")


def test_a_large_group():
    with LocalServer("--users", str(N_MEMBERS), "--gentle") as server:
        crowd = Crowd(server)
        lines = [crowd.add(f"u{n}", server.user_token(f"u{n}")) for n in range(1, N_ONLINE + 1)]
        people = [f"u{n}" for n in range(2, N_MEMBERS + 1)]
        token = lines[0].connection.token
        answer = server.post("/group/create_group", {
            "memberUserIDs": people[:N_MEMBERS // 2 - 1], "ownerUserID": "u1",
            "groupInfo": {"groupID": "77777", "groupName": "Everybody", "groupType": 2}}, token)
        assert answer["errCode"] == 0, answer
        answer = server.post("/group/invite_user_to_group", {
            "groupID": "77777", "invitedUserIDs": people[N_MEMBERS // 2 - 1:]}, token)
        assert answer["errCode"] == 0, answer
        crowd.wait(lambda: all(line.n_pushes >= 4 for line in lines))  # two events, their lines
        for n, line in enumerate(lines):
            crowd.send(line, make_send(line, n, groupID="77777"))
        crowd.wait(lambda: all((line.n_pushes, line.n_answers) == (4 + N_ONLINE, 1)
                               for line in lines))
        answer = server.post("/group/get_groups_info", {"groupIDs": ["77777"]}, token)
        assert answer["data"]["groupInfos"][0]["memberCount"] == N_MEMBERS, answer
        crowd.close()
        with server.connect(f"u{N_MEMBERS}") as late:
            newest = late.request(1001, {"userID": late.user}).pb["maxSeqs"]
            assert newest["sg_77777"] == 2 + N_ONLINE
            pulled = late.request(1002, {"userID": late.user, "seqRanges": [
                {"conversationID": "sg_77777", "begin": 1, "end": 999, "num": 999}]})
            seqs = [m["seq"] for m in pulled.pb["msgs"]["sg_77777"]["Msgs"]]
            assert seqs == list(range(1, N_ONLINE + 3))


def test_many_stored_messages():
    with LocalServer("--seed-messages", str(N_STORED), "--seed-conversations", "100",
                     "--gentle") as server, server.connect("u1") as line:
        newest = line.request(1001, {"userID": "u1"}).pb["maxSeqs"]
        assert sum(newest.values()) == N_STORED
        for conversation in list(newest)[::10]:
            last = newest[conversation]
            answer = line.request(1002, {"userID": "u1", "seqRanges": [
                {"conversationID": conversation, "begin": 1, "end": last, "num": 100}]})
            batch = answer.pb["msgs"][conversation]
            assert [m["seq"] for m in batch["Msgs"]] == list(range(last - 99, last + 1))
        assert line.send_text("u2").errCode == 0
        assert line.next_push().pb["msgs"]["si_u1_u2"]["Msgs"][0]["seq"] == newest["si_u1_u2"] + 1


def test_a_long_way_to_the_end():
    """Marks what is near; the mark itself goes as far as it is asked to."""
    n_sent = 10500
    with LocalServer("--users", "2", "--gentle") as server:
        crowd = Crowd(server)
        sender = crowd.add("u1", server.user_token("u1"))
        crowd.send(sender, b"".join(make_send(sender, n, "u2") for n in range(n_sent)))
        crowd.wait(lambda: sender.n_answers == n_sent and sender.n_pushes == n_sent)
        crowd.close()
        with server.connect("u2") as line:
            answer = server.post("/msg/mark_conversation_as_read", {
                "conversationID": "si_u1_u2", "userID": "u2", "hasReadSeq": n_sent}, line.token)
            assert answer["errCode"] == 0, answer
            answer = line.request(1002, {"userID": "u2", "seqRanges": [
                {"conversationID": "si_u1_u2", "begin": 1, "end": n_sent, "num": n_sent}]})
            marked = [message["seq"] for message in answer.pb["msgs"]["si_u1_u2"]["Msgs"]
                      if message.get("isRead")]
            assert marked == list(range(n_sent - 9999, n_sent + 1)), marked[:1]
            seqs = line.request(1006, {"userID": "u2"}).pb["seqs"]["si_u1_u2"]
            assert seqs["hasReadSeq"] == n_sent, seqs


def main():
    tests = [(name[5:], function) for name, function in globals().items()
             if name.startswith("test_")]
    print(f"1..{len(tests)}")
    for number, (name, function) in enumerate(tests, 1):
        try:
            function()
            print(f"ok {number} - {name}", flush=True)
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}", flush=True)
        except Exception:
            print("".join("# " + text for text in traceback.format_exc().splitlines(True)))
            print(f"not ok {number} - {name}", flush=True)


if __name__ == "__main__":
    main()
