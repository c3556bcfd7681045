"""`status`: the versions in SQL and in Redis, as a table and as JSON."""

import json
from typing import Any

import pytest
from redis import Redis

from tests.cli.conftest import Cli
from tests.services.redis import RedisServer

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture
def settings(server: RedisServer) -> dict[str, str]:
    return {"REDIS_URL": server.url}


def report(cli: Cli, **settings: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cli("status", "--json", **settings).stdout)
    return found


def row(told: dict[str, Any], scope: str) -> dict[str, Any]:
    (one,) = (one for one in told["scopes"] if one["scope"] == scope)
    return dict(one)


def test_each_list_has_its_versions_age_and_encodings(cli: Cli, settings: dict[str, str]) -> None:
    assert cli("warm", "Pop", **settings).returncode == 0
    told = report(cli, **settings)
    assert (told["redis"], told["circuit"], len(told["scopes"])) == ("up", "closed", 27)
    pop, jazz = row(told, "Pop"), row(told, "Jazz")
    assert (pop["state"], jazz["state"]) == ("fresh", "empty")
    assert pop["version"] == pop["newest_in_redis"] == pop["listed_in_redis"]
    assert pop["age_seconds"] + pop["seconds_left"] == pytest.approx(3600, abs=1)
    assert 0 <= pop["age_seconds"] < 120
    assert 0 < pop["bytes"]["core"]["gzip"] < pop["bytes"]["core"]["identity"]
    assert (jazz["listed_in_redis"], jazz["age_seconds"], jazz["bytes"]) == (None, None, {})
    _is_the_table(cli("status", **settings).stdout.splitlines(), pop)


def _is_the_table(lines: list[str], pop: dict[str, Any]) -> None:
    assert "Redis: up   circuit: closed" in lines[0]
    (line,) = (line for line in lines if line.lstrip().startswith("Pop "))
    assert line.split()[:5] == ["Pop", "fresh", str(pop["version"]), "=", "="]
    assert "version in SQL  known version  stored list" in lines[1]
    sizes = pop["bytes"]["core"]
    assert f"core {sizes['identity']:,} uncompressed, {sizes['gzip']:,} gzip" in line


def test_foreign_bytes_in_redis_are_shown_as_such(
    cli: Cli, settings: dict[str, str], server: RedisServer
) -> None:
    with Redis.from_url(server.url, protocol=2) as client:
        client.set("spotify:features:Pop", "what somebody else wrote")
    assert row(report(cli, **settings), "Pop")["state"] == "unreadable"


def test_a_purged_list_is_gone_and_its_version_higher(cli: Cli, settings: dict[str, str]) -> None:
    assert cli("warm", "Pop", **settings).returncode == 0
    before = row(report(cli, **settings), "Pop")
    assert cli("purge", "Pop", **settings).returncode == 0
    after = row(report(cli, **settings), "Pop")
    assert after["version"] == after["newest_in_redis"] > before["version"]
    assert after["state"] == "empty"


@pytest.mark.usefixtures("embedded")
def test_without_redis_the_versions_are_shown_alone(cli: Cli) -> None:
    told = report(cli)
    assert (told["redis"], told["circuit"]) == ("not used", "none")
    assert told["scopes"][0]["scope"] == "all"


def test_a_dead_redis_is_shown_as_such(
    cli: Cli, settings: dict[str, str], server: RedisServer
) -> None:
    server.kill()
    told = report(cli, **settings)
    assert (told["redis"], told["circuit"]) == ("down", "open")
    assert row(told, "Pop")["version"] > 0
