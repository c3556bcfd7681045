"""`make run` starts all services, and leaves no process behind."""

import os
import signal
import socket
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from local.process import Child, answers, free_port
from tests.local.checkout import CSV, USER, Checkout, needs_node
from tests.local.process_tree import all_end, family
from tests.services.redis import RedisFactory


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def _ends_with(run: Child, number: signal.Signals) -> bool:
    """Whether the run and all that it started end after a signal to the run."""
    _, *started = family(run.pid)
    os.kill(run.pid, number)
    run.wait(30)
    return bool(started) and all_end(started, 15)


@needs_node
def test_it_serves_the_cli_finds_it_and_a_second_start_finds_what_the_first_left(
    checkout: Checkout,
) -> None:
    with checkout.ready() as first:
        assert "just loaded" in first.output()
        assert [row["genre"] for row in checkout.get("/features").json()] == ["Ska"]
        checkout.sign_up()
        assert "is now editor" in checkout.cli("grant", USER["email"], "editor")
        assert _ends_with(first, signal.SIGINT)
        assert first.status == 0
    assert not (checkout.directory / ".local" / "run.json").exists()
    with checkout.ready() as second:
        assert "loaded before" in second.output()
        assert checkout.post("/login").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_running(
    checkout: Checkout, tmp_path: Path, number: signal.Signals
) -> None:
    with checkout.ready(PATH=str(tmp_path / "nothing")) as run:
        assert _ends_with(run, number)
    assert not answers(checkout.port)


def test_without_node_and_redis_it_says_so_and_serves(checkout: Checkout, tmp_path: Path) -> None:
    blanks = {"REDIS_URL": " ", "FIREBASE_PROJECT_ID": "\n"}
    with checkout.ready(PATH=str(tmp_path / "nothing"), **blanks) as run:
        assert "/signup and /login answer 503" in run.output()
        assert "every read is validated in SQL" in run.output()
        assert checkout.get("/features").status_code == 200
        assert checkout.post("/signup").status_code == 503
        assert checkout.get("/cache/status").json()["redis"] == "not used"
        assert "/docs/status" in run.output()


def test_what_the_user_set_is_left_alone_and_is_what_the_cli_takes_too(
    checkout: Checkout, redis_server: RedisFactory
) -> None:
    with redis_server() as redis:
        given = {
            "REDIS_URL": redis.url,
            "FIREBASE_PROJECT_ID": "a-real-project",
            "CACHE_STATUS_PUBLIC": "false",
        }
        blanks = {name: f" {value}\n" for name, value in given.items()}
        with checkout.ready(**blanks, PORT=f" {checkout.port}\n") as run:
            assert "yours: FIREBASE_PROJECT_ID=a-real-project" in run.output()
            assert "yours: REDIS_URL" in run.output()
            assert given.items() <= checkout.settings().items()
            file = checkout.directory / ".local" / "run.json"
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert "Redis: available" in checkout.cli("status")
            assert checkout.get("/cache/status").status_code == 401


def test_a_changed_file_is_loaded_again(checkout: Checkout, tmp_path: Path) -> None:
    with checkout.ready(PATH=str(tmp_path / "nothing")):
        pass
    file = checkout.directory / "data.csv"
    file.write_text(CSV + CSV.splitlines()[-1].replace("Ska", "Jazz") + "\n", "utf-8")
    with checkout.ready(PATH=str(tmp_path / "nothing")) as run:
        assert "just loaded" in run.output()
        assert len(checkout.get("/features").json()) == 2


def test_a_second_run_in_the_same_directory_is_refused(checkout: Checkout, tmp_path: Path) -> None:
    with checkout.ready(PATH=str(tmp_path / "nothing")):
        said = checkout.refused(PORT=str(free_port()))
    assert "already runs in this directory" in said


def test_a_port_in_use_says_what_to_do(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", checkout.port)):
        said = checkout.refused()
    assert f"PORT={checkout.port + 1} make run" in said


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"PORT": "http"}, "needs a port from 1 to 65535"),
        ({"PORT": "70000"}, "needs a port from 1 to 65535"),
        ({"PORT": "٣٣٣٣"}, "needs a port from 1 to 65535"),
        ({"DATA": "nowhere.csv"}, "DATA=nowhere.csv: there is no such file"),
        ({"HOST": "func", "PATH": ""}, "Core Tools"),
        ({"CACHE_TTL_SECONDS": "soon"}, "CACHE_TTL_SECONDS"),
        ({"SQL_CONNECTION_STRING": "Driver={No Such};Server=x"}, "not installed"),
    ],
)
def test_a_wrong_setting_is_an_error_of_one_line(
    checkout: Checkout, env: Mapping[str, str], said: str
) -> None:
    output = checkout.refused(**env)
    assert said in output
    assert "Traceback" not in output
