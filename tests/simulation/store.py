"""The port Store over a network that fails: what one instance sees of the shared Redis."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from shared.cache.store import (
    CONTROL_SECONDS,
    ConnectionLost,
    KnownVersion,
    PutResult,
    StoredFields,
    StoreRefused,
    StoreUnavailable,
    Surveyed,
    Unreadable,
)
from shared.repository.versions import Version
from shared.runtime import Clock
from tests.simulation.journal import Journal
from tests.simulation.network import Network, Weather
from tests.simulation.store_state import StoreState


class Health(StrEnum):
    """How a server, or an instance's way to it, behaves."""

    WELL = "well"
    REFUSING = "refusing"
    SILENT = "silent"
    READ_ONLY = "read-only"


@dataclass(slots=True)
class StoreServer:
    """The one Redis of the environment; a new `incarnation` has cut every connection.

    `demoted` is what the primary before this one has, which some connections still reach.
    """

    state: StoreState
    demoted: StoreState
    health: Health = Health.WELL
    incarnation: int = 0
    owners: dict[str, str] = field(default_factory=dict)

    def alias(self, owner: str) -> str:
        """A name for a random owner id, the same in every run of a schedule."""
        return self.owners.setdefault(owner, f"L{len(self.owners)}") if owner else "-"

    def restart(self, state: StoreState) -> None:
        self.state = state
        self.incarnation += 1


@dataclass(slots=True)
class Link:
    """One instance's way to the store. While `demoted`, it leads to the primary before."""

    health: Health = Health.WELL
    weather: Weather = field(default_factory=Weather)
    demoted: bool = False
    cuts: int = 0

    def lead_to_primary(self) -> None:
        """Cut the connection, if it was to the primary before: a new one reaches the right one."""
        self.cuts += self.demoted
        self.demoted = False


class SimulatedStore:
    """Each call is a request, a step of the server, and a reply; any of them may be late or lost.

    A step whose caller gave up may still happen later.
    """

    def __init__(
        self,
        server: StoreServer,
        link: Link,
        network: Network,
        *,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self._server = server
        self._link = link
        self._network = network
        self._clock = clock
        self._journal = journal
        self._connection: tuple[int, int] | None = None
        self._connected_at = float("-inf")

    async def known_version(self, scope: str) -> KnownVersion:
        version = await self._call(f"known {scope}", lambda state: state.known_version(scope))
        return KnownVersion(version, self._connected_at)

    async def advance(
        self, scope: str, version: Version, *, owner: str = "", lost: int | None = None
    ) -> None:
        await self._call(
            f"advance {scope} {version.number} by {self._server.alias(owner)} lost={lost}",
            lambda state: state.advance(scope, version, owner, lost),
            writes=True,
        )

    async def fetch(
        self, scope: str, fields: Sequence[str], *, size: int = 0
    ) -> StoredFields | None:
        del size
        return await self._call(f"fetch {scope}", lambda state: state.fetch(scope, fields))

    async def survey(self, scopes: Sequence[str], fields: Sequence[str]) -> Sequence[Surveyed]:
        return await self._call(
            "survey", lambda state: [state.survey(scope, fields) for scope in scopes]
        )

    async def put(
        self,
        scope: str,
        version: Version,
        fields: Mapping[str, bytes],
        *,
        ttl: float,
        renew: bool = False,
    ) -> PutResult:
        return await self._call(
            f"put {scope} {version.number} renew={renew}",
            lambda state: state.put(scope, version, fields, ttl, renew=renew),
            writes=True,
        )

    async def lock(self, scope: str, owner: str, seconds: float) -> bool:
        return await self._call(
            f"lock {scope} {self._server.alias(owner)}",
            lambda state: state.lock(scope, owner, seconds),
            writes=True,
        )

    async def unlock(self, scope: str, owner: str) -> None:
        await self._call(
            f"unlock {scope} {self._server.alias(owner)}",
            lambda state: state.unlock(scope, owner),
            writes=True,
        )

    async def discard(self, scope: str) -> None:
        await self._call(f"discard {scope}", lambda state: state.discard(scope), writes=True)

    async def ping(self) -> None:
        await self._call("ping", lambda _: None)

    async def close(self) -> None:
        """A simulated process is killed, never closed."""

    async def _call[T](
        self, name: str, step: Callable[[StoreState], T], *, writes: bool = False
    ) -> T:
        try:
            async with asyncio.timeout(CONTROL_SECONDS):
                if self._connection != self._path():
                    await self._connect()
                return await self._exchange(name, step, writes=writes)
        except (TimeoutError, ConnectionError) as error:
            self._connection = None
            self._journal.note("store", name, error=type(error).__name__)
            fault = ConnectionLost if isinstance(error, ConnectionError) else StoreUnavailable
            raise fault(type(error).__name__) from error

    async def _connect(self) -> None:
        """A handshake there and back; the connection counts from when it is ready."""
        reply: asyncio.Future[tuple[int, int]] = self._network.loop.create_future()
        self._link.lead_to_primary()

        def accept() -> None:
            answer = self._obstacle() or self._path()
            if answer is not Health.SILENT:
                self._network.settle(self._delay(), reply, answer)

        self._network.send(self._delay(), accept)
        self._connection = await reply
        self._connected_at = self._clock()
        self._journal.note("store", "connected", path=self._connection)

    async def _exchange[T](self, name: str, step: Callable[[StoreState], T], *, writes: bool) -> T:
        connection = self._connection
        reply: asyncio.Future[T] = self._network.loop.create_future()

        def serve() -> None:
            answer = self._answer(connection, step, writes=writes)
            self._journal.note("store", name, answer=answer)
            if answer is not Health.SILENT and not self._network.lost(self._link.weather):
                self._network.settle(self._delay(), reply, answer)

        if not self._network.lost(self._link.weather):
            self._network.send(self._delay(), serve)
        answer = await reply
        if connection != self._path():
            raise ConnectionResetError
        return answer

    def _answer[T](
        self, connection: tuple[int, int] | None, step: Callable[[StoreState], T], *, writes: bool
    ) -> T | Exception | Health:
        if connection != self._path():
            return ConnectionResetError()
        obstacle = self._obstacle()
        if obstacle is not None:
            return obstacle
        if writes and self._server.health is Health.READ_ONLY:
            return StoreRefused("READONLY")
        try:
            return step(self._server.demoted if self._link.demoted else self._server.state)
        except Unreadable as error:
            return error

    def _path(self) -> tuple[int, int]:
        """What a living connection leads through."""
        return self._server.incarnation, self._link.cuts

    def _obstacle(self) -> Exception | Health | None:
        """Silence, or a refusal, of the server or on the way to it."""
        states = (self._server.health, self._link.health)
        if Health.SILENT in states:
            return Health.SILENT
        return ConnectionRefusedError() if Health.REFUSING in states else None

    def _delay(self) -> float:
        return self._network.delay(self._link.weather)
