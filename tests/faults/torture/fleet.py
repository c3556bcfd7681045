"""Several processes of the real app over one database and one Redis."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from local.host import READY
from local.hosted import START_SECONDS, start_host
from local.process import Child, free_port


@dataclass
class Instance:
    """One process of the app, on a port that it keeps."""

    settings: Mapping[str, str]
    app: Path
    port: int = field(default_factory=free_port)
    host: Child | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_ready(self) -> bool:
        return self.host is not None and READY in self.host.output()

    def start(self) -> None:
        """Start it without waiting until `is_ready`."""
        self.host = start_host(self.app, self.settings, port=self.port)

    def wait(self) -> None:
        """Wait until it is ready. Raises StartError with its output."""
        if self.host is not None:
            self.host.wait_until(lambda: self.is_ready, START_SECONDS)

    def kill(self) -> None:
        """Kill it without a clean end."""
        if self.host is not None:
            host, self.host = self.host, None
            host.signal(signal.SIGKILL)
            host.wait()
            host.stop()

    def stop(self) -> None:
        if self.host is not None:
            self.host.stop()


class Fleet:
    """Instances that are started together and stopped together."""

    def __init__(self, app: Path, *settings: Mapping[str, str]) -> None:
        self.instances = [Instance(own, app) for own in settings]

    @property
    def ready(self) -> list[Instance]:
        return [instance for instance in self.instances if instance.is_ready]

    def __enter__(self) -> Self:
        for instance in self.instances:
            instance.start()
        for instance in self.instances:
            instance.wait()
        return self

    def __exit__(self, *_: object) -> None:
        for instance in self.instances:
            instance.stop()
