#!/usr/bin/env python3
"""Who sends rubbish to the REST side gets an answer, and nobody else notices.

Environment: TERN_LOCAL_SERVER, TERN_TEST_SRCDIR, TERN_TEST_SLOW (more than 1, with sanitizers: a
sample of the values). Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import base64
import calendar
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import random
import re
import resource
import socket
import sqlite3
import stat
import sys
import tempfile
import time
import traceback
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "replay"))
import wsclient  # noqa: E402
from hostile import World, code, list_types, send  # noqa: E402

# As src/README.md names them; there are types of them, for what a client sends there.
MISSING = {"/conversation/get_sorted_conversation_list", "/group/get_group_abstract_info",
           "/jssdk/get_active_conversations", "/jssdk/get_conversations",
           "/msg/delete_msg_phsical_by_seq", "/msg/search_msg", "/user/rtc/get_token",
           "/tern/faults"}
# Not there either, but what is no administrator gets what it gets from the real server.
OPERATORS = {"/config/get_config_list", "/friend/import_friend", "/msg/batch_send_msg",
             "/msg/delete_msg_physical", "/msg/send_business_notification",
             "/statistics/user/register", "/third/logs/search", "/user/add_notification_account",
             "/user/search_notification_account", "/user/set_user_client_config"}
IS_SLOW = os.environ.get("TERN_TEST_SLOW", "1") != "1"


def test_routes(world):
    """Those that are missing, and no others, are unknown: after the checks of the headers."""
    for is_account, path, _ in list_types():
        url, token = world.base(is_account) + path, world.token(is_account)
        answer = send(url, b"{", token)
        assert (answer[0] == 404) == (path in MISSING), (path, answer)
        if path in MISSING:
            assert answer[2] == b"404 page not found", answer
            assert code(send(url, b"{}", token, headers={"operationID": ""})) == 1001
        if path in MISSING and not is_account:
            assert code(send(url, b"{}")) == 1001
    for path in "/third/logs/delete", "/callback/open_im", "/nothing":
        assert send(world.server.api + path, b"{}", world.mallory)[0] == 404
    for path in OPERATORS:
        for token, wanted in (world.mallory, 1002), (world.server.admin_token, 500):
            assert code(send(world.server.api + path, b"{}", token)) == wanted, path


def test_garbage(world):
    """Bytes that are no JSON, to every route."""
    chance = random.Random(1)
    n_answers = 0
    for is_account, path, _ in list_types():
        for _ in range(4):
            body = chance.randbytes(chance.randrange(200))
            answer = send(world.base(is_account) + path, body, world.token(is_account))
            if path not in MISSING:
                assert code(answer) in (1001, 1002), (path, body, answer)
                n_answers += 1
    assert n_answers > 400, n_answers


def wrong_values(kind):
    """What no field of this type can be, by the letter or bracket that the table has for it."""
    numbers = {"i": [2 ** 31, -2 ** 31 - 1], "I": [2 ** 31], "n": [-1, 2 ** 32], "u": [-1, 2 ** 64],
               "l": [2 ** 63], "L": [2 ** 63]}
    if kind in numbers:
        return [True, "1", 1.5, [], {}] + numbers[kind]
    return {"s": [True, 1, 1.5, [], {}], "S": [True, 1, [], {}], "b": [1, "true", [], {}],
            "B": [2, "x", [], {}], "f": [True, "1", [], {}], "m": [True, 1, "x", [], {"a": 1}],
            "[": [True, 1, "x", {}, [[]]], "{": [True, 1, "x", []], "*": []}[kind]


MISMATCH = re.compile(r"Error: Error: (json: cannot unmarshal |strconv.Parse(Int|Bool): parsing ).*"
                      r" \| -> \(no stack trace\)", re.DOTALL)


def test_wrong_types(world):
    """Every field of every route with each value that it cannot have: the body's type is looked
    at before anything else, and said as in the recording (golden/rest/errors.json, 1.8 to 2.12)."""
    chance = random.Random(2)
    n_answers = 0
    for is_account, path, types in list_types():
        if path in MISSING:
            continue
        world.line.send(wsclient.PING, b"")  # lest Bob be cut
        for field, kind in types:
            values = wrong_values(kind[0])
            for value in values if not IS_SLOW else chance.sample(values, min(1, len(values))):
                answer = send(world.base(is_account) + path, json.dumps({field: value}).encode(),
                              world.token(is_account))
                assert code(answer) == 1001, (path, field, value, answer)
                text = json.loads(answer[2])["errMsg"]
                assert MISMATCH.fullmatch(text), (path, field, value, text)
                n_answers += 1
    assert n_answers > (300 if IS_SLOW else 1500), n_answers


# What else may be answered to whom the token is good for (protocol 02 section 2), by the first
# part of the path; 500 with one of DETAILS, where the real server has no better code.
CODES = {"account": {20001, 20002, 20004, 20006}, "applet": {}, "application": {}, "auth": {1503},
         "client_config": {}, "conversation": {1004}, "friend": {500, 1004, 1301}, "config": {},
         "group": {500, 1004, 1101, 1203}, "msg": {1004}, "object": {500}, "statistics": {},
         "third": {}, "user": {500}}
NAMES = {0: "", 500: "ServerInternalError", 1001: "ArgsError", 1002: "NoPermissionError",
         1004: "RecordNotFoundError", 1101: "UserIDNotFoundError", 1203: "NotInGroupYetError",
         1301: "CanNotAddYourselfError", 1503: "TokenMalformedError", 20001: "PasswordError",
         20002: "AccountNotFound", 20004: "AccountAlreadyRegister", 20006: "VerifyCodeNotMatch"}
DETAILS = re.compile("mongo: no documents in result|size must be greater than 0|size is too large|"
                     "rpc error: code = Unimplemented desc = method GetIncrementalBlacks not "
                     "implemented|illegal base64 data at input byte [0-9]+|"
                     "invalid character '.*' looking for beginning of value")


def test_odd_values(world):
    """Values that a field can have, and seldom has."""
    values = {"s": ["", "x" * 3000, "\0", "🙂", "../x"], "S": ["", "x" * 3000, "\0"],
              "b": [True, False], "B": [True, False], "f": [-1.5, 1e300],
              "m": [{}, {"x": "y"}], "i": [-1, 0, 2 ** 31 - 1], "I": [-1, 2 ** 31 - 1],
              "n": [0, 2 ** 32 - 1], "u": [0, 2 ** 64 - 1], "l": [-2 ** 63, 0, 2 ** 63 - 1],
              "L": [-2 ** 63, 2 ** 63 - 1],
              "[": [[], [None], [None] * 2000], "{": [{}, {"x": 1}], "*": [1, "x", [[]], {"x": {}}]}
    chance = random.Random(2)
    for is_account, path, types in list_types():
        # These end the sessions that the rest needs.
        if path in MISSING or path in ("/auth/force_logout", "/account/password/change"):
            continue
        world.line.send(wsclient.PING, b"")
        for _ in range(4 if IS_SLOW else 15):
            body = {field: chance.choice(values[kind[0]] + [None]) for field, kind in types
                    if chance.random() < 0.8}
            for name in ("userID", "ownerUserID", "fromUserID"):
                if chance.random() < 0.7:
                    body[name] = "mallory"
            answer = send(world.base(is_account) + path, json.dumps(body).encode(),
                          world.token(is_account))
            # There the real server's function falls over (golden/rest/messages.json, 0.17).
            if path == "/msg/mark_msgs_as_read" and body.get("seqs") == []:
                assert answer[0] == 500 and answer[2] == b"", answer
                continue
            told = json.loads(answer[2])
            assert told["errCode"] in {0, 1001, 1002, *CODES[path.split("/")[1]]}, (
                path, body, told)
            assert told["errMsg"] == NAMES[told["errCode"]], (path, body, told)
            assert told["errCode"] == 0 or "data" not in told, (path, body, told)
            assert told["errCode"] != 500 or DETAILS.fullmatch(told["errDlt"]), (path, body, told)


def test_many_at_once(world):
    """Lists of IDs: bounded where the real server bounds them, and quickly read where not."""
    ids, more = ["x%d" % n for n in range(1000)], ["x%d" % n for n in range(200000)]
    for path, field, body in (
            ("/friend/get_specified_friends_info", "userIDList", {"ownerUserID": "mallory"}),
            ("/friend/update_friends", "friendUserIDs", {"ownerUserID": "mallory"}),
            ("/group/create_group", "memberUserIDs", {"ownerUserID": "mallory",
                                                      "groupInfo": {"groupType": 2}}),
            ("/group/get_group_users_req_application_list", "userIDs", {"groupID": "1"}),
            ("/group/invite_user_to_group", "invitedUserIDs", {"groupID": "1"}),
            ("/group/kick_group", "kickedUserIDs", {"groupID": "1"})):
        answers = [json.loads(send(world.server.api + path, json.dumps({**body, field: ids + end})
                                   .encode(), world.mallory)[2]) for end in ([], ["y"], more)]
        told = [(answer["errCode"], answer["errDlt"]) for answer in answers]
        assert told[0] != told[1] == told[2] == (1001, field + " too many"), (path, told)
    n_lists = 0
    for is_account, path, types in list_types():
        for field, kind in types:
            if kind[0] != "[" or path in MISSING:
                continue
            body = {"ownerUserID": "mallory", "userID": "mallory", "fromUserID": "mallory"}
            one = {"s": "x", "{": {}}.get(kind[1], 0)
            for value in [one] * 10001, ["x" * 60000] * 20:
                if value[0] != one and kind[1] != "s":
                    continue
                told = world.server.post(path, {**body, field: value}, world.token(is_account),
                                         world.base(is_account))
                assert (told["errCode"], told["errDlt"]) == (1001, field + " too many"), (
                    path, field, told)
                n_lists += 1
    assert n_lists > 70, n_lists
    for path, field, known in (
            ("/user/get_users_info", "userIDs", "mallory"),
            ("/friend/get_specified_friends_info", "userIDList", "bob"),
            ("/group/get_groups_info", "groupIDs", world.group),
            ("/group/get_group_members_info", "userIDs", "mallory"),
            ("/conversation/get_conversations", "conversationIDs", "sg_" + world.group)):
        answer = world.server.post(path, {"ownerUserID": "mallory", "groupID": world.group,
                                          field: [known] * 999}, world.mallory)
        (rows,) = [value for value in answer["data"].values() if isinstance(value, list)]
        assert len(rows) == 1, (path, answer)
    answer = world.server.post("/user/find/full", {"userIDs": [world.chat_user] * 9},
                               world.chat_token, world.server.account)
    assert len(answer["data"]["users"]) == 1, answer


def test_line_ends_in_names(world):
    """No header of an answer ends in the middle of a name or a type."""
    kind = "text/plain\r\nX-Evil: 1"
    name = "mallory/a\r\nX-Evil: 1"
    begun = initiate(world, name, b"lines")["data"]["upload"]
    assert put(begun, b"lines")[0] == 200
    answer = send(world.server.api + "/object/complete_multipart_upload", json.dumps({
        "uploadID": begun["uploadID"], "parts": [hashlib.md5(b"lines").hexdigest()],
        "name": name, "contentType": kind}).encode(), world.mallory)
    assert code(answer) == 0, answer
    status, headers, _ = send(world.server.api + "/object/" + urllib.parse.quote(name),
                              method="GET")
    assert status == 302 and "X-Evil" not in headers, headers
    status, headers, body = send(headers["Location"], method="GET")
    assert (status, body) == (200, b"lines") and "X-Evil" not in headers, headers
    assert headers["Content-Type"] == "text/plain  X-Evil: 1", headers


def test_deep_and_huge(world):
    url = world.server.api + "/user/get_users_info"
    for text in ("[" * 200000, '{"a":' * 200000, '{"userIDs":' + "[" * 100000 + "]" * 100000 + "}"):
        assert code(send(url, text.encode(), world.mallory)) == 1001
    # 9 MiB that nobody asks for.
    filler = b'{"userIDs":["mallory"],"zz":["' + (b"x" * 9213 + b'","') * 1024 + b'"]}'
    answer = json.loads(send(url, filler, world.mallory)[2])
    assert [user["userID"] for user in answer["data"]["usersInfo"]] == ["mallory"], answer
    send(url, b'{"userIDs":["' + b"x" * (17 << 20) + b'"]}', world.mallory)
    before = world.memory_kib()
    for _ in range(8):
        answer = send(url, b'{"userIDs":["' + b"x" * (80 << 20) + b'"]}', world.mallory)
        assert b"unexpected end of JSON input" in answer[2], answer
    # 640 MiB were sent; a sanitizer keeps 256 of what was freed.
    assert world.memory_kib() < before + 400 * 1024, (before, world.memory_kib())


def test_broken_requests(world):
    """Connections that end in the middle of a request."""
    parts = urllib.parse.urlsplit(world.server.api)
    for data in (b"", b"\0\0\0", b"POST", b"POST / HTTP/9.9\r\n\r\n", b"GET " + b"/" * 100000,
                 b"POST /user/get_users_info HTTP/1.1\r\nContent-Length: 100000\r\n\r\n{",
                 b"POST /user/get_users_info HTTP/1.1\r\nContent-Length: -5\r\n\r\n{}",
                 b"POST /user/get_users_info HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                 b"GET /object/%00%ff/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"PUT /openim/openim/x HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc"):
        with socket.create_connection((parts.hostname, parts.port), 60) as connection:
            connection.settimeout(60)
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(65536)
            except TimeoutError:
                raise
            except OSError:
                pass  # the server may end it before we do


def part(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def sign(secret, head, claims):
    text = part(json.dumps(head).encode()) + "." + part(json.dumps(claims).encode())
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return text + "." + part(digest)


def test_tokens(world):
    """What is no token of this server opens nothing."""
    url = world.server.api + "/user/get_users_info"
    body = b'{"userIDs":["alice"]}'
    head, claims, signature = world.alice.split(".")
    open_claims = {"UserID": "alice", "PlatformID": 7, "exp": int(time.time()) + 1000}
    tokens = {
        "": 1001, ".": 1503, "..": 1503, "a.b.c": 1503, "x" * 20000: 1503, "....": 1503,
        head + "." + claims + ".": 1505,
        head + "." + claims + "." + signature[:-1]: 1505,
        head + "." + claims + "." + signature[::-1]: 1505,
        sign("openIM123", {"alg": "HS256"}, open_claims): 1505,
        sign("", {"alg": "HS256"}, open_claims): 1505,
        part(b'{"alg":"none"}') + "." + claims + ".": 1505,
        sign(world.server.secret, {"alg": "none"}, open_claims): 1505,
        sign(world.server.secret, {"alg": "HS256"}, open_claims): 1507,
        sign(world.server.secret, {"alg": "HS256"}, {**open_claims, "UserID": "imAdmin"}): 1507,
        world.chat_token: 1505,
    }
    for token, wanted in tokens.items():
        answer = send(url, body, token)
        assert code(answer) == wanted, (token, wanted, answer)
    assert code(send(world.server.account + "/user/find/full", body, world.mallory)) == 1505
    for secret in ("", "x", world.server.secret[:-1], world.server.secret + "x",
                   world.server.secret.upper(), [world.server.secret]):
        answer = send(world.server.api + "/auth/get_admin_token",
                      json.dumps({"secret": secret, "userID": "imAdmin"}).encode())
        assert code(answer) in (1001, 1002), (secret, answer)


def initiate(world, name, content, **more):
    digest = hashlib.md5(content).hexdigest()
    body = {"hash": hashlib.md5(digest.encode()).hexdigest(), "size": len(content), "maxParts": 1,
            "name": name, "contentType": "text/plain", **more}
    status, _, answer = send(world.server.api + "/object/initiate_multipart_upload",
                             json.dumps(body).encode(), world.mallory)
    assert status == 200
    return json.loads(answer)


def upload(world, name, content):
    """The address of the stored object."""
    data = initiate(world, name, content)["data"]
    if data["upload"] is None:
        return data["url"]
    assert send(data["upload"]["sign"]["parts"][0]["url"], content, method="PUT")[0] == 200
    answer = send(world.server.api + "/object/complete_multipart_upload", json.dumps({
        "uploadID": data["upload"]["uploadID"], "parts": [hashlib.md5(content).hexdigest()],
        "name": name, "contentType": "text/plain"}).encode(), world.mallory)
    assert code(answer) == 0, answer
    return json.loads(answer[2])["data"]["url"]


def download(url):
    parts = urllib.parse.urlsplit(url)
    url = parts.scheme + "://" + parts.netloc + urllib.parse.quote(parts.path)
    status, headers, body = send(url, method="GET")
    if status != 302:
        return status, body
    status, _, body = send(headers["Location"], method="GET")
    return status, body


def test_names(world):
    """Names are names: none of them is a path."""
    for i, name in enumerate(("mallory/%2e%2e/y", "mallory//", "mallory/\u202ex",
                              "mallory/..y/...", "mallory/" + "y" * 1000)):
        content = b"content %d" % i
        assert download(upload(world, name, content)) == (200, content), name
    # An address loses such parts before anybody looks at it, so nothing is found.
    climbed = "/tmp/tern-climbed-%d" % random.getrandbits(64)
    assert download(upload(world, "mallory/../../../.." + climbed, b"climber"))[0] == 404
    assert not os.path.exists(climbed)
    for name, wanted in (("", 1001), ("/mallory/x", 1001), ("mallory", 1002), ("alice/x", 1002),
                         ("../mallory/x", 1002), ("mallory/" + "y" * 1024, 1001)):
        assert initiate(world, name, b"x")["errCode"] == wanted, name
    for name in ("../secret", "..%2f..%2fserver.db", "%2e%2e/server.db",
                 "mallory/..%2f../server.db"):
        assert send(world.server.api + "/object/" + name, method="GET")[0] in (400, 404), name
    for digest in ("../../x", "/etc/passwd", "..", "0" * 31, "g" * 32, "0" * 64):
        assert initiate(world, "mallory/z", b"x", hash=digest)["errCode"] == 500, digest


def flip(url, name):
    return re.sub(name + r"=(.)", lambda m: name + "=" + ("0" if m.group(1) != "0" else "1"), url)


def test_signatures(world):
    """Only what was signed, only for that."""
    upload(world, "mallory/signed", b"signed")
    status, headers, _ = send(world.server.api + "/object/mallory/signed", method="GET")
    assert status == 302
    url = headers["Location"]
    assert send(url, method="GET")[2] == b"signed"
    assert send(url, method="GET", headers={"Range": "bytes=1-3"})[0::2] == (206, b"ign")
    other = initiate(world, "mallory/other", b"other")
    put_url = other["data"]["upload"]["sign"]["parts"][0]["url"]
    bad = [flip(url, "X-Amz-Signature"), flip(url, "X-Amz-Date"), url.split("?")[0],
           url.replace("attachment", "inline"), url.replace("/hash/", "/hash/x/"),
           url.rsplit("&", 1)[0], put_url, url.replace("text%2Fplain", "text%2Fhtml"),
           world.server.api + "/openim/openim/../server.db", world.server.api + "/openim/",
           world.server.api + "/openim"]
    # Signed long ago; a later date behind the signature is not signed.
    parts = urllib.parse.urlsplit(url)
    query = flip(parts.query, "X-Amz-Date").partition("&X-Amz-Signature=")[0]
    old = re.sub("X-Amz-Date=[0-9]{8}", "X-Amz-Date=20200101", query)
    old_url = "%s://%s%s?%s&X-Amz-Signature=%s" % (
        parts.scheme, parts.netloc, parts.path, old,
        store_sign(world.server.secret, "GET\n%s\n%s" % (parts.path, old)))
    bad += [old_url, old_url + time.strftime("&X-Amz-Date=%Y%m%dT%H%M%SZ", time.gmtime()),
            url + "&response-content-type=text%2Fhtml", url + "0"]
    for address in bad:
        assert send(address, method="GET")[0] == 403, address
    for address in (flip(put_url, "X-Amz-Signature"), url, put_url.replace(".presigned", ".x")):
        assert send(address, b"other", method="PUT")[0] == 403, address
    assert send(put_url, b"other and more than was announced", method="PUT")[0] == 400
    assert send(put_url, b"other", method="PUT")[0] == 200


def store_sign(secret, text):
    """As the server signs: who knows its secret may."""
    return hmac.new(b"store:" + secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def initiate_form(world, name, size):
    answer = send(world.server.api + "/object/initiate_form_data", json.dumps({
        "name": name, "size": size, "contentType": "text/plain"}).encode(), world.mallory)
    assert code(answer) == 0, answer
    return json.loads(answer[2])["data"]


def post_form(world, fields, content):
    parts = ["--limit\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n" % field
             for field in fields.items()]
    body = "".join(parts).encode() + b"--limit\r\nContent-Disposition: form-data; name=\"file\"" \
        b"\r\n\r\n" + content + b"\r\n--limit--\r\n"
    return send(world.server.api + "/openim", body,
                headers={"Content-Type": "multipart/form-data; boundary=limit"})[0]


def complete_form(world, data):
    return send(world.server.api + "/object/complete_form_data",
                json.dumps({"id": data["id"]}).encode(), world.mallory)


def test_forms(world):
    """A policy is for one key, for ten minutes, for all that it names."""
    data = initiate_form(world, "mallory/form.txt", 5)
    form, other = data["formData"], initiate_form(world, "mallory/other.txt", 5)["formData"]
    policy = json.loads(base64.b64decode(form["policy"]))
    assert form["key"].endswith(".txt"), form

    def sign_anew(**changes):
        changed = {key: value for key, value in {**policy, **changes}.items() if value is not None}
        text = base64.b64encode(json.dumps(changed).encode()).decode()
        return {**form, "policy": text,
                "x-amz-signature": store_sign(world.server.secret, "POST\n" + text)}
    soon = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 60))
    assert post_form(world, sign_anew(expiration=soon + ".000Z"), b"hello") == 200
    for fields in ({**form, "key": other["key"]}, {**other, "key": form["key"]},
                   {**other, "policy": form["policy"]}, {**form, "Content-Type": "text/html"},
                   {**form, "policy": form["policy"][:-4]}, {**form, "x-amz-signature": ""},
                   {**form, "bucket": "x"}, {**form, "key": "openim/data/hash/x"},
                   {key: value for key, value in form.items() if key != "Content-Type"},
                   {key: value for key, value in form.items() if key != "policy"},
                   {key: value for key, value in form.items() if key != "key"},
                   sign_anew(expiration="2020-01-01T00:00:00.000Z"), sign_anew(expiration=None),
                   sign_anew(expiration="x"), sign_anew(expiration=5), sign_anew(conditions=None),
                   sign_anew(conditions="x"), sign_anew(conditions=["eq"]),
                   sign_anew(conditions=[["eq", "$key"]]),
                   sign_anew(conditions=[["eq", "key", form["key"]]])):
        assert post_form(world, fields, b"hello") == 403, fields
    end = time.strptime(policy["expiration"][:19] + "UTC", "%Y-%m-%dT%H:%M:%S%Z")
    assert data["expires"] // 1000 == calendar.timegm(end), (policy, data)
    assert 0 < data["expires"] / 1000 - time.time() <= 600
    assert post_form(world, form, b"hello!") == 400
    assert post_form(world, form, b"hello") == 200
    answer = complete_form(world, data)
    assert code(answer) == 0, answer
    assert download(json.loads(answer[2])["data"]["url"]) == (200, b"hello")
    assert code(complete_form(world, data)) == 500 and post_form(world, form, b"hello") == 403


def test_upload_ids(world):
    """Whatever an upload's ID says. What is neither the name nor a permission is a 500 with the
    reason (protocol 02 section 7.3); the reasons are recorded (golden/rest/objects.json)."""
    single = "presigned id not support auth sign"
    no_key = "The specified key does not exist."
    nul = "invalid character '\\x00' looking for beginning of value"
    no_text, no_number = [(500, "json: cannot unmarshal %s into Go struct field "
                                "multipartUploadID.%s" % what) for what in (
        ("number", "c of type string"), ("string", "d of type int64"))]
    no_part = "One or more of the specified parts could not be found."
    data = initiate(world, "mallory/id", b"0123456789")["data"]["upload"]
    right = json.loads(base64.b64decode(data["uploadID"]))

    def encode(value):
        return base64.b64encode(json.dumps(value).encode()).decode()
    # The ID, what completing it is answered with, and what signing parts of it is.
    ids = [(encode({**right, **change}), of_complete, of_sign) for change, of_complete, of_sign in (
        ({}, (500, no_key), (500, single)),
        ({"c": "../../server.db"}, (500, no_key), (500, single)),
        ({"c": "openim/data/hash/../../server.db"}, (500, no_key), (500, single)),
        ({"c": 5}, no_text, no_text), ({"d": -1}, (500, no_key), (500, single)),
        ({"d": "x"}, no_number, no_number), ({"a": 7}, (500, no_key), (500, single)),
        ({"e": "../../x"}, (500, "md5 mismatching"), (500, single)),
        ({"e": ""}, (500, "md5 mismatching"), (500, single)),
        ({"a": 1, "b": "../x"}, (500, no_part), (0, "")),
        ({"a": 1}, (500, no_part), (0, "")))]
    ids += [(text, told, told) for text, told in (
        ("", (1001, "uploadID is empty")), ("=", (500, "illegal base64 data at input byte 0")),
        ("====", (500, "illegal base64 data at input byte 0")),
        ("garbage", (500, "illegal base64 data at input byte 4")),
        ("AAAA", (500, nul)), ("A" * 60000, (500, nul)),
        (encode([]), (500, "json: cannot unmarshal array into Go value of type "
                           "cont.multipartUploadID")))]
    md5 = hashlib.md5(b"0123456789").hexdigest()
    for text, of_complete, of_sign in ids:
        for path, wanted, more in (
                ("/object/complete_multipart_upload", of_complete,
                 {"parts": [md5], "name": "mallory/id"}),
                ("/object/auth_sign", of_sign, {"partNumbers": [1, -1, 2 ** 31 - 1]})):
            answer = send(world.server.api + path, json.dumps({"uploadID": text, **more}).encode(),
                          world.mallory)
            told = json.loads(answer[2])
            assert (told["errCode"], told["errDlt"]) == wanted, (path, text[:100], told)


def test_files(world):
    """What was begun and not ended is gone; the rest is the owner's alone."""
    data = initiate(world, "mallory/half", b"z" * 100000)["data"]
    url = urllib.parse.urlsplit(data["upload"]["sign"]["parts"][0]["url"])
    objects = os.path.join(world.folder, "objects")
    before = set(os.listdir(objects))
    with socket.create_connection((url.hostname, url.port), 60) as connection:
        connection.sendall(("PUT %s?%s HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" %
                            (url.path, url.query)).encode() + b"z" * 1000)
        deadline = time.monotonic() + 60
        while set(os.listdir(objects)) == before:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    deadline = time.monotonic() + 60
    while set(os.listdir(objects)) != before:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for folder, folders, files in os.walk(world.folder):
        for name in files:
            mode = os.stat(os.path.join(folder, name)).st_mode
            assert stat.S_IMODE(mode) == 0o600, (name, oct(mode))
        for name in folders:
            assert stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) == 0o700, name
    assert all(re.fullmatch(r"[0-9a-f]{32}", name) for name in os.listdir(objects))


def list_objects(folder):
    return set(os.listdir(os.path.join(folder, "objects")))


def ask_database(folder, sql):
    database = sqlite3.connect(os.path.join(folder, "server.db"), timeout=60)
    with database:
        rows = database.execute(sql).fetchall()
    database.close()
    return rows


def put(upload, content):
    status, _, body = send(upload["sign"]["parts"][0]["url"], content, method="PUT")
    return status, body


def complete(world, upload, name, content):
    return send(world.server.api + "/object/complete_multipart_upload", json.dumps({
        "uploadID": upload["uploadID"], "parts": [hashlib.md5(content).hexdigest()],
        "name": name}).encode(), world.mallory)


def test_others_content(world):
    """Half a file does not take the name of the whole."""
    halves = [b"half one ", b"half two"]
    digests = [hashlib.md5(half).hexdigest() for half in halves]
    whole = {"hash": hashlib.md5(",".join(digests).encode()).hexdigest()}
    data = initiate(world, "mallory/half", halves[0], **whole)["data"]
    assert put(data["upload"], halves[0])[0] == 200
    answer = send(world.server.api + "/object/complete_multipart_upload", json.dumps({
        "uploadID": data["upload"]["uploadID"], "parts": digests, "name": "mallory/half"}).encode(),
                  world.mallory)
    assert code(answer) == 500, answer
    assert initiate(world, "mallory/half", halves[0], **whole)["data"]["upload"] is not None


def test_abandoned(world):
    """Uploads that come to nothing leave nothing."""
    content = b"the same for both"
    names = ["mallory/first", "mallory/second"]
    uploads = [initiate(world, name, content)["data"]["upload"] for name in names]
    for upload in uploads:
        assert put(upload, content)[0] == 200
    assert len(list_objects(world.folder)) == 2
    for upload, name in zip(uploads, names):
        assert code(complete(world, upload, name, content)) == 0
        assert put(upload, content)[0] == 404
    assert code(complete(world, uploads[0], names[0], content)) == 0, "twice is once"
    kept = list_objects(world.folder)
    assert len(kept) == 1, kept
    assert ask_database(world.folder, "SELECT key FROM uploads UNION SELECT key FROM parts") == []
    # Too old.
    old = [initiate(world, "mallory/old", b"old")["data"]["upload"] for _ in range(2)]
    assert put(old[0], b"old")[0] == 200 and len(list_objects(world.folder)) == 2
    ask_database(world.folder, "UPDATE uploads SET expires_ms = 1")
    for upload in old:
        assert put(upload, b"old")[0] == 404
    new = initiate(world, "mallory/new", b"new")["data"]["upload"]
    assert list_objects(world.folder) == kept
    assert len(ask_database(world.folder, "SELECT key FROM uploads")) == 1
    assert code(complete(world, old[0], "mallory/old", b"old")) == 500
    # Parts that nobody can have.
    parts = initiate(world, "mallory/parts", b"x" * (6 << 20))["data"]["upload"]
    answer = send(world.server.api + "/object/auth_sign", json.dumps({
        "uploadID": parts["uploadID"], "partNumbers": [-1, 0, 10000, 10001]}).encode(),
        world.mallory)
    signed = json.loads(answer[2])["data"]
    for one, wanted in zip(signed["parts"], (400, 400, 200, 400)):
        query = urllib.parse.urlencode([(pair["key"], pair["values"][0])
                                        for pair in signed["query"] + one["query"]])
        headers = {pair["key"]: pair["values"][0] for pair in one["header"]}
        assert send(signed["url"] + "?" + query, b"x", method="PUT",
                    headers=headers)[0] == wanted, one
    assert put(new, b"new")[0] == 200


def start_put(upload, folder, size):
    """A body of which only a part comes; returns when that is on the disk."""
    url = urllib.parse.urlsplit(upload["sign"]["parts"][0]["url"])
    before = list_objects(folder)
    connection = socket.create_connection((url.hostname, url.port), 60)
    connection.sendall(("PUT %s?%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (
        url.path, url.query, size)).encode() + b"z" * (size // 2))
    deadline = time.monotonic() + 60
    while list_objects(folder) == before:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return connection


class Other:
    """A server of one's own, to be killed."""

    def __init__(self, folder):
        self.folder = folder
        self.server = wsclient.LocalServer("--data", folder)
        self.server.register("mallory")
        self.mallory = self.server.user_token("mallory")

    def again(self):
        self.server = wsclient.LocalServer("--data", self.folder)


def test_killed(_):
    """Who dies in the middle leaves what the database speaks of, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="tern-hostile-") as folder:
        other = Other(folder)
        stored = upload(other, "mallory/stored", b"stored")
        path = urllib.parse.urlsplit(stored).path
        kept = list_objects(folder)
        half = initiate(other, "mallory/half", b"z" * 1000)["data"]["upload"]
        with start_put(half, folder, 1000):
            other.server.process.kill()
            other.server.process.wait()
        assert len(list_objects(folder)) == 2
        with open(os.path.join(folder, "objects", "README"), "w", encoding="ascii"):
            pass
        other.again()
        assert list_objects(folder) == kept | {"README"}
        assert download(other.server.api + path) == (200, b"stored")
        # No commit can be written: it dies before what was put has become content.
        content = b"waits for the commit"
        waits = initiate(other, "mallory/waits", content)["data"]["upload"]
        assert put(waits, content)[0] == 200
        resource.prlimit(other.server.process.pid, resource.RLIMIT_FSIZE,
                         (1, resource.RLIM_INFINITY))
        try:
            raise AssertionError(complete(other, waits, "mallory/waits", content))
        except (ConnectionError, http.client.HTTPException):
            other.server.process.wait(60)
        other.again()
        answer = complete(other, waits, "mallory/waits", content)
        assert code(answer) == 0, answer
        assert download(json.loads(answer[2])["data"]["url"]) == (200, content)
        assert len(list_objects(folder)) == 3
        other.server.__exit__()
        # Data of another version keeps its files, and nothing else does.
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "server.db"))) as database:
            database.execute("PRAGMA user_version = 1")
        other.again()
        assert not list_objects(folder) and len(os.listdir(folder + "/objects.old")) == 3
        other.server.__exit__()
        open(os.path.join(folder, "objects", "0" * 32), "wb").close()
        other.again()
        assert not list_objects(folder)
        other.server.__exit__()


TESTS = [test_routes, test_garbage, test_wrong_types, test_odd_values, test_many_at_once,
         test_line_ends_in_names, test_deep_and_huge, test_broken_requests, test_tokens, test_names,
         test_signatures, test_forms, test_upload_ids, test_files, test_others_content,
         test_abandoned, test_killed]


def main():
    chosen = [test for test in TESTS if not sys.argv[1:] or test.__name__[5:] in sys.argv[1:]]
    print("1..%d" % len(chosen), flush=True)
    failed = False
    for number, test in enumerate(chosen, 1):
        fault = ""
        world = World()
        try:
            test(world)
            world.check_others()
        except Exception:
            fault = traceback.format_exc()
        try:
            world.close()
        except Exception:
            fault += traceback.format_exc()
        failed |= bool(fault)
        for line in fault.splitlines():
            print("# " + line[:1000])
        print("%s %d - %s" % ("not ok" if fault else "ok", number, test.__name__[5:]), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
