#!/usr/bin/env python3
"""Figures of the local server: messages accepted and delivered, pulls, memory.

Environment: TERN_LOCAL_SERVER. Prints lines "name: value unit". --gentle, so
that no burst is lost; the clients share the machine with the server.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from crowd import Crowd, make_send  # noqa: E402
from wsclient import LocalServer  # noqa: E402

N_ONE, N_PAIRS, N_PER_PAIR = 10000, 100, 100
N_GROUP, N_MEMBERS = 100, 500
N_PULLED, N_STORED, N_IDLE = 100000, 1000000, 1000


def figure(name, value, unit):
    print(f"{name}: {value:.1f} {unit}", flush=True)


def resident_kib(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def play(crowd, name, sends, n_pushes):
    """sends: [(line, frames)]; n_pushes: all that is to come of it."""
    n_answers = sum(len(frames) for _, frames in sends)
    answers, pushes = crowd.n_answers, crowd.n_pushes
    begun = time.monotonic()
    for line, frames in sends:
        crowd.send(line, b"".join(frames))
    crowd.wait(lambda: crowd.n_answers - answers >= n_answers)
    accepted = time.monotonic() - begun
    crowd.wait(lambda: crowd.n_pushes - pushes >= n_pushes)
    delivered = time.monotonic() - begun
    figure(f"{name} accepted", n_answers / accepted, "messages/s")
    figure(f"{name} delivered", n_pushes / delivered, "pushes/s")


def bench_delivery():
    with LocalServer("--users", str(N_MEMBERS), "--gentle") as server:
        crowd = Crowd(server)
        lines = [crowd.add(f"u{n}", server.user_token(f"u{n}")) for n in range(1, N_MEMBERS + 1)]
        one = [make_send(lines[0], n, "u2") for n in range(N_ONE)]
        play(crowd, "server 1 to 1", [(lines[0], one)], 2 * N_ONE)
        pairs = [(line, [make_send(line, n, f"u{2 * p + 2}") for n in range(N_PER_PAIR)])
                 for p, line in enumerate(lines[:2 * N_PAIRS:2])]
        play(crowd, "server 100 pairs", pairs, 2 * N_PAIRS * N_PER_PAIR)
        pushes = crowd.n_pushes
        answer = server.post("/group/create_group", {
            "memberUserIDs": [line.user for line in lines[1:]], "ownerUserID": "u1",
            "groupInfo": {"groupID": "1000", "groupName": "G", "groupType": 2}},
            lines[0].connection.token)
        assert answer["errCode"] == 0, answer
        crowd.wait(lambda: crowd.n_pushes - pushes >= 2 * N_MEMBERS)
        frames = [make_send(lines[0], n, groupID="1000") for n in range(N_GROUP)]
        play(crowd, "server 1 to group of 500", [(lines[0], frames)], N_GROUP * N_MEMBERS)
        crowd.close()


def bench_pull():
    with LocalServer("--seed-messages", str(N_PULLED), "--seed-conversations", "1") as server:
        for sdkType, encoder in (("js", "JSON"), ("go", "gob")):
            for window in (100, 500):
                with server.connect("u1", 7, sdkType) as line:
                    ids = line.request(1001, {"userID": "u1"}).pb["maxSeqs"]
                    conversation, newest = max(ids.items(), key=lambda entry: entry[1])
                    begun = time.monotonic()
                    for last in range(newest, 0, -window):
                        answer = line.request(1002, {"userID": "u1", "seqRanges": [{
                            "conversationID": conversation, "begin": max(last - window + 1, 1),
                            "end": last, "num": window}], "order": 1})
                        assert answer.data
                    figure(f"server pull by {window}, {encoder}",
                           newest / (time.monotonic() - begun), "messages/s")


def bench_stored():
    """A million messages in a file."""
    with tempfile.TemporaryDirectory(prefix="tern-bench-") as folder:
        begun = time.monotonic()
        with LocalServer("--seed-messages", str(N_STORED), "--seed-conversations", "100",
                         "--data", folder):
            figure("server storing a million", N_STORED / (time.monotonic() - begun), "messages/s")
        begun = time.monotonic()
        with LocalServer("--data", folder, "--gentle") as server:
            figure("server start with a million", (time.monotonic() - begun) * 1e3, "ms")
            with server.connect("u1") as line:
                ids = line.request(1001, {"userID": "u1"}).pb["maxSeqs"]
                begun = time.monotonic()
                for _ in range(10):
                    for conversation, last in ids.items():
                        answer = line.request(1002, {"userID": "u1", "seqRanges": [{
                            "conversationID": conversation, "begin": 1, "end": last,
                            "num": 100}]})
                        assert answer.data
                figure("server pull by 100 of a million",
                       10 * 100 * len(ids) / (time.monotonic() - begun), "messages/s")
            crowd = Crowd(server)
            lines = [crowd.add(user, server.user_token(user)) for user in ("u1", "u2")]
            play(crowd, "server 1 to 1 of a million",
                 [(lines[0], [make_send(lines[0], n, "u2") for n in range(N_ONE)])], 2 * N_ONE)
            crowd.close()
            figure("server memory with a million", resident_kib(server) / 1024, "MiB")


def bench_memory():
    with LocalServer("--users", "1", "--gentle") as server:
        token = server.user_token("u1")
        crowd = Crowd(server)
        crowd.add("u1", token)
        before = resident_kib(server)
        for _ in range(N_IDLE):
            crowd.add("u1", token)
        figure("server memory of an idle connection",
               (resident_kib(server) - before) / N_IDLE, "KiB")
        crowd.close()


bench_delivery()
bench_pull()
bench_stored()
bench_memory()
