"""Child processes that end when their parent ends."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from secrets import SystemRandom
from typing import Self

TETHER = Path(__file__).with_name("tether.py")

STOP_SECONDS = 8.0
"""Time that a child has after SIGTERM, before SIGKILL."""

POLL_SECONDS = 0.02

PORTS = range(20_000, 32_768)
"""Below the ports that systems give to connections: Linux from 32,768, others from 49,152."""

BACKLOG = 2048
"""Connections that wait until a program accepts them."""

TRIES = 100
"""Ports to try."""

_SPAWNING = threading.Lock()
"""Held while a file of one child is inheritable, so that no other child inherits it."""


class StartError(Exception):
    """A program ended, or was not ready in time; the message holds its output."""


class Child:
    """A program in a process group of its own; on Linux the kernel ends it with its parent.

    Its output goes to an unnamed file, so that it never blocks and can be read at any time.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        show: bool = False,
        keep: Sequence[int] = (),
    ) -> None:
        """Start it; `env` replaces the environment, `show` leaves its output on the terminal.

        It inherits the file descriptors in `keep`, under the same numbers.
        """
        self.name = " ".join([Path(command[0]).name, *map(str, command[1:3])])
        self._output_at_stop = ""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        with _inheritable(keep):
            self._process = subprocess.Popen(
                [sys.executable, "-S", str(TETHER), str(os.getpid()), *map(str, command)],
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=None if show else self._log,
                stderr=None if show else subprocess.STDOUT,
                process_group=0,
                close_fds=False,  # children hold the lock of run_lock.py
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._process.poll()

    def output(self) -> str:
        """Return what it has written so far."""
        if self._log.closed:
            return self._output_at_stop
        file = self._log.fileno()
        return os.pread(file, os.fstat(file).st_size, 0).decode("utf-8", "replace")

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Poll `ready`. If it ends or time runs out, stop it and raise StartError."""
        limit = time.monotonic() + seconds
        while not ready():
            if self.status is not None or time.monotonic() > limit:
                late, status = f"not ready in {seconds:g} s", self.status
                self.stop()
                fault = late if status is None else f"ended with {status}"
                raise StartError(f"{self.name}: {fault}\n{self.output()}".rstrip())
            time.sleep(POLL_SECONDS)

    def wait(self, seconds: float | None = None) -> int:
        """Wait for its end; return the exit status. Raises subprocess.TimeoutExpired."""
        return self._process.wait(seconds)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its process group, if it still exists."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def stop(self) -> None:
        """End its whole process group, by SIGTERM and then SIGKILL. A second call does nothing."""
        if self._log.closed:
            return
        # A process that is stopped (SIGSTOP) does not receive SIGTERM.
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.wait()
        # Its own children, if any are left.
        self.signal(signal.SIGKILL)
        self._output_at_stop = self.output()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@contextlib.contextmanager
def _inheritable(descriptors: Sequence[int]) -> Iterator[None]:
    with _SPAWNING:
        for descriptor in descriptors:
            os.set_inheritable(descriptor, True)
        try:
            yield
        finally:
            for descriptor in descriptors:
                os.set_inheritable(descriptor, False)


def bound_socket(wanted: int = 0, *, listening: bool = True) -> socket.socket:
    """Return a socket with the port `wanted` of 127.0.0.1, else a random free port of PORTS.

    The port is taken from now on. A client waits until the program that gets the socket accepts; if
    it does not listen, a client is refused.
    """
    anywhere = SystemRandom().sample(PORTS, TRIES)
    for port in (wanted, *anywhere) if wanted else anywhere:
        with contextlib.suppress(OSError):
            return _bound(port, listening=listening)
    raise StartError("no free port on 127.0.0.1")


def _bound(port: int, *, listening: bool) -> socket.socket:
    if listening:
        return socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
    # Without SO_REUSEADDR, which create_server sets: two sockets that have it and do not listen may
    # have the same port.
    unused = socket.socket()
    try:
        unused.bind(("127.0.0.1", port))
    except OSError:
        unused.close()
        raise
    return unused


def free_port(wanted: int = 0) -> int:
    """Return `wanted` if it is free on 127.0.0.1, else a random free port of PORTS.

    Another program is unlikely to take a random port before it is used.
    """
    with bound_socket(wanted) as found:
        return int(found.getsockname()[1])


def answers(port: int) -> bool:
    """Whether a program accepts connections on 127.0.0.1:port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
