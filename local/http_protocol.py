"""uvicorn's HTTP connection, with the platform's rules for the heads of requests.

uvicorn reads bodies, sends answers and keeps connections, but its parser refuses methods that it
does not know, has no limits, and accepts what the platform's web server refuses. So heads are read
here, and the parser gets one that only says where the body ends. A refused request goes the same
way as any other, so that pipelined requests are answered in their order.
"""

from asyncio import Transport
from collections.abc import Callable
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from local.request_head import request_head
from local.request_line import RefusedRequestError

REFUSAL: Final = "smartcache.refusal"
"""The key of the ASGI scope under which a request has its RefusedRequestError."""

_REFUSED: Final = b"GET / HTTP/1.0\r\n\r\n"
"""A request without a body, after which the connection is closed."""


class _AnswerTransport:
    """What an answer is written to. `close` replaces the transport's own, if it is given."""

    def __init__(self, transport: Transport, close: Callable[[], None] | None) -> None:
        self._transport = transport
        self.close = close or transport.close

    def write(self, data: bytes) -> None:
        """Write, unless the caller has left: uvicorn tells only the last of pipelined requests."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class PlatformProtocol(HttpToolsProtocol):
    """A connection. `_unread` has arrived, but is not part of a whole head or of a body."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unread = bytearray()
        self._scope: dict[str, Any] = {}
        self._keeps_alive = True
        self._in_body = False
        self._left = 0
        self._is_last = False

    def data_received(self, data: bytes) -> None:
        """Read what is whole. After the last request of a connection nothing is read."""
        if not self._is_last:
            self._unset_keepalive_if_required()  # a request has begun: the connection is not idle
        self._unread += data
        start = 0
        while start < len(self._unread) and not self._is_last:
            end = self._read_body(start) if self._in_body else self._read_head(start)
            if end is None:
                break
            start = end
        del self._unread[: len(self._unread) if self._is_last else start]

    def _read_head(self, start: int) -> int | None:
        """Return where the head ends, None if it is not whole."""
        try:
            found = request_head(self._unread, start)
        except RefusedRequestError as refusal:
            self._refuse(refusal)
            return None
        if found is None:
            return None
        head, end = found
        self._scope, self._keeps_alive = head.scope(), head.keeps_alive
        self._in_body, self._left = True, head.length or 0
        super().data_received(head.framing())
        return end

    def _refuse(self, refusal: RefusedRequestError) -> None:
        self._scope, self._keeps_alive = {REFUSAL: refusal}, False
        super().data_received(_REFUSED)

    def _read_body(self, start: int) -> int:
        """Return where the part of the body ends that could be read.

        Lines of a chunked body are read one by one: the last one ends where the next head begins.
        """
        if self._left:
            end = min(start + self._left, len(self._unread))
            self._left -= end - start
        else:
            end = self._unread.find(b"\n", start) + 1 or len(self._unread)
        super().data_received(bytes(self._unread[start:end]))
        return end

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        cast("dict[str, Any]", self.scope).update(self._scope)
        is_more_to_come = self._in_body or not self._keeps_alive
        close = self.end_answers if is_more_to_come else None
        self.cycle.transport = cast("Transport", _AnswerTransport(self.transport, close))

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_body = False
        self._is_last = not self._keeps_alive

    def end_answers(self) -> None:
        """End this side of the connection. What the caller still sends is read and dropped.

        If it stayed unread, the system would reset the connection, and the caller might lose the
        answer. uvicorn's timeout of idle connections closes the other side, unless the caller does.
        """
        self._is_last = True
        if not self.transport.is_closing():
            self.transport.write_eof()

    def send_400_response(self, msg: str) -> None:
        """A chunked body is damaged: answer the request, which does not get it, and close."""
        del msg
        self._close_after_answers()

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn closes, asyncio may keep
        """Answer a caller who sends no more but still reads, as Kestrel does."""
        if self._in_body:
            return False
        if self._unread:
            self._refuse(RefusedRequestError(400))
        return self._close_after_answers()

    def _close_after_answers(self) -> bool:
        """Read no more requests; return whether one is still to be answered."""
        self._is_last = True
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
            return False
        self.cycle.keep_alive = False
        return True
