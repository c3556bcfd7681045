"""The sample has the figures of the data set: rows, repeats, ranges, lengths, awkward text."""

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from io import StringIO
from itertools import groupby
from pathlib import Path

import pytest

from local.hosted import REPOSITORY
from local.sample_data import replacing, write
from local.sample_data_shape import GENRES, OTHER_SPELLING, TWO_SPELLINGS, plan, runs
from shared.ingest.transform import Record, transform
from shared.tracks.rejected import Rejected
from shared.tracks.track import COLUMNS, CORE_COLUMNS

type Rows = list[dict[str, str]]

RANGES = {
    "popularity": (0, 100),
    "duration_ms": (15_387, 5_552_917),
    "acousticness": (0, 0.996),
    "danceability": (0.0569, 0.989),
    "energy": (0.0000203, 0.999),
    "instrumentalness": (0, 0.999),
    "liveness": (0.00967, 1),
    "loudness": (-52.457, 3.744),
    "speechiness": (0.0222, 0.967),
    "tempo": (30.379, 242.903),
    "valence": (0, 1),
}


def sample(rows: int, genres: int = len(GENRES)) -> str:
    text = StringIO(newline="")
    for _ in write(text, rows, genres):
        pass
    return text.getvalue()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "SpotifyFeatures.csv"
    subprocess.run([sys.executable, "-m", "local.sample_data", str(path)], check=True)  # noqa: S603 - our own program
    return path


@pytest.fixture(scope="module")
def lower_text(whole: Path) -> str:
    return whole.read_text("utf-8").lower()


@pytest.fixture(scope="module")
def rows(whole: Path) -> Rows:
    with whole.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_the_file_is_as_large_as_the_data_set(whole: Path) -> None:
    assert 32e6 < whole.stat().st_size < 34e6


def test_every_run_writes_the_same_bytes() -> None:
    """Sets and hashes have another order in another process."""
    code = (
        "import sys; from local.sample_data import write; "
        "sys.stdout.reconfigure(encoding='utf-8', newline=''); "
        "[None for _ in write(sys.stdout, 20_000, 26)]"
    )
    there = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    assert there.stdout == sample(20_000, 26).encode()


def test_the_columns_are_those_of_the_data_set(rows: Rows) -> None:
    assert tuple(rows[0]) == COLUMNS


def test_each_genre_has_its_rows_in_each_of_its_spellings(rows: Rows) -> None:
    expected = dict(GENRES) | {TWO_SPELLINGS: 5403, OTHER_SPELLING: 9353}
    assert Counter(row["genre"] for row in rows) == expected
    assert len(rows) == 232_725


def test_the_rows_are_grouped_by_genre(rows: Rows) -> None:
    groups = [genre for genre, _ in groupby(row["genre"] for row in rows)]
    assert len(groups) < 60


def test_tracks_repeat_over_genres_and_never_within_one(rows: Rows) -> None:
    assert len({row["track_id"] for row in rows}) == 176_774
    pairs = {(row["genre"].replace("\u2019", "'"), row["track_id"]) for row in rows}
    assert len(pairs) == len(rows)


@pytest.mark.parametrize("column", RANGES)
def test_numbers_reach_both_ends_of_their_range(rows: Rows, column: str) -> None:
    values = [float(row[column]) for row in rows]
    assert (min(values), max(values)) == RANGES[column]


def test_names_are_as_long_as_in_the_data_set(rows: Rows) -> None:
    assert max(len(row["artist_name"]) for row in rows) == 52
    assert max(len(row["track_name"]) for row in rows) == 209
    assert {len(row["track_id"]) for row in rows} == {22}


def test_the_first_100_000_records_are_15_6_mb_of_json(rows: Rows) -> None:
    records = [
        {
            name: int(row[name]) if name in {"popularity", "duration_ms"} else row[name]
            for name in CORE_COLUMNS
        }
        for row in rows[:100_000]
    ]
    text = json.dumps(records, ensure_ascii=False, separators=(",", ":"))
    assert len(text.encode()) == pytest.approx(15.6e6, rel=0.02)


@pytest.mark.parametrize(
    "awkward",
    [
        '""',
        "\\",
        "&amp;",
        ',"',
        "あ",
        "ア",
        "月",
        "가",
        "Д",
        "ω",
        "ש",
        "ก",
        "é",
        "\U0001f3b5",
        "0/4",
    ],
)
def test_the_text_holds_what_catches_parsers(lower_text: str, awkward: str) -> None:
    assert awkward.lower() in lower_text


def test_every_row_passes_the_transformation(rows: Rows) -> None:
    became = (transform(Record(0, list(row.values()), "")) for row in rows)
    assert not any(isinstance(one, Rejected) for one in became)


@pytest.mark.parametrize("count", [1, 2, 30, 999, 5000])
@pytest.mark.parametrize("genres", [1, 5, 26, 60])
def test_any_number_of_rows_over_any_number_of_genres_is_exact(count: int, genres: int) -> None:
    genres = min(count, genres)
    lines = list(csv.reader(StringIO(sample(count, genres)), strict=True))[1:]
    assert len(lines) == count
    assert len({line[0].replace("\u2019", "'") for line in lines}) == genres
    assert len({(line[0].replace("\u2019", "'"), line[3]) for line in lines}) == count


def test_the_share_of_repeats_is_kept_when_scaled() -> None:
    planned = plan(1_000_000)
    assert sum(genre.repeats for genre in planned) == pytest.approx(240_418, abs=30)


def test_the_runs_hold_every_row_once() -> None:
    planned = plan(1234)
    shown = Counter((run.genre, row) for run in runs(planned) for row in run.rows)
    assert set(shown.values()) == {1}
    assert len(shown) == 1234


def test_an_empty_genre_is_refused() -> None:
    with pytest.raises(ValueError, match="a row for each"):
        plan(3, 4)


def test_a_broken_off_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("old")

    def broken_off() -> None:
        with replacing(path) as file:
            file.write("new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_path_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "local.sample_data", str(tmp_path / "file" / "x.csv")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "cannot be written" in ended.stderr
    assert "Traceback" not in ended.stderr
