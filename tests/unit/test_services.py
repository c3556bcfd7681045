"""Services.prepare builds dependencies before the first request that needs them."""

from pathlib import Path

import pytest

from shared.services import Services
from shared.settings import Settings


async def test_what_is_prepared_is_not_built_again(tmp_path: Path) -> None:
    services = Services(Settings.load(sqlite_path=tmp_path / "none.sqlite"))
    await services.prepare()
    database = services.database
    await services.prepare()
    assert services.is_prepared
    assert services.database is database
    await services.close()


async def test_what_cannot_be_prepared_is_left_to_its_first_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: Services) -> None:
        raise ImportError("libodbc.so.2")

    monkeypatch.setattr(Services, "database", property(broken))
    services = Services(Settings.load())
    await services.prepare()
    assert not services.is_prepared
    with pytest.raises(ImportError, match="libodbc"):
        _ = services.database
