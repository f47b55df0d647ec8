"""A server over a folder, and one who asks it for what he should not.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import http.client
import json
import os
import random
import re
import shutil
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "replay"))
import wsclient  # noqa: E402

SOURCE = os.path.join(os.environ["TERN_TEST_SRCDIR"], "..", "src", "server")


def send(url, body=b"", token=None, method="POST", headers=None):
    """Status, headers and body of the answer."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=120)
    given = {"operationID": "x"}
    if token is not None:
        given["token"] = token
    given.update(headers or {})
    target = parts.path + ("?" + parts.query if parts.query else "")
    connection.request(method, target, body, given)
    reply = connection.getresponse()
    content = reply.read()
    connection.close()
    return reply.status, reply.headers, content


def code(answer):
    status, _, body = answer
    assert status == 200, answer
    return json.loads(body)["errCode"]


def list_types():
    """Every route's path and fields, each with its type, from the server's own table."""
    with open(os.path.join(SOURCE, "tern-server-types.c"), encoding="utf-8") as file:
        text = file.read()
    words = {}

    def join(parts):
        return "".join(words[word] if word else piece
                       for piece, word in re.findall(r'"([^"]*)"|([A-Z_]+)', parts))
    for name, parts in re.findall(r'#define ([A-Z_]+) \\?\s*((?:"[^"]*"|\\?\n  )+)', text):
        words[name] = join(parts)
    halves = text.split("static const Type account_types[]")
    for is_account, half in enumerate(halves):
        for path, parts in re.findall(r'\{ "(/[^"]+)",\s*((?:"[^"]*"|[A-Z_]+|\s)+)\}', half):
            yield is_account, path, split_fields(join(parts).partition(" ")[2])


def split_fields(text):
    """Of the outermost object."""
    fields, depth, at = [], 0, 0
    for i, letter in enumerate(text + ","):
        depth += (letter in "[{") - (letter in "]}")
        if letter == "," and depth == 0:
            name, _, kind = text[at:i].partition(":")
            if name:
                fields.append((name, kind))
            at = i + 1
    return fields


class World:
    """A server over a folder, somebody who misbehaves and somebody who does not."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tern-hostile-")
        self.server = wsclient.LocalServer("--gentle", "--data", self.folder)
        self.server.register("mallory", "alice", "bob")
        self.mallory = self.server.user_token("mallory")
        self.alice = self.server.user_token("alice")
        self.line = self.server.connect("bob")
        self.is_over = threading.Event()
        threading.Thread(target=self.ping, daemon=True).start()
        login = self.register("+1", "5550001")
        self.chat_token, self.chat_user = login["chatToken"], login["userID"]
        self.group = self.server.post("/group/create_group", {
            "ownerUserID": "mallory", "groupInfo": {"groupType": 2, "groupName": "Mine"}},
            self.mallory)["data"]["groupInfo"]["groupID"]

    def register(self, area, phone):
        body = {"verifyCode": "666666", "platform": 7, "autoLogin": True,
                "user": {"nickname": "M", "areaCode": area, "phoneNumber": phone, "password": "x"}}
        return self.server.post("/account/register", body, base=self.server.account)["data"]

    def ping(self):
        """As any client does: what is silent for half a minute is cut."""
        while not self.is_over.wait(10):
            self.line.send(wsclient.PING, b"")

    def base(self, is_account):
        return self.server.account if is_account else self.server.api

    def token(self, is_account):
        return self.chat_token if is_account else self.mallory

    def check_others(self):
        """That Alice can still ask and Bob still hears."""
        text = "still here %d" % random.getrandbits(32)
        with wsclient.connect(self.server, "alice", self.alice) as line:
            assert line.send_text(recvID="bob", text=text).errCode == 0
        while True:
            push = self.line.next_push()
            if text in json.dumps(push.pb, default=str):
                break
        answer = self.server.post("/user/get_users_info", {"userIDs": ["alice"]}, self.alice)
        assert answer["data"]["usersInfo"][0]["userID"] == "alice", answer

    def memory_kib(self):
        with open("/proc/%d/status" % self.server.process.pid, encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))

    def close(self):
        self.is_over.set()
        assert self.server.process.poll() is None, "the server is gone"
        self.line.close()
        self.server.__exit__()
        shutil.rmtree(self.folder)
