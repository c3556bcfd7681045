"""Sends bytes to a host, as no HTTP client would, and reads what comes back."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tests.services.long_timeouts import LONG_SECONDS

CLOSING: Final = b"Host: h\r\nConnection: close\r\n\r\n"
"""The end of a head, after which the host closes the connection."""


@dataclass(frozen=True)
class RawAnswer:
    """The first answer; `body` is what came after its head, without the framing of chunks."""

    status: int
    headers: dict[str, str]
    body: bytes


@contextmanager
def connection(url: object) -> Iterator[socket.socket]:
    """A connection to the host at this URL."""
    parts = urlsplit(str(url))
    address = parts.hostname or "", parts.port or 0
    with socket.create_connection(address, timeout=LONG_SECONDS) as opened:
        yield opened


def received(opened: socket.socket) -> bytes:
    """All that comes until the host closes the connection."""
    return b"".join(iter(lambda: opened.recv(65536), b""))


def exchange(url: object, request: bytes) -> RawAnswer:
    """Send a request that ends the connection; return the answer."""
    with connection(url) as opened:
        opened.sendall(request)
        return parsed(received(opened))


def parsed(answer: bytes) -> RawAnswer:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    chunked = headers.get("transfer-encoding") == "chunked"
    return RawAnswer(int(first.split()[1]), headers, _joined(body) if chunked else body)


def _joined(chunks: bytes) -> bytes:
    size, _, rest = chunks.partition(b"\r\n")
    length = int(size, 16)
    return rest[:length] + _joined(rest[length + 2 :]) if length else b""


def statuses(answers: bytes) -> list[int]:
    """The status of each answer on a connection whose bodies hold no status line."""
    return [int(line.split()[1]) for line in answers.split(b"\r\n") if line.startswith(b"HTTP/1.1")]


def reset(opened: socket.socket) -> None:
    """Close the connection with a reset, as a program does that is killed with data unread."""
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    opened.close()
