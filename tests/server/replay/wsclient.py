"""A websocket client of the long connection that hides nothing.

    with LocalServer("--users", "3") as server:
        token = server.user_token("u1", 7)
        with connect(server, "u1", token) as line:                # JSON envelopes
            answer = line.request(1001, {"userID": "u1"})
            answer.errCode, answer.pb["maxSeqs"]
            push = line.next_push()                               # waits; .pb is PushMessages
            line.pushes                                           # those that came while waiting

connect(server, user, token, platform=7, sdkType="js"|"go", compression=""|"gzip") shakes hands
with isMsgResp=true and waits for the greeting; it raises Refused (.status, .body) when the server
says no. WebSocket(host, port) + handshake(query) is the layer below: every frame as it is
on the wire (send(opcode, payload), receive() -> (opcode, payload)), the end of the connection
as ("closed", "fin"|"reset"). Every wait has a deadline (60 s): TimeoutError.

messages() and texts() of a push, newest() and wait_newest() of a conversation.

send_envelope() and next_frame() are for pipelining. Not thread-safe; one connection per thread.

LocalServer starts tern-local-server (environment: TERN_LOCAL_SERVER) and has post(path, body,
token), admin_token, user_token(user, platform) and register(*users).

SPDX-License-Identifier: GPL-3.0-or-later
"""
import base64
import collections
import gzip
import hashlib
import json
import os
import socket
import struct
import subprocess
import time
import urllib.parse
import urllib.request

import gob
import pb

DEADLINE = 60
# For what takes many answers, also on a busy machine.
PATIENCE = 4 * DEADLINE
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    def __init__(self, status, headers, body):
        super().__init__(f"{status} {body!r}")
        self.status, self.headers, self.body = status, headers, body

    @property
    def code(self):
        return json.loads(self.body)["errCode"]


class Envelope:
    """One frame of the server, decoded. payload: as on the wire; plain: inflated."""

    def __init__(self, payload, plain, fields):
        self.payload, self.plain, self.fields = payload, plain, fields

    def __getattr__(self, key):
        if key in ("reqIdentifier", "errCode"):
            return self.fields.get(key, 0)
        if key in ("msgIncr", "operationID", "errMsg"):
            return self.fields.get(key, "")
        raise AttributeError(key)

    @property
    def data(self):
        return self.fields.get("data")

    @property
    def pb(self):
        names = pb.MESSAGES.get(self.reqIdentifier)
        return pb.decode(names[1], self.data) if names and self.data is not None else None

    def __repr__(self):
        return f"<{self.reqIdentifier} {self.msgIncr!r} {self.errCode} {self.errMsg} {self.pb}>"


def mask_frame(opcode, payload, is_final=True):
    key = os.urandom(4)
    size = len(payload)
    head = bytes([(0x80 if is_final else 0) | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += struct.pack(">BH", 0x80 | 126, size)
    else:
        head += struct.pack(">BQ", 0x80 | 127, size)
    pad = (key * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")
    return head + key + masked.to_bytes(size, "big")


class WebSocket:
    """Frames on a socket. Text messages, pings and closes are shown, not acted on."""

    def __init__(self, host, port, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(DEADLINE)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.host, self.buffer = f"{host}:{port}", bytearray()
        self.end = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.socket.close()

    def _fill(self, deadline):
        """Reads more; False at the end of the stream."""
        if self.end:
            return False
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("nothing came")
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(262144)
        except ConnectionResetError:
            data, self.end = b"", "reset"
        except socket.timeout:
            raise TimeoutError("nothing came") from None
        if not data:
            self.end = self.end or "fin"
        self.buffer += data
        return bool(data)

    def handshake(self, query, method="GET", path="/", headers=None, timeout=DEADLINE):
        """(status, headers, body): 101, or what else the server said. query: str or dict."""
        if isinstance(query, dict):
            query = urllib.parse.urlencode(query)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = {"Host": self.host, "Upgrade": "websocket", "Connection": "Upgrade",
                 "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
        lines.update(headers or {})
        request = f"{method} {path}{'?' + query if query else ''} HTTP/1.1\r\n"
        request += "".join(f"{k}: {v}\r\n" for k, v in lines.items() if v is not None)
        self.socket.sendall((request + "\r\n").encode())
        deadline = time.monotonic() + timeout
        while b"\r\n\r\n" not in self.buffer:
            if not self._fill(deadline):
                return None, {}, bytes(self.buffer)
        head, _, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        self.buffer = bytearray(rest)
        status_line, *fields = head.decode().split("\r\n")
        answer = {k.strip(): v.strip() for k, _, v in (f.partition(":") for f in fields)}
        status = int(status_line.split()[1])
        body = b""
        if status != 101:
            size = int(answer.get("Content-Length", 0))
            while len(self.buffer) < size and self._fill(deadline):
                pass
            body = bytes(self.buffer[:size])
            del self.buffer[:size]
        else:
            right = base64.b64encode(hashlib.sha1(
                (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
            assert answer.get("Sec-WebSocket-Accept") == right, answer
        return status, answer, body

    def send(self, opcode, payload, is_final=True):
        try:
            self.socket.sendall(mask_frame(opcode, payload, is_final))
        except (BrokenPipeError, ConnectionResetError):
            pass  # the reader will see the end

    def send_bytes(self, data):
        """Anything at all, past the framing."""
        self.socket.sendall(data)

    def receive(self, timeout=DEADLINE):
        """(opcode, payload), or ("closed", "fin"|"reset")."""
        deadline = time.monotonic() + timeout
        whole, kind = bytearray(), None
        while True:
            frame = self._cut_frame()
            if frame is None:
                if not self._fill(deadline):
                    return "closed", self.end
                continue
            is_final, opcode, payload = frame
            if opcode >= 8:
                return opcode, payload
            whole += payload
            kind = kind or opcode
            if is_final:
                return kind, bytes(whole)

    def _cut_frame(self):
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        size, at = buffer[1] & 127, 2
        assert not buffer[1] & 128, "the server masks"
        if size == 126:
            if len(buffer) < 4:
                return None
            size, at = struct.unpack_from(">H", buffer, 2)[0], 4
        elif size == 127:
            if len(buffer) < 10:
                return None
            size, at = struct.unpack_from(">Q", buffer, 2)[0], 10
        if len(buffer) < at + size:
            return None
        assert not buffer[0] & 0x70, "an extension nobody agreed to"
        frame = bool(buffer[0] & 0x80), buffer[0] & 15, bytes(buffer[at:at + size])
        del buffer[:at + size]
        return frame


class Connection(WebSocket):
    """A connection that is up: envelopes, requests, pushes. Pings are answered."""

    def __init__(self, host, port, user, sdkType="js", compression="", **more):
        super().__init__(host, port, **more)
        self.user, self.sdkType, self.compression = user, sdkType, compression
        self.is_gob, self.is_gzip = sdkType == "go", compression == "gzip"
        self.is_up = True
        self.pushes = collections.deque()
        self.counter = 0

    # --- writing ---

    def encode(self, envelope):
        """The payload of a request; envelope["data"]: bytes or None."""
        if self.is_gob:
            plain = gob.encode_request(envelope)
        else:
            data = envelope.get("data")
            whole = dict(envelope, data=None if data is None else base64.b64encode(data).decode())
            plain = json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode()
        return gzip.compress(plain) if self.is_gzip else plain

    def send_envelope(self, identifier, body, msgIncr=None, operationID=None, sendID=None):
        """body: dict of the request's message, or bytes. Returns the msgIncr."""
        self.counter += 1
        if msgIncr is None:
            msgIncr = f"{self.user}_{self.counter}"
        if isinstance(body, dict):
            body = pb.encode(pb.MESSAGES[identifier][0], body)
        self.send(BINARY, self.encode({
            "reqIdentifier": identifier, "token": "",
            "sendID": self.user if sendID is None else sendID,
            "operationID": f"op-{msgIncr}" if operationID is None else operationID,
            "msgIncr": msgIncr, "data": body}))
        return msgIncr

    # --- reading ---

    def decode(self, payload):
        plain = gzip.decompress(payload) if self.is_gzip else payload
        if self.is_gob:
            fields = gob.decode(plain)
        else:
            fields = json.loads(plain)
            if fields["data"] is not None:
                fields["data"] = base64.b64decode(fields["data"], validate=True)
        return Envelope(payload, plain, fields)

    def next_frame(self, timeout=DEADLINE):
        """The next envelope, in the order of the wire; None when the connection ended."""
        deadline = time.monotonic() + timeout
        while True:
            opcode, payload = self.receive(max(deadline - time.monotonic(), 0.001))
            if opcode == BINARY:
                return self.decode(payload)
            if opcode == PING:
                self.send(PONG, payload)
            elif opcode in ("closed", CLOSE):
                return None

    def request(self, identifier, body=b"", timeout=DEADLINE, **more):
        """Sends and waits for the answer; what else comes goes to self.pushes."""
        msgIncr = self.send_envelope(identifier, body, **more)
        return self.answer(msgIncr, timeout)

    def answer(self, msgIncr, timeout=DEADLINE):
        deadline = time.monotonic() + timeout
        while True:
            envelope = self.next_frame(max(deadline - time.monotonic(), 0.001))
            if envelope is None:
                raise ConnectionError(f"the connection ended ({self.end}) before the answer")
            if envelope.msgIncr == msgIncr:
                return envelope
            self.pushes.append(envelope)

    def next_push(self, timeout=DEADLINE):
        """The next frame that answers nothing: 2001, 2002 or 2005."""
        if self.pushes:
            return self.pushes.popleft()
        envelope = self.next_frame(timeout)
        if envelope is None:
            raise ConnectionError(f"the connection ended ({self.end}) before a push")
        return envelope

    def send_text(self, recvID=None, text="hello", groupID=None, **fields):
        """An ordinary text message; the answer's envelope."""
        self.counter += 1
        message = {"sendID": self.user, "clientMsgID": hashlib.md5(os.urandom(16)).hexdigest(),
                   "senderPlatformID": 7, "sessionType": 3 if groupID else 1, "msgFrom": 100,
                   "contentType": 101, "content": json.dumps({"content": text}),
                   "createTime": int(time.time() * 1000), "status": 1}
        message.update({"groupID": groupID} if groupID else {"recvID": recvID})
        message.update(fields)
        return self.request(1003, message)


def handshake_query(user, token, platform=7, sdkType="js", compression="", isMsgResp="true",
                    **more):
    query = {"sendID": user, "token": token, "platformID": platform, "operationID": "conn",
             "isBackground": "false", "sdkType": sdkType, "compression": compression,
             "isMsgResp": isMsgResp}
    query.update(more)
    return {key: value for key, value in query.items() if value is not None}


def connect(server, user, token, platform=7, sdkType="js", compression="", receive_buffer=None,
            **more):
    """A Connection that is up; Refused when the server says no."""
    line = Connection("127.0.0.1", server.ws_port, user, sdkType, compression,
                      receive_buffer=receive_buffer)
    line.token = token
    status, headers, body = line.handshake(
        handshake_query(user, token, platform, sdkType, compression, **more))
    if status != 101:
        line.close()
        raise Refused(status, headers, body)
    opcode, greeting = line.receive()
    if opcode != TEXT or json.loads(greeting)["errCode"] != 0:
        line.close()
        raise Refused(status, headers, greeting)
    assert greeting == b'{"errCode":0,"errMsg":"","errDlt":""}', greeting
    return line


def messages(push):
    return [m for entries in push.pb.values() for batch in entries.values() for m in batch["Msgs"]]


def texts(push):
    return [json.loads(m["content"])["content"] for m in messages(push)]


def newest(line, conversation):
    return line.request(1001, {"userID": line.user}).pb.get("maxSeqs", {}).get(conversation, 0)


def wait_newest(line, conversation, seq):
    deadline = time.monotonic() + PATIENCE
    while newest(line, conversation) < seq:
        assert time.monotonic() < deadline, (conversation, newest(line, conversation))
        time.sleep(0.02)


class LocalServer:
    """tern-local-server with these arguments; ends with the block."""

    def __init__(self, *arguments, environment=None, stderr=None):
        self.process = subprocess.Popen(
            [os.environ["TERN_LOCAL_SERVER"], "--watch-stdin", *arguments], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=stderr, text=True,
            env=dict(os.environ, **(environment or {})))
        ready = json.loads(self.process.stdout.readline())
        self.ws, self.api, self.account = ready["ws"], ready["api"], ready["account"]
        self.secret = ready["secret"]
        self.ws_port = urllib.parse.urlsplit(self.ws).port
        self._admin_token = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        """Its end is an orderly one (where a sanitizer looks for leaks), unless it was killed."""
        self.process.stdin.close()
        try:
            code = self.process.wait(4 * DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()
        assert code in (0, -9), code

    def post(self, path, body, token=None, base=None):
        """The answer's whole envelope: errCode, errMsg, errDlt, data. body: bytes, or a value."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request((base or self.api) + path, content, {
            "operationID": "op", "Content-Type": "application/json",
            **({"token": token} if token else {})})
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            return json.load(answer)

    @property
    def admin_token(self):
        if self._admin_token is None:
            answer = self.post("/auth/get_admin_token", {
                "secret": self.secret, "userID": "imAdmin"})
            self._admin_token = answer["data"]["token"]
        return self._admin_token

    def user_token(self, user, platform=7):
        answer = self.post("/auth/get_user_token", {"userID": user, "platformID": platform},
                           self.admin_token)
        assert answer["errCode"] == 0, answer
        return answer["data"]["token"]

    def register(self, *users):
        """users: IDs, or (ID, nickname)."""
        people = [(u, u) if isinstance(u, str) else u for u in users]
        answer = self.post("/user/user_register", {"users": [
            {"userID": user, "nickname": name, "faceURL": ""} for user, name in people]},
            self.admin_token)
        assert answer["errCode"] == 0, answer

    def connect(self, user, platform=7, sdkType="js", compression="", **more):
        """With a token of its own (which under policy 1 ends older ones of the platform)."""
        return connect(self, user, self.user_token(user, platform), platform, sdkType, compression,
                       **more)
