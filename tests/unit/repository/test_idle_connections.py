"""A connection to SQL Server is tried before its use if it was idle for long."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from checks.tsql.recording import Recorder, recording_engine
from shared.repository import azure_sql
from shared.repository.azure_sql import PING_SECONDS


class Pool:
    """An engine with one connection, on a clock that the test sets."""

    def __init__(self, engine: sa.Engine, recorder: Recorder) -> None:
        self.engine = engine
        self.now = 1000.0
        self._recorder = recorder
        self.connects = 0
        sa.event.listen(engine, "connect", self._connected)

    def use(self) -> list[str]:
        """Take the connection and return it; what was sent."""
        before = len(self._recorder.statements)
        with self.engine.connect():
            pass
        return [statement.text for statement in self._recorder.statements[before:]]

    def _connected(self, *_: object) -> None:
        self.connects += 1


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    recorder = Recorder({"SERVERPROPERTY": [("12.0",)], "sys.": []}, texts=["x"])
    with recording_engine(recorder) as engine:
        pool = Pool(engine, recorder)
        monkeypatch.setattr(azure_sql, "boottime", lambda: pool.now)
        pool.use()
        yield pool


def test_a_connection_that_was_just_used_is_not_tried(pool: Pool) -> None:
    pool.now += PING_SECONDS
    assert pool.use() == []
    assert pool.connects == 1


def test_a_connection_that_was_idle_for_long_is_tried_once(pool: Pool) -> None:
    pool.now += PING_SECONDS + 1
    assert pool.use() == ["SELECT 1"]
    assert pool.use() == []
    assert pool.connects == 1


def test_a_broken_connection_that_was_idle_for_long_is_replaced(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> bool:
        raise pool.engine.dialect.loaded_dbapi.Error

    monkeypatch.setattr(pool.engine.dialect, "do_ping", broken)
    pool.now += PING_SECONDS + 1
    assert "SELECT 1" not in pool.use()
    assert pool.connects == 2
