"""A Redis that is there and refuses: full, read-only, or short of rights."""

from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from shared.cache.store import Store, Stored, StoreRefused
from shared.repository.versions import Version
from shared.telemetry import Count
from tests.faults.conftest import Open, Way
from tests.services.redis import RedisFactory

V5, V6 = Version("here", 5), Version("here", 6)
BODY = b"x" * 200_000

WRITES: list[Callable[[Store], Awaitable[object]]] = [
    lambda store: store.advance("Pop", V6),
    lambda store: store.put("Pop", V6, {"core": BODY}, ttl=60),
    lambda store: store.lock("Rap", "mine", 5),
]


async def holding_a_list(way: Way) -> None:
    await way.store.lock("Pop", "mine", 60)
    await way.store.advance("Pop", V5, owner="mine")
    assert await way.store.put("Pop", V5, {"core": BODY}, ttl=60) is Stored.STORED


async def refuses_writes_and_answers_reads(way: Way) -> None:
    for write in WRITES:
        with pytest.raises(StoreRefused):
            await write(way.circuit)
    assert not way.circuit.is_open
    assert way.events.counts[Count.STORE_REFUSED] == len(WRITES)
    copy = await way.circuit.fetch("Pop", ["core"], size=len(BODY))
    assert copy is not None
    assert copy.fields == {"core": BODY}
    assert (await way.circuit.known_version("Pop")).version == V5


async def test_a_full_server_keeps_its_lists_and_takes_no_new_ones(
    redis_server: RedisFactory, open_way: Open
) -> None:
    server = redis_server("--maxmemory-policy", "noeviction")
    way = open_way(server.url)
    await holding_a_list(way)
    async with Redis.from_url(server.url) as admin:
        await admin.config_set("maxmemory", "1")
        await refuses_writes_and_answers_reads(way)
        await admin.config_set("maxmemory", "0")
    await way.circuit.advance("Pop", V6)
    assert await way.circuit.put("Pop", V6, {"core": b""}, ttl=60) is Stored.STORED


async def test_a_full_server_that_may_evict_drops_lists_and_keeps_what_is_known_of_them(
    redis_server: RedisFactory, open_way: Open
) -> None:
    """`volatile-*` is required: an evicted known version would make every instance ask SQL."""
    server = redis_server("--maxmemory", "4mb")
    way = open_way(server.url)
    scopes = [f"Pop {number}" for number in range(60)]
    for scope in scopes:
        await way.store.lock(scope, "mine", 60)
        await way.store.advance(scope, V5, owner="mine")
        assert await way.store.put(scope, V5, {"core": BODY}, ttl=60) is Stored.STORED
    copies = [await way.store.fetch(scope, ["core"]) for scope in scopes]
    known = [(await way.store.known_version(scope)).version for scope in scopes]
    assert known == [V5] * len(scopes)
    assert 0 < copies.count(None) < len(scopes)


async def test_a_server_that_became_a_replica_refuses_writes(
    redis_server: RedisFactory, open_way: Open
) -> None:
    """After a failover the old primary may still be what a connection leads to."""
    primary, old = redis_server(), redis_server("--replica-serve-stale-data", "yes")
    way = open_way(old.url)
    await holding_a_list(way)
    async with Redis.from_url(old.url) as admin:
        await admin.config_set("replica-priority", 0)
        # A primary that is no more: the replica keeps what it has, as right after a failover.
        primary.kill()
        await admin.replicaof("127.0.0.1", str(primary.port))
        before = await way.store.known_version("Pop")
        await refuses_writes_and_answers_reads(way)
        # Behind the same name there may be another primary by now.
        assert (await way.store.known_version("Pop")).connected_at > before.connected_at
        await admin.replicaof("NO", "ONE")
    await way.circuit.advance("Pop", V6)
    assert (await way.circuit.known_version("Pop")).version == V6


async def test_a_user_without_the_right_to_write_is_refused(
    redis_server: RedisFactory, open_way: Open
) -> None:
    server = redis_server()
    await holding_a_list(open_way(server.url))
    async with Redis.from_url(server.url) as admin:
        rights = ["+@read", "+@connection", "+evalsha", "+eval"]
        await admin.acl_setuser(
            "reader", enabled=True, passwords=["+word"], keys=["*"], commands=rights
        )
    way = open_way(server.url.replace("redis://", "redis://reader:word@"))
    await refuses_writes_and_answers_reads(way)
