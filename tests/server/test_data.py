#!/usr/bin/env python3
"""What the local server keeps in its folder.

Environment: TERN_LOCAL_SERVER. Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import contextlib
import json
import os
import sqlite3
import stat
import sys
import tempfile
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "replay"))
# pylint: disable=wrong-import-position
import fence
import test_hostile_rest as rest
import wsclient

CHAT = "si_ann_bob"


def pull(line, conversation):
    return line.request(1002, {"userID": line.user, "seqRanges": [
        {"conversationID": conversation, "begin": 1, "end": 99, "num": 99}]}).pb


def fill(server):
    """Something of everything; what is to be read of it later."""
    server.register("ann", "bob", "eve")
    tokens = {user: server.user_token(user) for user in ("ann", "bob", "eve")}
    with wsclient.connect(server, "ann", tokens["ann"]) as ann, \
            wsclient.connect(server, "bob", tokens["bob"]) as bob:
        for text in ("one", "two", "three"):
            assert ann.send_text("bob", text).errCode == 0
        group = server.post("/group/create_group", {
            "ownerUserID": "ann", "memberUserIDs": ["bob"],
            "groupInfo": {"groupType": 2, "groupName": "G", "lookMemberInfo": 1,
                          "applyMemberFriend": 1}}, tokens["ann"])["data"]["groupInfo"]["groupID"]
        fence.wait([ann, bob])
        for path, user, body in (
                ("/friend/add_friend", "eve", {"fromUserID": "eve", "toUserID": "ann"}),
                ("/friend/add_black", "bob", {"ownerUserID": "bob", "blackUserID": "eve"}),
                ("/group/join_group", "eve", {"groupID": group, "joinSource": 3,
                                              "inviterUserID": "eve"}),
                ("/group/mute_group_member", "ann", {"groupID": group, "userID": "bob",
                                                     "mutedSeconds": 100}),
                ("/msg/revoke_msg", "ann", {"conversationID": CHAT, "seq": 1, "userID": "ann"}),
                ("/msg/delete_msgs", "bob", {"conversationID": CHAT, "seqs": [2], "userID": "bob"}),
                ("/msg/mark_conversation_as_read", "bob", {
                    "conversationID": CHAT, "hasReadSeq": 2, "seqs": [], "userID": "bob"})):
            answer = server.post(path, body, tokens[user])
            assert answer["errCode"] == 0, (path, answer)
        fence.wait([ann, bob])
    return group, tokens


def read(server, group, tokens):
    page = {"pageNumber": 1, "showNumber": 9}
    found = {}
    for user in ("ann", "bob"):
        with wsclient.connect(server, user, tokens[user]) as line:
            for conversation in (CHAT, "sg_" + group, "n_ann_bob"):
                found[user, conversation] = pull(line, conversation)
            found[user, "seqs"] = line.request(1006, {"userID": user}).pb
            found[user, "newest"] = line.request(1001, {"userID": user}).pb
    for user, path, body in (
            ("ann", "/friend/get_friend_apply_list", {"userID": "ann", "pagination": page}),
            ("bob", "/friend/get_black_list", {"userID": "bob", "pagination": page}),
            ("ann", "/group/get_recv_group_applicationList", {"fromUserID": "ann",
                                                              "pagination": page}),
            ("ann", "/group/get_groups_info", {"groupIDs": [group]}),
            ("ann", "/group/get_group_member_list", {"groupID": group, "pagination": page})):
        found[path] = server.post(path, body, tokens[user])
    return found


def test_all_is_kept(folder):
    with wsclient.LocalServer("--gentle", "--data", folder) as server:
        group, tokens = fill(server)
        before = read(server, group, tokens)
        server.process.kill()
    with wsclient.LocalServer("--gentle", "--data", folder) as server:
        after = read(server, group, tokens)
    for key, value in before.items():
        assert after[key] == value, "%s: %s became %s" % (
            key, json.dumps(value)[:500], json.dumps(after[key])[:500])
    assert len(before["/group/get_recv_group_applicationList"]["data"]["groupRequests"]) == 1


def test_what_was_accepted_is_kept(folder):
    """By an end that comes before the next batch, and before a dismissed group is emptied."""
    with wsclient.LocalServer("--gentle", "--data", folder) as server:
        server.register("ann", "bob")
        token = server.user_token("ann")
        group = server.post("/group/create_group", {
            "ownerUserID": "ann", "memberUserIDs": ["bob"],
            "groupInfo": {"groupType": 2, "groupName": "G"}}, token)["data"]["groupInfo"]["groupID"]
        with wsclient.connect(server, "ann", token) as ann:
            fence.wait([ann])
            assert server.post("/group/dismiss_group", {"groupID": group}, token)["errCode"] == 0
            for text in ("one", "two"):
                assert ann.send_text("bob", text).errCode == 0
            server.process.terminate()
            server.process.wait(wsclient.DEADLINE)
    with wsclient.LocalServer("--data", folder) as server:
        with wsclient.connect(server, "bob", server.user_token("bob")) as bob:
            (batch,) = pull(bob, CHAT)["msgs"].values()
            contents = [json.loads(message["content"])["content"] for message in batch["Msgs"]]
            assert contents == ["one", "two"], contents
            (batch,) = pull(bob, "sg_" + group)["msgs"].values()
            assert [message["contentType"] for message in batch["Msgs"]] == [1501, 1511], batch
        answer = server.post("/group/get_groups_info", {"groupIDs": [group]}, token)
        info = answer["data"]["groupInfos"][0]
        assert (info["status"], info["memberCount"], info["ownerUserID"]) == (2, 0, ""), info


def test_tokens_that_are_over(folder):
    """What the record of a token says counts for both servers."""
    def ask(server, api_token, chat_token):
        body = {"userIDs": ["x"]}
        return [server.post("/user/get_users_info", body, api_token)["errCode"],
                server.post("/user/find/full", body, chat_token, server.account)["errCode"]]

    with wsclient.LocalServer("--data", folder) as server:
        data = server.post("/account/register", {
            "verifyCode": "666666", "platform": 7, "autoLogin": True, "user": {
                "nickname": "A", "areaCode": "+1", "phoneNumber": "1", "password": "x"}},
            base=server.account)["data"]
        tokens = data["imToken"], data["chatToken"]
        assert ask(server, *tokens) == [0, 0]
    for state, code in (1501, 1501), (2, 1506):
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "server.db"))) as database:
            database.execute("UPDATE tokens SET state = ?", (state,))
            database.commit()
        with wsclient.LocalServer("--data", folder) as server:
            assert ask(server, *tokens) == [code, code]


def test_nobody_else_reads(folder):
    path = os.path.join(folder, "server.db")
    for user in "ann", "bob":
        with wsclient.LocalServer("--data", folder) as server:
            server.register(user)
            assert {"server.db", "server.db-wal", "server.db-shm"} <= set(os.listdir(folder))
            for name in os.listdir(folder):
                mode = stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
                assert mode in (0o600, 0o700), (name, oct(mode))
        os.chmod(path, 0o644)  # the next one mends that


def test_pictures_stay_as_they_are(_):
    """Whatever size and kind are asked for."""
    world = rest.World()
    try:
        picture = b"\x89PNG\r\n\x1a\n" + b"x" * 1000
        url = rest.upload(world, "mallory/p.png", picture)
        for query in "width=16&height=16&format=png", "width=2000&height=1", "height=5&format=jpg":
            status, headers, _ = rest.send(f"{url}?type=image&{query}", method="GET")
            assert status == 302, (query, status)
            assert rest.send(headers["Location"], method="GET")[2] == picture, query
    finally:
        world.close()


def test_another_version(folder):
    path = os.path.join(folder, "server.db")
    database = sqlite3.connect(path)
    database.executescript("CREATE TABLE meta (key TEXT); CREATE TABLE friends (owner TEXT);")
    database.close()
    for _ in range(2):
        with wsclient.LocalServer("--users", "2", "--data", folder, stderr=-3) as server:
            with server.connect("u1") as line:
                assert line.send_text("u2").errCode == 0
    mode = stat.S_IMODE(os.stat(path).st_mode)
    assert mode == 0o600, oct(mode)
    database = sqlite3.connect(path + ".old")
    assert database.execute("SELECT count(*) FROM friends").fetchone() == (0,)
    database.close()


def main():
    tests = [value for name, value in globals().items() if name.startswith("test_")]
    print("1..%d" % len(tests), flush=True)
    failed = False
    for number, test in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(folder)
                print("ok %d - %s" % (number, test.__name__), flush=True)
            except Exception:
                failed = True
                for line in traceback.format_exc().splitlines():
                    print("# " + line)
                print("not ok %d - %s" % (number, test.__name__), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
