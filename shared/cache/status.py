"""The state of every list in Redis, compared with SQL: for the command `status`."""

import asyncio
from dataclasses import dataclass
from itertools import batched
from typing import Final

from shared.cache.list_format import Head, ListFormat
from shared.cache.store import Store, Unreadable
from shared.repository.versions import Version, Versions
from shared.tracks.genres import ALL
from shared.tracks.track import View

AT_ONCE: Final = 8
"""Scopes that are read at once, because a store that is far away answers slowly."""


@dataclass(frozen=True, slots=True)
class ScopeState:
    """The versions of one scope: in SQL, known to Redis, and of the stored list.

    `remaining` is the stored list's life in seconds, `heads` its views.
    """

    scope: str
    in_sql: Version
    known: Version | None
    stored: Version | None
    remaining: float
    heads: dict[View, Head]
    readable: bool = True

    @property
    def state(self) -> str:
        """`fresh`, `stale` (the next read fills), `empty`, or `unreadable`."""
        if not self.readable:
            return "unreadable"
        if self.stored is None:
            return "empty"
        return "fresh" if self.stored.satisfies(self.known or self.in_sql) else "stale"


async def scope_states(store: Store, form: ListFormat, versions: Versions) -> list[ScopeState]:
    """Return the state of every scope, `all` first. Raises StoreUnavailable."""
    scopes = sorted(versions.numbers, key=lambda scope: (scope != ALL, scope))
    states: list[ScopeState] = []
    for some in batched(scopes, AT_ONCE, strict=False):
        asked = (
            _scope_state(store, form, scope, Version(versions.epoch, versions.numbers[scope]))
            for scope in some
        )
        states += await asyncio.gather(*asked)
    return states


async def _scope_state(store: Store, form: ListFormat, scope: str, in_sql: Version) -> ScopeState:
    known = (await store.known_version(scope)).version
    try:
        stored = await store.fetch(scope, [form.head_field(view) for view in View])
    except Unreadable:
        return ScopeState(scope, in_sql, known, None, 0.0, {}, readable=False)
    if stored is None:
        return ScopeState(scope, in_sql, known, None, 0.0, {})
    try:
        decoded = {view: form.decode_head(view, stored.fields) for view in View}
    except Unreadable:
        return ScopeState(
            scope, in_sql, known, stored.version, stored.remaining, {}, readable=False
        )
    heads = {view: head for view, head in decoded.items() if head}
    return ScopeState(scope, in_sql, known, stored.version, stored.remaining, heads)
