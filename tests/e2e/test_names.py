#!/usr/bin/python3
"""Everything that takes the focus has a name of its own: the pages and windows
that are not open all day.

Environment: TERN, TERN_LOCAL_SERVER. Run under tests/support/headless. Speaks
TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import sys

from test_messages import begin, choose_chat, choose_two, focus_row, menu, see_row, write
from test_sign_in import SEED, go_to_person, serve, shown, tab_to
from test_window import (Atspi, Program, choose_in_menu, focus_chat, main, named, open_menu,
                         unnamed, wait, walk)


def check(program, page):
    """Nothing is left without a name; not all of a page comes at once."""
    wait("names on the page of " + page, lambda: n_focusable(program) > 2)
    found = unnamed(program)
    assert not found, "%s: %s" % (page, found)


def n_focusable(program):
    return sum(node.get_state_set().contains(Atspi.StateType.FOCUSABLE)
               for node in walk(program.application))


def close(program, what):
    """By keyboard, whatever it is."""
    program.key("Escape")
    wait(what + " to close", lambda: program.find(what) is None)


def test_sign_in(folder):
    with serve(*SEED) as (_, address):
        program = Program(folder)
        try:
            go_to_person(program, address)
            check(program, "a person")
            program.key("shift+Tab", "space")
            wait("the addresses", lambda: shown(program, "Message gateway", Atspi.Role.TEXT))
            check(program, "addresses")
            tab_to(program, "Use a user ID and a token", Atspi.Role.CHECK_BOX)
            program.key("space")
            wait("to be asked for a token", lambda: program.find("Token", Atspi.Role.TEXT))
            check(program, "a token")
            program.quit()
        finally:
            program.kill()


def test_windows_of_the_menu(folder):
    program = begin(folder)
    try:
        program.key("ctrl+question")
        program.see("Next unread chat")
        check(program, "shortcuts")
        close(program, "Next unread chat")
        program.key("ctrl+comma")
        program.see("Enter Sends the Message")
        check(program, "preferences")
        close(program, "Enter Sends the Message")
        focus_chat(program, "guide")
        program.key("Return")
        choose_in_menu(program, "F10", "About Tern")
        program.see("The Tern developers")
        check(program, "About")
        close(program, "The Tern developers")
        program.key("ctrl+g")
        program.see("Go to This Day")
        check(program, "days")
        program.key("Escape")
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
        details = program.see("Details", Atspi.Role.MENU_ITEM)
        check(program, "a message's menu")
        details.do_action(0)
        program.see("Message Details")
        check(program, "details")
        close(program, "Message Details")
        focus_row(program, "second of two")
        menu(program, "Withdraw")
        program.see("Withdraw This Message?")
        check(program, "withdrawing")
        close(program, "Withdraw This Message?")
        focus_row(program, "second of two")
        program.key("Delete")
        program.see("Delete 1 Message?")
        check(program, "deleting")
        close(program, "Delete 1 Message?")
        send_two_as_one(program)
        program.quit()
    finally:
        program.kill()


def send_two_as_one(program):
    """The bar of the chosen, where to, and what came of it."""
    choose_two(program)
    check(program, "the chosen")
    program.click("Forward as One")
    program.see("Forward as One To")
    check(program, "where to")
    choose_chat(program, "maya")
    program.choose("Did the slides reach you?")
    see_row(program, "Chat history of")
    focus_row(program, "Chat history of")
    program.key("Return")
    wait("the history", lambda: named(program.windows()[0], "Chat history of"))
    check(program, "a history")
    program.key("Escape")
    wait("the history to close", lambda: not named(program.windows()[0], "Chat history of"))


def test_picture(folder):
    program = begin(folder)
    try:
        program.choose("爬山只是借口")
        focus_row(program, "[Picture]")
        check(program, "a group with a picture and a file")
        program.key("Return")
        program.see("Fit the Window")
        wait("the picture", lambda: any(
            node.get_role() == Atspi.Role.PUSH_BUTTON and named(node, "Save As")
            and node.get_state_set().contains(Atspi.StateType.SENSITIVE)
            for node in walk(program.application)))
        check(program, "a picture")
        program.key("Escape")
        wait("it to close", lambda: program.find("Fit the Window") is None)
        program.quit()
    finally:
        program.kill()


if __name__ == "__main__":
    sys.exit(main(globals()))
