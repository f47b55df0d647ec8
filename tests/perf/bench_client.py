#!/usr/bin/env python3
"""Figures of the client over a real line: sends, an outage, a dead line, idling.

Argument: the build folder. Prints lines "name: value unit". tern-cli and
tern-local-server --gentle, and between them a wire that can be taken away. A
message is acknowledged first and counts as sent when the server has been seen to
have it, which it stores every 100 ms.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import glob
import json
import os
import queue
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "server",
                                "replay"))
import wsclient  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
CLI = BUILD + "/src/cli/tern-cli"
os.environ["TERN_LOCAL_SERVER"] = BUILD + "/src/server/tern-local-server"
N_SENDS, N_ONE_BY_ONE, N_MISSED, OUTAGE_S, IDLE_S, N_CONVERSATIONS = 500, 500, 300, 3, 60, 200
STEP_S = 0.0005  # how exactly what shows only in the database is timed
PATIENCE_S = 120


def figure(name, value, unit):
    print(f"{name}: {value:.2f} {unit}", flush=True)


def percentile(values, percent):
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def figures(name, times):
    figure(name + ", p50", statistics.median(times) * 1000, "ms")
    figure(name + ", p99", percentile(times, 99) * 1000, "ms")


def wait_until(is_true):
    until = time.monotonic() + PATIENCE_S
    while not is_true():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(STEP_S)


class Wire:
    """Hands bytes on in both directions, as long as it is told to."""

    def __init__(self, port):
        self.target, self.is_open, self.pairs = port, True, []
        self.n_lines, self.is_dead = 0, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            if not self.is_open:
                client.close()
                continue
            self.n_lines += 1
            self.is_dead = False
            server = socket.create_connection(("127.0.0.1", self.target))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pairs += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.carry, args=(source, sink, self.n_lines),
                                 daemon=True).start()

    def carry(self, source, sink, number):
        try:
            while data := source.recv(65536):
                if not (self.is_dead and number == self.n_lines):
                    sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self.is_open = False
        for end in self.pairs:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.pairs.clear()

    def mend(self):
        self.is_open = True


class Client:
    def __init__(self, server, command, sdk_type="js", ws=None):
        self.folder = tempfile.mkdtemp(prefix="tern-bench-")
        read_end, write_end = os.pipe()
        os.write(write_end, b"tern\n")
        os.close(write_end)
        self.start([CLI, "--data", self.folder, "--api", server.api, "--ws", ws or server.ws,
                    "--chat", server.account, "--account", "u1", "--password-fd", str(read_end),
                    "--sdk-type", sdk_type, *command], pass_fds=[read_end])
        os.close(read_end)

    def start(self, command, **more):
        self.process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, **more)
        self.events = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.events.put((time.monotonic(), json.loads(line)))

    def next(self, *names):
        while True:
            at, event = self.events.get(timeout=PATIENCE_S)
            if event["event"] in names:
                return at, event

    def say(self, text):
        self.process.stdin.write(f"send si_u1_u2 {text}\n")
        self.process.stdin.flush()

    def open_store(self):
        [path] = glob.glob(self.folder + "/*/tern.db")
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    def count(self, sql):
        store = self.open_store()
        try:
            return store.execute(sql).fetchone()[0]
        finally:
            store.close()

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as file:
            return sum(int(line.split()[1]) for line in file
                       if line.startswith("Private_Dirty")) / 1024

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder)


class Person(Client):
    """Somebody who looks at the window all the time."""

    def __init__(self, server, ws):
        self.folder = tempfile.mkdtemp(prefix="tern-bench-")
        self.start([BUILD + "/tests/perf/bench-line", server.api, ws, server.account],
                   env=dict(os.environ, TMPDIR=self.folder))


def bench_sends(sdk_type):
    with wsclient.LocalServer("--users", "2", "--gentle") as server:
        client = Client(server, ["script"], sdk_type)
        client.say("first")
        client.next("sent")
        acked, times = [], []
        store = client.open_store()
        for n in range(N_ONE_BY_ONE):
            before = time.monotonic()
            client.say(f"one {n}")
            wait_until(lambda: store.execute("SELECT count (*) FROM messages WHERE status = 2"
                                             ).fetchone()[0] >= n + 2)
            acked.append(time.monotonic() - before)
            times.append(client.next("sent")[0] - before)
        store.close()
        figures(f"one by one, {sdk_type}, acknowledged", acked)
        figures(f"one by one, {sdk_type}, sent", times)
        queued, times, begun = {}, [], time.monotonic()
        for n in range(N_SENDS):
            client.say(f"all {n}")
        while len(times) < N_SENDS:
            at, event = client.next("queued", "sent")
            if event["event"] == "queued":
                queued[event["client_id"]] = at
            else:
                times.append(at - queued[event["client_id"]])
        figure(f"sends at once, {sdk_type}", N_SENDS / (time.monotonic() - begun), "messages/s")
        figures(f"at once, {sdk_type}, sent", times)
        client.close()


def bench_dead_line(wire, name):
    """Nothing comes through any more, and nobody says that it ended."""
    n_lines = wire.n_lines
    wire.is_dead = True
    begun = time.monotonic()
    wait_until(lambda: wire.n_lines > n_lines)
    figure(name + ", noticed after", time.monotonic() - begun, "s")


def bench_line():
    with wsclient.LocalServer("--users", "2", "--gentle") as server:
        wire = Wire(server.ws_port)
        client = Client(server, ["sync", "--follow"], ws=f"ws://127.0.0.1:{wire.port}")
        client.next("sync-end")
        line = server.connect("u2")
        time.sleep(3)
        wire.cut()
        down = time.monotonic()
        for n in range(N_MISSED):
            line.send_text("u1", f"missed {n}")
        time.sleep(max(0, OUTAGE_S - (time.monotonic() - down)))
        wire.mend()
        begun = time.monotonic()
        wait_until(lambda: client.count("SELECT count (*) FROM messages") == N_MISSED)
        figure(f"outage of {OUTAGE_S} s, {N_MISSED} missed, all there after",
               time.monotonic() - begun, "s")
        time.sleep(3)
        bench_dead_line(wire, "dead line while idle")
        client.close()
        wire = Wire(server.ws_port)
        client = Person(server, f"ws://127.0.0.1:{wire.port}")
        client.next("sync-end")
        time.sleep(3)
        bench_dead_line(wire, "dead line while in use")
        client.close()


def bench_idle():
    with wsclient.LocalServer("--seed-messages", str(N_CONVERSATIONS * 10), "--seed-conversations",
                              str(N_CONVERSATIONS)) as server:
        client = Client(server, ["sync", "--follow"])
        client.next("sync-end")
        wait_until(lambda: client.count("SELECT count (*) FROM messages") == N_CONVERSATIONS * 10)
        time.sleep(5)
        before = client.cpu_s()
        time.sleep(IDLE_S)
        figure(f"idle for {IDLE_S} s, {N_CONVERSATIONS} conversations, processor",
               client.cpu_s() - before, "s")
        figure("private dirty memory", client.memory_mb(), "MB")
        client.close()


def main():
    for sdk_type in ("js", "go"):
        bench_sends(sdk_type)
    bench_line()
    bench_idle()


main()
