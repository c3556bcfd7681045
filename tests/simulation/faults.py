"""The faults of a plan, done to a running simulation."""

from collections.abc import Callable
from dataclasses import replace

from shared.tracks.genres import ALL
from tests.simulation.database_server import DatabaseServer
from tests.simulation.history import State
from tests.simulation.instance import Links
from tests.simulation.network import Weather
from tests.simulation.plan import Action, Kind
from tests.simulation.record import Record
from tests.simulation.store import Health, StoreServer
from tests.simulation.store_state import StoreState

SLOW_CHANCE = 0.7
LOSS_CHANCE = 0.3
BREAK_CHANCE = 0.7


class Faults:
    """Begins and ends faults of the servers and of the ways to them."""

    def __init__(
        self, record: Record, store: StoreServer, database: DatabaseServer, links: list[Links]
    ) -> None:
        self._record = record
        self._store = store
        self._database = database
        self._links = links
        self._replica = store.state.copy()
        self._backup = database.state
        self._loop = database.network.loop

    def begin(self, action: Action) -> None:
        begins = _BEGINS[action.kind]
        begins(self, action)
        self._note(action)

    def heal(self) -> None:
        """Everything works again, and fast."""
        self._store.health = Health.WELL
        self._database.weather = Weather()
        for links in self._links:
            links.store.health = links.sql.health = Health.WELL
            links.store.weather, links.sql.weather = Weather(), Weather()
            links.sql.breaks = 0.0

    def _note(self, action: Action) -> None:
        now = self._loop.time()
        window = (now, now + action.seconds)
        if action.kind.value.startswith("store"):
            self._record.store_trouble.append(window)
        else:
            self._record.sql_trouble.append(window)

    def _of(self, action: Action) -> list[Links]:
        return self._links if action.instance < 0 else [self._links[action.instance]]

    def _later(self, seconds: float, undo: Callable[[], None]) -> None:
        self._database.network.send(seconds, undo)

    def store_health(self, action: Action) -> None:
        self._store.health = Health(action.value)

        def undo() -> None:
            self._store.health = Health.WELL

        self._later(action.seconds, undo)

    def store_link(self, action: Action) -> None:
        for links in self._of(action):
            links.store.health = Health(action.value)

        def undo() -> None:
            for links in self._of(action):
                links.store.health = Health.WELL

        self._later(action.seconds, undo)

    def store_loss(self, action: Action) -> None:
        for links in self._of(action):
            links.store.weather.loss_chance = LOSS_CHANCE

        def undo() -> None:
            for links in self._of(action):
                links.store.weather.loss_chance = 0.0

        self._later(action.seconds, undo)

    def store_slow(self, action: Action) -> None:
        """Some messages arrive long after their senders gave up."""
        for links in self._of(action):
            links.store.weather.slow_chance = SLOW_CHANCE / 2
            links.store.weather.slow = 2 * self._record.plan.lease_seconds

        def undo() -> None:
            for links in self._of(action):
                links.store.weather.slow_chance = self._record.plan.slow_chance
                links.store.weather.slow = self._record.plan.store_slow

        self._later(action.seconds, undo)

    def wipe(self, _: Action) -> None:
        self._store.state = self._emptied()

    def restart_empty(self, _: Action) -> None:
        self._store.restart(self._emptied())

    def restart_with_data(self, _: Action) -> None:
        self._store.restart(self._store.state)

    def replicate(self, _: Action) -> None:
        self._replica = self._store.state.copy()

    def fail_over(self, _: Action) -> None:
        self._store.restart(self._replica.copy())

    def forget(self, _: Action) -> None:
        self._store.state = self._replica.copy()
        self._record.forgotten.append(self._loop.time())

    def split(self, action: Action) -> None:
        """A replica becomes the primary, and connections of some instances stay where they are."""
        self._store.demoted = self._store.state.copy()
        for links in self._of(action):
            links.store.demoted = True
        now = self._loop.time()
        self._record.splits.append((now, now + action.seconds))

        def undo() -> None:
            for links in self._of(action):
                links.store.lead_to_primary()

        self._later(action.seconds, undo)

    def corrupt(self, action: Action) -> None:
        state = self._store.state
        kept = state.lists.get(action.scope)
        if action.value == "version":
            state.known_versions.pop(action.scope, None)
        elif kept is not None and action.value == "foreign":
            state.lists[action.scope] = replace(kept, version=None)
        elif kept is not None:
            damaged = {
                name: value[:-1] + b"?" if action.value in name else value
                for name, value in kept.fields.items()
            }
            state.lists[action.scope] = replace(kept, fields=damaged)

    def evict(self, action: Action) -> None:
        kept = self._store.state.lists if action.value == "list" else self._store.state.locks
        kept.pop(action.scope, None)

    def sql_link(self, action: Action) -> None:
        for links in self._of(action):
            links.sql.health = Health(action.value)

        def undo() -> None:
            for links in self._of(action):
                links.sql.health = Health.WELL

        self._later(action.seconds, undo)

    def sql_breaks(self, action: Action) -> None:
        for links in self._of(action):
            links.sql.breaks = BREAK_CHANCE

        def undo() -> None:
            for links in self._of(action):
                links.sql.breaks = 0.0

        self._later(action.seconds, undo)

    def sql_slow(self, action: Action) -> None:
        for links in self._of(action):
            links.sql.weather.slow_chance = SLOW_CHANCE
            links.sql.weather.slow = 2.0

        def undo() -> None:
            for links in self._of(action):
                links.sql.weather.slow_chance = self._record.plan.slow_chance
                links.sql.weather.slow = self._record.plan.sql_slow

        self._later(action.seconds, undo)

    def sql_lock(self, action: Action) -> None:
        self._loop.create_task(self._database.hold(action.scope, action.seconds))

    def clock_back(self, action: Action) -> None:
        self._database.set_back_ms += int(1000 * (1 + action.seconds))

    def back_up(self, _: Action) -> None:
        self._backup = self._database.state

    def restore(self, action: Action) -> None:
        self._swap(self._backup, action.seconds)

    def replace_database(self, action: Action) -> None:
        """Another database: with the same records, or with none; and perhaps an older one."""
        now = self._database.clock_ms() - (10_000 if action.value == "older copy" else 0)
        numbers = dict.fromkeys(self._backup.versions, now)
        state = replace(self._backup, epoch="e1", versions=numbers)
        if action.value == "empty":
            state = State("e1", (), {ALL: self._database.clock_ms()})
        self._swap(state, action.seconds)

    def _swap(self, state: State, seconds: float) -> None:
        for links in self._links:
            links.sql.health = Health.REFUSING
        self._database.stop()

        def undo() -> None:
            for links in self._links:
                links.sql.health = Health.WELL
            self._database.restore(state)

        self._later(seconds, undo)

    def _emptied(self) -> StoreState:
        return StoreState(self._loop.time)


_BEGINS: dict[Kind, Callable[[Faults, Action], None]] = {
    Kind.STORE: Faults.store_health,
    Kind.STORE_LINK: Faults.store_link,
    Kind.STORE_LOSS: Faults.store_loss,
    Kind.STORE_SLOW: Faults.store_slow,
    Kind.STORE_WIPE: Faults.wipe,
    Kind.STORE_RESTART: Faults.restart_empty,
    Kind.STORE_RECONNECT: Faults.restart_with_data,
    Kind.STORE_SAVE: Faults.replicate,
    Kind.STORE_FAIL_OVER: Faults.fail_over,
    Kind.STORE_FORGET: Faults.forget,
    Kind.STORE_SPLIT: Faults.split,
    Kind.STORE_CORRUPT: Faults.corrupt,
    Kind.STORE_EVICT: Faults.evict,
    Kind.SQL_LINK: Faults.sql_link,
    Kind.SQL_BREAKS: Faults.sql_breaks,
    Kind.SQL_SLOW: Faults.sql_slow,
    Kind.SQL_LOCK: Faults.sql_lock,
    Kind.SQL_CLOCK_BACK: Faults.clock_back,
    Kind.SQL_SAVE: Faults.back_up,
    Kind.SQL_RESTORE: Faults.restore,
    Kind.SQL_REPLACE: Faults.replace_database,
}
