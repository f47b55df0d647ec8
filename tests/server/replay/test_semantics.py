#!/usr/bin/env python3
"""Replays tests/data/golden/semantics against the real local server.

Environment: TERN_LOCAL_SERVER, TERN_TEST_SRCDIR. Speaks TAP, a line per
scenario; arguments choose scenarios. What is known to differ stands in
../known-differences.json; compare.py has the rules of what may differ.

The people of a scenario are registered under their recorded IDs and connect,
one with JSON, one with gob, one with either compressed; then its client side is
done over again, step by step. So it goes four times at once, each time with
another envelope for each of them. Every answer is compared with the recorded one,
and is the only one: what is read is read when nothing is on its way.
Wherever the recording paused, the test waits until nothing is on its way any
more (fence.py), and what each connection was sent is compared, conversation by
conversation, with what the recording has there: nothing may be missing and
nothing may be there besides.

Events that are not stored may change places within such a pause, as they do
with the real server (protocol 03 section 2.1). The first pushes of a recording
may be missing in it: the real server does not see a connection at once.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import concurrent.futures
import copy
import json
import os
import re
import subprocess
import sys
import time
import traceback
import urllib.error

import compare
import fence
import wsclient

ROOT = os.environ["TERN_TEST_SRCDIR"]
GOLDEN = os.path.join(ROOT, "data", "golden", "semantics")
KNOWN = os.path.join(ROOT, "server", "known-differences.json")
SCENARIOS = ["friends", "group-lifecycle", "group-rejoin", "read-receipts", "revoke",
             "delete-clear", "typing", "forged", "blocked-errors", "content-kinds"]
# The recording client paused when it wanted to see what comes.
PAUSE_MS = 300
# Until then the recorded connections were not seen (protocol 01 section 5.2).
BLIND_MS = 800
# Each person has an envelope of his own.
FORMS = [("js", ""), ("go", ""), ("js", "gzip"), ("go", "gzip")]
# Where the recorded server had collected all up to the next pause before it handed
# any of it on, which decides who gets it: scenario and first step.
TOGETHER = {("blocked-errors", 141)}
# A group that was dismissed loses its members some time later: this question is asked until they
# are gone, all others once.
UNTIL_EMPTY = ("group-lifecycle", 283)
READING = re.compile(r"/(get|is|check)_")


def mask(text):
    """A text without what differs from run to run: how it is spelled."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", text)
    return re.sub(r"(?<![0-9A-Za-z])([0-9a-f]{32}|[0-9]{9,13})(?![0-9A-Za-z])", "#", text)


def messages_in(body):
    """Every MsgData in a push or an answer."""
    if isinstance(body, dict):
        if "sendID" in body and "serverMsgID" in body:
            yield body
        for element in body.values():
            yield from messages_in(element)
    elif isinstance(body, list):
        for element in body:
            yield from messages_in(element)


def conversation_of(push):
    """A push of the real server carries one message."""
    (batches,) = push.values()
    (conversation,) = batches
    return conversation


class Person:
    def __init__(self, letter, user, form):
        self.letter, self.user, self.form = letter, user, form
        self.token = self.line = None
        self.received = []  # pushes, decoded
        self.recorded = []  # (step, push)

    def collect(self):
        """Takes what came; the frames that are no push, which no recording has."""
        came = list(self.line.pushes)
        self.line.pushes.clear()
        self.received += [frame.pb for frame in came if frame.reqIdentifier == 2001]
        return [frame for frame in came if frame.reqIdentifier != 2001]


class Scenario:
    def __init__(self, name, shift):
        self.shift = shift  # of the envelopes
        self.name, self.where = name, "semantics/%s.json" % name
        with open(os.path.join(GOLDEN, name + ".json"), encoding="utf-8") as file:
            self.text = file.read()
        self.steps = json.loads(self.text)["steps"]
        self.known = compare.Known(KNOWN, self.where)
        self.names = compare.Names()
        self.sent = {}  # clientMsgID: what a client said
        self.faults = []
        self.n_compared = 0
        self.n_covered = 0
        self.people = {}

    # --- the people ---

    def start(self):
        # A slow machine must not lose what the recording has.
        self.server = wsclient.LocalServer("--gentle", "--enable-faults", "1",
                                           stderr=subprocess.DEVNULL)
        suffix = re.search(r'"(?:sendID|fromUserID|ownerUserID)":"[a-z]([0-9a-f]{6})"',
                           self.text).group(1)
        for i, letter in enumerate(sorted({step["who"] for step in self.steps})):
            form = FORMS[(i + self.shift) % len(FORMS)]
            self.people[letter] = Person(letter, letter.lower() + suffix, form)
        self.server.register(*((person.user, "N-" + person.user)
                               for person in self.people.values()))
        for person in self.people.values():
            person.token = self.server.user_token(person.user)
            person.line = wsclient.connect(self.server, person.user, person.token,
                                           sdkType=person.form[0], compression=person.form[1])

    def stop(self):
        for person in self.people.values():
            if person.line:
                person.line.close()
        self.server.__exit__()

    # --- faults ---

    def report(self, step, what):
        where = "%s %d" % (self.where, step)
        if self.known.covers(where, what):
            self.n_covered += 1
        else:
            self.faults.append("%s: %s" % (where, what))

    def difference(self, recorded, ours, names):
        """The differences of two bodies; binds what ours are called in names."""
        found = compare.Comparer(names).compare(recorded, ours)
        if found:
            return found
        for theirs, mine in zip(messages_in(recorded), messages_in(ours)):
            found += self.spelling(theirs, mine, names)
        return found

    def spelling(self, recorded, ours, names):
        """What a parsed comparison does not see."""
        wanted = names.translate(recorded.get("content", ""))
        content = ours.get("content", "")
        sent = self.sent.get(recorded.get("clientMsgID"))
        found = []
        if mask(wanted) != mask(content):
            found.append(".content: recorded as %s, ours as %s" % (
                compare.shorten(wanted), compare.shorten(content)))
        if sent and ours.get("createTime") != sent.get("createTime"):
            found.append(".createTime: not what the client sent")
        if sent and recorded.get("content") == sent["recorded"] and content != sent["content"]:
            found.append(".content: not what the client sent")
        return found

    # --- requests ---

    def answer_of(self, i):
        """The recorded answer to the request of step i."""
        asked = self.steps[i]
        for step in self.steps[i + 1:]:
            if step["who"] == asked["who"] and step["dir"] == "s>c" and \
                    step["via"] == asked["via"] and \
                    step.get("path") == asked.get("path") and \
                    step.get("reqIdentifier") == asked.get("reqIdentifier"):
                return step
        raise ValueError("step %d has no answer" % i)

    def ask(self, step):
        """Our answer, in the shape of the recorded ones."""
        person = self.people[step["who"]]
        if step["via"] == "rest":
            try:
                return self.server.post(step["path"], self.names.translate(step["json"]),
                                        person.token)
            except urllib.error.HTTPError as error:
                return {"status": error.code}
        body = self.names.translate(step.get("pb") or {})
        envelope = person.line.request(step["reqIdentifier"], body, sendID=step["json"]["sendID"])
        return {"errCode": envelope.errCode, "errMsg": envelope.errMsg,
                "data": self.kind_of_data(person, envelope.data), "pb": envelope.pb or {}}

    @staticmethod
    def kind_of_data(person, data):
        """gob has no empty texts: they are absent."""
        if person.form[0] == "go":
            return "some" if data else "null"
        return "null" if data is None else "some" if data else "empty"

    def shape(self, step):
        if step["via"] == "rest":
            return step["json"]
        envelope = step["json"]
        return {"errCode": envelope["errCode"], "errMsg": envelope["errMsg"],
                "data": self.kind_of_data(self.people[step["who"]], envelope["data"]),
                "pb": step.get("pb") or {}}

    def do(self, i):
        step = self.steps[i]
        recorded = self.shape(self.answer_of(i))
        if step.get("reqIdentifier") == 1003:
            body = self.names.translate(step["pb"])
            self.sent[body.get("clientMsgID")] = dict(
                body, content=body.get("content", ""), recorded=step["pb"].get("content", ""))
        is_reading = READING.search(step.get("path", "")) or \
            step.get("reqIdentifier", 1003) in (1001, 1002, 1005, 1006, 1007)
        if is_reading:
            fence.wait([other.line for other in self.people.values()])
        deadline = time.monotonic() + wsclient.PATIENCE
        while True:
            names = copy.deepcopy(self.names)
            found = self.difference(recorded, self.ask(step), names)
            if not found or (self.name, i) != UNTIL_EMPTY or time.monotonic() > deadline:
                break
            self.stay_connected()
            time.sleep(0.05)
        self.names = names
        self.n_compared += 1
        for what in found:
            self.report(i, what)

    def stay_connected(self):
        for person in self.people.values():
            person.line.send(wsclient.TEXT, b'{"type":"ping"}')

    # --- pushes ---

    def stall(self, ms):
        answer = self.server.post("/tern/faults", {"secret": self.server.secret,
                                                   "now": {"fault": "stall", "ms": ms}})
        assert answer["errCode"] == 0, answer

    def settle(self, i, is_blind):
        """Compares what came before step i with what the recording has."""
        self.stall(0)
        fence.wait([person.line for person in self.people.values()])
        for person in self.people.values():
            for frame in person.collect():
                self.report(i, "%s: a frame only in ours: %d %s" % (
                    person.letter, frame.reqIdentifier, compare.shorten(frame.pb)))
        for person in self.people.values():
            recorded, received = {}, {}
            for step, push in person.recorded:
                recorded.setdefault(conversation_of(push), []).append((step, push))
            for push in person.received:
                received.setdefault(conversation_of(push), []).append(push)
            for conversation, wanted in recorded.items():
                self.match(wanted, received.pop(self.names.translate(conversation), []), i)
            for push in sum(received.values(), []) if not is_blind else []:
                self.report(i, "%s: push only in ours: %s" % (person.letter, compare.shorten(push)))
            person.recorded, person.received = [], []

    def match(self, recorded, received, i):
        may_move = all(not message.get("seq") for _, push in recorded
                       for message in messages_in(push)) and \
            conversation_of(recorded[0][1]).startswith("n_")
        for step, push in recorded:
            self.n_compared += 1
            found = ["push missing in ours"]
            for k, candidate in enumerate(received if may_move else received[:1]):
                names = copy.deepcopy(self.names)
                differences = self.difference(push, candidate, names)
                if k == 0:
                    found, best = differences, names
                if not differences:
                    found, best = [], names
                    break
            else:
                k = 0
            if received:
                received.pop(k)
                self.names = best
            for what in found:
                self.report(step, what)
        for push in received:
            self.report(i, "push only in ours: %s" % compare.shorten(push))

    def run(self):
        self.start()
        last_ms = 0
        is_blind = True
        for i, step in enumerate(self.steps):
            person = self.people[step["who"]]
            if step["dir"] == "c>s":
                if step["t_ms"] - last_ms > PAUSE_MS and i > 0:
                    self.settle(i, is_blind)
                    is_blind = True
                if (self.name, i) in TOGETHER:
                    self.stall(600000)
                is_blind &= step["t_ms"] < BLIND_MS
                self.do(i)
                last_ms = self.answer_of(i)["t_ms"]
            elif step.get("reqIdentifier") == 2001:
                push = step if "pb" in step else self.steps[step["same_push_as_step"]]
                person.recorded.append((i, push["pb"]))
        self.settle(len(self.steps), is_blind)
        for entry in self.known.unused():
            self.faults.append("%s: listed as a known difference but gone: %s" % (
                entry["where"], entry["what"]))


def play(name, shift):
    scenario = Scenario(name, shift)
    try:
        scenario.run()
    except Exception:
        scenario.faults += traceback.format_exc().splitlines()
    finally:
        scenario.stop()
    return scenario


def main():
    chosen = sys.argv[1:] or SCENARIOS
    print("1..%d" % len(chosen), flush=True)
    failed = False
    for number, name in enumerate(chosen, 1):
        with concurrent.futures.ThreadPoolExecutor(len(FORMS)) as pool:
            played = list(pool.map(lambda shift: play(name, shift), range(len(FORMS))))
        faults = ["%d: %s" % (scenario.shift, fault)
                  for scenario in played for fault in scenario.faults]
        failed |= bool(faults)
        for fault in faults:
            print("# " + fault.replace("\n", "\\n"))
        print("%s %d - %s, %d answers and pushes compared, %d known differences" % (
            "not ok" if faults else "ok", number, played[0].where,
            sum(scenario.n_compared for scenario in played),
            sum(scenario.n_covered for scenario in played)), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
