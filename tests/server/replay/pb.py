"""The protobuf messages of the long connection, written down a second time.

    body = encode("MsgData", {"sendID": "u1", "content": "hi"})
    fields = decode("PushMessages", body)

Names and spelling are the protocol's own (protocol 01 section 3), not those of
src/wire/proto/tern.proto: a number that is wrong there does not pass here. As
in the recordings, int64 are numbers, bytes are text, fields with a default
value are absent, maps are dictionaries. Type names may carry a package
("openim.sdkws.MsgData").

decode() fails with ValueError on what Go's decoder refuses: cut fields, strings
that are no UTF-8. A field that the table does not know comes out as "?N".

SPDX-License-Identifier: GPL-3.0-or-later
"""

_TABLE = """
MsgData: 1 sendID string, 2 recvID string, 3 groupID string, 4 clientMsgID string,
  5 serverMsgID string, 6 senderPlatformID int, 7 senderNickname string, 8 senderFaceURL string,
  9 sessionType int, 10 msgFrom int, 11 contentType int, 12 content bytes, 14 seq int,
  15 sendTime int, 16 createTime int, 17 status int, 18 isRead bool, 19 options map bool,
  20 offlinePushInfo OfflinePushInfo, 21 atUserIDList list string, 22 attachedInfo string,
  23 ex string
OfflinePushInfo: 1 title string, 2 desc string, 3 ex string, 4 iOSPushSound string,
  5 iOSBadgeCount bool, 6 signalInfo string
PushMessages: 1 msgs map PullMsgs, 2 notificationMsgs map PullMsgs
PullMsgs: 1 Msgs list MsgData, 2 isEnd bool, 3 endSeq int
GetMaxSeqReq: 1 userID string
GetMaxSeqResp: 1 maxSeqs map int, 2 minSeqs map int
PullMessageBySeqsReq: 1 userID string, 2 seqRanges list SeqRange, 3 order int
SeqRange: 1 conversationID string, 2 begin int, 3 end int, 4 num int
PullMessageBySeqsResp: 1 msgs map PullMsgs, 2 notificationMsgs map PullMsgs
SendMsgResp: 1 serverMsgID string, 2 clientMsgID string, 3 sendTime int, 4 modify MsgData
GetSeqMessageReq: 1 userID string, 2 conversations list ConversationSeqs, 3 order int
ConversationSeqs: 2 conversationID string, 3 seqs list int
GetSeqMessageResp: 1 msgs map PullMsgs, 2 notificationMsgs map PullMsgs
GetConversationsHasReadAndMaxSeqReq: 1 userID string, 2 conversationIDs list string,
  3 returnPinned bool
GetConversationsHasReadAndMaxSeqResp: 1 seqs map Seqs, 2 pinnedConversationIDs list string
Seqs: 1 maxSeq int, 2 hasReadSeq int, 3 maxSeqTime int
GetLastMessageReq: 1 userID string, 2 conversationIDs list string
GetLastMessageResp: 1 msgs map MsgData
SubUserOnlineStatus: 1 subscribeUserID list string, 2 unsubscribeUserID list string
SubUserOnlineStatusTips: 1 subscribers list SubUserOnlineStatusElem
SubUserOnlineStatusElem: 1 userID string, 2 onlinePlatformIDs list int
SetAppBackgroundStatusReq: 1 userID string, 2 isBackground bool
SetAppBackgroundStatusResp:
DelUserPushTokenReq: 1 userID string, 2 platformID int
DelUserPushTokenResp:
"""


def _read_table():
    table = {}
    for block in _TABLE.strip().replace("\n  ", " ").split("\n"):
        name, _, fields = block.partition(":")
        table[name] = {}
        for field in filter(None, (f.strip() for f in fields.split(","))):
            number, key, *kind = field.split()
            table[name][int(number)] = (key, kind)
    return table


TABLE = _read_table()

# reqIdentifier: (the request's message, the answer's or push's)
MESSAGES = {
    1001: ("GetMaxSeqReq", "GetMaxSeqResp"),
    1002: ("PullMessageBySeqsReq", "PullMessageBySeqsResp"),
    1003: ("MsgData", "SendMsgResp"),
    1005: ("GetSeqMessageReq", "GetSeqMessageResp"),
    1006: ("GetConversationsHasReadAndMaxSeqReq", "GetConversationsHasReadAndMaxSeqResp"),
    1007: ("GetLastMessageReq", "GetLastMessageResp"),
    2001: (None, "PushMessages"),
    2003: ("DelUserPushTokenReq", "DelUserPushTokenResp"),
    2004: ("SetAppBackgroundStatusReq", "SetAppBackgroundStatusResp"),
    2005: ("SubUserOnlineStatus", "SubUserOnlineStatusTips"),
}


def _fields_of(name):
    return TABLE[name.rpartition(".")[2]]


# --- encoding ---

def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def _block(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def _value(number, kind, value, is_forced=False):
    if kind in ("int", "bool"):
        return varint(number << 3) + varint(int(value)) if value or is_forced else b""
    if kind in ("string", "bytes"):
        data = value.encode() if isinstance(value, str) else value
        return _block(number, data) if data or is_forced else b""
    return _block(number, encode(kind, value))


def encode(name, fields):
    """Fields ascending, as every encoder does; map entries with key and value."""
    known = _fields_of(name)
    unknown = set(fields) - {key for key, _ in known.values()}
    if unknown:
        raise ValueError(f"{name} has no {unknown}")
    out = []
    for number, (key, kind) in sorted(known.items()):
        value = fields.get(key)
        if value is None:
            continue
        if kind[0] == "map":
            for k, v in value.items():
                entry = _value(1, "string", k, True) + _value(2, kind[1], v, True)
                out.append(_block(number, entry))
        elif kind[0] == "list" and kind[1] == "int":
            if value:
                out.append(_block(number, b"".join(varint(v) for v in value)))
        elif kind[0] == "list":
            out.extend(_value(number, kind[1], v, True) for v in value)
        else:
            out.append(_value(number, kind[0], value))
    return b"".join(out)


# --- decoding ---

def _read_varint(data, at):
    n = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("a varint does not end")
        byte = data[at]
        at += 1
        n |= (byte & 127) << shift
        if byte < 128:
            return n, at
        shift += 7


def _split(data):
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        wire = tag & 7
        if wire == 0:
            value, at = _read_varint(data, at)
        elif wire in (1, 2, 5):
            if wire == 2:
                size, at = _read_varint(data, at)
            else:
                size = 8 if wire == 1 else 4
            if at + size > len(data):
                raise ValueError("a field is cut")
            value = data[at:at + size]
            at += size
        else:
            raise ValueError(f"wire type {wire}")
        yield tag >> 3, wire, value


def _signed(n):
    return n - (1 << 64) if n >> 63 else n


def _read(kind, wire, value):
    if kind in ("int", "bool"):
        if wire != 0:
            raise ValueError("a number is no varint")
        return bool(value) if kind == "bool" else _signed(value)
    if wire != 2:
        raise ValueError("a block is no block")
    if kind == "string":
        return value.decode()
    if kind == "bytes":
        return value.decode(errors="surrogateescape")
    return decode(kind, value)


_EMPTY = {"int": 0, "bool": False, "string": "", "bytes": ""}


def _read_entry(kind, data):
    key, value = "", _EMPTY.get(kind)
    if value is None:
        value = {}
    for number, wire, part in _split(data):
        if number == 1:
            key = _read("string", wire, part)
        elif number == 2:
            value = _read(kind, wire, part)
    return key, value


def decode(name, data):
    known = _fields_of(name)
    out = {}
    for number, wire, value in _split(data or b""):
        if number not in known:
            out[f"?{number}"] = value if wire == 0 else value.hex()
            continue
        key, kind = known[number]
        if kind[0] == "map":
            k, v = _read_entry(kind[1], value)
            out.setdefault(key, {})[k] = v
        elif kind[0] == "list" and kind[1] == "int" and wire == 2:
            at = 0
            while at < len(value):
                n, at = _read_varint(value, at)
                out.setdefault(key, []).append(_signed(n))
        elif kind[0] == "list":
            out.setdefault(key, []).append(_read(kind[1], wire, value))
        else:
            out[key] = _read(kind[0], wire, value)
            # Written out although it is the default: the same on the way back.
            if kind[0] in _EMPTY and out[key] == _EMPTY[kind[0]]:
                del out[key]
    return out
