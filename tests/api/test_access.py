"""A sign-in that was ended on one instance is refused on every other at once."""

from tests.api.api_client import MakeApi
from tests.api.conftest import firebase_settings
from tests.api.emulator_users import new_user
from tests.api.sample_records import REFERENCE


async def test_a_logout_on_one_instance_counts_on_every_other_at_once(
    make_api: MakeApi, auth_emulator: str
) -> None:
    one, other = (make_api(**firebase_settings(auth_emulator)) for _ in range(2))
    signed_in = {"Authorization": new_user(auth_emulator, "editor").authorization}
    assert (await one.get("/", **signed_in)).status == 200
    assert (await other.post("/logout", **signed_in)).status == 204
    answers = [
        await one.get("/", **signed_in),
        await one.post("/features/new", REFERENCE, **signed_in),
        await one.post("/cache/purge", {"scope": "Pop"}, **signed_in),
        await one.post("/logout", **signed_in),
    ]
    assert [answer.status for answer in answers] == [401] * len(answers)
