"""What a scope's three keys hold, and what the protocol's two scripts make of it.

The functions are the protocol's own text in Python, written without a look at any adapter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from shared.cache.store import Stored
from shared.repository.versions import Version


@dataclass(frozen=True, slots=True)
class State:
    """G, the version of K with its fields, and the holder of L; None where a key is missing."""

    g: Version | None = None
    k: Version | None = None
    lock: str | None = None
    fields: Mapping[str, bytes] = field(default_factory=dict)


def advanced(state: State, new: Version, token: str = "", void: int | None = None) -> State:
    """The state after `advance`."""
    g = _number(state.g, new.epoch, lost=(new.number, void))
    k = _number(state.k, new.epoch, lost=(new.number, void))
    state, out = _raised(state, new, g, token)
    if k is None or k < (new.number if out is None else out):
        state = replace(state, k=None, fields={})
    return state


def _raised(state: State, new: Version, g: int | None, token: str) -> tuple[State, int | None]:
    if g is not None and g >= new.number:
        return state, g
    creates = token != "" and state.lock == token
    allowed = g is not None or creates
    lock = state.lock if state.lock == token else None
    return replace(state, g=new if allowed else None, lock=lock), new.number if allowed else None


def _number(known: Version | None, epoch: str, lost: tuple[int, int | None]) -> int | None:
    """The number, if it is of this epoch and not in (new, void]."""
    if known is None or known.epoch != epoch:
        return None
    new, void = lost
    return None if void is not None and new < known.number <= void else known.number


def stored(
    state: State, new: Version, fields: Mapping[str, bytes], *, renew: bool
) -> tuple[State, Stored]:
    """The state after `put`, and its answer."""
    if state.g is None or state.g.epoch != new.epoch:
        return state, Stored.NO_GENERATION
    if new.number < state.g.number:
        return state, Stored.OLDER
    if state.k is not None and state.k.epoch == new.epoch and state.k.number > new.number:
        return state, Stored.KEPT_NEWER
    kept = state.fields if state.k == new and not renew else {}
    return replace(state, k=new, fields={**kept, **fields}), Stored.STORED
