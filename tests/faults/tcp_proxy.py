"""A TCP proxy that makes the network slow or silent."""

import asyncio
from typing import Self


class Proxy:
    """Forwards bytes to a port of this machine after `delay` seconds.

    `hush` silences the connections that are open; later ones work. `requests` counts what callers
    have sent, as often as it arrives here.
    """

    def __init__(self, port: int) -> None:
        self.delay = 0.0
        self.port = 0
        self.requests = 0
        self._target = port
        self._hushed: set[asyncio.StreamWriter] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._to_server: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def hush(self) -> int:
        """Silence the open connections, as a firewall that forgot them; return their number."""
        self._hushed |= self._writers
        return len(self._hushed)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, there[1]}
        self._to_server.add(there[1])
        for pair in ((reader, there[1]), (there[0], writer)):
            task = asyncio.create_task(self._carry(*pair))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                self.requests += writer in self._to_server
                if self.delay:
                    await asyncio.sleep(self.delay)
                if writer not in self._hushed:
                    writer.write(data)
        except ConnectionError:
            pass
        finally:
            self._writers.discard(writer)
            self._to_server.discard(writer)
            writer.close()
