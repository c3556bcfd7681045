"""The port Target: what a load does to the records, the versions and the rejected lines."""

import time
from typing import Any

import pytest
import sqlalchemy as sa

from shared.cache.lease import Leases
from shared.repository.bulk_load import bulk_load
from shared.repository.load_target import Merged
from shared.repository.sql_database import SqlDatabase
from shared.repository.tables import cache_version, features_rejected
from shared.tracks.genres import ALL
from shared.tracks.rejected import DUPLICATE, Reason, Rejected
from shared.tracks.track import Track
from tests.contract.database_steps import as_staged, connections_in_use, listed, track, track_ids
from tests.unit.cache.virtual_time import virtual_runtime


def load(
    engine: sa.Engine, *tracks: Track, run_id: str = "run", features_limit: int = 100_000
) -> Merged:
    """Load these records, as lines 2, 3 and so on of a file."""
    target = bulk_load(engine, features_limit, run_id)
    target.stage(as_staged(*enumerate(tracks, 2)))
    return target.merge()


def rejects(engine: sa.Engine) -> list[tuple[str, int, str]]:
    with engine.connect() as connection:
        columns = features_rejected.c
        rows = connection.execute(sa.select(columns.run_id, columns.line, columns.reason))
        return sorted(tuple(row) for row in rows)


async def test_new_records_are_stored_in_line_order(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    merged = load(engine, track(5), track(3, "Pop"), track(4))
    assert (merged.inserted, merged.updated, merged.unchanged, merged.rejected) == (3, 0, 0, {})
    assert await track_ids(database, ALL) == [track(n).track_id for n in (5, 3, 4)]
    assert await track_ids(database, "Dance") == [track(n).track_id for n in (5, 4)]


async def test_every_column_of_a_record_is_stored(engine: sa.Engine, database: SqlDatabase) -> None:
    whole = track(1, acousticness=0.611, danceability=0.389, energy=2.03e-05, key="C#",
                  instrumentalness=0.0, liveness=0.346, loudness=-52.457, mode="Major",
                  speechiness=0.1 + 0.2, tempo=166.969, time_signature="4/4", valence=1.0,
                  track_name="夜に駆ける 🎧 O’Clock")  # fmt: skip
    load(engine, whole, track(2))
    assert await database.find("Dance", whole.track_id) == whole
    assert await database.find("Dance", track(2).track_id) == track(2)


async def test_a_load_answers_the_versions_that_a_poll_then_reads(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    before = await database.versions()
    merged = load(engine, track(1), track(1, "Pop"))
    after = await database.versions()
    assert set(merged.versions) == {"Dance", "Pop", ALL}
    assert {scope: after.of(scope) for scope in after.numbers} == dict(merged.versions)
    assert after.numbers[ALL] > before.numbers[ALL]


async def test_loading_again_changes_nothing(engine: sa.Engine, database: SqlDatabase) -> None:
    records = [track(number, energy=0.1 * number) for number in range(5)] + [track(1, "Pop")]
    load(engine, *records)
    before, rows = await database.versions(), await listed(database, ALL)
    merged = load(engine, *records, run_id="again")
    assert (merged.inserted, merged.updated, merged.unchanged) == (0, 0, 6)
    assert merged.versions == {}
    assert await database.versions() == before
    assert await listed(database, ALL) == rows


@pytest.mark.parametrize(
    "changed",
    [{"popularity": 61}, {"energy": 0.2}, {"energy": None}, {"track_name": "pretty when you cry"},
     {"key": "D"}, {"tempo": 100.1}],
)  # fmt: skip
async def test_a_record_that_differs_is_updated_in_its_place(
    engine: sa.Engine, database: SqlDatabase, changed: dict[str, Any]
) -> None:
    load(engine, track(1), track(2, energy=0.1), track(3), track(4, "Pop"))
    _, rows = await listed(database, ALL)
    before = await database.versions()
    merged = load(engine, track(2, **{"energy": 0.1, **changed}), track(3), run_id="again")
    assert (merged.inserted, merged.updated, merged.unchanged) == (0, 1, 1)
    assert set(merged.versions) == {"Dance", ALL}
    assert [row[0] for row in (await listed(database, ALL))[1]] == [row[0] for row in rows]
    after = await database.versions()
    assert after.numbers["Pop"] == before.numbers["Pop"]


async def test_after_a_load_a_record_of_every_spelling_is_in_the_list_that_is_read(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    """A read finds a genre by the lease, a write by the database: they must mean the same one."""
    spellings = [
        ("Stra\u00dfe", "STRASSE", "stra\u1e9ee"),
        ("\u00b5", "\u039c", "\u03bc"),
        ("\u1fb3", "\u0391\u0399", "\u1fbc"),
        ("\u03d1", "\u0398", "\u03b8"),
        ("Lo-\ufb01", "LO-FI", "lo-fi"),
        ("\U00010400", "\U00010428", " \U00010400"),
        ("\u13a0", "\uab70", "\u13a0\u3000"),
    ]
    names = [name for same in spellings for name in same[:2]]
    load(engine, *(track(number, name) for number, name in enumerate(names)))
    leases = Leases(database.versions, seconds=2, runtime=virtual_runtime())
    lease = leases._accept(0, await database.versions())
    assert set(lease.versions.numbers) == {ALL, *(same[0] for same in spellings)}
    for number, name in enumerate((name for same in spellings for name in same), len(names)):
        written = await database.insert(track(number, name))
        scope = lease.scope_of(name)
        assert scope == written.track.genre
        assert track(number).track_id in await track_ids(database, scope)


async def test_the_list_of_all_keeps_its_version_when_only_later_records_changed(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    load(engine, track(1), track(2), track(3), features_limit=2)
    before = await database.versions()
    merged = load(engine, track(3, popularity=1), track(4), run_id="again", features_limit=2)
    assert (merged.inserted, merged.updated) == (1, 1)
    assert set(merged.versions) == {"Dance"}
    merged = load(engine, track(2, popularity=1), run_id="once more", features_limit=2)
    assert set(merged.versions) == {"Dance", ALL}
    assert (await database.versions()).numbers[ALL] > before.numbers[ALL]


async def test_the_first_change_of_a_load_decides_about_the_list_of_all(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    load(engine, track(1), track(2), track(3), features_limit=2)
    before = await database.versions()
    merged = load(engine, track(4), track(1, popularity=1), run_id="again", features_limit=2)
    assert (merged.inserted, merged.updated) == (1, 1)
    assert set(merged.versions) == {"Dance", ALL}
    assert (await database.versions()).numbers[ALL] > before.numbers[ALL]


async def test_a_load_raises_versions_that_are_ahead_of_the_clock(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    load(engine, track(1))
    ahead = int(time.time() * 1000) + 3_600_000
    with engine.begin() as connection:
        connection.execute(sa.update(cache_version).values(version=ahead))
    merged = load(engine, track(2), run_id="again")
    assert {scope: version.number for scope, version in merged.versions.items()} == {
        "Dance": ahead + 1,
        ALL: ahead + 1,
    }
    assert (await database.versions()).numbers == {"Dance": ahead + 1, ALL: ahead + 1}


async def test_the_first_of_equal_records_is_kept_and_the_others_are_rejected(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    merged = load(engine, track(1, popularity=7), track(2), track(1, "dance"), track(1, "DANCE "))
    assert (merged.inserted, merged.rejected) == (2, {DUPLICATE: Reason(2, 4)})
    assert rejects(engine) == [("run", 4, DUPLICATE), ("run", 5, DUPLICATE)]
    found = await database.find("Dance", track(1).track_id)
    assert found == track(1, popularity=7)


async def test_the_stored_spelling_of_a_genre_wins(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    await database.insert(track(1, "Children’s Music"))
    load(engine, track(2, "Children's Music"), track(3, "children’s music"), track(4, "POP"),
         track(5, "Pop"))  # fmt: skip
    assert set((await database.versions()).numbers) == {ALL, "Children’s Music", "POP"}
    assert len(await track_ids(database, "Children’s Music")) == 3
    assert len(await track_ids(database, "POP")) == 2


async def test_a_genre_that_was_created_during_the_load_keeps_its_spelling(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    target = bulk_load(engine, 100, "run")
    target.stage(as_staged((2, track(1, "dance"))))
    await database.insert(track(2, "DANCE"))
    target.stage(as_staged((3, track(2, "Dance"))))
    merged = target.merge()
    assert (merged.inserted, merged.unchanged) == (1, 1)
    assert set(merged.versions) == {"DANCE", ALL}
    assert await track_ids(database, "DANCE") == [track(2).track_id, track(1).track_id]


async def test_a_record_that_was_posted_during_the_load_is_updated(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    target = bulk_load(engine, 100, "run")
    target.stage(as_staged((2, track(1)), (3, track(2))))
    await database.insert(track(1, popularity=1))
    merged = target.merge()
    assert (merged.inserted, merged.updated) == (1, 1)
    assert await database.find("Dance", track(1).track_id) == track(1)


async def test_staging_neither_shows_nor_blocks_anything(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    target = bulk_load(engine, 100, "run")
    target.stage(as_staged((2, track(1))))
    assert await track_ids(database, ALL) == []
    await database.insert(track(2))
    target.abandon()
    assert await track_ids(database, ALL) == [track(2).track_id]


async def test_rejects_are_kept_with_their_reasons(engine: sa.Engine) -> None:
    target = bulk_load(engine, 100, "run")
    target.reject([Rejected(3, "popularity: out of range", 'Dance,"a, b",’,🎧')])
    target.stage(as_staged((2, track(1))))
    target.reject([Rejected(9, "key: unknown value", "x" * 60_000)])
    assert target.merge().rejected == {
        "popularity: out of range": Reason(1, 3),
        "key: unknown value": Reason(1, 9),
    }
    assert rejects(engine) == [
        ("run", 3, "popularity: out of range"),
        ("run", 9, "key: unknown value"),
    ]
    with engine.connect() as connection:
        raw = connection.scalars(sa.select(features_rejected.c.raw).order_by("line")).all()
    assert raw == ['Dance,"a, b",’,🎧', "x" * 60_000]


async def test_an_abandoned_load_leaves_only_its_rejects(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    before = await database.versions()
    target = bulk_load(engine, 100, "run")
    target.stage(as_staged((2, track(1))))
    target.reject([Rejected(3, "key: unknown value", "raw")])
    target.abandon()
    target.abandon()
    assert rejects(engine) == [("run", 3, "key: unknown value")]
    assert await database.versions() == before
    assert await listed(database, ALL) == (before.of(ALL), [])
    assert load(engine, track(2)).inserted == 1
    assert await track_ids(database, ALL) == [track(2).track_id]
    assert connections_in_use(engine) == 0


async def test_a_load_of_nothing_raises_no_version(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    before = await database.versions()
    merged = bulk_load(engine, 100, "run").merge()
    assert merged == Merged(0, 0, 0, {}, {})
    assert await database.versions() == before
