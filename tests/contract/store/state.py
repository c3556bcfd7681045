"""What a scope's three keys hold, and what the protocol's two scripts make of it.

The functions are the protocol's own text in Python, written without a look at any adapter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from shared.cache.store import PutResult
from shared.repository.versions import Version


@dataclass(frozen=True, slots=True)
class State:
    """Known version, the stored list's version and fields, the lock's owner; None if missing."""

    known: Version | None = None
    stored: Version | None = None
    lock: str | None = None
    fields: Mapping[str, bytes] = field(default_factory=dict)


def advanced(state: State, new: Version, owner: str = "", lost: int | None = None) -> State:
    """The state after `advance`."""
    known = _number(state.known, new.epoch, lost=(new.number, lost))
    stored = _number(state.stored, new.epoch, lost=(new.number, lost))
    state, out = _raised(state, new, known, owner)
    if stored is None or stored < (new.number if out is None else out):
        state = replace(state, stored=None, fields={})
    return state


def _raised(state: State, new: Version, known: int | None, owner: str) -> tuple[State, int | None]:
    if known is not None and known >= new.number:
        return state, known
    creates = owner != "" and state.lock == owner
    allowed = known is not None or creates
    lock = state.lock if state.lock == owner else None
    return replace(
        state, known=new if allowed else None, lock=lock
    ), new.number if allowed else None


def _number(known: Version | None, epoch: str, lost: tuple[int, int | None]) -> int | None:
    """The number, if it is of this epoch and not in (new, lost]."""
    if known is None or known.epoch != epoch:
        return None
    new, greatest = lost
    return None if greatest is not None and new < known.number <= greatest else known.number


def stored(
    state: State, new: Version, fields: Mapping[str, bytes], *, renew: bool
) -> tuple[State, PutResult]:
    """The state after `put`, and its answer."""
    if state.known is None or state.known.epoch != new.epoch:
        return state, PutResult.NO_KNOWN_VERSION
    if new.number < state.known.number:
        return state, PutResult.OLDER
    if (
        state.stored is not None
        and state.stored.epoch == new.epoch
        and state.stored.number > new.number
    ):
        return state, PutResult.KEPT_NEWER
    kept = state.fields if state.stored == new and not renew else {}
    return replace(state, stored=new, fields={**kept, **fields}), PutResult.STORED
