"""The platform's HTTP front end, as an ASGI application."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from local import worker
from local.protos import TypedData
from local.request import MalformedRequestError, Scope, rpc_http, trace_context
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

logger = logging.getLogger(__name__)


class PlatformFront:
    """Routes a request and calls its function; an exception is a 500 with an empty body."""

    def __init__(self, router: Router, tracing: Tracing) -> None:
        self._router = router
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except MalformedRequestError:
            answer = _empty(400)
        except (worker.InvocationError, UnusableResponseError) as error:
            logger.error("%s %s failed:\n%s", scope["method"], scope["path"], error)  # noqa: TRY400 - the traceback is the message
            answer = _empty(500)
        await _send(answer, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        found = self._router.match(scope["method"], scope["path"])
        if found is None:
            # HomepageMiddleware with AzureWebJobsDisableHomepage=true: no content, not 404.
            return _empty(204 if scope["path"] == "/" else 404)
        length = _content_length(scope)
        if length > BODY_LIMIT:
            return _empty(413)
        function, params = found
        # The classic model drops a body without Content-Length (chunked).
        http = rpc_http(scope, params, await _body(receive) if length else b"")
        return await self._invoke(function, http)

    async def _invoke(self, function: Function, http: Any) -> Response:
        carrier = {name: value for name, value in http.headers.items() if name in CONTEXT_HEADERS}
        with self._tracing.request(function.name, http.method, http.url, carrier) as answered:
            parent, state = trace_context(carrier)
            returned = await worker.invoke(
                function, TypedData(http=http), trace_parent=parent, trace_state=state
            )
            answer = response(returned)
            answered(answer.status)
        return answer


def _empty(status: int) -> Response:
    headers = [] if status == HTTPStatus.NO_CONTENT else [(b"content-length", b"0")]
    return Response(status, headers, b"")


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
            raise MalformedRequestError("the connection closed before the end of the body")
        pieces.append(message["body"])
        if not message["more_body"]:
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def _send(answer: Response, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    body = memoryview(answer.body)
    last = max(0, len(body) - 1) // PIECE * PIECE
    for start in range(0, last, PIECE):
        piece = body[start : start + PIECE]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": body[last:], "more_body": False})
