"""The record is declared once: what else has columns is derived from `Track`."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import shared
from shared.tracks.track import COLUMNS, CORE_COLUMNS, TRACK_COLUMNS, Track

PROGRAM = Path(__file__).with_name("new_column.py")
LAST = "    valence: Annotated[float | None, Real(low=0, high=1, example=0.3)] = None\n"
NEW = "    lyricism: Annotated[float | None, Real(low=0, high=9, example=7.5)] = None\n"


@pytest.fixture(scope="module")
def with_a_new_column(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the product shows of a column whose declaration is one new line in `Track`."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(shared.__path__[0], copy / "shared")
    declaration = copy / "shared" / "tracks" / "track.py"
    text = declaration.read_text("utf-8")
    assert LAST in text
    declaration.write_text(text.replace(LAST, LAST + NEW), "utf-8")
    ended = subprocess.run(  # noqa: S603 (our own interpreter and program)
        [sys.executable, PROGRAM],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        check=True,
        capture_output=True,
        text=True,
    )
    shown: dict[str, Any] = json.loads(ended.stdout)
    return shown


def test_a_new_column_is_read_from_files_stored_and_listed(
    with_a_new_column: dict[str, Any],
) -> None:
    assert with_a_new_column["list"][-1] == 7.5
    assert with_a_new_column["staging"][-2:] == ["lyricism", "staged_at"]


def test_a_new_column_is_taken_from_requests_and_stands_in_answers(
    with_a_new_column: dict[str, Any],
) -> None:
    assert with_a_new_column["request"][-1] == "lyricism"
    assert with_a_new_column["answer"]["lyricism"] == 7.5
    assert with_a_new_column["core answer"] == list(CORE_COLUMNS)


def test_the_columns_stand_in_the_data_sets_order() -> None:
    assert tuple(column.name for column in TRACK_COLUMNS) == COLUMNS
    assert ",".join(COLUMNS) == (
        "genre,artist_name,track_name,track_id,popularity,acousticness,danceability,duration_ms,"
        "energy,instrumentalness,key,liveness,loudness,mode,speechiness,tempo,time_signature,"
        "valence"
    )


def test_the_core_view_is_what_a_record_requires() -> None:
    assert CORE_COLUMNS == (
        "genre", "artist_name", "track_name", "track_id", "popularity", "duration_ms"
    )  # fmt: skip
    assert [column.name for column in TRACK_COLUMNS if column.is_required] == list(CORE_COLUMNS)


def test_the_core_view_may_be_given_by_position() -> None:
    track = Track("Dance", "Lana Del Rey", "Pretty When You Cry", f"{1:022}", 60, 234147)
    assert (track.popularity, track.duration_ms, track.valence) == (60, 234147, None)
