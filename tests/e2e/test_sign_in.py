#!/usr/bin/python3
"""Signing in to a server at an address, in a real window, with a real keyring.

Environment: TERN, TERN_LOCAL_SERVER. Run under tests/support/headless and
tests/support/with-keyring. Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import contextlib
import json
import os
import socket
import socketserver
import subprocess
import sys
import threading
import urllib.request

from test_window import DEADLINE_S, Atspi, Program, main, named, rows, tab_to, wait, walk

PATHS = {"/chat": "account", "/api": "api", "/msg_gateway": "ws"}
SEED = ("--users", "4", "--seed-messages", "30", "--seed-conversations", "3", "--gentle")
CHATS = ("User 2", "User 3", "User 4")
NAME = "Phone, E-Mail or Account"
CLOSE = b"Connection: close\r\n"


class Door(socketserver.StreamRequestHandler):
    """One address with paths, as a reverse proxy has it before a real server."""
    rbufsize = 0  # what follows the headers is passed on as it comes

    def handle(self):
        lines = []
        while not lines or lines[-1].strip():
            lines.append(self.rfile.readline())
            if not lines[-1]:
                return
        self.server.asked.set()
        self.server.may_answer.wait(DEADLINE_S)
        method, target, version = lines[0].decode().split()
        path = next((path for path in PATHS if target.startswith(path)), None)
        if path is None or PATHS[path] not in self.server.services:
            self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        target = "/" + target[len(path):].lstrip("/")
        lines[0] = (" ".join((method, target, version)) + "\r\n").encode()
        is_upgrade = any(line.lower().startswith(b"upgrade:") for line in lines)
        if not is_upgrade:
            # The next call may be for another of the three.
            lines[1:] = [line for line in lines[1:] if not line.lower().startswith(b"connection:")]
            lines.insert(1, CLOSE)
        port = self.server.services[PATHS[path]].rsplit(":", 1)[1]
        with socket.create_connection(("127.0.0.1", int(port))) as inner:
            inner.sendall(b"".join(lines))
            there = threading.Thread(target=self.pass_on, args=(self.connection, inner))
            there.start()
            with inner.makefile("rb", buffering=0) as answer, contextlib.suppress(OSError):
                self.wfile.write(answer.readline() + (b"" if is_upgrade else CLOSE))
            self.pass_on(inner, self.connection)
            there.join()

    @staticmethod
    def pass_on(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in source, target:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Doors(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, services):
        super().__init__(("127.0.0.1", 0), Door)
        self.services = services
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()


@contextlib.contextmanager
def open_doors(services):
    with Doors(services) as doors:
        threading.Thread(target=doors.serve_forever, daemon=True).start()
        try:
            yield doors
        finally:
            doors.may_answer.set()
            doors.shutdown()


@contextlib.contextmanager
def held(*several):
    """None of the doors answers meanwhile."""
    for doors in several:
        doors.may_answer.clear()
    try:
        yield
    finally:
        for doors in several:
            doors.may_answer.set()


def without_accounts(services):
    return {name: url for name, url in services.items() if name != "account"}


@contextlib.contextmanager
def serve(*arguments):
    """A server, what it says of itself, and the address that people type."""
    process = subprocess.Popen([os.environ["TERN_LOCAL_SERVER"], *arguments],
                               stdout=subprocess.PIPE, text=True)
    try:
        services = json.loads(process.stdout.readline())
        with open_doors(services) as doors:
            yield services, doors.url
    finally:
        process.kill()
        process.wait()


def call(url, body, **headers):
    """What a server answers."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {
        "Content-Type": "application/json", "operationID": "test", **headers})
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
        return json.load(answer)["data"]


def make_token(services, user):
    """As whoever runs a deployment without an account server hands them out."""
    admin = call(services["api"] + "/auth/get_admin_token",
                 {"secret": services["secret"], "userID": "imAdmin"})
    return call(services["api"] + "/auth/get_user_token", {"userID": user, "platformID": 7},
                token=admin["token"])["token"]


def shown(program, name, role):
    """What is hidden, or on a page that was never shown, has no place."""
    return next((node for node in walk(program.application)
                 if named(node, name) and node.get_role() == role and
                 node.get_extents(Atspi.CoordType.WINDOW).width > 0), None)


def type_into(program, name, text):
    """With the focus in the entry of that name."""
    program.type(text)
    entry = program.see(name, Atspi.Role.TEXT)
    wait("what was typed into “%s”" % name,
         lambda: Atspi.Text.get_character_count(entry) == len(text))


def go_to_person(program, address):
    """From the first page to the entry of who signs in."""
    program.open("Connect to a server", "Server address")
    type_into(program, "Server address", address)
    wait("the services", lambda: shown(program, NAME, Atspi.Role.TEXT))
    tab_to(program, "Ports and Paths", Atspi.Role.LIST_ITEM)
    program.key("Tab")


def see_chats(program):
    wait("the chats", lambda: len(rows(program)) == len(CHATS) and all(
        any(row.get_name().startswith(name) for row in rows(program)) for name in CHATS))


def start_again(folder):
    """Straight to the chats: the page that asks was never shown."""
    program = Program(folder)
    try:
        see_chats(program)
        assert not shown(program, "Server address", Atspi.Role.TEXT)
        program.quit()
    finally:
        program.kill()


def files_with(folder, text):
    """Which files of the program have that in them."""
    paths = [os.path.join(path, name) for path, _, names in os.walk(folder) for name in names]
    assert any(path.endswith("/accounts.ini") for path in paths), paths
    found = []
    for path in paths:
        with open(path, "rb") as file:
            if text.encode() in file.read():
                found.append(path)
    return found


def test_password(folder):
    """With a password, at the second attempt; then again without one."""
    with serve(*SEED) as (_, address):
        program = Program(folder)
        try:
            go_to_person(program, address)
            type_into(program, NAME, "u1")
            program.key("Tab")
            type_into(program, "Password", "terns")
            program.key("Return")
            wait("the problem", lambda: shown(program, "The password is wrong", Atspi.Role.LABEL))
            program.key("BackSpace")
            program.key("Return")
            see_chats(program)
            program.quit()
        finally:
            program.kill()
        start_again(folder)


def test_token(folder):
    """With a user ID and a token, which no file of the program holds."""
    with serve(*SEED) as (services, address):
        token = make_token(services, "u1")
        program = Program(folder)
        try:
            go_to_person(program, address)
            type_into(program, NAME, "u1")
            tab_to(program, "Use a User ID and a Token", Atspi.Role.CHECK_BOX)
            program.key("space")
            wait("to be asked for a token", lambda: program.find("Token", Atspi.Role.TEXT))
            # Past what shows the password, which is now a token.
            program.key("shift+Tab", "shift+Tab", "shift+Tab")
            type_into(program, "Token", token)
            tab_to(program, "Sign in", Atspi.Role.PUSH_BUTTON)
            program.key("Return")
            see_chats(program)
            program.quit()
        finally:
            program.kill()
        start_again(folder)
        assert files_with(folder, token) == []


def test_other_address(folder):
    """A token where there is no account server, a password again where there is one."""
    with serve(*SEED) as (services, address), open_doors(without_accounts(services)) as doors:
        program = Program(folder)
        try:
            program.open("Connect to a server", "Server address")
            type_into(program, "Server address", doors.url)
            wait("to be asked for a token", lambda: shown(program, "Token", Atspi.Role.TEXT))
            program.key("ctrl+a")
            type_into(program, "Server address", address)
            wait("to be asked for a password", lambda: program.find("Password", Atspi.Role.TEXT))
            program.quit()
        finally:
            program.kill()


def write_services(program, services):
    """From the entry of the address: somewhere that nobody guesses."""
    wait("the addresses", lambda: shown(program, "Message Gateway", Atspi.Role.TEXT))
    tab_to(program, "Ports and Paths", Atspi.Role.LIST_ITEM)
    for name, service in ("API", "api"), ("Message Gateway", "ws"), ("Account Server", "account"):
        program.key("Tab", "ctrl+a")
        type_into(program, name, services[service])


def text_of(program, name):
    entry = program.see(name, Atspi.Role.TEXT)
    return Atspi.Text.get_text(entry, 0, Atspi.Text.get_character_count(entry))


def test_unusual_ports(folder):
    """Where nothing answers, the services can be written by hand, and stay as they are."""
    with serve(*SEED) as (services, _):
        program = Program(folder)
        try:
            program.open("Connect to a server", "Server address")
            type_into(program, "Server address", "http://127.0.0.1:9")
            program.see("cannot be reached")
            assert not shown(program, NAME, Atspi.Role.TEXT)
            write_services(program, services)
            wait("all three to be found", lambda: sum(
                node.get_name() == "Found" and node.get_role() == Atspi.Role.ICON
                or node.get_name() == "Found" and node.get_role() == Atspi.Role.IMAGE
                for node in walk(program.application)) == 3)
            assert text_of(program, "Message Gateway") == services["ws"]
            program.key("Tab")
            type_into(program, NAME, "u1")
            program.key("Tab")
            type_into(program, "Password", "tern")
            program.key("Return")
            see_chats(program)
            program.quit()
        finally:
            program.kill()
        start_again(folder)


def test_choice_stays(folder):
    """Who chose a token is not asked for a password again at another address."""
    with serve(*SEED) as (services, _), open_doors(services) as doors, \
            open_doors(without_accounts(services)) as others:
        program = Program(folder)
        try:
            go_to_person(program, doors.url)
            tab_to(program, "Use a User ID and a Token", Atspi.Role.CHECK_BOX)
            program.key("space")
            for url in others.url, doors.url:
                wait("to be asked for a token", lambda: shown(program, "Token", Atspi.Role.TEXT))
                tab_to(program, "Back", Atspi.Role.PUSH_BUTTON)
                with held(doors, others):
                    program.key("Tab", "ctrl+a")
                    type_into(program, "Server address", url)
                    wait("no services", lambda: not shown(program, "Token", Atspi.Role.TEXT))
            wait("to be asked for a token", lambda: shown(program, "Token", Atspi.Role.TEXT))
            program.quit()
        finally:
            program.kill()


def test_late_answer(folder):
    """What was found at one address does not take the place of what was written after."""
    with serve(*SEED) as (services, _), open_doors(services) as doors:
        program = Program(folder)
        try:
            go_to_person(program, doors.url)
            tab_to(program, "Ports and Paths", Atspi.Role.LIST_ITEM, "shift+Tab")
            program.key("Return")
            wait("the addresses", lambda: shown(program, "API", Atspi.Role.TEXT))
            program.key("shift+Tab")
            doors.asked.clear()
            with held(doors):
                program.key("Return")
                assert doors.asked.wait(DEADLINE_S)
                program.key("Tab", "Tab", "ctrl+a")
                type_into(program, "API", "http://127.0.0.1:9")
            program.see("The API does not answer")
            program.quit()
        finally:
            program.kill()


def height_of(program, text):
    label = wait(text, lambda: shown(program, text, Atspi.Role.LABEL))
    return label.get_extents(Atspi.CoordType.WINDOW).height


def fits(program):
    hints = subprocess.run(["xprop", "-name", "Tern", "WM_NORMAL_HINTS"], check=True,
                           capture_output=True, text=True).stdout
    return "minimum size: 360 by 294" in hints


def go_through_pages(folder):
    """How high the letters of each page are; each must leave the window its least size."""
    program = Program(folder)
    try:
        heights = [height_of(program, "Welcome to Tern")]
        wait("the first page to fit", lambda: fits(program))
        program.open("Connect to a server", "Server address")
        heights.append(height_of(program, "Your Server"))
        wait("the second page to fit", lambda: fits(program))
        program.click("Back")
        program.click("Try on this computer")
        wait("the chats", lambda: len(rows(program)) == 5)
        heights.append(height_of(program, "Chats"))
        program.choose("I am a guide that lives on this computer")
        wait("a chat to fit", lambda: fits(program))
        program.quit()
    finally:
        program.kill()
    return heights


def test_large_text(folder):
    """Every page fits a phone with letters twice as large."""
    resources = ["xprop", "-root", "-f", "RESOURCE_MANAGER", "8s"]
    os.makedirs(folder + "/usual")
    usual = go_through_pages(folder + "/usual")
    subprocess.run(resources + ["-set", "RESOURCE_MANAGER", "Xft.dpi: 192"], check=True)
    try:
        large = go_through_pages(folder)
    finally:
        subprocess.run(["xprop", "-root", "-remove", "RESOURCE_MANAGER"], check=True)
    assert all(one > 1.8 * other for one, other in zip(large, usual)), (large, usual)


if __name__ == "__main__":
    sys.exit(main(globals()))
