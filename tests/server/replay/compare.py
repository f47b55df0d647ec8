"""Compares recorded answers with ours, value by value.

The rules of what may differ stand here and nowhere else:

- Identifiers that a server makes up (IDENTIFIERS) are renamed: a recorded value
  stands for one value of ours in the whole scenario, and the other way round;
  also where it is a part of a longer text (sg_GROUP).
- Tokens, dates of signatures and signatures (FLEETING) are renamed too, but may
  change at any time: a call makes new ones. Each has the shape that it has there.
- Times (TIMES) are compared by unit: zero, negative, seconds or milliseconds.
- Objects have the recorded keys in the recorded order, except maps (MAPS).
- Lists have the recorded order, except where the server's own cache shuffles
  them (SHUFFLED, protocol 02 section 1.6).
- Which rows are on a page (PAGES) is the storage's business, there and here: each
  is held against the same row of the whole list, which another step has.
- A stack trace is any text.
- Texts that are JSON or base64 of JSON are compared by what is in them.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import base64
import binascii
import json
import os
import re
import urllib.parse

STACK_TRACE = "(stack trace)"

IDENTIFIERS = {
    "clientMsgID": r"[0-9a-f]{32}",
    "serverMsgID": r"[0-9a-f]{32}",
    "versionID": r"[0-9a-f]{24}",
    "groupMemberVersionID": r"[0-9a-f]{24}",
    "groupID": r"[0-9]{5,10}",
    "userID": r"[0-9]{10}",
    "uuid": r".{8,}",
    "uploadID": r"[A-Za-z0-9+/=_-]{16,}",
    "uploadId": r"[A-Za-z0-9+/=_-]{16,}",
    "id": r"[A-Za-z0-9+/=_-]{16,}",
    "connID": r".+",
}

# A token is a JWT, for which the recordings have a word.
TOKEN = r"[\w-]+\.[\w-]+\.[\w-]+|[A-Z0-9-]*TOKEN[A-Z0-9-]*"
SCOPE = r"\w+/\d{8}/us-east-1/s3/aws4_request"
DIGEST = r"[0-9a-f]{64}"
FLEETING = {
    "token": TOKEN,
    "imToken": TOKEN,
    "chatToken": TOKEN,
    "X-Amz-Date": r"\d{8}T\d{6}Z",
    "X-Amz-Signature": DIGEST,
    "X-Amz-Credential": SCOPE,
    "Authorization": "AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=host;x-amz-content-sha256;"
                     "x-amz-date, Signature=%s" % (SCOPE, DIGEST),
    "x-amz-date": r"\d{8}T\d{6}Z",
    "x-amz-signature": DIGEST,
    "x-amz-credential": SCOPE,
    # Of an upload by a form: the day and a random number; when the permission ends.
    "key": r"openim/direct/\d{8}/ann_f983/[0-9a-f]{32}\.txt",
    "expiration": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
}

TIMES = {"createTime", "joinTime", "sendTime", "muteEndTime", "handleTime", "reqTime", "expires",
         "operationTime", "notificationUpdateTime", "expireTime", "expireTimeSeconds", "serverTime",
         "maxSeqTime", "LatestMsgRecvTime", "time", "revokeTime", "sourceMessageSendTime",
         "changeTime", "latestMsgDestructTime"}

MAPS = {"options", "seqs", "respList", "msgs", "notificationMsgs", "maxSeqs", "minSeqs", "configs",
        "config", "formData"}

SHUFFLED = {
    "usersInfo": "userID",
    "users": "userID",
    "members": "userID",
    "groups": "groupID",
    "groupInfos": "groupID",
    "conversations": "conversationID",
    "conversationIDs": None,
    "header": "key",
}


# Recording, flow, step: the step with the whole list.
PAGES = {("conversations", 0, 1): 0}


def time_unit(number):
    if number <= 0:
        return number
    return "ms" if number >= 10 ** 12 else "s" if number >= 10 ** 9 else number


def is_fleeting(key, *values):
    return key in FLEETING and all(re.fullmatch(FLEETING[key], value) for value in values)


def is_signed_url(text):
    return isinstance(text, str) and "X-Amz-Signature=" in text


class Names:
    """What a recorded value is called on our server."""

    def __init__(self):
        self.ours = {}
        self.recorded = {}
        self.pattern = None

    def bind(self, recorded, ours, is_fleeting=False):
        """False when one of the two is already called otherwise."""
        if not is_fleeting and (self.ours.get(recorded, ours) != ours or
                                self.recorded.get(ours, recorded) != recorded):
            return False
        self.ours[recorded] = ours
        self.recorded[ours] = recorded
        self.pattern = re.compile("|".join(
            re.escape(name) for name in sorted(self.ours, key=len, reverse=True)))
        return True

    def translate(self, value):
        if isinstance(value, str):
            if self.pattern is None:
                return value
            return self.pattern.sub(lambda match: self.ours[match.group()], value)
        if isinstance(value, list):
            return [self.translate(element) for element in value]
        if isinstance(value, dict):
            return {self.translate(key): self.translate(element) for key, element in value.items()}
        return value


def pick_rows(page, whole, ours, names):
    """A recorded page with those of its list's rows, as recorded, that are on ours."""
    (key,) = set(page["data"]) & set(SHUFFLED)
    member = SHUFFLED[key]
    rows = {names.translate(row[member]): row for row in whole["data"][key]}
    shown = [row.get(member) for row in ours["data"][key]]
    if len(set(shown)) != len(shown) or len(shown) != len(page["data"][key]) or \
            not set(shown) <= set(rows):
        return page
    return dict(page, data=dict(page["data"], **{key: [rows[name] for name in shown]}))


class Comparer:
    def __init__(self, names=None):
        self.names = names or Names()
        self.differences = []

    def differ(self, path, recorded, ours):
        self.differences.append("%s: recorded %s, ours %s" % (
            path or ".", shorten(recorded, 100), shorten(ours)))

    def compare(self, recorded, ours):
        """The differences, as texts; empty: none."""
        self.differences = []
        self.value("", "", recorded, ours)
        return self.differences

    def value(self, path, key, recorded, ours):
        if key in TIMES and is_number(recorded) and is_number(ours):
            if time_unit(recorded) != time_unit(ours):
                self.differ(path, recorded, ours)
        elif isinstance(recorded, dict) and isinstance(ours, dict):
            self.object(path, key, recorded, ours)
        elif isinstance(recorded, list) and isinstance(ours, list):
            self.list(path, key, recorded, ours)
        elif isinstance(recorded, str) and isinstance(ours, str):
            self.text(path, key, recorded, ours)
        elif type(recorded) is not type(ours) or recorded != ours:
            self.differ(path, recorded, ours)

    def object(self, path, key, recorded, ours):
        if set(recorded) == {"key", "values"} == set(ours):
            # A header or query parameter: the rule goes by its name.
            self.value(path + ".key", "", recorded["key"], ours["key"])
            self.list(path + ".values", recorded["key"], recorded["values"], ours["values"])
            return
        wanted = {self.names.translate(name): element for name, element in recorded.items()}
        for name in wanted:
            if name not in ours:
                self.differences.append("%s.%s: missing in ours" % (path, name))
        for name in ours:
            if name not in wanted:
                self.differences.append("%s.%s: only in ours (%s)" %
                                        (path, name, shorten(ours[name])))
        if key not in MAPS and list(wanted) != list(ours) and set(wanted) == set(ours):
            self.differ(path + " (order of keys)", list(wanted), list(ours))
        for name, element in wanted.items():
            if name in ours:
                self.value("%s.%s" % (path, name), name, element, ours[name])

    def list(self, path, key, recorded, ours):
        if len(recorded) != len(ours):
            self.differ(path + " (length)", len(recorded), len(ours))
        if key in SHUFFLED:
            recorded = sorted(recorded, key=lambda element: self.names.translate(
                self.identity(key, element)))
            ours = sorted(ours, key=lambda element: self.identity(key, element))
        if len(recorded) == 3 and recorded[0] == "eq" and str(recorded[1]).startswith("$"):
            key = recorded[1][1:]  # a condition: the rule goes by what it is about
        for i, pair in enumerate(zip(recorded, ours)):
            self.value("%s[%d]" % (path, i), key, *pair)
        for i in range(len(ours), len(recorded)):
            self.differences.append("%s[%d]: missing in ours" % (path, i))
        for i in range(len(recorded), len(ours)):
            self.differences.append("%s[%d]: only in ours (%s)" % (path, i, shorten(ours[i])))

    @staticmethod
    def identity(key, element):
        member = SHUFFLED[key]
        return str(element.get(member) if member and isinstance(element, dict) else element)

    def text(self, path, key, recorded, ours):
        wanted = self.names.translate(recorded)
        if wanted == ours:
            return
        if STACK_TRACE in wanted and ours.startswith(wanted[:wanted.index(STACK_TRACE)]):
            return
        if is_signed_url(recorded) and is_signed_url(ours):
            self.signed_url(path, recorded, ours)
            return
        if is_fleeting(key, recorded, ours):
            self.names.bind(recorded, ours, is_fleeting=True)
            return
        pattern = IDENTIFIERS.get(key)
        if pattern and re.fullmatch(pattern, recorded) and re.fullmatch(pattern, ours) \
                and self.names.bind(recorded, ours):
            return
        inner = [unwrap(text) for text in (recorded, ours)]
        if None not in inner:
            self.value(path + "~", key, *inner)
            return
        self.differ(path, wanted, ours)

    def signed_url(self, path, recorded, ours):
        """Everything but the signature, its date and who made it."""
        parts = [urllib.parse.urlsplit(url) for url in (self.names.translate(recorded), ours)]
        where = [masked_path(part) for part in parts]
        if where[0] != where[1]:
            self.differ(path + " (address)", *where)
        queries = [urllib.parse.parse_qsl(part.query, keep_blank_values=True) for part in parts]
        queries = [[(name, "*" if is_fleeting(name, value) else value) for name, value in query]
                   for query in queries]
        if queries[0] != queries[1]:
            self.differ(path + " (query)", *queries)
        self.names.bind(recorded, ours, is_fleeting=True)


def masked_path(url):
    # openim/temp/YEAR/MONTH/DAY/HOUR/MINUTE/SECOND/HASH_SIZE_RANDOM.presigned
    path = re.sub(r"/temp/\d{4}(/\d\d){5}/", "/temp/DATE/", url.path)
    return url.netloc + re.sub(r"_[0-9a-f]{32}\.presigned", "_RANDOM.presigned", path)


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool)


def unwrap(text):
    """The JSON object or list in a text, or in its base64; None: neither."""
    try:
        if not text.startswith(("{", "[")):
            text = base64.b64decode(text, validate=True).decode()
        value = json.loads(text)
        return value if isinstance(value, (dict, list)) else None
    except (ValueError, binascii.Error):
        return None


def shorten(value, limit=1000):
    """What is recorded never changes, and may be cut sooner than what is ours."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else "%s… (%d characters)" % (text[:limit - 20], len(text))


# What a server makes up stands in the list as one of these.
PLACEHOLDERS = {"<digits>": r"[0-9]{5,10}", "<ms>": r"[0-9]{13}", "<hex>": r"[0-9a-f]{32}",
                "<text>": r"[^\"]+"}


def pattern_of(what):
    """The expression that an entry's text is: all but PLACEHOLDERS stands for itself."""
    parts = re.split("(%s)" % "|".join(PLACEHOLDERS), what)
    return re.compile("".join(PLACEHOLDERS.get(part, re.escape(part)) for part in parts))


def has_test(folder, test):
    """Whether FILE has the function test_NAME."""
    if test is None:
        return True
    file_name, name = test.split(" ")
    for path in os.path.join(folder, file_name), os.path.join(folder, "replay", file_name):
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return re.search(r"^(def )?test_%s ?\(" % name, file.read(), re.M) is not None
    return False


class Known:
    """The file of known differences: a list of {where, what, reason}. An entry is for the steps
    that it names, "FILE STEP [STEP …]", and for one difference, which has to occur at each. Of
    what no recording shows ("…, not recorded") it has the test that does, "FILE NAME"."""

    def __init__(self, path, scenario):
        with open(path, encoding="utf-8") as file:
            entries = json.load(file)
        for entry in entries:
            members = {"where", "what", "reason"}
            if entry["where"].endswith(", not recorded"):
                members.add("test")
            if set(entry) != members or not all(entry.values()) or \
                    "*" in entry["where"] + entry["what"] or \
                    not has_test(os.path.dirname(path), entry.get("test")):
                raise ValueError("bad entry in %s: %s" % (path, entry))
        self.entries = []  # (where, pattern, entry)
        for entry in entries:
            name, *steps = entry["where"].split(" ")
            if name == scenario:
                self.entries += [("%s %s" % (name, step), pattern_of(entry["what"]), entry)
                                 for step in steps]
        self.used = [False] * len(self.entries)

    def covers(self, where, what):
        """Whether the difference is listed; remembers that it occurred."""
        found = False
        for i, (there, pattern, _) in enumerate(self.entries):
            if there == where and pattern.fullmatch(what):
                self.used[i] = found = True
        return found

    def unused(self):
        return [dict(entry, where=where)
                for (where, _, entry), used in zip(self.entries, self.used) if not used]
