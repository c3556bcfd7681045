"""What this instance has learned of each version, and when: how it proves that SQL went back.

Versions in SQL only grow. So a version that a query read which *began after* a greater one was
learned, in the same epoch, proves that the database was restored to an older state.
"""

from shared.repository.versions import Version


class Seen:
    """The greatest version learned of each scope, with the clock's reading when it was learned."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Version, float]] = {}

    def learn(self, scope: str, version: Version, at: float) -> None:
        known = self._known.get(scope)
        if known is None or not known[0].satisfies(version):
            self._known[scope] = (version, at)

    def lost(self, scope: str, version: Version, began: float) -> int | None:
        """The greatest number that SQL has lost, if a query begun at `began` proves a loss."""
        known = self._known.get(scope)
        if known is None:
            return None
        greatest, at = known
        if greatest.epoch == version.epoch and greatest.number > version.number and at < began:
            return greatest.number
        return None

    def accept(self, scope: str, version: Version, at: float) -> None:
        """Start again from what SQL answers, after the loss was dealt with."""
        self._known[scope] = (version, at)
