#!/usr/bin/python3
"""A small input method for the tests: letters compose, space chooses a
character, Return takes the letters as they are, Escape gives them up.

Run beside an ibus-daemon; prints "ready" once it is the engine in use.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import sys

import gi

gi.require_version("IBus", "1.0")
from gi.repository import GLib, GObject, IBus  # noqa: E402

NAME = "tern-test"
PATH = "/org/freedesktop/IBus/Engine/TernTest"
WORDS = {"ni": "你", "hao": "好", "ma": "吗"}


class Engine(IBus.Engine):
    __gtype_name__ = "TernTestEngine"

    letters = ""

    def show(self):
        text = IBus.Text.new_from_string(self.letters)
        self.update_preedit_text(text, len(self.letters), bool(self.letters))

    def take(self, text):
        self.letters = ""
        self.show()
        self.commit_text(IBus.Text.new_from_string(text))
        return True

    def do_process_key_event(self, keyval, keycode, state):
        if state & (IBus.ModifierType.RELEASE_MASK | IBus.ModifierType.CONTROL_MASK
                    | IBus.ModifierType.MOD1_MASK):
            return False
        if IBus.KEY_a <= keyval <= IBus.KEY_z:
            self.letters += chr(keyval)
            self.show()
            return True
        if not self.letters:
            return False
        if keyval == IBus.KEY_space:
            return self.take(WORDS.get(self.letters, self.letters))
        if keyval == IBus.KEY_Return:
            return self.take(self.letters)
        if keyval == IBus.KEY_Escape:
            self.letters = ""
            self.show()
            return True
        return True

    def do_reset(self):
        self.letters = ""

    def do_focus_out(self):
        self.letters = ""


def main():
    IBus.init()
    bus = IBus.Bus()
    if not bus.is_connected():
        sys.exit("ibus-engine: no daemon")
    factory = IBus.Factory.new(bus.get_connection())
    factory.add_engine(NAME, GObject.type_from_name("TernTestEngine"))
    component = IBus.Component(name="io.github.tern_chat.TestEngine", description="Tern's tests",
                               version="1", license="GPL", author="Tern", homepage="",
                               command_line="", textdomain="")
    component.add_engine(IBus.EngineDesc(name=NAME, longname=NAME, description=NAME,
                                         language="zh", license="GPL", author="Tern",
                                         icon="", layout="us"))
    bus.register_component(component)

    def used(source, result):
        # The daemon may not be ready for it yet.
        try:
            bus.set_global_engine_async_finish(result)
            print("ready", flush=True)
        except GLib.Error:
            GLib.timeout_add(100, use)

    def use():
        bus.set_global_engine_async(NAME, 5000, None, used)
        return False

    use()
    GLib.MainLoop().run()


main()
