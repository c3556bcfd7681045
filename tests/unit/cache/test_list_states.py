"""The state of every list: what it says, and that it says what readers get."""

import asyncio
from collections.abc import Sequence
from random import Random

import pytest

from shared.cache.cached_list import Outcome
from shared.cache.list_format import ListFormat
from shared.cache.list_states import AT_ONCE, ScopeState, scope_states
from shared.cache.store import Surveyed
from shared.repository.versions import Version, Versions
from shared.tracks.track import View
from tests.simulation.loop import SimulatedLoop
from tests.simulation.memory_store import MemoryStore
from tests.simulation.store_state import StoreState
from tests.unit.cache.cache_instance import LEASE_SECONDS, CacheInstance, here
from tests.unit.cache.scripted_database import ScriptedDatabase, body_of
from tests.unit.cache.scripted_store import FORM, ScriptedStore
from tests.unit.cache.virtual_time import virtual

SCOPES = {f"Pop {number}": 1 for number in range(2 * AT_ONCE + 1)}
OTHER = Version("there", 5)
VERSIONS = [None, here(3), here(5), here(9), OTHER]


async def test_many_scopes_take_few_round_trips() -> None:
    async def poll() -> Versions:
        return Versions("here", SCOPES)

    store = Rounds(StoreState(lambda: 1000.0))
    states = await scope_states(store, ListFormat(10), SCOPES, poll)
    assert [one.scope for one in states] == sorted(SCOPES)
    assert {one.state for one in states} == {"empty"}
    assert store.rounds == [AT_ONCE, AT_ONCE, 1]


class Rounds(MemoryStore):
    """Notes how many scopes each round trip asks for."""

    def __init__(self, state: StoreState) -> None:
        super().__init__(state)
        self.rounds: list[int] = []

    async def survey(self, scopes: Sequence[str], fields: Sequence[str]) -> Sequence[Surveyed]:
        self.rounds.append(len(scopes))
        return await super().survey(scopes, fields)


def scripted(known: Version | None, stored: Version | None) -> ScriptedStore:
    store = ScriptedStore()
    if stored is not None:
        store.put_list(stored)
    store.state.known_versions.pop("Pop", None)
    if known is not None:
        store.state.known_versions["Pop"] = known
    return store


def database_at(number: int) -> ScriptedDatabase:
    database = ScriptedDatabase()
    database.numbers["Pop"] = number
    return database


async def state_of(database: ScriptedDatabase, store: ScriptedStore) -> ScopeState:
    (state,) = await scope_states(store, FORM, ["Pop"], database.versions)
    return state


@pytest.mark.parametrize("known", VERSIONS)
@pytest.mark.parametrize("stored", VERSIONS)
def test_fresh_is_what_a_reader_gets_from_redis(
    known: Version | None, stored: Version | None
) -> None:
    """A reader that has seen what was in Redis before SQL went back, and whose lease is new."""

    async def compare() -> None:
        database, store = database_at(5), scripted(known, stored)
        state = await state_of(database, store)
        reader = CacheInstance(database, store)
        for version in (known, stored):
            if version is not None and version.epoch == "here":
                reader.rollbacks.saw("Pop", version)
        await asyncio.sleep(LEASE_SECONDS)
        served = await reader.read()
        assert (state.state == "fresh") == (served.outcome is Outcome.REDIS)
        assert (state.state == "empty") == (stored is None)

    loop = SimulatedLoop(Random(1))  # type: ignore[abstract]  # noqa: S311 -- no secret
    loop.run(compare())


@virtual
async def test_a_list_is_stale_once_a_load_around_the_api_raised_its_version() -> None:
    database, store = database_at(5), scripted(here(5), here(5))
    assert (await state_of(database, store)).state == "fresh"
    database.commit("Pop")
    assert (await state_of(database, store)).state == "stale"


@virtual
async def test_a_list_that_is_written_meanwhile_is_compared_with_what_sql_has_then() -> None:
    """SQL is read after Redis: a write in between is no rollback."""
    database, store = database_at(5), scripted(here(5), here(5))

    def write() -> None:
        store.put_list(database.commit("Pop"))

    store.when("survey", write)
    assert (await state_of(database, store)).state == "fresh"


@virtual
async def test_a_list_of_another_release_alone_is_empty_for_this_one() -> None:
    database, store = database_at(5), scripted(here(5), None)
    fields = ListFormat(FORM.limit + 1).encode(View.CORE, body_of("Pop", here(5)))
    store.state.put("Pop", here(5), fields, 100.0, renew=True)
    assert (await state_of(database, store)).state == "empty"


@virtual
async def test_a_scope_that_sql_does_not_have_any_more_is_left_out() -> None:
    database, store = database_at(5), scripted(here(5), here(5))
    del database.numbers["Pop"]
    assert await scope_states(store, FORM, ["Pop"], database.versions) == []
