"""A Redis server that can be stopped, killed and started again."""

import signal
from pathlib import Path
from typing import Self

from local.process import Child
from local.services import start_redis


class RedisServer:
    """A server without a disk, which keeps its port through kills and restarts."""

    def __init__(self, directory: Path, arguments: tuple[str, ...] = ()) -> None:
        self._directory, self._arguments = directory, arguments
        started = start_redis(directory, arguments).wait()
        self.url, self.port, self.process = started.address, started.port, started.process

    @property
    def pid(self) -> int:
        return self.process.pid

    def freeze(self) -> None:
        """Stop the process: connections stay open, but are not answered until `thaw`."""
        self.process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.signal(signal.SIGCONT)

    def kill(self) -> None:
        """Crash it: connections are reset, all keys are lost."""
        self.process.signal(signal.SIGKILL)
        self.process.wait()

    def restart(self) -> Child:
        """Start it again, empty, on the same port."""
        self.process.stop()
        restarted = start_redis(self._directory, self._arguments, port=self.port)
        self.process = restarted.wait().process
        return self.process

    def stop(self) -> None:
        self.process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
