"""Which committed records are missing in the lists that the instances answer with now."""

import time
from contextlib import closing

from benchmarks.staleness.callers import Reader
from benchmarks.staleness.history import History
from benchmarks.staleness.instances import Pair

ANSWER_SECONDS = 30.0


def lacking(pair: Pair, history: History, genre: str | None = None) -> set[str]:
    """Return the committed records, of one genre or all, that some instance's list lacks."""
    stored, shown = pair.stored(), dict[str, frozenset[str]]()
    written = [
        write
        for write in history.writes
        if write.track_id in stored and genre in (None, write.genre)
    ]
    for instance in pair.instances:
        with closing(Reader(instance)) as reader:
            for name in {write.genre for write in written}:
                ids = _answered(reader, name)
                shown[name] = shown.get(name, ids) & ids
    return {write.track_id for write in written if write.track_id not in shown[write.genre]}


def _answered(reader: Reader, genre: str) -> frozenset[str]:
    """Read a list, again while there is no answer. Raises TimeoutError."""
    give_up = time.monotonic() + ANSWER_SECONDS
    while (shown := reader.read(genre).shown) is None:
        if time.monotonic() > give_up:
            raise TimeoutError(f"an instance no longer answers with the list of {genre}")
        time.sleep(0.1)
    return shown
