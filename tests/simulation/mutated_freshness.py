"""Rules of the lease, of polls and of G's queries, broken."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from shared.cache.coalescer import Coalescer
from shared.cache.lease import Freshness, Lease
from shared.cache.store import Generation
from shared.cache.unknown_genres import UnknownGenres
from tests.simulation.store import SimulatedStore


def lease_always_trusted(patch: pytest.MonkeyPatch) -> None:
    serving = Freshness.serving

    async def trusting(self: Freshness, began: float) -> Lease:
        return self.last or await serving(self, began)

    patch.setattr(Freshness, "serving", trusting)


def lease_counted_from_the_end_of_the_poll(patch: pytest.MonkeyPatch) -> None:
    settle = Freshness._settle

    def late(self: Freshness, poll: Any) -> None:
        if self._lease is not None and self._lease.began == poll.began:
            poll.began = self._clock()
            self._lease = replace(self._lease, began=poll.began)
        settle(self, poll)

    patch.setattr(Freshness, "_settle", late)


def maximum_of_polls(patch: pytest.MonkeyPatch) -> None:
    settle = Freshness._settle

    def greatest(self: Freshness, poll: Any) -> None:
        lease = self._lease
        if lease is not None and lease.began == poll.began:
            numbers = dict(lease.versions.numbers)
            for scope, number in self.__dict__.get("greatest", {}).items():
                numbers[scope] = max(number, numbers.get(scope, 0))
            self.__dict__["greatest"] = numbers
            self._lease = replace(lease, versions=replace(lease.versions, numbers=numbers))
        settle(self, poll)

    patch.setattr(Freshness, "_settle", greatest)


def poll_joined_while_under_way(patch: pytest.MonkeyPatch) -> None:
    joined = Freshness._joined

    def any_poll(self: Freshness, moment: float) -> Any:
        return joined(self, moment) if self._running is None else self._running.lease

    patch.setattr(Freshness, "_joined", any_poll)


def generation_query_joined_while_under_way(patch: pytest.MonkeyPatch) -> None:
    ask = Coalescer.ask

    async def joining(self: Coalescer[Any, Any], key: Any) -> Any:
        running = self.__dict__.setdefault("under_way", {})
        if key not in running:
            running[key] = asyncio.ensure_future(ask(self, key))
            running[key].add_done_callback(lambda _: running.pop(key))
        return await asyncio.shield(running[key])

    patch.setattr(Coalescer, "ask", joining)


def lease_kept_over_a_reconnect(patch: pytest.MonkeyPatch) -> None:
    newest = SimulatedStore._newest

    async def always_connected(self: SimulatedStore, scope: str) -> Generation:
        return replace(await newest(self, scope), connected_at=float("-inf"))

    patch.setattr(SimulatedStore, "_newest", always_connected)


def unknown_genre_without_a_poll(patch: pytest.MonkeyPatch) -> None:
    async def lease(self: UnknownGenres, began: float) -> Lease:
        return await self._freshness.serving(began)

    patch.setattr(UnknownGenres, "lease", lease)
