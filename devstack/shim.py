"""Exec shim: tie a process to its parent's life, drop root, then become the real command.

Started as `python -I -S shim.py PARENT_PID DEATH_SIGNAL UID GID COMMAND...` (UID -1: stay who we
are). It replaces `preexec_fn`, which can deadlock in a parent that has threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, death_signal, uid, gid = map(int, sys.argv[1:5])
    if uid >= 0:
        os.chdir("/")
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of user, because the kernel forgets the wish at that moment.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:
            sys.exit("The parent is gone already.")
    # Both are inherited: the parent's held signals, and Python's own choice to ignore SIGPIPE.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    try:
        os.execvp(sys.argv[5], sys.argv[5:])  # noqa: S606 - the point of a shim
    except OSError as error:
        sys.exit(f"{sys.argv[5]}: {error.strerror}")


if __name__ == "__main__":
    main()
