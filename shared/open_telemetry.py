"""Events through the OpenTelemetry API: the worker, not we, configures who exports them.

Azure's worker calls `configure_azure_monitor()` before it imports the app when
PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY is set; a second call would export everything twice.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

from shared.telemetry import Count, Gauge, Measure

_SCOPE = "smartcache"


class OpenTelemetryEvents:
    """The port Events; instruments are made when they are first used."""

    def __init__(self) -> None:
        self._meter = metrics.get_meter(_SCOPE)
        self._tracer = trace.get_tracer(_SCOPE)
        self._counter = cache(self._meter.create_counter)
        self._histogram = cache(self._meter.create_histogram)

    def count(self, event: Count, **attributes: str) -> None:
        self._counter(f"{_SCOPE}.{event}").add(1, attributes)

    def measure(self, measure: Measure, value: float, **attributes: str) -> None:
        self._histogram(f"{_SCOPE}.{measure}", measure.unit).record(value, attributes)

    def observe(self, gauge: Gauge, read: Callable[[], float]) -> None:
        def observed(_: metrics.CallbackOptions) -> Iterable[metrics.Observation]:
            return [metrics.Observation(read())]

        self._meter.create_observable_gauge(f"{_SCOPE}.{gauge}", [observed])

    def span(self, name: str, **attributes: str) -> AbstractContextManager[Any]:
        return self._tracer.start_as_current_span(name, attributes=attributes)


def instrument_libraries() -> None:
    """Have SQL statements and Redis commands leave spans; both mask their parameters."""
    for instrumentor in (RedisInstrumentor(), SQLAlchemyInstrumentor()):
        if not instrumentor.is_instrumented_by_opentelemetry:
            instrumentor.instrument()
