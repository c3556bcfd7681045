"""One instance of the app: its own memory, clock and connections; wired by shared/services.py."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

from shared.cache.circuit_breaker import CircuitBreaker
from shared.cache.memory import MemoryCopies
from shared.cache.store import NoStore
from shared.runtime import Clock
from shared.services import Services
from shared.settings import Settings
from shared.telemetry import Events
from shared.tracks.track import Track
from tests.simulation.database import SimulatedDatabase, SqlLink
from tests.simulation.database_server import DatabaseServer
from tests.simulation.journal import Journal
from tests.simulation.loop import PROCESS, Process
from tests.simulation.network import Network
from tests.simulation.store import Link, SimulatedStore, StoreServer


@dataclass(frozen=True, slots=True)
class Environment:
    """What all instances share. `store` is None where there is no Redis."""

    network: Network
    store: StoreServer | None
    database: DatabaseServer
    settings: Settings
    memory_bytes: int
    journal: Journal
    events: Events


@dataclass(slots=True)
class Links:
    """One instance's ways to the servers; they outlive it."""

    store: Link = field(default_factory=Link)
    sql: SqlLink = field(default_factory=SqlLink)


class SimulatedWorkers:
    """The port Workers: the work is done at once, its result is there a moment later."""

    def __init__(self, network: Network, seconds: float) -> None:
        self._network = network
        self._seconds = seconds

    async def run[**P, T](self, work: Any, /, *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(self._network.random() * self._seconds)
        return work(*args, **kwargs)


class Instance:
    """A process of the app. `rate` is how fast its clock goes, `offset` what it shows at first."""

    def __init__(
        self, name: str, environment: Environment, links: Links, *, rate: float, offset: float
    ) -> None:
        loop = environment.network.loop
        self.process = Process(name)
        self.context = copy_context()
        self.context.run(PROCESS.set, self.process)
        self._loop = loop
        self._clock: Clock = lambda: offset + rate * loop.time()
        self._settings = environment.settings
        self.database = SimulatedDatabase(environment.database, links.sql)
        self.services = self.context.run(self._services, environment, links)

    def _services(self, environment: Environment, links: Links) -> Services:
        services = Services(
            self._settings,
            clock=self._clock,
            database=self.database,
            events=environment.events,
            workers=SimulatedWorkers(environment.network, 0.001),
            store=NoStore(),
        )
        memory = MemoryCopies(environment.memory_bytes, services.runtime)
        services.__dict__["memory"] = memory
        if environment.store is not None:
            store = SimulatedStore(
                environment.store,
                links.store,
                environment.network,
                clock=self._clock,
                journal=environment.journal,
            )
            services.__dict__["store"] = CircuitBreaker(store, services.runtime)
        return services

    def start[T](self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` as a request that this instance serves."""
        return self._loop.create_task(work, context=self.context.copy())

    async def load(self, tracks: Sequence[Track]) -> None:
        """As the command line does it: committed, then announced like a write."""
        versions = await self.database.load(tracks)
        await self.services.announcer.announce(versions, self._clock())

    async def purge(self, scopes: Sequence[str]) -> None:
        versions = await self.database.raise_versions(scopes)
        numbered = [(scope, versions.of(scope)) for scope in versions.numbers]
        known = [(scope, version) for scope, version in numbered if version is not None]
        await self.services.announcer.announce(known, self._clock())
