"""What a request may say of a record: the rules of a file, in the same words."""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.http.request_bodies import NewTrack
from shared.tracks.rejected import NOT_NFC
from shared.tracks.track import COLUMNS, TRACK_COLUMNS
from tests.examples import given

GOLDEN = Path(__file__).parents[2] / "golden" / "transform.json"
CASES = json.loads(GOLDEN.read_text("utf-8"))
TEXTS = ("genre", "artist_name", "track_name")
EXAMPLE = {column.name: column.kind.example for column in TRACK_COLUMNS}
SCHEMAS = NewTrack.model_json_schema()["properties"]
PATTERNS = {name: re.compile(SCHEMAS[name]["pattern"]) for name in TEXTS}


def objection(**columns: Any) -> str | None:
    """Why a request with these values is refused, as `column: reason`."""
    try:
        NewTrack.model_validate(EXAMPLE | columns)
    except ValidationError as error:
        (fault,) = error.errors()
        return f"{fault['loc'][0]}: {fault['msg'].removeprefix('Value error, ')}"
    return None


def golden_texts() -> list[tuple[str, str, str | None]]:
    """(column, text, reason) of the golden cases in which one text differs from the first one.

    A request's text may not be longer with its blanks either: JSON Schema counts them.
    """
    plain = CASES[0]["row"]
    found = []
    for case in CASES:
        differs = [n for n, a, b in zip(COLUMNS, case["row"], plain, strict=True) if a != b]
        if len(differs) == 1 and differs[0] in TEXTS and NOT_NFC not in case.get("reason", ""):
            text = case["row"][COLUMNS.index(differs[0])]
            if "reason" in case or len(text) <= SCHEMAS[differs[0]]["maxLength"]:
                found.append((differs[0], text, case.get("reason")))
    return found


@pytest.mark.parametrize(("column", "text", "reason"), golden_texts())
def test_a_request_is_refused_for_the_reason_of_a_load(
    column: str, text: str, reason: str | None
) -> None:
    assert objection(**{column: text}) == reason


def test_there_are_golden_texts_of_every_kind() -> None:
    assert {column for column, _, _ in golden_texts()} == set(TEXTS)
    assert len({reason for _, _, reason in golden_texts()}) >= 12


@pytest.mark.parametrize("number", [1e-99, -0.0, 0.5])
def test_a_number_that_a_file_may_spell_is_stored_as_it_is(number: float) -> None:
    track = NewTrack.model_validate(EXAMPLE | {"valence": number}).track()
    assert track.valence == number


@pytest.mark.parametrize("number", [9.9e-100, 1e-308, 5e-324])
def test_what_is_closer_to_zero_is_zero(number: float) -> None:
    track = NewTrack.model_validate(EXAMPLE | {"valence": number}).track()
    assert track.valence == 0


@given(st.data())
@pytest.mark.parametrize("column", TEXTS)
def test_what_the_schema_allows_is_accepted(column: str, data: st.DataObject) -> None:
    """But for unassigned characters of a genre, and `all`."""
    text = data.draw(st.from_regex(PATTERNS[column]), label="text")
    unassigned = {unicodedata.category(letter) for letter in text} & {"Cn", "Cs"}
    if column != "genre" or not (unassigned or text.strip().casefold() == "all"):
        assert objection(**{column: text}) is None


@given(st.text(max_size=6))
@pytest.mark.parametrize("column", TEXTS)
def test_what_the_schema_forbids_is_refused(column: str, text: str) -> None:
    if not PATTERNS[column].search(text):
        assert objection(**{column: text}) is not None


@given(st.sampled_from(TEXTS), st.text("a \t\u200b\ufeff\u3000{\x07\U000e0061\ue000", max_size=5))
def test_the_schema_and_the_rules_agree_on_borders(column: str, text: str) -> None:
    assert (PATTERNS[column].search(text) is None) == (objection(**{column: text}) is not None)
