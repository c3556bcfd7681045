"""A run in which anything fails is failed, leaves nothing staged, and changes no record."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from checks.adf.activities import Activity
from checks.adf.resources import Factory
from shared.repository.tables import features, features_rejected, features_staging
from tests.adf.conftest import PIPELINE, Load
from tests.adf.rehearsal.dependencies import Graph, in_order, run_status, runs
from tests.adf.rehearsal.outcome import ActivityFailed, PipelineRun, Status
from tests.adf.rehearsal.run import rehearse
from tests.adf.rehearsal.world import Database, Rows, World
from tests.unit.ingest.data_set import HEADER, csv_file, line


class Stumbling:
    """A database that fails the first `times` calls of a method: after an insert, before a load."""

    def __init__(self, database: Database, method: str, times: int) -> None:
        self._database = database
        self._method = method
        self._times = times

    def execute(self, text: str) -> None:
        self._database.execute(text)

    def insert(self, table: str, columns: list[str], rows: Rows) -> None:
        self._database.insert(table, columns, rows)
        self._stumble("insert")

    def call(self, procedure: str, parameters: Mapping[str, Any]) -> None:
        self._stumble("call")
        self._database.call(procedure, parameters)

    def _stumble(self, method: str) -> None:
        if method == self._method and self._times:
            self._times -= 1
            raise ActivityFailed("The connection was broken.", "SqlOperationFailed")


def assert_red(run: PipelineRun, reason: str, engine: sa.Engine) -> None:
    assert run.status is Status.FAILED
    assert run.outcomes["Fail the run"].status is Status.FAILED
    assert reason in run.message
    assert _count(engine, features_staging) == 0


def test_a_missing_file_turns_the_run_red(load: Load, engine: sa.Engine) -> None:
    run = load(None)
    assert_red(run, ".csv does not exist", engine)
    assert run.outcomes["Stage the file"].status is Status.SKIPPED


def test_an_empty_file_turns_the_run_red(load: Load, engine: sa.Engine) -> None:
    run = load(b"")
    assert_red(run, "is empty", engine)
    assert run.outcomes["Stage the file"].status is Status.SKIPPED


def test_a_file_without_records_turns_the_run_red(load: Load, engine: sa.Engine) -> None:
    assert_red(load(f"{HEADER}\n".encode()), "failed", engine)


def test_an_unknown_column_turns_the_run_red_after_every_retry(
    load: Load, engine: sa.Engine, waits: list[float]
) -> None:
    run = load(csv_file(line(1)).replace(b"track_id", b"trackid"))
    assert_red(run, "trackid is not found", engine)
    assert run.outcomes["Stage the file"].attempts == 3
    assert waits == [60, 60]


def test_a_header_that_lacks_a_column_turns_the_run_red(load: Load, engine: sa.Engine) -> None:
    content = b"\n".join(text.rpartition(b",")[0] for text in csv_file(line(1)).splitlines())
    assert_red(load(content), "can be stored", engine)


def test_two_rows_with_one_line_turn_the_run_red(load: Load, engine: sa.Engine) -> None:
    """Two files that were numbered, joined into one."""
    header, *records = csv_file(line(1), line(2)).splitlines()
    content = b"\n".join([b"line," + header, *(b"2," + record for record in records)])
    assert_red(load(content), "the same line", engine)


def test_a_header_with_an_empty_name_turns_the_run_red(load: Load, engine: sa.Engine) -> None:
    assert_red(load(csv_file(line(1)).replace(b"track_id", b"")), "name of a column", engine)


def test_a_file_that_is_no_text_turns_the_run_red(load: Load, engine: sa.Engine) -> None:
    assert_red(load(b"\x1f\x8b\x08\x00" + bytes(range(256))), "is not found", engine)


def test_a_file_of_broken_records_only_turns_the_run_red_and_changes_nothing(
    load: Load, engine: sa.Engine
) -> None:
    load(csv_file(line(1)))
    assert_red(load(csv_file(line(2, tempo="fast"), line(3, tempo="slow"))), "failed", engine)
    assert _count(engine, features) == 1


def test_too_many_rejected_records_turn_the_run_red_and_change_nothing(
    load: Load, engine: sa.Engine
) -> None:
    broken = [line(number, tempo="fast") for number in range(1, 4)]
    run = load(csv_file(*broken, *(line(number) for number in range(10, 57))))
    assert_red(run, "Of 50 staged rows only 47 can be stored", engine)
    assert run.outcomes["Load the staged records"].attempts == 3
    assert _count(engine, features) == 0
    assert _count(engine, features_rejected) == 3


def test_too_many_skipped_records_turn_the_run_red_before_the_procedure(
    load: Load, engine: sa.Engine
) -> None:
    unreadable = [line(number) + ",more" for number in range(1, 4)]
    run = load(csv_file(*unreadable, *(line(number) for number in range(10, 57))))
    assert_red(run, "3 of 50 records cannot be read", engine)
    assert "load-logs/" in run.message
    assert run.outcomes["Load the staged records"].status is Status.SKIPPED


def test_a_file_of_unreadable_records_only_turns_the_run_red(load: Load, engine: sa.Engine) -> None:
    run = load(csv_file(*(line(number) + ",more" for number in range(1, 4))))
    assert_red(run, "3 of 3 records cannot be read", engine)


def test_as_many_rejected_and_skipped_records_as_are_allowed_leave_the_run_green(
    load: Load, engine: sa.Engine
) -> None:
    broken = [line(1, tempo="fast"), line(2, tempo="slow"), line(3) + ",more"]
    run = load(csv_file(*broken, *(line(number) for number in range(10, 50))))
    assert run.status is Status.SUCCEEDED, run.message
    assert _count(engine, features) == 40


def test_a_procedure_that_fails_once_is_called_again(
    world: World, engine: sa.Engine, waits: list[float]
) -> None:
    run = _with_failures(world, "call", 1)
    assert run.status is Status.SUCCEEDED
    assert run.outcomes["Load the staged records"].attempts == 2
    assert waits == [60]
    assert _count(engine, features) == 1


def test_a_procedure_that_always_fails_turns_the_run_red(world: World, engine: sa.Engine) -> None:
    run = _with_failures(world, "call", 3)
    assert_red(run, "connection was broken", engine)
    assert _count(engine, features) == 0


def test_a_copy_that_broke_off_is_tried_again_and_stages_nothing_twice(
    world: World, engine: sa.Engine
) -> None:
    run = _with_failures(world, "insert", 1)
    assert run.status is Status.SUCCEEDED, run.message
    assert run.outcomes["Stage the file"].attempts == 2
    assert _count(engine, features) == 1


def test_a_copy_that_always_breaks_off_leaves_nothing_staged(
    world: World, engine: sa.Engine
) -> None:
    run = _with_failures(world, "insert", 3)
    assert_red(run, "The load of raw/one.csv failed: The connection was broken.", engine)


def test_a_container_that_is_not_there_turns_the_run_red(load: Load, engine: sa.Engine) -> None:
    run = load(None, container="nowhere")
    assert_red(run, "nowhere/new/", engine)


def test_whatever_fails_the_run_is_red_and_if_nothing_does_it_is_green(factory: Factory) -> None:
    documents = factory.of("pipeline")[PIPELINE].properties["activities"]
    graph: Graph = {
        document["name"]: Activity(document, "", documents).dependencies for document in documents
    }
    types = {document["name"]: document["type"] for document in documents}
    free = [name for name in graph if types[name] != "Fail"]
    for failing in product((False, True), repeat=len(free)):
        fails = dict(zip(free, failing, strict=True))
        statuses: dict[str, Status] = {}
        for name in in_order(graph):
            ran = Status.FAILED if fails.get(name, True) else Status.SUCCEEDED
            statuses[name] = ran if runs(graph[name], statuses) else Status.SKIPPED
        expected = Status.FAILED if Status.FAILED in statuses.values() else Status.SUCCEEDED
        assert run_status(graph, statuses) is expected, statuses


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"a": ["Failed"]}, Status.SUCCEEDED),  # try-catch: with a handler alone the run succeeds
        ({"a": ["Failed"], "b": ["Succeeded"]}, Status.FAILED),  # do-if-else
    ],
)
def test_a_run_ends_as_microsoft_says(conditions: dict[str, list[str]], expected: Status) -> None:
    """The table of `Errors and Conditional execution`, for an activity that fails."""
    graph: Graph = {"work": {}} | {
        name: {"work": conditions_of} for name, conditions_of in conditions.items()
    }
    statuses = {"work": Status.FAILED, "a": Status.SUCCEEDED, "b": Status.SKIPPED}
    assert run_status(graph, {name: statuses[name] for name in graph}) is expected


def test_an_activity_that_was_skipped_is_not_completed() -> None:
    assert not runs({"work": ["Completed"]}, {"work": Status.SKIPPED})
    assert runs({"work": ["Completed"]}, {"work": Status.FAILED})


def _with_failures(world: World, method: str, times: int) -> PipelineRun:
    stumbling = replace(world, database=Stumbling(world.database, method, times))
    world.storage.get_blob_client("raw", "one.csv").upload_blob(csv_file(line(1)), overwrite=True)
    return rehearse(stumbling, PIPELINE, file="one.csv")


def _count(engine: sa.Engine, table: sa.Table) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
