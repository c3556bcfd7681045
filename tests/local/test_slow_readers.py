"""What the host holds ready for callers of large answers, who read at their own pace."""

import signal
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import httpx

from tests.local.function_apps import write_app
from tests.services.functions_host import Serve

SOURCE = """
BODY = b"x" * 8_000_000

@app.route(route="large")
async def large(req: Req) -> Res:
    return Res(BODY)

@app.route(route="text")
async def text(req: Req) -> Res:
    return Res("text")
"""

CALLERS: Final = 64
READ: Final = 1_000_000
"""Bytes that a fast caller has read, for which the kernel would give it a larger send buffer."""

HELD_BYTES: Final = 512 * 1024
NOTHING_COMES_SECONDS: Final = 0.2


def _calling(url: str) -> socket.socket:
    """A caller with a small receive buffer, so that what it has not read stays at the host."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    parts = httpx.URL(url)
    opened.connect((parts.host, parts.port or 0))
    opened.sendall(b"GET /large HTTP/1.1\r\nHost: h\r\n\r\n")
    return opened


def _unread(opened: socket.socket) -> int:
    """How many bytes still come from a host that is stopped."""
    opened.settimeout(NOTHING_COMES_SECONDS)
    size = 0
    try:
        while data := opened.recv(2**20):
            size += len(data)
    except TimeoutError:
        return size
    raise AssertionError("the host closed the connection")


def test_no_caller_gets_more_than_its_share_ahead_of_the_others(
    serve: Serve, tmp_path: Path
) -> None:
    """A caller that reads fast has no larger part of its answer under way than one that waits."""
    app = serve(write_app(tmp_path, SOURCE))
    with ExitStack() as stack:
        callers = [stack.enter_context(_calling(app.url)) for _ in range(CALLERS)]
        fast = callers[:4]
        for _ in range(READ // 65536):
            for caller in fast:
                caller.recv(65536, socket.MSG_WAITALL)
        for _ in range(3):  # the event loop has gone round
            assert httpx.get(f"{app.url}/text", timeout=60).text == "text"
        app.host.signal(signal.SIGSTOP)
        try:
            held = [_unread(caller) for caller in (*fast, *callers[4:8])]
        finally:
            app.host.signal(signal.SIGCONT)
    assert max(held) < HELD_BYTES
