#!/usr/bin/env python3
"""What goes wrong on demand (tern-server-faults.h), against the real local server.

Environment: TERN_LOCAL_SERVER. Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import struct
import time
import urllib.error

import tap
from wsclient import (CLOSE, DEADLINE, PING, LocalServer, Refused, WebSocket, connect, newest,
                      texts, wait_newest)


class Faults:
    def __init__(self, server):
        self.server, self.since = server, 0

    def __call__(self, *rules, **more):
        if more.get("clear"):
            self.since = 0
        answer = self.server.post("/tern/faults", dict(
            more, secret=self.server.secret, rules=list(rules), since=self.since))
        assert answer["errCode"] == 0, answer
        log = answer["data"]["log"]
        self.since = log[-1]["number"] if log else self.since
        return log


def faulty(*arguments):
    return LocalServer("--users", "3", "--gentle", "--enable-faults", *arguments,
                       stderr=open(os.devnull, "w", encoding="utf-8"))


def test_faults_on_what_is_sent():
    with faulty("1") as server, server.connect("u1") as line, server.connect("u2") as peer:
        faults = Faults(server)

        def say(*words):
            for word in words:
                assert peer.send_text("u1", word, options={"senderSync": False}).errCode == 0

        def hear(n):
            return [texts(line.next_push())[0] for _ in range(n)]
        faults({"fault": "drop", "on": "push", "user": "u1"})
        say("lost", "a")
        assert hear(1) == ["a"]
        assert newest(line, "si_u1_u2") == 2, "stored all the same"
        faults({"fault": "duplicate", "on": "push", "user": "u1", "conversation": "si_u1_u2"})
        say("twice")
        assert hear(2) == ["twice", "twice"]
        faults({"fault": "swap", "on": "push", "user": "u1", "ms": 60000})
        say("second", "first")
        assert hear(2) == ["first", "second"]
        faults({"fault": "late", "on": "push", "user": "u1", "ms": 700})
        say("late", "early")
        assert hear(2) == ["early", "late"]
        faults({"fault": "delay", "on": "push", "user": "u1", "ms": 700})
        begun = time.monotonic()
        say("one", "two")
        assert hear(2) == ["one", "two"] and time.monotonic() - begun >= 0.7
        faults({"fault": "duplicate", "on": "answer", "user": "u1", "id": 1001})
        first = line.request(1001, {"userID": "u1"})
        assert line.next_push().msgIncr == first.msgIncr
        faults({"fault": "late", "on": "answer", "user": "u1", "id": 1006, "ms": 500})
        late = line.send_envelope(1006, {"userID": "u1"})
        assert line.request(1001, {"userID": "u1"}).errCode == 0 and not line.pushes
        assert line.answer(late).errCode == 0
        log = faults()
        assert [(e["fault"], e["number"], e["rule"]) for e in log] == [("late", 7, 7)], log
        faults({"fault": "cut", "on": "answer", "user": "u1", "id": 1001})
        line.send_envelope(1001, {"userID": "u1"})
        assert line.receive() == ("closed", "fin") and len(line.buffer) > 2, "in the middle"


def test_faults_on_requests_pulls_and_handshakes():
    with faulty("1") as server, server.connect("u1") as line:
        faults = Faults(server)
        line.send_text("u2", "x")
        line.next_push()
        faults({"fault": "error", "on": "request", "id": 1003, "code": 1402, "skip": 1})
        assert line.send_text("u2", "not refused").errCode == 0
        answer = line.send_text("u2", "refused")
        assert (answer.errCode, answer.errMsg, answer.data) == (1402, "MutedInGroup", None)
        faults({"fault": "error", "on": "answer", "id": 1003, "code": 90001, "text": "a hook's"})
        answer = line.send_text("u2", "done all the same")
        assert (answer.errCode, answer.errMsg) == (90001, "a hook's")
        while line.next_push().reqIdentifier != 2001 or newest(line, "si_u1_u2") < 3:
            pass
        whole = {"userID": "u1", "seqRanges": [
            {"conversationID": "si_u1_u2", "begin": 1, "end": 9, "num": 9}]}
        faults({"fault": "leave-out", "on": "pull", "conversation": "si_u1_u2"})
        assert line.request(1002, whole).pb == {}
        assert len(line.request(1002, whole).pb["msgs"]["si_u1_u2"]["Msgs"]) == 3
        faults({"fault": "drop", "on": "request", "id": 1006})
        never = line.send_envelope(1006, {"userID": "u1"})
        assert line.request(1001, {"userID": "u1"}).errCode == 0
        assert never not in [e.msgIncr for e in line.pushes]
        for rule, code in (({"code": 1601}, 1601), ({"code": 1507}, 1507), ({"status": 503}, None)):
            faults(dict(rule, fault="refuse", on="handshake", user="u2"))
            try:
                server.connect("u2")
                raise AssertionError("it came in")
            except Refused as refusal:
                if code:
                    assert refusal.code == code and (refusal.status == 101) == (code == 1507)
                else:
                    assert refusal.status == 503
        server.connect("u2").close()


def test_faults_on_connections():
    with faulty("1") as server:
        faults = Faults(server)
        with server.connect("u1") as line:
            faults(now={"fault": "kick", "user": "u1"})
            assert line.next_push().reqIdentifier == 2002 and line.receive() == ("closed", "fin")
        with server.connect("u1") as line:
            faults(now={"fault": "end", "user": "u1", "platform": 7})
            assert line.receive() == ("closed", "fin")
        token = server.user_token("u1")
        with connect(server, "u1", token) as line:
            faults(now={"fault": "expire", "user": "u1"})
            assert line.request(1001, {"userID": "u1"}).errCode == 0, "outlives its token"
            try:
                connect(server, "u1", token)
                raise AssertionError("an expired token came in")
            except Refused as refusal:
                assert refusal.code == 1501
        with server.connect("u1") as line, server.connect("u2") as peer:
            faults({"fault": "forget", "on": "request", "user": "u1", "id": 1006})
            line.send_envelope(1006, {"userID": "u1"})
            line.send_envelope(1001, {"userID": "u1"})
            line.send(PING, b"?")
            peer.send_text("u1", "unheard")
            peer.next_push()
            try:
                raise AssertionError(line.receive(0.5))
            except TimeoutError:
                pass
        assert [e["fault"] for e in faults()] == ["forget"]


def test_a_stall_holds_back_what_was_accepted():
    with faulty("1") as server, server.connect("u1") as line, server.connect("u2") as peer:
        faults = Faults(server)
        faults(now={"fault": "stall", "ms": 600000})
        assert peer.send_text("u1", "held").errCode == 0
        try:
            raise AssertionError(line.receive(0.5))
        except TimeoutError:
            pass
        assert newest(line, "si_u1_u2") == 0
        faults(now={"fault": "stall", "ms": 0})
        assert texts(line.next_push()) == ["held"] and newest(line, "si_u1_u2") == 1


def test_back_within_one_batch():
    """The bound of who left is set when the news goes out, but not on whoever is back by then: he
    has the whole group. The real server sets it on him too, as in the recording of conversations
    (golden/rest/conversations.json, step 6 of the first flow)."""
    with faulty("1") as server, server.connect("u1") as line, server.connect("u2") as leaver:
        faults = Faults(server)
        answer = server.post("/group/create_group", {
            "ownerUserID": "u1", "memberUserIDs": ["u2"], "groupInfo": {
                "groupID": "4242", "groupName": "G", "groupType": 2, "needVerification": 2}},
            line.token)
        assert answer["errCode"] == 0, answer

        def bound(expected):
            deadline = time.monotonic() + DEADLINE
            while True:
                answer = server.post("/conversation/get_conversation", {
                    "ownerUserID": "u2", "conversationID": "sg_4242"}, leaver.token)
                if answer["data"]["conversation"]["maxSeq"] == expected:
                    return
                assert time.monotonic() < deadline, answer
                time.sleep(0.02)

        def leave():
            assert server.post("/group/quit_group", {"groupID": "4242"},
                               leaver.token)["errCode"] == 0

        def join():
            assert server.post("/group/join_group", {
                "groupID": "4242", "joinSource": 3, "inviterUserID": "u2"},
                leaver.token)["errCode"] == 0
        wait_newest(line, "sg_4242", 1)
        leave()
        bound(2)
        join()
        bound(0)
        wait_newest(line, "sg_4242", 3)
        faults(now={"fault": "stall", "ms": 600000})
        leave()
        join()
        bound(0)
        faults(now={"fault": "stall", "ms": 0})
        wait_newest(line, "sg_4242", 5)
        bound(0)


def test_delays_and_swaps_add_up():
    with faulty("1") as server, server.connect("u1") as line, server.connect("u2") as peer:
        faults = Faults(server)

        def tell(*words):
            for word in words:
                assert peer.send_text("u1", word, options={"senderSync": False}).errCode == 0
            return [texts(line.next_push())[0] for _ in words]
        begun = time.monotonic()
        faults(*({"fault": "delay", "on": "push", "user": "u1", "ms": ms} for ms in (300, 1500)))
        assert tell("a", "b", "c") == ["a", "b", "c"] and time.monotonic() - begun >= 1.5
        assert [e["rule"] for e in faults()] == [1, 2]
        faults({"fault": "swap", "on": "push", "user": "u1", "ms": 60000, "count": 2})
        assert tell("d", "e", "f") == ["f", "e", "d"]
        faults({"fault": "delay", "on": "push", "user": "u1", "ms": 300},
               {"fault": "swap", "on": "push", "user": "u1", "ms": 60000})
        assert tell("g", "h", "i") == ["g", "i", "h"]
        faults({"fault": "swap", "on": "push", "user": "u1", "ms": 60000},
               {"fault": "delay", "on": "push", "user": "u1", "ms": 300})
        assert tell("j", "k", "l") == ["k", "j", "l"]
        faults.since = 0
        assert [e["rule"] for e in faults()] == [1, 2, 3, 3, 4, 5, 6, 7]


def test_what_is_held_back_leaves_before_the_end():
    for fault, last in ({"fault": "cut", "on": "answer", "id": 1001}, "half"), \
            ({"fault": "kick", "on": "request", "id": 1001}, 2002), \
            ({"fault": "end", "on": "request", "id": 1001}, None):
        with faulty("1") as server, server.connect("u1") as line, server.connect("u2") as peer:
            Faults(server)({"fault": "delay", "on": "push", "user": "u1", "ms": 600000},
                           {"fault": "swap", "on": "push", "user": "u1", "ms": 600000, "skip": 1},
                           dict(fault, user="u1"))
            for word in "one", "two":
                assert peer.send_text("u1", word, options={"senderSync": False}).errCode == 0
            wait_newest(peer, "si_u1_u2", 2)
            line.send_envelope(1001, {"userID": "u1"})
            assert [texts(line.next_push()) for _ in range(2)] == [["one"], ["two"]], fault
            if last == 2002:
                assert line.next_push().reqIdentifier == 2002
            assert line.receive() == ("closed", "fin")
            assert (len(line.buffer) > 2) == (last == "half"), line.buffer


def test_what_is_held_back_does_not_follow_a_close():
    """Nor does what is late come before an end."""
    for fault in "delay", "late":
        with faulty("1") as server, server.connect("u1") as line, server.connect("u2") as peer:
            Faults(server)({"fault": fault, "on": "push", "user": "u1", "ms": 600000})
            assert peer.send_text("u1", "lost", options={"senderSync": False}).errCode == 0
            wait_newest(peer, "si_u1_u2", 1)
            assert [entry["fault"] for entry in Faults(server)()] == [fault]
            line.send_bytes(b"\x83\x80abcd")
            assert line.receive() == (CLOSE, struct.pack(">H", 1002))
            while (kind := line.receive()[0]) != "closed":
                assert kind == CLOSE, kind
            assert not line.buffer, line.buffer


def test_what_expires():
    """Good tokens only, and of one platform if it is named."""
    with faulty("1") as server:
        faults = Faults(server)

        def ask(token):
            return server.post("/user/get_users_info", {"userIDs": ["u1"]}, token)["errCode"]
        kicked = server.user_token("u1")
        other, last = server.user_token("u1", 5), server.user_token("u1")
        faults(now={"fault": "expire", "user": "u1", "platform": 7})
        assert [ask(token) for token in (kicked, other, last)] == [1506, 0, 1501]
        with connect(server, "u1", other, 5) as line:
            last = server.user_token("u1")
            faults({"fault": "expire", "on": "request", "platform": 5, "id": 1001})
            assert line.request(1001, {"userID": "u1"}).errCode == 0
        assert [ask(token) for token in (kicked, other, last)] == [1506, 1501, 0]
        faults(now={"fault": "expire", "user": "u1"})
        assert [ask(token) for token in (kicked, other, last)] == [1506, 1501, 1501]


def test_faults_on_calls():
    with faulty("1") as server, server.connect("u1") as line:
        faults = Faults(server)

        def call(path, **body):
            return server.post(path, dict(body, userID="u1"), line.token)

        def rename(name):
            return call("/user/update_user_info", userInfo={"userID": "u1", "nickname": name})

        def name():
            users = call("/user/get_users_info", userIDs=["u1"])["data"]["usersInfo"]
            return users[0]["nickname"]
        update = {"user": "u1", "platform": 7, "path": "/user/update_user_info"}
        faults(dict(update, fault="error", on="call", code=1004))
        answer = rename("no")
        assert (answer["errCode"], answer["errMsg"]) == (1004, "RecordNotFoundError"), answer
        assert name() != "no"
        faults(dict(update, fault="error", on="reply", code=90001, text="a hook's"))
        answer = rename("done all the same")
        assert (answer["errCode"], answer["errMsg"]) == (90001, "a hook's") and "data" not in answer
        assert name() == "done all the same"
        faults(dict(update, fault="error", on="call", status=503))
        try:
            raise AssertionError(rename("no"))
        except urllib.error.HTTPError as error:
            assert error.code == 503 and error.read() == b""
        for on, wanted in ("call", "done all the same"), ("reply", "done unseen"):
            faults(dict(update, fault="drop", on=on))
            try:
                raise AssertionError(rename("done unseen"))
            except (ConnectionError, urllib.error.URLError):
                pass
            assert name() == wanted, on
        # What was not done has no reply to be spoilt.
        faults(dict(update, fault="error", on="call", code=1004),
               dict(update, fault="error", on="reply", code=1204))
        assert [rename("twice")["errCode"] for _ in range(2)] == [1004, 1204]
        faults(dict(update, fault="delay", on="reply", ms=700))
        begun = time.monotonic()
        assert rename("late")["errCode"] == 0 and time.monotonic() - begun >= 0.7
        # Of who has no token yet there is no name; and this route is always open.
        faults({"fault": "error", "on": "call", "code": 20001, "count": 0})
        answer = server.post("/account/login", {}, base=server.account)
        assert answer["errCode"] == 20001, answer
        log = faults()
        assert {e["path"] for e in log} == {"/account/login"} and log[0]["user"] == "", log
        faults(clear=True)
        assert rename("good")["errCode"] == 0
        # Nobody has to be connected for this.
        server.user_token("u2")
        token = server.user_token("u2", 5)
        faults(now={"fault": "expire", "user": "u2"})
        assert server.post("/user/get_users_info", {"userIDs": ["u1"]}, token)["errCode"] == 1501


def test_each_device_is_counted_by_itself():
    with faulty("1") as server:
        lines = [server.connect(*device) for device in (("u1", 7), ("u1", 5), ("u2", 7))]
        rules = ({"fault": "error", "on": "request", "id": 1001, "code": 1402, "skip": 1},
                 {"fault": "error", "on": "request", "id": 1001, "percent": 50, "count": 5})

        def play(order):
            """What each device gets."""
            Faults(server)(*rules, clear=True)
            outcome = {n: [] for n in range(len(lines))}
            for n in order:
                answer = lines[n].request(1001, {"userID": lines[n].user})
                outcome[n].append(answer.errCode)
            return outcome
        first = play([n for n in range(3) for _ in range(30)])
        for codes in first.values():
            assert (codes.count(1402), codes.count(500)) == (1, 5) and codes[0] != 1402, first
        assert len({tuple(codes) for codes in first.values()}) == 3, first
        assert play([n for _ in range(30) for n in (2, 0, 1)]) == first, "whatever the order"
        for line in lines:
            line.close()


def play_at_random(line, faults):
    faults({"fault": "error", "on": "answer", "user": "u1", "percent": 30, "count": 0})
    outcome = [line.request(1001, {"userID": "u1"}).errCode for _ in range(200)]
    log = faults()
    assert [(e["number"], e["rule"]) for e in log] == [
        (n + 1, 1) for n in range(outcome.count(500))], log[:3]
    return outcome


def test_the_same_seed_gives_the_same_faults():
    outcomes = []
    for seed in "7", "7", "8":
        with faulty(seed) as server, server.connect("u1") as line:
            faults = Faults(server)
            outcomes.append(play_at_random(line, faults))
            faults(clear=True)
            assert play_at_random(line, faults) == outcomes[-1], "a clear makes it as good as new"
    assert 30 < outcomes[0].count(500) < 90, outcomes[0].count(500)
    assert outcomes[0] == outcomes[1] != outcomes[2]


def test_all_of_an_order_or_nothing():
    with faulty("1") as server, server.connect("u1") as line:
        faults = Faults(server)
        faults({"fault": "error", "on": "request", "user": "u1", "id": 1001, "code": 1402,
                "skip": 1})
        good, end = {"fault": "end", "on": "answer"}, {"fault": "end", "user": "u1"}
        for order in ({"rules": [good, {}]}, {"rules": [good, {"fault": "end", "on": "now"}]},
                      {"rules": good}, {"rules": [{}], "now": end},
                      {"rules": [good], "now": {"fault": "drop"}},
                      {"rules": [good], "now": dict(end, on="push")}, {"now": {}}):
            answer = server.post("/tern/faults", dict(order, secret=server.secret, clear=True))
            assert answer["errCode"] == 1001, (order, answer)
        assert [line.request(1001, {"userID": "u1"}).errCode for _ in range(3)] == [0, 1402, 0]
        assert [e["number"] for e in faults()] == [1]


def test_faults_need_the_switch_and_the_secret():
    with faulty("1") as server:
        for body in ({"secret": "x"}, {}, {"secret": server.admin_token}):
            assert server.post("/tern/faults", body)["errCode"] == 1002
        for rule in ({"fault": "drop", "on": "handshake"}, {"fault": "x", "on": "push"}, {}, 7):
            answer = server.post("/tern/faults", {"secret": server.secret, "rules": [rule]})
            assert answer["errCode"] == 1001, answer
    with LocalServer("--users", "1") as server:
        line = WebSocket("127.0.0.1", int(server.api.rsplit(":", 1)[1]))
        with line:
            status, _, _ = line.handshake("", "POST", "/tern/faults", {
                "operationID": "op", "token": server.admin_token, "Upgrade": None,
                "Connection": "close", "Content-Length": "0"})
            assert status == 404, status


if __name__ == "__main__":
    tap.main(globals())
