"""Every statement that is sent to Azure SQL is read by Microsoft's parser."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from checks.own_files import ROOT
from checks.programs import TSQL_PARSE
from checks.tsql.__main__ import everything, findings
from checks.tsql.files import texts
from checks.tsql.recording import Recorder, recording_engine
from checks.tsql.statements import statements
from shared import repository

SENDING = {"execute", "executemany", "exec_driver_sql", "scalar", "scalars"}
"""The methods of SQLAlchemy, Alembic and the driver that send a statement."""

parser = pytest.mark.skipif(bool(TSQL_PARSE.missing), reason=TSQL_PARSE.missing)

type Call = tuple[str, int, int]
"""(file, first line, last line)"""


def calls() -> Iterator[Call]:
    """The calls in the repository that send a statement, but for those to SQLite."""
    for path in sorted(Path(repository.__path__[0]).rglob("*.py")):
        if "sqlite" in path.name:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in SENDING
            ):
                name = path.relative_to(ROOT).as_posix()
                yield name, node.lineno, node.end_lineno or node.lineno


def forgotten(sent: set[tuple[str, int]]) -> list[Call]:
    return [
        (file, first, last)
        for file, first, last in calls()
        if not any((file, line) in sent for line in range(first, last + 1))
    ]


def test_every_call_that_sends_a_statement_was_run() -> None:
    """A new call must be run by checks/tsql/statements.py, so that its statement is parsed."""
    sent = {origin for statement in statements() for origin in statement.origins}
    assert len(list(calls())) > 30
    assert forgotten(sent) == []
    assert len(forgotten(sent - {("shared/repository/writes.py", 135)})) == 1


def test_parameters_have_names() -> None:
    recorder = Recorder({"SERVERPROPERTY": [("12.0",)], "sys.": []}, texts=["x"])
    with recording_engine(recorder) as engine, engine.connect() as connection:
        column = sa.column("a", sa.Unicode)
        connection.execute(sa.select(column).where(column.in_(["a", "?"])))
    assert recorder.statements[-1].text == "SELECT a \nWHERE a IN (@p1, @p2)"


def test_texts_are_found_in_scripts_pages_and_pipelines(tmp_path: Path) -> None:
    (tmp_path / "users.sql").write_text("CREATE USER [$(API)];\nGO\n", "utf-8")
    (tmp_path / "page.md").write_text("# A\n\n```sql\nSELECT 1;\n```\n", "utf-8")
    found = dict(texts(tmp_path, ["users.sql", "page.md"]))
    assert found == {"users.sql": "CREATE USER [x];\nGO\n", "page.md": "\n\n\nSELECT 1;\n"}
    delete = "DELETE FROM spotify.features_staging WHERE run_id = 'x'"
    assert [text for _, text in texts(ROOT, [])] == [delete, delete]


@parser
def test_all_statements_are_accepted() -> None:
    assert list(findings(everything())) == []


@parser
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * FORM spotify.features", "line 1: Expected WINDOW but"),
        ("UPDATE spotify.features SET genre = @p1 WHERE", "line 1: Incorrect"),
        ("SELECT id FROM spotify.features LIMIT 1", "line 1: Incorrect syntax near 'LIMIT'"),
        ("\nCREATE PROCEDURE a AS BEGIN SELECT 1", "line 2: "),
    ],
)
def test_a_mistake_is_found_with_its_place(text: str, message: str) -> None:
    lines = list(findings([("one.sql", "SELECT 1"), ("two.sql", text)]))
    assert any(line.startswith(f"two.sql: {message}") for line in lines), lines


@parser
def test_a_mistake_in_a_statement_of_the_repository_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.repository.bulk_load_azure_sql._EPOCH", "SELECT epoch FROM")
    lines = list(findings(everything()))
    file = "shared/repository/bulk_load_azure_sql.py"
    code = (ROOT / file).read_text("utf-8").splitlines()
    line = 1 + next(n for n, text in enumerate(code) if "execute(_EPOCH)" in text)
    where = f"{file}:{line}: SELECT epoch FROM ...: line 1: "  # noqa: S608 -- a place
    assert any(line.startswith(where) for line in lines), lines
