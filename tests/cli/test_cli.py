#!/usr/bin/env python3
"""tern-cli against the real local server.

Environment: TERN_CLI, TERN_LOCAL_SERVER. Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import ctypes
import fcntl
import glob
import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import unittest

CLI = os.environ["TERN_CLI"]
SERVER = os.environ["TERN_LOCAL_SERVER"]
PASSWORD = "tern"
# How many times slower than usual this build is: meson knows.
DEADLINE_S = 30 * int(os.environ.get("TERN_TEST_SLOW", "1"))


class Server:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([SERVER, *arguments], stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.ws, self.api, self.account = ready["ws"], ready["api"], ready["account"]

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.kill()
        self.process.wait()


def start(data, server, user, *command, stdin=subprocess.DEVNULL, password=PASSWORD, **more):
    """Starts tern-cli with the password on a pipe."""
    read_end, write_end = os.pipe()
    os.write(write_end, password.encode() + b"\n")
    os.close(write_end)
    environment = dict(os.environ, **more.pop("environment", {}))
    process = subprocess.Popen(
        [CLI, "--data", data, "--api", server.api, "--ws", server.ws, "--chat", server.account,
         "--account", user, "--password-fd", str(read_end), *command],
        stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        pass_fds=[read_end], env=environment, **more)
    os.close(read_end)
    return process


def wait(what, function):
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        if function():
            return
        time.sleep(0.1)
    raise AssertionError("waited in vain for " + what)


def finish(process, stdin=None, timeout=4 * DEADLINE_S):
    out, err = process.communicate(stdin, timeout=timeout)
    return process.returncode, [json.loads(line) for line in out.splitlines()], err


def run(data, server, user, *command, stdin=None, **more):
    process = start(data, server, user, *command,
                    stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL, **more)
    return finish(process, stdin)


def offline(data, *command):
    done = subprocess.run([CLI, "--data", data, *command], capture_output=True, text=True,
                          timeout=2 * DEADLINE_S, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def history(data, conversation):
    code, lines, err = offline(data, "history", conversation, "--limit", "100000")
    assert code == 0, err
    return lines


def count_messages(path):
    database = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=DEADLINE_S)
    try:
        return database.execute("SELECT COUNT(*) FROM messages").fetchone()[0]
    finally:
        database.close()


def events(lines, name):
    return [line for line in lines if line.get("event") == name]


def test_two_people_talk(folder):
    with Server("--users", "2") as server:
        a, b = folder + "/a", folder + "/b"
        code, lines, err = run(a, server, "u1", "send", "si_u1_u2", stdin="hello\n你好\n👋\n")
        assert code == 0, err
        assert len(events(lines, "queued")) == 3 and len(events(lines, "sent")) == 3, lines
        code, lines, err = run(b, server, "u2", "sync", "--until-complete")
        assert code == 0, err
        assert events(lines, "sync-begin") and events(lines, "sync-end"), lines
        assert [m["text"] for m in history(b, "si_u1_u2")] == ["hello", "你好", "👋"]
        code, lines, err = run(b, server, "u2", "send", "si_u1_u2", stdin="answer <b>&amp;\n")
        assert code == 0, err
        code, lines, err = run(a, server, "u1", "sync")
        assert code == 0, err
        messages = history(a, "si_u1_u2")
        assert [m["text"] for m in messages] == ["hello", "你好", "👋", "answer <b>&amp;"]
        assert [m["seq"] for m in messages] == [1, 2, 3, 4]
        assert {m["status"] for m in messages} == {"sent"}
        code, lines, err = offline(a, "list")
        assert code == 0 and lines[0]["conversation"] == "si_u1_u2" and lines[0]["name"] == "User 2"


def test_live_push(folder):
    with Server("--users", "2", "--gentle") as server:
        listener = start(folder + "/a", server, "u1", "sync", "--follow")
        while json.loads(listener.stdout.readline()).get("event") != "sync-end":
            pass
        code, _, err = run(folder + "/b", server, "u2", "send", "si_u1_u2", stdin="live\n")
        assert code == 0, err
        # tern-cli does not read what another one uses; SQLite does.
        [path] = glob.glob(folder + "/a/*/tern.db")
        wait("the message", lambda: count_messages(path) == 1)
        listener.send_signal(signal.SIGTERM)
        code, _, err = finish(listener)
        assert code == 0, err
        assert [m["text"] for m in history(folder + "/a", "si_u1_u2")] == ["live"]


def check_first_sync(data, n_messages, n_conversations):
    _, conversations, _ = offline(data, "list")
    texts = []
    for conversation in conversations:
        messages = history(data, conversation["conversation"])
        seqs = [m["seq"] for m in messages]
        assert seqs == list(range(1, len(seqs) + 1)), conversation
        assert len({m["client_id"] for m in messages}) == len(messages)
        texts += [int(m["text"].split()[1]) for m in messages]
    assert len(conversations) == n_conversations, len(conversations)
    assert sorted(texts) == list(range(n_messages)), "missing or doubled"


def test_read_revoke_verify(folder):
    with Server("--users", "2", "--gentle") as server:
        a, b = folder + "/a", folder + "/b"
        code, _, err = run(a, server, "u1", "send", "si_u1_u2", stdin="one\ntwo\nthree\n")
        assert code == 0, err
        code, _, err = run(b, server, "u2", "mark-read", "si_u1_u2", "2")
        assert code == 0, err
        code, lines, err = offline(b, "list")
        assert lines[0]["read_seq"] == 2 and lines[0]["unread"] == 1, lines
        code, _, err = run(a, server, "u1", "revoke", "si_u1_u2", "2")
        assert code == 0, err
        assert run(b, server, "u2", "revoke", "si_u1_u2", "1")[0] == 1  # not one's own
        for folder_of, user in ((a, "u1"), (b, "u2")):
            code, lines, err = run(folder_of, server, user, "verify")
            assert code == 0 and events(lines, "verified")[0]["differences"] == 0, (lines, err)
            assert [m["type"] for m in history(folder_of, "si_u1_u2")] == [101, 2101, 101]
            code, lines, err = offline(folder_of, "status")
            assert lines[-1]["missing"] == 0 and lines[0]["holes"] == [], lines
        # Deleted for oneself: gone here and on one's other devices, not elsewhere.
        code, _, err = run(a, server, "u1", "delete", "si_u1_u2", "1")
        assert code == 0, err
        assert [m["seq"] for m in history(a, "si_u1_u2")] == [2, 3]
        assert run(a, server, "u1", "delete", "si_u1_u2", "1")[0] == 64  # not here any more
        second = folder + "/second"
        code, _, err = run(second, server, "u1", "sync", "--until-complete")
        assert code == 0, err
        for folder_of, user, seqs in ((a, "u1", [2, 3]), (second, "u1", [2, 3]),
                                      (b, "u2", [1, 2, 3])):
            code, lines, err = run(folder_of, server, user, "verify")
            assert code == 0 and events(lines, "verified")[0]["differences"] == 0, (lines, err)
            assert [m["seq"] for m in history(folder_of, "si_u1_u2")] == seqs, folder_of
        # A row that is gone, one that says something else: both are told.
        database = glob.glob(b + "/*/tern.db")[0]
        store = sqlite3.connect(database)
        store.execute("DELETE FROM messages WHERE seq = 1")
        store.execute("UPDATE messages SET content = 'x' WHERE seq = 3")
        store.commit()
        store.close()
        code, lines, err = run(b, server, "u2", "verify")
        assert code == 1, err
        assert [(d["seq"], d["what"]) for d in events(lines, "difference")] == [
            (1, "missing"), (3, "different")], lines


def test_killed_during_first_sync(folder):
    n, groups = 5000, 20
    with Server("--seed-messages", str(n), "--seed-conversations", str(groups)) as server:
        data = folder + "/a"
        for kill_at in (1, 2, 3):
            process = start(data, server, "u1", "sync", "--until-complete")
            seen = 0
            for line in process.stdout:
                event = json.loads(line)
                if event["event"] == "sync-progress" and event["done"] < event["total"]:
                    seen += 1
                    if seen == kill_at:
                        break
            process.kill()
            process.communicate()
            if kill_at == 1:
                code, lines, err = offline(data, "status")
                assert code == 0, err
                # Nothing is there yet, or something is missing.
                assert lines[-1]["conversations"] < groups or lines[-1]["missing"] > 0, lines[-1]
        code, lines, err = run(data, server, "u1", "sync", "--until-complete")
        assert code == 0, err
        check_first_sync(data, n, groups)
        code, lines, err = offline(data, "status")
        assert lines[-1]["missing"] == 0, lines[-1]


def test_gob_and_gzip(folder):
    with Server("--seed-messages", "300", "--seed-conversations", "3") as server:
        for i, options in enumerate((["--sdk-type", "go"], ["--compression", "gzip"],
                                     ["--sdk-type", "go", "--compression", "gzip"])):
            data = "%s/%d" % (folder, i)
            code, _, err = run(data, server, "u1", *options, "sync", "--until-complete")
            assert code == 0, err
            check_first_sync(data, 300, 3)


def test_many_at_once(folder):
    """More than a batch holds: some are lost after the answer and sent again."""
    with Server("--users", "2") as server:
        texts = ["n %d" % i for i in range(300)]
        code, lines, err = run(folder + "/a", server, "u1", "send", "si_u1_u2",
                               stdin="\n".join(texts) + "\n")
        assert code == 0, err
        assert len(events(lines, "sent")) == 300
        code, _, err = run(folder + "/b", server, "u2", "sync", "--until-complete")
        assert code == 0, err
        got = [m["text"] for m in history(folder + "/b", "si_u1_u2")]
        assert got == texts, (len(got), got[:5])


def test_sending_offline_first(folder):
    """The server goes away in between: what was queued arrives once."""
    server_data = folder + "/server"
    with Server("--users", "2", "--data", server_data) as server:
        ports = [url.rsplit(":", 1)[1] for url in (server.ws, server.api, server.account)]
        process = start(folder + "/a", server, "u1", "send", "si_u1_u2", stdin=subprocess.PIPE)
        process.stdin.write("one\n")
        process.stdin.flush()
        while json.loads(process.stdout.readline())["event"] != "sent":
            pass
    process.stdin.write("two\nthree\n")
    process.stdin.flush()
    queued = 0
    while queued < 2:
        queued += json.loads(process.stdout.readline())["event"] == "queued"
    with Server("--users", "2", "--data", server_data, "--port", ports[0], "--api-port", ports[1],
                "--account-port", ports[2]) as server:
        code, lines, err = finish(process, "")
        assert code == 0, err
        assert len(events(lines, "sent")) == 2, lines
        code, _, err = run(folder + "/b", server, "u2", "sync", "--until-complete")
        assert code == 0, err
        assert [m["text"] for m in history(folder + "/b", "si_u1_u2")] == ["one", "two", "three"]


def test_exit_codes(folder):
    code, _, err = offline(folder, "list")
    assert code == 64 and err, (code, err)
    code, _, err = offline(folder, "nonsense")
    assert code == 64 and err
    with Server("--users", "2") as server:
        code, _, err = run(folder, server, "u1", "sync", password="wrong")
        assert code == 77 and "password" in err, (code, err)
        code, _, err = run(folder, server, "nobody", "sync")
        assert code == 77, (code, err)
        gone = server
    code, _, err = run(folder, gone, "u1", "sync")
    assert code == 69 and err, (code, err)


def test_token_file_that_is_missing(folder):
    with Server("--users", "2") as server:
        done = subprocess.run([CLI, "--data", folder, "--api", server.api, "--ws", server.ws,
                               "--user", "u1", "--token-file", folder + "/none", "sync"],
                              capture_output=True, text=True, timeout=DEADLINE_S, check=False)
        assert done.returncode == 64 and "none" in done.stderr, (done.returncode, done.stderr)


def test_input_that_is_no_text(folder):
    """Said, not taken for the end: what comes after it was not sent."""
    with Server("--users", "2") as server:
        process = start(folder, server, "u1", "send", "si_u1_u2", stdin=subprocess.PIPE)
        process.stdin.buffer.write(b"one\n\xff\xfe\nthree\n")
        code, _, err = finish(process)
        assert code == 64 and err, (code, err)


def test_interrupted_while_reading(folder):
    """What comes on standard input after the end is nobody's any more."""
    with Server("--users", "2") as server:
        for command in ("send si_u1_u2", "script"):
            process = start(folder, server, "u1", *command.split(), stdin=subprocess.PIPE)
            process.stdin.write("one\n" if "send" in command else "send si_u1_u2 one\n")
            process.stdin.flush()
            while json.loads(process.stdout.readline())["event"] != "sent":
                pass
            process.send_signal(signal.SIGINT)
            # Which changes nothing if it was quicker than the signal.
            process.stdin.write("\n" if "send" in command else "mark-read si_u1_u2\n")
            process.stdin.flush()
            code, _, err = finish(process)
            assert code == 0 and not err, (code, err)


def test_interrupted_before_all_is_here(folder):
    """Whoever makes a backup must not think that it is one."""
    with Server("--seed-messages", "5000", "--seed-conversations", "20") as server:
        process = start(folder, server, "u1", "sync", "--until-complete")
        while json.loads(process.stdout.readline())["event"] != "sync-progress":
            pass
        process.send_signal(signal.SIGTERM)
        code, _, err = finish(process)
        assert code == 130, (code, err)


def test_script_tells_of_failures(folder):
    with Server("--users", "2") as server:
        for line in ("dance si_u1_u2", "revoke si_u1_u2 x", "mark-read si_u1_u2 x",
                     "revoke si_u1_u2 99"):
            code, lines, err = run(folder, server, "u1", "script", stdin=line + "\n")
            assert code == 1 and len(lines) == 1, (line, code, lines, err)
        code, lines, err = run(folder, server, "u1", "script", stdin="send si_u1_u2 one\n")
        assert code == 0, (code, err)


def test_interrupted_while_asking(folder):
    """Whoever looks for a server that says nothing need not wait for it."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        read_end, write_end = os.pipe()
        os.write(write_end, b"x\n")
        os.close(write_end)
        process = subprocess.Popen(
            [CLI, "--data", folder, "--server", "http://127.0.0.1:%d" % silent.getsockname()[1],
             "--account", "u1", "--password-fd", str(read_end), "sync"],
            stderr=subprocess.PIPE, text=True, pass_fds=[read_end])
        os.close(read_end)
        silent.settimeout(DEADLINE_S)
        peer, _ = silent.accept()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=DEADLINE_S)
        peer.close()
        assert process.returncode == 130 and not err, (process.returncode, err)


def test_output_that_is_full(folder):
    with Server("--seed-messages", "20", "--seed-conversations", "1") as server:
        code, _, err = run(folder, server, "u1", "sync", "--until-complete")
        assert code == 0, err
    code, lines, err = offline(folder, "list")
    assert code == 0, err
    with open("/dev/full", "wb") as full:
        done = subprocess.run([CLI, "--data", folder, "history", lines[0]["conversation"]],
                              stdout=full, stderr=subprocess.PIPE, timeout=DEADLINE_S, check=False)
    assert done.returncode == 74 and done.stderr, (done.returncode, done.stderr)


def test_in_use(folder):
    with Server("--users", "2") as server:
        first = start(folder, server, "u1", "sync", "--follow")
        while json.loads(first.stdout.readline()).get("event") != "sync-end":
            pass
        # And the first is not signed out by it.
        code, _, err = run(folder, server, "u1", "sync")
        assert code == 75 and err, (code, err)
        assert run(folder + "/b", server, "u2", "send", "si_u1_u2", stdin="still there\n")[0] == 0
        [path] = glob.glob(folder + "/*/tern.db")
        wait("the message", lambda: count_messages(path) == 1)
        first.terminate()
        code, _, err = finish(first)
        assert code == 0, (code, err)


def test_kicked(folder):
    with Server("--users", "2") as server:
        first = start(folder + "/a", server, "u1", "sync", "--follow")
        while json.loads(first.stdout.readline()).get("event") != "sync-end":
            pass
        code, _, err = run(folder + "/b", server, "u1", "sync")
        assert code == 0, err
        code, _, err = finish(first)
        assert code == 77 and "elsewhere" in err, (code, err)


def test_silent_server(folder):
    """Accepts and never answers: it is said, and nobody is remembered."""
    with Server("--users", "2") as server, socket.create_server(("127.0.0.1", 0)) as silent:
        server.account = "http://127.0.0.1:%d" % silent.getsockname()[1]
        code, lines, err = run(folder, server, "u1", "sync",
                               environment={"TERN_CLOCK_SCALE": "50"})
        assert code == 69 and err == "tern-cli: The server does not answer\n", (code, err)
        assert not lines and not os.listdir(folder), (lines, os.listdir(folder))
        silent.settimeout(DEADLINE_S)
        with silent.accept()[0] as peer:  # it was asked
            assert b"/account/login" in peer.recv(4096)


def test_closed_password(folder):
    with Server("--users", "1") as server:
        done = subprocess.run(
            [CLI, "--data", folder, "--api", server.api, "--ws", server.ws, "--chat",
             server.account, "--account", "u1", "--password-fd", "77", "sync"],
            capture_output=True, text=True, timeout=DEADLINE_S, check=False)
        assert done.returncode == 64 and "--password-fd" in done.stderr, done


def without_override():
    """Before exec: root for whom the modes of files hold as for anybody."""
    if os.getuid() == 0:
        for capability in (1, 2, 3):  # DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER
            assert ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP


def set_modes(path, folder_mode, file_mode):
    for name, _, files in os.walk(path):
        for file in files:
            os.chmod(os.path.join(name, file), file_mode)
        os.chmod(name, folder_mode)


def test_read_only_folder(folder):
    """Refused with the store's exit code, and nothing that was there is lost."""
    with Server("--seed-messages", "100", "--seed-conversations", "2") as server:
        data, person = folder + "/a", {"preexec_fn": without_override}
        code, _, err = run(data, server, "u1", "sync", "--until-complete")
        assert code == 0, err
        set_modes(data, 0o555, 0o444)
        for command, stdin in ((["sync"], None), (["send", "si_u1_u2"], "lost?\n")):
            code, lines, err = run(data, server, "u1", *command, stdin=stdin, **person)
            assert code == 74, (command, code, err)
            assert "cannot be written" in err, err
            assert not events(lines, "queued"), lines
        # Only the store itself cannot be written to.
        set_modes(data, 0o700, 0o600)
        for name, _, files in os.walk(data):
            for file in files:
                if file.startswith("tern.db"):
                    os.chmod(os.path.join(name, file), 0o444)
        code, lines, err = run(data, server, "u1", "send", "si_u1_u2", stdin="lost?\n", **person)
        assert code == 74 and "cannot be written" in err, (code, err)
        assert not events(lines, "queued"), lines
        set_modes(data, 0o700, 0o600)
        code, _, err = run(data, server, "u1", "sync", "--until-complete", **person)
        assert code == 0, err
        check_first_sync(data, 100, 2)


REFETCHED = "tern-cli: the message store was damaged: history has to be fetched again\n"


def test_damaged_store(folder):
    """Kept, and replaced by a new one."""
    with Server("--users", "2") as server:
        code, _, err = run(folder, server, "u1", "send", "si_u1_u2", stdin="here\n")
        assert code == 0, err
        [path] = glob.glob(folder + "/*/tern.db")
        with open(path, "r+b") as file:
            file.write(b"no database" * 100)
        # It is said until all is there again, also where nothing is fetched.
        for command in "status", "list":
            code, _, err = offline(folder, command)
            assert code == 0 and err == REFETCHED, (code, err)
        code, _, err = run(folder, server, "u1", "sync", "--until-complete")
        assert code == 0 and err == REFETCHED, (code, err)
        code, _, err = run(folder, server, "u1", "sync", "--until-complete")
        assert code == 0 and not err, (code, err)
        assert [m["text"] for m in history(folder, "si_u1_u2")] == ["here"]
        assert len(glob.glob(path + ".damaged-*")) == 1


def test_store_damaged_inside(folder):
    """Found out while at work: the next start has a new one."""
    with Server("--users", "2") as server:
        code, _, err = run(folder, server, "u1", "send", "si_u1_u2", stdin="here\n")
        assert code == 0, err
        [path] = glob.glob(folder + "/*/tern.db")
        database = sqlite3.connect(path)
        [page] = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'messages_by_seq'").fetchone()
        [size] = database.execute("PRAGMA page_size").fetchone()
        database.close()
        with open(path, "r+b") as file:
            file.seek((page - 1) * size)
            file.write(b"\xff" * size)
        code, _, err = run(folder + "/b", server, "u2", "send", "si_u1_u2", stdin="there\n")
        assert code == 0, err
        code, _, err = run(folder, server, "u1", "sync", "--until-complete")
        assert code == 74 and "damaged" in err, (code, err)
        code, _, err = run(folder, server, "u1", "sync", "--until-complete")
        assert code == 0 and err == REFETCHED, (code, err)
        assert [m["text"] for m in history(folder, "si_u1_u2")] == ["here", "there"]
        assert len(glob.glob(path + ".damaged-*")) == 1


def test_modes(folder):
    """Nobody else reads along, whatever the umask."""
    with Server("--users", "2") as server:
        data = folder + "/a"
        code, _, err = run(data, server, "u1", "send", "si_u1_u2", stdin="private\n",
                           preexec_fn=lambda: os.umask(0))
        assert code == 0, err
        for name, _, files in os.walk(data):
            assert os.stat(name).st_mode & 0o777 == 0o700, name
            for file in files:
                path = os.path.join(name, file)
                assert os.stat(path).st_mode & 0o777 == 0o600, path


def test_folder_that_cannot_be_made(folder):
    with Server("--users", "2") as server:
        os.chmod(folder, 0o555)
        code, _, err = run(folder + "/a", server, "u1", "sync", preexec_fn=without_override)
        assert code == 74 and "cannot be written" in err, (code, err)


def test_full_disk(folder):
    """A file that may not grow is how a full disk looks to SQLite."""
    with Server("--seed-messages", "20000", "--seed-conversations", "4") as server:
        data = folder + "/a"

        def limit():
            import resource
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (600000, 600000))

        code, _, err = run(data, server, "u1", "sync", "--until-complete", preexec_fn=limit)
        assert code == 74 and "no room" in err, (code, err)
        code, _, err = run(data, server, "u1", "sync", "--until-complete")
        assert code == 0, err
        check_first_sync(data, 20000, 4)


def own_network():
    """For a child: a network with nothing in it but itself, so that any port can be had."""
    new_user, new_network = 0x10000000, 0x40000000
    flags = new_network if os.getuid() == 0 else new_network | new_user
    if ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        raise unittest.SkipTest("no network of its own: " + os.strerror(ctypes.get_errno()))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        siocsifflags, up_and_running = 0x8914, 0x41
        fcntl.ioctl(line, siocsifflags, struct.pack("16sh14x", b"lo", up_and_running))


def serve_tls(port):
    """A server whose certificate nobody knows: says "hello" to whoever trusts it."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + "/certificate.pem", folder + "/key.pem")
    listener = socket.create_server(("127.0.0.1", port))

    def accept():
        while True:
            peer, _ = listener.accept()
            try:
                with context.wrap_socket(peer, server_side=True) as line:
                    line.recv(65536)
                    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            except OSError:
                pass

    threading.Thread(target=accept, daemon=True).start()


def sign_in_by_address(folder, address):
    read_end, write_end = os.pipe()
    os.write(write_end, PASSWORD.encode() + b"\n")
    os.close(write_end)
    done = subprocess.run([CLI, "--data", folder, "--server", address, "--account", "u1",
                           "--password-fd", str(read_end), "sync"], pass_fds=[read_end],
                          capture_output=True, text=True, timeout=4 * DEADLINE_S, check=False)
    os.close(read_end)
    return done.returncode, done.stderr


def test_no_plain_text_after_a_certificate(folder):
    """A server in plain text on the ports that are tried is no way around a bad certificate."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            own_network()
            with Server("--users", "2", "--port", "10001", "--api-port", "10002",
                        "--account-port", "10008"):
                exit_code, err = sign_in_by_address(folder + "/a", "127.0.0.1")
                assert exit_code == 0, (exit_code, err)
                serve_tls(443)
                exit_code, err = sign_in_by_address(folder + "/b", "127.0.0.1")
                assert exit_code == 69 and "certificate" in err, (exit_code, err)
                assert not os.path.exists(folder + "/b/accounts.ini")
                # Plain text that was asked for by name is something else.
                exit_code, err = sign_in_by_address(folder + "/c", "http://127.0.0.1")
                assert exit_code == 0, (exit_code, err)
            code = 0
        except unittest.SkipTest as reason:
            print("# %s" % reason)
            code = 77
        except BaseException:  # pylint: disable=broad-except
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WEXITSTATUS(status) == 77:
        raise unittest.SkipTest("needs a network of its own")
    assert status == 0, status


def main():
    tests = [(name, function) for name, function in sorted(globals().items())
             if name.startswith("test_")]
    if len(sys.argv) > 1:
        tests = [test for test in tests if test[0] in sys.argv[1:]]
    print("1..%d" % len(tests))
    bad = 0
    for i, (name, function) in enumerate(tests, 1):
        folder = tempfile.mkdtemp(prefix="tern-cli-")
        os.chmod(folder, 0o755)
        try:
            function(folder)
            print("ok %d %s" % (i, name), flush=True)
        except unittest.SkipTest as reason:
            print("ok %d %s # SKIP %s" % (i, name, reason), flush=True)
        except Exception:  # pylint: disable=broad-except
            bad += 1
            print("not ok %d %s" % (i, name))
            for line in traceback.format_exc().splitlines():
                print("# " + line)
            sys.stdout.flush()
        finally:
            subprocess.run(["chmod", "-R", "u+w", folder], check=False)
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if bad else 0


sys.exit(main())
