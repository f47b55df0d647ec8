#!/usr/bin/env python3
"""Seeded runs of real clients against the real local server, with everything going wrong.

    run_faults.py [--runs N] [--first SEED] [--again N] [--jobs N] [--keep] [--until-bad]

Each run draws, from its seed, who writes what to whom, what the server does wrong, and who is
killed, stopped or cut off when. Then all goes well again until nothing is left to do, and what
every client has on disk is compared with what the server has: nothing lost, nothing doubled,
nothing out of order, nothing still being sent. A seed replays a run, as far as the machine's
own timing allows: --again N runs each seed N times; --until-bad ends with the first that fails.
TERN_CLI, TERN_LOCAL_SERVER: the programs; TERN_FAULT_RUNS: how many runs when nothing is said
(40); TERN_FAULT_DEADLINE_S: how long until a client that does not come to an end is stuck (120).
Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import base64
import concurrent.futures
import glob
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.error
import urllib.request

CLI = os.environ["TERN_CLI"]
SERVER = os.environ["TERN_LOCAL_SERVER"]
SCALE = os.environ.get("TERN_CLOCK_SCALE", "20")
USERS = ["u1", "u2", "u3"]
DEADLINE_S = int(os.environ.get("TERN_FAULT_DEADLINE_S", "120"))
N_STEPS = 40
EXIT_NETWORK = 69
STATUS_SENDING, STATUS_SENT, STATUS_FAILED = 1, 2, 3


class Violation(Exception):
    """What must never be."""


def environment():
    return dict(os.environ, TERN_CLOCK_SCALE=SCALE, G_DEBUG="fatal-criticals", LC_ALL="C.UTF-8")


class Server:
    """The local server, which can be killed and comes back under the same addresses."""

    def __init__(self, folder, seed):
        self.folder, self.seed, self.ports = folder, seed, []
        self.log = open(os.path.join(folder, "server.log"), "ab")
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [SERVER, "--users", str(len(USERS)), "--data", os.path.join(self.folder, "server"),
             "--enable-faults", str(self.seed), *self.ports],
            stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment())
        line = self.process.stdout.readline()
        if not line:
            raise Violation("the server does not start")
        ready = json.loads(line)
        self.ws, self.api, self.account = ready["ws"], ready["api"], ready["account"]
        self.secret = ready["secret"]
        self.ports = [f"--{name}={url.rsplit(':', 1)[1].rstrip('/')}" for name, url in
                      (("port", self.ws), ("api-port", self.api), ("account-port", self.account))]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def post(self, base, route, body, token=""):
        request = urllib.request.Request(
            base + route, json.dumps(body).encode(),
            {"Content-Type": "application/json", "operationID": "faults", "token": token})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def faults(self, **body):
        answer = self.post(self.api, "/tern/faults", dict(body, secret=self.secret))
        if answer["errCode"] != 0:
            raise Violation(f"the server does not take {body}: {answer}")

    def sign_in(self, user):
        answer = self.post(self.account, "/account/login",
                           {"account": user, "email": "a@b.co", "platform": 2,
                            "password": hashlib.md5(b"tern").hexdigest()})
        if answer["errCode"] != 0:
            raise Violation(f"{user} cannot sign in: {answer}")
        return answer["data"]["imToken"]

    def read_all(self, user):
        """conversation -> what this user sees of it, as (seq, sender, client ID, type, content)"""
        token = self.sign_in(user)
        newest = self.post(self.api, "/msg/newest_seq", {"userID": user}, token)["data"]
        chats = {}
        for name, last in (newest.get("maxSeqs") or {}).items():
            if name.startswith("n_"):
                continue
            data = self.post(self.api, "/msg/pull_msg_by_seq", {
                "userID": user, "order": 0, "seqRanges": [
                    {"conversationID": name, "begin": 1, "end": last, "num": last}]}, token)["data"]
            chats[name], seen = [], set()
            for message in (data.get("msgs") or {}).get(name, {}).get("Msgs", []):
                identity = (message["sendID"], message["clientMsgID"])
                if not message["clientMsgID"] or message["status"] == 4 or identity in seen:
                    continue
                seen.add(identity)
                chats[name].append((message["seq"], *identity, message["contentType"],
                                    base64.b64decode(message["content"] or "")))
        return chats


def pump(stream, path):
    with open(path, "wb", buffering=0) as output:
        while data := os.read(stream.fileno(), 65536):
            output.write(data)
    stream.close()


class Client:
    """One device of one user: a data folder, and the processes that used it one after the other."""

    def __init__(self, run, user, platform):
        self.run, self.user, self.platform = run, user, platform
        self.name = f"{user}.{platform}"
        self.data = os.path.join(run.folder, self.name)
        self.outputs = []   # per process: (file, the sends that were written to it)
        self.process = None
        self.pump = None
        self.is_stopped = False
        self.is_disk_full = False

    def spawn(self, *command, stdin, stdout, **more):
        read_end, write_end = os.pipe()
        os.write(write_end, b"tern\n")
        os.close(write_end)
        server = self.run.server
        process = subprocess.Popen(
            [CLI, "--data", self.data, "--api", server.api, "--ws", server.ws,
             "--chat", server.account, "--account", self.user, "--password-fd", str(read_end),
             "--platform", str(self.platform), "--sdk-type", "go" if self.platform == 5 else "js",
             *command],
            stdin=stdin, stdout=stdout, stderr=self.run.log, pass_fds=[read_end],
            # A file that may not grow gives an error, not a signal.
            restore_signals=False, env=dict(environment(), **more))
        os.close(read_end)
        return process

    def start(self):
        path = os.path.join(self.run.folder, f"{self.name}.{len(self.outputs)}.out")
        self.outputs.append((path, []))
        # Through a pipe: when the disk is full for the client it is not for what it says.
        self.process = self.spawn("script", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  TERN_CLOCK_JUMP_MS=str(self.run.jump_ms))
        self.is_disk_full = False
        self.pump = threading.Thread(target=pump, args=(self.process.stdout, path))
        self.pump.start()

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def write(self, line):
        if not self.is_alive():
            return
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return
        if line.startswith("send "):
            self.outputs[-1][1].append(line.split(" ", 2)[1:])

    def signal(self, number):
        if self.is_alive():
            self.process.send_signal(number)
            self.is_stopped = number == signal.SIGSTOP

    def set_disk_full(self, is_full):
        """A file that may not grow is how a full disk looks to SQLite."""
        if not self.is_alive() or is_full == self.is_disk_full:
            return
        sizes = []
        for path in glob.glob(os.path.join(self.data, "*", "tern.db*")):
            try:
                sizes.append(os.path.getsize(path))
            except FileNotFoundError:
                pass  # a log or a copy that has gone since
        limit = max(sizes, default=0) if is_full else resource.RLIM_INFINITY
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        self.is_disk_full = is_full

    def forget(self):
        if self.pump is not None:
            self.pump.join()
        self.pump = self.process = None

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            if self.process.stdin is not None:
                self.process.stdin.close()
            self.forget()

    def events(self):
        """All that the processes said: (event, the text that a queued one was about)"""
        for path, sends in self.outputs:
            at = 0
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    try:
                        event = json.loads(line)
                    except ValueError:
                        continue  # cut by a kill
                    text = None
                    if event["event"] in ("queued", "refused") and at < len(sends):
                        text = sends[at][1]
                        at += 1
                    yield event, text

    def settle(self):
        """Until nothing is left to do, whatever it takes."""
        until = time.monotonic() + DEADLINE_S
        while True:
            if self.is_alive():
                try:
                    self.process.stdin.close()
                except BrokenPipeError:
                    pass
                try:
                    code = self.process.wait(max(1, until - time.monotonic()))
                except subprocess.TimeoutExpired:
                    raise Violation(f"{self.name} does not come to an end: "
                                    f"{self.describe()}") from None
                self.forget()
                if code == 0:
                    return
                if code < 0:
                    raise Violation(f"{self.name} died of signal {-code}")
            if time.monotonic() > until:
                raise Violation(f"{self.name} cannot settle")
            self.start()

    def describe(self):
        """What a client that does not settle waits for; ends it."""
        path = os.path.join(self.run.folder, f"{self.name}.gdb")
        if shutil.which("gdb"):
            with open(path, "wb") as output:
                words = ["-ex", "thread apply all bt"]
                for what in ("self", "script", "session->worker"):
                    words += ["-ex", f"thread apply all -s -- frame apply all -q -s p *{what}"]
                subprocess.run(["gdb", "-p", str(self.process.pid), "-batch", *words],
                               stdout=output, stderr=output, check=False)
        self.kill()
        lines = []
        try:
            lines += [json.dumps(row) for command in ("status", "list")
                      for row in self.offline(command)]
            lines += [f"unsent {name}" for name in self.list_without_seq(STATUS_SENDING)]
            lines += [f"read, not told {row}" for row in self.query(
                "SELECT conversation_id, pending_read_seq FROM conversations"
                " WHERE pending_read_seq > 0")]
        except (Violation, ValueError, sqlite3.Error) as error:
            lines.append(str(error))
        return "\n".join(lines)

    def query(self, sql, *values):
        [path] = glob.glob(os.path.join(self.data, "*", "tern.db"))
        store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return store.execute(sql, values).fetchall()
        finally:
            store.close()

    def list_without_seq(self, status):
        """The client IDs of messages that the server has not, as far as is known here."""
        return {row[0] for row in self.query(
            "SELECT iif (typeof (client_id) = 'blob', lower (hex (client_id)), client_id)"
            " FROM messages WHERE seq IS NULL AND status = ?", status)}

    def ask(self, *command):
        process = self.spawn(*command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            out, _ = process.communicate(timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process = process
            raise Violation(f"{self.name} {command} does not come to an end: "
                            f"{self.describe()}") from None
        return process.returncode, [json.loads(line) for line in out.splitlines()]

    def offline(self, *command):
        done = subprocess.run([CLI, "--data", self.data, *command], capture_output=True, text=True,
                              timeout=DEADLINE_S, env=environment(), check=False)
        if done.returncode != 0:
            raise Violation(f"{self.name} {command}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]


class Run:
    """One seed."""

    def __init__(self, seed, folder):
        self.seed, self.folder = seed, folder
        self.random = random.Random(seed)
        self.log = open(os.path.join(folder, "clients.log"), "ab")
        self.server = Server(folder, seed)
        self.clients = [Client(self, "u1", 7), Client(self, "u1", 5), Client(self, "u2", 7),
                        Client(self, "u3", 7)]
        self.chats = ["si_u1_u2", "si_u1_u3", "si_u2_u3"]
        self.n_texts = 0
        self.excused = set()  # taken by a server that was killed before it wrote them down
        self.erased = {}      # arrived, and was deleted since: client ID -> (conversation, seq)
        self.jump_ms = self.random.choice([0, 0, 1000, 86400000])  # how far clocks jump
        self.steps = []

    def close(self):
        for client in self.clients:
            client.kill()
        self.server.kill()
        self.server.log.close()
        self.log.close()

    def make_group(self):
        token = self.server.sign_in("u1")
        answer = self.server.post(self.server.api, "/group/create_group", {
            "memberUserIDs": ["u2", "u3"], "adminUserIDs": [], "ownerUserID": "u1",
            "groupInfo": {"groupID": "g1", "groupName": "all", "groupType": 2}}, token)
        if answer["errCode"] != 0:
            raise Violation(f"no group: {answer}")
        self.chats.append("sg_" + answer["data"]["groupInfo"]["groupID"])

    # --- what can happen ---

    def draw_rules(self):
        draw = self.random
        percent = draw.choice([5, 15, 30])
        choices = [
            {"fault": "drop", "on": "push", "percent": percent, "count": 0},
            {"fault": "duplicate", "on": "push", "percent": percent, "count": 0},
            {"fault": "late", "on": "push", "percent": percent, "count": 0, "ms": 2000},
            {"fault": "delay", "on": "push", "percent": percent, "count": 0, "ms": 800},
            {"fault": "swap", "on": "push", "percent": percent, "count": 0, "ms": 1000},
            {"fault": "drop", "on": "answer", "percent": 5, "count": 0},
            {"fault": "duplicate", "on": "answer", "percent": percent, "count": 0},
            {"fault": "delay", "on": "answer", "percent": percent, "count": 0, "ms": 1500},
            {"fault": "late", "on": "answer", "percent": 5, "count": 0, "ms": 3000},
            {"fault": "drop", "on": "request", "percent": 5, "count": 0},
            {"fault": "error", "on": "request", "percent": percent, "count": 0, "code": 500},
            {"fault": "error", "on": "answer", "percent": 10, "count": 0, "code": 500},
            {"fault": "leave-out", "on": "pull", "percent": percent, "count": 0},
            {"fault": "cut", "on": "push", "percent": 20, "count": draw.randint(1, 4)},
            {"fault": "cut", "on": "answer", "percent": 20, "count": draw.randint(1, 4)},
            {"fault": "end", "on": "push", "percent": 30, "count": draw.randint(1, 4)},
            {"fault": "forget", "on": "answer", "percent": 30, "count": 1},
            # Of the clients only: what this program asks itself, it asks as platform 2.
            *({"on": on, "platform": draw.choice([5, 7]), "percent": percent, "count": 0, **rule}
              for on, rule in (
                  ("call", {"fault": "drop"}), ("reply", {"fault": "drop"}),
                  ("call", {"fault": "error", "status": 503}),
                  ("call", {"fault": "error", "code": 500}),
                  ("reply", {"fault": "error", "code": 500}),
                  ("reply", {"fault": "delay", "ms": 1500}))),
            {"fault": "refuse", "on": "handshake", "percent": 50, "count": 3, "status": 503},
            {"fault": "refuse", "on": "handshake", "percent": 50, "count": 3, "code": 1601},
        ]
        return draw.sample(choices, draw.randint(2, 7))

    def act(self, route, user, **body):
        """What a person does elsewhere: refusals are the server's business."""
        try:
            self.server.post(self.server.api, route, dict(body, userID=user),
                             self.server.sign_in(user))
        except (urllib.error.URLError, OSError, ValueError):
            pass

    def erase(self, route, client, for_all, **body):
        """Deletes or clears, with nothing on its way that would be gone unseen."""
        still = [other for other in self.clients if other.is_alive() and not other.is_stopped]
        for other in still:
            other.signal(signal.SIGSTOP)
        time.sleep(0.05)
        for user in USERS:
            for name, messages in self.server.read_all(user).items():
                for message in messages:
                    self.erased.setdefault(message[2], (name, message[0]))
        self.act(route, client.user, deleteSyncOpt={
            "IsSyncSelf": True, "IsSyncOther": for_all}, **body)
        for other in still:
            other.signal(signal.SIGCONT)

    def say(self, client):
        chats = [chat for chat in self.chats if client.user in chat or chat.startswith("sg_")]
        for _ in range(self.random.choice([1, 1, 2, 5])):
            self.n_texts += 1
            client.write(f"send {self.random.choice(chats)} {client.name} {self.n_texts}")

    def excuse(self):
        """What is on its way when the server dies may have been acknowledged and not kept."""
        for client in self.clients:
            done = set()
            queued = set()
            for event, _ in client.events():
                if event["event"] == "queued":
                    queued.add(event["client_id"])
                elif event["event"] in ("sent", "failed"):
                    done.add(event["client_id"])
            self.excused |= queued - done

    def step(self):
        draw = self.random
        client = draw.choice(self.clients)
        choice = draw.choices(
            ["say", "read", "revoke", "kill", "stop", "kill-server", "stop-server", "kick", "rules",
             "clear", "expire", "pause", "delete", "empty", "leave", "join", "full-disk"],
            [40, 8, 6, 6, 4, 3, 2, 2, 5, 4, 1, 15, 4, 1, 1, 3, 3])[0]
        self.steps.append(f"{choice} {client.name}")
        if choice == "say":
            self.say(client)
        elif choice == "read":
            client.write(f"mark-read {draw.choice(self.chats)}")
        elif choice == "revoke":
            client.write(f"revoke {draw.choice(self.chats)} {draw.randint(1, 12)}")
        elif choice == "kill":
            client.kill()
            client.start()
        elif choice == "stop":
            client.signal(signal.SIGSTOP)
        elif choice == "kill-server":
            # A revoke is done at once, its notification goes out a moment later: a server that
            # dies in between leaves nobody a trace of it.
            for _ in range(3):
                time.sleep(0.03)
                self.act("/msg/newest_seq", "u1")
            self.server.process.send_signal(signal.SIGSTOP)
            self.excuse()
            self.server.kill()
            time.sleep(draw.choice([0, 0.05]))
            self.server.start()
        elif choice == "stop-server":
            self.server.process.send_signal(signal.SIGSTOP)
            time.sleep(draw.uniform(0.02, 0.4))
            self.server.process.send_signal(signal.SIGCONT)
        elif choice in ("kick", "expire"):
            self.server.faults(now={"fault": choice, "user": client.user,
                                    "platform": client.platform})
        elif choice == "rules":
            self.server.faults(rules=self.draw_rules())
        elif choice == "clear":
            self.server.faults(clear=True)
        elif choice == "pause":
            time.sleep(draw.uniform(0.01, 0.15))
        elif choice == "delete":
            self.erase("/msg/delete_msgs", client, draw.random() < 0.5,
                       conversationID=draw.choice(self.chats), seqs=draw.sample(range(1, 15), 2))
        elif choice == "empty":
            # For oneself: nothing that lasts tells of what was cleared for everybody.
            self.erase("/msg/clear_conversation_msg", client, False,
                       conversationIDs=[draw.choice(self.chats)])
        elif choice == "leave":
            self.act("/group/kick_group", "u1", groupID="g1", reason="",
                     kickedUserIDs=[draw.choice(["u2", "u3"])])
        elif choice == "join":
            for user in ("u2", "u3"):
                self.act("/group/invite_user_to_group", "u1", groupID="g1", reason="",
                         invitedUserIDs=[user])
        elif choice == "full-disk":
            client.set_disk_full(True)
        # Who was stopped goes on in the end at the latest.
        for other in self.clients:
            if other.is_stopped and draw.random() < 0.3:
                other.signal(signal.SIGCONT)
            if other.is_disk_full and draw.random() < 0.2:
                other.set_disk_full(False)
            if not other.is_alive():
                other.start()

    def go(self):
        self.make_group()
        for client in self.clients:
            client.start()
        self.server.faults(rules=self.draw_rules())
        for _ in range(N_STEPS):
            self.step()
        self.server.faults(clear=True)
        for client in self.clients:
            client.signal(signal.SIGCONT)
            client.set_disk_full(False)
        for client in self.clients:
            client.settle()
        self.compare()

    # --- what must be ---

    def compare(self):
        expected = {user: self.server.read_all(user) for user in USERS}
        reads = {}
        for client in self.clients:
            for _ in range(5):
                code, lines = client.ask("verify")
                # A second or so is not much for an answer when several runs share a machine.
                if code != EXIT_NETWORK:
                    break
            second = {(name, message[0])
                      for name, messages in expected[client.user].items()
                      for message in messages if self.is_second_copy(message)}
            lines = [line for line in lines if line["event"] == "difference" and
                     (line["conversation"], line["seq"]) not in second]
            if code not in (0, 1) or lines:
                raise Violation(f"{client.name} verify: {code} {lines[:5]}")
            self.compare_store(client, expected[client.user])
            rows = {row["conversation"]: (row["read_seq"], row["unread"])
                    for row in client.offline("list")}
            if reads.setdefault(client.user, rows) != rows:
                raise Violation(f"two devices of {client.user} disagree: {rows} "
                                f"{reads[client.user]}")
        for client in self.clients:
            self.compare_sent(client, expected)

    def is_second_copy(self, message):
        """Of one that was sent twice and erased once: a new device sees it, an old one may not."""
        return message[0] > self.erased.get(message[2], ("", message[0]))[1]

    def compare_store(self, client, expected):
        for name, everything in expected.items():
            messages = [message for message in everything if not self.is_second_copy(message)]
            second = {message[0] for message in everything if self.is_second_copy(message)}
            rows = [row for row in client.offline("history", name, "--limit", "100000")
                    if row["seq"] not in second]
            got = [(row["seq"], row["sender"], row["client_id"], row["type"])
                   for row in rows if row["seq"] > 0]
            want = [message[:4] for message in messages]
            if got != want:
                lost = [item for item in want if item not in got]
                more = [item for item in got if item not in want]
                raise Violation(f"{client.name} {name}: lost {lost}, too many {more}, "
                                f"order {got == sorted(got)}")
            texts = [row["text"] for row in rows if row["type"] == 101]
            wanted = [json.loads(message[4])["content"] for message in messages
                      if message[3] == 101]
            if texts != wanted:
                raise Violation(f"{client.name} {name}: other words")
            if len(set(texts)) != len(texts):
                raise Violation(f"{client.name} {name}: doubled {texts}")
        # An empty element may be a message that is not readable yet: such a place stays open.
        for row in client.offline("status")[:-1]:
            seqs = [message[0] for message in expected.get(row["conversation"], [])]
            if any(first <= seq <= last for first, last in row["holes"] for seq in seqs):
                raise Violation(f"{client.name}: missing: {row}")
        # Who came to rest later may have told the server only then what was read.
        if self.find_untold(client):
            client.settle()
            if row := self.find_untold(client):
                raise Violation(f"{client.name}: missing: {row}")

    @staticmethod
    def find_untold(client):
        """Notifications that a client knows to be there, and has not fetched."""
        return [row for row in client.offline("status")[:-1]
                if row["missing"] and row["conversation"].startswith("n_")]

    def compare_sent(self, client, expected):
        by_id = dict(self.erased)
        # Who has left a group sees nothing of it any more; others do.
        by_id.update({message[2]: (name, message[0]) for chats in expected.values()
                      for name, messages in chats.items() for message in messages})
        failed = set()
        queued = []
        for event, text in client.events():
            if event["event"] == "queued":
                queued.append((event["conversation"], event["client_id"], text))
            elif event["event"] == "failed":
                failed.add(event["client_id"])
        # Some had no time to say so.
        failed |= client.list_without_seq(STATUS_FAILED)
        pending = client.list_without_seq(STATUS_SENDING) | client.list_without_seq(STATUS_SENT)
        if pending:
            raise Violation(f"{client.name}: still being sent: {pending}")
        last = {}
        for name, client_id, text in queued:
            if client_id not in by_id:
                if client_id not in failed:
                    raise Violation(f"{client.name} {name}: “{text}” never arrived")
                continue
            seq = by_id[client_id][1]
            if client_id in self.excused or client_id in failed or client_id in self.erased:
                continue
            if seq < last.get(name, 0):
                raise Violation(f"{client.name} {name}: “{text}” ({seq}) is out of order "
                                f"({last[name]})")
            last[name] = seq


def run_one(seed, keep):
    folder = tempfile.mkdtemp(prefix=f"tern-faults-{seed}-")
    run = None
    began = time.monotonic()
    try:
        run = Run(seed, folder)
        run.go()
        complaint = None
    except Violation as violation:
        complaint = str(violation)
    except Exception:  # the harness itself: no less a failure
        complaint = traceback.format_exc()
    finally:
        if run is not None:
            run.close()
    if complaint is None and not keep:
        shutil.rmtree(folder, ignore_errors=True)
    return seed, complaint, folder, run.steps if run is not None else [], time.monotonic() - began


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=int(os.environ.get("TERN_FAULT_RUNS", "40")))
    parser.add_argument("--first", type=int, default=None)
    parser.add_argument("--again", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--until-bad", action="store_true")
    options = parser.parse_args()
    first = options.first if options.first is not None else random.SystemRandom().randrange(1 << 30)
    n_failed = 0
    print(f"1..{options.runs * options.again}")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        runs = [pool.submit(run_one, first + i // options.again, options.keep)
                for i in range(options.runs * options.again)]
        for i, done in enumerate(concurrent.futures.as_completed(runs)):
            seed, complaint, folder, steps, took = done.result()
            print(f"{'ok' if complaint is None else 'not ok'} {i + 1} - seed {seed}")
            if complaint is not None:
                n_failed += 1
                print(f"# replay: run_faults.py --runs 1 --first {seed}; kept in {folder}")
                for line in (complaint + "\n" + ", ".join(steps)).splitlines():
                    print(f"# {line}")
                if options.until_bad:
                    pool.shutdown(wait=False, cancel_futures=True)
                    break
            else:
                print(f"# {took:.1f} s")
            sys.stdout.flush()
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
