"""The smoke test passes on the API as it is, and finds each fault."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deployment import smoke
from local.hosted import REPOSITORY
from shared.repository.schema_upgrade import upgrade
from shared.repository.sqlite import sqlite_engine
from tests.services.functions_host import Serve
from tests.services.http_server import Answer, Asked, serving

COMMIT = "0123456789abcdef"


@dataclass
class Broken:
    """An API that works, except where a test changes `answers`: path to (status, headers, body)."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    answers: dict[str, tuple[int, dict[str, str], Any]] = field(
        default_factory=lambda: {
            "/api/version": (200, {}, {"commit": COMMIT}),
            "/api/health": (200, {}, {"status": "up"}),
            "/features": (200, {"ETag": '"one"'}, []),
            "again": (304, {"ETag": '"one"'}, None),
        }
    )


@pytest.fixture
def broken() -> Iterator[Broken]:
    """It listens on a port of its own."""
    api = Broken()

    def answer(asked: Asked) -> Answer:
        api.asked.append(asked.path)
        key = "again" if asked.headers.get("If-None-Match") else asked.path
        status, headers, body = api.answers[key]
        if status == 503:  # it will have started by the next call
            api.answers[key] = Broken().answers[key]
        return status, headers, b"" if body is None else json.dumps(body).encode()

    with serving(answer) as api.url:
        yield api


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not use the machine's proxy for 127.0.0.1."""
    monkeypatch.setenv("no_proxy", "*")


def test_the_api_as_it_is_passes(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "data.sqlite"
    engine = sqlite_engine(path, 1)
    upgrade(engine)
    engine.dispose()
    settings = {"SQLITE_PATH": str(path), "REDIS_URL": "", "COMMIT": COMMIT}
    app = serve(REPOSITORY, settings)
    assert smoke.main([app.url, f"--commit={COMMIT}"]) == 0
    assert "its ETag gives 304" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "answer", "told"),
    [
        ("/api/version", (200, {}, {"commit": "another"}), "commit another, not 0123456789abcdef"),
        ("/api/version", (200, {}, ["commit"]), "commit None, not"),
        ("/api/version", (200, {}, None), "/api/version: no JSON"),
        ("/api/version", (404, {}, {"title": "?"}), "/api/version: 404"),
        ("/api/health", (500, {}, {"sql": "down"}), '/api/health: 500 {"sql": "down"}'),
        ("/features", (500, {}, {"title": "?"}), "/features: 500"),
        ("/features", (200, {"ETag": '"one"'}, {}), "/features: no list of records"),
        ("/features", (200, {}, []), "no strong ETag, but ''"),
        ("/features", (200, {"ETag": 'W/"one"'}, []), "no strong ETag"),
        ("/features", (200, {"Content-Encoding": "gzip"}, []), "/features: no JSON"),
        ("again", (200, {"ETag": '"one"'}, []), "If-None-Match: 200 with 2 bytes"),
    ],
)
def test_a_fault_is_reported(
    broken: Broken,
    capsys: pytest.CaptureFixture[str],
    path: str,
    answer: tuple[int, dict[str, str], Any],
    told: str,
) -> None:
    broken.answers[path] = answer
    assert smoke.main([broken.url, f"--commit={COMMIT}"]) == 1
    assert told in capsys.readouterr().err


def test_it_waits_for_a_container_that_starts(
    broken: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smoke, "PAUSE_SECONDS", 0.01)
    broken.answers["/api/version"] = (503, {}, None)
    broken.answers["/api/health"] = (503, {}, None)
    assert smoke.main([broken.url, "--wait=60"]) == 0
    assert broken.asked == [*["/api/version"] * 2, *["/api/health"] * 2, *["/features"] * 2]


def test_a_server_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert smoke.main(["http://127.0.0.1:1"]) == 1
    assert "Connection refused" in capsys.readouterr().err


def test_only_an_address_on_the_web_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert smoke.main(["file:///etc/passwd"]) == 1
    assert "no http://" in capsys.readouterr().err
