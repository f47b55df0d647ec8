"""Waiting until nothing older is on its way, without a pause.

    fence.wait(lines)        # wsclient.Connections; what came is in line.pushes

Everybody sends an event to himself that is not stored, and again when it is
back. The server collects what it is given for a moment and hands it on in
order: when the second one is back, so is all that was caused before the first,
and what that caused. Such events leave no trace: no conversation, no seq.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json

MARK = "fence-"
PASSING = {key: False for key in ("isNotNotification", "isSendMsg", "history", "persistent",
                                  "senderSync")}


def wait(lines):
    for _ in range(2):
        asked = {}
        for line in lines:
            asked[line] = line.send_envelope(1003, {
                "sendID": line.user, "recvID": line.user, "sessionType": 1, "msgFrom": 100,
                "contentType": 1303, "content": "{}", "clientMsgID": MARK + line.user,
                "options": PASSING})
        for line in lines:
            while True:
                envelope = line.next_frame()
                if envelope is None:
                    raise ConnectionError("the connection of %s ended" % line.user)
                if envelope.msgIncr == asked[line]:
                    continue
                if envelope.reqIdentifier == 2001 and MARK in json.dumps(envelope.pb):
                    break
                line.pushes.append(envelope)
