"""A Redis that answers but refuses writes: full, read-only, or without the right."""

from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from shared.cache.store import PutResult, Store, StoreRefused
from shared.cache.writer import Announcer, acknowledgement_delay
from shared.repository.versions import Version
from shared.telemetry import Count
from tests.faults.conftest import OpenedStore, OpenStore
from tests.faults.frozen_time import AT_ONCE, frozen_loop, seconds_of
from tests.services.redis import RedisFactory

V5, V6 = Version("here", 5), Version("here", 6)
BODY = b"x" * 200_000
LEASE_SECONDS = 2.0

WRITES: list[Callable[[Store], Awaitable[object]]] = [
    lambda store: store.advance("Pop", V6),
    lambda store: store.put("Pop", V6, {"core": BODY}, ttl=60),
    lambda store: store.lock("Rap", "mine", 5),
]


async def holding_a_list(opened: OpenedStore) -> None:
    await opened.store.lock("Pop", "mine", 60)
    await opened.store.advance("Pop", V5, owner="mine")
    assert await opened.store.put("Pop", V5, {"core": BODY}, ttl=60) is PutResult.STORED


async def refuses_writes_and_answers_reads(opened: OpenedStore) -> None:
    for write in WRITES:
        with pytest.raises(StoreRefused):
            await write(opened.circuit)
    assert not opened.circuit.is_open
    assert opened.events.counts[Count.STORE_REFUSED] == len(WRITES)
    copy = await opened.circuit.fetch("Pop", ["core"], size=len(BODY))
    assert copy is not None
    assert copy.fields == {"core": BODY}
    assert (await opened.circuit.known_version("Pop")).version == V5


async def test_a_full_server_keeps_its_lists_and_takes_no_new_ones(
    redis_server: RedisFactory, open_store: OpenStore
) -> None:
    server = redis_server("--maxmemory-policy", "noeviction")
    opened = open_store(server.url)
    await holding_a_list(opened)
    async with Redis.from_url(server.url) as admin:
        await admin.config_set("maxmemory", "1")
        await refuses_writes_and_answers_reads(opened)
        await admin.config_set("maxmemory", "0")
    await opened.circuit.advance("Pop", V6)
    assert await opened.circuit.put("Pop", V6, {"core": b""}, ttl=60) is PutResult.STORED


async def test_a_write_waits_while_the_server_is_full(
    redis_server: RedisFactory, open_store: OpenStore
) -> None:
    server = redis_server("--maxmemory-policy", "noeviction")
    opened = open_store(server.url)
    await holding_a_list(opened)
    announcer = Announcer(
        opened.circuit, lease_seconds=LEASE_SECONDS, strict=False, runtime=opened.runtime
    )
    async with Redis.from_url(server.url) as admin:
        await admin.config_set("maxmemory", "1")
        waited = await seconds_of(announcer.announce([("Pop", V6)], frozen_loop().time()))
        await admin.config_set("maxmemory", "0")
    assert waited >= acknowledgement_delay(LEASE_SECONDS)
    assert (await opened.circuit.known_version("Pop")).version == V5
    assert opened.events.counts[Count.ACK_WAITED] == 1
    assert await seconds_of(announcer.announce([("Pop", V6)], frozen_loop().time())) < AT_ONCE
    assert (await opened.circuit.known_version("Pop")).version == V6


async def test_a_full_server_that_may_evict_drops_lists_and_keeps_what_is_known_of_them(
    redis_server: RedisFactory, open_store: OpenStore
) -> None:
    """`volatile-*` is required: an evicted known version would make every instance ask SQL."""
    server = redis_server("--maxmemory", "4mb")
    opened = open_store(server.url)
    scopes = [f"Pop {number}" for number in range(60)]
    for scope in scopes:
        await opened.store.lock(scope, "mine", 60)
        await opened.store.advance(scope, V5, owner="mine")
        assert await opened.store.put(scope, V5, {"core": BODY}, ttl=60) is PutResult.STORED
    copies = [await opened.store.fetch(scope, ["core"]) for scope in scopes]
    known = [(await opened.store.known_version(scope)).version for scope in scopes]
    assert known == [V5] * len(scopes)
    assert 0 < copies.count(None) < len(scopes)


async def test_a_server_that_became_a_replica_refuses_writes(
    redis_server: RedisFactory, open_store: OpenStore
) -> None:
    """After a failover, a connection may still lead to the old primary."""
    primary, old = redis_server(), redis_server("--replica-serve-stale-data", "yes")
    opened = open_store(old.url)
    await holding_a_list(opened)
    async with Redis.from_url(old.url) as admin:
        await admin.config_set("replica-priority", 0)
        # Its primary is dead, so the replica keeps its data, as right after a failover.
        primary.kill()
        await admin.replicaof("127.0.0.1", str(primary.port))
        before = await opened.store.known_version("Pop")
        await refuses_writes_and_answers_reads(opened)
        # It has reconnected, because the host name may lead to the new primary by now.
        assert (await opened.store.known_version("Pop")).connected_at > before.connected_at
        await admin.replicaof("NO", "ONE")
    await opened.circuit.advance("Pop", V6)
    assert (await opened.circuit.known_version("Pop")).version == V6


async def test_a_user_without_the_right_to_write_is_refused(
    redis_server: RedisFactory, open_store: OpenStore
) -> None:
    server = redis_server()
    await holding_a_list(open_store(server.url))
    async with Redis.from_url(server.url) as admin:
        rights = ["+@read", "+@connection", "+evalsha", "+eval"]
        await admin.acl_setuser(
            "reader", enabled=True, passwords=["+word"], keys=["*"], commands=rights
        )
    opened = open_store(server.url.replace("redis://", "redis://reader:word@"))
    await refuses_writes_and_answers_reads(opened)
