"""What a check has found wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`file` is relative to what was checked; `path` leads to the value, empty for all of it."""

    file: str
    path: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.path, self.message) if part)


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding within one document."""

    path: str
    message: str

    def of(self, file: str) -> Finding:
        return Finding(file, self.path, self.message)
