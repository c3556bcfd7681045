"""What stands in the shared store beside what SQL says: for an operator who asks."""

import asyncio
from dataclasses import dataclass
from itertools import batched
from typing import Final

from shared.cache.list_format import Head, ListFormat
from shared.cache.store import Store, Unreadable
from shared.repository.versions import Version, Versions
from shared.tracks.track import View

AT_ONCE: Final = 8
"""Scopes that are asked for at once: a store that is far away is not asked one by one."""


@dataclass(frozen=True, slots=True)
class ScopeState:
    """One scope: its version in SQL, G, and K with its life (s) and its heads by view."""

    scope: str
    sql: Version
    newest: Version | None
    listed: Version | None
    remaining: float
    heads: dict[View, Head]
    readable: bool = True

    @property
    def state(self) -> str:
        """`fresh`, `stale` (the next reader fills), `empty`, or `unreadable`."""
        if not self.readable:
            return "unreadable"
        if self.listed is None:
            return "empty"
        return "fresh" if self.listed.satisfies(self.newest or self.sql) else "stale"


async def survey(store: Store, form: ListFormat, versions: Versions) -> list[ScopeState]:
    """The state of every scope, `all` first. Raises StoreUnavailable."""
    scopes = sorted(versions.numbers, key=lambda scope: (scope != "all", scope))
    states: list[ScopeState] = []
    for some in batched(scopes, AT_ONCE, strict=False):
        asked = (
            _scope(store, form, scope, Version(versions.epoch, versions.numbers[scope]))
            for scope in some
        )
        states += await asyncio.gather(*asked)
    return states


async def _scope(store: Store, form: ListFormat, scope: str, sql: Version) -> ScopeState:
    newest = (await store.newest(scope)).version
    try:
        copy = await store.fetch(scope, [form.head_field(view) for view in View])
    except Unreadable:
        return ScopeState(scope, sql, newest, None, 0.0, {}, readable=False)
    if copy is None:
        return ScopeState(scope, sql, newest, None, 0.0, {})
    try:
        known = {view: form.decode_head(view, copy.fields) for view in View}
    except Unreadable:
        return ScopeState(scope, sql, newest, copy.version, copy.remaining, {}, readable=False)
    heads = {view: head for view, head in known.items() if head}
    return ScopeState(scope, sql, newest, copy.version, copy.remaining, heads)
