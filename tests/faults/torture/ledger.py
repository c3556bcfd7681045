"""Records what was acknowledged, and checks answers against it."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

ALL: Final = "all"


@dataclass
class Ledger:
    """`told`: the ids of the acknowledged records of each list; `wrong`: the wrong answers."""

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
        """Return the ids that a read that begins now must contain."""
        return self.told[scope][:]

    def check_list(self, scope: str, promised: list[str], etag: str, ids: list[str]) -> None:
        """Check a 200: nothing missing, duplicated or invented, and one body for each ETag."""
        body = hashlib.sha256("".join(ids).encode()).hexdigest()
        known = self.bodies.setdefault(etag, (body, frozenset(ids)))
        if known[0] != body:
            self.wrong.append(f"one ETag for two bodies of {scope}")
        if len(known[1]) != len(ids) or not known[1] <= self.tried:
            self.wrong.append(f"{scope} holds what nobody wrote, or something twice")
        self._check(scope, promised, known[1])

    def check_unchanged(self, scope: str, promised: list[str], etag: str) -> None:
        """Check a 304: nothing is missing in the body of its ETag."""
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
