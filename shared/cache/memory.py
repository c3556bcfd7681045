"""Memory copies: recent lists of this process, bounded in bytes; the least recently used go.

They are only stored here. Whether one may be served is decided per read, by its version (rule 19).
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator

from shared.cache.cached_list import CachedList, ListKey
from shared.repository.versions import Version
from shared.runtime import Runtime
from shared.telemetry import Count
from shared.tracks.track import View


class MemoryCopies:
    """Lists by scope and view, at most `limit` bytes of them."""

    def __init__(self, limit: int, runtime: Runtime) -> None:
        self.limit = limit
        self._clock = runtime.clock
        self._events = runtime.events
        self._copies: OrderedDict[ListKey, CachedList] = OrderedDict()
        self.bytes = 0

    def get(self, key: ListKey) -> CachedList | None:
        """Return the copy, unless its life is over."""
        copy = self._copies.get(key)
        if copy is None or self._clock() >= copy.expires_at:
            return None
        self._copies.move_to_end(key)
        return copy

    def even_if_expired(self, key: ListKey) -> CachedList | None:
        """Return the copy, even if its life is over."""
        return self._copies.get(key)

    def put(self, key: ListKey, cached: CachedList) -> None:
        """Replace the key's copy; a list that is larger than the limit is not kept."""
        self._remove(key)
        size = size_of(cached)
        if size <= self.limit:
            self._copies[key] = cached
            self.bytes += size
            self._shrink()

    def keep_uncompressed(self, key: ListKey, cached: CachedList, data: bytes) -> None:
        """Keep the uncompressed bytes with the copy, if it is still there and both have room."""
        fits = size_of(cached) + len(data) <= self.limit
        if fits and self._copies.get(key) is cached and cached.uncompressed is None:
            cached.uncompressed = data
            self.bytes += len(data)
            self._shrink()

    def drop(self, scope: str, is_lost: Callable[[Version], bool]) -> None:
        """Remove the scope's copies of versions for which `is_lost` is true."""
        for key in [(scope, view) for view in View]:
            copy = self._copies.get(key)
            if copy is not None and is_lost(copy.version):
                self._remove(key)

    def __len__(self) -> int:
        return len(self._copies)

    def __iter__(self) -> Iterator[tuple[ListKey, CachedList]]:
        return iter(list(self._copies.items()))

    def _remove(self, key: ListKey) -> None:
        copy = self._copies.pop(key, None)
        if copy is not None:
            self.bytes -= size_of(copy)

    def _shrink(self) -> None:
        while self.bytes > self.limit:
            self._remove(next(iter(self._copies)))
            self._events.count(Count.MEMORY_EVICTED)


def size_of(cached: CachedList) -> int:
    """Return the bytes that a list takes in memory."""
    body = cached.body.size if cached.body is not None else 0
    return body + len(cached.uncompressed or b"")
