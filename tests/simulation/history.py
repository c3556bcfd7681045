"""Everything that a simulated database ever held: what the oracle measures answers by."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.repository.counted_records import NOTHING, Counted
from shared.tracks.genres import ALL
from shared.tracks.track import Track

type Rows = tuple[tuple[int, Track], ...]


@dataclass(frozen=True, slots=True)
class State:
    """One committed state: records by id, the version of every scope, what was counted."""

    epoch: str
    rows: Rows
    versions: Mapping[str, int]
    counted: Counted = NOTHING

    def of(self, scope: str, limit: int) -> Rows:
        if scope == ALL:
            return self.rows[:limit]
        return tuple(row for row in self.rows if row[1].genre == scope)


@dataclass(slots=True)
class Commit:
    """One commit. `lost_at` is when a restore undid it."""

    index: int
    at: float
    state: State
    tracks: Sequence[Track]
    raised: Mapping[str, int]
    lost_at: float = float("inf")


@dataclass(slots=True)
class History:
    """The commits in their order, and the lists that each version stands for."""

    limit: int
    commits: list[Commit] = field(default_factory=list)
    restores: list[float] = field(default_factory=list)
    lists: dict[tuple[str, str, int], list[Rows]] = field(default_factory=lambda: defaultdict(list))
    by_mark: dict[int, Commit] = field(default_factory=dict)
    _times: list[float] = field(default_factory=list)
    _states: list[State] = field(default_factory=list)

    def committed(
        self, at: float, state: State, tracks: Sequence[Track], raised: Mapping[str, int]
    ) -> None:
        commit = Commit(len(self.commits), at, state, tracks, raised)
        self.commits.append(commit)
        self._enter(at, state)
        for track in tracks:
            self.by_mark[track.popularity] = commit
        for scope, number in raised.items():
            self.lists[state.epoch, scope, number].append(state.of(scope, self.limit))

    def restored(self, at: float, state: State) -> None:
        """The database is as it was in `state` again; what was committed since then is lost."""
        self.restores.append(at)
        kept = {track.popularity for _, track in state.rows}
        for commit in self.commits:
            if commit.lost_at > at and not kept.issuperset(t.popularity for t in commit.tracks):
                commit.lost_at = at
        for scope, number in state.versions.items():
            rows = state.of(scope, self.limit)
            if rows not in self.lists[state.epoch, scope, number]:
                self.lists[state.epoch, scope, number].append(rows)
        self._enter(at, state)

    def at(self, moment: float) -> State:
        """The committed state of that moment."""
        return self._states[bisect_right(self._times, moment) - 1]

    def _enter(self, at: float, state: State) -> None:
        self._times.append(at)
        self._states.append(state)
