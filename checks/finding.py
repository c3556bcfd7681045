"""The findings of checks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`file` is relative to the checked folder; `path` leads to the value in it."""

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
