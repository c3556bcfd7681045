"""Who was told what, and when: the oracle of the torture test."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

ALL: Final = "all"


@dataclass
class Ledger:
    """`told` holds the ids of acknowledged records of each list, in the order of the answers."""

    told: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    tried: set[str] = field(default_factory=set)
    bodies: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def acknowledge(self, track_id: str, genre: str) -> None:
        for scope in (genre, ALL):
            self.told[scope].append(track_id)
        self.counts["acknowledged"] += 1

    def promised(self, scope: str) -> list[str]:
        """What a read that begins now must show."""
        return self.told[scope][:]

    def check_list(self, scope: str, promised: list[str], etag: str, ids: list[str]) -> None:
        """A 200: complete, without doubles or inventions, and true to its ETag."""
        body = hashlib.sha256("".join(ids).encode()).hexdigest()
        known = self.bodies.setdefault(etag, (body, frozenset(ids)))
        if known[0] != body:
            self.wrong.append(f"one ETag for two bodies of {scope}")
        if len(known[1]) != len(ids) or not known[1] <= self.tried:
            self.wrong.append(f"{scope} holds what nobody wrote, or something twice")
        self._check(scope, promised, known[1])

    def check_unchanged(self, scope: str, promised: list[str], etag: str) -> None:
        """A 304: the body that the ETag stands for is complete."""
        self._check(scope, promised, self.bodies[etag][1])

    def _check(self, scope: str, promised: list[str], ids: frozenset[str]) -> None:
        missing = [track_id for track_id in promised if track_id not in ids]
        if missing:
            self.counts["stale"] += 1
            self.wrong.append(f"{scope} lacks {missing}")

    def summary(self) -> str:
        names = ("reads", "unchanged", "acknowledged", "unknown", "refused", "faults")
        figures = [f"{self.counts[name]} {name}" for name in (*names, "stale")]
        return ", ".join([*figures, f"slowest read {self.slowest:.2f} s"])
