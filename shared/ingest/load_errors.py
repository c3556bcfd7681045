"""Why a file was not loaded. The records are as they were; the messages are for the operator.

LoadError           repository/load_target.py
 |- FileError       the file cannot be read as the data set
 |- NothingToLoad   it can be read, but not one of its records can be stored
 |- Interrupted     the operator stopped the load before its merge
 `- LoadRefused     the database refused the merge (repository/load_target.py)
"""

from collections.abc import Mapping

from shared.repository.load_target import LoadError
from shared.tracks.rejected import Reason


class FileError(LoadError):
    """The file cannot be read as the data set."""


class NothingToLoad(LoadError):
    """`rejected`: why the lines of the file were refused; empty if it has none but a header."""

    def __init__(self, rejected: Mapping[str, Reason]) -> None:
        read = sum(reason.count for reason in rejected.values())
        super().__init__(
            f"None of the {read:,} records can be stored."
            if read
            else "The file has a header and no records."
        )
        self.rejected = rejected


class Interrupted(LoadError):
    def __init__(self) -> None:
        super().__init__("Interrupted: the records are as they were.")
