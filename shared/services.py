"""Builds every dependency once, when it is first used. Only this module chooses the adapters."""

import logging
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from shared.auth.connect import Auth
from shared.cache.circuit_breaker import CircuitBreaker
from shared.cache.fills import Fills, Loader
from shared.cache.lease import Leases, ScopeGone
from shared.cache.list_format import ListFormat
from shared.cache.memory import MemoryCopies
from shared.cache.reader import CacheReader
from shared.cache.required_version import RequiredVersions, RollbackDetector
from shared.cache.status import CacheStatus
from shared.cache.store import CONTROL_SECONDS, NoStore, Store, StoreUnavailable
from shared.cache.stored_lists import StoredLists
from shared.cache.writer import Announcer, Writer
from shared.errors import ApiError
from shared.health import Health
from shared.imports import IMPORTING, BuiltByName, import_what_sign_in_uses
from shared.repository.database import Database
from shared.repository.odbc_driver import require_driver
from shared.runtime import (
    Background,
    Clock,
    Runtime,
    ThreadWorkers,
    Workers,
    boottime,
    yielding_threads,
)
from shared.settings import Settings
from shared.telemetry import CountedEvents, Events, Gauge

if TYPE_CHECKING:
    from shared.cache.redis.client import RedisConnections

_log = logging.getLogger(__name__)

SQL_THREADS: Final = 4
"""Writes, and reads of single records, that run at once in one process."""

FILL_THREADS: Final = 4
"""Fills that run at once; more wait. Each thread keeps a connection."""

POLL_THREADS: Final = 2
"""Threads for version polls only, so that no fill delays a poll."""

AUTH_THREADS: Final = 4
"""Threads for firebase-admin only: a Firebase that does not answer delays nothing else."""

PREPARING: Final = "prepare"
"""The thread that prepares a process for its first request."""

WORKER_THREADS: Final = 4
"""Threads for computations: compression of pages, checksums."""


class Services:
    """Every dependency is a property; `Services(settings, reader=...)` replaces one by its name."""

    clock: Clock = staticmethod(boottime)
    redis_seconds: float = CONTROL_SECONDS

    def __init__(self, settings: Settings, **overrides: Any) -> None:
        """Build nothing yet. Raises SettingsError when Azure SQL's driver is not installed."""
        unknown = [name for name in overrides if not hasattr(type(self), name)]
        if unknown:
            raise TypeError(f"no such dependency: {', '.join(unknown)}")
        odbc = settings.sql_connection_string.get_secret_value()
        if odbc and "database" not in overrides:
            require_driver(odbc)
        self.settings = settings
        self.is_prepared = False
        self.__dict__.update(overrides)
        self.started_at = self.clock()

    async def prepare(self) -> None:
        """Import the libraries of telemetry, SQL and Redis in a thread: about 400 ms, once.

        A failure is only logged. It is raised again where the dependency is first used.
        """
        self.is_prepared = await self.workers.run(self._prepare)

    def prepare_in_background(self) -> None:
        """Do the work of `prepare`, and import what signing in needs, in a thread of its own.

        The first request then finds it done, or waits for the rest. Nothing is connected.
        """
        threading.Thread(target=self._prepare_all, name=PREPARING, daemon=True).start()

    def _prepare_all(self) -> None:
        self.is_prepared = self._prepare()
        import_what_sign_in_uses()

    def _prepare(self) -> bool:
        with IMPORTING:
            built = [self._built(name) for name in ("events", "database", "store")]
        return all(built)

    def _built(self, name: str) -> bool:
        try:
            getattr(self, name)
        except Exception:  # noqa: BLE001 -- whatever it is, it is logged
            _log.exception("The dependency '%s' cannot be built", name)
            return False
        return True

    @cached_property
    def background(self) -> Background:
        return Background(expected=(ApiError, ScopeGone, StoreUnavailable))

    @cached_property
    def events(self) -> Events:
        if not self.settings.applicationinsights_connection_string.get_secret_value():
            return CountedEvents()
        from shared.open_telemetry import (
            OpenTelemetryEvents,
            instrument_libraries,
        )

        instrument_libraries()
        return OpenTelemetryEvents()

    @cached_property
    def workers(self) -> Workers:
        return ThreadWorkers(WORKER_THREADS, "work")

    @cached_property
    def documents(self) -> BuiltByName:
        """The API's description, and the files of the documentation page."""
        return BuiltByName(self.workers)

    @cached_property
    def health(self) -> Health:
        return Health(self.database, self.store, self.runtime)

    @cached_property
    def auth(self) -> Auth:
        from shared.auth.connect import connect

        redis = self._limits_in_redis if self.settings.uses_redis else None
        return connect(self.settings, ThreadWorkers(AUTH_THREADS, "auth"), redis)

    def _limits_in_redis(self) -> "RedisConnections":
        """Connections of their own: the rate limits delay no read, and no list delays them."""
        from shared.cache.redis.client import RedisConnections

        return RedisConnections(
            self.settings.redis_url.get_secret_value(),
            timeout=self.redis_seconds,
            background=self.background,
        )

    @cached_property
    def database(self) -> Database:
        from shared.repository.engine import engine_of
        from shared.repository.sql_database import SqlDatabase

        # Spans of SQL statements need the instrumentation before the engine exists.
        _ = self.events
        return SqlDatabase(
            engine_of(self.settings, SQL_THREADS + POLL_THREADS + FILL_THREADS),
            ThreadWorkers(SQL_THREADS, "sql"),
            ThreadWorkers(POLL_THREADS, "poll"),
            yielding_threads(FILL_THREADS, "fill"),
            features_limit=self.settings.features_limit,
            fills=FILL_THREADS,
        )

    @cached_property
    def runtime(self) -> Runtime:
        return Runtime(self.clock, self.background, self.workers, self.events)

    @cached_property
    def store(self) -> Store:
        """The shared store; NoStore where the environment has no Redis."""
        if not self.settings.uses_redis:
            return NoStore()
        from shared.cache.redis.redis_store import RedisStore

        redis = RedisStore(
            self.settings.redis_url.get_secret_value(),
            self.runtime,
            control_seconds=self.redis_seconds,
        )
        breaker = CircuitBreaker(redis, self.runtime)
        self.events.observe(Gauge.CIRCUIT_OPEN, lambda: breaker.is_open)
        return breaker

    @cached_property
    def leases(self) -> Leases:
        return Leases(
            self.database.versions,
            seconds=self.settings.cache_freshness_seconds,
            runtime=self.runtime,
        )

    @cached_property
    def memory(self) -> MemoryCopies:
        memory = MemoryCopies(self.settings.cache_memory_mb * 2**20, self.runtime)
        self.events.observe(Gauge.MEMORY_BYTES, lambda: memory.bytes)
        return memory

    @cached_property
    def rollbacks(self) -> RollbackDetector:
        return RollbackDetector(self.memory, self.store, self.runtime)

    @cached_property
    def required(self) -> RequiredVersions:
        return RequiredVersions(self.leases, self.store, self.rollbacks, self.runtime)

    @cached_property
    def stored_lists(self) -> StoredLists:
        return StoredLists(
            self.store,
            self.memory,
            self.rollbacks,
            ListFormat(self.settings.features_limit),
            ttl=self.settings.cache_ttl_seconds,
            runtime=self.runtime,
        )

    @cached_property
    def fills(self) -> Fills:
        ttl = self.settings.cache_ttl_seconds
        loader = Loader(self.database, self.memory, self.rollbacks, ttl=ttl, runtime=self.runtime)
        return Fills(
            loader,
            self.leases,
            self.required,
            self.store,
            self.stored_lists,
            ttl=ttl,
            runtime=self.runtime,
        )

    @cached_property
    def reader(self) -> CacheReader:
        return CacheReader(
            leases=self.leases,
            required=self.required,
            memory=self.memory,
            stored_lists=self.stored_lists,
            fills=self.fills,
            rollbacks=self.rollbacks,
            stale_if_error=self.settings.cache_stale_if_error_seconds,
            runtime=self.runtime,
        )

    @cached_property
    def status(self) -> CacheStatus:
        return CacheStatus(
            self.store,
            self.leases,
            self.memory,
            ListFormat(self.settings.features_limit),
            ttl=self.settings.cache_ttl_seconds,
            runtime=self.runtime,
        )

    @cached_property
    def announcer(self) -> Announcer:
        return Announcer(
            self.store,
            lease_seconds=self.settings.cache_freshness_seconds,
            strict=self.settings.cache_strict_ack,
            runtime=self.runtime,
        )

    @cached_property
    def writer(self) -> Writer:
        return Writer(
            database=self.database,
            leases=self.leases,
            rollbacks=self.rollbacks,
            announcer=self.announcer,
            rebuild=self.reader.rebuild if self.settings.cache_rebuild_after_write else None,
            runtime=self.runtime,
        )

    async def close(self) -> None:
        """Finish background tasks and close connections: for the CLI and tests, not for the app."""
        await self.background.drain()
        built = self.__dict__
        for name in ("store", "auth"):
            if name in built:
                await built[name].close()
        await self.background.drain()
        if "database" in built:
            built["database"].close()
