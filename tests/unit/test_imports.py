"""Libraries are imported at first use outside the event loop, by one thread at a time."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from local.hosted import REPOSITORY
from tests.services.redis import RedisFactory

SERVED = ("features", "features_custom", "greeting", "login", "signup", "features_new", "logout")
FUNCTIONS = ["login"], ["features_custom", "features_new", "greeting", "login", "signup", "logout"]
NO_SERVER = "127.0.0.1:1"


def _settings(folder: Path) -> dict[str, str]:
    return {
        "REDIS_URL": f"redis://{NO_SERVER}",
        "SQLITE_PATH": str(folder / "none.sqlite"),
        "FIREBASE_AUTH_EMULATOR_HOST": NO_SERVER,
        "FIREBASE_PROJECT_ID": "demo",
    }


def _lines(module: str, names: Sequence[str], settings: Mapping[str, str]) -> Sequence[str]:
    ended = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-m", module, *names],
        cwd=REPOSITORY,
        env={**os.environ, **settings},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return ended.stdout.splitlines()


@pytest.fixture(scope="module", params=FUNCTIONS, ids=["one", "many"])
def first_uses(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Sequence[str]:
    """The output of first_request_imports, where no service is available."""
    folder = tmp_path_factory.mktemp("data")
    return _lines("tests.unit.first_request_imports", request.param, _settings(folder))


def test_a_first_request_after_the_preparation_imports_nothing(
    loaded_file: Path, redis_server: RedisFactory, tmp_path: Path
) -> None:
    """The worker has the process prepared in the background as soon as it has loaded the app."""
    with redis_server() as redis:
        real = {"REDIS_URL": redis.url, "SQLITE_PATH": str(loaded_file)}
        settings = _settings(tmp_path) | real
        lines = _lines("tests.unit.first_request_modules", SERVED, settings)
    assert [line.split() for line in lines] == [
        ["features", "200"],
        ["features_custom", "200"],
        ["greeting", "401"],
        ["login", "503"],
        ["signup", "503"],
        ["features_new", "401"],
        ["logout", "401"],
    ]


def test_each_first_request_is_answered_without_a_service(first_uses: Sequence[str]) -> None:
    assert set(first_uses[0].split()) <= {"401", "503"}


def test_every_library_is_imported_under_the_lock(first_uses: Sequence[str]) -> None:
    """The interpreter may end one of two such imports with a _DeadlockError: an answer of 500."""
    _, late, unguarded, *_ = first_uses
    assert {"httpx", "limits", "redis", "sqlalchemy"} <= set(late.split())
    assert not unguarded


def test_the_event_loop_imports_no_library(first_uses: Sequence[str]) -> None:
    assert not first_uses[3]


def test_no_library_is_imported_in_the_time_of_a_timeout(first_uses: Sequence[str]) -> None:
    """What a process loads once is no caller's time: under load the first callers would get 503."""
    assert not first_uses[4]
