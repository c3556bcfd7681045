"""Traces that arrived at the sink."""

import os
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.telemetry.ingestion_sink import Envelope, Sink

SPANS = ("Request", "RemoteDependency")


@dataclass(frozen=True)
class Caller:
    """A caller with a trace of its own, which it sends in its headers."""

    trace: str = field(default_factory=lambda: os.urandom(16).hex())
    span: str = field(default_factory=lambda: os.urandom(8).hex())

    def headers(self, flags: str = "01") -> dict[str, str]:
        return {"traceparent": f"00-{self.trace}-{self.span}-{flags}"}


def arrived(sink: Sink, trace: str, kind: str = "") -> list[Envelope]:
    """Return the envelopes of a trace that have arrived so far."""
    return [one for one in sink.envelopes(kind) if one["tags"].get("ai.operation.id") == trace]


def whole_trace(sink: Sink, trace: str) -> list[Envelope]:
    """Wait for the outermost span, which ends last; return all spans of the trace."""
    assert sink.wait_for(lambda: arrived(sink, trace, "Request"))
    return [one for kind in SPANS for one in arrived(sink, trace, kind)]


def data(envelope: Envelope) -> dict[str, Any]:
    base: dict[str, Any] = envelope["data"]["baseData"]
    return base


def names(spans: list[Envelope]) -> list[str]:
    return [data(one)["name"] for one in spans]


def request_of(answer: httpx.Response) -> str:
    return str(answer.headers["X-Request-Id"])
