"""Request bodies: size, media type, JSON text, fields."""

import json
import tracemalloc
from typing import Any

import pytest

from shared.http.request_bodies import NewTrack
from tests.api.api_client import Answer, Api
from tests.api.emulator_users import SignedInUser
from tests.api.sample_records import REFERENCE, STORED


async def _create(api: Api, editor: SignedInUser, body: Any, **headers: str) -> Answer:
    return await api.post("/features/new", body, Authorization=editor.authorization, **headers)


async def test_the_reference_payload_becomes_a_record_with_numbers(
    auth_api: Api, editor: SignedInUser
) -> None:
    answer = await _create(auth_api, editor, REFERENCE)
    assert answer.status == 201
    assert {name: answer.json()[name] for name in STORED} == STORED
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_same_record_again_is_a_conflict(auth_api: Api, editor: SignedInUser) -> None:
    assert (await _create(auth_api, editor, REFERENCE)).status == 201
    assert (await _create(auth_api, editor, REFERENCE)).status == 409


async def test_the_genre_is_stored_under_the_spelling_that_is_known(
    auth_api: Api, editor: SignedInUser
) -> None:
    body = {**REFERENCE, "genre": " children’s MUSIC "}
    assert (await _create(auth_api, editor, body)).json()["genre"] == "Children's Music"


async def test_audio_features_are_stored_and_come_back_in_the_full_view(
    auth_api: Api, editor: SignedInUser
) -> None:
    sound = {"tempo": 120.5, "key": "C#", "mode": "Major", "time_signature": "4/4", "valence": 0}
    assert (await _create(auth_api, editor, {**REFERENCE, **sound})).status == 201
    answer = await auth_api.get("/features/custom?arg=Dance&view=full")
    stored = answer.json()[-1]
    assert {name: stored[name] for name in sound} == sound
    assert stored["energy"] is None


@pytest.mark.parametrize("size", [64 * 1024 + 1, 1024 * 1024])
async def test_a_body_over_64_kib_is_too_large_even_before_its_type_is_looked_at(
    auth_api: Api, editor: SignedInUser, size: int
) -> None:
    answer = await _create(auth_api, editor, b" " * size, Content_Type="image/png")
    assert answer.status == 413


@pytest.mark.parametrize("length", ["65537", "9" * 5000])
async def test_what_is_announced_as_too_large_is_refused_unread(
    auth_api: Api, editor: SignedInUser, length: str
) -> None:
    assert (await _create(auth_api, editor, b"{", Content_Length=length)).status == 413


async def test_a_body_of_64_kib_is_read(auth_api: Api, editor: SignedInUser) -> None:
    body = json.dumps(REFERENCE).encode().ljust(64 * 1024)
    assert (await _create(auth_api, editor, body)).status == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": ""},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Type": "application/json; charset=latin-1"},
        {"Content_Type": "application/jsonx"},
        {"Content_Type": "application/json, text/plain"},
        {"Content_Type": ";;;"},
        {"Content_Type": "application/json; a"},
        {"Content_Type": 'application/json; a="b'},
        {"Content_Type": "application/json; charset=utf-8; charset=utf-16"},
        {"Content_Type": "application/json; charset*=utf-8''utf-8"},
        {"Content_Type": "application/json; charset*=x; charset*0=y"},
        {"Content_Type": "application/json; CHARSET*0*=utf-8''a; charset*1=b"},
        {"Content_Type": "application/json; charset*" + "7" * 4400 + "=a"},
        {"Content_Type": "application/json" + ";" * 30_000},
        {"Content_Type": 'application/json; a="' + ";" * 30_000},
        {"Content_Type": "application/json; charset=ütf-8"},
        {"Content_Encoding": "gzip"},
    ],
)
async def test_another_media_type_charset_or_coding_is_415(
    auth_api: Api, editor: SignedInUser, headers: dict[str, str]
) -> None:
    assert (await _create(auth_api, editor, REFERENCE, **headers)).status == 415


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json; charset=UTF-8",
        'APPLICATION/JSON;charset="utf-8"; x=1',
        "application/json;",
        "\tapplication/json ;; Charset=utf8",
        'application/json; charset="\\u\\t\\f-8"',
        "application/json; x*=utf-8''a; version=\"1; charset=latin-1\"",
    ],
)
async def test_json_is_accepted_however_its_type_is_written(
    auth_api: Api, editor: SignedInUser, media_type: str
) -> None:
    answer = await _create(auth_api, editor, REFERENCE, Content_Type=media_type)
    assert answer.status == 201


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b'{"genre": "Pop",\n "x" 1}', "line 2, column 6"),
        (b"{'genre': 1}", "line 1, column 2"),
        (b'{"a": 1} {"b": 2}', "Extra data at line 1, column 10"),
        (b'{"a": 1, "a": 2}', 'name "a" is used twice'),
        (b'{"b": {"a": 1, "\\u0061": 2}}', 'name "a" is used twice'),
        (b'{"popularity": NaN}', "NaN is not a number"),
        (b'{"popularity": -Infinity}', "-Infinity is not a number"),
        (b"[" * 60_000, "nested too deeply"),
        (b'{"a":' * 10_000, "nested too deeply"),
        (b'{"genre": "\\ud83d"}', "lone surrogate"),
        (b'{"\\udc00": 1}', "lone surrogate"),
        (b'{"genre": "\xff"}', "not UTF-8: byte 11"),
        (b'{"genre": "a\nb"}', "line 1, column 13"),
        (b'{"popularity": ' + b"9" * 5000 + b"}", "too many digits"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8: byte 0"),
    ],
)
async def test_what_is_no_json_is_malformed_and_the_answer_says_where(
    auth_api: Api, editor: SignedInUser, body: bytes, said: str
) -> None:
    answer = await _create(auth_api, editor, body)
    assert answer.status == 400
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"genre": "all"}, "genre"),
        ({"genre": "{x}"}, "genre"),
        ({"genre": "a\x00b"}, "genre"),
        ({"genre": ""}, "genre"),
        ({"genre": None}, "genre"),
        ({"genre": 5}, "genre"),
        ({"genre": "x" * 101}, "genre"),
        ({"genre": "\ufeffPop"}, "genre"),
        ({"genre": "al\u00adl"}, "genre"),
        ({"genre": "Pop\ue000"}, "genre"),
        ({"artist_name": "a\x00b"}, "artist_name"),
        ({"artist_name": "   "}, "artist_name"),
        ({"artist_name": ["a"]}, "artist_name"),
        ({"artist_name": "\u3164"}, "artist_name"),
        ({"track_name": {"a": 1}}, "track_name"),
        ({"track_name": "x" * 5000}, "track_name"),
        ({"track_name": "\u200b \u2060"}, "track_name"),
        ({"track_id": "short"}, "track_id"),
        ({"track_id": "é" * 22}, "track_id"),
        ({"popularity": 101}, "popularity"),
        ({"popularity": -1}, "popularity"),
        ({"popularity": "٣"}, "popularity"),
        ({"popularity": True}, "popularity"),
        ({"popularity": 1.5}, "popularity"),
        ({"popularity": None}, "popularity"),
        ({"popularity": []}, "popularity"),
        ({"duration_ms": 10**400}, "duration_ms"),
        ({"duration_ms": "1e9"}, "duration_ms"),
        ({"energy": "0.5"}, "energy"),
        ({"energy": 1.001}, "energy"),
        ({"energy": 10**400}, "energy"),
        ({"energy": False}, "energy"),
        ({"tempo": {}}, "tempo"),
        ({"key": "H"}, "key"),
        ({"key": ""}, "key"),
        ({"mode": 1}, "mode"),
        ({"time_signature": "4-Apr"}, "time_signature"),
    ],
)
async def test_a_wrong_field_is_422_and_named(
    auth_api: Api, editor: SignedInUser, change: dict[str, Any], field: str
) -> None:
    answer = await _create(auth_api, editor, {**REFERENCE, **change})
    assert answer.status == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"1e-999", b"0.1e1000"])
async def test_a_number_beyond_all_bounds_is_a_wrong_field_or_fits(
    auth_api: Api, editor: SignedInUser, number: bytes
) -> None:
    body = json.dumps(REFERENCE).encode()[:-1] + b', "energy": ' + number + b"}"
    answer = await _create(auth_api, editor, body)
    assert answer.status == (201 if number == b"1e-999" else 422)


async def test_every_wrong_field_is_named_at_once(auth_api: Api, editor: SignedInUser) -> None:
    answer = await _create(auth_api, editor, {"genre": 1, "id": 5, "popularity": "x"})
    said = {one["field"]: one["message"] for one in answer.json()["errors"]}
    assert said["id"] == "is not a known field"
    assert said["artist_name"] == said["track_name"] == said["track_id"] == "is required"
    assert {"genre", "popularity", "duration_ms"} <= set(said)


def test_blanks_around_a_number_are_not_kept_in_memory() -> None:
    """Parsed values are kept, by their text."""
    NewTrack.model_validate(REFERENCE)
    tracemalloc.start()
    try:
        for place in range(20):
            blanks = " " * (60_000 + place)
            NewTrack.model_validate({**REFERENCE, "popularity": f"{blanks}60{blanks}"})
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 300_000


async def test_an_answer_about_thousands_of_fields_is_small(
    auth_api: Api, editor: SignedInUser
) -> None:
    body = {f"field{number}": 0 for number in range(4000)}
    answer = await _create(auth_api, editor, body)
    assert answer.status == 422
    assert answer.json()["errors"] == [{"field": "body", "message": "must have at most 50 fields"}]


async def test_a_long_name_is_repeated_in_part(auth_api: Api, editor: SignedInUser) -> None:
    name = "x" * 20_000
    unknown = await _create(auth_api, editor, {**REFERENCE, name: 1})
    twice = await _create(auth_api, editor, f'{{"{name}":1,"{name}":2}}'.encode())
    assert (unknown.status, twice.status) == (422, 400)
    assert "xxx…" in unknown.json()["errors"][0]["field"]
    assert "is used twice" in twice.json()["detail"]
    assert max(len(unknown.body), len(twice.body)) < 1000


@pytest.mark.parametrize("body", [[], 1, "text", None, True])
async def test_a_document_that_is_no_object_is_422(
    auth_api: Api, editor: SignedInUser, body: object
) -> None:
    answer = await _create(auth_api, editor, json.dumps(body).encode())
    assert answer.status == 422
    assert answer.json()["errors"] == [{"field": "body", "message": "must be a JSON object"}]


@pytest.mark.parametrize("field", ["role", "admin", "disabled", "uid", "emailVerified", "claims"])
async def test_signup_takes_nothing_that_would_make_an_account_more(
    auth_api: Api, field: str
) -> None:
    body = {"email": "mallory@example.org", "password": "long enough for this", field: True}
    answer = await auth_api.post("/signup", body)
    assert answer.status == 422
    assert answer.json()["errors"] == [{"field": field, "message": "is not a known field"}]


async def test_what_is_wrong_with_a_password_or_an_email_is_said_in_plain_words(
    auth_api: Api,
) -> None:
    short = await auth_api.post("/signup", {"email": "a@@b", "password": "short"})
    said = {one["field"]: one["message"] for one in short.json()["errors"]}
    assert said["email"] == "does not have the required format"
    assert said["password"] == "must have at least 8 characters"
    long = await auth_api.post("/login", {"email": "x", "password": "x" * 4097})
    said = {one["field"]: one["message"] for one in long.json()["errors"]}
    assert said["email"] == "must have at least 3 characters"
    assert said["password"] == "must have at most 4096 characters"


async def test_a_thousand_names_are_compared_in_no_time(
    auth_api: Api, editor: SignedInUser
) -> None:
    names = ",".join(f'"{number:x}":0' for number in range(7000))
    answer = await _create(auth_api, editor, f'{{{names},"0":0}}'.encode())
    assert 'name "0" is used twice' in answer.json()["detail"]


async def test_a_text_that_looks_like_sql_is_stored_as_it_is(
    auth_api: Api, editor: SignedInUser
) -> None:
    text = "Robert'); DROP TABLE features; -- %s ? :genre {0}"
    body = {**REFERENCE, "genre": "O'Pop; --", "artist_name": text, "track_name": text}
    assert (await _create(auth_api, editor, body)).status == 201
    records = (await auth_api.get("/features/custom?arg=O%27Pop%3B%20--")).json()
    assert [record["artist_name"] for record in records] == [text]
