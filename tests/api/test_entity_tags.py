"""Strong entity tags (RFC 9110, section 8.8.3): one tag never stands for two bodies.

Not of two databases with equal records, and not of two releases with other compressors.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from shared.cache.circuit_breaker import CircuitBreaker
from shared.http.pages import encode_cursor
from tests.api.api_client import Answer, Api, MakeApi
from tests.services.redis import RedisFactory

CODINGS = ("gzip", "identity")
LISTS = ("/features", "/features?view=full", "/features/custom?arg=Pop")
PAGES = tuple(
    f"{path}limit={limit}" + (f"&cursor={encode_cursor(row_id, scope)}" if row_id else "")
    for path, scope in (("/features?", "all"), ("/features/custom?arg=Pop&", "Pop"))
    for limit in (1, 5, 2900)
    for row_id in (0, 1, 5, 40, 2999)
)

type Answers = dict[tuple[str, str], Answer]
"""By target and coding."""


async def answers(api: Api, targets: Sequence[str] = (*LISTS, *PAGES)) -> Answers:
    found = {}
    for target in targets:
        for coding in CODINGS:
            found[target, coding] = await api.get(target, Accept_Encoding=coding)
    return found


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
        connection.commit()


def use_compressor(patch: pytest.MonkeyPatch, level: int) -> None:
    """Make other gzip bytes of the same content, as a release with another library does."""
    patch.setattr("shared.cache.bodies.LEVEL", level)
    patch.setattr("shared.http.pages._LEVEL", level)


def bodies_by_tag(many: Sequence[Answers]) -> dict[str, set[bytes]]:
    bodies: dict[str, set[bytes]] = {}
    for one in many:
        for answer in one.values():
            bodies.setdefault(answer.headers["ETag"], set()).add(answer.body)
    return bodies


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE features SET id = id + 1000000",
        "UPDATE features SET id = id + 1000000 WHERE id > 40",
        "DELETE FROM features WHERE id = 1",
        "DELETE FROM features WHERE id = 3000",
        "UPDATE features SET popularity = 100 - popularity WHERE id = 41",
    ],
)
async def test_no_tag_stands_for_two_bodies_of_two_databases(
    statement: str, make_api: MakeApi, data_file: Path
) -> None:
    """The epoch is the same, as after a restore; a cursor names rows of either."""
    before = await answers(make_api())
    change(data_file, statement)
    api = make_api()
    after = await answers(api)
    assert max(map(len, bodies_by_tag([before, after]).values())) == 1
    for (target, coding), answer in before.items():
        tag = answer.headers["ETag"]
        again = await api.get(target, Accept_Encoding=coding, If_None_Match=tag)
        assert (again.status == 304) == (after[target, coding].headers["ETag"] == tag)


async def test_no_tag_stands_for_two_gzip_bodies_of_two_compressors(
    make_api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for level in (1, 2, 3):
        use_compressor(monkeypatch, level)
        found.append(await answers(make_api()))
    assert max(map(len, bodies_by_tag(found).values())) == 1
    first, *others = found
    for other in others:
        for key in [key for key in first if key[1] == "identity"]:
            assert other[key].headers["ETag"] == first[key].headers["ETag"]


async def test_a_stored_list_keeps_the_tag_of_the_release_that_stored_it(
    make_api: MakeApi, redis_server: RedisFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = redis_server().url
    with monkeypatch.context() as patch:
        use_compressor(patch, 3)
        other = make_api(redis_url=url)
        stored = await answers(other, LISTS)
        await other.services.background.drain()
    api = make_api(redis_url=url)
    for (target, coding), answer in stored.items():
        given = await api.get(target, Accept_Encoding=coding)
        assert (given.headers["ETag"], given.body) == (answer.headers["ETag"], answer.body)
    fresh = await answers(make_api(), LISTS)
    assert fresh["/features", "gzip"].headers["ETag"] != stored["/features", "gzip"].headers["ETag"]


async def test_a_304_reads_only_the_head_of_the_stored_list(
    make_api: MakeApi, redis_server: RedisFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = redis_server().url
    one, other = make_api(redis_url=url), make_api(redis_url=url, cache_memory_mb=0)
    known = await answers(one, ("/features", "/features?limit=5"))
    await one.services.background.drain()
    store, sizes = other.services.store, []
    assert isinstance(store, CircuitBreaker)
    fetch = store.fetch

    async def watched(scope: str, fields: Sequence[str], *, size: int = 0) -> object:
        sizes.append((len(fields), size))
        return await fetch(scope, fields, size=size)

    monkeypatch.setattr(store, "fetch", watched)
    for (target, coding), answer in known.items():
        tag = answer.headers["ETag"]
        unchanged = await other.get(target, Accept_Encoding=coding, If_None_Match=tag)
        assert (unchanged.status, unchanged.headers["ETag"]) == (304, tag)
    assert sizes == [(1, 0)] * len(known)
