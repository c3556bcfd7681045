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


def family_of(seed: int) -> str:
    return _drawn(seed)[0]


def plan_of(seed: int) -> Plan:
    """The plan that this seed stands for."""
    family, random = _drawn(seed)
    author = _Author(random)
    plan = author.settings(Plan(seed, family))
    plan = _FAMILIES[family][1](author, plan)
    return replace(plan, actions=tuple(sorted(plan.actions, key=lambda action: action.at)))


def _drawn(seed: int) -> tuple[str, Random]:
    random = Random(seed)  # noqa: S311 -- a schedule, not a secret
    weights = [weight for weight, _ in _FAMILIES.values()]
    return random.choices(list(_FAMILIES), weights)[0], random


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

    def genre_of_hot(self) -> str:
        return self.hot if self.hot != ALL else self.random.choice(GENRES)

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
            Action(
                self.moment(),
                Kind.READ,
                self.instance(),
                self.scope(),
                self.view(),
                value=self.condition(),
            )
            for _ in range(self.random.randint(least, most))
        ]

    def condition(self) -> str:
        return "conditional" if self.random.random() < 0.2 else ""

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
                value=self.condition(),
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
    Kind.SQL_REPLACE: ("empty", "copy", "older copy"),
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


def _burst(author: _Author, plan: Plan) -> Plan:
    """One instance answers many readers while another one writes what they read."""
    random, hot = author.random, author.hot
    start, reader = author.moments[0], author.instance()
    reads = [
        Action(start + random.random() * 0.02, Kind.READ, reader, hot) for _ in range(12)
    ]
    writes = [
        replace(author.write(), at=start + random.random() * 0.01, then=(Action(0.0, Kind.READ, reader, hot),))
        for _ in range(2)
    ]
    return replace(
        plan,
        store=random.random() < 0.7,
        sql_slow=0.02,
        actions=(*author.warm_up(), *reads, *writes),
    )


def _missing(author: _Author, plan: Plan) -> Plan:
    """The store forgets everything while one instance writes, and the others read."""
    random, hot = author.random, author.hot
    start = author.moments[0]
    first, second, third = random.sample(range(INSTANCES), 3)
    before = [Action(start - random.random() * 0.1, Kind.READ, number, hot) for number in (second, third)]
    wipe = Action(start, random.choice([Kind.STORE_WIPE, Kind.STORE_WIPE, Kind.STORE_RESTART]))
    reads = [
        Action(start + random.random() * 0.01, Kind.READ, number, hot) for number in (first, second)
    ]
    write = replace(
        author.write(),
        at=start - 0.005 + random.random() * 0.02,
        scope=author.genre_of_hot(),
        instance=first,
        then=tuple(
            Action(random.choice([0.0, 0.002, 0.01, 0.03]), Kind.READ, number, hot)
            for number in (second, third, third)
        ),
    )
    plan = replace(plan, sql_slow=0.04, slow_chance=0.4, store_slow=0.01, ttl=1000.0)
    return replace(plan, actions=(*before, wipe, *reads, write))


def _late_push(author: _Author, plan: Plan) -> Plan:
    """A writer sleeps between its commit and its push, while others write and the store is wiped."""
    random, hot, trust = author.random, author.hot, author.trust
    start = author.moments[0]
    first, second, third = random.sample(range(INSTANCES), 3)
    genre = author.genre_of_hot()
    nap = trust * random.uniform(0.2, 0.5)
    actions = (
        Action(start, Kind.WRITE, first, genre),
        Action(start + random.random() * 0.01, Kind.PAUSE, first, seconds=nap),
        Action(start + random.uniform(0.005, 0.03), Kind.READ, third, hot),
        Action(start + random.uniform(0.03, 0.05), Kind.WRITE, second, genre),
        Action(start + nap * random.uniform(0.5, 1.1), Kind.STORE_WIPE),
        *(
            Action(start + nap + random.random() * trust / 3, Kind.READ, third, hot)
            for _ in range(4)
        ),
    )
    return replace(plan, sql_slow=0.01, ttl=1000.0, actions=actions)


def _edge_of_trust(author: _Author, plan: Plan) -> Plan:
    """A writer without the store; the others polled as it committed, and read as it answers."""
    random, hot = author.random, author.hot
    start = author.moments[0] + author.trust
    first, *others = random.sample(range(INSTANCES), 3)
    cut = Action(start - 0.3, Kind.STORE_LINK, first, seconds=4.0, value="refusing")
    readers = [Action(start + random.random() * 0.008, Kind.READ, number, hot) for number in others]
    keen = tuple(Action(0.0, Kind.READ, number, hot) for number in others)
    write = Action(start, Kind.WRITE, first, author.genre_of_hot(), then=keen)
    plan = replace(plan, slow_chance=0.0, ttl=1000.0, limit=100)
    return replace(plan, actions=(*author.warm_up(), cut, *readers, write))


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
    "burst": (2, _burst),
    "missing": (2, _missing),
    "late push": (2, _late_push),
    "edge of trust": (2, _edge_of_trust),
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
