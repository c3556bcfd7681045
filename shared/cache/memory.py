"""The memory copy (L1): recent lists of this process, bounded in bytes, least recently used out.

It only stores. Whether a copy may be served is decided per request, by its version.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from shared.cache.bodies import ListBody
from shared.repository.versions import Version
from shared.runtime import Clock
from shared.telemetry import Count, Events
from shared.tracks.track import View

type ListKey = tuple[str, View]
"""(scope, view)."""


@dataclass(slots=True)
class Entry:
    """A list at one version. `filled_at` and `expires_at` are readings of the process's clock."""

    version: Version
    body: ListBody
    filled_at: float
    expires_at: float
    inflated: bytes | None = field(default=None, repr=False)

    @property
    def digest(self) -> str:
        return self.body.digest

    @property
    def size(self) -> int:
        return self.body.size + (len(self.inflated) if self.inflated else 0)


class MemoryCopies:
    """Lists by scope and view, at most `limit` bytes of them."""

    def __init__(self, limit: int, clock: Clock, events: Events) -> None:
        self._limit = limit
        self._clock = clock
        self._events = events
        self._entries: OrderedDict[ListKey, Entry] = OrderedDict()
        self.bytes = 0

    def get(self, key: ListKey) -> Entry | None:
        """The copy, unless it outlived the TTL."""
        entry = self.last(key)
        if entry is None or self._clock() >= entry.expires_at:
            return None
        self._entries.move_to_end(key)
        return entry

    def last(self, key: ListKey) -> Entry | None:
        """The last copy, however old: for an answer that is marked stale."""
        return self._entries.get(key)

    def put(self, key: ListKey, entry: Entry) -> None:
        """Keep the copy in place of the key's last; one larger than the whole limit is not kept."""
        self._remove(key)
        if entry.size <= self._limit:
            self._entries[key] = entry
            self.bytes += entry.size
            self._shrink()

    def inflate(self, key: ListKey, entry: Entry, identity: bytes) -> None:
        """Keep the identity bytes beside the copy, if it is still the key's and both have room."""
        fits = entry.size + len(identity) <= self._limit
        if fits and self._entries.get(key) is entry and entry.inflated is None:
            entry.inflated = identity
            self.bytes += len(identity)
            self._shrink()

    def drop(self, scope: str, lost: Callable[[Version], bool]) -> None:
        """Forget the scope's copies whose version `lost` names."""
        for key in [(scope, view) for view in View]:
            entry = self._entries.get(key)
            if entry is not None and lost(entry.version):
                self._remove(key)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[tuple[ListKey, Entry]]:
        return iter(list(self._entries.items()))

    def _remove(self, key: ListKey) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= entry.size

    def _shrink(self) -> None:
        while self.bytes > self._limit:
            self._remove(next(iter(self._entries)))
            self._events.count(Count.MEMORY_EVICTED)
