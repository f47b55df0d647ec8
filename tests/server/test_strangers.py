#!/usr/bin/env python3
"""What somebody gets who reaches for what is not his, and that nobody notices.

Environment: TERN_LOCAL_SERVER. Speaks TAP. Raw requests of the long connection
and of REST: other people's IDs, conversations of others, contents of the wrong
shape. The codes are those of the recordings (golden/semantics/forged.json,
blocked-errors.json, content-kinds.json; golden/rest).

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import os
import socket
import sys
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "replay"))
# pylint: disable=wrong-import-position
import fence
import wsclient

CHAT = "si_ann_bob"
EVENT = {"isNotNotification": False, "isSendMsg": False, "history": False, "persistent": False}


class World:
    """Ann and Bob talk and share a group; Eve knows nobody."""

    def __init__(self):
        self.server = wsclient.LocalServer("--gentle")
        self.server.register("ann", "bob", "eve")
        self.tokens = {user: self.server.user_token(user) for user in ("ann", "bob", "eve")}
        self.ann, self.bob, self.eve = self.lines = [
            wsclient.connect(self.server, user, self.tokens[user]) for user in self.tokens]
        for line, peer in ((self.ann, "bob"), (self.bob, "ann"), (self.ann, "bob")):
            assert line.send_text(peer, "secret").errCode == 0
        answer = self.post("ann", "/group/create_group", {
            "ownerUserID": "ann", "memberUserIDs": ["bob"],
            "groupInfo": {"groupType": 2, "groupName": "Two"}})
        self.group = answer["data"]["groupInfo"]["groupID"]
        fence.wait(self.lines)
        self.clear()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        for line in self.lines:
            line.close()
        self.server.__exit__()

    def post(self, user, path, body):
        return self.server.post(path, body, self.tokens[user])

    def clear(self):
        for line in self.lines:
            line.pushes.clear()

    def pushes(self, line):
        fence.wait(self.lines)
        return [envelope.pb for envelope in line.pushes]

    def nobody_noticed(self):
        for line in (self.ann, self.bob):
            assert self.pushes(line) == [], line.pushes
        self.clear()

    def texts(self, line, conversation):
        (batch,) = self.history(line, conversation)["msgs"].values()
        return [(message["seq"], message["clientMsgID"], message.get("content", ""),
                 message.get("status")) for message in batch["Msgs"]]

    def history(self, line, conversation):
        answer = line.request(1002, {"userID": line.user, "seqRanges": [
            {"conversationID": conversation, "begin": 1, "end": 999, "num": 999}]})
        assert answer.errCode == 0, answer
        return answer.pb


def test_another_sender(world):
    for message in ({"recvID": "bob"}, {"groupID": world.group}):
        answer = world.eve.send_text(sendID="ann", **message)
        assert answer.errCode == 1002 and answer.data is None, answer
    # Into a group of others; to nobody; into no group.
    assert world.eve.send_text(groupID=world.group).errCode == 1002
    assert world.eve.send_text("nobody").errCode == 1004
    assert world.eve.send_text(groupID="4242").errCode == 500
    world.nobody_noticed()


def meddle(world, conversation):
    """Eve tries to delete, to clear and to mark as read what others have there."""
    own = {"conversationID": conversation, "userID": "eve"}
    for_all = {"deleteSyncOpt": {"IsSyncSelf": False, "IsSyncOther": True}}
    assert world.post("eve", "/msg/mark_conversation_as_read",
                      dict(own, hasReadSeq=1, seqs=[1]))["errCode"] == 1004
    assert world.post("eve", "/msg/mark_msgs_as_read", dict(own, seqs=[1]))["errCode"] != 0
    world.post("eve", "/msg/delete_msgs", dict(own, seqs=[1]))
    assert world.post("eve", "/msg/delete_msgs", dict(own, seqs=[1], **for_all))["errCode"] == 1004
    for path, body in (("/msg/clear_conversation_msg", {"conversationIDs": [conversation]}),
                       ("/msg/user_clear_all_msg", {})):
        assert world.post("eve", path, dict(body, userID="eve", **for_all))["errCode"] == 0


def everything(world):
    """What Ann has of her conversations, and what stands in the records of them."""
    records = world.post("ann", "/conversation/get_all_conversations", {"ownerUserID": "ann"})
    return records["data"], [world.history(world.ann, conversation) for conversation in (
        CHAT, "sg_" + world.group, "n_ann_bob", "n_" + world.group)]


def test_other_conversations(world):
    before = everything(world)
    for conversation in (CHAT, "sg_" + world.group, "n_ann_bob", "n_" + world.group, "n_ann_ann"):
        assert world.history(world.eve, conversation) == {}, conversation
        one = world.eve.request(1005, {"userID": "eve", "conversations": [
            {"conversationID": conversation, "seqs": [1, 2]}]})
        assert "secret" not in json.dumps(one.pb), one
        last = world.eve.request(1007, {"userID": "eve", "conversationIDs": [conversation]})
        assert last.pb == {}, last
        pulled = world.post("eve", "/msg/pull_msg_by_seq", {"userID": "eve", "seqRanges": [
            {"conversationID": conversation, "begin": 1, "end": 9, "num": 9}]})
        assert pulled["data"] == {}, pulled
        meddle(world, conversation)
    for seq in (1, 2):
        answer = world.post("eve", "/msg/revoke_msg", {"conversationID": CHAT, "seq": seq,
                                                       "userID": "eve"})
        assert answer["errCode"] == 1002, answer
    assert everything(world) == before
    world.nobody_noticed()


def test_a_record_is_no_right(world):
    """A record of settings may be made of any conversation; it opens none."""
    group = "sg_" + world.group
    before = everything(world)
    for body in ({"conversationID": CHAT, "conversationType": 1, "userID": "bob"},
                 {"conversationID": CHAT, "conversationType": 1, "userID": "ann_bob"},
                 {"conversationID": "x_ann_bob", "conversationType": 4, "userID": "bob"},
                 {"conversationID": "n_eve_eve", "conversationType": 3, "groupID": world.group},
                 {"conversationID": "n_ann_bob", "conversationType": 1, "userID": "bob"},
                 {"conversationID": "n_" + world.group, "conversationType": 3,
                  "groupID": world.group},
                 {"conversationID": "si_eve_x", "conversationType": 3, "groupID": world.group},
                 {"conversationID": group, "conversationType": 1, "userID": "bob"},
                 {"conversationID": group, "conversationType": 3, "groupID": world.group}):
        conversation = body["conversationID"]
        answer = world.post("eve", "/conversation/delete_conversations", {
            "ownerUserID": "eve", "conversationIDs": [conversation]})
        assert answer["errCode"] == 0, answer
        answer = world.post("eve", "/conversation/set_conversations", {
            "userIDs": ["eve"], "conversation": dict(body, isPinned=True, isPrivateChat=True)})
        assert answer["errCode"] == 0, answer
        meddle(world, conversation)
        assert world.history(world.eve, conversation) == {}, conversation
        last = world.eve.request(1007, {"userID": "eve", "conversationIDs": [conversation]})
        assert last.pb == {}, last
    assert everything(world) == before
    world.nobody_noticed()
    # Nor does a group whose notifications would be theirs.
    answer = world.post("eve", "/group/create_group", {
        "ownerUserID": "eve", "groupInfo": {"groupType": 2, "groupID": "ann_bob"}})
    assert answer["errCode"] == 1001, answer
    assert world.history(world.eve, "n_ann_bob") == {}
    # Who has left sees what was said before, but not what comes after.
    assert world.post("bob", "/group/quit_group", {"groupID": world.group})["errCode"] == 0
    fence.wait(world.lines)
    world.clear()
    assert world.ann.send_text(groupID=world.group, text="alone").errCode == 0
    world.pushes(world.ann)
    assert "alone" not in json.dumps(world.history(world.bob, group))
    assert len(world.texts(world.bob, group)) == len(world.texts(world.ann, group)) - 1
    last = world.texts(world.ann, group)[-1]
    answer = world.post("bob", "/msg/delete_msgs", {
        "conversationID": group, "userID": "bob", "seqs": [last[0]],
        "deleteSyncOpt": {"IsSyncSelf": False, "IsSyncOther": True}})
    assert answer["errCode"] == 0 and world.texts(world.ann, group)[-1] == last, answer
    answer = world.post("ann", "/group/invite_user_to_group", {
        "groupID": world.group, "invitedUserIDs": ["bob"], "reason": ""})
    assert answer["errCode"] == 0, answer
    fence.wait(world.lines)
    world.clear()


def test_an_ended_group_stays_so(world):
    answer = world.post("ann", "/group/create_group", {
        "ownerUserID": "ann", "memberUserIDs": ["bob"],
        "groupInfo": {"groupType": 2, "groupName": "Over"}})
    body = {"groupID": answer["data"]["groupInfo"]["groupID"]}
    assert world.post("ann", "/group/dismiss_group", dict(body, deleteMember=False))["errCode"] == 0
    for path in "/group/mute_group", "/group/cancel_mute_group":
        # Dismissed; or, on a slow machine, already without members.
        assert world.post("ann", path, body)["errCode"] in (1204, 1004), path
    answer = world.post("ann", "/group/get_groups_info", {"groupIDs": [body["groupID"]]})
    assert answer["data"]["groupInfos"][0]["status"] == 2, answer
    fence.wait(world.lines)
    world.clear()


def test_another_person(world):
    """REST, in the name of somebody else."""
    page = {"pageNumber": 1, "showNumber": 10}
    requests = [
        ("/msg/mark_conversation_as_read", "userID", {"conversationID": CHAT, "hasReadSeq": 1}),
        ("/msg/mark_msgs_as_read", "userID", {"conversationID": CHAT, "seqs": [1]}),
        ("/msg/set_conversation_has_read_seq", "userID", {"conversationID": CHAT, "hasReadSeq": 1}),
        ("/msg/get_conversations_has_read_and_max_seq", "userID", {}),
        ("/msg/newest_seq", "userID", {}),
        ("/msg/revoke_msg", "userID", {"conversationID": CHAT, "seq": 1}),
        ("/msg/delete_msgs", "userID", {"conversationID": CHAT, "seqs": [1]}),
        ("/msg/clear_conversation_msg", "userID", {"conversationIDs": [CHAT]}),
        ("/msg/user_clear_all_msg", "userID", {}),
        ("/friend/add_friend", "fromUserID", {"toUserID": "bob"}),
        ("/friend/add_friend_response", "toUserID", {"fromUserID": "bob", "handleResult": 1}),
        ("/friend/get_friend_list", "userID", {"pagination": page}),
        ("/friend/get_friend_apply_list", "userID", {"pagination": page}),
        ("/friend/update_friends", "ownerUserID", {"friendUserIDs": ["bob"], "remark": "x"}),
        ("/friend/delete_friend", "ownerUserID", {"friendUserID": "bob"}),
        ("/friend/add_black", "ownerUserID", {"blackUserID": "bob"}),
        ("/friend/remove_black", "ownerUserID", {"blackUserID": "bob"}),
        ("/friend/get_black_list", "userID", {"pagination": page}),
        ("/group/create_group", "ownerUserID", {"groupInfo": {"groupType": 2, "groupName": "x"}}),
        ("/group/get_joined_group_list", "fromUserID", {"pagination": page}),
        ("/group/get_recv_group_applicationList", "fromUserID", {"pagination": page}),
        ("/group/quit_group", "userID", {"groupID": world.group}),
        ("/group/join_group", "inviterUserID", {"groupID": world.group, "joinSource": 3}),
    ]
    for path, member, body in requests:
        answer = world.post("eve", path, dict(body, **{member: "ann"}))
        assert answer["errCode"] == 1002, (path, answer)
        assert answer["errDlt"] == "ownerUserID, ann=MISSING", (path, answer)
        assert "data" not in answer, (path, answer)
    world.nobody_noticed()


def test_another_group(world):
    """By somebody who is not in it."""
    group = {"groupID": world.group}
    requests = [
        ("/group/get_group_member_list", {"pagination": {"pageNumber": 1, "showNumber": 9}}, 1002),
        ("/group/get_group_members_info", {"userIDs": ["ann"]}, 1002),
        ("/group/invite_user_to_group", {"invitedUserIDs": ["eve"]}, 1002),
        ("/group/kick_group", {"kickedUserIDs": ["bob"]}, 1002),
        ("/group/kick_group", {"kickedUserIDs": []}, 1001),
        ("/group/kick_group", {}, 1001),
        ("/group/kick_group", {"kickedUserIDs": ["bob", "bob"]}, 1001),
        ("/group/set_group_info_ex", {"groupName": "x"}, 1004),
        ("/group/mute_group", {}, 1004),
        ("/group/mute_group_member", {"userID": "bob", "mutedSeconds": 60}, 1004),
        ("/group/transfer_group", {"oldOwnerUserID": "ann", "newOwnerUserID": "bob"}, 1002),
        ("/group/dismiss_group", {}, 1002),
        ("/group/quit_group", {}, 500),
        ("/group/group_application_response", {"fromUserID": "eve", "handleResult": 1}, 1004),
    ]
    for path, body, code in requests:
        answer = world.post("eve", path, dict(group, **body))
        assert answer["errCode"] == code, (path, answer)
    answer = world.post("eve", "/group/set_group_member_info", {
        "members": [dict(group, userID="bob", nickname="x")]})
    assert answer["errCode"] == 1001, answer
    world.nobody_noticed()


SHAPES = [b"", b"{}", b"[]", b"null", b"1", b'"x"', b"not json", b"\xff\xfe", b'{"detail":1}',
          b'{"detail":"not json"}', b'{"detail":"[]"}', b'{"detail":"{\\"quitUser\\":[]}"}',
          b'{"detail":"{\\"kickedUserList\\":{}}"}',
          b'{"detail":"{\\"kickedUserList\\":[null,1,\\"x\\",[],{\\"userID\\":7}]}"}',
          b'{"quoteMessage":[]}', b'{"quoteMessage":{"seq":"x"}}', b"[" * 10000]


def test_wrong_shapes(world):
    """Each comes as it was sent, to those whom it is for, live and pulled."""
    for kind in (101, 113, 114, 1504, 1508, 1511, 2101, 2102, 2200):
        for shape in SHAPES:
            answer = world.ann.send_text("bob", contentType=kind, content=shape, options={})
            assert answer.errCode == 0, (kind, shape, answer)
            answer = world.ann.send_text(groupID=world.group, contentType=kind, content=shape,
                                         options=dict(EVENT, history=True, persistent=True))
            assert answer.errCode == 0, (kind, shape, answer)
        fence.wait(world.lines)
        sent = [shape.decode("utf-8", "surrogateescape") for shape in SHAPES]
        for conversation in (CHAT, "n_" + world.group):
            came = [message.get("content", "") for push in (p.pb for p in world.bob.pushes)
                    for batches in push.values()
                    for message in batches.get(conversation, {}).get("Msgs", [])]
            assert came == sent, (kind, conversation, came)
        assert not world.eve.pushes, world.eve.pushes
        world.clear()
    for conversation in (CHAT, "n_" + world.group):
        assert world.history(world.bob, conversation)
    # Whatever was claimed, the group is as it was.
    answer = world.post("bob", "/group/get_groups_info", {"groupIDs": [world.group]})
    info = answer["data"]["groupInfos"][0]
    assert (info["status"], info["memberCount"], info["ownerUserID"]) == (0, 2, "ann"), info


def test_claims(world):
    """Made-up news of leaving and of the end change nothing, whoever is named."""
    for kind, detail in ((1508, {"kickedUserList": [{"userID": "bob"}] * 500}),
                         (1504, {"quitUser": {"userID": "ann"}}), (1511, {"group": {}})):
        answer = world.eve.send_text(
            groupID=world.group, contentType=kind, msgFrom=200, options=EVENT,
            content=json.dumps({"detail": json.dumps(detail)}))
        assert answer.errCode == 0, answer
    for line in (world.ann, world.bob):
        kinds = [message["contentType"] for push in world.pushes(line)
                 for message in push["notificationMsgs"]["n_" + world.group]["Msgs"]]
        assert set(kinds) == {1508, 1504, 1511} and len(kinds) <= 4, kinds
    world.clear()
    assert world.bob.send_text(groupID=world.group, text="still here").errCode == 0
    assert "still here" in json.dumps(world.pushes(world.ann))
    for line in (world.ann, world.bob):
        assert "still here" in json.dumps(world.history(line, "sg_" + world.group))
    world.clear()


def test_the_greatest_number(world):
    """As the seq up to which everything was read, again and again; Bob's pointer stays there."""
    for _ in range(2):
        answer = world.post("bob", "/msg/mark_conversation_as_read", {
            "conversationID": CHAT, "userID": "bob", "hasReadSeq": 2 ** 63 - 1})
        assert answer["errCode"] == 0, answer
    receipts = [json.loads(json.loads(message["content"])["detail"])
                for push in world.pushes(world.ann) for batch in push["notificationMsgs"].values()
                for message in batch["Msgs"]]
    assert [receipt["hasReadSeq"] for receipt in receipts] == [2 ** 63 - 1] * 2, receipts
    newest = wsclient.newest(world.bob, CHAT)
    assert max(receipts[0]["seqs"]) == newest + 1000 and receipts[1]["seqs"] is None, receipts
    world.clear()


def test_too_much_at_once(world):
    """What one request may ask about."""
    for n, code in ((10000, 0), (10001, 1001)):
        ids = [""] * n
        for kind, body in ((1002, {"seqRanges": [{}] * n}), (1005, {"conversations": [{}] * n}),
                           (1006, {"conversationIDs": ids}), (1007, {"conversationIDs": ids})):
            answer = world.eve.request(kind, dict(body, userID="eve"))
            assert answer.errCode == code, (kind, n, answer.errCode)
        for path, body in (
                ("/msg/get_conversations_has_read_and_max_seq", {"conversationIDs": ids}),
                ("/msg/pull_msg_by_seq", {"seqRanges": [{}] * n})):
            answer = world.post("eve", path, dict(body, userID="eve"))
            assert answer["errCode"] == code, (path, n, answer["errDlt"])
    # Of many ranges of one conversation the last counts.
    ranges = [{"conversationID": CHAT, "begin": n % 2 + 1, "end": n % 2 + 1, "num": 1}
              for n in range(1500)]
    answer = world.ann.request(1002, {"userID": "ann", "seqRanges": ranges})
    (batch,) = answer.pb["msgs"].values()
    assert [message["seq"] for message in batch["Msgs"]] == [2], batch


def test_what_was_sent_as_deleted(world):
    """The newest message is looked for behind it, but not for ever."""
    def newest():
        fence.wait(world.lines)
        answer = world.bob.request(1007, {"userID": "bob", "conversationIDs": ["si_bob_eve"] * 9})
        return [message["content"] for message in answer.pb.get("msgs", {}).values()]

    assert world.eve.send_text("bob", "real").errCode == 0
    for _ in range(100):
        assert world.eve.send_text("bob", "gone", status=4).errCode == 0
    assert newest() == ['{"content": "real"}']
    answer = world.bob.request(1007, {"userID": "bob", "conversationIDs": ["si_bob_eve"] * 400})
    assert answer.errCode == 500, answer.errCode
    assert world.eve.send_text("bob", "gone", status=4).errCode == 0
    assert newest() == []
    world.clear()


def test_hard_searches(world):
    """The account server looks for a regular expression, but not a long one, and not for long."""
    nickname = "a" * 22 + "c"
    token = world.server.post("/account/register", {
        "verifyCode": "666666", "platform": 7, "autoLogin": True,
        "user": {"nickname": nickname, "areaCode": "+1", "phoneNumber": "5550001",
                 "password": "x"}}, base=world.server.account)["data"]["chatToken"]

    def search(keyword):
        answer = world.server.post("/user/search/public", {
            "keyword": keyword, "pagination": {"pageNumber": 1, "showNumber": 9}}, token,
            base=world.server.account)
        return answer["errCode"] or [user["nickname"] for user in answer["data"]["users"] or []]

    def search_all(path, member, keyword):
        answer = world.post("ann", path, {member: keyword, "pagination": {
            "pageNumber": 1, "showNumber": 9}})
        return answer["errCode"] or [
            row.get("userID") or row["groupInfo"]["groupID"]
            for row in answer["data"].get("users") or answer["data"].get("groups") or []]

    for path, member, keyword, wanted in (
            ("/user/get_users", "nickName", "^(EVE|b.b)$", ["bob", "eve"]),
            ("/user/get_users", "userID", "^AN{2}", ["ann"]),
            ("/group/get_groups", "groupName", "^T.o$", [world.group])):
        found = search_all(path, member, keyword)
        assert isinstance(found, list) and sorted(found) == wanted, (path, found)
        assert search_all(path, member, "x" * 257) == 1001, path
        assert search_all(path, member, "[") == 500, path
        assert search_all(path, member, "(*LIMIT_MATCH=4000000000)x") == 1001, path
    assert search("^A+C") == search("(a+)+c") == search("a" * 20 + "." * 3) == [nickname]
    assert search("(a+)+b|c$") == []  # four million steps
    for limit in "(*LIMIT_MATCH=4000000000)", "(*UTF)(*LIMIT_MATCH=4000000000)":
        assert search(limit + "(a+)+b|c$") == 1001, limit
    # The name of a group that is asked for by its ID is nothing to look for.
    answer = world.post("ann", "/group/get_groups", {
        "groupID": world.group, "groupName": "[", "pagination": {"pageNumber": 1, "showNumber": 9}})
    assert answer["errCode"] == 0 and answer["data"]["total"] == 1, answer
    assert search("x" * 256) == [] and search("x" * 257) == 1001
    assert search("[") == 500


def test_an_administrator(world):
    """Sends in the name of others, under the same rules."""
    line = wsclient.connect(world.server, "imAdmin", world.server.admin_token, 10)
    with line:
        assert line.send_text("bob", "by ann", sendID="ann").errCode == 0
        assert line.send_text(groupID=world.group, text="by ann", sendID="ann").errCode == 0
        assert line.send_text("bob", sendID="nobody").errCode == 1004
        assert line.send_text("nobody", sendID="ann").errCode == 1004
        assert line.send_text(groupID=world.group, sendID="eve").errCode == 1002
    came = [(message["sendID"], message["content"]) for push in world.pushes(world.bob)
            for batch in push["msgs"].values() for message in batch["Msgs"]]
    assert came == [("ann", '{"content": "by ann"}')] * 2, came
    world.clear()


def test_an_administrator_by_rest(world):
    """Acts for whom the body names, and nobody else."""
    def post(path, **body):
        answer = world.server.post(path, body, world.server.admin_token)
        assert answer["errCode"] == 0, (path, answer)
        return answer.get("data")

    def fail(path, **body):
        return world.server.post(path, body, world.server.admin_token)["errCode"]

    page = {"pageNumber": 1, "showNumber": 99}
    both = {"conversationID": CHAT, "userID": "bob"}
    for text in "one", "two":
        assert world.ann.send_text("bob", text).errCode == 0
    assert world.eve.send_text("bob", "unread").errCode == 0
    fence.wait(world.lines)

    def find(conversation):
        return post("/msg/get_conversations_has_read_and_max_seq", userID="bob",
                    conversationIDs=[conversation])["seqs"][conversation]
    last = find("si_bob_eve")["maxSeq"]
    assert find("si_bob_eve")["hasReadSeq"] < last
    post("/msg/mark_conversation_as_read", userID="bob", conversationID="si_bob_eve",
         hasReadSeq=last)
    assert find("si_bob_eve")["hasReadSeq"] == last
    last = find(CHAT)["maxSeq"]
    assert post("/msg/newest_seq", userID="bob")["maxSeqs"][CHAT] == last
    post("/msg/delete_msgs", **both, seqs=[last])
    for line, is_gone in (world.ann, False), (world.bob, True):
        (status,) = [row[3] for row in world.texts(line, CHAT) if row[0] == last]
        assert (status == 4) == is_gone, (line.user, status)
    joined = post("/group/get_joined_group_list", fromUserID="bob", pagination=page)
    assert world.group in [group["groupID"] for group in joined["groups"]], joined
    post("/friend/add_friend", fromUserID="bob", toUserID="ann")
    applied = post("/friend/get_self_friend_apply_list", userID="bob", pagination=page)
    assert [entry["toUserID"] for entry in applied["friendRequests"]] == ["ann"], applied
    asked = world.post("ann", "/friend/get_friend_apply_list", {"userID": "ann",
                                                                "pagination": page})
    assert [entry["fromUserID"] for entry in asked["data"]["FriendRequests"]] == ["bob"], asked
    post("/friend/add_black", ownerUserID="bob", blackUserID="eve")
    assert world.eve.send_text("bob").errCode == 1302
    post("/friend/remove_black", ownerUserID="bob", blackUserID="eve")
    # The row names for whom it was revoked, the news by whom.
    world.clear()
    post("/msg/revoke_msg", conversationID=CHAT, userID="ann", seq=last - 1)
    details = [json.loads(json.loads(message["content"])["detail"])
               for push in world.pushes(world.ann)
               for batch in push.get("notificationMsgs", {}).values()
               for message in batch["Msgs"] if message["contentType"] == 2101]
    assert [(detail["revokerUserID"], detail["isAdminRevoke"]) for detail in details] == [
        ("imAdmin", True)], details
    row = [entry[2] for entry in world.texts(world.ann, CHAT) if entry[0] == last - 1][0]
    assert json.loads(json.loads(row)["detail"])["revokerID"] == "ann", row
    # Of who is online it is told no more than the platforms, each once.
    with wsclient.connect(world.server, "bob", world.tokens["bob"]) as second:
        assert second.request(1001, {"userID": "bob"}).errCode == 0
        assert post("/user/get_users_online_status", userIDs=["bob"]) == [{
            "userID": "bob", "status": 1, "detailPlatformStatus": [
                {"platformID": 7, "connID": "", "isBackground": False, "token": ""}]}]
    # What is sent by REST keeps the rules of the long connection.
    message = {"sendID": "ann", "recvID": "bob", "content": {"content": "x", "null": None},
               "contentType": 101, "sessionType": 1}
    world.clear()
    post("/msg/send_msg", **message)
    (came,) = [m for push in world.pushes(world.bob) for m in push["msgs"][CHAT]["Msgs"]]
    assert json.loads(came["content"]) == message["content"], came
    assert fail("/msg/send_msg", **dict(message, sendID="nobody")) == 1004
    assert fail("/msg/send_msg", **dict(message, recvID="nobody")) == 1004
    world.clear()


def test_names_of_pairs(world):
    """No group is called as two people would be together, whoever comes first."""
    def create(user, group):
        return world.post(user, "/group/create_group", {"ownerUserID": user, "groupInfo": {
            "groupType": 2, "groupName": "x", "groupID": group}})["errCode"]

    def register(*users):
        return world.server.post("/user/user_register", {"users": [
            {"userID": user, "nickname": "x"} for user in users]},
            world.server.admin_token)["errCode"]
    for group in "late_ann", "ann_late", "late_late", "a_b", "ann_x_late":
        assert create("eve", group) == 0, group
    for user in "late", "x_late":
        assert register(user) == 1001, user
    assert register("a", "c", "b") == 1001, "both at once"
    assert register("b") == 0 and register("a") == 1001, "the second of a pair"
    assert create("eve", "x" * 257) == 1001 and create("eve", "x" * 256) == 0
    assert register("lat") == register("x_ann") == register("later") == 0
    assert create("eve", "ann_later") == 1001


def test_a_new_password(world):
    """Ends what the old one had begun, on every platform that there is."""
    body = {"verifyCode": "666666", "platform": 7, "autoLogin": True,
            "user": {"nickname": "N", "areaCode": "+1", "phoneNumber": "5550009", "password": "x"}}
    data = world.server.post("/account/register", body, base=world.server.account)["data"]
    user = data["userID"]
    lines = [world.server.connect(user, platform) for platform in range(1, 13) if platform != 10]
    assert world.server.post("/account/password/change", {
        "userID": user, "currentPassword": "x", "newPassword": "y"}, data["chatToken"],
        base=world.server.account)["errCode"] == 0
    for line in lines:
        while line.next_push().reqIdentifier != 2002:
            pass
        assert line.receive() == ("closed", "fin")
        line.close()


def test_bodies_that_nobody_reads(world):
    """The gateway's port takes no bodies, so it keeps none."""
    def memory_kib():
        with open("/proc/%d/status" % world.server.process.pid, encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))

    before = memory_kib()
    with socket.create_connection(("127.0.0.1", world.server.ws_port),
                                  wsclient.DEADLINE) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" %
                           (768 << 20))
        for _ in range(767):
            connection.sendall(bytes(1 << 20))
        after = memory_kib()  # all but what the sockets hold has been read
        connection.sendall(bytes(1 << 20))
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 "), answer
    # A sanitizer keeps 256 MiB of what was freed, and what it knows of that.
    assert after < before + 512 * 1024, (before, after)
    world.nobody_noticed()


def test_markup(world):
    """What the server writes itself is fit for a page of HTML, as Go writes it."""
    name = "<b>R&D</b>"
    assert world.post("ann", "/group/set_group_info_ex",
                      {"groupID": world.group, "groupName": name})["errCode"] == 0
    (line,) = [message for push in world.pushes(world.bob)
               for message in push.get("msgs", {}).get("sg_" + world.group, {}).get("Msgs", [])]
    assert "\\\\u003cb\\\\u003eR\\\\u0026D" in line["content"], line["content"]
    assert json.loads(json.loads(line["content"])["detail"])["group"]["groupName"] == name
    # What a person writes is not touched, except a quote that has to be rewritten.
    for seq in (99, 0):
        content = json.dumps({"text": name, "quoteMessage": {"seq": seq, "sendID": "ann"}})
        assert world.bob.send_text("ann", contentType=114, content=content).errCode == 0
    (live, other) = [message["content"] for push in world.pushes(world.ann)
                     for message in push.get("msgs", {}).get(CHAT, {}).get("Msgs", [])]
    assert name in live and name in other
    kept, rewritten = [entry[2] for entry in world.texts(world.ann, CHAT)[-2:]]
    assert name in kept and "\\u003cb" in rewritten and json.loads(rewritten)["text"] == name
    world.clear()


def main():
    tests = [value for name, value in globals().items() if name.startswith("test_")]
    print("1..%d" % len(tests), flush=True)
    failed = False
    with World() as world:
        for number, test in enumerate(tests, 1):
            try:
                test(world)
                print("ok %d - %s" % (number, test.__name__), flush=True)
            except Exception:
                failed = True
                for line in traceback.format_exc().splitlines():
                    print("# " + line)
                print("not ok %d - %s" % (number, test.__name__), flush=True)
                world.clear()
    return failed


if __name__ == "__main__":
    sys.exit(main())
