"""The platform's part of a trace: one SERVER span for each request, if the worker exports spans.

In Azure the host, a program of its own, exports these; here the worker's exporter does.
"""

import os
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

STATUS = "http.response.status_code"

NOT_SAMPLED = "-00"
"""Ends the traceparent of a request that is not sampled (W3C Trace Context, trace-flags)."""

_TRUE = {"1", "true", "t", "yes", "y"}


class Tracing:
    """Records spans of requests; `tracer` is None if telemetry is off."""

    def __init__(self, tracer: "Tracer | None" = None) -> None:
        self._tracer = tracer

    @contextmanager
    def request(
        self, function: str, http: Any, path: str, carrier: MutableMapping[str, str]
    ) -> Iterator[Callable[[int], None]]:
        """Record the block as a span; yields the function that sets the response's status.

        `http` is the request, `path` its path. The URL is not parsed: urlsplit refuses some hosts
        that the platform accepts, such as `[1:2]`. The query is not recorded, because it may hold
        anything, secrets included. `carrier` has the caller's traceparent; within the block it has
        this span's, for the worker.
        """
        if self._tracer is None or carrier.get("traceparent", "").endswith(NOT_SAMPLED):
            yield lambda _: None
            return
        from opentelemetry.propagate import extract, inject
        from opentelemetry.trace import SpanKind

        with self._tracer.start_as_current_span(
            function, extract(carrier), SpanKind.SERVER, _attributes(function, http, path)
        ) as span:
            inject(carrier)
            try:
                yield lambda status: span.set_attribute(STATUS, status)
            except Exception:
                span.set_attribute(STATUS, 500)
                raise


def tracing() -> Tracing:
    """Read the worker's switch; call this after the worker has been set up."""
    enabled = os.environ.get("PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY", "").strip().lower()
    if enabled not in _TRUE:
        return Tracing()
    from opentelemetry import trace

    return Tracing(trace.get_tracer("local.host"))


def _attributes(function: str, http: Any, path: str) -> dict[str, Any]:
    return {
        "faas.name": function,
        "http.request.method": http.method,
        "url.scheme": "http",
        "url.path": path,
        "server.address": http.headers["host"],
    }
