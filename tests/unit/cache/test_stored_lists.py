"""Stored lists: which one is read, what is kept of it in memory, and for how long.

Facts of docs/protocol.md, rules 1, 10, 19 and 30.
"""

import asyncio
from dataclasses import replace

import pytest

from shared.cache.cached_list import CachedList
from shared.cache.required_version import RequiredVersion
from shared.cache.store import PutResult, StoreUnavailable
from shared.repository.versions import Version
from shared.telemetry import Count
from shared.tracks.track import View
from tests.unit.cache.cache_instance import POP, CacheInstance, cached_list, here
from tests.unit.cache.scripted_database import ScriptedDatabase, body_of
from tests.unit.cache.scripted_store import FORM, ScriptedStore
from tests.unit.cache.virtual_time import now, virtual

TTL = 100.0
HEAD = FORM.head_field(View.CORE)


def instance_on(store: ScriptedStore) -> CacheInstance:
    return CacheInstance(ScriptedDatabase(), store, cache_ttl_seconds=TTL)


async def read(instance: CacheInstance, number: int) -> CachedList | None:
    """Read the stored list of Pop for a read that requires this version."""
    return await instance.stored_lists.read(POP, RequiredVersion(here(number)).allows)


def damage(store: ScriptedStore) -> None:
    """Replace the stored list's head by bytes that are none."""
    kept = store.state.lists["Pop"]
    store.state.lists["Pop"] = replace(kept, fields={**kept.fields, HEAD: b"damaged"})


# Rule 19: a stored list is served if its version is allowed, and then kept in memory.


@virtual
async def test_a_stored_list_that_is_new_enough_is_read_and_kept_in_memory() -> None:
    store = ScriptedStore()
    store.put_list(here(3))
    instance = instance_on(store)
    cached = await read(instance, 2)
    assert cached is not None
    assert (cached.version, cached.body) == (here(3), body_of("Pop", here(3)))
    assert instance.memory.get(POP) is cached


@virtual
async def test_of_a_list_that_is_too_old_no_body_is_transferred() -> None:
    store = ScriptedStore()
    store.put_list(here(3))
    assert await read(instance_on(store), 4) is None
    assert store.calls == ["fetch Pop"]


@virtual
async def test_a_list_of_another_epoch_is_not_read() -> None:
    store = ScriptedStore()
    store.put_list(Version("there", 9))
    assert await read(instance_on(store), 1) is None


@virtual
async def test_no_list_and_a_list_without_this_view_are_both_none() -> None:
    store = ScriptedStore()
    instance = instance_on(store)
    assert await read(instance, 1) is None
    store.put_list(here(1))
    assert await instance.stored_lists.read(("Pop", View.FULL), lambda _: True) is None


@virtual
async def test_a_list_that_changed_between_head_and_body_is_checked_again() -> None:
    """The known version was lost in between, and an older list stored."""
    store = ScriptedStore()
    store.put_list(here(3))
    store.when("fetch Pop", lambda: None, lambda: store.put_list(here(1)))
    instance = instance_on(store)
    assert await read(instance, 3) is None
    assert instance.memory.even_if_expired(POP) is None


@virtual
async def test_a_newer_list_that_came_between_head_and_body_is_taken_whole() -> None:
    store = ScriptedStore()
    store.put_list(here(3))
    store.when("fetch Pop", lambda: None, lambda: store.put_list(here(4)))
    cached = await read(instance_on(store), 3)
    assert cached is not None
    assert (cached.version, cached.body) == (here(4), body_of("Pop", here(4)))


# Life: a copy in memory lives as long as the list that it was read from.


@virtual
async def test_a_copy_lives_no_longer_than_the_stored_list() -> None:
    store = ScriptedStore()
    store.put_list(here(1), life=30)
    cached = await read(instance_on(store), 1)
    assert cached is not None
    assert 29 < cached.expires_at - now() < 30.1
    assert cached.filled_at == cached.expires_at - TTL


@virtual
async def test_a_copy_lives_no_longer_than_its_own_instances_ttl() -> None:
    """The list was stored by a release with a longer TTL."""
    store = ScriptedStore()
    store.put_list(here(1), life=10 * TTL)
    cached = await read(instance_on(store), 1)
    assert cached is not None
    assert cached.expires_at - now() <= TTL


# Damaged bytes are never served.


@virtual
async def test_a_damaged_list_is_deleted_and_counted() -> None:
    store = ScriptedStore()
    store.put_list(here(1))
    damage(store)
    instance = instance_on(store)
    assert await read(instance, 1) is None
    assert store.state.lists == {}
    assert instance.counts[Count.LIST_UNREADABLE] == 1


@virtual
async def test_a_damaged_head_answers_no_conditional_request() -> None:
    store = ScriptedStore()
    store.put_list(here(1))
    damage(store)
    assert await instance_on(store).stored_lists.head(POP, lambda _: True) is None


# Head: what an answer without a body needs.


@virtual
async def test_a_head_is_one_small_read_and_leaves_no_copy() -> None:
    store = ScriptedStore()
    store.put_list(here(3))
    instance = instance_on(store)
    head = await instance.stored_lists.head(POP, RequiredVersion(here(3)).allows)
    assert head is not None
    assert (head.version, head.digests, head.body) == (
        here(3),
        body_of("Pop", here(3)).digests,
        None,
    )
    assert instance.memory.even_if_expired(POP) is None
    assert store.calls == ["fetch Pop"]


@virtual
async def test_the_head_of_a_list_that_is_too_old_is_none() -> None:
    store = ScriptedStore()
    store.put_list(here(3))
    stored_lists = instance_on(store).stored_lists
    assert await stored_lists.head(POP, RequiredVersion(here(4)).allows) is None


# Rule 10: a version that was read here counts as seen.


@virtual
async def test_a_version_that_was_read_counts_for_the_rollback_detector() -> None:
    for whole in (True, False):
        store = ScriptedStore()
        store.put_list(here(9))
        instance = instance_on(store)
        method = instance.stored_lists.read if whole else instance.stored_lists.head
        assert await method(POP, lambda _: True) is not None
        assert await instance.rollbacks.detect("Pop", here(5), now())


@virtual
async def test_a_version_counts_for_the_rollback_detector_though_the_view_is_not_stored() -> None:
    """Else a list of lost records without that view would refuse every list for its whole life."""
    store = ScriptedStore()
    store.put_list(here(7))
    instance = instance_on(store)
    full = "Pop", View.FULL
    assert await instance.stored_lists.read(full, RequiredVersion(here(5)).allows) is None
    assert await instance.rollbacks.detect("Pop", here(5), now())
    assert "Pop" not in store.state.lists


# Rule 30: what is stored.


@virtual
async def test_a_list_is_stored_with_the_life_of_the_ttl() -> None:
    store = ScriptedStore()
    store.state.known_versions["Pop"] = here(1)
    stored_lists = instance_on(store).stored_lists
    assert await stored_lists.save(POP, cached_list(here(1)), renew=False) is PutResult.STORED
    assert TTL - 1 < store.state.lists["Pop"].expires_at - now() <= TTL


@virtual
async def test_the_life_of_the_same_version_is_renewed_only_on_demand() -> None:
    store = ScriptedStore()
    store.put_list(here(1), life=30)
    stored_lists = instance_on(store).stored_lists
    for renew in (False, True):
        await stored_lists.save(POP, cached_list(here(1)), renew=renew)
        assert (store.state.lists["Pop"].expires_at - now() > TTL - 1) is renew


@virtual
async def test_a_list_without_a_body_cannot_be_stored() -> None:
    store = ScriptedStore()
    store.put_list(here(1))
    stored_lists = instance_on(store).stored_lists
    head = await stored_lists.head(POP, lambda _: True)
    assert head is not None
    with pytest.raises(ValueError, match="without a body"):
        await stored_lists.save(POP, head, renew=False)


@virtual
async def test_an_unavailable_store_is_said_to_the_caller() -> None:
    stored_lists = instance_on(ScriptedStore(fault=StoreUnavailable())).stored_lists
    calls = [
        stored_lists.read(POP, lambda _: True),
        stored_lists.head(POP, lambda _: True),
        stored_lists.save(POP, cached_list(here(1)), renew=False),
    ]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(answer) for answer in answers} == {StoreUnavailable}
