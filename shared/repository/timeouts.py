"""How long a caller waits for the database before the call fails."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds from the call to the answer, the wait for a free thread included.

    `poll`: all versions. `read`: one record, or the begin of a snapshot. `fill`: the rows of a list
    and what is built from them. `write`: a record; a load may hold the write lock for two seconds.
    """

    poll: float = 5.0
    read: float = 10.0
    fill: float = 60.0
    write: float = 15.0
