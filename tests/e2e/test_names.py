#!/usr/bin/python3
"""Everything that takes the focus has a name of its own: the pages and windows
that are not open all day.

Environment: TERN, TERN_LOCAL_SERVER. Run under tests/support/headless. Speaks
TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import subprocess
import sys

from test_messages import (begin, choose_chat, choose_two, focus_row, menu, see_history, see_row,
                           shows_history, write)
from test_sign_in import NAME, SEED, go_to_person, serve, shown
from test_window import (ITEMS, Atspi, Program, choose_in_menu, find_item, focus_chat, main, named,
                         says, tab_to, unnamed, wait, walk)


def check(program, page, *expected):
    """The window in front has these by their names, and nothing without one."""
    try:
        wait("names on the page of " + page, lambda: all(
            any(is_called(node, name) for node in list_focusable(program)) for name in expected))
    except AssertionError as error:
        raise AssertionError("%s: %s are not all in %s" % (
            error, expected, [node.get_name() for node in list_focusable(program)])) from error
    found = unnamed(program)
    assert not found, "%s: %s" % (page, found)


def is_called(node, name):
    return named(node, name) or name in ITEMS and says(node, name)


def list_focusable(program):
    return [node for node in walk(program.windows()[0])
            if node.get_state_set().contains(Atspi.StateType.FOCUSABLE)]


def close(program, what):
    """By keyboard, whatever it is."""
    program.key("Escape")
    wait(what + " to close", lambda: program.find(what) is None)


def test_sign_in(folder):
    with serve(*SEED) as (_, address):
        program = Program(folder)
        try:
            wait("the focus on what most people want",
                 lambda: named(program.focused(), "Connect to a server"))
            check(program, "welcome", "Connect to a server", "Try on this computer", "About Tern")
            go_to_person(program, address)
            check(program, "a person", "Server Address", NAME, "Password",
                  "Show or hide the password", "Use a User ID and a Token", "Back")
            program.key("shift+Tab", "space")
            wait("the addresses", lambda: shown(program, "Message Gateway", Atspi.Role.TEXT))
            check(program, "addresses", "API", "Message Gateway", "Account Server")
            tab_to(program, "Use a User ID and a Token", Atspi.Role.CHECK_BOX)
            program.key("space")
            wait("to be asked for a token", lambda: program.find("Token", Atspi.Role.TEXT))
            check(program, "a token", "User ID", "Token")
            program.quit()
        finally:
            program.kill()


def test_windows_of_the_menu(folder):
    program = begin(folder)
    try:
        program.key("ctrl+question")
        program.see("Next unread chat")
        check(program, "shortcuts", "Close")
        close(program, "Next unread chat")
        program.key("ctrl+comma")
        program.see("Enter Sends the Message")
        check(program, "preferences", "Enter Sends the Message")
        close(program, "Enter Sends the Message")
        focus_chat(program, "guide")
        program.key("Return")
        choose_in_menu(program, "F10", "About Tern")
        program.see("The Tern developers")
        check(program, "About", "Website", "Report an Issue", "Legal")
        close(program, "The Tern developers")
        program.key("ctrl+g")
        program.see("Go to This Day")
        check(program, "days", "Day to go to", "Previous month", "Next year", "Go to This Day")
        program.key("Escape")
        program.quit()
    finally:
        program.kill()


def resize(program, width):
    """The window; a dialog that is in it is another one when that is narrow."""
    found = subprocess.run(["xdotool", "search", "--name", "^Tern$"], check=True,
                           stdout=subprocess.PIPE, text=True).stdout
    # Without a window manager, keys go to where the pointer is.
    subprocess.run(["xdotool", "mousemove", "200", "300",
                    "windowsize", found.split()[-1], str(width), "600"], check=True)
    # Older GTK leaves out an edge.
    wait("the window to be as wide as %d" % width, lambda: any(
        0 <= width - window.get_extents(Atspi.CoordType.WINDOW).width < 20
        for window in program.windows()))


def test_narrow(folder):
    program = begin(folder)
    try:
        write(program, "a mistake")
        for open_width, width in ((700, 400), (400, 700), (400, 400)):
            resize(program, open_width)
            focus_row(program, "a mistake")
            program.key("Delete")
            program.see("Delete 1 Message?")
            resize(program, width)
            check(program, "deleting in a narrow window", "Cancel", "Delete")
            close(program, "Delete 1 Message?")
            program.key("ctrl+comma")
            program.see("Enter Sends the Message")
            resize(program, open_width)
            check(program, "preferences in a narrow window", "Enter Sends the Message")
            close(program, "Enter Sends the Message")
        program.quit()
    finally:
        program.kill()


def test_about_messages(folder):
    program = begin(folder)
    try:
        write(program, "first of two")
        write(program, "second of two")
        focus_row(program, "second of two")
        program.key("Menu")
        details = wait("“Details”", lambda: find_item(program, "Details"))
        check(program, "a message's menu", "Reply", "Copy", "Details", "Withdraw")
        details.do_action(0)
        program.see("Message Details")
        check(program, "details", "Sender", "User ID", "Time")
        close(program, "Message Details")
        focus_row(program, "second of two")
        menu(program, "Withdraw")
        program.see("Withdraw This Message?")
        check(program, "withdrawing", "Cancel", "Withdraw")
        close(program, "Withdraw This Message?")
        focus_row(program, "second of two")
        program.key("Delete")
        program.see("Delete 1 Message?")
        check(program, "deleting", "Cancel", "Delete")
        close(program, "Delete 1 Message?")
        send_two_as_one(program)
        program.quit()
    finally:
        program.kill()


def send_two_as_one(program):
    """The bar of the chosen, where to, and what came of it."""
    choose_two(program)
    check(program, "the chosen", "Copy", "Forward", "Forward as One", "Delete for Me",
          "Cancel Selection")
    program.click("Forward as One")
    program.see("Forward as One To")
    check(program, "where to", "Find a chat")
    choose_chat(program, "maya")
    program.choose("Did the slides reach you?")
    see_row(program, "Chat history of")
    focus_row(program, "Chat history of")
    program.key("Return")
    see_history(program)
    check(program, "a history", "Close")
    program.key("Escape")
    wait("the history to close", lambda: not shows_history(program))


def test_picture(folder):
    program = begin(folder)
    try:
        program.choose("爬山只是借口")
        focus_row(program, "[Picture]")
        check(program, "a group with a picture and a file", "Message", "Emoji", "Send",
              "Go to a day")
        program.key("Return")
        program.see("Fit the Window")
        wait("the picture", lambda: any(
            node.get_role() == Atspi.Role.PUSH_BUTTON and named(node, "Save As")
            and node.get_state_set().contains(Atspi.StateType.SENSITIVE)
            for node in walk(program.application)))
        check(program, "a picture", "Fit the Window", "Save to Downloads",
              "Save As…", "Copy")
        program.key("Escape")
        wait("it to close", lambda: program.find("Fit the Window") is None)
        program.quit()
    finally:
        program.kill()


if __name__ == "__main__":
    sys.exit(main(globals()))
