"""Runs a program that must not outlive its parent: `python tether.py PARENT_PID PROGRAM ARGS...`.

With `--hold-signals` in front, Ctrl-C and the like stay blocked until the program unblocks them,
because Python answers Ctrl-C during imports with a traceback. This is a program of its own, because
code between fork and exec of a threaded parent may deadlock.
"""

import os
import signal
import sys

PR_SET_PDEATHSIG = 1
HOLD_SIGNALS = "--hold-signals"
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    if sys.argv[1] == HOLD_SIGNALS:
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
        del sys.argv[1]
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        # The parent may have died before prctl was called.
        if os.getppid() != parent:
            sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - becomes the program: no shell is wanted
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
