"""Conditional requests (RFC 9110, section 13): If-None-Match, If-Match, and what a 304 has."""

import hashlib

import pytest

from shared.http.negotiation import Conditions
from tests.api.api_client import Api, MakeApi
from tests.api.emulator_users import SignedInUser
from tests.api.sample_records import REFERENCE

TAG = '"abc-gzip"'


@pytest.mark.parametrize(
    "header",
    [
        TAG,
        "W/" + TAG,
        f'"x", {TAG}',
        f'{TAG}, "x"',
        f'W/"x" ,\t{TAG},',
        f", ,{TAG}",
        "*",
        " * ",
        f'"with,comma", {TAG}',
        f'"ÿ", {TAG}',
    ],
)
def test_a_caller_who_names_the_copy_has_it(header: str) -> None:
    assert Conditions(None, header).status(TAG) == 304


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        '"abc"',
        "abc-gzip",
        '"abc-gzip',
        "w/" + TAG,
        f"x{TAG}",
        f'"x" {TAG}',
        f"{TAG} garbage",
        f"{TAG}, garbage",
        f"*, {TAG}",
        f"{TAG}; q=1",
        '"ABC-gzip"',
    ],
)
def test_what_does_not_name_it_or_is_no_list_says_nothing(header: str | None) -> None:
    assert Conditions(None, header).status(TAG) == 200


@pytest.mark.parametrize(
    ("header", "status"),
    [(None, 200), ("*", 200), (TAG, 200), (f'"x", {TAG}', 200), ('"x"', 412)],
)
def test_if_match_fails_for_every_other_copy(header: str | None, status: int) -> None:
    assert Conditions(header, None).status(TAG) == status


def test_if_match_counts_before_if_none_match() -> None:
    assert Conditions('"x"', TAG).status(TAG) == 412


def test_if_match_compares_strongly() -> None:
    assert Conditions("W/" + TAG, None).status(TAG) == 412


@pytest.mark.parametrize("target", ["/features", "/features?limit=5", "/features?view=full"])
@pytest.mark.parametrize("coding", ["gzip", "identity"])
async def test_a_304_carries_what_the_200_said_of_the_copy_and_no_content(
    api: Api, target: str, coding: str
) -> None:
    full = await api.get(target, Accept_Encoding=coding)
    answer = await api.get(target, Accept_Encoding=coding, If_None_Match=full.headers["ETag"])
    assert (answer.status, answer.body) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert answer.headers[name] == full.headers[name]
    assert "Age" in answer.headers
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    "target",
    ["/features", "/features?limit=5", "/features/custom?arg=Pop", "/features/custom?arg=?"],
)
async def test_a_list_may_be_stored_by_caches_but_never_used_without_asking(
    api: Api, target: str
) -> None:
    full = await api.get(target)
    unchanged = await api.get(target, If_None_Match=full.headers["ETag"])
    assert (full.status, full.headers["Cache-Control"]) == (200, "public, no-cache")
    assert (unchanged.status, unchanged.headers["Cache-Control"]) == (304, "public, no-cache")


async def test_the_tag_of_an_unknown_genre_is_that_of_an_empty_list(api: Api) -> None:
    packed = (await api.get("/features/custom?arg=Nothing", Accept_Encoding="gzip")).body
    of_plain, of_gzip = (hashlib.sha256(data).hexdigest()[:32] for data in (b"[]", packed))
    for coding, tag in (("identity", f'"{of_plain}"'), ("gzip", f'"{of_gzip}-gzip"')):
        for target in ("/features/custom?arg=Nothing", "/features/custom?arg=Nothing&view=full"):
            answer = await api.get(target, Accept_Encoding=coding)
            unchanged = await api.get(target, Accept_Encoding=coding, If_None_Match=tag)
            assert (answer.status, answer.headers["ETag"]) == (200, tag)
            assert (unchanged.status, unchanged.headers["ETag"]) == (304, tag)


async def test_the_tag_of_an_unknown_genre_ends_with_its_first_record(
    auth_api: Api, editor: SignedInUser
) -> None:
    target, body = "/features/custom?arg=Fado", {**REFERENCE, "genre": "Fado"}
    tag = (await auth_api.get(target)).headers["ETag"]
    created = await auth_api.post("/features/new", body, Authorization=editor.authorization)
    assert created.status == 201
    answer = await auth_api.get(target, If_None_Match=tag)
    assert (answer.status, len(answer.json())) == (200, 1)


async def test_a_tag_of_the_other_coding_is_another_copy(api: Api) -> None:
    packed = await api.get("/features", Accept_Encoding="gzip")
    assert (await api.get("/features", If_None_Match=packed.headers["ETag"])).status == 200


async def test_a_tag_of_another_page_is_another_copy(api: Api) -> None:
    page = await api.get("/features?limit=5")
    assert (await api.get("/features?limit=6", If_None_Match=page.headers["ETag"])).status == 200


async def test_a_star_matches_any_list_even_an_empty_one(api: Api) -> None:
    assert (await api.get("/features", If_None_Match="*")).status == 304
    assert (await api.get("/features/custom?arg=Nothing", If_None_Match="*")).status == 304


async def test_another_list_than_if_match_names_is_412(api: Api) -> None:
    assert (await api.get("/features", If_Match='"other"')).status == 412


async def test_a_tag_ends_with_the_record_that_is_added(
    auth_api: Api, editor: SignedInUser
) -> None:
    api, token = auth_api, editor.authorization
    before = await api.get("/features/custom?arg=Dance")
    created = await api.post("/features/new", REFERENCE, Authorization=token)
    assert created.status == 201
    tag = before.headers["ETag"]
    after = await api.get("/features/custom?arg=Dance", If_None_Match=tag)
    assert (after.status, after.headers["ETag"] != tag) == (200, True)


async def test_the_tag_is_the_same_on_every_instance(make_api: MakeApi) -> None:
    one, other = make_api(), make_api()
    first, second = await one.get("/features"), await other.get("/features")
    assert first.headers["ETag"] == second.headers["ETag"]
