"""What must hold in a snapshot, said as facts: a value, what it must be, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checks.finding import Finding


@dataclass(frozen=True)
class Fact:
    """`where` is the resource and the property; `because` completes "..., because ..."."""

    where: str
    found: object
    wanted: object
    because: str


def broken(file: str, facts: Iterable[Fact]) -> Iterator[Finding]:
    """Yield a finding for each fact that does not hold."""
    for fact in facts:
        if fact.found != fact.wanted:
            message = f"is {fact.found!r}, must be {fact.wanted!r}, because {fact.because}"
            yield Finding(file, fact.where, message)
