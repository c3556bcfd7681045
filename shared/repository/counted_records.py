"""Whether a record is among the first FEATURES_LIMIT, without counting them each time.

docs/protocol.md, rule 33.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from shared.repository.statements import STORE_COUNTED, count_between

_NO_LIMIT: Final = sys.maxsize
"""The greatest number and the greatest id of a database, too."""


@dataclass(frozen=True, slots=True)
class Counted:
    """`records` records had an id of at most `last_id` when they were counted.

    Records are never deleted, so there are never fewer.
    """

    records: int
    last_id: int

    def is_listed(self, identity: int, limit: int) -> bool | None:
        """Whether a later record is among the first `limit`; None if this must be counted."""
        if self.records >= limit:
            return False
        at_most_before = self.records + (identity - self.last_id - 1)
        return True if at_most_before < limit else None


NOTHING: Final = Counted(0, 0)


type Count = Callable[[int, int, int], Sequence[int]]
"""Called with two ids and a number: returns how many records are between the ids, and the last of
them; only the first ones if there are more than the number."""


def is_listed(count: Count, counted: Counted, identity: int, limit: int) -> tuple[bool, Counted]:
    """Whether a record is among the first `limit`, and what is counted by now.

    What is counted needs no second count, unless a record gets a smaller id than those.
    """
    start = counted if identity > counted.last_id else NOTHING
    listed = start.is_listed(identity, limit)
    if listed is not None:
        return listed, counted
    now = _count_on(count, start, identity, limit - start.records)
    return now.records < limit, now if start is counted else counted


def count_all(count: Count, counted: Counted) -> Counted:
    """Count on to the last record."""
    return _count_on(count, counted, _NO_LIMIT, _NO_LIMIT)


def _count_on(count: Count, start: Counted, before: int, most: int) -> Counted:
    more, last_id = count(start.last_id, before, most)
    return Counted(start.records + more, last_id) if more else start


def counting(connection: sa.Connection) -> Count:
    """Count what the transaction of this connection sees."""
    return lambda after, before, most: connection.execute(count_between(after, before, most)).one()


def store(connection: sa.Connection, counted: Counted) -> None:
    """Store what was counted, unless a later count is stored already.

    Call it after the versions are raised: every writer takes its locks in one order (rule 11).
    """
    values = {"counted": counted.records, "counted_to": counted.last_id}
    connection.execute(STORE_COUNTED, values)
