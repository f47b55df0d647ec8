"""The gob envelope, written down a second time (protocol 01 section 1.4.1).

    payload = encode_request({"reqIdentifier": 1001, "sendID": "u1", ...})
    envelope = decode(payload)          # keys spelled as in JSON; zero fields absent

SPDX-License-Identifier: GPL-3.0-or-later
"""

_REQUEST = ("GeneralWsReq", (("ReqIdentifier", 2), ("Token", 6), ("SendID", 6), ("OperationID", 6),
                             ("MsgIncr", 6), ("Data", 5)))
_KEYS = {"ReqIdentifier": "reqIdentifier", "Token": "token", "SendID": "sendID",
         "OperationID": "operationID", "MsgIncr": "msgIncr", "Data": "data", "ErrCode": "errCode",
         "ErrMsg": "errMsg"}
REPLY_FIELDS = ["ReqIdentifier", "MsgIncr", "OperationID", "ErrCode", "ErrMsg", "Data"]


def uint(n):
    if n < 128:
        return bytes([n])
    data = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([256 - len(data)]) + data


def int_(n):
    return uint(2 * n if n >= 0 else -2 * n - 1)


def _block(data):
    return uint(len(data)) + data


def _definition(name, fields, type_id=64):
    out = int_(-type_id) + b"\x03\x01\x01" + _block(name.encode()) + b"\x01" + int_(type_id)
    out += b"\0\x01" + uint(len(fields))
    for key, kind in fields:
        out += b"\x01" + _block(key.encode()) + b"\x01" + int_(kind) + b"\0"
    return _block(out + b"\0\0")


def encode_request(envelope):
    """envelope: keys as in JSON, data as bytes."""
    name, fields = _REQUEST
    value, last = int_(64), 0
    for number, (key, kind) in enumerate(fields, 1):
        content = envelope.get(_KEYS[key])
        if not content:
            continue
        value += uint(number - last)
        last = number
        if kind == 2:
            value += int_(content)
        else:
            value += _block(content.encode() if isinstance(content, str) else content)
    return _definition(name, fields) + _block(value + b"\0")


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if self.at + n > len(self.data):
            raise ValueError("gob: it is cut")
        self.at += n
        return self.data[self.at - n:self.at]

    def uint(self):
        first = self.take(1)[0]
        if first < 128:
            return first
        if first < 248:
            raise ValueError("gob: a number is too long")
        return int.from_bytes(self.take(256 - first), "big")

    def int(self):
        n = self.uint()
        return -(n >> 1) - 1 if n & 1 else n >> 1

    def block(self):
        return self.take(self.uint())


def _read_struct(reader, read_field):
    number = 0
    while True:
        delta = reader.uint()
        if delta == 0:
            return
        number += delta
        read_field(number)


def decode_definition(payload):
    """(type name, id, [(field name, type)]) and where the value message begins."""
    stream = _Reader(payload)
    message = _Reader(stream.block())
    type_id = -message.int()
    found = {"name": "", "id": 0, "fields": []}
    assert message.uint() == 3, "gob: the definition is no struct's"

    def common(number):
        if number == 1:
            found["name"] = message.block().decode()
        else:
            found["id"] = message.int()

    def one_field(entry):
        def read(number):
            entry[number] = message.block().decode() if number == 1 else message.int()
        return read

    def body(number):
        if number == 1:
            _read_struct(message, common)
        else:
            for _ in range(message.uint()):
                entry = {}
                _read_struct(message, one_field(entry))
                found["fields"].append((entry[1], entry[2]))
    _read_struct(message, body)
    assert message.uint() == 0 and message.at == len(message.data), "gob: a definition with more"
    assert found["id"] == type_id, "gob: two ids"
    return found["name"], type_id, found["fields"], stream.at


def decode(payload):
    _, type_id, fields, start = decode_definition(payload)
    stream = _Reader(payload[start:])
    message = _Reader(stream.block())
    assert message.int() == type_id, "gob: the value is of another type"
    out = {}

    def read(number):
        key, kind = fields[number - 1]
        if kind == 2:
            out[_KEYS[key]] = message.int()
        elif kind == 6:
            out[_KEYS[key]] = message.block().decode()
        else:
            out[_KEYS[key]] = message.block()
    _read_struct(message, read)
    assert message.at == len(message.data), "gob: the value goes on"
    assert stream.at == len(stream.data), "gob: something follows"
    return out
