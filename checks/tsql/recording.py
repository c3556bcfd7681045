"""A stand-in for pyodbc that records what is sent to the server, and answers every query."""

import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Self
from unittest.mock import patch

import sqlalchemy as sa

from shared import repository
from shared.repository.azure_sql import azure_engine

_CODE: Final = Path(repository.__path__[0])
_ROOT: Final = _CODE.parents[1]
_ERRORS: Final = ("Error", "DatabaseError", "OperationalError", "ProgrammingError")

type Origin = tuple[str, int]
"""(file, line) of code that sends a statement."""

type Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Statement:
    """A statement as the driver gets it, but with names for its parameters.

    `origins` are the lines of shared/repository/ that were running, the innermost first.
    """

    text: str
    origins: tuple[Origin, ...]


@dataclass
class Recorder:
    """What was sent. Text in an answer is that of `texts`, a row for each; numbers are 1.

    `answers` has the rows for statements in which a text occurs.
    """

    answers: Mapping[str, Rows]
    texts: Sequence[str | None] = ()
    statements: list[Statement] = field(default_factory=list)

    def rows(self, statement: str, columns: Sequence[Any]) -> Rows:
        for part, rows in self.answers.items():
            if part in statement:
                return rows
        return [tuple(_value(column, text) for column in columns) for text in self.texts]

    def record(self, statement: str, parameters: Sequence[Any]) -> None:
        pieces = statement.split("?") if parameters else [statement]
        numbers = count(1)
        named = pieces[0] + "".join(f"@p{next(numbers)}{piece}" for piece in pieces[1:])
        self.statements.append(Statement(named, tuple(_origins())))


def _value(column: Any, text: str | None) -> Any:
    try:
        kind = column.type.python_type
    except NotImplementedError:
        return text
    return 1 if issubclass(kind, int | float) else text


def _origins() -> Iterator[Origin]:
    for frame, line in traceback.walk_stack(None):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_CODE):
            yield path.relative_to(_ROOT).as_posix(), line


class _Row(tuple[Any, ...]):
    """A row of pyodbc: its columns are attributes too, here each of them 1."""

    __slots__ = ()

    def __getattr__(self, name: str) -> int:
        return 1


class _Cursor:
    """A cursor, and with it a connection."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._rows: list[_Row] = []
        self.columns: Sequence[Any] = [sa.column("value", sa.Unicode)]
        self.rowcount = 1
        self.description: Sequence[tuple[Any, ...]] | None = None

    def execute(self, statement: str, *parameters: Any) -> Self:
        self._recorder.record(statement, parameters)
        self._rows = list(map(_Row, self._recorder.rows(statement, self.columns)))
        width = len(self._rows[0]) if self._rows else len(self.columns)
        self.description = [(f"c{n}", str, *[None] * 5) for n in range(width)] or None
        return self

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self.execute(statement, *rows[0])

    def fetchone(self) -> _Row | None:
        return self._rows.pop(0) if self._rows else None

    def fetchval(self) -> Any:
        row = self.fetchone()
        return row and row[0]

    def fetchmany(self, size: int) -> list[_Row]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[_Row]:
        return self.fetchmany(len(self._rows))

    def cursor(self) -> "_Cursor":
        return _Cursor(self._recorder)

    def nextset(self) -> bool:
        self._rows = list(map(_Row, self._recorder.rows("nextset", self.columns)))
        return True

    def nothing(self, *_: Any) -> None:
        """Whatever else a driver does."""

    setinputsizes = close = commit = rollback = add_output_converter = nothing


class _Module(ModuleType):
    """Types that SQLAlchemy looks up are their own names here."""

    def __getattr__(self, name: str) -> str:
        return name


def _driver(recorder: Recorder) -> ModuleType:
    """The module `pyodbc`, as far as SQLAlchemy and the repository use it."""
    module: Any = _Module("pyodbc")
    module.version, module.paramstyle = "5.3.0", "qmark"
    module.Cursor = _Cursor
    module.connect = lambda *_, **__: _Cursor(recorder)
    for name in _ERRORS:
        setattr(module, name, type(name, (Exception,), {}))
    return module  # type: ignore[no-any-return]


@contextmanager
def recording_engine(recorder: Recorder) -> Iterator[sa.Engine]:
    """The engine for Azure SQL, with the recorder in the driver's place."""
    with patch.dict(sys.modules, {"pyodbc": _driver(recorder)}):
        engine = azure_engine("Driver={any};UID=user;PWD=password", 1)
        sa.event.listen(engine, "before_cursor_execute", _tell_columns, named=True)
        try:
            yield engine
        finally:
            engine.dispose()


def _tell_columns(*, cursor: Any, context: Any, **_: Any) -> None:
    """Say which columns the answer must have."""
    compiled = context.compiled
    if compiled is not None:
        selected = getattr(compiled.statement, "exported_columns", ())
        cursor.columns = list(getattr(compiled, "effective_returning", None) or selected)
