"""uvicorn closes a connection that is idle, and none on which a request has begun."""

import asyncio
import socket
from typing import Any

import uvloop
from uvicorn import Config
from uvicorn.server import ServerState

from local.http_protocol import PlatformProtocol

WHOLE = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
BEGUN = b"GET / HT"


async def _answer(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


async def _timers() -> list[bool]:
    """Whether the timeout of idle connections runs after a whole request, and within the next."""
    loop, found = asyncio.get_running_loop(), []
    config = Config(_answer, log_config=None)
    ours, theirs = socket.socketpair()
    with ours:
        ours.setblocking(False)
        transport, protocol = await loop.create_connection(
            lambda: PlatformProtocol(config, ServerState(), {}), sock=theirs
        )
        for part in (WHOLE, BEGUN):
            protocol.data_received(part)
            if part is WHOLE:
                assert await loop.sock_recv(ours, 1000)
            found.append(protocol.timeout_keep_alive_task is not None)
        transport.close()
        await asyncio.sleep(0)
    return found


def test_a_connection_on_which_a_request_has_begun_is_not_idle() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(_timers()) == [True, False]
