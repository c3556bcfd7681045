"""Pages by `limit` and `cursor`, and the Link header of RFC 8288."""

import re
from urllib.parse import parse_qs, quote, urlsplit

import orjson
import pytest
from hypothesis import strategies as st

from shared.cache.bodies import ListBody
from shared.http.list_request import ListRequest
from shared.http.negotiation import Conditions
from shared.http.pages import Page, encode_cursor, links
from shared.tracks import genres
from shared.tracks.track import View
from tests.api.api_client import Answer, Api, MakeApi
from tests.api.emulator_users import SignedInUser
from tests.api.sample_records import REFERENCE, ROWS
from tests.examples import given
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


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("pop", "Pop"),
        ("%20%20POP%E2%80%83", "Pop"),
        ("CHILDREN%E2%80%99S+MUSIC", "Children%27s+Music"),
        ("r%26b", "R%26B"),
        ("%20" * 5000 + "pop", "Pop"),
        ("%20no%20such+genre%20", "no+such+genre"),
        ("Cafe%CC%81", "Caf%C3%A9"),
        ("%22%3E%2C%3Cx%3E", "%22%3E%2C%3Cx%3E"),
    ],
)
async def test_links_name_the_genre_that_was_understood(api: Api, asked: str, named: str) -> None:
    answer = await api.get(f"/features/custom?arg={asked}&limit=007&other=1")
    assert _links(answer)["first"] == f"/features/custom?arg={named}&limit=7"
    again = await api.get(_links(answer)["first"])
    assert (again.status, again.body) == (200, answer.body)
    assert _links(again) == _links(answer)


@pytest.mark.parametrize(
    "asked", ["x" * 101, "all", "%7Bx%7D", "a%0D%0Ab", "%00", "x" * 5000, "%CC%95%CC%80" * 2000]
)
async def test_what_cannot_name_a_genre_has_no_link(api: Api, asked: str) -> None:
    answer = await api.get(f"/features/custom?arg={asked}&limit=5")
    assert (answer.status, answer.body) == (200, b"[]")
    assert "Link" not in answer.headers


async def test_the_longest_name_of_a_genre_has_bounded_links(
    auth_api: Api, editor: SignedInUser
) -> None:
    name = "漢" * 100
    for track in ("0000000000000000000001", "0000000000000000000002"):
        body = {**REFERENCE, "genre": name, "track_id": track}
        answer = await auth_api.post("/features/new", body, Authorization=editor.authorization)
        assert answer.status == 201
    first = await auth_api.get(f"/features/custom?arg={quote(f'  {name} ')}&limit=1&view=full")
    second = await auth_api.get(_links(first)["next"])
    assert len(first.headers["Link"]) < 2100
    assert [page.json()[0]["track_id"][-1] for page in (first, second)] == ["1", "2"]


@given(st.text(min_size=1), st.sampled_from(["core", "full"]), st.integers(1, 10_000))
def test_a_link_to_any_genre_is_ascii_and_leads_to_it(name: str, view: str, limit: int) -> None:
    want = _list_request(name, view, limit)
    for scope in ("", name):
        target = want.link(scope)
        if target is None:
            assert not scope
            assert genres.objection(genres.tidy(name)) is not None
            continue
        header = links(target, limit, encode_cursor(1, scope))
        assert re.fullmatch(r"[\x21-\x7e ]+", header)
        asked = parse_qs(urlsplit(header.partition(">")[0][1:]).query, keep_blank_values=True)
        assert asked["arg"] == [scope or genres.tidy(name)]
        assert asked["limit"] == [str(limit)]


def _list_request(name: str, view: str, limit: int) -> ListRequest:
    conditions = Conditions(None, None)
    return ListRequest(
        View(view), Page(limit), "gzip", conditions, False, "/features/custom", name, 0.0
    )


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
