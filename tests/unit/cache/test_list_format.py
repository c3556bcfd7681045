"""Lists in Redis: what was written is read again, and what was damaged never is."""

import json

import orjson
import pytest
from hypothesis import strategies as st

from shared.cache.bodies import ListBody, checksum
from shared.cache.list_format import REVISION, ListFormat
from shared.cache.store import Unreadable
from shared.repository.database import Row
from shared.tracks.track import View
from tests.examples import given
from tests.unit.cache.rows import ROWS, built, plain

FORM = ListFormat(100_000)
BODY = built(plain(60))
FIELDS = FORM.encode(View.CORE, BODY)
HEAD = FORM.head_field(View.CORE)


def read(fields: dict[str, bytes]) -> ListBody | None:
    """As a reader does: the head first, to know how much to expect."""
    head = FORM.decode_head(View.CORE, fields)
    if head is None:
        return None
    assert head.packed >= 0
    return FORM.decode(View.CORE, fields)


@given(ROWS)
def test_a_list_is_read_as_it_was_written(rows: list[Row]) -> None:
    body = built(rows)
    assert FORM.decode(View.CORE, FORM.encode(View.CORE, body)) == body


def test_the_head_tells_what_a_304_a_transfer_and_the_status_need() -> None:
    head = FORM.decode_head(View.CORE, {HEAD: FIELDS[HEAD]})
    assert head is not None
    assert (head.digests, head.length, head.packed) == (BODY.digests, BODY.length, len(BODY.gzip))
    assert head.records == BODY.rows == 60
    assert len(FIELDS[HEAD]) < 250


def test_a_representation_that_is_not_there_is_none() -> None:
    assert FORM.decode(View.CORE, {}) is None
    assert FORM.decode_head(View.CORE, {}) is None
    assert FORM.decode(View.FULL, FIELDS) is None


def test_two_limits_do_not_read_each_others_lists() -> None:
    assert ListFormat(10).decode(View.CORE, FIELDS) is None


def test_two_revisions_of_the_format_do_not_read_each_others_lists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.cache.list_format.REVISION", REVISION + 1)
    assert FORM.decode(View.CORE, FIELDS) is None
    assert not FIELDS.keys() & FORM.encode(View.CORE, BODY).keys()


def test_no_two_representations_share_a_field() -> None:
    names = [
        name
        for limit in (10, 100, 100_000)
        for view in View
        for name in (ListFormat(limit).head_field(view), *ListFormat(limit).body_fields(view))
    ]
    assert len(set(names)) == len(names)
    assert not {"e", "v"} & set(names)


@pytest.mark.parametrize("missing", [name for name in FIELDS if name != HEAD])
def test_a_head_without_its_body_is_unreadable(missing: str) -> None:
    with pytest.raises(Unreadable):
        read({name: data for name, data in FIELDS.items() if name != missing})


@pytest.mark.parametrize("field", FIELDS)
def test_a_flipped_bit_anywhere_is_unreadable(field: str) -> None:
    data = FIELDS[field]
    for position in range(0, len(data), max(1, len(data) // 300)):
        for bit in (0, 3, 7):
            damaged = bytearray(data)
            damaged[position] ^= 1 << bit
            with pytest.raises(Unreadable):
                read({**FIELDS, field: bytes(damaged)})


@pytest.mark.parametrize("field", FIELDS)
@given(st.data())
def test_a_region_overwritten_by_anything_is_unreadable(field: str, data: st.DataObject) -> None:
    whole = FIELDS[field]
    first = data.draw(st.integers(0, len(whole)))
    last = data.draw(st.integers(first, len(whole)))
    damaged = whole[:first] + data.draw(st.binary(max_size=40)) + whole[last:]
    if damaged != whole:
        with pytest.raises(Unreadable):
            read({**FIELDS, field: damaged})


@pytest.mark.parametrize("field", FIELDS)
def test_a_cut_field_is_unreadable(field: str) -> None:
    for kept in (0, 1, len(FIELDS[field]) // 2, len(FIELDS[field]) - 1):
        with pytest.raises(Unreadable):
            read({**FIELDS, field: FIELDS[field][:kept]})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(JSON, st.booleans())
def test_a_head_of_any_other_json_is_unreadable(content: object, sealed: bool) -> None:  # noqa: FBT001 -- drawn
    data = json.dumps(content).encode()
    seal = b"%08x" % checksum(data) if sealed else b""
    with pytest.raises(Unreadable):
        read({**FIELDS, HEAD: seal + data})


@pytest.mark.parametrize("name", ["uncompressed", "gzip", "pages", "length", "packed", "checksum"])
@given(value=JSON)
def test_a_head_with_another_value_in_it_is_unreadable(name: str, value: object) -> None:
    seal, content = FIELDS[HEAD][:8], FIELDS[HEAD][8:]
    other = orjson.dumps({**orjson.loads(content), name: value})
    if other != content:
        with pytest.raises(Unreadable):
            read({**FIELDS, HEAD: seal + other})


def test_fields_of_two_lists_do_not_mix() -> None:
    other = FORM.encode(View.CORE, built(plain(61)))
    for name in FIELDS:
        with pytest.raises(Unreadable):
            read({**FIELDS, name: other[name]})
