"""Plans by seed, in families: each leans towards the faults that its name tells."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Final

from shared.catalog.track import View
from shared.catalog.versions import ALL
from tests.simulation.plan import Action, Kind, Plan

GENRES: Final = ("Pop", "Rock")
"""What the database holds at first; `Ska` may be created, `Nope` never is."""

INSTANCES: Final = 3


def plan_of(seed: int) -> Plan:
    """The plan that this seed stands for."""
    random = Random(seed)  # noqa: S311 -- a schedule, not a secret
    family = random.choices(list(_FAMILIES), [weight for weight, _ in _FAMILIES.values()])[0]
    author = _Author(random)
    plan = author.settings(Plan(seed, family))
    plan = _FAMILIES[family][1](author, plan)
    return replace(plan, actions=tuple(sorted(plan.actions, key=lambda action: action.at)))


class _Author:
    """Writes actions around a few busy moments, most of them about one scope."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.hot = random.choice([*GENRES, ALL, "Ska"])
        self.trust = random.choice([0.3, 1.0, 1.0, 2.0])
        self.moments = sorted(
            self.trust * random.uniform(0.1, 3.0) for _ in range(random.randint(1, 3))
        )

    def settings(self, plan: Plan) -> Plan:
        random = self.random
        return replace(
            plan,
            trust=self.trust,
            ttl=random.choice([0.5, 2.0, 1000.0, 1000.0]),
            limit=random.choice([3, 4, 100]),
            memory_bytes=random.choice([0, 600, 1_000_000, 1_000_000, 1_000_000]),
            strict=random.random() < 0.1,
            rebuild=random.random() < 0.2,
            stale_if_error=random.choice([600.0, 600.0, 2.0, 0.0]),
            slow_chance=random.choice([0.0, 0.05, 0.3]),
            sql_slow=random.choice([0.02, 0.1, 0.4]),
        )

    def moment(self) -> float:
        """A time near a busy moment."""
        near = self.random.choice([0.002, 0.02, 0.1, self.trust / 2])
        return self.random.choice(self.moments) + self.random.expovariate(1 / near)

    def instance(self) -> int:
        return self.random.randrange(INSTANCES)

    def scope(self) -> str:
        if self.random.random() < 0.7:
            return self.hot
        return self.random.choice([*GENRES, ALL, "Ska", "Nope"])

    def genre(self) -> str:
        if self.hot != ALL and self.random.random() < 0.8:
            return self.hot
        return self.random.choice([*GENRES, "Ska"])

    def spelling(self, genre: str) -> str:
        return self.random.choice([genre, genre, genre.upper(), f" {genre.lower()}"])

    def view(self) -> View:
        return View.CORE if self.random.random() < 0.8 else View.FULL

    def warm_up(self) -> list[Action]:
        """Most runs begin with lists that are cached already."""
        if self.random.random() < 0.2:
            return []
        first = [Action(0.0, Kind.READ, 0, scope) for scope in dict.fromkeys((self.hot, ALL))]
        others = [Action(0.02, Kind.READ, number, self.hot) for number in range(1, INSTANCES)]
        return first + others

    def reads(self, least: int, most: int) -> list[Action]:
        return [
            Action(self.moment(), Kind.READ, self.instance(), self.scope(), self.view())
            for _ in range(self.random.randint(least, most))
        ]

    def writes(self, least: int, most: int) -> list[Action]:
        return [self.write() for _ in range(self.random.randint(least, most))]

    def write(self) -> Action:
        kinds = [Kind.WRITE] * 8 + [Kind.LOAD, Kind.LOAD_ASIDE, Kind.PURGE]
        kind = self.random.choice(kinds)
        genre = self.genre()
        value = "again" if self.random.random() < 0.1 else ""
        return Action(
            self.moment(), kind, self.instance(), genre, value=value, then=self.followers(genre)
        )

    def followers(self, genre: str) -> tuple[Action, ...]:
        """Reads that must see the write: at once, or somewhat later."""
        delays = [0.0, 0.0, 0.001, 0.01, self.trust / 2, self.trust * 0.95, self.trust * 1.1]
        return tuple(
            Action(
                self.random.choice(delays),
                Kind.READ,
                self.instance(),
                genre if self.random.random() < 0.7 else ALL,
                self.view(),
            )
            for _ in range(self.random.randint(0, 4))
        )

    def traffic(self) -> list[Action]:
        return [*self.warm_up(), *self.reads(4, 12), *self.writes(1, 4)]

    def faults(self, kinds: Sequence[Kind], least: int, most: int) -> list[Action]:
        return [
            self.fault(self.random.choice(kinds))
            for _ in range(self.random.randint(least, most))
        ]

    def fault(self, kind: Kind) -> Action:
        values = _VALUES.get(kind, ("",))
        longest = self.trust * self.random.choice([0.05, 0.5, 1.5])
        return Action(
            max(0.0, self.moment() - self.random.choice([0.0, 0.01, 0.1])),
            kind,
            self.random.choice([-1, *range(INSTANCES)]),
            self.hot if self.random.random() < 0.7 else self.scope(),
            seconds=self.random.random() * longest,
            value=self.random.choice(values),
        )


_VALUES: Final = {
    Kind.STORE: ("refusing", "silent", "read-only"),
    Kind.STORE_LINK: ("refusing", "silent"),
    Kind.STORE_CORRUPT: ("foreign", "head", "index", "gzip", "version"),
    Kind.STORE_EVICT: ("list", "lock"),
    Kind.SQL_LINK: ("refusing", "silent"),
    Kind.SQL_REPLACE: ("empty", "copy"),
}

_STORE_FAULTS: Final = (
    Kind.STORE,
    Kind.STORE_LINK,
    Kind.STORE_LINK,
    Kind.STORE_LOSS,
    Kind.STORE_SLOW,
    Kind.STORE_WIPE,
    Kind.STORE_WIPE,
    Kind.STORE_RESTART,
    Kind.STORE_RECONNECT,
    Kind.STORE_CORRUPT,
    Kind.STORE_EVICT,
)
_SQL_FAULTS: Final = (Kind.SQL_LINK, Kind.SQL_BREAKS, Kind.SQL_SLOW)
_INSTANCE_FAULTS: Final = (Kind.PAUSE, Kind.PAUSE, Kind.KILL)


def _calm(author: _Author, plan: Plan) -> Plan:
    return replace(plan, actions=tuple(author.traffic()))


def _store(author: _Author, plan: Plan) -> Plan:
    return replace(plan, actions=(*author.traffic(), *author.faults(_STORE_FAULTS, 1, 4)))


def _cut_off(author: _Author, plan: Plan) -> Plan:
    """One instance cannot reach the store, the others can; it writes."""
    victim = author.instance()
    cut = Action(
        author.moments[0] * 0.9,
        Kind.STORE_LINK,
        victim,
        seconds=author.trust * 2,
        value=author.random.choice(["refusing", "silent"]),
    )
    writes = [replace(write, instance=victim) for write in author.writes(1, 2)]
    keen = [replace(write, then=(*write.then, *_keen(author, write))) for write in writes]
    return replace(plan, actions=(*author.traffic(), cut, *keen))


def _keen(author: _Author, write: Action) -> tuple[Action, ...]:
    """Every instance reads at the very moment of the acknowledgement."""
    return tuple(Action(0.0, Kind.READ, number, write.scope) for number in range(INSTANCES))


def _fail_over(author: _Author, plan: Plan) -> Plan:
    save = Action(author.moments[0] * 0.8, Kind.STORE_SAVE)
    loss = Action(author.moment(), Kind.STORE_FAIL_OVER)
    return replace(plan, actions=(*author.traffic(), save, loss, *author.writes(1, 2)))


def _forget(author: _Author, plan: Plan) -> Plan:
    save = Action(author.moments[0] * 0.8, Kind.STORE_SAVE)
    loss = Action(author.moment(), Kind.STORE_FORGET)
    return replace(plan, actions=(*author.traffic(), save, loss, *author.writes(1, 2)))


def _sql(author: _Author, plan: Plan) -> Plan:
    faults = author.faults((*_SQL_FAULTS, Kind.SQL_CLOCK_BACK), 1, 3)
    return replace(plan, actions=(*author.traffic(), *faults))


def _restore(author: _Author, plan: Plan) -> Plan:
    kind = author.random.choice([Kind.SQL_RESTORE, Kind.SQL_RESTORE, Kind.SQL_REPLACE])
    save = Action(author.moments[0] * 0.8, Kind.SQL_SAVE)
    lost_at = author.moments[-1] + author.trust * author.random.choice([0.2, 1.0, 2.0])
    loss = replace(author.fault(kind), at=lost_at, seconds=author.random.choice([0.03, 0.5]))
    later = [
        replace(action, at=action.at - author.moments[0] + lost_at)
        for action in [*author.reads(3, 8), *author.writes(0, 2)]
    ]
    return replace(plan, actions=(*author.traffic(), save, loss, *later))


def _instances(author: _Author, plan: Plan) -> Plan:
    return replace(plan, actions=(*author.traffic(), *author.faults(_INSTANCE_FAULTS, 1, 3)))


def _no_store(author: _Author, plan: Plan) -> Plan:
    faults = author.faults((*_INSTANCE_FAULTS, *_SQL_FAULTS), 0, 2)
    return replace(plan, store=False, actions=(*author.traffic(), *faults))


def _everything(author: _Author, plan: Plan) -> Plan:
    kinds = (*_STORE_FAULTS, *_SQL_FAULTS, *_INSTANCE_FAULTS)
    return replace(plan, actions=(*author.traffic(), *author.faults(kinds, 2, 5)))


_FAMILIES: Final[dict[str, tuple[int, Callable[[_Author, Plan], Plan]]]] = {
    "calm": (3, _calm),
    "store": (5, _store),
    "cut off": (2, _cut_off),
    "fail over": (2, _fail_over),
    "forget": (1, _forget),
    "sql": (2, _sql),
    "restore": (3, _restore),
    "instances": (2, _instances),
    "no store": (2, _no_store),
    "everything": (4, _everything),
}
