"""Pages by `limit` and `cursor`, and the Link header of RFC 8288."""

import re
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from shared.cache.bodies import ListBody
from tests.api.api_client import Answer, Api, MakeApi
from tests.api.emulator_users import SignedInUser
from tests.api.sample_records import REFERENCE, ROWS
from tests.services.redis import RedisFactory

_LINK = re.compile(r'<([^>]*)>; rel="(\w+)"')


def _links(answer: Answer) -> dict[str, str]:
    return {relation: target for target, relation in _LINK.findall(answer.headers["Link"])}


async def _pages(api: Api, target: str) -> list[Answer]:
    pages = [await api.get(target)]
    while (following := _links(pages[-1]).get("next")) is not None:
        pages.append(await api.get(following))
    return pages


@pytest.mark.parametrize(
    "target",
    ["/features?limit=700", "/features?limit=1000", "/features/custom?arg=Pop&view=full&limit=7"],
)
async def test_the_pages_together_are_the_list(api: Api, target: str) -> None:
    whole = orjson.loads((await api.get(re.sub(r"[&?]limit=\d+", "", target))).body)
    pages = await _pages(api, target)
    assert [record for page in pages for record in orjson.loads(page.body)] == whole


async def test_links_are_exact_and_lead_back_to_the_same_request(api: Api) -> None:
    answer = await api.get("/features/custom?arg=R%26B&view=full&limit=2")
    first, following = _links(answer)["first"], _links(answer)["next"]
    assert first == "/features/custom?arg=R%26B&view=full&limit=2"
    assert following.startswith(first + "&cursor=")
    assert answer.headers["Link"] == f'<{following}>; rel="next", <{first}>; rel="first"'


async def test_no_two_pages_of_a_list_share_a_tag(api: Api) -> None:
    tags: list[str] = []
    for limit in (700, 701):
        for coding in ("gzip", "identity"):
            target: str | None = f"/features?limit={limit}"
            while target is not None:
                page = await api.get(target, Accept_Encoding=coding)
                tags.append(page.headers["ETag"])
                target = _links(page).get("next")
    tags.append((await api.get("/features")).headers["ETag"])
    assert len(tags) == 2 * (5 + 5) + 1
    assert len(set(tags)) == len(tags)


async def test_the_tag_of_a_page_is_no_other_page_s(api: Api) -> None:
    first = await api.get("/features?limit=700")
    following = _links(first)["next"]
    again = await api.get(following, If_None_Match=first.headers["ETag"])
    assert (again.status, again.body != first.body) == (200, True)


async def test_the_tag_tells_the_place_of_a_page_from_its_length(api: Api) -> None:
    after_1 = await _cursor(api, "/features?limit=1")
    after_12 = await _cursor(api, "/features?limit=12")
    one = await api.get(f"/features?limit=23&cursor={after_1}")
    other = await api.get(f"/features?limit=3&cursor={after_12}")
    assert one.headers["ETag"] != other.headers["ETag"]


async def test_head_of_a_page_names_the_next_though_its_list_is_in_redis_alone(
    make_api: MakeApi, redis_server: RedisFactory
) -> None:
    url = redis_server().url
    one, other = make_api(redis_url=url), make_api(redis_url=url)
    page = await one.get("/features?limit=3")
    await one.services.background.drain()
    head = await other.head("/features?limit=3")
    assert (head.status, head.body) == (200, b"")
    assert set(_links(head)) == {"next", "first"}
    assert head.headers["Link"] == page.headers["Link"]
    assert head.headers["ETag"] == page.headers["ETag"]


async def test_the_last_page_has_no_next(api: Api) -> None:
    answer = await api.get(f"/features?limit={ROWS}")
    assert set(_links(answer)) == {"first"}


async def test_a_page_of_an_unknown_genre_is_an_empty_list(api: Api) -> None:
    answer = await api.get("/features/custom?arg=Nothing&limit=5")
    assert (answer.status, answer.body, set(_links(answer))) == (200, b"[]", {"first"})


async def test_a_cursor_stays_valid_while_records_are_added(
    auth_api: Api, editor: SignedInUser
) -> None:
    api = auth_api
    before = orjson.loads((await api.get("/features/custom?arg=Dance")).body)
    half = await api.get(f"/features/custom?arg=Dance&limit={len(before) // 2}")
    answer = await api.post("/features/new", REFERENCE, Authorization=editor.authorization)
    assert answer.status == 201
    rest = await _pages(api, _links(half)["next"])
    seen = orjson.loads(half.body) + [one for page in rest for one in orjson.loads(page.body)]
    assert seen[:-1] == before
    assert seen[-1]["track_id"] == REFERENCE["track_id"]


async def _cursor(api: Api, target: str) -> str:
    return parse_qs(urlsplit(_links(await api.get(target))["next"]).query)["cursor"][0]


async def test_a_cursor_of_another_list_is_malformed(api: Api) -> None:
    foreign = await _cursor(api, "/features/custom?arg=Pop&limit=1")
    for target in ("/features?limit=1", "/features/custom?arg=Rock&limit=1"):
        answer = await api.get(f"{target}&cursor={foreign}")
        assert (answer.status, "cursor" in answer.json()["detail"]) == (400, True)


async def test_a_damaged_cursor_is_malformed_wherever_it_was_damaged(api: Api) -> None:
    cursor = await _cursor(api, "/features?limit=1")
    for place in range(len(cursor)):
        other = "B" if cursor[place] == "A" else "A"
        damaged = cursor[:place] + other + cursor[place + 1 :]
        answer = await api.get(f"/features?limit=1&cursor={damaged}", If_None_Match="*")
        assert answer.status == 400


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=10001",
        "limit=-1",
        "limit=1.0",
        "limit=ten",
        "limit=",
        "limit=%D9%A3",
        "limit=1&limit=2",
        "limit=999999999999999999999",
        "cursor=AAAA",
        "limit=1&cursor=",
        "limit=1&cursor=%FF",
        "limit=1&cursor=AAAA",
        "limit=1&cursor=%C3%A9",
        "limit=1&cursor=AAAAAAAAAAAAAAAA",
        "limit=1&cursor=" + "A" * 4096,
    ],
)
async def test_what_is_no_page_is_malformed(api: Api, query: str) -> None:
    assert (await api.get(f"/features?{query}")).status == 400


async def test_a_page_of_a_cached_list_reads_no_sql_and_inflates_no_list(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.get("/features")
    await api.get("/features/custom?arg=Pop")
    asked: list[str] = []
    monkeypatch.setattr(ListBody, "uncompressed", lambda _: asked.append("whole list"))
    monkeypatch.setattr(api.services.database, "snapshot", lambda *_: asked.append("SQL"))
    for target in ("/features?limit=500", "/features/custom?arg=Pop&limit=7"):
        for coding in ("gzip", "identity"):
            assert (await api.get(target, Accept_Encoding=coding)).status == 200
    assert asked == []
