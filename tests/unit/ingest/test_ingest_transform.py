"""The transformation: the golden cases, and rules that only Python can check."""

import json
import re
import sys
import unicodedata
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import strategies as st

from shared.ingest.transform import Record, transform
from shared.repository import migrations
from shared.tracks.genres import tidy
from shared.tracks.rejected import Rejected
from shared.tracks.track import COLUMNS, Track
from tests.examples import given

PROCEDURE = Path(migrations.__path__[0]) / "versions" / "0003_load_features.sql"
GOLDEN = Path(__file__).parents[2] / "golden" / "transform.json"
RECORDS = json.loads(GOLDEN.read_text("utf-8"))
PLAIN: list[str] = RECORDS[0]["row"]


def became_of(row: list[str]) -> Track | Rejected:
    became = transform(Record(2, row, ",".join(row)))
    if isinstance(became, Rejected):
        return became
    line, *values = became
    assert line == 2
    return Track(**dict(zip(COLUMNS, values, strict=True)))


def plain_but(column: str, text: str) -> list[str]:
    return [text if name == column else field for name, field in zip(COLUMNS, PLAIN, strict=True)]


@pytest.mark.parametrize("case", RECORDS, ids=lambda case: case["name"])
def test_a_golden_record_becomes_what_it_should(case: dict[str, Any]) -> None:
    became = became_of(case["row"])
    if isinstance(became, Rejected):
        assert became.reason == case.get("reason")
    else:
        assert asdict(became) == case.get("record")


def test_there_are_enough_golden_cases_and_no_two_have_one_name() -> None:
    names = [case["name"] for case in RECORDS]
    assert len(set(names)) == len(names) >= 120


def test_every_column_has_a_golden_case_that_is_refused() -> None:
    refused = {case["reason"].split(":")[0] for case in RECORDS if "reason" in case}
    assert refused == set(COLUMNS)


def test_a_rejected_record_keeps_its_line_and_its_text() -> None:
    rejected = transform(Record(77, plain_but("popularity", "x"), "as it was read"))
    assert rejected == Rejected(77, "popularity: not a whole number", "as it was read")


def test_the_procedure_trims_what_python_calls_white_space() -> None:
    declared = re.search(r"DECLARE @blank .*?;", PROCEDURE.read_text("utf-8"), re.DOTALL)
    assert declared
    trimmed_by_sql = {int(code) for code in re.findall(r"NCHAR\((\d+)\)", declared[0])}
    assert trimmed_by_sql == {code for code in range(sys.maxunicode + 1) if chr(code).isspace()}


def test_a_decomposed_title_is_stored_composed() -> None:
    track = became_of(plain_but("track_name", "Cancio\u0301n"))
    assert isinstance(track, Track)
    assert track.track_name == "Canci\u00f3n"


def test_no_character_is_decomposed_into_more_than_four() -> None:
    decomposed = (unicodedata.normalize("NFD", chr(code)) for code in range(sys.maxunicode + 1))
    assert max(map(len, decomposed)) == 4


def test_a_title_of_many_marks_is_refused_without_normalising_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lengths: list[int] = []
    normalise = unicodedata.normalize

    def watched(form: Literal["NFC"], text: str) -> str:
        lengths.append(len(text))
        return normalise(form, text)

    monkeypatch.setattr(unicodedata, "normalize", watched)
    marks = became_of(plain_but("track_name", "a" + "\u0301\u0323" * 15_000))
    assert isinstance(marks, Rejected)
    assert marks.reason == "track_name: must have at most 1000 characters"
    longest = became_of(plain_but("track_name", normalise("NFD", "\u1f82" * 1000)))
    assert isinstance(longest, Track)
    assert longest.track_name == "\u1f82" * 1000
    assert max(lengths) == 4000


@given(st.text(min_size=1, max_size=8))
def test_a_genre_that_is_stored_is_spelt_as_the_api_would_spell_it(text: str) -> None:
    track = became_of(plain_but("genre", text))
    if isinstance(track, Track):
        assert track.genre == tidy(text)


@pytest.mark.parametrize("column", ["genre", "artist_name", "track_name"])
def test_a_lone_surrogate_is_refused(column: str) -> None:
    rejected = became_of(plain_but(column, "Po\ud800p"))
    assert isinstance(rejected, Rejected)
    assert rejected.reason == f"{column}: must not contain control characters"


def test_a_negative_zero_is_stored_as_zero() -> None:
    track = became_of(plain_but("valence", "-0.0"))
    assert isinstance(track, Track)
    assert str(track.valence) == "0.0"


@given(st.lists(st.text(max_size=30), min_size=18, max_size=18))
def test_any_texts_become_a_track_or_a_reason_of_a_known_column(row: list[str]) -> None:
    became = became_of(row)
    if isinstance(became, Rejected):
        assert became.reason.split(": ")[0] in COLUMNS


@given(st.sampled_from(COLUMNS), st.text(max_size=40))
def test_whatever_is_stored_is_trimmed_nfc_and_free_of_control_characters(
    column: str, text: str
) -> None:
    became = became_of(plain_but(column, text))
    if isinstance(became, Track):
        for value in asdict(became).values():
            if isinstance(value, str):
                assert value == unicodedata.normalize("NFC", value.strip())
                assert not {unicodedata.category(character) for character in value} & {"Cc", "Cs"}
