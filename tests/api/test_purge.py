"""`/cache/purge`: which spellings name which list."""

import pytest

from tests.api.api_client import Api
from tests.api.emulator_users import SignedInUser


@pytest.mark.parametrize(
    ("spelling", "scope"),
    [
        ("all", "all"),
        ("ALL", "all"),
        (" \tAll\u2003", "all"),
        ("aLL".ljust(300), "all"),
        ("pop", "Pop"),
        ("  POP ", "Pop"),
        ("children\u2019s music", "Children's Music"),
    ],
)
async def test_a_list_is_named_in_any_spelling(
    auth_api: Api, admin: SignedInUser, spelling: str, scope: str
) -> None:
    answer = await auth_api.post(
        "/cache/purge", {"scope": spelling}, Authorization=admin.authorization
    )
    assert (answer.status, answer.json()) == (200, {"scope": scope})


@pytest.mark.parametrize("spelling", ["al", "all ll", "a" + "\u0315\u0300" * 500, " ", "all\x00"])
async def test_what_names_no_list_is_404(auth_api: Api, admin: SignedInUser, spelling: str) -> None:
    answer = await auth_api.post(
        "/cache/purge", {"scope": spelling}, Authorization=admin.authorization
    )
    assert answer.status == 404
