"""Writes the actions of plans: traffic around a few busy moments, and faults among it."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final

from shared.tracks.genres import ALL
from shared.tracks.track import View
from tests.simulation.plan import Action, Kind, Plan

GENRES: Final = ("Pop", "Rock")
"""What the database holds at first; `Ska` may be created, `Nope` never is."""

INSTANCES: Final = 3

_VALUES: Final = {
    Kind.STORE: ("refusing", "silent", "read-only"),
    Kind.STORE_LINK: ("refusing", "silent"),
    Kind.STORE_CORRUPT: ("foreign", "head", "index", "gzip", "version"),
    Kind.STORE_EVICT: ("list", "lock"),
    Kind.SQL_LINK: ("refusing", "silent"),
    Kind.SQL_REPLACE: ("empty", "copy", "older copy"),
}


class Author:
    """Writes actions around a few busy moments, most of them about one scope."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.hot = random.choice([*GENRES, ALL, "Ska"])
        self.lease_seconds = random.choice([0.3, 1.0, 1.0, 2.0])
        self.moments = sorted(
            self.lease_seconds * random.uniform(0.1, 3.0) for _ in range(random.randint(1, 3))
        )

    def settings(self, plan: Plan) -> Plan:
        random = self.random
        return replace(
            plan,
            lease_seconds=self.lease_seconds,
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
        near = self.random.choice([0.002, 0.02, 0.1, self.lease_seconds / 2])
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
        delays = [
            0.0,
            0.0,
            0.001,
            0.01,
            self.lease_seconds / 2,
            self.lease_seconds * 0.95,
            self.lease_seconds * 1.1,
        ]
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
            self.fault(self.random.choice(kinds)) for _ in range(self.random.randint(least, most))
        ]

    def fault(self, kind: Kind) -> Action:
        values = _VALUES.get(kind, ("",))
        longest = self.lease_seconds * self.random.choice([0.05, 0.5, 1.5])
        return Action(
            max(0.0, self.moment() - self.random.choice([0.0, 0.01, 0.1])),
            kind,
            self.random.choice([-1, *range(INSTANCES)]),
            self.hot if self.random.random() < 0.7 else self.scope(),
            seconds=self.random.random() * longest,
            value=self.random.choice(values),
        )
