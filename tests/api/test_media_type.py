"""Media types of requests (RFC 9110, section 8.3.1)."""

import string

import pytest
from hypothesis import strategies as st

from shared.http.media_type import MAX_LENGTH, MediaType, media_type
from tests.examples import given

TOKENS = st.text("!#$%&'*+-.^_`|~" + string.digits + string.ascii_letters, min_size=1, max_size=8)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=12)
BLANKS = st.text(" \t", max_size=2)


@pytest.mark.parametrize(
    ("header", "name", "parameters"),
    [
        ("a/b", "a/b", ()),
        ("  A/b+C\t", "a/b+c", ()),
        ("a/b;", "a/b", ()),
        ("a/b ; ;;", "a/b", ()),
        ("a/b;C=D", "a/b", (("c", "D"),)),
        ("a/b ;\tc=d;; e=f ", "a/b", (("c", "d"), ("e", "f"))),
        ('a/b;c="d;e=\\"f\\\\"', "a/b", (("c", 'd;e="f\\'),)),
        ('a/b;c=""', "a/b", (("c", ""),)),
        ('a/b;c="é漢"', "a/b", (("c", "é漢"),)),
        ("a/b;c*=d;c*0=e", "a/b", (("c*", "d"), ("c*0", "e"))),
        ("a/b;c=d;c=e", "a/b", (("c", "d"), ("c", "e"))),
    ],
)
def test_a_media_type_is_its_name_and_its_parameters(
    header: str, name: str, parameters: tuple[tuple[str, str], ...]
) -> None:
    assert media_type(header) == MediaType(name, parameters)


@pytest.mark.parametrize(
    "header",
    [
        *("", " ", ";", ";;;;", "a", "a/", "/b", "a/b/c", "a /b", "a/ b", "a/b c", "a/b, c/d"),
        *("a/b;c", "a/b;c=", "a/b;=d", "a/b;c =d", "a/b;c= d", "a/b;c=d e", "a/b;c=d,e", "a/é"),
        *('a/b;c="', 'a/b;c="d', 'a/b;c="\\"', 'a/b;c="d"e', "a/b;c=d\x00", 'a/b;c="\x7f"'),
        *("a/b\n", "a/b;c=d\r\ne: f", 'a/b;c="\n"', 'a/b;c="\\\n"', "=?utf-8?q?a/b?=", "a/b;c=(d)"),
    ],
)
def test_what_the_grammar_does_not_know_is_no_media_type(header: str) -> None:
    assert media_type(header) is None


def test_a_media_type_that_is_too_long_is_none() -> None:
    longest = "a/b;c=".ljust(MAX_LENGTH, "d")
    assert media_type(longest) is not None
    assert media_type(longest + "d") is None


@given(TOKENS, TOKENS, st.lists(st.tuples(TOKENS, TEXTS | TOKENS, BLANKS, BLANKS), max_size=5))
def test_what_is_written_by_the_grammar_is_read(
    kind: str, subtype: str, parameters: list[tuple[str, str, str, str]]
) -> None:
    header = f"{kind}/{subtype}" + "".join(
        f"{before};{after}{name}={_quoted(value)}" for name, value, before, after in parameters
    )
    read = MediaType(
        f"{kind}/{subtype}".lower(), tuple((name.lower(), value) for name, value, *_ in parameters)
    )
    assert media_type(header) == (read if len(header) <= MAX_LENGTH else None)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@given(st.text(max_size=300) | st.text('ab/;="\\ \t*,', max_size=60))
def test_any_text_is_a_media_type_or_none(header: str) -> None:
    found = media_type(header)
    assert found is None or found.name == found.name.lower()
