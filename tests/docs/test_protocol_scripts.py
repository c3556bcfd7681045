"""The two scripts as docs/protocol.md shows them do what the contract tests expect of the store."""

import itertools
import re
from dataclasses import astuple, dataclass, field
from typing import Any, Final

import pytest

from checks.own_files import ROOT
from shared.repository.versions import Version
from tests.contract.store.state import State, advanced, stored

PAGE: Final = (ROOT / "docs" / "protocol.md").read_text("utf-8")
EPOCH: Final = "this"
VERSIONS: Final = [None, Version("other", 9), *(Version(EPOCH, number) for number in range(3, 8))]
STATES: Final = [
    State(known, listed, lock)
    for known, listed, lock in itertools.product(VERSIONS, VERSIONS, [None, "mine", "another's"])
]
NEW: Final = Version(EPOCH, 5)
FIELDS: Final = {"core": b"[]"}


@dataclass
class Keys:
    """A scope's three keys, with the commands that the page's code uses."""

    state: State
    values: dict[str, Any] = field(default_factory=dict)
    expires: bool = False

    def __post_init__(self) -> None:
        known, listed, lock, *_ = (getattr(self.state, name) for name in State.__slots__)
        self.values = {"known": known, "list": listed, "lock": lock}

    def read(self, key: str, epoch: str) -> int | None:
        version = self.values[key]
        return version.number if version is not None and version.epoch == epoch else None

    def write(self, key: str, epoch: str, number: int) -> None:
        self.values[key] = Version(epoch, number)

    def add(self, key: str, epoch: str, number: int, fields: dict[str, bytes]) -> None:
        assert fields is FIELDS
        self.write(key, epoch, number)

    def delete(self, key: str) -> None:
        self.values[key] = None

    def expire(self, key: str, ttl: float) -> None:
        assert (key, ttl) == ("list", 3600)
        self.expires = True

    def run(self, name: str, *arguments: Any) -> Any:
        """Run the page's code of this name; its answer."""
        names: dict[str, Any] = {
            "known_version": "known",
            "stored_list": "list",
            "fill_lock": "lock",
            "owner_of": self.values.__getitem__,
        }
        for command in ("read", "write", "add", "delete", "expire"):
            names[command] = getattr(self, command)
        exec(_code(name), names)  # noqa: S102 -- the repository's own page
        return names[name](*arguments)


def _code(name: str) -> str:
    (code,) = re.findall(rf"```python\n(def {name}\(.*?)```", PAGE, re.DOTALL)
    return str(code)


def _keys(state: State) -> list[Any]:
    return list(astuple(state)[:3])


@pytest.mark.parametrize("owner", ["", "mine"])
@pytest.mark.parametrize("lost", [None, 4, 5, 6, 7])
def test_advance_on_the_page_changes_every_state_as_the_store_does(
    owner: str, lost: int | None
) -> None:
    for state in STATES:
        keys = Keys(state)
        keys.run("advance", NEW.epoch, NEW.number, owner, lost)
        changed = State(*(keys.values[name] for name in ("known", "list", "lock")))
        assert _keys(changed) == _keys(advanced(state, NEW, owner, lost)), state


@pytest.mark.parametrize("renew", [False, True])
def test_store_on_the_page_changes_every_state_as_the_store_does(*, renew: bool) -> None:
    for state in STATES:
        keys = Keys(state)
        answer = keys.run("store", NEW.epoch, NEW.number, 3600, FIELDS, renew)
        changed = State(*(keys.values[name] for name in ("known", "list", "lock")))
        expected, expected_answer = stored(state, NEW, FIELDS, renew=renew)
        assert (_keys(changed), answer) == (_keys(expected), expected_answer), state


def test_a_list_gets_a_life_on_the_page_when_it_is_new_or_renewed() -> None:
    for listed, renew, expires in ((4, False, True), (5, False, False), (5, True, True)):
        keys = Keys(State(NEW, Version(EPOCH, listed), None))
        assert keys.run("store", NEW.epoch, NEW.number, 3600, FIELDS, renew) == "stored"
        assert keys.expires is expires
