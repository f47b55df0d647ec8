#!/usr/bin/python3
"""What can be done in Tern is done here with keys, and with keys alone: nothing
is clicked, and no action is called.

Environment: TERN, TERN_LOCAL_SERVER. Run under tests/support/headless and
tests/support/with-keyring. Speaks TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import contextlib
import json
import os
import sys
import types
import urllib.parse

from test_messages import (begin, choose_chat, choose_two, focus_is, focus_row, is_message,
                           not_see_row, place, see_row, write)
from test_sign_in import call, make_token, serve, shown, type_into
from test_window import (Atspi, Program, choose_in_menu, focus_chat, main, named, rows,
                         tab_to, wait, walk)

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "server", "replay"))
import wsclient  # noqa: E402  pylint: disable=wrong-import-position

@contextlib.contextmanager
def company():
    """A server; somebody on it, who says what the test wants; and what orders faults."""
    with serve("--seed-demo", "--gentle", "--enable-faults", "1") as (services, address):
        where = types.SimpleNamespace(ws_port=urllib.parse.urlsplit(services["ws"]).port)

        def order(**faults):
            call(services["api"] + "/tern/faults", dict(faults, secret=services["secret"]))

        with wsclient.connect(where, "maya", make_token(services, "maya")) as maya:
            yield address, maya, order


def type_at(maya, text):
    """Tells “you” that she writes, or that she does not any more."""
    maya.send_text("you", contentType=113, content=json.dumps({"msgTips": text}),
                   options={"history": False, "persistent": False})


def enter(folder, address):
    """From the first page to the chats."""
    program = Program(folder)
    wait("the page", lambda: shown(program, "Welcome to Tern", Atspi.Role.LABEL))
    if not named(program.focused(), "Connect to a server"):
        tab_to(program, "Connect to a server", Atspi.Role.PUSH_BUTTON)
    program.key("Return")
    wait("the entry", lambda: shown(program, "Server address", Atspi.Role.TEXT)
         and not named(program.focused(), "Connect to a server"))
    type_into(program, "Server address", address)
    wait("the services", lambda: shown(program, "Account Server", Atspi.Role.TEXT)
         or shown(program, "Phone, E-Mail or Account", Atspi.Role.TEXT))
    tab_to(program, "Ports and Paths", Atspi.Role.LIST_ITEM)
    program.key("Tab")
    type_into(program, "Phone, E-Mail or Account", "you")
    program.key("Tab")
    type_into(program, "Password", "tern")
    program.key("Return")
    wait("the chats", lambda: shown(program, "Chats", Atspi.Role.LIST) and rows(program))
    return program


def open_chat(program, part):
    focus_chat(program, part)
    program.key("Return")
    focus_is(program, "the entry", is_entry)


def is_entry(node):
    return named(node, "Message") and node.get_role() == Atspi.Role.TEXT


def text_of(node):
    return Atspi.Text.get_text(node, 0, Atspi.Text.get_character_count(node))


def answer(program, question, button):
    """Says yes to what is asked."""
    program.see(question)
    focus_is(program, "the focus on what does nothing", lambda node:
             node.get_name().endswith("Cancel") and node.get_role() == Atspi.Role.PUSH_BUTTON)
    tab_to(program, button, Atspi.Role.PUSH_BUTTON)
    program.key("Return")
    wait("the question to go", lambda: program.find(question) is None)


def to_entry(program):
    """From the messages, past the chats."""
    program.key("F6", "F6")
    focus_is(program, "the entry", is_entry)
    return program.focused()


def test_copy(folder):
    """A message by shortcut, one by its menu, several by their bar."""
    program = begin(folder)
    try:
        write(program, "first of two")
        write(program, "second of two")
        focus_row(program, "first of two")
        program.key("ctrl+c")
        entry = to_entry(program)
        program.key("ctrl+v")
        wait("the first", lambda: text_of(entry) == "first of two")
        program.key("ctrl+a", "BackSpace")
        focus_row(program, "second of two")
        choose_in_menu(program, "Menu", "Copy")
        to_entry(program)
        program.key("ctrl+v")
        wait("the second", lambda: text_of(entry) == "second of two")
        program.key("ctrl+a", "BackSpace")
        choose_two(program)
        tab_to(program, "Copy", Atspi.Role.PUSH_BUTTON)
        program.key("Return")
        wait("nothing to be chosen", lambda: not program.find("messages selected"))
        focus_row(program, "second of two")
        to_entry(program)
        program.key("ctrl+v")
        wait("both", lambda: "first of two" in text_of(entry)
             and "second of two" in text_of(entry))
        program.quit()
    finally:
        program.kill()


def test_save_picture(folder):
    downloads = folder + "/downloads"
    os.makedirs(folder + "/config")
    os.makedirs(downloads)
    with open(folder + "/config/user-dirs.dirs", "w", encoding="utf-8") as file:
        file.write('XDG_DOWNLOAD_DIR="%s"\n' % downloads)
    program = begin(folder)
    try:
        open_chat(program, "hikers")
        focus_row(program, "[Picture]")
        program.key("Return")
        wait("the picture", lambda: any(
            node.get_role() == Atspi.Role.PUSH_BUTTON and named(node, "Save As")
            and node.get_state_set().contains(Atspi.StateType.SENSITIVE)
            for node in walk(program.application)))
        program.key("ctrl+s")
        program.see("Saved to Downloads as")
        [name] = os.listdir(downloads)
        assert os.path.getsize(os.path.join(downloads, name)) > 1000
        program.key("Escape")
        wait("it to close", lambda: program.find("Save As") is None)
        program.quit()
    finally:
        program.kill()


def test_go_to_day_and_back(folder):
    """To the first message by the calendar, to the newest by the button."""
    program = begin(folder)
    try:
        open_chat(program, "hikers")
        program.key("ctrl+g")
        program.see("Go to This Day")
        tab_to(program, "Previous month", Atspi.Role.PUSH_BUTTON)
        program.key("space")
        tab_to(program, "Go to This Day", Atspi.Role.PUSH_BUTTON)
        program.key("Return")
        see_row(program, "周末天气不错")
        not_see_row(program, "中文进步很大")
        focus_is(program, "the focus on a message", is_message)
        tab_to(program, "To the Newest Message", Atspi.Role.PUSH_BUTTON)
        program.key("Return")
        see_row(program, "中文进步很大")
        wait("the button to go", lambda: not shown(program, "To the Newest Message",
                                                   Atspi.Role.PUSH_BUTTON))
        focus_is(program, "the focus on a message or in the entry",
                 lambda node: is_message(node) or is_entry(node))
        program.quit()
    finally:
        program.kill()


def test_forward(folder):
    """One by its menu, two as one by their bar."""
    program = begin(folder)
    try:
        write(program, "first of two")
        write(program, "second of two")
        focus_row(program, "second of two")
        choose_in_menu(program, "shift+F10", "Forward")
        choose_chat(program, "maya")
        choose_two(program)
        tab_to(program, "Forward as One", Atspi.Role.PUSH_BUTTON)
        program.key("Return")
        choose_chat(program, "maya")
        open_chat(program, "maya")
        see_row(program, "second of two")
        see_row(program, "Chat history of Tern Guide and You")
        not_see_row(program, "first of two")
        program.quit()
    finally:
        program.kill()


def test_reply(folder):
    program = begin(folder)
    try:
        focus_row(program, "Welcome to Tern")
        choose_in_menu(program, "Menu", "Reply")
        focus_is(program, "the entry", is_entry)
        program.see("Reply to")
        write(program, "thank you")
        focus_row(program, "thank you")
        choose_in_menu(program, "Menu", "Go to Quoted Message")
        focus_is(program, "the quoted message", lambda node: (
            "Welcome to Tern" in node.get_name() and "thank you" not in node.get_name()))
        program.quit()
    finally:
        program.kill()


def test_withdraw_and_edit_again(folder):
    program = begin(folder)
    try:
        write(program, "this is a mistake")
        focus_row(program, "this is a mistake")
        choose_in_menu(program, "Menu", "Withdraw")
        answer(program, "Withdraw This Message?", "Withdraw")
        see_row(program, "You withdrew a message")
        focus_row(program, "You withdrew a message")
        choose_in_menu(program, "Menu", "Edit Again")
        focus_is(program, "the entry", is_entry)
        entry = program.focused()
        wait("the text to be back", lambda: text_of(entry) == "this is a mistake")
        program.quit()
    finally:
        program.kill()


def test_delete_several(folder):
    program = begin(folder)
    try:
        write(program, "to be kept")
        write(program, "first of two")
        write(program, "second of two")
        choose_two(program)
        tab_to(program, "Delete for Me", Atspi.Role.PUSH_BUTTON)
        program.key("Return")
        # The guide may have answered between the two.
        answer(program, "Messages?", "Delete")
        not_see_row(program, "first of two")
        not_see_row(program, "second of two")
        see_row(program, "to be kept")
        program.quit()
    finally:
        program.kill()


def test_try_again(folder):
    """What was not sent, by the menu and by the button."""
    with company() as (address, _, order):
        program = enter(folder, address)
        try:
            open_chat(program, "maya")
            for text, again in (("by the menu", by_menu), ("by the button", by_button)):
                order(rules=[dict(fault="error", on="request", id=1003, code=1302, count=0)])
                program.type(text)
                program.key("Return")
                wait("it to fail", lambda: "Not sent" in see_row(program, text))
                order(clear=True)
                focus_row(program, text)
                again(program)
                wait("it to be sent", lambda: "(Sent)" in see_row(program, text))
                to_entry(program)
            program.quit()
        finally:
            program.kill()


def by_menu(program):
    choose_in_menu(program, "Menu", "Try Again")


def by_button(program):
    tab_to(program, "Try Again", Atspi.Role.PUSH_BUTTON)
    program.key("Return")


def test_mention_and_unread(folder):
    """To the next chat with something to read, and in it to where one was mentioned."""
    with company() as (address, maya, _):
        program = enter(folder, address)
        try:
            open_chat(program, "ana")
            for i in range(60):
                if i == 30:
                    maya.send_text(groupID="hikers", contentType=106, atUserIDList=["you"],
                                   content=json.dumps({"text": "@you are you with us?",
                                                       "atUserList": ["you"]}))
                maya.send_text(groupID="hikers", text="line %d." % i)
            wait("all of them", lambda: any("line 59." in row.get_name()
                                            for row in rows(program)))
            program.key("alt+shift+Down")
            wait("the group", lambda: shown(program, "To Where You Are Mentioned",
                                            Atspi.Role.PUSH_BUTTON))
            not_see_row(program, "are you with us?")
            program.key("F6")
            focus_is(program, "the focus on a message", is_message)
            tab_to(program, "To Where You Are Mentioned", Atspi.Role.PUSH_BUTTON)
            program.key("Return")
            see_row(program, "are you with us?")
            focus_is(program, "the focus on it",
                     lambda node: is_message(node) and "are you with us?" in node.get_name())
            program.quit()
        finally:
            program.kill()


def test_typing(folder):
    """That somebody writes is said in the list and above the messages, and when not any more."""
    with company() as (address, maya, _):
        program = enter(folder, address)
        try:
            open_chat(program, "maya")
            type_at(maya, "yes")
            wait("it in the header", lambda: shown(program, "Typing…", Atspi.Role.LABEL))
            type_at(maya, "yes")
            wait("it in the list",
                 lambda: any("Typing…" in row.get_name() for row in rows(program)))
            type_at(maya, "no")
            wait("it to go", lambda: not shown(program, "Typing…", Atspi.Role.LABEL)
                 and not any("Typing…" in row.get_name() for row in rows(program)))
            program.quit()
        finally:
            program.kill()


def test_emoji(folder):
    """By the shortcut of GTK and by the button: opened, sought, and written."""
    program = begin(folder)
    try:
        focus_is(program, "the entry", is_entry)
        entry = program.focused()
        choose_emoji(program, lambda: program.key("ctrl+period"))
        wait("an emoji", lambda: "🚀" in text_of(entry))
        first = text_of(entry)
        focus_is(program, "the entry", is_entry)

        def by_tab():
            tab_to(program, "Emoji", Atspi.Role.PUSH_BUTTON, "shift+Tab")
            program.key("space")

        choose_emoji(program, by_tab)
        wait("two", lambda: text_of(entry) == first + first)
        program.key("Return")
        see_row(program, first + first)
        program.quit()
    finally:
        program.kill()


def choose_emoji(program, open_it):
    """Seeks, and takes the first of what is left, which is next to the entry."""
    open_it()
    focus_is(program, "the chooser", lambda node: not is_entry(node)
             and node.get_role() in (Atspi.Role.ENTRY, Atspi.Role.TEXT))
    program.type("rocket")
    wait("the others to go", lambda: shown(program, "😀", Atspi.Role.TABLE_CELL) is None and
         program.find("🚀"))
    program.key("Tab")
    focus_is(program, "a rocket", lambda node: any("🚀" in (part.get_name() or "")
                                                   for part in walk(node)))
    program.key("Return")


def test_list(folder):
    """The chats: found, pinned, muted; forth and back."""
    program = begin(folder)
    try:
        focus_chat(program, "maya")
        choose_in_menu(program, "Menu", "Pin")
        focus_chat(program, "maya")
        choose_in_menu(program, "Menu", "Mute")
        program.key("Escape", "Escape")
        wait("both", lambda: all(word in rows(program)[0].get_name()
                                 for word in ("Maya", "pinned", "muted")))
        open_chat(program, "maya")
        program.see("Did the slides reach you?")
        program.key("ctrl+Page_Down")
        wait("another chat", lambda: not shown(program, "Did the slides reach you?",
                                               Atspi.Role.LABEL))
        program.key("ctrl+Page_Up")
        see_row(program, "Did the slides reach you?")
        program.quit()
    finally:
        program.kill()


def test_one_window_in_front(folder):
    """What stands in front of the window keeps its keys from it."""
    program = begin(folder)
    try:
        open_chat(program, "maya")
        program.see("Did the slides reach you?")
        program.key("ctrl+comma")
        program.see("Enter Sends the Message")
        program.key("ctrl+comma", "ctrl+question", "ctrl+Page_Down", "ctrl+k", "Escape")
        wait("nothing in front", lambda: not program.find("Enter Sends the Message")
             and not program.find("Next unread chat"))
        program.type("so it is")
        program.key("Return")
        see_row(program, "so it is")
        assert shown(program, "Did the slides reach you?", Atspi.Role.LABEL)
        program.quit()
    finally:
        program.kill()


if __name__ == "__main__":
    sys.exit(main(globals()))
