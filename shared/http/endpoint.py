"""From a route to a function that the platform can call."""

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import replace
from time import perf_counter
from typing import Final

import azure.functions as func

from shared.errors import ApiError
from shared.http.access import authenticate
from shared.http.answer import Answer, response_to
from shared.http.problem import Unexpected, problem
from shared.http.route import Access, Call, Route
from shared.services import Services
from shared.telemetry import ROUTE, STATUS

_log = logging.getLogger(__name__)

_SAFE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_request_id: ContextVar[str] = ContextVar("request_id", default="")

type Function = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


def endpoint(route: Route, services: Services, routes: tuple[Route, ...]) -> Function:
    """A function with the one parameter that the platform binds; it never raises."""
    path = f"/{route.path.lstrip('/')}"

    async def handle(req: func.HttpRequest) -> func.HttpResponse:
        began = perf_counter()
        if not services.is_prepared:
            await services.prepare()
        request_id = _begin_request(req.headers.get("x-request-id", ""))
        call = Call(req, services, routes)
        with services.events.span(f"{req.method} {path}", request_id=request_id):
            answer = await _answer(route, call, request_id)
        labels = {ROUTE: path, STATUS: str(answer.status), **call.labels}
        services.events.answered(perf_counter() - began, **labels)
        return response_to(req, answer, request_id)

    handle.__name__ = route.name
    return handle


async def _answer(route: Route, call: Call, request_id: str) -> Answer:
    try:
        if route.access is not Access.PUBLIC:
            call = replace(call, user=await authenticate(call, route.access))
        return await route.handler(call)
    except ApiError as error:
        return problem(error, request_id)
    except Exception:  # noqa: BLE001 -- whatever it is, it is logged and answered with 500
        _log.exception("%s failed, request %s", route.name, request_id)
        return problem(Unexpected(), request_id)


def _begin_request(given: str) -> str:
    """Return the caller's request id if it is safe to log, else a new one; logs carry it, too."""
    request_id = given if _SAFE_ID.fullmatch(given) else secrets.token_hex(8)
    _request_id.set(request_id)
    return request_id


def mark_logs() -> None:
    """Give every log record the `request_id` of its request; exporters send it as a property."""
    make = logging.getLogRecordFactory()

    def marked(*args: object, **kwargs: object) -> logging.LogRecord:
        record = make(*args, **kwargs)
        record.request_id = _request_id.get()
        return record

    logging.setLogRecordFactory(marked)
