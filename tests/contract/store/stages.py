"""A store under test, and the hands that look behind it."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from shared.cache.redis.redis_store import RedisStore
from shared.cache.store import KnownVersion, Store, StoreUnavailable
from shared.repository.versions import Version
from shared.runtime import Background, Clock, Runtime, ThreadWorkers, boottime
from shared.telemetry import CountedEvents
from tests.contract.store.state import State
from tests.services.long_timeouts import LONG_SECONDS
from tests.simulation.memory_store import MemoryStore
from tests.simulation.store_state import Kept, StoreState

LIFE: float = 600.0


def real_runtime(
    background: Background, *, clock: Clock = boottime, events: CountedEvents | None = None
) -> Runtime:
    return Runtime(clock, background, ThreadWorkers(1, "work"), events or CountedEvents())


class Stage(Protocol):
    """An empty store, its clients, and its state."""

    @property
    def store(self) -> Store: ...

    def client(self) -> Store:
        """Another instance's store on the same data."""
        ...

    async def set(self, scope: str, state: State, *, life: float = LIFE) -> None:
        """Put a scope into this state, whatever it was; list and lock live for `life` s."""
        ...

    async def state(self, scope: str) -> State: ...

    async def pass_time(self, seconds: float) -> None:
        """Let that much of the store's time go by."""
        ...


class RedisStage:
    """A RedisStore, and a client of redis-py beside it. `command` sends what a fact needs."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stack = AsyncExitStack()
        self._background = Background()
        self._runtime = real_runtime(self._background)
        self.store = self.client()
        cluster = "+cluster" in url
        self._everywhere = {"target_nodes": RedisCluster.PRIMARIES} if cluster else {}
        connect = RedisCluster.from_url if cluster else Redis.from_url
        self._raw: Any = connect(url.replace("+cluster", ""), protocol=2)
        self._stack.push_async_callback(self._raw.aclose)

    def client(self) -> RedisStore:
        # What is asked here is what a store answers; how fast is asked in tests/faults.
        store = RedisStore(self._url, self._runtime, control_seconds=LONG_SECONDS)
        self._stack.push_async_callback(store.close)
        return store

    async def empty(self) -> None:
        await self._raw.flushall()

    async def command(self, *words: str | bytes | float) -> Any:
        return await self._raw.execute_command(*words)

    async def forget_scripts(self) -> None:
        await self._raw.script_flush()

    async def cut_connections(self) -> None:
        """Close every connection but our own, from the server's side."""
        await self._raw.execute_command("CLIENT KILL", "TYPE", "normal", **self._everywhere)

    async def primaries(self) -> int:
        """How many servers hold keys."""
        if not isinstance(self._raw, RedisCluster):
            return 1
        return len((await self._raw.initialize()).get_primaries())

    async def answered(self, store: Store) -> KnownVersion:
        """What `known_version` answers once the store has noticed that its connections are cut."""
        try:
            return await store.known_version("Pop")
        except StoreUnavailable:
            return await store.known_version("Pop")

    async def keys(self) -> set[str]:
        return {key.decode() for key in await self._raw.keys("*", **self._everywhere)}

    async def set(self, scope: str, state: State, *, life: float = LIFE) -> None:
        stored, known, lock = key_names(scope)
        await self._raw.delete(stored, known, lock)
        if state.known is not None:
            await self._raw.set(known, f"{state.known.epoch}:{state.known.number}")
        if state.stored is not None:
            version = {"e": state.stored.epoch, "v": str(state.stored.number)}
            await self._raw.hset(stored, mapping={**version, **state.fields})
            await self._raw.pexpire(stored, round(life * 1000))
        if state.lock is not None:
            await self._raw.set(lock, state.lock, px=round(life * 1000))

    async def state(self, scope: str) -> State:
        stored, known, lock = key_names(scope)
        text, holder = await self._raw.get(known), await self._raw.get(lock)
        fields = {name.decode(): value for name, value in (await self._raw.hgetall(stored)).items()}
        version = _version(fields.pop("e", b""), fields.pop("v", b""))
        known_version = _version(*text.split(b":")) if text else None
        return State(known_version, version, holder.decode() if holder else None, fields)

    async def life(self, scope: str) -> float:
        """Seconds that the stored list has left."""
        return float(await self._raw.pttl(key_names(scope)[0])) / 1000

    async def pass_time(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def aclose(self) -> None:
        await self._background.drain()
        await self._stack.aclose()


class MemoryStage:
    """The simulation's store: the same facts hold, or the simulation would prove nothing."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._state = StoreState(lambda: self._now)
        self.store = self.client()

    def client(self) -> MemoryStore:
        return MemoryStore(self._state)

    async def set(self, scope: str, state: State, *, life: float = LIFE) -> None:
        end = self._now + life
        for keys in (self._state.lists, self._state.known_versions, self._state.locks):
            keys.pop(scope, None)
        if state.known is not None:
            self._state.known_versions[scope] = state.known
        if state.stored is not None:
            self._state.lists[scope] = Kept(state.stored, state.fields, end)
        if state.lock is not None:
            self._state.locks[scope] = (state.lock, end)

    async def state(self, scope: str) -> State:
        kept = self._state.lists.get(scope)
        holder = self._state.locks.get(scope)
        return State(
            self._state.known_versions.get(scope),
            kept.version if kept else None,
            holder[0] if holder else None,
            kept.fields if kept else {},
        )

    async def pass_time(self, seconds: float) -> None:
        self._now += seconds


def key_names(scope: str) -> Sequence[str]:
    """The keys of the stored list, the known version and the fill lock, written out."""
    key = "spotify:features:" + scope
    return key, "{" + key + "}:version", "{" + key + "}:lock"


def _version(epoch: bytes, number: bytes) -> Version | None:
    return Version(epoch.decode(), int(number)) if epoch else None
