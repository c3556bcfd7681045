import asyncio
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.errors import TrackExists
from shared.repository.sql_database import SqlDatabase
from shared.repository.sqlite import sqlite_engine
from shared.repository.tables import cache_epoch, cache_version
from shared.repository.versions import Version
from shared.repository.writes import raise_in
from shared.tracks.genres import ALL
from shared.tracks.track import Track
from tests.contract.database_steps import listed, track, track_ids
from tests.services.databases import MakeDatabase


async def test_the_versions_of_a_write_are_what_a_poll_then_reads(database: SqlDatabase) -> None:
    before = await database.versions()
    written = await database.insert(track())
    after = await database.versions()
    assert written.track == track()
    assert dict(written.versions) == {
        scope: Version(after.epoch, number) for scope, number in after.numbers.items()
    }
    assert set(after.numbers) == {"Dance", ALL}
    assert after.numbers[ALL] > before.numbers[ALL]
    assert after.epoch == before.epoch


async def test_a_version_is_the_databases_clock(database: SqlDatabase) -> None:
    written = await database.insert(track())
    now = time.time() * 1000
    assert abs(dict(written.versions)["Dance"].number - now) < 60_000


async def test_a_version_goes_up_when_the_clock_was_set_back(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    ahead = int(time.time() * 1000) + 3_600_000
    with engine.begin() as connection:
        connection.execute(sa.update(cache_version).values(version=ahead))
    written = await database.insert(track(1))
    assert dict(written.versions)[ALL].number == ahead + 1
    written = await database.insert(track(2))
    assert dict(written.versions)[ALL].number == ahead + 2


def test_versions_raised_within_a_millisecond_differ(engine: sa.Engine) -> None:
    """docs/protocol.md, rule 2: SQLite makes several of these updates in one millisecond."""
    with engine.begin() as connection:
        numbers = [raise_in(connection, [ALL])[ALL] for _ in range(100)]
    assert numbers == sorted(set(numbers))


async def test_two_writes_in_one_millisecond_get_two_numbers(
    sqlite_file: Path, database_on: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/protocol.md, rule 2; only the clock of the embedded database can be stopped."""
    moment = time.time_ns() + 10**12
    monkeypatch.setattr(time, "time_ns", lambda: moment)
    database = database_on(sqlite_engine(sqlite_file, 1))
    numbers = [dict((await database.insert(track(n))).versions)[ALL].number for n in range(3)]
    assert numbers == [moment // 10**6 + n for n in range(3)]


def test_a_version_goes_up_though_the_clock_is_set_back_while_it_is_raised(
    sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/protocol.md, rule 2: a second reading of the clock would give a smaller number."""
    engine = sqlite_engine(sqlite_file, 1)
    with engine.begin() as connection:
        before = connection.scalars(sa.select(cache_version.c.version)).one()
        readings = iter([before + 5000, *[before - 5000] * 9])
        monkeypatch.setattr(time, "time_ns", lambda: next(readings) * 10**6)
        assert raise_in(connection, [ALL])[ALL] == before + 5000
    engine.dispose()


async def test_everything_that_has_a_version_reads_the_epoch_again(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    """docs/protocol.md, rule 4: the same server may suddenly be another database."""
    await database.insert(track(1))
    before = await database.versions()
    with engine.begin() as connection:
        connection.execute(sa.update(cache_epoch).values(epoch="another"))
    after = await database.versions()
    assert (after.epoch, after.numbers) == ("another", before.numbers)
    version, _ = await listed(database, "Dance")
    written = await database.insert(track(2))
    raised = await database.raise_versions([ALL])
    epochs = {written_version.epoch for _, written_version in written.versions}
    assert version is not None
    assert {version.epoch, raised.epoch} | epochs == {"another"}
    with engine.begin() as connection:
        connection.execute(sa.update(cache_epoch).values(epoch=before.epoch))


async def test_a_track_is_stored_once_per_genre_under_any_spelling(database: SqlDatabase) -> None:
    await database.insert(track(1, "Dance"))
    before = await database.versions()
    for spelling in ("Dance", "dance", " DANCE "):
        with pytest.raises(TrackExists):
            await database.insert(track(1, spelling, popularity=1))
    assert await database.versions() == before
    await database.insert(track(1, "Pop"))


async def test_the_list_of_all_keeps_its_version_when_a_record_is_beyond_it(
    engine: sa.Engine, database_on: MakeDatabase
) -> None:
    database = database_on(engine, features_limit=2)
    scopes = [
        [scope for scope, _ in (await database.insert(track(number))).versions]
        for number in range(4)
    ]
    assert scopes == [["Dance", ALL], ["Dance", ALL], ["Dance"], ["Dance"]]


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("pop", "Pop "),
        ("Pop", " pOP\u00a0"),
        ("Children’s Music", "Children's Music"),
        ("Children's Music", "children’s music"),
        ("Café", "Cafe\u0301"),
        ("Straße", "STRASSE"),
        ("日本の音楽", " 日本の音楽"),
        ("🎸 Rock", "🎸 ROCK"),
        ("R&B", "r&b"),
    ],
)
async def test_spellings_of_one_genre_meet_in_the_stored_one(
    database: SqlDatabase, stored: str, asked: str
) -> None:
    await database.insert(track(1, stored))
    written = await database.insert(track(2, asked))
    assert written.track.genre == stored
    assert set((await database.versions()).numbers) == {ALL, stored}
    assert await track_ids(database, stored) == [track(1).track_id, track(2).track_id]
    assert await database.find(asked, track(1).track_id) == track(1, stored)


def _store_scope(engine: sa.Engine, scope: str, folded: str) -> None:
    with engine.begin() as connection:
        values = {"scope": scope, "folded": folded, "version": 1}
        connection.execute(sa.insert(cache_version), values)


async def test_a_genre_that_another_unicode_has_folded_is_found_by_its_name(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    _store_scope(engine, "\u1fb3", folded="\u1fb3")
    written = await database.insert(track(1, "\u1fb3"))
    assert written.track.genre == "\u1fb3"
    assert "\u1fb3" in dict(written.versions)
    assert await database.find("\u1fb3", track(1).track_id) == written.track
    with pytest.raises(TrackExists):
        await database.insert(track(1, " \u1fb3"))


async def test_the_name_of_a_genre_goes_before_its_fold(
    engine: sa.Engine, database: SqlDatabase
) -> None:
    _store_scope(engine, "\u03b1\u03b9", folded="\u03b1\u03b9")
    _store_scope(engine, "\u1fb3", folded="\u1fb3")
    for number, genre in enumerate(("\u1fb3", "\u03b1\u03b9")):
        written = await database.insert(track(number, genre))
        assert written.track.genre == genre
        assert await database.find(genre, track(number).track_id) == written.track


@pytest.mark.parametrize("other", ["PÓP", "P op", "Pop2", "ポップ", "🎸"])
async def test_genres_that_differ_in_a_letter_or_an_accent_are_different(
    database: SqlDatabase, other: str
) -> None:
    await database.insert(track(1, "Pop"))
    await database.insert(track(1, other))
    assert set((await database.versions()).numbers) == {ALL, "Pop", other}
    assert len(await track_ids(database, "Pop")) == 1
    assert len(await track_ids(database, other)) == 1


@pytest.mark.parametrize(
    "name",
    ["夜に駆ける", "🎧🎷", "Ends in blanks  ", 'O\'Clock’s \\ "x" &amp;', "x" * 1000, "🎧" * 500],
)
async def test_text_comes_back_as_it_was_given(database: SqlDatabase, name: str) -> None:
    record = track(track_name=name)
    await database.insert(record)
    assert await database.find("Dance", record.track_id) == record
    _, rows = await listed(database, "Dance")
    assert rows[0][3] == name


async def test_every_column_comes_back(database: SqlDatabase) -> None:
    record = Track(
        "Movie", "Henri", "Beau", "0BRjO6ga9RKCKjfDqeFgWV", 0, 99373, acousticness=0.611,
        danceability=0.389, energy=0.91, instrumentalness=2.03e-05, key="C#", liveness=0.346,
        loudness=-52.457, mode="Major", speechiness=0.0525, tempo=166.969, time_signature="4/4",
        valence=0.814,
    )  # fmt: skip
    await database.insert(record)
    assert await database.find("movie", record.track_id) == record


async def test_a_record_that_is_not_there_is_not_found(database: SqlDatabase) -> None:
    await database.insert(track(1))
    assert await database.find("Dance", track(2).track_id) is None
    assert await database.find("Polka", track(1).track_id) is None


async def test_a_genre_created_by_many_at_once_is_one_genre(database: SqlDatabase) -> None:
    spellings = ["Dance", "dance", "DANCE ", "dAnCe", "Dance", "daNce"]
    writes = [database.insert(track(n, name)) for n, name in enumerate(spellings)]
    written = await asyncio.gather(*writes)
    genres = {result.track.genre for result in written}
    assert len(genres) == 1
    assert set((await database.versions()).numbers) == genres | {ALL}
    assert len(await track_ids(database, genres.pop())) == len(spellings)


async def test_one_of_many_equal_records_is_stored(database: SqlDatabase) -> None:
    writes = [database.insert(track(1)) for _ in range(6)]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert sum(isinstance(result, TrackExists) for result in results) == 5
    assert len(await track_ids(database, ALL)) == 1


async def test_a_list_of_a_version_holds_exactly_the_writes_up_to_it(
    database: SqlDatabase,
) -> None:
    """So the order of versions is the order of commits."""
    seen: list[tuple[str, Version | None, list[str]]] = []
    done = asyncio.Event()

    async def watch(scope: str) -> None:
        while not done.is_set():
            version, rows = await listed(database, scope)
            seen.append((scope, version, [row[4] for row in rows]))

    watchers = [asyncio.create_task(watch(scope)) for scope in ("Dance", ALL)]
    written = await asyncio.gather(*(database.insert(track(number)) for number in range(40)))
    done.set()
    await asyncio.gather(*watchers)
    for scope in ("Dance", ALL):
        numbers = {w.track.track_id: dict(w.versions)[scope].number for w in written}
        assert len(set(numbers.values())) == 40
        for where, version, ids in seen:
            if where == scope and version is not None:
                assert set(ids) == {name for name, n in numbers.items() if n <= version.number}
    assert len({str(ids) for _, _, ids in seen}) > 2


async def test_a_purge_raises_the_versions_it_names(database: SqlDatabase) -> None:
    await database.insert(track(1, "Dance"))
    await database.insert(track(1, "Pop"))
    before = await database.versions()
    raised = await database.raise_versions(["Pop", ALL, "Polka", "Pop"])
    after = await database.versions()
    assert set(raised.numbers) == {"Pop", ALL}
    assert raised.epoch == after.epoch
    assert after.numbers == {**before.numbers, **raised.numbers}
    assert all(raised.numbers[scope] > before.numbers[scope] for scope in ("Pop", ALL))
