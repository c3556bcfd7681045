"""Carries a plan out on the real code, and records what every caller got."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from random import Random
from typing import Any, Final

from shared.cache.bodies import Digests
from shared.cache.cached_list import Served, never
from shared.cache.reader import CacheReader
from shared.errors import ApiError, TrackExists
from shared.settings import Settings
from shared.tracks.genres import ALL
from shared.tracks.track import Track
from tests.simulation.database import SqlLink
from tests.simulation.database_server import DatabaseServer
from tests.simulation.faults import Faults
from tests.simulation.history import History
from tests.simulation.instance import Environment, Instance, Links
from tests.simulation.journal import Journal, Silent, Trace, TracedEvents
from tests.simulation.loop import PROCESS, SimulatedLoop
from tests.simulation.network import Network, Weather
from tests.simulation.plan import QUIET_SECONDS, Action, Kind, Plan
from tests.simulation.record import Asked, Record, Stored
from tests.simulation.store import Link, StoreServer
from tests.simulation.store_state import StoreState

MOST_SECONDS: Final = 3600
"""Virtual seconds in which every caller must have an answer."""

FIRST_RECORDS = (("Pop", "p1"), ("Pop", "p2"), ("Rock", "r1"))


def run(plan: Plan, *, luck: int = 0, trace: bool = False) -> tuple[Record, list[str]]:
    """What happened, and the trace if it was asked for; the same for the same plan and luck."""
    random = Random(f"{plan.seed} {luck}")  # noqa: S311 -- a schedule, not a secret
    # What it lacks of an event loop is what would touch the machine.
    loop = SimulatedLoop(random, latency=0.0005)  # type: ignore[abstract]  # see above
    journal = Trace(loop) if trace else Silent()
    simulation = Simulation(plan, loop, random, journal)
    loop.run(simulation.main())
    simulation.record.faults = loop.faults
    simulation.record.steps = loop.steps
    return simulation.record, journal.lines if isinstance(journal, Trace) else []


class Simulation:
    """One environment: the servers, the instances, and the callers that the plan names."""

    def __init__(self, plan: Plan, loop: SimulatedLoop, random: Random, journal: Journal) -> None:
        self.record = Record(plan, History(plan.limit))
        self._plan = plan
        self._loop = loop
        self._random = random
        self._journal = journal
        self._marks = 0
        self._names = 0
        self._callers: list[asyncio.Task[None]] = []
        self._network = Network(loop, random)
        self._database = DatabaseServer(self._network, self.record.history, journal)
        self._store = StoreServer(StoreState(loop.time), StoreState(loop.time))
        self._environment = self._environment_of(plan)
        self._links = [self._links_of(plan) for _ in range(plan.instances)]
        self._instances = [self._instance(number) for number in range(plan.instances)]
        self._faults = Faults(self.record, self._store, self._database, self._links)

    def _environment_of(self, plan: Plan) -> Environment:
        settings = Settings.model_construct(
            cache_ttl_seconds=plan.ttl,
            cache_freshness_seconds=plan.lease_seconds,
            cache_strict_ack=plan.strict,
            cache_rebuild_after_write=plan.rebuild,
            cache_stale_if_error_seconds=plan.stale_if_error,
            features_limit=plan.limit,
        )
        return Environment(
            self._network,
            self._store if plan.store else None,
            self._database,
            settings,
            plan.memory_bytes,
            self._journal,
            TracedEvents(self._journal),
        )

    def _links_of(self, plan: Plan) -> Links:
        return Links(
            Link(weather=Weather(slow=plan.store_slow, slow_chance=plan.slow_chance)),
            SqlLink(weather=Weather(slow=plan.sql_slow, slow_chance=plan.slow_chance)),
        )

    def _instance(self, number: int) -> Instance:
        return Instance(
            "ABC"[number],
            self._environment,
            self._links[number],
            rate=self._random.choice([0.98, 1.0, 1.0, 1.02]),
            offset=self._random.random() * 1000,
        )

    async def main(self) -> None:
        await self._first_records()
        for action in self._plan.actions:
            await asyncio.sleep(action.at - self._loop.time())
            self._do(action)
        await self._settled()
        self._faults.heal()
        await asyncio.sleep(QUIET_SECONDS)
        await self._settled()
        await self._last_reads()

    async def _first_records(self) -> None:
        work = self._database.begin()
        tracks = [self._track(genre, name) for genre, name in FIRST_RECORDS]
        await self._database.load(work, tracks)
        self._database.end(work)

    def _do(self, action: Action) -> None:
        self._journal.note("plan", action.kind, action=action)
        instance = self._instances[action.instance]
        match action.kind:
            case Kind.READ:
                self._start(instance, self._read(instance, action, self.record.reads))
            case Kind.WRITE | Kind.LOAD | Kind.LOAD_ASIDE | Kind.PURGE:
                self._start(instance, self._write(instance, action))
            case Kind.PAUSE:
                self._pause(instance, action.seconds)
            case Kind.KILL:
                self._kill(action.instance)
            case _:
                self._faults.begin(action)

    def _start(self, instance: Instance, work: Coroutine[Any, Any, None]) -> None:
        self._callers.append(instance.start(work))

    def _pause(self, instance: Instance, seconds: float) -> None:
        now = self._loop.time()
        self.record.pauses.append((now, now + seconds))
        self._loop.pause(instance.process)
        self._network.send(seconds, lambda: self._loop.resume(instance.process))

    def _kill(self, number: int) -> None:
        """The process ends here; another takes its place, with an empty memory."""
        self._loop.kill(self._instances[number].process)
        self._instances[number] = self._instance(number)

    async def _settled(self) -> None:
        """Wait for every caller whose instance lives, an hour at most."""
        give_up_at = self._loop.time() + MOST_SECONDS
        while callers := [task for task in self._callers if not _is_over(task)]:
            assert self._loop.time() < give_up_at, f"{len(callers)} callers got no answer"
            await asyncio.wait(callers, timeout=1.0)
        for task in self._callers:
            if task.done():
                task.result()
        self._callers.clear()

    async def _read(self, instance: Instance, action: Action, asked_by: list[Asked]) -> None:
        began = self._loop.time()
        asked = Asked(self._name(), instance.process, action.scope, action.view, began)
        asked_by.append(asked)
        self._journal.note("caller", f"{asked.name} reads", scope=action.scope, view=action.view)
        try:
            asked.served = await self._served(instance.services.reader, action)
        except ApiError as error:
            asked.error = error
        asked.ended = self._loop.time()
        cached = asked.served.cached if asked.served else None
        if asked.served is not None and cached is not None and cached.body is not None:
            body = cached.body
            key = (asked.served.scope, asked.view, body.digests.uncompressed)
            self.record.bodies.setdefault(key, body)
        self._journal.note("caller", f"{asked.name} got", answer=asked)

    async def _served(self, reader: CacheReader, action: Action) -> Served:
        """A conditional reader holds every list of this kind that was ever answered."""

        def held(digests: Digests) -> bool:
            return (action.scope, action.view, digests.uncompressed) in self.record.bodies

        unless = held if action.value == "conditional" else never
        if action.scope == ALL:
            return await reader.all(action.view, unless)
        return await reader.genre(action.scope, action.view, unless)

    async def _write(self, instance: Instance, action: Action) -> None:
        tracks = self._tracks(action)
        stored = Stored(self._name(), instance.process, tracks, self._loop.time())
        stored.announced = action.kind is not Kind.LOAD_ASIDE
        self.record.writes.append(stored)
        self._journal.note("caller", f"{stored.name} {action.kind}", tracks=tracks)
        try:
            await self._written(instance, action, stored)
        except ApiError as error:
            stored.error = error
            stored.conflict = self._loop.time() if isinstance(error, TrackExists) else None
        else:
            stored.acknowledged = self._loop.time()
        self._journal.note("caller", f"{stored.name} done", error=stored.error)
        if stored.told_at is not None:
            for follower in action.then:
                self._network.send(follower.at, partial(self._do, follower))

    async def _written(self, instance: Instance, action: Action, stored: Stored) -> None:
        match action.kind:
            case Kind.WRITE:
                stored.answer = await instance.services.writer.add(stored.tracks[0])
            case Kind.LOAD:
                await instance.load(stored.tracks)
            case Kind.LOAD_ASIDE:
                await instance.database.load(stored.tracks)
            case _:
                await instance.purge([action.scope, ALL])

    def _tracks(self, action: Action) -> tuple[Track, ...]:
        if action.kind is Kind.PURGE:
            return ()
        name = action.value or f"t{len(self.record.writes)}"
        if action.kind is Kind.WRITE:
            return (self._track(action.scope, name),)
        known = next((name for genre, name in FIRST_RECORDS if genre == action.scope), "new")
        return self._track(action.scope, known), self._track(action.scope, name)

    def _track(self, genre: str, name: str) -> Track:
        """A record that its popularity tells from every other one, and from its older self."""
        self._marks += 1
        return Track(genre, "artist", "track", name, self._marks, 1)

    def _name(self) -> str:
        self._names += 1
        return f"#{self._names}"

    async def _last_reads(self) -> None:
        """Every instance asks three times: to wake up, to fill what is missing, and to find it."""
        scope = self._random.choice(sorted(self._database.state.versions))
        await self._everywhere(scope, self.record.reads)
        await asyncio.sleep(self._plan.lease_seconds * 1.1)
        await self._everywhere(scope, self.record.reads)
        await self._everywhere(scope, self.record.final)

    async def _everywhere(self, scope: str, asked_by: list[Asked]) -> None:
        for number, instance in enumerate(self._instances):
            action = Action(0.0, Kind.READ, number, scope)
            self._start(instance, self._read(instance, action, asked_by))
        await self._settled()


def _is_over(task: asyncio.Task[None]) -> bool:
    process = task.get_context().get(PROCESS)
    return task.done() or (process is not None and not process.alive)
