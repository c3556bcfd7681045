"""`/cache/status`: who may see it, what it says, what it costs, what a fault leaves of it."""

import asyncio
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
import redis.asyncio as aioredis

from shared.http.answer_bodies import Status
from shared.telemetry import CountedEvents
from tests.api.api_client import Api, MakeApi
from tests.api.conftest import firebase_settings
from tests.api.emulator_users import SignedInUser
from tests.api.sample_records import REFERENCE
from tests.auth.token_issuers import claims_of
from tests.services.redis import RedisFactory, RedisServer

TARGET = "/cache/status"
LISTS = 27


@pytest.fixture
def server(redis_server: RedisFactory) -> RedisServer:
    return redis_server()


@pytest.fixture
def local_api(make_api: MakeApi, server: RedisServer) -> Api:
    """As on a laptop: anyone may see the status."""
    return make_api(redis_url=server.url, cache_status_public=True, events=CountedEvents())


async def told(api: Api, **headers: str) -> dict[str, Any]:
    answer = await api.get(TARGET, **headers)
    assert answer.status == 200
    found: dict[str, Any] = answer.json()
    return found


async def told_anew(api: Api) -> dict[str, Any]:
    """Not the lists that an earlier caller was told."""
    api.services.status._last = None
    return await told(api)


def of(found: dict[str, Any], scope: str) -> dict[str, Any]:
    (one,) = (one for one in found["lists"] if one["scope"] == scope)
    return dict(one)


async def test_an_admin_sees_it_and_nobody_else(
    auth_api: Api, reader: SignedInUser, editor: SignedInUser, admin: SignedInUser
) -> None:
    statuses = {
        who: (await auth_api.get(TARGET, Authorization=token)).status
        for who, token in {
            "garbage": "Bearer not.a.token",
            "reader": reader.authorization,
            "editor": editor.authorization,
            "admin": admin.authorization,
        }.items()
    }
    assert statuses == {"garbage": 401, "reader": 403, "editor": 403, "admin": 200}
    assert (await auth_api.get(TARGET)).status == 401
    assert (await auth_api.head(TARGET)).status == 401


async def test_an_admin_whose_token_has_expired_sees_nothing(
    auth_api: Api, admin: SignedInUser
) -> None:
    began = int(time.time()) - 7200
    claims = claims_of(admin.uid, role="admin", iat=began, auth_time=began, exp=began + 3600)
    expired = jwt.encode(claims, "", algorithm="none")
    assert (await auth_api.get(TARGET, Authorization=f"Bearer {expired}")).status == 401


async def test_without_a_sign_in_it_is_seen_only_where_the_settings_say_so(
    make_api: MakeApi, auth_emulator: str
) -> None:
    firebase = firebase_settings(auth_emulator)
    for public, status in ((False, 401), (True, 200)):
        api = make_api(cache_status_public=public, **firebase)
        assert (await api.get(TARGET)).status == status
        assert (await api.post("/cache/purge", {"scope": "all"})).status == 401


async def test_the_answer_is_what_the_description_says_and_may_not_be_kept(local_api: Api) -> None:
    await local_api.get("/features/custom?arg=Pop&view=full")
    await local_api.services.background.drain()
    answer = await local_api.get(TARGET)
    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.json()
    assert Status.model_validate(found, extra="forbid").model_dump(mode="json") == found
    assert len(found["lists"]) == LISTS


async def test_head_has_the_headers_of_get(local_api: Api) -> None:
    answer, head = await local_api.get(TARGET), await local_api.head(TARGET)
    assert (head.status, head.body, head.media_type) == (200, b"", answer.media_type)
    assert head.headers.keys() == answer.headers.keys()


@pytest.mark.parametrize("target", [f"{TARGET}?scope=Pop", f"{TARGET}?=%00&a=1&a=2"])
async def test_parameters_and_accept_change_nothing(local_api: Api, target: str) -> None:
    answer = await local_api.get(target, Accept="text/html")
    assert (answer.status, answer.media_type) == (200, "application/json")


async def test_it_follows_a_list_from_its_fill_to_a_write(
    make_api: MakeApi, server: RedisServer, auth_emulator: str, editor: SignedInUser
) -> None:
    firebase = firebase_settings(auth_emulator)
    api = make_api(redis_url=server.url, cache_status_public=True, **firebase)
    records = len((await api.get("/features/custom?arg=Dance")).json())
    await api.services.background.drain()
    before = of(await told_anew(api), "Dance")
    stored = before["stored_list"]
    assert before["state"] == "fresh"
    assert before["version"] == before["known_version"] == stored["version"]
    assert stored["views"]["core"] == before["memory_copies"]["core"]["size"]
    assert stored["views"]["core"]["records"] == records
    assert stored["age_seconds"] + stored["seconds_left"] == pytest.approx(3600, abs=0.2)
    written = await api.post("/features/new", REFERENCE, Authorization=editor.authorization)
    assert written.status == 201
    after = of(await told_anew(api), "Dance")
    assert (after["state"], after["stored_list"]) == ("empty", None)
    assert after["version"] == after["known_version"] > before["version"]
    assert after["memory_copies"]["core"]["version"] == before["version"]
    await api.services.auth.limits.close()


async def test_reads_are_counted_by_where_the_list_came_from(local_api: Api) -> None:
    for _ in range(4):
        await local_api.get("/features/custom?arg=Pop")
    process = (await told(local_api))["process"]
    assert (process["reads"]["filled"], process["reads"]["memory"]) == (1, 3)
    assert process["hit_ratio"] == 0.75
    assert process["memory"]["copies"] == 1


async def test_a_request_sends_a_bounded_number_of_commands_and_others_share_it(
    local_api: Api, server: RedisServer
) -> None:
    await told(local_api)
    async with aioredis.from_url(server.url) as client:
        await client.config_resetstat()
        local_api.services.status._last = None
        answers = await asyncio.gather(*(local_api.get(TARGET) for _ in range(40)))
        statistics: Any = await client.info("commandstats")
    assert {answer.status for answer in answers} == {200}
    sent = {name.removeprefix("cmdstat_"): one["calls"] for name, one in statistics.items()}
    of_status = {name: sent[name] for name in ("get", "hmget", "pttl")}
    assert of_status == {"get": LISTS + 1, "hmget": LISTS, "pttl": LISTS}


async def test_while_redis_is_unavailable_it_says_so_and_what_it_knows(
    local_api: Api, server: RedisServer
) -> None:
    await local_api.get("/features/custom?arg=Pop")
    server.kill()
    found = await told(local_api)
    pop = of(found, "Pop")
    assert (found["sql"], found["redis"]) == ("available", "unavailable")
    assert (pop["state"], pop["known_version"], pop["stored_list"]) == (None, None, None)
    assert pop["memory_copies"]["core"]["version"] == pop["version"]
    assert found["process"]["circuit"]["state"] == "open"


def _break(file: Path) -> None:
    file.write_bytes(b"no database" * 1000)


async def test_while_sql_is_unavailable_it_says_so_and_what_it_knows(
    local_api: Api, data_file: Path
) -> None:
    await local_api.get("/features/custom?arg=Pop")
    await local_api.services.background.drain()
    _break(data_file)
    found = await told(local_api)
    assert (found["sql"], found["redis"]) == ("unavailable", "available")
    assert (len(found["lists"]), of(found, "Pop")["state"]) == (LISTS, "fresh")


async def test_it_says_which_process_answers(make_api: MakeApi) -> None:
    api = make_api(cache_status_public=True, commit="0c95afa")
    found = await told(api)
    assert found["instance"]["id"] == "local"
    assert found["instance"]["commit"] == "0c95afa"
    assert found["instance"]["running_seconds"] >= 0
    assert (found["redis"], found["process"]["circuit"]) == ("not used", None)
