"""The state of every list in Redis, compared with SQL."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import batched
from typing import Final

from shared.cache.list_format import Head, ListFormat
from shared.cache.store import Store, Surveyed, Unreadable
from shared.repository.versions import Version, Versions
from shared.tracks.genres import ALL
from shared.tracks.track import View

AT_ONCE: Final = 100
"""Scopes that are read in one round trip, because a store that is far away answers slowly."""


class State(StrEnum):
    """`fresh`: served by the next read. A `stale` or `empty` list is filled by it.

    So is an `unreadable` one, after its bytes were deleted.
    """

    FRESH = "fresh"
    STALE = "stale"
    EMPTY = "empty"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class InRedis:
    """What Redis has of one scope: the known version, and the stored list's version.

    `remaining` is the stored list's life in seconds, `heads` its views.
    """

    known: Version | None
    stored: Version | None = None
    remaining: float = 0.0
    heads: dict[View, Head] = field(default_factory=dict)
    readable: bool = True


@dataclass(frozen=True, slots=True)
class ScopeState:
    """One scope: its version in SQL, and what Redis had just before that was read."""

    scope: str
    in_sql: Version
    in_redis: InRedis

    @property
    def state(self) -> State:
        """Compare the stored list's version with SQL's, which was read later.

        So a list whose version is older than SQL's lacks a write, perhaps a load around the API,
        and one whose version is newer was lost in a rollback. The known version is not compared:
        readers do not trust one that SQL does not have.
        """
        if not self.in_redis.readable:
            return State.UNREADABLE
        if not self.in_redis.heads:
            return State.EMPTY
        return State.FRESH if self.in_redis.stored == self.in_sql else State.STALE


async def scope_states(
    store: Store, form: ListFormat, scopes: Iterable[str], poll: Callable[[], Awaitable[Versions]]
) -> list[ScopeState]:
    """Return the state of these scopes, `all` first; a scope that SQL lacks is left out.

    `poll` reads the versions in SQL. Raises StoreUnavailable, and what `poll` raises.
    """
    found = await in_redis(store, form, scopes)
    return compared(found, await poll())


def all_first(scopes: Iterable[str]) -> list[str]:
    """Return the scopes in alphabetical order, `all` before the genres."""
    return sorted(scopes, key=lambda scope: (scope != ALL, scope))


async def in_redis(store: Store, form: ListFormat, scopes: Iterable[str]) -> dict[str, InRedis]:
    """Return what Redis has of these scopes, `all` first. Raises StoreUnavailable."""
    heads = [form.head_field(view) for view in View]
    found: dict[str, InRedis] = {}
    for some in batched(all_first(scopes), AT_ONCE, strict=False):
        answers = await store.survey(some, heads)
        found.update((scope, _read(form, one)) for scope, one in zip(some, answers, strict=True))
    return found


def compared(found: Mapping[str, InRedis], versions: Versions) -> list[ScopeState]:
    """Compare what Redis had with versions that were read in SQL after it."""
    return [
        ScopeState(scope, in_sql, in_redis)
        for scope, in_redis in found.items()
        if (in_sql := versions.of(scope)) is not None
    ]


def _read(form: ListFormat, found: Surveyed) -> InRedis:
    stored = found.stored
    if stored is None:
        return InRedis(found.known, readable=found.readable)
    try:
        decoded = {view: form.decode_head(view, stored.fields) for view in View}
    except Unreadable:
        return InRedis(found.known, readable=False)
    heads = {view: head for view, head in decoded.items() if head}
    return InRedis(found.known, stored.version, stored.remaining, heads)
