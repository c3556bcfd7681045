"""Every command of the port Store, for tests that send them all."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from shared.cache.store import Store
from shared.repository.versions import Version

_V5: Final = Version("here", 5)

COMMANDS: Final[dict[str, Callable[[Store], Coroutine[Any, Any, object]]]] = {
    "known_version": lambda store: store.known_version("Pop"),
    "advance": lambda store: store.advance("Pop", _V5),
    "fetch": lambda store: store.fetch("Pop", ["core"]),
    "survey": lambda store: store.survey(["Pop"], ["core"]),
    "put": lambda store: store.put("Pop", _V5, {"core": b"x"}, ttl=10),
    "lock": lambda store: store.lock("Pop", "mine", 5),
    "unlock": lambda store: store.unlock("Pop", "mine"),
    "discard": lambda store: store.discard("Pop"),
    "ping": lambda store: store.ping(),
}
