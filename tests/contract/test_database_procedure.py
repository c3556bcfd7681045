"""The procedure `spotify.load_features`, called as Data Factory calls it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from shared.repository.tables import cache_version, features, features_rejected, features_staging
from shared.tracks.genres import ALL, fold
from shared.tracks.track import COLUMNS

GOLDEN = Path(__file__).parents[1] / "golden"
PLAIN = ["Dance", "Nilo Vesta", "Paper Lanterns", "7aB3dE5fG7hJ9kL1mN3pQ5", "61", "0.611", "0.389",
         "234147", "0.91", "0", "C#", "0.346", "-1.828", "Major", "0.0525", "166.969", "4/4",
         "0.814"]  # fmt: skip

pytestmark = pytest.mark.tsql


class Procedure:
    """The staging table and the procedure, on one connection that commits each statement."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self.connection.connection.driver_connection.timeout = 0  # type: ignore[union-attr]  # it is open

    def stage(
        self,
        rows: Sequence[Sequence[str | None]],
        run_id: str = "run",
        lines: Iterable[int | None] = repeat(None),
    ) -> None:
        values = [
            {"run_id": run_id, "line": line, **dict(zip(COLUMNS, row, strict=True))}
            for line, row in zip(lines, rows, strict=False)
        ]
        self.connection.execute(sa.insert(features_staging), values)

    def call(self, run_id: str = "run", **parameters: Any) -> tuple[int, ...]:
        """(inserted, updated, unchanged, rejected, duplicates)."""
        names = "".join(f", @{name} = :{name}" for name in parameters)
        statement = sa.text(f"EXEC spotify.load_features @run_id = :run_id{names}")
        return tuple(self.connection.execute(statement, {"run_id": run_id, **parameters}).one())

    def load(self, *rows: Sequence[str | None], **parameters: Any) -> tuple[int, ...]:
        self.stage(rows)
        return self.call(**parameters)

    def rows(self, statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.connection.execute(statement)]

    def count(self, table: sa.Table) -> int:
        return len(self.rows(sa.select(table)))

    def rejects(self) -> list[tuple[int, str]]:
        columns = features_rejected.c
        return self.rows(sa.select(columns.line, columns.reason).order_by(columns.line))


@pytest.fixture(scope="module")
def connected(tsql_server: sa.Engine) -> Iterator[Procedure]:
    procedure = Procedure(tsql_server)
    yield procedure
    procedure.connection.invalidate()
    procedure.connection.close()


@pytest.fixture
def procedure(connected: Procedure, tsql_engine: sa.Engine) -> Procedure:
    """The procedure with an empty database."""
    assert connected.engine is tsql_engine
    return connected


def row(number: int = 1, **columns: str | None) -> list[str | None]:
    plain: dict[str, str | None] = dict(zip(COLUMNS, PLAIN, strict=True))
    return list((plain | {"track_id": f"{number:022}"} | columns).values())


def golden_records(procedure: Procedure) -> list[Mapping[str, Any]]:
    """The golden cases, except for NUL and for UTF-16 units where this server has neither."""
    counts_units = procedure.connection.scalar(sa.text("SELECT LEN(N'\U0001f3a7')")) == 2
    cases = json.loads((GOLDEN / "transform.json").read_text("utf-8"))
    shown = [
        case
        for case in cases
        if not any("\0" in text for text in case["row"])
        and (counts_units or "UTF-16" not in case["name"] or case["name"].startswith("genre"))
    ]
    assert len(cases) - 10 < len(shown)
    return shown


def test_every_golden_record_becomes_what_python_makes_of_it(procedure: Procedure) -> None:
    """All in one run, each under an id of its own: a run for each would take minutes."""
    cases = [case for case in golden_records(procedure) if case["row"][3].strip() == PLAIN[3]]
    rows = [_with_id(case["row"], f"{place:022}") for place, case in enumerate(cases)]
    procedure.load(*rows)
    stored = {
        found[3]: dict(zip(COLUMNS, found, strict=True))
        for found in procedure.rows(sa.select(*(features.c[name] for name in COLUMNS)))
    }
    refused = dict(procedure.rejects())
    for place, case in enumerate(cases):
        name, track_id = case["name"], f"{place:022}"
        assert (name, refused.get(place + 2)) == (name, case.get("reason"))
        if "record" in case:
            assert (name, stored[track_id]) == (name, _expected(case["record"], track_id))
    assert len(stored) + len(refused) == len(cases)


def test_the_other_golden_records_are_rejected_for_the_same_reasons(procedure: Procedure) -> None:
    cases = [case for case in golden_records(procedure) if case["row"][3].strip() != PLAIN[3]]
    procedure.load(*(case["row"] for case in cases), row(1))
    assert [reason for _, reason in procedure.rejects()] == [
        case["reason"] for case in cases if "reason" in case
    ]


@pytest.mark.parametrize(
    "case",
    json.loads((GOLDEN / "genres.json").read_text("utf-8")),
    ids=lambda case: case["name"],
)
def test_every_golden_genre_is_spelt_as_python_spells_it(
    procedure: Procedure, case: Mapping[str, Any]
) -> None:
    for name in case["known"]:
        known = {"scope": name, "folded": fold(name), "version": 1}
        procedure.connection.execute(sa.insert(cache_version), known)
    procedure.load(
        *(row(n, genre=genre, popularity=p) for n, (genre, p) in enumerate(case["rows"]))
    )
    stored = dict(procedure.rows(sa.select(features.c.track_id, features.c.genre)))
    assert [stored.get(f"{n:022}") for n in range(len(case["rows"]))] == case["stored"]
    scopes = {scope for (scope,) in procedure.rows(sa.select(cache_version.c.scope))}
    assert scopes == {ALL, *case["known"], *filter(None, case["stored"])}


def test_the_lines_decide_about_the_order_and_not_the_arrival(procedure: Procedure) -> None:
    rows = [row(3, genre="DANCE"), row(1, genre="dance", tempo="2"), row(2), row(1, tempo="1")]
    procedure.stage(rows, lines=[40, 30, 20, 10])
    assert procedure.call() == (3, 0, 0, 1, 1)
    columns = features.c
    stored = procedure.rows(
        sa.select(columns.track_id, columns.tempo, columns.genre).order_by("id")
    )
    assert stored == [
        (f"{1:022}", 1.0, "Dance"), (f"{2:022}", 166.969, "Dance"), (f"{3:022}", 166.969, "Dance"),
    ]  # fmt: skip
    assert procedure.rejects() == [(30, "record: duplicate of an earlier line")]
    raw = procedure.rows(sa.select(features_rejected.c.raw))
    assert raw[0][0].startswith('"dance","Nilo Vesta"')


def test_two_rows_of_one_line_are_refused(procedure: Procedure) -> None:
    procedure.stage([row(1), row(2)], lines=[2, 2])
    with pytest.raises(sa.exc.DBAPIError, match="Two of the staged rows have the same line"):
        procedure.call()


def _with_id(texts: Sequence[str], track_id: str) -> list[str]:
    return [*texts[:3], texts[3].replace(PLAIN[3], track_id), *texts[4:]]


def _expected(record: Mapping[str, Any], track_id: str) -> dict[str, Any]:
    """The record of a case; in one run all cases have the first one's spelling of the genre."""
    genre = "Dance" if fold(record["genre"]) == "dance" else record["genre"]
    return {**record, "track_id": track_id, "genre": genre}
