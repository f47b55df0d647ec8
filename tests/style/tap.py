"""What the checks of style share: the tree, and lines of TAP.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import os
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))


def files(*endings, under=""):
    """The files of the tree, without what is built or only lies around."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", under],
                            capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = listed.stdout.splitlines()
    else:
        names = [os.path.relpath(os.path.join(folder, name), ROOT)
                 for folder, folders, here in os.walk(os.path.join(ROOT, under))
                 if not folders.sort() and "/_build" not in folder and "/.git" not in folder
                 for name in here]
    return sorted(name for name in names
                  if name.endswith(endings) and os.path.exists(os.path.join(ROOT, name)))


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def run(*command, **more):
    """Why @command is not content, as lines; nothing when it is."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          cwd=ROOT, check=False, **more)
    return [] if done.returncode == 0 else (done.stdout.splitlines() or [command[0] + " failed"])


def report(checks):
    """@checks: name → lines that say what is wrong."""
    print("1..%d" % len(checks))
    for i, (name, complaints) in enumerate(checks.items(), 1):
        print("%s %d - %s" % ("not ok" if complaints else "ok", i, name))
        for line in complaints:
            print("# " + line)
    sys.exit(any(checks.values()))
