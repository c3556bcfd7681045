"""Faults of Redis and of instances, during the reads and writes."""

import asyncio
from random import Random

from redis.asyncio import Redis

from tests.faults.torture.fleet import Fleet
from tests.faults.torture.ledger import Ledger
from tests.services.redis import RedisServer


class Faults:
    """Causes one fault after the other, with pauses, so that each is over before the next begins.

    Without pauses Redis could be wiped twice during one fill, for which nothing is promised.
    """

    def __init__(self, redis: RedisServer, fleet: Fleet, ledger: Ledger, seed: int) -> None:
        self._redis, self._fleet, self._ledger = redis, fleet, ledger
        self._random = Random(seed)  # noqa: S311 -- a plan, no secret
        self._kinds = (self._freeze, self._kill, self._wipe, self._restart, self._kill_instance)

    async def until(self, over: asyncio.Event) -> None:
        while not over.is_set():
            for fault in self._random.sample(self._kinds, len(self._kinds)):
                await asyncio.sleep(self._random.uniform(0.5, 1.2))
                if over.is_set():
                    return
                self._ledger.counts["faults"] += 1
                self._ledger.counts[fault.__name__] += 1
                await fault()

    async def _freeze(self) -> None:
        self._redis.freeze()
        await asyncio.sleep(self._random.uniform(0.1, 1.5))
        self._redis.thaw()

    async def _kill(self) -> None:
        self._redis.kill()
        await asyncio.sleep(self._random.uniform(0.0, 1.5))
        self._redis.restart()

    async def _restart(self) -> None:
        self._redis.restart()

    async def _wipe(self) -> None:
        async with Redis(port=self._redis.port) as client:
            await client.flushall()

    async def _kill_instance(self) -> None:
        """Kill an instance, unless another is still down, and start it again."""
        if len(self._fleet.ready) == len(self._fleet.instances):
            instance = self._random.choice(self._fleet.instances)
            instance.kill()
            await asyncio.sleep(0.3)
            instance.start()
