"""The port to SQL: what the cache needs of a database, and what it may rely on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from shared.repository.versions import Version, Versions
from shared.tracks.track import Track, View

type Row = Sequence[Any]
"""(id, then the view's columns in their order: text, int, float or None), or (id, JSON) where the
database itself makes the record's JSON, as bytes."""

type RowChunks = Iterator[Sequence[Row]]
"""A list's rows in id order, some hundreds at a time, each part read when it is needed."""


@dataclass(frozen=True, slots=True)
class Written:
    """A committed record, and the new versions of the lists that it is in: (scope, version)."""

    track: Track
    versions: tuple[tuple[str, Version], ...]


class Snapshot(Protocol):
    """One transaction that sees one state of the database, so that version and rows agree."""

    @property
    def version(self) -> Version | None:
        """The list's version; None when the database has no such scope."""
        ...

    async def read[T](self, build: Callable[[RowChunks], T]) -> T:
        """Return `build(rows)`, run in a thread: it reads the list's rows while it works."""
        ...


class Database(Protocol):
    """Every method raises DatabaseUnavailable when SQL cannot be reached or is too slow."""

    async def versions(self) -> Versions:
        """Return the epoch and every version, read by one query in its own transaction."""
        ...

    def snapshot(self, scope: str, view: View) -> AbstractAsyncContextManager[Snapshot]:
        """Open a snapshot of one list. The version is read at once, the rows by `Snapshot.read`."""
        ...

    async def insert(self, track: Track) -> Written:
        """Store a record and raise the versions of the lists that it is in, in one transaction.

        The record gets the stored spelling of its genre; a new genre gets its first version. Raises
        TrackExists when (genre, track_id) is stored already, OutcomeUnknown when the commit began
        and was not confirmed. After any other error the record will not be stored later.
        """
        ...

    async def find(self, genre: str, track_id: str) -> Track | None:
        """Return a record, under any spelling of its genre; wait for a commit that is under way."""
        ...

    async def raise_versions(self, scopes: Sequence[str]) -> Versions:
        """Give each of these scopes a new version (a purge), and return those versions."""
        ...

    def close(self) -> None:
        """Close the connections: for the CLI and tests; the app keeps them until it ends."""
        ...
