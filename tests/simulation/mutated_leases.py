"""Rules of the lease, of polls and of queries for the known version, broken."""

from dataclasses import replace
from typing import Any

import pytest

from shared.cache.lease import Lease, Leases
from shared.cache.required_version import RequiredVersions
from shared.cache.single_flight import ANY_TIME, NextRun
from shared.cache.store import KnownVersion
from shared.cache.unknown_genres import UnknownGenres
from shared.repository.versions import Versions
from tests.simulation.store import SimulatedStore


def lease_always_trusted(patch: pytest.MonkeyPatch) -> None:
    valid_for = Leases.valid_for

    async def trusting(self: Leases, began: float) -> Lease:
        return self.last or await valid_for(self, began)

    patch.setattr(Leases, "valid_for", trusting)


def lease_counted_from_the_end_of_the_poll(patch: pytest.MonkeyPatch) -> None:
    accept = Leases._accept

    def late(self: Leases, began: float, versions: Versions) -> Lease:
        del began
        return accept(self, self._clock(), versions)

    patch.setattr(Leases, "_accept", late)


def maximum_of_polls(patch: pytest.MonkeyPatch) -> None:
    accept = Leases._accept

    def greatest(self: Leases, began: float, versions: Versions) -> Lease:
        numbers = dict(versions.numbers)
        for scope, number in self.__dict__.get("greatest", {}).items():
            numbers[scope] = max(number, numbers.get(scope, 0))
        self.__dict__["greatest"] = numbers
        return accept(self, began, replace(versions, numbers=numbers))

    patch.setattr(Leases, "_accept", greatest)


def poll_joined_while_under_way(patch: pytest.MonkeyPatch) -> None:
    request = NextRun.request

    def joining(self: NextRun[Any, Any], key: Any, *, after: float | None = None) -> Any:
        return request(self, key, after=after if after is None else ANY_TIME)

    patch.setattr(NextRun, "request", joining)


def known_version_query_joined_while_under_way(patch: pytest.MonkeyPatch) -> None:
    request = NextRun.request

    def joining(self: NextRun[Any, Any], key: Any, *, after: float | None = None) -> Any:
        return request(self, key, after=ANY_TIME if after is None else after)

    patch.setattr(NextRun, "request", joining)


def lease_kept_over_a_reconnect(patch: pytest.MonkeyPatch) -> None:
    known_version = SimulatedStore.known_version

    async def always_connected(self: SimulatedStore, scope: str) -> KnownVersion:
        return replace(await known_version(self, scope), connected_at=ANY_TIME)

    patch.setattr(SimulatedStore, "known_version", always_connected)


def unknown_genre_without_a_poll(patch: pytest.MonkeyPatch) -> None:
    async def lease(self: UnknownGenres, began: float) -> Lease:
        return await self._leases.valid_for(began)

    patch.setattr(UnknownGenres, "lease", lease)


def known_version_not_confirmed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RequiredVersions, "_is_ahead", lambda *_: False)
