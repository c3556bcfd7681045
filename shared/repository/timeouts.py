"""How long a caller waits for the database before it is told that the database is away."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, from the call to the answer, the wait for a free thread included.

    `poll` for the versions, `read` for a record or a snapshot's begin, `fill` for a list's rows
    with what is built from them, `write` for a record (a load may hold the lock for two seconds).
    """

    poll: float = 5.0
    read: float = 10.0
    fill: float = 60.0
    write: float = 15.0
