"""Events through the OpenTelemetry API: the worker, not we, configures who exports them.

Azure's worker calls `configure_azure_monitor()` before it imports the app when
PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY is set; a second call would export everything twice.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partial
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.instrumentation.utils import is_instrumentation_enabled, suppress_instrumentation

from shared.telemetry import SCOPE, Count, Gauge, Measure

type _Labels = tuple[tuple[str, str], ...]


class OpenTelemetryEvents:
    """The port Events. Counters are our own, read when the exporter asks: the SDK's cost 6 µs."""

    def __init__(self) -> None:
        self._meter = metrics.get_meter(SCOPE)
        self._tracer = trace.get_tracer(SCOPE)
        self._histogram = cache(self._meter.create_histogram)
        self._totals: dict[Count, Counter[_Labels]] = {event: Counter() for event in Count}
        for event, totals in self._totals.items():
            self._meter.create_observable_counter(event.exported, [partial(_observed, totals)])

    def count(self, event: Count, **attributes: str) -> None:
        self._totals[event][tuple(attributes.items())] += 1

    def measure(self, measure: Measure, value: float, **attributes: str) -> None:
        self._histogram(measure.exported, measure.unit).record(value, attributes)

    def observe(self, gauge: Gauge, read: Callable[[], float]) -> None:
        def observed(_: metrics.CallbackOptions) -> Iterable[metrics.Observation]:
            return [metrics.Observation(float(read()))]

        self._meter.create_observable_gauge(gauge.exported, [observed])

    @contextmanager
    def span(self, name: str, **attributes: str) -> Iterator[None]:
        """Where the sampler drops it, no statement and no command within leaves a span either."""
        if not is_instrumentation_enabled():
            yield
            return
        with self._tracer.start_as_current_span(name, attributes=attributes) as span:
            if span.is_recording():
                yield
                return
            with suppress_instrumentation():
                yield

    def untraced(self) -> AbstractContextManager[Any]:
        return suppress_instrumentation()


def _observed(
    totals: Counter[_Labels], _: metrics.CallbackOptions
) -> Iterable[metrics.Observation]:
    return [metrics.Observation(total, dict(labels)) for labels, total in totals.copy().items()]


def instrument_libraries() -> None:
    """Have SQL statements and Redis commands leave spans; both mask their parameters."""
    for instrumentor in (RedisInstrumentor(), SQLAlchemyInstrumentor()):
        if not instrumentor.is_instrumented_by_opentelemetry:
            instrumentor.instrument()
