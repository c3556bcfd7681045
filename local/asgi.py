"""The platform's HTTP front end, as an ASGI application."""

import logging
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from local import worker
from local.http_protocol import REFUSAL
from local.protos import TypedData
from local.request import Scope, UnusableRequestError, rpc_http, trace_context
from local.request_line import RefusedRequestError
from local.response import Response, UnusableResponseError, response
from local.routes import Router
from local.tracing import Tracing
from local.worker import Function

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

CONTEXT_HEADERS = ("traceparent", "tracestate")

BODY_LIMIT = 100 * 1024 * 1024
"""Bytes of a request body: the platform's default for FUNCTIONS_REQUEST_BODY_SIZE_LIMIT."""

PIECE = 1024 * 1024
"""Bytes that are handed to the web server at once, so that it buffers no copy of a large body."""

CLOSE = (b"connection", b"close")

logger = logging.getLogger(__name__)


class CallerLeftError(Exception):
    """The connection closed before the end of the body; there is nobody to answer."""


class PlatformFront:
    """Routes a request and calls its function; an exception is a 500 with an empty body."""

    def __init__(self, router: Router, tracing: Tracing) -> None:
        self._router = router
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except CallerLeftError:
            return
        except (worker.InvocationError, UnusableRequestError, UnusableResponseError) as error:
            logger.error("%s %r failed:\n%s", scope["method"], scope["path"], error)  # noqa: TRY400 - the traceback is the message
            answer = _empty(500, scope)
        await _send(answer, scope, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        if refusal := scope.get(REFUSAL):
            return _refused(refusal, scope)
        found = self._router.match(scope["method"], scope["path"])
        if found is None:
            # HomepageMiddleware with AzureWebJobsDisableHomepage=true: no content, not 404.
            return _empty(204 if scope["path"] == "/" else 404, scope)
        length = _content_length(scope)
        if length > BODY_LIMIT:
            return _empty(500, scope, CLOSE)
        function, params = found
        # The classic model drops a body without Content-Length (chunked).
        http = rpc_http(scope, params, await _body(receive) if length else b"")
        return await self._invoke(function, http, scope["raw_path"].decode("ascii"))

    async def _invoke(self, function: Function, http: Any, path: str) -> Response:
        carrier = {name: value for name, value in http.headers.items() if name in CONTEXT_HEADERS}
        with self._tracing.request(function.name, http, path, carrier) as answered:
            parent, state = trace_context(carrier)
            returned = await worker.invoke(
                function, TypedData(http=http), trace_parent=parent, trace_state=state
            )
            answer = response(returned)
            answered(answer.status)
        return answer


def _refused(refusal: RefusedRequestError, scope: Scope) -> Response:
    allow = [(b"allow", refusal.allow.encode("ascii"))] if refusal.allow else []
    return _empty(refusal.status, scope, *allow)


def _empty(status: int, scope: Scope, *headers: tuple[bytes, bytes]) -> Response:
    """An answer without a body. It has a Content-Length of 0, but not for HEAD."""
    has_length = status != HTTPStatus.NO_CONTENT and scope["method"] != "HEAD"
    length = [(b"content-length", b"0")] if has_length else []
    return Response(status, [*length, *headers], b"")


def _content_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)
    return 0


async def _body(receive: Receive) -> bytes:
    pieces = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerLeftError
        pieces.append(message["body"])
        if not message["more_body"]:
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def _send(answer: Response, scope: Scope, send: Send) -> None:
    headers = [*answer.headers, *_added_headers(answer, scope)]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.status == HTTPStatus.NOT_MODIFIED:
        # It may have the Content-Length of a body that is not sent: uvicorn allows that for HEAD.
        scope["method"] = "HEAD"
    is_cut = scope["method"] != "HEAD" and (answer.length or 0) > len(answer.body)
    if is_cut:
        logger.error("%r: Content-Length is more than the body", scope["path"])
    body = memoryview(answer.body)
    last = max(0, len(body) - 1) // PIECE * PIECE
    for start in range(0, last, PIECE):
        piece = body[start : start + PIECE]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    # uvicorn closes a connection whose answer is not whole, as the platform does.
    await send({"type": "http.response.body", "body": body[last:], "more_body": is_cut})


def _added_headers(answer: Response, scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return a date, unless the function gave one, and the length for HTTP/1.0 (no chunks)."""
    added = []
    if not any(name == b"date" for name, _ in answer.headers):
        added.append((b"date", formatdate(usegmt=True).encode("ascii")))
    if scope.get("http_version") == "1.0" and answer.length is None and answer.may_have_body:
        added.append((b"content-length", str(len(answer.body)).encode("ascii")))
    return added
