#!/usr/bin/python3
"""The real program in a real window, as a new person would use it.

Environment: TERN, TERN_LOCAL_SERVER. Run under tests/support/headless. Speaks
TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import contextlib
import ctypes
import glob
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

# How many times slower than usual this build is: meson knows.
SLOW = int(os.environ.get("TERN_TEST_SLOW", "1"))
DEADLINE_S = 30 * SLOW
# What a widget is called that nobody named.
CLASS_NAME = re.compile(r"(Gtk|Adw|Tern)[A-Z]\w*$")


def walk(node, depth=0):
    if node is None or depth > 60:
        return
    yield node
    for i in range(node.get_child_count()):
        try:
            yield from walk(node.get_child_at_index(i), depth + 1)
        except Exception:  # a widget that went away while we looked
            continue


def wait(what, function, seconds=DEADLINE_S):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            result = function()
        except Exception:  # the tree changes under us
            result = None
        if result:
            return result
        time.sleep(0.1)
    raise AssertionError("waited in vain for " + what)


def named(node, name):
    """Newer GTK names a button by its label, in title case; older by what we say."""
    return node is not None and name.casefold() in (node.get_name() or "").casefold()


class Program:
    def __init__(self, folder, *arguments, environment=None, **more):
        environment = dict(os.environ, XDG_DATA_HOME=folder + "/data",
                           XDG_CONFIG_HOME=folder + "/config", XDG_CACHE_HOME=folder + "/cache",
                           G_DEBUG="fatal-criticals", LC_ALL="C.UTF-8", LANGUAGE="en",
                           **(environment or {}))
        environment.pop("GTK_A11Y", None)
        self.log = open(folder + "/log", "a+", encoding="utf-8")
        self.process = subprocess.Popen([os.environ["TERN"], *arguments], env=environment,
                                        stderr=self.log, stdout=self.log, **more)
        self.application = wait("the program", self.find_application)

    def find_application(self):
        assert self.process.poll() is None, "the program ended"
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(i)
            if child is not None and child.get_process_id() == self.process.pid:
                return child
        return None

    def find(self, name, role=None):
        for node in walk(self.application):
            if named(node, name) and (role is None or node.get_role() == role):
                return node
        return None

    def see(self, name, role=None):
        return wait("“%s”" % name, lambda: self.find(name, role))

    def click(self, name):
        node = wait("the button “%s”" % name, lambda: next(
            (n for n in walk(self.application)
             if named(n, name)
             and n.get_role() == Atspi.Role.PUSH_BUTTON), None))
        node.do_action(0)

    def windows(self):
        """The newest first: what is behind it may say that it has the focus, too."""
        return [self.application.get_child_at_index(i)
                for i in reversed(range(self.application.get_child_count()))]

    def focused(self):
        for window in self.windows():
            for node in walk(window):
                if node.get_state_set().contains(Atspi.StateType.FOCUSED):
                    return node
        return None

    def open(self, button, entry):
        """Clicks @button, which puts the focus into @entry.

        An AdwEntryRow of libadwaita 1.2 does not say that it has the focus, only
        the button says that it has lost it.
        """
        self.click(button)
        wait("the focus to move", lambda: not named(self.focused(), button))
        return self.see(entry, Atspi.Role.TEXT)

    def key(self, *keys):
        subprocess.run(["xdotool", "key", *keys], check=True)

    def type(self, text):
        subprocess.run(["xdotool", "type", "--delay", "10", text], check=True)

    def choose(self, text):
        """Goes from chat to chat until one shows @text in its messages."""
        for _ in range(12):
            try:
                wait(text, lambda: self.find(text, Atspi.Role.LABEL), 2 * SLOW)
                return
            except AssertionError:
                self.key("alt+Down")
        raise AssertionError("no chat says " + text)

    def quit(self):
        self.key("ctrl+q")
        assert self.process.wait(timeout=DEADLINE_S) == 0, "it did not end well"

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def unnamed(program):
    """As list_unnamed(), once nothing goes away while it looks."""
    return wait("a look at everything", lambda: [list_unnamed(program)])[0]


ENTRIES = (Atspi.Role.ENTRY, Atspi.Role.TEXT, Atspi.Role.PASSWORD_TEXT, Atspi.Role.LIST_ITEM)


def list_unnamed(program):
    """What takes the focus without a name of its own. What a menu scrolls in is
    GTK's, and so are its items, which GTK 4.18 labels with nothing."""
    found = []
    for node in walk(program.application):
        if not node.get_state_set().contains(Atspi.StateType.FOCUSABLE):
            continue
        name = node.get_name() or ""
        if name != "" and not CLASS_NAME.match(name):
            # By two who each gave it a name. The entry of newer libadwaita that is
            # a row is labelled by two labels that say the same.
            plain = name.replace("_", "")
            if node.get_role() not in ENTRIES and plain == " ".join([plain[:len(plain) // 2]] * 2):
                found.append("“%s”, which is said twice" % name)
            continue
        role = node.get_role()
        if not (role == Atspi.Role.SCROLL_PANE
                and node.get_parent().get_parent().get_role() == Atspi.Role.MENU
                or role == Atspi.Role.MENU_ITEM and node.get_relation_set()):
            found.append("%s “%s” in %s" % (node.get_role_name(), name,
                                            node.get_parent().get_name()))
    return found


def test_trial(folder):
    """Sign in, list, read, send, receive, quit, again: still there."""
    program = Program(folder)
    try:
        program.click("Try on this computer")
        program.see("Weekend hikers")
        program.see("Tern Guide")
        program.choose("爬山只是借口")
        program.choose("I am a guide that lives on this computer")
        program.type("hello guide")
        program.key("Return")
        program.see("hello guide")
        program.see("Hello! Nice to meet you.")
        program.quit()
    finally:
        program.kill()
    program = Program(folder)
    try:
        program.see("Tern Guide")
        program.choose("hello guide")
        program.see("Hello! Nice to meet you.")
        program.quit()
    finally:
        program.kill()


def focus_chat(program, part):
    """To the row of a chat, by keyboard alone."""
    program.key("ctrl+k")
    wait("the entry", lambda: named(program.focused(), "Find a chat")
         and program.focused().get_role() in (Atspi.Role.ENTRY, Atspi.Role.TEXT))
    program.type(part)
    wait("one row", lambda: len(rows(program)) == 1)
    program.key("Down")
    return wait("the focus on the row", lambda: (
        program.focused() if program.focused().get_role() == Atspi.Role.LIST_ITEM else None))


def rows(program):
    """The rows of the list of chats, in order."""
    chats = program.find("Chats", Atspi.Role.LIST)
    return [chats.get_child_at_index(i) for i in range(chats.get_child_count())
            if chats.get_child_at_index(i).get_state_set().contains(Atspi.StateType.VISIBLE)]


# What is underlined in them: GTK 4.18 tells no names of items in menus.
ITEMS = {"Pin": "p", "Unpin": "u", "Mute": "m", "Hide": "h", "Copy ID": "i",
         "About Tern": "a", "Try Again": "t", "Edit Again": "e", "Reply": "r", "Copy": "c",
         "Forward": "f", "Select": "s", "Details": "d", "Withdraw": "w",
         "Go to Quoted Message": "q"}


def says(node, name):
    """Whether it is that item of a menu."""
    return node.get_role() == Atspi.Role.MENU_ITEM and (
        named(node, name) or not node.get_name() and
        node.get_attributes().get("keyshortcuts", "").casefold() == "alt+" + ITEMS[name])


def find_item(program, name):
    for node in walk(program.application):
        if says(node, name):
            return node
    return None


def open_menu(program, key, item):
    program.key(key)
    wait("“%s” in the menu" % item, lambda: find_item(program, item))


def choose_in_menu(program, key, item):
    open_menu(program, key, item)
    for _ in range(12):
        if says(program.focused(), item):
            program.key("Return")
            wait("the menu to close", lambda: find_item(program, item) is None)
            return
        step(program, "Down")
    raise AssertionError("the keyboard does not come to " + item)


def step(program, key):
    """Moves the focus; an AdwEntryRow of libadwaita 1.2 does not say that it has it."""
    here = program.focused()
    program.key(key)
    with contextlib.suppress(AssertionError):
        wait("the focus to move", lambda: [program.focused()] != [here], 1 * SLOW)


def tab_to(program, name, role, key="Tab"):
    for _ in range(20):
        step(program, key)
        focused = program.focused()
        if focused is not None and named(focused, name) and focused.get_role() == role:
            return focused
    raise AssertionError("the keyboard does not come to " + name)


def test_mention(folder):
    """Somebody of a group is mentioned, by keyboard alone."""
    program = Program(folder, "--trial")
    try:
        program.see("Weekend hikers")
        focus_chat(program, "hikers")
        program.key("Return")
        wait("the entry", lambda: named(program.focused(), "Message"))
        program.type("hi @maya")
        wait("the list", lambda: program.find("Members to mention", Atspi.Role.LIST_BOX)
             or program.find("Members to mention", Atspi.Role.LIST))
        program.key("Return")
        program.type("come along")
        program.key("Return")
        program.see("hi @Maya Okafor come along")
        program.quit()
    finally:
        program.kill()


def test_names(folder):
    """Everything that takes the focus has a name of its own, on every page."""
    program = Program(folder)
    try:
        program.see("Welcome to Tern")
        assert not unnamed(program), unnamed(program)
        program.click("Connect to a server")
        program.see("Server address")
        assert not unnamed(program), unnamed(program)
        program.click("Back")
        program.click("Try on this computer")
        program.see("Weekend hikers")
        focus_chat(program, "hikers")
        assert not unnamed(program), unnamed(program)
        open_menu(program, "Menu", "Copy ID")
        assert not unnamed(program), unnamed(program)
        program.key("Escape")
        wait("the menu to close", lambda: find_item(program, "Copy ID") is None)
        program.key("Return")
        wait("the entry", lambda: named(program.focused(), "Message"))
        assert not unnamed(program), unnamed(program)
        program.type("@")
        program.see("Members to mention")
        assert not unnamed(program), unnamed(program)
        open_menu(program, "F10", "About Tern")
        assert not unnamed(program), unnamed(program)
        program.key("Escape")
        wait("the menu to close", lambda: find_item(program, "About Tern") is None)
        program.quit()
    finally:
        program.kill()


def walk_to_messages(program):
    """From the entry back to the timeline."""
    return tab_to(program, "", Atspi.Role.LIST_ITEM, "shift+Tab").get_parent()


def test_keyboard(folder):
    """What people do all day, without a pointer."""
    program = Program(folder, "--trial")
    try:
        program.see("Weekend hikers")
        program.choose("I am a guide that lives on this computer")
        # Two lines, one message.
        program.type("one")
        program.key("shift+Return")
        program.type("two")
        program.key("Return")
        program.see("one\ntwo")
        # A reply, given up and then sent.
        walk_to_messages(program)
        program.key("End", "ctrl+r")
        program.see("Reply to")
        program.key("Escape")
        wait("no reply", lambda: program.find("Cancel the reply") is None)
        walk_to_messages(program)
        program.key("End", "ctrl+r")
        program.see("Reply to")
        program.type("that is so")
        program.key("Return")
        program.see("that is so")
        wait("no reply", lambda: program.find("Cancel the reply") is None)
        # A draft is there again, and said in the list.
        program.type("not yet")
        wait("the draft", lambda: any("Draft: not yet" in row.get_name() for row in rows(program)))
        # To where something waits to be read.
        program.key("alt+shift+Down")
        program.see("爬山只是借口", Atspi.Role.LABEL)
        program.quit()
    finally:
        program.kill()
    program = Program(folder, "--trial")
    try:
        program.see("Draft: not yet")
        program.choose("I am a guide that lives on this computer")
        entry = wait("the entry", lambda: program.focused() if named(program.focused(), "Message")
                     else None)
        wait("the draft", lambda: Atspi.Text.get_text(entry, 0, 7) == "not yet")
        program.key("ctrl+question")
        program.see("Next unread chat")
        program.key("Escape")
        program.quit()
    finally:
        program.kill()


def test_rows(folder):
    """Rows are read out in order, only those in view and a little beyond."""
    program = Program(folder, "--trial")
    try:
        program.see("Weekend hikers")
        program.choose("爬山只是借口")
        assert len(wait("chats in order",
                        lambda: in_order(program.find("Chats", Atspi.Role.LIST)))) == len(
                            rows(program))
        view = walk_to_messages(program)
        assert view.get_name() == "Messages", view.get_name()
        for key in "Home", "End", "Page_Up", "Up", "Page_Down", "Down":
            program.key(key)
            assert len(wait("messages in order", lambda: in_order(view))) <= 60
        program.quit()
    finally:
        program.kill()


def in_order(view):
    """Where the rows are, if each begins where the one before ends."""
    places = []
    for i in range(view.get_child_count()):
        row = view.get_child_at_index(i)
        if row.get_role() != Atspi.Role.LIST_ITEM:
            continue
        if not row.get_state_set().contains(Atspi.StateType.VISIBLE):
            continue
        place = row.get_extents(Atspi.CoordType.WINDOW)
        assert row.get_name(), i
        if places and abs(places[-1].y + places[-1].height - place.y) > 1:
            return None
        places.append(place)
    beyond = [place for place in places if place.y + place.height < -400 or place.y > 1400]
    return places if places and not beyond else None


HERE = os.path.dirname(os.path.abspath(__file__))


@contextlib.contextmanager
def input_method(folder):
    """A real ibus with an engine of our own; names what to start programs with."""
    environment = dict(os.environ, XDG_CONFIG_HOME=folder + "/config",
                       XDG_CACHE_HOME=folder + "/cache")
    with open(folder + "/ibus-log", "w", encoding="utf-8") as log:
        daemon = subprocess.Popen(["ibus-daemon", "--panel=disable", "--config=disable",
                                   "--emoji-extension=disable", "--cache=none"],
                                  env=environment, stdout=log, stderr=log)
        engine = None
        try:
            wait("ibus", lambda: glob.glob(folder + "/config/ibus/bus/*"))
            engine = subprocess.Popen(["/usr/bin/python3", HERE + "/../support/ibus-engine.py"],
                                      env=environment, stdout=subprocess.PIPE, stderr=log,
                                      text=True)
            assert engine.stdout.readline() == "ready\n", "no engine"
            yield {"GTK_IM_MODULE": "ibus"}
        finally:
            for process in (engine, daemon):
                if process is not None:
                    process.kill()
                    process.wait()


def list_sent(folder):
    """What was written here, as it is on disk."""
    [path] = glob.glob(folder + "/data/**/tern.db", recursive=True)
    with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % path, uri=True)) as database:
        return [json.loads(content)["content"] for content, in database.execute(
            "SELECT content FROM messages WHERE sender_id = 'you' AND content_type = 101"
            " ORDER BY id")]


def test_input_method(folder):
    """Nothing is sent early, lost or doubled while something is composed."""
    with input_method(folder) as environment:
        program = Program(folder, "--trial", environment=environment)
        try:
            program.see("Tern Guide")
            program.choose("I am a guide that lives on this computer")
            entry = wait("the entry", lambda: named(program.focused(), "Message")
                         and program.focused())
            before = list_sent(folder)

            def text():
                return Atspi.Text.get_text(entry, 0, Atspi.Text.get_character_count(entry))

            # Return takes the letters as they are: it is the input method's.
            program.key("n", "i", "Return")
            wait("the letters", lambda: text() == "ni")
            assert list_sent(folder) == before
            program.key("Return")
            wait("the message", lambda: list_sent(folder) == before + ["ni"])
            # What was chosen is there before Return sends it, however fast.
            program.key("h", "a", "o", "space", "Return")
            wait("the message", lambda: list_sent(folder) == before + ["ni", "好"])
            program.key("n", "i", "space", "h", "a", "o", "space", "m", "a", "Escape", "Return")
            program.key("n", "i", "space", "h", "a", "o", "Return", "Return")
            wait("the messages", lambda: list_sent(folder)[len(before) + 2:] == ["你好", "你hao"])
            # Given up, then composed anew; Return twice sends once.
            program.key("m", "a", "space", "Return", "Return")
            wait("the message", lambda: list_sent(folder)[len(before) + 4:] == ["吗"])
            wait("an empty entry", lambda: text() == "")
            program.quit()
            assert list_sent(folder)[len(before):] == ["ni", "好", "你好", "你hao", "吗"]
        finally:
            program.kill()


def test_conversation_menu(folder):
    """Found, pinned, muted, hidden, by keyboard alone; the server keeps it."""
    program = Program(folder, "--trial")
    try:
        program.see("Weekend hikers")
        focus_chat(program, "maya")
        choose_in_menu(program, "Menu", "Pin")
        program.key("Escape", "Escape")
        wait("the pin", lambda: "Maya Okafor" in rows(program)[0].get_name()
             and "pinned" in rows(program)[0].get_name())
        focus_chat(program, "maya")
        choose_in_menu(program, "shift+F10", "Mute")
        wait("the mute", lambda: "muted" in rows(program)[0].get_name())
        focus_chat(program, "ana")
        choose_in_menu(program, "Menu", "Hide")
        program.key("ctrl+k", "Escape")
        wait("the row to go", lambda: not any("Ana Souza" in row.get_name().split(",")[0]
                                              for row in rows(program)))
        program.quit()
    finally:
        program.kill()
    program = Program(folder, "--trial")
    try:
        program.see("Weekend hikers")
        assert "Maya Okafor" in rows(program)[0].get_name(), rows(program)[0].get_name()
        focus_chat(program, "maya")
        choose_in_menu(program, "Menu", "Unpin")
        program.key("Escape", "Escape")
        wait("no pin", lambda: not any("pinned" in row.get_name() for row in rows(program)))
        focus_chat(program, "maya")
        program.key("Return")
        wait("the chat", lambda: named(program.focused(), "Message"))
        program.quit()
    finally:
        program.kill()


def without_override():
    """Before exec: root for whom the modes of files hold as for anybody."""
    if os.getuid() == 0:
        for capability in (1, 2, 3):  # DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER
            assert ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP


def test_read_only_folder(folder):
    """A store that cannot be written to is said to be one, on a page of its own."""
    program = Program(folder, "--trial")
    try:
        program.see("Weekend hikers")
        program.quit()
    finally:
        program.kill()
    [path] = glob.glob(folder + "/data/**/tern.db", recursive=True)
    store = os.path.dirname(path)
    for name in os.listdir(store):
        os.chmod(os.path.join(store, name), 0o444)
    os.chmod(store, 0o555)
    program = Program(folder, "--trial", preexec_fn=without_override)
    try:
        program.see("The folder with your messages cannot be written to")
        program.quit()
    finally:
        program.kill()
        os.chmod(store, 0o700)


def test_damaged_store(folder):
    """What was in it comes from the server again, each message once, and that is said."""
    program = Program(folder, "--trial")
    try:
        program.see("Weekend hikers")
        program.choose("I am a guide that lives on this computer")
        program.type("hello, sent before")
        program.key("Return")
        program.see("Hello! Nice to meet you.")
        program.quit()
    finally:
        program.kill()
    [path] = glob.glob(folder + "/data/**/tern.db", recursive=True)
    with open(path, "r+b") as file:
        file.write(b"no database" * 100)
    program = Program(folder, "--trial")
    try:
        program.see("History is being fetched again", Atspi.Role.LABEL)
        wait("all chats", lambda: len(rows(program)) == 5)
        focus_chat(program, "guide")
        program.key("Return")
        wait("the message, once", lambda: sum(
            "sent before" in node.get_name() and node.get_role() == Atspi.Role.LIST_ITEM
            for node in walk(program.find("Messages", Atspi.Role.LIST))) == 1)
        program.quit()
    finally:
        program.kill()


def is_kept(program, text):
    """What was written stands where it was, perhaps once the store was opened again."""
    if program.find("Try again", Atspi.Role.PUSH_BUTTON) is not None:
        program.click("Try again")
        program.see("Weekend hikers")
        program.choose("I am a guide that lives on this computer")
    entry = program.find("Message", Atspi.Role.TEXT)
    return Atspi.Text.get_text(entry, 0, Atspi.Text.get_character_count(entry)) == text


def test_full_disk(folder):
    """A store that is full is said to be, and what was written is still there afterwards."""
    def endure():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    program = Program(folder, "--trial", preexec_fn=endure)
    try:
        program.see("Weekend hikers")
        program.choose("I am a guide that lives on this computer")
        limits = resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE)
        # The store of the window, not that of the server.
        resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, (1, limits[1]))
        program.type("not to be lost")
        program.key("Return")
        program.see("There is no room left on the disk")
        resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, limits)
        wait("the text", lambda: is_kept(program, "not to be lost"))
        program.key("Return")
        program.see("not to be lost", Atspi.Role.LABEL)
        program.quit()
    finally:
        program.kill()


def test_nothing_there(folder):
    """An address where nobody answers is said to be one."""
    program = Program(folder)
    try:
        entry = program.open("Connect to a server", "Server address")
        program.type("http://127.0.0.1:9")
        wait("the address", lambda: Atspi.Text.get_text(
            entry, 0, Atspi.Text.get_character_count(entry)) == "http://127.0.0.1:9")
        program.see("cannot be reached")
        program.quit()
    finally:
        program.kill()


def main(functions):
    tests = [(name, function) for name, function in functions.items() if name.startswith("test_")]
    if len(sys.argv) > 1:
        tests = [test for test in tests if test[0] in sys.argv[1:]]
    print("1..%d" % len(tests))
    bad = 0
    for i, (name, function) in enumerate(tests, 1):
        folder = tempfile.mkdtemp(prefix="tern-window-")
        try:
            function(folder)
            print("ok %d %s" % (i, name), flush=True)
        except Exception:  # pylint: disable=broad-except
            bad += 1
            print("not ok %d %s" % (i, name))
            for line in traceback.format_exc().splitlines():
                print("# " + line)
            if os.path.exists(folder + "/log"):
                with open(folder + "/log", encoding="utf-8", errors="replace") as log:
                    for line in log.read().splitlines()[-20:]:
                        print("# " + line)
            sys.stdout.flush()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(globals()))
