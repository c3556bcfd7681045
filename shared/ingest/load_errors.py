"""Why a load stored nothing: the records are as they were. The messages are for the operator.

LoadError
 |- FileError       the file cannot be read as the data set
 |- NothingToLoad   it can, but not one of its records can be stored
 |- LoadRefused     the database does not take the load; the message is its own
 `- Interrupted     somebody stopped it before the merge
"""

from collections.abc import Mapping

from shared.tracks.rejected import Reason


class LoadError(Exception):
    """Nothing was stored."""


class FileError(LoadError):
    """The file cannot be read as the data set."""


class NothingToLoad(LoadError):
    """`rejected` holds the reasons for which the lines of the file were refused, if it has any."""

    def __init__(self, rejected: Mapping[str, Reason]) -> None:
        read = sum(reason.count for reason in rejected.values())
        super().__init__(
            f"None of the {read:,} records can be stored."
            if read
            else "The file has a header and no records."
        )
        self.rejected = rejected


class LoadRefused(LoadError):
    """Another load goes on, or the database did not find what was staged."""


class Interrupted(LoadError):
    def __init__(self) -> None:
        super().__init__("Interrupted: the records are as they were.")
