"""`/features` and `/features/custom`: genres, views and the query string."""

import gzip

import azure.functions as func
import orjson
import pytest

from shared.http.list_request import query_of
from shared.tracks.track import COLUMNS, CORE_COLUMNS
from tests.api.api_client import Api, MakeApi
from tests.api.sample_records import ROWS


async def test_all_features_come_in_the_order_of_their_ids_with_six_fields(api: Api) -> None:
    answer = await api.get("/features")
    records = orjson.loads(answer.body)
    assert (answer.status, answer.media_type) == (200, "application/json")
    assert len(records) == ROWS
    assert {tuple(record) for record in records} == {CORE_COLUMNS}


async def test_the_list_of_all_ends_at_features_limit(make_api: MakeApi) -> None:
    api = make_api(features_limit=100)
    whole = orjson.loads((await api.get("/features")).body)
    assert len(whole) == 100


@pytest.mark.parametrize("query", ["arg=Pop", "=Pop", "arg=pop", "arg=%20POP%20", "arg=P%6Fp"])
async def test_a_genre_is_found_under_every_spelling(api: Api, query: str) -> None:
    expected = await api.get("/features/custom?arg=Pop")
    answer = await api.get(f"/features/custom?{query}")
    assert orjson.loads(answer.body) == orjson.loads(expected.body) != []
    assert answer.headers["ETag"] == expected.headers["ETag"]


async def test_both_apostrophes_name_one_genre(api: Api) -> None:
    straight = await api.get("/features/custom?arg=Children%27s%20Music")
    curly = await api.get("/features/custom?arg=Children%E2%80%99s%20Music")
    assert straight.body == curly.body != b"[]"


async def test_a_genre_with_an_ampersand_is_one_value(api: Api) -> None:
    records = orjson.loads((await api.get("/features/custom?arg=R%26B")).body)
    assert {record["genre"] for record in records} == {"R&B"}


async def test_the_full_view_has_all_columns_in_the_order_of_the_data_set(api: Api) -> None:
    for path in ("/features?view=full", "/features/custom?arg=Pop&view=full"):
        records = orjson.loads((await api.get(path)).body)
        assert {tuple(record) for record in records} == {COLUMNS}


async def test_the_views_are_two_representations_of_the_same_records(api: Api) -> None:
    core, full = await api.get("/features?view=core"), await api.get("/features?view=full")
    assert core.headers["ETag"] != full.headers["ETag"]
    short = [{name: one[name] for name in CORE_COLUMNS} for one in orjson.loads(full.body)]
    assert short == orjson.loads(core.body)


async def test_an_unknown_genre_is_an_empty_list(api: Api) -> None:
    answer = await api.get("/features/custom?arg=No%20such%20genre")
    assert (answer.status, answer.body) == (200, b"[]")
    assert answer.headers["Cache-Status"] == "SmartCache; fwd=miss; detail=unknown-genre"


async def test_an_unknown_genre_answers_the_gzip_that_it_announces(api: Api) -> None:
    answer = await api.get("/features/custom?arg=Nothing", Accept_Encoding="gzip")
    assert gzip.decompress(answer.body) == b"[]"


@pytest.mark.parametrize("query", ["", "?arg=", "?Pop", "?arg=%20", "?=", "?ARG=Pop"])
async def test_without_a_genre_the_request_is_malformed(api: Api, query: str) -> None:
    assert (await api.get(f"/features/custom{query}")).status == 400


@pytest.mark.parametrize(
    "query",
    ["arg=Pop&arg=Rock", "arg=Pop&=Rock", "arg=Pop&arg=Pop", "=a&=b", "arg=%FF"],
)
async def test_a_query_that_leaves_a_choice_is_malformed(api: Api, query: str) -> None:
    assert (await api.get(f"/features/custom?{query}")).status == 400


@pytest.mark.parametrize("view", ["all", "FULL", "", "full&view=full"])
async def test_a_view_that_there_is_not_is_malformed(api: Api, view: str) -> None:
    for path in ("/features?", "/features/custom?arg=Pop&"):
        answer = await api.get(f"{path}view={view}")
        assert (answer.status, "'view'" in answer.json()["detail"]) == (400, True)


async def test_a_comma_in_a_genre_is_no_repetition(api: Api) -> None:
    assert (await api.get("/features/custom?arg=Pop%2CRock")).body == b"[]"


def test_a_host_header_that_holds_a_query_is_not_read_as_one() -> None:
    url = "http://host?arg=Rock/features/custom?arg=Pop"
    assert query_of(func.HttpRequest("GET", url, body=b"")).one("arg") == "Pop"


async def test_a_query_of_a_thousand_parameters_is_malformed(api: Api) -> None:
    answer = await api.get("/features?" + "&".join(f"a{n}=1" for n in range(1000)))
    assert "more than 50 parameters" in answer.json()["detail"]
