"""SQL Server's error numbers, by what they mean for a caller.

The numbers are those that our statements can meet, from Microsoft Learn ("Troubleshoot transient
connection errors in Azure SQL", "Database engine events and errors") and EF Core's
SqlServerTransientExceptionDetector.
"""

from dataclasses import dataclass
from typing import Final

UNREACHABLE: Final = "The database cannot be reached."
NOT_MIGRATED: Final = "The database is not set up: its migrations have not run."
STORES_NOTHING: Final = "The database stores nothing: it is full or read-only."
BUSY: Final = "The database is busy."


@dataclass(frozen=True, slots=True)
class Kind:
    """Errors with the same answer: 503 with this detail.

    `transient`: the same transaction may succeed on a new connection, a moment later.
    """

    detail: str
    transient: bool
    numbers: frozenset[int]


KINDS: Final = (
    Kind(
        NOT_MIGRATED,
        transient=False,
        # No such column, table, procedure.
        numbers=frozenset({207, 208, 2812}),
    ),
    Kind(
        "The database is not set up: it does not allow snapshot isolation.",
        transient=False,
        # 3954: the option is being set to OFF.
        numbers=frozenset({3952, 3954}),
    ),
    Kind(
        "The database is not set up: this identity lacks a role in it.",
        transient=False,
        numbers=frozenset({229, 230, 262, 297, 300, 916}),
    ),
    Kind(
        "The database cannot be opened: it is starting or moving, or has no such user.",
        transient=True,
        numbers=frozenset({4060}),
    ),
    Kind(
        "The database refuses the sign-in of this identity.",
        transient=False,
        # Unknown, disabled, locked out, with an expired password; 40532: of another server.
        numbers=frozenset({18452, 18456, 18470, 18486, 18487, 18488, 40532}),
    ),
    Kind(
        "The database's firewall refuses connections from here.",
        transient=False,
        numbers=frozenset({40615, 40914, 47073}),
    ),
    Kind(
        STORES_NOTHING,
        transient=False,
        # 3906 and 3908: the secondary of a failover group.
        numbers=frozenset({1101, 1105, 3906, 3908, 9002, 40544}),
    ),
    Kind(
        "The database ended the session, which used too much of its resources.",
        transient=False,
        numbers=frozenset({40549, 40550, 40551, 40552, 40553}),
    ),
    Kind(
        BUSY,
        transient=True,
        numbers=frozenset(
            # Locks: 1205 is the victim of a deadlock, 1222 a lock that took too long.
            {1203, 1204, 1205, 1221, 1222, 1232, 22335}
            # Memory, and the time to plan a query.
            | {701, 802, 8628, 8645, 8651}
            # Limits of Azure SQL: requests, sessions, workers, operations.
            | {10928, 10929, 10930, 10936, 17889, 40189, 40501, 40642, 40648, 40675, 40903}
            | {49918, 49919, 49920}
            # Snapshots: an update conflict (3960); versions that are gone or late; the database was
            # just recovered (3953) or is just allowing snapshots (3956, 3957).
            | {3947, 3948, 3950, 3953, 3956, 3957, 3958, 3959, 3960, 3966, 3967}
            # Someone changes the schema, a migration for example (3961: under a snapshot).
            | {2021, 2816, 3961, 11539, 41383}
            # Aborts of memory-optimised tables.
            | {41301, 41302, 41305, 41325, 41339, 41839}
        ),
    ),
    Kind(
        UNREACHABLE,
        transient=True,
        numbers=frozenset(
            # Sockets, as Windows and the older network libraries number them.
            {20, 64, 121, 233, 997, 10053, 10054, 10060, 10061, 11001}
            # The database is starting, moving, being restored, or losing its place in a group.
            | {615, 617, 669, 921, 922, 926, 927, 941, 952, 976, 979, 982, 983, 988, 4221}
            | {40143, 40197, 40540, 40613, 40623, 42108, 42109, 49802}
            # The server is starting or stopping; 596: it has ended this session.
            | {596, 6005, 17142, 17197, 18401}
        ),
    ),
)


def kind_of(numbers: set[int]) -> Kind | None:
    """The first kind that has one of an error's numbers; None for a bug of ours."""
    return next((kind for kind in KINDS if not kind.numbers.isdisjoint(numbers)), None)
