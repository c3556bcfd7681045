"""The client's address is the one that the platform appended, never one that the client sent."""

import pytest
from hypothesis import strategies as st

from shared.auth.client_address import UNKNOWN, client_address
from tests.examples import given


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.7:50412", "203.0.113.7"),
        ("203.0.113.7", "203.0.113.7"),
        ("10.0.0.1, 198.51.100.2, 203.0.113.7:1", "203.0.113.7"),
        ("[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("[fe80::1%eth0]:1", "fe80::/64"),
        ("[::ffff:203.0.113.7]:1", "203.0.113.7"),
        ("", UNKNOWN),
        ("203.0.113.7:1, ", UNKNOWN),
        ("localhost", UNKNOWN),
        ("203.0.113.7.9:1", UNKNOWN),
        ("[203.0.113.7", UNKNOWN),
        ("[]:1", UNKNOWN),
    ],
)
def test_the_last_element_is_the_address(forwarded: str, address: str) -> None:
    assert client_address({"x-forwarded-for": forwarded}) == address


def test_the_name_of_the_header_is_found_in_any_case() -> None:
    assert client_address({"Host": "x", "X-Forwarded-For": "203.0.113.7:1"}) == "203.0.113.7"


def test_other_headers_that_clients_write_are_not_looked_at() -> None:
    headers = {"X-Real-IP": "1.2.3.4", "Forwarded": "for=1.2.3.4", "X-Client-IP": "1.2.3.4"}
    assert client_address(headers) == UNKNOWN


@given(forged=st.text())
def test_whatever_a_client_forwards_its_address_stays_its_own(forged: str) -> None:
    assert client_address({"x-forwarded-for": f"{forged}, 203.0.113.7:1"}) == "203.0.113.7"


@given(text=st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert client_address({"x-forwarded-for": text})
