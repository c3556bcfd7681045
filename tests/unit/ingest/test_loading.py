"""A load: every line is stored, or rejected with its reason."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from shared.ingest.csv_reader import read
from shared.ingest.load_errors import FileError, Interrupted, NothingToLoad
from shared.ingest.loading import Loaded, load
from shared.repository.bulk_load import bulk_load
from shared.repository.load_target import Merged
from shared.repository.tables import features_rejected, features_staging
from shared.tracks.rejected import Reason
from shared.tracks.track import COLUMNS
from tests.unit.ingest.data_set import FIELDS, csv_file, line, rejects, stored, versions

GOLDEN = Path(__file__).parents[2] / "golden"
GENRES = json.loads((GOLDEN / "genres.json").read_text("utf-8"))

BROKEN = {
    "too,few,fields": "record: wrong number of fields",
    line(901, track_name='Ti"tle'): "record: bare quote",
    line(902, track_name='"Title'): "record: unterminated quote",
    line(903, popularity="101"): "popularity: out of range",
    line(904, popularity="many"): "popularity: not a whole number",
    line(905, genre="all"): "genre: must not be 'all', which names the list of all genres",
    line(906, track_id="short"): "track_id: must be 22 letters and digits",
    line(907, valence="nan"): "valence: not a number",
    line(908, time_signature="9/9"): "time_signature: unknown value",
    line(909, track_name="Bell\x07"): "track_name: must not contain control characters",
    line(1, popularity="5"): "record: duplicate of an earlier line",
}


def load_bytes(engine: sa.Engine, content: bytes, run_id: str = "run") -> Loaded:
    return load(read(BytesIO(content)), bulk_load(engine, 100_000, run_id))


def test_every_line_is_stored_or_rejected_with_its_reason(engine: sa.Engine) -> None:
    good = [line(number) for number in range(1, 6)]
    loaded = load_bytes(engine, csv_file(*good, *BROKEN, line(6)))
    assert loaded.read == 6 + len(BROKEN)
    assert (loaded.inserted, loaded.updated, loaded.unchanged) == (6, 0, 0)
    assert {name: reason.count for name, reason in loaded.rejected.items()} == dict.fromkeys(
        BROKEN.values(), 1
    )
    assert len(stored(engine)) == loaded.read - len(rejects(engine))
    assert [(number, reason) for number, reason, _ in rejects(engine)] == list(
        enumerate(BROKEN.values(), start=7)
    )
    raws = [raw for _, _, raw in rejects(engine)]
    assert raws[:-1] == list(BROKEN)[:-1]


def test_each_reason_has_its_first_line(engine: sa.Engine) -> None:
    loaded = load_bytes(engine, csv_file(line(1), "x", line(2, key="H"), line(3), "y"))
    assert loaded.rejected == {
        "record: wrong number of fields": Reason(2, 3),
        "key: unknown value": Reason(1, 4),
    }


@pytest.mark.parametrize("seed", range(5))
def test_what_was_read_is_inserted_updated_unchanged_or_rejected(
    engine: sa.Engine, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - test data
    for run_id in ("first", "second"):
        lines = [_any_line(random) for _ in range(60)]
        loaded = load_bytes(engine, csv_file(line(0), *lines), run_id)
        rejected = sum(reason.count for reason in loaded.rejected.values())
        stored_now = loaded.inserted + loaded.updated + loaded.unchanged
        assert (loaded.read, loaded.read - rejected) == (61, stored_now)
        assert _reasons(engine, run_id) == loaded.rejected
    assert loaded.unchanged
    assert loaded.updated


def _any_line(random: Random) -> str:
    """A good record, often one of an earlier line or load, or a broken one."""
    if random.random() < 0.3:
        return random.choice(list(BROKEN))
    genre = random.choice(["Dance", "dance ", "Pop"])
    return line(random.randrange(40), genre=genre, popularity=str(random.randrange(2)))


def _reasons(engine: sa.Engine, run_id: str) -> dict[str, Reason]:
    found: dict[str, Reason] = {}
    columns = features_rejected.c
    query = sa.select(columns.reason, columns.line).where(columns.run_id == run_id)
    with engine.connect() as connection:
        for row in connection.execute(query.order_by(columns.line)):
            found.setdefault(row.reason, Reason(0, row.line)).count += 1
    return found


class Changed:
    """A load into SQL Server whose staged rows are changed before the procedure reads them."""

    def __init__(self, engine: sa.Engine, changes: dict[int, dict[str, str]]) -> None:
        self._engine = engine
        self._changes = changes
        self._target = bulk_load(engine, 100_000, "run")
        self.stage, self.reject = self._target.stage, self._target.reject
        self.abandon = self._target.abandon

    def merge(self) -> Merged:
        with self._engine.begin() as connection:
            for number, columns in self._changes.items():
                staged = features_staging.c.line == number
                connection.execute(sa.update(features_staging).where(staged).values(columns))
        return self._target.merge()


FOUR_AND_A_BROKEN_LINE = csv_file(*(line(number) for number in range(1, 5)), "x")


@pytest.mark.tsql
def test_what_the_procedure_alone_rejects_is_counted_with_its_reason(
    tsql_engine: sa.Engine,
) -> None:
    """It checks again what is staged, by rules that may differ from Python's."""
    changes = {3: {"popularity": "101"}, 4: {"key": "H"}, 5: {"key": "H"}}
    loaded = load(read(BytesIO(FOUR_AND_A_BROKEN_LINE)), Changed(tsql_engine, changes))
    assert (loaded.read, loaded.inserted, loaded.updated, loaded.unchanged) == (5, 1, 0, 0)
    assert loaded.rejected == {
        "popularity: out of range": Reason(1, 3),
        "key: unknown value": Reason(2, 4),
        "record: wrong number of fields": Reason(1, 6),
    }


@pytest.mark.tsql
def test_a_file_of_which_the_procedure_rejects_all_has_nothing_to_load(
    tsql_engine: sa.Engine,
) -> None:
    changes = {number: {"mode": "Dorian"} for number in range(2, 6)}
    with pytest.raises(NothingToLoad, match="None of the 5 records") as raised:
        load(read(BytesIO(FOUR_AND_A_BROKEN_LINE)), Changed(tsql_engine, changes))
    assert raised.value.rejected == {
        "mode: unknown value": Reason(4, 2),
        "record: wrong number of fields": Reason(1, 6),
    }
    with tsql_engine.connect() as connection:
        assert connection.execute(sa.select(features_staging)).all() == []


def test_a_record_is_stored_with_all_its_columns(engine: sa.Engine) -> None:
    load_bytes(engine, csv_file(line(1, valence="", time_signature="4-Apr")))
    (row,) = stored(engine)
    expected: dict[str, Any] = {
        **FIELDS,
        "track_id": f"{1:022}",
        "popularity": 61,
        "duration_ms": 234147,
        "time_signature": "4/4",
        "valence": None,
    }
    for name in COLUMNS:
        value = expected[name]
        stored_value = getattr(row, name)
        assert stored_value == (float(value) if isinstance(stored_value, float) else value)


def test_loading_twice_changes_nothing(engine: sa.Engine) -> None:
    content = csv_file(*[line(number) for number in range(1, 50)])
    load_bytes(engine, content, "first")
    before = stored(engine), versions(engine)
    again = load_bytes(engine, content, "second")
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 49)
    assert again.versions == {}
    assert (stored(engine), versions(engine)) == before


def test_a_changed_record_is_updated_in_place_and_raises_its_lists(engine: sa.Engine) -> None:
    load_bytes(engine, csv_file(line(1), line(2), line(3, genre="Pop")), "first")
    before = versions(engine)
    ids = [row.id for row in stored(engine)]
    loaded = load_bytes(engine, csv_file(line(1), line(2, popularity="7")), "second")
    assert (loaded.inserted, loaded.updated, loaded.unchanged) == (0, 1, 1)
    assert [row.id for row in stored(engine)] == ids
    after = versions(engine)
    assert {scope for scope in after if after[scope] > before[scope]} == {"Dance", "all"}
    assert {scope: version.number for scope, version in loaded.versions.items()} == {
        scope: after[scope] for scope in ("Dance", "all")
    }


@pytest.mark.parametrize("case", GENRES, ids=lambda case: case["name"])
def test_golden_genres_get_their_canonical_spelling(
    engine: sa.Engine, case: dict[str, Any]
) -> None:
    if case["known"]:
        known = [line(900 + place, genre=name) for place, name in enumerate(case["known"])]
        load_bytes(engine, csv_file(*known), "known")
    rows = [
        line(place, genre=genre, popularity=popularity)
        for place, (genre, popularity) in enumerate(case["rows"], start=1)
    ]
    load_bytes(engine, csv_file(*rows))
    by_id = {row.track_id: row.genre for row in stored(engine)}
    became = [by_id.get(f"{place:022}") for place in range(1, len(rows) + 1)]
    assert became == case["stored"]


@pytest.fixture
def filled(engine: sa.Engine) -> Iterator[sa.Engine]:
    """A database with records, which the test must leave unchanged."""
    load_bytes(engine, csv_file(line(1), line(2, genre="Pop")), "before")
    before = stored(engine), versions(engine)
    yield engine
    assert (stored(engine), versions(engine)) == before


def test_a_header_alone_leaves_everything_as_it_was(filled: sa.Engine) -> None:
    with pytest.raises(NothingToLoad, match="no records"):
        load_bytes(filled, csv_file())


def test_a_file_of_broken_lines_only_leaves_everything_as_it_was(filled: sa.Engine) -> None:
    with pytest.raises(NothingToLoad, match="None of the 2 records") as raised:
        load_bytes(filled, csv_file("x", "y"))
    assert raised.value.rejected == {"record: wrong number of fields": Reason(2, 2)}


def test_the_rejects_of_a_file_without_a_good_line_can_be_read(engine: sa.Engine) -> None:
    with pytest.raises(NothingToLoad):
        load_bytes(engine, csv_file("x"))
    assert rejects(engine) == [(2, "record: wrong number of fields", "x")]


def test_another_header_leaves_everything_as_it_was(filled: sa.Engine) -> None:
    with pytest.raises(FileError, match="header"):
        load_bytes(filled, b"a,b,c\n" + line(3).encode())


def test_a_stream_that_breaks_off_leaves_everything_as_it_was(filled: sa.Engine) -> None:
    class BreaksOff(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 1_000_000:
                raise FileError("broken off")
            return super().read(size)

    content = csv_file(*[line(number) for number in range(10, 20_000)])
    with pytest.raises(FileError, match="broken off"):
        load(read(BreaksOff(content)), bulk_load(filled, 100_000, "run"))


def test_an_interrupt_while_reading_leaves_everything_as_it_was(filled: sa.Engine) -> None:
    class Stopped(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 1_000_000:
                raise KeyboardInterrupt
            return super().read(size)

    content = csv_file(*[line(number) for number in range(10, 20_000)])
    with pytest.raises(Interrupted):
        load(read(Stopped(content)), bulk_load(filled, 100_000, "run"))


def test_an_interrupt_before_the_merge_is_done_leaves_everything_as_it_was(
    filled: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> Merged:
        raise KeyboardInterrupt

    target = bulk_load(filled, 100_000, "run")
    monkeypatch.setattr(target, "merge", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load(read(BytesIO(csv_file(line(5)))), target)
