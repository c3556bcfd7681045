"""Services.prepare builds dependencies before the first request that needs them."""

from pathlib import Path

import pytest

from shared.services import Services
from shared.settings import Settings


@pytest.fixture
def without_a_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Services) -> None:
        raise ImportError("libodbc.so.2")

    monkeypatch.setattr(Services, "database", property(broken))


async def test_what_is_prepared_is_not_built_again(tmp_path: Path) -> None:
    services = Services(Settings.load(sqlite_path=tmp_path / "none.sqlite"))
    await services.prepare()
    database = services.database
    await services.prepare()
    assert services.is_prepared
    assert services.database is database
    await services.close()


@pytest.mark.usefixtures("without_a_driver")
async def test_what_cannot_be_prepared_is_logged_and_left_to_its_first_user(
    caplog: pytest.LogCaptureFixture,
) -> None:
    services = Services(Settings.load())
    await services.prepare()
    assert not services.is_prepared
    assert "The dependency 'database' cannot be built" in caplog.text
    assert "ImportError: libodbc.so.2" in caplog.text
    with pytest.raises(ImportError, match="libodbc"):
        _ = services.database


@pytest.mark.usefixtures("without_a_driver")
async def test_what_can_be_prepared_is_prepared_beside_a_failure() -> None:
    services = Services(Settings.load())
    await services.prepare()
    assert {"events", "store"} <= vars(services).keys()
