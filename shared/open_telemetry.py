"""Events, reported through the OpenTelemetry API.

The exporter is not configured here. Azure's worker calls `configure_azure_monitor()` before it
imports the app, when PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY is set; a second call would export
everything twice.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from opentelemetry import context, metrics, trace
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.instrumentation.utils import is_instrumentation_enabled

from shared.telemetry import SCOPE, Count, Gauge, Measure, Requests

_SUPPRESSED: Final = "suppress_instrumentation"
"""The key in the context that switches every instrumentation off."""

_log = logging.getLogger(__name__)

type _Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Answered:
    """Totals of the requests with the same attributes; `slowest` since the last report."""

    count: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    def take_slowest(self) -> float:
        slowest, self.slowest = self.slowest, 0.0
        return slowest


class _Untraced:
    """Records no spans within the block.

    OpenTelemetry's own `suppress_instrumentation` does the same, but costs a hit 8 µs, three times
    as much.
    """

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = context.attach(context.set_value(_SUPPRESSED, True))

    def __exit__(self, *_: object) -> None:
        context.detach(self._token)


class OpenTelemetryEvents:
    """Events that OpenTelemetry exports.

    What every request adds to is kept in plain counters, which the exporter reads: a step of the
    SDK's own counters costs a hit 6 µs, of its histograms 20 µs.
    """

    def __init__(self) -> None:
        self._meter = metrics.get_meter(SCOPE)
        self._tracer = trace.get_tracer(SCOPE)
        self._histogram = cache(self._meter.create_histogram)
        self._totals: dict[Count, Counter[_Labels]] = {event: Counter() for event in Count}
        for event, totals in self._totals.items():
            self._counter(event.exported, totals.copy)
        self._requests: defaultdict[_Labels, _Answered] = defaultdict(_Answered)
        self._report_requests()

    def count(self, event: Count, **attributes: str) -> None:
        self._totals[event][tuple(attributes.items())] += 1

    def counted(self, event: Count, **attributes: str) -> int:
        return self._totals[event][tuple(attributes.items())]

    def answered(self, seconds: float, **attributes: str) -> None:
        requests = self._requests[tuple(attributes.items())]
        requests.count += 1
        requests.seconds += seconds
        requests.slowest = max(requests.slowest, seconds)

    def measure(self, measure: Measure, value: float, **attributes: str) -> None:
        self._histogram(measure.exported, measure.unit).record(value, attributes)

    def observe(self, gauge: Gauge, read: Callable[[], float]) -> None:
        self._gauge(gauge.exported, lambda: {(): float(read())})

    def span(self, name: str, **attributes: str) -> AbstractContextManager[Any]:
        """Record the block as a span; within a trace that is not sampled, record no span at all.

        The host's decision about the request is read from its context, because asking the sampler
        again costs more.
        """
        if not is_instrumentation_enabled():
            return nullcontext()
        caller = trace.get_current_span().get_span_context()
        if caller.is_remote and not caller.trace_flags.sampled:
            return _Untraced()
        return self._recorded(name, attributes)

    @contextmanager
    def _recorded(self, name: str, attributes: dict[str, str]) -> Iterator[None]:
        with self._tracer.start_as_current_span(name, attributes=attributes) as span:
            if span.is_recording():
                yield
                return
            with _Untraced():
                yield

    def annotate(self, **attributes: str) -> None:
        span = trace.get_current_span()
        if span.is_recording():
            span.set_attributes(attributes)

    def untraced(self) -> AbstractContextManager[Any]:
        return _Untraced()

    def _report_requests(self) -> None:
        def each(value: Callable[[_Answered], float]) -> Callable[[], Mapping[_Labels, float]]:
            return lambda: {labels: value(one) for labels, one in self._requests.copy().items()}

        self._counter(Requests.COUNT.exported, each(lambda one: one.count))
        self._counter(Requests.SECONDS.exported, each(lambda one: one.seconds), "s")
        self._gauge(Requests.SLOWEST.exported, each(_Answered.take_slowest), "s")

    def _counter(
        self, name: str, read: Callable[[], Mapping[_Labels, float]], unit: str = ""
    ) -> None:
        self._meter.create_observable_counter(name, [_observed(read)], unit)

    def _gauge(
        self, name: str, read: Callable[[], Mapping[_Labels, float]], unit: str = ""
    ) -> None:
        self._meter.create_observable_gauge(name, [_observed(read)], unit)


def _observed(
    read: Callable[[], Mapping[_Labels, float]],
) -> Callable[[metrics.CallbackOptions], Iterable[metrics.Observation]]:
    def observed(_: metrics.CallbackOptions) -> Iterable[metrics.Observation]:
        return [metrics.Observation(value, dict(labels)) for labels, value in read().items()]

    return observed


@cache
def instrument_libraries() -> None:
    """Record spans for SQL statements and Redis commands, with their parameters masked.

    Call it before an engine is created: earlier engines are not instrumented. A library that cannot
    be instrumented is logged and works without spans. It is not tried again, because what was
    wrapped before the failure would be wrapped twice.
    """
    for instrumentor in (RedisInstrumentor(), SQLAlchemyInstrumentor()):
        try:
            # The package declares SQLAlchemy up to 2.0; tests/telemetry proves the spans on 2.1.
            instrumentor.instrument(skip_dep_check=True)
        except Exception:  # noqa: BLE001 -- the app works without these spans
            _log.exception("%s failed: its spans are incomplete", type(instrumentor).__name__)
