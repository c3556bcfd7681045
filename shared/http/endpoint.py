"""From a route to a function that the platform can call."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import perf_counter
from typing import Final

import azure.functions as func

from shared.errors import ApiError
from shared.http.access import authenticate
from shared.http.problem import Unexpected, problem
from shared.http.request_id import begin_request
from shared.http.route import Call, Route
from shared.services import Services
from shared.telemetry import ROUTE, STATUS

_log = logging.getLogger(__name__)

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""On every answer; a handler may set its own value (OWASP REST Security Cheat Sheet)."""

type Function = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


def endpoint(route: Route, services: Services, routes: tuple[Route, ...]) -> Function:
    """A function with the one parameter that the platform binds; it never raises."""
    path = f"/{route.path.lstrip('/')}"

    async def handle(req: func.HttpRequest) -> func.HttpResponse:
        began = perf_counter()
        if not services.is_prepared:
            await services.prepare()
        request_id = begin_request(req.headers.get("x-request-id", ""))
        call = Call(req, services, routes, None)
        with services.events.span(f"{req.method} {path}", request_id=request_id):
            response = await _answer(route, call, request_id)
        labels = {ROUTE: path, STATUS: str(response.status_code), **call.labels}
        services.events.answered(perf_counter() - began, **labels)
        if req.method == "HEAD":
            response = _without_content(response)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = request_id
        return response

    handle.__name__ = route.name
    return handle


async def _answer(route: Route, call: Call, request_id: str) -> func.HttpResponse:
    try:
        user = await authenticate(call.services, call.request, route.access)
        return await route.handler(replace(call, user=user))
    except ApiError as error:
        return problem(error, request_id)
    except Exception:  # noqa: BLE001 -- the last line of defence: it is logged, whatever it is
        # Whatever a caller sent, this is our fault, and none of its text is theirs to read.
        _log.exception("%s failed, request %s", route.name, request_id)
        return problem(Unexpected(), request_id)


def _without_content(response: func.HttpResponse) -> func.HttpResponse:
    return func.HttpResponse(
        b"",
        status_code=response.status_code,
        headers=dict(response.headers),
        mimetype=response.mimetype,
    )
