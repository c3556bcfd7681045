"""A local server in place of Google's Identity Toolkit, whose answers a test sets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FaultyToolkit:
    """Answers each request with `status` and `body` after `pause` s, or never if `silent`."""

    def __init__(self, *, silent: bool = False) -> None:
        self.status, self.body, self.silent = 200, b"{}", silent
        self.address, self.pause = "", 0.0
        self.requests: list[bytes] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FaultyToolkit"]:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self
            server.close_clients()

    def refuse(self, code: str) -> None:
        """Answer with an error in Google's format."""
        self.status = 400
        self.body = b'{"error": {"code": 400, "message": "%s"}}' % code.encode()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append(await reader.readuntil(b"\r\n\r\n"))
        if self.silent:
            await reader.read()
        else:
            await asyncio.sleep(self.pause)
            head = f"HTTP/1.1 {self.status} X\r\nContent-Length: {len(self.body)}\r\n"
            writer.write(f"{head}Connection: close\r\n\r\n".encode() + self.body)
        writer.close()
