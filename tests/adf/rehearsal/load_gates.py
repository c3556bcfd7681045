"""The conditions under which the stored procedure loads, for the load in Python."""

from collections.abc import Sequence

from shared.repository.load_target import Merged, StagedRow, Target
from shared.tracks.genres import fold
from shared.tracks.rejected import Rejected
from shared.tracks.track import COLUMNS
from tests.adf.rehearsal.outcome import ActivityFailed

_GENRE, _TRACK_ID = (1 + COLUMNS.index(name) for name in ("genre", "track_id"))


class Gated:
    """A target that merges only the expected number of rows, with few enough rejected."""

    def __init__(self, target: Target, expected_rows: int, max_rejected_percent: float) -> None:
        self._target = target
        self._expected = expected_rows
        self._percent = max_rejected_percent
        self._rows = 0
        self._good: set[tuple[str, str]] = set()

    def stage(self, batch: Sequence[StagedRow]) -> None:
        self._rows += len(batch)
        self._good |= {(fold(row[_GENRE]), row[_TRACK_ID]) for row in batch}
        self._target.stage(batch)

    def reject(self, batch: Sequence[Rejected]) -> None:
        self._rows += len(batch)
        self._target.reject(batch)

    def merge(self) -> Merged:
        good = len(self._good)
        if self._rows != self._expected:
            raise ActivityFailed(f"The run staged {self._rows} rows, not {self._expected}.")
        if 100 * (self._rows - good) > self._percent * self._rows:
            raise ActivityFailed(f"Of {self._rows} staged rows only {good} can be stored.")
        return self._target.merge()

    def abandon(self) -> None:
        self._target.abandon()
