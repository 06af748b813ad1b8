"""Becomes a server: takes its user and the parent-death signal upon itself, then executes the program.

Run as a script by `child.py`, because Python code between fork and exec can deadlock in a process with threads, and
because the signal must be set *after* the change of user, which clears it (prctl(2), PR_SET_PDEATHSIG).
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, death_signal: int, uid: int, gid: int, command: list[str]) -> None:
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:  # it died before the signal was set
        sys.exit(1)
    os.umask(0o077)
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    try:
        parent, death_signal, uid, gid = map(int, sys.argv[1:5])
        main(parent, death_signal, uid, gid, sys.argv[5:])
    except OSError as error:
        sys.exit(f"{sys.argv[5]}: {error.strerror}")
