"""The port Database in memory, whose queries a test can delay, fail, or let something precede."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from shared.cache.bodies import ListBody, builder
from shared.repository.database import Row, RowChunks, Written
from shared.repository.versions import Version, Versions
from shared.tracks.genres import ALL
from shared.tracks.track import Track, View
from tests.unit.cache.scripted_calls import ScriptedCalls


def rows_of(scope: str, version: Version, view: View = View.CORE) -> Sequence[Row]:
    """The rows of a list: one record, which names the list's version in each column."""
    return [(1, *(f"{scope} {version.number}" for _ in view.columns))]


def body_of(scope: str, version: Version) -> ListBody:
    return builder(View.CORE)(iter([rows_of(scope, version)]))


class ScriptedSnapshot:
    def __init__(
        self, database: "ScriptedDatabase", scope: str, view: View, version: Version | None
    ) -> None:
        self._database = database
        self._scope = scope
        self._view = view
        self.version = version

    async def read[T](self, build: Callable[[RowChunks], T]) -> T:
        async with self._database.call(f"rows {self._scope}"):
            version = self.version
            rows = [] if version is None else rows_of(self._scope, version, self._view)
            return build(iter([rows]))


class ScriptedDatabase(ScriptedCalls):
    """`numbers` are the scopes' versions, `tracks` the records that were inserted."""

    def __init__(self, *, seconds: float = 0.01) -> None:
        super().__init__(seconds)
        self.epoch = "here"
        self.numbers = {ALL: 1, "Pop": 1}
        self.tracks: dict[tuple[str, str], Track] = {}

    def commit(self, scope: str = "Pop") -> Version:
        """Raise a scope's version as a write on another instance does; nothing is recorded."""
        self.numbers[scope] = self.numbers.get(scope, 0) + 1
        return Version(self.epoch, self.numbers[scope])

    async def versions(self) -> Versions:
        async with self.call("versions"):
            return Versions(self.epoch, dict(self.numbers))

    @asynccontextmanager
    async def snapshot(self, scope: str, view: View) -> AsyncIterator[ScriptedSnapshot]:
        async with self.call(f"snapshot {scope}"):
            version = Versions(self.epoch, self.numbers).of(scope)
            snapshot = ScriptedSnapshot(self, scope, view, version)
        yield snapshot

    async def insert(self, track: Track) -> Written:
        async with self.call("insert"):
            return self.store(track)

    def store(self, track: Track) -> Written:
        """Commit a record and its versions; nothing is recorded."""
        self.tracks[track.genre, track.track_id] = track
        return Written(track, tuple((scope, self.commit(scope)) for scope in (track.genre, ALL)))

    async def find(self, genre: str, track_id: str) -> Track | None:
        async with self.call("find"):
            return self.tracks.get((genre, track_id))

    async def raise_versions(self, scopes: Sequence[str]) -> Versions:
        async with self.call("raise_versions"):
            return Versions(self.epoch, {scope: self.commit(scope).number for scope in scopes})

    def close(self) -> None:
        """Nothing to close."""
