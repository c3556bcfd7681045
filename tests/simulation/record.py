"""What the callers of a run asked for, when, and what they got."""

from dataclasses import dataclass, field

from shared.cache.bodies import ListBody
from shared.cache.cached_list import Served
from shared.tracks.track import Track, View
from tests.simulation.history import History
from tests.simulation.loop import Process
from tests.simulation.plan import Plan


@dataclass(slots=True, repr=False)
class Asked:
    """One read. Times are virtual seconds, all different; `ended` is None for no answer."""

    name: str
    process: Process
    scope: str
    view: View
    began: float
    ended: float | None = None
    served: Served | None = None
    error: Exception | None = None

    def __repr__(self) -> str:
        cached = self.served.cached if self.served else None
        if self.served is None or cached is None or cached.body is None:
            return repr(self.error or self.served)
        return f"{self.served.outcome} {cached.version.number} {cached.body.uncompressed()!r}"


@dataclass(slots=True)
class Stored:
    """One write, load or purge. Its records' popularities tell them from all others.

    `acknowledged` is when it was answered, `conflict` when the answer was that its record exists.
    """

    name: str
    process: Process
    tracks: tuple[Track, ...]
    began: float
    announced: bool = True
    acknowledged: float | None = None
    conflict: float | None = None
    answer: Track | None = None
    error: Exception | None = None

    @property
    def told_at(self) -> float | None:
        """When the caller was told that the record is stored."""
        return self.conflict if self.acknowledged is None else self.acknowledged


@dataclass(slots=True)
class Record:
    """One run, to be judged by the oracle. `final` are the reads after all faults were over."""

    plan: Plan
    history: History
    reads: list[Asked] = field(default_factory=list)
    writes: list[Stored] = field(default_factory=list)
    final: list[Asked] = field(default_factory=list)
    forgotten: list[float] = field(default_factory=list)
    splits: list[tuple[float, float]] = field(default_factory=list)
    sql_trouble: list[tuple[float, float]] = field(default_factory=list)
    store_trouble: list[tuple[float, float]] = field(default_factory=list)
    pauses: list[tuple[float, float]] = field(default_factory=list)
    bodies: dict[tuple[str, View, str], ListBody] = field(default_factory=dict)
    uncompressed_bodies: dict[int, bytes] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    steps: int = 0

    @property
    def answers(self) -> list[Asked]:
        return [*self.reads, *self.final]

    def body(self, asked: Asked) -> ListBody | None:
        """What the caller holds in the end: the body that came, or its own of the same digest."""
        served = asked.served
        if served is None or served.digests is None:
            return None
        if served.cached is not None and served.cached.body is not None:
            return served.cached.body
        return self.bodies[served.scope, asked.view, served.digests.uncompressed]

    def uncompressed(self, asked: Asked) -> bytes:
        """That body's bytes; no records for an unknown genre. A body is inflated once."""
        body = self.body(asked)
        if body is None:
            return b"[]"
        data = self.uncompressed_bodies.get(id(body))
        if data is None:
            data = self.uncompressed_bodies[id(body)] = body.uncompressed()
        return data
