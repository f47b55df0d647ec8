"""Many connections of one process: they count what they get, and stay alive.

    crowd = Crowd(server)
    lines = [crowd.add(user, token) for …]
    crowd.wait(lambda: crowd.n_pushes >= 1000)

Only for large numbers: nothing is decoded but the frames' sizes and whether a
frame is an answer or a push. JSON envelopes, nothing compressed.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import resource
import selectors
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "server", "replay"))

import wsclient  # noqa: E402

PING_SECONDS = 8
ANSWER = b'{"reqIdentifier":1'
PUSH = b'{"reqIdentifier":2001'


def allow_many_files():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Line:
    def __init__(self, connection):
        self.connection, self.socket, self.buffer = connection, connection.socket, connection.buffer
        self.user = connection.user
        self.n_answers = self.n_pushes = 0
        self.outgoing = bytearray()
        self.is_open = True

    def read(self):
        """(answers, pushes) that came."""
        try:
            data = self.socket.recv(1 << 20)
        except BlockingIOError:
            return 0, 0
        except ConnectionError:
            data = b""
        if not data:
            self.is_open = False
            return 0, 0
        buffer = self.buffer
        buffer += data
        at, answers, pushes = 0, 0, 0
        while len(buffer) - at >= 2:
            size, start = buffer[at + 1], at + 2
            if size == 126:
                if len(buffer) < at + 4:
                    break
                size, start = int.from_bytes(buffer[at + 2:at + 4], "big"), at + 4
            elif size == 127:
                if len(buffer) < at + 10:
                    break
                size, start = int.from_bytes(buffer[at + 2:at + 10], "big"), at + 10
            if len(buffer) < start + size:
                break
            if buffer.startswith(PUSH, start):
                pushes += 1
            elif buffer.startswith(ANSWER, start):
                answers += 1
            elif buffer[at] & 15 == wsclient.PING:
                payload = bytes(buffer[start:start + size])
                self.outgoing += wsclient.mask_frame(wsclient.PONG, payload)
            at = start + size
        del buffer[:at]
        self.n_answers += answers
        self.n_pushes += pushes
        return answers, pushes


class Crowd:
    def __init__(self, server):
        allow_many_files()
        self.server, self.lines = server, []
        self.selector = selectors.DefaultSelector()
        self.n_answers = self.n_pushes = 0
        self.pinged = time.monotonic()

    def ping(self):
        """From time to time: who is silent for 30 s is cut."""
        if time.monotonic() - self.pinged < PING_SECONDS:
            return
        self.pinged = time.monotonic()
        for line in self.lines:
            if line.is_open:
                self.send(line, wsclient.mask_frame(wsclient.PING, b""))

    def add(self, user, token, platform=7):
        self.step(0)
        line = Line(wsclient.connect(self.server, user, token, platform))
        line.socket.setblocking(False)
        self.selector.register(line.socket, selectors.EVENT_READ, line)
        self.lines.append(line)
        return line

    def send(self, line, frames):
        """frames: masked, of wsclient.mask_frame()."""
        line.outgoing += frames
        self.selector.modify(line.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, line)

    def step(self, timeout):
        self.ping()
        for key, events in self.selector.select(timeout):
            line = key.data
            if events & selectors.EVENT_READ:
                answers, pushes = line.read()
                self.n_answers += answers
                self.n_pushes += pushes
            if not line.is_open:
                self.selector.unregister(line.socket)
                continue
            if line.outgoing:
                try:
                    del line.outgoing[:line.socket.send(line.outgoing)]
                except BlockingIOError:
                    pass
                except ConnectionError:
                    line.is_open = False
                    self.selector.unregister(line.socket)
                    continue
                if not line.outgoing:
                    self.selector.modify(line.socket, selectors.EVENT_READ, line)

    def wait(self, is_done, timeout=300):
        deadline = time.monotonic() + timeout
        while not is_done():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.n_answers} answers, {self.n_pushes} pushes")
            self.step(1)

    def close(self):
        for line in self.lines:
            line.socket.close()
        self.selector.close()


def make_send(line, counter, recvID=None, groupID=None, text="hello"):
    """A masked frame that sends a text; a fresh clientMsgID each."""
    import json
    import pb
    message = {"sendID": line.user, "clientMsgID": os.urandom(16).hex(), "senderPlatformID": 7,
               "sessionType": 3 if groupID else 1, "msgFrom": 100, "contentType": 101,
               "content": json.dumps({"content": text}), "createTime": int(time.time() * 1000),
               "status": 1, **({"groupID": groupID} if groupID else {"recvID": recvID})}
    return wsclient.mask_frame(wsclient.BINARY, line.connection.encode({
        "reqIdentifier": 1003, "token": "", "sendID": line.user, "operationID": f"op-{counter}",
        "msgIncr": str(counter), "data": pb.encode("MsgData", message)}))
