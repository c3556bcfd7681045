"""The port to SQL: what the catalog asks of a database, and what it may rely on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from shared.repository.versions import Version, Versions
from shared.tracks.track import Track, View

type Row = Sequence[Any]
"""(id, then the view's columns in their order): text, int, float or None."""

type RowChunks = Iterator[Sequence[Row]]
"""A list's rows in id order, some thousands at a time, read as they are asked for."""


@dataclass(frozen=True, slots=True)
class Written:
    """A committed record, and the versions that its transaction gave to the lists that hold it."""

    track: Track
    versions: tuple[tuple[str, Version], ...]


class Snapshot(Protocol):
    """One transaction that sees one state of the database: version and rows belong together."""

    @property
    def version(self) -> Version | None:
        """The scope's version; None when this database has no such scope."""
        ...

    async def read[T](self, build: Callable[[RowChunks], T]) -> T:
        """Feed the list's rows to `build`, which runs beside the event loop; answer its result."""
        ...


class Database(Protocol):
    """Every method raises DatabaseUnavailable when SQL cannot be reached or answers too late."""

    async def versions(self) -> Versions:
        """The epoch and all versions, by one query in its own transaction on the primary."""
        ...

    def snapshot(self, scope: str, view: View) -> AbstractAsyncContextManager[Snapshot]:
        """Open a snapshot for one list; the version is read first, the rows when asked for."""
        ...

    async def insert(self, track: Track) -> Written:
        """Store a record and raise the versions of the lists that now hold it, in one transaction.

        The genre is replaced by the stored spelling of the same genre; a new genre gets a version.
        Raises AlreadyExists for a (genre, track_id) that is there, OutcomeUnknown when the
        connection broke during the commit.
        """
        ...

    async def find(self, genre: str, track_id: str) -> Track | None:
        """The record under any spelling of the genre; waits for a commit that is under way."""
        ...

    async def raise_versions(self, scopes: Sequence[str]) -> Versions:
        """Give each of these scopes a new version (a purge) and answer the new numbers."""
        ...

    def close(self) -> None:
        """Close the connections; the app itself never does, the CLI and tests do."""
        ...
