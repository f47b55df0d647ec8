#!/usr/bin/env python3
"""The limits of incremental sync (protocol 02 section 6), which no recording
reaches.

Environment: TERN_LOCAL_SERVER. Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import sys
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "replay"))
import fence  # noqa: E402
import wsclient  # noqa: E402


class World:
    """Ann, who does everything, and many others."""

    def __init__(self, *arguments, n_people=0):
        self.server = wsclient.LocalServer("--gentle", *arguments)
        self.people = ["p%03d" % i for i in range(n_people)]
        self.server.register("ann", "bob", *self.people)
        self.ann = self.server.user_token("ann")

    def call(self, path, body):
        answer = self.server.post(path, body, self.ann)
        assert answer["errCode"] == 0, (path, answer)
        return answer.get("data")

    def befriend(self, person):
        token = self.server.user_token(person)
        answer = self.server.post("/friend/add_friend", {"fromUserID": person, "toUserID": "ann"},
                                  token)
        assert answer["errCode"] == 0, answer
        self.call("/friend/add_friend_response",
                  {"fromUserID": person, "toUserID": "ann", "handleResult": 1})

    def friends(self, since=None):
        return self.call("/friend/get_incremental_friends", {
            "userID": "ann", "versionID": since["versionID"] if since else "",
            "version": since["version"] if since else 0})

    def create_group(self, members):
        return self.call("/group/create_group", {
            "ownerUserID": "ann", "memberUserIDs": members,
            "groupInfo": {"groupType": 2, "groupName": "g"}})["groupInfo"]["groupID"]


def test_two_hundred_changes():
    """200 are told one by one; with one more the whole list is to be fetched."""
    world = World(n_people=201)
    with world.server:
        start = world.friends()
        for person in world.people[:200]:
            world.befriend(person)
        some = world.friends(start)
        assert not some["full"] and len(some["insert"]) == 200, some["full"]
        assert [row["friendUser"]["userID"] for row in some["insert"]] == world.people[:200]
        world.befriend(world.people[200])
        more = world.friends(start)
        assert more["full"] and more["insert"] is None, more
        last = world.friends(some)
        assert [row["friendUser"]["userID"] for row in last["insert"]] == [world.people[200]]


def test_last_change_counts():
    """Of several changes of one element only the last is told."""
    world = World(n_people=3)
    with world.server:
        start = world.friends()
        for person in world.people:
            world.befriend(person)
        world.call("/friend/update_friends", {"ownerUserID": "ann", "friendUserIDs": ["p000"],
                                              "remark": "r"})
        world.call("/friend/delete_friend", {"ownerUserID": "ann", "friendUserID": "p001"})
        answer = world.friends(start)
        assert answer["delete"] == ["p001"], answer
        assert [row["friendUser"]["userID"] for row in answer["insert"]] == ["p002"]
        assert [row["remark"] for row in answer["update"]] == ["r"]
        assert answer["version"] == start["version"] + 5, answer


def test_one_write_is_one_version():
    world = World(n_people=5)
    with world.server:
        group = world.create_group(world.people[:2])

        def members(since):
            return world.call("/group/get_incremental_group_members", {
                "groupID": group, "versionID": since["versionID"], "version": since["version"]})

        start = members({"versionID": "", "version": 0})
        assert start["full"] and start["version"] == 1, start
        world.call("/group/invite_user_to_group", {"groupID": group,
                                                   "invitedUserIDs": world.people[2:]})
        world.call("/group/kick_group", {"groupID": group, "kickedUserIDs": world.people[:2]})
        answer = members(start)
        assert answer["version"] == 3 and sorted(answer["delete"]) == world.people[:2], answer
        assert sorted(row["userID"] for row in answer["insert"]) == world.people[2:], answer


def test_batch_ends_early():
    """A batch stops when 500 changes are in it; the rest is asked for again."""
    world = World(n_people=600)
    with world.server:
        groups = [world.create_group([]) for _ in range(5)]
        asked = [{"groupID": group, "versionID": "", "version": 0} for group in groups]
        path = "/group/get_incremental_group_members_batch"
        start = world.call(path, {"userID": "ann", "reqList": asked})["respList"]
        assert set(start) == set(groups)
        for group in groups:
            world.call("/group/invite_user_to_group", {"groupID": group,
                                                       "invitedUserIDs": world.people[:180]})
        asked = [{"groupID": group, "versionID": start[group]["versionID"],
                  "version": start[group]["version"]} for group in groups]
        answer = world.call(path, {"userID": "ann", "reqList": asked})["respList"]
        assert set(answer) == set(groups[:3]), len(answer)
        rest = world.call(path, {"userID": "ann", "reqList": asked[3:]})["respList"]
        assert set(rest) == set(groups[3:]), len(rest)
        assert all(len(entry["insert"]) == 180 for entry in rest.values())


def test_back_at_once():
    """Removed and let in again before the news of it goes out: the group stays whole."""
    world = World()
    with world.server:
        group = world.create_group(["bob"])
        bob = wsclient.connect(world.server, "bob", world.server.user_token("bob"))
        fence.wait([bob])
        world.call("/group/kick_group",
                   {"groupID": group, "kickedUserIDs": ["bob"], "reason": ""})
        world.call("/group/invite_user_to_group",
                   {"groupID": group, "invitedUserIDs": ["bob"], "reason": ""})
        fence.wait([bob])
        answer = world.server.post("/conversation/get_conversation", {
            "ownerUserID": "bob", "conversationID": "sg_" + group},
            world.server.user_token("bob"))
        assert answer["data"]["conversation"]["maxSeq"] == 0, answer
        bob.close()


TESTS = [test_two_hundred_changes, test_last_change_counts, test_one_write_is_one_version,
         test_batch_ends_early, test_back_at_once]


def main():
    print("1..%d" % len(TESTS), flush=True)
    failed = False
    for number, test in enumerate(TESTS, 1):
        try:
            test()
            fault = ""
        except Exception:
            fault = traceback.format_exc()
        failed |= bool(fault)
        for line in fault.splitlines():
            print("# " + line[:1000])
        print("%s %d - %s" % ("not ok" if fault else "ok", number, test.__name__[5:]), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
