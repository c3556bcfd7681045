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
    (one,) = (one for one in told["lists"] if one["scope"] == scope)
    return dict(one)


def test_each_list_has_its_versions_age_and_encodings(cli: Cli, settings: dict[str, str]) -> None:
    assert cli("warm", "Pop", **settings).returncode == 0
    told = report(cli, **settings)
    assert (told["sql"], told["redis"]) == ("available", "available")
    assert (told["circuit"]["state"], len(told["lists"])) == ("closed", 27)
    pop, jazz = row(told, "Pop"), row(told, "Jazz")
    assert (pop["state"], jazz["state"]) == ("fresh", "empty")
    stored = pop["stored_list"]
    assert pop["version"] == pop["known_version"] == stored["version"]
    assert stored["age_seconds"] + stored["seconds_left"] == pytest.approx(3600, abs=1)
    assert 0 <= stored["age_seconds"] < 120
    size = stored["views"]["core"]
    assert 0 < size["records"] < size["gzip_bytes"] < size["uncompressed_bytes"]
    assert jazz["stored_list"] is None
    _is_the_table(cli("status", **settings).stdout.splitlines(), pop)


def _is_the_table(lines: list[str], pop: dict[str, Any]) -> None:
    assert "Redis: available   circuit: closed" in lines[0]
    (line,) = (line for line in lines if line.lstrip().startswith("Pop "))
    assert line.split()[:5] == ["Pop", "fresh", str(pop["version"]), "=", "="]
    assert "version in SQL  known version  stored list" in lines[1]
    size = pop["stored_list"]["views"]["core"]
    assert f"core {size['records']:,} records, {size['uncompressed_bytes']:,} unco" in line
    assert f"{size['gzip_bytes']:,} gzip" in line


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
    assert after["version"] == after["known_version"] > before["version"]
    assert after["state"] == "empty"


@pytest.mark.usefixtures("embedded")
def test_without_redis_the_versions_are_shown_alone(cli: Cli) -> None:
    told = report(cli)
    assert (told["redis"], told["circuit"]) == ("not used", None)
    assert told["lists"][0]["scope"] == "all"
    assert {row["state"] for row in told["lists"]} == {None}


def test_a_dead_redis_is_shown_as_such(
    cli: Cli, settings: dict[str, str], server: RedisServer
) -> None:
    server.kill()
    told = report(cli, **settings)
    assert (told["redis"], told["circuit"]["state"]) == ("unavailable", "open")
    assert row(told, "Pop")["version"] > 0
