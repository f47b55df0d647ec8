#!/usr/bin/python3
"""What is done with messages, in a real window, by keyboard alone.

Environment: TERN, TERN_LOCAL_SERVER. Run under tests/support/headless. Speaks
TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import subprocess
import sys

from test_window import SLOW, Atspi, Program, find_item, main, named, wait, walk


def rows(program):
    """The messages, as they are read out."""
    timeline = program.see("Messages", Atspi.Role.LIST)
    names = []
    for i in range(timeline.get_child_count()):
        child = timeline.get_child_at_index(i)
        if child is not None and child.get_role() == Atspi.Role.LIST_ITEM:
            names.append(child.get_name())
    return names


def see_row(program, text):
    return wait("a row with “%s”" % text,
                lambda: next((name for name in rows(program) if text in name), None))


def not_see_row(program, text):
    wait("no row with “%s”" % text, lambda: not any(text in name for name in rows(program)))


def is_message(node):
    return (node.get_role() == Atspi.Role.LIST_ITEM
            and node.get_parent().get_name() == "Messages")


def place(node):
    """Two messages may read the same."""
    return node.get_name(), node.get_index_in_parent()


def focus_row(program, text):
    """To the messages, wherever the focus is, and up to one."""
    for _ in range(3):
        program.key("F6")
        try:
            wait("the focus on a message", lambda: is_message(program.focused()), 3 * SLOW)
            break
        except AssertionError:
            continue
    program.key("End")
    for _ in range(30):
        here = place(program.focused())
        if text in here[0]:
            return
        program.key("Up")
        focus_is(program, "the focus to move", lambda node: place(node) != here)
    raise AssertionError("no message says " + text)


def menu(program, *names):
    """Opens the menu of the message with the focus and chooses an item."""
    program.key("Menu")
    for name in names:
        item = wait("“%s” in the menu" % name, lambda: find_item(program, name))
        item.do_action(0)


def focus_is(program, what, test):
    """Waits until what has the focus passes the test; tells what has it if not."""
    try:
        return wait(what, lambda: test(program.focused()))
    except AssertionError as error:
        focused = program.focused()
        raise AssertionError("%s; it is on %s" % (error, focused and "%s “%s”" % (
            focused.get_role_name(), focused.get_name()))) from error


def write(program, text):
    program.type(text)
    program.key("Return")
    see_row(program, text)
    wait("“%s” to be sent" % text, lambda: "(Sen" in see_row(program, text) and
         "(Sending)" not in see_row(program, text))


def begin(folder):
    program = Program(folder, "--trial")
    program.see("Tern Guide")
    program.choose("I am a guide that lives on this computer")
    return program


def test_withdraw_and_write_again(folder):
    program = begin(folder)
    try:
        write(program, "this is a mistake")
        program.see("Nice to meet you")
        focus_row(program, "this is a mistake")
        menu(program, "Withdraw")
        program.see("Withdraw This Message?")
        program.key("alt+w")
        see_row(program, "You withdrew a message")
        not_see_row(program, "this is a mistake")
        program.click("Edit Again")
        wait("the text to be back", lambda: any(
            node.get_role() == Atspi.Role.TEXT and
            Atspi.Text.get_text(node, 0, -1) == "this is a mistake"
            for node in walk(program.application)))
        program.quit()
    finally:
        program.kill()


def test_delete(folder):
    program = begin(folder)
    try:
        write(program, "keep this")
        write(program, "not for long")
        focus_row(program, "not for long")
        program.key("Delete")
        program.see("Delete 1 Message?")
        program.key("Escape")
        see_row(program, "not for long")
        program.key("Delete")
        program.see("Delete 1 Message?")
        program.key("Return")  # a slip of the hand loses nothing
        wait("the question to go", lambda: program.find("Delete 1 Message?") is None)
        see_row(program, "not for long")
        program.key("Delete")
        program.see("Delete 1 Message?")
        program.key("alt+d")
        not_see_row(program, "not for long")
        see_row(program, "keep this")
        program.quit()
    finally:
        program.kill()
    program = begin(folder)
    try:
        see_row(program, "keep this")
        not_see_row(program, "not for long")
        program.quit()
    finally:
        program.kill()


def choose_two(program):
    focus_row(program, "first of two")
    menu(program, "Select")
    program.see("1 message selected")
    while "second of two" not in program.focused().get_name():
        here = place(program.focused())
        program.key("shift+Down")
        focus_is(program, "the focus to move", lambda node: place(node) != here)


def choose_chat(program, part):
    """In the window that asks where to."""
    program.see("Find a chat")
    focus_is(program, "the focus in the entry", lambda node: "Find a chat" in node.get_name()
             or "Find a chat" in node.get_parent().get_name())
    program.type(part)
    wait("one chat", lambda: sum(named(node, "Ana Souza") and
                                 node.get_role() == Atspi.Role.LIST_ITEM
                                 for node in walk(program.application)) == 1)
    program.key("Return")


def test_forward_several(folder):
    """Two messages, chosen with Shift, to another chat that is sought by name."""
    program = begin(folder)
    try:
        write(program, "first of two")
        write(program, "second of two")
        choose_two(program)
        program.click("Forward")
        choose_chat(program, "maya")
        program.choose("Did the slides reach you?")
        see_row(program, "first of two")
        see_row(program, "second of two")
        program.quit()
    finally:
        program.kill()


def shows_history(program):
    """The guide's answer to the first of the two may lie between them."""
    for node in walk(program.application):
        if node.get_role() == Atspi.Role.LIST and node.get_name() == "Messages":
            words = [row.get_name().split(": ")[-1] for row in walk(node)
                     if row.get_role() == Atspi.Role.LIST_ITEM]
            if words[:1] == ["first of two"] and words[-1] == "second of two":
                return True
    return False


def see_history(program):
    wait("both messages", lambda: shows_history(program))


def test_forward_as_one(folder):
    """Two messages become a history, which opens where it was sent to."""
    program = begin(folder)
    try:
        write(program, "first of two")
        write(program, "second of two")
        choose_two(program)
        program.click("Forward as One")
        choose_chat(program, "maya")
        program.choose("Did the slides reach you?")
        row = see_row(program, "Chat history of Tern Guide and You")
        assert "first of two" not in row
        focus_row(program, "Chat history of Tern Guide and You")
        program.key("Return")
        see_history(program)
        program.key("Escape")
        program.quit()
    finally:
        program.kill()


def pointer(*what):
    subprocess.run(["xdotool", *map(str, what)], check=True)


def test_choose_beyond_the_edge(folder):
    """Dragged above the list, it moves, and what comes into view is chosen too."""
    program = begin(folder)
    try:
        program.choose("爬山只是借口")
        timeline = program.see("Messages", Atspi.Role.LIST)
        place = timeline.get_extents(Atspi.CoordType.WINDOW)
        frame = program.application.get_child_at_index(0).get_extents(Atspi.CoordType.SCREEN)
        # Beside the texts of others; a press on a picture would open it.
        x, y = frame.x + place.x + place.width - 60, frame.y + place.y
        pointer("mousemove", x, y + 300, "mousedown", 1)
        for up in 200, 100, 10, -20:
            pointer("mousemove", x, y + up)
        wait("more than the view holds to be chosen", lambda: n_chosen(program) > 35)
        pointer("mouseup", 1)
        program.key("Escape")
        program.quit()
    finally:
        program.kill()


def n_chosen(program):
    found = program.find("messages selected")
    return int(found.get_name().split()[0]) if found is not None else 0


def test_parts(folder):
    """From the entry to the messages, to the chats, to the entry; and back."""
    program = begin(folder)

    def is_at(part):
        if part == "Message":
            return lambda node: named(node, "Message") and node.get_role() == Atspi.Role.TEXT
        return lambda node: (node.get_role() == Atspi.Role.LIST_ITEM
                             and node.get_parent().get_name() == part)

    try:
        focus_is(program, "the entry", is_at("Message"))
        for key, parts in (("F6", ("Messages", "Chats", "Message")),
                           ("shift+F6", ("Chats", "Messages", "Message"))):
            for part in parts:
                program.key(key)
                focus_is(program, part, is_at(part))
        program.quit()
    finally:
        program.kill()


def test_place_is_kept(folder):
    """Where somebody was reading, and not the end, is shown after a restart."""
    program = begin(folder)
    try:
        for i in range(20):
            program.type("line number %d" % i)
            program.key("Return")
        see_row(program, "line number 19")
        program.key("F6")
        focus_is(program, "the focus on a message",
                 lambda node: node.get_role() == Atspi.Role.LIST_ITEM)
        program.key("Home")
        see_row(program, "Welcome to Tern")
        not_see_row(program, "line number 19")
        program.quit()
    finally:
        program.kill()
    program = begin(folder)
    try:
        see_row(program, "Welcome to Tern")
        not_see_row(program, "line number 19")
        program.key("ctrl+g")
        program.click("Go to This Day")
        see_row(program, "Welcome to Tern")
    finally:
        program.kill()


if __name__ == "__main__":
    sys.exit(main(globals()))
